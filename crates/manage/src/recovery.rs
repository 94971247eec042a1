//! Service recovery: negative answers are found among the records and called back, each once, against a clock.

use std::collections::{BTreeMap, BTreeSet};

use async_recursion::async_recursion as compiled_here;
use dialmark_engine::EngineError;
use dialmark_govern::Place;
use dialmark_govern::place::LEVELS;
use dialmark_govern::recovery::{Admitted, Clock, Item, ItemId, Outcome, Queue, Recovery, SurveyAnswer};
use dialmark_metrics::{Exact, Scope};
use dialmark_model::civil::Period;
use dialmark_state::Matter;
use jiff::Timestamp;
use serde::Serialize;

use crate::desk::Desk;
use crate::error::NotDone;
use crate::rows::{self, Record, Wanted};

/// The table of answers.
const SURVEYS: &str = "surveys";
/// Who opens what follows from records.
const SELF: &str = "dialmark";

/// A call back with what whoever makes it needs to know.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ShownItem {
    /// How it is named: source and identifier of the answer, such as `survey/4711`.
    pub id: String,
    /// The item.
    pub item: Item,
    /// How it stands against its clock.
    pub clock: ShownClock,
    /// The answer; `None` when its record is not there any more.
    pub answer: Option<ShownAnswer>,
}

/// A clock in a word and milliseconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct ShownClock {
    /// `due`, `overdue`, `kept`, `late` or `given_up`.
    pub is: &'static str,
    /// Time that is left, or by which it is late; `None` where there is none to tell.
    pub ms: Option<i64>,
}

/// What the customer answered.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct ShownAnswer {
    /// The survey.
    pub survey: Option<String>,
    /// The score, a decimal.
    pub score: Option<String>,
    /// The answer in words.
    pub comment: Option<String>,
    /// The customer.
    pub customer_id: Option<String>,
    /// The call that it is about.
    pub call_id: Option<String>,
    /// The campaign.
    pub campaign_id: Option<String>,
    /// The agent whom it is about.
    pub agent_id: Option<String>,
}

/// What somebody does about a call back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Act<'a> {
    /// Is about to call.
    Take,
    /// Gives it back without having called.
    GiveBack,
    /// Spoke to the customer.
    Reached,
    /// Called in vain.
    NotReached,
    /// Ends it.
    Close {
        /// What came of it.
        outcome: Outcome,
        /// In words.
        says: &'a str,
    },
}

/// Shows the answers since an instant to the rules and opens an item for each negative one that has none yet. However often
/// this is done, and by however many at once, an answer has one item.
#[compiled_here]
pub async fn admit(desk: &Desk<'_>, since: Timestamp) -> Result<Admitted, NotDone> {
    let rules: Vec<Recovery> = desk.governed.recoveries.values().cloned().collect();
    if rules.is_empty() {
        return Ok(Admitted::default());
    }
    let answers = answers(desk, &rules, since).await?;
    let known: Vec<Item> = desk.state.matters().await?;
    let known_ids: BTreeSet<ItemId> = known.iter().map(|item| item.id().clone()).collect();
    let mut queue = Queue::of(known);
    let mut admitted = queue.admit(&rules, &answers);
    let opened: Vec<Item> = queue.items().filter(|item| !known_ids.contains(item.id())).cloned().collect();
    let begun = desk.state.begin_matters(&opened, SELF).await?;
    // What somebody else opened a moment ago was known.
    admitted.known += admitted.opened.saturating_sub(begun);
    admitted.opened = begun;
    Ok(admitted)
}

async fn answers(
    desk: &Desk<'_>,
    rules: &[Recovery],
    since: Timestamp,
) -> Result<Vec<SurveyAnswer>, EngineError> {
    let surveys: BTreeSet<String> =
        rules.iter().map(|rule| rows::quoted(&rule.survey.to_lowercase())).collect();
    let surveys: Vec<String> = surveys.into_iter().collect();
    let filter = format!("answered_at is not null and lower(survey) in ({})", surveys.join(", "));
    let wanted = Wanted {
        table: Some(SURVEYS),
        filter: Some(rows::condition(&filter)?),
        period: Period { from: Some(since), to: None },
        ..Wanted::default()
    };
    let (_, records) = rows::records(desk.engine, &wanted).await?;
    Ok(records.iter().filter_map(answer).collect())
}

