//! One metric: figure, definition, rivals, course over time, breakdown, and the way to the records.

use dialmark_metrics::metric::{Direction, Guide, Unit};
use dialmark_metrics::{Cell, Key};
use dialmark_model::civil::Grain;
use jiff::tz::TimeZone;
use maud::{Markup, html};

use crate::asked::Asked;
use crate::link::Link;
use crate::pages::overview::{Choice, choices};
use crate::shell::{self, Head};
use crate::{chart, format, parts, when};

mod table;

use table::{figures_table, sorted};

/// Most rows of a breakdown on the page; the export has all, and the page says so.
pub const MOST_ROWS: usize = 500;

/// What the page of a metric shows.
#[derive(Debug, Clone)]
pub struct MetricPage {
    /// Top of the page.
    pub head: Head,
    /// What was asked for, for the links that change one thing.
    pub asked: Asked,
    /// Name in the catalogue.
    pub metric: String,
    /// What the metric is, in a sentence.
    pub about: String,
    /// How it is read.
    pub unit: Unit,
    /// Which way is better.
    pub direction: Direction,
    /// The figure; `None` when the data does not allow it.
    pub figure: Option<Figure>,
    /// Columns or tables that are missing when there is no figure.
    pub missing: Vec<String>,
    /// How it is computed.
    pub formula: Formula,
    /// The definitions side by side.
    pub variants: Vec<VariantLine>,
    /// Its course; `None` when the records have no clock.
    pub course: Option<Course>,
    /// By a dimension.
    pub breakdown: Option<Breakdown>,
    /// Dimensions to choose from.
    pub dimensions: Vec<String>,
    /// Stretches of time to choose from.
    pub periods: Vec<Choice>,
    /// What the reader should know.
    pub notes: Vec<String>,
    /// Zone in which times are shown.
    pub zone: TimeZone,
    /// The same figures for programs and sheets: name and link.
    pub downloads: Vec<(String, Link)>,
    /// What a manager should know.
    pub advice: Advice,
}

/// What a manager should know about a metric.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Advice {
    /// Its guide, when it has one.
    pub guide: Option<Guide>,
    /// Metrics that move it, with their pages.
    pub drivers: Vec<(String, Link)>,
    /// Metrics that must not get worse while it improves, with their pages.
    pub guards: Vec<(String, Link)>,
    /// What to suspect when it is off: `low` or `high`, and the suspects.
    pub suspects: Vec<(&'static str, Vec<String>)>,
}

/// The figure of the whole period.
#[derive(Debug, Clone, PartialEq)]
pub struct Figure {
    /// Now.
    pub cell: Cell,
    /// The time before.
    pub before: Option<Cell>,
    /// What the time before is called.
    pub against: Option<String>,
    /// The page that says why it moved, for what can be taken apart.
    pub why: Option<Link>,
}

/// How a metric is computed.
#[derive(Debug, Clone, PartialEq)]
pub struct Formula {
    /// The measure, or what is divided.
    pub numerator: MeasureLine,
    /// What it is divided by.
    pub denominator: Option<MeasureLine>,
    /// What the quotient is multiplied by, in words: `per hour`.
    pub factor: Option<String>,
    /// Parameters and their values, in words.
    pub params: Vec<(String, String)>,
    /// The formula, when it is more than a measure or one measure over another; the measure is then the first it needs.
    pub text: Option<String>,
}

/// One measure of a formula.
#[derive(Debug, Clone, PartialEq)]
pub struct MeasureLine {
    /// Name.
    pub id: String,
    /// What it is, in a sentence.
    pub about: String,
    /// What one of it is.
    pub unit: String,
    /// Table and how it is read from there.
    pub bindings: Vec<(String, String)>,
    /// The records behind it.
    pub calls: Option<Link>,
}

/// One definition among rivals.
#[derive(Debug, Clone, PartialEq)]
pub struct VariantLine {
    /// Name.
    pub id: String,
    /// What sets it apart.
    pub says: String,
    /// Who defines it so.
    pub source: Option<String>,
    /// The page with this definition.
    pub href: Link,
    /// Whether it is the one on this page.
    pub is_current: bool,
    /// Its figure, or what is missing.
    pub cell: Result<Cell, Vec<String>>,
}

/// Figures over time.
#[derive(Debug, Clone, PartialEq)]
pub struct Course {
    /// Length of a bucket.
    pub grain: Grain,
    /// The days that it covers, which may be more than the page's period: `23 Oct to 19 Nov 2026`.
    pub span: String,
    /// The buckets.
    pub points: Vec<Point>,
    /// Where the data ends, when that is within the last bucket: `data to Thu 19 Nov 2026, 10:38`.
    pub provisional: Option<String>,
}

