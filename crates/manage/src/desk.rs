//! Where somebody decides something: what they can ask, what is declared, where decisions are kept, what they may see.

use std::collections::BTreeSet;

use dialmark_engine::{Engine, EngineError};
use dialmark_govern::Governed;
use dialmark_govern::quality::Conversation;
use dialmark_ingest::IngestError;
use dialmark_metrics::Scope;
use dialmark_model::declared::nearest;
use dialmark_state::{State, StateError};

/// What a decision is made with.
#[derive(Clone, Copy)]
pub struct Desk<'a> {
    /// Answers what is asked about records.
    pub engine: &'a Engine,
    /// What is declared.
    pub governed: &'a Governed,
    /// Where decisions are kept.
    pub state: &'a State,
    /// Which records whoever sits here may see.
    pub scope: &'a Scope,
}

/// Why nothing was decided.
#[derive(Debug)]
pub enum DeskError {
    /// Records could not be asked for.
    Engine(EngineError),
    /// The decision could not be kept, or does not follow.
    State(StateError),
    /// It is kept, and its record could not be made yet.
    Records(IngestError),
    /// It cannot be done so: every reason in a sentence.
    Refused(Vec<String>),
}

impl DeskError {
    /// A refusal with one reason.
    pub(crate) fn refused(sentence: impl Into<String>) -> DeskError {
        DeskError::Refused(vec![sentence.into()])
    }
}

impl From<EngineError> for DeskError {
    fn from(error: EngineError) -> DeskError {
        DeskError::Engine(error)
    }
}

impl From<StateError> for DeskError {
    fn from(error: StateError) -> DeskError {
        DeskError::State(error)
    }
}

impl From<IngestError> for DeskError {
    fn from(error: IngestError) -> DeskError {
        DeskError::Records(error)
    }
}

impl From<Vec<String>> for DeskError {
    fn from(problems: Vec<String>) -> DeskError {
        DeskError::Refused(problems)
    }
}

impl std::fmt::Display for DeskError {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            DeskError::Engine(error) => write!(out, "{error}"),
            DeskError::State(error) => write!(out, "{error}"),
            DeskError::Records(error) => {
                write!(out, "What was decided is kept, but is no record yet: {error}")
            }
            DeskError::Refused(problems) => write!(out, "{}", problems.join("\n")),
        }
    }
}

impl std::error::Error for DeskError {}

/// Whether the records of a conversation may be seen.
pub(crate) fn sees(scope: &Scope, of: &Conversation) -> bool {
    match scope {
        Scope::Everything => true,
        Scope::Rows(rows) => rows.iter().all(|(dimension, values)| {
            of.value(dimension).is_some_and(|value| values.iter().any(|one| one == value))
        }),
    }
}

/// What is known by a name, or a sentence that says what there is instead.
pub(crate) fn named<'g, T>(
    all: &'g std::collections::BTreeMap<String, T>,
    noun: &str,
    name: &str,
) -> Result<&'g T, DeskError> {
    all.get(name).ok_or_else(|| {
        let near = nearest(name, all.keys().map(String::as_str));
        let known: BTreeSet<String> = all.keys().map(|name| format!("`{name}`")).collect();
        let help = match (near, known.is_empty()) {
            (Some(near), _) => format!("Did you mean `{near}`?"),
            (None, true) => "None is declared; see `quality/` in the project's folder.".to_owned(),
            (None, false) => format!("There are {}.", known.into_iter().collect::<Vec<_>>().join(", ")),
        };
        DeskError::refused(format!("There is no {noun} `{name}`. {help}"))
    })
}
