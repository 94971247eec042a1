//! Time of blended work: lengths that belong to no campaign, such as waiting for whichever call comes next, shared out
//! over those that the same agent worked for on the same day.
//!
//! A length is shared in proportion to a stated weight, in whole milliseconds; what rounding leaves goes to the largest
//! remainders first, so that the parts of every length add up to it. A group in which nothing has weight keeps its
//! lengths unshared.

use std::collections::BTreeMap;
use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, Int64Array, RecordBatch, StringArray, UInt32Array};
use arrow::compute::{cast as cast_array, take};
use arrow::datatypes::{DataType, Decimal128Type, Field, Int64Type, Schema};
use datafusion::datasource::MemTable;
use datafusion::functions_aggregate::expr_fn::sum;
use datafusion::logical_expr::{Expr as Plan, ExprFunctionExt, cast, ident};
use datafusion::prelude::DataFrame;
use dialmark_metrics::{Aggregate, Expr, Share};
use dialmark_model::civil::Period;
use dialmark_model::facts;

use crate::answer::text_at;
use crate::asked::{Asked, Clocked};
use crate::convert::WIDE;
use crate::error::{EngineError, refuse};
use crate::split::PIECE;
use crate::{states, table};

/// Weights of the values of one group.
type Weights = BTreeMap<Vec<Option<String>>, Vec<(String, i128)>>;

/// The rows with lengths of no value shared out.
pub(crate) async fn apply(
    asked: &Asked<'_>,
    clocked: &Clocked<'_>,
    rows: DataFrame,
    share: &Share,
) -> Result<DataFrame, EngineError> {
    let weights = weights(asked, clocked, share).await?;
    let groups = group_columns(asked, clocked, share)?;
    let mut unshared = rows.clone().filter(ident(share.column.as_str()).is_null())?;
    for (i, group) in groups.into_iter().enumerate() {
        unshared = unshared.with_column(&format!("share_{i}"), group)?;
    }
    let named = rows.filter(ident(share.column.as_str()).is_not_null())?;
    let names: Vec<String> = (0..share.per.len()).map(|i| format!("share_{i}")).collect();
    let batches = unshared.collect().await?;
    let pieces = batches
        .iter()
        .filter(|batch| batch.num_rows() > 0)
        .map(|batch| shared(batch, share, &names, &weights))
        .collect::<Result<Vec<_>, EngineError>>()?;
    let Some(first) = pieces.first() else { return Ok(named) };
    let more = MemTable::try_new(first.schema(), vec![pieces.clone()])?;
    Ok(named.union_by_name(asked.engine.context().read_table(Arc::new(more))?)?)
}

/// What makes a group, as texts called `share_0`, `share_1`, ...
fn group_columns(asked: &Asked<'_>, clocked: &Clocked<'_>, share: &Share) -> Result<Vec<Plan>, EngineError> {
    let place = asked.place(clocked);
    let column = |(i, name): (usize, &String)| {
        Ok(cast(place.dimension(name)?, DataType::Utf8).alias(format!("share_{i}")))
    };
    share.per.iter().enumerate().map(column).collect()
}

/// Weights of whole groups, whatever part of them the question is about: parts of a day add up to the day.
async fn weights(asked: &Asked<'_>, clocked: &Clocked<'_>, share: &Share) -> Result<Weights, EngineError> {
    let live = clocked.live;
    let around = |at: Option<jiff::Timestamp>, days: i64| {
        at.and_then(|at| at.checked_add(jiff::SignedDuration::from_hours(24 * days)).ok())
    };
    let period = asked.question.period;
    let reach = Period { from: around(period.from, -2), to: around(period.to, 2) };
    let rows = table::rows(asked.engine, live, &clocked.anchor.prunes(&live.table, reach))?;
    let Aggregate { function, filter } = &share.by;
    let expressions: Vec<&Expr> = function.argument().into_iter().chain(filter).collect();
    let mut rows = asked.with_lookups(clocked, rows, &expressions).await?;
    let place = asked.place(clocked);
    let Some(argument) = function.argument() else { return refuse("a weight is the sum of a duration.") };
    rows = rows.with_column(PIECE, cast(place.expression(argument)?, DataType::Int64))?;
    if let Some(from) = clocked.at.as_deref().filter(|_| facts::holds_states(&live.table.name)) {
        rows = states::own_time(asked, rows, from).await?;
    }
    rows = rows.filter(ident(share.column.as_str()).is_not_null())?;
    let mut groups = group_columns(asked, clocked, share)?;
    groups.push(cast(ident(share.column.as_str()), DataType::Utf8).alias("share_value"));
    let weight = sum(cast(ident(PIECE), DataType::Decimal128(WIDE, 0)));
    let weight = match filter {
        Some(filter) => weight.filter(place.expression(filter)?).build()?,
        None => weight,
    };
    let mut found: Weights = BTreeMap::new();
    for batch in rows.aggregate(groups, vec![weight.alias("weight")])?.collect().await? {
        let text = |name: &str, row: usize| match batch.column_by_name(name) {
            Some(column) => text_at(column.as_ref(), row),
            None => Ok(None),
        };
        let weights = batch.column_by_name("weight").and_then(|c| c.as_primitive_opt::<Decimal128Type>());
        for row in 0..batch.num_rows() {
            let key = (0..share.per.len())
                .map(|i| text(&format!("share_{i}"), row))
                .collect::<Result<Vec<_>, _>>()?;
            let weight = weights.filter(|w| !w.is_null(row)).map_or(0, |w| w.value(row));
            if let (Some(value), true) = (text("share_value", row)?, weight > 0) {
                found.entry(key).or_default().push((value, weight));
            }
        }
    }
    found.values_mut().for_each(|values| values.sort());
    Ok(found)
}

