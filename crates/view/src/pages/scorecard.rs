//! A scorecard: the score of each place, and under it the KPIs that make it up.

use dialmark_govern::{CardRow, Standing, Status};
use maud::{Markup, html};

use super::kpis::{class, problems, status};
use super::overview::{Choice, choices};
use crate::link::Link;
use crate::shell::{self, Head};
use crate::{format, judged, parts};

/// Levels that are set in from one another; deeper ones stand under the last.
const MOST_DEEP: usize = 4;

/// What the page of a scorecard shows.
#[derive(Debug, Clone)]
pub struct ScorecardPage {
    /// Top of the page.
    pub head: Head,
    /// How far it is handed down.
    pub depths: Vec<Choice>,
    /// The place itself first.
    pub rows: Vec<ScoreRow>,
    /// Mistakes in the declarations, which must be mended first.
    pub problems: Vec<String>,
}

/// One place.
#[derive(Debug, Clone)]
pub struct ScoreRow {
    /// How it stands.
    pub row: CardRow,
    /// Its KPIs' pages, in their order.
    pub links: Vec<Link>,
}

/// The page.
pub fn render(model: &ScorecardPage) -> Markup {
    shell::page(
        &model.head,
        &html! {
            (choices("Down to", &model.depths))
            (problems(&model.problems))
            @if let Some(first) = model.rows.first() { (whole(first)) }
            @if model.rows.len() > 1 { (places(&model.rows)) }
            section.panel {
                h2 { "How the score is made" }
                p.prose {
                    "A KPI scores 100 when its target is met, and loses points in a straight line by how far it is missed: "
                    "20 for each tolerance, unless its target says where nothing is left. The score is the mean of these, by "
                    "weight; KPIs without a figure are left out of it. Each place is computed from its own records, not from "
                    "the scores of the places inside of it."
                }
            }
        },
    )
}

fn whole(row: &ScoreRow) -> Markup {
    let total = row.row.total.as_ref();
    html! {
        section.panel aria-labelledby="score" {
            h2 id="score" { "Score of " (row.row.place) }
            div.figure.big {
                b { (judged::score(total.and_then(|t| t.score))) } " " span.unit { "of 100" }
            }
            @if let Some(total) = total {
                p.note { (format::fixed(total.judged, 0)) " % of the weight could be judged." }
            }
            div.scroll {
                table.figures {
                    thead {
                        tr {
                            th { "KPI" } th.num { "Weight" } th.num { "Value" } th { "Interval, 95 %" } th { "Target" }
                            th { "Status" } th.num { "Score" } th { "Against before" } th { "Window" } th { "Owner" }
                        }
                    }
                    tbody {
                        @for (at, (weight, one)) in row.row.kpis.iter().enumerate() {
                            (line(&format::fixed(*weight, 0), one, row.links.get(at)))
                        }
                        @for (at, one) in row.row.supporting.iter().enumerate() {
                            (line("beside", one, row.links.get(row.row.kpis.len() + at)))
                        }
                    }
                }
            }
        }
    }
}

fn line(weight: &str, one: &Standing, href: Option<&Link>) -> Markup {
    html! {
        tr {
            th scope="row" { @if let Some(href) = href { a href=(href) { (one.kpi.label) } } @else { (one.kpi.label) } }
            td.num { (weight) }
            td.num { (parts::value(&one.cell, one.kpi.unit)) }
            td { (judged::interval(one).unwrap_or_default()) }
            td { (judged::target(one)) }
            td {
                (status(&one.status))
                @if let Status::NotEnough(why) = &one.status { div.why { (why) } }
            }
            td.num { (judged::score(one.score)) }
            td { (judged::trend(one.trend)) }
            td { (judged::window(one)) }
            td { (one.kpi.owner) }
        }
    }
}

/// All places, one line each: the score, and each KPI's value with the sign of its status.
fn places(rows: &[ScoreRow]) -> Markup {
    let heads: Vec<&str> = rows
        .first()
        .map_or(Vec::new(), |row| row.row.kpis.iter().map(|(_, one)| one.kpi.label.as_str()).collect());
    html! {
        section.panel aria-labelledby="places" {
            h2 id="places" { "Places" }
            div.scroll {
                table.figures {
                    thead { tr { th { "Place" } th.num { "Score" } @for head in &heads { th.num { (head) } } } }
                    tbody {
                        @for row in rows {
                            tr {
                                th.(format!("deep-{}", row.row.depth.min(MOST_DEEP))) scope="row" { (place(&row.row)) }
                                td.num { (judged::score(row.row.total.as_ref().and_then(|t| t.score))) }
                                @for (at, head) in heads.iter().enumerate() {
                                    td.num { (cell(row, at, head)) }
                                }
                            }
                        }
                    }
                }
            }
        }
    }
}

/// The value of the finest level; the coarser ones stand in the lines above.
fn place(row: &CardRow) -> String {
    match row.depth {
        0 => row.place.to_string(),
        _ => row.place.to_string().rsplit(", ").next().unwrap_or_default().to_owned(),
    }
}

fn cell(row: &ScoreRow, at: usize, label: &str) -> Markup {
    let found = row.row.kpis.iter().position(|(_, one)| one.kpi.label == label);
    html! {
        @if let Some((_, one)) = found.and_then(|at| row.row.kpis.get(at)) {
            span.status.(class(&one.status)) title=(judged::status(one)) {
                span aria-hidden="true" { (judged::sign(&one.status)) }
                span.hidden { (one.status.label()) }
            }
            " "
            @if let Some(href) = found.and_then(|at| row.links.get(at)) {
                a href=(href) { (judged::value(one)) }
            } @else { (judged::value(one)) }
        } @else {
            span.quiet title={ "no figure of KPI " (at + 1) } { (format::DASH) }
        }
    }
}
