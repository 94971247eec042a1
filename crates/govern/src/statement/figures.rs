//! Figures of the inputs, in the contract's currency.

use dialmark_metrics::metric::Unit;
use dialmark_metrics::{MetricRef, Ratio};

use super::inputs::{Answer, ExchangeRate, Figure, Inputs};
use super::says;
use crate::contract::{Contract, Measured, Need};

/// The figures that a statement is computed from.
pub(super) struct Figures<'a> {
    contract: &'a Contract,
    inputs: &'a Inputs,
}

/// A value with what it came from.
#[derive(Clone)]
pub(super) struct Found<'a> {
    /// In the unit of its metric; money in the contract's currency.
    pub value: Ratio,
    /// As it was handed in.
    pub figure: &'a Figure,
    /// How money was converted, and which records could not be counted: sentences that each begin with a space.
    pub aside: String,
}

impl<'a> Figures<'a> {
    pub(super) fn new(contract: &'a Contract, inputs: &'a Inputs) -> Figures<'a> {
        Figures { contract, inputs }
    }

    /// The value of a need, or why there is none, as a sentence.
    pub(super) fn of(&self, need: &Need, of: &Measured) -> Result<Found<'a>, String> {
        let metric = &need.metric;
        let figure = self.figure(need)?;
        let value = match &figure.answer {
            Answer::Value(value) => *value,
            Answer::Missing { says, .. } => return Err(format!("`{metric}` has no value: {says}.")),
        };
        let mut aside = uncounted(figure);
        if of.unit != Unit::Money {
            return Ok(Found { value, figure, aside });
        }
        let own = self.contract.currency.as_str();
        match figure.currency.as_deref() {
            Some(currency) if currency == own => Ok(Found { value, figure, aside }),
            // No money is none in any currency.
            None if value.is_zero() => Ok(Found { value, figure, aside }),
            None => Err(format!("`{metric}` is money without a currency.")),
            Some(other) => {
                let rate = self.rate(other, metric)?;
                let value_here = value.times(rate.rate).ok_or_else(|| says::too_large(metric))?;
                aside.push_str(&format!(
                    " {} is {} at the rate of {}, the last day of the period: {} {own} for one {other}{}.",
                    says::amount(value, other),
                    says::amount(value_here, own),
                    self.inputs.period.days().last(),
                    says::exact(rate.rate),
                    rate.source.as_ref().map(|source| format!(" ({source})")).unwrap_or_default(),
                ));
                Ok(Found { value: value_here, figure, aside })
            }
        }
    }

    /// The one figure that was handed in for a need.
    fn figure(&self, need: &Need) -> Result<&'a Figure, String> {
        let mut figures = self.inputs.figures.iter().filter(|figure| figure.need == *need);
        let first = figures.next().ok_or_else(|| format!("`{}` was not handed in.", need.metric))?;
        match figures.all(|other| other == first) {
            true => Ok(first),
            false => Err(format!("`{}` was handed in twice with different values.", need.metric)),
        }
    }

    /// The rate of the last day of the period.
    fn rate(&self, from: &str, metric: &MetricRef) -> Result<&'a ExchangeRate, String> {
        let (to, day) = (self.contract.currency.as_str(), self.inputs.period.days().last());
        let mut rates =
            self.inputs.rates.iter().filter(|rate| rate.from == from && rate.to == to && rate.day == day);
        let Some(first) = rates.next() else {
            return Err(format!(
                "`{metric}` is in {from}, and there is no rate from {from} to {to} of {day}, the last day of the period."
            ));
        };
        if rates.any(|other| other.rate != first.rate) {
            return Err(format!(
                "`{metric}` is in {from}, and there are two rates from {from} to {to} of {day}."
            ));
        }
        match first.rate > Ratio::ZERO {
            true => Ok(first),
            false => Err(format!("`{metric}` is in {from}, and the rate of {day} is not above zero.")),
        }
    }
}

/// What a reader should know of records that might have counted.
fn uncounted(figure: &Figure) -> String {
    let records = |n: u64| if n == 1 { "1 record".to_owned() } else { format!("{n} records") };
    let mut says = String::new();
    if figure.missing > 0 {
        says.push_str(&format!(" {} without a value that is needed: not counted.", records(figure.missing)));
    }
    if figure.undecided > 0 {
        says.push_str(&format!(
            " {} of which nobody can say whether they count (an unmapped code, a missing value): not counted.",
            records(figure.undecided)
        ));
    }
    if figure.pending > 0 {
        says.push_str(&format!(" {} whose window has not passed: not counted.", records(figure.pending)));
    }
    says
}
