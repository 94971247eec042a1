//! The trail: who did what to what, when and why. Only ever added to.
//!
//! Each entry is chained to the one before it by a hash, so that an entry that was changed, taken out or slipped in later
//! shows. What the chain cannot show is a trail that was written anew as a whole; a copy of the last hash elsewhere would.

use async_recursion::async_recursion as compiled_here;
use jiff::Timestamp;
use serde::Serialize;
use serde_json::Value;
use sqlx::sqlite::SqliteRow;
use sqlx::{QueryBuilder, Row, Sqlite, Transaction};

use crate::database::State;
use crate::error::StateError;

/// Something that somebody did.
#[derive(Debug, Clone, PartialEq)]
pub struct Deed<'d> {
    /// Who: the name of an account, or `local` for whoever sits at the machine.
    pub by: &'d str,
    /// What was done, such as `kpi.changed`.
    pub did: &'d str,
    /// To what.
    pub subject: &'d str,
    /// Why, in their words; empty where nobody is asked.
    pub why: &'d str,
    /// What it was before and is now, as far as that is told.
    pub detail: Value,
}

/// An entry of the trail.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Noted {
    /// Its number, from 1.
    pub seq: i64,
    /// When.
    pub at: Timestamp,
    /// Who.
    pub by: String,
    /// What was done.
    pub did: String,
    /// To what.
    pub subject: String,
    /// Why.
    pub why: String,
    /// What it was before and is now.
    pub detail: Value,
}

/// Which entries are wanted; the default is all.
#[derive(Debug, Clone, Default)]
pub struct Wanted {
    /// Of one person.
    pub by: Option<String>,
    /// Whose deed begins so, such as `kpi.`.
    pub did: Option<String>,
    /// About something whose name holds this.
    pub subject: Option<String>,
    /// At or after this instant.
    pub from: Option<Timestamp>,
    /// Before this instant.
    pub to: Option<Timestamp>,
}

impl Wanted {
    /// The rest of a statement that begins with what is selected.
    fn narrow(&self, sql: &mut QueryBuilder<Sqlite>) {
        sql.push(" FROM trail WHERE TRUE");
        if let Some(by) = &self.by {
            sql.push(" AND by = ").push_bind(by.clone());
        }
        if let Some(did) = &self.did {
            sql.push(" AND substr(did, 1, length(")
                .push_bind(did.clone())
                .push(")) = ")
                .push_bind(did.clone());
        }
        if let Some(subject) = &self.subject {
            sql.push(" AND instr(subject, ").push_bind(subject.clone()).push(") > 0");
        }
        // Instants are written in UTC and with as many digits as they need: as numbers they compare.
        if let Some(from) = self.from {
            sql.push(" AND unixepoch(at, 'subsec') >= ").push_bind(from.as_second());
        }
        if let Some(to) = self.to {
            sql.push(" AND unixepoch(at, 'subsec') < ").push_bind(to.as_second());
        }
    }
}

impl State {
    /// Notes something that changed nothing else here.
    #[compiled_here]
    pub async fn note(&self, deed: &Deed<'_>) -> Result<i64, StateError> {
        let doing = "note what was done";
        let mut tx = self.begin(doing).await?;
        let seq = self.tell(&mut tx, deed).await?;
        tx.commit().await.map_err(|e| self.failed(doing, e))?;
        Ok(seq)
    }

    /// Notes something together with what it changed.
    pub(crate) async fn tell(
        &self,
        tx: &mut Transaction<'_, Sqlite>,
        deed: &Deed<'_>,
    ) -> Result<i64, StateError> {
        let doing = "note what was done";
        let last = sqlx::query("SELECT seq, chained FROM trail ORDER BY seq DESC LIMIT 1");
        let last = last.fetch_optional(&mut **tx).await.map_err(|e| self.failed(doing, e))?;
        let last = last.map(|row| Ok((row.try_get(0)?, row.try_get(1)?))).transpose();
        let (seq, before): (i64, String) = last.map_err(|e| self.failed(doing, e))?.unwrap_or_default();
        let seq = seq + 1;
        let (at, detail) = (Timestamp::now().to_string(), self.text(&deed.detail)?);
        let chained = chained(&before, &[&at, deed.by, deed.did, deed.subject, deed.why, &detail]);
        sqlx::query(
            "INSERT INTO trail(seq, at, by, did, subject, why, detail, chained) VALUES (?,?,?,?,?,?,?,?)",
        )
        .bind(seq)
        .bind(at)
        .bind(deed.by)
        .bind(deed.did)
        .bind(deed.subject)
        .bind(deed.why)
        .bind(detail)
        .bind(chained)
        .execute(&mut **tx)
        .await
        .map_err(|e| self.failed(doing, e))?;
        Ok(seq)
    }