/// One bucket or one value of a dimension.
#[derive(Debug, Clone, PartialEq)]
pub struct Point {
    /// Which.
    pub key: Key,
    /// The figure.
    pub cell: Cell,
    /// This page for it alone.
    pub href: Option<Link>,
    /// The records of its numerator and its denominator.
    pub numerator_calls: Option<Link>,
    /// The records of its denominator.
    pub denominator_calls: Option<Link>,
}

/// Figures by a dimension.
#[derive(Debug, Clone, PartialEq)]
pub struct Breakdown {
    /// The dimension.
    pub dimension: String,
    /// One row a value.
    pub rows: Vec<Point>,
}

/// The page.
pub fn render(model: &MetricPage) -> Markup {
    shell::page(
        &model.head,
        &html! {
            (choices("Period", &model.periods))
            section.two {
                div.stack { (figure_panel(model)) (ask_form(model)) }
                div.stack { (formula(model)) }
            }
            @for note in &model.notes { p.note { (note) } }
            @if let Some(course) = &model.course { (course_panel(model, course)) }
            (variants(model))
            @if let Some(breakdown) = &model.breakdown { (breakdown_panel(model, breakdown)) }
            (advice(&model.advice))
            @if !model.downloads.is_empty() {
                p.pages.quiet {
                    "These figures in full:"
                    @for (name, link) in &model.downloads { a.link href=(link) { (name) } }
                }
            }
        },
    )
}

/// What a manager should know, folded away until it is wanted.
fn advice(advice: &Advice) -> Markup {
    let links = |all: &[(String, Link)]| {
        html! { @for (at, (label, link)) in all.iter().enumerate() { @if at > 0 { ", " } a href=(link) { (label) } } }
    };
    let list = |all: &[String]| html! { ul { @for one in all { li { (one) } } } };
    let Some(guide) = &advice.guide else { return html! {} };
    html! {
        details.panel {
            summary { "What to know about it" }
            dl.advice {
                dt { "When to use" } dd { (guide.when_to_use) }
                dt { "What it tells" } dd { (guide.insights) }
                @if !advice.drivers.is_empty() { dt { "Moved by" } dd { (links(&advice.drivers)) } }
                @if !advice.guards.is_empty() { dt { "Watch beside it" } dd { (links(&advice.guards)) } }
                @for (when, suspects) in &advice.suspects {
                    dt { "When it is " (when) ", suspect" } dd { (list(suspects)) }
                }
                dt { "How it misleads" } dd { (guide.risks) }
                dt { "Reading its movement" } dd { (guide.trends) }
                dt { "Questions to ask" } dd { (list(&guide.questions)) }
                dt { "What to do" } dd { (list(&guide.tips)) }
            }
        }
    }
}

fn figure_panel(model: &MetricPage) -> Markup {
    html! {
        section.panel aria-label="Figure" {
            @match &model.figure {
                Some(figure) => {
                    div.figure.big { (parts::large(&figure.cell, model.unit)) }
                    p.sub {
                        span {
                            @if let Some(before) = &figure.before {
                                (parts::moved(&figure.cell, before, model.unit, model.direction))
                                " "
                            }
                            @if let Some(against) = &figure.against { "vs " (against) }
                            @if let Some(why) = &figure.why { " " a.link href=(why) aria-label={ "Why " (model.head.title) " moved" } { "why?" } }
                        }
                        span { "n " (format::count(figure.cell.n)) }
                    }
                    // A formula over other metrics has no sums of its own.
                    @if figure.cell.numerator.is_some() || model.formula.text.is_none() {
                        p.figures.gap { (sums(model, &figure.cell)) }
                    }
                    @if figure.cell.pending > 0 {
                        p.note { (format::count(figure.cell.pending)) " more are pending: their time is not over, so they count neither way." }
                    }
                    @if let Some(missing) = parts::missing(&figure.cell) { p.note { (missing) } }
                }
                None => {
                    div.figure.big { b { (format::DASH) } " " span.why { "not computable from what was imported" } }
                    p { "Missing: " @for (at, what) in model.missing.iter().enumerate() { @if at > 0 { ", " } code { (what) } } "." }
                    p.note { "A source that fills these columns makes this metric computable; a mapping may already have them under another name." }
                }
            }
            p.says {
                (model.about)
                // Which of the rivals this figure is, is said beside the figure.
                @if let Some(line) = model.variants.iter().find(|line| line.is_current && model.variants.len() > 1) {
                    " " b { (words(&line.id)) } ": " (line.says)
                }
            }
        }
    }
}

