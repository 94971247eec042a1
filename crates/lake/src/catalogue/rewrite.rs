//! The catalogue's side of changing values where they stand, and of forgetting who they were about.

use arrow::array::RecordBatch;
use sqlx::{Row, SqliteConnection};

use super::ducklake::{Numbers, put_stats};
use super::read::FiledFile;
use super::{Catalogue, TableState};
use crate::datafile::{ColumnIds, WrittenFile};
use crate::durable::{self, NewFiles};
use crate::error::{Doing, LakeError};
use crate::number::{count, to_sql};
use crate::person::{EraseReport, Erased, Forgetting, person_behind};
use crate::spill;

/// What takes the place of the text of a set-aside record. A text that ends in three dots is not read again.
const CLEARED: &str = "(erased) …";
/// Where the fingerprint of the key stands under which numbers are hidden.
const KEY: &str = "dialmark_people_key";

/// A table's files and journal entries that were written anew.
#[derive(Debug, Default)]
pub(crate) struct RewrittenTable {
    pub columns: ColumnIds,
    pub files: Vec<RewrittenFile>,
    pub entries: Vec<RewrittenEntry>,
}

/// A file that takes the place of another under its number.
#[derive(Debug)]
pub(crate) struct RewrittenFile {
    pub id: i64,
    pub written: WrittenFile,
    pub name: String,
    pub key_file: Option<(String, u64)>,
    pub old: FiledFile,
}

/// An entry of the journal with other values in the same rows.
#[derive(Debug)]
pub(crate) struct RewrittenEntry {
    pub seq: i64,
    pub bytes: Vec<u8>,
    /// Hash of the content of each row.
    pub contents: Vec<Option<u128>>,
}

impl Catalogue {
    /// The files of a table that any state still names.
    pub(crate) async fn kept_files(
        &self,
        tx: &mut SqliteConnection,
        table: &TableState,
    ) -> Result<Vec<FiledFile>, LakeError> {
        let doing = "read the kept files";
        let sql = "SELECT f.data_file_id, f.path, f.record_count, f.file_size_bytes, d.import_id, d.source,
                          d.file_name, d.identity, d.day, d.instant_ranges, d.key_file, d.key_bytes, d.sums
                   FROM ducklake_data_file f JOIN dialmark_data_file d ON d.data_file_id = f.data_file_id
                   WHERE f.table_id = ? ORDER BY f.data_file_id";
        let rows = sqlx::query(sql).bind(table.id).fetch_all(tx).await.doing(doing, self.path())?;
        let data = self.data_folder(&table.table.name);
        let keys = self.key_folder(&table.table.name);
        rows.iter().map(|row| self.filed(row, &data, &keys)).collect()
    }

    /// The entries of a table's journal, those of the past included.
    pub(crate) async fn kept_entries(
        &self,
        tx: &mut SqliteConnection,
        table_id: i64,
    ) -> Result<Vec<(i64, RecordBatch)>, LakeError> {
        let doing = "read the journal";
        let sql = "SELECT seq, rows FROM dialmark_journal WHERE table_id = ? ORDER BY seq";
        let rows = sqlx::query(sql).bind(table_id).fetch_all(tx).await.doing(doing, self.path())?;
        let mut entries = Vec::with_capacity(rows.len());
        for row in rows {
            let seq: i64 = row.try_get(0).doing(doing, self.path())?;
            let bytes: Vec<u8> = row.try_get(1).doing(doing, self.path())?;
            for batch in spill::decode(bytes)? {
                entries.push((seq, batch));
            }
        }
        Ok(entries)
    }

