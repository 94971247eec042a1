//! The difference of two figures as disjoint sets of records, each with its reason, its count and its effect.
//!
//! Every record contributes to four sums: numerator and denominator of either figure. Records that contribute alike, for
//! the same reason, are one set. With A = a1/a0 and B = b1/b0 the difference is
//!
//! ```text
//! B - A = (d1 - A d0) / b0 = (d1 - B d0) / a0      where d1 = b1 - a1, d0 = b0 - a0
//! ```
//!
//! which is linear in the sets' own d1 and d0; the mean of both forms is symmetric: turned round, every effect changes
//! its sign and nothing else. Effects are exact fractions and add up to the difference.

mod marks;
mod reasons;

use std::collections::BTreeMap;

use arrow::array::{Array, AsArray, RecordBatch};
use arrow::datatypes::{Decimal128Type, Int32Type};
use async_recursion::async_recursion as compiled_here;
use datafusion::functions_aggregate::expr_fn::{count, sum};
use datafusion::logical_expr::{ident, lit};
use dialmark_metrics::answer::MetricHeader;
use dialmark_metrics::{Cell, Exact, Expr, MetricQuery, MetricRef, Ratio, Scope};
use dialmark_model::civil::Period;
use jiff::Timestamp;

use crate::asked::Asked;
use crate::engine::Engine;
use crate::error::{EngineError, refuse};
use crate::passes::count_at;
use crate::plan::{self, Figure, Planner, Use};
use crate::records::Records;

pub(crate) use marks::Marked;

use marks::Mark;

/// One of the two figures.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Side {
    /// The metric.
    pub metric: MetricRef,
    /// Condition on its records.
    pub filter: Option<Expr>,
    /// Its time.
    pub period: Period,
}

/// What both figures have in common.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Common {
    /// Condition on records.
    pub filter: Option<Expr>,
    /// Zone of civil days.
    pub zone: Option<String>,
    /// What the asker may see.
    pub scope: Scope,
    /// Table to read when several could answer.
    pub table: Option<String>,
    /// Instant up to which the data is complete.
    pub complete_until: Option<Timestamp>,
    /// The set whose records are wanted, counted from 1, and how many of them.
    pub show: Option<(usize, usize)>,
}

/// Two figures and what lies between them.
#[derive(Debug, Clone)]
pub struct Reconciliation {
    /// The first figure.
    pub a: (MetricHeader, Cell),
    /// The second figure.
    pub b: (MetricHeader, Cell),
    /// Second less first.
    pub difference: Ratio,
    /// What makes the difference, the largest effect first. The effects add up to the difference.
    pub sets: Vec<Set>,
    /// Records that contribute to both alike.
    pub alike: u64,
    /// The records of the set that was asked for.
    pub shown: Option<Records>,
}

/// Records that contribute alike, for the same reason.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Set {
    /// Why they contribute as they do.
    pub reason: String,
    /// Their table.
    pub table: String,
    /// How many there are.
    pub calls: u64,
    /// By how much they change the figure, from A to B.
    pub effect: Ratio,
    /// What they add to numerator and denominator of A, and to those of B.
    pub adds: [Exact; 4],
    /// A condition that finds them, where one can be written.
    pub condition: Option<Expr>,
}

impl Set {
    /// Takes in records that differ for the same reason.
    fn merge(&mut self, other: Set) -> Option<()> {
        self.calls += other.calls;
        self.effect = self.effect.plus(other.effect)?;
        for (mine, theirs) in self.adds.iter_mut().zip(other.adds) {
            *mine = mine.checked_add(theirs)?;
        }
        self.condition = self
            .condition
            .take()
            .zip(other.condition)
            .map(|(a, b)| Expr::Binary(dialmark_metrics::expr::BinaryOp::Or, Box::new(a), Box::new(b)));
        Some(())
    }
}

/// The two parts of a figure, each read from one or more measures.
pub(crate) struct Parts {
    pub top: Vec<Use>,
    /// `None` for a figure that is no division.
    pub bottom: Option<Vec<Use>>,
    times: i64,
}

