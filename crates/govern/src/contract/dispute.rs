//! Disputes over a line of a statement, and how they end.

use dialmark_metrics::Ratio;
use jiff::civil::Date;

use super::period::BillingPeriod;

/// A line that somebody does not accept. Its amount stays until there is a resolution.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Dispute {
    /// Its name within the contract.
    pub name: String,
    /// The period of the statement.
    pub period: BillingPeriod,
    /// The line, such as `service_level.answered`.
    pub line: String,
    /// Who.
    pub raised_by: String,
    /// When.
    pub raised_on: Date,
    /// What is wrong, in their words.
    pub says: String,
    /// How it ended.
    pub resolution: Option<Resolution>,
}

/// How a dispute ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Resolution {
    /// The day; the amount is due with the period of this day.
    pub on: Date,
    /// Who decided.
    pub by: String,
    /// What was decided, in their words.
    pub says: String,
    /// What is added to what is due, in the contract's currency and its smallest unit; below zero it is taken off.
    pub adjust: Ratio,
}

impl Dispute {
    /// The resolution, if there was one by the end of a day.
    pub fn resolved(&self, today: Date) -> Option<&Resolution> {
        self.resolution.as_ref().filter(|resolution| resolution.on <= today)
    }
}
