//! Whether both parties signed the definitions that a statement uses.

use std::collections::BTreeSet;

use dialmark_metrics::MetricRef;
use serde::{Deserialize, Serialize};

use super::inputs::Inputs;
use crate::contract::{Contract, Party};

/// A metric that a statement uses, and who signed its definition.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DefinitionNote {
    /// The metric as the contract names it.
    pub metric: String,
    /// Hash of the definition that was used; `None` when no figure was handed in.
    pub hash: Option<String>,
    /// Who signed it.
    pub state: SignedState,
    /// The same as a sentence.
    pub says: String,
}

/// Who signed the definition that was used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SignedState {
    /// Both.
    ByBoth,
    /// The client alone.
    ByClient,
    /// The provider alone.
    ByProvider,
    /// Nobody signed any version.
    NotSigned,
    /// Another version was signed than was used.
    InAnotherVersion,
}

/// A note for each metric that the statement of the period uses, and each version that was used of it.
pub(super) fn notes(contract: &Contract, inputs: &Inputs) -> Vec<DefinitionNote> {
    let metrics: BTreeSet<MetricRef> =
        contract.needs(inputs.period, inputs.today).into_iter().map(|need| need.metric).collect();
    let mut notes = Vec::new();
    for metric in metrics {
        let used = inputs.figures.iter().filter(|figure| figure.need.metric == metric);
        let hashes: BTreeSet<&str> = used.map(|figure| figure.definition.as_str()).collect();
        if hashes.is_empty() {
            notes.push(DefinitionNote {
                metric: metric.to_string(),
                hash: None,
                state: SignedState::NotSigned,
                says: format!(
                    "No figure of `{metric}` was handed in, so it is not known what was signed of it."
                ),
            });
        }
        notes.extend(hashes.into_iter().map(|hash| note(contract, inputs, &metric, hash)));
    }
    notes
}

fn note(contract: &Contract, inputs: &Inputs, metric: &MetricRef, hash: &str) -> DefinitionNote {
    let versions = || contract.definitions.iter().filter(|definition| definition.metric == *metric);
    let signed = |party| {
        let version = versions().find(|definition| definition.hash == hash)?;
        version.by(party, inputs.today)
    };
    let other = versions().find(|definition| {
        definition.hash != hash
            && Party::ALL.iter().any(|(_, party)| definition.by(*party, inputs.today).is_some())
    });
    let (state, says) = match (signed(Party::Client), signed(Party::Provider), other) {
        (Some(client), Some(provider), _) => (
            SignedState::ByBoth,
            format!(
                "signed by {} for the client on {} and by {} for the provider on {}",
                client.by, client.on, provider.by, provider.on
            ),
        ),
        (Some(client), None, _) => (
            SignedState::ByClient,
            format!("signed by {} for the client on {}; the provider has not signed", client.by, client.on),
        ),
        (None, Some(provider), _) => (
            SignedState::ByProvider,
            format!(
                "signed by {} for the provider on {}; the client has not signed",
                provider.by, provider.on
            ),
        ),
        (None, None, Some(other)) => (
            SignedState::InAnotherVersion,
            format!("not signed; what was signed is another version, {}", other.hash),
        ),
        (None, None, None) => (SignedState::NotSigned, "not signed by either party".to_owned()),
    };
    DefinitionNote {
        metric: metric.to_string(),
        hash: Some(hash.to_owned()),
        state,
        says: format!("The definition of `{metric}` that was used, {hash}, is {says}."),
    }
}
