//! Ratios of sums over clusters: how sure a conversion rate is when the calls of an agent are alike.
//!
//! A cluster is whatever is drawn as a whole: mostly an agent's day. What lies within one may hang together in any
//! way; clusters are taken to be independent. Below some twenty of them the interval is too narrow.

use crate::clusters::{Clusters, Part};
use crate::estimate::Estimate;

/// The sum of the tops over the sum of the bottoms, with the linearised standard error of a ratio estimator (Cochran,
/// Sampling Techniques, 1977, 6.3; the same as a cluster-robust regression on a constant): clusters weigh as much
/// as their bottoms, and the error comes from `top - ratio * bottom` of each. Degrees of freedom: clusters - 1.
///
/// `None` for fewer than two clusters that are not empty, a bottom of zero in total, numbers that are not finite, and
/// clusters of which all have the same ratio: they do not show how much they vary (for none or all of many take
/// [`crate::Share::wilson`]).
pub fn of_sums(parts: &[Part]) -> Option<Estimate> {
    let clusters = Clusters::of(parts)?;
    let (ratio, k) = (clusters.ratio(), clusters.count());
    let (mut squares, mut size) = (0.0, 0.0);
    for part in &clusters.parts {
        let expected = ratio * part.bottom;
        squares += (part.top - expected).powi(2);
        size += part.top.abs() + expected.abs();
    }
    // Rounding alone leaves something of equal ratios.
    if squares.sqrt() <= 8.0 * f64::EPSILON * size {
        return None;
    }
    Estimate::new(ratio, (k / (k - 1.0) * squares).sqrt() / clusters.bottom.abs(), k - 1.0)
}

