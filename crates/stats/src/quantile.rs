//! Medians and other quantiles: which of the sorted values enclose the true one, whatever its distribution.

use crate::interval::{Confidence, Interval};
use crate::special::binomial_at_most;

/// Values at most: ten billion. Beyond it the binomial distribution begins to lose digits.
const MOST: u64 = 10_000_000_000;

/// Two ranks among sorted values, the smallest being 1.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Ranks {
    /// Rank of the low end.
    pub low: u64,
    /// Rank of the high end; not below `low`.
    pub high: u64,
    /// How sure it is that the values of these ranks enclose the true quantile: at least what was asked for.
    pub sure: f64,
}

/// Ranks of the values, of `n` independent ones, that enclose the quantile `share` (0.5 is the median) with this
/// confidence: as many lie below it as hits in `n` tries of that chance (David and Nagaraja, Order Statistics,
/// 2003, 7.1). Each side leaves out at most half of the rest. For those who know how often each value occurs and
/// need not list them.
///
/// `None` unless the share lies strictly between 0 and 1, and there are values enough (for a median at 95 %, six)
/// and not more than ten billion.
pub fn ranks(n: u64, share: f64, confidence: Confidence) -> Option<Ranks> {
    if n == 0 || n > MOST || !(share > 0.0 && share < 1.0) {
        return None;
    }
    let tail = confidence.tail();
    // The rounding of a tail that is met exactly must not cost a rank.
    let slack = 1e-9 * tail;
    // How many hits at most are still too unlikely, and from how many on.
    let low = first(n, |k| binomial_at_most(k, n, share) > tail + slack);
    let high = first(n, |k| binomial_at_most(k, n, share) >= 1.0 - tail - slack) + 1;
    if low == 0 || high > n {
        return None;
    }
    let sure = binomial_at_most(high - 1, n, share) - binomial_at_most(low - 1, n, share);
    Some(Ranks { low, high, sure })
}

/// The smallest number of hits up to `n` for which this holds, which it does from there on; `n` when for none before.
fn first(n: u64, holds: impl Fn(u64) -> bool) -> u64 {
    let (mut from, mut to) = (0, n);
    while from < to {
        let middle = from + (to - from) / 2;
        if holds(middle) {
            to = middle;
        } else {
            from = middle + 1;
        }
    }
    from
}

/// The interval of the quantile `share` of independent values, in their unit; `None` where [`ranks`] has none or a value
/// is not finite.
pub fn interval(values: &[f64], share: f64, confidence: Confidence) -> Option<Interval> {
    let ranks = ranks(u64::try_from(values.len()).ok()?, share, confidence)?;
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    if !(sorted.first()?.is_finite() && sorted.last()?.is_finite()) {
        return None;
    }
    let at = |rank: u64| sorted.get(usize::try_from(rank - 1).ok()?).copied();
    Interval::new(at(ranks.low)?, at(ranks.high)?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::Random;
    use proptest::prelude::*;

    const P95: Confidence = Confidence::P95;

    #[test]
    fn six_values_are_the_fewest_for_a_median() {
        assert_eq!(ranks(5, 0.5, P95), None);
        // All six: 1 - 2 / 64.
        let six = ranks(6, 0.5, P95).unwrap();
        assert_eq!((six.low, six.high), (1, 6));
        assert!((six.sure - 62.0 / 64.0).abs() < 1e-14);
        // The tables of the sign test: ten values, the second and the ninth; a hundred, the 40th and the 61st.
        assert_eq!(ranks(10, 0.5, P95).map(|r| (r.low, r.high)), Some((2, 9)));
        assert_eq!(ranks(100, 0.5, P95).map(|r| (r.low, r.high)), Some((40, 61)));
    }

    #[test]
    fn what_cannot_be_said_is_not_said() {
        for (n, share) in [(0, 0.5), (100, 0.0), (100, 1.0), (100, f64::NAN), (20, 0.99), (u64::MAX, 0.5)] {
            assert_eq!(ranks(n, share, P95), None);
        }
        assert_eq!(interval(&[1.0, 2.0, 3.0, 4.0, 5.0, 6.0, f64::NAN], 0.5, P95), None);
        assert_eq!(interval(&[1.0, 2.0, 3.0, 4.0, 5.0, 6.0], 0.5, P95), Interval::new(1.0, 6.0));
    }

    #[test]
    fn many_millions_of_values_are_no_trouble() {
        let ranks = ranks(1_000_000_000, 0.9, P95).unwrap();
        // 1.96 standard deviations of 9,486.8 on either side of nine hundred million.
        let half = (ranks.high - ranks.low) as f64 / 2.0;
        assert!((half - 1.959_964 * 9_486.833).abs() < 2.0, "{half}");
    }

    #[test]
    fn skew_values_are_enclosed_as_often_as_it_says() {
        let mut random = Random::seeded(31);
        let truth = 0.8_f64; // The 80th percentile of a uniform variable, cubed alike.
        let held = (0..3_000).filter(|_| {
            let values: Vec<f64> = (0..100).map(|_| random.unit().powi(3)).collect();
            interval(&values, 0.8, P95).unwrap().contains(truth.powi(3))
        });
        let covered = held.count() as f64 / 3_000.0;
        assert!((0.94..=0.98).contains(&covered), "{covered}");
    }

    proptest! {
        #[test]
        fn one_rank_less_on_either_side_would_not_be_sure_enough(n in 20_u64..2_000, share in 0.2..0.8_f64) {
            let ranks = ranks(n, share, P95).unwrap();
            prop_assert!(ranks.low < ranks.high && ranks.sure >= 0.95 - 1e-9);
            prop_assert!(binomial_at_most(ranks.low, n, share) > 0.025);
            prop_assert!(1.0 - binomial_at_most(ranks.high.saturating_sub(2), n, share) > 0.025);
        }

        #[test]
        fn the_mirrored_quantile_has_mirrored_ranks(n in 30_u64..2_000, share in 0.2..0.8_f64) {
            let (one, other) = (ranks(n, share, P95).unwrap(), ranks(n, 1.0 - share, P95).unwrap());
            prop_assert_eq!((one.low, one.high), (n + 1 - other.high, n + 1 - other.low));
        }
    }
}
