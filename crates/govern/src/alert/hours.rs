//! When an alert looks: hours on the wall of a zone, days of the week, holidays.

use jiff::Timestamp;
use jiff::civil::{Date, Time, Weekday};
use jiff::tz::TimeZone;

/// Hours of a week in which something is looked at. Hours that cross midnight belong to the day on which they begin.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hours {
    /// First time of day.
    pub from: Time,
    /// Time of day from which on it is not looked at any more.
    pub until: Time,
    /// Days of the week; never empty.
    pub days: Vec<Weekday>,
    /// Days on which nobody works.
    pub holidays: Vec<Date>,
    /// The zone of the wall; `None` for the centre's.
    pub zone: Option<TimeZone>,
}

impl Hours {
    /// Whether an instant lies in them. On the night when clocks go back an hour that comes twice is in twice, and one that
    /// clocks leap over in spring never comes.
    pub fn hold(&self, at: Timestamp, centre: &TimeZone) -> bool {
        let wall = self.zone.as_ref().unwrap_or(centre).to_datetime(at);
        let (day, time) = (wall.date(), wall.time());
        let is_open = |day: Date| self.days.contains(&day.weekday()) && !self.holidays.contains(&day);
        if self.from < self.until {
            return is_open(day) && (self.from..self.until).contains(&time);
        }
        // From this evening on, or from yesterday's.
        (time >= self.from && is_open(day)) || (time < self.until && day.yesterday().is_ok_and(is_open))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    const WORKDAYS: [Weekday; 5] =
        [Weekday::Monday, Weekday::Tuesday, Weekday::Wednesday, Weekday::Thursday, Weekday::Friday];

    fn hours(from: (i8, i8), until: (i8, i8)) -> Hours {
        let time = |(hour, minute): (i8, i8)| Time::new(hour, minute, 0, 0).unwrap();
        let (from, until, days) = (time(from), time(until), WORKDAYS.to_vec());
        Hours { from, until, days, holidays: vec![date(2026, 12, 25)], zone: None }
    }

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    #[test]
    fn nine_is_nine_on_the_wall_before_and_after_the_clocks_change() {
        let (zone, hours) = (TimeZone::get("Europe/London").unwrap(), hours((9, 0), (20, 0)));
        let hold = |text: &str| hours.hold(at(text), &zone);
        // Friday in winter time, then Monday in summer time, which begins on Sunday 29 March 2026.
        assert!(!hold("2026-03-27T08:59:59Z") && hold("2026-03-27T09:00:00Z"));
        assert!(!hold("2026-03-30T07:59:59Z") && hold("2026-03-30T08:00:00Z"));
        assert!(hold("2026-03-27T19:59:59Z") && !hold("2026-03-27T20:00:00Z"));
        assert!(hold("2026-03-30T18:59:59Z") && !hold("2026-03-30T19:00:00Z"));
        // Neither at the weekend nor on a holiday.
        assert!(!hold("2026-03-28T12:00:00Z") && !hold("2026-12-25T12:00:00Z"));
    }

    #[test]
    fn a_night_belongs_to_the_day_on_which_it_begins_and_has_its_hours_twice_or_not_at_all() {
        let zone = TimeZone::get("Europe/London").unwrap();
        let mut hours = hours((22, 0), (6, 0));
        let hold = |hours: &Hours, text: &str| hours.hold(at(text), &zone);
        // Friday 23 October 2026 in summer time: until six on Saturday morning, and no Saturday night.
        assert!(hold(&hours, "2026-10-23T21:00:00Z") && hold(&hours, "2026-10-24T04:59:59Z"));
        assert!(!hold(&hours, "2026-10-24T05:00:00Z") && !hold(&hours, "2026-10-24T21:30:00Z"));
        hours.days.push(Weekday::Saturday);
        // In the night to Sunday half past one comes twice: both are in.
        assert!(hold(&hours, "2026-10-25T00:30:00Z") && hold(&hours, "2026-10-25T01:30:00Z"));
        assert!(hold(&hours, "2026-10-25T05:59:59Z") && !hold(&hours, "2026-10-25T06:00:00Z"));
    }

    #[test]
    fn a_zone_of_its_own_counts_and_not_the_centres() {
        let centre = TimeZone::get("Europe/London").unwrap();
        let hours = Hours { zone: TimeZone::get("America/New_York").ok(), ..hours((9, 0), (20, 0)) };
        assert!(!hours.hold(at("2026-11-23T13:59:00Z"), &centre));
        assert!(hours.hold(at("2026-11-23T14:00:00Z"), &centre));
    }
}
