//! Calibration: rounds in which several score the same calls, each on their own.

use axum::extract::{Path, Request};
use axum::response::Response;
use dialmark_govern::Right;
use dialmark_govern::calibration::{AmongEvaluators, Round};
use dialmark_manage::quality::{self, Opening};
use dialmark_view::form::{Choice, Sent};
use dialmark_view::link::Link;
use dialmark_view::pages::calibration::{self as page, CalibrationLine, CalibrationPage, NewCalibration};
use dialmark_view::shell::Place;
use dialmark_view::when;
use maud::Markup;

use super::{evaluate, in_words, or_missing};
use crate::app::{App, Seen};
use crate::problem::Problem;
use crate::visit::Visit;
use crate::{answer, sent};

/// Where rounds are.
pub const PATH: &str = "/calibration";

/// The page of a round.
pub fn link(name: &str) -> Link {
    Link::below(PATH, name)
}

/// `GET /calibration`
pub async fn handle(Seen(app): Seen, visit: Visit) -> Response {
    let outcome = all(&app, &visit, Sent::NOTHING).await;
    answer::page_or_problem(&app, &visit, outcome)
}

/// `GET /calibration/NAME`
pub async fn handle_one(Seen(app): Seen, Path(name): Path<String>, visit: Visit) -> Response {
    let outcome = one(&app, &visit, &name).await;
    answer::page_or_problem(&app, &visit, outcome)
}

/// `POST /calibration`
pub async fn open(Seen(app): Seen, visit: Visit, request: Request) -> Response {
    match opened(&app, &visit, request).await {
        Ok(response) => response,
        Err(problem) => problem.page(&app, &visit),
    }
}

async fn opened(app: &App, visit: &Visit, request: Request) -> Result<Response, Problem> {
    let mut sent = sent::read(request).await?;
    let texts = |name: &str| sent.texts(name).into_iter().map(str::to_owned).collect::<Vec<String>>();
    let evaluators = texts(page::EVALUATOR);
    let calls = lines(sent.text(page::CALLS));
    // A form that was changed since the page was read is another one.
    let chosen = app.promises.governed.forms.values().find(|form| form.code() == sent.text(page::SHEET));
    let Some(form) = chosen.map(|form| form.name.clone()) else {
        sent.refuse(page::SHEET, "Choose a form.");
        return Ok(answer::page_again(app, visit, all(app, visit, sent).await));
    };
    let desk = app.desk();
    let opening = Opening {
        name: sent.text(page::LABEL),
        form: &form,
        master: sent.text(page::MASTER),
        evaluators: &evaluators,
        calls: &calls,
    };
    let opened = quality::open_round(&desk, &opening, &app.visitor.name, desk.now).await;
    match sent::done(&mut sent, opened)? {
        Some(round) => Ok(answer::go_to(&link(round.id()))),
        None => Ok(answer::page_again(app, visit, all(app, visit, sent).await)),
    }
}

/// What stands in lines, those left out that are empty.
fn lines(text: &str) -> Vec<String> {
    text.lines().map(str::trim).filter(|line| !line.is_empty()).map(str::to_owned).collect()
}

async fn all(app: &App, visit: &Visit, sent: Sent) -> Result<Markup, Problem> {
    let rounds = quality::rounds(&app.desk()).await?;
    let forms = app.promises.governed.forms.values();
    let sheets: Vec<Choice> = forms.map(|form| Choice::new(form.code(), in_words(form))).collect();
    let new = match sheets.is_empty() {
        true => None,
        false => Some(NewCalibration { sheets, evaluators: evaluators(app).await? }),
    };
    show(app, visit, ("Calibration", &rounds), new, sent).await
}

async fn one(app: &App, visit: &Visit, name: &str) -> Result<Markup, Problem> {
    let round = or_missing(quality::round(&app.desk(), name).await)?;
    show(app, visit, (name, std::slice::from_ref(&round)), None, Sent::NOTHING).await
}

/// Who evaluates: accounts that may, else whoever sits at the machine.
async fn evaluators(app: &App) -> Result<Vec<Choice>, Problem> {
    let accounts = app.state.accounts().await?;
    let may = accounts
        .into_iter()
        .filter(|account| account.ended_at.is_none() && account.access.may(Right::Evaluate));
    let mut choices: Vec<Choice> = may
        .map(|account| {
            let label = if account.label.is_empty() { account.name.clone() } else { account.label };
            Choice::new(account.name, label)
        })
        .collect();
    if choices.is_empty() {
        choices.push(Choice::new(&app.visitor.name, "whoever sits at this machine"));
    }
    Ok(choices)
}

async fn show(
    app: &App,
    visit: &Visit,
    (title, rounds): (&str, &[Round]),
    new: Option<NewCalibration>,
    sent: Sent,
) -> Result<Markup, Problem> {
    visit.asked(&[])?;
    Ok(page::render(&CalibrationPage {
        head: visit.plain_head(app, title, Place::Quality),
        sessions: rounds.iter().rev().map(|round| line(app, round)).collect(),
        names: super::names(app).await?,
        new,
        action: Link::to(PATH),
        sent,
    }))
}

fn line(app: &App, round: &Round) -> CalibrationLine {
    let compared = quality::compared(round).ok();
    let among = compared.as_ref().map(|compared| compared.among);
    // Who scored nothing yet lacks all, which a comparison cannot know.
    let against = compared.map(|compared| compared.against_master).map(|mut against| {
        against.lacking = round.lacking();
        against
    });
    let own = app.visitor.access.agent_id();
    let to_score = round.to_score(&app.visitor.name).into_iter().filter(|call| {
        // Nobody is asked to score what they said themselves.
        round.conversation(call).is_some_and(|of| own != Some(of.agent_id.as_str()))
    });
    CalibrationLine {
        label: round.id().to_owned(),
        href: link(round.id()),
        sheet: super::form_in_words(app, round.form(), round.code()),
        opened: when::instant(round.opened_at(), app.centre.time_zone()),
        against,
        among: among.unwrap_or(AmongEvaluators { alpha: None, calls: 0 }),
        to_score: to_score
            .map(|call| (call.source_id.clone(), evaluate::link_in_round(call, round.id())))
            .collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn calls_come_one_a_line() {
        assert_eq!(lines(" dialler/1 \n\n dialler/2\n"), ["dialler/1", "dialler/2"]);
        assert!(lines(" \n").is_empty());
    }
}
