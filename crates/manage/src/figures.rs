//! Figures with their intervals: the value from the engine, and how it varies from day to day and agent to agent.

use std::collections::BTreeMap;

use dialmark_engine::{Engine, EngineError, Way};
use dialmark_govern::Place;
use dialmark_metrics::answer::MetricHeader;
use dialmark_metrics::metric::{Formula, Unit};
use dialmark_metrics::{Catalogue, Cell, Exact, Key, MetricQuery, MetricRef, MetricTable, Ratio, Scope};
use dialmark_model::civil::{Grain, Period};
use dialmark_stats::bootstrap::{self, Plan};
use dialmark_stats::{Confidence, Interval, Nps, Part, Share};

/// An agent's day is one draw of luck and skill: its calls hang together.
const AGENT: &str = "agent_id";
/// So do calls of one hour, a little.
const HOUR: &str = "hour";

/// Scores that are a difference of two shares of the same answers, with those shares.
const RECOMMENDING: [(&str, [&str; 2]); 2] = [
    ("nps", ["promoters_rate", "detractors_rate"]),
    ("employee_nps", ["employee_promoters_rate", "employee_detractors_rate"]),
];

/// What is asked for.
pub(crate) struct Ask<'a> {
    pub(crate) metrics: &'a [MetricRef],
    pub(crate) place: &'a Place,
    /// Dimensions by which it is broken out.
    pub(crate) by: &'a [String],
    pub(crate) period: Period,
    pub(crate) scope: &'a Scope,
}

/// One figure.
#[derive(Debug, Clone)]
pub struct Found {
    /// The value with its parts.
    pub cell: Cell,
    /// What it is.
    pub header: MetricHeader,
    /// Its parts by day and agent; empty where a figure is not a ratio of sums, or where days do not add up to it.
    clusters: Vec<(Exact, Exact)>,
    /// The answers that a recommendation score was counted from.
    answers: Option<Nps>,
    /// The dimension of its place that most of what it is divided by has no value of: connected calls have an agent, dials
    /// that reach nobody have none.
    pub without: Option<String>,
}

/// Figures by place, each in the order in which they were asked for: a figure, or why this one cannot be asked so.
pub(crate) type Figures = BTreeMap<Vec<Key>, Vec<Result<Found, String>>>;

/// The figures of a place, by its dimensions.
pub(crate) async fn figures(engine: &Engine, ask: &Ask<'_>) -> Result<Figures, EngineError> {
    let (values, clusters) = values_and_clusters(engine, ask).await?;
    let recommending = recommending(engine, ask, &values).await?;
    let mut places: Vec<Vec<Key>> = Vec::new();
    for table in values.iter().flatten() {
        places.extend(table.rows.iter().map(|row| row.keys.clone()));
    }
    places.sort();
    places.dedup();
    if ask.by.is_empty() && places.is_empty() {
        places.push(Vec::new());
    }
    let mut figures = Figures::new();
    for keys in places {
        let of_place = values.iter().enumerate().map(|(at, table)| {
            let table = table.as_ref().map_err(Clone::clone)?;
            let header = table.metrics.first().cloned().ok_or_else(|| "nothing came back".to_owned())?;
            let at_place = |table: &MetricTable| {
                let cell = table.rows.iter().find(|row| row.keys == keys).and_then(|row| row.cells.first());
                cell.cloned().unwrap_or_else(Cell::empty)
            };
            let cell = at_place(table);
            let answers = recommending.get(&at);
            let answers = answers.and_then(|(up, down)| nps(&at_place(up), &at_place(down)));
            let clusters = clusters.get(&at).map_or(Vec::new(), |table| parts(table, &keys));
            let without = ask
                .by
                .iter()
                .enumerate()
                .find(|(at, _)| keys.get(*at) != Some(&Key::None) && most_have_none(table, *at));
            let without = without.map(|(_, dimension)| dimension.clone());
            Ok(Found { cell, header, clusters, answers, without })
        });
        let of_place = of_place.collect();
        figures.insert(keys, of_place);
    }
    Ok(figures)
}

