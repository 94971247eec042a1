//! How we stand: asks the engine what KPIs, scorecards and contracts need to know, and says what follows from it.
//!
//! The rules are in `dialmark-govern`, the figures come from `dialmark-engine`; here one is put to the other. Nothing here
//! knows HTTP, a terminal or the clock: now is handed in.

mod cases;
mod causes;
pub mod coaching;
mod declared;
mod desk;
mod figures;
mod instant;
mod mark;
pub mod own_records;
pub mod quality;
mod scorecard;
mod standing;
mod statement;
mod version;

pub use cases::{JudgeError, Judged, judge};
pub use declared::{contract_of, governed};
pub use desk::{Desk, DeskError};
pub use figures::Found;
pub use instant::{Reach, reach};
pub use scorecard::scorecard;
pub use standing::{Asked, standings};
pub use statement::{Draft, StatementError, Terms, draft};
pub use version::version;
