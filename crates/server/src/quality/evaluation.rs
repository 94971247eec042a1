//! One evaluation: the agent acknowledges or appeals, somebody else decides.

use axum::extract::{Path, Request};
use axum::response::Response;
use dialmark_govern::Right;
use dialmark_govern::quality::{Evaluated, Standing, Version};
use dialmark_manage::NotDone;
use dialmark_manage::quality;
use dialmark_view::form::Sent;
use dialmark_view::link::Link;
use dialmark_view::pages::evaluation::{self as page, Earlier, EvaluationPage};
use dialmark_view::parts;
use dialmark_view::shell::Place;
use maud::Markup;

use super::{evaluate, or_missing};
use crate::app::{App, Seen};
use crate::problem::Problem;
use crate::visit::Visit;
use crate::{answer, judging, sent};

const PATH: &str = "/evaluation";

/// The page of an evaluation.
pub fn link(id: &str) -> Link {
    Link::below(PATH, id)
}

/// `GET /evaluation/ID`
pub async fn handle(Seen(app): Seen, Path(id): Path<String>, visit: Visit) -> Response {
    let outcome = one(&app, &visit, &id, Sent::NOTHING).await;
    answer::page_or_problem(&app, &visit, outcome)
}

/// `POST /evaluation/ID`
pub async fn answer(Seen(app): Seen, Path(id): Path<String>, visit: Visit, request: Request) -> Response {
    match taken(&app, &visit, &id, request).await {
        Ok(response) => response,
        Err(problem) => problem.page(&app, &visit),
    }
}

async fn taken(app: &App, visit: &Visit, id: &str, request: Request) -> Result<Response, Problem> {
    let mut sent = sent::read(request).await?;
    let done = seen(app, id).await?;
    let (desk, own) = (app.desk(), own(app, &done));
    let only_agent = || NotDone::Refused("Only the agent of the call can say so.".to_owned());
    let stepped = match (sent.form(), own) {
        (page::ACKNOWLEDGE, Some(agent)) => quality::acknowledge(&desk, id, agent, desk.now).await,
        (page::APPEAL, Some(agent)) => {
            quality::appeal(&desk, id, agent, desk.now, sent.text(page::WHY)).await
        }
        (page::ACKNOWLEDGE | page::APPEAL, None) => Err(only_agent()),
        (page::UPHOLD, None) => {
            app.visitor.needs(Right::DecideAppeals)?;
            quality::uphold(&desk, id, &app.visitor.name, desk.now, sent.text(page::SAYS)).await
        }
        (page::UPHOLD, Some(_)) => Err(NotDone::Refused(
            "The evaluation is of a call of yours. Let somebody else decide.".to_owned(),
        )),
        (other, _) => Err(NotDone::Refused(format!("The form `{other}` is not known here."))),
    };
    if sent::done(&mut sent, stepped)?.is_some() {
        judging::send_decided(app).await;
        return Ok(answer::go_to(&link(id)));
    }
    let outcome = one(app, visit, id, sent).await;
    Ok(answer::page_again(app, visit, outcome))
}

/// The visitor as the agent of the call, when they are.
fn own<'a>(app: &'a App, done: &Evaluated) -> Option<&'a str> {
    app.visitor.access.agent_id().filter(|agent| *agent == done.of().agent_id)
}

/// An evaluation for its agent, and for those who evaluate what they see. For others it is not there.
async fn seen(app: &App, id: &str) -> Result<Evaluated, Problem> {
    let missing = || Problem::missing(format!("There is no evaluation `{id}`."));
    let done = or_missing(quality::evaluated(&app.desk(), id).await)?;
    match own(app, &done).is_some() || app.visitor.may(Right::Evaluate) {
        true => Ok(done),
        false => Err(missing()),
    }
}

async fn one(app: &App, visit: &Visit, id: &str, sent: Sent) -> Result<Markup, Problem> {
    visit.asked(&[])?;
    let _turn = app.turn().await?;
    let done = seen(app, id).await?;
    let is_own = own(app, &done).is_some();
    let is_open = *done.standing() == Standing::Made;
    let names = super::names(app).await?;
    let version = done.counts();
    let name = |version: &Version| parts::name(&names, version.evaluation.evaluator()).to_owned();
    let earlier = done.earlier().iter().map(|version| Earlier {
        evaluation: version.evaluation.clone(),
        evaluator: name(version),
        score: version.scored.score,
    });
    Ok(page::render(&EvaluationPage {
        head: visit.plain_head(app, "Evaluation", if is_own { Place::Own } else { Place::Quality }),
        zone: app.centre.time_zone().clone(),
        evaluation: version.evaluation.clone(),
        earlier: earlier.collect(),
        form: super::form_in_words(app, done.form(), &version.scored.form),
        sheet: super::sheet(app, done.form(), &version.scored.form).cloned(),
        scored: version.scored.clone(),
        comments: version.comments.clone(),
        overall: Some(version.remark.clone()).filter(|remark| !remark.is_empty()),
        call: super::call(app, done.of()).await?,
        evaluator: name(version),
        may_acknowledge: is_own && is_open,
        may_appeal_until: super::appeal_until(app, &done).filter(|_| is_own),
        may_decide: may_decide(app, &done).then(|| evaluate::link_anew(&done)),
        action: link(id),
        sent,
    }))
}

/// Whether the visitor may decide an appeal: they neither spoke on the call nor made any version of the evaluation.
fn may_decide(app: &App, done: &Evaluated) -> bool {
    let mut versions = done.earlier().iter().chain([done.counts()]);
    matches!(done.standing(), Standing::Appealed { .. })
        && app.visitor.may(Right::DecideAppeals)
        && app.visitor.may(Right::Evaluate)
        && own(app, done).is_none()
        && versions.all(|version| version.evaluation.evaluator() != app.visitor.name)
}
