//! How records are read from a database instead of files: where it is, what is asked, and how gently.

use std::fmt;

use serde::Serialize;

use crate::secret::Secret;

/// What is asked of a database, and where the last reading ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Pull {
    /// Where the database is.
    pub database: DatabaseUrl,
    /// Where its password is; none for a database that asks for none.
    pub password: Option<Secret>,
    /// What is read.
    pub rows: Rows,
    /// Columns of which the first that exists grows from row to row: a number or a time. Empty where everything is read
    /// each time.
    pub cursor: Vec<String>,
    /// How far before the last cursor is read again, for rows that are filled in later; by the cursor's type when absent.
    pub look_back: Option<LookBack>,
    /// Of what is read again, the first so many milliseconds only tell what began before: nothing that begins in them is
    /// a record of this reading. None where a row says all of its record.
    pub context_ms: u64,
    /// Columns to read; those that the mapping reads when empty.
    pub columns: Vec<WantedColumn>,
    /// Columns that are handed on as seconds since 1970, whatever the database keeps.
    pub epochs: Vec<String>,
    /// Rows of one query.
    pub batch_rows: u32,
    /// Rest between two queries, for those who write to the same tables.
    pub pause_ms: u64,
    /// Longest time of one query, set on the server.
    pub timeout_ms: u64,
}

/// What is read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Rows {
    /// A query of the user's own.
    Query(String),
    /// One table, or a table with the twins that its old rows are moved to.
    Tables {
        /// Their names, the live one first.
        names: Vec<String>,
        /// Tables that are looked into by a key of the row.
        lookups: Vec<Lookup>,
        /// Twins and looked-up tables may be missing, as in older versions of the system.
        may_lack: bool,
    },
}

/// A column that a pack reads.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct WantedColumn {
    /// Its name.
    pub name: String,
    /// Older or smaller installations do without it.
    pub may_lack: bool,
}

/// Tables that hold at most one row a key; the first that has it says it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Lookup {
    /// Their names.
    pub tables: Vec<String>,
    /// Column of the same name on both sides.
    pub key: String,
    /// Columns to read, and what they are called in the row.
    pub columns: Vec<(String, String)>,
}

/// A length of time or a number of rows, depending on the cursor's type, which only the database knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum LookBack {
    /// Milliseconds, for cursors that are times.
    Time(u64),
    /// How much less than the last one, for cursors that are numbers.
    Count(u64),
}

/// The kind of a database.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// MySQL or MariaDB.
    MySql,
    /// PostgreSQL.
    Postgres,
}

/// Whether the way to the database is encrypted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Tls {
    /// Never.
    Off,
    /// Where the server offers it.
    Preferred,
    /// Always, whoever the server is.
    Required,
    /// Always, with a certificate that an authority signed.
    VerifyAuthority,
    /// Always, with a certificate of this very host.
    VerifyHost,
}

impl Tls {
    /// Names of the ways, as PostgreSQL calls them.
    pub const WORDS: [(&'static str, Tls); 5] = [
        ("disable", Tls::Off),
        ("prefer", Tls::Preferred),
        ("require", Tls::Required),
        ("verify-ca", Tls::VerifyAuthority),
        ("verify-full", Tls::VerifyHost),
    ];
}

/// Where a database is: `mysql://reader@replica:3306/asterisk`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct DatabaseUrl {
    /// Which system answers there.
    pub kind: Kind,
    /// Who asks.
    pub user: String,
    /// Host; unused where a socket is named.
    pub host: String,
    /// Port.
    pub port: u16,
    /// Name of the database.
    pub name: String,
    /// Unix socket, a file (MySQL) or its folder (PostgreSQL).
    pub socket: Option<String>,
    /// Encryption.
    pub tls: Tls,
    /// File with certificates of authorities that are trusted beside the machine's own.
    pub tls_authorities: Option<String>,
}

impl fmt::Display for DatabaseUrl {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let scheme = match self.kind {
            Kind::MySql => "mysql",
            Kind::Postgres => "postgres",
        };
        match &self.socket {
            Some(socket) => write!(out, "{scheme}://{}@{socket}/{}", self.user, self.name),
            None => write!(out, "{scheme}://{}@{}:{}/{}", self.user, self.host, self.port, self.name),
        }
    }
}

impl DatabaseUrl {
    /// Reads `scheme://user@host:port/name?tls=verify-full`. The error is a sentence with its remedy, and never repeats
    /// the text, for it may hold a password.
    pub fn parse(text: &str) -> Result<DatabaseUrl, (String, String)> {
        let wrong = |message: &str, help: &str| Err((message.to_owned(), help.to_owned()));
        let form = "Write `mysql://USER@HOST:PORT/DATABASE` or `postgres://USER@HOST:PORT/DATABASE`.";
        let Some((scheme, rest)) = text.split_once("://") else {
            return wrong("this is not the address of a database.", form);
        };
        let (kind, default_port) = match scheme {
            "mysql" | "mariadb" => (Kind::MySql, 3306),
            "postgres" | "postgresql" => (Kind::Postgres, 5432),
            _ => return wrong("records can be pulled from MySQL, MariaDB and PostgreSQL only.", form),
        };
        let (rest, parameters) = rest.split_once('?').unwrap_or((rest, ""));
        let (authority, name) = rest.split_once('/').unwrap_or((rest, ""));
        // The last `@`: one before it can only belong to a password.
        let Some((user, host)) = authority.rsplit_once('@') else {
            return wrong("the address names no user.", form);
        };
        if user.contains(':') {
            return wrong(
                "a password does not belong here: this file is shared, kept in repositories and shown in messages.",
                "Remove it and write `password_env = \"NAME\"` (a variable of the environment) or `password_file = \"PATH\"`.",
            );
        }
        let (host, port) = host_and_port(host, default_port)?;
        let (user, name) = (decoded(user)?, decoded(name)?);
        let mut url = DatabaseUrl {
            kind,
            user,
            host,
            port,
            name,
            socket: None,
            tls: Tls::Preferred,
            tls_authorities: None,
        };
        for pair in parameters.split('&').filter(|pair| !pair.is_empty()) {
            let (key, value) = pair.split_once('=').unwrap_or((pair, ""));
            url.set(key, decoded(value)?)?;
        }
        if url.user.is_empty() || url.name.is_empty() {
            return wrong("the address names no user or no database.", form);
        }
        if url.host.is_empty() && url.socket.is_none() {
            return wrong("the address names no host.", form);
        }
        Ok(url)
    }

