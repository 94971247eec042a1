//! Sessions: that somebody who showed their password is known for a while.
//!
//! A session is a random secret in a cookie and its hash here, like a token; who it is for is looked up with every request, so
//! that an account that ends, or sees less, does so at once.

use std::fmt;

use async_recursion::async_recursion as compiled_here;
use jiff::{SignedDuration, Timestamp};
use serde_json::json;
use sqlx::{Row, Sqlite, Transaction};

use crate::account::{Account, simple};
use crate::database::State;
use crate::error::StateError;
use crate::password;
use crate::token::random_hex;
use crate::trail::Deed;

/// A session that is not used for so long is over.
const IDLE: SignedDuration = SignedDuration::from_hours(12);
/// A session is over after so long.
const LONGEST: SignedDuration = SignedDuration::from_hours(7 * 24);
/// How exactly it is known when a session was last used.
const SEEN_WITHIN: SignedDuration = SignedDuration::from_mins(5);
/// Wrong passwords in a row that cost nothing.
const FREE_FAILURES: u32 = 5;
/// Longest time for which an account is locked.
const LONGEST_LOCK_SECONDS: i64 = 15 * 60;
const SECRET_BYTES: usize = 32;

/// A session that just began. Its text is nowhere else.
#[derive(Clone)]
pub struct NewSession {
    /// Whose it is.
    pub account: Account,
    /// What the browser has to present.
    pub text: String,
}

impl fmt::Debug for NewSession {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("NewSession").field("account", &self.account).finish_non_exhaustive()
    }
}

/// Why nobody was signed in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Denied {
    /// Name or password are not right; which of them is not said.
    Wrong,
    /// Too many wrong passwords.
    Locked {
        /// Until when.
        until: Timestamp,
    },
}

impl State {
    /// Signs somebody in.
    #[compiled_here]
    pub async fn sign_in(
        &self,
        name: &str,
        password: &str,
    ) -> Result<Result<NewSession, Denied>, StateError> {
        let doing = "sign somebody in";
        let name = simple(name);
        let sql =
            "SELECT password_hash, locked_until, failures FROM account WHERE name = ? AND ended_at IS NULL";
        let row = sqlx::query(sql).bind(&name).fetch_optional(&self.pool).await;
        let read = row.and_then(|row| {
            row.map(|row| Ok((row.try_get(0)?, row.try_get::<Option<String>, _>(1)?, row.try_get(2)?)))
                .transpose()
        });
        let found: Option<(String, Option<String>, u32)> = read.map_err(|e| self.failed(doing, e))?;
        let now = Timestamp::now();
        let locked = found.as_ref().and_then(|(_, until, _)| until.as_deref()?.parse::<Timestamp>().ok());
        if let Some(until) = locked.filter(|until| *until > now) {
            return Ok(Err(Denied::Locked { until }));
        }
        let failures = found.as_ref().map_or(0, |(_, _, failures)| *failures);
        let is_right = password::is_right(password, found.map(|(hash, _, _)| hash)).await?;
        let mut tx = self.begin(doing).await?;
        if !is_right {
            let outcome = self.failed_attempt(&mut tx, &name, failures + 1, now).await?;
            tx.commit().await.map_err(|e| self.failed(doing, e))?;
            return Ok(Err(outcome));
        }
        let text = random_hex::<SECRET_BYTES>()?;
        for sql in [
            sqlx::query("UPDATE account SET failures = 0, locked_until = NULL, seen_at = ? WHERE name = ?")
                .bind(now.to_string())
                .bind(&name),
            sqlx::query("INSERT INTO session(secret_hash, account, began_at, seen_at) VALUES (?,?,?,?)")
                .bind(hashed(&text))
                .bind(&name)
                .bind(now.to_string())
                .bind(now.to_string()),
        ] {
            sql.execute(&mut *tx).await.map_err(|e| self.failed(doing, e))?;
        }
        let deed = Deed { by: &name, did: "session.begun", subject: &name, why: "", detail: json!({}) };
        self.tell(&mut tx, &deed).await?;
        tx.commit().await.map_err(|e| self.failed(doing, e))?;
        match self.account(&name).await?.filter(|account| account.ended_at.is_none()) {
            Some(account) => Ok(Ok(NewSession { account, text })),
            // It ended in between.
            None => Ok(Err(Denied::Wrong)),
        }
    }

