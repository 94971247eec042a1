//! Why a record is set aside: one explicit list.

/// Why a record cannot become a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reason {
    /// It has more or fewer fields than the file has columns.
    Columns,
    /// It is longer than any record of a call centre.
    TooLong,
    /// Its quotation marks do not close.
    Quotes,
    /// It is not a JSON object.
    Json,
    /// It is not what its system writes.
    Shape,
    /// A number in it has lost its last digits.
    Digits,
    /// It is not text in the file's encoding.
    Encoding,
    /// The file was still being written and the record had no end yet.
    Incomplete,
    /// A part of its identifier is empty.
    NoId,
    /// None of the times that would place it is readable.
    NoTime,
    /// Its declared revision cannot be read.
    NoRevision,
    /// It is about a person who was erased.
    Erased,
}

impl Reason {
    /// All reasons, in the order in which the reference lists them.
    pub const ALL: [Reason; 12] = [
        Reason::Columns,
        Reason::TooLong,
        Reason::Quotes,
        Reason::Json,
        Reason::Shape,
        Reason::Digits,
        Reason::Encoding,
        Reason::Incomplete,
        Reason::NoId,
        Reason::NoTime,
        Reason::NoRevision,
        Reason::Erased,
    ];

    /// The word that set-aside records are counted by.
    pub const fn word(self) -> &'static str {
        match self {
            Reason::Columns => "columns",
            Reason::TooLong => "too_long",
            Reason::Quotes => "quotes",
            Reason::Json => "json",
            Reason::Shape => "shape",
            Reason::Digits => "digits",
            Reason::Encoding => "encoding",
            Reason::Incomplete => "incomplete",
            Reason::NoId => "no_id",
            Reason::NoTime => "no_time",
            Reason::NoRevision => "no_revision",
            Reason::Erased => "erased",
        }
    }

    /// What it means, as a sentence.
    pub const fn about(self) -> &'static str {
        match self {
            Reason::Columns => "The record has more or fewer fields than the file has columns.",
            Reason::TooLong => "The record or one of its fields is longer than any record of a call centre.",
            Reason::Quotes => "The quotation marks of the record do not close.",
            Reason::Json => "The line is not a JSON object.",
            Reason::Shape => "The record is not what the system of its pack writes.",
            Reason::Digits => "A cell of a sheet held more digits than it can keep.",
            Reason::Encoding => "The record is not text in the file's encoding.",
            Reason::Incomplete => "The file was still being written and the record had no end yet.",
            Reason::NoId => "A part of the identifier is empty.",
            Reason::NoTime => "None of the times that would place the record is present and readable.",
            Reason::NoRevision => "The declared revision cannot be read.",
            Reason::Erased => "The record is about a person who was erased; nothing of it is kept.",
        }
    }
}
