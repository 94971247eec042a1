//! Up to when figures can be judged: the records reach so far, and no further than now.

use async_recursion::async_recursion as compiled_here;
use dialmark_engine::{Engine, EngineError};
use dialmark_model::civil::Calendar;
use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp};

/// Up to when records reach.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Reach {
    /// The business day of the first record.
    pub since: Date,
    /// First instant that is not covered any more.
    pub until: Timestamp,
    /// The business day that it is looked at from: the last one that has anything.
    pub day: Date,
}

impl Reach {
    /// From the first and the last record and the clock. On the day of the last record only what lies before it is covered;
    /// once that day is over, all of it is.
    pub fn of(
        (first_record, last_record): (Timestamp, Timestamp),
        now: Timestamp,
        calendar: &Calendar,
    ) -> Option<Reach> {
        let day = calendar.day_of(last_record.min(now));
        let next = calendar.day_start(day.tomorrow().ok()?)?;
        let until = if next <= now { next } else { last_record.min(now) };
        Some(Reach { since: calendar.day_of(first_record), until, day })
    }

    /// The same, looked at from an earlier day.
    pub fn on(self, day: Date, calendar: &Calendar) -> Option<Reach> {
        let next = calendar.day_start(day.tomorrow().ok()?)?;
        Some(match day < self.day {
            true => Reach { until: next, day, ..self },
            false => Reach { day, ..self },
        })
    }

    /// A little before its end, which lies inside of what is covered.
    pub fn last_instant(self) -> Timestamp {
        self.until.checked_sub(SignedDuration::from_micros(1)).unwrap_or(self.until)
    }
}

/// Up to when the records of a store reach; `None` when there are none.
#[compiled_here]
pub async fn reach(engine: &Engine, now: Timestamp) -> Result<Option<Reach>, EngineError> {
    let extent = engine.extent().await?;
    Ok(extent.and_then(|extent| Reach::of(extent, now, engine.calendar())))
}

#[cfg(test)]
mod tests {
    use super::*;
    use dialmark_model::civil;
    use jiff::civil::date;

    #[test]
    fn a_day_that_is_over_is_covered_to_its_end_and_today_to_the_last_record() {
        let calendar = Calendar::plain(civil::zone("Europe/London").unwrap());
        let at = |text: &str| text.parse::<Timestamp>().unwrap();
        let (first, last) = (at("2026-10-04T23:30:00Z"), at("2026-11-20T17:58:00Z"));
        let later = Reach::of((first, last), at("2026-11-22T09:00:00Z"), &calendar).unwrap();
        assert_eq!((later.until, later.day), (at("2026-11-21T00:00:00Z"), date(2026, 11, 20)));
        // Summer time: half past midnight.
        assert_eq!(later.since, date(2026, 10, 5));
        let same_day = Reach::of((first, last), at("2026-11-20T18:30:00Z"), &calendar).unwrap();
        assert_eq!((same_day.until, same_day.day), (last, date(2026, 11, 20)));
        // A record from the future does not let anything be judged that has not been.
        let future =
            Reach::of((first, at("2099-01-01T00:00:00Z")), at("2026-11-20T18:30:00Z"), &calendar).unwrap();
        assert_eq!(future.until, at("2026-11-20T18:30:00Z"));
        assert_eq!(later.on(date(2026, 10, 31), &calendar).unwrap().until, at("2026-11-01T00:00:00Z"));
    }
}
