//! Letting go of records that are older than they may be kept.
//!
//! Files hold records of one day, so whole files end, as of a commit that says so. States of before keep them until they
//! are let go of themselves, and then the files are removed. The commit writes down the day: figures that reach back beyond
//! it say that records are missing.

use std::sync::Arc;

use crate::catalogue::{Catalogue, Change, FiledFile, Retired};
use crate::durable::NewFiles;
use crate::error::LakeError;
use crate::lock::TableLock;

/// Ends the files of days before this one, days since 1970; returns how many records they held. The caller holds the lock.
pub(crate) async fn retire_table(
    catalogue: &Arc<Catalogue>,
    name: &str,
    before_day: i32,
    _lock: TableLock,
) -> Result<u64, LakeError> {
    let mut tx = catalogue.reading().await?;
    let Some(state) = catalogue.table(&mut tx, name).await? else { return Ok(0) };
    let files = catalogue.live_files(&mut tx, &state, None).await?;
    drop(tx);
    let old: Vec<&FiledFile> =
        files.iter().filter(|file| file.day.is_some_and(|day| day < before_day)).collect();
    if old.is_empty() {
        return Ok(0);
    }
    let records = old.iter().map(|file| file.rows).sum();
    let change = Change {
        table: state.table.clone(),
        columns: state.columns.clone(),
        base: Some((state.id, state.last_snapshot)),
        added: Vec::new(),
        ended: old.iter().map(|file| file.id).collect(),
        replaced: Vec::new(),
        journal: Vec::new(),
        retired: Some(Retired { before_day, records }),
    };
    catalogue.commit(&change, None, NewFiles::default()).await?;
    Ok(records)
}
