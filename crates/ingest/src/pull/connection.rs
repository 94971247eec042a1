//! One session at a database: read-only, with a time limit on the server, and no transaction longer than a query.

use std::time::Duration;

use async_recursion::async_recursion as compiled_here;
use dialmark_model::pull::{Kind, Pull, Tls};
use futures::TryStreamExt;
use sqlx::mysql::{MySqlArguments, MySqlConnectOptions, MySqlConnection, MySqlRow, MySqlSslMode};
use sqlx::postgres::{PgConnectOptions, PgConnection, PgRow, PgSslMode};
use sqlx::query::Query;
use sqlx::{
    AssertSqlSafe, Column, ConnectOptions, Connection as _, Decode, Executor, MySql, Postgres, Row,
    SqlSafeStr, Statement as _, TypeInfo, ValueRef,
};

use super::cursor::{Grows, epoch};
use super::failure::{Doing, sentence};
use super::line::{self, Amend};
use super::mysql_text;
use super::statement::{Statement, quoted, quoted_table};

/// How long a connection may take to come about.
const CONNECT: Duration = Duration::from_secs(10);
/// How much longer than the server's own limit a query is waited for: then it is the network that fails.
const GRACE: Duration = Duration::from_secs(15);

/// A session.
pub enum Connection {
    MySql(Box<MySqlConnection>),
    Postgres(Box<PgConnection>),
}

/// A column that can be read.
#[derive(Debug, Clone)]
pub struct Known {
    pub name: String,
    pub grows: Option<Grows>,
}

/// How a table's rows are found by a column.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Index {
    /// By an index of this name, which MySQL is told to go by.
    Named(String),
    /// By looking at all of them.
    Missing,
    /// As the system thinks best.
    Unknown,
}

/// A row on its way: its cursor, and itself as a line.
pub struct Fetched {
    pub cursor: Option<String>,
    pub line: Vec<u8>,
}

impl Connection {
    /// Opens a session that can only read.
    #[compiled_here]
    pub async fn open(pull: &Pull, password: Option<&str>) -> Result<Connection, String> {
        let opened = tokio::time::timeout(CONNECT, Connection::establish(pull, password)).await;
        match opened {
            Ok(result) => result.map_err(|error| sentence(pull, Doing::Connecting, &error)),
            Err(_) => Err(format!(
                "{} did not answer within {} s. See whether the address is right and no firewall swallows the connection.",
                pull.database,
                CONNECT.as_secs()
            )),
        }
    }

    async fn establish(pull: &Pull, password: Option<&str>) -> Result<Connection, sqlx::Error> {
        match pull.database.kind {
            Kind::MySql => {
                let mut connection = mysql_options(pull, password).connect().await?;
                let version: String = sqlx::query_scalar("select version()")
                    .persistent(false)
                    .fetch_one(&mut connection)
                    .await?;
                let limit = match version.contains("MariaDB") {
                    true => {
                        format!(
                            "max_statement_time = {}.{:03}",
                            pull.timeout_ms / 1_000,
                            pull.timeout_ms % 1_000
                        )
                    }
                    false => format!("max_execution_time = {}", pull.timeout_ms),
                };
                let patience_s = (pull.timeout_ms / 1_000).max(1);
                for set in [
                    "set session transaction read only".to_owned(),
                    // No snapshot outlives its query.
                    "set session transaction isolation level read committed".to_owned(),
                    format!("set session {limit}"),
                    // Modes that refuse the day zero would make nothing of a cursor that is one.
                    "set session sql_mode = replace(replace(@@sql_mode, 'NO_ZERO_IN_DATE', ''), 'NO_ZERO_DATE', '')"
                        .to_owned(),
                    // Waiting behind somebody who alters the table makes all others wait behind us.
                    format!("set session lock_wait_timeout = {patience_s}"),
                ] {
                    connection.execute(AssertSqlSafe(set)).await?;
                }
                Ok(Connection::MySql(Box::new(connection)))
            }
            Kind::Postgres => {
                let mut connection = postgres_options(pull, password).connect().await?;
                for set in [
                    "set default_transaction_read_only = on".to_owned(),
                    format!("set statement_timeout = {}", pull.timeout_ms),
                    format!("set lock_timeout = {}", pull.timeout_ms),
                    "set timezone = 'UTC'".to_owned(),
                    "set datestyle = 'ISO'".to_owned(),
                ] {
                    connection.execute(AssertSqlSafe(set)).await?;
                }
                Ok(Connection::Postgres(Box::new(connection)))
            }
        }
    }

