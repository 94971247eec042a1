//! Records by SQL pull: what is new in a table or query, and what may have changed since, read gently and imported as
//! JSON lines under the source's mapping.
//!
//! The place where a reading ended is committed with its records, so that a reading that is interrupted anywhere is
//! simply done again: rows are known by their identifier, and unchanged ones change nothing.

mod connection;
mod cursor;
mod failure;
mod line;
mod mysql_text;
mod plan;
mod portion;
mod reader;
mod statement;
mod statuses;
mod units;

use std::path::Path;

use async_recursion::async_recursion as compiled_here;
use dialmark_lake::{Consumes, Lake};
use dialmark_model::civil;
use dialmark_model::pull::Pull;
use dialmark_model::source::{Identity, Source};
use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde::Serialize;

use crate::error::IngestError;
use crate::import::{ImportOptions, Imported, import_file};
use crate::pipeline::Unwatched;
use crate::secret::secret;
use connection::Connection;
use cursor::{Grows, Kept};
use reader::Reader;
use statement::{Cursor, Place};

pub use statuses::dispositions;

/// Name of all that is pulled, in the ledger.
const NAME: &str = "pull";

/// How to pull.
#[derive(Debug, Clone)]
pub struct PullOptions<'a> {
    /// Folder of the project, which the file of a password is relative to.
    pub folder: &'a Path,
    /// Read everything again, wherever the last reading ended.
    pub from_start: bool,
    /// Rows of one import; the usual number when absent. For tests.
    pub portion_rows: Option<u64>,
}

/// Told about rows as they come.
pub trait PullWatch: Send + Sync {
    /// So many were read so far.
    fn read(&self, rows: u64);
}

impl PullWatch for Unwatched {
    fn read(&self, _rows: u64) {}
}

/// What was pulled.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Pulled {
    /// Name of the source.
    pub source: String,
    /// Rows that the database gave, those that were read again included.
    pub rows: u64,
    /// Queries that it took.
    pub queries: u64,
    /// What became of them; none when there was nothing to import.
    pub imported: Option<Imported>,
    /// Where the next reading begins, but for the look-back.
    pub cursor: Option<String>,
    /// What deserves a look.
    pub remarks: Vec<String>,
}

/// Reads what is new of a source, and what may have changed, into the lake.
#[compiled_here]
pub async fn pull(
    lake: &Lake,
    source: &Source,
    options: &PullOptions<'_>,
    watch: &dyn PullWatch,
) -> Result<Pulled, IngestError> {
    let failed = |problem: String| IngestError::Database { source_name: source.name.clone(), problem };
    let wrong = |problem: String| IngestError::Mapping {
        declared_in: source.declared_in.clone(),
        source_name: source.name.clone(),
        problem,
    };
    let Some(pull) = &source.pull else {
        return Err(wrong("it has no section `pull`, so it is read from files.".to_owned()));
    };
    let zone = civil::zone(&source.zone).map_err(|error| wrong(format!("{error}.")))?;
    let password = password(pull, options.folder).map_err(wrong)?;
    let connection = Connection::open(pull, password.as_deref()).await.map_err(failed)?;
    let mut session = Session { lake, source, pull, zone, options, watch, connection };
    let pulled = session.run().await;
    session.connection.close().await;
    pulled
}

struct Session<'a> {
    lake: &'a Lake,
    source: &'a Source,
    pull: &'a Pull,
    zone: TimeZone,
    options: &'a PullOptions<'a>,
    watch: &'a dyn PullWatch,
    connection: Connection,
}

