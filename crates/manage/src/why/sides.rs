//! The two sides that are compared: their figures, and their parts by day or hour.

use std::collections::BTreeMap;

use dialmark_engine::Engine;
use dialmark_govern::why::Drawn;
use dialmark_metrics::answer::MetricHeader;
use dialmark_metrics::metric::Unit;
use dialmark_metrics::{Cell, Exact, Key, MetricQuery, MetricTable, Ratio};
use dialmark_model::civil::Grain;
use dialmark_stats::Part;

use super::{Hand, Question, sentence};
use crate::error::NotDone;
use crate::figures::times;

/// Days, or hours, of either side from which chance can be drawn.
const FEWEST: usize = 10;

/// Both sides.
pub(crate) struct Sides {
    pub(crate) header: MetricHeader,
    pub(crate) before: OneSide,
    pub(crate) now: OneSide,
    /// What a numerator is multiplied by before it is divided.
    pub(crate) times: f64,
    pub(crate) drawn: Drawn,
    pub(crate) notes: Vec<String>,
}

/// One of them.
pub(crate) struct OneSide {
    pub(crate) cell: Cell,
    /// Its parts by day or hour, in order.
    pub(crate) clusters: Vec<Part>,
}

/// Parts of a side by values of dimensions, and by day or hour where chance is drawn from these.
pub(super) type ByValue = BTreeMap<Vec<Key>, BTreeMap<Key, Part>>;

impl Sides {
    pub(super) async fn of(engine: &Engine, question: &Question<'_>) -> Result<Sides, NotDone> {
        let (before, _) = whole(engine, question, Hand::Before).await?;
        let (now, header) = whole(engine, question, Hand::Now).await?;
        if !matches!(header.kind, "ratio" | "conversion") {
            return Err(NotDone::refused(format!(
                "`{}` is no ratio of two sums, so that it has no rates and no mix. Ask for one that is, such as `conversion_rate`, or \
                 compare its parts with `dialmark query --by`.",
                question.metric
            )));
        }
        let times = match header.unit {
            Unit::Share => 1.0,
            _ => times(&now).or_else(|| times(&before)).map_or(1.0, Ratio::to_f64),
        };
        let mut sides = Sides {
            header,
            before: OneSide { cell: before, clusters: Vec::new() },
            now: OneSide { cell: now, clusters: Vec::new() },
            times,
            drawn: Drawn::TooFew,
            notes: Vec::new(),
        };
        sides.values()?;
        for (grain, drawn) in
            [(Grain::Day, Drawn::Days as fn(usize, usize) -> Drawn), (Grain::Hour, Drawn::Hours)]
        {
            let before = sides.clusters(engine, question, Hand::Before, grain).await?;
            let now = sides.clusters(engine, question, Hand::Now, grain).await?;
            if before.len().min(now.len()) >= FEWEST {
                sides.drawn = drawn(before.len(), now.len());
                (sides.before.clusters, sides.now.clusters) = (before, now);
                break;
            }
        }
        Ok(sides)
    }

    /// What chance is drawn from.
    pub(super) const fn grain(&self) -> Option<Grain> {
        match self.drawn {
            Drawn::Days(..) => Some(Grain::Day),
            Drawn::Hours(..) => Some(Grain::Hour),
            Drawn::TooFew => None,
        }
    }

    /// Both figures; a sentence where one has none.
    pub(super) fn values(&self) -> Result<(f64, f64), NotDone> {
        let value = |cell: &Cell, when: &str| match &cell.value {
            Ok(value) => Ok(value.to_f64()),
            Err(reason) => Err(NotDone::refused(format!(
                "{} has no value {when}: {reason}. Two figures are needed to say why they differ.",
                self.header.label
            ))),
        };
        Ok((value(&self.before.cell, "on the side that it is compared with")?, value(&self.now.cell, "now")?))
    }

