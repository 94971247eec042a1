//! `GET /api/v1/query`: what `dialmark query` answers, over HTTP, with the same words and the same JSON.

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::Response;
use dialmark_metrics::{MetricQuery, MetricRef};
use dialmark_model::civil;
use dialmark_view::asked::Bound;
use dialmark_view::export;

use crate::answer;
use crate::app::{App, Seen};
use crate::problem::Problem;
use crate::visit::{self, Visit};

const OWN: [&str; 6] = ["metric", "zone", "on", "top", "complete_until", "format"];

/// In which form an answer comes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Form {
    Json,
    Csv,
}

/// `GET /api/v1/query`
pub async fn handle(Seen(app): Seen, visit: Visit) -> Response {
    respond(&app, &visit).await.unwrap_or_else(|problem| problem.page(&app, &visit))
}

async fn respond(app: &App, visit: &Visit) -> Result<Response, Problem> {
    let (question, form) = question(app, visit)?;
    let _turn = app.turn().await?;
    let table = app.engine.query(&question).await?;
    Ok(match form {
        Form::Json => answer::body(StatusCode::OK, "application/json", export::json(&table)),
        Form::Csv => {
            let mut response =
                answer::body(StatusCode::OK, "text/csv; charset=utf-8; header=present", export::csv(&table));
            let name = HeaderValue::from_static("attachment; filename=\"figures.csv\"");
            response.headers_mut().insert(header::CONTENT_DISPOSITION, name);
            response
        }
    })
}

fn question(app: &App, visit: &Visit) -> Result<(MetricQuery, Form), Problem> {
    let (asked, own) = visit.asked(&OWN)?;
    if asked.sort.is_some() || asked.variant.is_some() || asked.params.is_some() {
        return Err(Problem::bad(
            "Rows come in the order of their keys, and a variant or parameter stands with its metric: `metric=aht/talk`.",
        ));
    }
    let value =
        |name: &str| own.iter().find(|(n, _)| n == name).map(|(_, v)| v.as_str()).filter(|v| !v.is_empty());
    let Some(metrics) = value("metric") else {
        return Err(Problem::bad("No metric was asked for.").helped("Write `metric=conversion_rate,aht`."));
    };
    let zone_name = value("zone").map(str::to_owned);
    let centre = app.centre.calendar();
    let calendar = match &zone_name {
        Some(name) => centre.in_zone(civil::zone(name).map_err(|error| Problem::bad(format!("{error}.")))?),
        None => centre,
    };
    let top = match value("top").map(str::parse::<usize>) {
        None => None,
        Some(Ok(top)) => Some(top),
        Some(Err(_)) => return Err(Problem::bad("`top` should be a whole number, such as `top=10`.")),
    };
    let complete_until = match value("complete_until") {
        None => None,
        Some(text) => {
            let bound = Bound::parse(text).and_then(|bound| bound.instant(&calendar));
            Some(bound.ok_or_else(|| {
                Problem::bad(format!("`complete_until={text}` is neither a day nor an instant."))
            })?)
        }
    };
    let form = match value("format") {
        None | Some("json") => Form::Json,
        Some("csv") => Form::Csv,
        Some(other) => {
            return Err(Problem::bad(format!("`{other}` is not a format; it is `json` or `csv`.")));
        }
    };
    let question = MetricQuery {
        metrics: MetricRef::parse_list(metrics).map_err(Problem::bad)?,
        by: asked
            .by
            .iter()
            .flat_map(|by| by.split(','))
            .map(|by| by.trim().to_owned())
            .filter(|by| !by.is_empty())
            .collect(),
        filter: visit::filter(&asked)?,
        period: asked.period(&calendar).map_err(Problem::bad)?,
        grain: asked.grain,
        zone: zone_name,
        table: value("on").map(str::to_owned),
        top,
        complete_until,
        ..MetricQuery::default()
    };
    Ok((question, form))
}
