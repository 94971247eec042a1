//! Sum of one measure in one place: what the engine hands over before anything is divided.

use super::{Reason, Spread};
use crate::exact::Exact;

/// Sum of one measure in one place.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Sum {
    /// The sum; `None` when no record had a value.
    pub total: Option<Exact>,
    /// All values, for a measure of values.
    pub spread: Option<Spread>,
    /// Records that matched.
    pub n: u64,
    /// Records that matched but had no value to add.
    pub missing: u64,
    /// Records of which it cannot be said whether they match.
    pub undecided: u64,
    /// Smallest and largest currency code among them, for money.
    pub currencies: Option<(String, String)>,
    /// What the measure reads, for the reason why there is no value.
    pub reads: String,
    /// A column that the measure needs and that no source fills: the measure says nothing, not zero.
    pub blocked: Option<String>,
    /// The sum does not fit 128 bits.
    pub overflowed: bool,
}

impl Sum {
    /// Adds what was found elsewhere, or on another day.
    pub fn add(&mut self, other: &Sum) {
        self.total = match (self.total, other.total) {
            (Some(a), Some(b)) => {
                let sum = a.checked_add(b);
                self.overflowed |= sum.is_none();
                sum
            }
            (a, b) => a.or(b),
        };
        self.spread = match (self.spread.take(), &other.spread) {
            (Some(a), Some(b)) => Some(a.and(b)),
            (a, b) => a.or_else(|| b.clone()),
        };
        self.n += other.n;
        self.missing += other.missing;
        self.undecided += other.undecided;
        self.overflowed |= other.overflowed;
        self.currencies = match (self.currencies.take(), &other.currencies) {
            (Some((a, b)), Some((c, d))) => Some((a.min(c.clone()), b.max(d.clone()))),
            (a, b) => a.or_else(|| b.clone()),
        };
        if self.reads.is_empty() {
            self.reads.clone_from(&other.reads);
        }
        if self.blocked.is_none() {
            self.blocked.clone_from(&other.blocked);
        }
    }

    /// Whether amounts of different currencies were added up.
    pub fn is_mixed(&self) -> bool {
        self.currencies.as_ref().is_some_and(|(least, most)| least != most)
    }

    /// The currency, when there is one.
    pub fn currency(&self) -> Option<String> {
        self.currencies.as_ref().filter(|(least, most)| least == most).map(|(code, _)| code.clone())
    }

    /// Why there is no total.
    pub fn nothing(&self) -> Reason {
        match &self.blocked {
            Some(column) => Reason::NothingFilled(column.clone()),
            None if self.overflowed => Reason::TooLarge,
            None if self.n == 0 => Reason::NoData,
            None => Reason::NothingFilled(self.reads.clone()),
        }
    }
}
