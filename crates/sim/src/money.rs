//! The ledger: what a floor's day cost. Wages by the millisecond logged in, carriers by the call, lists by the lead.

use crate::calendar::{HOUR, MINUTE};
use crate::calls_out::Place;
use crate::campaign::Campaign;
use crate::desk::{Desk, Outlet, Sent, rounded, text_key, units};
use crate::floor::FloorDay;
use crate::lists::LISTS;
use crate::num::{signed, unsigned};
use crate::people::Site;
use crate::plan::FULL;
use crate::stream::Stream;
use crate::text::{Text, decimal, iso_day};

/// Licences and lines for a day of the natural size, in pence.
const TECHNOLOGY_PENCE: i64 = 41_000;
/// Rooms and power for a day of the natural size, by site, in pence.
const PREMISES_PENCE: [(Site, i64); 2] = [(Site::Leeds, 62_000), (Site::Durban, 24_000)];

/// One booking; the amount is in ten-thousandths of a pound.
struct Booking {
    category: &'static str,
    kind: &'static str,
    campaign: Option<Campaign>,
    list: &'static str,
    site: &'static str,
    amount: i64,
    note: &'static str,
}

/// Sends the day's costs in the evening.
pub(crate) fn costs<O: Outlet>(
    desk: &mut Desk<'_, O>,
    place: Place<'_>,
    day: &FloorDay,
) -> Result<(), O::Error> {
    let world = desk.world;
    let at = world.calendar.at(place.day, 20 * HOUR + 30 * MINUTE);
    for booking in bookings(day, signed(world.scale.share)) {
        if booking.amount == 0 {
            continue;
        }
        let mut id = Text::default();
        iso_day(&mut id, world.calendar.wall(at));
        for part in [booking.category, booking.campaign.map_or("", Campaign::id), booking.list, booking.site]
        {
            if !part.is_empty() {
                id.push('/');
                id.push_str(part);
            }
        }
        id.push('/');
        crate::text::integer(&mut id, signed(place.floor.no) + 1);
        let id = id.as_str();
        let row_key = text_key(id);
        desk.begin()
            .put(id)
            .put(booking.category)
            .put(booking.kind)
            .put(booking.campaign.map_or("", Campaign::id))
            .put(booking.list)
            .put(booking.site)
            .with(|o| iso_day(o, world.calendar.wall(at)))
            .with(|o| decimal(o, booking.amount, 4))
            .put(booking.note);
        if desk.send(Stream::Costs, row_key, 0, at)? != Sent::NotYet {
            let tally = desk.tallies.costs.entry((place.day, booking.category)).or_default();
            *tally += unsigned(booking.amount);
        }
    }
    Ok(())
}

fn bookings(day: &FloorDay, share: i64) -> Vec<Booking> {
    let plain =
        Booking { category: "", kind: "operating", campaign: None, list: "", site: "", amount: 0, note: "" };
    let mut all = Vec::new();
    for site in Site::ALL {
        let logged: i64 = day
            .agents
            .iter()
            .filter(|entry| entry.team.site() == site)
            .flat_map(|entry| &entry.worked)
            .map(|worked| worked.logout - worked.login)
            .sum();
        let amount = units(rounded(logged, site.pence_an_hour(), HOUR));
        all.push(Booking { category: "labour", site: site.id(), amount, note: "agents' hours", ..plain });
    }
    for campaign in Campaign::ALL {
        let amount = day.calls.iter().filter(|c| c.campaign() == campaign).map(|c| c.price()).sum();
        all.push(Booking {
            category: "telephony",
            kind: "campaign",
            campaign: Some(campaign),
            amount,
            note: "carrier",
            ..plain
        });
    }
    for (at, list) in LISTS.iter().enumerate() {
        let leads = day.calls.iter().filter(|c| c.list == at && c.turn.attempt == 1 && c.planted.is_none());
        let amount = units(signed(leads.count() as u64) * list.price_pence);
        all.push(Booking {
            category: "lists",
            kind: "campaign",
            campaign: Some(list.campaign),
            list: list.code,
            amount,
            note: list.vendor,
            ..plain
        });
    }
    let part = |pence: i64| units(rounded(pence, share, signed(FULL)));
    all.push(Booking {
        category: "technology",
        amount: part(TECHNOLOGY_PENCE),
        note: "licences, lines",
        ..plain
    });
    for (site, pence) in PREMISES_PENCE {
        let present = day.agents.iter().any(|entry| entry.team.site() == site);
        let amount = if present { part(pence) } else { 0 };
        all.push(Booking { category: "premises", site: site.id(), amount, note: "rooms, power", ..plain });
    }
    all
}
