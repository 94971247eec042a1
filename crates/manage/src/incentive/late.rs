//! Sales that became known, or turned out otherwise, after the statement of their period was frozen.
//!
//! The earlier statement is drawn up once more with what its parts count now, everything else as it was frozen; the
//! difference goes onto the next one. What was cancelled is the clawback's matter: here it counts on as it was paid for.

use std::collections::{BTreeMap, BTreeSet};

use dialmark_govern::contract::BillingPeriod;
use dialmark_govern::incentive::{self, Figure, Inputs, Line, PaidSale, Part, Pay, Plan, Whose};
use dialmark_govern::statement::Answer;
use dialmark_metrics::{MetricRef, Ratio};
use dialmark_state::FrozenPay;

use super::inputs::whole;
use super::sales::{self, Counted, SaleId};
use super::{Asked, plan_as_frozen};
use crate::desk::Desk;
use crate::error::NotDone;

/// Earlier statements that are looked at again.
const MOST_EARLIER: usize = 24;

/// What is due of earlier periods, and the sales that it is for.
#[derive(Default)]
pub(super) struct Late {
    pub(super) lines: Vec<Line>,
    pub(super) sales: Vec<PaidSale>,
}

/// Units by sale and part.
type Units = BTreeMap<SaleId, BTreeMap<String, Ratio>>;

/// What earlier statements, in the order of their periods, have not paid of what is known now.
pub(super) async fn of(desk: &Desk<'_>, asked: &Asked<'_>, earlier: &[&FrozenPay]) -> Result<Late, NotDone> {
    let mut late = Late::default();
    for (at, stated) in earlier.iter().enumerate().skip(earlier.len().saturating_sub(MOST_EARLIER)) {
        let later: Vec<&FrozenPay> = earlier.iter().skip(at + 1).copied().collect();
        let found = of_period(desk, asked, stated, &later, &sales::told(earlier)).await?;
        late.lines.extend(found.lines);
        late.sales.extend(found.sales);
    }
    Ok(late)
}

async fn of_period(
    desk: &Desk<'_>,
    asked: &Asked<'_>,
    stated: &FrozenPay,
    later: &[&FrozenPay],
    told: &BTreeSet<&str>,
) -> Result<Late, NotDone> {
    let period = stated.statement.period;
    let plan = plan_as_frozen(stated, desk.engine.catalogue())?;
    let mut before = Units::new();
    add(&mut before, &stated.sales, None)?;
    let since: Vec<PaidSale> = later.iter().flat_map(|one| &one.sales).cloned().collect();
    let mut known = before.clone();
    add(&mut known, &since, Some(period))?;
    let mut now = sales::counted(desk, &plan, asked.agent, whole(desk, period)).await?;
    keep_cancelled(desk, &mut now, &known, told).await?;
    let certain = certain(&plan, &stated.inputs, &before);
    known.values_mut().for_each(|parts| parts.retain(|part, _| certain.contains(part.as_str())));
    now.values_mut().for_each(|parts| parts.retain(|part, _| certain.contains(part.as_str())));
    let anew = with(&plan, &stated.inputs, &certain, &now)?;
    let anew = incentive::statement(&plan, &anew).map_err(|problems| NotDone::Refused(problems.join(" ")))?;
    let statements: Vec<&incentive::Statement> = later.iter().map(|one| &one.statement).collect();
    let line = incentive::late(&stated.statement, &anew, &statements).map_err(NotDone::Refused)?;
    let changed = difference(now, &known)?;
    Ok(Late { lines: line.into_iter().collect(), sales: sales::paid(&plan, &anew, changed, Some(period)) })
}

/// Adds what statements counted: of their own period, or of an earlier one.
fn add(units: &mut Units, sales: &[PaidSale], of: Option<BillingPeriod>) -> Result<(), NotDone> {
    for sale in sales.iter().filter(|sale| sale.of == of) {
        let own = units.entry((sale.source.clone(), sale.source_id.clone())).or_default();
        for more in &sale.units {
            let sum = own.entry(more.part.clone()).or_insert(Ratio::ZERO);
            *sum = sum.plus(more.units).ok_or_else(too_large)?;
        }
    }
    Ok(())
}

fn too_large() -> NotDone {
    NotDone::Refused("What came late is too much to be added up.".to_owned())
}

