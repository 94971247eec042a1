//! One import from its first record to its last: everything is staged, nothing is visible.

use std::collections::BTreeMap;
use std::fmt;
use std::fs::File;
use std::sync::Arc;

use arrow::array::{Array, AsArray, RecordBatch};
use arrow::datatypes::{Int64Type, SchemaRef};
use async_recursion::async_recursion as compiled_here;
use tempfile::TempDir;
use xxhash_rust::xxh3::Xxh3;

use crate::catalogue::Catalogue;
use crate::decide::{Candidate, StagedKeys};
use crate::durable;
use crate::error::{Doing, LakeError};
use crate::hash::{Fingerprints, KeyBy, text};
use crate::number::count;
use crate::report::{Consumes, ImportIdentity, ImportReport, ImportSpec, Numbering, QuarantinedRow};
use crate::schema::{check_batch, check_names, merge, stored_schema};
use crate::spill::Spool;
use crate::staging::StagedRows;

/// Rows of the quarantine that are kept per import of a file. All are counted.
pub(crate) const QUARANTINE_ROWS: u64 = 100_000;
/// Longest text that is kept of a quarantined row: room for what systems send as one document.
const QUARANTINE_TEXT: usize = 64 << 10;
/// Bytes of texts that are kept per import; of what comes after them only the beginnings.
const QUARANTINE_BYTES: usize = 64 << 20;
/// A beginning.
const QUARANTINE_BEGINNING: usize = 2000;
/// Held by the import as long as it lives, so that `verify` can tell a dead one.
pub(crate) const OWNER: &str = "owner.lock";

/// An import under way. Dropped without [`ImportWriter::commit`], it leaves nothing behind.
pub struct ImportWriter {
    pub(crate) catalogue: Arc<Catalogue>,
    pub(crate) spec: ImportSpec,
    pub(crate) import_id: i64,
    /// Records of earlier parts of this import.
    pub(crate) lines_before: u64,
    /// The import in whose order its records arrived, when that was an earlier one.
    pub(crate) arrived_in: Option<i64>,
    pub(crate) rows: StagedRows,
    pub(crate) keys: StagedKeys,
    pub(crate) quarantine: Spool<QuarantinedRow>,
    pub(crate) quarantined: BTreeMap<String, u64>,
    pub(crate) content: Xxh3,
    pub(crate) head: Option<String>,
    schema: SchemaRef,
    quarantine_kept: u64,
    quarantine_bytes: usize,
    failed: bool,
    // Released before the folder is removed.
    _owner: File,
    pub(crate) folder: TempDir,
}

impl fmt::Debug for ImportWriter {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("ImportWriter")
            .field("import_id", &self.import_id)
            .field("spec", &self.spec)
            .finish()
    }
}

impl ImportWriter {
    pub(crate) async fn begin(
        catalogue: Arc<Catalogue>,
        spec: ImportSpec,
    ) -> Result<ImportWriter, LakeError> {
        check_names(&spec.table)?;
        // What cannot be committed in the end is better said before the file is read.
        let mut tx = catalogue.reading().await?;
        if let Some(state) = catalogue.table(&mut tx, &spec.table.name).await? {
            merge(&state.table, &spec.table)?;
            same_identity(&spec, catalogue.identity_of(&mut tx, state.id, &spec.source).await?)?;
        }
        let goes_on = match spec.consumes {
            Consumes::Inbox { .. } => catalogue.open_import(&mut tx, &spec).await?,
            Consumes::Nothing | Consumes::Quarantine { .. } | Consumes::Cursor(_) => None,
        };
        drop(tx);
        let import_id = match goes_on {
            Some(import_id) => import_id,
            None => catalogue.next_number("import").await?,
        };
        let staging = catalogue.folder().join("staging");
        durable::create_folder(&staging)?;
        let folder = tempfile::Builder::new()
            .prefix(&format!("{import_id}-"))
            .tempdir_in(&staging)
            .doing("create a folder in", &staging)?;
        let owner_path = folder.path().join(OWNER);
        let owner = File::create_new(&owner_path).doing("create the file", &owner_path)?;
        owner.lock().doing("lock the file", &owner_path)?;
        let schema = stored_schema(&spec.table);
        Ok(ImportWriter {
            rows: StagedRows::create(folder.path(), &spec.table, &schema)?,
            keys: StagedKeys::create(folder.path().join("keys"))?,
            quarantine: Spool::create(folder.path().join("quarantine"))?,
            quarantined: BTreeMap::new(),
            content: Xxh3::new(),
            head: None,
            quarantine_kept: 0,
            quarantine_bytes: 0,
            failed: false,
            _owner: owner,
            catalogue,
            spec,
            import_id,
            lines_before: 0,
            arrived_in: None,
            schema,
            folder,
        })
    }

