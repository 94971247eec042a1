//! A week of a client's work: the scorecard at its end, its KPIs week by week, what moved them, the statement so far.

use dialmark_engine::{Engine, EngineError};
use dialmark_govern::contract::BillingPeriod;
use dialmark_govern::report::{Comment, Course, Due, Pack, week_before};
use dialmark_govern::statement::Statement;
use dialmark_govern::today::Panel;
use dialmark_govern::why::sentences;
use dialmark_govern::{CardRow, Place, Standing, Status, Stretch, Trend};
use dialmark_metrics::metric::Formula;
use dialmark_metrics::{Key, MetricRef, Scope};
use dialmark_model::civil::{Grain, Period};
use jiff::ToSpan;

use super::Making;
use super::attrition::attrition;
use crate::error::NotDone;
use crate::figures::{Ask, each};
use crate::instant::reach;
use crate::scorecard::scorecard;
use crate::standing;
use crate::statement::{StatementError, Terms, stated};
use crate::why::{Against, Question, Which, among};

/// Weeks of a course, the last one included.
const WEEKS: i64 = 13;
/// KPIs of which is said what moved them.
const COMMENTS: usize = 3;
/// Where causes are looked for. A client is not told of single agents.
const DIMENSIONS: [&str; 6] = ["campaign_id", "list_id", "lead_source", "called_region", "hour", "weekday"];

/// What is asked for.
pub(super) struct Asked<'a> {
    pub(super) client: &'a str,
    pub(super) scorecard: &'a str,
    pub(super) contract: Option<&'a str>,
}

/// The pack of the last whole week before it is due. `eyes` sees the client's records alone.
pub(super) async fn pack(
    making: &Making<'_>,
    eyes: &Engine,
    asked: &Asked<'_>,
    due: &Due,
) -> Result<Pack, NotDone> {
    let calendar = eyes.calendar();
    let week = week_before(due.day, calendar);
    let governed = making.governed;
    let card = governed.scorecards.get(asked.scorecard).ok_or_else(|| {
        NotDone::refused(format!("The scorecard `{}` is not declared any more.", asked.scorecard))
    })?;
    let reach = reach(making.whole, due.at).await?;
    let last = week.until.yesterday().unwrap_or(week.from);
    let reach = reach.and_then(|reach| reach.on(last, calendar));
    let reach =
        reach.ok_or_else(|| NotDone::refused(format!("There is no record up to {} to tell of.", due.at)))?;
    let question = standing::Asked {
        within: &Place::centre(),
        by: &[],
        reach,
        scope: &Scope::Everything,
        whole: making.whole,
    };
    let rows = scorecard(eyes, governed, card, 0, &question).await?;
    let courses = courses(eyes, &rows, &week).await?;
    let comments = comments(eyes, &rows, &week).await?;
    let statement = match asked.contract {
        None => None,
        Some(name) => Some(statement(making, name, &week, due).await?),
    };
    Ok(Pack {
        client: asked.client.to_owned(),
        week,
        card_label: card.label.clone(),
        attrition: attrition(making.whole, eyes, &week).await?,
        rows,
        courses,
        comments,
        statement,
    })
}

/// Each KPI of the card over the last thirteen weeks.
async fn courses(eyes: &Engine, rows: &[CardRow], week: &Stretch) -> Result<Vec<Course>, EngineError> {
    let first = week.until.checked_sub((7 * WEEKS).days()).unwrap_or(week.from);
    let period = eyes.calendar().period(Some(first), Some(week.until));
    let mut found = Vec::new();
    for one in of_card(rows) {
        let metrics: [MetricRef; 1] = [one.kpi.metric.clone()];
        let ask = Ask { metrics: &metrics, place: &one.place, by: &[], period, scope: &Scope::Everything };
        let tables = each(eyes, &ask, &metrics, &[], Some(Grain::Week)).await?;
        let Some(Ok(table)) = tables.into_iter().next() else { continue };
        let weeks = table.rows.iter().filter_map(|row| match row.keys.first()? {
            Key::Day(day) => Some((*day, row.cells.first()?.clone())),
            _ => None,
        });
        found.push(Course {
            kpi: one.kpi.name.clone(),
            label: one.kpi.label.clone(),
            unit: one.kpi.unit,
            weeks: weeks.collect(),
        });
    }
    Ok(found)
}

/// What moved KPIs that were missed or got worse, in the week against the week before.
async fn comments(eyes: &Engine, rows: &[CardRow], week: &Stretch) -> Result<Vec<Comment>, NotDone> {
    let calendar = eyes.calendar();
    let period = calendar.period(Some(week.from), Some(week.until));
    let mut found = Vec::new();
    for one in of_card(rows) {
        if found.len() == COMMENTS || !asks_for_words(one) || !is_ratio(eyes, one) {
            continue;
        }
        let says = match said(eyes, one, period).await {
            Ok(says) => says,
            Err(NotDone::Refused(sentence)) => vec![sentence],
            Err(other) => return Err(other),
        };
        found.push(Comment { label: one.kpi.label.clone(), says });
    }
    Ok(found)
}

/// KPIs that count, of the client as a whole.
fn of_card(rows: &[CardRow]) -> Vec<&Standing> {
    rows.first().map(|row| row.kpis.iter().map(|(_, one)| one).collect()).unwrap_or_default()
}

async fn said(eyes: &Engine, one: &Standing, period: Period) -> Result<Vec<String>, NotDone> {
    let now = Which { period, filter: one.place.condition() };
    let before = Against::Before.which(&now, None, eyes.calendar()).map_err(NotDone::Refused)?;
    let question =
        Question { metric: &one.kpi.metric, before, now, by: &[], zone: None, scope: &Scope::Everything };
    let dimensions: Vec<String> = DIMENSIONS
        .iter()
        .filter(|dimension| one.place.value(dimension).is_none())
        .map(|dimension| (*dimension).to_owned())
        .collect();
    Ok(sentences(&among(eyes, &question, &dimensions, 0).await?))
}

fn asks_for_words(one: &Standing) -> bool {
    matches!(one.status, Status::Missed | Status::Close) || one.trend == Trend::Worse
}

fn is_ratio(engine: &Engine, one: &Standing) -> bool {
    let resolved = engine.catalogue().resolve(&one.kpi.metric);
    resolved.is_ok_and(|found| {
        matches!(found.variant.formula, Formula::Ratio { .. } | Formula::Conversion { .. })
    })
}

/// The statement of the period in which the week ended. It counts what the contract says, whoever reads it.
async fn statement(
    making: &Making<'_>,
    name: &str,
    week: &Stretch,
    due: &Due,
) -> Result<Panel<Statement>, NotDone> {
    let governed = making.governed;
    let Some(contract) = governed.contracts.get(name) else {
        return Ok(Err(format!("The contract `{name}` is not declared any more.")));
    };
    let last = week.until.yesterday().unwrap_or(week.from);
    let Some(period) = BillingPeriod::of(contract.billing, last) else {
        return Ok(Err(format!("{last} lies in no period of the contract.")));
    };
    let text = making.files.get(&contract.declared_in).map(String::as_str).unwrap_or_default();
    let terms = Terms { contract, text, rates: &governed.rates, now: due.at };
    match stated(making.whole, making.state, &terms, governed, period).await {
        Ok(stated) => Ok(Ok(stated.statement)),
        Err(StatementError::Refused(sentence)) => Ok(Err(sentence)),
        Err(StatementError::Engine(error)) => Err(error.into()),
        Err(StatementError::State(error)) => Err(error.into()),
    }
}
