//! One question broken out in several ways, from one reading of its records.
//!
//! Whoever looks for a cause asks the same by campaign, by list, by hour and so on. Asked one after another each would read and
//! judge every record again; here the records are read once, and every way adds them up for itself. Only what is added up over
//! records can be asked so (counts and sums that are not cut); the rest is asked way by way. Either gives the same digits.

use std::collections::{BTreeMap, BTreeSet};

use arrow::datatypes::DataType;
use async_recursion::async_recursion as compiled_here;
use datafusion::common::runtime::JoinSet;
use datafusion::logical_expr::{Expr as Plan, cast, ident, lit};
use datafusion::prelude::coalesce;
use dialmark_metrics::catalogue::Filled;
use dialmark_metrics::{Aggregate, Binding, Expr, Function, MetricQuery, MetricTable, Shape};
use dialmark_model::civil::Grain;
use futures::StreamExt;
use futures::future::join_all;

use crate::additive::{self, Setting};
use crate::anchor::Anchor;
use crate::asked::Asked;
use crate::by_code;
use crate::dimension::Place;
use crate::engine::{Engine, answer};
use crate::error::{EngineError, refuse};
use crate::figure::Found;
use crate::passes::Seen;
use crate::plan::{self, Planner, Sums, Use};

mod fold;

use fold::{Column, Fold, Measured, Read};

/// A way of breaking a question out: over time, and by dimensions.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Way {
    /// Time buckets, which come first.
    pub grain: Option<Grain>,
    /// Dimensions.
    pub by: Vec<String>,
}

/// An answer a way, in the order of the ways; or why there is none.
pub type Answers = Vec<Result<MetricTable, EngineError>>;

impl Engine {
    /// Answers each question in each of its ways, as [`Engine::query`] would with that grain and these dimensions.
    #[compiled_here]
    pub async fn query_ways(&self, questions: &[(MetricQuery, Vec<Way>)]) -> Vec<Answers> {
        join_all(questions.iter().map(|(question, ways)| self.ways_of(question, ways))).await
    }

    async fn ways_of(&self, question: &MetricQuery, ways: &[Way]) -> Answers {
        // Whatever goes wrong together is asked again way by way, so that the one that it is about says so.
        let mut together = self.together(question, ways).await.unwrap_or_default();
        together.resize_with(ways.len(), || None);
        let mut answers = Answers::new();
        for (way, answer) in ways.iter().zip(together) {
            answers.push(match answer {
                Some(table) => Ok(table),
                None => self.query(&in_way(question, way)).await,
            });
        }
        answers
    }

