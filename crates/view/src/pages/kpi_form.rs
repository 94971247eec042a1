//! A KPI by form: what it measures, what is to be reached, who answers for it; what is written then, and what was before.

mod fields;
pub mod presets;

use maud::{Markup, html};

use crate::form::{Choice, Form, SEEN, Sent, outcome};
use crate::link::Link;
use crate::shell::{self, Head};

pub use fields::*;

/// What the form shows.
#[derive(Debug, Clone)]
pub struct KpiForm {
    /// Top of the page.
    pub head: Head,
    /// What the KPI is now, else what the form begins with.
    pub now: KpiFields,
    /// Whether it is declared already; then its name stays.
    pub is_declared: bool,
    /// Metrics by group: `metric/variant` with what is read.
    pub metrics: Vec<(String, Vec<Choice>)>,
    /// Unit in which values of the metric at hand are written, such as `%`; empty where they carry their own, such as lengths
    /// of time, or have none.
    pub unit: String,
    /// Which way is better for the metric at hand, in a sentence.
    pub direction: Option<String>,
    /// Who can own it.
    pub people: Vec<Choice>,
    /// Dimensions of its place, with a word for each.
    pub dimensions: Vec<(String, String)>,
    /// Parts of its declaration that this form cannot change and that stay as they are, as TOML: seasons, targets of narrower
    /// places, what lies beyond an edge.
    pub kept: Option<String>,
    /// What is written when it is saved, as TOML, and into which file; after a preview was asked for.
    pub preview: Option<Preview>,
    /// What was changed so far, the latest first.
    pub history: Vec<Change>,
    /// Sets of KPIs to start from.
    pub presets: Link,
    /// The version of what is shown.
    pub version: String,
    /// Where the form is sent.
    pub action: Link,
    /// What was sent last.
    pub sent: Sent,
}

/// What is written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Preview {
    /// File in the project's folder.
    pub file: String,
    /// The declaration.
    pub toml: String,
    /// What the checks say of it, as sentences: it can be written all the same.
    pub warnings: Vec<String>,
}

/// A change that was made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// When, in words.
    pub at: String,
    /// By whom.
    pub by: String,
    /// Why.
    pub why: String,
    /// The declaration before; `None` when it was made then.
    pub before: Option<String>,
    /// The declaration after; `None` when it was taken away then.
    pub after: Option<String>,
}

/// The page.
pub fn render(model: &KpiForm) -> Markup {
    let form = Form::new(KPI, &model.action, &model.sent);
    shell::page(
        &model.head,
        &html! {
            (outcome(&model.sent))
            @if !model.is_declared {
                p.lead { "A metric counts; a KPI judges: it has a target, a time window and one owner. "
                    a href=(model.presets) { "A set of a role" } " is a quicker start." }
            }
            @if let Some(preview) = &model.preview { (written(preview)) }
            section.two {
                section.panel aria-labelledby="kpi" {
                    h2 id="kpi" { @if model.is_declared { "Change it" } @else { "New KPI" } }
                    (form.of(&html! { (form.hidden(SEEN, &model.version)) (fields::all(model, &form)) }))
                }
                div.stack {
                    @if let Some(kept) = &model.kept {
                        section.panel aria-labelledby="kept" {
                            h2 id="kept" { "What stays as it is" }
                            p { "This form does not change it; it is changed in the file." }
                            pre { (kept) }
                        }
                    }
                    (history(&model.history))
                }
            }
        },
    )
}

fn written(preview: &Preview) -> Markup {
    html! {
        section.panel aria-labelledby="preview" {
            h2 id="preview" { "This is what is written" }
            p { "Into " code { (preview.file) } ". Nothing is saved yet." }
            pre.toml { (preview.toml) }
            @for warning in &preview.warnings { p.note { span.status.close { span aria-hidden="true" { "◐ " } "mind" } " " (warning) } }
        }
    }
}

/// Changes with who made them, when and why.
pub fn history(changes: &[Change]) -> Markup {
    html! {
        section.panel aria-labelledby="history" {
            h2 id="history" { "What was changed" }
            @if changes.is_empty() { p.quiet { "Nothing yet by form. What stands in the file was written by hand." } }
            @for change in changes {
                div.item {
                    header { h3 { (change.why) } span.quiet.small { (change.by) ", " (change.at) } }
                    details {
                        summary {
                            @match (&change.before, &change.after) {
                                (None, _) => "as it was made",
                                (_, None) => "what was taken away",
                                _ => "before and after",
                            }
                        }
                        @if let Some(before) = &change.before { p.note { "Before" } pre { (before) } }
                        @if let Some(after) = &change.after { p.note { "After" } pre { (after) } }
                    }
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::form::FORM;
    use crate::sample::promises;

    #[test]
    fn a_kpi_that_is_declared_fills_the_form_and_keeps_its_name() {
        let text = render(&promises::kpi()).into_string();
        for wanted in [
            "name=\"name\" value=\"conversion_north\"",
            "<option value=\"conversion_rate/success_per_contact\" selected>",
            "name=\"target\" value=\"at_least\" checked",
            "name=\"value\" value=\"5.2\"",
            "<option value=\"month\" selected>",
            "<option value=\"lead@example.org\" selected>",
            "More is better.",
        ] {
            assert!(text.contains(wanted), "{wanted} not in {text}");
        }
        assert!(!text.contains("type=\"text\" name=\"name\""), "{text}");
    }

    #[test]
    fn what_is_written_is_shown_before_it_is_and_what_the_form_cannot_change_is_text() {
        let text = render(&promises::kpi()).into_string();
        assert!(
            text.contains("at_least = &quot;5.0 %&quot;") && text.contains("Nothing is saved yet"),
            "{text}"
        );
        assert!(text.contains("season  = [{ from"), "{text}");
    }

    #[test]
    fn each_change_says_who_when_and_why() {
        let text = render(&promises::kpi()).into_string();
        assert!(
            text.contains("List of &lt;March&gt; is used up.") && text.contains("Lee Lead, Thu"),
            "{text}"
        );
    }

    #[test]
    fn a_change_without_a_why_is_refused_beside_the_field() {
        let pairs =
            [(FORM, KPI), (STEP, SAVE), (NAME, "conversion_north"), (VALUE, "6"), (GUARD, "aht"), (WHY, "")];
        let mut sent = Sent::of(pairs.iter().map(|(n, v)| ((*n).to_owned(), (*v).to_owned())).collect());
        sent.refuse(WHY, "Say why it is changed; it is kept with the change.");
        let text = render(&KpiForm { sent, ..promises::kpi() }).into_string();
        assert!(text.contains("<a href=\"#form-kpi-why\">Say why it is changed"), "{text}");
        assert!(text.contains("name=\"value\" value=\"6\"") && !text.contains("value=\"5.2\""), "{text}");
        assert!(text.contains("id=\"form-kpi-why-wrong\""), "{text}");
    }

    #[test]
    fn a_new_kpi_is_named_and_leads_to_the_sets() {
        let new = KpiForm { now: KpiFields::default(), is_declared: false, ..promises::kpi() };
        let text = render(&new).into_string();
        assert!(
            text.contains("type=\"text\" name=\"name\"") && text.contains("href=\"/kpi/presets\""),
            "{text}"
        );
    }
}