    fn set(&mut self, key: &str, value: String) -> Result<(), (String, String)> {
        match key {
            "socket" => self.socket = Some(value),
            "tls_ca" => self.tls_authorities = Some(value),
            "tls" => {
                let Some((_, tls)) = Tls::WORDS.iter().find(|(word, _)| *word == value) else {
                    let words = Tls::WORDS.map(|(word, _)| format!("`{word}`")).join(", ");
                    return Err((
                        "this is no way of encryption for `tls`.".to_owned(),
                        format!("There are {words}."),
                    ));
                };
                self.tls = *tls;
            }
            "password" => {
                return Err((
                    "a password does not belong into an address.".to_owned(),
                    "Write `password_env` or `password_file`.".to_owned(),
                ));
            }
            _ => {
                return Err((
                    "the address has a parameter that means nothing here.".to_owned(),
                    "There are `tls`, `tls_ca` (a file) and `socket` (a path).".to_owned(),
                ));
            }
        }
        Ok(())
    }
}

fn host_and_port(text: &str, default_port: u16) -> Result<(String, u16), (String, String)> {
    // `[::1]:3306` has colons of its own.
    let (host, port) = match text.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
        Some((host, rest)) => (host, rest.strip_prefix(':')),
        None => match text.split_once(':') {
            Some((host, port)) => (host, Some(port)),
            None => (text, None),
        },
    };
    let port = match port {
        None => default_port,
        Some(port) => port.parse().map_err(|_| {
            ("the port of the address is no number.".to_owned(), format!("Leave it out for {default_port}."))
        })?,
    };
    Ok((decoded(host)?, port))
}

/// `%40` is `@`.
fn decoded(text: &str) -> Result<String, (String, String)> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        if byte != b'%' {
            bytes.push(byte);
            continue;
        }
        let digit = |byte: Option<u8>| byte.and_then(|b| char::from(b).to_digit(16));
        match (digit(rest.next()), digit(rest.next())) {
            (Some(high), Some(low)) => bytes.extend(u8::try_from(high * 16 + low)),
            _ => return Err(broken()),
        }
    }
    String::from_utf8(bytes).map_err(|_| broken())
}

fn broken() -> (String, String) {
    (
        "the address has a `%` that two hexadecimal digits do not follow.".to_owned(),
        "Write `%25` for `%`.".to_owned(),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_says_system_user_host_and_database() {
        let url = DatabaseUrl::parse("mariadb://reader@replica/asterisk").unwrap();
        assert_eq!((url.kind, url.port, url.tls), (Kind::MySql, 3306, Tls::Preferred));
        assert_eq!(url.to_string(), "mysql://reader@replica:3306/asterisk");
        let url =
            DatabaseUrl::parse("postgres://a%40b@[::1]:6000/crm?tls=verify-full&tls_ca=%2Fetc%2Fca.pem")
                .unwrap();
        assert_eq!((url.user.as_str(), url.host.as_str(), url.port), ("a@b", "::1", 6000));
        assert_eq!((url.tls, url.tls_authorities.as_deref()), (Tls::VerifyHost, Some("/etc/ca.pem")));
        let url = DatabaseUrl::parse("mysql://r@/a?socket=/run/m.sock").unwrap();
        assert_eq!(url.socket.as_deref(), Some("/run/m.sock"));
    }

    #[test]
    fn a_password_is_refused_and_never_repeated() {
        for text in
            ["mysql://reader:s3cret@replica/a", "postgres://r:s3cr@t@h/a", "mysql://r@h/a?password=s3cret"]
        {
            let (message, help) = DatabaseUrl::parse(text).unwrap_err();
            assert!(message.contains("password"), "{message}");
            assert!(!message.contains("s3cr") && !help.contains("s3cr"));
            assert!(help.contains("password_env"));
        }
    }

    #[test]
    fn what_is_no_address_says_how_one_is_written() {
        for text in [
            "replica/asterisk",
            "sqlite://a@b/c",
            "mysql://replica/a",
            "mysql://r@h",
            "mysql://r@h:x/a",
            "mysql://r@/a",
            "mysql://r@h/a?tls=yes",
            "mysql://r@h/a?x=1",
            "mysql://r@h/%zz",
        ] {
            assert!(DatabaseUrl::parse(text).is_err(), "{text}");
        }
    }
}
