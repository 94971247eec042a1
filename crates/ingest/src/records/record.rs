//! One record as it stands in a file: text fields, and where they came from.

use super::reason::Reason;

/// Bytes of a record that are kept for the quarantine: more than a delivery may have, since what was pushed is nowhere else.
const RAW_KEPT: usize = 33 << 20;
/// Bytes that say where a field lies.
const SPAN: usize = size_of::<(usize, usize)>();

/// A record's fields as bytes in one buffer, used again for each record.
#[derive(Debug, Default)]
pub struct Record {
    /// Bytes of all fields.
    pub(super) data: Vec<u8>,
    /// Where each field lies in `data`.
    pub(super) spans: Vec<(usize, usize)>,
    /// Line on which it begins, or its number in a file without lines; from 1.
    pub(super) line: u64,
    /// Line on which it ends.
    pub(super) last_line: u64,
    /// It was ended by a line end, not by the end of the file.
    pub(super) terminated: bool,
    /// Text follows a closing quotation mark in it.
    pub(super) stray_quote: bool,
    /// Its beginning, as written.
    pub(super) raw: Vec<u8>,
}

/// Why a record cannot be used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// The kind of fault, which set-aside records are counted by.
    pub reason: Reason,
    /// What is wrong, as a sentence.
    pub detail: String,
}

impl Refusal {
    /// A refusal with a word and a sentence.
    pub fn new(reason: Reason, detail: impl Into<String>) -> Refusal {
        Refusal { reason, detail: detail.into() }
    }
}

impl Record {
    pub(super) fn clear(&mut self) {
        self.data.clear();
        self.spans.clear();
        self.raw.clear();
        self.stray_quote = false;
    }

    /// Keeps the beginning of what was read for it.
    pub(super) fn keep_raw(&mut self, bytes: &[u8]) {
        let room = RAW_KEPT.saturating_sub(self.raw.len());
        self.raw.extend_from_slice(bytes.get(..room.min(bytes.len())).unwrap_or_default());
    }

    /// Forgets what was kept behind its first line, which is read again.
    pub(super) fn keep_first_line(&mut self) {
        let end = self.raw.iter().position(|byte| matches!(byte, b'\n' | b'\r'));
        self.raw.truncate(end.unwrap_or(self.raw.len()));
    }

    /// Adds a field.
    pub(super) fn push(&mut self, field: &[u8]) {
        let start = self.data.len();
        self.data.extend_from_slice(field);
        self.spans.push((start, self.data.len()));
    }

    /// Bytes that it holds.
    pub(crate) fn bytes(&self) -> usize {
        self.data.len() + self.raw.len() + self.spans.len() * SPAN
    }

    /// Bytes that it has room for.
    pub(crate) fn room(&self) -> usize {
        self.data.capacity() + self.raw.capacity() + self.spans.capacity() * SPAN
    }

    #[cfg(test)]
    pub(crate) fn set_line(&mut self, line: u64) {
        self.line = line;
    }

    /// Number of fields.
    pub fn count(&self) -> usize {
        self.spans.len()
    }

    /// Line on which it begins, or its number in a file without lines.
    pub fn line(&self) -> u64 {
        self.line
    }

    /// Whether a line end followed. A file that is still being written ends in a record without one.
    pub fn is_terminated(&self) -> bool {
        self.terminated
    }

    /// The beginning of the record as written, for people to look at.
    pub fn raw_text(&self) -> String {
        let mut text = String::from_utf8_lossy(&self.raw).into_owned();
        while text.ends_with(['\n', '\r']) {
            text.pop();
        }
        if self.raw.len() >= RAW_KEPT {
            text.push('…');
        }
        text
    }

    /// The fields as text, unless one of them is none.
    pub fn row(&self) -> Option<Row<'_>> {
        let text = std::str::from_utf8(&self.data).ok()?;
        // Two halves of a character in neighbouring fields are no text, even where they join to one.
        let sound =
            self.spans.iter().all(|&(from, to)| text.is_char_boundary(from) && text.is_char_boundary(to));
        sound.then_some(Row { text, spans: &self.spans })
    }
}

/// The fields of a record as text.
#[derive(Debug, Clone, Copy)]
pub struct Row<'a> {
    text: &'a str,
    spans: &'a [(usize, usize)],
}

impl<'a> Row<'a> {
    /// A field without white space around it; absent fields are empty.
    pub fn field(&self, index: usize) -> &'a str {
        let Some(&(from, to)) = self.spans.get(index) else { return "" };
        self.text.get(from..to).unwrap_or_default().trim_ascii()
    }

    /// Number of fields.
    pub fn count(&self) -> usize {
        self.spans.len()
    }
}
