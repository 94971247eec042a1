//! Coaching: who is due for what, sessions with what was agreed, and whether they helped.

use std::collections::BTreeMap;

use dialmark_govern::coaching::{Due, Overdue, Rechecked, Session, Verdict};
use jiff::civil::Date;
use jiff::tz::TimeZone;
use maud::{Markup, html};

use crate::form::{Choice, Field, Form, Sent, outcome};
use crate::link::Link;
use crate::shell::{self, Head};
use crate::{format, parts, when};

/// The form that writes down a session that was held.
pub const HELD: &str = "held";
/// Who was coached: one of [`CoachingPage::agents`].
pub const AGENT: &str = "agent";
/// The behaviour: one of [`CoachingPage::behaviours`].
pub const BEHAVIOUR: &str = "behaviour";
/// What was agreed, in words.
pub const AGREEMENT: &str = "agreement";
/// Day of the session, as `2026-11-19`.
pub const HELD_ON: &str = "held_on";
/// Day on which the behaviour is looked at again.
pub const RECHECK_ON: &str = "recheck_on";
/// The form that says that the behaviour was looked at again; [`crate::form::ITEM`] is the session's id.
pub const RECHECKED: &str = "rechecked";
/// The form by which the agent says that this was agreed; [`crate::form::ITEM`] is the session's id.
pub const ACKNOWLEDGE: &str = "acknowledge_coaching";

/// What the page of coaching shows.
#[derive(Debug, Clone)]
pub struct CoachingPage {
    /// Top of the page.
    pub head: Head,
    /// Zone of its times.
    pub zone: TimeZone,
    /// Who is due for what.
    pub due: Vec<Due>,
    /// Names of agents and coaches by their identifiers, as far as they are known.
    pub names: BTreeMap<String, String>,
    /// What should have happened by now.
    pub overdue: Vec<Overdue>,
    /// Sessions, the latest first.
    pub sessions: Vec<CoachingLine>,
    /// What a new session begins with, where the reader may hold one.
    pub new: Option<NewSession>,
    /// Where forms are sent.
    pub action: Link,
    /// What was sent last.
    pub sent: Sent,
}

/// What the form of a new session offers.
#[derive(Debug, Clone)]
pub struct NewSession {
    /// Agents of the reader's scope.
    pub agents: Vec<Choice>,
    /// Behaviours that forms name.
    pub behaviours: Vec<Choice>,
    /// Who and what was chosen in the list of those who are due.
    pub chosen: Option<(String, String)>,
    /// Today.
    pub today: Date,
    /// When it is looked at again, unless something else is agreed.
    pub recheck_on: Date,
}

/// A session in a list.
#[derive(Debug, Clone)]
pub struct CoachingLine {
    /// The session.
    pub session: Session,
    /// Whether the reader may say that it was looked at again.
    pub may_recheck: bool,
}

/// The page.
pub fn render(model: &CoachingPage) -> Markup {
    shell::page(
        &model.head,
        &html! {
            (outcome(&model.sent))
            @if !model.overdue.is_empty() {
                section.panel aria-labelledby="overdue" {
                    h2 id="overdue" { "Overdue" }
                    ul.rows { @for one in &model.overdue { li { (one.says) span { "since " (when::day(one.since)) } } } }
                }
            }
            section.two.even {
                section.panel aria-labelledby="due" {
                    h2 id="due" { "Due" }
                    @if model.due.is_empty() { p.quiet { "No behaviour is low enough, or too little was seen to say so." } }
                    @for one in &model.due { (due(model, one)) }
                }
                @if let Some(new) = &model.new {
                    section.panel aria-labelledby="new" { h2 id="new" { "Write down a session" } (held(model, new)) }
                }
            }
            section.panel.gap aria-labelledby="sessions" {
                h2 id="sessions" { "Sessions" }
                @if model.sessions.is_empty() { p.quiet { "None yet." } } @else { (sessions(model)) }
            }
        },
    )
}

fn due(model: &CoachingPage, one: &Due) -> Markup {
    let name = parts::name(&model.names, &one.agent);
    html! {
        div.item {
            h3 { (name) }
            ul.rows {
                @for behaviour in &one.behaviours {
                    li {
                        (behaviour.behaviour)
                        span {
                            @if behaviour.critical_errors > 0 {
                                span.status.missed { "✕ " (parts::counted(behaviour.critical_errors, "critical error", "critical errors")) } ", "
                            }
                            @if let Some(share) = behaviour.share {
                                (format::figure(share, dialmark_metrics::metric::Unit::Share, None)) " of the points, "
                            }
                            "n " (format::count(behaviour.n))
                            @if model.new.is_some() {
                                " " a.link href=(model.action.clone().with(AGENT, &one.agent).with(BEHAVIOUR, &behaviour.behaviour)) {
                                    "coach" span.hidden { " " (name) " on " (behaviour.behaviour) }
                                }
                            }
                        }
                    }
                }
            }
            @if !one.too_few.is_empty() {
                p.note {
                    "Too little was seen of "
                    @for (at, (behaviour, n)) in one.too_few.iter().enumerate() { @if at > 0 { ", " } (behaviour) " (" (n) ")" }
                    "."
                }
            }
        }
    }
}

