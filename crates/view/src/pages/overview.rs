//! The overview: where the centre stands, metric by metric, and what cannot be said yet.

use dialmark_metrics::Cell;
use dialmark_metrics::metric::{Direction, Unit};
use maud::{Markup, html};

use crate::link::Link;
use crate::shell::{self, Head};
use crate::{chart, format, parts};

/// What the overview shows.
#[derive(Debug, Clone, PartialEq)]
pub struct Overview {
    /// Top of the page.
    pub head: Head,
    /// One sentence: what happened.
    pub lead: Vec<Lead>,
    /// Stretches of time to choose from.
    pub periods: Vec<Choice>,
    /// Where to look first.
    pub tour: Vec<TourStep>,
    /// The metrics that can be computed.
    pub cards: Vec<Card>,
    /// Those for which the period has no record: name and page.
    pub without_records: Vec<(String, Link)>,
    /// Those that cannot be computed.
    pub out_of_reach: Vec<OutOfReach>,
    /// What came in.
    pub intake: Option<Intake>,
    /// What the reader should know.
    pub notes: Vec<String>,
}

/// A piece of a sentence.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Lead {
    /// Words.
    Words(String),
    /// A figure and the records behind it.
    Figure(String, Link),
}

/// One of several ways to look at a page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Choice {
    /// Its name.
    pub says: String,
    /// The page so.
    pub href: Link,
    /// Whether this is how one looks at it now.
    pub is_current: bool,
}

/// A step of the tour.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TourStep {
    /// What it is about.
    pub title: String,
    /// What to look for.
    pub sentence: String,
    /// Where, as a path on this server with its query.
    pub href: String,
}

/// One metric at a glance.
#[derive(Debug, Clone, PartialEq)]
pub struct Card {
    /// Name.
    pub label: String,
    /// Its own page.
    pub href: Link,
    /// The figure.
    pub cell: Cell,
    /// How it is read.
    pub unit: Unit,
    /// Which way is better.
    pub direction: Direction,
    /// The same of the time before, when there is one.
    pub before: Option<Cell>,
    /// What the time before is called: `the 7 days before`.
    pub against: Option<String>,
    /// One value a day of the last weeks, for drawing only.
    pub days: Vec<Option<f64>>,
    /// Whether the data ends within the last of them.
    pub provisional: bool,
    /// What the metric is, in a sentence: that of the variant.
    pub definition: String,
    /// The whole days that the figure is of, when they are not those of the page: what it is made of is booked to days.
    pub whole_days: Option<String>,
    /// The records behind the figure.
    pub calls: Option<Link>,
}

/// A metric that the data does not allow.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OutOfReach {
    /// Name.
    pub label: String,
    /// Its own page.
    pub href: Link,
    /// Columns or tables that are missing.
    pub missing: Vec<String>,
}

/// What came in.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Intake {
    /// Files imported.
    pub imports: u64,
    /// Records read.
    pub read: u64,
    /// Records accepted.
    pub accepted: u64,
    /// Records set aside.
    pub quarantined: u64,
    /// Records that corrected an earlier one.
    pub corrected: u64,
    /// Records that were delivered again unchanged.
    pub unchanged: u64,
    /// Codes that no disposition map knows, and the calls that carry them.
    pub unmapped: Option<(u64, u64)>,
}

/// The page.
pub fn render(model: &Overview) -> Markup {
    shell::page(
        &model.head,
        &html! {
            @if !model.lead.is_empty() {
                p.lead {
                    @for piece in &model.lead {
                        @match piece {
                            Lead::Words(words) => (words),
                            Lead::Figure(figure, href) => a href=(href) { (figure) },
                        }
                    }
                }
            }
            (choices("Period", &model.periods))
            (tour(&model.tour))
            @if model.cards.is_empty() { (nothing_yet(model)) }
            section.grid aria-label="Metrics" { @for card in &model.cards { (card_markup(card)) } }
            @if !model.without_records.is_empty() {
            p.note {
                "No record in this period: "
                @for (at, (label, href)) in model.without_records.iter().enumerate() {
                    @if at > 0 { ", " } a.link href=(href) { (label) }
                }
                "."
            }
        }
        @for note in &model.notes { p.note { (note) } }
            section.two {
                (out_of_reach(&model.out_of_reach))
                @if let Some(sums) = &model.intake { (intake(sums)) }
            }
        },
    )
}

/// Links of which one is current.
pub fn choices(label: &str, all: &[Choice]) -> Markup {
    html! {
        @if all.len() > 1 {
            nav.tabs aria-label=(label) {
                span { (label) }
                @for choice in all {
                    a href=(choice.href) aria-current=[choice.is_current.then_some("true")] { (choice.says) }
                }
            }
        }
    }
}

