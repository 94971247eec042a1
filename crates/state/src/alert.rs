//! How things stand that alerts look at, what happened to them, and what is told of it: in one transaction, so that whoever is
//! interrupted has told all of it or nothing, and tells nothing twice.

use std::collections::BTreeMap;

use async_recursion::async_recursion as compiled_here;
use dialmark_govern::alert::{Changed, Happened, Round, Standing};
use jiff::Timestamp;
use sqlx::{Row, Sqlite, Transaction};

use crate::database::State;
use crate::error::StateError;
use crate::outbox::{NewPiece, write_in};

const DOING: &str = "write down how alerts stand";

/// How one thing stood, and the version of what was written down of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stood {
    /// How it stood.
    pub standing: Standing,
    version: i64,
}

/// How the things of one alert stood, by key.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Stoods(BTreeMap<String, Stood>);

impl Stoods {
    /// How they stood, by key.
    pub fn standings(&self) -> BTreeMap<String, Standing> {
        self.0.iter().map(|(key, stood)| (key.clone(), stood.standing.clone())).collect()
    }

    /// All of them, in the order of their keys.
    pub fn iter(&self) -> impl Iterator<Item = &Standing> {
        self.0.values().map(|stood| &stood.standing)
    }

    fn version(&self, key: &str) -> Option<i64> {
        self.0.get(key).map(|stood| stood.version)
    }
}

impl State {
    /// How everything stands, by alert.
    #[compiled_here]
    pub async fn alerts(&self) -> Result<BTreeMap<String, Stoods>, StateError> {
        let doing = "read how alerts stand";
        let rows = sqlx::query("SELECT alert, thing, standing, version FROM alert_standing");
        let rows = rows.fetch_all(&self.pool).await.map_err(|e| self.failed(doing, e))?;
        let mut all: BTreeMap<String, Stoods> = BTreeMap::new();
        for row in rows {
            let read = || -> Result<(String, String, String, i64), sqlx::Error> {
                Ok((row.try_get(0)?, row.try_get(1)?, row.try_get(2)?, row.try_get(3)?))
            };
            let (alert, key, standing, version) = read().map_err(|e| self.failed(doing, e))?;
            let standing = self.read("how an alert stands", &standing)?;
            all.entry(alert).or_default().0.insert(key, Stood { standing, version });
        }
        Ok(all)
    }

    /// Writes down what a round of an alert came to, what happened, and the pieces that tell of it: all or nothing. Nothing, and
    /// `false`, when somebody else has written down a round since `before` was read: theirs counts, and this one is looked at
    /// again.
    #[compiled_here]
    pub async fn keep_round(
        &self,
        alert: &str,
        before: &Stoods,
        round: &Round,
        pieces: &[NewPiece],
        now: Timestamp,
    ) -> Result<bool, StateError> {
        if round.changed.is_empty() && pieces.is_empty() {
            return Ok(true);
        }
        let mut tx = self.begin(DOING).await?;
        for changed in &round.changed {
            let version = before.version(&changed.standing.subject.key);
            if !self.keep_standing(&mut tx, alert, changed, version).await? {
                // The transaction is given up as it is dropped.
                return Ok(false);
            }
        }
        write_in(self, &mut tx, pieces, now).await?;
        tx.commit().await.map_err(|e| self.failed(DOING, e))?;
        Ok(true)
    }

    /// Whether it was still of the version that was read.
    async fn keep_standing(
        &self,
        tx: &mut Transaction<'_, Sqlite>,
        alert: &str,
        changed: &Changed,
        version: Option<i64>,
    ) -> Result<bool, StateError> {
        let key = &changed.standing.subject.key;
        let standing = self.text(&changed.standing)?;
        let written = match version {
            None => {
                sqlx::query(
                    "INSERT INTO alert_standing(standing, alert, thing, version) VALUES (?,?,?,1)
                     ON CONFLICT(alert, thing) DO NOTHING",
                )
                .bind(standing)
                .bind(alert)
                .bind(key)
                .execute(&mut **tx)
                .await
            }
            Some(version) => {
                sqlx::query(
                    "UPDATE alert_standing SET standing = ?, version = version + 1
                     WHERE alert = ? AND thing = ? AND version = ?",
                )
                .bind(standing)
                .bind(alert)
                .bind(key)
                .bind(version)
                .execute(&mut **tx)
                .await
            }
        };
        if written.map_err(|e| self.failed(DOING, e))?.rows_affected() == 0 {
            return Ok(false);
        }
        if let Some(happened) = &changed.happened {
            sqlx::query("INSERT INTO alert_event(alert, thing, event) VALUES (?,?,?)")
                .bind(alert)
                .bind(key)
                .bind(self.text(happened)?)
                .execute(&mut **tx)
                .await
                .map_err(|e| self.failed(DOING, e))?;
        }
        Ok(true)
    }

