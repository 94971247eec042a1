//! Whether what guards a figure got worse while it got better: over time for KPIs, against the rest for those who lead a ranking.

use std::collections::BTreeMap;

use async_recursion::async_recursion as compiled_here;
use dialmark_engine::{Engine, EngineError};
use dialmark_govern::guard::{Compared, Days, Guarded, Unwatched, Watched, judge};
use dialmark_govern::{Kpi, Place, Standing};
use dialmark_metrics::{MetricRef, Scope};
use dialmark_model::civil::{Calendar, Period};
use jiff::civil::Date;
use jiff::{Timestamp, ToSpan};

use crate::figures::{Ask, Figures, Found, figures};
use crate::instant::Reach;
use crate::maturing::{self, lag, maturing};

/// Stretches before the last two that a figure is held against, as far as records reach.
const STRETCHES_BEFORE: i64 = 3;
/// Shortest stretch in days: of a day or two little is known.
const SHORTEST_DAYS: i64 = 14;
/// Longest: a guard that fails should be known before a quarter is over.
const LONGEST_DAYS: i64 = 28;

/// The stretches of time that are compared.
struct Stretches {
    now: (Date, Date),
    /// The stretch before, if something lies before that one to hold both against.
    between: Option<(Date, Date)>,
    against: (Date, Date),
}

impl Stretches {
    /// Of so many days up to a day, which does not belong to them, as far as records reach back. `None` where nothing lies before.
    fn of(length: i64, until: Date, since: Date) -> Option<Stretches> {
        let back = |day: Date, days: i64| day.checked_sub(days.days()).ok();
        let from = back(until, length)?;
        let before = back(from, length)?;
        let first = back(before, length.checked_mul(STRETCHES_BEFORE)?)?.max(since);
        let enough = |from: Date, until: Date| {
            from.until(until).is_ok_and(|span| i64::from(span.get_days()) >= SHORTEST_DAYS.min(length))
        };
        let now = (from, until);
        if enough(first, before) {
            return Some(Stretches { now, between: Some((before, from)), against: (first, before) });
        }
        let first = before.max(since);
        enough(first, from).then_some(Stretches { now, between: None, against: (first, from) })
    }
}

/// Adds to standings what their guards say and how far their figures have ripened.
#[compiled_here]
pub async fn look_after(
    engine: &Engine,
    standings: &mut [Standing],
    reach: Reach,
    scope: &Scope,
) -> Result<(), EngineError> {
    for standing in standings {
        standing.guards = Some(guarded(engine, &standing.kpi, &standing.place, reach, scope).await?);
        let Some(part) = standing.so_far else { continue };
        let question = maturing::Question {
            metric: &standing.kpi.metric,
            filter: standing.place.condition(),
            period: Period { from: Some(part.from), to: Some(part.to) },
            zone: None,
            scope,
        };
        standing.maturing = maturing(engine, &question).await?;
    }
    Ok(())
}

/// The guards of a KPI at a place, over the last stretches as long as its window, but two weeks at least and four
/// at most. A guard that ripens is looked at over stretches that lie so far back that it has, and so is the figure beside it.
/// Guards of a figure that did not get better are not asked for.
async fn guarded(
    engine: &Engine,
    kpi: &Kpi,
    place: &Place,
    reach: Reach,
    scope: &Scope,
) -> Result<Guarded, EngineError> {
    let calendar = engine.calendar();
    let mut found = Guarded::default();
    let mut by_lag: BTreeMap<i64, Vec<MetricRef>> = BTreeMap::new();
    for guard in &kpi.guards {
        if engine.hides_metric(guard) {
            continue;
        }
        let days = lag(engine.catalogue(), guard).map_or(0, |lag| lag.days());
        by_lag.entry(days).or_default().push(guard.clone());
    }
    let stretch = kpi.window.holding(reach.day, calendar);
    let length = stretch.from.until(stretch.until).map_or(0, |span| i64::from(span.get_days()));
    let mut watched = Vec::new();
    for (ripens_days, guards) in by_lag {
        // The last day is only partly over, and a part of a day is no day.
        let until = calendar.day_of(reach.until).checked_sub(ripens_days.days()).ok();
        let stretches = until
            .and_then(|until| Stretches::of(length.clamp(SHORTEST_DAYS, LONGEST_DAYS), until, reach.since));
        let Some(stretches) = stretches else {
            found.unwatched.extend(guards.iter().map(|guard| Unwatched {
                guard: guard.to_string(),
                why_not: match ripens_days {
                    0 => "records do not reach back far enough to hold it against an earlier time.".to_owned(),
                    days => format!(
                        "it ripens {days} days, and records do not reach back far enough to hold ripe ones against an earlier time."
                    ),
                },
            }));
            continue;
        };
        let ask = async |metrics: &[MetricRef], days| -> Result<Vec<Result<Found, String>>, EngineError> {
            let ask = Ask { metrics, place, by: &[], period: period(days, calendar), scope };
            Ok(whole(figures(engine, &ask).await?))
        };
        // The figure first, which is soon had: where it did not get better no guard of it fails.
        let own = [kpi.metric.clone()];
        let (mut now, mut against) = (ask(&own, stretches.now).await?, ask(&own, stretches.against).await?);
        if let ([Ok(now)], [Ok(against)]) = (now.as_slice(), against.as_slice())
            && compared(now, against).is_some_and(|moved| !moved.is_better(now.header.direction))
        {
            continue;
        }
        now.extend(ask(&guards, stretches.now).await?);
        against.extend(ask(&guards, stretches.against).await?);
        let between = match stretches.between {
            Some(days) => {
                let metrics: Vec<MetricRef> = own.iter().chain(&guards).cloned().collect();
                Some(ask(&metrics, days).await?)
            }
            None => None,
        };
        let days = Days { now: named(stretches.now), against: named(stretches.against) };
        // The figure itself comes first on each side.
        for (at, metric) in (1..).zip(&guards) {
            let sides = [&now, &against].map(|side| pair(side, at));
            match sides {
                [Ok(now), Ok(against)] => {
                    let moved = watch(now, against, days, ripens_days);
                    let also_before =
                        between.as_ref().and_then(|between| pair(between, at).ok()).map(|between| {
                            watch(between, against, days, ripens_days).is_some_and(|one| one.goes_apart())
                        });
                    match moved {
                        Some(one) => watched.push(Watched { also_before, ..one }),
                        None => found.unwatched.push(Unwatched {
                            guard: metric.to_string(),
                            why_not: "it has no figure in one of the stretches that would be compared."
                                .to_owned(),
                        }),
                    }
                }
                [Err(why_not), _] | [_, Err(why_not)] => {
                    found.unwatched.push(Unwatched { guard: metric.to_string(), why_not });
                }
            }
        }
    }
    found.watched = judge(watched);
    Ok(found)
}

