//! Sales that are paid for, one by one, so that a cancellation takes back what was paid and nothing else.

use std::collections::{BTreeMap, BTreeSet};

use dialmark_engine::EngineError;
use dialmark_govern::Money;
use dialmark_govern::contract::{BillingPeriod, Rate};
use dialmark_govern::incentive::{Cancelled, LineKind, PaidSale, Part, PartUnits, Pay, Plan, Statement};
use dialmark_metrics::{Exact, MetricRef, Ratio, Scope};
use dialmark_model::civil::Period;
use dialmark_state::FrozenPay;
use jiff::Timestamp;
use jiff::civil::Date;

use super::{AGENT, Asked};
use crate::desk::Desk;
use crate::error::NotDone;
use crate::rows::{self, Record, Wanted};

/// The table of sales and of what became of them.
const OUTCOMES: &str = "outcomes";

/// A sale: its source and its identifier there.
pub(super) type SaleId = (String, String);

/// Sales with what each part of a plan counts of them, by the part's name; `None` where the record does not say.
pub(super) type Counted = BTreeMap<SaleId, BTreeMap<String, Option<Ratio>>>;

/// A sale as statements name it.
pub(super) fn name((source, id): &SaleId) -> String {
    format!("{source}/{id}")
}

/// A part that pays for what a metric counts or adds up.
pub(super) fn counting(part: &Part) -> Option<(&MetricRef, &Rate)> {
    match &part.pay {
        Pay::PerUnit { metric, rate } | Pay::ShareOf { metric, rate } => Some((metric, rate)),
        Pay::Bonus { .. } | Pay::Team { .. } => None,
    }
}

/// The sales of an agent that the parts of a plan count.
pub(super) async fn counted(
    desk: &Desk<'_>,
    plan: &Plan,
    agent: &str,
    period: Period,
) -> Result<Counted, NotDone> {
    let mut counted = Counted::new();
    for part in &plan.parts {
        let Some((metric, _)) = counting(part) else { continue };
        let wanted = Wanted {
            metric: Some(metric),
            filter: plan.who.within(AGENT, agent).condition(),
            period,
            scope: Scope::Rows(vec![(AGENT.to_owned(), vec![agent.to_owned()])]),
            ..Wanted::default()
        };
        let (table, records) = match rows::records(desk.engine, &wanted).await {
            Ok(found) => found,
            // What cannot be asked has no amount on the statement either.
            Err(EngineError::Question(_)) => continue,
            Err(other) => return Err(other.into()),
        };
        if table != OUTCOMES {
            if plan.clawback.is_some() {
                return Err(NotDone::Refused(format!(
                    "`{}` takes back what was paid for cancelled sales, and `{metric}` counts `{table}`, which do not say what was \
                     cancelled. Count `verified_sales` or another metric of `{OUTCOMES}`, or remove `clawback`.",
                    plan.name
                )));
            }
            continue;
        }
        for record in &records {
            let Some(id) = rows::id_of(record) else { continue };
            counted.entry(id).or_default().insert(part.name.clone(), unit(plan, &part.pay, record));
        }
    }
    Ok(counted)
}

/// What a rate is multiplied by for one sale; `None` where its record has no value, or one in another currency.
fn unit(plan: &Plan, pay: &Pay, record: &Record) -> Option<Ratio> {
    match pay {
        Pay::ShareOf { .. } => {
            record.get("currency").filter(|currency| **currency == plan.currency)?;
            Ratio::exact(Exact::parse(record.get("value_amount")?)?)
        }
        Pay::PerUnit { .. } | Pay::Bonus { .. } | Pay::Team { .. } => Some(Ratio::ONE),
    }
}

/// What a statement pays for each of these sales; `of` names the earlier period whose sales they are.
pub(super) fn paid(
    plan: &Plan,
    statement: &Statement,
    counted: Counted,
    of: Option<BillingPeriod>,
) -> Vec<PaidSale> {
    let is_capped = statement.lines.iter().any(|line| line.kind == LineKind::Cap);
    // With tiers, what was paid for one depends on which it was; under a cap, on how many there were.
    let for_one: BTreeMap<&str, Option<Ratio>> = plan
        .parts
        .iter()
        .filter_map(|part| {
            let (_, rate) = counting(part)?;
            let rate = match (rate, factor(statement, part)) {
                // A gate that leaves nothing leaves nothing of each, whatever the rate.
                (_, Some(factor)) if factor.is_zero() => Some(Ratio::ZERO),
                (Rate::Flat(rate), Some(factor)) if !is_capped => rate.times(factor),
                (Rate::Flat(_) | Rate::Tiers { .. }, _) => None,
            };
            Some((part.name.as_str(), rate))
        })
        .collect();
    let sale = |((source, source_id), units): (SaleId, BTreeMap<String, Option<Ratio>>)| {
        let paid = units.iter().try_fold(Ratio::ZERO, |sum, (part, units)| {
            let rate = for_one.get(part.as_str()).copied().flatten();
            sum.plus((*units)?.times(rate?)?)
        });
        PaidSale {
            source,
            source_id,
            of,
            units: units
                .into_iter()
                .filter_map(|(part, units)| Some(PartUnits { part, units: units? }))
                .collect(),
            paid: paid.and_then(|paid| Money::rounded(paid, &plan.currency)),
        }
    };
    counted.into_iter().map(sale).collect()
}