    /// Ends the session, as the server would like it.
    #[compiled_here]
    pub async fn close(self) {
        // Whoever does not answer to a farewell has been left all the same.
        let _ = tokio::time::timeout(Duration::from_secs(1), async {
            match self {
                Connection::MySql(connection) => connection.close().await,
                Connection::Postgres(connection) => connection.close().await,
            }
        })
        .await;
    }

    /// Columns of a table that may be read; empty when there is none.
    #[compiled_here]
    pub async fn columns_of_table(&mut self, pull: &Pull, table: &str) -> Result<Vec<Known>, String> {
        let result = match self {
            Connection::MySql(connection) => {
                let (schema, name) =
                    table.split_once('.').map_or((None, table), |(schema, name)| (Some(schema), name));
                let sql = "select cast(column_name as char), cast(data_type as char) from information_schema.columns
                           where table_schema = coalesce(?, database()) and table_name = ? order by ordinal_position";
                let rows = sqlx::query(sql).persistent(false).bind(schema).bind(name);
                rows.fetch_all(&mut **connection).await.map(|rows| {
                    let known = |row: &MySqlRow| Known {
                        name: mysql_string(row, 0),
                        grows: Grows::of_mysql_type(&mysql_string(row, 1)),
                    };
                    rows.iter().map(known).collect()
                })
            }
            Connection::Postgres(connection) => {
                let sql = "select a.attname::text, t.typname::text from pg_attribute a join pg_type t on t.oid = a.atttypid
                           where a.attrelid = to_regclass($1) and a.attnum > 0 and not a.attisdropped order by a.attnum";
                let quoted = quoted_table(Kind::Postgres, table);
                let rows = sqlx::query(sql).persistent(false).bind(quoted);
                rows.fetch_all(&mut **connection).await.map(|rows| {
                    let known = |row: &PgRow| Known {
                        name: row.try_get(0).unwrap_or_default(),
                        grows: Grows::of_type(&row.try_get::<String, _>(1).unwrap_or_default()),
                    };
                    rows.iter().map(known).collect()
                })
            }
        };
        result.map_err(|error| sentence(pull, Doing::Asking, &error))
    }

