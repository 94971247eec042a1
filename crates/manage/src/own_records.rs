//! What is decided here becomes records, so that metrics count it like what another tool delivers.
//!
//! Decisions are kept first. They are read from where the last reading ended, which the store commits together with their
//! records: whatever is interrupted is done again, and a record that is there already (same identifier, same revision)
//! changes nothing. So each is in the store once, however often it is sent.

use async_recursion::async_recursion as compiled_here;
use dialmark_engine::Engine;
use dialmark_govern::calibration::Round;
use dialmark_govern::coaching::Session;
use dialmark_govern::quality::{Evaluated, ScoredItem, Selection, Version};
use dialmark_ingest::take_decided;
use dialmark_metrics::Ratio;
use dialmark_model::civil::Calendar;
use dialmark_model::source::Source;
use dialmark_project::{CALIBRATIONS, COACHING, EVALUATION_ITEMS, EVALUATIONS};
use dialmark_state::{Matter, ReadUpTo, State};
use serde::Serialize;
use serde_json::{Value, json};

use crate::error::NotDone;
use crate::mark::mark;

/// Steps of decisions that become records in one import.
const PORTION: u32 = 5_000;
/// Digits after the point of a number in a record.
const PLACES: usize = 6;

/// What sending came to.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Sent {
    /// Records that are new in the store.
    pub new: u64,
    /// Records of which a newer revision took the place of an older one.
    pub corrected: u64,
    /// Records that were there already.
    pub unchanged: u64,
}

/// How much is sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum From {
    /// What was decided since the last time.
    LastTime,
    /// Everything that was ever decided. It changes nothing where all of it is there.
    Start,
}

/// Makes records of what was decided. `own_sources` are those of the project; there are none when it declares no form.
#[compiled_here]
pub async fn send(
    engine: &Engine,
    state: &State,
    own_sources: &[Source],
    from: From,
) -> Result<Sent, NotDone> {
    let mut sent = Sent::default();
    for source in own_sources {
        let one = Stream { engine, state, source, from };
        let calendar = engine.calendar();
        match source.name.as_str() {
            EVALUATIONS => one.send(&mut sent, |done: &Evaluated| vec![evaluation(done)]).await?,
            EVALUATION_ITEMS => one.send(&mut sent, items).await?,
            CALIBRATIONS => one.send(&mut sent, scores).await?,
            COACHING => one.send(&mut sent, |held: &Session| vec![coaching(held, calendar)]).await?,
            _ => {}
        }
    }
    Ok(sent)
}

struct Stream<'a> {
    engine: &'a Engine,
    state: &'a State,
    source: &'a Source,
    from: From,
}

impl Stream<'_> {
    async fn send<M: Matter>(
        &self,
        sent: &mut Sent,
        records: impl Fn(&M) -> Vec<Value>,
    ) -> Result<(), NotDone> {
        let lake = self.engine.lake();
        let kept = match self.from {
            From::Start => None,
            From::LastTime => {
                let kept = lake.cursor(&self.source.table.name, &self.source.name).await;
                kept.map_err(dialmark_engine::EngineError::from)?
            }
        };
        let mut upto: ReadUpTo = kept.and_then(|kept| serde_json::from_str(&kept).ok()).unwrap_or_default();
        loop {
            let (matters, further) = self.state.matters_since::<M>(&upto, PORTION).await?;
            if matters.is_empty() {
                return Ok(());
            }
            let mut lines = String::new();
            for record in matters.iter().flat_map(&records) {
                lines.push_str(&record.to_string());
                lines.push('\n');
            }
            if !lines.is_empty() {
                let cursor = json!(further).to_string();
                let report = take_decided(lake, self.source, lines.as_bytes(), cursor).await?.report;
                sent.new += report.new;
                sent.corrected += report.corrected;
                sent.unchanged += report.unchanged;
            }
            upto = further;
        }
    }
}

/// A number as records hold it.
fn number(value: Ratio) -> Value {
    Value::String(value.decimal(PLACES))
}

/// The record of an evaluation: the version that counts, on the day of the first.
fn evaluation(done: &Evaluated) -> Value {
    let Version { evaluation, scored, .. } = done.counts();
    let of = done.of();
    json!({
        "id": done.id(),
        "revision": done.revision(),
        "form": scored.form,
        "client_id": of.client_id,
        "campaign_id": of.campaign_id,
        "agent_id": of.agent_id,
        "team_id": of.team_id,
        "evaluator_id": evaluation.evaluator(),
        "call_id": of.call.source_id,
        "evaluated_at": done.made_at(),
        "score": number(scored.points.reached),
        "max_score": number(scored.points.possible),
        "critical_error": scored.has_critical_error(),
        "sample": done.selection().word(),
    })
}

/// The records of its criteria. One that was left out has no points, reached or possible.
fn items(done: &Evaluated) -> Vec<Value> {
    let Version { evaluation, scored, .. } = done.counts();
    let item = |item: &ScoredItem| {
        let applies = item.applies();
        json!({
            "id": format!("{}/{}", done.id(), item.criterion),
            "revision": done.revision(),
            "evaluation_id": done.id(),
            "criterion": item.criterion,
            "agent_id": done.of().agent_id,
            "evaluator_id": evaluation.evaluator(),
            "evaluated_at": done.made_at(),
            "score": applies.then(|| number(item.points.reached)),
            "max_score": applies.then(|| number(item.points.possible)),
            "critical": item.auto_fail,
        })
    };
    scored.items.iter().map(item).collect()
}

/// The records of the scores of a round.
fn scores(round: &Round) -> Vec<Value> {
    let score = |score: &dialmark_govern::calibration::RoundScore| {
        let of = round.conversation(&score.call);
        json!({
            "id": mark(&[round.id(), &score.by, &score.call.source, &score.call.source_id]),
            "revision": 1,
            "form": score.scored.form,
            "client_id": of.and_then(|of| of.client_id.as_deref()),
            "campaign_id": of.and_then(|of| of.campaign_id.as_deref()),
            "agent_id": of.map(|of| of.agent_id.as_str()),
            "team_id": of.and_then(|of| of.team_id.as_deref()),
            "evaluator_id": score.by,
            "call_id": score.call.source_id,
            "evaluated_at": score.at,
            "score": number(score.scored.points.reached),
            "max_score": number(score.scored.points.possible),
            "critical_error": score.scored.has_critical_error(),
            "sample": Selection::Targeted.word(),
        })
    };
    round.scores().iter().map(score).collect()
}

/// The record of a coaching session.
fn coaching(held: &Session, calendar: &Calendar) -> Value {
    let agreed = held.agreed();
    json!({
        "id": held.id(),
        "revision": 1 + u64::from(held.acknowledged_at().is_some()),
        "agent_id": agreed.agent,
        "coach_id": agreed.coach,
        "behaviour": agreed.behaviour,
        "agreement": agreed.agreement,
        "held_at": agreed.held_at,
        "recheck_at": calendar.day_start(agreed.recheck_on),
        "acknowledged_at": held.acknowledged_at(),
        "sessions": held.number(),
    })
}
