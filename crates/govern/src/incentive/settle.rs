//! After the parts: the cap, what is taken back, what was carried over, and what becomes of a sum below zero.

use dialmark_metrics::{Exact, Ratio};
use jiff::Span;
use jiff::civil::Date;

use super::inputs::{Cancelled, Inputs};
use super::plan::{Clawback, Negative, Plan, TakenBack};
use super::statement::{Line, LineKind, sum};
use crate::Money;

/// What the cap takes off, when the parts earn more.
pub(super) fn cap(plan: &Plan, lines: &[Line]) -> Option<Line> {
    let cap = Money::rounded(plan.cap?, &plan.currency)?;
    let earned = sum(&plan.currency, lines)?;
    let over = cap.minus(&earned)?;
    (over.amount() < Exact::ZERO).then(|| Line {
        id: "cap".to_owned(),
        kind: LineKind::Cap,
        label: "Cap".to_owned(),
        before_gates: None,
        amount: Some(over),
        says: format!("The parts earn {earned}, and the plan pays at most {cap}."),
    })
}

/// One line for every sale that is taken back, and a note for each that is not.
pub(super) fn clawbacks(plan: &Plan, inputs: &Inputs) -> (Vec<Line>, Vec<String>) {
    let Some(rule) = plan.clawback else { return (Vec::new(), Vec::new()) };
    let (mut lines, mut notes) = (Vec::new(), Vec::new());
    let mut cancelled: Vec<&Cancelled> = inputs.cancelled.iter().collect();
    cancelled.sort_by(|a, b| a.sale.cmp(&b.sale));
    for sale in cancelled {
        let Cancelled { sale: id, sold_on, cancelled_on, .. } = sale;
        let last = rule.within_days.and_then(|days| days_after(*sold_on, days));
        if inputs.clawed_back_before.contains(id) {
            notes.push(format!("The sale {id} was taken back by an earlier statement."));
        } else if let Some(last) = last.filter(|last| cancelled_on > last) {
            notes.push(format!(
                "The sale {id} of {sold_on} was cancelled after {last}, so nothing is taken back."
            ));
        } else {
            lines.push(clawback(plan, rule, sale));
        }
    }
    (lines, notes)
}

fn clawback(plan: &Plan, rule: Clawback, sale: &Cancelled) -> Line {
    let Cancelled { sale: id, sold_on, cancelled_on, paid } = sale;
    let (amount, says) = match (rule.each, paid) {
        (TakenBack::Amount(amount), _) => (Money::rounded(amount, &plan.currency), "is taken back"),
        (TakenBack::AsPaid, paid) => (paid.clone(), "was paid for it and is taken back"),
    };
    let taken = amount.as_ref().and_then(|amount| Money::zero(&plan.currency).minus(amount));
    let story = format!("The sale {id} of {sold_on} was cancelled on {cancelled_on}");
    let says = match &amount {
        Some(amount) => format!("{story}: {amount} {says}."),
        None => format!("{story}, and it is not known what was paid for it."),
    };
    Line {
        id: format!("clawback.{id}"),
        kind: LineKind::Clawback,
        label: format!("Cancelled sale {id}"),
        before_gates: None,
        amount: taken,
        says,
    }
}

/// What the statement before carried over.
pub(super) fn carried(inputs: &Inputs) -> Option<Line> {
    (!inputs.carried.is_zero()).then(|| Line {
        id: "carried".to_owned(),
        kind: LineKind::Carried,
        label: "Carried over".to_owned(),
        before_gates: None,
        amount: Some(inputs.carried.clone()),
        says: format!("The statement before carried over {}.", inputs.carried),
    })
}

/// The line that brings a sum below zero to nothing, and what the next statement begins with.
pub(super) fn negative(plan: &Plan, sum: &Money) -> Option<(Line, Money)> {
    if sum.amount() >= Exact::ZERO || plan.negative == Negative::Owed {
        return None;
    }
    let zero = Money::zero(&plan.currency);
    let owed = zero.minus(sum)?;
    let (kind, id, label, says, next) = match plan.negative {
        Negative::CarriedOver => {
            let says = format!("The sum is {sum}; the next statement begins with it.");
            (LineKind::CarriedForward, "carried_forward", "Carried forward", says, sum.clone())
        }
        Negative::Waived | Negative::Owed => {
            let says = format!("The sum is {sum}, which the plan waives.");
            (LineKind::Waived, "waived", "Waived", says, zero)
        }
    };
    let line = Line {
        id: id.to_owned(),
        kind,
        label: label.to_owned(),
        before_gates: None,
        amount: Some(owed),
        says,
    };
    Some((line, next))
}

/// What is wrong with cancellations and what was carried over, a sentence each.
pub(super) fn problems(plan: &Plan, inputs: &Inputs) -> Vec<String> {
    let mut problems = Vec::new();
    let days = inputs.period.days();
    let mut seen: Vec<&str> = Vec::new();
    for Cancelled { sale, sold_on, cancelled_on, paid } in &inputs.cancelled {
        if seen.contains(&sale.as_str()) {
            problems.push(format!("The sale {sale} was handed in twice as cancelled."));
        }
        seen.push(sale);
        if *sold_on >= days.from() {
            problems.push(format!(
                "The sale {sale} of {sold_on} is of this period or later: its cancellation is in the figures already."
            ));
        }
        if cancelled_on < sold_on {
            problems.push(format!("The sale {sale} of {sold_on} was cancelled before, on {cancelled_on}."));
        }
        if *cancelled_on >= inputs.seen_until.min(days.until()) {
            problems.push(format!(
                "The sale {sale} was cancelled on {cancelled_on}, after what this statement is about."
            ));
        }
        if let Some(paid) = paid
            && (paid.currency() != plan.currency || paid.ratio() < Ratio::ZERO)
        {
            problems.push(format!(
                "For the sale {sale} {paid} was paid, and the plan pays {} above zero.",
                plan.currency
            ));
        }
    }
    for line in &inputs.late {
        let is_other = line.amount.as_ref().is_some_and(|amount| amount.currency() != plan.currency);
        let is_twice = inputs.late.iter().filter(|other| other.id == line.id).count() > 1;
        if line.kind != LineKind::Late || is_other || is_twice {
            problems.push(format!("`{}` is no single line in {} of what came late.", line.id, plan.currency));
        }
    }
    let carried = &inputs.carried;
    if carried.currency() != plan.currency || carried.ratio() > Ratio::ZERO {
        problems.push(format!("{carried} was carried over, and only {} below zero can be.", plan.currency));
    }
    problems
}

fn days_after(day: Date, days: u32) -> Option<Date> {
    day.checked_add(Span::new().try_days(i64::from(days)).ok()?).ok()
}
