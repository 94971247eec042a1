//! Own figures beside what others reach, and why the others are not compared.

use maud::{Markup, html};

use crate::format;

/// What came of laying figures beside benchmarks.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Benchmarks {
    /// What the work is taken to be, in sentences.
    pub notes: Vec<String>,
    /// The sector, where it is known: its ranges come first.
    pub sector: Option<String>,
    /// Comparisons that may be made.
    pub compared: Vec<Compared>,
    /// Benchmarks that may not be compared.
    pub not_compared: Vec<NotCompared>,
}

/// A comparison.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Compared {
    /// Name of the benchmark.
    pub label: String,
    /// Whose records the figure is of; `None` for the whole centre.
    pub place: Option<String>,
    /// The own figure.
    pub own: String,
    /// Where it could as well lie, at 95 %.
    pub interval: Option<String>,
    /// Records behind it.
    pub n: u64,
    /// What others reach, and what kind of figure that is.
    pub theirs: String,
    /// Better, worse, within, above or below.
    pub standing: &'static str,
    /// Whether that is good, bad, or neither.
    pub good: Option<bool>,
    /// What is to be borne in mind, in sentences.
    pub said: Vec<String>,
    /// Where the benchmark was read.
    pub source: String,
    /// Whether it is of the centre's own sector.
    pub is_of_sector: bool,
}

/// A benchmark that is not compared.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NotCompared {
    /// Its name.
    pub label: String,
    /// What others reach, where that is public.
    pub theirs: Option<String>,
    /// Why, in a sentence.
    pub why: String,
    /// Further reasons, in sentences.
    pub more: Vec<String>,
    /// Whether it is of the centre's own sector.
    pub is_of_sector: bool,
}

pub(super) fn panel(benchmarks: &Benchmarks) -> Markup {
    let of_sector = |wanted: bool| -> Vec<&Compared> {
        benchmarks.compared.iter().filter(|one| one.is_of_sector == wanted).collect()
    };
    let closed: Vec<&NotCompared> = benchmarks
        .not_compared
        .iter()
        .filter(|one| benchmarks.sector.is_none() || !one.is_of_sector)
        .collect();
    html! {
        section.panel aria-labelledby="benchmarks" {
            h2 id="benchmarks" { "Beside benchmarks" }
            @for note in &benchmarks.notes { p { (note) } }
            @if let Some(sector) = &benchmarks.sector {
                h3 { "Ranges of the sector: " (sector) }
                @let ranges: Vec<&NotCompared> = benchmarks.not_compared.iter().filter(|one| one.is_of_sector).collect();
                @if of_sector(true).is_empty() && ranges.is_empty() {
                    p.quiet { "No benchmark of this sector is known." }
                }
                (table("Ranges of the sector", &of_sector(true)))
                (reasons(&ranges))
                @if !of_sector(false).is_empty() { h3 { "Across sectors" } }
            }
            @if benchmarks.compared.is_empty() {
                p.quiet { "No benchmark may be compared with these figures." }
            }
            (table("Beside benchmarks", &of_sector(false)))
            @if !closed.is_empty() {
                details {
                    summary { (format::count(closed.len())) " benchmarks are not compared, and why" }
                    (reasons(&closed))
                }
            }
        }
    }
}

fn table(title: &str, rows: &[&Compared]) -> Markup {
    if rows.is_empty() {
        return html! {};
    }
    let has_places = rows.iter().any(|row| row.place.is_some());
    html! {
        div.scroll tabindex="0" role="region" aria-label={ "Table: " (title) } {
            table.figures {
                thead { tr {
                    th scope="col" { "Benchmark" }
                    @if has_places { th scope="col" { "Records" } }
                    th.num scope="col" { "Own figure" } th.num scope="col" { "Interval, 95 %" } th.num scope="col" { "n" }
                    th scope="col" { "Others" } th scope="col" { "The own figure is" } th scope="col" { "To be borne in mind" }
                } }
                tbody {
                    @for row in rows {
                        tr {
                            th scope="row" { (row.label) }
                            @if has_places { td { (row.place.as_deref().unwrap_or("whole centre")) } }
                            td.num { (row.own) }
                            td.num { (row.interval.as_deref().unwrap_or(format::DASH)) }
                            td.num { (format::count(row.n)) }
                            td { (row.theirs) }
                            td { span.good[row.good == Some(true)].bad[row.good == Some(false)] { (row.standing) } }
                            td.why { @for said in &row.said { (said) " " } "Source: " (row.source) "." }
                        }
                    }
                }
            }
        }
    }
}

fn reasons(rows: &[&NotCompared]) -> Markup {
    html! {
        ul.rows {
            @for row in rows {
                li {
                    div {
                        b { (row.label) }
                        @if let Some(theirs) = &row.theirs { " (" (theirs) ")" }
                        " is not compared. " (row.why)
                        @if !row.more.is_empty() { div.why { (row.more.join(" ")) } }
                    }
                }
            }
        }
    }
}
