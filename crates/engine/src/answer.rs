//! From batches of a result to plain keys and sums.

use std::collections::BTreeMap;

use arrow::array::{Array, AsArray, RecordBatch};
use arrow::datatypes::{
    DataType, Date32Type, Decimal128Type, Int32Type, Int64Type, TimestampMicrosecondType,
};
use dialmark_metrics::answer::ExactKey;
use dialmark_metrics::{Exact, Key};
use jiff::Timestamp;

use crate::error::{EngineError, refuse};
use crate::functions::date_of;

/// The value of a dimension in one row. `weekday` marks a column of weekday numbers.
pub(crate) fn key_at(column: &dyn Array, row: usize, weekday: bool) -> Result<Key, EngineError> {
    if column.is_null(row) {
        return Ok(Key::None);
    }
    Ok(match column.data_type() {
        DataType::Utf8 | DataType::Utf8View | DataType::LargeUtf8 => {
            text_at(column, row)?.map_or(Key::None, Key::Text)
        }
        DataType::Int64 => {
            let value = column.as_primitive::<Int64Type>().value(row);
            match u8::try_from(value) {
                Ok(day) if weekday => Key::Weekday(day),
                _ => Key::Integer(value),
            }
        }
        DataType::Int32 => Key::Integer(i64::from(column.as_primitive::<Int32Type>().value(row))),
        DataType::Boolean => Key::Bool(column.as_boolean().value(row)),
        DataType::Date32 => {
            let day = i64::from(column.as_primitive::<Date32Type>().value(row));
            date_of(day).map_or(Key::None, Key::Day)
        }
        DataType::Timestamp(..) => {
            let at = column.as_primitive::<TimestampMicrosecondType>().value(row);
            Timestamp::from_microsecond(at).map_or(Key::None, Key::At)
        }
        DataType::Decimal128(_, scale) => {
            let scale = u8::try_from(*scale).unwrap_or(0);
            Key::Number(ExactKey { units: column.as_primitive::<Decimal128Type>().value(row), scale })
        }
        // An expression that is null for every record has no type.
        DataType::Null => Key::None,
        other => return refuse(format!("figures cannot be broken out by values of type {other}.")),
    })
}

/// A text in one row, whatever its encoding.
pub(crate) fn text_at(column: &dyn Array, row: usize) -> Result<Option<String>, EngineError> {
    if column.is_null(row) {
        return Ok(None);
    }
    Ok(Some(match column.data_type() {
        DataType::Utf8 => column.as_string::<i32>().value(row).to_owned(),
        DataType::LargeUtf8 => column.as_string::<i64>().value(row).to_owned(),
        DataType::Utf8View => column.as_string_view().value(row).to_owned(),
        other => return refuse(format!("a text came back as {other}.")),
    }))
}

/// Any stored value in one row as text: instants in RFC 3339, days in ISO, decimals exact.
pub(crate) fn shown_at(column: &dyn Array, row: usize) -> Result<Option<String>, EngineError> {
    if let DataType::Decimal128(_, scale) = column.data_type()
        && !column.is_null(row)
    {
        let units = column.as_primitive::<Decimal128Type>().value(row);
        let exact = Exact::new(units, u8::try_from(*scale).unwrap_or(0));
        return Ok(exact.map(|e| e.to_string()));
    }
    Ok(match key_at(column, row, false)? {
        Key::None => None,
        key => Some(key.to_string()),
    })
}

/// The dimensions `d0`, `d1`, ... of every row of a batch.
pub(crate) fn keys(batch: &RecordBatch, weekdays: &[bool]) -> Result<Vec<Vec<Key>>, EngineError> {
    let columns = (0..weekdays.len())
        .map(|i| match batch.column_by_name(&format!("d{i}")) {
            Some(column) => Ok(column),
            None => refuse("a dimension is missing in a result."),
        })
        .collect::<Result<Vec<_>, _>>()?;
    (0..batch.num_rows())
        .map(|row| {
            columns
                .iter()
                .zip(weekdays)
                .map(|(column, weekday)| key_at(column.as_ref(), row, *weekday))
                .collect()
        })
        .collect()
}

/// The earliest and latest of what was seen.
pub(crate) fn widen(
    seen: &mut Option<(Timestamp, Timestamp)>,
    least: Option<Timestamp>,
    most: Option<Timestamp>,
) {
    if let (Some(least), Some(most)) = (least, most) {
        *seen = Some(match *seen {
            Some((a, b)) => (a.min(least), b.max(most)),
            None => (least, most),
        });
    }
}

/// All combinations of dimensions in any of the maps, in order.
pub(crate) fn all_keys<'m, V: 'm>(maps: impl Iterator<Item = &'m BTreeMap<Vec<Key>, V>>) -> Vec<Vec<Key>> {
    let mut all: Vec<Vec<Key>> = maps.flat_map(|m| m.keys().cloned()).collect();
    all.sort();
    all.dedup();
    all
}
