//! Calibration rounds: opened over some calls, scored by each for themselves, compared with the master.

use async_recursion::async_recursion as compiled_here;
use dialmark_govern::calibration::{AgainstMaster, AmongEvaluators, Round};
use dialmark_govern::dispute::CallId;
use dialmark_govern::quality::{Given, call_key};
use jiff::Timestamp;

use super::call::find_call;
use super::evaluate::holds_for;
use crate::desk::{Desk, named, sees};
use crate::error::NotDone;

/// What a round shows by now.
#[derive(Debug, Clone, PartialEq)]
pub struct Compared {
    /// Everyone against the master.
    pub against_master: AgainstMaster,
    /// Evaluators among each other.
    pub among: AmongEvaluators,
}

/// What a round shows by now; a sentence when nothing can be compared yet.
pub fn compared(round: &Round) -> Result<Compared, String> {
    let session = round.session()?;
    let against_master = session.against_master().ok_or("The scores are too large to be compared.")?;
    Ok(Compared { against_master, among: session.among_evaluators() })
}

/// A round to be opened.
#[derive(Debug, Clone, Copy)]
pub struct Opening<'a> {
    /// Its name.
    pub name: &'a str,
    /// Name of the form.
    pub form: &'a str,
    /// With whose scores the others are compared.
    pub master: &'a str,
    /// Who else scores; none for whoever evaluates.
    pub evaluators: &'a [String],
    /// Calls, such as `dialler/4711`.
    pub calls: &'a [String],
}

/// Opens a round.
#[compiled_here]
pub async fn open_round(
    desk: &Desk<'_>,
    opening: &Opening<'_>,
    by: &str,
    now: Timestamp,
) -> Result<Round, NotDone> {
    let form = named(&desk.governed.forms, "form", opening.form)?;
    let mut conversations = Vec::with_capacity(opening.calls.len());
    for call in opening.calls {
        let of = find_call(desk.engine, call, desk.scope).await?;
        holds_for(form, &of, desk)?;
        conversations.push(of);
    }
    let round = Round::open(opening.name, form, opening.master, conversations, now)?
        .scored_by(opening.evaluators.iter().cloned());
    desk.state.begin_matter(&round, by).await?;
    Ok(round)
}

/// Somebody scores a call of a round.
#[compiled_here]
pub async fn score_in_round(
    desk: &Desk<'_>,
    name: &str,
    call: &str,
    given: Given,
    by: &str,
    now: Timestamp,
) -> Result<Round, NotDone> {
    let known = round(desk, name).await?;
    let form = named(&desk.governed.forms, "form", known.form())?;
    let call = call_of(&known, call)?;
    Ok(desk.state.step_matter(name, by, "scored", |r: Round| r.score(&call, form, given, by, now)).await?)
}

/// A call of a round by its key, or by its identifier where that is one call's.
fn call_of(round: &Round, name: &str) -> Result<CallId, NotDone> {
    let is_it = |call: &CallId| call_key(call) == name || call.source_id == name;
    let found: Vec<&CallId> = round.calls().iter().map(|of| &of.call).filter(|call| is_it(call)).collect();
    match found.as_slice() {
        [one] => Ok((*one).clone()),
        _ => {
            let known: Vec<String> = round.calls().iter().map(|of| call_key(&of.call)).collect();
            Err(NotDone::refused(format!(
                "`{name}` is none of the calls of the round `{}`: {}.",
                round.id(),
                known.join(", ")
            )))
        }
    }
}

/// Rounds all of whose calls may be seen, the first opened first.
#[compiled_here]
pub async fn rounds(desk: &Desk<'_>) -> Result<Vec<Round>, NotDone> {
    let mut all = desk.state.matters::<Round>().await?;
    all.retain(|round| round.calls().iter().all(|of| sees(desk.scope, of)));
    Ok(all)
}

/// One round.
#[compiled_here]
pub async fn round(desk: &Desk<'_>, name: &str) -> Result<Round, NotDone> {
    let found = desk.state.matter::<Round>(name).await?;
    found
        .filter(|round| round.calls().iter().all(|of| sees(desk.scope, of)))
        .ok_or_else(|| NotDone::refused(format!("There is no calibration round `{name}`.")))
}
