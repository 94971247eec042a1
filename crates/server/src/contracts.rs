//! Contracts and their statements.

use axum::extract::{Path, Request};
use axum::http::StatusCode;
use axum::response::Response;
use dialmark_govern::contract::{BillingPeriod, Contract};
use dialmark_govern::{Place as Whose, Right};
use dialmark_manage::statement::{self, Stated, StatementError, Terms};
use dialmark_view::form::Sent;
use dialmark_view::link::Link;
use dialmark_view::pages::overview::Choice;
use dialmark_view::pages::statement::StatementPage;
use dialmark_view::pages::statements::{
    self, ContractLine, Freeze, PeriodLine, ServedStatement, StatementsPage,
};
use dialmark_view::shell::Place;
use dialmark_view::when;
use maud::Markup;

use crate::app::{App, Seen};
use crate::problem::Problem;
use crate::visit::Visit;
use crate::{answer, sent};

const PATH: &str = "/contracts";
/// Periods to choose from.
const PERIODS: usize = 12;

/// `GET /contracts`
pub async fn handle(Seen(app): Seen, visit: Visit) -> Response {
    let outcome = all(&app, &visit).await;
    answer::page_or_problem(&app, &visit, outcome)
}

async fn all(app: &App, visit: &Visit) -> Result<Markup, Problem> {
    visit.asked(&[])?;
    let mut lines = Vec::new();
    for contract in contracts(app) {
        let frozen = app.state.statements(&contract.name).await?;
        let mut lines_of_periods = Vec::new();
        for period in app.periods(contract.billing, PERIODS).await? {
            let found = frozen.iter().find(|one| one.statement.period == period);
            lines_of_periods.push(PeriodLine {
                period,
                href: link(contract, period),
                due: found.map(|one| one.statement.due.clone()),
                frozen: found.map(|one| {
                    format!("{} by {}", when::instant(one.frozen_at, app.centre.time_zone()), one.frozen_by)
                }),
                is_complete: found.is_none_or(|one| one.statement.is_complete()),
            });
        }
        lines.push(ContractLine {
            label: contract.label.clone(),
            client: contract.client.clone(),
            says: format!("Settled by the {}.", contract.billing.word()),
            periods: lines_of_periods,
        });
    }
    Ok(statements::render_all(&StatementsPage {
        head: visit.plain_head(app, "Contracts", Place::Contracts),
        contracts: lines,
        problems: app.promises.problems.clone(),
    }))
}

/// `GET /contract/NAME/PERIOD`
pub async fn handle_one(
    Seen(app): Seen,
    Path((name, period)): Path<(String, String)>,
    visit: Visit,
) -> Response {
    match one(&app, &visit, &name, &period, Sent::NOTHING).await {
        Ok(response) => response,
        Err(problem) => problem.page(&app, &visit),
    }
}

/// `POST /contract/NAME/PERIOD`
pub async fn freeze(
    Seen(app): Seen,
    Path((name, period)): Path<(String, String)>,
    visit: Visit,
    request: Request,
) -> Response {
    let mut sent = match sent::read(request).await {
        Ok(sent) => sent,
        Err(problem) => return problem.page(&app, &visit),
    };
    let frozen = match frozen(&app, &name, &period, &mut sent).await {
        Ok(frozen) => frozen,
        Err(problem) => return problem.page(&app, &visit),
    };
    if frozen {
        return answer::go_to(&Link::to(&format!(
            "/contract/{}/{period}",
            dialmark_view::link::encode(&name)
        )));
    }
    match one(&app, &visit, &name, &period, sent).await {
        Ok(mut response) => {
            *response.status_mut() = StatusCode::UNPROCESSABLE_ENTITY;
            response
        }
        Err(problem) => problem.page(&app, &visit),
    }
}

