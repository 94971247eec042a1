//! Statements of what agents earned: frozen with the inputs that they were computed from, and never changed.

use dialmark_govern::incentive::{Inputs, PaidSale, Statement};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::matter::Matter;

/// An agent's statement as it was frozen. It is begun and takes no step.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FrozenPay {
    /// What it was computed from.
    pub inputs: Inputs,
    /// The statement.
    pub statement: Statement,
    /// Its JSON, byte for byte as it was handed over.
    pub json: String,
    /// Sales that it pays for, with what was paid for each where that can be said: what a later cancellation takes back.
    pub sales: Vec<PaidSale>,
    /// When it was frozen.
    pub frozen_at: Timestamp,
    /// By whom.
    pub frozen_by: String,
}

impl FrozenPay {
    /// What the identifiers of all statements of one agent under a plan begin with.
    pub fn of_agent(plan: &str, agent: &str) -> String {
        format!("{plan}/{agent}/")
    }
}

impl Matter for FrozenPay {
    const KIND: &'static str = "incentive_statement";

    fn id(&self) -> String {
        let Statement { plan, agent, period, .. } = &self.statement;
        format!("{}{period}", FrozenPay::of_agent(plan, agent))
    }
}
