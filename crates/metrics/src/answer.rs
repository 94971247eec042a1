//! An answer: plain values with everything that a reader needs to trust or doubt them.

use dialmark_model::civil::{Grain, Period};
use jiff::Timestamp;
use jiff::civil::Date;

mod cell;
mod spread;
mod sum;

use crate::exact::{Exact, Ratio};
use crate::metric::{Direction, Unit};

pub use spread::Spread;
pub use sum::Sum;

/// Figures by dimension.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MetricTable {
    /// Names of the dimensions, the time bucket first when a grain was asked for.
    pub dimensions: Vec<String>,
    /// What each column of cells is.
    pub metrics: Vec<MetricHeader>,
    /// One row a combination of dimensions that has records, in the order of the keys.
    pub rows: Vec<Row>,
    /// Which time was asked for.
    pub period: Period,
    /// Grain of the first dimension, when there is one.
    pub grain: Option<Grain>,
    /// Zone of civil days, when one was named.
    pub zone: Option<String>,
    /// First and last instant (or start of day) of the records that were read, by the time they are placed by.
    pub seen: Option<(Timestamp, Timestamp)>,
    /// What the reader should know.
    pub notes: Vec<String>,
}

/// What one column of cells is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MetricHeader {
    /// As it was asked for.
    pub asked: String,
    /// The metric.
    pub metric: String,
    /// The variant that was used.
    pub variant: String,
    /// Name to show.
    pub label: String,
    /// How the value is to be read.
    pub unit: Unit,
    /// Which way is better.
    pub direction: Direction,
    /// Kind of the formula: `simple`, `ratio`, `derived`, `cumulative`, `conversion` or `distribution`.
    pub kind: &'static str,
    /// Table of the numerator (or of the measure).
    pub table: String,
}

/// One combination of dimensions.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// Values of the dimensions.
    pub keys: Vec<Key>,
    /// One cell a metric.
    pub cells: Vec<Cell>,
}

/// A value of a dimension.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Key {
    /// The records have none.
    None,
    /// Yes or no.
    Bool(bool),
    /// A whole number.
    Integer(i64),
    /// A decimal.
    Number(ExactKey),
    /// A civil day, or the first day of a week, month, quarter or year.
    Day(Date),
    /// An instant: the start of a quarter of an hour, half hour or hour.
    At(Timestamp),
    /// A day of the week, Monday first.
    Weekday(u8),
    /// A text.
    Text(String),
}

/// A decimal that can be a key: compared as units and scale.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ExactKey {
    /// Units.
    pub units: i128,
    /// Digits after the point.
    pub scale: u8,
}

impl std::fmt::Display for Key {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Key::None => Ok(()),
            Key::Bool(yes) => write!(out, "{yes}"),
            Key::Integer(number) => write!(out, "{number}"),
            Key::Number(n) => match Exact::new(n.units, n.scale) {
                Some(exact) => write!(out, "{exact}"),
                None => write!(out, "{}e-{}", n.units, n.scale),
            },
            Key::Day(day) => write!(out, "{day}"),
            Key::At(at) => write!(out, "{at}"),
            Key::Weekday(day) => {
                let words = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"];
                out.write_str(words.get(usize::from(*day)).copied().unwrap_or("?"))
            }
            Key::Text(text) => out.write_str(text),
        }
    }
}

/// One figure.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cell {
    /// The value, or why there is none.
    pub value: Result<Ratio, Reason>,
    /// What was divided (the measure itself, for a simple metric).
    pub numerator: Option<Exact>,
    /// What it was divided by.
    pub denominator: Option<Exact>,
    /// Records behind the denominator (behind the measure, for a simple metric).
    pub n: u64,
    /// Records that should have counted but lack a value that the measure needs.
    pub missing: u64,
    /// Records of which it cannot be said whether they count: their code stands in no map, or a value that the
    /// condition asks for is not there. They are not counted.
    pub undecided: u64,
    /// Base events of a conversion whose window has not passed: neither converted nor failed.
    pub pending: u64,
    /// Bars of a histogram: from where, and how many values; each as wide as the metric says.
    pub bars: Vec<(Exact, u64)>,
    /// Currency of a sum of money.
    pub currency: Option<String>,
}

/// Why there is no value.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Reason {
    /// No record at all in this place and time.
    NoData,
    /// The denominator is zero.
    ZeroDenominator,
    /// No record has the value that the measure needs.
    NothingFilled(String),
    /// Sums of different currencies.
    MixedCurrencies,
    /// A part does not fit 128 bits.
    TooLarge,
    /// The window of none of the base events has passed.
    NotMatured,
    /// The window begins before the data does.
    WindowExceedsData,
    /// The definition changed within the bucket to one that cannot be added to the one before.
    DefinitionChanged,
}

impl Reason {
    /// A word for programs.
    pub const fn word(&self) -> &'static str {
        match self {
            Reason::NoData => "no_data",
            Reason::ZeroDenominator => "zero_denominator",
            Reason::NothingFilled(_) => "nothing_filled",
            Reason::MixedCurrencies => "mixed_currencies",
            Reason::TooLarge => "too_large",
            Reason::NotMatured => "not_matured",
            Reason::WindowExceedsData => "window_exceeds_data",
            Reason::DefinitionChanged => "definition_changed",
        }
    }
}

impl std::fmt::Display for Reason {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Reason::NoData => write!(out, "no record in this place and time"),
            Reason::ZeroDenominator => write!(out, "nothing to divide by"),
            Reason::NothingFilled(what) => write!(out, "no record has a value for {what}"),
            Reason::MixedCurrencies => write!(out, "the sums are in different currencies"),
            Reason::TooLarge => write!(out, "the sums are too large"),
            Reason::NotMatured => write!(out, "no window has passed yet"),
            Reason::WindowExceedsData => write!(out, "the window begins before the data does"),
            Reason::DefinitionChanged => write!(out, "the definition changed within this time"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sum(total: i128, n: u64) -> Sum {
        Sum { total: Some(Exact::integer(total)), n, ..Sum::default() }
    }

    #[test]
    fn ratio_is_null_when_denominator_is_zero() {
        let cell = Cell::ratio(Some(&sum(0, 0)), Some(&sum(0, 0)), 1);
        assert_eq!(cell.value, Err(Reason::ZeroDenominator));
        assert_eq!(cell.denominator, Some(Exact::ZERO));
    }

    #[test]
    fn no_data_is_not_zero() {
        assert_eq!(Cell::simple(None).value, Err(Reason::NoData));
        assert_eq!(Cell::simple(Some(&sum(0, 0))).value.unwrap().decimal(3), "0");
    }

    #[test]
    fn a_sum_over_values_that_nobody_filled_says_so() {
        let empty = Sum { n: 5, missing: 5, reads: "wrap_ms".to_owned(), ..Sum::default() };
        let cell = Cell::ratio(Some(&empty), Some(&sum(5, 5)), 1);
        assert_eq!(cell.value, Err(Reason::NothingFilled("wrap_ms".to_owned())));
        assert_eq!(cell.missing, 5);
    }

    #[test]
    fn currencies_are_never_added_together() {
        let mixed = Sum { currencies: Some(("EUR".to_owned(), "GBP".to_owned())), ..sum(10, 2) };
        assert_eq!(Cell::simple(Some(&mixed)).value, Err(Reason::MixedCurrencies));
        let one = Sum { currencies: Some(("GBP".to_owned(), "GBP".to_owned())), ..sum(10, 2) };
        assert_eq!(Cell::simple(Some(&one)).currency.as_deref(), Some("GBP"));
    }
}
