//! Whether a figure has moved.

use crate::interval::{Confidence, Interval};
use crate::special::normal_below;

/// What an interval of a difference (later less earlier) shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Moved {
    /// All of it is above zero.
    Up,
    /// All of it is below zero.
    Down,
    /// It holds zero: no movement can be seen, which does not show that there was none.
    NotSeen,
}

impl Moved {
    /// What this interval of a difference shows.
    pub fn of(difference: Interval) -> Moved {
        if difference.lies_above(0.0) {
            Moved::Up
        } else if difference.lies_below(0.0) {
            Moved::Down
        } else {
            Moved::NotSeen
        }
    }
}

/// The chance of a difference that lies `beyond` zero at least as far as this one does, if there were none: one-sided, by the normal
/// distribution whose 95 % interval is as wide. Without width a difference is what it is.
pub fn by_chance(difference: Interval, beyond: f64) -> f64 {
    let error = difference.half_width() / Confidence::P95.z();
    match error > 0.0 {
        true => normal_below(-beyond / error),
        false if beyond > 0.0 => 0.0,
        false => 1.0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_difference_of_its_own_interval_is_one_in_forty_by_chance() {
        let difference = Interval::around(0.1, 0.1).unwrap();
        assert!((by_chance(difference, 0.1) - 0.025).abs() < 1e-9);
        assert!((by_chance(difference, 0.0) - 0.5).abs() < 1e-9);
        let sure = Interval::new(0.1, 0.1).unwrap();
        assert!(by_chance(sure, 0.1) < 1e-9 && by_chance(sure, -0.1) > 0.9);
    }

    #[test]
    fn a_movement_is_seen_when_zero_is_ruled_out() {
        for (low, high, wanted) in [
            (0.1, 0.2, Moved::Up),
            (-0.2, -0.1, Moved::Down),
            (-0.1, 0.1, Moved::NotSeen),
            (0.0, 0.1, Moved::NotSeen),
        ] {
            assert_eq!(Moved::of(Interval::new(low, high).unwrap()), wanted);
        }
    }
}
