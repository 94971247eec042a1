//! Checking a store: files against the catalogue, keys against each other, the ledger against the rows.

mod keys;
mod orphans;

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use serde::Serialize;

use crate::catalogue::{Catalogue, FiledFile, TableState, Tail};
use crate::datafile;
use crate::error::{Computing, Doing, LakeError};
use crate::fold::blocking;
use crate::hash::{Fingerprints, KeyBy};
use crate::import::QUARANTINE_ROWS;
use crate::keyfile::KeyFile;
use crate::number::count;
use crate::quiet;
use crate::report::{ImportIdentity, ImportRecord};

/// What `verify` is to do.
#[derive(Debug, Clone)]
pub struct VerifyOptions {
    /// Read every record of every live file and compare it with the key file, not just the footers.
    pub deep: bool,
    /// Remove files that no snapshot names.
    pub remove_orphans: bool,
    /// Age from which an unnamed file is an orphan.
    pub grace: Duration,
}

impl Default for VerifyOptions {
    fn default() -> VerifyOptions {
        VerifyOptions { deep: false, remove_orphans: false, grace: Duration::from_secs(3600) }
    }
}

/// What `verify` found.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct VerifyReport {
    /// What is wrong, each as a sentence; empty when all is well.
    pub problems: Vec<String>,
    /// Live data files that were checked.
    pub files: u64,
    /// Live records.
    pub rows: u64,
    /// Imports in the ledger.
    pub imports: u64,
    /// Files that no snapshot names and that are older than the grace period.
    pub orphans: Vec<PathBuf>,
    /// Orphans that were removed.
    pub removed: u64,
}

pub(crate) async fn verify(
    catalogue: &Arc<Catalogue>,
    options: &VerifyOptions,
) -> Result<VerifyReport, LakeError> {
    let mut report = VerifyReport::default();
    for word in catalogue.quick_check().await? {
        report
            .problems
            .push(format!("SQLite finds its file `{}` damaged: {word}", catalogue.path().display()));
    }
    // One transaction, so that files, tail and ledger belong together whatever is committed meanwhile.
    let mut tx = catalogue.reading().await?;
    let imports = catalogue.imports(&mut tx).await?;
    report.imports = count(imports.len());
    for import in &imports {
        check_sums(import, &mut report.problems);
        let kept = catalogue.quarantine_rows(&mut tx, import.report.import_id).await?;
        // Of a file the first are kept, of what was pushed all.
        let all = import.report.quarantined_total();
        let wanted = all.min(QUARANTINE_ROWS);
        if kept != wanted && kept != all {
            report.problems.push(format!(
                "import {} set {wanted} records aside and the quarantine holds {kept}",
                import.report.import_id
            ));
        }
    }
    let mut tables = Vec::new();
    for state in catalogue.tables(&mut tx).await? {
        let files = match catalogue.live_files(&mut tx, &state, None).await {
            Ok(files) => files,
            Err(e) => {
                report.problems.push(e.to_string());
                continue;
            }
        };
        match catalogue.tail(&mut tx, &state, None).await {
            Ok(tail) => tables.push((state, files, tail)),
            Err(e) => {
                report.problems.push(e.to_string());
                tables.push((state, files, Tail::default()));
            }
        }
    }
    let retired = catalogue.retired(&mut tx).await?;
    drop(tx);
    let deep = options.deep;
    let mut report = blocking(move || {
        for (state, files, tail) in &tables {
            let retired = retired.get(state.table.name.as_ref()).map_or(0, |one| one.records);
            check_table(state, files, tail, &imports, retired, deep, &mut report);
        }
        Ok(report)
    })
    .await?;
    orphans::find(catalogue, options, &mut report).await?;
    Ok(report)
}

