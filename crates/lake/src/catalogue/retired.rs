//! What was let go of for its age, by table.

use std::collections::BTreeMap;

use sqlx::{Row, SqliteConnection};

use super::Catalogue;
use super::commit::Retired;
use crate::error::{Doing, LakeError};

/// Before the name of the table, in the metadata; the value is the first day that is kept and the number of records.
const KEY: &str = "dialmark_retired:";

impl Catalogue {
    /// Adds to what was let go of a table. The day never moves back.
    pub(super) async fn put_retired(
        &self,
        tx: &mut SqliteConnection,
        table: &str,
        retired: Retired,
    ) -> Result<(), LakeError> {
        let doing = "write the metadata";
        let before = self.retired(tx).await?.get(table).copied();
        let before_day = before.map_or(retired.before_day, |one| one.before_day.max(retired.before_day));
        let records = before.map_or(0, |one| one.records) + retired.records;
        let key = format!("{KEY}{table}");
        sqlx::query("DELETE FROM ducklake_metadata WHERE key = ?")
            .bind(&key)
            .execute(&mut *tx)
            .await
            .doing(doing, self.path())?;
        sqlx::query("INSERT INTO ducklake_metadata(key, value) VALUES (?, ?)")
            .bind(key)
            .bind(format!("{before_day} {records}"))
            .execute(tx)
            .await
            .doing(doing, self.path())?;
        Ok(())
    }

    /// What was let go of each table.
    pub(crate) async fn retired(
        &self,
        tx: &mut SqliteConnection,
    ) -> Result<BTreeMap<String, Retired>, LakeError> {
        let doing = "read the metadata";
        let rows = sqlx::query("SELECT key, value FROM ducklake_metadata WHERE key LIKE ?")
            .bind(format!("{KEY}%"))
            .fetch_all(tx)
            .await
            .doing(doing, self.path())?;
        let mut retired = BTreeMap::new();
        for row in rows {
            let (key, value): (String, String) =
                row.try_get(0).and_then(|key| Ok((key, row.try_get(1)?))).doing(doing, self.path())?;
            let parts = value.split_once(' ');
            let one = parts.and_then(|(day, records)| {
                Some(Retired { before_day: day.parse().ok()?, records: records.parse().ok()? })
            });
            let one = one.ok_or_else(|| {
                LakeError::damaged(
                    self.path(),
                    format!("`{key}` should be a day and a count and is `{value}`"),
                )
            })?;
            retired.insert(key.trim_start_matches(KEY).to_owned(), one);
        }
        Ok(retired)
    }
}
