//! A question: which metrics, broken out how, over which records and which time.

use dialmark_model::civil::{Grain, Period};
use jiff::Timestamp;

use crate::expr::Expr;
use crate::metric::MetricRef;

/// Which records the asker may see.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub enum Scope {
    /// All.
    #[default]
    Everything,
    /// Only records whose columns hold one of the values: client, campaign, team, agent. A table that lacks one
    /// of the columns answers nothing rather than too much.
    Rows(Vec<(String, Vec<String>)>),
}

/// A question to the metric layer.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct MetricQuery {
    /// What is asked for, in order.
    pub metrics: Vec<MetricRef>,
    /// Dimensions: columns, declared dimensions, or the time words `hour` (of the day), `weekday`.
    pub by: Vec<String>,
    /// Condition on records.
    pub filter: Option<Expr>,
    /// Which time.
    pub period: Period,
    /// Break out over time as well, first.
    pub grain: Option<Grain>,
    /// Zone of civil days and hours for all records; `None` for each record's own.
    pub zone: Option<String>,
    /// What the asker may see.
    pub scope: Scope,
    /// Table to read when several could answer.
    pub table: Option<String>,
    /// Only so many values of the first dimension of `by`, those that weigh most; the rest is one row more.
    pub top: Option<usize>,
    /// Instant up to which the data is complete, for windows that must have passed; `None` for the end of the
    /// last civil day that has records.
    pub complete_until: Option<Timestamp>,
}
