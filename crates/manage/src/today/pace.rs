//! The pace of the day, by campaign and team: what targets of the day, or of an hour, ask of the hours that are left.

use std::collections::BTreeMap;

use dialmark_engine::EngineError;
use dialmark_govern::target::{self, Aim};
use dialmark_govern::today::pace::{an_hour, ends_on, needed, of_day};
use dialmark_govern::today::{HoursLeft, Of, Pace, PaceAim, PaceRow, PaceTarget, Panel, Records};
use dialmark_govern::{Kpi, Place, Stretch, Window};
use dialmark_metrics::metric::Formula;
use dialmark_metrics::{Cell, Exact, Expr, Key, MetricTable, Ratio};
use dialmark_model::civil::{Grain, Period};

use super::Seen;
use super::days::weeks_before;

const LOGGED: &str = "logged_hours";
/// Its denominator is all planned time, breaks and meetings included, as logged time includes pauses.
const PLANNED: &str = "conformance/logged";
/// The measure that hours of agents are added up from.
const LOGGED_MEASURE: &str = "logged_ms";
const WEEKS: i64 = 4;
/// What is broken out by, as far as the records allow.
const BREAKDOWNS: [&[&str]; 3] = [&["campaign_id", "team"], &["campaign_id"], &[]];

/// A place in a table: a value for each dimension, `None` for records without one.
type Spot = Vec<Option<String>>;
type BySpot = BTreeMap<Spot, Ratio>;

/// The pace towards each target that the day can be held to.
pub(super) async fn pace(seen: &Seen<'_>) -> Result<Panel<Pace>, EngineError> {
    let kpis: Vec<(&Kpi, PaceTarget, String)> =
        seen.asked.kpis.iter().filter_map(|kpi| aim(seen, kpi)).collect();
    if kpis.is_empty() {
        return Ok(Err("No target of a day is declared for these records. A KPI over a count with `window = \"day\"`, or over \
                       something an hour that is logged, says what the hours that are left must bring."
            .to_owned()));
    }
    let mut found = Err("nobody's time is known".to_owned());
    for by in BREAKDOWNS {
        match logged(seen, by, seen.days.so_far(), None).await? {
            Ok(logged) => {
                found = Ok((by, logged));
                break;
            }
            Err(sentence) => found = Err(sentence),
        }
    }
    let (by, logged) = match found {
        Ok(found) => found,
        Err(sentence) => return Ok(Err(format!("The pace cannot be told: {sentence}"))),
    };
    let (hours, left) = left(seen, by).await?;
    let mut aims = Vec::new();
    for (kpi, target, counted) in kpis {
        let rows = rows(seen, kpi, target, by, &logged, left.as_ref()).await?;
        aims.push(PaceAim { kpi: kpi.name.clone(), counted, owner: kpi.owner.clone(), target, rows });
    }
    Ok(Ok(Pace { hours, aims }))
}

/// What a KPI asks of today, if it asks anything of a day or an hour, and the word for what it counts.
fn aim<'k>(seen: &Seen<'_>, kpi: &'k Kpi) -> Option<(&'k Kpi, PaceTarget, String)> {
    let catalogue = seen.asked.engine.catalogue();
    let resolved = catalogue.resolve(&kpi.metric).ok()?;
    let day = seen.days.day;
    let stretch = Stretch { from: day, until: day.tomorrow().ok()? };
    let goal = target::goal(&kpi.targets, &kpi.place, &stretch).ok()?;
    let Aim::AtLeast(edge) = goal.aim else { return None };
    let counted = |measure: &str| {
        let named = catalogue.metrics.values().find(|metric| {
            metric
                .variants
                .iter()
                .any(|v| matches!(&v.formula, Formula::Simple { measure: m } if m == measure))
        });
        named.map_or_else(|| measure.replace('_', " "), |metric| metric.label.to_lowercase())
    };
    match &resolved.variant.formula {
        Formula::Simple { .. }
            if kpi.window == Window::Calendar(Grain::Day) && catalogue.adds_up(&kpi.metric) =>
        {
            Some((kpi, PaceTarget::Day(edge), resolved.metric.label.to_lowercase()))
        }
        Formula::Ratio { numerator, denominator, .. } if denominator == LOGGED_MEASURE => {
            Some((kpi, PaceTarget::Hour(edge), counted(numerator)))
        }
        _ => None,
    }
}

