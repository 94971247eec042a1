//! Reports that are sent: to whom and when, what became of them, and what they look like.

use axum::extract::{Path, Request};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::Response;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use dialmark_govern::report::Report;
use dialmark_state::Pieces;
use dialmark_view::form::Sent;
use dialmark_view::link::Link;
use dialmark_view::pages::reports::{self as page, PieceLine, Recipient, ReportBlock, ReportsPage, RunLine};
use dialmark_view::report::Rendered;
use dialmark_view::shell::Place;
use jiff::Timestamp;
use maud::Markup;

use crate::app::{App, Seen};
use crate::problem::Problem;
use crate::sending::{preview, send_test, zone_of};
use crate::visit::Visit;
use crate::{answer, sent};

const PATH: &str = "/reports";
/// Lines of what was sent.
const LINES: u32 = 100;
/// What a preview may do: show its own pictures, and nothing else.
const POLICY: &str =
    "default-src 'none'; img-src data:; style-src 'unsafe-inline'; sandbox; frame-ancestors 'none'";

/// `GET /reports`
pub async fn handle(Seen(app): Seen, visit: Visit) -> Response {
    let outcome = shown(&app, &visit, Sent::NOTHING).await;
    answer::page_or_problem(&app, &visit, outcome)
}

/// `POST /reports`: sends a test.
pub async fn send(Seen(app): Seen, visit: Visit, request: Request) -> Response {
    let mut sent = match sent::read(request).await {
        Ok(sent) => sent,
        Err(problem) => return problem.page(&app, &visit),
    };
    let done = tested(&app, &sent).await;
    match done {
        Ok(says) => {
            let outcome = shown(&app, &visit, Sent::done(&says)).await;
            answer::page_or_problem(&app, &visit, outcome)
        }
        Err(says) => {
            sent.refuse("", says);
            let outcome = shown(&app, &visit, sent).await;
            answer::page_again(&app, &visit, outcome)
        }
    }
}

/// Writes a test down; the loop that hands everything over does so within seconds.
async fn tested(app: &App, sent: &Sent) -> Result<String, String> {
    let report = app.promises.governed.reports.get(sent.item()).ok_or("There is no report of this name.")?;
    let of = sent.text(page::OF);
    let of = report.to.iter().find(|one| *one == of).ok_or("Say whose report is to be tried.")?;
    let to = sent.text(page::TO);
    if app.visitor.session.is_some() && !to.eq_ignore_ascii_case(&app.visitor.name) {
        return Err(format!("A test goes to yourself, {}.", app.visitor.name));
    }
    let _turn = app.turn().await.map_err(|problem| problem.sentence)?;
    send_test(&app.sender(), report, (of, to), Timestamp::now()).await?;
    Ok(format!("A test of {} is on its way to {to}.", report.label))
}

/// `GET /reports/{name}/preview?of=ADDRESS`: the letter as the recipient would get it.
pub async fn handle_preview(Seen(app): Seen, visit: Visit, Path(name): Path<String>) -> Response {
    match drawn(&app, &visit, &name).await {
        Ok(rendered) => {
            let mut response = answer::body(StatusCode::OK, "text/html; charset=utf-8", in_one(&rendered));
            let policy = HeaderValue::from_static(POLICY);
            response.headers_mut().insert(header::CONTENT_SECURITY_POLICY, policy);
            response
        }
        Err(problem) => problem.page(&app, &visit),
    }
}

async fn drawn(app: &App, visit: &Visit, name: &str) -> Result<Rendered, Problem> {
    let (_, own) = visit.asked(&[page::OF])?;
    let report = app.promises.governed.reports.get(name);
    let report = report.ok_or_else(|| Problem::missing(format!("There is no report `{name}`.")))?;
    let of =
        own.iter().find(|(name, _)| name == page::OF).map(|(_, value)| value.as_str()).unwrap_or_default();
    let of = report.to.iter().find(|one| *one == of);
    let of = of.ok_or_else(|| Problem::missing("Nobody of this address gets the report."))?;
    let _turn = app.turn().await?;
    let drawn = preview(&app.sender(), report, of, Timestamp::now(), false).await;
    Ok(drawn.map_err(Problem::bad)?.rendered)
}

/// The HTML of a letter with its pictures inside, as a browser shows it.
fn in_one(rendered: &Rendered) -> String {
    rendered.pictures.iter().fold(rendered.html.clone(), |html, (name, png)| {
        html.replace(&format!("cid:{name}"), &format!("data:image/png;base64,{}", STANDARD.encode(png)))
    })
}

async fn shown(app: &App, visit: &Visit, sent: Sent) -> Result<Markup, Problem> {
    visit.asked(&[])?;
    let now = Timestamp::now();
    let governed = &app.promises.governed;
    let reports = governed.reports.values().map(|report| block(app, report, now)).collect();
    let runs = app.state.report_runs(LINES).await?.into_iter().map(|run| RunLine {
        id: run.id,
        due_at: run.due_at,
        came_to: run.came_to.word(),
        says: run.says,
    });
    let pieces = app.state.pieces(&Pieces::default(), LINES).await?.into_iter().map(|piece| PieceLine {
        subject: piece.subject,
        to: piece.to,
        leaving: match piece.leaving {
            dialmark_state::Leaving::Waiting => "waiting",
            dialmark_state::Leaving::Sent => "sent",
            dialmark_state::Leaving::Refused => "refused",
        },
        written_at: piece.written_at,
        ended_at: piece.ended_at,
        next_try_at: piece.next_try_at,
        tries: piece.tries,
        said: piece.said.unwrap_or_default(),
    });
    let own = app.visitor.session.is_some().then(|| app.visitor.name.clone());
    Ok(page::render(&ReportsPage {
        head: visit.plain_head(app, "Reports", Place::Data),
        zone: app.centre.time_zone().clone(),
        problems: app.promises.problems.clone(),
        mail: app.ways.declared_mail().map(|mail| format!("{}:{}", mail.host, mail.port)),
        reports,
        runs: runs.collect(),
        pieces: pieces.collect(),
        own,
        action: Link::to(PATH),
        sent,
    }))
}

fn block(app: &App, report: &Report, now: Timestamp) -> ReportBlock {
    let sender = app.sender();
    let to = report.to.iter().map(|to| {
        let zone = zone_of(&sender, report, to);
        Recipient {
            address: to.clone(),
            zone: zone.iana_name().unwrap_or("UTC").to_owned(),
            next: report.schedule.next(&report.hold, now, &zone).map(|due| due.at.to_zoned(zone.clone())),
            preview: Link::to(&format!("{PATH}/{}/preview", report.name)).with(page::OF, to),
        }
    });
    ReportBlock {
        name: report.name.clone(),
        label: report.label.clone(),
        kind: report.kind.word().label(),
        place: report.kind.place().to_string(),
        to: to.collect(),
    }
}
