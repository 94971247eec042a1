//! Exact numbers: what travels from the engine to the last surface.

use std::cmp::Ordering;
use std::fmt;

/// A decimal without rounding: `units / 10^scale`.
#[derive(Debug, Clone, Copy)]
pub struct Exact {
    units: i128,
    scale: u8,
}

impl Exact {
    /// Zero.
    pub const ZERO: Exact = Exact { units: 0, scale: 0 };

    /// `units / 10^scale`; a scale above 30 is not supported and is `None`.
    pub const fn new(units: i128, scale: u8) -> Option<Exact> {
        if scale > 30 { None } else { Some(Exact { units, scale }) }
    }

    /// A whole number.
    pub const fn integer(whole: i128) -> Exact {
        Exact { units: whole, scale: 0 }
    }

    /// Reads a plain decimal: optional sign, digits, optional point and digits.
    pub fn parse(text: &str) -> Option<Exact> {
        let (negative, digits) = match text.strip_prefix('-') {
            Some(rest) => (true, rest),
            None => (false, text.strip_prefix('+').unwrap_or(text)),
        };
        let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
        if (whole.is_empty() && fraction.is_empty())
            || !whole.bytes().chain(fraction.bytes()).all(|b| b.is_ascii_digit())
        {
            return None;
        }
        let scale = u8::try_from(fraction.len()).ok().filter(|s| *s <= 30)?;
        let joined = format!("{whole}{fraction}");
        let units: i128 = joined.parse().ok()?;
        Some(Exact { units: if negative { -units } else { units }, scale })
    }

    /// Units and digits after the point.
    pub const fn parts(self) -> (i128, u8) {
        (self.units, self.scale)
    }

    /// Whether it is zero.
    pub const fn is_zero(self) -> bool {
        self.units == 0
    }

    /// The whole number, when there is no fraction.
    pub fn as_integer(self) -> Option<i128> {
        let divisor = 10_i128.checked_pow(u32::from(self.scale))?;
        (self.units % divisor == 0).then(|| self.units / divisor)
    }

    /// Sum, or `None` when it does not fit.
    pub fn checked_add(self, other: Exact) -> Option<Exact> {
        let (a, b, scale) = align(self, other)?;
        Some(Exact { units: a.checked_add(b)?, scale })
    }

    /// Difference, or `None` when it does not fit.
    pub fn checked_sub(self, other: Exact) -> Option<Exact> {
        let (a, b, scale) = align(self, other)?;
        Some(Exact { units: a.checked_sub(b)?, scale })
    }

    /// Nearest float, for drawing only.
    pub fn to_f64(self) -> f64 {
        self.units as f64 / 10_f64.powi(i32::from(self.scale))
    }
}

fn align(a: Exact, b: Exact) -> Option<(i128, i128, u8)> {
    let scale = a.scale.max(b.scale);
    let raise = |x: Exact| x.units.checked_mul(10_i128.checked_pow(u32::from(scale - x.scale))?);
    Some((raise(a)?, raise(b)?, scale))
}

impl PartialEq for Exact {
    fn eq(&self, other: &Exact) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for Exact {}

impl PartialOrd for Exact {
    fn partial_cmp(&self, other: &Exact) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Exact {
    fn cmp(&self, other: &Exact) -> Ordering {
        match align(*self, *other) {
            Some((a, b, _)) => a.cmp(&b),
            // One is too large to be written at the other's scale: compare as fractions.
            None => Ratio::of(*self, Exact::integer(1))
                .zip(Ratio::of(*other, Exact::integer(1)))
                .map_or(Ordering::Equal, |(a, b)| a.cmp(&b)),
        }
    }
}

impl fmt::Display for Exact {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let scale = usize::from(self.scale);
        let digits = format!("{:0>width$}", self.units.unsigned_abs(), width = scale + 1);
        let (whole, fraction) = digits.split_at(digits.len() - scale);
        let fraction = fraction.trim_end_matches('0');
        if self.units < 0 {
            out.write_str("-")?;
        }
        out.write_str(whole)?;
        if !fraction.is_empty() {
            write!(out, ".{fraction}")?;
        }
        Ok(())
    }
}

/// A fraction in lowest terms with a positive denominator: the last division, not yet rounded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ratio {
    num: i128,
    den: i128,
}

