//! What work costs: the ledger of costs, those of the centre shared out by declared rules, and what one call, contact and
//! customer cost and what was earned on it.

mod ledger;
mod shared;

use std::collections::BTreeMap;

use async_recursion::async_recursion as compiled_here;
use dialmark_engine::EngineError;
use dialmark_govern::Money;
use dialmark_govern::contract::BillingPeriod;
use dialmark_govern::costing::{Allocation, Rates, Sums, UnitCosts};
use dialmark_govern::statement::ExchangeRate;
use dialmark_metrics::{Key, MetricQuery, MetricRef, Ratio, Reason, Scope};
use jiff::civil::Date;
use serde::Serialize;

use crate::desk::Desk;
use crate::error::NotDone;

/// What is asked.
#[derive(Debug, Clone)]
pub struct Asked<'a> {
    /// The dimension whose values bear the costs, such as `campaign_id` or `agent_id`.
    pub by: &'a str,
    /// The month or quarter.
    pub period: BillingPeriod,
    /// Currency of the answer; ISO 4217.
    pub currency: &'a str,
    /// Rates of exchange by day.
    pub rates: &'a [ExchangeRate],
    /// What counts as a new customer: a count.
    pub acquisitions: MetricRef,
}

/// Costs of a period.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Costs {
    /// The dimension.
    pub by: String,
    /// The month or quarter.
    pub period: BillingPeriod,
    /// Currency of every sum.
    pub currency: String,
    /// What each value of the dimension bears, in the order of values.
    pub bearers: Vec<Bearer>,
    /// The ledger in the order of months, categories and bearers. Its sums add up to `total`.
    pub entries: Vec<Entry>,
    /// The sum of all entries in the answer's currency.
    pub total: Money,
    /// What is borne by no value of the dimension; part of the total.
    pub left: Money,
    /// What cannot be computed, a sentence each.
    pub incomplete: Vec<String>,
}

/// What one value of the dimension bears and does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bearer {
    /// The value.
    pub name: String,
    /// What was booked to it.
    pub booked: Money,
    /// Its shares of what was booked to others.
    pub shared: Money,
    /// Parts of the divisions: the cost is what was booked and shared together.
    pub sums: Sums,
    /// The quotients.
    pub unit_costs: UnitCosts,
}

/// One line of the ledger.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Entry {
    /// Who bears it; `None` when nobody does.
    pub bearer: Option<String>,
    /// First day of the month that it was booked to.
    pub month: Date,
    /// Category of the cost.
    pub category: String,
    /// Currency that it was booked in; `None` when the records do not say.
    pub currency: Option<String>,
    /// The sum as it was booked, in that currency; `None` for a share of one.
    pub amount: Option<Money>,
    /// In the currency of the answer; `None` when it could not be converted.
    pub converted: Option<Money>,
    /// The rule by which it was shared out; `None` for what was booked to the bearer.
    pub rule: Option<String>,
    /// How it was converted or shared out, or why not; empty where there is nothing to say.
    pub says: String,
}

