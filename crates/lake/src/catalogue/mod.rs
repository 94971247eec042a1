//! The catalogue: which files, columns, imports and corrections there are, in one SQL database.

mod block_sums;
mod commit;
mod copy;
mod ducklake;
mod expire;
mod inbox;
mod layout;
mod log;
mod quarantine;
mod read;
mod received;
mod retired;
mod rewrite;
mod seal;

use std::path::{Path, PathBuf};
use std::time::Duration;

use jiff::Timestamp;
use sqlx::sqlite::{
    SqliteConnectOptions, SqliteJournalMode, SqlitePool, SqlitePoolOptions, SqliteSynchronous,
};
use sqlx::{Connection, Row, SqliteConnection};

use crate::durable;
use crate::error::{Doing, LakeError};
use crate::lock::TableLock;

pub(crate) use commit::{
    Change, ContenderRow, JournalEntry, LedgerRow, NamedFile, Replacement, Retired, TailRow,
};
pub(crate) use read::{AsOf, FiledFile, LastOfName, TableState, Tail};
pub(crate) use rewrite::{RewrittenEntry, RewrittenFile, RewrittenTable};

/// How long a statement waits for another process's transaction.
const BUSY: Duration = Duration::from_secs(60);
/// How long opening waits for another process that creates the store.
const OPENING: Duration = Duration::from_secs(60);
const READERS: u32 = 4;

/// Whether a folder holds a data file, at any depth.
fn has_data(folder: &Path) -> bool {
    let Ok(entries) = std::fs::read_dir(folder) else { return false };
    entries.flatten().any(|entry| match entry.file_type() {
        Ok(kind) if kind.is_dir() => has_data(&entry.path()),
        Ok(_) => entry.path().extension().is_some_and(|extension| extension == "parquet"),
        Err(_) => false,
    })
}

/// An open catalogue.
#[derive(Debug)]
pub(crate) struct Catalogue {
    path: PathBuf,
    folder: PathBuf,
    pool: SqlitePool,
}

