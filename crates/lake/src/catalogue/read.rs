//! Reading the catalogue.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use arrow::array::RecordBatch;
use dialmark_model::Table;
use jiff::Timestamp;
use sqlx::sqlite::SqliteRow;
use sqlx::{Row, SqliteConnection};

use super::{Catalogue, ducklake_time};
use crate::datafile::ColumnIds;
use crate::error::{Doing, LakeError};
use crate::hash::{Fingerprint, Fingerprints, KeyBy};
use crate::number::from_sql;
use crate::report::{ImportRecord, ImportSpec};
use crate::spill;
use crate::staging::Day;
use crate::sums::Sums;

/// A table that something was imported into.
#[derive(Debug, Clone)]
pub(crate) struct TableState {
    pub id: i64,
    pub table: Table,
    pub columns: ColumnIds,
    /// Last commit that touched it.
    pub last_snapshot: i64,
    /// Of it as it stands in the catalogue, also when it is changed for a commit.
    pub print: u128,
    /// Over what the catalogue says of it and its live files.
    pub seal: Option<Vec<u8>>,
}

/// The last import of a file of a name.
#[derive(Debug, Clone)]
pub(crate) struct LastOfName {
    pub import_id: i64,
    /// Of its raw bytes.
    pub file_hash: String,
    /// Of its records as they were read.
    pub content_hash: String,
    /// Of the mapping under which they were.
    pub reading: Option<String>,
}

impl LastOfName {
    /// Whether it was read under the mapping of this import.
    pub(crate) fn is_read_as(&self, spec: &ImportSpec) -> bool {
        self.reading.as_ref() == Some(&spec.reading)
    }
}

/// A live data file.
#[derive(Debug, Clone)]
pub(crate) struct FiledFile {
    pub id: i64,
    pub path: PathBuf,
    pub rows: u64,
    pub bytes: u64,
    pub import_id: i64,
    pub source: String,
    pub file_name: String,
    pub identity: String,
    pub day: Day,
    pub ranges: BTreeMap<String, (i64, i64)>,
    /// Absent for records that are not known by anything.
    pub key_file: Option<PathBuf>,
    pub key_bytes: u64,
    pub sums: Arc<Sums>,
}

/// A commit whose state is asked for; `None` for the last one.
pub(crate) type AsOf = Option<i64>;

fn bound(at: AsOf) -> i64 {
    // Nothing is ended by a later commit than the last.
    at.unwrap_or(i64::MAX - 1)
}

/// Where the live row of a key stands in the journal, and what it hides.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct TailPlace {
    pub print: Fingerprint,
    pub seq: i64,
    pub row: usize,
    /// The filed record that it replaces: data file and row.
    pub hides: (i64, u32),
}

/// The corrections of a table that wait to be folded.
#[derive(Debug, Clone, Default)]
pub(crate) struct Tail {
    pub places: HashMap<u128, TailPlace>,
    pub entries: HashMap<i64, RecordBatch>,
}

impl Catalogue {
    pub(super) fn broken(&self, what: impl Into<String>) -> LakeError {
        LakeError::damaged(self.path(), what)
    }

    /// Number of the last commit.
    pub(crate) async fn last_snapshot(&self, tx: &mut SqliteConnection) -> Result<i64, LakeError> {
        let row = sqlx::query("SELECT max(snapshot_id) FROM ducklake_snapshot").fetch_one(tx).await;
        row.and_then(|row| row.try_get(0)).doing("read the last snapshot", self.path())
    }

    /// The last commit up to an instant, and whether everything that it named is still kept.
    pub(crate) async fn snapshot_at(
        &self,
        tx: &mut SqliteConnection,
        at: Timestamp,
    ) -> Result<i64, LakeError> {
        let doing = "find the state of an earlier time";
        let sql = "SELECT max(snapshot_id) FROM ducklake_snapshot WHERE snapshot_time <= ?";
        let row =
            sqlx::query(sql).bind(ducklake_time(at)).fetch_one(&mut *tx).await.doing(doing, self.path())?;
        let found: Option<i64> = row.try_get(0).doing(doing, self.path())?;
        let row = sqlx::query("SELECT snapshot_time FROM ducklake_snapshot ORDER BY snapshot_id LIMIT 1")
            .fetch_one(tx)
            .await
            .doing(doing, self.path())?;
        let oldest: String = row.try_get(0).doing(doing, self.path())?;
        found.ok_or(LakeError::Forgotten { asked: at.to_string(), oldest })
    }

