//! How it looks: pure functions from answers to HTML, SVG, JSON, CSV and terminal text.
//!
//! Nothing here waits, reads a file, asks a clock or speaks HTTP or SQL. A page is a plain struct that
//! somebody fills and a function that turns it into markup; so a page can be tested, mailed or saved as a
//! file by whoever has the figures.

pub mod alert;
pub mod asked;
pub mod audit;
pub mod called;
pub mod chart;
pub mod export;
pub mod form;
pub mod format;
pub mod judged;
pub mod link;
pub mod narrow;
pub mod pages;
pub mod parts;
pub mod reference;
pub mod report;
pub mod rules;
pub mod schema;
pub mod shell;
pub mod today;
pub mod when;

#[cfg(test)]
mod sample;
#[cfg(test)]
mod test_tables;
