//! The passes of a question: all measures over the records of one table and clock in one, the others in their own.

use std::collections::BTreeMap;

use arrow::array::{Array, AsArray, RecordBatch};
use arrow::datatypes::{DataType, Date32Type, TimestampMicrosecondType};
use datafusion::functions_aggregate::expr_fn::{count, max, min};
use datafusion::logical_expr::{Expr as Plan, ExprFunctionExt, ident, lit};
use datafusion::prelude::coalesce;
use dialmark_metrics::answer::Sum;
use dialmark_metrics::catalogue::Filled;
use dialmark_metrics::expr::BinaryOp;
use dialmark_metrics::{Aggregate, Binding, Covered, Expr, Function, Key, Shape, Split};
use dialmark_model::civil::Calendar;
use jiff::Timestamp;

use crate::additive::{self, Setting};
use crate::anchor::Anchor;
use crate::answer;
use crate::asked::{Asked, Clocked};
use crate::convert::convert;
use crate::error::{EngineError, refuse};
use crate::functions::date_of;
use crate::plan::{Sums, Use};
use crate::split::Cut;
use crate::{by_code, followed, grouped, split, values};

/// First and last instant of the records that were read.
pub(crate) type Seen = Option<(Timestamp, Timestamp)>;

/// What measures must share to be computed in one pass.
#[derive(Debug, Clone, PartialEq)]
struct Pass {
    table: String,
    at: Option<String>,
    /// How its lengths are cut into pieces.
    cut: Option<Cut>,
}

