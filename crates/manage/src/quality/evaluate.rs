//! Evaluations made here, and what becomes of them.

use async_recursion::async_recursion as compiled_here;
use dialmark_govern::quality::{Conversation, Evaluated, Form, Given, Selection, call_key};
use dialmark_metrics::Scope;
use dialmark_state::{StateError, Step};
use jiff::Timestamp;

use super::call::find_call;
use super::sample;
use crate::desk::{Desk, named, sees};
use crate::error::NotDone;
use crate::mark::mark;

/// Which evaluations.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Wanted<'a> {
    /// Of this agent.
    pub agent: Option<&'a str>,
    /// By this form.
    pub form: Option<&'a str>,
    /// Only those that wait: for the agent to say something, or for a decision.
    pub open: bool,
}

/// Evaluates a conversation by a form. It was chosen at random when it stands in the sample of a plan with this form. A
/// conversation is evaluated once by a form; to score it again there is calibration.
#[compiled_here]
pub async fn evaluate(
    desk: &Desk<'_>,
    call: &str,
    form: &str,
    given: Given,
    by: &str,
    now: Timestamp,
) -> Result<Evaluated, NotDone> {
    let form = named(&desk.governed.forms, "form", form)?;
    let of = find_call(desk.engine, call, desk.scope).await?;
    holds_for(form, &of, desk)?;
    let id = id_of(form, &of);
    if let Some(done) = desk.state.matter::<Evaluated>(&id).await? {
        return Err(NotDone::refused(format!(
            "The call {} was evaluated by the form `{}` already, by {}: evaluation `{id}`.",
            of.call,
            form.name,
            done.counts().evaluation.evaluator()
        )));
    }
    let selection = selection(desk, form, &of).await?;
    let done = Evaluated::made(&id, of, form, selection, given, by, now)?;
    desk.state.begin_matter(&done, by).await?;
    Ok(done)
}

fn id_of(form: &Form, of: &Conversation) -> String {
    mark(&["evaluation", &form.name, &of.call.source, &of.call.source_id])
}

/// A form holds for conversations of its days.
pub(super) fn holds_for(form: &Form, of: &Conversation, desk: &Desk<'_>) -> Result<(), NotDone> {
    let day = desk.engine.calendar().day_of(of.at);
    match form.holds_on(day) {
        true => Ok(()),
        false => Err(NotDone::refused(format!(
            "The form `{}` holds {}, and the call {} was on {day}.",
            form.code(),
            form.days,
            of.call
        ))),
    }
}

async fn selection(desk: &Desk<'_>, form: &Form, of: &Conversation) -> Result<Selection, NotDone> {
    let day = desk.engine.calendar().day_of(of.at);
    let whole = Desk { scope: &Scope::Everything, ..*desk };
    let key = call_key(&of.call);
    let plans = desk.governed.samplings.values();
    for plan in plans.filter(|plan| plan.form == form.name && plan.days.hold(day)) {
        let drawn = sample::draw(&whole, plan, day, None).await?;
        if drawn.sample.agents.get(&of.agent_id).is_some_and(|chosen| chosen.calls.contains(&key)) {
            return Ok(Selection::Random(plan.name.clone()));
        }
    }
    Ok(Selection::Targeted)
}

/// Evaluations that may be seen, in the order in which they were made.
#[compiled_here]
pub async fn evaluations(desk: &Desk<'_>, wanted: &Wanted<'_>) -> Result<Vec<Evaluated>, NotDone> {
    let mut all = desk.state.matters::<Evaluated>().await?;
    all.retain(|done| {
        sees(desk.scope, done.of())
            && wanted.agent.is_none_or(|agent| done.of().agent_id == agent)
            && wanted.form.is_none_or(|form| done.form() == form)
            && (!wanted.open || done.standing().is_open())
    });
    Ok(all)
}

/// One evaluation.
#[compiled_here]
pub async fn evaluated(desk: &Desk<'_>, id: &str) -> Result<Evaluated, NotDone> {
    let found = desk.state.matter::<Evaluated>(id).await?;
    found
        .filter(|done| sees(desk.scope, done.of()))
        .ok_or_else(|| NotDone::refused(format!("There is no evaluation `{id}`.")))
}

/// Everything that was done to an evaluation, in order.
#[compiled_here]
pub async fn steps(desk: &Desk<'_>, id: &str) -> Result<Vec<Step<Evaluated>>, NotDone> {
    evaluated(desk, id).await?;
    Ok(desk.state.steps(id).await?)
}

/// The agent accepts an evaluation.
#[compiled_here]
pub async fn acknowledge(desk: &Desk<'_>, id: &str, by: &str, now: Timestamp) -> Result<Evaluated, NotDone> {
    step(desk, id, by, "acknowledged", |done| done.acknowledge(by, now)).await
}

/// The agent does not accept it, for a reason.
#[compiled_here]
pub async fn appeal(
    desk: &Desk<'_>,
    id: &str,
    by: &str,
    now: Timestamp,
    why: &str,
) -> Result<Evaluated, NotDone> {
    let calendar = desk.engine.calendar();
    step(desk, id, by, "appealed", |done| done.appeal(by, now, why, calendar)).await
}

/// Somebody else decides that it stays.
#[compiled_here]
pub async fn uphold(
    desk: &Desk<'_>,
    id: &str,
    by: &str,
    now: Timestamp,
    says: &str,
) -> Result<Evaluated, NotDone> {
    step(desk, id, by, "upheld", |done| done.uphold(by, now, says)).await
}

/// Somebody else decides that other answers count.
#[compiled_here]
pub async fn change(
    desk: &Desk<'_>,
    id: &str,
    by: &str,
    now: Timestamp,
    says: &str,
    given: Given,
) -> Result<Evaluated, NotDone> {
    let form = named(&desk.governed.forms, "form", evaluated(desk, id).await?.form())?;
    step(desk, id, by, "changed", |done| done.change(by, now, says, form, given)).await
}

async fn step(
    desk: &Desk<'_>,
    id: &str,
    by: &str,
    did: &str,
    step: impl FnOnce(Evaluated) -> Result<Evaluated, String>,
) -> Result<Evaluated, NotDone> {
    evaluated(desk, id).await?;
    let done = desk.state.step_matter(id, by, did, step).await;
    done.map_err(|error| match error {
        StateError::Refused(sentence) => NotDone::refused(sentence),
        other => other.into(),
    })
}