fn held(model: &CoachingPage, new: &NewSession) -> Markup {
    let form = Form::new(HELD, &model.action, &model.sent);
    let (agent, behaviour) = new.chosen.clone().unwrap_or_default();
    form.of(&html! {
        (form.select(&Field::new(AGENT, "Agent").value(agent), &new.agents))
        (form.select(&Field::new(BEHAVIOUR, "Behaviour").value(behaviour), &new.behaviours))
        (form.area(&Field::new(AGREEMENT, "What was agreed").help("The agent reads it and says that it was so.")))
        div.fields {
            (form.date(&Field::new(HELD_ON, "Held on").day(Some(new.today))))
            (form.date(&Field::new(RECHECK_ON, "Looked at again on").day(Some(new.recheck_on))))
        }
        div { (form.submit("Write it down")) }
    })
}

fn sessions(model: &CoachingPage) -> Markup {
    html! {
        div.scroll {
            table.figures {
                thead { tr { th { "Held" } th { "Agent" } th { "Behaviour" } th { "Agreement" } th { "Acknowledged" } th { "Looked at again" } th { "Effect" } } }
                tbody {
                    @for line in &model.sessions {
                        @let agreed = line.session.agreed();
                        tr {
                            th scope="row" { (when::instant(agreed.held_at, &model.zone)) div.why { "by " (parts::name(&model.names, &agreed.coach)) } }
                            td { (parts::name(&model.names, &agreed.agent)) }
                            td { (agreed.behaviour) }
                            td { (agreed.agreement) }
                            td { @match line.session.acknowledged_at() { Some(at) => (when::instant(at, &model.zone)), None => span.quiet { "not yet" } } }
                            td { (rechecked(model, line)) }
                            td { (effect(line.session.rechecked())) }
                        }
                    }
                }
            }
        }
    }
}

fn rechecked(model: &CoachingPage, line: &CoachingLine) -> Markup {
    if let Some(done) = line.session.rechecked() {
        return html! { (when::instant(done.at, &model.zone)) };
    }
    let form = Form::about(RECHECKED, line.session.id(), &model.action, &model.sent);
    html! {
        "due " (when::day(line.session.agreed().recheck_on))
        @if line.may_recheck { (form.in_line(&form.submit("Looked at again"))) }
    }
}

/// What came of a session, in sign, word and sentence.
pub fn effect(found: Option<&Rechecked>) -> Markup {
    match found {
        None => html! { span.quiet { "after the re-check" } },
        Some(found) => {
            let (class, says) = match found.verdict {
                Verdict::Better => ("met", "● better"),
                Verdict::NoDetectableEffect => ("unsure", "= no detectable effect"),
                Verdict::Worse => ("missed", "○ worse"),
                Verdict::NotEnoughEvidence => ("unsure", "? not enough evidence"),
            };
            html! { span.status.(class) { (says) } div.why { (found.says) } }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::form::FORM;
    use crate::sample::quality;

    #[test]
    fn who_is_due_comes_with_the_share_n_and_a_link_that_fills_in_the_form() {
        let text = render(&quality::coaching()).into_string();
        assert!(text.contains("40.0\u{a0}% of the points, n 10"), "{text}");
        assert!(text.contains("1\u{a0}critical error"), "{text}");
        assert!(text.contains("/coaching?agent=a-17&amp;behaviour=closing"), "{text}");
        assert!(text.contains("Too little was seen of price (4)."), "{text}");
        assert!(text.contains("<option value=\"closing\" selected>"), "{text}");
    }

    #[test]
    fn an_effect_is_told_with_its_interval_and_none_before_the_re_check() {
        let text = render(&quality::coaching()).into_string();
        assert!(text.contains("● better") && text.contains("rose by 0.2"), "{text}");
        assert!(text.contains("after the re-check") && text.contains("not yet"), "{text}");
    }

    #[test]
    fn a_session_that_was_refused_keeps_what_was_typed() {
        let mut sent = Sent::of(vec![
            (FORM.to_owned(), HELD.to_owned()),
            (AGREEMENT.to_owned(), "Ask before <offering>".to_owned()),
        ]);
        sent.refuse(
            RECHECK_ON,
            "The session was held on 2026-11-19, and that is no later day to look again.",
        );
        let text = render(&CoachingPage { sent, ..quality::coaching() }).into_string();
        assert!(text.contains("Ask before &lt;offering&gt;</textarea>"), "{text}");
        assert!(text.contains("href=\"#form-held-recheck_on\""), "{text}");
    }
}
