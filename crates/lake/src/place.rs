//! Writing what was decided: new records into sorted files by day, corrections into the journal or aside.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, Int64Array, RecordBatch, UInt32Array};
use arrow::compute::{SortColumn, concat_batches, lexsort_to_indices, take_record_batch};
use arrow::datatypes::{DataType, Field, Int64Type, Schema, SchemaRef};
use dialmark_model::Table;

use crate::catalogue::{ContenderRow, JournalEntry, NamedFile, TailRow};
use crate::contender::contend;
use crate::datafile::{DataFileWriter, ROW_GROUP_ROWS};
use crate::decide::{CONTENDS, CORRECT, Decisions, FILE};
use crate::durable::{NewFiles, unique_hex};
use crate::error::{Computing, LakeError};
use crate::hash::{Fingerprints, KeyBy};
use crate::keyfile::{self, KeyEntry};
use crate::number::length;
use crate::report::{ImportIdentity, ImportSpec, Numbering};
use crate::schema::{conform, memory, sort_columns};
use crate::spill::{self, Spill, Spool};
use crate::staging::{Day, ORDINAL, StagedRows, ordinals};

/// Memory of the records that become one file.
const FILE_BYTES: usize = 128 << 20;
/// Rows that are written at a time.
const WRITE_ROWS: usize = 65_536;
/// Rows of a journal entry.
const ENTRY_ROWS: usize = 10_000;

/// Row of the filed record that a correction replaces; a column while the correction waits on disk.
pub(crate) const POSITION: &str = "__position";

/// Where and how the files of one table are written.
#[derive(Debug, Clone)]
pub(crate) struct Place {
    pub table: Table,
    pub schema: SchemaRef,
    pub data_folder: PathBuf,
    pub key_folder: PathBuf,
}

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
    pub place: &'a Place,
    pub spec: &'a ImportSpec,
    pub numbering: Numbering,
    pub decisions: &'a Decisions,
    /// Number of the data file at each place that a target names.
    pub file_ids: &'a [i64],
    pub files: &'a mut NewFiles,
    pub named: Vec<NamedFile>,
    pub corrections: Corrections,
    pub contenders: &'a mut Spool<ContenderRow>,
}

