//! Calibration: several evaluators score the same conversations; how far they agree with the master and each other.

use std::collections::BTreeMap;

use dialmark_govern::calibration::{AGREES_WITHIN, AgainstMaster, Agreement, AmongEvaluators};
use dialmark_metrics::metric::Unit;
use dialmark_stats::agreement::Verdict;
use maud::{Markup, html};

use crate::form::{Choice, Field, Form, Sent, outcome};
use crate::format::{self, DASH};
use crate::link::Link;
use crate::parts;
use crate::shell::{self, Head};

/// The form that opens a session.
pub const OPEN: &str = "open_session";
/// Its name.
pub const LABEL: &str = "label";
/// The form by which calls are scored: one of [`NewCalibration::sheets`].
pub const SHEET: &str = "sheet";
/// Who scores as the master: one of [`NewCalibration::evaluators`].
pub const MASTER: &str = "master";
/// Who else scores; comes once for each. None for whoever evaluates.
pub const EVALUATOR: &str = "evaluator";
/// Identifiers of the calls, one a line.
pub const CALLS: &str = "calls";

/// What the page shows.
#[derive(Debug, Clone)]
pub struct CalibrationPage {
    /// Top of the page.
    pub head: Head,
    /// Sessions, the latest first.
    pub sessions: Vec<CalibrationLine>,
    /// Names of evaluators by their accounts, as far as they are known.
    pub names: BTreeMap<String, String>,
    /// What a new session needs, where the reader may open one.
    pub new: Option<NewCalibration>,
    /// Where the form is sent.
    pub action: Link,
    /// What was sent last.
    pub sent: Sent,
}

/// One session.
#[derive(Debug, Clone)]
pub struct CalibrationLine {
    /// Its name.
    pub label: String,
    /// Its page.
    pub href: Link,
    /// Name and version of its form.
    pub sheet: String,
    /// When it was opened, in words.
    pub opened: String,
    /// How everyone compares with the master; `None` before the master has scored, or when numbers do not fit.
    pub against: Option<AgainstMaster>,
    /// How far evaluators agree with each other.
    pub among: AmongEvaluators,
    /// Calls that the reader has still to score, each with its page; while there are any, the scores of others are not shown.
    pub to_score: Vec<(String, Link)>,
}

/// What a new session needs.
#[derive(Debug, Clone)]
pub struct NewCalibration {
    /// Forms.
    pub sheets: Vec<Choice>,
    /// Who evaluates.
    pub evaluators: Vec<Choice>,
}

/// The page.
pub fn render(model: &CalibrationPage) -> Markup {
    shell::page(
        &model.head,
        &html! {
            (outcome(&model.sent))
            @if model.sessions.is_empty() {
                p.lead { "No session yet. In one, several evaluators score the same calls, each on their own." }
            }
            @for session in &model.sessions { (one(model, session)) }
            @if let Some(new) = &model.new { (open(model, new)) }
            section.panel.gap {
                h2 { "How agreement is told" }
                p {
                    "A score agrees when it is within " (AGREES_WITHIN) " points of the master's. Krippendorff's alpha compares evaluators with one another, "
                    "beyond what chance would bring: from 0.80 scores can be relied on, from 0.667 with care, below that they cannot."
                }
            }
        },
    )
}

fn one(model: &CalibrationPage, session: &CalibrationLine) -> Markup {
    html! {
        section.panel {
            h2 { a href=(session.href) { (session.label) } }
            p.quiet.small { (session.sheet) ", opened " (session.opened) }
            @if !session.to_score.is_empty() {
                p { "You have still to score: "
                    @for (at, (call, href)) in session.to_score.iter().enumerate() { @if at > 0 { ", " } a.link href=(href) { (call) } }
                }
            }
            @match &session.against {
                // Who has still to score must not be led by what others gave.
                _ if !session.to_score.is_empty() => p.quiet { "How all compare is shown once you have scored." },
                None => p.quiet { "The master has not scored yet." },
                Some(against) => (compared(model, session, against)),
            }
        }
    }
}