    /// Names what was written anew, clears every text that names the person, and keeps the prints of who they were: all in
    /// one transaction.
    pub(crate) async fn forget(
        &self,
        tables: &[(TableState, RewrittenTable)],
        forgetting: &Forgetting,
        erased: &[Erased],
        files: NewFiles,
    ) -> Result<EraseReport, LakeError> {
        let doing = "forget the person";
        let mut tx = self.writing().await?;
        for (state, _) in tables {
            let sql = "SELECT 1 FROM dialmark_table WHERE table_id = ? AND last_snapshot = ?";
            let row =
                sqlx::query(sql).bind(state.id).bind(state.last_snapshot).fetch_optional(&mut *tx).await;
            if row.doing(doing, self.path())?.is_none() {
                return Err(LakeError::Raced { table: state.table.name.clone().into_owned() });
            }
        }
        let mut report = EraseReport::default();
        let numbers = Numbers::read(&mut tx).await.doing(doing, self.path())?;
        for (state, rewritten) in tables {
            for file in &rewritten.files {
                self.rename(&mut tx, state, rewritten, file).await.doing(doing, self.path())?;
            }
            for entry in &rewritten.entries {
                replace_entry(&mut tx, entry).await.doing(doing, self.path())?;
            }
            report.files += count(rewritten.files.len());
            report.journal_entries += count(rewritten.entries.len());
            report.conflicts += self.clear_conflicts(&mut tx, state, forgetting).await?;
            // Whoever remembers the table by its last commit must read it again.
            let sql = "UPDATE dialmark_table SET last_snapshot = ? WHERE table_id = ?";
            let done = sqlx::query(sql).bind(numbers.id).bind(state.id).execute(&mut *tx).await;
            done.doing(doing, self.path())?;
            if !rewritten.files.is_empty() {
                self.seal(&mut tx, &state.table.name).await?;
            }
        }
        report.quarantined = self.clear_quarantine(&mut tx, forgetting).await?;
        let touched: Vec<String> = tables
            .iter()
            .filter(|(_, rewritten)| !rewritten.files.is_empty())
            .map(|(state, _)| format!("inserted_into_table:{0},deleted_from_table:{0}", state.id))
            .collect();
        numbers.put_snapshot(&mut tx, &touched.join(",")).await.doing(doing, self.path())?;
        for one in erased {
            let sql = "INSERT INTO dialmark_erased(print, before_us) VALUES (?,?)
                       ON CONFLICT(print) DO UPDATE SET before_us = max(before_us, excluded.before_us)";
            let done = sqlx::query(sql).bind(one.print.to_vec()).bind(one.before_us).execute(&mut *tx).await;
            done.doing(doing, self.path())?;
        }
        files.keep();
        tx.commit().await.doing(doing, self.path())?;
        Ok(report)
    }

    async fn rename(
        &self,
        tx: &mut SqliteConnection,
        state: &TableState,
        rewritten: &RewrittenTable,
        file: &RewrittenFile,
    ) -> Result<(), sqlx::Error> {
        for path in [Some(&file.old.path), file.old.key_file.as_ref()].into_iter().flatten() {
            let below = path.strip_prefix(self.folder()).unwrap_or(path);
            sqlx::query("INSERT INTO dialmark_doomed(path) VALUES (?) ON CONFLICT DO NOTHING")
                .bind(below.to_string_lossy().into_owned())
                .execute(&mut *tx)
                .await?;
        }
        sqlx::query(
            "UPDATE ducklake_data_file SET path = ?, file_size_bytes = ?, footer_size = ? WHERE data_file_id = ?",
        )
        .bind(&file.name)
        .bind(to_sql(file.written.bytes))
        .bind(to_sql(file.written.footer_bytes))
        .bind(file.id)
        .execute(&mut *tx)
        .await?;
        sqlx::query("UPDATE dialmark_data_file SET sums = ? WHERE data_file_id = ?")
            .bind(file.written.sums.to_bytes())
            .bind(file.id)
            .execute(&mut *tx)
            .await?;
        if let Some((name, bytes)) = &file.key_file {
            sqlx::query("UPDATE dialmark_data_file SET key_file = ?, key_bytes = ? WHERE data_file_id = ?")
                .bind(name)
                .bind(to_sql(*bytes))
                .bind(file.id)
                .execute(&mut *tx)
                .await?;
        }
        sqlx::query("DELETE FROM ducklake_file_column_stats WHERE data_file_id = ?")
            .bind(file.id)
            .execute(&mut *tx)
            .await?;
        put_stats(tx, &rewritten.columns, state.id, file.id, &file.written).await?;
        sqlx::query(
            "UPDATE ducklake_table_stats SET file_size_bytes =
               (SELECT coalesce(sum(file_size_bytes), 0) FROM ducklake_data_file
                WHERE table_id = ?1 AND end_snapshot IS NULL) WHERE table_id = ?1",
        )
        .bind(state.id)
        .execute(tx)
        .await?;
        Ok(())
    }