    /// The answers of the ways that can be read together; nothing for the others.
    async fn together(
        &self,
        question: &MetricQuery,
        ways: &[Way],
    ) -> Result<Vec<Option<MetricTable>>, EngineError> {
        let hidden = question.metrics.iter().any(|metric| self.hides_metric(metric));
        if hidden || question.top.is_some() || ways.len() < 2 {
            return Ok(Vec::new());
        }
        let snapshot = self.lake().snapshot().await?;
        let filled = self.filled_in(&snapshot);
        let mut notes = Vec::new();
        let planner = Planner { catalogue: self.catalogue(), question, snapshot: &snapshot, filled: &filled };
        let wanted = plan::wanted(&planner, &mut notes)?;
        let (mut own, mut windows) = (Vec::new(), Vec::new());
        wanted.iter().for_each(|one| one.figure.collect(&mut own, &mut windows));
        own.sort();
        own.dedup();
        if !windows.is_empty() {
            return Ok(Vec::new());
        }
        let mut all = question.clone();
        (all.grain, all.by) = (None, every(ways));
        let refused = unreadable(&Asked::new(self, &all, &snapshot)?, &own).await?;
        all.by.retain(|name| !refused.contains(name));
        let asked = Asked::new(self, &all, &snapshot)?;
        let (readings, rest) = Reading::all(&asked, &own, &filled)?;
        if readings.is_empty() {
            return Ok(Vec::new());
        }
        let columns_of = |way: &Way| readings.iter().map(|reading| reading.columns_of(way)).collect();
        let readable: Vec<Option<Vec<Vec<usize>>>> = ways.iter().map(columns_of).collect();
        let mut added: Vec<BTreeMap<Use, Sums>> = Vec::new();
        added.resize_with(readable.iter().flatten().count(), BTreeMap::new);
        let mut seen: Seen = None;
        for (number, reading) in readings.iter().enumerate() {
            let chosen = readable.iter().flatten().filter_map(|columns| columns.get(number).cloned());
            let (sums, of_reading) = reading.run(&asked, &chosen.collect::<Vec<_>>()).await?;
            added.iter_mut().zip(sums).for_each(|(all, more)| all.extend(more));
            widen(&mut seen, of_reading);
        }
        let table_notes = self.table_notes(&asked, &wanted).await?;
        let mut added = added.into_iter();
        let mut answers = Vec::new();
        for (way, readable) in ways.iter().zip(readable) {
            let Some(mut own) = readable.and_then(|_| added.next()) else {
                answers.push(None);
                continue;
            };
            let question = in_way(question, way);
            let (mut seen, mut more) = (seen, table_notes.clone());
            if !rest.is_empty() {
                let asked = Asked::new(self, &question, &snapshot)?;
                match asked.run(&rest, &filled, &mut seen).await {
                    Ok(sums) => own.extend(sums),
                    Err(EngineError::Question(_)) => {
                        answers.push(None);
                        continue;
                    }
                    Err(other) => return Err(other),
                }
                more.extend(asked.overlaps.said());
            }
            let found = Found { own, windows: Vec::new() };
            answers.push(Some(answer(&question, &wanted, &found, seen, (notes.clone(), more))?));
        }
        Ok(answers)
    }
}

fn widen(seen: &mut Seen, more: Seen) {
    let (least, most) = more.unzip();
    crate::answer::widen(seen, least, most);
}

fn in_way(question: &MetricQuery, way: &Way) -> MetricQuery {
    MetricQuery { grain: way.grain, by: way.by.clone(), ..question.clone() }
}

/// All dimensions of the ways, each once.
fn every(ways: &[Way]) -> Vec<String> {
    let mut all: Vec<String> = Vec::new();
    for name in ways.iter().flat_map(|way| &way.by) {
        if !all.contains(name) {
            all.push(name.clone());
        }
    }
    all
}

/// Dimensions that rest on a look-up which cannot be read: asked for alone they say why.
async fn unreadable(asked: &Asked<'_>, uses: &[&Use]) -> Result<Vec<String>, EngineError> {
    let catalogue = asked.engine.catalogue();
    let tables: BTreeSet<&str> = uses.iter().map(|one| one.table.as_str()).collect();
    let mut refused = Vec::new();
    for name in &asked.question.by {
        let of_table = |table: &&str| {
            let declared = catalogue.dimension_on(table, name).map_or(Vec::new(), Expr::columns);
            let columns = declared.into_iter().chain([name.as_str()]);
            columns.filter_map(|column| catalogue.lookup(table, column)).collect::<Vec<_>>()
        };
        for lookup in tables.iter().flat_map(of_table) {
            match asked.engine.lookups().read(asked, lookup).await {
                Ok(_) => {}
                Err(EngineError::Question(_)) => refused.push(name.clone()),
                Err(other) => return Err(other),
            }
        }
    }
    Ok(refused)
}

/// What is read of each record.
struct Reading<'m> {
    measures: Vec<(&'m Use, &'m Binding)>,
    /// Time buckets and dimensions that the records have, as plans.
    columns: Vec<(Of, Plan)>,
    at: Option<Plan>,
}

/// What a column of keys is.
#[derive(Debug, Clone, PartialEq)]
enum Of {
    Time(Grain),
    Dimension(String),
}

/// What measures must share to be read together: table, clock, and the window that has passed or has not.
type Shared = (String, Option<String>, Option<(i64, bool)>);

