//! Where a miss comes from: the dimension that says most, and the values of it that made the figure worse.

use dialmark_engine::{Engine, EngineError};
use dialmark_govern::why::Words;
use dialmark_govern::window::SoFar;
use dialmark_govern::{Aim, Standing};
use dialmark_metrics::metric::Unit;
use dialmark_metrics::{Cell, Key, MetricQuery, MetricTable, Ratio, Scope};
use dialmark_model::civil::Period;

use crate::error::NotDone;
use crate::figures::{most_have_none, times};
use crate::why::{DIMENSIONS, Question, Which, why};

/// Values that are named.
const NAMED: usize = 3;
/// A dimension with more values than this names no cause; each of them would be a drop.
const MOST_VALUES: usize = 500;

/// Where a miss comes from, in sentences, what weighs most first: what did it since the stretch before, where the figure got worse and
/// that is more than chance; else the values of a dimension without which it would be better. Empty where it cannot be taken apart.
pub(crate) async fn of(engine: &Engine, standing: &Standing) -> Result<Vec<String>, EngineError> {
    let (Some(part), Some(worse)) = (standing.so_far, worse(standing)) else { return Ok(Vec::new()) };
    if standing.before.is_ok() && got_worse(standing, worse) {
        let changed = since(engine, standing, &part, worse).await?;
        if !changed.is_empty() {
            return Ok(changed);
        }
    }
    let found = without(engine, standing, &part, worse, &DIMENSIONS).await?;
    Ok(found.into_iter().map(|one| one.says).collect())
}

