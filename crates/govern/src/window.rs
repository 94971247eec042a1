//! Time windows over which a KPI is judged, and the earlier stretch that may be compared with it.

use std::fmt;

use dialmark_model::civil::{Calendar, Grain};
use jiff::civil::{Date, DateTime};
use jiff::{Span, Timestamp, ToSpan};
use serde::{Serialize, Serializer};

/// Longest window in days: two years and a leap day.
const MOST_DAYS: u16 = 731;

/// How long a figure is added up before it is judged.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Window {
    /// A day, week, month, quarter or year of the calendar.
    Calendar(Grain),
    /// So many days, the last of which is the day it is looked at.
    Days(u16),
}

impl Window {
    /// Words that a declaration may use besides `28 days`.
    pub const WORDS: [&'static str; 7] =
        ["day", "week", "month", "quarter", "year", "fiscal_quarter", "fiscal_year"];

    /// Reads `month`, or `28 days`.
    pub fn parse(text: &str) -> Option<Window> {
        let text = text.trim();
        if let Some(number) = text.strip_suffix("days").or_else(|| text.strip_suffix('d')) {
            let days: u16 = number.trim().parse().ok()?;
            return (1..=MOST_DAYS).contains(&days).then_some(Window::Days(days));
        }
        Grain::from_word(text).filter(|grain| grain.micros().is_none()).map(Window::Calendar)
    }

    /// The stretch that holds a day.
    pub fn holding(self, day: Date, calendar: &Calendar) -> Stretch {
        match self {
            Window::Days(days) => {
                let until = after(day, 1.days());
                Stretch { from: before(until, i64::from(days).days()), until }
            }
            Window::Calendar(grain) => {
                let from = calendar.first_day(grain, day);
                Stretch { from, until: next(grain, from) }
            }
        }
    }

    /// The earlier stretch that a stretch of this window may be compared with: the one before it, and for a day the same
    /// weekday of the week before.
    pub fn comparable(self, stretch: &Stretch, calendar: &Calendar) -> Stretch {
        match self {
            Window::Calendar(Grain::Day) => Stretch {
                from: before(stretch.from, 7.days()),
                until: after(before(stretch.from, 7.days()), 1.days()),
            },
            Window::Days(days) => {
                Stretch { from: before(stretch.from, i64::from(days).days()), until: stretch.from }
            }
            Window::Calendar(_) => self.holding(before(stretch.from, 1.days()), calendar),
        }
    }
}

impl fmt::Display for Window {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Window::Calendar(grain) => out.write_str(grain.word()),
            Window::Days(days) => write!(out, "{days} days"),
        }
    }
}

impl Serialize for Window {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

fn next(grain: Grain, from: Date) -> Date {
    let span: Span = match grain {
        Grain::Week => 7.days(),
        Grain::Month => 1.month(),
        Grain::Quarter | Grain::FiscalQuarter => 3.months(),
        Grain::Year | Grain::FiscalYear => 1.year(),
        Grain::Quarter15 | Grain::Half30 | Grain::Hour | Grain::Day => 1.days(),
    };
    after(from, span)
}

/// Days at the end of the calendar stay where they are.
fn after(day: Date, span: Span) -> Date {
    day.checked_add(span).unwrap_or(day)
}

fn before(day: Date, span: Span) -> Date {
    day.checked_sub(span).unwrap_or(day)
}

/// Business days from the first to, and without, another.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub struct Stretch {
    /// First day.
    pub from: Date,
    /// First day that does not belong to it.
    pub until: Date,
}

impl Stretch {
    /// Its days, in order.
    pub fn days(&self) -> impl Iterator<Item = Date> + use<> {
        let until = self.until;
        let day = Some(self.from).filter(|from| *from < until);
        std::iter::successors(day, move |day| day.tomorrow().ok().filter(|next| *next < until))
    }

    /// The part of it that lies before an instant, and the part of `earlier` of the same length: so many whole days, and
    /// the same time on the wall of the next. `None` when it has not begun by then.
    pub fn so_far(&self, until: Timestamp, earlier: &Stretch, calendar: &Calendar) -> Option<SoFar> {
        let from = calendar.day_start(self.from)?;
        let end = calendar.day_start(self.until)?;
        let is_over = until >= end;
        let to = if is_over { end } else { until };
        if to <= from {
            return None;
        }
        let earlier_end = calendar.day_start(earlier.until)?;
        let earlier_to = match is_over {
            true => earlier_end,
            false => same_place(self.from, to, earlier.from, calendar)?.min(earlier_end),
        };
        Some(SoFar { from, to, is_over, earlier_from: calendar.day_start(earlier.from)?, earlier_to })
    }
}

