//! Parquet as records: each wanted column as text, exactly as its type prints it.
//!
//! All sources take the same way from text to facts, so that one set of rules and tests covers them.

use std::fs::File;
use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, StringArray, StringBuilder};
use arrow::datatypes::{
    DataType, Date32Type, Date64Type, Fields, TimeUnit, TimestampMicrosecondType, TimestampMillisecondType,
    TimestampNanosecondType, TimestampSecondType,
};
use arrow::record_batch::RecordBatch;
use arrow::util::display::{ArrayFormatter, FormatOptions};
use parquet::arrow::ProjectionMask;
use parquet::arrow::arrow_reader::{ParquetRecordBatchReader, ParquetRecordBatchReaderBuilder};
use parquet::basic::Type;
use parquet::column::page::{Page, PageReader};
use parquet::errors::ParquetError;
use parquet::file::metadata::ParquetMetaData;
use parquet::file::reader::ChunkReader;
use parquet::file::serialized_reader::SerializedPageReader;

use super::columns::Columns;
use super::csv::too_long;
use super::record::Record;
use super::splitter::{MAX_FIELD, MAX_RECORD};
use super::{Next, Records};
use crate::error::Failure;
use dialmark_lake::quiet;

/// Most rows that are decoded at once.
const BATCH_ROWS: usize = 1024;
/// Bytes that the rows decoded at once may come to.
const BATCH_BYTES: usize = 64 * 1024 * 1024;

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
    pub fn columns_of(file: impl ChunkReader + 'static) -> Result<Columns, Failure> {
        let builder = opened(file)?;
        Ok(Columns::new(leaves(builder.schema().fields(), "").into_iter().map(|(name, _)| name).collect()))
    }

    /// Opens a file to read the columns for which `wanted` says so, and those that share a structure with them.
    pub fn open(file: File, wanted: impl Fn(&str) -> bool) -> Result<ParquetRows, Failure> {
        let again = file.try_clone()?;
        ParquetRows::over(file, again, wanted)
    }

    /// As [`ParquetRows::open`], from anything that Parquet can be read from, handed over twice.
    pub fn over<R: ChunkReader + 'static>(
        file: R,
        again: R,
        wanted: impl Fn(&str) -> bool,
    ) -> Result<ParquetRows, Failure> {
        let pages = Arc::new(again);
        let builder = opened(file)?;
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
        let rows = guarded(|| rows_at_once(&pages, builder.metadata(), &roots))?.map_err(unreadable)?;
        let mask = ProjectionMask::roots(builder.parquet_schema(), roots);
        let reader =
            guarded(|| builder.with_projection(mask).with_batch_size(rows).build())?.map_err(unreadable)?;
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
        let Some(batch) = guarded(|| self.reader.next())? else { return Ok(false) };
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
        let row = self.row;
        self.row += 1;
        let texts = || self.batch.iter().map(|column| text_at(column, row));
        for text in texts() {
            record.keep_raw(text.as_bytes());
            record.keep_raw(b"\t");
        }
        let longest = texts().map(str::len).max().unwrap_or(0);
        if longest > MAX_FIELD || texts().map(str::len).sum::<usize>() > MAX_RECORD {
            return Ok(Next::Refused(too_long(record)));
        }
        texts().for_each(|text| record.push(text.as_bytes()));
        Ok(Next::Record)
    }
}

fn text_at(column: &StringArray, row: usize) -> &str {
    if column.is_valid(row) { column.value(row) } else { "" }
}

/// How many rows may be decoded at once. A dictionary stores a long value once for all of its rows, and decoding
/// writes it out for each of them, so a small file can become gigabytes.
fn rows_at_once<R: ChunkReader + 'static>(
    file: &Arc<R>,
    metadata: &ParquetMetaData,
    roots: &[usize],
) -> Result<usize, ParquetError> {
    let schema = metadata.file_metadata().schema_descr();
    let mut row_bytes = 0_usize;
    for at in (0..schema.num_columns()).filter(|at| roots.contains(&schema.get_column_root_idx(*at))) {
        let mut longest = 0;
        for nth in 0..metadata.num_row_groups() {
            longest = longest.max(longest_repeated(file, metadata, nth, at)?);
        }
        row_bytes = row_bytes.saturating_add(longest);
    }
    Ok((BATCH_BYTES / row_bytes.max(1)).clamp(1, BATCH_ROWS))
}

/// Bytes of the longest value in the dictionary of a column in a group of rows; 0 without a dictionary.
fn longest_repeated<R: ChunkReader + 'static>(
    file: &Arc<R>,
    metadata: &ParquetMetaData,
    group: usize,
    column: usize,
) -> Result<usize, ParquetError> {
    let group = metadata.row_group(group);
    let Some(chunk) = group.columns().get(column) else { return Ok(0) };
    let rows = usize::try_from(group.num_rows()).unwrap_or(0);
    if rows == 0 || chunk.column_type() != Type::BYTE_ARRAY {
        return Ok(0);
    }
    let mut pages = SerializedPageReader::new(Arc::clone(file), chunk, rows, None)?;
    if !pages.peek_next_page()?.is_some_and(|page| page.is_dict) {
        return Ok(0);
    }
    Ok(match pages.get_next_page()? {
        Some(Page::DictionaryPage { buf, .. }) => longest_of(&buf),
        _ => 0,
    })
}

