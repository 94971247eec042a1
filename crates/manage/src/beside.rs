//! Own figures beside what others reach: each benchmark with the figure of its very definition, or why the two are not
//! compared.

use std::collections::BTreeMap;

use async_recursion::async_recursion as compiled_here;
use dialmark_engine::{Engine, EngineError};
use dialmark_govern::Place;
use dialmark_govern::benchmark::{Asked, Benchmark, Comparison, Differs, Library, Mismatch};
use dialmark_govern::benchmark::{comparable, compare};
use dialmark_metrics::catalogue::Filled;
use dialmark_metrics::{Catalogue, MetricRef, Scope};
use dialmark_model::civil::Period;

use crate::figures::{Ask, Found, figures};

/// Which records are looked at.
#[derive(Debug, Clone, Copy)]
pub struct Looked<'a> {
    /// Columns that have values, by table, as far as their values mean something.
    pub filled: &'a Filled,
    /// Which time.
    pub period: Period,
    /// What the asker may see.
    pub scope: &'a Scope,
}

/// A benchmark with the own figure at a place.
#[derive(Debug, Clone)]
pub struct Beside<'l> {
    /// What others reach.
    pub benchmark: &'l Benchmark,
    /// Whose records the own figure is of.
    pub place: Place,
    /// What the own figure is, and the figure; `None` where it was not computed, because the two are not compared.
    pub own: Option<(Asked, Found)>,
    /// What came of it.
    pub comparison: Comparison,
}

/// How a benchmark is to be met by an own figure.
enum Plan {
    /// By this figure.
    Ask(MetricRef),
    /// Not at all, for these reasons.
    Not(Vec<Mismatch>),
}

/// Lays figures beside every benchmark, at the whole centre and at each place of which a profile speaks, in the order of
/// places and then of names. A figure is computed where the two are comparable only, in the variant that the benchmark
/// states, or else in the first that counts and divides by the same.
#[compiled_here]
pub async fn beside<'l>(
    engine: &Engine,
    library: &'l Library,
    looked: &Looked<'_>,
) -> Result<Vec<Beside<'l>>, EngineError> {
    let catalogue = engine.catalogue();
    let missing = missing(catalogue, looked.filled);
    let mut places = library.profiles.places();
    places.push(Place::centre());
    places.sort();
    places.dedup();
    let mut all = Vec::new();
    for place in places {
        let plans: Vec<(&Benchmark, Plan)> = library
            .benchmarks
            .values()
            .map(|benchmark| (benchmark, plan(benchmark, &place, library, catalogue, &missing)))
            .collect();
        let metrics: Vec<MetricRef> = plans
            .iter()
            .filter_map(|(_, plan)| match plan {
                Plan::Ask(metric) => Some(metric.clone()),
                Plan::Not(_) => None,
            })
            .collect();
        let mut found = found(engine, &metrics, &place, looked).await?.into_iter();
        for (benchmark, plan) in plans {
            let (own, comparison) = match plan {
                Plan::Not(why) => (None, Comparison::NotMade(why)),
                Plan::Ask(metric) => {
                    let found = found.next().unwrap_or_else(|| Err("nothing came back".to_owned()));
                    met(benchmark, &metric, &place, found, library, catalogue)
                }
            };
            all.push(Beside { benchmark, place: place.clone(), own, comparison });
        }
    }
    Ok(all)
}

/// What stands in the way of each variant.
type Missing = BTreeMap<(String, String), Vec<String>>;

fn missing(catalogue: &Catalogue, filled: &Filled) -> Missing {
    let all = catalogue.computable(filled).into_iter();
    all.map(|one| ((one.metric, one.variant), one.missing)).collect()
}

fn plan(
    benchmark: &Benchmark,
    place: &Place,
    library: &Library,
    catalogue: &Catalogue,
    missing: &Missing,
) -> Plan {
    let mut out_of_reach: Option<Vec<Mismatch>> = None;
    // Of variants that differ, the one that differs least says best why.
    let mut differs: Option<Vec<Mismatch>> = None;
    let mut note = |why: Vec<Mismatch>| {
        if differs.as_ref().is_none_or(|before| why.len() < before.len()) {
            differs = Some(why);
        }
    };
    for metric in variants(benchmark, catalogue) {
        // The currency of the own figure is known when it is there; until then it may be the benchmark's.
        let asked = match asked(&metric, place, library, catalogue, benchmark.currency.as_deref()) {
            Ok(asked) => asked,
            Err(sentence) => {
                note(vec![Mismatch { of: Differs::Metric, sentence }]);
                continue;
            }
        };
        if let Err(why) = comparable(benchmark, &asked) {
            note(why);
            continue;
        }
        match missing.get(&(asked.metric, asked.variant)) {
            Some(none) if none.is_empty() => return Plan::Ask(metric),
            lacking => {
                let lacking = lacking.map(|all| all.join(", ")).unwrap_or_default();
                let sentence =
                    format!("The own figure cannot be computed from these records, which lack {lacking}.");
                out_of_reach.get_or_insert(vec![Mismatch { of: Differs::Value, sentence }]);
            }
        }
    }
    Plan::Not(out_of_reach.or(differs).unwrap_or_default())
}

/// The variant that the benchmark states; else all of its metric, the default first.
fn variants(benchmark: &Benchmark, catalogue: &Catalogue) -> Vec<MetricRef> {
    let stated = &benchmark.metric;
    let Some(metric) = catalogue.metrics.get(&stated.metric).filter(|_| stated.variant.is_none()) else {
        return vec![stated.clone()];
    };
    let others = metric.variants.iter().map(|variant| &variant.id).filter(|id| **id != metric.default);
    let names = std::iter::once(&metric.default).chain(others);
    names.map(|name| MetricRef { variant: Some(name.clone()), ..stated.clone() }).collect()
}

fn asked(
    metric: &MetricRef,
    place: &Place,
    library: &Library,
    catalogue: &Catalogue,
    currency: Option<&str>,
) -> Result<Asked, String> {
    Asked::of(metric, catalogue, &library.vocabulary, currency, library.profiles.of(place))
}

/// Figures of a place, in the order in which they were asked for.
pub(crate) async fn found(
    engine: &Engine,
    metrics: &[MetricRef],
    place: &Place,
    looked: &Looked<'_>,
) -> Result<Vec<Result<Found, String>>, EngineError> {
    if metrics.is_empty() {
        return Ok(Vec::new());
    }
    let ask = Ask { metrics, place, by: &[], period: looked.period, scope: looked.scope };
    Ok(figures(engine, &ask).await?.into_values().next().unwrap_or_default())
}

fn met(
    benchmark: &Benchmark,
    metric: &MetricRef,
    place: &Place,
    found: Result<Found, String>,
    library: &Library,
    catalogue: &Catalogue,
) -> (Option<(Asked, Found)>, Comparison) {
    let none = |sentence| (None, Comparison::NotMade(vec![Mismatch { of: Differs::Value, sentence }]));
    let found = match found {
        Ok(found) => found,
        Err(why) => return none(format!("The own figure cannot be computed: {why}")),
    };
    let value = match &found.cell.value {
        Ok(value) => *value,
        Err(reason) => return none(format!("There is no own figure: {reason}.")),
    };
    match asked(metric, place, library, catalogue, found.cell.currency.as_deref()) {
        Err(sentence) => none(sentence),
        Ok(asked) => {
            let comparison = compare(benchmark, &asked, value);
            (Some((asked, found)), comparison)
        }
    }
}
