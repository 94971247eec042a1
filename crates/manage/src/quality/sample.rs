//! The sample of a plan for a week or month, and what of it is evaluated.

use std::collections::{BTreeMap, BTreeSet};

use async_recursion::async_recursion as compiled_here;
use dialmark_engine::RecordsQuery;
use dialmark_govern::quality::{Candidate, Coverage, Evaluated, Every, Sample, Sampling, call_key};
use dialmark_metrics::Scope;
use dialmark_metrics::expr::parse;
use dialmark_model::civil::{Calendar, Period};
use jiff::ToSpan;
use jiff::civil::Date;

use super::call::{Talked, conversations};
use crate::desk::{Desk, sees};
use crate::error::NotDone;
use crate::instant::Reach;

/// A sample with what came of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Drawn {
    /// What was chosen, of what.
    pub sample: Sample,
    /// First day after the week or month.
    pub until: Date,
    /// Whether records reach to its end. Before that, calls to come change the choice.
    pub is_over: bool,
    /// Conversations that cannot be evaluated, since their source gives them no identifier.
    pub without_id: u64,
    /// What was evaluated by the plan's form.
    pub coverage: Coverage,
    /// How the choice is made, in a sentence.
    pub says: String,
}

/// First day of the last week or month of a plan that is over.
pub fn last_over(every: Every, reach: Reach, calendar: &Calendar) -> Date {
    let first_day = every.first_day(reach.day);
    match is_over(every, first_day, reach, calendar) {
        true => first_day,
        false => first_day.yesterday().map_or(first_day, |day| every.first_day(day)),
    }
}

fn is_over(every: Every, first_day: Date, reach: Reach, calendar: &Calendar) -> bool {
    calendar.day_start(end(every, first_day)).is_some_and(|end| end <= reach.until)
}

/// First day after the week or month that begins on a day.
pub fn end(every: Every, first_day: Date) -> Date {
    let length = match every {
        Every::Week => 1.week(),
        Every::Month => 1.month(),
    };
    first_day.checked_add(length).unwrap_or(first_day)
}

/// Draws the sample of the week or month that a day lies in. It is drawn from all conversations that the plan is about,
/// whoever asks, and then cut to what they may see: nobody's view changes anybody's sample.
#[compiled_here]
pub async fn draw(
    desk: &Desk<'_>,
    plan: &Sampling,
    on: Date,
    reach: Option<Reach>,
) -> Result<Drawn, NotDone> {
    let calendar = desk.engine.calendar();
    let first_day = plan.every.first_day(on);
    let until = end(plan.every, first_day);
    let from = plan.days.from.map_or(first_day, |from| from.max(first_day));
    let to = plan.days.until.map_or(until, |end| end.min(until));
    if from >= to {
        return Err(NotDone::refused(format!(
            "The plan `{}` holds {}, on no day of {first_day} to {until}.",
            plan.name, plan.days
        )));
    }
    let period = calendar.period(Some(from), Some(to));
    let (all, without_id) =
        conversations(desk.engine, "true", plan.who.condition(), period, &Scope::Everything).await?;
    let candidates: Vec<Candidate> = all.iter().map(candidate).collect();
    let mut sample = plan.draw(first_day, &candidates);
    let seen: BTreeMap<String, &Talked> = all
        .iter()
        .filter(|talked| sees(desk.scope, &talked.of))
        .map(|talked| (call_key(&talked.of.call), talked))
        .collect();
    for chosen in sample.agents.values_mut() {
        chosen.calls.retain(|call| seen.contains_key(call));
    }
    if *desk.scope != Scope::Everything {
        let agents: BTreeSet<&str> = seen.values().map(|talked| talked.of.agent_id.as_str()).collect();
        sample.agents.retain(|agent, _| agents.contains(agent.as_str()));
    }
    let evaluated = evaluated(desk, plan, period, &sample, &seen).await?;
    let coverage =
        Coverage::of(&sample, evaluated.iter().map(|(agent, call)| (agent.as_str(), call.as_str())));
    Ok(Drawn {
        until,
        is_over: reach.is_some_and(|reach| is_over(plan.every, first_day, reach, calendar)),
        without_id,
        coverage,
        says: plan.says(),
        sample,
    })
}

fn candidate(talked: &Talked) -> Candidate {
    Candidate {
        call_id: call_key(&talked.of.call),
        agent_id: talked.of.agent_id.clone(),
        talk_ms: talked.talk_ms,
    }
}

/// Agent and call of the conversations that were evaluated by the plan's form: here, or by another tool under its name.
async fn evaluated(
    desk: &Desk<'_>,
    plan: &Sampling,
    period: Period,
    sample: &Sample,
    seen: &BTreeMap<String, &Talked>,
) -> Result<BTreeSet<(String, String)>, NotDone> {
    let mut found = BTreeSet::new();
    for done in desk.state.matters::<Evaluated>().await? {
        let key = call_key(&done.of().call);
        if done.form() == plan.form && seen.contains_key(&key) {
            found.insert((done.of().agent_id.clone(), key));
        }
    }
    let elsewhere = elsewhere(desk, plan, period).await?;
    for (agent, chosen) in &sample.agents {
        for key in &chosen.calls {
            let source_id = seen.get(key).map(|talked| talked.of.call.source_id.clone());
            if source_id.is_some_and(|id| elsewhere.contains(&(agent.clone(), id))) {
                found.insert((agent.clone(), key.clone()));
            }
        }
    }
    Ok(found)
}

/// Agent and call of evaluations by the plan's form, in whatever version, that another tool delivered.
async fn elsewhere(
    desk: &Desk<'_>,
    plan: &Sampling,
    period: Period,
) -> Result<BTreeSet<(String, String)>, NotDone> {
    let condition = "call_id is not null and agent_id is not null and not coalesce(calibration, false) and \
                     source <> 'dialmark_evaluations' and source <> 'dialmark_calibrations'";
    let filter = parse(condition).map_err(|e| dialmark_engine::EngineError::Question(e.to_string()))?;
    let question = RecordsQuery {
        table: Some("evaluations".to_owned()),
        filter: Some(filter),
        // A conversation is evaluated after it was held, however late.
        period: Period { from: period.from, to: None },
        scope: desk.scope.clone(),
        columns: ["agent_id", "call_id", "form"].map(str::to_owned).to_vec(),
        ..RecordsQuery::default()
    };
    let total = desk.engine.records(&question).await?.total;
    let limit = usize::try_from(total).unwrap_or(usize::MAX);
    let records = desk.engine.records(&RecordsQuery { limit, ..question }).await?;
    let is_form = |code: &str| {
        code == plan.form || code.strip_prefix(plan.form.as_str()).is_some_and(|rest| rest.starts_with('/'))
    };
    let pairs = records.rows.into_iter().filter_map(|row| match row.as_slice() {
        [Some(agent), Some(call), Some(form)] if is_form(form) => Some((agent.clone(), call.clone())),
        _ => None,
    });
    Ok(pairs.collect())
}
