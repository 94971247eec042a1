//! How many records of a file fall into which hour: noted when the file is written, so that what a source delivered can
//! be said without reading a record.

use std::collections::BTreeMap;
use std::path::Path;

use arrow::array::{Array, AsArray, RecordBatch};
use arrow::datatypes::TimestampMicrosecondType;

use crate::datafile;
use crate::error::{Computing, LakeError};

const MICROS_PER_HOUR: i64 = 3_600_000_000;

/// Records by hour, as hours since 1970, UTC. A record belongs to the hour of its first known time; one without a time of
/// day is in none.
pub(crate) type Hours = BTreeMap<i64, u64>;

/// Adds the records of a batch.
pub(crate) fn add(hours: &mut Hours, batch: &RecordBatch, placed_by: &[String]) {
    let columns: Vec<_> = placed_by
        .iter()
        .filter_map(|name| batch.column_by_name(name)?.as_primitive_opt::<TimestampMicrosecondType>())
        .collect();
    for row in 0..batch.num_rows() {
        if let Some(column) = columns.iter().find(|column| column.is_valid(row)) {
            *hours.entry(column.value(row).div_euclid(MICROS_PER_HOUR)).or_default() += 1;
        }
    }
}

/// Counted from a file that was written before hours were noted.
pub(crate) fn of_file(path: &Path, placed_by: &[String]) -> Result<Hours, LakeError> {
    let mut hours = Hours::new();
    for batch in datafile::read(path)? {
        add(&mut hours, &batch.computing("count the records by hour")?, placed_by);
    }
    Ok(hours)
}

#[cfg(test)]
mod tests {
    use super::*;
    use arrow::array::{ArrayRef, TimestampMicrosecondArray};
    use std::sync::Arc;

    #[test]
    fn a_record_is_counted_in_the_hour_of_its_first_known_time() {
        let hour = MICROS_PER_HOUR;
        let at = |values: Vec<Option<i64>>| -> ArrayRef {
            Arc::new(TimestampMicrosecondArray::from(values).with_timezone("UTC"))
        };
        let batch = RecordBatch::try_from_iter_with_nullable([
            ("started_at", at(vec![Some(0), None, Some(hour - 1), None, Some(-1)]), true),
            ("queued_at", at(vec![Some(9 * hour), Some(2 * hour), None, None, None]), true),
        ])
        .unwrap();
        let mut hours = Hours::new();
        add(&mut hours, &batch, &["started_at".to_owned(), "queued_at".to_owned(), "none".to_owned()]);
        assert_eq!(hours, Hours::from([(-1, 1), (0, 2), (2, 1)]));
    }
}
