//! From the name of a call to its record.

use std::collections::BTreeMap;

use async_recursion::async_recursion as compiled_here;
use dialmark_engine::{Engine, EngineError, RecordsQuery};
use dialmark_govern::dispute::CallId;
use dialmark_govern::quality::{Conversation, call_key};
use dialmark_metrics::expr::parse;
use dialmark_metrics::{Expr, Scope};
use dialmark_model::civil::Period;
use jiff::Timestamp;

use crate::error::NotDone;

/// Conversations that one question may bring into memory.
const MOST_CALLS: usize = 2_000_000;
/// What is read of each.
const COLUMNS: [&str; 11] = [
    "source",
    "source_id",
    "agent_id",
    "team_id",
    "campaign_id",
    "client_id",
    "talk_ms",
    "started_at",
    "queued_at",
    "answered_at",
    "connected_at",
];
/// Columns of a call's times, the one that places it first.
const TIMES: [&str; 4] = ["started_at", "queued_at", "answered_at", "connected_at"];

/// A conversation with how long it was.
#[derive(Debug, Clone)]
pub(super) struct Talked {
    pub(super) of: Conversation,
    pub(super) talk_ms: Option<u64>,
}

/// The conversation of a call: `dialler/4711`, or `4711` where one source has it. Calls beyond the scope are not found.
#[compiled_here]
pub async fn find_call(engine: &Engine, name: &str, scope: &Scope) -> Result<Conversation, NotDone> {
    let quoted = |text: &str| format!("'{}'", text.replace('\'', "''"));
    let mut condition = format!("source_id = {}", quoted(name));
    if let Some((source, id)) = name.split_once('/') {
        condition = format!("{condition} or (source = {} and source_id = {})", quoted(source), quoted(id));
    }
    let (found, _) = conversations(engine, &condition, None, Period::default(), scope).await?;
    let mut found: Vec<Conversation> = found.into_iter().map(|talked| talked.of).collect();
    match (found.pop(), found.len()) {
        (Some(one), 0) => Ok(one),
        (None, _) => Err(NotDone::refused(format!(
            "No conversation of an agent is known as `{name}`. Name the source and the identifier of a call, such as \
             `dialler/4711`."
        ))),
        (Some(last), _) => {
            found.push(last);
            let keys: Vec<String> = found.iter().map(|one| format!("`{}`", call_key(&one.call))).collect();
            Err(NotDone::refused(format!("Several calls are known as `{name}`: {}.", keys.join(", "))))
        }
    }
}

/// Conversations that agents had and that fulfil a condition, and how many more have no identifier to evaluate them by.
pub(super) async fn conversations(
    engine: &Engine,
    condition: &str,
    place: Option<Expr>,
    period: Period,
    scope: &Scope,
) -> Result<(Vec<Talked>, u64), NotDone> {
    let talked = format!(
        "is_call and agent_id is not null and coalesce(direction, '') <> 'internal' and (talk_ms > 0 or \
         (talk_ms is null and answered_at is not null) or (talk_ms is not null and direction = 'inbound')) and \
         ({condition})"
    );
    let filter = parse(&talked).map_err(|error| EngineError::Question(error.to_string()))?;
    let question = RecordsQuery {
        table: Some("calls".to_owned()),
        filter: Some(match place {
            Some(place) => place.and(filter),
            None => filter,
        }),
        period,
        scope: scope.clone(),
        columns: COLUMNS.map(str::to_owned).to_vec(),
        ..RecordsQuery::default()
    };
    let total = engine.records(&question).await?.total;
    let limit = usize::try_from(total).unwrap_or(usize::MAX);
    if limit > MOST_CALLS {
        return Err(NotDone::refused(format!(
            "{total} conversations are more than the {MOST_CALLS} that can be chosen from at once. Let the plan be about \
             a part of them, with `who`."
        )));
    }
    let records = engine.records(&RecordsQuery { limit, ..question }).await?;
    let mut without_id = 0;
    let mut found = Vec::with_capacity(records.rows.len());
    for row in records.rows {
        let mut values: BTreeMap<&str, String> =
            COLUMNS.into_iter().zip(row).filter_map(|(name, value)| Some((name, value?))).collect();
        let at = TIMES.iter().find_map(|name| values.get(name)?.parse::<Timestamp>().ok());
        let talk_ms = values.get("talk_ms").and_then(|text| text.parse().ok());
        let mut take = |name: &str| values.remove(name);
        let (Some(source), Some(source_id), Some(agent_id), Some(at)) =
            (take("source"), take("source_id"), take("agent_id"), at)
        else {
            without_id += 1;
            continue;
        };
        let of = Conversation {
            call: CallId { source, source_id },
            agent_id,
            team_id: take("team_id"),
            campaign_id: take("campaign_id"),
            client_id: take("client_id"),
            at,
        };
        found.push(Talked { of, talk_ms });
    }
    Ok((found, without_id))
}
