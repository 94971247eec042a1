//! What agents are paid beside their wages: one agent's statement, and the list of all for who may see it.

use dialmark_govern::Money;
use dialmark_govern::incentive::{Line, LineKind, Standing, Statement};
use maud::{Markup, html};

use super::overview::{Choice, choices};
use super::statement::money;
use crate::format::DASH;
use crate::link::Link;
use crate::parts;
use crate::shell::{self, Head};

/// What the page of one statement shows.
#[derive(Debug, Clone)]
pub struct IncentivePage {
    /// Top of the page.
    pub head: Head,
    /// The statement.
    pub statement: Statement,
    /// Name of the agent.
    pub agent: String,
    /// Periods to choose from.
    pub periods: Vec<Choice>,
    /// When and by whom it was frozen, in words; `None` for one that may change still.
    pub frozen: Option<String>,
    /// The same for programs.
    pub json: Link,
}

/// The page.
pub fn render(model: &IncentivePage) -> Markup {
    let statement = &model.statement;
    shell::page(
        &model.head,
        &html! {
            (choices("Period", &model.periods))
            p.lead {
                (statement.label) ", " (statement.period) ", " (model.agent) ": " b { (money(&statement.due)) }
                @match statement.standing { Standing::Final => " due.", Standing::Provisional(_) => " so far." }
            }
            @match &model.frozen {
                Some(frozen) => p.note { "Frozen " (frozen) "." },
                None => p.note { (standing(statement)) },
            }
            section.panel.gap aria-labelledby="lines" { h2 id="lines" { "Lines" } (lines(statement)) }
            @if !statement.notes.is_empty() {
                section.panel aria-labelledby="notes" {
                    h2 id="notes" { "What else is to be said" }
                    ul { @for note in &statement.notes { li { (note) } } }
                }
            }
            p.note {
                "Under the plan " code { (statement.plan_hash) } ". " a.link href=(model.json) { "As JSON" }
            }
        },
    )
}

/// Whether more can come, in a sentence.
pub fn standing(statement: &Statement) -> String {
    match statement.standing {
        Standing::Final => "The figures hold the whole period.".to_owned(),
        Standing::Provisional(day) => {
            format!(
                "Provisional: the period is running, figures hold what was before {day}. Nothing is due yet."
            )
        }
    }
}

/// Lines and sum of a statement, and what is lacking.
pub fn lines(statement: &Statement) -> Markup {
    html! {
        @for sentence in &statement.incomplete { p.note { span.status.missed { "○ incomplete" } " " (sentence) } }
        div.scroll {
            table.figures {
                thead { tr { th { "What" } th { "How it comes about" } th.num { "Before gates" } th.num { "Amount" } } }
                tbody {
                    @for line in &statement.lines { (row(line)) }
                    tr aria-current="true" {
                        th scope="row" { @match statement.standing { Standing::Final => "Due", Standing::Provisional(_) => "So far" } }
                        td {} td {} td.num { b { (money(&statement.due)) } }
                    }
                }
            }
        }
        @if !statement.carried_forward.is_zero() {
            p.note { "The next statement begins with " (money(&statement.carried_forward)) "." }
        }
    }
}

fn row(line: &Line) -> Markup {
    html! {
        tr {
            th scope="row" { (line.label) @if line.kind != LineKind::Part { div.why { (word(line.kind)) } } }
            td { (line.says) }
            td.num { @if let Some(before) = &line.before_gates { (money(before)) } }
            td.num { @match &line.amount { Some(amount) => (money(amount)), None => (DASH) } }
        }
    }
}

const fn word(kind: LineKind) -> &'static str {
    match kind {
        LineKind::Part => "part of the plan",
        LineKind::Cap => "what the cap takes off",
        LineKind::Late => "came later",
        LineKind::Clawback => "taken back",
        LineKind::Carried => "from the statement before",
        LineKind::CarriedForward => "left to the next statement",
        LineKind::Waived => "waived",
    }
}

