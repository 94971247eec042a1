//! The causes that are planted, with their dates. All dates are counted back from the last day.
//!
//! Six scenes: a list that drags conversion down, a site outage with over-dialling after it, a star whose
//! appointments do not qualify, promises that rise while kept ones fall, a caller ID and a roster that hurt, and
//! the inputs of a client's statement.

use jiff::civil::Date;

use crate::calendar::{HOUR, MINUTE, monday, plus};

/// The dates of the story.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Story {
    /// Two agents move from the early to the late consumer team.
    pub team_move: Date,
    /// Promises begin to be taken more loosely.
    pub promises_change: Date,
    /// The offshore site joins the consumer campaign; before, its records lie elsewhere.
    pub offshore_joins: Date,
    /// First day of the week in which a disposition appears that the map lacks.
    pub unmapped_from: Date,
    /// Last day of it.
    pub unmapped_until: Date,
    /// The fourteen-month-old list replaces the earlier cold list, and the mix turns cold.
    pub mix_change: Date,
    /// Monday of the week in which some accounts get an eighth call.
    pub eighth_calls: Date,
    /// Day on which one caller ID falls.
    pub caller_drop: Date,
    /// Day of the onshore site's outage.
    pub outage: Date,
}

/// Clock time at which the caller ID falls.
pub(crate) const CALLER_DROP_CLOCK: i64 = 14 * HOUR;
/// Clock time at which the outage begins.
pub(crate) const OUTAGE_FROM: i64 = 10 * HOUR + 5 * MINUTE;
/// Clock time at which it ends.
pub(crate) const OUTAGE_UNTIL: i64 = 11 * HOUR + 20 * MINUTE;
/// The caller ID that falls, counted from 0.
pub(crate) const FALLEN_CALLER: u8 = 4;
/// Caller IDs of the consumer campaign.
pub(crate) const CALLERS: u8 = 8;
/// Clawbacks on each working day since the mix changed; on the first of these days one fewer. The fourteen days
/// up to the end make 41.
pub(crate) const CLAWBACKS_A_DAY: u64 = 3;
/// Days between a sale and its clawback: whole weeks, so that both are working days.
pub(crate) const CLAWBACK_AFTER_DAYS: i64 = 28;
/// Accounts that stand on two lists and get an eighth call.
pub(crate) const EIGHTH_CALL_ACCOUNTS: u64 = 12;

impl Story {
    /// The story of a centre whose last day is `end`.
    pub fn of(end: Date) -> Story {
        // The Monday of the last full or running week that began before the last day.
        let anchor = monday(plus(end, -1));
        Story {
            team_move: plus(anchor, -42),
            promises_change: plus(anchor, -35),
            offshore_joins: plus(anchor, -28),
            unmapped_from: plus(anchor, -28),
            unmapped_until: plus(anchor, -24),
            mix_change: plus(anchor, -14),
            eighth_calls: plus(anchor, -7),
            caller_drop: plus(anchor, -5),
            outage: anchor,
        }
    }

    /// Whether a disposition that the map lacks is in use on this day.
    pub(crate) fn has_unmapped(&self, day: Date) -> bool {
        self.unmapped_from <= day && day <= self.unmapped_until
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    #[test]
    fn the_dates_fall_where_the_story_tells_them() {
        let story = Story::of(date(2026, 11, 19));
        assert_eq!(story.outage, date(2026, 11, 16));
        assert_eq!(story.mix_change, date(2026, 11, 2));
        assert_eq!(story.offshore_joins, date(2026, 10, 19));
        assert_eq!(story.caller_drop, date(2026, 11, 11));
        // Week nine of ninety days from 22 August: days 56 to 62.
        assert!(story.unmapped_from >= date(2026, 10, 17) && story.unmapped_until <= date(2026, 10, 23));
    }

    #[test]
    fn the_outage_lies_before_the_last_day_whatever_its_weekday() {
        for n in 0..14 {
            let end = plus(date(2026, 11, 9), n);
            let story = Story::of(end);
            assert!(story.outage < end && story.outage >= plus(end, -7));
            assert_eq!(story.outage, monday(story.outage));
        }
    }
}
