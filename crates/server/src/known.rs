//! What every page asks about the store as a whole: remembered as long as nothing was committed.

use std::sync::{Arc, PoisonError};

use dialmark_metrics::catalogue::Filled;
use jiff::Timestamp;

use crate::App;
use crate::problem::Problem;

/// Facts about one state of the store.
#[derive(Debug, Clone)]
pub struct Known {
    /// Number of the last commit in it.
    snapshot_id: i64,
    /// First and last instant of the data.
    pub extent: Option<(Timestamp, Timestamp)>,
    /// Columns that have values, by table.
    pub filled: Filled,
    /// Codes that no disposition map knows, with the calls that carry them.
    pub unmapped: Vec<(String, u64)>,
    /// Agents on calls whom no roster knows, and their calls.
    pub unknown_agents: Vec<(String, u64)>,
}

impl App {
    /// What is known of the store as it is now.
    pub(crate) async fn known(&self) -> Result<Arc<Known>, Problem> {
        let snapshot_id = self.lake.snapshot().await?.id;
        let remembered = self.known.lock().unwrap_or_else(PoisonError::into_inner).clone();
        if let Some(known) = remembered.filter(|known| known.snapshot_id == snapshot_id) {
            return Ok(known);
        }
        // An import that commits while these are asked makes them newer than the number says; the next page
        // finds another number and asks again.
        let known = Arc::new(Known {
            snapshot_id,
            extent: self.engine.extent().await?,
            filled: self.engine.filled().await?,
            unmapped: self.engine.unmapped().await?,
            unknown_agents: self.engine.unknown_agents().await?,
        });
        *self.known.lock().unwrap_or_else(PoisonError::into_inner) = Some(known.clone());
        Ok(known)
    }
}
