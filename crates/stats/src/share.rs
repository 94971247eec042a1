//! Shares: so many of so many, each independent of the others.
//!
//! Calls of one agent, one day or one customer are alike; over such records these intervals are too narrow, and
//! [`crate::ratio`] over clusters is right. [`Interval::widened_to`] joins the two.

use crate::interval::{Confidence, Interval};
use crate::special::beta_quantile;

/// Tries at most: ten billion. Beyond it the quantiles begin to lose digits.
const MOST: u64 = 10_000_000_000;
/// Largest sample that is looked for: beyond it a count is no longer exact as a float.
const LARGEST_SAMPLE: u64 = 1 << 53;

/// `hits` of `n`, at most all of them, of one at least.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Share {
    hits: u64,
    n: u64,
}

impl Share {
    /// `None` when there is nothing to be a share of, more hits than tries, or more than ten billion tries.
    pub fn new(hits: u64, n: u64) -> Option<Share> {
        (n > 0 && hits <= n && n <= MOST).then_some(Share { hits, n })
    }

    /// How many.
    pub const fn hits(self) -> u64 {
        self.hits
    }

    /// Of how many.
    pub const fn n(self) -> u64 {
        self.n
    }

    /// The share, from 0 to 1.
    pub fn value(self) -> f64 {
        self.hits as f64 / self.n as f64
    }

    /// Wilson's interval (1927): the shares that a test of this level would not reject. Right on the average over true
    /// shares, also for few tries; the default.
    pub fn wilson(self, confidence: Confidence) -> Interval {
        let (p, n, z) = (self.value(), self.n as f64, confidence.z());
        let centre = (p + z * z / (2.0 * n)) / (1.0 + z * z / n);
        let half = wilson_half_width(p, n, z);
        self.ends(centre - half, centre + half)
    }

    /// Clopper and Pearson's interval (1934): at least as sure as stated whatever the true share, and so mostly too
    /// wide. For what a contract promises.
    pub fn clopper_pearson(self, confidence: Confidence) -> Interval {
        let (hits, misses) = (self.hits as f64, (self.n - self.hits) as f64);
        let tail = confidence.tail();
        let low = if self.hits == 0 { 0.0 } else { beta_quantile(hits, misses + 1.0, tail) };
        let high = if self.hits == self.n { 1.0 } else { beta_quantile(hits + 1.0, misses, 1.0 - tail) };
        self.ends(low, high)
    }

    /// With the share inside and the bounds exact, whatever rounding did.
    fn ends(self, low: f64, high: f64) -> Interval {
        let p = self.value();
        let low = if self.hits == 0 { 0.0 } else { low.clamp(0.0, p) };
        let high = if self.hits == self.n { 1.0 } else { high.clamp(p, 1.0) };
        Interval::between(low, high)
    }

    /// This share less another one of other tries: Newcombe's hybrid of the two Wilson intervals (1998, method 10).
    pub fn minus(self, other: Share, confidence: Confidence) -> Interval {
        let (p, q) = (self.value(), other.value());
        let (a, b) = (self.wilson(confidence), other.wilson(confidence));
        let below = (p - a.low()).hypot(b.high() - q);
        let above = (a.high() - p).hypot(q - b.low());
        let difference = p - q;
        Interval::between(difference - below, difference + above).within(-1.0, 1.0)
    }
}

/// Half the width of Wilson's interval of a sample of `n` of which the share `expected` will be hits. `None` unless the
/// share lies from 0 to 1 and `n` from 1 to ten billion.
pub fn half_width(expected: f64, n: u64, confidence: Confidence) -> Option<f64> {
    let sound = (0.0..=1.0).contains(&expected) && n > 0 && n <= MOST;
    sound.then(|| wilson_half_width(expected, n as f64, confidence.z()))
}

fn wilson_half_width(p: f64, n: f64, z: f64) -> f64 {
    z / (1.0 + z * z / n) * (p * (1.0 - p) / n + z * z / (4.0 * n * n)).sqrt()
}

