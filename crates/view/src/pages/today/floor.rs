//! What waits: leads, callbacks, the floor, missing records, cases; and when people are reached.

use std::collections::BTreeMap;

use dialmark_govern::today::left::Left;
use dialmark_govern::today::{Due, Hours, Lists, Today};
use dialmark_metrics::metric::Unit;
use dialmark_metrics::{Cell, Exact, Key, Ratio};
use maud::{Markup, html};

use crate::export::{gap, pace_of};
use crate::link::Link;
use crate::{format, parts, today, when};

/// Cases that the panel shows; the page of cases has all.
const CASES: usize = 6;
/// Shades of the heat map.
const SHADES: f64 = 6.0;
/// Records below which a cell has no shade: a share of two calls is no share of an hour.
const LEAST: u64 = 30;
/// Dialling days below which a list is said to end soon.
const SOON: i128 = 3;

pub(super) fn panel(id: &str, title: &str, body: &Markup) -> Markup {
    html! { section.panel aria-labelledby=(id) { h2 id=(id) { (title) } (body) } }
}

pub(super) fn lists(all: &Today) -> Markup {
    let body = match &all.lists {
        Err(why) => html! { p.quiet { (why) } },
        Ok(lists) => list_table(lists),
    };
    panel("lists", "Days of data left", &body)
}

fn list_table(lists: &Lists) -> Markup {
    let soon = Ratio::exact(Exact::integer(SOON)).unwrap_or(Ratio::ONE);
    let tag = |left: Left| match left {
        Left::Days(days) if days < soon => "tag missed",
        Left::Empty => "tag missed",
        Left::Days(_) => "tag met",
        Left::NoPace | Left::Unknown => "quiet",
    };
    html! {
        div.scroll tabindex="0" role="region" aria-label="Days of data left by list" {
            table.figures {
                thead { tr {
                    th scope="col" { "List" } th.num scope="col" { "Never called" } th.num scope="col" { "First calls a day" }
                    th.num scope="col" { "Calls a lead" } th.num scope="col" { "Invalid" } th scope="col" { "Left" }
                } }
                tbody {
                    @for row in &lists.rows {
                        tr {
                            th scope="row" { a href=(today::link(&row.records)) { (row.list.as_deref().unwrap_or("no list")) } }
                            td.num { (short(&row.uncalled, Unit::Count)) }
                            td.num { (short(&row.fresh_a_day, Unit::Count)) }
                            td.num { (short(&row.attempts, Unit::Count)) }
                            td.num { (short(&row.invalid, Unit::Share)) }
                            td { span class=(tag(row.left)) { (today::left(row.left)) } }
                        }
                    }
                }
            }
        }
        p.note { (pace_of(lists.pace_of)) " Left: leads that were never called, over leads called for the first time a day." }
        @for note in &lists.notes { p.note { (note) } }
    }
}

/// A value, or a dash whose reason is its title and is read aloud.
fn short(cell: &Cell, unit: Unit) -> Markup {
    match &cell.value {
        Ok(value) => html! { (format::figure(*value, unit, None)) },
        Err(reason) => html! { span.quiet title=(reason) { (format::DASH) span.hidden { (reason) } } },
    }
}

pub(super) fn callbacks(all: &Today) -> Markup {
    let body = match &all.callbacks {
        Err(why) => html! { p.quiet { (why) } },
        Ok(callbacks) if callbacks.rows.is_empty() => {
            html! { p.quiet { "None is due in the rest of the day, and none is overdue." } }
        }
        Ok(callbacks) => html! {
            table.figures {
                thead { tr { th scope="col" { "Campaign" } th.num scope="col" { "Due later today" } th.num scope="col" { "Overdue" } } }
                tbody {
                    @for row in &callbacks.rows {
                        tr {
                            th scope="row" { (row.campaign.as_deref().unwrap_or("no campaign")) }
                            td.num { a href=(today::link(&row.due_records)) { (format::count(row.due)) } }
                            td.num {
                                a href=(today::link(&row.overdue_records)) { (format::count(row.overdue)) }
                            }
                        }
                    }
                }
            }
            p.note { (gap::overdue(callbacks)) }
        },
    };
    panel("callbacks", "Callbacks", &body)
}

pub(super) fn exceptions(all: &Today, names: &BTreeMap<String, String>) -> Markup {
    let Some(floor) = &all.floor else { return html! {} };
    let body = match floor {
        Err(why) => html! { p.quiet { (why) } },
        Ok(kinds) => html! {
            ul.rows {
                @for one in kinds {
                    li {
                        div {
                            @match &one.count {
                                Ok(count) => a href=(today::link(&one.records)) { (one.label) " " b { (format::count(count)) } },
                                Err(why) => { (one.label) " " span.quiet { (why) } },
                            }
                            @if let Some(ms) = one.threshold_ms { " " span.small { "over " (today::length(ms)) } }
                        }
                        span {
                            @if one.agents.is_empty() && one.count.is_ok() { "nobody" }
                            @for (at, (agent, count, records)) in one.agents.iter().enumerate() {
                                @if at > 0 { ", " }
                                a href=(today::link(records)) { (parts::name(names, agent)) " " (format::count(count)) }
                            }
                        }
                    }
                }
            }
            p.note { "Today so far, with the agents of whom there are most." }
        },
    };
    panel("floor", "Exceptions on the floor", &body)
}

