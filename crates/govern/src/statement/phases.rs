//! What the phases of a contract mean for a period.

use dialmark_model::validity::Days;

use super::says;
use crate::contract::{BillingPeriod, Contract, Phase};

/// A sentence for each phase that the period touches: what is paid in it, and which service levels count.
pub(super) fn sentences(contract: &Contract, period: BillingPeriod) -> Vec<String> {
    let mut sentences = Vec::new();
    for (word, phase) in Phase::ALL {
        let Some(days) = contract.phases.of(phase).and_then(|days| period.days().within(&days)) else {
            continue;
        };
        let holds = |own: &Days| days.within(own).is_some();
        let prices: Vec<String> =
            contract.prices.iter().filter(|p| holds(&p.days)).map(|p| format!("`{}`", p.name)).collect();
        let levels: Vec<String> = contract
            .service_levels
            .iter()
            .filter(|l| holds(&l.days))
            .map(|l| format!("`{}`", l.name))
            .collect();
        let or_none =
            |names: &[String]| if names.is_empty() { "none".to_owned() } else { says::listed(names) };
        sentences.push(format!(
            "{days} is in the {word} phase. Prices that are paid: {}. Service levels that count: {}.",
            or_none(&prices),
            or_none(&levels)
        ));
    }
    sentences
}
