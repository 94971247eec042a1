//! A statement under a contract: what is due, line by line, and everything that it rests on.

use dialmark_govern::Money;
use dialmark_govern::statement::{ExclusionState, Line, LineKind, SignedState, Statement};
use maud::{Markup, html};

use crate::format;
use crate::shell::{self, Head};

/// What the page of a statement shows.
#[derive(Debug, Clone)]
pub struct StatementPage {
    /// Top of the page.
    pub head: Head,
    /// The statement.
    pub statement: Statement,
    /// When and by whom it was frozen; `None` for one that may change still.
    pub frozen: Option<String>,
}

/// The page, as it is served.
pub fn render(model: &StatementPage) -> Markup {
    shell::page(&model.head, &body(model))
}

/// The page as one file that needs nothing else.
pub fn standalone(model: &StatementPage) -> Markup {
    shell::standalone(&model.head, &body(model))
}

/// What stands under the head.
pub(super) fn body(model: &StatementPage) -> Markup {
    let statement = &model.statement;
    let parties = match &statement.provider {
        Some(provider) => format!("{provider} to {}", statement.client),
        None => format!("to {}", statement.client),
    };
    html! {
        p.lead { (statement.label) ", " (statement.period) ", " (parties) ": " b { (money(&statement.due)) } " due." }
        @match &model.frozen {
            Some(frozen) => p.note { "Frozen " (frozen) ". What changes later goes onto the next statement." },
            None => p.note { "A draft: it changes with the records until it is frozen." },
        }
        @for sentence in &statement.incomplete { p.note { span.status.missed { "incomplete" } " " (sentence) } }
        @for sentence in &statement.phases { p.note { (sentence) } }
        section.panel aria-labelledby="lines" {
            h2 id="lines" { "Lines" }
            div.scroll {
                table.figures {
                    thead { tr { th { "What" } th { "Name" } th { "How it comes about" } th.num { "Amount" } } }
                    tbody {
                        @for line in &statement.lines { (row(line)) }
                        (sum("Prices", &statement.subtotals.prices))
                        (sum("Service levels", &statement.subtotals.service_levels))
                        (sum("Clawbacks", &statement.subtotals.clawbacks))
                        (sum("Adjustments", &statement.subtotals.adjustments))
                        tr aria-current="true" { th scope="row" { "Due" } td {} td {} td.num { b { (money(&statement.due)) } } }
                    }
                }
            }
        }
        section.two.even {
            section.panel aria-labelledby="exclusions" {
                h2 id="exclusions" { "Time that is excluded" }
                @if statement.exclusions.is_empty() { p.quiet { "None." } }
                ul.rows {
                    @for one in &statement.exclusions {
                        li {
                            (one.says)
                            span { @match one.state { ExclusionState::Agreed => "agreed", ExclusionState::Claimed => "claimed only" } }
                        }
                    }
                }
                h3 { "Disputes" }
                @if statement.disputes.is_empty() { p.quiet { "None." } }
                ul.rows { @for one in &statement.disputes { li { (one.says) } } }
            }
            section.panel aria-labelledby="definitions" {
                h2 id="definitions" { "Definitions" }
                @if statement.definitions.is_empty() { p.quiet { "No metric was needed." } }
                ul.rows {
                    @for one in &statement.definitions {
                        li { code { (one.metric) } span { (one.says) @if one.state == SignedState::ByBoth { " ✓" } } }
                    }
                }
            }
        }
        p.note {
            "From the records as they were at " (statement.as_of) ", under the contract " code { (statement.contract_hash) } "."
        }
    }
}

fn row(line: &Line) -> Markup {
    html! {
        tr {
            th scope="row" { (word(line.kind)) }
            td { (line.name) }
            td { (line.says) }
            td.num { @match &line.amount { Some(amount) => (money(amount)), None => (format::DASH) } }
        }
    }
}

fn sum(word: &str, amount: &Money) -> Markup {
    html! {
        @if !amount.is_zero() {
            tr { th scope="row" { (word) } td {} td.quiet { "sum" } td.num { (money(amount)) } }
        }
    }
}

/// All digits of the currency, in groups.
pub fn money(amount: &Money) -> String {
    format!("{}{}{}", format::grouped(&amount.decimal()), format::NO_BREAK, amount.currency())
}

const fn word(kind: LineKind) -> &'static str {
    match kind {
        LineKind::Price => "Price",
        LineKind::ServiceLevel => "Service level",
        LineKind::Relief => "Relief",
        LineKind::Cap => "Cap",
        LineKind::EarnBack => "Earned back",
        LineKind::Clawback => "Clawback",
        LineKind::Dispute => "Dispute",
        LineKind::Late => "Late data",
    }
}
