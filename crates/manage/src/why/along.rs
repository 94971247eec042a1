//! A change along one dimension, or two together, with what chance does to each effect.

use std::collections::{BTreeMap, BTreeSet};

use dialmark_govern::why::Along;
use dialmark_metrics::Key;
use dialmark_stats::bootstrap::{Kind, Plan};
use dialmark_stats::decompose::{self, Doubt, Segment, Sides as Days};
use dialmark_stats::{Confidence, Interval, Part};

use super::sides::{ByValue, Sides};
use super::{Hand, is_none};
use crate::error::NotDone;

/// A dimension with more values than this names no cause; each of them would be a drop.
const MOST_VALUES: usize = 500;
/// The largest effects, of which it is asked what chance does. All others stand together in that.
const LOOKED_AT: usize = 30;
/// Draws; percentiles of 95 % need a few dozen beyond each end.
const DRAWS: u32 = 1_000;
/// The same draws every time.
const SEED: u64 = 20_261_123;

/// Takes the change apart; a sentence where that cannot be done along these dimensions.
pub(super) async fn along(sides: &mut Sides<'_>, by: &[String]) -> Result<Result<Along, String>, NotDone> {
    let (now, now_by_day) = match of(sides, Hand::Now, by).await? {
        Ok(found) => found,
        Err(refused) => return Ok(Err(refused)),
    };
    if let Err(why_not) = tells(&now, by) {
        return Ok(Err(why_not));
    }
    let (before, before_by_day) = match of(sides, Hand::Before, by).await? {
        Ok(found) => found,
        Err(refused) => return Ok(Err(refused)),
    };
    Ok(apart(&before, &now, before_by_day && now_by_day, by))
}

/// What a value adds up to.
pub(super) fn sum(parts: &ByValue, key: &[Key]) -> Part {
    let parts = parts.get(key).into_iter().flat_map(BTreeMap::values);
    parts.fold(Part::default(), |sum, part| sum.plus(*part))
}

/// Takes two sides apart by their values; chance is drawn where the parts stand by day or hour.
pub(super) fn apart(
    before: &ByValue,
    now: &ByValue,
    are_by_day: bool,
    by: &[String],
) -> Result<Along, String> {
    tells(now, by)?;
    let keys: BTreeSet<&Vec<Key>> = before.keys().chain(now.keys()).collect();
    if keys.len() > MOST_VALUES {
        return Err(too_many(by, keys.len()));
    }
    let segments = keys.iter().map(|key| Segment {
        key: (*key).clone(),
        before: sum(before, key),
        after: sum(now, key),
    });
    let whole = decompose::ratio(segments).map_err(|unfit| format!("{unfit}."))?;
    let looked_at: Vec<&Vec<Key>> = whole.effects.iter().take(LOOKED_AT).map(|effect| &effect.key).collect();
    let doubts = are_by_day.then(|| doubts(before, now, &looked_at)).flatten();
    let doubts = doubts.unwrap_or_default();
    let errors: Vec<Option<f64>> =
        (0..whole.effects.len()).map(|at| doubts.get(at).map(|doubt| doubt.error)).collect();
    let intervals: Vec<Option<Interval>> =
        (0..whole.effects.len()).map(|at| doubts.get(at).map(|doubt| doubt.total)).collect();
    let told = decompose::tell(&whole, &errors);
    Ok(Along { by: by.to_vec(), whole, told, intervals })
}

/// The parts of a side, and whether they stand by day or hour.
pub(super) async fn of(
    sides: &mut Sides<'_>,
    hand: Hand,
    by: &[String],
) -> Result<Result<(ByValue, bool), String>, NotDone> {
    let grain = sides.grain();
    match sides.by_value(hand, by, grain).await? {
        // What counts on several days cannot be added up over them; there is nothing to draw from then.
        Err(_) if grain.is_some() => {
            let whole = sides.by_value(hand, by, None).await?;
            Ok(whole.map(|parts| (parts, false)))
        }
        parts => Ok(parts.map(|parts| (parts, grain.is_some()))),
    }
}

/// Whether the values of a dimension may be causes. Abandoned calls have no agent, nor have dials that reach nobody: a value that
/// an outcome brings with it is no cause of the outcome.
fn tells(parts: &ByValue, by: &[String]) -> Result<(), String> {
    let name = by.join(" and ");
    if parts.len() > MOST_VALUES {
        return Err(too_many(by, parts.len()));
    }
    if parts.len() < 2 {
        return Err(format!("there is one value of {name}, which is the whole."));
    }
    let total = |which: &dyn Fn(&[Key]) -> bool| {
        let chosen = parts.iter().filter(|(keys, _)| which(keys));
        chosen.flat_map(|(_, by_day)| by_day.values()).fold(Part::default(), |sum, part| sum.plus(*part))
    };
    let (all, none) = (total(&|_| true), total(&is_none));
    if none.bottom * 2.0 > all.bottom || none.top * 2.0 > all.top {
        return Err(format!(
            "most records have no {name}: what only some outcomes bring is no cause of them."
        ));
    }
    Ok(())
}

fn too_many(by: &[String], values: usize) -> String {
    format!("there are {values} values of {}; each would be a drop.", by.join(" and "))
}

/// What chance does to the effects of these values, in their order.
fn doubts(before: &ByValue, now: &ByValue, values: &[&Vec<Key>]) -> Option<Vec<Doubt>> {
    let plan = Plan::new(Confidence::P95, Kind::Percentile, DRAWS, SEED)?;
    let (before, now) = (by_day(before, values), by_day(now, values));
    let mut doubts = decompose::by_day(Days { before: &before, after: &now }, &plan)?;
    // The last is the rest.
    doubts.truncate(values.len());
    Some(doubts)
}

/// Days, each with the parts of these values and then all others together: the effect of a value depends on itself and the whole
/// alone.
fn by_day(parts: &ByValue, values: &[&Vec<Key>]) -> Vec<Vec<Part>> {
    let days: BTreeSet<&Key> = parts.values().flat_map(BTreeMap::keys).collect();
    let chosen: BTreeMap<&Vec<Key>, usize> =
        values.iter().enumerate().map(|(at, value)| (*value, at)).collect();
    let row_of: BTreeMap<&Key, usize> = days.into_iter().enumerate().map(|(at, day)| (day, at)).collect();
    let mut rows = vec![vec![Part::default(); values.len() + 1]; row_of.len()];
    for (value, by_day) in parts {
        let column = chosen.get(value).copied().unwrap_or(values.len());
        for (day, part) in by_day {
            let cell = row_of.get(day).and_then(|row| rows.get_mut(*row)?.get_mut(column));
            if let Some(cell) = cell {
                *cell = cell.plus(*part);
            }
        }
    }
    rows
}
