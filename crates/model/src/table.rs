//! The shape of a fact table: columns with a kind, a unit and a sentence.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

/// What a column holds. The kind fixes its type, its unit and how a source's text is read into it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// Free text: names, numbers dialled, references. High cardinality.
    Text,
    /// A telephone number. Of what a source writes a keyed hash and the last digits are kept, as text: equal numbers are
    /// equal texts, however they were written, and no number can be read back.
    Phone,
    /// A short text with few different values: campaign, state, disposition. Kept dictionary-encoded.
    Code,
    /// A whole number without a unit: attempt number, priority, count of transfers.
    Integer,
    /// Yes or no.
    Bool,
    /// An instant, UTC, in microseconds. Named `_at`.
    Instant,
    /// A civil day without a zone. Named `_on`.
    Day,
    /// A duration in whole milliseconds. Named `_ms`.
    Duration,
    /// Money: a decimal with four places. Named `_amount`; the currency stands beside it.
    Amount,
    /// A decimal with six places that is not money: scores, shares, sentiment.
    Number,
}

impl Kind {
    /// The word that a user writes for this kind in a mapping.
    pub const fn word(self) -> &'static str {
        match self {
            Kind::Text => "text",
            Kind::Phone => "phone",
            Kind::Code => "code",
            Kind::Integer => "integer",
            Kind::Bool => "bool",
            Kind::Instant => "instant",
            Kind::Day => "day",
            Kind::Duration => "duration",
            Kind::Amount => "amount",
            Kind::Number => "number",
        }
    }

    /// All kinds, in the order in which the reference lists them.
    pub const ALL: [Kind; 10] = [
        Kind::Text,
        Kind::Phone,
        Kind::Code,
        Kind::Integer,
        Kind::Bool,
        Kind::Instant,
        Kind::Day,
        Kind::Duration,
        Kind::Amount,
        Kind::Number,
    ];

    /// Reads [`Kind::word`] back.
    pub fn from_word(word: &str) -> Option<Kind> {
        Kind::ALL.into_iter().find(|k| k.word() == word)
    }

    /// Whether values are stored as text.
    pub const fn is_text(self) -> bool {
        matches!(self, Kind::Text | Kind::Phone | Kind::Code)
    }

    /// Digits after the point of the decimals of this kind; 0 for whole numbers.
    pub const fn scale(self) -> u8 {
        match self {
            Kind::Amount => 4,
            Kind::Number => 6,
            _ => 0,
        }
    }
}

/// One column of a fact table.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Column {
    /// Lower-case name with its unit as a suffix: `talk_ms`, `dialed_at`, `value_amount`.
    pub name: Cow<'static, str>,
    /// Type and unit.
    pub kind: Kind,
    /// One sentence: what the value is.
    pub about: Cow<'static, str>,
    /// Holds something that identifies a person; erasure nulls it.
    pub personal: bool,
}

impl Column {
    /// A column of a table that a user declares.
    pub fn own(name: impl Into<String>, kind: Kind, about: impl Into<String>) -> Column {
        let personal = kind == Kind::Phone;
        Column { name: Cow::Owned(name.into()), kind, about: Cow::Owned(about.into()), personal }
    }

    /// The column as one that identifies a person.
    pub fn of_a_person(self) -> Column {
        Column { personal: true, ..self }
    }

    /// Whether its values stand for one person in every table: an identifier of a lead, customer, account or person.
    pub fn is_key_of_a_person(&self) -> bool {
        self.personal && self.kind.is_text() && self.kind != Kind::Phone && self.name.ends_with("_id")
    }

    pub(crate) const fn fixed(name: &'static str, kind: Kind, about: &'static str) -> Column {
        Column { name: Cow::Borrowed(name), kind, about: Cow::Borrowed(about), personal: false }
    }

    pub(crate) const fn personal(name: &'static str, kind: Kind, about: &'static str) -> Column {
        Column { name: Cow::Borrowed(name), kind, about: Cow::Borrowed(about), personal: true }
    }
}

/// A fact table: what one row is, and its columns.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Table {
    /// Lower-case plural: `calls`, `agent_spans`.
    pub name: Cow<'static, str>,
    /// One sentence: what one row is.
    pub about: Cow<'static, str>,
    /// Instants or days that place a row in time, in order of preference; the first that is known decides.
    /// Empty for a table without a clock.
    pub placed_by: Cow<'static, [Cow<'static, str>]>,
    /// The columns that a source may fill; [`system_columns`] come on top.
    pub columns: Cow<'static, [Column]>,
}

impl Table {
    /// A table that a user declares for a foreign shape.
    pub fn own(name: &str, about: &str, placed_by: &[String], columns: Vec<Column>) -> Table {
        Table {
            name: Cow::Owned(name.to_owned()),
            about: Cow::Owned(about.to_owned()),
            placed_by: placed_by.iter().map(|c| Cow::Owned(c.clone())).collect(),
            columns: Cow::Owned(columns),
        }
    }

    /// The column of this name among those a source fills and the system columns.
    pub fn column(&self, name: &str) -> Option<&Column> {
        self.columns.iter().chain(system_columns()).find(|c| c.name == name)
    }

    /// Every column of a stored row: the table's own, then the system's.
    pub fn stored_columns(&self) -> impl Iterator<Item = &Column> {
        self.columns.iter().chain(system_columns())
    }
}

/// Columns that every stored row carries beside those of its table: where it came from and how to know it again.
pub fn system_columns() -> &'static [Column] {
    const COLUMNS: &[Column] = &[
        Column::fixed("source", Kind::Code, "Name of the source that delivered the row."),
        Column::fixed(
            "source_id",
            Kind::Text,
            "The row's identifier in its source; null when the source has none.",
        ),
        Column::fixed("source_zone", Kind::Code, "IANA time zone in which the source's civil day runs."),
        Column::fixed(
            "revision",
            Kind::Integer,
            "Order among deliveries of the same row: the larger is the newer. Comparable within one source only.",
        ),
        Column::fixed("import_id", Kind::Integer, "Number of the import that delivered this revision."),
        Column::fixed("line", Kind::Integer, "Line or record number in the imported file, from 1."),
        Column::fixed(
            "flags",
            Kind::Text,
            "What was amended or found odd on the way in, as `column:flag` joined by spaces; null when nothing was.",
        ),
    ];
    COLUMNS
}