/// What the list of all statements of a period shows.
#[derive(Debug, Clone)]
pub struct IncentivesPage {
    /// Top of the page.
    pub head: Head,
    /// Plans to choose from.
    pub plans: Vec<Choice>,
    /// Periods to choose from.
    pub periods: Vec<Choice>,
    /// Statements, in the order of agents' names.
    pub agents: Vec<IncentiveLine>,
    /// Agents whose statement cannot be drawn up, with why.
    pub problems: Vec<String>,
}

/// One agent.
#[derive(Debug, Clone)]
pub struct IncentiveLine {
    /// Name.
    pub agent: String,
    /// The statement.
    pub statement: Statement,
    /// Its page.
    pub href: Link,
}

/// The page.
pub fn render_all(model: &IncentivesPage) -> Markup {
    shell::page(
        &model.head,
        &html! {
            (choices("Plan", &model.plans))
            (choices("Period", &model.periods))
            @if !model.problems.is_empty() {
                section.panel aria-labelledby="problems" {
                    h2 id="problems" { "Without a statement" }
                    ul { @for problem in &model.problems { li { (problem) } } }
                }
            }
            section.panel aria-labelledby="agents" {
                h2 id="agents" { "Agents" }
                @if model.agents.is_empty() {
                    p.quiet { "No plan holds for an agent in this period. Plans stand in the project's folder " code { "incentives/" } "." }
                } @else { (all(&model.agents)) }
            }
        },
    )
}

fn all(agents: &[IncentiveLine]) -> Markup {
    html! {
        div.scroll {
            table.figures {
                thead { tr { th { "Agent" } th { "Plan" } th { "Period" } th { "State" } th.num { "Carried forward" } th.num { "Due" } } }
                tbody {
                    @for line in agents {
                        @let statement = &line.statement;
                        tr {
                            th scope="row" { a href=(line.href) { (line.agent) } }
                            td { (statement.label) }
                            td { (statement.period) }
                            td {
                                @match statement.standing { Standing::Final => "final", Standing::Provisional(_) => "provisional" }
                                @if !statement.is_complete() { " " span.status.missed { "○ incomplete" } }
                            }
                            td.num { @if !statement.carried_forward.is_zero() { (money(&statement.carried_forward)) } }
                            td.num { (money(&statement.due)) }
                        }
                    }
                }
            }
        }
        @if let Some(sums) = sums(agents) {
            p.note {
                "Sum: "
                @for (at, sum) in sums.iter().enumerate() { @if at > 0 { ", " } (money(sum)) }
                " for " (parts::counted(agents.len(), "statement", "statements")) "."
            }
        }
    }
}

/// What is due to all, by currency; `None` when a sum does not fit 128 bits.
fn sums(agents: &[IncentiveLine]) -> Option<Vec<Money>> {
    let mut sums: Vec<Money> = Vec::new();
    for line in agents {
        let due = &line.statement.due;
        match sums.iter_mut().find(|sum| sum.currency() == due.currency()) {
            Some(sum) => *sum = sum.plus(due)?,
            None => sums.push(due.clone()),
        }
    }
    Some(sums)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample::people;

    #[test]
    fn a_statement_shows_each_line_with_its_computation_and_the_sum() {
        let text = render(&people::incentive()).into_string();
        for wanted in [
            "132.00\u{a0}EUR",
            "21 at 4.00 EUR and 8 at 6.00 EUR",
            "Provisional",
            "&lt;b&gt;",
            "−4.00\u{a0}EUR",
            "128.00\u{a0}EUR",
        ] {
            assert!(text.contains(wanted), "{wanted} not in {text}");
        }
    }

    #[test]
    fn an_amount_that_is_not_known_is_a_dash_with_its_reason() {
        let text = render(&people::incentive()).into_string();
        assert!(text.contains("<td class=\"num\">–</td>") && text.contains("incomplete"), "{text}");
    }

    #[test]
    fn sums_of_all_agents_never_mix_currencies() {
        let mut model = people::incentives();
        let text = render_all(&model).into_string();
        assert!(text.contains("Sum: 256.00\u{a0}EUR for 2\u{a0}statements."), "{text}");
        model.agents[1].statement.due = Money::parse("10.00 GBP").unwrap();
        assert!(render_all(&model).into_string().contains("Sum: 128.00\u{a0}EUR, 10.00\u{a0}GBP for"));
    }
}
