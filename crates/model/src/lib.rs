//! What happened: the facts a call centre leaves behind, as tables with typed columns.
//!
//! This crate holds no behaviour beyond names, types and time. It knows nothing of files, clocks, Arrow or
//! SQL, so that every other crate can speak of the same facts without depending on how they are kept.

pub mod civil;
pub mod declared;
pub mod disposition;
pub mod duration_text;
pub mod facts;
pub mod pull;
pub mod secret;
pub mod source;
pub mod table;
pub mod validity;
pub mod webhook;

pub use disposition::{Disposition, DispositionMap, Outcome};
pub use table::{Column, Kind, Table};
