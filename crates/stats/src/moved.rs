//! Whether a figure has moved.

use crate::interval::Interval;

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

#[cfg(test)]
mod tests {
    use super::*;

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
