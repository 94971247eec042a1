//! Which live records were read otherwise than an import reads: under another mapping, or by an older program.

use std::collections::BTreeMap;

use arrow::array::AsArray;
use arrow::datatypes::Int64Type;

use crate::catalogue::{FiledFile, Tail};
use crate::datafile;
use crate::decide::Known;
use crate::error::{Computing, LakeError};
use crate::number::length;

/// Answers for single records, by the import that each came with.
#[derive(Debug)]
pub(crate) struct Readings<'a> {
    pub files: &'a [FiledFile],
    pub tail: &'a Tail,
    /// Imports up to this one read otherwise.
    upto: i64,
    /// By place of the file.
    of_files: BTreeMap<u32, OfRows>,
}

/// Which rows of a file are of before. Of most files all are, or none.
#[derive(Debug)]
enum OfRows {
    All(bool),
    Each(Vec<bool>),
}

impl<'a> Readings<'a> {
    pub(crate) fn new(files: &'a [FiledFile], tail: &'a Tail, upto: i64) -> Readings<'a> {
        Readings { files, tail, upto, of_files: BTreeMap::new() }
    }

    /// Whether a live record was read otherwise.
    pub(crate) fn is_of_before(&mut self, key: u128, known: Known) -> Result<bool, LakeError> {
        if self.upto == 0 {
            return Ok(false);
        }
        if known.in_tail {
            return Ok(self.import_of_correction(key).is_some_and(|import| import <= self.upto));
        }
        if !self.of_files.contains_key(&known.file) {
            let rows = self.rows_of(known.file)?;
            self.of_files.insert(known.file, rows);
        }
        Ok(match self.of_files.get(&known.file) {
            Some(OfRows::All(all)) => *all,
            Some(OfRows::Each(rows)) => rows.get(length(u64::from(known.position))).copied().unwrap_or(false),
            None => false,
        })
    }

    fn import_of_correction(&self, key: u128) -> Option<i64> {
        let place = self.tail.places.get(&key)?;
        let imports = self.tail.entries.get(&place.seq)?.column_by_name("import_id")?;
        let imports = imports.as_primitive_opt::<Int64Type>()?;
        imports.values().get(place.row).copied()
    }

    /// A file holds what several imports brought, once corrections were folded into it or files were joined.
    fn rows_of(&self, place: u32) -> Result<OfRows, LakeError> {
        let Some(file) = self.files.get(length(u64::from(place))) else { return Ok(OfRows::All(false)) };
        file.sums.check_file(&file.path)?;
        let mut rows = Vec::with_capacity(length(file.rows));
        for batch in datafile::read_columns(&file.path, &["import_id"])? {
            let batch = batch.computing("read by which imports records came")?;
            let imports = batch.column_by_name("import_id").and_then(|c| c.as_primitive_opt::<Int64Type>());
            rows.extend(imports.into_iter().flatten().map(|import| import.is_some_and(|i| i <= self.upto)));
        }
        Ok(match rows.first() {
            Some(first) if rows.iter().all(|row| row == first) => OfRows::All(*first),
            _ => OfRows::Each(rows),
        })
    }
}
