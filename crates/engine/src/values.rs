//! All values of a measure, for its distribution: counted by value, so that memory holds different values only.

use std::collections::BTreeMap;

use datafusion::functions_aggregate::expr_fn::count;
use datafusion::logical_expr::{Expr as Plan, ExprFunctionExt, cast, ident, lit};
use dialmark_metrics::answer::{Spread, Sum};
use dialmark_metrics::{Aggregate, Binding, Exact, Function, Key, Shape};

use crate::answer;
use crate::asked::{Asked, Clocked};
use crate::convert::{WIDE, scale, signed};
use crate::error::{EngineError, refuse};
use crate::passes::count_at;
use crate::plan::Use;

/// Different values that one answer may hold, over all its places.
const MOST_VALUES: usize = 20_000_000;

/// Values by combination of dimensions.
pub(crate) async fn run(
    asked: &Asked<'_>,
    clocked: &Clocked<'_>,
    binding: &Binding,
    one: &Use,
) -> Result<BTreeMap<Vec<Key>, Sum>, EngineError> {
    let Shape::Records(aggregate @ Aggregate { function: Function::Values(_), .. }) = &binding.shape else {
        return refuse(format!("`{}` holds no values.", one.measure));
    };
    let expressions: Vec<_> = aggregate.expressions().collect();
    let own = Clocked { live: clocked.live, anchor: clocked.anchor.clone(), at: clocked.at.clone() };
    let mut rows = asked.base(&own, &expressions).await?;
    let place = asked.place(&own);
    if let Some(matured) = asked.matured(binding, one)? {
        rows = rows.filter(asked.has_matured(&own, matured).await?)?;
    }
    let prepared = asked.aggregate(aggregate, one);
    let Some(argument) = prepared.function.argument() else { return Ok(BTreeMap::new()) };
    let digits = scale(argument, &|name| place.kind_of(name));
    let value = cast(place.plan(argument)?, arrow::datatypes::DataType::Decimal128(WIDE, signed(digits)));
    let condition = prepared.filter.as_ref().map(|f| place.plan(f)).transpose()?.unwrap_or(lit(true));
    let condition = match asked.on_days(one.days, &place)? {
        Some(days) => days.and(condition),
        None => condition,
    };
    let counts = |filter: Plan| count(lit(1_i64)).filter(filter).build();
    rows = rows.with_column("is_in", condition)?;
    let mut groups = asked.group_expressions(&place)?;
    // Only what counts has a value here, so that the rest falls into one group.
    let counted = datafusion::logical_expr::when(ident("is_in"), value).end()?;
    groups.push(counted.alias("value"));
    let plans = vec![
        counts(ident("is_in"))?.alias("n"),
        counts(ident("is_in").is_null())?.alias("undecided"),
        count(lit(1_i64)).alias("all_rows"),
    ];
    let batches = rows.aggregate(groups, plans)?.collect().await?;
    let found: usize = batches.iter().map(arrow::array::RecordBatch::num_rows).sum();
    if found > MOST_VALUES {
        return refuse(format!(
            "`{}` has {found} different values in these places, more than the {MOST_VALUES} that a distribution may have. Break it out by less, or choose a shorter period.",
            one.measure
        ));
    }
    let mut sums: BTreeMap<Vec<Key>, Sum> = BTreeMap::new();
    for batch in &batches {
        let Some(values) = batch.column_by_name("value") else { continue };
        let values =
            arrow::array::AsArray::as_primitive_opt::<arrow::datatypes::Decimal128Type>(values.as_ref());
        for (row, keys) in answer::keys(batch, &asked.weekdays)?.into_iter().enumerate() {
            if count_at(batch, "all_rows", row) == 0 {
                continue;
            }
            let number = |name: &str| u64::try_from(count_at(batch, name, row)).unwrap_or(0);
            let sum = sums.entry(keys).or_insert_with(|| Sum {
                spread: Some(Spread::default()),
                reads: argument.to_string(),
                ..Sum::default()
            });
            let n = number("n");
            sum.n += n;
            sum.undecided += number("undecided");
            let value = values.filter(|v| !arrow::array::Array::is_null(v, row)).map(|v| v.value(row));
            match value.and_then(|units| Exact::new(units, digits)) {
                Some(value) => sum.spread.get_or_insert_default().note(value, n),
                None => sum.missing += n,
            }
        }
    }
    Ok(sums)
}