fn tour(steps: &[TourStep]) -> Markup {
    html! {
        @if !steps.is_empty() {
            section.panel aria-labelledby="tour" {
                h2 id="tour" { "Where to look first" }
                ol.tour {
                    @for step in steps { li { a href=(step.href) { (step.title) } p { (step.sentence) } } }
                }
            }
        }
    }
}

fn nothing_yet(model: &Overview) -> Markup {
    html! {
        section.panel {
            h2 { "No figures yet" }
            @if model.intake.as_ref().is_some_and(|sums| sums.imports == 0) {
                p { "Nothing has been imported. Run " code { "dialmark import" } " in the project's folder, then load this page again." }
            } @else if !model.without_records.is_empty() {
                p { "There is no record in this period. Choose another one above." }
            } @else {
                p { "Nothing that was imported has the columns that a metric needs. The list below says which are missing." }
            }
        }
    }
}

fn card_markup(card: &Card) -> Markup {
    html! {
        article.card {
            header {
                h3 { a href=(card.href) { (card.label) } }
                @if let Some(calls) = &card.calls {
                    a.quiet.small href=(calls) aria-label={ "Records behind " (card.label) } {
                        "n " (format::count(card.cell.n))
                    }
                } @else {
                    span.quiet.small { "n " (format::count(card.cell.n)) }
                }
            }
            div.figure {
                (parts::large(&card.cell, card.unit))
                (chart::spark(&card.days, card.provisional, &format!("{}: the shape of the last {} days", card.label, card.days.len())))
            }
            p.sub {
                @if let (Some(before), Some(against)) = (&card.before, &card.against) {
                    (parts::moved(&card.cell, before, card.unit, card.direction))
                    span { "vs " (against) }
                }
            }
            p.says { (card.definition) }
            @if let Some(days) = &card.whole_days { p.note { "Of " (days) ": booked to whole days." } }
            @if let Some(missing) = parts::missing(&card.cell) { p.note { (missing) } }
        }
    }
}

fn out_of_reach(metrics: &[OutOfReach]) -> Markup {
    html! {
        section.panel aria-labelledby="out-of-reach" {
            h2 id="out-of-reach" { "Not computable" }
            @if metrics.is_empty() {
                p.quiet { "Every metric of this page can be computed from what was imported." }
            } @else {
                ul.rows {
                    @for metric in metrics {
                        li {
                            a href=(metric.href) { (metric.label) }
                            span { "needs " (metric.missing.join(", ")) }
                        }
                    }
                }
            }
        }
    }
}

fn intake(intake: &Intake) -> Markup {
    let line = |name: &str, number: u64| html! { li { (name) span { (format::count(number)) } } };
    html! {
        section.panel aria-labelledby="intake" {
            h2 id="intake" { "What came in" }
            ul.rows {
                (line("Files imported", intake.imports))
                (line("Records read", intake.read))
                (line("accepted", intake.accepted))
                (line("set aside in quarantine", intake.quarantined))
                @if intake.unchanged > 0 { (line("delivered again, unchanged", intake.unchanged)) }
                @if intake.corrected > 0 { (line("corrected an earlier one", intake.corrected)) }
                @if let Some((codes, calls)) = intake.unmapped {
                    li {
                        "Result codes that no map knows"
                        span {
                            @if codes == 0 { "none" }
                            @else { (parts::counted(codes, "code", "codes")) " on " (parts::counted(calls, "call", "calls")) }
                        }
                    }
                }
            }
            p.note { a.link href="/data" { "Imports, quarantine and flags" } }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample;

    #[test]
    fn a_card_shows_figure_change_n_and_definition() {
        let text = render(&sample::overview()).into_string();
        for wanted in [
            "1.73",
            "0.67",
            "points, worse",
            "vs the 7 days before",
            "n 148\u{202f}210",
            "Successful outcomes over outbound calls.",
        ] {
            assert!(text.contains(wanted), "{wanted} not in {text}");
        }
    }

    #[test]
    fn a_metric_without_a_value_shows_a_dash_and_why() {
        let text = render(&sample::overview()).into_string();
        assert!(text.contains("–</b>") && text.contains("nothing to divide by"), "{text}");
    }

    #[test]
    fn what_cannot_be_computed_names_the_missing_column() {
        let text = render(&sample::overview()).into_string();
        assert!(text.contains("needs costs.cost_amount"), "{text}");
    }

    #[test]
    fn an_empty_store_says_what_to_do() {
        let empty = Overview { cards: vec![], intake: Some(Intake::default()), ..sample::overview() };
        assert!(render(&empty).into_string().contains("dialmark import"));
    }
}
