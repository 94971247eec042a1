//! What waits for the agent: a word on evaluations and coaching, and callbacks.

use dialmark_govern::quality::Standing;
use maud::{Markup, html};

use super::{ACKNOWLEDGE_COACHING, ACKNOWLEDGE_EVALUATION, AgentPage};
use crate::form::Form;
use crate::pages::coaching::CoachingLine;
use crate::pages::evaluations::{EvaluationLine, result};
use crate::{called, format, when};

fn unanswered(model: &AgentPage) -> Vec<&EvaluationLine> {
    model.evaluations.iter().filter(|line| *line.evaluation.standing() == Standing::Made).collect()
}

fn unacknowledged(model: &AgentPage) -> Vec<&CoachingLine> {
    model.coaching.iter().filter(|line| line.session.acknowledged_at().is_none()).collect()
}

/// How many things wait for an answer, callbacks that are late among them.
pub(super) fn count(model: &AgentPage) -> usize {
    let late = model.callbacks.iter().filter(|callback| callback.due_at < model.now).count();
    unanswered(model).len() + unacknowledged(model).len() + late
}

/// Evaluations and coaching that want a word.
pub(super) fn answers(model: &AgentPage) -> Markup {
    let (evaluations, sessions) = (unanswered(model), unacknowledged(model));
    html! {
        section.panel aria-labelledby="answers" {
            h2 id="answers" { "To acknowledge" }
            @if evaluations.is_empty() && sessions.is_empty() { p.quiet { "Nothing waits for an answer." } }
            @for line in evaluations {
                @let form = Form::about(ACKNOWLEDGE_EVALUATION, &line.id, &model.action, &model.sent);
                div.item {
                    header {
                        h3 { a href=(line.href) { "Evaluation, " (format::fixed(line.score, 1)) " of 100" } }
                        span { (result(line.passed, line.has_critical_error)) }
                    }
                    p.small { (line.form) " · " (called::in_brief(&line.call)) }
                    @if let Some(until) = line.appeal_until { p.note { "It may be appealed until " (when::day(until)) "." } }
                    @if model.is_own {
                        (form.in_line(&html! {
                            (form.submit("I accept it"))
                            a.link href=(line.href) { "Look at it, or appeal" }
                        }))
                    }
                }
            }
            @for line in sessions {
                @let agreed = line.session.agreed();
                @let form = Form::about(ACKNOWLEDGE_COACHING, line.session.id(), &model.action, &model.sent);
                div.item {
                    header { h3 { "Coaching on " (agreed.behaviour) } span.quiet.small { (when::instant(agreed.held_at, &model.zone)) } }
                    blockquote { (agreed.agreement) }
                    p.note { "It is looked at again on " (when::day(agreed.recheck_on)) "." }
                    @if model.is_own { (form.in_line(&form.submit("It was agreed so"))) }
                }
            }
        }
    }
}

/// Calls that were promised.
pub(super) fn callbacks(model: &AgentPage) -> Markup {
    html! {
        section.panel aria-labelledby="callbacks" {
            h2 id="callbacks" { "Callbacks" }
            @if model.callbacks.is_empty() { p.quiet { "None is open." } } @else {
                div.scroll {
                    table.figures {
                        thead { tr { th { "Due" } th { "Lead" } th { "Of" } } }
                        tbody {
                            @for callback in &model.callbacks {
                                tr {
                                    th scope="row" {
                                        (when::instant(callback.due_at, &model.zone))
                                        @if callback.due_at < model.now { " " span.status.missed { span aria-hidden="true" { "○ " } "late" } }
                                    }
                                    td { @match &callback.record { Some(href) => a href=(href) { (callback.lead) }, None => (callback.lead) } }
                                    td { (callback.of) }
                                }
                            }
                        }
                    }
                }
            }
        }
    }
}
