//! Whether a session helped: the behaviour before and after it, over equal lengths.

use async_recursion::async_recursion as compiled_here;
use dialmark_govern::Place;
use dialmark_govern::coaching::{Bounds, Compared, Effect, Session, Side, effect};
use dialmark_govern::quality::{Evaluated, Points};
use dialmark_metrics::{Direction, MetricRef, Ratio, Reason};
use dialmark_stats::Part;
use dialmark_stats::bootstrap::{self, Plan};
use jiff::civil::Date;
use jiff::{Span, Timestamp};

use super::due::of_days;
use crate::desk::Desk;
use crate::error::NotDone;
use crate::figures::{Ask, Found, figures};

/// Metric under which points on a behaviour go: those of its criteria.
const OWN_METRIC: &str = "criterion_score";

/// What is compared.
#[derive(Debug, Clone, Copy)]
pub struct Compare<'a> {
    /// A metric of the agent; points on the behaviour in evaluations made here when absent.
    pub metric: Option<&'a MetricRef>,
    /// Records on a side below which nothing is said.
    pub least_n: u64,
    /// The day on which it is looked at; it does not count any more.
    pub today: Date,
}

/// Compares the days since a session with as many days before it. Every problem is a sentence of its own.
#[compiled_here]
pub async fn compare(desk: &Desk<'_>, held: &Session, asked: &Compare<'_>) -> Result<Effect, NotDone> {
    let held_on = desk.engine.calendar().day_of(held.agreed().held_at);
    let first_after = held_on.tomorrow().unwrap_or(held_on);
    let days = first_after.until(asked.today).map_or(0, |span| span.get_days());
    if days < 1 {
        return Err(NotDone::refused(format!(
            "The session was held on {held_on}, and no whole day has passed since. Look again later."
        )));
    }
    let first_before = held_on.checked_sub(Span::new().days(days)).unwrap_or(held_on);
    let (before, after) = ((first_before, held_on), (first_after, asked.today));
    let compared = match asked.metric {
        None => by_evaluations(desk, held, before, after, asked.least_n).await?,
        Some(metric) => by_metric(desk, held, metric, before, after, asked.least_n).await?,
    };
    Ok(effect(held_on, &compared)?)
}

/// Points on the behaviour; each evaluation is one draw.
async fn by_evaluations(
    desk: &Desk<'_>,
    held: &Session,
    before: (Date, Date),
    after: (Date, Date),
    least_n: u64,
) -> Result<Compared, NotDone> {
    let agreed = held.agreed();
    let mut sides = Vec::new();
    let mut draws = Vec::new();
    for (from, until) in [before, after] {
        let all = of_days(desk, Some(&agreed.agent), from, until).await?;
        let points: Vec<Points> =
            all.iter().filter_map(|done| on_behaviour(done, &agreed.behaviour)).collect();
        let n = u64::try_from(points.len()).unwrap_or(u64::MAX);
        draws.push(points.iter().map(part).collect::<Vec<Part>>());
        let value = match points.is_empty() {
            true => Err(Reason::NoData),
            false => Points::sum(points).and_then(Points::share),
        };
        sides.push(Side { from, until, value, n });
    }
    let interval = match draws.as_slice() {
        [before, after] => bootstrap::of_difference(after, before, &Plan::default()),
        _ => None,
    };
    let interval = interval.and_then(|drawn| Bounds::of(drawn.interval));
    let [before, after] = two(sides)?;
    let metric = MetricRef::new(OWN_METRIC);
    Ok(Compared { metric, direction: Direction::Up, before, after, interval, least_n })
}

/// What an evaluation gave for the criteria that are about a behaviour; `None` where it could not be seen.
fn on_behaviour(done: &Evaluated, behaviour: &str) -> Option<Points> {
    let items = done.counts().scored.items.iter();
    let about = items.filter(|item| item.applies() && item.coach.as_deref() == Some(behaviour));
    let points = Points::sum(about.map(|item| item.points)).ok()?;
    (!points.possible.is_zero()).then_some(points)
}

/// Floats are drawn from; the figures themselves stay exact.
fn part(points: &Points) -> Part {
    Part { top: points.reached.to_f64(), bottom: points.possible.to_f64() }
}

/// A figure of the agent's records.
async fn by_metric(
    desk: &Desk<'_>,
    held: &Session,
    metric: &MetricRef,
    before: (Date, Date),
    after: (Date, Date),
    least_n: u64,
) -> Result<Compared, NotDone> {
    let catalogue = desk.engine.catalogue();
    let Some(definition) = catalogue.metrics.get(&metric.metric) else {
        return Err(NotDone::refused(format!(
            "There is no metric `{metric}`. `dialmark metrics list` shows all."
        )));
    };
    let direction = definition.direction;
    let place = Place::of("agent_id", &held.agreed().agent);
    let mut sides = Vec::new();
    let mut found: Vec<Option<Found>> = Vec::new();
    for (from, until) in [before, after] {
        let period = desk.engine.calendar().period(Some(from), Some(until));
        let metrics = std::slice::from_ref(metric);
        let ask = Ask { metrics, place: &place, by: &[], period, scope: desk.scope };
        let one = figures(desk.engine, &ask).await?.into_values().flatten().next();
        let one = one.transpose().map_err(NotDone::refused)?;
        let value: Result<Ratio, Reason> = one.as_ref().map_or(Err(Reason::NoData), |f| f.cell.value.clone());
        sides.push(Side { from, until, value, n: one.as_ref().map_or(0, |found| found.cell.n) });
        found.push(one);
    }
    let interval = match found.as_slice() {
        [Some(before), Some(after)] => after.less(before).and_then(Bounds::of),
        _ => None,
    };
    let [before, after] = two(sides)?;
    Ok(Compared { metric: metric.clone(), direction, before, after, interval, least_n })
}

fn two(sides: Vec<Side>) -> Result<[Side; 2], NotDone> {
    <[Side; 2]>::try_from(sides).map_err(|_| NotDone::refused("There are no two sides to compare."))
}

/// The business day of an instant, on which something is looked at.
pub(super) fn day_of(desk: &Desk<'_>, at: Timestamp) -> Date {
    desk.engine.calendar().day_of(at)
}