impl<'m> Reading<'m> {
    /// Readings of all measures that are counts and sums over records, those together that are over the same records; and the
    /// measures that are none.
    fn all(
        asked: &'m Asked<'_>,
        uses: &[&'m Use],
        filled: &Filled,
    ) -> Result<(Vec<Reading<'m>>, Vec<&'m Use>), EngineError> {
        let catalogue = asked.engine.catalogue();
        let mut together: Vec<(Shared, Vec<(&Use, &Binding)>)> = Vec::new();
        let mut rest = Vec::new();
        for one in uses.iter().copied() {
            let live = asked.snapshot.tables.get(&one.table).filter(|table| table.rows() > 0);
            let binding = catalogue.binding(&one.measure, &one.table);
            let readable = live.zip(binding).filter(|(_, binding)| {
                let adds_up = matches!(
                    &binding.shape,
                    Shape::Records(Aggregate { function: Function::Count | Function::Sum(_), .. })
                );
                let lacks = || !catalogue.lacking(&one.measure, &one.table, filled).is_empty();
                adds_up && binding.split.is_none() && !lacks()
            });
            let Some((live, binding)) = readable else {
                rest.push(one);
                continue;
            };
            let clock = asked.clocked(live, binding, one)?.at;
            let shared = (one.table.clone(), clock, asked.matured(binding, one)?);
            match together.iter_mut().find(|(known, _)| *known == shared) {
                Some((_, all)) => all.push((one, binding)),
                None => together.push((shared, vec![(one, binding)])),
            }
        }
        let readings = together.into_iter().map(|(_, measures)| Reading::of(asked, measures));
        Ok((readings.collect::<Result<Vec<_>, _>>()?, rest))
    }

    /// Measures of the same records.
    fn of(asked: &'m Asked<'_>, measures: Vec<(&'m Use, &'m Binding)>) -> Result<Reading<'m>, EngineError> {
        let Some((first, binding)) = measures.first().copied() else {
            return refuse("nothing is measured.");
        };
        let Some(live) = asked.snapshot.tables.get(&first.table) else {
            return refuse("there is no such table.");
        };
        let clocked = asked.clocked(live, binding, first)?;
        let place = asked.place(&clocked);
        let mut columns = Vec::new();
        for grain in [Grain::Day, Grain::Hour] {
            if let Ok(bucket) = place.anchor.bucket(grain, &asked.zone, place.table) {
                columns.push((Of::Time(grain), bucket));
            }
        }
        for name in &asked.question.by {
            // What the records lack is refused in its own words when it is asked for alone.
            if let Ok(plan) = place.dimension(name) {
                columns.push((Of::Dimension(name.clone()), plan));
            }
        }
        let at = match &clocked.anchor {
            Anchor::Instant(at) | Anchor::Day(at) => Some(at.clone()),
            Anchor::None => None,
        };
        Ok(Reading { measures, columns, at })
    }

    /// The places of a way's keys among the columns; `None` where the records lack one.
    fn columns_of(&self, way: &Way) -> Option<Vec<usize>> {
        let place = |of: &Of| self.columns.iter().position(|(known, _)| known == of);
        let time = way.grain.map(|grain| place(&Of::Time(grain)));
        let dimensions = way.by.iter().map(|name| place(&Of::Dimension(name.clone())));
        time.into_iter().chain(dimensions).collect()
    }

