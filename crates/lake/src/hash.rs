//! How a record is known again: the hash of its key, and the hash of its content.
//!
//! Both are 128 bits of XXH3 over an encoding of our own. The encoding is part of the store's format: it names
//! columns rather than counts them and skips nulls, so that a table may gain columns, or list them in another
//! order, without any record seeming changed.

use arrow::array::{
    Array, ArrayRef, AsArray, BooleanArray, Date32Array, Decimal128Array, Int64Array, RecordBatch,
    StringArray, TimestampMicrosecondArray,
};
use arrow::datatypes::{DataType, Date32Type, Decimal128Type, Int64Type, TimeUnit, TimestampMicrosecondType};
use dialmark_model::Table;
use dialmark_model::table::system_columns;
use xxhash_rust::xxh3::{xxh3_64, xxh3_128};

use crate::error::LakeError;
use crate::person::ERASED;

/// What the key index holds of a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Fingerprint {
    /// Of source and source id; without an id, of source and content.
    pub key: u128,
    /// Order among deliveries of the same key.
    pub revision: i64,
    /// Of all columns of the table.
    pub content: u128,
}

/// Which of the two keys a record is known by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum KeyBy {
    /// Source and source id.
    Identifier,
    /// Source and content.
    Content,
}

enum Values<'a> {
    Text(&'a StringArray),
    Integer(&'a Int64Array),
    Bool(&'a BooleanArray),
    Instant(&'a TimestampMicrosecondArray),
    Day(&'a Date32Array),
    Decimal(&'a Decimal128Array),
}

/// Fingerprints of the rows of one batch.
pub(crate) struct Fingerprints<'a> {
    columns: Vec<(u64, &'a dyn Array, Values<'a>)>,
    source: Option<&'a StringArray>,
    source_id: Option<&'a StringArray>,
    revision: Option<&'a Int64Array>,
    by: KeyBy,
    buffer: Vec<u8>,
}

impl<'a> Fingerprints<'a> {
    /// For the rows of this batch, in which columns that hold nothing may be missing.
    pub(crate) fn new(
        batch: &'a RecordBatch,
        table: &Table,
        by: KeyBy,
    ) -> Result<Fingerprints<'a>, LakeError> {
        let mut names: Vec<&str> = batch
            .schema_ref()
            .fields()
            .iter()
            .map(|f| f.name().as_str())
            .filter(|name| !system_columns().iter().any(|c| c.name == *name))
            .filter(|name| table.columns.iter().any(|c| c.name == *name))
            .collect();
        names.sort_unstable();
        let mut columns = Vec::with_capacity(names.len());
        for name in names {
            let Some(array) = batch.column_by_name(name) else { continue };
            if array.null_count() < array.len() {
                let values = values(array).ok_or_else(|| LakeError::Shape {
                    table: table.name.clone().into_owned(),
                    what: format!("`{name}` is stored as {}, which no kind of column is", array.data_type()),
                })?;
                columns.push((xxh3_64(name.as_bytes()), array.as_ref() as &dyn Array, values));
            }
        }
        Ok(Fingerprints {
            columns,
            source: text(batch, "source"),
            source_id: text(batch, "source_id"),
            revision: batch.column_by_name("revision").and_then(|c| c.as_primitive_opt::<Int64Type>()),
            by,
            buffer: Vec::with_capacity(1024),
        })
    }

    /// Of one row; `None` when it is to be known by an identifier and has none.
    pub(crate) fn row(&mut self, row: usize) -> Option<Fingerprint> {
        let content = self.content(row);
        let source = self.source.filter(|c| c.is_valid(row)).map_or("", |c| c.value(row));
        let key = match self.by {
            KeyBy::Identifier => {
                let id = self.source_id.filter(|c| c.is_valid(row))?.value(row);
                joined(source, id.as_bytes())
            }
            KeyBy::Content => joined(source, &content.to_le_bytes()),
        };
        let revision = self.revision.filter(|c| c.is_valid(row)).map_or(0, |c| c.value(row));
        Some(Fingerprint { key, revision, content })
    }

    /// Whether the record was about a person who was erased, and its identifier with them: its key is that of before.
    pub(crate) fn is_erased(&self, row: usize) -> bool {
        self.source_id.filter(|c| c.is_valid(row)).is_some_and(|c| c.value(row).starts_with(ERASED))
    }

    fn content(&mut self, row: usize) -> u128 {
        let out = &mut self.buffer;
        out.clear();
        for (tag, array, values) in &self.columns {
            if array.is_null(row) {
                continue;
            }
            out.extend_from_slice(&tag.to_le_bytes());
            match values {
                // Somebody random, in place of a person who was erased. Their records come without one when they are
                // delivered again, and are the same records.
                Values::Text(c) if c.value(row).starts_with(ERASED) => {
                    out.truncate(out.len().saturating_sub(size_of::<u64>()));
                }
                Values::Text(c) => {
                    let text = c.value(row);
                    out.extend_from_slice(&crate::number::count(text.len()).to_le_bytes());
                    out.extend_from_slice(text.as_bytes());
                }
                Values::Integer(c) => out.extend_from_slice(&c.value(row).to_le_bytes()),
                Values::Bool(c) => out.push(u8::from(c.value(row))),
                Values::Instant(c) => out.extend_from_slice(&c.value(row).to_le_bytes()),
                Values::Day(c) => out.extend_from_slice(&c.value(row).to_le_bytes()),
                Values::Decimal(c) => out.extend_from_slice(&c.value(row).to_le_bytes()),
            }
        }
        xxh3_128(out)
    }
}

/// The hash under which a record of this source and id is known.
#[cfg(test)]
pub(crate) fn key_of(source: &str, source_id: &str) -> u128 {
    joined(source, source_id.as_bytes())
}

/// The length keeps `a` + `bc` and `ab` + `c` apart.
fn joined(source: &str, rest: &[u8]) -> u128 {
    let mut bytes = Vec::with_capacity(8 + source.len() + rest.len());
    bytes.extend_from_slice(&crate::number::count(source.len()).to_le_bytes());
    bytes.extend_from_slice(source.as_bytes());
    bytes.extend_from_slice(rest);
    xxh3_128(&bytes)
}

/// A text column by name.
pub(crate) fn text<'a>(batch: &'a RecordBatch, name: &str) -> Option<&'a StringArray> {
    batch.column_by_name(name).and_then(|c| c.as_string_opt::<i32>())
}

fn values(array: &ArrayRef) -> Option<Values<'_>> {
    match array.data_type() {
        DataType::Utf8 => array.as_string_opt::<i32>().map(Values::Text),
        DataType::Int64 => array.as_primitive_opt::<Int64Type>().map(Values::Integer),
        DataType::Boolean => array.as_boolean_opt().map(Values::Bool),
        DataType::Timestamp(TimeUnit::Microsecond, _) => {
            array.as_primitive_opt::<TimestampMicrosecondType>().map(Values::Instant)
        }
        DataType::Date32 => array.as_primitive_opt::<Date32Type>().map(Values::Day),
        DataType::Decimal128(_, _) => array.as_primitive_opt::<Decimal128Type>().map(Values::Decimal),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use dialmark_model::{Column, Kind};
    use std::sync::Arc;

    fn batch(columns: Vec<(&str, ArrayRef)>) -> RecordBatch {
        RecordBatch::try_from_iter_with_nullable(columns.into_iter().map(|(n, a)| (n, a, true))).unwrap()
    }

    fn table() -> Table {
        Table::own(
            "visits",
            "One visit.",
            &[],
            vec![
                Column::own("name", Kind::Text, "Name."),
                Column::own("talk_ms", Kind::Duration, "Talk."),
                Column::own("note", Kind::Text, "Note."),
            ],
        )
    }

    fn text_array(values: &[Option<&str>]) -> ArrayRef {
        Arc::new(StringArray::from(values.to_vec()))
    }

    fn content(batch: &RecordBatch) -> u128 {
        Fingerprints::new(batch, &table(), KeyBy::Content).unwrap().row(0).unwrap().content
    }

    #[test]
    fn content_does_not_depend_on_the_order_of_columns_nor_on_empty_ones() {
        let a = batch(vec![
            ("name", text_array(&[Some("Ann")])),
            ("talk_ms", Arc::new(Int64Array::from(vec![5]))),
        ]);
        let b = batch(vec![
            ("note", text_array(&[None])),
            ("talk_ms", Arc::new(Int64Array::from(vec![5]))),
            ("name", text_array(&[Some("Ann")])),
            ("line", Arc::new(Int64Array::from(vec![77]))),
        ]);
        assert_eq!(content(&a), content(&b));
    }

    #[test]
    fn a_value_in_another_column_and_an_empty_text_are_other_contents() {
        let name = batch(vec![("name", text_array(&[Some("x")]))]);
        let note = batch(vec![("note", text_array(&[Some("x")]))]);
        let empty = batch(vec![("name", text_array(&[Some("x")])), ("note", text_array(&[Some("")]))]);
        assert_ne!(content(&name), content(&note));
        assert_ne!(content(&name), content(&empty));
    }

    #[test]
    fn keys_of_different_sources_differ_even_when_their_texts_join_to_the_same() {
        assert_ne!(key_of("a", "bc"), key_of("ab", "c"));
    }

    #[test]
    fn the_encoding_is_part_of_the_format_and_stays_as_it_is() {
        let row = batch(vec![
            ("name", text_array(&[Some("Ann")])),
            ("talk_ms", Arc::new(Int64Array::from(vec![5]))),
        ]);
        assert_eq!(format!("{:032x}", content(&row)), FIXED_CONTENT);
        assert_eq!(format!("{:032x}", key_of("dialler", "42")), FIXED_KEY);
    }

    // Computed apart from this code, with another implementation of XXH3.
    const FIXED_CONTENT: &str = "3b2307cfd616c62787d93b82241def3f";
    const FIXED_KEY: &str = "a6ace644379aa48bcd75b0966fc5fb59";
}
