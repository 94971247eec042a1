//! A seal on what the catalogue says of a table: a bit that turned in it is named instead of believed.
//!
//! It covers the table's definition, its columns, and what is known of each live file; not the corrections that wait,
//! which are compared with a hash of their own when they are read, and not the states of the past.

use std::collections::BTreeMap;
use std::path::Path;

use sqlx::SqliteConnection;
use xxhash_rust::xxh3::Xxh3;

use super::Catalogue;
use super::read::{FiledFile, TableState};
use crate::datafile::ColumnIds;
use crate::error::{Doing, LakeError};

impl Catalogue {
    /// Seals a table as it is now. Every transaction that changes it ends with this.
    pub(super) async fn seal(&self, tx: &mut SqliteConnection, name: &str) -> Result<(), LakeError> {
        let Some(state) = self.table(tx, name).await? else { return Ok(()) };
        let files = self.files_of(tx, &state, None).await?;
        let seal = seal_of(&state, &files).map_err(|e| self.broken(format!("it cannot be sealed: {e}")))?;
        let sql = "UPDATE dialmark_table SET seal = ? WHERE table_id = ?";
        let done = sqlx::query(sql).bind(seal.to_vec()).bind(state.id).execute(tx).await;
        done.doing("seal a table", self.path())?;
        Ok(())
    }

    /// Compares a table with its seal.
    pub(super) fn check_seal(&self, state: &TableState, files: &[FiledFile]) -> Result<(), LakeError> {
        let name = &state.table.name;
        match seal_of(state, files) {
            Ok(seal) if Some(seal.as_slice()) == state.seal.as_deref() => Ok(()),
            _ => {
                Err(self
                    .broken(format!("what it says of the files of table `{name}` is not what was written")))
            }
        }
    }
}

/// Of a table as it stands in the catalogue.
pub(super) fn print_of(id: i64, definition: &str, columns: &ColumnIds) -> u128 {
    let mut hasher = Xxh3::new();
    hasher.update(&id.to_le_bytes());
    hasher.update(definition.as_bytes());
    for (name, id) in columns.iter().collect::<BTreeMap<_, _>>() {
        hasher.update(name.as_bytes());
        hasher.update(&id.to_le_bytes());
    }
    hasher.digest128()
}

fn seal_of(state: &TableState, files: &[FiledFile]) -> Result<[u8; 16], serde_json::Error> {
    let mut hasher = Xxh3::new();
    hasher.update(&state.print.to_le_bytes());
    for file in files {
        let known = (
            (file.id, named(&file.path), file.rows, file.bytes, file.import_id, file.day),
            (&file.source, &file.file_name, &file.identity, &file.ranges),
            (file.key_file.as_deref().map(named), file.key_bytes),
        );
        hasher.update(&serde_json::to_vec(&known)?);
        hasher.update(&file.sums.to_bytes());
    }
    Ok(hasher.digest128().to_le_bytes())
}

fn named(path: &Path) -> Option<&str> {
    path.file_name().and_then(|name| name.to_str())
}
