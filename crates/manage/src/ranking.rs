//! Agents or lists ranked by a figure, honestly: with as much doubt as their days leave.

use std::collections::BTreeMap;

use async_recursion::async_recursion as compiled_here;
use dialmark_engine::Engine;
use dialmark_govern::ranking::Ranked;
use dialmark_metrics::metric::{Direction, Unit};
use dialmark_metrics::{Cell, Exact, Expr, Key, MetricQuery, MetricRef, Ratio, Scope};
use dialmark_model::civil::{Grain, Period};
use dialmark_stats::Part;
use dialmark_stats::ranking::{Better, Entrant, Figure, MOST_ENTRANTS, Sureness, rank};

use crate::error::NotDone;
use crate::figures::{most_have_none, times};
use crate::leaders::led;
use crate::maturing::{self, maturing};

/// What is asked.
#[derive(Debug, Clone)]
pub struct Question<'a> {
    /// A ratio.
    pub metric: &'a MetricRef,
    /// Whose values are ranked.
    pub by: &'a str,
    /// Which records.
    pub filter: Option<Expr>,
    /// Which time.
    pub period: Period,
    /// Zone of days; `None` for each record's own.
    pub zone: Option<String>,
    /// What the asker may see.
    pub scope: &'a Scope,
}

/// Ranks the values of a dimension. A sentence where they cannot be: the metric is no ratio or has no better end, most records have no
/// value of the dimension, there are fewer than two or more than two thousand values.
#[compiled_here]
pub async fn ranked(engine: &Engine, question: &Question<'_>) -> Result<Ranked, NotDone> {
    let asked = MetricQuery {
        metrics: vec![question.metric.clone()],
        by: vec![question.by.to_owned()],
        filter: question.filter.clone(),
        period: question.period,
        grain: Some(Grain::Day),
        zone: question.zone.clone(),
        scope: question.scope.clone(),
        ..MetricQuery::default()
    };
    let table = engine.query(&asked).await?;
    let refuse = |sentence: String| Err(NotDone::refused(sentence));
    let Some(header) = table.metrics.first().cloned() else {
        return refuse(format!("`{}` came back without a figure.", question.metric));
    };
    if !matches!(header.kind, "ratio" | "conversion") {
        return refuse(format!(
            "`{}` is no ratio of two sums: who has more calls is no better. Ask for a rate or an average, such as `conversion_rate`.",
            question.metric
        ));
    }
    if !engine.catalogue().adds_up_over_days(question.metric) {
        return refuse(format!(
            "{} counts what comes up on several days once, so that its days do not add up and say nothing of how it varies. Ask for \
             a rate of calls, such as `conversion_rate`.",
            header.label
        ));
    }
    let better = match header.direction {
        Direction::Up => Better::High,
        Direction::Down => Better::Low,
        Direction::Neither => {
            return refuse(format!(
                "Of {} neither end is better, so that there is no ranking by it.",
                header.label
            ));
        }
    };
    if most_have_none(&table, 1) {
        return refuse(format!(
            "Most of what {} is divided by has no {}: a ranking would be of those whom an outcome brought there.",
            header.label, question.by
        ));
    }
    let scale = match header.unit {
        Unit::Share => 1.0,
        _ => table.rows.iter().filter_map(|row| times(row.cells.first()?)).next().map_or(1.0, Ratio::to_f64),
    };
    let mut days: BTreeMap<Key, Vec<Part>> = BTreeMap::new();
    let mut counts = true;
    for row in &table.rows {
        let (Some(key), Some(cell)) = (row.keys.get(1), row.cells.first()) else { continue };
        if *key == Key::None {
            continue;
        }
        counts &= is_count(cell);
        let of = |part: Option<Exact>| part.map_or(0.0, Exact::to_f64);
        let part = Part { top: of(cell.numerator) * scale, bottom: of(cell.denominator) };
        days.entry(key.clone()).or_default().push(part);
    }
    let (with, without): (Vec<_>, Vec<_>) =
        days.into_iter().partition(|(_, parts)| parts.iter().map(|part| part.bottom).sum::<f64>() > 0.0);
    let (places, figure) =
        (with.len(), if header.unit == Unit::Share && counts { Figure::Share } else { Figure::Amount });
    let entrants = with.into_iter().map(|(key, parts)| Entrant { key, parts });
    let Some(ranking) = rank(entrants, figure, better, Sureness::default()) else {
        return refuse(match places {
            0 | 1 => format!("There are fewer than two values of {} to rank.", question.by),
            many if many > MOST_ENTRANTS => {
                format!("There are {many} values of {}; {MOST_ENTRANTS} can be ranked.", question.by)
            }
            _ => format!("A single day each says nothing of how {} varies.", header.label),
        });
    };
    let without = without.into_iter().map(|(key, _)| key).collect();
    let placed = ranking.placed.iter().map(|one| (&one.key, one.standing));
    let led = led(engine, question, &table, placed).await?;
    let ripens = maturing::Question {
        metric: question.metric,
        filter: question.filter.clone(),
        period: question.period,
        zone: question.zone.clone(),
        scope: question.scope,
    };
    Ok(Ranked {
        header,
        by: question.by.to_owned(),
        maturing: maturing(engine, &ripens).await?,
        ranking,
        without,
        leaders: led.leaders,
        unwatched: led.unwatched,
        notes: table.notes,
    })
}

/// Whether a figure is counted things of counted things.
fn is_count(cell: &Cell) -> bool {
    let whole = |part: Option<Exact>| part.is_none_or(|part| part.as_integer().is_some_and(|n| n >= 0));
    let (top, bottom) = (cell.numerator.unwrap_or(Exact::ZERO), cell.denominator.unwrap_or(Exact::ZERO));
    whole(cell.numerator) && whole(cell.denominator) && top <= bottom
}
