//! How KPIs stand: figure, target, status, score and trend, for a place and the places inside of it.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use async_recursion::async_recursion as compiled_here;
use dialmark_engine::{Engine, EngineError, SourceCoverage};
use dialmark_govern::status::{Missing, OnlyPart, judge};
use dialmark_govern::target::{self, Target};
use dialmark_govern::window::SoFar;
use dialmark_govern::{Figure, Kpi, NotEnough, Place, Standing, Status, Stretch, Trend, Window, score};
use dialmark_metrics::answer::Reason;
use dialmark_metrics::{Cell, Key, MetricRef, Scope};
use dialmark_model::civil::Period;
use jiff::Timestamp;

use crate::figures::{Ask, Figures, Found, figures, most_have_none, tables};
use crate::instant::Reach;

/// What is asked about KPIs.
#[derive(Clone)]
pub struct Asked<'a> {
    /// Narrows the place of each KPI.
    pub within: &'a Place,
    /// Dimensions by which each is broken out.
    pub by: &'a [String],
    /// Up to when, and seen from which day.
    pub reach: Reach,
    /// What the asker may see.
    pub scope: &'a Scope,
    /// The engine without confinement, for whether records have a value of a dimension at all.
    pub whole: &'a Engine,
}

/// How KPIs stand, in the order in which they were asked for; several places each when they are broken out.
#[compiled_here]
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
    let comparable = window.comparable(&stretch, calendar);
    let so_far = stretch.so_far(asked.reach.until, &comparable, calendar);
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
                engine.coverage(&period, None).await?.sources,
            )
        }
    };
    let missing = missing_by_table(&coverage);
    let without = match &so_far {
        Some(part) => {
            without(kpis, place, asked, Period { from: Some(part.from), to: Some(part.to) }).await?
        }
        None => BTreeMap::new(),
    };
    let of_kpi = |at: usize, kpi: &Kpi| -> Vec<Standing> {
        let places = now.iter().map(|(keys, figures)| {
            let earlier = before.get(keys).and_then(|figures| figures.get(at));
            let seen = Seen {
                stretch,
                comparable,
                so_far,
                missing: &missing,
                reach: asked.reach,
                adds_up: engine.catalogue().adds_up(&kpi.metric),
                without: without.get(&at),
            };
            standing(kpi, &place_of(place, asked.by, keys), figures.get(at), earlier, &seen)
        });
        places.collect()
    };
    Ok(kpis.iter().enumerate().map(|(at, kpi)| of_kpi(at, kpi)).collect())
}

/// Of KPIs at a place that is narrower than their own, by agent for instance: the dimension of which most of what they are
/// divided by has no value. By the place of the KPI.
async fn without(
    kpis: &[&Kpi],
    place: &Place,
    asked: &Asked<'_>,
    period: Period,
) -> Result<BTreeMap<usize, String>, EngineError> {
    let mut found = BTreeMap::new();
    let metrics: Vec<MetricRef> = kpis.iter().map(|kpi| kpi.metric.clone()).collect();
    for (dimension, _) in asked.within.iter() {
        let whole: Place = place.iter().filter(|(of, _)| *of != dimension).collect();
        let by = [dimension.to_owned()];
        // Whoever may see one value of a dimension only sees no record without one: how many there are is no secret.
        let ask = Ask { metrics: &metrics, place: &whole, by: &by, period, scope: &Scope::Everything };
        for (at, table) in tables(asked.whole, &ask).await?.iter().enumerate() {
            if kpis.get(at).is_some_and(|kpi| kpi.place.value(dimension).is_none())
                && table.as_ref().is_ok_and(|table| most_have_none(table, 0))
            {
                found.entry(at).or_insert_with(|| dimension.to_owned());
            }
        }
    }
    Ok(found)
}

/// The place of a row: values of the dimensions as texts, empty for records that have none.
pub(crate) fn place_of(place: &Place, by: &[String], keys: &[Key]) -> Place {
    let values = by.iter().zip(keys);
    values.fold(place.clone(), |place, (dimension, key)| place.within(dimension, &key.to_string()))
}

