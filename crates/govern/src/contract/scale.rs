//! What a figure pays: steps, or so much a point above and below a target; and caps.

use dialmark_metrics::metric::Direction;
use dialmark_metrics::{Exact, Ratio};

/// How a service level turns a figure into a share of the fee; below zero it is a penalty, above zero a bonus.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Scale {
    /// Ranges that do not overlap, in ascending order; a figure in none of them pays nothing.
    Steps(Vec<Band>),
    /// So much a point.
    Linear(Linear),
}

/// A range of figures and what it pays.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Band {
    /// Lower end; open when there is none.
    pub low: Option<Ratio>,
    /// Upper end; open when there is none.
    pub high: Option<Ratio>,
    /// Which of its ends belongs to it.
    pub ends: Ends,
    /// Share of the fee.
    pub pays: Ratio,
}

/// Which end of a range belongs to it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ends {
    /// `from <= figure < below`.
    FromBelow,
    /// `above < figure <= up_to`.
    AboveUpTo,
}

impl Band {
    /// Whether a figure lies in it.
    pub fn holds(&self, figure: Ratio) -> bool {
        match self.ends {
            Ends::FromBelow => {
                self.low.is_none_or(|low| low <= figure) && self.high.is_none_or(|high| figure < high)
            }
            Ends::AboveUpTo => {
                self.low.is_none_or(|low| low < figure) && self.high.is_none_or(|high| figure <= high)
            }
        }
    }
}

/// So much for each point above or below a target.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Linear {
    /// Where nothing is paid.
    pub target: Ratio,
    /// How much of the figure is a point, above zero.
    pub per: Ratio,
    /// Share of the fee a point, above zero: a bonus for a better figure, a penalty for a worse one.
    pub pays: Ratio,
    /// What part of a point counts.
    pub counts: Counts,
    /// Which way is better.
    pub better: Better,
}

/// What part of a point counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Counts {
    /// Only whole points.
    Full,
    /// A point that has begun counts as a whole one.
    Started,
    /// A part of a point pays that part.
    Exact,
}

