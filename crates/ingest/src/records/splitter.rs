//! Splits separated text into records.
//!
//! The `csv` crate reads fields of any length into memory, cannot tell a quotation mark that is never closed
//! from the end of a file, and counts only line feeds as lines; exports suffer from all three. In everything
//! else this splitter agrees with it, which a property test holds it to.

use std::io::BufRead;

use super::record::Record;
use super::swallowed::Swallowed;
use crate::error::Failure;

/// Longest field that is kept; nothing that a call centre records is longer.
pub const MAX_FIELD: usize = 1024 * 1024;
/// Longest record that is kept.
pub const MAX_RECORD: usize = 4 * 1024 * 1024;
/// Most fields of a record.
const MAX_FIELDS: usize = 16_384;

/// What the splitter came upon.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// A record.
    Record,
    /// A record longer than the bounds. Its end was found, its fields were not kept.
    TooLong,
    /// A record whose quotation marks hold lines that look like records. Only its first line was consumed.
    Swallowed,
    /// The file ended within quotation marks.
    OpenQuote,
    /// No further record.
    End,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    /// Before a record; line ends are skipped.
    Between,
    /// Before the first byte of a field.
    FieldStart,
    /// In a field without quotation marks, or behind the closing one.
    Plain,
    /// Between quotation marks.
    Quoted,
    /// Behind a quotation mark in a quoted field: the closing one, or the first of a doubled pair.
    QuoteInQuoted,
}

/// Splits text with one separator and one quotation mark; line ends are LF, CR LF and CR.
#[derive(Debug)]
pub struct Splitter {
    delimiter: u8,
    quote: u8,
    state: State,
    field_from: usize,
    line: u64,
    after_cr: bool,
    overflow: bool,
    swallowed: Swallowed,
    /// Bytes that are read once more before the input, and how many of them were.
    again: Vec<u8>,
    again_used: usize,
}

impl Splitter {
    /// A splitter at the beginning of a file.
    pub fn new(delimiter: u8, quote: u8) -> Splitter {
        Splitter {
            delimiter,
            quote,
            state: State::Between,
            field_from: 0,
            line: 1,
            after_cr: false,
            overflow: false,
            swallowed: Swallowed::default(),
            again: Vec::new(),
            again_used: 0,
        }
    }

    /// Says how many columns the file has, so that records swallowed by a quoted field are told from its text.
    pub fn expect(&mut self, columns: usize) {
        self.swallowed.expect(columns);
    }

    /// The quotation mark in use.
    pub fn quote(&self) -> u8 {
        self.quote
    }

    /// Reads the next record. Empty lines are no records.
    pub fn next(
        &mut self,
        input: &mut (impl BufRead + ?Sized),
        record: &mut Record,
    ) -> Result<Step, Failure> {
        record.clear();
        self.field_from = 0;
        self.overflow = false;
        self.swallowed.begin_record();
        loop {
            if let Some(ended) = self.feed_again(record) {
                if ended {
                    return Ok(self.at_end_of_record(record));
                }
                continue;
            }
            let chunk = match input.fill_buf() {
                Ok(chunk) => chunk,
                Err(error) if error.kind() == std::io::ErrorKind::Interrupted => continue,
                Err(error) => return Err(error.into()),
            };
            if chunk.is_empty() {
                return Ok(self.at_end_of_file(record));
            }
            let (used, ended) = self.feed(chunk, record);
            input.consume(used);
            if ended {
                return Ok(self.at_end_of_record(record));
            }
        }
    }

    /// Feeds what is to be read once more; `None` when nothing is left of it.
    fn feed_again(&mut self, record: &mut Record) -> Option<bool> {
        let again = std::mem::take(&mut self.again);
        let chunk = again.get(self.again_used..).filter(|chunk| !chunk.is_empty())?;
        let (used, ended) = self.feed(chunk, record);
        self.again_used += used;
        self.again = again;
        Some(ended)
    }

