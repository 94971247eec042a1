//! Two raters who put the same calls into categories.

use crate::clusters::is_zero;

/// How much of an agreement two categories are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Weights {
    /// The same or not.
    None,
    /// Categories have an order; each step apart costs the same.
    Linear,
    /// Categories have an order; steps cost their square.
    Quadratic,
}

impl Weights {
    /// From 0 to 1, of two of `k` categories.
    fn of(self, a: usize, b: usize, k: usize) -> f64 {
        let apart = a.abs_diff(b) as f64 / (k - 1) as f64;
        match self {
            Weights::None => f64::from(u8::from(a == b)),
            Weights::Linear => 1.0 - apart,
            Weights::Quadratic => 1.0 - apart * apart,
        }
    }
}

/// How often the first rater chose one category and the second another; at least two categories, at least one call.
#[derive(Debug, Clone, PartialEq)]
pub struct Table {
    /// Shares of all calls, by category of the first and of the second rater.
    shares: Vec<Vec<f64>>,
    first: Vec<f64>,
    second: Vec<f64>,
    n: f64,
}

impl Table {
    /// From the categories, numbered from 0, that the two gave to each call. `None` without calls, for fewer than two
    /// categories, or for a number that is no category.
    pub fn of(categories: usize, calls: &[(usize, usize)]) -> Option<Table> {
        if categories < 2 || calls.is_empty() || calls.iter().any(|(a, b)| *a.max(b) >= categories) {
            return None;
        }
        let n = calls.len() as f64;
        let mut counts = vec![vec![0_u32; categories]; categories];
        for (a, b) in calls {
            counts[*a][*b] += 1;
        }
        let share = |count: u32| f64::from(count) / n;
        let shares: Vec<Vec<f64>> =
            counts.iter().map(|row| row.iter().map(|count| share(*count)).collect()).collect();
        let first = counts.iter().map(|row| share(row.iter().sum())).collect();
        let second = (0..categories).map(|b| share(counts.iter().map(|row| row[b]).sum())).collect();
        Some(Table { shares, first, second, n })
    }

    fn categories(&self) -> usize {
        self.shares.len()
    }

    /// Sum over all pairs of categories.
    fn sum(&self, what: impl Fn(usize, usize) -> f64) -> f64 {
        let k = self.categories();
        (0..k).flat_map(|a| (0..k).map(move |b| (a, b))).map(|(a, b)| what(a, b)).sum()
    }

    /// Share of calls on which the two agree.
    pub fn raw_agreement(&self) -> f64 {
        self.sum(|a, b| Weights::None.of(a, b, 2) * self.shares[a][b]).min(1.0)
    }

    /// Observed and expected agreement, if each rater kept his own frequencies.
    fn agreements(&self, weights: Weights) -> (f64, f64) {
        let k = self.categories();
        let observed = self.sum(|a, b| weights.of(a, b, k) * self.shares[a][b]);
        let expected = self.sum(|a, b| weights.of(a, b, k) * self.first[a] * self.second[b]);
        (observed, expected)
    }

    /// Cohen's kappa (1960), weighted (1968): agreement beyond chance as a share of what is possible beyond chance. At
    /// most 1; 0 is chance. `None` when both used one and the same category only: nothing is beyond chance then.
    pub fn kappa(&self, weights: Weights) -> Option<f64> {
        let (observed, expected) = self.agreements(weights);
        (1.0 - expected > f64::EPSILON).then(|| (observed - expected) / (1.0 - expected))
    }

    /// Standard error of kappa for many calls (Fleiss, Cohen and Everitt, 1969); `None` where there is no kappa.
    pub fn kappa_error(&self, weights: Weights) -> Option<f64> {
        let kappa = self.kappa(weights)?;
        let k = self.categories();
        let (_, expected) = self.agreements(weights);
        let mean = |shares: &[f64], of: &dyn Fn(usize) -> f64| -> f64 {
            shares.iter().enumerate().map(|(at, share)| share * of(at)).sum()
        };
        let row: Vec<f64> = (0..k).map(|a| mean(&self.second, &|b| weights.of(a, b, k))).collect();
        let column: Vec<f64> = (0..k).map(|b| mean(&self.first, &|a| weights.of(a, b, k))).collect();
        let squares = self.sum(|a, b| {
            let off = weights.of(a, b, k) - (row[a] + column[b]) * (1.0 - kappa);
            self.shares[a][b] * off * off
        });
        let centre = kappa - expected * (1.0 - kappa);
        let variance = (squares - centre * centre).max(0.0) / self.n;
        Some(variance.sqrt() / (1.0 - expected))
    }

    /// Prevalence- and bias-adjusted kappa (Byrt, Bishop and Carlin, 1993): chance is one in as many as there are
    /// categories.
    pub fn pabak(&self) -> f64 {
        let chance = 1.0 / self.categories() as f64;
        (self.raw_agreement() - chance) / (1.0 - chance)
    }

