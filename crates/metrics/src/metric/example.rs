//! Worked examples: records that a person can add up, and the value that must come out.

use jiff::civil::Date;

use crate::exact::Ratio;

/// A worked example, which is a test.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Example {
    /// The example in words.
    pub says: String,
    /// Groups of equal records.
    pub records: Vec<ExampleRecords>,
    /// The value, or one value a group when `by` is set.
    pub values: Vec<(Option<String>, Expected)>,
    /// Dimension that the values are broken out by.
    pub by: Option<String>,
    /// First day for which the data is not complete, for windows that must have passed.
    pub until: Option<Date>,
    /// File and line in which it stands.
    pub declared_in: (String, usize),
}

/// What must come out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Expected {
    /// This value, exactly.
    Value(Ratio),
    /// No value, for the reason of this word.
    Null(String),
}

impl std::fmt::Display for Expected {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Expected::Value(ratio) => write!(out, "{ratio}"),
            Expected::Null(reason) => write!(out, "null ({reason})"),
        }
    }
}

/// So many equal records of one table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExampleRecords {
    /// How many.
    pub times: u32,
    /// Of which table.
    pub table: String,
    /// Column and text, as a source would deliver it. Dispositions are given as `outcome`.
    pub fields: Vec<(String, String)>,
}
