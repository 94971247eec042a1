//! What customers answered: satisfaction and recommendation with their margins, and how many were asked.

use std::collections::BTreeSet;

use async_recursion::async_recursion as compiled_here;
use dialmark_engine::EngineError;
use dialmark_govern::Place;
use dialmark_metrics::{Cell, Expr, Key, MetricQuery, MetricRef, Ratio, Reason};
use dialmark_model::civil::Period;
use dialmark_stats::{Confidence, Interval, Share};

use crate::desk::Desk;
use crate::error::NotDone;
use crate::figures::nps;
use crate::rows;

/// What is asked.
#[derive(Debug, Clone, Default)]
pub struct Asked<'a> {
    /// Dimensions to break out by.
    pub by: &'a [String],
    /// Condition on answers.
    pub filter: Option<Expr>,
    /// Which time: of answers by when they were given, of invitations by when they were sent.
    pub period: Period,
}

/// A survey whose score has a name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Survey {
    /// Satisfaction: the share of satisfied answers.
    Csat,
    /// Recommendation: the share of promoters less that of detractors.
    Nps,
}

impl Survey {
    /// Both.
    pub const ALL: [Survey; 2] = [Survey::Csat, Survey::Nps];

    /// As records and metrics call it.
    pub const fn word(self) -> &'static str {
        match self {
            Survey::Csat => "csat",
            Survey::Nps => "nps",
        }
    }
}

/// One survey at one place.
#[derive(Debug, Clone, PartialEq)]
pub struct Scored {
    /// The survey.
    pub survey: Survey,
    /// Values of the dimensions, in the order in which they were asked for.
    pub keys: Vec<Key>,
    /// The score, from 0 to 1, of recommendation from -1 to 1; or why there is none.
    pub score: Result<Ratio, Reason>,
    /// Satisfied answers, or promoters and detractors.
    pub counts: Counts,
    /// Answers that count.
    pub n: u64,
    /// Where the score could as well lie, at 95 %: Wilson's interval of a share; of a difference of shares Wald's, adjusted.
    /// It knows nothing of those who did not answer.
    pub interval: Option<Interval>,
    /// How many answered of those who were asked.
    pub response: Response,
}

/// What a score is computed from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Counts {
    /// Satisfied answers.
    Satisfied(u64),
    /// Promoters and detractors; the rest is in between.
    Recommending {
        /// Answers of 9 and 10.
        promoters: u64,
        /// Answers of 6 and less.
        detractors: u64,
    },
}

/// How many answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Response {
    /// Variant of `survey_response_rate` that was read: the centre's choice, or rows where invitations name no call.
    pub variant: String,
    /// Who answered.
    pub answered: Option<u64>,
    /// Who was asked.
    pub asked: Option<u64>,
    /// The share; or why there is none.
    pub rate: Result<Ratio, Reason>,
}

/// Satisfaction and recommendation by dimensions, in the order of surveys and values.
#[compiled_here]
pub async fn surveys(desk: &Desk<'_>, asked: &Asked<'_>) -> Result<Vec<Scored>, NotDone> {
    let mut scored = Vec::new();
    for survey in Survey::ALL {
        scored.extend(one(desk, asked, survey).await?);
    }
    Ok(scored)
}

async fn one(desk: &Desk<'_>, asked: &Asked<'_>, survey: Survey) -> Result<Vec<Scored>, NotDone> {
    let names: &[&str] = match survey {
        Survey::Csat => &["csat"],
        Survey::Nps => &["promoters_rate", "detractors_rate"],
    };
    let mut tables = Vec::new();
    for name in names {
        tables.push(table(desk, asked, survey, MetricRef::new(name)).await?);
    }
    let (variant, response) = response(desk, asked, survey).await?;
    let mut places: BTreeSet<Vec<Key>> = tables.iter().flatten().map(|(keys, _)| keys.clone()).collect();
    places.extend(response.iter().map(|(keys, _)| keys.clone()));
    let at = |table: &[(Vec<Key>, Cell)], keys: &[Key]| {
        let found = table.iter().find(|(of, _)| of == keys);
        found.map_or_else(Cell::empty, |(_, cell)| cell.clone())
    };
    let mut scored = Vec::new();
    for keys in places {
        let cells: Vec<Cell> = tables.iter().map(|table| at(table, &keys)).collect();
        let answered = at(&response, &keys);
        let response = Response {
            variant: variant.clone(),
            answered: whole(answered.numerator),
            asked: whole(answered.denominator),
            rate: answered.value,
        };
        if cells.iter().all(|cell| cell.value.is_err()) && response.asked.unwrap_or(0) == 0 {
            continue;
        }
        scored.push(score(survey, keys, &cells, response));
    }
    Ok(scored)
}

