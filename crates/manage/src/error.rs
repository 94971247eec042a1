//! Why something was not done.

use dialmark_engine::EngineError;
use dialmark_state::StateError;

/// Why something was neither shown nor done; nothing has changed.
#[derive(Debug)]
pub enum NotDone {
    /// Figures or records could not be had.
    Engine(EngineError),
    /// Decisions could not be read or written, or a step does not fit what was decided.
    State(StateError),
    /// The rules do not let it be; the sentences say why and what to do.
    Refused(String),
}

impl From<EngineError> for NotDone {
    fn from(error: EngineError) -> NotDone {
        NotDone::Engine(error)
    }
}

impl From<StateError> for NotDone {
    fn from(error: StateError) -> NotDone {
        match error {
            StateError::Refused(sentence) => NotDone::Refused(sentence),
            other => NotDone::State(other),
        }
    }
}

impl std::fmt::Display for NotDone {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            NotDone::Engine(error) => write!(out, "{error}"),
            NotDone::State(error) => write!(out, "{error}"),
            NotDone::Refused(sentence) => write!(out, "{sentence}"),
        }
    }
}

impl std::error::Error for NotDone {}
