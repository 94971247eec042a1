//! Looks into a file: its format, its columns and its first values.

use std::collections::HashSet;
use std::io::{BufRead, BufReader, Read};

use dialmark_model::source::Format;

use super::order::settle;
use super::shape::{DOUBTFUL_NOTHINGS, NOTHINGS, Shape, shape_of};
use super::words::{Words, words};
use crate::error::{Failure, IngestError};
use crate::pinned::Pinned;
use crate::records::{
    Csv, JsonLines, Next, ParquetRows, Record, Records, Row, SheetRows, Wrapping, detect_delimiter,
    instead_of_text, leaf_paths, wrapping,
};
use crate::text;

/// Records that guesses are made from.
pub const SAMPLE: usize = 1_000;
/// Records among which further ones are looked for, and how far apart.
const FURTHER: usize = 100_000;
const FURTHER_STEP: usize = 97;

/// A file's format, columns and first values.
#[derive(Debug)]
pub struct Sample {
    /// How it is read.
    pub format: Format,
    /// Its columns.
    pub columns: Vec<Seen>,
    /// Values of the first records, by record and column.
    pub rows: Vec<Vec<String>>,
    /// Records that could not be read among the first.
    pub refused: usize,
    /// What was noticed, as sentences.
    pub notes: Vec<String>,
}

/// A column and what its values look like.
#[derive(Debug, Clone)]
pub struct Seen {
    /// Name in the file.
    pub name: String,
    /// Name in words.
    pub words: Words,
    /// Shape of its values.
    pub shape: Shape,
    /// Texts that stand for nothing in it.
    pub nothings: Vec<String>,
    /// Position in the file.
    pub at: usize,
}

impl Sample {
    /// Looks into a file.
    pub fn take(pinned: &Pinned) -> Result<Sample, IngestError> {
        try_take(pinned).map_err(|failure| failure.at(pinned.path()))
    }

    /// The sample of columns with these names and rows.
    pub fn of(format: Format, names: &[String], rows: Vec<Vec<String>>) -> Sample {
        let columns = names.iter().enumerate().map(|(at, name)| see(at, name, &rows)).collect();
        Sample { format, columns, rows, refused: 0, notes: Vec::new() }
    }

    /// Values of a column that stand for something.
    pub fn values(&self, column: &Seen) -> Vec<&str> {
        let values = self.rows.iter().filter_map(|row| row.get(column.at)).map(String::as_str);
        values.filter(|v| !v.is_empty() && !column.nothings.iter().any(|n| n == v)).collect()
    }

    /// The column of this name.
    pub fn column(&self, name: &str) -> Option<&Seen> {
        self.columns.iter().find(|column| column.name == name)
    }
}

fn try_take(pinned: &Pinned) -> Result<Sample, Failure> {
    let mut notes = Vec::new();
    let format = format_of(pinned, &mut notes)?;
    let mut records = open(pinned, &format)?;
    let names = records.columns().names().to_vec();
    let mut rows = Vec::new();
    let mut refused = 0;
    let mut record = Record::default();
    while rows.len() < SAMPLE && refused < SAMPLE {
        match records.next(&mut record)? {
            Next::End => break,
            Next::Refused(_) => refused += 1,
            Next::Record => match record.row() {
                Some(row) => {
                    rows.push((0..row.count()).map(|at| row.field(at).to_owned()).collect::<Vec<_>>())
                }
                None => refused += 1,
            },
        }
    }
    if rows.len() == SAMPLE {
        rows.extend(further(pinned, &format)?);
    }
    let mut sample = Sample { refused, notes, ..Sample::of(format, &names, rows) };
    settle(&mut sample.columns, &sample.rows, records.as_mut());
    Ok(sample)
}

/// Some of the records behind the first: where a column changes its nature, it seldom does so at once.
fn further(pinned: &Pinned, format: &Format) -> Result<Vec<Vec<String>>, Failure> {
    let mut records = open(pinned, format)?;
    let mut record = Record::default();
    let mut rows = Vec::new();
    for number in 0..FURTHER {
        match records.next(&mut record)? {
            Next::End => break,
            Next::Record if number >= SAMPLE && number % FURTHER_STEP == 0 => {
                let fields = |row: Row<'_>| (0..row.count()).map(|at| row.field(at).to_owned()).collect();
                rows.extend(record.row().map(fields));
            }
            Next::Record | Next::Refused(_) => {}
        }
    }
    Ok(rows)
}

