//! What codes mean, by form: written into the files of `dispositions/`.

mod written;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::response::Response;
use dialmark_engine::{Engine, RecordsQuery};
use dialmark_metrics::{Cell, Expr, MetricQuery};
use dialmark_model::DispositionMap;
use dialmark_model::civil::Period;
use dialmark_view::form::Sent;
use dialmark_view::link::Link;
use dialmark_view::pages::dispositions::{
    self, CodeLine, DispositionsPage, MapPreview, PREVIEW, SAVE, SINCE, STEP, WHY,
};
use dialmark_view::shell::Place;
use dialmark_view::{format, when};
use jiff::ToSpan;
use jiff::civil::Date;
use maud::Markup;

use self::written::Meaning;
use crate::app::{App, Seen, Shared};
use crate::declaring::{self, Change, FileChange, Outcome};
use crate::problem::Problem;
use crate::visit::Visit;
use crate::{answer, sent};

const PATH: &str = "/dispositions";
const FOLDER: &str = "dispositions";
/// Days before the last one over which figures are compared.
const DAYS: i64 = 29;
/// Codes on the page.
const MOST: usize = 500;

/// `GET /dispositions`
pub async fn handle(State(shared): State<Shared>, Seen(app): Seen, visit: Visit) -> Response {
    let outcome = page(&shared, &app, &visit, Sent::NOTHING).await;
    answer::page_or_problem(&app, &visit, outcome.map(|(markup, _)| markup))
}

