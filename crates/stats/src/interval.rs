//! How sure one wants to be, and the range of values that is then not ruled out.

use crate::special::{normal_quantile, t_above};

/// How often intervals of this kind hold the true value in the long run: strictly between 0 and 1.
#[derive(Debug, Clone, Copy, PartialEq, PartialOrd)]
pub struct Confidence(f64);

impl Confidence {
    /// Nine in ten.
    pub const P90: Confidence = Confidence(0.90);
    /// Nineteen in twenty, which is the custom.
    pub const P95: Confidence = Confidence(0.95);
    /// Ninety-nine in a hundred.
    pub const P99: Confidence = Confidence(0.99);

    /// A level such as 0.95; `None` unless it is strictly between 0 and 1.
    pub fn new(level: f64) -> Option<Confidence> {
        (level > 0.0 && level < 1.0).then_some(Confidence(level))
    }

    /// The level.
    pub const fn level(self) -> f64 {
        self.0
    }

    /// What is left out on each side.
    pub fn tail(self) -> f64 {
        (1.0 - self.0) / 2.0
    }

    /// Standard errors on each side of a normal estimate: 1.96 for 95 %.
    pub fn z(self) -> f64 {
        -normal_quantile(self.tail())
    }

    /// Standard errors on each side of an estimate whose own error is estimated with so many degrees of freedom
    /// (infinite: [`Confidence::z`]); `None` for fewer than one.
    pub fn t(self, degrees: f64) -> Option<f64> {
        (degrees >= 1.0).then(|| t_above(self.tail(), degrees))
    }
}

impl Default for Confidence {
    fn default() -> Confidence {
        Confidence::P95
    }
}

/// The values from `low` to `high`, both included; both are finite.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Interval {
    low: f64,
    high: f64,
}

impl Interval {
    /// `None` unless both ends are finite and `low <= high`.
    pub fn new(low: f64, high: f64) -> Option<Interval> {
        (low.is_finite() && high.is_finite() && low <= high).then_some(Interval { low, high })
    }

    /// Between two values that are known to be finite, whichever is the larger.
    pub(crate) fn between(one: f64, other: f64) -> Interval {
        Interval { low: one.min(other), high: one.max(other) }
    }

    /// So far on either side of a value; `None` unless both are finite and `half_width` is not negative.
    pub fn around(value: f64, half_width: f64) -> Option<Interval> {
        Interval::new(value - half_width, value + half_width)
    }

    /// The smallest value.
    pub const fn low(self) -> f64 {
        self.low
    }

    /// The largest value.
    pub const fn high(self) -> f64 {
        self.high
    }

    /// Whether the value is one of them.
    pub fn contains(self, value: f64) -> bool {
        self.low <= value && value <= self.high
    }

    /// Whether all of them are above the value.
    pub fn lies_above(self, value: f64) -> bool {
        self.low > value
    }

    /// Whether all of them are below the value.
    pub fn lies_below(self, value: f64) -> bool {
        self.high < value
    }

    /// Half of the distance between the ends.
    pub fn half_width(self) -> f64 {
        self.high / 2.0 - self.low / 2.0
    }

    /// The smallest interval that holds both: for a figure that must be right under either of two assumptions, such
    /// as records that may or may not hang together.
    pub fn widened_to(self, other: Interval) -> Interval {
        Interval { low: self.low.min(other.low), high: self.high.max(other.high) }
    }

    /// The part within these bounds, for figures that cannot lie beyond them; an interval that lies wholly beyond
    /// becomes the nearer bound.
    pub fn within(self, low: f64, high: f64) -> Interval {
        Interval { low: self.low.max(low).min(high), high: self.high.min(high).max(low) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_level_lies_between_nothing_and_everything() {
        for bad in [0.0, 1.0, -0.5, 95.0, f64::NAN, f64::INFINITY] {
            assert_eq!(Confidence::new(bad), None);
        }
        assert_eq!(Confidence::new(0.95), Some(Confidence::P95));
        assert!((Confidence::P95.z() - 1.959_963_984_540_054).abs() < 1e-14);
        assert!((Confidence::P95.t(39.0).unwrap() - 2.022_690_920_036_762).abs() < 1e-12);
        assert_eq!(Confidence::P95.t(0.5), None);
        assert_eq!(Confidence::P95.t(f64::NAN), None);
    }

    #[test]
    fn ends_are_finite_and_in_order() {
        for (low, high) in [(1.0, 0.0), (f64::NAN, 1.0), (0.0, f64::INFINITY), (0.0, f64::NAN)] {
            assert_eq!(Interval::new(low, high), None);
        }
        assert_eq!(Interval::around(1.0, -0.1), None);
        assert_eq!(Interval::around(1.0, 0.5), Interval::new(0.5, 1.5));
    }

    #[test]
    fn ends_belong_to_it() {
        let interval = Interval::new(-1.0, 2.0).unwrap();
        assert!(interval.contains(-1.0) && interval.contains(2.0) && !interval.contains(2.1));
        assert!(interval.lies_above(-1.5) && !interval.lies_above(-1.0));
        assert!(interval.lies_below(2.5) && !interval.lies_below(2.0));
        assert!((interval.half_width() - 1.5).abs() < 1e-15);
        let beyond = Interval::new(1.5, 2.5).unwrap().within(-1.0, 1.0);
        assert!(beyond.contains(1.0) && beyond.half_width() < 1e-15);
    }

    proptest! {
        #[test]
        fn the_hull_holds_both(a in -1e3..1e3_f64, b in 0.0..1e3_f64, c in -1e3..1e3_f64, d in 0.0..1e3_f64) {
            let (one, other) = (Interval::around(a, b).unwrap(), Interval::around(c, d).unwrap());
            let hull = one.widened_to(other);
            for end in [one.low(), one.high(), other.low(), other.high()] {
                prop_assert!(hull.contains(end));
            }
            prop_assert_eq!(hull, other.widened_to(one));
        }
    }
}
