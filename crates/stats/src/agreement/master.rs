//! A rater against the master, whose scores are taken for true.

use crate::share::Share;

/// What a rater finds of what is there, such as critical errors.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Detection {
    /// There and found.
    pub found: u64,
    /// There and not found.
    pub missed: u64,
    /// Found and not there.
    pub false_alarms: u64,
    /// Neither.
    pub rightly_passed: u64,
}

impl Detection {
    /// From what the master and the rater said of each call.
    pub fn of(calls: &[(bool, bool)]) -> Detection {
        let mut sums = Detection::default();
        for call in calls {
            match call {
                (true, true) => sums.found += 1,
                (true, false) => sums.missed += 1,
                (false, true) => sums.false_alarms += 1,
                (false, false) => sums.rightly_passed += 1,
            }
        }
        sums
    }

    /// Share of what is there that was found; `None` when nothing was there.
    pub fn sensitivity(self) -> Option<Share> {
        Share::new(self.found, self.found.checked_add(self.missed)?)
    }

    /// Share of what is clean that was passed; `None` when nothing was clean.
    pub fn specificity(self) -> Option<Share> {
        Share::new(self.rightly_passed, self.rightly_passed.checked_add(self.false_alarms)?)
    }
}

/// Share of calls whose score (master, rater) lies at most `points` from the master's; a billionth of a point is
/// forgiven to decimals that floats cannot hold. `None` without calls, for scores that are not finite, and for
/// negative points.
pub fn within(scores: &[(f64, f64)], points: f64) -> Option<Share> {
    let sound = scores.iter().all(|(master, rater)| master.is_finite() && rater.is_finite());
    if !(sound && points.is_finite() && points >= 0.0) {
        return None;
    }
    let near = scores.iter().filter(|(master, rater)| (rater - master).abs() <= points + 1e-9).count();
    Share::new(u64::try_from(near).ok()?, u64::try_from(scores.len()).ok()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_call_counts_on_its_side_only() {
        let calls = [(true, true), (true, true), (true, false), (false, true), (false, false)];
        let detection = Detection::of(&calls);
        assert_eq!(detection.sensitivity(), Share::new(2, 3));
        assert_eq!(detection.specificity(), Share::new(1, 2));
        assert_eq!(Detection::of(&[(false, false)]).sensitivity(), None);
        assert_eq!(Detection::of(&[(true, true)]).specificity(), None);
    }

    #[test]
    fn a_score_just_within_the_points_is_within() {
        let scores = [(0.3, 0.1), (90.1, 85.1), (80.0, 86.0), (70.0, 70.0)];
        assert_eq!(within(&scores, 5.0), Share::new(3, 4));
        assert_eq!(within(&scores[..1], 0.2), Share::new(1, 1));
        assert_eq!(within(&[], 5.0), None);
        assert_eq!(within(&[(1.0, f64::NAN)], 5.0), None);
        assert_eq!(within(&scores, -1.0), None);
    }
}