impl Placing<'_> {
    /// Goes over all staged records once.
    pub(crate) fn run(&mut self, staged: &StagedRows) -> Result<(), LakeError> {
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
                    self.write_files(day, &std::mem::take(&mut pending))?;
                    (bytes, rows) = (0, 0);
                }
            }
            if rows > 0 {
                self.write_files(day, &pending)?;
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
                contend(&chunk, row, &self.place.table, self.contenders)?;
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
                    let mut prints = Fingerprints::new(&batch, &self.place.table, KeyBy::Identifier)?;
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
        LakeError::Shape { table: self.place.table.name.clone().into_owned(), what: what.to_owned() }
    }

    /// Sorts the records of a day and writes them, in as many files as a row group allows.
    fn write_files(&mut self, day: Day, batches: &[RecordBatch]) -> Result<(), LakeError> {
        let table = &self.place.table;
        let names: Vec<&str> = table
            .stored_columns()
            .map(|c| c.name.as_ref())
            .filter(|name| batches.iter().any(|b| b.column_by_name(name).is_some()))
            .collect();
        let fields: Vec<Arc<Field>> = names
            .iter()
            .filter_map(|n| self.place.schema.column_with_name(n))
            .map(|(_, f)| Arc::new(f.clone()))
            .collect();
        let slim = Arc::new(Schema::new(fields));
        let batches = batches.iter().map(|b| conform(b, &slim)).collect::<Result<Vec<_>, _>>()?;
        let all = concat_batches(&slim, &batches).computing("join the records of a day")?;
        drop(batches);
        let mut by: Vec<&str> = sort_columns(table);
        by.push("line");
        let columns: Vec<SortColumn> = by
            .iter()
            .filter_map(|name| all.column_by_name(name))
            .map(|values| SortColumn { values: values.clone(), options: None })
            .collect();
        let order: UInt32Array = if columns.is_empty() {
            UInt32Array::from_iter_values((0..).take(all.num_rows()))
        } else {
            lexsort_to_indices(&columns, None).computing("sort the records of a day")?
        };
        for start in (0..order.len()).step_by(ROW_GROUP_ROWS) {
            let order = order.slice(start, ROW_GROUP_ROWS.min(order.len() - start));
            let file = self.write_file(day, &all, &order)?;
            self.named.push(file);
        }
        Ok(())
    }

    fn write_file(
        &mut self,
        day: Day,
        all: &RecordBatch,
        order: &UInt32Array,
    ) -> Result<NamedFile, LakeError> {
        let by = match self.spec.identity {
            ImportIdentity::Id { .. } => Some(KeyBy::Identifier),
            ImportIdentity::Append { .. } => Some(KeyBy::Content),
            ImportIdentity::Replace => None,
        };
        let stem = stem(day, self.numbering.import_id);
        let name = format!("{stem}.parquet");
        let path = self.place.data_folder.join(&name);
        let mut writer = DataFileWriter::create(&path, self.place.schema.clone(), self.files)?;
        let mut keys = Vec::with_capacity(if by.is_some() { order.len() } else { 0 });
        let mut position = 0;
        for start in (0..order.len()).step_by(WRITE_ROWS) {
            let rows = order.slice(start, WRITE_ROWS.min(order.len() - start));
            let batch = take_record_batch(all, &rows).computing("sort the records of a day")?;
            writer.write(&batch)?;
            if let Some(by) = by {
                let mut prints = Fingerprints::new(&batch, &self.place.table, by)?;
                for row in 0..batch.num_rows() {
                    keys.extend(prints.row(row).map(|print| KeyEntry { print, position }));
                    position += 1;
                }
            }
        }
        let written = writer.finish(&self.place.table)?;
        let key_file = match by {
            Some(_) => Some(write_keys(&self.place.key_folder, &stem, &mut keys, self.files)?),
            None => None,
        };
        Ok(NamedFile {
            written,
            name,
            key_file,
            import_id: self.numbering.import_id,
            source: self.spec.source.clone(),
            file_name: self.spec.file_name.clone(),
            identity: self.spec.identity.word().to_owned(),
            day,
        })
    }
}

/// A file name that tells a person the day and the import, and that is never used twice.
pub(crate) fn stem(day: Day, import_id: i64) -> String {
    let epoch = jiff::civil::date(1970, 1, 1);
    let date = day
        .and_then(|d| jiff::Span::new().try_days(d).ok())
        .and_then(|span| epoch.checked_add(span).ok())
        .map_or_else(|| "undated".to_owned(), |date| date.to_string());
    format!("{date}-i{import_id}-{}", unique_hex())
}

/// Writes a key file; returns its name and size.
pub(crate) fn write_keys(
    folder: &Path,
    stem: &str,
    entries: &mut [KeyEntry],
    files: &mut NewFiles,
) -> Result<(String, u64), LakeError> {
    let name = format!("{stem}.keys");
    let path = folder.join(&name);
    let file = files.create(&path)?;
    let bytes = keyfile::write(file, &path, entries)?;
    Ok((name, bytes))
}

fn with_column(batch: &RecordBatch, name: &str, values: ArrayRef) -> Result<RecordBatch, LakeError> {
    let mut fields: Vec<Arc<Field>> = batch.schema_ref().fields().iter().cloned().collect();
    fields.push(Arc::new(Field::new(name, values.data_type().clone(), false)));
    let mut columns = batch.columns().to_vec();
    columns.push(values);
    RecordBatch::try_new(Arc::new(Schema::new(fields)), columns).computing("set corrections aside")
}