/// The rows of a batch, each replaced by its parts.
fn shared(
    batch: &RecordBatch,
    share: &Share,
    names: &[String],
    weights: &Weights,
) -> Result<RecordBatch, EngineError> {
    let Some(lengths) = batch.column_by_name(PIECE).and_then(|c| c.as_primitive_opt::<Int64Type>()) else {
        return refuse("only lengths of time can be shared out.");
    };
    let (mut rows, mut values, mut parts) = (Vec::new(), Vec::new(), Vec::new());
    for row in 0..batch.num_rows() {
        let key = names
            .iter()
            .map(|name| batch.column_by_name(name).map_or(Ok(None), |c| text_at(c.as_ref(), row)))
            .collect::<Result<Vec<_>, _>>()?;
        let at = u32::try_from(row).or_else(|_| refuse("a batch is too large."))?;
        let length = (!lengths.is_null(row)).then(|| lengths.value(row));
        match (length, weights.get(&key)) {
            (Some(length), Some(weights)) => {
                for (value, part) in apportioned(length, weights) {
                    rows.push(at);
                    values.push(Some(value));
                    parts.push(Some(part));
                }
            }
            (length, _) => {
                rows.push(at);
                values.push(None);
                parts.push(length);
            }
        }
    }
    let rows = UInt32Array::from(rows);
    let parts: ArrayRef = Arc::new(Int64Array::from(parts));
    let mut fields = Vec::new();
    let mut columns = Vec::new();
    for (field, column) in batch.schema().fields().iter().zip(batch.columns()) {
        if names.contains(field.name()) {
            continue;
        }
        let column = match field.name().as_str() {
            PIECE => Arc::clone(&parts),
            name if name == share.column => {
                cast_array(&StringArray::from(values.clone()), field.data_type())?
            }
            _ => take(column.as_ref(), &rows, None)?,
        };
        fields.push(Field::new(field.name(), column.data_type().clone(), true));
        columns.push(column);
    }
    Ok(RecordBatch::try_new(Arc::new(Schema::new(fields)), columns)?)
}

/// A length in proportion to weights, in whole milliseconds that add up to it (largest remainders first, then by name).
fn apportioned(length: i64, weights: &[(String, i128)]) -> Vec<(String, i64)> {
    let total: i128 = weights.iter().map(|(_, weight)| weight).sum();
    let mut parts: Vec<(String, i64, i128)> = weights
        .iter()
        .map(|(value, weight)| {
            let exact = i128::from(length) * weight;
            (value.clone(), i64::try_from(exact.div_euclid(total)).unwrap_or(0), exact.rem_euclid(total))
        })
        .collect();
    let given: i64 = parts.iter().map(|(_, part, _)| part).sum();
    let mut order: Vec<usize> = (0..parts.len()).collect();
    order.sort_by_key(|i| std::cmp::Reverse(parts[*i].2));
    let left = usize::try_from(length - given).unwrap_or(0);
    for i in order.into_iter().take(left) {
        parts[i].1 += 1;
    }
    parts.into_iter().map(|(value, part, _)| (value, part)).filter(|(_, part)| *part != 0).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_of_a_length_add_up_to_it() {
        let weights = |all: &[(&str, i128)]| -> Vec<(String, i128)> {
            all.iter().map(|(v, w)| ((*v).to_owned(), *w)).collect()
        };
        let parts = apportioned(100, &weights(&[("a", 1), ("b", 1), ("c", 1)]));
        assert_eq!(parts, [("a".to_owned(), 34), ("b".to_owned(), 33), ("c".to_owned(), 33)]);
        let parts = apportioned(7, &weights(&[("a", 5_000), ("b", 1)]));
        assert_eq!(parts, [("a".to_owned(), 7)]);
        for length in 0..50 {
            let parts = apportioned(length, &weights(&[("a", 3), ("b", 7), ("c", 11)]));
            assert_eq!(parts.iter().map(|(_, p)| p).sum::<i64>(), length);
        }
    }
}