    /// Whose session this is, if it is one and not over.
    #[compiled_here]
    pub async fn session(&self, text: &str) -> Result<Option<Account>, StateError> {
        let doing = "look a session up";
        let hash = hashed(text);
        let sql = "SELECT account, began_at, seen_at FROM session WHERE secret_hash = ?";
        let row = sqlx::query(sql).bind(&hash).fetch_optional(&self.pool).await;
        let read = row.and_then(|row| {
            row.map(|row| Ok([row.try_get(0)?, row.try_get(1)?, row.try_get(2)?])).transpose()
        });
        let found: Option<[String; 3]> = read.map_err(|e| self.failed(doing, e))?;
        let Some([name, began_at, seen_at]) = found else { return Ok(None) };
        let instant = |text: &str| {
            text.parse::<Timestamp>().map_err(|_| self.damaged("a session has no time".to_owned()))
        };
        let (began_at, seen_at, now) = (instant(&began_at)?, instant(&seen_at)?, Timestamp::now());
        if now.duration_since(seen_at) > IDLE || now.duration_since(began_at) > LONGEST {
            self.sign_out(text).await?;
            return Ok(None);
        }
        if now.duration_since(seen_at).abs() > SEEN_WITHIN {
            sqlx::query("UPDATE session SET seen_at = ? WHERE secret_hash = ?")
                .bind(now.to_string())
                .bind(&hash)
                .execute(&self.pool)
                .await
                .map_err(|e| self.failed(doing, e))?;
        }
        Ok(self.account(&name).await?.filter(|account| account.ended_at.is_none()))
    }

    /// Ends a session.
    #[compiled_here]
    pub async fn sign_out(&self, text: &str) -> Result<(), StateError> {
        let done = sqlx::query("DELETE FROM session WHERE secret_hash = ?").bind(hashed(text));
        done.execute(&self.pool).await.map_err(|e| self.failed("end a session", e))?;
        Ok(())
    }

    /// Lets somebody choose a password, who knows the one that there is. Their other sessions end. `session` is the one in
    /// which they do it. A refusal is [`StateError::Refused`].
    #[compiled_here]
    pub async fn choose_password(
        &self,
        name: &str,
        present: &str,
        chosen: &str,
        session: &str,
    ) -> Result<(), StateError> {
        let doing = "change the password";
        let name = simple(name);
        let row = sqlx::query("SELECT password_hash FROM account WHERE name = ?").bind(&name);
        let row = row.fetch_optional(&self.pool).await;
        let hash: Option<String> = row
            .and_then(|row| row.map(|row| row.try_get(0)).transpose())
            .map_err(|e| self.failed(doing, e))?;
        if !password::is_right(present, hash).await? {
            return Err(StateError::Refused("The present password is not right.".to_owned()));
        }
        if let Some(why) = password::refusal(chosen, &name) {
            return Err(StateError::Refused(why));
        }
        if chosen == present {
            return Err(StateError::Refused("Choose another password than the present one.".to_owned()));
        }
        let hash = password::hashed(chosen).await?;
        let mut tx = self.begin(doing).await?;
        let done = sqlx::query("UPDATE account SET password_hash = ?, must_change = FALSE WHERE name = ?")
            .bind(hash)
            .bind(&name);
        done.execute(&mut *tx).await.map_err(|e| self.failed(doing, e))?;
        self.end_sessions(&mut tx, &name, Some(session)).await?;
        let deed =
            Deed { by: &name, did: "account.password_chosen", subject: &name, why: "", detail: json!({}) };
        self.tell(&mut tx, &deed).await?;
        tx.commit().await.map_err(|e| self.failed(doing, e))
    }

    /// Ends all sessions of an account, but for one.
    pub(crate) async fn end_sessions(
        &self,
        tx: &mut Transaction<'_, Sqlite>,
        name: &str,
        but: Option<&str>,
    ) -> Result<(), StateError> {
        sqlx::query("DELETE FROM session WHERE account = ? AND secret_hash IS NOT ?")
            .bind(name)
            .bind(but.map(hashed))
            .execute(&mut **tx)
            .await
            .map_err(|e| self.failed("end sessions", e))?;
        Ok(())
    }

    /// Counts a wrong password: after the first few, each doubles the time for which nobody can try.
    async fn failed_attempt(
        &self,
        tx: &mut Transaction<'_, Sqlite>,
        name: &str,
        failures: u32,
        now: Timestamp,
    ) -> Result<Denied, StateError> {
        let doing = "count a wrong password";
        let over = failures.saturating_sub(FREE_FAILURES);
        let until = (over > 0).then(|| {
            let seconds = 1_i64.checked_shl(over.min(20)).unwrap_or(i64::MAX).min(LONGEST_LOCK_SECONDS);
            now.checked_add(SignedDuration::from_secs(seconds)).unwrap_or(Timestamp::MAX)
        });
        let done = sqlx::query("UPDATE account SET failures = failures + 1, locked_until = ? WHERE name = ?")
            .bind(until.map(|at| at.to_string()))
            .bind(name)
            .execute(&mut **tx)
            .await
            .map_err(|e| self.failed(doing, e))?;
        // Names that nobody has are not kept: somebody may have typed their password there.
        if done.rows_affected() == 1 {
            let detail = json!({ "failures": failures });
            let deed = Deed { by: name, did: "session.refused", subject: name, why: "", detail };
            self.tell(tx, &deed).await?;
        }
        Ok(Denied::Wrong)
    }
}