/// The ratio of one set of clusters less that of another, independent one: whether a figure has moved.
pub fn difference(later: &[Part], earlier: &[Part]) -> Option<Estimate> {
    of_sums(later)?.minus(of_sums(earlier)?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::interval::Confidence;
    use crate::random::Random;
    use proptest::prelude::*;

    fn part(top: f64, bottom: f64) -> Part {
        Part { top, bottom }
    }

    #[test]
    fn three_days_can_be_worked_out_on_paper() {
        // 2/10, 6/20, 2/10: ratio 1/4; residuals -1/2, 1, -1/2; variance 3/2 * 3/2 / 1600.
        let estimate = of_sums(&[part(2.0, 10.0), part(6.0, 20.0), part(2.0, 10.0)]).unwrap();
        assert!((estimate.value() - 0.25).abs() < 1e-15);
        assert!((estimate.standard_error() - 1.5 / 40.0).abs() < 1e-15);
        assert!((estimate.degrees() - 2.0).abs() < 1e-15);
    }

    #[test]
    fn clusters_of_one_record_are_the_plain_sample() {
        // 3 of 10, one record each: the square root of p (1 - p) / (n - 1).
        let parts: Vec<Part> = (0..10).map(|i| part(f64::from(u8::from(i < 3)), 1.0)).collect();
        let error = of_sums(&parts).unwrap().standard_error();
        assert!((error - (0.3 * 0.7 / 9.0_f64).sqrt()).abs() < 1e-15);
    }

    #[test]
    fn what_cannot_be_said_is_not_said() {
        assert_eq!(of_sums(&[]), None);
        assert_eq!(of_sums(&[part(1.0, 2.0)]), None);
        assert_eq!(of_sums(&[part(1.0, 2.0), part(0.0, 0.0)]), None);
        assert_eq!(of_sums(&[part(1.0, 0.0), part(2.0, 0.0)]), None);
        assert_eq!(of_sums(&[part(1.0, 3.0), part(2.0, -3.0)]), None);
        assert_eq!(of_sums(&[part(f64::NAN, 1.0), part(2.0, 3.0)]), None);
        assert_eq!(of_sums(&[part(f64::MAX, 1.0), part(f64::MAX, 3.0)]), None);
        assert_eq!(of_sums(&[part(0.0, 20.0), part(0.0, 30.0)]), None);
        assert_eq!(of_sums(&[part(0.1, 0.3), part(0.2, 0.6), part(0.7, 2.1)]), None);
        // Cost of a day without a call is cost all the same.
        assert!(of_sums(&[part(5.0, 0.0), part(5.0, 10.0)]).is_some());
    }

    /// Agent-days whose own chance of a success varies, so that calls of one hang together.
    pub(crate) fn agent_days(random: &mut Random, clusters: usize) -> Vec<Part> {
        let day = |random: &mut Random| {
            let chance = 0.1 + 0.3 * random.unit();
            let calls = 20 + random.below(40);
            let hits = (0..calls).filter(|_| random.unit() < chance).count();
            part(hits as f64, calls as f64)
        };
        (0..clusters).map(|_| day(random)).collect()
    }

    #[test]
    fn the_interval_holds_the_true_ratio_where_a_plain_one_does_not() {
        let mut random = Random::seeded(11);
        let (trials, mut held, mut plain) = (2_000, 0, 0);
        for _ in 0..trials {
            let parts = agent_days(&mut random, 40);
            let estimate = of_sums(&parts).unwrap();
            held += u32::from(estimate.interval(Confidence::P95).unwrap().contains(0.25));
            let n: f64 = parts.iter().map(|p| p.bottom).sum();
            let naive = 1.96 * (estimate.value() * (1.0 - estimate.value()) / n).sqrt();
            plain += u32::from((estimate.value() - 0.25).abs() <= naive);
        }
        let (held, plain) = (f64::from(held) / f64::from(trials), f64::from(plain) / f64::from(trials));
        assert!((0.93..=0.97).contains(&held), "{held}");
        assert!(plain < 0.85, "{plain}");
    }

    #[test]
    fn the_difference_of_two_periods_is_held_as_often() {
        let mut random = Random::seeded(12);
        let held = (0..1_500).filter(|_| {
            let (later, earlier) = (agent_days(&mut random, 45), agent_days(&mut random, 60));
            difference(&later, &earlier).unwrap().interval(Confidence::P95).unwrap().contains(0.0)
        });
        let covered = held.count() as f64 / 1_500.0;
        assert!((0.93..=0.97).contains(&covered), "{covered}");
    }

    fn parts() -> impl Strategy<Value = Vec<Part>> {
        proptest::collection::vec((0.0..50.0_f64, 1.0..100.0_f64).prop_map(|(t, b)| part(t, b)), 3..40)
    }

    proptest! {
        #[test]
        fn order_and_empty_clusters_change_no_digit(parts in parts()) {
            let mut turned: Vec<Part> = parts.iter().rev().copied().collect();
            turned.insert(turned.len() / 2, part(0.0, -0.0));
            prop_assert_eq!(of_sums(&parts), of_sums(&turned));
        }

        #[test]
        fn units_scale_and_a_constant_shifts(parts in parts(), unit in 0.01..100.0_f64, shift in -5.0..5.0_f64) {
            let estimate = of_sums(&parts).unwrap();
            let other: Vec<Part> =
                parts.iter().map(|p| part(unit * (p.top + shift * p.bottom), p.bottom)).collect();
            let other = of_sums(&other).unwrap();
            prop_assert!((other.value() - unit * (estimate.value() + shift)).abs() < 1e-10 * unit * 10.0);
            prop_assert!((other.standard_error() - unit * estimate.standard_error()).abs() < 1e-10 * unit);
        }

        #[test]
        fn a_difference_turned_round_is_its_negative(a in parts(), b in parts()) {
            let (there, back) = (difference(&a, &b).unwrap(), difference(&b, &a).unwrap());
            prop_assert!((there.value() + back.value()).abs() < 1e-15);
            prop_assert!((there.degrees() - back.degrees()).abs() < 1e-9);
        }
    }
}
