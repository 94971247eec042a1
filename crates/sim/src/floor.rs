//! One floor on one day: who is there, which dials are made, who takes them, and when everything happened.

use jiff::civil::Date;

use crate::call::Call;
use crate::campaign::Campaign;
use crate::layout::{self, Span, Task};
use crate::lists::{Cursor, LISTS};
use crate::num::unsigned;
use crate::people::{Agent, Site, Team};
use crate::rng::{Rng, hash};
use crate::shift::{self, Item, Pause, Session, Work};
use crate::world::World;
use crate::{agent_led, home};

/// What chance decides about, as the first key of a stream.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Purpose {
    Absence = 1,
    Roster,
    Home,
    AgentLed,
    Layout,
    Deal,
    Promise,
    Voice,
    Lead,
    Account,
}

/// An agent's plan for the day, and what came of it.
#[derive(Debug)]
pub(crate) struct AgentDay {
    /// Place among the floor's people.
    pub agent: usize,
    pub team: Team,
    pub pauses: Vec<Pause>,
    /// Empty when absent.
    pub worked: Vec<WorkedSession>,
}

/// A session as it was worked; times are instants.
#[derive(Debug)]
pub(crate) struct WorkedSession {
    pub login: i64,
    pub logout: i64,
    pub spans: Vec<Span>,
}

/// A stretch of work with what was given to it.
#[derive(Debug)]
pub(crate) struct Slot {
    /// Place of the agent in the day's roster.
    pub roster: usize,
    pub team: Team,
    pub work: Work,
    pub tasks: Vec<Task>,
}

impl Slot {
    /// Time in which calls can be handled; moments are not used.
    pub(crate) fn room(&self) -> u64 {
        let room = unsigned(self.work.end - self.work.start);
        if room < 90_000 { 0 } else { room }
    }
}

/// A floor that is carried from day to day: its people and where the dialler stands in its lists.
#[derive(Debug)]
pub(crate) struct Floor {
    pub no: u64,
    pub people: Vec<Agent>,
    pub cursors: Vec<Cursor>,
}

/// A floor's day.
#[derive(Debug)]
pub(crate) struct FloorDay {
    /// In the order of their starts.
    pub calls: Vec<Call>,
    pub agents: Vec<AgentDay>,
}

impl Floor {
    /// A floor before its first day.
    pub(crate) fn new(no: u64, world: &World) -> Floor {
        Floor {
            no,
            people: crate::people::agents(no, &world.story, world.plan.first_day(), world.plan.end),
            cursors: LISTS.iter().map(|list| Cursor::new(list, world.scale.share)).collect(),
        }
    }

    /// A stream of chance for a purpose on a day.
    pub(crate) fn rng(&self, world: &World, purpose: Purpose, day: Date, of: u64) -> Rng {
        Rng::of(&[world.plan.seed, purpose as u64, self.no, unsigned(crate::calendar::day_number(day)), of])
    }

    /// Works a day.
    pub(crate) fn work(&mut self, world: &World, day: Date) -> FloorDay {
        let mut roster = Vec::new();
        let mut sessions: Vec<Vec<Session>> = Vec::new();
        let day_no = unsigned(crate::calendar::day_number(day));
        for (at, agent) in self.people.iter().enumerate() {
            if !agent.is_employed(day) || !agent.has_turn(day_no, world.scale.share) {
                continue;
            }
            let team = agent.team(day);
            let mut rng = self.rng(world, Purpose::Roster, day, agent.no);
            let pauses = shift::pauses(team.shift(), &mut rng);
            // Nobody is away in a centre that is so small that the work would stop.
            let absent = world.scale.share > crate::plan::FULL / 4
                && self.rng(world, Purpose::Absence, day, agent.no).chance(25_000);
            let outage = day == world.story.outage && team.site() == Site::Leeds;
            sessions.push(match absent {
                true => Vec::new(),
                false => shift::sessions(team.shift(), &pauses, outage, &mut rng),
            });
            roster.push(AgentDay { agent: at, team, pauses, worked: Vec::new() });
        }
        let mut slots = slots(&roster, &sessions);
        let mut calls = Vec::new();
        home::dial(self, world, day, &mut slots, &mut calls, &roster);
        for campaign in [Campaign::B2b, Campaign::Arrears] {
            agent_led::dial(self, world, day, campaign, &mut slots, &mut calls, &roster);
        }
        self.lay_out(world, day, &mut roster, &sessions, slots, &mut calls);
        sort_by_start(&mut calls, &mut roster);
        FloorDay { calls, agents: roster }
    }

