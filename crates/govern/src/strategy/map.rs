//! The strategy map: goals and KPIs in the four views of a balanced scorecard, and what leads to what.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::fmt;

use dialmark_metrics::Catalogue;
use dialmark_metrics::metric::Perspective;

use super::{Goal, KpiFacts, Strategy};

/// Most metrics between a KPI and one that it drives: what is farther apart, nobody has declared of the two.
const MOST_BETWEEN: usize = 2;

/// A goal or a KPI.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum NodeId {
    /// A goal, by name.
    Goal(String),
    /// A KPI, by name.
    Kpi(String),
}

/// A goal or a KPI, with what it is called.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Node {
    /// Which one.
    pub id: NodeId,
    /// Name to show.
    pub label: String,
}

/// One view of a balanced scorecard.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MapRow {
    /// The view.
    pub perspective: Perspective,
    /// Goals by name, then KPIs by name.
    pub nodes: Vec<Node>,
}

/// Something leads to something.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Edge {
    /// What leads.
    pub from: NodeId,
    /// To what.
    pub to: NodeId,
    /// In which way.
    pub kind: EdgeKind,
}

/// In which way something leads to something.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum EdgeKind {
    /// A goal serves a wider one.
    Serves,
    /// A KPI tells whether a goal comes about.
    Tells,
    /// The metric of a KPI is declared to move that of another.
    Drives {
        /// Metrics on the way that are no KPI, from the driver on.
        through: Vec<String>,
    },
}

/// Goals and KPIs, and what leads to what.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Map {
    /// All four views, from the financial one down.
    pub rows: Vec<MapRow>,
    /// In the order of their ends.
    pub edges: Vec<Edge>,
    /// What is missing.
    pub gaps: Vec<Gap>,
}

/// What is missing from a strategy; each deserves a look, none makes a figure wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Gap {
    /// A view in which nothing is wanted.
    PerspectiveWithoutGoal(Perspective),
    /// A goal of which nothing tells whether it comes about: neither it nor one that serves it has a KPI.
    GoalWithoutKpi(String),
    /// A KPI that belongs to no goal.
    KpiWithoutGoal(String),
    /// A KPI without a view, which therefore stands in no row.
    KpiWithoutPerspective(String),
}

impl fmt::Display for Gap {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Gap::PerspectiveWithoutGoal(perspective) => {
                write!(out, "No goal stands in the {} view.", word(*perspective))
            }
            Gap::GoalWithoutKpi(goal) => write!(
                out,
                "The goal `{goal}` has no KPI, and neither has one that serves it: nothing tells whether it comes about."
            ),
            Gap::KpiWithoutGoal(kpi) => write!(out, "The KPI `{kpi}` belongs to no goal."),
            Gap::KpiWithoutPerspective(kpi) => {
                write!(out, "The KPI `{kpi}` has no perspective, so it stands in no row of the map.")
            }
        }
    }
}

fn word(perspective: Perspective) -> &'static str {
    Perspective::ALL.iter().find(|(_, known)| *known == perspective).map_or("", |(word, _)| word)
}

impl Map {
    /// The map of a strategy over all KPIs of a project. Without any goal there is no strategy, and nothing is missing.
    pub fn of(strategy: &Strategy, kpis: &BTreeMap<String, KpiFacts>, catalogue: &Catalogue) -> Map {
        let rows = Perspective::ALL.map(|(_, perspective)| {
            let goals = strategy
                .goals
                .values()
                .filter(|goal| goal.perspective == perspective)
                .map(|goal| Node { id: NodeId::Goal(goal.name.clone()), label: goal.label.clone() });
            let kpis = kpis.values().filter(|kpi| kpi.perspective == Some(perspective));
            let kpis = kpis.map(|kpi| Node { id: NodeId::Kpi(kpi.name.clone()), label: kpi.label.clone() });
            MapRow { perspective, nodes: goals.chain(kpis).collect() }
        });
        let mut edges = BTreeSet::new();
        for goal in strategy.goals.values() {
            let to = NodeId::Goal(goal.name.clone());
            edges.extend(goal.parent.iter().map(|parent| Edge {
                from: to.clone(),
                to: NodeId::Goal(parent.clone()),
                kind: EdgeKind::Serves,
            }));
            edges.extend(goal.kpis.iter().map(|kpi| Edge {
                from: NodeId::Kpi(kpi.clone()),
                to: to.clone(),
                kind: EdgeKind::Tells,
            }));
        }
        for kpi in kpis.values() {
            edges.extend(drivers(kpi, kpis, catalogue));
        }
        Map { rows: rows.to_vec(), edges: edges.into_iter().collect(), gaps: gaps(strategy, kpis) }
    }
}

