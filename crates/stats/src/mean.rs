//! Means of independent values: lengths of calls, scores.

use crate::estimate::Estimate;

/// The mean, in the unit of the values, with the standard error of a sample (n - 1 degrees of freedom). Its interval
/// is Student's. Lengths are skew: below some fifty of them it holds the true mean less often than it says.
///
/// `None` for fewer than two values, values that are not finite, and values that are all the same.
pub fn of(values: &[f64]) -> Option<Estimate> {
    let mut sorted = values.to_vec();
    // Sums do not depend on the order in which values came.
    sorted.sort_by(f64::total_cmp);
    let (first, last) = (*sorted.first()?, *sorted.last()?);
    if sorted.len() < 2 || first >= last {
        return None;
    }
    let n = sorted.len() as f64;
    let mean = sorted.iter().sum::<f64>() / n;
    let (squares, rest) =
        sorted.iter().map(|v| v - mean).fold((0.0, 0.0), |(squares, rest), d| (squares + d * d, rest + d));
    // What rounding left of the mean is taken out of the squares again.
    let variance = (squares - rest * rest / n) / (n - 1.0);
    Estimate::new(mean, (variance / n).sqrt(), n - 1.0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::interval::Confidence;
    use crate::random::Random;
    use proptest::prelude::*;

    #[test]
    fn five_values_can_be_worked_out_on_paper() {
        let estimate = of(&[1.0, 2.0, 3.0, 4.0, 5.0]).unwrap();
        assert!((estimate.value() - 3.0).abs() < 1e-15);
        assert!((estimate.standard_error() - 0.5_f64.sqrt()).abs() < 1e-15);
        // t of 4 degrees: 2.776445.
        let half = estimate.interval(Confidence::P95).unwrap().half_width();
        assert!((half - 2.776_445_105_198 * 0.5_f64.sqrt()).abs() < 1e-10);
    }

    #[test]
    fn what_cannot_be_said_is_not_said() {
        for values in [&[][..], &[1.0], &[2.0, 2.0, 2.0], &[1.0, f64::NAN], &[1.0, f64::INFINITY]] {
            assert_eq!(of(values), None);
        }
        assert_eq!(of(&[-f64::MAX, f64::MAX, f64::MAX]), None);
    }

    #[test]
    fn the_interval_holds_the_true_mean_nineteen_times_in_twenty() {
        let mut random = Random::seeded(21);
        let held = (0..3_000).filter(|_| {
            let values: Vec<f64> = (0..8).map(|_| 100.0 + 15.0 * random.normal()).collect();
            of(&values).unwrap().interval(Confidence::P95).unwrap().contains(100.0)
        });
        let covered = held.count() as f64 / 3_000.0;
        assert!((0.93..=0.97).contains(&covered), "{covered}");
    }

    proptest! {
        #[test]
        fn order_changes_no_digit(values in proptest::collection::vec(-1e3..1e3_f64, 2..50)) {
            let turned: Vec<f64> = values.iter().rev().copied().collect();
            prop_assert_eq!(of(&values), of(&turned));
        }

        #[test]
        fn far_from_zero_the_spread_is_the_same(values in proptest::collection::vec(0.0..100.0_f64, 3..30)) {
            let far: Vec<f64> = values.iter().map(|v| v + 1e9).collect();
            let (near, far) = (of(&values).unwrap(), of(&far).unwrap());
            prop_assert!((near.standard_error() / far.standard_error() - 1.0).abs() < 1e-5);
        }
    }
}
