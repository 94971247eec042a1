//! A sheet of a workbook as records: the first row that names columns, and every row below it.
//!
//! Cells are read as a stream, on a thread of its own because the workbook lends them out; a few rows are ahead of
//! whoever takes them. What is held in memory is the table of texts alone, which `archive` bounds.

mod archive;
mod row;
mod shown;
mod text;
mod workbook;

use std::collections::VecDeque;
use std::io::{Read, Seek};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};

pub use archive::{Wrapping, instead_of_text, wrapping};
use row::{Row, letters};
pub use workbook::Listed;
use workbook::Workbook;

use super::columns::Columns;
use super::csv::too_long;
use super::reason::Reason;
use super::record::{Record, Refusal};
use super::splitter::MAX_FIELD;
use super::{Next, Records};
use crate::error::Failure;

/// Rows in which the names of the columns are looked for: above them may stand a title, and notes.
const HEADER_WITHIN: usize = 50;
/// Bytes of rows that are handed over at once.
const BATCH_BYTES: usize = 256 * 1024;
/// Batches that wait to be taken.
const BATCHES_AHEAD: usize = 2;

/// Records of a sheet.
pub struct SheetRows {
    rows: Receiver<Delivery>,
    waiting: VecDeque<Row>,
    columns: Columns,
    header_row: u64,
    /// Columns that the mapping reads.
    wanted: Vec<usize>,
    done: u64,
    last_row: u64,
    ended: bool,
}

enum Delivery {
    Rows(Vec<Row>),
    End(Result<(), Failure>),
}

impl SheetRows {
    /// Visible sheets of a workbook that have rows.
    pub fn listed(file: impl Read + Seek) -> Result<Vec<Listed>, Failure> {
        Workbook::open(file)?.with_rows()
    }

    /// Opens a sheet: the one of this name, or the only visible one with rows. A record is refused when a column of
    /// `wanted` holds a number that has lost digits.
    pub fn open(
        file: impl Read + Seek + Send + 'static,
        sheet: Option<&str>,
        wanted: &[String],
    ) -> Result<SheetRows, Failure> {
        let mut workbook = Workbook::open(file)?;
        let sheet = workbook.choose(sheet)?;
        let (sender, rows) = sync_channel(BATCHES_AHEAD);
        let name = sheet.name.clone();
        let reader = std::thread::Builder::new().name("sheet".into());
        // It ends by itself when nobody takes its rows any more.
        reader.spawn(move || deliver(&mut workbook, &name, &sender))?;
        let mut opened = SheetRows {
            rows,
            waiting: VecDeque::new(),
            columns: Columns::default(),
            header_row: 0,
            wanted: Vec::new(),
            done: 0,
            last_row: sheet.last_row,
            ended: false,
        };
        opened.read_header(&sheet.name)?;
        opened.wanted = wanted.iter().filter_map(|name| opened.columns.find(name).ok()).collect();
        Ok(opened)
    }

    /// The header is the first row with more than one text, or, in a sheet of one column, the first with any.
    fn read_header(&mut self, sheet: &str) -> Result<(), Failure> {
        let named = |rows: &VecDeque<Row>| rows.iter().take(HEADER_WITHIN).position(|row| row.filled() > 1);
        while named(&self.waiting).is_none() && self.waiting.len() < HEADER_WITHIN && self.load()? {}
        let first = || self.waiting.iter().position(|row| row.filled() > 0);
        let Some(at) = named(&self.waiting).or_else(first) else {
            return Err(Failure(format!(
                "the sheet `{sheet}` has no row with a text. Export it again; an export without records still has a header."
            )));
        };
        self.waiting.drain(..at);
        if let Some(header) = self.waiting.pop_front() {
            self.header_row = header.number;
            self.columns = Columns::new(header.texts().map(|name| name.trim().to_owned()).collect());
        }
        Ok(())
    }

    /// Takes what was read meanwhile; `false` at the end of the sheet.
    fn load(&mut self) -> Result<bool, Failure> {
        while !self.ended {
            match self.rows.recv() {
                Ok(Delivery::Rows(rows)) => {
                    self.waiting.extend(rows);
                    return Ok(true);
                }
                Ok(Delivery::End(outcome)) => {
                    self.ended = true;
                    outcome?;
                }
                Err(_) => return Err(Failure::new("reading the sheet broke off. Nothing was imported.")),
            }
        }
        Ok(false)
    }

    /// What makes a row unusable, if anything does.
    fn refusal(&self, row: &Row, record: &Record) -> Option<Refusal> {
        if row.too_long || row.texts().any(|text| text.len() > MAX_FIELD) {
            return Some(too_long(record));
        }
        if row.width() > self.columns.count() {
            let detail = format!(
                "Column {} has a value and lies beyond the last named column, {}. Give it a name in row {}, or remove what stands beside the table.",
                letters(row.width() - 1),
                letters(self.columns.count().saturating_sub(1)),
                self.header_row
            );
            return Some(Refusal::new(Reason::Columns, detail));
        }
        let lost = row.inexact.iter().find(|column| self.wanted.contains(column))?;
        let detail = format!(
            "Column {} holds a number of more digits than a cell keeps, so its last digits are lost. Export it as text.",
            letters(*lost)
        );
        Some(Refusal::new(Reason::Digits, detail))
    }
}

impl Records for SheetRows {
    fn columns(&self) -> &Columns {
        &self.columns
    }

    fn advice(&self) -> Option<String> {
        Some(format!("The names of its columns were taken from row {} of the sheet.", self.header_row))
    }

    fn share_done(&self) -> Option<(u64, u64)> {
        Some((self.done, self.last_row.max(self.done)))
    }

    fn next(&mut self, record: &mut Record) -> Result<Next, Failure> {
        while self.waiting.is_empty() {
            if !self.load()? {
                return Ok(Next::End);
            }
        }
        let Some(row) = self.waiting.pop_front() else { return Ok(Next::End) };
        record.clear();
        self.done = row.number;
        record.line = row.number;
        record.last_line = row.number;
        record.terminated = true;
        for text in row.texts() {
            record.keep_raw(text.as_bytes());
            record.keep_raw(b"\t");
        }
        if let Some(refusal) = self.refusal(&row, record) {
            return Ok(Next::Refused(refusal));
        }
        row.texts().for_each(|text| record.push(text.as_bytes()));
        (row.width()..self.columns.count()).for_each(|_| record.push(b""));
        Ok(Next::Record)
    }
}

/// Hands all rows over, a batch at a time, and how it ended.
fn deliver<R: Read + Seek>(workbook: &mut Workbook<R>, sheet: &str, to: &SyncSender<Delivery>) {
    let mut batch = Vec::new();
    let mut bytes = 0;
    let outcome = workbook.rows(sheet, |row| {
        bytes += row.bytes();
        batch.push(row);
        if bytes < BATCH_BYTES {
            return true;
        }
        bytes = 0;
        to.send(Delivery::Rows(std::mem::take(&mut batch))).is_ok()
    });
    // Where nobody takes them any more, nothing is lost.
    let _ = to.send(Delivery::Rows(batch));
    let _ = to.send(Delivery::End(outcome));
}