    /// What was raised and cleared, the latest first: the alert, and what happened. Of one alert only, if one is named.
    #[compiled_here]
    pub async fn alert_history(
        &self,
        alert: Option<&str>,
        most: u32,
    ) -> Result<Vec<(String, Happened)>, StateError> {
        let doing = "read what alerts have told";
        let rows = sqlx::query(
            "SELECT alert, event FROM alert_event WHERE ? IS NULL OR alert = ? ORDER BY seq DESC LIMIT ?",
        );
        let rows = rows.bind(alert).bind(alert).bind(most).fetch_all(&self.pool).await;
        let rows = rows.map_err(|e| self.failed(doing, e))?;
        let line = |row: &sqlx::sqlite::SqliteRow| {
            let read = || -> Result<(String, String), sqlx::Error> { Ok((row.try_get(0)?, row.try_get(1)?)) };
            let (alert, event) = read().map_err(|e| self.failed(doing, e))?;
            Ok((alert, self.read("the history of an alert", &event)?))
        };
        rows.iter().map(line).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::outbox::{Channel, Pieces};
    use dialmark_govern::Place;
    use dialmark_govern::alert::{Event, Found, Known, Opens, Phase, Subject};

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    fn raised(key: &str, now: Timestamp) -> Changed {
        let subject = Subject { key: key.to_owned(), label: key.to_owned(), place: Place::centre() };
        let found = Found {
            at: now,
            value: Some("31/1000".to_owned()),
            shown: "3.1 %".to_owned(),
            limit: "above 3 %".to_owned(),
            n: Some(1000),
            notes: Vec::new(),
            opens: Opens::Kpis,
        };
        let known = Known { is_raised: true, told_at: Some(now), since: Some(now) };
        Changed {
            happened: Some(Happened {
                at: now,
                event: Event::Raised,
                subject: subject.clone(),
                found: found.clone(),
                since: now,
            }),
            standing: Standing { subject, phase: Phase::Raised { since: now, raised_at: now }, known, found },
        }
    }

    fn piece(id: &str) -> NewPiece {
        NewPiece {
            id: id.to_owned(),
            channel: Channel::Hook,
            to: "pager".to_owned(),
            subject: "Drops".to_owned(),
            content: Vec::new(),
        }
    }

    #[tokio::test]
    async fn what_changed_and_what_is_told_of_it_are_written_together_or_not_at_all() {
        let folder = tempfile::tempdir().unwrap();
        let (state, now) = (State::open(folder.path()).await.unwrap(), at("2026-07-01T08:00:00Z"));
        let round = Round { changed: vec![raised("north", now)], notices: Vec::new() };
        let nothing = Stoods::default();
        assert!(state.keep_round("drops", &nothing, &round, &[piece("a")], now).await.unwrap());
        // Another process had looked at the same time: neither its standing nor its message counts.
        let mut theirs = round.clone();
        theirs.changed.insert(0, raised("alpha", now));
        assert!(!state.keep_round("drops", &nothing, &theirs, &[piece("b")], now).await.unwrap());
        let stands = state.alerts().await.unwrap();
        assert_eq!(stands["drops"].standings().keys().collect::<Vec<_>>(), ["north"]);
        assert_eq!(stands["drops"].standings()["north"], round.changed[0].standing);
        assert_eq!(state.pieces(&Pieces::default(), 9).await.unwrap().len(), 1);
        assert_eq!(state.alert_history(None, 9).await.unwrap().len(), 1);

        // Of what was read now it goes on, once.
        let before = &stands["drops"];
        assert!(state.keep_round("drops", before, &round, &[piece("c")], now).await.unwrap());
        assert!(!state.keep_round("drops", before, &round, &[piece("d")], now).await.unwrap());
        assert_eq!(state.pieces(&Pieces::default(), 9).await.unwrap().len(), 2);
        let history = state.alert_history(Some("drops"), 9).await.unwrap();
        assert_eq!((history.len(), history[0].1.event), (2, Event::Raised));
        assert!(state.alert_history(Some("other"), 9).await.unwrap().is_empty());
    }
}
