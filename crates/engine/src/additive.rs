//! Measures over records: all of one table and anchor in one pass, as one aggregate with filters.

use arrow::array::{Array, AsArray, RecordBatch};
use arrow::datatypes::{DataType, Decimal128Type, Int64Type};
use datafusion::functions_aggregate::expr_fn::{count, max, min, sum};
use datafusion::logical_expr::{Expr as Plan, ExprFunctionExt, cast, ident, lit};
use datafusion::prelude::coalesce;
use dialmark_metrics::answer::Sum;
use dialmark_metrics::{Aggregate, Exact, Function, NoMatch};
use dialmark_model::Kind;

use crate::convert::{WIDE, scale, signed};
use crate::error::{EngineError, refuse};

/// Columns of a plan that together make one [`Sum`].
#[derive(Debug)]
pub(crate) struct SumColumns {
    prefix: String,
    function: Wanted,
    reads: String,
    has_currency: bool,
    has_filter: bool,
    no_match: NoMatch,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Wanted {
    Count,
    /// Decimal with so many digits after the point.
    Number(u8),
    Distinct,
}

/// What the aggregates of one measure need to know beside its sentence.
pub(crate) struct Setting<'s> {
    /// Begins the names of its columns.
    pub prefix: String,
    /// Which records it takes, as a plan; all when absent.
    pub filter: Option<Plan>,
    /// What it says where none matches.
    pub no_match: NoMatch,
    /// Kinds of the columns that its expressions speak of.
    pub kind_of: &'s dyn Fn(&str) -> Option<Kind>,
    /// The plan of an expression over them.
    pub plan: &'s dyn Fn(&dialmark_metrics::Expr) -> Result<Plan, EngineError>,
    /// Whether the table says the currency of its amounts.
    pub has_currency: bool,
}

/// The aggregate expressions of one measure.
pub(crate) fn expressions(
    aggregate: &Aggregate,
    setting: Setting<'_>,
) -> Result<(SumColumns, Vec<Plan>), EngineError> {
    let Setting { prefix, filter, no_match, kind_of, plan, has_currency } = setting;
    let filtered = |e: Plan| -> Result<Plan, EngineError> {
        Ok(match &filter {
            Some(filter) => e.filter(filter.clone()).build()?,
            None => e,
        })
    };
    let mut plans = vec![filtered(count(lit(1_i64)))?.alias(format!("{prefix}_n"))];
    if let Some(filter) = &filter {
        // Neither true nor false: a code that no map knows, a value that is not there.
        let undecided = count(lit(1_i64)).filter(filter.clone().is_null()).build()?;
        plans.push(undecided.alias(format!("{prefix}_u")));
    }
    let mut columns = SumColumns {
        prefix: prefix.clone(),
        function: Wanted::Count,
        reads: String::new(),
        has_currency: false,
        has_filter: filter.is_some(),
        no_match,
    };
    let Some(argument) = aggregate.function.argument() else { return Ok((columns, plans)) };
    columns.reads = argument.to_string();
    let value = plan(argument)?;
    plans.push(filtered(count(value.clone()))?.alias(format!("{prefix}_k")));
    let digits_after = scale(argument, kind_of);
    let wide = cast(value.clone(), DataType::Decimal128(WIDE, signed(digits_after)));
    let total = match &aggregate.function {
        Function::Sum(_) => sum(wide),
        Function::Min(_) | Function::Max(_) => {
            let is_number = argument.columns().iter().all(|c| {
                matches!(
                    kind_of(c),
                    Some(Kind::Integer | Kind::Duration | Kind::Amount | Kind::Number | Kind::Instant)
                )
            });
            if !is_number {
                return refuse(format!("`{aggregate}` is no number, so it cannot be a measure."));
            }
            if matches!(aggregate.function, Function::Min(_)) { min(wide) } else { max(wide) }
        }
        Function::Distinct(_) => {
            plans.push(distinct(value, filter.clone())?.alias(format!("{prefix}_t")));
            columns.function = Wanted::Distinct;
            return Ok((columns, plans));
        }
        Function::Count => return refuse("a count has no argument."),
        Function::Values(_) => return refuse("values are collected, not added up."),
    };
    plans.push(filtered(total)?.alias(format!("{prefix}_t")));
    columns.function = Wanted::Number(digits_after);
    columns.has_currency =
        has_currency && argument.columns().iter().any(|c| kind_of(c) == Some(Kind::Amount));
    if columns.has_currency {
        // Only the currencies of amounts that are really added.
        let both = |e: Plan| -> Result<Plan, EngineError> {
            let known = value.clone().is_not_null();
            let condition = filter.clone().map_or(known.clone(), |f| f.and(known));
            Ok(e.filter(condition).build()?)
        };
        // An amount without a currency is of another one than any that is named.
        let currency = || coalesce(vec![cast(ident("currency"), DataType::Utf8), lit("")]);
        plans.push(both(min(currency()))?.alias(format!("{prefix}_least")));
        plans.push(both(max(currency()))?.alias(format!("{prefix}_most")));
    }
    Ok((columns, plans))
}

