//! Tokens under which other programs act: made once, shown once, kept as a hash.
//!
//! A token is `dialmark_ID_SECRET`. The secret has 256 random bits, so a plain hash cannot be searched through, and a
//! slow one would only slow the sender down.

use std::fmt;

use async_recursion::async_recursion as compiled_here;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use serde::Serialize;
use sqlx::Row;
use sqlx::sqlite::SqliteRow;

use crate::database::State;
use crate::error::StateError;

const PREFIX: &str = "dialmark";
const ID_BYTES: usize = 6;
const SECRET_BYTES: usize = 32;

/// What a token allows.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Scope {
    /// To send records to every stream.
    IngestAll,
    /// To send records to one stream.
    Ingest(String),
}

impl Scope {
    /// Reads `ingest` or `ingest:STREAM`.
    pub fn parse(text: &str) -> Result<Scope, String> {
        match text.split_once(':') {
            None if text == "ingest" => Ok(Scope::IngestAll),
            Some(("ingest", stream)) if !stream.is_empty() && !stream.contains([' ', ',']) => {
                Ok(Scope::Ingest(stream.to_owned()))
            }
            _ => Err(format!(
                "`{text}` is no scope; write `ingest` for all streams or `ingest:STREAM` for one."
            )),
        }
    }

    fn allows_ingest(&self, stream: &str) -> bool {
        match self {
            Scope::IngestAll => true,
            Scope::Ingest(one) => one == stream,
        }
    }
}

impl fmt::Display for Scope {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Scope::IngestAll => out.write_str("ingest"),
            Scope::Ingest(stream) => write!(out, "ingest:{stream}"),
        }
    }
}

impl Serialize for Scope {
    fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(self)
    }
}

/// A token as it is kept: without its secret.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Token {
    /// The part of it that may be shown.
    pub id: String,
    /// What it is for, in somebody's words.
    pub name: String,
    /// What it allows.
    pub scopes: Vec<Scope>,
    /// When it was made.
    pub created_at: Timestamp,
    /// From when on it is refused.
    pub expires_at: Option<Timestamp>,
    /// When it was taken back.
    pub revoked_at: Option<Timestamp>,
    /// Day on which it was last used, UTC.
    pub last_used_on: Option<Date>,
}

impl Token {
    /// Whether it allows to send records to a stream.
    pub fn allows_ingest(&self, stream: &str) -> bool {
        self.scopes.iter().any(|scope| scope.allows_ingest(stream))
    }

    fn standing(&self, now: Timestamp) -> Result<(), Denied> {
        if self.revoked_at.is_some() {
            return Err(Denied::Revoked);
        }
        if self.expires_at.is_some_and(|at| at <= now) {
            return Err(Denied::Expired);
        }
        Ok(())
    }
}

/// A token that was just made. Its text is nowhere else, and cannot be had again.
#[derive(Clone)]
pub struct NewToken {
    /// What is kept of it.
    pub token: Token,
    /// What the sender has to present.
    pub text: String,
}

impl fmt::Debug for NewToken {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("NewToken").field("token", &self.token).finish_non_exhaustive()
    }
}

/// Why a token is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Denied {
    /// It is not one of ours.
    Unknown,
    /// Its time is over.
    Expired,
    /// It was taken back.
    Revoked,
}

impl fmt::Display for Denied {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(match self {
            Denied::Unknown => "The token is not known here.",
            Denied::Expired => "The token has expired.",
            Denied::Revoked => "The token was revoked.",
        })
    }
}

