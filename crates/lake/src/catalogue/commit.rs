//! Changing the catalogue: one transaction a commit, which is the acknowledgement.

use dialmark_model::Table;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use sqlx::{Row, SqliteConnection};

use super::Catalogue;
use super::ducklake::{Numbers, put_file, put_table};
use crate::datafile::{ColumnIds, WrittenFile};
use crate::durable::NewFiles;
use crate::error::{Doing, LakeError};
use crate::hash::Fingerprint;
use crate::number::{count, to_sql};
use crate::report::{Consumes, ImportRecord, ImportReport, ImportSpec, QuarantinedRow};
use crate::spill::Spool;
use crate::staging::Day;

/// What one commit changes in one table.
#[derive(Debug)]
pub(crate) struct Change {
    /// The table as it will be.
    pub table: Table,
    /// Its columns with their numbers, old ones and new.
    pub columns: ColumnIds,
    /// Number of the table and the last commit that the decision saw; none when the table is new.
    pub base: Option<(i64, i64)>,
    /// Files to name.
    pub added: Vec<NamedFile>,
    /// Files to end, with all their records.
    pub ended: Vec<i64>,
    /// Files to end and what takes their place.
    pub replaced: Vec<Replacement>,
    /// Corrections to keep in the journal.
    pub journal: Vec<JournalEntry>,
    /// Set when the ended files are too old to be kept.
    pub retired: Option<Retired>,
}

/// Records that were let go of for their age.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Retired {
    /// The first day, counted from 1970, that is kept.
    pub before_day: i32,
    pub records: u64,
}

/// A durable file and what it is to be known by.
#[derive(Debug)]
pub(crate) struct NamedFile {
    pub written: WrittenFile,
    pub name: String,
    /// Name and size of its key file.
    pub key_file: Option<(String, u64)>,
    pub import_id: i64,
    pub source: String,
    pub file_name: String,
    pub identity: String,
    pub day: Day,
}

/// A file that takes another's place, row by row.
#[derive(Debug)]
pub(crate) struct Replacement {
    pub old: i64,
    pub new: NamedFile,
}

/// Some corrections, encoded, and what each is known by.
#[derive(Debug)]
pub(crate) struct JournalEntry {
    pub bytes: Vec<u8>,
    pub import_id: i64,
    pub rows: Vec<TailRow>,
}

/// One row of a journal entry, in the entry's order.
#[derive(Debug, Clone, Copy)]
pub(crate) struct TailRow {
    pub print: Fingerprint,
    /// Data file and row of the record that it hides.
    pub hides: (i64, u32),
}

/// One of several contents that were delivered for the same key and revision.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct ContenderRow {
    /// Key and content in hexadecimal, since JSON has no such numbers.
    pub key: String,
    pub content: String,
    pub revision: i64,
    pub source: String,
    pub source_id: String,
    pub import_id: i64,
    pub line: i64,
    /// The record, as JSON.
    pub record: String,
}

/// What the ledger is to say.
pub(crate) struct LedgerRow<'a> {
    pub spec: &'a ImportSpec,
    pub report: &'a ImportReport,
    pub content_hash: String,
    /// What it says of the earlier parts of the import.
    pub so_far: Option<&'a ImportRecord>,
    /// The file's header, where it has one.
    pub head: Option<&'a str>,
    pub quarantine: &'a mut Spool<QuarantinedRow>,
    pub contenders: &'a mut Spool<ContenderRow>,
}

