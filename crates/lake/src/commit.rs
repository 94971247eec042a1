//! The commit of an import: lock, decide, write, name.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use arrow::array::{AsArray, RecordBatch};
use arrow::datatypes::Int64Type;

use crate::catalogue::{
    Catalogue, Change, ContenderRow, FiledFile, LastOfName, LedgerRow, Replacement, TableState, Tail,
};
use crate::contender::contend;
use crate::datafile;
use crate::decide::{self, Decisions, FILE, Revisions, Tally};
use crate::durable::NewFiles;
use crate::error::{Computing, LakeError};
use crate::filing::{Filing, Place};
use crate::fold::{self, Swap, blocking};
use crate::import::{ImportWriter, same_identity};
use crate::lock::TableLock;
use crate::number::{count, length};
use crate::place::{Corrections, POSITION, Placing};
use crate::readings::Readings;
use crate::report::{Consumes, ImportIdentity, ImportRecord, ImportReport, ImportSpec};
use crate::schema::merge;
use crate::spill::{self, Spill, Spool};

/// How long an import waits for another one of the same table.
pub(crate) const PATIENCE: Duration = Duration::from_secs(600);
/// Corrections that may wait in the journal; more are folded at once.
pub(crate) const TAIL_ROWS: u64 = 200_000;

/// What was live of the table when the lock was taken.
#[derive(Debug)]
struct Base {
    state: TableState,
    is_new: bool,
    files: Vec<FiledFile>,
    tail: Tail,
    /// The last import of a file of this name, when it was the same file read in the same way.
    same_file: Option<i64>,
    /// Up to this import the source was read otherwise than now: at equal revisions, what is read now is the newer.
    read_otherwise_upto: i64,
    /// What the ledger says of the import so far, when this one goes on with it.
    so_far: Option<ImportRecord>,
}

/// What the blocking part gives back.
struct Done {
    writer: ImportWriter,
    lock: TableLock,
    change: Change,
    files: NewFiles,
    contenders: Spool<ContenderRow>,
    tally: Tally,
    replaced: u64,
    so_far: Option<ImportRecord>,
}

pub(crate) async fn commit(
    mut writer: ImportWriter,
    flags: BTreeMap<String, u64>,
) -> Result<ImportReport, LakeError> {
    let catalogue = writer.catalogue.clone();
    let table = writer.spec.table.name.clone().into_owned();
    let lock = TableLock::take(catalogue.folder(), &table, PATIENCE).await?;
    let is_stripped = is_stripped(&writer, &flags);
    let base = read_base(&catalogue, &mut writer, is_stripped).await?;
    if let Some(import_id) =
        base.same_file.filter(|_| !matches!(writer.spec.identity, ImportIdentity::Append { .. }))
    {
        return Ok(nothing_new(&writer, import_id, flags));
    }
    let place = fold::place_of(&catalogue, &base.state)?;
    let done = blocking(move || decide_and_write(writer, lock, base, &place)).await?;
    let Done { mut writer, lock, change, files, mut contenders, tally, replaced, so_far } = done;

    let accepted = writer.rows.rows();
    let report = ImportReport {
        import_id: writer.import_id,
        source: writer.spec.source.clone(),
        table: table.clone(),
        file_name: writer.spec.file_name.clone(),
        read: accepted + writer.set_aside(),
        accepted,
        new: tally.new,
        unchanged: tally.unchanged,
        corrected: tally.corrected,
        superseded: tally.superseded,
        conflicts: tally.conflicts,
        replaced,
        quarantined: writer.quarantined.clone(),
        flags,
        files: count(change.added.len() + change.replaced.len()),
    };
    let ledger = LedgerRow {
        spec: &writer.spec,
        report: &report,
        content_hash: writer.content_hash(),
        so_far: so_far.as_ref(),
        head: writer.head.as_deref(),
        quarantine: &mut writer.quarantine,
        contenders: &mut contenders,
    };
    catalogue.commit(&change, Some(ledger), files).await?;
    fold_if_long(&catalogue, &table, lock).await;
    Ok(report)
}

/// The same file again changes nothing, whatever was corrected since, and the ledger speaks of it once.
fn nothing_new(writer: &ImportWriter, import_id: i64, flags: BTreeMap<String, u64>) -> ImportReport {
    let accepted = writer.rows.rows();
    ImportReport {
        import_id,
        source: writer.spec.source.clone(),
        table: writer.spec.table.name.clone().into_owned(),
        file_name: writer.spec.file_name.clone(),
        read: accepted + writer.set_aside(),
        accepted,
        unchanged: accepted,
        quarantined: writer.quarantined.clone(),
        flags,
        ..ImportReport::default()
    }
}