    /// All tables by name.
    pub(crate) async fn tables(&self, tx: &mut SqliteConnection) -> Result<Vec<TableState>, LakeError> {
        let doing = "read the tables";
        let rows =
            sqlx::query("SELECT table_id, definition, last_snapshot, seal FROM dialmark_table ORDER BY name")
                .fetch_all(&mut *tx)
                .await
                .doing(doing, self.path())?;
        let mut tables = Vec::with_capacity(rows.len());
        for row in rows {
            let id: i64 = row.try_get(0).doing(doing, self.path())?;
            let definition: String = row.try_get(1).doing(doing, self.path())?;
            let table: Table = serde_json::from_str(&definition)
                .map_err(|e| self.broken(format!("the definition of table {id} cannot be read: {e}")))?;
            let columns = sqlx::query(
                "SELECT column_name, column_id FROM ducklake_column WHERE table_id = ? AND end_snapshot IS NULL",
            )
            .bind(id)
            .fetch_all(&mut *tx)
            .await
            .doing(doing, self.path())?;
            let columns: Result<ColumnIds, sqlx::Error> =
                columns.iter().map(|row| Ok((row.try_get(0)?, row.try_get(1)?))).collect();
            let columns = columns.doing(doing, self.path())?;
            tables.push(TableState {
                id,
                print: super::seal::print_of(id, &definition, &columns),
                table,
                columns,
                last_snapshot: row.try_get(2).doing(doing, self.path())?,
                seal: row.try_get(3).doing(doing, self.path())?,
            });
        }
        Ok(tables)
    }

    /// One table, if anything was ever imported into it.
    pub(crate) async fn table(
        &self,
        tx: &mut SqliteConnection,
        name: &str,
    ) -> Result<Option<TableState>, LakeError> {
        Ok(self.tables(tx).await?.into_iter().find(|t| t.table.name == name))
    }

    /// The files of a table that are or were live, in the order of their numbers. Those that are live now are compared
    /// with the table's seal.
    pub(crate) async fn live_files(
        &self,
        tx: &mut SqliteConnection,
        table: &TableState,
        at: AsOf,
    ) -> Result<Vec<FiledFile>, LakeError> {
        let files = self.files_of(tx, table, at).await?;
        if at.is_none() {
            self.check_seal(table, &files)?;
        }
        Ok(files)
    }

    pub(super) async fn files_of(
        &self,
        tx: &mut SqliteConnection,
        table: &TableState,
        at: AsOf,
    ) -> Result<Vec<FiledFile>, LakeError> {
        let doing = "read the live files";
        let sql = "SELECT f.data_file_id, f.path, f.record_count, f.file_size_bytes, d.import_id, d.source,
                          d.file_name, d.identity, d.day, d.instant_ranges, d.key_file, d.key_bytes, d.sums
                   FROM ducklake_data_file f JOIN dialmark_data_file d ON d.data_file_id = f.data_file_id
                   WHERE f.table_id = ?1 AND f.begin_snapshot <= ?2
                     AND (f.end_snapshot IS NULL OR f.end_snapshot > ?2) ORDER BY f.data_file_id";
        let rows = sqlx::query(sql).bind(table.id).bind(bound(at)).fetch_all(tx).await;
        let rows = rows.doing(doing, self.path())?;
        let data = self.data_folder(&table.table.name);
        let keys = self.key_folder(&table.table.name);
        rows.iter().map(|row| self.filed(row, &data, &keys)).collect()
    }

