//! The pace of today: made, needed, and where the pace of now leads.

use dialmark_govern::today::pace::Needed;
use dialmark_govern::today::{Pace, PaceAim, PaceRow, PaceTarget, Today};
use dialmark_metrics::Ratio;
use maud::{Markup, html};

use crate::{format, today};

const WIDTH: f64 = 300.0;
const HEIGHT: f64 = 10.0;

pub(super) fn panel(all: &Today) -> Markup {
    html! {
        section.panel aria-labelledby="pace" {
            h2 id="pace" { "Pace to target" }
            @match &all.pace {
                Err(why) => p.quiet { (why) },
                Ok(pace) => {
                    @for aim in &pace.aims { (one(aim)) }
                    p.note { (today::hours_left(&pace.hours)) }
                    (by_team(pace))
                }
            }
        }
    }
}

fn one(aim: &PaceAim) -> Markup {
    let wholes: Vec<&PaceRow> = aim.rows.iter().filter(|row| !row.is_part).collect();
    html! {
        @if wholes.is_empty() { p.quiet { "No record of today says how many " (aim.counted) " are made." } }
        @for row in wholes { (bar(aim, row)) }
    }
}

/// A campaign: a bar of what is made of what is to be made, a mark for what the pace of now leads to.
fn bar(aim: &PaceAim, row: &PaceRow) -> Markup {
    let class = match row.needed {
        Needed::Reached => "met",
        Needed::NoTarget | Needed::HoursUnknown(_) => "unsure",
        Needed::AnHour(_) | Needed::TooLate(_) if today::is_behind(row) => "missed",
        Needed::AnHour(_) | Needed::TooLate(_) => "met",
    };
    let place = today::place(&row.place);
    html! {
        div.pace.(class) {
            header {
                b { (place) ", " (aim.counted) }
                a href=(today::link(&row.records)) aria-label={ "Records of " (aim.counted) " of " (place) } {
                    (today::many(row.made))
                    @if let Some(goal) = row.goal { " of " (today::many(goal)) }
                }
            }
            @if let Some(goal) = row.goal { (meter(row, goal, &format!("{} of {} {}", today::many(row.made), today::many(goal), aim.counted))) }
            p.note { (words(aim, row)) }
        }
    }
}

fn words(aim: &PaceAim, row: &PaceRow) -> String {
    let now = row
        .now
        .map_or_else(|| "nobody was logged in yet".to_owned(), |now| format!("now {}", today::rate(now)));
    let left = row.left_ms.map(|ms| format!(" for {} hours left", today::hours(ms))).unwrap_or_default();
    let ends = row
        .ends_on
        .map(|ends| format!("; at this pace the day ends on {}", today::many(ends)))
        .unwrap_or_default();
    let target = match aim.target {
        PaceTarget::Day(_) => String::new(),
        PaceTarget::Hour(rate) => format!(" (target {} an hour)", today::rate(rate)),
    };
    match row.needed {
        Needed::Reached => format!("reached{target}; {now}{ends}"),
        Needed::AnHour(needed) => {
            let verdict = if today::is_behind(row) { "behind: " } else { "on pace: " };
            format!("{verdict}{} an hour needed{left}{target}; {now}{ends}", today::rate(needed))
        }
        Needed::TooLate(_) | Needed::HoursUnknown(_) | Needed::NoTarget => {
            format!("{}{target}; {now}{ends}", today::needed(row))
        }
    }
}

fn meter(row: &PaceRow, goal: Ratio, says: &str) -> Markup {
    let goal = goal.to_f64();
    let place = |value: f64| if goal > 0.0 { (value / goal).clamp(0.0, 1.0) * WIDTH } else { 0.0 };
    let ends = row.ends_on.map(|ends| place(ends.to_f64()));
    html! {
        svg.meter viewBox={ "0 0 " (WIDTH) " " (HEIGHT) } preserveAspectRatio="none" role="img" aria-label=(says) {
            rect.track x="0" y="2" width=(WIDTH) height="6" rx="3" {}
            @if let Some(ends) = ends { rect.ends x="0" y="2" width=(format!("{ends:.1}")) height="6" rx="3" {} }
            rect.made x="0" y="2" width=(format!("{:.1}", place(row.made.to_f64()))) height="6" rx="3" {}
        }
    }
}

/// Teams, each with what its own hours bring.
fn by_team(pace: &Pace) -> Markup {
    let parts: Vec<(&PaceAim, &PaceRow)> = pace
        .aims
        .iter()
        .flat_map(|aim| aim.rows.iter().filter(|row| row.is_part).map(move |row| (aim, row)))
        .collect();
    html! {
        @if !parts.is_empty() {
            details.fold {
                summary { "By team" }
                div.scroll tabindex="0" role="region" aria-label="Pace by team" {
                    table.figures {
                        thead { tr {
                            th scope="col" { "Team" } th scope="col" { "What" } th.num scope="col" { "Made" }
                            th.num scope="col" { "An hour now" } th.num scope="col" { "Needed" } th.num scope="col" { "Hours left" }
                        } }
                        tbody {
                            @for (aim, row) in parts {
                                tr {
                                    th scope="row" { (today::place(&row.place)) }
                                    td { (aim.counted) }
                                    td.num { a href=(today::link(&row.records)) { (today::many(row.made)) } }
                                    td.num { (row.now.map_or_else(|| format::DASH.to_owned(), today::rate)) }
                                    td.num {
                                        (today::needed(row))
                                        @if today::is_behind(row) { " " span.bad { "behind" } }
                                    }
                                    td.num { (row.left_ms.map_or_else(|| format::DASH.to_owned(), today::hours)) }
                                }
                            }
                        }
                    }
                }
            }
        }
    }
}
