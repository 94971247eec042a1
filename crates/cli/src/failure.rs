//! Why a command did not do what it was asked for, and the exit code that says so.

use std::process::ExitCode;

use dialmark_engine::EngineError;
use dialmark_ingest::IngestError;
use dialmark_lake::LakeError;
use dialmark_manage::NotDone;
use dialmark_project::Invalid;
use dialmark_state::StateError;

use crate::out::Style;

/// The end of a command that did not go well.
#[derive(Debug)]
pub enum Failure {
    /// Something failed or was found wrong; the sentence says what, where and what to do.
    Problem(String),
    /// The command line asks for something that cannot be.
    Usage(String),
    /// The project has errors.
    Invalid(Invalid),
    /// A problem was found, and the command has said everything about it.
    Said,
    /// Whoever read our output has stopped reading, as `| head` does; nothing is wrong.
    NobodyReads,
}

impl Failure {
    /// A problem with this sentence.
    pub fn problem(sentence: impl Into<String>) -> Failure {
        Failure::Problem(sentence.into())
    }

    /// Wrong usage with this sentence.
    pub fn usage(sentence: impl Into<String>) -> Failure {
        Failure::Usage(sentence.into())
    }

    /// What is still to be said, for people.
    pub fn text(&self) -> Option<String> {
        let error = Style::of_stderr().bad("error:");
        match self {
            Failure::Problem(sentence) | Failure::Usage(sentence) => Some(format!("{error} {sentence}")),
            // Each of its lines says whether it is an error or a warning.
            Failure::Invalid(invalid) => Some(invalid.to_string()),
            Failure::Said | Failure::NobodyReads => None,
        }
    }

    /// The exit code.
    pub fn exit_code(&self) -> ExitCode {
        match self {
            Failure::Problem(_) | Failure::Invalid(_) | Failure::Said => ExitCode::from(1),
            Failure::Usage(_) => ExitCode::from(2),
            Failure::NobodyReads => ExitCode::SUCCESS,
        }
    }
}

impl From<LakeError> for Failure {
    fn from(error: LakeError) -> Failure {
        Failure::Problem(error.to_string())
    }
}

impl From<StateError> for Failure {
    fn from(error: StateError) -> Failure {
        Failure::Problem(error.to_string())
    }
}

impl From<IngestError> for Failure {
    fn from(error: IngestError) -> Failure {
        Failure::Problem(error.to_string())
    }
}

impl From<EngineError> for Failure {
    fn from(error: EngineError) -> Failure {
        match error {
            EngineError::Question(sentence) => Failure::Usage(sentence),
            other => Failure::Problem(other.to_string()),
        }
    }
}

impl From<NotDone> for Failure {
    fn from(error: NotDone) -> Failure {
        match error {
            NotDone::Engine(error) => error.into(),
            NotDone::State(error) => error.into(),
            NotDone::Records(_) => Failure::problem(format!(
                "{error}\nWhat was decided is safe; `dialmark quality send` makes the record once that is mended."
            )),
            NotDone::Refused(sentence) => Failure::Problem(sentence),
        }
    }
}

impl From<Invalid> for Failure {
    fn from(invalid: Invalid) -> Failure {
        Failure::Invalid(invalid)
    }
}
