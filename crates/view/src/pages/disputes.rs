//! Disputes: what agents say that calls should have been coded as, and what was decided.

use dialmark_govern::dispute::{Decision, Dispute, Verdict};
use jiff::tz::TimeZone;
use maud::{Markup, html};

use crate::called::{self, Called};
use crate::form::{Choice, Field, Form, Sent, outcome};
use crate::link::Link;
use crate::shell::{self, Head};
use crate::{parts, when};

/// The form that decides a dispute; [`crate::form::ITEM`] is the dispute's id.
pub const DECIDE: &str = "decide";
/// The form by which an agent takes a dispute back; [`crate::form::ITEM`] is the dispute's id.
pub const WITHDRAW: &str = "withdraw";
/// Which way: [`ACCEPTED`] or [`REJECTED`].
pub const VERDICT: &str = "verdict";
/// The call is what the agent says.
pub const ACCEPTED: &str = "accepted";
/// The call stays as it is.
pub const REJECTED: &str = "rejected";
/// The reason, in a sentence.
pub const SAYS: &str = "says";

/// What the queue of disputes shows.
#[derive(Debug, Clone)]
pub struct DisputesPage {
    /// Top of the page.
    pub head: Head,
    /// Zone of its times.
    pub zone: TimeZone,
    /// Those that are open, the oldest first.
    pub open: Vec<Disputed>,
    /// Those that were decided, the latest first.
    pub decided: Vec<Disputed>,
    /// Where decisions are sent.
    pub action: Link,
    /// What was sent last.
    pub sent: Sent,
}

/// A dispute and its call.
#[derive(Debug, Clone)]
pub struct Disputed {
    /// The dispute.
    pub dispute: Dispute,
    /// The call.
    pub call: Called,
    /// Who raised it, by name.
    pub raised_by: String,
    /// What the code means that the agent asks for.
    pub should_mean: String,
    /// Why the reader may not decide it, in a sentence; `None` when they may.
    pub not_for_you: Option<String>,
}

/// The page.
pub fn render(model: &DisputesPage) -> Markup {
    shell::page(
        &model.head,
        &html! {
            (outcome(&model.sent))
            p.lead {
                @match model.open.len() {
                    0 => "No dispute waits for a decision.",
                    waiting => { (parts::counted(waiting, "dispute waits", "disputes wait")) " for a decision." }
                }
            }
            @if !model.open.is_empty() {
                section.panel aria-labelledby="open" {
                    h2 id="open" { "To be decided" }
                    @for one in &model.open { (item(model, one)) }
                }
            }
            section.panel aria-labelledby="decided" {
                h2 id="decided" { "Decided" }
                @if model.decided.is_empty() { p.quiet { "None yet." } } @else { (table(&model.decided, &model.zone)) }
            }
        },
    )
}

fn item(model: &DisputesPage, one: &Disputed) -> Markup {
    let dispute = &one.dispute;
    let (is, should_be) = dispute.codes();
    let form = Form::about(DECIDE, dispute.id(), &model.action, &model.sent);
    let ways = [
        Choice::new(ACCEPTED, "Accept").saying("the agent is right; the source is to be corrected"),
        Choice::new(REJECTED, "Reject").saying("the call stays as it is"),
    ];
    html! {
        article.item {
            header {
                h3 { (one.raised_by) ": " code { (is) } " should be " code { (should_be) } " " span.quiet { (one.should_mean) } }
                span.quiet.small { (when::instant(dispute.raised().1, &model.zone)) }
            }
            blockquote { (dispute.why()) }
            div.two.even {
                div {
                    (called::facts(&one.call))
                    @if let Some((now, _)) = one.call.code.as_ref().filter(|(now, _)| now != is) {
                        p.note { "The source has corrected the call since: it is " code { (now) } " now." }
                    }
                }
                @match &one.not_for_you {
                    Some(why) => p.note { (why) },
                    None => (form.of(&html! {
                        (form.radios(&Field::new(VERDICT, "Decision"), &ways))
                        (form.area_of(&Field::new(SAYS, "Reason").help("The agent reads it."), 2))
                        div { (form.submit("Decide")) }
                    })),
                }
            }
        }
    }
}

