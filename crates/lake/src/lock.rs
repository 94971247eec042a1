//! One writer per table at a time, over threads and processes.
//!
//! The lock is the operating system's, on a file: it ends with its holder, however that one ends, so a crash
//! never blocks anybody. The catalogue's transaction checks once more that nobody committed in between.

use std::fs::{File, OpenOptions, TryLockError};
use std::path::Path;
use std::time::{Duration, Instant};

use crate::durable;
use crate::error::{Doing, LakeError};

const FIRST_PAUSE: Duration = Duration::from_millis(2);
const LONGEST_PAUSE: Duration = Duration::from_millis(100);

/// Held while a table's key decision and commit are under way.
#[derive(Debug)]
pub(crate) struct TableLock {
    // Closing the file releases the lock.
    _file: File,
}

fn open(folder: &Path, name: &str) -> Result<(File, std::path::PathBuf), LakeError> {
    let locks = folder.join("locks");
    durable::create_folder(&locks)?;
    let path = locks.join(format!("{name}.lock"));
    let file = OpenOptions::new()
        .create(true)
        .truncate(false)
        .write(true)
        .open(&path)
        .doing("open the lock file", &path)?;
    Ok((file, path))
}

impl TableLock {
    /// Takes the lock if it is free.
    pub(crate) fn try_take(folder: &Path, name: &str) -> Result<Option<TableLock>, LakeError> {
        let (file, path) = open(folder, name)?;
        match file.try_lock() {
            Ok(()) => Ok(Some(TableLock { _file: file })),
            Err(TryLockError::WouldBlock) => Ok(None),
            Err(TryLockError::Error(e)) => Err(e).doing("lock the file", &path),
        }
    }

    /// Waits for the lock, but not for ever.
    pub(crate) async fn take(folder: &Path, name: &str, patience: Duration) -> Result<TableLock, LakeError> {
        let began = Instant::now();
        let mut pause = FIRST_PAUSE;
        loop {
            if let Some(lock) = TableLock::try_take(folder, name)? {
                return Ok(lock);
            }
            if began.elapsed() >= patience {
                return Err(LakeError::Busy { table: name.to_owned(), waited_s: began.elapsed().as_secs() });
            }
            tokio::time::sleep(pause).await;
            pause = (pause * 2).min(LONGEST_PAUSE);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_second_holder_waits_and_is_told_when_it_takes_too_long() {
        let folder = tempfile::tempdir().unwrap();
        let held = TableLock::try_take(folder.path(), "calls").unwrap().unwrap();
        assert!(TableLock::try_take(folder.path(), "calls").unwrap().is_none());
        assert!(TableLock::try_take(folder.path(), "leads").unwrap().is_some());
        let error = TableLock::take(folder.path(), "calls", Duration::from_millis(20)).await.unwrap_err();
        assert!(matches!(error, LakeError::Busy { .. }));
        drop(held);
        TableLock::take(folder.path(), "calls", Duration::ZERO).await.unwrap();
    }
}
