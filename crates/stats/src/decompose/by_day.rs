//! How sure each effect is, from days.

use crate::bootstrap::{Plan, quantile, sort_finite};
use crate::clusters::Part;
use crate::decompose::{Segment, ratio};
use crate::interval::Interval;
use crate::random::Random;

/// Days of each side at least.
const FEWEST_DAYS: usize = 10;
/// Parts looked at, over all replicates, at most: a few seconds.
const MOST_PARTS: usize = 100_000_000;

/// The two sides by day and segment: `before[day][segment]`; every day has the same segments in the same order, with
/// empty parts where one does not occur.
#[derive(Debug, Clone, Copy)]
pub struct Sides<'a> {
    /// Days before.
    pub before: &'a [Vec<Part>],
    /// Days after.
    pub after: &'a [Vec<Part>],
}

/// Which effects of a segment are not ruled out. One that holds zero is not shown by these days.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Doubt {
    /// Of [`crate::decompose::Effect::rate`].
    pub rate: Interval,
    /// Of [`crate::decompose::Effect::mix`].
    pub mix: Interval,
    /// Of [`crate::decompose::Effect::total`].
    pub total: Interval,
    /// Standard deviation of the totals that were drawn: the standard error of the total.
    pub error: f64,
}

/// Percentile intervals of the effects of [`ratio`], by segment in the order of the parts: days of each side are drawn
/// again, whole, so that whatever hangs together within a day may. Days of a week that differ make them wider, not
/// narrower. The order of days moves the draws, so hand them in order of time.
///
/// `None` for fewer than ten days on either side, days with different numbers of segments, more than a hundred
/// million parts over all replicates, or more than one in twenty replicates that cannot be taken apart.
pub fn by_day(sides: Sides<'_>, plan: &Plan) -> Option<Vec<Doubt>> {
    let segments = sides.before.first()?.len();
    let days = sides.before.len() + sides.after.len();
    let even = sides.before.iter().chain(sides.after).all(|day| day.len() == segments);
    let replicates = usize::try_from(plan.replicates()).ok()?;
    let parts = days.checked_mul(segments)?.checked_mul(replicates)?;
    if !even || sides.before.len().min(sides.after.len()) < FEWEST_DAYS || parts > MOST_PARTS {
        return None;
    }
    let (mut one, mut other) = (plan.random(2), plan.random(3));
    let mut effects = vec![[Vec::new(), Vec::new(), Vec::new()]; segments];
    for _ in 0..replicates {
        let (before, after) =
            (drawn(sides.before, segments, &mut one), drawn(sides.after, segments, &mut other));
        let pairs = before.into_iter().zip(after).enumerate();
        let taken_apart = ratio(pairs.map(|(key, (before, after))| Segment { key, before, after }));
        for effect in taken_apart.map(|whole| whole.effects).unwrap_or_default() {
            let kinds = effects.get_mut(effect.key)?;
            for (kind, value) in kinds.iter_mut().zip([effect.rate, effect.mix, effect.total]) {
                kind.push(value);
            }
        }
    }
    let read = |mut values: Vec<f64>| {
        values.resize(replicates, f64::NAN);
        let sorted = sort_finite(&mut values)?;
        let tail = plan.confidence().tail();
        Interval::new(quantile(sorted, tail)?, quantile(sorted, 1.0 - tail)?)
    };
    effects
        .into_iter()
        .map(|[rate, mix, total]| {
            let error = deviation(&total)?;
            Some(Doubt { rate: read(rate)?, mix: read(mix)?, total: read(total)?, error })
        })
        .collect()
}

fn deviation(values: &[f64]) -> Option<f64> {
    let n = values.len() as f64;
    let mean = values.iter().sum::<f64>() / n;
    let deviation = (values.iter().map(|value| (value - mean).powi(2)).sum::<f64>() / (n - 1.0)).sqrt();
    deviation.is_finite().then_some(deviation)
}

/// Sums by segment over as many days, drawn with replacement.
fn drawn(days: &[Vec<Part>], segments: usize, random: &mut Random) -> Vec<Part> {
    let mut sums = vec![Part::default(); segments];
    for _ in 0..days.len() {
        for (sum, part) in sums.iter_mut().zip(days.get(random.below(days.len())).into_iter().flatten()) {
            sum.top += part.top;
            sum.bottom += part.bottom;
        }
    }
    sums
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bootstrap::Kind;
    use crate::interval::Confidence;

    /// Days of three segments, with rates and sizes about those given.
    fn days(random: &mut Random, n: usize, rates: [f64; 3], calls: [f64; 3]) -> Vec<Vec<Part>> {
        let part = |random: &mut Random, rate: f64, calls: f64| {
            let bottom = calls * (0.7 + 0.6 * random.unit());
            Part { top: bottom * rate * (0.7 + 0.6 * random.unit()), bottom }
        };
        (0..n).map(|_| rates.iter().zip(calls).map(|(r, c)| part(random, *r, c)).collect()).collect()
    }

    #[test]
    fn the_true_effects_are_held_nineteen_times_in_twenty() {
        let mut random = Random::seeded(51);
        let plan = Plan::new(Confidence::P95, Kind::Percentile, 300, 1).unwrap();
        let (was, is) = ([0.10, 0.04, 0.2], [0.11, 0.05, 0.2]);
        let (calls_was, calls_is) = ([600.0, 400.0, 100.0], [400.0, 600.0, 150.0]);
        let of = |rate: f64, calls: f64| Part { top: rate * calls, bottom: calls };
        let mut truth = ratio((0..3).map(|key| Segment {
            key,
            before: of(was[key], calls_was[key]),
            after: of(is[key], calls_is[key]),
        }))
        .unwrap()
        .effects;
        truth.sort_by_key(|effect| effect.key);
        let trials = 400;
        let mut held = [[0_u32; 3]; 3];
        for _ in 0..trials {
            let before = days(&mut random, 40, was, calls_was);
            let after = days(&mut random, 40, is, calls_is);
            let doubts = by_day(Sides { before: &before, after: &after }, &plan).unwrap();
            for (doubt, (truth, held)) in doubts.iter().zip(truth.iter().zip(&mut held)) {
                held[0] += u32::from(doubt.rate.contains(truth.rate));
                held[1] += u32::from(doubt.mix.contains(truth.mix));
                held[2] += u32::from(doubt.total.contains(truth.total));
            }
        }
        for covered in held.iter().flatten().map(|n| f64::from(*n) / f64::from(trials)) {
            assert!((0.915..=0.98).contains(&covered), "{held:?}");
        }
    }

    #[test]
    fn too_few_uneven_and_too_many_days_have_none() {
        let mut random = Random::seeded(52);
        let mut sample = |n| days(&mut random, n, [0.1; 3], [100.0; 3]);
        let (few, many) = (sample(9), sample(20));
        let plan = Plan::default();
        assert_eq!(by_day(Sides { before: &few, after: &many }, &plan), None);
        assert_eq!(by_day(Sides { before: &many, after: &[] }, &plan), None);
        let mut uneven = many.clone();
        uneven[3].pop();
        assert_eq!(by_day(Sides { before: &many, after: &uneven }, &plan), None);
        let wide = vec![vec![Part { top: 1.0, bottom: 2.0 }; 2_000]; 30];
        assert_eq!(by_day(Sides { before: &wide, after: &wide }, &plan), None);
        assert_eq!(by_day(Sides { before: &many, after: &many }, &plan).map(|d| d.len()), Some(3));
    }
}
