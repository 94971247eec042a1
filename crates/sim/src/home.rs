//! The consumer campaign: predictive dialling.
//!
//! Volumes, live answers and drops of an hour are planned; which dials they fall on is chance, weighted by list,
//! attempt and caller ID. What a contact leads to follows from the list and the attempt, so that sales per dial
//! of each source come out at the rate that the story sets, with the noise that real counts have.

use jiff::civil::Date;

use crate::calendar::{HOUR, SECOND};
use crate::call::{Call, Status};
use crate::campaign::{Campaign, FIRST_HOUR, HomeHour, LAST_HOUR, home_day, home_hour};
use crate::floor::{AgentDay, Floor, Purpose, Slot};
use crate::layout::Task;
use crate::lists::{AGED_LIST, Cursor, LISTS, Stage, shares};
use crate::num::{byte, ix, signed};
use crate::people::Team;
use crate::plan::FULL;
use crate::rng::Rng;
use crate::story::{CALLER_DROP_CLOCK, CALLERS, FALLEN_CALLER, OUTAGE_FROM, OUTAGE_UNTIL};
use crate::world::World;

/// Sales per dial by list, in parts per million, before and after the mix turned cold: both warm sources improve.
const SALES_PPM: [(u64, u64); 4] = [(60_000, 62_000), (25_000, 26_000), (5_000, 5_000), (5_000, 5_000)];

/// How much a sale at the first, second, ... attempt is worth of one at the first, in hundredths.
const DECAY: [u64; 6] = [100, 90, 75, 60, 45, 30];

/// Share of live answers that reach an agent on an ordinary day.
const REACHING_PPM: u128 = 969_500;

/// Live answers that hang up before an agent is there, in parts per million.
const HUNG_UP_PPM: u128 = 6_000;

/// Machines among calls that no person answered and whose number works, in parts per million.
const MACHINE_PPM: u64 = 136_000;

/// What is left of live answers and of machines when the caller ID has fallen, in thousandths.
const FALLEN_LIVE: u64 = 460;
const FALLEN_MACHINE: u64 = 410;

/// Dispositions on a last attempt that did not sell, in parts per million.
const DO_NOT_CALL_PPM: u64 = 30_000;
const WRONG_PPM: u64 = 60_000;
/// Share of refusals that get the new code while it is in use.
const NEW_CODE_PPM: u64 = 15_000;

/// Aged contacts that routing prefers to give to the late offshore team.
const ROUTED_PPM: u64 = 700_000;

/// Rates of one hour by list.
struct Rates {
    /// Sales among live last attempts that reach an agent, before the attempt's decay.
    sale_ppm: [u64; 4],
    /// Numbers that do not work among single attempts that nobody answered.
    invalid_ppm: [u64; 4],
}

impl Rates {
    /// Rates that make sales and invalid numbers per dial come out as planned, given the attempts that the lists
    /// are at: a new list has first attempts only. Live answers are taken from the whole day, so that an hour in
    /// which more people answer also sells more.
    fn of(world: &World, day: Date, cursors: &[Cursor]) -> Rates {
        let (dials, live) = home_day(&world.story, day);
        let shares = shares(Campaign::HomeSwitch, &world.story, day);
        let stages: Vec<Stage> = LISTS.iter().zip(cursors).map(|(list, cursor)| list.stage(cursor)).collect();
        let mean: u64 = LISTS
            .iter()
            .zip(&stages)
            .zip(shares)
            .map(|((list, stage), share)| {
                let later = stage.attempts - stage.lasts;
                let weight = list.live_weight(true) * stage.lasts + list.live_weight(false) * later;
                weight / stage.attempts.max(1) * share / 1_000
            })
            .sum();
        let mut rates = Rates { sale_ppm: [0; 4], invalid_ppm: [0; 4] };
        for (at, (list, stage)) in LISTS.iter().zip(&stages).enumerate().take(4) {
            let attempts = u128::from(stage.attempts);
            let live_last_ppm = u128::from(list.live_weight(true)) * u128::from(live) * 1_000_000
                / (u128::from(dials) * u128::from(mean)).max(1);
            let decays: u64 = stage.last_at.iter().zip(DECAY).map(|(leads, decay)| leads * decay).sum();
            let (before, after) = SALES_PPM[at];
            let wanted = if day < world.story.mix_change { before } else { after };
            // Sales per block of leads, over live last attempts per block that reach an agent.
            let chances = live_last_ppm * REACHING_PPM / 1_000_000 * u128::from(decays) / 100;
            rates.sale_ppm[at] = ppm(u128::from(wanted) * attempts * 1_000_000, chances);
            let dead = u128::from(1_000_000 - ppm(live_last_ppm, 1)) * u128::from(list.singles());
            rates.invalid_ppm[at] = ppm(u128::from(list.invalid_ppm) * attempts * 1_000_000, dead);
        }
        rates
    }
}

