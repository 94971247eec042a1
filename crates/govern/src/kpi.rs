//! KPIs: a metric that is judged. Metric, target, time window and exactly one owner; with one missing it is none.

mod read;

use dialmark_metrics::metric::{Perspective, Process, Signal, Unit};
use dialmark_metrics::{Direction, MetricRef};
use dialmark_model::validity::Days;
use jiff::civil::Date;
use serde::Serialize;

use crate::place::Place;
use crate::target::Target;
use crate::window::Window;

pub(crate) use read::{Reading, read};

/// A metric with a target, a window and an owner.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Kpi {
    /// Name, as in `[kpi.NAME]`.
    pub name: String,
    /// Name to show.
    pub label: String,
    /// What is measured.
    pub metric: MetricRef,
    /// How its values are to be read.
    pub unit: Unit,
    /// Which way is better.
    pub direction: Direction,
    /// Whose records it is about.
    pub place: Place,
    /// Who answers for it.
    pub owner: String,
    /// Over which time it is judged.
    pub window: Window,
    /// How often it is looked at.
    pub review: Rhythm,
    /// On which floor of the house.
    pub level: Level,
    /// View of a balanced scorecard.
    pub perspective: Option<Perspective>,
    /// Predicts or confirms.
    pub signal: Option<Signal>,
    /// Where in the work it is measured.
    pub process: Option<Process>,
    /// Metrics that must not get worse while it improves.
    pub guards: Vec<MetricRef>,
    /// What is to be reached, by place and day; never empty.
    pub targets: Vec<Target>,
    /// Days on which it is a KPI.
    pub days: Days,
    /// Whether its figure stands for more than the records that it counts.
    pub evidence: Evidence,
    /// When its targets were looked at last.
    pub reviewed_on: Option<Date>,
    /// Mark of the definition that its targets were set for.
    pub defined_as: Option<String>,
    /// File of the declaration.
    pub declared_in: String,
    /// Its line.
    pub line: usize,
}

/// How often a KPI is looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Rhythm {
    /// All the time.
    Live,
    /// Each day.
    Daily,
    /// Each week.
    Weekly,
    /// Each month.
    Monthly,
    /// Each quarter.
    Quarterly,
}

impl Rhythm {
    /// All, with their words.
    pub const ALL: [(&'static str, Rhythm); 5] = [
        ("live", Rhythm::Live),
        ("daily", Rhythm::Daily),
        ("weekly", Rhythm::Weekly),
        ("monthly", Rhythm::Monthly),
        ("quarterly", Rhythm::Quarterly),
    ];

    /// Its word.
    pub fn word(self) -> &'static str {
        Rhythm::ALL.iter().find(|(_, rhythm)| *rhythm == self).map_or("", |(word, _)| word)
    }
}

/// Whose business a KPI is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Level {
    /// A team's or an agent's daily work.
    Operational,
    /// A department's.
    Departmental,
    /// The house's.
    Strategic,
}

impl Level {
    /// All, with their words.
    pub const ALL: [(&'static str, Level); 3] = [
        ("operational", Level::Operational),
        ("departmental", Level::Departmental),
        ("strategic", Level::Strategic),
    ];

    /// How often KPIs of the level are looked at, where none says otherwise.
    pub const fn review(self) -> Rhythm {
        match self {
            Level::Operational => Rhythm::Weekly,
            Level::Departmental => Rhythm::Monthly,
            Level::Strategic => Rhythm::Quarterly,
        }
    }
}

/// Whether a figure stands for more than the records that it counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Evidence {
    /// It stands for how the work is done: with other calls on the same days it would be a little different, so it comes
    /// with an interval, and a target inside of it is neither met nor missed.
    Estimated,
    /// It is what was agreed to count, such as a service level under a contract: it is what it is.
    Counted,
}

impl Evidence {
    /// All, with their words.
    pub const ALL: [(&'static str, Evidence); 2] =
        [("estimated", Evidence::Estimated), ("counted", Evidence::Counted)];
}
