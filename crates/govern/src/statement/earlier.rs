//! What of earlier statements matters for the next: how service levels were judged, and what was deducted.

use dialmark_metrics::Ratio;
use serde::{Deserialize, Serialize};

use super::Statement;
use super::line::{LineKind, service_level};
use crate::Money;
use crate::contract::BillingPeriod;

/// How a service level of an earlier period was judged.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Earlier {
    /// The period.
    pub period: BillingPeriod,
    /// The service level.
    pub service_level: String,
    /// Whether its figure asked for no penalty; `None` when it is not known.
    pub met: Option<bool>,
    /// What was deducted and is still: after reliefs, caps, resolved disputes and late data; zero or more.
    pub penalty: Money,
}

/// What of these statements matters for the next one, in the order of periods and service levels. They are those that were
/// sent, or, when late data is looked for, all of them computed anew, so that what is judged now rests on records of one
/// instant. Disputes that were resolved since are counted in, and so is late data that later statements carry, unless the
/// statement was computed from records as new as theirs.
pub fn earlier(statements: &[Statement]) -> Vec<Earlier> {
    let mut found: Vec<Earlier> = statements
        .iter()
        .flat_map(|statement| {
            let judged = statement.outcomes.iter();
            judged.map(move |outcome| Earlier {
                period: statement.period,
                service_level: outcome.service_level.clone(),
                met: outcome.met,
                penalty: penalty(statement, &outcome.service_level, statements),
            })
        })
        .collect();
    found.sort_by(|a, b| (a.period, &a.service_level).cmp(&(b.period, &b.service_level)));
    found
}

/// What is still deducted for a service level of a statement.
fn penalty(statement: &Statement, level: &str, all: &[Statement]) -> Money {
    let own =
        statement.lines.iter().filter(|line| line.about.is_none() && service_level(&line.id) == Some(level));
    let since = all.iter().flat_map(|other| other.lines.iter().map(move |line| (other, line)));
    let since = since.filter(|(other, line)| {
        let is_about = line.about.as_ref().is_some_and(|about| {
            about.period == statement.period && service_level(&about.line) == Some(level)
        });
        match line.kind {
            LineKind::Dispute => is_about,
            LineKind::Late => is_about && other.as_of > statement.as_of,
            // A penalty that was returned is returned by the statement that said so, and not once more.
            _ => false,
        }
    });
    let zero = Money::zero(&statement.currency);
    let amounts = own.chain(since.map(|(_, line)| line)).filter_map(|line| line.amount.as_ref());
    // An amount in another currency cannot stand in a statement.
    let sum = amounts.fold(zero.clone(), |sum, amount| sum.plus(amount).unwrap_or(sum));
    match sum.ratio() < Ratio::ZERO {
        true => zero.minus(&sum).unwrap_or(zero),
        false => zero,
    }
}
