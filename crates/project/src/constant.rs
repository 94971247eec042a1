//! Texts that stand in a declaration in place of a source's: they must be readable, since every row has them.

use dialmark_model::Kind;
use dialmark_model::source::{DurationUnit, Read};

/// Why `text` cannot be read as a value of this kind, if it cannot.
pub(crate) fn unreadable(kind: Kind, read: &Read, text: &str) -> Option<&'static str> {
    let readable = match (kind, read) {
        (Kind::Text | Kind::Phone | Kind::Code, _) => true,
        (Kind::Bool, _) => matches!(text, "true" | "false"),
        (Kind::Integer, _) => text.parse::<i64>().is_ok(),
        (Kind::Instant, Read::Plain) => {
            text.parse::<jiff::Timestamp>().is_ok() || text.parse::<jiff::civil::DateTime>().is_ok()
        }
        (Kind::Day, Read::Plain) => text.parse::<jiff::civil::Date>().is_ok(),
        (Kind::Amount | Kind::Number, Read::Plain) => is_decimal(text),
        (Kind::Duration, Read::Unit(DurationUnit::Clock | DurationUnit::HoursMinutes)) => true,
        (Kind::Duration, Read::Unit(_)) => is_decimal(text),
        // Read by a format that the importer knows; it says so when a text does not fit.
        _ => true,
    };
    (!readable).then_some(match kind {
        Kind::Bool => "`true` or `false`",
        Kind::Integer => "a whole number",
        Kind::Instant => "an instant such as `2026-11-21T09:00:00Z`",
        Kind::Day => "a day such as `2026-11-21`",
        _ => "a number such as `12.5`",
    })
}

fn is_decimal(text: &str) -> bool {
    let unsigned = text.strip_prefix(['-', '+']).unwrap_or(text);
    let (whole, fraction) = unsigned.split_once('.').unwrap_or((unsigned, "0"));
    let digits = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
    digits(whole) && digits(fraction)
}
