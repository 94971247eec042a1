//! Rows gathered to Arrow batches of a table's stored shape.

use std::collections::BTreeMap;
use std::sync::Arc;

use arrow::array::{
    ArrayRef, BooleanBuilder, Date32Builder, Decimal128Builder, Int64Array, Int64Builder, StringArray,
    StringBuilder, TimestampMicrosecondBuilder, new_null_array,
};
use arrow::datatypes::{DataType, SchemaRef};
use arrow::record_batch::RecordBatch;
use dialmark_model::Table;

use super::typer::Typer;
use crate::error::Failure;
use crate::values::{Cell, Flag};

/// Rows of a batch.
const BATCH_ROWS: usize = 8192;
/// Bytes of text at which a batch is full, so that long texts do not pile up.
const BATCH_TEXT_BYTES: usize = 8 * 1024 * 1024;

/// Gathers rows of one import.
pub struct BatchBuilder {
    schema: SchemaRef,
    columns: Vec<ColumnBuilder>,
    names: Vec<String>,
    source_id: StringBuilder,
    revision: Int64Builder,
    line: Int64Builder,
    flags: StringBuilder,
    source: ArrayRef,
    source_zone: ArrayRef,
    import_ids: ArrayRef,
    import_id: i64,
    counts: Vec<[u64; Flag::ALL.len()]>,
    flag_text: String,
    rows: usize,
    text_bytes: usize,
}

/// Stamps that all rows of an import share.
pub struct Stamp<'a> {
    /// Name of the source.
    pub source: &'a str,
    /// Its zone.
    pub zone: &'a str,
    /// Number of the import.
    pub import_id: i64,
}

enum ColumnBuilder {
    /// No field fills it: all null.
    Never(ArrayRef),
    Text(StringBuilder),
    Whole(Int64Builder),
    Instant(TimestampMicrosecondBuilder),
    Day(Date32Builder),
    Decimal(Decimal128Builder),
    Bool(BooleanBuilder),
}

impl BatchBuilder {
    /// A builder for a table's stored schema: the table's columns, then the system's.
    pub fn new(
        table: &Table,
        schema: SchemaRef,
        typer: &Typer,
        stamp: &Stamp<'_>,
    ) -> Result<BatchBuilder, Failure> {
        let filled: Vec<usize> = typer.filled().collect();
        let mut columns = Vec::new();
        for (at, column) in table.columns.iter().enumerate() {
            let field = schema.fields().get(at).filter(|field| *field.name() == column.name);
            let kind = field.map(|field| field.data_type()).ok_or_else(|| {
                Failure(format!(
                    "column `{}` of table `{}` is not stored in its place.",
                    column.name, table.name
                ))
            })?;
            columns.push(ColumnBuilder::new(kind, filled.contains(&at))?);
        }
        let names: Vec<String> = table.columns.iter().map(|column| column.name.to_string()).collect();
        Ok(BatchBuilder {
            counts: vec![[0; Flag::ALL.len()]; names.len()],
            columns,
            names,
            source_id: StringBuilder::new(),
            revision: Int64Builder::new(),
            line: Int64Builder::new(),
            flags: StringBuilder::new(),
            source: repeated(stamp.source),
            source_zone: repeated(stamp.zone),
            import_ids: Arc::new(Int64Array::from(vec![stamp.import_id; BATCH_ROWS])),
            import_id: stamp.import_id,
            flag_text: String::new(),
            rows: 0,
            text_bytes: 0,
            schema,
        })
    }

    /// Adds a row. Returns a batch when one is full.
    pub fn push(&mut self, typer: &Typer, line: u64) -> Result<Option<RecordBatch>, Failure> {
        for (value, column) in typer.values().iter().zip(&mut self.columns) {
            column.push(value.cell, typer)?;
        }
        self.source_id.append_option(typer.id());
        self.revision.append_value(typer.revision(self.import_id, line));
        self.line.append_value(i64::try_from(line).unwrap_or(i64::MAX));
        self.push_flags(typer);
        self.rows += 1;
        self.text_bytes += typer.text_bytes();
        let full = self.rows >= BATCH_ROWS || self.text_bytes >= BATCH_TEXT_BYTES;
        if full { self.finish() } else { Ok(None) }
    }

    fn push_flags(&mut self, typer: &Typer) {
        self.flag_text.clear();
        let flagged = typer.values().iter().zip(&self.names).zip(&mut self.counts);
        for ((value, name), counts) in flagged {
            if value.flags.is_empty() {
                continue;
            }
            for flag in value.flags.iter() {
                if !self.flag_text.is_empty() {
                    self.flag_text.push(' ');
                }
                self.flag_text.push_str(name);
                self.flag_text.push(':');
                self.flag_text.push_str(flag.word());
                if let Some(count) = counts.get_mut(flag.index()) {
                    *count += 1;
                }
            }
        }
        self.flags.append_option((!self.flag_text.is_empty()).then_some(&self.flag_text));
    }