    pub(super) fn filed(&self, row: &SqliteRow, data: &Path, keys: &Path) -> Result<FiledFile, LakeError> {
        let read = || -> Result<(FiledFile, String), sqlx::Error> {
            let name: String = row.try_get(1)?;
            let day: Option<i64> = row.try_get(8)?;
            let key_file: Option<String> = row.try_get(10)?;
            let bytes = from_sql(row.try_get(3)?);
            let file = FiledFile {
                id: row.try_get(0)?,
                path: data.join(name),
                rows: from_sql(row.try_get(2)?),
                bytes,
                import_id: row.try_get(4)?,
                source: row.try_get(5)?,
                file_name: row.try_get(6)?,
                identity: row.try_get(7)?,
                day: day.and_then(|d| i32::try_from(d).ok()),
                ranges: BTreeMap::new(),
                key_file: key_file.map(|name| keys.join(name)),
                key_bytes: from_sql(row.try_get::<Option<i64>, _>(11)?.unwrap_or(0)),
                sums: Arc::new(Sums::kept(bytes, &row.try_get::<Vec<u8>, _>(12)?)),
            };
            Ok((file, row.try_get(9)?))
        };
        let (mut file, ranges) = read().doing("read the live files", self.path())?;
        file.ranges = serde_json::from_str(&ranges)
            .map_err(|e| self.broken(format!("the time ranges of file {} cannot be read: {e}", file.id)))?;
        Ok(file)
    }

    /// Names of the columns that hold a value in at least one live file: only those have statistics.
    pub(crate) async fn filled_columns(
        &self,
        tx: &mut SqliteConnection,
        table_id: i64,
        at: AsOf,
    ) -> Result<BTreeSet<String>, LakeError> {
        let doing = "read the statistics";
        let sql = "SELECT DISTINCT c.column_name FROM ducklake_data_file f
                   JOIN ducklake_file_column_stats s ON s.data_file_id = f.data_file_id
                   JOIN ducklake_column c ON c.table_id = f.table_id AND c.column_id = s.column_id
                   WHERE f.table_id = ?1 AND f.begin_snapshot <= ?2
                     AND (f.end_snapshot IS NULL OR f.end_snapshot > ?2) AND c.end_snapshot IS NULL";
        let rows =
            sqlx::query(sql).bind(table_id).bind(bound(at)).fetch_all(tx).await.doing(doing, self.path())?;
        rows.iter().map(|row| row.try_get(0)).collect::<Result<_, _>>().doing(doing, self.path())
    }

    /// The corrections of a table that wait, or waited, to be folded.
    pub(crate) async fn tail(
        &self,
        tx: &mut SqliteConnection,
        table: &TableState,
        at: AsOf,
    ) -> Result<Tail, LakeError> {
        let doing = "read the journal";
        let table_id = table.id;
        let sql = "SELECT key, revision, content, seq, row_in_entry, data_file_id, position FROM dialmark_tail
                   WHERE table_id = ?1 AND begin_snapshot <= ?2 AND (end_snapshot IS NULL OR end_snapshot > ?2)";
        let rows = sqlx::query(sql).bind(table_id).bind(bound(at)).fetch_all(&mut *tx).await;
        let rows = rows.doing(doing, self.path())?;
        let mut tail = Tail::default();
        for row in rows {
            let place = tail_place(&row).doing(doing, self.path())?;
            let place = place.ok_or_else(|| self.broken("a row of dialmark_tail cannot be read"))?;
            tail.places.insert(place.print.key, place);
        }
        let sql = "SELECT seq, rows FROM dialmark_journal WHERE table_id = ?1 AND seq IN
                     (SELECT seq FROM dialmark_tail WHERE table_id = ?1 AND begin_snapshot <= ?2
                        AND (end_snapshot IS NULL OR end_snapshot > ?2)) ORDER BY seq";
        let entries = sqlx::query(sql).bind(table_id).bind(bound(at)).fetch_all(&mut *tx).await;
        let entries = entries.doing(doing, self.path())?;
        for row in entries {
            let seq: i64 = row.try_get(0).doing(doing, self.path())?;
            let bytes: Vec<u8> = row.try_get(1).doing(doing, self.path())?;
            let batch = spill::decode(bytes)?.into_iter().next();
            tail.entries
                .insert(seq, batch.ok_or_else(|| self.broken(format!("journal entry {seq} is empty")))?);
        }
        let fits = |p: &TailPlace| tail.entries.get(&p.seq).is_some_and(|batch| p.row < batch.num_rows());
        if let Some(stray) = tail.places.values().find(|p| !fits(p)) {
            return Err(self.broken(format!("the journal lacks row {} of entry {}", stray.row, stray.seq)));
        }
        self.check_contents(&tail, &table.table)?;
        Ok(tail)
    }

