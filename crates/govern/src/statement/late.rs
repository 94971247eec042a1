//! Late data: what a statement that was sent would be now. The difference goes onto the next statement; the old one is
//! never changed.

use std::fmt;

use super::inputs::Inputs;
use super::line::{Line, LineKind, LineRef};
use super::{Statement, of};
use crate::Money;
use crate::contract::Contract;

/// Why a statement cannot be compared with what it would be now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NotComparable {
    /// It is of another contract.
    OtherContract {
        /// The statement's.
        stated: String,
        /// The one handed in.
        now: String,
    },
    /// The inputs are of another period.
    OtherPeriod {
        /// The statement's.
        stated: String,
        /// The one handed in.
        now: String,
    },
    /// The contract has another currency by now.
    OtherCurrency {
        /// The statement's.
        stated: String,
        /// The one handed in.
        now: String,
    },
}

impl fmt::Display for NotComparable {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (noun, stated, now) = match self {
            NotComparable::OtherContract { stated, now } => ("contract", stated, now),
            NotComparable::OtherPeriod { stated, now } => ("period", stated, now),
            NotComparable::OtherCurrency { stated, now } => ("currency", stated, now),
        };
        write!(out, "The {noun} of the statement is {stated}, and that of the inputs is {now}.")
    }
}

impl std::error::Error for NotComparable {}

/// What is still to be adjusted of a statement that was sent: for each of its lines what it would be now, less what was
/// stated and less what statements since then (`later`) adjusted already. Lines that do not change are left out.
///
/// Late data that the statement itself carried, of still earlier periods, is not compared. A penalty that was returned
/// since (earn-back) is a line of a later statement: whoever adjusts a period adjusts the later ones as well, in order,
/// each with [`earlier`](super::earlier()) of all before it computed anew: those without a difference left as well, for theirs
/// may have been adjusted already.
pub fn adjustments(
    contract: &Contract,
    stated: &Statement,
    later: &[Statement],
    now: &Inputs,
) -> Result<Vec<Line>, NotComparable> {
    let differ = |stated: &str, now: &str| (stated.to_owned(), now.to_owned());
    if stated.contract != contract.name {
        let (stated, now) = differ(&stated.contract, &contract.name);
        return Err(NotComparable::OtherContract { stated, now });
    }
    if stated.period != now.period {
        let (stated, now) = differ(&stated.period.to_string(), &now.period.to_string());
        return Err(NotComparable::OtherPeriod { stated, now });
    }
    if stated.currency != contract.currency {
        let (stated, now) = differ(&stated.currency, &contract.currency);
        return Err(NotComparable::OtherCurrency { stated, now });
    }
    let anew = of(contract, now);
    let own = |statement: &Statement| -> Vec<String> {
        let lines = statement.lines.iter().filter(|line| line.kind != LineKind::Late);
        lines.map(|line| line.id.clone()).collect()
    };
    // A line may have come with late data and be gone with later data: what was adjusted of it is still to be taken back.
    let adjusted = later
        .iter()
        .flat_map(|statement| &statement.lines)
        .filter(|line| line.kind == LineKind::Late)
        .filter_map(|line| line.about.as_ref())
        .filter(|about| about.period == stated.period)
        .map(|about| about.line.clone());
    let mut ids = own(stated);
    for id in own(&anew).into_iter().chain(adjusted) {
        if !ids.contains(&id) {
            ids.push(id);
        }
    }
    Ok(ids.iter().filter_map(|id| difference(id, stated, later, &anew)).collect())
}

fn difference(id: &str, stated: &Statement, later: &[Statement], anew: &Statement) -> Option<Line> {
    let about = LineRef { period: stated.period, line: id.to_owned() };
    let made = later
        .iter()
        .flat_map(|statement| &statement.lines)
        .filter(|line| line.kind == LineKind::Late && line.about.as_ref() == Some(&about))
        .filter_map(|line| line.amount.as_ref())
        .try_fold(Money::zero(&stated.currency), |sum, amount| sum.plus(amount));
    let line = Line { about: Some(about), ..Line::new(LineKind::Late, &format!("{}.{id}", stated.period)) };
    let (old, new) = (stated.line(id), anew.line(id));
    let zero = Money::zero(&stated.currency);
    let old_amount = old.and_then(|line| line.amount.clone());
    let new_amount = match new {
        // A line that is no more is worth nothing.
        None => Some(zero.clone()),
        Some(line) => line.amount.clone(),
    };
    let Some(new_amount) = new_amount else {
        let why = new.map_or("", |line| line.says.as_str());
        // What was never stated is still open; what was stated stays, and somebody has to look.
        return old_amount.map(|amount| {
            line.open(format!("`{id}` of {} was {amount} and cannot be computed now: {why}", stated.period))
        });
    };
    let before = old_amount.clone().unwrap_or_else(|| zero.clone());
    let so_far = made.as_ref().and_then(|made| before.plus(made));
    let Some(amount) = so_far.as_ref().and_then(|so_far| new_amount.minus(so_far)) else {
        return Some(line.open(format!("The difference in `{id}` of {} is too large.", stated.period)));
    };
    if amount.is_zero() {
        return None;
    }
    let was = match (&old, &old_amount) {
        (_, Some(amount)) => amount.to_string(),
        (Some(_), None) => "open".to_owned(),
        (None, None) => "not there".to_owned(),
    };
    let adjusted = match made {
        Some(made) if !made.is_zero() => format!(", adjusted by {made} since"),
        _ => String::new(),
    };
    let says = |line: Option<&Line>| line.map_or("-", |line| line.says.as_str()).to_owned();
    let text = format!(
        "`{id}` of {} was {was}{adjusted} and is {new_amount} with the records of {}: {amount}. Stated: {} Now: {}",
        stated.period,
        anew.as_of,
        says(old),
        says(new)
    );
    Some(Line { amount: Some(amount), says: text, ..line })
}

/// The adjustments of earlier periods that were handed in for this statement.
pub(super) fn carried(contract: &Contract, inputs: &Inputs) -> Vec<Line> {
    let mut lines: Vec<Line> = Vec::new();
    for line in &inputs.adjustments {
        let fits = line.amount.as_ref().is_none_or(|amount| amount.currency() == contract.currency);
        let is_again = lines.iter().any(|other| other.id == line.id);
        let why = match (line.kind, fits, is_again) {
            (LineKind::Late, true, false) => None,
            (LineKind::Late, true, true) => Some("This adjustment was handed in twice.".to_owned()),
            (LineKind::Late, false, _) => {
                Some(format!("The adjustment is not in {}, the currency of the contract.", contract.currency))
            }
            _ => Some("Only late data can be handed in as an adjustment.".to_owned()),
        };
        lines.push(match why {
            None => line.clone(),
            Some(why) => line.clone().open(why),
        });
    }
    lines
}
