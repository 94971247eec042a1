//! The dialler's exports: calls, agent states, log-ins, and the plan they are held against.

use jiff::civil::Date;

use crate::calendar::HOUR;
use crate::call::{Call, Status};
use crate::campaign::Campaign;
use crate::counts::CallerEra;
use crate::desk::{Desk, Outlet, Sent};
use crate::floor::{AgentDay, Floor, FloorDay, WorkedSession};
use crate::layout::{Span, State};
use crate::lists::LISTS;
use crate::people::Agent;
use crate::refs;
use crate::rng::hash;
use crate::shift::Reason;
use crate::story::CALLER_DROP_CLOCK;
use crate::stream::Stream;
use crate::text::{self, Text, decimal, iso_day, length};

/// Where a row belongs: the floor and its day.
#[derive(Clone, Copy)]
pub(crate) struct Place<'a> {
    pub floor: &'a Floor,
    pub day: Date,
}

impl Place<'_> {
    /// A key for rows of this day, floor and number.
    pub(crate) fn key(&self, number: u64) -> u64 {
        hash(&[self.floor.no, refs::day_code(self.day), number])
    }
}

/// Sends one call; says whether it was delivered.
pub(crate) fn call<O: Outlet>(
    desk: &mut Desk<'_, O>,
    place: Place<'_>,
    number: u64,
    call: &Call,
) -> Result<bool, O::Error> {
    let world = desk.world;
    let list = &LISTS[call.list];
    let campaign = list.campaign;
    let agent = call.agent.map(|at| &place.floor.people[at]);
    let floor = place.floor.no;
    let epoch = |out: &mut Text, at: i64| decimal(out, at, 3);
    let row = desk.begin();
    row.with(|o| refs::call(o, place.day, floor, number))
        .put(campaign.id())
        .put(list.code)
        .put(list.source)
        .put(list.temperature)
        .with(|o| refs::lead(o, floor, call));
    row.with(|o| {
        if campaign == Campaign::Arrears {
            refs::account(o, floor, call);
        }
    });
    row.with(|o| refs::phone(o, floor, call))
        .with(|o| refs::shown_number(o, call))
        .with(|o| refs::caller(o, call))
        .int(i64::from(call.turn.attempt))
        .put(campaign.method())
        .put(agent.map_or("", |a| a.id.as_str()))
        .put(agent.map_or("", |a| a.team(place.day).id()))
        .put(agent.map_or("", |a| a.team(place.day).site().id()))
        .with(|o| {
            let wall = world.calendar.wall(call.started);
            iso_day(o, wall);
            o.push(' ');
            text::clock(o, wall);
        })
        .with(|o| epoch(o, call.started))
        .maybe(call.answered, epoch)
        .maybe(call.connected, epoch)
        .with(|o| epoch(o, call.ended))
        .maybe(call.wrap_ended, epoch)
        .seconds(Some(call.ended - call.started))
        .seconds(Some(call.ring()))
        .seconds(call.talk)
        .seconds(call.hold)
        .seconds(call.wrap)
        .put(call.status.code())
        .put(ended_by(call))
        .put(match call.status {
            Status::Machine => "MACHINE",
            status if status.is_answered() => "HUMAN",
            _ => "",
        })
        .with(|o| decimal(o, call.price(), 4));
    let sent = desk.send(Stream::DiallerCalls, place.key(number), 0, call.delivered())?;
    if sent == Sent::NotYet {
        return Ok(false);
    }
    count(desk, place, call, sent == Sent::Truly);
    Ok(true)
}

fn ended_by(call: &Call) -> &'static str {
    match call.status {
        Status::Dropped => "DROP",
        Status::HungUp => "ABANDON",
        Status::Invalid => "NETWORK",
        Status::Machine | Status::NoAnswer | Status::Busy | Status::BusyAuto => "NONE",
        // Who hangs up first tells nothing here; it alternates.
        _ if call.ended % 3 == 0 => "AGENT",
        _ => "CALLER",
    }
}

