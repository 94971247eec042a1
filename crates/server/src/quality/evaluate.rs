//! Scoring a conversation: for itself, in a calibration round, or anew after an appeal.

use axum::extract::Request;
use axum::http::StatusCode;
use axum::response::Response;
use dialmark_govern::Right;
use dialmark_govern::calibration::Round;
use dialmark_govern::dispute::CallId;
use dialmark_govern::quality::{Conversation, Evaluated, Form, Given, Scored, call_key};
use dialmark_manage::quality;
use dialmark_view::form::Sent;
use dialmark_view::link::Link;
use dialmark_view::pages::evaluate::{self as page, EvaluatePage};
use dialmark_view::pages::overview::Choice;
use dialmark_view::shell::Place;
use maud::Markup;

use super::{calibration, evaluation, in_words, or_missing};
use crate::app::{App, Seen};
use crate::problem::Problem;
use crate::visit::Visit;
use crate::{answer, judging, sent};

const PATH: &str = "/evaluate";

/// The page that scores a call.
pub fn link(call: &CallId) -> Link {
    Link::to(PATH).with("call", call_key(call))
}

/// The page that scores a call of a round.
pub fn link_in_round(call: &CallId, round: &str) -> Link {
    link(call).with("session", round)
}

/// The page that evaluates a call anew, after an appeal.
pub fn link_anew(done: &Evaluated) -> Link {
    link(&done.of().call).with("replaces", done.id())
}

/// `GET /evaluate`
pub async fn begin(Seen(app): Seen, visit: Visit) -> Response {
    let outcome = begun(&app, &visit).await;
    answer::page_or_problem(&app, &visit, outcome)
}

async fn begun(app: &App, visit: &Visit) -> Result<Markup, Problem> {
    let (_, own) = visit.asked(&["call", "form", "session", "replaces"])?;
    let of = |name: &str| own.iter().find(|(found, _)| found == name).map(|(_, value)| value.clone());
    let Some(call) = of("call") else {
        return Err(Problem::bad("Which call? The address names none.")
            .helped("Write source and identifier of one, such as `/evaluate?call=dialler/4711`."));
    };
    let asked = Asked { call, form: of("form"), session: of("session"), replaces: of("replaces") };
    let _turn = app.turn().await?;
    let task = Task::of(app, &asked).await?;
    show(app, visit, &task, None, Sent::NOTHING).await
}

/// `POST /evaluate`
pub async fn send(Seen(app): Seen, visit: Visit, request: Request) -> Response {
    match taken(&app, &visit, request).await {
        Ok(response) => response,
        Err(problem) => problem.page(&app, &visit),
    }
}

async fn taken(app: &App, visit: &Visit, request: Request) -> Result<Response, Problem> {
    let mut sent = sent::read(request).await?;
    let asked = Asked::of(&sent);
    let _turn = app.turn().await?;
    let task = Task::of(app, &asked).await?;
    let sheet = &task.sheet;
    if sheet.code() != sent.text(page::SHEET) {
        let says = format!(
            "The form was changed meanwhile and is `{}` now. Look through your answers.",
            sheet.code()
        );
        sent.refuse("", says);
    }
    let given = given(sheet, &mut sent);
    let scored = match sent.refused().is_empty() {
        true => scored(sheet, &given, &mut sent),
        false => None,
    };
    if scored.is_some() && sent.text(page::STEP) == page::SAVE {
        let saved = save(app, &task, given, &sent).await;
        if let Some(saved) = sent::done(&mut sent, saved)? {
            judging::send_decided(app).await;
            return Ok(answer::go_to(&saved));
        }
    }
    let status = match sent.refused().is_empty() {
        true => StatusCode::OK,
        false => StatusCode::UNPROCESSABLE_ENTITY,
    };
    Ok(answer::page(status, &show(app, visit, &task, scored, sent).await?))
}

/// Saves what was given; where to read it.
async fn save(app: &App, task: &Task, given: Given, sent: &Sent) -> Result<Link, dialmark_manage::NotDone> {
    let (desk, call) = (app.desk(), call_key(&task.of.call));
    let (by, now) = (app.visitor.name.as_str(), desk.now);
    match (&task.session, &task.replaces) {
        (Some(round), _) => {
            let round = quality::score_in_round(&desk, round.id(), &call, given, by, now).await?;
            Ok(calibration::link(round.id()))
        }
        (None, Some(done)) => {
            let done = quality::change(&desk, done.id(), by, now, sent.text(page::SAYS), given).await?;
            Ok(evaluation::link(done.id()))
        }
        (None, None) => {
            let done = quality::evaluate(&desk, &call, &task.sheet.name, given, by, now).await?;
            Ok(evaluation::link(done.id()))
        }
    }
}

/// What was given by a form that was sent; what is wrong with it is noted there.
fn given(sheet: &Form, sent: &mut Sent) -> Given {
    let answers = page::answers(sheet, sent);
    let comments = sheet.criteria.iter().filter_map(|criterion| {
        let comment = sent.text(&page::comment_field(&criterion.name));
        (!comment.is_empty()).then(|| (criterion.name.clone(), comment.to_owned()))
    });
    let comments = comments.collect();
    Given { answers, comments, remark: sent.text(page::OVERALL).to_owned() }
}

