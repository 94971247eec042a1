//! Writing what was decided: new records into sorted files by day, corrections into the journal or aside.

use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, Int64Array, RecordBatch, UInt32Array};
use arrow::compute::take_record_batch;
use arrow::datatypes::{DataType, Field, Int64Type, Schema};

use crate::catalogue::{ContenderRow, JournalEntry, NamedFile, TailRow};
use crate::contender::contend;
use crate::datafile::ROW_GROUP_ROWS;
use crate::decide::{CONTENDS, CORRECT, Decisions, FILE};
use crate::durable::NewFiles;
use crate::error::{Computing, LakeError};
use crate::filing::Filing;
use crate::hash::{Fingerprints, KeyBy};
use crate::number::length;
use crate::report::{ImportIdentity, ImportSpec, Numbering};
use crate::schema::memory;
use crate::side_by_side::{Jobs, side_by_side};
use crate::spill::{self, Spill, Spool};
use crate::staging::{Day, ORDINAL, StagedRows, ordinals};

/// Memory of the records that become one file.
const FILE_BYTES: usize = 128 << 20;
/// Rows of a journal entry.
const ENTRY_ROWS: usize = 10_000;

/// Row of the filed record that a correction replaces; a column while the correction waits on disk.
pub(crate) const POSITION: &str = "__position";

/// Where corrections go.
#[derive(Debug)]
pub(crate) enum Corrections {
    /// Few enough to wait in the journal.
    Journal(Vec<JournalEntry>),
    /// So many that their files are replaced in the same commit: by place of the file.
    Aside(Spill<u32>),
}

/// Writes the records of one import.
pub(crate) struct Placing<'a> {
    pub filing: Filing<'a>,
    pub spec: &'a ImportSpec,
    pub numbering: Numbering,
    pub decisions: &'a Decisions,
    /// Number of the data file at each place that a target names.
    pub file_ids: &'a [i64],
    pub corrections: Corrections,
    pub contenders: &'a mut Spool<ContenderRow>,
}

