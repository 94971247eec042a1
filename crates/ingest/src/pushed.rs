//! What was pushed becomes records: the bodies that wait in the store's inbox, read as a file of their source would be.

use std::io::Write;
use std::path::Path;

use async_recursion::async_recursion as compiled_here;
use dialmark_lake::{Body, Consumes, Lake, QuarantinedRow};
use dialmark_model::source::{Format, Identity, Source};
use dialmark_packs::Input;
use jiff::Timestamp;

use crate::error::{Failure, IngestError};
use crate::import::{ImportOptions, Imported, import_file, set_aside};
use crate::pipeline::Unwatched;
use crate::records::Reason;

/// Bytes of bodies that become records in one import.
const PORTION_BYTES: u64 = 32 << 20;

/// What the bodies of a source are made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pushable {
    /// One JSON object a line.
    JsonLines,
    /// JSON documents as a pack's system writes them.
    JsonDocuments,
}

/// What may be pushed to a source; a sentence when nothing may.
pub fn pushable(source: &Source) -> Result<Pushable, String> {
    if source.identity == Identity::Replace {
        return Err(format!(
            "Source `{}` has neither `id` nor `mode = \"append\"`, so each delivery would take the place of the last. Name \
             the field by which a record is known again: `id = \"FIELD\"`.",
            source.name
        ));
    }
    let what = match &source.format {
        Format::JsonLines => return Ok(Pushable::JsonLines),
        Format::Pack { pack, stream } => {
            let stream = dialmark_packs::named(pack).filter(|known| known.stream(stream).is_some());
            match stream.map(|known| known.input) {
                Some(Input::Json { .. }) => return Ok(Pushable::JsonDocuments),
                _ => "files of a telephone system",
            }
        }
        Format::Csv { .. } => "separated text",
        Format::Parquet => "Parquet",
        Format::Xlsx { .. } => "Excel workbooks",
    };
    Err(format!(
        "Source `{}` reads {what}, and only JSON can be pushed. Declare a source with `format = \"jsonl\"` for what \
         is sent.",
        source.name
    ))
}

/// Makes records of the oldest bodies of a source; `None` when none waits. The import goes on with the one of the same
/// hour, so that the ledger has a line an hour and not one a second. A body that cannot be read at all goes to
/// quarantine, so that it holds up nobody behind it.
#[compiled_here]
pub async fn take_pushed(lake: &Lake, source: &Source) -> Result<Option<Imported>, IngestError> {
    let mut bodies = lake.bodies(&source.name, PORTION_BYTES).await?;
    loop {
        let Some(last) = bodies.last() else { return Ok(None) };
        let options = ImportOptions {
            name: Some(name_of(last)),
            consumes: Consumes::Inbox { upto: last.seq, bodies: count(bodies.len()) },
            ..ImportOptions::default()
        };
        let file = joined(lake, &bodies)?;
        match (import_file(lake, source, file.path(), &options, &Unwatched).await, bodies.as_slice()) {
            (Err(IngestError::File { problem, .. }), [body]) => {
                let row = QuarantinedRow {
                    line: 1,
                    reason: Reason::Shape.word().to_owned(),
                    detail: format!("The delivery cannot be read: {problem}"),
                    text: String::from_utf8_lossy(&body.bytes).into_owned(),
                };
                return set_aside(lake, source, file.path(), &options, row).await.map(Some);
            }
            // Which of them it is shows when they are fewer.
            (Err(IngestError::File { .. }), _) => bodies.truncate(bodies.len() / 2),
            (imported, _) => return imported.map(Some),
        }
    }
}

/// The hour of the last body, UTC: under this name the ledger has what came in it.
fn name_of(body: &Body) -> String {
    let at: Timestamp = body.received_at.parse().unwrap_or_default();
    format!("pushed {}", at.strftime("%Y-%m-%dT%HZ"))
}

/// The bodies as one file, each with a line end behind it.
fn joined(lake: &Lake, bodies: &[Body]) -> Result<tempfile::NamedTempFile, IngestError> {
    let folder = lake.folder().join("staging");
    let write = || -> std::io::Result<tempfile::NamedTempFile> {
        let mut file = tempfile::Builder::new().prefix("pushed-").suffix(".json").tempfile_in(&folder)?;
        for body in bodies {
            file.write_all(&body.bytes)?;
            if !body.bytes.ends_with(b"\n") {
                file.write_all(b"\n")?;
            }
        }
        file.flush()?;
        Ok(file)
    };
    write().map_err(|error| unwritable(&folder, &error))
}

fn unwritable(folder: &Path, error: &std::io::Error) -> IngestError {
    let sentence =
        format!("what was pushed cannot be prepared here: {error}. It waits until that is mended.");
    Failure::new(sentence).at_folder(folder)
}

fn count(number: usize) -> u64 {
    u64::try_from(number).unwrap_or(u64::MAX)
}
