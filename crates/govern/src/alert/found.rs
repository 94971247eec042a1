//! What one look found.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::place::Place;

/// What is looked at: a KPI, a figure of a place, a source, a campaign's limit, a clock of a case.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Subject {
    /// What it is known by within its alert, look after look.
    pub key: String,
    /// Name to show.
    pub label: String,
    /// Whose records.
    pub place: Place,
}

/// The page that shows more of what was seen.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "page")]
pub enum Opens {
    /// All KPIs.
    Kpis,
    /// The records that a figure is divided by.
    Records {
        /// What is measured, as [`dialmark_metrics::MetricRef`] writes it.
        metric: String,
        /// Which records; `None` for all.
        condition: Option<String>,
        /// First instant.
        from: Timestamp,
        /// First instant that does not belong to them.
        to: Timestamp,
    },
    /// What came in.
    Data,
    /// How calls stand against calling rules.
    Calling {
        /// Only those of this campaign.
        campaign: Option<String>,
    },
    /// A case.
    Case {
        /// Its number.
        number: i64,
    },
}

/// What a look says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// It is as it should not be. `since` where the look itself tells since when, as hours without records do.
    Beyond {
        /// Since when.
        since: Option<Timestamp>,
    },
    /// It is neither so bad that an alert is raised nor so well that one is cleared.
    Between,
    /// It is as it should be.
    Clear,
    /// Nothing can be said: no records, too few, or too old. That raises nothing and clears nothing.
    Unknown,
}

/// What was seen, in words and exact.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Found {
    /// Up to when the records reached in which it was seen.
    pub at: Timestamp,
    /// The value as a fraction, such as `31/1000`; `None` where there is none.
    pub value: Option<String>,
    /// The value in words, or why there is none.
    pub shown: String,
    /// What it is held against, in words.
    pub limit: String,
    /// Records behind the value.
    pub n: Option<u64>,
    /// What the reader should know.
    pub notes: Vec<String>,
    /// Where to look.
    pub opens: Opens,
}

/// One look at one thing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reading {
    /// At what.
    pub subject: Subject,
    /// What it says.
    pub verdict: Verdict,
    /// What was seen.
    pub found: Found,
}