impl Placing<'_> {
    /// Goes over all staged records once. Files are sorted and written beside that.
    pub(crate) fn run(&mut self, staged: &StagedRows) -> Result<(Vec<NamedFile>, NewFiles), LakeError> {
        let filing = self.filing.clone();
        let write = |(day, batches): (Day, Vec<RecordBatch>)| {
            let mut files = NewFiles::default();
            Ok((filing.write(day, &batches, &mut files)?, files))
        };
        let written = side_by_side(FILE_BYTES, write, |jobs| self.hand_out(staged, jobs))?;
        let (mut named, mut files) = (Vec::new(), NewFiles::default());
        for (some, with) in written {
            named.extend(some);
            files.absorb(with);
        }
        Ok((named, files))
    }

    /// Hands out what is to become files.
    fn hand_out(
        &mut self,
        staged: &StagedRows,
        jobs: &mut Jobs<'_, (Day, Vec<RecordBatch>)>,
    ) -> Result<(), LakeError> {
        for day in staged.days() {
            let mut pending = Vec::new();
            let (mut bytes, mut rows) = (0, 0);
            for chunk in staged.read(day) {
                let chunk = self.numbered(&chunk?)?;
                let new = self.sorted_out(&chunk)?;
                if new.num_rows() > 0 {
                    bytes += memory(&new);
                    rows += new.num_rows();
                    pending.push(new);
                }
                if bytes >= FILE_BYTES || rows >= ROW_GROUP_ROWS {
                    jobs.give((day, std::mem::take(&mut pending)), bytes)?;
                    (bytes, rows) = (0, 0);
                }
            }
            if rows > 0 {
                jobs.give((day, pending), bytes)?;
            }
        }
        Ok(())
    }

    /// The chunk with the number under which the import is committed, which may be later than the one it began with.
    fn numbered(&self, chunk: &RecordBatch) -> Result<RecordBatch, LakeError> {
        let rows = chunk.num_rows();
        let mut fields: Vec<Arc<Field>> = Vec::new();
        let mut columns: Vec<ArrayRef> = Vec::new();
        let arrival = matches!(self.spec.identity, ImportIdentity::Id { declared_revision: false, .. });
        let numbered = |name: &str| matches!(name, "import_id" | "line") || (arrival && name == "revision");
        for (field, column) in chunk.schema_ref().fields().iter().zip(chunk.columns()) {
            if !numbered(field.name()) {
                fields.push(field.clone());
                columns.push(column.clone());
            }
        }
        let mut add = |name: &str, values: Int64Array| {
            fields.push(Arc::new(Field::new(name, DataType::Int64, true)));
            columns.push(Arc::new(values));
        };
        add("import_id", Int64Array::from_value(self.numbering.import_id, rows));
        let lines = chunk.column_by_name("line").and_then(|c| c.as_primitive_opt::<Int64Type>());
        let line = |row: usize| lines.filter(|l| l.is_valid(row)).map(|l| l.value(row));
        if lines.is_some() {
            add("line", (0..rows).map(|row| line(row).map(|line| self.numbering.line(line))).collect());
        }
        if arrival {
            let revision = |row: usize| self.numbering.revision(line(row).unwrap_or(0));
            add("revision", Int64Array::from_iter_values((0..rows).map(revision)));
        }
        RecordBatch::try_new(Arc::new(Schema::new(fields)), columns).computing("number the import")
    }

    /// Sends corrections and contenders where they belong and returns the records for a new file.
    fn sorted_out(&mut self, chunk: &RecordBatch) -> Result<RecordBatch, LakeError> {
        let Some(numbers) = ordinals(chunk).cloned() else { return Ok(chunk.clone()) };
        let without: Vec<usize> =
            (0..chunk.num_columns()).filter(|&i| chunk.schema_ref().field(i).name() != ORDINAL).collect();
        let chunk = chunk.project(&without).computing("sort out records")?;
        let (mut new, mut correcting) = (Vec::new(), Vec::new());
        for (row, ordinal) in (0_u32..).zip(numbers.values()) {
            let mark = self.decisions.marks.get(length(*ordinal)).copied().unwrap_or(0);
            if mark & FILE != 0 {
                new.push(row);
            }
            if mark & CORRECT != 0 {
                correcting.push((row, *ordinal));
            }
            if mark & CONTENDS != 0 {
                contend(&chunk, row, &self.filing.place.table, self.contenders)?;
            }
        }
        if !correcting.is_empty() {
            self.correct(&chunk, &correcting)?;
        }
        if new.len() == chunk.num_rows() {
            return Ok(chunk);
        }
        take_record_batch(&chunk, &UInt32Array::from(new)).computing("sort out records")
    }

    fn correct(&mut self, chunk: &RecordBatch, rows: &[(u32, u64)]) -> Result<(), LakeError> {
        let mut placed: Vec<(u32, u32, u32)> = Vec::with_capacity(rows.len());
        for &(row, ordinal) in rows {
            let targets = &self.decisions.targets;
            let found = targets.binary_search_by_key(&ordinal, |t| t.0).ok().and_then(|at| targets.get(at));
            if let Some(&(_, file, position)) = found {
                placed.push((file, position, row));
            }
        }
        if placed.len() != rows.len() {
            return Err(self.lost("a correction does not know the record that it corrects"));
        }
        placed.sort_unstable();
        let take = |rows: &[(u32, u32, u32)]| {
            let rows = UInt32Array::from_iter_values(rows.iter().map(|r| r.2));
            take_record_batch(chunk, &rows).computing("set corrections aside")
        };
        match &mut self.corrections {
            Corrections::Journal(entries) => {
                for part in placed.chunks(ENTRY_ROWS) {
                    let batch = take(part)?;
                    let mut prints = Fingerprints::new(&batch, &self.filing.place.table, KeyBy::Identifier)?;
                    let mut tail = Vec::with_capacity(part.len());
                    for (at, (file, position, _)) in part.iter().enumerate() {
                        let id = self.file_ids.get(length(u64::from(*file))).copied();
                        if let Some((print, id)) = prints.row(at).zip(id) {
                            tail.push(TailRow { print, hides: (id, *position) });
                        }
                    }
                    if tail.len() != part.len() {
                        return Err(self.lost("a correction has no identifier"));
                    }
                    entries.push(JournalEntry {
                        bytes: spill::encode(&batch)?,
                        import_id: self.numbering.import_id,
                        rows: tail,
                    });
                }
            }
            Corrections::Aside(aside) => {
                for part in placed.chunk_by(|a, b| a.0 == b.0) {
                    let Some((file, _, _)) = part.first() else { continue };
                    let positions = Int64Array::from_iter_values(part.iter().map(|p| i64::from(p.1)));
                    let batch = with_column(&take(part)?, POSITION, Arc::new(positions))?;
                    aside.append(*file, &spill::encode(&batch)?)?;
                }
            }
        }
        Ok(())
    }

    fn lost(&self, what: &str) -> LakeError {
        LakeError::Shape { table: self.filing.place.table.name.clone().into_owned(), what: what.to_owned() }
    }
}

fn with_column(batch: &RecordBatch, name: &str, values: ArrayRef) -> Result<RecordBatch, LakeError> {
    let mut fields: Vec<Arc<Field>> = batch.schema_ref().fields().iter().cloned().collect();
    fields.push(Arc::new(Field::new(name, values.data_type().clone(), false)));
    let mut columns = batch.columns().to_vec();
    columns.push(values);
    RecordBatch::try_new(Arc::new(Schema::new(fields)), columns).computing("set corrections aside")
}