    /// Compares the corrections with the hashes under which they were kept: a flipped bit must not become a figure.
    fn check_contents(&self, tail: &Tail, table: &Table) -> Result<(), LakeError> {
        let mut by_entry: BTreeMap<i64, Vec<&TailPlace>> = BTreeMap::new();
        for place in tail.places.values() {
            by_entry.entry(place.seq).or_default().push(place);
        }
        for (seq, places) in by_entry {
            let Some(batch) = tail.entries.get(&seq) else { continue };
            let mut prints = Fingerprints::new(batch, table, KeyBy::Identifier)?;
            for place in places {
                let print = prints.row(place.row);
                let is_same = print.is_some_and(|print| {
                    print.content == place.print.content
                        && (print.key == place.print.key || prints.is_erased(place.row))
                });
                if !is_same {
                    let what =
                        format!("row {} of entry {seq} of the journal is not what was written", place.row);
                    return Err(self.broken(what));
                }
            }
        }
        Ok(())
    }

    /// How many corrections of a table wait.
    pub(crate) async fn tail_rows(&self, tx: &mut SqliteConnection, table: &str) -> Result<u64, LakeError> {
        let sql = "SELECT count(*) FROM dialmark_tail
                   WHERE end_snapshot IS NULL
                     AND table_id = (SELECT table_id FROM dialmark_table WHERE name = ?)";
        let row = sqlx::query(sql).bind(table).fetch_one(tx).await;
        Ok(from_sql(row.and_then(|row| row.try_get(0)).doing("read the journal", self.path())?))
    }

    /// The identity under which a source was imported into a table so far, and the columns that its records were known by.
    pub(crate) async fn identity_of(
        &self,
        tx: &mut SqliteConnection,
        table_id: i64,
        source: &str,
    ) -> Result<Option<(String, Option<String>)>, LakeError> {
        let sql = "SELECT identity, known_by FROM dialmark_import WHERE table_id = ? AND source = ?
                   ORDER BY import_id DESC LIMIT 1";
        let row = sqlx::query(sql).bind(table_id).bind(source).fetch_optional(tx).await;
        row.and_then(|row| row.map(|row| Ok((row.try_get(0)?, row.try_get(1)?))).transpose())
            .doing("read the ledger", self.path())
    }

    /// The last import of a file of this name.
    pub(crate) async fn last_of_name(
        &self,
        tx: &mut SqliteConnection,
        table_id: i64,
        source: &str,
        file_name: &str,
    ) -> Result<Option<LastOfName>, LakeError> {
        let sql = "SELECT import_id, file_hash, content_hash, reading FROM dialmark_import
                   WHERE table_id = ? AND source = ? AND file_name = ? ORDER BY import_id DESC LIMIT 1";
        let row = sqlx::query(sql).bind(table_id).bind(source).bind(file_name).fetch_optional(tx).await;
        let read = |row: SqliteRow| -> Result<LastOfName, sqlx::Error> {
            Ok(LastOfName {
                import_id: row.try_get(0)?,
                file_hash: row.try_get(1)?,
                content_hash: row.try_get(2)?,
                reading: row.try_get(3)?,
            })
        };
        row.and_then(|row| row.map(read).transpose()).doing("read the ledger", self.path())
    }

    /// The last import of the source that read otherwise than this one does; 0 when none did.
    pub(crate) async fn last_read_otherwise(
        &self,
        tx: &mut SqliteConnection,
        table_id: i64,
        spec: &ImportSpec,
    ) -> Result<i64, LakeError> {
        let sql = "SELECT coalesce(max(import_id), 0) FROM dialmark_import
                   WHERE table_id = ? AND source = ? AND reading IS DISTINCT FROM ?";
        let row = sqlx::query(sql).bind(table_id).bind(&spec.source).bind(&spec.reading).fetch_one(tx).await;
        row.and_then(|row| row.try_get(0)).doing("read the ledger", self.path())
    }

    /// Sources that brought records of these very bytes into a table.
    pub(crate) async fn sources_of(
        &self,
        tx: &mut SqliteConnection,
        table: &str,
        file_hash: &str,
    ) -> Result<Vec<String>, LakeError> {
        let sql =
            "SELECT DISTINCT i.source FROM dialmark_import i JOIN dialmark_table t ON t.table_id = i.table_id
                   WHERE t.name = ? AND i.file_hash = ? AND i.new_rows > 0 ORDER BY i.source";
        let rows = sqlx::query_scalar(sql).bind(table).bind(file_hash).fetch_all(tx).await;
        rows.doing("read the ledger", self.path())
    }

