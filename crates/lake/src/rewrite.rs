//! Changing values of records where they stand: in every file and every journal entry of every state that is kept.
//!
//! A correction makes a new state and leaves the old one as it was. Forgetting a person must not: the values go from the
//! past as well. So each file that holds one is written anew, row by row in the same places, and takes the old one's place
//! under the old one's number, in all tables at once. The old files are struck out in the same transaction and removed
//! after it; should the program end in between, the next one to open the store removes them.

use std::sync::Arc;

use arrow::array::RecordBatch;
use dialmark_model::Table;

use crate::catalogue::{Catalogue, FiledFile, RewrittenEntry, RewrittenFile, RewrittenTable, TableState};
use crate::datafile::{self, DataFileWriter};
use crate::durable::NewFiles;
use crate::erase::columns_that_tell;
use crate::error::{Computing, LakeError};
use crate::filing::{Place, stem, write_keys};
use crate::fold::{by_position, place_of};
use crate::hash::{Fingerprint, Fingerprints, KeyBy};
use crate::keyfile::KeyFile;
use crate::number::{count, length};
use crate::report::ImportIdentity;
use crate::schema::conform;

/// What becomes of some records of a table.
pub(crate) trait Amend: Send + Sync {
    /// Whether any of the records changes, by the columns that tell.
    fn touches(&self, table: &Table, batch: &RecordBatch) -> bool;

    /// The records with other values in the same rows; `None` when nothing of them changes.
    fn amended(&self, table: &Table, batch: &RecordBatch) -> Result<Option<RecordBatch>, LakeError>;
}

/// Writes anew what changes of one table. Nothing is named yet. The caller holds the table's lock.
pub(crate) async fn rewrite_table(
    catalogue: &Catalogue,
    state: &TableState,
    amend: Arc<dyn Amend>,
    mut files: NewFiles,
) -> Result<(RewrittenTable, NewFiles), LakeError> {
    let mut tx = catalogue.reading().await?;
    let kept = catalogue.kept_files(&mut tx, state).await?;
    let entries = catalogue.kept_entries(&mut tx, state.id).await?;
    drop(tx);
    let place = place_of(catalogue, state)?;
    let state = state.clone();
    crate::fold::blocking(move || {
        let mut done = RewrittenTable { columns: state.columns.clone(), ..Default::default() };
        for file in &kept {
            done.files.extend(rewrite_file(&place, file, amend.as_ref(), &mut files)?);
        }
        for (seq, batch) in entries {
            let Some(amended) = amend.amended(&place.table, &batch)? else { continue };
            done.entries.push(entry(&place.table, seq, &amended)?);
        }
        Ok((done, files))
    })
    .await
}

fn entry(table: &Table, seq: i64, batch: &RecordBatch) -> Result<RewrittenEntry, LakeError> {
    let mut prints = Fingerprints::new(batch, table, KeyBy::Identifier)?;
    let contents = (0..batch.num_rows()).map(|row| prints.row(row).map(|print| print.content)).collect();
    Ok(RewrittenEntry { seq, bytes: crate::spill::encode(batch)?, contents })
}

fn rewrite_file(
    place: &Place,
    old: &FiledFile,
    amend: &dyn Amend,
    files: &mut NewFiles,
) -> Result<Option<RewrittenFile>, LakeError> {
    // Damage must neither hide a record that changes nor be written anew under a sound checksum.
    old.sums.check_file(&old.path)?;
    if !is_touched(place, old, amend)? {
        return Ok(None);
    }
    let by = ImportIdentity::key_of(&old.identity);
    let mut entries = match (&old.key_file, by) {
        (Some(keys), Some(_)) => Some(by_position(old, KeyFile::open(keys)?)?),
        _ => None,
    };
    let stem = stem(old.day, old.import_id);
    let name = format!("{stem}.parquet");
    let path = place.data_folder.join(&name);
    let mut writer = DataFileWriter::create(&path, place.schema.clone(), &place.table, files)?;
    let mut position: u64 = 0;
    for batch in datafile::read(&old.path)? {
        let batch = batch.computing("read the records to change")?;
        let amended = amend.amended(&place.table, &batch)?;
        let batch = conform(amended.as_ref().unwrap_or(&batch), &place.schema)?;
        writer.write(&batch)?;
        if let (Some(by), Some(entries), true) = (by, &mut entries, amended.is_some()) {
            let mut prints = Fingerprints::new(&batch, &place.table, by)?;
            for row in 0..batch.num_rows() {
                let at = length(position + count(row));
                if let (Some(entry), Some(print)) = (entries.get_mut(at), prints.row(row)) {
                    // A record is known again by what its source calls it, also when that says whom it was about.
                    let key = if by == KeyBy::Identifier { entry.print.key } else { print.key };
                    entry.print = Fingerprint { key, ..print };
                }
            }
        }
        position += count(batch.num_rows());
    }
    let written = writer.finish(&place.table)?;
    if written.rows != old.rows {
        let what = format!("it holds {} rows and the catalogue says {}", written.rows, old.rows);
        return Err(LakeError::damaged(&old.path, what));
    }
    let key_file = match &mut entries {
        Some(entries) => Some(write_keys(&place.key_folder, &stem, entries, files)?),
        None => None,
    };
    Ok(Some(RewrittenFile { id: old.id, written, name, key_file, old: old.clone() }))
}

/// Whether any record of a file changes; only the columns that may say so are read.
fn is_touched(place: &Place, old: &FiledFile, amend: &dyn Amend) -> Result<bool, LakeError> {
    for batch in datafile::read_columns(&old.path, &columns_that_tell(&place.table))? {
        let batch = batch.computing("read the records to change")?;
        if amend.touches(&place.table, &batch) {
            return Ok(true);
        }
    }
    Ok(false)
}