impl State {
    /// Makes a token that lasts for some time, or until it is revoked.
    #[compiled_here]
    pub async fn make_token(
        &self,
        name: &str,
        scopes: &[Scope],
        lasts: Option<SignedDuration>,
    ) -> Result<NewToken, StateError> {
        let (id, secret) = (random_hex::<ID_BYTES>()?, random_hex::<SECRET_BYTES>()?);
        let now = Timestamp::now();
        let token = Token {
            id,
            name: name.to_owned(),
            scopes: scopes.to_vec(),
            created_at: now,
            expires_at: lasts.map(|lasts| now.checked_add(lasts).unwrap_or(Timestamp::MAX)),
            revoked_at: None,
            last_used_on: None,
        };
        let words: Vec<String> = token.scopes.iter().map(ToString::to_string).collect();
        sqlx::query(
            "INSERT INTO token(id, name, secret_hash, scopes, created_at, expires_at) VALUES (?,?,?,?,?,?)",
        )
        .bind(&token.id)
        .bind(name)
        .bind(blake3::hash(secret.as_bytes()).to_hex().as_str())
        .bind(words.join(" "))
        .bind(token.created_at.to_string())
        .bind(token.expires_at.map(|at| at.to_string()))
        .execute(&self.pool)
        .await
        .map_err(|e| self.failed("keep the token", e))?;
        let text = format!("{PREFIX}_{}_{secret}", token.id);
        Ok(NewToken { token, text })
    }

    /// All tokens that were ever made, oldest first.
    #[compiled_here]
    pub async fn tokens(&self) -> Result<Vec<Token>, StateError> {
        let sql = "SELECT id, name, scopes, created_at, expires_at, revoked_at, last_used_on, secret_hash FROM token
                   ORDER BY created_at, id";
        let rows =
            sqlx::query(sql).fetch_all(&self.pool).await.map_err(|e| self.failed("read the tokens", e))?;
        rows.iter().map(|row| self.token(row).map(|(token, _)| token)).collect()
    }

    /// Takes a token back. Returns whether there is one of this id.
    #[compiled_here]
    pub async fn revoke_token(&self, id: &str) -> Result<bool, StateError> {
        let done = sqlx::query("UPDATE token SET revoked_at = coalesce(revoked_at, ?) WHERE id = ?")
            .bind(Timestamp::now().to_string())
            .bind(id)
            .execute(&self.pool)
            .await
            .map_err(|e| self.failed("revoke the token", e))?;
        Ok(done.rows_affected() == 1)
    }

    /// The token behind a text that somebody presents. Notes the day.
    #[compiled_here]
    pub async fn check_token(&self, text: &str) -> Result<Result<Token, Denied>, StateError> {
        let doing = "look a token up";
        let mut parts = text.splitn(3, '_');
        let (Some(PREFIX), Some(id), Some(secret)) = (parts.next(), parts.next(), parts.next()) else {
            return Ok(Err(Denied::Unknown));
        };
        let sql = "SELECT id, name, scopes, created_at, expires_at, revoked_at, last_used_on, secret_hash FROM token
                   WHERE id = ?";
        let row =
            sqlx::query(sql).bind(id).fetch_optional(&self.pool).await.map_err(|e| self.failed(doing, e))?;
        let Some(row) = row else { return Ok(Err(Denied::Unknown)) };
        let (token, hash) = self.token(&row)?;
        // Hashes are compared in constant time.
        if blake3::Hash::from_hex(hash).ok() != Some(blake3::hash(secret.as_bytes())) {
            return Ok(Err(Denied::Unknown));
        }
        let now = Timestamp::now();
        if let Err(denied) = token.standing(now) {
            return Ok(Err(denied));
        }
        let today = now.to_zoned(TimeZone::UTC).date();
        if token.last_used_on != Some(today) {
            sqlx::query("UPDATE token SET last_used_on = ? WHERE id = ?")
                .bind(today.to_string())
                .bind(id)
                .execute(&self.pool)
                .await
                .map_err(|e| self.failed(doing, e))?;
        }
        Ok(Ok(Token { last_used_on: Some(today), ..token }))
    }

