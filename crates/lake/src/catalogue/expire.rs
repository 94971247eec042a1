//! Letting go of old states: of commits long past only some stay readable, and what only the others named is removed.

use std::collections::BTreeSet;

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use sqlx::{Row, SqliteConnection};

use super::{Catalogue, ducklake_time};
use crate::error::{Doing, LakeError};

/// Microseconds of the stretches of which one state each stays readable.
const STRETCH_US: i64 = 15 * 60 * 1_000_000;

/// A file that no state names any more.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Unnamed {
    pub data_file_id: i64,
    pub table: String,
    pub data: String,
    pub keys: Option<String>,
}

impl Catalogue {
    /// Forgets states: those before `oldest` altogether, and of those before `every` all but the last of each quarter
    /// of an hour. Returns how many were forgotten.
    pub(crate) async fn forget_states(&self, every: Timestamp, oldest: Timestamp) -> Result<u64, LakeError> {
        let doing = "forget old states";
        let mut tx = self.writing().await?;
        let states = states(&mut tx).await.doing(doing, self.path())?;
        let kept = kept(&states, every, oldest);
        let forgotten: Vec<i64> = states.iter().map(|(id, _)| *id).filter(|id| !kept.contains(id)).collect();
        for id in &forgotten {
            for sql in [
                "DELETE FROM ducklake_snapshot WHERE snapshot_id = ?",
                "DELETE FROM ducklake_snapshot_changes WHERE snapshot_id = ?",
            ] {
                sqlx::query(sql).bind(id).execute(&mut *tx).await.doing(doing, self.path())?;
            }
        }
        if !forgotten.is_empty() {
            unname(&mut tx).await.doing(doing, self.path())?;
        }
        tx.commit().await.doing(doing, self.path())?;
        Ok(u64::try_from(forgotten.len()).unwrap_or(u64::MAX))
    }

    /// Files that were let go of and may still be on the disk.
    pub(crate) async fn unnamed(&self) -> Result<Vec<Unnamed>, LakeError> {
        let doing = "read the files to remove";
        let mut tx = self.reading().await?;
        let sql =
            "SELECT s.data_file_id, t.name, s.path, d.key_file FROM ducklake_files_scheduled_for_deletion s
                   JOIN dialmark_data_file d ON d.data_file_id = s.data_file_id
                   JOIN dialmark_table t ON t.table_id = d.table_id";
        let rows = sqlx::query(sql).fetch_all(&mut *tx).await.doing(doing, self.path())?;
        let read = |row: &sqlx::sqlite::SqliteRow| -> Result<Unnamed, sqlx::Error> {
            Ok(Unnamed {
                data_file_id: row.try_get(0)?,
                table: row.try_get(1)?,
                data: row.try_get(2)?,
                keys: row.try_get(3)?,
            })
        };
        rows.iter().map(read).collect::<Result<_, _>>().doing(doing, self.path())
    }

    /// Strikes files out that are off the disk.
    pub(crate) async fn removed(&self, files: &[Unnamed]) -> Result<(), LakeError> {
        let doing = "strike out removed files";
        let mut tx = self.writing().await?;
        for file in files {
            for sql in [
                "DELETE FROM ducklake_files_scheduled_for_deletion WHERE data_file_id = ?",
                "DELETE FROM dialmark_data_file WHERE data_file_id = ?",
            ] {
                sqlx::query(sql).bind(file.data_file_id).execute(&mut *tx).await.doing(doing, self.path())?;
            }
        }
        tx.commit().await.doing(doing, self.path())
    }
}

async fn states(tx: &mut SqliteConnection) -> Result<Vec<(i64, String)>, sqlx::Error> {
    let sql = "SELECT snapshot_id, snapshot_time FROM ducklake_snapshot ORDER BY snapshot_id";
    let rows = sqlx::query(sql).fetch_all(tx).await?;
    rows.iter().map(|row| Ok((row.try_get(0)?, row.try_get(1)?))).collect()
}

