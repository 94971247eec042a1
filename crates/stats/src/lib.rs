//! How sure a figure is, and why it moved: intervals, differences, agreement of raters, decomposition, rankings, what young
//! outcomes will come to, and how many agents a load needs.
//!
//! Plain numbers in, plain numbers out. This crate knows no metrics, files, clocks or threads; who calls it says what
//! a number means. Impossible input gives `None` or an error with a name, never a NaN, and figures do not depend on
//! the order of their input. Shares are fractions of one (0.25, not 25). Formulas cite their source; each is compared
//! with another implementation in `tests/stats/oracle.py`.

mod clusters;
mod random;
mod special;

pub mod agreement;
pub mod bootstrap;
pub mod decompose;
pub mod estimate;
pub mod false_discovery;
pub mod interval;
pub mod maturity;
pub mod mean;
pub mod moved;
pub mod nps;
pub mod quantile;
pub mod queue;
pub mod ranking;
pub mod ratio;
pub mod share;

pub use clusters::Part;
pub use estimate::Estimate;
pub use interval::{Confidence, Interval};
pub use moved::Moved;
pub use nps::Nps;
pub use share::Share;