/// Values of these dimensions without which a missed figure would be better, those that weigh most first; of the dimension that
/// says most.
pub(crate) async fn weighing_most(
    engine: &Engine,
    standing: &Standing,
    dimensions: &[&'static str],
) -> Result<Vec<Contribution>, EngineError> {
    match (standing.so_far, worse(standing)) {
        (Some(part), Some(worse)) => without(engine, standing, &part, worse, dimensions).await,
        _ => Ok(Vec::new()),
    }
}

/// What made the figure worse since the stretch before.
async fn since(
    engine: &Engine,
    standing: &Standing,
    part: &SoFar,
    worse: f64,
) -> Result<Vec<String>, EngineError> {
    let filter = standing.place.condition();
    let which =
        |from, to| Which { period: Period { from: Some(from), to: Some(to) }, filter: filter.clone() };
    let question = Question {
        metric: &standing.kpi.metric,
        before: which(part.earlier_from, part.earlier_to),
        now: which(part.from, part.to),
        by: &[],
        zone: None,
        scope: &Scope::Everything,
    };
    let found = match why(engine, &question).await {
        Ok(found) => found,
        Err(NotDone::Engine(error)) => return Err(error),
        // No ratio, or a side without a value: nothing to take apart.
        Err(_) => return Ok(Vec::new()),
    };
    let Some(along) = found.along.filter(|along| !along.told.named.is_empty()) else { return Ok(Vec::new()) };
    let named = along.named().into_iter().filter(|effect| effect.total * worse > 0.0).take(NAMED);
    Ok(named.map(|effect| along.says(effect, standing.kpi.unit)).collect())
}

/// Values without which the figure would be better, of the dimension that weighs most.
async fn without(
    engine: &Engine,
    standing: &Standing,
    part: &SoFar,
    worse: f64,
    dimensions: &[&'static str],
) -> Result<Vec<Contribution>, EngineError> {
    let Some(times) = times(&standing.cell).map(Ratio::to_f64) else { return Ok(Vec::new()) };
    let mut weights = Vec::new();
    for dimension in dimensions.iter().copied().filter(|d| standing.place.value(d).is_none()) {
        let question = MetricQuery {
            metrics: vec![standing.kpi.metric.clone()],
            by: vec![dimension.to_owned()],
            filter: standing.place.condition(),
            period: Period { from: Some(part.from), to: Some(part.to) },
            ..MetricQuery::default()
        };
        match engine.query(&question).await {
            Ok(table) if tells(&table) => {
                weights.extend(weighing(dimension, &table, standing.kpi.unit, times, worse));
            }
            // The metric cannot be broken out so; another dimension may say more.
            Ok(_) | Err(EngineError::Question(_)) => {}
            Err(other) => return Err(other),
        }
    }
    Ok(largest(weights))
}

/// The sign of a change for the worse, by the target that was missed.
fn worse(standing: &Standing) -> Option<f64> {
    let (value, goal) = (standing.cell.value.as_ref().ok()?, standing.goal.as_ref().ok()?);
    Some(match goal.aim {
        Aim::AtLeast(_) => -1.0,
        Aim::AtMost(_) => 1.0,
        Aim::Within(from, _) if *value < from => -1.0,
        Aim::Within(..) => 1.0,
    })
}

fn got_worse(standing: &Standing, worse: f64) -> bool {
    let change = standing.cell.value.as_ref().ok().zip(standing.before.as_ref().ok());
    change.and_then(|(now, before)| now.minus(*before)).is_some_and(|change| change.to_f64() * worse > 0.0)
}

/// One dimension after another says the same in other words: the values of the one that says most are enough.
fn largest(mut found: Vec<Contribution>) -> Vec<Contribution> {
    found.sort_by(|a, b| b.size.total_cmp(&a.size));
    let dimension = found.first().map(|largest| largest.dimension);
    found.into_iter().filter(|one| Some(one.dimension) == dimension).take(NAMED).collect()
}

/// A value without which a figure would be better.
pub(crate) struct Contribution {
    pub(crate) dimension: &'static str,
    pub(crate) key: Key,
    /// What it did for the worse; above zero.
    size: f64,
    pub(crate) says: String,
}

/// Whether a table may name a cause. Abandoned calls have no agent, nor have dials that reach nobody: a value that an outcome
/// brings with it is no cause of the outcome.
fn tells(table: &MetricTable) -> bool {
    let (top, _) = total(table, |_| true);
    let (without, _) = total(table, |key| *key == Key::None);
    (2..=MOST_VALUES).contains(&table.rows.len()) && without * 2.0 <= top && !most_have_none(table, 0)
}

/// Numerators and denominators of some values.
fn total(table: &MetricTable, which: impl Fn(&Key) -> bool) -> (f64, f64) {
    let rows = table.rows.iter().filter(|row| row.keys.first().is_some_and(&which));
    let parts = rows.filter_map(|row| row.cells.first()).map(sums);
    parts.fold((0.0, 0.0), |sum, part| (sum.0 + part.0, sum.1 + part.1))
}

/// Values without which the figure would be better.
fn weighing(
    dimension: &'static str,
    table: &MetricTable,
    unit: Unit,
    times: f64,
    worse: f64,
) -> Vec<Contribution> {
    let (top, bottom) = total(table, |_| true);
    let keys = table.rows.iter().filter_map(|row| row.keys.first());
    let found = keys.filter_map(|key| {
        let (own_top, own_bottom) = total(table, |other| other == key);
        let rest = bottom - own_bottom;
        if own_bottom <= 0.0 || rest <= 0.0 {
            return None;
        }
        let (all, without) = (times * top / bottom, times * (top - own_top) / rest);
        let size = (all - without) * worse;
        (size > 0.0).then(|| Contribution {
            dimension,
            key: key.clone(),
            size,
            says: format!(
                "{dimension} = {}: {:.1} % of all, with {}; without it the figure would be {}.",
                named(&key.to_string()),
                own_bottom / bottom * 100.0,
                Words(unit).figure(times * own_top / own_bottom),
                Words(unit).figure(without)
            ),
        })
    });
    found.collect()
}

fn sums(cell: &Cell) -> (f64, f64) {
    let of = |part: Option<dialmark_metrics::Exact>| part.map_or(0.0, dialmark_metrics::Exact::to_f64);
    (of(cell.numerator), of(cell.denominator))
}

fn named(key: &str) -> &str {
    if key.is_empty() { "none" } else { key }
}

#[cfg(test)]
mod tests {
    use super::*;
    use dialmark_metrics::{Exact, Row};

    fn table(rows: &[(&str, i128, i128)]) -> MetricTable {
        let row = |(key, top, bottom): &(&str, i128, i128)| Row {
            keys: vec![if key.is_empty() { Key::None } else { Key::Text((*key).to_owned()) }],
            cells: vec![Cell {
                numerator: Some(Exact::integer(*top)),
                denominator: Some(Exact::integer(*bottom)),
                ..Cell::empty()
            }],
        };
        MetricTable {
            dimensions: vec!["list_id".to_owned()],
            metrics: Vec::new(),
            rows: rows.iter().map(row).collect(),
            period: Period::ALL,
            grain: None,
            zone: None,
            seen: None,
            notes: Vec::new(),
        }
    }

    #[test]
    fn what_drags_a_figure_down_is_what_it_would_be_better_without() {
        // 30 of 1,000. Without list b it is 28 of 800, without c 20 of 700.
        let lists = table(&[("a", 18, 500), ("b", 2, 200), ("c", 10, 300)]);
        let says = |found: Vec<Contribution>| found.into_iter().map(|one| one.says).collect::<Vec<_>>();
        let found = says(largest(weighing("list_id", &lists, Unit::Share, 1.0, -1.0)));
        assert_eq!(
            found,
            ["list_id = b: 20.0 % of all, with 1.00 %; without it the figure would be 3.50 %."]
        );
        // Where less is better, it is the others.
        let found = says(largest(weighing("list_id", &lists, Unit::Share, 1.0, 1.0)));
        assert_eq!(found.len(), 2, "{found:?}");
        assert!(found[0].starts_with("list_id = a: 50.0 % of all, with 3.60 %"), "{found:?}");
    }

    #[test]
    fn a_value_that_only_the_reached_have_is_no_cause() {
        assert!(tells(&table(&[("1", 10, 400), ("2", 20, 500), ("", 0, 100)])));
        assert!(!tells(&table(&[("1", 10, 40), ("2", 20, 50), ("", 0, 910)])), "most dials have no agent");
        assert!(!tells(&table(&[("1", 10, 400), ("", 90, 600)])), "most that count have none");
        assert!(!tells(&table(&[("1", 10, 400)])), "one value is the whole");
    }
}
