//! The queue of customers who answered badly, to be called back in time.

use std::collections::BTreeMap;

use axum::extract::Request;
use axum::http::StatusCode;
use axum::response::Response;
use dialmark_govern::recovery::{Admitted, ItemId};
use dialmark_manage::NotDone;
use dialmark_manage::recovery::{self, Act, ShownItem};
use dialmark_view::form::Sent;
use dialmark_view::link::Link;
use dialmark_view::pages::recovery::{self as page, RecoveryLine, RecoveryPage};
use dialmark_view::shell::Place;
use jiff::{Timestamp, ToSpan};
use maud::Markup;

use crate::app::{App, Seen};
use crate::problem::Problem;
use crate::visit::Visit;
use crate::{answer, sent};

const PATH: &str = "/recovery";
/// How far back answers are looked for that nobody has called back yet.
const HOURS_BACK: i64 = 24 * 30;

/// `GET /recovery`
pub async fn handle(Seen(app): Seen, visit: Visit) -> Response {
    let outcome = queue(&app, &visit, Sent::NOTHING).await;
    answer::page_or_problem(&app, &visit, outcome)
}

/// `POST /recovery`
pub async fn act(Seen(app): Seen, visit: Visit, request: Request) -> Response {
    let mut sent = match sent::read(request).await {
        Ok(sent) => sent,
        Err(problem) => return problem.page(&app, &visit),
    };
    let done = match asked(&sent) {
        Ok((id, step)) => recovery::act(&app.desk(), &id, step, &app.visitor.name).await.map(drop),
        Err(says) => Err(NotDone::Refused(says)),
    };
    match done {
        Ok(()) => answer::go_to(&Link::to(PATH)),
        Err(NotDone::Refused(says)) => {
            sent.refuse("", says);
            match queue(&app, &visit, sent).await {
                Ok(markup) => answer::page(StatusCode::UNPROCESSABLE_ENTITY, &markup),
                Err(problem) => problem.page(&app, &visit),
            }
        }
        Err(other) => Problem::from(other).page(&app, &visit),
    }
}

/// Which item, and what is done about it.
fn asked(sent: &Sent) -> Result<(ItemId, Act<'_>), String> {
    let id = page::read_item_id(sent.item()).ok_or("The form names no call back.")?;
    let step = match (sent.form(), sent.text(page::STEP)) {
        (page::MOVE, page::TAKE) => Act::Take,
        (page::MOVE, page::GIVE_BACK) => Act::GiveBack,
        (page::MOVE, page::REACHED) => Act::Reached,
        (page::MOVE, page::NOT_REACHED) => Act::NotReached,
        (page::CLOSE, _) => {
            let word = sent.text(page::OUTCOME);
            let found = page::OUTCOMES.iter().find(|(one, ..)| *one == word);
            let (_, outcome, _) = found.ok_or("Say what came of it.")?;
            Act::Close { outcome: *outcome, says: sent.text(page::SAYS) }
        }
        _ => return Err("The form does not say what was done.".to_owned()),
    };
    Ok((id, step))
}

async fn queue(app: &App, visit: &Visit, sent: Sent) -> Result<Markup, Problem> {
    visit.asked(&[])?;
    let _turn = app.turn().await?;
    let desk = app.desk();
    let last = app.known().await?.extent.map_or(desk.now, |(_, last)| last);
    let since: Timestamp = last.checked_sub(HOURS_BACK.hours()).unwrap_or(last);
    let admitted = recovery::admit(&desk, since).await?;
    let (closed, open): (Vec<ShownItem>, Vec<ShownItem>) =
        recovery::items(&desk, true).await?.into_iter().partition(|one| one.item.is_closed());
    let accounts = app.state.accounts().await?;
    Ok(page::render(&RecoveryPage {
        head: visit.plain_head(app, "Call backs", Place::People),
        zone: app.centre.time_zone().clone(),
        now: desk.now,
        reader: app.visitor.name.clone(),
        open: open.into_iter().map(|one| line(app, one)).collect(),
        closed: closed.into_iter().rev().map(|one| line(app, one)).collect(),
        names: accounts.into_iter().map(|account| (account.name, account.label)).collect::<BTreeMap<_, _>>(),
        admitted: said(&admitted),
        action: Link::to(PATH),
        sent,
    }))
}

fn line(app: &App, one: ShownItem) -> RecoveryLine {
    let rule = app.promises.governed.recoveries.get(one.item.rule());
    let answer = one.answer.unwrap_or_default();
    let shown = [
        ("Survey", answer.survey),
        ("Score", answer.score),
        ("Said", answer.comment),
        ("Customer", answer.customer_id),
        ("Campaign", answer.campaign_id),
        ("Agent", answer.agent_id.map(|agent| app.name_of(&agent))),
    ];
    let condition = answer.call_id.map(|call| format!("source_id = '{}'", call.replace('\'', "''")));
    RecoveryLine {
        rule: rule.map_or_else(|| one.item.rule().to_owned(), |rule| rule.label.clone()),
        tries_allowed: rule.map_or(1, |rule| rule.tries),
        answer: shown.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?))).collect(),
        record: condition.map(|condition| Link::to("/calls").with("table", "calls").with("where", condition)),
        may_move: true,
        item: one.item,
    }
}

/// What became of the answers that were looked at.
fn said(admitted: &Admitted) -> Vec<String> {
    match admitted.opened {
        0 => Vec::new(),
        opened => vec![format!("{opened} answers of the last 30 days were taken into the queue just now.")],
    }
}
