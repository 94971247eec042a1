//! Where decisions are: what people and programs were allowed to do, in one SQL database beside the store.
//!
//! So far: the tokens under which other programs send records.

mod database;
mod error;
mod token;

pub use database::State;
pub use error::StateError;
pub use token::{Denied, NewToken, Scope, Token};
