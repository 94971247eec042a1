//! How KPIs stand: figure, target, status, score and trend, for a place and the places inside of it.

use std::collections::{BTreeMap, BTreeSet};

use dialmark_engine::{Engine, EngineError, SourceCoverage};
use dialmark_govern::status::{Missing, judge};
use dialmark_govern::target;
use dialmark_govern::window::SoFar;
use dialmark_govern::{Figure, Kpi, Place, Standing, Stretch, Trend, Window, score};
use dialmark_metrics::answer::Reason;
use dialmark_metrics::{Cell, Key, MetricRef, Scope};
use dialmark_model::civil::Period;
use jiff::Timestamp;

use crate::figures::{Ask, Figures, Found, figures};
use crate::instant::Reach;

/// What is asked about KPIs.
#[derive(Debug, Clone)]
pub struct Asked<'a> {
    /// Narrows the place of each KPI.
    pub within: &'a Place,
    /// Dimensions by which each is broken out.
    pub by: &'a [String],
    /// Up to when, and seen from which day.
    pub reach: Reach,
    /// What the asker may see.
    pub scope: &'a Scope,
}

/// How KPIs stand, in the order in which they were asked for; several places each when they are broken out.
pub async fn standings(
    engine: &Engine,
    kpis: &[&Kpi],
    asked: &Asked<'_>,
) -> Result<Vec<Standing>, EngineError> {
    // KPIs of the same window and place are computed together.
    let mut groups: BTreeMap<(String, Place), Vec<usize>> = BTreeMap::new();
    for (at, kpi) in kpis.iter().enumerate() {
        groups.entry((kpi.window.to_string(), narrowed(kpi, asked.within))).or_default().push(at);
    }
    let mut found: BTreeMap<usize, Vec<Standing>> = BTreeMap::new();
    for ((_, place), members) in groups {
        let group: Vec<&Kpi> = members.iter().filter_map(|at| kpis.get(*at).copied()).collect();
        let Some(window) = group.first().map(|kpi| kpi.window) else { continue };
        let of_group = group_standings(engine, &group, window, &place, asked).await?;
        for (at, standings) in members.into_iter().zip(of_group) {
            found.insert(at, standings);
        }
    }
    Ok(found.into_values().flatten().collect())
}

/// The KPI's place, narrowed. Where both name a value of one dimension, the narrower question wins.
fn narrowed(kpi: &Kpi, within: &Place) -> Place {
    within.iter().fold(kpi.place.clone(), |place, (dimension, value)| place.within(dimension, value))
}

async fn group_standings(
    engine: &Engine,
    kpis: &[&Kpi],
    window: Window,
    place: &Place,
    asked: &Asked<'_>,
) -> Result<Vec<Vec<Standing>>, EngineError> {
    let calendar = engine.calendar();
    let stretch = window.holding(asked.reach.day, calendar);
    let earlier = window.comparable(&stretch, calendar);
    let so_far = stretch.so_far(asked.reach.until, &earlier, calendar);
    let metrics: Vec<MetricRef> = kpis.iter().map(|kpi| kpi.metric.clone()).collect();
    let ask = |from: Timestamp, to: Timestamp| Ask {
        metrics: &metrics,
        place,
        by: asked.by,
        period: Period { from: Some(from), to: Some(to) },
        scope: asked.scope,
    };
    let (now, before, coverage) = match &so_far {
        None => (Figures::from([(Vec::new(), Vec::new())]), Figures::new(), Vec::new()),
        Some(part) => {
            let period = Period { from: Some(part.from), to: Some(part.to) };
            (
                figures(engine, &ask(part.from, part.to)).await?,
                figures(engine, &ask(part.earlier_from, part.earlier_to)).await?,
                engine.coverage(&period).await?,
            )
        }
    };
    let missing = missing_by_table(&coverage);
    let of_kpi = |at: usize, kpi: &Kpi| -> Vec<Standing> {
        let places = now.iter().map(|(keys, figures)| {
            let earlier = before.get(keys).and_then(|figures| figures.get(at));
            let seen = Seen { stretch, so_far, missing: &missing, day: asked.reach.day };
            standing(kpi, &place_of(place, asked.by, keys), figures.get(at), earlier, &seen)
        });
        places.collect()
    };
    Ok(kpis.iter().enumerate().map(|(at, kpi)| of_kpi(at, kpi)).collect())
}