impl<'q> Asked<'q> {
    /// Sums of all measures, each once.
    pub(crate) async fn run(
        &self,
        uses: &[&Use],
        filled: &Filled,
        seen: &mut Seen,
    ) -> Result<BTreeMap<Use, Sums>, EngineError> {
        let catalogue = self.engine.catalogue();
        let mut sums: BTreeMap<Use, Sums> = BTreeMap::new();
        type Members<'q, 'b> = (Pass, Clocked<'q>, Vec<(Use, &'b Binding)>);
        let mut passes: Vec<Members<'q, '_>> = Vec::new();
        for one in uses.iter().copied() {
            if sums.contains_key(one) || passes.iter().flat_map(|(.., all)| all).any(|(u, _)| u == one) {
                continue;
            }
            let Some(binding) = catalogue.binding(&one.measure, &one.table) else {
                return refuse(format!("`{}` is not read from `{}`.", one.measure, one.table));
            };
            let Some(live) = self.snapshot.tables.get(&one.table).filter(|t| t.rows() > 0) else {
                sums.insert(one.clone(), Sums::Groups(BTreeMap::new()));
                continue;
            };
            if let Some(column) = catalogue.lacking(&one.measure, &one.table, filled).first() {
                sums.insert(
                    one.clone(),
                    Sums::Blocked(Sum { blocked: Some(column.clone()), ..Sum::default() }),
                );
                continue;
            }
            let clocked = self.clocked(live, binding, one)?;
            match &binding.shape {
                Shape::Records(Aggregate { function: Function::Values(_), .. }) => {
                    sums.insert(one.clone(), Sums::Groups(values::run(self, &clocked, binding, one).await?));
                }
                Shape::Records(aggregate) => {
                    let cut = binding.split.clone().map(|split| {
                        let reading = aggregate.function.argument().cloned().unwrap_or(Expr::Integer(1));
                        let covered = binding.covered.as_deref().map(|c| Covered {
                            length: self.ready(&c.length, one),
                            lasts: self.ready_on(&c.table, &c.lasts, one),
                            filter: self.ready_on(&c.table, &c.filter, one),
                            ..c.clone()
                        });
                        let reading = self.ready(&reading, one);
                        Cut { split, reading, share: binding.share.clone(), covered }
                    });
                    let pass = Pass { table: one.table.clone(), at: clocked.at.clone(), cut };
                    match passes.iter_mut().find(|(known, ..)| *known == pass) {
                        Some((.., all)) => all.push((one.clone(), binding)),
                        None => passes.push((pass, clocked, vec![(one.clone(), binding)])),
                    }
                }
                Shape::Followed(followed) => {
                    let same = followed::but_windows(binding, followed, one);
                    let mut together: Vec<Use> = Vec::new();
                    for other in uses.iter().copied() {
                        let is_read = together.contains(other) || sums.contains_key(other);
                        let has_place = together.len() < followed::MOST_TOGETHER;
                        if !is_read && has_place && followed::but_windows(binding, followed, other) == same {
                            together.push(other.clone());
                        }
                    }
                    let found = followed::run(self, &clocked, binding, followed, &together).await?;
                    sums.extend(together.into_iter().zip(found.into_iter().map(Sums::Groups)));
                }
                Shape::Grouped { .. } => {
                    sums.insert(one.clone(), Sums::Groups(grouped::run(self, &clocked, binding, one).await?));
                }
            }
        }
        for (pass, clocked, measures) in passes {
            self.one_pass(&pass, clocked, &measures, &mut sums, seen).await?;
        }
        Ok(sums)
    }

    /// All measures over the records of one table with one clock.
    async fn one_pass(
        &self,
        pass: &Pass,
        clocked: Clocked<'q>,
        measures: &[(Use, &Binding)],
        sums: &mut BTreeMap<Use, Sums>,
        seen: &mut Seen,
    ) -> Result<(), EngineError> {
        let expressions: Vec<&Expr> =
            measures.iter().flat_map(|(_, binding)| binding.record_expressions()).collect();
        let (clocked, mut rows) = match &pass.cut {
            None => {
                let rows = self.base(&clocked, &expressions).await?;
                (clocked, rows)
            }
            Some(cut) => split::base(self, clocked, cut, &expressions).await?,
        };
        let place = self.place(&clocked);
        let ripe = self.ripe(&clocked, measures).await?;
        if let Some(any) = ripe.any() {
            rows = rows.filter(any)?;
        }
        let has_currency = clocked.live.table.column("currency").is_some();
        let mut columns = Vec::new();
        // Every condition is worked out once a record, however many measures and aggregates share it.
        let mut filters: Vec<Plan> = Vec::new();
        let mut plans: Vec<Plan> = Vec::new();
        for (which, (_, condition)) in ripe.0.iter().enumerate() {
            let rows = count(lit(1_i64));
            let rows = match condition.as_ref().filter(|_| ripe.differ()) {
                Some(condition) => rows.filter(condition.clone()).build()?,
                None => rows,
            };
            plans.push(rows.alias(rows_name(which)));
        }
        if let Anchor::Instant(at) | Anchor::Day(at) = &clocked.anchor {
            plans.push(min(at.clone()).alias("least_at"));
            plans.push(max(at.clone()).alias("most_at"));
        }
        for (number, (one, binding)) in measures.iter().enumerate() {
            let Shape::Records(aggregate) = &binding.shape else { continue };
            let mut prepared = self.aggregate(aggregate, one);
            if pass.cut.is_some() {
                // What is split is the same for all measures of the pass, and stands in a column of its own.
                let piece = Expr::Column(split::PIECE.to_owned());
                prepared.function = Function::Sum(match (&pass.cut, prepared.function.argument()) {
                    // So many days, each with its part.
                    (Some(Cut { split: Split::Days { .. }, .. }), Some(each))
                        if *each != Expr::Integer(1) =>
                    {
                        Expr::Binary(BinaryOp::Times, Box::new(piece), Box::new(each.clone()))
                    }
                    _ => piece,
                });
            }
            let kind_of = |name: &str| match name == split::PIECE {
                true => Some(dialmark_model::Kind::Integer),
                false => place.kind_of(name),
            };
            let plan = |e: &Expr| match pass.cut.is_some() {
                true => convert(e, &kind_of),
                false => place.plan(e),
            };
            let condition = prepared.filter.as_ref().map(|f| place.plan(f)).transpose()?;
            let condition = match (condition, self.on_days(one.days, &place)?) {
                (Some(condition), Some(days)) => Some(days.and(condition)),
                (condition, days) => condition.or(days),
            };
            let (which, ripened) = ripe.of(self.matured(binding, one)?);
            let condition = match (ripened, condition) {
                (Some(ripened), Some(condition)) => Some(ripened.and(condition)),
                (ripened, condition) => ripened.or(condition),
            };
            let filter = condition.map(|filter| {
                let at = filters.iter().position(|known| *known == filter).unwrap_or_else(|| {
                    filters.push(filter);
                    filters.len() - 1
                });
                ident(format!("filter_{at}"))
            });
            let setting = Setting {
                prefix: format!("m{number}"),
                filter,
                no_match: one.no_match,
                kind_of: &kind_of,
                plan: &plan,
                has_currency: has_currency && pass.cut.is_none(),
            };
            let (read, more) = additive::expressions(&prepared, setting)?;
            // What is cut is known to its readers by the column that it was cut from.
            let read = match aggregate.function.argument().filter(|_| pass.cut.is_some()) {
                Some(length) => read.reading(length),
                None => read,
            };
            columns.push((one, read, rows_name(which)));
            plans.extend(more);
        }
        let groups = self.group_expressions(&place)?;
        let (mut rows, filters) = by_code::settle(self.engine.context(), rows, filters)?;
        if !filters.is_empty() {
            // All of them at once, so that what they share is seen.
            let mut all = by_code::all_columns(&rows);
            all.extend(
                filters.into_iter().enumerate().map(|(at, filter)| filter.alias(format!("filter_{at}"))),
            );
            rows = rows.select(all)?;
        }
        let batches = rows.aggregate(groups, plans)?.collect().await?;
        for (one, ..) in &columns {
            sums.insert((*one).clone(), Sums::Groups(BTreeMap::new()));
        }
        for batch in &batches {
            let keys = answer::keys(batch, &self.weekdays)?;
            for (row, keys) in keys.into_iter().enumerate() {
                if (0..ripe.0.len()).all(|which| count_at(batch, &rows_name(which), row) == 0) {
                    continue;
                }
                let bound = |name: &str| {
                    batch.column_by_name(name).and_then(|c| time_at(c.as_ref(), row, self.calendar()))
                };
                answer::widen(seen, bound("least_at"), bound("most_at"));
                for (one, read, rows) in &columns {
                    if let Some(Sums::Groups(groups)) = sums.get_mut(*one)
                        && count_at(batch, rows, row) > 0
                    {
                        groups.insert(keys.clone(), read.read(batch, row)?);
                    }
                }
            }
        }
        Ok(())
    }

    /// What of a pass counts under which window.
    async fn ripe(&self, clocked: &Clocked<'q>, measures: &[(Use, &Binding)]) -> Result<Ripe, EngineError> {
        let mut ripe = Ripe(Vec::new());
        for (one, binding) in measures {
            let matured = self.matured(binding, one)?;
            if ripe.0.iter().any(|(known, _)| *known == matured) {
                continue;
            }
            let condition = match matured {
                Some(matured) => {
                    let passed = self.has_matured(clocked, matured).await?;
                    Some(coalesce(vec![passed, lit(false)]))
                }
                None => None,
            };
            ripe.0.push((matured, condition));
        }
        Ok(ripe)
    }
}