/// Disputes in a table with what came of them.
pub fn table(disputes: &[Disputed], zone: &TimeZone) -> Markup {
    html! {
        div.scroll {
            table.figures {
                thead { tr { th { "Call" } th { "Raised" } th { "Was" } th { "Should be" } th { "Why" } th { "Decision" } } }
                tbody {
                    @for one in disputes {
                        @let (is, should_be) = one.dispute.codes();
                        tr {
                            th scope="row" { (called::in_brief(&one.call)) }
                            td { (one.raised_by) ", " (when::instant(one.dispute.raised().1, zone)) }
                            td { code { (is) } }
                            td { code { (should_be) } }
                            td { (one.dispute.why()) }
                            td { (decision(&one.dispute, zone)) }
                        }
                    }
                }
            }
        }
    }
}

fn decision(dispute: &Dispute, zone: &TimeZone) -> Markup {
    let Some(Decision { verdict, by, at, says }) = dispute.decision() else {
        return html! { span.status.unsure { span aria-hidden="true" { "? " } "waits" } };
    };
    let (class, sign, word) = match verdict {
        Verdict::Accepted => ("met", "●", "accepted"),
        Verdict::Rejected => ("missed", "○", "rejected"),
        Verdict::Withdrawn => ("unsure", "–", "withdrawn"),
    };
    html! {
        span.status.(class) { span aria-hidden="true" { (sign) " " } (word) }
        " by " (by) ", " (when::instant(*at, zone)) ": " (says)
        @if let Some(correction) = dispute.correction() {
            div.why { "To be corrected in " (correction.call.source) ": " (correction.call.source_id) " from "
                code { (correction.from) } " to " code { (correction.to) } "." }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::form::{FORM, ITEM};
    use crate::sample::people;

    #[test]
    fn a_dispute_shows_both_codes_the_reason_and_the_call_beside_the_decision() {
        let text = render(&people::disputes()).into_string();
        for wanted in [
            "1\u{a0}dispute waits",
            "<code>NI</code> should be <code>SALE</code>",
            "She said yes",
            "<dt>Recording</dt>",
            "name=\"verdict\" value=\"accepted\"",
            "name=\"item\" value=\"d-3\"",
        ] {
            assert!(text.contains(wanted), "{wanted} not in {text}");
        }
    }

    #[test]
    fn what_was_decided_says_by_whom_why_and_what_is_to_be_corrected() {
        let text = render(&people::disputes()).into_string();
        assert!(text.contains("accepted</span> by lead@example.org"), "{text}");
        assert!(
            text.contains("To be corrected in dialler: c-1 from <code>NI</code> to <code>CB</code>."),
            "{text}"
        );
    }

    #[test]
    fn who_may_not_decide_is_told_why_and_has_no_form() {
        let mut model = people::disputes();
        model.open[0].not_for_you = Some("You raised it; somebody else decides.".to_owned());
        let text = render(&model).into_string();
        assert!(text.contains("somebody else decides") && !text.contains("<form class=\"fill\""), "{text}");
    }

    #[test]
    fn a_decision_without_a_reason_comes_back_with_its_verdict() {
        let pairs = [(FORM, DECIDE), (ITEM, "d-3"), (VERDICT, REJECTED), (SAYS, "")];
        let mut sent = Sent::of(pairs.iter().map(|(n, v)| ((*n).to_owned(), (*v).to_owned())).collect());
        sent.refuse(SAYS, "A decision needs a reason. Say why.");
        let text = render(&DisputesPage { sent, ..people::disputes() }).into_string();
        assert!(text.contains("value=\"rejected\" checked"), "{text}");
        assert!(text.contains("<a href=\"#form-decide-d-3-says\">A decision needs a reason."), "{text}");
    }
}