/// The place of a row: values of the dimensions as texts, empty for records that have none.
pub(crate) fn place_of(place: &Place, by: &[String], keys: &[Key]) -> Place {
    let values = by.iter().zip(keys);
    values.fold(place.clone(), |place, (dimension, key)| place.within(dimension, &key.to_string()))
}

/// What is the same for all figures of a window.
struct Seen<'a> {
    stretch: Stretch,
    so_far: Option<SoFar>,
    missing: &'a BTreeMap<String, Missing>,
    day: jiff::civil::Date,
}

type FigureOrWhy = Result<Found, String>;

fn standing(
    kpi: &Kpi,
    place: &Place,
    now: Option<&FigureOrWhy>,
    earlier: Option<&FigureOrWhy>,
    seen: &Seen<'_>,
) -> Standing {
    let mut notes = Vec::new();
    let found = match now {
        Some(Ok(found)) => Some(found),
        Some(Err(why)) => {
            notes.push(why.clone());
            None
        }
        None => None,
    };
    let cell = found.map_or_else(Cell::empty, |found| found.cell.clone());
    let interval = found.and_then(Found::interval);
    let missing = found.and_then(|found| seen.missing.get(&found.header.table)).copied();
    if let Some(missing) = missing {
        notes.push(format!("In this time {missing}; `dialmark coverage` shows which."));
    }
    let goal = target::goal(&kpi.targets, place, &judged(seen));
    let figure = Figure { value: cell.value.clone(), interval, missing };
    let status = judge(&figure, &goal, kpi.evidence);
    let score = match (&cell.value, &goal) {
        (Ok(value), Ok(goal)) => score::of(*value, goal),
        _ => None,
    };
    if let Ok(value) = &cell.value {
        notes.extend(target::beyond(&kpi.targets, place, seen.day, *value).into_iter().map(str::to_owned));
    }
    let before = match earlier {
        Some(Ok(found)) => found.cell.value.clone(),
        Some(Err(_)) | None => Err(Reason::NoData),
    };
    let difference = match (found, earlier) {
        (Some(now), Some(Ok(before))) => now.less(before),
        _ => None,
    };
    let trend = Trend::of(&cell.value, &before, difference.as_ref(), kpi.direction);
    Standing {
        kpi: kpi.clone(),
        place: place.clone(),
        stretch: seen.stretch,
        so_far: seen.so_far,
        cell,
        interval,
        goal,
        status,
        score,
        before,
        trend,
        notes,
    }
}

/// The days whose targets count: those that have begun, so that the easy end of a month is not judged by its hard beginning.
fn judged(seen: &Seen<'_>) -> Stretch {
    let next = seen.day.tomorrow().unwrap_or(seen.day);
    Stretch { from: seen.stretch.from, until: seen.stretch.until.min(next) }
}

/// What is missing, by table. Hours in which several sources lack records count once.
fn missing_by_table(coverage: &[SourceCoverage]) -> BTreeMap<String, Missing> {
    let mut hours: BTreeMap<&str, BTreeSet<Timestamp>> = BTreeMap::new();
    let mut found: BTreeMap<String, Missing> = BTreeMap::new();
    for one in coverage {
        let missing = found.entry(one.table.clone()).or_insert(Missing { hours: 0, records: 0, received: 0 });
        for hour in &one.hours {
            missing.received = missing.received.saturating_add(hour.received);
            if hour.is_gap {
                missing.records += hour.usual.unwrap_or(0).saturating_sub(hour.received);
                hours.entry(&one.table).or_default().insert(hour.starts_at);
            }
        }
    }
    for (table, hours) in hours {
        if let Some(missing) = found.get_mut(table) {
            missing.hours = u32::try_from(hours.len()).unwrap_or(u32::MAX);
        }
    }
    found.retain(|_, missing| missing.hours > 0);
    found
}