/// Rows of a target: campaigns, each before its teams.
async fn rows(
    seen: &Seen<'_>,
    kpi: &Kpi,
    target: PaceTarget,
    by: &[&str],
    logged: &BySpot,
    left: Option<&BySpot>,
) -> Result<Vec<PaceRow>, EngineError> {
    let metric = kpi.metric.to_string();
    let mut question = seen.question(&[&metric], by, seen.days.so_far())?;
    question.filter = Expr::both(question.filter, kpi.place.condition());
    let Ok(table) = seen.ask(&question).await? else { return Ok(Vec::new()) };
    let made = by_spot(&table, |cell| match target {
        PaceTarget::Day(_) => cell.value.as_ref().ok().copied(),
        PaceTarget::Hour(_) => Ratio::exact(cell.numerator.unwrap_or(Exact::ZERO)),
    });
    // Places where something is made, or time was or will be logged, as far as they belong to the KPI's place.
    let place = |spot: &Spot| {
        let values = by.iter().zip(spot);
        values.fold(Place::centre(), |place, (dimension, value)| {
            place.within(dimension, value.as_deref().unwrap_or_default())
        })
    };
    let belongs = |spot: &Spot| {
        let here = place(spot);
        let inside = |outer: &Place| {
            outer
                .iter()
                .all(|(dimension, value)| !by.contains(&dimension) || here.value(dimension) == Some(value))
        };
        inside(&kpi.place) && inside(seen.asked.place)
    };
    // A KPI of a client or a list is not told of whole campaigns' hours: only places that its own records name.
    let is_named = kpi.place.iter().all(|(dimension, _)| by.contains(&dimension));
    let mut spots: Vec<Spot> = made.keys().cloned().collect();
    if is_named {
        spots.extend(
            logged.keys().chain(left.into_iter().flat_map(BTreeMap::keys)).filter(|s| belongs(s)).cloned(),
        );
    }
    spots.sort();
    spots.dedup();
    let mut groups: BTreeMap<Option<Option<String>>, Vec<Spot>> = BTreeMap::new();
    for spot in spots {
        groups.entry(spot.first().cloned()).or_default().push(spot);
    }
    let is_whole = narrows_nothing(kpi, seen.asked.place);
    let is_single = groups.len() == 1;
    let mut found = Vec::new();
    for (first, spots) in groups {
        let sum = |of: &BySpot| {
            spots.iter().filter_map(|spot| of.get(spot)).try_fold(Ratio::ZERO, |sum, one| sum.plus(*one))
        };
        let here = first.map_or_else(Place::centre, |value| match by.first() {
            Some(dimension) => Place::of(dimension, value.as_deref().unwrap_or_default()),
            None => Place::centre(),
        });
        let tally = Tally {
            made: sum(&made),
            logged: sum(logged),
            left: left.map(&sum).map_or(Some(None), |left| left.map(Some)),
        };
        let Some(whole) = tally.row(seen, kpi, target, here, is_whole && is_single, false) else { continue };
        if whole.made.is_zero() && whole.logged_ms.is_zero() && whole.left_ms.is_none_or(Ratio::is_zero) {
            continue;
        }
        let an_hour_needed = whole.needed;
        found.push(whole);
        let teams: Vec<&Spot> = spots.iter().filter(|spot| matches!(spot.get(1), Some(Some(_)))).collect();
        for spot in teams {
            let of = |all: &BySpot| Some(all.get(spot).copied().unwrap_or(Ratio::ZERO));
            let tally = Tally {
                made: of(&made),
                logged: of(logged),
                left: left.map(&of).map_or(Some(None), |left| left.map(Some)),
            };
            let Some(mut row) = tally.row(seen, kpi, target, place(spot), false, true) else { continue };
            if let PaceTarget::Day(_) = target {
                // A target of the whole day is asked of every hour alike, whoever works it.
                row.needed = an_hour_needed;
            }
            found.push(row);
        }
    }
    Ok(found)
}

/// Whether the asker sees all that a target of the day is asked of.
fn narrows_nothing(kpi: &Kpi, place: &Place) -> bool {
    place.iter().all(|(dimension, value)| kpi.place.value(dimension) == Some(value))
}

/// The target of an hour at a place inside of the KPI's.
fn narrower(seen: &Seen<'_>, kpi: &Kpi, place: &Place) -> Option<Ratio> {
    let day = seen.days.day;
    let here = place.iter().fold(kpi.place.clone(), |all, (dimension, value)| all.within(dimension, value));
    let goal = target::goal(&kpi.targets, &here, &Stretch { from: day, until: day.tomorrow().ok()? }).ok()?;
    match goal.aim {
        Aim::AtLeast(edge) => Some(edge),
        Aim::AtMost(_) | Aim::Within(..) => None,
    }
}

