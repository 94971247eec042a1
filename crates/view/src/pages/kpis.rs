//! KPIs at a glance: each with its status in sign and word, figure, target, interval, change and owner.

use dialmark_govern::{Standing, Status};
use maud::{Markup, html};

use crate::link::Link;
use crate::shell::{self, Head};
use crate::{format, judged, parts};

/// What the page of KPIs shows.
#[derive(Debug, Clone)]
pub struct KpisPage {
    /// Top of the page.
    pub head: Head,
    /// How many are met, close, missed, and without enough evidence, in words.
    pub lead: String,
    /// Whether what guards them, and what is still to ripen, has been looked at yet.
    pub are_guarded: bool,
    /// The KPIs.
    pub cards: Vec<KpiCard>,
    /// Scorecards: name and page.
    pub scorecards: Vec<(String, Link)>,
    /// Mistakes in the declarations, which must be mended first.
    pub problems: Vec<String>,
}

/// One KPI.
#[derive(Debug, Clone)]
pub struct KpiCard {
    /// How it stands.
    pub standing: Standing,
    /// The metric's page, for the same records and time.
    pub href: Link,
    /// Where it is changed, if the reader may.
    pub edit: Option<Link>,
}

/// The page.
pub fn render(model: &KpisPage) -> Markup {
    shell::page(
        &model.head,
        &html! {
            @if !model.lead.is_empty() { p.lead { (model.lead) } }
            @if !model.are_guarded {
                p.note { "What guards them, and what is still to ripen, is being looked at; it stands here when you come again." }
            }
            @if !model.scorecards.is_empty() {
                nav.tabs aria-label="Scorecards" {
                    span { "Scorecards" }
                    @for (label, href) in &model.scorecards { a href=(href) { (label) } }
                }
            }
            (problems(&model.problems))
            @if model.cards.is_empty() && model.problems.is_empty() { (none_yet()) }
            h2.hidden { "How they stand" }
            section.grid aria-label="KPIs" { @for one in &model.cards { (card(one, None)) } }
        },
    )
}

/// What is wrong with declarations, one line each.
pub fn problems(problems: &[String]) -> Markup {
    html! {
        @if !problems.is_empty() {
            section.panel aria-labelledby="problems" {
                h2 id="problems" { "To be mended first" }
                ul { @for problem in problems { li { code { (problem) } } } }
            }
        }
    }
}

fn none_yet() -> Markup {
    html! {
        section.panel {
            h2 { "No KPIs yet" }
            p {
                "A metric counts; a KPI judges: it has a target, a time window and one owner. "
                code { "dialmark kpis add ROLE" }
                " writes a set to start from into the project's folder " code { "kpis/" } "."
            }
        }
    }
}

/// The class of a status, for its colour; the word says the same.
pub const fn class(status: &Status) -> &'static str {
    match status {
        Status::Met => "met",
        Status::Close => "close",
        Status::Missed => "missed",
        Status::NotEnough(_) => "unsure",
    }
}

/// A status in sign and word.
pub fn status(status: &Status) -> Markup {
    html! {
        span.status.(class(status)) { span aria-hidden="true" { (judged::sign(status)) } " " (status.label()) }
    }
}

/// A KPI at a glance; `records` are those behind its figure.
pub fn card(card: &KpiCard, records: Option<&Link>) -> Markup {
    let standing = &card.standing;
    let kpi = &standing.kpi;
    html! {
        article.card.(class(&standing.status)) {
            header {
                h3 { a href=(card.href) { (kpi.label) } }
                (status(&standing.status))
            }
            div.figure { (parts::large(&standing.cell, kpi.unit)) }
            p.sub {
                span { "target " (judged::target(standing)) }
                span { (judged::trend(standing.trend)) }
            }
            @if let Status::NotEnough(why) = &standing.status { p.note { (why) "." } }
            @for note in &standing.said() { p.note { (note) } }
            p.says.ends {
                span title="where the value could as well lie, at 95 %" {
                    (judged::interval(standing).unwrap_or_default())
                }
                @match records {
                    Some(href) => a href=(href) aria-label={ "Records behind " (kpi.label) } { "n " (format::count(standing.cell.n)) },
                    None => span { "n " (format::count(standing.cell.n)) },
                }
            }
            p.note { (kpi.owner) }
            p.note {
                (judged::window(standing))
                @if !standing.place.is_centre() { " · " (standing.place) }
                @if let Some(edit) = &card.edit { " · " a.link href=(edit) aria-label={ "Change " (kpi.label) } { "change" } }
            }
        }
    }
}
