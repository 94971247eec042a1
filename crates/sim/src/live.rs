//! The same rows in the order of their delivery, for a replay in wall time.

use std::cmp::Reverse;
use std::collections::{BinaryHeap, VecDeque};
use std::convert::Infallible;

use jiff::Timestamp;
use jiff::civil::{Date, Time};

use crate::calendar::plus;
use crate::centre::Centre;
use crate::desk::Outlet;
use crate::plan::Plan;
use crate::stream::Stream;
use crate::world::World;

/// A row and when it was delivered.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Event {
    /// When.
    pub at: Timestamp,
    /// Breaks ties: the order in which rows were made.
    number: u64,
    /// Which export it belongs to.
    pub stream: Stream,
    /// Its fields, or for JSON lines the line.
    pub fields: Vec<String>,
}

/// Rows in the order of their delivery. One day is held in memory, and of earlier days what arrives late.
#[derive(Debug)]
pub struct Live {
    centre: Centre,
    ready: VecDeque<Event>,
    waiting: Waiting,
}

#[derive(Debug, Default)]
struct Waiting {
    /// Rows up to this instant are not wanted.
    after_ms: Option<i64>,
    heap: BinaryHeap<Reverse<Event>>,
    number: u64,
}

impl Outlet for Waiting {
    type Error = Infallible;

    fn put(&mut self, at_ms: i64, stream: Stream, _day: Date, fields: &[&str]) -> Result<(), Infallible> {
        self.number += 1;
        if self.after_ms.is_some_and(|after| at_ms <= after) {
            return Ok(());
        }
        let at = Timestamp::from_millisecond(at_ms).unwrap_or(Timestamp::MAX);
        let fields = fields.iter().map(|field| (*field).to_owned()).collect();
        self.heap.push(Reverse(Event { at, number: self.number, stream, fields }));
        Ok(())
    }
}

/// The rows of a plan in the order of their delivery, from its first day to the end of its records.
pub fn live(plan: &Plan) -> Live {
    let world = World::new(plan);
    Live { centre: Centre::new(world), ready: VecDeque::new(), waiting: Waiting::default() }
}

/// What follows on the last day after the plan's records stop: the rest of that day, in the order of delivery.
/// Together with the plan's own records it makes up the whole day; a state that lasted at the cut comes again,
/// longer, under its identifier.
pub fn live_after(plan: &Plan) -> Live {
    let mut world = World::new(plan);
    let waiting = Waiting { after_ms: Some(world.now_ms), ..Waiting::default() };
    let end_of_day = Time::constant(23, 59, 59, 0);
    world.now_ms = Plan { until: end_of_day, ..plan.clone() }.now().as_millisecond();
    Live { centre: Centre::new(world), ready: VecDeque::new(), waiting }
}

impl Iterator for Live {
    type Item = Event;

    fn next(&mut self) -> Option<Event> {
        loop {
            if let Some(event) = self.ready.pop_front() {
                return Some(event);
            }
            // `Infallible` cannot occur.
            let worked = self.centre.work(&mut self.waiting).ok().flatten();
            let until = match worked {
                Some(day) => self.centre.world.calendar.at(plus(day, 1), 0),
                None => i64::MAX,
            };
            while let Some(Reverse(event)) = self.waiting.heap.peek() {
                if event.at.as_millisecond() >= until {
                    break;
                }
                let Some(Reverse(event)) = self.waiting.heap.pop() else { break };
                self.ready.push_back(event);
            }
            if worked.is_none() && self.ready.is_empty() {
                return None;
            }
        }
    }
}
