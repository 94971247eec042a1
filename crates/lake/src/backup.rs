//! A copy of the store as it is at one instant, taken while others write.
//!
//! The catalogue is copied as a whole by its database; data files never change once they are named, so they are copied
//! afterwards at leisure. Nothing is removed from the store meanwhile. The manifest is written last: a folder without
//! one is no backup.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, File};
use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::catalogue::Catalogue;
use crate::commit::PATIENCE;
use crate::durable;
use crate::error::{Doing, LakeError};
use crate::fold::blocking;
use crate::lock::TableLock;
use crate::number::count;
use crate::sums::Sums;

/// Held while files must not be removed.
pub(crate) const FILES_LOCK: &str = "_files";
const MANIFEST: &str = "backup.json";
const CHUNK: usize = 1 << 20;

/// What a backup consists of.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Manifest {
    /// Program that made it.
    pub made_by: String,
    /// The instant whose state it holds, at the latest.
    pub made_at: Timestamp,
    /// Its files by their paths in the store.
    pub files: BTreeMap<String, Copied>,
}

/// A file of a backup.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Copied {
    /// Size.
    pub bytes: u64,
    /// BLAKE3 of its content, in hexadecimal.
    pub blake3: String,
}

/// What a backup or a restoration did.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct BackupReport {
    /// Files of the backup.
    pub files: u64,
    /// Their size.
    pub bytes: u64,
    /// Files that had to be copied; the others were there from an earlier backup.
    pub copied: u64,
}

/// Told how many bytes of how many are done.
pub type Watch = Arc<dyn Fn(u64, u64) + Send + Sync>;

/// Copies the store to a folder: an empty or new one, or that of an earlier backup of the same store.
pub(crate) async fn backup(
    catalogue: &Arc<Catalogue>,
    to: &Path,
    watch: Watch,
) -> Result<BackupReport, LakeError> {
    let to = to.to_owned();
    if is_within(&to, catalogue.folder()) {
        return Err(LakeError::BackupInside { path: to });
    }
    if is_of_another_store(catalogue, &to).await {
        return Err(LakeError::OtherBackup { path: to });
    }
    prepare(&to)?;
    let lock = TableLock::take(catalogue.folder(), FILES_LOCK, PATIENCE).await?;
    // From here on it is no backup until it is one again.
    durable::remove_if_there(&to.join(MANIFEST))?;
    durable::sync_folder(&to)?;
    let earlier = earlier_hashes(&to)?;
    let made_at = Timestamp::now();
    for name in ["catalog.db", "state.db"] {
        let copy = to.join(name);
        durable::remove_if_there(&copy)?;
        if catalogue.folder().join(name).exists() {
            catalogue.copy_database(name, &copy).await?;
        }
    }
    let copy = Catalogue::named_files(&to.join("catalog.db")).await?;
    let from = catalogue.folder().to_owned();
    let report = blocking(move || {
        let report = copy_all(&from, &to, copy, &earlier, made_at, &watch);
        drop(lock);
        report
    });
    report.await
}

/// Whether a folder holds the backup of another store. One that cannot be read is none.
async fn is_of_another_store(catalogue: &Catalogue, to: &Path) -> bool {
    let copy = to.join("catalog.db");
    if !copy.is_file() {
        return false;
    }
    let (ours, theirs) = (Catalogue::store_of(catalogue.path()).await, Catalogue::store_of(&copy).await);
    matches!((ours, theirs), (Ok(ours), Ok(theirs)) if ours != theirs)
}

/// Whether a folder, which need not exist yet, is another or lies below it.
fn is_within(folder: &Path, other: &Path) -> bool {
    let Ok(other) = other.canonicalize() else { return false };
    let whole = std::path::absolute(folder).unwrap_or_else(|_| folder.to_owned());
    let known = whole.ancestors().find_map(|above| above.canonicalize().ok());
    known.is_some_and(|known| known.starts_with(&other))
}

fn prepare(to: &Path) -> Result<(), LakeError> {
    durable::create_folder(to)?;
    let holds_anything = fs::read_dir(to).doing("look into", to)?.next().is_some();
    if holds_anything && !to.join(MANIFEST).is_file() && !to.join(UNFINISHED).is_file() {
        return Err(LakeError::NotEmpty { path: to.to_owned() });
    }
    let marker = to.join(UNFINISHED);
    let file = File::create(&marker).doing("create the file", &marker)?;
    durable::sync_file(&file, &marker)
}

