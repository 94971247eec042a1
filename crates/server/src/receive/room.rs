//! Memory for bodies that are under way at the same time.

use axum::http::{HeaderMap, header};
use dialmark_lake::Refused;
use tokio::sync::{Semaphore, SemaphorePermit};

use super::body;
use super::reply::{self, Refusal};

/// Bytes that one permit stands for.
const PERMIT_BYTES: usize = 64 << 10;

/// So many bytes, and no more.
pub struct Room {
    permits: Semaphore,
    most: usize,
}

impl Room {
    pub fn new(bytes: usize) -> Room {
        let most = bytes / PERMIT_BYTES;
        Room { permits: Semaphore::new(most), most }
    }

    /// Memory for a body of at most so many bytes, or the word that there is none now. It lasts as long as what is
    /// returned.
    pub fn try_take(&self, headers: &HeaderMap, largest: usize) -> Result<SemaphorePermit<'_>, Refusal> {
        let length = headers.get(header::CONTENT_LENGTH).and_then(|v| v.to_str().ok()?.parse::<usize>().ok());
        let bytes = match headers.contains_key(header::CONTENT_ENCODING) {
            true => body::LARGEST_PLAIN,
            false => length.unwrap_or(largest).min(largest),
        };
        // Held as it came, as it is stored, and while it is made one from the other.
        let permits = (2 * bytes / PERMIT_BYTES + 1).min(self.most);
        let permits = u32::try_from(permits).unwrap_or(u32::MAX);
        self.permits.try_acquire_many(permits).map_err(|_| reply::refused(&Refused::Busy))
    }
}
