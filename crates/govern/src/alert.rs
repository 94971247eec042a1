//! Alerts: what is watched, when it is told, to whom, and when it is over.
//!
//! An alert looks at something again and again. Each look is a [`Reading`]; [`round`] lays the readings of one round beside how
//! things stood before and says what changed and what is told. Nothing here knows a clock, a figure's origin or a mailbox: the
//! same readings in the same order lead to the same messages, whatever happened in between.

mod channel;
mod edge;
mod found;
mod hours;
mod notice;
mod read;
mod round;
mod standing;
mod watch;

use serde::{Deserialize, Serialize};

pub use channel::{Channel, Way};
pub use edge::{Edge, Side};
pub use found::{Found, Opens, Reading, Subject, Verdict};
pub use hours::Hours;
pub use notice::{Kind, Notice, Told};
pub(crate) use read::{Reading as ReadAgainst, read};
pub use round::{Changed, Round, dropped, round, unseen};
pub use standing::{Event, Happened, Known, Phase, Standing};
pub use watch::{CaseClock, LiveWindow, Watch};

/// What is watched, and what becomes of it.
#[derive(Debug, Clone, PartialEq)]
pub struct Alert {
    /// Name, as in `[alert.NAME]`.
    pub name: String,
    /// Name to show.
    pub label: String,
    /// What is looked at.
    pub watch: Watch,
    /// For how long it must have been so, in milliseconds of the records' time.
    pub for_ms: u64,
    /// When it is looked at; `None` for always.
    pub hours: Option<Hours>,
    /// What becomes one message.
    pub group: Group,
    /// For how long nothing more is said about something after a message about it, in milliseconds.
    pub quiet_for_ms: u64,
    /// After how long something that still stands is told again, in milliseconds.
    pub remind_after_ms: Option<u64>,
    /// Names of the channels that are told; never empty.
    pub to: Vec<String>,
    /// File of the declaration.
    pub declared_in: String,
    /// Its line.
    pub line: usize,
}

/// What becomes one message, of all that an alert has to tell in one round.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Group {
    /// All of it.
    Alert,
    /// Each by itself.
    Each,
    /// What has the same value of a dimension.
    By(String),
}

impl Group {
    /// Which group something belongs to; the empty text where there is one only.
    pub fn of(&self, subject: &Subject) -> String {
        match self {
            Group::Alert => String::new(),
            Group::Each => subject.key.clone(),
            Group::By(dimension) => subject.place.value(dimension).unwrap_or_default().to_owned(),
        }
    }
}
