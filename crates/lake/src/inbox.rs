//! Records that are pushed: acknowledged when they are on disk, made facts a moment later.
//!
//! What was sent is put into the catalogue's database as it came. Deliveries that wait at the same time share one
//! transaction, so that a flush to disk serves many. An ordinary import then reads the bodies and takes them out in
//! the transaction that names their records, so that each record is in the inbox or in the store, never in both.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use async_recursion::async_recursion as compiled_here;
use tokio::sync::{mpsc, oneshot};

use crate::catalogue::Catalogue;
use crate::error::{Doing, LakeError};
use crate::number::count;

/// Deliveries that share a transaction.
const MOST_AT_ONCE: usize = 512;
/// Bytes that share a transaction.
const MOST_BYTES_AT_ONCE: usize = 8 << 20;
/// Deliveries in memory that wait for their transaction.
const WAITING: usize = 1024;

/// What was sent, checked as far as a sender is to be told.
#[derive(Debug, Clone)]
pub struct Delivery {
    /// Name under which it was sent.
    pub stream: String,
    /// Sources that read it; each gets it.
    pub sources: Vec<String>,
    /// Key under which the sender may repeat it.
    pub key: Option<String>,
    /// Records in it, as counted by their separators.
    pub records: u64,
    /// The records.
    pub body: Vec<u8>,
}

/// What became of a delivery.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Accepted {
    /// It is on disk, once for each source.
    Taken {
        /// How many bodies it made.
        bodies: u64,
    },
    /// It came before under its key, and nothing was done.
    Again {
        /// Records of the first delivery.
        records: u64,
        /// When that came, ISO 8601, UTC.
        received_at: String,
    },
    /// Something else came before under its key, and nothing was done.
    OtherBody,
}

/// What waits of a source.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Waiting {
    /// The source.
    pub source: String,
    /// Deliveries.
    pub bodies: u64,
    /// Records in them.
    pub records: u64,
    /// Their size.
    pub bytes: u64,
    /// When the oldest came, ISO 8601, UTC.
    pub since: String,
}

/// A delivery in the inbox.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Body {
    /// Its number; later ones are larger.
    pub seq: i64,
    /// When it came, ISO 8601, UTC.
    pub received_at: String,
    /// The records.
    pub bytes: Vec<u8>,
}

/// How much may wait, and how much room there must be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Bytes in the inbox from which on nothing more is taken.
    pub waiting_bytes: u64,
    /// Free bytes of the disk below which nothing more is taken.
    pub free_bytes: u64,
}

impl Default for Limits {
    fn default() -> Limits {
        Limits { waiting_bytes: 512 << 20, free_bytes: 512 << 20 }
    }
}

/// Why a delivery was not taken. Nothing of it is in the store.
#[derive(Debug, Clone, thiserror::Error)]
pub enum Refused {
    /// More waits than may wait.
    #[error(
        "{waiting_bytes} bytes wait to become records, and no more than {limit} may; send it again in a moment"
    )]
    Full {
        /// Bytes in the inbox.
        waiting_bytes: u64,
        /// How many there may be.
        limit: u64,
    },
    /// More deliveries are under way than may be.
    #[error("too many deliveries are under way at once; send it again in a moment")]
    Busy,
    /// The disk is nearly full.
    #[error(
        "the disk of the store has {free_bytes} bytes left, and {limit} are kept free; make room, then send it again"
    )]
    NoRoom {
        /// Bytes that are free.
        free_bytes: u64,
        /// How many must be.
        limit: u64,
    },
    /// The disk is full.
    #[error("the disk of the store is full; make room, then send it again")]
    DiskFull,
    /// The store failed. Whether this delivery was kept cannot be known; nothing after it is taken.
    #[error("the store cannot be trusted to keep what is sent: {0}")]
    Failed(Arc<LakeError>),
    /// The inbox was closed.
    #[error("the program is about to end; send it again when it is back")]
    Closed,
}

struct Sent {
    delivery: Delivery,
    answer: oneshot::Sender<Result<Accepted, Refused>>,
}

/// Where deliveries are handed in. Cheap to clone; when the last one is dropped, what waits is finished.
#[derive(Debug, Clone)]
pub struct Inbox {
    sender: mpsc::Sender<Sent>,
    waiting_bytes: Arc<AtomicU64>,
    limits: Limits,
}

