//! Coaching: who is due for what, sessions that were held, and whether they helped.

use std::collections::{BTreeMap, BTreeSet};

use axum::extract::Request;
use axum::response::Response;
use dialmark_govern::coaching::{Agreed, Rule, Session};
use dialmark_manage::coaching::{self, DueAsked};
use dialmark_manage::{Desk, NotDone};
use dialmark_metrics::{Exact, Ratio};
use dialmark_model::civil::Calendar;
use dialmark_view::form::{Choice, Sent};
use dialmark_view::link::Link;
use dialmark_view::pages::coaching::{self as page, CoachingLine, CoachingPage, NewSession};
use dialmark_view::shell::Place;
use jiff::civil::Date;
use jiff::{Span, Timestamp};
use maud::Markup;

use crate::app::{App, Seen};
use crate::problem::Problem;
use crate::visit::Visit;
use crate::{answer, judging, quality, sent};

const PATH: &str = "/coaching";
/// Days of conversations by which somebody is due.
const DAYS: i64 = 28;
/// Evaluations of a behaviour below which nothing is said of it.
const LEAST: u64 = 5;
/// Percent of the points below which a behaviour is due.
const BELOW: i64 = 80;
/// Behaviours of an agent that are due at most.
const AT_MOST: usize = 2;
/// Days after which it is looked at again, unless something else is agreed.
const RECHECK_DAYS: i64 = 14;
/// Agents to choose from.
const MOST_AGENTS: usize = 2_000;
/// Sessions that the page shows.
const MOST_SESSIONS: usize = 500;

/// `GET /coaching`
pub async fn handle(Seen(app): Seen, visit: Visit) -> Response {
    let outcome = all(&app, &visit, Sent::NOTHING).await;
    answer::page_or_problem(&app, &visit, outcome)
}

/// `POST /coaching`
pub async fn send(Seen(app): Seen, visit: Visit, request: Request) -> Response {
    match taken(&app, &visit, request).await {
        Ok(response) => response,
        Err(problem) => problem.page(&app, &visit),
    }
}

async fn taken(app: &App, visit: &Visit, request: Request) -> Result<Response, Problem> {
    let mut sent = sent::read(request).await?;
    let done = match sent.form() {
        page::HELD => match agreed(app, &mut sent).await? {
            Some(agreed) => coaching::hold(&app.desk(), agreed, &app.visitor.name).await.map(drop),
            None => return Ok(answer::page_again(app, visit, all(app, visit, sent).await)),
        },
        page::RECHECKED => recheck(app, sent.item()).await,
        other => Err(NotDone::Refused(format!("The form `{other}` is not known here."))),
    };
    match sent::done(&mut sent, done)? {
        Some(()) => {
            judging::send_decided(app).await;
            Ok(answer::go_to(&Link::to(PATH)))
        }
        None => Ok(answer::page_again(app, visit, all(app, visit, sent).await)),
    }
}

/// Looks at the behaviour again, by the points of evaluations.
async fn recheck(app: &App, id: &str) -> Result<(), NotDone> {
    let desk = app.desk();
    let held = coaching::session(&desk, id).await?;
    if app.visitor.access.agent_id() == Some(held.agreed().agent.as_str()) {
        return Err(NotDone::Refused("You were coached. Let somebody else look at it again.".to_owned()));
    }
    coaching::recheck(&desk, id, None, LEAST, &app.visitor.name, desk.now).await.map(drop)
}

/// The session that was written down; what is wrong with it is noted.
async fn agreed(app: &App, sent: &mut Sent) -> Result<Option<Agreed>, Problem> {
    let (agent, behaviour) = (sent.text(page::AGENT).to_owned(), sent.text(page::BEHAVIOUR).to_owned());
    let is_among = |choices: &[Choice], value: &str| choices.iter().any(|choice| choice.value == value);
    if !is_among(&agents(app).await?, &agent) {
        sent.refuse(page::AGENT, "Choose an agent.");
    } else if app.visitor.access.agent_id() == Some(agent.as_str()) {
        sent.refuse(page::AGENT, "You cannot coach yourself.");
    }
    if !is_among(&behaviours(app), &behaviour) {
        sent.refuse(page::BEHAVIOUR, "Choose a behaviour.");
    }
    let agreement = sent.text(page::AGREEMENT).to_owned();
    if agreement.is_empty() {
        sent.refuse(page::AGREEMENT, "Write down what was agreed.");
    }
    let now = app.desk().now;
    let held_at = match held_at(sent.text(page::HELD_ON), now, app.engine.calendar()) {
        Ok(held_at) => Some(held_at),
        Err(says) => {
            sent.refuse(page::HELD_ON, says);
            None
        }
    };
    let recheck_on = sent.text(page::RECHECK_ON).parse::<Date>().ok();
    if recheck_on.is_none() {
        sent.refuse(page::RECHECK_ON, "This is no day.");
    }
    let (Some(held_at), Some(recheck_on), true) = (held_at, recheck_on, sent.refused().is_empty()) else {
        return Ok(None);
    };
    let coach = app.visitor.name.clone();
    Ok(Some(Agreed { agent, coach, behaviour, agreement, held_at, recheck_on }))
}

