//! The records behind a figure: a page at a time, or all of them as CSV.

use std::sync::Arc;

use axum::body::Body;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::Response;
use dialmark_engine::{Part, Records, RecordsQuery};
use dialmark_metrics::{Expr, MetricRef};
use dialmark_view::asked::Asked;
use dialmark_view::export::csv_record;
use dialmark_view::link::Link;
use dialmark_view::pages::calls::{self, CallsPage};
use dialmark_view::shell::Place;
use maud::Markup;

use crate::answer;
use crate::app::{App, Seen};
use crate::links;
use crate::problem::Problem;
use crate::stretch::Stretch;
use crate::visit::{self, Visit};

/// Records on a page.
const PAGE: usize = 50;
/// Records that a download fetches at a time.
const CHUNK: usize = 20_000;
const OWN: [&str; 4] = ["metric", "part", "table", "page"];

/// `GET /calls`
pub async fn handle(Seen(app): Seen, visit: Visit) -> Response {
    let outcome = page(&app, &visit).await;
    answer::page_or_problem(&app, &visit, outcome)
}

/// `GET /calls.csv`
pub async fn download(Seen(app): Seen, visit: Visit) -> Response {
    match stream(&app, &visit).await {
        Ok(response) => response,
        Err(problem) => problem.page(&app, &visit),
    }
}

/// Which records.
#[derive(Debug, Clone)]
struct Wanted {
    asked: Asked,
    metric: Option<MetricRef>,
    part: Part,
    table: Option<String>,
    filter: Option<Expr>,
    /// Counted from 0.
    page: usize,
}

impl Wanted {
    fn read(visit: &Visit) -> Result<Wanted, Problem> {
        let (asked, own) = visit.asked(&OWN)?;
        let value = |name: &str| own.iter().find(|(n, _)| n == name).map(|(_, v)| v.as_str());
        let metric = value("metric").map(MetricRef::parse).transpose().map_err(Problem::bad)?;
        let table = value("table").map(str::to_owned);
        if metric.is_none() && table.is_none() {
            return Err(Problem::bad("Which records? The address names neither a `metric` nor a `table`."));
        }
        let part = match value("part") {
            None | Some(links::NUMERATOR) => Part::Numerator,
            Some(links::DENOMINATOR) => Part::Denominator,
            Some(other) => {
                return Err(Problem::bad(format!(
                    "`{other}` is no part of a metric; it is `numerator` or `denominator`."
                )));
            }
        };
        let page = match value("page") {
            None => 0,
            Some(text) => match text.parse::<usize>() {
                Ok(number) if (1..=usize::MAX / PAGE).contains(&number) => number - 1,
                _ => return Err(Problem::bad(format!("`{text}` is not the number of a page."))),
            },
        };
        let filter = visit::filter(&asked)?;
        Ok(Wanted { asked, metric, part, table, filter, page })
    }

    fn question(&self, app: &App, stretch: &Stretch) -> RecordsQuery {
        RecordsQuery {
            metric: self.metric.clone(),
            part: self.part,
            table: self.table.clone(),
            filter: self.filter.clone(),
            period: stretch.period,
            zone: Some(app.centre.zone().to_owned()),
            limit: PAGE,
            offset: self.page.saturating_mul(PAGE),
            ..RecordsQuery::default()
        }
    }

    fn link(&self, path: &str) -> Link {
        let part = match self.part {
            Part::Numerator => links::NUMERATOR,
            Part::Denominator => links::DENOMINATOR,
        };
        let link = Link::to(path)
            .with_some("metric", self.metric.as_ref())
            .with_some("table", self.table.as_deref())
            .with_some("part", self.metric.as_ref().map(|_| part));
        self.asked.place(link)
    }
}

async fn page(app: &App, visit: &Visit) -> Result<Markup, Problem> {
    let wanted = Wanted::read(visit)?;
    let (label, home, about, other) = described(app, &wanted)?;
    let _turn = app.turn().await?;
    let stretch = Stretch::of(&wanted.asked, app.known().await?.extent, &app.centre.calendar())?;
    let records = app.engine.records(&wanted.question(app, &stretch)).await?;
    if records.rows.is_empty() && records.total > 0 {
        let pages = records.total.div_ceil(u64::try_from(PAGE).unwrap_or(u64::MAX));
        let sentence = format!("There is no page {} of these records.", wanted.page + 1);
        return Err(Problem::bad(sentence).helped(format!("The last one is page {pages}.")));
    }
    let mut head = visit.head(app, "Records", Place::Metrics, &wanted.asked, &stretch)?;
    head.against = None;
    let first = wanted.page.saturating_mul(PAGE).saturating_add(1);
    let shown = first.saturating_sub(1).saturating_add(records.rows.len());
    let is_more = u64::try_from(shown).is_ok_and(|shown| shown < records.total);
    let to_page = |number: usize| wanted.link("/calls").with("page", number);
    let kinds =
        records.columns.iter().map(|c| (c.clone(), app.engine.catalogue().kind_of(&records.table, c)));
    let model = CallsPage {
        head,
        label,
        metric: home,
        part: about,
        other_part: other,
        columns: kinds.collect(),
        table: records.table,
        total: records.total,
        first: u64::try_from(first).unwrap_or(u64::MAX),
        before: (wanted.page > 0).then(|| to_page(wanted.page)),
        after: (is_more && !records.rows.is_empty()).then(|| to_page(wanted.page + 2)),
        rows: records.rows,
        download: wanted.link("/calls.csv"),
        zone: app.centre.time_zone().clone(),
    };
    Ok(calls::render(&model))
}

