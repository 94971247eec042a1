//! Sharing out an amount in whole cents, so that the parts add up to it.

use dialmark_metrics::{Exact, Ratio};

use crate::Money;
use crate::money::minor_digits;

/// Parts of an amount in proportion to weights, in the order of the weights, by largest remainders: each part is first
/// rounded down to the smallest unit of the currency, then the units left over go one each to the parts that lost most
/// (among equals, to those that come first). A negative amount is shared out as the positive one, then turned round.
///
/// `None` when a weight is below zero, all are zero, or a number does not fit 128 bits.
pub fn share_out(amount: &Money, weights: &[Ratio]) -> Option<Vec<Money>> {
    let digits = minor_digits(amount.currency());
    let scale = Ratio::exact(Exact::integer(10_i128.checked_pow(u32::from(digits))?))?;
    let (units, one) = amount.ratio().times(scale)?.parts();
    if one != 1 || weights.iter().any(|weight| *weight < Ratio::ZERO) {
        return None;
    }
    let total = weights.iter().try_fold(Ratio::ZERO, |sum, weight| sum.plus(*weight))?;
    if total.is_zero() {
        return None;
    }
    let whole = Ratio::exact(Exact::integer(units.checked_abs()?))?;
    let mut parts = Vec::new();
    for (at, weight) in weights.iter().enumerate() {
        let (num, den) = whole.times(weight.over(total)?)?.parts();
        let lost = Ratio::of(Exact::integer(num.rem_euclid(den)), Exact::integer(den))?;
        parts.push((at, num.div_euclid(den), lost));
    }
    let given = parts.iter().try_fold(0_i128, |sum, (_, units, _)| sum.checked_add(*units))?;
    let left = usize::try_from(units.checked_abs()?.checked_sub(given)?).ok()?;
    parts.sort_by(|a, b| b.2.cmp(&a.2).then(a.0.cmp(&b.0)));
    for (_, units, _) in parts.iter_mut().take(left) {
        *units = units.checked_add(1)?;
    }
    parts.sort_by_key(|(at, ..)| *at);
    let sign = units.signum();
    parts
        .into_iter()
        .map(|(_, units, _)| {
            let part = Ratio::exact(Exact::new(units.checked_mul(sign)?, digits)?)?;
            Money::rounded(part, amount.currency())
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn money(text: &str, currency: &str) -> Money {
        Money::rounded(Ratio::parse(text).unwrap(), currency).unwrap()
    }

    fn weights(all: &[&str]) -> Vec<Ratio> {
        all.iter().map(|text| Ratio::parse(text).unwrap()).collect()
    }

    fn shared(amount: &Money, all: &[&str]) -> Vec<String> {
        share_out(amount, &weights(all)).unwrap().iter().map(Money::decimal).collect()
    }

    #[test]
    fn cents_left_over_go_to_those_who_lost_most() {
        // 100.00 by 1 : 1 : 1: 33.33 each, one cent left, to the first of equals.
        assert_eq!(shared(&money("100", "EUR"), &["1", "1", "1"]), ["33.34", "33.33", "33.33"]);
        // 0.10 by 1 : 2 : 4: 1.43, 2.86 and 5.71 cents; two cents left, to .86 and .71.
        assert_eq!(shared(&money("0.10", "EUR"), &["1", "2", "4"]), ["0.01", "0.03", "0.06"]);
        assert_eq!(shared(&money("-100", "EUR"), &["1", "1", "1"]), ["-33.34", "-33.33", "-33.33"]);
        assert_eq!(shared(&money("100", "JPY"), &["1", "1", "1"]), ["34", "33", "33"]);
        assert_eq!(shared(&money("1", "EUR"), &["0", "1/3"]), ["0.00", "1.00"]);
    }

    #[test]
    fn without_a_weight_nothing_is_shared_out() {
        assert_eq!(share_out(&money("1", "EUR"), &[]), None);
        assert_eq!(share_out(&money("1", "EUR"), &weights(&["0", "0"])), None);
        assert_eq!(share_out(&money("1", "EUR"), &weights(&["2", "-1"])), None);
    }

    proptest! {
        #[test]
        fn parts_add_up_to_the_whole_and_are_less_than_a_cent_off(
            cents in -10_000_000_i128..10_000_000,
            all in proptest::collection::vec(0_u32..100_000, 1..30),
        ) {
            prop_assume!(all.iter().any(|weight| *weight > 0));
            let amount = Money::rounded(Ratio::exact(Exact::new(cents, 2).unwrap()).unwrap(), "EUR").unwrap();
            let all: Vec<Ratio> = all.iter().map(|w| Ratio::exact(Exact::integer((*w).into())).unwrap()).collect();
            let parts = share_out(&amount, &all).unwrap();
            let sum = parts.iter().fold(Money::zero("EUR"), |sum, part| sum.plus(part).unwrap());
            prop_assert_eq!(&sum, &amount);
            let total = all.iter().fold(Ratio::ZERO, |sum, w| sum.plus(*w).unwrap());
            let cent = Ratio::parse("0.01").unwrap();
            for (part, weight) in parts.iter().zip(&all) {
                let exact = amount.ratio().times(weight.over(total).unwrap()).unwrap();
                let off = part.ratio().minus(exact).unwrap();
                prop_assert!(off < cent && off > Ratio::ZERO.minus(cent).unwrap());
            }
        }

        #[test]
        fn equal_parts_are_a_cent_apart_at_most(cents in 0_i128..1_000_000, n in 1_usize..40) {
            let amount = Money::rounded(Ratio::exact(Exact::new(cents, 2).unwrap()).unwrap(), "EUR").unwrap();
            let parts = share_out(&amount, &vec![Ratio::parse("1").unwrap(); n]).unwrap();
            let (least, most) = (parts.iter().map(Money::amount).min(), parts.iter().map(Money::amount).max());
            prop_assert!(most.unwrap().checked_sub(least.unwrap()).unwrap() <= Exact::parse("0.01").unwrap());
        }
    }
}
