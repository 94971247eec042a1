//! SQLite's log, looked at before SQLite does: a bit that turned in it must not take back commits without a word.
//!
//! To SQLite a frame that is not what was written is the end of the log, since a write that a power cut tore looks like
//! that. But each commit is flushed before the next one is written. So a bad frame that is followed by a sound one of a
//! later transaction is no torn write, and what stands behind it was acknowledged. The format is described in SQLite's
//! "Database File Format", section 4, "The Write-Ahead Log" (<https://www.sqlite.org/fileformat2.html#walformat>).

use std::fs::File;
use std::io::{BufReader, ErrorKind, Read, Seek};
use std::path::{Path, PathBuf};

use crate::error::{Doing, LakeError};

const HEADER: usize = 32;
const FRAME_HEADER: usize = 24;
/// The magic number, without its last bit, which says in which order bytes are summed.
const MAGIC: u32 = 0x377f_0682;

/// Where a log is not what was written, though more was written behind.
#[derive(Debug, PartialEq, Eq)]
struct Damage {
    /// Where the bad frame begins, in bytes.
    at: u64,
    /// Commits that would be taken back, at least.
    commits: u64,
}

/// Refuses a database whose log is damaged before its end.
pub(super) fn check(database: &Path) -> Result<(), LakeError> {
    let path = beside(database, "-wal");
    let doing = "read the log";
    let file = match File::open(&path) {
        Ok(file) => file,
        Err(e) if e.kind() == ErrorKind::NotFound => return Ok(()),
        Err(e) => return Err(e).doing(doing, &path),
    };
    let mut reader = BufReader::with_capacity(1 << 20, file);
    let mut header = [0; HEADER];
    if !filled(&mut reader, &mut header).doing(doing, &path)? {
        return Ok(());
    }
    let found = damage(&header, page_of(database), &mut reader).doing(doing, &path)?;
    let Some(Damage { at, commits }) = found else { return Ok(()) };
    // Another program may have begun the log anew while it was read, and writes its header first.
    let mut now = [0; HEADER];
    reader.rewind().doing(doing, &path)?;
    if !filled(&mut reader, &mut now).doing(doing, &path)? || now != header {
        return Ok(());
    }
    Err(LakeError::LogDamaged { path, at, commits })
}

fn beside(database: &Path, suffix: &str) -> PathBuf {
    let mut name = database.as_os_str().to_owned();
    name.push(suffix);
    PathBuf::from(name)
}

/// Bytes of a page of a database; `None` when it has none yet.
fn page_of(database: &Path) -> Option<u32> {
    let mut head = [0; 18];
    File::open(database).and_then(|mut file| file.read_exact(&mut head)).ok()?;
    let page = u32::from(u16::from_be_bytes([head[16], head[17]]));
    (page > 0).then_some(page)
}

/// Fills the buffer, or tells that there is not enough to fill it.
fn filled(reader: &mut impl Read, buffer: &mut [u8]) -> std::io::Result<bool> {
    match reader.read_exact(buffer) {
        Ok(()) => Ok(true),
        Err(e) if e.kind() == ErrorKind::UnexpectedEof => Ok(false),
        Err(e) => Err(e),
    }
}

/// `page` is what the database says, which counts where the header cannot be believed.
fn damage(
    header: &[u8; HEADER],
    page: Option<u32>,
    frames: &mut impl Read,
) -> std::io::Result<Option<Damage>> {
    let magic = number(header, 0);
    let order = if magic & 1 == 1 { u32::from_be_bytes } else { u32::from_le_bytes };
    let stored = (number(header, 24), number(header, 28));
    let is_sound =
        magic & !1 == MAGIC && summed((0, 0), header.get(..24).unwrap_or_default(), order) == stored;
    let page = match if is_sound { Some(number(header, 8)) } else { page } {
        Some(1) => 65_536,
        Some(page @ 512..=65_536) => page as usize,
        _ => return Ok(None),
    };
    let mut salts = is_sound.then(|| salts_at(header, 16));
    let mut bad = (!is_sound).then_some(Damage { at: 0, commits: 0 });
    // Whether a transaction ended at or behind the bad frame, and whether a later one has begun.
    let (mut ended, mut went_on) = (false, false);
    let mut before = stored;
    let mut at = HEADER as u64;
    let mut frame = vec![0; FRAME_HEADER + page];
    while filled(frames, &mut frame)? {
        let (head, content) = frame.split_at(FRAME_HEADER);
        let stored = (number(head, 16), number(head, 20));
        let sum = summed(summed(before, head.get(..8).unwrap_or_default(), order), content, order);
        before = stored;
        // Under a header that cannot be read the first frame says which frames belong together.
        let is_ours = *salts.get_or_insert_with(|| salts_at(head, 8)) == salts_at(head, 8);
        let commits = is_ours && number(head, 4) != 0;
        match &mut bad {
            None if is_ours && sum == stored => {}
            None => {
                bad = Some(Damage { at, commits: u64::from(commits) });
                ended = commits;
            }
            Some(bad) => {
                went_on |= ended && is_ours && sum == stored;
                ended |= commits;
                bad.commits += u64::from(commits);
            }
        }
        at += frame.len() as u64;
    }
    Ok(bad.filter(|_| went_on))
}

