//! The store at one instant: which files are live, which corrections wait, what they hide.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use arrow::array::{Array, RecordBatch, UInt64Array};
use arrow::compute::take_record_batch;
use arrow::datatypes::SchemaRef;
use dialmark_model::Table;

use crate::catalogue::{AsOf, Catalogue, FiledFile, Tail};
use crate::error::{Computing, LakeError};
use crate::hash::text;
use crate::number::count;
use crate::schema::{conform, stored_schema};
use crate::sums::Sums;

/// Files and tail of one instant. A query over it sees each record once.
#[derive(Debug, Clone)]
pub struct Snapshot {
    /// Number of the last commit that it contains.
    pub id: i64,
    /// Tables by name. A table that nothing was imported into is absent.
    pub tables: BTreeMap<String, LiveTable>,
}

/// What is live of one table: the files without the hidden records, plus the tail.
#[derive(Debug, Clone)]
pub struct LiveTable {
    /// The table as stored: every column that was ever declared.
    pub table: Table,
    /// Number of the last commit that touched it: until the next one it stays as it is.
    pub touched_in: i64,
    /// Its stored schema.
    pub schema: SchemaRef,
    /// Live data files. A file may lack columns that were declared after it was written; they are null.
    pub files: Vec<LiveFile>,
    /// Newest revision of each corrected record that is not folded into a file yet, in `schema`.
    pub tail: Vec<RecordBatch>,
    /// (source, source id) of the filed records that the tail replaces.
    pub hidden: Vec<(String, String)>,
    /// Columns that hold a value in at least one live file (by its statistics) or in the tail.
    pub filled: BTreeSet<String>,
}

/// One live data file.
#[derive(Debug, Clone)]
pub struct LiveFile {
    /// Number in the catalogue.
    pub id: i64,
    /// Absolute path.
    pub path: PathBuf,
    /// Rows, hidden ones included.
    pub rows: u64,
    /// Size.
    pub bytes: u64,
    /// UTC day of its records' first known time, as days since 1970; `None` in a table without a clock.
    /// A correction may have moved single records off that day: prune by `ranges`, never by this.
    pub day: Option<i32>,
    /// Import that delivered its records.
    pub import_id: i64,
    /// Checksums of its blocks.
    pub sums: Arc<Sums>,
    /// Least and greatest microseconds of each instant column; a column without a value is absent.
    pub ranges: BTreeMap<String, (i64, i64)>,
}

impl LiveTable {
    /// Live records: those of the files that are not hidden, plus the tail.
    pub fn rows(&self) -> u64 {
        let filed: u64 = self.files.iter().map(|f| f.rows).sum();
        let tail: u64 = self.tail.iter().map(|b| count(b.num_rows())).sum();
        let hidden = count(self.hidden.len());
        filed.saturating_sub(hidden).saturating_add(tail)
    }
}

/// Tables as they were read last, with the commit that touched each last: until the next one they are the same.
#[derive(Debug, Default)]
pub(crate) struct Remembered(Mutex<HashMap<i64, (i64, LiveTable)>>);

impl Remembered {
    fn get(&self, table_id: i64, commit: i64) -> Option<LiveTable> {
        // A thread that panicked while it held this left a whole table or none.
        let tables = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        tables.get(&table_id).filter(|(seen, _)| *seen == commit).map(|(_, live)| live.clone())
    }

    fn put(&self, table_id: i64, commit: i64, live: &LiveTable) {
        let mut tables = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        tables.insert(table_id, (commit, live.clone()));
    }
}

/// Reads the last state, or that of an earlier commit, all of it in one transaction.
pub(crate) async fn read(
    catalogue: &Catalogue,
    remembered: &Remembered,
    at: AsOf,
) -> Result<Snapshot, LakeError> {
    let mut tx = catalogue.reading().await?;
    let id = match at {
        Some(at) => at,
        None => catalogue.last_snapshot(&mut tx).await?,
    };
    let mut tables = BTreeMap::new();
    for state in catalogue.tables(&mut tx).await? {
        if let Some(live) = remembered.get(state.id, state.last_snapshot) {
            tables.insert(live.table.name.clone().into_owned(), live);
            continue;
        }
        let files = catalogue.live_files(&mut tx, &state, at).await?;
        let tail = catalogue.tail(&mut tx, &state, at).await?;
        if at.is_some() && files.is_empty() {
            // As it was, so nothing was imported into it yet, or nothing of it was left.
            continue;
        }
        let schema = stored_schema(&state.table);
        let tail = live_rows(&tail, &schema)?;
        let mut filled = catalogue.filled_columns(&mut tx, state.id, at).await?;
        filled.extend(tail.iter().flat_map(filled_in));
        let live = LiveTable {
            hidden: hidden(&tail),
            filled,
            schema,
            files: files.into_iter().map(live_file).collect(),
            tail,
            table: state.table,
            touched_in: state.last_snapshot,
        };
        remembered.put(state.id, state.last_snapshot, &live);
        tables.insert(live.table.name.clone().into_owned(), live);
    }
    Ok(Snapshot { id, tables })
}

fn live_file(file: FiledFile) -> LiveFile {
    LiveFile {
        id: file.id,
        path: file.path,
        rows: file.rows,
        bytes: file.bytes,
        day: file.day,
        import_id: file.import_id,
        sums: file.sums,
        ranges: file.ranges,
    }
}

/// The rows of the journal that are live; an entry may also hold rows that a later correction replaced.
fn live_rows(tail: &Tail, schema: &SchemaRef) -> Result<Vec<RecordBatch>, LakeError> {
    let mut by_entry: BTreeMap<i64, Vec<u64>> = BTreeMap::new();
    for place in tail.places.values() {
        by_entry.entry(place.seq).or_default().push(count(place.row));
    }
    let mut batches = Vec::with_capacity(by_entry.len());
    for (seq, mut rows) in by_entry {
        let Some(entry) = tail.entries.get(&seq) else { continue };
        rows.sort_unstable();
        let live = take_record_batch(entry, &UInt64Array::from(rows)).computing("read the journal")?;
        batches.push(conform(&live, schema)?);
    }
    Ok(batches)
}

/// Names of the columns of a batch that hold a value.
fn filled_in(batch: &RecordBatch) -> Vec<String> {
    let columns = batch.schema_ref().fields().iter().zip(batch.columns());
    columns.filter(|(_, c)| c.null_count() < c.len()).map(|(field, _)| field.name().clone()).collect()
}

fn hidden(tail: &[RecordBatch]) -> Vec<(String, String)> {
    let pairs = |batch: &RecordBatch| -> Vec<(String, String)> {
        let (Some(sources), Some(ids)) = (text(batch, "source"), text(batch, "source_id")) else {
            return Vec::new();
        };
        let owned = |text: Option<&str>| text.unwrap_or_default().to_owned();
        sources.iter().zip(ids).map(|(source, id)| (owned(source), owned(id))).collect()
    };
    tail.iter().flat_map(pairs).collect()
}
