//! Thirty days after thirty days, or the thirty days up to one.

use jiff::ToSpan;
use jiff::civil::Date;

/// One of the periods that follow each other from a campaign's first day on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Successive {
    /// Its number, from 1.
    pub number: u32,
    /// First day.
    pub from: Date,
    /// First day of the next one.
    pub until: Date,
}

/// The period of `days` days in which a day lies, where the first begins with the campaign; `None` before that.
pub fn successive(first: Date, day: Date, days: u32) -> Option<Successive> {
    let length = i64::from(days.max(1));
    let since = first.until((jiff::Unit::Day, day)).ok().map(|span| i64::from(span.get_days()))?;
    let nth = u32::try_from(since.checked_div(length).filter(|_| since >= 0)?).ok()?;
    let from = first.checked_add((i64::from(nth) * length).days()).ok()?;
    Some(Successive { number: nth + 1, from, until: from.checked_add(length.days()).ok()? })
}

/// The first day of the `days` days up to and with a day.
pub fn rolling(day: Date, days: u32) -> Option<Date> {
    day.checked_sub((i64::from(days.max(1)) - 1).days()).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    #[test]
    fn periods_follow_each_other_from_the_first_day_on() {
        let first = date(2026, 1, 5);
        let of = |day| successive(first, day, 30);
        let one = Successive { number: 1, from: first, until: date(2026, 2, 4) };
        assert_eq!((of(first), of(date(2026, 2, 3))), (Some(one), Some(one)));
        let two = Successive { number: 2, from: date(2026, 2, 4), until: date(2026, 3, 6) };
        assert_eq!((of(date(2026, 2, 4)), of(date(2026, 3, 5))), (Some(two), Some(two)));
        assert_eq!(of(date(2026, 1, 4)), None);
    }

    #[test]
    fn a_rolling_period_ends_with_its_day() {
        assert_eq!(rolling(date(2026, 3, 30), 30), Some(date(2026, 3, 1)));
        assert_eq!(rolling(date(2026, 3, 30), 1), Some(date(2026, 3, 30)));
    }
}
