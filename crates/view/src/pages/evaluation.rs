//! An evaluation: what each criterion brought, and the agent's answer to it: acknowledged, or appealed and decided.

use std::collections::BTreeMap;

use dialmark_govern::quality::{Answer, Evaluation, Form as Sheet, Scored, Standing};
use dialmark_metrics::Ratio;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use maud::{Markup, html};

use super::evaluations::{result, stands};
use crate::called::{self, Called};
use crate::form::{Field, Form, Sent, outcome};
use crate::link::Link;
use crate::shell::{self, Head};
use crate::{format, when};

/// The form by which the agent accepts it. It has no other field.
pub const ACKNOWLEDGE: &str = "acknowledge_evaluation";
/// The form by which the agent appeals: [`WHY`].
pub const APPEAL: &str = "appeal";
/// What the evaluation gets wrong.
pub const WHY: &str = "why";
/// The form by which somebody else decides that it stays: [`SAYS`]. To change it, the call is evaluated anew.
pub const UPHOLD: &str = "uphold";
/// The reason.
pub const SAYS: &str = "says";

/// What the page shows.
#[derive(Debug, Clone)]
pub struct EvaluationPage {
    /// Top of the page.
    pub head: Head,
    /// Zone of its times.
    pub zone: TimeZone,
    /// The version that counts, and how it stands.
    pub evaluation: Evaluation,
    /// Versions before it, the first one in front.
    pub earlier: Vec<Earlier>,
    /// Its form and version, in words.
    pub form: String,
    /// The same, while it is declared in that version.
    pub sheet: Option<Sheet>,
    /// What it brought.
    pub scored: Scored,
    /// Words on criteria, by name.
    pub comments: BTreeMap<String, String>,
    /// A word on the whole.
    pub overall: Option<String>,
    /// The call.
    pub call: Called,
    /// Name of the evaluator.
    pub evaluator: String,
    /// Whether the reader is the agent and may accept it.
    pub may_acknowledge: bool,
    /// Last day on which the reader may appeal; `None` when they may not.
    pub may_appeal_until: Option<Date>,
    /// The page that evaluates the call anew, where the reader may decide the appeal.
    pub may_decide: Option<Link>,
    /// Where forms are sent.
    pub action: Link,
    /// What was sent last.
    pub sent: Sent,
}

/// A version that does not count any more.
#[derive(Debug, Clone)]
pub struct Earlier {
    /// How it ended.
    pub evaluation: Evaluation,
    /// Name of who made it.
    pub evaluator: String,
    /// What it brought, of 100.
    pub score: Ratio,
}

/// The page.
pub fn render(model: &EvaluationPage) -> Markup {
    let evaluation = &model.evaluation;
    shell::page(
        &model.head,
        &html! {
            (outcome(&model.sent))
            p.lead {
                b { (format::fixed(model.scored.score, 1)) } " of 100 by " (model.form) ": "
                (result(model.scored.passed, model.scored.has_critical_error())) ". "
                (model.evaluator) " made it " (when::instant(evaluation.made_at(), &model.zone)) "."
            }
            section.two {
                section.panel aria-labelledby="criteria" {
                    h2 id="criteria" { "Criteria" }
                    (results(model.sheet.as_ref(), &model.scored, &model.comments))
                    @if let Some(overall) = &model.overall { h3 { "On the whole" } blockquote { (overall) } }
                }
                div.stack {
                    section.panel aria-labelledby="call" { h2 id="call" { "The call" } (called::facts(&model.call)) }
                    section.panel aria-labelledby="answer" {
                        h2 id="answer" { "Its state" }
                        p { (stands(evaluation.standing(), &model.zone)) "." }
                        (reasons(evaluation.standing()))
                        (answer(model))
                        @for one in &model.earlier { (earlier(one, &model.zone)) }
                    }
                }
            }
        },
    )
}

fn earlier(one: &Earlier, zone: &TimeZone) -> Markup {
    html! {
        h3 { "Before: " (format::fixed(one.score, 1)) " of 100" }
        p.quiet { (one.evaluator) " made it " (when::instant(one.evaluation.made_at(), zone)) "." }
        (reasons(one.evaluation.standing()))
    }
}

/// Why it was appealed, and why that was decided so.
fn reasons(standing: &Standing) -> Markup {
    html! {
        @match standing {
            Standing::Made | Standing::Acknowledged { .. } => {}
            Standing::Appealed { why, .. } => { h3 { "Why it was appealed" } blockquote { (why) } }
            Standing::Upheld { why, says, by, .. } | Standing::Changed { why, says, by, .. } => {
                h3 { "Why it was appealed" } blockquote { (why) }
                h3 { "What " (by) " decided" } blockquote { (says) }
            }
        }
    }
}

