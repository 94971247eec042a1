//! Whether columns tell the records of a file apart: one pass over it for several sets of columns.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use dialmark_model::source::Format;
use xxhash_rust::xxh3::xxh3_64;

use super::sample::open;
use crate::error::{Failure, IngestError};
use crate::pinned::Pinned;
use crate::records::{Next, Record, Row};

/// Records over which sets of columns are tried.
const TRIED_OVER: usize = 500_000;

/// What a pass found about one set of columns.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Tally {
    /// Records in which a part is empty.
    pub empty: usize,
    /// Records that are, word for word, the first one of these values.
    pub repeated: usize,
    /// Records that differ from the first one of these values, but not in who and when.
    pub amended: usize,
    /// Records that differ from the first one of these values in who or when.
    pub clashing: usize,
}

impl Tally {
    /// Whether every record can be told from all that are not the same word for word.
    pub fn tells_apart(&self) -> bool {
        self.empty == 0 && self.differing() == 0
    }

    /// Records that share their values with an earlier one and differ from it.
    pub fn differing(&self) -> usize {
        self.amended + self.clashing
    }
}

/// What a pass found, and over how many records.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tallies {
    /// For each set what was found.
    pub sets: Vec<Tally>,
    /// Records that were looked at.
    pub records: usize,
}

/// The first record of a set's values. Half a hash is enough where whole ones were equal before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct First {
    content: u32,
    who_and_when: u32,
}

/// Looks at the first records. Counts for sets of several columns end with the first fault; nobody asks for more.
pub fn tally(
    pinned: &Pinned,
    format: &Format,
    sets: &[Vec<usize>],
    who_and_when: &[usize],
) -> Result<Tallies, IngestError> {
    try_tally(pinned, format, sets, who_and_when).map_err(|failure| failure.at(pinned.path()))
}

fn try_tally(
    pinned: &Pinned,
    format: &Format,
    sets: &[Vec<usize>],
    who_and_when: &[usize],
) -> Result<Tallies, Failure> {
    let mut records = open(pinned, format)?;
    let mut tallies = Tallies { sets: vec![Tally::default(); sets.len()], records: 0 };
    let mut seen: Vec<Option<HashMap<u64, First>>> = sets.iter().map(|_| Some(HashMap::new())).collect();
    let mut record = Record::default();
    let mut bytes = Vec::new();
    while tallies.records < TRIED_OVER {
        match records.next(&mut record)? {
            Next::End => break,
            Next::Refused(_) => continue,
            Next::Record => {}
        }
        let Some(row) = record.row() else { continue };
        tallies.records += 1;
        let this = First {
            content: half(hash(&row, 0..row.count(), &mut bytes)),
            who_and_when: half(hash(&row, who_and_when.iter().copied(), &mut bytes)),
        };
        for ((set, firsts), found) in sets.iter().zip(&mut seen).zip(&mut tallies.sets) {
            if set.iter().any(|part| row.field(*part).is_empty()) {
                found.empty += 1;
                *firsts = None;
            }
            let Some(known) = firsts else { continue };
            match known.entry(hash(&row, set.iter().copied(), &mut bytes)) {
                Entry::Vacant(place) => {
                    place.insert(this);
                }
                Entry::Occupied(first) if first.get().content == this.content => found.repeated += 1,
                Entry::Occupied(first) if first.get().who_and_when == this.who_and_when => found.amended += 1,
                Entry::Occupied(_) => found.clashing += 1,
            }
            if set.len() > 1 && found.differing() > 0 {
                *firsts = None;
            }
        }
    }
    Ok(tallies)
}

fn hash(row: &Row<'_>, parts: impl Iterator<Item = usize>, bytes: &mut Vec<u8>) -> u64 {
    bytes.clear();
    for part in parts {
        bytes.extend_from_slice(row.field(part).as_bytes());
        bytes.push(0);
    }
    xxh3_64(bytes)
}

fn half(hash: u64) -> u32 {
    u32::try_from(hash >> 32).unwrap_or_default()
}
