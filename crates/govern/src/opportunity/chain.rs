//! How one thing leads to the next: dials to conversations, conversations to sales, sales to money.

use dialmark_metrics::{Exact, Ratio};

use crate::benchmark::Word;

/// How many there were of something.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// Of what.
    pub word: Word,
    /// How many.
    pub count: Exact,
}

/// An amount of money and what it is spread over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Average {
    /// The amount.
    pub amount: Exact,
    /// How many things, or milliseconds.
    pub over: Exact,
    /// How it is known.
    pub basis: Basis,
}

/// How a price is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Basis {
    /// It is an average of the records of the period.
    Records,
    /// Somebody has stated it.
    Stated,
}

impl Average {
    /// The amount for `each` of what it is spread over; `None` when that is nothing.
    pub fn of_each(self, each: i64) -> Option<Ratio> {
        Ratio::scaled(self.amount, self.over, each)
    }
}

/// Counts of the same records and period, each leading to the next.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Chain {
    /// ISO 4217 code of all its money.
    pub currency: String,
    /// From the first to the last, such as dials, conversations, sales.
    pub steps: Vec<Step>,
    /// What the last step was worth, over how many of it have a value.
    pub worth: Option<Average>,
    /// What agents cost, over their milliseconds.
    pub hour: Option<Average>,
}

impl Chain {
    /// The step that money hangs on.
    pub fn last(&self) -> Option<&Step> {
        self.steps.last()
    }

    /// Where a word stands in it.
    pub(crate) fn position(&self, word: &Word) -> Option<usize> {
        self.steps.iter().position(|step| step.word.name == word.name)
    }
}