    async fn clusters(
        &self,
        engine: &Engine,
        question: &Question<'_>,
        hand: Hand,
        grain: Grain,
    ) -> Result<Vec<Part>, NotDone> {
        let asked = query(question, hand, &[], Some(grain));
        let Ok(table) = sentence(engine.query(&asked).await)? else { return Ok(Vec::new()) };
        Ok(table.rows.iter().filter_map(|row| self.part(row.cells.first()?)).collect())
    }

    /// The parts of a figure in the unit of its value.
    fn part(&self, cell: &Cell) -> Option<Part> {
        let of = |part: Option<Exact>| part.map_or(0.0, Exact::to_f64);
        (cell.numerator.is_some() || cell.denominator.is_some())
            .then(|| Part { top: of(cell.numerator) * self.times, bottom: of(cell.denominator) })
    }

    /// The parts of a side by dimensions; a sentence where it cannot be broken out so, or where the parts do not add up to the whole.
    pub(super) async fn by_value(
        &self,
        engine: &Engine,
        question: &Question<'_>,
        hand: Hand,
        by: &[String],
        grain: Option<Grain>,
    ) -> Result<Result<ByValue, String>, NotDone> {
        let table = match sentence(engine.query(&query(question, hand, by, grain)).await)? {
            Ok(table) => table,
            Err(refused) => return Ok(Err(refused)),
        };
        let whole = match hand {
            Hand::Before => &self.before.cell,
            Hand::Now => &self.now.cell,
        };
        if !adds_up(&table, whole) {
            return Ok(Err(format!(
                "the parts by {} do not add up to the whole: something counts in several of them.",
                by.join(" and ")
            )));
        }
        let mut found = ByValue::new();
        for row in &table.rows {
            let Some(part) = row.cells.first().and_then(|cell| self.part(cell)) else { continue };
            let (time, keys) = match (grain, row.keys.split_first()) {
                (Some(_), Some((time, keys))) => (time.clone(), keys.to_vec()),
                _ => (Key::None, row.keys.clone()),
            };
            let sum = found.entry(keys).or_default().entry(time).or_default();
            *sum = sum.plus(part);
        }
        Ok(Ok(found))
    }
}

async fn whole(
    engine: &Engine,
    question: &Question<'_>,
    hand: Hand,
) -> Result<(Cell, MetricHeader), NotDone> {
    let table = engine.query(&query(question, hand, &[], None)).await?;
    let header = table.metrics.into_iter().next();
    let header = header
        .ok_or_else(|| NotDone::refused(format!("`{}` came back without a figure.", question.metric)))?;
    let cell = table.rows.into_iter().next().and_then(|row| row.cells.into_iter().next());
    Ok((cell.unwrap_or_else(Cell::empty), header))
}

fn query(question: &Question<'_>, hand: Hand, by: &[String], grain: Option<Grain>) -> MetricQuery {
    let which = question.side(hand);
    MetricQuery {
        metrics: vec![question.metric.clone()],
        by: by.to_vec(),
        filter: which.filter.clone(),
        period: which.period,
        grain,
        zone: question.zone.clone(),
        scope: question.scope.clone(),
        ..MetricQuery::default()
    }
}

/// Whether numerators and denominators of all rows come to those of the whole, exactly.
fn adds_up(table: &MetricTable, whole: &Cell) -> bool {
    let sum = |of: fn(&Cell) -> Option<Exact>| {
        let parts = table.rows.iter().filter_map(|row| of(row.cells.first()?));
        parts.into_iter().try_fold(Exact::ZERO, Exact::checked_add)
    };
    let is_whole = |of: fn(&Cell) -> Option<Exact>| {
        let (sum, whole) = (sum(of), of(whole).unwrap_or(Exact::ZERO));
        sum.and_then(|sum| sum.checked_sub(whole)).is_some_and(Exact::is_zero)
    };
    is_whole(|cell| cell.numerator) && is_whole(|cell| cell.denominator)
}
