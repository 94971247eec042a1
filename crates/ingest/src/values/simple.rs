//! Whole numbers, yes and no, and durations on a clock.

use super::decimal::{Decimal, Signs};

/// What a text turned out to be as a number of a kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Number<T> {
    /// A number; the flag says whether all digits were kept.
    Is(T, bool),
    /// A number too large for its kind.
    TooLarge,
    /// No number.
    None,
}

/// Reads `3`, `-3`, `3.0`; a number with a fraction is no whole number.
pub fn whole(text: &str, signs: Signs) -> Number<i64> {
    if let Some(value) = digits(text) {
        return Number::Is(value, true);
    }
    match Decimal::read(text, signs) {
        None => Number::None,
        Some(decimal) => match decimal.scaled(1, 0) {
            Some(scaled) if !scaled.exact => Number::None,
            Some(scaled) => i64::try_from(scaled.units).map_or(Number::TooLarge, |v| Number::Is(v, true)),
            None => Number::TooLarge,
        },
    }
}

/// The common case: up to 18 digits and nothing else.
pub fn digits(text: &str) -> Option<i64> {
    let sound = (1..=18).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit());
    sound.then(|| text.bytes().fold(0, |value, digit| value * 10 + i64::from(digit - b'0')))
}

/// Reads `true`, `false`, `1`, `0`, `yes`, `no`, `y`, `n`, `t`, `f` in any case.
pub fn yes_or_no(text: &str) -> Option<bool> {
    let is = |words: &[&str]| words.iter().any(|word| text.eq_ignore_ascii_case(word));
    if is(&["1", "true", "yes", "y", "t"]) {
        Some(true)
    } else if is(&["0", "false", "no", "n", "f"]) {
        Some(false)
    } else {
        None
    }
}

/// Reads `h:mm:ss` or `mm:ss`, with an optional fraction of the second and an optional sign, in milliseconds.
/// Only the first part may exceed its natural bound.
pub fn clock_ms(text: &str) -> Number<i64> {
    let (sign, rest) = match text.strip_prefix('-') {
        Some(rest) => (-1, rest),
        None => (1, text),
    };
    let (rest, seconds) = match rest.rsplit_once(':') {
        Some(parts) => parts,
        None => return Number::None,
    };
    let (hours, minutes) = match rest.split_once(':') {
        Some((hours, minutes)) => (hours, Some(minutes)),
        None => ("0", None),
    };
    let first = if minutes.is_some() { hours } else { rest };
    let (whole_seconds, _) = seconds.split_once('.').unwrap_or((seconds, ""));
    let below_60 = |part: &str| (1..=2).contains(&part.len()) && digits(part).is_some_and(|n| n < 60);
    let within = digits(first).is_some() && minutes.is_none_or(below_60) && below_60(whole_seconds);
    let Some(fraction) = Decimal::plain(seconds).filter(|_| within && !seconds.contains(['e', 'E'])) else {
        return Number::None;
    };
    let Some(seconds_ms) = fraction.scaled(1000, 0) else { return Number::None };
    let minutes_of = |part: &str| digits(part).unwrap_or(0);
    let total_minutes = match minutes {
        Some(minutes) => minutes_of(hours).checked_mul(60).and_then(|m| m.checked_add(minutes_of(minutes))),
        None => Some(minutes_of(rest)),
    };
    let total = total_minutes
        .and_then(|m| m.checked_mul(60_000))
        .and_then(|ms| ms.checked_add(i64::try_from(seconds_ms.units).ok()?));
    total.map_or(Number::TooLarge, |ms| Number::Is(sign * ms, seconds_ms.exact))
}

/// Reads `h:mm` as hours and minutes, with an optional sign, in milliseconds. A text of three parts is none: beside
/// such texts, two parts are minutes and seconds.
pub fn hours_minutes_ms(text: &str) -> Number<i64> {
    let (sign, rest) = match text.strip_prefix('-') {
        Some(rest) => (-1, rest),
        None => (1, text),
    };
    let Some((hours, minutes)) = rest.split_once(':') else { return Number::None };
    let minutes = digits(minutes).filter(|minutes| *minutes < 60);
    let (Some(hours), Some(minutes)) = (digits(hours), minutes) else { return Number::None };
    let total =
        hours.checked_mul(60).and_then(|m| m.checked_add(minutes)).and_then(|m| m.checked_mul(60_000));
    total.map_or(Number::TooLarge, |ms| Number::Is(sign * ms, true))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whole_numbers_may_carry_a_zero_fraction_but_no_other() {
        for (text, wanted) in [
            ("3", Number::Is(3, true)),
            ("3.0", Number::Is(3, true)),
            ("-7", Number::Is(-7, true)),
            ("007", Number::Is(7, true)),
            ("9223372036854775807", Number::Is(i64::MAX, true)),
            ("9223372036854775808", Number::TooLarge),
            ("3.5", Number::None),
            ("1,000", Number::None),
            ("three", Number::None),
        ] {
            assert_eq!(whole(text, Signs::Plain), wanted, "{text}");
        }
        assert_eq!(whole("1.000", Signs::Comma), Number::Is(1000, true));
    }

    #[test]
    fn yes_and_no_are_read_in_any_case() {
        assert_eq!(["TRUE", "Y", "1", "Yes"].map(yes_or_no), [Some(true); 4]);
        assert_eq!(["False", "n", "0", "NO"].map(yes_or_no), [Some(false); 4]);
        assert_eq!(["", "maybe", "2"].map(yes_or_no), [None; 3]);
    }

    #[test]
    fn clocks_are_read_to_the_millisecond() {
        for (text, wanted) in [
            ("0:00:00", Number::Is(0, true)),
            ("1:02:03", Number::Is(3_723_000, true)),
            ("26:00:00", Number::Is(93_600_000, true)),
            ("02:03", Number::Is(123_000, true)),
            ("90:15", Number::Is(5_415_000, true)),
            ("0:00:01.5", Number::Is(1500, true)),
            ("0:00:01.0005", Number::Is(1000, false)),
            ("-0:00:05", Number::Is(-5000, true)),
            ("1:60:00", Number::None),
            ("1:00:60", Number::None),
            ("1:2:3:4", Number::None),
            ("5", Number::None),
            ("a:00", Number::None),
            (":30", Number::None),
            ("1:1e1", Number::None),
            ("1:+1", Number::None),
            ("999999999999999999:00:00", Number::TooLarge),
        ] {
            assert_eq!(clock_ms(text), wanted, "{text}");
        }
    }

    #[test]
    fn hours_and_minutes_are_read_from_two_parts_and_from_no_other_text() {
        for (text, wanted) in [
            ("7:00", Number::Is(25_200_000, true)),
            ("07:30", Number::Is(27_000_000, true)),
            ("0:05", Number::Is(300_000, true)),
            ("162:45", Number::Is(585_900_000, true)),
            ("-1:00", Number::Is(-3_600_000, true)),
            ("1:02:03", Number::None),
            ("7:60", Number::None),
            ("7:30.5", Number::None),
            ("7", Number::None),
            (":30", Number::None),
            ("7:", Number::None),
            ("999999999999999999:00", Number::TooLarge),
        ] {
            assert_eq!(hours_minutes_ms(text), wanted, "{text}");
        }
    }
}
