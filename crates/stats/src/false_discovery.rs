//! Many comparisons at once: which of them still count when chance had so many tries.

/// Benjamini and Hochberg's adjusted p-values (1995), in the order of the input: the smallest rate of false discoveries
/// at which each would still be one. Holds for independent comparisons and for those that depend on each other
/// positively. `None` unless every p lies from 0 to 1.
pub fn adjusted(p_values: &[f64]) -> Option<Vec<f64>> {
    if !p_values.iter().all(|p| (0.0..=1.0).contains(p)) {
        return None;
    }
    let mut largest_first: Vec<usize> = (0..p_values.len()).collect();
    largest_first.sort_by(|&a, &b| p_values[b].total_cmp(&p_values[a]));
    let n = p_values.len() as f64;
    let mut adjusted = vec![1.0; p_values.len()];
    let mut least = 1.0_f64;
    for (passed, &index) in largest_first.iter().enumerate() {
        let rank = n - passed as f64;
        least = least.min(p_values[index] * n / rank);
        adjusted[index] = least;
    }
    Some(adjusted)
}

/// Which comparisons are discoveries when at most the share `rate` of all discoveries may be false on the average.
/// `None` unless every p and the rate lie from 0 to 1.
pub fn discoveries(p_values: &[f64], rate: f64) -> Option<Vec<bool>> {
    if !(0.0..=1.0).contains(&rate) {
        return None;
    }
    Some(adjusted(p_values)?.into_iter().map(|p| p <= rate).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_published_example_keeps_four_of_fifteen() {
        // Benjamini and Hochberg (1995), section 4, at 5 %.
        let p = [
            0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344, 0.0459, 0.3240, 0.4262, 0.5719,
            0.6528, 0.7590, 1.0,
        ];
        let kept = discoveries(&p, 0.05).unwrap();
        assert_eq!(kept.iter().filter(|kept| **kept).count(), 4);
        assert!(kept[..4].iter().all(|kept| *kept));
    }

    #[test]
    fn what_is_no_probability_is_refused() {
        assert_eq!(adjusted(&[0.5, f64::NAN]), None);
        assert_eq!(adjusted(&[-0.1]), None);
        assert_eq!(discoveries(&[0.1], 1.5), None);
        assert_eq!(adjusted(&[]), Some(Vec::new()));
    }

    proptest! {
        #[test]
        fn adjusted_values_rise_with_the_plain_ones_and_never_fall_below_them(
            p in proptest::collection::vec(0.0..=1.0_f64, 1..60),
        ) {
            let adjusted = adjusted(&p).unwrap();
            let smallest = p.iter().copied().fold(1.0, f64::min);
            for (i, a) in adjusted.iter().enumerate() {
                prop_assert!(*a >= p[i] - 1e-15 && *a <= 1.0 && *a <= (p[i] * p.len() as f64).max(smallest) + 1e-12);
                for (j, b) in adjusted.iter().enumerate() {
                    prop_assert!(p[i] > p[j] || a <= b);
                }
            }
        }
    }
}
