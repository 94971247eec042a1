//! What an alert looks at.

use dialmark_metrics::MetricRef;
use dialmark_metrics::metric::Unit;

use super::Edge;
use crate::place::Place;

/// What is looked at, and what of it is wrong.
#[derive(Debug, Clone, PartialEq)]
pub enum Watch {
    /// How KPIs stand against their targets.
    Kpi {
        /// Names of KPIs; never empty.
        kpis: Vec<String>,
        /// Whether one that is close to its target is told as well as one that is missed.
        close_too: bool,
        /// Records below which a figure says nothing.
        minimum_n: u64,
    },
    /// A figure of the last minutes, or of today.
    Live {
        /// What is measured.
        metric: MetricRef,
        /// How its values are to be read.
        unit: Unit,
        /// Whose records.
        place: Place,
        /// The dimension by which it is broken out, each value an alert of its own.
        by: Option<String>,
        /// Of which time.
        window: LiveWindow,
        /// Where it begins and ends.
        edge: Edge,
        /// Records that end longer ago say nothing of now, in milliseconds.
        stale_after_ms: u64,
    },
    /// Hours in which a source delivered less than a fifth of the usual.
    Gap {
        /// The source; `None` for each.
        source: Option<String>,
        /// So long after its end an hour is over, in milliseconds: until then its records may still come.
        late_ms: u64,
    },
    /// How much of the limit of abandoned calls is used up.
    Budget {
        /// The campaign; `None` for each.
        campaign: Option<String>,
        /// Where it begins and ends, as shares of the limit.
        edge: Edge,
    },
    /// What is due of cases.
    Case {
        /// Which clock; `None` for each.
        clock: Option<CaseClock>,
        /// How long before it is due it is told, in milliseconds; 0 for when it is late.
        ahead_ms: u64,
    },
}

impl Watch {
    /// The words of `on`.
    pub const WORDS: [&'static str; 5] = ["kpi", "live", "gap", "budget", "case"];

    /// Its word.
    pub const fn word(&self) -> &'static str {
        match self {
            Watch::Kpi { .. } => "kpi",
            Watch::Live { .. } => "live",
            Watch::Gap { .. } => "gap",
            Watch::Budget { .. } => "budget",
            Watch::Case { .. } => "case",
        }
    }

    /// Whether something that is not there any more is over: a case that was closed has no clocks. Of a place without records
    /// nothing is known.
    pub const fn ends_by_going(&self) -> bool {
        matches!(self, Watch::Case { .. })
    }
}

/// The time that a live figure is of. It ends where the records end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LiveWindow {
    /// So many milliseconds.
    Last(u64),
    /// Since the business day began.
    Today,
}

/// A kind of clock of a case.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CaseClock {
    /// The root cause.
    RootCause,
    /// The improvement plan.
    Plan,
    /// Actions.
    Action,
    /// Milestones of actions.
    Milestone,
    /// Reviews after 60 and 90 days below target.
    Review,
}

impl CaseClock {
    /// All, with their words.
    pub const ALL: [(&'static str, CaseClock); 5] = [
        ("root_cause", CaseClock::RootCause),
        ("plan", CaseClock::Plan),
        ("action", CaseClock::Action),
        ("milestone", CaseClock::Milestone),
        ("review", CaseClock::Review),
    ];
}