impl Session<'_> {
    async fn run(&mut self) -> Result<Pulled, IngestError> {
        let planned = plan::plan(&mut self.connection, self.source, self.pull).await;
        let planned = planned.map_err(|problem| self.failed(problem))?;
        let (statement, mut remarks) = (planned.statement, planned.remarks);
        let kept = self.kept(statement.cursor.as_ref(), &mut remarks).await?;
        if kept.is_none()
            && let Some(sql) = statement.sql_of_unreachable()
            && self.connection.has_row(self.pull, sql).await.map_err(|problem| self.failed(problem))?
        {
            let column = statement.cursor.as_ref().map(|cursor| cursor.column.clone()).unwrap_or_default();
            remarks.push(format!(
                "There are rows whose `{column}` is null. No cursor reaches them: they are not read until it has a value."
            ));
        }
        let mut reader = Reader::new(self.pull, &statement, &self.zone, self.watch);
        let mut pulled = Pulled {
            source: self.source.name.clone(),
            rows: 0,
            queries: 0,
            imported: None,
            cursor: kept.as_ref().map(|kept| kept.at.clone()),
            remarks,
        };
        let mut place = self.place(statement.cursor.as_ref(), kept.as_ref())?;
        loop {
            let most = self.options.portion_rows.unwrap_or(portion::MOST_ROWS);
            let read = reader.portion(&mut self.connection, &mut place, pulled.cursor.as_deref(), most).await;
            let mut read = read.map_err(|problem| self.failed(problem))?;
            pulled.rows += read.portion.rows;
            let before = pulled.cursor.clone();
            self.commit(&mut pulled, statement.cursor.as_ref(), &mut read).await?;
            if !read.more || (self.pull.context_ms > 0 && pulled.cursor == before) {
                break;
            }
            if self.pull.context_ms > 0 {
                // What is open at the end of a portion is carried on from its beginning.
                let at = statement.cursor.as_ref().zip(pulled.cursor.as_ref());
                let kept = at.map(|(cursor, at)| Kept { column: cursor.column.clone(), at: at.clone() });
                place = self.place(statement.cursor.as_ref(), kept.as_ref())?;
            }
        }
        pulled.queries = reader.queries;
        Ok(pulled)
    }

    /// Where the last reading ended, if it was one by the same column.
    async fn kept(
        &self,
        cursor: Option<&Cursor>,
        remarks: &mut Vec<String>,
    ) -> Result<Option<Kept>, IngestError> {
        let Some(cursor) = cursor.filter(|_| !self.options.from_start) else { return Ok(None) };
        let stored = self.lake.cursor(&self.source.table.name, &self.source.name).await?;
        let Some(kept) = stored.as_deref().and_then(Kept::read) else { return Ok(None) };
        if kept.column == cursor.column {
            return Ok(Some(kept));
        }
        remarks.push(format!(
            "The last reading went by `{}`, this one goes by `{}`: it begins anew.",
            kept.column, cursor.column
        ));
        Ok(None)
    }

    fn place(&self, cursor: Option<&Cursor>, kept: Option<&Kept>) -> Result<Place, IngestError> {
        let Some(cursor) = cursor else { return Ok(Place::Start) };
        let look_back =
            cursor.grows.look_back(self.pull.look_back).map_err(|problem| IngestError::Mapping {
                declared_in: self.source.declared_in.clone(),
                source_name: self.source.name.clone(),
                problem: problem.to_owned(),
            })?;
        let from = kept.and_then(|kept| cursor.grows.back(&kept.at, look_back, &self.zone));
        Ok(from.map_or(Place::Start, Place::From))
    }

    /// Imports a portion, and with it the place where it ended.
    async fn commit(
        &self,
        pulled: &mut Pulled,
        cursor: Option<&Cursor>,
        read: &mut reader::Read,
    ) -> Result<(), IngestError> {
        if read.portion.rows == 0 {
            if self.source.identity == Identity::Replace {
                // A table is emptied while it is filled anew more often than for good.
                pulled.remarks.push("There were no rows at all: what was read before stays.".to_owned());
            }
            return Ok(());
        }
        let later = |grows: Grows| {
            let reached = read.last.as_deref().and_then(|at| grows.kept(at, Timestamp::now(), &self.zone));
            match (reached, &pulled.cursor) {
                (Some(reached), Some(before)) if grows.is_before(&reached, before) => Some(before.clone()),
                (Some(reached), _) => Some(reached),
                (None, before) => before.clone(),
            }
        };
        let reached = cursor.and_then(|cursor| Some((cursor, later(cursor.grows)?)));
        let consumes = match &reached {
            Some((cursor, at)) => {
                Consumes::Cursor(Kept { column: cursor.column.clone(), at: at.clone() }.text())
            }
            None => Consumes::Nothing,
        };
        let path = read.portion.finish().map_err(|problem| self.failed(problem))?;
        let options = ImportOptions { name: Some(NAME.to_owned()), consumes, ..ImportOptions::default() };
        let imported = import_file(self.lake, self.source, path, &options, &Unwatched).await?;
        if let Some((_, at)) = reached {
            pulled.cursor = Some(at);
        }
        match &mut pulled.imported {
            None => pulled.imported = Some(imported),
            Some(all) => {
                all.report.add(&imported.report);
                all.absent_columns.retain(|name| imported.absent_columns.contains(name));
            }
        }
        Ok(())
    }

    fn failed(&self, problem: String) -> IngestError {
        IngestError::Database { source_name: self.source.name.clone(), problem }
    }
}

/// The password, from where the source says; none where it says nothing.
fn password(pull: &Pull, folder: &Path) -> Result<Option<String>, String> {
    pull.password.as_ref().map(|password| secret(password, "password", folder)).transpose()
}
