//! Options that most commands have.

use std::path::PathBuf;

use crate::out::TextOrJson;

/// Which project, and how to answer.
#[derive(Debug, clap::Args)]
pub struct Shared {
    /// Folder of the project [default: the current one, or the nearest above that is one]
    #[arg(long, value_name = "PROJECT")]
    pub dir: Option<PathBuf>,
    /// How to answer
    #[arg(long, value_enum, default_value_t)]
    pub format: TextOrJson,
}
