//! Dates and times as ISO 8601 and its everyday cousins write them.

use jiff::fmt::temporal::Pieces;

use super::wall::{Wall, day_number};

/// A moment as a text states it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Moment {
    /// With `Z` or an offset: microseconds since 1970.
    Instant(i64),
    /// On the wall, in the source's zone.
    Local(Wall),
    /// On the wall of the zone that the text names.
    LocalIn(Wall, String),
    /// A date without a time.
    Day(i64),
}

/// Reads `2026-11-21T10:30:05.123Z`, `2026-11-21 10:30`, `2026-11-21`, `2026-11-21T10:30+01:00`.
/// What the quick reading does not know is tried with jiff, which knows all of ISO 8601's forms of a moment.
pub fn read(text: &str) -> Option<Moment> {
    quick(text.as_bytes()).or_else(|| thorough(text)).or_else(|| beyond(text.as_bytes()))
}

/// A date with a signed year of more than four digits, as databases write times at the ends of their range. It is
/// a moment all the same, only one beyond all sense.
fn beyond(text: &[u8]) -> Option<Moment> {
    let [sign @ (b'+' | b'-'), rest @ ..] = text else { return None };
    let digits = rest.iter().take_while(|b| b.is_ascii_digit()).count();
    let (year, rest) = rest.split_at(digits);
    let [b'-', m1, m2, b'-', d1, d2, rest @ ..] = rest else { return None };
    let is_date = (1..=12).contains(&two(m1, m2)?) && (1..=31).contains(&two(d1, d2)?);
    let is_whole = matches!(rest, [] | [b'T' | b't' | b' ', ..]);
    let far = if *sign == b'-' { i64::MIN } else { i64::MAX };
    (is_date && is_whole && (5..=12).contains(&year.len())).then_some(Moment::Instant(far))
}

fn quick(text: &[u8]) -> Option<Moment> {
    let [y1, y2, y3, y4, b'-', m1, m2, b'-', d1, d2, rest @ ..] = text else { return None };
    let year = two(y1, y2)? * 100 + two(y3, y4)?;
    let (month, day) = (two(m1, m2)?, two(d1, d2)?);
    let [b'T' | b't' | b' ', h1, h2, b':', n1, n2, rest @ ..] = rest else {
        return if rest.is_empty() { Some(Moment::Day(day_number(year, month, day)?)) } else { None };
    };
    let (hour, minute) = (two(h1, h2)?, two(n1, n2)?);
    let (second, rest) = match rest {
        [b':', s1, s2, rest @ ..] => (two(s1, s2)?, rest),
        rest => (0, rest),
    };
    if hour > 23 || minute > 59 || second > 59 {
        return None;
    }
    let (fraction_us, rest) = match rest {
        [b'.' | b',', rest @ ..] => fraction(rest)?,
        rest => (0, rest),
    };
    let wall = Wall::new(year, month, day, ((hour * 60 + minute) * 60 + second) * 1_000_000 + fraction_us)?;
    match rest {
        [] => Some(Moment::Local(wall)),
        [b'Z' | b'z'] => Some(Moment::Instant(wall.0)),
        _ => Some(Moment::Instant(wall.0 - offset_us(rest)?)),
    }
}

fn two(tens: &u8, ones: &u8) -> Option<i64> {
    let sound = tens.is_ascii_digit() && ones.is_ascii_digit();
    sound.then(|| i64::from(tens - b'0') * 10 + i64::from(ones - b'0'))
}

/// Microseconds of a fraction of a second, rounded down, and what follows it.
pub fn fraction(text: &[u8]) -> Option<(i64, &[u8])> {
    let digits = text.iter().take_while(|b| b.is_ascii_digit()).count();
    if digits == 0 {
        return None;
    }
    let (fraction, rest) = text.split_at(digits);
    let mut us = 0;
    let mut unit = 100_000;
    for digit in fraction {
        us += i64::from(digit - b'0') * unit;
        unit /= 10;
    }
    Some((us, rest))
}

/// Reads `+01:00`, `+0100`, `+01`.
fn offset_us(text: &[u8]) -> Option<i64> {
    let (sign, rest) = match text {
        [b'+', rest @ ..] => (1, rest),
        [b'-', rest @ ..] => (-1, rest),
        _ => return None,
    };
    let (hours, minutes) = match rest {
        [h1, h2] => (two(h1, h2)?, 0),
        [h1, h2, m1, m2] | [h1, h2, b':', m1, m2] => (two(h1, h2)?, two(m1, m2)?),
        _ => return None,
    };
    (hours <= 15 && minutes <= 59).then_some(sign * (hours * 60 + minutes) * 60_000_000)
}

fn thorough(text: &str) -> Option<Moment> {
    let pieces = Pieces::parse(text).ok()?;
    let day = super::wall::day_of_date(pieces.date());
    let Some(time) = pieces.time() else { return Some(Moment::Day(day)) };
    let wall = Wall::from_civil(pieces.date().to_datetime(time));
    if let Some(offset) = pieces.to_numeric_offset() {
        return Some(Moment::Instant(wall.0 - i64::from(offset.seconds()) * 1_000_000));
    }
    match pieces.time_zone_annotation().map(jiff::fmt::temporal::TimeZoneAnnotation::kind) {
        None => Some(Moment::Local(wall)),
        Some(jiff::fmt::temporal::TimeZoneAnnotationKind::Named(name)) => {
            Some(Moment::LocalIn(wall, name.as_str().to_owned()))
        }
        Some(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_usual_forms_are_read() {
        let at = Wall::new(2026, 11, 21, ((10 * 60 + 30) * 60 + 5) * 1_000_000).unwrap();
        let minute = Wall(at.0 - 5_000_000);
        for (text, wanted) in [
            ("2026-11-21T10:30:05Z", Some(Moment::Instant(at.0))),
            ("2026-11-21 10:30:05z", Some(Moment::Instant(at.0))),
            ("2026-11-21T10:30:05", Some(Moment::Local(at))),
            ("2026-11-21 10:30", Some(Moment::Local(minute))),
            ("2026-11-21 10:30:05.1234567", Some(Moment::Local(Wall(at.0 + 123_456)))),
            ("2026-11-21T10:30:05,5+01:00", Some(Moment::Instant(at.0 - 3_600_000_000 + 500_000))),
            ("2026-11-21T10:30:05-0330", Some(Moment::Instant(at.0 + 12_600_000_000))),
            ("2026-11-21T10:30:05+01", Some(Moment::Instant(at.0 - 3_600_000_000))),
            ("2026-11-21T10:30:05[Europe/Paris]", Some(Moment::LocalIn(at, "Europe/Paris".into()))),
            ("20261121T103005Z", Some(Moment::Instant(at.0))),
            ("2026-11-21", Some(Moment::Day(at.day()))),
            ("20261121", Some(Moment::Day(at.day()))),
            ("2026-02-30 10:00:00", None),
            ("2026-11-21 24:00:00", None),
            ("2026-11-21 10:60:00", None),
            ("21/11/2026 10:30", None),
            ("10:30:05", None),
            ("2026-11-21T", None),
            ("+294247-01-10T04:00:54.775807Z", Some(Moment::Instant(i64::MAX))),
            ("-29719-04-05", Some(Moment::Instant(i64::MIN))),
            ("+49301-23-45", None),
            ("0000-00-00 00:00:00", None),
            ("", None),
        ] {
            assert_eq!(read(text), wanted, "{text}");
        }
    }
}
