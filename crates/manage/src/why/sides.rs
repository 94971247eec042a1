//! The two sides that are compared: their figures, and their parts by day or hour.

use std::collections::BTreeMap;

use dialmark_engine::{Engine, EngineError, Way};
use dialmark_govern::why::Drawn;
use dialmark_metrics::answer::MetricHeader;
use dialmark_metrics::metric::Unit;
use dialmark_metrics::{Cell, Exact, Key, MetricQuery, MetricTable, Ratio};
use dialmark_model::civil::Grain;
use dialmark_stats::Part;

use super::{Hand, Question};
use crate::error::NotDone;
use crate::figures::times;

/// Days, or hours, of either side from which chance can be drawn.
const FEWEST: usize = 10;

/// Whole days of a stretch from which so many days with records may be expected.
const DAYS_EXPECTED: i64 = 10;

/// Both sides.
pub(crate) struct Sides<'q> {
    pub(crate) header: MetricHeader,
    pub(crate) before: OneSide,
    pub(crate) now: OneSide,
    /// What a numerator is multiplied by before it is divided.
    pub(crate) times: f64,
    pub(crate) drawn: Drawn,
    pub(crate) notes: Vec<String>,
    read: Read<'q>,
}

/// One of them.
pub(crate) struct OneSide {
    pub(crate) cell: Cell,
    /// Its parts by day or hour, in order.
    pub(crate) clusters: Vec<Part>,
}

/// Parts of a side by values of dimensions, and by day or hour where chance is drawn from these.
pub(super) type ByValue = BTreeMap<Vec<Key>, BTreeMap<Key, Part>>;

impl<'q> Sides<'q> {
    /// Reads both sides; `likely` are the dimensions that will be asked for, so that records are read once for all.
    pub(super) async fn of(
        engine: &'q Engine,
        question: &'q Question<'q>,
        likely: &[Vec<String>],
    ) -> Result<Sides<'q>, NotDone> {
        let mut read = Read { engine, question, known: Vec::new() };
        let grain = grain_of(question);
        let whole = [None, Some(Grain::Day), Some(Grain::Hour)].map(|grain| Way { grain, by: Vec::new() });
        let by = likely.iter().map(|by| Way { grain: Some(grain), by: by.clone() });
        read.ways(whole.into_iter().chain(by).collect()).await?;
        let (before, _) = read.whole(Hand::Before)?;
        let (now, header) = read.whole(Hand::Now)?;
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
            read,
        };
        sides.values()?;
        for (grain, drawn) in
            [(Grain::Day, Drawn::Days as fn(usize, usize) -> Drawn), (Grain::Hour, Drawn::Hours)]
        {
            let (before, now) = (sides.clusters(Hand::Before, grain)?, sides.clusters(Hand::Now, grain)?);
            if before.len().min(now.len()) >= FEWEST {
                sides.drawn = drawn(before.len(), now.len());
                (sides.before.clusters, sides.now.clusters) = (before, now);
                break;
            }
        }
        Ok(sides)
    }

    /// Reads what will be asked for by these dimensions, unless it has been read.
    pub(super) async fn read(&mut self, all: &[Vec<String>]) -> Result<(), NotDone> {
        let grain = self.grain();
        self.read.ways(all.iter().map(|by| Way { grain, by: by.clone() }).collect()).await
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

    fn clusters(&self, hand: Hand, grain: Grain) -> Result<Vec<Part>, NotDone> {
        let Ok(table) = self.read.table(hand, Some(grain), &[])? else { return Ok(Vec::new()) };
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
        &mut self,
        hand: Hand,
        by: &[String],
        grain: Option<Grain>,
    ) -> Result<Result<ByValue, String>, NotDone> {
        self.read.ways(vec![Way { grain, by: by.to_vec() }]).await?;
        let table = match self.read.table(hand, grain, by)? {
            Ok(table) => table,
            Err(refused) => return Ok(Err(refused)),
        };
        let whole = match hand {
            Hand::Before => &self.before.cell,
            Hand::Now => &self.now.cell,
        };
        if !adds_up(table, whole) {
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

/// What was read; a sentence where it cannot be asked so.
type Answer = Result<MetricTable, String>;

/// What has been read of both sides.
struct Read<'q> {
    engine: &'q Engine,
    question: &'q Question<'q>,
    /// By way: what was answered of the side before, and of now.
    known: Vec<(Way, [Answer; 2])>,
}

impl Read<'_> {
    /// Asks both sides in these ways, those together that have not been asked yet.
    async fn ways(&mut self, mut ways: Vec<Way>) -> Result<(), NotDone> {
        ways.retain(|way| !self.known.iter().any(|(known, _)| known == way));
        if ways.is_empty() {
            return Ok(());
        }
        let questions = [Hand::Before, Hand::Now].map(|hand| (query(self.question, hand), ways.clone()));
        let mut answers = self.engine.query_ways(&questions).await.into_iter();
        let (before, now) = (answers.next().unwrap_or_default(), answers.next().unwrap_or_default());
        for ((way, before), now) in ways.into_iter().zip(before).zip(now) {
            self.known.push((way, [sentence(before)?, sentence(now)?]));
        }
        Ok(())
    }

    /// What was read of a side; a sentence where it cannot be asked so.
    fn table(
        &self,
        hand: Hand,
        grain: Option<Grain>,
        by: &[String],
    ) -> Result<Result<&MetricTable, String>, NotDone> {
        let known = self.known.iter().find(|(way, _)| way.grain == grain && way.by == by);
        let Some((_, [before, now])) = known else {
            return Err(NotDone::refused(format!(
                "`{}` was not read by {}.",
                self.question.metric,
                by.join(", ")
            )));
        };
        let answer = if hand == Hand::Before { before } else { now };
        Ok(answer.as_ref().map_err(Clone::clone))
    }

    fn whole(&self, hand: Hand) -> Result<(Cell, MetricHeader), NotDone> {
        let table = self.table(hand, None, &[])?.map_err(NotDone::refused)?;
        let header = table.metrics.first().cloned();
        let header = header.ok_or_else(|| {
            NotDone::refused(format!("`{}` came back without a figure.", self.question.metric))
        })?;
        let cell = table.rows.first().and_then(|row| row.cells.first());
        Ok((cell.cloned().unwrap_or_else(Cell::empty), header))
    }
}

/// The grain by which chance will be drawn, as far as the stretches tell.
fn grain_of(question: &Question<'_>) -> Grain {
    let is_long = |which: &super::Which| match (which.period.from, which.period.to) {
        (Some(from), Some(to)) => from.duration_until(to).as_hours() >= DAYS_EXPECTED * 24,
        _ => true,
    };
    if is_long(&question.before) && is_long(&question.now) { Grain::Day } else { Grain::Hour }
}

fn query(question: &Question<'_>, hand: Hand) -> MetricQuery {
    let which = question.side(hand);
    MetricQuery {
        metrics: vec![question.metric.clone()],
        filter: which.filter.clone(),
        period: which.period,
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

/// What the engine refuses is a sentence for the asker, whatever else it says is its own trouble.
fn sentence(answer: Result<MetricTable, EngineError>) -> Result<Answer, NotDone> {
    match answer {
        Ok(answer) => Ok(Ok(answer)),
        Err(EngineError::Question(sentence)) => Ok(Err(sentence)),
        Err(other) => Err(other.into()),
    }
}
