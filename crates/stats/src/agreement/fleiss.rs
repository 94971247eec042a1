//! Many raters, as many for every call.

/// Fleiss' kappa (1971). `calls[i][c]` is how many raters put call i into category c; all calls have as many raters, at
/// least two, and as many categories, at least two. At most 1; 0 is chance.
///
/// `None` when that is not so, without calls, and when every rating is the same category: nothing is beyond
/// chance then. Where calls differ in how many rated them, use [`crate::agreement::alpha`].
pub fn fleiss_kappa(calls: &[Vec<u32>]) -> Option<f64> {
    let categories = calls.first()?.len();
    let raters = total(calls.first()?);
    let even = calls.iter().all(|call| call.len() == categories && total(call) == raters);
    if !even || raters < 2 || categories < 2 {
        return None;
    }
    let (n, r) = (calls.len() as f64, raters as f64);
    // Pairs of raters who agree, over all calls; whole numbers, so that no order matters.
    let agreeing: u128 = calls.iter().flatten().map(|&count| pairs(u128::from(count))).sum();
    let observed = agreeing as f64 / (n * r * (r - 1.0));
    let expected: f64 = (0..categories)
        .map(|c| calls.iter().map(|call| u64::from(call[c])).sum::<u64>() as f64 / (n * r))
        .map(|share| share * share)
        .sum();
    (1.0 - expected > f64::EPSILON).then(|| (observed - expected) / (1.0 - expected))
}

fn total(call: &[u32]) -> u64 {
    call.iter().map(|count| u64::from(*count)).sum()
}

/// Ordered pairs of different raters among so many.
fn pairs(count: u128) -> u128 {
    count * count.saturating_sub(1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn two_calls_can_be_worked_out_on_paper() {
        // Three raters: (3, 0) and (1, 2). Agreement (1 + 1/3) / 2 = 2/3; chance (2/3)^2 + (1/3)^2 = 5/9; kappa 1/4.
        let kappa = fleiss_kappa(&[vec![3, 0], vec![1, 2]]).unwrap();
        assert!((kappa - 0.25).abs() < 1e-14);
    }

    #[test]
    fn what_cannot_be_said_is_not_said() {
        assert_eq!(fleiss_kappa(&[]), None);
        assert_eq!(fleiss_kappa(&[vec![1, 0], vec![0, 1]]), None);
        assert_eq!(fleiss_kappa(&[vec![3], vec![3]]), None);
        assert_eq!(fleiss_kappa(&[vec![2, 1], vec![1, 1]]), None);
        assert_eq!(fleiss_kappa(&[vec![2, 1], vec![1, 1, 1]]), None);
        assert_eq!(fleiss_kappa(&[vec![3, 0], vec![3, 0]]), None);
    }

    proptest! {
        #[test]
        fn it_is_at_most_one_and_lowest_when_raters_avoid_each_other(
            calls in proptest::collection::vec(0_u32..=5, 2..40),
        ) {
            let calls: Vec<Vec<u32>> = calls.into_iter().map(|first| vec![first, 5 - first]).collect();
            if let Some(kappa) = fleiss_kappa(&calls) {
                prop_assert!((-0.25 - 1e-9..=1.0 + 1e-12).contains(&kappa), "{}", kappa);
            }
        }
    }
}
