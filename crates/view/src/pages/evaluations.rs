//! Evaluations: which conversations were chosen, which of them are done, and what came of them.

use dialmark_govern::quality::{Coverage, Evaluation, Standing};
use dialmark_metrics::Ratio;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use maud::{Markup, html};

use super::overview::{Choice, choices};
use crate::called::{self, Called};
use crate::link::Link;
use crate::shell::{self, Head};
use crate::{format, parts, when};

/// An evaluation in a list.
#[derive(Debug, Clone)]
pub struct EvaluationLine {
    /// The evaluation, whichever version of it counts.
    pub id: String,
    /// The version that counts, and how it stands.
    pub evaluation: Evaluation,
    /// Name of its form.
    pub form: String,
    /// Name of the agent.
    pub agent: String,
    /// The call.
    pub call: Called,
    /// The score, of 100.
    pub score: Ratio,
    /// Whether it passes; `None` when the form has no pass mark.
    pub passed: Option<bool>,
    /// Whether a critical criterion failed.
    pub has_critical_error: bool,
    /// Last day on which it may be appealed.
    pub appeal_until: Option<Date>,
    /// Its page.
    pub href: Link,
}

/// What the page of a sample shows.
#[derive(Debug, Clone)]
pub struct EvaluationsPage {
    /// Top of the page.
    pub head: Head,
    /// Zone of its times.
    pub zone: TimeZone,
    /// Plans to choose from.
    pub plans: Vec<Choice>,
    /// Weeks or months to choose from.
    pub periods: Vec<Choice>,
    /// How the sample was drawn, in sentences: how many of how many, what was too short, the seed.
    pub drawn: Vec<String>,
    /// What of it is done, by agent.
    pub coverage: Option<Coverage>,
    /// Names of agents by their identifiers, as far as they are known.
    pub names: std::collections::BTreeMap<String, String>,
    /// Chosen conversations without an evaluation, with the page that scores them.
    pub waiting: Vec<(Called, Link)>,
    /// Evaluations of the period, the latest first.
    pub done: Vec<EvaluationLine>,
    /// Appeals that wait for a decision, of any period.
    pub appeals: Vec<EvaluationLine>,
}

/// The page.
pub fn render(model: &EvaluationsPage) -> Markup {
    shell::page(
        &model.head,
        &html! {
            (choices("Plan", &model.plans))
            (choices("Period", &model.periods))
            @if let Some(coverage) = &model.coverage {
                p.lead {
                    (coverage.total.done) " of " (parts::counted(coverage.total.planned, "chosen conversation is", "chosen conversations are"))
                    " evaluated"
                    @if coverage.total.besides > 0 {
                        ", and " (parts::counted(coverage.total.besides, "other", "others")) " that somebody picked"
                    }
                    "."
                }
            } @else if model.plans.is_empty() {
                p.lead { "No plan chooses conversations. Plans stand in the project's folder " code { "quality/" } "." }
            }
            @if !model.appeals.is_empty() {
                section.panel aria-labelledby="appeals" {
                    h2 id="appeals" { "Appeals to decide" }
                    (table(&model.appeals, &model.zone))
                }
            }
            section.two {
                section.panel aria-labelledby="waiting" {
                    h2 id="waiting" { "To be evaluated" }
                    @if model.waiting.is_empty() { p.quiet { "Nothing waits." } } @else { (waiting(&model.waiting)) }
                    @for sentence in &model.drawn { p.note { (sentence) } }
                }
                section.panel aria-labelledby="coverage" {
                    h2 id="coverage" { "Coverage by agent" }
                    @match &model.coverage { Some(coverage) => (covered(model, coverage)), None => p.quiet { "No sample." } }
                }
            }
            section.panel aria-labelledby="done" {
                h2 id="done" { "Done" }
                @if model.done.is_empty() { p.quiet { "None in this period." } } @else { (table(&model.done, &model.zone)) }
            }
        },
    )
}

fn waiting(waiting: &[(Called, Link)]) -> Markup {
    html! {
        div.scroll {
            table.figures {
                thead { tr { th { "Agent" } th { "Call" } th { "Recording" } th { span.hidden { "Step" } } } }
                tbody {
                    @for (call, href) in waiting {
                        tr {
                            th scope="row" { (call.agent) }
                            td { (called::in_brief(call)) }
                            td { @match &call.recording { Some(_) => "yes", None => span.quiet { "no reference" } } }
                            td { a.link href=(href) { "Evaluate" span.hidden { " the call " (call.id.source_id) } } }
                        }
                    }
                }
            }
        }
    }
}