/// Number of different values. Distinct and filter are given in one go: a filter added to a finished distinct count
/// forgets that it was distinct.
pub(crate) fn distinct(value: Plan, filter: Option<Plan>) -> Result<Plan, EngineError> {
    let builder = count(value).distinct();
    Ok(match filter {
        Some(filter) => builder.filter(filter).build()?,
        None => builder.build()?,
    })
}

impl SumColumns {
    /// The same, which says of what it lacks that it lacks this.
    pub(crate) fn reading(self, argument: &dialmark_metrics::Expr) -> SumColumns {
        SumColumns { reads: argument.to_string(), ..self }
    }

    /// The sum in one row of a result.
    pub(crate) fn read(&self, batch: &RecordBatch, row: usize) -> Result<Sum, EngineError> {
        let n = self.integer(batch, "n", row)?;
        let known = if self.function == Wanted::Count { n } else { self.integer(batch, "k", row)? };
        let total = match self.function {
            _ if n == 0 && self.no_match == NoMatch::Unknown => None,
            Wanted::Count => Some(Exact::integer(i128::from(n))),
            Wanted::Distinct => Some(Exact::integer(i128::from(self.integer(batch, "t", row)?))),
            // Records exist, but none matches: that is a sum of zero. None with a value is not.
            Wanted::Number(_) if n == 0 => Some(Exact::ZERO),
            Wanted::Number(digits) => {
                let column = self.column(batch, "t")?.as_primitive_opt::<Decimal128Type>();
                let column = column
                    .ok_or_else(|| EngineError::Question("a sum came back in another type.".to_owned()))?;
                if column.is_null(row) { None } else { Exact::new(column.value(row), digits) }
            }
        };
        let currencies = if self.has_currency { self.currencies(batch, row)? } else { None };
        Ok(Sum {
            total,
            n,
            missing: n.saturating_sub(known),
            undecided: if self.has_filter { self.integer(batch, "u", row)? } else { 0 },
            currencies,
            reads: self.reads.clone(),
            ..Sum::default()
        })
    }

    fn column<'b>(&self, batch: &'b RecordBatch, suffix: &str) -> Result<&'b dyn Array, EngineError> {
        let name = format!("{}_{suffix}", self.prefix);
        match batch.column_by_name(&name) {
            Some(column) => Ok(column.as_ref()),
            None => refuse(format!("the column {name} is missing in a result.")),
        }
    }

    fn integer(&self, batch: &RecordBatch, suffix: &str, row: usize) -> Result<u64, EngineError> {
        let column = self.column(batch, suffix)?.as_primitive_opt::<Int64Type>();
        let value = column.filter(|c| !c.is_null(row)).map_or(0, |c| c.value(row));
        Ok(u64::try_from(value).unwrap_or(0))
    }

    fn currencies(&self, batch: &RecordBatch, row: usize) -> Result<Option<(String, String)>, EngineError> {
        let text = |suffix: &str| -> Result<Option<String>, EngineError> {
            crate::answer::text_at(self.column(batch, suffix)?, row)
        };
        let both = text("least")?.zip(text("most")?);
        Ok(both.filter(|(least, most)| !(least.is_empty() && most.is_empty())))
    }
}
