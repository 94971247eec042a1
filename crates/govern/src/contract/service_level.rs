//! Service levels: a figure, what it pays, how much at most, and when a penalty is returned or not due.

use dialmark_metrics::Ratio;
use dialmark_model::validity::Days;
use jiff::civil::Date;

use super::Measured;
use super::period::BillingPeriod;
use super::scale::{Better, Cap, Scale};

/// What was promised of one figure.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServiceLevel {
    /// Its name within the contract.
    pub name: String,
    /// The figure.
    pub of: Measured,
    /// Which way it is better, when the catalogue or the contract says so.
    pub better: Option<Better>,
    /// The days on which it counts: those of the steady state, unless the contract says otherwise.
    pub days: Days,
    /// Its part of the fee at stake; the weights of a contract add up to 1. Without weights each is of the whole.
    pub weight: Option<Ratio>,
    /// Names of the prices of which it is a share; all prices when there are none.
    pub of_prices: Vec<String>,
    /// What the figure pays.
    pub scale: Scale,
    /// How much at most, before the weight.
    pub cap: Cap,
    /// In how many following periods it must be met for a penalty to be returned.
    pub earn_back: Option<u8>,
    /// The first day after the grace. A period that begins before it pays no penalty.
    pub grace_until: Option<Date>,
}

impl ServiceLevel {
    /// Whether a penalty of this period is not due, because the period begins within the grace.
    pub fn is_in_grace(&self, period: BillingPeriod) -> bool {
        self.grace_until.is_some_and(|until| period.days().from() < until)
    }
}
