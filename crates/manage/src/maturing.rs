//! How far a figure over outcomes that come late has ripened: asked with shorter windows, so that older cohorts tell how it goes.

use std::collections::BTreeMap;

use dialmark_engine::{Engine, EngineError};
use dialmark_govern::maturing::Maturing;
use dialmark_metrics::metric::{Formula, Unit};
use dialmark_metrics::{Binding, Catalogue, Cell, Exact, Expr, Key, MetricQuery, MetricRef, Scope};
use dialmark_model::civil::{Grain, Period};
use dialmark_stats::Confidence;
use dialmark_stats::maturity::{Cohort, Ripening};
use jiff::civil::Date;

/// Ages in days at which it is looked how far cohorts have come, as far as the window goes; the window itself is the last.
const AGES: [i64; 9] = [1, 3, 7, 14, 21, 28, 42, 60, 90];
const DAY_MS: i64 = 86_400_000;

/// The window after which a metric's outcomes do not count any more.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Lag {
    pub(crate) window_ms: i64,
    /// The parameter by which it can be asked what had happened by an earlier age; `None` where there is none.
    param: Option<String>,
    is_conversion: bool,
}

impl Lag {
    /// Whole days of it, a part of one counted as one.
    pub(crate) const fn days(&self) -> i64 {
        (self.window_ms + DAY_MS - 1) / DAY_MS
    }
}

/// The window of a metric whose records count once it has passed; `None` for all others.
pub(crate) fn lag(catalogue: &Catalogue, metric: &MetricRef) -> Option<Lag> {
    let resolved = catalogue.resolve(metric).ok()?;
    let formula = &resolved.variant.formula;
    let is_conversion = matches!(formula, Formula::Conversion { .. });
    if !is_conversion && !matches!(formula, Formula::Ratio { .. }) {
        return None;
    }
    let measures = formula.measures().into_iter().filter_map(|name| catalogue.measures.get(name));
    let bindings = measures.flat_map(|measure| &measure.bindings);
    let windows = bindings.filter_map(|binding| binding.matured.as_ref());
    let of = |window: &Expr| match window {
        Expr::Param(name) => Some((*resolved.params.0.get(name)?, Some(name.clone()))),
        Expr::Integer(ms) => Some((*ms, None)),
        _ => None,
    };
    let longest = windows.filter_map(|matured| of(&matured.window)).max_by_key(|(ms, _)| *ms)?;
    let (window_ms, param) = longest;
    // A ratio whose hits do not ask how old they are says nothing of earlier ages under a shorter window.
    let asks_age = |name: &String| {
        let top = formula.measures().into_iter().next().and_then(|top| catalogue.measures.get(top));
        let asks = |binding: &Binding| {
            binding.record_expressions().into_iter().flat_map(Expr::params).any(|param| param == name)
        };
        is_conversion || top.is_some_and(|top| top.bindings.iter().all(asks))
    };
    let param = param.filter(asks_age);
    (window_ms > 0).then_some(Lag { window_ms, param, is_conversion })
}

/// What is asked.
pub(crate) struct Question<'a> {
    pub(crate) metric: &'a MetricRef,
    pub(crate) filter: Option<Expr>,
    pub(crate) period: Period,
    pub(crate) zone: Option<String>,
    pub(crate) scope: &'a Scope,
}

/// Cohorts of days by age, in steps of [`AGES`].
struct Days(BTreeMap<Date, Aged>);

#[derive(Default)]
struct Aged {
    all: u64,
    mature: u64,
    cohort: Option<Cohort>,
}

/// How far the figure of a period has ripened; `None` for metrics that do not ripen, and where all of it has.
pub(crate) async fn maturing(
    engine: &Engine,
    question: &Question<'_>,
) -> Result<Option<Maturing>, EngineError> {
    let Some(lag) = lag(engine.catalogue(), question.metric) else { return Ok(None) };
    let Some(param) = lag.param.clone() else { return Ok(None) };
    if !engine.catalogue().adds_up_over_days(question.metric) {
        return Ok(None);
    }
    let window_days = lag.days();
    let mut ages: Vec<i64> =
        AGES.into_iter().filter(|days| *days < window_days).map(|days| days * DAY_MS).collect();
    ages.push(lag.window_ms);
    let days = match aged(engine, question, &lag, &param, &ages).await {
        Ok(days) => days,
        Err(EngineError::Question(_)) => return Ok(None),
        Err(other) => return Err(other),
    };
    let calendar = engine.calendar();
    let within = |day: &Date| {
        let start = calendar.day_start(*day);
        start.is_some_and(|start| {
            question.period.from.is_none_or(|from| start >= from)
                && question.period.to.is_none_or(|to| start < to)
        })
    };
    let own: Vec<&Aged> = days.0.iter().filter(|(day, _)| within(day)).map(|(_, aged)| aged).collect();
    let (all, mature) = (own.iter().map(|one| one.all).sum(), own.iter().map(|one| one.mature).sum());
    if mature >= all {
        return Ok(None);
    }
    let cohorts =
        |of: &mut dyn Iterator<Item = &Aged>| of.filter_map(|aged| aged.cohort.clone()).collect::<Vec<_>>();
    let everything = cohorts(&mut days.0.values());
    let own = cohorts(&mut own.into_iter());
    let ripe = Ripening::of(&everything, ages.len()).and_then(|r| r.estimate(&own, Confidence::P95));
    Ok(Some(Maturing { window_days, mature, all, ripe }))
}

/// The records of each day, by how many of each age had come to something, from the same figure under shorter windows.
async fn aged(
    engine: &Engine,
    question: &Question<'_>,
    lag: &Lag,
    param: &str,
    ages: &[i64],
) -> Result<Days, EngineError> {
    let at = |window_ms: i64| {
        let mut metric = question.metric.clone();
        metric.params.0.insert(param.to_owned(), window_ms);
        metric
    };
    // A ratio counts below what is old enough; with no window that is everything.
    let first = if lag.is_conversion { ages.first().copied().unwrap_or(0) } else { 0 };
    let asked = MetricQuery {
        metrics: [first].into_iter().chain(ages.iter().copied()).map(at).collect(),
        filter: question.filter.clone(),
        grain: Some(Grain::Day),
        zone: question.zone.clone(),
        scope: question.scope.clone(),
        ..MetricQuery::default()
    };
    let table = engine.query(&asked).await?;
    let is_share = table.metrics.first().is_some_and(|header| header.unit == Unit::Share);
    let mut days = BTreeMap::new();
    for row in &table.rows {
        let (Some(Key::Day(day)), Some((whole, steps))) = (row.keys.first(), row.cells.split_first()) else {
            continue;
        };
        let below = |cell: &Cell| count(cell.denominator);
        let all = if lag.is_conversion { below(whole) + whole.pending } else { below(whole) };
        let mature = steps.last().map_or(0, below);
        let (mut by_age, mut before) = (Vec::new(), 0);
        // A day that is partly old enough has not come so far yet.
        for step in steps.iter().take_while(|step| below(step) == all) {
            let hits = count(step.numerator);
            by_age.push(hits.saturating_sub(before) as f64);
            before = hits;
        }
        let cohort = (is_share && all > 0).then_some(Cohort { n: all as f64, by_age });
        days.insert(*day, Aged { all, mature, cohort });
    }
    Ok(Days(days))
}

fn count(part: Option<Exact>) -> u64 {
    part.and_then(Exact::as_integer).and_then(|n| u64::try_from(n).ok()).unwrap_or(0)
}