/// Windows of the measures of a pass, and the conditions that they have passed, or have not, as the measures ask.
struct Ripe(Vec<(Matured, Option<Plan>)>);

/// A window in milliseconds, and whether it must have passed or must not.
type Matured = Option<(i64, bool)>;

impl Ripe {
    fn differ(&self) -> bool {
        self.0.len() > 1
    }

    /// The condition that a record counts for any of the measures; `None` when all do.
    fn any(&self) -> Option<Plan> {
        let all: Option<Vec<Plan>> = self.0.iter().map(|(_, condition)| condition.clone()).collect();
        all?.into_iter().reduce(Plan::or)
    }

    /// The place of a window, and the condition that is its own; `None` where all records of the pass meet it.
    fn of(&self, matured: Matured) -> (usize, Option<Plan>) {
        let found = self.0.iter().enumerate().find(|(_, (known, _))| *known == matured);
        match found {
            Some((which, (_, condition))) => (which, condition.clone().filter(|_| self.differ())),
            None => (0, None),
        }
    }
}

/// The column that counts the records of a window.
fn rows_name(which: usize) -> String {
    format!("rows_{which}")
}

/// A count in one row of a result.
pub(crate) fn count_at(batch: &RecordBatch, name: &str, row: usize) -> i64 {
    batch
        .column_by_name(name)
        .and_then(|c| c.as_primitive_opt::<arrow::datatypes::Int64Type>())
        .filter(|c| !c.is_null(row))
        .map_or(0, |c| c.value(row))
}

/// An instant, or the start of a day, in one row of a result.
fn time_at(column: &dyn Array, row: usize, calendar: &Calendar) -> Option<Timestamp> {
    if column.is_null(row) {
        return None;
    }
    match column.data_type() {
        DataType::Timestamp(..) => {
            Timestamp::from_microsecond(column.as_primitive::<TimestampMicrosecondType>().value(row)).ok()
        }
        DataType::Date32 => {
            calendar.day_start(date_of(i64::from(column.as_primitive::<Date32Type>().value(row)))?)
        }
        _ => None,
    }
}

/// Keys of one row, for passes that collect by hand.
pub(crate) fn row_keys(batch: &RecordBatch, row: usize, weekdays: &[bool]) -> Result<Vec<Key>, EngineError> {
    weekdays
        .iter()
        .enumerate()
        .map(|(i, weekday)| match batch.column_by_name(&format!("d{i}")) {
            Some(column) => answer::key_at(column.as_ref(), row, *weekday),
            None => refuse("a dimension is missing in a result."),
        })
        .collect()
}