impl Counts {
    /// All, with their words.
    pub const ALL: [(&'static str, Counts); 3] =
        [("full", Counts::Full), ("started", Counts::Started), ("exact", Counts::Exact)];
}

/// Which way a figure is better.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Better {
    /// More is better.
    More,
    /// Less is better.
    Less,
}

impl Better {
    /// Both, with their words.
    pub const ALL: [(&'static str, Better); 2] = [("more", Better::More), ("less", Better::Less)];

    /// As the catalogue says, where it does.
    pub const fn of(direction: Direction) -> Option<Better> {
        match direction {
            Direction::Up => Some(Better::More),
            Direction::Down => Some(Better::Less),
            Direction::Neither => None,
        }
    }
}

impl Scale {
    /// What a figure pays; `None` when a number does not fit 128 bits.
    pub fn pays(&self, figure: Ratio) -> Option<Ratio> {
        match self {
            Scale::Steps(bands) => {
                Some(bands.iter().find(|band| band.holds(figure)).map_or(Ratio::ZERO, |band| band.pays))
            }
            Scale::Linear(linear) => linear.points(figure)?.times(linear.pays),
        }
    }

    /// Values at which what is paid changes.
    pub fn edges(&self) -> Vec<Ratio> {
        match self {
            Scale::Steps(bands) => bands.iter().flat_map(|band| [band.low, band.high]).flatten().collect(),
            Scale::Linear(linear) => vec![linear.target],
        }
    }

    /// Whether a better figure never pays less.
    pub fn is_monotone(&self, better: Better) -> bool {
        let Scale::Steps(bands) = self else { return true };
        let mut paid = Vec::new();
        let mut reached: Option<Option<Ratio>> = None;
        for band in bands {
            // Between two ranges, and before the first, nothing is paid.
            let is_gap = match reached {
                None => band.low.is_some(),
                Some(end) => band.low != end,
            };
            if is_gap {
                paid.push(Ratio::ZERO);
            }
            paid.push(band.pays);
            reached = Some(band.high);
        }
        if reached.flatten().is_some() {
            paid.push(Ratio::ZERO);
        }
        paid.windows(2).all(|pair| match (pair, better) {
            ([worse, good], Better::More) | ([good, worse], Better::Less) => worse <= good,
            _ => true,
        })
    }
}

impl Linear {
    /// Points by which a figure is better than the target; below zero when it is worse.
    pub fn points(&self, figure: Ratio) -> Option<Ratio> {
        let ahead = match self.better {
            Better::More => figure.minus(self.target)?,
            Better::Less => self.target.minus(figure)?,
        };
        let points = ahead.over(self.per)?;
        let (num, den) = points.parts();
        let is_worse = num < 0;
        let size = num.checked_abs()?;
        let whole = match self.counts {
            Counts::Exact => return Some(points),
            Counts::Full => size / den,
            Counts::Started => size / den + i128::from(size % den != 0),
        };
        Ratio::exact(Exact::integer(if is_worse { -whole } else { whole }))
    }
}

/// How much may be paid at most, as shares of the fee; without one there is no limit.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Cap {
    /// Of penalties, as a share from 0 to 1.
    pub penalty: Option<Ratio>,
    /// Of bonuses, as a share from 0 to 1.
    pub bonus: Option<Ratio>,
}

impl Cap {
    /// The share within the cap.
    pub fn limit(&self, share: Ratio) -> Option<Ratio> {
        let lowest = match self.penalty {
            Some(penalty) => Some(Ratio::ZERO.minus(penalty)?),
            None => None,
        };
        let floored = lowest.map_or(share, |lowest| share.max(lowest));
        Some(self.bonus.map_or(floored, |bonus| floored.min(bonus)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn ratio(text: &str) -> Ratio {
        Ratio::parse(text).unwrap()
    }

    fn band(low: Option<&str>, high: Option<&str>, ends: Ends, pays: &str) -> Band {
        Band { low: low.map(ratio), high: high.map(ratio), ends, pays: ratio(pays) }
    }

    fn more_is_better() -> Scale {
        Scale::Steps(vec![
            band(None, Some("0.75"), Ends::FromBelow, "-0.05"),
            band(Some("0.75"), Some("0.80"), Ends::FromBelow, "-0.02"),
            band(Some("0.85"), None, Ends::FromBelow, "0.03"),
        ])
    }

    fn linear(better: Better, counts: Counts) -> Scale {
        let (target, per, pays) = (ratio("0.80"), ratio("0.01"), ratio("0.005"));
        Scale::Linear(Linear { target, per, pays, counts, better })
    }

    #[test]
    fn an_edge_belongs_to_one_step_only() {
        let scale = more_is_better();
        for (figure, pays) in [
            ("0.7499", "-0.05"),
            ("0.75", "-0.02"),
            ("0.7999", "-0.02"),
            ("0.80", "0"),
            ("0.8499", "0"),
            ("0.85", "0.03"),
        ] {
            assert_eq!(scale.pays(ratio(figure)), Some(ratio(pays)), "{figure}");
        }
    }

    #[test]
    fn where_less_is_better_the_other_end_belongs_to_the_step() {
        let scale = Scale::Steps(vec![
            band(None, Some("0.02"), Ends::AboveUpTo, "0.01"),
            band(Some("0.03"), Some("0.05"), Ends::AboveUpTo, "-0.02"),
            band(Some("0.05"), None, Ends::AboveUpTo, "-0.05"),
        ]);
        for (figure, pays) in [
            ("0.02", "0.01"),
            ("0.0201", "0"),
            ("0.03", "0"),
            ("0.0301", "-0.02"),
            ("0.05", "-0.02"),
            ("0.0501", "-0.05"),
        ] {
            assert_eq!(scale.pays(ratio(figure)), Some(ratio(pays)), "{figure}");
        }
        assert!(scale.is_monotone(Better::Less) && !scale.is_monotone(Better::More));
    }

    #[test]
    fn what_is_paid_between_the_steps_counts_when_they_are_compared() {
        assert!(more_is_better().is_monotone(Better::More));
        let dips = Scale::Steps(vec![
            band(Some("0.80"), Some("0.85"), Ends::FromBelow, "0.02"),
            band(Some("0.90"), None, Ends::FromBelow, "0.03"),
        ]);
        assert!(!dips.is_monotone(Better::More));
        let ends = Scale::Steps(vec![band(Some("0.80"), Some("0.85"), Ends::FromBelow, "0.02")]);
        assert!(!ends.is_monotone(Better::More));
    }

    #[test]
    fn points_count_whole_begun_or_in_part() {
        let pays =
            |counts, figure: &str| linear(Better::More, counts).pays(ratio(figure)).unwrap().to_string();
        // 0.7749 is 2.51 points below 0.80.
        assert_eq!(pays(Counts::Full, "0.7749"), "-0.01");
        assert_eq!(pays(Counts::Started, "0.7749"), "-0.015");
        assert_eq!(pays(Counts::Exact, "0.7749"), "-0.01255");
        assert_eq!(pays(Counts::Full, "0.8250"), "0.01");
        assert_eq!(pays(Counts::Started, "0.80"), "0");
        assert_eq!(linear(Better::Less, Counts::Full).pays(ratio("0.785")), Some(ratio("0.005")));
    }

    proptest! {
        #[test]
        fn a_better_figure_never_pays_less(a in 0_i64..1_200, b in 0_i64..1_200, counts in 0_usize..3, less in any::<bool>()) {
            let (worse, good) = (a.min(b), a.max(b));
            let (worse, good) = if less { (good, worse) } else { (worse, good) };
            let better = if less { Better::Less } else { Better::More };
            let figure = |n: i64| ratio(&format!("{n}/1000"));
            let (_, counts) = Counts::ALL[counts];
            let scale = linear(better, counts);
            prop_assert!(scale.pays(figure(worse)).unwrap() <= scale.pays(figure(good)).unwrap());
            let steps = more_is_better();
            prop_assert!(steps.pays(figure(a.min(b))).unwrap() <= steps.pays(figure(a.max(b))).unwrap());
        }

        #[test]
        fn steps_are_monotone_exactly_when_no_better_figure_pays_less(
            widths in prop::collection::vec((1_i64..4, 0_i64..2, -3_i64..4), 1..6), open in any::<(bool, bool)>(), less in any::<bool>()
        ) {
            let mut bands = Vec::new();
            let mut at = 0;
            for (width, gap, pays) in widths {
                let (low, high) = (at + gap, at + gap + width);
                let part = |n: i64| Some(ratio(&n.to_string()));
                bands.push(Band { low: part(low), high: part(high), ends: Ends::FromBelow, pays: ratio(&format!("{pays}/100")) });
                at = high;
            }
            if open.0 { bands.first_mut().unwrap().low = None; }
            if open.1 { bands.last_mut().unwrap().high = None; }
            let scale = Scale::Steps(bands);
            // Every half from before the first edge to after the last.
            let paid: Vec<Ratio> = (-4..=2 * at + 4).map(|n| scale.pays(ratio(&format!("{n}/2"))).unwrap()).collect();
            let better = if less { Better::Less } else { Better::More };
            let holds = paid.windows(2).all(|pair| if less { pair[0] >= pair[1] } else { pair[0] <= pair[1] });
            prop_assert_eq!(scale.is_monotone(better), holds);
        }

        #[test]
        fn a_wider_cap_never_takes_more_of_a_bonus_or_less_of_a_penalty(share in -500_i64..500, cap in 0_i64..300, wider in 0_i64..300) {
            let part = |n: i64| ratio(&format!("{n}/1000"));
            let of = |n: i64| Cap { penalty: Some(part(n)), bonus: Some(part(n)) };
            let narrow = of(cap).limit(part(share)).unwrap();
            let wide = of(cap + wider).limit(part(share)).unwrap();
            let fits = if share < 0 { wide <= narrow } else { narrow <= wide };
            prop_assert!(fits);
            let within = narrow >= part(-cap) && narrow <= part(cap);
            prop_assert!(within);
        }
    }
}
