//! Cases: what follows from misses, and what is due.

pub mod forms;

use dialmark_govern::case::{Case, Clock, Written};
use maud::{Markup, html};

use self::forms::CaseForms;
use crate::form::outcome;
use crate::link::Link;
use crate::shell::{self, Head};

/// What the list of cases shows.
#[derive(Debug, Clone)]
pub struct CasesPage {
    /// Top of the page.
    pub head: Head,
    /// Whether the reader sees every case.
    pub is_whole: bool,
    /// Cases, what is due first in front.
    pub cases: Vec<CaseLine>,
    /// The page with closed ones as well, or without them.
    pub others: (String, Link),
}

/// One case.
#[derive(Debug, Clone)]
pub struct CaseLine {
    /// Its number.
    pub id: i64,
    /// Its page.
    pub href: Link,
    /// The case.
    pub case: Case,
    /// What is due next, when, and whether it is late.
    pub next: Option<(Clock, String, bool)>,
}

/// The page.
pub fn render(model: &CasesPage) -> Markup {
    let (others, href) = &model.others;
    shell::page(
        &model.head,
        &html! {
            section.panel aria-labelledby="cases" {
                h2 id="cases" { "Cases" }
                @if model.cases.is_empty() {
                    p.quiet {
                        @if model.is_whole { "No case is open: no KPI that was judged has missed its target." }
                        @else { "No case is open of a KPI all of whose records are yours to see." }
                    }
                } @else {
                    div.scroll {
                        table.figures {
                            thead { tr { th.num { "No" } th { "KPI" } th { "Place" } th { "Missed in" } th { "Owner" } th { "Next" } th { "Due" } } }
                            tbody { @for line in &model.cases { (row(line)) } }
                        }
                    }
                }
                p.note { a.link href=(href) { (others) } }
            }
        },
    )
}

fn row(line: &CaseLine) -> Markup {
    let opening = &line.case.opening;
    html! {
        tr {
            td.num { (line.id) }
            th scope="row" { a href=(line.href) { (opening.kpi) } }
            td { (opening.place) }
            td { (dialmark_govern::Stretch { from: opening.from, until: opening.until }) }
            td { (opening.owner) }
            @match &line.next {
                Some((clock, due, is_late)) => {
                    td { (clock.says) }
                    td { (due) @if *is_late { " " span.status.missed { "late" } } }
                }
                None => { td.quiet colspan="2" { @if line.case.closed.is_some() { "closed" } @else { "nothing is due" } } }
            }
        }
    }
}

/// What the page of one case shows.
#[derive(Debug, Clone)]
pub struct CasePage {
    /// Top of the page.
    pub head: Head,
    /// The case.
    pub case: Case,
    /// Value and target in words.
    pub missed: String,
    /// Its clocks: when due, when done, whether late.
    pub clocks: Vec<(Clock, String, Option<String>, bool)>,
    /// What happened: when, by whom, what.
    pub history: Vec<(String, String, String)>,
}

/// The page, for who may not write down what happens.
pub fn render_one(model: &CasePage) -> Markup {
    one(model, None)
}

/// The page with the forms that make sense as the case stands.
pub fn render_with(model: &CasePage, forms: &CaseForms) -> Markup {
    one(model, Some(forms))
}

fn one(model: &CasePage, forms: Option<&CaseForms>) -> Markup {
    let case = &model.case;
    let opening = &case.opening;
    shell::page(
        &model.head,
        &html! {
            @if let Some(forms) = forms { (outcome(&forms.sent)) }
            p.lead {
                (opening.kpi) " at " (opening.place) " missed its target in "
                (dialmark_govern::Stretch { from: opening.from, until: opening.until }) ": " (model.missed) ". "
                "It is below target for " (case.days_below()) " days; " (opening.owner) " answers for it."
            }
            section.two.even {
                section.panel aria-labelledby="clocks" {
                    h2 id="clocks" { "Clocks" }
                    table.figures {
                        thead { tr { th { "What" } th { "Who" } th { "Due" } th { "State" } } }
                        tbody {
                            @for (clock, due, done, is_late) in &model.clocks {
                                tr {
                                    th scope="row" { (clock.says) }
                                    td { (clock.owner) }
                                    td { (due) }
                                    td {
                                        @match done { Some(at) => { "done " (at) }, None => "open" }
                                        @if *is_late { " " span.status.missed { "late" } }
                                    }
                                }
                            }
                        }
                    }
                }
                section.panel aria-labelledby="causes" {
                    h2 id="causes" { "What weighs most" }
                    @if opening.causes.is_empty() {
                        p.quiet { "There is no dimension along which this figure can be taken apart." }
                    } @else {
                        ul { @for cause in &opening.causes { li { (cause) } } }
                    }
                }
            }
            @if let Some(forms) = forms { (forms::panel(model, forms)) }
            (so_far(case))
            section.panel aria-labelledby="history" {
                h2 id="history" { "What happened" }
                @if model.history.is_empty() {
                    p.quiet { "Nothing yet. " code { "dialmark cases update" } " writes it down." }
                } @else {
                    ul.rows { @for (at, by, says) in &model.history { li { (says) span { (by) ", " (at) } } } }
                }
            }
        },
    )
}

/// What stands so far: cause, plan, actions with their steps.
fn so_far(case: &Case) -> Markup {
    let written = |what: &str, text: &Option<Written>| {
        html! { @if let Some(text) = text { dt { (what) } dd { (text.says) " " span.quiet { "(" (text.by) ")" } } } }
    };
    html! {
        @if case.cause.is_some() || !case.actions.is_empty() {
            section.panel.gap aria-labelledby="so-far" {
                h2 id="so-far" { "What stands so far" }
                dl.advice {
                    (written("Root cause", &case.cause))
                    (written("Plan", &case.plan))
                    @for (at, action) in case.actions.iter().enumerate() {
                        dt { "Action " (at + 1) }
                        dd {
                            (action.says) " " span.quiet { "(" (action.owner) ", until " (action.due_on) ")" } " "
                            @match &action.done {
                                Some(done) => { span.status.met { span aria-hidden="true" { "● " } "done" } " " (done.says) }
                                None => span.status.unsure { "– open" },
                            }
                            ul {
                                @for (at, step) in case.milestones.iter().enumerate().filter(|(_, step)| step.action == at + 1) {
                                    li {
                                        "Step " (at + 1) ": " (step.says) " " span.quiet { "(until " (step.due_on) ")" } " "
                                        @if step.reached_at.is_some() { span.status.met { span aria-hidden="true" { "● " } "reached" } }
                                    }
                                }
                            }
                        }
                    }
                    (written("Reviewed", &case.escalated))
                    (written("Closed", &case.closed))
                }
            }
        }
    }
}