fn ppm(part: u128, whole: u128) -> u64 {
    u64::try_from(part / whole.max(1)).unwrap_or(u64::MAX).min(1_000_000)
}

/// Adds the day's calls; those that reach an agent become tasks of a slot.
pub(crate) fn dial(
    floor: &mut Floor,
    world: &World,
    day: Date,
    slots: &mut [Slot],
    calls: &mut Vec<Call>,
    roster: &[AgentDay],
) {
    for hour in FIRST_HOUR..LAST_HOUR {
        let Some(plan) = home_hour(&world.story, day, hour) else { continue };
        let mut rng = floor.rng(world, Purpose::Home, day, u64::from(hour));
        let rates = Rates::of(world, day, &floor.cursors);
        dial_hour(floor, world, day, hour, plan, &rates, &mut rng, slots, calls, roster);
    }
}

#[expect(clippy::too_many_arguments, reason = "one hour's context; a struct would only rename it")]
fn dial_hour(
    floor: &mut Floor,
    world: &World,
    day: Date,
    hour: u8,
    plan: HomeHour,
    rates: &Rates,
    rng: &mut Rng,
    slots: &mut [Slot],
    calls: &mut Vec<Call>,
    roster: &[AgentDay],
) {
    let share = |n: u64, rng: &mut Rng| rng.round(u128::from(n * world.scale.share), u128::from(FULL));
    let dials = share(plan.dials, rng);
    let live = share(plan.live, rng).min(dials);
    let dropped = share(plan.drops, rng).min(live);
    let hung_up = rng.round(u128::from(live) * HUNG_UP_PPM, 1_000_000).min(live - dropped);

    let first = calls.len();
    let by_list = rng.split(dials, &shares(Campaign::HomeSwitch, &world.story, day));
    for (list, count) in by_list.iter().enumerate() {
        for _ in 0..*count {
            let mut call = Call::new(list, floor.cursors[list].next(), Status::NoAnswer);
            call.caller = byte(rng.below(u64::from(CALLERS)));
            calls.push(call);
        }
    }
    rng.shuffle(&mut calls[first..]);
    let midnight = world.calendar.at(day, 0);
    let starts = |rng: &mut Rng| midnight + i64::from(hour) * HOUR + rng.between(0, HOUR - 1);
    for call in &mut calls[first..] {
        call.started = starts(rng);
    }
    let fallen_from = match day.cmp(&world.story.caller_drop) {
        std::cmp::Ordering::Less => i64::MAX,
        std::cmp::Ordering::Equal => midnight + CALLER_DROP_CLOCK,
        std::cmp::Ordering::Greater => i64::MIN,
    };
    let is_fallen = |call: &Call| call.caller == FALLEN_CALLER && call.started >= fallen_from;

    let mut chosen = choose(&calls[first..], live, is_fallen, rng);
    rng.shuffle(&mut chosen);
    let mut contacts = Vec::new();
    let mut is_live = vec![false; calls.len() - first];
    for (at, place) in chosen.into_iter().enumerate() {
        is_live[place] = true;
        let call = &mut calls[first + place];
        if at < ix(dropped) {
            call.status = Status::Dropped;
            if day == world.story.outage {
                call.started = midnight + outage_drop(hour, rng);
            }
        } else if at < ix(dropped + hung_up) {
            call.status = Status::HungUp;
        } else {
            contacts.push(first + place);
        }
    }
    for (place, is_live) in is_live.iter().enumerate() {
        let call = &mut calls[first + place];
        if !is_live {
            let fallen = is_fallen(call);
            call.status = unanswered(call, rates, fallen, rng);
        }
        set_dialler_times(call, rng);
    }
    give_out(contacts, hour, slots, calls, rates, world.story.has_unmapped(day), roster, rng);
}

