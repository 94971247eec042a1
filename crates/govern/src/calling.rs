//! Calling rules: what laws and regulators ask of outbound calls, as dated data with its source, and the arithmetic of it.
//!
//! What ships is no legal advice. Every rule cites what it was read in and says how sure that is; a project may change or add
//! rules in files of its own.

mod attempts;
mod budget;
mod holding;
mod ledger;
mod listing;
mod periods;
mod read;
mod says;

pub use attempts::{Attempt, Breach, after_conversation, free_on, too_many_in_days, too_many_in_hours};
pub use budget::{expected, left};
pub use holding::{Calling, InForce};
pub use ledger::{
    Budget, Entry, Estimate, Found, Ledger, MOST_NAMED, Opens, Parts, Share, Unjudged, Violation, Violations,
    Windowed,
};
pub use listing::{Listed, Standing};
pub use periods::{Successive, around, month, rolling, successive};
pub use read::builtin;
pub use says::{NOT_ADVICE, grouped, kind_word, sentences};

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

impl Confidence {
    /// As it is written.
    pub const fn word(self) -> &'static str {
        match self {
            Confidence::Low => "low",
            Confidence::Medium => "medium",
            Confidence::High => "high",
        }
    }
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

impl Force {
    /// As it is written.
    pub const fn word(self) -> &'static str {
        match self {
            Force::Law => "law",
            Force::SafeHarbour => "safe_harbour",
            Force::Guidance => "guidance",
        }
    }

    /// What it is, in words.
    pub const fn label(self) -> &'static str {
        match self {
            Force::Law => "must not be broken",
            Force::SafeHarbour => "who keeps it is presumed to comply",
            Force::Guidance => "what is looked at",
        }
    }
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
    /// Campaigns for which it holds; none for all.
    pub campaigns: Vec<String>,
    /// What it asks.
    pub asks: Asks,
    /// Where it is declared.
    pub declared_in: String,
}

/// What a rule asks.
#[derive(Debug, Clone, PartialEq)]
pub enum Asks {
    /// Of the calls that a metric divides by, at most so many may be abandoned in each window of a campaign.
    Abandoned(Box<Abandoned>),
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
    /// No call against what was said about consent.
    Consent {
        /// What is asked of it.
        asks: Consent,
    },
}

/// What is asked of consent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Consent {
    /// It was not taken back; who never said anything may be called.
    NotRevoked,
    /// It was given, has not lapsed and was not taken back.
    Given,
}

/// A share of abandoned calls.
#[derive(Debug, Clone, PartialEq)]
pub struct Abandoned {
    /// The rate; its definition says from when seconds are counted and who is in the base.
    pub metric: MetricRef,
    /// The limit; `None` where the regulator names none.
    pub at_most: Option<Ratio>,
    /// Over which time.
    pub window: Window,
    /// From when seconds are counted, in a sentence.
    pub clock: Option<String>,
    /// The same rate with machines that are estimated.
    pub adjusted: Option<Adjusted>,
}

/// A rate in which machines are estimated.
#[derive(Debug, Clone, PartialEq)]
pub struct Adjusted {
    /// The rate.
    pub rate: MetricRef,
    /// The share of machines that the estimate rests on.
    pub evidence: MetricRef,
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

impl Window {
    /// As it is written.
    pub const fn word(self) -> &'static str {
        match self {
            Window::Successive30Days => "successive_30_days",
            Window::Rolling30Days => "rolling_30_days",
            Window::Month => "month",
            Window::Day => "day",
        }
    }
}

/// Who is called.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum To {
    /// A telephone number.
    Number,
    /// A person about one debt: an account.
    Debt,
}

impl To {
    /// The column of a call that says who.
    pub const fn column(self) -> &'static str {
        match self {
            To::Number => "called_number",
            To::Debt => "account_id",
        }
    }

    /// As it reads.
    pub const fn noun(self) -> &'static str {
        match self {
            To::Number => "number",
            To::Debt => "debt",
        }
    }
}

/// Within which time calls are counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Within {
    /// So many hours up to each call.
    Hours(u32),
    /// So many consecutive days, the last of them the day of the call.
    Days(u32),
}