/// The figures, and ratios of sums once more, by day and agent. Where records have no agent, or many have none (most dials reach
/// nobody, and nobody handled them), by day and hour instead: "no agent" would be one lump that is like no agent's day. By the
/// place of the metric.
async fn values_and_clusters(
    engine: &Engine,
    ask: &Ask<'_>,
) -> Result<(Vec<Result<MetricTable, String>>, BTreeMap<usize, MetricTable>), EngineError> {
    let finer = |finest: Option<&str>| {
        let mut by = ask.by.to_vec();
        by.extend(finest.filter(|finest| !by.iter().any(|known| known == finest)).map(str::to_owned));
        Way { grain: Some(Grain::Day), by }
    };
    let whole = Way { grain: None, by: ask.by.to_vec() };
    let metrics = |places: &[usize]| -> Vec<MetricRef> {
        places.iter().filter_map(|at| ask.metrics.get(*at).cloned()).collect()
    };
    let (mut left, others): (Vec<usize>, Vec<usize>) = (0..ask.metrics.len())
        .partition(|at| ask.metrics.get(*at).is_some_and(|metric| has_clusters(engine.catalogue(), metric)));
    let mut values: BTreeMap<usize, Result<MetricTable, String>> = BTreeMap::new();
    let mut clusters = BTreeMap::new();
    let alone = in_ways(engine, ask, &metrics(&others), std::slice::from_ref(&whole)).await?;
    values.extend(others.iter().copied().zip(alone.into_iter().flatten()));
    for finest in [Some(AGENT), Some(HOUR), None] {
        if left.is_empty() {
            break;
        }
        let mut ways = vec![finer(finest)];
        // The figures themselves come from the first reading.
        ways.extend(left.iter().any(|at| !values.contains_key(at)).then(|| whole.clone()));
        let found = in_ways(engine, ask, &metrics(&left), &ways).await?;
        let by = ways.first().map_or(Vec::new(), |way| way.by.clone());
        let mut found = found.into_iter();
        for (at, table) in left.iter().zip(found.next().unwrap_or_default()) {
            if let Ok(table) = table
                && (finest != Some(AGENT) || most_have(&table, &by, AGENT))
            {
                clusters.insert(*at, table);
            }
        }
        values.extend(left.iter().copied().zip(found.next().unwrap_or_default()));
        left.retain(|at| !clusters.contains_key(at));
    }
    Ok((values.into_values().collect(), clusters))
}

/// Whether the parts of a figure by day and agent come to the figure.
fn has_clusters(catalogue: &Catalogue, metric: &MetricRef) -> bool {
    let is_ratio = |formula: &Formula| matches!(formula, Formula::Ratio { .. } | Formula::Conversion { .. });
    catalogue.resolve(metric).is_ok_and(|found| is_ratio(&found.variant.formula))
        && catalogue.adds_up_over_days(metric)
}

/// The shares of promoters and of detractors of recommendation scores, by the place of the metric.
async fn recommending(
    engine: &Engine,
    ask: &Ask<'_>,
    values: &[Result<MetricTable, String>],
) -> Result<BTreeMap<usize, (MetricTable, MetricTable)>, EngineError> {
    let mut found = BTreeMap::new();
    for (at, table) in values.iter().enumerate() {
        let header = table.as_ref().ok().and_then(|table| table.metrics.first());
        let shares = header.and_then(|header| RECOMMENDING.iter().find(|(name, _)| *name == header.metric));
        let Some((_, shares)) = shares else { continue };
        let metrics = shares.map(MetricRef::new);
        let mut tables = each(engine, ask, &metrics, ask.by, None).await?.into_iter();
        if let (Some(Ok(up)), Some(Ok(down))) = (tables.next(), tables.next()) {
            found.insert(at, (up, down));
        }
    }
    Ok(found)
}

/// Answers from the shares of promoters and of detractors among them.
pub(crate) fn nps(up: &Cell, down: &Cell) -> Option<Nps> {
    let whole = |part: Option<Exact>| u32::try_from(part?.as_integer()?).ok();
    let (promoters, detractors) = (whole(up.numerator)?, whole(down.numerator)?);
    let passives = whole(up.denominator)?.checked_sub(promoters.checked_add(detractors)?)?;
    Some(Nps { promoters, passives, detractors })
}

/// Whether at least nine tenths of what is divided by belongs to rows that have a value of a dimension.
fn most_have(table: &MetricTable, by: &[String], dimension: &str) -> bool {
    // The day comes first.
    let Some(at) = by.iter().position(|one| one == dimension).map(|at| at + 1) else { return false };
    let (all, without) = divided_by(table, at);
    without * 10.0 <= all
}

/// Whether more than half of what is divided by belongs to rows that have no value of a dimension.
pub(crate) fn most_have_none(table: &MetricTable, at: usize) -> bool {
    let (all, without) = divided_by(table, at);
    without * 2.0 > all
}

/// What is divided by in all rows, and in those without a value of a dimension.
fn divided_by(table: &MetricTable, at: usize) -> (f64, f64) {
    let bottom = |row: &dialmark_metrics::Row| {
        row.cells.first().and_then(|cell| cell.denominator).map_or(0.0, Exact::to_f64)
    };
    let without = table.rows.iter().filter(|row| row.keys.get(at) == Some(&Key::None)).map(bottom);
    (table.rows.iter().map(bottom).sum(), without.sum())
}

