//! Imports a file into the lake, wholly or not at all.

use std::collections::BTreeMap;
use std::path::Path;

use arrow::record_batch::RecordBatch;
use async_recursion::async_recursion as compiled_here;
use dialmark_lake::{
    Consumes, ImportIdentity, ImportReport, ImportSpec, ImportWriter, KnownBy, Lake, QuarantinedRow, schema,
};
use dialmark_model::source::{Identity, Revision, Source};
use serde::Serialize;

use crate::error::{Failure, IngestError};
use crate::people::{Forgotten, KeyError, PeopleKey};
use crate::pinned::{Pinned, Since};
use crate::pipeline::{Pipeline, Progress, Sink};

/// How to import.
#[derive(Debug, Clone, Default)]
pub struct ImportOptions {
    /// Name under which the file is known again, unique within its source: its path below the project's folder, say. Its
    /// bare name when absent.
    pub name: Option<String>,
    /// Import a file of an appending source even when most of its records were seen before.
    pub force: bool,
    /// What the import uses up when it is committed.
    pub consumes: Consumes,
    /// Names of all sources that are declared, where a file is to be refused that one imported which is not declared any
    /// more: its records are still there. Empty where nobody looks.
    pub declared: Vec<String>,
}

/// A file that was imported.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Imported {
    /// What became of its records.
    #[serde(flatten)]
    pub report: ImportReport,
    /// Columns of the file that the mapping does not read.
    pub unused_columns: Vec<String>,
    /// Columns that the mapping reads and that no record of the file had (JSON lines only; elsewhere that is
    /// an error).
    pub absent_columns: Vec<String>,
}

/// Imports one file. On an error nothing of it is in the lake.
#[compiled_here]
pub async fn import_file(
    lake: &Lake,
    source: &Source,
    path: &Path,
    options: &ImportOptions,
    progress: &dyn Progress,
) -> Result<Imported, IngestError> {
    let pinned = Pinned::look(path)?;
    let key = people_key(lake).await?;
    let forgotten = Forgotten::new(lake.erased().await?);
    let pipeline = Pipeline::open(&pinned, source, &key, &forgotten)?;
    if !options.force && !options.declared.is_empty() {
        let others = lake.sources_of(&source.table.name, &pinned.hash()).await?;
        let renamed = others.iter().find(|other| **other != source.name && !options.declared.contains(other));
        if let Some(other) = renamed {
            return Err(Failure::new(format!(
                "this very file was imported as source `{other}`, which no file declares any more; its records are still \
                 there, so that each would count twice. Name the source `{other}` again, or begin a new store (`--force` \
                 imports it all the same)."
            ))
            .at(path));
        }
    }
    let mut writer = lake.begin_import(spec_of(source, &pinned, options)).await?;
    let stored = schema::stored_schema(&source.table);
    let import_id = writer.import_id();
    let outcome = pipeline.run(import_id, &stored, &mut writer, progress)?;
    let since = pinned.check().map_err(|failure| failure.at(path))?;
    if since == Since::Grown && outcome.open_end {
        let sentence = "this file is still being written, and its last record was cut off. Nothing was imported; import it again when it is complete.";
        return Err(Failure::new(sentence).at(path));
    }
    if let Some(head) = outcome.head {
        writer.keep_head(head);
    }
    let report = writer.commit(outcome.flags).await?;
    Ok(Imported { report, unused_columns: outcome.unused, absent_columns: outcome.absent })
}

/// The key under which the numbers of a store are hidden, made when the store has none yet.
#[compiled_here]
pub async fn people_key(lake: &Lake) -> Result<PeopleKey, IngestError> {
    let path = lake.key_file();
    let known = lake.key_fingerprint().await?;
    let key = match (PeopleKey::read(path)?, &known) {
        (Some(key), _) => key,
        (None, None) => PeopleKey::create(path)?,
        (None, Some(_)) => return Err(KeyError::Lost { path: path.to_owned() }.into()),
    };
    match known {
        Some(known) if known == key.fingerprint() => Ok(key),
        Some(_) => Err(KeyError::Other { path: path.to_owned() }.into()),
        // Of two programs that begin at once one is first, and the other's key must be the same.
        None if lake.keep_key_fingerprint(&key.fingerprint()).await? => Ok(key),
        None => Err(KeyError::Other { path: path.to_owned() }.into()),
    }
}

/// Imports nothing of a file but the reason why nothing of it can be read.
pub(crate) async fn set_aside(
    lake: &Lake,
    source: &Source,
    path: &Path,
    options: &ImportOptions,
    row: QuarantinedRow,
) -> Result<Imported, IngestError> {
    let pinned = Pinned::look(path)?;
    let mut writer = lake.begin_import(spec_of(source, &pinned, options)).await?;
    writer.quarantine(row)?;
    let report = writer.commit(BTreeMap::new()).await?;
    Ok(Imported { report, unused_columns: Vec::new(), absent_columns: Vec::new() })
}

fn spec_of(source: &Source, pinned: &Pinned, options: &ImportOptions) -> ImportSpec {
    let bare = || pinned.path().file_name().map(|name| name.to_string_lossy().into_owned());
    let name = options.name.clone().or_else(bare);
    ImportSpec {
        table: source.table.clone(),
        source: source.name.clone(),
        file_name: name.unwrap_or_default(),
        file_hash: match options.consumes {
            // Two deliveries of the same bytes are two.
            Consumes::Inbox { upto, .. } => {
                blake3::hash(format!("{} {upto}", pinned.hash()).as_bytes()).to_hex().to_string()
            }
            _ => pinned.hash(),
        },
        zone: source.zone.clone(),
        reading: reading_of(source),
        known_by: known_by(source),
        identity: match &source.identity {
            Identity::Id { revision, look_back_days, .. } => ImportIdentity::Id {
                declared_revision: matches!(revision, Revision::Column { .. }),
                look_back_days: *look_back_days,
            },
            Identity::Replace => ImportIdentity::Replace,
            // What is pushed is known again by its sender's key: the same content twice is two records. What was set aside
            // is read again once.
            Identity::Append => ImportIdentity::Append {
                force: options.force
                    || matches!(options.consumes, Consumes::Inbox { .. } | Consumes::Quarantine { .. }),
            },
        },
        consumes: options.consumes.clone(),
    }
}

/// The columns by which records are known again, and what they were called before.
fn known_by(source: &Source) -> Option<KnownBy> {
    let Identity::Id { columns, was, .. } = &source.identity else { return None };
    let joined = |names: &[String]| names.join(", ");
    Some(KnownBy { columns: joined(columns), was: (!was.is_empty()).then(|| joined(was)) })
}

/// Raised when the same bytes become other records under the same mapping.
const READER: u32 = 1;

/// Digest of what decides which records bytes become: the mapping, and how it is read here.
fn reading_of(source: &Source) -> String {
    let Source { zone, country, format, identity, fields, pull, .. } = source;
    let rows = pull.as_ref().map(|pull| &pull.rows);
    let said = serde_json::to_vec(&(READER, zone, country, format, identity, fields, rows));
    blake3::hash(&said.unwrap_or_default()).to_hex().to_string()
}

impl Sink for ImportWriter {
    fn push(&mut self, batch: RecordBatch) -> Result<(), IngestError> {
        Ok(ImportWriter::push(self, batch)?)
    }

    fn quarantine(&mut self, row: QuarantinedRow) -> Result<(), IngestError> {
        Ok(ImportWriter::quarantine(self, row)?)
    }
}
