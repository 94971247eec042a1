//! `GET /ranking/{metric}`: the values of a dimension, ranked with as much doubt as there is.

use axum::extract::Path;
use axum::response::Response;
use dialmark_manage::ranking::{Question, ranked};
use dialmark_metrics::{Expr, Scope};
use dialmark_view::asked::Asked;
use dialmark_view::narrow;
use dialmark_view::pages::ranking::{self, RankingPage};
use dialmark_view::shell::Place;
use maud::Markup;

use crate::app::{App, Seen};
use crate::problem::Problem;
use crate::stretch::Stretch;
use crate::visit::{self, Visit};
use crate::{answer, links};

/// Whose values are ranked when nobody says.
const AGENTS: &str = "agent_id";

/// `GET /ranking/{metric}`
pub async fn handle(Seen(app): Seen, Path(name): Path<String>, visit: Visit) -> Response {
    let outcome = page(&app, &visit, &name).await;
    answer::page_or_problem(&app, &visit, outcome)
}

async fn page(app: &App, visit: &Visit, name: &str) -> Result<Markup, Problem> {
    let (asked, _) = visit.asked(&[])?;
    let reference = asked.metric(name).map_err(Problem::bad)?;
    let resolved = app.engine.catalogue().resolve(&reference).map_err(Problem::bad)?;
    let by = asked.by.clone().unwrap_or_else(|| AGENTS.to_owned());
    let title = format!("{} by {}", resolved.metric.label, by.replace('_', " "));
    let _turn = app.turn().await?;
    let calendar = app.centre.calendar();
    let stretch = Stretch::of(&asked, app.known().await?.extent, &calendar)?;
    let filter = visit::filter(&asked)?;
    let question = Question {
        metric: &reference,
        by: &by,
        filter: filter.clone(),
        period: stretch.period,
        zone: Some(app.centre.zone().to_owned()),
        scope: &Scope::Everything,
    };
    let ranked = ranked(&app.engine, &question).await?;
    let dimension = Expr::Column(by.clone());
    let records = ranked.ranking.placed.iter().map(|one| {
        let filter = narrow::narrow(filter.as_ref(), &dimension, &one.key)?.to_string();
        Some(links::calls(&reference, links::DENOMINATOR, &Asked { filter: Some(filter), ..asked.clone() }))
    });
    let model = RankingPage {
        links: records.collect(),
        head: visit.head(app, &title, Place::Metrics, &asked, &stretch)?,
        metric: links::metric(&reference, &asked),
        ranked,
    };
    Ok(ranking::render(&model))
}
