//! Why a figure differs between two stretches of time or two places: what was found, and how it is said.

mod chain;
mod nested;
mod words;

use dialmark_metrics::answer::MetricHeader;
use dialmark_metrics::{Cell, Key};
use dialmark_model::civil::Period;
use dialmark_stats::Interval;
use dialmark_stats::decompose::{Decomposition, Effect, Told};

pub use chain::{Chain, Factor};
pub use nested::{Deeper, Nested, Sums};
pub use words::{Words, sentences};

/// One side of a comparison.
#[derive(Debug, Clone)]
pub struct Side {
    /// Which time.
    pub period: Period,
    /// Which records, as a condition; `None` for all.
    pub condition: Option<String>,
    /// The figure with its parts.
    pub cell: Cell,
}

/// How it was found out what chance does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Drawn {
    /// From so many days before, and after.
    Days(usize, usize),
    /// From so many hours: there are too few days.
    Hours(usize, usize),
    /// There are too few of either: nothing is known of chance.
    TooFew,
}

/// A change along one dimension, or two together.
#[derive(Debug, Clone)]
pub struct Along {
    /// The dimensions.
    pub by: Vec<String>,
    /// By their values: effects in the unit of the figure.
    pub whole: Decomposition<Vec<Key>>,
    /// What that tells.
    pub told: Told,
    /// Where the total of each effect lies, at 95 %, in the order of the effects; `None` where nothing is known of it, or where it
    /// was too small to be looked at.
    pub intervals: Vec<Option<Interval>>,
}

/// A dimension that was looked at.
#[derive(Debug, Clone, PartialEq)]
pub struct Looked {
    /// It, or two together.
    pub by: Vec<String>,
    /// The share of the change that it tells, from 0 to 1; or a sentence that says why it tells nothing.
    pub tells: Result<f64, String>,
}

/// Why a figure differs.
#[derive(Debug, Clone)]
pub struct Why {
    /// What was compared.
    pub header: MetricHeader,
    /// Before, or there.
    pub before: Side,
    /// Now, or here.
    pub now: Side,
    /// Now less before, in the unit of the figure.
    pub change: f64,
    /// Where the change could as well lie, at 95 %.
    pub interval: Option<Interval>,
    /// What the intervals rest on.
    pub drawn: Drawn,
    /// By the dimension that was asked for, or that tells most; `None` where none could be used.
    pub along: Option<Along>,
    /// What a second dimension tells within the first; `None` where none was asked for and none tells enough.
    pub nested: Option<Nested>,
    /// The figure as a product, and what each factor did; `None` where it is none.
    pub chain: Option<Chain>,
    /// All dimensions that were looked at, the one that tells most first.
    pub looked: Vec<Looked>,
    /// What the reader should know.
    pub notes: Vec<String>,
}

impl Along {
    /// Effects that are named: those that are surely a segment's own, the largest first; where nothing is known of chance, the
    /// three largest.
    pub fn named(&self) -> Vec<&Effect<Vec<Key>>> {
        let known = self.told.sure.iter().any(Option::is_some);
        let places =
            if known { self.told.named.clone() } else { (0..self.whole.effects.len().min(3)).collect() };
        places.into_iter().filter_map(|at| self.whole.effects.get(at)).collect()
    }

    /// How many effects are not named, and their totals.
    pub fn rest(&self) -> (usize, f64) {
        let named: f64 = self.named().iter().map(|effect| effect.total).sum();
        let all: f64 = self.whole.effects.iter().map(|effect| effect.total).sum();
        (self.whole.effects.len() - self.named().len(), all - named)
    }
}
