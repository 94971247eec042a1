//! Days, periods and buckets of time in words.

use dialmark_metrics::Key;
use dialmark_model::civil::Grain;
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;

/// `Thu 19 Nov 2026`.
pub fn day(day: Date) -> String {
    day.strftime("%a %-d %b %Y").to_string()
}

/// `Thu 19 Nov 2026, 10:38`, as clocks show it in the zone.
pub fn instant(at: Timestamp, zone: &TimeZone) -> String {
    at.to_zoned(zone.clone()).strftime("%a %-d %b %Y, %H:%M").to_string()
}

/// `2026-11-19 10:38:05`, for tables of records.
pub fn stamp(at: Timestamp, zone: &TimeZone) -> String {
    at.to_zoned(zone.clone()).strftime("%Y-%m-%d %H:%M:%S").to_string()
}

/// From the first day to the last, both of which belong: `13 to 19 Nov 2026`.
pub fn days(first: Date, last: Date) -> String {
    if first >= last {
        return day(first);
    }
    let start = match (first.year() == last.year(), first.month() == last.month()) {
        (true, true) => first.strftime("%-d"),
        (true, false) => first.strftime("%-d %b"),
        _ => first.strftime("%-d %b %Y"),
    };
    format!("{start} to {}", last.strftime("%-d %b %Y"))
}

/// A bucket of time or another value of a dimension, short enough for an axis.
pub fn bucket(key: &Key, grain: Option<Grain>, zone: &TimeZone) -> String {
    match (key, grain) {
        (Key::Day(day), Some(Grain::Month)) => day.strftime("%b %Y").to_string(),
        (Key::Day(day), Some(Grain::Year)) => day.strftime("%Y").to_string(),
        (Key::Day(day), Some(Grain::Quarter)) => format!("Q{} {}", (day.month() + 2) / 3, day.year()),
        (Key::Day(day), Some(_)) => day.strftime("%-d %b").to_string(),
        (Key::At(at), _) => at.to_zoned(zone.clone()).strftime("%-d %b %H:%M").to_string(),
        (other, _) => key_text(other),
    }
}

/// A bucket of whole days, in full.
pub fn bucket_in_full(key: &Key, grain: Grain) -> String {
    match (key, grain) {
        (Key::Day(first), Grain::Week) => format!("week from {}", day(*first)),
        (Key::Day(_), Grain::Month | Grain::Quarter | Grain::Year) => {
            bucket(key, Some(grain), &TimeZone::UTC)
        }
        (other, _) => key_text(other),
    }
}

/// A value of a dimension, in full.
pub fn key_text(key: &Key) -> String {
    match key {
        Key::None => "(none)".to_owned(),
        Key::Bool(true) => "yes".to_owned(),
        Key::Bool(false) => "no".to_owned(),
        Key::Day(date) => day(*date),
        Key::Weekday(_) => {
            let word = key.to_string();
            let mut letters = word.chars();
            letters.next().map_or(String::new(), |first| first.to_uppercase().chain(letters).collect())
        }
        Key::Text(text) if text.is_empty() => "(empty text)".to_owned(),
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    #[test]
    fn periods_say_no_more_than_they_must() {
        assert_eq!(days(date(2026, 11, 13), date(2026, 11, 19)), "13 to 19 Nov 2026");
        assert_eq!(days(date(2026, 10, 30), date(2026, 11, 5)), "30 Oct to 5 Nov 2026");
        assert_eq!(days(date(2025, 12, 30), date(2026, 1, 5)), "30 Dec 2025 to 5 Jan 2026");
        assert_eq!(days(date(2026, 11, 19), date(2026, 11, 19)), "Thu 19 Nov 2026");
    }

    #[test]
    fn buckets_are_named_by_their_grain() {
        let name = |grain| bucket(&Key::Day(date(2026, 10, 1)), Some(grain), &TimeZone::UTC);
        assert_eq!(name(Grain::Day), "1 Oct");
        assert_eq!(name(Grain::Month), "Oct 2026");
        assert_eq!(name(Grain::Quarter), "Q4 2026");
        assert_eq!(name(Grain::Year), "2026");
        assert_eq!(key_text(&Key::Weekday(2)), "Wednesday");
    }
}
