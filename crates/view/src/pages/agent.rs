//! An agent's own page: figures with their targets and the records behind them, callbacks, evaluations and coaching to
//! answer, commission so far, disputes. Who leads the team sees the same.

mod waiting;

use dialmark_govern::Status;
use dialmark_govern::incentive::Statement;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use maud::{Markup, html};

use super::coaching::CoachingLine;
use super::disputes::{self, Disputed, WITHDRAW};
use super::evaluations::EvaluationLine;
use super::incentive;
use super::kpis::{self, KpiCard};
use super::overview::{Choice, choices};
use super::statement::money;
use crate::called::{self, Called};
use crate::form::{Field, Form, Sent, outcome};
use crate::link::Link;
use crate::shell::{self, Head};
use crate::{parts, when};

/// The form by which the agent accepts an evaluation; [`crate::form::ITEM`] is its id. It has no other field.
pub const ACKNOWLEDGE_EVALUATION: &str = "acknowledge_evaluation";
/// The form by which the agent says that coaching was agreed so; [`crate::form::ITEM`] is the session's id.
pub use super::coaching::ACKNOWLEDGE as ACKNOWLEDGE_COACHING;
/// Why a dispute is taken back, in the form [`WITHDRAW`].
pub use super::disputes::SAYS;

/// What an agent's page shows.
#[derive(Debug, Clone)]
pub struct AgentPage {
    /// Top of the page.
    pub head: Head,
    /// Name of the agent.
    pub name: String,
    /// Whether the reader is the agent, who may acknowledge, appeal and dispute.
    pub is_own: bool,
    /// Zone of its times.
    pub zone: TimeZone,
    /// Now, for what is late.
    pub now: Timestamp,
    /// Stretches of time to choose from.
    pub periods: Vec<Choice>,
    /// The agent's KPIs, each with the records behind its figure.
    pub kpis: Vec<(KpiCard, Option<Link>)>,
    /// Callbacks that were agreed and are not made yet, what is due first in front.
    pub callbacks: Vec<Callback>,
    /// Evaluations, the latest first.
    pub evaluations: Vec<EvaluationLine>,
    /// Coaching sessions, the latest first.
    pub coaching: Vec<CoachingLine>,
    /// Statements of the running period, one a plan, each with its page.
    pub commission: Vec<(Statement, Link)>,
    /// Disputes, the latest first.
    pub disputes: Vec<Disputed>,
    /// The latest calls, each with the page that disputes it, or for others than the agent the one that evaluates it, where
    /// the reader may.
    pub calls: Vec<(Called, Option<Link>)>,
    /// All calls.
    pub all_calls: Link,
    /// Where forms are sent.
    pub action: Link,
    /// What was sent last.
    pub sent: Sent,
}

/// A call that was promised.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Callback {
    /// When it is due.
    pub due_at: Timestamp,
    /// Whom it is about: the lead as records know it.
    pub lead: String,
    /// Of which campaign and list, in words.
    pub of: String,
    /// The records of the lead.
    pub record: Option<Link>,
}

/// The page.
pub fn render(model: &AgentPage) -> Markup {
    shell::page(
        &model.head,
        &html! {
            (outcome(&model.sent))
            p.lead { (lead(model)) }
            (choices("Period", &model.periods))
            @if model.kpis.is_empty() {
                p.quiet { "No KPI holds for this agent." }
            }
            h2.hidden { "KPIs" }
            section.grid aria-label="KPIs" { @for (card, records) in &model.kpis { (kpis::card(card, records.as_ref())) } }
            section.two.even {
                div.stack { (waiting::answers(model)) (waiting::callbacks(model)) }
                div.stack { (commission(model)) }
            }
            (evaluations(model))
            (coaching(model))
            (disputed(model))
            (calls(model))
        },
    )
}

/// How the agent stands, and what waits.
fn lead(model: &AgentPage) -> String {
    let all = model.kpis.len();
    let count =
        |wanted: &str| model.kpis.iter().filter(|(card, _)| card.standing.status.word() == wanted).count();
    let unsure =
        model.kpis.iter().filter(|(card, _)| matches!(card.standing.status, Status::NotEnough(_))).count();
    let stands = match all {
        0 => "No figure is judged yet.".to_owned(),
        _ => format!(
            "{} of {} met, {} close, {} missed{}.",
            count("met"),
            parts::counted(all, "target is", "targets are"),
            count("close"),
            count("missed"),
            if unsure > 0 { format!(", of {unsure} nothing can be said yet") } else { String::new() }
        ),
    };
    let waits = waiting::count(model);
    let whom = if model.is_own { "you".to_owned() } else { model.name.clone() };
    match waits {
        0 => stands,
        1 => format!("{stands} 1 thing waits for {whom}."),
        _ => format!("{stands} {waits} things wait for {whom}."),
    }
}

fn commission(model: &AgentPage) -> Markup {
    html! {
        section.panel aria-labelledby="commission" {
            h2 id="commission" { "Commission so far" }
            @if model.commission.is_empty() { p.quiet { "No plan pays for these figures." } }
            @for (statement, href) in &model.commission {
                div.item {
                    header {
                        h3 { a href=(href) { (statement.label) ", " (statement.period) } }
                        b { (money(&statement.due)) }
                    }
                    (incentive::lines(statement))
                    p.note { (incentive::standing(statement)) }
                }
            }
        }
    }
}

