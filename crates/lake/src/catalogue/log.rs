//! SQLite's log, looked at before SQLite does: a bit that turned in it must not take back commits without a word.
//!
//! To SQLite a frame that is not what was written is the end of the log, since a write that a power cut tore looks like
//! that. But each commit is flushed before the next one is written. So a bad frame that is followed by a sound one of a
//! later transaction is no torn write, and what stands behind it was acknowledged. The format is described in SQLite's
//! "Database File Format", section 4, "The Write-Ahead Log" (<https://www.sqlite.org/fileformat2.html#walformat>).

use std::fs::File;
use std::io::{BufReader, ErrorKind, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};
use std::time::Duration;

use xxhash_rust::xxh3::xxh3_64;

use crate::error::{Doing, LakeError};

const HEADER: usize = 32;
const FRAME_HEADER: usize = 24;
/// The magic number, without its last bit, which says in which order bytes are summed.
const MAGIC: u32 = 0x377f_0682;

/// How long a log is left alone before it is looked at again: another program may have been writing to it.
const PAUSE: Duration = Duration::from_millis(200);

/// Where a log is not what was written, though more was written behind.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Damage {
    /// Where the bad frame begins, in bytes.
    at: u64,
    /// Of its bytes.
    print: u64,
    /// Commits that would be taken back, at least.
    commits: u64,
}

/// Refuses a database whose log is damaged before its end.
pub(super) fn check(database: &Path) -> Result<(), LakeError> {
    let path = beside(database, "-wal");
    let doing = "read the log";
    let Some(first) = look(&path, database).doing(doing, &path)? else { return Ok(()) };
    // What was bad because somebody was writing there is another thing by now.
    std::thread::sleep(PAUSE);
    match look(&path, database).doing(doing, &path)? {
        Some(Damage { at, print, commits }) if (at, print) == (first.at, first.print) => {
            Err(LakeError::LogDamaged { path, at, commits })
        }
        _ => Ok(()),
    }
}

