//! Campaigns in which an agent stands behind every dial: preview for appointments, progressive for arrears.

use jiff::civil::Date;

use crate::calendar::{SECOND, day_number};
use crate::call::{Call, Status};
use crate::campaign::{Campaign, FIRST_HOUR, LAST_HOUR};
use crate::floor::{AgentDay, Floor, Purpose, Slot};
use crate::home;
use crate::layout::Task;
use crate::lists::{LISTS, Stage, Turn, shares};
use crate::num::ix;
use crate::people::Agent;
use crate::plan::FULL;
use crate::rng::Rng;
use crate::story::EIGHTH_CALL_ACCOUNTS;
use crate::world::World;

/// Promises per right-party contact, in parts per million, before and after promises are taken more loosely.
const PROMISES_PPM: (u64, u64) = (340_000, 410_000);

/// Conversations with somebody who is not the debtor.
const OTHER_PERSON_PPM: u64 = 150_000;

/// On which days of the week (from Monday) and at which hour the doubly listed accounts are called, by list.
const EIGHTH_CALLS: [(usize, u8, [i64; 4]); 2] = [(6, 10, [0, 1, 3, 4]), (7, 15, [0, 2, 3, 4])];

/// Adds the day's calls of a campaign; each is a task of a slot.
pub(crate) fn dial(
    floor: &mut Floor,
    world: &World,
    day: Date,
    campaign: Campaign,
    slots: &mut [Slot],
    calls: &mut Vec<Call>,
    roster: &[AgentDay],
) {
    for hour in FIRST_HOUR..LAST_HOUR {
        let mut rng = floor.rng(world, Purpose::AgentLed, day, campaign.key() * 100 + u64::from(hour));
        let stages: Vec<Stage> =
            LISTS.iter().zip(&floor.cursors).map(|(list, cursor)| list.stage(cursor)).collect();
        let open: Vec<usize> = (0..slots.len())
            .filter(|at| slots[*at].team.campaign() == campaign && slots[*at].work.hour == hour)
            .filter(|at| slots[*at].room() > 0)
            .collect();
        let dials = volume(floor, world, campaign, &open, slots, roster, &mut rng);
        let mut turns = turns(floor, world, day, campaign, dials, &mut rng);
        let planted =
            if campaign == Campaign::Arrears { eighth_calls(floor, world, day, hour) } else { Vec::new() };
        turns.extend(planted);
        let rooms: Vec<u64> = open.iter().map(|at| slots[*at].room()).collect();
        let counts = rng.split(turns.len() as u64, &rooms);
        let mut turns = turns.into_iter();
        for (slot, count) in open.iter().zip(counts) {
            for mut call in turns.by_ref().take(ix(count)) {
                let agent = roster[slots[*slot].roster].agent;
                call.agent = Some(agent);
                if call.planted.is_none() {
                    let stage = stages[call.list];
                    call.status = result(&call, stage, world, day, &floor.people[agent], &mut rng);
                }
                let task = task(calls.len(), &call, campaign, &mut rng);
                slots[*slot].tasks.push(task);
                calls.push(call);
            }
        }
    }
}

/// Dials of an hour: what the agents' time allows, at the share of the natural size that the plan asks for.
fn volume(
    floor: &Floor,
    world: &World,
    campaign: Campaign,
    open: &[usize],
    slots: &[Slot],
    roster: &[AgentDay],
    rng: &mut Rng,
) -> u64 {
    let share = world.scale.share;
    let time: u128 = open
        .iter()
        .map(|at| {
            let (on_duty, size) = floor.people[roster[slots[*at].roster].agent].staffing(share);
            u128::from(slots[*at].room()) * u128::from(size * share) / u128::from(on_duty)
        })
        .sum();
    rng.round(time * u128::from(campaign.dials_per_agent_hour()), 360_000_000 * u128::from(FULL))
}

