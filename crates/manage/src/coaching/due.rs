//! Who is due for coaching, from the evaluations that were made here.

use std::collections::BTreeSet;

use async_recursion::async_recursion as compiled_here;
use dialmark_govern::coaching::{self, Behaviour, Due, Rule, Session};
use dialmark_govern::quality::Evaluated;
use jiff::civil::Date;

use crate::desk::Desk;
use crate::error::NotDone;
use crate::quality;

/// Of which evaluations, and when a behaviour is due.
#[derive(Debug, Clone, Copy)]
pub struct DueAsked<'a> {
    /// First day of the conversations.
    pub from: Date,
    /// First day that does not count any more.
    pub until: Date,
    /// Only this agent.
    pub agent: Option<&'a str>,
    /// When a behaviour is due.
    pub rule: Rule,
}

/// Who is due for what, by the conversations of some days. Behaviours that are worked on already, until they are looked
/// at again, are not due anew.
#[compiled_here]
pub async fn due(desk: &Desk<'_>, asked: &DueAsked<'_>) -> Result<Vec<Due>, NotDone> {
    let evaluations = of_days(desk, asked.agent, asked.from, asked.until).await?;
    let scored = evaluations.iter().map(|done| (done.of().agent_id.as_str(), &done.counts().scored));
    let seen = Behaviour::add_up(scored).map_err(|reason| NotDone::refused(reason.to_string()))?;
    let sessions = desk.state.matters::<Session>().await?;
    let open: BTreeSet<(&str, &str)> = sessions
        .iter()
        .filter(|session| session.rechecked().is_none())
        .map(|session| (session.agreed().agent.as_str(), session.agreed().behaviour.as_str()))
        .collect();
    coaching::due(&seen, asked.rule, &open).map_err(|reason| NotDone::refused(reason.to_string()))
}

/// Evaluations of conversations that were held on some days: how somebody behaves belongs to the day on which they did,
/// not to that on which it was heard.
pub(super) async fn of_days(
    desk: &Desk<'_>,
    agent: Option<&str>,
    from: Date,
    until: Date,
) -> Result<Vec<Evaluated>, NotDone> {
    let wanted = quality::Wanted { agent, ..quality::Wanted::default() };
    let mut all = quality::evaluations(desk, &wanted).await?;
    let calendar = desk.engine.calendar();
    all.retain(|done| {
        let day = calendar.day_of(done.of().at);
        from <= day && day < until
    });
    Ok(all)
}