    /// The entries that are wanted, newest first, at most `most` after passing over `passed`; and how many there are in all.
    #[compiled_here]
    pub async fn trail(
        &self,
        wanted: &Wanted,
        passed: u32,
        most: u32,
    ) -> Result<(Vec<Noted>, u64), StateError> {
        let doing = "read the trail";
        let mut count = QueryBuilder::<Sqlite>::new("SELECT count(*)");
        wanted.narrow(&mut count);
        let row = count.build().fetch_one(&self.pool).await;
        let total: i64 = row.and_then(|row| row.try_get(0)).map_err(|e| self.failed(doing, e))?;
        let mut sql = QueryBuilder::<Sqlite>::new("SELECT seq, at, by, did, subject, why, detail, chained");
        wanted.narrow(&mut sql);
        sql.push(" ORDER BY seq DESC LIMIT ").push_bind(most).push(" OFFSET ").push_bind(passed);
        let rows = sql.build().fetch_all(&self.pool).await.map_err(|e| self.failed(doing, e))?;
        let noted: Result<Vec<Noted>, StateError> = rows.iter().map(|row| Ok(self.noted(row)?.0)).collect();
        Ok((noted?, u64::try_from(total).unwrap_or(0)))
    }

    /// Everybody who did something, by name.
    #[compiled_here]
    pub async fn who_did_something(&self) -> Result<Vec<String>, StateError> {
        let doing = "read the trail";
        let rows = sqlx::query("SELECT DISTINCT by FROM trail ORDER BY by").fetch_all(&self.pool).await;
        let rows = rows.map_err(|e| self.failed(doing, e))?;
        rows.iter().map(|row| row.try_get(0).map_err(|e| self.failed(doing, e))).collect()
    }

    /// How many entries there are, after each was compared with the one before it. Where the chain is broken is
    /// [`StateError::Damaged`].
    #[compiled_here]
    pub async fn verify_trail(&self) -> Result<i64, StateError> {
        let sql = "SELECT seq, at, by, did, subject, why, detail, chained FROM trail ORDER BY seq";
        let rows = sqlx::query(sql).fetch_all(&self.pool).await;
        let rows = rows.map_err(|e| self.failed("read the trail", e))?;
        let (mut seq, mut before) = (0, String::new());
        for row in &rows {
            let (noted, text) = self.noted(row)?;
            seq += 1;
            let [at, detail, found] = text;
            let parts = [&at, noted.by.as_str(), &noted.did, &noted.subject, &noted.why, &detail];
            if noted.seq != seq || found != chained(&before, &parts) {
                return Err(self.damaged(format!(
                    "entry {} of the trail is not what was written, or one before it is missing",
                    noted.seq
                )));
            }
            before = found;
        }
        Ok(seq)
    }

    /// An entry, and its instant, detail and hash as they are written.
    fn noted(&self, row: &SqliteRow) -> Result<(Noted, [String; 3]), StateError> {
        let read = || -> Result<(i64, [String; 7]), sqlx::Error> {
            let text = [
                row.try_get(1)?,
                row.try_get(2)?,
                row.try_get(3)?,
                row.try_get(4)?,
                row.try_get(5)?,
                row.try_get(6)?,
                row.try_get(7)?,
            ];
            Ok((row.try_get(0)?, text))
        };
        let (seq, [at, by, did, subject, why, detail, chained]) =
            read().map_err(|e| self.failed("read the trail", e))?;
        let noted = Noted {
            seq,
            at: at.parse().map_err(|_| self.damaged(format!("entry {seq} of the trail has no time")))?,
            by,
            did,
            subject,
            why,
            detail: self.read("an entry of the trail", &detail)?,
        };
        Ok((noted, [at, detail, chained]))
    }
}