    fn token(&self, row: &SqliteRow) -> Result<(Token, String), StateError> {
        let read = || -> Result<([String; 5], [Option<String>; 3]), sqlx::Error> {
            let whole = [row.try_get(0)?, row.try_get(1)?, row.try_get(2)?, row.try_get(3)?, row.try_get(7)?];
            Ok((whole, [row.try_get(4)?, row.try_get(5)?, row.try_get(6)?]))
        };
        let ([id, name, scopes, created_at, hash], [expires_at, revoked_at, last_used_on]) =
            read().map_err(|e| self.failed("read the tokens", e))?;
        let broken = |what: &str| StateError::Damaged {
            path: self.path.clone(),
            what: format!("the token `{id}` has {what} that cannot be read"),
        };
        let instant = |text: Option<String>| {
            text.map(|text| text.parse::<Timestamp>().map_err(|_| broken("a time"))).transpose()
        };
        let scopes: Result<Vec<Scope>, String> = scopes.split(' ').map(Scope::parse).collect();
        let token = Token {
            name,
            scopes: scopes.map_err(|_| broken("a scope"))?,
            created_at: created_at.parse().map_err(|_| broken("a time"))?,
            expires_at: instant(expires_at)?,
            revoked_at: instant(revoked_at)?,
            last_used_on: last_used_on.map(|day| day.parse().map_err(|_| broken("a day"))).transpose()?,
            id: id.clone(),
        };
        Ok((token, hash))
    }
}

pub(crate) fn random_hex<const BYTES: usize>() -> Result<String, StateError> {
    let mut bytes = [0; BYTES];
    getrandom::fill(&mut bytes).map_err(|error| StateError::NoRandomness(error.to_string()))?;
    Ok(bytes.iter().map(|byte| format!("{byte:02x}")).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn state() -> (tempfile::TempDir, State) {
        let folder = tempfile::tempdir().unwrap();
        let state = State::open(folder.path()).await.unwrap();
        (folder, state)
    }

    #[tokio::test]
    async fn a_token_opens_what_it_was_made_for_and_nothing_else() {
        let (_folder, state) = state().await;
        let scopes = [Scope::parse("ingest:dialler").unwrap()];
        let made = state.make_token("the dialler", &scopes, None).await.unwrap();
        let token = state.check_token(&made.text).await.unwrap().unwrap();
        assert!(token.allows_ingest("dialler") && !token.allows_ingest("dialler2"));
        assert!(token.last_used_on.is_some());
        assert_eq!(state.tokens().await.unwrap(), [token]);

        let other = state.make_token("all", &[Scope::IngestAll], None).await.unwrap();
        assert!(other.token.allows_ingest("anything"));
        assert_ne!(other.text, made.text);
    }

    #[tokio::test]
    async fn wrong_expired_and_revoked_tokens_are_refused() {
        let (folder, state) = state().await;
        let made = state.make_token("a", &[Scope::IngestAll], None).await.unwrap();
        let mut wrong = made.text.clone();
        wrong.pop();
        for text in ["", "dialmark", "dialmark__", wrong.as_str(), "dialmark_000000000000_00"] {
            assert_eq!(state.check_token(text).await.unwrap(), Err(Denied::Unknown), "{text}");
        }
        let short =
            state.make_token("b", &[Scope::IngestAll], Some(SignedDuration::from_secs(-1))).await.unwrap();
        assert_eq!(state.check_token(&short.text).await.unwrap(), Err(Denied::Expired));
        assert!(state.revoke_token(&made.token.id).await.unwrap());
        assert!(!state.revoke_token("none").await.unwrap());
        assert_eq!(state.check_token(&made.text).await.unwrap(), Err(Denied::Revoked));

        // Neither the database nor a debug print holds a secret.
        assert!(!format!("{made:?}").contains(&made.text));
        let secret = made.text.rsplit('_').next().unwrap();
        for entry in std::fs::read_dir(folder.path()).unwrap() {
            let bytes = std::fs::read(entry.unwrap().path()).unwrap();
            assert!(!bytes.windows(secret.len()).any(|part| part == secret.as_bytes()));
        }
    }

    #[test]
    fn scopes_are_words() {
        assert_eq!(Scope::parse("ingest:a").unwrap().to_string(), "ingest:a");
        for text in ["", "ingest:", "admin", "ingest:a,b"] {
            assert!(Scope::parse(text).is_err(), "{text}");
        }
    }
}
