//! A sink that collects, and a short way to write mappings.

use std::collections::BTreeMap;
use std::io::Write;

use arrow::record_batch::RecordBatch;
use arrow::util::display::{ArrayFormatter, FormatOptions};
use dialmark_lake::{QuarantinedRow, schema::stored_schema};
use dialmark_model::source::{Field, Format, From, Identity, Read, Revision, Source};
use dialmark_model::{Kind, Table, facts};

use crate::error::IngestError;
use crate::people::{Forgotten, PeopleKey};
use crate::pinned::Pinned;
use crate::pipeline::{Outcome, Pipeline, Sink, Unwatched};

/// A row as text, without nulls.
pub type Row = BTreeMap<String, String>;

/// What came out of a file.
#[derive(Debug, Default)]
pub struct Taken {
    pub rows: Vec<Row>,
    pub quarantined: Vec<QuarantinedRow>,
    pub outcome: Outcome,
}

impl Taken {
    /// Line and reason of each quarantined record.
    pub fn reasons(&self) -> Vec<(u64, &str)> {
        self.quarantined.iter().map(|q| (q.line, q.reason.as_str())).collect()
    }

    /// One column of all rows; empty where null.
    pub fn column(&self, name: &str) -> Vec<&str> {
        self.rows.iter().map(|row| row.get(name).map_or("", String::as_str)).collect()
    }
}

impl Sink for Taken {
    fn push(&mut self, batch: RecordBatch) -> Result<(), IngestError> {
        let options = FormatOptions::default();
        for at in 0..batch.num_rows() {
            let mut row = Row::new();
            for (field, array) in batch.schema().fields().iter().zip(batch.columns()) {
                if array.is_valid(at) {
                    let array = crate::records::in_utc(array);
                    let text =
                        ArrayFormatter::try_new(array.as_ref(), &options).unwrap().value(at).to_string();
                    row.insert(field.name().clone(), text);
                }
            }
            self.rows.push(row);
        }
        Ok(())
    }

    fn quarantine(&mut self, row: QuarantinedRow) -> Result<(), IngestError> {
        self.quarantined.push(row);
        Ok(())
    }
}

/// Reads a file of these bytes under a mapping.
pub fn read(source: &Source, bytes: &[u8]) -> Result<Taken, IngestError> {
    let mut file = tempfile::NamedTempFile::new().unwrap();
    file.write_all(bytes).unwrap();
    let pinned = Pinned::look(file.path())?;
    let mut taken = Taken::default();
    let pipeline = Pipeline::open(&pinned, source, &PeopleKey::passing().unwrap(), &Forgotten::default())?;
    taken.outcome = pipeline.run(7, &stored_schema(&source.table), &mut taken, &Unwatched)?;
    Ok(taken)
}

/// A mapping of separated text to a canonical table, without identifier.
pub fn mapping(table: &str) -> Source {
    Source {
        name: "dialler".into(),
        table: facts::table(table).unwrap().clone(),
        files: Vec::new(),
        format: Format::Csv { delimiter: None, quote: None, encoding: None, header: true },
        zone: "Europe/London".into(),
        country: None,
        identity: Identity::Replace,
        fields: Vec::new(),
        pull: None,
        webhook: None,
        declared_in: "sources/dialler.toml".into(),
    }
}

/// A field of a table, read plainly from one column.
pub fn field(table: &Table, column: &str, from: &str) -> Field {
    Field {
        column: column.into(),
        kind: table.column(column).unwrap().kind,
        from: From::Column(from.into()),
        read: Read::Plain,
        null: Vec::new(),
        values: Vec::new(),
        after: None,
        lasting: None,
    }
}

/// Changes to a mapping, one behind the other.
pub trait Mapped: Sized {
    fn with(self, column: &str, from: &str) -> Source;
    fn with_field(self, column: &str, from: &str, change: impl FnOnce(&mut Field)) -> Source;
    fn known_by(self, columns: &[&str]) -> Source;
    fn newest_by(self, from: &str, kind: Kind) -> Source;
    fn in_format(self, format: Format) -> Source;
}

impl Mapped for Source {
    fn with(self, column: &str, from: &str) -> Source {
        self.with_field(column, from, |_| {})
    }

    fn with_field(mut self, column: &str, from: &str, change: impl FnOnce(&mut Field)) -> Source {
        let mut field = field(&self.table, column, from);
        change(&mut field);
        self.fields.push(field);
        self
    }

    fn known_by(mut self, columns: &[&str]) -> Source {
        let columns = columns.iter().map(|c| (*c).to_owned()).collect();
        self.identity =
            Identity::Id { columns, was: Vec::new(), revision: Revision::Arrival, look_back_days: None };
        self
    }

    fn newest_by(mut self, from: &str, kind: Kind) -> Source {
        let mut revision_field = field(&self.table, "started_at", from);
        revision_field.kind = kind;
        if let Identity::Id { revision, .. } = &mut self.identity {
            *revision = Revision::Column { field: revision_field };
        }
        self
    }

    fn in_format(mut self, format: Format) -> Source {
        self.format = format;
        self
    }
}
