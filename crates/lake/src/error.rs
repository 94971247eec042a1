//! What can go wrong with the store, each as a sentence: what, where, what to do.

use std::path::{Path, PathBuf};

/// An operation of the store failed. Nothing of it took effect unless the sentence says otherwise.
#[derive(Debug, thiserror::Error)]
pub enum LakeError {
    /// The file system refused.
    #[error("could not {doing} `{}`: {source}", path.display())]
    Io {
        /// What was tried, as in "write the data file".
        doing: &'static str,
        /// On what.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// The catalogue database refused.
    #[error("could not {doing} in the catalogue `{}`: {source}", path.display())]
    Catalogue {
        /// What was tried.
        doing: &'static str,
        /// The database file.
        path: PathBuf,
        /// What SQLite said.
        source: sqlx::Error,
    },
    /// A Parquet file could not be written or read.
    #[error("could not {doing} `{}`: {source}", path.display())]
    Parquet {
        /// What was tried.
        doing: &'static str,
        /// The file.
        path: PathBuf,
        /// What the Parquet library said.
        source: parquet::errors::ParquetError,
    },
    /// A computation on columns failed.
    #[error("could not {doing}: {source}")]
    Arrow {
        /// What was tried.
        doing: &'static str,
        /// What the Arrow library said.
        source: arrow::error::ArrowError,
    },
    /// The store was written by a newer Dialmark.
    #[error(
        "the store `{}` has layout {found} and this program knows layouts up to {known}; use a newer Dialmark",
        path.display()
    )]
    Newer {
        /// The database file.
        path: PathBuf,
        /// Layout of the store.
        found: i64,
        /// Layout of this program.
        known: i64,
    },
    /// Deliveries of a person to be erased are not records yet.
    #[error(
        "{deliveries} deliveries wait to become records and name the person; run `dialmark lake settle`, then erase again"
    )]
    PersonWaits {
        /// How many.
        deliveries: u64,
    },
    /// The write-ahead log could not be emptied.
    #[error(
        "everything is erased but for traces in the log `{}-wal`, since something reads the store; run the same command again when that has ended",
        path.display()
    )]
    LogBusy {
        /// The database file.
        path: PathBuf,
    },
    /// Numbers are stored as they were written.
    #[error(
        "column `{column}` of table `{table}` holds telephone numbers as they were written, from before numbers were hidden; begin a new store (another `folder` under `[store]`) and import the files again"
    )]
    PlainNumbers {
        /// Table.
        table: String,
        /// Column.
        column: String,
    },
    /// A name that cannot be a folder and an SQL name.
    #[error(
        "`{name}` cannot be the name of a table or column: use lower-case letters, digits and underscores, beginning with a letter, at most 63"
    )]
    Name {
        /// The name.
        name: String,
    },
    /// A column changed what it holds.
    #[error(
        "column `{column}` of table `{table}` holds `{stored}` in the store and is now declared as `{declared}`; give the new column another name"
    )]
    ColumnChanged {
        /// Table.
        table: String,
        /// Column.
        column: String,
        /// Kind in the store.
        stored: &'static str,
        /// Kind in the declaration.
        declared: &'static str,
    },
    /// A source changed how its records are known again.
    #[error(
        "source `{origin}` of table `{table}` was imported with identity `{stored}` and is now declared with `{declared}`; every record that comes again would be there twice. Begin a new store: move its folder away and import everything again. Where a column of the same values was only renamed, say what it was called: `id_was = ...`"
    )]
    IdentityChanged {
        /// Table.
        table: String,
        /// Source.
        origin: String,
        /// Identity of the imports so far.
        stored: String,
        /// Identity of this one.
        declared: String,
    },
    /// Append was refused, since most lines are known.
    #[error(
        "`{file_name}` was not imported: {seen} of its {lines} records were delivered by source `{origin}` before; if they are to count again, import with `--force`; where only some are new, import a file of those"
    )]
    SeenBefore {
        /// Source.
        origin: String,
        /// File.
        file_name: String,
        /// Records whose content is known.
        seen: u64,
        /// Records in the file.
        lines: u64,
    },
    /// A file of a replacing source came again under another name.
    #[error(
        "`{file_name}` was not imported: it is the same as `{earlier}` of source `{origin}`, and its records would count twice; a later file of that source supersedes an earlier one only under the same name"
    )]
    OtherName {
        /// Source.
        origin: String,
        /// File.
        file_name: String,
        /// Name under which it is in the store.
        earlier: String,
    },
    /// A replacing file of which nothing could be read.
    #[error(
        "`{file_name}` was not imported: none of its {set_aside} records could be read, and the last file of that name from source `{origin}` would have been dropped for it; look at the mapping, or at the file"
    )]
    NothingLeft {
        /// Source.
        origin: String,
        /// File.
        file_name: String,
        /// Records that would have been set aside.
        set_aside: u64,
    },
    /// A batch does not have the shape of its table. A defect of the caller.
    #[error("a batch for table `{table}` does not fit: {what}")]
    Shape {
        /// Table.
        table: String,
        /// What is different.
        what: String,
    },
    /// A record without an identifier under an identity by id. A defect of the caller.
    #[error(
        "line {line} of `{file_name}` has no identifier, though source `{origin}` is known by one; quarantine it"
    )]
    NoIdentifier {
        /// Source.
        origin: String,
        /// File.
        file_name: String,
        /// Line.
        line: i64,
    },
    /// Another process works on the table.
    #[error(
        "table `{table}` has been in use by another import or settle for {waited_s} s; nothing was changed: wait for it and try again"
    )]
    Busy {
        /// Table.
        table: String,
        /// How long it was waited for.
        waited_s: u64,
    },
    /// Somebody committed in between, in spite of the lock.
    #[error(
        "table `{table}` was changed by another process while this one worked on it; nothing was changed: try again, and if it happens often check that the store is on a local disk that supports file locks"
    )]
    Raced {
        /// Table.
        table: String,
    },
    /// The catalogue's log is damaged before its end.
    #[error(
        "`{}` is damaged at byte {at}, and at least {commits} acknowledged commits stand behind that; end every program that uses the store; then put it back from a backup, or, to go on without them, end the log there with `truncate -s {at} {}`",
        path.display(), path.display()
    )]
    LogDamaged {
        /// The log.
        path: PathBuf,
        /// Where the first bad part begins, in bytes.
        at: u64,
        /// Commits behind it.
        commits: u64,
    },
    /// Something in the store is not what it should be.
    #[error("`{}` is damaged: {what}; run `dialmark verify` and restore the file from a backup", path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
        /// In which way.
        what: String,
    },
    /// A folder that is to be written to is in use.
    #[error("`{}` is not empty and holds no backup; name an empty or a new folder", path.display())]
    NotEmpty {
        /// The folder.
        path: PathBuf,
    },
    /// Files of the source add up, and this one was added under another mapping.
    #[error(
        "`{file_name}` was not imported: import {earlier} has added its records to source `{origin}` under another mapping, and records that add up cannot be taken back; begin a new store to read everything under this mapping, and give the source an `id` if its records have one (`--force` adds them once more)"
    )]
    AddedOtherwise {
        /// Source.
        origin: String,
        /// File.
        file_name: String,
        /// The import that added them.
        earlier: i64,
    },
    /// A backup in the store's own folder would be lost with it, and grow with every backup.
    #[error("`{}` lies in the store itself; name a folder outside of it, better on another disk", path.display())]
    BackupInside {
        /// The folder.
        path: PathBuf,
    },
    /// A backup of another store would be lost.
    #[error("`{}` holds the backup of another store, which would be lost; name an empty or a new folder", path.display())]
    OtherBackup {
        /// The folder.
        path: PathBuf,
    },
    /// A folder without a manifest.
    #[error("`{}` holds no finished backup: there is no `backup.json` in it", path.display())]
    NoBackup {
        /// The folder.
        path: PathBuf,
    },
    /// A state of the store is asked for that is not kept.
    #[error("the store as it was at {asked} is not kept: the oldest state that is begins at {oldest}")]
    Forgotten {
        /// The instant that was asked for.
        asked: String,
        /// When the oldest state was made.
        oldest: String,
    },
    /// A background thread of the program ended early.
    #[error("the work was interrupted before it was finished; nothing was changed: {what}")]
    Interrupted {
        /// Why.
        what: String,
    },
}

