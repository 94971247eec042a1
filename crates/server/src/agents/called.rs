//! Single calls, as those see them who judge them.

use std::collections::BTreeMap;

use dialmark_engine::RecordsQuery;
use dialmark_govern::Place;
use dialmark_govern::dispute::CallId;
use dialmark_govern::quality::Conversation;
use dialmark_metrics::metric::Unit;
use dialmark_metrics::{Ratio, expr};
use dialmark_model::civil::Period;
use dialmark_view::called::Called;
use dialmark_view::link::Link;
use dialmark_view::{format, when};
use jiff::{Timestamp, ToSpan};

use crate::app::App;
use crate::problem::Problem;

const CALLS: &str = "calls";
/// How far back the latest calls are looked for.
const HOURS_BACK: i64 = 24 * 31;

type Record = BTreeMap<String, String>;

/// The latest calls of an agent, the latest first.
pub async fn latest(app: &App, agent: &str, most: usize) -> Result<Vec<Called>, Problem> {
    let Some((_, last)) = app.known().await?.extent else { return Ok(Vec::new()) };
    let from = last.checked_sub(HOURS_BACK.hours()).unwrap_or(last);
    let wanted = RecordsQuery {
        table: Some(CALLS.to_owned()),
        filter: Place::of("agent_id", agent).condition(),
        period: Period { from: Some(from), to: None },
        ..RecordsQuery::default()
    };
    // Records come in the order of time, the latest at the end.
    let total = app.engine.records(&RecordsQuery { limit: 0, ..wanted.clone() }).await?.total;
    let offset = usize::try_from(total).unwrap_or(usize::MAX).saturating_sub(most);
    let mut calls = of(app, &RecordsQuery { limit: most, offset, ..wanted }).await?;
    calls.reverse();
    Ok(calls)
}

/// One call; `None` when it is not there or not the visitor's to see.
pub async fn one(app: &App, id: &CallId) -> Result<Option<Called>, Problem> {
    let quoted = |text: &str| text.replace('\'', "''");
    let condition = format!("source = '{}' and source_id = '{}'", quoted(&id.source), quoted(&id.source_id));
    let filter = expr::parse(&condition).map_err(|error| Problem::bad(format!("{condition}: {error}")))?;
    let wanted = RecordsQuery {
        table: Some(CALLS.to_owned()),
        filter: Some(filter),
        limit: 1,
        ..RecordsQuery::default()
    };
    Ok(of(app, &wanted).await?.pop())
}

/// Those of some calls that are there and the visitor's to see.
pub async fn some(app: &App, ids: &[CallId]) -> Result<BTreeMap<CallId, Called>, Problem> {
    if ids.is_empty() {
        return Ok(BTreeMap::new());
    }
    let quoted: Vec<String> =
        ids.iter().map(|id| format!("'{}'", id.source_id.replace('\'', "''"))).collect();
    let condition = format!("source_id in ({})", quoted.join(", "));
    let filter = expr::parse(&condition).map_err(|error| Problem::bad(error.to_string()))?;
    let wanted =
        RecordsQuery { table: Some(CALLS.to_owned()), filter: Some(filter), ..RecordsQuery::default() };
    let total = app.engine.records(&RecordsQuery { limit: 0, ..wanted.clone() }).await?.total;
    let limit = usize::try_from(total).unwrap_or(usize::MAX);
    let found = of(app, &RecordsQuery { limit, ..wanted }).await?;
    // Another source may have a call of the same identifier.
    Ok(found.into_iter().map(|call| (call.id.clone(), call)).filter(|(id, _)| ids.contains(id)).collect())
}

/// A conversation by what was noted when it was judged: its record may be gone with the end of what is kept.
pub fn noted(app: &App, of: &Conversation) -> Called {
    let facts =
        [("Began", Some(when::stamp(of.at, app.centre.time_zone()))), ("Campaign", of.campaign_id.clone())];
    Called {
        id: of.call.clone(),
        agent: app.name_of(&of.agent_id),
        code: None,
        facts: facts.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?))).collect(),
        recording: None,
        record: None,
    }
}

async fn of(app: &App, wanted: &RecordsQuery) -> Result<Vec<Called>, Problem> {
    let found = app.engine.records(wanted).await?;
    let records = found.rows.into_iter().map(|row| {
        let cells = found.columns.iter().cloned().zip(row);
        cells.filter_map(|(column, value)| Some((column, value?))).collect::<Record>()
    });
    Ok(records.filter_map(|record| called(app, &record)).collect())
}

fn called(app: &App, record: &Record) -> Option<Called> {
    let of = |column: &str| record.get(column).map(String::as_str);
    let id = CallId { source: of("source")?.to_owned(), source_id: of("source_id")?.to_owned() };
    let zone = app.centre.time_zone();
    let started: Option<Timestamp> = of("started_at").and_then(|at| at.parse().ok());
    let length = |column: &str| {
        let length = format::figure(Ratio::parse(of(column)?)?, Unit::Duration, None);
        Some(length.to_string())
    };
    let facts = [
        ("Began", started.map(|at| when::stamp(at, zone))),
        ("Campaign", of("campaign_id").map(str::to_owned)),
        ("List", of("list_id").map(str::to_owned)),
        ("Talked", length("talk_ms")),
        ("Wrap", length("wrap_ms")),
        ("Ended by", of("ended_by").map(str::to_owned)),
    ];
    let condition = format!("source_id = '{}'", id.source_id.replace('\'', "''"));
    let day = started.map(|at| app.engine.calendar().day_of(at));
    Some(Called {
        agent: of("agent_id").map(|agent| app.name_of(agent)).unwrap_or_default(),
        code: of("disposition").map(|code| (code.to_owned(), meaning(app, code, started))),
        facts: facts.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?))).collect(),
        recording: of("recording_ref").map(str::to_owned),
        record: Some(Link::to("/calls").with("table", CALLS).with("where", condition).with_some("from", day)),
        id,
    })
}

/// What a code meant on the day of a call.
pub fn meaning(app: &App, code: &str, at: Option<Timestamp>) -> String {
    let day = app.engine.calendar().day_of(at.unwrap_or_else(Timestamp::now));
    let map = app.engine.dispositions().as_of(day);
    map.codes.get(code).map_or_else(
        || "no meaning is known".to_owned(),
        |meaning| meaning.label.clone().unwrap_or_else(|| meaning.outcome.word().replace('_', " ")),
    )
}
