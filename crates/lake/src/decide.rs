//! The key decision: which records of an import are new, which correct a filed one, which stay out.
//!
//! Of all deliveries of a key the live one is the maximum by revision; at equal revisions with different contents, what
//! was read under the newer mapping; of one mapping, the one with the smaller content hash. A maximum does not depend on
//! the order in which it is looked for, so neither does what is live.

use std::collections::BTreeMap;
use std::path::PathBuf;

use crate::catalogue::FiledFile;
use crate::error::LakeError;
use crate::hash::Fingerprint;
use crate::keyfile::KeyFile;
use crate::number::{count, length};
use crate::readings::{Age, Readings};
use crate::report::Numbering;
use crate::spill::Spill;

/// Records that are decided in one go: about 100 MB.
const GROUP_ROWS: u64 = 1_000_000;
const BUCKETS: usize = 256;
const RECORD: usize = 48;
const BUFFER: usize = 200 * RECORD;

/// The record goes to a new file.
pub(crate) const FILE: u8 = 1;
/// The record corrects a filed one.
pub(crate) const CORRECT: u8 = 2;
/// The record is one of several contents of its key and revision.
pub(crate) const CONTENDS: u8 = 4;

/// A record of this import.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Candidate {
    pub print: Fingerprint,
    /// In the order of the file.
    pub ordinal: u64,
}

/// Keys of the import's records, on disk by their first byte.
#[derive(Debug)]
pub(crate) struct StagedKeys {
    spill: Spill<u8>,
    buffers: Vec<Vec<u8>>,
}

impl StagedKeys {
    pub(crate) fn create(path: PathBuf) -> Result<StagedKeys, LakeError> {
        Ok(StagedKeys { spill: Spill::create(path)?, buffers: vec![Vec::new(); BUCKETS] })
    }

    pub(crate) fn push(&mut self, candidate: Candidate) -> Result<(), LakeError> {
        let Candidate { print, ordinal } = candidate;
        let key = print.key.to_be_bytes();
        let [bucket, ..] = key;
        let Some(buffer) = self.buffers.get_mut(usize::from(bucket)) else { return Ok(()) };
        buffer.extend_from_slice(&key);
        buffer.extend_from_slice(&print.revision.to_le_bytes());
        buffer.extend_from_slice(&print.content.to_le_bytes());
        buffer.extend_from_slice(&ordinal.to_le_bytes());
        if buffer.len() >= BUFFER {
            self.spill.append(bucket, buffer)?;
            buffer.clear();
        }
        Ok(())
    }

    pub(crate) fn flush(&mut self) -> Result<(), LakeError> {
        for (bucket, buffer) in (0..=u8::MAX).zip(&mut self.buffers) {
            if !buffer.is_empty() {
                self.spill.append(bucket, buffer)?;
                buffer.clear();
            }
        }
        Ok(())
    }

    /// Buckets in groups that fit into memory, in the order of keys.
    fn groups(&self) -> Vec<Vec<u8>> {
        let mut groups: Vec<Vec<u8>> = Vec::new();
        let mut rows = u64::MAX;
        for bucket in self.spill.buckets() {
            let more = self.spill.bucket_bytes(bucket) / count(RECORD);
            match groups.last_mut() {
                Some(group) if rows.saturating_add(more) <= GROUP_ROWS => {
                    group.push(bucket);
                    rows += more;
                }
                _ => {
                    groups.push(vec![bucket]);
                    rows = more;
                }
            }
        }
        groups
    }

    /// The candidates of some buckets, by key and then in the order of the file.
    fn load(&self, group: &[u8], arrival: Option<Numbering>) -> Result<Vec<Candidate>, LakeError> {
        let mut all = Vec::new();
        for bucket in group {
            for chunk in self.spill.read(*bucket) {
                all.extend(chunk?.chunks_exact(RECORD).filter_map(read_candidate));
            }
        }
        if let Some(numbering) = arrival {
            for candidate in &mut all {
                candidate.print.revision = numbering.revision(candidate.print.revision);
            }
        }
        all.sort_unstable_by_key(|c: &Candidate| (c.print.key, c.ordinal));
        Ok(all)
    }
}

