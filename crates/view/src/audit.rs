//! The report of an audit: where a centre stands, from its exports alone, as one file that needs nothing else.

mod benchmarks;
mod opportunities;
mod targets;

use dialmark_govern::Standing;
use dialmark_metrics::Cell;
use dialmark_metrics::metric::{Direction, Unit};
use maud::{Markup, html};

use crate::pages::data::{self, QuarantineGroup};
use crate::shell::{self, Head};
use crate::{chart, format, parts};

pub use benchmarks::{Benchmarks, Compared, NotCompared};
pub use opportunities::{Opportunities, Opportunity};

/// Bars of one picture, at most; the table beside it has all.
const MOST_BARS: usize = 24;

/// What an audit found.
#[derive(Debug, Clone)]
pub struct AuditPage {
    /// Top of the report.
    pub head: Head,
    /// The report in a sentence or two.
    pub lead: String,
    /// What could be computed.
    pub figures: Vec<AuditFigure>,
    /// KPIs beside their targets.
    pub targets: Vec<Standing>,
    /// Figures beside what others reach.
    pub benchmarks: Benchmarks,
    /// What there is to gain.
    pub opportunities: Opportunities,
    /// The main ratio over time, when there is one.
    pub course: Option<Course>,
    /// What stands out, the largest first.
    pub findings: Vec<Finding>,
    /// How findings were chosen, in sentences.
    pub method: String,
    /// The main ratio by dimension.
    pub breakdowns: Vec<Breakdown>,
    /// What is missing, and what it stands in the way of.
    pub out_of_reach: Vec<OutOfReach>,
    /// The files; none when a store was looked at.
    pub files: Vec<FileLine>,
    /// Records set aside, by reason, the most frequent first.
    pub quarantine: Vec<QuarantineGroup>,
    /// What was amended or found odd, and how often.
    pub flags: Vec<(String, u64)>,
    /// Codes that no disposition map knows, and the calls that carry each.
    pub unmapped: Vec<(String, u64)>,
    /// How each file was read: its name and the mapping.
    pub mappings: Vec<(String, String)>,
}

/// One figure.
#[derive(Debug, Clone, PartialEq)]
pub struct AuditFigure {
    /// Name.
    pub label: String,
    /// The figure.
    pub cell: Cell,
    /// How it is read.
    pub unit: Unit,
    /// What it is, in a sentence.
    pub says: String,
}

/// A ratio over time.
#[derive(Debug, Clone, PartialEq)]
pub struct Course {
    /// What it shows.
    pub title: String,
    /// How it is read.
    pub unit: Unit,
    /// Name and figure of each stretch of time, in order.
    pub points: Vec<(String, Cell)>,
}

/// Something that stands out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// Where: dimension and value.
    pub place: String,
    /// What, with both shares and their parts, in a sentence.
    pub sentence: String,
    /// Whether that is good, bad, or neither.
    pub good: Option<bool>,
}

/// A ratio by the values of a dimension.
#[derive(Debug, Clone, PartialEq)]
pub struct Breakdown {
    /// What it shows.
    pub title: String,
    /// How it is read.
    pub unit: Unit,
    /// Which way is better.
    pub direction: Direction,
    /// Value of the dimension and figure, most records first.
    pub rows: Vec<(String, Cell)>,
}

/// Something that is missing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OutOfReach {
    /// What is missing, in words.
    pub missing: String,
    /// Names of the metrics that it stands in the way of.
    pub metrics: Vec<String>,
}

/// One file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileLine {
    /// Its name.
    pub file: String,
    /// Table that its records went to; `None` when it could not be loaded.
    pub table: Option<String>,
    /// What became of its records, or why it was not loaded.
    pub sentence: String,
    /// Columns that nothing reads.
    pub unused: Vec<String>,
    /// What was assumed about it, in sentences.
    pub notes: Vec<String>,
}

