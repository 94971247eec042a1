//! Reports that are sent: to whom and when, what waits and why, what was taken.

use jiff::tz::TimeZone;
use jiff::{Timestamp, Zoned};
use maud::{Markup, html};

use super::kpis::problems;
use crate::form::{Choice, Field, Form, Sent, outcome};
use crate::link::Link;
use crate::shell::{self, Head};
use crate::when;

/// The form that sends a test; [`crate::form::ITEM`] is the report. It has [`OF`] and [`TO`].
pub const TEST: &str = "test";
/// Whose report.
pub const OF: &str = "of";
/// To whom the test goes.
pub const TO: &str = "to";

/// What the page shows.
#[derive(Debug, Clone)]
pub struct ReportsPage {
    /// Top of the page.
    pub head: Head,
    /// Zone of its times.
    pub zone: TimeZone,
    /// Mistakes in the declarations, while there are any.
    pub problems: Vec<String>,
    /// The mail server, or a sentence that there is none.
    pub mail: Result<String, String>,
    /// Reports, by name.
    pub reports: Vec<ReportBlock>,
    /// What became of what was due, the latest first.
    pub runs: Vec<RunLine>,
    /// What was or is handed over, the latest first.
    pub pieces: Vec<PieceLine>,
    /// The reader's address, if they signed in: tests go there and nowhere else.
    pub own: Option<String>,
    /// Where forms are sent.
    pub action: Link,
    /// What was sent last.
    pub sent: Sent,
}

/// One report.
#[derive(Debug, Clone)]
pub struct ReportBlock {
    /// Its name.
    pub name: String,
    /// Its name to show.
    pub label: String,
    /// What it tells.
    pub kind: &'static str,
    /// Whose records.
    pub place: String,
    /// Who gets it.
    pub to: Vec<Recipient>,
}

/// Who gets a report.
#[derive(Debug, Clone)]
pub struct Recipient {
    /// Their address.
    pub address: String,
    /// By whose clock.
    pub zone: String,
    /// When the next is due, on that clock.
    pub next: Option<Zoned>,
    /// What they would get.
    pub preview: Link,
}

/// What became of a report.
#[derive(Debug, Clone)]
pub struct RunLine {
    /// Which.
    pub id: String,
    /// When it was due.
    pub due_at: Timestamp,
    /// What became of it: `held`, `sent`, `missed`, `skipped`.
    pub came_to: &'static str,
    /// Why; empty where nothing is to be said.
    pub says: String,
}

/// What was or is handed over.
#[derive(Debug, Clone)]
pub struct PieceLine {
    /// What it is.
    pub subject: String,
    /// To whom.
    pub to: String,
    /// `waiting`, `sent` or `refused`.
    pub leaving: &'static str,
    /// When it was written.
    pub written_at: Timestamp,
    /// When it was taken or refused.
    pub ended_at: Option<Timestamp>,
    /// When it is tried again.
    pub next_try_at: Option<Timestamp>,
    /// How often it was tried.
    pub tries: u32,
    /// What the other side said last.
    pub said: String,
}

/// The page.
pub fn render(model: &ReportsPage) -> Markup {
    let refused = model.pieces.iter().filter(|piece| piece.leaving == "refused").count();
    let held = model.runs.iter().filter(|run| run.came_to == "held").count();
    shell::page(
        &model.head,
        &html! {
            (outcome(&model.sent))
            (problems(&model.problems))
            p.lead {
                @match &model.mail {
                    Ok(server) => { "Letters are handed to " b { (server) } ". " }
                    Err(why) => { b { (why) } " " }
                }
                @if held > 0 { b { (held) " waiting for records or for something to be mended. " } }
                @if refused > 0 { b { (refused) " of the last letters and posts were refused and did not arrive." } }
            }
            @if model.reports.is_empty() {
                p { "No report is declared. " code { "reports/*.toml" } " in the project's folder says what is sent to whom, and when." }
            }
            @for report in &model.reports { (block(model, report)) }
            (runs(model))
            (pieces(model))
        },
    )
}

fn block(model: &ReportsPage, report: &ReportBlock) -> Markup {
    let form = Form::about(TEST, &report.name, &model.action, &model.sent);
    let of: Vec<Choice> =
        report.to.iter().map(|to| Choice::new(to.address.as_str(), to.address.as_str())).collect();
    let first = report.to.first().map(|to| to.address.as_str()).unwrap_or_default();
    html! {
        section.panel {
            h2 { (report.label) }
            p.note { "A " (report.kind) " about " (report.place) "." }
            div.scroll {
                table.figures {
                    thead { tr { th { "To" } th { "Next" } th { "Clock" } th { "What they would get now" } } }
                    tbody {
                        @for to in &report.to {
                            tr {
                                th scope="row" { (to.address) }
                                td {
                                    @match &to.next {
                                        Some(next) => (next.strftime("%a %-d %b %Y, %H:%M").to_string()),
                                        None => "never",
                                    }
                                }
                                td { (to.zone) }
                                td { a href=(to.preview) { "Preview" } }
                            }
                        }
                    }
                }
            }
            (form.folded("Send a test", form.is_refused(), &html! {
                (form.select(&Field::new(OF, "What this recipient would get").value(first), &of))
                @match &model.own {
                    Some(own) => { (form.hidden(TO, own)) p { "It goes to " (own) "." } }
                    None => (form.text(&Field::new(TO, "Send it to").help("Your address."))),
                }
                (form.submit("Send a test"))
            }))
        }
    }
}

fn runs(model: &ReportsPage) -> Markup {
    html! {
        section.panel {
            h2 { "What became of what was due" }
            @if model.runs.is_empty() { p { "Nothing was due yet." } } @else {
                div.scroll {
                    table.figures {
                        thead { tr { th { "Report" } th { "Due" } th { "Came to" } th { "Why" } } }
                        tbody {
                            @for run in &model.runs {
                                tr {
                                    th scope="row" { (run.id) }
                                    td { (when::instant(run.due_at, &model.zone)) }
                                    td { (run.came_to) }
                                    td { (run.says) }
                                }
                            }
                        }
                    }
                }
            }
        }
    }
}

fn pieces(model: &ReportsPage) -> Markup {
    let instant = |at: Option<Timestamp>| at.map(|at| when::instant(at, &model.zone)).unwrap_or_default();
    html! {
        section.panel {
            h2 { "Letters and posts" }
            @if model.pieces.is_empty() { p { "Nothing was written yet." } } @else {
                div.scroll {
                    table.figures {
                        thead {
                            tr {
                                th { "What" } th { "To" } th { "Stands" } th { "Written" } th { "Ended" } th { "Next try" }
                                th.num { "Tries" } th { "The other side said" }
                            }
                        }
                        tbody {
                            @for piece in &model.pieces {
                                tr {
                                    th scope="row" { (piece.subject) }
                                    td { (piece.to) }
                                    td { (piece.leaving) }
                                    td { (when::instant(piece.written_at, &model.zone)) }
                                    td { (instant(piece.ended_at)) }
                                    td { (instant(piece.next_try_at)) }
                                    td.num { (piece.tries) }
                                    td { (piece.said) }
                                }
                            }
                        }
                    }
                }
            }
        }
    }
}