/// Takes two figures apart. Both engines look at the same store, perhaps under different definitions.
#[compiled_here]
pub async fn reconcile(
    (engine_a, a): (&Engine, &Side),
    (engine_b, b): (&Engine, &Side),
    common: &Common,
) -> Result<Reconciliation, EngineError> {
    let snapshot = engine_a.lake().snapshot().await?;
    let (question_a, question_b) = (question(a, common), question(b, common));
    let (header_a, cell_a, parts_a) = figure(engine_a, &question_a, &snapshot).await?;
    let (header_b, cell_b, parts_b) = figure(engine_b, &question_b, &snapshot).await?;
    let value = |name: &str, cell: &Cell| {
        cell.value.clone().map_err(|reason| {
            EngineError::Question(format!(
                "{name} has no value, so there is no difference to explain: {reason}."
            ))
        })
    };
    let (value_a, value_b) = (value("The first figure", &cell_a)?, value("The second figure", &cell_b)?);
    let too_large =
        || EngineError::Question("The parts of the difference are too large to be written.".to_owned());
    let difference = value_b.minus(value_a).ok_or_else(too_large)?;
    if parts_a.bottom.is_some() != parts_b.bottom.is_some() {
        return refuse(
            "One of the figures is a share and the other a number, so they have no parts in common.",
        );
    }
    if header_a.unit != header_b.unit {
        return refuse(format!(
            "The figures are not of one kind: one is shown as {}, the other as {}.",
            header_a.unit.word(),
            header_b.unit.word()
        ));
    }
    let asked_a = Asked::new(engine_a, &question_a, &snapshot)?;
    let asked_b = Asked::new(engine_b, &question_b, &snapshot)?;
    let mut tables: Vec<String> = Vec::new();
    for parts in [&parts_a, &parts_b] {
        for one in parts.top.iter().chain(parts.bottom.iter().flatten()) {
            if !tables.contains(&one.table) {
                tables.push(one.table.clone());
            }
        }
    }
    let mut found: Vec<(Key, Tally, usize)> = Vec::new();
    let mut marked: Vec<Marked> = Vec::new();
    let mut alike = 0;
    for table in &tables {
        let Some(live) = snapshot.tables.get(table).filter(|t| t.rows() > 0) else { continue };
        let one = marks::mark((&asked_a, &parts_a), (&asked_b, &parts_b), live).await?;
        for (key, tally) in tally(&one).await? {
            match tally.adds[0] == tally.adds[2] && tally.adds[1] == tally.adds[3] {
                // What contributes alike makes no difference; what contributes nothing is not even looked at.
                true if tally.adds.iter().any(|add| !add.is_zero()) => alike += tally.calls,
                true => {}
                false => found.push((key, tally, marked.len())),
            }
        }
        marked.push(one);
    }
    // Records that differ for one reason are one set, however else they contribute alike.
    let mut sets: Vec<(Set, Vec<Key>, usize)> = Vec::new();
    for (key, tally, number) in found {
        let effect = effect(&tally.adds, (&cell_a, value_a), (&cell_b, value_b), parts_a.times)
            .ok_or_else(too_large)?;
        let Some(one) = marked.get(number) else { continue };
        let (reason, condition) = reasons::of(one, &key, parts_a.bottom.is_some());
        let set =
            Set { reason, table: one.table.clone(), calls: tally.calls, effect, adds: tally.adds, condition };
        match sets.iter_mut().find(|(known, _, at)| *at == number && known.reason == set.reason) {
            Some((known, keys, _)) => {
                known.merge(set).ok_or_else(too_large)?;
                keys.push(key);
            }
            None => sets.push((set, vec![key], number)),
        }
    }
    let size = |set: &Set| set.effect.max(Ratio::ZERO.minus(set.effect).unwrap_or(set.effect));
    sets.sort_by(|(x, ..), (y, ..)| size(y).cmp(&size(x)).then_with(|| x.reason.cmp(&y.reason)));
    let shown = match common.show {
        None => None,
        Some((number, limit)) => {
            let Some((_, keys, of)) = number.checked_sub(1).and_then(|i| sets.get(i)) else {
                return refuse(format!("There are {} sets, counted from 1.", sets.len()));
            };
            match marked.get(*of) {
                Some(one) => Some(engine_a.page_of(one, keys, limit).await?),
                None => None,
            }
        }
    };
    let sets: Vec<Set> = sets.into_iter().map(|(set, ..)| set).collect();
    let total = sets.iter().try_fold(Ratio::ZERO, |total, set| total.plus(set.effect));
    if total != Some(difference) {
        return refuse(format!(
            "The sets add up to {}, not to the difference of {difference}; this is a mistake of the program, please report it.",
            total.map_or_else(|| "more than can be written".to_owned(), |t| t.to_string())
        ));
    }
    Ok(Reconciliation { a: (header_a, cell_a), b: (header_b, cell_b), difference, sets, alike, shown })
}

fn question(side: &Side, common: &Common) -> MetricQuery {
    let filter = match (&side.filter, &common.filter) {
        (Some(own), Some(all)) => Some(all.clone().and(own.clone())),
        (own, all) => own.clone().or_else(|| all.clone()),
    };
    MetricQuery {
        metrics: vec![side.metric.clone()],
        filter,
        period: side.period,
        zone: common.zone.clone(),
        scope: common.scope.clone(),
        table: common.table.clone(),
        complete_until: common.complete_until,
        ..MetricQuery::default()
    }
}

