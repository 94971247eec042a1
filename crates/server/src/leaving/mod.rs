//! What leaves the house: due reports are made, and letters and posts are handed over, one after the other.
//!
//! Whatever leaves was written down first, under an identifier, once and for ever (`state::outbox`). Claiming a piece is one
//! statement of the database, so any number of processes may run this: a piece is in one hand at a time.

mod content;
mod patience;
mod signing;
mod ways;

use std::time::{Duration, Instant};

use async_recursion::async_recursion as compiled_here;
use dialmark_post::Unsent;
use dialmark_state::{Channel, State, StateError};
use jiff::{SignedDuration, Timestamp};
use serde::Serialize;

use crate::app::{App, Shared};
use crate::sending::make_due;

pub use content::{Posted, mail_content, mail_of};
pub use ways::{Hooked, Ways};

/// Time between two looks for what is due: a letter is a minute's business.
const ROUND: Duration = Duration::from_secs(10);
/// Time between two looks for reports that are due: what waits for records asks for them each time.
const MAKING: Duration = Duration::from_secs(30);
/// Time between two looks for what may be let go of.
const TIDY: Duration = Duration::from_secs(3600);
/// For how long the content of what was sent can be shown.
const KEEP: SignedDuration = SignedDuration::from_hours(24 * 90);

/// What became of the pieces that were due.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Handed {
    /// The other side took them.
    pub sent: u32,
    /// They are tried again.
    pub later: u32,
    /// The other side does not want them, or was away for too long.
    pub refused: u32,
}

/// Runs until it is dropped. Every step is whole or without effect, so it may be dropped at any time.
#[compiled_here]
pub async fn run(shared: Shared) {
    let (mut made, mut tidied): (Option<Instant>, Option<Instant>) = (None, None);
    loop {
        if let Some(app) = shared.current() {
            if made.is_none_or(|at| at.elapsed() >= MAKING) {
                made = Some(Instant::now());
                make(&app).await;
            }
            if let Err(error) = hand_over(&app.state, &app.ways, Timestamp::now()).await {
                tracing::warn!(%error, "what is to be sent cannot be read");
            }
            if tidied.is_none_or(|at| at.elapsed() >= TIDY) {
                tidied = Some(Instant::now());
                let before = Timestamp::now().checked_sub(KEEP).unwrap_or(Timestamp::MIN);
                if let Err(error) = app.state.forget_contents(before).await {
                    tracing::warn!(%error, "what was sent long ago could not be let go of");
                }
            }
        }
        tokio::time::sleep(ROUND).await;
    }
}

/// Makes reports that are due; pages wait for their turn meanwhile as for one another.
async fn make(app: &App) {
    let Ok(_turn) = app.turn().await else { return };
    if let Err(error) = make_due(&app.sender(), Timestamp::now()).await {
        tracing::warn!(%error, "due reports could not be made; they are tried again");
    }
}

/// Hands over everything that is due by the clock or at an instant after it, and notes what became of it.
#[compiled_here]
pub async fn hand_over(state: &State, ways: &Ways, at: Timestamp) -> Result<Handed, StateError> {
    let mut handed = Handed::default();
    while let Some((piece, content)) = state.claim_piece(at.max(Timestamp::now())).await? {
        let (ways, channel) = (ways.clone(), piece.channel);
        let id = piece.id.clone();
        let outcome = tokio::task::spawn_blocking(move || one(&ways, channel, &id, &content)).await;
        let outcome =
            outcome.unwrap_or_else(|error| Err(Failed::Unready(format!("It was broken off: {error}."))));
        let now = at.max(Timestamp::now());
        match outcome {
            Ok(said) => {
                state.piece_sent(&piece.id, &said, now).await?;
                tracing::info!(piece = piece.id, to = piece.to, "sent");
                handed.sent += 1;
            }
            Err(Failed::Unready(why)) => {
                // The fault is ours: nothing is given up for it.
                tracing::warn!(piece = piece.id, to = piece.to, why, "what is to be sent waits");
                state.piece_later(&piece.id, &why, patience::unready(now)).await?;
                handed.later += 1;
            }
            Err(Failed::Unsent(Unsent::Later(why))) => {
                match patience::again(piece.tries, piece.written_at, now) {
                    Some(again) => {
                        tracing::warn!(piece = piece.id, to = piece.to, why, %again, "it was not taken, and is tried again");
                        state.piece_later(&piece.id, &why, again).await?;
                        handed.later += 1;
                    }
                    None => {
                        let why = format!("{why} It was tried {} times over more than a day.", piece.tries);
                        refused(state, &piece.id, &piece.to, &why, now).await?;
                        handed.refused += 1;
                    }
                }
            }
            Err(Failed::Unsent(Unsent::Refused(why))) => {
                refused(state, &piece.id, &piece.to, &why, now).await?;
                handed.refused += 1;
            }
        }
    }
    Ok(handed)
}

async fn refused(state: &State, id: &str, to: &str, why: &str, now: Timestamp) -> Result<(), StateError> {
    tracing::error!(piece = id, to, why, "it was NOT sent, and is not tried again");
    state.piece_refused(id, why, now).await
}

/// Why a piece was not handed over.
enum Failed {
    /// What it takes is not set up here.
    Unready(String),
    /// The other side did not take it.
    Unsent(Unsent),
}

/// Hands one piece over. Blocks.
fn one(ways: &Ways, channel: Channel, id: &str, content: &[u8]) -> Result<String, Failed> {
    match channel {
        Channel::Mail => {
            let letter = mail_of(content).map_err(|why| Failed::Unsent(Unsent::Refused(why)))?;
            let server = ways.mail_server().map_err(Failed::Unready)?;
            dialmark_post::hand_over(&server, &letter).map_err(Failed::Unsent)
        }
        Channel::Hook => {
            let posted = Posted::of(content).map_err(|why| Failed::Unsent(Unsent::Refused(why)))?;
            let (url, key) = ways.hook(&posted.url_of).map_err(Failed::Unready)?;
            let mut hook = posted.to(url);
            if let Some(key) = key {
                let signed =
                    signing::headers(&key, id, Timestamp::now(), &hook.body).map_err(Failed::Unready)?;
                hook.headers.extend(signed);
            }
            dialmark_post::post(&hook).map_err(Failed::Unsent)
        }
    }
}
