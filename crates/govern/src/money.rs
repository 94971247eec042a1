//! Money: decimals with a currency, rounded only where a rule says so.

use std::fmt;

use dialmark_metrics::{Exact, Ratio};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// Currencies whose smallest unit is not a hundredth (ISO 4217), with their digits after the point.
const UNUSUAL: [(&str, u8); 19] = [
    ("BHD", 3),
    ("BIF", 0),
    ("CLP", 0),
    ("DJF", 0),
    ("GNF", 0),
    ("IQD", 3),
    ("ISK", 0),
    ("JOD", 3),
    ("JPY", 0),
    ("KMF", 0),
    ("KRW", 0),
    ("KWD", 3),
    ("LYD", 3),
    ("OMR", 3),
    ("PYG", 0),
    ("TND", 3),
    ("UGX", 0),
    ("VND", 0),
    ("XOF", 0),
];

/// Digits after the point in which a currency is paid.
pub fn minor_digits(currency: &str) -> u8 {
    UNUSUAL.iter().find(|(code, _)| *code == currency).map_or(2, |(_, digits)| *digits)
}

/// An amount that can be paid: whole smallest units of its currency.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Money {
    amount: Exact,
    currency: String,
}

impl Money {
    /// An amount of this currency, an ISO 4217 code; rounded half to even to the currency's smallest unit.
    pub fn rounded(amount: Ratio, currency: &str) -> Option<Money> {
        let digits = usize::from(minor_digits(currency));
        Some(Money { amount: Exact::parse(&amount.decimal(digits))?, currency: currency.to_owned() })
    }

    /// Reads what [`Money`] writes, such as `88400.00 EUR`; `None` for more digits than the currency is paid in.
    pub fn parse(text: &str) -> Option<Money> {
        let (amount, currency) = text.split_once(' ')?;
        let amount = Exact::parse(amount)?;
        let money = Money::rounded(Ratio::exact(amount)?, currency)?;
        (money.amount == amount).then_some(money)
    }

    /// Nothing.
    pub fn zero(currency: &str) -> Money {
        Money { amount: Exact::ZERO, currency: currency.to_owned() }
    }

    /// The amount.
    pub const fn amount(&self) -> Exact {
        self.amount
    }

    /// ISO 4217 code.
    pub fn currency(&self) -> &str {
        &self.currency
    }

    /// Whether it is nothing.
    pub const fn is_zero(&self) -> bool {
        self.amount.is_zero()
    }

    /// Sum; `None` for different currencies, or when it does not fit 128 bits.
    pub fn plus(&self, other: &Money) -> Option<Money> {
        let amount = self.amount.checked_add(other.amount)?;
        (self.currency == other.currency).then(|| Money { amount, currency: self.currency.clone() })
    }

    /// Difference; `None` for different currencies, or when it does not fit 128 bits.
    pub fn minus(&self, other: &Money) -> Option<Money> {
        let amount = self.amount.checked_sub(other.amount)?;
        (self.currency == other.currency).then(|| Money { amount, currency: self.currency.clone() })
    }

    /// As a fraction, for computing on.
    pub fn ratio(&self) -> Ratio {
        // Whole smallest units over a power of ten always are a fraction.
        Ratio::exact(self.amount).unwrap_or(Ratio::ZERO)
    }

    /// The amount with all digits of its currency, such as `88400.00`.
    pub fn decimal(&self) -> String {
        let digits = usize::from(minor_digits(&self.currency));
        let text = self.amount.to_string();
        let (whole, fraction) = text.split_once('.').unwrap_or((&text, ""));
        match digits {
            0 => whole.to_owned(),
            digits => format!("{whole}.{fraction:0<digits$}"),
        }
    }
}

impl fmt::Display for Money {
    /// Such as `88400.00 EUR`.
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{} {}", self.decimal(), self.currency)
    }
}

impl Serialize for Money {
    /// As the text `88400.00 EUR`: a number would pass through a float in many a reader.
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Money {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Money, D::Error> {
        let text = String::deserialize(deserializer)?;
        Money::parse(&text).ok_or_else(|| {
            serde::de::Error::custom(format!("`{text}` is no amount, such as `88400.00 EUR`."))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn money(text: &str, currency: &str) -> Money {
        Money::rounded(Ratio::parse(text).unwrap(), currency).unwrap()
    }

    #[test]
    fn money_is_rounded_half_to_even_in_its_own_smallest_unit() {
        assert_eq!(money("2.345", "EUR").to_string(), "2.34 EUR");
        assert_eq!(money("2.355", "EUR").to_string(), "2.36 EUR");
        assert_eq!(money("2/3", "JPY").to_string(), "1 JPY");
        assert_eq!(money("-0.004", "EUR").to_string(), "0.00 EUR");
        assert_eq!(money("1", "KWD").to_string(), "1.000 KWD");
    }

    #[test]
    fn what_is_written_is_read_back() {
        for text in ["88400.00 EUR", "-1.05 USD", "0.00 EUR", "12 JPY", "1.234 KWD"] {
            assert_eq!(Money::parse(text).unwrap().to_string(), text);
        }
        for bad in ["88400.00", "1.005 EUR", "EUR 1", "1,00 EUR", "1.5 JPY"] {
            assert_eq!(Money::parse(bad), None, "{bad}");
        }
    }

    #[test]
    fn currencies_do_not_mix() {
        assert_eq!(money("1", "EUR").plus(&money("1", "USD")), None);
        assert_eq!(money("1.10", "EUR").plus(&money("2.20", "EUR")).unwrap().to_string(), "3.30 EUR");
        assert_eq!(money("1.10", "EUR").minus(&money("2.20", "EUR")).unwrap().to_string(), "-1.10 EUR");
    }
}