impl fmt::Display for Stretch {
    /// `2026-11-01 to 2026-11-30`: the last day belongs to it.
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let last = before(self.until, 1.days());
        match last == self.from {
            true => write!(out, "{}", self.from),
            false => write!(out, "{} to {last}", self.from),
        }
    }
}

/// What lies as far into the stretch that begins with `other` as `at` lies into the one that begins with `first`.
fn same_place(first: Date, at: Timestamp, other: Date, calendar: &Calendar) -> Option<Timestamp> {
    let day = calendar.day_of(at);
    let whole_days = first.until(day).ok()?;
    let other_day = other.checked_add(whole_days).ok()?;
    // On the wall, so that nine o'clock is nine o'clock on either side of a change of clocks.
    let wall: DateTime = calendar.zone.to_datetime(at);
    let start: DateTime = calendar.zone.to_datetime(calendar.day_start(day)?);
    let other_start: DateTime = calendar.zone.to_datetime(calendar.day_start(other_day)?);
    let there = other_start.checked_add(start.until(wall).ok()?).ok()?;
    calendar.zone.to_ambiguous_timestamp(there).compatible().ok()
}

/// The part of a window that is over, and what it may be compared with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SoFar {
    /// Where the window begins.
    pub from: Timestamp,
    /// Up to where it is looked at.
    pub to: Timestamp,
    /// Whether that is its end.
    pub is_over: bool,
    /// Where the earlier stretch begins.
    pub earlier_from: Timestamp,
    /// The same length into it.
    pub earlier_to: Timestamp,
}

#[cfg(test)]
mod tests {
    use super::*;
    use dialmark_model::civil;
    use jiff::civil::date;

    fn london() -> Calendar {
        Calendar::plain(civil::zone("Europe/London").unwrap())
    }

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    #[test]
    fn windows_are_read_as_they_are_written() {
        for text in ["day", "week", "month", "fiscal_year", "28 days"] {
            assert_eq!(Window::parse(text).unwrap().to_string(), text);
        }
        assert_eq!(Window::parse("7d"), Some(Window::Days(7)));
        for bad in ["hour", "15m", "0 days", "900 days", "fortnight", ""] {
            assert_eq!(Window::parse(bad), None, "{bad}");
        }
    }

    #[test]
    fn a_day_is_compared_with_the_same_weekday_and_a_month_with_the_month_before() {
        let calendar = london();
        let day = Window::Calendar(Grain::Day);
        let today = day.holding(date(2026, 11, 19), &calendar);
        assert_eq!(day.comparable(&today, &calendar).to_string(), "2026-11-12");
        let month = Window::Calendar(Grain::Month);
        let march = month.holding(date(2026, 3, 14), &calendar);
        assert_eq!(march.to_string(), "2026-03-01 to 2026-03-31");
        assert_eq!(month.comparable(&march, &calendar).to_string(), "2026-02-01 to 2026-02-28");
        let rolling = Window::Days(28);
        let last = rolling.holding(date(2026, 11, 19), &calendar);
        assert_eq!(last.days().count(), 28);
        assert_eq!(rolling.comparable(&last, &calendar).until, last.from);
    }

    #[test]
    fn half_a_month_is_compared_with_the_same_half_on_the_wall() {
        let calendar = london();
        let month = Window::Calendar(Grain::Month);
        // Twelve days and 9:30 into November; the clocks went back on 25 October.
        let november = month.holding(date(2026, 11, 13), &calendar);
        let october = month.comparable(&november, &calendar);
        let part = november.so_far(at("2026-11-13T09:30:00Z"), &october, &calendar).unwrap();
        assert!(!part.is_over);
        assert_eq!(part.earlier_from, at("2026-09-30T23:00:00Z"));
        assert_eq!(part.earlier_to, at("2026-10-13T08:30:00Z"));
    }

    #[test]
    fn a_longer_part_than_the_earlier_month_has_ends_with_that_month() {
        let calendar = london();
        let month = Window::Calendar(Grain::Month);
        let march = month.holding(date(2026, 3, 30), &calendar);
        let february = month.comparable(&march, &calendar);
        let part = march.so_far(at("2026-03-30T12:00:00Z"), &february, &calendar).unwrap();
        assert_eq!(part.earlier_to, at("2026-03-01T00:00:00Z"));
        let over = march.so_far(at("2026-05-01T12:00:00Z"), &february, &calendar).unwrap();
        assert!(over.is_over);
        assert_eq!(over.to, at("2026-03-31T23:00:00Z"));
        assert_eq!(march.so_far(at("2026-02-01T00:00:00Z"), &february, &calendar), None);
    }
}
