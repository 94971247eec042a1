//! The database: opened, upgraded, reached.

use std::path::{Path, PathBuf};
use std::time::Duration;

use sqlx::Row;
use sqlx::sqlite::{
    SqliteConnectOptions, SqliteJournalMode, SqlitePool, SqlitePoolOptions, SqliteSynchronous,
};

use crate::error::StateError;

/// How long a statement waits for another process's transaction.
const BUSY: Duration = Duration::from_secs(30);

/// Steps from each layout to the next: the first makes layout 1 from nothing.
const MIGRATIONS: &[&str] = &["
CREATE TABLE token(
  id VARCHAR PRIMARY KEY, name VARCHAR NOT NULL, secret_hash VARCHAR NOT NULL, scopes VARCHAR NOT NULL,
  created_at VARCHAR NOT NULL, expires_at VARCHAR, revoked_at VARCHAR, last_used_on VARCHAR);
",
"
CREATE TABLE case_file(
  id INTEGER PRIMARY KEY AUTOINCREMENT, kpi VARCHAR NOT NULL, place VARCHAR NOT NULL, opening VARCHAR NOT NULL,
  is_open BOOLEAN NOT NULL);
-- A KPI that is missed again at the same place goes on in the case that is there.
CREATE UNIQUE INDEX case_open ON case_file(kpi, place) WHERE is_open;
CREATE TABLE case_entry(
  case_id INTEGER NOT NULL REFERENCES case_file(id), seq INTEGER NOT NULL, entry VARCHAR NOT NULL,
  PRIMARY KEY(case_id, seq));
-- Up to which day windows of a KPI were judged, so that each is judged once.
CREATE TABLE judged(kpi VARCHAR NOT NULL, place VARCHAR NOT NULL, until VARCHAR NOT NULL, PRIMARY KEY(kpi, place));
CREATE TABLE statement(
  contract VARCHAR NOT NULL, period VARCHAR NOT NULL, inputs VARCHAR NOT NULL, statement VARCHAR NOT NULL,
  frozen_at VARCHAR NOT NULL, frozen_by VARCHAR NOT NULL, PRIMARY KEY(contract, period));
"];

/// Decisions of one store. Cheap to clone; several processes may have the same ones open.
#[derive(Debug, Clone)]
pub struct State {
    pub(crate) pool: SqlitePool,
    pub(crate) path: PathBuf,
}

impl State {
    /// Opens the decisions that lie in a store's folder, beginning them if there are none.
    pub async fn open(folder: &Path) -> Result<State, StateError> {
        let path = folder.join("state.db");
        let options = SqliteConnectOptions::new()
            .filename(&path)
            .create_if_missing(true)
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Full)
            .pragma("secure_delete", "ON")
            .busy_timeout(BUSY);
        let pool = SqlitePoolOptions::new().max_connections(2).connect_with(options).await;
        let pool =
            pool.map_err(|source| StateError::Database { doing: "open", path: path.clone(), source })?;
        let state = State { pool, path };
        state.upgrade().await?;
        Ok(state)
    }

    async fn upgrade(&self) -> Result<(), StateError> {
        let doing = "create or upgrade the layout";
        let mut tx = self.pool.begin_with("BEGIN IMMEDIATE").await.map_err(|e| self.failed(doing, e))?;
        let row = sqlx::query("PRAGMA user_version").fetch_one(&mut *tx).await;
        let found: i64 = row.and_then(|row| row.try_get(0)).map_err(|e| self.failed(doing, e))?;
        let known = i64::try_from(MIGRATIONS.len()).unwrap_or(i64::MAX);
        if found > known {
            return Err(StateError::Newer { path: self.path.clone(), found, known });
        }
        for step in MIGRATIONS.iter().copied().skip(usize::try_from(found).unwrap_or(0)) {
            sqlx::raw_sql(step).execute(&mut *tx).await.map_err(|e| self.failed(doing, e))?;
        }
        if found < known {
            // A pragma takes no parameters.
            sqlx::raw_sql(sqlx::AssertSqlSafe(format!("PRAGMA user_version = {known}")))
                .execute(&mut *tx)
                .await
                .map_err(|e| self.failed(doing, e))?;
        }
        tx.commit().await.map_err(|e| self.failed(doing, e))
    }

    pub(crate) fn failed(&self, doing: &'static str, source: sqlx::Error) -> StateError {
        StateError::Database { doing, path: self.path.clone(), source }
    }
}
