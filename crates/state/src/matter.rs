//! What people decide on step by step: a dispute, an evaluation, a coaching session. Each step is kept as it was.

use std::collections::BTreeMap;

use dialmark_govern::calibration::Round;
use dialmark_govern::coaching::Session as Coaching;
use dialmark_govern::dispute::Dispute;
use dialmark_govern::quality::Evaluated;
use dialmark_govern::recovery::Item;
use jiff::Timestamp;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::json;
use sqlx::sqlite::SqliteRow;
use sqlx::{Row, Sqlite, Transaction};

use crate::database::State;
use crate::error::StateError;
use crate::trail::Deed;

/// Something that goes through steps. Its rules say which steps fit; here it is only kept.
pub trait Matter: Serialize + DeserializeOwned + Send + Sync {
    /// What kind of thing it is, in a word that never changes: it is written in the database and in the trail.
    const KIND: &'static str;

    /// By which it is known among its kind.
    fn id(&self) -> String;
}

impl Matter for Dispute {
    const KIND: &'static str = "dispute";

    fn id(&self) -> String {
        Dispute::id(self).to_owned()
    }
}

impl Matter for Item {
    const KIND: &'static str = "recovery";

    fn id(&self) -> String {
        let id = Item::id(self);
        format!("{}/{}", id.source, id.source_id)
    }
}

impl Matter for Evaluated {
    const KIND: &'static str = "evaluation";

    fn id(&self) -> String {
        Evaluated::id(self).to_owned()
    }
}

impl Matter for Round {
    const KIND: &'static str = "calibration";

    fn id(&self) -> String {
        Round::id(self).to_owned()
    }
}

impl Matter for Coaching {
    const KIND: &'static str = "coaching";

    fn id(&self) -> String {
        Coaching::id(self).to_owned()
    }
}

/// How far the steps of a kind were read. Steps are only ever added, so what was read before stays as it was; the mark of
/// the last one shows whether these are still the same steps.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReadUpTo {
    /// Place of the last step that was read.
    place: i64,
    /// What it is known by.
    mark: String,
}

/// A step that was taken.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Step<M> {
    /// When.
    pub at: Timestamp,
    /// By whom.
    pub by: String,
    /// The thing after it.
    pub value: M,
}

impl State {
    /// Begins something. That there is one of this id already is [`StateError::Refused`].
    pub async fn begin_matter<M: Matter>(&self, value: &M, by: &str) -> Result<(), StateError> {
        let doing = "write a decision down";
        let mut tx = self.begin(doing).await?;
        if self.last(&mut tx, M::KIND, &value.id()).await?.is_some() {
            return Err(StateError::Refused(format!("There is a {} `{}` already.", M::KIND, value.id())));
        }
        self.step(&mut tx, 0, value, by, "begun").await?;
        tx.commit().await.map_err(|e| self.failed(doing, e))
    }

    /// Begins what is not there yet, all at once; returns how many were begun.
    pub async fn begin_matters<M: Matter>(&self, values: &[M], by: &str) -> Result<u64, StateError> {
        let doing = "write decisions down";
        let mut tx = self.begin(doing).await?;
        let mut begun = 0;
        for value in values {
            if self.last(&mut tx, M::KIND, &value.id()).await?.is_none() {
                self.step(&mut tx, 0, value, by, "begun").await?;
                begun += 1;
            }
        }
        tx.commit().await.map_err(|e| self.failed(doing, e))?;
        Ok(begun)
    }

    /// Lets something take a step by its rules; `did` is the step in a word for the trail. A refusal of the rules is
    /// [`StateError::Refused`], and nothing has changed.
    pub async fn step_matter<M: Matter>(
        &self,
        id: &str,
        by: &str,
        did: &str,
        step: impl FnOnce(M) -> Result<M, String>,
    ) -> Result<M, StateError> {
        let doing = "write a decision down";
        let mut tx = self.begin(doing).await?;
        let Some((seq, text)) = self.last(&mut tx, M::KIND, id).await? else {
            return Err(StateError::Refused(format!("There is no {} `{id}`.", M::KIND)));
        };
        let value = step(self.read(M::KIND, &text)?).map_err(StateError::Refused)?;
        if value.id() != id {
            return Err(StateError::Refused(format!("The {} `{id}` cannot become another.", M::KIND)));
        }
        self.step(&mut tx, seq + 1, &value, by, did).await?;
        tx.commit().await.map_err(|e| self.failed(doing, e))?;
        Ok(value)
    }

    /// Everything of a kind as it stands, in the order in which it began.
    pub async fn matters<M: Matter>(&self) -> Result<Vec<M>, StateError> {
        self.matters_under("").await
    }

