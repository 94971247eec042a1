//! Why a figure moved: the page, and the same as JSON.

use axum::extract::Path;
use axum::http::StatusCode;
use axum::response::Response;
use dialmark_govern::why::Why;
use dialmark_manage::why::{Against, Question, Which, dimensions, why};
use dialmark_metrics::{Expr, Key, MetricRef, Scope, expr};
use dialmark_model::civil::Period;
use dialmark_view::asked::{Asked, Bound};
use dialmark_view::link::Link;
use dialmark_view::pages::why::{self, WhyPage};
use dialmark_view::shell::Place;
use dialmark_view::{export, narrow};
use maud::Markup;

use crate::app::{App, Seen};
use crate::problem::Problem;
use crate::stretch::Stretch;
use crate::visit::{self, Visit};
use crate::{answer, links};

/// As many days before.
const BEFORE: &str = "before";

/// `GET /why/{metric}`
pub async fn handle(Seen(app): Seen, Path(name): Path<String>, visit: Visit) -> Response {
    let outcome = page(&app, &visit, &name).await;
    answer::page_or_problem(&app, &visit, outcome)
}

/// `GET /api/v1/why`
pub async fn handle_json(Seen(app): Seen, visit: Visit) -> Response {
    match json(&app, &visit).await {
        Ok(text) => answer::body(StatusCode::OK, "application/json", text),
        Err(problem) => problem.page(&app, &visit),
    }
}

async fn json(app: &App, visit: &Visit) -> Result<String, Problem> {
    let (asked, own) = visit.asked(&["metric", "against"])?;
    let value =
        |name: &str| own.iter().find(|(n, _)| n == name).map(|(_, v)| v.as_str()).filter(|v| !v.is_empty());
    let Some(metric) = value("metric") else {
        return Err(Problem::bad("No metric was asked for.").helped("Write `metric=conversion_rate`."));
    };
    let reference = MetricRef::parse(metric).map_err(Problem::bad)?;
    let _turn = app.turn().await?;
    let found = Found::of(app, &asked, &reference, value("against").unwrap_or(BEFORE)).await?;
    Ok(export::why(&found.why).to_string() + "\n")
}

/// An answer with both sides that it is about.
struct Found {
    why: Why,
    before: Which,
    now: Which,
    stretch: Stretch,
}

impl Found {
    async fn of(app: &App, asked: &Asked, reference: &MetricRef, against: &str) -> Result<Found, Problem> {
        let calendar = app.centre.calendar();
        let extent = app.known().await?.extent;
        let stretch = Stretch::of(asked, extent, &calendar)?;
        let against = Against::parse(against, &calendar).map_err(Problem::bad)?;
        let now = Which { period: stretch.period, filter: visit::filter(asked)? };
        let before = match (&against, stretch.before) {
            // As far as this one has gone.
            (Against::Before, Some(period)) => Which { period, filter: now.filter.clone() },
            _ => against.which(&now, None, &calendar).map_err(Problem::bad)?,
        };
        let by: Vec<String> =
            asked.by.iter().flat_map(|by| by.split(',')).map(|by| by.trim().to_owned()).collect();
        if by.len() > 2 {
            return Err(Problem::bad("`by` takes one dimension, or two separated by a comma."));
        }
        let question = Question {
            metric: reference,
            before: before.clone(),
            now: now.clone(),
            by: &by,
            zone: Some(app.centre.zone().to_owned()),
            scope: &Scope::Everything,
        };
        Ok(Found { why: why(&app.engine, &question).await?, before, now, stretch })
    }
}

async fn page(app: &App, visit: &Visit, name: &str) -> Result<Markup, Problem> {
    let (asked, own) = visit.asked(&["against"])?;
    let reference = asked.metric(name).map_err(Problem::bad)?;
    let resolved = app.engine.catalogue().resolve(&reference).map_err(Problem::bad)?;
    let title = format!("Why {} moved", resolved.metric.label.to_lowercase());
    let against = own.iter().find(|(n, _)| n == "against").map(|(_, v)| v.trim()).filter(|v| !v.is_empty());
    let against = against.unwrap_or(BEFORE).to_owned();
    let _turn = app.turn().await?;
    let found = Found::of(app, &asked, &reference, &against).await?;
    let records = |which: &Which, own: Option<Expr>| {
        let filter = Expr::both(which.filter.clone(), own);
        links::calls(&reference, links::DENOMINATOR, &place(which.period, filter))
    };
    let of_effect = |key: &[Key], by: &[String]| {
        let mut condition: Option<Expr> = None;
        for (dimension, key) in by.iter().zip(key) {
            // A declared dimension is an expression as well as a column is.
            let dimension = expr::parse(dimension).ok()?;
            condition = Some(narrow::narrow(condition.as_ref(), &dimension, key)?);
        }
        Some((records(&found.before, condition.clone()), records(&found.now, condition)))
    };
    let along = found.why.along.as_ref();
    let effects =
        along.map(|along| along.whole.effects.iter().map(|e| of_effect(&e.key, &along.by)).collect());
    let elsewhere = |by: &str| {
        let asked = Asked { by: Some(by.to_owned()), ..asked.clone() };
        asked.whole(Link::below("/why", name)).with("against", &against)
    };
    let keeps = Asked { by: None, ..asked.clone() };
    let model = WhyPage {
        head: visit.head(app, &title, Place::Metrics, &asked, &found.stretch)?,
        metric: links::metric(&reference, &asked),
        sides: (records(&found.before, None), records(&found.now, None)),
        records: effects.unwrap_or_default(),
        others: found.why.looked.iter().map(|one| elsewhere(&one.by.join(","))).collect(),
        keeps: keeps.whole(Link::to("/why")).pairs().to_vec(),
        dimensions: dimensions(&app.engine),
        download: asked
            .place(Link::to("/api/v1/why").with("metric", &reference))
            .with_some("by", asked.by.as_deref())
            .with("against", &against),
        against,
        why: found.why,
    };
    Ok(why::render(&model))
}

fn place(period: Period, filter: Option<Expr>) -> Asked {
    Asked {
        from: period.from.map(Bound::At),
        to: period.to.map(Bound::At),
        filter: filter.map(|filter| filter.to_string()),
        ..Asked::default()
    }
}
