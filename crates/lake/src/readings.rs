//! Whether a live record is of an older reading than an import that brings other content of its revision, or of a later
//! delivery.

use std::collections::BTreeMap;

use arrow::array::AsArray;
use arrow::datatypes::Int64Type;

use crate::catalogue::{FiledFile, Tail};
use crate::datafile;
use crate::decide::Known;
use crate::error::{Computing, LakeError};
use crate::number::length;

/// What a live record is to an import that brings other content of the same revision.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Age {
    /// It was read otherwise: under another mapping, or by an older program.
    Older,
    /// It was read alike, and which of the two is right nobody can say.
    Same,
    /// It was delivered after what is read again now.
    Newer,
}

/// Answers for single records, by the import that each came with.
#[derive(Debug)]
pub(crate) struct Readings<'a> {
    pub files: &'a [FiledFile],
    pub tail: &'a Tail,
    /// Imports up to this one read otherwise.
    pub otherwise_upto: i64,
    /// What is read again came with this import.
    pub again_of: Option<i64>,
    /// By place of the file.
    of_files: BTreeMap<u32, OfRows>,
}

/// Ages of the rows of a file. Of most files all are of one.
#[derive(Debug)]
enum OfRows {
    All(Age),
    Each(Vec<Age>),
}

impl<'a> Readings<'a> {
    pub(crate) fn new(files: &'a [FiledFile], tail: &'a Tail, otherwise_upto: i64) -> Readings<'a> {
        Readings { files, tail, otherwise_upto, again_of: None, of_files: BTreeMap::new() }
    }

    /// What a live record is to the import.
    pub(crate) fn age(&mut self, key: u128, known: Known) -> Result<Age, LakeError> {
        if self.otherwise_upto == 0 && self.again_of.is_none() {
            return Ok(Age::Same);
        }
        if known.in_tail {
            return Ok(self.import_of_correction(key).map_or(Age::Same, |import| self.of_import(import)));
        }
        if !self.of_files.contains_key(&known.file) {
            let rows = self.rows_of(known.file)?;
            self.of_files.insert(known.file, rows);
        }
        Ok(match self.of_files.get(&known.file) {
            Some(OfRows::All(all)) => *all,
            Some(OfRows::Each(rows)) => {
                rows.get(length(u64::from(known.position))).copied().unwrap_or(Age::Same)
            }
            None => Age::Same,
        })
    }

    fn of_import(&self, import: i64) -> Age {
        if self.again_of.is_some_and(|again| import > again) {
            Age::Newer
        } else if import <= self.otherwise_upto {
            Age::Older
        } else {
            Age::Same
        }
    }

    fn import_of_correction(&self, key: u128) -> Option<i64> {
        let place = self.tail.places.get(&key)?;
        let imports = self.tail.entries.get(&place.seq)?.column_by_name("import_id")?;
        let imports = imports.as_primitive_opt::<Int64Type>()?;
        imports.values().get(place.row).copied()
    }

    /// A file holds what several imports brought, once corrections were folded into it or files were joined.
    fn rows_of(&self, place: u32) -> Result<OfRows, LakeError> {
        let Some(file) = self.files.get(length(u64::from(place))) else { return Ok(OfRows::All(Age::Same)) };
        file.sums.check_file(&file.path)?;
        let mut rows = Vec::with_capacity(length(file.rows));
        for batch in datafile::read_columns(&file.path, &["import_id"])? {
            let batch = batch.computing("read by which imports records came")?;
            let imports = batch.column_by_name("import_id").and_then(|c| c.as_primitive_opt::<Int64Type>());
            let ages = imports.into_iter().flatten();
            rows.extend(ages.map(|import| import.map_or(Age::Same, |import| self.of_import(import))));
        }
        Ok(match rows.first() {
            Some(first) if rows.iter().all(|row| row == first) => OfRows::All(*first),
            _ => OfRows::Each(rows),
        })
    }
}
