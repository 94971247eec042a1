//! Coaching sessions: held, acknowledged, looked at again.

use std::collections::BTreeMap;

use async_recursion::async_recursion as compiled_here;
use dialmark_govern::coaching::{self, Agreed, Effect, Overdue, Session};
use dialmark_metrics::{MetricRef, Scope};
use jiff::Timestamp;

use super::effect::{Compare, compare, day_of};
use crate::desk::Desk;
use crate::error::NotDone;
use crate::mark::mark;

/// Days within which a session should be acknowledged.
const ACKNOWLEDGE_WITHIN_DAYS: u32 = 3;

/// A session that was looked at again, with what came of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Held {
    /// The session.
    pub session: Session,
    /// What came of it.
    pub effect: Effect,
}

/// Writes down a session that was held. There is one on a behaviour of an agent a day.
#[compiled_here]
pub async fn hold(desk: &Desk<'_>, agreed: Agreed, by: &str) -> Result<Session, NotDone> {
    sees_agent(desk, &agreed.agent).await?;
    let calendar = desk.engine.calendar();
    let held_on = calendar.day_of(agreed.held_at).to_string();
    let id = mark(&["coaching", &agreed.agent, &agreed.behaviour, &held_on]);
    let earlier = desk.state.matters::<Session>().await?;
    let of_this =
        |held: &&Session| held.agreed().agent == agreed.agent && held.agreed().behaviour == agreed.behaviour;
    let number = 1 + u64::try_from(earlier.iter().filter(of_this).count()).unwrap_or(u64::MAX - 1);
    if earlier.iter().any(|held| held.id() == id) {
        return Err(NotDone::refused(format!(
            "A session with {} on {} was held on {held_on} already: session `{id}`.",
            agreed.agent, agreed.behaviour
        )));
    }
    let session = Session::held(&id, agreed, number, calendar)?;
    desk.state.begin_matter(&session, by).await?;
    Ok(session)
}

/// Sessions that may be seen, the first held first.
#[compiled_here]
pub async fn sessions(desk: &Desk<'_>, agent: Option<&str>) -> Result<Vec<Session>, NotDone> {
    let mut all = desk.state.matters::<Session>().await?;
    all.retain(|held| agent.is_none_or(|agent| held.agreed().agent == agent));
    // Whether an agent may be seen is asked of the records, once each.
    let mut seen: BTreeMap<String, bool> = BTreeMap::new();
    for held in &all {
        let agent = &held.agreed().agent;
        if !seen.contains_key(agent) {
            let sees = match sees_agent(desk, agent).await {
                Ok(()) => true,
                Err(NotDone::Refused(_)) => false,
                Err(other) => return Err(other),
            };
            seen.insert(agent.clone(), sees);
        }
    }
    all.retain(|held| seen.get(&held.agreed().agent).is_some_and(|sees| *sees));
    Ok(all)
}

/// What should have happened by now to some sessions.
pub fn overdue(desk: &Desk<'_>, sessions: &[Session], now: Timestamp) -> Vec<Overdue> {
    coaching::overdue(sessions, day_of(desk, now), ACKNOWLEDGE_WITHIN_DAYS, desk.engine.calendar())
}

/// One session.
#[compiled_here]
pub async fn session(desk: &Desk<'_>, id: &str) -> Result<Session, NotDone> {
    let nobody = || NotDone::refused(format!("There is no coaching session `{id}`."));
    let held = desk.state.matter::<Session>(id).await?.ok_or_else(nobody)?;
    sees_agent(desk, &held.agreed().agent).await.map_err(|_| nobody())?;
    Ok(held)
}

/// The agent says that this was agreed.
#[compiled_here]
pub async fn acknowledge(desk: &Desk<'_>, id: &str, by: &str, now: Timestamp) -> Result<Session, NotDone> {
    session(desk, id).await?;
    Ok(desk.state.step_matter(id, by, "acknowledged", |held: Session| held.acknowledge(by, now)).await?)
}

/// Looks at the behaviour again: the days since the session against as many before it.
#[compiled_here]
pub async fn recheck(
    desk: &Desk<'_>,
    id: &str,
    metric: Option<&MetricRef>,
    least_n: u64,
    by: &str,
    now: Timestamp,
) -> Result<Held, NotDone> {
    let held = session(desk, id).await?;
    let effect = compare(desk, &held, &Compare { metric, least_n, today: day_of(desk, now) }).await?;
    let step = |held: Session| held.recheck(by, now, &effect);
    let session = desk.state.step_matter(id, by, "rechecked", step).await?;
    Ok(Held { session, effect })
}

/// An agent may be spoken of who has a record in the scope.
async fn sees_agent(desk: &Desk<'_>, agent: &str) -> Result<(), NotDone> {
    if *desk.scope == Scope::Everything {
        return Ok(());
    }
    let filter = dialmark_govern::Place::of("agent_id", agent).condition();
    let question = dialmark_engine::RecordsQuery {
        table: Some("calls".to_owned()),
        filter,
        scope: desk.scope.clone(),
        ..dialmark_engine::RecordsQuery::default()
    };
    match desk.engine.records(&question).await?.total {
        0 => Err(NotDone::refused(format!("There is no agent `{agent}` among those that you may see."))),
        _ => Ok(()),
    }
}
