//! Civil days of the centre's main site, in milliseconds since 1970.
//!
//! The dialler writes every time in the main site's zone. Shifts lie between 09:00 and 20:00, and clocks change
//! at night, so that one offset a day (that of noon) is exact for all that happens.

use dialmark_model::civil;
use jiff::civil::{Date, Weekday};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

pub(crate) const SECOND: i64 = 1_000;
pub(crate) const MINUTE: i64 = 60 * SECOND;
pub(crate) const HOUR: i64 = 60 * MINUTE;
pub(crate) const DAY: i64 = 24 * HOUR;

/// Days since 1970-01-01.
pub(crate) fn day_number(date: Date) -> i64 {
    date.duration_since(Date::constant(1970, 1, 1)).as_hours() / 24
}

/// The day this many days later (or, when negative, earlier).
pub(crate) fn plus(date: Date, days: i64) -> Date {
    date.checked_add(SignedDuration::from_hours(24 * days)).unwrap_or(date)
}

/// The Monday of a day's week.
pub(crate) fn monday(date: Date) -> Date {
    civil::Grain::Week.first_day(date, civil::FiscalStart::JANUARY)
}

/// Whether the centre works on this day: Monday to Friday.
pub(crate) fn is_working(date: Date) -> bool {
    !matches!(date.weekday(), Weekday::Saturday | Weekday::Sunday)
}

/// The first working day after `date`.
pub(crate) fn next_working(date: Date) -> Date {
    let mut day = plus(date, 1);
    while !is_working(day) {
        day = plus(day, 1);
    }
    day
}

/// Turns days and clock times of the main site into instants.
#[derive(Debug, Clone)]
pub(crate) struct Calendar {
    /// Day number of the first entry of `offsets_ms`.
    first: i64,
    /// Offset from UTC at noon of each day.
    offsets_ms: Vec<i64>,
}

impl Calendar {
    /// A calendar of the days from `from` to `to`, with a margin for what comes before and follows later.
    pub(crate) fn new(zone: &TimeZone, from: Date, to: Date) -> Calendar {
        let first = day_number(from) - 100;
        let last = day_number(to) + 100;
        let offsets_ms = (first..=last)
            .map(|number| {
                let noon =
                    Timestamp::from_millisecond(number * DAY + 12 * HOUR).unwrap_or(Timestamp::UNIX_EPOCH);
                i64::from(zone.to_offset(noon).seconds()) * SECOND
            })
            .collect();
        Calendar { first, offsets_ms }
    }

    fn offset_of_day(&self, number: i64) -> i64 {
        let last = self.offsets_ms.len().saturating_sub(1);
        let at = usize::try_from(number - self.first).unwrap_or(0).min(last);
        self.offsets_ms.get(at).copied().unwrap_or(0)
    }

    /// The instant of a clock time, in milliseconds after the day's midnight.
    pub(crate) fn at(&self, day: Date, clock_ms: i64) -> i64 {
        let number = day_number(day);
        number * DAY + clock_ms - self.offset_of_day(number)
    }

    /// Milliseconds since 1970 on the wall of the main site.
    pub(crate) fn wall(&self, at_ms: i64) -> i64 {
        at_ms + self.offset_of_day(at_ms.div_euclid(DAY))
    }

    /// The civil day of an instant.
    pub(crate) fn day_of(&self, at_ms: i64) -> Date {
        plus(Date::constant(1970, 1, 1), self.wall(at_ms).div_euclid(DAY))
    }

    /// The clock hour of an instant, 0 to 23.
    pub(crate) fn hour_of(&self, at_ms: i64) -> u8 {
        u8::try_from(self.wall(at_ms).rem_euclid(DAY) / HOUR).unwrap_or(0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    #[test]
    fn clock_times_agree_with_the_time_zone_on_both_sides_of_the_change() {
        let zone = civil::zone("Europe/London").unwrap();
        let calendar = Calendar::new(&zone, date(2026, 8, 22), date(2026, 11, 19));
        for day in [date(2026, 10, 23), date(2026, 10, 24), date(2026, 10, 25), date(2026, 10, 26)] {
            for hour in [9_i8, 12, 19] {
                let at = calendar.at(day, i64::from(hour) * HOUR);
                let wanted = zone.to_timestamp(day.at(hour, 0, 0, 0)).unwrap().as_millisecond();
                assert_eq!(at, wanted, "{day} {hour}");
                assert_eq!(calendar.day_of(at), day);
                assert_eq!(i64::from(calendar.hour_of(at)), i64::from(hour));
            }
        }
    }

    #[test]
    fn the_day_after_friday_is_monday() {
        assert_eq!(next_working(date(2026, 11, 13)), date(2026, 11, 16));
        assert_eq!(monday(date(2026, 11, 15)), date(2026, 11, 9));
    }
}
