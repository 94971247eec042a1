//! An audit: exports in, a report out, nothing kept.

pub mod arrive;
mod findings;
pub mod page;
pub mod proposed;
mod question;
pub mod say;
mod wilson;