/// What is the same for all figures of a window.
struct Seen<'a> {
    stretch: Stretch,
    comparable: Stretch,
    so_far: Option<SoFar>,
    missing: &'a BTreeMap<String, Missing>,
    reach: Reach,
    /// Whether figures of the metric grow with time.
    adds_up: bool,
    /// The dimension of the place that most records have no value of.
    without: Option<&'a String>,
}

impl Seen<'_> {
    /// Why a figure holds only a part of the window. Of a sum every day counts; of a rate one of fifty may lack.
    fn part(&self) -> Option<OnlyPart> {
        let so_far = self.so_far?;
        let lacks = |part: Stretch| part.days().count();
        let (without, all) =
            (lacks(Stretch { from: self.stretch.from, until: self.reach.since }), lacks(judged(self)));
        if without > 0 && (self.adds_up || without * LACKING_ONE_OF > all) {
            return Some(OnlyPart::Since(self.reach.since));
        }
        (self.adds_up && !so_far.is_over).then_some(OnlyPart::SoFar)
    }
}

/// One day of so many may lie before the first record.
const LACKING_ONE_OF: usize = 50;

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
    let targets = targets(kpi, place, seen.adds_up);
    let goal = target::goal(&targets, place, &judged(seen));
    if targets.is_empty() && !kpi.targets.is_empty() {
        notes.push("The target is of the whole, and what adds up is not asked of each part. Declare one for this place.".to_owned());
    }
    let figure = Figure {
        value: cell.value.clone(),
        interval,
        missing,
        part: seen.part(),
        adds_up: seen.adds_up,
        is_single: found.is_some_and(Found::is_single),
        without: seen.without.or(found.and_then(|found| found.without.as_ref())).cloned(),
    };
    let status = judge(&figure, &goal, kpi.evidence);
    let score = match (&cell.value, &goal, &status) {
        // A part of a sum is no worse than the whole will be, and a lump is no figure of its place.
        (.., Status::NotEnough(_)) if seen.adds_up && figure.part.is_some() => None,
        (.., Status::NotEnough(NotEnough::Without(_))) => None,
        (Ok(value), Ok(goal), _) => score::of(*value, goal),
        _ => None,
    };
    if let Ok(value) = &cell.value {
        let beyond = target::beyond(&targets, place, seen.reach.day, *value);
        notes.extend(beyond.into_iter().map(str::to_owned));
    }
    let before = match earlier {
        // What began before the records did is no less than now.
        Some(Ok(_)) if seen.adds_up && seen.comparable.from < seen.reach.since => Err(Reason::NoData),
        Some(Ok(found)) => found.cell.value.clone(),
        Some(Err(_)) | None => Err(Reason::NoData),
    };
    let difference = match (found, earlier) {
        (Some(now), Some(Ok(before))) => now.less(before),
        _ => None,
    };
    let is_single = |found: Option<&Found>| found.is_some_and(Found::is_single);
    // What has no interval for want of a second day cannot be told from chance.
    let trend = match is_single(found) || is_single(earlier.and_then(|earlier| earlier.as_ref().ok())) {
        true => Trend::Unknown,
        false => Trend::of(&cell.value, &before, difference.as_ref(), kpi.direction),
    };
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
        guards: None,
        maturing: None,
        notes,
    }
}

/// The targets that may hold for a place: what is asked of the whole is asked of each part of it, unless it adds up.
fn targets<'k>(kpi: &'k Kpi, place: &Place, adds_up: bool) -> Cow<'k, [Target]> {
    match adds_up {
        true => {
            // A target without a place of its own is of the KPI's.
            let is_own = place.is_same(&kpi.place);
            let holds = |target: &&Target| target.place.is_same(place) || is_own && target.place.holds(place);
            kpi.targets.iter().filter(holds).cloned().collect()
        }
        false => Cow::Borrowed(&kpi.targets),
    }
}

/// The days whose targets count: those that have begun, so that the easy end of a month is not judged by its hard beginning.
fn judged(seen: &Seen<'_>) -> Stretch {
    let next = seen.reach.day.tomorrow().unwrap_or(seen.reach.day);
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
