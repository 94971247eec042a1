//! Which segments a change is about, when chance had a try in each.

use super::Decomposition;
use crate::false_discovery::discoveries;
use crate::special::normal_below;

/// Segments that are named at most: a list of causes that nobody reads to the end names none.
const MOST_NAMED: usize = 5;
/// What naming one more must explain to be worth it.
const WORTH_NAMING: f64 = 0.02;
/// Share of what is named that may be chance, on the average.
const FALSE_DISCOVERIES: f64 = 0.05;

/// What the segments of a change tell.
#[derive(Debug, Clone, PartialEq)]
pub struct Told {
    /// Of each effect, in the order of [`Decomposition::effects`]: whether it is surely the segment's own
    /// ([`super::Effect::own`]); `None` where nothing is known of how it varies.
    pub sure: Vec<Option<bool>>,
    /// Places of the sure effects that are named, the largest first.
    pub named: Vec<usize>,
    /// Share of the change that these explain, from 0 to 1: less for every name after the first, so that of two dimensions the
    /// one that needs fewer names tells more.
    pub explained: f64,
}

/// What the segments of a change tell, from standard errors of their totals (`None` where there is none), in the order of the
/// effects. Own effects that are as good as certain, at a rate of false discoveries of one in twenty, are named from the largest
/// on, as many as come nearest to the change.
pub fn tell<K>(whole: &Decomposition<K>, errors: &[Option<f64>]) -> Told {
    let error = |at: usize| errors.get(at).copied().flatten().filter(|error| *error > 0.0);
    let known: Vec<usize> = (0..whole.effects.len()).filter(|at| error(*at).is_some()).collect();
    let own = |at: usize| whole.effects.get(at).map_or(0.0, |effect| effect.own);
    let p_values: Vec<f64> = known
        .iter()
        .map(|at| error(*at).map_or(1.0, |error| (2.0 * normal_below(-own(*at).abs() / error)).min(1.0)))
        .collect();
    let mut sure = vec![None; whole.effects.len()];
    for (at, is_sure) in known.iter().zip(discoveries(&p_values, FALSE_DISCOVERIES).unwrap_or_default()) {
        if let Some(sure) = sure.get_mut(*at) {
            *sure = Some(is_sure);
        }
    }
    let mut candidates: Vec<usize> =
        (0..whole.effects.len()).filter(|at| sure.get(*at) == Some(&Some(true))).collect();
    candidates.sort_by(|a, b| own(*b).abs().total_cmp(&own(*a).abs()));
    candidates.truncate(MOST_NAMED);
    let (mut best, mut explained, mut sum) = (0, 0.0, 0.0);
    for (named, at) in candidates.iter().enumerate() {
        sum += own(*at);
        let left = (whole.change - sum).abs() / whole.change.abs();
        let worth = 1.0 - left - WORTH_NAMING * named as f64;
        if worth > explained {
            (best, explained) = (named + 1, worth);
        }
    }
    candidates.truncate(best);
    Told { sure, named: candidates, explained: explained.clamp(0.0, 1.0) }
}

#[cfg(test)]
mod tests {
    use super::super::{Segment, ratio};
    use super::*;
    use crate::clusters::Part;

    fn part(top: f64, bottom: f64) -> Part {
        Part { top, bottom }
    }

    fn segment(key: &'static str, before: (f64, f64), after: (f64, f64)) -> Segment<&'static str> {
        Segment { key, before: part(before.0, before.1), after: part(after.0, after.1) }
    }

    #[test]
    fn the_one_that_fell_is_named_and_the_rest_is_not() {
        let numbers = (0..8).map(|n| {
            let fell = if n == 3 { 130.0 } else { f64::from(n % 3) - 1.0 };
            Segment { key: n, before: part(240.0, 1000.0), after: part(240.0 - fell, 1000.0) }
        });
        let whole = ratio(numbers).unwrap();
        let told = tell(&whole, &[Some(0.002); 8]);
        assert_eq!(told.named.iter().map(|at| whole.effects[*at].key).collect::<Vec<_>>(), [3]);
        assert!(told.explained > 0.95, "{told:?}");
    }

    #[test]
    fn what_befell_all_is_told_by_no_segment() {
        // Teams of different size fall alike; the largest adds most to the fall.
        let whole = ratio([
            segment("large", (120.0, 600.0), (90.0, 600.0)),
            segment("small", (80.0, 400.0), (60.0, 400.0)),
        ])
        .unwrap();
        let told = tell(&whole, &[Some(0.001); 2]);
        assert!(told.named.is_empty() && told.explained < 1e-9, "{told:?}");
    }

    #[test]
    fn noise_and_what_is_not_known_are_not_named() {
        let whole =
            ratio([segment("a", (20.0, 100.0), (10.0, 100.0)), segment("b", (20.0, 100.0), (20.0, 100.0))])
                .unwrap();
        assert!(tell(&whole, &[Some(0.2), Some(0.2)]).named.is_empty());
        let unknown = tell(&whole, &[None, None]);
        assert!(unknown.named.is_empty() && unknown.sure == [None, None]);
        assert_eq!(tell(&whole, &[Some(0.001), Some(0.001)]).named, [0]);
    }

    #[test]
    fn a_mix_that_turns_is_told_by_all_that_it_takes() {
        let (before, after) = ([0.20, 0.40, 0.40], [0.12, 0.26, 0.62]);
        let (was, is) = ([0.060, 0.025, 0.005], [0.062, 0.026, 0.005]);
        let whole = ratio((0..3).map(|key| Segment {
            key,
            before: part(was[key] * before[key], before[key]),
            after: part(is[key] * after[key], after[key]),
        }))
        .unwrap();
        let told = tell(&whole, &[Some(0.0002); 3]);
        assert!(told.explained > 0.9 && told.named.len() >= 2, "{told:?}");
        assert!((whole.mix + 0.00735).abs() < 0.0001 && (whole.rate - 0.00065).abs() < 0.0001, "{whole:?}");
    }
}