    fn lay_out(
        &self,
        world: &World,
        day: Date,
        roster: &mut [AgentDay],
        sessions: &[Vec<Session>],
        slots: Vec<Slot>,
        calls: &mut [Call],
    ) {
        let midnight = world.calendar.at(day, 0);
        // Slots stand in the order in which `work` asks for them.
        let mut slots = slots.into_iter();
        for (entry, sessions) in roster.iter_mut().zip(sessions) {
            let mut rng = self.rng(world, Purpose::Layout, day, self.people[entry.agent].no);
            let is_home = entry.team.campaign() == Campaign::HomeSwitch;
            for session in sessions {
                let mut give = |_: &Work| slots.next().map(|slot| slot.tasks).unwrap_or_default();
                let occupancy = |hour| {
                    crate::campaign::home_hour(&world.story, day, hour)
                        .filter(|_| is_home)
                        .map(|h| h.occupancy)
                };
                let mut worked = layout::work(session, &mut give, occupancy, &mut rng);
                for placed in &worked.placed {
                    set_times(&mut calls[placed.task.call], placed, midnight, is_home, &mut rng);
                }
                for span in &mut worked.spans {
                    span.from += midnight;
                    span.until += midnight;
                }
                entry.worked.push(WorkedSession {
                    login: midnight + session.login,
                    logout: midnight + worked.logout,
                    spans: worked.spans,
                });
            }
        }
    }
}

fn slots(roster: &[AgentDay], sessions: &[Vec<Session>]) -> Vec<Slot> {
    let mut slots = Vec::new();
    for (at, (entry, sessions)) in roster.iter().zip(sessions).enumerate() {
        for item in sessions.iter().flat_map(|session| &session.items) {
            if let Item::Work(work) = item {
                slots.push(Slot { roster: at, team: entry.team, work: *work, tasks: Vec::new() });
            }
        }
    }
    slots
}

/// Gives a call that an agent handled its instants.
fn set_times(call: &mut Call, placed: &layout::Placed, midnight: i64, predictive: bool, rng: &mut Rng) {
    let task = placed.task;
    let begun = midnight + placed.start + task.preview;
    if predictive {
        // The machine dialled before the agent was free; the agent meets somebody who has answered.
        let answered = begun - rng.between(150, 1_900);
        call.started = answered - rng.between(4_000, 21_000);
        call.answered = Some(answered);
    } else {
        call.started = begun;
        let listened = if call.status == crate::call::Status::Machine { task.dial / 4 } else { 0 };
        call.answered = call.status.is_answered().then_some(begun + task.dial - listened);
    }
    let through = begun + task.dial;
    call.ended = through + task.talk + task.hold;
    call.wrap_ended = Some(call.ended + task.wrap);
    call.wrap = Some(task.wrap);
    if call.status.is_conversation() {
        call.connected = Some(through);
        call.talk = Some(task.talk);
        call.hold = Some(task.hold);
    }
}

/// Sorts the calls by start and follows them with the spans' references.
fn sort_by_start(calls: &mut Vec<Call>, roster: &mut [AgentDay]) {
    let mut order: Vec<usize> = (0..calls.len()).collect();
    order.sort_unstable_by_key(|at| (calls[*at].started, *at));
    let mut place = vec![0; calls.len()];
    for (new, old) in order.iter().enumerate() {
        place[*old] = new;
    }
    let mut sorted: Vec<Call> = Vec::with_capacity(calls.len());
    for old in order {
        sorted.push(calls[old].clone());
    }
    *calls = sorted;
    let spans = roster.iter_mut().flat_map(|entry| &mut entry.worked).flat_map(|worked| &mut worked.spans);
    for span in spans {
        span.call = span.call.map(|old| place[old]);
    }
}

/// A stable number for something of this floor, for chance that must not depend on the day's order.
pub(crate) fn key(world: &World, purpose: Purpose, parts: [u64; 3]) -> u64 {
    hash(&[world.plan.seed, purpose as u64, parts[0], parts[1], parts[2]])
}
