//! Why a figure moved: what is rates and what is shares, value by value, each leading to its calls.

use dialmark_govern::why::{Along, Chain, Nested, Why, Words, sentences};
use dialmark_metrics::Key;
use dialmark_stats::Interval;
use dialmark_stats::decompose::{Effect, Presence};
use maud::{Markup, html};

use crate::link::Link;
use crate::shell::{self, Head};
use crate::{chart, format, parts};

/// Most rows of the table; the JSON has all.
const MOST_ROWS: usize = 100;
/// Longest name of a bar.
const NAME_CHARS: usize = 18;

/// What the page shows.
#[derive(Debug, Clone)]
pub struct WhyPage {
    /// Top of the page.
    pub head: Head,
    /// The metric's page, for the same records and time.
    pub metric: Link,
    /// What was found.
    pub why: Why,
    /// What it is compared with, as the form has it.
    pub against: String,
    /// The records of either side: those that were divided by, before and now.
    pub sides: (Link, Link),
    /// Records of each effect, before and now, in the order of the effects; `None` where no condition says which they are.
    pub records: Vec<Option<(Link, Link)>>,
    /// The same page by each dimension that was looked at, in their order.
    pub others: Vec<Link>,
    /// Fields that the form keeps.
    pub keeps: Vec<(String, String)>,
    /// Dimensions to choose from.
    pub dimensions: Vec<String>,
    /// The same as JSON.
    pub download: Link,
}

/// The page.
pub fn render(model: &WhyPage) -> Markup {
    let why = &model.why;
    let said = sentences(why);
    shell::page(
        &model.head,
        &html! {
            @if let Some((first, rest)) = said.split_first() {
                p.lead { (first) " " a.link href=(model.metric) { "its page" } }
                @if let Some(along) = &why.along { (picture(model, along)) }
                section.panel.gap aria-labelledby="says" {
                    h2 id="says" { "What was found" }
                    ul { @for sentence in rest { li { (sentence) } } }
                    p.note {
                        "The calls that were divided by: "
                        a.link href=(model.sides.0) { "before (n " (format::count(why.before.cell.n)) ")" }
                        ", "
                        a.link href=(model.sides.1) { "now (n " (format::count(why.now.cell.n)) ")" }
                        "."
                    }
                }
            }
            @if let Some(along) = &why.along { (table(model, along)) }
            @if let Some(nested) = &why.nested { (within(model, nested)) }
            @if let Some(chain) = &why.chain { (product(model, chain)) }
            @if !why.looked.is_empty() { (others(model)) }
            (form(model))
            @for note in &why.notes { p.note { (note) } }
        },
    )
}

/// Before, then each named effect and the rest as a step, then now.
fn picture(model: &WhyPage, along: &Along) -> Markup {
    let why = &model.why;
    let value =
        |side: &dialmark_govern::why::Side| side.cell.value.as_ref().map_or(0.0, |value| value.to_f64());
    let mut steps = vec![("before".to_owned(), value(&why.before), true)];
    let named = along.named();
    steps.extend(named.iter().map(|effect| (short(along, effect), effect.total, false)));
    let (others, total) = along.rest();
    if others > 0 {
        steps.push((
            if named.is_empty() { "all".to_owned() } else { format!("other {others}") },
            total,
            false,
        ));
    }
    steps.push(("now".to_owned(), value(&why.now), true));
    let says =
        format!("{} before, what moved it, and now; the table below has the same figures", model.head.title);
    html! {
        section.panel.gap aria-labelledby="steps" {
            h2 id="steps" { "From before to now" }
            (chart::waterfall(&steps, why.header.unit, &says))
        }
    }
}

fn short(along: &Along, effect: &Effect<Vec<Key>>) -> String {
    let name = along.value_of(effect);
    if name.chars().count() <= NAME_CHARS {
        return name;
    }
    name.chars().take(NAME_CHARS - 1).chain(['…']).collect()
}

