//! Cumulative metrics: sums of days over windows that end with each bucket of the question.

use std::collections::{BTreeMap, BTreeSet};

use arrow::array::{Array, AsArray};
use arrow::datatypes::Date32Type;
use datafusion::functions_aggregate::expr_fn::{max, min};
use dialmark_metrics::answer::Sum;
use dialmark_metrics::catalogue::Filled;
use dialmark_metrics::metric::Window;
use dialmark_metrics::{Key, MetricQuery, Split};
use dialmark_model::civil::{Calendar, Grain, Period};
use jiff::Timestamp;
use jiff::civil::Date;

use crate::asked::Asked;
use crate::error::{EngineError, refuse};
use crate::figure::Windowed;
use crate::functions::date_of;
use crate::passes::Seen;
use crate::plan::{Sums, Use};

/// Days that one question about a window may touch.
const MOST_DAYS: i32 = 40_000;

/// Sums over every kind of window that is asked for.
pub(crate) async fn run(
    asked: &Asked<'_>,
    uses: &[(&Use, Window)],
    filled: &Filled,
    seen: &mut Seen,
) -> Result<Vec<(Window, Windowed)>, EngineError> {
    let mut windows: Vec<(Window, Vec<&Use>)> = Vec::new();
    for (one, window) in uses {
        match windows.iter_mut().find(|(known, _)| known == window) {
            Some((_, all)) => all.push(one),
            None => windows.push((*window, vec![one])),
        }
    }
    let mut all = Vec::new();
    for (window, uses) in windows {
        all.push((window, one_window(asked, window, &uses, filled, seen).await?));
    }
    Ok(all)
}

/// A bucket of the question: its key, and the last day of it that the question and the data reach.
struct Bucket {
    key: Option<Key>,
    last: Date,
}

async fn one_window(
    asked: &Asked<'_>,
    window: Window,
    uses: &[&Use],
    filled: &Filled,
    seen: &mut Seen,
) -> Result<Windowed, EngineError> {
    if asked.question.grain.is_some_and(|g| g.micros().is_some()) {
        return refuse("A cumulative metric adds up days, so it can be broken out by `day` or longer.");
    }
    let calendar = asked.calendar();
    let Some((first_data, last_data)) = extent(asked, uses).await? else { return Ok(Windowed::default()) };
    let buckets = buckets(asked, calendar, first_data, last_data)?;
    let starts: Vec<Date> = buckets.iter().map(|b| window_start(window, b.last, calendar)).collect();
    let Some(earliest) = starts.iter().min() else { return Ok(Windowed::default()) };
    let last = buckets.iter().map(|b| b.last).max().unwrap_or(last_data);
    // The same question by day, from the first day of the first window.
    let by_day = MetricQuery {
        grain: Some(Grain::Day),
        period: Period {
            from: calendar.day_start(*earliest),
            to: asked.question.period.to.or_else(|| calendar.day_start(last.tomorrow().ok()?)),
        },
        ..asked.question.clone()
    };
    let inner = Asked { kept: asked.kept.clone(), ..Asked::new(asked.engine, &by_day, asked.snapshot)? };
    let found = inner.run(uses, filled, seen).await?;
    let mut windowed = Windowed { sums: BTreeMap::new(), short: BTreeSet::new() };
    for (bucket, start) in buckets.iter().zip(&starts) {
        if *start < first_data {
            windowed.short.insert(bucket.key.clone());
        }
    }
    for (one, sums) in found {
        let groups = match sums {
            Sums::Blocked(sum) => {
                windowed.sums.insert(one, Sums::Blocked(sum));
                continue;
            }
            Sums::Groups(groups) => groups,
        };
        let mut added: BTreeMap<Vec<Key>, Sum> = BTreeMap::new();
        for (keys, sum) in &groups {
            let Some((Key::Day(day), rest)) = keys.split_first() else { continue };
            for (bucket, start) in buckets.iter().zip(&starts) {
                if start <= day && *day <= bucket.last {
                    let place: Vec<Key> = bucket.key.iter().chain(rest).cloned().collect();
                    match added.entry(place) {
                        std::collections::btree_map::Entry::Vacant(entry) => {
                            entry.insert(sum.clone());
                        }
                        std::collections::btree_map::Entry::Occupied(mut entry) => entry.get_mut().add(sum),
                    }
                }
            }
        }
        windowed.sums.insert(one, Sums::Groups(added));
    }
    Ok(windowed)
}

