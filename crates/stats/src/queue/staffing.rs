//! How many agents a load needs, and how many must be on the roster for that.

use super::erlang::{Waiting, with_one_more};
use super::{Leaving, MOST_SERVERS, is_load, is_time, leaving};

/// What comes in.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Demand {
    /// Calls that come in a length of time, over that length, in calls a second.
    pub calls_per_s: f64,
    /// Average handling time, wrap included, in seconds.
    pub handle_s: f64,
    /// After how many seconds those who wait leave, on average; `None` when nobody leaves.
    pub patience_s: Option<f64>,
}

impl Demand {
    /// Agents that would be busy all the time.
    pub fn erlangs(self) -> f64 {
        self.calls_per_s * self.handle_s
    }
}

/// What is to be reached.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Goal {
    /// Share of all calls, from 0 up to, not including, 1 ...
    pub answered: f64,
    /// ... that is answered within so many seconds.
    pub within_s: f64,
    /// Share of their time that agents handle calls, at most; above 0, up to 1.
    pub occupancy: f64,
}

/// Agents that a load needs, with what they reach.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Needed {
    /// Agents who take calls at the same time.
    pub agents: u32,
    /// Agents that the service level alone would need; more when the cap on occupancy is what binds.
    pub for_service: u32,
    /// Share of calls that they answer in time.
    pub answered_in_time: f64,
    /// Average wait in seconds.
    pub average_wait_s: f64,
    /// Share of callers who leave; zero when nobody does.
    pub leaves: f64,
    /// Share of their time that they handle calls.
    pub occupancy: f64,
}

/// The fewest agents who answer enough calls in time and are not busier than they may be. `None` for impossible numbers, or when
/// more than a million would be needed.
pub fn needed(demand: Demand, goal: Goal) -> Option<Needed> {
    let sound = is_load(demand.calls_per_s)
        && is_time(demand.handle_s)
        && is_load(demand.erlangs())
        && (0.0..1.0).contains(&goal.answered)
        && goal.within_s.is_finite()
        && goal.within_s >= 0.0
        && goal.occupancy > 0.0
        && goal.occupancy <= 1.0
        && demand.patience_s.is_none_or(is_time);
    if !sound || demand.erlangs() > f64::from(MOST_SERVERS) {
        return None;
    }
    match demand.patience_s {
        None => waiting_for_good(demand, goal),
        Some(patience) => leaving_after(demand, goal, patience),
    }
}

/// Whether a share is reached, whatever rounding does to one that is met exactly.
fn reaches(share: f64, goal: f64) -> bool {
    share >= goal - 1e-12
}

fn waiting_for_good(demand: Demand, goal: Goal) -> Option<Needed> {
    let (erlangs, mut blocked, mut for_service) = (demand.erlangs(), 1.0, None);
    for agents in 1..=MOST_SERVERS {
        blocked = with_one_more(blocked, erlangs, agents);
        let Some(found) = Waiting::after(blocked, erlangs, agents, demand.handle_s) else { continue };
        let answered_in_time = found.answered_within(goal.within_s);
        if for_service.is_none() && reaches(answered_in_time, goal.answered) {
            for_service = Some(agents);
        }
        if let Some(for_service) = for_service.filter(|_| reaches(goal.occupancy, found.occupancy())) {
            return Some(Needed {
                agents,
                for_service,
                answered_in_time,
                average_wait_s: found.average_wait(),
                leaves: 0.0,
                occupancy: found.occupancy(),
            });
        }
    }
    None
}

/// Service rises and occupancy falls with every agent, so the fewest are found by halving.
fn leaving_after(demand: Demand, goal: Goal, patience_s: f64) -> Option<Needed> {
    let of = |agents: u32| leaving(demand.erlangs(), agents, demand.handle_s, patience_s);
    let serves = |found: Leaving| reaches(found.answered_within(goal.within_s), goal.answered);
    let for_service = fewest(|agents| of(agents).map(serves))?;
    let agents = for_service.max(fewest(|agents| Some(reaches(goal.occupancy, of(agents)?.occupancy())))?);
    let found = of(agents)?;
    Some(Needed {
        agents,
        for_service,
        answered_in_time: found.answered_within(goal.within_s),
        average_wait_s: found.average_wait(),
        leaves: found.leaves(),
        occupancy: found.occupancy(),
    })
}

fn fewest(enough: impl Fn(u32) -> Option<bool>) -> Option<u32> {
    let (mut too_few, mut are_enough) = (0, 1);
    while !enough(are_enough)? {
        too_few = are_enough;
        are_enough =
            are_enough.checked_mul(2).filter(|agents| *agents <= 2 * MOST_SERVERS)?.min(MOST_SERVERS);
        if too_few == are_enough {
            return None;
        }
    }
    while are_enough - too_few > 1 {
        let middle = too_few + (are_enough - too_few) / 2;
        if enough(middle)? {
            are_enough = middle;
        } else {
            too_few = middle;
        }
    }
    Some(are_enough)
}

/// How reasons of absence go together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shrinkage {
    /// Each is a share of paid time: they add up.
    Adding,
    /// Each is a share of what the others leave: what is left of one is multiplied by what is left of the next.
    Compounding,
}

impl Shrinkage {
    /// Share of paid time in which agents do not take calls. `None` unless each lies from 0 to 1 and something is left.
    pub fn of(self, shares: &[f64]) -> Option<f64> {
        if !shares.iter().all(|share| (0.0..=1.0).contains(share)) {
            return None;
        }
        let lost = match self {
            Shrinkage::Adding => shares.iter().sum(),
            Shrinkage::Compounding => 1.0 - shares.iter().map(|share| 1.0 - share).product::<f64>(),
        };
        (lost < 1.0).then_some(lost)
    }
}

