//! Which imports the records of a day came with.

use std::collections::{BTreeMap, BTreeSet};

use arrow::array::{AsArray, RecordBatch};
use arrow::datatypes::Int64Type;

use crate::datafile;
use crate::error::{Computing, LakeError};
use crate::fold::blocking;
use crate::snapshot::{LiveTable, Snapshot};

/// Live records by table and import.
pub type Brought = BTreeMap<(String, i64), u64>;

/// Records that live in one state and not yet in an earlier one, by the import that brought them. Only files that are new
/// since then are read, and of them one column.
pub(crate) async fn since(now: Snapshot, then: Snapshot) -> Result<Brought, LakeError> {
    blocking(move || {
        let mut brought = Brought::new();
        for (name, live) in &now.tables {
            let mut now_by = BTreeMap::new();
            let mut then_by = BTreeMap::new();
            let old = then.tables.get(name);
            count(live, &files_of(old), &mut now_by)?;
            if let Some(old) = old {
                count(old, &files_of(Some(live)), &mut then_by)?;
            }
            for (import, rows) in now_by {
                // Joining files writes records of old imports anew.
                let more = rows.saturating_sub(then_by.get(&import).copied().unwrap_or(0));
                if more > 0 {
                    brought.insert((name.clone(), import), more);
                }
            }
        }
        Ok(brought)
    })
    .await
}

fn files_of(live: Option<&LiveTable>) -> BTreeSet<i64> {
    live.iter().flat_map(|live| &live.files).map(|file| file.id).collect()
}

/// Counts by import the records of files that the other state does not have, and those of the tail.
fn count(live: &LiveTable, others: &BTreeSet<i64>, by: &mut BTreeMap<i64, u64>) -> Result<(), LakeError> {
    let mut add = |batch: &RecordBatch| {
        let imports = batch.column_by_name("import_id").and_then(|c| c.as_primitive_opt::<Int64Type>());
        for import in imports.into_iter().flatten().flatten() {
            *by.entry(import).or_default() += 1;
        }
    };
    for file in live.files.iter().filter(|file| !others.contains(&file.id)) {
        file.sums.check_file(&file.path)?;
        for batch in datafile::read_columns(&file.path, &["import_id"])? {
            add(&batch.computing("count the records of imports")?);
        }
    }
    live.tail.iter().for_each(add);
    Ok(())
}