/// Accepted and quarantined make up what was read; the fates make up what was accepted.
fn check_sums(import: &ImportRecord, problems: &mut Vec<String>) {
    let r = &import.report;
    if r.accepted.checked_add(r.quarantined_total()) != Some(r.read) {
        problems.push(format!(
            "the ledger does not add up: import {} read {} records, accepted {} and set {} aside",
            r.import_id,
            r.read,
            r.accepted,
            r.quarantined_total()
        ));
    }
    let fates = [r.new, r.unchanged, r.corrected, r.superseded, r.conflicts];
    let sum = fates.iter().try_fold(0_u64, |sum, n| sum.checked_add(*n));
    if sum != Some(r.accepted) {
        problems.push(format!(
            "the ledger does not add up: import {} accepted {} records, but {fates:?} are new, unchanged, corrected, superseded and conflicting",
            r.import_id, r.accepted
        ));
    }
}

fn check_table(
    state: &TableState,
    files: &[FiledFile],
    tail: &Tail,
    imports: &[ImportRecord],
    retired: u64,
    deep: bool,
    report: &mut VerifyReport,
) {
    let name = &state.table.name;
    for file in files {
        report.files += 1;
        report.rows += file.rows;
        // The library that reads Parquet gives up on some damage.
        let checked = quiet::catch(|| check_file(state, file, deep));
        let checked = checked.unwrap_or_else(|said| {
            Err(LakeError::damaged(&file.path, format!("it cannot be read ({said})")))
        });
        if let Err(e) = checked {
            report.problems.push(e.to_string());
        }
    }
    let of_table = || imports.iter().map(|i| &i.report).filter(|r| r.table == *name);
    let filed: u64 = files.iter().map(|f| f.rows).sum();
    let (new, replaced) =
        of_table().fold((0_u64, 0_u64), |(n, r), i| (n.saturating_add(i.new), r.saturating_add(i.replaced)));
    if new.checked_sub(replaced).and_then(|n| n.checked_sub(retired)) != Some(filed) {
        report.problems.push(format!(
            "table `{name}` holds {filed} live records, but its imports brought {new} and superseded {replaced}, and {retired} were let go of for their age"
        ));
    }
    if let Err(e) = keys::check(name, files, tail, &mut report.problems) {
        report.problems.push(e.to_string());
    }
}

fn check_file(state: &TableState, file: &FiledFile, deep: bool) -> Result<(), LakeError> {
    let size = std::fs::metadata(&file.path).doing("find the data file", &file.path)?.len();
    file.sums.check_size(&file.path, size)?;
    let rows = datafile::rows_of(&file.path)?;
    if rows != file.rows {
        let what = format!("it holds {rows} rows and the catalogue says {}", file.rows);
        return Err(LakeError::damaged(&file.path, what));
    }
    if !deep {
        return Ok(());
    }
    file.sums.check_file(&file.path)?;
    read_everything(state, file)
}

/// Decodes every record, and compares it with the key file where there is one.
fn read_everything(state: &TableState, file: &FiledFile) -> Result<(), LakeError> {
    let mut entries = Vec::new();
    if let Some(path) = &file.key_file {
        let mut keys = KeyFile::open(path)?;
        for block in 0..keys.blocks() {
            entries.extend(keys.block(block)?);
        }
        entries.sort_unstable_by_key(|e| e.position);
    }
    let by = if file.identity == (ImportIdentity::Append { force: false }).word() {
        KeyBy::Content
    } else {
        KeyBy::Identifier
    };
    let mut rows = 0;
    for batch in datafile::read(&file.path)? {
        let batch = batch.computing("read the records to verify")?;
        if file.key_file.is_some() {
            let mut prints = Fingerprints::new(&batch, &state.table, by)?;
            for row in 0..batch.num_rows() {
                let at = usize::try_from(rows).unwrap_or(usize::MAX).saturating_add(row);
                let mut print = prints.row(row);
                let known = entries.get(at).map(|e| e.print);
                if let (Some(print), Some(known), true) = (&mut print, known, prints.is_erased(row)) {
                    print.key = known.key;
                }
                if print != known {
                    let what = format!("row {at} is not the record that its key file names");
                    return Err(LakeError::damaged(&file.path, what));
                }
            }
        }
        rows += count(batch.num_rows());
    }
    if rows == file.rows { Ok(()) } else { Err(LakeError::damaged(&file.path, "rows are missing")) }
}