    /// How a table's rows are found by a column.
    #[compiled_here]
    pub async fn index_of(&mut self, pull: &Pull, table: &str, column: &str) -> Result<Index, String> {
        let result = match self {
            Connection::MySql(connection) => {
                let (schema, name) =
                    table.split_once('.').map_or((None, table), |(schema, name)| (Some(schema), name));
                let sql = "select cast(s.index_name as char), cast(t.table_type as char) from information_schema.tables t
                           left join information_schema.statistics s on s.table_schema = t.table_schema
                             and s.table_name = t.table_name and s.column_name = ? and s.seq_in_index = 1
                           where t.table_schema = coalesce(?, database()) and t.table_name = ? order by s.index_name limit 1";
                let row = sqlx::query(sql).persistent(false).bind(column).bind(schema).bind(name);
                row.fetch_optional(&mut **connection).await.map(|row| match row {
                    Some(row) if mysql_bytes(&row, 0).is_some() => Index::Named(mysql_string(&row, 0)),
                    Some(row) if mysql_string(&row, 1) == "BASE TABLE" => Index::Missing,
                    _ => Index::Unknown,
                })
            }
            Connection::Postgres(connection) => {
                let sql = "select c.relkind::text, exists (select 1 from pg_index i join pg_attribute a on a.attrelid = i.indrelid
                             and a.attnum = i.indkey[0] where i.indrelid = c.oid and a.attname = $2)
                           from pg_class c where c.oid = to_regclass($1)";
                let quoted = quoted_table(Kind::Postgres, table);
                let row = sqlx::query(sql).persistent(false).bind(quoted).bind(column.to_owned());
                row.fetch_optional(&mut **connection).await.map(|row| {
                    let kind: String = row.as_ref().and_then(|row| row.try_get(0).ok()).unwrap_or_default();
                    let is_there: bool = row.as_ref().and_then(|row| row.try_get(1).ok()).unwrap_or_default();
                    match (kind.as_str(), is_there) {
                        ("r" | "p", false) => Index::Missing,
                        _ => Index::Unknown,
                    }
                })
            }
        };
        result.map_err(|error| sentence(pull, Doing::Asking, &error))
    }

    /// Columns of a query, without running it.
    #[compiled_here]
    pub async fn columns_of_query(&mut self, pull: &Pull, query: &str) -> Result<Vec<Known>, String> {
        let sql = AssertSqlSafe(format!("select * from ({query}\n) a")).into_sql_str();
        let result = match self {
            Connection::MySql(connection) => (**connection).prepare(sql).await.map(|statement| {
                let known = |column: &sqlx::mysql::MySqlColumn| Known {
                    name: column.name().to_owned(),
                    grows: Grows::of_mysql_type(column.type_info().name()),
                };
                statement.columns().iter().map(known).collect::<Vec<_>>()
            }),
            Connection::Postgres(connection) => (**connection).prepare(sql).await.map(|statement| {
                let known = |column: &sqlx::postgres::PgColumn| Known {
                    name: column.name().to_owned(),
                    grows: Grows::of_type(column.type_info().name()),
                };
                statement.columns().iter().map(known).collect::<Vec<_>>()
            }),
        };
        result.map_err(|error| sentence(pull, Doing::Asking, &error))
    }

    /// Whether a query has a row.
    #[compiled_here]
    pub async fn has_row(&mut self, pull: &Pull, sql: String) -> Result<bool, String> {
        let sql = AssertSqlSafe(sql);
        let result = match self {
            Connection::MySql(connection) => sqlx::query(sql)
                .persistent(false)
                .fetch_optional(&mut **connection)
                .await
                .map(|r| r.is_some()),
            Connection::Postgres(connection) => sqlx::query(sql)
                .persistent(false)
                .fetch_optional(&mut **connection)
                .await
                .map(|r| r.is_some()),
        };
        result.map_err(|error| sentence(pull, Doing::Asking, &error))
    }

    /// Runs a statement and hands on its rows as they come.
    #[compiled_here]
    pub async fn rows(
        &mut self,
        pull: &Pull,
        asked: &Asked<'_>,
        take: &mut (dyn FnMut(Fetched) -> Result<(), String> + Send),
    ) -> Result<(), String> {
        let patience = Duration::from_millis(pull.timeout_ms).saturating_add(GRACE);
        let read = self.stream(pull, asked, take);
        tokio::time::timeout(patience, read).await.unwrap_or_else(|_| {
            Err(format!(
                "{} fell silent in the middle of an answer. What was not imported yet is read again next time.",
                pull.database
            ))
        })
    }

    async fn stream(
        &mut self,
        pull: &Pull,
        asked: &Asked<'_>,
        take: &mut (dyn FnMut(Fetched) -> Result<(), String> + Send),
    ) -> Result<(), String> {
        let failed = |error: sqlx::Error| sentence(pull, Doing::Asking, &error);
        let Asked { statement, sql, value, amend } = asked;
        let sql = AssertSqlSafe((*sql).to_owned());
        match self {
            Connection::MySql(connection) => {
                let mut query = sqlx::query(sql).persistent(false);
                for value in value.iter().flat_map(|value| std::iter::repeat_n(*value, statement.bound())) {
                    query = bind_mysql(query, statement, value);
                }
                let mut rows = query.fetch(&mut **connection);
                while let Some(row) = rows.try_next().await.map_err(failed)? {
                    take(mysql_row(&row, statement, amend))?;
                }
            }
            Connection::Postgres(connection) => {
                let mut query: Query<'_, Postgres, _> = sqlx::query(sql).persistent(false);
                if let Some(value) = value {
                    query = query.bind((*value).to_owned());
                }
                let mut rows = query.fetch(&mut **connection);
                while let Some(row) = rows.try_next().await.map_err(failed)? {
                    take(postgres_row(&row, amend).map_err(failed)?)?;
                }
            }
        }
        Ok(())
    }
}

/// A statement with its place filled in.
pub struct Asked<'a> {
    pub statement: &'a Statement,
    pub sql: &'a str,
    pub value: Option<&'a str>,
    pub amend: &'a Amend<'a>,
}

fn mysql_options(pull: &Pull, password: Option<&str>) -> MySqlConnectOptions {
    let url = &pull.database;
    let mut options = MySqlConnectOptions::new()
        .username(&url.user)
        .database(&url.name)
        .host(&url.host)
        .port(url.port)
        .statement_cache_capacity(0)
        // The user's query means what it means in the user's own client.
        .pipes_as_concat(false)
        .timezone(Some("+00:00".to_owned()))
        .disable_statement_logging();
    if let Some(socket) = &url.socket {
        options = options.socket(socket);
    }
    if let Some(password) = password {
        options = options.password(password);
    }
    if let Some(file) = &url.tls_authorities {
        options = options.ssl_ca(file);
    }
    options.ssl_mode(match url.tls {
        // Nothing on this machine reads along on a socket.
        _ if url.socket.is_some() => MySqlSslMode::Disabled,
        Tls::Off => MySqlSslMode::Disabled,
        Tls::Preferred => MySqlSslMode::Preferred,
        Tls::Required => MySqlSslMode::Required,
        Tls::VerifyAuthority => MySqlSslMode::VerifyCa,
        Tls::VerifyHost => MySqlSslMode::VerifyIdentity,
    })
}

