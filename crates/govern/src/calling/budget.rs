//! How many more calls may be abandoned before a limit is reached.

use dialmark_metrics::{Exact, Ratio};

use super::{Budget, Parts};

/// Calls that may still be abandoned in a window, given those of its base so far, those of them that were abandoned, and how
/// many more of the base are expected; below zero when there are too many already. Exact: a budget that is rounded up is a
/// breach. `None` for numbers too large to count.
pub fn left(at_most: Ratio, base: u64, abandoned: u64, expected: u64) -> Option<i64> {
    let whole = Ratio::exact(Exact::integer(i128::from(base.checked_add(expected)?)))?;
    let (num, den) = at_most.times(whole)?.parts();
    let allowed = num.checked_div_euclid(den)?;
    i64::try_from(allowed.checked_sub(i128::from(abandoned))?).ok()
}

impl Budget {
    /// What is left of a limit: of a window's calls so far, and with what the rest of the day is to bring. `weekdays` are the same
    /// weekdays before: their calls up to the same time of day, and all of theirs. `None` for numbers too large to count.
    pub fn of(limit: Ratio, window: Parts, today: Parts, weekdays: &[(Parts, Parts)]) -> Option<Budget> {
        let expected = expected(today.base, weekdays);
        let left_today = expected.and_then(|more| left(limit, window.base, window.lost, more));
        Some(Budget { left: left(limit, window.base, window.lost, 0)?, today, expected, left_today })
    }
}

/// How many more of the base a day brings at its own volume so far: as much in proportion as the same weekdays before brought
/// after this time of day; cut, not rounded. `None` where no such weekday has any.
pub fn expected(so_far: u64, weekdays: &[(Parts, Parts)]) -> Option<u64> {
    let (mut before, mut whole, mut days) = (0_u64, 0_u64, 0_u64);
    for (earlier, all) in weekdays.iter().filter(|(_, whole)| whole.base > 0) {
        before = before.checked_add(earlier.base)?;
        whole = whole.checked_add(all.base)?;
        days += 1;
    }
    let after = whole.checked_sub(before)?;
    if days == 0 {
        return None;
    }
    if before == 0 {
        // Nothing was ever done by this time: what such a day brings in the middle.
        return Some((whole / days).saturating_sub(so_far));
    }
    u64::try_from(u128::from(so_far) * u128::from(after) / u128::from(before)).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(base: u64) -> Parts {
        Parts { lost: 0, base }
    }

    #[test]
    fn the_rest_of_a_day_is_in_proportion_to_the_same_weekdays() {
        // By this time 300 of 1,000 were done on the two before; today 360: 840 more.
        let weekdays = [(of(100), of(400)), (of(200), of(600)), (of(0), of(0))];
        assert_eq!(expected(360, &weekdays), Some(840));
        assert_eq!(
            expected(1, &[(of(3), of(5))]),
            Some(0),
            "cut, not rounded: a budget must not be too large"
        );
        assert_eq!(expected(5, &[(of(0), of(40)), (of(0), of(60))]), Some(45));
        assert_eq!(expected(5, &[(of(0), of(0))]), None);
    }

    #[test]
    fn of_63_800_live_answers_with_1_722_drops_192_are_left() {
        let limit = Ratio::parse("0.03").unwrap();
        let window = Parts { lost: 1_722, base: 63_800 };
        let found = Budget::of(limit, window, of(2_900), &[(of(2_900), of(2_900))]).unwrap();
        assert_eq!((found.left, found.expected, found.left_today), (192, Some(0), Some(192)));
        let morning = Budget::of(limit, window, of(500), &[(of(1_000), of(3_000))]).unwrap();
        assert_eq!((morning.expected, morning.left_today), (Some(1_000), Some(222)));
    }

    #[test]
    fn three_in_a_hundred_and_not_one_more() {
        let limit = Ratio::parse("0.03").unwrap();
        assert_eq!(left(limit, 1000, 30, 0), Some(0));
        assert_eq!(left(limit, 1000, 31, 0), Some(-1));
        assert_eq!(left(limit, 999, 29, 0), Some(0), "29.97 of 999 are allowed: 29");
        assert_eq!(left(limit, 1000, 10, 200), Some(26));
        assert_eq!(left(limit, 0, 0, 0), Some(0));
        assert_eq!(left(limit, u64::MAX, 0, 1), None);
    }
}