impl Catalogue {
    /// Opens it, creating and upgrading it as needed.
    pub(crate) async fn open(folder: &Path) -> Result<Catalogue, LakeError> {
        let path = folder.join("catalog.db");
        // Two processes that switch a new database to WAL at once get in each other's way.
        let _alone = TableLock::take(folder, "_catalogue", OPENING).await?;
        if !path.exists() && has_data(&folder.join("data")) {
            // A new catalogue beside the data of a lost one would call the store empty.
            let what = "the catalogue is missing, though there are data files beside it; put it back from a copy of the store, or move the folder away to begin anew";
            return Err(LakeError::damaged(&path, what));
        }
        log::check(&path)?;
        let options = SqliteConnectOptions::new()
            .filename(&path)
            .create_if_missing(true)
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Full)
            // What was sent is in plain until it becomes records; then it must not stay in free pages.
            .pragma("secure_delete", "ON")
            .busy_timeout(BUSY);
        let pool = SqlitePoolOptions::new()
            .max_connections(READERS)
            // On a full disk SQLite rolls back by itself, and the connection would for ever believe to be in a
            // transaction.
            .before_acquire(|connection, _| {
                let is_at_rest = !connection.is_in_transaction();
                Box::pin(async move { Ok(is_at_rest) })
            })
            .connect_with(options)
            .await
            .doing("open", &path)?;
        let catalogue = Catalogue { path, folder: folder.to_owned(), pool };
        catalogue.upgrade().await?;
        durable::sync_folder(folder)?;
        Ok(catalogue)
    }

    /// The database file.
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// The store's folder.
    pub(crate) fn folder(&self) -> &Path {
        &self.folder
    }

    /// A transaction that sees one state from its first statement to its end.
    pub(crate) async fn reading(&self) -> Result<sqlx::Transaction<'static, sqlx::Sqlite>, LakeError> {
        self.pool.begin().await.doing("begin to read", &self.path)
    }

    /// A transaction that nobody else writes beside.
    pub(crate) async fn writing(&self) -> Result<sqlx::Transaction<'static, sqlx::Sqlite>, LakeError> {
        self.pool.begin_with("BEGIN IMMEDIATE").await.doing("begin to write", &self.path)
    }

    /// A connection of its own, outside of any transaction.
    async fn connection(&self) -> Result<sqlx::pool::PoolConnection<sqlx::Sqlite>, LakeError> {
        self.pool.acquire().await.doing("connect to", &self.path)
    }

    /// The next number of a sequence. It is never given out again.
    pub(crate) async fn next_number(&self, name: &'static str) -> Result<i64, LakeError> {
        let sql = "INSERT INTO dialmark_sequence(name, next) VALUES (?, 2)
                   ON CONFLICT(name) DO UPDATE SET next = next + 1 RETURNING next - 1";
        let row = sqlx::query(sql).bind(name).fetch_one(&self.pool).await;
        row.and_then(|row| row.try_get(0)).doing("give out a number", &self.path)
    }

    /// What SQLite itself finds wrong with its file.
    pub(crate) async fn quick_check(&self) -> Result<Vec<String>, LakeError> {
        let rows = sqlx::query("PRAGMA quick_check").fetch_all(&self.pool).await;
        let rows = rows.doing("check", &self.path)?;
        let words: Result<Vec<String>, _> = rows.iter().map(|row| row.try_get(0)).collect();
        Ok(words.doing("check", &self.path)?.into_iter().filter(|w| w != "ok").collect())
    }

    async fn upgrade(&self) -> Result<(), LakeError> {
        let doing = "create or upgrade the layout";
        let mut tx = self.writing().await?;
        let found = layout_of(&mut tx).await.doing(doing, &self.path)?;
        if found > layout::LAYOUT {
            return Err(LakeError::Newer { path: self.path.clone(), found, known: layout::LAYOUT });
        }
        let data_path = self.data_path();
        let steps = usize::try_from(found).unwrap_or(0);
        for step in layout::MIGRATIONS.iter().copied().skip(steps) {
            sqlx::raw_sql(step).execute(&mut *tx).await.doing(doing, &self.path)?;
        }
        if found < layout::BLOCK_SUMS {
            self.take_block_sums(&mut tx).await?;
            for state in self.tables(&mut tx).await? {
                self.seal(&mut tx, &state.table.name).await?;
            }
        }
        if found == 0 {
            first_rows(&mut tx, &data_path).await.doing(doing, &self.path)?;
        }
        // A store may be moved or copied; DuckDB follows this path.
        sqlx::query("UPDATE ducklake_metadata SET value = ?1 WHERE key = 'data_path' AND value <> ?1")
            .bind(&data_path)
            .execute(&mut *tx)
            .await
            .doing(doing, &self.path)?;
        sqlx::query("UPDATE ducklake_metadata SET value = ?1 WHERE key = 'dialmark_layout' AND value <> ?1")
            .bind(layout::LAYOUT.to_string())
            .execute(&mut *tx)
            .await
            .doing(doing, &self.path)?;
        tx.commit().await.doing(doing, &self.path)
    }

    fn data_path(&self) -> String {
        let mut path = self.folder.join("data").to_string_lossy().into_owned();
        path.push('/');
        path
    }
}

/// Layout of the database; 0 when it is empty.
async fn layout_of(tx: &mut SqliteConnection) -> Result<i64, sqlx::Error> {
    let exists = sqlx::query("SELECT 1 FROM sqlite_master WHERE name = 'ducklake_metadata'")
        .fetch_optional(&mut *tx)
        .await?;
    if exists.is_none() {
        return Ok(0);
    }
    let row =
        sqlx::query("SELECT CAST(value AS INTEGER) FROM ducklake_metadata WHERE key = 'dialmark_layout'")
            .fetch_optional(&mut *tx)
            .await?;
    row.map_or(Ok(0), |row| row.try_get(0))
}

