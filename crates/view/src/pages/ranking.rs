//! Who is better than whom by more than chance: places as ranges, and groups of those who cannot be told apart.

use dialmark_govern::ranking::{Placed, Ranked, Standing, places, shown};
use dialmark_govern::why::Words;
use dialmark_metrics::Key;
use maud::{Markup, html};

use crate::format;
use crate::link::Link;
use crate::shell::{self, Head};

/// What the page shows.
#[derive(Debug, Clone)]
pub struct RankingPage {
    /// Top of the page.
    pub head: Head,
    /// The metric's page, for the same records and time.
    pub metric: Link,
    /// The ranking.
    pub ranked: Ranked,
    /// The records of each, in the order of the places.
    pub links: Vec<Option<Link>>,
}

/// The page.
pub fn render(model: &RankingPage) -> Markup {
    let ranked = &model.ranked;
    let said = ranked.sentences();
    shell::page(
        &model.head,
        &html! {
            @if let Some((first, rest)) = said.split_first() {
                p.lead { (first) " " a.link href=(model.metric) { "its page" } }
                section.panel.gap aria-labelledby="says" {
                    h2 id="says" { "What can be said" }
                    ul { @for sentence in rest { li { (sentence) } } }
                }
            }
            (table(model))
            @if !ranked.without.is_empty() {
                p.note { "Nothing to divide by: " (ranked.without.iter().map(shown).collect::<Vec<_>>().join(", ")) "." }
            }
            @for one in &ranked.unwatched { p.note { "The guard " code { (one.guard) } " says nothing: " (one.why_not) } }
            @for note in &ranked.notes { p.note { (note) } }
        },
    )
}

fn table(model: &RankingPage) -> Markup {
    let (ranked, words) = (&model.ranked, Words(model.ranked.header.unit));
    let placed = &ranked.ranking.placed;
    html! {
        section.panel.gap aria-labelledby="table" {
            h2 id="table" { "Places" }
            p.note {
                "Who did little lies far from the truth by chance alone. So each figure is drawn towards that of all by as much as chance accounts "
                "for, a place is the range of places that it could have, and those who cannot be told apart form a group. Of all that is said to "
                "differ, one in twenty may be chance."
            }
            div.scroll tabindex="0" role="region" aria-label="Table: places" {
                table.figures {
                    thead {
                        tr {
                            th scope="col" { "group" }
                            th scope="col" { "place" }
                            th scope="col" { (ranked.by) }
                            th.num scope="col" { "figure" }
                            th.num scope="col" { "without chance" }
                            th.num scope="col" { "at 95 %" }
                            th.num scope="col" { "of" }
                            th scope="col" { "against the rest" }
                            th scope="col" { "guard rail" }
                        }
                    }
                    tbody {
                        @for (at, one) in placed.iter().enumerate() {
                            tr {
                                td { (one.group) }
                                td { (places(one)) }
                                th scope="row" {
                                    @match model.links.get(at).and_then(Option::as_ref) {
                                        Some(link) => a href=(link) { (shown(&one.key)) },
                                        None => (shown(&one.key)),
                                    }
                                }
                                td.num { (words.figure(one.value)) }
                                td.num { (words.figure(one.shrunk)) }
                                td.num { (words.figure(one.interval.low())) " to " (words.figure(one.interval.high())) }
                                td.num { (format::count(format!("{:.0}", one.size))) }
                                td { (standing(one)) }
                                td { (guard(ranked, one)) }
                            }
                        }
                    }
                }
            }
        }
    }
}

const fn standing(one: &Placed<Key>) -> &'static str {
    match one.standing {
        Standing::Better => "better",
        Standing::Worse => "worse",
        Standing::NotTold => "not told apart",
    }
}

/// Which guards let somebody down who leads.
fn guard(ranked: &Ranked, one: &Placed<Key>) -> Markup {
    let failing: Vec<String> = ranked
        .failing(&one.key)
        .map(|watched| {
            let words = Words(watched.guard.unit);
            let moved = &watched.guard_moved;
            format!(
                "fails: {} {} (the rest: {})",
                watched.guard.label,
                words.figure(moved.now),
                words.figure(moved.against)
            )
        })
        .collect();
    html! { (failing.join("; ")) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample;

    #[test]
    fn places_are_ranges_and_groups_are_named() {
        let text = render(&sample::ranking()).into_string();
        for part in [
            "2 to 5",
            "cannot be told apart",
            "Better than the rest by more than chance: Ada &lt;b&gt; (31.00 %).",
            "Nothing to divide by: Fay.",
            "fails: Qualified leads 22.00 % (the rest: 61.00 %)",
            "Guard rail: Ada &lt;b&gt; leads with",
        ] {
            assert!(text.contains(part), "{part}: {text}");
        }
    }
}
