//! What can go wrong with a question.

use datafusion::error::DataFusionError;
use dialmark_lake::LakeError;

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
    /// The computation failed.
    #[error("The figures could not be computed: {0}")]
    Compute(Box<DataFusionError>),
}

impl From<DataFusionError> for EngineError {
    fn from(error: DataFusionError) -> EngineError {
        EngineError::Compute(Box::new(error))
    }
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
