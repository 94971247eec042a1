//! From what a system writes to flat records.

use serde_json::Value;

/// How a file falls into the pieces that a shape takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Input {
    /// Rows of comma-separated text without a header.
    Rows,
    /// Lines of text.
    Lines,
    /// JSON documents, one a line or written over several. Where a document has one of these lists, the pieces are the
    /// list's items; otherwise the document itself is one.
    Json {
        /// Names of the lists.
        lists: &'static [&'static str],
    },
}

/// One piece of a file.
#[derive(Debug, Clone, Copy)]
pub enum Item<'a> {
    /// The fields of a row.
    Row(&'a [&'a str]),
    /// A line, without its end.
    Line(&'a str),
    /// The last line of a file when it has no end: it may be half of one. What it says must give way to the whole line,
    /// should the file grow.
    OpenLine(&'a str),
    /// A JSON value.
    Json(&'a Value),
}

impl<'a> Item<'a> {
    /// The fields of a row; a sentence when it is none.
    pub(crate) fn row(self) -> Result<&'a [&'a str], String> {
        match self {
            Item::Row(row) => Ok(row),
            _ => Err("This is not a row of text.".to_owned()),
        }
    }

    /// A JSON document; a sentence when it is none.
    pub(crate) fn document(self) -> Result<&'a Value, String> {
        match self {
            Item::Json(value) => Ok(value),
            _ => Err("This is not a JSON document.".to_owned()),
        }
    }
}

/// A flat record: named texts. What is absent or empty is not known.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Flat(pub Vec<(&'static str, String)>);

impl Flat {
    /// The fields of a row by the names of their places.
    pub(crate) fn of_row(names: &[&'static str], row: &[&str]) -> Flat {
        let mut flat = Flat::default();
        for (name, text) in names.iter().zip(row) {
            flat.set(name, text.trim());
        }
        flat
    }

    /// The record with one more text, unless it is empty.
    pub fn with(mut self, name: &'static str, text: impl Into<String>) -> Flat {
        self.set(name, text);
        self
    }

    /// The record with one more text, where there is one.
    pub fn with_some(self, name: &'static str, text: Option<impl Into<String>>) -> Flat {
        match text {
            Some(text) => self.with(name, text),
            None => self,
        }
    }

    /// Sets a text, unless it is empty.
    pub fn set(&mut self, name: &'static str, text: impl Into<String>) {
        let text = text.into();
        if !text.is_empty() {
            self.0.retain(|(known, _)| *known != name);
            self.0.push((name, text));
        }
    }

    /// The text of this name.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(known, _)| *known == name).map(|(_, text)| text.as_str())
    }
}

/// Takes one file apart, piece by piece, in its order.
pub trait Shape: Send {
    /// Takes a piece; the records that it completes go to `out`. A piece that is none of the format's is refused with a
    /// sentence.
    fn read(&mut self, item: Item<'_>, out: &mut Vec<Flat>) -> Result<(), String>;

    /// The file has ended: records that were still open go to `out`.
    fn end(&mut self, _out: &mut Vec<Flat>) {}
}

/// A shape that needs nothing but the piece at hand.
pub(crate) struct Each(pub fn(Item<'_>) -> Result<Vec<Flat>, String>);

impl Shape for Each {
    fn read(&mut self, item: Item<'_>, out: &mut Vec<Flat>) -> Result<(), String> {
        out.extend((self.0)(item)?);
        Ok(())
    }
}
