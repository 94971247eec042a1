//! A scorecard, for its place and for the places inside of it.

use async_recursion::async_recursion as compiled_here;
use dialmark_engine::{Engine, EngineError};
use dialmark_govern::score::total;
use dialmark_govern::{CardRow, Governed, Kpi, Scorecard, Standing};
use dialmark_metrics::Ratio;

use crate::standing::{Asked, standings};

/// How a scorecard stands, handed down `depth` levels of its cascade: the place itself first, then each place before those
/// inside of it.
#[compiled_here]
pub async fn scorecard(
    engine: &Engine,
    governed: &Governed,
    card: &Scorecard,
    depth: usize,
    asked: &Asked<'_>,
) -> Result<Vec<CardRow>, EngineError> {
    let place = asked
        .within
        .iter()
        .fold(card.place.clone(), |place, (dimension, value)| place.within(dimension, value));
    let named = card.kpis.iter().map(|(name, _)| name).chain(&card.supporting);
    let kpis: Vec<&Kpi> = named.filter_map(|name| governed.kpis.get(name)).collect();
    let mut rows = Vec::new();
    for level in 0..=depth.min(card.cascade.len()) {
        let by: Vec<String> = card.cascade.iter().take(level).cloned().collect();
        let level_asked = Asked { within: &place, by: &by, ..asked.clone() };
        let found = standings(engine, &kpis, &level_asked).await?;
        rows.extend(card_rows(card, &found, &by, level));
    }
    // Each place beside those inside of it, the coarsest first.
    rows.sort_by_key(|row: &CardRow| {
        let values = card.cascade.iter().map(|level| row.place.value(level).unwrap_or_default().to_owned());
        (values.take(row.depth).collect::<Vec<String>>(), row.depth)
    });
    Ok(rows)
}

/// The standings of one level, gathered by place. KPIs may be about narrower places than the card, so a place is told by the
/// values of the cascade alone.
fn card_rows(card: &Scorecard, found: &[Standing], by: &[String], depth: usize) -> Vec<CardRow> {
    let of = |standing: &Standing| -> Vec<String> {
        by.iter().map(|level| standing.place.value(level).unwrap_or_default().to_owned()).collect()
    };
    let mut places: Vec<Vec<String>> = found.iter().map(of).collect();
    places.sort();
    places.dedup();
    let rows = places.into_iter().map(|values| {
        let here: Vec<&Standing> = found.iter().filter(|standing| of(standing) == values).collect();
        let standing =
            |name: &str| here.iter().find(|standing| standing.kpi.name == name).map(|s| (*s).clone());
        let kpis: Vec<(Ratio, Standing)> =
            card.kpis.iter().filter_map(|(name, weight)| Some((*weight, standing(name)?))).collect();
        let supporting = card.supporting.iter().filter_map(|name| standing(name)).collect();
        let mut parts: Vec<(Ratio, Option<Ratio>)> =
            kpis.iter().map(|(weight, s)| (*weight, s.score)).collect();
        // A KPI that says nothing of this place still has its weight.
        let lacking = card.kpis.iter().filter(|(name, _)| standing(name).is_none());
        parts.extend(lacking.map(|(_, weight)| (*weight, None)));
        let place = by
            .iter()
            .zip(&values)
            .fold(card.place.clone(), |place, (level, value)| place.within(level, value));
        CardRow { place, depth, total: total(&parts), kpis, supporting }
    });
    rows.collect()
}
