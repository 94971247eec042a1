//! A second dimension within the values of a first.

use std::collections::{BTreeMap, BTreeSet};

use dialmark_govern::why::{Along, Deeper, Nested};
use dialmark_metrics::Key;
use dialmark_stats::decompose::{self, Cell, Effect, Within};

use super::Hand;
use super::along::{apart, of, sum};
use super::sides::{ByValue, Sides};
use crate::error::NotDone;

/// What a value's own figure must have done of the change to be looked into.
const WORTH_LOOKING_INTO: f64 = 0.2;
/// What a second dimension must tell of that to be named when nobody asked for it.
const WORTH_NAMING: f64 = 0.3;

/// The value of a first dimension that did most by its own figure; `None` where that is little of the change.
pub(super) fn worth_looking_into(along: &Along) -> Option<&Key> {
    let named = along.named();
    let largest = named.into_iter().max_by(|a, b| a.rate.abs().total_cmp(&b.rate.abs()))?;
    let is_much = largest.rate.abs() >= WORTH_LOOKING_INTO * along.whole.change.abs();
    largest.key.first().filter(|_| is_much)
}

/// The change by a first dimension and a second within it; a sentence where that cannot be done.
pub(super) async fn nested(
    sides: &mut Sides<'_>,
    (outer, inner): (&str, &str),
) -> Result<Result<Nested, String>, NotDone> {
    let by = [outer.to_owned(), inner.to_owned()];
    let mut both = Vec::new();
    for hand in [Hand::Before, Hand::Now] {
        match of(sides, hand, &by).await? {
            Ok(parts) => both.push(parts),
            Err(refused) => return Ok(Err(refused)),
        }
    }
    let [(before, before_by_day), (now, now_by_day)] = both.as_slice() else {
        return Ok(Err("a side was not read.".to_owned()));
    };
    let keys: BTreeSet<&Vec<Key>> = before.keys().chain(now.keys()).collect();
    let cells = keys.into_iter().filter_map(|key| {
        let [outer, inner] = key.as_slice() else { return None };
        let (before, after) = (sum(before, key), sum(now, key));
        Some(Cell { outer: outer.clone(), inner: inner.clone(), before, after })
    });
    let within = match decompose::within(cells) {
        Ok(within) => within,
        Err(unfit) => return Ok(Err(format!("{unfit}."))),
    };
    let deeper = largest(&within).cloned().and_then(|value| {
        let (before, now) = (only(before, &value), only(now, &value));
        let along = apart(&before, &now, *before_by_day && *now_by_day, &[inner.to_owned()]).ok()?;
        Some(Deeper { value, along })
    });
    Ok(Ok(Nested { outer: outer.to_owned(), inner: inner.to_owned(), within, deeper }))
}

/// Whether what was found is worth saying unasked: the second dimension tells much of the change of the value that did most, and
/// leaves most other values of its own alone.
pub(super) fn tells(nested: &Nested) -> f64 {
    let explained = nested.deeper.as_ref().map_or(0.0, |deeper| deeper.along.told.explained);
    if explained >= WORTH_NAMING { explained } else { 0.0 }
}

fn largest(within: &Within<Key, Key>) -> Option<&Key> {
    let by_rate = |a: &&Effect<Key>, b: &&Effect<Key>| a.rate.abs().total_cmp(&b.rate.abs());
    within.outer.effects.iter().max_by(by_rate).map(|effect| &effect.key)
}

/// The parts of one value of the first dimension, by the second.
fn only(parts: &ByValue, value: &Key) -> ByValue {
    let own = parts.iter().filter(|(key, _)| key.first() == Some(value));
    own.map(|(key, by_day)| (key.iter().skip(1).cloned().collect(), by_day.clone()))
        .collect::<BTreeMap<_, _>>()
}
