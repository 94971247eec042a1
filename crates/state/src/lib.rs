//! Where decisions are: what people and programs were allowed to do, in one SQL database beside the store.
//!
//! The tokens under which other programs send records, the cases that follow from missed KPIs, and the
//! statements that were sent.

mod case;
mod database;
mod error;
mod statement;
mod token;

pub use case::{Filed, Judgement};
pub use database::State;
pub use error::StateError;
pub use statement::Frozen;
pub use token::{Denied, NewToken, Scope, Token};