fn table(model: &WhyPage, along: &Along) -> Markup {
    let words = Words(model.why.header.unit);
    let name = along.by.join(" and ");
    let effects = along.whole.effects.iter().enumerate().take(MOST_ROWS);
    let share = |share: f64| format!("{:.1} %", share * 100.0);
    let own = |rate: Option<f64>| rate.map_or(format::DASH.to_owned(), |rate| words.figure(rate));
    let records = |at: usize, is_now: bool, text: String| {
        let links = model.records.get(at).and_then(Option::as_ref);
        let link = links.map(|(before, now)| if is_now { now } else { before });
        html! { @match link { Some(link) => a href=(link) { (text) }, None => (text) } }
    };
    html! {
        section.panel.gap aria-labelledby="table" {
            h2 id="table" { "By " (name) }
            p.note {
                "Share: of what is divided by. Rate: because its own figure moved; mix: because its share did. Both add up to the change, "
                (words.signed(model.why.change)) "."
            }
            div.scroll tabindex="0" role="region" aria-label={ "Table: by " (name) } {
                table.figures {
                    thead {
                        tr {
                            th scope="col" { (name) }
                            th.num scope="col" { "share before" }
                            th.num scope="col" { "share now" }
                            th.num scope="col" { "figure before" }
                            th.num scope="col" { "figure now" }
                            th.num scope="col" { "rate" }
                            th.num scope="col" { "mix" }
                            th.num scope="col" { "both" }
                            th.num scope="col" { "could as well be" }
                            th scope="col" { "more than chance" }
                        }
                    }
                    tbody {
                        @for (at, effect) in effects {
                            tr {
                                th scope="row" {
                                    (along.value_of(effect))
                                    @if let Some(word) = presence(effect.presence) { " " span.quiet { (word) } }
                                }
                                td.num { (share(effect.shares.0)) }
                                td.num { (share(effect.shares.1)) }
                                td.num { (records(at, false, own(effect.rates.0))) }
                                td.num { (records(at, true, own(effect.rates.1))) }
                                td.num { (words.signed(effect.rate)) }
                                td.num { (words.signed(effect.mix)) }
                                td.num { (words.signed(effect.total)) }
                                td.num { (doubt(along.intervals.get(at).copied().flatten(), words)) }
                                td { (sure(along, at)) }
                            }
                        }
                    }
                    tfoot {
                        tr {
                            th scope="row" { "all" }
                            td.num { "100 %" }
                            td.num { "100 %" }
                            td.num { (words.figure(along.whole.before)) }
                            td.num { (words.figure(along.whole.after)) }
                            td.num { (words.signed(along.whole.rate)) }
                            td.num { (words.signed(along.whole.mix)) }
                            td.num { (words.signed(along.whole.change)) }
                            td {}
                            td {}
                        }
                    }
                }
            }
            @if along.whole.effects.len() > MOST_ROWS {
                p.note { "The largest " (MOST_ROWS) " of " (format::count(along.whole.effects.len())) "; the JSON has all." }
            }
            p.note { a.link href=(model.download) { "JSON" } }
        }
    }
}

/// A second dimension within the first.
fn within(model: &WhyPage, nested: &Nested) -> Markup {
    let words = Words(model.why.header.unit);
    let shown = |key: &Key| if *key == Key::None { "none".to_owned() } else { key.to_string() };
    let (name, of) = (format!("{} within {}", nested.inner, nested.outer), &nested.within.inner);
    html! {
        section.panel.gap aria-labelledby="within" {
            h2 id="within" { "By " (name) }
            p.note {
                "What figures of " (nested.outer) " did, by " (nested.inner) " inside of each: rate because their own figures moved there, mix because "
                "their shares did. So no value is named for another that it happened to stand beside."
            }
            div.scroll tabindex="0" role="region" aria-label={ "Table: by " (name) } {
                table.figures {
                    thead { tr {
                        th scope="col" { (nested.inner) }
                        th.num scope="col" { "rate" }
                        th.num scope="col" { "mix" }
                        th.num scope="col" { "both" }
                    } }
                    tbody {
                        @for one in of.iter().take(MOST_ROWS) {
                            tr {
                                th scope="row" { (shown(&one.key)) }
                                td.num { (words.signed(one.rate)) }
                                td.num { (words.signed(one.mix)) }
                                td.num { (words.signed(one.total)) }
                            }
                        }
                    }
                }
            }
            @if of.len() > MOST_ROWS {
                p.note { "The largest " (MOST_ROWS) " of " (format::count(of.len())) "; the JSON has all." }
            }
        }
    }
}