/// Chooses exactly `live` dials, each with a chance in proportion to its weight (systematic sampling; the order
/// is random already).
fn choose(calls: &[Call], live: u64, is_fallen: impl Fn(&Call) -> bool, rng: &mut Rng) -> Vec<usize> {
    let weights: Vec<u64> = calls
        .iter()
        .map(|call| {
            let weight = LISTS[call.list].live_weight(call.turn.last);
            if is_fallen(call) { weight * FALLEN_LIVE / 1_000 } else { weight }
        })
        .collect();
    let mut chosen = Vec::with_capacity(ix(live));
    // A weight above one grid step would be chosen twice; what it has too much passes to those after it.
    let mut surplus = 0;
    for (at, count) in rng.split(live, &weights).into_iter().enumerate() {
        let wanted = count + surplus;
        if wanted > 0 {
            chosen.push(at);
            surplus = wanted - 1;
        }
    }
    // At the very end nothing follows; the surplus goes to the first that were passed over.
    let mut taken = vec![false; calls.len()];
    chosen.iter().for_each(|at| taken[*at] = true);
    for (at, _) in taken.iter().enumerate().filter(|(_, taken)| !**taken).take(ix(surplus)) {
        chosen.push(at);
    }
    chosen
}

/// When a call was dropped on the day of the outage: while the onshore agents were away.
fn outage_drop(hour: u8, rng: &mut Rng) -> i64 {
    let (from, until) = match hour {
        10 => (OUTAGE_FROM, 11 * HOUR),
        11 => (11 * HOUR, OUTAGE_UNTIL),
        _ => (i64::from(hour) * HOUR, i64::from(hour + 1) * HOUR),
    };
    rng.between(from, until - 10 * SECOND)
}

fn unanswered(call: &Call, rates: &Rates, fallen: bool, rng: &mut Rng) -> Status {
    if call.turn.last && call.turn.attempt == 1 && rng.chance(rates.invalid_ppm[call.list.min(3)]) {
        return Status::Invalid;
    }
    let machine = if fallen { MACHINE_PPM * FALLEN_MACHINE / 1_000 } else { MACHINE_PPM };
    match rng.below(1_000_000) {
        n if n < machine => Status::Machine,
        n if n < machine + 40_000 => Status::Busy,
        n if n < machine + 55_000 => Status::BusyAuto,
        _ => Status::NoAnswer,
    }
}

/// Times of a call that no agent takes; a contact's are set when it is laid into an agent's day.
fn set_dialler_times(call: &mut Call, rng: &mut Rng) {
    let (ring, after) = match call.status {
        Status::Dropped => (rng.between(4_000, 21_000), rng.between(2_000, 6_000)),
        Status::HungUp => (rng.between(4_000, 21_000), rng.between(300, 1_900)),
        Status::Machine => (rng.between(6_000, 19_000), rng.between(2_300, 6_500)),
        Status::Busy | Status::BusyAuto => (rng.between(900, 4_000), 0),
        Status::Invalid => (rng.between(700, 3_000), 0),
        _ => (rng.between(20_000, 31_000), 0),
    };
    call.answered = call.status.is_answered().then_some(call.started + ring);
    call.ended = call.started + ring + after;
}

