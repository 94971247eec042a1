//! The largest opportunities, with their prices and everything that these rest on.

use maud::{Markup, html};

/// What there is to gain.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Opportunities {
    /// What a sale and an hour are taken to be worth, in sentences.
    pub prices: Vec<String>,
    /// The largest first.
    pub rows: Vec<Opportunity>,
    /// How many smaller ones are not shown.
    pub hidden: usize,
    /// Why there are none, or why they may not be added up, in a sentence.
    pub caution: String,
    /// What was not weighed, and why, in sentences.
    pub left_out: Vec<String>,
}

/// One opportunity.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Opportunity {
    /// The metric, and whose records.
    pub title: String,
    /// From the figure as it is to what is to be reached.
    pub step: String,
    /// Who says so: a target, the best team, others.
    pub by: String,
    /// What it would bring in the period: calls, conversations, sales, hours.
    pub brings: String,
    /// The money, or why there is no price, in a sentence.
    pub worth: Result<String, String>,
    /// What must stay as it is for this to come true, in sentences.
    pub assumptions: Vec<String>,
}

pub(super) fn panel(found: &Opportunities) -> Markup {
    html! {
        section.panel aria-labelledby="opportunities" {
            h2 id="opportunities" { "Largest opportunities" }
            ol.openings {
                @for row in &found.rows {
                    li {
                        div.opening {
                            div {
                                h3 { (row.title) }
                                p { (row.step) span.quiet { ", " (row.by) } }
                                @if !row.brings.is_empty() { p { (row.brings) } }
                            }
                            @match &row.worth {
                                Ok(money) => div.worth { b { (money) } },
                                Err(why) => div.worth { span.why { "No price. " (why) } },
                            }
                        }
                        @if !row.assumptions.is_empty() {
                            p.why { "This assumes:" }
                            ul.why { @for one in &row.assumptions { li { (one) } } }
                        }
                    }
                }
            }
            @if found.hidden > 0 { p.note { "Not shown are " (found.hidden) " smaller ones." } }
            p.note { (found.caution) }
            @for price in &found.prices { p.note { (price) } }
            @for one in &found.left_out { p.note { (one) } }
        }
    }
}
