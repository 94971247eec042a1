//! Sales that were paid for, one by one, so that a cancellation takes back what was paid and nothing else.

use std::collections::{BTreeMap, BTreeSet};

use dialmark_engine::EngineError;
use dialmark_govern::Money;
use dialmark_govern::contract::Rate;
use dialmark_govern::incentive::{Cancelled, LineKind, Pay, Statement};
use dialmark_metrics::{Exact, Ratio, Scope};
use dialmark_model::civil::Period;
use dialmark_state::{FrozenPay, PaidSale};
use jiff::Timestamp;
use jiff::civil::Date;

use super::{AGENT, Asked};
use crate::desk::Desk;
use crate::error::NotDone;
use crate::rows::{self, Record, Wanted};

/// The table of sales and of what became of them.
const OUTCOMES: &str = "outcomes";

/// The sales that a statement pays for, by the units that its parts count.
pub(super) async fn paid(
    desk: &Desk<'_>,
    asked: &Asked<'_>,
    period: Period,
    statement: &Statement,
) -> Result<Vec<PaidSale>, NotDone> {
    let mut paid: BTreeMap<(String, String), Option<Ratio>> = BTreeMap::new();
    let is_capped = statement.lines.iter().any(|line| line.kind == LineKind::Cap);
    for part in &asked.plan.parts {
        let (metric, rate) = match &part.pay {
            Pay::PerUnit { metric, rate } | Pay::ShareOf { metric, rate } => (metric, rate),
            Pay::Bonus { .. } | Pay::Team { .. } => continue,
        };
        let wanted = Wanted {
            metric: Some(metric),
            filter: asked.plan.who.within(AGENT, asked.agent).condition(),
            period,
            scope: Scope::Rows(vec![(AGENT.to_owned(), vec![asked.agent.to_owned()])]),
            ..Wanted::default()
        };
        let (table, records) = match rows::records(desk.engine, &wanted).await {
            Ok(found) => found,
            // What cannot be asked has no amount on the statement either.
            Err(EngineError::Question(_)) => continue,
            Err(other) => return Err(other.into()),
        };
        if table != OUTCOMES {
            if asked.plan.clawback.is_some() {
                return Err(NotDone::Refused(format!(
                    "`{}` takes back what was paid for cancelled sales, and `{metric}` counts `{table}`, which do not say what was \
                     cancelled. Count `verified_sales` or another metric of `{OUTCOMES}`, or remove `clawback`.",
                    asked.plan.name
                )));
            }
            continue;
        }
        let line = statement.line(&format!("part.{}", part.name));
        let factor = line.and_then(|line| match (&line.amount, &line.before_gates) {
            (Some(_), None) => Some(Ratio::ONE),
            (Some(amount), Some(before)) => amount.ratio().over(before.ratio()),
            (None, _) => None,
        });
        for record in &records {
            let Some(id) = rows::id_of(record) else { continue };
            let one = match (rate, factor, is_capped) {
                // With tiers, what was paid for one depends on which it was; under a cap, on how many there were.
                (Rate::Tiers { .. }, ..) | (_, None, _) | (.., true) => None,
                (Rate::Flat(rate), Some(factor), false) => {
                    unit(&part.pay, record).and_then(|unit| unit.times(*rate)?.times(factor))
                }
            };
            let sum = paid.entry(id).or_insert(Some(Ratio::ZERO));
            *sum = sum.zip(one).and_then(|(sum, one)| sum.plus(one));
        }
    }
    let sale = |((source, source_id), paid): ((String, String), Option<Ratio>)| PaidSale {
        source,
        source_id,
        paid: paid.and_then(|paid| Money::rounded(paid, &asked.plan.currency)),
    };
    Ok(paid.into_iter().map(sale).collect())
}

/// What a rate is multiplied by for one sale.
fn unit(pay: &Pay, record: &Record) -> Option<Ratio> {
    match pay {
        Pay::ShareOf { .. } => Ratio::exact(Exact::parse(record.get("value_amount")?)?),
        Pay::PerUnit { .. } | Pay::Bonus { .. } | Pay::Team { .. } => Some(Ratio::ONE),
    }
}

/// Sales that earlier statements paid for and whose cancellation is known now, before the end of the period. What an earlier
/// statement has dealt with is not told again.
pub(super) async fn cancelled(
    desk: &Desk<'_>,
    asked: &Asked<'_>,
    seen_until: Date,
    earlier: &[&FrozenPay],
) -> Result<Vec<Cancelled>, NotDone> {
    if asked.plan.clawback.is_none() {
        return Ok(Vec::new());
    }
    let told: BTreeSet<&str> =
        earlier.iter().flat_map(|one| &one.inputs.cancelled).map(|one| one.sale.as_str()).collect();
    let mut paid: BTreeMap<(String, String), Option<Money>> = BTreeMap::new();
    for sale in earlier.iter().flat_map(|one| &one.sales) {
        let id = (sale.source.clone(), sale.source_id.clone());
        if !told.contains(name(&id).as_str()) {
            paid.insert(id, sale.paid.clone());
        }
    }
    let ids: BTreeSet<(String, String)> = paid.keys().cloned().collect();
    let found = rows::by_id(desk.engine, OUTCOMES, &ids, &Scope::Everything).await?;
    let days = asked.period.days();
    let calendar = desk.engine.calendar();
    let day = |record: &Record, column: &str| {
        let at: Timestamp = record.get(column)?.parse().ok()?;
        Some(calendar.day_of(at))
    };
    let cancelled = paid.into_iter().filter_map(|(id, paid)| {
        let record = found.get(&id)?;
        let (sold_on, cancelled_on) = (day(record, "occurred_at")?, day(record, "cancelled_at")?);
        let is_due = sold_on < days.from() && cancelled_on < seen_until.min(days.until());
        is_due.then(|| Cancelled { sale: name(&id), sold_on, cancelled_on, paid })
    });
    Ok(cancelled.collect())
}

/// A sale as statements name it.
fn name((source, source_id): &(String, String)) -> String {
    format!("{source}/{source_id}")
}
