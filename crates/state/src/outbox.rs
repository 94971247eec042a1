//! What is to leave the house: each letter and each post once, whatever happens in between.
//!
//! What is written here under an identifier is never written again, so whoever is interrupted may do it all once more. Handing
//! over is claimed first and its end noted after; a claim whose holder was lost is free again after a while, and what it held
//! goes out once more under the same identifier, by which the other side knows it.

use async_recursion::async_recursion as compiled_here;
use jiff::{SignedDuration, Timestamp};
use serde::Serialize;
use sqlx::sqlite::SqliteRow;
use sqlx::{Row, Sqlite, Transaction};

use crate::database::State;
use crate::error::StateError;

/// After so long whoever claimed a piece is taken for lost. Longer than any server may take for its answer.
const LOST_AFTER: SignedDuration = SignedDuration::from_mins(10);

/// By which way something leaves.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Channel {
    /// To a mail server.
    Mail,
    /// To the address of a program.
    Hook,
}

impl Channel {
    fn word(self) -> &'static str {
        match self {
            Channel::Mail => "mail",
            Channel::Hook => "hook",
        }
    }
}

/// Something to be sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewPiece {
    /// What it is, to whom and of when, such as `report/morning/ann@example.org/2026-07-01`: it is sent once, ever.
    pub id: String,
    /// By which way.
    pub channel: Channel,
    /// To whom, as the log shows it; no secret.
    pub to: String,
    /// What it is, in a line.
    pub subject: String,
    /// What is handed over.
    pub content: Vec<u8>,
}

/// Where a piece stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Leaving {
    /// It waits for its first or its next try.
    Waiting,
    /// The other side took it.
    Sent,
    /// The other side does not want it, or was away for too long.
    Refused,
}

/// A piece without its content.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Piece {
    /// What it is known by.
    pub id: String,
    /// By which way it leaves.
    pub channel: Channel,
    /// To whom.
    pub to: String,
    /// What it is, in a line.
    pub subject: String,
    /// Where it stands.
    pub leaving: Leaving,
    /// When it was written.
    pub written_at: Timestamp,
    /// Before when it is not tried (again), while it waits.
    pub next_try_at: Option<Timestamp>,
    /// How often it was handed over, or was to be.
    pub tries: u32,
    /// When it was taken or refused.
    pub ended_at: Option<Timestamp>,
    /// What the other side said last, or why it was not reached.
    pub said: Option<String>,
}

/// Which pieces are looked at.
#[derive(Debug, Clone, Default)]
pub struct Pieces<'a> {
    /// Only those whose identifier begins so.
    pub prefix: &'a str,
    /// Only those that stand so.
    pub leaving: Option<Leaving>,
}

const COLUMNS: &str =
    "id, channel, addressee, subject, leaving, written_at, next_try_at, tries, ended_at, said";

impl State {
    /// Writes pieces down, all or none; those whose identifier is there already are left as they are. Returns how many are new.
    #[compiled_here]
    pub async fn write_pieces(&self, pieces: &[NewPiece], now: Timestamp) -> Result<u64, StateError> {
        let mut tx = self.begin(WRITING).await?;
        let new = write_in(self, &mut tx, pieces, now).await?;
        tx.commit().await.map_err(|e| self.failed(WRITING, e))?;
        Ok(new)
    }

