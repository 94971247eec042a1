//! Disputes as a statement lists them, and the lines of those that were resolved in its period.

use serde::{Deserialize, Serialize};

use super::inputs::Inputs;
use super::line::{Line, LineKind, LineRef};
use crate::Money;
use crate::contract::{Contract, Dispute};

/// A dispute that a statement lists: open ones, those of its own period, and those resolved in it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DisputeNote {
    /// Its name.
    pub name: String,
    /// The line that is disputed.
    pub about: LineRef,
    /// Whether it is open.
    pub state: DisputeState,
    /// Who says what, and how it ended.
    pub says: String,
}

/// Where a dispute stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DisputeState {
    /// The amount stays as it is stated.
    Open,
    /// There is a resolution.
    Resolved,
}

/// The disputes that the statement of the period lists, in the order of the contract.
pub(super) fn notes(contract: &Contract, inputs: &Inputs) -> Vec<DisputeNote> {
    let is_listed = |dispute: &&Dispute| {
        let resolved = dispute.resolved(inputs.today);
        dispute.raised_on <= inputs.today
            && dispute.period <= inputs.period
            && (dispute.period == inputs.period
                || resolved.is_none_or(|resolution| inputs.period.days().days().hold(resolution.on)))
    };
    contract
        .disputes
        .iter()
        .filter(is_listed)
        .map(|dispute| {
            let (state, ending) = match dispute.resolved(inputs.today) {
                None => (
                    DisputeState::Open,
                    "It is open; the amount stays as stated until it is resolved.".to_owned(),
                ),
                Some(resolution) => (
                    DisputeState::Resolved,
                    format!("Resolved on {} by {}: \"{}\"", resolution.on, resolution.by, resolution.says),
                ),
            };
            DisputeNote {
                name: dispute.name.clone(),
                about: about(dispute),
                state,
                says: format!("{} {ending}", raised(dispute)),
            }
        })
        .collect()
}

/// A line for each dispute that was resolved within the period.
pub(super) fn lines(contract: &Contract, inputs: &Inputs) -> Vec<Line> {
    let mut lines = Vec::new();
    for dispute in &contract.disputes {
        let Some(resolution) = dispute.resolved(inputs.today) else { continue };
        if !inputs.period.days().days().hold(resolution.on) {
            continue;
        }
        let line = Line { about: Some(about(dispute)), ..Line::new(LineKind::Dispute, &dispute.name) };
        let Some(amount) = Money::rounded(resolution.adjust, &contract.currency) else {
            lines.push(line.open("The amount of the resolution is too large."));
            continue;
        };
        let says = format!(
            "{} Resolved on {} by {}: \"{}\" {amount}.",
            raised(dispute),
            resolution.on,
            resolution.by,
            resolution.says
        );
        lines.push(Line { amount: Some(amount), says, ..line });
    }
    lines
}

fn about(dispute: &Dispute) -> LineRef {
    LineRef { period: dispute.period, line: dispute.line.clone() }
}

fn raised(dispute: &Dispute) -> String {
    format!(
        "`{}` of {} was disputed by {} on {}: \"{}\"",
        dispute.line, dispute.period, dispute.raised_by, dispute.raised_on, dispute.says
    )
}