async fn first_rows(tx: &mut SqliteConnection, data_path: &str) -> Result<(), sqlx::Error> {
    let layout = layout::LAYOUT.to_string();
    for (key, value) in [
        ("version", "0.3"),
        ("data_path", data_path),
        ("created_by", concat!("dialmark ", env!("CARGO_PKG_VERSION"))),
        ("encrypted", "false"),
        ("dialmark_layout", layout.as_str()),
        ("dialmark_note", "Written by Dialmark alone. Attach it read-only; other writers are not supported."),
    ] {
        sqlx::query("INSERT INTO ducklake_metadata(key, value) VALUES (?, ?)")
            .bind(key)
            .bind(value)
            .execute(&mut *tx)
            .await?;
    }
    sqlx::query(
        "INSERT INTO ducklake_snapshot(snapshot_id, snapshot_time, schema_version, next_catalog_id, next_file_id)
         VALUES (0, ?, 0, 1, 0)",
    )
    .bind(ducklake_time(Timestamp::now()))
    .execute(&mut *tx)
    .await?;
    sqlx::query(
        "INSERT INTO ducklake_snapshot_changes(snapshot_id, changes_made) VALUES (0, 'created_schema:\"main\"')",
    )
    .execute(&mut *tx)
    .await?;
    sqlx::query(
        "INSERT INTO ducklake_schema(schema_id, schema_uuid, begin_snapshot, schema_name, path, path_is_relative)
         VALUES (0, ?, 0, 'main', '', 1)",
    )
    .bind(uuid())
    .execute(&mut *tx)
    .await?;
    sqlx::query("INSERT INTO ducklake_schema_versions(begin_snapshot, schema_version) VALUES (0, 0)")
        .execute(&mut *tx)
        .await?;
    Ok(())
}

/// An instant as DuckLake writes it.
fn ducklake_time(at: Timestamp) -> String {
    at.strftime("%Y-%m-%d %H:%M:%S.%6f+00").to_string()
}

/// A random identifier in the form of a UUID, version 4.
fn uuid() -> String {
    let digits = format!("{}{}", durable::unique_hex(), durable::unique_hex());
    let part = |from: usize, to: usize| digits.get(from..to).unwrap_or_default();
    format!("{}-{}-4{}-8{}-{}", part(0, 8), part(8, 12), part(13, 16), part(17, 20), part(20, 32))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_store_of_the_first_layout_is_upgraded_with_the_corrections_that_wait_in_it() {
        let folder = tempfile::tempdir().unwrap();
        let options =
            SqliteConnectOptions::new().filename(folder.path().join("catalog.db")).create_if_missing(true);
        let pool = SqlitePoolOptions::new().connect_with(options).await.unwrap();
        sqlx::raw_sql(layout::MIGRATIONS[0]).execute(&pool).await.unwrap();
        sqlx::raw_sql(
            "INSERT INTO ducklake_metadata(key, value) VALUES ('data_path', '/elsewhere/'), ('dialmark_layout', '1');
             INSERT INTO ducklake_snapshot VALUES (7, '2026-11-20 10:00:00.000000+00', 0, 2, 5);
             INSERT INTO dialmark_import VALUES (3, 1, 's', 'f', 'h', 'c', 'UTC', 'id', 1, 0, '{}', 't', 7);
             INSERT INTO ducklake_data_file(data_file_id, table_id) VALUES (4, 1);
             INSERT INTO dialmark_data_file VALUES (4, 3, 's', 'f', 'id', 1, '{}', 'k', 5);
             INSERT INTO dialmark_journal VALUES (11, 1, 3, 1, x'00');
             INSERT INTO dialmark_tail VALUES (1, x'01', 9, x'02', 11, 0, 4, 6);",
        )
        .execute(&pool)
        .await
        .unwrap();
        pool.close().await;

        let new = Catalogue::open(folder.path()).await.unwrap();
        let mut tx = new.reading().await.unwrap();
        assert_eq!(layout_of(&mut tx).await.unwrap(), layout::LAYOUT);
        let sql = "SELECT t.revision, t.position, t.begin_snapshot, t.end_snapshot, d.table_id
                   FROM dialmark_tail t JOIN dialmark_data_file d USING (data_file_id)";
        let row = sqlx::query(sql).fetch_one(&mut *tx).await.unwrap();
        let numbers: Vec<Option<i64>> = (0..5).map(|at| row.get(at)).collect();
        assert_eq!(numbers, [Some(9), Some(6), Some(7), None, Some(1)]);
    }
}
