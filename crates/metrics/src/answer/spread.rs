//! All values of a measure in one place, and what can be read off them exactly: percentiles and histograms.

use std::collections::BTreeMap;

use crate::exact::{Exact, Ratio};
use crate::metric::{Method, Statistic};

/// Values and how often each occurs, smallest first.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Spread(BTreeMap<Exact, u64>);

impl Spread {
    /// Notes a value that occurs `times` times.
    pub fn note(&mut self, value: Exact, times: u64) {
        if times > 0 {
            *self.0.entry(value).or_default() += times;
        }
    }

    /// These values and those.
    pub fn and(mut self, other: &Spread) -> Spread {
        for (value, times) in &other.0 {
            self.note(*value, *times);
        }
        self
    }

    /// How many values there are.
    pub fn n(&self) -> u64 {
        self.0.values().sum()
    }

    /// The value of this rank, the smallest being 0.
    fn at(&self, rank: u64) -> Option<Exact> {
        let mut passed = 0;
        self.0.iter().find_map(|(value, times)| {
            passed += times;
            (rank < passed).then_some(*value)
        })
    }

    /// The value that the statistic asks for; `None` when there are no values or a part does not fit 128 bits.
    ///
    /// Nearest rank: the value of rank `ceil(share * n)`, counted from 1. Linear: at rank `share * (n - 1)` counted from
    /// 0, on the straight line between the values of the whole ranks around it (Hyndman and Fan, 1996, definitions 1
    /// and 7).
    pub fn value(&self, statistic: &Statistic) -> Option<Ratio> {
        let Statistic::Percentile { share, method } = statistic else { return self.deviation() };
        let n = self.n();
        let (top, bottom) = Ratio::exact(*share)?.parts();
        match method {
            Method::NearestRank => {
                let ahead = top.checked_mul(i128::from(n))?;
                let rank = (ahead + bottom - 1).div_euclid(bottom).max(1);
                Ratio::exact(self.at(u64::try_from(rank - 1).ok()?)?)
            }
            Method::Linear => {
                let ahead = top.checked_mul(i128::from(n.checked_sub(1)?))?;
                let below = self.at(u64::try_from(ahead.div_euclid(bottom)).ok()?)?;
                let rest = ahead.rem_euclid(bottom);
                if rest == 0 {
                    return Ratio::exact(below);
                }
                let above = self.at(u64::try_from(ahead.div_euclid(bottom) + 1).ok()?)?;
                let part = Ratio::of(Exact::integer(rest), Exact::integer(bottom))?;
                Ratio::exact(below)?.plus(Ratio::exact(above.checked_sub(below)?)?.times(part)?)
            }
        }
    }

    /// Standard deviation of a sample; `None` for fewer than two values. The squares are added up exactly; the root is
    /// good for eighteen digits.
    fn deviation(&self) -> Option<Ratio> {
        let n = i128::from(self.n());
        let (mut sum, mut squares) = (Ratio::ZERO, Ratio::ZERO);
        for (value, times) in &self.0 {
            let (value, times) = (Ratio::exact(*value)?, Ratio::exact(Exact::integer(i128::from(*times)))?);
            sum = sum.plus(value.times(times)?)?;
            squares = squares.plus(value.times(value)?.times(times)?)?;
        }
        let count = Ratio::exact(Exact::integer(n))?;
        let around = squares.minus(sum.times(sum)?.over(count)?)?;
        around.over(Ratio::exact(Exact::integer(n - 1))?)?.root()
    }

    /// How many values lie in each bar of this width; bars begin at whole multiples of it, empty ones are left out.
    pub fn bars(&self, width: Exact) -> Vec<(Exact, u64)> {
        let (units, scale) = width.parts();
        if units <= 0 {
            return Vec::new();
        }
        let mut bars: BTreeMap<Exact, u64> = BTreeMap::new();
        for (value, times) in &self.0 {
            let Some(ratio) = Ratio::of(*value, width) else { continue };
            let (top, bottom) = ratio.parts();
            let number = top.div_euclid(bottom);
            if let Some(from) = number.checked_mul(units).and_then(|from| Exact::new(from, scale)) {
                *bars.entry(from).or_default() += times;
            }
        }
        bars.into_iter().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn spread(values: &[i128]) -> Spread {
        let mut all = Spread::default();
        for value in values {
            all.note(Exact::integer(*value), 1);
        }
        all
    }

    fn percentile(values: &[i128], share: &str, method: Method) -> String {
        let statistic = Statistic::Percentile { share: Exact::parse(share).unwrap(), method };
        spread(values).value(&statistic).map_or("none".to_owned(), |v| v.to_string())
    }

    #[test]
    fn percentiles_by_both_methods() {
        let values = [15, 20, 35, 40, 50];
        // The textbook example of the nearest-rank method.
        for (share, wanted) in [("0.05", "15"), ("0.3", "20"), ("0.4", "20"), ("0.5", "35"), ("1", "50")] {
            assert_eq!(percentile(&values, share, Method::NearestRank), wanted, "{share}");
        }
        for (share, wanted) in [("0", "15"), ("0.4", "29"), ("0.5", "35"), ("0.9", "46"), ("1", "50")] {
            assert_eq!(percentile(&values, share, Method::Linear), wanted, "{share}");
        }
        assert_eq!(percentile(&[1, 2, 3, 4], "0.5", Method::Linear), "2.5");
        assert_eq!(percentile(&[1, 2, 3, 4], "0.5", Method::NearestRank), "2");
        assert_eq!(percentile(&[], "0.5", Method::Linear), "none");
        assert_eq!(percentile(&[], "0.5", Method::NearestRank), "none");
    }

    #[test]
    fn deviation_of_a_sample() {
        let of = |values: &[i128]| spread(values).value(&Statistic::Deviation).map(|v| v.decimal(15));
        assert_eq!(of(&[2, 4, 4, 4, 5, 5, 7, 9]).as_deref(), Some("2.138089935299395"));
        assert_eq!(of(&[1, 3]).as_deref(), Some("1.414213562373095"));
        assert_eq!(of(&[5, 5, 5]).as_deref(), Some("0"));
        assert_eq!(of(&[5]), None);
    }

    #[test]
    fn bars_begin_at_multiples_of_their_width() {
        let bars = spread(&[-1, 0, 29, 30, 59, 60, 61]).bars(Exact::integer(30));
        let found: Vec<(String, u64)> = bars.iter().map(|(from, n)| (from.to_string(), *n)).collect();
        let wanted = [("-30", 1), ("0", 2), ("30", 2), ("60", 2)].map(|(from, n)| (from.to_owned(), n));
        assert_eq!(found, wanted);
    }

    proptest! {
        #[test]
        fn parts_and_wholes_agree(values in prop::collection::vec(-50_i128..50, 1..60), cut in 0_usize..60, share in 0_i128..=100) {
            let cut = cut.min(values.len());
            let parted = spread(&values[..cut]).and(&spread(&values[cut..]));
            prop_assert_eq!(&parted, &spread(&values));
            let mut sorted = values.clone();
            sorted.sort_unstable();
            let statistic =
                Statistic::Percentile { share: Exact::new(share, 2).unwrap(), method: Method::NearestRank };
            let rank = (usize::try_from(share).unwrap() * values.len()).div_ceil(100).max(1);
            prop_assert_eq!(parted.value(&statistic), Ratio::exact(Exact::integer(sorted[rank - 1])));
        }
    }
}
