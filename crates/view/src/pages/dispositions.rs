//! What the codes of sources mean, by form: codes of the records with how often they came, those without a meaning first.

use dialmark_model::{Disposition, Outcome};
use maud::{Markup, html};

use super::kpi_form::{Change, history};
use crate::form::{Choice, Field, Form, SEEN, Sent, outcome};
use crate::link::Link;
use crate::shell::{self, Head};
use crate::{format, parts};

/// The form.
pub const MAP: &str = "dispositions";
/// What the button asks for: [`PREVIEW`] or [`SAVE`].
pub const STEP: &str = "step";
/// To see what would change.
pub const PREVIEW: &str = "preview";
/// To write it.
pub const SAVE: &str = "save";
/// First day of the meanings that are changed, as `2026-11-19`; empty for all days.
pub const SINCE: &str = "since";
/// Why; kept with the change.
pub const WHY: &str = "why";
/// Meaning of a code: a word of [`Outcome::ALL`], empty for none. The field is called `means.` and the code.
pub const MEANS: &str = "means.";
/// Name to show of a code; the field is called `label.` and the code.
pub const LABEL: &str = "label.";
/// What a meaning says unless the code says otherwise, with a word for it: each a field called so, a point and the code, which
/// takes [`YES`], [`NO`], or nothing for what the meaning says.
pub const FLAGS: [(&str, &str); 4] = [
    ("contact", "An agent spoke to a person"),
    ("right_party", "It was the person wanted"),
    ("live_answer", "A live person picked up"),
    ("success", "It reached what it was made for"),
];
/// A flag that is set.
pub const YES: &str = "yes";
/// A flag that is not set.
pub const NO: &str = "no";

/// Name of the field of a kind for one code: `means.SALE`, `contact.SALE`.
pub fn field(kind: &str, code: &str) -> String {
    format!("{}.{code}", kind.trim_end_matches('.'))
}

/// What the form shows.
#[derive(Debug, Clone)]
pub struct DispositionsPage {
    /// Top of the page.
    pub head: Head,
    /// Codes of the records, those without a meaning first, then those that came most often.
    pub codes: Vec<CodeLine>,
    /// What would change, after a preview was asked for.
    pub preview: Option<MapPreview>,
    /// What was changed so far, the latest first.
    pub history: Vec<Change>,
    /// The version of what is shown.
    pub version: String,
    /// Where the form is sent.
    pub action: Link,
    /// What was sent last.
    pub sent: Sent,
}

/// One code.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CodeLine {
    /// The code as sources write it.
    pub code: String,
    /// Records that carry it.
    pub count: u64,
    /// These records.
    pub records: Option<Link>,
    /// What it means today; `None` for a code that no map knows.
    pub means: Option<Disposition>,
    /// Since when, in words, where it does not mean that always.
    pub since: Option<String>,
}

/// What would change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MapPreview {
    /// File in the project's folder.
    pub file: String,
    /// What is written.
    pub toml: String,
    /// Code, meaning before (`None` for none), meaning after, and how many records carry it since that day.
    pub codes: Vec<(String, Option<String>, Option<String>, u64)>,
    /// Figures that move: name, before, after.
    pub figures: Vec<(String, String, String)>,
}

/// The page.
pub fn render(model: &DispositionsPage) -> Markup {
    let form = Form::new(MAP, &model.action, &model.sent);
    let unknown: Vec<&CodeLine> = model.codes.iter().filter(|line| line.means.is_none()).collect();
    let calls: u64 = unknown.iter().map(|line| line.count).sum();
    shell::page(
        &model.head,
        &html! {
            (outcome(&model.sent))
            p.lead {
                @match unknown.len() {
                    0 => "Every code of the records has a meaning.",
                    codes => { (parts::counted(codes, "code has", "codes have")) " no meaning, on " (parts::counted(calls, "record", "records")) ": whether these count is not known." }
                }
            }
            @if let Some(preview) = &model.preview { (changes(preview)) }
            section.panel.gap aria-labelledby="codes" {
                h2 id="codes" { "Codes" }
                (form.wide(&html! {
                    (form.hidden(SEEN, &model.version))
                    (codes(model, &form))
                    div.fields {
                        (form.date(&Field::new(SINCE, "Since which day").optional().help("What is changed here means this from that day on, and what it meant before on earlier days. Left empty: on all days.")))
                        (form.text(&Field::new(WHY, "Why").help("It is kept with the change, with your name and the time.")))
                    }
                    div.buttons {
                        (form.look_as(STEP, PREVIEW, "See what would change", model.preview.is_none()))
                        (form.submit_as(STEP, SAVE, "Save", model.preview.is_some()))
                    }
                }))
            }
            (history(&model.history))
        },
    )
}

fn codes(model: &DispositionsPage, form: &Form<'_>) -> Markup {
    let outcomes = Outcome::ALL.map(|outcome| Choice::new(outcome.word(), outcome.word().replace('_', " ")));
    html! {
        div.scroll {
            table.figures {
                thead { tr { th { "Code" } th.num { "Records" } th { "Means" } th { "Since" } th { "Name and what else it says" } } }
                tbody { @for line in &model.codes { (row(line, form, &outcomes)) } }
            }
        }
    }
}

