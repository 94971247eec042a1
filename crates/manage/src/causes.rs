//! Where a miss comes from: the dimension that says most, and the values of it that made the figure worse.

use dialmark_engine::{Engine, EngineError};
use dialmark_govern::{Aim, Standing};
use dialmark_metrics::metric::Unit;
use dialmark_metrics::{Cell, Key, MetricQuery, MetricTable, Ratio};
use dialmark_model::civil::Period;
use dialmark_stats::decompose::{self, Segment};

use crate::figures::{most_have_none, times};

/// Dimensions along which a cause is looked for.
const DIMENSIONS: [&str; 9] = [
    "campaign_id",
    "list_id",
    "lead_source",
    "team_id",
    "site_id",
    "caller_id",
    "called_region",
    "hour",
    "agent_id",
];
/// Values that are named.
const NAMED: usize = 3;
/// A dimension with more values than this names no cause; each of them would be a drop.
const MOST_VALUES: usize = 500;

/// The largest contributions to a miss, in sentences, the largest first: to the change against the stretch before, where the
/// figure got worse; else the values of a dimension without which it would be better. Empty where it cannot be taken apart.
pub(crate) async fn of(engine: &Engine, standing: &Standing) -> Result<Vec<String>, EngineError> {
    let (Some(part), Some(worse)) = (standing.so_far, worse(standing)) else { return Ok(Vec::new()) };
    let Some(times) = times(&standing.cell).map(Ratio::to_f64) else { return Ok(Vec::new()) };
    let now = Period { from: Some(part.from), to: Some(part.to) };
    let before = Period { from: Some(part.earlier_from), to: Some(part.earlier_to) };
    let (mut changes, mut weights) = (Vec::new(), Vec::new());
    for dimension in DIMENSIONS.into_iter().filter(|d| standing.place.value(d).is_none()) {
        let question = |period| MetricQuery {
            metrics: vec![standing.kpi.metric.clone()],
            by: vec![dimension.to_owned()],
            filter: standing.place.condition(),
            period,
            ..MetricQuery::default()
        };
        let later = match engine.query(&question(now)).await {
            Ok(later) if tells(&later) => later,
            // The metric cannot be broken out so; another dimension may say more.
            Ok(_) | Err(EngineError::Question(_)) => continue,
            Err(other) => return Err(other),
        };
        let unit = standing.kpi.unit;
        weights.extend(weighing(dimension, &later, unit, times, worse));
        if standing.before.is_ok() && got_worse(standing, worse) {
            match engine.query(&question(before)).await {
                Ok(earlier) if tells(&earlier) => {
                    changes.extend(contributions(dimension, &earlier, &later, unit, times, worse));
                }
                Ok(_) | Err(EngineError::Question(_)) => {}
                Err(other) => return Err(other),
            }
        }
    }
    let found = if changes.is_empty() { weights } else { changes };
    Ok(largest(found))
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
fn largest(mut found: Vec<Contribution>) -> Vec<String> {
    found.sort_by(|a, b| b.size.total_cmp(&a.size));
    let dimension = found.first().map(|largest| largest.dimension);
    let named = found.into_iter().filter(|one| Some(one.dimension) == dimension).take(NAMED);
    named.map(|one| one.says).collect()
}

struct Contribution {
    dimension: &'static str,
    /// What it did for the worse; above zero.
    size: f64,
    says: String,
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
            size,
            says: format!(
                "{dimension} = {}: {:.1} % of all, with {}; without it the figure would be {}.",
                named(&key.to_string()),
                own_bottom / bottom * 100.0,
                shown(times * own_top / own_bottom, unit),
                shown(without, unit)
            ),
        })
    });
    found.collect()
}

