//! Any number of raters, any scale, missing values.

/// What differences between values mean.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scale {
    /// Values are names: the same or not.
    Nominal,
    /// Values have an order: how many ratings lie between them.
    Ordinal,
    /// Differences count: points.
    Interval,
    /// Proportions count: values are not negative and zero is nothing.
    Ratio,
}

/// Krippendorff's alpha: one less the observed disagreement over the one that chance would bring (Hayes and
/// Krippendorff, 2007). `units[i]` are the values that call i was given, by however many raters and in whatever order;
/// a value that is missing is not listed, and calls with fewer than two values do not count. At most 1; 0 is chance.
///
/// `None` when no call has two values, all values are the same (agreement cannot be told from lack of variation), a
/// value is not finite, or one is negative on the ratio scale. Takes memory and time with the square of the number of
/// different values on the nominal, ordinal and ratio scales.
pub fn alpha(units: &[Vec<f64>], scale: Scale) -> Option<f64> {
    let mut units: Vec<Vec<f64>> = units.iter().filter(|unit| unit.len() >= 2).cloned().collect();
    let sound = |v: &f64| v.is_finite() && (scale != Scale::Ratio || *v >= 0.0);
    if !units.iter().flatten().all(sound) {
        return None;
    }
    // In an order of their own, so that sums do not depend on the order of the input.
    units.iter_mut().for_each(|unit| unit.sort_by(f64::total_cmp));
    units.sort_by(|a, b| {
        let first = a.iter().zip(b).map(|(a, b)| a.total_cmp(b)).find(|order| order.is_ne());
        first.unwrap_or_else(|| a.len().cmp(&b.len()))
    });
    let values = Values::of(&units);
    let n = values.n();
    // Each call's disagreement, over the pairs of its values; each value weighs as much as any other.
    let observed: f64 = units.iter().map(|unit| values.apart(unit, scale) / (unit.len() - 1) as f64).sum();
    let expected = values.all_apart(scale) / (n - 1.0);
    let alpha = 1.0 - observed / expected;
    (expected > 0.0 && alpha.is_finite()).then_some(alpha)
}

/// The different values, smallest first, and how many ratings each is.
struct Values {
    values: Vec<f64>,
    counts: Vec<f64>,
    /// Ratings up to the middle of those of each value: the place of a value on the ordinal scale.
    places: Vec<f64>,
}

impl Values {
    fn of(units: &[Vec<f64>]) -> Values {
        // Zero is zero, whatever its sign.
        let mut all: Vec<f64> = units.iter().flatten().map(|v| v + 0.0).collect();
        all.sort_by(f64::total_cmp);
        let (mut values, mut counts, mut places) = (Vec::new(), Vec::new(), Vec::new());
        let mut passed = 0.0;
        for same in all.chunk_by(|a, b| a >= b) {
            let count = same.len() as f64;
            values.extend(same.first());
            counts.push(count);
            places.push(passed + count / 2.0);
            passed += count;
        }
        Values { values, counts, places }
    }

    fn n(&self) -> f64 {
        self.counts.iter().sum()
    }

    /// Squared difference of two of the values, by their index.
    fn difference(&self, a: usize, b: usize, scale: Scale) -> f64 {
        let (v, w) = (self.values[a], self.values[b]);
        let apart = match scale {
            Scale::Nominal => f64::from(u8::from(a != b)),
            Scale::Ordinal => self.places[a] - self.places[b],
            Scale::Interval => v - w,
            // Equal values are not apart, also when both are zero.
            Scale::Ratio if a == b => 0.0,
            Scale::Ratio => (v - w) / (v + w),
        };
        apart * apart
    }

    /// Sum of the differences of all ordered pairs of values of one call.
    fn apart(&self, unit: &[f64], scale: Scale) -> f64 {
        let indices: Vec<usize> =
            unit.iter().map(|value| self.values.partition_point(|known| known < value)).collect();
        indices.iter().flat_map(|a| indices.iter().map(|b| self.difference(*a, *b, scale))).sum()
    }

