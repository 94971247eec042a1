//! What a manager should know about a metric, and what is suspected when it looks wrong.

use serde::Serialize;

/// Advice about one metric: the attributes of its reference page that are not part of its definition.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Guide {
    /// When to use it rather than its neighbours.
    pub when_to_use: String,
    /// What it can tell.
    pub insights: String,
    /// How it is measured, from which records.
    pub measurement: String,
    /// How to read its movement.
    pub trends: String,
    /// Questions to ask when it moves.
    pub questions: Vec<String>,
    /// What to do.
    pub tips: Vec<String>,
    /// How to show it.
    pub charts: String,
    /// How it misleads.
    pub risks: String,
    /// Systems that give its records.
    pub tools: String,
    /// What it should be joined with.
    pub integrations: String,
    /// How a change in it moves other metrics.
    pub impact: String,
}

/// What is suspected when a metric is low or high.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Symptom {
    /// Name, as in `[symptom.NAME]`.
    pub id: String,
    /// The metric.
    pub metric: String,
    /// Which way it is off.
    pub when: Level,
    /// What may be the cause, likeliest first.
    pub suspects: Vec<String>,
    /// File in which it is declared.
    #[serde(skip)]
    pub declared_in: String,
    /// Line of the declaration.
    #[serde(skip)]
    pub line: usize,
}

/// Which way a metric is off.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Level {
    /// Lower than it should be.
    Low,
    /// Higher than it should be.
    High,
}
