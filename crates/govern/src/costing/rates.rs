//! Rates of exchange by day. Without the rate of the day nothing is converted.

use std::collections::BTreeMap;

use dialmark_metrics::Ratio;
use jiff::civil::Date;

use crate::statement::ExchangeRate;

/// All rates that are known.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Rates(BTreeMap<(String, String, Date), Ratio>);

impl Rates {
    /// Rates, of which no two say different things. Every problem is a sentence of its own.
    pub fn of(rates: impl IntoIterator<Item = ExchangeRate>) -> Result<Rates, Vec<String>> {
        let (mut known, mut problems) = (BTreeMap::new(), Vec::new());
        for ExchangeRate { from, to, day: on, rate, .. } in rates {
            if rate <= Ratio::ZERO {
                problems.push(format!(
                    "The rate from {from} to {to} of {on} is {rate}, which is not above zero."
                ));
            } else if from == to {
                problems.push(format!("The rate of {on} is from {from} to itself."));
            } else {
                let before =
                    known.insert((from.clone(), to.clone(), on), rate).filter(|before| *before != rate);
                problems.extend(before.map(|before| {
                    format!("There are two rates from {from} to {to} of {on}: {before} and {rate}.")
                }));
            }
        }
        if problems.is_empty() { Ok(Rates(known)) } else { Err(problems) }
    }

    /// An amount of one currency in another, by the rate of the day and no other: not that of the day before, and not the
    /// one the other way round, which is rounded differently. It is not rounded.
    pub fn convert(&self, amount: Ratio, from: &str, to: &str, on: Date) -> Result<Ratio, String> {
        if from == to {
            return Ok(amount);
        }
        let rate = self.0.get(&(from.to_owned(), to.to_owned(), on)).ok_or_else(|| {
            format!("There is no rate from {from} to {to} of {on}, so nothing is converted. Add the rate of the day.")
        })?;
        amount.times(*rate).ok_or_else(|| format!("{amount} {from} is too large to be converted."))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    fn rate(from: &str, to: &str, day: Date, rate: &str) -> ExchangeRate {
        ExchangeRate {
            from: from.to_owned(),
            to: to.to_owned(),
            day,
            rate: Ratio::parse(rate).unwrap(),
            source: None,
        }
    }

    const DAY: Date = date(2026, 7, 1);

    #[test]
    fn only_the_rate_of_the_day_converts() {
        let rates = Rates::of([rate("USD", "EUR", DAY, "0.9234")]).unwrap();
        // 100 x 0.9234
        assert_eq!(
            rates.convert(Ratio::parse("100").unwrap(), "USD", "EUR", DAY),
            Ok(Ratio::parse("92.34").unwrap())
        );
        assert_eq!(
            rates.convert(Ratio::ZERO, "USD", "EUR", date(2026, 7, 2)).unwrap_err(),
            "There is no rate from USD to EUR of 2026-07-02, so nothing is converted. Add the rate of the day."
        );
        assert!(rates.convert(Ratio::ZERO, "EUR", "USD", DAY).is_err());
        assert_eq!(
            rates.convert(Ratio::parse("1").unwrap(), "EUR", "EUR", DAY),
            Ok(Ratio::parse("1").unwrap())
        );
    }

    #[test]
    fn rates_that_contradict_each_other_are_refused() {
        let all = [
            rate("USD", "EUR", DAY, "0.9"),
            rate("USD", "EUR", DAY, "0.90"),
            rate("USD", "EUR", DAY, "0.8"),
            rate("GBP", "EUR", DAY, "0"),
            rate("EUR", "EUR", DAY, "1"),
        ];
        assert_eq!(
            Rates::of(all).unwrap_err(),
            [
                "There are two rates from USD to EUR of 2026-07-01: 0.9 and 0.8.",
                "The rate from GBP to EUR of 2026-07-01 is 0, which is not above zero.",
                "The rate of 2026-07-01 is from EUR to itself.",
            ]
        );
    }
}
