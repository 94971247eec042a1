//! What a sale is worth and what an hour of an agent costs: from the records, or as somebody has stated it, or not at all.

use dialmark_engine::{Engine, EngineError};
use dialmark_govern::opportunity::{Average, Basis};
use dialmark_metrics::{Cell, Exact, MetricQuery, MetricRef, expr};

use super::chains::{Counts, Outcome};
use crate::beside::Looked;

/// Milliseconds of an hour.
const HOUR_MS: i128 = 3_600_000;
/// Costs of the centre that are wages.
const LABOUR: &str = "category = 'labour'";
const COST: &str = "operating_cost/all";
/// Time for which agents are paid, or, where nobody says, in which they were logged in.
const HOURS: [(&str, &str); 3] = [
    ("paid_hours/shifts", "paid hours"),
    ("paid_hours/spans", "paid hours"),
    ("logged_hours/states", "hours logged in"),
];

/// What somebody has said of prices.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Stated {
    /// Worth of a sale, or of a success where nothing is sold.
    pub sale: Option<Exact>,
    /// Cost of an hour of an agent.
    pub hour: Option<Exact>,
    /// ISO 4217 code of both.
    pub currency: Option<String>,
}

/// What a sale and an hour are taken to be worth in the whole centre.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Prices {
    /// A sale; places that have values of their own go by those.
    pub sale: Price,
    /// An hour of an agent.
    pub hour: Price,
}

/// One price.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Price {
    /// It is known.
    Known {
        /// The amount and what it is spread over.
        average: Average,
        /// ISO 4217 code.
        currency: String,
        /// What it is spread over, in words.
        over: &'static str,
        /// What was stated and not used, because the records say it themselves.
        unused: Option<Exact>,
    },
    /// It is not, for this reason, in a sentence.
    Unknown(String),
}

impl Prices {
    pub(crate) async fn of(
        engine: &Engine,
        looked: &Looked<'_>,
        centre: &Counts,
        stated: &Stated,
    ) -> Result<Prices, EngineError> {
        let of_records = |amount, over, currency: String, words, unused| Price::Known {
            average: Average { amount, over, basis: Basis::Records },
            currency,
            over: words,
            unused,
        };
        let as_stated =
            |amount: Option<Exact>, over: i128, words, why: String| match (amount, &stated.currency) {
                (Some(amount), Some(currency)) => Price::Known {
                    average: Average { amount, over: Exact::integer(over), basis: Basis::Stated },
                    currency: currency.clone(),
                    over: words,
                    unused: None,
                },
                _ => Price::Unknown(why),
            };
        let is_selling = centre.main() == Outcome::Sales;
        let (word, why) = if is_selling {
            (
                "sales of known value",
                "What a sale is worth is not known: no record of a sale has a value in one currency.",
            )
        } else {
            ("successes", "What a success is worth is not known: no record says it.")
        };
        let sale = match &centre.value {
            Some((amount, over, currency)) if is_selling => {
                of_records(*amount, *over, currency.clone(), word, stated.sale)
            }
            _ => as_stated(stated.sale, 1, word, why.to_owned()),
        };
        let hour = match labour(engine, looked).await? {
            Ok((amount, currency, ms, words)) => of_records(amount, ms, currency, words, stated.hour),
            Err(why) => as_stated(stated.hour, HOUR_MS, "hours", why.to_owned()),
        };
        Ok(Prices { sale, hour })
    }
}

/// Wages, their currency, and the milliseconds that they were paid for; or what is missing.
async fn labour(
    engine: &Engine,
    looked: &Looked<'_>,
) -> Result<Result<(Exact, String, Exact, &'static str), &'static str>, EngineError> {
    const NO_COST: &str = "What an hour of an agent costs is not known: no costs of the category `labour` are booked in one currency.";
    let Some(cost) = asked(engine, looked, COST, Some(LABOUR)).await? else { return Ok(Err(NO_COST)) };
    let (Some(amount), Some(currency)) = (cost.numerator, cost.currency) else { return Ok(Err(NO_COST)) };
    for (metric, words) in HOURS {
        let cell = asked(engine, looked, metric, None).await?;
        if let Some(ms) = cell.and_then(|cell| cell.numerator).filter(|ms| *ms > Exact::ZERO) {
            return Ok(Ok((amount, currency, ms, words)));
        }
    }
    Ok(Err("What an hour of an agent costs is not known: no record says how long agents worked."))
}

/// A figure of the whole centre; `None` where it cannot be asked for.
async fn asked(
    engine: &Engine,
    looked: &Looked<'_>,
    metric: &str,
    condition: Option<&str>,
) -> Result<Option<Cell>, EngineError> {
    let question = MetricQuery {
        metrics: MetricRef::parse(metric).into_iter().collect(),
        filter: condition.and_then(|condition| expr::parse(condition).ok()),
        period: looked.period,
        scope: looked.scope.clone(),
        ..MetricQuery::default()
    };
    match engine.query(&question).await {
        Ok(table) => Ok(table.rows.into_iter().next().and_then(|row| row.cells.into_iter().next())),
        Err(EngineError::Question(_)) => Ok(None),
        Err(other) => Err(other),
    }
}
