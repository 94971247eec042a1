//! No key lives twice: over all key files of a table, in bounded memory.

use crate::catalogue::{FiledFile, Tail};
use crate::error::LakeError;
use crate::hash::KeyBy;
use crate::keyfile::{KeyEntry, KeyFile};
use crate::number::count;
use crate::report::ImportIdentity;

/// Keys that are compared in one go: about 130 MB.
const RANGE_KEYS: u64 = 2_000_000;
/// More sentences of one kind help nobody.
const MOST_SENTENCES: usize = 20;

/// Checks the key files one by one, then against each other and against the tail.
pub(super) fn check(
    table: &str,
    files: &[FiledFile],
    tail: &Tail,
    problems: &mut Vec<String>,
) -> Result<(), LakeError> {
    let mut sound = Vec::new();
    for file in files {
        let Some(path) = &file.key_file else {
            if file.identity != ImportIdentity::Replace.word() {
                problems.push(format!("`{}` has no key file", file.path.display()));
            }
            continue;
        };
        match check_one(file, path) {
            Ok(()) => sound.push(file),
            Err(e) => problems.push(e.to_string()),
        }
    }
    // Records of a source that appends are known by their content, which may repeat.
    sound.retain(|f| key_by(f) == KeyBy::Identifier);
    let total: u64 = sound.iter().map(|f| f.rows).sum();
    let ranges = total.div_ceil(RANGE_KEYS).max(1);
    let width = u128::MAX / u128::from(ranges);
    let mut doubled = 0;
    let mut hidden = 0;
    for range in 0..ranges {
        let from = u128::from(range) * width + u128::from(range > 0);
        let to = if range + 1 == ranges { u128::MAX } else { u128::from(range + 1) * width };
        let mut keys: Vec<(u128, i64, u32)> = Vec::new();
        for file in &sound {
            let Some(path) = &file.key_file else { continue };
            let entries = KeyFile::open(path)?.range(from, to)?;
            keys.extend(entries.iter().map(|e| (e.print.key, file.id, e.position)));
        }
        keys.sort_unstable();
        doubled += keys.chunk_by(|a, b| a.0 == b.0).filter(|same| same.len() > 1).count();
        let in_tail = |(key, file, position): &&(u128, i64, u32)| {
            tail.places.get(key).is_some_and(|place| place.hides == (*file, *position))
        };
        hidden += keys.iter().filter(in_tail).count();
    }
    if doubled > 0 {
        problems.push(format!(
            "{doubled} keys of table `{table}` live more than once; deliveries may have come outside of the declared look-back"
        ));
    }
    if sound.len() == files.iter().filter(|f| key_by(f) == KeyBy::Identifier && f.key_file.is_some()).count()
        && hidden != tail.places.len()
    {
        problems.push(format!(
            "the journal corrects {} records of table `{table}`, of which {hidden} are in a live file",
            tail.places.len()
        ));
    }
    problems.truncate(problems.len().min(MOST_SENTENCES * files.len().max(1)));
    Ok(())
}

fn key_by(file: &FiledFile) -> KeyBy {
    if file.identity == (ImportIdentity::Append { force: true }).word() {
        KeyBy::Content
    } else {
        KeyBy::Identifier
    }
}

/// Count, order, checksums, and each row once.
fn check_one(file: &FiledFile, path: &std::path::Path) -> Result<(), LakeError> {
    let mut keys = KeyFile::open(path)?;
    if keys.len() != file.rows {
        let what = format!("it names {} records and its data file holds {}", keys.len(), file.rows);
        return Err(LakeError::damaged(path, what));
    }
    let size = std::fs::metadata(path).map_or(0, |m| m.len());
    if size != file.key_bytes {
        let what = format!("it has {size} bytes and the catalogue says {}", file.key_bytes);
        return Err(LakeError::damaged(path, what));
    }
    let mut last: Option<KeyEntry> = None;
    let mut seen = vec![false; usize::try_from(file.rows).unwrap_or(usize::MAX)];
    for block in 0..keys.blocks() {
        for entry in keys.block(block)? {
            let unsorted = last.is_some_and(|l| {
                let (before, now) = (l.print.key, entry.print.key);
                before > now || (before == now && key_by(file) == KeyBy::Identifier)
            });
            if unsorted {
                return Err(LakeError::damaged(path, "its keys are not in order or not unique"));
            }
            match seen.get_mut(usize::try_from(entry.position).unwrap_or(usize::MAX)) {
                Some(slot) if !*slot => *slot = true,
                _ => return Err(LakeError::damaged(path, "it does not name every row once")),
            }
            last = Some(entry);
        }
    }
    debug_assert_eq!(count(seen.len()), file.rows);
    Ok(())
}
