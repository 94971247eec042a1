//! Definitions that both parties put their names to, so that a figure means on paper what it means in the system.

use dialmark_metrics::MetricRef;
use jiff::civil::Date;

/// One of the two who sign.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Party {
    /// Who is served.
    Client,
    /// Who serves.
    Provider,
}

impl Party {
    /// Both, with their words.
    pub const ALL: [(&'static str, Party); 2] = [("client", Party::Client), ("provider", Party::Provider)];

    /// The word in a declaration.
    pub const fn word(self) -> &'static str {
        match self {
            Party::Client => "client",
            Party::Provider => "provider",
        }
    }
}

/// One version of a metric's definition, and who signed it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignedDefinition {
    /// The metric as the contract names it.
    pub metric: MetricRef,
    /// Hash of the definition that was signed.
    pub hash: String,
    /// Who signed it; each party at most once.
    pub signed: Vec<Signature>,
}

/// A signature.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Signature {
    /// For whom.
    pub party: Party,
    /// Who.
    pub by: String,
    /// When.
    pub on: Date,
}

impl SignedDefinition {
    /// The signature of a party, if there was one by the end of a day.
    pub fn by(&self, party: Party, today: Date) -> Option<&Signature> {
        self.signed.iter().find(|signature| signature.party == party && signature.on <= today)
    }
}