/// `POST /dispositions`
pub async fn send(State(shared): State<Shared>, Seen(app): Seen, visit: Visit, request: Request) -> Response {
    let mut sent = match sent::read(request).await {
        Ok(sent) => sent,
        Err(problem) => return problem.page(&app, &visit),
    };
    if sent.text(STEP) == SAVE {
        match save(&shared, &app, &mut sent).await {
            Ok(true) => return answer::go_to(&Link::to(PATH)),
            Ok(false) => {}
            Err(problem) => return problem.page(&app, &visit),
        }
    }
    match page(&shared, &app, &visit, sent).await {
        Ok((markup, is_refused)) => {
            let status = if is_refused { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
            answer::page(status, &markup)
        }
        Err(problem) => problem.page(&app, &visit),
    }
}

/// What a form asks for.
struct Asked {
    since: Option<Date>,
    /// Code, meaning before and after.
    changes: Vec<(String, Option<Meaning>, Option<Meaning>)>,
    files: Vec<FileChange>,
}

/// What the form asks for; what is wrong is noted in it.
async fn asked(shared: &Shared, app: &App, sent: &mut Sent) -> Result<Option<Asked>, Problem> {
    let since = match sent.text(SINCE) {
        "" => None,
        text => match text.parse::<Date>() {
            Ok(day) => Some(day),
            Err(_) => {
                sent.refuse(SINCE, "Write a day, such as 2026-11-19.");
                return Ok(None);
            }
        },
    };
    let day = since.unwrap_or_else(|| today(app));
    let map = app.engine.dispositions().as_of(day);
    let mut changes = Vec::new();
    for (code, _) in codes(app, &map).await? {
        let before = map.codes.get(&code).map(Meaning::of);
        match Meaning::sent(&code, sent) {
            Ok(after) if after != before => changes.push((code, before, after)),
            Ok(_) => {}
            Err(says) => sent.refuse(&dispositions::field(dispositions::MEANS, &code), says),
        }
    }
    if !sent.refused().is_empty() {
        return Ok(None);
    }
    let wanted: Vec<(String, Option<Meaning>)> =
        changes.iter().map(|(code, _, after)| (code.clone(), after.clone())).collect();
    match written::changed(&texts(shared)?, &wanted, since) {
        Ok(files) => Ok(Some(Asked { since, changes, files })),
        Err(says) => {
            sent.refuse("", says);
            Ok(None)
        }
    }
}

/// Whether it was saved; else why not is noted in what was sent.
async fn save(shared: &Shared, app: &App, sent: &mut Sent) -> Result<bool, Problem> {
    let why = sent.text(WHY).to_owned();
    if why.is_empty() {
        sent.refuse(WHY, "Say why; it is kept with the change.");
        return Ok(false);
    }
    if !declaring::is_of_now(sent, &version(shared)?) {
        return Ok(false);
    }
    let Some(asked) = asked(shared, app, sent).await? else { return Ok(false) };
    if asked.changes.is_empty() {
        sent.refuse("", "Nothing was changed.");
        return Ok(false);
    }
    let before: Vec<String> = asked.changes.iter().map(|(code, before, _)| told(code, before)).collect();
    let after: Vec<String> = asked.changes.iter().map(|(code, _, after)| told(code, after)).collect();
    let (before, after) = (before.join("\n"), after.join("\n"));
    let after = match asked.since {
        Some(day) => format!("{after}\nfrom {day} on"),
        None => after,
    };
    let codes: Vec<&str> = asked.changes.iter().map(|(code, ..)| code.as_str()).collect();
    let change = Change {
        files: &asked.files,
        did: "disposition.changed",
        subject: &codes.join(" "),
        part: (Some(&before), Some(&after)),
        why: &why,
    };
    match declaring::make(shared, app, &change).await? {
        Outcome::Done => Ok(true),
        Outcome::Refused(sentences) => {
            sentences.into_iter().for_each(|says| sent.refuse("", says));
            Ok(false)
        }
    }
}

/// A code and its meaning, for the trail.
fn told(code: &str, meaning: &Option<Meaning>) -> String {
    format!("{code}: {}", meaning.as_ref().map_or_else(|| "no meaning".to_owned(), Meaning::shown))
}

async fn page(shared: &Shared, app: &App, visit: &Visit, mut sent: Sent) -> Result<(Markup, bool), Problem> {
    visit.asked(&[])?;
    let _turn = app.turn().await?;
    let map = app.engine.dispositions().as_of(today(app));
    let version = version(shared)?;
    let preview = match sent.text(STEP) == PREVIEW && declaring::is_of_now(&mut sent, &version) {
        true => preview(shared, app, &mut sent).await?,
        false => None,
    };
    let mut lines: Vec<CodeLine> = codes(app, &map)
        .await?
        .into_iter()
        .map(|(code, count)| CodeLine {
            count,
            records: (count > 0).then(|| records(&code)),
            means: map.codes.get(&code).cloned(),
            since: since(app.engine.dispositions(), &code, today(app)),
            code,
        })
        .collect();
    lines.sort_by(|a, b| (a.means.is_some(), b.count, &a.code).cmp(&(b.means.is_some(), a.count, &b.code)));
    let is_refused = !sent.refused().is_empty();
    let markup = dispositions::render(&DispositionsPage {
        head: visit.plain_head(app, "What codes mean", Place::Data),
        codes: lines,
        preview,
        history: declaring::history(app, "disposition.", None).await?,
        version,
        action: Link::to(PATH),
        sent,
    });
    Ok((markup, is_refused))
}

async fn preview(shared: &Shared, app: &App, sent: &mut Sent) -> Result<Option<MapPreview>, Problem> {
    let Some(asked) = asked(shared, app, sent).await? else { return Ok(None) };
    let (mistakes, _) = declaring::tried(shared, &asked.files);
    mistakes.into_iter().for_each(|says| sent.refuse("", says));
    let from = asked.since.and_then(|day| app.engine.calendar().day_start(day));
    let mut codes = Vec::new();
    for (code, before, after) in &asked.changes {
        let wanted = RecordsQuery {
            table: Some("calls".to_owned()),
            filter: Some(Expr::Column("disposition".to_owned()).equals_text(code)),
            period: Period { from, to: None },
            limit: 0,
            ..RecordsQuery::default()
        };
        let count = app.engine.records(&wanted).await?.total;
        codes.push((
            code.clone(),
            before.as_ref().map(Meaning::shown),
            after.as_ref().map(Meaning::shown),
            count,
        ));
    }
    let files: Vec<&str> = asked.files.iter().map(|file| file.path.as_str()).collect();
    let texts = asked.files.iter().map(|file| format!("# {}\n{}", file.path, file.after));
    Ok(Some(MapPreview {
        file: files.join(", "),
        toml: texts.collect::<Vec<_>>().join("\n"),
        codes,
        figures: figures(shared, app, &asked.files).await?,
    }))
}

/// Figures of KPIs that would be others, over the last days of the data: name, before, after.
async fn figures(
    shared: &Shared,
    app: &App,
    files: &[FileChange],
) -> Result<Vec<(String, String, String)>, Problem> {
    let texts: Vec<(String, String)> =
        files.iter().map(|file| (file.path.clone(), file.after.clone())).collect();
    let (Some(map), Some((_, last))) =
        (shared.declarations().dispositions_with(&texts), app.known().await?.extent)
    else {
        return Ok(Vec::new());
    };
    let then = app.engine.clone().with_dispositions(Arc::new(map));
    let last = app.engine.calendar().day_of(last);
    let first = last.checked_sub(DAYS.days()).unwrap_or(last);
    let period = app.engine.calendar().period(Some(first), last.tomorrow().ok());
    let mut asked: BTreeSet<(String, Option<String>)> = BTreeSet::new();
    let mut moved = Vec::new();
    for kpi in app.promises.governed.kpis.values() {
        let condition = kpi.place.condition();
        if !asked.insert((kpi.metric.to_string(), condition.as_ref().map(ToString::to_string))) {
            continue;
        }
        let question = MetricQuery {
            metrics: vec![kpi.metric.clone()],
            filter: condition,
            period,
            ..MetricQuery::default()
        };
        let cell = async |engine: &Engine| {
            let row = engine.query(&question).await.ok()?.rows.into_iter().next()?;
            row.cells.into_iter().next()
        };
        let (before, after) = (cell(&app.engine).await, cell(&then).await);
        let (Some(before), Some(after)) = (before, after) else { continue };
        if before.value != after.value {
            let shown = |cell: &Cell| match &cell.value {
                Ok(value) => format::figure(*value, kpi.unit, cell.currency.as_deref()).to_string(),
                Err(reason) => reason.to_string(),
            };
            moved.push((kpi.label.clone(), shown(&before), shown(&after)));
        }
    }
    Ok(moved)
}

/// The version of all maps.
fn version(shared: &Shared) -> Result<String, Problem> {
    let texts = texts(shared)?;
    Ok(declaring::version_of(texts.iter().flat_map(|(path, text)| [path.as_str(), text.as_str()])))
}

fn today(app: &App) -> Date {
    app.engine.calendar().day_of(jiff::Timestamp::now())
}

/// Codes of the records with their counts, and codes that have a meaning and no record.
async fn codes(app: &App, map: &DispositionMap) -> Result<Vec<(String, u64)>, Problem> {
    let mut found = app.engine.top_values("calls", "disposition", MOST).await?;
    let seen: BTreeSet<String> = found.iter().map(|(code, _)| code.clone()).collect();
    found.extend(map.codes.keys().filter(|code| !seen.contains(*code)).map(|code| (code.clone(), 0)));
    Ok(found)
}

fn records(code: &str) -> Link {
    let condition = Expr::Column("disposition".to_owned()).equals_text(code);
    Link::to("/calls").with("table", "calls").with("where", condition)
}

/// Since when a code means what it means on a day, where it did not always.
fn since(map: &DispositionMap, code: &str, day: Date) -> Option<String> {
    let part = map.dated.iter().find(|(days, codes)| days.hold(day) && codes.contains_key(code));
    part.and_then(|(days, _)| days.from).map(when::day)
}

/// The texts of the files, by path.
fn texts(shared: &Shared) -> Result<BTreeMap<String, String>, Problem> {
    let folder = shared.declarations().folder().join(FOLDER);
    let unreadable =
        |error: std::io::Error| Problem::bad(format!("The folder `{FOLDER}` cannot be read: {error}."));
    let mut found = BTreeMap::new();
    if !folder.exists() {
        return Ok(found);
    }
    for entry in std::fs::read_dir(&folder).map_err(unreadable)? {
        let name = entry.map_err(unreadable)?.file_name().to_string_lossy().into_owned();
        if !name.ends_with(".toml") || name.starts_with('.') {
            continue;
        }
        let path = format!("{FOLDER}/{name}");
        if let Some(text) = declaring::text_of(shared, &path)? {
            found.insert(path, text);
        }
    }
    Ok(found)
}
