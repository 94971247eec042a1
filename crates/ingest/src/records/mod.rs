//! From files to records: separated text, JSON lines, Parquet and sheets, all as fields of text.

mod columns;
mod csv;
mod delimiter;
mod json;
mod json_lines;
mod lines;
mod packed;
mod parquet;
mod reason;
mod record;
mod sheet;
mod splitter;
mod swallowed;

pub use columns::Columns;
pub use csv::Csv;
pub use delimiter::{detect as detect_delimiter, name_of as delimiter_name};
pub use json::leaf_paths;
pub use json_lines::JsonLines;
pub use packed::Packed;
pub use parquet::ParquetRows;
#[cfg(test)]
pub use parquet::in_utc;
pub use reason::Reason;
pub use record::{Record, Refusal, Row};
pub use sheet::{SheetRows, Wrapping, instead_of_text, wrapping};

use crate::error::Failure;

/// A stream of records of one file.
pub trait Records {
    /// Names of the fields, in the order of the record's fields.
    fn columns(&self) -> &Columns;

    /// Reads the next record into `record`.
    fn next(&mut self, record: &mut Record) -> Result<Next, Failure>;

    /// Names of all columns of the file, those that are not delivered included.
    fn all_columns(&self) -> &Columns {
        self.columns()
    }

    /// Columns that no record had, where records need not have all.
    fn absent(&self) -> Vec<String> {
        Vec::new()
    }

    /// The header as it was written, without which a record cannot be read again.
    fn head(&self) -> Option<&str> {
        None
    }

    /// Advice when a column is missing, as a sentence.
    fn advice(&self) -> Option<String> {
        None
    }

    /// Records delivered, of how many, where the file says so.
    fn share_done(&self) -> Option<(u64, u64)> {
        None
    }
}

/// What came next in a stream of records.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Next {
    /// A record, to be typed.
    Record,
    /// A record that cannot be used; its line and raw text are in the record.
    Refused(Refusal),
    /// There is no further record.
    End,
}