/// One table a metric: together where that works, since measures of one table share a pass, else each by itself.
pub(crate) async fn each(
    engine: &Engine,
    ask: &Ask<'_>,
    metrics: &[MetricRef],
    by: &[String],
    grain: Option<Grain>,
) -> Result<Vec<Result<MetricTable, String>>, EngineError> {
    let way = Way { grain, by: by.to_vec() };
    Ok(in_ways(engine, ask, metrics, &[way]).await?.into_iter().next().unwrap_or_default())
}

/// By way, one table a metric.
async fn in_ways(
    engine: &Engine,
    ask: &Ask<'_>,
    metrics: &[MetricRef],
    ways: &[Way],
) -> Result<Vec<Vec<Result<MetricTable, String>>>, EngineError> {
    if metrics.is_empty() {
        return Ok(vec![Vec::new(); ways.len()]);
    }
    let question = MetricQuery {
        metrics: metrics.to_vec(),
        filter: ask.place.condition(),
        period: ask.period,
        scope: ask.scope.clone(),
        ..MetricQuery::default()
    };
    let answers = engine.query_ways(&[(question.clone(), ways.to_vec())]).await;
    let mut found = Vec::new();
    for (way, answer) in ways.iter().zip(answers.into_iter().flatten()) {
        let tables = match answer {
            Ok(table) => (0..metrics.len()).map(|at| Ok(column(&table, at))).collect(),
            Err(EngineError::Question(sentence)) if metrics.len() == 1 => vec![Err(sentence)],
            Err(EngineError::Question(_)) => one_by_one(engine, &question, way).await?,
            Err(other) => return Err(other),
        };
        found.push(tables);
    }
    Ok(found)
}

/// One table a metric, each asked for alone, so that what one cannot be asked for does not keep the others from it.
async fn one_by_one(
    engine: &Engine,
    question: &MetricQuery,
    way: &Way,
) -> Result<Vec<Result<MetricTable, String>>, EngineError> {
    let mut tables = Vec::new();
    for metric in &question.metrics {
        let one = MetricQuery {
            metrics: vec![metric.clone()],
            by: way.by.clone(),
            grain: way.grain,
            ..question.clone()
        };
        tables.push(match engine.query(&one).await {
            Ok(table) => Ok(table),
            Err(EngineError::Question(sentence)) => Err(sentence),
            Err(other) => return Err(other),
        });
    }
    Ok(tables)
}

/// One table a metric, or why it cannot be asked so.
pub(crate) async fn tables(
    engine: &Engine,
    ask: &Ask<'_>,
) -> Result<Vec<Result<MetricTable, String>>, EngineError> {
    each(engine, ask, ask.metrics, ask.by, None).await
}

/// The figures of a whole place without what their intervals need, in the order in which they were asked for; `None` where
/// one cannot be asked so.
pub(crate) async fn cells(engine: &Engine, ask: &Ask<'_>) -> Result<Vec<Option<Cell>>, EngineError> {
    let tables = each(engine, ask, ask.metrics, &[], None).await?;
    Ok(tables
        .into_iter()
        .map(|table| table.ok()?.rows.into_iter().next()?.cells.into_iter().next())
        .collect())
}

/// One metric of a table that has several.
fn column(table: &MetricTable, at: usize) -> MetricTable {
    let rows = table.rows.iter().map(|row| dialmark_metrics::Row {
        keys: row.keys.clone(),
        cells: row.cells.get(at).cloned().into_iter().collect(),
    });
    MetricTable {
        dimensions: table.dimensions.clone(),
        metrics: table.metrics.get(at).cloned().into_iter().collect(),
        rows: rows.collect(),
        ..table.clone()
    }
}

/// Numerators and denominators of a place, by day and whatever else the table is broken out by.
fn parts(table: &MetricTable, place: &[Key]) -> Vec<(Exact, Exact)> {
    // The day comes first, then the dimensions of the place, then the agent.
    let of_place = |keys: &[Key]| keys.get(1..).is_some_and(|rest| rest.starts_with(place));
    let rows = table.rows.iter().filter(|row| of_place(&row.keys));
    rows.filter_map(|row| {
        let cell = row.cells.first()?;
        Some((cell.numerator?, cell.denominator?))
    })
    .collect()
}

