//! What each source delivered, by hour.

use std::collections::BTreeMap;

use jiff::Timestamp;
use sqlx::{Row, SqliteConnection};

use super::{AsOf, Catalogue, TableState};
use crate::datafile::placing;
use crate::error::{Doing, LakeError};
use crate::hours::{self, Hours};
use crate::number::from_sql;
use crate::report::Received;
use crate::sums::Sums;

const SECONDS_PER_HOUR: i64 = 3600;

impl Catalogue {
    /// Live records of a table by source and hour, from files of which a day lies between these; of all files without
    /// bounds. Corrections that wait count in the hour of the record that they correct. Records of hours that have not come
    /// yet are counted apart: one that says 2099 must not end every hour until then.
    pub(crate) async fn received(
        &self,
        tx: &mut SqliteConnection,
        state: &TableState,
        at: AsOf,
        days: (Option<i32>, Option<i32>),
    ) -> Result<Vec<Received>, LakeError> {
        let doing = "read what was received";
        let sql = "SELECT d.source, d.hours, f.path, f.file_size_bytes, d.sums FROM ducklake_data_file f
                   JOIN dialmark_data_file d ON d.data_file_id = f.data_file_id
                   WHERE f.table_id = ?1 AND f.begin_snapshot <= ?2 AND (f.end_snapshot IS NULL OR f.end_snapshot > ?2)
                     AND d.day >= coalesce(?3, d.day) AND d.day <= coalesce(?4, d.day)";
        let rows = sqlx::query(sql)
            .bind(state.id)
            .bind(at.unwrap_or(i64::MAX - 1))
            .bind(days.0.map(i64::from))
            .bind(days.1.map(i64::from))
            .fetch_all(tx)
            .await
            .doing(doing, self.path())?;
        let this_hour = Timestamp::now().as_second().div_euclid(SECONDS_PER_HOUR);
        let mut by_source: BTreeMap<String, (Hours, u64)> = BTreeMap::new();
        for row in rows {
            let read = || -> Result<(String, Option<String>, String), sqlx::Error> {
                Ok((row.try_get(0)?, row.try_get(1)?, row.try_get(2)?))
            };
            let (source, noted, name) = read().doing(doing, self.path())?;
            let hours: Hours = match noted {
                Some(text) => serde_json::from_str(&text).map_err(|e| {
                    LakeError::damaged(self.path(), format!("the hours of `{name}` cannot be read: {e}"))
                })?,
                None => {
                    let path = self.data_folder(&state.table.name).join(&name);
                    let size = from_sql(row.try_get(3).doing(doing, self.path())?);
                    let sums: Vec<u8> = row.try_get(4).doing(doing, self.path())?;
                    Sums::kept(size, &sums).check_file(&path)?;
                    hours::of_file(&path, &placing(&state.table))?
                }
            };
            let (sum, ahead) = by_source.entry(source).or_default();
            for (hour, records) in hours {
                match hour <= this_hour {
                    true => *sum.entry(hour).or_default() += records,
                    false => *ahead += records,
                }
            }
        }
        let table = state.table.name.clone().into_owned();
        let received = by_source.into_iter().map(|(source, (hours, ahead))| Received {
            table: table.clone(),
            source,
            hours,
            ahead,
        });
        Ok(received.collect())
    }

    /// The last day of which there is a file with live records of a table that have a time of day, of those before a day.
    pub(crate) async fn newest_day(
        &self,
        tx: &mut SqliteConnection,
        state: &TableState,
        at: AsOf,
        before: i32,
    ) -> Result<Option<i32>, LakeError> {
        let sql = "SELECT max(d.day) FROM ducklake_data_file f
                   JOIN dialmark_data_file d ON d.data_file_id = f.data_file_id
                   WHERE f.table_id = ?1 AND f.begin_snapshot <= ?2 AND (f.end_snapshot IS NULL OR f.end_snapshot > ?2)
                     AND d.day < ?3 AND (d.hours IS NULL OR d.hours <> '{}')";
        let day: Option<i64> = sqlx::query_scalar(sql)
            .bind(state.id)
            .bind(at.unwrap_or(i64::MAX - 1))
            .bind(i64::from(before))
            .fetch_one(tx)
            .await
            .doing("read which day is the newest", self.path())?;
        Ok(day.and_then(|day| i32::try_from(day).ok()))
    }
}
