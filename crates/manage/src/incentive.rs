//! What agents earn beside their wages: the figures that a plan needs, asked of the engine, and statements that are frozen
//! with all that they were computed from.

mod inputs;
mod late;
mod sales;

use async_recursion::async_recursion as compiled_here;
use dialmark_govern::contract::BillingPeriod;
use dialmark_govern::incentive::{self, Inputs, PaidSale, Plan, Standing, Statement};
use dialmark_metrics::{Catalogue, Scope};
use dialmark_model::declared::{Document, Problems};
use dialmark_state::FrozenPay;
use jiff::Timestamp;
use jiff::civil::Date;
use serde::Serialize;

use crate::desk::{Desk, sees_whole};
use crate::error::NotDone;
use crate::instant::{Reach, reach};

/// Whose statement is asked for.
#[derive(Debug, Clone, Copy)]
pub struct Asked<'a> {
    /// The plan.
    pub plan: &'a Plan,
    /// The file that declares it.
    pub text: &'a str,
    /// The agent, as in the records.
    pub agent: &'a str,
    /// The month or quarter.
    pub period: BillingPeriod,
}

/// A statement to show.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shown {
    /// The statement.
    pub statement: Statement,
    /// Its JSON; of a frozen one byte for byte as it was handed over.
    pub json: String,
    /// When and by whom it was frozen; `None` for one that changes with the records.
    pub frozen: Option<(Timestamp, String)>,
}

/// A frozen statement in a line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Summary {
    /// The plan.
    pub plan: String,
    /// The agent.
    pub agent: String,
    /// The month or quarter.
    pub period: BillingPeriod,
    /// What is due.
    pub due: dialmark_govern::Money,
    /// When it was frozen.
    pub frozen_at: Timestamp,
    /// By whom.
    pub frozen_by: String,
}

/// A statement that was not frozen yet, with all that freezing keeps.
struct Draft {
    inputs: Inputs,
    statement: Statement,
    sales: Vec<PaidSale>,
}

/// The frozen statement, computed anew and compared; or what is due as the records are now, of a running period so far.
#[compiled_here]
pub async fn shown(desk: &Desk<'_>, asked: &Asked<'_>) -> Result<Shown, NotDone> {
    may_see(desk.scope, asked)?;
    let stated = stated(desk, asked).await?;
    if let Some(frozen) = stated.iter().find(|frozen| frozen.statement.period == asked.period) {
        return same(frozen, desk.engine.catalogue());
    }
    let draft = draft(desk, asked, &stated).await?;
    let json = json(&draft.statement)?;
    Ok(Shown { statement: draft.statement, json, frozen: None })
}

/// Keeps a statement as it is now, for good: of a period whose records are all there, without anything that waits, in the
/// order of periods, since each begins with what the one before carried over.
#[compiled_here]
pub async fn freeze(desk: &Desk<'_>, asked: &Asked<'_>, by: &str) -> Result<Shown, NotDone> {
    may_see(desk.scope, asked)?;
    let refused = |sentence: String| Err(NotDone::Refused(sentence));
    let stated = stated(desk, asked).await?;
    let Asked { plan, agent, period, .. } = *asked;
    if let Some(frozen) = stated.iter().find(|frozen| frozen.statement.period == period) {
        let (at, by) = (frozen.frozen_at, &frozen.frozen_by);
        return refused(format!(
            "The statement of {agent} under `{}` for {period} was frozen on {at} by {by}.",
            plan.name
        ));
    }
    if let Some(later) = stated.iter().find(|frozen| frozen.statement.period > period) {
        return refused(format!(
            "The statement of {agent} under `{}` for {} is frozen already and did not begin with what {period} carries over. \
             Statements are frozen in the order of their periods.",
            plan.name, later.statement.period
        ));
    }
    let draft = draft(desk, asked, &stated).await?;
    if let Standing::Provisional(seen_until) = draft.statement.standing {
        return refused(format!(
            "Records reach to {seen_until}, and {period} ends before {}: nothing is settled yet.",
            period.days().until()
        ));
    }
    if !draft.statement.is_complete() {
        return refused(format!("Something is not known yet: {}", draft.statement.incomplete.join(" ")));
    }
    let json = json(&draft.statement)?;
    let frozen = FrozenPay {
        inputs: draft.inputs,
        statement: draft.statement,
        json,
        sales: draft.sales,
        frozen_at: desk.now,
        frozen_by: by.to_owned(),
    };
    desk.state.begin_matter(&frozen, by).await?;
    let FrozenPay { statement, json, frozen_at, frozen_by, .. } = frozen;
    Ok(Shown { statement, json, frozen: Some((frozen_at, frozen_by)) })
}

