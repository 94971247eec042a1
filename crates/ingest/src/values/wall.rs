//! Wall clocks as numbers: microseconds since 1970-01-01T00:00 on the wall, without a zone.

use jiff::civil::{Date, DateTime};

/// Microseconds of a day on the wall.
pub const DAY_US: i64 = 86_400_000_000;

/// A date and time on the wall. A plain number, because shifting and comparing must be quick and exact.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Wall(pub i64);

impl Wall {
    /// From a date and the microseconds since its midnight; `None` for a date that does not exist.
    pub fn new(year: i64, month: i64, day: i64, time_us: i64) -> Option<Wall> {
        Some(Wall(day_number(year, month, day)? * DAY_US + time_us))
    }

    /// From jiff's civil time.
    pub fn from_civil(at: DateTime) -> Wall {
        let midnight = day_of_date(at.date()) * DAY_US;
        let time = at.time();
        let seconds =
            i64::from(time.hour()) * 3600 + i64::from(time.minute()) * 60 + i64::from(time.second());
        Wall(midnight + seconds * 1_000_000 + i64::from(time.subsec_nanosecond()) / 1000)
    }

    /// As jiff's civil time; `None` beyond the years that it knows.
    pub fn to_civil(self) -> Option<DateTime> {
        let utc = jiff::Timestamp::from_microsecond(self.0).ok()?;
        Some(jiff::tz::TimeZone::UTC.to_datetime(utc))
    }

    /// Days since 1970-01-01.
    pub fn day(self) -> i64 {
        self.0.div_euclid(DAY_US)
    }
}

/// Days since 1970-01-01 of a date.
pub fn day_of_date(date: Date) -> i64 {
    days_from_civil(i64::from(date.year()), i64::from(date.month()), i64::from(date.day()))
}

/// Days since 1970-01-01 of a date of the Gregorian calendar; `None` when it does not exist.
pub fn day_number(year: i64, month: i64, day: i64) -> Option<i64> {
    let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let last = match month {
        1 | 3 | 5 | 7 | 8 | 10 | 12 => 31,
        4 | 6 | 9 | 11 => 30,
        2 if leap => 29,
        2 => 28,
        _ => return None,
    };
    let sound = (1..=last).contains(&day) && (0..=9999).contains(&year);
    sound.then(|| days_from_civil(year, month, day))
}

/// The well-known count of days with years that begin in March, so that leap days come last.
fn days_from_civil(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let year_of_era = year.rem_euclid(400);
    let month_from_march = (month + 9) % 12;
    let day_of_year = (153 * month_from_march + 2) / 5 + day - 1;
    let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    era * 146_097 + day_of_era - 719_468
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_day_of_four_hundred_years_agrees_with_jiff() {
        let mut date = jiff::civil::date(1850, 1, 1);
        let mut number = jiff::civil::date(1970, 1, 1).until(date).unwrap().get_days();
        while date.year() < 2251 {
            assert_eq!(day_of_date(date), i64::from(number), "{date}");
            date = date.tomorrow().unwrap();
            number += 1;
        }
    }

    #[test]
    fn dates_that_do_not_exist_are_refused() {
        for (year, month, day) in
            [(2026, 2, 29), (1900, 2, 29), (2026, 4, 31), (2026, 0, 1), (2026, 13, 1), (2026, 1, 0)]
        {
            assert_eq!(day_number(year, month, day), None, "{year}-{month}-{day}");
        }
        assert_eq!(day_number(2000, 2, 29), Some(11_016));
    }

    #[test]
    fn civil_times_go_there_and_back() {
        let at = jiff::civil::date(2026, 3, 29).at(1, 30, 7, 123_456_000);
        assert_eq!(Wall::from_civil(at).to_civil(), Some(at));
        let early = jiff::civil::date(1969, 12, 31).at(23, 59, 59, 0);
        assert_eq!(Wall::from_civil(early), Wall(-1_000_000));
    }
}
