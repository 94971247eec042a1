//! The page of alerts, and the same as JSON: of places all of whose records the visitor sees.

use std::collections::BTreeMap;
use std::sync::PoisonError;

use axum::http::StatusCode;
use axum::response::Response;
use dialmark_govern::alert::{Happened, Phase, Standing};
use dialmark_manage::{Sight, alerts as manage};
use dialmark_state::{Leaving, Piece, Pieces, Stoods};
use dialmark_view::alert::{self as words, Looked};
use dialmark_view::pages::alerts::{self, AlertLine, AlertsPage, HistoryLine, SentLine, StandLine};
use dialmark_view::shell::Place;
use dialmark_view::when;
use jiff::Timestamp;
use maud::Markup;

use crate::answer;
use crate::app::{App, Seen};
use crate::problem::Problem;
use crate::visit::Visit;

/// Lines of the history and of what was sent.
const LINES: u32 = 100;
/// How identifiers of messages begin.
const PIECES: &str = "alert/";

/// `GET /alerts`
pub async fn handle(Seen(app): Seen, visit: Visit) -> Response {
    let outcome = page(&app, &visit).await;
    answer::page_or_problem(&app, &visit, outcome)
}

/// `GET /api/v1/alerts`
pub async fn handle_json(Seen(app): Seen, visit: Visit) -> Response {
    match json(&app, &visit).await {
        Ok(text) => answer::body(StatusCode::OK, "application/json", text),
        Err(problem) => problem.page(&app, &visit),
    }
}

async fn json(app: &App, visit: &Visit) -> Result<String, Problem> {
    visit.asked(&[])?;
    let stood = app.state.alerts().await?;
    let stands = visible(app, &stood).await?;
    let is_whole = app.visitor.access.is_whole();
    let all = app.promises.governed.alerts.values().filter_map(|alert| {
        let of_alert = stands.iter().filter(|(name, _)| *name == alert.name);
        let stands: Vec<&Standing> = of_alert.map(|(_, standing)| *standing).collect();
        // What others watch is told to those who see the whole.
        let is_shown = is_whole || !stands.is_empty();
        is_shown.then(|| Looked { alert, is_open: manage::is_open(&app.desk(), alert), stands })
    });
    let all: Vec<Looked<'_>> = all.collect();
    Ok(words::looked(&all).to_string() + "\n")
}

async fn page(app: &App, visit: &Visit) -> Result<Markup, Problem> {
    visit.asked(&[])?;
    let zone = app.centre.time_zone();
    let at = |at: Timestamp| when::instant(at, zone);
    let stood = app.state.alerts().await?;
    let stands = visible(app, &stood).await?;
    let is_whole = app.visitor.access.is_whole();
    let mut head = visit.plain_head(app, "Alerts", Place::Cases);
    head.zone = Some(app.centre.zone().to_owned());
    let failing = app.failing_alerts.lock().unwrap_or_else(PoisonError::into_inner).clone();
    let failing = if is_whole { failing.into_iter().collect() } else { Vec::new() };
    let sent = match is_whole {
        true => {
            let wanted = Pieces { prefix: PIECES, leaving: None };
            let pieces = app.state.pieces(&wanted, LINES).await?;
            Some(pieces.iter().map(|piece| sent_line(piece, &at)).collect())
        }
        false => None,
    };
    Ok(alerts::render(&AlertsPage {
        head,
        failing,
        stands: stands.iter().map(|(name, standing)| stand_line(app, name, standing, &at)).collect(),
        alerts: is_whole.then(|| declared(app)),
        history: history(app, &at).await?,
        sent,
    }))
}

/// What stands or is on its way, of places that the visitor sees all of; what was told first in front.
async fn visible<'s>(
    app: &App,
    stood: &'s BTreeMap<String, Stoods>,
) -> Result<Vec<(&'s str, &'s Standing)>, Problem> {
    let mut found = Vec::new();
    for (name, standings) in stood {
        for standing in standings.iter().filter(|standing| standing.phase != Phase::Quiet) {
            if app.sight(&standing.subject.place).await? == Sight::All {
                found.push((name.as_str(), standing));
            }
        }
    }
    found.sort_by_key(|(_, standing)| (!standing.phase.is_raised(), standing.phase.since()));
    Ok(found)
}

fn label(app: &App, name: &str) -> String {
    let alert = app.promises.governed.alerts.get(name);
    alert.map_or_else(|| name.to_owned(), |alert| alert.label.clone())
}

fn stand_line(app: &App, name: &str, standing: &Standing, at: &impl Fn(Timestamp) -> String) -> StandLine {
    let found = &standing.found;
    StandLine {
        alert: label(app, name),
        thing: (standing.subject.label.clone(), words::page(&found.opens)),
        is_raised: standing.phase.is_raised(),
        since: standing.phase.since().map(at).unwrap_or_default(),
        value: (found.shown.clone(), found.limit.clone()),
        n: found.n,
        at: at(found.at),
        told_at: standing.known.told_at.filter(|_| standing.known.is_raised).map(at),
    }
}

fn declared(app: &App) -> Vec<AlertLine> {
    let desk = app.desk();
    let line = |alert: &dialmark_govern::Alert| AlertLine {
        label: alert.label.clone(),
        plan: words::plan(alert),
        to: alert.to.join(", "),
        is_open: manage::is_open(&desk, alert),
        declared: format!("{}:{}", alert.declared_in, alert.line),
    };
    app.promises.governed.alerts.values().map(line).collect()
}

async fn history(app: &App, at: &impl Fn(Timestamp) -> String) -> Result<Vec<HistoryLine>, Problem> {
    let mut lines = Vec::new();
    for (name, happened) in app.state.alert_history(None, LINES).await? {
        if app.sight(&happened.subject.place).await? == Sight::All {
            lines.push(history_line(app, &name, happened, at));
        }
    }
    Ok(lines)
}

fn history_line(app: &App, name: &str, happened: Happened, at: &impl Fn(Timestamp) -> String) -> HistoryLine {
    HistoryLine {
        at: at(happened.at),
        alert: label(app, name),
        event: happened.event.word(),
        thing: happened.subject.label,
        shown: happened.found.shown,
        since: at(happened.since),
    }
}

fn sent_line(piece: &Piece, at: &impl Fn(Timestamp) -> String) -> SentLine {
    let said = piece.said.as_deref().unwrap_or_default();
    let tries = if piece.tries > 1 { format!(" after {} tries", piece.tries) } else { String::new() };
    SentLine {
        at: at(piece.written_at),
        to: piece.to.clone(),
        subject: piece.subject.clone(),
        stands: match piece.leaving {
            Leaving::Sent => format!("taken{tries}"),
            Leaving::Waiting => format!("waits{tries} {said}"),
            Leaving::Refused => format!("refused{tries}: {said}"),
        },
        is_refused: piece.leaving == Leaving::Refused,
    }
}
