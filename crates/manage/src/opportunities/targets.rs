//! Targets of KPIs, as they hold on the last day that has records.

use std::collections::BTreeMap;

use dialmark_engine::{Engine, EngineError};
use dialmark_govern::opportunity::{Goal, Reference};
use dialmark_govern::target::{Aim, holding};
use dialmark_govern::{Kpi, Place};
use dialmark_metrics::{MetricRef, Ratio};
use jiff::civil::Date;

use super::{Opening, Weighed, figure};
use crate::beside::found;

/// Every KPI at its place and at the places inside that have a target of their own.
pub(super) async fn openings(
    engine: &Engine,
    weighed: &Weighed<'_>,
    day: Date,
    left_out: &mut Vec<String>,
) -> Result<Vec<Opening>, EngineError> {
    let mut by_place: BTreeMap<Place, Vec<(&Kpi, Aim)>> = BTreeMap::new();
    for kpi in weighed.governed.kpis.values().filter(|kpi| kpi.days.hold(day)) {
        let inside = kpi.targets.iter().map(|target| &target.place).filter(|place| kpi.place.holds(place));
        let mut places: Vec<&Place> = inside.chain([&kpi.place]).collect();
        places.sort();
        places.dedup();
        for place in places {
            if let Some(aim) = holding(&kpi.targets, place, day).and_then(|target| target.on(day)) {
                by_place.entry(place.clone()).or_default().push((kpi, aim));
            }
        }
    }
    let mut openings = Vec::new();
    for (place, kpis) in by_place {
        let metrics: Vec<MetricRef> = kpis.iter().map(|(kpi, _)| kpi.metric.clone()).collect();
        let all = found(engine, &metrics, &place, &weighed.looked).await?;
        for ((kpi, aim), found) in kpis.into_iter().zip(all) {
            let figure =
                found.and_then(|found| figure(&kpi.metric, &place, &found.cell, engine, weighed.governed));
            match figure {
                Err(why) => left_out.push(format!("The KPI `{}` was not weighed: {why}", kpi.name)),
                Ok(figure) => {
                    let reference = Reference::target(&kpi.name, goal(aim, figure.value));
                    let said = vec![format!("The target is the one that holds on {day}.")];
                    openings.push(Opening { figure, reference, said });
                }
            }
        }
    }
    Ok(openings)
}

/// The edge of a target that a value is to reach; the nearer one of a band.
fn goal(aim: Aim, value: Ratio) -> Goal {
    match aim {
        Aim::AtLeast(edge) => Goal::AtLeast(edge),
        Aim::AtMost(edge) => Goal::AtMost(edge),
        Aim::Within(_, high) if value > high => Goal::AtMost(high),
        Aim::Within(low, _) => Goal::AtLeast(low),
    }
}
