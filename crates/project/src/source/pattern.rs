//! Patterns of dates and times, tried out before any file is read.

use dialmark_model::Kind;
use jiff::Zoned;
use jiff::civil::{Date, DateTime, date};
use jiff::fmt::strtime::BrokenDownTime;
use jiff::tz::TimeZone;

/// Whether texts of this pattern give an instant or a day: a known moment is written and read back.
///
/// The moment is in the afternoon and has no two parts alike, so that a pattern without the year, or with a
/// 12-hour clock and no am or pm, does not pass.
pub(super) fn check(pattern: &str, kind: Kind) -> Result<(), String> {
    let moment = date(2009, 8, 7).at(16, 35, 42, 0);
    let zoned: Zoned =
        moment.to_zoned(TimeZone::UTC).map_err(|cause| format!("the pattern cannot be tried: {cause}."))?;
    let written = BrokenDownTime::from(&zoned)
        .to_string(pattern)
        .map_err(|cause| format!("`{pattern}` is not a pattern: {cause}."))?;
    let read = BrokenDownTime::parse(pattern, &written)
        .map_err(|cause| format!("texts of the pattern `{pattern}` cannot be read back: {cause}."))?;
    match kind {
        Kind::Day if read.to_date().is_ok_and(|day| day == moment.date()) => Ok(()),
        // Costs and plans are often written by month; such a month stands for its first day.
        Kind::Day if first_of_month(pattern, &written) == Some(moment.date().first_of_month()) => Ok(()),
        Kind::Day => Err(format!(
            "the pattern `{pattern}` does not give a day: it needs year, month and day, or year and month for the \
             month's first day."
        )),
        _ if instant_of(&read).is_some_and(|at| same_minute(at, moment)) => Ok(()),
        _ => Err(format!(
            "the pattern `{pattern}` does not give an instant: it needs year, month, day, hour and minute{}.",
            if pattern.contains("%I") || pattern.contains("%l") {
                ", and `%p` beside a 12-hour clock"
            } else {
                ""
            }
        )),
    }
}

/// The first day of the month that a text without a day states.
fn first_of_month(pattern: &str, written: &str) -> Option<Date> {
    let mut read = BrokenDownTime::parse(pattern, written).ok()?;
    if read.day().is_some() || read.day_of_year().is_some() || read.hour().is_some() {
        return None;
    }
    read.set_day(Some(1)).ok()?;
    read.to_date().ok()
}

fn instant_of(read: &BrokenDownTime) -> Option<DateTime> {
    read.to_datetime().ok().or_else(|| Some(TimeZone::UTC.to_datetime(read.to_timestamp().ok()?)))
}

/// Seconds may be missing in a source; minutes may not.
fn same_minute(a: DateTime, b: DateTime) -> bool {
    (a.date(), a.hour(), a.minute()) == (b.date(), b.hour(), b.minute())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn complete_patterns_pass() {
        for pattern in [
            "%y%m%d %H:%M:%S",
            "%Y-%m-%dT%H:%M:%S%.f",
            "%d/%m/%Y %H:%M",
            "%m/%d/%Y %I:%M:%S %p",
            "%b %d %Y %H:%M:%S",
            "%Y-%m-%d %H:%M:%S %z",
            "%Y-%m-%d %H:%M:%S %Q",
            "%s",
            "%F %T",
        ] {
            assert_eq!(check(pattern, Kind::Instant), Ok(()), "{pattern}");
        }
        assert_eq!(check("%d.%m.%Y", Kind::Day), Ok(()));
        assert_eq!(check("%d.%m.%Y %H:%M", Kind::Day), Ok(()));
    }

    #[test]
    fn patterns_that_lose_a_part_are_refused() {
        for pattern in [
            "%m-%d %H:%M:%S",
            "%H:%M:%S",
            "%Y-%m-%d",
            "%Y-%m-%d %H",
            "%Y-%m-%d %I:%M:%S",
            "%Y-%m-%d %M:%S",
            "%",
        ] {
            assert!(check(pattern, Kind::Instant).is_err(), "{pattern}");
        }
        assert_eq!(check("%m/%Y", Kind::Day), Ok(()));
        assert_eq!(check("%b %Y", Kind::Day), Ok(()));
        assert!(check("%Y", Kind::Day).is_err());
        assert!(check("%d/%m", Kind::Day).is_err());
        assert!(check("%Y-%m %H:%M", Kind::Instant).is_err());
        assert!(check("%!", Kind::Day).is_err());
    }
}