type Described = (String, Link, String, Option<(String, Link)>);

/// What the records are of: name, its page, a sentence, and the other part.
fn described(app: &App, wanted: &Wanted) -> Result<Described, Problem> {
    let catalogue = app.engine.catalogue();
    let Some(reference) = &wanted.metric else {
        let table = wanted.table.clone().unwrap_or_default();
        let Some(found) = catalogue.tables.get(&table) else {
            return Err(Problem::missing(format!("There is no table `{table}`.")));
        };
        return Ok((format!("the table {table}"), Link::to("/data"), found.about.to_string(), None));
    };
    let resolved = catalogue.resolve(reference).map_err(Problem::bad)?;
    let formula = &resolved.variant.formula;
    let (here, there) = match wanted.part {
        Part::Numerator => (links::NUMERATOR, links::DENOMINATOR),
        Part::Denominator => (links::DENOMINATOR, links::NUMERATOR),
    };
    let (measure, other) =
        (links::measure_of(catalogue, formula, here), links::measure_of(catalogue, formula, there));
    let other = (measure != other).then(|| {
        (format!("the {there}, {}.", other.replace('_', " ")), links::calls(reference, there, &wanted.asked))
    });
    Ok((
        resolved.metric.label.clone(),
        links::metric(reference, &wanted.asked),
        links::about_measure(catalogue, measure),
        other,
    ))
}

/// All records as CSV, a chunk at a time. When an import changes them meanwhile, the transfer is broken off, so
/// that nobody takes a part for the whole.
async fn stream(app: &Arc<App>, visit: &Visit) -> Result<Response, Problem> {
    let wanted = Wanted::read(visit)?;
    described(app, &wanted)?;
    let stretch = Stretch::of(&wanted.asked, app.known().await?.extent, &app.centre.calendar())?;
    let question = RecordsQuery { limit: CHUNK, offset: 0, ..wanted.question(app, &stretch) };
    let first = fetch(app, &question).await?;
    let name = format!("{}.csv", wanted.metric.as_ref().map_or("records", |m| m.metric.as_str()));
    let header: Vec<Option<String>> = first.columns.iter().cloned().map(Some).collect();
    let total = first.total;
    let begin = Progress {
        app: app.clone(),
        question,
        columns: first.columns.clone(),
        total,
        sent: 0,
        ready: Some((csv_record(&header), first)),
    };
    let chunks = futures::stream::try_unfold(begin, Progress::step);
    let mut response =
        answer::body(StatusCode::OK, "text/csv; charset=utf-8; header=present", Body::from_stream(chunks));
    if let Ok(value) = HeaderValue::from_str(&format!("attachment; filename=\"{name}\"")) {
        response.headers_mut().insert(header::CONTENT_DISPOSITION, value);
    }
    if let Ok(value) = HeaderValue::from_str(&total.to_string()) {
        response.headers_mut().insert("x-total-records", value);
    }
    Ok(response)
}

async fn fetch(app: &App, question: &RecordsQuery) -> Result<Records, Problem> {
    let _turn = app.turn().await?;
    Ok(app.engine.records(question).await?)
}

/// How far a download is.
struct Progress {
    app: Arc<App>,
    question: RecordsQuery,
    columns: Vec<String>,
    total: u64,
    sent: u64,
    /// The first chunk, which was fetched before the response began, with the header line.
    ready: Option<(String, Records)>,
}

impl Progress {
    async fn step(mut self) -> Result<Option<(String, Progress)>, std::io::Error> {
        let (mut text, records) = match self.ready.take() {
            Some(ready) => ready,
            None if self.sent >= self.total => return Ok(None),
            None => {
                let fetched = fetch(&self.app, &self.question).await;
                (String::new(), fetched.map_err(|problem| std::io::Error::other(problem.sentence))?)
            }
        };
        let is_same = records.total == self.total && records.columns == self.columns;
        if !is_same || (records.rows.is_empty() && self.sent < self.total) {
            tracing::warn!("a download was broken off because an import changed its records");
            return Err(std::io::Error::other("the records changed during the download"));
        }
        for row in &records.rows {
            text.push_str(&csv_record(row));
        }
        self.sent += u64::try_from(records.rows.len()).unwrap_or(u64::MAX);
        self.question.offset = self.question.offset.saturating_add(CHUNK);
        Ok(Some((text, self)))
    }
}
