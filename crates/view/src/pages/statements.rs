//! Statements as they are served: contracts with their periods, one statement with what may be done with it.

use dialmark_govern::Money;
use dialmark_govern::contract::BillingPeriod;
use maud::{Markup, html};

use super::kpis::problems;
use super::overview::{Choice, choices};
use super::statement::{self, StatementPage, money};
use crate::form::{Field, Form, Sent, TICKED, outcome};
use crate::format::DASH;
use crate::link::Link;
use crate::shell::{self, Head};

/// The form that freezes a statement.
pub const FREEZE: &str = "freeze";
/// That it was read and is right: [`TICKED`].
pub const SURE: &str = "sure";
/// What is due, as it was read: `83980.00 EUR`, unseen. Another amount since then is a reason to show the page again.
pub const DUE: &str = "due";

/// One statement and what may be done with it.
#[derive(Debug, Clone)]
pub struct ServedStatement {
    /// The statement.
    pub page: StatementPage,
    /// Contracts to choose from.
    pub contracts: Vec<Choice>,
    /// Periods to choose from.
    pub periods: Vec<Choice>,
    /// The same for programs.
    pub json: Link,
    /// All contracts.
    pub all: Link,
    /// Where it is frozen, when it is a draft and the reader may.
    pub freeze: Option<Freeze>,
    /// What was sent last.
    pub sent: Sent,
}

/// Freezing a draft.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Freeze {
    /// Where the form is sent.
    pub action: Link,
    /// Why it cannot be frozen yet, in a sentence, such as a period that is not over.
    pub wait: Option<String>,
}

/// The page of one statement.
pub fn render(model: &ServedStatement) -> Markup {
    shell::page(
        &model.page.head,
        &html! {
            (outcome(&model.sent))
            (choices("Contract", &model.contracts))
            (choices("Period", &model.periods))
            (statement::body(&model.page))
            @if let Some(freeze) = model.freeze.as_ref().filter(|_| model.page.frozen.is_none()) { (freeze_panel(model, freeze)) }
            p.note { a.link href=(model.all) { "All contracts" } " · " a.link href=(model.json) { "As JSON" } }
        },
    )
}

fn freeze_panel(model: &ServedStatement, freeze: &Freeze) -> Markup {
    let form = Form::new(FREEZE, &freeze.action, &model.sent);
    let statement = &model.page.statement;
    let sure = format!("I have read it: {} is due for {}.", money(&statement.due), statement.period);
    html! {
        section.panel.gap aria-labelledby="freeze" {
            h2 id="freeze" { "Freeze it" }
            @match &freeze.wait {
                Some(why) => p { (why) },
                None => {
                    p { "A frozen statement never changes. What later records change of it is a line of the next one." }
                    @if !statement.is_complete() {
                        p.note { span.status.missed { span aria-hidden="true" { "○ " } "incomplete" } " What is said to be incomplete above stays so." }
                    }
                    (form.of(&html! {
                        (form.hidden(DUE, &statement.due.to_string()))
                        (form.tick(&Field::new(SURE, &sure), false))
                        div { (form.submit("Freeze it")) }
                    }))
                }
            }
        }
    }
}

/// Whether a form that was sent says that what is due was read, and as which amount.
pub fn was_read(sent: &Sent) -> Option<Money> {
    (sent.text(SURE) == TICKED).then(|| Money::parse(sent.text(DUE))).flatten()
}

/// What the list of contracts shows.
#[derive(Debug, Clone)]
pub struct StatementsPage {
    /// Top of the page.
    pub head: Head,
    /// The contracts.
    pub contracts: Vec<ContractLine>,
    /// Mistakes in the declarations, which must be mended first.
    pub problems: Vec<String>,
}

/// A contract.
#[derive(Debug, Clone)]
pub struct ContractLine {
    /// Name to show.
    pub label: String,
    /// Who is served.
    pub client: String,
    /// How it is settled, in a sentence.
    pub says: String,
    /// Its periods, the latest first.
    pub periods: Vec<PeriodLine>,
}

