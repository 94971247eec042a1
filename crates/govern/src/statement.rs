//! Statements: what is due under a contract for one period, computed from inputs that are frozen with it.
//!
//! [`of`] is a pure function: the same contract and the same inputs give the same statement, byte for byte, on any day.
//! Rates and figures are exact; each line is rounded once, half to even, to the smallest unit of the contract's currency,
//! and the total is the sum of its lines. What cannot be computed is no zero: its line has no amount and says why, and
//! the statement is not complete. A statement is never changed afterwards; [`adjustments`] go onto the next one.

mod caps;
mod clawbacks;
mod definitions;
mod disputes;
mod earlier;
mod earn_back;
mod exclusions;
mod figures;
mod inputs;
mod late;
mod line;
mod phases;
mod prices;
pub(crate) mod says;
mod service_levels;

use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::Money;
use crate::contract::{BillingPeriod, Contract};
use figures::Figures;

pub use definitions::{DefinitionNote, SignedState};
pub use disputes::{DisputeNote, DisputeState};
pub use earlier::{Earlier, earlier};
pub use exclusions::{ExclusionNote, ExclusionState};
pub use inputs::{Answer, Declared, ExchangeRate, Figure, Inputs};
pub use late::{NotComparable, adjustments};
pub use line::{Line, LineKind, LineRef};

/// What is due for one period, and everything that a reader needs to check it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Statement {
    /// Name of the contract.
    pub contract: String,
    /// Its name to show.
    pub label: String,
    /// Who is served.
    pub client: String,
    /// Who serves.
    pub provider: Option<String>,
    /// Hash of the contract's declaration as it was.
    pub contract_hash: String,
    /// The month or quarter.
    pub period: BillingPeriod,
    /// First civil day of the period.
    pub from: Date,
    /// First civil day after the period.
    pub until: Date,
    /// The instant whose records it was computed from.
    pub as_of: Timestamp,
    /// ISO 4217 code of every amount.
    pub currency: String,
    /// What the phases of the contract mean for this period, a sentence each.
    pub phases: Vec<String>,
    /// What is due and what is taken off: prices, service levels, reliefs, caps, earn-backs, clawbacks, resolved
    /// disputes, late data; each kind in the order of the contract.
    pub lines: Vec<Line>,
    /// Sums by kind.
    pub subtotals: Subtotals,
    /// What is due to the provider: the sum of all amounts. Below zero the provider owes it.
    pub due: Money,
    /// What cannot be computed, a sentence each. When there is any, `due` is what is due so far.
    pub incomplete: Vec<String>,
    /// How each service level that counted was judged, for the earn-backs of later periods.
    pub outcomes: Vec<Outcome>,
    /// Time that is excluded, or claimed to be.
    pub exclusions: Vec<ExclusionNote>,
    /// What is disputed, of this period and of earlier ones.
    pub disputes: Vec<DisputeNote>,
    /// Whether both parties signed the definitions that were used.
    pub definitions: Vec<DefinitionNote>,
}

/// Sums of the lines that have an amount.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Subtotals {
    /// Prices.
    pub prices: Money,
    /// Penalties and bonuses with their reliefs and caps, and penalties returned.
    pub service_levels: Money,
    /// What is taken back; zero or below.
    pub clawbacks: Money,
    /// Resolved disputes and late data of earlier periods.
    pub adjustments: Money,
}

/// How a service level was judged.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Outcome {
    /// Its name.
    pub service_level: String,
    /// Whether its figure asked for no penalty, before any relief or grace; `None` when it is not known.
    pub met: Option<bool>,
    /// The period with which a penalty is returned, if it is met in all periods until then, that one included.
    pub returned_with: Option<BillingPeriod>,
}

impl Statement {
    /// Whether nothing is left open.
    pub fn is_complete(&self) -> bool {
        self.incomplete.is_empty()
    }

    /// The line of this name, such as `price.seats`.
    pub fn line(&self, id: &str) -> Option<&Line> {
        self.lines.iter().find(|line| line.id == id)
    }
}

/// What is due under a contract for the period of the inputs.
pub fn of(contract: &Contract, inputs: &Inputs) -> Statement {
    let mut incomplete = Vec::new();
    let mut lines = Vec::new();
    let mut outcomes = Vec::new();
    let figures = Figures::new(contract, inputs);
    if inputs.period.billing() == contract.billing {
        lines = prices::lines(contract, inputs, &figures);
        let mut judged = service_levels::judge(contract, inputs, &figures, &lines);
        caps::limit(contract, &lines, &mut judged);
        let returned = earn_back::lines(contract, inputs, &judged);
        outcomes = judged.iter().map(|level| level.outcome.clone()).collect();
        lines.extend(judged.into_iter().flat_map(|level| level.lines));
        lines.extend(returned);
        lines.extend(clawbacks::lines(contract, inputs, &figures));
        lines.extend(disputes::lines(contract, inputs));
        lines.extend(late::carried(contract, inputs));
    } else {
        incomplete.push(format!(
            "The contract is settled by {}, and {} is none.",
            contract.billing.word(),
            inputs.period
        ));
    }
    let open = lines.iter().filter(|line| line.amount.is_none());
    incomplete.extend(open.map(|line| format!("{}: {}", line.id, line.says)));
    let mut total = |kinds: &[LineKind]| {
        line::total(&lines, kinds, &contract.currency).unwrap_or_else(|| {
            incomplete.push("A sum is too large to be written.".to_owned());
            Money::zero(&contract.currency)
        })
    };
    let subtotals = Subtotals {
        prices: total(&[LineKind::Price]),
        service_levels: total(&[LineKind::ServiceLevel, LineKind::Relief, LineKind::Cap, LineKind::EarnBack]),
        clawbacks: total(&[LineKind::Clawback]),
        adjustments: total(&[LineKind::Dispute, LineKind::Late]),
    };
    let due = total(&LineKind::ALL);
    Statement {
        contract: contract.name.clone(),
        label: contract.label.clone(),
        client: contract.client.clone(),
        provider: contract.provider.clone(),
        contract_hash: inputs.contract.hash.clone(),
        period: inputs.period,
        from: inputs.period.days().from(),
        until: inputs.period.days().until(),
        as_of: inputs.as_of,
        currency: contract.currency.clone(),
        phases: phases::sentences(contract, inputs.period),
        lines,
        subtotals,
        due,
        incomplete,
        outcomes,
        exclusions: exclusions::notes(contract, inputs),
        disputes: disputes::notes(contract, inputs),
        definitions: definitions::notes(contract, inputs),
    }
}
