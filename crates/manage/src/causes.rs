//! Where a change comes from: the dimension along which a ratio moved most, and the values of it that moved it.

use dialmark_engine::{Engine, EngineError};
use dialmark_govern::Standing;
use dialmark_metrics::metric::Unit;
use dialmark_metrics::{Cell, Key, MetricQuery, MetricTable, Ratio};
use dialmark_model::civil::Period;
use dialmark_stats::decompose::{self, Segment};

use crate::figures::times;

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

/// The largest contributions to the change against the stretch before, in sentences, the largest first; empty where there is
/// nothing to compare with.
pub(crate) async fn of(engine: &Engine, standing: &Standing) -> Result<Vec<String>, EngineError> {
    let Some(part) = standing.so_far else { return Ok(Vec::new()) };
    if standing.before.is_err() {
        return Ok(Vec::new());
    }
    let Some(times) = times(&standing.cell).map(Ratio::to_f64) else { return Ok(Vec::new()) };
    let now = Period { from: Some(part.from), to: Some(part.to) };
    let before = Period { from: Some(part.earlier_from), to: Some(part.earlier_to) };
    let mut found: Vec<Contribution> = Vec::new();
    for dimension in DIMENSIONS.into_iter().filter(|d| standing.place.value(d).is_none()) {
        let question = |period| MetricQuery {
            metrics: vec![standing.kpi.metric.clone()],
            by: vec![dimension.to_owned()],
            filter: standing.place.condition(),
            period,
            ..MetricQuery::default()
        };
        let (later, earlier) =
            match (engine.query(&question(now)).await, engine.query(&question(before)).await) {
                (Ok(later), Ok(earlier)) => (later, earlier),
                // The metric cannot be broken out so; another dimension may say more.
                (Err(EngineError::Question(_)), _) | (_, Err(EngineError::Question(_))) => continue,
                (Err(other), _) | (_, Err(other)) => return Err(other),
            };
        found.extend(contributions(dimension, &earlier, &later, standing.kpi.unit, times));
    }
    found.sort_by(|a, b| b.size.abs().total_cmp(&a.size.abs()));
    let down_or_up = found.first().map_or(0.0, |largest| largest.size);
    // One dimension after another says the same in other words: the values of the one that says most are enough.
    let dimension = found.first().map(|largest| largest.dimension);
    let named = found
        .iter()
        .filter(|one| Some(one.dimension) == dimension && one.size.signum() == down_or_up.signum())
        .take(NAMED);
    Ok(named.map(|one| one.says.clone()).collect())
}

struct Contribution {
    dimension: &'static str,
    /// What it added to the ratio.
    size: f64,
    says: String,
}

fn contributions(
    dimension: &'static str,
    earlier: &MetricTable,
    later: &MetricTable,
    unit: Unit,
    times: f64,
) -> Vec<Contribution> {
    let mut keys: Vec<&Key> =
        earlier.rows.iter().chain(&later.rows).filter_map(|row| row.keys.first()).collect();
    keys.sort();
    keys.dedup();
    if keys.len() < 2 || keys.len() > MOST_VALUES {
        return Vec::new();
    }
    let parts = |table: &MetricTable, key: &Key| {
        let row = table.rows.iter().find(|row| row.keys.first() == Some(key));
        row.and_then(|row| row.cells.first()).map_or((0.0, 0.0), sums)
    };
    // Abandoned calls have no agent: a value that an outcome brings with it is no cause of the outcome.
    let is_structural = |table: &MetricTable| {
        let sum: f64 = table.rows.iter().filter_map(|row| row.cells.first()).map(|cell| sums(cell).0).sum();
        let (without, _) = parts(table, &Key::None);
        without * 2.0 > sum
    };
    if is_structural(earlier) || is_structural(later) {
        return Vec::new();
    }
    let segments = keys.iter().map(|key| {
        let (before, now) = (parts(earlier, key), parts(later, key));
        Segment {
            key: key.to_string(),
            before: dialmark_stats::Part { top: before.0 * times, bottom: before.1 },
            after: dialmark_stats::Part { top: now.0 * times, bottom: now.1 },
        }
    });
    let Ok(decomposition) = decompose::ratio(segments) else { return Vec::new() };
    let effects = decomposition.effects.iter().map(|effect| Contribution {
        dimension,
        size: effect.total,
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
    let name = if effect.key.is_empty() { "none" } else { effect.key.as_str() };
    let (size, word) = in_words(unit);
    let rate =
        |rate: Option<f64>| rate.map_or_else(|| "none".to_owned(), |rate| format!("{:.2}", rate * size));
    let (share_before, share_after) = effect.shares;
    let (rate_before, rate_after) = effect.rates;
    format!(
        "{dimension} = {name}: {:+.2} {word}; its share went from {:.1} to {:.1} %, its own figure from {} to {}{}.",
        effect.total * size,
        share_before * 100.0,
        share_after * 100.0,
        rate(rate_before),
        rate(rate_after),
        if unit == Unit::Share { " %" } else { "" }
    )
}

/// What a value is multiplied by to be read, and what that is called.
const fn in_words(unit: Unit) -> (f64, &'static str) {
    match unit {
        Unit::Share => (100.0, "points"),
        Unit::Duration => (0.001, "seconds"),
        Unit::Count | Unit::Money | Unit::Ratio | Unit::PerHour | Unit::Score => (1.0, "in its unit"),
    }
}