fn compared(model: &CalibrationPage, session: &CalibrationLine, against: &AgainstMaster) -> Markup {
    html! {
        div.two.even {
            div {
                div.figure { b { (share(against.overall)) } " " span.unit { "within " (AGREES_WITHIN) " points of the master, " (of(against.overall)) } }
                div.scroll {
                    table.figures {
                        thead { tr { th { "Evaluator" } th.num { "Within " (AGREES_WITHIN) } th.num { "Share" } } }
                        tbody {
                            @for (evaluator, agreement) in &against.by_evaluator {
                                tr { th scope="row" { (parts::name(&model.names, evaluator)) } td.num { (of(*agreement)) } td.num { (share(*agreement)) } }
                            }
                        }
                    }
                }
                p.note { (alpha(session.among)) " " (session.among.says()) }
            }
            div.scroll {
                table.figures {
                    caption { "By criterion, those that differ most first" }
                    thead { tr { th { "Criterion" } th.num { "Same answer" } th.num { "Mean difference" } } }
                    tbody {
                        @for criterion in &against.by_criterion {
                            tr {
                                th scope="row" { (criterion.criterion) }
                                td.num { (of(criterion.same)) }
                                td.num { (format::figure(criterion.mean_difference, Unit::Share, None)) }
                            }
                        }
                    }
                }
                p.note { "The difference is of the most points that a criterion can have." }
            }
        }
        @if !against.lacking.is_empty() {
            p.note {
                "Not scored yet: "
                @for (at, (who, call)) in against.lacking.iter().enumerate() { @if at > 0 { ", " } (parts::name(&model.names, who)) " on " (call) }
                "."
            }
        }
    }
}

fn alpha(among: AmongEvaluators) -> Markup {
    let (class, says) = match among.verdict() {
        Some(Verdict::Good) => ("met", "● good"),
        Some(Verdict::Tentative) => ("close", "◐ tentative"),
        Some(Verdict::Poor) => ("missed", "○ poor"),
        None => ("unsure", "? cannot be said"),
    };
    html! { span.status.(class) { (says) } }
}

fn share(agreement: Agreement) -> String {
    agreement
        .share()
        .map_or_else(|_| DASH.to_owned(), |share| format::figure(share, Unit::Share, None).to_string())
}

fn of(agreement: Agreement) -> String {
    format!("{} of {}", agreement.agree, agreement.of)
}

fn open(model: &CalibrationPage, new: &NewCalibration) -> Markup {
    let form = Form::new(OPEN, &model.action, &model.sent);
    html! {
        section.panel.gap aria-labelledby="open" {
            h2 id="open" { "New session" }
            (form.of(&html! {
                div.fields {
                    (form.text(&Field::new(LABEL, "Name")))
                    (form.select(&Field::new(SHEET, "Form"), &new.sheets))
                    (form.select(&Field::new(MASTER, "Master"), &new.evaluators))
                }
                (form.ticks(&Field::new(EVALUATOR, "Evaluators").optional().help("Whoever evaluates, when none is ticked."), &new.evaluators, &[]))
                (form.area(&Field::new(CALLS, "Calls").help("Source and identifier, such as dialler/4711, one a line.")))
                div { (form.submit("Open the session")) }
            }))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::form::FORM;
    use crate::sample::quality;

    #[test]
    fn agreement_is_told_by_evaluator_and_criterion_with_its_parts() {
        let text = render(&quality::calibration()).into_string();
        for wanted in [
            // 100 and 100; 80 and 75, just within; 100 and nothing.
            "within 5 points of the master, 2 of 3",
            "66.7\u{a0}%",
            "<th scope=\"row\">price</th>",
            "Krippendorff's alpha",
            "Not scored yet: fay on c-2.",
        ] {
            assert!(text.contains(wanted), "{wanted} not in {text}");
        }
    }

    #[test]
    fn who_has_still_to_score_does_not_see_what_others_gave() {
        let mut model = quality::calibration();
        model.sessions[0].to_score = vec![("c-2".to_owned(), Link::to("/evaluate").with("call", "c-2"))];
        let text = render(&model).into_string();
        assert!(text.contains("shown once you have scored") && text.contains("/evaluate?call=c-2"), "{text}");
        assert!(!text.contains("2 of 3") && !text.contains("Mean difference"), "{text}");
    }

    #[test]
    fn ticks_and_calls_of_a_refused_session_come_back() {
        let pairs = [(FORM, OPEN), (EVALUATOR, "fay"), (CALLS, "c-1\nc-<2>"), (LABEL, "")];
        let mut sent = Sent::of(pairs.iter().map(|(n, v)| ((*n).to_owned(), (*v).to_owned())).collect());
        sent.refuse(LABEL, "Give the session a name.");
        let text = render(&CalibrationPage { sent, ..quality::calibration() }).into_string();
        assert!(text.contains("name=\"evaluator\" value=\"fay\" checked"), "{text}");
        assert!(text.contains("c-1\nc-&lt;2&gt;</textarea>"), "{text}");
    }
}
