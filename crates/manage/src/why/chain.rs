//! A figure as a product of others: asked of both sides, and taken apart.

use dialmark_engine::{Engine, EngineError};
use dialmark_govern::why::{Chain, Side};
use dialmark_metrics::answer::MetricHeader;
use dialmark_metrics::{Cell, MetricQuery, MetricRef, Ratio};

use super::{Question, Which};
use crate::error::NotDone;

/// A figure of both sides with its factors.
pub(super) struct Product {
    pub(super) header: MetricHeader,
    pub(super) before: Side,
    pub(super) now: Side,
    /// What its factors did; a sentence where they do not multiply to it.
    pub(super) chain: Result<Chain, String>,
}

/// The figure as a product; `None` where the catalogue knows none.
pub(super) async fn product(engine: &Engine, question: &Question<'_>) -> Result<Option<Product>, NotDone> {
    let resolved = engine.catalogue().resolve(question.metric).map_err(NotDone::refused)?;
    let factors = resolved.variant.chain();
    if factors.is_empty() {
        return Ok(None);
    }
    let metrics: Vec<MetricRef> = [question.metric.clone()].into_iter().chain(factors).collect();
    let (before, now) = (
        side(engine, question, &question.before, &metrics).await?,
        side(engine, question, &question.now, &metrics).await?,
    );
    let (Some((header, first)), Some((_, last))) = (before.first().cloned(), now.first().cloned()) else {
        return Ok(None);
    };
    let chain = chain(&before, &now);
    let side = |which: &Which, cell| Side {
        period: which.period,
        condition: which.filter.as_ref().map(ToString::to_string),
        cell,
    };
    let (before, now) = (side(&question.before, first), side(&question.now, last));
    Ok(Some(Product { header, before, now, chain }))
}

fn chain(before: &[(MetricHeader, Cell)], now: &[(MetricHeader, Cell)]) -> Result<Chain, String> {
    let value = |(header, cell): &(MetricHeader, Cell), when: &str| {
        let value =
            cell.value.as_ref().map_err(|reason| format!("{} has no value {when}: {reason}.", header.label));
        value.copied()
    };
    let mut pairs: Vec<(MetricHeader, Ratio, Ratio)> = Vec::new();
    for (before, now) in before.iter().zip(now) {
        pairs.push((before.0.clone(), value(before, "before")?, value(now, "now")?));
    }
    let mut pairs = pairs.into_iter();
    let Some((_, before, now)) = pairs.next() else { return Err("there is no figure.".to_owned()) };
    Chain::of((before, now), pairs.collect())
}

/// The figure and its factors on one side, one after another where they cannot be asked for together.
async fn side(
    engine: &Engine,
    question: &Question<'_>,
    which: &Which,
    metrics: &[MetricRef],
) -> Result<Vec<(MetricHeader, Cell)>, NotDone> {
    let ask = |metrics: &[MetricRef]| MetricQuery {
        metrics: metrics.to_vec(),
        filter: which.filter.clone(),
        period: which.period,
        zone: question.zone.clone(),
        scope: question.scope.clone(),
        ..MetricQuery::default()
    };
    let cells = |table: dialmark_metrics::MetricTable| {
        let row = table.rows.into_iter().next().map(|row| row.cells).unwrap_or_default();
        let cells = row.into_iter().chain(std::iter::repeat_with(Cell::empty));
        table.metrics.into_iter().zip(cells).collect::<Vec<_>>()
    };
    match engine.query(&ask(metrics)).await {
        Ok(table) => return Ok(cells(table)),
        Err(EngineError::Question(_)) => {}
        Err(other) => return Err(other.into()),
    }
    let mut all = Vec::new();
    for one in metrics {
        all.extend(cells(engine.query(&ask(std::slice::from_ref(one))).await?));
    }
    Ok(all)
}
