//! What runs beside the pages: records are made of what was pushed, small files become large ones, old states are let
//! go of. One process of a store does it at a time.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use async_recursion::async_recursion as compiled_here;
use dialmark_ingest::take_pushed;
use dialmark_lake::Lake;
use dialmark_model::source::Source;

use crate::app::Shared;
use crate::receive::Receiver;

/// Least time between two rounds: short enough to be called live, long enough for files that are not tiny.
const ROUND: Duration = Duration::from_secs(2);
/// What comes in so long after the first delivery goes with it.
const GATHERING: Duration = Duration::from_millis(200);
/// Time until a round when nothing was told to have come in: another process may have taken something.
const LULL: Duration = Duration::from_secs(15);
/// Time between two looks for files to join.
const COMPACTION: Duration = Duration::from_secs(60);
/// Time between two looks for what may be let go of.
const EXPIRY: Duration = Duration::from_secs(3600);
/// How long a source is left alone after it failed.
const AFTER_FAILURE: Duration = Duration::from_secs(30);

/// How long what is kept.
#[derive(Debug, Clone)]
pub struct Keep {
    /// Days for which earlier states stay readable.
    pub states_days: u32,
    /// Days for which records stay, by table; those that are not named stay for ever.
    pub records_days: BTreeMap<String, u32>,
}

/// Runs until it is dropped. Every step is whole or without effect, so it may be dropped at any time.
#[compiled_here]
pub async fn run(lake: Lake, shared: Shared, receiver: Receiver) {
    let mut compacted = Instant::now();
    let mut expired: Option<Instant> = None;
    loop {
        let began = Instant::now();
        let Some(intake) = shared.intake() else { return };
        match lake.lead() {
            Ok(Some(_lead)) => {
                let failed = round(&lake, &intake.sources, &receiver).await;
                if compacted.elapsed() >= COMPACTION {
                    compacted = Instant::now();
                    if let Err(error) = lake.compact().await {
                        tracing::warn!(%error, "small files could not be joined");
                    }
                    if let Err(error) = lake.empty_log().await {
                        tracing::warn!(%error, "the log of the database could not be emptied");
                    }
                }
                if expired.is_none_or(|at| at.elapsed() >= EXPIRY) {
                    expired = Some(Instant::now());
                    if let Err(error) = tidy(&lake, &intake.keep).await {
                        tracing::warn!(%error, "old states could not be let go of");
                    }
                }
                if failed {
                    tokio::time::sleep(AFTER_FAILURE).await;
                }
            }
            // Another process does it.
            Ok(None) => count_waiting(&lake, &receiver).await,
            Err(error) => tracing::warn!(%error, "whether another process makes the records cannot be told"),
        }
        let _ = tokio::time::timeout(LULL, receiver.0.taken.notified()).await;
        tokio::time::sleep(GATHERING.max(ROUND.saturating_sub(began.elapsed()))).await;
    }
}

/// Makes records of all that waits. Returns whether a source failed.
async fn round(lake: &Lake, sources: &[Source], receiver: &Receiver) -> bool {
    let mut failed = false;
    let waiting = match lake.waiting().await {
        Ok(waiting) => waiting,
        Err(error) => {
            tracing::warn!(%error, "the inbox cannot be read");
            return true;
        }
    };
    for waits in waiting {
        let Some(source) = sources.iter().find(|source| source.name == waits.source) else {
            tracing::warn!(source = waits.source, "records of a source wait that is not declared any more");
            continue;
        };
        loop {
            match take_pushed(lake, source).await {
                Ok(Some(_)) => {}
                Ok(None) => break,
                Err(error) => {
                    tracing::error!(source = source.name, %error, "what was pushed waits, since it cannot be taken in");
                    failed = true;
                    break;
                }
            }
        }
    }
    count_waiting(lake, receiver).await;
    failed
}

/// Tells those who take deliveries how much waits.
async fn count_waiting(lake: &Lake, receiver: &Receiver) {
    match lake.waiting().await {
        Ok(waiting) => receiver.inbox().set_waiting(waiting.iter().map(|waits| waits.bytes).sum()),
        Err(error) => tracing::warn!(%error, "the inbox cannot be read"),
    }
}

async fn tidy(lake: &Lake, keep: &Keep) -> Result<(), dialmark_lake::LakeError> {
    lake.forget_keys().await?;
    lake.retire(&keep.records_days).await?;
    lake.expire(keep.states_days).await?;
    Ok(())
}
