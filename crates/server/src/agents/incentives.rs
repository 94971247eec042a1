//! What agents earn beside their wages.

use axum::extract::Path;
use axum::http::StatusCode;
use axum::response::Response;
use dialmark_govern::Right;
use dialmark_govern::contract::BillingPeriod;
use dialmark_govern::incentive::Plan;
use dialmark_manage::NotDone;
use dialmark_manage::incentive::{self, Asked, Shown};
use dialmark_view::link::Link;
use dialmark_view::pages::incentive::{self as page, IncentiveLine, IncentivePage, IncentivesPage};
use dialmark_view::pages::overview::Choice;
use dialmark_view::shell::Place;
use dialmark_view::when;
use maud::Markup;

use crate::answer;
use crate::app::{App, Seen};
use crate::problem::Problem;
use crate::visit::Visit;

const PATH: &str = "/incentives";
/// Periods to choose from.
const PERIODS: usize = 6;
/// Agents on the page of a plan.
const MOST_AGENTS: usize = 500;

/// The statement of an agent under a plan.
pub fn link(plan: &str, agent: &str, period: BillingPeriod) -> Link {
    Link::to("/incentive").with("plan", plan).with("agent", agent).with("period", period)
}

/// `GET /incentive?plan=..&agent=..&period=..`
pub async fn handle(Seen(app): Seen, visit: Visit) -> Response {
    match one(&app, &visit).await {
        Ok(response) => response,
        Err(problem) => problem.page(&app, &visit),
    }
}

async fn one(app: &App, visit: &Visit) -> Result<Response, Problem> {
    let value =
        |name: &str| visit.pairs.iter().find(|(found, _)| found == name).map(|(_, value)| value.as_str());
    let plan = plan(app, value("plan").unwrap_or_default())?;
    let agent = value("agent").ok_or_else(|| Problem::bad("Whose? The address names no `agent`."))?;
    let is_own = app.visitor.access.agent_id() == Some(agent);
    if !is_own {
        app.visitor.needs(Right::Pay)?;
    }
    let period = period(app, plan, value("period")).await?;
    let _turn = app.turn().await?;
    let asked = Asked { plan, text: app.promised_in(&plan.declared_in), agent, period };
    let Shown { statement, json, frozen } = incentive::shown(&app.desk(), &asked).await?;
    match value("format") {
        None => {}
        Some("json") => return Ok(answer::body(StatusCode::OK, "application/json", json)),
        Some(other) => {
            return Err(Problem::bad(format!("`format={other}` is not known; it is `format=json`.")));
        }
    }
    let zone = app.centre.time_zone();
    let place = if is_own { Place::Own } else { Place::People };
    let model = IncentivePage {
        head: visit.plain_head(app, &format!("Commission of {}", app.name_of(agent)), place),
        agent: app.name_of(agent),
        periods: periods(app, plan, period, |period| link(&plan.name, agent, period)).await?,
        frozen: frozen.map(|(at, by)| format!("{} by {by}", when::instant(at, zone))),
        json: link(&plan.name, agent, period).with("format", "json"),
        statement,
    };
    Ok(answer::page(StatusCode::OK, &page::render(&model)))
}

/// `GET /incentives`
pub async fn all(Seen(app): Seen, visit: Visit) -> Response {
    let outcome = every(&app, &visit, None).await;
    answer::page_or_problem(&app, &visit, outcome)
}

/// `GET /incentives/PLAN`
pub async fn of_plan(Seen(app): Seen, Path(name): Path<String>, visit: Visit) -> Response {
    let outcome = every(&app, &visit, Some(&name)).await;
    answer::page_or_problem(&app, &visit, outcome)
}

async fn every(app: &App, visit: &Visit, name: Option<&str>) -> Result<Markup, Problem> {
    let plans = &app.promises.governed.incentives;
    let head = visit.plain_head(app, "Incentives", Place::People);
    let first = match name {
        Some(name) => Some(plan(app, name)?),
        None => plans.values().next(),
    };
    let Some(plan) = first else {
        let problems = vec!["No incentive plan is declared; `docs/management.md` shows how.".to_owned()];
        return Ok(page::render_all(&IncentivesPage {
            head,
            plans: Vec::new(),
            periods: Vec::new(),
            agents: Vec::new(),
            problems,
        }));
    };
    let asked_for = visit.pairs.iter().find(|(name, _)| name == "period").map(|(_, value)| value.as_str());
    let period = period(app, plan, asked_for).await?;
    let _turn = app.turn().await?;
    let (mut agents, mut problems) = (Vec::new(), Vec::new());
    let everybody = app.engine.top_values("calls", "agent_id", MOST_AGENTS).await?;
    for (agent, _) in &everybody {
        let asked = Asked { plan, text: app.promised_in(&plan.declared_in), agent, period };
        match incentive::shown(&app.desk(), &asked).await {
            Ok(Shown { statement, .. }) if statement.lines.is_empty() => {}
            Ok(Shown { statement, .. }) => agents.push(IncentiveLine {
                agent: app.name_of(agent),
                statement,
                href: link(&plan.name, agent, period),
            }),
            Err(NotDone::Refused(says)) => problems.push(says),
            Err(other) => return Err(other.into()),
        }
    }
    problems.sort();
    problems.dedup();
    agents.sort_by(|a, b| a.agent.cmp(&b.agent));
    let of = |plan: &Plan| Link::below(PATH, &plan.name);
    let choice =
        |one: &Plan| Choice { says: one.label.clone(), href: of(one), is_current: one.name == plan.name };
    Ok(page::render_all(&IncentivesPage {
        head,
        plans: plans.values().map(choice).collect(),
        periods: periods(app, plan, period, |period| of(plan).with("period", period)).await?,
        agents,
        problems,
    }))
}

fn plan<'a>(app: &'a App, name: &str) -> Result<&'a Plan, Problem> {
    let plans = &app.promises.governed.incentives;
    plans.get(name).ok_or_else(|| Problem::missing(format!("There is no incentive plan `{name}`.")))
}

/// The period that was asked for, or the one in which records end.
async fn period(app: &App, plan: &Plan, asked: Option<&str>) -> Result<BillingPeriod, Problem> {
    if let Some(text) = asked {
        return BillingPeriod::parse(text).filter(|period| period.billing() == plan.period).ok_or_else(
            || Problem::bad(format!("`period={text}` is no {} of this plan.", plan.period.word())),
        );
    }
    let last = app.known().await?.extent.map(|(_, last)| app.engine.calendar().day_of(last));
    last.and_then(|day| BillingPeriod::of(plan.period, day))
        .ok_or_else(|| Problem::missing("There are no records yet, so nothing was earned."))
}

/// The last periods that have records, and the one that is shown.
async fn periods(
    app: &App,
    plan: &Plan,
    shown: BillingPeriod,
    to: impl Fn(BillingPeriod) -> Link,
) -> Result<Vec<Choice>, Problem> {
    let found = app.periods(plan.period, PERIODS).await?.into_iter();
    let choice =
        |one: BillingPeriod| Choice { says: one.to_string(), href: to(one), is_current: one == shown };
    Ok(found.map(choice).collect())
}