/// Says that a folder is a backup that was begun, and what is known of the files in it.
const UNFINISHED: &str = "unfinished";

/// Hashes that the last backup in this folder gave, for files that need no second copy. Only names that are never used
/// again are trusted.
fn earlier_hashes(to: &Path) -> Result<BTreeMap<String, Copied>, LakeError> {
    let path = to.join(BEFORE);
    if !path.is_file() {
        return Ok(BTreeMap::new());
    }
    let text = fs::read_to_string(&path).doing("read", &path)?;
    Ok(serde_json::from_str::<Manifest>(&text).map(|manifest| manifest.files).unwrap_or_default())
}

/// A copy of the last manifest, kept while the next backup is made.
const BEFORE: &str = "backup.before.json";

fn copy_all(
    from: &Path,
    to: &Path,
    named: Vec<(String, Option<Sums>)>,
    earlier: &BTreeMap<String, Copied>,
    made_at: Timestamp,
    watch: &Watch,
) -> Result<BackupReport, LakeError> {
    let mut files = BTreeMap::new();
    for name in ["catalog.db", "state.db"] {
        let path = to.join(name);
        if path.is_file() {
            let file = File::open(&path).doing("open", &path)?;
            durable::sync_file(&file, &path)?;
            files.insert(name.to_owned(), hashed(&path)?);
        }
    }
    let mut sizes = Vec::with_capacity(named.len());
    for (name, sums) in named {
        let path = from.join(&name);
        let bytes = fs::metadata(&path).doing("find the file", &path)?.len();
        sizes.push((name, bytes, sums));
    }
    let total: u64 = sizes.iter().map(|(_, bytes, _)| bytes).sum();
    let mut report = BackupReport { files: count(sizes.len() + files.len()), bytes: total, copied: 0 };
    let mut done = 0;
    let mut folders = BTreeSet::new();
    for (name, bytes, sums) in sizes {
        let (source, target) = (from.join(&name), to.join(&name));
        let known = earlier.get(&name).filter(|copied| {
            copied.bytes == bytes && fs::metadata(&target).is_ok_and(|found| found.len() == bytes)
        });
        let copied = match known {
            Some(copied) => copied.clone(),
            None => {
                if let Some(folder) = target.parent() {
                    durable::create_folder(folder)?;
                    folders.insert(folder.to_owned());
                }
                report.copied += 1;
                // A copy of damage would look sound for ever.
                sums.map_or(Ok(()), |sums| sums.check_file(&source))?;
                copy(&source, &target)?
            }
        };
        files.insert(name, copied);
        done += bytes;
        watch(done, total);
    }
    for folder in &folders {
        durable::sync_folder(folder)?;
    }
    remove_others(to, &files)?;
    report.bytes = files.values().map(|file| file.bytes).sum();
    let manifest =
        Manifest { made_by: concat!("dialmark ", env!("CARGO_PKG_VERSION")).to_owned(), made_at, files };
    let text = serde_json::to_string_pretty(&manifest).map_err(std::io::Error::from).doing("write", to)?;
    for name in [BEFORE, MANIFEST] {
        let path = to.join(name);
        let mut file = File::create(&path).doing("create the file", &path)?;
        file.write_all(text.as_bytes()).doing("write", &path)?;
        durable::sync_file(&file, &path)?;
    }
    durable::remove_if_there(&to.join(UNFINISHED))?;
    durable::sync_folder(to)?;
    Ok(report)
}

/// Removes files of an earlier backup that the store does not have any more.
fn remove_others(to: &Path, files: &BTreeMap<String, Copied>) -> Result<(), LakeError> {
    for part in ["data", "keys"] {
        let part = to.join(part);
        if !part.is_dir() {
            continue;
        }
        for table in fs::read_dir(&part).doing("look into", &part)? {
            let table = table.doing("look into", &part)?.path();
            for file in fs::read_dir(&table).doing("look into", &table)? {
                let path = file.doing("look into", &table)?.path();
                let name = path.strip_prefix(to).unwrap_or(&path).to_string_lossy().into_owned();
                if !files.contains_key(&name) {
                    durable::remove_if_there(&path)?;
                }
            }
        }
    }
    Ok(())
}

