//! Human resources: agents and their teams.

use jiff::civil::Date;

use crate::calendar::{DAY, HOUR, day_number, plus};
use crate::calls_out::Place;
use crate::desk::{Desk, Outlet, text_key};
use crate::people::{Agent, Team};
use crate::stream::Stream;
use crate::text::{Text, iso_day};

fn day(out: &mut Text, date: Date) {
    iso_day(out, day_number(date) * DAY);
}

/// Sends those who appear on this day: on the first day everybody who is there, later each on joining.
pub(crate) fn joiners<O: Outlet>(desk: &mut Desk<'_, O>, place: Place<'_>) -> Result<(), O::Error> {
    for agent in &place.floor.people {
        let joins = agent.hired.max(agent.joined);
        if joins != place.day || agent.left.is_some_and(|left| left < joins) {
            continue;
        }
        let at = desk.world.calendar.at(place.day, 5 * HOUR);
        employed(desk, agent, place.day, None, 0, at)?;
        if let Some(left) = agent.left {
            let at = desk.world.calendar.at(plus(left, 1), 8 * HOUR);
            employed(desk, agent, left, Some(left), 1, at)?;
        }
        for (team, from, until) in agent.memberships() {
            let at = desk.world.calendar.at(from, 5 * HOUR);
            member(desk, agent, team, from, None, 0, at)?;
            if let Some(until) = until {
                let at = desk.world.calendar.at(plus(until, 1), 8 * HOUR);
                member(desk, agent, team, from, Some(until), 1, at)?;
            }
        }
    }
    Ok(())
}

fn employed<O: Outlet>(
    desk: &mut Desk<'_, O>,
    agent: &Agent,
    on: Date,
    left: Option<Date>,
    revision: u64,
    at: i64,
) -> Result<(), O::Error> {
    let site = agent.team(on).site();
    desk.begin()
        .put(&agent.id)
        .put(&agent.name)
        .put(site.id())
        .put(site.shore())
        .put("agent")
        .with(|o| day(o, agent.hired))
        .maybe(left, day)
        .put(if left.is_some() { "voluntary" } else { "" })
        .put("1.0");
    desk.send(Stream::Agents, agent.no, revision, at)?;
    Ok(())
}

fn member<O: Outlet>(
    desk: &mut Desk<'_, O>,
    agent: &Agent,
    team: Team,
    from: Date,
    until: Option<Date>,
    revision: u64,
    at: i64,
) -> Result<(), O::Error> {
    let id = format!("{}-{}-{}", agent.id, team.id(), crate::refs::day_code(from));
    let row_key = text_key(&id);
    desk.begin()
        .put(&id)
        .put(&agent.id)
        .put(team.id())
        .with(|o| {
            o.push_str("TL-");
            o.push_str(team.id());
        })
        .with(|o| day(o, from))
        .maybe(until, day);
    desk.send(Stream::TeamMemberships, row_key, revision, at)?;
    Ok(())
}
