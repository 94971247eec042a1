//! Which time a page is about, and which time it is compared with.
//!
//! A period that reaches the end of the data is compared with the same elapsed part of the period before:
//! Monday to Thursday 10:38 with Monday to Thursday 10:38, never with four whole days.

use dialmark_model::civil::{self, Calendar, Grain, Period};
use dialmark_view::asked::{Asked, Bound};
use dialmark_view::link::Link;
use dialmark_view::pages::overview::Choice;
use dialmark_view::when;
use jiff::civil::Date;
use jiff::{Span, Timestamp};

use crate::problem::Problem;

/// Days that a page shows when nobody asks for others: the weekdays of two such stretches are the same.
const DEFAULT_DAYS: i64 = 7;
/// Days of a sparkline, and least days of a course.
pub const SPARK_DAYS: i64 = 28;

/// First and last instant of the data.
pub type Extent = Option<(Timestamp, Timestamp)>;

/// A stretch of time.
#[derive(Debug, Clone, PartialEq)]
pub struct Stretch {
    /// Which time.
    pub period: Period,
    /// The same length before, as far as this one has gone; `None` when the data does not reach that far back.
    pub before: Option<Period>,
    /// The time in words.
    pub words: String,
    /// What the time before is called.
    pub against: Option<String>,
    /// Last instant of the data.
    pub data_to: Option<Timestamp>,
    /// First and last day of it; the last one that has data when it reaches further.
    pub days: Option<(Date, Date)>,
}

impl Stretch {
    /// The time that was asked for, or the last days of the data.
    pub fn of(asked: &Asked, extent: Extent, calendar: &Calendar) -> Result<Stretch, Problem> {
        let Some((first_at, last_at)) = extent else {
            let period = asked.period(calendar).map_err(Problem::bad)?;
            return Ok(Stretch {
                period,
                before: None,
                words: open_words(asked, calendar),
                against: None,
                data_to: None,
                days: None,
            });
        };
        let (first_day, last_day) = (calendar.day_of(first_at), calendar.day_of(last_at));
        let asked = with_defaults(asked, last_day);
        let period = asked.period(calendar).map_err(Problem::bad)?;
        let whole_days = match (asked.from, asked.to) {
            (Some(Bound::Day(from)), None) => Some((from, next(last_day).max(next(from)))),
            (Some(Bound::Day(from)), Some(Bound::Day(to))) => Some((from, to)),
            (None, None) => Some((first_day, next(last_day))),
            (None, Some(Bound::Day(to))) => Some((first_day.min(previous(to)), to)),
            _ => None,
        };
        let Some((from, end)) = whole_days else {
            return Ok(Stretch {
                period,
                before: None,
                words: open_words(&asked, calendar),
                against: None,
                data_to: Some(last_at),
                days: Some(days_touched(period, first_day, last_day, calendar)),
            });
        };
        let reaches_the_end = from <= last_day && last_day < end;
        let last_shown = if reaches_the_end { last_day } else { previous(end) };
        let clock = last_at.to_zoned(calendar.zone.clone()).strftime("%H:%M").to_string();
        let words = match reaches_the_end {
            true => format!("{}, to {clock}", when::days(from, last_shown)),
            false => when::days(from, last_shown),
        };
        let length = days_between(from, end);
        let before = before(from, length, reaches_the_end.then_some(last_at), calendar)
            .filter(|_| minus_days(from, length) >= first_day && asked.from.is_some());
        let against = before.as_ref().map(|_| {
            let name =
                if length == 1 { "the day before".to_owned() } else { format!("the {length} days before") };
            if reaches_the_end { format!("{name}, to {clock}") } else { name }
        });
        Ok(Stretch { period, before, words, against, data_to: Some(last_at), days: Some((from, last_shown)) })
    }

    /// Short form of what the time before is called.
    pub fn against_short(&self) -> Option<String> {
        self.against.as_ref().map(|text| text.split(',').next().unwrap_or(text).to_owned())
    }

    /// Length in days, the last one included.
    pub fn length(&self) -> Option<i64> {
        self.days.map(|(first, last)| days_between(first, last) + 1)
    }
}

/// The question, as far as days that are over answer it: what is booked to days says nothing of the day that goes on.
/// Without a period it is as many whole days as a page shows otherwise, so that weekdays stay comparable.
pub fn whole_days(asked: &Asked, extent: Extent, calendar: &Calendar) -> Asked {
    let Some((_, last_at)) = extent else { return asked.clone() };
    let last_day = calendar.day_of(last_at);
    let (from, to) = match (asked.from, asked.to) {
        (None, None) => (Some(Bound::Day(minus_days(last_day, DEFAULT_DAYS))), Some(Bound::Day(last_day))),
        (Some(Bound::Day(from)), None) if from < last_day => (asked.from, Some(Bound::Day(last_day))),
        as_asked => as_asked,
    };
    Asked { from, to, ..asked.clone() }
}