    /// Gwet's AC1 (2008): chance is low where one category prevails. Never without a value, for its chance is at most
    /// one in as many as there are categories.
    pub fn ac1(&self) -> f64 {
        let spread: f64 = self
            .first
            .iter()
            .zip(&self.second)
            .map(|(a, b)| f64::midpoint(*a, *b))
            .map(|share| share * (1.0 - share))
            .sum();
        let chance = spread / (self.categories() - 1) as f64;
        (self.raw_agreement() - chance) / (1.0 - chance)
    }

    /// Whether the two put every call into one and the same category, so that kappa has no value.
    pub fn is_unanimous(&self) -> bool {
        self.shares.iter().enumerate().any(|(at, row)| is_zero(row[at] - 1.0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn near(a: f64, b: f64) -> bool {
        (a - b).abs() < 1e-12
    }

    /// `counts[a][b]` calls of each pair.
    fn table(counts: &[&[usize]]) -> Table {
        let mut calls = Vec::new();
        for (a, row) in counts.iter().enumerate() {
            for (b, times) in row.iter().enumerate() {
                calls.extend(vec![(a, b); *times]);
            }
        }
        Table::of(counts.len(), &calls).unwrap()
    }

    #[test]
    fn fifty_calls_can_be_worked_out_on_paper() {
        // Agreement 35/50; by chance 1/2 * 3/5 + 1/2 * 2/5 = 1/2; kappa 0.4.
        let table = table(&[&[20, 5], &[10, 15]]);
        assert!(near(table.raw_agreement(), 0.7));
        for weights in [Weights::None, Weights::Linear, Weights::Quadratic] {
            assert!(near(table.kappa(weights).unwrap(), 0.4));
        }
        assert!(near(table.pabak(), 0.4));
        // AC1's chance: 2 * 0.55 * 0.45 = 0.495.
        assert!(near(table.ac1(), (0.7 - 0.495) / 0.505));
    }

    #[test]
    fn near_misses_count_when_categories_have_an_order() {
        let near_misses = table(&[&[10, 4, 0], &[4, 10, 4], &[0, 4, 10]]);
        let far = table(&[&[10, 0, 8], &[0, 10, 0], &[8, 0, 10]]);
        let kappa = |table: &Table, weights| table.kappa(weights).unwrap();
        assert!(kappa(&near_misses, Weights::Quadratic) > kappa(&near_misses, Weights::Linear));
        assert!(kappa(&near_misses, Weights::Linear) > kappa(&near_misses, Weights::None));
        assert!(kappa(&far, Weights::Quadratic) < kappa(&far, Weights::None));
    }

    #[test]
    fn where_one_category_prevails_kappa_is_low_and_the_others_are_not() {
        let table = table(&[&[94, 3], &[3, 0]]);
        assert!(table.raw_agreement() > 0.93 && table.kappa(Weights::None).unwrap() < 0.0);
        assert!(table.pabak() > 0.85 && table.ac1() > 0.9);
    }

    #[test]
    fn unanimity_is_no_kappa_of_one() {
        let table = table(&[&[12, 0], &[0, 0]]);
        assert!(table.is_unanimous());
        assert_eq!((table.kappa(Weights::None), table.kappa_error(Weights::None)), (None, None));
        assert!(near(table.ac1(), 1.0) && near(table.pabak(), 1.0));
    }

    #[test]
    fn what_is_no_category_is_refused() {
        assert_eq!(Table::of(2, &[]), None);
        assert_eq!(Table::of(1, &[(0, 0)]), None);
        assert_eq!(Table::of(2, &[(0, 2)]), None);
    }

    proptest! {
        #[test]
        fn coefficients_are_at_most_one_and_do_not_care_who_is_first(
            calls in proptest::collection::vec((0_usize..4, 0_usize..4), 2..60),
        ) {
            let turned: Vec<(usize, usize)> = calls.iter().rev().map(|(a, b)| (*b, *a)).collect();
            let (one, other) = (Table::of(4, &calls).unwrap(), Table::of(4, &turned).unwrap());
            for weights in [Weights::None, Weights::Linear, Weights::Quadratic] {
                prop_assert_eq!(one.kappa(weights).is_none(), one.is_unanimous());
                let (Some(a), Some(b)) = (one.kappa(weights), other.kappa(weights)) else { continue };
                prop_assert!((-1.0 - 1e-9..=1.0 + 1e-9).contains(&a) && (a - b).abs() < 1e-12);
                prop_assert!(one.kappa_error(weights).unwrap().is_finite());
            }
            prop_assert!(one.ac1() <= 1.0 && (one.ac1() - other.ac1()).abs() < 1e-12);
            prop_assert!(one.pabak() <= 1.0 && one.pabak() >= -1.0 / 3.0 - 1e-12);
        }
    }
}
