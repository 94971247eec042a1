//! Measures over groups of records: agent-days, for instance. Records are grouped first, the groups added up.

use std::collections::BTreeMap;

use arrow::datatypes::DataType;
use datafusion::functions_aggregate::expr_fn::{count, max, min, sum};
use datafusion::logical_expr::{Expr as Plan, ExprFunctionExt, cast, ident, lit};
use dialmark_metrics::answer::Sum;
use dialmark_metrics::expr::{Type, check};
use dialmark_metrics::{Aggregate, Binding, Function, Key, Shape};
use dialmark_model::Kind;

use crate::additive::{self, Setting};
use crate::answer;
use crate::asked::{Asked, Clocked};
use crate::convert::{WIDE, convert, scale, signed};
use crate::dimension::Place;
use crate::error::{EngineError, refuse};
use crate::passes::count_at;
use crate::plan::Use;

/// Sums over groups, by combination of dimensions.
pub(crate) async fn run(
    asked: &Asked<'_>,
    clocked: &Clocked<'_>,
    binding: &Binding,
    one: &Use,
) -> Result<BTreeMap<Vec<Key>, Sum>, EngineError> {
    let Shape::Grouped { per, among, each, outer } = &binding.shape else {
        return refuse(format!("`{}` is not added up over groups.", one.measure));
    };
    let clocked = Clocked { live: clocked.live, anchor: clocked.anchor.clone(), at: clocked.at.clone() };
    let place = asked.place(&clocked);
    let mut expressions = binding.record_expressions();
    expressions.extend(per.iter().filter_map(|name| asked.engine.catalogue().dimension_on(&one.table, name)));
    let mut rows = asked.base(&clocked, &expressions).await?;
    if let Some(days) = asked.on_days(one.days, &place)? {
        rows = rows.filter(days)?;
    }
    if let Some(among) = among {
        rows = rows.filter(asked.condition(among, one, &place)?)?;
    }
    let dimensions = asked.group_expressions(&place)?;
    let mut groups = dimensions;
    for (i, name) in per.iter().enumerate() {
        groups.push(place.dimension(name)?.alias(format!("p{i}")));
    }
    let mut inner = Vec::new();
    let mut kinds: Vec<(String, Kind)> = Vec::new();
    for (name, aggregate) in each {
        let (plan, kind) = group_quantity(&asked.aggregate(aggregate, one), &place)?;
        inner.push(plan.alias(name.as_str()));
        kinds.push((name.clone(), kind));
    }
    inner.push(count(lit(1_i64)).alias("records_of_group"));
    let kind_of = |name: &str| kinds.iter().find(|(n, _)| n == name).map(|(_, k)| *k);
    let outer = asked.aggregate(outer, one);
    let filter = outer.filter.as_ref().map(|f| convert(f, &kind_of)).transpose()?;
    let setting = Setting {
        prefix: "m0".to_owned(),
        filter: filter.clone(),
        no_match: one.no_match,
        kind_of: &kind_of,
        plan: &|e| convert(e, &kind_of),
        has_currency: false,
    };
    let (columns, mut plans) = additive::expressions(&outer, setting)?;
    let records = sum(ident("records_of_group"));
    plans.push(
        match filter {
            Some(filter) => records.filter(filter).build()?,
            None => records,
        }
        .alias("all_records"),
    );
    plans.push(count(lit(1_i64)).alias("all_rows"));
    let outer_groups: Vec<Plan> = (0..asked.dimensions.len()).map(|i| ident(format!("d{i}"))).collect();
    let batches = rows.aggregate(groups, inner)?.aggregate(outer_groups, plans)?.collect().await?;
    let mut sums = BTreeMap::new();
    for batch in &batches {
        for (row, keys) in answer::keys(batch, &asked.weekdays)?.into_iter().enumerate() {
            if count_at(batch, "all_rows", row) > 0 {
                // What stands behind the figure are the records that the groups are made of.
                let n = u64::try_from(count_at(batch, "all_records", row)).unwrap_or(0);
                sums.insert(keys, Sum { n, ..columns.read(batch, row)? });
            }
        }
    }
    Ok(sums)
}

/// One quantity of a group, with its kind. Sums of whole numbers stay whole.
fn group_quantity(aggregate: &Aggregate, place: &Place<'_>) -> Result<(Plan, Kind), EngineError> {
    let kind_of = |name: &str| place.kind_of(name);
    let filter = aggregate.filter.as_ref().map(|f| place.plan(f)).transpose()?;
    let (plan, kind) = match &aggregate.function {
        Function::Count => (count(lit(1_i64)), Kind::Integer),
        Function::Distinct(e) => {
            return Ok((additive::distinct(place.plan(e)?, filter)?, Kind::Integer));
        }
        Function::Sum(e) => {
            let digits = scale(e, &kind_of);
            let wide = cast(place.plan(e)?, DataType::Decimal128(WIDE, signed(digits)));
            (sum(wide), kind_of_value(e, place))
        }
        Function::Min(e) => (min(place.plan(e)?), kind_of_value(e, place)),
        Function::Max(e) => (max(place.plan(e)?), kind_of_value(e, place)),
        Function::Values(_) => return refuse("values cannot be collected within a group."),
    };
    let plan = match filter {
        Some(filter) => plan.filter(filter).build()?,
        None => plan,
    };
    Ok((plan, kind))
}

fn kind_of_value(expr: &dialmark_metrics::Expr, place: &Place<'_>) -> Kind {
    check(expr, &|n| place.kind_of(n), &[]).ok().and_then(Type::kind).unwrap_or(Kind::Integer)
}
