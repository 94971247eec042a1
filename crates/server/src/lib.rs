//! How it is served: the pages and the JSON of one project, for the machine it runs on.
//!
//! A handler reads a URL, asks the engine and fills a page of `dialmark-view`. It computes nothing itself and
//! writes nothing: everything that a page depends on stands in its URL. Records that other programs send are the
//! exception; `receive` takes them and `jobs` makes them facts.

mod answer;
mod api;
mod calls;
mod cases;
mod catalogue;
mod data;
mod guard;
mod jobs;
mod judging;
mod known;
mod kpis;
mod links;
mod metric;
mod overview;
mod problem;
mod receive;
mod stretch;
mod visit;

use std::future::Future;
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::routing::get;
use dialmark_engine::Engine;
use dialmark_govern::Governed;
use dialmark_lake::Lake;
use dialmark_project::Centre;
use dialmark_state::State;
use tokio::net::TcpListener;
use tokio::sync::{Semaphore, SemaphorePermit};

use crate::known::{Known, Stands};
use crate::problem::Problem;

pub use dialmark_view::pages::overview::TourStep;
pub use jobs::{Keep, run as run_jobs};
pub use judging::run as run_judging;
pub use receive::{Receiver, router as receiving_router};

/// Questions that are computed at the same time; more wait, so that a burst of pages cannot exhaust memory.
const QUESTIONS_AT_ONCE: usize = 4;

/// What is served.
pub struct Served {
    /// Answers questions.
    pub engine: Engine,
    /// Knows what came in.
    pub lake: Lake,
    /// Who the centre is.
    pub centre: Centre,
    /// Where a visitor should look first; empty for none.
    pub tour: Vec<TourStep>,
    /// What is promised, and what is wrong with how it is declared.
    pub promises: Promises,
    /// Where decisions are.
    pub state: State,
    /// What takes the records that other programs send, if they may.
    pub receiver: Option<Receiver>,
}

/// What is promised.
#[derive(Debug, Clone, Default)]
pub struct Promises {
    /// KPIs, scorecards and what else is declared.
    pub governed: Governed,
    /// Mistakes in the declarations, as sentences; while there are any, nothing is judged.
    pub problems: Vec<String>,
}

/// What every handler shares.
pub(crate) struct App {
    pub engine: Engine,
    pub lake: Lake,
    pub centre: Centre,
    pub tour: Vec<TourStep>,
    pub promises: Promises,
    pub state: State,
    pub turns: Semaphore,
    pub known: Mutex<Option<Arc<Known>>>,
    pub stands: Mutex<Stands>,
}

impl App {
    /// Waits for its turn to ask the engine; the turn lasts as long as what is returned.
    pub(crate) async fn turn(&self) -> Result<SemaphorePermit<'_>, Problem> {
        self.turns.acquire().await.map_err(|_| Problem::bad("The server is shutting down."))
    }
}

/// The pages, the JSON and the checks that stand before them.
pub fn router(served: Served) -> Router {
    let Served { engine, lake, centre, tour, promises, state, receiver } = served;
    let app = Arc::new(App {
        engine,
        lake,
        centre,
        tour,
        promises,
        state,
        turns: Semaphore::new(QUESTIONS_AT_ONCE),
        known: Mutex::default(),
        stands: Mutex::default(),
    });
    let receiving = receiver.map_or_else(Router::new, receive::routes);
    Router::new()
        .route("/", get(overview::handle))
        .route("/metric/{metric}", get(metric::handle))
        .route("/calls", get(calls::handle))
        .route("/calls.csv", get(calls::download))
        .route("/kpis", get(kpis::handle))
        .route("/scorecard/{name}", get(kpis::handle_scorecard))
        .route("/cases", get(cases::handle))
        .route("/case/{number}", get(cases::handle_one))
        .route("/data", get(data::handle))
        .route("/catalogue", get(catalogue::handle))
        .route("/api/v1/query", get(api::handle))
        .route(dialmark_view::shell::STYLE_PATH, get(answer::style))
        .route(dialmark_view::shell::ICON_PATH, get(answer::icon))
        .route("/favicon.ico", get(answer::icon))
        .route("/healthz", get(answer::healthy))
        .fallback(problem::not_found)
        .method_not_allowed_fallback(problem::wrong_method)
        .with_state(app.clone())
        .merge(receiving)
        .layer(axum::middleware::from_fn_with_state(app, guard::check))
}

/// Serves until `shutdown` is ready; requests that have begun are finished. The listener is bound by the caller,
/// to a loopback address.
pub async fn serve(
    listener: TcpListener,
    served: Served,
    shutdown: impl Future<Output = ()> + Send + 'static,
) -> std::io::Result<()> {
    axum::serve(listener, router(served)).with_graceful_shutdown(shutdown).await
}

/// Takes the records of other programs on an address of its own, which need not be a loopback address, until `shutdown`
/// is ready. Nothing else is there.
pub async fn serve_receiving(
    listener: TcpListener,
    receiver: Receiver,
    shutdown: impl Future<Output = ()> + Send + 'static,
) -> std::io::Result<()> {
    axum::serve(listener, receive::router(receiver)).with_graceful_shutdown(shutdown).await
}