/// KPIs whose metrics are declared to move that of `driven`, straight or through metrics that are no KPI.
fn drivers(driven: &KpiFacts, kpis: &BTreeMap<String, KpiFacts>, catalogue: &Catalogue) -> Vec<Edge> {
    let mut edges = Vec::new();
    let mut seen = BTreeSet::from([driven.metric.metric.as_str()]);
    // Nearest first, so that each is reached by its shortest way.
    let mut waiting: VecDeque<(&str, Vec<String>)> =
        VecDeque::from([(driven.metric.metric.as_str(), Vec::new())]);
    while let Some((metric, between)) = waiting.pop_front() {
        let declared = catalogue.metrics.get(metric).map(|metric| metric.drivers.as_slice());
        for driver in declared.unwrap_or_default() {
            if !seen.insert(driver) {
                continue;
            }
            let here: Vec<&KpiFacts> = kpis.values().filter(|kpi| kpi.metric.metric == *driver).collect();
            edges.extend(here.iter().map(|kpi| Edge {
                from: NodeId::Kpi(kpi.name.clone()),
                to: NodeId::Kpi(driven.name.clone()),
                kind: EdgeKind::Drives { through: between.iter().rev().cloned().collect() },
            }));
            // What lies behind a KPI drives that KPI.
            if here.is_empty() && between.len() < MOST_BETWEEN {
                let between = between.iter().cloned().chain([driver.clone()]).collect();
                waiting.push_back((driver, between));
            }
        }
    }
    edges
}

fn gaps(strategy: &Strategy, kpis: &BTreeMap<String, KpiFacts>) -> Vec<Gap> {
    let goals = &strategy.goals;
    if goals.is_empty() {
        return Vec::new();
    }
    let empty = Perspective::ALL
        .into_iter()
        .filter(|(_, perspective)| !goals.values().any(|goal| goal.perspective == *perspective))
        .map(|(_, perspective)| Gap::PerspectiveWithoutGoal(perspective));
    let served = served(goals);
    let silent = goals.keys().filter(|goal| !served.contains(goal.as_str()));
    let silent = silent.map(|goal| Gap::GoalWithoutKpi(goal.clone()));
    let named: BTreeSet<&str> =
        goals.values().flat_map(|goal| goal.kpis.iter().map(String::as_str)).collect();
    let loose = kpis.keys().filter(|kpi| !named.contains(kpi.as_str()));
    let loose = loose.map(|kpi| Gap::KpiWithoutGoal(kpi.clone()));
    let rowless = kpis.values().filter(|kpi| kpi.perspective.is_none());
    let rowless = rowless.map(|kpi| Gap::KpiWithoutPerspective(kpi.name.clone()));
    empty.chain(silent).chain(loose).chain(rowless).collect()
}

/// Goals that have a KPI, or that such a goal serves.
fn served(goals: &BTreeMap<String, Goal>) -> BTreeSet<&str> {
    let mut served = BTreeSet::new();
    for goal in goals.values().filter(|goal| !goal.kpis.is_empty()) {
        let mut at = Some(goal);
        // Ends at a goal that was seen, so a circle cannot hang it.
        while let Some(goal) = at.filter(|goal| served.insert(goal.name.as_str())) {
            at = goal.parent.as_ref().and_then(|parent| goals.get(parent));
        }
    }
    served
}
