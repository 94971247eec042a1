//! Agents: who there is, and the page of each, which is the agent's own.

pub mod called;
pub mod disputes;
pub mod incentives;

use std::sync::Arc;

use axum::extract::{Path, Request};
use axum::http::StatusCode;
use axum::response::Response;
use dialmark_govern::dispute::Verdict;
use dialmark_govern::{Place as Whose, Right};
use dialmark_manage::{NotDone, agent};
use dialmark_view::form::Sent;
use dialmark_view::link::Link;
use dialmark_view::pages::agent::{self as page, AgentPage, Callback};
use dialmark_view::pages::agents::{self, AgentLine, AgentsPage};
use dialmark_view::pages::disputes::WITHDRAW;
use dialmark_view::pages::kpis::KpiCard;
use dialmark_view::shell::Place;
use dialmark_view::when;
use maud::Markup;

use crate::app::{App, Seen};
use crate::problem::Problem;
use crate::visit::Visit;
use crate::{answer, coaching, judging, kpis, quality, sent};

/// Agents on the page of all.
const MOST_AGENTS: usize = 2_000;
/// Calls on an agent's page.
const CALLS: usize = 20;
/// An agent's own page.
const OWN: &str = "/me";

/// `GET /agents`
pub async fn handle(Seen(app): Seen, visit: Visit) -> Response {
    let outcome = all(&app, &visit).await;
    answer::page_or_problem(&app, &visit, outcome)
}

async fn all(app: &App, visit: &Visit) -> Result<Markup, Problem> {
    visit.asked(&[])?;
    let _turn = app.turn().await?;
    // The engine shows the visitor's records only, so that agents of others are not among them.
    let found = app.engine.top_values("calls", "agent_id", MOST_AGENTS).await?;
    let mut lines: Vec<AgentLine> = found
        .into_iter()
        .map(|(id, calls)| AgentLine { name: app.name_of(&id), href: Link::below("/agent", &id), id, calls })
        .collect();
    lines.sort_by(|a, b| a.name.cmp(&b.name).then_with(|| a.id.cmp(&b.id)));
    Ok(agents::render(&AgentsPage { head: visit.plain_head(app, "People", Place::People), agents: lines }))
}

/// `GET /me`
pub async fn own(Seen(app): Seen, visit: Visit) -> Response {
    let outcome = match myself(&app) {
        Ok(agent) => one(&app, &visit, agent, Sent::NOTHING).await,
        Err(problem) => Err(problem),
    };
    answer::page_or_problem(&app, &visit, outcome)
}

/// `GET /agent/ID`
pub async fn handle_one(Seen(app): Seen, Path(agent): Path<String>, visit: Visit) -> Response {
    let outcome = one(&app, &visit, &agent, Sent::NOTHING).await;
    answer::page_or_problem(&app, &visit, outcome)
}

/// `POST /me`
pub async fn send(Seen(app): Seen, visit: Visit, request: Request) -> Response {
    let agent = match myself(&app) {
        Ok(agent) => agent,
        Err(problem) => return problem.page(&app, &visit),
    };
    let mut sent = match sent::read(request).await {
        Ok(sent) => sent,
        Err(problem) => return problem.page(&app, &visit),
    };
    let done = match sent.form() {
        WITHDRAW => {
            let says = sent.text(page::SAYS);
            let by = app.by();
            dialmark_manage::dispute::decide(&app.desk(), sent.item(), Verdict::Withdrawn, says, &by)
                .await
                .map(drop)
        }
        // These let nobody but the agent themselves do it.
        page::ACKNOWLEDGE_EVALUATION => {
            let desk = app.desk();
            dialmark_manage::quality::acknowledge(&desk, sent.item(), agent, desk.now).await.map(drop)
        }
        page::ACKNOWLEDGE_COACHING => {
            let desk = app.desk();
            dialmark_manage::coaching::acknowledge(&desk, sent.item(), agent, desk.now).await.map(drop)
        }
        other => Err(NotDone::Refused(format!("The form `{other}` is not known here."))),
    };
    if done.is_ok() {
        judging::send_decided(&app).await;
    }
    match done {
        Ok(()) => answer::go_to(&Link::to(OWN)),
        Err(NotDone::Refused(says)) => {
            sent.refuse("", says);
            match one(&app, &visit, agent, sent).await {
                Ok(markup) => answer::page(StatusCode::UNPROCESSABLE_ENTITY, &markup),
                Err(problem) => problem.page(&app, &visit),
            }
        }
        Err(other) => Problem::from(other).page(&app, &visit),
    }
}