fn turns(
    floor: &mut Floor,
    world: &World,
    day: Date,
    campaign: Campaign,
    dials: u64,
    rng: &mut Rng,
) -> Vec<Call> {
    let mut turns = Vec::with_capacity(ix(dials));
    for (list, count) in rng.split(dials, &shares(campaign, &world.story, day)).into_iter().enumerate() {
        for _ in 0..count {
            turns.push(Call::new(list, floor.cursors[list].next(), Status::NoAnswer));
        }
    }
    rng.shuffle(&mut turns);
    turns
}

/// Calls to accounts that stand on both lists: four on each, eight within five days.
fn eighth_calls(floor: &Floor, world: &World, day: Date, hour: u8) -> Vec<Call> {
    let since = day_number(day) - day_number(world.story.eighth_calls);
    let accounts = (EIGHTH_CALL_ACCOUNTS * world.scale.share * world.scale.floors / FULL)
        .clamp(u64::from(world.scale.share > 0), EIGHTH_CALL_ACCOUNTS);
    if floor.no > 0 {
        return Vec::new();
    }
    EIGHTH_CALLS
        .iter()
        .filter(|(_, at, _)| *at == hour)
        .filter_map(|(list, _, days)| days.iter().position(|d| *d == since).map(|n| (*list, n)))
        .flat_map(|(list, n)| {
            (0..accounts).map(move |account| {
                let attempt = crate::num::byte(n as u64 + 1);
                let status =
                    if (account + n as u64).is_multiple_of(3) { Status::Machine } else { Status::NoAnswer };
                let turn = Turn { lead: account, attempt, last: attempt == 4 };
                Call { planted: Some(account), ..Call::new(list, turn, status) }
            })
        })
        .collect()
}

/// What a dial leads to.
fn result(call: &Call, stage: Stage, world: &World, day: Date, agent: &Agent, rng: &mut Rng) -> Status {
    let list = &LISTS[call.list];
    let live = list.live_weight(call.turn.last);
    if !rng.chance(live) {
        return unanswered(call, live, rng);
    }
    let (last, all) = stage.last_among_live();
    match list.campaign {
        Campaign::Arrears => {
            if rng.chance(OTHER_PERSON_PPM) {
                return Status::WrongPerson;
            }
            if !call.turn.last {
                return Status::Callback;
            }
            let rate = if day < world.story.promises_change { PROMISES_PPM.0 } else { PROMISES_PPM.1 };
            // Only last attempts may end in a promise, so among them it is that much likelier.
            if rng.chance(rate * all / last) { Status::Promise } else { Status::NotInterested }
        }
        _ if !call.turn.last => {
            if rng.chance(350_000) {
                Status::WrongPerson
            } else {
                Status::Callback
            }
        }
        _ if rng.chance(agent.appointment_ppm * all / last) => Status::Appointment,
        _ if rng.chance(25_000) => Status::DoNotCall,
        _ => Status::NotInterested,
    }
}

fn unanswered(call: &Call, live_ppm: u64, rng: &mut Rng) -> Status {
    let list = &LISTS[call.list];
    if call.turn.last && call.turn.attempt == 1 {
        let invalid = list.invalid_ppm * list.attempts() / list.singles().max(1);
        if rng.chance(invalid * 1_000 / (1_000 - live_ppm.min(990_000) / 1_000)) {
            return Status::Invalid;
        }
    }
    match rng.below(1_000) {
        n if n < 220 => Status::Machine,
        n if n < 265 => Status::Busy,
        _ => Status::NoAnswer,
    }
}

fn task(at: usize, call: &Call, campaign: Campaign, rng: &mut Rng) -> Task {
    let mut task = home::task(at, call.status, campaign, rng);
    if campaign == Campaign::B2b {
        task.preview = rng.skewed(38 * SECOND).max(4 * SECOND);
    }
    task.dial = match call.status {
        Status::Busy => rng.between(1_500, 4_500),
        Status::Invalid => rng.between(1_000, 3_500),
        Status::NoAnswer => rng.between(18_000, 30_000),
        Status::Machine => rng.between(12_000, 26_000),
        _ => rng.between(4_000, 20_000),
    };
    task
}
