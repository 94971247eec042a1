//! One data file: Parquet that DuckDB and DataFusion read, with the statistics that the catalogue keeps.

use std::collections::{BTreeMap, HashMap};
use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use arrow::array::RecordBatch;
use arrow::datatypes::{Field, Schema, SchemaRef};
use dialmark_model::{Column, Kind, Table};
use parquet::arrow::arrow_reader::{ParquetRecordBatchReader, ParquetRecordBatchReaderBuilder};
use parquet::arrow::{ArrowWriter, PARQUET_FIELD_ID_META_KEY, ProjectionMask};
use parquet::basic::{Compression, Encoding, ZstdLevel};
use parquet::file::metadata::ParquetMetaData;
use parquet::file::properties::WriterProperties;
use parquet::file::statistics::Statistics;
use parquet::schema::types::ColumnPath;

use crate::durable::{self, NewFiles};
use crate::error::{Doing, LakeError};
use crate::hours::{self, Hours};
use crate::number::{count, from_sql};
use crate::schema::{conform, stored_type};
use crate::sums::Sums;

/// Rows of a row group at most; files are usually smaller.
pub(crate) const ROW_GROUP_ROWS: usize = 1_000_000;
/// Longer texts are left out of the statistics.
const STATISTICS_TEXT: usize = 64;
/// Rows that a reader gives at a time.
const READ_ROWS: usize = 16_384;

/// Columns by name with their number in the catalogue, which is their field id in every file.
pub(crate) type ColumnIds = HashMap<String, i64>;

/// The stored schema with field ids, without which DuckDB answers with nulls and says nothing.
pub(crate) fn file_schema(table: &Table, ids: &ColumnIds) -> SchemaRef {
    let fields: Vec<Field> = table
        .stored_columns()
        .map(|column| {
            let field = Field::new(column.name.as_ref(), stored_type(column.kind), true);
            match ids.get(column.name.as_ref()) {
                Some(id) => field
                    .with_metadata(HashMap::from([(PARQUET_FIELD_ID_META_KEY.to_owned(), id.to_string())])),
                None => field,
            }
        })
        .collect();
    Arc::new(Schema::new(fields))
}

/// Least or greatest value of a column, in its stored unit.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Bound {
    Number(i64),
    Text(String),
    Bool(bool),
}

/// Statistics of one column of one file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ColumnStats {
    pub column: String,
    pub kind: Kind,
    pub bytes: u64,
    pub nulls: u64,
    /// Absent when the column holds nothing or its statistics are not exact.
    pub range: Option<(Bound, Bound)>,
}

/// A data file that is durable but not yet named.
#[derive(Debug)]
pub(crate) struct WrittenFile {
    pub rows: u64,
    pub bytes: u64,
    pub footer_bytes: u64,
    pub sums: Sums,
    pub stats: Vec<ColumnStats>,
    pub hours: Hours,
}

impl WrittenFile {
    /// Least and greatest microseconds of each instant column that holds something.
    pub(crate) fn instant_ranges(&self) -> BTreeMap<String, (i64, i64)> {
        let mut ranges = BTreeMap::new();
        for stats in self.stats.iter().filter(|s| s.kind == Kind::Instant) {
            if let Some((Bound::Number(min), Bound::Number(max))) = stats.range {
                ranges.insert(stats.column.clone(), (min, max));
            }
        }
        ranges
    }
}

/// How the values of a column are written that hardly ever repeat, or only one after the other; a dictionary of them is
/// time and room wasted.
fn encoding(column: &Column) -> Option<Encoding> {
    match (column.kind, column.name.as_ref()) {
        (Kind::Instant, _) | (_, "line" | "revision") => Some(Encoding::DELTA_BINARY_PACKED),
        (_, "source_id") => Some(Encoding::DELTA_BYTE_ARRAY),
        (Kind::Phone, _) => Some(Encoding::DELTA_LENGTH_BYTE_ARRAY),
        _ => None,
    }
}

/// Columns that place a record in time, the first known one first.
pub(crate) fn placing(table: &Table) -> Vec<String> {
    table.placed_by.iter().map(|column| column.clone().into_owned()).collect()
}

/// Writes one data file.
pub(crate) struct DataFileWriter {
    path: PathBuf,
    schema: SchemaRef,
    /// The same open file as the writer's, to flush it after the writer has ended.
    file: File,
    writer: ArrowWriter<File>,
    rows: u64,
    placed_by: Vec<String>,
    hours: Hours,
}

impl DataFileWriter {
    pub(crate) fn create(
        path: &Path,
        schema: SchemaRef,
        table: &Table,
        files: &mut NewFiles,
    ) -> Result<Self, LakeError> {
        let file = files.create(path)?;
        let writers = file.try_clone().doing("open the data file", path)?;
        let level = ZstdLevel::try_new(3).doing("prepare the data file", path)?;
        let mut properties = WriterProperties::builder()
            .set_compression(Compression::ZSTD(level))
            .set_max_row_group_row_count(Some(ROW_GROUP_ROWS))
            .set_created_by(concat!("dialmark ", env!("CARGO_PKG_VERSION")).to_owned());
        for column in table.stored_columns() {
            if let Some(encoding) = encoding(column) {
                let path = ColumnPath::from(column.name.as_ref());
                properties = properties
                    .set_column_dictionary_enabled(path.clone(), false)
                    .set_column_encoding(path, encoding);
            }
        }
        let properties = properties.build();
        let writer = ArrowWriter::try_new(writers, schema.clone(), Some(properties))
            .doing("write the data file", path)?;
        let placed_by = placing(table);
        let path = path.to_owned();
        Ok(DataFileWriter { path, schema, file, writer, rows: 0, placed_by, hours: Hours::new() })
    }

