//! Why a product of factors differs: dials, times conversations a dial, times sales a conversation, times money a sale.

use super::Unfit;
use crate::clusters::is_zero;

/// Factors at most: Shapley's values look at every subset of them.
pub const MOST_FACTORS: usize = 12;

/// A factor on either side.
#[derive(Debug, Clone, PartialEq)]
pub struct Factor<K> {
    /// Its name, in whatever form the caller knows it.
    pub key: K,
    /// Before, or here.
    pub before: f64,
    /// After, or there.
    pub after: f64,
}

/// How a product was taken apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Weighing {
    /// By logarithms, which treat all factors alike (LMDI I: Ang, 2005).
    Logarithms,
    /// By Shapley's values (1953), because a factor is zero or negative on a side and has no logarithm.
    Shapley,
}

/// What each factor has to do with the change of a product, in the unit of the product.
#[derive(Debug, Clone, PartialEq)]
pub struct Product<K> {
    /// The product before.
    pub before: f64,
    /// The product after.
    pub after: f64,
    /// After less before: the sum of all effects, but for rounding.
    pub change: f64,
    /// How it was taken apart.
    pub weighing: Weighing,
    /// Factors with their effects, in the order in which they came.
    pub effects: Vec<(K, f64)>,
}

/// Takes the change of a product of up to twelve factors apart. With the products V and V' of all factors x and x',
///
/// ```text
/// effect of k = L(V', V) ln(x'k / xk)      L(a, b) = (a - b) / ln(a / b), a where they are equal
/// ```
///
/// and where a factor has no logarithm, the mean of what exchanging it does over all orders of exchanging. Either way
/// there is nothing left over.
pub fn product<K>(factors: impl IntoIterator<Item = Factor<K>>) -> Result<Product<K>, Unfit> {
    let factors: Vec<Factor<K>> = factors.into_iter().collect();
    if factors.len() > MOST_FACTORS {
        return Err(Unfit::TooManyFactors);
    }
    let before: f64 = factors.iter().map(|f| f.before).product();
    let after: f64 = factors.iter().map(|f| f.after).product();
    let have_logarithms = factors.iter().all(|f| f.before > 0.0 && f.after > 0.0);
    // Tiny factors can have a product of zero.
    let (weighing, effects) = if have_logarithms && before > 0.0 && after > 0.0 {
        let mean = logarithmic_mean(after, before);
        (Weighing::Logarithms, factors.iter().map(|f| mean * growth(f.after, f.before)).collect())
    } else {
        (Weighing::Shapley, shapley(&factors))
    };
    let finite = before.is_finite() && after.is_finite() && effects.iter().copied().all(f64::is_finite);
    if !finite {
        return Err(Unfit::NotFinite);
    }
    let effects = factors.into_iter().map(|f| f.key).zip(effects).collect();
    Ok(Product { before, after, change: after - before, weighing, effects })
}

/// `ln(a / b)` without losing digits where they are near each other.
fn growth(a: f64, b: f64) -> f64 {
    ((a - b) / b).ln_1p()
}

fn logarithmic_mean(a: f64, b: f64) -> f64 {
    let growth = growth(a, b);
    if is_zero(growth) { f64::midpoint(a, b) } else { (a - b) / growth }
}

