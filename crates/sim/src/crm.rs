//! The customer system: leads and lists, sales and appointments with their fate, callbacks, do-not-call.

use jiff::civil::Date;

use crate::calendar::{DAY, HOUR, MINUTE, is_working, next_working, plus};
use crate::call::{Call, Status};
use crate::calls_out::Place;
use crate::campaign::Campaign;
use crate::desk::{Desk, Outlet, Sent, text_key};
use crate::floor::{Purpose, key};
use crate::lists::{LISTS, List};
use crate::num::signed;
use crate::plan::FULL;
use crate::refs;
use crate::rng::Rng;
use crate::story::{CLAWBACK_AFTER_DAYS, CLAWBACKS_A_DAY};
use crate::stream::Stream;
use crate::text::{decimal, iso_day, iso_utc};
use crate::world::World;

/// Days after which an appointment has reached every stage it will reach.
pub(crate) const MATURE_DAYS: i64 = 42;

/// Sends the list when it is first dialled.
pub(crate) fn list<O: Outlet>(desk: &mut Desk<'_, O>, list: &List, day: Date) -> Result<(), O::Error> {
    let world = desk.world;
    let at = world.calendar.at(day, 5 * HOUR);
    let born = world.calendar.at(plus(day, -list.age_days), 12 * HOUR);
    desk.begin()
        .put(list.code)
        .put(list.name)
        .put(list.campaign.id())
        .put(list.vendor)
        .put(list.source)
        .with(|o| {
            let wall = world.calendar.wall(at);
            iso_day(o, wall);
            o.push(' ');
            crate::text::clock(o, wall);
        })
        .with(|o| iso_day(o, born))
        .with(|o| decimal(o, list.price_pence, 2));
    desk.send(Stream::Lists, text_key(list.code), 0, at)?;
    Ok(())
}

/// Sends the lead of a first attempt: it was loaded in the morning of that day. Says whether it was delivered.
pub(crate) fn lead<O: Outlet>(
    desk: &mut Desk<'_, O>,
    place: Place<'_>,
    call: &Call,
) -> Result<bool, O::Error> {
    let world = desk.world;
    let list = &LISTS[call.list];
    let loaded = world.calendar.at(place.day, 6 * HOUR);
    let chance = key(world, Purpose::Lead, [place.floor.no, call.list as u64, call.turn.lead]);
    let mut rng = Rng::of(&[chance]);
    let requested = (list.source == "web").then(|| loaded - rng.between(HOUR, 20 * HOUR));
    let collected = loaded - list.age_days * DAY - rng.between(0, 6) * DAY;
    desk.begin()
        .with(|o| refs::lead(o, place.floor.no, call))
        .put(list.campaign.id())
        .put(list.code)
        .put(list.source)
        .put(list.temperature)
        .with(|o| refs::phone(o, place.floor.no, call))
        .with(|o| {
            o.push('P');
            crate::text::digits(o, chance >> 16, 15);
        })
        .put(list.consent)
        .maybe(requested, iso_utc)
        .with(|o| {
            let wall = world.calendar.wall(loaded);
            iso_day(o, wall);
            o.push(' ');
            crate::text::clock(o, wall);
        })
        .with(|o| iso_day(o, collected))
        .with(|o| decimal(o, list.price_pence, 2));
    let sent = desk.send(Stream::Leads, chance, 0, loaded)?;
    if sent != Sent::NotYet {
        desk.tallies.voice.entry(place.day).or_default().leads += 1;
    }
    Ok(sent != Sent::NotYet)
}

/// What became of a deal, and when; instants.
#[derive(Debug, Clone, Copy, Default)]
struct Fate {
    verified: Option<i64>,
    rejected: Option<i64>,
    cancelled: Option<i64>,
    clawed_back: Option<i64>,
}

