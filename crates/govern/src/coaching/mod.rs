//! Coaching: sessions on one behaviour, who is due for one, what is overdue, and whether it helped.

mod due;
mod effect;
mod session;

pub use due::{Behaviour, Due, DueBehaviour, Rule, due};
pub use effect::{Bounds, Compared, Effect, Side, Verdict, effect};
pub use session::{Agreed, Overdue, Rechecked, Session, overdue};