/// The answer of a record; `None` when it has no identifier or no time, so that nobody could know it again.
fn answer(record: &Record) -> Option<SurveyAnswer> {
    let (source, source_id) = rows::id_of(record)?;
    let number = |column: &str| record.get(column).and_then(|text| Exact::parse(text));
    let place = LEVELS.iter().filter_map(|level| Some((*level, record.get(*level)?)));
    Some(SurveyAnswer {
        id: ItemId { source, source_id },
        survey: record.get("survey")?.clone(),
        place: place.fold(Place::centre(), |place, (level, value)| place.within(level, value)),
        answered_at: record.get("answered_at")?.parse().ok()?,
        score: number("score"),
        scale: number("scale_min").zip(number("scale_max")),
    })
}

/// Items whose answers the asker may see: those whose customer is still to be reached, what is due first first; or all of
/// them, those that are done after those that are not.
#[compiled_here]
pub async fn items(desk: &Desk<'_>, done_too: bool) -> Result<Vec<ShownItem>, NotDone> {
    let queue = Queue::of(desk.state.matters::<Item>().await?);
    let mut wanted: Vec<Item> = queue.items().filter(|item| done_too || !item.is_closed()).cloned().collect();
    wanted.sort_by(|a, b| (a.is_closed(), a.due_at(), a.id()).cmp(&(b.is_closed(), b.due_at(), b.id())));
    shown(desk, wanted).await
}

/// One item, if its answer may be seen by the asker.
#[compiled_here]
pub async fn item(desk: &Desk<'_>, id: &ItemId) -> Result<ShownItem, NotDone> {
    let unknown = || NotDone::Refused(format!("There is no call back for {id}."));
    let item: Item = desk.state.matter(&written(id)).await?.ok_or_else(unknown)?;
    shown(desk, vec![item]).await?.pop().ok_or_else(unknown)
}

/// Takes a step; its rules refuse what does not follow.
pub async fn act(desk: &Desk<'_>, id: &ItemId, act: Act<'_>, by: &str) -> Result<Item, NotDone> {
    // Whoever may not see the answer is not told that there is one.
    item(desk, id).await?;
    let now = desk.now;
    let did = match act {
        Act::Take => "taken",
        Act::GiveBack => "given_back",
        Act::Reached => "reached",
        Act::NotReached => "not_reached",
        Act::Close { .. } => "closed",
    };
    let step = |item: Item| match act {
        Act::Take => item.take(by, now),
        Act::GiveBack => item.give_back(by, now),
        Act::Reached => item.reached(by, now),
        Act::NotReached => item.not_reached(by, now),
        Act::Close { outcome, says } => item.close(outcome, by, now, says),
    };
    Ok(desk.state.step_matter(&written(id), by, did, step).await?)
}

async fn shown(desk: &Desk<'_>, items: Vec<Item>) -> Result<Vec<ShownItem>, NotDone> {
    let ids = items.iter().map(|item| (item.id().source.clone(), item.id().source_id.clone())).collect();
    let found: BTreeMap<(String, String), Record> =
        rows::by_id(desk.engine, SURVEYS, &ids, desk.scope).await?;
    let shown = items.into_iter().filter_map(|item| {
        let record = found.get(&(item.id().source.clone(), item.id().source_id.clone()));
        if record.is_none() && *desk.scope != Scope::Everything {
            return None;
        }
        let clock = shown_clock(item.clock(desk.now));
        Some(ShownItem { id: Matter::id(&item), clock, answer: record.map(shown_answer), item })
    });
    Ok(shown.collect())
}

fn shown_answer(record: &Record) -> ShownAnswer {
    let of = |column: &str| record.get(column).cloned();
    ShownAnswer {
        survey: of("survey"),
        score: of("score"),
        comment: of("comment"),
        customer_id: of("customer_id"),
        call_id: of("call_id"),
        campaign_id: of("campaign_id"),
        agent_id: of("agent_id"),
    }
}

fn shown_clock(clock: Clock) -> ShownClock {
    let (is, length) = match clock {
        Clock::Due(left) => ("due", Some(left)),
        Clock::Overdue(late) => ("overdue", Some(late)),
        Clock::Kept => ("kept", None),
        Clock::Late(late) => ("late", Some(late)),
        Clock::GivenUp => ("given_up", None),
    };
    ShownClock { is, ms: length.and_then(|length| i64::try_from(length.as_millis()).ok()) }
}

/// An identifier as it is kept and written in commands.
pub fn written(id: &ItemId) -> String {
    format!("{}/{}", id.source, id.source_id)
}

/// Reads what [`written`] writes.
pub fn read_id(text: &str) -> Option<ItemId> {
    let (source, source_id) =
        text.split_once('/').filter(|(source, id)| !source.is_empty() && !id.is_empty())?;
    Some(ItemId { source: source.to_owned(), source_id: source_id.to_owned() })
}