/// What an agent has earned in the running period of a plan; `None` when the plan does not hold now.
#[compiled_here]
pub async fn so_far(desk: &Desk<'_>, plan: &Plan, text: &str, agent: &str) -> Result<Option<Shown>, NotDone> {
    let Some(reach) = reach(desk.engine, desk.now).await? else { return Ok(None) };
    let Some(period) = BillingPeriod::of(plan.period, reach.day) else { return Ok(None) };
    if !plan.days.hold(period.days().from()) || !plan.days.hold(period.days().last()) {
        return Ok(None);
    }
    shown(desk, &Asked { plan, text, agent, period }).await.map(Some)
}

/// All frozen statements that the asker may see, in the order in which they were frozen.
#[compiled_here]
pub async fn frozen(desk: &Desk<'_>) -> Result<Vec<Summary>, NotDone> {
    let all: Vec<FrozenPay> = desk.state.matters().await?;
    let is_seen = |one: &&FrozenPay| {
        let plan = desk.governed.incentives.get(&one.statement.plan);
        let mut places: Vec<(&str, &str)> = plan.map_or(Vec::new(), |plan| plan.who.iter().collect());
        places.push((AGENT, &one.statement.agent));
        is_own(desk.scope, &one.statement.agent) || sees_whole(desk.scope, &places)
    };
    let summary = |one: &FrozenPay| Summary {
        plan: one.statement.plan.clone(),
        agent: one.statement.agent.clone(),
        period: one.statement.period,
        due: one.statement.due.clone(),
        frozen_at: one.frozen_at,
        frozen_by: one.frozen_by.clone(),
    };
    Ok(all.iter().filter(is_seen).map(summary).collect())
}

/// A plan as the text of its file declared it, when everything that it names is still known.
pub fn plan_of(text: &str, name: &str, catalogue: &Catalogue) -> Option<Plan> {
    let problems = Problems::new();
    let document = Document::parse("incentive", text, &problems)?;
    let root = document.root(&problems);
    let (_, section) = root.named_sections("incentive").into_iter().find(|(found, _)| found == name)?;
    Plan::read(&section, name, catalogue)
}

/// The dimension of agents.
const AGENT: &str = "agent_id";

/// What agents earn is theirs to see, whatever else confines them; of others all of the plan's place must be.
fn may_see(scope: &Scope, asked: &Asked<'_>) -> Result<(), NotDone> {
    let mut places: Vec<(&str, &str)> = asked.plan.who.iter().collect();
    places.push((AGENT, asked.agent));
    match is_own(scope, asked.agent) || sees_whole(scope, &places) {
        true => Ok(()),
        false => Err(NotDone::Refused(format!(
            "The statement of {} under `{}` rests on records that you may not see.",
            asked.agent, asked.plan.name
        ))),
    }
}

/// Whether somebody is confined to agents of whom this is one.
fn is_own(scope: &Scope, agent: &str) -> bool {
    let Scope::Rows(columns) = scope else { return false };
    columns.iter().any(|(column, values)| column == AGENT && values.iter().any(|value| value == agent))
}

