//! The engine: opens a snapshot, plans the passes of a question, runs them, divides.

use std::collections::BTreeMap;
use std::sync::Arc;

use arrow::array::{Array, AsArray, RecordBatch};
use arrow::datatypes::{DataType, Date32Type, TimestampMicrosecondType};
use datafusion::functions_aggregate::expr_fn::{count, max, min};
use datafusion::logical_expr::{Expr as Plan, ident, lit};
use datafusion::prelude::{DataFrame, SessionConfig, SessionContext};
use dialmark_lake::{Lake, LiveTable, Snapshot};
use dialmark_metrics::answer::Sum;
use dialmark_metrics::catalogue::Filled;
use dialmark_metrics::metric::Formula;
use dialmark_metrics::{
    Binding, Catalogue, Cell, Expr, Key, MetricQuery, MetricTable, NoMatch, Row, Scope, Shape,
};
use dialmark_model::DispositionMap;
use dialmark_model::civil::{day_of, day_start};
use jiff::Timestamp;
use jiff::tz::TimeZone;

use crate::additive::{self, Setting};
use crate::anchor::{Anchor, instant};
use crate::answer;
use crate::convert::{convert, prepare};
use crate::dimension::Place;
use crate::error::{EngineError, refuse};
use crate::functions::{RowZone, date_of};
use crate::plan::{self, Sums, Use, Wanted};
use crate::{followed, grouped, table};

/// Rows of an answer beyond which it is a copy of the records rather than figures about them.
const MOST_ROWS: usize = 1_000_000;

/// Answers questions about the facts of one lake.
#[derive(Clone)]
pub struct Engine {
    lake: Lake,
    catalogue: Arc<Catalogue>,
    dispositions: Arc<DispositionMap>,
    declared: Arc<Filled>,
    zone: TimeZone,
    context: SessionContext,
}

impl Engine {
    /// An engine over a lake. `declared` are the columns that sources say they fill; what is found filled in the
    /// lake is added to it. Days without a zone of their own run in UTC until [`Engine::in_zone`].
    pub fn new(
        lake: Lake,
        catalogue: Arc<Catalogue>,
        dispositions: Arc<DispositionMap>,
        declared: Filled,
    ) -> Engine {
        let config = SessionConfig::new()
            .set_bool("datafusion.execution.collect_statistics", false)
            .set_bool("datafusion.execution.parquet.pushdown_filters", true)
            .set_bool("datafusion.execution.parquet.reorder_filters", true);
        Engine {
            lake,
            catalogue,
            dispositions,
            declared: Arc::new(declared),
            zone: TimeZone::UTC,
            context: SessionContext::new_with_config(config),
        }
    }

    /// The same engine with the centre's zone, which places booked days and records without a zone.
    pub fn in_zone(mut self, zone: TimeZone) -> Engine {
        self.zone = zone;
        self
    }

    /// What can be asked for.
    pub fn catalogue(&self) -> &Catalogue {
        &self.catalogue
    }

    /// What codes mean.
    pub fn dispositions(&self) -> &DispositionMap {
        &self.dispositions
    }

    pub(crate) fn lake(&self) -> &Lake {
        &self.lake
    }

    pub(crate) fn context(&self) -> &SessionContext {
        &self.context
    }

    /// Columns that have values, by table: declared by a source, or found in the lake.
    pub async fn filled(&self) -> Result<Filled, EngineError> {
        let snapshot = self.lake.snapshot().await?;
        Ok(self.filled_in(&snapshot))
    }

    pub(crate) fn filled_in(&self, snapshot: &Snapshot) -> Filled {
        let mut filled = (*self.declared).clone();
        for (name, live) in &snapshot.tables {
            if live.rows() > 0 {
                filled.add(name, live.filled.iter().map(String::as_str));
            }
        }
        filled
    }

    /// Answers a question.
    pub async fn query(&self, question: &MetricQuery) -> Result<MetricTable, EngineError> {
        let snapshot = self.lake.snapshot().await?;
        let filled = self.filled_in(&snapshot);
        let mut notes = Vec::new();
        let wanted = plan::wanted(&self.catalogue, question, &snapshot, &filled, &mut notes)?;
        let asked = Asked::new(self, question, &snapshot)?;
        let mut seen = None;
        let sums = asked.run(&wanted, &filled, &mut seen).await?;
        let largest = sums.values().map(Sums::places).max().unwrap_or(0);
        if largest > MOST_ROWS {
            return refuse(format!(
                "The answer would have {largest} rows, more than the {MOST_ROWS} that a question may have. Break it out by less, or choose a shorter period."
            ));
        }
        let rows = divide(&wanted, &sums, asked.dimensions.is_empty());
        let mut dimensions: Vec<String> = question.grain.map(|g| g.word().to_owned()).into_iter().collect();
        dimensions.extend(question.by.iter().cloned());
        Ok(MetricTable {
            dimensions,
            metrics: wanted.into_iter().map(|w| w.header).collect(),
            rows,
            period: question.period,
            grain: question.grain,
            zone: question.zone.clone(),
            seen,
            notes,
        })
    }
}

