//! From fields to rows: the mapping applied to each record.

mod batch;
mod check;
mod dateless;
mod order;
mod plan;
mod typer;

pub use batch::{BatchBuilder, Stamp};
pub use plan::{Plan, PlanError, wanted_columns};
pub use typer::Typer;