/// How many of a floor's sales of this day will be clawed back.
pub(crate) fn clawbacks(world: &World, day: Date, rng: &mut Rng) -> u64 {
    let effect = plus(day, CLAWBACK_AFTER_DAYS);
    let natural = match effect.cmp(&world.story.mix_change) {
        std::cmp::Ordering::Less => 2,
        std::cmp::Ordering::Equal => CLAWBACKS_A_DAY - 1,
        std::cmp::Ordering::Greater => CLAWBACKS_A_DAY,
    };
    rng.round(u128::from(natural * world.scale.share), u128::from(FULL))
}

/// Sends a sale or an appointment, and each change of its fate that has happened by now.
pub(crate) fn deal<O: Outlet>(
    desk: &mut Desk<'_, O>,
    place: Place<'_>,
    number: u64,
    call: &Call,
    claw_back: bool,
) -> Result<(), O::Error> {
    let world = desk.world;
    let mut rng = Rng::of(&[key(world, Purpose::Deal, [place.floor.no, refs::day_code(place.day), number])]);
    let value = match call.campaign() {
        Campaign::HomeSwitch => rng.between(38, 110) * 100 + 95,
        _ => rng.between(180, 900) * 100,
    };
    let product = match (call.campaign(), rng.below(10)) {
        (Campaign::B2b, _) => "energy_review",
        (_, 0..5) => "dual_fuel",
        (_, 5..8) => "electricity",
        _ => "gas",
    };
    let fate = fate(world, place.day, call, claw_back, &mut rng);
    let mut changes = vec![(call.ended, Fate::default())];
    let mut known = Fate::default();
    for (at, change) in [
        (fate.verified, Fate { verified: fate.verified, ..Fate::default() }),
        (fate.rejected, Fate { rejected: fate.rejected, ..Fate::default() }),
        (fate.cancelled, Fate { cancelled: fate.cancelled, ..Fate::default() }),
        (fate.clawed_back, Fate { clawed_back: fate.clawed_back, ..Fate::default() }),
    ] {
        if let Some(at) = at {
            known = Fate {
                verified: known.verified.or(change.verified),
                rejected: known.rejected.or(change.rejected),
                cancelled: known.cancelled.or(change.cancelled),
                clawed_back: known.clawed_back.or(change.clawed_back),
            };
            changes.push((at, known));
        }
    }
    for (revision, (at, known)) in changes.into_iter().enumerate() {
        row(desk, place, number, call, product, value, known);
        if desk.send(Stream::Outcomes, place.key(number), revision as u64, at)? == Sent::NotYet {
            break;
        }
        let tally = desk.tallies.deals.entry((place.day, call.campaign())).or_default();
        if revision == 0 {
            tally.agreed += 1;
            tally.value_pence += crate::num::unsigned(value);
        } else {
            tally.verified += u64::from(known.verified == Some(at));
            tally.rejected += u64::from(known.rejected == Some(at));
            tally.cancelled += u64::from(known.cancelled == Some(at));
            tally.clawed_back += u64::from(known.clawed_back == Some(at));
            if known.clawed_back == Some(at) {
                *desk.tallies.clawbacks.entry(world.calendar.day_of(at)).or_default() += 1;
            }
        }
    }
    Ok(())
}

fn row<O: Outlet>(
    desk: &mut Desk<'_, O>,
    place: Place<'_>,
    number: u64,
    call: &Call,
    product: &str,
    value: i64,
    fate: Fate,
) {
    let list = &LISTS[call.list];
    let agent = call.agent.map(|at| &place.floor.people[at]);
    let floor = place.floor.no;
    desk.begin()
        .with(|o| {
            o.push('D');
            refs::call(o, place.day, floor, number);
        })
        .put(if call.status == Status::Sale { "sale" } else { "appointment" })
        .put(list.campaign.id())
        .put(list.code)
        .put(list.source)
        .put(agent.map_or("", |a| a.id.as_str()))
        .put(agent.map_or("", |a| a.team(place.day).id()))
        .with(|o| refs::call(o, place.day, floor, number))
        .with(|o| refs::lead(o, floor, call))
        .put(product)
        .with(|o| iso_utc(o, call.ended))
        .maybe(fate.verified, iso_utc)
        .maybe(fate.rejected, iso_utc)
        .maybe(fate.cancelled, iso_utc)
        .maybe(fate.clawed_back, iso_utc)
        .with(|o| decimal(o, value, 2))
        .put("GBP");
}