    /// Number of the import, for the records' system columns. Should another import of the table be committed
    /// between the beginning and the commit of this one, it is committed under a later number, and the columns
    /// `import_id` and (by arrival) `revision` are set accordingly; the report has the number that counts.
    pub fn import_id(&self) -> i64 {
        self.import_id
    }

    /// Stages records, in the order of the file and in [`crate::schema::stored_schema`] of the declared table.
    /// Blocks on the disk now and then. After an error the import can only be dropped.
    #[expect(clippy::needless_pass_by_value, reason = "the records are the store's from here on")]
    pub fn push(&mut self, batch: RecordBatch) -> Result<(), LakeError> {
        let result = self.stage(&batch);
        self.failed |= result.is_err();
        result
    }

    fn stage(&mut self, batch: &RecordBatch) -> Result<(), LakeError> {
        check_batch(batch, &self.spec.table, &self.schema)?;
        self.check_source(batch)?;
        let first = self.rows.rows();
        let lines = batch.column_by_name("line").and_then(|c| c.as_primitive_opt::<Int64Type>());
        let line = |row: usize| lines.filter(|l| l.is_valid(row)).map_or(0, |l| l.value(row));
        let revisions = batch.column_by_name("revision").and_then(|c| c.as_primitive_opt::<Int64Type>());
        let by = match self.spec.identity {
            ImportIdentity::Id { .. } => KeyBy::Identifier,
            ImportIdentity::Replace | ImportIdentity::Append { .. } => KeyBy::Content,
        };
        let mut prints = Fingerprints::new(batch, &self.spec.table, by)?;
        for (row, ordinal) in (0..batch.num_rows()).zip(first..) {
            let Some(mut print) = prints.row(row) else {
                return Err(LakeError::NoIdentifier {
                    origin: self.spec.source.clone(),
                    file_name: self.spec.file_name.clone(),
                    line: line(row),
                });
            };
            self.content.update(&print.content.to_le_bytes());
            match self.spec.identity {
                // Until the commit gives the import its number, the line alone is the order of arrival.
                ImportIdentity::Id { declared_revision: false, .. } => print.revision = line(row),
                ImportIdentity::Id { declared_revision: true, .. } => {
                    if revisions.is_none_or(|r| r.is_null(row)) {
                        return Err(self.shape(format!("line {} has no revision", line(row))));
                    }
                }
                ImportIdentity::Append { .. } => {}
                ImportIdentity::Replace => continue,
            }
            self.keys.push(Candidate { print, ordinal })?;
        }
        let days = self.rows.days_of(batch);
        self.rows.push(batch, &days)
    }

    /// A record under another source's name would be searched under the wrong keys.
    fn check_source(&self, batch: &RecordBatch) -> Result<(), LakeError> {
        let Some(sources) = text(batch, "source") else {
            return Err(self.shape("it lacks the column `source`".to_owned()));
        };
        match sources.iter().find(|s| *s != Some(self.spec.source.as_str())) {
            None => Ok(()),
            Some(other) => Err(self.shape(format!(
                "a record is of source `{}` in an import of source `{}`",
                other.unwrap_or("null"),
                self.spec.source
            ))),
        }
    }

