//! What was decided here becomes records: lines of JSON, read as a file of their source would be.

use std::io::Write;

use async_recursion::async_recursion as compiled_here;
use dialmark_lake::{Consumes, Lake};
use dialmark_model::source::Source;

use crate::error::{Failure, IngestError};
use crate::import::{ImportOptions, Imported, import_file};
use crate::pipeline::Unwatched;

/// Name of all that was decided, in the ledger.
const NAME: &str = "decided here";

/// Makes records of lines, one JSON object each. How far the decisions were read is committed with the records: both or
/// neither, so that whoever is interrupted does it again, and what is there already changes nothing.
#[compiled_here]
pub async fn take_decided(
    lake: &Lake,
    source: &Source,
    lines: &[u8],
    read_up_to: String,
) -> Result<Imported, IngestError> {
    let folder = lake.folder().join("staging");
    let write = || -> std::io::Result<tempfile::NamedTempFile> {
        let mut file = tempfile::Builder::new().prefix("decided-").suffix(".jsonl").tempfile_in(&folder)?;
        file.write_all(lines)?;
        file.flush()?;
        Ok(file)
    };
    let file = write().map_err(|error| {
        let sentence =
            format!("what was decided cannot be prepared here: {error}. It waits until that is mended.");
        Failure::new(sentence).at_folder(&folder)
    })?;
    let consumes = Consumes::Cursor(read_up_to);
    let options = ImportOptions { name: Some(NAME.to_owned()), consumes, ..ImportOptions::default() };
    import_file(lake, source, file.path(), &options, &Unwatched).await
}
