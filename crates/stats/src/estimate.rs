//! A figure with its standard error: what means, ratios and scores have in common.

use crate::interval::{Confidence, Interval};
use crate::special::t_outside;

/// A figure that is about normal in the long run, with its standard error and how well that is known.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Estimate {
    value: f64,
    standard_error: f64,
    degrees: f64,
}

impl Estimate {
    /// `None` unless the value is finite, the standard error is finite and above zero, and the degrees of freedom
    /// (which may be infinite) are at least one. Observations that do not vary say nothing of how much they could
    /// have varied; a width of zero would be a lie.
    pub(crate) fn new(value: f64, standard_error: f64, degrees: f64) -> Option<Estimate> {
        let sound = value.is_finite() && standard_error.is_finite() && standard_error > 0.0 && degrees >= 1.0;
        sound.then_some(Estimate { value, standard_error, degrees })
    }

    /// The figure, in its own unit.
    pub const fn value(self) -> f64 {
        self.value
    }

    /// Its standard error, in the same unit; above zero.
    pub const fn standard_error(self) -> f64 {
        self.standard_error
    }

    /// Degrees of freedom of the standard error; infinite where it needs no correction.
    pub const fn degrees(self) -> f64 {
        self.degrees
    }

    /// Value -+ t times standard error; `None` where that is not finite.
    pub fn interval(self, confidence: Confidence) -> Option<Interval> {
        Interval::around(self.value, confidence.t(self.degrees)? * self.standard_error)
    }

    /// This figure less another one from independent observations. Errors add as squares; degrees by Welch (1947) and
    /// Satterthwaite (1946). Where the same agents stand behind both, their common part cancels in truth but not
    /// here, so that the interval is rather too wide. `None` where the difference is not finite.
    pub fn minus(self, other: Estimate) -> Option<Estimate> {
        // Relative to the larger error, so that squares of squares neither vanish nor overflow.
        let scale = self.standard_error.max(other.standard_error);
        let (a, b) = ((self.standard_error / scale).powi(2), (other.standard_error / scale).powi(2));
        let doubt = a * a / self.degrees + b * b / other.degrees;
        let degrees = if doubt > 0.0 { (a + b) * (a + b) / doubt } else { f64::INFINITY };
        // Never fewer than the worse of the two but for rounding.
        let degrees = degrees.max(self.degrees.min(other.degrees));
        Estimate::new(self.value - other.value, scale * (a + b).sqrt(), degrees)
    }

    /// How often chance alone would put a figure at least this far from `truth`, on either side, if that were the
    /// true value: the p-value that [`crate::false_discovery`] takes. `None` unless `truth` is finite.
    pub fn p_value(self, truth: f64) -> Option<f64> {
        let t = (self.value - truth) / self.standard_error;
        truth.is_finite().then(|| t_outside(t, self.degrees))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_figure_without_spread_has_no_error() {
        for (value, error, degrees) in
            [(1.0, 0.0, 5.0), (f64::NAN, 1.0, 5.0), (1.0, f64::INFINITY, 5.0), (1.0, 1.0, 0.0)]
        {
            assert_eq!(Estimate::new(value, error, degrees), None);
        }
    }

    #[test]
    fn a_difference_of_equals_has_the_degrees_of_both() {
        let a = Estimate::new(5.0, 1.0, 10.0).unwrap();
        let difference = a.minus(a).unwrap();
        assert!(difference.value().abs() < 1e-15);
        assert!((difference.standard_error() - 2.0_f64.sqrt()).abs() < 1e-15);
        assert!((difference.degrees() - 20.0).abs() < 1e-12);
        let sure = Estimate::new(5.0, 1.0, f64::INFINITY).unwrap();
        assert!(sure.minus(sure).unwrap().degrees().is_infinite());
    }

    #[test]
    fn impossible_truths_have_no_p_value() {
        let a = Estimate::new(5.0, 1.0, 10.0).unwrap();
        assert_eq!(a.p_value(f64::NAN), None);
        assert!((a.p_value(5.0).unwrap() - 1.0).abs() < 1e-15);
    }

    proptest! {
        #[test]
        fn p_and_interval_say_the_same(value in -5.0..5.0_f64, error in 0.01..5.0_f64, degrees in 1.0..200.0_f64) {
            let estimate = Estimate::new(value, error, degrees).unwrap();
            let inside = estimate.interval(Confidence::P95).unwrap().contains(0.0);
            let p = estimate.p_value(0.0).unwrap();
            prop_assert!((0.0..=1.0).contains(&p));
            prop_assert!((p - 0.05).abs() < 1e-9 || inside == (p > 0.05));
        }

        #[test]
        fn degrees_of_a_difference_lie_between_the_fewer_and_the_sum(
            a in 0.01..5.0_f64, b in 0.01..5.0_f64, m in 1.0..100.0_f64, n in 1.0..100.0_f64,
        ) {
            let (one, other) = (Estimate::new(1.0, a, m).unwrap(), Estimate::new(2.0, b, n).unwrap());
            let degrees = one.minus(other).unwrap().degrees();
            prop_assert!(degrees >= m.min(n) && degrees <= (m + n) * (1.0 + 1e-12));
        }
    }
}
