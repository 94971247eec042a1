//! Disputes over what calls were coded as: raised by agents, decided by others.

use axum::extract::Request;
use axum::http::StatusCode;
use axum::response::Response;
use dialmark_govern::dispute::{CallId, Verdict};
use dialmark_manage::NotDone;
use dialmark_manage::dispute::{self, Claim, ShownDispute};
use dialmark_view::called::Called;
use dialmark_view::form::{Choice, Sent};
use dialmark_view::link::Link;
use dialmark_view::pages::dispute_form::{self, DisputeForm};
use dialmark_view::pages::disputes::{self, Disputed, DisputesPage};
use dialmark_view::shell::Place;
use maud::Markup;

use super::called;
use crate::app::{App, Seen};
use crate::problem::Problem;
use crate::visit::Visit;
use crate::{answer, sent};

const PATH: &str = "/disputes";
/// Where an agent disputes a call.
const FORM_PATH: &str = "/dispute";

/// Where a call is disputed.
pub fn form_of(id: &CallId) -> Link {
    Link::to(FORM_PATH).with(dispute_form::SOURCE, &id.source).with(dispute_form::SOURCE_ID, &id.source_id)
}

/// `GET /disputes`
pub async fn handle(Seen(app): Seen, visit: Visit) -> Response {
    let outcome = page(&app, &visit, Sent::NOTHING).await;
    answer::page_or_problem(&app, &visit, outcome)
}

/// `POST /disputes`
pub async fn decide(Seen(app): Seen, visit: Visit, request: Request) -> Response {
    let mut sent = match sent::read(request).await {
        Ok(sent) => sent,
        Err(problem) => return problem.page(&app, &visit),
    };
    let verdict = match (sent.form(), sent.text(disputes::VERDICT)) {
        (disputes::DECIDE, disputes::ACCEPTED) => Some(Verdict::Accepted),
        (disputes::DECIDE, disputes::REJECTED) => Some(Verdict::Rejected),
        _ => None,
    };
    let done = match verdict {
        Some(verdict) => {
            let says = sent.text(disputes::SAYS);
            dispute::decide(&app.desk(), sent.item(), verdict, says, &app.by()).await.map(drop)
        }
        None => Err(NotDone::Refused("Say whether the agent is right.".to_owned())),
    };
    match done {
        Ok(()) => answer::go_to(&Link::to(PATH)),
        Err(NotDone::Refused(says)) => {
            sent.refuse("", says);
            match page(&app, &visit, sent).await {
                Ok(markup) => answer::page(StatusCode::UNPROCESSABLE_ENTITY, &markup),
                Err(problem) => problem.page(&app, &visit),
            }
        }
        Err(other) => Problem::from(other).page(&app, &visit),
    }
}

async fn page(app: &App, visit: &Visit, sent: Sent) -> Result<Markup, Problem> {
    visit.asked(&[])?;
    let _turn = app.turn().await?;
    let all = shown(app, dispute::disputes(&app.desk()).await?).await?;
    let (open, mut decided): (Vec<Disputed>, Vec<Disputed>) =
        all.into_iter().partition(|one| one.dispute.decision().is_none());
    decided.sort_by_key(|one| one.dispute.decision().map(|decision| std::cmp::Reverse(decision.at)));
    Ok(disputes::render(&DisputesPage {
        head: visit.plain_head(app, "Disputes", Place::People),
        zone: app.centre.time_zone().clone(),
        open,
        decided,
        action: Link::to(PATH),
        sent,
    }))
}

/// Disputes with their calls.
pub async fn shown(app: &App, disputes: Vec<ShownDispute>) -> Result<Vec<Disputed>, Problem> {
    let mut found = Vec::new();
    for ShownDispute { dispute, .. } in disputes {
        let call = match called::one(app, dispute.call()).await? {
            Some(call) => call,
            // Its record is gone by now, with the end of what is kept.
            None => Called {
                id: dispute.call().clone(),
                agent: app.name_of(dispute.raised().0),
                code: None,
                facts: Vec::new(),
                recording: None,
                record: None,
            },
        };
        let own = app.by().agent_id == Some(dispute.raised().0);
        found.push(Disputed {
            raised_by: app.name_of(dispute.raised().0),
            should_mean: called::meaning(app, dispute.codes().1, Some(dispute.raised().1)),
            not_for_you: own.then(|| "You raised it; somebody else decides.".to_owned()),
            call,
            dispute,
        });
    }
    Ok(found)
}

/// `GET /dispute`
pub async fn begin(Seen(app): Seen, visit: Visit) -> Response {
    let of = |name: &str| visit.pairs.iter().find(|(found, _)| found == name).map(|(_, value)| value.clone());
    let id = of(dispute_form::SOURCE).zip(of(dispute_form::SOURCE_ID));
    let outcome = match id {
        Some((source, source_id)) => form(&app, &visit, &CallId { source, source_id }, Sent::NOTHING).await,
        None => Err(Problem::bad("Which call? The address names none.")),
    };
    answer::page_or_problem(&app, &visit, outcome)
}

/// `POST /dispute`
pub async fn raise(Seen(app): Seen, visit: Visit, request: Request) -> Response {
    let mut sent = match sent::read(request).await {
        Ok(sent) => sent,
        Err(problem) => return problem.page(&app, &visit),
    };
    let call = CallId {
        source: sent.text(dispute_form::SOURCE).to_owned(),
        source_id: sent.text(dispute_form::SOURCE_ID).to_owned(),
    };
    let raised = raised(&app, &call, &sent).await;
    match raised {
        Ok(()) => answer::go_to(&Link::to("/me")),
        Err(NotDone::Refused(says)) => {
            sent.refuse("", says);
            match form(&app, &visit, &call, sent).await {
                Ok(markup) => answer::page(StatusCode::UNPROCESSABLE_ENTITY, &markup),
                Err(problem) => problem.page(&app, &visit),
            }
        }
        Err(other) => Problem::from(other).page(&app, &visit),
    }
}

async fn raised(app: &App, call: &CallId, sent: &Sent) -> Result<(), NotDone> {
    let desk = app.desk();
    let claim = Claim {
        call: call.clone(),
        should_be: sent.text(dispute_form::SHOULD_BE),
        why: sent.text(dispute_form::WHY),
    };
    dispute::raise(&desk, &claim, &app.by()).await.map(drop)
}

async fn form(app: &App, visit: &Visit, id: &CallId, sent: Sent) -> Result<Markup, Problem> {
    let _turn = app.turn().await?;
    let call = called::one(app, id)
        .await?
        .ok_or_else(|| Problem::missing(format!("There is no call {id} among the records that you see.")))?;
    let map = app.engine.dispositions().as_of(app.engine.calendar().day_of(app.desk().now));
    let is = call.code.as_ref().map(|(code, _)| code.clone()).unwrap_or_default();
    let codes = map.codes.iter().filter(|(code, _)| **code != is).map(|(code, meaning)| {
        let label = meaning.label.clone().unwrap_or_else(|| meaning.outcome.word().replace('_', " "));
        Choice::new(code, format!("{code} – {label}"))
    });
    Ok(dispute_form::render(&DisputeForm {
        head: visit.plain_head(app, "Dispute a call", Place::Own),
        codes: codes.collect(),
        action: Link::to(FORM_PATH),
        back: Link::to("/me"),
        call,
        sent,
    }))
}
