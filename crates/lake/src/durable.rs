//! What makes a file survive a power cut, and what removes it when nobody will ever name it.

use std::collections::BTreeSet;
use std::fs::{self, File, OpenOptions};
use std::hash::{BuildHasher, Hasher};
use std::path::{Path, PathBuf};

use crate::error::{Doing, LakeError};

/// Creates a folder and those above it, and makes their names durable.
pub(crate) fn create_folder(path: &Path) -> Result<(), LakeError> {
    if path.is_dir() {
        return Ok(());
    }
    let above = path.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."));
    create_folder(above)?;
    match fs::create_dir(path) {
        Ok(()) => {}
        // Another process was quicker.
        Err(e) if e.kind() == std::io::ErrorKind::AlreadyExists && path.is_dir() => {}
        Err(e) => return Err(e).doing("create the folder", path),
    }
    sync_folder(above)
}

/// Makes the names in a folder durable.
pub(crate) fn sync_folder(path: &Path) -> Result<(), LakeError> {
    File::open(path).and_then(|f| f.sync_all()).doing("flush to disk the folder", path)
}

/// Makes a file's content durable. Never repeated on failure: after a failed flush the kernel may have dropped
/// the pages and would answer that all is well.
pub(crate) fn sync_file(file: &File, path: &Path) -> Result<(), LakeError> {
    file.sync_all().doing("flush to disk the file", path)
}

/// Removes a file, which may be gone already.
pub(crate) fn remove_if_there(path: &Path) -> Result<(), LakeError> {
    match fs::remove_file(path) {
        Err(e) if e.kind() != std::io::ErrorKind::NotFound => Err(e).doing("remove the file", path),
        _ => Ok(()),
    }
}

/// Sixteen hexadecimal digits that no other process or call will choose.
pub(crate) fn unique_hex() -> String {
    // A fresh RandomState is seeded by the operating system; time and process guard against a poor one.
    let mut hasher = std::collections::hash_map::RandomState::new().build_hasher();
    hasher.write_i128(jiff::Timestamp::now().as_nanosecond());
    hasher.write_u32(std::process::id());
    format!("{:016x}", hasher.finish())
}

/// Files that were written but that no committed transaction names yet. Dropped without [`NewFiles::keep`],
/// it removes them.
#[derive(Debug, Default)]
pub(crate) struct NewFiles {
    paths: Vec<PathBuf>,
    folders: BTreeSet<PathBuf>,
}

impl NewFiles {
    /// Creates a file that must not exist, and answers for its removal.
    pub(crate) fn create(&mut self, path: &Path) -> Result<File, LakeError> {
        let file = OpenOptions::new()
            .write(true)
            .read(true)
            .create_new(true)
            .open(path)
            .doing("create the file", path)?;
        self.paths.push(path.to_owned());
        if let Some(folder) = path.parent() {
            self.folders.insert(folder.to_owned());
        }
        Ok(file)
    }

    /// Answers for the files of another as well.
    pub(crate) fn absorb(&mut self, mut other: NewFiles) {
        self.paths.append(&mut other.paths);
        self.folders.append(&mut other.folders);
    }

    /// Makes the names of all files durable; their contents are already.
    pub(crate) fn sync_names(&self) -> Result<(), LakeError> {
        self.folders.iter().try_for_each(|folder| sync_folder(folder))
    }

    /// From here on the catalogue may name the files, so they are left alone. Called before the commit, not
    /// after it: when a commit fails one cannot know whether it took effect, and an orphan does less harm
    /// than a missing file.
    pub(crate) fn keep(mut self) {
        self.paths.clear();
    }
}

impl Drop for NewFiles {
    fn drop(&mut self) {
        for path in &self.paths {
            if let Err(e) = fs::remove_file(path) {
                tracing::warn!("could not remove `{}`, which is not needed: {e}", path.display());
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_that_nobody_kept_are_removed_and_kept_ones_stay() {
        let folder = tempfile::tempdir().unwrap();
        let (a, b) = (folder.path().join("a"), folder.path().join("b"));
        let mut files = NewFiles::default();
        files.create(&a).unwrap();
        drop(files);
        assert!(!a.exists());
        let mut files = NewFiles::default();
        files.create(&b).unwrap();
        assert!(files.create(&b).is_err(), "a file is never overwritten");
        files.sync_names().unwrap();
        files.keep();
        assert!(b.exists());
    }

    #[test]
    fn unique_names_differ() {
        let names: BTreeSet<String> = (0..1000).map(|_| unique_hex()).collect();
        assert_eq!(names.len(), 1000);
    }
}
