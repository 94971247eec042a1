//! The oracle: what was simulated, counted while it was made, in exact whole numbers.
//!
//! Only what had been delivered by the end of the records is counted, each record once and in its last revision:
//! what an import of all files must come to.

use std::collections::BTreeMap;

use jiff::civil::Date;
use serde::Serialize;

use crate::call::{Call, Status};
use crate::campaign::Campaign;
use crate::layout::State;
use crate::num::unsigned;
use crate::stream::Stream;

/// Counts and times of some calls. Costs are in ten-thousandths of a pound.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct CallTally {
    /// Calls.
    pub dials: u64,
    /// Anything picked up.
    pub answers: u64,
    /// A person picked up, reached an agent or not.
    pub live_answers: u64,
    /// An agent spoke to a person, as far as the disposition map knows.
    pub contacts: u64,
    /// It was the person wanted.
    pub right_party_contacts: u64,
    /// Sales, appointments or promises.
    pub successes: u64,
    /// Successes at the first attempt to a lead.
    pub first_attempt_successes: u64,
    /// A person picked up and no agent was free.
    pub drops: u64,
    /// A person picked up and hung up before an agent was there.
    pub abandoned: u64,
    /// Machines.
    pub machines: u64,
    /// Numbers that do not work.
    pub invalid: u64,
    /// Conversations whose disposition the map lacks.
    pub unmapped: u64,
    /// Calls that were put through to an agent.
    pub connected: u64,
    /// From start to end; calls that were delivered with a negative length are left out.
    pub duration_ms: u64,
    /// Talk, holds not included.
    pub talk_ms: u64,
    /// Hold.
    pub hold_ms: u64,
    /// Wrap.
    pub wrap_ms: u64,
    /// Carrier's price.
    pub cost_units: u64,
}

impl CallTally {
    pub(crate) fn add(&mut self, call: &Call, with_length: bool) {
        let status = call.status;
        self.dials += 1;
        self.answers += u64::from(call.answered.is_some());
        self.live_answers += u64::from(status.is_live());
        self.contacts += u64::from(status.is_contact());
        self.right_party_contacts += u64::from(status.is_right_party());
        self.successes += u64::from(status.is_success());
        self.first_attempt_successes += u64::from(status.is_success() && call.turn.attempt == 1);
        self.drops += u64::from(status == Status::Dropped);
        self.abandoned += u64::from(status == Status::HungUp);
        self.machines += u64::from(status == Status::Machine);
        self.invalid += u64::from(status == Status::Invalid);
        self.unmapped += u64::from(status == Status::NewCode);
        self.connected += u64::from(call.connected.is_some());
        self.duration_ms += if with_length { unsigned(call.ended - call.started) } else { 0 };
        self.talk_ms += unsigned(call.talk.unwrap_or(0));
        self.hold_ms += unsigned(call.hold.unwrap_or(0));
        self.wrap_ms += unsigned(call.wrap.unwrap_or(0));
        self.cost_units += unsigned(call.price());
    }

    /// The sum of two.
    pub fn plus(mut self, other: &CallTally) -> CallTally {
        self.dials += other.dials;
        self.answers += other.answers;
        self.live_answers += other.live_answers;
        self.contacts += other.contacts;
        self.right_party_contacts += other.right_party_contacts;
        self.successes += other.successes;
        self.first_attempt_successes += other.first_attempt_successes;
        self.drops += other.drops;
        self.abandoned += other.abandoned;
        self.machines += other.machines;
        self.invalid += other.invalid;
        self.unmapped += other.unmapped;
        self.connected += other.connected;
        self.duration_ms += other.duration_ms;
        self.talk_ms += other.talk_ms;
        self.hold_ms += other.hold_ms;
        self.wrap_ms += other.wrap_ms;
        self.cost_units += other.cost_units;
        self
    }
}

/// Milliseconds by state, in the order of [`State::ALL`].
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct StateTally(pub [u64; 7]);

impl StateTally {
    /// Time in a state.
    pub fn of(&self, state: State) -> u64 {
        self.0[state as usize]
    }

