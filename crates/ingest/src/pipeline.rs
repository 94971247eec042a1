//! The one way from a file's records to rows: every record ends as a row or in quarantine, and is counted.

use std::collections::BTreeMap;

use arrow::datatypes::SchemaRef;
use arrow::record_batch::RecordBatch;
use dialmark_lake::QuarantinedRow;
use dialmark_model::Table;
use dialmark_model::source::{Format, Source};

use crate::error::IngestError;
use crate::people::{Forgotten, PeopleKey};
use crate::pinned::Pinned;
use crate::records::{Next, Reason, Record, Records, Refusal};
use crate::rows::{BatchBuilder, Plan, PlanError, Stamp, Typer, wanted_columns};

/// Records between two reports of progress.
const PROGRESS_EVERY: u64 = 8192;

/// Where rows go.
pub trait Sink {
    /// Takes a batch of rows.
    fn push(&mut self, batch: RecordBatch) -> Result<(), IngestError>;
    /// Takes a record that cannot be used.
    fn quarantine(&mut self, row: QuarantinedRow) -> Result<(), IngestError>;
}

/// Told about the progress of an import; the caller draws it.
pub trait Progress: Send + Sync {
    /// Bytes of the file that were read so far, all bytes of it, and records so far.
    fn advance(&self, bytes_done: u64, bytes_total: u64, rows: u64);
}

/// Progress that nobody watches.
#[derive(Debug, Clone, Copy)]
pub struct Unwatched;

impl Progress for Unwatched {
    fn advance(&self, _bytes_done: u64, _bytes_total: u64, _rows: u64) {}
}

/// What became of a file's records.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Outcome {
    /// How often each flag was set on rows, as `column:flag`.
    pub flags: BTreeMap<String, u64>,
    /// Columns of the file that the mapping does not read.
    pub unused: Vec<String>,
    /// The last record was accepted without a line end behind it.
    pub open_end: bool,
    /// The header as it was written, where records cannot be read without it.
    pub head: Option<String>,
    /// Columns that the mapping reads and that no record had (formats without a header only).
    pub absent: Vec<String>,
}

/// A file under a mapping, ready to be read.
pub struct Pipeline<'a> {
    pinned: &'a Pinned,
    source: &'a Source,
    records: Box<dyn Records + Send>,
    typer: Typer,
}

impl<'a> Pipeline<'a> {
    /// Opens a file and binds the mapping to its columns. Numbers are hidden under `key`, and of people who were erased
    /// nothing is taken.
    pub fn open(
        pinned: &'a Pinned,
        source: &'a Source,
        key: PeopleKey,
        forgotten: Forgotten,
    ) -> Result<Pipeline<'a>, IngestError> {
        let at = |failure: crate::error::Failure| failure.at(pinned.path());
        let records = crate::source_file::open(pinned, source).map_err(at)?;
        let plan = Plan::new(source, records.columns()).map_err(|error| match error {
            PlanError::Mapping(problem) => IngestError::Mapping {
                declared_in: source.declared_in.clone(),
                source_name: source.name.clone(),
                problem,
            },
            PlanError::File(problem) => {
                let advice = records.advice().map(|advice| format!(" {advice}")).unwrap_or_default();
                IngestError::File { path: pinned.path().to_path_buf(), problem: problem + &advice }
            }
        })?;
        Ok(Pipeline { pinned, source, records, typer: Typer::new(plan, key, forgotten) })
    }

    /// Reads all records. `schema` is the stored schema of the source's table.
    pub fn run(
        mut self,
        import_id: i64,
        schema: SchemaRef,
        sink: &mut dyn Sink,
        progress: &dyn Progress,
    ) -> Result<Outcome, IngestError> {
        let at = |failure: crate::error::Failure| failure.at(self.pinned.path());
        let table: &Table = &self.source.table;
        let stamp = Stamp { source: &self.source.name, zone: &self.source.zone, import_id };
        let mut batches = BatchBuilder::new(table, schema, &self.typer, &stamp).map_err(at)?;
        let mut record = Record::default();
        let mut read = 0_u64;
        let mut open_end = false;
        loop {
            let refusal = match self.records.next(&mut record).map_err(at)? {
                Next::End => break,
                Next::Refused(refusal) => Some(refusal),
                Next::Record => self.type_record(&record).err(),
            };
            read += 1;
            match refusal {
                Some(refusal) => sink.quarantine(quarantined(&record, refusal))?,
                None => {
                    open_end = !record.is_terminated();
                    if let Some(batch) = batches.push(&self.typer, record.line()).map_err(at)? {
                        sink.push(batch)?;
                    }
                }
            }
            if read.is_multiple_of(PROGRESS_EVERY) {
                progress.advance(self.bytes_done(), self.pinned.length(), read);
            }
        }
        if let Some(batch) = batches.finish().map_err(at)? {
            sink.push(batch)?;
        }
        progress.advance(self.pinned.length(), self.pinned.length(), read);
        Ok(Outcome {
            flags: batches.flag_counts(),
            unused: self.unused(),
            open_end,
            head: self.records.head().map(str::to_owned),
            absent: self.records.absent(),
        })
    }

    fn type_record(&mut self, record: &Record) -> Result<(), Refusal> {
        if !record.is_terminated() && self.pinned.has_grown() {
            return Err(Refusal::new(
                Reason::Incomplete,
                "The file was still being written and this record had no line end yet. Import the file again when it is complete.",
            ));
        }
        let row = record.row().ok_or_else(|| not_text(&self.source.format))?;
        self.typer.read(&row)
    }

    fn bytes_done(&self) -> u64 {
        let share = self.records.share_done();
        share.map_or_else(
            || self.pinned.bytes_read(),
            |(done, all)| {
                let done = u128::from(self.pinned.length()) * u128::from(done) / u128::from(all.max(1));
                u64::try_from(done).unwrap_or(u64::MAX)
            },
        )
    }

    fn unused(&self) -> Vec<String> {
        if matches!(self.source.format, Format::Pack { .. }) {
            // A pack's mapping takes what there is to take.
            return Vec::new();
        }
        let columns = self.records.all_columns();
        let used: Vec<usize> =
            wanted_columns(self.source).iter().filter_map(|name| columns.find(name).ok()).collect();
        let unused =
            columns.names().iter().enumerate().filter(|(at, name)| !used.contains(at) && !name.is_empty());
        unused.map(|(_, name)| name.clone()).collect()
    }
}

fn not_text(format: &Format) -> Refusal {
    let encoding = match format {
        Format::Csv { encoding: Some(label), .. } => label.as_str(),
        _ => "UTF-8",
    };
    Refusal::new(
        Reason::Encoding,
        format!(
            "The record is not {encoding} text. If the file is in another encoding, name it in the mapping, for example `encoding = \"windows-1252\"`."
        ),
    )
}

fn quarantined(record: &Record, refusal: Refusal) -> QuarantinedRow {
    QuarantinedRow {
        line: record.line(),
        reason: refusal.reason.word().to_owned(),
        detail: refusal.detail,
        text: match refusal.reason {
            // A text that ends in three dots is not read again.
            Reason::Erased => "(erased) …".to_owned(),
            _ => record.raw_text(),
        },
    }
}
