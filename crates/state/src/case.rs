//! Cases: openings and what happened since, each entry written once and never changed.

use async_recursion::async_recursion as compiled_here;
use dialmark_govern::Place;
use dialmark_govern::case::{Case, Entry, Event, Opening};
use jiff::civil::Date;
use serde_json::json;
use sqlx::sqlite::SqliteRow;
use sqlx::{Row, Sqlite, Transaction};

use crate::account::PROGRAM;
use crate::database::State;
use crate::error::StateError;
use crate::trail::Deed;

/// A case as it is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Filed {
    /// Its number.
    pub id: i64,
    /// Why it is there.
    pub opening: Opening,
    /// What happened since, in order.
    pub entries: Vec<Entry>,
}

impl Filed {
    /// The case as it stands.
    pub fn case(&self) -> Case {
        Case::after(self.opening.clone(), &self.entries)
    }
}

/// What the figures of a window say of a case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Judgement {
    /// The window was missed: a case is opened, or goes on.
    Missed {
        /// Why, if it is to be opened.
        opening: Opening,
        /// That it goes on, if there is one.
        again: Entry,
    },
    /// The window met its target, or nearly: a case that is there takes note.
    Met(Entry),
    /// Nothing can be said of it.
    Nothing,
}

impl State {
    /// Up to which day the windows of a KPI were judged at a place.
    #[compiled_here]
    pub async fn judged_until(&self, kpi: &str, place: &Place) -> Result<Option<Date>, StateError> {
        let doing = "read what was judged";
        let place = self.text(place)?;
        let row = sqlx::query("SELECT until FROM judged WHERE kpi = ? AND place = ?").bind(kpi).bind(place);
        let row = row.fetch_optional(&self.pool).await.map_err(|e| self.failed(doing, e))?;
        let Some(row) = row else { return Ok(None) };
        let text: String = row.try_get(0).map_err(|e| self.failed(doing, e))?;
        text.parse().map(Some).map_err(|_| self.damaged(format!("`{text}` is no day")))
    }

    /// Writes down what a window that ends before `until` says, and that it was judged: both or neither, and each window
    /// once. Returns the number of the case that was opened, if one was.
    #[compiled_here]
    pub async fn judge(
        &self,
        kpi: &str,
        place: &Place,
        until: Date,
        judgement: &Judgement,
    ) -> Result<Option<i64>, StateError> {
        let doing = "write down what was judged";
        let key = self.text(place)?;
        let mut tx = self.begin(doing).await?;
        // Another process may have judged the window in between.
        let noted = sqlx::query(
            "INSERT INTO judged(kpi, place, until) VALUES (?,?,?)
             ON CONFLICT(kpi, place) DO UPDATE SET until = excluded.until WHERE excluded.until > judged.until",
        )
        .bind(kpi)
        .bind(&key)
        .bind(until.to_string())
        .execute(&mut *tx)
        .await
        .map_err(|e| self.failed(doing, e))?;
        if noted.rows_affected() == 0 {
            return Ok(None);
        }
        let open = sqlx::query("SELECT id FROM case_file WHERE kpi = ? AND place = ? AND is_open");
        let open =
            open.bind(kpi).bind(&key).fetch_optional(&mut *tx).await.map_err(|e| self.failed(doing, e))?;
        let open: Option<i64> =
            open.map(|row| row.try_get(0)).transpose().map_err(|e| self.failed(doing, e))?;
        let opened = match (judgement, open) {
            (Judgement::Missed { again: entry, .. } | Judgement::Met(entry), Some(id)) => {
                self.append(&mut tx, id, entry).await?;
                None
            }
            (Judgement::Missed { opening, .. }, None) => {
                let sql = "INSERT INTO case_file(kpi, place, opening, is_open) VALUES (?,?,?,TRUE)";
                let done = sqlx::query(sql).bind(kpi).bind(&key).bind(self.text(opening)?);
                let done = done.execute(&mut *tx).await.map_err(|e| self.failed(doing, e))?;
                let id = done.last_insert_rowid();
                let detail = json!({ "kpi": opening.kpi, "place": opening.place });
                let subject = format!("case {id}");
                let deed = Deed { by: PROGRAM, did: "case.opened", subject: &subject, why: "", detail };
                self.tell(&mut tx, &deed).await?;
                Some(id)
            }
            (Judgement::Met(_), None) | (Judgement::Nothing, _) => None,
        };
        tx.commit().await.map_err(|e| self.failed(doing, e))?;
        Ok(opened)
    }

