//! What moved, and what did it.

use dialmark_govern::today::{Looked, Moved, Today};
use dialmark_govern::why::Words;
use maud::{Markup, html};

use crate::{chart, today};

pub(super) fn panel(all: &Today) -> Markup {
    html! {
        section.panel aria-labelledby="moved" {
            @match &all.moved {
                Err(why) => { h2 id="moved" { "Why" } p.quiet { (why) } }
                Ok(moved) => (found(all, moved)),
            }
        }
    }
}

fn found(all: &Today, moved: &Moved) -> Markup {
    html! {
        h2 id="moved" {
            @match moved.looked.first() {
                Some(first) => { "Why " (first.label) " moved" }
                None => "Why",
            }
        }
        @if moved.looked.is_empty() {
            p.quiet { "No KPI of yesterday that was missed or got worse can be taken apart." }
        }
        @if let Some(first) = moved.looked.first() { (steps(all, moved, first)) }
        ol.causes {
            @for cause in &moved.causes {
                @if let Some(looked) = moved.looked.get(cause.at) {
                    li {
                        span.size.(way(looked, cause.effect.total)) { (today::cause_size(looked, cause)) }
                        div {
                            b { (today::cause_name(cause)) }
                            @if cause.at > 0 { " " span.quiet { (looked.label) } }
                            p.quiet {
                                (today::cause_how(cause))
                                @if !cause.is_sure { " Too few days and hours to tell it from chance." }
                            }
                            @if let Some(href) = today::cause_link(looked, cause) {
                                a.link href=(href) aria-label={ "Records of " (today::cause_name(cause)) } { "its records →" }
                            }
                        }
                    }
                }
            }
        }
        @for looked in &moved.looked {
            @if !looked.weighs.is_empty() {
                h3 { "What keeps " (looked.label) " from its target" }
                ul.rows {
                    @for weight in &looked.weighs {
                        li {
                            @match today::weight_link(weight) {
                                Some(href) => a href=(href) { (today::weight_name(weight)) },
                                None => (today::weight_name(weight)),
                            }
                            span { (today::weight_says(weight)) }
                        }
                    }
                }
            }
            p.note {
                (looked.label) ", " (today::span(looked.why.now.period, &today::zone(all))) " against the same weekdays of the four weeks before: "
                (change(looked)) ". " (today::rest(looked)) " "
                a.link href=(today::why_link(looked)) { "all of it →" }
            }
        }
        @for (kpi, why) in &moved.passed_over { p.note { (kpi) " was not taken apart: " (why) "." } }
    }
}

/// From before to now, by the causes that are named and the rest.
fn steps(all: &Today, moved: &Moved, first: &Looked) -> Markup {
    let value = |cell: &dialmark_metrics::Cell| cell.value.as_ref().ok().map(|value| value.to_f64());
    let (Some(before), Some(now)) = (value(&first.why.before.cell), value(&first.why.now.cell)) else {
        return html! {};
    };
    let mut steps = vec![("before".to_owned(), before, true)];
    let named = moved.causes.iter().filter(|cause| cause.at == 0);
    steps.extend(named.map(|cause| (today::cause_name(cause), cause.effect.total, false)));
    if first.rest.1 > 0 || first.rest.0 == 0 {
        steps.push(("the rest".to_owned(), first.rest.2, false));
    }
    steps.push(("now".to_owned(), now, true));
    let span = today::span(first.why.now.period, &today::zone(all));
    chart::waterfall(
        &steps,
        today::unit(first),
        &format!("{}, {span}: from before to now by cause", first.label),
    )
}

fn change(looked: &Looked) -> String {
    let words = Words(today::unit(looked));
    let size = words.signed(looked.why.change);
    match looked.why.interval {
        Some(interval) if interval.contains(0.0) => format!("{size}, which chance alone may have done"),
        _ => size,
    }
}

/// The class of a change for its colour; its sign says the same.
fn way(looked: &Looked, effect: f64) -> &'static str {
    use dialmark_metrics::metric::Direction;
    match looked.why.header.direction {
        Direction::Neither => "quiet",
        Direction::Up if effect > 0.0 => "good",
        Direction::Down if effect < 0.0 => "good",
        Direction::Up | Direction::Down => "bad",
    }
}
