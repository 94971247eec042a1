//! A page that could not be shown: what went wrong and what to do, in the same dress.

use maud::{Markup, html};

use crate::shell::{self, Head};

/// What went wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProblemPage {
    /// Top of the page.
    pub head: Head,
    /// The HTTP status.
    pub status: u16,
    /// What is wrong, as a sentence.
    pub sentence: String,
    /// What to do, as a sentence.
    pub help: Option<String>,
}

/// The page.
pub fn render(model: &ProblemPage) -> Markup {
    shell::page(
        &model.head,
        &html! {
            section.panel role="alert" {
                p.lead { (model.sentence) }
                @if let Some(help) = &model.help { p { (help) } }
                p.note { "Status " (model.status) ". " a.link href="/" { "To the overview" } }
            }
        },
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::link::Link;
    use crate::shell::{Place, Theme};

    #[test]
    fn a_problem_is_a_sentence_and_repeats_nothing_unescaped() {
        let page = ProblemPage {
            head: Head::plain("North", "Not found", Place::Elsewhere, Theme::Auto, Link::to("/")),
            status: 404,
            sentence: "There is no page `/<x>`.".to_owned(),
            help: None,
        };
        let text = render(&page).into_string();
        assert!(text.contains("/&lt;x&gt;") && text.contains("Status 404"), "{text}");
    }
}
