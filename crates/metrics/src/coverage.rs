//! Coverage: whether a source delivered what it usually does, hour by hour.
//!
//! A figure over hours of which records are missing is a wrong figure that looks right. So each hour is laid beside the
//! same hour of the same weekday in the four weeks before it; one that brought less than a fifth of what is usual there is
//! a gap. An hour that usually brings next to nothing is none: silence says nothing there.

use std::collections::BTreeMap;

use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp, ToSpan};
use serde::Serialize;

/// Weeks that are looked back upon.
pub const WEEKS: i64 = 4;
/// Of them, how many there must be.
const LEAST_WEEKS: usize = 2;
/// Usual records of an hour below which its silence says nothing. Of thirty, fewer than six come by chance in one hour of
/// forty million; of ten, fewer than two come in one of two thousand, which is every few months.
const LEAST_USUAL: u64 = 30;
/// An hour with less than this part of what is usual is a gap.
const PART: u64 = 5;
const SECONDS_PER_HOUR: i64 = 3600;

/// What one hour brought.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Hour {
    /// When it begins.
    pub starts_at: Timestamp,
    /// Records.
    pub received: u64,
    /// Records that are usual; `None` when there is too little to tell.
    pub usual: Option<u64>,
    /// Whether records are missing.
    pub is_gap: bool,
}

/// The clock ends an hour so long after it, however quiet all sources are: by then also what comes once a day has come.
const GRACE: SignedDuration = SignedDuration::from_hours(24);
/// Records that end longer ago are those of a time that is over, unless somebody asks about later hours.
const STILL_AWAITED: SignedDuration = SignedDuration::from_hours(24 * 7 * WEEKS);

/// Up to where hours are over, of which the newest record of any source is in the one of `newest`: records of a later hour
/// end an hour, and so does the clock.
pub fn over_until(newest: Timestamp, asked_to: Option<Timestamp>, now: Timestamp) -> Timestamp {
    let due = now.checked_sub(GRACE).unwrap_or(now);
    let by_clock = match asked_to {
        Some(to) => to.min(due),
        None if due.duration_since(newest) <= STILL_AWAITED => due,
        None => newest,
    };
    newest.max(by_clock)
}

/// Judges the hours of one source from its first record up to, and without, the hour of `until`, which goes on still;
/// records of that hour and later ones are counted and not judged. `received` are records by hour since 1970; weekdays and
/// hours are those of `zone`.
pub fn judged(received: &BTreeMap<i64, u64>, zone: &TimeZone, until: Timestamp) -> Vec<Hour> {
    let Some(first) = received.keys().next().copied() else { return Vec::new() };
    let end = until.as_second().div_euclid(SECONDS_PER_HOUR);
    let after_last = received.keys().next_back().map_or(end, |last| last.saturating_add(1));
    (first..end.max(after_last))
        .filter_map(|hour| {
            let starts_at = Timestamp::from_second(hour.checked_mul(SECONDS_PER_HOUR)?).ok()?;
            let brought = received.get(&hour).copied().unwrap_or(0);
            let usual = usual(received, zone, starts_at, first);
            let is_gap =
                usual.is_some_and(|usual| usual >= LEAST_USUAL && brought.saturating_mul(PART) < usual);
            let is_gap = is_gap && hour < end;
            Some(Hour { starts_at, received: brought, usual, is_gap })
        })
        .collect()
}

