//! Calling rules: what laws and regulators ask of outbound calls, as dated data with its source, and the arithmetic of it.
//!
//! What ships is no legal advice. Every rule cites what it was read in and says how sure that is; a project may change or add
//! rules in files of its own.

mod attempts;
mod budget;
mod periods;
mod read;

pub use attempts::{Attempt, Breach, after_conversation, free_on, too_many_in_days, too_many_in_hours};
pub use budget::left;
pub use periods::{Successive, rolling, successive};
pub use read::builtin;

use dialmark_metrics::{MetricRef, Ratio};
use dialmark_model::validity::Days;
use jiff::civil::Time;

/// How sure it is that a rule says this.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Confidence {
    /// From memory or second hand: look it up before you rely on it.
    Low,
    /// Read in a commentary or a vendor's manual.
    Medium,
    /// Read in the text itself, or in several commentaries that agree.
    High,
}

/// What breaking it means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Force {
    /// It must not be broken.
    Law,
    /// Who keeps it is presumed to comply, or is spared a penalty; who does not may still comply.
    SafeHarbour,
    /// What a regulator looks at, without a limit of its own.
    Guidance,
}

/// One rule.
#[derive(Debug, Clone, PartialEq)]
pub struct Rule {
    /// Name.
    pub name: String,
    /// Name to show.
    pub label: String,
    /// Where it holds: a country or a part of one, such as `us` or `us_fl`.
    pub holds_in: String,
    /// What it asks, in a sentence.
    pub says: String,
    /// Where it was read.
    pub source: String,
    /// How sure that is.
    pub confidence: Confidence,
    /// What breaking it means.
    pub force: Force,
    /// When it holds.
    pub days: Days,
    /// What it asks.
    pub asks: Asks,
}

/// What a rule asks.
#[derive(Debug, Clone, PartialEq)]
pub enum Asks {
    /// Of the calls that a metric divides by, at most so many may be abandoned in each window of a campaign.
    Abandoned {
        /// The rate; its definition says from when seconds are counted and who is in the base.
        metric: MetricRef,
        /// The limit; `None` where the regulator names none.
        at_most: Option<Ratio>,
        /// Over which time.
        window: Window,
    },
    /// At most so many calls to one number, or to one person about one debt.
    Attempts {
        /// Who is called.
        to: To,
        /// So many, and not one more.
        at_most: u32,
        /// Within which time.
        within: Within,
    },
    /// No call for so many days after a conversation, the day of which is the first of them.
    Rest {
        /// Who is called.
        to: To,
        /// Days.
        days: u32,
    },
    /// Calls only between these hours at the place that is called.
    Hours {
        /// First time of day.
        from: Time,
        /// Time of day from which on no call may begin.
        until: Time,
    },
    /// No call to a number for so many hours after a call to it was abandoned, unless an agent stands ready.
    NoRedial {
        /// Hours.
        hours: u32,
    },
    /// No call to a number that is listed.
    NotListed {
        /// The register, as entries name it.
        registry: String,
        /// How old the list that is laid beside the calls may be, in days.
        fresh_days: Option<u32>,
    },
}

/// Over which time a share is taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Window {
    /// Thirty days after thirty days from the campaign's first on; a shorter campaign is one window.
    Successive30Days,
    /// The thirty days up to each day.
    Rolling30Days,
    /// Each calendar month.
    Month,
    /// Each day.
    Day,
}

/// Who is called.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum To {
    /// A telephone number.
    Number,
    /// A person about one debt: an account.
    Debt,
}

/// Within which time calls are counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Within {
    /// So many hours up to each call.
    Hours(u32),
    /// So many consecutive days, the last of them the day of the call.
    Days(u32),
}
