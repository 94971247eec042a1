//! Strategy: goals over KPIs over metrics. Goals stand in the four views of a balanced scorecard, objectives are what is
//! to be reached in a period, and the map shows what leads to what.

mod facts;
mod map;
mod pack;
mod progress;
mod read;

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use dialmark_metrics::Ratio;
use dialmark_metrics::metric::Perspective;

use crate::window::Stretch;

pub use facts::KpiFacts;
pub use map::{Edge, EdgeKind, Gap, Map, MapRow, Node, NodeId};
pub use pack::{COLUMNS, PackRow, pack};
pub use progress::{MEAN, ObjectiveProgress, Progress, objective_progress, progress};
pub use read::{Reading, read_goal, read_objective};

/// What is wanted, from which side it is looked at, and the KPIs that tell whether it comes about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Goal {
    /// Name, as in `[goal.NAME]`.
    pub name: String,
    /// Name to show.
    pub label: String,
    /// What is meant, in a sentence or two.
    pub says: Option<String>,
    /// View of a balanced scorecard.
    pub perspective: Perspective,
    /// The goal that it serves.
    pub parent: Option<String>,
    /// KPIs that tell whether it comes about.
    pub kpis: Vec<String>,
    /// File of the declaration.
    pub declared_in: String,
    /// Its line.
    pub line: usize,
}

/// What is to be reached in a period.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Objective {
    /// Name, as in `[objective.NAME]`.
    pub name: String,
    /// Name to show.
    pub label: String,
    /// Who answers for it.
    pub owner: String,
    /// Days of the period.
    pub period: Stretch,
    /// The goal that it serves.
    pub goal: Option<String>,
    /// What tells that it is reached; never empty.
    pub key_results: Vec<KeyResult>,
    /// File of the declaration.
    pub declared_in: String,
    /// Its line.
    pub line: usize,
}

/// A KPI and the way that it is to go.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyResult {
    /// The KPI.
    pub kpi: String,
    /// Its value at the start, in its unit.
    pub from: Ratio,
    /// The value to reach; never that at the start.
    pub to: Ratio,
    /// The KPI that shows whether more of it is still as good.
    pub quality: Option<String>,
}

/// Goals and objectives of a project.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Strategy {
    /// Goals by name; their parents exist and are no circle.
    pub goals: BTreeMap<String, Goal>,
    /// Objectives by name; their goals exist.
    pub objectives: BTreeMap<String, Objective>,
}