/// The median of the same local hour in the weeks before.
fn usual(received: &BTreeMap<i64, u64>, zone: &TimeZone, at: Timestamp, first: i64) -> Option<u64> {
    let local = at.to_zoned(zone.clone()).datetime();
    let mut before: Vec<u64> = (1..=WEEKS)
        .filter_map(|week| {
            let then = zone.to_timestamp(local.checked_sub(week.weeks()).ok()?).ok()?;
            let hour = then.as_second().div_euclid(SECONDS_PER_HOUR);
            (hour >= first).then(|| received.get(&hour).copied().unwrap_or(0))
        })
        .collect();
    if before.len() < LEAST_WEEKS {
        return None;
    }
    before.sort_unstable();
    // Of an even number the lower of the two in the middle: when in doubt, less is expected.
    before.get((before.len() - 1) / 2).copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Thirty records at nine and ten o'clock in London on each Monday from 2 March 2026, over the change of clocks.
    fn mondays(zone: &TimeZone, weeks: i64) -> BTreeMap<i64, u64> {
        let first = jiff::civil::date(2026, 3, 2);
        let mut hours = BTreeMap::new();
        for week in 0..weeks {
            for hour in [9, 10] {
                let at = first.checked_add(week.weeks()).unwrap().at(hour, 0, 0, 0);
                let at = zone.to_timestamp(at).unwrap();
                hours.insert(at.as_second() / SECONDS_PER_HOUR, 30);
            }
        }
        hours
    }

    #[test]
    fn an_hour_that_is_usually_full_and_brought_next_to_nothing_is_a_gap() {
        let zone = TimeZone::get("Europe/London").unwrap();
        let mut hours = mondays(&zone, 5);
        // The clocks changed on 29 March; on 30 March nine o'clock is eight, UTC.
        let nine: Timestamp = "2026-03-30T08:00:00Z".parse().unwrap();
        assert_eq!(hours.insert(nine.as_second() / SECONDS_PER_HOUR, 5), Some(30));
        let until = "2026-03-30T12:00:00Z".parse().unwrap();
        let judged = judged(&hours, &zone, until);
        let gaps: Vec<&Hour> = judged.iter().filter(|hour| hour.is_gap).collect();
        assert_eq!(gaps, [&Hour { starts_at: nine, received: 5, usual: Some(30), is_gap: true }]);
        assert_eq!(judged.last().unwrap().starts_at, "2026-03-30T11:00:00Z".parse().unwrap());
    }

    #[test]
    fn silence_after_the_last_record_is_a_gap_and_silence_at_night_is_none() {
        let zone = TimeZone::get("Europe/London").unwrap();
        let hours = mondays(&zone, 4);
        let until = "2026-03-30T20:00:00Z".parse().unwrap();
        let judged = judged(&hours, &zone, until);
        let gaps: Vec<Timestamp> =
            judged.iter().filter(|hour| hour.is_gap).map(|hour| hour.starts_at).collect();
        assert_eq!(gaps, ["2026-03-30T08:00:00Z".parse().unwrap(), "2026-03-30T09:00:00Z".parse().unwrap()]);
    }

    #[test]
    fn the_hour_that_goes_on_is_counted_and_not_judged() {
        let zone = TimeZone::get("Europe/London").unwrap();
        let mut hours = mondays(&zone, 4);
        let nine: Timestamp = "2026-03-30T08:00:00Z".parse().unwrap();
        hours.insert(nine.as_second() / SECONDS_PER_HOUR, 1);
        let judged = judged(&hours, &zone, nine);
        assert_eq!(judged.iter().map(|hour| hour.received).sum::<u64>(), 4 * 60 + 1);
        assert_eq!(
            judged.last(),
            Some(&Hour { starts_at: nine, received: 1, usual: Some(30), is_gap: false })
        );
    }

    #[test]
    fn when_all_sources_fall_silent_the_clock_ends_hours() {
        let at = |text: &str| -> Timestamp { text.parse().unwrap() };
        let newest = at("2026-11-13T16:00:00Z");
        // A day must have passed, for what comes once a day.
        assert_eq!(over_until(newest, None, at("2026-11-14T10:00:00Z")), newest);
        assert_eq!(over_until(newest, None, at("2026-11-17T10:00:00Z")), at("2026-11-16T10:00:00Z"));
        // Long after, they are the records of a time that is over; who asks about a later week is told of it.
        assert_eq!(over_until(newest, None, at("2027-03-01T00:00:00Z")), newest);
        let to = Some(at("2026-11-20T00:00:00Z"));
        assert_eq!(over_until(newest, to, at("2027-03-01T00:00:00Z")), at("2026-11-20T00:00:00Z"));
        assert_eq!(over_until(newest, to, at("2026-11-18T12:00:00Z")), at("2026-11-17T12:00:00Z"));
        assert_eq!(over_until(newest, Some(at("2026-11-01T00:00:00Z")), at("2026-11-18T12:00:00Z")), newest);
    }

    #[test]
    fn nothing_is_expected_from_one_week_alone() {
        let zone = TimeZone::get("Europe/London").unwrap();
        let until = "2026-03-09T20:00:00Z".parse().unwrap();
        assert!(judged(&mondays(&zone, 1), &zone, until).iter().all(|hour| hour.usual.is_none()));
        assert!(judged(&BTreeMap::new(), &zone, until).is_empty());
    }
}
