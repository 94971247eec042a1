//! An answer as a Parquet file: exact decimals for sums, text for values that do not end.

use std::sync::Arc;

use arrow::array::{ArrayRef, RecordBatch, StringArray, UInt64Array};
use arrow::datatypes::{DataType, Field, Schema};
use dialmark_metrics::{Key, MetricTable};
use parquet::arrow::ArrowWriter;

use crate::error::EngineError;

/// Digits after the point of a value that is written as text.
const PLACES: usize = 18;

/// The answer as a Parquet file: dimensions as text, per metric value, numerator, denominator, n and reason.
pub fn parquet(table: &MetricTable) -> Result<Vec<u8>, EngineError> {
    let mut fields = Vec::new();
    let mut columns: Vec<ArrayRef> = Vec::new();
    let mut text = |name: String, values: Vec<Option<String>>| {
        fields.push(Field::new(name, DataType::Utf8, true));
        columns.push(Arc::new(StringArray::from(values)));
    };
    for (i, dimension) in table.dimensions.iter().enumerate() {
        let values = table.rows.iter().map(|row| match row.keys.get(i) {
            None | Some(Key::None) => None,
            Some(key) => Some(key.to_string()),
        });
        text(dimension.clone(), values.collect());
    }
    let mut counts = Vec::new();
    for (i, metric) in table.metrics.iter().enumerate() {
        let cells = || table.rows.iter().filter_map(move |row| row.cells.get(i));
        let name = |part: &str| format!("{} {part}", metric.asked);
        text(name("value"), cells().map(|c| c.value.as_ref().ok().map(|v| v.decimal(PLACES))).collect());
        text(name("numerator"), cells().map(|c| c.numerator.map(|v| v.to_string())).collect());
        text(name("denominator"), cells().map(|c| c.denominator.map(|v| v.to_string())).collect());
        text(name("reason"), cells().map(|c| c.value.as_ref().err().map(|r| r.word().to_owned())).collect());
        counts.push((name("n"), cells().map(|c| c.n).collect::<Vec<u64>>()));
    }
    for (name, values) in counts {
        fields.push(Field::new(name, DataType::UInt64, false));
        columns.push(Arc::new(UInt64Array::from(values)));
    }
    let schema = Arc::new(Schema::new(fields));
    let options = arrow::array::RecordBatchOptions::new().with_row_count(Some(table.rows.len()));
    let batch = RecordBatch::try_new_with_options(Arc::clone(&schema), columns, &options)?;
    let failed = |e: parquet::errors::ParquetError| EngineError::from(arrow::error::ArrowError::from(e));
    let mut bytes = Vec::new();
    let mut writer = ArrowWriter::try_new(&mut bytes, schema, None).map_err(failed)?;
    writer.write(&batch).map_err(failed)?;
    writer.close().map_err(failed)?;
    Ok(bytes)
}