/// Gives contacts to the agents of the hour, in proportion to their time.
#[expect(clippy::too_many_arguments, reason = "one hour's context; a struct would only rename it")]
fn give_out(
    mut contacts: Vec<usize>,
    hour: u8,
    slots: &mut [Slot],
    calls: &mut [Call],
    rates: &Rates,
    unmapped: bool,
    roster: &[AgentDay],
    rng: &mut Rng,
) {
    // Should nobody be there at all in this hour, the nearest hour's agents take them.
    let hours = (hour..LAST_HOUR).chain((FIRST_HOUR..hour).rev());
    let taking = hours.map(|hour| open(slots, hour)).find(|open| !open.is_empty()).unwrap_or_default();
    if taking.is_empty() {
        for at in contacts {
            calls[at].status = Status::Dropped;
            set_dialler_times(&mut calls[at], rng);
        }
        return;
    }
    let rooms: Vec<u64> = taking.iter().map(|at| slots[*at].room()).collect();
    let counts = rng.split(contacts.len() as u64, &rooms);
    let mut places: Vec<usize> = Vec::with_capacity(contacts.len());
    for (slot, count) in taking.iter().zip(counts) {
        places.extend(std::iter::repeat_n(*slot, ix(count)));
    }
    rng.shuffle(&mut places);
    places.sort_by_key(|slot| slots[*slot].team != Team::HomeLateOffshore);
    let routed: Vec<bool> =
        contacts.iter().map(|at| calls[*at].list == AGED_LIST && rng.chance(ROUTED_PPM)).collect();
    let mut order: Vec<usize> = (0..contacts.len()).collect();
    order.sort_by_key(|at| !routed[*at]);
    contacts = order.into_iter().map(|at| contacts[at]).collect();
    for (at, place) in contacts.into_iter().zip(places) {
        let call = &mut calls[at];
        call.status = outcome(call, rates, unmapped, rng);
        call.agent = Some(roster[slots[place].roster].agent);
        slots[place].tasks.push(task(at, call.status, Campaign::HomeSwitch, rng));
    }
}

fn open(slots: &[Slot], hour: u8) -> Vec<usize> {
    slots
        .iter()
        .enumerate()
        .filter(|(_, slot)| slot.team.campaign() == Campaign::HomeSwitch && slot.work.hour == hour)
        .filter(|(_, slot)| slot.room() > 0)
        .map(|(at, _)| at)
        .collect()
}

/// What a conversation leads to.
fn outcome(call: &Call, rates: &Rates, unmapped: bool, rng: &mut Rng) -> Status {
    if !call.turn.last {
        return Status::Callback;
    }
    let decay = DECAY[usize::from(call.turn.attempt - 1).min(5)];
    if rng.chance(rates.sale_ppm[call.list.min(3)] * decay / 100) {
        return Status::Sale;
    }
    match rng.below(1_000_000) {
        n if n < DO_NOT_CALL_PPM => Status::DoNotCall,
        n if n < DO_NOT_CALL_PPM + WRONG_PPM => Status::WrongPerson,
        _ if unmapped && rng.chance(NEW_CODE_PPM) => Status::NewCode,
        _ => Status::NotInterested,
    }
}

/// How long an agent works on a call with this result.
pub(crate) fn task(call: usize, status: Status, campaign: Campaign, rng: &mut Rng) -> Task {
    let (talk, wrap) = status.handle_ms(campaign);
    let talk = if talk > 0 { rng.skewed(talk).max(8 * SECOND) } else { 0 };
    let hold = if talk > 100 * SECOND && rng.chance(120_000) { rng.skewed(40 * SECOND) } else { 0 };
    let wrap = rng.skewed(wrap).max(signed(rng.below(900)) + SECOND);
    Task { call, preview: 0, dial: 0, talk, hold, wrap }
}
