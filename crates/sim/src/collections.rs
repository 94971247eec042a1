//! The collections system: batches, accounts, promises and payments. Sums are in pence, written with a comma.

use jiff::civil::Date;

use crate::calendar::{DAY, HOUR, plus};
use crate::call::Call;
use crate::calls_out::Place;
use crate::desk::{Desk, Outlet, Sent};
use crate::floor::{Purpose, key};
use crate::lists::LISTS;
use crate::num::{signed, unsigned};
use crate::refs;
use crate::rng::Rng;
use crate::stream::Stream;
use crate::text::{Text, comma, day_first, digits};
use crate::world::World;

/// Cohorts of a list that were placed as one batch.
const COHORTS_A_BATCH: u64 = 20;

/// Promises kept, in parts per million, before and after they are taken more loosely.
const KEPT_PPM: (u64, u64) = (680_000, 520_000);

/// Days after the due day on which a promise is given up.
const GRACE_DAYS: i64 = 3;

/// Balance of an account when it was placed.
fn balance(world: &World, floor: u64, list: usize, lead: u64) -> i64 {
    let mut rng = Rng::of(&[key(world, Purpose::Account, [floor, list as u64, lead])]);
    rng.between(4_000, 90_000) + rng.between(0, 90_000)
}

fn account_balance(world: &World, floor: u64, call: &Call) -> i64 {
    match call.planted {
        Some(account) => balance(world, floor, LISTS.len(), account),
        None => balance(world, floor, call.list, call.turn.lead),
    }
}

fn batch(out: &mut Text, floor: u64, call: &Call, cohort: u64) {
    out.push_str("PL-");
    out.push_str(LISTS[call.list].code);
    if call.planted.is_some() {
        out.push_str("-X");
        return;
    }
    out.push('-');
    digits(out, floor + 1, 1);
    out.push('-');
    digits(out, call.turn.lead / cohort / COHORTS_A_BATCH + 1, 2);
}

fn moment(world: &World, out: &mut Text, at: i64) {
    let wall = world.calendar.wall(at);
    day_first(out, wall, b'.');
    out.push(' ');
    crate::text::clock(out, wall);
}

/// Sends the account of a first attempt, and its batch when it is the batch's first.
pub(crate) fn account<O: Outlet>(
    desk: &mut Desk<'_, O>,
    place: Place<'_>,
    call: &Call,
) -> Result<bool, O::Error> {
    let world = desk.world;
    let floor = place.floor.no;
    let cohort = place.floor.cursors[call.list].cohort();
    let in_batch = cohort * COHORTS_A_BATCH;
    let placed = world.calendar.at(place.day, 6 * HOUR);
    if call.planted.is_none() && call.turn.lead.is_multiple_of(in_batch) {
        let first = call.turn.lead;
        let sum = (first..first + in_batch).map(|lead| balance(world, floor, call.list, lead)).sum();
        desk.begin()
            .with(|o| batch(o, floor, call, cohort))
            .put(LISTS[call.list].code)
            .with(|o| moment(world, o, placed))
            .int(signed(in_batch))
            .with(|o| comma(o, sum))
            .put("0,18");
        let batch_key = key(world, Purpose::Account, [floor, call.list as u64, first]);
        desk.send(Stream::Placements, batch_key, 0, placed)?;
    }
    let owed = account_balance(world, floor, call);
    let bucket = if owed % 3 == 0 { "16-30" } else { "5-15" };
    desk.begin()
        .with(|o| refs::lead(o, floor, call))
        .with(|o| refs::account(o, floor, call))
        .with(|o| batch(o, floor, call, cohort))
        .put(LISTS[call.list].code)
        .with(|o| {
            o.push_str("DB");
            refs::account(o, floor, call);
        })
        .with(|o| moment(world, o, placed))
        .with(|o| day_first(o, world.calendar.wall(placed), b'.'))
        .put(bucket)
        .with(|o| comma(o, owed))
        .with(|o| comma(o, owed));
    let is_planted = u64::from(call.planted.is_some());
    let row_key = crate::rng::hash(&[floor, call.list as u64, call.turn.lead, is_planted]);
    let sent = desk.send(Stream::Accounts, row_key, 0, placed)? != Sent::NotYet;
    desk.tallies.voice.entry(place.day).or_default().accounts += u64::from(sent);
    Ok(sent)
}

/// One promise and what became of it.
struct Promise {
    made: i64,
    due: Date,
    amount: i64,
    /// When something was paid, and how much.
    paid: Option<(i64, i64)>,
    kept: bool,
    /// When it was kept or given up.
    decided: i64,
    /// When it is given up unless it was kept.
    given_up: i64,
}