impl Catalogue {
    /// Commits the change: all of it or, on any error, nothing. `files` are those that the change names.
    /// Returns the number of the snapshot.
    pub(crate) async fn commit(
        &self,
        change: &Change,
        ledger: Option<LedgerRow<'_>>,
        files: NewFiles,
    ) -> Result<i64, LakeError> {
        let doing = "commit the change";
        let mut tx = self.writing().await?;
        self.still_as_seen(&mut tx, change).await?;
        let mut snapshot = Numbers::read(&mut tx).await.doing(doing, self.path())?;
        let table_id = put_table(&mut tx, change, &mut snapshot).await.doing(doing, self.path())?;
        for file in &change.added {
            put_file(&mut tx, change, table_id, file, &mut snapshot).await.doing(doing, self.path())?;
        }
        for id in change.ended.iter().chain(change.replaced.iter().map(|r| &r.old)) {
            if !end_file(&mut tx, *id, snapshot.id).await.doing(doing, self.path())? {
                return Err(LakeError::Raced { table: change.table.name.clone().into_owned() });
            }
        }
        for replacement in &change.replaced {
            put_file(&mut tx, change, table_id, &replacement.new, &mut snapshot)
                .await
                .doing(doing, self.path())?;
        }
        for entry in &change.journal {
            put_entry(&mut tx, table_id, snapshot.id, entry).await.doing(doing, self.path())?;
        }
        if let Some(retired) = change.retired {
            self.put_retired(&mut tx, &change.table.name, retired).await?;
        }
        snapshot.write(&mut tx, change, table_id).await.doing(doing, self.path())?;
        if let Some(ledger) = ledger {
            self.put_ledger(&mut tx, table_id, snapshot.id, ledger).await?;
        }
        self.seal(&mut tx, &change.table.name).await?;
        files.keep();
        tx.commit().await.doing(doing, self.path())?;
        Ok(snapshot.id)
    }

    /// The lock should make this certain; a lost lock must not double a record.
    async fn still_as_seen(&self, tx: &mut SqliteConnection, change: &Change) -> Result<(), LakeError> {
        let row = sqlx::query("SELECT table_id, last_snapshot FROM dialmark_table WHERE name = ?")
            .bind(change.table.name.as_ref())
            .fetch_optional(tx)
            .await
            .and_then(|row| row.map(|row| Ok((row.try_get(0)?, row.try_get(1)?))).transpose());
        if row.doing("compare with the last commit", self.path())? == change.base {
            Ok(())
        } else {
            Err(LakeError::Raced { table: change.table.name.clone().into_owned() })
        }
    }

    async fn put_ledger(
        &self,
        tx: &mut SqliteConnection,
        table_id: i64,
        snapshot_id: i64,
        ledger: LedgerRow<'_>,
    ) -> Result<(), LakeError> {
        let doing = "write the ledger";
        let LedgerRow { spec, report, content_hash, so_far, head, quarantine, contenders } = ledger;
        self.consume(tx, spec, report.import_id).await?;
        let mut whole = report.clone();
        let mut file_hash = spec.file_hash.clone();
        if let Some(so_far) = so_far {
            whole.add(&so_far.report);
            file_hash = chained(&so_far.file_hash, &file_hash);
        }
        let report = &whole;
        let lines_before = so_far.map_or(0, |s| s.report.read);
        let text = serde_json::to_string(report).map_err(std::io::Error::from).doing(doing, self.path())?;
        sqlx::query(
            "INSERT INTO dialmark_import(import_id, table_id, source, file_name, file_hash, content_hash, zone, identity,
                                         new_rows, replaced_rows, report, committed_at, snapshot_id, cursor, head, reading,
                                         known_by)
             VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)
             ON CONFLICT(import_id) DO UPDATE SET file_hash = excluded.file_hash,
               content_hash = excluded.content_hash, new_rows = excluded.new_rows,
               replaced_rows = excluded.replaced_rows, report = excluded.report,
               committed_at = excluded.committed_at, snapshot_id = excluded.snapshot_id",
        )
        .bind(report.import_id)
        .bind(table_id)
        .bind(&spec.source)
        .bind(&spec.file_name)
        .bind(file_hash)
        .bind(content_hash)
        .bind(&spec.zone)
        .bind(spec.identity.word())
        .bind(to_sql(report.new))
        .bind(to_sql(report.replaced))
        .bind(text)
        .bind(Timestamp::now().to_string())
        .bind(snapshot_id)
        .bind(match &spec.consumes {
            Consumes::Cursor(cursor) => Some(cursor),
            Consumes::Nothing | Consumes::Inbox { .. } | Consumes::Quarantine { .. } => None,
        })
        .bind(head)
        .bind(&spec.reading)
        .bind(spec.known_by.as_ref().map(|known_by| &known_by.columns))
        .execute(&mut *tx)
        .await
        .doing(doing, self.path())?;
        for row in quarantine.read()? {
            let row = row?;
            sqlx::query(
                "INSERT INTO dialmark_quarantine(import_id, line, reason, detail, text) VALUES (?,?,?,?,?)",
            )
            .bind(report.import_id)
            .bind(to_sql(row.line.saturating_add(lines_before)))
            .bind(row.reason)
            .bind(row.detail)
            .bind(row.text)
            .execute(&mut *tx)
            .await
            .doing("keep the quarantined rows", self.path())?;
        }
        for row in contenders.read()? {
            put_contender(tx, table_id, row?).await.doing("keep the conflicting records", self.path())?;
        }
        Ok(())
    }
}