fn salts_at(bytes: &[u8], at: usize) -> (u32, u32) {
    (number(bytes, at), number(bytes, at + 4))
}

/// A big-endian number; zero beyond the end.
fn number(bytes: &[u8], at: usize) -> u32 {
    bytes.get(at..).and_then(|rest| rest.first_chunk::<4>()).map_or(0, |four| u32::from_be_bytes(*four))
}

/// SQLite's checksum, carried on from `before`.
fn summed(before: (u32, u32), bytes: &[u8], order: fn([u8; 4]) -> u32) -> (u32, u32) {
    let (pairs, _) = bytes.as_chunks::<8>();
    pairs.iter().fold(before, |(first, second), &[a, b, c, d, e, f, g, h]| {
        let first = first.wrapping_add(order([a, b, c, d])).wrapping_add(second);
        (first, second.wrapping_add(order([e, f, g, h])).wrapping_add(first))
    })
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions};

    use super::*;

    /// A log of several commits, each of which goes on where the last one ended.
    async fn log() -> Vec<u8> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.db");
        let options = SqliteConnectOptions::new()
            .filename(&path)
            .create_if_missing(true)
            .journal_mode(SqliteJournalMode::Wal);
        let pool = SqlitePoolOptions::new().max_connections(1).connect_with(options).await.unwrap();
        sqlx::raw_sql("CREATE TABLE t(a BLOB)").execute(&pool).await.unwrap();
        for size in [10, 20_000, 10, 9_000] {
            let sql = "INSERT INTO t VALUES (randomblob(?))";
            sqlx::query(sql).bind(size).execute(&pool).await.unwrap();
        }
        check(&path).unwrap();
        std::fs::read(beside(&path, "-wal")).unwrap()
    }

    fn look(bytes: &[u8]) -> Option<Damage> {
        let (header, rest) = bytes.split_first_chunk::<HEADER>()?;
        damage(header, Some(4096), &mut Cursor::new(rest)).unwrap()
    }

    /// Where the frames of each transaction begin and end.
    fn transactions(bytes: &[u8]) -> Vec<std::ops::Range<usize>> {
        let size = FRAME_HEADER + number(bytes, 8) as usize;
        let mut from = HEADER;
        let mut found = Vec::new();
        for at in (HEADER..bytes.len()).step_by(size) {
            if number(bytes, at + 4) != 0 {
                found.push(from..at + size);
                from = at + size;
            }
        }
        found
    }

    #[tokio::test]
    async fn a_bit_that_turned_before_the_last_commit_is_named_and_a_torn_write_is_none() {
        let whole = log().await;
        assert_eq!(look(&whole), None);
        let transactions = transactions(&whole);
        assert_eq!(transactions.len(), 5);
        let last = transactions.last().unwrap().clone();
        assert_eq!(last.end, whole.len());
        for at in (0..whole.len()).step_by(97).chain(0..HEADER + FRAME_HEADER) {
            let mut bytes = whole.clone();
            bytes[at] ^= 1 << (at % 8);
            let found = look(&bytes);
            if at < last.start {
                assert!(found.is_some(), "byte {at}");
            } else {
                assert_eq!(found, None, "byte {at}");
            }
            // The same bytes as a power cut leaves them.
            assert_eq!(look(&whole[..at]), None);
            for rest in [0_u8, 0xa5] {
                bytes.truncate(at);
                bytes.resize(whole.len(), rest);
                assert_eq!(look(&bytes), None, "byte {at}");
            }
        }
    }

    #[tokio::test]
    async fn a_frame_that_was_not_written_among_written_ones_of_the_last_commit_is_a_torn_write() {
        let mut bytes = log().await;
        let size = FRAME_HEADER + number(&bytes, 8) as usize;
        let last = transactions(&bytes).pop().unwrap();
        assert!(last.len() >= 3 * size);
        // What stood there is a frame of a longer log of before, which ended a transaction.
        bytes[last.start + 4..last.start + 8].copy_from_slice(&7_u32.to_be_bytes());
        bytes[last.start + 8..last.start + 16].fill(9);
        assert_eq!(look(&bytes), None);
    }

    #[tokio::test]
    async fn the_commits_that_would_be_taken_back_are_counted() {
        let mut bytes = log().await;
        let second = transactions(&bytes)[1].clone();
        bytes[second.start + 100] ^= 1;
        assert_eq!(look(&bytes), Some(Damage { at: second.start as u64, commits: 4 }));
    }
}
