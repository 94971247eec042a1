//! What a statement is computed from, kept with it: texts and whole numbers, so that it can be computed again.

use dialmark_metrics::{Cell, Ratio};
use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::earlier::Earlier;
use super::line::Line;
use crate::contract::{BillingPeriod, Need};
use crate::ratio_text;

/// Everything that a statement is computed from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Inputs {
    /// The contract as it was declared.
    pub contract: Declared,
    /// The month or quarter.
    pub period: BillingPeriod,
    /// The instant whose records the figures are of.
    pub as_of: Timestamp,
    /// The civil day of that instant where the centre is: what was agreed, signed or resolved later does not count.
    pub today: Date,
    /// An answer to each of [`Contract::needs`](crate::contract::Contract::needs).
    pub figures: Vec<Figure>,
    /// Rates of exchange, for money in other currencies than the contract's.
    pub rates: Vec<ExchangeRate>,
    /// How service levels of earlier periods were judged, see [`earlier`](super::earlier()).
    pub earlier: Vec<Earlier>,
    /// What later records change of earlier periods, see [`adjustments`](super::adjustments).
    pub adjustments: Vec<Line>,
}

/// A declaration as it was.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Declared {
    /// The TOML.
    pub text: String,
    /// Its hash, as the caller computes it.
    pub hash: String,
}

/// A figure and what it was divided from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Figure {
    /// What was asked for.
    pub need: Need,
    /// The value, or why there is none.
    pub answer: Answer,
    /// What was divided, as a decimal.
    pub numerator: Option<String>,
    /// What it was divided by, as a decimal.
    pub denominator: Option<String>,
    /// Records behind it.
    pub n: u64,
    /// Records that should have counted but lack a value that the metric needs.
    #[serde(default)]
    pub missing: u64,
    /// Records of which it cannot be said whether they count.
    #[serde(default)]
    pub undecided: u64,
    /// Records whose window has not passed.
    #[serde(default)]
    pub pending: u64,
    /// Currency of money; ISO 4217.
    pub currency: Option<String>,
    /// Hash of the definition that it was computed under.
    pub definition: String,
}

/// A value, or why there is none.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Answer {
    /// A fraction, written `numerator/denominator`.
    #[serde(with = "ratio_text")]
    Value(Ratio),
    /// There is none.
    Missing {
        /// A word for programs, such as `no_data`.
        reason: String,
        /// Why, for people; no full stop.
        says: String,
    },
}

impl Figure {
    /// That there is no figure: a word for programs, and why, for people.
    pub fn missing(need: Need, reason: &str, says: &str) -> Figure {
        let says = says.trim_end_matches('.').to_owned();
        Figure {
            need,
            answer: Answer::Missing { reason: reason.to_owned(), says },
            numerator: None,
            denominator: None,
            n: 0,
            missing: 0,
            undecided: 0,
            pending: 0,
            currency: None,
            definition: String::new(),
        }
    }

    /// A figure from a cell of an answer, under the definition of this hash.
    pub fn of_cell(need: Need, cell: &Cell, definition: &str) -> Figure {
        let answer = match &cell.value {
            Ok(value) => Answer::Value(*value),
            Err(reason) => Answer::Missing { reason: reason.word().to_owned(), says: reason.to_string() },
        };
        Figure {
            need,
            answer,
            numerator: cell.numerator.map(|part| part.to_string()),
            denominator: cell.denominator.map(|part| part.to_string()),
            n: cell.n,
            missing: cell.missing,
            undecided: cell.undecided,
            pending: cell.pending,
            currency: cell.currency.clone(),
            definition: definition.to_owned(),
        }
    }
}

/// What one unit of a currency is worth in another on a day.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExchangeRate {
    /// The currency that is given, ISO 4217.
    pub from: String,
    /// The currency that is got, ISO 4217.
    pub to: String,
    /// The day of the rate.
    pub day: Date,
    /// So many of `to` for one of `from`.
    #[serde(with = "ratio_text")]
    pub rate: Ratio,
    /// Who says so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<String>,
}
