//! Accounts: who may sign in, as what, and to whose records.

use async_recursion::async_recursion as compiled_here;
use dialmark_govern::access::Confined;
use dialmark_govern::{Access, Role};
use jiff::Timestamp;
use serde::Serialize;
use serde_json::json;
use sqlx::sqlite::SqliteRow;
use sqlx::{Row, Sqlite, Transaction};

use crate::database::State;
use crate::error::StateError;
use crate::password;
use crate::trail::Deed;

/// Longest name of an account.
const LONGEST_NAME: usize = 120;

/// An account as it is kept: without its password.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Account {
    /// What they sign in with, usually their address.
    pub name: String,
    /// Their name, to show.
    pub label: String,
    /// What they may see and do.
    pub access: Access,
    /// Whether they must choose a password before anything else.
    pub must_change: bool,
    /// When it was made.
    pub made_at: Timestamp,
    /// From when on nobody signs in with it.
    pub ended_at: Option<Timestamp>,
    /// When somebody signed in with it last.
    pub seen_at: Option<Timestamp>,
}

impl Serialize for Account {
    fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        json!({
            "name": self.name,
            "label": self.label,
            "role": self.access.role(),
            "scope": self.access.confined(),
            "agent_id": self.access.agent_id(),
            "must_change_password": self.must_change,
            "made_at": self.made_at,
            "ended_at": self.ended_at,
            "seen_at": self.seen_at,
        })
        .serialize(to)
    }
}

/// An account that is to be made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewAccount {
    /// What they sign in with.
    pub name: String,
    /// Their name, to show; empty for the name that they sign in with.
    pub label: String,
    /// What they may see and do.
    pub access: Access,
}

/// A password that is good for one signing in; it is nowhere else, and cannot be had again.
#[derive(Clone)]
pub struct OneTime(pub String);

impl std::fmt::Debug for OneTime {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str("OneTime")
    }
}

/// A change of an account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Change {
    /// They may see and do something else.
    Access(Access),
    /// Nobody signs in with it any more.
    End,
    /// It is taken up again.
    Resume,
}

const COLUMNS: &str =
    "SELECT name, label, role, confined, made_at, must_change, agent_id, ended_at, seen_at FROM account";

impl State {
    /// Whether anybody has an account: from the first one on, everybody signs in.
    #[compiled_here]
    pub async fn has_accounts(&self) -> Result<bool, StateError> {
        let row = sqlx::query("SELECT 1 FROM account LIMIT 1").fetch_optional(&self.pool).await;
        Ok(row.map_err(|e| self.failed("look for accounts", e))?.is_some())
    }

    /// All accounts, by name.
    #[compiled_here]
    pub async fn accounts(&self) -> Result<Vec<Account>, StateError> {
        let sql = sqlx::AssertSqlSafe(format!("{COLUMNS} ORDER BY name"));
        let rows = sqlx::query(sql).fetch_all(&self.pool).await;
        rows.map_err(|e| self.failed("read the accounts", e))?
            .iter()
            .map(|row| self.an_account(row))
            .collect()
    }

    /// The account of a name.
    #[compiled_here]
    pub async fn account(&self, name: &str) -> Result<Option<Account>, StateError> {
        let sql = sqlx::AssertSqlSafe(format!("{COLUMNS} WHERE name = ?"));
        let row = sqlx::query(sql).bind(simple(name)).fetch_optional(&self.pool).await;
        row.map_err(|e| self.failed("read the accounts", e))?.map(|row| self.an_account(&row)).transpose()
    }

    /// Makes an account with a password for the first signing in. The first account has to be an administrator's, else
    /// nobody could make others.
    #[compiled_here]
    pub async fn make_account(&self, new: &NewAccount, by: &str) -> Result<OneTime, StateError> {
        let doing = "make the account";
        let name = simple(&new.name);
        if name.is_empty()
            || name.len() > LONGEST_NAME
            || name.chars().any(|c| c.is_whitespace() || c.is_control())
        {
            return Err(StateError::Refused(format!(
                "`{}` is no name to sign in with. Use an address, or a word of at most {LONGEST_NAME} characters without \
                 spaces.",
                new.name
            )));
        }
        if name == LOCAL || name == PROGRAM {
            return Err(StateError::Refused(format!(
                "`{name}` has a meaning of its own. Choose another name."
            )));
        }
        let one_time = password::one_time()?;
        let hash = password::hashed(&one_time).await?;
        let mut tx = self.begin(doing).await?;
        if new.access.role() != Role::Admin && self.administrators(&mut tx, None).await? == 0 {
            return Err(StateError::Refused(
                "The first account has to be an administrator's: nobody else could make others.".to_owned(),
            ));
        }
        let done = sqlx::query(
            "INSERT INTO account(name, label, role, confined, agent_id, password_hash, must_change, made_at, failures)
             VALUES (?,?,?,?,?,?,TRUE,?,0) ON CONFLICT DO NOTHING",
        )
        .bind(&name)
        .bind(if new.label.trim().is_empty() { &name } else { new.label.trim() })
        .bind(new.access.role().word())
        .bind(self.text(new.access.confined())?)
        .bind(new.access.agent_id())
        .bind(hash)
        .bind(Timestamp::now().to_string())
        .execute(&mut *tx)
        .await
        .map_err(|e| self.failed(doing, e))?;
        if done.rows_affected() == 0 {
            return Err(StateError::Refused(format!("There is an account `{name}` already.")));
        }
        let detail = json!({ "role": new.access.role(), "scope": new.access.confined() });
        self.tell(&mut tx, &Deed { by, did: "account.made", subject: &name, why: "", detail }).await?;
        tx.commit().await.map_err(|e| self.failed(doing, e))?;
        Ok(OneTime(one_time))
    }

