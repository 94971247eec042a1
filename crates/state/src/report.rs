//! What became of reports that were due: held, sent, missed; each once.
//!
//! What ends a report is one transaction: its letters are written down, the records that it returns are noted, and that it
//! ended. Whoever is interrupted before does it all once more, and whoever comes second finds that it ended.

use std::collections::BTreeMap;

use async_recursion::async_recursion as compiled_here;
use jiff::Timestamp;
use jiff::civil::Date;
use serde::Serialize;
use sqlx::Row;
use sqlx::sqlite::SqliteRow;

use crate::database::State;
use crate::error::StateError;
use crate::outbox::{NewPiece, in_order, write_in};

/// What became of one report for one recipient and day.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Run {
    /// By which it is known, such as `report/morning/ann@example.org/2026-07-01`.
    pub id: String,
    /// Its beginning, which all days of the recipient have.
    pub series: String,
    /// The day for which it was due.
    pub day: Date,
    /// When it was due.
    pub due_at: Timestamp,
    /// What became of it.
    pub came_to: CameTo,
    /// Why, in a sentence; empty where nothing is to be said.
    pub says: String,
    /// When that was noted.
    pub noted_at: Timestamp,
}

/// What became of a report.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum CameTo {
    /// It waits, and is looked at again.
    Held,
    /// It was made, and is handed over.
    Sent,
    /// Nobody was there to send it, and nobody wants it any more.
    Missed,
    /// Records were missing, so it was not sent.
    Skipped,
}

impl CameTo {
    const ALL: [(&'static str, CameTo); 4] = [
        ("held", CameTo::Held),
        ("sent", CameTo::Sent),
        ("missed", CameTo::Missed),
        ("skipped", CameTo::Skipped),
    ];

    /// Its word.
    pub fn word(self) -> &'static str {
        CameTo::ALL.iter().find(|(_, one)| *one == self).map_or("", |(word, _)| word)
    }
}

/// A record that a report returns to whoever it belongs to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Returned {
    /// By which the record is known.
    pub key: String,
    /// What of it was returned, as a mark: another one, and it is returned again.
    pub mark: String,
    /// When the record was made.
    pub at: Timestamp,
}

impl State {
    /// Since when a recipient gets a report. Whoever is new gets what is due from now on, and nothing of the past.
    #[compiled_here]
    pub async fn report_since(&self, series: &str, now: Timestamp) -> Result<Timestamp, StateError> {
        let doing = "note that a report is sent";
        let select = "SELECT since FROM report_series WHERE series = ?";
        let known = sqlx::query(select).bind(series).fetch_optional(&self.pool).await;
        let row = match known.map_err(|e| self.failed(doing, e))? {
            Some(row) => row,
            None => {
                let insert =
                    "INSERT INTO report_series(series, since) VALUES (?,?) ON CONFLICT(series) DO NOTHING";
                let noted = sqlx::query(insert).bind(series).bind(in_order(now)).execute(&self.pool).await;
                noted.map_err(|e| self.failed(doing, e))?;
                // Somebody else may have come first.
                let row = sqlx::query(select).bind(series).fetch_one(&self.pool).await;
                row.map_err(|e| self.failed(doing, e))?
            }
        };
        let since: String = row.try_get(0).map_err(|e| self.failed(doing, e))?;
        since
            .parse()
            .map_err(|_| self.damaged(format!("`{since}` is no instant since when a report is sent")))
    }

    /// The last day for which a recipient's report ended, however it did.
    #[compiled_here]
    pub async fn report_ended(&self, series: &str) -> Result<Option<Date>, StateError> {
        let doing = "read which reports were sent";
        let row = sqlx::query("SELECT max(day) FROM report_run WHERE series = ? AND came_to <> 'held'")
            .bind(series);
        let row = row.fetch_one(&self.pool).await.map_err(|e| self.failed(doing, e))?;
        let day: Option<String> = row.try_get(0).map_err(|e| self.failed(doing, e))?;
        day.map(|day| day.parse().map_err(|_| self.damaged(format!("`{day}` is no day of a report"))))
            .transpose()
    }

