//! Net promoter score: promoters less detractors.
//!
//! A satisfaction rate (CSAT) is a plain share: [`crate::Share::wilson`]. Neither margin knows who did not answer.

use crate::estimate::Estimate;
use crate::interval::{Confidence, Interval};

/// Answers to "would you recommend us": 9 and 10, 7 and 8, 0 to 6.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Nps {
    /// How many answered 9 or 10.
    pub promoters: u32,
    /// How many answered 7 or 8.
    pub passives: u32,
    /// How many answered 0 to 6.
    pub detractors: u32,
}

impl Nps {
    /// Share of promoters less share of detractors, from -1 to 1 (a hundredth of the customary points); `None` without
    /// answers.
    pub fn score(self) -> Option<f64> {
        let n = self.n();
        (n > 0.0).then(|| (f64::from(self.promoters) - f64::from(self.detractors)) / n)
    }

    /// How many answered.
    fn n(self) -> f64 {
        f64::from(self.promoters) + f64::from(self.passives) + f64::from(self.detractors)
    }

    /// The score with its standard error, the square root of (P + D - (P - D)^2) / n; `None` when all answered alike,
    /// or nobody.
    pub fn estimate(self) -> Option<Estimate> {
        of(f64::from(self.promoters), f64::from(self.detractors), self.n())
    }

    /// Score -+ z times standard error, within -1 and 1 (Wald's). For some hundred answers or more.
    pub fn wald(self, confidence: Confidence) -> Option<Interval> {
        Some(self.estimate()?.interval(confidence)?.within(-1.0, 1.0))
    }

    /// The same with three answers added: 3/4 of a promoter, 3/4 of a detractor, 3/2 passives (Rocks, 2016), which keeps
    /// its word for few answers too, and has an interval when all answered alike; the default. `None` without answers.
    pub fn adjusted_wald(self, confidence: Confidence) -> Option<Interval> {
        let n = self.n();
        let estimate = of(f64::from(self.promoters) + 0.75, f64::from(self.detractors) + 0.75, n + 3.0)
            .filter(|_| n > 0.0)?;
        Some(estimate.interval(confidence)?.within(-1.0, 1.0))
    }
}

fn of(promoters: f64, detractors: f64, n: f64) -> Option<Estimate> {
    let (p, d) = (promoters / n, detractors / n);
    Estimate::new(p - d, ((p + d - (p - d) * (p - d)) / n).sqrt(), f64::INFINITY)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::Random;
    use proptest::prelude::*;

    const P95: Confidence = Confidence::P95;

    #[test]
    fn three_hundred_answers_leave_eight_points() {
        let nps = Nps { promoters: 150, passives: 100, detractors: 50 };
        assert!((nps.score().unwrap() - 0.3333).abs() < 5e-5);
        assert!((nps.wald(P95).unwrap().half_width() - 0.0843).abs() < 5e-5);
    }

    #[test]
    fn nobody_has_no_score_and_unanimity_no_plain_margin() {
        let nobody = Nps::default();
        assert_eq!((nobody.score(), nobody.wald(P95), nobody.adjusted_wald(P95)), (None, None, None));
        let all = Nps { promoters: 10, ..Nps::default() };
        assert_eq!(all.wald(P95), None);
        let interval = all.adjusted_wald(P95).unwrap();
        assert!(interval.contains(1.0) && interval.low() > 0.4 && interval.high() <= 1.0);
    }

    #[test]
    fn few_answers_keep_the_word_when_three_are_added() {
        let mut random = Random::seeded(41);
        for (p, d, n) in [(0.5, 0.2, 20), (0.3, 0.3, 15), (0.6, 0.1, 40)] {
            let held = (0..3_000).filter(|_| {
                let mut nps = Nps::default();
                for _ in 0..n {
                    match random.unit() {
                        u if u < p => nps.promoters += 1,
                        u if u < p + d => nps.detractors += 1,
                        _ => nps.passives += 1,
                    }
                }
                nps.adjusted_wald(P95).unwrap().contains(p - d)
            });
            let covered = held.count() as f64 / 3_000.0;
            assert!((0.93..=0.97).contains(&covered), "{p} {d} {n}: {covered}");
        }
    }

    proptest! {
        #[test]
        fn promoters_and_detractors_mirror_each_other(p in 0_u32..500, m in 0_u32..500, d in 1_u32..500) {
            let (one, other) = (
                Nps { promoters: p, passives: m, detractors: d },
                Nps { promoters: d, passives: m, detractors: p },
            );
            let (a, b) = (one.adjusted_wald(P95).unwrap(), other.adjusted_wald(P95).unwrap());
            prop_assert!((a.low() + b.high()).abs() < 1e-14 && (a.high() + b.low()).abs() < 1e-14);
            prop_assert!(a.low() >= -1.0 && a.high() <= 1.0);
            prop_assert!((one.score().unwrap() + other.score().unwrap()).abs() < 1e-15);
        }
    }
}