impl LakeError {
    /// Whether others were writing for too long. The transaction was rolled back, and trying again may well succeed.
    pub(crate) fn is_busy(&self) -> bool {
        self.has_code("5")
    }

    /// Whether the database found the disk full. The transaction was rolled back, and trying again may well succeed when there
    /// is room. Any other failure to write leaves open what is on the disk.
    pub(crate) fn is_full(&self) -> bool {
        self.has_code("13")
    }

    fn has_code(&self, wanted: &str) -> bool {
        let LakeError::Catalogue { source: sqlx::Error::Database(error), .. } = self else { return false };
        error.code().is_some_and(|code| code == wanted)
    }

    pub(crate) fn damaged(path: &Path, what: impl Into<String>) -> LakeError {
        LakeError::Damaged { path: path.to_owned(), what: what.into() }
    }
}

/// Adds to a failure what was being done, and on which file.
pub(crate) trait Doing<T> {
    fn doing(self, doing: &'static str, path: &Path) -> Result<T, LakeError>;
}

impl<T> Doing<T> for Result<T, std::io::Error> {
    fn doing(self, doing: &'static str, path: &Path) -> Result<T, LakeError> {
        self.map_err(|source| LakeError::Io { doing, path: path.to_owned(), source })
    }
}

impl<T> Doing<T> for Result<T, sqlx::Error> {
    fn doing(self, doing: &'static str, path: &Path) -> Result<T, LakeError> {
        self.map_err(|source| LakeError::Catalogue { doing, path: path.to_owned(), source })
    }
}

impl<T> Doing<T> for Result<T, parquet::errors::ParquetError> {
    fn doing(self, doing: &'static str, path: &Path) -> Result<T, LakeError> {
        self.map_err(|source| LakeError::Parquet { doing, path: path.to_owned(), source })
    }
}

/// Adds to a failed computation on columns what it was for.
pub(crate) trait Computing<T> {
    fn computing(self, doing: &'static str) -> Result<T, LakeError>;
}

impl<T> Computing<T> for Result<T, arrow::error::ArrowError> {
    fn computing(self, doing: &'static str) -> Result<T, LakeError> {
        self.map_err(|source| LakeError::Arrow { doing, source })
    }
}
