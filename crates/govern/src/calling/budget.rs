//! How many more calls may be abandoned before a limit is reached.

use dialmark_metrics::{Exact, Ratio};

/// Calls that may still be abandoned in a window, given those of its base so far, those of them that were abandoned, and how
/// many more of the base are expected; below zero when there are too many already. Exact: a budget that is rounded up is a
/// breach. `None` for numbers too large to count.
pub fn left(at_most: Ratio, base: u64, abandoned: u64, expected: u64) -> Option<i64> {
    let whole = Ratio::exact(Exact::integer(i128::from(base.checked_add(expected)?)))?;
    let (num, den) = at_most.times(whole)?.parts();
    let allowed = num.checked_div_euclid(den)?;
    i64::try_from(allowed.checked_sub(i128::from(abandoned))?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

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
