//! Service recovery: negative answers become a queue with a clock, and every customer in it is called back.

mod item;
mod queue;
mod rule;

pub use item::{Clock, Item, ItemId, Outcome, State};
pub use queue::{Admitted, Queue};
pub use rule::{Recovery, Scale, SurveyAnswer};