    /// Talk, hold and wrap.
    pub fn handle_ms(&self) -> u64 {
        self.of(State::Talk) + self.of(State::Hold) + self.of(State::Wrap)
    }

    /// Time in all states.
    pub fn sum_ms(&self) -> u64 {
        self.0.iter().sum()
    }

    pub(crate) fn add(&mut self, state: State, ms: i64) {
        self.0[state as usize] += unsigned(ms);
    }

    /// The sum of two.
    pub fn plus(mut self, other: &StateTally) -> StateTally {
        for (mine, theirs) in self.0.iter_mut().zip(other.0) {
            *mine += theirs;
        }
        self
    }
}

/// An agent's day.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct AgentTally {
    /// Calls that the agent handled.
    pub calls: CallTally,
    /// Time by state.
    pub states: StateTally,
    /// From log-in to log-out, up to the end of the records.
    pub logged_ms: u64,
}

impl AgentTally {
    /// The sum of two.
    pub fn plus(self, other: &AgentTally) -> AgentTally {
        AgentTally {
            calls: self.calls.plus(&other.calls),
            states: self.states.plus(&other.states),
            logged_ms: self.logged_ms + other.logged_ms,
        }
    }
}

/// Sales or appointments agreed on a day and what became of them. Values are in pence.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct DealTally {
    /// Agreed.
    pub agreed: u64,
    /// Verified.
    pub verified: u64,
    /// Refused by verification.
    pub rejected: u64,
    /// Cancelled by the customer.
    pub cancelled: u64,
    /// Pay reclaimed.
    pub clawed_back: u64,
    /// Value of those agreed.
    pub value_pence: u64,
}

/// An agent's appointments and what became of them.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct StageTally {
    /// Conversations, as far as the disposition map knows.
    pub conversations: u64,
    /// Appointments agreed.
    pub appointments: u64,
    /// Of them old enough for every later stage to have been reached.
    pub matured: u64,
    /// Of the matured: held.
    pub held: u64,
    /// Of the matured: qualified.
    pub qualified: u64,
    /// Of the matured: won.
    pub won: u64,
}

/// Promises made on a day and what became of them. Sums are in pence.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct PromiseTally {
    /// Made.
    pub made: u64,
    /// Kept or broken by now. Kept ones are known earlier than broken ones, so near the end a rate of these is
    /// too high; `matured` has no such bias.
    pub decided: u64,
    /// Kept by now.
    pub kept: u64,
    /// Made so long ago that the grace has ended.
    pub matured: u64,
    /// Of the matured: kept.
    pub matured_kept: u64,
    /// Sum promised.
    pub promised_pence: u64,
    /// Sum paid against them so far.
    pub paid_pence: u64,
}

/// Answers to surveys, evaluations and callbacks.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct VoiceTally {
    /// Satisfaction surveys sent.
    pub csat_sent: u64,
    /// Of them answered.
    pub csat_answered: u64,
    /// Of these with 4 or 5 of 5.
    pub csat_satisfied: u64,
    /// Recommendation surveys sent.
    pub nps_sent: u64,
    /// Of them answered.
    pub nps_answered: u64,
    /// Of these with 9 or 10.
    pub nps_promoters: u64,
    /// Of these with 0 to 6.
    pub nps_detractors: u64,
    /// Conversations evaluated.
    pub evaluations: u64,
    /// Points reached in them, of 100 each.
    pub evaluation_points: u64,
    /// Of them with a critical error.
    pub critical_errors: u64,
    /// Callbacks agreed.
    pub callbacks: u64,
    /// Of them made.
    pub callbacks_kept: u64,
    /// Requests not to be called again.
    pub do_not_call: u64,
    /// Leads loaded.
    pub leads: u64,
    /// Accounts loaded.
    pub accounts: u64,
}