fn read_candidate(bytes: &[u8]) -> Option<Candidate> {
    let (key, rest) = bytes.split_first_chunk()?;
    let (revision, rest) = rest.split_first_chunk()?;
    let (content, rest) = rest.split_first_chunk()?;
    let (ordinal, _) = rest.split_first_chunk()?;
    Some(Candidate {
        print: Fingerprint {
            key: u128::from_be_bytes(*key),
            revision: i64::from_le_bytes(*revision),
            content: u128::from_le_bytes(*content),
        },
        ordinal: u64::from_le_bytes(*ordinal),
    })
}

/// How many records met which fate.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Tally {
    pub new: u64,
    pub unchanged: u64,
    pub corrected: u64,
    pub superseded: u64,
    pub conflicts: u64,
}

/// A delivery of a key: the one that was live before the import, or one of the import's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Delivery {
    Known,
    Candidate(usize),
}

/// Which of two deliveries of a record is newer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Revisions {
    /// The later one: the order of arrival in this import.
    Arrival(Numbering),
    /// As the source says.
    Declared,
}

impl Revisions {
    fn are_declared(self) -> bool {
        !matches!(self, Revisions::Arrival(_))
    }

    fn arrival(self) -> Option<Numbering> {
        match self {
            Revisions::Arrival(numbering) => Some(numbering),
            Revisions::Declared => None,
        }
    }
}

/// What was live of a key before the import.
#[derive(Debug, Clone, Copy)]
struct Before {
    revision: i64,
    content: u128,
    /// What it is to the import.
    age: Age,
}

/// Decides one key. `candidates` are its deliveries in the order of the file, `known` is what was live before.
/// Returns the candidate that becomes live, if one does; `contends` hears of every side of a conflict.
fn decide_key(
    known: Option<Before>,
    candidates: &[Candidate],
    revisions: Revisions,
    tally: &mut Tally,
    mut contends: impl FnMut(Delivery),
) -> Option<usize> {
    let mut live = known.map(|known| (known.revision, known.content, Delivery::Known));
    let age = known.map_or(Age::Same, |known| known.age);
    for (i, candidate) in candidates.iter().enumerate() {
        let Fingerprint { revision, content, .. } = candidate.print;
        let Some((live_revision, live_content, holder)) = live else {
            tally.new += 1;
            live = Some((revision, content, Delivery::Candidate(i)));
            continue;
        };
        let newer = revision > live_revision;
        if content == live_content {
            tally.unchanged += 1;
            // A declared revision counts even so: a delivery between the two must not win later. By arrival there
            // is none in between, and the same file twice writes nothing. What was outdated is of this reading from here on.
            if newer && revisions.are_declared() || age == Age::Older && holder == Delivery::Known {
                live = Some((revision, content, Delivery::Candidate(i)));
            }
        } else if newer {
            tally.corrected += 1;
            live = Some((revision, content, Delivery::Candidate(i)));
        } else if revision < live_revision || age == Age::Newer && holder == Delivery::Known {
            tally.superseded += 1;
        } else if age == Age::Older && holder == Delivery::Known {
            tally.corrected += 1;
            live = Some((revision, content, Delivery::Candidate(i)));
        } else {
            tally.conflicts += 1;
            contends(holder);
            contends(Delivery::Candidate(i));
            if content < live_content {
                live = Some((revision, content, Delivery::Candidate(i)));
            }
        }
    }
    match live {
        Some((_, _, Delivery::Candidate(i))) => Some(i),
        _ => None,
    }
}

/// What was decided about the records of an import.
#[derive(Debug, Default)]
pub(crate) struct Decisions {
    /// By ordinal: [`FILE`], [`CORRECT`], [`CONTENDS`] or nothing.
    pub marks: Vec<u8>,
    /// Of the records that correct: ordinal, place of the file among those given, row in it. By ordinal.
    pub targets: Vec<(u64, u32, u32)>,
    pub tally: Tally,
    /// Filed records that are contenders: place of the file, and rows.
    pub filed_contenders: BTreeMap<u32, Vec<u32>>,
    /// Keys of contenders that stand in the journal.
    pub tail_contenders: Vec<u128>,
}

