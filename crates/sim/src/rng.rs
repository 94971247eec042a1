//! Chance that is the same on every machine: SplitMix64, started anew for each thing it decides about.
//!
//! A stream is named by keys (a purpose, a floor, a day, an agent). What one stream draws never depends on how
//! much another drew, so a longer plan or another order of work leaves every day as it was. Only integer
//! arithmetic is used: no digit depends on a processor's or a library's floating point.

use crate::num::{ix, signed, unsigned};

const GOLDEN: u64 = 0x9E37_79B9_7F4A_7C15;

/// The finaliser of SplitMix64 (Steele, Lea, Flood 2014): spreads every bit over all others.
pub(crate) fn mix(z: u64) -> u64 {
    let z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    let z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^ (z >> 31)
}

/// One number from several keys; their order matters.
pub(crate) fn hash(keys: &[u64]) -> u64 {
    keys.iter().fold(GOLDEN, |state, key| mix(state.wrapping_mul(3).wrapping_add(*key).wrapping_add(GOLDEN)))
}

/// A stream of random numbers.
#[derive(Debug, Clone)]
pub(crate) struct Rng(u64);

impl Rng {
    /// The stream of these keys.
    pub(crate) fn of(keys: &[u64]) -> Rng {
        Rng(hash(keys))
    }

    /// The next 64 bits.
    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(GOLDEN);
        mix(self.0)
    }

    /// A number from 0 up to, not including, `n`; 0 when `n` is 0.
    pub(crate) fn below(&mut self, n: u64) -> u64 {
        let wide = u128::from(self.next()) * u128::from(n);
        u64::try_from(wide >> 64).unwrap_or(0)
    }

    /// A number from `low` to `high`, both included.
    pub(crate) fn between(&mut self, low: i64, high: i64) -> i64 {
        low + signed(self.below(unsigned(high - low) + 1))
    }

    /// True in `ppm` of a million cases.
    pub(crate) fn chance(&mut self, ppm: u64) -> bool {
        self.below(1_000_000) < ppm
    }

    /// `part / whole` as a whole number: rounded up as often as its fraction says, so that sums stay right.
    pub(crate) fn round(&mut self, part: u128, whole: u128) -> u64 {
        if whole == 0 {
            return 0;
        }
        let (floor, rest) = (part / whole, part % whole);
        // A million steps are finer than any share that is planted.
        let step = u64::try_from(rest * 1_000_000 / whole).unwrap_or(0);
        u64::try_from(floor).unwrap_or(u64::MAX) + u64::from(rest > 0 && self.below(1_000_000) < step)
    }

    /// A duration with this mean and the right-skewed shape of talk times.
    pub(crate) fn skewed(&mut self, mean: i64) -> i64 {
        // Thousandths of the mean at the 33 borders of 32 equally likely classes; their mid-points average 1.
        const SHAPE: [i64; 33] = [
            127, 201, 254, 299, 339, 376, 412, 447, 482, 517, 552, 588, 625, 663, 703, 745, 788, 835, 884,
            937, 994, 1056, 1124, 1199, 1284, 1379, 1490, 1620, 1780, 1986, 2278, 2776, 4647,
        ];
        let draw = self.next();
        let class = ix(draw >> 59);
        let within = signed((draw >> 27) & 0xffff);
        let (low, high) = (SHAPE[class], SHAPE[class + 1]);
        mean * (low * 65_536 + (high - low) * within) / 65_536_000
    }

    /// Puts a slice into random order (Fisher and Yates).
    pub(crate) fn shuffle<T>(&mut self, items: &mut [T]) {
        for last in (1..items.len()).rev() {
            let other = ix(self.below(last as u64 + 1));
            items.swap(last, other);
        }
    }

    /// Shares `n` things out by weight; every share is its exact value rounded up or down, and they add up.
    pub(crate) fn split(&mut self, n: u64, weights: &[u64]) -> Vec<u64> {
        let total: u64 = weights.iter().sum();
        if total == 0 {
            return vec![0; weights.len()];
        }
        let offset = u128::from(self.below(total));
        let (n, total) = (u128::from(n), u128::from(total));
        let mut before = 0;
        let mut so_far = 0_u128;
        weights
            .iter()
            .map(|weight| {
                so_far += u128::from(*weight);
                let until = (so_far * n + total - 1).saturating_sub(offset) / total;
                let share = until - before;
                before = until;
                u64::try_from(share).unwrap_or(0)
            })
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_numbers_of_a_stream_never_change() {
        let mut rng = Rng::of(&[1, 2, 3]);
        let first: Vec<u64> = (0..3).map(|_| rng.next()).collect();
        assert_eq!(first, FIRST);
    }
    const FIRST: [u64; 3] =
        [7_091_934_250_375_684_954, 14_339_842_505_092_750_408, 13_584_197_726_474_675_868];

    #[test]
    fn shares_add_up_and_differ_from_their_exact_value_by_less_than_one() {
        for seed in 0..2000 {
            let mut rng = Rng::of(&[seed]);
            let weights = [120, 260, 0, 620];
            let shares = rng.split(seed, &weights);
            assert_eq!(shares.iter().sum::<u64>(), seed);
            for (share, weight) in shares.iter().zip(weights) {
                assert!((share * 1000).abs_diff(seed * weight) < 1000, "{share} of {seed} for {weight}");
            }
        }
    }

    #[test]
    fn rounding_is_right_on_average_and_exact_on_whole_numbers() {
        let mut rng = Rng::of(&[9]);
        assert_eq!(rng.round(42, 6), 7);
        let sum: u64 = (0..100_000).map(|_| rng.round(13, 10)).sum();
        assert!(sum.abs_diff(130_000) < 600, "{sum}");
    }

    #[test]
    fn skewed_durations_have_the_mean_they_were_asked_for() {
        let mut rng = Rng::of(&[4]);
        let sum: i64 = (0..200_000).map(|_| rng.skewed(200_000)).sum();
        let mean = sum / 200_000;
        assert!((mean - 200_000).abs() < 3_000, "{mean}");
    }

    #[test]
    fn a_shuffle_keeps_everything() {
        let mut items: Vec<u64> = (0..50).collect();
        Rng::of(&[5]).shuffle(&mut items);
        assert_ne!(items, (0..50).collect::<Vec<_>>());
        items.sort_unstable();
        assert_eq!(items, (0..50).collect::<Vec<_>>());
    }
}