fn postgres_options(pull: &Pull, password: Option<&str>) -> PgConnectOptions {
    let url = &pull.database;
    let mut options = PgConnectOptions::new_without_pgpass()
        .username(&url.user)
        .database(&url.name)
        .host(&url.host)
        .port(url.port)
        .application_name("dialmark")
        .statement_cache_capacity(0)
        .disable_statement_logging();
    if let Some(socket) = &url.socket {
        options = options.socket(socket);
    }
    if let Some(password) = password {
        options = options.password(password);
    }
    if let Some(file) = &url.tls_authorities {
        options = options.ssl_root_cert(file);
    }
    options.ssl_mode(match url.tls {
        _ if url.socket.is_some() => PgSslMode::Disable,
        Tls::Off => PgSslMode::Disable,
        Tls::Preferred => PgSslMode::Prefer,
        Tls::Required => PgSslMode::Require,
        Tls::VerifyAuthority => PgSslMode::VerifyCa,
        Tls::VerifyHost => PgSslMode::VerifyFull,
    })
}

/// Whole numbers are bound as such: compared with a text, MySQL would turn both into floats.
fn bind_mysql<'q>(
    query: Query<'q, MySql, MySqlArguments>,
    statement: &Statement,
    value: &str,
) -> Query<'q, MySql, MySqlArguments> {
    if statement.cursor.as_ref().is_some_and(|cursor| cursor.grows == Grows::Whole) {
        if let Ok(number) = value.parse::<i64>() {
            return query.bind(number);
        }
        if let Ok(number) = value.parse::<u64>() {
            return query.bind(number);
        }
    }
    // The session is in UTC; the offset would only be refused.
    query.bind(value.trim_end_matches("+00:00").to_owned())
}

fn mysql_bytes(row: &MySqlRow, at: usize) -> Option<&[u8]> {
    // Not `is_null`: the driver takes the day zero for null, which a cursor may be.
    row.try_get_raw(at).ok().and_then(|value| <&[u8] as Decode<MySql>>::decode(value).ok())
}

fn mysql_string(row: &MySqlRow, at: usize) -> String {
    mysql_bytes(row, at).map(|bytes| String::from_utf8_lossy(bytes).into_owned()).unwrap_or_default()
}

fn mysql_row(row: &MySqlRow, statement: &Statement, amend: &Amend<'_>) -> Fetched {
    let mut fetched = Fetched { cursor: None, line: Vec::with_capacity(256) };
    let mut text = Vec::new();
    for column in row.columns() {
        let (name, type_name) = (column.name(), column.type_info().name());
        let bytes = mysql_bytes(row, column.ordinal());
        if statement.cursor.as_ref().is_some_and(|cursor| cursor.column.eq_ignore_ascii_case(name)) {
            fetched.cursor = bytes.map(|bytes| mysql_text::of_cursor(type_name, bytes));
        }
        text.clear();
        let value = bytes.and_then(|bytes| mysql_text::text(type_name, bytes, &mut text));
        if amend.epochs.iter().any(|epoch| epoch == name) {
            let seconds = value.and_then(|()| epoch(&String::from_utf8_lossy(&text), amend.zone));
            line::put(&mut fetched.line, name, seconds.as_deref().map(str::as_bytes));
        } else {
            line::put(&mut fetched.line, name, value.map(|()| text.as_slice()));
        }
    }
    line::end(&mut fetched.line);
    fetched
}

fn postgres_row(row: &PgRow, amend: &Amend<'_>) -> Result<Fetched, sqlx::Error> {
    let cursor = row.try_get_raw(0)?;
    let cursor = match cursor.is_null() {
        true => None,
        false => cursor.as_bytes().ok().map(|bytes| String::from_utf8_lossy(bytes).into_owned()),
    };
    let written = row.try_get_raw(1)?;
    let mut line = Vec::with_capacity(256);
    line::of_json(written.as_bytes().map_err(sqlx::Error::Decode)?, amend, &mut line);
    Ok(Fetched { cursor, line })
}

/// The user's query as something that can be read from.
pub fn as_table(query: &str) -> String {
    // A comment at its end must not swallow the bracket.
    format!("({query}\n)")
}

/// A table in quotation marks.
pub fn table(kind: Kind, name: &str) -> String {
    match name.contains('.') {
        true => quoted_table(kind, name),
        false => quoted(kind, name),
    }
}
