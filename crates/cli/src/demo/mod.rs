//! The demo: a simulated centre, written as its systems would export it, loaded as anyone's exports are.

pub mod browser;
pub mod fill;
pub mod live;
pub mod place;
pub mod tour;
mod writer;