    /// Changes an account. The last administrator stays one.
    #[compiled_here]
    pub async fn change_account(
        &self,
        name: &str,
        change: &Change,
        by: &str,
        why: &str,
    ) -> Result<(), StateError> {
        let doing = "change the account";
        let name = simple(name);
        let mut tx = self.begin(doing).await?;
        let stays = matches!(change, Change::Resume)
            || matches!(change, Change::Access(access) if access.role() == Role::Admin);
        if !stays && self.administrators(&mut tx, Some(&name)).await? == 0 {
            return Err(StateError::Refused(format!(
                "`{name}` is the last administrator. Make another one first, else nobody could manage accounts."
            )));
        }
        let done = match change {
            Change::Access(access) => {
                sqlx::query("UPDATE account SET role = ?, confined = ?, agent_id = ? WHERE name = ?")
                    .bind(access.role().word())
                    .bind(self.text(access.confined())?)
                    .bind(access.agent_id())
                    .bind(&name)
                    .execute(&mut *tx)
                    .await
            }
            Change::End => {
                sqlx::query("UPDATE account SET ended_at = coalesce(ended_at, ?) WHERE name = ?")
                    .bind(Timestamp::now().to_string())
                    .bind(&name)
                    .execute(&mut *tx)
                    .await
            }
            Change::Resume => {
                sqlx::query("UPDATE account SET ended_at = NULL WHERE name = ?")
                    .bind(&name)
                    .execute(&mut *tx)
                    .await
            }
        };
        let done = done.map_err(|e| self.failed(doing, e))?;
        if done.rows_affected() == 0 {
            return Err(StateError::Refused(format!("There is no account `{name}`.")));
        }
        let (did, detail) = match change {
            Change::Access(access) => {
                ("account.changed", json!({ "role": access.role(), "scope": access.confined() }))
            }
            Change::End => ("account.ended", json!({})),
            Change::Resume => ("account.resumed", json!({})),
        };
        if matches!(change, Change::End) {
            self.end_sessions(&mut tx, &name, None).await?;
        }
        self.tell(&mut tx, &Deed { by, did, subject: &name, why, detail }).await?;
        tx.commit().await.map_err(|e| self.failed(doing, e))
    }

    /// Gives an account another password for one signing in, and ends its sessions.
    #[compiled_here]
    pub async fn reset_password(&self, name: &str, by: &str) -> Result<OneTime, StateError> {
        let doing = "reset the password";
        let name = simple(name);
        let one_time = password::one_time()?;
        let hash = password::hashed(&one_time).await?;
        let mut tx = self.begin(doing).await?;
        let done = sqlx::query(
            "UPDATE account SET password_hash = ?, must_change = TRUE, failures = 0, locked_until = NULL WHERE name = ?",
        )
        .bind(hash)
        .bind(&name)
        .execute(&mut *tx)
        .await
        .map_err(|e| self.failed(doing, e))?;
        if done.rows_affected() == 0 {
            return Err(StateError::Refused(format!("There is no account `{name}`.")));
        }
        self.end_sessions(&mut tx, &name, None).await?;
        let deed = Deed { by, did: "account.password_reset", subject: &name, why: "", detail: json!({}) };
        self.tell(&mut tx, &deed).await?;
        tx.commit().await.map_err(|e| self.failed(doing, e))?;
        Ok(OneTime(one_time))
    }

    /// Administrators who can sign in, but for one.
    async fn administrators(
        &self,
        tx: &mut Transaction<'_, Sqlite>,
        but: Option<&str>,
    ) -> Result<i64, StateError> {
        let sql = "SELECT count(*) FROM account WHERE role = 'admin' AND ended_at IS NULL AND name IS NOT ?";
        let row = sqlx::query(sql).bind(but).fetch_one(&mut **tx).await;
        row.and_then(|row| row.try_get(0)).map_err(|e| self.failed("count the administrators", e))
    }