    /// The last import that added records of these very bytes, under whatever name, and read them otherwise.
    pub(crate) async fn added_otherwise(
        &self,
        tx: &mut SqliteConnection,
        table_id: i64,
        spec: &ImportSpec,
    ) -> Result<Option<i64>, LakeError> {
        let sql = "SELECT max(import_id) FROM dialmark_import
                   WHERE table_id = ? AND source = ? AND file_hash = ? AND new_rows > 0
                     AND reading IS DISTINCT FROM ?";
        let row = sqlx::query(sql)
            .bind(table_id)
            .bind(&spec.source)
            .bind(&spec.file_hash)
            .bind(&spec.reading)
            .fetch_one(tx)
            .await;
        row.and_then(|row| row.try_get(0)).doing("read the ledger", self.path())
    }

    /// The import with which these bytes arrived under this name: the first since other bytes had it.
    pub(crate) async fn arrival_of(
        &self,
        tx: &mut SqliteConnection,
        table_id: i64,
        spec: &ImportSpec,
    ) -> Result<Option<i64>, LakeError> {
        let sql = "SELECT min(import_id) FROM dialmark_import
                   WHERE table_id = ?1 AND source = ?2 AND file_name = ?3 AND import_id >
                     (SELECT coalesce(max(import_id), 0) FROM dialmark_import
                      WHERE table_id = ?1 AND source = ?2 AND file_name = ?3 AND file_hash <> ?4)";
        let row = sqlx::query(sql)
            .bind(table_id)
            .bind(&spec.source)
            .bind(&spec.file_name)
            .bind(&spec.file_hash)
            .fetch_one(tx)
            .await;
        row.and_then(|row| row.try_get(0)).doing("read the ledger", self.path())
    }

    /// Name of another file of the source whose last import was this very file, read in the same way.
    pub(crate) async fn twin_of(
        &self,
        tx: &mut SqliteConnection,
        table_id: i64,
        spec: &ImportSpec,
        content_hash: &str,
    ) -> Result<Option<String>, LakeError> {
        let sql = "SELECT file_name FROM dialmark_import AS one
                   WHERE table_id = ? AND source = ? AND file_name <> ? AND file_hash = ? AND content_hash = ?
                     AND NOT EXISTS (SELECT 1 FROM dialmark_import AS later
                                     WHERE later.table_id = one.table_id AND later.source = one.source
                                       AND later.file_name = one.file_name AND later.import_id > one.import_id)
                   LIMIT 1";
        let row = sqlx::query(sql)
            .bind(table_id)
            .bind(&spec.source)
            .bind(&spec.file_name)
            .bind(&spec.file_hash)
            .bind(content_hash)
            .fetch_optional(tx)
            .await;
        row.and_then(|row| row.map(|row| row.try_get(0)).transpose()).doing("read the ledger", self.path())
    }

    /// Number of the last import that was committed for a table.
    pub(crate) async fn last_import(
        &self,
        tx: &mut SqliteConnection,
        table_id: i64,
    ) -> Result<i64, LakeError> {
        let sql = "SELECT coalesce(max(import_id), 0) FROM dialmark_import WHERE table_id = ?";
        let row = sqlx::query(sql).bind(table_id).fetch_one(tx).await;
        row.and_then(|row| row.try_get(0)).doing("read the ledger", self.path())
    }

    /// The ledger, newest last.
    pub(crate) async fn imports(&self, tx: &mut SqliteConnection) -> Result<Vec<ImportRecord>, LakeError> {
        let sql = "SELECT report, file_hash, zone, identity, committed_at, snapshot_id
                   FROM dialmark_import ORDER BY snapshot_id, import_id";
        let rows = sqlx::query(sql).fetch_all(tx).await.doing("read the ledger", self.path())?;
        rows.iter().map(|row| self.import_record(row)).collect()
    }

    /// One import of the ledger.
    pub(crate) async fn import(
        &self,
        tx: &mut SqliteConnection,
        import_id: i64,
    ) -> Result<ImportRecord, LakeError> {
        let sql = "SELECT report, file_hash, zone, identity, committed_at, snapshot_id
                   FROM dialmark_import WHERE import_id = ?";
        let row =
            sqlx::query(sql).bind(import_id).fetch_one(tx).await.doing("read the ledger", self.path())?;
        self.import_record(&row)
    }