/// The figure as any surface shows it, and its parts.
async fn figure(
    engine: &Engine,
    question: &MetricQuery,
    snapshot: &dialmark_lake::Snapshot,
) -> Result<(MetricHeader, Cell, Parts), EngineError> {
    let filled = engine.filled_in(snapshot);
    let planner = Planner { catalogue: engine.catalogue(), question, snapshot, filled: &filled };
    let wanted = plan::wanted(&planner, &mut Vec::new())?;
    let Some(one) = wanted.into_iter().next() else { return refuse("No metric was asked for.") };
    let parts = parts(&one.figure, &one.header.metric)?;
    let table = engine.query(question).await?;
    let cell = table.rows.into_iter().next().and_then(|row| row.cells.into_iter().next());
    Ok((one.header, cell.unwrap_or_else(Cell::empty), parts))
}

fn parts(figure: &Figure, metric: &str) -> Result<Parts, EngineError> {
    Ok(match figure {
        Figure::Simple(one) => Parts { top: vec![one.clone()], bottom: None, times: 1 },
        Figure::Ratio(top, bottom, times) => {
            Parts { top: vec![top.clone()], bottom: Some(vec![bottom.clone()]), times: *times }
        }
        Figure::Conversion(converted, base, _) => {
            Parts { top: vec![converted.clone()], bottom: Some(vec![base.clone()]), times: 1 }
        }
        Figure::Meant(all) => {
            let all: Vec<Parts> = all.iter().map(|one| parts(one, metric)).collect::<Result<_, _>>()?;
            let bottoms: Option<Vec<Vec<Use>>> = all.iter().map(|p| p.bottom.clone()).collect();
            let times = all.first().map_or(1, |p| p.times);
            Parts {
                top: all.into_iter().flat_map(|p| p.top).collect(),
                bottom: bottoms.map(|b| b.into_iter().flatten().collect()),
                times,
            }
        }
        Figure::Derived { .. } | Figure::Cumulative(..) | Figure::Distribution(..) => {
            return refuse(format!(
                "`{metric}` is not one sum over another, so its difference is not a sum over calls. Reconcile the metrics that it is made of."
            ));
        }
    })
}

/// What tells one set from another: a code for each of the four parts, and whether the amounts of either differ.
pub(crate) type Key = Vec<i32>;

#[derive(Debug, Clone)]
struct Tally {
    calls: u64,
    adds: [Exact; 4],
}

/// Adds up what the records of each set contribute.
async fn tally(marked: &Marked) -> Result<BTreeMap<Key, Tally>, EngineError> {
    let keys: Vec<_> = (0..marked.marks.len()).map(|i| ident(format!("code_{i}"))).collect();
    let mut plans = vec![count(lit(1_i64)).alias("calls")];
    for part in 0..4 {
        plans.push(sum(ident(format!("adds_{part}"))).alias(format!("total_{part}")));
    }
    let batches = marked.rows.clone().aggregate(keys, plans)?.collect().await?;
    let mut all = BTreeMap::new();
    for batch in &batches {
        for row in 0..batch.num_rows() {
            let key: Key = (0..marked.marks.len()).map(|i| code_at(batch, i, row)).collect();
            let mut adds = [Exact::ZERO; 4];
            for (part, add) in adds.iter_mut().enumerate() {
                let column = batch.column_by_name(&format!("total_{part}"));
                let column = column.and_then(|c| c.as_primitive_opt::<Decimal128Type>());
                let units = column.filter(|c| !c.is_null(row)).map_or(0, |c| c.value(row));
                *add = Exact::new(units, marks::DIGITS).unwrap_or(Exact::ZERO);
            }
            let calls = u64::try_from(count_at(batch, "calls", row)).unwrap_or(0);
            all.insert(key, Tally { calls, adds });
        }
    }
    Ok(all)
}

fn code_at(batch: &RecordBatch, mark: usize, row: usize) -> i32 {
    let column = batch.column_by_name(&format!("code_{mark}"));
    let column = column.and_then(|c| c.as_primitive_opt::<Int32Type>());
    column.filter(|c| !c.is_null(row)).map_or(Mark::COUNTS, |c| c.value(row))
}

/// The effect of one set; see the formula at the top.
fn effect(
    adds: &[Exact; 4],
    (cell_a, a): (&Cell, Ratio),
    (cell_b, b): (&Cell, Ratio),
    times: i64,
) -> Option<Ratio> {
    let [a1, a0, b1, b0] = *adds;
    let d1 = Ratio::exact(b1.checked_sub(a1)?)?;
    let (Some(whole_a), Some(whole_b)) = (cell_a.denominator, cell_b.denominator) else { return Some(d1) };
    let d0 = Ratio::exact(b0.checked_sub(a0)?)?;
    let factor = Ratio::exact(Exact::integer(i128::from(times)))?;
    // The values carry the factor already.
    let d1 = d1.times(factor)?;
    let forward = d1.minus(a.times(d0)?)?.over(Ratio::exact(whole_b)?)?;
    let backward = d1.minus(b.times(d0)?)?.over(Ratio::exact(whole_a)?)?;
    forward.plus(backward)?.times(Ratio::of(Exact::integer(1), Exact::integer(2))?)
}
