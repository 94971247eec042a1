//! What a second dimension adds once the first has been taken into account.

use std::collections::BTreeMap;

use super::{Decomposition, Effect, Presence, Segment, Unfit, ratio};
use crate::clusters::Part;

/// A value of a second dimension within a value of the first.
#[derive(Debug, Clone, PartialEq)]
pub struct Cell<O, I> {
    /// The first dimension's value.
    pub outer: O,
    /// The second one's.
    pub inner: I,
    /// Before, or here.
    pub before: Part,
    /// After, or there.
    pub after: Part,
}

/// What the values of a second dimension have to do with the change, within those of the first.
#[derive(Debug, Clone, PartialEq)]
pub struct Within<O, I> {
    /// By the first dimension alone. The mix effects and those of segments without a rate on a side stand as they are.
    pub outer: Decomposition<O>,
    /// Values of the second with the part of the rate effects of the first that they explain: by their own rates and by
    /// their shares within. The largest sum of either sign first, equal ones in the order of their keys.
    pub inner: Vec<Inside<I>>,
}

/// A value of a second dimension.
#[derive(Debug, Clone, PartialEq)]
pub struct Inside<I> {
    /// The value.
    pub key: I,
    /// How much the ratio moved because its rate did, within values of the first.
    pub rate: f64,
    /// How much it moved because its share did, within values of the first.
    pub mix: f64,
    /// Both.
    pub total: f64,
}

/// Takes the change apart by a first dimension, and the rate effects of its values by a second one: the totals of the second add
/// up to the rate effect of those of the first that are there on both sides. So a caller number that is answered less is not
/// named for a list that it happened to call, nor the list for the number.
pub fn within<O: Ord + Clone, I: Ord + Clone>(
    cells: impl IntoIterator<Item = Cell<O, I>>,
) -> Result<Within<O, I>, Unfit> {
    let mut groups: BTreeMap<O, BTreeMap<I, (Part, Part)>> = BTreeMap::new();
    for Cell { outer, inner, before, after } in cells {
        let sides = groups.entry(outer).or_default().entry(inner).or_default();
        *sides = (sides.0.plus(before), sides.1.plus(after));
    }
    let outer = ratio(groups.iter().map(|(key, cells)| {
        let none = (Part::default(), Part::default());
        let (before, after) = cells.values().fold(none, |sum, one| (sum.0.plus(one.0), sum.1.plus(one.1)));
        Segment { key: key.clone(), before, after }
    }))?;
    let mut inner: BTreeMap<I, Inside<I>> = BTreeMap::new();
    for effect in outer.effects.iter().filter(|effect| effect.presence == Presence::Both) {
        let weight = f64::midpoint(effect.shares.0, effect.shares.1);
        let cells = groups.get(&effect.key).into_iter().flatten();
        let segments =
            cells.map(|(key, (before, after))| Segment { key: key.clone(), before: *before, after: *after });
        for Effect { key, rate, mix, total, .. } in ratio(segments)?.effects {
            let nothing = Inside { key: key.clone(), rate: 0.0, mix: 0.0, total: 0.0 };
            let sum = inner.entry(key).or_insert(nothing);
            sum.rate += weight * rate;
            sum.mix += weight * mix;
            sum.total += weight * total;
        }
    }
    let mut inner: Vec<Inside<I>> = inner.into_values().collect();
    inner.sort_by(|a, b| b.total.abs().total_cmp(&a.total.abs()));
    Ok(Within { outer, inner })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn cell(
        outer: &'static str,
        inner: &'static str,
        before: (f64, f64),
        after: (f64, f64),
    ) -> Cell<&'static str, &'static str> {
        let part = |(top, bottom)| Part { top, bottom };
        Cell { outer, inner, before: part(before), after: part(after) }
    }

    #[test]
    fn a_number_is_not_blamed_for_the_list_that_it_calls() {
        // Both numbers convert alike on either list, before and after; the cold list grows, and number 2 calls it mostly.
        let found = within([
            cell("warm", "1", (40.0, 400.0), (20.0, 200.0)),
            cell("warm", "2", (10.0, 100.0), (5.0, 50.0)),
            cell("cold", "1", (1.0, 100.0), (2.0, 200.0)),
            cell("cold", "2", (4.0, 400.0), (5.5, 550.0)),
        ])
        .unwrap();
        assert!(found.outer.change < -0.02 && (found.outer.mix - found.outer.change).abs() < 1e-12);
        assert!(found.inner.iter().all(|one| one.total.abs() < 1e-12), "{found:?}");
    }

    #[test]
    fn what_fell_within_every_list_is_named() {
        let found = within([
            cell("warm", "1", (30.0, 100.0), (30.0, 100.0)),
            cell("warm", "2", (30.0, 100.0), (10.0, 100.0)),
            cell("cold", "1", (20.0, 100.0), (20.0, 100.0)),
            cell("cold", "2", (20.0, 100.0), (10.0, 100.0)),
        ])
        .unwrap();
        // 100 of 400 become 70 of 400.
        assert_eq!(found.inner[0].key, "2");
        assert!(
            (found.inner[0].total + 0.075).abs() < 1e-12 && found.inner[1].total.abs() < 1e-12,
            "{found:?}"
        );
    }

    fn part() -> impl Strategy<Value = Part> {
        prop_oneof![
            5 => (0.0..50.0_f64, 1.0..100.0_f64).prop_map(|(top, bottom)| Part { top, bottom }),
            1 => Just(Part::default()),
        ]
    }

    proptest! {
        #[test]
        fn nothing_is_left_over(
            parts in proptest::collection::vec((0_u8..4, 0_u8..5, part(), part()), 1..40),
        ) {
            let cells = parts.iter().map(|(outer, inner, before, after)| Cell {
                outer: *outer, inner: *inner, before: *before, after: *after,
            });
            let Ok(found) = within(cells) else { return Ok(()) };
            let rate: f64 = found.outer.effects.iter().filter(|e| e.presence == Presence::Both).map(|e| e.rate).sum();
            let inner: f64 = found.inner.iter().map(|one| one.total).sum();
            prop_assert!((rate - inner).abs() < 1e-12 * (1.0 + found.outer.before.abs() + found.outer.after.abs()) * 50.0);
        }
    }
}
