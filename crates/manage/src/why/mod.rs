//! Why a figure moved: the change between two stretches of time, or two places, taken apart by whatever tells most.

mod against;
mod along;
mod sides;

use dialmark_engine::{Engine, EngineError};
use dialmark_govern::why::{Looked, Side, Why};
use dialmark_metrics::expr::Expr;
use dialmark_metrics::{Key, MetricRef, Scope};
use dialmark_model::civil::Period;
use dialmark_stats::bootstrap::{self, Plan};

use crate::error::NotDone;

pub use against::Against;
use sides::Sides;

/// Dimensions along which a cause is looked for, with those that the catalogue declares.
pub(crate) const DIMENSIONS: [&str; 10] = [
    "campaign_id",
    "list_id",
    "lead_source",
    "team_id",
    "site_id",
    "caller_id",
    "called_region",
    "hour",
    "weekday",
    "agent_id",
];
/// Dimensions, those that tell most, of which pairs are tried.
const PAIRED: usize = 3;
/// What a dimension must tell to be one of a pair.
const WORTH_PAIRING: f64 = 0.2;
/// What a pair must tell more than a single dimension: it is harder to understand.
const PAIR_TELLS_MORE: f64 = 0.1;

/// One side of what is asked: which time, and which records.
#[derive(Debug, Clone, Default)]
pub struct Which {
    /// Which time.
    pub period: Period,
    /// Which records.
    pub filter: Option<Expr>,
}

/// Which of the two sides.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Hand {
    Before,
    Now,
}

/// What is asked.
#[derive(Debug, Clone)]
pub struct Question<'a> {
    /// The figure: a ratio.
    pub metric: &'a MetricRef,
    /// Before, or there.
    pub before: Which,
    /// Now, or here.
    pub now: Which,
    /// Dimensions to take it apart by; empty for whatever tells most.
    pub by: &'a [String],
    /// Zone of days and hours; `None` for each record's own.
    pub zone: Option<String>,
    /// What the asker may see.
    pub scope: &'a Scope,
}

impl Question<'_> {
    const fn side(&self, hand: Hand) -> &Which {
        match hand {
            Hand::Before => &self.before,
            Hand::Now => &self.now,
        }
    }
}

/// Why a figure differs between two sides. A sentence where it cannot be taken apart: it is no ratio, or a side has no value.
pub async fn why(engine: &Engine, question: &Question<'_>) -> Result<Why, NotDone> {
    let sides = Sides::of(engine, question).await?;
    let (before, now) = sides.values()?;
    let mut looked: Vec<Looked> = Vec::new();
    let mut found = Vec::new();
    let singles: Vec<Vec<String>> = match question.by {
        [] => dimensions(engine).into_iter().map(|one| vec![one]).collect(),
        by => vec![by.to_vec()],
    };
    for by in singles {
        match along::along(engine, question, &sides, &by).await? {
            Ok(along) => found.push(along),
            Err(sentence) if question.by.is_empty() => looked.push(Looked { by, tells: Err(sentence) }),
            Err(sentence) => return Err(NotDone::refused(sentence)),
        }
    }
    found.sort_by(|a, b| b.told.explained.total_cmp(&a.told.explained));
    if question.by.is_empty() {
        let telling = found.iter().filter(|one| one.told.explained >= WORTH_PAIRING).take(PAIRED);
        let telling: Vec<Vec<String>> = telling.map(|one| one.by.clone()).collect();
        let best = found.first().map_or(0.0, |best| best.told.explained);
        for (at, one) in telling.iter().enumerate() {
            for other in telling.iter().skip(at + 1) {
                let by = [one.clone(), other.clone()].concat();
                match along::along(engine, question, &sides, &by).await? {
                    Ok(pair) if pair.told.explained > best + PAIR_TELLS_MORE => found.push(pair),
                    Ok(pair) => looked.push(Looked { by, tells: Ok(pair.told.explained) }),
                    Err(sentence) => looked.push(Looked { by, tells: Err(sentence) }),
                }
            }
        }
        found.sort_by(|a, b| b.told.explained.total_cmp(&a.told.explained));
    }
    looked.extend(found.iter().map(|one| Looked { by: one.by.clone(), tells: Ok(one.told.explained) }));
    looked.sort_by(|a, b| {
        let tells = |one: &Looked| one.tells.as_ref().map_or(-1.0, |tells| *tells);
        tells(b).total_cmp(&tells(a)).then_with(|| a.by.cmp(&b.by))
    });
    let drawn = bootstrap::of_difference(&sides.now.clusters, &sides.before.clusters, &Plan::default());
    let side = |which: &Which, cell| Side {
        period: which.period,
        condition: which.filter.as_ref().map(ToString::to_string),
        cell,
    };
    Ok(Why {
        header: sides.header.clone(),
        before: side(&question.before, sides.before.cell.clone()),
        now: side(&question.now, sides.now.cell.clone()),
        change: now - before,
        interval: drawn.map(|drawn| drawn.interval),
        drawn: sides.drawn,
        along: found.into_iter().next(),
        looked,
        notes: sides.notes,
    })
}

/// All dimensions that are tried: those of calls and spans, and those that the catalogue declares.
pub fn dimensions(engine: &Engine) -> Vec<String> {
    let declared = engine.catalogue().dimensions.keys().cloned();
    let mut all: Vec<String> = DIMENSIONS.iter().map(|one| (*one).to_owned()).chain(declared).collect();
    let mut seen = std::collections::BTreeSet::new();
    all.retain(|one| seen.insert(one.clone()));
    all
}

/// Whether a value of one of the dimensions is none.
fn is_none(keys: &[Key]) -> bool {
    keys.contains(&Key::None)
}

/// What the engine refuses is a sentence for the asker, whatever else it says is its own trouble.
fn sentence<T>(answer: Result<T, EngineError>) -> Result<Result<T, String>, NotDone> {
    match answer {
        Ok(answer) => Ok(Ok(answer)),
        Err(EngineError::Question(sentence)) => Ok(Err(sentence)),
        Err(other) => Err(other.into()),
    }
}