/// Keeps the tail short. The import is committed already, so a failure here is no failure of it.
async fn fold_if_long(catalogue: &Arc<Catalogue>, table: &str, lock: TableLock) {
    let result = async {
        let mut tx = catalogue.reading().await?;
        let waiting = catalogue.tail_rows(&mut tx, table).await?;
        drop(tx);
        if waiting > TAIL_ROWS { fold::settle_table(catalogue, table, lock).await.map(drop) } else { Ok(()) }
    };
    if let Err(e) = result.await {
        tracing::warn!("the import is committed, but folding corrections of table `{table}` failed: {e}");
    }
}

/// Whether people who were erased were taken out of what was read.
fn is_stripped(writer: &ImportWriter, flags: &BTreeMap<String, u64>) -> bool {
    flags.keys().any(|flag| flag.ends_with(":erased")) || writer.quarantined.contains_key("erased")
}

async fn read_base(
    catalogue: &Catalogue,
    writer: &mut ImportWriter,
    is_stripped: bool,
) -> Result<Base, LakeError> {
    let spec = &writer.spec;
    let mut tx = catalogue.reading().await?;
    let stored = catalogue.table(&mut tx, &spec.table.name).await?;
    let is_new = stored.is_none();
    let state = with_columns(stored, spec)?;
    let mut base = Base {
        state,
        is_new,
        files: Vec::new(),
        tail: Tail::default(),
        same_file: None,
        read_otherwise_upto: 0,
        so_far: None,
    };
    if is_new {
        return Ok(base);
    }
    let state = &base.state;
    same_identity(spec, catalogue.identity_of(&mut tx, state.id, &spec.source).await?)?;
    let last = catalogue.last_of_name(&mut tx, state.id, &spec.source, &spec.file_name).await?;
    let content_hash = writer.content_hash();
    let is_same_bytes = last.as_ref().is_some_and(|l| l.file_hash == spec.file_hash);
    // The same bytes read otherwise are read anew, for the mapping has changed; but not when all that has changed is that
    // somebody was erased. Of imports of before readings were kept the latter is believed.
    let is_same_reading = |l: &LastOfName| {
        l.content_hash == content_hash || is_stripped && (l.reading.is_none() || l.is_read_as(spec))
    };
    let same_file =
        last.as_ref().filter(|l| l.file_hash == spec.file_hash && is_same_reading(l)).map(|l| l.import_id);
    let rows = writer.rows.rows();
    if spec.identity == ImportIdentity::Replace && rows == 0 && writer.set_aside() > 0 {
        // Nothing of it could be read: a wrong mapping or a damaged file is no reason to let go of what is there.
        return Err(LakeError::NothingLeft {
            origin: spec.source.clone(),
            file_name: spec.file_name.clone(),
            set_aside: writer.set_aside(),
        });
    }
    if spec.identity == ImportIdentity::Replace && same_file.is_none() && rows > 0 {
        let twin = catalogue.twin_of(&mut tx, state.id, spec, &content_hash).await?;
        if let Some(earlier) = twin {
            return Err(LakeError::OtherName {
                origin: spec.source.clone(),
                file_name: spec.file_name.clone(),
                earlier,
            });
        }
    }
    if matches!(spec.identity, ImportIdentity::Append { force: false })
        && let Some(earlier) = catalogue.added_otherwise(&mut tx, state.id, spec).await?
    {
        return Err(LakeError::AddedOtherwise {
            origin: spec.source.clone(),
            file_name: spec.file_name.clone(),
            earlier,
        });
    }
    let files = catalogue.live_files(&mut tx, state, None).await?;
    if let Some(lost) = files.iter().find(|file| !file.path.is_file()) {
        // Records in it would be called unchanged, though nobody has them.
        return Err(LakeError::damaged(&lost.path, "is missing"));
    }
    let tail = catalogue.tail(&mut tx, state, None).await?;
    let last_import = catalogue.last_import(&mut tx, state.id).await?;
    let is_pushed = matches!(spec.consumes, Consumes::Inbox { .. });
    let is_used_up = matches!(spec.consumes, Consumes::Inbox { .. } | Consumes::Quarantine { .. });
    let is_read_anew = is_same_bytes && same_file.is_none() && !is_used_up;
    base.read_otherwise_upto = match last.as_ref().filter(|_| is_read_anew) {
        // Other records of the same bytes are another reading, whatever is said of the mapping.
        Some(last) if last.is_read_as(spec) => last_import,
        _ => catalogue.last_read_otherwise(&mut tx, state.id, spec).await?,
    };
    let is_by_arrival = matches!(spec.identity, ImportIdentity::Id { declared_revision: false, .. });
    let arrived_in = match is_read_anew && is_by_arrival {
        // What was delivered since stays newer.
        true => catalogue.arrival_of(&mut tx, state.id, spec).await?,
        false => None,
    };
    let goes_on = last.filter(|last| is_pushed && last.import_id == last_import && last.is_read_as(spec));
    if let Some(last) = &goes_on {
        base.so_far = Some(catalogue.import(&mut tx, last.import_id).await?);
    }
    drop(tx);
    writer.arrived_in = arrived_in;
    if let Some(so_far) = &base.so_far {
        writer.import_id = so_far.report.import_id;
        writer.lines_before = so_far.report.read;
    } else if last_import >= writer.import_id {
        // Order of arrival is order of commit: what is committed later must have the larger number.
        writer.import_id = catalogue.next_number("import").await?;
    }
    base.files = files;
    base.tail = tail;
    if !is_used_up {
        base.same_file = same_file;
    }
    Ok(base)
}