    fn import_record(&self, row: &SqliteRow) -> Result<ImportRecord, LakeError> {
        let report: String = row.try_get(0).doing("read the ledger", self.path())?;
        let report = serde_json::from_str(&report)
            .map_err(|e| self.broken(format!("a report in the ledger cannot be read: {e}")))?;
        let record = || -> Result<ImportRecord, sqlx::Error> {
            Ok(ImportRecord {
                report,
                file_hash: row.try_get(1)?,
                zone: row.try_get(2)?,
                identity: row.try_get(3)?,
                committed_at: row.try_get(4)?,
                snapshot_id: row.try_get(5)?,
            })
        };
        record().doing("read the ledger", self.path())
    }

    /// Number of the import of a name, when it is the table's last and read as now: what is pushed now goes on with it.
    pub(crate) async fn open_import(
        &self,
        tx: &mut SqliteConnection,
        spec: &ImportSpec,
    ) -> Result<Option<i64>, LakeError> {
        let Some(state) = self.table(tx, &spec.table.name).await? else { return Ok(None) };
        let last = self.last_of_name(tx, state.id, &spec.source, &spec.file_name).await?;
        let last_import = self.last_import(tx, state.id).await?;
        let goes_on = |last: &LastOfName| last.import_id == last_import && last.is_read_as(spec);
        Ok(last.filter(goes_on).map(|last| last.import_id))
    }

    /// How far a source that is pulled was read at its last import.
    pub(crate) async fn cursor(
        &self,
        tx: &mut SqliteConnection,
        table: &str,
        source: &str,
    ) -> Result<Option<String>, LakeError> {
        let sql = "SELECT i.cursor FROM dialmark_import i JOIN dialmark_table t ON t.table_id = i.table_id
                   WHERE t.name = ? AND i.source = ? AND i.cursor IS NOT NULL ORDER BY i.import_id DESC LIMIT 1";
        let row = sqlx::query(sql).bind(table).bind(source).fetch_optional(tx).await;
        row.and_then(|row| row.map(|row| row.try_get(0)).transpose()).doing("read the ledger", self.path())
    }

    /// Names of the data and key files of a table that any snapshot, old ones included, still needs.
    pub(crate) async fn known_names(
        &self,
        tx: &mut SqliteConnection,
        table_id: i64,
    ) -> Result<Vec<String>, LakeError> {
        let sql = "SELECT path FROM ducklake_data_file WHERE table_id = ?1
                   UNION ALL
                   SELECT d.key_file FROM dialmark_data_file d JOIN ducklake_data_file f
                     ON f.data_file_id = d.data_file_id WHERE f.table_id = ?1 AND d.key_file IS NOT NULL";
        let rows =
            sqlx::query(sql).bind(table_id).fetch_all(tx).await.doing("read the files", self.path())?;
        rows.iter().map(|row| row.try_get(0)).collect::<Result<_, _>>().doing("read the files", self.path())
    }

    /// Folder of a table's data files.
    pub(crate) fn data_folder(&self, table: &str) -> PathBuf {
        self.folder().join("data").join(table)
    }

    /// Folder of a table's key files.
    pub(crate) fn key_folder(&self, table: &str) -> PathBuf {
        self.folder().join("keys").join(table)
    }
}

pub(super) fn hash_of(bytes: Vec<u8>) -> Option<u128> {
    <[u8; 16]>::try_from(bytes).map(u128::from_be_bytes).ok()
}

fn tail_place(row: &SqliteRow) -> Result<Option<TailPlace>, sqlx::Error> {
    let key = hash_of(row.try_get(0)?);
    let content = hash_of(row.try_get(2)?);
    let at = usize::try_from(row.try_get::<i64, _>(4)?).ok();
    let file: Option<i64> = row.try_get(5)?;
    let position: Option<i64> = row.try_get(6)?;
    let hides = file.zip(position.and_then(|p| u32::try_from(p).ok()));
    let (Some(key), Some(content), Some(at), Some(hides)) = (key, content, at, hides) else {
        return Ok(None);
    };
    let print = Fingerprint { key, revision: row.try_get(1)?, content };
    Ok(Some(TailPlace { print, seq: row.try_get(3)?, row: at, hides }))
}
