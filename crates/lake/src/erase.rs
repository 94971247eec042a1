//! Finding and forgetting a person.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use arrow::array::Array;

use crate::backup::FILES_LOCK;
use crate::catalogue::Catalogue;
use crate::commit::PATIENCE;
use crate::datafile;
use crate::durable::NewFiles;
use crate::error::{Computing, LakeError};
use crate::fold::blocking;
use crate::hash::text;
use crate::lock::TableLock;
use crate::person::{EraseReport, Erased, Forgetting, Found, Hidden, Person, Search};
use crate::rewrite::{self, Amend};
use crate::snapshot::Snapshot;
use dialmark_model::Table;

/// Tables that an erasure leaves alone: without the entry the person would be called again.
const KEPT_TABLES: [&str; 1] = ["dnc_events"];

/// Whether an erasure leaves a table alone.
pub fn keeps_everybody(table: &str) -> bool {
    KEPT_TABLES.contains(&table)
}

/// What the live state knows of a person.
pub(crate) async fn find(snapshot: Snapshot, person: Person) -> Result<Found, LakeError> {
    blocking(move || {
        for live in snapshot.tables.values().filter(|live| may_tell(&live.table)) {
            // Whose record it is must not hang on a bit that turned.
            live.files.iter().try_for_each(|file| file.sums.check_file(&file.path))?;
        }
        let mut search = Search::new(&person);
        each_batch(&snapshot, |table, batch, _| search.gather(table, batch, &person))?;
        each_batch(&snapshot, |table, batch, hidden| search.compare(table, batch, &person, hidden))?;
        let mut found = search.found(&person);
        let whole = person.whole(&found);
        let mut records: BTreeMap<String, BTreeSet<(String, String)>> = BTreeMap::new();
        each_batch(&snapshot, |table, batch, _| {
            for row in
                (0..).zip(whole.rows(table, batch)).filter(|(_, is_theirs)| *is_theirs).map(|(row, _)| row)
            {
                let known = ["source", "source_id"].map(|name| {
                    text(batch, name).filter(|c| c.is_valid(row)).map_or("", |c| c.value(row)).to_owned()
                });
                let [source, id] = known;
                let name = table.name.clone().into_owned();
                // A record without an identifier is one of its own.
                let id = if id.is_empty() {
                    format!("#{}", records.get(&name).map_or(0, BTreeSet::len))
                } else {
                    id
                };
                records.entry(name).or_default().insert((source, id));
            }
        })?;
        found.records =
            records.into_iter().map(|(table, ids)| (table, crate::number::count(ids.len()))).collect();
        Ok(found)
    })
    .await
}

/// Hands out all records with the table that they are of, and with those among them that a correction stands in for.
fn each_batch(
    snapshot: &Snapshot,
    mut each: impl FnMut(&Table, &arrow::array::RecordBatch, &Hidden<'_>),
) -> Result<(), LakeError> {
    for live in snapshot.tables.values() {
        if !may_tell(&live.table) {
            continue;
        }
        let names = columns_that_tell(&live.table);
        let hidden: Hidden<'_> =
            live.hidden.iter().map(|(source, id)| (source.as_str(), id.as_str())).collect();
        for file in &live.files {
            for batch in datafile::read_columns(&file.path, &names)? {
                each(&live.table, &batch.computing("look for the person's records")?, &hidden);
            }
        }
        // Corrections are looked through beside what they hide: both say whose they are.
        for batch in &live.tail {
            each(&live.table, batch, &Hidden::new());
        }
    }
    Ok(())
}

/// Whether a table has records of which it shows whose they are, and that an erasure changes.
fn may_tell(table: &Table) -> bool {
    !keeps_everybody(&table.name) && !columns_that_tell(table).is_empty()
}

/// Columns by which it shows whose a record is.
pub(crate) fn columns_that_tell(table: &Table) -> Vec<&str> {
    let columns = table.columns.iter().filter(|column| column.personal);
    let mut names: Vec<&str> = columns.map(|column| column.name.as_ref()).collect();
    if !names.is_empty() {
        names.extend(table.columns.iter().filter(|c| c.name == "direction").map(|c| c.name.as_ref()));
        // By which the record is known, and with it the person.
        names.extend(["source", "source_id"]);
    }
    names
}

/// Forgets a person in every state that is kept.
pub(crate) async fn erase(
    catalogue: &Arc<Catalogue>,
    person: Person,
    prints: Vec<[u8; 16]>,
) -> Result<EraseReport, LakeError> {
    let folder = catalogue.folder();
    // No backup is being made, no file removed, no table written meanwhile.
    let _files = TableLock::take(folder, FILES_LOCK, PATIENCE).await?;
    let mut tx = catalogue.reading().await?;
    let names: Vec<String> =
        catalogue.tables(&mut tx).await?.into_iter().map(|state| state.table.name.into_owned()).collect();
    drop(tx);
    let mut locks = Vec::new();
    for name in &names {
        locks.push(TableLock::take(folder, name, PATIENCE).await?);
    }
    let forgetting = Arc::new(Forgetting::of(person));
    let waiting = catalogue.waiting_of(&forgetting).await?;
    if waiting > 0 {
        return Err(LakeError::PersonWaits { deliveries: waiting });
    }
    let mut tx = catalogue.reading().await?;
    let mut states = catalogue.tables(&mut tx).await?;
    states.retain(|state| may_tell(&state.table));
    for state in &states {
        // What is not what was written must not be sealed as if it were.
        catalogue.live_files(&mut tx, state, None).await?;
    }
    drop(tx);
    let mut files = NewFiles::default();
    let mut tables = Vec::new();
    for state in states {
        let amend: Arc<dyn Amend> = forgetting.clone();
        let (rewritten, with) = rewrite::rewrite_table(catalogue, &state, amend, files).await?;
        files = with;
        tables.push((state, rewritten));
    }
    files.sync_names()?;
    let before_us = jiff::Timestamp::now().as_microsecond();
    let erased: Vec<Erased> = prints.into_iter().map(|print| Erased { print, before_us }).collect();
    let report = catalogue.forget(&tables, &forgetting, &erased, files).await?;
    catalogue.remove_doomed().await?;
    catalogue.vacuum().await?;
    drop(locks);
    Ok(report)
}