/// The days of a course that ends with the stretch: its own, and for a short one the weeks before as well.
pub fn course_days(stretch: &Stretch, least: i64) -> Option<(Date, Date)> {
    let (first, last) = stretch.days?;
    let longer = minus_days(last, least - 1);
    Some((first.min(longer), last))
}

/// The grain that shows a course of so many days best.
pub fn fitting_grain(days: i64) -> Grain {
    match days {
        ..=2 => Grain::Hour,
        3..=92 => Grain::Day,
        93..=400 => Grain::Week,
        _ => Grain::Month,
    }
}

/// Stretches to choose from; each names its days in the link.
pub fn choices(
    asked: &Asked,
    extent: Extent,
    calendar: &Calendar,
    link: impl Fn(&Asked) -> Link,
) -> Vec<Choice> {
    let Some((first_at, last_at)) = extent else { return Vec::new() };
    let (first_day, last_day) = (calendar.day_of(first_at), calendar.day_of(last_at));
    let now = with_defaults(asked, last_day);
    let mut all: Vec<(String, Asked)> = Vec::new();
    for (says, days) in [("last day", 1), ("7 days", 7), ("28 days", 28), ("91 days", 91)] {
        let from = minus_days(last_day, days - 1);
        if from > first_day {
            let from = Some(Bound::Day(from));
            all.push((says.to_owned(), Asked { from, to: None, ..asked.clone() }));
        }
    }
    all.push(("all".to_owned(), Asked { from: Some(Bound::Day(first_day)), to: None, ..asked.clone() }));
    all.into_iter()
        .map(|(says, choice)| Choice {
            says,
            is_current: (choice.from, choice.to) == (now.from, now.to),
            href: link(&choice),
        })
        .collect()
}

/// What was asked for, or the last days of the data.
fn with_defaults(asked: &Asked, last_day: Date) -> Asked {
    match (asked.from, asked.to) {
        (None, None) => {
            Asked { from: Some(Bound::Day(minus_days(last_day, DEFAULT_DAYS - 1))), ..asked.clone() }
        }
        _ => asked.clone(),
    }
}

/// As many days before `from`, up to the same time of the same day of the stretch when it has not ended.
fn before(from: Date, length: i64, data_to: Option<Timestamp>, calendar: &Calendar) -> Option<Period> {
    let back = Span::new().try_days(length).ok()?;
    let start = calendar.day_start(from.checked_sub(back).ok()?)?;
    let end = match data_to {
        None => calendar.day_start(from)?,
        Some(at) => {
            let local = at.to_zoned(calendar.zone.clone()).datetime().checked_sub(back).ok()?;
            // The instant itself belongs: a period ends before its end.
            civil::place(local, &calendar.zone)?.0.checked_add(Span::new().microseconds(1)).ok()?
        }
    };
    (start < end).then_some(Period { from: Some(start), to: Some(end) })
}

/// First and last day with data that a period of instants touches.
fn days_touched(period: Period, first_day: Date, last_day: Date, calendar: &Calendar) -> (Date, Date) {
    let first = period.from.map_or(first_day, |at| calendar.day_of(at));
    let before_end = |at: Timestamp| at.checked_sub(Span::new().microseconds(1)).unwrap_or(at);
    let last = period.to.map_or(last_day, |at| calendar.day_of(before_end(at)).min(last_day));
    (first, last.max(first))
}

fn open_words(asked: &Asked, calendar: &Calendar) -> String {
    let words = |bound: Bound| match bound {
        Bound::Day(day) => when::day(day),
        Bound::At(at) => when::instant(at, &calendar.zone),
    };
    match (asked.from.map(words), asked.to.map(words)) {
        (None, None) => "all time".to_owned(),
        (Some(from), None) => format!("from {from}"),
        (None, Some(to)) => format!("before {to}"),
        (Some(from), Some(to)) => format!("from {from}, before {to}"),
    }
}

/// Days from one to the other.
pub fn days_between(from: Date, to: Date) -> i64 {
    (to - from).get_days().into()
}

fn minus_days(day: Date, days: i64) -> Date {
    Span::new().try_days(days).ok().and_then(|span| day.checked_sub(span).ok()).unwrap_or(day)
}

/// The day after.
pub fn next(day: Date) -> Date {
    day.tomorrow().unwrap_or(day)
}

