//! `[mail]` of `dialmark.toml`: the server that takes letters, and who they are from.

use std::path::PathBuf;

use dialmark_govern::report::address;
use dialmark_model::declared::Section;
use dialmark_model::secret::Secret;

use crate::source::read_secret;

/// Ports of both kinds of TLS, and of none.
const PORTS: [(Security, u16); 3] = [(Security::Tls, 465), (Security::StartTls, 587), (Security::None, 25)];
/// Machines to which letters go without leaving this one.
const HERE: [&str; 3] = ["localhost", "127.0.0.1", "::1"];

/// How a connection to the mail server is protected.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Security {
    /// TLS from the first byte.
    Tls,
    /// TLS after the greeting; without it nothing is sent.
    StartTls,
    /// None, for a server on this machine.
    None,
}

impl Security {
    /// All, with their words.
    pub const ALL: [(&'static str, Security); 3] =
        [("tls", Security::Tls), ("starttls", Security::StartTls), ("none", Security::None)];
}

/// The server that takes letters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mail {
    /// Its name, which its certificate must bear.
    pub host: String,
    /// Its port.
    pub port: u16,
    /// How the connection is protected.
    pub security: Security,
    /// Who letters are from, such as `Dialmark <dialmark@example.org>`.
    pub from: String,
    /// The account that may use it and where its password is.
    pub login: Option<(String, Secret)>,
    /// A file of certificates that are trusted besides the machine's own, relative to the project's folder.
    pub trusted: Option<PathBuf>,
}

/// Reads `[mail]`; what is wrong with it is reported.
pub(crate) fn read(section: &Section<'_>) -> Option<Mail> {
    let host = section.required_text("host", "the name of the server that takes letters");
    let from =
        section.required_text("from", "who letters are from, such as `\"Dialmark <dialmark@example.org>\"`");
    let security = read_security(section);
    let port = section.has("port").then(|| section.integer("port")).flatten();
    if !section.has("port") {
        // Noted for the schema.
        section.node("port");
    }
    let user = section.text("user");
    let password = read_secret(section, "password");
    let trusted = section.text("trusted").map(PathBuf::from);
    section.finish();
    let host = host.map(|host| host.trim().to_owned());
    if let Some(host) = &host
        && (host.is_empty() || host.contains(char::is_whitespace))
    {
        section.error("host", format!("`{host}` is no name of a server."), None);
        return None;
    }
    if let Some(from) = &from
        && let Err(sentence) = address(from)
    {
        section.error("from", sentence, None);
        return None;
    }
    if let (Some(host), Some(Security::None)) = (&host, security)
        && !HERE.contains(&host.as_str())
    {
        section.error(
            "security",
            "letters and passwords would cross the network for everybody to read.",
            Some("Use `tls` or `starttls`; `none` is for a server on this machine.".to_owned()),
        );
        return None;
    }
    let port = match port {
        None => PORTS.iter().find(|(of, _)| Some(*of) == security).map(|(_, port)| *port),
        Some(number) => {
            let found = u16::try_from(number).ok().filter(|port| *port > 0);
            if found.is_none() {
                section.error(
                    "port",
                    format!("{number} is no port, which is a number from 1 to 65535."),
                    None,
                );
            }
            found
        }
    };
    let login = match (user, password?) {
        (Some(user), Some(password)) => Some((user, password)),
        (None, None) => None,
        (Some(_), None) => {
            section.error(
                "user",
                "the user has no password.",
                Some("Add `password_env` or `password_file`: where the password is.".to_owned()),
            );
            return None;
        }
        (None, Some(_)) => {
            section.error("", "there is a password and no `user`.", Some("Add `user`.".to_owned()));
            return None;
        }
    };
    Some(Mail { host: host?, port: port?, security: security?, from: from?, login, trusted })
}

fn read_security(section: &Section<'_>) -> Option<Security> {
    section.one_of("security", Security::ALL.iter().map(|(word, _)| *word));
    if !section.has("security") {
        // TLS unless somebody says otherwise.
        section.node("security");
        return Some(Security::Tls);
    }
    let word = section.text("security")?;
    let found = Security::ALL.iter().find(|(known, _)| *known == word).map(|(_, security)| *security);
    if found.is_none() {
        let help = "Write `tls` (from the first byte), `starttls` or `none`.".to_owned();
        section.error("security", format!("`{word}` is no way to protect a connection."), Some(help));
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use dialmark_model::declared::{Document, Problems};

    fn mail(text: &str) -> Result<Mail, Vec<String>> {
        let problems = Problems::new();
        let document = Document::parse("dialmark.toml", text, &problems).unwrap();
        let read = document.root(&problems).section("mail").and_then(|section| read(&section));
        let said: Vec<String> = problems.into_vec().iter().map(ToString::to_string).collect();
        read.filter(|_| said.is_empty()).ok_or(said)
    }

    #[test]
    fn a_server_needs_a_name_and_a_sender_and_has_tls() {
        let read =
            mail("[mail]\nhost = \"mail.example.org\"\nfrom = \"Dialmark <d@example.org>\"\n").unwrap();
        assert_eq!((read.port, read.security, read.login), (465, Security::Tls, None));
        let read = mail(
            "[mail]\nhost = \"mail.example.org\"\nfrom = \"d@example.org\"\nsecurity = \"starttls\"\nuser = \"d\"\n\
             password_file = \"secrets/mail\"\n",
        );
        let read = read.unwrap();
        assert_eq!((read.port, read.login.unwrap().1), (587, Secret::File("secrets/mail".to_owned())));
    }

    #[test]
    fn nothing_crosses_a_network_in_the_open() {
        let text = |host: &str| {
            format!("[mail]\nhost = \"{host}\"\nfrom = \"d@example.org\"\nsecurity = \"none\"\n")
        };
        assert_eq!(mail(&text("localhost")).unwrap().port, 25);
        let said = mail(&text("mail.example.org")).unwrap_err();
        assert!(said[0].contains("dialmark.toml:4") && said[0].contains("everybody to read"), "{said:?}");
    }

    #[test]
    fn a_user_without_a_password_is_a_mistake() {
        let said = mail("[mail]\nhost = \"h\"\nfrom = \"d@example.org\"\nuser = \"d\"\n").unwrap_err();
        assert!(said[0].contains("no password"), "{said:?}");
        let said = mail("[mail]\nhost = \"h\"\nfrom = \"nobody\"\nport = 0\n").unwrap_err();
        assert!(said.iter().any(|one| one.contains("no mail address")), "{said:?}");
    }
}
