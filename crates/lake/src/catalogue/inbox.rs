//! Bodies that were pushed: what is acknowledged, what waits, what an import uses up.

use jiff::{SignedDuration, Timestamp};
use sqlx::{Row, SqliteConnection};

use super::Catalogue;
use crate::error::{Doing, LakeError};
use crate::inbox::{Accepted, Body, Delivery, Waiting};
use crate::number::{count, from_sql, to_sql};
use crate::report::{Consumes, ImportSpec};

/// How long a sender may repeat a delivery under its key.
pub(crate) const KEY_HOURS: i64 = 24;
/// Between two looks at the clock no more than this has passed, whatever it says: a clock that is put forward by a year must
/// not make every key old. Time in which nothing runs counts no more than this either, so keys are rather kept too long.
const LEAP: SignedDuration = SignedDuration::from_hours(1);

/// Time that has passed by the store's own clock, in microseconds.
async fn passed(tx: &mut SqliteConnection, now: Timestamp) -> Result<i64, sqlx::Error> {
    let row = sqlx::query("SELECT passed_us, seen_us FROM dialmark_clock").fetch_one(tx).await?;
    let (passed, seen): (i64, i64) = (row.try_get(0)?, row.try_get(1)?);
    let since = now.as_microsecond().saturating_sub(seen);
    Ok(passed.saturating_add(since.clamp(0, i64::try_from(LEAP.as_micros()).unwrap_or(i64::MAX))))
}

impl Catalogue {
    /// Puts deliveries into the inbox in one transaction, which is their acknowledgement. What became of each stands in
    /// their order.
    pub(crate) async fn accept(&self, deliveries: &[&Delivery]) -> Result<Vec<Accepted>, LakeError> {
        let doing = "take what was pushed";
        let mut tx = self.writing().await?;
        let now = Timestamp::now();
        let passed_us = passed(&mut tx, now).await.doing(doing, self.path())?;
        let mut accepted = Vec::with_capacity(deliveries.len());
        for delivery in deliveries {
            accepted.push(accept_one(&mut tx, delivery, now, passed_us).await.doing(doing, self.path())?);
        }
        tx.commit().await.doing(doing, self.path())?;
        Ok(accepted)
    }

    /// Forgets the keys that nobody may repeat any more.
    pub(crate) async fn forget_keys(&self) -> Result<(), LakeError> {
        let doing = "forget old keys";
        let mut tx = self.writing().await?;
        let now = Timestamp::now();
        let passed_us = passed(&mut tx, now).await.doing(doing, self.path())?;
        let done = sqlx::query("UPDATE dialmark_clock SET passed_us = ?, seen_us = ?")
            .bind(passed_us)
            .bind(now.as_microsecond())
            .execute(&mut *tx)
            .await;
        done.doing(doing, self.path())?;
        let kept = i64::try_from(SignedDuration::from_hours(KEY_HOURS).as_micros()).unwrap_or(i64::MAX);
        let done = sqlx::query("DELETE FROM dialmark_receipt WHERE passed_us < ?")
            .bind(passed_us.saturating_sub(kept))
            .execute(&mut *tx)
            .await;
        done.doing(doing, self.path())?;
        tx.commit().await.doing(doing, self.path())
    }

    /// What waits, by source.
    pub(crate) async fn waiting(&self) -> Result<Vec<Waiting>, LakeError> {
        let doing = "read the inbox";
        let sql = "SELECT source, count(*), coalesce(sum(records), 0), coalesce(sum(length(body)), 0), min(received_at)
                   FROM dialmark_inbox GROUP BY source ORDER BY source";
        let mut tx = self.reading().await?;
        let rows = sqlx::query(sql).fetch_all(&mut *tx).await.doing(doing, self.path())?;
        let read = |row: &sqlx::sqlite::SqliteRow| -> Result<Waiting, sqlx::Error> {
            Ok(Waiting {
                source: row.try_get(0)?,
                bodies: from_sql(row.try_get(1)?),
                records: from_sql(row.try_get(2)?),
                bytes: from_sql(row.try_get(3)?),
                since: row.try_get(4)?,
            })
        };
        rows.iter().map(read).collect::<Result<_, _>>().doing(doing, self.path())
    }