    /// Notes that a report waits, and for what. One that ended stays as it is. Says whether that is news.
    #[compiled_here]
    pub async fn hold_report(&self, run: &Run) -> Result<bool, StateError> {
        let doing = "note that a report waits";
        let sql = "INSERT INTO report_run(id, series, day, due_at, came_to, says, noted_at) VALUES (?,?,?,?,'held',?,?)
                   ON CONFLICT(id) DO UPDATE SET says = excluded.says, noted_at = excluded.noted_at
                   WHERE came_to = 'held' AND says <> excluded.says";
        let noted = sqlx::query(sql)
            .bind(&run.id)
            .bind(&run.series)
            .bind(run.day.to_string())
            .bind(in_order(run.due_at))
            .bind(&run.says)
            .bind(in_order(run.noted_at))
            .execute(&self.pool)
            .await;
        Ok(noted.map_err(|e| self.failed(doing, e))?.rows_affected() > 0)
    }

    /// Ends a report: what leaves is written down, what it returns is noted, all or nothing. False, and nothing is written,
    /// when it ended before.
    #[compiled_here]
    pub async fn end_report(
        &self,
        run: &Run,
        pieces: &[NewPiece],
        returned: &[Returned],
    ) -> Result<bool, StateError> {
        let doing = "write down a report";
        let mut tx = self.begin(doing).await?;
        let sql =
            "INSERT INTO report_run(id, series, day, due_at, came_to, says, noted_at) VALUES (?,?,?,?,?,?,?)
                   ON CONFLICT(id) DO UPDATE SET came_to = excluded.came_to, says = excluded.says,
                   noted_at = excluded.noted_at WHERE came_to = 'held'";
        let noted = sqlx::query(sql)
            .bind(&run.id)
            .bind(&run.series)
            .bind(run.day.to_string())
            .bind(in_order(run.due_at))
            .bind(run.came_to.word())
            .bind(&run.says)
            .bind(in_order(run.noted_at))
            .execute(&mut *tx)
            .await
            .map_err(|e| self.failed(doing, e))?;
        if noted.rows_affected() == 0 {
            return Ok(false);
        }
        write_in(self, &mut tx, pieces, run.noted_at).await?;
        for one in returned {
            sqlx::query(
                "INSERT INTO report_returned(series, key, mark, at) VALUES (?,?,?,?)
                 ON CONFLICT(series, key) DO UPDATE SET mark = excluded.mark",
            )
            .bind(&run.series)
            .bind(&one.key)
            .bind(&one.mark)
            .bind(in_order(one.at))
            .execute(&mut *tx)
            .await
            .map_err(|e| self.failed(doing, e))?;
        }
        tx.commit().await.map_err(|e| self.failed(doing, e))?;
        Ok(true)
    }

    /// Marks of what a recipient was returned of records from an instant on, by the records' keys.
    #[compiled_here]
    pub async fn returned(
        &self,
        series: &str,
        from: Timestamp,
    ) -> Result<BTreeMap<String, String>, StateError> {
        let doing = "read what was returned";
        let rows = sqlx::query("SELECT key, mark FROM report_returned WHERE series = ? AND at >= ?")
            .bind(series)
            .bind(in_order(from))
            .fetch_all(&self.pool)
            .await
            .map_err(|e| self.failed(doing, e))?;
        let pair = |row: &SqliteRow| Ok((row.try_get(0)?, row.try_get(1)?));
        rows.iter().map(pair).collect::<Result<_, sqlx::Error>>().map_err(|e| self.failed(doing, e))
    }

    /// What became of reports, the latest first.
    #[compiled_here]
    pub async fn report_runs(&self, most: u32) -> Result<Vec<Run>, StateError> {
        let rows = sqlx::query(
            "SELECT id, series, day, due_at, came_to, says, noted_at FROM report_run ORDER BY due_at DESC, id LIMIT ?",
        )
        .bind(most)
        .fetch_all(&self.pool)
        .await
        .map_err(|e| self.failed("read what became of reports", e))?;
        rows.iter().map(|row| self.a_run(row)).collect()
    }

