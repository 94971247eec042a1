//! What to simulate: seed, length, size and the moment that counts as now.

use dialmark_model::civil;
use jiff::Timestamp;
use jiff::civil::{Date, Time};
use jiff::tz::TimeZone;

use crate::calendar::{self, HOUR, SECOND, is_working, plus};
use crate::campaign::Campaign;
use crate::num::signed;
use crate::story::Story;

/// Zone of the main site, in which the dialler writes its times.
pub const ZONE: &str = "Europe/London";

/// Dials a calendar day at which the centre has its natural size: sixty agents, ninety days, every figure of the
/// story as planned.
pub const DEFAULT_CALLS_PER_DAY: u32 = 10_300;

/// One hundred per cent of the natural size.
pub(crate) const FULL: u64 = 100_000;

/// What to simulate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plan {
    /// Everything random follows from it.
    pub seed: u64,
    /// Civil days, the last included; weekends have no calls.
    pub days: u32,
    /// Dials a calendar day on average, weekends included: `days * calls_per_day` dials in all, nearly.
    pub calls_per_day: u32,
    /// The last day. The story's dates are counted back from it.
    pub end: Date,
    /// Clock time at the main site on the last day at which the records stop.
    pub until: Time,
}

impl Default for Plan {
    fn default() -> Plan {
        Plan {
            seed: 6,
            days: 90,
            calls_per_day: DEFAULT_CALLS_PER_DAY,
            end: Date::constant(2026, 11, 19),
            until: Time::constant(10, 40, 0, 0),
        }
    }
}

impl Plan {
    /// The first day.
    pub fn first_day(&self) -> Date {
        plus(self.end, 1 - i64::from(self.days.max(1)))
    }

    /// The moment at which the records stop.
    pub fn now(&self) -> Timestamp {
        let zone = zone();
        let day = civil::day_start(self.end, &zone).unwrap_or(Timestamp::UNIX_EPOCH);
        zone.to_ambiguous_timestamp(self.end.to_datetime(self.until)).compatible().unwrap_or(day)
    }

    /// Every day, the last included.
    pub(crate) fn dates(&self) -> impl Iterator<Item = Date> + use<> {
        let first = self.first_day();
        (0..i64::from(self.days)).map(move |n| plus(first, n))
    }

    /// Milliseconds from midnight to the end of the records on the last day.
    fn until_clock_ms(&self) -> i64 {
        let midnight = Time::midnight();
        signed(self.until.duration_since(midnight).as_millis().unsigned_abs().try_into().unwrap_or(0))
    }

    /// Size relative to the natural one.
    pub(crate) fn scale(&self) -> Scale {
        let story = Story::of(self.end);
        let natural: u64 = self
            .dates()
            .filter(|day| is_working(*day))
            .map(|day| {
                let end = if day == self.end { self.until_clock_ms() } else { 24 * HOUR };
                planned_dials(&story, day, end)
            })
            .sum();
        let wanted = u64::from(self.calls_per_day) * u64::from(self.days);
        if natural == 0 || wanted == 0 {
            return Scale { share: 0, floors: 1 };
        }
        let mut share = (wanted * FULL).div_ceil(natural);
        // What is asked for is approximate; whole hundredths keep the story's own figures whole.
        if share > FULL / 5 {
            share = (share + FULL / 200) / (FULL / 100) * (FULL / 100);
        }
        let floors = share.div_ceil(FULL);
        Scale { share: share / floors, floors }
    }
}

/// Dials that the story plans for a working day at natural size, up to a clock time.
fn planned_dials(story: &Story, day: Date, end_ms: i64) -> u64 {
    Campaign::ALL
        .iter()
        .flat_map(|campaign| (9..20_u8).map(move |hour| (campaign, hour)))
        .map(|(campaign, hour)| {
            let open = (end_ms - i64::from(hour) * HOUR).clamp(0, HOUR) / SECOND;
            campaign.planned_dials(story, day, hour) * open.unsigned_abs() / 3_600
        })
        .sum()
}

/// How large the centre is: so many floors of up to sixty agents, each at the same share of the natural size.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Scale {
    /// Share of the natural size of one floor, in hundred-thousandths.
    pub share: u64,
    /// Floors, each with its own agents, lists and leads.
    pub floors: u64,
}

/// The main site's zone; UTC stands in should the time-zone data lack it.
pub(crate) fn zone() -> TimeZone {
    civil::zone(ZONE).unwrap_or(TimeZone::UTC)
}

/// The calendar of a plan.
pub(crate) fn calendar(plan: &Plan) -> calendar::Calendar {
    calendar::Calendar::new(&zone(), plan.first_day(), plan.end)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_default_plan_is_the_natural_size_and_at_most_a_million_calls() {
        let plan = Plan::default();
        assert_eq!(plan.scale(), Scale { share: FULL, floors: 1 });
        assert!(plan.days * plan.calls_per_day <= 1_000_000);
        assert_eq!(plan.first_day().to_string(), "2026-08-22");
        assert_eq!(plan.now().to_string(), "2026-11-19T10:40:00Z");
    }

    #[test]
    fn size_follows_the_calls_asked_for() {
        let small = Plan { calls_per_day: 10, ..Plan::default() };
        assert_eq!(small.scale().floors, 1);
        assert_eq!(small.scale().share, 97);
        let large = Plan { calls_per_day: 1_000_000, ..Plan::default() };
        assert_eq!(large.scale().floors, 97);
        let none = Plan { calls_per_day: 0, ..Plan::default() };
        assert_eq!(none.scale().share, 0);
    }
}
