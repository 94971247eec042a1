//! Hours in which a place was quiet that usually is not: a site that is down delivers no zeros, it delivers nothing.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};

/// Weeks before, whose same hours say what is usual.
pub const WEEKS: i64 = 4;
/// An hour with less than one part in so many of the usual is quiet.
const ONE_OF: i128 = 5;
/// Time that must be usual before an hour is judged, in milliseconds: half an hour of one agent.
const LEAST_MS: i128 = 1_800_000;
const HOUR: SignedDuration = SignedDuration::from_hours(1);

/// A quiet hour.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Quiet {
    /// Its start.
    pub from: Timestamp,
    /// Its end.
    pub to: Timestamp,
    /// Time that was logged, in milliseconds.
    pub logged_ms: i128,
    /// Time that is usual: the mean of those of the same hours of the four weeks before that had any, in milliseconds.
    pub usual_ms: i128,
}

/// Quiet hours of one place, from an instant on; only hours that are over at `until`. `logged_ms` has the hours that have any,
/// by their start; `same_hour` finds the start of the same hour so many weeks before. A place is not judged by weeks in which it
/// was not there: an hour needs at least two of the four.
pub fn hours(
    logged_ms: &BTreeMap<Timestamp, i128>,
    since: Timestamp,
    until: Timestamp,
    same_hour: impl Fn(Timestamp, i64) -> Option<Timestamp>,
) -> Vec<Quiet> {
    let mut found = Vec::new();
    let mut from = since;
    while let Ok(to) = from.checked_add(HOUR) {
        if to > until {
            break;
        }
        let earlier: Vec<i128> = (1..=WEEKS)
            .filter_map(|weeks| logged_ms.get(&same_hour(from, weeks)?).copied())
            .filter(|ms| *ms > 0)
            .collect();
        let weeks = i128::try_from(earlier.len()).unwrap_or(1);
        if weeks >= 2 {
            let usual = earlier.iter().sum::<i128>() / weeks;
            let logged = logged_ms.get(&from).copied().unwrap_or(0);
            if usual >= LEAST_MS && logged.saturating_mul(ONE_OF) < usual {
                found.push(Quiet { from, to, logged_ms: logged, usual_ms: usual });
            }
        }
        from = to;
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    fn week_before(at: Timestamp, weeks: i64) -> Option<Timestamp> {
        at.checked_sub(SignedDuration::from_hours(24 * 7 * weeks)).ok()
    }

    #[test]
    fn an_hour_with_less_than_a_fifth_of_the_usual_is_quiet_and_one_that_is_never_worked_is_not() {
        let hour = 3_600_000;
        let (since, until) = (at("2026-11-16T09:00:00Z"), at("2026-11-16T12:30:00Z"));
        let mut logged = BTreeMap::new();
        for weeks in 1..=4 {
            for clock in 9..=12 {
                let then = at(&format!("2026-11-16T{clock:02}:00:00Z"));
                logged.insert(week_before(then, weeks).unwrap(), 24 * hour);
            }
        }
        // 24 hours at nine, 2 at ten, nothing at eleven; twelve is not over.
        logged.insert(at("2026-11-16T09:00:00Z"), 24 * hour);
        logged.insert(at("2026-11-16T10:00:00Z"), 2 * hour);
        let found = hours(&logged, since, until, week_before);
        let said: Vec<(String, i128, i128)> =
            found.iter().map(|q| (q.from.to_string(), q.logged_ms / hour, q.usual_ms / hour)).collect();
        assert_eq!(
            said,
            [("2026-11-16T10:00:00Z".to_owned(), 2, 24), ("2026-11-16T11:00:00Z".to_owned(), 0, 24)]
        );
        // A fifth is not less than a fifth.
        logged.insert(at("2026-11-16T10:00:00Z"), 24 * hour / 5);
        assert_eq!(hours(&logged, since, until, week_before).len(), 1);
        // Nobody works on Sundays, and a place that opened a week ago has no usual yet.
        let sunday = hours(&logged, at("2026-11-15T09:00:00Z"), at("2026-11-15T12:00:00Z"), week_before);
        assert!(sunday.is_empty());
        logged.retain(|hour, _| *hour >= at("2026-11-09T00:00:00Z"));
        assert!(hours(&logged, since, until, week_before).is_empty());
    }
}