/// What was sent of one stream.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct StreamTally {
    /// Different records: what the lake holds in the end.
    pub records: u64,
    /// Rows written, everything included.
    pub rows: u64,
    /// Later revisions in the course of things: a sale verified, a promise kept.
    pub revisions: u64,
    /// Rows that arrive in a later week's file.
    pub late: u64,
    /// Records that arrive with one field wrong and again with a later stamp, right.
    pub corrected: u64,
    /// Rows that arrive twice, identically.
    pub duplicates: u64,
    /// Rows that broke off: to be quarantined. The whole row follows.
    pub damaged_columns: u64,
    /// Rows without a readable time: to be quarantined. The good row follows.
    pub damaged_times: u64,
    /// Records with a negative length: kept, the length is null.
    pub negative_lengths: u64,
}

impl StreamTally {
    pub(crate) fn add(&mut self, other: &StreamTally) {
        self.records += other.records;
        self.rows += other.rows;
        self.revisions += other.revisions;
        self.late += other.late;
        self.corrected += other.corrected;
        self.duplicates += other.duplicates;
        self.damaged_columns += other.damaged_columns;
        self.damaged_times += other.damaged_times;
        self.negative_lengths += other.negative_lengths;
    }
}

/// Everything that was counted.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Tallies {
    /// By day, campaign and list.
    pub calls: BTreeMap<(Date, Campaign, &'static str), CallTally>,
    /// By day, campaign and hour of the start.
    pub hours: BTreeMap<(Date, Campaign, u8), CallTally>,
    /// By day and caller ID, the consumer campaign's.
    pub callers: BTreeMap<(Date, u8), CallTally>,
    /// By caller ID, from the moment at which one of them fell.
    pub callers_after: BTreeMap<u8, CallTally>,
    /// The same before that moment, since the mix changed.
    pub callers_before: BTreeMap<u8, CallTally>,
    /// By day and agent, of the first floors only: a centre of thousands of agents is not held one by one.
    pub agents: BTreeMap<(Date, u64), AgentTally>,
    /// By day, the agents of all other floors together.
    pub other_agents: BTreeMap<Date, AgentTally>,
    /// By day, campaign and clock hour; spans are split at the hour.
    pub floor_hours: BTreeMap<(Date, Campaign, u8), StateTally>,
    /// By day agreed and campaign.
    pub deals: BTreeMap<(Date, Campaign), DealTally>,
    /// Clawbacks by the day on which they took effect.
    pub clawbacks: BTreeMap<Date, u64>,
    /// By business agent.
    pub stages: BTreeMap<u64, StageTally>,
    /// By day made.
    pub promises: BTreeMap<Date, PromiseTally>,
    /// Payments received by day: how many, and pence.
    pub payments: BTreeMap<Date, (u64, u64)>,
    /// Costs by day and category, in ten-thousandths of a pound.
    pub costs: BTreeMap<(Date, &'static str), u64>,
    /// Surveys, evaluations, callbacks and the like by day.
    pub voice: BTreeMap<Date, VoiceTally>,
    /// By stream.
    pub streams: BTreeMap<Stream, StreamTally>,
}

impl Tallies {
    /// Calls for which `test` holds, added up.
    pub fn calls_where(&self, test: impl Fn(Date, Campaign, &str) -> bool) -> CallTally {
        self.calls
            .iter()
            .filter(|((day, campaign, list), _)| test(*day, *campaign, list))
            .fold(CallTally::default(), |sum, (_, tally)| sum.plus(tally))
    }

    /// Calls of some hours, added up.
    pub fn hours_where(&self, test: impl Fn(Date, Campaign, u8) -> bool) -> CallTally {
        self.hours
            .iter()
            .filter(|((day, campaign, hour), _)| test(*day, *campaign, *hour))
            .fold(CallTally::default(), |sum, (_, tally)| sum.plus(tally))
    }

    /// Time by state of some hours, added up.
    pub fn states_where(&self, test: impl Fn(Date, Campaign, u8) -> bool) -> StateTally {
        self.floor_hours
            .iter()
            .filter(|((day, campaign, hour), _)| test(*day, *campaign, *hour))
            .fold(StateTally::default(), |sum, (_, tally)| sum.plus(tally))
    }
}