    /// All cases with their history, oldest first.
    #[compiled_here]
    pub async fn cases(&self) -> Result<Vec<Filed>, StateError> {
        let doing = "read the cases";
        let files = sqlx::query("SELECT id, opening FROM case_file ORDER BY id").fetch_all(&self.pool).await;
        let entries = sqlx::query("SELECT case_id, entry FROM case_entry ORDER BY case_id, seq");
        let entries = entries.fetch_all(&self.pool).await.map_err(|e| self.failed(doing, e))?;
        let mut cases: Vec<Filed> = Vec::new();
        for row in files.map_err(|e| self.failed(doing, e))? {
            let (id, opening) = self.pair(&row)?;
            cases.push(Filed { id, opening: self.read("a case", &opening)?, entries: Vec::new() });
        }
        for row in entries {
            let (id, entry) = self.pair(&row)?;
            let entry = self.read("a case", &entry)?;
            match cases.binary_search_by_key(&id, |case| case.id) {
                Ok(at) => {
                    cases.get_mut(at).into_iter().for_each(|case| case.entries.push(Entry::clone(&entry)))
                }
                Err(_) => {
                    return Err(
                        self.damaged(format!("an entry belongs to the case {id}, which is not there"))
                    );
                }
            }
        }
        Ok(cases)
    }

    /// The case of this number.
    #[compiled_here]
    pub async fn case(&self, id: i64) -> Result<Option<Filed>, StateError> {
        Ok(self.cases().await?.into_iter().find(|case| case.id == id))
    }

    /// Lets something happen to a case. What does not fit is [`StateError::Refused`], and nothing has changed.
    #[compiled_here]
    pub async fn add_to_case(&self, id: i64, entry: &Entry) -> Result<Case, StateError> {
        let doing = "add to the case";
        let mut tx = self.begin(doing).await?;
        let case = self.append(&mut tx, id, entry).await?;
        tx.commit().await.map_err(|e| self.failed(doing, e))?;
        Ok(case)
    }

    async fn append(
        &self,
        tx: &mut Transaction<'_, Sqlite>,
        id: i64,
        entry: &Entry,
    ) -> Result<Case, StateError> {
        let doing = "add to the case";
        let file = sqlx::query("SELECT id, opening FROM case_file WHERE id = ?").bind(id);
        let file = file.fetch_optional(&mut **tx).await.map_err(|e| self.failed(doing, e))?;
        let Some(file) = file else { return Err(StateError::Refused(format!("There is no case {id}."))) };
        let opening: Opening = self.read("a case", &self.pair(&file)?.1)?;
        let rows = sqlx::query("SELECT seq, entry FROM case_entry WHERE case_id = ? ORDER BY seq").bind(id);
        let rows = rows.fetch_all(&mut **tx).await.map_err(|e| self.failed(doing, e))?;
        let mut history: Vec<Entry> = Vec::new();
        for row in &rows {
            history.push(self.read("a case", &self.pair(row)?.1)?);
        }
        let mut case = Case::after(opening, &history);
        case.take(entry).map_err(StateError::Refused)?;
        let seq = i64::try_from(history.len()).unwrap_or(i64::MAX);
        sqlx::query("INSERT INTO case_entry(case_id, seq, entry) VALUES (?,?,?)")
            .bind(id)
            .bind(seq)
            .bind(self.text(entry)?)
            .execute(&mut **tx)
            .await
            .map_err(|e| self.failed(doing, e))?;
        let subject = format!("case {id}");
        let did = format!("case.{}", entry.event.word());
        let deed =
            Deed { by: &entry.by, did: &did, subject: &subject, why: "", detail: json!({ "entry": seq }) };
        self.tell(tx, &deed).await?;
        if matches!(entry.event, Event::Closed { .. }) {
            let closed = sqlx::query("UPDATE case_file SET is_open = FALSE WHERE id = ?").bind(id);
            closed.execute(&mut **tx).await.map_err(|e| self.failed(doing, e))?;
        }
        Ok(case)
    }