/// First and last day of the records that are read.
async fn extent(asked: &Asked<'_>, uses: &[&Use]) -> Result<Option<(Date, Date)>, EngineError> {
    let catalogue = asked.engine.catalogue();
    let mut bounds: Option<(Date, Date)> = None;
    for one in uses {
        let (Some(live), Some(binding)) =
            (asked.snapshot.tables.get(&one.table), catalogue.binding(&one.measure, &one.table))
        else {
            continue;
        };
        let clocked = asked.clocked(live, binding, one)?;
        let day = asked.place(&clocked).day()?;
        let plans = vec![min(day.clone()).alias("first"), max(day).alias("last")];
        let rows = crate::table::rows(asked.engine, live, &Period::ALL)?;
        let batches = rows.aggregate(vec![], plans)?.collect().await?;
        let of = |name: &str| {
            let column = batches.first()?.column_by_name(name)?.as_primitive_opt::<Date32Type>()?;
            let known = !column.is_empty() && !column.is_null(0);
            known.then(|| date_of(i64::from(column.value(0)))).flatten()
        };
        if let (Some(first), Some(mut last)) = (of("first"), of("last")) {
            // What lasts until it ends goes on as long as there is data.
            if matches!(binding.split, Some(Split::Days { .. }))
                && let Some(end) = asked.end_of_all().await?
            {
                last = last.max(before(asked.calendar().day_of(end)));
            }
            bounds = Some(bounds.map_or((first, last), |(a, b)| (a.min(first), b.max(last))));
        }
    }
    // Whoever says up to when the data is complete knows better.
    let until = asked.question.complete_until.map(|at| before(asked.calendar().day_of(at)));
    Ok(bounds.map(|(first, last)| (first, until.unwrap_or(last))))
}

fn before(day: Date) -> Date {
    day.yesterday().unwrap_or(day)
}

fn window_start(window: Window, last: Date, calendar: &Calendar) -> Date {
    match window {
        Window::Rolling(days) => {
            let back = jiff::Span::new().try_days(i64::from(days) - 1);
            back.and_then(|span| last.checked_sub(span)).unwrap_or(last)
        }
        Window::ToDate(grain) => calendar.first_day(grain, last),
    }
}

fn buckets(
    asked: &Asked<'_>,
    calendar: &Calendar,
    first_data: Date,
    last_data: Date,
) -> Result<Vec<Bucket>, EngineError> {
    let period = asked.question.period;
    let first = period.from.map_or(first_data, |at| calendar.day_of(at));
    let before_end = |at: Timestamp| at.checked_sub(jiff::SignedDuration::from_micros(1)).unwrap_or(at);
    let last = period.to.map_or(last_data, |at| calendar.day_of(before_end(at)).min(last_data));
    let Some(grain) = asked.question.grain else {
        return Ok(vec![Bucket { key: None, last }]);
    };
    if first.until(last).map_or(0, |span| span.get_days()) > MOST_DAYS {
        return refuse(format!(
            "A cumulative metric may touch {MOST_DAYS} days at most; choose a shorter period."
        ));
    }
    let mut all: Vec<Bucket> = Vec::new();
    let mut day = first;
    while day <= last {
        let key = Some(Key::Day(calendar.first_day(grain, day)));
        match all.last_mut() {
            Some(bucket) if bucket.key == key => bucket.last = day,
            _ => all.push(Bucket { key, last: day }),
        }
        match day.tomorrow() {
            Ok(next) => day = next,
            Err(_) => break,
        }
    }
    Ok(all)
}
