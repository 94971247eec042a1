//! The three pieces of work and their volumes by hour.

use jiff::civil::Date;

use crate::story::Story;

/// A campaign.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Campaign {
    /// Predictive-dialled consumer sales.
    HomeSwitch,
    /// Business-to-business appointments, dialled with preview.
    B2b,
    /// Early arrears of a bank, dialled progressively.
    Arrears,
}

/// First hour of work.
pub(crate) const FIRST_HOUR: u8 = 9;
/// Hour after the last.
pub(crate) const LAST_HOUR: u8 = 20;

/// What the consumer campaign does in one hour at natural size, with the cold list in it and both sites.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct HomeHour {
    /// Dials.
    pub dials: u64,
    /// Of them answered by a live person.
    pub live: u64,
    /// Of these dropped because no agent was free.
    pub drops: u64,
    /// Share of available time in which agents handle calls, in thousandths.
    pub occupancy: u64,
}

/// 21,000 dials, 2,925 live answers, 71 drops. Contact is 14 % at 10 and 11 and 27 % at 18 and 19; occupancy is
/// 93 % and 58 %: the dials are spent where people do not answer, the evening's agents wait.
const HOME_FULL: [HomeHour; 11] = [
    HomeHour { dials: 1_900, live: 228, drops: 5, occupancy: 850 },
    HomeHour { dials: 1_795, live: 260, drops: 7, occupancy: 945 },
    HomeHour { dials: 1_795, live: 260, drops: 7, occupancy: 945 },
    HomeHour { dials: 2_700, live: 320, drops: 8, occupancy: 770 },
    HomeHour { dials: 2_700, live: 320, drops: 8, occupancy: 770 },
    HomeHour { dials: 2_690, live: 343, drops: 8, occupancy: 780 },
    HomeHour { dials: 2_690, live: 344, drops: 8, occupancy: 790 },
    HomeHour { dials: 2_680, live: 370, drops: 9, occupancy: 800 },
    HomeHour { dials: 1_000, live: 188, drops: 5, occupancy: 780 },
    HomeHour { dials: 530, live: 148, drops: 3, occupancy: 592 },
    HomeHour { dials: 520, live: 144, drops: 3, occupancy: 592 },
];

/// Drops by hour on the day of the outage: 231. Most fall while the onshore agents are away and the dialler
/// still dials for them.
const OUTAGE_DROPS: [u64; 11] = [3, 133, 54, 6, 6, 7, 7, 8, 4, 2, 1];

/// Live answers of a full day before the mix turned cold, of 17,000 dials: fresher lists answer more often, so
/// fewer dials keep the same agents busy.
const LIVE_BEFORE: u64 = 2_872;
const DIALS_BEFORE: u64 = 17_000;
const LIVE_AFTER: u64 = 2_925;
const DIALS_AFTER: u64 = 21_000;

impl Campaign {
    /// All campaigns.
    pub const ALL: [Campaign; 3] = [Campaign::HomeSwitch, Campaign::B2b, Campaign::Arrears];

    /// Its identifier.
    pub const fn id(self) -> &'static str {
        match self {
            Campaign::HomeSwitch => "home_switch",
            Campaign::B2b => "b2b_appointments",
            Campaign::Arrears => "early_arrears",
        }
    }

    /// The client for whom it runs.
    pub const fn client(self) -> &'static str {
        match self {
            Campaign::HomeSwitch | Campaign::B2b => "brightwatt",
            Campaign::Arrears => "harbour_bank",
        }
    }

    /// The dialler's own word for how it dials.
    pub(crate) const fn method(self) -> &'static str {
        match self {
            Campaign::HomeSwitch => "ADAPT_AVERAGE",
            Campaign::B2b => "MANUAL_PREVIEW",
            Campaign::Arrears => "RATIO_1",
        }
    }

    /// A number for streams of chance.
    pub(crate) const fn key(self) -> u64 {
        match self {
            Campaign::HomeSwitch => 1,
            Campaign::B2b => 2,
            Campaign::Arrears => 3,
        }
    }

    /// Dials that the story plans for an hour at natural size.
    pub(crate) fn planned_dials(self, story: &Story, day: Date, hour: u8) -> u64 {
        match self {
            Campaign::HomeSwitch => home_hour(story, day, hour).map_or(0, |h| h.dials),
            // Eight agents, 110 dials each from 9 to 17.
            Campaign::B2b => u64::from((9..17).contains(&hour)) * 110,
            // Six early and four late agents, 200 dials each.
            Campaign::Arrears => {
                u64::from((9..17).contains(&hour)) * 150 + u64::from((12..20).contains(&hour)) * 100
            }
        }
    }

    /// Dials an agent makes in an hour of available time, in hundredths; the consumer campaign is paced from above.
    pub(crate) const fn dials_per_agent_hour(self) -> u64 {
        match self {
            Campaign::HomeSwitch => 0,
            Campaign::B2b => 1_630,
            Campaign::Arrears => 2_960,
        }
    }
}