fn shapley<K>(factors: &[Factor<K>]) -> Vec<f64> {
    let n = factors.len();
    // What exchanging one more is weighed by, after so many others: s! (n - 1 - s)! / n!.
    let mut weights = vec![1.0 / n as f64; n];
    for s in 1..n {
        weights[s] = weights[s - 1] * s as f64 / (n - s) as f64;
    }
    let worth = |exchanged: usize, without: usize| -> f64 {
        let others = factors.iter().enumerate().filter(|(at, _)| *at != without);
        others.map(|(at, f)| if exchanged >> at & 1 == 1 { f.after } else { f.before }).product()
    };
    let effect = |of: usize, factor: &Factor<K>| -> f64 {
        let subsets = (0..1_usize << n).filter(|exchanged| exchanged >> of & 1 == 0);
        let sum: f64 = subsets
            .map(|exchanged| {
                let weight = weights.get(exchanged.count_ones() as usize).copied().unwrap_or(0.0);
                weight * worth(exchanged, of)
            })
            .sum();
        sum * (factor.after - factor.before)
    };
    factors.iter().enumerate().map(|(of, factor)| effect(of, factor)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn factors(values: &[(f64, f64)]) -> Vec<Factor<usize>> {
        let factor =
            |(key, (before, after)): (usize, &(f64, f64))| Factor { key, before: *before, after: *after };
        values.iter().enumerate().map(factor).collect()
    }

    fn effects(values: &[(f64, f64)]) -> Vec<f64> {
        product(factors(values)).unwrap().effects.into_iter().map(|(_, effect)| effect).collect()
    }

    #[test]
    fn dials_contact_conversion_and_value_have_their_known_effects() {
        let chain = [(1000.0, 1200.0), (0.2, 0.18), (0.1, 0.12), (50.0, 45.0)];
        let taken_apart = product(factors(&chain)).unwrap();
        assert_eq!(taken_apart.weighing, Weighing::Logarithms);
        for ((_, effect), known) in taken_apart.effects.iter().zip([197.10, -113.90, 197.10, -113.90]) {
            assert!((effect - known).abs() < 0.005, "{effect} {known}");
        }
        assert!((taken_apart.change - 166.40).abs() < 1e-9);
    }

    #[test]
    fn where_a_factor_was_zero_the_orders_of_exchange_are_averaged() {
        // No sale before, 20 of 100 after, at 50 each before and 40 after. Exchanged first, the rate brings 100 * 0.2 * 50,
        // exchanged last 100 * 0.2 * 40; the price, exchanged first, nothing, exchanged last -200.
        let chain = [(100.0, 100.0), (0.0, 0.2), (50.0, 40.0)];
        assert_eq!(product(factors(&chain)).unwrap().weighing, Weighing::Shapley);
        let found = effects(&chain);
        assert!(found.iter().zip([0.0, 900.0, -100.0]).all(|(a, b)| (a - b).abs() < 1e-9), "{found:?}");
    }

    #[test]
    fn what_does_not_change_has_no_effect() {
        assert_eq!(effects(&[(3.0, 3.0), (2.0, 2.0)]), [0.0, 0.0]);
        assert_eq!(effects(&[(0.0, 0.0), (2.0, 2.0)]), [0.0, 0.0]);
        assert!(product(factors(&[])).unwrap().effects.is_empty());
    }

    #[test]
    fn factors_that_cancel_each_other_are_both_named() {
        let found = effects(&[(10.0, 20.0), (2.0, 1.0)]);
        assert!((found[0] - 20.0 * 2.0_f64.ln()).abs() < 1e-12 && (found[0] + found[1]).abs() < 1e-12);
    }

    #[test]
    fn what_cannot_be_taken_apart_says_why() {
        assert_eq!(product(factors(&[(f64::NAN, 1.0)])).unwrap_err(), Unfit::NotFinite);
        assert_eq!(product(factors(&[(f64::MAX, f64::MAX), (9.0, 2.0)])).unwrap_err(), Unfit::NotFinite);
        assert_eq!(product(factors(&[(1.0, 2.0); 13])).unwrap_err(), Unfit::TooManyFactors);
    }

    fn side() -> impl Strategy<Value = f64> {
        prop_oneof![6 => 0.001..1000.0_f64, 1 => Just(0.0), 1 => -5.0..0.0_f64]
    }

    proptest! {
        #[test]
        fn effects_add_up_whatever_the_factors(values in proptest::collection::vec((side(), side()), 1..6)) {
            let whole = product(factors(&values)).unwrap();
            let sum: f64 = whole.effects.iter().map(|(_, effect)| effect).sum();
            let size: f64 = whole.effects.iter().map(|(_, effect)| effect.abs()).sum::<f64>() + whole.before.abs();
            prop_assert!((sum - whole.change).abs() <= 1e-12 * size.max(1.0), "{sum} {}", whole.change);
        }

        #[test]
        fn turned_round_each_effect_is_its_negative(values in proptest::collection::vec((side(), side()), 1..6)) {
            let back: Vec<(f64, f64)> = values.iter().map(|(a, b)| (*b, *a)).collect();
            let size: f64 = effects(&values).iter().map(|e| e.abs()).sum::<f64>().max(1.0);
            for (there, back) in effects(&values).iter().zip(effects(&back)) {
                prop_assert!((there + back).abs() <= 1e-12 * size);
            }
        }

        #[test]
        fn the_order_of_factors_moves_nothing(values in proptest::collection::vec((side(), side()), 1..6)) {
            let mut turned = values.clone();
            turned.reverse();
            let size: f64 = effects(&values).iter().map(|e| e.abs()).sum::<f64>().max(1.0);
            for (one, other) in effects(&values).iter().zip(effects(&turned).iter().rev()) {
                prop_assert!((one - other).abs() <= 1e-12 * size);
            }
        }
    }
}