fn count<O: Outlet>(desk: &mut Desk<'_, O>, place: Place<'_>, call: &Call, with_length: bool) {
    let hour = desk.world.calendar.hour_of(call.started);
    let fallen_from = desk.world.calendar.at(desk.world.story.caller_drop, CALLER_DROP_CLOCK);
    let era = if call.started >= fallen_from {
        CallerEra::After
    } else if place.day >= desk.world.story.mix_change {
        CallerEra::Before
    } else {
        CallerEra::BeforeTheMix
    };
    desk.counts.call(call, hour, era, with_length);
    if call.campaign() == Campaign::B2b
        && let Some(at) = call.agent
    {
        let agent = place.floor.people[at].no;
        desk.tallies.stages.entry(agent).or_default().conversations += u64::from(call.status.is_contact());
    }
}

/// Sends what the floor's agents did and were planned to do.
pub(crate) fn agents<O: Outlet>(
    desk: &mut Desk<'_, O>,
    place: Place<'_>,
    day: &FloorDay,
) -> Result<(), O::Error> {
    for entry in &day.agents {
        let agent = &place.floor.people[entry.agent];
        schedule(desk, place, agent, entry)?;
        if entry.worked.is_empty() {
            absence(desk, place, agent, entry)?;
        }
        let mut number = 0;
        for (at, worked) in entry.worked.iter().enumerate() {
            login(desk, place, agent, entry, at as u64, worked)?;
            for span in &worked.spans {
                state(desk, place, agent, entry, number, span)?;
                number += 1;
            }
        }
    }
    Ok(())
}

fn own_id(out: &mut Text, letter: char, agent: &Agent, day: Date, number: u64) {
    out.push(letter);
    out.push_str(&agent.id);
    out.push('-');
    text::digits(out, refs::day_code(day), 6);
    out.push('-');
    text::digits(out, number + 1, 3);
}

fn state<O: Outlet>(
    desk: &mut Desk<'_, O>,
    place: Place<'_>,
    agent: &Agent,
    entry: &AgentDay,
    number: u64,
    span: &Span,
) -> Result<(), O::Error> {
    let world = desk.world;
    if span.from >= world.now_ms {
        return Ok(());
    }
    // A state that lasts at the end of the records is written as far as it has come.
    let until = span.until.min(world.now_ms);
    let local = |out: &mut Text, at: i64| {
        let wall = world.calendar.wall(at);
        text::day_first(out, wall, b'/');
        out.push(' ');
        text::clock(out, wall);
        text::millis(out, wall);
    };
    let paid = span.reason.is_none_or(Reason::is_paid);
    desk.begin()
        .with(|o| own_id(o, 'S', agent, place.day, number))
        .put(&agent.id)
        .put(entry.team.id())
        .put(entry.team.site().id())
        .put(entry.team.campaign().id())
        .put(span.state.code())
        .put(span.reason.map_or("", Reason::id))
        .maybe(span.call, |o, call| refs::call(o, place.day, place.floor.no, call as u64))
        .with(|o| local(o, span.from))
        .with(|o| local(o, until))
        .with(|o| length(o, until - span.from))
        .put(if paid { "Y" } else { "N" });
    let key = place.key(agent.no * 10_000 + number);
    if desk.send(Stream::AgentStates, key, 0, until)? == Sent::NotYet {
        return Ok(());
    }
    let mut at = span.from;
    while at < until {
        let hour_end = at - world.calendar.wall(at).rem_euclid(HOUR) + HOUR;
        let to = hour_end.min(until);
        let hour = world.calendar.hour_of(at);
        desk.counts.state(entry.agent, entry.team.campaign(), hour, span.state, to - at);
        at = to;
    }
    Ok(())
}

