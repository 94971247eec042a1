//! Sets of KPIs to start from.

use std::collections::BTreeSet;

use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::response::Response;
use dialmark_govern::preset::{self, Preset};
use dialmark_manage::starting;
use dialmark_view::form::Sent;
use dialmark_view::link::Link;
use dialmark_view::pages::kpi_form::presets::{self, PresetLine, PresetsPage};
use dialmark_view::shell::Place;
use maud::Markup;

use super::PRESETS_PATH;
use crate::app::{App, Seen, Shared};
use crate::declaring::{self, Change, FileChange, Outcome};
use crate::problem::Problem;
use crate::visit::Visit;
use crate::{answer, cases, sent};

/// `GET /kpi-presets`
pub async fn handle(State(shared): State<Shared>, Seen(app): Seen, visit: Visit) -> Response {
    let outcome = page(&shared, &app, &visit, Sent::NOTHING).await;
    answer::page_or_problem(&app, &visit, outcome)
}

/// `POST /kpi-presets`
pub async fn add(State(shared): State<Shared>, Seen(app): Seen, visit: Visit, request: Request) -> Response {
    let mut sent = match sent::read(request).await {
        Ok(sent) => sent,
        Err(problem) => return problem.page(&app, &visit),
    };
    let outcome = match added(&shared, &app, &mut sent).await {
        Ok(true) => return answer::go_to(&Link::to("/kpis")),
        Ok(false) => page(&shared, &app, &visit, sent).await,
        Err(problem) => Err(problem),
    };
    match outcome {
        Ok(markup) => answer::page(StatusCode::UNPROCESSABLE_ENTITY, &markup),
        Err(problem) => problem.page(&app, &visit),
    }
}

/// Whether a set was added; else the reason is noted in what was sent.
async fn added(shared: &Shared, app: &App, sent: &mut Sent) -> Result<bool, Problem> {
    let Some(preset) = preset::named(sent.item()) else {
        sent.refuse("", format!("There is no set `{}`.", sent.item()));
        return Ok(false);
    };
    let owner = Some(sent.text(presets::OWNER)).filter(|owner| !owner.is_empty());
    let targets = starting::own_figures(&app.engine, preset.text).await?;
    let text = starting::filled_in(preset.text, owner, &targets);
    let files = [FileChange { path: path(preset), before: None, after: text.clone() }];
    let change = Change {
        files: &files,
        did: "kpi.preset_added",
        subject: preset.name,
        part: (None, Some(&text)),
        why: "a set to start from",
    };
    match declaring::make(shared, app, &change).await? {
        Outcome::Done => Ok(true),
        Outcome::Refused(sentences) => {
            sentences.into_iter().for_each(|says| sent.refuse("", says));
            Ok(false)
        }
    }
}

fn path(preset: &Preset) -> String {
    format!("kpis/{}.toml", preset.name)
}

async fn page(shared: &Shared, app: &App, visit: &Visit, sent: Sent) -> Result<Markup, Problem> {
    visit.asked(&[])?;
    let line = |preset: &'static Preset| -> Result<PresetLine, Problem> {
        let names: BTreeSet<&str> = preset
            .text
            .lines()
            .filter_map(|line| line.trim().strip_prefix("[kpi.")?.split([']', '.']).next())
            .collect();
        let has_target = |name: &&str| {
            let mut lines = preset
                .text
                .lines()
                .skip_while(|line| !line.trim().starts_with(&format!("[kpi.{name}]")))
                .skip(1);
            lines
                .by_ref()
                .take_while(|line| !line.trim().starts_with("[kpi."))
                .any(|line| line.trim_start().starts_with("target"))
        };
        Ok(PresetLine {
            preset,
            without_target: names.iter().filter(|name| !has_target(name)).count(),
            kpis: names.into_iter().map(|name| name.replace('_', " ")).collect(),
            is_added: declaring::text_of(shared, &path(preset))?.is_some(),
        })
    };
    Ok(presets::render(&PresetsPage {
        head: visit.plain_head(app, "Sets of KPIs", Place::Kpis),
        presets: preset::ALL.iter().map(line).collect::<Result<_, Problem>>()?,
        people: cases::people(app).await?,
        action: Link::to(PRESETS_PATH),
        sent,
    }))
}
