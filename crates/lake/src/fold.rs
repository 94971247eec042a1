//! Folding: a file with corrected records becomes a new file, row by row in the same places.
//!
//! Rows keep their positions, so the key file changes only where a record did, and memory stays at a batch and the
//! corrections of one file. The order of sorting is kept but for the corrected rows, which nothing relies on.

use std::collections::BTreeMap;

use arrow::array::RecordBatch;
use arrow::compute::interleave_record_batch;
use arrow::datatypes::SchemaRef;

use crate::catalogue::{Catalogue, Change, FiledFile, NamedFile, Replacement, TableState, Tail};
use crate::datafile::{self, DataFileWriter};
use crate::durable::{self, NewFiles};
use crate::error::{Computing, LakeError};
use crate::filing::{Place, stem, write_keys};
use crate::hash::{Fingerprint, Fingerprints, KeyBy};
use crate::keyfile::{KeyEntry, KeyFile};
use crate::lock::TableLock;
use crate::number::{count, length};
use crate::report::SettleReport;
use crate::schema::conform;

/// What is to stand in some rows of a file.
#[derive(Debug, Default)]
pub(crate) struct Swap {
    batches: Vec<RecordBatch>,
    /// Row of the file, to batch and row in it.
    rows: BTreeMap<u32, (usize, usize)>,
}

impl Swap {
    /// Adds the rows of a batch with the rows of the file that they replace; later additions win.
    pub(crate) fn add(&mut self, batch: RecordBatch, rows: impl IntoIterator<Item = (usize, u32)>) {
        let number = self.batches.len();
        self.rows.extend(rows.into_iter().map(|(row, position)| (position, (number, row))));
        self.batches.push(batch);
    }

    /// Adds what the journal holds for a file.
    pub(crate) fn add_tail(&mut self, tail: &Tail, file: i64) {
        let mut by_entry: BTreeMap<i64, Vec<(usize, u32)>> = BTreeMap::new();
        for place in tail.places.values().filter(|p| p.hides.0 == file) {
            by_entry.entry(place.seq).or_default().push((place.row, place.hides.1));
        }
        for (seq, rows) in by_entry {
            if let Some(batch) = tail.entries.get(&seq) {
                self.add(batch.clone(), rows);
            }
        }
    }

    fn conformed(&self, schema: &SchemaRef) -> Result<Vec<RecordBatch>, LakeError> {
        self.batches.iter().map(|batch| conform(batch, schema)).collect()
    }

    /// Hands out the records of the file in their order, with the changed ones in the places of the old ones.
    pub(crate) fn patched(
        &self,
        old: &FiledFile,
        schema: &SchemaRef,
        mut take: impl FnMut(RecordBatch) -> Result<(), LakeError>,
    ) -> Result<(), LakeError> {
        // Damage must not be written anew under a sound checksum.
        old.sums.check_file(&old.path)?;
        let swapped = self.conformed(schema)?;
        let mut start: usize = 0;
        for batch in datafile::read(&old.path)? {
            let batch = conform(&batch.computing("read the records to fold")?, schema)?;
            let end = start + batch.num_rows();
            let here: BTreeMap<usize, (usize, usize)> = self
                .rows
                .iter()
                .map(|(position, from)| (length(u64::from(*position)), *from))
                .filter(|(position, _)| (start..end).contains(position))
                .collect();
            if here.is_empty() {
                take(batch)?;
            } else {
                let mut sources: Vec<&RecordBatch> = vec![&batch];
                sources.extend(&swapped);
                let picks: Vec<(usize, usize)> = (start..end)
                    .map(|position| {
                        here.get(&position).map_or((0, position - start), |(b, row)| (b + 1, *row))
                    })
                    .collect();
                take(interleave_record_batch(&sources, &picks).computing("fold corrections")?)?;
            }
            start = end;
        }
        Ok(())
    }

    /// Number of rows that change.
    pub(crate) fn len(&self) -> u64 {
        count(self.rows.len())
    }
}