/// The figure as what was divided by what; each opens its records.
fn sums(model: &MetricPage, cell: &Cell) -> Markup {
    let part = |sum, line: &MeasureLine| {
        let shown = match sum {
            Some(sum) => format::quantity(sum, &line.unit, cell.currency.as_deref()).to_string(),
            None => format::DASH.to_owned(),
        };
        let words = line.id.trim_end_matches("_ms").trim_end_matches("_amount").replace('_', " ");
        html! {
            @match &line.calls {
                Some(link) => a href=(link) { (shown) " " (words) },
                None => { (shown) " " (words) }
            }
        }
    };
    html! {
        (part(cell.numerator, &model.formula.numerator))
        @if let Some(denominator) = &model.formula.denominator { " ÷ " (part(cell.denominator, denominator)) }
    }
}

fn ask_form(model: &MetricPage) -> Markup {
    let asked = &model.asked;
    html! {
        section.panel aria-labelledby="ask" {
            h2 id="ask" { "Look closer" }
            form.ask method="get" action=(Link::below("/metric", &model.metric).path()) {
                @if let Some(variant) = &asked.variant { input type="hidden" name="variant" value=(variant); }
                @if let Some(params) = &asked.params { input type="hidden" name="params" value=(params); }
                label { "by"
                    select name="by" {
                        option value="" { "nothing" }
                        @for dimension in &model.dimensions {
                            option value=(dimension) selected[asked.by.as_ref() == Some(dimension)] { (words(dimension)) }
                        }
                    }
                }
                label { "over time"
                    select name="grain" {
                        option value="" { "as fits" }
                        @for grain in Grain::ALL {
                            option value=(grain.word()) selected[asked.grain == Some(grain)] { (grain.word()) }
                        }
                    }
                }
                label { "from" input name="from" value=[asked.from] placeholder="2026-11-01" inputmode="numeric"; }
                label { "before" input name="to" value=[asked.to] placeholder="2026-11-20" inputmode="numeric"; }
                label.wide { "where" input name="where" value=[asked.filter.as_deref()] placeholder="campaign_id = 'north' and attempt_no <= 3"; }
                button type="submit" { "Show" }
            }
        }
    }
}

fn words(name: &str) -> String {
    name.replace('_', " ")
}

fn variants(model: &MetricPage) -> Markup {
    html! {
        section.panel.gap aria-labelledby="variants" {
            h2 id="variants" { @if model.variants.len() > 1 { "Definitions side by side" } @else { "Definition" } }
            div.scroll {
                table {
                    thead { tr { th { "Variant" } th { "Definition" } th.num { "Figure" } th.num { "n" } } }
                    tbody {
                        @for line in &model.variants {
                            tr aria-current=[line.is_current.then_some("true")] {
                                th scope="row" { a href=(line.href) { (words(&line.id)) } }
                                td {
                                    (line.says)
                                    @if let Some(source) = &line.source { " " span.quiet { "Source " (source) "." } }
                                }
                                @match &line.cell {
                                    Ok(cell) => {
                                        td.num { (parts::value(cell, model.unit)) }
                                        td.num { (format::count(cell.n)) }
                                    }
                                    Err(missing) => {
                                        td.num colspan="2" { (format::DASH) " " span.why { "needs " (missing.join(", ")) } }
                                    }
                                }
                            }
                        }
                    }
                }
            }
        }
    }
}

fn formula(model: &MetricPage) -> Markup {
    let line = |name: &str, measure: &MeasureLine| {
        html! {
            tr {
                th scope="row" { (name) }
                td {
                    code { (measure.id) } " " (measure.about)
                    @for (table, sentence) in &measure.bindings {
                        br; span.quiet { "from " (table) ": " code { (sentence) } }
                    }
                }
            }
        }
    };
    html! {
        section.panel aria-labelledby="formula" {
            h2 id="formula" { "How it is computed" }
            table {
                tbody {
                    @if let Some(text) = &model.formula.text { tr { th scope="row" { "formula" } td { code { (text) } } } }
                    @match &model.formula.denominator {
                        Some(denominator) => {
                            (line("numerator", &model.formula.numerator))
                            (line("denominator", denominator))
                        }
                        None => (line("measure", &model.formula.numerator)),
                    }
                    @if let Some(factor) = &model.formula.factor { tr { th scope="row" { "factor" } td { (factor) } } }
                    @for (name, value) in &model.formula.params {
                        tr { th scope="row" { (words(name)) } td { (value) } }
                    }
                }
            }
        }
    }
}