/// The figure and a guard of one side.
fn pair(side: &[Result<Found, String>], guard: usize) -> Result<(&Found, &Found), String> {
    let one =
        |at: usize| side.get(at).ok_or("it was not asked for.".to_owned())?.as_ref().map_err(Clone::clone);
    Ok((one(0)?, one(guard)?))
}

fn watch(
    (target_now, guard_now): (&Found, &Found),
    (target_then, guard_then): (&Found, &Found),
    days: Days,
    ripens_days: i64,
) -> Option<Watched> {
    Some(Watched {
        target: target_now.header.clone(),
        guard: guard_now.header.clone(),
        days,
        ripens_days,
        target_moved: compared(target_now, target_then)?,
        guard_moved: compared(guard_now, guard_then)?,
        also_before: None,
    })
}

/// A figure of two sets of records; `None` where one of them has none.
pub(crate) fn compared(now: &Found, against: &Found) -> Option<Compared> {
    let value = |found: &Found| found.cell.value.as_ref().ok().map(|value| value.to_f64());
    Some(Compared { now: value(now)?, against: value(against)?, difference: now.less(against) })
}

fn whole(mut figures: Figures) -> Vec<Result<Found, String>> {
    figures.remove(&Vec::new()).unwrap_or_default()
}

fn period((from, until): (Date, Date), calendar: &Calendar) -> Period {
    calendar.period(Some(from), Some(until))
}

/// First and last day.
fn named((from, until): (Date, Date)) -> (Date, Date) {
    (from, until.yesterday().unwrap_or(until))
}

/// First and last day of a period; those of the records where it has no bound.
pub(crate) fn days_of(
    period: Period,
    seen: Option<(Timestamp, Timestamp)>,
    calendar: &Calendar,
) -> Option<(Date, Date)> {
    let from = period.from.or(seen.map(|(first, _)| first))?;
    let last = period.to.and_then(|to| to.checked_sub(1.microsecond()).ok()).or(seen.map(|(_, last)| last))?;
    let last = seen.map_or(last, |(_, seen)| seen.min(last));
    Some((calendar.day_of(from), calendar.day_of(last)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    #[test]
    fn both_last_stretches_are_held_against_what_lies_before_them() {
        let (until, since) = (date(2026, 11, 20), date(2026, 8, 22));
        let found = Stretches::of(28, until, since).unwrap();
        assert_eq!(found.now, (date(2026, 10, 23), until));
        assert_eq!(found.between, Some((date(2026, 9, 25), date(2026, 10, 23))));
        assert_eq!(found.against, (since, date(2026, 9, 25)));
    }

    #[test]
    fn where_little_lies_before_the_last_is_held_against_the_one_before() {
        let found = Stretches::of(28, date(2026, 11, 20), date(2026, 9, 20)).unwrap();
        assert_eq!((found.between, found.against), (None, (date(2026, 9, 25), date(2026, 10, 23))));
        assert!(Stretches::of(28, date(2026, 11, 20), date(2026, 10, 20)).is_none());
    }
}