fn previous(day: Date) -> Date {
    day.yesterday().unwrap_or(day)
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    fn london() -> Calendar {
        Calendar::plain(civil::zone("Europe/London").unwrap())
    }

    fn extent(first: &str, last: &str) -> Extent {
        Some((first.parse().unwrap(), last.parse().unwrap()))
    }

    fn days(from: Option<Date>, to: Option<Date>) -> Asked {
        Asked { from: from.map(Bound::Day), to: to.map(Bound::Day), ..Asked::default() }
    }

    fn bounds(period: Period) -> String {
        format!("{} {}", period.from.unwrap(), period.to.map_or("open".to_owned(), |t| t.to_string()))
    }

    #[test]
    fn without_a_period_it_is_the_last_seven_days_against_the_same_part_of_the_seven_before() {
        let seen = extent("2026-08-20T08:00:00Z", "2026-11-19T10:38:00Z");
        let stretch = Stretch::of(&Asked::default(), seen, &london()).unwrap();
        assert_eq!(bounds(stretch.period), "2026-11-13T00:00:00Z open");
        assert_eq!(bounds(stretch.before.unwrap()), "2026-11-06T00:00:00Z 2026-11-12T10:38:00.000001Z");
        assert_eq!(stretch.words, "13 to 19 Nov 2026, to 10:38");
        assert_eq!(stretch.against.as_deref(), Some("the 7 days before, to 10:38"));
        assert_eq!(stretch.against_short().as_deref(), Some("the 7 days before"));
    }

    #[test]
    fn a_past_period_is_compared_whole_and_across_a_change_of_clocks_by_civil_days() {
        let seen = extent("2026-08-20T08:00:00Z", "2026-11-19T10:38:00Z");
        let asked = days(Some(date(2026, 10, 26)), Some(date(2026, 10, 28)));
        let stretch = Stretch::of(&asked, seen, &london()).unwrap();
        // Clocks went back on the 25th: two civil days are 49 hours.
        assert_eq!(bounds(stretch.before.unwrap()), "2026-10-23T23:00:00Z 2026-10-26T00:00:00Z");
        assert_eq!(stretch.words, "26 to 27 Oct 2026");
        assert_eq!(stretch.against.as_deref(), Some("the 2 days before"));
    }

    #[test]
    fn a_time_before_that_the_data_covers_only_in_part_is_no_comparison() {
        let seen = extent("2026-11-10T08:00:00Z", "2026-11-19T10:38:00Z");
        let stretch = Stretch::of(&Asked::default(), seen, &london()).unwrap();
        assert_eq!((stretch.before, stretch.against), (None, None));
    }

    #[test]
    fn what_is_booked_to_days_is_asked_of_whole_days() {
        let seen = extent("2026-08-20T08:00:00Z", "2026-11-19T10:38:00Z");
        let asked = whole_days(&Asked::default(), seen, &london());
        let stretch = Stretch::of(&asked, seen, &london()).unwrap();
        assert_eq!(bounds(stretch.period), "2026-11-12T00:00:00Z 2026-11-19T00:00:00Z");
        assert_eq!(bounds(stretch.before.unwrap()), "2026-11-05T00:00:00Z 2026-11-12T00:00:00Z");
        let since = whole_days(&days(Some(date(2026, 11, 2)), None), seen, &london());
        assert_eq!(since.to, Some(Bound::Day(date(2026, 11, 19))));
        let today = days(Some(date(2026, 11, 19)), None);
        assert_eq!(whole_days(&today, seen, &london()), today);
    }

    #[test]
    fn records_without_a_clock_are_all_time() {
        let stretch = Stretch::of(&Asked::default(), None, &london()).unwrap();
        assert_eq!((stretch.period, stretch.words.as_str(), stretch.days), (Period::ALL, "all time", None));
    }

    #[test]
    fn a_period_that_ends_before_it_begins_is_refused() {
        let seen = extent("2026-08-20T08:00:00Z", "2026-11-19T10:38:00Z");
        let asked = days(Some(date(2026, 11, 2)), Some(date(2026, 11, 2)));
        assert!(Stretch::of(&asked, seen, &london()).unwrap_err().sentence.contains("ends before"));
    }

    #[test]
    fn a_short_stretch_has_a_longer_course_and_a_grain_that_fits() {
        let seen = extent("2026-08-20T08:00:00Z", "2026-11-19T10:38:00Z");
        let stretch = Stretch::of(&Asked::default(), seen, &london()).unwrap();
        let (first, last) = course_days(&stretch, SPARK_DAYS).unwrap();
        assert_eq!((first, last), (date(2026, 10, 23), date(2026, 11, 19)));
        assert_eq!(fitting_grain(28), Grain::Day);
        assert_eq!(fitting_grain(1), Grain::Hour);
        assert_eq!(fitting_grain(1_000), Grain::Month);
    }

    #[test]
    fn choices_name_their_days_and_the_one_at_hand() {
        let seen = extent("2026-10-20T08:00:00Z", "2026-11-19T10:38:00Z");
        let all = choices(&Asked::default(), seen, &london(), |asked| asked.place(Link::to("/")));
        let words: Vec<&str> = all.iter().map(|c| c.says.as_str()).collect();
        assert_eq!(words, ["last day", "7 days", "28 days", "all"]);
        let current: Vec<&str> = all.iter().filter(|c| c.is_current).map(|c| c.says.as_str()).collect();
        assert_eq!(current, ["7 days"]);
        assert_eq!(all[0].href.to_string(), "/?from=2026-11-19");
    }
}
