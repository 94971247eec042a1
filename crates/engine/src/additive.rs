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
    let wide = widened(argument, value.clone(), kind_of);
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

/// What is added up, in as many digits as a sum may have.
pub(crate) fn widened(
    argument: &dialmark_metrics::Expr,
    value: Plan,
    kind_of: &dyn Fn(&str) -> Option<Kind>,
) -> Plan {
    cast(value, DataType::Decimal128(WIDE, signed(scale(argument, kind_of))))
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
        let total = match self.function {
            Wanted::Count => None,
            Wanted::Distinct => Some(i128::from(self.integer(batch, "t", row)?)),
            Wanted::Number(_) => {
                let column = self.column(batch, "t")?.as_primitive_opt::<Decimal128Type>();
                let column = column
                    .ok_or_else(|| EngineError::Question("a sum came back in another type.".to_owned()))?;
                (!column.is_null(row)).then(|| column.value(row))
            }
        };
        Ok(self.sum(Parts {
            n,
            known: if self.function == Wanted::Count { n } else { self.integer(batch, "k", row)? },
            undecided: if self.has_filter { self.integer(batch, "u", row)? } else { 0 },
            total,
            currencies: if self.has_currency { self.currencies(batch, row)? } else { None },
        }))
    }

    /// The sum that parts come to.
    pub(crate) fn sum(&self, parts: Parts) -> Sum {
        let Parts { n, known, undecided, total, currencies } = parts;
        let known = if self.function == Wanted::Count { n } else { known };
        let total = match self.function {
            _ if n == 0 && self.no_match == NoMatch::Unknown => None,
            Wanted::Count => Some(Exact::integer(i128::from(n))),
            Wanted::Distinct => total.map(Exact::integer),
            // Records exist, but none matches: that is a sum of zero. None with a value is not.
            Wanted::Number(_) if n == 0 => Some(Exact::ZERO),
            Wanted::Number(digits) => total.and_then(|total| Exact::new(total, digits)),
        };
        Sum {
            total,
            n,
            missing: n.saturating_sub(known),
            undecided,
            currencies: currencies.filter(|(least, most)| !(least.is_empty() && most.is_empty())),
            reads: self.reads.clone(),
            ..Sum::default()
        }
    }

    /// Whether the currencies of what is added up are wanted.
    pub(crate) const fn has_currency(&self) -> bool {
        self.has_currency
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
        Ok(text("least")?.zip(text("most")?))
    }
}

/// What was counted and added up for one measure in one place.
#[derive(Debug, Clone, Default)]
pub(crate) struct Parts {
    /// Records that matched.
    pub n: u64,
    /// Those of them that have a value.
    pub known: u64,
    /// Records of which it cannot be said whether they match.
    pub undecided: u64,
    /// Units of what was added up; `None` when nothing was.
    pub total: Option<i128>,
    /// Smallest and largest currency; empty for amounts without one.
    pub currencies: Option<(String, String)>,
}

impl Parts {
    /// Adds what was found among other records.
    pub(crate) fn add(&mut self, other: Parts) -> Result<(), EngineError> {
        self.n += other.n;
        self.known += other.known;
        self.undecided += other.undecided;
        self.total = match (self.total, other.total) {
            (Some(a), Some(b)) => match a.checked_add(b) {
                Some(sum) => Some(sum),
                None => return refuse("a sum does not fit 128 bits."),
            },
            (a, b) => a.or(b),
        };
        self.currencies = match (self.currencies.take(), other.currencies) {
            (Some((a, b)), Some((c, d))) => Some((a.min(c), b.max(d))),
            (a, b) => a.or(b),
        };
        Ok(())
    }
}