fn hashed(text: &str) -> String {
    blake3::hash(text.as_bytes()).to_hex().to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::account::{Change, NewAccount};
    use dialmark_govern::{Access, Role};

    async fn state() -> (tempfile::TempDir, State, String) {
        let folder = tempfile::tempdir().unwrap();
        let state = State::open(folder.path()).await.unwrap();
        let new = NewAccount { name: "ann".to_owned(), label: String::new(), access: Access::whole() };
        let one_time = state.make_account(&new, "local").await.unwrap();
        (folder, state, one_time.0)
    }

    #[tokio::test]
    async fn who_shows_the_password_is_known_until_they_go() {
        let (folder, state, password) = state().await;
        assert_eq!(state.sign_in("ann", "wrong").await.unwrap().unwrap_err(), Denied::Wrong);
        assert_eq!(state.sign_in("ben", &password).await.unwrap().unwrap_err(), Denied::Wrong);
        let session = state.sign_in(" Ann ", &password).await.unwrap().unwrap();
        assert!(session.account.must_change && session.account.access.role() == Role::Admin);
        assert_eq!(state.session(&session.text).await.unwrap().map(|a| a.name).as_deref(), Some("ann"));
        assert_eq!(state.session("else").await.unwrap(), None);
        state.sign_out(&session.text).await.unwrap();
        assert_eq!(state.session(&session.text).await.unwrap(), None);
        // Neither database nor debug print holds the secrets.
        assert!(!format!("{session:?}").contains(&session.text));
        for entry in std::fs::read_dir(folder.path()).unwrap() {
            let bytes = std::fs::read(entry.unwrap().path()).unwrap();
            for secret in [&session.text, &password] {
                assert!(!bytes.windows(secret.len()).any(|part| part == secret.as_bytes()));
            }
        }
    }

    #[tokio::test]
    async fn a_chosen_password_ends_other_sessions_and_is_asked_for_the_present_one() {
        let (_folder, state, password) = state().await;
        let here = state.sign_in("ann", &password).await.unwrap().unwrap();
        let there = state.sign_in("ann", &password).await.unwrap().unwrap();
        for (present, chosen) in
            [("wrong", "a good long one"), (&password, "short"), (password.as_str(), password.as_str())]
        {
            assert!(state.choose_password("ann", present, chosen, &here.text).await.is_err(), "{chosen}");
        }
        state.choose_password("ann", &password, "a good long one", &here.text).await.unwrap();
        assert!(state.session(&here.text).await.unwrap().is_some_and(|account| !account.must_change));
        assert_eq!(state.session(&there.text).await.unwrap(), None);
        assert!(state.sign_in("ann", &password).await.unwrap().is_err());
        assert!(state.sign_in("ann", "a good long one").await.unwrap().is_ok());
    }

    #[tokio::test]
    async fn guessing_is_slowed_down_and_a_reset_opens_the_account_again() {
        let (_folder, state, password) = state().await;
        for _ in 0..6 {
            assert_eq!(state.sign_in("ann", "guess").await.unwrap().unwrap_err(), Denied::Wrong);
        }
        let row = sqlx::query("SELECT failures, locked_until IS NOT NULL FROM account")
            .fetch_one(&state.pool)
            .await;
        let (failures, is_locked): (u32, bool) = row.map(|row| (row.get(0), row.get(1))).unwrap();
        assert_eq!((failures, is_locked), (6, true));
        // The first lock is over in seconds, which a slow machine may take to get here.
        sqlx::raw_sql("UPDATE account SET locked_until = '2999-01-01T00:00:00Z'")
            .execute(&state.pool)
            .await
            .unwrap();
        assert!(matches!(state.sign_in("ann", &password).await.unwrap(), Err(Denied::Locked { .. })));
        let again = state.reset_password("ann", "ben").await.unwrap();
        assert!(state.sign_in("ann", &password).await.unwrap().is_err());
        assert!(state.sign_in("ann", &again.0).await.unwrap().is_ok());
    }

    #[tokio::test]
    async fn an_account_that_ends_is_out_at_once_and_so_is_a_session_that_is_too_old() {
        let (_folder, state, password) = state().await;
        let new = NewAccount { name: "ben".to_owned(), label: String::new(), access: Access::whole() };
        state.make_account(&new, "ann").await.unwrap();
        let session = state.sign_in("ann", &password).await.unwrap().unwrap();
        state.change_account("ann", &Change::End, "ben", "left").await.unwrap();
        assert_eq!(state.session(&session.text).await.unwrap(), None);
        assert!(state.sign_in("ann", &password).await.unwrap().is_err());
        state.change_account("ann", &Change::Resume, "ben", "back").await.unwrap();
        for column in ["seen_at", "began_at"] {
            let session = state.sign_in("ann", &password).await.unwrap().unwrap();
            let old = sqlx::AssertSqlSafe(format!("UPDATE session SET {column} = '2020-01-01T00:00:00Z'"));
            sqlx::raw_sql(old).execute(&state.pool).await.unwrap();
            assert_eq!(state.session(&session.text).await.unwrap(), None, "{column}");
        }
    }
}
