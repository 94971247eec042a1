//! Sales that a statement pays for, one by one, so that what becomes of them later can be told from what was paid.

use dialmark_metrics::Ratio;
use serde::{Deserialize, Serialize};

use crate::Money;
use crate::contract::BillingPeriod;
use crate::ratio_text;

/// A sale that a statement pays for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PaidSale {
    /// Source of the sale's record.
    pub source: String,
    /// Its identifier there.
    pub source_id: String,
    /// The earlier period that it is of, when that one's statement was frozen without it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub of: Option<BillingPeriod>,
    /// What parts of the plan count of it, each part once; below zero for what does not count any more.
    #[serde(default)]
    pub units: Vec<PartUnits>,
    /// What was paid for it; `None` where that depends on how many there were.
    pub paid: Option<Money>,
}

/// What a part of a plan counts of a sale.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PartUnits {
    /// Name of the part.
    pub part: String,
    /// One sale, or its value.
    #[serde(with = "ratio_text")]
    pub units: Ratio,
}
