//! Decimals read from text and scaled to whole units, without floats.

use std::cmp::Ordering;

/// Significant digits that are kept; what lies behind them can only decide a rounding.
const DIGITS: u32 = 28;

/// A decimal as written: `mantissa * 10^exponent`, with a sign.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Decimal {
    negative: bool,
    mantissa: u128,
    exponent: i32,
    /// Digits other than zero were cut off behind the mantissa.
    cut: bool,
}

/// Which signs a number is written with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Signs {
    /// `1234.50`: a decimal point and nothing between groups.
    Plain,
    /// `1.234,50`
    Comma,
    /// `1,234.50`
    Point,
}

/// A decimal in whole units of a kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Scaled {
    /// The units.
    pub units: i128,
    /// No digit was lost.
    pub exact: bool,
}

impl Decimal {
    /// Reads `12`, `-0.50`, `.5`, `1e3`. Thousands separators are not read.
    pub fn plain(text: &str) -> Option<Decimal> {
        let (negative, text) = sign(text);
        let (number, exponent) = match text.bytes().position(|b| b == b'e' || b == b'E') {
            Some(at) => (text.get(..at)?, small_exponent(text.get(at + 1..)?)?),
            None => (text, 0),
        };
        let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
        Decimal::from_digits(negative, whole, fraction, exponent)
    }

    /// Reads a number as these signs say.
    pub fn read(text: &str, signs: Signs) -> Option<Decimal> {
        match signs {
            Signs::Plain => Decimal::plain(text),
            Signs::Comma => Decimal::grouped(text, ',', '.'),
            Signs::Point => Decimal::grouped(text, '.', ','),
        }
    }

    /// Reads `1.234,50` or `1,234.50`: a sign before the fraction, another one, blanks or apostrophes between groups of three
    /// digits.
    fn grouped(text: &str, before_fraction: char, between: char) -> Option<Decimal> {
        let (negative, text) = sign(text);
        let (whole, fraction) = text.split_once(before_fraction).unwrap_or((text, ""));
        let separator = whole.chars().find(|c| !c.is_ascii_digit());
        let Some(separator) = separator else { return Decimal::from_digits(negative, whole, fraction, 0) };
        if separator != between && !matches!(separator, ' ' | '\'' | '\u{2019}' | '\u{a0}' | '\u{202f}') {
            return None;
        }
        let mut groups = whole.split(separator);
        let first = groups.next()?;
        if !(1..=3).contains(&first.len()) || groups.clone().any(|group| group.len() != 3) {
            return None;
        }
        let joined: String = std::iter::once(first).chain(groups).collect();
        Decimal::from_digits(negative, &joined, fraction, 0)
    }

    fn from_digits(negative: bool, whole: &str, fraction: &str, exponent: i32) -> Option<Decimal> {
        if whole.is_empty() && fraction.is_empty() {
            return None;
        }
        let mut decimal = Decimal { negative, mantissa: 0, exponent, cut: false };
        let mut kept = 0;
        let digits = whole.bytes().map(|b| (b, false)).chain(fraction.bytes().map(|b| (b, true)));
        for (byte, in_fraction) in digits {
            if !byte.is_ascii_digit() {
                return None;
            }
            let digit = u128::from(byte - b'0');
            if kept < DIGITS {
                decimal.mantissa = decimal.mantissa * 10 + digit;
                kept += u32::from(decimal.mantissa > 0);
                decimal.exponent = decimal.exponent.checked_sub(i32::from(in_fraction))?;
            } else {
                decimal.cut |= digit > 0;
                decimal.exponent = decimal.exponent.checked_add(i32::from(!in_fraction))?;
            }
        }
        Some(decimal)
    }

    /// Whether it is less than zero.
    pub fn is_negative(&self) -> bool {
        self.negative && (self.mantissa > 0 || self.cut)
    }

    /// The value times `factor` in units of `10^-places`, rounded half to even; `None` beyond 38 digits.
    pub fn scaled(&self, factor: u32, places: u8) -> Option<Scaled> {
        let (units, rest) = self.parts(factor, places)?;
        let up = match rest {
            Rest::Nothing | Rest::BelowHalf => false,
            Rest::Half => units % 2 == 1,
            Rest::AboveHalf => true,
        };
        let units = i128::try_from(units + u128::from(up)).ok()?;
        Some(Scaled { units: if self.negative { -units } else { units }, exact: rest == Rest::Nothing })
    }

    /// The value in units of `10^-places`, rounded down.
    pub fn floor(&self, places: u8) -> Option<i128> {
        let (units, rest) = self.parts(1, places)?;
        let units = i128::try_from(units).ok()?;
        Some(match (self.negative, rest) {
            (true, Rest::Nothing) => -units,
            (true, _) => -units - 1,
            (false, _) => units,
        })
    }

