//! From a figure and its target to a score of 0 to 100.
//!
//! The rule, which is published beside each score: 100 when the target is met; from there down in a straight line by how far
//! it is missed, to 0 at the distance `zero_after`. Where no distance is declared it is five tolerances, so that each
//! tolerance costs twenty points. Without a tolerance there is no line: 100 or 0.

use dialmark_metrics::{Exact, Ratio};

use crate::status::missed_by;
use crate::target::Goal;

/// The most.
pub fn full() -> Ratio {
    Ratio::exact(Exact::integer(100)).unwrap_or(Ratio::ZERO)
}

/// The score of a value; `None` when numbers do not fit 128 bits.
pub fn of(value: Ratio, goal: &Goal) -> Option<Ratio> {
    let Some(by) = missed_by(value, goal.aim) else { return Some(full()) };
    if by >= goal.zero_after {
        return Some(Ratio::ZERO);
    }
    let left = goal.zero_after.minus(by)?.over(goal.zero_after)?;
    left.times(full())
}

/// The weighted mean of the scores that there are; weights of those without a score are left out of the sum that it is
/// divided by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Total {
    /// 0 to 100; `None` when nothing has a score.
    pub score: Option<Ratio>,
    /// Weight that has a score.
    pub judged: Ratio,
    /// All weight.
    pub weight: Ratio,
}

/// Adds up weights and scores; `None` when numbers do not fit 128 bits.
pub fn total(parts: &[(Ratio, Option<Ratio>)]) -> Option<Total> {
    let (mut sum, mut judged, mut weight) = (Ratio::ZERO, Ratio::ZERO, Ratio::ZERO);
    for (one, score) in parts {
        weight = weight.plus(*one)?;
        if let Some(score) = score {
            judged = judged.plus(*one)?;
            sum = sum.plus(score.times(*one)?)?;
        }
    }
    let score = if judged.is_zero() { None } else { Some(sum.over(judged)?) };
    Some(Total { score, judged, weight })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::target::Aim;
    use proptest::prelude::*;

    fn ratio(text: &str) -> Ratio {
        Ratio::parse(text).unwrap()
    }

    #[test]
    fn each_tolerance_costs_twenty_points() {
        let goal =
            Goal { aim: Aim::AtLeast(ratio("0.80")), tolerance: ratio("0.02"), zero_after: ratio("0.10") };
        for (value, wanted) in
            [("0.90", "100"), ("0.80", "100"), ("0.78", "80"), ("0.75", "50"), ("0.70", "0"), ("0.10", "0")]
        {
            assert_eq!(of(ratio(value), &goal), Some(ratio(wanted)), "{value}");
        }
        let strict = Goal { tolerance: Ratio::ZERO, zero_after: Ratio::ZERO, ..goal };
        assert_eq!(of(ratio("0.7999"), &strict), Some(Ratio::ZERO));
    }

    #[test]
    fn a_scorecard_is_a_weighted_mean_of_what_was_judged() {
        let parts =
            [(ratio("50"), Some(ratio("100"))), (ratio("30"), Some(ratio("50"))), (ratio("20"), None)];
        let total = total(&parts).unwrap();
        // (50 x 100 + 30 x 50) / 80
        assert_eq!(total.score, Some(ratio("81.25")));
        assert_eq!((total.judged, total.weight), (ratio("80"), ratio("100")));
        assert_eq!(super::total(&[(ratio("5"), None)]).unwrap().score, None);
    }

    proptest! {
        #[test]
        fn a_better_figure_never_scores_less(a in 0_i32..200, b in 0_i32..200, edge in 1_i32..200, tolerance in 0_i32..20) {
            let of_int = |n: i32| ratio(&n.to_string());
            let five = of_int(5);
            let goal = Goal {
                aim: Aim::AtLeast(of_int(edge)),
                tolerance: of_int(tolerance),
                zero_after: of_int(tolerance).times(five).unwrap(),
            };
            let (low, high) = (of(of_int(a.min(b)), &goal).unwrap(), of(of_int(a.max(b)), &goal).unwrap());
            prop_assert!(low <= high && low >= Ratio::ZERO && high <= full());
        }
    }
}