impl Ratio {
    /// `numerator / denominator`; `None` when the denominator is zero or a part does not fit 128 bits.
    pub fn of(numerator: Exact, denominator: Exact) -> Option<Ratio> {
        Ratio::scaled(numerator, denominator, 1)
    }

    /// `numerator * multiplier / denominator`.
    pub fn scaled(numerator: Exact, denominator: Exact, multiplier: i64) -> Option<Ratio> {
        // Both are brought to the same scale, which then cancels.
        let (num, den, _) = align(numerator, denominator)?;
        if den == 0 {
            return None;
        }
        let common = gcd(num.unsigned_abs(), den.unsigned_abs());
        let common = i128::try_from(common).ok().filter(|c| *c != 0)?;
        let (num, den) = (num / common, den / common);
        let multiplier = i128::from(multiplier);
        let shared =
            i128::try_from(gcd(multiplier.unsigned_abs(), den.unsigned_abs())).ok().filter(|c| *c != 0)?;
        let (num, den) = (num.checked_mul(multiplier / shared)?, den / shared);
        Some(if den < 0 { Ratio { num: -num, den: -den } } else { Ratio { num, den } })
    }

    /// Zero.
    pub const ZERO: Ratio = Ratio { num: 0, den: 1 };

    /// One.
    pub const ONE: Ratio = Ratio { num: 1, den: 1 };

    /// Two.
    pub const TWO: Ratio = Ratio { num: 2, den: 1 };

    /// Whether it is zero.
    pub const fn is_zero(self) -> bool {
        self.num == 0
    }

    /// Numerator and denominator in lowest terms; the denominator is positive.
    pub const fn parts(self) -> (i128, i128) {
        (self.num, self.den)
    }

    /// Reads a decimal, or a fraction such as `2/3`.
    pub fn parse(text: &str) -> Option<Ratio> {
        match text.split_once('/') {
            None => Ratio::exact(Exact::parse(text.trim())?),
            Some((top, bottom)) => Ratio::of(Exact::parse(top.trim())?, Exact::parse(bottom.trim())?),
        }
    }

    /// In lowest terms with a positive denominator; `None` when the denominator is zero.
    fn reduced(num: i128, den: i128) -> Option<Ratio> {
        let common = i128::try_from(gcd(num.unsigned_abs(), den.unsigned_abs())).ok().filter(|c| *c != 0)?;
        let (num, den) = (num / common, den / common);
        match den {
            0 => None,
            den if den < 0 => Some(Ratio { num: num.checked_neg()?, den: den.checked_neg()? }),
            den => Some(Ratio { num, den }),
        }
    }

    /// Sum, or `None` when a part does not fit 128 bits.
    pub fn plus(self, other: Ratio) -> Option<Ratio> {
        let common = i128::try_from(gcd(self.den.unsigned_abs(), other.den.unsigned_abs())).ok()?;
        let (left, right) = (other.den / common, self.den / common);
        let num = self.num.checked_mul(left)?.checked_add(other.num.checked_mul(right)?)?;
        Ratio::reduced(num, self.den.checked_mul(left)?)
    }

    /// Difference, or `None` when a part does not fit 128 bits.
    pub fn minus(self, other: Ratio) -> Option<Ratio> {
        self.plus(Ratio { num: other.num.checked_neg()?, den: other.den })
    }

    /// Product, or `None` when a part does not fit 128 bits.
    pub fn times(self, other: Ratio) -> Option<Ratio> {
        // Crosswise first, so that the parts stay small.
        let a = Ratio::reduced(self.num, other.den)?;
        let b = Ratio::reduced(other.num, self.den)?;
        Ratio::reduced(a.num.checked_mul(b.num)?, a.den.checked_mul(b.den)?)
    }

    /// Quotient, or `None` when the divisor is zero or a part does not fit 128 bits.
    pub fn over(self, other: Ratio) -> Option<Ratio> {
        self.times(Ratio::reduced(other.den, other.num)?)
    }

