//! Where decisions are: what people and programs were allowed to do, in one SQL database beside the store.
//!
//! Accounts and their sessions, the tokens under which other programs send records, the cases that follow from missed KPIs,
//! the statements that were sent, what else people decide on step by step, and the trail of who did what.

mod account;
mod alert;
mod case;
mod database;
mod error;
mod matter;
mod outbox;
mod password;
mod pay;
mod report;
mod session;
mod statement;
mod token;
mod trail;

pub use account::{Account, Change, LOCAL, NewAccount, OneTime, PROGRAM};
pub use alert::{Stood, Stoods};
pub use case::{Filed, Judgement};
pub use database::State;
pub use error::StateError;
pub use matter::{Matter, ReadUpTo, Step};
pub use outbox::{Channel, Leaving, NewPiece, Piece, Pieces};
pub use password::SHORTEST as SHORTEST_PASSWORD;
pub use pay::FrozenPay;
pub use report::{CameTo, Returned, Run as ReportRun};
pub use session::{Denied as NotSignedIn, NewSession};
pub use statement::Frozen;
pub use token::{Denied, NewToken, Scope, Token};
pub use trail::{Deed, Noted, Wanted};
