//! Time that is excluded or claimed to be, as a statement lists it.

use serde::{Deserialize, Serialize};

use super::inputs::Inputs;
use super::says;
use crate::contract::{Cause, Contract, Effect, Exclusion};

/// An exclusion that touches the period.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExclusionNote {
    /// Its name.
    pub name: String,
    /// The service level that it is about; all when there is none.
    pub service_level: Option<String>,
    /// Whether it counts.
    pub state: ExclusionState,
    /// What shows it.
    pub evidence: String,
    /// When, why, who agreed and what follows.
    pub says: String,
}

/// Whether an exclusion counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ExclusionState {
    /// Both parties agreed.
    Agreed,
    /// It is claimed, and changes nothing.
    Claimed,
}

/// Every exclusion that touches the period.
pub(super) fn notes(contract: &Contract, inputs: &Inputs) -> Vec<ExclusionNote> {
    let period = inputs.period.days().days();
    let touches =
        |exclusion: &&Exclusion| exclusion.stretch.days().is_some_and(|days| days.within(&period).is_some());
    contract
        .exclusions
        .iter()
        .filter(touches)
        .map(|exclusion| {
            let is_agreed = exclusion.agreed.by_both(inputs.today);
            let (state, says) = match is_agreed {
                true => (ExclusionState::Agreed, format!("{} {}", sentence(exclusion), effect(exclusion))),
                false => (ExclusionState::Claimed, claimed(exclusion, inputs)),
            };
            ExclusionNote {
                name: exclusion.name.clone(),
                service_level: exclusion.service_level.clone(),
                state,
                evidence: exclusion.evidence.clone(),
                says,
            }
        })
        .collect()
}

/// What happened when, what shows it and who agreed.
pub(super) fn sentence(exclusion: &Exclusion) -> String {
    let agreed = &exclusion.agreed;
    let name = |who: &Option<String>| who.clone().unwrap_or_default();
    format!(
        "{}; evidence: {}; agreed by {} for the client and {} for the provider{}.",
        happened(exclusion),
        exclusion.evidence.trim(),
        name(&agreed.by_client),
        name(&agreed.by_provider),
        agreed.on.map_or_else(String::new, |on| format!(" on {on}"))
    )
}

fn happened(exclusion: &Exclusion) -> String {
    let cause = match exclusion.cause {
        Cause::Outage => "Outage",
        Cause::ForceMajeure => "Force majeure",
        Cause::ClientCaused => "Caused by the client",
    };
    format!("{cause} `{}`, {}", exclusion.name, exclusion.stretch)
}

fn effect(exclusion: &Exclusion) -> String {
    match exclusion.effect {
        Effect::Relief(share) => format!("It takes {} off a penalty.", says::per_cent(share)),
        Effect::LeaveOut => "The records of that time are left out.".to_owned(),
    }
}

fn claimed(exclusion: &Exclusion, inputs: &Inputs) -> String {
    let agreed = &exclusion.agreed;
    let is_later = agreed.on.is_some_and(|on| on > inputs.today);
    let lacks = match (&agreed.by_client, &agreed.by_provider) {
        (Some(_), Some(_)) if is_later => "it was agreed after the day of this statement",
        (None, Some(_)) => "the client has not agreed",
        (Some(_), None) => "the provider has not agreed",
        _ => "neither party has agreed",
    };
    format!(
        "{}; evidence: {}. It is claimed only, for {lacks}, and changes nothing.",
        happened(exclusion),
        exclusion.evidence.trim()
    )
}
