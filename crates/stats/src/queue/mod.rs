//! Queues: how long callers wait for so many agents, how many leave, and how many agents a load needs.
//!
//! Callers come at random and one by one (Poisson), handling times are exponential, all agents take all calls. Callers who wait
//! for good: Erlang C. Callers who leave after an exponential time: Erlang A. Calls that are lost when all lines are taken:
//! Erlang B. Real arrivals vary more than that, so a result is what the average hour of such a load needs, not its worst.
//! Loads are in erlangs: calls in a length of time, times the length of a call, over that length of time.

mod erlang;
mod patience;
mod staffing;

pub use erlang::{Waiting, blocking, lines, waiting};
pub use patience::{Leaving, leaving};
pub use staffing::{Demand, Goal, Needed, Shrinkage, needed, rostered};

/// Agents or lines at most: a million.
pub const MOST_SERVERS: u32 = 1_000_000;

/// Whether a load is one that can be worked with: finite, not negative.
fn is_load(erlangs: f64) -> bool {
    erlangs.is_finite() && erlangs >= 0.0
}

/// Whether a length of time is one: finite, above zero.
fn is_time(length: f64) -> bool {
    length.is_finite() && length > 0.0
}
