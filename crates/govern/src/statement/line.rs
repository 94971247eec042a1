//! Lines of a statement.

use serde::{Deserialize, Serialize};

use crate::Money;
use crate::contract::BillingPeriod;

/// One amount and how it comes about.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Line {
    /// Kind and name, such as `price.seats`; each once in a statement. Disputes name it.
    pub id: String,
    /// What it is.
    pub kind: LineKind,
    /// Name of the price, service level, clawback, exclusion or dispute.
    pub name: String,
    /// How many units, exactly; a fraction where no decimal is exact.
    pub quantity: Option<String>,
    /// For one unit, or the share of the base, exactly; absent when there is more than one.
    pub rate: Option<String>,
    /// What the rate is a share of.
    pub base: Option<Money>,
    /// What is due to the provider; `None` when it cannot be said, which is not zero.
    pub amount: Option<Money>,
    /// The computation, as a sentence that can be checked by hand.
    pub says: String,
    /// The line of an earlier statement that it is about, for disputes and late data.
    pub about: Option<LineRef>,
}

/// A line of a statement of some period.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct LineRef {
    /// The period of the statement.
    pub period: BillingPeriod,
    /// The line's `id`.
    pub line: String,
}

/// What a line is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LineKind {
    /// A price.
    Price,
    /// A penalty or a bonus, or neither.
    ServiceLevel,
    /// What an agreed exclusion takes off a penalty.
    Relief,
    /// What the contract's cap takes off a penalty or a bonus.
    Cap,
    /// A penalty of an earlier period that is returned.
    EarnBack,
    /// What is taken back.
    Clawback,
    /// How a dispute ended.
    Dispute,
    /// What later records change of an earlier period.
    Late,
}

impl LineKind {
    /// All, in the order of a statement.
    pub const ALL: [LineKind; 8] = [
        LineKind::Price,
        LineKind::ServiceLevel,
        LineKind::Relief,
        LineKind::Cap,
        LineKind::EarnBack,
        LineKind::Clawback,
        LineKind::Dispute,
        LineKind::Late,
    ];

    /// The word that ids begin with.
    pub const fn word(self) -> &'static str {
        match self {
            LineKind::Price => "price",
            LineKind::ServiceLevel => "service_level",
            LineKind::Relief => "relief",
            LineKind::Cap => "cap",
            LineKind::EarnBack => "earn_back",
            LineKind::Clawback => "clawback",
            LineKind::Dispute => "dispute",
            LineKind::Late => "late",
        }
    }
}

impl Line {
    /// A line of a kind and name without anything else.
    pub(super) fn new(kind: LineKind, name: &str) -> Line {
        Line {
            id: format!("{}.{name}", kind.word()),
            kind,
            name: name.to_owned(),
            quantity: None,
            rate: None,
            base: None,
            amount: None,
            says: String::new(),
            about: None,
        }
    }

    /// The line without an amount, for a reason.
    pub(super) fn open(self, why: impl Into<String>) -> Line {
        Line { amount: None, says: why.into(), ..self }
    }
}

/// The service level whose penalty or bonus a line is part of, by the line's id: its own line, a relief or a cap.
pub(super) fn service_level(id: &str) -> Option<&str> {
    let (kind, rest) = id.split_once('.')?;
    match kind {
        "service_level" | "cap" => Some(rest),
        "relief" => rest.rsplit_once('.').map(|(_, level)| level),
        _ => None,
    }
}

/// The sum of the amounts of some kinds; `None` when it does not fit, or one is in another currency.
pub(super) fn total(lines: &[Line], kinds: &[LineKind], currency: &str) -> Option<Money> {
    let amounts =
        lines.iter().filter(|line| kinds.contains(&line.kind)).filter_map(|line| line.amount.as_ref());
    amounts.into_iter().try_fold(Money::zero(currency), |sum, amount| sum.plus(amount))
}