impl Found {
    /// The figure of some values of the dimension of a table by day and one dimension; `None` where they have none.
    pub(crate) fn among(table: &MetricTable, which: impl Fn(&Key) -> bool) -> Option<Found> {
        let header = table.metrics.first()?.clone();
        let rows = || table.rows.iter().filter(|row| row.keys.get(1).is_some_and(&which));
        let parts = rows().filter_map(|row| {
            let cell = row.cells.first()?;
            Some((cell.numerator.unwrap_or(Exact::ZERO), cell.denominator?))
        });
        let clusters: Vec<(Exact, Exact)> = parts.collect();
        let sum = |of: fn(&(Exact, Exact)) -> Exact| {
            clusters.iter().map(of).try_fold(Exact::ZERO, Exact::checked_add)
        };
        let (top, bottom) = (sum(|part| part.0)?, sum(|part| part.1)?);
        let times = match header.unit {
            Unit::Share => Ratio::exact(Exact::integer(1)),
            _ => table.rows.iter().find_map(|row| times(row.cells.first()?)),
        };
        let value = Ratio::of(top, bottom)?.times(times?)?;
        let cell = Cell {
            value: Ok(value),
            numerator: Some(top),
            denominator: Some(bottom),
            n: rows().filter_map(|row| row.cells.first()).map(|cell| cell.n).sum(),
            ..Cell::empty()
        };
        Some(Found { cell, header, clusters, answers: None, without: None })
    }

    /// Where the value could as well lie, at 95 %: by drawing days of agents again, and for shares of counted things never
    /// narrower than Wilson's interval, which takes each record for itself; of recommendation scores Wald's, adjusted. `None`
    /// for other figures that are no ratio of sums, and where there is too little to tell.
    pub fn interval(&self) -> Option<Interval> {
        if let Some(answers) = self.answers {
            return answers.adjusted_wald(Confidence::P95);
        }
        let drawn = bootstrap::of_ratio(&self.drawable()?, &Plan::default()).map(|drawn| drawn.interval);
        let counted = self.share().map(|share| share.wilson(Confidence::P95));
        let interval = widest(drawn, counted);
        // A part of a whole is no less than nothing and no more than all of it, and a sum of what is never below zero is not
        // either, however few draws there are.
        match (self.is_part_of_whole(), self.is_never_negative()) {
            (true, _) => interval.map(|interval| interval.within(0.0, 1.0)),
            (false, true) => interval.map(|interval| interval.within(0.0, f64::MAX)),
            (false, false) => interval,
        }
    }

    /// Whether it is a ratio of sums of a single draw, such as one agent's one day, of which no interval can be had.
    pub fn is_single(&self) -> bool {
        self.clusters.len() == 1 && self.share().is_none()
    }

    fn is_never_negative(&self) -> bool {
        self.clusters.iter().all(|(top, bottom)| *top >= Exact::ZERO && *bottom >= Exact::ZERO)
    }

    fn is_part_of_whole(&self) -> bool {
        let whole = Ratio::exact(Exact::integer(1));
        let value = self.cell.value.as_ref().ok().copied();
        self.header.unit == Unit::Share
            && value.is_some_and(|value| value >= Ratio::ZERO && whole.is_some_and(|whole| value <= whole))
    }

    /// Where the difference to an earlier figure could as well lie.
    pub fn less(&self, earlier: &Found) -> Option<Interval> {
        let plan = Plan::default();
        let (now, before) = (self.drawable()?, earlier.drawable()?);
        let drawn = bootstrap::of_difference(&now, &before, &plan).map(|drawn| drawn.interval);
        let shares = self.share().zip(earlier.share());
        let counted = shares.map(|(now, before)| now.minus(before, Confidence::P95));
        widest(drawn, counted)
    }

    /// The parts as numbers to draw from, in the unit of the value.
    fn drawable(&self) -> Option<Vec<Part>> {
        let times = self.times()?;
        let parts = self.clusters.iter();
        Some(parts.map(|(top, bottom)| Part { top: top.to_f64() * times, bottom: bottom.to_f64() }).collect())
    }

    fn times(&self) -> Option<f64> {
        match self.header.unit {
            Unit::Share => Some(1.0),
            _ => times(&self.cell).map(Ratio::to_f64),
        }
    }

    /// Hits among records, when that is what was counted.
    fn share(&self) -> Option<Share> {
        if self.header.unit != Unit::Share {
            return None;
        }
        let whole = |part: Option<Exact>| u64::try_from(part?.as_integer()?).ok();
        Share::new(whole(self.cell.numerator)?, whole(self.cell.denominator)?)
    }
}

/// What a numerator is multiplied by before it is divided, such as an hour's milliseconds; `None` where a zero hides it.
pub(crate) fn times(cell: &Cell) -> Option<Ratio> {
    let plain = Ratio::of(cell.numerator?, cell.denominator?)?;
    cell.value.as_ref().ok()?.over(plain)
}

fn widest(one: Option<Interval>, other: Option<Interval>) -> Option<Interval> {
    match (one, other) {
        (Some(one), Some(other)) => Some(one.widened_to(other)),
        (one, other) => one.or(other),
    }
}