/// The table as it will be, with numbers for the columns that are new.
fn with_columns(stored: Option<TableState>, spec: &ImportSpec) -> Result<TableState, LakeError> {
    let mut state = match stored {
        Some(state) => TableState { table: merge(&state.table, &spec.table)?, ..state },
        None => TableState {
            id: 0,
            table: spec.table.clone(),
            columns: Default::default(),
            last_snapshot: 0,
            print: 0,
            seal: None,
        },
    };
    let mut next = state.columns.values().max().map_or(1, |id| id + 1);
    for column in state.table.stored_columns() {
        if !state.columns.contains_key(column.name.as_ref()) {
            state.columns.insert(column.name.clone().into_owned(), next);
            next += 1;
        }
    }
    Ok(state)
}

fn decide_and_write(
    mut writer: ImportWriter,
    lock: TableLock,
    mut base: Base,
    place: &Place,
) -> Result<Done, LakeError> {
    let so_far = base.so_far.take();
    let base = &base;
    writer.rows.flush()?;
    writer.keys.flush()?;
    let mut contenders = Spool::create(writer.folder.path().join("contenders"))?;
    let mut change = Change {
        table: base.state.table.clone(),
        columns: base.state.columns.clone(),
        base: (!base.is_new).then_some((base.state.id, base.state.last_snapshot)),
        added: Vec::new(),
        ended: Vec::new(),
        replaced: Vec::new(),
        journal: Vec::new(),
        retired: None,
    };
    let rows = writer.rows.rows();
    let decisions = decide_all(&writer, base, rows)?;
    let mut replaced = 0;
    if writer.spec.identity == ImportIdentity::Replace {
        for file in base.files.iter().filter(|f| same_name(f, &writer.spec)) {
            replaced += file.rows;
            change.ended.push(file.id);
        }
    }
    keep_old_contenders(&decisions, base, place, &mut contenders)?;

    let file_ids: Vec<i64> = base.files.iter().map(|f| f.id).collect();
    let corrections = if count(decisions.targets.len()) <= TAIL_ROWS {
        Corrections::Journal(Vec::new())
    } else {
        Corrections::Aside(Spill::create(writer.folder.path().join("corrections"))?)
    };
    let mut placing = Placing {
        filing: Filing {
            place,
            import_id: writer.import_id,
            source: writer.spec.source.clone(),
            file_name: writer.spec.file_name.clone(),
            identity: writer.spec.identity.word().to_owned(),
            by: writer.spec.identity.key(),
        },
        spec: &writer.spec,
        numbering: writer.numbering(),
        decisions: &decisions,
        file_ids: &file_ids,
        corrections,
        contenders: &mut contenders,
    };
    let (added, mut files) = placing.run(&writer.rows)?;
    let Placing { corrections, .. } = placing;
    change.added = added;
    match corrections {
        Corrections::Journal(entries) => change.journal = entries,
        Corrections::Aside(aside) => change.replaced = fold_aside(&aside, base, place, &mut files)?,
    }
    files.sync_names()?;
    Ok(Done { writer, lock, change, files, contenders, tally: decisions.tally, replaced, so_far })
}

fn same_name(file: &FiledFile, spec: &ImportSpec) -> bool {
    file.source == spec.source && file.file_name == spec.file_name && file.identity == spec.identity.word()
}

