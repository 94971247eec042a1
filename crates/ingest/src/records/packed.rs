//! What a known system writes, as flat records: the file falls into pieces, the pack's shape takes each apart.

use std::collections::VecDeque;
use std::io::BufRead;

use dialmark_packs::{Flat, Input, Item, Shape, Stream};
use serde_json::Value;

use super::columns::Columns;
use super::csv::Csv;
use super::lines::Lines;
use super::reason::Reason;
use super::record::{Record, Refusal};
use super::{Next, Records};
use crate::error::Failure;

/// Longest JSON document that is held in memory.
const MAX_DOCUMENT: usize = 32 << 20;

/// Flat records of a pack's stream.
pub struct Packed<R> {
    pieces: Pieces<R>,
    shape: Box<dyn Shape>,
    columns: Columns,
    names: &'static [&'static str],
    /// Flat records that came of the last piece.
    waiting: VecDeque<Flat>,
    made: Vec<Flat>,
    piece: Piece,
    ended: bool,
}

/// Where a piece stands, and how it begins.
#[derive(Debug, Default)]
struct Piece {
    line: u64,
    terminated: bool,
    raw: Vec<u8>,
}

enum Pieces<R> {
    Rows(Box<Csv<R>>, Record),
    Lines(Lines<R>),
    Json(Documents<R>),
}

impl<R: BufRead> Packed<R> {
    /// Begins to read the file.
    pub fn open(input: R, how: Input, stream: &'static Stream) -> Result<Packed<R>, Failure> {
        let pieces = match how {
            Input::Rows => Pieces::Rows(Box::new(Csv::of_rows(input)?), Record::default()),
            Input::Lines => Pieces::Lines(Lines::new(input)),
            Input::Json { lists } => Pieces::Json(Documents::new(input, lists)),
        };
        Ok(Packed {
            pieces,
            shape: (stream.open)(),
            columns: Columns::new(stream.columns.iter().map(|name| (*name).to_owned()).collect()),
            names: stream.columns,
            waiting: VecDeque::new(),
            made: Vec::new(),
            piece: Piece::default(),
            ended: false,
        })
    }

    /// Takes the next piece apart; what came of it waits. `None` when there is no further piece.
    fn take(&mut self) -> Result<Option<Result<(), Refusal>>, Failure> {
        let Packed { pieces, shape, made, piece, .. } = self;
        piece.raw.clear();
        let shaped = |made: Result<(), String>| made.map_err(|why| Refusal::new(Reason::Shape, why));
        let result = match pieces {
            Pieces::Rows(csv, record) => {
                let next = csv.next(record)?;
                piece.line = record.line();
                piece.terminated = record.is_terminated();
                piece.raw.extend_from_slice(&record.raw);
                match next {
                    Next::End => return Ok(None),
                    Next::Refused(refusal) => Err(refusal),
                    Next::Record => match record.row() {
                        None => Err(Refusal::new(Reason::Encoding, "The record is not UTF-8.")),
                        Some(row) => {
                            let fields: Vec<&str> = (0..row.count()).map(|at| row.field(at)).collect();
                            shaped(shape.read(Item::Row(&fields), made))
                        }
                    },
                }
            }
            Pieces::Lines(lines) => {
                let line = lines.next()?;
                if !line.any {
                    return Ok(None);
                }
                piece.line = lines.number;
                piece.terminated = line.terminated;
                piece.raw.extend_from_slice(&lines.line);
                match std::str::from_utf8(&lines.line) {
                    _ if !line.fits => {
                        Err(Refusal::new(Reason::TooLong, "The line is longer than any event."))
                    }
                    Err(_) => Err(Refusal::new(Reason::Encoding, "The line is not UTF-8.")),
                    // Half an event is another event: `|3` of `|30` says three seconds.
                    Ok(text) if !line.terminated => shaped(shape.read(Item::OpenLine(text), made)),
                    Ok(text) => shaped(shape.read(Item::Line(text.trim_end_matches('\r')), made)),
                }
            }
            Pieces::Json(documents) => match documents.next(piece)? {
                None => return Ok(None),
                Some(Err(refusal)) => Err(refusal),
                Some(Ok(value)) => shaped(shape.read(Item::Json(&value), made)),
            },
        };
        if result.is_err() {
            made.clear();
        }
        self.waiting.extend(self.made.drain(..));
        Ok(Some(result))
    }
}