/// The report.
pub fn render(page: &AuditPage) -> Markup {
    shell::standalone(
        &page.head,
        &html! {
            p.lead { (page.lead) }
            // What there is to gain is read first, if there is anything.
            @let has_gains = !page.opportunities.rows.is_empty();
            @if has_gains { (opportunities::panel(&page.opportunities)) }
            (figures(&page.figures))
            @if !has_gains { (opportunities::panel(&page.opportunities)) }
            @if !page.targets.is_empty() { (targets::panel(&page.targets)) }
            (benchmarks::panel(&page.benchmarks))
            @if let Some(course) = &page.course { (over_time(course)) }
            (findings(page))
            @for breakdown in &page.breakdowns { (broken_down(breakdown)) }
            @if page.files.is_empty() { (out_of_reach(&page.out_of_reach)) } @else {
                section.two.even { (out_of_reach(&page.out_of_reach)) (files(&page.files)) }
            }
            section.two.even {
                (data::quarantine(&page.quarantine))
                div.stack {
                    (data::flags(&page.flags))
                    (data::unmapped(&page.unmapped.iter().map(|(code, n)| (code.clone(), *n, None)).collect::<Vec<_>>()))
                }
            }
            (mappings(&page.mappings))
        },
    )
}

fn figures(figures: &[AuditFigure]) -> Markup {
    html! {
        h2.hidden id="figures" { "Figures" }
        section.grid aria-labelledby="figures" {
            @for figure in figures {
                article.card {
                    header { h3 { (figure.label) } }
                    div.figure { (parts::large(&figure.cell, figure.unit)) }
                    p.sub { span { "n = " (format::count(figure.cell.n)) } }
                    @if let Some(missing) = parts::missing(&figure.cell) { p.note { (missing) } }
                    p.says { (figure.says) }
                }
            }
        }
    }
}

fn over_time(course: &Course) -> Markup {
    let labels: Vec<String> = course.points.iter().map(|(label, _)| label.clone()).collect();
    let values: Vec<Option<f64>> = course.points.iter().map(|(_, cell)| drawn(cell)).collect();
    html! {
        section.panel aria-label=(course.title) {
            h2 { (course.title) }
            (chart::line(&labels, &values, course.unit, false, &course.title))
            details {
                summary { "The same figures as a table" }
                (table(&course.title, "When", &course.points, course.unit))
            }
        }
    }
}

fn findings(page: &AuditPage) -> Markup {
    html! {
        section.panel aria-labelledby="findings" {
            h2 id="findings" { "What stands out" }
            @if page.findings.is_empty() {
                p.quiet { "No difference between groups is larger than chance would make it." }
            } @else {
                ul.rows {
                    @for finding in &page.findings {
                        li {
                            div {
                                b { (finding.place) } " "
                                @match finding.good {
                                    Some(true) => { span.good { "better than the rest" } }
                                    Some(false) => { span.bad { "worse than the rest" } }
                                    None => { span.quiet { "unlike the rest" } }
                                }
                                br;
                                (finding.sentence)
                            }
                        }
                    }
                }
            }
            p.note { (page.method) }
        }
    }
}

fn broken_down(breakdown: &Breakdown) -> Markup {
    let bars: Vec<(String, String, Option<f64>)> = breakdown
        .rows
        .iter()
        .take(MOST_BARS)
        .map(|(name, cell)| {
            let figure = match cell.value {
                Ok(value) => format::figure(value, breakdown.unit, cell.currency.as_deref()).to_string(),
                Err(_) => format::DASH.to_owned(),
            };
            (name.clone(), figure, drawn(cell))
        })
        .collect();
    html! {
        section.panel aria-label=(breakdown.title) {
            h2 { (breakdown.title) }
            section.two.even {
                div {
                    (chart::bars(&bars, breakdown.unit, &breakdown.title))
                    @if breakdown.rows.len() > MOST_BARS {
                        p.note { "The " (MOST_BARS) " with the most records are drawn; the table has all " (breakdown.rows.len()) "." }
                    }
                }
                (table(&breakdown.title, "Group", &breakdown.rows, breakdown.unit))
            }
        }
    }
}