fn see(at: usize, name: &str, rows: &[Vec<String>]) -> Seen {
    let all: Vec<&str> = rows.iter().filter_map(|row| row.get(at)).map(String::as_str).collect();
    let shape_without = |nothings: &[&str]| {
        let values: Vec<&str> =
            all.iter().copied().filter(|v| !v.is_empty() && !nothings.contains(v)).collect();
        shape_of(&values)
    };
    let doubtful = [&NOTHINGS[..], &DOUBTFUL_NOTHINGS[..]].concat();
    // Among texts `NA` may well be a code; among numbers and times it is none.
    let (shape, nothings) = match shape_without(&doubtful) {
        Shape::Text(..) | Shape::Bool | Shape::Empty => (shape_without(&NOTHINGS), NOTHINGS.to_vec()),
        shape => (shape, doubtful),
    };
    let present = nothings.into_iter().filter(|nothing| all.contains(nothing)).map(str::to_owned).collect();
    Seen { name: name.to_owned(), words: words(name), shape, nothings: present, at }
}

/// Opens the file for all of its columns.
pub fn open(pinned: &Pinned, format: &Format) -> Result<Box<dyn Records>, Failure> {
    Ok(match format {
        Format::Csv { delimiter, quote, encoding, header } => {
            let (text, _) = text::open(pinned.reader()?, encoding.as_deref())?;
            Box::new(Csv::open(text, *delimiter, *quote, *header)?)
        }
        Format::JsonLines => {
            let (text, _) = text::open(pinned.reader()?, None)?;
            let (head, _) = text::open(pinned.reader()?, None)?;
            Box::new(JsonLines::open(text, json_paths(head)?))
        }
        Format::Parquet => Box::new(ParquetRows::open(pinned.file()?, |_| true)?),
        // No column is read yet, so a number that has lost digits is no reason to leave its record out.
        Format::Xlsx { sheet } => {
            Box::new(SheetRows::open(BufReader::new(pinned.file()?), sheet.as_deref(), &[])?)
        }
        Format::Pack { pack, .. } => {
            return Err(Failure(format!("the pack `{pack}` maps these records itself.")));
        }
    })
}

fn json_paths(mut text: impl BufRead) -> Result<Vec<String>, Failure> {
    let mut paths: Vec<String> = Vec::new();
    let mut seen = HashSet::new();
    let mut line = String::new();
    for _ in 0..SAMPLE {
        line.clear();
        if text.by_ref().take(MAX_LINE).read_line(&mut line)? == 0 {
            break;
        }
        for (path, _) in leaf_paths(&line).unwrap_or_default() {
            if seen.insert(path.clone()) {
                paths.push(path);
            }
        }
    }
    Ok(paths)
}

const MAX_LINE: u64 = 4 * 1024 * 1024;

fn format_of(pinned: &Pinned, notes: &mut Vec<String>) -> Result<Format, Failure> {
    let mut raw = Vec::new();
    pinned.reader()?.take(4).read_to_end(&mut raw)?;
    if raw.starts_with(b"PAR1") {
        return Ok(Format::Parquet);
    }
    match wrapping(&raw) {
        Some(Wrapping::Zip) => return sheet_of(pinned, notes),
        Some(other) => return Err(instead_of_text(other, BufReader::new(pinned.file()?))),
        None => {}
    }
    let (encoding, head) = encoding_and_head(pinned, notes)?;
    let text = String::from_utf8_lossy(&head);
    let start = text.trim_start();
    if start.starts_with('{') || start.starts_with('[') {
        let first = start.lines().next().unwrap_or_default();
        if leaf_paths(first).is_ok() {
            return Ok(Format::JsonLines);
        }
        if start.starts_with('{')
            || start.starts_with("[{")
            || start.starts_with("[\n")
            || start.starts_with("[\r\n")
        {
            return Err(Failure::new(
                "this is one JSON document, not one record a line. Turn its records into lines first, for example with `jq -c '.[]' FILE > FILE.jsonl`.",
            ));
        }
    }
    let delimiter = detect_delimiter(&head, b'"');
    let header = has_header(&head, delimiter.unwrap_or(b','));
    if !header {
        notes.push("The first line looks like a record, so the columns have no names and are called `1`, `2`, and so on.".into());
    }
    Ok(Format::Csv { delimiter: Some(delimiter.unwrap_or(b',')), quote: None, encoding, header })
}