fn evaluations(model: &AgentPage) -> Markup {
    html! {
        section.panel.gap aria-labelledby="evaluations" {
            h2 id="evaluations" { "Evaluations" }
            @if model.evaluations.is_empty() { p.quiet { "None yet." } }
            @else { (super::evaluations::table(&model.evaluations, &model.zone)) }
        }
    }
}

fn coaching(model: &AgentPage) -> Markup {
    html! {
        section.panel aria-labelledby="coaching" {
            h2 id="coaching" { "Coaching" }
            @if model.coaching.is_empty() { p.quiet { "No session yet." } } @else {
                div.scroll {
                    table.figures {
                        thead { tr { th { "Held" } th { "Behaviour" } th { "Agreement" } th { "Looked at again" } th { "Effect" } } }
                        tbody {
                            @for line in &model.coaching {
                                @let agreed = line.session.agreed();
                                tr {
                                    th scope="row" { (when::instant(agreed.held_at, &model.zone)) }
                                    td { (agreed.behaviour) }
                                    td { (agreed.agreement) }
                                    td { (when::day(agreed.recheck_on)) }
                                    td { (super::coaching::effect(line.session.rechecked())) }
                                }
                            }
                        }
                    }
                }
            }
        }
    }
}

fn disputed(model: &AgentPage) -> Markup {
    let open = |one: &&Disputed| model.is_own && one.dispute.decision().is_none();
    html! {
        section.panel aria-labelledby="disputes" {
            h2 id="disputes" { "Disputes" }
            @if model.disputes.is_empty() { p.quiet { "None. A call that is coded wrongly can be disputed below." } }
            @else { (disputes::table(&model.disputes, &model.zone)) }
            @for one in model.disputes.iter().filter(open) {
                @let form = Form::about(WITHDRAW, one.dispute.id(), &model.action, &model.sent);
                (form.folded(&format!("Take back the dispute about {}", one.call.id.source_id), false, &html! {
                    (form.text(&Field::new(SAYS, "Why")))
                    div { (form.submit("Take it back")) }
                }))
            }
        }
    }
}

fn calls(model: &AgentPage) -> Markup {
    html! {
        section.panel aria-labelledby="calls" {
            h2 id="calls" { "Latest calls" }
            @if model.calls.is_empty() { p.quiet { "No call in this period." } } @else {
                div.scroll {
                    table.figures {
                        thead { tr { th { "Call" } th { "Code" } th { "Means" } th { span.hidden { "Step" } } } }
                        tbody {
                            @for (call, step) in &model.calls {
                                tr {
                                    th scope="row" { (called::in_short(call)) }
                                    @match &call.code {
                                        Some((code, means)) => { td { code { (code) } } td { (means) } }
                                        None => td.quiet colspan="2" { "no code" },
                                    }
                                    td {
                                        @if let Some(href) = step {
                                            a.link href=(href) { (if model.is_own { "Dispute" } else { "Evaluate" }) span.hidden { " the call " (call.id.source_id) } }
                                        }
                                    }
                                }
                            }
                        }
                    }
                }
            }
            p.note { a.link href=(model.all_calls) { "All calls of the period" } }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::form::{FORM, ITEM};
    use crate::sample::people;

    #[test]
    fn figures_come_with_targets_status_and_the_records_behind_them() {
        let text = render(&people::agent()).into_string();
        for wanted in [
            "1 of 2\u{a0}targets are met, 0 close, 1 missed",
            "target at least 5.20",
            "Missed",
            "href=\"/calls?metric=conversion_rate&amp;where=agent_id%20%3D%20%27a-17%27\"",
        ] {
            assert!(text.contains(wanted), "{wanted} not in {text}");
        }
    }

    #[test]
    fn what_waits_for_the_agent_can_be_answered_here() {
        let text = render(&people::agent()).into_string();
        assert!(text.contains("3 things wait for you"), "{text}");
        assert!(
            text.contains("value=\"acknowledge_evaluation\"") && text.contains("value=\"e-1\""),
            "{text}"
        );
        assert!(text.contains("value=\"acknowledge_coaching\""), "{text}");
        assert!(text.contains("may be appealed until"), "{text}");
        assert!(text.contains("Take back the dispute about c-7"), "{text}");
    }

    #[test]
    fn who_leads_the_team_sees_it_and_answers_nothing() {
        let text = render(&AgentPage { is_own: false, ..people::agent() }).into_string();
        assert!(text.contains("3 things wait for Ann Archer"), "{text}");
        assert!(!text.contains("<form") && !text.contains("Dispute<span"), "{text}");
    }

    #[test]
    fn a_callback_that_is_late_says_so() {
        let text = render(&people::agent()).into_string();
        assert!(text.contains("lead-4") && text.matches("late</span>").count() == 1, "{text}");
    }

    #[test]
    fn what_was_taken_is_said_at_the_top() {
        let sent = Sent::done("The evaluation is acknowledged.");
        let text = render(&AgentPage { sent, ..people::agent() }).into_string();
        assert!(text.contains("role=\"status\""), "{text}");
        let mut sent = Sent::of(vec![
            (FORM.to_owned(), WITHDRAW.to_owned()),
            (ITEM.to_owned(), "d-3".to_owned()),
            (SAYS.to_owned(), String::new()),
        ]);
        sent.refuse(SAYS, "A decision needs a reason. Say why.");
        let text = render(&AgentPage { sent, ..people::agent() }).into_string();
        assert!(text.contains("<details class=\"fold\" open>"), "{text}");
    }
}
