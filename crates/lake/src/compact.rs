//! Compaction: many small files of a day become one, with the corrections that wait for them.
//!
//! What is pushed makes a small file every few seconds. Files of about the same size are joined when there are enough of
//! them, so each record is written again only as often as its file grows eightfold. No figure moves: the same records
//! stand in other files, and both states are whole commits.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::catalogue::{Catalogue, Change, FiledFile, NamedFile, Tail};
use crate::datafile::ROW_GROUP_ROWS;
use crate::durable::NewFiles;
use crate::error::LakeError;
use crate::filing::{Filing, Place};
use crate::fold::{self, Swap, blocking};
use crate::lock::TableLock;
use crate::number::{count, length};
use crate::report::{CompactReport, ImportIdentity};
use crate::staging::Day;

/// Files of one size that are joined: with fewer, joining costs more than reading them.
const ENOUGH: usize = 8;
/// Bytes from which on a file is large enough to be left alone.
const LARGE_BYTES: u64 = 32 << 20;
/// The smallest size that is told apart; sizes double in threes from there.
const SMALLEST_BYTES: u64 = 64 << 10;
/// How the ledger's file name reads when records of several stand in one data file.
const SEVERAL: &str = "(several files)";

/// How eagerly files are joined.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Effort {
    /// When there are enough of one size.
    Steady,
    /// Whatever can be one file.
    Whole,
}

/// Joins the small files of one table, a commit for each that results. The caller holds the table's lock.
pub(crate) async fn compact_table(
    catalogue: &Arc<Catalogue>,
    name: &str,
    mut lock: TableLock,
    effort: Effort,
) -> Result<CompactReport, LakeError> {
    let mut report = CompactReport::default();
    let mut tx = catalogue.reading().await?;
    let Some(mut state) = catalogue.table(&mut tx, name).await? else { return Ok(report) };
    let files = catalogue.live_files(&mut tx, &state, None).await?;
    let groups = joined(&files, effort);
    if groups.is_empty() {
        return Ok(report);
    }
    let tail = Arc::new(catalogue.tail(&mut tx, &state, None).await?);
    drop(tx);
    for group in groups {
        let olds: Vec<FiledFile> = group.iter().filter_map(|at| files.get(*at)).cloned().collect();
        let ended = olds.iter().map(|old| old.id).collect();
        let place = fold::place_of(catalogue, &state)?;
        let tail = tail.clone();
        report.files_joined += count(olds.len());
        // The lock goes along: should the caller give up waiting, it must not be free before the writing ends.
        let work = move || -> Result<_, LakeError> {
            let mut files = NewFiles::default();
            let named = join(&place, &olds, &tail, &mut files)?;
            files.sync_names()?;
            Ok((lock, files, named))
        };
        let (held, files, added) = blocking(work).await?;
        lock = held;
        report.files_written += count(added.len());
        let change = Change {
            table: state.table.clone(),
            columns: state.columns.clone(),
            base: Some((state.id, state.last_snapshot)),
            added,
            ended,
            replaced: Vec::new(),
            journal: Vec::new(),
            retired: None,
        };
        state.last_snapshot = catalogue.commit(&change, None, files).await?;
    }
    drop(lock);
    Ok(report)
}

/// Which files are to be one, by their places. Files that supersede each other by name stay apart.
fn joined(files: &[FiledFile], effort: Effort) -> Vec<Vec<usize>> {
    type Kin<'a> = (&'a str, &'a str, Day, u32);
    let mut kin: BTreeMap<Kin<'_>, Vec<usize>> = BTreeMap::new();
    for (at, file) in files.iter().enumerate() {
        if ImportIdentity::key_of(&file.identity).is_none() || file.bytes >= LARGE_BYTES {
            continue;
        }
        let size = match effort {
            Effort::Steady => size_class(file.bytes),
            Effort::Whole => 0,
        };
        kin.entry((&file.source, &file.identity, file.day, size)).or_default().push(at);
    }
    let least = match effort {
        Effort::Steady => ENOUGH,
        Effort::Whole => 2,
    };
    let rows_of = |at: &usize| files.get(*at).map_or(0, |file| file.rows);
    let bytes_of = |at: &usize| files.get(*at).map_or(0, |file| file.bytes);
    let mut groups = Vec::new();
    for all in kin.into_values().filter(|all| all.len() >= least) {
        let mut group: Vec<usize> = Vec::new();
        for at in all {
            let rows: u64 = group.iter().map(rows_of).sum();
            let bytes: u64 = group.iter().map(bytes_of).sum();
            let fits =
                rows + rows_of(&at) <= count(ROW_GROUP_ROWS) && bytes + bytes_of(&at) <= 2 * LARGE_BYTES;
            if !fits {
                groups.push(std::mem::take(&mut group));
            }
            group.push(at);
        }
        groups.push(group);
    }
    groups.retain(|group| group.len() >= 2);
    groups
}

