//! What an import is asked for and what it answers.

use std::collections::BTreeMap;

use dialmark_model::Table;
use serde::{Deserialize, Serialize};

use crate::hash::KeyBy;

/// What is to be imported.
#[derive(Debug, Clone)]
pub struct ImportSpec {
    /// Table that the records go to, as declared.
    pub table: Table,
    /// Name of the source.
    pub source: String,
    /// Name under which the file is known again within its source.
    pub file_name: String,
    /// BLAKE3 of the file's raw bytes, in hexadecimal.
    pub file_hash: String,
    /// IANA zone of the source.
    pub zone: String,
    /// Digest of what decides which records the bytes become: the mapping, and how this program reads. Of two readings of a
    /// record the newer one is live, also where the source gives both the same revision.
    pub reading: String,
    /// Columns of the source that make up the identifier, where there is one.
    pub known_by: Option<KnownBy>,
    /// How a record is known again.
    pub identity: ImportIdentity,
    /// What it uses up.
    pub consumes: Consumes,
}

/// The columns of a source that make up the identifier of its records.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KnownBy {
    /// Their names.
    pub columns: String,
    /// What they were called before, with the same values.
    pub was: Option<String>,
}

/// What an import uses up, in the transaction that commits it: never before, never without it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Consumes {
    /// Nothing: the records stay where they came from.
    #[default]
    Nothing,
    /// Bodies that were pushed and acknowledged: those of the source up to a number.
    Inbox {
        /// Number of the last body.
        upto: i64,
        /// How many there are.
        bodies: u64,
    },
    /// Records of an earlier import that were set aside.
    Quarantine {
        /// That import. Where revisions are the order of arrival, its records keep their place in it.
        import_id: i64,
        /// How many there are.
        rows: u64,
    },
    /// A system that is read from where the last reading ended, up to here.
    Cursor(String),
}

/// How a record is known again when it is delivered twice.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ImportIdentity {
    /// By (source, source id); of two contents the one with the larger revision is live.
    Id {
        /// The revision comes from the source; otherwise it is the order of arrival.
        declared_revision: bool,
        /// Days before and after a record's day in which an earlier delivery is searched; `None` for all.
        look_back_days: Option<u32>,
    },
    /// The file supersedes the last file of its name.
    Replace,
    /// Files add up.
    Append {
        /// Import even when most records were seen before.
        force: bool,
    },
}

impl ImportIdentity {
    /// The word under which the ledger keeps it. Revisions of arrival and of the source do not compare, so
    /// they are two words.
    pub fn word(self) -> &'static str {
        match self {
            ImportIdentity::Id { declared_revision: true, .. } => "id, newest by the source's revision",
            ImportIdentity::Id { declared_revision: false, .. } => "id, newest by arrival",
            ImportIdentity::Replace => "replace",
            ImportIdentity::Append { .. } => "append",
        }
    }

    /// What its records are known by in the key files.
    pub(crate) fn key(self) -> Option<KeyBy> {
        match self {
            ImportIdentity::Id { .. } => Some(KeyBy::Identifier),
            ImportIdentity::Append { .. } => Some(KeyBy::Content),
            ImportIdentity::Replace => None,
        }
    }

    /// What the records of files with this word are known by.
    pub(crate) fn key_of(word: &str) -> Option<KeyBy> {
        let all = [
            ImportIdentity::Id { declared_revision: true, look_back_days: None },
            ImportIdentity::Id { declared_revision: false, look_back_days: None },
            ImportIdentity::Append { force: false },
        ];
        all.into_iter().find(|identity| identity.word() == word).and_then(ImportIdentity::key)
    }
}

/// What became of the records of one file.
///
/// `accepted` + quarantined = `read`; `new` + `unchanged` + `corrected` + `superseded` + `conflicts` = `accepted`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ImportReport {
    /// Number of the import, in the order of beginning.
    pub import_id: i64,
    /// Name of the source.
    pub source: String,
    /// Table that the records went to.
    pub table: String,
    /// Name of the file.
    pub file_name: String,
    /// Records in the file.
    pub read: u64,
    /// Records that could be identified, parsed and placed in time.
    pub accepted: u64,
    /// Records that were not known before.
    pub new: u64,
    /// Records whose content was live already.
    pub unchanged: u64,
    /// Records that replaced an older revision.
    pub corrected: u64,
    /// Records that are older than what was live.
    pub superseded: u64,
    /// Records with the revision of the live one and other content.
    pub conflicts: u64,
    /// Records of the last file of this name that this one superseded (identity `replace` only).
    pub replaced: u64,
    /// Records that were set aside, by reason.
    pub quarantined: BTreeMap<String, u64>,
    /// What was amended or found odd on the way in, by flag.
    pub flags: BTreeMap<String, u64>,
    /// Data files that were written.
    pub files: u64,
}