    /// Sum of the differences of all ordered pairs of ratings.
    fn all_apart(&self, scale: Scale) -> f64 {
        if scale == Scale::Interval {
            // Twice n times the sum of squares about the mean, without going through all pairs.
            let n = self.n();
            let each = || self.values.iter().zip(&self.counts);
            let mean = each().map(|(v, count)| v * count).sum::<f64>() / n;
            return 2.0 * n * each().map(|(v, count)| count * (v - mean) * (v - mean)).sum::<f64>();
        }
        let k = self.values.len();
        let pairs = (0..k).flat_map(|a| (0..k).map(move |b| (a, b)));
        pairs.map(|(a, b)| self.counts[a] * self.counts[b] * self.difference(a, b, scale)).sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const SCALES: [Scale; 4] = [Scale::Nominal, Scale::Ordinal, Scale::Interval, Scale::Ratio];

    /// Krippendorff's example: four observers, twelve units, 0 for what is missing.
    fn published() -> Vec<Vec<f64>> {
        let observers = [
            [1, 2, 3, 3, 2, 1, 4, 1, 2, 0, 0, 0],
            [1, 2, 3, 3, 2, 2, 4, 1, 2, 5, 0, 3],
            [0, 3, 3, 3, 2, 3, 4, 2, 2, 5, 1, 0],
            [1, 2, 3, 3, 2, 4, 4, 1, 2, 5, 1, 0],
        ];
        let unit = |u: usize| observers.iter().map(|o| f64::from(o[u])).filter(|v| *v > 0.0).collect();
        (0..12).map(unit).collect()
    }

    #[test]
    fn the_published_example_comes_out_on_every_scale() {
        for (scale, wanted) in SCALES.into_iter().zip([0.743, 0.815, 0.849, 0.797]) {
            let alpha = alpha(&published(), scale).unwrap();
            assert!((alpha - wanted).abs() < 5e-4, "{scale:?} {alpha}");
        }
    }

    #[test]
    fn what_cannot_be_said_is_not_said() {
        for scale in SCALES {
            assert_eq!(alpha(&[], scale), None);
            assert_eq!(alpha(&[vec![1.0], vec![2.0]], scale), None);
            assert_eq!(alpha(&[vec![2.0, 2.0], vec![2.0, 2.0]], scale), None);
            assert_eq!(alpha(&[vec![2.0, f64::NAN], vec![2.0, 1.0]], scale), None);
            assert!(alpha(&[vec![0.0, -0.0], vec![2.0, 1.0]], scale).is_some());
        }
        assert_eq!(alpha(&[vec![-1.0, 1.0], vec![2.0, 1.0]], Scale::Ratio), None);
        assert!(alpha(&[vec![-1.0, 1.0], vec![2.0, 1.0]], Scale::Interval).is_some());
    }

    fn units() -> impl Strategy<Value = Vec<Vec<f64>>> {
        let value = (0_u8..6).prop_map(f64::from);
        proptest::collection::vec(proptest::collection::vec(value, 0..5), 2..30)
    }

    proptest! {
        #[test]
        fn order_changes_no_digit(units in units()) {
            let turned: Vec<Vec<f64>> =
                units.iter().rev().map(|unit| unit.iter().rev().copied().collect()).collect();
            for scale in SCALES {
                prop_assert_eq!(alpha(&units, scale), alpha(&turned, scale));
                prop_assert!(alpha(&units, scale).is_none_or(|a| a <= 1.0));
            }
        }

        #[test]
        fn scales_ignore_what_they_do_not_know(units in units()) {
            let map = |change: fn(f64) -> f64| -> Vec<Vec<f64>> {
                units.iter().map(|unit| unit.iter().map(|v| change(*v)).collect()).collect()
            };
            let same = |a: Option<f64>, b: Option<f64>| match (a, b) {
                (Some(a), Some(b)) => (a - b).abs() < 1e-9,
                (a, b) => a.is_none() && b.is_none(),
            };
            let of = |scale| alpha(&units, scale);
            prop_assert!(same(of(Scale::Nominal), alpha(&map(|v| (v - 2.5).abs() * 7.0 + v), Scale::Nominal)));
            prop_assert!(same(of(Scale::Ordinal), alpha(&map(|v| v.powi(3) - 5.0), Scale::Ordinal)));
            prop_assert!(same(of(Scale::Interval), alpha(&map(|v| 3.0 * v - 100.0), Scale::Interval)));
            prop_assert!(same(of(Scale::Ratio), alpha(&map(|v| 0.1 * v), Scale::Ratio)));
        }

        #[test]
        fn full_agreement_is_one(units in proptest::collection::vec(0_u8..6, 2..30)) {
            let agreed: Vec<Vec<f64>> = units.iter().map(|v| vec![f64::from(*v); 3]).collect();
            for scale in SCALES {
                prop_assert!(alpha(&agreed, scale).is_none_or(|a| (a - 1.0).abs() < 1e-12));
            }
        }
    }
}
