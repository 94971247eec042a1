//! A seat from which somebody decides something: the project, its store, and what was decided before.

use dialmark_engine::Engine;
use dialmark_manage::own_records::{self, From as SendFrom, Sent};
use dialmark_manage::{Desk, DeskError};
use dialmark_metrics::Scope;
use dialmark_state::State;

use crate::failure::Failure;
use crate::managed::Managed;
use crate::runtime;

/// Whoever sits at the machine sees everything.
const EVERYTHING: &Scope = &Scope::Everything;

impl From<DeskError> for Failure {
    fn from(error: DeskError) -> Failure {
        match error {
            DeskError::Engine(error) => error.into(),
            DeskError::State(error) => error.into(),
            DeskError::Records(_) => Failure::problem(format!(
                "{error}\nWhat was decided is safe; `dialmark quality send` makes the record once that is mended."
            )),
            DeskError::Refused(problems) => Failure::problem(problems.join("\n")),
        }
    }
}

/// Lets somebody look at something.
pub fn look<T>(
    managed: &Managed,
    look: impl AsyncFnOnce(Desk<'_>) -> Result<T, DeskError>,
) -> Result<T, Failure> {
    runtime::wait_for(async {
        let (engine, state) = sit_down(managed).await?;
        let desk = Desk { engine: &engine, governed: &managed.governed, state: &state, scope: EVERYTHING };
        Ok(look(desk).await?)
    })
}

/// Lets somebody decide something, which then becomes a record.
pub fn decide<T>(
    managed: &Managed,
    decide: impl AsyncFnOnce(Desk<'_>) -> Result<T, DeskError>,
) -> Result<T, Failure> {
    runtime::wait_for(async {
        let (engine, state) = sit_down(managed).await?;
        let desk = Desk { engine: &engine, governed: &managed.governed, state: &state, scope: EVERYTHING };
        let decided = decide(desk).await?;
        own_records::send(&engine, &state, &managed.opened.project.own_sources, SendFrom::LastTime).await?;
        Ok(decided)
    })
}

/// Makes records of what was decided.
pub fn send(managed: &Managed, from: SendFrom) -> Result<Sent, Failure> {
    runtime::wait_for(async {
        let (engine, state) = sit_down(managed).await?;
        Ok(own_records::send(&engine, &state, &managed.opened.project.own_sources, from).await?)
    })
}

async fn sit_down(managed: &Managed) -> Result<(Engine, State), Failure> {
    let opened = &managed.opened;
    let engine = opened.engine(opened.lake_with_records().await?);
    Ok((engine, opened.state().await?))
}

/// Who does something, from `--by`.
pub fn person(by: &str) -> Result<&str, Failure> {
    match by.trim() {
        "" => Err(Failure::usage("`--by` names nobody.")),
        by => Ok(by),
    }
}