    /// The oldest bodies of a source, up to so many bytes; at least one when there is one.
    pub(crate) async fn bodies(&self, source: &str, bytes: u64) -> Result<Vec<Body>, LakeError> {
        let doing = "read the inbox";
        let mut tx = self.reading().await?;
        // The running sum keeps what is taken into memory within bounds.
        let sql = "SELECT seq, received_at, body FROM dialmark_inbox WHERE source = ?1 AND seq <=
                     (SELECT max(seq) FROM (SELECT seq, sum(length(body)) OVER (ORDER BY seq) - length(body) AS before
                                            FROM (SELECT seq, body FROM dialmark_inbox WHERE source = ?1
                                                  ORDER BY seq LIMIT 100000)) WHERE before < ?2)
                   ORDER BY seq";
        let rows = sqlx::query(sql)
            .bind(source)
            .bind(to_sql(bytes.max(1)))
            .fetch_all(&mut *tx)
            .await
            .doing(doing, self.path())?;
        let read = |row: &sqlx::sqlite::SqliteRow| -> Result<Body, sqlx::Error> {
            Ok(Body { seq: row.try_get(0)?, received_at: row.try_get(1)?, bytes: row.try_get(2)? })
        };
        rows.iter().map(read).collect::<Result<_, _>>().doing(doing, self.path())
    }

    /// Uses up what the import is made of. Fails when somebody else took any of it.
    pub(super) async fn consume(
        &self,
        tx: &mut SqliteConnection,
        spec: &ImportSpec,
        by: i64,
    ) -> Result<(), LakeError> {
        let (taken, expected) = match spec.consumes {
            Consumes::Nothing | Consumes::Cursor(_) => return Ok(()),
            Consumes::Inbox { upto, bodies } => {
                let query = sqlx::query("DELETE FROM dialmark_inbox WHERE source = ? AND seq <= ?");
                (query.bind(&spec.source).bind(upto).execute(tx).await, bodies)
            }
            Consumes::Quarantine { import_id, rows } => {
                (super::quarantine::resolve(tx, import_id, by).await, rows)
            }
        };
        let taken = taken.doing("use up what the import is made of", self.path())?;
        if taken.rows_affected() == expected {
            Ok(())
        } else {
            Err(LakeError::Raced { table: spec.table.name.clone().into_owned() })
        }
    }
}

async fn accept_one(
    tx: &mut SqliteConnection,
    delivery: &Delivery,
    now: Timestamp,
    passed_us: i64,
) -> Result<Accepted, sqlx::Error> {
    if let Some(key) = &delivery.key {
        let hash = blake3::hash(&delivery.body);
        let earlier = sqlx::query(
            "SELECT body_hash, records, received_at FROM dialmark_receipt WHERE stream = ? AND key = ?",
        )
        .bind(&delivery.stream)
        .bind(key)
        .fetch_optional(&mut *tx)
        .await?;
        if let Some(row) = earlier {
            let received_at: String = row.try_get(2)?;
            let same = row.try_get::<Vec<u8>, _>(0)? == hash.as_bytes();
            let records = from_sql(row.try_get(1)?);
            return Ok(if same { Accepted::Again { records, received_at } } else { Accepted::OtherBody });
        }
        sqlx::query(
            "INSERT INTO dialmark_receipt(stream, key, body_hash, records, received_at, passed_us) VALUES (?,?,?,?,?,?)",
        )
        .bind(&delivery.stream)
        .bind(key)
        .bind(hash.as_bytes().as_slice())
        .bind(to_sql(delivery.records))
        .bind(stamp(now))
        .bind(passed_us)
        .execute(&mut *tx)
        .await?;
    }
    for source in &delivery.sources {
        sqlx::query("INSERT INTO dialmark_inbox(source, received_at, records, body) VALUES (?,?,?,?)")
            .bind(source)
            .bind(stamp(now))
            .bind(to_sql(delivery.records))
            .bind(delivery.body.as_slice())
            .execute(&mut *tx)
            .await?;
    }
    Ok(Accepted::Taken { bodies: count(delivery.sources.len()) })
}

/// An instant as text whose order is that of time.
fn stamp(at: Timestamp) -> String {
    at.strftime("%Y-%m-%dT%H:%M:%S.%6fZ").to_string()
}
