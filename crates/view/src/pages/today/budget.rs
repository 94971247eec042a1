//! What is left of the limits of abandoned calls.

use dialmark_govern::today::Today;
use dialmark_metrics::metric::Unit;
use maud::{Markup, html};

use super::floor::panel;
use crate::format;
use crate::pages::compliance::{calls_of, share_of, whole};

pub(super) fn budget(all: &Today) -> Markup {
    let Some(calling) = &all.calling else { return html! {} };
    let body = match calling {
        Err(why) => html! { p.quiet { (why) } },
        Ok(ledger) => {
            let rows = ledger.tightest();
            html! {
                @if rows.is_empty() {
                    p.quiet { "No rule that limits abandoned calls holds here, or none of its calls was made." }
                } @else {
                    div.scroll tabindex="0" role="region" aria-label="Table: budget of abandoned calls" {
                        table.figures {
                            thead {
                                tr {
                                    th scope="col" { "Campaign" }
                                    th.num scope="col" { "Abandoned" }
                                    th.num scope="col" { "At most" }
                                    th.num scope="col" { "Left now" }
                                    th.num scope="col" { "Left at today's volume" }
                                }
                            }
                            tbody {
                                @for (entry, share, budget) in rows {
                                    tr {
                                        th scope="row" {
                                            (share.campaign.as_deref().unwrap_or("no campaign"))
                                            p.note { (entry.rule.label) }
                                        }
                                        td.num { a href=(calls_of(&share.now.opens)) { (share_of(&share.now)) } }
                                        td.num {
                                            @match entry.rule.limit() {
                                                Some(limit) => (format::figure(limit, Unit::Share, None)),
                                                None => (format::DASH),
                                            }
                                        }
                                        td.num { (whole(budget.left)) }
                                        td.num { @match budget.left_today { Some(left) => (whole(left)), None => (format::DASH) } }
                                    }
                                }
                            }
                        }
                    }
                }
                p.note { a.link href="/compliance" { "All calling rules" } }
            }
        }
    };
    panel("calling", "Budget of abandoned calls", &body)
}