fn scored(sheet: &Form, given: &Given, sent: &mut Sent) -> Option<Scored> {
    given.score(sheet).map_err(|problems| problems.into_iter().for_each(|says| sent.refuse("", says))).ok()
}

/// What is asked to be scored.
#[derive(Debug, Default, PartialEq, Eq)]
struct Asked {
    call: String,
    form: Option<String>,
    session: Option<String>,
    replaces: Option<String>,
}

impl Asked {
    /// From the fields that go along unseen.
    fn of(sent: &Sent) -> Asked {
        let text = |name: &str| Some(sent.text(name).to_owned()).filter(|text| !text.is_empty());
        let (source, source_id) = (sent.text(page::SOURCE).to_owned(), sent.text(page::SOURCE_ID).to_owned());
        Asked {
            call: call_key(&CallId { source, source_id }),
            form: text(page::SHEET).and_then(|code| code.split_once('/').map(|(form, _)| form.to_owned())),
            session: text(page::SESSION),
            replaces: text(page::REPLACES),
        }
    }
}

/// What is scored, by what.
struct Task {
    of: Conversation,
    sheet: Form,
    /// Other forms that hold on the day of the call.
    sheets: Vec<Choice>,
    session: Option<Round>,
    replaces: Option<Evaluated>,
}

impl Task {
    /// Finds out whether it is the visitor's to score.
    async fn of(app: &App, asked: &Asked) -> Result<Task, Problem> {
        let desk = app.desk();
        let of = or_missing(quality::find_call(desk.engine, &asked.call, desk.scope).await)?;
        if app.visitor.access.agent_id() == Some(of.agent_id.as_str()) {
            return Err(Problem::forbidden("You spoke on this call. Let somebody else evaluate it."));
        }
        let session = match &asked.session {
            Some(name) => Some(or_missing(quality::round(&desk, name).await)?),
            None => None,
        };
        let replaces = match &asked.replaces {
            Some(id) => {
                app.visitor.needs(Right::DecideAppeals)?;
                Some(or_missing(quality::evaluated(&desk, id).await)?)
            }
            None => None,
        };
        if replaces.as_ref().is_some_and(|done| done.of().call != of.call) {
            return Err(Problem::bad("The evaluation is of another call."));
        }
        let forms = &desk.governed.forms;
        let fixed = session.as_ref().map(Round::form).or(replaces.as_ref().map(Evaluated::form));
        let day = desk.engine.calendar().day_of(of.at);
        let named = match fixed.or(asked.form.as_deref()) {
            Some(name) => Some(forms.get(name).ok_or_else(|| {
                Problem::missing(format!("There is no form `{name}`.")).helped("Forms stand in `quality/`.")
            })?),
            None => forms.values().find(|form| form.holds_on(day)),
        };
        let sheet = named.cloned().ok_or_else(|| {
            Problem::missing(format!("No form holds for the calls of {day}."))
                .helped("Forms stand in `quality/`.")
        })?;
        let choice = |form: &Form| Choice {
            says: in_words(form),
            href: link(&of.call).with("form", &form.name),
            is_current: form.name == sheet.name,
        };
        let sheets = match fixed {
            Some(_) => Vec::new(),
            None => forms.values().filter(|form| form.holds_on(day)).map(choice).collect(),
        };
        Ok(Task { sheets, of, sheet, session, replaces })
    }
}

async fn show(
    app: &App,
    visit: &Visit,
    task: &Task,
    scored: Option<Scored>,
    sent: Sent,
) -> Result<Markup, Problem> {
    let round = task.session.as_ref().map(|round| round.id().to_owned());
    let replaces = task.replaces.as_ref().map(|done| done.id().to_owned());
    let back = match (&round, &replaces) {
        (Some(round), _) => calibration::link(round),
        (None, Some(id)) => evaluation::link(id),
        (None, None) => Link::to(super::PATH),
    };
    Ok(page::render(&EvaluatePage {
        head: visit.plain_head(app, "Evaluate a call", Place::Quality),
        call: super::call(app, &task.of).await?,
        sheets: task.sheets.clone(),
        sheet: task.sheet.clone(),
        session: round.map(|name| (name.clone(), name)),
        replaces,
        scored,
        action: Link::to(PATH),
        back,
        sent,
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sent(pairs: &[(&str, &str)]) -> Sent {
        Sent::of(pairs.iter().map(|(n, v)| ((*n).to_owned(), (*v).to_owned())).collect())
    }

    #[test]
    fn what_is_scored_goes_along_with_the_form() {
        let pairs = [(page::SOURCE, "dialler"), (page::SOURCE_ID, "a/7"), (page::SHEET, "sales/2/b")];
        let asked = Asked::of(&sent(&pairs));
        assert_eq!(asked.call, "dialler/a/7");
        // Names of forms have no stroke; versions may.
        assert_eq!(asked.form.as_deref(), Some("sales"));
        assert_eq!((asked.session, asked.replaces), (None, None));
    }
}