struct Tally {
    made: Option<Ratio>,
    logged: Option<Ratio>,
    left: Option<Option<Ratio>>,
}

impl Tally {
    /// `None` when numbers do not fit 128 bits.
    fn row(
        self,
        seen: &Seen<'_>,
        kpi: &Kpi,
        target: PaceTarget,
        place: Place,
        is_whole: bool,
        is_part: bool,
    ) -> Option<PaceRow> {
        let (made, logged_ms, left_ms) = (self.made?, self.logged?, self.left?);
        let goal = match target {
            PaceTarget::Day(goal) => is_whole.then_some(goal),
            PaceTarget::Hour(rate) => {
                let rate = narrower(seen, kpi, &place).unwrap_or(rate);
                of_day(rate, logged_ms, left_ms.unwrap_or(Ratio::ZERO))
            }
        };
        let records = Records {
            of: Of::Numerator(kpi.metric.clone()),
            condition: Expr::both(seen.narrowed(&kpi.place), place.condition()),
            period: seen.days.so_far(),
        };
        Some(PaceRow {
            now: an_hour(made, logged_ms),
            needed: needed(goal, made, left_ms),
            ends_on: left_ms.and_then(|left| ends_on(made, logged_ms, left)),
            place,
            is_part,
            made,
            goal,
            logged_ms,
            left_ms,
            records,
        })
    }
}

/// Logged time in milliseconds, by place.
async fn logged(
    seen: &Seen<'_>,
    by: &[&str],
    period: Period,
    metric: Option<&str>,
) -> Result<Panel<BySpot>, EngineError> {
    let question = seen.question(&[metric.unwrap_or(LOGGED)], by, period)?;
    let table = match seen.ask(&question).await? {
        Ok(table) => table,
        Err(sentence) => return Ok(Err(sentence)),
    };
    Ok(Ok(by_spot(&table, |cell| match metric {
        None => cell.value.as_ref().ok().copied(),
        Some(_) => cell.denominator.and_then(Ratio::exact),
    })))
}

fn by_spot(table: &MetricTable, of: impl Fn(&Cell) -> Option<Ratio>) -> BySpot {
    let rows = table.rows.iter().filter_map(|row| {
        let spot = row.keys.iter().map(|key| match key {
            Key::None => None,
            key => Some(key.to_string()),
        });
        Some((spot.collect(), of(row.cells.first()?)?))
    });
    rows.collect()
}

/// Time that is left today, by place: planned where there is a plan of today, else what the same weekdays had after this time.
async fn left(seen: &Seen<'_>, by: &[&str]) -> Result<(HoursLeft, Option<BySpot>), EngineError> {
    let today = Period { from: Some(seen.days.day_from), to: Some(seen.days.day_to) };
    if let Ok(planned) = logged(seen, by, today, Some(PLANNED)).await?
        && planned.values().any(|ms| *ms > Ratio::ZERO)
    {
        return Ok(match logged(seen, by, seen.days.left(), Some(PLANNED)).await? {
            Ok(left) => (HoursLeft::Planned, Some(left)),
            Err(sentence) => (HoursLeft::Unknown(sentence), None),
        });
    }
    let calendar = seen.asked.engine.calendar();
    let (mut sums, mut days) = (BySpot::new(), 0_usize);
    for weeks in 1..=WEEKS {
        let bounds =
            weeks_before(seen.days.at, weeks, calendar).zip(weeks_before(seen.days.day_to, weeks, calendar));
        let Some((from, to)) = bounds.filter(|(from, _)| *from >= seen.days.first_at) else { continue };
        let Ok(then) = logged(seen, by, Period { from: Some(from), to: Some(to) }, None).await? else {
            continue;
        };
        if then.values().all(|ms| ms.is_zero()) {
            continue;
        }
        days += 1;
        for (spot, ms) in then {
            let sum = sums.entry(spot).or_insert(Ratio::ZERO);
            *sum = sum.plus(ms).unwrap_or(*sum);
        }
    }
    let Some(count) =
        i128::try_from(days).ok().filter(|days| *days > 0).and_then(|n| Ratio::exact(Exact::integer(n)))
    else {
        let why =
            "there is no plan of today, and nobody was logged in on the same weekdays before".to_owned();
        return Ok((HoursLeft::Unknown(why), None));
    };
    let mean = sums.into_iter().filter_map(|(spot, ms)| Some((spot, ms.over(count)?))).collect();
    Ok((HoursLeft::Typical(days), Some(mean)))
}