    fn at_end_of_record(&mut self, record: &mut Record) -> Step {
        record.terminated = true;
        match self.swallowed.take() {
            Some((last_line, after_cr, behind)) => {
                self.go_back(record, after_cr, behind);
                record.last_line = last_line;
                Step::Swallowed
            }
            None if self.overflow => Step::TooLong,
            None => Step::Record,
        }
    }

    /// Returns to the end of the record's first line.
    fn go_back(&mut self, record: &mut Record, after_cr: bool, mut behind: Vec<u8>) {
        record.keep_first_line();
        behind.extend_from_slice(self.again.get(self.again_used..).unwrap_or_default());
        (self.again, self.again_used) = (behind, 0);
        (self.state, self.line, self.after_cr) = (State::Between, record.line + 1, after_cr);
    }

    fn at_end_of_file(&mut self, record: &mut Record) -> Step {
        let state = std::mem::replace(&mut self.state, State::Between);
        record.terminated = false;
        let closing_line_end = record.data.ends_with(b"\n") || record.data.ends_with(b"\r");
        record.last_line = self.line - u64::from(state == State::Quoted && closing_line_end);
        match state {
            State::Between => Step::End,
            State::Quoted => Step::OpenQuote,
            State::FieldStart | State::Plain | State::QuoteInQuoted => {
                self.end_field(record);
                if self.overflow { Step::TooLong } else { Step::Record }
            }
        }
    }

    /// Consumes bytes up to the end of a record or of the chunk; says how many and whether a record ended.
    fn feed(&mut self, chunk: &[u8], record: &mut Record) -> (usize, bool) {
        let mut rest = chunk;
        if self.state == State::Between {
            rest = self.skip_line_ends(rest);
            if rest.is_empty() {
                return (chunk.len(), false);
            }
            self.state = State::FieldStart;
            record.line = self.line;
        }
        let begin = rest;
        let mut ended = false;
        let mut behind_from = self.swallowed.is_behind_first_line().then_some(0);
        while let [byte, tail @ ..] = rest {
            match self.state {
                State::Between => break,
                State::FieldStart if *byte == self.quote => {
                    self.state = State::Quoted;
                    self.swallowed.begin_field();
                    rest = tail;
                }
                State::FieldStart | State::Plain => {
                    let stop = memchr::memchr3(self.delimiter, b'\n', b'\r', rest);
                    let (text, from_stop) = rest.split_at(stop.unwrap_or(rest.len()));
                    self.keep(text, record);
                    self.state = State::Plain;
                    rest = from_stop;
                    if let [stop, after @ ..] = from_stop {
                        rest = after;
                        ended = self.at_stop(*stop, record);
                    }
                }
                State::Quoted => {
                    let stop = memchr::memchr(self.quote, rest);
                    let (text, from_stop) = rest.split_at(stop.unwrap_or(rest.len()));
                    self.keep(text, record);
                    let text_from = begin.len() - rest.len();
                    if let Some(first_end) = self.count_lines(text) {
                        behind_from.get_or_insert(text_from + first_end);
                    }
                    rest = from_stop;
                    if let [_, after @ ..] = from_stop {
                        self.state = State::QuoteInQuoted;
                        rest = after;
                    }
                    ended = self.swallowed.is_found();
                }
                State::QuoteInQuoted if *byte == self.quote => {
                    self.keep(&[*byte], record);
                    self.after_cr = false;
                    self.state = State::Quoted;
                    rest = tail;
                }
                State::QuoteInQuoted if self.is_stop(*byte) => {
                    rest = tail;
                    ended = self.at_stop(*byte, record);
                }
                // Text behind a closing quotation mark belongs to the field, as written.
                State::QuoteInQuoted => {
                    record.stray_quote = true;
                    self.state = State::Plain;
                }
            }
            if ended {
                break;
            }
        }
        let used = begin.len() - rest.len();
        record.keep_raw(begin.get(..used).unwrap_or_default());
        if let Some(from) = behind_from {
            self.swallowed.keep(begin.get(from..used).unwrap_or_default());
        }
        (chunk.len() - rest.len(), ended)
    }