fn covered(model: &EvaluationsPage, coverage: &Coverage) -> Markup {
    html! {
        div.scroll {
            table.figures {
                thead { tr { th { "Agent" } th.num { "Planned" } th.num { "Done" } th.num { "Lacking" } th.num { "Besides" } th { "State" } } }
                tbody {
                    @for (agent, row) in &coverage.agents {
                        tr {
                            th scope="row" { (parts::name(&model.names, agent)) }
                            td.num { (format::count(row.planned)) }
                            td.num { (format::count(row.done)) }
                            td.num { (format::count(row.lacking.len())) }
                            td.num { (format::count(row.besides)) }
                            td {
                                @if row.planned == 0 { span.status.unsure { "– none chosen" } }
                                @else if row.lacking.is_empty() { span.status.met { "● covered" } }
                                @else { span.status.close { "◐ under way" } }
                                @if row.planned < row.wanted {
                                    div.why { "only " (row.planned) " of " (row.wanted) " wanted could be chosen" }
                                }
                            }
                        }
                    }
                }
            }
        }
    }
}

/// Evaluations in a table with how they stand.
pub fn table(lines: &[EvaluationLine], zone: &TimeZone) -> Markup {
    html! {
        div.scroll {
            table.figures {
                thead { tr { th { "Made" } th { "Agent" } th { "Call" } th { "Form" } th.num { "Score" } th { "Result" } th { "State" } } }
                tbody {
                    @for line in lines {
                        tr {
                            th scope="row" { a href=(line.href) { (when::instant(line.evaluation.made_at(), zone)) } }
                            td { (line.agent) }
                            td { (called::in_brief(&line.call)) }
                            td { (line.form) }
                            td.num { (format::fixed(line.score, 1)) }
                            td { (result(line.passed, line.has_critical_error)) }
                            td { (stands(line.evaluation.standing(), zone)) }
                        }
                    }
                }
            }
        }
    }
}

/// Whether a score passes, in sign and word.
pub fn result(passed: Option<bool>, has_critical_error: bool) -> Markup {
    html! {
        @match passed {
            Some(true) => span.status.met { span aria-hidden="true" { "● " } "passed" },
            Some(false) => span.status.missed { span aria-hidden="true" { "○ " } "not passed" },
            None => span.quiet { "no pass mark" },
        }
        @if has_critical_error { " " span.status.missed { span aria-hidden="true" { "✕ " } "critical error" } }
    }
}

/// How an evaluation stands, in words.
pub fn stands(standing: &Standing, zone: &TimeZone) -> String {
    let at = |at| when::instant(at, zone);
    match standing {
        Standing::Made => "waits for the agent".to_owned(),
        Standing::Acknowledged { at: on } => format!("acknowledged {}", at(*on)),
        Standing::Appealed { at: on, .. } => format!("appealed {}, not decided", at(*on)),
        Standing::Upheld { at: on, by, .. } => format!("upheld by {by}, {}", at(*on)),
        Standing::Changed { at: on, by, replaced_by, .. } => {
            format!("replaced by {replaced_by}, {by}, {}", at(*on))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample::quality;

    #[test]
    fn coverage_counts_what_was_chosen_and_what_somebody_picked_apart() {
        let text = render(&quality::evaluations()).into_string();
        assert!(
            text.contains("2 of 4\u{a0}chosen conversations are evaluated, and 1\u{a0}other that"),
            "{text}"
        );
        assert!(
            text.contains("Ann Archer") && text.contains("under way") && text.contains("covered"),
            "{text}"
        );
    }

    #[test]
    fn a_chosen_call_leads_to_the_page_that_scores_it() {
        let text = render(&quality::evaluations()).into_string();
        assert!(text.contains("href=\"/evaluate?call=c-5\""), "{text}");
        assert!(text.contains("Evaluate<span class=\"hidden\"> the call c-5</span>"), "{text}");
    }

    #[test]
    fn results_are_told_by_word_and_sign() {
        let text = render(&quality::evaluations()).into_string();
        assert!(text.contains("not passed") && text.contains("critical error"), "{text}");
        assert!(text.contains("waits for the agent"), "{text}");
    }
}
