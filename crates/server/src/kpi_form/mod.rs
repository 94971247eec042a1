//! KPIs by form: made and changed in the files of `kpis/`.

pub mod presets;
mod written;

use std::collections::BTreeMap;

use axum::extract::{Path, Request, State};
use axum::http::StatusCode;
use axum::response::Response;
use dialmark_govern::Kpi;
use dialmark_govern::place::LEVELS;
use dialmark_metrics::metric::{Direction, Unit};
use dialmark_metrics::{Catalogue, MetricRef};
use dialmark_view::form::{Choice, Sent};
use dialmark_view::link::Link;
use dialmark_view::pages::kpi_form::{self, KpiFields, KpiForm, Preview};
use dialmark_view::shell::Place;
use maud::Markup;

use crate::app::{App, Seen, Shared};
use crate::declaring::{self, Change, FileChange, Outcome};
use crate::problem::Problem;
use crate::visit::Visit;
use crate::{answer, cases, sent};

/// Where a KPI is made.
const PATH: &str = "/kpi";
/// Where sets of KPIs are.
const PRESETS_PATH: &str = "/kpi-presets";
/// File of KPIs that are made by form.
const OWN_FILE: &str = "kpis/by_form.toml";
/// What levels are called on the form, in their order.
const WORDS: [&str; 6] = ["Client", "Campaign", "Site", "Team", "List", "Agent"];

/// `GET /kpi`
pub async fn begin(State(shared): State<Shared>, Seen(app): Seen, visit: Visit) -> Response {
    let outcome = page(&shared, &app, &visit, None, Sent::NOTHING).await;
    answer::page_or_problem(&app, &visit, outcome)
}

/// `GET /kpi/NAME`
pub async fn handle(
    State(shared): State<Shared>,
    Seen(app): Seen,
    Path(name): Path<String>,
    visit: Visit,
) -> Response {
    let outcome = page(&shared, &app, &visit, Some(&name), Sent::NOTHING).await;
    answer::page_or_problem(&app, &visit, outcome)
}

/// `POST /kpi`
pub async fn send(State(shared): State<Shared>, Seen(app): Seen, visit: Visit, request: Request) -> Response {
    taken(&shared, &app, &visit, None, request).await
}

/// `POST /kpi/NAME`
pub async fn send_one(
    State(shared): State<Shared>,
    Seen(app): Seen,
    Path(name): Path<String>,
    visit: Visit,
    request: Request,
) -> Response {
    taken(&shared, &app, &visit, Some(&name), request).await
}