/// The factors of a product, each with what it did.
fn product(model: &WhyPage, chain: &Chain) -> Markup {
    let words = Words(model.why.header.unit);
    html! {
        section.panel.gap aria-labelledby="product" {
            h2 id="product" { "As a product" }
            p.note { "What each factor did adds up to the change, " (words.signed(chain.change)) "." }
            div.scroll tabindex="0" role="region" aria-label="Table: as a product" {
                table.figures {
                    thead { tr {
                        th scope="col" { "factor" }
                        th.num scope="col" { "before" }
                        th.num scope="col" { "now" }
                        th.num scope="col" { "what it did" }
                    } }
                    tbody {
                        @for factor in &chain.factors {
                            @let own = Words(factor.header.unit);
                            tr {
                                th scope="row" { (factor.header.label) }
                                td.num { (own.figure(factor.before.to_f64())) }
                                td.num { (own.figure(factor.now.to_f64())) }
                                td.num { (words.signed(factor.effect)) }
                            }
                        }
                    }
                }
            }
            p.note { a.link href=(model.download) { "JSON" } }
        }
    }
}

const fn presence(presence: Presence) -> Option<&'static str> {
    match presence {
        Presence::Both | Presence::Nowhere => None,
        Presence::New => Some("new"),
        Presence::Gone => Some("gone"),
        Presence::WithoutBottom => Some("nothing to divide by on one side"),
    }
}

fn doubt(interval: Option<Interval>, words: Words) -> String {
    interval.map_or(format::DASH.to_owned(), |interval| {
        format!("{} to {}", words.signed(interval.low()), words.signed(interval.high()))
    })
}

fn sure(along: &Along, at: usize) -> &'static str {
    match along.told.sure.get(at).copied().flatten() {
        Some(true) => "yes",
        Some(false) => "not shown",
        None => "not known",
    }
}

fn others(model: &WhyPage) -> Markup {
    let share = |tells: f64| format!("{:.0} %", tells * 100.0);
    html! {
        section.panel.gap aria-labelledby="looked" {
            h2 id="looked" { "Where it was looked for" }
            p.note { "How much of the change the values of a dimension tell that are more than chance; less for each that must be named." }
            table {
                tbody {
                    @for (one, link) in model.why.looked.iter().zip(&model.others) {
                        tr {
                            th scope="row" { a href=(link) { (one.by.join(" and ")) } }
                            td {
                                @match &one.tells {
                                    Ok(tells) => (share(*tells)),
                                    Err(sentence) => span.quiet { (sentence) },
                                }
                            }
                        }
                    }
                }
            }
        }
    }
}

fn form(model: &WhyPage) -> Markup {
    let by = model.why.along.as_ref().map(|along| along.by.join(","));
    html! {
        section.panel.gap aria-labelledby="ask" {
            h2 id="ask" { "Ask otherwise" }
            form.ask method="get" {
                @for (name, value) in &model.keeps { input type="hidden" name=(name) value=(value); }
                label { "by " select name="by" {
                    option value="" { "whatever tells most" }
                    @for dimension in &model.dimensions {
                        option value=(dimension) selected[by.as_deref() == Some(dimension.as_str())] { (dimension) }
                    }
                } }
                " "
                label { "against " input type="text" name="against" value=(model.against) size="28"
                    title="before, weekdays, two days such as 2026-10-01..2026-11-01, or a condition such as team_id = 'leeds'"; }
                " "
                button type="submit" { "Ask" }
            }
            p.note {
                "Against: " code { "before" } " (as many days before), " code { "weekdays" } " (the same weekdays of the four weeks before), two days as "
                code { "2026-10-01..2026-11-01" } ", or other records of the same days, such as " code { "team_id = 'leeds'" } "."
            }
            p.quiet { (parts::counted(model.why.looked.len(), "dimension", "dimensions")) " looked at." }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample;

    #[test]
    fn every_value_stands_with_both_effects_and_leads_to_its_calls() {
        let text = render(&sample::why()).into_string();
        for part in [
            "NL-07 cold, 14 months",
            "its page",
            "From before to now",
            "href=\"/calls?where=now",
            "not shown",
            "new",
        ] {
            assert!(text.contains(part), "{part}: {text}");
        }
        assert!(text.contains("<tfoot>"), "{text}");
    }

    #[test]
    fn where_nothing_can_be_taken_apart_the_page_says_so() {
        let page = sample::why();
        let why = Why { along: None, chain: None, nested: None, ..page.why };
        let text = render(&WhyPage { why, ..sample::why() }).into_string();
        assert!(text.contains("No dimension of the records can take it apart."), "{text}");
    }
}
