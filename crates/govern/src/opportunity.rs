//! Opportunities: what reaching a reference would bring, in calls, conversations, sales and money.
//!
//! Everything is exact and rests on assumptions that stand beside it as sentences. Money is rounded once, at the end, half
//! to even to the currency's smallest unit. Opportunities overlap: better conversion of more conversations is more than
//! both apart, and one measure may serve several figures; nobody may add them up ([`OVERLAP`]).

mod chain;
mod reference;
mod weigh;

#[cfg(test)]
mod tests;

use std::cmp::Reverse;

use dialmark_metrics::answer::Cell;
use dialmark_metrics::metric::Unit;
use dialmark_metrics::{Exact, Ratio};

use crate::benchmark::{Asked, Word};
use crate::money::Money;
use crate::place::Place;

pub use chain::{Average, Basis, Chain, Step};
pub use reference::{Goal, Origin, Reference};
pub use weigh::weigh;

/// What stands under every list of opportunities.
pub const OVERLAP: &str =
    "Opportunities overlap, because one leads to the next: they are ranked, not to be added up.";

/// A figure with what it was divided from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Figure {
    /// What it is.
    pub asked: Asked,
    /// Whose records it is of.
    pub place: Place,
    /// What was divided.
    pub numerator: Exact,
    /// What it was divided by; more than zero.
    pub denominator: Exact,
    /// The value, in the metric's unit.
    pub value: Ratio,
}

impl Figure {
    /// The figure in a cell of an answer; one without value, numerator or denominator is a sentence.
    pub fn of(asked: Asked, place: Place, cell: &Cell) -> Result<Figure, String> {
        let value = cell.value.clone();
        let value = value.map_err(|_| format!("{} has no value in this period.", asked.label))?;
        match (cell.numerator, cell.denominator) {
            (Some(numerator), Some(denominator)) if denominator > Exact::ZERO => {
                Ok(Figure { asked, place, numerator, denominator, value })
            }
            _ => Err(format!(
                "{} is not one sum over another, so it is not known what a change of it would bring.",
                asked.label
            )),
        }
    }
}

/// What reaching a reference would bring.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Opportunity {
    /// The metric and its variant, such as `conversion_rate/sales_per_contact`.
    pub metric: String,
    /// Name to show.
    pub label: String,
    /// How values are to be read.
    pub unit: Unit,
    /// ISO 4217 code of values that are money.
    pub currency: Option<String>,
    /// Whose records it is about.
    pub place: Place,
    /// The figure as it is.
    pub value: Ratio,
    /// What is to be reached.
    pub reference: Reference,
    /// How many more there would be, step by step; empty when it brings none.
    pub gains: Vec<Gain>,
    /// Hours of agents that would be free; `None` when it frees none.
    pub hours: Option<Ratio>,
    /// What it would be worth in the period, or why that is not known, in a sentence.
    pub worth: Result<Money, String>,
    /// What must stay as it is for this to come true, in sentences.
    pub assumptions: Vec<String>,
}

/// More of one step.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Gain {
    /// Of what.
    pub word: Word,
    /// How many more, exactly; a part of one is possible.
    pub count: Ratio,
}

/// A figure, what it is to reach, and the counts of the same records.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Candidate {
    /// The figure.
    pub figure: Figure,
    /// What it is to reach.
    pub reference: Reference,
    /// What follows from it.
    pub chain: Chain,
}

/// Opportunities of these figures, the largest first: by money, then by how many more of the chain's last step, then by
/// name. Different currencies cannot be compared, so each is ranked for itself, one after another. Those that have no price
/// come last and say why. A figure that has reached its reference is none.
pub fn rank(candidates: &[Candidate]) -> Vec<Opportunity> {
    let weighed = candidates.iter().filter_map(|candidate| {
        let found = weigh(&candidate.figure, &candidate.reference, &candidate.chain)?;
        let step = candidate.chain.last().map(|step| &step.word);
        let last = found.gains.iter().find(|gain| Some(&gain.word) == step).map(|gain| gain.count);
        Some((last, found))
    });
    let mut all: Vec<(Option<Ratio>, Opportunity)> = weighed.collect();
    all.sort_by_key(|(last, one)| {
        let worth = one.worth.as_ref().ok();
        (
            worth.is_none(),
            worth.map(|money| money.currency().to_owned()),
            Reverse(worth.map(Money::amount)),
            Reverse(*last),
            one.metric.clone(),
            one.place.clone(),
            one.reference.name(),
        )
    });
    all.into_iter().map(|(_, one)| one).collect()
}
