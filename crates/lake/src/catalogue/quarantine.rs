//! What was set aside, and what became of it.

use sqlx::sqlite::{SqliteQueryResult, SqliteRow};
use sqlx::{Row, SqliteConnection};

use super::Catalogue;
use crate::error::{Doing, LakeError};
use crate::number::{count, from_sql, to_sql};
use crate::person::Person;
use crate::report::{QuarantinedRow, Replayable};

/// Rows that can be read again: whole, text, and not read again yet. A text that was cut ends in three dots.
const IN_REACH: &str = "resolved_by IS NULL AND reason <> 'encoding' AND text NOT LIKE '%…'";

impl Catalogue {
    /// Records of an import that were set aside, by line.
    pub(crate) async fn quarantined(
        &self,
        tx: &mut SqliteConnection,
        import_id: i64,
        limit: u64,
    ) -> Result<Vec<QuarantinedRow>, LakeError> {
        let sql = "SELECT line, reason, detail, text FROM dialmark_quarantine
                   WHERE import_id = ? ORDER BY line, reason LIMIT ?";
        let rows = sqlx::query(sql).bind(import_id).bind(to_sql(limit)).fetch_all(tx).await;
        let rows = rows.doing("read the quarantine", self.path())?;
        rows.iter().map(quarantined_row).collect::<Result<_, _>>().doing("read the quarantine", self.path())
    }

    /// Rows that the quarantine holds of an import.
    pub(crate) async fn quarantine_rows(
        &self,
        tx: &mut SqliteConnection,
        import_id: i64,
    ) -> Result<u64, LakeError> {
        let sql = "SELECT count(*) FROM dialmark_quarantine WHERE import_id = ?";
        let row = sqlx::query(sql).bind(import_id).fetch_one(tx).await;
        Ok(from_sql(row.and_then(|row| row.try_get(0)).doing("read the quarantine", self.path())?))
    }

    /// Rows whose text or reason names a person, and whether the reason does.
    pub(crate) async fn quarantine_about(
        &self,
        tx: &mut SqliteConnection,
        person: &Person,
    ) -> Result<Vec<(i64, bool)>, LakeError> {
        let doing = "look for the person in what was set aside";
        let mut found = Vec::new();
        let mut after = i64::MIN;
        loop {
            // Texts may be long, so not all are held at once.
            let sql = "SELECT rowid, detail, text FROM dialmark_quarantine WHERE rowid > ? ORDER BY rowid LIMIT 1000";
            let rows = sqlx::query(sql).bind(after).fetch_all(&mut *tx).await.doing(doing, self.path())?;
            if rows.is_empty() {
                return Ok(found);
            }
            for row in rows {
                let read = || {
                    Ok::<(i64, String, String), sqlx::Error>((
                        row.try_get(0)?,
                        row.try_get(1)?,
                        row.try_get(2)?,
                    ))
                };
                let (id, detail, text) = read().doing(doing, self.path())?;
                after = id;
                let in_detail = person.is_in(&detail);
                if in_detail || person.is_in(&text) {
                    found.push((id, in_detail));
                }
            }
        }
    }

    /// What can be read again of an import; `None` when there is no such import.
    pub(crate) async fn replayable(
        &self,
        tx: &mut SqliteConnection,
        import_id: i64,
    ) -> Result<Option<Replayable>, LakeError> {
        let doing = "read the quarantine";
        let sql = "SELECT one.head, (SELECT min(later.import_id) FROM dialmark_import later
                     WHERE later.table_id = one.table_id AND later.source = one.source
                       AND later.file_name = one.file_name AND later.file_hash = one.file_hash
                       AND later.import_id > one.import_id)
                   FROM dialmark_import one WHERE one.import_id = ?";
        let row =
            sqlx::query(sql).bind(import_id).fetch_optional(&mut *tx).await.doing(doing, self.path())?;
        let Some(row) = row else { return Ok(None) };
        let head: Option<String> = row.try_get(0).doing(doing, self.path())?;
        let read_again_by: Option<i64> = row.try_get(1).doing(doing, self.path())?;
        let sql = format!(
            "SELECT line, reason, detail, text FROM dialmark_quarantine WHERE import_id = ?1 AND {IN_REACH}
             ORDER BY line, reason"
        );
        let rows = sqlx::query(sqlx::AssertSqlSafe(sql))
            .bind(import_id)
            .fetch_all(&mut *tx)
            .await
            .doing(doing, self.path())?;
        let rows: Result<Vec<QuarantinedRow>, sqlx::Error> = rows.iter().map(quarantined_row).collect();
        let rows = rows.doing(doing, self.path())?;
        let sql = "SELECT count(*) FROM dialmark_quarantine WHERE import_id = ? AND resolved_by IS NOT NULL";
        let row = sqlx::query(sql).bind(import_id).fetch_one(&mut *tx).await;
        let resolved = from_sql(row.and_then(|row| row.try_get(0)).doing(doing, self.path())?);
        let import = self.import(tx, import_id).await?;
        let all = import.report.quarantined_total();
        Ok(Some(Replayable {
            out_of_reach: all.saturating_sub(resolved).saturating_sub(count(rows.len())),
            report: import.report,
            identity: import.identity,
            head,
            read_again_by,
            rows,
            resolved,
        }))
    }
}

/// Marks what can be read again of an import as read by another.
pub(super) async fn resolve(
    tx: &mut SqliteConnection,
    import_id: i64,
    by: i64,
) -> Result<SqliteQueryResult, sqlx::Error> {
    let sql = format!("UPDATE dialmark_quarantine SET resolved_by = ?2 WHERE import_id = ?1 AND {IN_REACH}");
    sqlx::query(sqlx::AssertSqlSafe(sql)).bind(import_id).bind(by).execute(tx).await
}

fn quarantined_row(row: &SqliteRow) -> Result<QuarantinedRow, sqlx::Error> {
    Ok(QuarantinedRow {
        line: from_sql(row.try_get(0)?),
        reason: row.try_get(1)?,
        detail: row.try_get(2)?,
        text: row.try_get(3)?,
    })
}