/// A period of a contract.
#[derive(Debug, Clone)]
pub struct PeriodLine {
    /// The month or quarter.
    pub period: BillingPeriod,
    /// Its statement.
    pub href: Link,
    /// What is due; `None` where it was not computed for this list.
    pub due: Option<Money>,
    /// When and by whom it was frozen; `None` for a draft.
    pub frozen: Option<String>,
    /// Whether nothing is left open, as far as that was computed.
    pub is_complete: bool,
}

/// The page of all contracts.
pub fn render_all(model: &StatementsPage) -> Markup {
    shell::page(
        &model.head,
        &html! {
            (problems(&model.problems))
            @if model.contracts.is_empty() && model.problems.is_empty() {
                p.lead { "No contract is declared. Contracts stand in the project's folder " code { "contracts/" } "." }
            }
            @for contract in &model.contracts { (contract_panel(contract)) }
        },
    )
}

fn contract_panel(contract: &ContractLine) -> Markup {
    html! {
        section.panel {
            h2 { (contract.label) }
            p.quiet.small { "For " (contract.client) ". " (contract.says) }
            div.scroll {
                table.figures {
                    thead { tr { th { "Period" } th { "State" } th.num { "Due" } } }
                    tbody {
                        @for line in &contract.periods {
                            tr {
                                th scope="row" { a href=(line.href) { (line.period) } }
                                td {
                                    @match &line.frozen {
                                        Some(frozen) => { span.status.met { span aria-hidden="true" { "● " } "frozen" } " " span.quiet { (frozen) } }
                                        None => span.status.unsure { "– draft" },
                                    }
                                    @if line.due.is_some() && !line.is_complete { " " span.status.missed { span aria-hidden="true" { "○ " } "incomplete" } }
                                }
                                td.num { @match &line.due { Some(due) => (money(due)), None => (DASH) } }
                            }
                        }
                    }
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::form::FORM;
    use crate::sample::promises;

    #[test]
    fn a_draft_can_be_frozen_with_the_amount_that_was_read() {
        let text = render(&promises::statement()).into_string();
        assert!(text.contains("name=\"due\" value=\"83980.00 EUR\""), "{text}");
        assert!(text.contains("83\u{202f}980.00\u{a0}EUR is due for 2026-10."), "{text}");
        assert!(text.contains("/api/v1/statement?contract=acme&amp;period=2026-10"), "{text}");
        let pairs = |sure: &str| {
            Sent::of(vec![
                (FORM.to_owned(), FREEZE.to_owned()),
                (DUE.to_owned(), "83980.00 EUR".to_owned()),
                (SURE.to_owned(), sure.to_owned()),
            ])
        };
        assert_eq!(was_read(&pairs(TICKED)), Money::parse("83980.00 EUR"));
        assert_eq!(was_read(&pairs("")), None);
    }

    #[test]
    fn what_is_frozen_or_may_not_be_has_no_form() {
        let mut model = promises::statement();
        model.page.frozen = Some("Fri 2 Oct 2026, 08:00 by Fin".to_owned());
        assert!(!render(&model).into_string().contains("<form"));
        let mut model = promises::statement();
        model.freeze.as_mut().unwrap().wait = Some("The period is not over.".to_owned());
        let text = render(&model).into_string();
        assert!(text.contains("The period is not over.") && !text.contains("<form"), "{text}");
    }

    #[test]
    fn the_list_says_what_is_frozen_and_never_calls_what_was_not_computed_zero() {
        let text = render_all(&promises::statements()).into_string();
        assert!(text.contains("frozen</span>") && text.contains("draft"), "{text}");
        assert!(text.contains("<td class=\"num\">–</td>") && text.contains("88\u{202f}400.00"), "{text}");
        assert_eq!(text.matches("incomplete").count(), 1, "{text}");
    }
}