/// What gates leave of a part.
fn factor(statement: &Statement, part: &Part) -> Option<Ratio> {
    let line = statement.line(&format!("part.{}", part.name))?;
    match (&line.amount, &line.before_gates) {
        (Some(_), None) => Some(Ratio::ONE),
        (Some(amount), Some(before)) => amount.ratio().over(before.ratio()),
        (None, _) => None,
    }
}

/// What all of these statements together paid, by sale; without sales that came and went again.
fn paid_so_far(earlier: &[&FrozenPay]) -> BTreeMap<SaleId, Option<Money>> {
    let mut stated: BTreeMap<SaleId, Vec<&PaidSale>> = BTreeMap::new();
    for sale in earlier.iter().flat_map(|one| &one.sales) {
        stated.entry((sale.source.clone(), sale.source_id.clone())).or_default().push(sale);
    }
    stated.retain(|_, times| counts(times));
    let paid = |times: Vec<&PaidSale>| {
        let mut amounts = times.into_iter().map(|sale| sale.paid.clone());
        let first = amounts.next()?;
        amounts.fold(first, |sum, more| sum?.plus(&more?))
    };
    stated.into_iter().map(|(id, times)| (id, paid(times))).collect()
}

/// Whether statements together count something of a sale; of those that do not say what, each counts.
fn counts(times: &[&PaidSale]) -> bool {
    let mut sums: BTreeMap<&str, Option<Ratio>> = BTreeMap::new();
    for more in times.iter().flat_map(|sale| &sale.units) {
        let sum = sums.entry(&more.part).or_insert(Some(Ratio::ZERO));
        *sum = sum.and_then(|sum| sum.plus(more.units));
    }
    sums.is_empty() || sums.values().any(|sum| *sum != Some(Ratio::ZERO))
}

/// Sales that earlier statements dealt with as cancelled.
pub(super) fn told<'a>(earlier: &[&'a FrozenPay]) -> BTreeSet<&'a str> {
    earlier.iter().flat_map(|one| &one.inputs.cancelled).map(|one| one.sale.as_str()).collect()
}

/// The records of these sales, as far as they are there.
pub(super) async fn records(
    desk: &Desk<'_>,
    ids: &BTreeSet<SaleId>,
) -> Result<BTreeMap<SaleId, Record>, NotDone> {
    Ok(rows::by_id(desk.engine, OUTCOMES, ids, &Scope::Everything).await?)
}

/// Whether a sale's record says that it was cancelled.
pub(super) fn is_cancelled(record: &Record) -> bool {
    record.contains_key(CANCELLED_AT)
}

/// When a sale was cancelled.
const CANCELLED_AT: &str = "cancelled_at";

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
    let told = told(earlier);
    let mut paid = paid_so_far(earlier);
    // What earned nothing is not taken back.
    let is_paid = |paid: &Option<Money>| paid.as_ref().is_none_or(|paid| !paid.is_zero());
    paid.retain(|id, paid| is_paid(paid) && !told.contains(name(id).as_str()));
    let found = records(desk, &paid.keys().cloned().collect()).await?;
    let days = asked.period.days();
    let calendar = desk.engine.calendar();
    let day = |record: &Record, column: &str| {
        let at: Timestamp = record.get(column)?.parse().ok()?;
        Some(calendar.day_of(at))
    };
    let cancelled = paid.into_iter().filter_map(|(id, paid)| {
        let record = found.get(&id)?;
        let (sold_on, cancelled_on) = (day(record, "occurred_at")?, day(record, CANCELLED_AT)?);
        let is_due = sold_on < days.from() && cancelled_on < seen_until.min(days.until());
        is_due.then(|| Cancelled { sale: name(&id), sold_on, cancelled_on, paid })
    });
    Ok(cancelled.collect())
}