/// Hash of a sequence of contents, from the hash of all but the last.
fn chained(before: &str, last: &str) -> String {
    blake3::hash(format!("{before}{last}").as_bytes()).to_hex().to_string()
}

/// Ends a live file and what the tail hides of it; false when it is not live any more.
async fn end_file(tx: &mut SqliteConnection, id: i64, snapshot: i64) -> Result<bool, sqlx::Error> {
    let ended = sqlx::query(
        "UPDATE ducklake_data_file SET end_snapshot = ? WHERE data_file_id = ? AND end_snapshot IS NULL",
    )
    .bind(snapshot)
    .bind(id)
    .execute(&mut *tx)
    .await?;
    sqlx::query("UPDATE dialmark_tail SET end_snapshot = ? WHERE data_file_id = ? AND end_snapshot IS NULL")
        .bind(snapshot)
        .bind(id)
        .execute(tx)
        .await?;
    Ok(ended.rows_affected() == 1)
}

async fn put_entry(
    tx: &mut SqliteConnection,
    table_id: i64,
    snapshot: i64,
    entry: &JournalEntry,
) -> Result<(), sqlx::Error> {
    let row = sqlx::query(
        "INSERT INTO dialmark_journal(table_id, import_id, row_count, rows) VALUES (?,?,?,?) RETURNING seq",
    )
    .bind(table_id)
    .bind(entry.import_id)
    .bind(to_sql(count(entry.rows.len())))
    .bind(&entry.bytes)
    .fetch_one(&mut *tx)
    .await?;
    let seq: i64 = row.try_get(0)?;
    for (at, row) in (0_i64..).zip(&entry.rows) {
        let key = row.print.key.to_be_bytes().to_vec();
        // The plus keeps SQLite from the index over what is live: it would go through all of it for every row.
        sqlx::query(
            "UPDATE dialmark_tail SET end_snapshot = ? WHERE table_id = ? AND key = ? AND +end_snapshot IS NULL",
        )
        .bind(snapshot)
        .bind(table_id)
        .bind(&key)
        .execute(&mut *tx)
        .await?;
        sqlx::query(
            "INSERT INTO dialmark_tail(table_id, key, revision, content, seq, row_in_entry, data_file_id, position,
                                       begin_snapshot) VALUES (?,?,?,?,?,?,?,?,?)",
        )
        .bind(table_id)
        .bind(key)
        .bind(row.print.revision)
        .bind(row.print.content.to_be_bytes().to_vec())
        .bind(seq)
        .bind(at)
        .bind(row.hides.0)
        .bind(i64::from(row.hides.1))
        .bind(snapshot)
        .execute(&mut *tx)
        .await?;
    }
    Ok(())
}

async fn put_contender(
    tx: &mut SqliteConnection,
    table_id: i64,
    row: ContenderRow,
) -> Result<(), sqlx::Error> {
    let bytes = |hex: &str| u128::from_str_radix(hex, 16).unwrap_or_default().to_be_bytes().to_vec();
    sqlx::query(
        "INSERT INTO dialmark_conflict(table_id, key, revision, content, source, source_id, import_id, line, record)
         VALUES (?,?,?,?,?,?,?,?,?) ON CONFLICT DO NOTHING",
    )
    .bind(table_id)
    .bind(bytes(&row.key))
    .bind(row.revision)
    .bind(bytes(&row.content))
    .bind(row.source)
    .bind(row.source_id)
    .bind(row.import_id)
    .bind(row.line)
    .bind(row.record)
    .execute(tx)
    .await?;
    Ok(())
}
