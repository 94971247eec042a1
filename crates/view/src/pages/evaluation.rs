//! An evaluation: what each criterion brought, and the agent's answer to it: acknowledged, or appealed and decided.

use std::collections::BTreeMap;

use dialmark_govern::quality::{Answer, Evaluation, Form as Sheet, Scored, Standing};
use jiff::civil::Date;
use jiff::tz::TimeZone;
use maud::{Markup, html};

use super::evaluations::{result, stands};
use crate::called::{self, Called};
use crate::form::{Choice, Field, Form, Sent, outcome};
use crate::link::Link;
use crate::shell::{self, Head};
use crate::{format, when};

/// The form by which the agent accepts it. It has no other field.
pub const ACKNOWLEDGE: &str = "acknowledge_evaluation";
/// The form by which the agent appeals: [`WHY`].
pub const APPEAL: &str = "appeal";
/// What the evaluation gets wrong.
pub const WHY: &str = "why";
/// The form that decides an appeal: [`VERDICT`], [`SAYS`], [`REPLACED_BY`].
pub const DECIDE: &str = "decide_appeal";
/// [`UPHELD`] or [`CHANGED`].
pub const VERDICT: &str = "verdict";
/// It stays.
pub const UPHELD: &str = "upheld";
/// Another evaluation of the call counts in its place.
pub const CHANGED: &str = "changed";
/// The reason.
pub const SAYS: &str = "says";
/// The evaluation that counts instead: one of [`MayDecide::others`]; empty unless it is changed.
pub const REPLACED_BY: &str = "replaced_by";

/// What the page shows.
#[derive(Debug, Clone)]
pub struct EvaluationPage {
    /// Top of the page.
    pub head: Head,
    /// Zone of its times.
    pub zone: TimeZone,
    /// The evaluation and how it stands.
    pub evaluation: Evaluation,
    /// Its form, in its version.
    pub sheet: Sheet,
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
    /// What the reader needs to decide an appeal; `None` when they may not.
    pub may_decide: Option<MayDecide>,
    /// Where forms are sent.
    pub action: Link,
    /// What was sent last.
    pub sent: Sent,
}

/// What deciding an appeal needs.
#[derive(Debug, Clone)]
pub struct MayDecide {
    /// Other evaluations of the call.
    pub others: Vec<Choice>,
    /// The page that makes one.
    pub anew: Link,
}

/// The page.
pub fn render(model: &EvaluationPage) -> Markup {
    let evaluation = &model.evaluation;
    shell::page(
        &model.head,
        &html! {
            (outcome(&model.sent))
            p.lead {
                b { (format::fixed(model.scored.score, 1)) } " of 100 by " (model.sheet.label) ", version " (model.sheet.version) ": "
                (result(model.scored.passed, model.scored.has_critical_error())) ". "
                (model.evaluator) " made it " (when::instant(evaluation.made_at(), &model.zone)) "."
                @if !evaluation.counts() { " It counts no longer." }
            }
            section.two {
                section.panel aria-labelledby="criteria" {
                    h2 id="criteria" { "Criteria" }
                    (results(&model.sheet, &model.scored, &model.comments))
                    @if let Some(overall) = &model.overall { h3 { "On the whole" } blockquote { (overall) } }
                }
                div.stack {
                    section.panel aria-labelledby="call" { h2 id="call" { "The call" } (called::facts(&model.call)) }
                    section.panel aria-labelledby="answer" {
                        h2 id="answer" { "Its state" }
                        (state(model))
                        (answer(model))
                    }
                }
            }
        },
    )
}

fn state(model: &EvaluationPage) -> Markup {
    let standing = model.evaluation.standing();
    html! {
        p { (stands(standing, &model.zone)) "." }
        @match standing {
            Standing::Made | Standing::Acknowledged { .. } => {}
            Standing::Appealed { why, .. } => { h3 { "Why it was appealed" } blockquote { (why) } }
            Standing::Upheld { why, says, .. } | Standing::Changed { why, says, .. } => {
                h3 { "Why it was appealed" } blockquote { (why) }
                h3 { "The decision" } blockquote { (says) }
            }
        }
    }
}

fn answer(model: &EvaluationPage) -> Markup {
    let form = |name| Form::new(name, &model.action, &model.sent);
    let (accept, appeal, decide) = (form(ACKNOWLEDGE), form(APPEAL), form(DECIDE));
    let ways = [
        Choice::new(UPHELD, "It stays"),
        Choice::new(CHANGED, "Another one counts").saying("evaluate the call anew first"),
    ];
    html! {
        @if model.may_acknowledge { (accept.in_line(&accept.submit("I accept it"))) }
        @if let Some(until) = model.may_appeal_until {
            (appeal.folded("Appeal", false, &html! {
                (appeal.area(&Field::new(WHY, "What it gets wrong").help(format!("You may appeal until {}. Somebody else decides.", when::day(until)))))
                div { (appeal.submit("Send the appeal")) }
            }))
        }
        @if let Some(may) = &model.may_decide {
            (decide.of(&html! {
                (decide.radios(&Field::new(VERDICT, "Decision"), &ways))
                (decide.select(&Field::new(REPLACED_BY, "Evaluation that counts instead").optional(), &may.others))
                p.note { a.link href=(may.anew) { "Evaluate the call anew" } }
                (decide.area_of(&Field::new(SAYS, "Reason").help("The agent reads it."), 2))
                div { (decide.submit("Decide")) }
            }))
        }
    }
}

/// Criteria with what was given, what they brought of what they could, and words on them; and the sum.
pub(super) fn results(sheet: &Sheet, scored: &Scored, comments: &BTreeMap<String, String>) -> Markup {
    let points = |value| format::fixed(value, 2);
    html! {
        div.scroll {
            table.figures {
                thead { tr { th { "Criterion" } th.num { "Given" } th.num { "Points" } th.num { "Of" } th { "A word" } } }
                tbody {
                    @for item in &scored.items {
                        @let criterion = sheet.criterion(&item.criterion);
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
        assert!(!text.contains(DECIDE), "{text}");
        let closed =
            EvaluationPage { may_acknowledge: false, may_appeal_until: None, ..quality::evaluation_page() };
        assert!(!render(&closed).into_string().contains("<form"));
    }

    #[test]
    fn an_appeal_shows_its_reason_to_who_decides() {
        let text = render(&quality::appealed()).into_string();
        assert!(
            text.contains("She did &lt;ask&gt; at 1:20.")
                && text.contains("name=\"verdict\" value=\"changed\""),
            "{text}"
        );
        assert!(text.contains("<option value=\"e-9\">"), "{text}");
        let mut sent = Sent::of(vec![
            (FORM.to_owned(), DECIDE.to_owned()),
            (VERDICT.to_owned(), CHANGED.to_owned()),
            (SAYS.to_owned(), "Heard again.".to_owned()),
        ]);
        sent.refuse(REPLACED_BY, "The evaluation `e-1` is changed by another one. Name that one.");
        let text = render(&EvaluationPage { sent, ..quality::appealed() }).into_string();
        assert!(text.contains("href=\"#form-decide_appeal-replaced_by\""), "{text}");
        assert!(text.contains("value=\"changed\" checked") && text.contains("Heard again."), "{text}");
    }
}
