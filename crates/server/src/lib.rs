//! How it is served: the pages and the JSON of one project, for the machine it runs on.
//!
//! A handler reads a URL, asks the engine and fills a page of `dialmark-view`. It computes nothing itself and
//! writes nothing: everything that a page depends on stands in its URL. Records that other programs send are the
//! exception; `receive` takes them and `jobs` makes them facts.

mod accounts;
mod agents;
mod alerting;
mod alerts;
mod answer;
mod api;
mod app;
mod calls;
mod cases;
mod catalogue;
mod coaching;
mod compliance;
mod contracts;
mod data;
mod declaring;
mod dispositions;
mod following;
mod guard;
mod jobs;
mod judging;
mod known;
mod kpi_form;
mod kpis;
mod leaving;
mod links;
mod metric;
mod overview;
mod problem;
mod quality;
mod ranking;
mod receive;
mod recovery;
mod reports;
mod sending;
mod sent;
mod sign_in;
mod staff;
mod stretch;
mod today;
mod trail;
mod visit;
mod visitor;
mod why;

use async_recursion::async_recursion as compiled_here;
use axum::Router;
use axum::extract::Request;
use axum::middleware::{Next, from_fn};
use axum::routing::{get, post};
use dialmark_govern::Right;
use futures::future::BoxFuture;
use tokio::net::TcpListener;

use crate::app::Seen;
use crate::visit::Visit;

pub use alerting::{Alerted, run as run_alerting, run_round as run_alerts, test_channel};
pub use app::{Declarations, Declared, Intake, Promises, Served, Shared};
pub use dialmark_view::pages::overview::TourStep;
pub use following::run as run_following;
pub use jobs::{Keep, run as run_jobs};
pub use judging::run as run_judging;
pub use leaving::{Handed, Hooked, Posted, Ways, hand_over, mail_content, mail_of, run as run_leaving};
pub use receive::{Receiver, router as receiving_router};
pub use sending::{Drawn, Round, Sender, make_due, preview, send_test, zone_of};

/// The pages, the JSON and the checks that stand before them, and what they share.
pub fn router(served: Served) -> (Router, Shared) {
    let (shared, receiver) = Shared::new(served);
    let receiving = receiver.map_or_else(Router::new, receive::routes);
    let router = pages()
        .fallback(problem::not_found)
        .method_not_allowed_fallback(problem::wrong_method)
        .with_state(shared.clone())
        .merge(receiving)
        .layer(axum::middleware::from_fn_with_state(shared.clone(), guard::check));
    (router, shared)
}

