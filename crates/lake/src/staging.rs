//! The records of an import on their way: on disk by day, in bounded memory.

use std::collections::HashMap;
use std::path::Path;
use std::sync::Arc;

use arrow::array::{Array, AsArray, RecordBatch, UInt64Array};
use arrow::compute::{concat_batches, take_record_batch};
use arrow::datatypes::{
    DataType, Date32Type, Field, Schema, SchemaRef, TimestampMicrosecondType, UInt64Type,
};
use dialmark_model::Table;

use crate::error::{Computing, LakeError};
use crate::number::count;
use crate::schema::{conform, memory, without_empty_columns};
use crate::spill::{self, Spill};

/// Rows are written to disk when they take this much memory.
const BUFFER_BYTES: usize = 32 << 20;
const MICROS_PER_DAY: i64 = 86_400_000_000;

/// Number of a record in the order in which the import pushed it; a column while the record is staged.
pub(crate) const ORDINAL: &str = "__ordinal";

/// Days since 1970 of a record's first known time; `None` without one.
pub(crate) type Day = Option<i32>;

/// Staged records by day.
#[derive(Debug)]
pub(crate) struct StagedRows {
    placed_by: Vec<String>,
    /// Columns in the order of the table, for the union of what single batches hold.
    schema: SchemaRef,
    spill: Spill<Day>,
    buffers: HashMap<Day, Vec<RecordBatch>>,
    buffered_bytes: usize,
    rows: u64,
}

impl StagedRows {
    pub(crate) fn create(folder: &Path, table: &Table, schema: &SchemaRef) -> Result<StagedRows, LakeError> {
        let mut fields: Vec<Arc<Field>> = schema.fields().iter().cloned().collect();
        fields.push(Arc::new(Field::new(ORDINAL, DataType::UInt64, false)));
        Ok(StagedRows {
            placed_by: table.placed_by.iter().map(|c| c.clone().into_owned()).collect(),
            schema: Arc::new(Schema::new(fields)),
            spill: Spill::create(folder.join("rows"))?,
            buffers: HashMap::new(),
            buffered_bytes: 0,
            rows: 0,
        })
    }

    /// Records so far.
    pub(crate) fn rows(&self) -> u64 {
        self.rows
    }

    /// Adds the rows of a batch in the stored schema.
    pub(crate) fn push(&mut self, batch: &RecordBatch, days: &[Day]) -> Result<(), LakeError> {
        let ordinals = UInt64Array::from_iter_values(self.rows..self.rows + count(batch.num_rows()));
        self.rows += count(batch.num_rows());
        let slim = without_empty_columns(batch)?;
        let mut fields: Vec<Arc<Field>> = slim.schema_ref().fields().iter().cloned().collect();
        fields.push(Arc::new(Field::new(ORDINAL, DataType::UInt64, false)));
        let mut columns = slim.columns().to_vec();
        columns.push(Arc::new(ordinals));
        let slim =
            RecordBatch::try_new(Arc::new(Schema::new(fields)), columns).computing("number the records")?;

        let mut rows_of_day: HashMap<Day, Vec<u64>> = HashMap::new();
        for (row, day) in (0..).zip(days) {
            rows_of_day.entry(*day).or_default().push(row);
        }
        for (day, rows) in rows_of_day {
            let part = if rows.len() == slim.num_rows() {
                slim.clone()
            } else {
                take_record_batch(&slim, &UInt64Array::from(rows)).computing("sort records by day")?
            };
            self.buffered_bytes += memory(&part);
            self.buffers.entry(day).or_default().push(part);
        }
        if self.buffered_bytes > BUFFER_BYTES {
            self.flush()?;
        }
        Ok(())
    }

    /// Writes what is still in memory.
    pub(crate) fn flush(&mut self) -> Result<(), LakeError> {
        self.buffered_bytes = 0;
        for (day, batches) in std::mem::take(&mut self.buffers) {
            let fields: Vec<Arc<Field>> = self
                .schema
                .fields()
                .iter()
                .filter(|f| batches.iter().any(|b| b.column_by_name(f.name()).is_some()))
                .cloned()
                .collect();
            let schema = Arc::new(Schema::new(fields));
            let batches = batches.iter().map(|b| conform(b, &schema)).collect::<Result<Vec<_>, _>>()?;
            let batch = concat_batches(&schema, &batches).computing("join staged records")?;
            self.spill.append(day, &spill::encode(&batch)?)?;
        }
        Ok(())
    }