impl ImportReport {
    /// Adds what became of further records of the same source.
    pub fn add(&mut self, more: &ImportReport) {
        let sums = [
            (&mut self.read, more.read),
            (&mut self.accepted, more.accepted),
            (&mut self.new, more.new),
            (&mut self.unchanged, more.unchanged),
            (&mut self.corrected, more.corrected),
            (&mut self.superseded, more.superseded),
            (&mut self.conflicts, more.conflicts),
            (&mut self.replaced, more.replaced),
            (&mut self.files, more.files),
        ];
        for (sum, more) in sums {
            *sum = sum.saturating_add(more);
        }
        for (counts, more) in [(&mut self.quarantined, &more.quarantined), (&mut self.flags, &more.flags)] {
            for (word, count) in more {
                *counts.entry(word.clone()).or_default() += count;
            }
        }
    }

    /// Records that were set aside, for whatever reason.
    pub fn quarantined_total(&self) -> u64 {
        self.quarantined.values().sum()
    }
}

/// One line of the ledger: an import that was committed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ImportRecord {
    /// What became of its records.
    pub report: ImportReport,
    /// BLAKE3 of the file's raw bytes.
    pub file_hash: String,
    /// IANA zone of the source.
    pub zone: String,
    /// How its records are known again, as [`ImportIdentity::word`].
    pub identity: String,
    /// When it was committed, ISO 8601, UTC.
    pub committed_at: String,
    /// Snapshot that it made.
    pub snapshot_id: i64,
}

/// A record that was set aside, with its place and the reason.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct QuarantinedRow {
    /// Line or record number in the file, from 1.
    pub line: u64,
    /// Short word, such as `no_id`.
    pub reason: String,
    /// What is wrong, as a sentence.
    pub detail: String,
    /// The record as it came, cut to a bound.
    pub text: String,
}

/// What a source delivered into a table, by hour.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Received {
    /// Table.
    pub table: String,
    /// Source.
    pub source: String,
    /// Live records by hour, as hours since 1970, UTC: each in the hour of its first known time.
    pub hours: BTreeMap<i64, u64>,
    /// Live records of hours that have not come yet: those of a clock that is wrong.
    pub ahead: u64,
}

/// An import of which records that were set aside can be read again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Replayable {
    /// What became of its records.
    pub report: ImportReport,
    /// How its records are known again, as [`ImportIdentity::word`].
    pub identity: String,
    /// The header of its file, where it had one.
    pub head: Option<String>,
    /// A later import of the very same file, which makes this one history.
    pub read_again_by: Option<i64>,
    /// Records that can be read again, by line.
    pub rows: Vec<QuarantinedRow>,
    /// Records that were set aside and cannot be read again from here: too long to be kept whole, not text, or beyond the
    /// number that is kept of an import.
    pub out_of_reach: u64,
    /// Records that a later import has read.
    pub resolved: u64,
}

/// What folding did.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct SettleReport {
    /// Corrections that went from the journal into files.
    pub rows_folded: u64,
    /// Files that were replaced.
    pub files_replaced: u64,
}

/// What compaction did.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct CompactReport {
    /// Files that were joined.
    pub files_joined: u64,
    /// Files that they became.
    pub files_written: u64,
}

impl CompactReport {
    /// Adds what was done elsewhere.
    pub(crate) fn add(&mut self, more: &CompactReport) {
        self.files_joined += more.files_joined;
        self.files_written += more.files_written;
    }
}

/// What letting go of old states did.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct ExpireReport {
    /// States that cannot be asked for any more.
    pub states: u64,
    /// Data files that were removed.
    pub files: u64,
}

const LINE_BITS: u32 = 36;
const MAX_LINE: u64 = (1 << LINE_BITS) - 1;
const MAX_IMPORT: i64 = (1 << (63 - LINE_BITS)) - 1;

/// Under which import a record is stored, and which line of it it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Numbering {
    pub import_id: i64,
    /// Import in whose order the record arrived.
    pub arrived_in: i64,
    /// Records of earlier parts of the import, which go before.
    pub lines_before: u64,
}

impl Numbering {
    /// The line of a record in the whole import.
    pub(crate) fn line(self, line: i64) -> i64 {
        line.saturating_add(i64::try_from(self.lines_before).unwrap_or(i64::MAX))
    }

    /// The revision of a record whose source has none.
    pub(crate) fn revision(self, line: i64) -> i64 {
        arrival_revision(self.arrived_in, u64::try_from(self.line(line)).unwrap_or(0))
    }
}

/// The revision of a record whose source has none: import number, then line. Order-preserving up to 68 milliard
/// lines and 134 million imports.
pub fn arrival_revision(import_id: i64, line: u64) -> i64 {
    let line = i64::try_from(line.min(MAX_LINE)).unwrap_or(0);
    (import_id.clamp(0, MAX_IMPORT) << LINE_BITS) | line
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_later_import_is_newer_whatever_the_line_and_within_it_the_later_line() {
        assert!(arrival_revision(2, 1) > arrival_revision(1, u64::MAX));
        assert!(arrival_revision(2, 2) > arrival_revision(2, 1));
        assert!(arrival_revision(i64::MAX, u64::MAX) > 0);
        assert_eq!(arrival_revision(-1, 5), 5);
    }
}
