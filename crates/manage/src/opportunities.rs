//! What reaching a target, what others reach, or one's own best team would bring, from the figures of a store.

mod chains;
mod own_best;
mod prices;
mod targets;

use std::collections::BTreeMap;

use async_recursion::async_recursion as compiled_here;
use dialmark_engine::{Engine, EngineError};
use dialmark_govern::benchmark::{Asked, Comparison};
use dialmark_govern::opportunity::{self, Candidate, Figure, Opportunity, Reference};
use dialmark_govern::{Governed, Place};
use dialmark_metrics::catalogue::Filled;
use dialmark_metrics::{Catalogue, Cell, MetricRef};
use jiff::civil::Date;

use crate::beside::{Beside, Looked};
use chains::Counts;

pub use prices::{Price, Prices, Stated};

/// What there is to gain.
#[derive(Debug, Clone)]
pub struct Opportunities {
    /// The largest first.
    pub ranked: Vec<Opportunity>,
    /// What a sale and an hour are taken to be worth.
    pub prices: Prices,
    /// What was not weighed, and why, in sentences.
    pub left_out: Vec<String>,
}

/// What is weighed.
#[derive(Debug, Clone, Copy)]
pub struct Weighed<'a> {
    /// Targets, profiles and words.
    pub governed: &'a Governed,
    /// Figures beside benchmarks.
    pub beside: &'a [Beside<'a>],
    /// Which records.
    pub looked: Looked<'a>,
    /// What somebody has said of prices.
    pub stated: &'a Stated,
    /// The day whose targets count: the last that has records.
    pub day: Option<Date>,
}

/// A figure and what it is to reach, not yet among the counts that follow from it.
struct Opening {
    figure: Figure,
    reference: Reference,
    /// What is to be borne in mind beside what weighing assumes.
    said: Vec<String>,
}

/// Counts by place, each asked for once.
#[derive(Default)]
struct Counted(BTreeMap<Place, Counts>);

impl Counted {
    async fn of(
        &mut self,
        engine: &Engine,
        place: &Place,
        looked: &Looked<'_>,
    ) -> Result<&mut Counts, EngineError> {
        if !self.0.contains_key(place) {
            self.0.insert(place.clone(), Counts::of(engine, place, looked).await?);
        }
        Ok(self.0.entry(place.clone()).or_default())
    }
}

/// Whether the records of outcomes have the dimensions by which the place is named.
fn outcomes_know(place: &Place, filled: &Filled) -> bool {
    place.iter().all(|(dimension, _)| filled.has("outcomes", dimension))
}

/// Weighs every figure that has something to reach.
#[compiled_here]
pub async fn opportunities(engine: &Engine, weighed: &Weighed<'_>) -> Result<Opportunities, EngineError> {
    let mut left_out = Vec::new();
    let mut openings = of_benchmarks(weighed.beside);
    if let Some(day) = weighed.day {
        openings.extend(targets::openings(engine, weighed, day, &mut left_out).await?);
    }
    let mut counts = Counted::default();
    openings.extend(own_best::openings(engine, weighed, &mut counts, &mut left_out).await?);
    let centre = counts.of(engine, &Place::centre(), &weighed.looked).await?.clone();
    for opening in &mut openings {
        let place = &opening.figure.place;
        let found = counts.of(engine, place, &weighed.looked).await?;
        if centre.value.is_some() && !outcomes_know(place, weighed.looked.filled) {
            found.value.clone_from(&centre.value);
            let said = "Outcomes do not say of which part of the centre they are; a sale is worth what it was in all of it.";
            opening.said.push(said.to_owned());
        }
    }
    let prices = Prices::of(engine, &weighed.looked, &centre, weighed.stated).await?;
    let vocabulary = &weighed.governed.library.vocabulary;
    let candidates: Vec<Candidate> = openings
        .iter()
        .filter_map(|one| {
            let counts = counts.0.get(&one.figure.place)?;
            let chain = counts.chain(&one.figure.asked, vocabulary, &prices, weighed.stated);
            Some(Candidate { figure: one.figure.clone(), reference: one.reference.clone(), chain })
        })
        .collect();
    let mut ranked = opportunity::rank(&candidates);
    for found in &mut ranked {
        let same = |one: &&Opening| {
            let asked = &one.figure.asked;
            one.figure.place == found.place
                && one.reference == found.reference
                && format!("{}/{}", asked.metric, asked.variant) == found.metric
        };
        let said = openings.iter().find(same).map(|one| one.said.clone()).unwrap_or_default();
        found.assumptions.extend(said);
        found.assumptions.extend(guarded(&found.metric, engine.catalogue()));
    }
    Ok(Opportunities { ranked, prices, left_out })
}

/// Averages, medians and top quartiles that the own figure may be compared with.
fn of_benchmarks(beside: &[Beside<'_>]) -> Vec<Opening> {
    let made = beside.iter().filter_map(|one| match (&one.comparison, &one.own) {
        (Comparison::Made(made), Some((asked, found))) => {
            let reference = Reference::benchmark(one.benchmark, asked).ok()?;
            let figure = Figure::of(asked.clone(), one.place.clone(), &found.cell).ok()?;
            Some(Opening { figure, reference, said: made.said.clone() })
        }
        _ => None,
    });
    made.collect()
}

/// A rate that is lifted at the cost of what guards it brings less than it seems.
fn guarded(metric: &str, catalogue: &Catalogue) -> Option<String> {
    let metric = MetricRef::parse(metric).ok()?;
    let guards = &catalogue.metrics.get(&metric.metric)?.guards;
    let labels: Vec<String> = guards
        .iter()
        .filter_map(|guard| catalogue.metrics.get(guard.as_str()))
        .map(|metric| metric.label.clone())
        .collect();
    (!labels.is_empty()).then(|| format!("What guards it gets no worse: {}.", labels.join(", ")))
}

/// A figure in the words of benchmarks.
fn figure(
    metric: &MetricRef,
    place: &Place,
    cell: &Cell,
    engine: &Engine,
    governed: &Governed,
) -> Result<Figure, String> {
    let library = &governed.library;
    let profile = library.profiles.of(place);
    let currency = cell.currency.as_deref();
    let asked = Asked::of(metric, engine.catalogue(), &library.vocabulary, currency, profile)?;
    Figure::of(asked, place.clone(), cell)
}
