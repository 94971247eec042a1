//! What a floor counts on one day, in arrays, before it is added to the tallies: a row costs no look-up.

use jiff::civil::Date;

use crate::call::Call;
use crate::campaign::Campaign;
use crate::floor::Floor;
use crate::layout::State;
use crate::lists::LISTS;
use crate::story::CALLERS;
use crate::stream::Stream;
use crate::tallies::{AgentTally, CallTally, StateTally, StreamTally, Tallies};

const HOURS: usize = 24;

/// Floors whose agents are tallied one by one.
const FLOORS_BY_AGENT: u64 = 10;

/// The counts of a floor's day.
#[derive(Debug)]
pub(crate) struct DayCounts {
    lists: [CallTally; LISTS.len()],
    hours: [[CallTally; HOURS]; 3],
    callers: [CallTally; CALLERS as usize],
    callers_after: [CallTally; CALLERS as usize],
    callers_before: [CallTally; CALLERS as usize],
    floor_hours: [[StateTally; HOURS]; 3],
    /// By place among the floor's people.
    agents: Vec<AgentTally>,
    /// By stream.
    pub streams: [StreamTally; Stream::ALL.len()],
}

/// Whether a consumer call lies before or after the moment at which a caller ID fell.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum CallerEra {
    BeforeTheMix,
    Before,
    After,
}

impl DayCounts {
    /// Nothing counted, for a floor of so many people.
    pub(crate) fn new(people: usize) -> DayCounts {
        DayCounts {
            lists: [CallTally::default(); LISTS.len()],
            hours: [[CallTally::default(); HOURS]; 3],
            callers: [CallTally::default(); CALLERS as usize],
            callers_after: [CallTally::default(); CALLERS as usize],
            callers_before: [CallTally::default(); CALLERS as usize],
            floor_hours: [[StateTally::default(); HOURS]; 3],
            agents: vec![AgentTally::default(); people],
            streams: [StreamTally::default(); Stream::ALL.len()],
        }
    }

    /// Counts a call that was delivered.
    pub(crate) fn call(&mut self, call: &Call, hour: u8, era: CallerEra, with_length: bool) {
        let mut tally = CallTally::default();
        tally.add(call, with_length);
        let campaign = call.campaign();
        let add = |to: &mut CallTally| *to = to.plus(&tally);
        add(&mut self.lists[call.list]);
        add(&mut self.hours[campaign as usize][usize::from(hour) % HOURS]);
        if campaign == Campaign::HomeSwitch {
            let caller = usize::from(call.caller.min(CALLERS - 1));
            add(&mut self.callers[caller]);
            match era {
                CallerEra::BeforeTheMix => {}
                CallerEra::Before => add(&mut self.callers_before[caller]),
                CallerEra::After => add(&mut self.callers_after[caller]),
            }
        }
        if let Some(agent) = call.agent {
            add(&mut self.agents[agent].calls);
        }
    }

    /// Counts time in a state within one clock hour.
    pub(crate) fn state(&mut self, agent: usize, campaign: Campaign, hour: u8, state: State, ms: i64) {
        self.agents[agent].states.add(state, ms);
        self.floor_hours[campaign as usize][usize::from(hour) % HOURS].add(state, ms);
    }

    /// Counts time logged in.
    pub(crate) fn logged(&mut self, agent: usize, ms: i64) {
        self.agents[agent].logged_ms += crate::num::unsigned(ms);
    }

    /// Adds everything to the tallies of a day.
    pub(crate) fn settle(&self, tallies: &mut Tallies, day: Date, floor: &Floor) {
        for (list, tally) in LISTS.iter().zip(&self.lists).filter(|(_, t)| t.dials > 0) {
            let sum = tallies.calls.entry((day, list.campaign, list.code)).or_default();
            *sum = sum.plus(tally);
        }
        for campaign in Campaign::ALL {
            for hour in 0..24_u8 {
                let (at, place) = (campaign as usize, usize::from(hour));
                let (calls, states) = (&self.hours[at][place], &self.floor_hours[at][place]);
                if calls.dials > 0 {
                    let sum = tallies.hours.entry((day, campaign, hour)).or_default();
                    *sum = sum.plus(calls);
                }
                if states.sum_ms() > 0 {
                    let sum = tallies.floor_hours.entry((day, campaign, hour)).or_default();
                    *sum = sum.plus(states);
                }
            }
        }
        for caller in 0..CALLERS {
            let at = usize::from(caller);
            for (part, sums) in [
                (&self.callers_before[at], &mut tallies.callers_before),
                (&self.callers_after[at], &mut tallies.callers_after),
            ] {
                if part.dials > 0 {
                    let sum = sums.entry(caller).or_default();
                    *sum = sum.plus(part);
                }
            }
            if self.callers[at].dials > 0 {
                let sum = tallies.callers.entry((day, caller)).or_default();
                *sum = sum.plus(&self.callers[at]);
            }
        }
        for (agent, tally) in floor.people.iter().zip(&self.agents) {
            if *tally == AgentTally::default() {
                continue;
            }
            if floor.no < FLOORS_BY_AGENT {
                tallies.agents.insert((day, agent.no), *tally);
            } else {
                let sum = tallies.other_agents.entry(day).or_default();
                *sum = sum.plus(tally);
            }
        }
        for (stream, tally) in Stream::ALL.iter().zip(&self.streams).filter(|(_, t)| t.rows > 0) {
            tallies.streams.entry(*stream).or_default().add(tally);
        }
    }
}
