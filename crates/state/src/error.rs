//! What can go wrong with decisions.

use std::path::PathBuf;

/// An operation failed and changed nothing.
#[derive(Debug, thiserror::Error)]
pub enum StateError {
    /// The database refused.
    #[error("could not {doing} in `{}`: {source}", path.display())]
    Database {
        /// What was tried.
        doing: &'static str,
        /// The database file.
        path: PathBuf,
        /// What SQLite said.
        source: sqlx::Error,
    },
    /// Another version of the program wrote it.
    #[error("`{}` has layout {found} and this program knows layouts up to {known}; use a newer Dialmark", path.display())]
    Newer {
        /// The database file.
        path: PathBuf,
        /// Its layout.
        found: i64,
        /// The last one that is known.
        known: i64,
    },
    /// A record is not what it should be.
    #[error("`{}` is damaged: {what}; restore it from a backup", path.display())]
    Damaged {
        /// The database file.
        path: PathBuf,
        /// In which way.
        what: String,
    },
    /// What was to be written does not fit what is there; the sentence says why.
    #[error("{0}")]
    Refused(String),
    /// The system gives no random numbers, and a guessable token is worse than none.
    #[error("the system gave no random numbers, so no token was made: {0}")]
    NoRandomness(String),
}