fn course_panel(model: &MetricPage, course: &Course) -> Markup {
    let labels: Vec<String> =
        course.points.iter().map(|p| when::bucket(&p.key, Some(course.grain), &model.zone)).collect();
    let values: Vec<Option<f64>> =
        course.points.iter().map(|p| p.cell.value.as_ref().ok().map(|v| v.to_f64())).collect();
    let says =
        format!("{} by {}; the table below has the same figures", model.head.title, course.grain.word());
    html! {
        section.panel.gap aria-labelledby="course" {
            h2 id="course" { "By " (course.grain.word()) ", " (course.span) }
            @if course.points.is_empty() {
                p.quiet { "No record in this place and time." }
            } @else {
                (chart::line(&labels, &values, model.unit, course.provisional.is_some(), &says))
                @if let Some(provisional) = &course.provisional {
                    p.note { "Dashed: the data ends within the last " (course.grain.word()) ", " (provisional) "." }
                }
                details {
                    summary { "The same as a table: " (parts::counted(course.points.len(), "row", "rows")) }
                    (figures_table(model, course.grain.word(), &course.points, &|key| match key {
                        Key::At(at) => when::instant(*at, &model.zone),
                        _ => when::bucket_in_full(key, course.grain),
                    }, false))
                }
            }
        }
    }
}

fn breakdown_panel(model: &MetricPage, breakdown: &Breakdown) -> Markup {
    let rows = sorted(&breakdown.rows, model.asked.sort);
    let shown: Vec<Point> = rows.iter().take(MOST_ROWS).cloned().collect();
    let bars: Vec<(String, String, Option<f64>)> = rows
        .iter()
        .take(chart::MOST_BARS)
        .map(|row| {
            let figure = match &row.cell.value {
                Ok(value) => format::figure(*value, model.unit, row.cell.currency.as_deref()).to_string(),
                Err(_) => format::DASH.to_owned(),
            };
            (when::key_text(&row.key), figure, row.cell.value.as_ref().ok().map(|v| v.to_f64()))
        })
        .collect();
    let name = words(&breakdown.dimension);
    let says = format!("{} by {name}; the table beside it has the same figures", model.head.title);
    html! {
        section.two.even aria-label={ "By " (name) } {
            div.panel {
                h2 { "By " (name) }
                @if rows.is_empty() { p.quiet { "No record in this place and time." } }
                @else { (chart::bars(&bars, model.unit, &says)) }
                @if rows.len() > bars.len() {
                    p.note { "The first " (bars.len()) " of " (format::count(rows.len())) " in the order of the table." }
                }
            }
            div.panel {
                h2 { (parts::counted(rows.len(), "value", "values")) }
                (figures_table(model, &name, &shown, &when::key_text, true))
                @if rows.len() > shown.len() {
                    p.note { "The first " (format::count(shown.len())) " of " (format::count(rows.len())) " rows; the download has all." }
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample;

    #[test]
    fn a_figure_stands_with_what_was_divided_and_each_part_opens_its_calls() {
        let text = render(&sample::metric()).into_string();
        assert!(text.contains("2\u{202f}564 successes</a> ÷ "), "{text}");
        assert!(text.contains("href=\"/calls?metric=conversion_rate&amp;part=numerator"), "{text}");
        assert!(
            text.contains("count where direction = &#39;outbound&#39; and is_success")
                || text.contains("count where direction = 'outbound' and is_success")
        );
    }

    #[test]
    fn rival_definitions_stand_side_by_side_with_their_figures_or_what_they_lack() {
        let text = render(&sample::metric()).into_string();
        assert!(text.contains("success per contact") && text.contains("needs calls.lead_id"), "{text}");
    }

    #[test]
    fn a_long_breakdown_says_how_much_of_it_is_shown() {
        let mut page = sample::metric();
        let row = page.breakdown.as_ref().unwrap().rows[0].clone();
        page.breakdown.as_mut().unwrap().rows = vec![row; MOST_ROWS + 1];
        let text = render(&page).into_string();
        assert!(text.contains("The first 500 of 501 rows") && text.contains("The first 16 of 501"), "{text}");
    }

    #[test]
    fn a_metric_out_of_reach_names_what_is_missing() {
        let page = MetricPage { figure: None, missing: vec!["agent_spans".to_owned()], ..sample::metric() };
        let text = render(&page).into_string();
        assert!(text.contains("not computable") && text.contains("<code>agent_spans</code>"), "{text}");
    }
}
