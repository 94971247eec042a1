//! Time of records that another table's records of the same entity cover: planned hours during which an agent worked.
//!
//! The other table's stretches are merged by entity, so that two of them over each other cover their time once; memory
//! holds merged stretches of the time asked for. A record's own time is never looked at beyond the end of the data: what
//! has not happened yet is neither covered nor uncovered.

use std::collections::HashMap;
use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, Int64Array};
use arrow::datatypes::{DataType, Int64Type, TimestampMicrosecondType};
use datafusion::common::DataFusionError;
use datafusion::logical_expr::{ColumnarValue, ScalarUDF, cast, ident, lit};
use datafusion::prelude::{DataFrame, coalesce};
use dialmark_metrics::{Covered, Expr, MetricQuery};
use dialmark_model::civil::Period;
use dialmark_model::{Kind, facts};

use crate::answer::text_at;
use crate::asked::{Asked, Clocked};
use crate::convert::convert;
use crate::error::{EngineError, refuse};
use crate::functions::{instant_type, udf};
use crate::split::{PIECE, reaching};
use crate::{states, table};

/// Start and end of a stretch of time, in microseconds.
pub(crate) type Stretch = (i64, i64);

/// What the other table says of time.
struct Known {
    /// Stretches of every entity that it knows, in order and apart from each other.
    stretches: HashMap<String, Vec<Stretch>>,
    /// Where its data ends.
    until_us: i64,
}

/// The rows with the piece of each replaced by what `reading` says of its covered and uncovered time.
pub(crate) async fn apply(
    asked: &Asked<'_>,
    clocked: &Clocked<'_>,
    rows: DataFrame,
    from: &str,
    covered: &Covered,
    reading: &Expr,
) -> Result<DataFrame, EngineError> {
    let known = Arc::new(known(asked, covered).await?);
    let arguments =
        || vec![cast(ident(covered.same.as_str()), DataType::Utf8View), ident(from), ident(PIECE)];
    let inside = Arc::clone(&known);
    let covered_ms = lengths("covered_ms", move |entity, stretch| inside.covered(entity, stretch));
    let length_ms = lengths("known_ms", move |entity, stretch| known.length(entity, stretch));
    let rows = rows
        .with_column(Covered::COVERED, covered_ms.call(arguments()))?
        .with_column("length_known_ms", length_ms.call(arguments()))?
        .with_column(Covered::UNCOVERED, ident("length_known_ms") - ident(Covered::COVERED))?;
    let place = asked.place(clocked);
    let kind_of = |name: &str| match Covered::is_length(name) {
        true => Some(Kind::Duration),
        false => place.kind_of(name),
    };
    Ok(rows.with_column(PIECE, cast(convert(reading, &kind_of)?, DataType::Int64))?)
}

impl Known {
    /// The stretch as far as there is data.
    fn clipped(&self, (start, end): Stretch) -> Stretch {
        (start, end.min(self.until_us).max(start))
    }

    fn length(&self, entity: &str, stretch: Stretch) -> Option<i64> {
        self.stretches.get(entity).map(|_| ms(self.clipped(stretch)))
    }

    fn covered(&self, entity: &str, stretch: Stretch) -> Option<i64> {
        let all = self.stretches.get(entity)?;
        let (start, end) = self.clipped(stretch);
        let first = all.partition_point(|(_, other_end)| *other_end <= start);
        let inside = all[first..].iter().take_while(|(other_start, _)| *other_start < end);
        Some(inside.map(|(a, b)| ms((start.max(*a), end.min(*b)))).sum())
    }
}

/// Length of a stretch: both ends floored to milliseconds, so that parts add up.
pub(crate) fn ms((start, end): Stretch) -> i64 {
    end.div_euclid(1_000) - start.div_euclid(1_000)
}

/// A function of an entity, a start and a length in milliseconds.
fn lengths(name: &str, of: impl Fn(&str, Stretch) -> Option<i64> + Send + Sync + 'static) -> ScalarUDF {
    let inputs = vec![DataType::Utf8View, instant_type(), DataType::Int64];
    udf(name, inputs, DataType::Int64, move |arguments| {
        let arrays = ColumnarValue::values_to_arrays(arguments)?;
        let [entity, start, length] = arrays.as_slice() else {
            return Err(DataFusionError::Internal("covered time takes three arguments".to_owned()));
        };
        let (entity, start) = (entity.as_string_view(), start.as_primitive::<TimestampMicrosecondType>());
        let length = length.as_primitive::<Int64Type>();
        let one = |row: usize| {
            if entity.is_null(row) || start.is_null(row) || length.is_null(row) {
                return None;
            }
            let (begin, ms) = (start.value(row), length.value(row).max(0));
            of(entity.value(row), (begin, begin.saturating_add(ms.saturating_mul(1_000))))
        };
        Ok(Arc::new((0..entity.len()).map(one).collect::<Int64Array>()) as ArrayRef)
    })
}

