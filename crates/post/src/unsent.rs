//! Why something was not handed over.

use std::fmt;

/// What became of an attempt that did not end in an acceptance.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Unsent {
    /// The other side does not want it, and would not want it tomorrow. With what it said.
    Refused(String),
    /// It was not taken this time: the other side is away, or asks for patience. It may, very rarely, have arrived all the
    /// same, when the connection broke after the last byte and before the answer.
    Later(String),
}

impl fmt::Display for Unsent {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Unsent::Refused(why) | Unsent::Later(why) => out.write_str(why),
        }
    }
}

impl std::error::Error for Unsent {}