    /// Days that hold records; undated ones first.
    pub(crate) fn days(&self) -> Vec<Day> {
        self.spill.buckets()
    }

    /// The records of a day in the order of arrival, some at a time, without columns that hold nothing.
    /// Call [`StagedRows::flush`] before.
    pub(crate) fn read(&self, day: Day) -> impl Iterator<Item = Result<RecordBatch, LakeError>> + '_ {
        self.spill.read(day).flat_map(|bytes| match bytes.and_then(spill::decode) {
            Ok(batches) => batches.into_iter().map(Ok).collect::<Vec<_>>(),
            Err(e) => vec![Err(e)],
        })
    }

    /// The day of each row: of the first known of the table's placing columns.
    pub(crate) fn days_of(&self, batch: &RecordBatch) -> Vec<Day> {
        let mut days: Vec<Day> = vec![None; batch.num_rows()];
        for name in &self.placed_by {
            let Some(column) = batch.column_by_name(name) else { continue };
            if column.null_count() == column.len() {
                continue;
            }
            if let Some(instants) = column.as_primitive_opt::<TimestampMicrosecondType>() {
                fill(&mut days, instants.iter().map(|at| at.and_then(utc_day)));
            } else if let Some(dates) = column.as_primitive_opt::<Date32Type>() {
                fill(&mut days, dates.iter());
            }
        }
        days
    }
}

fn fill(days: &mut [Day], known: impl Iterator<Item = Day>) {
    for (day, known) in days.iter_mut().zip(known) {
        if day.is_none() {
            *day = known;
        }
    }
}

fn utc_day(at_us: i64) -> Day {
    i32::try_from(at_us.div_euclid(MICROS_PER_DAY)).ok()
}

/// The ordinals of staged rows.
pub(crate) fn ordinals(batch: &RecordBatch) -> Option<&UInt64Array> {
    batch.column_by_name(ORDINAL).and_then(|c| c.as_primitive_opt::<UInt64Type>())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::schema::stored_schema;
    use arrow::array::{ArrayRef, Int64Array, TimestampMicrosecondArray};

    type Times = (Option<i64>, Option<i64>);

    fn rows(instants: &[Times]) -> RecordBatch {
        let table = dialmark_model::facts::table("calls").unwrap();
        let at = |pick: fn(&Times) -> Option<i64>| -> ArrayRef {
            Arc::new(
                TimestampMicrosecondArray::from(instants.iter().map(pick).collect::<Vec<_>>())
                    .with_timezone("UTC"),
            )
        };
        let lines: ArrayRef = Arc::new(Int64Array::from_iter_values((1..).take(instants.len())));
        let some = RecordBatch::try_from_iter_with_nullable([
            ("started_at", at(|i| i.0), true),
            ("queued_at", at(|i| i.1), true),
            ("line", lines, true),
        ])
        .unwrap();
        conform(&some, &stored_schema(table)).unwrap()
    }

    #[test]
    fn a_record_belongs_to_the_utc_day_of_its_first_known_time() {
        let table = dialmark_model::facts::table("calls").unwrap();
        let folder = tempfile::tempdir().unwrap();
        let mut staged = StagedRows::create(folder.path(), table, &stored_schema(table)).unwrap();
        let day = MICROS_PER_DAY;
        let batch =
            rows(&[(Some(day), None), (None, Some(2 * day - 1)), (Some(-1), Some(5 * day)), (None, None)]);
        let days = staged.days_of(&batch);
        assert_eq!(days, [Some(1), Some(1), Some(-1), None]);
        staged.push(&batch, &days).unwrap();
        staged.flush().unwrap();
        assert_eq!(staged.days(), [None, Some(-1), Some(1)]);
        let first: Vec<u64> =
            staged.read(Some(1)).flat_map(|b| ordinals(&b.unwrap()).unwrap().values().to_vec()).collect();
        assert_eq!(first, [0, 1]);
        assert_eq!(staged.rows(), 4);
    }
}
