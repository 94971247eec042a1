//! The one way from a file's records to rows: every record ends as a row or in quarantine, and is counted.

use std::collections::BTreeMap;

use arrow::datatypes::SchemaRef;
use arrow::record_batch::RecordBatch;
use dialmark_lake::QuarantinedRow;
use dialmark_model::source::{Format, Source};

use crate::error::{Failure, IngestError};
use crate::many_hands::{Chunk, Hand, Typed, hands, share};
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
    typers: Vec<Typer>,
}

impl<'a> Pipeline<'a> {
    /// Opens a file and binds the mapping to its columns. Numbers are hidden under `key`, and of people who were erased
    /// nothing is taken.
    pub fn open(
        pinned: &'a Pinned,
        source: &'a Source,
        key: &PeopleKey,
        forgotten: &Forgotten,
    ) -> Result<Pipeline<'a>, IngestError> {
        let at = |failure: Failure| failure.at(pinned.path());
        let records = crate::source_file::open(pinned, source).map_err(at)?;
        let plan = || {
            Plan::new(source, records.columns()).map_err(|error| match error {
                PlanError::Mapping(problem) => IngestError::Mapping {
                    declared_in: source.declared_in.clone(),
                    source_name: source.name.clone(),
                    problem,
                },
                PlanError::File(problem) => {
                    let advice = records.advice().map(|advice| format!(" {advice}")).unwrap_or_default();
                    IngestError::File { path: pinned.path().to_path_buf(), problem: problem + &advice }
                }
            })
        };
        let typer = |_| Ok(Typer::new(plan()?, key.clone(), forgotten.clone()));
        let typers = (0..hands()).map(typer).collect::<Result<_, IngestError>>()?;
        Ok(Pipeline { pinned, source, records, typers })
    }

    /// Reads all records. `schema` is the stored schema of the source's table.
    pub fn run(
        mut self,
        import_id: i64,
        schema: &SchemaRef,
        sink: &mut dyn Sink,
        progress: &dyn Progress,
    ) -> Result<Outcome, IngestError> {
        let (pinned, source) = (self.pinned, self.source);
        let at = |failure: Failure| failure.at(pinned.path());
        let stamp = Stamp { source: &source.name, zone: &source.zone, import_id };
        let hand = |typer: Typer| {
            let batches = BatchBuilder::new(&source.table, schema.clone(), &typer, &stamp)?;
            Ok(Typing { typer, batches, format: &source.format })
        };
        let hands = std::mem::take(&mut self.typers).into_iter().map(hand).collect::<Result<_, Failure>>();
        let records = &mut self.records;
        let mut read = 0_u64;
        let mut open_end = false;
        let one_more = |chunk: &mut Chunk| {
            let is_one = chunk.read(|record| {
                Ok(match records.next(record)? {
                    Next::End => None,
                    Next::Refused(refusal) => Some(Some(refusal)),
                    Next::Record if !record.is_terminated() && pinned.has_grown() => Some(Some(cut_off())),
                    Next::Record => Some(None),
                })
            })?;
            read += u64::from(is_one);
            if is_one && read.is_multiple_of(PROGRESS_EVERY) {
                progress.advance(bytes_done(records.as_ref(), pinned), pinned.length(), read);
            } else if !is_one {
                progress.advance(pinned.length(), pinned.length(), read);
            }
            Ok(is_one)
        };
        let hands = share(hands.map_err(at)?, one_more, |typed| {
            typed.batches.into_iter().try_for_each(|batch| sink.push(batch)).map_err(Ended::Elsewhere)?;
            let mut set_aside = typed.set_aside.into_iter();
            set_aside.try_for_each(|row| sink.quarantine(row)).map_err(Ended::Elsewhere)?;
            open_end = typed.open_end.unwrap_or(open_end);
            Ok(())
        });
        let hands = hands.map_err(|ended| match ended {
            Ended::Here(failure) => at(failure),
            Ended::Elsewhere(error) => error,
        })?;
        let mut flags: BTreeMap<String, u64> = BTreeMap::new();
        for (flag, count) in hands.iter().flat_map(|hand| hand.batches.flag_counts()) {
            *flags.entry(flag).or_default() += count;
        }
        Ok(Outcome {
            flags,
            unused: self.unused(),
            open_end,
            head: self.records.head().map(str::to_owned),
            absent: self.records.absent(),
        })
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

/// In place of the text of a record about somebody who was erased. A text that ends in three dots is not read again.
const ERASED: &str = "(erased) …";

/// Why the reading of a file ended early: something of the file, or of those who take its rows.
enum Ended {
    Here(Failure),
    Elsewhere(IngestError),
}

impl From<Failure> for Ended {
    fn from(failure: Failure) -> Ended {
        Ended::Here(failure)
    }
}

/// Types records to batches of its own.
struct Typing<'a> {
    typer: Typer,
    batches: BatchBuilder,
    format: &'a Format,
}

impl Hand for Typing<'_> {
    fn work(&mut self, chunk: &mut Chunk) -> Result<Typed, Failure> {
        let mut typed = Typed::default();
        for (record, refusal) in chunk.take() {
            let accepted = refusal.map_or_else(|| self.read(record), Err);
            match accepted {
                Err(refusal) => {
                    let mut row = quarantined(record, refusal);
                    if self.typer.names_nobody(&row.text) {
                        row.text = ERASED.to_owned();
                    }
                    typed.set_aside.push(row);
                }
                Ok(()) => {
                    typed.open_end = Some(!record.is_terminated());
                    typed.batches.extend(self.batches.push(&self.typer, record.line())?);
                }
            }
        }
        typed.batches.extend(self.batches.finish()?);
        Ok(typed)
    }
}

impl Typing<'_> {
    fn read(&mut self, record: &Record) -> Result<(), Refusal> {
        let row = record.row().ok_or_else(|| not_text(self.format))?;
        self.typer.read(&row)
    }
}

fn bytes_done(records: &dyn Records, pinned: &Pinned) -> u64 {
    let share = records.share_done();
    share.map_or_else(
        || pinned.bytes_read(),
        |(done, all)| {
            let done = u128::from(pinned.length()) * u128::from(done) / u128::from(all.max(1));
            u64::try_from(done).unwrap_or(u64::MAX)
        },
    )
}

fn cut_off() -> Refusal {
    Refusal::new(
        Reason::Incomplete,
        "The file was still being written and this record had no line end yet. Import the file again when it is complete.",
    )
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
            Reason::Erased => ERASED.to_owned(),
            _ => record.raw_text(),
        },
    }
}