    fn pair(&self, row: &SqliteRow) -> Result<(i64, String), StateError> {
        let read = || Ok((row.try_get(0)?, row.try_get(1)?));
        read().map_err(|e| self.failed("read the cases", e))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    async fn state() -> (tempfile::TempDir, State) {
        let folder = tempfile::tempdir().unwrap();
        let state = State::open(folder.path()).await.unwrap();
        (folder, state)
    }

    fn entry(event: Event) -> Entry {
        Entry { at: "2026-12-01T08:00:00Z".parse().unwrap(), by: "dialmark".to_owned(), event }
    }

    fn missed(month: i8) -> Judgement {
        let (from, until) = (date(2026, month, 1), date(2026, month + 1, 1));
        let opening = Opening {
            kpi: "conversion".to_owned(),
            place: Place::of("campaign_id", "north"),
            from,
            until,
            below_since: from,
            opened_at: "2026-11-02T08:00:00Z".parse().unwrap(),
            owner: "lead@example.org".to_owned(),
            value: "173/10000".to_owned(),
            shown: "1.73 %".to_owned(),
            target: "at least 2.40 %".to_owned(),
            causes: Vec::new(),
        };
        Judgement::Missed {
            opening,
            again: entry(Event::MissedAgain { from, until, value: "0.02".to_owned() }),
        }
    }

    #[tokio::test]
    async fn a_window_is_judged_once_and_a_second_miss_goes_on_in_the_same_case() {
        let (_folder, state) = state().await;
        let north = Place::of("campaign_id", "north");
        let judge = async |month: i8| {
            let until = date(2026, month + 1, 1);
            state.judge("conversion", &north, until, &missed(month)).await.unwrap()
        };
        assert_eq!(judge(9).await, Some(1));
        assert_eq!(judge(9).await, None, "judged already");
        assert_eq!(judge(10).await, None, "goes on");
        assert_eq!(state.judged_until("conversion", &north).await.unwrap(), Some(date(2026, 11, 1)));
        let cases = state.cases().await.unwrap();
        assert_eq!((cases.len(), cases[0].entries.len()), (1, 1));
        assert_eq!(cases[0].case().days_below(), 61);
        // Another place has a case of its own.
        let south = Place::of("campaign_id", "south");
        assert_eq!(state.judge("conversion", &south, date(2026, 10, 1), &missed(9)).await.unwrap(), Some(2));
    }

    #[tokio::test]
    async fn what_does_not_fit_is_refused_and_a_closed_case_makes_room_for_another() {
        let (folder, state) = state().await;
        let north = Place::of("campaign_id", "north");
        state.judge("conversion", &north, date(2026, 10, 1), &missed(9)).await.unwrap();
        let close = entry(Event::Closed { says: "done".to_owned() });
        let refused = state.add_to_case(1, &close).await.unwrap_err();
        assert!(refused.to_string().contains("before its root cause"), "{refused}");
        assert!(state.add_to_case(7, &close).await.unwrap_err().to_string().contains("no case 7"));
        state.add_to_case(1, &entry(Event::Cause { says: "an old list".to_owned() })).await.unwrap();
        assert!(state.add_to_case(1, &close).await.unwrap().closed.is_some());
        assert_eq!(state.judge("conversion", &north, date(2026, 11, 1), &missed(10)).await.unwrap(), Some(2));
        // Another process finds the same.
        let again = State::open(folder.path()).await.unwrap();
        assert_eq!(again.cases().await.unwrap(), state.cases().await.unwrap());
        assert_eq!(again.case(1).await.unwrap().unwrap().entries.len(), 2);
    }

    #[tokio::test]
    async fn a_store_from_before_cases_is_upgraded_with_its_tokens() {
        let (folder, state) = state().await;
        let made = state.make_token("a", &[crate::Scope::IngestAll], None).await.unwrap();
        // The latest first, so that nothing names a table that is gone.
        let later = "SELECT name FROM sqlite_master WHERE type = 'table' AND name <> 'token' AND name NOT LIKE 'sqlite%'
                     ORDER BY rowid DESC";
        let later: Vec<String> = sqlx::query_scalar(later).fetch_all(&state.pool).await.unwrap();
        assert!(later.len() > 5, "{later:?}");
        for table in later {
            let sql = sqlx::AssertSqlSafe(format!("DROP TABLE {table}"));
            sqlx::raw_sql(sql).execute(&state.pool).await.unwrap();
        }
        sqlx::raw_sql("PRAGMA user_version = 1").execute(&state.pool).await.unwrap();
        drop(state);
        let state = State::open(folder.path()).await.unwrap();
        assert!(state.cases().await.unwrap().is_empty());
        assert!(state.check_token(&made.text).await.unwrap().is_ok());
    }
}