    fn is_stop(&self, byte: u8) -> bool {
        byte == self.delimiter || byte == b'\n' || byte == b'\r'
    }

    /// Ends the field and, at a line end, the record.
    fn at_stop(&mut self, byte: u8, record: &mut Record) -> bool {
        self.end_field(record);
        if byte == self.delimiter {
            self.state = State::FieldStart;
            return false;
        }
        record.last_line = self.line;
        self.line += 1;
        self.after_cr = byte == b'\r';
        self.state = State::Between;
        true
    }

    fn skip_line_ends<'a>(&mut self, mut rest: &'a [u8]) -> &'a [u8] {
        while let [byte @ (b'\n' | b'\r'), tail @ ..] = rest {
            if !(*byte == b'\n' && self.after_cr) {
                self.line += 1;
            }
            self.after_cr = *byte == b'\r';
            rest = tail;
        }
        if !rest.is_empty() {
            self.after_cr = false;
        }
        rest
    }

    /// Counts the lines of a quoted text. Says behind which of its bytes the record's first line ended, if it was
    /// in this text.
    fn count_lines(&mut self, text: &[u8]) -> Option<usize> {
        let mut first_end = None;
        for (at, byte) in text.iter().enumerate() {
            if *byte == b'\r' || (*byte == b'\n' && !self.after_cr) {
                if !self.swallowed.is_behind_first_line() {
                    first_end = Some(at + 1);
                }
                self.swallowed.line_end(self.line, *byte == b'\r');
                self.line += 1;
            } else if *byte == self.delimiter {
                self.swallowed.separator();
            }
            self.after_cr = *byte == b'\r';
        }
        first_end
    }

    fn keep(&mut self, text: &[u8], record: &mut Record) {
        if self.overflow {
            return;
        }
        let field = record.data.len() - self.field_from + text.len();
        if field > MAX_FIELD
            || record.data.len() + text.len() > MAX_RECORD
            || record.spans.len() >= MAX_FIELDS
        {
            self.overflow = true;
            record.data.clear();
            record.spans.clear();
            self.field_from = 0;
            return;
        }
        record.data.extend_from_slice(text);
    }

    fn end_field(&mut self, record: &mut Record) {
        if self.overflow {
            return;
        }
        let to = record.data.len();
        record.spans.push((self.field_from, to));
        self.field_from = to;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::io::BufReader;

    type Seen = (Step, u64, Vec<Vec<u8>>);

    fn split_in(bytes: &[u8], delimiter: u8, capacity: usize) -> Vec<Seen> {
        split_by(Splitter::new(delimiter, b'"'), bytes, capacity)
    }

    fn split_by(mut splitter: Splitter, bytes: &[u8], capacity: usize) -> Vec<Seen> {
        let mut input = BufReader::with_capacity(capacity, bytes);
        let mut record = Record::default();
        let mut seen = Vec::new();
        loop {
            let step = splitter.next(&mut input, &mut record).unwrap();
            let fields = record.spans.iter().map(|&(a, b)| record.data[a..b].to_vec()).collect();
            match step {
                Step::End => return seen,
                _ => seen.push((step, record.line, fields)),
            }
        }
    }

    fn fields(text: &str) -> Vec<(u64, Vec<String>)> {
        split_in(text.as_bytes(), b',', 1 << 16)
            .into_iter()
            .map(|(_, line, f)| (line, f.into_iter().map(|f| String::from_utf8(f).unwrap()).collect()))
            .collect()
    }

    #[test]
    fn lines_are_counted_as_an_editor_does_under_every_line_end() {
        for end in ["\n", "\r", "\r\n"] {
            let text = ["a,b", "1,2", "", "\"x", "y\",3", "4,5"].join(end);
            let lines: Vec<u64> = fields(&text).iter().map(|(line, _)| *line).collect();
            assert_eq!(lines, [1, 2, 4, 6], "{end:?}");
        }
    }

    #[test]
    fn quotation_marks_hold_separators_line_ends_and_themselves() {
        assert_eq!(
            fields("\"a,b\",\"c\"\"d\",\"e\nf\"\n"),
            [(1, vec!["a,b".into(), "c\"d".into(), "e\nf".into()])]
        );
    }

    #[test]
    fn a_quotation_mark_within_a_field_is_an_ordinary_character() {
        assert_eq!(fields("a\"b\",c\"\n"), [(1, vec!["a\"b\"".into(), "c\"".into()])]);
    }

    #[test]
    fn a_quotation_mark_that_is_never_closed_is_told_apart() {
        let seen = split_in(b"a,b\n1,\"2\n3,4\n", b',', 64);
        assert_eq!(seen.last().map(|(step, line, _)| (*step, *line)), Some((Step::OpenQuote, 2)));
    }

    #[test]
    fn a_field_of_a_hundred_megabytes_is_passed_over_in_bounded_memory() {
        struct Long(usize);
        impl std::io::Read for Long {
            fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
                let n = buffer.len().min(self.0);
                buffer[..n].fill(b'x');
                self.0 -= n;
                Ok(n)
            }
        }
        use std::io::Read;
        let mut input = BufReader::new(b"a,b\n1,\"".chain(Long(100 << 20)).chain(&b"\",3\n4,5\n"[..]));
        let mut splitter = Splitter::new(b',', b'"');
        let mut record = Record::default();
        let mut next = || {
            let step = splitter.next(&mut input, &mut record).unwrap();
            (step, record.line, record.count(), record.data.capacity())
        };
        assert_eq!(next().0, Step::Record);
        let (step, line, _, capacity) = next();
        assert_eq!((step, line), (Step::TooLong, 2));
        assert!(capacity <= 2 * MAX_RECORD);
        let (step, line, fields, _) = next();
        assert_eq!((step, line, fields), (Step::Record, 3, 2));
        assert_eq!(next().0, Step::End);
    }

    #[test]
    fn a_record_of_separators_alone_is_bounded() {
        let text = ",".repeat(200_000) + "x\n1,2\n";
        let seen = split_in(text.as_bytes(), b',', 4096);
        assert_eq!(seen.first().map(|s| s.0), Some(Step::TooLong));
        assert_eq!(seen.get(1).map(|s| s.2.len()), Some(2));
    }

    proptest! {
        #[test]
        fn how_bytes_are_cut_into_chunks_never_changes_a_record(
            text in "[ab,;\"\r\n\t]{0,60}", capacity in 1_usize..9, tab in any::<bool>()
        ) {
            let delimiter = if tab { b'\t' } else { b',' };
            prop_assert_eq!(
                split_in(text.as_bytes(), delimiter, capacity),
                split_in(text.as_bytes(), delimiter, 4096)
            );
        }

        #[test]
        fn swallowed_records_are_found_whatever_the_chunks(
            lines in prop::collection::vec("a,b|a,b|a,b|a,\"b|\"\"\"a,b\"|\"\",b|a\",b|a\r|\r\n", 0..40), capacity in 1_usize..40
        ) {
            let text = lines.join("\n");
            let split = |capacity| {
                let mut splitter = Splitter::new(b',', b'"');
                splitter.expect(2);
                split_by(splitter, text.as_bytes(), capacity)
            };
            prop_assert_eq!(split(capacity), split(4096));
        }

        #[test]
        fn records_are_those_of_the_csv_crate(text in "[ab,\"\r\n]{0,60}") {
            let mut reader = csv::ReaderBuilder::new().has_headers(false).flexible(true).from_reader(text.as_bytes());
            let theirs: Vec<Vec<Vec<u8>>> = reader
                .byte_records()
                .map(|r| r.unwrap().iter().map(<[u8]>::to_vec).collect())
                .collect();
            let ours = split_in(text.as_bytes(), b',', 4096);
            let closed = !ours.iter().any(|(step, ..)| *step == Step::OpenQuote);
            if closed {
                let ours: Vec<Vec<Vec<u8>>> = ours.into_iter().map(|(.., fields)| fields).collect();
                prop_assert_eq!(ours, theirs);
            }
        }
    }
}
