//! The statement of one agent for one period.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::inputs::Inputs;
use super::plan::{Part, Plan};
use super::{earn, gate, settle};
use crate::Money;
use crate::contract::BillingPeriod;
use crate::statement::says;

/// What an agent has earned in a period, and everything that the agent needs to check it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Statement {
    /// Name of the plan.
    pub plan: String,
    /// Its name to show.
    pub label: String,
    /// Hash of the plan's declaration as it was.
    pub plan_hash: String,
    /// The agent.
    pub agent: String,
    /// The month or quarter.
    pub period: BillingPeriod,
    /// Whether more can come.
    pub standing: Standing,
    /// ISO 4217 code of every amount.
    pub currency: String,
    /// Parts in the order of the plan, the cap, what came later of earlier periods, what is taken back, what was carried over, what becomes of a sum below zero.
    pub lines: Vec<Line>,
    /// What is due to the agent: the sum of all amounts. Below zero the agent owes it.
    pub due: Money,
    /// What the next statement begins with; zero or below.
    pub carried_forward: Money,
    /// Sales that it takes back, for the statements after it.
    pub clawed_back: Vec<String>,
    /// What cannot be computed, a sentence each. When there is any, `due` is what is due so far, and a sum below zero is
    /// left as it is.
    pub incomplete: Vec<String>,
    /// What else is to be said.
    pub notes: Vec<String>,
}

/// Whether more can come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Standing {
    /// The figures hold the whole period.
    Final,
    /// The period is running; figures hold what was before this day. Nothing is due yet.
    Provisional(Date),
}

/// One amount and how it comes about.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Line {
    /// Kind and name, such as `part.sales`; each once in a statement.
    pub id: String,
    /// What it is.
    pub kind: LineKind,
    /// Name to show.
    pub label: String,
    /// What a part earned before its gates; absent without gates.
    pub before_gates: Option<Money>,
    /// What is due to the agent; `None` when it cannot be said, which is not zero.
    pub amount: Option<Money>,
    /// The computation, in sentences that can be checked by hand.
    pub says: String,
}

/// What a line is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LineKind {
    /// A part of the plan.
    Part,
    /// What the cap takes off.
    Cap,
    /// What became known of an earlier period after its statement was frozen.
    Late,
    /// What is taken back for a cancelled sale.
    Clawback,
    /// What the statement before carried over.
    Carried,
    /// What is left to the next statement.
    CarriedForward,
    /// What the plan waives.
    Waived,
}

impl Statement {
    /// Whether nothing is left open.
    pub fn is_complete(&self) -> bool {
        self.incomplete.is_empty()
    }

    /// The line of this id, such as `part.sales`.
    pub fn line(&self, id: &str) -> Option<&Line> {
        self.lines.iter().find(|line| line.id == id)
    }
}

/// The statement of a period that is over. Every problem of the inputs is a sentence of its own; a running period is one.
pub fn statement(plan: &Plan, inputs: &Inputs) -> Result<Statement, Vec<String>> {
    let until = inputs.period.days().until();
    if !inputs.is_over() {
        let mut problems = problems(plan, inputs);
        problems.push(format!(
            "The figures end before {}, and the period ends before {until}: nothing is settled yet.",
            inputs.seen_until
        ));
        return Err(problems);
    }
    draw_up(plan, inputs)
}

/// What would be due if the period ended now: the same computation over what is there so far, marked as provisional.
pub fn commission_so_far(plan: &Plan, inputs: &Inputs) -> Result<Statement, Vec<String>> {
    draw_up(plan, inputs)
}