impl<R: BufRead> Records for Packed<R> {
    fn columns(&self) -> &Columns {
        &self.columns
    }

    fn next(&mut self, record: &mut Record) -> Result<Next, Failure> {
        loop {
            let flat = self.waiting.pop_front();
            if flat.is_none() && self.ended {
                return Ok(Next::End);
            }
            let refused = match flat {
                Some(flat) => {
                    record.clear();
                    for name in self.names {
                        record.push(flat.get(name).unwrap_or_default().as_bytes());
                    }
                    None
                }
                None => match self.take()? {
                    Some(Ok(())) => continue,
                    Some(Err(refusal)) => {
                        record.clear();
                        Some(refusal)
                    }
                    None => {
                        self.ended = true;
                        self.shape.end(&mut self.made);
                        self.waiting.extend(self.made.drain(..));
                        self.piece.terminated = true;
                        continue;
                    }
                },
            };
            record.line = self.piece.line;
            record.last_line = self.piece.line;
            record.terminated = self.piece.terminated;
            record.keep_raw(&self.piece.raw);
            return Ok(refused.map_or(Next::Record, Next::Refused));
        }
    }
}

/// JSON documents, one a line or over several, and the items of their lists.
struct Documents<R> {
    lines: Lines<R>,
    lists: &'static [&'static str],
    items: VecDeque<Value>,
    /// Line on which the document of the items begins.
    line: u64,
    /// A line that was read and belongs to the next document.
    kept: Option<(Vec<u8>, u64, bool)>,
}

impl<R: BufRead> Documents<R> {
    fn new(input: R, lists: &'static [&'static str]) -> Documents<R> {
        Documents { lines: Lines::new(input), lists, items: VecDeque::new(), line: 0, kept: None }
    }

    fn next(&mut self, piece: &mut Piece) -> Result<Option<Result<Value, Refusal>>, Failure> {
        loop {
            if let Some(item) = self.items.pop_front() {
                piece.line = self.line;
                piece.terminated = true;
                piece.raw = item.to_string().into_bytes();
                return Ok(Some(Ok(item)));
            }
            let Some(read) = self.document(piece)? else { return Ok(None) };
            let value = match read {
                Err(refusal) => return Ok(Some(Err(refusal))),
                Ok(value) => value,
            };
            match self.list_of(value) {
                Ok(items) => self.items.extend(items),
                Err(single) => return Ok(Some(Ok(single))),
            }
        }
    }

    /// The items of a document that is a list or has one of the lists.
    fn list_of(&self, value: Value) -> Result<Vec<Value>, Value> {
        match value {
            Value::Array(items) => Ok(items),
            Value::Object(mut object) => {
                for name in self.lists {
                    if let Some(Value::Array(items)) = object.get_mut(*name).map(Value::take) {
                        return Ok(items);
                    }
                }
                Err(Value::Object(object))
            }
            other => Err(other),
        }
    }

    /// Reads lines until their brackets close.
    fn document(&mut self, piece: &mut Piece) -> Result<Option<Result<Value, Refusal>>, Failure> {
        let mut brackets = Brackets::default();
        let mut text: Vec<u8> = Vec::new();
        let mut too_long = false;
        let mut count = 0_u64;
        loop {
            let (line, number, terminated) = match self.kept.take() {
                Some(kept) => kept,
                None => {
                    let line = self.lines.next()?;
                    if !line.any {
                        break;
                    }
                    too_long |= !line.fits;
                    (self.lines.line.clone(), self.lines.number, line.terminated)
                }
            };
            if count == 0 && line.trim_ascii().is_empty() {
                continue;
            }
            if count == 1 && is_cut_off(&text) && is_whole(&line) {
                // A document a line, and the one before was cut off: this one is sound.
                self.kept = Some((line, number, terminated));
                break;
            }
            if count == 0 {
                self.line = number;
                piece.line = number;
            }
            count += 1;
            piece.terminated = terminated;
            brackets.walk(&line);
            if text.len() + line.len() > MAX_DOCUMENT {
                too_long = true;
            } else {
                text.extend_from_slice(&line);
                text.push(b'\n');
            }
            if brackets.are_closed() {
                break;
            }
        }
        if count == 0 {
            return Ok(None);
        }
        piece.raw.clear();
        piece.raw.extend_from_slice(&text);
        if too_long {
            return Ok(Some(Err(Refusal::new(
                Reason::TooLong,
                format!(
                    "The document is longer than {} MiB. Write one object a line instead.",
                    MAX_DOCUMENT >> 20
                ),
            ))));
        }
        Ok(Some(serde_json::from_slice(&text).map_err(|error| {
            Refusal::new(
                Reason::Json,
                format!("The document that begins on line {} is not JSON: {error}.", self.line),
            )
        })))
    }
}