/// The longest of values that stand one behind the other, each behind its length.
fn longest_of(mut values: &[u8]) -> usize {
    let mut longest = 0;
    while let Some((length, rest)) = values.split_first_chunk::<4>() {
        let length = usize::try_from(u32::from_le_bytes(*length)).unwrap_or(usize::MAX).min(rest.len());
        longest = longest.max(length);
        values = rest.get(length..).unwrap_or_default();
    }
    longest
}

fn opened<R: ChunkReader + 'static>(file: R) -> Result<ParquetRecordBatchReaderBuilder<R>, Failure> {
    guarded(|| ParquetRecordBatchReaderBuilder::try_new(file))?.map_err(unreadable)
}

/// The decoder gives up on some damaged files with a panic. Nothing of it is used afterwards.
fn guarded<T>(decode: impl FnOnce() -> T) -> Result<T, Failure> {
    quiet::catch(decode).map_err(|said| unreadable(format!("it is damaged inside ({said})")))
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
            let text = formatter.value(row).try_to_string().or_else(|error| {
                // One impossible time must not cost the file: its reader says that it is beyond all sense.
                far_day(array.as_ref(), row).map(expanded).ok_or_else(|| unreadable(error))
            })?;
            builder.append_value(text);
        }
    }
    texts.push(builder.finish());
    Ok(())
}

/// The day since 1970 of a date or instant that no calendar reaches.
fn far_day(array: &dyn Array, row: usize) -> Option<i64> {
    const DAY_S: i64 = 86_400;
    let day = |at: i64, per_second: i64| Some(at.div_euclid(per_second).div_euclid(DAY_S));
    match array.data_type() {
        DataType::Date32 => Some(i64::from(array.as_primitive::<Date32Type>().value(row))),
        DataType::Date64 => day(array.as_primitive::<Date64Type>().value(row), 1_000),
        DataType::Timestamp(TimeUnit::Second, _) => {
            day(array.as_primitive::<TimestampSecondType>().value(row), 1)
        }
        DataType::Timestamp(TimeUnit::Millisecond, _) => {
            day(array.as_primitive::<TimestampMillisecondType>().value(row), 1_000)
        }
        DataType::Timestamp(TimeUnit::Microsecond, _) => {
            day(array.as_primitive::<TimestampMicrosecondType>().value(row), 1_000_000)
        }
        _ => None,
    }
}

/// A day of a far year as ISO 8601 writes it, with a signed year: `+294247-01-10`.
fn expanded(day: i64) -> String {
    // Days from a first of March, by cycles of 400 years, so that leap days come last.
    let day = day + 719_468;
    let cycle = day.div_euclid(146_097);
    let in_cycle = day.rem_euclid(146_097);
    let year_of_cycle = (in_cycle - in_cycle / 1_460 + in_cycle / 36_524 - in_cycle / 146_096) / 365;
    let day_of_year = in_cycle - (365 * year_of_cycle + year_of_cycle / 4 - year_of_cycle / 100);
    let from_march = (5 * day_of_year + 2) / 153;
    let month = if from_march < 10 { from_march + 3 } else { from_march - 9 };
    let year = cycle * 400 + year_of_cycle + i64::from(month <= 2);
    format!("{year:+05}-{month:02}-{:02}", day_of_year - (153 * from_march + 2) / 5 + 1)
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

#[cfg(test)]
mod tests {
    use super::*;
    use arrow::array::DictionaryArray;
    use arrow::datatypes::Int32Type;
    use parquet::arrow::ArrowWriter;

    #[test]
    fn far_days_are_written_with_a_signed_year() {
        let day_of_us = |us: i64| us.div_euclid(86_400_000_000);
        for (day, wanted) in [
            (day_of_us(i64::MAX), "+294247-01-10"),
            (day_of_us(i64::MIN), "-290308-12-21"),
            (i64::from(i32::MAX), "+5881580-07-11"),
            (0, "+1970-01-01"),
        ] {
            assert_eq!(expanded(day), wanted, "{day}");
        }
    }

    #[test]
    fn a_long_value_of_many_rows_is_written_out_for_few_of_them_at_once() {
        let long = "x".repeat(500_000);
        let column: DictionaryArray<Int32Type> = std::iter::repeat_n(Some(long.as_str()), 5_000).collect();
        let batch = RecordBatch::try_from_iter([("note", Arc::new(column) as ArrayRef)]).unwrap();
        let mut file = tempfile::tempfile().unwrap();
        let mut writer = ArrowWriter::try_new(&mut file, batch.schema(), None).unwrap();
        writer.write(&batch).unwrap();
        writer.close().unwrap();
        assert!(file.metadata().unwrap().len() < 1_000_000);
        let mut rows = ParquetRows::open(file, |_| true).unwrap();
        let mut record = Record::default();
        assert_eq!(rows.next(&mut record), Ok(Next::Record));
        assert_eq!(record.row().map(|row| row.field(0).len()), Some(500_000));
        assert_eq!(rows.rows, BATCH_BYTES / 500_000);
    }

    #[test]
    fn the_longest_value_of_a_dictionary_is_found_and_a_damaged_one_ends_it() {
        let mut values = Vec::new();
        for text in ["ab", "abcde", ""] {
            values.extend(u32::try_from(text.len()).unwrap().to_le_bytes());
            values.extend(text.bytes());
        }
        assert_eq!(longest_of(&values), 5);
        assert_eq!(longest_of(&[255, 255, 255, 255, 1, 2]), 2);
        assert_eq!(longest_of(&[1, 0]), 0);
    }
}
