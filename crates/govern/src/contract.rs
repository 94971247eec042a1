//! Contracts: what a client and a provider settle their money by, as declared in `contracts/*.toml`.
//!
//! ```toml
//! [contract.acme]
//! client     = "acme"
//! scope      = { client_id = "acme" }
//! currency   = "EUR"
//! period     = "month"
//! go_live_on = 2026-08-01
//!
//! [[contract.acme.price]]
//! name  = "seats"
//! kind  = "per_seat"
//! seats = 34
//! rate  = 2600.00
//!
//! [[contract.acme.service_level]]
//! name   = "answered"
//! metric = "service_level/offered{threshold=20s}"
//! steps  = [{ below = 0.75, pays = -0.05 }, { below = 0.80, pays = -0.02 }, { from = 0.85, pays = 0.03 }]
//! ```
//!
//! Amounts are seen from what is due to the provider: a price is above zero, a penalty and a clawback below.

mod definition;
mod dispute;
mod exclusion;
mod needs;
mod overlap;
mod period;
mod phases;
mod price;
pub(crate) mod reader;
mod scale;
mod service_level;

use std::collections::BTreeMap;

use dialmark_metrics::metric::{Direction, Unit};
use dialmark_metrics::{Catalogue, MetricRef};

use crate::Place;

pub use definition::{Party, Signature, SignedDefinition};
pub use dispute::{Dispute, Resolution};
pub use exclusion::{Agreed, Cause, Effect, Exclusion, Stretch};
pub use needs::Need;
pub use overlap::check_together;
pub use period::{Billing, BillingPeriod, CivilDays, MonthPart};
pub use phases::{Phase, Phases};
pub use price::{Clawback, Portion, Price, PriceKind, Rate, Seats, Tier, TiersApply};
pub use reader::read;
pub use scale::{Band, Better, Cap, Counts, Ends, Linear, Scale};
pub use service_level::ServiceLevel;

/// What is due for which work, between one client and its provider.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Contract {
    /// Its name, as in `[contract.NAME]`.
    pub name: String,
    /// Name to show.
    pub label: String,
    /// Who is served.
    pub client: String,
    /// Who serves.
    pub provider: Option<String>,
    /// Whose records count, unless a part of it narrows them.
    pub scope: Place,
    /// ISO 4217 code of everything that is due.
    pub currency: String,
    /// How often it is settled.
    pub billing: Billing,
    /// From the signature to the end.
    pub phases: Phases,
    /// How much all penalties, and all bonuses, of a period may be, as shares of its prices.
    pub cap: Cap,
    /// What is paid; at least one, and their names differ.
    pub prices: Vec<Price>,
    /// What is taken back; their names differ.
    pub clawbacks: Vec<Clawback>,
    /// What was promised; their names differ.
    pub service_levels: Vec<ServiceLevel>,
    /// Time that does not count; their names differ.
    pub exclusions: Vec<Exclusion>,
    /// What is disputed; their names differ.
    pub disputes: Vec<Dispute>,
    /// What both understand by a metric.
    pub definitions: Vec<SignedDefinition>,
    /// File in which it is declared.
    pub declared_in: String,
    /// Line of the declaration.
    pub line: usize,
}

/// A metric that a contract names, as the catalogue knows it, and whose records it is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Measured {
    /// As the contract names it.
    pub metric: MetricRef,
    /// Name to show.
    pub label: String,
    /// How its value is to be read; durations are milliseconds.
    pub unit: Unit,
    /// Which way is better.
    pub direction: Direction,
    /// Whose records: the contract's scope, or a part of it.
    pub place: Place,
}

/// A KPI that a service level may name instead of a metric.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KpiFigure {
    /// What it measures.
    pub metric: MetricRef,
    /// Whose records.
    pub place: Place,
}

/// What a contract may refer to.
#[derive(Debug, Clone, Copy)]
pub struct Known<'a> {
    /// All metrics.
    pub catalogue: &'a Catalogue,
    /// All KPIs, by name.
    pub kpis: &'a BTreeMap<String, KpiFigure>,
}
