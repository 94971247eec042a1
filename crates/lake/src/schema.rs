//! From a table of the model to columns of Arrow and of the catalogue.

use std::borrow::Cow;
use std::sync::Arc;

use arrow::array::{Array, ArrayRef, RecordBatch, RecordBatchOptions, new_null_array};
use arrow::datatypes::{DataType, Field, Schema, SchemaRef, TimeUnit};
use dialmark_model::table::system_columns;
use dialmark_model::{Column, Kind, Table};

use crate::error::{Computing, LakeError};

/// Digits of a stored decimal. Sums are widened by whoever adds.
pub const DECIMAL_DIGITS: u8 = 18;

/// The Arrow type in which a kind is stored.
pub fn stored_type(kind: Kind) -> DataType {
    match kind {
        Kind::Text | Kind::Phone | Kind::Code => DataType::Utf8,
        Kind::Integer | Kind::Duration => DataType::Int64,
        Kind::Bool => DataType::Boolean,
        Kind::Instant => DataType::Timestamp(TimeUnit::Microsecond, Some("UTC".into())),
        Kind::Day => DataType::Date32,
        Kind::Amount => DataType::Decimal128(DECIMAL_DIGITS, 4),
        Kind::Number => DataType::Decimal128(DECIMAL_DIGITS, 6),
    }
}

/// The columns of a stored row: the table's own, then the system's. All may be null.
pub fn stored_schema(table: &Table) -> SchemaRef {
    let fields: Vec<Field> =
        table.stored_columns().map(|c| Field::new(c.name.as_ref(), stored_type(c.kind), true)).collect();
    Arc::new(Schema::new(fields))
}

/// The name of a kind's type in the DuckLake catalogue.
pub(crate) fn ducklake_type(kind: Kind) -> &'static str {
    match kind {
        Kind::Text | Kind::Phone | Kind::Code => "varchar",
        Kind::Integer | Kind::Duration => "int64",
        Kind::Bool => "boolean",
        Kind::Instant => "timestamptz",
        Kind::Day => "date",
        Kind::Amount => "decimal(18,4)",
        Kind::Number => "decimal(18,6)",
    }
}

/// Refuses names that could not be a folder, an SQL name and a TOML key at once.
pub(crate) fn check_names(table: &Table) -> Result<(), LakeError> {
    let names = std::iter::once(&table.name).chain(table.columns.iter().map(|c| &c.name));
    for name in names {
        let fits = name.len() <= 63
            && name.starts_with(|c: char| c.is_ascii_lowercase())
            && name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_');
        if !fits {
            return Err(LakeError::Name { name: name.clone().into_owned() });
        }
    }
    let mut seen: Vec<&str> = system_columns().iter().map(|c| c.name.as_ref()).collect();
    for column in table.columns.iter() {
        if seen.contains(&column.name.as_ref()) {
            return Err(LakeError::Shape {
                table: table.name.clone().into_owned(),
                what: format!("column `{}` is declared twice or hides a system column", column.name),
            });
        }
        seen.push(&column.name);
    }
    Ok(())
}

/// The stored table with what the declaration adds: columns are only ever added, never dropped or changed.
pub(crate) fn merge(stored: &Table, declared: &Table) -> Result<Table, LakeError> {
    let mut columns = stored.columns.to_vec();
    for column in declared.columns.iter() {
        match stored.columns.iter().find(|c| c.name == column.name) {
            Some(known) if stored_type(known.kind) != stored_type(column.kind) => {
                return Err(LakeError::ColumnChanged {
                    table: stored.name.clone().into_owned(),
                    column: column.name.clone().into_owned(),
                    stored: known.kind.word(),
                    declared: column.kind.word(),
                });
            }
            Some(known) if known.kind != Kind::Phone && column.kind == Kind::Phone => {
                return Err(LakeError::PlainNumbers {
                    table: stored.name.clone().into_owned(),
                    column: column.name.clone().into_owned(),
                });
            }
            Some(_) => {}
            None => columns.push(column.clone()),
        }
    }
    // What a column means may be said better later; the newest words count.
    for column in &mut columns {
        if let Some(newer) = declared.columns.iter().find(|c| c.name == column.name) {
            *column = newer.clone();
        }
    }
    Ok(Table { columns: Cow::Owned(columns), ..declared.clone() })
}

