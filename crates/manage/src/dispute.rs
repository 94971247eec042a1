//! Disputes over what a call was classified as: raised by the agent who handled it, decided by somebody else.

use std::collections::{BTreeMap, BTreeSet};

use async_recursion::async_recursion as compiled_here;
use dialmark_engine::{Engine, EngineError};
use dialmark_govern::dispute::{CallId, Dispute, Disputed, Verdict};
use dialmark_metrics::Scope;
use dialmark_state::StateError;
use jiff::Timestamp;
use serde::Serialize;

use crate::desk::{By, Desk};
use crate::error::NotDone;
use crate::rows::{self, Record};

/// The table of calls, and the column that a dispute is about.
const CALLS: &str = "calls";
const CODE: &str = "disposition";
/// How often a number is tried that somebody else took at the same moment.
const TRIES: usize = 5;

/// What an agent says of a call.
#[derive(Debug, Clone)]
pub struct Claim<'a> {
    /// The call.
    pub call: CallId,
    /// The code that it should have.
    pub should_be: &'a str,
    /// Why, in the agent's words.
    pub why: &'a str,
}

/// A dispute with what the records say of its call today.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ShownDispute {
    /// The dispute.
    #[serde(flatten)]
    pub dispute: Dispute,
    /// What to correct in the source; `None` unless the dispute was accepted.
    pub correction: Option<Correction>,
    /// The code of the call today; `None` when it has none or is not there any more.
    pub code_now: Option<String>,
}

/// A correction for whoever keeps the source.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Correction {
    /// The source.
    pub source: String,
    /// The call's identifier there.
    pub source_id: String,
    /// The field of the call, as facts name it.
    pub field: &'static str,
    /// The code that it had.
    pub from: String,
    /// The code that is right.
    pub to: String,
    /// Whether records say so by now.
    pub is_made: bool,
}

/// Raises a dispute. The call is looked up among the records that the asker may see; one that is not there, or that somebody
/// else handled, is refused.
#[compiled_here]
pub async fn raise(desk: &Desk<'_>, claim: &Claim<'_>, by: &By<'_>) -> Result<Dispute, NotDone> {
    let Desk { engine, state, scope, now, .. } = *desk;
    let call = &claim.call;
    let found = calls(engine, [call], scope).await?;
    let record = found.get(&key(call)).ok_or_else(|| {
        NotDone::Refused(format!(
            "There is no call {call} among the records. A call is named by its source and its identifier there, such as \
             `dialler/4711`."
        ))
    })?;
    let Some(agent) = record.get("agent_id") else {
        return Err(NotDone::Refused(format!("No agent handled the call {call}, so nobody can dispute it.")));
    };
    let dispositions = engine.dispositions().as_of(engine.calendar().day_of(started(record).unwrap_or(now)));
    let codes: Vec<&str> = dispositions.codes.keys().map(String::as_str).collect();
    let is = record.get(CODE).map_or("", String::as_str);
    for _ in 0..TRIES {
        let all: Vec<Dispute> = state.matters().await?;
        if let Some(open) = all.iter().find(|one| one.call() == call && one.decision().is_none()) {
            return Err(NotDone::Refused(format!(
                "The call {call} is disputed already, as `{}`, and not decided yet.",
                open.id()
            )));
        }
        let id = (all.len() + 1).to_string();
        let about = Disputed { call: call.clone(), agent, is, should_be: claim.should_be, why: claim.why };
        let dispute = Dispute::raise(&id, about, by.known_as(), now, &codes)
            .map_err(|problems| NotDone::Refused(problems.join(" ")))?;
        match state.begin_matter(&dispute, by.name).await {
            Ok(()) => return Ok(dispute),
            // Somebody else took this number a moment ago.
            Err(StateError::Refused(_)) => {}
            Err(other) => return Err(other.into()),
        }
    }
    Err(NotDone::Refused("Many disputes are raised at this moment. Try again.".to_owned()))
}

/// Decides a dispute, or takes it back: accepted or rejected by somebody else, withdrawn by whoever raised it.
#[compiled_here]
pub async fn decide(
    desk: &Desk<'_>,
    id: &str,
    verdict: Verdict,
    says: &str,
    by: &By<'_>,
) -> Result<Dispute, NotDone> {
    let Desk { engine, state, scope, now, .. } = *desk;
    let unknown = || NotDone::Refused(format!("There is no dispute `{id}`."));
    let known: Dispute = state.matter(id).await?.ok_or_else(unknown)?;
    if *scope != Scope::Everything && calls(engine, [known.call()], scope).await?.is_empty() {
        return Err(unknown());
    }
    // An agent is known by the records, so that a second name does not decide what the first one raised.
    let who = match by.known_as() == known.raised().0 {
        true => by.known_as(),
        false => by.name,
    };
    let step = |dispute: Dispute| match verdict {
        Verdict::Accepted => dispute.accept(who, now, says),
        Verdict::Rejected => dispute.reject(who, now, says),
        Verdict::Withdrawn => dispute.withdraw(who, now, says),
    };
    let did = match verdict {
        Verdict::Accepted => "accepted",
        Verdict::Rejected => "rejected",
        Verdict::Withdrawn => "withdrawn",
    };
    Ok(state.step_matter(id, by.name, did, step).await?)
}

/// Disputes in the order in which they were raised, of the calls that the asker may see.
#[compiled_here]
pub async fn disputes(desk: &Desk<'_>) -> Result<Vec<ShownDispute>, NotDone> {
    let Desk { engine, state, scope, .. } = *desk;
    let all: Vec<Dispute> = state.matters().await?;
    let found = calls(engine, all.iter().map(Dispute::call), scope).await?;
    let is_seen = |one: &Dispute| *scope == Scope::Everything || found.contains_key(&key(one.call()));
    let shown = |dispute: Dispute| {
        let code_now = found.get(&key(dispute.call())).and_then(|record| record.get(CODE)).cloned();
        let correction = dispute.correction().map(|one| Correction {
            source: one.call.source.clone(),
            source_id: one.call.source_id.clone(),
            field: CODE,
            from: one.from.to_owned(),
            to: one.to.to_owned(),
            is_made: code_now.as_deref() == Some(one.to),
        });
        ShownDispute { dispute, correction, code_now }
    };
    Ok(all.into_iter().filter(is_seen).map(shown).collect())
}

async fn calls<'c>(
    engine: &Engine,
    calls: impl IntoIterator<Item = &'c CallId>,
    scope: &Scope,
) -> Result<BTreeMap<(String, String), Record>, EngineError> {
    let ids: BTreeSet<(String, String)> = calls.into_iter().map(key).collect();
    rows::by_id(engine, CALLS, &ids, scope).await
}

fn key(call: &CallId) -> (String, String) {
    (call.source.clone(), call.source_id.clone())
}

/// When a call began, or what else is known of its time.
fn started(record: &Record) -> Option<Timestamp> {
    let columns = ["started_at", "queued_at", "answered_at", "connected_at", "ended_at"];
    columns.iter().find_map(|column| record.get(*column)?.parse().ok())
}
