//! When something is due: a time on the wall of somebody's zone, on days of the week.

use dialmark_model::civil;
use jiff::Timestamp;
use jiff::civil::{Date, Time, Weekday};
use jiff::tz::TimeZone;

/// What was due longer ago is not looked for.
const MOST_DAYS: usize = 400;

/// At which time, on which days of the week.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Schedule {
    /// Time on the wall.
    pub at: Time,
    /// Days of the week, from Monday on; never none.
    pub days: Vec<Weekday>,
}

/// What is done with a report while records are missing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Hold {
    /// Time on the wall up to which it waits for them, on the day on which it is due; never before that.
    pub until: Time,
    /// What is done when they are missing still.
    pub otherwise: Otherwise,
}

/// What is done with a report whose records did not come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Otherwise {
    /// It is sent, and says what is missing.
    Send,
    /// It is not sent.
    Skip,
}

/// A time at which a report is due.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Due {
    /// The day on the recipient's wall.
    pub day: Date,
    /// The instant.
    pub at: Timestamp,
    /// Up to when it waits for records that are missing.
    pub hold_until: Timestamp,
}

impl Schedule {
    /// Everything due on days after one, later than an instant and up to another, in order. A time that clocks leave out on a
    /// day moves forward; of one that they show twice the earlier counts, so each day has one at most.
    pub fn due(
        &self,
        hold: &Hold,
        after: Option<Date>,
        (since, until): (Timestamp, Timestamp),
        zone: &TimeZone,
    ) -> Vec<Due> {
        let first = civil::day_of(since, zone);
        let first = after.and_then(|day| day.tomorrow().ok()).map_or(first, |next| next.max(first));
        let last = civil::day_of(until, zone);
        let mut found: Vec<Due> = std::iter::successors(Some(last), |day| day.yesterday().ok())
            .take_while(|day| *day >= first)
            .take(MOST_DAYS)
            .filter_map(|day| self.on(hold, day, zone))
            .filter(|due| due.at > since && due.at <= until)
            .collect();
        found.reverse();
        found
    }

    /// The last that was due up to an instant.
    pub fn last(&self, hold: &Hold, until: Timestamp, zone: &TimeZone) -> Option<Due> {
        let day = civil::day_of(until, zone);
        let days = std::iter::successors(Some(day), |day| day.yesterday().ok());
        days.take(15).filter_map(|day| self.on(hold, day, zone)).find(|due| due.at <= until)
    }

    /// The next that is due after an instant.
    pub fn next(&self, hold: &Hold, after: Timestamp, zone: &TimeZone) -> Option<Due> {
        let day = civil::day_of(after, zone);
        let days = std::iter::successors(Some(day), |day| day.tomorrow().ok());
        days.take(15).filter_map(|day| self.on(hold, day, zone)).find(|due| due.at > after)
    }

    fn on(&self, hold: &Hold, day: Date, zone: &TimeZone) -> Option<Due> {
        if !self.days.contains(&day.weekday()) {
            return None;
        }
        let at = civil::place(day.to_datetime(self.at), zone)?.0;
        let hold_until = civil::place(day.to_datetime(hold.until), zone)?.0;
        Some(Due { day, at, hold_until: hold_until.max(at) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::{date, time};

    const WORKDAYS: [Weekday; 5] =
        [Weekday::Monday, Weekday::Tuesday, Weekday::Wednesday, Weekday::Thursday, Weekday::Friday];

    fn hold(hour: i8) -> Hold {
        Hold { until: time(hour, 0, 0, 0), otherwise: Otherwise::Send }
    }

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    fn said(due: &[Due]) -> Vec<String> {
        due.iter().map(|due| format!("{} {}", due.day, due.at)).collect()
    }

    #[test]
    fn a_quarter_to_eight_is_a_quarter_to_eight_on_either_side_of_a_change_of_clocks() {
        let zone = civil::zone("Europe/London").unwrap();
        let schedule = Schedule { at: time(7, 45, 0, 0), days: WORKDAYS.to_vec() };
        // The clocks go back on Sunday, 25 October.
        let period = (at("2026-10-22T06:45:00Z"), at("2026-10-26T12:00:00Z"));
        let due = schedule.due(&hold(10), None, period, &zone);
        assert_eq!(said(&due), ["2026-10-23 2026-10-23T06:45:00Z", "2026-10-26 2026-10-26T07:45:00Z"]);
        assert_eq!(due[1].hold_until, at("2026-10-26T10:00:00Z"));
        // What ended already is not due again, however its time was changed.
        assert_eq!(schedule.due(&hold(10), Some(date(2026, 10, 23)), period, &zone).len(), 1);
        assert_eq!(schedule.due(&hold(10), Some(date(2026, 10, 26)), period, &zone).len(), 0);
    }

    #[test]
    fn a_time_that_does_not_exist_moves_forward_and_one_that_exists_twice_is_the_earlier() {
        let zone = civil::zone("Europe/London").unwrap();
        let schedule = Schedule { at: time(1, 30, 0, 0), days: vec![Weekday::Sunday] };
        let spring =
            schedule.due(&hold(1), None, (at("2026-03-28T12:00:00Z"), at("2026-03-29T12:00:00Z")), &zone);
        assert_eq!(said(&spring), ["2026-03-29 2026-03-29T01:30:00Z"]);
        // Nothing is held to before it is due.
        assert_eq!(spring[0].hold_until, spring[0].at);
        let autumn =
            schedule.due(&hold(1), None, (at("2026-10-24T12:00:00Z"), at("2026-10-25T12:00:00Z")), &zone);
        assert_eq!(said(&autumn), ["2026-10-25 2026-10-25T00:30:00Z"]);
    }

    #[test]
    fn the_last_and_the_next_are_found_over_a_week_end() {
        let zone = civil::zone("Africa/Johannesburg").unwrap();
        let schedule = Schedule { at: time(7, 45, 0, 0), days: WORKDAYS.to_vec() };
        let saturday = at("2026-07-04T12:00:00Z");
        assert_eq!(schedule.last(&hold(10), saturday, &zone).unwrap().at, at("2026-07-03T05:45:00Z"));
        assert_eq!(schedule.next(&hold(10), saturday, &zone).unwrap().at, at("2026-07-06T05:45:00Z"));
    }
}
