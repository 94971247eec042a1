//! One opportunity: what a figure at its reference would bring.

use dialmark_metrics::metric::Unit;
use dialmark_metrics::{Exact, Ratio};

use super::{Basis, Chain, Figure, Gain, Goal, Opportunity, Reference, Step};
use crate::benchmark::{Word, Worth, shown};
use crate::money::Money;

const HOUR_MS: i64 = 3_600_000;

/// What a change of a figure does.
enum Effect {
    /// So many more of the chain's step at this position.
    More(usize, Ratio),
    /// So much money more, or spent less.
    Money(Ratio),
    /// So many milliseconds of agents less.
    Freed(Ratio),
    /// It is not known, for this reason.
    Unknown(String),
}

/// What a figure at its reference would bring; `None` when it has reached it.
pub fn weigh(figure: &Figure, reference: &Reference, chain: &Chain) -> Option<Opportunity> {
    if reference.goal().is_reached_by(figure.value) {
        return None;
    }
    let mut assumptions = Vec::new();
    let effect = effect(figure, reference.goal(), chain, &mut assumptions);
    let mut found = Opportunity {
        metric: format!("{}/{}", figure.asked.metric, figure.asked.variant),
        label: figure.asked.label.clone(),
        unit: figure.asked.unit,
        currency: figure.asked.currency.clone(),
        place: figure.place.clone(),
        value: figure.value,
        reference: reference.clone(),
        gains: Vec::new(),
        hours: None,
        worth: Err(String::new()),
        assumptions,
    };
    found.worth = match effect.unwrap_or_else(|| Effect::Unknown(too_large())) {
        Effect::More(at, count) => sold(at, count, chain, &mut found.gains, &mut found.assumptions),
        Effect::Money(amount) => match figure.asked.currency.as_deref() {
            Some(currency) if currency == chain.currency => paid(amount, chain),
            Some(currency) => {
                Err(format!("It is in {currency}, and opportunities are weighed in {}.", chain.currency))
            }
            None => Err("The currency of its amounts is not known.".to_owned()),
        },
        Effect::Freed(ms) => {
            found.hours = hours(ms);
            freed(ms, chain, &mut found.assumptions)
        }
        Effect::Unknown(why) => Err(why),
    };
    Some(found)
}

/// What changes first. `None` when a number does not fit 128 bits.
fn effect(figure: &Figure, goal: Goal, chain: &Chain, assumptions: &mut Vec<String>) -> Option<Effect> {
    let asked = &figure.asked;
    let Some((outcome, denominator)) = &asked.counts else {
        return Some(Effect::Unknown("What it counts and divides by is not declared.".to_owned()));
    };
    if let Some(why) = other_records(outcome, figure.numerator, chain)
        .or_else(|| other_records(denominator, figure.denominator, chain))
    {
        return Some(Effect::Unknown(why));
    }
    let (at, below) = (chain.position(outcome), chain.position(denominator));
    let times = Ratio::exact(Exact::integer(asked.times.into()))?;
    if at.zip(below).is_some_and(|(at, below)| at < below) {
        // Of dials over sales the dials are what stays, and fewer for each sale means more sales.
        let Goal::AtMost(goal) = goal else { return Some(nothing_says(outcome, chain)) };
        if goal <= Ratio::ZERO {
            return Some(Effect::Unknown("A reference of zero cannot be reached.".to_owned()));
        }
        assumptions.push(kept(outcome, figure.numerator));
        let wanted = Ratio::exact(figure.numerator)?.times(times)?.over(goal)?;
        return Some(Effect::More(below?, wanted.minus(Ratio::exact(figure.denominator)?)?));
    }
    // With the same denominator, the numerator moves as the value does.
    let moved = goal.value().minus(figure.value)?.times(Ratio::exact(figure.denominator)?.over(times)?)?;
    let less = Ratio::ZERO.minus(moved)?;
    let instead = asked.instead_of.as_ref().and_then(|wanted| Some((wanted, chain.position(wanted)?)));
    let effect = match (goal, asked.worth) {
        (Goal::AtLeast(_), Some(Worth::Earned)) => Effect::Money(moved),
        (Goal::AtMost(_), Some(Worth::Spent)) => Effect::Money(less),
        (Goal::AtMost(_), Some(Worth::AgentsTime)) if asked.unit == Unit::Duration => Effect::Freed(less),
        (Goal::AtLeast(_), None) if at.is_some() => Effect::More(at?, moved),
        (Goal::AtMost(_), None) if instead.is_some() => {
            let (wanted, at) = instead?;
            assumptions.push(format!(
                "Every one of the {} avoided is one of the {} more.",
                outcome.label, wanted.label
            ));
            Effect::More(at, less)
        }
        _ => return Some(nothing_says(outcome, chain)),
    };
    assumptions.insert(0, kept(denominator, figure.denominator));
    Some(effect)
}