/// Who the visitor is in the records.
fn myself(app: &Arc<App>) -> Result<&str, Problem> {
    app.visitor.access.agent_id().ok_or_else(|| {
        Problem::missing("You are no agent of the records, so there is no page of your own.")
            .helped("`People` shows the pages of agents.")
    })
}

async fn one(app: &App, visit: &Visit, agent: &str, sent: Sent) -> Result<Markup, Problem> {
    visit.asked(&[])?;
    let is_own = app.visitor.access.agent_id() == Some(agent);
    let _turn = app.turn().await?;
    let plans = app.promises.governed.incentives.values();
    let plans: Vec<(&str, &str)> =
        plans.map(|plan| (plan.name.as_str(), app.promised_in(&plan.declared_in))).collect();
    // What somebody earns is for themselves and for those who pay.
    let plans = if is_own || app.visitor.may(Right::Pay) { plans } else { Vec::new() };
    let found = agent::page(&app.desk(), agent, &plans).await?;
    let calendar = app.engine.calendar();
    let calls = called::latest(app, agent, CALLS).await?;
    let may_evaluate = app.visitor.may(Right::Evaluate);
    let calls = calls.into_iter().map(|call| {
        let step = match is_own {
            true => call.code.is_some().then(|| disputes::form_of(&call.id)),
            false => may_evaluate.then(|| quality::evaluate::link(&call.id)),
        };
        (call, step)
    });
    let mut head =
        visit.plain_head(app, &app.name_of(agent), if is_own { Place::Own } else { Place::People });
    head.zone = Some(app.centre.zone().to_owned());
    head.freshness =
        found.reach.map(|reach| format!("data to {}", when::instant(reach.until, app.centre.time_zone())));
    let commission = found.commission.into_iter().filter_map(|(plan, shown)| {
        let statement = shown.ok()?.statement;
        let href = incentives::link(&plan, agent, statement.period);
        Some((statement, href))
    });
    let evaluations = match is_own || may_evaluate {
        true => quality::lines_of(app, agent).await?,
        false => Vec::new(),
    };
    let coaching = match is_own || app.visitor.may(Right::Coach) {
        true => coaching::lines_of(app, agent).await?,
        false => Vec::new(),
    };
    let disputes = disputes::shown(app, found.disputes).await?;
    Ok(page::render(&AgentPage {
        head,
        name: app.name_of(agent),
        is_own,
        zone: calendar.zone.clone(),
        now: app.desk().now,
        periods: Vec::new(),
        kpis: found
            .standings
            .iter()
            .filter(|standing| !app.engine.hides_metric(&standing.kpi.metric))
            .map(|standing| {
                let href = kpis::href(standing, calendar);
                let records = app.visitor.may(Right::Records).then(|| kpis::records(standing, calendar));
                (KpiCard { href, standing: standing.clone(), edit: None }, records)
            })
            .collect(),
        callbacks: found
            .callbacks
            .into_iter()
            .map(|one| Callback {
                due_at: one.due_at,
                lead: one.lead_id.clone().unwrap_or_else(|| "an unknown lead".to_owned()),
                of: one.campaign_id.unwrap_or_default(),
                record: one.lead_id.map(|lead| {
                    let condition = Whose::of("lead_id", &lead).condition();
                    Link::to("/calls").with("table", "calls").with_some("where", condition)
                }),
            })
            .collect(),
        evaluations,
        coaching,
        commission: commission.collect(),
        disputes,
        calls: calls.collect(),
        all_calls: Link::to("/calls")
            .with("table", "calls")
            .with_some("where", Whose::of("agent_id", agent).condition()),
        action: Link::to(OWN),
        sent,
    }))
}
