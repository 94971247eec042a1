//! How many left of those who called for a client, by how long they had been there.

use std::collections::BTreeSet;

use dialmark_engine::{Engine, EngineError};
use dialmark_govern::Stretch;
use dialmark_govern::report::Attrition;
use dialmark_govern::today::Panel;
use dialmark_metrics::{Key, MetricQuery, MetricRef, MetricTable};
use jiff::ToSpan;

use crate::rows::{condition, quoted};

const CALLED: &str = "dials";
const AGENT: &str = "agent_id";
const LEFT: &str = "attrition_rate";
const TENURE: &str = "tenure_band";
/// Days up to the end of the week of which leavers are counted: in a week alone hardly anybody leaves.
const DAYS: i64 = 91;

/// Leavers of the thirteen weeks up to the end of a week. `eyes` sees the client's calls; the roster knows no client, so it is asked
/// for the agents who made them.
pub(super) async fn attrition(
    whole: &Engine,
    eyes: &Engine,
    week: &Stretch,
) -> Result<Panel<Attrition>, EngineError> {
    let days = Stretch { from: week.until.checked_sub(DAYS.days()).unwrap_or(week.from), until: week.until };
    let period = whole.calendar().period(Some(days.from), Some(days.until));
    let called = MetricQuery {
        metrics: vec![MetricRef::new(CALLED)],
        by: vec![AGENT.to_owned()],
        period,
        ..MetricQuery::default()
    };
    let called = match ask(eyes, &called).await? {
        Ok(table) => table,
        Err(sentence) => return Ok(Err(sentence)),
    };
    let agents: BTreeSet<String> = called
        .rows
        .iter()
        .filter_map(|row| match row.keys.first()? {
            Key::None => None,
            key => Some(key.to_string()),
        })
        .collect();
    if agents.is_empty() {
        return Ok(Err("No record says who called for the client.".to_owned()));
    }
    let names: Vec<String> = agents.iter().map(|agent| quoted(agent)).collect();
    let question = MetricQuery {
        metrics: vec![MetricRef::new(LEFT)],
        by: vec![TENURE.to_owned()],
        filter: Some(condition(&format!("{AGENT} in ({})", names.join(", ")))?),
        period,
        ..MetricQuery::default()
    };
    let table = match ask(whole, &question).await? {
        Ok(table) => table,
        Err(sentence) => return Ok(Err(sentence)),
    };
    let rows: Vec<_> = table
        .rows
        .iter()
        .filter_map(|row| match row.keys.first()? {
            Key::None => Some(("not known".to_owned(), row.cells.first()?.clone())),
            key => Some((key.to_string(), row.cells.first()?.clone())),
        })
        .collect();
    match rows.is_empty() {
        true => Ok(Err("The roster has none of the agents who called for the client.".to_owned())),
        false => Ok(Ok(Attrition { days, agents: agents.len(), rows })),
    }
}

/// Asks; what the engine refuses is a sentence.
async fn ask(engine: &Engine, question: &MetricQuery) -> Result<Panel<MetricTable>, EngineError> {
    match engine.query(question).await {
        Ok(table) => Ok(Ok(table)),
        Err(EngineError::Question(sentence)) => Ok(Err(sentence)),
        Err(other) => Err(other),
    }
}