/// Sizes within a factor of eight are one class.
fn size_class(bytes: u64) -> u32 {
    (bytes / SMALLEST_BYTES).checked_ilog2().map_or(0, |log| 1 + log / 3)
}

/// Writes the records of these files anew, sorted as one.
fn join(
    place: &Place,
    olds: &[FiledFile],
    tail: &Tail,
    files: &mut NewFiles,
) -> Result<Vec<NamedFile>, LakeError> {
    let Some(first) = olds.first() else { return Ok(Vec::new()) };
    let same_name = olds.iter().all(|old| old.file_name == first.file_name);
    let filing = Filing {
        place,
        import_id: olds.iter().map(|old| old.import_id).max().unwrap_or(first.import_id),
        source: first.source.clone(),
        file_name: if same_name { first.file_name.clone() } else { SEVERAL.to_owned() },
        identity: first.identity.clone(),
        by: ImportIdentity::key_of(&first.identity),
    };
    let mut batches = Vec::new();
    for old in olds {
        let mut swap = Swap::default();
        swap.add_tail(tail, old.id);
        swap.patched(old, &place.schema, |batch| {
            batches.push(batch);
            Ok(())
        })?;
    }
    let rows: usize = batches.iter().map(arrow::array::RecordBatch::num_rows).sum();
    let expected: u64 = olds.iter().map(|old| old.rows).sum();
    if rows != length(expected) {
        let what =
            format!("it and its neighbours of a day hold {rows} rows and the catalogue says {expected}");
        return Err(LakeError::damaged(&first.path, what));
    }
    filing.write(first.day, &batches, files)
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use super::*;
    use crate::sums::Sums;

    fn file(id: i64, bytes: u64, day: i32, source: &str) -> FiledFile {
        FiledFile {
            id,
            path: PathBuf::new(),
            rows: 10,
            bytes,
            import_id: id,
            source: source.to_owned(),
            file_name: "a.csv".to_owned(),
            identity: ImportIdentity::Id { declared_revision: false, look_back_days: None }.word().to_owned(),
            day: Some(day),
            ranges: BTreeMap::new(),
            key_file: Some(PathBuf::new()),
            key_bytes: 1,
            sums: Arc::new(Sums::kept(bytes, &[])),
        }
    }

    #[test]
    fn only_enough_files_of_one_size_day_and_source_are_joined() {
        let small = |n: i64| (0..n).map(|id| file(id, 20_000, 1, "a")).collect::<Vec<_>>();
        assert!(joined(&small(7), Effort::Steady).is_empty());
        assert_eq!(joined(&small(9), Effort::Steady).iter().map(Vec::len).collect::<Vec<_>>(), [9]);
        let mut mixed = small(7);
        mixed.extend([file(8, 20_000, 2, "a"), file(9, 20_000, 1, "b"), file(10, 9_000_000, 1, "a")]);
        assert!(joined(&mixed, Effort::Steady).is_empty());
        assert_eq!(joined(&mixed, Effort::Whole).iter().map(Vec::len).collect::<Vec<_>>(), [8]);
    }

    #[test]
    fn large_files_and_those_that_supersede_by_name_are_left_alone() {
        let mut files: Vec<FiledFile> = (0..9).map(|id| file(id, LARGE_BYTES, 1, "a")).collect();
        files.extend((10..20).map(|id| FiledFile {
            identity: ImportIdentity::Replace.word().to_owned(),
            ..file(id, 5, 1, "a")
        }));
        assert!(joined(&files, Effort::Whole).is_empty());
    }

    #[test]
    fn a_joined_file_stays_within_a_row_group() {
        let files: Vec<FiledFile> =
            (0..10).map(|id| FiledFile { rows: 300_000, ..file(id, 20_000, 1, "a") }).collect();
        let groups: Vec<usize> = joined(&files, Effort::Steady).iter().map(Vec::len).collect();
        assert_eq!(groups, [3, 3, 3]);
    }

    #[test]
    fn a_record_is_written_again_only_when_its_file_grew_eightfold() {
        assert_eq!([0, 65_535, 65_536, 8 * 65_536 - 1, 8 * 65_536].map(size_class), [0, 0, 1, 1, 2]);
    }
}
