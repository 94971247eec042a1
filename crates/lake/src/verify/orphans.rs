//! Files that no snapshot names: what a crash between writing and naming leaves behind.

use std::collections::BTreeSet;
use std::fs::{self, File, TryLockError};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use super::{VerifyOptions, VerifyReport};
use crate::catalogue::Catalogue;
use crate::error::{Doing, LakeError};
use crate::import::OWNER;
use crate::lock::TableLock;

/// Lists what is orphaned and, when asked to, removes it.
pub(super) async fn find(
    catalogue: &Catalogue,
    options: &VerifyOptions,
    report: &mut VerifyReport,
) -> Result<(), LakeError> {
    for name in table_folders(catalogue.folder())? {
        // Whoever is about to name a file holds the table's lock: while we hold it, what has no name gets none.
        let Some(_lock) = TableLock::try_take(catalogue.folder(), &name)? else { continue };
        let mut tx = catalogue.reading().await?;
        let known: BTreeSet<String> = match catalogue.table(&mut tx, &name).await? {
            Some(state) => catalogue.known_names(&mut tx, state.id).await?.into_iter().collect(),
            None => BTreeSet::new(),
        };
        drop(tx);
        for folder in [catalogue.data_folder(&name), catalogue.key_folder(&name)] {
            for path in children(&folder)? {
                let ours = path.extension().is_some_and(|e| e == "parquet" || e == "keys");
                let named = path.file_name().is_some_and(|n| known.contains(n.to_string_lossy().as_ref()));
                if ours && !named && is_older(&path, options.grace) {
                    orphan(path, options, report, |path| fs::remove_file(path))?;
                }
            }
        }
    }
    for path in children(&catalogue.folder().join("staging"))? {
        if !is_older(&path, options.grace) {
            continue;
        }
        if path.is_file() {
            // What was pushed and is being read lies here for seconds.
            orphan(path, options, report, |path| fs::remove_file(path))?;
        } else if is_abandoned(&path) {
            orphan(path, options, report, |path| fs::remove_dir_all(path))?;
        }
    }
    Ok(())
}

fn orphan(
    path: PathBuf,
    options: &VerifyOptions,
    report: &mut VerifyReport,
    remove: impl Fn(&Path) -> std::io::Result<()>,
) -> Result<(), LakeError> {
    if options.remove_orphans {
        remove(&path).doing("remove the orphan", &path)?;
        report.removed += 1;
    }
    report.orphans.push(path);
    Ok(())
}

fn table_folders(folder: &Path) -> Result<BTreeSet<String>, LakeError> {
    let mut names = BTreeSet::new();
    for part in ["data", "keys"] {
        for path in children(&folder.join(part))? {
            if let Some(name) = path.file_name().filter(|_| path.is_dir()) {
                names.insert(name.to_string_lossy().into_owned());
            }
        }
    }
    Ok(names)
}

fn children(folder: &Path) -> Result<Vec<PathBuf>, LakeError> {
    let doing = "list the folder";
    let entries = match fs::read_dir(folder) {
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
        other => other.doing(doing, folder)?,
    };
    let paths: Result<Vec<PathBuf>, std::io::Error> = entries.map(|e| e.map(|e| e.path())).collect();
    let mut paths = paths.doing(doing, folder)?;
    paths.sort();
    Ok(paths)
}

/// A staging folder belongs to a living import as long as its lock is held.
fn is_abandoned(folder: &Path) -> bool {
    match File::open(folder.join(OWNER)) {
        Ok(file) => !matches!(file.try_lock(), Err(TryLockError::WouldBlock)),
        Err(_) => true,
    }
}

/// When in doubt, it is young.
fn is_older(path: &Path, grace: Duration) -> bool {
    let modified = fs::metadata(path).and_then(|m| m.modified()).ok();
    let age = modified.and_then(|at| SystemTime::now().duration_since(at).ok());
    age.is_some_and(|age| age >= grace)
}
