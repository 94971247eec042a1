//! What a figure is compared with.

use dialmark_metrics::{Expr, Key, expr};
use dialmark_model::civil::{Calendar, Period};
use jiff::civil::Date;
use jiff::{Timestamp, ToSpan};

use super::Which;

/// Weeks whose same weekdays are looked at.
const WEEKS: i64 = 4;

/// What the figure of a stretch of time is compared with.
#[derive(Debug, Clone, PartialEq)]
pub enum Against {
    /// The stretch of the same length before it.
    Before,
    /// The same weekdays of the four weeks before it.
    Weekdays,
    /// Another stretch.
    Stretch(Period),
    /// Other records of the same stretch.
    Records(Expr),
}

impl Against {
    /// Reads `before`, `weekdays`, two days as `2026-10-01..2026-11-01` (the second does not count any more), or a condition such
    /// as `team_id = 'leeds'`. A sentence where it is none of these.
    pub fn parse(text: &str, calendar: &Calendar) -> Result<Against, String> {
        let text = text.trim();
        match text {
            "before" => return Ok(Against::Before),
            "weekdays" => return Ok(Against::Weekdays),
            _ => {}
        }
        if let Some((from, to)) = text.split_once("..") {
            let day = |text: &str| text.trim().parse::<Date>().ok();
            return match (day(from), day(to)) {
                (Some(from), Some(to)) if from < to => {
                    Ok(Against::Stretch(calendar.period(Some(from), Some(to))))
                }
                (Some(_), Some(_)) => {
                    Err(format!("`{text}` is empty: the second day is the first that does not count."))
                }
                _ => Err(format!("`{text}` should be two days, such as `2026-10-01..2026-11-01`.")),
            };
        }
        expr::parse(text).map(Against::Records).map_err(|error| {
            format!(
                "`{text}` is neither `before`, `weekdays`, two days such as `2026-10-01..2026-11-01`, nor a condition on records: {}",
                error.0
            )
        })
    }

    /// The side that `now` is compared with; `both` is asked of the records of either side, `now.filter` of those of now, and
    /// of the others too unless they are chosen by a condition of their own.
    pub fn which(&self, now: &Which, both: Option<&Expr>, calendar: &Calendar) -> Result<Which, String> {
        let Period { from: Some(from), to: Some(to) } = now.period else {
            let chosen = matches!(self, Against::Stretch(_) | Against::Records(_));
            return if chosen {
                Ok(self.within(now.period, now, both))
            } else {
                Err("The stretch has no beginning or no end, so that nothing of the same length lies before it. Say from which day to \
                     which, or what to compare it with."
                    .to_owned())
            };
        };
        let period = match self {
            Against::Before => before(from, to, calendar),
            Against::Weekdays => {
                let first = calendar.day_of(from);
                calendar.period(first.checked_sub((7 * WEEKS).days()).ok(), Some(first))
            }
            Against::Stretch(period) => *period,
            Against::Records(_) => now.period,
        };
        let mut which = self.within(period, now, both);
        if *self == Against::Weekdays {
            which.filter = Expr::both(which.filter, weekdays(from, to, calendar));
        }
        Ok(which)
    }

    fn within(&self, period: Period, now: &Which, both: Option<&Expr>) -> Which {
        let period = if let Against::Stretch(own) = self { *own } else { period };
        let filter = match self {
            Against::Records(own) => Expr::both(both.cloned(), Some(own.clone())),
            _ => now.filter.clone(),
        };
        Which { period, filter }
    }
}

/// As many business days before, where the stretch is whole days; else as long a time.
fn before(from: Timestamp, to: Timestamp, calendar: &Calendar) -> Period {
    let (first, last) = (calendar.day_of(from), calendar.day_of(to));
    let is_days = calendar.day_start(first) == Some(from) && calendar.day_start(last) == Some(to);
    if is_days && let Ok(length) = first.until(last) {
        return calendar.period(first.checked_sub(length).ok(), Some(first));
    }
    Period { from: from.checked_sub(from.duration_until(to)).ok(), to: Some(from) }
}

/// The weekdays of a stretch as a condition; `None` when it has all of them.
fn weekdays(from: Timestamp, to: Timestamp, calendar: &Calendar) -> Option<Expr> {
    let last = to.checked_sub(1.microsecond()).unwrap_or(to);
    let (mut day, last) = (calendar.day_of(from), calendar.day_of(last));
    let mut days: Vec<u8> = Vec::new();
    while day <= last && days.len() < 7 {
        days.push(u8::try_from(day.weekday().to_monday_zero_offset()).ok()?);
        day = day.tomorrow().ok()?;
    }
    days.sort_unstable();
    let named = days.iter().map(|day| Expr::Text(Key::Weekday(*day).to_string())).collect();
    (days.len() < 7).then(|| Expr::In(Box::new(Expr::Column("weekday".to_owned())), named, false))
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    fn london() -> Calendar {
        Calendar::plain(dialmark_model::civil::zone("Europe/London").unwrap())
    }

    fn side(against: &str, from: Date, to: Date) -> (String, String, Option<String>) {
        let calendar = london();
        let now = Which {
            period: calendar.period(Some(from), Some(to)),
            filter: expr::parse("team_id = 'york'").ok(),
        };
        let which = Against::parse(against, &calendar).unwrap().which(&now, None, &calendar).unwrap();
        let day = |at: Option<Timestamp>| calendar.day_of(at.unwrap()).to_string();
        (day(which.period.from), day(which.period.to), which.filter.map(|filter| filter.to_string()))
    }

    #[test]
    fn as_many_days_before_whatever_the_clocks_do() {
        // Clocks go back on 25 October: the week has an hour more than the one before.
        let (from, to, filter) = side("before", date(2026, 10, 19), date(2026, 10, 26));
        assert_eq!((from.as_str(), to.as_str()), ("2026-10-12", "2026-10-19"));
        assert_eq!(filter.as_deref(), Some("team_id = 'york'"));
    }

    #[test]
    fn a_day_is_compared_with_its_weekday() {
        let (from, to, filter) = side("weekdays", date(2026, 11, 18), date(2026, 11, 19));
        assert_eq!((from.as_str(), to.as_str()), ("2026-10-21", "2026-11-18"));
        assert_eq!(filter.as_deref(), Some("team_id = 'york' and weekday in ('wednesday')"));
        let (_, _, filter) = side("weekdays", date(2026, 11, 9), date(2026, 11, 16));
        assert_eq!(filter.as_deref(), Some("team_id = 'york'"), "a week has all of them");
    }

    #[test]
    fn other_days_and_other_records() {
        let (from, to, _) = side("2026-09-01..2026-10-01", date(2026, 11, 18), date(2026, 11, 19));
        assert_eq!((from.as_str(), to.as_str()), ("2026-09-01", "2026-10-01"));
        let (from, _, filter) = side("team_id = 'leeds'", date(2026, 11, 18), date(2026, 11, 19));
        assert_eq!((from.as_str(), filter.as_deref()), ("2026-11-18", Some("team_id = 'leeds'")));
    }

    #[test]
    fn what_is_neither_is_a_sentence() {
        for (text, says) in [
            ("2026-10-01..2026-10-01", "does not count"),
            ("yesterday..today", "two days"),
            ("team_id = = 'x'", "neither"),
        ] {
            let said = Against::parse(text, &london()).unwrap_err();
            assert!(said.contains(says), "{said}");
        }
        let open = Which::default();
        assert!(Against::Before.which(&open, None, &london()).unwrap_err().contains("no beginning"));
    }
}