fn table(title: &str, what: &str, rows: &[(String, Cell)], unit: Unit) -> Markup {
    let part = |exact: Option<dialmark_metrics::Exact>| exact.map_or_else(String::new, format::count);
    html! {
        div.scroll tabindex="0" role="region" aria-label={ "Table: " (title) } {
            table.figures {
                thead { tr {
                    th scope="col" { (what) } th.num scope="col" { "Value" }
                    th.num scope="col" { "Numerator" } th.num scope="col" { "Denominator" } th.num scope="col" { "n" }
                } }
                tbody {
                    @for (name, cell) in rows {
                        tr {
                            th scope="row" { (name) }
                            td.num { (parts::value(cell, unit)) }
                            td.num { (part(cell.numerator)) } td.num { (part(cell.denominator)) }
                            td.num { (format::count(cell.n)) }
                        }
                    }
                }
            }
        }
    }
}

fn out_of_reach(lines: &[OutOfReach]) -> Markup {
    html! {
        section.panel aria-labelledby="out-of-reach" {
            h2 id="out-of-reach" { "Out of reach, and what is missing" }
            @if lines.is_empty() { p.quiet { "Everything that Dialmark knows can be computed." } }
            ul.rows { @for line in lines { li { div { b { (line.missing) } br; (line.metrics.join(", ")) } } } }
        }
    }
}

fn files(files: &[FileLine]) -> Markup {
    html! {
        section.panel aria-labelledby="files" {
            h2 id="files" { "Files" }
            ul.rows {
                @for file in files {
                    li {
                        div {
                            b { (file.file) }
                            @if let Some(table) = &file.table { " " span.quiet { "as " (table) } }
                            br;
                            (file.sentence)
                            @for note in &file.notes { p.note { (note) } }
                            @if !file.unused.is_empty() { p.note { "Not read: " (file.unused.join(", ")) "." } }
                        }
                    }
                }
            }
        }
    }
}

fn mappings(mappings: &[(String, String)]) -> Markup {
    html! {
        section.panel aria-labelledby="mappings" {
            h2 id="mappings" { "How the files were read" }
            p { "Every figure above stands and falls with this. What was guessed says so." }
            @for (file, toml) in mappings {
                details { summary { (file) } pre { (toml) } }
            }
        }
    }
}