    /// The same, of those whose identifiers begin so.
    pub async fn matters_under<M: Matter>(&self, prefix: &str) -> Result<Vec<M>, StateError> {
        let sql = "SELECT m.value FROM matter m
                   JOIN (SELECT id, max(seq) AS seq, min(rowid) AS began FROM matter
                         WHERE kind = ? AND substr(id, 1, length(?)) = ? GROUP BY id) last
                     ON m.id = last.id AND m.seq = last.seq
                   WHERE m.kind = ? ORDER BY last.began";
        let query = sqlx::query(sql).bind(M::KIND).bind(prefix).bind(prefix).bind(M::KIND);
        let rows = query.fetch_all(&self.pool).await;
        let rows = rows.map_err(|e| self.failed("read decisions", e))?;
        rows.iter()
            .map(|row| {
                let text: String = row.try_get(0).map_err(|e| self.failed("read decisions", e))?;
                self.read(M::KIND, &text)
            })
            .collect()
    }

    /// The steps that one thing took, in order; none when there is none.
    pub async fn steps<M: Matter>(&self, id: &str) -> Result<Vec<Step<M>>, StateError> {
        let sql = "SELECT at, by, value FROM matter WHERE kind = ? AND id = ? ORDER BY seq";
        let rows = sqlx::query(sql).bind(M::KIND).bind(id).fetch_all(&self.pool).await;
        let rows = rows.map_err(|e| self.failed("read decisions", e))?;
        rows.iter().map(|row| self.a_step(row)).collect()
    }

    /// What took steps after those that were read, each as it stood after the last of `most` further steps, and how far this
    /// reads. Where `after` is of other steps than these (a copy of the database was put back), it begins anew.
    pub async fn matters_since<M: Matter>(
        &self,
        after: &ReadUpTo,
        most: u32,
    ) -> Result<(Vec<M>, ReadUpTo), StateError> {
        let doing = "read decisions";
        let mark = "id || ' ' || seq || ' ' || at";
        let known = sqlx::query(sqlx::AssertSqlSafe(format!(
            "SELECT 1 FROM matter WHERE kind = ? AND rowid = ? AND {mark} = ?"
        )));
        let known = known.bind(M::KIND).bind(after.place).bind(&after.mark).fetch_optional(&self.pool).await;
        let from = known.map_err(|e| self.failed(doing, e))?.map_or(0, |_| after.place);
        let sql = format!(
            "SELECT id, value, rowid, {mark} FROM matter WHERE kind = ? AND rowid > ? ORDER BY rowid LIMIT ?"
        );
        let rows = sqlx::query(sqlx::AssertSqlSafe(sql)).bind(M::KIND).bind(from).bind(most);
        let rows = rows.fetch_all(&self.pool).await.map_err(|e| self.failed(doing, e))?;
        let mut upto = match from {
            0 => ReadUpTo::default(),
            _ => after.clone(),
        };
        let mut last: BTreeMap<String, String> = BTreeMap::new();
        for row in &rows {
            let read = || -> Result<(String, String, ReadUpTo), sqlx::Error> {
                Ok((
                    row.try_get(0)?,
                    row.try_get(1)?,
                    ReadUpTo { place: row.try_get(2)?, mark: row.try_get(3)? },
                ))
            };
            let (id, value, read_up_to) = read().map_err(|e| self.failed(doing, e))?;
            last.insert(id, value);
            upto = read_up_to;
        }
        let matters: Result<Vec<M>, StateError> =
            last.values().map(|text| self.read(M::KIND, text)).collect();
        Ok((matters?, upto))
    }

    /// One thing as it stands.
    pub async fn matter<M: Matter>(&self, id: &str) -> Result<Option<M>, StateError> {
        Ok(self.steps(id).await?.pop().map(|step| step.value))
    }

    async fn last(
        &self,
        tx: &mut Transaction<'_, Sqlite>,
        kind: &str,
        id: &str,
    ) -> Result<Option<(i64, String)>, StateError> {
        let sql = "SELECT seq, value FROM matter WHERE kind = ? AND id = ? ORDER BY seq DESC LIMIT 1";
        let row = sqlx::query(sql).bind(kind).bind(id).fetch_optional(&mut **tx).await;
        let read = row.and_then(|row| row.map(|row| Ok((row.try_get(0)?, row.try_get(1)?))).transpose());
        read.map_err(|e| self.failed("read decisions", e))
    }