fn decide_all(writer: &ImportWriter, base: &Base, rows: u64) -> Result<Decisions, LakeError> {
    let spec = &writer.spec;
    let all_new = || Decisions {
        marks: vec![FILE; length(rows)],
        tally: Tally { new: rows, ..Tally::default() },
        ..Decisions::default()
    };
    match spec.identity {
        ImportIdentity::Replace => Ok(all_new()),
        ImportIdentity::Append { force } => {
            let searched = searched(writer, base, None);
            let seen = if force { 0 } else { decide::seen_before(&writer.keys, &base.files, &searched)? };
            // More than half.
            if seen > rows - seen {
                return Err(LakeError::SeenBefore {
                    origin: spec.source.clone(),
                    file_name: spec.file_name.clone(),
                    seen,
                    lines: rows,
                });
            }
            Ok(all_new())
        }
        ImportIdentity::Id { declared_revision, look_back_days } => {
            let searched = searched(writer, base, look_back_days);
            let revisions = match declared_revision {
                false => Revisions::Arrival(writer.numbering()),
                true => Revisions::Declared,
            };
            let mut readings = Readings::new(&base.files, &base.tail, base.read_otherwise_upto);
            if let Consumes::Quarantine { import_id, .. } = spec.consumes {
                readings.again_of = Some(import_id);
            }
            decide::decide(&writer.keys, rows, revisions, &searched, &mut readings)
        }
    }
}

/// Places of the files that may hold an earlier delivery of a record.
fn searched(writer: &ImportWriter, base: &Base, look_back_days: Option<u32>) -> Vec<u32> {
    let days = writer.rows.days();
    let undated = days.contains(&None);
    let first = days.iter().flatten().min().copied();
    let last = days.iter().flatten().max().copied();
    let near = |file: &FiledFile| {
        let (Some(day), Some(back), Some(first), Some(last)) = (file.day, look_back_days, first, last) else {
            return true;
        };
        let back = i64::from(back);
        undated || (i64::from(first) - back..=i64::from(last) + back).contains(&i64::from(day))
    };
    let of_source = |file: &FiledFile| file.source == writer.spec.source && file.key_file.is_some();
    (0..).zip(&base.files).filter(|(_, f)| of_source(f) && near(f)).map(|(place, _)| place).collect()
}

/// Keeps what was live before the import and has a rival in it.
fn keep_old_contenders(
    decisions: &Decisions,
    base: &Base,
    place: &Place,
    contenders: &mut Spool<ContenderRow>,
) -> Result<(), LakeError> {
    for (at, positions) in &decisions.filed_contenders {
        let Some(file) = base.files.get(length(u64::from(*at))) else { continue };
        let mut positions: Vec<usize> = positions.iter().map(|p| length(u64::from(*p))).collect();
        positions.sort_unstable();
        positions.dedup();
        file.sums.check_file(&file.path)?;
        let mut start = 0;
        for batch in datafile::read(&file.path)? {
            let batch = batch.computing("read the conflicting records")?;
            let end = start + batch.num_rows();
            for position in positions.iter().filter(|p| (start..end).contains(*p)) {
                contend(
                    &batch,
                    u32::try_from(position - start).unwrap_or(u32::MAX),
                    &place.table,
                    contenders,
                )?;
            }
            start = end;
        }
    }
    for key in &decisions.tail_contenders {
        let Some(tail) = base.tail.places.get(key) else { continue };
        if let Some(batch) = base.tail.entries.get(&tail.seq) {
            contend(batch, u32::try_from(tail.row).unwrap_or(u32::MAX), &place.table, contenders)?;
        }
    }
    Ok(())
}

/// Replaces the files of very many corrections, with what the journal holds for them already.
fn fold_aside(
    aside: &Spill<u32>,
    base: &Base,
    place: &Place,
    files: &mut NewFiles,
) -> Result<Vec<Replacement>, LakeError> {
    let mut replaced = Vec::new();
    for at in aside.buckets() {
        let Some(old) = base.files.get(length(u64::from(at))) else { continue };
        let mut swap = Swap::default();
        swap.add_tail(&base.tail, old.id);
        for chunk in aside.read(at) {
            for batch in spill::decode(chunk?)? {
                let positions = positions(&batch);
                swap.add(batch, positions);
            }
        }
        replaced.push(Replacement { old: old.id, new: fold::replace(place, old, &swap, files)? });
    }
    Ok(replaced)
}

fn positions(batch: &RecordBatch) -> Vec<(usize, u32)> {
    let column = batch.column_by_name(POSITION).and_then(|c| c.as_primitive_opt::<Int64Type>());
    let positions = column.map_or(&[][..], |c| c.values());
    positions.iter().map(|p| u32::try_from(*p).unwrap_or(u32::MAX)).enumerate().collect()
}