    fn a_run(&self, row: &SqliteRow) -> Result<Run, StateError> {
        let text = |column: &str| -> Result<String, StateError> {
            row.try_get(column).map_err(|e| self.failed("read what became of reports", e))
        };
        let instant = |column: &str| -> Result<Timestamp, StateError> {
            text(column)?.parse().map_err(|_| self.damaged(format!("`{column}` of a report is no instant")))
        };
        let word = text("came_to")?;
        let came_to = CameTo::ALL.iter().find(|(known, _)| *known == word).map(|(_, came_to)| *came_to);
        Ok(Run {
            id: text("id")?,
            series: text("series")?,
            day: text("day")?.parse().map_err(|_| self.damaged("the day of a report is none".to_owned()))?,
            due_at: instant("due_at")?,
            came_to: came_to.ok_or_else(|| self.damaged(format!("a report came to `{word}`")))?,
            says: text("says")?,
            noted_at: instant("noted_at")?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::outbox::{Channel, Pieces};
    use jiff::civil::date;

    const SERIES: &str = "report/morning/ann@example.org/";

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    fn run(day: Date, came_to: CameTo, says: &str) -> Run {
        let due_at = at(&format!("{day}T06:45:00Z"));
        let id = format!("{SERIES}{day}");
        Run { id, series: SERIES.to_owned(), day, due_at, came_to, says: says.to_owned(), noted_at: due_at }
    }

    fn piece(id: &str) -> NewPiece {
        NewPiece {
            id: id.to_owned(),
            channel: Channel::Mail,
            to: "ann@example.org".to_owned(),
            subject: "Yesterday".to_owned(),
            content: b"content".to_vec(),
        }
    }

    #[tokio::test]
    async fn a_report_ends_once_with_all_that_it_sends_and_returns() {
        let folder = tempfile::tempdir().unwrap();
        let state = State::open(folder.path()).await.unwrap();
        let first = at("2026-07-01T05:00:00Z");
        assert_eq!(state.report_since(SERIES, first).await.unwrap(), first);
        assert_eq!(state.report_since(SERIES, at("2026-07-09T05:00:00Z")).await.unwrap(), first);
        assert_eq!(state.report_ended(SERIES).await.unwrap(), None);

        let day = date(2026, 7, 1);
        assert!(state.hold_report(&run(day, CameTo::Held, "`dialler` is late.")).await.unwrap());
        // The same sentence is no news.
        assert!(!state.hold_report(&run(day, CameTo::Held, "`dialler` is late.")).await.unwrap());
        assert_eq!(state.report_ended(SERIES).await.unwrap(), None);

        let sent = run(day, CameTo::Sent, "");
        let returned = Returned { key: "dialler/7".to_owned(), mark: "a".to_owned(), at: first };
        let ended = state.end_report(&sent, &[piece(&sent.id)], std::slice::from_ref(&returned)).await;
        assert!(ended.unwrap());
        assert_eq!(state.report_ended(SERIES).await.unwrap(), Some(day));

        // Whoever comes second, with whatever, changes nothing.
        let other = Returned { mark: "b".to_owned(), ..returned };
        assert!(!state.end_report(&sent, &[piece("another")], &[other]).await.unwrap());
        assert!(!state.hold_report(&run(day, CameTo::Held, "later")).await.unwrap());
        assert_eq!(state.pieces(&Pieces::default(), 9).await.unwrap().len(), 1);
        assert_eq!(state.returned(SERIES, first).await.unwrap()["dialler/7"], "a");
        assert!(state.returned(SERIES, at("2026-07-02T00:00:00Z")).await.unwrap().is_empty());
        let runs = state.report_runs(9).await.unwrap();
        assert_eq!((runs.len(), runs[0].came_to), (1, CameTo::Sent));
    }
}
