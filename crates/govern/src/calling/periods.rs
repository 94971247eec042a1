//! Thirty days after thirty days, or the thirty days up to one.

use jiff::ToSpan;
use jiff::civil::Date;

use super::Window;

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

/// The first day of a calendar month, and that of the next one.
pub fn month(day: Date) -> Option<(Date, Date)> {
    let first = day.first_of_month();
    Some((first, first.checked_add(1.month()).ok()?))
}

/// Days of a period of the rules that have one.
const DAYS: u32 = 30;

/// The window that belongs to a day of a campaign: its first day, the first that is out of it, and its number among successive
/// ones. `None` before the campaign's first day, where periods are counted from that.
pub fn around(window: Window, first: Date, day: Date) -> Option<(Date, Date, Option<u32>)> {
    Some(match window {
        Window::Successive30Days => {
            let found = successive(first, day, DAYS)?;
            (found.from, found.until, Some(found.number))
        }
        Window::Rolling30Days => (rolling(day, DAYS)?, day.tomorrow().ok()?, None),
        Window::Month => {
            let (from, until) = month(day)?;
            (from, until, None)
        }
        Window::Day => (day, day.tomorrow().ok()?, None),
    })
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

    #[test]
    fn a_month_ends_with_the_first_of_the_next() {
        assert_eq!(month(date(2026, 12, 31)), Some((date(2026, 12, 1), date(2027, 1, 1))));
        assert_eq!(month(date(2026, 2, 1)), Some((date(2026, 2, 1), date(2026, 3, 1))));
    }

    #[test]
    fn each_window_holds_its_day_and_ends_before_the_next() {
        let (first, day) = (date(2026, 10, 10), date(2026, 11, 18));
        let of = |window| around(window, first, day).unwrap();
        assert_eq!(of(Window::Successive30Days), (date(2026, 11, 9), date(2026, 12, 9), Some(2)));
        assert_eq!(of(Window::Rolling30Days), (date(2026, 10, 20), date(2026, 11, 19), None));
        assert_eq!(of(Window::Month), (date(2026, 11, 1), date(2026, 12, 1), None));
        assert_eq!(of(Window::Day), (day, date(2026, 11, 19), None));
        assert_eq!(around(Window::Successive30Days, day, first), None);
    }
}