fn draw_up(plan: &Plan, inputs: &Inputs) -> Result<Statement, Vec<String>> {
    let problems = problems(plan, inputs);
    if !problems.is_empty() {
        return Err(problems);
    }
    let currency = plan.currency.as_str();
    let too_large = || vec!["The amounts are too large to be added up.".to_owned()];
    let mut lines: Vec<Line> = plan.parts.iter().map(|part| part_line(plan, part, inputs)).collect();
    lines.extend(settle::cap(plan, &lines));
    lines.extend(inputs.late.iter().cloned());
    let (clawbacks, notes) = settle::clawbacks(plan, inputs);
    let clawed_back =
        clawbacks.iter().filter_map(|line| line.id.strip_prefix("clawback.")).map(str::to_owned);
    let clawed_back: Vec<String> = clawed_back.collect();
    lines.extend(clawbacks);
    lines.extend(settle::carried(inputs));
    let incomplete: Vec<String> = lines
        .iter()
        .filter(|line| line.amount.is_none())
        .map(|line| format!("{}: {}", line.label, line.says))
        .collect();
    let mut carried_forward = Money::zero(currency);
    let so_far = sum(currency, &lines).ok_or_else(too_large)?;
    if incomplete.is_empty()
        && let Some((line, next)) = settle::negative(plan, &so_far)
    {
        lines.push(line);
        carried_forward = next;
    }
    let standing = match inputs.is_over() {
        true => Standing::Final,
        false => Standing::Provisional(inputs.seen_until),
    };
    Ok(Statement {
        plan: plan.name.clone(),
        label: plan.label.clone(),
        plan_hash: inputs.plan.hash.clone(),
        agent: inputs.agent.clone(),
        period: inputs.period,
        standing,
        currency: currency.to_owned(),
        due: sum(currency, &lines).ok_or_else(too_large)?,
        lines,
        carried_forward,
        clawed_back,
        incomplete,
        notes,
    })
}

/// The sum of all amounts; `None` when it does not fit 128 bits.
pub(super) fn sum(currency: &str, lines: &[Line]) -> Option<Money> {
    let amounts = lines.iter().filter_map(|line| line.amount.as_ref());
    amounts.into_iter().try_fold(Money::zero(currency), |sum, amount| sum.plus(amount))
}

fn part_line(plan: &Plan, part: &Part, inputs: &Inputs) -> Line {
    let currency = plan.currency.as_str();
    let line = |before_gates: Option<Money>, amount: Option<Money>, says: String| Line {
        id: format!("part.{}", part.name),
        kind: LineKind::Part,
        label: part.label.clone(),
        before_gates,
        amount,
        says,
    };
    let (earned, how) = match earn::earned(plan, &part.pay, inputs) {
        Ok(earned) => earned,
        Err(why) => return line(None, None, why),
    };
    let Some(before) = Money::rounded(earned, currency) else {
        return line(None, None, "The amount is too large.".to_owned());
    };
    let how = format!("{how} = {}.", says::result(earned, &before));
    // Nothing times anything is nothing, whatever a gate would say.
    if part.gates.is_empty() || earned.is_zero() {
        return line(None, Some(before), how);
    }
    let (mut factor, mut reasons) = (gate::one(), vec![how]);
    for one in &part.gates {
        match gate::factor(one, inputs, currency) {
            Ok((times, why)) => {
                reasons.push(format!("{why}."));
                match factor.times(times) {
                    Some(product) => factor = product,
                    None => return line(Some(before), None, "The factors are too large.".to_owned()),
                }
            }
            Err(why) => return line(Some(before), None, format!("{} {why} It waits.", reasons.join(" "))),
        }
    }
    let amount =
        earned.times(factor).and_then(|paid| Money::rounded(paid, currency).map(|money| (paid, money)));
    let Some((paid, amount)) = amount else {
        return line(Some(before), None, "The amount is too large.".to_owned());
    };
    if factor != gate::one() {
        reasons.push(format!("Paid: {}.", says::result(paid, &amount)));
    }
    line(Some(before), Some(amount), reasons.join(" "))
}

/// What is wrong with the inputs, a sentence each: a statement computed from half of them would be a wrong one.
fn problems(plan: &Plan, inputs: &Inputs) -> Vec<String> {
    let mut problems = Vec::new();
    let (period, days) = (inputs.period, inputs.period.days());
    if period.billing() != plan.period {
        problems.push("The plan is settled over another length of time than the inputs are of.".to_owned());
    }
    if !plan.days.hold(days.from()) || !plan.days.hold(days.last()) {
        problems.push(format!(
            "The plan holds {}, and not on all days from {} to {}.",
            plan.days,
            days.from(),
            days.last()
        ));
    }
    for need in plan.needs() {
        match inputs.figures.iter().filter(|figure| figure.need == need).count() {
            1 => {}
            0 => problems.push(format!("The figure of `{}` was not handed in.", need.metric)),
            _ => problems.push(format!("The figure of `{}` was handed in more than once.", need.metric)),
        }
    }
    if plan.needs_members().is_some() && !inputs.members.contains_key(&inputs.agent) {
        problems.push(format!("{} is not among the agents of the plan.", inputs.agent));
    }
    problems.extend(settle::problems(plan, inputs));
    problems
}
