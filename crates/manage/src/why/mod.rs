//! Why a figure moved: the change between two stretches of time, or two places, taken apart by whatever tells most.

mod against;
mod along;
mod chain;
mod nested;
mod sides;

use async_recursion::async_recursion as compiled_here;
use dialmark_engine::Engine;
use dialmark_govern::why::{Along, Drawn, Looked, Nested, Side, Why};
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
#[compiled_here]
pub async fn why(engine: &Engine, question: &Question<'_>) -> Result<Why, NotDone> {
    among(engine, question, &dimensions(engine), PAIRED).await
}

/// The same, where nothing is asked for among these dimensions and pairs of so many of them, those that tell most.
pub(crate) async fn among(
    engine: &Engine,
    question: &Question<'_>,
    dimensions: &[String],
    paired: usize,
) -> Result<Why, NotDone> {
    let singles: Vec<Vec<String>> = match question.by {
        [] => dimensions.iter().map(|one| vec![one.clone()]).collect(),
        by => vec![by.to_vec()],
    };
    let product = chain::product(engine, question).await?;
    if let Some(product) = &product
        && !matches!(product.header.kind, "ratio" | "conversion")
    {
        return chain_alone(product, question);
    }
    let mut sides = Sides::of(engine, question, &singles).await?;
    let (before, now) = sides.values()?;
    let mut looked: Vec<Looked> = Vec::new();
    let mut found = Vec::new();
    sides.read(&singles).await?;
    for by in singles {
        match along::along(&mut sides, &by).await? {
            Ok(along) => found.push(along),
            Err(sentence) if question.by.is_empty() => looked.push(Looked { by, tells: Err(sentence) }),
            Err(sentence) => return Err(NotDone::refused(sentence)),
        }
    }
    found.sort_by(|a, b| b.told.explained.total_cmp(&a.told.explained));
    if question.by.is_empty() {
        let telling = found.iter().filter(|one| one.told.explained >= WORTH_PAIRING).take(paired);
        let telling: Vec<Vec<String>> = telling.map(|one| one.by.clone()).collect();
        let best = found.first().map_or(0.0, |best| best.told.explained);
        let pairs = pairs(&telling);
        sides.read(&pairs).await?;
        for by in pairs {
            match along::along(&mut sides, &by).await? {
                Ok(pair) if pair.told.explained > best + PAIR_TELLS_MORE => found.push(pair),
                Ok(pair) => looked.push(Looked { by, tells: Ok(pair.told.explained) }),
                Err(sentence) => looked.push(Looked { by, tells: Err(sentence) }),
            }
        }
        found.sort_by(|a, b| b.told.explained.total_cmp(&a.told.explained));
    }
    looked.extend(found.iter().map(|one| Looked { by: one.by.clone(), tells: Ok(one.told.explained) }));
    looked.sort_by(|a, b| {
        let tells = |one: &Looked| one.tells.as_ref().map_or(-1.0, |tells| *tells);
        tells(b).total_cmp(&tells(a)).then_with(|| a.by.cmp(&b.by))
    });
    let nested = nested(&mut sides, question, &found).await?;
    let drawn = bootstrap::of_difference(&sides.now.clusters, &sides.before.clusters, &Plan::default());
    let side = |which: &Which, cell| Side {
        period: which.period,
        condition: which.filter.as_ref().map(ToString::to_string),
        cell,
    };
    let (chain, said) = match product.map(|product| product.chain) {
        Some(Ok(chain)) => (Some(chain), None),
        Some(Err(sentence)) => (None, Some(format!("It is not taken apart into its factors: {sentence}"))),
        None => (None, None),
    };
    sides.notes.extend(said);
    Ok(Why {
        header: sides.header.clone(),
        before: side(&question.before, sides.before.cell.clone()),
        now: side(&question.now, sides.now.cell.clone()),
        change: now - before,
        interval: drawn.map(|drawn| drawn.interval),
        drawn: sides.drawn,
        along: found.into_iter().next(),
        nested,
        chain,
        looked,
        notes: sides.notes,
    })
}

/// A figure that is no ratio, such as a number of sales: its factors alone say what moved it.
fn chain_alone(product: &chain::Product, question: &Question<'_>) -> Result<Why, NotDone> {
    let chain = product.chain.clone().map_err(|sentence| {
        NotDone::refused(format!(
            "`{}` is no ratio of two sums, and as a product it cannot be taken apart: {sentence}",
            question.metric
        ))
    })?;
    if !question.by.is_empty() {
        return Err(NotDone::refused(format!(
            "`{}` is no ratio of two sums, so that it has no rates and no mix by {}. Leave out what it is broken out by for its \
             factors, or ask for one of them.",
            question.metric,
            question.by.join(" and ")
        )));
    }
    Ok(Why {
        header: product.header.clone(),
        before: product.before.clone(),
        now: product.now.clone(),
        change: chain.change,
        interval: None,
        drawn: Drawn::TooFew,
        along: None,
        nested: None,
        chain: Some(chain),
        looked: Vec::new(),
        notes: Vec::new(),
    })
}

/// A second dimension within the first: the two that were asked for, else the one that tells most within the value that did most
/// by its own figure.
async fn nested(
    sides: &mut Sides<'_>,
    question: &Question<'_>,
    found: &[Along],
) -> Result<Option<Nested>, NotDone> {
    if let [outer, inner] = question.by {
        return Ok(nested::nested(sides, (outer, inner)).await?.ok());
    }
    let Some(best) = found.iter().find(|along| along.by.len() == 1) else { return Ok(None) };
    let ([outer], Some(_)) = (best.by.as_slice(), nested::worth_looking_into(best)) else { return Ok(None) };
    let others: Vec<&String> =
        found.iter().filter_map(|along| along.by.first()).filter(|by| *by != outer).collect();
    if !question.by.is_empty() || others.is_empty() {
        return Ok(None);
    }
    sides.read(&others.iter().map(|inner| vec![outer.clone(), (*inner).clone()]).collect::<Vec<_>>()).await?;
    let mut telling: Option<Nested> = None;
    for inner in others {
        if let Ok(one) = nested::nested(sides, (outer, inner)).await?
            && nested::tells(&one) > telling.as_ref().map_or(0.0, nested::tells)
        {
            telling = Some(one);
        }
    }
    Ok(telling)
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

/// Each two of these.
fn pairs(all: &[Vec<String>]) -> Vec<Vec<String>> {
    let others = |at: usize| all.iter().skip(at + 1);
    all.iter()
        .enumerate()
        .flat_map(|(at, one)| others(at).map(|other| [one.clone(), other.clone()].concat()))
        .collect()
}
