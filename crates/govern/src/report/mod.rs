//! Reports that are sent: what to whom, when, and what is done when records are missing or nobody was there to send it.

mod address;
mod content;
mod plan;
mod read;
mod schedule;

use jiff::civil::Date;
use serde::Serialize;

use crate::place::Place;

pub use address::address;
pub use content::{Attrition, Comment, Content, Course, Pack, ReturnRow, Returning, Told};
pub use plan::{Lacking, Planned, Verdict, plan, verdict, week_before};
pub(crate) use read::Reading;
pub use schedule::{Due, Hold, Otherwise, Schedule};

/// How far back calls are looked for that were not returned yet, unless another number of days is declared.
pub const LOOK_BACK_DAYS: u32 = 30;

/// A report that is sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Report {
    /// Name, as in `[report.NAME]`.
    pub name: String,
    /// Name to show, and the subject of its letters.
    pub label: String,
    /// What it tells.
    pub kind: Kind,
    /// Addresses of those who get it, in small letters; each once, never none.
    pub to: Vec<String>,
    /// IANA name of the zone by whose clock it is sent; else each recipient's own.
    pub zone: Option<String>,
    /// When it is due.
    pub schedule: Schedule,
    /// What is done when records are missing.
    pub hold: Hold,
    /// File of the declaration.
    pub declared_in: String,
    /// Its line.
    pub line: usize,
}

/// What a report tells.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Kind {
    /// Yesterday, what moved it, and what today needs.
    Morning {
        /// Whose records; a recipient's own scope narrows it further.
        place: Place,
    },
    /// A week of a client's work.
    ClientPack {
        /// The client.
        client: String,
        /// The scorecard that is shown.
        scorecard: String,
        /// The contract whose statement so far is shown.
        contract: Option<String>,
    },
    /// What became of each call, by the client's own identifier of the lead.
    ReturnFile {
        /// The client.
        client: String,
        /// Days for which records that came late are still returned.
        look_back_days: u32,
    },
}

/// Kinds, by their words.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum KindWord {
    /// A morning sheet.
    Morning,
    /// A weekly pack for a client.
    ClientPack,
    /// A return file.
    ReturnFile,
}

impl KindWord {
    /// All, with their words.
    pub const ALL: [(&'static str, KindWord); 3] = [
        ("morning", KindWord::Morning),
        ("client_pack", KindWord::ClientPack),
        ("return_file", KindWord::ReturnFile),
    ];

    /// As people read it.
    pub const fn label(self) -> &'static str {
        match self {
            KindWord::Morning => "morning sheet",
            KindWord::ClientPack => "weekly client pack",
            KindWord::ReturnFile => "return file",
        }
    }
}

impl Kind {
    /// Which it is.
    pub const fn word(&self) -> KindWord {
        match self {
            Kind::Morning { .. } => KindWord::Morning,
            Kind::ClientPack { .. } => KindWord::ClientPack,
            Kind::ReturnFile { .. } => KindWord::ReturnFile,
        }
    }

    /// Whose records it is about.
    pub fn place(&self) -> Place {
        match self {
            Kind::Morning { place } => place.clone(),
            Kind::ClientPack { client, .. } | Kind::ReturnFile { client, .. } => {
                Place::of("client_id", client)
            }
        }
    }
}

impl Report {
    /// What one recipient gets of it over time: the beginning of the identifiers of what is sent.
    pub fn series(&self, to: &str) -> String {
        format!("report/{}/{to}/", self.name)
    }

    /// What is sent to one recipient for one day is known by this, for ever.
    pub fn piece(&self, to: &str, day: Date) -> String {
        format!("{}{day}", self.series(to))
    }
}
