//! Coaching: who is due for what, sessions held, and whether they helped.

mod due;
mod effect;
mod session;

pub use due::{DueAsked, due};
pub use effect::{Compare, compare};
pub use session::{Held, acknowledge, hold, overdue, recheck, session, sessions};