fn look(path: &Path, database: &Path) -> std::io::Result<Option<Damage>> {
    let file = match File::open(path) {
        Ok(file) => file,
        Err(e) if e.kind() == ErrorKind::NotFound => return Ok(None),
        Err(e) => return Err(e),
    };
    let mut reader = BufReader::with_capacity(1 << 20, file);
    let mut header = [0; HEADER];
    if !filled(&mut reader, &mut header)? {
        return Ok(None);
    }
    let page = page_of(database);
    for kind in kinds(&header, page) {
        reader.seek(SeekFrom::Start(HEADER as u64))?;
        let found = damage(&header, &kind, &mut reader)?;
        // Whoever begins the log anew writes its header first.
        let mut now = [0; HEADER];
        reader.rewind()?;
        if !filled(&mut reader, &mut now)? || now != header {
            return Ok(None);
        }
        if found.is_some() {
            return Ok(found);
        }
    }
    Ok(None)
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

/// In which order bytes are summed.
type Order = fn([u8; 4]) -> u32;

/// How a log may have to be read.
struct Kind {
    page: usize,
    order: Order,
    /// Whether its header is what was written.
    is_sound: bool,
}

/// As a sound header says; otherwise each way there is, for it cannot be believed. `page` is what the database says.
fn kinds(header: &[u8; HEADER], page: Option<u32>) -> Vec<Kind> {
    let orders: [(u32, Order); 2] = [(0, u32::from_le_bytes), (1, u32::from_be_bytes)];
    let stored = (number(header, 24), number(header, 28));
    let is_sound = |(last_bit, order): &(u32, Order)| {
        let content = header.get(..24).unwrap_or_default();
        number(header, 0) == MAGIC | last_bit && summed((0, 0), content, *order) == stored
    };
    let bytes_of = |page: u32| match page {
        1 => Some(65_536),
        512..=65_536 => usize::try_from(page).ok(),
        _ => None,
    };
    if let Some((_, order)) = orders.iter().find(|order| is_sound(order)) {
        let page = bytes_of(number(header, 8));
        return page.map(|page| Kind { page, order: *order, is_sound: true }).into_iter().collect();
    }
    let page = page.and_then(bytes_of);
    page.into_iter().flat_map(|page| orders.map(|(_, order)| Kind { page, order, is_sound: false })).collect()
}

fn damage(header: &[u8; HEADER], kind: &Kind, frames: &mut impl Read) -> std::io::Result<Option<Damage>> {
    let Kind { page, order, is_sound } = *kind;
    let mut salts = is_sound.then(|| salts_at(header, 16));
    let mut bad = (!is_sound).then(|| Damage { at: 0, print: xxh3_64(header), commits: 0 });
    // The frame before: the sums from which its follower may go on, and whether it ended a transaction.
    let mut seeds = [(number(header, 24), number(header, 28)); 2];
    let mut ended = false;
    let mut went_on = false;
    let mut at = HEADER as u64;
    let mut frame = vec![0; FRAME_HEADER + page];
    while filled(frames, &mut frame)? {
        let (head, content) = frame.split_at(FRAME_HEADER);
        let stored = (number(head, 16), number(head, 20));
        let sum = |seed| summed(summed(seed, head.get(..8).unwrap_or_default(), order), content, order);
        // Under a header that cannot be read the first frame says which frames belong together.
        let is_ours = *salts.get_or_insert_with(|| salts_at(head, 8)) == salts_at(head, 8);
        let sums = seeds.map(sum);
        let is_whole = is_ours && sums.contains(&stored);
        let says_end = number(head, 4) != 0;
        match &mut bad {
            None if is_whole => {}
            None => bad = Some(Damage { at, print: xxh3_64(&frame), commits: u64::from(says_end) }),
            // A whole frame right behind the end of a transaction: that transaction was flushed.
            Some(bad) => {
                went_on |= ended && is_whole;
                bad.commits += u64::from(is_whole && says_end);
            }
        }
        // Of a bad frame any part may be what turned, the stored sum and the mark of an end included.
        ended = says_end && (is_whole || bad.is_some_and(|bad| bad.at == at));
        seeds = [stored, sums[0]];
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
fn summed(before: (u32, u32), bytes: &[u8], order: Order) -> (u32, u32) {
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
    async fn log(last: i64) -> Vec<u8> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.db");
        let options = SqliteConnectOptions::new()
            .filename(&path)
            .create_if_missing(true)
            .journal_mode(SqliteJournalMode::Wal);
        let pool = SqlitePoolOptions::new().max_connections(1).connect_with(options).await.unwrap();
        sqlx::raw_sql("CREATE TABLE t(a BLOB)").execute(&pool).await.unwrap();
        for size in [10, 20_000, 10, last] {
            let sql = "INSERT INTO t VALUES (randomblob(?))";
            sqlx::query(sql).bind(size).execute(&pool).await.unwrap();
        }
        check(&path).unwrap();
        std::fs::read(beside(&path, "-wal")).unwrap()
    }

    fn found(bytes: &[u8]) -> Option<Damage> {
        let (header, rest) = bytes.split_first_chunk::<HEADER>()?;
        kinds(header, Some(4096))
            .iter()
            .find_map(|kind| damage(header, kind, &mut Cursor::new(rest)).unwrap())
    }

    fn size_of_frame(bytes: &[u8]) -> usize {
        FRAME_HEADER + number(bytes, 8) as usize
    }

    /// Where the frames of each transaction begin and end.
    fn transactions(bytes: &[u8]) -> Vec<std::ops::Range<usize>> {
        let size = size_of_frame(bytes);
        let mut from = HEADER;
        let mut all = Vec::new();
        for at in (HEADER..bytes.len()).step_by(size) {
            if number(bytes, at + 4) != 0 {
                all.push(from..at + size);
                from = at + size;
            }
        }
        all
    }

    #[tokio::test]
    async fn a_bit_that_turned_before_the_last_commit_is_named_and_a_torn_write_is_none() {
        // The last commit has several frames, or one.
        for last in [9_000, 10] {
            let whole = log(last).await;
            assert_eq!(found(&whole), None);
            let last = transactions(&whole).pop().unwrap();
            assert_eq!(last.end, whole.len());
            let heads = (HEADER..whole.len()).step_by(size_of_frame(&whole));
            let heads = heads.flat_map(|at| at..at + FRAME_HEADER);
            for at in (0..whole.len()).step_by(997).chain(0..HEADER).chain(heads) {
                for bit in 0..8 {
                    let mut bytes = whole.clone();
                    bytes[at] ^= 1 << bit;
                    let size = size_of_frame(&whole);
                    let frame = HEADER + (at.max(HEADER) - HEADER) / size * size;
                    let (says, said) = (number(&bytes, frame + 4), number(&whole, frame + 4));
                    let is_last_but_one = frame + size == last.start;
                    match found(&bytes) {
                        // Nothing says any more that the last commit but one had ended.
                        None => assert!(at >= last.start || (is_last_but_one && said != 0 && says == 0)),
                        // No torn write leaves a frame that only says wrongly that it is the end.
                        Some(_) => assert!(at < last.start || (said == 0 && says != 0), "{bit} of {at}"),
                    }
                }
            }
            for at in (0..whole.len()).step_by(97) {
                // The same bytes as a power cut leaves them.
                assert_eq!(found(&whole[..at]), None);
                for rest in [0_u8, 0xa5] {
                    let mut bytes = whole[..at].to_vec();
                    bytes.resize(whole.len(), rest);
                    assert_eq!(found(&bytes), None, "byte {at}");
                }
            }
        }
    }

    #[tokio::test]
    async fn a_frame_that_was_not_written_among_written_ones_of_the_last_commit_is_a_torn_write() {
        let whole = log(9_000).await;
        let size = size_of_frame(&whole);
        let last = transactions(&whole).pop().unwrap();
        assert!(last.len() >= 3 * size);
        for frame in (last.start..last.end).step_by(size) {
            let mut bytes = whole.clone();
            // What stood there is a frame of a longer log of before, which ended a transaction.
            bytes[frame + 4..frame + 8].copy_from_slice(&7_u32.to_be_bytes());
            bytes[frame + 8..frame + 24].fill(9);
            assert_eq!(found(&bytes), None);
            // Behind the last commit are frames that a transaction left which was taken back.
            let mut left = bytes.clone();
            let spilled = transactions(&whole)[1].clone();
            left.extend_from_slice(&whole[spilled.start..spilled.end - size]);
            assert_eq!(found(&left), None);
        }
    }

    #[tokio::test]
    async fn the_commits_that_would_be_taken_back_are_counted() {
        let mut bytes = log(9_000).await;
        let second = transactions(&bytes)[1].clone();
        bytes[second.start + 100] ^= 1;
        let damage = found(&bytes).unwrap();
        assert_eq!((damage.at, damage.commits), (second.start as u64, 4));
    }
}