fn score(survey: Survey, keys: Vec<Key>, cells: &[Cell], response: Response) -> Scored {
    let (first, second) = (cells.first(), cells.get(1));
    let top = |cell: Option<&Cell>| cell.and_then(|cell| whole(cell.numerator)).unwrap_or(0);
    let n = first.and_then(|cell| whole(cell.denominator)).unwrap_or(0);
    let value = |cell: Option<&Cell>| cell.map_or(Err(Reason::NoData), |cell| cell.value.clone());
    let (score, counts, interval) = match survey {
        Survey::Csat => {
            let satisfied = top(first);
            let interval = Share::new(satisfied, n).map(|share| share.wilson(Confidence::P95));
            (value(first), Counts::Satisfied(satisfied), interval)
        }
        Survey::Nps => {
            let (promoters, detractors) = (top(first), top(second));
            let score = value(first).and_then(|up| up.minus(value(second)?).ok_or(Reason::TooLarge));
            let interval =
                first.zip(second).and_then(|(up, down)| nps(up, down)?.adjusted_wald(Confidence::P95));
            (score, Counts::Recommending { promoters, detractors }, interval)
        }
    };
    Scored { survey, keys, score, counts, n, interval, response }
}

fn whole(part: Option<dialmark_metrics::Exact>) -> Option<u64> {
    u64::try_from(part?.as_integer()?).ok()
}

/// Answers over invitations by the variant that the centre has chosen; by rows where that one finds nothing, since
/// invitations that name no call cannot be counted by calls.
async fn response(
    desk: &Desk<'_>,
    asked: &Asked<'_>,
    survey: Survey,
) -> Result<(String, Vec<(Vec<Key>, Cell)>), NotDone> {
    let catalogue = desk.engine.catalogue();
    let chosen = catalogue.metrics.get("survey_response_rate").map(|metric| metric.default.clone());
    let chosen = chosen.unwrap_or_default();
    let found = table(desk, asked, survey, MetricRef::new("survey_response_rate")).await?;
    let has_any = found.iter().any(|(_, cell)| whole(cell.denominator).unwrap_or(0) > 0);
    if has_any || chosen == "answers" {
        return Ok((chosen, found));
    }
    let rows = MetricRef { variant: Some("answers".to_owned()), ..MetricRef::new("survey_response_rate") };
    Ok(("answers".to_owned(), table(desk, asked, survey, rows).await?))
}

/// One metric of one survey, by the dimensions that were asked for.
async fn table(
    desk: &Desk<'_>,
    asked: &Asked<'_>,
    survey: Survey,
    metric: MetricRef,
) -> Result<Vec<(Vec<Key>, Cell)>, EngineError> {
    let of_survey = format!("lower(survey) = {}", rows::quoted(survey.word()));
    let question = MetricQuery {
        metrics: vec![metric],
        by: asked.by.to_vec(),
        filter: Some(rows::both(asked.filter.clone(), &of_survey)?),
        period: asked.period,
        scope: desk.scope.clone(),
        ..MetricQuery::default()
    };
    let table = desk.engine.query(&question).await?;
    let rows = table.rows.into_iter().filter_map(|row| Some((row.keys, row.cells.into_iter().next()?)));
    Ok(rows.collect())
}

/// The place of a row as texts, empty for answers that have none.
pub fn place(by: &[String], keys: &[Key]) -> Place {
    let values = by.iter().zip(keys);
    values.fold(Place::centre(), |place, (dimension, key)| place.within(dimension, &key.to_string()))
}