impl Inbox {
    pub(crate) async fn open(catalogue: Arc<Catalogue>, limits: Limits) -> Result<Inbox, LakeError> {
        let (sender, receiver) = mpsc::channel(WAITING);
        let waiting: u64 = catalogue.waiting().await?.iter().map(|w| w.bytes).sum();
        let waiting_bytes = Arc::new(AtomicU64::new(waiting));
        tokio::spawn(take_in(catalogue, receiver, waiting_bytes.clone(), limits));
        Ok(Inbox { sender, waiting_bytes, limits })
    }

    /// Hands in a delivery and waits until it is on disk, or refused.
    #[compiled_here]
    pub async fn accept(&self, delivery: Delivery) -> Result<Accepted, Refused> {
        let waiting_bytes = self.waiting_bytes.load(Ordering::Relaxed);
        let limit = self.limits.waiting_bytes;
        if waiting_bytes.saturating_add(count(delivery.body.len())) > limit {
            return Err(Refused::Full { waiting_bytes, limit });
        }
        let (answer, answered) = oneshot::channel();
        match self.sender.try_send(Sent { delivery, answer }) {
            Ok(()) => {}
            Err(mpsc::error::TrySendError::Full(_)) => return Err(Refused::Busy),
            Err(mpsc::error::TrySendError::Closed(_)) => return Err(Refused::Closed),
        }
        answered.await.unwrap_or(Err(Refused::Closed))
    }

    /// Tells how much waits, after something was taken out.
    pub fn set_waiting(&self, bytes: u64) {
        self.waiting_bytes.store(bytes, Ordering::Relaxed);
    }
}

/// Takes deliveries as they come, many in one transaction.
async fn take_in(
    catalogue: Arc<Catalogue>,
    mut receiver: mpsc::Receiver<Sent>,
    waiting_bytes: Arc<AtomicU64>,
    limits: Limits,
) {
    let mut failed: Option<Arc<LakeError>> = None;
    while let Some(first) = receiver.recv().await {
        let mut bytes = first.delivery.body.len();
        let mut group = vec![first];
        while group.len() < MOST_AT_ONCE && bytes < MOST_BYTES_AT_ONCE {
            let Ok(next) = receiver.try_recv() else { break };
            bytes += next.delivery.body.len();
            group.push(next);
        }
        if failed.is_none() {
            match room(catalogue.folder(), limits) {
                Ok(()) => {}
                Err(refused) => {
                    refuse(group, &refused);
                    continue;
                }
            }
            let deliveries: Vec<&Delivery> = group.iter().map(|sent| &sent.delivery).collect();
            match catalogue.accept(&deliveries).await {
                Ok(accepted) => {
                    waiting_bytes.fetch_add(taken_bytes(&group, &accepted), Ordering::Relaxed);
                    for (sent, accepted) in group.into_iter().zip(accepted) {
                        // A sender that did not wait for the answer will send it again.
                        let _ = sent.answer.send(Ok(accepted));
                    }
                    continue;
                }
                Err(error) if error.is_busy() || error.is_full() => {
                    tracing::warn!(%error, "a delivery was refused");
                    refuse(group, if error.is_full() { &Refused::DiskFull } else { &Refused::Busy });
                    continue;
                }
                Err(error) => {
                    tracing::error!(%error, "nothing more is taken");
                    failed = Some(Arc::new(error));
                }
            }
        }
        if let Some(error) = &failed {
            refuse(group, &Refused::Failed(error.clone()));
        }
    }
}

fn refuse(group: Vec<Sent>, why: &Refused) {
    for sent in group {
        let _ = sent.answer.send(Err(why.clone()));
    }
}

fn taken_bytes(group: &[Sent], accepted: &[Accepted]) -> u64 {
    let of = |(sent, accepted): (&Sent, &Accepted)| match accepted {
        Accepted::Taken { bodies } => count(sent.delivery.body.len()).saturating_mul(*bodies),
        Accepted::Again { .. } | Accepted::OtherBody => 0,
    };
    group.iter().zip(accepted).map(of).sum()
}

/// Whether the disk has room for more.
fn room(folder: &Path, limits: Limits) -> Result<(), Refused> {
    match free_bytes(folder) {
        Ok(free_bytes) if free_bytes < limits.free_bytes => {
            Err(Refused::NoRoom { free_bytes, limit: limits.free_bytes })
        }
        Ok(_) => Ok(()),
        Err(error) => Err(Refused::Failed(Arc::new(error))),
    }
}

/// Bytes that the disk of a folder has left for ordinary users.
pub(crate) fn free_bytes(folder: &Path) -> Result<u64, LakeError> {
    let stat =
        rustix::fs::statvfs(folder).map_err(std::io::Error::from).doing("ask for free space of", folder)?;
    Ok(stat.f_bavail.saturating_mul(stat.f_frsize))
}
