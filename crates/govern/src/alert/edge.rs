//! Where an alert begins and where it ends: two values, so that a figure between them does not raise and clear it by turns.

use dialmark_metrics::Ratio;
use serde::Serialize;

use super::Verdict;

/// On which side of a value something is wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Side {
    /// Above it.
    Above,
    /// Below it.
    Below,
}

impl Side {
    /// Its word.
    pub const fn word(self) -> &'static str {
        match self {
            Side::Above => "above",
            Side::Below => "below",
        }
    }
}

/// A value beyond which an alert is raised, and another up to which it stays.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Edge {
    side: Side,
    raises_at: Ratio,
    clears_at: Ratio,
    /// Records below which a figure says nothing.
    minimum_n: u64,
}

impl Edge {
    /// Beyond `raises_at` it is raised; at `clears_at`, or better, it is cleared. `None` when it would be raised where it is
    /// cleared: `clears_at` lies on the bad side of `raises_at`.
    pub fn new(side: Side, raises_at: Ratio, clears_at: Ratio, minimum_n: u64) -> Option<Edge> {
        let is_sound = match side {
            Side::Above => clears_at <= raises_at,
            Side::Below => clears_at >= raises_at,
        };
        is_sound.then_some(Edge { side, raises_at, clears_at, minimum_n })
    }

    /// On which side of [`Edge::raises_at`] something is wrong.
    pub const fn side(&self) -> Side {
        self.side
    }

    /// The value beyond which it is raised.
    pub const fn raises_at(&self) -> Ratio {
        self.raises_at
    }

    /// The value at which it is cleared.
    pub const fn clears_at(&self) -> Ratio {
        self.clears_at
    }

    /// Records below which a figure says nothing.
    pub const fn minimum_n(&self) -> u64 {
        self.minimum_n
    }

    /// What a figure over `n` records says. Too few say nothing, whatever they show.
    pub fn verdict(&self, value: Ratio, n: u64) -> Verdict {
        if n < self.minimum_n {
            return Verdict::Unknown;
        }
        let (is_beyond, is_clear) = match self.side {
            Side::Above => (value > self.raises_at, value <= self.clears_at),
            Side::Below => (value < self.raises_at, value >= self.clears_at),
        };
        match (is_beyond, is_clear) {
            (true, _) => Verdict::Beyond { since: None },
            (false, true) => Verdict::Clear,
            (false, false) => Verdict::Between,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ratio(text: &str) -> Ratio {
        Ratio::parse(text).unwrap()
    }

    #[test]
    fn a_value_between_both_edges_neither_raises_nor_clears() {
        let edge = Edge::new(Side::Above, ratio("0.03"), ratio("0.02"), 200).unwrap();
        let said = |value: &str| edge.verdict(ratio(value), 200);
        assert_eq!(said("0.031"), Verdict::Beyond { since: None });
        // The limit itself is kept, not passed.
        assert_eq!(said("0.03"), Verdict::Between);
        assert_eq!(said("0.025"), Verdict::Between);
        assert_eq!(said("0.02"), Verdict::Clear);
        let below = Edge::new(Side::Below, ratio("0.8"), ratio("0.85"), 0).unwrap();
        assert_eq!(below.verdict(ratio("0.79"), 0), Verdict::Beyond { since: None });
        assert_eq!(below.verdict(ratio("0.8"), 0), Verdict::Between);
        assert_eq!(below.verdict(ratio("0.85"), 0), Verdict::Clear);
    }

    #[test]
    fn too_few_records_say_nothing() {
        let edge = Edge::new(Side::Above, ratio("0.03"), ratio("0.02"), 200).unwrap();
        assert_eq!(edge.verdict(ratio("1"), 199), Verdict::Unknown);
        assert_eq!(edge.verdict(ratio("0"), 199), Verdict::Unknown);
    }

    #[test]
    fn edges_that_cross_are_none() {
        assert_eq!(Edge::new(Side::Above, ratio("0.03"), ratio("0.031"), 0), None);
        assert_eq!(Edge::new(Side::Below, ratio("0.8"), ratio("0.79"), 0), None);
        assert!(Edge::new(Side::Below, ratio("0.8"), ratio("0.8"), 0).is_some());
    }
}
