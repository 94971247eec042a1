//! Records become files: sorted, in row groups, with the keys beside them.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use arrow::array::{RecordBatch, UInt32Array};
use arrow::compute::{SortColumn, concat_batches, lexsort_to_indices, take_record_batch};
use arrow::datatypes::{Field, Schema, SchemaRef};
use dialmark_model::Table;

use crate::catalogue::NamedFile;
use crate::datafile::{DataFileWriter, ROW_GROUP_ROWS};
use crate::durable::{NewFiles, unique_hex};
use crate::error::{Computing, LakeError};
use crate::hash::{Fingerprints, KeyBy};
use crate::keyfile::{self, KeyEntry};
use crate::schema::{conform, sort_columns};
use crate::staging::Day;

/// Rows that are written at a time.
const WRITE_ROWS: usize = 65_536;

/// Where and how the files of one table are written.
#[derive(Debug, Clone)]
pub(crate) struct Place {
    pub table: Table,
    pub schema: SchemaRef,
    pub data_folder: PathBuf,
    pub key_folder: PathBuf,
}

/// Writes files of one table that hold records of one source.
#[derive(Debug, Clone)]
pub(crate) struct Filing<'a> {
    pub place: &'a Place,
    /// Of the last import that delivered any of the records.
    pub import_id: i64,
    pub source: String,
    pub file_name: String,
    /// As the ledger words it.
    pub identity: String,
    /// What the records are known by; `None` when they are not known again.
    pub by: Option<KeyBy>,
}

impl Filing<'_> {
    /// Sorts the records of a day and writes them, in as many files as a row group allows.
    pub(crate) fn write(
        &self,
        day: Day,
        batches: &[RecordBatch],
        files: &mut NewFiles,
    ) -> Result<Vec<NamedFile>, LakeError> {
        let table = &self.place.table;
        let names: Vec<&str> = table
            .stored_columns()
            .map(|c| c.name.as_ref())
            .filter(|name| batches.iter().any(|b| b.column_by_name(name).is_some()))
            .collect();
        let fields: Vec<Arc<Field>> = names
            .iter()
            .filter_map(|n| self.place.schema.column_with_name(n))
            .map(|(_, f)| Arc::new(f.clone()))
            .collect();
        let slim = Arc::new(Schema::new(fields));
        let batches = batches.iter().map(|b| conform(b, &slim)).collect::<Result<Vec<_>, _>>()?;
        let all = concat_batches(&slim, &batches).computing("join the records of a day")?;
        drop(batches);
        let mut by: Vec<&str> = sort_columns(table);
        by.push("line");
        let columns: Vec<SortColumn> = by
            .iter()
            .filter_map(|name| all.column_by_name(name))
            .map(|values| SortColumn { values: values.clone(), options: None })
            .collect();
        let order: UInt32Array = if columns.is_empty() {
            UInt32Array::from_iter_values((0..).take(all.num_rows()))
        } else {
            lexsort_to_indices(&columns, None).computing("sort the records of a day")?
        };
        let mut named = Vec::new();
        for start in (0..order.len()).step_by(ROW_GROUP_ROWS) {
            let order = order.slice(start, ROW_GROUP_ROWS.min(order.len() - start));
            named.push(self.write_file(day, &all, &order, files)?);
        }
        Ok(named)
    }

    fn write_file(
        &self,
        day: Day,
        all: &RecordBatch,
        order: &UInt32Array,
        files: &mut NewFiles,
    ) -> Result<NamedFile, LakeError> {
        let by = self.by;
        let stem = stem(day, self.import_id);
        let name = format!("{stem}.parquet");
        let path = self.place.data_folder.join(&name);
        let mut writer = DataFileWriter::create(&path, self.place.schema.clone(), &self.place.table, files)?;
        let mut keys = Vec::with_capacity(if by.is_some() { order.len() } else { 0 });
        let mut position = 0;
        for start in (0..order.len()).step_by(WRITE_ROWS) {
            let rows = order.slice(start, WRITE_ROWS.min(order.len() - start));
            let batch = take_record_batch(all, &rows).computing("sort the records of a day")?;
            writer.write(&batch)?;
            if let Some(by) = by {
                let mut prints = Fingerprints::new(&batch, &self.place.table, by)?;
                for row in 0..batch.num_rows() {
                    keys.extend(prints.row(row).map(|print| KeyEntry { print, position }));
                    position += 1;
                }
            }
        }
        let written = writer.finish(&self.place.table)?;
        let key_file = match by {
            Some(_) => Some(write_keys(&self.place.key_folder, &stem, &mut keys, files)?),
            None => None,
        };
        Ok(NamedFile {
            written,
            name,
            key_file,
            import_id: self.import_id,
            source: self.source.clone(),
            file_name: self.file_name.clone(),
            identity: self.identity.clone(),
            day,
        })
    }
}

/// A file name that tells a person the day and the import, and that is never used twice.
pub(crate) fn stem(day: Day, import_id: i64) -> String {
    let epoch = jiff::civil::date(1970, 1, 1);
    let date = day
        .and_then(|d| jiff::Span::new().try_days(d).ok())
        .and_then(|span| epoch.checked_add(span).ok())
        .map_or_else(|| "undated".to_owned(), |date| date.to_string());
    format!("{date}-i{import_id}-{}", unique_hex())
}

/// Writes a key file; returns its name and size.
pub(crate) fn write_keys(
    folder: &Path,
    stem: &str,
    entries: &mut [KeyEntry],
    files: &mut NewFiles,
) -> Result<(String, u64), LakeError> {
    let name = format!("{stem}.keys");
    let path = folder.join(&name);
    let file = files.create(&path)?;
    let bytes = keyfile::write(file, &path, entries)?;
    Ok((name, bytes))
}
