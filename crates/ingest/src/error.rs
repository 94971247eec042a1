//! What can stop an import as a whole. What is wrong with a single record goes to quarantine instead.

use std::path::{Path, PathBuf};

/// Why a file was not imported. Nothing of it is in the lake.
#[derive(Debug, thiserror::Error)]
pub enum IngestError {
    /// The file cannot be read as what it is said to be.
    #[error("{}: {problem}", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// What is wrong and what to do, in sentences.
        problem: String,
    },
    /// There is no room or no right to prepare an import. What was to be imported is where it was.
    #[error("{}: {problem}", folder.display())]
    Workshop {
        /// Where it was tried.
        folder: PathBuf,
        /// What is wrong and what to do, in sentences.
        problem: String,
    },
    /// What was set aside cannot be read again.
    #[error("{0}")]
    Replay(String),
    /// The mapping does not fit the table or contradicts itself.
    #[error("{declared_in}: [source.{source_name}]: {problem}")]
    Mapping {
        /// File in which the mapping stands.
        declared_in: String,
        /// Name of the source.
        source_name: String,
        /// What is wrong and what to do, in sentences.
        problem: String,
    },
    /// The database that records are pulled from refused or failed.
    #[error("[source.{source_name}]: {problem}")]
    Database {
        /// Name of the source.
        source_name: String,
        /// What is wrong and what to do, in sentences.
        problem: String,
    },
    /// Telephone numbers cannot be hidden.
    #[error(transparent)]
    Key(#[from] crate::people::KeyError),
    /// The lake refused or failed.
    #[error(transparent)]
    Lake(#[from] dialmark_lake::LakeError),
}

/// A sentence about a file, on its way to an error that names the file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure(pub String);

impl Failure {
    /// A failure with this sentence.
    pub fn new(sentence: impl Into<String>) -> Failure {
        Failure(sentence.into())
    }

    /// Names the file.
    pub fn at(self, path: &Path) -> IngestError {
        IngestError::File { path: path.to_path_buf(), problem: self.0 }
    }

    /// Names the folder in which something was to be prepared.
    pub fn at_folder(self, folder: &Path) -> IngestError {
        IngestError::Workshop { folder: folder.to_path_buf(), problem: self.0 }
    }
}

impl From<std::io::Error> for Failure {
    fn from(error: std::io::Error) -> Failure {
        Failure(format!("reading failed: {error}. Nothing was imported."))
    }
}
