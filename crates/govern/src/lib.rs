//! What we promise: KPIs with targets and owners, how they stand, scorecards, contracts, benchmarks, cases.
//!
//! Everything here is rules over figures that somebody else computed: no file, clock, network or engine. A figure comes in
//! as an exact fraction and money as a decimal; neither ever passes through a float.

pub mod access;
pub mod alert;
pub mod benchmark;
pub mod calibration;
pub mod calling;
pub mod case;
pub mod coaching;
pub mod contract;
pub mod costing;
pub mod dispute;
pub mod every_form;
pub mod governed;
pub mod guard;
pub mod incentive;
pub mod kpi;
pub mod lint;
pub mod maturing;
pub mod money;
pub mod opportunity;
pub mod person;
pub mod place;
pub mod preset;
pub mod quality;
pub mod ranking;
mod ratio_text;
mod reading;
pub mod recovery;
pub mod report;
mod rules;
pub mod score;
pub mod scorecard;
pub mod staffing;
pub mod standing;
pub mod statement;
pub mod status;
pub mod strategy;
pub mod target;
pub mod today;
mod value;
pub mod why;
pub mod window;

pub use access::{Access, Right, Role};
pub use alert::{Alert, Channel};
pub use governed::{Against, Governed};
pub use kpi::Kpi;
pub use money::Money;
pub use place::Place;
pub use scorecard::Scorecard;
pub use standing::{CardRow, Standing};
pub use status::{Figure, NotEnough, Status, Trend};
pub use target::{Aim, Goal, Target};
pub use window::{Stretch, Window};