    /// Appends rows; columns by name, absent ones null.
    pub(crate) fn write(&mut self, batch: &RecordBatch) -> Result<(), LakeError> {
        let batch = conform(batch, &self.schema)?;
        self.rows += count(batch.num_rows());
        hours::add(&mut self.hours, &batch, &self.placed_by);
        self.writer.write(&batch).doing("write the data file", &self.path)
    }

    /// Ends the file and makes its content durable.
    pub(crate) fn finish(self, table: &Table) -> Result<WrittenFile, LakeError> {
        let doing = "write the data file";
        let metadata = self.writer.close().doing(doing, &self.path)?;
        durable::sync_file(&self.file, &self.path)?;
        let bytes = self.file.metadata().doing(doing, &self.path)?.len();
        Ok(WrittenFile {
            rows: self.rows,
            bytes,
            footer_bytes: footer_bytes(&self.file, &self.path, bytes)?,
            sums: Sums::of(&self.path)?,
            stats: statistics(&metadata, table),
            hours: self.hours,
        })
    }
}

/// Size of the footer: the little-endian number before the closing magic.
fn footer_bytes(mut file: &File, path: &Path, bytes: u64) -> Result<u64, LakeError> {
    use std::io::{Read, Seek, SeekFrom};
    let (mut size, mut magic) = ([0; 4], [0; 4]);
    file.seek(SeekFrom::Start(bytes.saturating_sub(8)))
        .and_then(|_| file.read_exact(&mut size))
        .and_then(|()| file.read_exact(&mut magic))
        .doing("read the footer of", path)?;
    if &magic != b"PAR1" {
        return Err(LakeError::damaged(path, "it does not end like a Parquet file"));
    }
    Ok(u64::from(u32::from_le_bytes(size)))
}

fn statistics(metadata: &ParquetMetaData, table: &Table) -> Vec<ColumnStats> {
    let columns: HashMap<&str, Kind> = table.stored_columns().map(|c| (c.name.as_ref(), c.kind)).collect();
    let mut all: BTreeMap<String, ColumnStats> = BTreeMap::new();
    let mut inexact: Vec<String> = Vec::new();
    for group in metadata.row_groups() {
        for chunk in group.columns() {
            let name = chunk.column_path().string();
            let Some(&kind) = columns.get(name.as_str()) else { continue };
            let rows = from_sql(group.num_rows());
            let nulls = chunk.statistics().and_then(Statistics::null_count_opt);
            let stats = all.entry(name.clone()).or_insert_with(|| ColumnStats {
                column: name.clone(),
                kind,
                bytes: 0,
                nulls: 0,
                range: None,
            });
            stats.bytes += from_sql(chunk.compressed_size());
            // Unknown nulls are taken for possible nulls: readers may only skip what is certain.
            stats.nulls += nulls.unwrap_or(rows);
            if nulls == Some(rows) {
                continue;
            }
            match chunk.statistics().and_then(bounds) {
                None => inexact.push(name),
                Some((min, max)) => {
                    stats.range = Some(match stats.range.take() {
                        None => (min, max),
                        Some((a, b)) => (a.min(min), b.max(max)),
                    });
                }
            }
        }
    }
    for name in inexact {
        if let Some(stats) = all.get_mut(&name) {
            stats.range = None;
        }
    }
    all.into_values().collect()
}

fn bounds(statistics: &Statistics) -> Option<(Bound, Bound)> {
    if !statistics.min_is_exact() || !statistics.max_is_exact() {
        return None;
    }
    match statistics {
        Statistics::Int64(s) => Some((Bound::Number(*s.min_opt()?), Bound::Number(*s.max_opt()?))),
        Statistics::Int32(s) => {
            Some((Bound::Number(i64::from(*s.min_opt()?)), Bound::Number(i64::from(*s.max_opt()?))))
        }
        Statistics::Boolean(s) => Some((Bound::Bool(*s.min_opt()?), Bound::Bool(*s.max_opt()?))),
        Statistics::ByteArray(s) => {
            let text = |bytes: &[u8]| std::str::from_utf8(bytes).ok().map(str::to_owned);
            let (min, max) = (text(s.min_opt()?.data())?, text(s.max_opt()?.data())?);
            let short = min.len() <= STATISTICS_TEXT && max.len() <= STATISTICS_TEXT;
            short.then_some((Bound::Text(min), Bound::Text(max)))
        }
        _ => None,
    }
}

/// Reads a data file from its beginning, in batches.
pub(crate) fn read(path: &Path) -> Result<ParquetRecordBatchReader, LakeError> {
    let doing = "read the data file";
    let file = File::open(path).doing(doing, path)?;
    ParquetRecordBatchReaderBuilder::try_new(file)
        .doing(doing, path)?
        .with_batch_size(READ_ROWS)
        .build()
        .doing(doing, path)
}

/// Reads some columns of a data file; those that it lacks are left out.
pub(crate) fn read_columns(path: &Path, names: &[&str]) -> Result<ParquetRecordBatchReader, LakeError> {
    let doing = "read the data file";
    let file = File::open(path).doing(doing, path)?;
    let builder = ParquetRecordBatchReaderBuilder::try_new(file).doing(doing, path)?;
    let columns = ProjectionMask::columns(builder.parquet_schema(), names.iter().copied());
    builder.with_projection(columns).with_batch_size(READ_ROWS).build().doing(doing, path)
}

/// Rows that the footer of a data file speaks of.
pub(crate) fn rows_of(path: &Path) -> Result<u64, LakeError> {
    let doing = "read the footer of";
    let file = File::open(path).doing(doing, path)?;
    let builder = ParquetRecordBatchReaderBuilder::try_new(file).doing(doing, path)?;
    Ok(from_sql(builder.metadata().file_metadata().num_rows()))
}
