//! Many hands: one thread reads records, several type them, and the caller takes the rows in the order of the file.
//!
//! Chunks of records go round the typing threads in turn and come back in the same turn, so the rows stand in the same
//! order however many threads there are, and nothing has to be sorted.

use std::panic::resume_unwind;
use std::sync::mpsc::{Receiver, Sender, SyncSender, channel, sync_channel};
use std::thread;

use arrow::record_batch::RecordBatch;
use dialmark_lake::QuarantinedRow;

use crate::error::Failure;
use crate::records::{Record, Refusal};

/// Records that go from hand to hand together, at most.
const CHUNK_RECORDS: usize = 8192;
/// Their bytes.
const CHUNK_BYTES: usize = 4 << 20;
/// Reading feeds hardly more threads than this, and each of them holds some chunks.
const MOST_HANDS: usize = 4;

/// Records as they were read, in their order; the records are used again.
#[derive(Debug, Default)]
pub(crate) struct Chunk {
    records: Vec<Record>,
    refused: Vec<Option<Refusal>>,
    bytes: usize,
}

impl Chunk {
    /// Reads one more record into the chunk. `read` says whether there was one, and with what it was refused.
    pub(crate) fn read(
        &mut self,
        read: impl FnOnce(&mut Record) -> Result<Option<Option<Refusal>>, Failure>,
    ) -> Result<bool, Failure> {
        let at = self.refused.len();
        if at == self.records.len() {
            self.records.push(Record::default());
        }
        let Some(record) = self.records.get_mut(at) else { return Ok(false) };
        let Some(refusal) = read(record)? else { return Ok(false) };
        self.bytes += record.bytes();
        self.refused.push(refusal);
        Ok(true)
    }

    /// Its records, each with the refusal that it met when it was read.
    pub(crate) fn take(&mut self) -> impl Iterator<Item = (&Record, Option<Refusal>)> {
        self.bytes = 0;
        self.records.iter().zip(self.refused.drain(..))
    }

    fn is_full(&self) -> bool {
        self.refused.len() >= CHUNK_RECORDS || self.bytes >= CHUNK_BYTES
    }

    /// A few long records must not make every one after them take their room.
    fn is_light(&self) -> bool {
        self.records.iter().map(Record::room).sum::<usize>() <= 4 * CHUNK_BYTES
    }
}

/// What became of a chunk.
#[derive(Debug, Default)]
pub(crate) struct Typed {
    pub batches: Vec<RecordBatch>,
    pub set_aside: Vec<QuarantinedRow>,
    /// Whether the last accepted record had no line end behind it; `None` when none was accepted.
    pub open_end: Option<bool>,
}

/// One of those that type records.
pub(crate) trait Hand: Send {
    /// Types the records of a chunk.
    fn work(&mut self, chunk: &mut Chunk) -> Result<Typed, Failure>;
}

/// How many hands are worth having.
pub(crate) fn hands() -> usize {
    thread::available_parallelism().map_or(1, usize::from).min(MOST_HANDS)
}

/// Lets `read` fill chunks on a thread of its own until it says that there are no more records, lets the hands type them,
/// and gives what they made to `take`, in order. The hands come back for what they have counted.
pub(crate) fn share<H: Hand, E: From<Failure>>(
    hands: Vec<H>,
    mut read: impl FnMut(&mut Chunk) -> Result<bool, Failure> + Send,
    mut take: impl FnMut(Typed) -> Result<(), E>,
) -> Result<Vec<H>, E> {
    thread::scope(|scope| {
        let (back, again) = channel::<Chunk>();
        let (mut to, mut from, mut typing) = (Vec::new(), Vec::new(), Vec::new());
        for hand in hands {
            let (to_it, chunks) = sync_channel(1);
            let (typed, from_it) = sync_channel(1);
            let back = back.clone();
            typing.push(scope.spawn(move || at_work(hand, &chunks, &typed, &back)));
            to.push(to_it);
            from.push(from_it);
        }
        let reading = scope.spawn(move || {
            for hand in to.iter().cycle() {
                let mut chunk = again.try_recv().unwrap_or_default();
                let mut goes_on = true;
                while goes_on && !chunk.is_full() {
                    goes_on = read(&mut chunk)?;
                }
                let is_empty = chunk.refused.is_empty();
                // Whoever hears nothing any more has met an error, which is told below.
                if is_empty || hand.send(chunk).is_err() || !goes_on {
                    break;
                }
            }
            Ok::<(), Failure>(())
        });
        let taken = take_in_turn(&from, &mut take);
        // Those who wait to hand something over are told that nobody takes it.
        drop(from);
        let hands = typing.into_iter().map(|hand| hand.join().unwrap_or_else(|panic| resume_unwind(panic)));
        let hands = hands.collect();
        let read = reading.join().unwrap_or_else(|panic| resume_unwind(panic));
        taken?;
        read?;
        Ok(hands)
    })
}

