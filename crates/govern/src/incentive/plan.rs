//! What a plan pays for.

use std::collections::BTreeSet;

use dialmark_metrics::metric::Unit;
use dialmark_metrics::{MetricRef, Ratio};
use dialmark_model::validity::Days;
use serde::{Deserialize, Serialize};

use super::steps::Steps;
use crate::Place;
use crate::contract::{Billing, Rate};

/// A plan that pays agents by their figures.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plan {
    /// Name, as in `[incentive.NAME]`.
    pub name: String,
    /// Name to show.
    pub label: String,
    /// Whose agents, and which of their records.
    pub who: Place,
    /// Currency of all amounts, ISO 4217.
    pub currency: String,
    /// How often it is settled.
    pub period: Billing,
    /// Days on which it holds; a period is settled when it holds on all its days.
    pub days: Days,
    /// What is paid for; parts add up.
    pub parts: Vec<Part>,
    /// The most that all parts together pay an agent a period, before anything is taken back.
    pub cap: Option<Ratio>,
    /// What is taken back for sales of earlier periods that were cancelled.
    pub clawback: Option<Clawback>,
    /// What becomes of a sum below zero.
    pub negative: Negative,
    /// File in which it is declared.
    pub declared_in: String,
    /// Line of the declaration.
    pub line: usize,
}

/// One thing that is paid for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    /// Its name within the plan.
    pub name: String,
    /// Name to show.
    pub label: String,
    /// What is paid.
    pub pay: Pay,
    /// What must be so that it is paid, or how much of it is. Several are multiplied.
    pub gates: Vec<Gate>,
}

/// What a part pays, before gates.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Pay {
    /// So much for each unit of a count.
    PerUnit {
        /// A count.
        metric: MetricRef,
        /// For one.
        rate: Rate,
    },
    /// A share of a sum of money.
    ShareOf {
        /// A sum of money.
        metric: MetricRef,
        /// The share.
        rate: Rate,
    },
    /// A fixed amount by the level that a figure reaches.
    Bonus {
        /// The metric.
        metric: MetricRef,
        /// Its unit.
        unit: Unit,
        /// Levels with the amount that each pays; the hardest that is reached counts alone.
        steps: Steps,
    },
    /// An amount by the level that the figure of all agents of the plan reaches, shared out among them.
    Team {
        /// The metric, of the plan's place.
        metric: MetricRef,
        /// Its unit.
        unit: Unit,
        /// Levels with the amount that each pays to all together.
        steps: Steps,
        /// How it is shared out, to the cent.
        shared: Shared,
    },
}

/// How a team's amount is shared out among its agents.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shared {
    /// By the time that each was logged in.
    ByLoggedHours,
    /// The same to each.
    Equally,
}

impl Shared {
    /// Both, with their words.
    pub const ALL: [(&'static str, Shared); 2] =
        [("logged_hours", Shared::ByLoggedHours), ("equally", Shared::Equally)];
}

/// A figure that decides how much of a part is paid.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Gate {
    /// The metric, of the agent.
    pub metric: MetricRef,
    /// Its unit.
    pub unit: Unit,
    /// Levels with the factor that each leaves of the part; below the easiest nothing is left.
    pub factors: Steps,
    /// Records behind the figure below which it counts as missing.
    pub least_n: u64,
    /// What is done without a figure.
    pub without: Without,
}

/// What a gate does when there is no figure, or too few records behind it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Without {
    /// The part waits for the figure.
    Waits,
    /// The part is paid as if the gate were not there.
    Passes,
    /// The part is not paid.
    Fails,
}

impl Without {
    /// All, with their words.
    pub const ALL: [(&'static str, Without); 3] =
        [("waits", Without::Waits), ("passes", Without::Passes), ("fails", Without::Fails)];
}

/// What is taken back for a sale that was paid for in an earlier period and cancelled.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Clawback {
    /// For each sale.
    pub each: TakenBack,
    /// Days after that of the sale within which a cancellation takes back; any day when there is none.
    pub within_days: Option<u32>,
}

/// How much is taken back for one sale.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TakenBack {
    /// This amount.
    Amount(Ratio),
    /// What was paid for it.
    AsPaid,
}

/// What becomes of a sum below zero.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Negative {
    /// Nothing is due, and the next statement begins with it.
    CarriedOver,
    /// Nothing is due, and that is the end of it.
    Waived,
    /// The agent owes it.
    Owed,
}

impl Negative {
    /// All, with their words.
    pub const ALL: [(&'static str, Negative); 3] =
        [("carried_over", Negative::CarriedOver), ("waived", Negative::Waived), ("owed", Negative::Owed)];
}

/// Whose figure is needed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Whose {
    /// The agent's, at the plan's place.
    Agent,
    /// All agents' of the plan.
    Team,
}

/// A figure that a statement needs.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Need {
    /// The metric, as [`MetricRef`] writes it.
    pub metric: String,
    /// Whose.
    pub whose: Whose,
}

impl Need {
    pub(super) fn of(metric: &MetricRef, whose: Whose) -> Need {
        Need { metric: metric.to_string(), whose }
    }
}

impl Plan {
    /// The figures that a statement needs, each once.
    pub fn needs(&self) -> Vec<Need> {
        let mut needs = BTreeSet::new();
        for part in &self.parts {
            needs.insert(match &part.pay {
                Pay::PerUnit { metric, .. } | Pay::ShareOf { metric, .. } | Pay::Bonus { metric, .. } => {
                    Need::of(metric, Whose::Agent)
                }
                Pay::Team { metric, .. } => Need::of(metric, Whose::Team),
            });
            needs.extend(part.gates.iter().map(|gate| Need::of(&gate.metric, Whose::Agent)));
        }
        needs.into_iter().collect()
    }

    /// Whether the logged time of every agent of the plan is needed, or at least who they are.
    pub fn needs_members(&self) -> Option<Shared> {
        let shared = |part: &Part| match part.pay {
            Pay::Team { shared, .. } => Some(shared),
            Pay::PerUnit { .. } | Pay::ShareOf { .. } | Pay::Bonus { .. } => None,
        };
        let all: Vec<Shared> = self.parts.iter().filter_map(shared).collect();
        match all.contains(&Shared::ByLoggedHours) {
            true => Some(Shared::ByLoggedHours),
            false => all.first().copied(),
        }
    }
}
