//! A centre to try: a seeded, deterministic outbound call centre of any size.
//!
//! It emits what a centre's systems export, in their shapes and with their faults, and counts what it made, so
//! that an import of its files can be compared with the truth to the digit. It reads no clock and no file: rows
//! go to a [`Sink`], the project's declarations come from [`project_files`], the planted causes from [`truth`].

mod agent_led;
mod calendar;
mod call;
mod calls_out;
mod campaign;
mod centre;
mod collections;
mod counts;
mod crm;
mod desk;
mod floor;
mod home;
mod layout;
mod lists;
mod live;
mod money;
mod num;
mod people;
mod people_out;
mod plan;
mod project;
mod refs;
mod rng;
mod shape;
mod shift;
mod story;
mod stream;
mod tallies;
mod text;
mod truth;
mod voice;
mod world;

pub use campaign::Campaign;
pub use layout::State;
pub use live::{Event, Live, live, live_after};
pub use people::Site;
pub use plan::{DEFAULT_CALLS_PER_DAY, Plan, ZONE};
pub use project::project_files;
pub use story::Story;
pub use stream::Stream;
pub use tallies::{
    AgentTally, CallTally, DealTally, PromiseTally, StageTally, StateTally, StreamTally, Tallies, VoiceTally,
};
pub use truth::truth;

use jiff::civil::Date;

/// Takes the rows of a run.
pub trait Sink {
    /// What can go wrong when a row is written.
    type Error;

    /// Takes a row that was delivered on `day`: its fields in the order of [`Stream::header`], or, for JSON lines,
    /// the whole line as the only field. A damaged row may have fewer fields. Rows of a later day may come early
    /// (what was late, or changed afterwards), rows of an earlier day never come.
    fn row(&mut self, stream: Stream, day: Date, fields: &[&str]) -> Result<(), Self::Error>;

    /// Everything delivered on `day` or before has been handed over.
    fn day_done(&mut self, day: Date) -> Result<(), Self::Error> {
        let _ = day;
        Ok(())
    }
}

/// Hands rows to a sink, which need not know the instant of their delivery.
struct ToSink<'a, S: Sink>(&'a mut S);

impl<S: Sink> desk::Outlet for ToSink<'_, S> {
    type Error = S::Error;

    fn put(&mut self, _at_ms: i64, stream: Stream, day: Date, fields: &[&str]) -> Result<(), S::Error> {
        self.0.row(stream, day, fields)
    }
}

/// Runs a plan: hands every row to the sink, day by day, and returns what was counted.
pub fn run<S: Sink>(plan: &Plan, sink: &mut S) -> Result<Tallies, S::Error> {
    let mut centre = centre::Centre::new(world::World::new(plan));
    while let Some(day) = centre.work(&mut ToSink(sink))? {
        sink.day_done(day)?;
    }
    Ok(centre.tallies)
}