/// Divides: one row a combination of dimensions.
fn divide(wanted: &[Wanted], sums: &BTreeMap<Use, Sums>, is_total: bool) -> Vec<Row> {
    let groups = sums.values().filter_map(|s| match s {
        Sums::Groups(groups) => Some(groups),
        Sums::Blocked(_) => None,
    });
    let mut places = answer::all_keys(groups);
    if places.is_empty() && is_total {
        places.push(Vec::new());
    }
    places
        .into_iter()
        .map(|keys| {
            let cells = wanted
                .iter()
                .map(|w| {
                    let sum = |i: usize| w.uses.get(i).and_then(|u| sums.get(u)).and_then(|s| s.at(&keys));
                    match &w.formula {
                        Formula::Simple { .. } => Cell::simple(sum(0)),
                        Formula::Ratio { times, .. } => Cell::ratio(sum(0), sum(1), *times),
                    }
                })
                .collect();
            Row { keys, cells }
        })
        .collect()
}

/// A question on its way: what all passes share.
pub(crate) struct Asked<'q> {
    pub engine: &'q Engine,
    pub question: &'q MetricQuery,
    pub snapshot: &'q Snapshot,
    /// Zone of days and hours.
    pub zone: RowZone,
    /// Names of the dimensions, the grain first.
    pub dimensions: Vec<String>,
    /// Which of them are weekdays.
    pub weekdays: Vec<bool>,
}