/// Writes the file that takes the place of `old`.
pub(crate) fn replace(
    place: &Place,
    old: &FiledFile,
    swap: &Swap,
    files: &mut NewFiles,
) -> Result<NamedFile, LakeError> {
    let Some(old_keys) = &old.key_file else {
        return Err(LakeError::damaged(&old.path, "it has corrections and no key file"));
    };
    let mut entries = by_position(old, KeyFile::open(old_keys)?)?;
    let stem = stem(old.day, old.import_id);
    let name = format!("{stem}.parquet");
    let mut writer =
        DataFileWriter::create(&place.data_folder.join(&name), place.schema.clone(), &place.table, files)?;
    let swapped = swap.conformed(&place.schema)?;
    swap.patched(old, &place.schema, |batch| writer.write(&batch))?;
    for (position, (batch, row)) in &swap.rows {
        let entry = entries.get_mut(length(u64::from(*position)));
        let batch = swapped.get(*batch);
        let print = match batch {
            Some(batch) => {
                let mut prints = Fingerprints::new(batch, &place.table, KeyBy::Identifier)?;
                prints.row(*row).map(|print| (print, prints.is_erased(*row)))
            }
            None => None,
        };
        match (entry, print) {
            (Some(entry), Some((print, is_erased))) if is_erased || entry.print.key == print.key => {
                entry.print = Fingerprint { key: entry.print.key, ..print };
            }
            _ => {
                let what = format!("row {position} is not the record that the journal corrects");
                return Err(LakeError::damaged(&old.path, what));
            }
        }
    }
    let written = writer.finish(&place.table)?;
    if written.rows != old.rows {
        let what = format!("it holds {} rows and the catalogue says {}", written.rows, old.rows);
        return Err(LakeError::damaged(&old.path, what));
    }
    let key_file = Some(write_keys(&place.key_folder, &stem, &mut entries, files)?);
    Ok(NamedFile {
        written,
        name,
        key_file,
        import_id: old.import_id,
        source: old.source.clone(),
        file_name: old.file_name.clone(),
        identity: old.identity.clone(),
        day: old.day,
    })
}

/// The entries of a file in the order of its rows, one for each.
pub(crate) fn by_position(old: &FiledFile, mut keys: KeyFile) -> Result<Vec<KeyEntry>, LakeError> {
    let mut entries = Vec::with_capacity(length(keys.len()));
    for block in 0..keys.blocks() {
        entries.extend(keys.block(block)?);
    }
    entries.sort_unstable_by_key(|e| e.position);
    let complete = (0_u32..).zip(&entries).all(|(i, e)| e.position == i) && count(entries.len()) == old.rows;
    if complete {
        Ok(entries)
    } else {
        Err(LakeError::damaged(&old.path, "its key file does not name every row once"))
    }
}

/// Folds the waiting corrections of one table, a commit for each file. The caller holds the table's lock.
pub(crate) async fn settle_table(
    catalogue: &std::sync::Arc<Catalogue>,
    name: &str,
    mut lock: TableLock,
) -> Result<SettleReport, LakeError> {
    let mut report = SettleReport::default();
    let mut tx = catalogue.reading().await?;
    let Some(mut state) = catalogue.table(&mut tx, name).await? else { return Ok(report) };
    let tail = std::sync::Arc::new(catalogue.tail(&mut tx, &state, None).await?);
    let files = catalogue.live_files(&mut tx, &state, None).await?;
    drop(tx);
    for file in files {
        let mut swap = Swap::default();
        swap.add_tail(&tail, file.id);
        if swap.len() == 0 {
            continue;
        }
        let rows = swap.len();
        let place = place_of(catalogue, &state)?;
        // The lock goes along: should the caller give up waiting, it must not be free before the writing ends.
        let work = move || -> Result<_, LakeError> {
            let mut files = NewFiles::default();
            let new = replace(&place, &file, &swap, &mut files)?;
            files.sync_names()?;
            Ok((lock, files, Replacement { old: file.id, new }))
        };
        let (held, files, replacement) = blocking(work).await?;
        lock = held;
        let change = Change {
            table: state.table.clone(),
            columns: state.columns.clone(),
            base: Some((state.id, state.last_snapshot)),
            added: Vec::new(),
            ended: Vec::new(),
            replaced: vec![replacement],
            journal: Vec::new(),
            retired: None,
        };
        state.last_snapshot = catalogue.commit(&change, None, files).await?;
        report.files_replaced += 1;
        report.rows_folded += rows;
    }
    drop(lock);
    Ok(report)
}

/// Where the files of a stored table go.
pub(crate) fn place_of(catalogue: &Catalogue, state: &TableState) -> Result<Place, LakeError> {
    let place = Place {
        schema: datafile::file_schema(&state.table, &state.columns),
        data_folder: catalogue.data_folder(&state.table.name),
        key_folder: catalogue.key_folder(&state.table.name),
        table: state.table.clone(),
    };
    durable::create_folder(&place.data_folder)?;
    durable::create_folder(&place.key_folder)?;
    Ok(place)
}

/// Runs work that reads and writes files beside the asynchronous threads.
pub(crate) async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, LakeError> + Send + 'static,
) -> Result<T, LakeError> {
    match tokio::task::spawn_blocking(work).await {
        Ok(result) => result,
        Err(e) => Err(LakeError::Interrupted { what: e.to_string() }),
    }
}
