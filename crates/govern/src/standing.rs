//! How a KPI stands at a place, with everything that a reader needs to doubt it.

use dialmark_metrics::answer::Reason;
use dialmark_metrics::{Cell, Ratio};
use dialmark_stats::Interval;

use crate::guard::Guarded;
use crate::kpi::Kpi;
use crate::maturing::Maturing;
use crate::place::Place;
use crate::score::Total;
use crate::status::{Status, Trend};
use crate::target::{Goal, NoGoal};
use crate::window::{SoFar, Stretch};

/// How one KPI stands at one place.
#[derive(Debug, Clone)]
pub struct Standing {
    /// What is judged.
    pub kpi: Kpi,
    /// Whose records are meant.
    pub place: Place,
    /// The window that is judged.
    pub stretch: Stretch,
    /// How much of it is over, and what it is compared with; `None` when it has not begun.
    pub so_far: Option<SoFar>,
    /// The figure with its parts.
    pub cell: Cell,
    /// Where its value could as well lie, at 95 %.
    pub interval: Option<Interval>,
    /// What was to be reached.
    pub goal: Result<Goal, NoGoal>,
    /// How it stands.
    pub status: Status,
    /// 0 to 100; `None` without a figure or a target.
    pub score: Option<Ratio>,
    /// The figure of the earlier stretch.
    pub before: Result<Ratio, Reason>,
    /// Whether it has moved.
    pub trend: Trend,
    /// What guards it, and whether that got worse meanwhile; `None` where nobody looked.
    pub guards: Option<Guarded>,
    /// How far its figure has ripened; `None` where all of it has, where it does not ripen, and where nobody looked.
    pub maturing: Option<Maturing>,
    /// What the reader should know.
    pub notes: Vec<String>,
}

impl Standing {
    /// What the reader should know, with guards that fail and what is still to ripen first.
    pub fn said(&self) -> Vec<String> {
        let mut all: Vec<String> = self.guards.iter().flat_map(Guarded::sentences).collect();
        all.extend(self.maturing.iter().map(|maturing| maturing.says(self.kpi.unit)));
        all.extend(self.notes.iter().cloned());
        all
    }
}

/// One place of a scorecard.
#[derive(Debug, Clone)]
pub struct CardRow {
    /// The place.
    pub place: Place,
    /// How deep in the cascade it lies; 0 for the place of the scorecard itself.
    pub depth: usize,
    /// The score; `None` when the numbers do not fit 128 bits.
    pub total: Option<Total>,
    /// KPIs that count, with their weights, in the order of the scorecard.
    pub kpis: Vec<(Ratio, Standing)>,
    /// KPIs that are shown beside them.
    pub supporting: Vec<Standing>,
}
