//! Lines of text, one after the other, in bounded memory.

use std::io::BufRead;

use super::splitter::MAX_RECORD;
use crate::error::Failure;

/// Reads lines.
pub(super) struct Lines<R> {
    input: R,
    /// The line that was read last, without its end; what goes beyond the bound is not kept.
    pub(super) line: Vec<u8>,
    /// Its number, from 1.
    pub(super) number: u64,
}

/// What is to be known of a line.
pub(super) struct Line {
    /// There was one.
    pub(super) any: bool,
    /// It fits into the bound.
    pub(super) fits: bool,
    /// A line end followed.
    pub(super) terminated: bool,
}

impl<R: BufRead> Lines<R> {
    pub(super) fn new(input: R) -> Lines<R> {
        Lines { input, line: Vec::new(), number: 0 }
    }

    /// Reads up to a line feed.
    pub(super) fn next(&mut self) -> Result<Line, Failure> {
        self.line.clear();
        let mut line = Line { any: false, fits: true, terminated: false };
        loop {
            let chunk = match self.input.fill_buf() {
                Ok(chunk) => chunk,
                Err(error) if error.kind() == std::io::ErrorKind::Interrupted => continue,
                Err(error) => return Err(error.into()),
            };
            if chunk.is_empty() {
                return Ok(line);
            }
            if !line.any {
                line.any = true;
                self.number += 1;
            }
            let stop = memchr::memchr(b'\n', chunk);
            let (text, _) = chunk.split_at(stop.unwrap_or(chunk.len()));
            line.fits &= self.line.len() + text.len() <= MAX_RECORD;
            let room = if line.fits {
                text.len()
            } else {
                MAX_RECORD.saturating_sub(self.line.len()).min(text.len())
            };
            self.line.extend_from_slice(text.get(..room).unwrap_or_default());
            let used = text.len() + usize::from(stop.is_some());
            self.input.consume(used);
            if stop.is_some() {
                line.terminated = true;
                return Ok(line);
            }
        }
    }
}