/// Everything that was frozen for an agent under a plan, in the order of periods.
async fn stated(desk: &Desk<'_>, asked: &Asked<'_>) -> Result<Vec<FrozenPay>, NotDone> {
    let prefix = FrozenPay::of_agent(&asked.plan.name, asked.agent);
    let mut stated: Vec<FrozenPay> = desk.state.matters_under(&prefix).await?;
    // An agent may be called as another with something behind a stroke.
    stated.retain(|one| one.statement.plan == asked.plan.name && one.statement.agent == asked.agent);
    stated.sort_by_key(|one| one.statement.period);
    Ok(stated)
}

async fn draft(desk: &Desk<'_>, asked: &Asked<'_>, stated: &[FrozenPay]) -> Result<Draft, NotDone> {
    let found = reach(desk.engine, desk.now).await?;
    let reach = found.ok_or_else(|| NotDone::Refused("The store has no records yet.".to_owned()))?;
    let earlier: Vec<&FrozenPay> = stated.iter().filter(|one| one.statement.period < asked.period).collect();
    let seen_until = seen_until(desk, reach);
    let late = late::of(desk, asked, &earlier).await?;
    let inputs = inputs::of(desk, asked, reach, seen_until, &earlier, late.lines).await?;
    let statement = match seen_until < asked.period.days().until() {
        true => incentive::commission_so_far(asked.plan, &inputs),
        false => incentive::statement(asked.plan, &inputs),
    };
    let statement = statement.map_err(|problems| NotDone::Refused(problems.join(" ")))?;
    let period = inputs::period(desk, asked.period, reach);
    let counted = sales::counted(desk, asked.plan, asked.agent, period).await?;
    let mut sales = sales::paid(asked.plan, &statement, counted, None);
    sales.extend(late.sales);
    Ok(Draft { inputs, statement, sales })
}

/// First civil day whose records are not all there.
fn seen_until(desk: &Desk<'_>, reach: Reach) -> Date {
    let calendar = desk.engine.calendar();
    let next = reach.day.tomorrow().unwrap_or(reach.day);
    match calendar.day_start(next) {
        Some(end) if end <= reach.until => next,
        _ => reach.day,
    }
}

fn json(statement: &Statement) -> Result<String, NotDone> {
    serde_json::to_string_pretty(statement)
        .map_err(|error| NotDone::Refused(format!("The statement cannot be written as JSON: {error}.")))
}

/// The plan as it was when a statement was frozen.
fn plan_as_frozen(frozen: &FrozenPay, catalogue: &Catalogue) -> Result<Plan, NotDone> {
    let Statement { plan: name, agent, period, .. } = &frozen.statement;
    plan_of(&frozen.inputs.plan.text, name, catalogue).ok_or_else(|| {
        NotDone::Refused(format!(
            "The plan `{name}` as it was when the statement of {agent} for {period} was frozen names metrics that are not \
             known any more, so it cannot be computed anew. Put their definitions back."
        ))
    })
}

/// Computes a frozen statement anew from what it was computed from. It must come out the same.
fn same(frozen: &FrozenPay, catalogue: &Catalogue) -> Result<Shown, NotDone> {
    let Statement { plan: name, agent, period, .. } = &frozen.statement;
    let plan = plan_as_frozen(frozen, catalogue)?;
    let anew = incentive::statement(&plan, &frozen.inputs).map_err(|p| NotDone::Refused(p.join(" ")))?;
    if json(&anew)? != frozen.json {
        return Err(NotDone::Refused(format!(
            "The statement of {agent} under `{name}` for {period} was frozen on {} and does not come out the same today, so \
             one of the two is wrong. Show it to whoever looks after the program.",
            frozen.frozen_at
        )));
    }
    let by = (frozen.frozen_at, frozen.frozen_by.clone());
    Ok(Shown { statement: anew, json: frozen.json.clone(), frozen: Some(by) })
}