/// Which states stay. The last one always does, and so does one whose time cannot be read.
fn kept(states: &[(i64, String)], every: Timestamp, oldest: Timestamp) -> BTreeSet<i64> {
    let mut kept = BTreeSet::new();
    let mut later_stretch = None;
    for (id, time) in states.iter().rev() {
        let read = DateTime::strptime("%Y-%m-%d %H:%M:%S%.f+00", time);
        let Ok(at) = read.and_then(|civil| TimeZone::UTC.to_timestamp(civil)) else {
            kept.insert(*id);
            continue;
        };
        let stretch = Some(at.as_microsecond().div_euclid(STRETCH_US));
        let is_last_of_stretch = stretch != later_stretch;
        later_stretch = stretch;
        if at >= every || (at >= oldest && is_last_of_stretch) {
            kept.insert(*id);
        }
    }
    kept.extend(states.last().map(|(id, _)| *id));
    kept
}

/// Strikes out what no state names: files, their statistics, rows of the tail, entries of the journal.
async fn unname(tx: &mut SqliteConnection) -> Result<(), sqlx::Error> {
    let now = ducklake_time(Timestamp::now());
    sqlx::query(
        "INSERT INTO ducklake_files_scheduled_for_deletion(data_file_id, path, path_is_relative, schedule_start)
         SELECT f.data_file_id, f.path, f.path_is_relative, ? FROM ducklake_data_file f
         WHERE f.end_snapshot IS NOT NULL AND NOT EXISTS
           (SELECT 1 FROM ducklake_snapshot s
            WHERE s.snapshot_id >= f.begin_snapshot AND s.snapshot_id < f.end_snapshot)",
    )
    .bind(now)
    .execute(&mut *tx)
    .await?;
    for sql in [
        "DELETE FROM ducklake_file_column_stats WHERE data_file_id IN
           (SELECT data_file_id FROM ducklake_files_scheduled_for_deletion)",
        "DELETE FROM ducklake_data_file WHERE data_file_id IN
           (SELECT data_file_id FROM ducklake_files_scheduled_for_deletion)",
        "DELETE FROM dialmark_tail WHERE end_snapshot IS NOT NULL AND NOT EXISTS
           (SELECT 1 FROM ducklake_snapshot s WHERE s.snapshot_id >= dialmark_tail.begin_snapshot
              AND s.snapshot_id < dialmark_tail.end_snapshot)",
        "DELETE FROM dialmark_journal WHERE NOT EXISTS
           (SELECT 1 FROM dialmark_tail t WHERE t.seq = dialmark_journal.seq)",
    ] {
        sqlx::query(sql).execute(&mut *tx).await?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_old_states_the_last_of_each_quarter_of_an_hour_stays_and_the_last_of_all() {
        let time = |text: &str| ducklake_time(text.parse().unwrap());
        let states: Vec<(i64, String)> = (1..)
            .zip([
                "2026-01-01T00:00:00Z", // before the oldest
                "2026-03-01T10:00:00Z",
                "2026-03-01T10:14:59Z", // the last of its quarter
                "2026-03-01T10:15:00Z", // alone in its quarter
                "2026-03-02T09:00:00Z",
                "2026-03-02T09:00:01Z", // both are recent
            ])
            .map(|(id, at)| (id, time(at)))
            .collect();
        let at = |text: &str| -> Timestamp { text.parse().unwrap() };
        let some = kept(&states, at("2026-03-02T00:00:00Z"), at("2026-02-01T00:00:00Z"));
        assert_eq!(some, BTreeSet::from([3, 4, 5, 6]));
        let none = kept(&states, at("2027-01-01T00:00:00Z"), at("2027-01-01T00:00:00Z"));
        assert_eq!(none, BTreeSet::from([6]), "the present is never forgotten");
    }
}