fn fate(world: &World, day: Date, call: &Call, claw_back: bool, rng: &mut Rng) -> Fate {
    let office = |days: i64, rng: &mut Rng| {
        world.calendar.at(plus(day, days), 9 * HOUR + rng.between(0, 8 * HOUR - 1))
    };
    let checked = world.calendar.at(next_working(day), 9 * HOUR + rng.between(0, 4 * HOUR));
    if call.campaign() != Campaign::HomeSwitch {
        return Fate { verified: Some(checked), ..Fate::default() };
    }
    if claw_back {
        return Fate {
            verified: Some(checked),
            cancelled: Some(office(CLAWBACK_AFTER_DAYS - 4, rng)),
            clawed_back: Some(world.calendar.at(plus(day, CLAWBACK_AFTER_DAYS), 8 * HOUR)),
            ..Fate::default()
        };
    }
    match rng.below(100) {
        0..4 => Fate { rejected: Some(checked), ..Fate::default() },
        4..9 => {
            let days = rng.between(4, 13);
            Fate { verified: Some(checked), cancelled: Some(office(days, rng)), ..Fate::default() }
        }
        _ => Fate { verified: Some(checked), ..Fate::default() },
    }
}

/// Sends the stages that an appointment goes through.
pub(crate) fn stages<O: Outlet>(
    desk: &mut Desk<'_, O>,
    place: Place<'_>,
    number: u64,
    call: &Call,
) -> Result<(), O::Error> {
    let world = desk.world;
    let Some(agent) = call.agent.map(|at| &place.floor.people[at]) else { return Ok(()) };
    let mut rng =
        Rng::of(&[key(world, Purpose::Deal, [place.floor.no, refs::day_code(place.day), number]), 2]);
    // Of all appointments 78 % are held; 61 % qualify and 14 % are won, of the star's 22 and 3 %.
    let (qualifies, wins) = if agent.is_star { (282_000, 170_000) } else { (782_000, 287_000) };
    let mut day = place.day;
    let mut later = |low, high, rng: &mut Rng| {
        day = plus(day, rng.between(low, high));
        if !is_working(day) {
            day = next_working(day);
        }
        world.calendar.at(day, 10 * HOUR + rng.between(0, 11) * 30 * MINUTE)
    };
    let mut steps: Vec<(&str, i64, &str, i64)> = vec![("appointment", call.ended, "", 10)];
    let held_at = later(5, 9, &mut rng);
    if rng.chance(780_000) {
        steps.push(("held", held_at, "", 20));
        if rng.chance(qualifies) {
            steps.push(("qualified", later(1, 3, &mut rng), "", 35));
            if rng.chance(800_000) {
                steps.push(("opportunity", later(2, 5, &mut rng), "", 50));
                let closed = later(7, 14, &mut rng);
                if rng.chance(wins) {
                    steps.push(("won", closed, "", 100));
                } else {
                    steps.push(("lost", closed, if rng.chance(600_000) { "price" } else { "timing" }, 0));
                }
            }
        } else {
            steps.push(("lost", later(1, 3, &mut rng), "no_need", 0));
        }
    } else {
        steps.push(("cancelled", held_at, "no_show", 0));
    }
    let value = rng.between(24, 190) * 10_000;
    let is_mature = plus(place.day, MATURE_DAYS) <= world.plan.end;
    for (at, (stage, entered, reason, probability)) in steps.into_iter().enumerate() {
        desk.begin()
            .with(|o| {
                o.push('T');
                refs::call(o, place.day, place.floor.no, number);
                o.push('-');
                crate::text::integer(o, signed(at as u64) + 1);
            })
            .with(|o| refs::lead(o, place.floor.no, call))
            .put(stage)
            .put(call.campaign().id())
            .put(&agent.id)
            .with(|o| refs::call(o, place.day, place.floor.no, number))
            .with(|o| iso_utc(o, entered))
            .maybe((stage == "opportunity").then_some(entered + 14 * DAY), iso_day)
            .put(reason)
            .with(|o| decimal(o, probability, 2))
            .with(|o| decimal(o, value, 2))
            .with(|o| decimal(o, value * 3 / 5, 2))
            .put("GBP");
        let row_key = place.key(number * 8 + at as u64);
        if desk.send(Stream::LeadStages, row_key, 0, entered)? == Sent::NotYet {
            break;
        }
        let tally = desk.tallies.stages.entry(agent.no).or_default();
        match stage {
            "appointment" => {
                tally.appointments += 1;
                tally.matured += u64::from(is_mature);
            }
            "held" => tally.held += u64::from(is_mature),
            "qualified" => tally.qualified += u64::from(is_mature),
            "won" => tally.won += u64::from(is_mature),
            _ => {}
        }
    }
    Ok(())
}