    async fn step<M: Matter>(
        &self,
        tx: &mut Transaction<'_, Sqlite>,
        seq: i64,
        value: &M,
        by: &str,
        did: &str,
    ) -> Result<(), StateError> {
        let id = value.id();
        sqlx::query("INSERT INTO matter(kind, id, seq, at, by, value) VALUES (?,?,?,?,?,?)")
            .bind(M::KIND)
            .bind(&id)
            .bind(seq)
            .bind(Timestamp::now().to_string())
            .bind(by)
            .bind(self.text(value)?)
            .execute(&mut **tx)
            .await
            .map_err(|e| self.failed("write a decision down", e))?;
        let did = format!("{}.{did}", M::KIND);
        let deed = Deed { by, did: &did, subject: &id, why: "", detail: json!({ "step": seq }) };
        self.tell(tx, &deed).await?;
        Ok(())
    }

    fn a_step<M: Matter>(&self, row: &SqliteRow) -> Result<Step<M>, StateError> {
        let read = || -> Result<[String; 3], sqlx::Error> {
            Ok([row.try_get(0)?, row.try_get(1)?, row.try_get(2)?])
        };
        let [at, by, value] = read().map_err(|e| self.failed("read decisions", e))?;
        let at = at.parse().map_err(|_| self.damaged(format!("a step of a {} has no time", M::KIND)))?;
        Ok(Step { at, by, value: self.read(M::KIND, &value)? })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::trail::Wanted;
    use dialmark_govern::dispute::{CallId, Disputed};

    fn dispute(id: &str) -> Dispute {
        let call = CallId { source: "dialler".to_owned(), source_id: "4711".to_owned() };
        let about = Disputed { call, agent: "ann", is: "NI", should_be: "SALE", why: "She bought." };
        Dispute::raise(id, about, "ann", "2026-07-01T10:00:00Z".parse().unwrap(), &["NI", "SALE"]).unwrap()
    }

    #[tokio::test]
    async fn steps_are_kept_and_refusals_change_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let state = State::open(folder.path()).await.unwrap();
        state.begin_matter(&dispute("d2"), "ann").await.unwrap();
        state.begin_matter(&dispute("d1"), "ann").await.unwrap();
        assert!(state.begin_matter(&dispute("d1"), "ann").await.unwrap_err().to_string().contains("already"));
        let at: Timestamp = "2026-07-02T10:00:00Z".parse().unwrap();
        let own = state
            .step_matter("d1", "ann", "accepted", |d: Dispute| d.accept("ann", at, "I know."))
            .await
            .unwrap_err();
        assert!(own.to_string().contains("cannot decide it"), "{own}");
        let decided = state
            .step_matter("d1", "mia", "accepted", |d: Dispute| d.accept("mia", at, "Heard it."))
            .await
            .unwrap();
        assert!(decided.correction().is_some());
        assert!(state.step_matter("d9", "mia", "x", Ok::<Dispute, String>).await.is_err());

        let ids: Vec<String> = state.matters::<Dispute>().await.unwrap().iter().map(Matter::id).collect();
        assert_eq!(ids, ["d2", "d1"]);
        let steps = state.steps::<Dispute>("d1").await.unwrap();
        assert_eq!(steps.iter().map(|step| step.by.as_str()).collect::<Vec<_>>(), ["ann", "mia"]);
        assert_eq!(state.matter::<Dispute>("d1").await.unwrap(), Some(decided));
        let (all, upto) = state.matters_since::<Dispute>(&ReadUpTo::default(), 9).await.unwrap();
        assert_eq!(all.iter().map(Matter::id).collect::<Vec<_>>(), ["d1", "d2"]);
        assert!(all.first().unwrap().decision().is_some(), "as it stood after its last step");
        assert_eq!(state.matters_since::<Dispute>(&upto, 9).await.unwrap(), (Vec::new(), upto.clone()));
        let (part, upto_2) = state.matters_since::<Dispute>(&ReadUpTo::default(), 2).await.unwrap();
        assert!(part.iter().all(|dispute| dispute.decision().is_none()));
        assert_eq!(state.matters_since::<Dispute>(&upto_2, 9).await.unwrap().1, upto);
        // Steps of another database: all of them again.
        let other = ReadUpTo { mark: "d1 1 2020-01-01T00:00:00Z".to_owned(), ..upto };
        assert_eq!(state.matters_since::<Dispute>(&other, 9).await.unwrap().0.len(), 2);

        let did: Vec<String> = state
            .trail(&Wanted::default(), 0, 9)
            .await
            .unwrap()
            .0
            .into_iter()
            .map(|noted| noted.did)
            .collect();
        assert_eq!(did, ["dispute.accepted", "dispute.begun", "dispute.begun"]);
        for sql in ["UPDATE matter SET by = 'x'", "DELETE FROM matter"] {
            assert!(sqlx::raw_sql(sql).execute(&state.pool).await.is_err());
        }
    }
}