fn answer(model: &EvaluationPage) -> Markup {
    let form = |name| Form::new(name, &model.action, &model.sent);
    let (accept, appeal, uphold) = (form(ACKNOWLEDGE), form(APPEAL), form(UPHOLD));
    html! {
        @if model.may_acknowledge { (accept.in_line(&accept.submit("I accept it"))) }
        @if let Some(until) = model.may_appeal_until {
            (appeal.folded("Appeal", false, &html! {
                (appeal.area(&Field::new(WHY, "What it gets wrong").help(format!("You may appeal until {}. Somebody else decides.", when::day(until)))))
                div { (appeal.submit("Send the appeal")) }
            }))
        }
        @if let Some(anew) = &model.may_decide {
            (uphold.of(&html! {
                (uphold.area_of(&Field::new(SAYS, "Why it stays").help("The agent reads it."), 2))
                div { (uphold.submit("It stays")) }
            }))
            p.note { "Or " a.link href=(anew) { "evaluate the call anew" } ": then that counts instead." }
        }
    }
}

/// Criteria with what was given, what they brought of what they could, and words on them; and the sum.
pub(super) fn results(sheet: Option<&Sheet>, scored: &Scored, comments: &BTreeMap<String, String>) -> Markup {
    let points = |value| format::fixed(value, 2);
    html! {
        div.scroll {
            table.figures {
                thead { tr { th { "Criterion" } th.num { "Given" } th.num { "Points" } th.num { "Of" } th { "A word" } } }
                tbody {
                    @for item in &scored.items {
                        @let criterion = sheet.and_then(|sheet| sheet.criterion(&item.criterion));
                        tr {
                            th scope="row" {
                                (criterion.map_or(item.criterion.as_str(), |criterion| criterion.label.as_str()))
                                @if item.critical_error { " " span.status.missed { span aria-hidden="true" { "✕ " } "critical error" } }
                            }
                            td.num { @match item.answer { Answer::Points(given) => { (given) " of " (item.most) } Answer::LeftOut => span.quiet { "left out" } } }
                            @match item.answer {
                                Answer::Points(_) => { td.num { (points(item.points.reached)) } td.num { (points(item.points.possible)) } }
                                Answer::LeftOut => { td.num.quiet { (format::DASH) } td.num.quiet { (format::DASH) } }
                            }
                            td { @if let Some(comment) = comments.get(&item.criterion) { (comment) } }
                        }
                    }
                    tr aria-current="true" {
                        th scope="row" { "Score" }
                        td.num { b { (format::fixed(scored.score, 1)) } }
                        td.num { (points(scored.points.reached)) }
                        td.num { (points(scored.points.possible)) }
                        td { (result(scored.passed, false)) }
                    }
                }
            }
        }
        @if scored.has_critical_error() {
            p.note { "A critical criterion got none of its points, so the score is nothing, whatever the others brought." }
        } @else {
            p.note { "The score is points reached of points possible, on a scale of 100; what was left out counts in neither." }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::form::FORM;
    use crate::sample::quality;

    #[test]
    fn each_criterion_says_what_was_given_and_what_it_brought() {
        let text = render(&quality::evaluation_page()).into_string();
        for wanted in [
            "3 of 4</td><td class=\"num\">30.00</td><td class=\"num\">40.00",
            "left out",
            "critical error",
            "so the score is nothing",
            "Offered &lt;before&gt; asking.",
        ] {
            assert!(text.contains(wanted), "{wanted} not in {text}");
        }
    }

    #[test]
    fn the_agent_may_accept_or_appeal_while_it_is_open() {
        let text = render(&quality::evaluation_page()).into_string();
        assert!(
            text.contains(ACKNOWLEDGE) && text.contains("You may appeal until Wed 25 Nov 2026."),
            "{text}"
        );
        assert!(!text.contains(UPHOLD), "{text}");
        let closed =
            EvaluationPage { may_acknowledge: false, may_appeal_until: None, ..quality::evaluation_page() };
        assert!(!render(&closed).into_string().contains("<form"));
    }

    #[test]
    fn an_appeal_shows_its_reason_to_who_decides() {
        let text = render(&quality::appealed()).into_string();
        assert!(text.contains("She did &lt;ask&gt; at 1:20.") && text.contains("replaces=e-1"), "{text}");
        let mut sent = Sent::of(vec![
            (FORM.to_owned(), UPHOLD.to_owned()),
            (SAYS.to_owned(), "Heard <again>.".to_owned()),
        ]);
        sent.refuse("", "Quinn made the evaluation `e-1` and cannot decide on it.");
        let text = render(&EvaluationPage { sent, ..quality::appealed() }).into_string();
        assert!(text.contains("href=\"#form-uphold\"") && text.contains("Heard &lt;again&gt;."), "{text}");
    }

    #[test]
    fn after_a_change_the_agent_reads_why_and_what_was_before() {
        let text = render(&quality::changed()).into_string();
        assert!(
            text.contains("Before: 0.0 of 100") && text.contains("She did &lt;ask&gt; at 1:20."),
            "{text}"
        );
        assert!(text.contains("What lee decided") && text.contains("Heard at 1:20."), "{text}");
    }
}
