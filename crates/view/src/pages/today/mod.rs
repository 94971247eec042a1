//! The first page of the day: what happened, why, what is needed; each line opens its records.

mod budget;
mod floor;
mod moved;
mod pace;
mod spark;

use dialmark_govern::Status;
use dialmark_govern::today::{Today, Was};
use dialmark_metrics::Cell;
use maud::{Markup, html};

use crate::link::Link;
use crate::pages::kpis;
use crate::pages::overview::{Choice, Lead, choices};
use crate::shell::{self, Head};
use crate::{format, judged, parts, today};

/// What the page shows.
#[derive(Debug, Clone)]
pub struct TodayPage {
    /// Top of the page.
    pub head: Head,
    /// The answer; `None` while there is no record.
    pub today: Option<Today>,
    /// Campaigns and teams to look at alone.
    pub places: Vec<Choice>,
    /// Names of agents, by how records know them.
    pub names: std::collections::BTreeMap<String, String>,
    /// The same for programs.
    pub json: Link,
}

/// The page.
pub fn render(model: &TodayPage) -> Markup {
    let Some(all) = &model.today else {
        return shell::page(&model.head, &html! { (nothing_yet()) });
    };
    shell::page(
        &model.head,
        &html! {
            (lead(all))
            (choices("Look at", &model.places))
            h2.hidden { "Yesterday against target" }
            @match &all.figures {
                Ok(figures) => section.grid aria-label="KPIs of yesterday" { @for was in figures { (card(was)) } },
                Err(why) => section.panel { h2 { "Yesterday" } p.quiet { (why) } },
            }
            section.two aria-label="Why, and what is needed" {
                div.stack { (moved::panel(all)) (floor::hours(all)) (floor::gaps(all)) }
                div.stack { (pace::panel(all)) (floor::lists(all)) (floor::callbacks(all)) (budget::budget(all)) (floor::exceptions(all, &model.names)) (floor::cases(all)) }
            }
            p.note { a.link href=(model.json) { "JSON" } " · days and hours of " (all.zone) " · " (today::freshness(all)) }
        },
    )
}

fn nothing_yet() -> Markup {
    html! {
        section.panel {
            h2 { "No figures yet" }
            p { "No call is on record that you may see. Run " code { "dialmark import" } " in the project's folder, then load this page again." }
        }
    }
}

fn lead(all: &Today) -> Markup {
    html! {
        p.lead {
            @for (at, says) in today::lead(all).iter().enumerate() {
                @if at > 0 { " " }
                @for piece in says {
                    @match piece {
                        Lead::Words(words) => (words),
                        Lead::Figure(figure, href) => a href=(href) { (figure) },
                    }
                }
            }
        }
    }
}

/// A KPI of yesterday: name, status, figure with its course and target, change, interval, n, owner.
fn card(was: &Was) -> Markup {
    let standing = &was.standing;
    let kpi = &standing.kpi;
    let before = was.like.as_ref().map(|like| Cell {
        value: Ok(like.value),
        currency: standing.cell.currency.clone(),
        ..Cell::empty()
    });
    html! {
        article.card.(kpis::class(&standing.status)) {
            header {
                h3 { a href=(today::metric_link(&kpi.metric, &was.records)) { (kpi.label) } }
                (kpis::status(&standing.status))
            }
            div.figure {
                (parts::large(&standing.cell, kpi.unit))
                (spark::course(was))
            }
            p.sub {
                span { "target " (judged::target(standing)) }
            }
            p.sub {
                @if let (Some(before), Some(like)) = (&before, &was.like) {
                    (parts::moved(&standing.cell, before, kpi.unit, kpi.direction))
                    span { "vs " (like.of) }
                } @else {
                    span { "nothing to compare with" }
                }
            }
            @if let Status::NotEnough(why) = &standing.status { p.note { (why) "." } }
            @if !was.is_of_day { p.note { "of the " (kpi.window) " to yesterday" } }
            p.says.ends {
                span title="where the value could as well lie, at 95 %" { (judged::interval(standing).unwrap_or_default()) }
                a href=(today::link(&was.records)) aria-label={ "Records behind " (kpi.label) } { "n " (format::count(standing.cell.n)) }
                span { (owner(&kpi.owner)) }
            }
        }
    }
}

/// The part of an address that names somebody.
fn owner(owner: &str) -> &str {
    owner.split_once('@').map_or(owner, |(name, _)| name)
}

#[cfg(test)]
mod tests;
