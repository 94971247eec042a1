//! Writing files for the user: whole or not at all, and never over one that is there without being asked to.

use std::io::{self, Write};
use std::path::Path;

use crate::failure::Failure;

/// What to do when the file is there already.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Existing {
    /// Leave it and say so.
    Keep,
    /// Replace it: the user said so.
    Replace,
}

/// Writes a file beside its final name first, so that a reader sees all of it or nothing.
pub fn write(path: &Path, bytes: &[u8], existing: Existing) -> Result<(), Failure> {
    let folder = match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    };
    let staged = (|| {
        let mut staged = staged_in(folder)?;
        staged.write_all(bytes)?;
        staged.as_file().sync_all()?;
        Ok::<_, io::Error>(staged)
    })()
    .map_err(|error| cannot_write(path, &error))?;
    let persisted = match existing {
        Existing::Keep => staged.persist_noclobber(path),
        Existing::Replace => staged.persist(path),
    };
    match persisted {
        Ok(_) => Ok(()),
        Err(failed) if failed.error.kind() == io::ErrorKind::AlreadyExists => Err(exists(path)),
        Err(failed) => Err(cannot_write(path, &failed.error)),
    }
}

/// The refusal to write over a file.
pub fn exists(path: &Path) -> Failure {
    Failure::problem(format!(
        "{} is there already and was left as it is. Name another file, or add `--overwrite`.",
        path.display()
    ))
}

fn cannot_write(path: &Path, error: &io::Error) -> Failure {
    let help = match error.kind() {
        io::ErrorKind::NotFound => " Its folder does not exist.",
        io::ErrorKind::PermissionDenied => " Check who may write there.",
        _ => "",
    };
    Failure::problem(format!("{} cannot be written: {error}.{help}", path.display()))
}

/// A temporary file with the rights that a file of the user's own would have; it vanishes if not kept.
fn staged_in(folder: &Path) -> io::Result<tempfile::NamedTempFile> {
    let mut builder = tempfile::Builder::new();
    builder.prefix(".dialmark-");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        builder.permissions(std::fs::Permissions::from_mode(0o666));
    }
    builder.tempfile_in(folder)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_that_is_there_is_replaced_only_when_asked() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("report.csv");
        write(&path, b"first", Existing::Keep).unwrap();
        let refused = write(&path, b"second", Existing::Keep).unwrap_err();
        assert!(refused.text().unwrap().contains("there already"));
        assert_eq!(std::fs::read(&path).unwrap(), b"first");
        write(&path, b"second", Existing::Replace).unwrap();
        assert_eq!(std::fs::read(&path).unwrap(), b"second");
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1, "nothing is left behind");
    }

    #[test]
    fn a_folder_that_does_not_exist_is_a_sentence() {
        let refused = write(Path::new("/nowhere/at/all.csv"), b"", Existing::Keep).unwrap_err();
        assert!(refused.text().unwrap().contains("folder does not exist"));
    }
}
