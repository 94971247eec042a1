//! Records that were set aside, read again: after the mapping was mended, or the dispositions, or the program.

use std::io::Write;

use async_recursion::async_recursion as compiled_here;
use dialmark_lake::{Consumes, Lake, Replayable};
use dialmark_model::source::{Format, Identity, Source};
use dialmark_packs::Input;

use crate::error::{Failure, IngestError};
use crate::import::{ImportOptions, Imported, import_file};
use crate::pipeline::Unwatched;

/// Reads again what an import set aside, in an import of its own; `None` when nothing of it can be. A record keeps its place in the order of arrival: what was delivered of it since
/// stays newer. Each is read once, however often this is asked for; what is set aside again belongs to the new import.
#[compiled_here]
pub async fn replay(
    lake: &Lake,
    source: &Source,
    aside: &Replayable,
) -> Result<Option<Imported>, IngestError> {
    let import = aside.report.import_id;
    if let Some(later) = aside.read_again_by {
        return Err(IngestError::Replay(format!(
            "The file of import {import} was read again as a whole by import {later}; replay that one."
        )));
    }
    let readable = readable(source, aside).map_err(IngestError::Replay)?;
    if aside.rows.is_empty() {
        return Ok(None);
    }
    let options = ImportOptions {
        name: Some(format!("set aside by import {import}")),
        consumes: Consumes::Quarantine { import_id: import, rows: count(aside.rows.len()) },
        ..ImportOptions::default()
    };
    let file = written(lake, aside)?;
    let imported = import_file(lake, &readable, file.path(), &options, &Unwatched).await?;
    Ok(Some(imported))
}

/// The source as its quarantined texts are to be read; a sentence when they cannot be.
fn readable(source: &Source, aside: &Replayable) -> Result<Source, String> {
    let whole = format!("Import `{}` again instead: the whole file is read anew.", aside.report.file_name);
    if source.identity == Identity::Replace {
        return Err(format!(
            "Files of source `{}` supersede each other, so single records cannot be added to one. {whole}",
            source.name
        ));
    }
    let format = match &source.format {
        Format::Csv { delimiter, quote, header, .. } => {
            if *header && aside.head.is_none() {
                return Err(format!("The header of `{}` was not kept. {whole}", aside.report.file_name));
            }
            // The texts are kept as UTF-8, whatever the file was in.
            Format::Csv { delimiter: *delimiter, quote: *quote, encoding: None, header: *header }
        }
        Format::Pack { pack, .. } => match dialmark_packs::named(pack).map(|pack| pack.input) {
            Some(Input::Lines) => {
                return Err(format!(
                    "A line of source `{}` means something only among its neighbours. {whole}",
                    source.name
                ));
            }
            _ => source.format.clone(),
        },
        Format::JsonLines => Format::JsonLines,
        _ => return Err(format!("Records of source `{}` are not kept as text. {whole}", source.name)),
    };
    Ok(Source { format, ..source.clone() })
}

/// The texts as a file, each on its own line of the import: by it the order of arrival goes.
fn written(lake: &Lake, aside: &Replayable) -> Result<tempfile::NamedTempFile, IngestError> {
    let folder = lake.folder().join("staging");
    let write = || -> std::io::Result<tempfile::NamedTempFile> {
        let file = tempfile::Builder::new().prefix("replayed-").tempfile_in(&folder)?;
        let mut out = std::io::BufWriter::new(file);
        let mut line = 1;
        if let Some(head) = &aside.head {
            writeln!(out, "{head}")?;
            line += count(head.lines().count()).max(1);
        }
        for row in &aside.rows {
            while line < row.line {
                out.write_all(b"\n")?;
                line += 1;
            }
            writeln!(out, "{}", row.text)?;
            line += count(row.text.lines().count()).max(1);
        }
        out.into_inner().map_err(std::io::IntoInnerError::into_error)
    };
    write().map_err(|error| {
        Failure::new(format!("the records cannot be prepared here: {error}. They are still in quarantine."))
            .at_folder(&folder)
    })
}

fn count(number: usize) -> u64 {
    u64::try_from(number).unwrap_or(u64::MAX)
}