    /// Square root, good for fifteen significant digits at least and mostly for twice as many; `None` for negative
    /// numbers. A root is seldom a fraction; what follows it needs no more.
    pub fn root(self) -> Option<Ratio> {
        if self.num <= 0 {
            return (self.num == 0).then_some(Ratio::ZERO);
        }
        // The whole root of as many digits as fit, then Newton's step, which doubles the right ones.
        let (scale, raised) = (0..=15_u8)
            .rev()
            .find_map(|k| Some((k, self.num.checked_mul(10_i128.checked_pow(2 * u32::from(k))?)?)))?;
        let units = (raised / self.den).isqrt().max(1);
        let first = Ratio::of(Exact::new(units, scale)?, Exact::integer(1))?;
        let half = Ratio { num: 1, den: 2 };
        let better = self.over(first).and_then(|over| first.plus(over)).and_then(|sum| sum.times(half));
        Some(better.unwrap_or(first))
    }

    /// A whole number or decimal as a fraction.
    pub fn exact(value: Exact) -> Option<Ratio> {
        Ratio::of(value, Exact::integer(1))
    }

    /// Nearest float, for drawing only.
    pub fn to_f64(self) -> f64 {
        let (whole, rest) = (self.num / self.den, self.num % self.den);
        whole as f64 + rest as f64 / self.den as f64
    }

    /// Decimal text with at most `places` digits after the point, rounded half to even.
    pub fn decimal(self, places: usize) -> String {
        let negative = self.num < 0;
        let (num, den) = (self.num.unsigned_abs(), self.den.unsigned_abs());
        let mut whole = num / den;
        let mut rest = num % den;
        let mut digits: Vec<u8> = Vec::with_capacity(places);
        for _ in 0..places {
            if rest == 0 {
                break;
            }
            let (digit, left) = next_digit(rest, den);
            digits.push(digit);
            rest = left;
        }
        // Compare the remainder with half of the denominator without doubling it.
        let half = den - rest;
        let odd = digits.last().map_or(whole % 2 == 1, |d| d % 2 == 1);
        if rest > half || (rest == half && odd) {
            let mut carry = true;
            for digit in digits.iter_mut().rev() {
                if *digit == 9 {
                    *digit = 0;
                } else {
                    *digit += 1;
                    carry = false;
                    break;
                }
            }
            if carry {
                whole += 1;
            }
        }
        while digits.last() == Some(&0) {
            digits.pop();
        }
        let mut text = String::new();
        if negative && (whole != 0 || !digits.is_empty()) {
            text.push('-');
        }
        text.push_str(&whole.to_string());
        if !digits.is_empty() {
            text.push('.');
            text.extend(digits.iter().map(|d| char::from(b'0' + d)));
        }
        text
    }
}

impl fmt::Display for Ratio {
    /// A decimal when it ends within eighteen digits, else a fraction.
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = self.decimal(18);
        match Ratio::parse(&text) == Some(*self) {
            true => out.write_str(&text),
            false => write!(out, "{}/{}", self.num, self.den),
        }
    }
}

/// One step of long division, `10 * rest / den`, without multiplying `rest` where that could overflow.
fn next_digit(rest: u128, den: u128) -> (u8, u128) {
    if let Some(tenfold) = rest.checked_mul(10) {
        let digit = u8::try_from(tenfold / den).unwrap_or(9);
        return (digit, tenfold % den);
    }
    let (mut digit, mut sum) = (0_u8, 0_u128);
    for _ in 0..10 {
        // sum, rest < den <= 2^127, so the sum cannot overflow.
        sum += rest;
        if sum >= den {
            sum -= den;
            digit += 1;
        }
    }
    (digit, sum)
}

fn gcd(mut a: u128, mut b: u128) -> u128 {
    while b != 0 {
        (a, b) = (b, a % b);
    }
    a
}

