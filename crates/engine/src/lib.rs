//! How it is computed: a question of the metric layer becomes DataFusion plans and comes back as plain values.
//!
//! DataFusion filters, groups and adds; `dialmark-metrics` divides. No type of Arrow or DataFusion leaves this
//! crate.

mod additive;
mod anchor;
mod answer;
mod asked;
mod by_code;
mod checked;
mod convert;
mod coverage;
mod covered;
mod dialled;
mod dimension;
mod engine;
mod error;
pub mod export;
mod figure;
mod followed;
mod functions;
mod grouped;
mod lookup;
mod overview;
mod passes;
mod plan;
mod reconcile;
mod records;
mod share;
mod split;
mod states;
mod table;
mod top;
mod values;
mod ways;
mod window;

pub use coverage::{Coverage, SourceCoverage};
pub use dialled::{Dialled, DialledQuery, Entries, Happened, Register, SaidOf};
pub use engine::Engine;
pub use error::EngineError;
pub use reconcile::{Common, Reconciliation, Set, Side, reconcile};
pub use records::{Part, Records, RecordsQuery};
pub use ways::{Answers, Way};