/// Whether it was frozen; else why not is noted in what was sent.
async fn frozen(app: &App, name: &str, period: &str, sent: &mut Sent) -> Result<bool, Problem> {
    let (contract, period) = (contract(app, name)?, billed(app, name, period)?);
    let Some(due) = statements::was_read(sent) else {
        sent.refuse(statements::SURE, "Say that you have read it.");
        return Ok(false);
    };
    let _turn = app.turn().await?;
    let desk = app.desk();
    let terms = terms(app, contract);
    let frozen =
        statement::freeze(desk.engine, desk.state, &terms, period, Some(&due), &app.visitor.name).await;
    match frozen {
        Ok(_) => Ok(true),
        Err(StatementError::Refused(says)) => {
            sent.refuse("", says);
            Ok(false)
        }
        Err(StatementError::State(dialmark_state::StateError::Refused(says))) => {
            sent.refuse("", says);
            Ok(false)
        }
        Err(other) => Err(other.into()),
    }
}

fn terms<'a>(app: &'a App, contract: &'a Contract) -> Terms<'a> {
    Terms {
        contract,
        text: app.promised_in(&contract.declared_in),
        rates: &app.promises.governed.rates,
        now: app.desk().now,
    }
}

async fn one(app: &App, visit: &Visit, name: &str, period: &str, sent: Sent) -> Result<Response, Problem> {
    let (contract, period) = (contract(app, name)?, billed(app, name, period)?);
    let is_json = match visit.pairs.as_slice() {
        [] => false,
        [(name, value)] if name == "format" && value == "json" => true,
        _ => return Err(Problem::bad("This page has one parameter, `format=json`.")),
    };
    let _turn = app.turn().await?;
    let desk = app.desk();
    let terms = terms(app, contract);
    // A statement rests on all records of its contract; who may see it was decided by the contract.
    let stated = statement::stated(desk.engine, desk.state, &terms, desk.governed, period).await?;
    let Stated { statement, json, frozen } = stated;
    if is_json {
        return Ok(answer::body(StatusCode::OK, "application/json", json));
    }
    let choice = |one: &Contract| Choice {
        says: one.label.clone(),
        href: link(one, period),
        is_current: one.name == contract.name,
    };
    let of_period = |one: BillingPeriod| Choice {
        says: one.to_string(),
        href: link(contract, one),
        is_current: one == period,
    };
    let page = StatementPage {
        head: visit.plain_head(app, &contract.label, Place::Contracts),
        frozen: frozen.map(|(at, by)| format!("{} by {by}", when::instant(at, app.centre.time_zone()))),
        statement,
    };
    let markup = statements::render(&ServedStatement {
        contracts: contracts(app).filter(|one| one.billing == contract.billing).map(choice).collect(),
        periods: app.periods(contract.billing, PERIODS).await?.into_iter().map(of_period).collect(),
        json: link(contract, period).with("format", "json"),
        all: Link::to(PATH),
        freeze: app.visitor.may(Right::Freeze).then(|| Freeze {
            action: link(contract, period),
            wait: statement::wait(desk.engine, &terms, period),
        }),
        page,
        sent,
    });
    Ok(answer::page(StatusCode::OK, &markup))
}

fn link(contract: &Contract, period: BillingPeriod) -> Link {
    Link::to(&format!("/contract/{}/{period}", dialmark_view::link::encode(&contract.name)))
}

/// The contracts whose records are all the visitor's to see.
fn contracts(app: &App) -> impl Iterator<Item = &Contract> {
    let access = &app.visitor.access;
    app.promises.governed.contracts.values().filter(move |contract| {
        let of_client = Whose::of("client_id", &contract.client);
        access.is_whole() || access.sees(&contract.scope) || access.sees(&of_client)
    })
}

fn contract<'a>(app: &'a App, name: &str) -> Result<&'a Contract, Problem> {
    contracts(app)
        .find(|contract| contract.name == name)
        .ok_or_else(|| Problem::missing(format!("There is no contract `{name}`.")))
}

fn billed(app: &App, name: &str, period: &str) -> Result<BillingPeriod, Problem> {
    let contract = contract(app, name)?;
    BillingPeriod::parse(period).filter(|period| period.billing() == contract.billing).ok_or_else(|| {
        Problem::missing(format!("`{period}` is no {} of this contract.", contract.billing.word()))
    })
}