fn promise_of(world: &World, place: Place<'_>, number: u64, call: &Call) -> Promise {
    let mut rng =
        Rng::of(&[key(world, Purpose::Promise, [place.floor.no, refs::day_code(place.day), number])]);
    let owed = account_balance(world, place.floor.no, call);
    let amount = (owed * rng.between(20, 100) / 100).max(1_500);
    let due = plus(place.day, rng.between(3, 10));
    let rate = if place.day < world.story.promises_change { KEPT_PPM.0 } else { KEPT_PPM.1 };
    let kept = rng.chance(rate);
    let payment_day = plus(due, -rng.between(0, 2));
    let clock = 9 * HOUR + rng.between(0, 9 * 3_600 - 1) * 1_000;
    let payment_at = world.calendar.at(payment_day, clock);
    let paid = if kept {
        Some((payment_at, amount))
    } else {
        rng.chance(300_000).then(|| (payment_at, amount * rng.between(20, 60) / 100))
    };
    let given_up = world.calendar.at(plus(due, GRACE_DAYS), 6 * HOUR);
    let decided = if kept { payment_at } else { given_up };
    Promise { made: call.ended, due, amount, paid, kept, decided, given_up }
}

/// Sends a promise, its payment and its end, as far as they have happened.
pub(crate) fn promise<O: Outlet>(
    desk: &mut Desk<'_, O>,
    place: Place<'_>,
    number: u64,
    call: &Call,
) -> Result<(), O::Error> {
    let world = desk.world;
    let promise = promise_of(world, place, number, call);
    row(desk, place, number, call, &promise, false);
    if desk.send(Stream::Promises, place.key(number), 0, promise.made)? == Sent::NotYet {
        return Ok(());
    }
    let tally = desk.tallies.promises.entry(place.day).or_default();
    tally.made += 1;
    tally.promised_pence += unsigned(promise.amount);
    if let Some((at, pence)) = promise.paid {
        payment(desk, place, number, call, at, pence)?;
    }
    row(desk, place, number, call, &promise, true);
    if desk.send(Stream::Promises, place.key(number), 1, promise.decided)? != Sent::NotYet {
        let tally = desk.tallies.promises.entry(place.day).or_default();
        let is_matured = promise.given_up <= world.now_ms;
        tally.decided += 1;
        tally.kept += u64::from(promise.kept);
        tally.matured += u64::from(is_matured);
        tally.matured_kept += u64::from(is_matured && promise.kept);
        tally.paid_pence += unsigned(promise.paid.map_or(0, |(_, pence)| pence));
    }
    Ok(())
}

fn row<O: Outlet>(
    desk: &mut Desk<'_, O>,
    place: Place<'_>,
    number: u64,
    call: &Call,
    promise: &Promise,
    is_decided: bool,
) {
    let world = desk.world;
    let floor = place.floor.no;
    let cohort = place.floor.cursors[call.list].cohort();
    let agent = call.agent.map(|at| &place.floor.people[at]);
    let paid = if is_decided { promise.paid.map_or(0, |(_, pence)| pence) } else { 0 };
    let kept_on = promise.paid.filter(|_| is_decided && promise.kept);
    desk.begin()
        .with(|o| {
            o.push('V');
            refs::call(o, place.day, floor, number);
        })
        .with(|o| refs::account(o, floor, call))
        .with(|o| batch(o, floor, call, cohort))
        .put(agent.map_or("", |a| a.id.as_str()))
        .put(agent.map_or("", |a| a.team(place.day).id()))
        .with(|o| refs::call(o, place.day, floor, number))
        .with(|o| moment(world, o, promise.made))
        .with(|o| day_first(o, crate::calendar::day_number(promise.due) * DAY, b'.'))
        .with(|o| comma(o, promise.amount))
        .with(|o| comma(o, paid))
        .put(match (is_decided, promise.kept) {
            (false, _) => "open",
            (true, true) => "kept",
            (true, false) => "broken",
        })
        .maybe(kept_on, |o, (at, _)| day_first(o, world.calendar.wall(at), b'.'));
}

fn payment<O: Outlet>(
    desk: &mut Desk<'_, O>,
    place: Place<'_>,
    number: u64,
    call: &Call,
    at: i64,
    pence: i64,
) -> Result<(), O::Error> {
    let world = desk.world;
    let floor = place.floor.no;
    let cohort = place.floor.cursors[call.list].cohort();
    let agent = call.agent.map(|at| &place.floor.people[at]);
    desk.begin()
        .with(|o| {
            o.push('Y');
            refs::call(o, place.day, floor, number);
        })
        .with(|o| refs::account(o, floor, call))
        .with(|o| batch(o, floor, call, cohort))
        .put(agent.map_or("", |a| a.id.as_str()))
        .with(|o| {
            o.push('V');
            refs::call(o, place.day, floor, number);
        })
        .with(|o| moment(world, o, at))
        .with(|o| comma(o, pence))
        .put(if pence % 4 == 0 { "transfer" } else { "card" });
    if desk.send(Stream::Payments, place.key(number), 0, at)? != Sent::NotYet {
        let tally = desk.tallies.payments.entry(world.calendar.day_of(at)).or_default();
        tally.0 += 1;
        tally.1 += unsigned(pence);
    }
    Ok(())
}
