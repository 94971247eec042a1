//! How many agents a load of calls needs: a form and its answer.

use dialmark_govern::staffing::{Asked, COLUMNS, Staffed};
use maud::{Markup, html};

use crate::shell::{self, Head};

/// What the page shows.
#[derive(Debug, Clone)]
pub struct StaffPage {
    /// Top of the page.
    pub head: Head,
    /// What is asked, as it was written.
    pub asked: Asked,
    /// The answer, or everything that is wrong with what is asked.
    pub found: Result<Staffed, Vec<String>>,
}

/// The page.
pub fn render(model: &StaffPage) -> Markup {
    shell::page(
        &model.head,
        &html! {
            (form(&model.asked))
            @match &model.found {
                Ok(found) => (answer(found)),
                Err(wrong) => section.panel.gap aria-labelledby="wrong" {
                    h2 id="wrong" { "This cannot be worked out" }
                    ul { @for sentence in wrong { li { (sentence) } } }
                },
            }
        },
    )
}

fn answer(found: &Staffed) -> Markup {
    let said = found.sentences();
    html! {
        section.panel.gap aria-labelledby="answer" {
            h2 id="answer" { (found.agents) " agents at the same time" @if found.rostered > found.agents { ", " (found.rostered) " on the roster" } }
            ul { @for sentence in &said { li { (sentence) } } }
        }
        section.panel.gap aria-labelledby="around" {
            h2 id="around" { "A few less, a few more" }
            div.scroll tabindex="0" role="region" aria-label="Table: a few less, a few more" {
                table.figures {
                    thead { tr { @for name in COLUMNS { th.num scope="col" { (name) } } } }
                    tbody {
                        @for one in &found.around {
                            tr {
                                @for (at, text) in one.row().iter().enumerate() {
                                    @if at == 0 {
                                        th.num scope="row" { @if one.agents == found.agents { strong { (text) } } @else { (text) } }
                                    } @else {
                                        td.num { (text) }
                                    }
                                }
                            }
                        }
                    }
                }
            }
            p.note {
                "Callers come at random, handling times vary as chance has it, and every agent takes every call. Real arrivals vary more, so this is "
                "what the average hour of such a load needs, not its worst. Where agents cannot keep up, the queue would grow without end: no figure."
            }
        }
    }
}

fn form(asked: &Asked) -> Markup {
    let field = |label: &str, name: &str, value: &str, hint: &str| {
        html! { label { (label) input type="text" name=(name) value=(value) placeholder=(hint) size="9"; } }
    };
    html! {
        section.panel aria-labelledby="ask" {
            h2 id="ask" { "The load" }
            form.ask method="get" {
                (field("calls", "calls", &asked.calls, "120"))
                (field("in", "interval", &asked.interval, "30min"))
                (field("handled in", "handle", &asked.handle, "5min"))
                (field("service level", "target", &asked.target, "80/20"))
                (field("busy at most", "occupancy", &asked.occupancy, "85%"))
                (field("patience", "patience", &asked.patience, "3min"))
                (field("shrinkage", "shrinkage", &asked.shrinkage, "12%, 8%"))
                label { "each of what the others leave" input type="checkbox" name="compounding" value="yes" checked[asked.compounding]; }
                button type="submit" { "Work it out" }
            }
            p.note {
                "Service level " code { "80/20" } ": 80 % of calls within 20 seconds. Patience: after how long those who wait leave, on average; empty where "
                "they wait for good. Shrinkage: shares of paid time without calls."
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample;
    use dialmark_govern::staffing::staffed;

    fn page(asked: Asked) -> String {
        render(&StaffPage { found: staffed(&asked), asked, ..sample::staff() }).into_string()
    }

    #[test]
    fn the_answer_stands_beside_what_was_asked_and_mistakes_are_all_named() {
        let asked = sample::staff().asked;
        let text = page(asked.clone());
        for part in ["25 agents at the same time, 36 on the roster", "value=\"120\"", "<strong>25</strong>"] {
            assert!(text.contains(part), "{part}: {text}");
        }
        let text = page(Asked { calls: "<b>".to_owned(), handle: "5m".to_owned(), ..asked });
        for part in ["`&lt;b&gt;` is no number of calls", "could mean minutes or months"] {
            assert!(text.contains(part), "{part}: {text}");
        }
    }
}
