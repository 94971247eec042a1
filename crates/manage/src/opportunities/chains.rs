//! How many calls, conversations and results a place had.

use dialmark_engine::{Engine, EngineError};
use dialmark_govern::Place;
use dialmark_govern::benchmark::{Asked, Vocabulary};
use dialmark_govern::opportunity::{Average, Basis, Chain, Step};
use dialmark_metrics::{Cell, Exact, MetricRef};

use super::prices::{Price, Prices, Stated};
use crate::beside::Looked;
use crate::figures::{Ask, cells};

const DIALS: &str = "dials/all_legs";
const CONTACTS: &str = "contacts";
const SALES: &str = "sales";
/// No metric of its own counts successes; they are what this one divides.
const SUCCESSES: &str = "conversion_rate/success_per_dial";
const APPOINTMENTS: &str = "conversion_rate/appointments_per_dial";
const VALUE: &str = "average_sale_value/gross";

/// What calls can come to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Outcome {
    Sales,
    Successes,
    Appointments,
}

impl Outcome {
    /// The measure that counts it.
    pub(crate) const fn measure(self) -> &'static str {
        match self {
            Outcome::Sales => "sales",
            Outcome::Successes => "successes",
            Outcome::Appointments => "appointments",
        }
    }
}

/// Counts of the records of a place; `None` where the records do not say.
#[derive(Debug, Clone, Default)]
pub(crate) struct Counts {
    dials: Option<Exact>,
    contacts: Option<Exact>,
    sales: Option<Exact>,
    successes: Option<Exact>,
    appointments: Option<Exact>,
    /// Value of sales, of how many, and its currency.
    pub(crate) value: Option<(Exact, Exact, String)>,
}

impl Counts {
    pub(crate) async fn of(
        engine: &Engine,
        place: &Place,
        looked: &Looked<'_>,
    ) -> Result<Counts, EngineError> {
        let names = [DIALS, CONTACTS, SALES, SUCCESSES, APPOINTMENTS, VALUE];
        let metrics: Vec<MetricRef> = names.iter().filter_map(|name| MetricRef::parse(name).ok()).collect();
        let ask = Ask { metrics: &metrics, place, by: &[], period: looked.period, scope: looked.scope };
        let cells = cells(engine, &ask).await?;
        let top = |name: &str| {
            let at = names.iter().position(|known| *known == name)?;
            cells.get(at)?.as_ref()?.numerator
        };
        let value = cells.last().and_then(Option::as_ref).and_then(valued);
        Ok(Counts {
            dials: top(DIALS),
            contacts: top(CONTACTS),
            sales: top(SALES),
            successes: top(SUCCESSES),
            appointments: top(APPOINTMENTS),
            value,
        })
    }

    fn number(&self, result: Outcome) -> Option<Exact> {
        match result {
            Outcome::Sales => self.sales,
            Outcome::Successes => self.successes,
            Outcome::Appointments => self.appointments,
        }
    }

    /// What the place works for: sales where there are any, or else whatever counts as a success.
    pub(crate) fn main(&self) -> Outcome {
        let is_some = |count: Option<Exact>| count.is_some_and(|count| !count.is_zero());
        if !is_some(self.sales) && is_some(self.successes) { Outcome::Successes } else { Outcome::Sales }
    }

    /// The chain that a figure is a part of. Money hangs on what the place works for; on another result only if they are the
    /// same calls, which is so when there are as many of both.
    pub(crate) fn chain(
        &self,
        asked: &Asked,
        vocabulary: &Vocabulary,
        prices: &Prices,
        stated: &Stated,
    ) -> Chain {
        let main = self.main();
        let result = [Outcome::Appointments, Outcome::Successes, Outcome::Sales]
            .into_iter()
            .find(|result| {
                let word = vocabulary.of_measure(result.measure());
                asked.counts.as_ref().is_some_and(|(outcome, denominator)| {
                    outcome.name == word.name || denominator.name == word.name
                })
            })
            .unwrap_or(main);
        let counts =
            [("dials", self.dials), ("contacts", self.contacts), (result.measure(), self.number(result))];
        let steps = counts.into_iter().filter_map(|(measure, count)| {
            Some(Step { word: vocabulary.of_measure(measure), count: count? })
        });
        let is_main = result == main || self.number(result) == self.number(main);
        let own = (main == Outcome::Sales).then_some(self.value.as_ref()).flatten();
        let worth = match (own, stated.sale) {
            _ if !is_main => None,
            (Some((amount, over, currency)), _) => Some((
                Average { amount: *amount, over: *over, basis: Basis::Records },
                Some(currency.clone()),
            )),
            (None, Some(amount)) => {
                let worth = Average { amount, over: Exact::integer(1), basis: Basis::Stated };
                Some((worth, stated.currency.clone()))
            }
            (None, None) => None,
        };
        let (worth, of_worth) = worth.unzip();
        let hour = match &prices.hour {
            Price::Known { average, currency, .. } => Some((*average, currency.clone())),
            Price::Unknown(_) => None,
        };
        let currencies = [
            of_worth.flatten(),
            hour.as_ref().map(|(_, currency)| currency.clone()),
            stated.currency.clone(),
            asked.currency.clone(),
        ];
        let currency = currencies.into_iter().flatten().next().unwrap_or_default();
        // An hour in another currency has no price in this one.
        let hour = hour.filter(|(_, of_hour)| *of_hour == currency).map(|(average, _)| average);
        Chain { currency, steps: steps.collect(), worth, hour }
    }
}

/// Amount, number and currency of what has a value.
fn valued(cell: &Cell) -> Option<(Exact, Exact, String)> {
    let (amount, over) = (cell.numerator?, cell.denominator?);
    (over > Exact::ZERO).then_some((amount, over, cell.currency.clone()?))
}