/// The stretches that cover time in the period asked for, of every entity that the other table has ever named.
async fn known(asked: &Asked<'_>, covered: &Covered) -> Result<Known, EngineError> {
    let Some(live) = asked.snapshot.tables.get(&covered.table) else {
        return refuse(format!("There are no records of `{}`.", covered.table));
    };
    // The filter of the question speaks of the records whose time is looked at, not of those that cover it.
    let plain = MetricQuery { by: Vec::new(), filter: None, grain: None, ..asked.question.clone() };
    let there = Asked::new(asked.engine, &plain, asked.snapshot)?;
    let clocked = there.clocked_at(live, Some(covered.from.clone()))?;
    let mut stretches: HashMap<String, Vec<Stretch>> = HashMap::new();
    let name = || cast(ident(covered.same_there.as_str()), DataType::Utf8View).alias("entity");
    let is_named = || ident(covered.same_there.as_str()).is_not_null();
    let mut everybody = table::rows(asked.engine, live, &Period::ALL)?.filter(is_named())?;
    if let Some(scope) = there.scope(live) {
        everybody = everybody.filter(scope)?;
    }
    for batch in everybody.aggregate(vec![name()], vec![])?.collect().await? {
        for row in 0..batch.num_rows() {
            if let Some(entity) = text_at(batch.column(0).as_ref(), row)? {
                stretches.insert(entity, Vec::new());
            }
        }
    }
    let place = there.place(&clocked);
    let length = cast(place.plan(&covered.lasts)?, DataType::Int64);
    let rows = reaching(&there, &clocked, &covered.from, &length).await?;
    let mut rows = rows.with_column(PIECE, length)?;
    if facts::holds_states(&covered.table) {
        rows = states::own_time(asked, rows, &covered.from).await?;
    }
    let rows = there.with_lookups(&clocked, rows, &[&covered.filter, &covered.lasts]).await?;
    let covers = coalesce(vec![place.plan(&covered.filter)?, lit(false)]).alias("covers");
    let columns =
        vec![name(), ident(covered.from.as_str()).alias("start"), ident(PIECE).alias("length"), covers];
    let mut last_us = None;
    for batch in rows.select(columns)?.collect().await? {
        let start = batch.column(1).as_primitive::<TimestampMicrosecondType>();
        let length = batch.column(2).as_primitive::<Int64Type>();
        let covers = batch.column(3).as_boolean();
        for row in 0..batch.num_rows() {
            if start.is_null(row) || length.is_null(row) {
                continue;
            }
            let begin = start.value(row);
            let end = begin.saturating_add(length.value(row).max(0).saturating_mul(1_000));
            last_us = last_us.max(Some(end));
            if !covers.value(row) {
                continue;
            }
            let entity = text_at(batch.column(0).as_ref(), row)?;
            let Some(all) = entity.and_then(|entity| stretches.get_mut(&entity)) else { continue };
            all.push((begin, end));
        }
    }
    stretches.values_mut().for_each(merge);
    let until_us = match asked.question.complete_until {
        Some(until) => Some(until.as_microsecond()),
        // What the other table knows ends with its last stretch, not where that begins.
        None => there.end_of_data(live).await?.map(jiff::Timestamp::as_microsecond).max(last_us),
    };
    Ok(Known { stretches, until_us: until_us.unwrap_or(i64::MAX) })
}

/// Stretches in order, those that touch or lie over each other made one.
fn merge(all: &mut Vec<Stretch>) {
    all.sort_unstable();
    let mut merged: Vec<Stretch> = Vec::with_capacity(all.len());
    for (start, end) in all.drain(..).filter(|(start, end)| start < end) {
        match merged.last_mut() {
            Some((_, last)) if start <= *last => *last = end.max(*last),
            _ => merged.push((start, end)),
        }
    }
    *all = merged;
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn time_under_two_stretches_is_covered_once() {
        let mut all = vec![(5_000, 9_000), (0, 4_000), (8_000, 12_000), (20_000, 20_000)];
        merge(&mut all);
        assert_eq!(all, [(0, 4_000), (5_000, 12_000)]);
        let known = Known { stretches: HashMap::from([("ann".to_owned(), all)]), until_us: 11_000 };
        assert_eq!(known.covered("ann", (2_000, 30_000)), Some(2 + 6));
        assert_eq!(known.length("ann", (2_000, 30_000)), Some(9));
        assert_eq!(known.covered("ann", (15_000, 30_000)), Some(0));
        assert_eq!(known.length("ann", (15_000, 30_000)), Some(0));
        assert_eq!(known.covered("bob", (0, 30_000)), None);
    }

    proptest! {
        #[test]
        fn parts_of_a_stretch_are_covered_as_the_whole_is(
            mut all in prop::collection::vec((0_i64..50_000, 0_i64..9_000), 0..20),
            (a, b, c) in (0_i64..60_000, 0_i64..60_000, 0_i64..60_000),
        ) {
            all.iter_mut().for_each(|(start, end)| *end += *start);
            // Millisecond by millisecond, by hand.
            let is_covered = |ms: i64| all.iter().any(|(start, end)| *start <= ms && ms < *end);
            let mut cuts = [a, b, c];
            cuts.sort_unstable();
            let [a, b, c] = cuts;
            let by_hand: i64 = (a..c).filter(|ms| is_covered(*ms)).count().try_into().unwrap();
            let mut merged: Vec<Stretch> = all.iter().map(|(s, e)| (s * 1_000, e * 1_000)).collect();
            merge(&mut merged);
            let known = Known { stretches: HashMap::from([("ann".to_owned(), merged)]), until_us: i64::MAX };
            let covered = |from: i64, to: i64| known.covered("ann", (from * 1_000, to * 1_000)).unwrap();
            prop_assert_eq!(covered(a, c), by_hand);
            prop_assert_eq!(covered(a, b) + covered(b, c), covered(a, c));
        }
    }
}
