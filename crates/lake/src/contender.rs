//! Records that claim the same key and revision with different contents, in words that a person can compare.

use arrow::array::{Array, ArrayRef, AsArray, RecordBatch};
use arrow::datatypes::{DataType, Date32Type, Decimal128Type, Int64Type, TimeUnit, TimestampMicrosecondType};
use dialmark_model::Table;
use jiff::{Span, Timestamp, civil};
use serde_json::Value;

use crate::catalogue::ContenderRow;
use crate::error::LakeError;
use crate::hash::{Fingerprints, KeyBy, text};
use crate::number::length;
use crate::spill::Spool;

/// Keeps one side of a conflict.
pub(crate) fn contend(
    batch: &RecordBatch,
    row: u32,
    table: &Table,
    contenders: &mut Spool<ContenderRow>,
) -> Result<(), LakeError> {
    let row = length(u64::from(row));
    let one = batch.slice(row.min(batch.num_rows().saturating_sub(1)), usize::from(row < batch.num_rows()));
    let print = match one.num_rows() {
        0 => None,
        _ => Fingerprints::new(&one, table, KeyBy::Identifier)?.row(0),
    };
    let Some(print) = print else {
        let what = "a contender of a conflict has no identifier".to_owned();
        return Err(LakeError::Shape { table: table.name.clone().into_owned(), what });
    };
    let mut record = serde_json::Map::new();
    for column in table.columns.iter() {
        if let Some(value) = one.column_by_name(&column.name).and_then(first_value) {
            record.insert(column.name.clone().into_owned(), value);
        }
    }
    let word = |name: &str| text(&one, name).filter(|c| c.is_valid(0)).map_or("", |c| c.value(0)).to_owned();
    let number = |name: &str| {
        let values = one.column_by_name(name).and_then(|c| c.as_primitive_opt::<Int64Type>());
        values.filter(|c| c.is_valid(0)).map_or(0, |c| c.value(0))
    };
    contenders.push(&ContenderRow {
        key: format!("{:x}", print.key),
        content: format!("{:x}", print.content),
        revision: print.revision,
        source: word("source"),
        source_id: word("source_id"),
        import_id: number("import_id"),
        line: number("line"),
        record: Value::Object(record).to_string(),
    })
}

/// The first value of a column, unless it is null.
fn first_value(column: &ArrayRef) -> Option<Value> {
    if column.is_null(0) {
        return None;
    }
    match column.data_type() {
        DataType::Int64 => Some(column.as_primitive_opt::<Int64Type>()?.value(0).into()),
        DataType::Boolean => Some(column.as_boolean_opt()?.value(0).into()),
        DataType::Timestamp(TimeUnit::Microsecond, _) => {
            let at_us = column.as_primitive_opt::<TimestampMicrosecondType>()?.value(0);
            Some(
                Timestamp::from_microsecond(at_us)
                    .map_or_else(|_| at_us.to_string(), |at| at.to_string())
                    .into(),
            )
        }
        DataType::Date32 => {
            let days = column.as_primitive_opt::<Date32Type>()?.value(0);
            let day = Span::new().try_days(days).and_then(|span| civil::date(1970, 1, 1).checked_add(span));
            Some(day.map_or_else(|_| days.to_string(), |day| day.to_string()).into())
        }
        DataType::Decimal128(_, _) => {
            Some(column.as_primitive_opt::<Decimal128Type>()?.value_as_string(0).into())
        }
        _ => Some(column.as_string_opt::<i32>()?.value(0).into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use arrow::array::{BooleanArray, Date32Array, Decimal128Array, StringArray, TimestampMicrosecondArray};
    use std::sync::Arc;

    #[test]
    fn values_are_written_as_people_write_them() {
        let decimal = Decimal128Array::from(vec![-12_500]).with_precision_and_scale(18, 4).unwrap();
        let columns: [(ArrayRef, Value); 6] = [
            (Arc::new(StringArray::from(vec!["x"])), "x".into()),
            (Arc::new(BooleanArray::from(vec![true])), true.into()),
            (Arc::new(Date32Array::from(vec![1])), "1970-01-02".into()),
            (Arc::new(decimal), "-1.2500".into()),
            (
                Arc::new(TimestampMicrosecondArray::from(vec![1_500_000]).with_timezone("UTC")),
                "1970-01-01T00:00:01.5Z".into(),
            ),
            (Arc::new(TimestampMicrosecondArray::from(vec![i64::MIN])), i64::MIN.to_string().into()),
        ];
        for (column, wanted) in columns {
            assert_eq!(first_value(&column), Some(wanted));
        }
    }
}
