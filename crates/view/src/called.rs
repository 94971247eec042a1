//! One call as somebody sees it who judges it: what is known of it, its recording, the records behind it.

use dialmark_govern::dispute::CallId;
use maud::{Markup, html};

use crate::link::Link;

/// A call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Called {
    /// How it is known.
    pub id: CallId,
    /// Name of the agent who handled it.
    pub agent: String,
    /// Its code, as the source wrote it, and what it means; `None` when it has none.
    pub code: Option<(String, String)>,
    /// What else is known, in words: when, which campaign, how long.
    pub facts: Vec<(String, String)>,
    /// Reference of the recording, as the source gave it: an address or a number.
    pub recording: Option<String>,
    /// The record.
    pub record: Option<Link>,
}

/// What is known of a call, as a list.
pub fn facts(call: &Called) -> Markup {
    html! {
        dl.facts {
            dt { "Call" }
            dd { @match &call.record { Some(href) => a.link href=(href) { (call.id) }, None => (call.id) } }
            dt { "Agent" } dd { (call.agent) }
            dt { "Code" }
            dd {
                @match &call.code {
                    Some((code, means)) => { code { (code) } " " span.quiet { (means) } }
                    None => span.quiet { "none" },
                }
            }
            @for (name, value) in &call.facts { dt { (name) } dd { (value) } }
            dt { "Recording" }
            dd {
                @match &call.recording {
                    Some(reference) => (recording(reference)),
                    None => span.quiet { "the source gave no reference" },
                }
            }
        }
    }
}

/// Which call, with the first two things that are known of it.
pub fn in_short(call: &Called) -> Markup {
    html! {
        @match &call.record { Some(href) => a href=(href) { (call.id.source_id) }, None => (call.id.source_id) }
        @for (_, value) in call.facts.iter().take(2) { " · " (value) }
    }
}

/// The same with what it was coded as.
pub fn in_brief(call: &Called) -> Markup {
    html! {
        (in_short(call))
        @if let Some((code, means)) = &call.code { " · " code { (code) } " " span.quiet { (means) } }
    }
}

/// An address of the web is a link; anything else that a source calls a reference is shown as it is, and runs nowhere.
fn recording(reference: &str) -> Markup {
    let is_address = ["https://", "http://"].iter().any(|scheme| reference.starts_with(scheme));
    match is_address {
        true => html! {
            a.link href=(reference) rel="noopener noreferrer" target="_blank" { "listen" span.hidden { " in a new tab" } }
            " " code { (reference) }
        },
        false => html! { code { (reference) } },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn call(recording: Option<&str>) -> Called {
        Called {
            id: CallId { source: "dialler".to_owned(), source_id: "c-1 <b>".to_owned() },
            agent: "Ann".to_owned(),
            code: None,
            facts: vec![("Talk".to_owned(), "4:12".to_owned())],
            recording: recording.map(str::to_owned),
            record: None,
        }
    }

    #[test]
    fn only_an_address_of_the_web_is_a_link() {
        let text = |recording| facts(&call(recording)).into_string();
        assert!(
            text(Some("https://rec.example/1")).contains("href=\"https://rec.example/1\" rel=\"noopener")
        );
        assert!(!text(Some("javascript:alert(1)")).contains("href"));
        assert!(text(Some("REC-17")).contains("<code>REC-17</code>"));
        assert!(text(None).contains("no reference") && text(None).contains("c-1 &lt;b&gt;"));
    }
}