/// When a session of a day was held: of today now, of a day before at its beginning, for nobody said the hour.
fn held_at(day: &str, now: Timestamp, calendar: &Calendar) -> Result<Timestamp, &'static str> {
    let day: Date = day.parse().map_err(|_| "This is no day.")?;
    let today = calendar.day_of(now);
    match day.cmp(&today) {
        std::cmp::Ordering::Equal => Ok(now),
        std::cmp::Ordering::Less => calendar.day_start(day).ok_or("This is no day."),
        std::cmp::Ordering::Greater => {
            Err("This day is still to come. Write a session down once it was held.")
        }
    }
}

/// Sessions with an agent, the latest first.
pub async fn lines_of(app: &App, agent: &str) -> Result<Vec<CoachingLine>, Problem> {
    let sessions = coaching::sessions(&app.desk(), Some(agent)).await?;
    Ok(sessions.into_iter().rev().map(|session| CoachingLine { session, may_recheck: false }).collect())
}

/// Agents whose records the visitor sees.
async fn agents(app: &App) -> Result<Vec<Choice>, Problem> {
    let found = app.engine.top_values("calls", "agent_id", MOST_AGENTS).await?;
    let mut choices: Vec<Choice> =
        found.into_iter().map(|(id, _)| Choice::new(&id, app.name_of(&id))).collect();
    choices.sort_by(|a, b| a.label.cmp(&b.label).then_with(|| a.value.cmp(&b.value)));
    Ok(choices)
}

/// Behaviours that forms name.
fn behaviours(app: &App) -> Vec<Choice> {
    let criteria = app.promises.governed.forms.values().flat_map(|form| &form.criteria);
    let all: BTreeSet<&str> = criteria.filter_map(|criterion| criterion.coach.as_deref()).collect();
    all.into_iter().map(|behaviour| Choice::new(behaviour, behaviour)).collect()
}

async fn all(app: &App, visit: &Visit, sent: Sent) -> Result<Markup, Problem> {
    let (_, own) = visit.asked(&[page::AGENT, page::BEHAVIOUR])?;
    let asked = |name: &str| own.iter().find(|(found, _)| found == name).map(|(_, value)| value.clone());
    let _turn = app.turn().await?;
    let desk = app.desk();
    let today = desk.engine.calendar().day_of(desk.now);
    let due = due(&desk).await?;
    let sessions = coaching::sessions(&desk, None).await?;
    let overdue = coaching::overdue(&desk, &sessions, desk.now);
    let agents = agents(app).await?;
    let mut names: BTreeMap<String, String> = quality::names(app).await?;
    names.extend(agents.iter().map(|choice| (choice.value.clone(), choice.label.clone())));
    let me = app.visitor.access.agent_id();
    let may_recheck = |session: &Session| {
        let agreed = session.agreed();
        session.rechecked().is_none() && agreed.recheck_on <= today && me != Some(agreed.agent.as_str())
    };
    let lines = sessions.into_iter().rev().take(MOST_SESSIONS);
    Ok(page::render(&CoachingPage {
        head: visit.plain_head(app, "Coaching", Place::Quality),
        zone: app.centre.time_zone().clone(),
        due,
        names,
        overdue,
        sessions: lines.map(|session| CoachingLine { may_recheck: may_recheck(&session), session }).collect(),
        new: Some(NewSession {
            agents: agents.into_iter().filter(|choice| me != Some(choice.value.as_str())).collect(),
            behaviours: behaviours(app),
            chosen: asked(page::AGENT).zip(asked(page::BEHAVIOUR)),
            today,
            recheck_on: today.checked_add(Span::new().days(RECHECK_DAYS)).unwrap_or(today),
        })
        .filter(|new| !new.behaviours.is_empty()),
        action: Link::to(PATH),
        sent,
    }))
}

/// Who is due, by the last days that have records.
async fn due(desk: &Desk<'_>) -> Result<Vec<dialmark_govern::coaching::Due>, Problem> {
    let reach = dialmark_manage::reach(desk.engine, desk.now).await?;
    let last = reach.map_or_else(|| desk.engine.calendar().day_of(desk.now), |reach| reach.day);
    let until = last.tomorrow().unwrap_or(last);
    let from = until.checked_sub(Span::new().days(DAYS)).unwrap_or(until);
    let below = Ratio::of(Exact::integer(BELOW.into()), Exact::integer(100)).unwrap_or(Ratio::ZERO);
    let rule = Rule { least_n: LEAST, below, at_most: AT_MOST };
    Ok(coaching::due(desk, &DueAsked { from, until, agent: None, rule }).await?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use dialmark_model::civil;

    #[test]
    fn a_session_is_held_on_a_day_that_is_not_still_to_come() {
        let calendar = Calendar::plain(civil::zone("Europe/London").unwrap());
        let now: Timestamp = "2026-11-19T10:30:00Z".parse().unwrap();
        assert_eq!(held_at("2026-11-19", now, &calendar), Ok(now));
        assert_eq!(held_at("2026-11-18", now, &calendar), Ok("2026-11-18T00:00:00Z".parse().unwrap()));
        assert!(held_at("2026-11-20", now, &calendar).unwrap_err().contains("still to come"));
        assert_eq!(held_at("soon", now, &calendar), Err("This is no day."));
    }
}