/// What values did for the worse since the stretch before.
fn contributions(
    dimension: &'static str,
    earlier: &MetricTable,
    later: &MetricTable,
    unit: Unit,
    times: f64,
    worse: f64,
) -> Vec<Contribution> {
    let mut keys: Vec<&Key> =
        earlier.rows.iter().chain(&later.rows).filter_map(|row| row.keys.first()).collect();
    keys.sort();
    keys.dedup();
    if keys.len() > MOST_VALUES {
        return Vec::new();
    }
    let segments = keys.iter().map(|key| {
        let of = |table: &MetricTable| {
            let (top, bottom) = total(table, |other| other == *key);
            dialmark_stats::Part { top: top * times, bottom }
        };
        Segment { key: key.to_string(), before: of(earlier), after: of(later) }
    });
    let Ok(decomposition) = decompose::ratio(segments) else { return Vec::new() };
    let effects = decomposition.effects.iter().filter(|effect| effect.total * worse > 0.0);
    let effects = effects.map(|effect| Contribution {
        dimension,
        size: effect.total * worse,
        says: sentence(dimension, effect, unit),
    });
    effects.collect()
}

fn sums(cell: &Cell) -> (f64, f64) {
    let of = |part: Option<dialmark_metrics::Exact>| part.map_or(0.0, dialmark_metrics::Exact::to_f64);
    (of(cell.numerator), of(cell.denominator))
}

/// A contribution that a manager can check: how large, and whether by its own figure or by its share.
fn sentence(dimension: &str, effect: &decompose::Effect<String>, unit: Unit) -> String {
    let (size, word) = in_words(unit);
    let rate = |rate: Option<f64>| rate.map_or_else(|| "none".to_owned(), |rate| shown(rate, unit));
    let (share_before, share_after) = effect.shares;
    let (rate_before, rate_after) = effect.rates;
    format!(
        "{dimension} = {}: {:+.2} {word}; its share went from {:.1} to {:.1} %, its own figure from {} to {}.",
        named(&effect.key),
        effect.total * size,
        share_before * 100.0,
        share_after * 100.0,
        rate(rate_before),
        rate(rate_after)
    )
}

fn named(key: &str) -> &str {
    if key.is_empty() { "none" } else { key }
}

/// A figure to read, without its currency.
fn shown(value: f64, unit: Unit) -> String {
    let (size, _) = in_words(unit);
    let sign = match unit {
        Unit::Share => " %",
        Unit::Duration => " s",
        Unit::Count | Unit::Money | Unit::Ratio | Unit::PerHour | Unit::Score => "",
    };
    format!("{:.2}{sign}", value * size)
}

/// What a value is multiplied by to be read, and what a difference is called.
const fn in_words(unit: Unit) -> (f64, &'static str) {
    match unit {
        Unit::Share => (100.0, "points"),
        Unit::Duration => (0.001, "seconds"),
        Unit::Count | Unit::Money | Unit::Ratio | Unit::PerHour | Unit::Score => (1.0, "in its unit"),
    }
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
        let found = largest(weighing("list_id", &lists, Unit::Share, 1.0, -1.0));
        assert_eq!(
            found,
            ["list_id = b: 20.0 % of all, with 1.00 %; without it the figure would be 3.50 %."]
        );
        // Where less is better, it is the others.
        let found = largest(weighing("list_id", &lists, Unit::Share, 1.0, 1.0));
        assert_eq!(found.len(), 2, "{found:?}");
        assert!(found[0].starts_with("list_id = a: 50.0 % of all, with 3.60 %"), "{found:?}");
    }

    #[test]
    fn only_what_got_worse_is_named_of_a_change() {
        let (earlier, later) =
            (table(&[("a", 30, 500), ("b", 30, 500)]), table(&[("a", 40, 500), ("b", 10, 500)]));
        let found = largest(contributions("list_id", &earlier, &later, Unit::Share, 1.0, -1.0));
        assert_eq!(
            found,
            [
                "list_id = b: -2.00 points; its share went from 50.0 to 50.0 %, its own figure from 6.00 % to 2.00 %."
            ]
        );
    }

    #[test]
    fn a_value_that_only_the_reached_have_is_no_cause() {
        assert!(tells(&table(&[("1", 10, 400), ("2", 20, 500), ("", 0, 100)])));
        assert!(!tells(&table(&[("1", 10, 40), ("2", 20, 50), ("", 0, 910)])), "most dials have no agent");
        assert!(!tells(&table(&[("1", 10, 400), ("", 90, 600)])), "most that count have none");
        assert!(!tells(&table(&[("1", 10, 400)])), "one value is the whole");
    }
}
