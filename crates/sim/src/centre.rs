//! The centre, worked day by day: memory does not grow with the number of calls.

use std::collections::BTreeMap;

use jiff::civil::Date;

use crate::calendar::is_working;
use crate::call::{Call, Status};
use crate::calls_out::{self, Place};
use crate::campaign::Campaign;
use crate::crm::{self, Agreed};
use crate::desk::{Desk, Outlet};
use crate::floor::{Floor, FloorDay, Purpose};
use crate::lists::{LISTS, List};
use crate::tallies::Tallies;
use crate::world::World;
use crate::{collections, money, people_out, voice};

/// Callbacks agreed and not yet made, by list and lead. A lead that agreed to one is called again within a round
/// of its list, so there are never more than a round has dials.
type Callbacks = BTreeMap<(usize, u64), Agreed>;

/// The simulation between two days.
#[derive(Debug)]
pub(crate) struct Centre {
    pub world: World,
    pub tallies: Tallies,
    floors: Vec<(Floor, Callbacks)>,
    next: Date,
}

impl Centre {
    /// A centre before its first day.
    pub(crate) fn new(world: World) -> Centre {
        let floors = if world.scale.share == 0 { 0 } else { world.scale.floors };
        let floors = (0..floors).map(|no| (Floor::new(no, &world), Callbacks::new())).collect();
        Centre { next: world.plan.first_day(), floors, tallies: Tallies::default(), world }
    }

    /// Works the next day and sends its rows; `None` when the plan is over.
    pub(crate) fn work<O: Outlet>(&mut self, out: &mut O) -> Result<Option<Date>, O::Error> {
        let day = self.next;
        if day > self.world.plan.end || self.world.plan.days == 0 {
            return Ok(None);
        }
        self.next = crate::calendar::plus(day, 1);
        for (floor, callbacks) in &mut self.floors {
            let mut desk = Desk::new(out, &self.world, &mut self.tallies, floor.people.len());
            if floor.no == 0 {
                for (at, list) in LISTS.iter().enumerate() {
                    if List::starts(at, &self.world.story, self.world.plan.first_day()) == day {
                        crm::list(&mut desk, list, day)?;
                    }
                }
            }
            people_out::joiners(&mut desk, Place { floor, day })?;
            if is_working(day) {
                let worked = floor.work(&self.world, day);
                let place = Place { floor, day };
                calls(&mut desk, place, &worked, callbacks)?;
                calls_out::agents(&mut desk, place, &worked)?;
                money::costs(&mut desk, place, &worked)?;
            }
            let counts = desk.counts;
            counts.settle(&mut self.tallies, day, floor);
        }
        Ok(Some(day))
    }
}

fn calls<O: Outlet>(
    desk: &mut Desk<'_, O>,
    place: Place<'_>,
    worked: &FloorDay,
    callbacks: &mut Callbacks,
) -> Result<(), O::Error> {
    let mut rng = place.floor.rng(desk.world, Purpose::Deal, place.day, 0);
    let mut clawbacks = crm::clawbacks(desk.world, place.day, &mut rng);
    let mut evaluated = vec![false; place.floor.people.len()];
    for (number, call) in worked.calls.iter().enumerate() {
        let number = number as u64;
        if call.turn.attempt == 1 {
            if call.campaign() == Campaign::Arrears {
                collections::account(desk, place, call)?;
            } else {
                crm::lead(desk, place, call)?;
            }
        }
        calls_out::call(desk, place, number, call)?;
        if call.turn.attempt > 1
            && call.planted.is_none()
            && let Some(agreed) = callbacks.remove(&(call.list, call.turn.lead))
        {
            crm::callback(desk, place, call, &agreed, Some((call.started, number)))?;
        }
        match call.status {
            Status::Sale => {
                crm::deal(desk, place, number, call, clawbacks > 0)?;
                clawbacks = clawbacks.saturating_sub(1);
            }
            Status::Appointment => {
                crm::deal(desk, place, number, call, false)?;
                crm::stages(desk, place, number, call)?;
            }
            Status::Promise => collections::promise(desk, place, number, call)?,
            Status::Callback => agree(desk, place, number, call, callbacks)?,
            Status::DoNotCall => crm::do_not_call(desk, place, number, call)?,
            _ => {}
        }
        voice::survey(desk, place, number, call)?;
        if let Some(at) = call.agent
            && !evaluated[at]
            && call.talk.unwrap_or(0) > 60_000
        {
            evaluated[at] = true;
            let agent = &place.floor.people[at];
            if voice::is_evaluated(desk, place, agent) {
                voice::evaluation(desk, place, number, call, agent)?;
            }
        }
    }
    Ok(())
}

fn agree<O: Outlet>(
    desk: &mut Desk<'_, O>,
    place: Place<'_>,
    number: u64,
    call: &Call,
    callbacks: &mut Callbacks,
) -> Result<(), O::Error> {
    let Some(agent) = call.agent else { return Ok(()) };
    let due = crm::callback_due(desk.world, place.day);
    let agreed = Agreed { day: place.day, number, agent, at: call.ended, due };
    crm::callback(desk, place, call, &agreed, None)?;
    callbacks.insert((call.list, call.turn.lead), agreed);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::Plan;
    use crate::stream::Stream;
    use std::convert::Infallible;

    struct Nowhere;

    impl Outlet for Nowhere {
        type Error = Infallible;

        fn put(&mut self, _: i64, _: Stream, _: Date, _: &[&str]) -> Result<(), Infallible> {
            Ok(())
        }
    }

    #[test]
    fn what_is_kept_from_day_to_day_does_not_grow_with_the_calls() {
        let mut centre = Centre::new(World::new(&Plan { days: 70, calls_per_day: 1_000, ..Plan::default() }));
        let mut most = 0;
        let mut dials = 0;
        while let Ok(Some(_)) = centre.work(&mut Nowhere) {
            most = most.max(centre.floors.iter().map(|(_, callbacks)| callbacks.len()).sum());
            dials = centre.tallies.calls_where(|_, _, _| true).dials;
        }
        // Callbacks wait for a round of their list at most; a round is about a day and a half of dials.
        assert!(most > 0 && most < 700, "{most} callbacks wait at once, of {dials} dials");
    }
}
