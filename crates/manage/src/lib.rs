//! How we stand: asks the engine what KPIs, scorecards and contracts need to know, and says what follows from it.
//!
//! The rules are in `dialmark-govern`, the figures come from `dialmark-engine`; here one is put to the other. Nothing here
//! knows HTTP, a terminal or the clock: now is handed in.

pub mod agent;
pub mod alerts;
mod beside;
pub mod calling;
mod cases;
mod causes;
pub mod coaching;
pub mod costing;
mod declared;
mod desk;
pub mod dispute;
mod error;
mod figures;
mod guards;
pub mod incentive;
mod instant;
mod leaders;
mod mark;
mod maturing;
mod nothing;
mod opportunities;
pub mod own_records;
pub mod quality;
pub mod ranking;
pub mod recovery;
pub mod report;
mod rows;
mod scorecard;
mod sight;
mod sources;
mod standing;
pub mod starting;
pub mod statement;
pub mod survey;
pub mod today;
mod unseen;
mod version;
pub mod why;

pub use beside::{Beside, Looked, beside};
pub use cases::{JudgeError, Judged, judge, write_into_case};
pub use declared::governed;
pub use desk::{By, Desk};
pub use error::NotDone;
pub use figures::Found;
pub use guards::look_after;
pub use instant::{Reach, reach};
pub use opportunities::{Opportunities, Price, Prices, Stated, Weighed, opportunities};
pub use scorecard::scorecard;
pub use sight::{Sight, sight};
pub use sources::beyond_sources;
pub use standing::{Asked, standings};
pub use unseen::unseen_places;
pub use version::version;