/// Copies a file, so that it is on the disk under its name when this returns and its folder is flushed.
fn copy(source: &Path, target: &Path) -> Result<Copied, LakeError> {
    let mut from = File::open(source).doing("open", source)?;
    let mut to = File::create(target).doing("create the file", target)?;
    let copied = pass(&mut from, source, |bytes| to.write_all(bytes).doing("write", target))?;
    durable::sync_file(&to, target)?;
    Ok(copied)
}

fn hashed(path: &Path) -> Result<Copied, LakeError> {
    let mut file = File::open(path).doing("open", path)?;
    pass(&mut file, path, |_| Ok(()))
}

fn pass(
    from: &mut File,
    path: &Path,
    mut take: impl FnMut(&[u8]) -> Result<(), LakeError>,
) -> Result<Copied, LakeError> {
    let mut hasher = blake3::Hasher::new();
    let mut buffer = vec![0; CHUNK];
    let mut bytes = 0;
    loop {
        let got = from.read(&mut buffer).doing("read", path)?;
        let Some(part) = buffer.get(..got).filter(|part| !part.is_empty()) else { break };
        hasher.update(part);
        take(part)?;
        bytes += count(part.len());
    }
    Ok(Copied { bytes, blake3: hasher.finalize().to_hex().to_string() })
}

/// Puts a backup back into a folder, which must be empty or new. Every file is compared with the manifest.
pub(crate) async fn restore(from: &Path, to: &Path, watch: Watch) -> Result<BackupReport, LakeError> {
    let (from, to) = (from.to_owned(), to.to_owned());
    blocking(move || {
        let found = manifest_of(&from)?;
        let was_there = to.exists();
        durable::create_folder(&to)?;
        if fs::read_dir(&to).doing("look into", &to)?.next().is_some() {
            return Err(LakeError::NotEmpty { path: to });
        }
        let restored = restore_all(&from, &to, &found, &watch);
        if restored.is_err() {
            // Half a store is none, and would be in the way of the next attempt.
            empty(&to, was_there);
        }
        restored
    })
    .await
}

fn empty(folder: &Path, stays: bool) {
    if let Err(error) = fs::remove_dir_all(folder) {
        tracing::warn!("what was restored of a damaged backup stays in `{}`: {error}", folder.display());
    } else if stays {
        let _ = fs::create_dir(folder);
    }
}

fn manifest_of(from: &Path) -> Result<Manifest, LakeError> {
    let path = from.join(MANIFEST);
    if !path.is_file() {
        return Err(LakeError::NoBackup { path: from.to_owned() });
    }
    let text = fs::read_to_string(&path).doing("read", &path)?;
    serde_json::from_str(&text).map_err(|e| LakeError::damaged(&path, format!("it cannot be read: {e}")))
}

fn restore_all(
    from: &Path,
    to: &Path,
    manifest: &Manifest,
    watch: &Watch,
) -> Result<BackupReport, LakeError> {
    let path = from.join(MANIFEST);
    let total: u64 = manifest.files.values().map(|file| file.bytes).sum();
    let mut done = 0;
    let mut folders = BTreeSet::new();
    // The catalogue comes last: a folder without it is no store that somebody might open too early.
    let is_database = |name: &str| name.ends_with(".db");
    let (last, first): (Vec<_>, Vec<_>) = manifest.files.iter().partition(|(name, _)| is_database(name));
    for (name, expected) in first.into_iter().chain(last) {
        let source = from.join(name);
        let target =
            within(to, name).ok_or_else(|| LakeError::damaged(&path, format!("`{name}` leads elsewhere")))?;
        if let Some(folder) = target.parent() {
            durable::create_folder(folder)?;
            folders.insert(folder.to_owned());
        }
        if copy(&source, &target)? != *expected {
            durable::remove_if_there(&target)?;
            return Err(LakeError::damaged(&source, "it is not the file that the backup's manifest names"));
        }
        done += expected.bytes;
        watch(done, total);
    }
    for folder in &folders {
        durable::sync_folder(folder)?;
    }
    Ok(BackupReport { files: count(manifest.files.len()), bytes: total, copied: count(manifest.files.len()) })
}

/// A path below a folder; `None` for one that would leave it.
fn within(folder: &Path, name: &str) -> Option<PathBuf> {
    let path = Path::new(name);
    let is_plain = path.components().all(|part| matches!(part, std::path::Component::Normal(_)));
    is_plain.then(|| folder.join(path))
}