/// How many must be on the roster so that so many take calls, when this share of paid time is lost. `None` unless the share lies
/// from 0 up to, not including, 1 and the roster has a million at most.
pub fn rostered(agents: u32, lost: f64) -> Option<u32> {
    if !(0.0..1.0).contains(&lost) {
        return None;
    }
    let exact = f64::from(agents) / (1.0 - lost);
    // 14 over 0.7 is 20 and a little more as a float; nobody is hired for that.
    let whole = (exact - 1e-9 * exact.max(1.0)).ceil().max(0.0);
    // It is a whole number from 0 to a million.
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
    (whole <= f64::from(MOST_SERVERS)).then_some(whole as u32)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const GOAL: Goal = Goal { answered: 0.8, within_s: 20.0, occupancy: 0.85 };

    fn half_hour(calls: f64) -> Demand {
        Demand { calls_per_s: calls / 1800.0, handle_s: 180.0, patience_s: None }
    }

    #[test]
    fn known_loads_need_as_many_as_is_known() {
        let few = needed(half_hour(100.0), GOAL).unwrap();
        assert_eq!((few.agents, rostered(few.agents, 0.3)), (14, Some(20)));
        let many = needed(half_hour(1000.0), GOAL).unwrap();
        assert_eq!((many.agents, rostered(many.agents, 0.3), many.for_service), (118, Some(169), 107));
        assert_eq!(needed(half_hour(1000.0), Goal { occupancy: 1.0, ..GOAL }).unwrap().agents, 107);
    }

    #[test]
    fn callers_who_leave_need_fewer_agents() {
        let leaving = Demand { patience_s: Some(120.0), ..half_hour(1000.0) };
        let found = needed(leaving, Goal { occupancy: 1.0, ..GOAL }).unwrap();
        assert!(found.agents < 107 && found.leaves > 0.0 && found.answered_in_time >= 0.8, "{found:?}");
        let one_fewer = super::super::leaving(100.0, found.agents - 1, 180.0, 120.0).unwrap();
        assert!(one_fewer.answered_within(20.0) < 0.8);
    }

    #[test]
    fn ten_thousand_agents_are_found() {
        let found = needed(half_hour(85_000.0), GOAL).unwrap();
        assert_eq!(found.agents, 10_000);
    }

    #[test]
    fn no_calls_need_one_agent_who_waits_for_them() {
        let found = needed(half_hour(0.0), GOAL).unwrap();
        assert_eq!((found.agents, found.occupancy.abs() < 1e-300), (1, true));
        assert!(needed(Demand { patience_s: Some(60.0), ..half_hour(0.0) }, GOAL).is_some());
    }

    #[test]
    fn absences_add_up_or_compound() {
        let shares = [0.1, 0.2];
        assert!((Shrinkage::Adding.of(&shares).unwrap() - 0.3).abs() < 1e-15);
        assert!((Shrinkage::Compounding.of(&shares).unwrap() - 0.28).abs() < 1e-15);
        assert_eq!(Shrinkage::Adding.of(&[0.5, 0.5]), None);
        assert_eq!(Shrinkage::Adding.of(&[-0.1]), None);
        assert_eq!(rostered(10, 1.0), None);
        assert_eq!((rostered(0, 0.3), rostered(7, 0.0)), (Some(0), Some(7)));
    }

    #[test]
    fn impossible_goals_have_no_answer() {
        for goal in [
            Goal { answered: 1.0, ..GOAL },
            Goal { answered: f64::NAN, ..GOAL },
            Goal { within_s: -1.0, ..GOAL },
            Goal { occupancy: 0.0, ..GOAL },
            Goal { occupancy: 1.1, ..GOAL },
        ] {
            assert_eq!(needed(half_hour(100.0), goal), None);
        }
        assert_eq!(needed(Demand { handle_s: 0.0, ..half_hour(1.0) }, GOAL), None);
        assert_eq!(needed(half_hour(1e12), GOAL), None);
        assert_eq!(needed(Demand { patience_s: Some(0.0), ..half_hour(1.0) }, GOAL), None);
    }

    proptest! {
        #[test]
        fn one_agent_fewer_would_not_do(
            calls in 1.0..3000.0_f64, handle in 30.0..600.0_f64, answered in 0.5..0.95_f64, within in 0.0..60.0_f64,
            occupancy in 0.5..1.0_f64, patience in proptest::option::of(20.0..600.0_f64),
        ) {
            let demand = Demand { calls_per_s: calls / 1800.0, handle_s: handle, patience_s: patience };
            let goal = Goal { answered, within_s: within, occupancy };
            let found = needed(demand, goal).unwrap();
            prop_assert!(found.answered_in_time >= answered - 1e-11 && found.occupancy <= occupancy + 1e-11);
            if found.agents > 1 {
                let fewer = found.agents - 1;
                let (served, busy) = match patience {
                    Some(patience) => {
                        let fewer = super::super::leaving(demand.erlangs(), fewer, handle, patience).unwrap();
                        (fewer.answered_within(within), fewer.occupancy())
                    }
                    None => super::super::waiting(demand.erlangs(), fewer, handle)
                        .map_or((0.0, 2.0), |fewer| (fewer.answered_within(within), fewer.occupancy())),
                };
                prop_assert!(served < answered || busy > occupancy);
            }
        }
    }
}