fn login<O: Outlet>(
    desk: &mut Desk<'_, O>,
    place: Place<'_>,
    agent: &Agent,
    entry: &AgentDay,
    number: u64,
    worked: &WorkedSession,
) -> Result<(), O::Error> {
    let world = desk.world;
    let now = world.now_ms;
    if worked.login >= now {
        return Ok(());
    }
    let ended = worked.logout <= now;
    let until = worked.logout.min(now);
    let unpaid: i64 = worked
        .spans
        .iter()
        .filter(|s| s.state == State::Pause && s.reason.is_some_and(|r| !r.is_paid()))
        .map(|s| (s.until.min(until) - s.from).max(0))
        .sum();
    let local = |out: &mut Text, at: i64| {
        let wall = world.calendar.wall(at);
        iso_day(out, wall);
        out.push(' ');
        text::clock(out, wall);
        text::millis(out, wall);
    };
    desk.begin()
        .with(|o| own_id(o, 'L', agent, place.day, number))
        .put(&agent.id)
        .put(entry.team.id())
        .put(entry.team.site().id())
        .put(entry.team.campaign().id())
        .with(|o| local(o, worked.login))
        .maybe(ended.then_some(worked.logout), local)
        .with(|o| length(o, until - worked.login))
        .with(|o| length(o, until - worked.login - unpaid));
    let key = place.key(agent.no * 10 + number);
    if desk.send(Stream::Shifts, key, 0, until)? != Sent::NotYet {
        desk.counts.logged(entry.agent, until - worked.login);
    }
    Ok(())
}

/// The plan: work around the pauses, known since the morning.
fn schedule<O: Outlet>(
    desk: &mut Desk<'_, O>,
    place: Place<'_>,
    agent: &Agent,
    entry: &AgentDay,
) -> Result<(), O::Error> {
    let (start, end) = entry.team.shift().clock();
    let mut spans = Vec::with_capacity(9);
    let mut at = start;
    for pause in &entry.pauses {
        spans.push(("work", true, at, pause.start));
        spans.push((pause.reason.activity(), pause.reason.is_paid(), pause.start, pause.start + pause.len));
        at = pause.start + pause.len;
    }
    spans.push(("work", true, at, end));
    let world = desk.world;
    let sent_at = world.calendar.at(place.day, 5 * HOUR + HOUR / 2);
    for (number, (activity, paid, from, until)) in spans.into_iter().enumerate() {
        let local = |out: &mut Text, clock: i64| {
            let wall = world.calendar.wall(world.calendar.at(place.day, clock));
            iso_day(out, wall);
            out.push('T');
            text::clock(out, wall);
        };
        desk.begin()
            .with(|o| own_id(o, 'P', agent, place.day, number as u64))
            .put(&agent.id)
            .put(activity)
            .put(entry.team.campaign().id())
            .with(|o| local(o, from))
            .with(|o| local(o, until))
            .put(if paid { "Y" } else { "N" });
        desk.send(Stream::Schedules, place.key(agent.no * 20 + number as u64), 0, sent_at)?;
    }
    Ok(())
}

fn absence<O: Outlet>(
    desk: &mut Desk<'_, O>,
    place: Place<'_>,
    agent: &Agent,
    entry: &AgentDay,
) -> Result<(), O::Error> {
    let world = desk.world;
    let (start, end) = entry.team.shift().clock();
    let holiday = place.key(agent.no).is_multiple_of(3);
    let local = |out: &mut Text, clock: i64| {
        let wall = world.calendar.wall(world.calendar.at(place.day, clock));
        iso_day(out, wall);
        out.push('T');
        text::clock(out, wall);
    };
    desk.begin()
        .with(|o| own_id(o, 'X', agent, place.day, 0))
        .put(&agent.id)
        .put(if holiday { "holiday" } else { "sickness" })
        .put(if holiday { "Y" } else { "N" })
        .put(if holiday { "Y" } else { "N" })
        .with(|o| local(o, start))
        .with(|o| local(o, end));
    desk.send(Stream::Absences, place.key(agent.no), 0, world.calendar.at(place.day, start))?;
    Ok(())
}
