//! Scorecards: a few KPIs with weights, for a place and for the places inside of it.

mod read;

use dialmark_metrics::Ratio;

use crate::place::Place;

pub(crate) use read::{Reading, read};

/// A few KPIs that are looked at together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Scorecard {
    /// Name, as in `[scorecard.NAME]`.
    pub name: String,
    /// Name to show.
    pub label: String,
    /// Who answers for it.
    pub owner: Option<String>,
    /// Whose records it is about.
    pub place: Place,
    /// KPIs that make up the score, with weights that add up to 100; in the order of writing.
    pub kpis: Vec<(String, Ratio)>,
    /// KPIs that are shown beside them and count for nothing.
    pub supporting: Vec<String>,
    /// Dimensions by which it is handed down, the coarsest first.
    pub cascade: Vec<String>,
    /// Whether it belongs to a contract, which changes how many KPIs are too many.
    pub is_contractual: bool,
    /// File of the declaration.
    pub declared_in: String,
    /// Its line.
    pub line: usize,
}