/// Sales that are not counted any more since they were cancelled count as they did: whether they are taken back, the plan's
/// clawback says.
async fn keep_cancelled(
    desk: &Desk<'_>,
    now: &mut Counted,
    known: &Units,
    told: &BTreeSet<&str>,
) -> Result<(), NotDone> {
    let is_gone = |(id, parts): &(&SaleId, &BTreeMap<String, Ratio>)| {
        let now = now.get(*id);
        parts.keys().any(|part| now.is_none_or(|now| !now.contains_key(part)))
    };
    let gone: BTreeSet<SaleId> = known.iter().filter(is_gone).map(|(id, _)| id.clone()).collect();
    let records = sales::records(desk, &gone).await?;
    for id in gone {
        let is_cancelled = records.get(&id).is_some_and(sales::is_cancelled);
        if let Some(parts) =
            known.get(&id).filter(|_| is_cancelled || told.contains(sales::name(&id).as_str()))
        {
            let own = now.entry(id).or_default();
            for (part, units) in parts {
                own.entry(part.clone()).or_insert(Some(*units));
            }
        }
    }
    Ok(())
}

/// Parts whose figure was the sum over its sales when it was frozen. Of others nobody can say what one sale adds.
fn certain<'p>(plan: &'p Plan, inputs: &Inputs, before: &Units) -> BTreeSet<&'p str> {
    let is_sum = |part: &&Part| {
        let Some((metric, _)) = sales::counting(part) else { return false };
        let mut units = before.values().filter_map(|parts| parts.get(&part.name));
        let sum = units.try_fold(Ratio::ZERO, |sum, units| sum.plus(*units));
        let answer = inputs.figures.iter().find(|figure| is_of(figure, metric)).map(|figure| &figure.answer);
        sum.is_some_and(|sum| answer == Some(&Answer::Value(sum)))
    };
    plan.parts.iter().filter(is_sum).map(|part| part.name.as_str()).collect()
}

fn is_of(figure: &Figure, metric: &MetricRef) -> bool {
    figure.need.whose == Whose::Agent && figure.need.metric == metric.to_string()
}

/// The inputs of a frozen statement with the figures of what these parts count now.
fn with(plan: &Plan, inputs: &Inputs, parts: &BTreeSet<&str>, now: &Counted) -> Result<Inputs, NotDone> {
    let mut anew = inputs.clone();
    for part in plan.parts.iter().filter(|part| parts.contains(part.name.as_str())) {
        let Some((metric, _)) = sales::counting(part) else { continue };
        let Some(figure) = anew.figures.iter_mut().find(|figure| is_of(figure, metric)) else { continue };
        let units: Vec<Ratio> =
            now.values().filter_map(|parts| parts.get(&part.name).copied().flatten()).collect();
        let sum = units.iter().try_fold(Ratio::ZERO, |sum, units| sum.plus(*units)).ok_or_else(too_large)?;
        if figure.answer != Answer::Value(sum) {
            figure.answer = Answer::Value(sum);
            figure.n = u64::try_from(units.len()).unwrap_or(u64::MAX);
            // What was nothing had no currency.
            figure.currency = figure.currency.take().or_else(|| currency_of(plan, part));
        }
    }
    Ok(anew)
}

/// The currency of what a part adds up: sales in another one have no units.
fn currency_of(plan: &Plan, part: &Part) -> Option<String> {
    matches!(part.pay, Pay::ShareOf { .. }).then(|| plan.currency.clone())
}

/// What changed of each sale.
fn difference(now: Counted, known: &Units) -> Result<Counted, NotDone> {
    let mut changed = Counted::new();
    for (id, parts) in known {
        for (part, units) in parts {
            let is = now.get(id).and_then(|parts| parts.get(part).copied().flatten()).unwrap_or(Ratio::ZERO);
            let more = is.minus(*units).ok_or_else(too_large)?;
            if !more.is_zero() {
                changed.entry(id.clone()).or_default().insert(part.clone(), Some(more));
            }
        }
    }
    for (id, parts) in now {
        let of_known = known.get(&id);
        for (part, units) in parts {
            if of_known.is_none_or(|known| !known.contains_key(&part)) {
                changed.entry(id.clone()).or_default().insert(part, units);
            }
        }
    }
    Ok(changed)
}