/// Of several sheets with rows, the one with the most is proposed, and the others are named.
fn sheet_of(pinned: &Pinned, notes: &mut Vec<String>) -> Result<Format, Failure> {
    let mut sheets = SheetRows::listed(BufReader::new(pinned.file()?))?;
    // Of equally many the first, as the sort is stable.
    sheets.sort_by_key(|sheet| std::cmp::Reverse(sheet.last_row));
    let [chosen, others @ ..] = sheets.as_slice() else { return Ok(Format::Xlsx { sheet: None }) };
    if others.is_empty() {
        return Ok(Format::Xlsx { sheet: None });
    }
    let names = others.iter().map(|sheet| format!("`{}`", sheet.name)).collect::<Vec<_>>().join(", ");
    notes.push(format!(
        "The workbook has further sheets with rows, which this mapping does not read: {names}. Each is a source of its own with `sheet = \"...\"`."
    ));
    Ok(Format::Xlsx { sheet: Some(chosen.name.clone()) })
}

/// The encoding to write into the mapping, and the decoded beginning.
fn encoding_and_head(pinned: &Pinned, notes: &mut Vec<String>) -> Result<(Option<String>, Vec<u8>), Failure> {
    let mut raw = Vec::new();
    pinned.reader()?.take(HEAD).read_to_end(&mut raw)?;
    let first = text::unmarked_utf16(&raw);
    for label in [first, Some("windows-1252")] {
        let (mut text, _) = text::open(pinned.reader()?, label)?;
        let mut head = Vec::new();
        text.by_ref().take(HEAD).read_to_end(&mut head)?;
        // The last character may be cut in two.
        let sound = match std::str::from_utf8(&head) {
            Ok(_) => true,
            Err(error) => error.error_len().is_none() && error.valid_up_to() + 4 > head.len(),
        };
        if sound {
            if let Some(label) = label {
                notes
                    .push(format!("The file is not UTF-8; `{label}` was guessed. Check names with accents."));
            }
            return Ok((label.map(str::to_owned), head));
        }
    }
    Err(Failure::new(
        "the encoding of this file cannot be guessed. Name it in the mapping: `encoding = \"...\"`.",
    ))
}

const HEAD: u64 = 256 * 1024;

/// Whether the first record names columns: all different, none a number or a time, and unlike the second.
fn has_header(head: &[u8], delimiter: u8) -> bool {
    let Ok(mut csv) = Csv::open(head, Some(delimiter), None, false) else { return true };
    let mut record = Record::default();
    let mut next = || match csv.next(&mut record) {
        Ok(Next::Record) => {
            record.row().map(|row| (0..row.count()).map(|at| row.field(at).to_owned()).collect())
        }
        _ => None,
    };
    let Some(first): Option<Vec<String>> = next() else { return true };
    let second: Option<Vec<String>> = next();
    let named: Vec<&String> = first.iter().filter(|name| !name.is_empty()).collect();
    let different = named.iter().collect::<HashSet<_>>().len() == named.len();
    let like_a_name = |text: &str| matches!(shape_of(&[text]), Shape::Text(..)) && text.chars().count() <= 64;
    // `true` and `no` are values, but also names of columns; numbers and times never are.
    let names =
        named.iter().filter(|name| like_a_name(name) || name.chars().all(char::is_alphabetic)).count();
    let repeated = second.is_some_and(|second| {
        second.iter().filter(|v| first.contains(v) && !v.is_empty()).count() * 2 > first.len()
    });
    different && names == named.len() && !named.is_empty() && !repeated
}
