//! Why a database did not answer, in sentences: what, where, what to do. Addresses are said without passwords, and rows
//! never are.

use std::io::ErrorKind;

use dialmark_model::pull::Pull;
use sqlx::Error;

use super::units::seconds;

/// What was being done.
#[derive(Debug, Clone, Copy)]
pub enum Doing {
    Connecting,
    Asking,
}

/// A sentence about an error of the database.
pub fn sentence(pull: &Pull, doing: Doing, error: &Error) -> String {
    let place = &pull.database;
    match error {
        Error::Database(said) => of_server(pull, said.as_ref()),
        // A certificate that is not believed comes as a failure of the line.
        Error::Io(io) if io.to_string().contains("certificate") => unencrypted(pull, io),
        Error::Io(io) => match io.kind() {
            ErrorKind::ConnectionRefused => format!(
                "nothing answers at {place}: the connection was refused. See whether the database runs, listens on that address and is not behind a firewall."
            ),
            ErrorKind::NotFound if place.socket.is_some() => {
                format!("there is no socket of a database at {place}.")
            }
            ErrorKind::UnexpectedEof | ErrorKind::ConnectionReset | ErrorKind::BrokenPipe => {
                format!(
                    "the connection to {place} broke off. What was not imported yet is read again next time."
                )
            }
            _ => format!(
                "{place} cannot be reached: {io}. See whether the name of the host is right and the network leads there."
            ),
        },
        Error::Tls(why) => unencrypted(pull, why),
        // The driver's word for an account that asks for a key exchange over an open line.
        Error::Configuration(why) => format!("{place} cannot be asked: {why}."),
        other => {
            let doing = match doing {
                Doing::Connecting => "while connecting",
                Doing::Asking => "while reading",
            };
            format!("{place} answered strangely {doing}: {other}.")
        }
    }
}

fn unencrypted(pull: &Pull, why: &dyn std::fmt::Display) -> String {
    format!(
        "no encrypted connection to {} came about: {why}. Name the file with the authority of its certificate (`?tls_ca=FILE`), or choose how much is checked (`?tls=require`).",
        pull.database
    )
}

fn of_server(pull: &Pull, error: &(dyn sqlx::error::DatabaseError + 'static)) -> String {
    let place = &pull.database;
    let said = error.message().trim_end_matches('.');
    let number = error
        .try_downcast_ref::<sqlx::mysql::MySqlDatabaseError>()
        .map(sqlx::mysql::MySqlDatabaseError::number);
    let code = error.code().unwrap_or_default();
    let is = |numbers: &[u16], codes: &[&str]| match number {
        Some(number) => numbers.contains(&number),
        None => codes.contains(&code.as_ref()),
    };
    let advice = if is(&[1045, 1698], &["28P01", "28000"]) {
        "See whether the user exists, may come from this machine, and the password that `password_env` or `password_file` names is the right one."
    } else if is(&[1130], &[]) {
        "Allow the user to come from this machine."
    } else if is(&[1044, 1142, 1143, 1227], &["42501"]) {
        "Let the database's administrator grant this user SELECT on what is read, and nothing else."
    } else if is(&[1049], &["3D000"]) {
        "See whether the name of the database behind the last `/` is right."
    } else if is(&[1146], &["42P01"]) {
        "See whether the table has this name in this database."
    } else if is(&[1054], &["42703"]) {
        "See whether the query gives all columns that the mapping and `cursor` name."
    } else if is(&[1060, 1052], &["42702"]) {
        "Give each column of the query a name of its own: `as`."
    } else if is(&[1064], &["42601"]) {
        "Try the query in the database's own client; it must be a single `select`."
    } else if is(&[1969, 3024, 1317], &["57014"]) {
        return format!(
            "{place}: the query ran longer than {} and the server ended it. Read from a replica, give the column of `cursor` an index, or raise `timeout`.",
            seconds(pull.timeout_ms)
        );
    } else if is(&[1205], &["55P03"]) {
        "Somebody holds a lock on the table. It is tried again next time; a replica knows no such waits."
    } else if is(&[1040, 1203, 1226], &["53300"]) {
        "The server takes no further connection now. It is tried again next time."
    } else if is(&[1792, 1290], &["25006"]) {
        "Records are pulled in a session that may not write; the query must only read."
    } else if is(&[1053, 1077], &["57P01", "57P02", "57P03"]) {
        "The server is starting or going down. It is tried again next time."
    } else {
        "Try the query in the database's own client."
    };
    format!("{place} says: {said}. {advice}")
}
