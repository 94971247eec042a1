//! How it is computed: a question of the metric layer becomes DataFusion plans and comes back as plain values.
//!
//! DataFusion filters, groups and adds; `dialmark-metrics` divides. No type of Arrow or DataFusion leaves this
//! crate.

mod additive;
mod anchor;
mod answer;
mod convert;
mod dimension;
mod engine;
mod error;
pub mod export;
mod followed;
mod functions;
mod grouped;
mod overview;
mod plan;
mod records;
mod table;

pub use engine::Engine;
pub use error::EngineError;
pub use records::{Part, Records, RecordsQuery};