    /// The rows that are left.
    pub fn finish(&mut self) -> Result<Option<RecordBatch>, Failure> {
        let rows = std::mem::take(&mut self.rows);
        self.text_bytes = 0;
        if rows == 0 {
            return Ok(None);
        }
        let mut arrays: Vec<ArrayRef> = self.columns.iter_mut().map(|column| column.finish(rows)).collect();
        arrays.push(self.source.slice(0, rows));
        arrays.push(Arc::new(self.source_id.finish()));
        arrays.push(self.source_zone.slice(0, rows));
        arrays.push(Arc::new(self.revision.finish()));
        arrays.push(self.import_ids.slice(0, rows));
        arrays.push(Arc::new(self.line.finish()));
        arrays.push(Arc::new(self.flags.finish()));
        RecordBatch::try_new(Arc::clone(&self.schema), arrays)
            .map(Some)
            .map_err(|e| Failure(format!("its rows do not fit the stored table: {e}.")))
    }

    /// How often each flag was set, as `column:flag`.
    pub fn flag_counts(&self) -> BTreeMap<String, u64> {
        let mut all = BTreeMap::new();
        for (name, counts) in self.names.iter().zip(&self.counts) {
            for (flag, count) in Flag::ALL.iter().zip(counts).filter(|(_, count)| **count > 0) {
                all.insert(format!("{name}:{}", flag.word()), *count);
            }
        }
        all
    }
}

fn repeated(text: &str) -> ArrayRef {
    Arc::new(StringArray::from_iter_values(std::iter::repeat_n(text, BATCH_ROWS)))
}

impl ColumnBuilder {
    fn new(kind: &DataType, filled: bool) -> Result<ColumnBuilder, Failure> {
        if !filled {
            return Ok(ColumnBuilder::Never(new_null_array(kind, BATCH_ROWS)));
        }
        Ok(match kind {
            DataType::Utf8 => ColumnBuilder::Text(StringBuilder::new()),
            DataType::Int64 => ColumnBuilder::Whole(Int64Builder::new()),
            DataType::Boolean => ColumnBuilder::Bool(BooleanBuilder::new()),
            DataType::Date32 => ColumnBuilder::Day(Date32Builder::new()),
            DataType::Timestamp(..) => {
                ColumnBuilder::Instant(TimestampMicrosecondBuilder::new().with_data_type(kind.clone()))
            }
            DataType::Decimal128(..) => {
                ColumnBuilder::Decimal(Decimal128Builder::new().with_data_type(kind.clone()))
            }
            other => return Err(Failure(format!("columns of type {other} cannot be imported."))),
        })
    }

    fn push(&mut self, cell: Cell, typer: &Typer) -> Result<(), Failure> {
        match (self, cell) {
            (ColumnBuilder::Never(_), _) => {}
            (ColumnBuilder::Text(to), Cell::Text(from, until)) => to.append_value(typer.text(from, until)),
            (ColumnBuilder::Text(to), Cell::Null) => to.append_null(),
            (ColumnBuilder::Whole(to), Cell::Whole(value)) => to.append_value(value),
            (ColumnBuilder::Whole(to), Cell::Null) => to.append_null(),
            (ColumnBuilder::Instant(to), Cell::Whole(value)) => to.append_value(value),
            (ColumnBuilder::Instant(to), Cell::Null) => to.append_null(),
            (ColumnBuilder::Day(to), Cell::Whole(value)) => to.append_option(i32::try_from(value).ok()),
            (ColumnBuilder::Day(to), Cell::Null) => to.append_null(),
            (ColumnBuilder::Decimal(to), Cell::Decimal(value)) => to.append_value(value),
            (ColumnBuilder::Decimal(to), Cell::Null) => to.append_null(),
            (ColumnBuilder::Bool(to), Cell::Bool(value)) => to.append_value(value),
            (ColumnBuilder::Bool(to), Cell::Null) => to.append_null(),
            (_, other) => return Err(Failure(format!("a value does not fit its stored column: {other:?}."))),
        }
        Ok(())
    }

    fn finish(&mut self, rows: usize) -> ArrayRef {
        match self {
            ColumnBuilder::Never(nulls) => nulls.slice(0, rows),
            ColumnBuilder::Text(from) => Arc::new(from.finish()),
            ColumnBuilder::Whole(from) => Arc::new(from.finish()),
            ColumnBuilder::Instant(from) => Arc::new(from.finish()),
            ColumnBuilder::Day(from) => Arc::new(from.finish()),
            ColumnBuilder::Decimal(from) => Arc::new(from.finish()),
            ColumnBuilder::Bool(from) => Arc::new(from.finish()),
        }
    }
}
