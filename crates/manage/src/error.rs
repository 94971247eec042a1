//! Why something was not done.

use dialmark_engine::EngineError;
use dialmark_ingest::IngestError;
use dialmark_state::StateError;

/// Why something was neither shown nor done; but for records that are made later, nothing has changed.
#[derive(Debug)]
pub enum NotDone {
    /// Figures or records could not be had.
    Engine(EngineError),
    /// Decisions could not be read or written, or a step does not fit what was decided.
    State(StateError),
    /// It was decided and kept, and its record could not be made yet; that is tried again.
    Records(IngestError),
    /// The rules do not let it be; the sentences say why and what to do.
    Refused(String),
}

impl NotDone {
    /// A refusal.
    pub(crate) fn refused(sentence: impl Into<String>) -> NotDone {
        NotDone::Refused(sentence.into())
    }
}

impl From<Vec<String>> for NotDone {
    fn from(sentences: Vec<String>) -> NotDone {
        NotDone::Refused(sentences.join(" "))
    }
}

impl From<IngestError> for NotDone {
    fn from(error: IngestError) -> NotDone {
        NotDone::Records(error)
    }
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
            NotDone::Records(error) => write!(out, "What was decided is kept, but is no record yet: {error}"),
            NotDone::Refused(sentence) => write!(out, "{sentence}"),
        }
    }
}

impl std::error::Error for NotDone {}
