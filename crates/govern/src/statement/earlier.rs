//! What of earlier statements matters for the next: how service levels were judged, and what was deducted.

use dialmark_metrics::Ratio;
use serde::{Deserialize, Serialize};

use super::Statement;
use super::line::{Line, service_level};
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

/// What of these statements matters for the next one, in the order of periods and service levels. Lines of later
/// statements about lines of earlier ones are counted in.
pub fn earlier(statements: &[Statement]) -> Vec<Earlier> {
    let mut found = Vec::new();
    for statement in statements {
        for outcome in &statement.outcomes {
            let is_own = |line: &&Line| {
                line.about.is_none() && service_level(&line.id) == Some(outcome.service_level.as_str())
            };
            let is_about = |line: &&Line| {
                line.about.as_ref().is_some_and(|about| {
                    about.period == statement.period
                        && service_level(&about.line) == Some(outcome.service_level.as_str())
                })
            };
            let own = statement.lines.iter().filter(is_own);
            let later = statements.iter().flat_map(|other| &other.lines).filter(is_about);
            let zero = Money::zero(&statement.currency);
            let sum =
                own.chain(later).filter_map(|line| line.amount.as_ref()).fold(zero.clone(), |sum, amount| {
                    // An amount in another currency cannot stand in a statement.
                    sum.plus(amount).unwrap_or(sum)
                });
            let penalty = match sum.ratio() < Ratio::ZERO {
                true => zero.minus(&sum).unwrap_or(zero),
                false => zero,
            };
            found.push(Earlier {
                period: statement.period,
                service_level: outcome.service_level.clone(),
                met: outcome.met,
                penalty,
            });
        }
    }
    found.sort_by(|a, b| (a.period, &a.service_level).cmp(&(b.period, &b.service_level)));
    found
}