fn take_in_turn<E: From<Failure>>(
    from: &[Receiver<Result<Typed, Failure>>],
    take: &mut impl FnMut(Typed) -> Result<(), E>,
) -> Result<(), E> {
    for hand in from.iter().cycle() {
        match hand.recv() {
            Ok(typed) => take(typed?)?,
            // It has nothing more, so nobody has.
            Err(_) => break,
        }
    }
    Ok(())
}

fn at_work<H: Hand>(
    mut hand: H,
    chunks: &Receiver<Chunk>,
    typed: &SyncSender<Result<Typed, Failure>>,
    back: &Sender<Chunk>,
) -> H {
    for mut chunk in chunks {
        let made = hand.work(&mut chunk);
        let failed = made.is_err();
        if chunk.is_light() {
            // Nobody reads any more when this fails.
            let _ = back.send(chunk);
        }
        if typed.send(made).is_err() || failed {
            break;
        }
    }
    hand
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::records::Reason;

    /// Sets every record aside under its number, and keeps count.
    struct Counting(u64);

    impl Hand for Counting {
        fn work(&mut self, chunk: &mut Chunk) -> Result<Typed, Failure> {
            let mut typed = Typed::default();
            for (record, refusal) in chunk.take() {
                self.0 += 1;
                if refusal.is_some_and(|refusal| refusal.detail == "fail") {
                    return Err(Failure::new("a hand failed"));
                }
                typed.set_aside.push(QuarantinedRow {
                    line: record.line(),
                    reason: String::new(),
                    detail: String::new(),
                    text: String::new(),
                });
            }
            Ok(typed)
        }
    }

    /// What comes of `count` records; those at the numbers of `fail` fail while they are typed, or read.
    fn lines(
        hands: usize,
        count: u64,
        fail: Option<u64>,
        unread: Option<u64>,
    ) -> Result<(Vec<u64>, u64), String> {
        let mut next = 0;
        let mut seen = Vec::new();
        let read = |chunk: &mut Chunk| {
            chunk.read(|record| {
                if unread == Some(next) {
                    return Err(Failure::new("could not be read"));
                }
                if next == count {
                    return Ok(None);
                }
                record.set_line(next);
                next += 1;
                Ok(Some((fail == Some(next)).then(|| Refusal::new(Reason::Shape, "fail"))))
            })
        };
        let hands = share((0..hands).map(|_| Counting(0)).collect(), read, |typed| {
            seen.extend(typed.set_aside.iter().map(|row| row.line));
            Ok::<(), Failure>(())
        });
        let hands = hands.map_err(|failure| failure.0)?;
        Ok((seen, hands.iter().map(|hand| hand.0).sum()))
    }

    #[test]
    fn records_come_in_the_order_of_the_file_however_many_hands_there_are() {
        for hands in 1..=5 {
            for count in [0, 1, 8191, 8192, 8193, 70_000] {
                let all: Vec<u64> = (0..count).collect();
                assert_eq!(lines(hands, count, None, None), Ok((all, count)), "{hands} hands");
            }
        }
    }

    #[test]
    fn a_failure_of_reading_or_typing_ends_everything_and_is_told() {
        for hands in 1..=4 {
            for at in [1, 20_000, 69_999] {
                assert_eq!(lines(hands, 70_000, Some(at), None), Err("a hand failed".to_owned()));
                assert_eq!(lines(hands, 70_000, None, Some(at)), Err("could not be read".to_owned()));
            }
        }
    }

    #[test]
    fn who_takes_the_rows_may_end_it() {
        let mut next = 0;
        let read = |chunk: &mut Chunk| {
            chunk.read(|record| {
                next += 1;
                record.set_line(next);
                Ok(Some(None))
            })
        };
        let ended = share(vec![Counting(0), Counting(0)], read, |_| Err(Failure::new("no room")));
        assert_eq!(ended.err().map(|failure| failure.0), Some("no room".to_owned()));
    }
}