    /// Reads the records once and adds them up in each way.
    async fn run(
        &self,
        asked: &Asked<'_>,
        ways: &[Vec<usize>],
    ) -> Result<(Vec<BTreeMap<Use, Sums>>, Seen), EngineError> {
        let Some((first, binding)) = self.measures.first().copied() else {
            return refuse("nothing is measured.");
        };
        let Some(live) = asked.snapshot.tables.get(&first.table) else {
            return refuse("there is no such table.");
        };
        let clocked = asked.clocked(live, binding, first)?;
        let expressions: Vec<&Expr> =
            self.measures.iter().flat_map(|(_, binding)| binding.record_expressions()).collect();
        let mut rows = asked.base(&clocked, &expressions).await?;
        let place = asked.place(&clocked);
        if let Some(matured) = asked.matured(binding, first)? {
            rows = rows.filter(asked.has_matured(&clocked, matured).await?)?;
        }
        let used = |at: usize| ways.iter().flatten().any(|column| *column == at);
        let mut plans: Vec<Plan> = Vec::new();
        let mut keys = Vec::new();
        for (at, (of, plan)) in self.columns.iter().enumerate() {
            if used(at) {
                plans.push(plan.clone().alias(format!("k{at}")));
            }
            keys.push(Column {
                name: used(at).then(|| format!("k{at}")),
                is_weekday: *of == Of::Dimension("weekday".to_owned()),
            });
        }
        plans.extend(self.at.clone().map(|at| at.alias("placed_at")));
        let (measured, filters) = self.measured(asked, &place, &mut plans)?;
        let (rows, filters) = by_code::settle(asked.engine.context(), rows, filters)?;
        plans.extend(filters.into_iter().enumerate().map(|(at, filter)| filter.alias(format!("f{at}"))));
        let streams = rows.select(plans)?.execute_stream_partitioned().await?;
        let read = std::sync::Arc::new(Read { keys, ways: ways.to_vec(), measured });
        let mut tasks = JoinSet::new();
        for mut stream in streams {
            let read = std::sync::Arc::clone(&read);
            tasks.spawn(async move {
                let mut fold = Fold::new(&read);
                while let Some(batch) = stream.next().await {
                    fold.add(&read, &batch?)?;
                }
                Ok::<_, EngineError>(fold)
            });
        }
        let mut folds = Vec::new();
        while let Some(done) = tasks.join_next().await {
            folds.push(match done {
                Ok(fold) => fold?,
                Err(error) => return refuse(format!("a part of the reading did not end: {error}.")),
            });
        }
        fold::sums(&read, folds, &self.measures, asked.calendar())
    }

    /// How each measure is read of a record, and the conditions that it shares with others.
    fn measured(
        &self,
        asked: &Asked<'_>,
        place: &Place<'_>,
        plans: &mut Vec<Plan>,
    ) -> Result<(Vec<Measured>, Vec<Plan>), EngineError> {
        let mut filters: Vec<Plan> = Vec::new();
        let mut measured = Vec::new();
        let has_currency = asked
            .snapshot
            .tables
            .get(place.table)
            .is_some_and(|live| live.table.column("currency").is_some());
        let kind_of = |name: &str| place.kind_of(name);
        for (number, (one, binding)) in self.measures.iter().enumerate() {
            let Shape::Records(aggregate) = &binding.shape else {
                return refuse("not a measure over records.");
            };
            let aggregate = asked.aggregate(aggregate, one);
            let condition = aggregate.filter.as_ref().map(|filter| place.plan(filter)).transpose()?;
            let condition = match (condition, asked.on_days(one.days, place)?) {
                (Some(condition), Some(days)) => Some(days.and(condition)),
                (condition, days) => condition.or(days),
            };
            let filter = condition.map(|condition| {
                filters.iter().position(|known| *known == condition).unwrap_or_else(|| {
                    filters.push(condition);
                    filters.len() - 1
                })
            });
            let setting = Setting {
                prefix: format!("m{number}"),
                filter: filter.map(|at| ident(format!("f{at}"))),
                no_match: one.no_match,
                kind_of: &kind_of,
                plan: &|e| place.plan(e),
                has_currency,
            };
            let (columns, _) = additive::expressions(&aggregate, setting)?;
            let value = match aggregate.function.argument() {
                Some(argument) => {
                    let value = additive::widened(argument, place.plan(argument)?, &kind_of);
                    plans.push(value.alias(format!("v{number}")));
                    Some(format!("v{number}"))
                }
                None => None,
            };
            measured.push(Measured { filter: filter.map(|at| format!("f{at}")), value, columns });
        }
        if measured.iter().any(|one| one.columns.has_currency()) {
            plans.push(coalesce(vec![cast(ident("currency"), DataType::Utf8), lit("")]).alias("currency_of"));
        }
        Ok((measured, filters))
    }
}