    /// Claims the next piece that is due, for whoever hands it over now; nobody else gets it meanwhile.
    #[compiled_here]
    pub async fn claim_piece(&self, now: Timestamp) -> Result<Option<(Piece, Vec<u8>)>, StateError> {
        let doing = "find what is to be sent";
        let lost = now.checked_sub(LOST_AFTER).unwrap_or(Timestamp::MIN);
        let sql = format!(
            "UPDATE piece SET claimed_at = ?, tries = tries + 1 WHERE id = (
               SELECT id FROM piece WHERE leaving = 'waiting' AND next_try_at <= ?
               AND (claimed_at IS NULL OR claimed_at <= ?) ORDER BY next_try_at, written_at, id LIMIT 1)
             RETURNING {COLUMNS}, content"
        );
        let row = sqlx::query(sqlx::AssertSqlSafe(sql))
            .bind(in_order(now))
            .bind(in_order(now))
            .bind(in_order(lost))
            .fetch_optional(&self.pool)
            .await
            .map_err(|e| self.failed(doing, e))?;
        let Some(row) = row else { return Ok(None) };
        let content = row.try_get("content").map_err(|e| self.failed(doing, e))?;
        Ok(Some((self.a_piece(&row)?, content)))
    }

    /// The other side took it.
    #[compiled_here]
    pub async fn piece_sent(&self, id: &str, said: &str, now: Timestamp) -> Result<(), StateError> {
        self.end_piece(id, "sent", said, now).await
    }

    /// The other side does not want it, or was away for too long.
    #[compiled_here]
    pub async fn piece_refused(&self, id: &str, said: &str, now: Timestamp) -> Result<(), StateError> {
        self.end_piece(id, "refused", said, now).await
    }

    /// It was not taken; it is tried again at an instant.
    #[compiled_here]
    pub async fn piece_later(&self, id: &str, said: &str, again: Timestamp) -> Result<(), StateError> {
        sqlx::query(
            "UPDATE piece SET next_try_at = ?, claimed_at = NULL, said = ? WHERE id = ? AND leaving = 'waiting'",
        )
        .bind(in_order(again))
        .bind(said)
        .bind(id)
        .execute(&self.pool)
        .await
        .map_err(|e| self.failed("note what became of a letter", e))?;
        Ok(())
    }

    async fn end_piece(&self, id: &str, word: &str, said: &str, now: Timestamp) -> Result<(), StateError> {
        sqlx::query(
            "UPDATE piece SET leaving = ?, ended_at = ?, next_try_at = NULL, claimed_at = NULL, said = ?
             WHERE id = ? AND leaving = 'waiting'",
        )
        .bind(word)
        .bind(in_order(now))
        .bind(said)
        .bind(id)
        .execute(&self.pool)
        .await
        .map_err(|e| self.failed("note what became of a letter", e))?;
        Ok(())
    }

    /// What was to be sent, the latest first.
    #[compiled_here]
    pub async fn pieces(&self, wanted: &Pieces<'_>, most: u32) -> Result<Vec<Piece>, StateError> {
        let sql = format!(
            "SELECT {COLUMNS} FROM piece WHERE substr(id, 1, length(?)) = ? AND (? IS NULL OR leaving = ?)
             ORDER BY written_at DESC, id LIMIT ?"
        );
        let leaving = wanted.leaving.map(|leaving| match leaving {
            Leaving::Waiting => "waiting",
            Leaving::Sent => "sent",
            Leaving::Refused => "refused",
        });
        let rows = sqlx::query(sqlx::AssertSqlSafe(sql))
            .bind(wanted.prefix)
            .bind(wanted.prefix)
            .bind(leaving)
            .bind(leaving)
            .bind(most)
            .fetch_all(&self.pool)
            .await
            .map_err(|e| self.failed("read what was sent", e))?;
        rows.iter().map(|row| self.a_piece(row)).collect()
    }

    /// What was or is handed over of a piece; nothing when there is none, or when it was let go of.
    #[compiled_here]
    pub async fn piece_content(&self, id: &str) -> Result<Option<Vec<u8>>, StateError> {
        let row = sqlx::query("SELECT content FROM piece WHERE id = ?").bind(id).fetch_optional(&self.pool);
        let row = row.await.map_err(|e| self.failed("read what was sent", e))?;
        let Some(row) = row else { return Ok(None) };
        row.try_get(0).map_err(|e| self.failed("read what was sent", e))
    }

    /// Lets go of the content of what ended before an instant; the log of it stays. Returns of how many.
    #[compiled_here]
    pub async fn forget_contents(&self, before: Timestamp) -> Result<u64, StateError> {
        let sql = "UPDATE piece SET content = NULL WHERE content IS NOT NULL AND ended_at < ?";
        let done = sqlx::query(sql).bind(in_order(before)).execute(&self.pool).await;
        done.map(|done| done.rows_affected()).map_err(|e| self.failed("let go of what was sent", e))
    }

    fn a_piece(&self, row: &SqliteRow) -> Result<Piece, StateError> {
        let text = |column: &str| -> Result<Option<String>, StateError> {
            row.try_get(column).map_err(|e| self.failed("read what was sent", e))
        };
        let wanted =
            |column: &str| text(column)?.ok_or_else(|| self.damaged(format!("a letter has no `{column}`")));
        let instant = |column: &str| -> Result<Option<Timestamp>, StateError> {
            let read = text(column)?.map(|text| text.parse()).transpose();
            read.map_err(|_| self.damaged(format!("`{column}` of a letter is no instant")))
        };
        let tries: u32 = row.try_get("tries").map_err(|e| self.failed("read what was sent", e))?;
        let (channel, leaving) = (wanted("channel")?, wanted("leaving")?);
        Ok(Piece {
            id: wanted("id")?,
            channel: match channel.as_str() {
                "mail" => Channel::Mail,
                "hook" => Channel::Hook,
                other => return Err(self.damaged(format!("a letter leaves by `{other}`"))),
            },
            to: wanted("addressee")?,
            subject: wanted("subject")?,
            leaving: match leaving.as_str() {
                "waiting" => Leaving::Waiting,
                "sent" => Leaving::Sent,
                "refused" => Leaving::Refused,
                other => return Err(self.damaged(format!("a letter stands as `{other}`"))),
            },
            written_at: instant("written_at")?
                .ok_or_else(|| self.damaged("a letter was never written".to_owned()))?,
            next_try_at: instant("next_try_at")?,
            tries,
            ended_at: instant("ended_at")?,
            said: text("said")?,
        })
    }
}