/// The hash of an entry, over the one before it. Each part is preceded by its length, so that none can borrow from another.
fn chained(before: &str, parts: &[&str]) -> String {
    let mut hasher = blake3::Hasher::new();
    for part in std::iter::once(&before).chain(parts) {
        hasher.update(&u64::try_from(part.len()).unwrap_or(u64::MAX).to_le_bytes());
        hasher.update(part.as_bytes());
    }
    hasher.finalize().to_hex().to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    async fn told(state: &State, by: &str, did: &str) -> i64 {
        let deed = Deed { by, did, subject: "conversion", why: "asked for", detail: json!({ "to": 3 }) };
        state.note(&deed).await.unwrap()
    }

    #[tokio::test]
    async fn the_trail_is_read_from_its_end_and_narrowed() {
        let folder = tempfile::tempdir().unwrap();
        let state = State::open(folder.path()).await.unwrap();
        assert_eq!(state.verify_trail().await.unwrap(), 0);
        for (by, did) in [("ann", "kpi.changed"), ("ben", "map.changed"), ("ann", "kpi.made")] {
            told(&state, by, did).await;
        }
        let seen = async |wanted: Wanted, passed: u32, most: u32| -> (Vec<i64>, u64) {
            let (noted, total) = state.trail(&wanted, passed, most).await.unwrap();
            (noted.into_iter().map(|noted| noted.seq).collect(), total)
        };
        assert_eq!(seen(Wanted::default(), 0, 2).await, (vec![3, 2], 3));
        assert_eq!(seen(Wanted::default(), 2, 2).await, (vec![1], 3));
        for wanted in [
            Wanted { by: Some("ann".to_owned()), ..Wanted::default() },
            Wanted { did: Some("kpi.".to_owned()), ..Wanted::default() },
        ] {
            assert_eq!(seen(wanted, 0, 9).await, (vec![3, 1], 2));
        }
        let about = Wanted { subject: Some("vers".to_owned()), ..Wanted::default() };
        assert_eq!(seen(about, 0, 1).await, (vec![3], 3));
        let now = Timestamp::now();
        let hour = jiff::SignedDuration::from_hours(1);
        let within = |from, to| Wanted { from: Some(from), to: Some(to), ..Wanted::default() };
        assert_eq!(seen(within(now - hour, now + hour), 0, 9).await.1, 3);
        assert_eq!(seen(within(now - hour * 2, now - hour), 0, 9).await.1, 0);
        assert_eq!(state.who_did_something().await.unwrap(), ["ann", "ben"]);
        assert_eq!(state.verify_trail().await.unwrap(), 3);
    }

    #[tokio::test]
    async fn an_entry_can_be_neither_changed_nor_removed_and_a_forced_change_shows() {
        let folder = tempfile::tempdir().unwrap();
        let state = State::open(folder.path()).await.unwrap();
        for _ in 0..3 {
            told(&state, "ann", "kpi.changed").await;
        }
        for sql in ["UPDATE trail SET by = 'ben'", "DELETE FROM trail WHERE seq = 2"] {
            assert!(sqlx::raw_sql(sql).execute(&state.pool).await.is_err(), "{sql}");
        }
        assert_eq!(state.verify_trail().await.unwrap(), 3);
        for (sql, at) in [
            ("UPDATE trail SET why = 'else' WHERE seq = 2", "entry 2"),
            ("DELETE FROM trail WHERE seq = 2", "entry 3"),
        ] {
            sqlx::raw_sql("DROP TRIGGER IF EXISTS trail_is_kept").execute(&state.pool).await.unwrap();
            sqlx::raw_sql("DROP TRIGGER IF EXISTS trail_stays").execute(&state.pool).await.unwrap();
            sqlx::raw_sql(sql).execute(&state.pool).await.unwrap();
            let said = state.verify_trail().await.unwrap_err().to_string();
            assert!(said.contains(at), "{said}");
        }
    }
}
