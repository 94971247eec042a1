//! What a statement is computed from, kept with it: texts and whole numbers, so that it can be computed again.

use std::collections::{BTreeMap, BTreeSet};

use dialmark_metrics::Cell;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::plan::Need;
use super::statement::Line;
use crate::Money;
use crate::contract::BillingPeriod;
use crate::statement::{Answer, Declared};

/// Everything that the statement of one agent is computed from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Inputs {
    /// The plan as it was declared.
    pub plan: Declared,
    /// The agent.
    pub agent: String,
    /// The month or quarter.
    pub period: BillingPeriod,
    /// First civil day whose records the figures do not hold; the end of the period or later when they hold all of it.
    pub seen_until: Date,
    /// An answer to each of [`Plan::needs`](super::Plan::needs).
    pub figures: Vec<Figure>,
    /// All agents of the plan with their logged time in milliseconds, for [`Plan::needs_members`](super::Plan::needs_members).
    pub members: BTreeMap<String, Answer>,
    /// Sales of earlier periods, paid for then, whose cancellation is known now.
    pub cancelled: Vec<Cancelled>,
    /// Sales that earlier statements took back. They are not taken back again.
    pub clawed_back_before: BTreeSet<String>,
    /// What became known of earlier periods after their statements were frozen, a line of [`late`](super::late()) each.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub late: Vec<Line>,
    /// What the statement before carried over; zero or below.
    pub carried: Money,
}

impl Inputs {
    /// Whether the figures hold the whole period.
    pub(super) fn is_over(&self) -> bool {
        self.seen_until >= self.period.days().until()
    }
}

/// A figure.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Figure {
    /// What was asked for.
    pub need: Need,
    /// The value, or why there is none.
    pub answer: Answer,
    /// Records behind it.
    pub n: u64,
    /// The first day on which every record has had the time in which something may still happen to it, such as 30 days in which a
    /// sale can be cancelled; `None` where a figure waits for nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub complete_on: Option<Date>,
    /// Currency of money, ISO 4217.
    pub currency: Option<String>,
}

impl Figure {
    /// A figure from a cell of an answer.
    pub fn of_cell(need: Need, cell: &Cell, complete_on: Option<Date>) -> Figure {
        let answer = match &cell.value {
            Ok(value) => Answer::Value(*value),
            Err(reason) => Answer::Missing { reason: reason.word().to_owned(), says: reason.to_string() },
        };
        Figure { need, answer, n: cell.n, complete_on, currency: cell.currency.clone() }
    }
}

/// A sale that was paid for and cancelled.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cancelled {
    /// The sale.
    pub sale: String,
    /// Day of the sale.
    pub sold_on: Date,
    /// Day of the cancellation.
    pub cancelled_on: Date,
    /// What the agent was paid for it, if that is known. Only needed where what was paid is taken back.
    pub paid: Option<Money>,
}