const WRITING: &str = "write down what is to be sent";

/// Writes pieces down together with whatever else a transaction does. Returns how many are new.
pub(crate) async fn write_in(
    state: &State,
    tx: &mut Transaction<'static, Sqlite>,
    pieces: &[NewPiece],
    now: Timestamp,
) -> Result<u64, StateError> {
    let mut new = 0;
    for piece in pieces {
        let written = sqlx::query(
            "INSERT INTO piece(id, channel, addressee, subject, content, leaving, written_at, next_try_at, tries)
             VALUES (?,?,?,?,?,'waiting',?,?,0) ON CONFLICT(id) DO NOTHING",
        )
        .bind(&piece.id)
        .bind(piece.channel.word())
        .bind(&piece.to)
        .bind(&piece.subject)
        .bind(&piece.content)
        .bind(in_order(now))
        .bind(in_order(now))
        .execute(&mut **tx)
        .await
        .map_err(|e| state.failed(WRITING, e))?;
        new += written.rows_affected();
    }
    Ok(new)
}

/// An instant as text that sorts as instants do.
pub(crate) fn in_order(at: Timestamp) -> String {
    format!("{at:.6}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn piece(id: &str) -> NewPiece {
        NewPiece {
            id: id.to_owned(),
            channel: Channel::Mail,
            to: "ann@example.org".to_owned(),
            subject: "Yesterday".to_owned(),
            content: id.as_bytes().to_vec(),
        }
    }

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    #[tokio::test]
    async fn each_piece_is_written_and_claimed_once() {
        let folder = tempfile::tempdir().unwrap();
        let state = State::open(folder.path()).await.unwrap();
        let eight = at("2026-07-01T08:00:00Z");
        assert_eq!(state.write_pieces(&[piece("a"), piece("b")], eight).await.unwrap(), 2);
        assert_eq!(state.write_pieces(&[piece("b"), piece("c")], eight).await.unwrap(), 1);
        let mut claimed = Vec::new();
        while let Some((piece, content)) = state.claim_piece(eight).await.unwrap() {
            assert_eq!(content, piece.id.as_bytes());
            assert_eq!(piece.tries, 1);
            claimed.push(piece.id);
        }
        assert_eq!(claimed, ["a", "b", "c"]);

        state.piece_sent("a", "250 taken", eight).await.unwrap();
        state.piece_later("b", "451 later", at("2026-07-01T08:05:00.5Z")).await.unwrap();
        assert!(state.claim_piece(at("2026-07-01T08:05:00Z")).await.unwrap().is_none());
        assert_eq!(state.claim_piece(at("2026-07-01T08:05:01Z")).await.unwrap().unwrap().0.id, "b");
        // Whoever claimed `c` was lost.
        let (again, _) = state.claim_piece(at("2026-07-01T08:10:00Z")).await.unwrap().unwrap();
        assert_eq!((again.id.as_str(), again.tries), ("c", 2));
        state.piece_refused("c", "550 nobody", at("2026-07-01T08:10:01Z")).await.unwrap();
        // What has ended does not begin again.
        state.piece_later("c", "late", eight).await.unwrap();
        assert_eq!(state.write_pieces(&[piece("c")], eight).await.unwrap(), 0);

        let sent = Pieces { leaving: Some(Leaving::Sent), ..Pieces::default() };
        let sent = state.pieces(&sent, 9).await.unwrap();
        assert_eq!(sent.iter().map(|piece| piece.id.as_str()).collect::<Vec<_>>(), ["a"]);
        assert_eq!(sent[0].said.as_deref(), Some("250 taken"));
        assert_eq!(state.pieces(&Pieces { prefix: "c", ..Pieces::default() }, 9).await.unwrap().len(), 1);
    }

    #[tokio::test]
    async fn two_hands_never_hold_the_same_piece() {
        let folder = tempfile::tempdir().unwrap();
        let (one, other) =
            (State::open(folder.path()).await.unwrap(), State::open(folder.path()).await.unwrap());
        let now = at("2026-07-01T08:00:00Z");
        let pieces: Vec<NewPiece> = (0..40).map(|number| piece(&format!("p{number:02}"))).collect();
        one.write_pieces(&pieces, now).await.unwrap();
        let claim_all = |state: State| async move {
            let mut claimed = Vec::new();
            while let Some((piece, _)) = state.claim_piece(now).await.unwrap() {
                claimed.push(piece.id);
            }
            claimed
        };
        let (first, second) = (tokio::spawn(claim_all(one.clone())), tokio::spawn(claim_all(other)));
        let mut claimed = first.await.unwrap();
        claimed.extend(second.await.unwrap());
        claimed.sort();
        assert_eq!(claimed, pieces.iter().map(|piece| piece.id.clone()).collect::<Vec<_>>());
    }

    #[tokio::test]
    async fn contents_go_and_the_log_stays() {
        let folder = tempfile::tempdir().unwrap();
        let state = State::open(folder.path()).await.unwrap();
        let (july, august) = (at("2026-07-01T08:00:00Z"), at("2026-08-01T08:00:00Z"));
        state.write_pieces(&[piece("a"), piece("b")], july).await.unwrap();
        state.piece_sent("a", "250", july).await.unwrap();
        assert_eq!(state.piece_content("a").await.unwrap().unwrap(), b"a");
        assert_eq!(state.forget_contents(august).await.unwrap(), 1);
        assert_eq!(state.piece_content("a").await.unwrap(), None);
        assert_eq!(state.piece_content("b").await.unwrap().unwrap(), b"b");
        assert_eq!(state.pieces(&Pieces::default(), 9).await.unwrap().len(), 2);
    }
}