/// A record that was live before the import.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Known {
    pub revision: i64,
    pub content: u128,
    /// Place of its file among the live ones, and row in it; of a correction in the journal, those of what it hides.
    pub file: u32,
    pub position: u32,
    pub in_tail: bool,
}

/// Decides all records that are known by an identifier. `searched` says which of the live files may hold an earlier
/// delivery.
pub(crate) fn decide(
    keys: &StagedKeys,
    rows: u64,
    revisions: Revisions,
    searched: &[u32],
    readings: &mut Readings<'_>,
) -> Result<Decisions, LakeError> {
    let (files, tail) = (readings.files, readings.tail);
    let mut decisions = Decisions { marks: vec![0; length(rows)], ..Decisions::default() };
    let place_of: BTreeMap<i64, u32> = (0..).zip(files).map(|(place, file)| (file.id, place)).collect();
    for group in keys.groups() {
        let candidates = keys.load(&group, revisions.arrival())?;
        let wanted = distinct_keys(&candidates);
        let mut known: Vec<Option<Known>> = vec![None; wanted.len()];
        for &place in searched {
            let Some(path) = files.get(length(place.into())).and_then(|f| f.key_file.as_ref()) else {
                continue;
            };
            KeyFile::open(path)?.find(&wanted, |at, entry| {
                let Fingerprint { revision, content, .. } = entry.print;
                let found =
                    Known { revision, content, file: place, position: entry.position, in_tail: false };
                // Two files hold a key only when the source broke its promise about looking back.
                if let Some(slot) = known.get_mut(at)
                    && slot.is_none_or(|k| k.revision < revision)
                {
                    *slot = Some(found);
                }
            })?;
        }
        for (key, slot) in wanted.iter().zip(&mut known) {
            if let Some(place) = tail.places.get(key) {
                let Fingerprint { revision, content, .. } = place.print;
                let (file_id, position) = place.hides;
                if let Some(&file) = place_of.get(&file_id) {
                    *slot = Some(Known { revision, content, file, position, in_tail: true });
                }
            }
        }
        for (chunk, known) in candidates.chunk_by(|a, b| a.print.key == b.print.key).zip(known) {
            let before = match known {
                Some(known) => Some(before(known, chunk, readings)?),
                None => None,
            };
            record(&mut decisions, chunk, known.zip(before), revisions);
        }
    }
    decisions.targets.sort_unstable();
    Ok(decisions)
}

/// What was live of the key of these deliveries. How it was read is looked up only where it decides.
fn before(known: Known, candidates: &[Candidate], readings: &mut Readings<'_>) -> Result<Before, LakeError> {
    let Known { revision, content, .. } = known;
    let rivals =
        candidates.iter().any(|c| c.print.revision == known.revision && c.print.content != known.content);
    let key = candidates.first().map_or(0, |c| c.print.key);
    let age = if rivals { readings.age(key, known)? } else { Age::Same };
    Ok(Before { revision, content, age })
}

fn record(
    decisions: &mut Decisions,
    candidates: &[Candidate],
    known: Option<(Known, Before)>,
    revisions: Revisions,
) {
    let (known, before) = known.unzip();
    let Decisions { marks, targets, tally, filed_contenders, tail_contenders } = decisions;
    let mut mark = |i: usize, bit: u8| {
        let ordinal = candidates.get(i).map(|c| c.ordinal)?;
        *marks.get_mut(length(ordinal))? |= bit;
        Some(ordinal)
    };
    let live = decide_key(before, candidates, revisions, tally, |delivery| match (delivery, known) {
        (Delivery::Candidate(i), _) => {
            mark(i, CONTENDS);
        }
        (Delivery::Known, Some(k)) if k.in_tail => {
            tail_contenders.extend(candidates.first().map(|c| c.print.key));
        }
        (Delivery::Known, Some(k)) => filed_contenders.entry(k.file).or_default().push(k.position),
        (Delivery::Known, None) => {}
    });
    let Some(live) = live else { return };
    match known {
        None => {
            mark(live, FILE);
        }
        Some(k) => targets.extend(mark(live, CORRECT).map(|ordinal| (ordinal, k.file, k.position))),
    }
}