/// The batch in another schema: columns by name, absent ones null.
pub(crate) fn conform(batch: &RecordBatch, schema: &SchemaRef) -> Result<RecordBatch, LakeError> {
    if batch.schema_ref() == schema {
        return Ok(batch.clone());
    }
    let columns: Vec<ArrayRef> = schema
        .fields()
        .iter()
        .map(|field| match batch.column_by_name(field.name()) {
            Some(column) => column.clone(),
            None => new_null_array(field.data_type(), batch.num_rows()),
        })
        .collect();
    let options = RecordBatchOptions::new().with_row_count(Some(batch.num_rows()));
    RecordBatch::try_new_with_options(schema.clone(), columns, &options)
        .computing("bring a batch into the shape of its table")
}

/// The batch without the columns that hold nothing, which are most of a wide table's.
pub(crate) fn without_empty_columns(batch: &RecordBatch) -> Result<RecordBatch, LakeError> {
    let kept: Vec<usize> =
        (0..batch.num_columns()).filter(|&i| batch.column(i).null_count() < batch.num_rows()).collect();
    batch.project(&kept).computing("leave out empty columns")
}

/// Memory that the rows of a batch take by themselves. Columns that were read from disk share one buffer, which the
/// usual count would count once for each.
pub(crate) fn memory(batch: &RecordBatch) -> usize {
    batch
        .columns()
        .iter()
        .map(|c| c.to_data().get_slice_memory_size().unwrap_or(c.get_array_memory_size()))
        .sum()
}

/// Column names and types of a batch must be those of its table.
pub(crate) fn check_batch(batch: &RecordBatch, table: &Table, schema: &SchemaRef) -> Result<(), LakeError> {
    let shape = |what: String| LakeError::Shape { table: table.name.clone().into_owned(), what };
    if batch.num_columns() != schema.fields().len() {
        return Err(shape(format!("{} columns instead of {}", batch.num_columns(), schema.fields().len())));
    }
    for (field, wanted) in batch.schema_ref().fields().iter().zip(schema.fields()) {
        if field.name() != wanted.name() || field.data_type() != wanted.data_type() {
            return Err(shape(format!(
                "`{}` as {} instead of `{}` as {}",
                field.name(),
                field.data_type(),
                wanted.name(),
                wanted.data_type()
            )));
        }
    }
    Ok(())
}

/// The columns whose order makes neighbours of rows that are asked for together.
pub(crate) fn sort_columns(table: &Table) -> Vec<&str> {
    let has = |name: &str| table.columns.iter().any(|c: &Column| c.name == name);
    let mut by: Vec<&str> = ["campaign_id", "agent_id"].into_iter().filter(|c| has(c)).collect();
    if let Some(first) = table.placed_by.first().filter(|c| has(c)) {
        by.push(first);
    }
    by
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_canonical_table_has_a_stored_schema_that_ends_with_the_system_columns() {
        for table in dialmark_model::facts::tables() {
            check_names(table).unwrap();
            let schema = stored_schema(table);
            assert_eq!(schema.fields().len(), table.columns.len() + system_columns().len());
            assert_eq!(schema.fields().last().unwrap().name(), "flags");
        }
    }

    #[test]
    fn names_that_could_leave_the_folder_are_refused() {
        for name in ["../calls", "Calls", "", "1calls", "a b", "naïve"] {
            let table = Table::own(name, "One row.", &[], vec![]);
            assert!(check_names(&table).is_err(), "{name}");
        }
    }

    #[test]
    fn a_table_gains_columns_and_keeps_those_that_a_later_declaration_leaves_out() {
        let old = Table::own("visits", "One visit.", &[], vec![Column::own("a", Kind::Text, "A.")]);
        let new = Table::own("visits", "One visit.", &[], vec![Column::own("b", Kind::Integer, "B.")]);
        let merged = merge(&old, &new).unwrap();
        let names: Vec<_> = merged.columns.iter().map(|c| c.name.to_string()).collect();
        assert_eq!(names, ["a", "b"]);
        let changed = Table::own("visits", "One visit.", &[], vec![Column::own("a", Kind::Day, "A.")]);
        assert!(merge(&old, &changed).unwrap_err().to_string().contains("holds `text` in the store"));
    }
}
