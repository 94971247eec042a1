//! A file as it was when we first looked: its length and content are fixed for the whole import.
//!
//! Exports are often still being written when somebody imports them. Only the bytes of the first look are
//! read; that they did not change meanwhile is checked before anything is committed.

use std::fs::{File, Metadata};
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::SystemTime;

use crate::error::{Failure, IngestError};

/// Bytes read at once.
const CHUNK: usize = 256 * 1024;

/// A regular file, its length and its hash at the first look.
#[derive(Debug)]
pub struct Pinned {
    path: PathBuf,
    length: u64,
    modified: Option<SystemTime>,
    hash: blake3::Hash,
    bytes_read: Arc<AtomicU64>,
}

/// What became of a file while it was read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Since {
    /// Nothing.
    Unchanged,
    /// Bytes were added behind those that were read.
    Grown,
}

impl Pinned {
    /// Looks at a file and hashes it. Folders, empty files and unreadable ones are errors.
    pub fn look(path: &Path) -> Result<Pinned, IngestError> {
        Pinned::try_look(path).map_err(|failure| failure.at(path))
    }

    fn try_look(path: &Path) -> Result<Pinned, Failure> {
        let unreadable =
            |e| Failure::new(format!("this file cannot be opened: {e}. Check its name and rights."));
        // Before opening: a pipe would block until somebody writes to it.
        let metadata = std::fs::metadata(path).map_err(unreadable)?;
        if metadata.is_dir() {
            return Err(Failure::new("this is a folder. Name the files in it, for example `folder/*.csv`."));
        }
        if !metadata.is_file() {
            return Err(Failure::new(
                "this is not a regular file. Write the records to a file first, so that they can be read twice.",
            ));
        }
        if metadata.len() == 0 {
            return Err(Failure::new(
                "this file is empty (0 bytes). Export it again; an export without records still has a header.",
            ));
        }
        let length = metadata.len();
        let file = File::open(path).map_err(unreadable)?;
        let hash = hash_prefix(file, length)?
            .ok_or_else(|| Failure::new("this file became shorter while it was read. Import it again."))?;
        Ok(Pinned {
            path: path.to_path_buf(),
            length,
            modified: metadata.modified().ok(),
            hash,
            bytes_read: Arc::default(),
        })
    }

    /// Hash of the raw bytes, as hexadecimal text.
    pub fn hash(&self) -> String {
        self.hash.to_hex().to_string()
    }

    /// Bytes at the first look.
    pub fn length(&self) -> u64 {
        self.length
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Bytes that readers of this file have consumed.
    pub fn bytes_read(&self) -> u64 {
        self.bytes_read.load(Ordering::Relaxed).min(self.length)
    }

    /// Opens it for readers that jump, such as Parquet's.
    pub fn file(&self) -> Result<File, Failure> {
        Ok(File::open(&self.path)?)
    }

    /// Reads the bytes of the first look, and no more.
    pub fn reader(&self) -> Result<impl Read + Send + use<>, Failure> {
        Ok(Counted { inner: self.file()?.take(self.length), bytes: Arc::clone(&self.bytes_read) })
    }

    /// Whether the bytes that were read are still those of the first look. Asked before the commit.
    pub fn check(&self) -> Result<Since, Failure> {
        let file = self.file()?;
        let now = metadata_of(&file)?;
        if now.len() < self.length {
            return Err(Failure::new(format!(
                "this file shrank from {} to {} bytes while it was read. Nothing was imported; import it again.",
                self.length,
                now.len()
            )));
        }
        if now.len() == self.length && now.modified().ok() == self.modified {
            return Ok(Since::Unchanged);
        }
        match hash_prefix(file, self.length)? {
            Some(hash) if hash == self.hash && now.len() > self.length => Ok(Since::Grown),
            Some(hash) if hash == self.hash => Ok(Since::Unchanged),
            _ => Err(Failure::new(
                "this file was changed while it was read. Nothing was imported; import it again when it is complete.",
            )),
        }
    }

    /// Whether bytes were added since the first look.
    pub fn has_grown(&self) -> bool {
        std::fs::metadata(&self.path).is_ok_and(|now| now.len() > self.length)
    }
}

fn metadata_of(file: &File) -> Result<Metadata, Failure> {
    file.metadata().map_err(|e| Failure::new(format!("this file cannot be examined: {e}.")))
}

/// Hash of the first `length` bytes; `None` when there are fewer.
fn hash_prefix(mut file: File, length: u64) -> Result<Option<blake3::Hash>, Failure> {
    let mut hasher = blake3::Hasher::new();
    let mut buffer = vec![0; CHUNK];
    let mut left = length;
    while left > 0 {
        let wanted = usize::try_from(left).unwrap_or(CHUNK).min(CHUNK);
        let Some(room) = buffer.get_mut(..wanted) else { break };
        let got = match file.read(room) {
            Ok(0) => return Ok(None),
            Ok(got) => got,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(error.into()),
        };
        hasher.update(room.get(..got).unwrap_or_default());
        left = left.saturating_sub(u64::try_from(got).unwrap_or(left));
    }
    Ok(Some(hasher.finalize()))
}

struct Counted<R> {
    inner: R,
    bytes: Arc<AtomicU64>,
}

impl<R: Read> Read for Counted<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let got = self.inner.read(buffer)?;
        self.bytes.fetch_add(u64::try_from(got).unwrap_or(u64::MAX), Ordering::Relaxed);
        Ok(got)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;

