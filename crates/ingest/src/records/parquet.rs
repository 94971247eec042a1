//! Parquet as records: each wanted column as text, exactly as its type prints it.
//!
//! All sources take the same way from text to facts, so that one set of rules and tests covers them.

use std::fs::File;

use arrow::array::{Array, ArrayRef, AsArray, StringArray, StringBuilder};
use arrow::datatypes::{
    DataType, Fields, TimeUnit, TimestampMicrosecondType, TimestampMillisecondType, TimestampNanosecondType,
    TimestampSecondType,
};
use arrow::record_batch::RecordBatch;
use arrow::util::display::{ArrayFormatter, FormatOptions};
use parquet::arrow::ProjectionMask;
use parquet::arrow::arrow_reader::{ParquetRecordBatchReader, ParquetRecordBatchReaderBuilder};

use super::columns::Columns;
use super::record::Record;
use super::{Next, Records};
use crate::error::Failure;

const BATCH_ROWS: usize = 4096;

/// Records of a Parquet file; values in structures are named with dots.
pub struct ParquetRows {
    reader: ParquetRecordBatchReader,
    columns: Columns,
    all: Columns,
    all_rows: u64,
    /// Texts of each column of the batch at hand.
    batch: Vec<StringArray>,
    rows: usize,
    row: usize,
    number: u64,
}

impl ParquetRows {
    /// Names of all columns of a file.
    pub fn columns_of(file: File) -> Result<Columns, Failure> {
        let builder = ParquetRecordBatchReaderBuilder::try_new(file).map_err(unreadable)?;
        Ok(Columns::new(leaves(builder.schema().fields(), "").into_iter().map(|(name, _)| name).collect()))
    }

    /// Opens a file to read the columns for which `wanted` says so, and those that share a structure with them.
    pub fn open(file: File, wanted: impl Fn(&str) -> bool) -> Result<ParquetRows, Failure> {
        let builder = ParquetRecordBatchReaderBuilder::try_new(file).map_err(unreadable)?;
        let mut names = Vec::new();
        let mut roots = Vec::new();
        for (root, field) in builder.schema().fields().iter().enumerate() {
            let leaves = leaves(&Fields::from(vec![field.clone()]), "");
            if !leaves.iter().any(|(name, _)| wanted(name)) {
                continue;
            }
            if let Some((name, kind)) = leaves.iter().find(|(name, kind)| wanted(name) && has_no_text(kind)) {
                return Err(Failure(format!(
                    "column `{name}` is of type {kind}, which has no plain text. Export it as a number and name its unit in the mapping."
                )));
            }
            roots.push(root);
            names.extend(leaves.into_iter().map(|(name, _)| name));
        }
        let all = leaves(builder.schema().fields(), "").into_iter().map(|(name, _)| name).collect();
        let all_rows = u64::try_from(builder.metadata().file_metadata().num_rows()).unwrap_or(0);
        let mask = ProjectionMask::roots(builder.parquet_schema(), roots);
        let reader = builder.with_projection(mask).with_batch_size(BATCH_ROWS).build().map_err(unreadable)?;
        Ok(ParquetRows {
            reader,
            columns: Columns::new(names),
            all: Columns::new(all),
            all_rows,
            batch: Vec::new(),
            rows: 0,
            row: 0,
            number: 0,
        })
    }

    fn load(&mut self) -> Result<bool, Failure> {
        let Some(batch) = self.reader.next() else { return Ok(false) };
        let batch: RecordBatch = batch.map_err(unreadable)?;
        self.batch.clear();
        for column in batch.columns() {
            texts_of(column, &mut self.batch)?;
        }
        self.rows = batch.num_rows();
        self.row = 0;
        Ok(true)
    }
}

impl Records for ParquetRows {
    fn columns(&self) -> &Columns {
        &self.columns
    }

    fn all_columns(&self) -> &Columns {
        &self.all
    }

    fn share_done(&self) -> Option<(u64, u64)> {
        Some((self.number, self.all_rows))
    }

    fn next(&mut self, record: &mut Record) -> Result<Next, Failure> {
        while self.row >= self.rows {
            if !self.load()? {
                return Ok(Next::End);
            }
        }
        record.clear();
        self.number += 1;
        record.line = self.number;
        record.last_line = self.number;
        record.terminated = true;
        for column in &self.batch {
            let text = if column.is_valid(self.row) { column.value(self.row) } else { "" };
            record.push(text.as_bytes());
            record.keep_raw(text.as_bytes());
            record.keep_raw(b"\t");
        }
        self.row += 1;
        Ok(Next::Record)
    }
}

/// Durations of the Arrow kind print as `PT5S`; nothing tells which unit the mapping means.
fn has_no_text(kind: &DataType) -> bool {
    matches!(kind, DataType::Duration(_) | DataType::Interval(_))
}

fn unreadable(error: impl std::fmt::Display) -> Failure {
    Failure(format!("this cannot be read as Parquet: {error}."))
}

fn leaves(fields: &Fields, under: &str) -> Vec<(String, DataType)> {
    let mut found = Vec::new();
    for field in fields {
        let name = if under.is_empty() { field.name().clone() } else { format!("{under}.{}", field.name()) };
        match field.data_type() {
            DataType::Struct(inner) => found.extend(leaves(inner, &name)),
            kind => found.push((name, kind.clone())),
        }
    }
    found
}

/// Appends the texts of a column, or of each column within a structure, in the order of [`leaves`].
fn texts_of(array: &ArrayRef, texts: &mut Vec<StringArray>) -> Result<(), Failure> {
    if let Some(structure) = array.as_struct_opt() {
        // What lies in a null structure is null.
        let (_, columns) = structure.flatten();
        return columns.iter().try_for_each(|column| texts_of(column, texts));
    }
    if let Some(strings) = array.as_string_opt::<i32>() {
        texts.push(strings.clone());
        return Ok(());
    }
    let array = in_utc(array);
    let options = FormatOptions::default().with_null("");
    let formatter = ArrayFormatter::try_new(array.as_ref(), &options).map_err(unreadable)?;
    let mut builder = StringBuilder::with_capacity(array.len(), array.len() * 8);
    for row in 0..array.len() {
        if array.is_null(row) {
            builder.append_null();
        } else {
            builder.append_value(formatter.value(row).try_to_string().map_err(unreadable)?);
        }
    }
    texts.push(builder.finish());
    Ok(())
}

/// Instants with a zone are stored in UTC; printing them so needs no knowledge of the zone.
pub fn in_utc(array: &ArrayRef) -> ArrayRef {
    let DataType::Timestamp(unit, Some(_)) = array.data_type() else { return array.clone() };
    macro_rules! utc {
        ($kind:ty) => {
            std::sync::Arc::new(array.as_primitive::<$kind>().clone().with_timezone("+00:00")) as ArrayRef
        };
    }
    match unit {
        TimeUnit::Second => utc!(TimestampSecondType),
        TimeUnit::Millisecond => utc!(TimestampMillisecondType),
        TimeUnit::Microsecond => utc!(TimestampMicrosecondType),
        TimeUnit::Nanosecond => utc!(TimestampNanosecondType),
    }
}