async fn taken(shared: &Shared, app: &App, visit: &Visit, name: Option<&str>, request: Request) -> Response {
    let mut sent = match sent::read(request).await {
        Ok(sent) => sent,
        Err(problem) => return problem.page(app, visit),
    };
    let saved = match sent.text(kpi_form::STEP) {
        kpi_form::SAVE => save(shared, app, name, &mut sent).await,
        _ => Ok(None),
    };
    match saved {
        Ok(Some(saved)) => answer::go_to(&Link::below(PATH, &saved)),
        Ok(None) => {
            let is_refused = !sent.refused().is_empty();
            let status = if is_refused { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
            match page(shared, app, visit, name, sent).await {
                Ok(markup) => answer::page(status, &markup),
                Err(problem) => problem.page(app, visit),
            }
        }
        Err(problem) => problem.page(app, visit),
    }
}

/// Where a KPI is declared and what its file says.
struct Declared {
    path: String,
    text: Option<String>,
}

impl Declared {
    fn of(shared: &Shared, kpi: Option<&Kpi>) -> Result<Declared, Problem> {
        let path = kpi.map_or(OWN_FILE, |kpi| kpi.declared_in.as_str()).to_owned();
        let text = declaring::text_of(shared, &path)?;
        Ok(Declared { path, text })
    }

    /// The version of the KPI as it stands there.
    fn version(&self, kpi: Option<&Kpi>) -> String {
        let part = kpi.zip(written::document(self.text()).ok());
        let part = part.map(|(kpi, document)| written::part(&document, &kpi.name));
        declaring::version_of([part.as_deref().unwrap_or_default()])
    }

    fn text(&self) -> &str {
        self.text.as_deref().unwrap_or("# KPIs that were made by form; they may be changed here as well.\n")
    }
}

/// Saves what was sent: the name of the KPI, or nothing when it is refused.
async fn save(
    shared: &Shared,
    app: &App,
    name: Option<&str>,
    sent: &mut Sent,
) -> Result<Option<String>, Problem> {
    let why = sent.text(kpi_form::WHY).to_owned();
    if why.is_empty() {
        sent.refuse(kpi_form::WHY, "Say why; it is kept with the change.");
        return Ok(None);
    }
    let Some(name) = named(app, name, sent) else { return Ok(None) };
    let kpi = app.promises.governed.kpis.get(&name);
    let place = Declared::of(shared, kpi)?;
    if !declaring::is_of_now(sent, &place.version(kpi)) {
        return Ok(None);
    }
    let unit = unit_of(app.engine.catalogue(), sent.text(kpi_form::METRIC));
    let (after, part) = match written::written(place.text(), &name, sent, &LEVELS, unit) {
        Ok(written) => written,
        Err(says) => {
            sent.refuse("", says);
            return Ok(None);
        }
    };
    let before = kpi.and_then(|_| written::document(place.text()).ok());
    let before = before.map(|document| format!("[kpi.{name}]\n{}", written::part(&document, &name)));
    if before.as_ref() == Some(&part) {
        sent.refuse("", "Nothing was changed.");
        return Ok(None);
    }
    let files = [FileChange { path: place.path.clone(), before: place.text.clone(), after }];
    let change = Change {
        files: &files,
        did: if before.is_some() { "kpi.changed" } else { "kpi.made" },
        subject: &name,
        part: (before.as_deref(), Some(&part)),
        why: &why,
    };
    match declaring::make(shared, app, &change).await? {
        Outcome::Done => Ok(Some(name)),
        Outcome::Refused(sentences) => {
            sentences.into_iter().for_each(|says| sent.refuse("", says));
            Ok(None)
        }
    }
}

/// The name of the KPI; what is no name is refused.
fn named(app: &App, name: Option<&str>, sent: &mut Sent) -> Option<String> {
    if let Some(name) = name {
        return Some(name.to_owned());
    }
    let name = sent.text(kpi_form::NAME).to_owned();
    let is_plain =
        name.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_');
    let says = match () {
        () if name.is_empty() || !is_plain || name.len() > 60 => {
            "A name has small letters, digits and _, such as conversion_north; at most 60 of them."
        }
        () if app.promises.governed.kpis.contains_key(&name) => "There is a KPI of this name already.",
        () => return Some(name),
    };
    sent.refuse(kpi_form::NAME, says);
    None
}

async fn page(
    shared: &Shared,
    app: &App,
    visit: &Visit,
    name: Option<&str>,
    mut sent: Sent,
) -> Result<Markup, Problem> {
    visit.asked(&[])?;
    let catalogue = app.engine.catalogue();
    let kpi = match name {
        None => None,
        Some(name) => Some(app.promises.governed.kpis.get(name).ok_or_else(|| {
            Problem::missing(format!("There is no KPI `{name}`.")).helped("The page of KPIs names all.")
        })?),
    };
    let place = Declared::of(shared, kpi)?;
    let asked_for = sent.value(kpi_form::METRIC).map(str::to_owned);
    let metric = asked_for.or_else(|| kpi.map(|kpi| kpi.metric.to_string())).unwrap_or_default();
    let unit = unit_of(catalogue, &metric);
    let (now, kept) = match kpi {
        None => (KpiFields { window: "month".to_owned(), ..KpiFields::default() }, None),
        Some(kpi) => written::document(place.text())
            .ok()
            .and_then(|document| written::fields(&document, &kpi.name, unit))
            .ok_or_else(|| Problem::bad(format!("`{}` is not found in `{}`.", kpi.name, place.path)))?,
    };
    let version = place.version(kpi);
    let is_preview = sent.text(kpi_form::STEP) == kpi_form::PREVIEW;
    let preview = match is_preview && declaring::is_of_now(&mut sent, &version) {
        true => preview(shared, app, name, &place, &mut sent, unit),
        false => None,
    };
    let title = kpi.map_or_else(|| "New KPI".to_owned(), |kpi| kpi.label.clone());
    Ok(kpi_form::render(&KpiForm {
        head: visit.plain_head(app, &title, Place::Kpis),
        now,
        is_declared: kpi.is_some(),
        metrics: metrics(catalogue),
        unit: unit.to_owned(),
        direction: direction(catalogue, &metric).map(str::to_owned),
        people: cases::people(app).await?,
        dimensions: LEVELS.into_iter().zip(WORDS).map(|(d, word)| (d.to_owned(), word.to_owned())).collect(),
        kept,
        preview,
        history: match name {
            Some(name) => declaring::history(app, "kpi.", Some(name)).await?,
            None => Vec::new(),
        },
        version,
        presets: Link::to(PRESETS_PATH),
        action: name.map_or_else(|| Link::to(PATH), |name| Link::below(PATH, name)),
        sent,
    }))
}

/// What would be written, with what the checks say of it.
fn preview(
    shared: &Shared,
    app: &App,
    name: Option<&str>,
    place: &Declared,
    sent: &mut Sent,
    unit: &str,
) -> Option<Preview> {
    let name = named(app, name, sent)?;
    match written::written(place.text(), &name, sent, &LEVELS, unit) {
        Err(says) => {
            sent.refuse("", says);
            None
        }
        Ok((after, toml)) => {
            let (mistakes, warnings) = declaring::tried(
                shared,
                &[FileChange { path: place.path.clone(), before: place.text.clone(), after }],
            );
            mistakes.into_iter().for_each(|says| sent.refuse("", says));
            Some(Preview { file: place.path.clone(), toml, warnings })
        }
    }
}

/// Metrics with their definitions, by the file that declares them.
fn metrics(catalogue: &Catalogue) -> Vec<(String, Vec<Choice>)> {
    let mut groups: BTreeMap<String, Vec<Choice>> = BTreeMap::new();
    for metric in catalogue.metrics.values() {
        let file = metric.declared_in.rsplit(['/', '\\']).next().unwrap_or_default();
        let group = groups.entry(file.trim_end_matches(".toml").replace('_', " ")).or_default();
        for variant in &metric.variants {
            let value = format!("{}/{}", metric.id, variant.id);
            group.push(Choice::new(value, format!("{}, {}", metric.label, variant.id.replace('_', " "))));
        }
        // A KPI may follow the definition that the project chose.
        group.push(Choice::new(&metric.id, format!("{}, as the project defines it", metric.label)));
    }
    groups.into_iter().collect()
}

/// The unit that stands beside values of a metric.
fn unit_of(catalogue: &Catalogue, metric: &str) -> &'static str {
    let resolved =
        MetricRef::parse(metric).and_then(|wanted| catalogue.resolve(&wanted).map(|r| r.metric.unit));
    match resolved {
        Ok(Unit::Share) => "%",
        _ => "",
    }
}

fn direction(catalogue: &Catalogue, metric: &str) -> Option<&'static str> {
    let wanted = MetricRef::parse(metric).ok()?;
    Some(match catalogue.resolve(&wanted).ok()?.metric.direction {
        Direction::Up => "Of this metric more is better.",
        Direction::Down => "Of this metric less is better.",
        _ => "Of this metric neither more nor less is better by itself.",
    })
}
