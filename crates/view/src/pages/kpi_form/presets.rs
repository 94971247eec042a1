//! Sets of KPIs of a role to start from: one click adds a set.

use dialmark_govern::preset::Preset;
use maud::{Markup, html};

use crate::form::{Choice, Field, Form, Sent, outcome};
use crate::link::Link;
use crate::parts;
use crate::shell::{self, Head};

/// The form that adds a set; [`crate::form::ITEM`] is the preset's name.
pub const ADD: &str = "add_preset";
/// Who owns its KPIs at first: one of [`PresetsPage::people`].
pub const OWNER: &str = "owner";

/// What the page shows.
#[derive(Debug, Clone)]
pub struct PresetsPage {
    /// Top of the page.
    pub head: Head,
    /// The sets.
    pub presets: Vec<PresetLine>,
    /// Who can own KPIs; without anybody, owners stay as the preset writes them and are to be changed.
    pub people: Vec<Choice>,
    /// Where forms are sent.
    pub action: Link,
    /// What was sent last.
    pub sent: Sent,
}

/// One set.
#[derive(Debug, Clone)]
pub struct PresetLine {
    /// The set.
    pub preset: &'static Preset,
    /// Names to show of its KPIs, those that would be judged first.
    pub kpis: Vec<String>,
    /// How many of them still lack a target, which is to be set afterwards.
    pub without_target: usize,
    /// Whether it was added already.
    pub is_added: bool,
}

/// The page.
pub fn render(model: &PresetsPage) -> Markup {
    shell::page(
        &model.head,
        &html! {
            (outcome(&model.sent))
            p.lead { "A set is written into the project's folder " code { "kpis/" } " and can be changed like any other. "
                "Targets stand in it only where a benchmark supports them." }
            div.two.even { @for line in &model.presets { (preset(model, line)) } }
        },
    )
}

fn preset(model: &PresetsPage, line: &PresetLine) -> Markup {
    let preset = line.preset;
    let form = Form::about(ADD, preset.name, &model.action, &model.sent);
    let owner = Field::new(OWNER, "Owner at first");
    html! {
        section.panel aria-labelledby=(preset.name) {
            h2 id=(preset.name) { (preset.label) }
            p { (preset.says) }
            ul { @for kpi in &line.kpis { li { (kpi) } } }
            @if line.without_target > 0 {
                p.note { (parts::counted(line.without_target, "of them lacks a target, which", "of them lack a target, which")) " you set afterwards; until then it judges nothing." }
            }
            @match line.is_added {
                true => p.note { span.status.met { span aria-hidden="true" { "● " } "added" } },
                false => (form.in_line(&html! {
                    @if !model.people.is_empty() { (form.select(&owner, &model.people)) }
                    (form.submit("Add these KPIs"))
                })),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample::promises;

    #[test]
    fn one_click_adds_a_set_and_one_that_is_there_has_no_button() {
        let text = render(&promises::presets()).into_string();
        assert!(text.contains("name=\"item\" value=\"outbound_agents\""), "{text}");
        assert!(!text.contains("name=\"item\" value=\"centre\"") && text.contains("added"), "{text}");
        assert!(text.contains("2\u{a0}of them lack a target"), "{text}");
    }
}
