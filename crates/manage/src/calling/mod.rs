//! How the calls stand against the rules of calling: what is over a limit, which calls should not have been made, how much
//! is left, and what cannot be judged because no source shows it.

mod asked;
mod hours;
mod listed;
mod places;
mod sequences;
mod shares;
mod shown;

use async_recursion::async_recursion as compiled_here;
use dialmark_engine::EngineError;
use dialmark_govern::calling::{Asks, Entry, Found, InForce, Ledger, NOT_ADVICE};
use dialmark_metrics::Scope;
use dialmark_model::declared::nearest;
use jiff::civil::Date;
use jiff::{Timestamp, ToSpan};

use self::asked::{Asked, Stretch};
use crate::desk::Desk;
use crate::error::NotDone;

/// Days of which violations are looked for when nobody says since when.
const DAYS: i64 = 30;

/// What is asked.
#[derive(Debug, Clone, Default)]
pub struct Question<'q> {
    /// As of when; `None` for the last record, or now where records reach into the future.
    pub at: Option<Timestamp>,
    /// The first business day of which violations are looked for; `None` for thirty days up to that of `at`.
    pub since: Option<Date>,
    /// Only the rule of this name.
    pub rule: Option<&'q str>,
    /// Only calls of this campaign.
    pub campaign: Option<&'q str>,
    /// Only shares of abandoned calls with their budgets, which are sums and soon had; calls are not looked at one by one.
    pub only_budgets: bool,
}

/// How calls stand against the rules in force. A sentence where there are no records, or no rule of the name.
#[compiled_here]
pub async fn ledger(desk: &Desk<'_>, question: &Question<'_>) -> Result<Ledger, NotDone> {
    let calendar = desk.engine.calendar();
    let last = match question.at {
        Some(at) => Some(at),
        None => desk.engine.extent().await?.map(|(_, last)| last.min(desk.now)),
    };
    let Some(at) = last else {
        return Err(NotDone::refused("The store has no records yet, so there is nothing to judge."));
    };
    let day = calendar.day_of(at);
    let first = question.since.or_else(|| day.checked_sub((DAYS - 1).days()).ok()).unwrap_or(day);
    if first > day {
        return Err(NotDone::refused(format!("{first} is later than {day}, as of which calls are judged.")));
    }
    let Some(stretch) = Stretch::of(first, day, at, calendar) else {
        return Err(NotDone::refused(format!("{day} lies beyond the days that can be counted.")));
    };
    let calling = &desk.governed.calling;
    if let Some(name) = question.rule.filter(|name| calling.rules.iter().all(|rule| rule.name != *name)) {
        return Err(NotDone::refused(no_such_rule(name, calling)));
    }
    let mut entries = Vec::new();
    for one in calling.within(first, day) {
        let is_wanted = question.rule.is_none_or(|name| one.rule.name == name)
            && (!question.only_budgets || one.is_about_shares())
            && is_about(&one, question.campaign);
        if is_wanted {
            let asked = Asked::new(desk, &one, question.campaign, &stretch)?;
            entries.push(entry(&asked).await?);
        }
    }
    Ok(Ledger {
        at,
        day,
        since: first,
        jurisdictions: calling.jurisdictions.clone(),
        entries,
        notes: notes(desk),
    })
}

async fn entry(asked: &Asked<'_>) -> Result<Entry, NotDone> {
    let (found, mut unjudged) = match &asked.rule().asks {
        Asks::Abandoned(abandoned) => {
            match shares::shares(asked, abandoned).await {
                Ok(found) => (Found::Shares(found), shown::of_shares(asked, &abandoned.metric).await?),
                // No source gives what the rate is computed from.
                Err(NotDone::Engine(EngineError::Question(says))) => {
                    let unjudged = shown::of_nobody(format!("Cannot be judged: {says}"));
                    (Found::Shares(Vec::new()), vec![unjudged])
                }
                Err(other) => return Err(other),
            }
        }
        Asks::Attempts { to, at_most, within } => {
            let found = sequences::attempts(asked, *to, *at_most, *within).await?;
            (Found::Calls(found), shown::of_calls(asked).await?)
        }
        Asks::Rest { to, days } => {
            (Found::Calls(sequences::rest(asked, *to, *days).await?), shown::of_calls(asked).await?)
        }
        Asks::NoRedial { hours } => {
            (Found::Calls(sequences::redial(asked, *hours).await?), shown::of_calls(asked).await?)
        }
        Asks::Hours { from, until } => {
            let (found, nowhere) = hours::outside(asked, *from, *until).await?;
            let mut unjudged = shown::of_calls(asked).await?;
            unjudged.extend(nowhere);
            (Found::Calls(found), unjudged)
        }
        Asks::NotListed { registry, fresh_days } => {
            let (found, stale) = listed::on_list(asked, registry, *fresh_days).await?;
            let mut unjudged = shown::of_calls(asked).await?;
            unjudged.extend(stale);
            (Found::Calls(found), unjudged)
        }
        Asks::Consent { asks } => {
            let (found, missing) = listed::against_consent(asked, *asks).await?;
            let mut unjudged = shown::of_calls(asked).await?;
            unjudged.extend(missing);
            (Found::Calls(found), unjudged)
        }
    };
    unjudged.extend(shown::of_region(asked).await?);
    Ok(Entry { rule: asked.rule().clone(), only: asked.only.clone(), found, unjudged })
}

/// Whether a rule may be about calls of a campaign.
fn is_about(one: &InForce<'_>, campaign: Option<&str>) -> bool {
    campaign.is_none_or(|name| {
        one.rule.campaigns.is_empty() || one.rule.campaigns.iter().any(|campaign| campaign == name)
    })
}

fn no_such_rule(name: &str, calling: &dialmark_govern::calling::Calling) -> String {
    let known: Vec<&str> = calling.rules.iter().map(|rule| rule.name.as_str()).collect();
    let help = match nearest(name, known.iter().copied()) {
        Some(near) => format!("Did you mean `{near}`?"),
        None => format!(
            "There are {}.",
            known.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
        ),
    };
    format!("No rule `{name}` holds here. {help}")
}

fn notes(desk: &Desk<'_>) -> Vec<String> {
    let mut notes = vec![NOT_ADVICE.to_owned()];
    if desk.governed.calling.jurisdictions.is_empty() {
        notes.push(
            "No jurisdiction is declared, so only what holds everywhere is judged. Write where you call into a file of `rules/`: `[calling]` with `jurisdictions = [\"gb\"]`, or `us`, `ca`, `us_fl`."
                .to_owned(),
        );
    }
    if *desk.scope != Scope::Everything {
        notes.push(
            "Judged are the calls that you may see; others of the same campaign, number or debt are not counted."
                .to_owned(),
        );
    }
    notes
}
