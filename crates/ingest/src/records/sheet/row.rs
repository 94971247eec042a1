//! One row of a sheet, as texts by their columns.

use super::super::splitter::MAX_RECORD;

/// A row in which something stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// Its number in the sheet, from 1.
    pub number: u64,
    /// Columns with a whole number of which the last digits are lost.
    pub inexact: Vec<usize>,
    /// There is more text in it than a record may have; the rest is not kept.
    pub too_long: bool,
    any: bool,
    text: String,
    /// Where the text of each column ends, up to the last one that has any.
    ends: Vec<usize>,
}

impl Row {
    /// A row in which nothing stands yet.
    pub fn numbered(number: u64) -> Row {
        Row {
            number,
            inexact: Vec::new(),
            too_long: false,
            any: false,
            text: String::new(),
            ends: Vec::new(),
        }
    }

    /// Puts a text behind the others; `false` when that column has been passed.
    pub fn put(&mut self, column: usize, text: &str) -> bool {
        if column < self.ends.len() {
            return false;
        }
        self.any = true;
        self.ends.resize(column, self.text.len());
        self.too_long |= self.text.len() + text.len() > MAX_RECORD;
        if !self.too_long {
            self.text.push_str(text);
        }
        self.ends.push(self.text.len());
        true
    }

    /// Puts a whole number of which the last digits are lost.
    pub fn put_inexact(&mut self, column: usize, text: &str) -> bool {
        self.inexact.push(column);
        self.put(column, text)
    }

    /// Something stands in it that has no text.
    pub fn note_nothing(&mut self) -> bool {
        self.any = true;
        true
    }

    /// Whether something stands in it.
    pub fn is_any(&self) -> bool {
        self.any
    }

    /// Number of columns up to the last one with a text.
    pub fn width(&self) -> usize {
        self.ends.len()
    }

    /// The texts of its columns.
    pub fn texts(&self) -> impl Iterator<Item = &str> {
        let starts = std::iter::once(0).chain(self.ends.iter().copied());
        starts.zip(&self.ends).map(|(from, to)| self.text.get(from..*to).unwrap_or_default())
    }

    /// Columns with a text.
    pub fn filled(&self) -> usize {
        self.texts().filter(|text| !text.is_empty()).count()
    }

    /// Bytes that it takes in memory, roughly.
    pub fn bytes(&self) -> usize {
        self.text.len() + self.ends.len() * size_of::<usize>() + size_of::<Row>()
    }
}

/// The letters that name a column: `A`, `Z`, `AA`.
pub fn letters(mut column: usize) -> String {
    let mut text = String::new();
    loop {
        let letter = u8::try_from(column % 26).unwrap_or(0) + b'A';
        text.insert(0, char::from(letter));
        match (column / 26).checked_sub(1) {
            Some(rest) => column = rest,
            None => return text,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_stand_in_their_columns_and_none_twice() {
        let mut row = Row::numbered(3);
        assert!(!row.is_any());
        assert!(row.put(1, "b") && row.put(3, "d") && !row.put(3, "e"));
        assert_eq!(row.texts().collect::<Vec<_>>(), ["", "b", "", "d"]);
        assert_eq!((row.width(), row.filled()), (4, 2));
    }

    #[test]
    fn columns_are_named_by_letters() {
        assert_eq!([0, 25, 26, 701, 702, 16_383].map(letters), ["A", "Z", "AA", "ZZ", "AAA", "XFD"]);
    }
}