fn distinct_keys(candidates: &[Candidate]) -> Vec<u128> {
    let mut keys: Vec<u128> = candidates.iter().map(|c| c.print.key).collect();
    keys.dedup();
    keys
}

/// How many records have a content that their source delivered before.
pub(crate) fn seen_before(
    keys: &StagedKeys,
    files: &[FiledFile],
    searched: &[u32],
) -> Result<u64, LakeError> {
    let mut seen_rows = 0;
    for group in keys.groups() {
        let candidates = keys.load(&group, None)?;
        let wanted = distinct_keys(&candidates);
        let mut seen = vec![false; wanted.len()];
        for &place in searched {
            let Some(path) = files.get(length(place.into())).and_then(|f| f.key_file.as_ref()) else {
                continue;
            };
            KeyFile::open(path)?.find(&wanted, |at, _| {
                if let Some(slot) = seen.get_mut(at) {
                    *slot = true;
                }
            })?;
        }
        let chunks = candidates.chunk_by(|a, b| a.print.key == b.print.key);
        seen_rows += chunks.zip(seen).filter(|(_, seen)| *seen).map(|(c, _)| count(c.len())).sum::<u64>();
    }
    Ok(seen_rows)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::arrival_revision;
    use proptest::prelude::*;

    fn numbering(import_id: i64) -> Numbering {
        Numbering { import_id, arrived_in: import_id, lines_before: 0 }
    }

    fn candidates(list: &[(i64, u128)]) -> Vec<Candidate> {
        (0..)
            .zip(list)
            .map(|(ordinal, &(revision, content))| Candidate {
                print: Fingerprint { key: 1, revision, content },
                ordinal,
            })
            .collect()
    }

    fn decided(known: Option<(i64, u128)>, list: &[(i64, u128)]) -> (Option<usize>, Tally, Vec<Delivery>) {
        decided_against(known.map(before), list)
    }

    fn decided_against(known: Option<Before>, list: &[(i64, u128)]) -> (Option<usize>, Tally, Vec<Delivery>) {
        let mut tally = Tally::default();
        let mut sides = Vec::new();
        let live =
            decide_key(known, &candidates(list), Revisions::Declared, &mut tally, |side| sides.push(side));
        (live, tally, sides)
    }

    fn before((revision, content): (i64, u128)) -> Before {
        Before { revision, content, age: Age::Same }
    }

    #[test]
    fn at_equal_revisions_what_was_read_under_the_newer_mapping_is_live_whatever_its_hash() {
        let outdated = Some(Before { age: Age::Older, ..before((5, 10)) });
        for content in [9, 11] {
            let (live, tally, sides) = decided_against(outdated, &[(5, content)]);
            assert_eq!((live, tally), (Some(0), Tally { corrected: 1, ..Tally::default() }));
            assert_eq!(sides, []);
        }
        assert_eq!(decided_against(outdated, &[(4, 9)]).0, None, "an older revision stays out");
        // What was delivered since stays, whatever its hash.
        let later = Some(Before { age: Age::Newer, ..before((5, 10)) });
        for content in [9, 11] {
            let (live, tally, _) = decided_against(later, &[(5, content)]);
            assert_eq!((live, tally), (None, Tally { superseded: 1, ..Tally::default() }));
        }
        // Two contents of one mapping contend, in whichever order they come.
        for list in [[(5, 10), (5, 11)], [(5, 11), (5, 10)]] {
            let (live, tally, _) = decided_against(outdated, &list);
            assert_eq!((live.map(|i| list[i].1), tally.conflicts), (Some(10), 1));
        }
    }

    #[test]
    fn a_new_key_is_new_and_its_repetition_unchanged() {
        let (live, tally, _) = decided(None, &[(1, 10), (1, 10)]);
        assert_eq!(live, Some(0));
        assert_eq!(tally, Tally { new: 1, unchanged: 1, ..Tally::default() });
    }

    #[test]
    fn an_identical_record_changes_nothing_and_a_newer_one_corrects() {
        assert_eq!(decided(Some((5, 10)), &[(5, 10)]).0, None);
        let (live, tally, _) = decided(Some((5, 10)), &[(6, 11)]);
        assert_eq!((live, tally.corrected), (Some(0), 1));
    }

    #[test]
    fn an_older_record_stays_out() {
        let (live, tally, _) = decided(Some((5, 10)), &[(4, 11)]);
        assert_eq!((live, tally.superseded), (None, 1));
    }

    #[test]
    fn a_repetition_with_a_newer_revision_keeps_a_delivery_in_between_from_winning() {
        let (live, tally, _) = decided(Some((1, 10)), &[(3, 10), (2, 11)]);
        assert_eq!(live, Some(0));
        assert_eq!(tally, Tally { unchanged: 1, superseded: 1, ..Tally::default() });
    }

    #[test]
    fn by_arrival_a_repetition_writes_nothing() {
        let mut tally = Tally::default();
        let live = decide_key(
            Some(before((1, 10))),
            &candidates(&[(3, 10)]),
            Revisions::Arrival(numbering(3)),
            &mut tally,
            |_| {},
        );
        assert_eq!((live, tally.unchanged), (None, 1));
    }

    #[test]
    fn of_contenders_the_smaller_hash_is_live_and_both_are_told() {
        let (live, tally, sides) = decided(Some((5, 10)), &[(5, 9)]);
        assert_eq!((live, tally.conflicts), (Some(0), 1));
        assert_eq!(sides, [Delivery::Known, Delivery::Candidate(0)]);
        assert_eq!(decided(Some((5, 9)), &[(5, 10)]).0, None);
    }

    proptest! {
        #[test]
        fn what_is_live_does_not_depend_on_order_splitting_or_repetition(
            deliveries in prop::collection::vec((0i64..5, 0u128..4), 1..12),
            order in any::<prop::sample::Index>(),
            cut in any::<prop::sample::Index>(),
        ) {
            let final_of = |list: &[(i64, u128)], cut: usize| {
                let (head, rest) = list.split_at(cut);
                let mut live = None;
                for part in [head, rest, head] {
                    let (winner, tally, _) = decided(live, part);
                    let total = tally.new + tally.unchanged + tally.corrected + tally.superseded + tally.conflicts;
                    assert_eq!(total, count(part.len()));
                    live = winner.map(|i| part[i]).or(live);
                }
                live
            };
            let mut turned = deliveries.clone();
            turned.rotate_left(order.index(deliveries.len()));
            turned.reverse();
            prop_assert_eq!(final_of(&deliveries, 0), final_of(&turned, cut.index(deliveries.len())));
        }

        #[test]
        fn staged_keys_come_back_by_key_and_in_the_order_of_the_file(keys in prop::collection::vec(any::<u128>(), 0..2000)) {
            let folder = tempfile::tempdir().unwrap();
            let mut staged = StagedKeys::create(folder.path().join("keys")).unwrap();
            for (ordinal, &key) in (0..).zip(&keys) {
                let print = Fingerprint { key: (key % 50) << 118, revision: 3, content: key };
                staged.push(Candidate { print, ordinal }).unwrap();
            }
            staged.flush().unwrap();
            let groups = staged.groups();
            prop_assert_eq!(groups.len(), usize::from(!keys.is_empty()));
            let all: Vec<Candidate> = groups.iter().flat_map(|g| staged.load(g, Some(numbering(2))).unwrap()).collect();
            prop_assert_eq!(all.len(), keys.len());
            prop_assert!(all.is_sorted_by_key(|c| (c.print.key, c.ordinal)));
            for c in all {
                prop_assert_eq!(c.print.content, keys[usize::try_from(c.ordinal).unwrap()]);
                prop_assert_eq!(c.print.revision, arrival_revision(2, 3));
            }
        }
    }
}
