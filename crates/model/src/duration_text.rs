//! Durations as people write them in TOML and on the command line: `35 days`, `7d`, `12h`, `90 min`, `30s`.
//!
//! `m` alone is refused: it could be minutes or months, and a guess would be wrong by a factor of 43,000.

use std::fmt;

const SECOND_MS: u64 = 1_000;
const MINUTE_MS: u64 = 60 * SECOND_MS;
const HOUR_MS: u64 = 60 * MINUTE_MS;
/// A day of a duration is 24 hours; civil days, which may have 23 or 25, are in [`crate::civil`].
pub const DAY_MS: u64 = 24 * HOUR_MS;

const UNITS: [(&[&str], u64); 6] = [
    (&["ms", "millisecond", "milliseconds"], 1),
    (&["s", "sec", "second", "seconds"], SECOND_MS),
    (&["min", "minute", "minutes"], MINUTE_MS),
    (&["h", "hour", "hours"], HOUR_MS),
    (&["d", "day", "days"], DAY_MS),
    (&["w", "week", "weeks"], 7 * DAY_MS),
];

/// A text that is not a duration.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NotADuration {
    /// There is no whole number in front.
    NoNumber(String),
    /// There is a number and no unit.
    NoUnit(String),
    /// `m`, which could be minutes or months.
    Ambiguous(String),
    /// The unit is not known.
    UnknownUnit(String),
    /// More milliseconds than can be counted.
    TooLong(String),
}

impl fmt::Display for NotADuration {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let example = "Write a whole number and a unit, such as `35 days`, `7d`, `12h`, `90 min` or `30s`.";
        match self {
            NotADuration::NoNumber(text) => {
                write!(out, "`{text}` does not begin with a whole number. {example}")
            }
            NotADuration::NoUnit(text) => write!(out, "`{text}` has no unit. {example}"),
            NotADuration::Ambiguous(text) => {
                write!(out, "`{text}` could mean minutes or months. Write `min` for minutes.")
            }
            NotADuration::UnknownUnit(text) => write!(out, "the unit of `{text}` is not known. {example}"),
            NotADuration::TooLong(text) => write!(out, "`{text}` is too long to be counted in milliseconds."),
        }
    }
}

impl std::error::Error for NotADuration {}

/// Milliseconds of a duration text.
pub fn parse_ms(text: &str) -> Result<u64, NotADuration> {
    let trimmed = text.trim();
    let digits = trimmed.find(|c: char| !c.is_ascii_digit()).unwrap_or(trimmed.len());
    let (number, unit) = trimmed.split_at(digits);
    let unit = unit.trim();
    if number.is_empty() {
        return Err(NotADuration::NoNumber(text.to_owned()));
    }
    match unit {
        "" => return Err(NotADuration::NoUnit(text.to_owned())),
        "m" | "M" => return Err(NotADuration::Ambiguous(text.to_owned())),
        _ => {}
    }
    let Some((_, unit_ms)) = UNITS.iter().find(|(words, _)| words.contains(&unit)) else {
        return Err(NotADuration::UnknownUnit(text.to_owned()));
    };
    let number: u64 = number.parse().map_err(|_| NotADuration::TooLong(text.to_owned()))?;
    number
        .checked_mul(*unit_ms)
        // Signed arithmetic on instants must be able to hold it.
        .filter(|ms| i64::try_from(*ms).is_ok())
        .ok_or_else(|| NotADuration::TooLong(text.to_owned()))
}

/// Whole days of a duration text, rounded up: whoever looks back 36 hours wants no less than two days.
pub fn parse_days(text: &str) -> Result<u32, NotADuration> {
    let days = parse_ms(text)?.div_ceil(DAY_MS);
    u32::try_from(days).map_err(|_| NotADuration::TooLong(text.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_read_with_and_without_a_space() {
        for (text, ms) in [
            ("35 days", 35 * DAY_MS),
            ("7d", 7 * DAY_MS),
            ("12h", 43_200_000),
            ("30s", 30_000),
            ("90 min", 5_400_000),
            ("  1 week ", 7 * DAY_MS),
            ("250ms", 250),
            ("0s", 0),
        ] {
            assert_eq!(parse_ms(text), Ok(ms), "{text}");
        }
    }

    #[test]
    fn what_is_not_a_duration_says_why() {
        let why = |text: &str| parse_ms(text).unwrap_err();
        assert_eq!(why("days"), NotADuration::NoNumber("days".into()));
        assert_eq!(why("-3 days"), NotADuration::NoNumber("-3 days".into()));
        assert_eq!(why(""), NotADuration::NoNumber(String::new()));
        assert_eq!(why("35"), NotADuration::NoUnit("35".into()));
        assert_eq!(why("5m"), NotADuration::Ambiguous("5m".into()));
        assert_eq!(why("1.5h"), NotADuration::UnknownUnit("1.5h".into()));
        assert_eq!(why("3 fortnights"), NotADuration::UnknownUnit("3 fortnights".into()));
        assert_eq!(why("99999999999999999999 s"), NotADuration::TooLong("99999999999999999999 s".into()));
        assert_eq!(why("9223372036854775807 d"), NotADuration::TooLong("9223372036854775807 d".into()));
    }

    #[test]
    fn days_are_rounded_up() {
        assert_eq!(parse_days("36h"), Ok(2));
        assert_eq!(parse_days("35 days"), Ok(35));
        assert_eq!(parse_days("0d"), Ok(0));
        assert!(parse_days("9999999999 days").is_err());
    }
}