/// A figure and a chain over different records would be weighed against each other.
fn other_records(word: &Word, count: Exact, chain: &Chain) -> Option<String> {
    let step = chain.position(word).and_then(|at| chain.steps.get(at))?;
    (step.count != count).then(|| {
        format!(
            "The figure has {count} {}, the chain {}: they are not of the same records.",
            word.label, step.count
        )
    })
}

fn nothing_says(outcome: &Word, chain: &Chain) -> Effect {
    let steps: Vec<&str> = chain.steps.iter().map(|step| step.word.label.as_str()).collect();
    if steps.is_empty() {
        return Effect::Unknown(format!("Nothing says what a change of the {} would bring.", outcome.label));
    }
    Effect::Unknown(format!(
        "Nothing says what a change of the {} would bring; the chain knows {}.",
        outcome.label,
        steps.join(", ")
    ))
}

fn kept(word: &Word, count: Exact) -> String {
    if word.name.ends_with("_time") || word.name.ends_with("_ms") {
        return format!("The {} stays as it is.", word.label);
    }
    format!("The number of {} stays as it is: {count}.", word.label)
}

/// More of a step leads to more of every step after it, as often as in the period; the last one has a price.
fn sold(
    at: usize,
    mut count: Ratio,
    chain: &Chain,
    gains: &mut Vec<Gain>,
    assumptions: &mut Vec<String>,
) -> Result<Money, String> {
    let mut before: Option<&Step> = None;
    for step in chain.steps.iter().skip(at) {
        if let Some(before) = before {
            if before.count.is_zero() {
                return Err(format!(
                    "There were no {}, so it is not known what more of them would lead to.",
                    before.word.label
                ));
            }
            let share = Ratio::of(step.count, before.count).ok_or_else(too_large)?;
            count = count.times(share).ok_or_else(too_large)?;
            assumptions.push(format!(
                "The {} lead to {} as often as in this period: {} to {}.",
                before.word.label, step.word.label, before.count, step.count
            ));
        }
        gains.push(Gain { word: step.word.clone(), count });
        before = Some(step);
    }
    let Some(last) = before else { return Err("The chain has no last step.".to_owned()) };
    let Some(worth) = chain.worth else {
        return Err(format!("What one of the {} is worth is not known.", last.word.label));
    };
    let each = worth
        .of_each(1)
        .ok_or_else(|| format!("None of the {} has a value in this period.", last.word.label))?;
    let price = shown(each, Unit::Money, Some(&chain.currency));
    assumptions.push(match worth.basis {
        Basis::Records => {
            format!("One of the {} is worth what it was on average in this period: {price}.", last.word.label)
        }
        Basis::Stated => format!("One of the {} is worth {price}, as was stated.", last.word.label),
    });
    paid(count.times(each).ok_or_else(too_large)?, chain)
}

/// Time of agents costs what an hour cost.
fn freed(ms: Ratio, chain: &Chain, assumptions: &mut Vec<String>) -> Result<Money, String> {
    let Some(hour) = chain.hour else {
        return Err("What an hour of an agent costs is not known.".to_owned());
    };
    let each = hour
        .of_each(HOUR_MS)
        .ok_or("No hour of agents is known in this period, so neither is what one costs.")?;
    let price = shown(each, Unit::Money, Some(&chain.currency));
    let costs = match hour.basis {
        Basis::Records => format!("what it did on average in this period: {price}"),
        Basis::Stated => format!("{price}, as was stated"),
    };
    assumptions.push(format!(
        "An hour of an agent costs {costs}; time that is free is time that is not paid, or put to work worth as much."
    ));
    let amount = hours(ms).and_then(|hours| hours.times(each)).ok_or_else(too_large)?;
    paid(amount, chain)
}

fn hours(ms: Ratio) -> Option<Ratio> {
    ms.over(whole(HOUR_MS)?)
}

fn whole(number: i64) -> Option<Ratio> {
    Ratio::exact(Exact::integer(number.into()))
}

fn paid(amount: Ratio, chain: &Chain) -> Result<Money, String> {
    Money::rounded(amount, &chain.currency).ok_or_else(too_large)
}

fn too_large() -> String {
    "A number on the way does not fit 128 bits.".to_owned()
}
