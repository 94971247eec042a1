//! An agent disputes what one of their calls was classified as.

use maud::{Markup, html};

use crate::called::{self, Called};
use crate::form::{Choice, Field, Form, Sent, outcome};
use crate::link::Link;
use crate::shell::{self, Head};

/// The form.
pub const RAISE: &str = "raise";
/// Source of the call, unseen.
pub const SOURCE: &str = "source";
/// Identifier of the call there, unseen.
pub const SOURCE_ID: &str = "source_id";
/// The code that the call had when the form was shown, unseen; empty when it has none. Another one since then is a reason to
/// show the form again.
pub const IS: &str = "is";
/// The code that it should have: one of [`DisputeForm::codes`].
pub const SHOULD_BE: &str = "should_be";
/// Why, in the agent's words.
pub const WHY: &str = "why";

/// What the form shows.
#[derive(Debug, Clone)]
pub struct DisputeForm {
    /// Top of the page.
    pub head: Head,
    /// The call.
    pub call: Called,
    /// Codes that have a meaning, with it; the one that the call has left out.
    pub codes: Vec<Choice>,
    /// Where it is sent.
    pub action: Link,
    /// The agent's page.
    pub back: Link,
    /// What was sent last.
    pub sent: Sent,
}

/// The page.
pub fn render(model: &DisputeForm) -> Markup {
    let form = Form::new(RAISE, &model.action, &model.sent);
    let id = &model.call.id;
    let code = model.call.code.as_ref().map_or("", |(code, _)| code);
    shell::page(
        &model.head,
        &html! {
            (outcome(&model.sent))
            p.lead { "A dispute stands beside the record, which keeps what the source said. Somebody else decides it, and you read why." }
            section.two.even {
                section.panel aria-labelledby="call" { h2 id="call" { "The call" } (called::facts(&model.call)) }
                section.panel aria-labelledby="dispute" {
                    h2 id="dispute" { "What is wrong with it" }
                    (form.of(&html! {
                        (form.hidden(SOURCE, &id.source))
                        (form.hidden(SOURCE_ID, &id.source_id))
                        (form.hidden(IS, code))
                        (form.select(&Field::new(SHOULD_BE, "It should be"), &model.codes))
                        (form.area(&Field::new(WHY, "Why").help("Say what happened on the call.")))
                        div.buttons { (form.submit("Send the dispute")) a.link href=(model.back) { "Back without sending" } }
                    }))
                }
            }
        },
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample::people;

    #[test]
    fn the_form_names_the_call_and_the_code_that_it_has() {
        let text = render(&people::dispute_form()).into_string();
        for wanted in [
            "name=\"source\" value=\"dialler\"",
            "name=\"source_id\" value=\"c-7\"",
            "name=\"is\" value=\"NI\"",
            "<option value=\"SALE\">SALE – sale</option>",
            "Send the dispute",
        ] {
            assert!(text.contains(wanted), "{wanted} not in {text}");
        }
    }
}
