//! Incentives: plans that pay agents by their figures, and a statement for each agent that can be checked by hand.
//!
//! ```toml
//! [incentive.north]
//! label    = "Commission, North"
//! who      = { campaign = "north" }
//! currency = "EUR"
//! period   = "month"
//! cap      = 1500.00
//! negative = "carried_over"
//! clawback = { each = 4.00, within = "60 days" }
//!
//! [[incentive.north.part]]
//! name    = "sales"
//! kind    = "per_unit"
//! metric  = "verified_sales"
//! tiers   = [{ from = 0, rate = 4.00 }, { from = 21, rate = 6.00 }]
//! only_if = { metric = "qa_score", at_least = "80 %", least_n = 4, without = "waits" }
//! ```
//!
//! [`statement`] is a pure function: the same plan and the same inputs give the same statement on any day. Rates and
//! figures are exact; each line is rounded once, half to even, to the smallest unit of the plan's currency, and what is
//! due is the sum of the lines. What cannot be computed is no zero: its line has no amount and says why.

mod earn;
mod gate;
mod inputs;
mod late;
mod paid;
mod plan;
mod read;
mod read_part;
mod settle;
mod statement;
mod steps;

pub use inputs::{Cancelled, Figure, Inputs};
pub use late::late;
pub use paid::{PaidSale, PartUnits};
pub use plan::{Clawback, Gate, Need, Negative, Part, Pay, Plan, Shared, TakenBack, Whose, Without};
pub use statement::{Line, LineKind, Standing, Statement, commission_so_far, statement};
pub use steps::{Step, Steps, Way};

#[cfg(test)]
mod tests;