impl PartialOrd for Ratio {
    fn partial_cmp(&self, other: &Ratio) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Ratio {
    /// Compares by continued fractions, so that nothing overflows.
    fn cmp(&self, other: &Ratio) -> Ordering {
        let (mut a, mut b) = (*self, *other);
        let mut flipped = false;
        loop {
            let (qa, qb) = (a.num.div_euclid(a.den), b.num.div_euclid(b.den));
            let (ra, rb) = (a.num.rem_euclid(a.den), b.num.rem_euclid(b.den));
            let order = match qa.cmp(&qb) {
                Ordering::Equal => match (ra == 0, rb == 0) {
                    (true, true) => Ordering::Equal,
                    (true, false) => Ordering::Less,
                    (false, true) => Ordering::Greater,
                    (false, false) => {
                        (a, b) = (Ratio { num: a.den, den: ra }, Ratio { num: b.den, den: rb });
                        flipped = !flipped;
                        continue;
                    }
                },
                unequal => unequal,
            };
            return if flipped { order.reverse() } else { order };
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn ratio(n: i128, d: i128) -> Ratio {
        Ratio::of(Exact::integer(n), Exact::integer(d)).unwrap()
    }

    #[test]
    fn decimals_are_read_and_written_without_rounding() {
        for (text, wanted) in
            [("0.30", "0.3"), ("-2.50", "-2.5"), ("12", "12"), ("0.0001", "0.0001"), ("-0.05", "-0.05")]
        {
            assert_eq!(Exact::parse(text).unwrap().to_string(), wanted);
        }
        for bad in ["", ".", "-", "1e3", "1.2.3", "NaN", "0x1", "1 000"] {
            assert!(Exact::parse(bad).is_none(), "{bad}");
        }
    }

    #[test]
    fn the_last_division_rounds_half_to_even() {
        assert_eq!(ratio(1, 8).decimal(2), "0.12");
        assert_eq!(ratio(3, 8).decimal(2), "0.38");
        assert_eq!(ratio(5, 2).decimal(0), "2");
        assert_eq!(ratio(7, 2).decimal(0), "4");
        assert_eq!(ratio(-1, 3).decimal(4), "-0.3333");
        assert_eq!(ratio(999, 1000).decimal(2), "1");
        assert_eq!(ratio(-1, 1000).decimal(2), "0");
    }

    #[test]
    fn a_zero_denominator_has_no_ratio() {
        assert!(Ratio::of(Exact::integer(1), Exact::ZERO).is_none());
    }

    #[test]
    fn scales_cancel() {
        let cost = Exact::parse("20000.00").unwrap();
        assert_eq!(Ratio::of(cost, Exact::integer(400)).unwrap().decimal(4), "50");
        assert_eq!(
            Ratio::scaled(Exact::integer(2), Exact::integer(7_200_000), 3_600_000).unwrap().decimal(4),
            "1"
        );
    }

    #[test]
    fn fractions_are_read_and_written() {
        for (text, wanted) in [("2/3", "2/3"), ("4/8", "0.5"), ("-1.5", "-1.5"), ("0.2/0.3", "2/3")] {
            assert_eq!(Ratio::parse(text).unwrap().to_string(), wanted);
        }
        assert!(Ratio::parse("1/0").is_none() && Ratio::parse("a/b").is_none());
    }

    proptest! {
        #[test]
        fn fractions_add_and_multiply_as_on_paper(a in -9_999_i128..9_999, b in 1_i128..9_999, c in -9_999_i128..9_999, d in 1_i128..9_999) {
            let (x, y) = (ratio(a, b), ratio(c, d));
            prop_assert_eq!(x.plus(y).unwrap(), ratio(a * d + c * b, b * d));
            prop_assert_eq!(x.minus(y).unwrap(), ratio(a * d - c * b, b * d));
            prop_assert_eq!(x.times(y).unwrap(), ratio(a * c, b * d));
            if c != 0 {
                prop_assert_eq!(x.over(y).unwrap().times(y).unwrap(), x);
            }
        }

        #[test]
        fn order_and_digits_agree_with_integers(a in -10_000_i128..10_000, b in 1_i128..10_000, c in -10_000_i128..10_000, d in 1_i128..10_000) {
            prop_assert_eq!(ratio(a, b).cmp(&ratio(c, d)), (a * d).cmp(&(c * b)));
            let text = ratio(a, b).decimal(20);
            let back: f64 = text.parse().unwrap();
            let wanted = a as f64 / b as f64;
            prop_assert!((back - wanted).abs() <= wanted.abs() * 1e-12);
        }

        #[test]
        fn large_parts_do_not_overflow(a in any::<i128>(), b in 1_i128..i128::MAX) {
            let text = ratio(a.max(i128::MIN + 1), b).decimal(12);
            prop_assert!(Exact::parse(&text).is_some());
        }
    }
}
