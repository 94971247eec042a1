//! What is told: one message about several things of a kind.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::found::{Found, Subject};

/// What a message says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// Something is wrong.
    Raised,
    /// It still is.
    Reminder,
    /// It is over.
    Cleared,
}

impl Kind {
    /// Its word for programs.
    pub const fn word(self) -> &'static str {
        match self {
            Kind::Raised => "raised",
            Kind::Reminder => "reminder",
            Kind::Cleared => "cleared",
        }
    }
}

/// One message.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Notice {
    /// Name of the alert.
    pub alert: String,
    /// Its name to show.
    pub label: String,
    /// What is said.
    pub kind: Kind,
    /// Which group of the alert's things it is about; empty where there is one only.
    pub group: String,
    /// When it was written, by the clock.
    pub at: Timestamp,
    /// What it is about, in the order of their keys; never empty.
    pub about: Vec<Told>,
    /// Names of the channels that are told.
    pub to: Vec<String>,
}

/// One thing that is told of.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Told {
    /// The thing.
    pub subject: Subject,
    /// What was seen.
    pub found: Found,
    /// Since when it is or was wrong, in the records' time.
    pub since: Timestamp,
}
