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

/// What whoever sits at this machine has at hand: the project, its records and what was decided.
pub struct Seat<'m> {
    /// The project.
    pub managed: &'m Managed,
    engine: Engine,
    state: State,
}

impl<'m> Seat<'m> {
    /// Opens the records, which must be there, and the decisions beside them.
    pub async fn at(managed: &'m Managed) -> Result<Seat<'m>, Failure> {
        let engine = managed.opened.engine(managed.opened.lake_with_records().await?);
        Ok(Seat { managed, engine, state: managed.opened.state().await? })
    }

    /// Everything, now.
    pub fn desk(&self) -> Desk<'_> {
        Desk {
            engine: &self.engine,
            governed: &self.managed.governed,
            state: &self.state,
            // Whoever sits at the machine sees everything.
            scope: &Scope::Everything,
            now: Timestamp::now(),
        }
    }

    /// Who somebody is in the records, if they call: as people are declared, or as their account says.
    pub async fn agent_id(&self, name: &str) -> Result<Option<String>, Failure> {
        let declared = self.managed.governed.people.get(name).and_then(|person| person.agent_id.clone());
        match declared {
            Some(agent) => Ok(Some(agent)),
            None => {
                let account = self.state.account(name).await?;
                Ok(account.and_then(|account| account.access.agent_id().map(str::to_owned)))
            }
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
