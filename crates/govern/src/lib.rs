//! What we promise: KPIs with targets and owners, how they stand, scorecards, contracts, benchmarks, cases.
//!
//! Everything here is rules over figures that somebody else computed: no file, clock, network or engine. A figure comes in
//! as an exact fraction and money as a decimal; neither ever passes through a float.

pub mod calibration;
pub mod coaching;
pub mod costing;
pub mod dispute;
pub mod money;
pub mod place;
pub mod quality;
mod reading;
pub mod recovery;
mod value;

pub use money::Money;
pub use place::Place;
