//! A table of the lake as a plan: its live files without the records that the tail replaces, and the tail.

use std::path::Path;
use std::sync::Arc;

use arrow::array::{ArrayRef, RecordBatch, StringArray};
use arrow::compute::cast;
use arrow::datatypes::{DataType, Field, Schema, SchemaRef};
use datafusion::common::JoinType;
use datafusion::datasource::MemTable;
use datafusion::datasource::file_format::parquet::ParquetFormat;
use datafusion::datasource::listing::{ListingOptions, ListingTable, ListingTableConfig, ListingTableUrl};
use datafusion::prelude::{DataFrame, SessionContext};
use dialmark_lake::{LiveFile, LiveTable};
use dialmark_model::civil::Period;
use url::Url;

use crate::engine::Engine;
use crate::error::{EngineError, refuse};

/// The rows of a table, each once. Files that cannot hold a row of the period are left out; the caller still
/// filters, for a file usually holds others as well.
pub(crate) fn rows(engine: &Engine, table: &LiveTable, period: &Period) -> Result<DataFrame, EngineError> {
    if engine.hides(&table.table.name) {
        return refuse(format!("This rests on `{}`, which you may not see.", table.table.name));
    }
    let (context, schema) = (engine.context(), view_schema(&table.schema));
    let files: Vec<&LiveFile> = table.files.iter().filter(|f| may_hold(f, table, period)).collect();
    let mut parts: Option<DataFrame> = None;
    if let Some(lost) = files.iter().find(|file| !file.path.is_file()) {
        // A listing leaves out what is not there, and every figure would be too small without a word.
        return Err(EngineError::Lost(lost.path.display().to_string()));
    }
    if !files.is_empty() {
        engine.checked().know(&files)?;
        let urls = files.iter().map(|f| file_url(&f.path)).collect::<Result<Vec<_>, _>>()?;
        let options = ListingOptions::new(Arc::new(ParquetFormat::default())).with_file_extension(".parquet");
        let config = ListingTableConfig::new_with_multi_paths(urls)
            .with_listing_options(options)
            .with_schema(Arc::clone(&schema));
        let filed = context.read_table(Arc::new(ListingTable::try_new(config)?))?;
        parts = Some(without_hidden(context, filed, &table.hidden)?);
    }
    if !table.tail.is_empty() || parts.is_none() {
        let batches = table.tail.iter().map(|b| as_view(b, &schema)).collect::<Result<Vec<_>, _>>()?;
        let tail = context.read_table(Arc::new(MemTable::try_new(Arc::clone(&schema), vec![batches])?))?;
        parts = Some(match parts {
            Some(filed) => filed.union_by_name(tail)?,
            None => tail,
        });
    }
    parts.map_or_else(|| refuse(format!("the table {} has no plan.", table.table.name)), Ok)
}

/// Strings are read as views, which group and compare faster.
fn view_schema(schema: &SchemaRef) -> SchemaRef {
    let fields: Vec<Field> = schema
        .fields()
        .iter()
        .map(|field| match field.data_type() {
            DataType::Utf8 => Field::new(field.name(), DataType::Utf8View, true),
            other => Field::new(field.name(), other.clone(), true),
        })
        .collect();
    Arc::new(Schema::new(fields))
}

fn as_view(batch: &RecordBatch, schema: &SchemaRef) -> Result<RecordBatch, EngineError> {
    let columns = schema
        .fields()
        .iter()
        .map(|field| match batch.column_by_name(field.name()) {
            Some(column) => Ok(cast(column, field.data_type())?),
            None => Ok(arrow::array::new_null_array(field.data_type(), batch.num_rows())),
        })
        .collect::<Result<Vec<ArrayRef>, EngineError>>()?;
    Ok(RecordBatch::try_new(Arc::clone(schema), columns)?)
}

/// Leaves out filed records of which the tail holds a newer revision.
fn without_hidden(
    context: &SessionContext,
    filed: DataFrame,
    hidden: &[(String, String)],
) -> Result<DataFrame, EngineError> {
    if hidden.is_empty() {
        return Ok(filed);
    }
    let schema = Arc::new(Schema::new(vec![
        Field::new("hidden_source", DataType::Utf8View, false),
        Field::new("hidden_id", DataType::Utf8View, false),
    ]));
    let column = |texts: Vec<&str>| cast(&StringArray::from(texts), &DataType::Utf8View);
    let sources = column(hidden.iter().map(|(source, _)| source.as_str()).collect())?;
    let ids = column(hidden.iter().map(|(_, id)| id.as_str()).collect())?;
    let keys = RecordBatch::try_new(Arc::clone(&schema), vec![sources, ids])?;
    let keys = context.read_table(Arc::new(MemTable::try_new(schema, vec![vec![keys]])?))?;
    Ok(filed.join(
        keys,
        JoinType::LeftAnti,
        &["source", "source_id"],
        &["hidden_source", "hidden_id"],
        None,
    )?)
}

/// Whether a file can hold a row of the period, by the ranges of the columns that place its rows.
fn may_hold(file: &LiveFile, table: &LiveTable, period: &Period) -> bool {
    let ranges: Vec<(i64, i64)> =
        table.table.placed_by.iter().filter_map(|c| file.ranges.get(c.as_ref()).copied()).collect();
    // A row is placed by one of these columns, so a file none of which reaches the period has none of its rows.
    ranges.is_empty()
        || ranges.iter().any(|(least, most)| {
            period.from.is_none_or(|from| *most >= from.as_microsecond())
                && period.to.is_none_or(|to| *least < to.as_microsecond())
        })
}

fn file_url(path: &Path) -> Result<ListingTableUrl, EngineError> {
    match Url::from_file_path(path) {
        Ok(url) => Ok(ListingTableUrl::try_new(url, None)?),
        Err(()) => refuse(format!("the data file {} has no absolute path.", path.display())),
    }
}
