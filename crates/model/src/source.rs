//! How a source's columns become facts: the mapping, as data.
//!
//! The ingest crate applies it, the project crate reads it from TOML, `dialmark map` proposes one.

use serde::Serialize;

use crate::facts::{BETWEEN, Between};
use crate::pull::Pull;
use crate::table::{Kind, Table};
use crate::webhook::Webhook;

/// One source of records: files of one shape, and how each column of a table is read from them.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Source {
    /// Name, as in `[source.NAME]`; stored with every record.
    pub name: String,
    /// Table that the records go to: a canonical one or one of the user's own.
    #[serde(skip)]
    pub table: Table,
    /// Glob patterns of files, relative to the project; only `import` without file names uses them.
    pub files: Vec<String>,
    /// Where its records are pulled from, when they do not come as files.
    pub pull: Option<Pull>,
    /// How a sender without a token shows who it is, when one may send.
    pub webhook: Option<Webhook>,
    /// Shape of the files; of what was pulled likewise.
    pub format: Format,
    /// IANA zone of the local times in the records, and of their civil day.
    pub zone: String,
    /// Country of numbers that are written without an international prefix, as two capital letters (ISO 3166-1).
    pub country: Option<String>,
    /// How a record is known again.
    pub identity: Identity,
    /// How each column is read, in the table's order. Columns that are absent stay null.
    pub fields: Vec<Field>,
    /// File in which the mapping stands, for messages.
    pub declared_in: String,
}

impl Source {
    /// Names of the table's columns that this source fills.
    pub fn filled(&self) -> impl Iterator<Item = &str> {
        let lengths = self.worked_out().map(|one| one.length).filter(|length| !self.maps(length));
        self.fields.iter().map(|f| f.column.as_str()).chain(lengths)
    }

    /// Lengths that the instants around them say where the source does not.
    pub fn worked_out(&self) -> impl Iterator<Item = &'static Between> {
        let of_ours =
            move |one: &&Between| one.table == self.table.name && self.maps(one.from) && self.maps(one.to);
        BETWEEN.iter().filter(of_ours)
    }

    fn maps(&self, column: &str) -> bool {
        self.fields.iter().any(|f| f.column == column)
    }
}

/// Shape of a file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Format {
    /// Text with separators. What is `None` is found out from the file's beginning.
    Csv {
        /// Separator, one byte.
        delimiter: Option<u8>,
        /// Quotation mark, one byte; `None` means `"`.
        quote: Option<u8>,
        /// Encoding label, such as `utf-8` or `windows-1252`; `None` means byte-order mark, else UTF-8.
        encoding: Option<String>,
        /// The first line holds the names of the columns. Without it columns are called `1`, `2`, ...
        header: bool,
    },
    /// One JSON object a line; nested values are named with dots.
    JsonLines,
    /// Parquet.
    Parquet,
    /// A sheet of an Excel workbook (.xlsx); the first row with names holds those of the columns.
    Xlsx {
        /// Its name; `None` means the only visible one with rows.
        sheet: Option<String>,
    },
    /// What a known system writes, taken apart by a pack.
    Pack {
        /// The pack.
        pack: String,
        /// Which of its streams.
        stream: String,
    },
}

/// How a record is known again when it is delivered twice.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(tag = "mode", rename_all = "snake_case")]
#[expect(clippy::large_enum_variant, reason = "there is one a source, never many")]
pub enum Identity {
    /// Known by the source's identifier: parts are joined by `|`.
    Id {
        /// Source columns that make up the identifier.
        columns: Vec<String>,
        /// What these columns were called before, with the same values; empty where they were not called otherwise.
        was: Vec<String>,
        /// Which of two deliveries is the newer.
        revision: Revision,
        /// Days before and after a record's day in which an earlier delivery is searched; `None` for all.
        look_back_days: Option<u32>,
    },
    /// No identifier: a file supersedes the last file of its name.
    Replace,
    /// No identifier: files add up; refused when most lines were seen before.
    Append,
}

/// Which of two deliveries of a record is the newer.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(tag = "by", rename_all = "snake_case")]
pub enum Revision {
    /// The one that arrived later: by import, then by line.
    Arrival,
    /// The one with the larger value of a source column.
    Column {
        /// How the column is read; an instant or a whole number.
        field: Field,
    },
}

/// How one column of a table is read from a record.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Field {
    /// Column of the table.
    pub column: String,
    /// What it holds; decides how text is read.
    pub kind: Kind,
    /// Where the text comes from.
    pub from: From,
    /// Unit or format of the source's text.
    pub read: Read,
    /// Texts that mean "nothing", beside the empty one.
    pub null: Vec<String>,
    /// Recoding of texts, before reading; a text that is not listed is taken as it is.
    pub values: Vec<(String, String)>,
    /// Date-less clock: the column of the table that this instant cannot precede. A time before it is the
    /// next day's when `lasting` agrees, or, without it, when it would be more than twelve hours early.
    pub after: Option<String>,
    /// Duration column of the table that lies between `after` and this instant.
    pub lasting: Option<String>,
}

/// Where the text of a field comes from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum From {
    /// One column of the source.
    Column(String),
    /// Several columns, joined by a separator.
    Joined(Vec<String>, String),
    /// The same for every record.
    Constant(String),
}

/// How text is read into a value.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Read {
    /// As its kind is usually written: ISO 8601 for instants and days, plain numbers.
    Plain,
    /// A duration in this unit.
    Unit(DurationUnit),
    /// A local or zoned date and time in a `strftime` pattern.
    Pattern(String),
    /// Seconds since 1970, possibly with a fraction.
    EpochSeconds,
    /// Milliseconds since 1970.
    EpochMillis,
    /// Microseconds since 1970.
    EpochMicros,
    /// RFC 2822, as in mail.
    Rfc2822,
    /// A number with a decimal comma, and perhaps signs between groups of three digits: `1.234,50`.
    DecimalComma,
    /// A number with a decimal point and signs between groups of three digits: `1,234.50`.
    DecimalPoint,
}

/// Unit in which a source writes durations.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum DurationUnit {
    /// Milliseconds.
    Millis,
    /// Seconds, possibly with a fraction.
    Seconds,
    /// Minutes, possibly with a fraction.
    Minutes,
    /// Hours, possibly with a fraction.
    Hours,
    /// `h:mm:ss`, `mm:ss`, with an optional fraction.
    Clock,
    /// `h:mm`, which [`DurationUnit::Clock`] would take for minutes and seconds.
    HoursMinutes,
}
