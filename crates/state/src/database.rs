//! The database: opened, upgraded, reached.

use std::path::{Path, PathBuf};
use std::time::Duration;

use async_recursion::async_recursion as compiled_here;
use sqlx::sqlite::{
    SqliteConnectOptions, SqliteJournalMode, SqlitePool, SqlitePoolOptions, SqliteSynchronous,
};

use sqlx::{Row, Sqlite, Transaction};

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
",
"
CREATE TABLE account(
  name VARCHAR PRIMARY KEY, label VARCHAR NOT NULL, role VARCHAR NOT NULL, confined VARCHAR NOT NULL, agent_id VARCHAR, password_hash VARCHAR NOT NULL,
  must_change BOOLEAN NOT NULL, made_at VARCHAR NOT NULL, ended_at VARCHAR, seen_at VARCHAR, failures INTEGER NOT NULL, locked_until VARCHAR);
CREATE TABLE session(
  secret_hash VARCHAR PRIMARY KEY, account VARCHAR NOT NULL REFERENCES account(name), began_at VARCHAR NOT NULL,
  seen_at VARCHAR NOT NULL);
-- What people decide on step by step: each step is a row, and none is ever changed.
CREATE TABLE matter(
  kind VARCHAR NOT NULL, id VARCHAR NOT NULL, seq INTEGER NOT NULL, at VARCHAR NOT NULL, by VARCHAR NOT NULL,
  value VARCHAR NOT NULL, PRIMARY KEY(kind, id, seq));
CREATE TABLE trail(
  seq INTEGER PRIMARY KEY AUTOINCREMENT, at VARCHAR NOT NULL, by VARCHAR NOT NULL, did VARCHAR NOT NULL,
  subject VARCHAR NOT NULL, why VARCHAR NOT NULL, detail VARCHAR NOT NULL, chained VARCHAR NOT NULL);
CREATE TRIGGER matter_is_kept BEFORE UPDATE ON matter BEGIN SELECT RAISE(ABORT, 'steps are never changed'); END;
CREATE TRIGGER matter_stays BEFORE DELETE ON matter BEGIN SELECT RAISE(ABORT, 'steps are never removed'); END;
CREATE TRIGGER trail_is_kept BEFORE UPDATE ON trail BEGIN SELECT RAISE(ABORT, 'the trail is never changed'); END;
CREATE TRIGGER trail_stays BEFORE DELETE ON trail BEGIN SELECT RAISE(ABORT, 'the trail is never cut'); END;
",
"
-- What leaves the house, each piece once.
CREATE TABLE piece(
  id VARCHAR PRIMARY KEY, channel VARCHAR NOT NULL, addressee VARCHAR NOT NULL, subject VARCHAR NOT NULL, content BLOB,
  leaving VARCHAR NOT NULL, written_at VARCHAR NOT NULL, next_try_at VARCHAR, tries INTEGER NOT NULL, claimed_at VARCHAR,
  ended_at VARCHAR, said VARCHAR);
CREATE INDEX piece_due ON piece(leaving, next_try_at);
",
"
-- Since when a recipient gets a report, and what became of each that was due.
CREATE TABLE report_series(series VARCHAR PRIMARY KEY, since VARCHAR NOT NULL);
CREATE TABLE report_run(
  id VARCHAR PRIMARY KEY, series VARCHAR NOT NULL, day VARCHAR NOT NULL, due_at VARCHAR NOT NULL, came_to VARCHAR NOT NULL,
  says VARCHAR NOT NULL, noted_at VARCHAR NOT NULL);
CREATE INDEX report_run_day ON report_run(series, day);
-- Records that were returned to their owner, each with a mark of what was told of it.
CREATE TABLE report_returned(
  series VARCHAR NOT NULL, key VARCHAR NOT NULL, mark VARCHAR NOT NULL, at VARCHAR NOT NULL, PRIMARY KEY(series, key));
",
"
-- How each thing stands that an alert looks at. A version lets two who look at the same time notice each other.
CREATE TABLE alert_standing(
  alert VARCHAR NOT NULL, thing VARCHAR NOT NULL, standing VARCHAR NOT NULL, version INTEGER NOT NULL, PRIMARY KEY(alert, thing));
-- What was raised and cleared: each line is written once.
CREATE TABLE alert_event(
  seq INTEGER PRIMARY KEY AUTOINCREMENT, alert VARCHAR NOT NULL, thing VARCHAR NOT NULL, event VARCHAR NOT NULL);
CREATE INDEX alert_event_of ON alert_event(alert, seq);
CREATE TRIGGER alert_event_is_kept BEFORE UPDATE ON alert_event BEGIN SELECT RAISE(ABORT, 'the history is never changed'); END;
"];

/// Decisions of one store. Cheap to clone; several processes may have the same ones open.
#[derive(Debug, Clone)]
pub struct State {
    pub(crate) pool: SqlitePool,
    pub(crate) path: PathBuf,
}

impl State {
    /// Opens the decisions that lie in a store's folder, beginning them if there are none.
    #[compiled_here]
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

    /// A transaction that writes.
    pub(crate) async fn begin(
        &self,
        doing: &'static str,
    ) -> Result<Transaction<'static, Sqlite>, StateError> {
        self.pool.begin_with("BEGIN IMMEDIATE").await.map_err(|e| self.failed(doing, e))
    }

    /// A value as the database keeps it.
    pub(crate) fn text(&self, value: &impl serde::Serialize) -> Result<String, StateError> {
        serde_json::to_string(value)
            .map_err(|e| StateError::Refused(format!("It cannot be written down: {e}.")))
    }

    /// A value that the database kept.
    pub(crate) fn read<T: serde::de::DeserializeOwned>(
        &self,
        what: &str,
        text: &str,
    ) -> Result<T, StateError> {
        serde_json::from_str(text).map_err(|e| self.damaged(format!("{what} cannot be read: {e}")))
    }

    pub(crate) fn damaged(&self, what: String) -> StateError {
        StateError::Damaged { path: self.path.clone(), what }
    }

    pub(crate) fn failed(&self, doing: &'static str, source: sqlx::Error) -> StateError {
        StateError::Database { doing, path: self.path.clone(), source }
    }
}