    async fn clear_conflicts(
        &self,
        tx: &mut SqliteConnection,
        state: &TableState,
        forgetting: &Forgetting,
    ) -> Result<u64, LakeError> {
        let doing = "clear the conflicting records";
        let rows = sqlx::query("SELECT rowid, record FROM dialmark_conflict WHERE table_id = ?")
            .bind(state.id)
            .fetch_all(&mut *tx)
            .await
            .doing(doing, self.path())?;
        let mut cleared = 0;
        for row in rows {
            let (id, record): (i64, String) =
                row.try_get(0).and_then(|id| Ok((id, row.try_get(1)?))).doing(doing, self.path())?;
            let Some(amended) = forgetting.amended_record(&state.table, &record) else { continue };
            let sql = "UPDATE dialmark_conflict SET record = ?, source_id = CASE WHEN ? THEN NULL ELSE source_id END
                       WHERE rowid = ?";
            let is_person = person_behind(&state.table.name).is_some();
            sqlx::query(sql)
                .bind(amended)
                .bind(is_person)
                .bind(id)
                .execute(&mut *tx)
                .await
                .doing(doing, self.path())?;
            cleared += 1;
        }
        Ok(cleared)
    }

    async fn clear_quarantine(
        &self,
        tx: &mut SqliteConnection,
        forgetting: &Forgetting,
    ) -> Result<u64, LakeError> {
        let doing = "clear the quarantine";
        let found = self.quarantine_about(tx, forgetting.person()).await?;
        for (id, in_detail) in &found {
            let sql =
                "UPDATE dialmark_quarantine SET text = ?1, detail = CASE WHEN ?2 THEN ?1 ELSE detail END
                       WHERE rowid = ?3";
            let done = sqlx::query(sql).bind(CLEARED).bind(in_detail).bind(id).execute(&mut *tx).await;
            done.doing(doing, self.path())?;
        }
        Ok(count(found.len()))
    }

    /// Deliveries that wait and name the person.
    pub(crate) async fn waiting_of(&self, forgetting: &Forgetting) -> Result<u64, LakeError> {
        let doing = "look through what waits";
        let mut tx = self.reading().await?;
        let rows = sqlx::query("SELECT body FROM dialmark_inbox").fetch_all(&mut *tx).await;
        let mut found = 0;
        for row in rows.doing(doing, self.path())? {
            let body: Vec<u8> = row.try_get(0).doing(doing, self.path())?;
            found += u64::from(forgetting.person().is_in(&String::from_utf8_lossy(&body)));
        }
        Ok(found)
    }

    /// Removes the files that were struck out and must not wait.
    pub(crate) async fn remove_doomed(&self) -> Result<(), LakeError> {
        let doing = "remove struck out files";
        let mut tx = self.reading().await?;
        let rows = sqlx::query("SELECT path FROM dialmark_doomed").fetch_all(&mut *tx).await;
        let paths: Result<Vec<String>, sqlx::Error> =
            rows.doing(doing, self.path())?.iter().map(|row| row.try_get(0)).collect();
        drop(tx);
        for path in paths.doing(doing, self.path())? {
            durable::remove_if_there(&self.folder().join(&path))?;
            let mut tx = self.writing().await?;
            let done =
                sqlx::query("DELETE FROM dialmark_doomed WHERE path = ?").bind(path).execute(&mut *tx).await;
            done.doing(doing, self.path())?;
            tx.commit().await.doing(doing, self.path())?;
        }
        Ok(())
    }