    fn file_with(content: &[u8]) -> tempfile::NamedTempFile {
        let mut file = tempfile::NamedTempFile::new().unwrap();
        file.write_all(content).unwrap();
        file
    }

    #[test]
    fn a_folder_an_empty_file_and_a_missing_one_are_errors_that_name_the_file() {
        let folder = tempfile::tempdir().unwrap();
        let error = Pinned::look(folder.path()).unwrap_err().to_string();
        assert!(
            error.contains("is a folder") && error.contains(&folder.path().display().to_string()),
            "{error}"
        );
        let empty = file_with(b"");
        assert!(Pinned::look(empty.path()).unwrap_err().to_string().contains("empty (0 bytes)"));
        let missing = folder.path().join("none.csv");
        assert!(Pinned::look(&missing).unwrap_err().to_string().contains("cannot be opened"));
    }

    #[test]
    fn a_file_that_grows_is_read_up_to_the_length_of_the_first_look() {
        let mut file = file_with(b"a,b\n1,2\n");
        let pinned = Pinned::look(file.path()).unwrap();
        file.write_all(b"3,4\n").unwrap();
        let mut text = String::new();
        pinned.reader().unwrap().read_to_string(&mut text).unwrap();
        assert_eq!(text, "a,b\n1,2\n");
        assert_eq!(pinned.check(), Ok(Since::Grown));
        assert!(pinned.has_grown());
        assert_eq!(pinned.bytes_read(), 8);
    }

    #[test]
    fn a_file_that_shrinks_or_changes_is_an_error() {
        let file = file_with(b"a,b\n1,2\n");
        let pinned = Pinned::look(file.path()).unwrap();
        file.as_file().set_len(4).unwrap();
        assert!(pinned.check().unwrap_err().0.contains("shrank from 8 to 4"));
        std::fs::write(file.path(), b"a,b\n1,3\n").unwrap();
        file.as_file().set_modified(SystemTime::UNIX_EPOCH).unwrap();
        assert!(pinned.check().unwrap_err().0.contains("was changed"));
    }

    #[test]
    fn a_touched_file_with_the_same_bytes_is_unchanged() {
        let file = file_with(b"a,b\n1,2\n");
        let pinned = Pinned::look(file.path()).unwrap();
        file.as_file().set_modified(SystemTime::UNIX_EPOCH).unwrap();
        assert_eq!(pinned.check(), Ok(Since::Unchanged));
    }
}
