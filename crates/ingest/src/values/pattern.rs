//! Dates and times in a `strftime` pattern, such as `%d/%m/%Y %H:%M`.
//!
//! jiff's `strtime` is the definition. Patterns of numbers alone, which are nearly all, are read by own code
//! several times as fast; a property test holds it to jiff.

use jiff::fmt::strtime::BrokenDownTime;

use super::iso::Moment;
use super::wall::{Wall, day_of_date};

/// A pattern, ready to read.
#[derive(Debug, Clone)]
pub struct Pattern {
    text: String,
    quick: Option<Vec<Step>>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Step {
    Number(Part, usize),
    Literal(u8),
    Space,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Part {
    Year,
    ShortYear,
    Month,
    Day,
    Hour,
    Minute,
    Second,
}

impl Pattern {
    /// Checks a pattern. The error is a sentence.
    pub fn new(text: &str) -> Result<Pattern, String> {
        // A pattern that cannot print a known moment cannot read one either.
        let sample =
            jiff::civil::date(2026, 11, 21).at(10, 30, 5, 0).in_tz("UTC").map_err(|e| e.to_string())?;
        BrokenDownTime::from(&sample)
            .to_string(text)
            .map_err(|e| format!("`{text}` is not a pattern of date and time: {e}."))?;
        Ok(Pattern { text: text.to_owned(), quick: compile(text) })
    }

    /// Reads a text; `None` when it does not fit the pattern or is no moment.
    pub fn read(&self, text: &str) -> Option<Moment> {
        match &self.quick {
            Some(steps) => quick(steps, text.as_bytes()),
            None => thorough(&self.text, text),
        }
    }
}

fn compile(pattern: &str) -> Option<Vec<Step>> {
    let mut steps = Vec::new();
    let mut bytes = pattern.bytes();
    while let Some(byte) = bytes.next() {
        match byte {
            b'%' => match bytes.next()? {
                b'Y' => steps.push(Step::Number(Part::Year, 4)),
                b'y' => steps.push(Step::Number(Part::ShortYear, 2)),
                b'm' => steps.push(Step::Number(Part::Month, 2)),
                b'd' => steps.push(Step::Number(Part::Day, 2)),
                b'H' => steps.push(Step::Number(Part::Hour, 2)),
                b'M' => steps.push(Step::Number(Part::Minute, 2)),
                b'S' => steps.push(Step::Number(Part::Second, 2)),
                b'F' => steps.extend(compile("%Y-%m-%d")?),
                b'T' => steps.extend(compile("%H:%M:%S")?),
                b'R' => steps.extend(compile("%H:%M")?),
                b'D' => steps.extend(compile("%m/%d/%y")?),
                _ => return None,
            },
            space if space.is_ascii_whitespace() => steps.push(Step::Space),
            other if other.is_ascii() => steps.push(Step::Literal(other)),
            _ => return None,
        }
    }
    let has = |part| steps.iter().filter(|step| matches!(step, Step::Number(p, _) if *p == part)).count();
    let once = [Part::Month, Part::Day].iter().all(|part| has(*part) == 1)
        && has(Part::Year) + has(Part::ShortYear) == 1
        && [Part::Hour, Part::Minute, Part::Second].iter().all(|part| has(*part) <= 1);
    // Minutes without hours and the like have no plain meaning; jiff decides what it makes of them.
    let ordered = has(Part::Minute) <= has(Part::Hour) && has(Part::Second) <= has(Part::Minute);
    (once && ordered).then_some(steps)
}

fn quick(steps: &[Step], text: &[u8]) -> Option<Moment> {
    let mut rest = text;
    let (mut year, mut month, mut day) = (0, 0, 0);
    let (mut hour, mut minute, mut second) = (None, 0, 0);
    for step in steps {
        match step {
            Step::Space => rest = rest.trim_ascii_start(),
            Step::Literal(byte) => rest = rest.strip_prefix(&[*byte])?,
            Step::Number(part, width) => {
                let (value, after) = number(rest.trim_ascii_start(), *width)?;
                rest = after;
                match part {
                    Part::Year => year = value,
                    Part::ShortYear => year = if value < 69 { 2000 + value } else { 1900 + value },
                    Part::Month => month = value,
                    Part::Day => day = value,
                    Part::Hour if value <= 23 => hour = Some(value),
                    Part::Minute if value <= 59 => minute = value,
                    // A leap second is the last second of its minute, as jiff has it.
                    Part::Second if value <= 60 => second = value.min(59),
                    Part::Hour | Part::Minute | Part::Second => return None,
                }
            }
        }
    }
    if !rest.is_empty() {
        return None;
    }
    let time_us = ((hour.unwrap_or(0) * 60 + minute) * 60 + second) * 1_000_000;
    let wall = Wall::new(year, month, day, time_us)?;
    Some(if hour.is_some() { Moment::Local(wall) } else { Moment::Day(wall.day()) })
}

/// Reads one to `width` digits.
fn number(text: &[u8], width: usize) -> Option<(i64, &[u8])> {
    let digits = text.iter().take(width).take_while(|b| b.is_ascii_digit()).count();
    let (number, rest) = text.split_at(digits);
    let value = number.iter().fold(0, |value, digit| value * 10 + i64::from(digit - b'0'));
    (digits > 0).then_some((value, rest))
}

fn thorough(pattern: &str, text: &str) -> Option<Moment> {
    let mut broken_down = BrokenDownTime::parse(pattern, text).ok()?;
    // A month stands for its first day; what names a day that does not exist stands for none.
    let is_month = broken_down.day().is_none() && broken_down.day_of_year().is_none();
    if is_month && broken_down.month().is_some() && broken_down.hour().is_none() {
        broken_down.set_day(Some(1)).ok()?;
    }
    if let Ok(at) = broken_down.to_timestamp() {
        return Some(Moment::Instant(at.as_microsecond()));
    }
    let date = broken_down.to_date().ok()?;
    if broken_down.hour().is_none() {
        return Some(Moment::Day(day_of_date(date)));
    }
    let wall = Wall::from_civil(date.to_datetime(broken_down.to_time().ok()?));
    Some(match broken_down.iana_time_zone() {
        Some(zone) => Moment::LocalIn(wall, zone.to_owned()),
        None => Moment::Local(wall),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn local(pattern: &str, text: &str) -> Option<String> {
        match Pattern::new(pattern).unwrap().read(text)? {
            Moment::Local(wall) => wall.to_civil().map(|at| at.to_string()),
            Moment::Day(day) => {
                Wall(day * super::super::wall::DAY_US).to_civil().map(|at| at.date().to_string())
            }
            other => Some(format!("{other:?}")),
        }
    }

    #[test]
    fn patterns_read_what_exports_write() {
        for (pattern, text, wanted) in [
            ("%y%m%d %H:%M:%S", "990201 7:02:47", Some("1999-02-01T07:02:47")),
            ("%Y/%m/%d %H:%M", "2020/2/10 22:41", Some("2020-02-10T22:41:00")),
            ("%d.%m.%Y %T", "01.12.2026 00:00:09", Some("2026-12-01T00:00:09")),
            ("%d/%m/%Y", "28/2/2026", Some("2026-02-28")),
            ("%m/%d/%Y %I:%M %p", "2/28/2026 1:05 PM", Some("2026-02-28T13:05:00")),
            ("%d-%b-%Y %H:%M", "03-Mar-2026 09:30", Some("2026-03-03T09:30:00")),
            ("%Y-%m-%d %H:%M:%S%.f", "2026-03-03 09:30:00.25", Some("2026-03-03T09:30:00.25")),
            ("%Y-%m", "2026-11", Some("2026-11-01")),
            ("%b %Y", "Nov 2026", Some("2026-11-01")),
            ("%d-%b-%Y", "31-Feb-2026", None),
            ("%d/%m/%Y", "31/02/2026", None),
            ("%d/%m/%Y %H:%M", "01/02/2026 24:00", None),
            ("%d/%m/%Y", "01/02/2026 10:00", None),
            ("%d/%m/%Y", "", None),
        ] {
            assert_eq!(local(pattern, text).as_deref(), wanted, "{pattern} {text}");
        }
    }

    #[test]
    fn an_offset_in_the_text_decides() {
        let pattern = Pattern::new("%d/%m/%Y %H:%M %z").unwrap();
        assert_eq!(pattern.read("01/01/1970 01:00 +0100"), Some(Moment::Instant(0)));
    }

    #[test]
    fn a_pattern_that_means_nothing_is_an_error() {
        assert!(Pattern::new("%d/%&").unwrap_err().contains("not a pattern"));
    }

    proptest! {
        #[test]
        fn own_reading_agrees_with_jiff(
            pattern in prop::sample::select(vec!["%y%m%d %H:%M:%S", "%d/%m/%Y %H:%M", "%Y-%m-%d", "%m/%d/%y %R", "%F %T"]),
            text in "[0-9]{1,4}[-/ ]?[0-9]{1,2}[-/ ]?[0-9]{1,4} ?[0-9]{1,2}(:[0-9]{1,2}){0,2}",
        ) {
            let ours = Pattern::new(pattern).unwrap().read(&text);
            prop_assert_eq!(ours, thorough(pattern, &text));
        }
    }
}
