//! The trail: who did what, to what, when and why. It only grows.

use maud::{Markup, html};

use crate::form::Choice;
use crate::link::Link;
use crate::parts;
use crate::shell::{self, Head};

/// Parts of the query: by whom.
pub const WHO: &str = "who";
/// What was done, as [`TrailPage::kinds`] names it.
pub const DID: &str = "did";
/// To what: text that its name holds.
pub const WHAT: &str = "what";
/// First day.
pub const FROM: &str = "from";
/// First day that does not belong to it.
pub const TO: &str = "to";
/// Number of the page, from 1.
pub const PAGE: &str = "page";

/// What the page shows.
#[derive(Debug, Clone)]
pub struct TrailPage {
    /// Top of the page.
    pub head: Head,
    /// Who did something.
    pub people: Vec<Choice>,
    /// What can be done.
    pub kinds: Vec<Choice>,
    /// What was asked for.
    pub asked: TrailAsked,
    /// Lines of this page, the latest first.
    pub lines: Vec<TrailLine>,
    /// How many there are that were asked for.
    pub total: u64,
    /// Number of the first of this page, from 1.
    pub first: u64,
    /// The page before, with later lines.
    pub later: Option<Link>,
    /// The page after, with earlier lines.
    pub earlier: Option<Link>,
    /// What was found when the trail was checked for gaps: sound, or what is wrong; in a sentence.
    pub checked: Option<Result<String, String>>,
}

/// What was asked for; empty for all.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TrailAsked {
    /// By whom.
    pub who: String,
    /// What was done.
    pub did: String,
    /// To what.
    pub what: String,
    /// First day, as `2026-11-19`.
    pub from: String,
    /// First day that does not belong to it.
    pub to: String,
}

/// One thing that was done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TrailLine {
    /// When, in words.
    pub at: String,
    /// Who, by name.
    pub who: String,
    /// What was done, in words.
    pub did: String,
    /// To what, and its page if it has one.
    pub what: (String, Option<Link>),
    /// Why, where a reason was asked for.
    pub why: Option<String>,
    /// What stood there before and what stands there now, where that can be told.
    pub change: Option<(String, String)>,
}

/// The page.
pub fn render(model: &TrailPage) -> Markup {
    shell::page(
        &model.head,
        &html! {
            (ask(model))
            @match &model.checked {
                Some(Ok(says)) => p.note { span.status.met { span aria-hidden="true" { "● " } "sound" } " " (says) },
                Some(Err(says)) => p.note role="alert" { span.status.missed { span aria-hidden="true" { "○ " } "broken" } " " (says) },
                None => {}
            }
            section.panel.gap aria-labelledby="trail" {
                h2 id="trail" { "What was done" }
                @if model.lines.is_empty() { p.quiet { "Nothing that fits." } } @else { (table(model)) }
            }
        },
    )
}

fn ask(model: &TrailPage) -> Markup {
    let asked = &model.asked;
    let drop_down = |label: &str, name: &str, choices: &[Choice], value: &str| {
        html! {
            label { (label)
                select name=(name) {
                    option value="" { "all" }
                    @for choice in choices { option value=(choice.value) selected[choice.value == value] { (choice.label) } }
                }
            }
        }
    };
    html! {
        section.panel aria-labelledby="ask" {
            h2 id="ask" { "Look for" }
            form.ask method="get" action=(model.head.here.path()) {
                (drop_down("who", WHO, &model.people, &asked.who))
                (drop_down("did", DID, &model.kinds, &asked.did))
                label.wide { "what" input name=(WHAT) value=(asked.what) placeholder="conversion_north"; }
                label { "from" input type="date" name=(FROM) value=(asked.from); }
                label { "before" input type="date" name=(TO) value=(asked.to); }
                button type="submit" { "Show" }
            }
        }
    }
}

fn table(model: &TrailPage) -> Markup {
    let last =
        model.first.saturating_add(u64::try_from(model.lines.len()).unwrap_or(u64::MAX)).saturating_sub(1);
    html! {
        div.scroll {
            table.figures {
                thead { tr { th { "When" } th { "Who" } th { "Did" } th { "To what" } th { "Why" } } }
                tbody {
                    @for line in &model.lines {
                        tr {
                            th scope="row" { (line.at) }
                            td { (line.who) }
                            td { (line.did) }
                            td {
                                @match &line.what { (what, Some(href)) => a href=(href) { (what) }, (what, None) => (what) }
                                @if let Some((before, after)) = &line.change {
                                    details { summary { "before and after" } pre { (before) } pre.gap { (after) } }
                                }
                            }
                            td { @if let Some(why) = &line.why { (why) } }
                        }
                    }
                }
            }
        }
        div.pages {
            span { "lines " (model.first) " to " (last) " of " (parts::counted(model.total, "line", "lines")) }
            @if let Some(later) = &model.later { a.link href=(later) { "Later" } }
            @if let Some(earlier) = &model.earlier { a.link href=(earlier) { "Earlier" } }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample::accounts;

    #[test]
    fn each_line_says_who_when_what_and_why() {
        let text = render(&accounts::trail()).into_string();
        for wanted in [
            "Lee Lead",
            "changed a KPI",
            "href=\"/kpi/conversion_north\"",
            "New list from &lt;Monday&gt;",
            "lines 51 to 52 of 2\u{202f}564\u{a0}lines",
            "before and after",
        ] {
            assert!(text.contains(wanted), "{wanted} not in {text}");
        }
    }

    #[test]
    fn what_was_asked_for_stays_in_the_form_and_the_address() {
        let text = render(&accounts::trail()).into_string();
        assert!(text.contains("<option value=\"kpi\" selected>"), "{text}");
        assert!(text.contains("name=\"what\" value=\"conversion\""), "{text}");
        assert!(text.contains("method=\"get\" action=\"/trail\""), "{text}");
    }
}