impl<'q> Asked<'q> {
    pub(crate) fn new(
        engine: &'q Engine,
        question: &'q MetricQuery,
        snapshot: &'q Snapshot,
    ) -> Result<Asked<'q>, EngineError> {
        let zone = match &question.zone {
            Some(name) => RowZone::Fixed(
                dialmark_model::civil::zone(name).map_err(|e| EngineError::Question(format!("{e}.")))?,
            ),
            None => RowZone::Own(engine.zone.clone()),
        };
        let mut dimensions: Vec<String> = question.grain.map(|g| g.word().to_owned()).into_iter().collect();
        for name in &question.by {
            if dimensions.contains(name) {
                return refuse(format!("`{name}` is asked for twice."));
            }
            dimensions.push(name.clone());
        }
        let weekdays = dimensions.iter().map(|d| d == "weekday").collect();
        Ok(Asked { engine, question, snapshot, zone, dimensions, weekdays })
    }

    /// The zone that bounds booked days.
    pub(crate) fn day_zone(&self) -> &TimeZone {
        match &self.zone {
            RowZone::Fixed(zone) | RowZone::Own(zone) => zone,
        }
    }

    async fn run(
        &self,
        wanted: &[Wanted],
        filled: &Filled,
        seen: &mut Option<(Timestamp, Timestamp)>,
    ) -> Result<BTreeMap<Use, Sums>, EngineError> {
        let catalogue = &self.engine.catalogue;
        let mut sums: BTreeMap<Use, Sums> = BTreeMap::new();
        // One pass a table, anchor and window that must have passed.
        type Pass = (String, Option<String>, Option<i64>);
        let mut passes: BTreeMap<Pass, Vec<(Use, &Binding)>> = BTreeMap::new();
        for one in wanted.iter().flat_map(|w| &w.uses) {
            if sums.contains_key(one) || passes.values().flatten().any(|(u, _)| u == one) {
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
            match &binding.shape {
                Shape::Records(_) => {
                    let matured = self.matured(binding, one)?;
                    passes
                        .entry((one.table.clone(), binding.at.clone(), matured))
                        .or_default()
                        .push((one.clone(), binding));
                }
                Shape::Followed { .. } => {
                    sums.insert(one.clone(), Sums::Groups(followed::run(self, live, binding, one).await?));
                }
                Shape::Grouped { .. } => {
                    sums.insert(one.clone(), Sums::Groups(grouped::run(self, live, binding, one).await?));
                }
            }
        }
        for ((name, at, matured), measures) in passes {
            let Some(live) = self.snapshot.tables.get(&name) else { continue };
            self.one_pass(live, at.as_deref(), matured, &measures, &mut sums, seen).await?;
        }
        Ok(sums)
    }

    /// All measures over the records of one table with one anchor.
    async fn one_pass(
        &self,
        live: &LiveTable,
        at: Option<&str>,
        matured: Option<i64>,
        measures: &[(Use, &Binding)],
        sums: &mut BTreeMap<Use, Sums>,
        seen: &mut Option<(Timestamp, Timestamp)>,
    ) -> Result<(), EngineError> {
        let anchor = Anchor::of(&live.table, at)?;
        let place = self.place(&live.table.name, &anchor);
        let mut rows = self.base(live, &anchor)?;
        if let Some(window_ms) = matured {
            rows = rows.filter(self.has_matured(live, &anchor, window_ms)?)?;
        }
        let has_currency = live.table.column("currency").is_some();
        let mut columns = Vec::new();
        // Every condition is worked out once a record, however many measures and aggregates share it.
        let mut filters: Vec<Plan> = Vec::new();
        let mut plans: Vec<Plan> = vec![count(lit(1_i64)).alias("all_rows")];
        if let Anchor::Instant(at) | Anchor::Day(at) = &anchor {
            plans.push(min(at.clone()).alias("least_at"));
            plans.push(max(at.clone()).alias("most_at"));
        }
        for (number, (one, binding)) in measures.iter().enumerate() {
            let Shape::Records(aggregate) = &binding.shape else { continue };
            let prepared = self.aggregate(aggregate, one);
            let kind_of = |name: &str| place.kind_of(name);
            let filter = prepared.filter.as_ref().map(|f| convert(f, &kind_of)).transpose()?.map(|filter| {
                let at = filters.iter().position(|known| *known == filter).unwrap_or_else(|| {
                    filters.push(filter);
                    filters.len() - 1
                });
                ident(format!("filter_{at}"))
            });
            let setting = Setting {
                prefix: format!("m{number}"),
                filter,
                no_match: self.no_match(one),
                kind_of: &kind_of,
                has_currency,
            };
            let (read, more) = additive::expressions(&prepared, setting)?;
            columns.push((one, read));
            plans.extend(more);
        }
        let groups = self.group_expressions(&place)?;
        for (at, filter) in filters.into_iter().enumerate() {
            rows = rows.with_column(&format!("filter_{at}"), filter)?;
        }
        let batches = rows.aggregate(groups, plans)?.collect().await?;
        for (one, _) in &columns {
            sums.insert((*one).clone(), Sums::Groups(BTreeMap::new()));
        }
        for batch in &batches {
            let keys = answer::keys(batch, &self.weekdays)?;
            for (row, keys) in keys.into_iter().enumerate() {
                if count_at(batch, "all_rows", row) == 0 {
                    continue;
                }
                let bound = |name: &str| {
                    batch.column_by_name(name).and_then(|c| time_at(c.as_ref(), row, self.day_zone()))
                };
                answer::widen(seen, bound("least_at"), bound("most_at"));
                for (one, read) in &columns {
                    if let Some(Sums::Groups(groups)) = sums.get_mut(*one) {
                        groups.insert(keys.clone(), read.read(batch, row)?);
                    }
                }
            }
        }
        Ok(())
    }

    pub(crate) fn place<'p>(&'p self, table: &'p str, anchor: &'p Anchor) -> Place<'p> {
        Place {
            catalogue: &self.engine.catalogue,
            dispositions: &self.engine.dispositions,
            table,
            anchor,
            zone: &self.zone,
        }
    }

    /// The records that the question is about: in scope, in the period, matching the filter.
    pub(crate) fn base(&self, live: &LiveTable, anchor: &Anchor) -> Result<DataFrame, EngineError> {
        let mut rows =
            table::rows(&self.engine.context, live, &anchor.prunes(&live.table, self.question.period))?;
        for condition in self.conditions(live, anchor)? {
            rows = rows.filter(condition)?;
        }
        Ok(rows)
    }

    /// Scope, period and filter as conditions.
    pub(crate) fn conditions(&self, live: &LiveTable, anchor: &Anchor) -> Result<Vec<Plan>, EngineError> {
        let place = self.place(&live.table.name, anchor);
        let mut all = vec![];
        all.extend(self.scope(live));
        all.extend(anchor.within(&self.question.period, self.day_zone(), &live.table.name)?);
        if let Some(filter) = &self.question.filter {
            all.push(place.condition(filter)?);
        }
        Ok(all)
    }

    /// What the asker may see. A table that lacks a column of the scope shows nothing.
    pub(crate) fn scope(&self, live: &LiveTable) -> Option<Plan> {
        let Scope::Rows(columns) = &self.question.scope else { return None };
        let mut condition = lit(true);
        for (column, values) in columns {
            let part = match live.table.column(column) {
                Some(_) => {
                    let values = values.iter().map(|v| lit(v.as_str())).collect();
                    datafusion::logical_expr::in_list(ident(column.as_str()), values, false)
                }
                None => lit(false),
            };
            condition = condition.and(part);
        }
        Some(condition)
    }

    /// Expressions of the dimensions, called `d0`, `d1`, ...
    pub(crate) fn group_expressions(&self, place: &Place<'_>) -> Result<Vec<Plan>, EngineError> {
        self.dimensions
            .iter()
            .enumerate()
            .map(|(i, name)| {
                let expr = match self.question.grain {
                    Some(grain) if i == 0 => place.anchor.bucket(grain, &self.zone, place.table)?,
                    _ => place.dimension(name)?,
                };
                Ok(expr.alias(format!("d{i}")))
            })
            .collect()
    }

    /// An aggregate with parameters filled in and virtual columns looked up.
    pub(crate) fn aggregate(
        &self,
        aggregate: &dialmark_metrics::Aggregate,
        one: &Use,
    ) -> dialmark_metrics::Aggregate {
        use dialmark_metrics::Function;
        let ready = |e: &Expr| self.ready(e, one);
        dialmark_metrics::Aggregate {
            function: match &aggregate.function {
                Function::Count => Function::Count,
                Function::Sum(e) => Function::Sum(ready(e)),
                Function::Min(e) => Function::Min(ready(e)),
                Function::Max(e) => Function::Max(ready(e)),
                Function::Distinct(e) => Function::Distinct(ready(e)),
            },
            filter: aggregate.filter.as_ref().map(ready),
        }
    }

    /// What the measure says of a place where no record matches.
    pub(crate) fn no_match(&self, one: &Use) -> NoMatch {
        self.engine.catalogue.measures.get(&one.measure).map_or(NoMatch::Zero, |m| m.no_match)
    }

    /// An expression with parameters filled in and virtual columns looked up.
    pub(crate) fn ready(&self, expr: &Expr, one: &Use) -> Expr {
        prepare(expr, &one.params, &self.engine.dispositions)
    }

    /// A condition of a binding as a plan.
    pub(crate) fn condition(&self, expr: &Expr, one: &Use, place: &Place<'_>) -> Result<Plan, EngineError> {
        convert(&self.ready(expr, one), &|n| place.kind_of(n))
    }

    /// The window of a binding in milliseconds.
    pub(crate) fn window_ms(&self, window: &Expr, one: &Use) -> Result<i64, EngineError> {
        match self.ready(window, one) {
            Expr::Integer(ms) if ms >= 0 => Ok(ms),
            other => refuse(format!("The window `{other}` of `{}` is no duration.", one.measure)),
        }
    }

    pub(crate) fn matured(&self, binding: &Binding, one: &Use) -> Result<Option<i64>, EngineError> {
        binding.matured.as_ref().map(|window| self.window_ms(window, one)).transpose()
    }

    /// The condition that a record's window ended before the data does.
    pub(crate) fn has_matured(
        &self,
        live: &LiveTable,
        anchor: &Anchor,
        window_ms: i64,
    ) -> Result<Plan, EngineError> {
        let until = match self.question.complete_until {
            Some(until) => Some(until),
            None => self.end_of_data(live),
        };
        let latest = until.and_then(|u| u.checked_sub(jiff::SignedDuration::from_millis(window_ms)).ok());
        let Some(latest) = latest else { return Ok(lit(false)) };
        match anchor {
            Anchor::Instant(at) => Ok(at.clone().lt_eq(instant(latest))),
            // A day's window begins when the day is over.
            Anchor::Day(day) => {
                let over_before = crate::anchor::day_of_plan(day_of(latest, self.day_zone()))?;
                Ok(day.clone().lt(over_before))
            }
            Anchor::None => refuse(format!(
                "The records of `{}` have no time from which a window could run.",
                live.table.name
            )),
        }
    }

    /// The end of the last civil day that has a record.
    fn end_of_data(&self, live: &LiveTable) -> Option<Timestamp> {
        // The first placing column with a value decides: a call that ends after midnight belongs to the day before.
        let filed = live.files.iter().filter_map(|f| {
            live.table.placed_by.iter().find_map(|c| f.ranges.get(c.as_ref())).map(|(_, most)| *most)
        });
        let tail = live.tail.iter().filter_map(|batch| {
            live.table.placed_by.iter().find_map(|c| {
                let column = batch.column_by_name(c)?.as_primitive_opt::<TimestampMicrosecondType>()?;
                arrow::compute::max(column)
            })
        });
        let last = Timestamp::from_microsecond(filed.chain(tail).max()?).ok()?;
        let zone = self.day_zone();
        day_start(day_of(last, zone).tomorrow().ok()?, zone)
    }
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
fn time_at(column: &dyn Array, row: usize, zone: &TimeZone) -> Option<Timestamp> {
    if column.is_null(row) {
        return None;
    }
    match column.data_type() {
        DataType::Timestamp(..) => {
            Timestamp::from_microsecond(column.as_primitive::<TimestampMicrosecondType>().value(row)).ok()
        }
        DataType::Date32 => {
            day_start(date_of(i64::from(column.as_primitive::<Date32Type>().value(row)))?, zone)
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