/// Costs, calls, contacts, customers and revenue of a period by a dimension. Shares are computed over the whole centre, so
/// that somebody who is confined sees them by what they are confined to, or not at all.
#[compiled_here]
pub async fn costs(desk: &Desk<'_>, asked: &Asked<'_>) -> Result<Costs, NotDone> {
    let kept = kept(desk.scope, asked.by)?;
    let rates = Rates::of(asked.rates.iter().cloned()).map_err(|p| NotDone::Refused(p.join(" ")))?;
    let whole =
        desk.engine.calendar().period(Some(asked.period.days().from()), Some(asked.period.days().until()));
    let figures = [MetricRef::new("dials"), MetricRef::new("contacts"), asked.acquisitions.clone()];
    let mut done: Vec<BTreeMap<String, Result<Ratio, Reason>>> = Vec::new();
    for metric in &figures {
        done.push(shared::figures(desk.engine, metric, asked.by, None, whole).await?);
    }
    let revenue = ledger::revenue(desk.engine, asked, &rates).await?;
    let rules: Vec<Allocation> = desk.governed.allocations.values().cloned().collect();
    let booked = ledger::costs(desk.engine, asked, &rates, &rules).await?;
    // Everything that is known to be a value of the dimension in this period.
    let mut names: BTreeMap<String, ()> = BTreeMap::new();
    names.extend(done.iter().take(1).flat_map(|values| values.keys().map(|name| (name.clone(), ()))));
    names.extend(booked.iter().filter_map(|sum| Some((sum.bearer.clone()?, ()))));
    names.extend(revenue.iter().filter_map(|sum| Some((sum.bearer.clone()?, ()))));
    let names: Vec<String> = names.into_keys().collect();
    let (mut entries, mut incomplete) = (Vec::new(), Vec::new());
    for sum in &booked {
        entries.extend(shared::entries(desk, asked, sum, &names, &mut incomplete).await?);
    }
    let too_large = || NotDone::Refused("The costs are too large to be added up.".to_owned());
    let mut total = Money::zero(asked.currency);
    let mut left = Money::zero(asked.currency);
    for entry in &entries {
        let Some(amount) = &entry.converted else { continue };
        total = total.plus(amount).ok_or_else(too_large)?;
        if entry.bearer.is_none() {
            left = left.plus(amount).ok_or_else(too_large)?;
        }
    }
    let mut bearers = Vec::new();
    for name in names.iter().filter(|name| kept.as_ref().is_none_or(|kept| kept.contains(name))) {
        let own = |is_shared: bool| {
            let own = entries
                .iter()
                .filter(move |e| e.bearer.as_ref() == Some(name) && e.rule.is_some() == is_shared);
            own.filter_map(|e| e.converted.as_ref())
                .try_fold(Money::zero(asked.currency), |sum, part| sum.plus(part))
                .ok_or_else(too_large)
        };
        let (booked_to, shared_to) = (own(false)?, own(true)?);
        let all = booked_to.plus(&shared_to).ok_or_else(too_large)?;
        let mine = || entries.iter().filter(|entry| entry.bearer.as_ref() == Some(name));
        let cost = match (mine().next(), mine().all(|entry| entry.converted.is_some())) {
            (None, _) => Err(Reason::NoData),
            (_, false) => Err(Reason::MixedCurrencies),
            (_, true) => Ok(all.ratio()),
        };
        let figure = |at: usize| {
            done.get(at).and_then(|values| values.get(name)).cloned().unwrap_or(Err(Reason::NoData))
        };
        let sums = Sums {
            cost,
            revenue: ledger::of_bearer(&revenue, name, &mut incomplete),
            calls: figure(0),
            contacts: figure(1),
            acquisitions: figure(2),
        };
        let unit_costs = sums.divide();
        bearers.push(Bearer { name: name.clone(), booked: booked_to, shared: shared_to, sums, unit_costs });
    }
    if let Some(kept) = &kept {
        // Of others not even the sum is shown.
        entries.retain(|entry| entry.bearer.as_ref().is_some_and(|bearer| kept.contains(bearer)));
        total = entries
            .iter()
            .filter_map(|e| e.converted.as_ref())
            .try_fold(Money::zero(asked.currency), |sum, part| sum.plus(part))
            .ok_or_else(too_large)?;
        left = Money::zero(asked.currency);
        incomplete.clear();
    }
    incomplete.dedup();
    Ok(Costs {
        by: asked.by.to_owned(),
        period: asked.period,
        currency: asked.currency.to_owned(),
        bearers,
        entries,
        total,
        left,
        incomplete,
    })
}

/// The values that somebody who is confined may see; `None` for all.
fn kept(scope: &Scope, by: &str) -> Result<Option<Vec<String>>, NotDone> {
    let Scope::Rows(columns) = scope else { return Ok(None) };
    match columns.as_slice() {
        [] => Ok(None),
        [(column, values)] if column == by => Ok(Some(values.clone())),
        columns => {
            let names: Vec<&str> = columns.iter().map(|(column, _)| column.as_str()).collect();
            Err(NotDone::Refused(format!(
                "Costs of the centre are shared out by `{by}`, and you see the records of some `{}` only. Ask for costs by that.",
                names.join("`, `")
            )))
        }
    }
}

/// Figures by the values of a dimension; none where it cannot be asked so.
async fn by_value(
    engine: &dialmark_engine::Engine,
    question: &MetricQuery,
) -> Result<BTreeMap<String, Result<Ratio, Reason>>, NotDone> {
    let table = match engine.query(question).await {
        Ok(table) => table,
        Err(EngineError::Question(_)) => return Ok(BTreeMap::new()),
        Err(other) => return Err(other.into()),
    };
    let rows = table.rows.into_iter().filter_map(|row| {
        let (key, cell) = (row.keys.into_iter().next()?, row.cells.into_iter().next()?);
        (key != Key::None).then(|| (key.to_string(), cell.value))
    });
    Ok(rows.collect())
}
