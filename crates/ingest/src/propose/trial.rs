//! Holds a proposed reading against the values that it was made from: what reads none of them is no proposal.

use dialmark_model::Kind;
use dialmark_model::source::{DurationUnit, Read};
use jiff::tz::TimeZone;

use super::reading::Reading;
use super::sample::Sample;
use crate::values::{Cell, Reader};

/// The reading, with a remark when it leaves some values unread; `None` when it reads less than half of them.
pub fn tried(kind: Kind, mut reading: Reading, sample: &Sample) -> Option<Reading> {
    let Some(mut reader) = reader(kind, &reading) else { return Some(reading) };
    let parts: Vec<usize> =
        reading.from.iter().filter_map(|name| sample.column(name)).map(|column| column.at).collect();
    let (mut tried, mut unread, mut example) = (0_usize, 0_usize, None);
    for row in &sample.rows {
        let texts: Vec<&str> = parts.iter().filter_map(|at| row.get(*at)).map(String::as_str).collect();
        let nothing = |text: &&str| text.is_empty() || reading.null.iter().any(|null| null == text);
        if texts.iter().any(nothing) {
            continue;
        }
        let text = texts.join(" ");
        tried += 1;
        if reader.read(&text).cell == Cell::Null {
            unread += 1;
            example.get_or_insert(text);
        }
    }
    if unread * 2 > tried {
        return None;
    }
    if let Some(example) = example {
        reading.check.push(format!(
            "{unread} of {tried} values cannot be read so, such as `{example}`, and would be left empty"
        ));
    }
    Some(reading)
}

/// The reader that an import would use; `None` for texts, which are taken as they are.
fn reader(kind: Kind, reading: &Reading) -> Option<Reader> {
    if kind.is_text() {
        return None;
    }
    // Which zone a local time is of decides where it is placed, not whether it can be read.
    Reader::new(kind, &read_of(reading.read_as.as_deref()), &TimeZone::UTC, i64::MAX).ok()
}

/// What a word of `as` means.
pub fn read_of(word: Option<&str>) -> Read {
    match word {
        None | Some("integer" | "instant") => Read::Plain,
        Some("ms") => Read::Unit(DurationUnit::Millis),
        Some("s") => Read::Unit(DurationUnit::Seconds),
        Some("min") => Read::Unit(DurationUnit::Minutes),
        Some("h") => Read::Unit(DurationUnit::Hours),
        Some("clock") => Read::Unit(DurationUnit::Clock),
        Some("hh:mm") => Read::Unit(DurationUnit::HoursMinutes),
        Some("epoch_s") => Read::EpochSeconds,
        Some("epoch_ms") => Read::EpochMillis,
        Some("epoch_us") => Read::EpochMicros,
        Some("rfc2822") => Read::Rfc2822,
        Some("decimal_comma") => Read::DecimalComma,
        Some("decimal_point") => Read::DecimalPoint,
        Some(pattern) => Read::Pattern(pattern.to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use dialmark_model::source::Format;

    fn tried_on(values: &[&str], read_as: &str) -> Option<Reading> {
        let rows = values.iter().map(|value| vec![(*value).to_owned()]).collect();
        let sample = Sample::of(Format::JsonLines, &["at".to_owned()], rows);
        let reading =
            Reading { from: vec!["at".into()], read_as: Some(read_as.into()), ..Reading::default() };
        tried(Kind::Instant, reading, &sample)
    }

    #[test]
    fn a_reading_that_reads_less_than_half_of_the_values_is_none() {
        assert_eq!(tried_on(&["10/01/26 9:00 AM", "11/02/26 9:01 AM"], "%d/%m/%Y %I:%M %p"), None);
        let sound = tried_on(&["10/01/26 9:00 AM", "", "11/02/26 9:01 AM"], "%d/%m/%y %I:%M %p");
        assert_eq!(sound.unwrap().check, Vec::<String>::new());
    }

    #[test]
    fn values_that_a_reading_leaves_unread_are_said() {
        let reading = tried_on(&["2026-01-10 09:00", "soon", "2026-01-11 09:00"], "%Y-%m-%d %H:%M").unwrap();
        assert_eq!(
            reading.check,
            ["1 of 3 values cannot be read so, such as `soon`, and would be left empty"]
        );
    }
}
