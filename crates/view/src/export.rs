//! A table of figures for programs, sheets and terminals.
//!
//! Nothing is rounded away here that could be kept: parts are exact, and a ratio has 18 digits after its point.
//! Nothing is cut either: every row of the table is in every export.

mod csv;
pub(crate) mod gap;
mod guard;
mod json;
mod ledger;
mod ranking;
mod standing;
mod text;
mod today;
mod today_text;
mod why;
mod workbook;

pub use csv::{csv, csv_record};
pub use json::json;
pub use ledger::ledger;
pub use ranking::ranking;
pub use standing::{scorecard, standings};
pub use text::{plain, text};
pub use today::today;
pub(crate) use today_text::pace_of;
pub use today_text::{Part as TodayPart, lead_text, today_parts};
pub use why::why;
pub(crate) use workbook::sheet as scorecard_sheet;
pub use workbook::{balanced_workbook, workbook};

use dialmark_metrics::Exact;
use dialmark_metrics::Ratio;

/// Digits after the point of an exported ratio.
const RATIO_PLACES: usize = 18;

/// Whole numbers up to this one survive a reader that keeps numbers as doubles: 2^53.
const EXACT_IN_A_DOUBLE: i128 = 1 << 53;

/// A simple metric's value, back from the fraction as which it travels: its own measure, unrounded.
fn decimal(value: Ratio) -> String {
    value.decimal(RATIO_PLACES)
}

/// The whole number in an exact value, when there is no fraction and every reader can hold it.
fn readable_integer(value: Exact) -> Option<i64> {
    let whole = value.as_integer().filter(|w| w.unsigned_abs() <= EXACT_IN_A_DOUBLE.unsigned_abs())?;
    i64::try_from(whole).ok()
}