    /// Whole units towards zero, and how much of one is left over.
    fn parts(&self, factor: u32, places: u8) -> Option<(u128, Rest)> {
        let product = self.mantissa.checked_mul(u128::from(factor))?;
        let over = |rest: Rest| match rest {
            Rest::Nothing if self.cut => Rest::BelowHalf,
            Rest::Half if self.cut => Rest::AboveHalf,
            rest => rest,
        };
        if product == 0 {
            return Some((0, over(Rest::Nothing)));
        }
        let shift = self.exponent.checked_add(i32::from(places))?;
        match (shift >= 0, 10_u128.checked_pow(shift.unsigned_abs())) {
            (true, Some(power)) => Some((product.checked_mul(power)?, over(Rest::Nothing))),
            (true, None) => None,
            // At most 38 digits divided by more than 10^38: less than half a unit.
            (false, None) => Some((0, Rest::BelowHalf)),
            (false, Some(power)) => {
                let remainder = product % power;
                let rest = match remainder.cmp(&(power - remainder)) {
                    _ if remainder == 0 => Rest::Nothing,
                    Ordering::Less => Rest::BelowHalf,
                    Ordering::Equal => Rest::Half,
                    Ordering::Greater => Rest::AboveHalf,
                };
                Some((product / power, over(rest)))
            }
        }
    }
}

/// What is left of a unit when whole units are taken away.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Rest {
    Nothing,
    BelowHalf,
    Half,
    AboveHalf,
}

fn sign(text: &str) -> (bool, &str) {
    match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    }
}

fn small_exponent(text: &str) -> Option<i32> {
    let digits = text.strip_prefix(['-', '+']).unwrap_or(text);
    // Larger ones are no quantity of a call centre.
    if digits.is_empty() || digits.len() > 3 || !digits.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    text.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn units(text: &str, factor: u32, places: u8) -> Option<(i128, bool)> {
        Decimal::plain(text)?.scaled(factor, places).map(|s| (s.units, s.exact))
    }

    #[test]
    fn decimals_are_scaled_exactly_and_rounded_half_to_even() {
        for (text, factor, places, wanted) in [
            ("12.5", 1000, 0, Some((12_500, true))),
            ("0.0005", 1000, 0, Some((0, false))),
            ("0.0015", 1000, 0, Some((2, false))),
            ("0.0025", 1000, 0, Some((2, false))),
            ("0.00250000000000000000000000000001", 1000, 0, Some((3, false))),
            ("-0.0015", 1000, 0, Some((-2, false))),
            ("1.5", 3_600_000, 0, Some((5_400_000, true))),
            ("+1e3", 1, 2, Some((100_000, true))),
            ("1.25E-2", 1, 4, Some((125, true))),
            (".5", 1, 1, Some((5, true))),
            ("5.", 1, 0, Some((5, true))),
            ("0.30", 1, 4, Some((3000, true))),
            ("1e-60", 1, 4, Some((0, false))),
            ("123456789012345678901234567890123456789", 1, 4, None),
            ("1e30", 1000, 6, None),
            ("1,234", 1, 0, None),
            ("1 234", 1, 0, None),
            ("12a", 1, 0, None),
            ("", 1, 0, None),
            (".", 1, 0, None),
            ("-", 1, 0, None),
            ("1e", 1, 0, None),
            ("1e9999", 1, 0, None),
            ("0x10", 1, 0, None),
            ("--1", 1, 0, None),
        ] {
            assert_eq!(units(text, factor, places), wanted, "{text}");
        }
    }

    #[test]
    fn decimal_commas_take_groups_of_three_only() {
        for (text, wanted) in [
            ("1.234,56", Some(12_345_600)),
            ("1 234 567,5", Some(12_345_675_000)),
            ("12,5", Some(125_000)),
            ("1234", Some(12_340_000)),
            ("1.5", None),
            ("1.2345", None),
            ("1.234.5", None),
            ("1.234 567", None),
            ("1,2,3", None),
            (".500,1", None),
            ("-1.234,5", Some(-12_345_000)),
        ] {
            assert_eq!(
                Decimal::read(text, Signs::Comma).and_then(|d| d.scaled(1, 4)).map(|s| s.units),
                wanted,
                "{text}"
            );
        }
    }

    #[test]
    fn decimal_points_take_groups_of_three_only() {
        for (text, wanted) in [
            ("1,234.56", Some(12_345_600)),
            ("1'234'567.5", Some(12_345_675_000)),
            ("12.5", Some(125_000)),
            ("1,234", Some(12_340_000)),
            ("1,5", None),
            ("1,2345", None),
            ("1,234,5", None),
            ("1.234,5", None),
            ("-1,234.5", Some(-12_345_000)),
        ] {
            let units = Decimal::read(text, Signs::Point).and_then(|d| d.scaled(1, 4)).map(|s| s.units);
            assert_eq!(units, wanted, "{text}");
        }
    }

    #[test]
    fn floor_goes_down_even_by_a_hair() {
        for (text, wanted) in [
            ("1.9999999", 1_999_999),
            ("1.99999999999999999999", 1_999_999),
            ("-1.0000001", -1_000_001),
            ("-1", -1_000_000),
            ("1700000000.1234567", 1_700_000_000_123_456),
        ] {
            assert_eq!(Decimal::plain(text).unwrap().floor(6), Some(wanted), "{text}");
        }
    }

    proptest! {
        #[test]
        fn whole_numbers_survive(n in any::<i64>()) {
            prop_assert_eq!(units(&n.to_string(), 1, 0), Some((i128::from(n), true)));
        }

        #[test]
        fn places_shift_without_loss(n in -1_000_000_000_i64..1_000_000_000, places in 0_u8..6) {
            let text = format!("{n}e-{places}");
            prop_assert_eq!(units(&text, 1, places), Some((i128::from(n), true)));
        }
    }
}
