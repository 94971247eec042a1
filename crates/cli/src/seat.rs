//! A seat from which somebody decides something: the project, its store, and what was decided before.

use dialmark_engine::Engine;
use dialmark_manage::own_records::{self, From as SendFrom, Sent};
use dialmark_manage::{Desk, NotDone};

use dialmark_metrics::Scope;
use dialmark_state::State;
use jiff::Timestamp;

use crate::failure::Failure;
use crate::managed::Managed;
use crate::runtime;

/// Lets somebody look at something.
pub fn look<T>(
    managed: &Managed,
    look: impl AsyncFnOnce(Desk<'_>) -> Result<T, NotDone>,
) -> Result<T, Failure> {
    runtime::wait_for(async {
        let seat = Seat::at(managed).await?;
        Ok(look(seat.desk()).await?)
    })
}

/// Lets somebody decide something, which then becomes a record.
pub fn decide<T>(
    managed: &Managed,
    decide: impl AsyncFnOnce(Desk<'_>) -> Result<T, NotDone>,
) -> Result<T, Failure> {
    runtime::wait_for(async {
        let seat = Seat::at(managed).await?;
        let decided = decide(seat.desk()).await?;
        seat.send(SendFrom::LastTime).await?;
        Ok(decided)
    })
}

/// Makes records of what was decided.
pub fn send(managed: &Managed, from: SendFrom) -> Result<Sent, Failure> {
    runtime::wait_for(async { Seat::at(managed).await?.send(from).await })
}

/// What is at hand there.
struct Seat<'m> {
    managed: &'m Managed,
    engine: Engine,
    state: State,
}

impl<'m> Seat<'m> {
    async fn at(managed: &'m Managed) -> Result<Seat<'m>, Failure> {
        let engine = managed.opened.engine(managed.opened.lake_with_records().await?);
        Ok(Seat { managed, engine, state: managed.opened.state().await? })
    }

    fn desk(&self) -> Desk<'_> {
        Desk {
            engine: &self.engine,
            governed: &self.managed.governed,
            state: &self.state,
            // Whoever sits at the machine sees everything.
            scope: &Scope::Everything,
            now: Timestamp::now(),
        }
    }

    async fn send(&self, from: SendFrom) -> Result<Sent, Failure> {
        let sources = &self.managed.opened.project.own_sources;
        Ok(own_records::send(&self.engine, &self.state, sources, from).await?)
    }
}

/// Who does something, from `--by`.
pub fn person(by: &str) -> Result<&str, Failure> {
    match by.trim() {
        "" => Err(Failure::usage("`--by` names nobody.")),
        by => Ok(by),
    }
}