    fn an_account(&self, row: &SqliteRow) -> Result<Account, StateError> {
        let read = || -> Result<_, sqlx::Error> {
            let texts: [String; 5] =
                [row.try_get(0)?, row.try_get(1)?, row.try_get(2)?, row.try_get(3)?, row.try_get(4)?];
            let maybe: [Option<String>; 3] = [row.try_get(6)?, row.try_get(7)?, row.try_get(8)?];
            Ok((texts, maybe, row.try_get(5)?))
        };
        let ([name, label, role, confined, made_at], [agent_id, ended_at, seen_at], must_change) =
            read().map_err(|e| self.failed("read the accounts", e))?;
        let broken =
            |what: &str| self.damaged(format!("the account `{name}` has {what} that cannot be read"));
        let instant =
            |text: Option<String>| text.map(|at| at.parse().map_err(|_| broken("a time"))).transpose();
        let role = Role::from_word(&role).ok_or_else(|| broken("a role"))?;
        let confined: Confined = self.read("an account", &confined)?;
        Ok(Account {
            access: Access::new(role, confined, agent_id).map_err(|_| broken("a scope"))?,
            label,
            must_change,
            made_at: made_at.parse().map_err(|_| broken("a time"))?,
            ended_at: instant(ended_at)?,
            seen_at: instant(seen_at)?,
            name,
        })
    }
}

/// Whoever sits at the machine, while nobody has an account.
pub const LOCAL: &str = "local";
/// What the program does by itself.
pub const PROGRAM: &str = "dialmark";

/// A name as it is kept: addresses do not tell capitals from small letters.
pub(crate) fn simple(name: &str) -> String {
    name.trim().to_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn state() -> (tempfile::TempDir, State) {
        let folder = tempfile::tempdir().unwrap();
        let state = State::open(folder.path()).await.unwrap();
        (folder, state)
    }

    fn new(name: &str, role: Role) -> NewAccount {
        let confined = match role {
            Role::TeamLead => [("team_id".to_owned(), vec!["a".to_owned()])].into(),
            _ => Confined::new(),
        };
        NewAccount {
            name: name.to_owned(),
            label: String::new(),
            access: Access::new(role, confined, None).unwrap(),
        }
    }

    fn said<T>(result: Result<T, StateError>) -> String {
        result.err().map_or_else(|| "nothing was refused".to_owned(), |error| error.to_string())
    }

    #[tokio::test]
    async fn the_first_account_is_an_administrators_and_the_last_administrator_stays() {
        let (_folder, state) = state().await;
        assert!(!state.has_accounts().await.unwrap());
        let lead = new("lead@example.org", Role::TeamLead);
        assert!(said(state.make_account(&lead, "local").await).contains("first account"));
        state.make_account(&new("Ann@Example.org", Role::Admin), "local").await.unwrap();
        state.make_account(&lead, "ann@example.org").await.unwrap();
        assert!(said(state.make_account(&lead, "ann@example.org").await).contains("already"));
        for change in [Change::End, Change::Access(new("x", Role::Analyst).access)] {
            assert!(
                said(state.change_account("ann@example.org", &change, "x", "gone").await)
                    .contains("last administrator")
            );
        }
        state.make_account(&new("ben@example.org", Role::Admin), "ann@example.org").await.unwrap();
        state.change_account("ANN@example.org", &Change::End, "ben@example.org", "gone").await.unwrap();
        assert!(
            said(state.change_account("ben@example.org", &Change::End, "x", "gone").await)
                .contains("last administrator")
        );
        assert!(
            said(state.change_account("nobody", &Change::Resume, "x", "gone").await).contains("no account")
        );
        let names: Vec<_> =
            state.accounts().await.unwrap().into_iter().map(|a| (a.name, a.ended_at.is_some())).collect();
        let expected = [("ann@example.org", true), ("ben@example.org", false), ("lead@example.org", false)];
        assert_eq!(names, expected.map(|(name, ended)| (name.to_owned(), ended)));
        assert_eq!(state.verify_trail().await.unwrap(), 4);
    }

    #[tokio::test]
    async fn names_that_mean_something_else_are_refused() {
        let (_folder, state) = state().await;
        for name in ["", " ", "a b", "local", "Dialmark", "a\nb"] {
            assert!(
                said(state.make_account(&new(name, Role::Admin), "local").await).ends_with('.'),
                "{name}"
            );
        }
        assert!(!state.has_accounts().await.unwrap());
    }
}