    /// Writes the database anew, so that nothing of what was struck out stays in free pages or in the log.
    pub(crate) async fn vacuum(&self) -> Result<(), LakeError> {
        let doing = "write the database anew";
        let mut one = self.connection().await?;
        sqlx::raw_sql("VACUUM").execute(&mut *one).await.doing(doing, self.path())?;
        let row = sqlx::query("PRAGMA wal_checkpoint(TRUNCATE)").fetch_one(&mut *one).await;
        let busy: i64 = row.and_then(|row| row.try_get(0)).doing(doing, self.path())?;
        if busy == 0 { Ok(()) } else { Err(LakeError::LogBusy { path: self.path().to_owned() }) }
    }

    /// Moves SQLite's log into the database and empties it, unless somebody reads from it.
    pub(crate) async fn empty_log(&self) -> Result<(), LakeError> {
        let mut one = self.connection().await?;
        let done = sqlx::query("PRAGMA wal_checkpoint(TRUNCATE)").fetch_one(&mut *one).await;
        done.map(drop).doing("empty the log", self.path())
    }

    /// The prints of who was erased.
    pub(crate) async fn erased(&self) -> Result<Vec<Erased>, LakeError> {
        let doing = "read who was erased";
        let mut tx = self.reading().await?;
        let rows = sqlx::query("SELECT print, before_us FROM dialmark_erased").fetch_all(&mut *tx).await;
        let mut all = Vec::new();
        for row in rows.doing(doing, self.path())? {
            let print: Vec<u8> = row.try_get(0).doing(doing, self.path())?;
            let before_us = row.try_get(1).doing(doing, self.path())?;
            let print = print
                .try_into()
                .map_err(|_| LakeError::damaged(self.path(), "a print of who was erased has not 16 bytes"))?;
            all.push(Erased { print, before_us });
        }
        Ok(all)
    }

    /// Fingerprint of the key under which the numbers of the store are hidden.
    pub(crate) async fn key_fingerprint(&self) -> Result<Option<String>, LakeError> {
        let mut tx = self.reading().await?;
        let row = sqlx::query("SELECT value FROM ducklake_metadata WHERE key = ?")
            .bind(KEY)
            .fetch_optional(&mut *tx)
            .await;
        row.and_then(|row| row.map(|row| row.try_get(0)).transpose()).doing("read the metadata", self.path())
    }

    /// Keeps a fingerprint unless there is one; whether it is the one that is kept.
    pub(crate) async fn keep_key_fingerprint(&self, fingerprint: &str) -> Result<bool, LakeError> {
        let doing = "write the metadata";
        let mut tx = self.writing().await?;
        let sql = "INSERT INTO ducklake_metadata(key, value)
                   SELECT ?1, ?2 WHERE NOT EXISTS (SELECT 1 FROM ducklake_metadata WHERE key = ?1)";
        sqlx::query(sql).bind(KEY).bind(fingerprint).execute(&mut *tx).await.doing(doing, self.path())?;
        tx.commit().await.doing(doing, self.path())?;
        Ok(self.key_fingerprint().await?.as_deref() == Some(fingerprint))
    }
}

async fn replace_entry(tx: &mut SqliteConnection, entry: &RewrittenEntry) -> Result<(), sqlx::Error> {
    sqlx::query("UPDATE dialmark_journal SET rows = ? WHERE seq = ?")
        .bind(&entry.bytes)
        .bind(entry.seq)
        .execute(&mut *tx)
        .await?;
    for (at, content) in (0_i64..).zip(&entry.contents) {
        let Some(content) = content else { continue };
        sqlx::query("UPDATE dialmark_tail SET content = ? WHERE seq = ? AND row_in_entry = ?")
            .bind(content.to_be_bytes().to_vec())
            .bind(entry.seq)
            .bind(at)
            .execute(&mut *tx)
            .await?;
    }
    Ok(())
}
