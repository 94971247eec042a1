//! What can go wrong with a question.

use std::error::Error;

use datafusion::error::DataFusionError;
use dialmark_lake::LakeError;

use crate::checked;

/// Why there is no answer.
#[derive(Debug, thiserror::Error)]
pub enum EngineError {
    /// The question cannot be asked like this; the sentence says why and what can.
    #[error("{0}")]
    Question(String),
    /// The store could not be read.
    #[error(transparent)]
    Lake(#[from] LakeError),
    /// A file of the store is gone.
    #[error(
        "The file {0} of the store is missing, so no figure over it can be right. Put it back from a copy of the store; `dialmark verify` says whether others are missing."
    )]
    Lost(String),
    /// A file of the store is not as it was written; the sentence says which and what to do.
    #[error("The figures could not be computed: {0}.")]
    Damaged(String),
    /// The library that reads files gave up on one.
    #[error(
        "The figures could not be computed, since a file of the store cannot be read ({0}). `dialmark verify --deep` says which; put it back from a copy of the store."
    )]
    Unreadable(String),
    /// The computation failed.
    #[error("The figures could not be computed: {0}")]
    Compute(Box<DataFusionError>),
}

impl From<DataFusionError> for EngineError {
    fn from(error: DataFusionError) -> EngineError {
        match (damage_in(&error), panic_in(&error)) {
            (Some(said), _) => EngineError::Damaged(said),
            (None, Some(said)) => EngineError::Unreadable(said),
            (None, None) => EngineError::Compute(Box::new(error)),
        }
    }
}

/// What the store says of a file that is not what was written.
fn damage_in(error: &DataFusionError) -> Option<String> {
    let mut next: Option<&(dyn Error + 'static)> = Some(error);
    while let Some(one) = next {
        if let Some(damage) = one.downcast_ref::<LakeError>() {
            return Some(damage.to_string());
        }
        next = one.source();
    }
    // Where a footer is read, the library keeps of an error its text alone.
    let text = error.to_string();
    text.split_once(checked::SAID_BEFORE).map(|(_, said)| said.to_owned())
}

/// What a library said when it gave up, which it does on some damage to files.
fn panic_in(error: &DataFusionError) -> Option<String> {
    let text = error.find_root().to_string();
    let (_, said) = text.split_once("panicked with message ")?;
    Some(said.trim_matches(['"', '\\']).to_owned())
}

impl From<arrow::error::ArrowError> for EngineError {
    fn from(error: arrow::error::ArrowError) -> EngineError {
        EngineError::Compute(Box::new(error.into()))
    }
}

/// A refusal of the question.
pub(crate) fn refuse<T>(message: impl Into<String>) -> Result<T, EngineError> {
    Err(EngineError::Question(message.into()))
}
