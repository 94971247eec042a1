//! What a part earns before its gates: exactly, and as a sentence that can be checked by hand.

use dialmark_metrics::metric::Unit;
use dialmark_metrics::{Exact, MetricRef, Ratio};
use jiff::civil::Date;

use super::inputs::{Figure, Inputs};
use super::plan::{Need, Pay, Plan, Shared, Whose};
use super::steps::Steps;
use crate::Money;
use crate::contract::Rate;
use crate::costing::share_out;
use crate::statement::{Answer, says};

/// An exact amount and how it comes about, without a full stop; or why it cannot be said, as a sentence.
pub(super) type Earned = Result<(Ratio, String), String>;

/// What a part earns.
pub(super) fn earned(plan: &Plan, pay: &Pay, inputs: &Inputs) -> Earned {
    let currency = plan.currency.as_str();
    match pay {
        Pay::PerUnit { metric, rate } => {
            let (value, _) = value(inputs, metric, Whose::Agent)?;
            by_rate(metric, value, rate, |units, rate| {
                format!("{} at {}", says::exact(units), says::amount(rate, currency))
            })
        }
        Pay::ShareOf { metric, rate } => {
            let (value, figure) = value(inputs, metric, Whose::Agent)?;
            in_currency(metric, figure, currency)?;
            by_rate(metric, value, rate, |sum, share| {
                format!("{} of {}", says::per_cent(share), says::amount(sum, currency))
            })
        }
        Pay::Bonus { metric, unit, steps } => {
            let (value, figure) = value(inputs, metric, Whose::Agent)?;
            if *unit == Unit::Money {
                in_currency(metric, figure, currency)?;
            }
            Ok((brings(steps, value), format!("`{metric}`: {}", steps.says(value, *unit, currency))))
        }
        Pay::Team { metric, unit, steps, shared } => {
            let (value, figure) = value(inputs, metric, Whose::Team)?;
            if *unit == Unit::Money {
                in_currency(metric, figure, currency)?;
            }
            let pot =
                Money::rounded(brings(steps, value), currency).ok_or_else(|| says::too_large(metric))?;
            let reached = format!("`{metric}` of all: {}", steps.says(value, *unit, currency));
            if pot.is_zero() {
                return Ok((Ratio::ZERO, reached));
            }
            let (part, how) = share_of_pot(&pot, *shared, inputs)?;
            Ok((part.ratio(), format!("{reached}; {pot} {how}")))
        }
    }
}

/// What was handed in for a metric.
pub(super) fn figure_of<'i>(inputs: &'i Inputs, metric: &MetricRef, whose: Whose) -> Option<&'i Figure> {
    let need = Need::of(metric, whose);
    inputs.figures.iter().find(|figure| figure.need == need)
}

/// A figure of the agent or the team; why there is none, as a sentence.
pub(super) fn value<'i>(
    inputs: &'i Inputs,
    metric: &MetricRef,
    whose: Whose,
) -> Result<(Ratio, &'i Figure), String> {
    // Inputs are looked at before any part is, see `statement`.
    let figure = figure_of(inputs, metric, whose);
    let figure = figure.ok_or_else(|| format!("`{metric}` was not handed in."))?;
    if let Some(day) = waits_until(inputs, figure) {
        return Err(format!(
            "`{metric}` is complete on {day}: until then something may still happen to what it counts."
        ));
    }
    match &figure.answer {
        Answer::Value(value) => Ok((*value, figure)),
        Answer::Missing { says, .. } => Err(format!("There is no figure of `{metric}`: {says}.")),
    }
}

/// The day until which a figure of a period that is over can still change by itself.
pub(super) fn waits_until(inputs: &Inputs, figure: &Figure) -> Option<Date> {
    figure.complete_on.filter(|day| inputs.is_over() && inputs.seen_until < *day)
}

pub(super) fn in_currency(metric: &MetricRef, figure: &Figure, currency: &str) -> Result<(), String> {
    match figure.currency.as_deref() {
        Some(found) if found == currency => Ok(()),
        // No money has no currency.
        None if figure.answer == Answer::Value(Ratio::ZERO) => Ok(()),
        Some(found) => Err(format!("`{metric}` is in {found}, and the plan pays {currency}.")),
        None => {
            Err(format!("It is not known in which currency `{metric}` is, and the plan pays {currency}."))
        }
    }
}

fn by_rate(metric: &MetricRef, quantity: Ratio, rate: &Rate, one: impl Fn(Ratio, Ratio) -> String) -> Earned {
    let too_large = || says::too_large(metric);
    let portions = rate.portions(quantity).ok_or_else(too_large)?;
    let amount = rate.amount(quantity).ok_or_else(too_large)?;
    let shown: Vec<String> = portions.into_iter().map(|(units, rate)| one(units, rate)).collect();
    Ok((amount, format!("`{metric}`: {}", says::listed(&shown))))
}

fn brings(steps: &Steps, value: Ratio) -> Ratio {
    steps.reached(value).map_or(Ratio::ZERO, |step| step.brings)
}

/// The agent's part of what all earned together. It is shared out to the cent over all agents, so that their parts add up.
fn share_of_pot(pot: &Money, shared: Shared, inputs: &Inputs) -> Result<(Money, String), String> {
    let agent = &inputs.agent;
    let mut weights = Vec::new();
    for (member, time) in &inputs.members {
        weights.push(match (shared, time) {
            (Shared::Equally, _) => Ratio::exact(Exact::integer(1)).unwrap_or(Ratio::ZERO),
            (Shared::ByLoggedHours, Answer::Value(time)) => *time,
            (Shared::ByLoggedHours, Answer::Missing { says, .. }) => {
                return Err(format!(
                    "{pot} cannot be shared out: the logged time of {member} is not known ({says})."
                ));
            }
        });
    }
    let parts = share_out(pot, &weights).ok_or_else(|| {
        format!("{pot} cannot be shared out: nobody was logged in, or a time is below zero.")
    })?;
    let mine = inputs.members.keys().zip(&weights).zip(parts).find(|((member, _), _)| *member == agent);
    let ((_, weight), part) = mine.ok_or_else(|| format!("{agent} is not among those who share {pot}."))?;
    let members = weights.len();
    let how = match shared {
        Shared::Equally => format!("shared equally by {members}, to the smallest unit"),
        Shared::ByLoggedHours => {
            let all =
                weights.iter().try_fold(Ratio::ZERO, |sum, weight| sum.plus(*weight)).unwrap_or(Ratio::ZERO);
            format!(
                "shared by {members} by logged hours, {} of {}, to the smallest unit",
                hours(*weight),
                hours(all)
            )
        }
    };
    Ok((part, how))
}

/// Milliseconds as hours.
fn hours(ms: Ratio) -> String {
    let hour = Ratio::exact(Exact::integer(3_600_000));
    hour.and_then(|hour| ms.over(hour)).map_or_else(|| says::exact(ms), says::exact)
}
