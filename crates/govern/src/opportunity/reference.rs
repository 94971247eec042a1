//! What a figure is to reach: an own target, what the best of one's own places reaches, or a benchmark that may be compared
//! with it. The three never mix.

use dialmark_metrics::{Direction, Ratio};

use crate::benchmark::{Asked, Benchmark, Kind, Stated, comparable};
use crate::place::Place;

/// A value to reach, and from which side.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Goal {
    /// This or more.
    AtLeast(Ratio),
    /// This or less.
    AtMost(Ratio),
}

impl Goal {
    /// The value.
    pub const fn value(self) -> Ratio {
        match self {
            Goal::AtLeast(value) | Goal::AtMost(value) => value,
        }
    }

    /// Whether a value has reached it.
    pub fn is_reached_by(self, value: Ratio) -> bool {
        match self {
            Goal::AtLeast(goal) => value >= goal,
            Goal::AtMost(goal) => value <= goal,
        }
    }
}

/// Who says so.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Origin {
    /// The team itself: the target of a KPI.
    Target {
        /// Name of the KPI.
        kpi: String,
    },
    /// Others: the average, median or top quartile of a benchmark.
    Benchmark {
        /// Name of the record.
        name: String,
        /// Which of the three.
        kind: Kind,
    },
    /// One's own best: a team of the campaign, for instance.
    Best {
        /// Where it is reached.
        place: Place,
    },
}

/// What a figure is to reach.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reference {
    origin: Origin,
    goal: Goal,
}

impl Reference {
    /// The target of a KPI.
    pub fn target(kpi: &str, goal: Goal) -> Reference {
        Reference { origin: Origin::Target { kpi: kpi.to_owned() }, goal }
    }

    /// What the best of one's own places reaches.
    pub fn best(place: Place, goal: Goal) -> Reference {
        Reference { origin: Origin::Best { place }, goal }
    }

    /// The nearer end of a benchmark's average, median or top quartile. An error says why it is no reference: nothing may be
    /// compared with it, it does not say where the middle or the best quarter of others lies, or neither way is better.
    pub fn benchmark(benchmark: &Benchmark, asked: &Asked) -> Result<Reference, String> {
        if let Err(mismatches) = comparable(benchmark, asked) {
            let sentences: Vec<String> = mismatches.into_iter().map(|mismatch| mismatch.sentence).collect();
            return Err(sentences.join(" "));
        }
        if !benchmark.kind.is_to_be_reached() {
            return Err(
                "Only an average, a median or a top quartile says where others lie that one could reach."
                    .to_owned(),
            );
        }
        let (low, high) = match benchmark.value {
            Some(Stated::Exactly(value)) => (Some(value), Some(value)),
            Some(Stated::Between(from, to)) => (Some(from), Some(to)),
            Some(Stated::AtLeast(edge) | Stated::Above(edge)) => (Some(edge), None),
            Some(Stated::AtMost(edge) | Stated::Below(edge)) => (None, Some(edge)),
            None => (None, None),
        };
        let goal = match asked.direction {
            Direction::Up => low.map(Goal::AtLeast),
            Direction::Down => high.map(Goal::AtMost),
            Direction::Neither => {
                return Err("Neither more nor less of it is better in itself; only a target says which way."
                    .to_owned());
            }
        };
        let goal = goal.ok_or("The benchmark has no end on the side from which it would be reached.")?;
        Ok(Reference {
            origin: Origin::Benchmark { name: benchmark.name.clone(), kind: benchmark.kind },
            goal,
        })
    }

    /// Who says so.
    pub const fn origin(&self) -> &Origin {
        &self.origin
    }

    /// What is to be reached.
    pub const fn goal(&self) -> Goal {
        self.goal
    }

    /// Name of the KPI, of the benchmark, or of the place.
    pub fn name(&self) -> String {
        match &self.origin {
            Origin::Target { kpi: name } | Origin::Benchmark { name, .. } => name.clone(),
            Origin::Best { place } => place.to_string(),
        }
    }
}