fn drawn(cell: &Cell) -> Option<f64> {
    cell.value.as_ref().ok().map(|value| value.to_f64())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::link::Link;
    use crate::shell::{Place, Theme};
    use dialmark_metrics::Exact;
    use dialmark_metrics::answer::Sum;

    fn cell(top: i128, bottom: i128) -> Cell {
        let sum = |total| Sum { total: Some(Exact::integer(total)), n: 7, ..Sum::default() };
        Cell::ratio(Some(&sum(top)), Some(&sum(bottom)), 1)
    }

    fn page() -> AuditPage {
        AuditPage {
            head: Head::plain("calls.csv", "Audit", Place::Elsewhere, Theme::Auto, Link::to("/")),
            lead: "7 records.".to_owned(),
            figures: vec![AuditFigure {
                label: "Conversion <rate>".to_owned(),
                cell: cell(1, 4),
                unit: Unit::Share,
                says: "Sales over dials.".to_owned(),
            }],
            targets: Vec::new(),
            benchmarks: Benchmarks {
                notes: vec!["Taken as outbound calling.".to_owned()],
                sector: Some("Retail <sector>".to_owned()),
                compared: vec![Compared {
                    label: "Answer success rate, the least".to_owned(),
                    place: None,
                    own: "25.0 %".to_owned(),
                    interval: Some("4.56 % to 69.9 %".to_owned()),
                    n: 4,
                    theirs: "40 % to 50 % (floor)".to_owned(),
                    standing: "worse",
                    good: Some(false),
                    said: vec!["The benchmark is across industries.".to_owned()],
                    source: "a glossary".to_owned(),
                    is_of_sector: false,
                }],
                not_compared: vec![NotCompared {
                    label: "Handle time, retail".to_owned(),
                    theirs: Some("3 min to 5 min".to_owned()),
                    why: "The benchmark is of <service>, these records are of outbound calling.".to_owned(),
                    more: Vec::new(),
                    is_of_sector: true,
                }],
            },
            opportunities: Opportunities {
                prices: vec!["A sale is worth 80.00 EUR, as stated.".to_owned()],
                rows: vec![Opportunity {
                    title: "Connection rate, campaign <north>".to_owned(),
                    step: "From 20.0 % to 23.0 %".to_owned(),
                    by: "which team A reaches".to_owned(),
                    brings: "3 conversations, 1 sale more".to_owned(),
                    worth: Ok("80.00 EUR".to_owned()),
                    assumptions: vec!["The number of outbound calls stays as it is: 100.".to_owned()],
                }],
                hidden: 2,
                caution: "They overlap.".to_owned(),
                left_out: Vec::new(),
            },
            course: Some(Course {
                title: "By day".to_owned(),
                unit: Unit::Share,
                points: vec![("1 Jan".to_owned(), cell(1, 4)), ("2 Jan".to_owned(), cell(0, 0))],
            }),
            findings: vec![Finding {
                place: "list_id <COLD>".to_owned(),
                sentence: "0.5 % against 3.1 %.".to_owned(),
                good: Some(false),
            }],
            method: "By Wilson's interval.".to_owned(),
            breakdowns: vec![Breakdown {
                title: "By list".to_owned(),
                unit: Unit::Share,
                direction: Direction::Up,
                rows: (0..40).map(|n| (format!("list {n}"), cell(n, 100))).collect(),
            }],
            out_of_reach: vec![OutOfReach {
                missing: "calls.queue_ms".to_owned(),
                metrics: vec!["ASA".to_owned()],
            }],
            files: vec![FileLine {
                file: "calls.csv".to_owned(),
                table: Some("calls".to_owned()),
                sentence: "7 read.".to_owned(),
                unused: vec!["foo".to_owned()],
                notes: vec!["Taken as outbound.".to_owned()],
            }],
            quarantine: Vec::new(),
            flags: Vec::new(),
            unmapped: vec![("XYZ".to_owned(), 3)],
            mappings: vec![("calls.csv".to_owned(), "[source.calls]\n".to_owned())],
        }
    }

    #[test]
    fn the_report_is_one_file_that_loads_nothing() {
        let text = render(&page()).into_string();
        assert!(text.contains("<style>") && text.contains("<svg"));
        for outside in ["<link", "<script", "src=", "url(http", "@import"] {
            assert!(!text.contains(outside), "{outside}");
        }
    }

    #[test]
    fn what_comes_from_data_is_escaped() {
        let text = render(&page()).into_string();
        assert!(
            text.contains("list_id &lt;COLD&gt;") && !text.contains("<COLD>") && !text.contains("<rate>")
        );
    }

    #[test]
    fn a_price_stands_with_what_it_assumes_and_a_range_of_the_sector_with_why_it_is_not_compared() {
        let text = render(&page()).into_string();
        for part in [
            "Ranges of the sector: Retail &lt;sector&gt;",
            "is not compared. The benchmark is of &lt;service&gt;",
            "campaign &lt;north&gt;",
            "80.00 EUR",
            "The number of outbound calls stays as it is: 100.",
            "Not shown are 2 smaller ones.",
            "4.56 % to 69.9 %",
        ] {
            assert!(text.contains(part), "{part}");
        }
        assert!(!text.contains("<north>") && !text.contains("<service>"));
    }

    #[test]
    fn a_table_has_every_row_even_where_the_picture_has_not() {
        let text = render(&page()).into_string();
        assert!(text.contains("list 39") && text.contains("the table has all 40"));
    }
}
