//! Numbers in sentences: exact where a decimal is, and marked where it is cut.

use dialmark_metrics::metric::Unit;
use dialmark_metrics::{Exact, MetricRef, Ratio};

use crate::Money;
use crate::money::minor_digits;

/// Digits after which a number that does not end is cut, and ten to their power.
const CUT_AFTER: u8 = 6;
const CUT_AT: i128 = 1_000_000;

/// Most digits that are shown to tell a figure from a limit.
const MOST_DIGITS: usize = 24;

/// A number: as a decimal, cut with dots when it has no end.
pub(crate) fn exact(value: Ratio) -> String {
    let text = value.to_string();
    if !text.contains('/') {
        return text;
    }
    // Cut, not rounded: the dots stand for the digits that follow. Zeros among them are kept.
    let (num, den) = value.parts();
    let cut = num.checked_mul(CUT_AT).and_then(|num| Exact::new(num / den, CUT_AFTER));
    match cut {
        Some(cut) => format!("{}...", padded(&cut.to_string(), usize::from(CUT_AFTER))),
        None => text,
    }
}

/// A decimal with at least so many digits after the point.
fn padded(text: &str, digits: usize) -> String {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    match digits > fraction.len() {
        true => format!("{whole}.{fraction:0<digits$}"),
        false => text.to_owned(),
    }
}

/// A number with at least as many digits as a currency has, such as `2600.00`.
pub(crate) fn rate(value: Ratio, currency: &str) -> String {
    padded(&exact(value), usize::from(minor_digits(currency)))
}

/// An amount that need not be payable, such as `0.0125 EUR`.
pub(crate) fn amount(value: Ratio, currency: &str) -> String {
    format!("{} {currency}", rate(value, currency))
}

/// The result of a computation, and what it is rounded to when that differs.
pub(crate) fn result(value: Ratio, money: &Money) -> String {
    match money.ratio() == value {
        true => money.to_string(),
        false => format!("{}, rounded to {money}", amount(value, money.currency())),
    }
}

/// A share in per cent.
pub(crate) fn per_cent(share: Ratio) -> String {
    let hundredfold = Ratio::exact(Exact::integer(100)).and_then(|hundred| share.times(hundred));
    hundredfold.map_or_else(|| exact(share), |value| format!("{} %", exact(value)))
}

/// A value of a metric. As many digits are shown as set it apart from the limits beside it: 79.99996 % must not be
/// shown as 80 % where 80 % would pay.
pub(crate) fn figure(value: Ratio, unit: Unit, currency: &str, limits: &[Ratio]) -> String {
    let factor = match unit {
        Unit::Share => Exact::integer(100),
        Unit::Duration => Exact::new(1, 3).unwrap_or(Exact::ZERO),
        Unit::Count | Unit::Money | Unit::Ratio | Unit::PerHour | Unit::Score => Exact::integer(1),
    };
    let scaled = |value: Ratio| Ratio::exact(factor).and_then(|factor| value.times(factor));
    let Some(shown) = scaled(value) else { return value.to_string() };
    let limits: Vec<Ratio> = limits.iter().filter_map(|limit| scaled(*limit)).collect();
    let looks_like_a_limit =
        |text: &str| Ratio::parse(text).is_some_and(|read| read != shown && limits.contains(&read));
    let mut digits = 4;
    let mut text = shown.decimal(digits);
    while looks_like_a_limit(&text) && digits < MOST_DIGITS {
        digits += 1;
        text = shown.decimal(digits);
    }
    match unit {
        Unit::Share => format!("{text} %"),
        Unit::Duration => format!("{text} s"),
        Unit::Money => format!("{text} {currency}"),
        Unit::PerHour => format!("{text} an hour"),
        Unit::Count | Unit::Ratio | Unit::Score => text,
    }
}

/// Names in a sentence: `a`, `a and b`, `a, b and c`.
pub(crate) fn listed(names: &[String]) -> String {
    match names {
        [] => String::new(),
        [one] => one.clone(),
        [others @ .., last] => format!("{} and {last}", others.join(", ")),
    }
}

/// That a number does not fit.
pub(crate) fn too_large(metric: &MetricRef) -> String {
    format!("`{metric}` is too large to be computed with exactly.")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ratio(text: &str) -> Ratio {
        Ratio::parse(text).unwrap()
    }

    #[test]
    fn a_figure_just_below_a_limit_does_not_look_like_the_limit() {
        let limits = [ratio("0.80")];
        assert_eq!(figure(ratio("0.80"), Unit::Share, "EUR", &limits), "80 %");
        assert_eq!(figure(ratio("0.7999999"), Unit::Share, "EUR", &limits), "79.99999 %");
        assert_eq!(figure(ratio("2/3"), Unit::Share, "EUR", &limits), "66.6667 %");
        assert_eq!(figure(ratio("270500"), Unit::Duration, "EUR", &limits), "270.5 s");
    }

    #[test]
    fn numbers_that_do_not_end_are_marked() {
        assert_eq!(exact(ratio("1/3")), "0.333333...");
        assert_eq!(exact(ratio("-2/3")), "-0.666666...");
        assert_eq!(exact(ratio("9000001/9000000")), "1.000000...");
        assert_eq!(rate(ratio("2600"), "EUR"), "2600.00");
        assert_eq!(rate(ratio("0.0125"), "EUR"), "0.0125");
        assert_eq!(rate(ratio("12"), "JPY"), "12");
        assert_eq!(per_cent(ratio("-0.025")), "-2.5 %");
        let money = Money::rounded(ratio("10/3"), "EUR").unwrap();
        assert_eq!(result(ratio("10/3"), &money), "3.333333... EUR, rounded to 3.33 EUR");
    }
}