/// The smallest sample of which Wilson's interval is at most `half_width` to either side, when the share `expected` of
/// it will be hits; 0.5 is the worst case. `None` unless the share lies from 0 to 1, the half-width is above 0, and
/// the sample is no larger than 2^53.
pub fn sample_size(expected: f64, half_width: f64, confidence: Confidence) -> Option<u64> {
    if !(0.0..=1.0).contains(&expected) || half_width <= 0.0 || half_width.is_nan() {
        return None;
    }
    // The half-width falls with every record, so the answer is found by halving.
    let (z, mut too_few, mut enough) = (confidence.z(), 0, LARGEST_SAMPLE);
    let fits = |n: u64| wilson_half_width(expected, n as f64, z) <= half_width;
    if !fits(enough) {
        return None;
    }
    while enough - too_few > 1 {
        let middle = too_few + (enough - too_few) / 2;
        if fits(middle) {
            enough = middle;
        } else {
            too_few = middle;
        }
    }
    Some(enough)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::Random;
    use proptest::prelude::*;

    const P95: Confidence = Confidence::P95;

    fn share(hits: u64, n: u64) -> Share {
        Share::new(hits, n).unwrap()
    }

    fn is(interval: Interval, low: f64, high: f64) {
        let near = |a: f64, b: f64| (a - b).abs() < 1e-10;
        assert!(near(interval.low(), low) && near(interval.high(), high), "{interval:?} {low} {high}");
    }

    #[test]
    fn known_shares_have_their_known_intervals() {
        is(share(15, 50).wilson(P95), 0.191_035_535_0, 0.437_503_504_6);
        is(share(15, 50).clopper_pearson(P95), 0.178_617_845_7, 0.446_082_325_7);
        is(share(0, 20).wilson(P95), 0.0, 0.161_125_158_1);
        is(share(0, 20).clopper_pearson(P95), 0.0, 0.168_433_471_0);
        is(share(56, 70).minus(share(48, 80), P95), 0.052_431_472_4, 0.333_872_654_0);
    }

    #[test]
    fn a_share_is_of_something() {
        assert_eq!(Share::new(0, 0), None);
        assert_eq!(Share::new(3, 2), None);
        assert_eq!(Share::new(0, u64::MAX), None);
    }

    #[test]
    fn nothing_and_everything_reach_their_bounds_exactly() {
        for n in [1, 7, 20, 1_000_003] {
            for interval in [share(0, n).wilson(P95), share(0, n).clopper_pearson(P95)] {
                assert!(interval.contains(0.0) && !interval.contains(1.0));
            }
            for interval in [share(n, n).wilson(P95), share(n, n).clopper_pearson(P95)] {
                assert!(interval.contains(1.0) && !interval.contains(0.0));
            }
        }
        assert!(share(5, 5).minus(share(0, 5), P95).contains(1.0));
    }

    #[test]
    fn five_calls_a_month_say_little() {
        // 0 errors in 5 calls leave 43 % possible.
        assert!((share(0, 5).wilson(P95).high() - 0.434_482_4).abs() < 1e-6);
        // The well-known 385 of a worst case of 5 points, less what Wilson's interval saves (z squared).
        assert_eq!(sample_size(0.5, 0.05, P95), Some(381));
        assert_eq!(sample_size(0.1, 0.000_001, P95).map(|n| n > 300_000_000_000), Some(true));
        for (p, half) in [(1.1, 0.1), (f64::NAN, 0.1), (0.5, 0.0), (0.5, f64::NAN), (0.5, 1e-9)] {
            assert_eq!(sample_size(p, half, P95), None);
        }
        assert_eq!(sample_size(0.5, 1.0, P95), Some(1));
        assert_eq!(half_width(0.5, 0, P95), None);
    }

    /// How often intervals hold the true share, which `chance` draws anew for each of many trials.
    fn coverage(n: u64, chance: impl Fn(&mut Random) -> f64, interval: impl Fn(Share) -> Interval) -> f64 {
        let mut random = Random::seeded(7);
        let trials = 4_000_u32;
        let held = (0..trials).filter(|_| {
            let p = chance(&mut random);
            let hits = (0..n).filter(|_| random.unit() < p).count();
            interval(share(hits as u64, n)).contains(p)
        });
        held.count() as f64 / f64::from(trials)
    }

    #[test]
    fn wilson_holds_the_true_share_nineteen_times_in_twenty() {
        for (n, low, high) in [(20, 0.05, 0.95), (60, 0.1, 0.5), (100, 0.05, 0.3), (300, 0.02, 0.1)] {
            let covered = coverage(n, |random| low + (high - low) * random.unit(), |s| s.wilson(P95));
            assert!((0.94..=0.96).contains(&covered), "{low} to {high} of {n}: {covered}");
        }
    }

    #[test]
    fn clopper_pearson_holds_it_at_least_so_often() {
        for (p, n) in [(0.5, 30), (0.02, 50), (0.1, 100)] {
            let covered = coverage(n, |_| p, |s| s.clopper_pearson(P95));
            assert!(covered >= 0.945, "{p} of {n}: {covered}");
        }
    }

    #[test]
    fn newcombe_holds_the_true_difference_nineteen_times_in_twenty() {
        let mut random = Random::seeded(9);
        for (p, m, q, n) in [(0.3, 80, 0.2, 60), (0.5, 50, 0.5, 50), (0.05, 200, 0.1, 150)] {
            let mut draw = |p: f64, n: u64| {
                let hits = (0..n).filter(|_| random.unit() < p).count();
                share(hits as u64, n)
            };
            let held = (0..3_000).filter(|_| draw(p, m).minus(draw(q, n), P95).contains(p - q)).count();
            let covered = held as f64 / 3_000.0;
            assert!((0.93..=0.97).contains(&covered), "{p} of {m} - {q} of {n}: {covered}");
        }
    }

    fn any() -> impl Strategy<Value = Share> {
        (1_u64..5_000).prop_flat_map(|n| (0..=n, Just(n))).prop_map(|(hits, n)| share(hits, n))
    }

    proptest! {
        #[test]
        fn intervals_hold_the_share_and_stay_within_bounds(s in any(), level in 0.5..0.999_f64) {
            let confidence = Confidence::new(level).unwrap();
            for interval in [s.wilson(confidence), s.clopper_pearson(confidence)] {
                prop_assert!(interval.contains(s.value()));
                prop_assert!(interval.low() >= 0.0 && interval.high() <= 1.0);
            }
        }

        #[test]
        fn misses_mirror_hits(s in any()) {
            let other = share(s.n() - s.hits(), s.n());
            for (a, b) in [
                (s.wilson(P95), other.wilson(P95)),
                (s.clopper_pearson(P95), other.clopper_pearson(P95)),
            ] {
                prop_assert!((a.low() - (1.0 - b.high())).abs() < 1e-12);
                prop_assert!((a.high() - (1.0 - b.low())).abs() < 1e-12);
            }
        }

        #[test]
        fn more_hits_raise_both_ends(s in any()) {
            prop_assume!(s.hits() < s.n());
            let more = share(s.hits() + 1, s.n());
            for (a, b) in [
                (s.wilson(P95), more.wilson(P95)),
                (s.clopper_pearson(P95), more.clopper_pearson(P95)),
            ] {
                prop_assert!(b.low() >= a.low() && b.high() >= a.high());
            }
        }

        #[test]
        fn ten_times_as_many_tries_say_more(s in any()) {
            let more = share(s.hits() * 10, s.n() * 10);
            prop_assert!(more.wilson(P95).half_width() < s.wilson(P95).half_width());
            prop_assert!(more.clopper_pearson(P95).half_width() < s.clopper_pearson(P95).half_width());
        }

        #[test]
        fn a_difference_turned_round_is_its_negative(a in any(), b in any()) {
            let (there, back) = (a.minus(b, P95), b.minus(a, P95));
            prop_assert!((there.low() + back.high()).abs() < 1e-15 && (there.high() + back.low()).abs() < 1e-15);
            prop_assert!(there.contains(a.value() - b.value()));
        }

        #[test]
        fn a_sample_size_is_the_smallest(p in 0.0..=1.0_f64, half in 0.005..0.5_f64) {
            let n = sample_size(p, half, P95).unwrap();
            prop_assert!(half_width(p, n, P95).unwrap() <= half);
            prop_assert!(n == 1 || half_width(p, n - 1, P95).unwrap() > half);
        }
    }
}
