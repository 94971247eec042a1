//! JSON lines as records: one object a line.

use std::io::BufRead;

use super::columns::Columns;
use super::json::{Paths, scan};
use super::lines::Lines;
use super::reason::Reason;
use super::record::{Record, Refusal};
use super::splitter::MAX_RECORD;
use super::{Next, Records};
use crate::error::Failure;

/// Records of JSON lines, with the wanted paths as fields.
pub struct JsonLines<R> {
    lines: Lines<R>,
    columns: Columns,
    paths: Paths,
    seen: Vec<bool>,
}

impl<R: BufRead> JsonLines<R> {
    /// Reads the values of these paths from each line.
    pub fn open(input: R, paths: Vec<String>) -> JsonLines<R> {
        let tree = Paths::new(paths.iter().map(String::as_str));
        let seen = vec![false; paths.len()];
        JsonLines { lines: Lines::new(input), columns: Columns::new(paths), paths: tree, seen }
    }
}

impl<R: BufRead> Records for JsonLines<R> {
    fn columns(&self) -> &Columns {
        &self.columns
    }

    fn absent(&self) -> Vec<String> {
        let unseen = self.columns.names().iter().zip(&self.seen).filter(|(_, seen)| !**seen);
        unseen.map(|(name, _)| name.clone()).collect()
    }

    fn next(&mut self, record: &mut Record) -> Result<Next, Failure> {
        loop {
            let line = self.lines.next()?;
            if !line.any {
                return Ok(Next::End);
            }
            if line.fits && self.lines.line.trim_ascii().is_empty() {
                continue;
            }
            record.clear();
            record.line = self.lines.number;
            record.last_line = self.lines.number;
            record.terminated = line.terminated;
            record.keep_raw(&self.lines.line);
            if !line.fits {
                let detail = format!("The line is longer than {MAX_RECORD} bytes.");
                return Ok(Next::Refused(Refusal::new(Reason::TooLong, detail)));
            }
            let Ok(text) = std::str::from_utf8(&self.lines.line) else {
                return Ok(Next::Refused(Refusal::new(
                    Reason::Encoding,
                    "The line is not UTF-8, as JSON must be.",
                )));
            };
            return Ok(match scan(text, &self.paths, record) {
                Ok(()) => {
                    for (seen, span) in self.seen.iter_mut().zip(&record.spans) {
                        *seen |= span.1 > span.0;
                    }
                    Next::Record
                }
                Err(what) => Next::Refused(Refusal::new(
                    Reason::Json,
                    format!("The line is not a JSON object: {what}."),
                )),
            });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &[u8]) -> Vec<(u64, String)> {
        let mut lines = JsonLines::open(text, vec!["a".into()]);
        let mut record = Record::default();
        let mut seen = Vec::new();
        loop {
            match lines.next(&mut record).unwrap() {
                Next::End => return seen,
                Next::Record => seen.push((record.line(), record.row().unwrap().field(0).to_owned())),
                Next::Refused(refusal) => seen.push((record.line(), refusal.reason.word().to_owned())),
            }
        }
    }

    #[test]
    fn each_line_is_a_record_and_damaged_ones_are_refused() {
        let text = b"{\"a\":1}\r\n\n{\"a\":\n{\"b\":2}\n{\"a\":\"\xff\"}\n{\"a\":5}";
        let wanted = [(1, "1"), (3, "json"), (4, ""), (5, "encoding"), (6, "5")];
        assert_eq!(read(text), wanted.map(|(line, text)| (line, text.to_owned())));
    }

    #[test]
    fn a_line_beyond_the_bound_is_refused_and_the_next_is_read() {
        let text = format!("{{\"a\":\"{}\"}}\n{{\"a\":2}}\n", "x".repeat(MAX_RECORD));
        let seen = read(text.as_bytes());
        assert_eq!(seen, [(1, "too_long".to_owned()), (2, "2".to_owned())]);
    }
}
