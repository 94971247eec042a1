//! Whether those who judge calls judge alike.
//!
//! [`Table`]: two raters and categories; [`fleiss_kappa`]: as many raters for every call, whoever they are;
//! [`alpha`]: any number of raters, any scale, missing values; [`Detection`] and [`within`]: a rater against the
//! master. Kappa is low where nearly all calls fall into one category, however well raters agree: show the raw
//! agreement beside it, and PABAK or AC1.

mod fleiss;
mod krippendorff;
mod master;
mod table;

pub use fleiss::fleiss_kappa;
pub use krippendorff::{Scale, alpha};
pub use master::{Detection, within};
pub use table::{Table, Weights};

/// What a coefficient of agreement is good for (Krippendorff, Content Analysis, 2004, 11.4).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// From 0.8: scores can be relied on.
    Good,
    /// From 0.667: tentative conclusions only.
    Tentative,
    /// Below: calibrate first.
    Poor,
}

impl Verdict {
    /// Of an alpha or a kappa; `None` when it is not a number.
    pub fn of(coefficient: f64) -> Option<Verdict> {
        match coefficient {
            c if c.is_nan() => None,
            c if c >= 0.8 => Some(Verdict::Good),
            c if c >= 0.667 => Some(Verdict::Tentative),
            _ => Some(Verdict::Poor),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thresholds_belong_to_the_better_side() {
        for (coefficient, wanted) in [
            (1.0, Some(Verdict::Good)),
            (0.8, Some(Verdict::Good)),
            (0.799, Some(Verdict::Tentative)),
            (0.667, Some(Verdict::Tentative)),
            (0.666, Some(Verdict::Poor)),
            (-0.3, Some(Verdict::Poor)),
            (f64::NAN, None),
        ] {
            assert_eq!(Verdict::of(coefficient), wanted);
        }
    }
}