/// What the consumer campaign does in an hour of a working day, at natural size.
pub(crate) fn home_hour(story: &Story, day: Date, hour: u8) -> Option<HomeHour> {
    let at = usize::from(hour.checked_sub(FIRST_HOUR)?);
    let mut plan = *HOME_FULL.get(at)?;
    if day == story.outage {
        plan.drops = *OUTAGE_DROPS.get(at)?;
    }
    if day < story.mix_change {
        plan.dials = plan.dials * DIALS_BEFORE / DIALS_AFTER;
        plan.live = (plan.live * LIVE_BEFORE + LIVE_AFTER / 2) / LIVE_AFTER;
    }
    if day < story.offshore_joins {
        // Onshore agents of all agents on the floor at this hour.
        let (onshore, all) = match hour {
            9..12 => (12, 22),
            12..17 => (18, 42),
            _ => (6, 20),
        };
        plan.dials = plan.dials * onshore / all;
        plan.live = plan.live * onshore / all;
        plan.drops = (plan.drops * onshore + all / 2) / all;
    }
    Some(plan)
}

/// Dials and live answers of a whole working day, from which answer rates by source follow.
pub(crate) fn home_day(story: &Story, day: Date) -> (u64, u64) {
    (FIRST_HOUR..LAST_HOUR)
        .filter_map(|hour| home_hour(story, day, hour))
        .fold((0, 0), |(dials, live), hour| (dials + hour.dials, live + hour.live))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::calendar::{is_working, plus};

    fn story() -> Story {
        Story::of(jiff::civil::date(2026, 11, 19))
    }

    fn drops(day: Date) -> u64 {
        (9..20).filter_map(|hour| home_hour(&story(), day, hour)).map(|h| h.drops).sum()
    }

    #[test]
    fn the_day_of_the_outage_has_the_two_true_rates() {
        assert_eq!(home_day(&story(), story().outage), (21_000, 2_925));
        assert_eq!(drops(story().outage), 231);
    }

    #[test]
    fn thirty_days_leave_a_budget_of_about_192_drops() {
        let end = jiff::civil::date(2026, 11, 19);
        let days: Vec<Date> = (1..=30).map(|n| plus(end, -n)).filter(|d| is_working(*d)).collect();
        let live: u64 = days.iter().map(|d| home_day(&story(), *d).1).sum();
        let dropped: u64 = days.iter().map(|d| drops(*d)).sum();
        assert_eq!(dropped, 1_722);
        // Some eighty conversations of the first week get a disposition that the map lacks: 63,800 remain.
        assert!(live.abs_diff(63_880) <= 20, "{live}");
    }

    #[test]
    fn contact_is_14_in_the_morning_and_27_in_the_evening() {
        let share = |hours: [u8; 2]| {
            let of = |f: fn(HomeHour) -> u64| -> u64 {
                hours.iter().filter_map(|h| home_hour(&story(), story().mix_change, *h)).map(f).sum()
            };
            (of(|h| h.live) - of(|h| h.drops)) * 1000 / of(|h| h.dials)
        };
        assert!(share([10, 11]).abs_diff(141) <= 2, "{}", share([10, 11]));
        assert!(share([18, 19]).abs_diff(272) <= 4, "{}", share([18, 19]));
    }
}
