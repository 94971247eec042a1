//! What the best team of a campaign reaches. Teams are compared within a campaign, since selling and collecting succeed at
//! different rates whoever does them.

use dialmark_engine::{Engine, EngineError};
use dialmark_govern::Place;
use dialmark_govern::opportunity::{Goal, Reference};
use dialmark_metrics::catalogue::Filled;
use dialmark_metrics::{Direction, Key, MetricRef, Ratio};

use super::chains::Outcome;
use super::{Counted, Opening, Weighed, figure};
use crate::figures::{Ask, Found, figures};
use crate::standing::place_of;

/// Figures that lead from calls to results. Of the two conversions the one of what the campaign works for counts.
const METRICS: [&str; 5] = [
    "connection_rate/person",
    SALES,
    SUCCESSES,
    "dials_per_logged_hour",
    "outbound_abandonment_rate/live_answers",
];
const SALES: &str = "conversion_rate/sales_per_contact";
const SUCCESSES: &str = "conversion_rate/success_per_contact";

/// The work within which groups are compared, and the groups, by table of calls.
const CALLS: &str = "calls";
const WORK: &str = "campaign_id";
const GROUPS: [(&str, &str); 2] = [("team_id", "teams"), ("site_id", "sites")];

/// Fewer records than this say nothing that others should go by.
const LEAST: u64 = 50;

/// The best group of each campaign, where it stands apart from the campaign by more than chance would make it.
pub(super) async fn openings(
    engine: &Engine,
    weighed: &Weighed<'_>,
    counts: &mut Counted,
    left_out: &mut Vec<String>,
) -> Result<Vec<Opening>, EngineError> {
    let Some((group, groups)) = GROUPS.into_iter().find(|(column, _)| has(weighed.looked.filled, column))
    else {
        left_out.push("The calls name neither teams nor sites, so there is no own best to reach.".to_owned());
        return Ok(Vec::new());
    };
    let work: Vec<String> =
        [WORK].into_iter().filter(|column| has(weighed.looked.filled, column)).map(str::to_owned).collect();
    let by: Vec<String> = work.iter().cloned().chain([group.to_owned()]).collect();
    let metrics: Vec<MetricRef> = METRICS.iter().filter_map(|name| MetricRef::parse(name).ok()).collect();
    let centre = Place::centre();
    let ask = |by| Ask {
        metrics: &metrics,
        place: &centre,
        by,
        period: weighed.looked.period,
        scope: weighed.looked.scope,
    };
    let wholes = figures(engine, &ask(&work)).await?;
    let parts = figures(engine, &ask(&by)).await?;
    let mut openings = Vec::new();
    for (keys, of_work) in wholes.iter().filter(|(keys, _)| !keys.contains(&Key::None)) {
        let place = place_of(&centre, &work, keys);
        let main = counts.of(engine, &place, &weighed.looked).await?.main();
        let idle = if main == Outcome::Sales { SUCCESSES } else { SALES };
        for (at, (name, metric)) in METRICS.iter().zip(&metrics).enumerate() {
            let Some(whole) = of_work.get(at).and_then(|found| found.as_ref().ok()) else { continue };
            if *name == idle {
                continue;
            }
            let rivals = parts.iter().filter(|(key, _)| {
                key.starts_with(keys) && key.last().is_some_and(|last| *last != Key::None)
            });
            let rivals: Vec<(&Vec<Key>, &Found)> = rivals
                .filter_map(|(key, all)| Some((key, all.get(at)?.as_ref().ok()?)))
                .filter(|(_, found)| found.cell.n >= LEAST)
                .collect();
            let Some(direction) = engine.catalogue().metrics.get(&metric.metric).map(|one| one.direction)
            else {
                continue;
            };
            let Some((key, goal)) = best(&rivals, whole, direction) else { continue };
            let Ok(figure) = figure(metric, &place, &whole.cell, engine, weighed.governed) else { continue };
            openings.push(Opening {
                figure,
                reference: Reference::best(place_of(&centre, &by, key), goal),
                said: vec![format!(
                    "It is the best of {} {groups} with at least {LEAST} records each, and its whole interval at 95 % is better \
                     than the figure of all; the best of several still owes some of its lead to luck.",
                    rivals.len()
                )],
            });
        }
    }
    Ok(openings)
}

fn has(filled: &Filled, column: &str) -> bool {
    filled.has(CALLS, column)
}

/// The best of several, when its whole interval at 95 % lies on the better side of the figure of all.
fn best<'a>(
    rivals: &[(&'a Vec<Key>, &'a Found)],
    whole: &Found,
    direction: Direction,
) -> Option<(&'a Vec<Key>, Goal)> {
    let all = whole.cell.value.as_ref().ok()?.to_f64();
    let valued: Vec<(Ratio, &Vec<Key>, &Found)> = rivals
        .iter()
        .filter_map(|(key, found)| Some((*found.cell.value.as_ref().ok()?, *key, *found)))
        .collect();
    if valued.len() < 2 {
        return None;
    }
    let value = |(value, ..): &&(Ratio, &Vec<Key>, &Found)| *value;
    match direction {
        Direction::Up => {
            let (value, key, found) = valued.iter().max_by_key(value)?;
            found.interval()?.lies_above(all).then_some((*key, Goal::AtLeast(*value)))
        }
        Direction::Down => {
            let (value, key, found) = valued.iter().min_by_key(value)?;
            found.interval()?.lies_below(all).then_some((*key, Goal::AtMost(*value)))
        }
        Direction::Neither => None,
    }
}
