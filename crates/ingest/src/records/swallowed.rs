//! Tells records that a missing quotation mark has swallowed from a text of several lines.
//!
//! Between two marks that do not belong together lie whole records. Their lines have exactly as many separators as
//! a record of the file needs, which lines of a note hardly have, and never most of them.

use super::splitter::MAX_RECORD;

/// Lines like records from which on a field is no text of several lines.
const SUSPICIOUS_LINES: u64 = 5;

/// Watches the lines within quoted fields of one record, and keeps what stands behind its first line.
#[derive(Debug, Default)]
pub struct Swallowed {
    /// Separators of a record; `None` while it is unknown or tells nothing.
    separators: Option<u64>,
    /// Separators on the line at hand.
    seen: u64,
    /// The line at hand began within the field.
    whole_line: bool,
    like_records: u64,
    lines: u64,
    /// Bytes of the record behind its first line; they are read again when the record is refused.
    behind: Vec<u8>,
    /// There were more of them than a record may have, so they are not kept.
    lost: bool,
    /// The first line has ended, and with a carriage return.
    first_line_ended: Option<bool>,
    found_at: Option<u64>,
}

impl Swallowed {
    /// Sets how many columns the file has. A line of a file with one column looks like any other.
    pub fn expect(&mut self, columns: usize) {
        self.separators =
            u64::try_from(columns).ok().filter(|columns| *columns > 1).map(|columns| columns - 1);
    }

    /// Before a record.
    pub fn begin_record(&mut self) {
        let mut behind = std::mem::take(&mut self.behind);
        behind.clear();
        *self = Swallowed { separators: self.separators, behind, ..Swallowed::default() };
    }

    /// Before a quoted field.
    pub fn begin_field(&mut self) {
        (self.seen, self.whole_line, self.like_records, self.lines) = (0, false, 0, 0);
    }

    /// A separator within a quoted field.
    pub fn separator(&mut self) {
        self.seen += 1;
    }

    /// The end of a line within a quoted field; `line` is the number of the line that ended.
    pub fn line_end(&mut self, line: u64, is_cr: bool) {
        self.first_line_ended.get_or_insert(is_cr);
        if self.whole_line {
            self.lines += 1;
            self.like_records += u64::from(self.separators == Some(self.seen));
            let suspicious = self.like_records >= SUSPICIOUS_LINES && self.like_records * 2 > self.lines;
            if suspicious && !self.lost {
                self.found_at.get_or_insert(line);
            }
        }
        self.whole_line = true;
        self.seen = 0;
    }

    /// Whether the first line of the record has ended within quotation marks.
    pub fn is_behind_first_line(&self) -> bool {
        self.separators.is_some() && self.first_line_ended.is_some()
    }

    /// Keeps bytes behind the first line, as long as there are not more than a record may have.
    pub fn keep(&mut self, bytes: &[u8]) {
        if self.separators.is_none() {
            return;
        }
        self.lost |= self.found_at.is_none() && self.behind.len() + bytes.len() > MAX_RECORD;
        if self.lost {
            self.behind = Vec::new();
        } else {
            self.behind.extend_from_slice(bytes);
        }
    }

    /// The last line that was looked at, whether the first ended with a carriage return, and what is to be read
    /// again; `None` when nothing was swallowed.
    pub fn take(&mut self) -> Option<(u64, bool, Vec<u8>)> {
        let last_line = self.found_at.take()?;
        Some((last_line, self.first_line_ended.unwrap_or(false), std::mem::take(&mut self.behind)))
    }

    /// Whether records were found.
    pub fn is_found(&self) -> bool {
        self.found_at.is_some()
    }
}