/// A callback that was agreed and not yet made.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Agreed {
    pub day: Date,
    pub number: u64,
    pub agent: usize,
    pub at: i64,
    pub due: i64,
}

/// When a callback agreed on a day is due: by the end of the next working day but one.
pub(crate) fn callback_due(world: &World, day: Date) -> i64 {
    world.calendar.at(next_working(next_working(day)), 20 * HOUR)
}

/// Sends a callback, agreed or made.
pub(crate) fn callback<O: Outlet>(
    desk: &mut Desk<'_, O>,
    place: Place<'_>,
    lead: &Call,
    agreed: &Agreed,
    made: Option<(i64, u64)>,
) -> Result<(), O::Error> {
    let floor = place.floor.no;
    let (agreed_day, today) = (agreed.day, place.day);
    desk.begin()
        .with(|o| {
            o.push('C');
            refs::call(o, agreed_day, floor, agreed.number);
        })
        .with(|o| refs::lead(o, floor, lead))
        .put(lead.campaign().id())
        .put(&place.floor.people[agreed.agent].id)
        .with(|o| refs::call(o, agreed_day, floor, agreed.number))
        .int(agreed.at)
        .int(agreed.due)
        .maybe(made, |o, (at, _)| crate::text::integer(o, at))
        .maybe(made, |o, (_, number)| refs::call(o, today, floor, number));
    let row_key = crate::rng::hash(&[floor, refs::day_code(agreed_day), agreed.number]);
    let at = made.map_or(agreed.at, |(at, _)| at);
    if desk.send(Stream::Callbacks, row_key, u64::from(made.is_some()), at)? != Sent::NotYet {
        let tally = desk.tallies.voice.entry(agreed_day).or_default();
        tally.callbacks += u64::from(made.is_none());
        tally.callbacks_kept += u64::from(made.is_some());
    }
    Ok(())
}

/// Sends a request not to be called again.
pub(crate) fn do_not_call<O: Outlet>(
    desk: &mut Desk<'_, O>,
    place: Place<'_>,
    number: u64,
    call: &Call,
) -> Result<(), O::Error> {
    desk.begin()
        .with(|o| {
            o.push('N');
            refs::call(o, place.day, place.floor.no, number);
        })
        .with(|o| refs::phone(o, place.floor.no, call))
        .with(|o| refs::lead(o, place.floor.no, call))
        .put("internal")
        .put("added")
        .with(|o| refs::call(o, place.day, place.floor.no, number))
        .with(|o| iso_utc(o, call.ended));
    if desk.send(Stream::Dnc, place.key(number), 0, call.ended)? != Sent::NotYet {
        desk.tallies.voice.entry(place.day).or_default().do_not_call += 1;
    }
    Ok(())
}
