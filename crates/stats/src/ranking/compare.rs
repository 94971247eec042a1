//! Whether two figures differ by more than chance.

use super::Figure;
use crate::clusters::{Part, is_zero};
use crate::special::normal_below;

/// How figures are compared.
#[derive(Debug, Clone, Copy)]
pub(super) enum Compare {
    /// Shares, by the arc sine of their roots, whose variance does not depend on the share (Freeman and Tukey, 1950): rare hits of
    /// few tries are not normal. Half a hit is taken off on either side, as an exact test of whole hits would.
    Shares {
        /// How much more than coins they vary, at least 1: so many tries are worth one.
        times: f64,
    },
    /// Anything else, as normal.
    Amounts {
        /// Variance of a figure whose divisor is 1.
        unit: f64,
    },
}

impl Compare {
    pub(super) fn of(figure: Figure, unit: f64, all: Part) -> Compare {
        let share = (all.top / all.bottom).clamp(0.0, 1.0);
        let coins = share * (1.0 - share);
        match figure {
            Figure::Share => {
                Compare::Shares { times: if coins > 0.0 { (unit / coins).max(1.0) } else { 1.0 } }
            }
            Figure::Amount => Compare::Amounts { unit },
        }
    }

    /// How often chance alone would bring two sums this far apart, on either side.
    pub(super) fn p_value(self, one: Part, other: Part) -> f64 {
        let (a, b) = (one.top / one.bottom, other.top / other.bottom);
        let (low, high, of_low, of_high) =
            if a <= b { (a, b, one.bottom, other.bottom) } else { (b, a, other.bottom, one.bottom) };
        let (distance, variance) = match self {
            Compare::Amounts { unit } => (high - low, unit / of_low + unit / of_high),
            Compare::Shares { times } => {
                let (low, high) = (low + 0.5 * times / of_low, high - 0.5 * times / of_high);
                if low >= high {
                    return 1.0;
                }
                let angle = |share: f64| 2.0 * share.clamp(0.0, 1.0).sqrt().asin();
                (angle(high) - angle(low), times / of_low + times / of_high)
            }
        };
        if variance > 0.0 {
            (2.0 * normal_below(-distance.abs() / variance.sqrt())).min(1.0)
        } else if is_zero(distance) {
            1.0
        } else {
            // Nothing ever varies, and yet they differ.
            0.0
        }
    }
}