pub(super) fn gaps(all: &Today) -> Markup {
    let gaps = &all.gaps;
    let body = html! {
        @if gaps.sites.is_empty() && gaps.sources.is_empty() { p.quiet { (gap::none(gaps)) } }
        ul.rows {
            @for one in &gaps.sites {
                li { a href=(today::link(&one.records)) { (gap::site(all, one)) } }
            }
            @for one in &gaps.sources { li { (gap::source(all, one)) } }
        }
        @if !gaps.sites.is_empty() || !gaps.sources.is_empty() {
            p.note { "Less than a fifth of what the same hour of the same weekday brought in the four weeks before. A gap is no zero: figures of these hours lack what is missing." }
        }
        @if let Some(why) = &gaps.without_sites { p.note { "Sites were not looked at: " (why) } }
    };
    panel("gaps", "Data gaps", &body)
}

pub(super) fn cases(all: &Today) -> Markup {
    let Some(cases) = &all.cases else { return html! {} };
    let zone = today::zone(all);
    let one = |due: &Due| {
        html! {
            li {
                div {
                    a href=(Link::below("/case", &due.id.to_string())) { (due.label) }
                    @if let Some(cause) = due.causes.first() { p.note { (cause) } }
                }
                span {
                    @match &due.next {
                        None => "nothing is due",
                        Some(next) => {
                            (next.says) " " br;
                            @if next.is_late { b.bad { "late since " } } @else { "due " }
                            (when::instant(next.due_at, &zone))
                        }
                    }
                }
            }
        }
    };
    let body = html! {
        @if cases.is_empty() { p.quiet { "No case is open." } }
        ul.rows { @for due in cases.iter().take(CASES) { (one(due)) } }
        @if cases.len() > CASES { p.note { a.link href="/cases" { "All " (format::count(cases.len())) " cases" } } }
    };
    panel("cases", "Cases", &body)
}

pub(super) fn hours(all: &Today) -> Markup {
    let body = match &all.hours {
        Err(why) => html! { p.quiet { (why) } },
        Ok(hours) => heat(hours),
    };
    panel("hours", "Contact rate by hour, %", &body)
}

fn heat(hours: &Hours) -> Markup {
    let value = |cell: &Option<Cell>| cell.as_ref().and_then(|cell| cell.value.as_ref().ok().copied());
    let has_enough = |cell: &Option<Cell>| cell.as_ref().is_some_and(|cell| cell.n >= LEAST);
    let all = || {
        let cells = hours.rows.iter().flat_map(|(_, cells)| cells.iter().filter(|cell| has_enough(cell)));
        cells.filter_map(value).map(Ratio::to_f64)
    };
    let (low, high) = (all().fold(f64::INFINITY, f64::min), all().fold(0.0_f64, f64::max));
    let shade = |value: Ratio| {
        let share = if high > low { (value.to_f64() - low) / (high - low) } else { 0.0 };
        format!("heat-{:.0}", (share * SHADES).round())
    };
    let hundred = Ratio::exact(Exact::integer(100)).unwrap_or(Ratio::ONE);
    let records = |day: u8, hour: u8| {
        let by = ["weekday".to_owned(), "hour".to_owned()];
        let keys = [Key::Weekday(day), Key::Integer(i64::from(hour))];
        today::narrowed(&hours.records, &by, &keys).map(|records| today::link(&records))
    };
    html! {
        div.scroll tabindex="0" role="region" aria-label="Contact rate by weekday and hour" {
            table.heat {
                thead { tr { td {} @for hour in &hours.hours { th scope="col" { (hour) } } } }
                tbody {
                    @for (day, cells) in &hours.rows {
                        tr {
                            th scope="row" { (Key::Weekday(*day).to_string().chars().take(3).collect::<String>()) }
                            @for (cell, hour) in cells.iter().zip(&hours.hours) {
                                @match value(cell) {
                                    Some(rate) => td class=[has_enough(cell).then(|| shade(rate))] {
                                        @let percent = rate.times(hundred).map_or_else(String::new, |p| format::fixed(p, 0));
                                        @match records(*day, *hour) {
                                            Some(href) => a href=(href) { (percent) },
                                            None => (percent),
                                        }
                                    },
                                    None => td.quiet { (format::DASH) },
                                }
                            }
                        }
                    }
                }
            }
        }
        p.note { "Conversations over dials, " (when::days(hours.days.0, hours.days.1)) ". The stronger the shade the more; without one there are fewer than " (LEAST) " dials." }
    }
}