    fn shape(&self, what: String) -> LakeError {
        LakeError::Shape { table: self.spec.table.name.clone().into_owned(), what }
    }

    /// Sets a record aside. All are counted. What was pushed, or set aside before, is here and nowhere else, so all of it is
    /// kept; of a file the first 100,000 records are, with their texts up to a bound.
    pub fn quarantine(&mut self, mut row: QuarantinedRow) -> Result<(), LakeError> {
        *self.quarantined.entry(row.reason.clone()).or_default() += 1;
        if matches!(self.spec.consumes, Consumes::Inbox { .. } | Consumes::Quarantine { .. }) {
            let result = self.quarantine.push(&row);
            self.failed |= result.is_err();
            return result;
        }
        if self.quarantine_kept >= QUARANTINE_ROWS {
            return Ok(());
        }
        self.quarantine_kept += 1;
        let bound = match self.quarantine_bytes < QUARANTINE_BYTES {
            true => QUARANTINE_TEXT,
            false => QUARANTINE_BEGINNING,
        };
        if row.text.len() > bound {
            let cut = (0..=bound).rev().find(|&at| row.text.is_char_boundary(at)).unwrap_or(0);
            row.text.truncate(cut);
            row.text.push('…');
        }
        self.quarantine_bytes += row.text.len();
        let result = self.quarantine.push(&row);
        self.failed |= result.is_err();
        result
    }

    /// Decides what is new, writes it and names it, all in one transaction. When this returns, the records are on
    /// disk; when it fails, none of them is in the store.
    #[compiled_here]
    pub async fn commit(self, flags: BTreeMap<String, u64>) -> Result<ImportReport, LakeError> {
        if self.failed {
            return Err(LakeError::Interrupted {
                what: format!("a record of `{}` could not be staged", self.spec.file_name),
            });
        }
        crate::commit::commit(self, flags).await
    }

    pub(crate) fn numbering(&self) -> Numbering {
        let arrived_in = match self.spec.consumes {
            Consumes::Quarantine { import_id, .. } => import_id,
            Consumes::Nothing | Consumes::Inbox { .. } | Consumes::Cursor(_) => {
                self.arrived_in.unwrap_or(self.import_id)
            }
        };
        Numbering { import_id: self.import_id, arrived_in, lines_before: self.lines_before }
    }

    /// Keeps the header of the file, so that records that were set aside can be read again without it.
    pub fn keep_head(&mut self, head: String) {
        self.head = Some(head);
    }

    /// Records that were staged.
    pub fn accepted(&self) -> u64 {
        self.rows.rows()
    }

    /// Records that were set aside.
    pub fn set_aside(&self) -> u64 {
        self.quarantined.values().sum()
    }

    /// Digest of the contents of all accepted records in their order: with the hash of the raw bytes it tells
    /// whether the same file was read in the same way.
    pub(crate) fn content_hash(&self) -> String {
        let rows = count(usize::try_from(self.rows.rows()).unwrap_or(usize::MAX));
        format!("{:032x}-{rows}", self.content.digest128())
    }
}

/// A source keeps its way of knowing a record again: known by something else, each record would be there twice.
pub(crate) fn same_identity(
    spec: &ImportSpec,
    stored: Option<(String, Option<String>)>,
) -> Result<(), LakeError> {
    let Some((stored, stored_by)) = stored else { return Ok(()) };
    let declared = spec.identity.word();
    let differs = |stored: String, declared: String| LakeError::IdentityChanged {
        table: spec.table.name.clone().into_owned(),
        origin: spec.source.clone(),
        stored,
        declared,
    };
    if stored != declared {
        return Err(differs(stored, declared.to_owned()));
    }
    let Some((known_by, stored_by)) = spec.known_by.as_ref().zip(stored_by) else { return Ok(()) };
    if stored_by == known_by.columns || Some(&stored_by) == known_by.was.as_ref() {
        return Ok(());
    }
    Err(differs(format!("id = {stored_by}"), format!("id = {}", known_by.columns)))
}