/// Every address, below the right that it needs.
fn pages() -> Router<Shared> {
    Router::new()
        .merge(needing(
            Right::Figures,
            Router::new()
                .route("/", get(today::home))
                .route("/overview", get(overview::handle))
                .route("/metric/{metric}", get(metric::handle))
                .route("/why/{metric}", get(why::handle))
                .route("/ranking/{metric}", get(ranking::handle))
                .route("/staff", get(staff::handle))
                .route("/kpis", get(kpis::handle))
                .route("/scorecard/{name}", get(kpis::handle_scorecard))
                .route("/catalogue", get(catalogue::handle))
                .route("/api/v1/query", get(api::handle))
                .route("/api/v1/why", get(why::handle_json)),
        ))
        .merge(needing(
            Right::Records,
            Router::new()
                .route("/calls", get(calls::handle))
                .route("/calls.csv", get(calls::download))
                .route("/compliance", get(compliance::handle))
                .route("/api/v1/compliance", get(compliance::handle_json))
                .route("/dispute", get(agents::disputes::begin).post(agents::disputes::raise)),
        ))
        .merge(needing(
            Right::Cases,
            Router::new()
                .route("/today", get(today::handle))
                .route("/api/v1/today", get(today::handle_json))
                .route("/alerts", get(alerts::handle))
                .route("/api/v1/alerts", get(alerts::handle_json))
                .route("/cases", get(cases::handle))
                .route("/case/{number}", get(cases::handle_one)),
        ))
        .merge(needing(Right::WorkCases, Router::new().route("/case/{number}", post(cases::write))))
        .merge(needing(
            Right::EditKpis,
            Router::new()
                .route("/kpi", get(kpi_form::begin).post(kpi_form::send))
                .route("/kpi/{name}", get(kpi_form::handle).post(kpi_form::send_one))
                .route("/kpi-presets", get(kpi_form::presets::handle).post(kpi_form::presets::add)),
        ))
        .merge(needing(
            Right::EditMaps,
            Router::new().route("/dispositions", get(dispositions::handle).post(dispositions::send)),
        ))
        .merge(needing(Right::Data, Router::new().route("/data", get(data::handle))))
        .merge(needing(
            Right::Agents,
            Router::new().route("/agents", get(agents::handle)).route("/agent/{id}", get(agents::handle_one)),
        ))
        .merge(needing(
            // One's own: each handler looks whether it is.
            Right::Figures,
            Router::new()
                .route("/me", get(agents::own).post(agents::send))
                .route("/incentive", get(agents::incentives::handle))
                .route(
                    "/evaluation/{id}",
                    get(quality::evaluation::handle).post(quality::evaluation::answer),
                ),
        ))
        .merge(needing(
            Right::Evaluate,
            Router::new()
                .route("/quality", get(quality::handle))
                .route("/evaluate", get(quality::evaluate::begin).post(quality::evaluate::send))
                .route("/calibration", get(quality::calibration::handle).post(quality::calibration::open))
                .route("/calibration/{name}", get(quality::calibration::handle_one)),
        ))
        .merge(needing(
            Right::Coach,
            Router::new().route("/coaching", get(coaching::handle).post(coaching::send)),
        ))
        .merge(needing(
            Right::DecideDisputes,
            Router::new().route("/disputes", get(agents::disputes::handle).post(agents::disputes::decide)),
        ))
        .merge(needing(
            Right::Pay,
            Router::new()
                .route("/incentives", get(agents::incentives::all))
                .route("/incentives/{plan}", get(agents::incentives::of_plan)),
        ))
        .merge(needing(
            Right::Recover,
            Router::new().route("/recovery", get(recovery::handle).post(recovery::act)),
        ))
        .merge(needing(
            Right::Contracts,
            Router::new()
                .route("/contracts", get(contracts::handle))
                .route("/contract/{name}/{period}", get(contracts::handle_one)),
        ))
        .merge(needing(
            Right::Freeze,
            Router::new().route("/contract/{name}/{period}", post(contracts::freeze)),
        ))
        .merge(needing(
            Right::Accounts,
            Router::new().route("/accounts", get(accounts::handle).post(accounts::change)),
        ))
        .merge(needing(
            Right::Reports,
            Router::new()
                .route("/reports", get(reports::handle).post(reports::send))
                .route("/reports/{name}/preview", get(reports::handle_preview)),
        ))
        .merge(needing(Right::Trail, Router::new().route("/trail", get(trail::handle))))
        .route(sign_in::PATH, get(sign_in::handle).post(sign_in::enter))
        .route(sign_in::PASSWORD_PATH, get(sign_in::password).post(sign_in::change_password))
        .route(dialmark_view::shell::SIGN_OUT_PATH, post(sign_in::leave))
        .route(dialmark_view::shell::STYLE_PATH, get(answer::style))
        .route(dialmark_view::shell::ICON_PATH, get(answer::icon))
        .route("/favicon.ico", get(answer::icon))
        .route("/healthz", get(answer::healthy))
}

/// These addresses are for those who have a right.
fn needing(right: Right, routes: Router<Shared>) -> Router<Shared> {
    routes.route_layer(from_fn(move |seen: Seen, visit: Visit, request: Request, next: Next| {
        guard::needing(right, seen, visit, request, next)
    }))
}

/// Serves until `shutdown` is ready; requests that have begun are finished. The listener is bound by the caller,
/// to a loopback address.
#[compiled_here]
pub async fn serve(
    listener: TcpListener,
    router: Router,
    shutdown: BoxFuture<'static, ()>,
) -> std::io::Result<()> {
    axum::serve(listener, router).with_graceful_shutdown(shutdown).await
}

/// Takes the records of other programs on an address of its own, which need not be a loopback address, until `shutdown`
/// is ready. Nothing else is there.
#[compiled_here]
pub async fn serve_receiving(
    listener: TcpListener,
    receiver: Receiver,
    shutdown: BoxFuture<'static, ()>,
) -> std::io::Result<()> {
    axum::serve(listener, receive::router(receiver)).with_graceful_shutdown(shutdown).await
}
