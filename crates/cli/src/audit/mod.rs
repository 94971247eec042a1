//! An audit: exports or the store of a project in, a report out, nothing kept.

pub mod arrive;
pub mod beside;
mod findings;
pub mod page;
pub mod proposed;
mod quality;
mod question;
pub mod say;
mod wording;
mod worth;