/// Whether a first line of a document is more than an opening and ends where no line of a written-out document does.
fn is_cut_off(text: &[u8]) -> bool {
    let text = text.trim_ascii();
    text.len() > 1 && !matches!(text.last(), Some(b'[' | b'{' | b',' | b':'))
}

fn is_whole(line: &[u8]) -> bool {
    line.starts_with(b"{") && serde_json::from_slice::<serde::de::IgnoredAny>(line).is_ok()
}

/// How deep in brackets a text is.
#[derive(Debug, Default)]
struct Brackets {
    depth: i64,
    in_string: bool,
    escaped: bool,
    any: bool,
}

impl Brackets {
    fn walk(&mut self, text: &[u8]) {
        for byte in text {
            match byte {
                _ if self.escaped => self.escaped = false,
                b'\\' if self.in_string => self.escaped = true,
                b'"' => self.in_string = !self.in_string,
                _ if self.in_string => {}
                b'{' | b'[' => {
                    self.depth += 1;
                    self.any = true;
                }
                b'}' | b']' => self.depth -= 1,
                _ => {}
            }
        }
        // No string goes over a line.
        self.in_string = false;
        self.escaped = false;
    }

    fn are_closed(&self) -> bool {
        self.depth <= 0 || !self.any
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(name: &str, text: &str) -> (Vec<String>, Vec<&'static str>) {
        let pack = dialmark_packs::named(name).unwrap();
        let mut packed = Packed::open(text.as_bytes(), pack.input, &pack.streams[0]).unwrap();
        let (mut records, mut refused) = (Vec::new(), Vec::new());
        let mut record = Record::default();
        loop {
            match packed.next(&mut record).unwrap() {
                Next::End => return (records, refused),
                Next::Refused(refusal) => refused.push(refusal.reason.word()),
                Next::Record => records.push(record.row().unwrap().field(0).to_owned()),
            }
        }
    }

    #[test]
    fn documents_are_pages_lists_lines_or_written_out() {
        for text in [
            r#"{"calls":[{"sid":"a"},{"sid":"b"}],"page":0}"#,
            "{\"sid\":\"a\"}\n\n{\"sid\":\"b\"}\n",
            "[\n{\"sid\":\"a\"},\n{\"sid\":\"b\"}\n]\n",
            "{\n  \"calls\": [\n    {\"sid\": \"a\"\n},\n {\n \"sid\": \"b\"}\n  ]\n}\n",
            "{\"calls\":[{\"sid\":\"a\"}]}\n{\"calls\":[{\"sid\":\"b\"}]}",
        ] {
            assert_eq!(told("twilio_calls", text), (vec!["a".to_owned(), "b".to_owned()], vec![]), "{text}");
        }
    }

    #[test]
    fn a_line_that_was_cut_off_costs_itself_alone() {
        let text = "{\"sid\":\"a\"}\n{\"sid\":\"b\",\"price\n{\"sid\":\"c\"}\n{\"status\":\"x\"}\nno json\n{\"sid\":\"d\"";
        let (records, refused) = told("twilio_calls", text);
        assert_eq!(records, ["a", "c"]);
        assert_eq!(refused, ["json", "shape", "json", "json"]);
    }

    #[test]
    fn what_half_a_line_says_gives_way_to_the_whole_line() {
        let pack = dialmark_packs::named("asterisk_queue_log").unwrap();
        let revision = |text: &str| {
            let mut packed = Packed::open(text.as_bytes(), pack.input, &pack.streams[0]).unwrap();
            let mut record = Record::default();
            assert_eq!(packed.next(&mut record).unwrap(), Next::Record);
            record.row().unwrap().field(1).parse::<i64>().unwrap()
        };
        let half = "1767603650|c1|sales|SIP/ann|COMPLETEAGENT|10|3";
        assert!(revision(half) < revision(&format!("{half}0|1\n")));
    }
}