fn row(line: &CodeLine, form: &Form<'_>, outcomes: &[Choice]) -> Markup {
    let means = line.means.as_ref();
    let name = field(MEANS, &line.code);
    let label = format!("Meaning of {}", line.code);
    let word = means.map_or("", |means| means.outcome.word());
    html! {
        tr {
            th scope="row" {
                code { (line.code) }
                @if means.is_none() { " " span.status.missed { span aria-hidden="true" { "○ " } "no meaning" } }
            }
            td.num { @match &line.records { Some(href) => a href=(href) { (format::count(line.count)) }, None => (format::count(line.count)) } }
            td { (form.select(&Field::new(&name, &label).unlabelled().optional().value(word), outcomes)) }
            td { @match &line.since { Some(since) => (since), None => span.quiet { @if means.is_some() { "always" } } } }
            td { (more(line, form)) }
        }
    }
}

/// Name and flags of a code, folded away: few codes need them.
fn more(line: &CodeLine, form: &Form<'_>) -> Markup {
    let label = field(LABEL, &line.code);
    let shown = line.means.as_ref().and_then(|means| means.label.as_deref()).unwrap_or_default();
    let flags = |means: &Disposition| [means.contact, means.right_party, means.live_answer, means.success];
    let differs: Vec<(&str, bool)> = line.means.as_ref().map_or(Vec::new(), |means| {
        let defaults = flags(&Disposition::of(means.outcome));
        let all = FLAGS.iter().zip(flags(means)).zip(defaults);
        all.filter(|((_, is), default)| is != default).map(|(((name, _), is), _)| (*name, is)).collect()
    });
    let ways = [Choice::new(YES, "yes"), Choice::new(NO, "no")];
    html! {
        details {
            summary {
                @if shown.is_empty() && differs.is_empty() { "as the meaning says" }
                (shown)
                @for (name, is) in &differs { " · " @if !is { "no " } (name.replace('_', " ")) }
            }
            div.fields {
                (form.text(&Field::new(&label, "Name to show").optional().value(shown)))
                @for (flag, says) in FLAGS {
                    @let name = field(flag, &line.code);
                    @let value = differs.iter().find(|(name, _)| *name == flag).map_or("", |(_, is)| if *is { YES } else { NO });
                    (form.select(&Field::new(&name, says).optional().value(value), &ways))
                }
            }
        }
    }
}

fn changes(preview: &MapPreview) -> Markup {
    let none = || html! { span.quiet { "no meaning" } };
    html! {
        section.panel aria-labelledby="preview" {
            h2 id="preview" { "This is what would change" }
            p { "Into " code { (preview.file) } ". Nothing is saved yet." }
            @if preview.codes.is_empty() { p.quiet { "Nothing: all codes mean what they meant." } } @else {
                div.scroll {
                    table.figures {
                        thead { tr { th { "Code" } th { "Meant" } th { "Means then" } th.num { "Records" } } }
                        tbody {
                            @for (code, before, after, count) in &preview.codes {
                                tr {
                                    th scope="row" { code { (code) } }
                                    td { @match before { Some(word) => (word), None => (none()) } }
                                    td { @match after { Some(word) => (word), None => (none()) } }
                                    td.num { (format::count(count)) }
                                }
                            }
                        }
                    }
                }
            }
            @if !preview.figures.is_empty() {
                h3 { "Figures that move, over the last 30 days of the records" }
                ul.rows { @for (name, before, after) in &preview.figures { li { (name) span { (before) " → " (after) } } } }
            }
            details { summary { "What is written" } pre { (preview.toml) } }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::form::FORM;
    use crate::sample::promises;

    #[test]
    fn codes_without_a_meaning_are_counted_and_marked() {
        let text = render(&promises::dispositions()).into_string();
        assert!(text.contains("1\u{a0}code has no meaning, on 1\u{202f}204\u{a0}records"), "{text}");
        assert!(
            text.contains("<code>NEW &lt;b&gt;</code>") && text.contains("○ </span>no meaning"),
            "{text}"
        );
        assert!(text.contains("aria-label=\"Meaning of SALE\""), "{text}");
    }

    #[test]
    fn what_differs_from_the_meaning_is_named() {
        let text = render(&promises::dispositions()).into_string();
        assert!(text.contains("no success"), "{text}");
        assert!(text.contains("name=\"success.SALE\"") && text.contains("as the meaning says"), "{text}");
    }

    #[test]
    fn the_preview_says_which_records_and_figures_move() {
        let text = render(&promises::dispositions()).into_string();
        assert!(text.contains("no meaning</span></td><td>callback</td>"), "{text}");
        assert!(text.contains("4.00 % → 4.12 %"), "{text}");
    }

    #[test]
    fn what_was_typed_for_a_code_with_odd_signs_comes_back() {
        let name = field(MEANS, "NEW <b>");
        let mut sent = Sent::of(vec![
            (FORM.to_owned(), MAP.to_owned()),
            (name, "machine".to_owned()),
            (WHY.to_owned(), String::new()),
        ]);
        sent.refuse(WHY, "Say why.");
        let text = render(&DispositionsPage { sent, ..promises::dispositions() }).into_string();
        assert_eq!(text.matches("<option value=\"machine\" selected>").count(), 1, "{text}");
    }
}
