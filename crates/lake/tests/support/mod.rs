//! A small table, deliveries of it, and a reader that knows nothing of the store but its snapshot.
#![allow(dead_code, reason = "each test file uses its part")]

use std::collections::{BTreeMap, HashSet};
use std::fs::File;
use std::path::Path;
use std::sync::Arc;

use arrow::array::{
    Array, ArrayRef, AsArray, Decimal128Array, Int64Array, RecordBatch, StringArray,
    TimestampMicrosecondArray, new_null_array,
};
use arrow::datatypes::{Decimal128Type, Int64Type, TimestampMicrosecondType};
use dialmark_lake::schema::stored_schema;
use dialmark_lake::{Consumes, ImportIdentity, ImportReport, ImportSpec, Lake, LakeError, arrival_revision};
use dialmark_model::{Column, Kind, Table};
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;

pub const DAY_US: i64 = 86_400_000_000;

/// One record as a test writes it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Record {
    pub id: String,
    pub revision: i64,
    pub campaign: String,
    pub started_us: Option<i64>,
    pub talk_ms: i64,
}

/// A call of the first of January 1970 plus `day`.
pub fn record(id: impl std::fmt::Display, revision: i64, day: i64, talk_ms: i64) -> Record {
    Record {
        id: id.to_string(),
        revision,
        campaign: format!("c{}", talk_ms % 3),
        started_us: Some(day * DAY_US + talk_ms * 1000),
        talk_ms,
    }
}

pub fn table() -> Table {
    Table::own(
        "calls",
        "One call.",
        &["started_at".to_owned()],
        vec![
            Column::own("campaign_id", Kind::Code, "Campaign."),
            Column::own("started_at", Kind::Instant, "Start."),
            Column::own("talk_ms", Kind::Duration, "Talk."),
            Column::own("cost_amount", Kind::Amount, "Cost."),
            Column::own("note", Kind::Text, "Never filled."),
        ],
    )
}

pub const DECLARED: ImportIdentity = ImportIdentity::Id { declared_revision: true, look_back_days: None };
pub const ARRIVAL: ImportIdentity = ImportIdentity::Id { declared_revision: false, look_back_days: None };

pub fn spec(file_name: &str, identity: ImportIdentity) -> ImportSpec {
    ImportSpec {
        table: table(),
        source: "dialler".to_owned(),
        file_name: file_name.to_owned(),
        file_hash: file_name.to_owned(),
        zone: "UTC".to_owned(),
        reading: "first".to_owned(),
        known_by: None,
        identity,
        consumes: Consumes::Nothing,
    }
}

/// Records as a batch in the stored schema, with lines from `first_line`.
pub fn batch(spec: &ImportSpec, import_id: i64, first_line: u64, records: &[Record]) -> RecordBatch {
    let schema = stored_schema(&spec.table);
    let text = |values: Vec<Option<String>>| -> ArrayRef { Arc::new(StringArray::from(values)) };
    let integers = |values: Vec<i64>| -> ArrayRef { Arc::new(Int64Array::from(values)) };
    let lines = || (first_line..).take(records.len());
    let known_by_id = matches!(spec.identity, ImportIdentity::Id { .. });
    let columns = schema
        .fields()
        .iter()
        .map(|field| match field.name().as_str() {
            "campaign_id" => text(records.iter().map(|r| Some(r.campaign.clone())).collect()),
            "started_at" => Arc::new(
                TimestampMicrosecondArray::from(records.iter().map(|r| r.started_us).collect::<Vec<_>>())
                    .with_timezone("UTC"),
            ),
            "talk_ms" => integers(records.iter().map(|r| r.talk_ms).collect()),
            "cost_amount" => Arc::new(
                Decimal128Array::from_iter_values(records.iter().map(|r| i128::from(r.talk_ms) * 25))
                    .with_precision_and_scale(18, 4)
                    .unwrap(),
            ),
            "source" => text(records.iter().map(|_| Some(spec.source.clone())).collect()),
            "source_id" => text(records.iter().map(|r| known_by_id.then(|| r.id.clone())).collect()),
            "source_zone" => text(records.iter().map(|_| Some(spec.zone.clone())).collect()),
            "revision" if spec.identity == DECLARED => integers(records.iter().map(|r| r.revision).collect()),
            "revision" => integers(lines().map(|line| arrival_revision(import_id, line)).collect()),
            "import_id" => integers(records.iter().map(|_| import_id).collect()),
            "line" => integers(lines().map(|line| i64::try_from(line).unwrap()).collect()),
            _ => new_null_array(field.data_type(), records.len()),
        })
        .collect();
    RecordBatch::try_new(schema, columns).unwrap()
}

/// Imports one file of these records.
pub async fn deliver(lake: &Lake, spec: ImportSpec, records: &[Record]) -> Result<ImportReport, LakeError> {
    let mut import = lake.begin_import(spec.clone()).await?;
    let mut line = 1;
    for part in records.chunks(1000) {
        import.push(batch(&spec, import.import_id(), line, part))?;
        line += u64::try_from(part.len()).unwrap();
    }
    import.commit(BTreeMap::new()).await
}

/// A live record as a query would see it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Live {
    pub id: String,
    pub revision: i64,
    pub campaign: String,
    pub started_us: Option<i64>,
    pub talk_ms: i64,
    pub cost: i128,
    pub import_id: i64,
}

/// Every live record: files without the hidden ones, plus the tail. Panics when a key lives twice.
pub async fn live(lake: &Lake) -> Vec<Live> {
    let snapshot = lake.snapshot().await.unwrap();
    let mut all = Vec::new();
    for table in snapshot.tables.values() {
        let before = all.len();
        let hidden: HashSet<(String, String)> = table.hidden.iter().cloned().collect();
        assert_eq!(hidden.len(), table.hidden.len(), "a record is hidden twice");
        let mut hides = 0;
        for file in &table.files {
            for batch in read_file(&file.path) {
                for row in rows(&batch) {
                    if hidden.contains(&("dialler".to_owned(), row.id.clone())) {
                        hides += 1;
                    } else {
                        all.push(row);
                    }
                }
            }
        }
        assert_eq!(hides, hidden.len(), "the tail hides what is not there");
        all.extend(table.tail.iter().flat_map(rows));
        assert_eq!(table.rows(), u64::try_from(all.len() - before).unwrap());
    }
    all.sort();
    let known: Vec<&str> = all.iter().map(|r| r.id.as_str()).filter(|id| !id.is_empty()).collect();
    let distinct: HashSet<&str> = known.iter().copied().collect();
    assert_eq!(distinct.len(), known.len(), "a key lives twice");
    all
}

pub fn read_file(path: &Path) -> Vec<RecordBatch> {
    let reader =
        ParquetRecordBatchReaderBuilder::try_new(File::open(path).unwrap()).unwrap().build().unwrap();
    reader.map(Result::unwrap).collect()
}

fn rows(batch: &RecordBatch) -> Vec<Live> {
    let text = |name: &str| batch.column_by_name(name).unwrap().as_string::<i32>().clone();
    let number = |name: &str| batch.column_by_name(name).unwrap().as_primitive::<Int64Type>().clone();
    let (ids, campaigns) = (text("source_id"), text("campaign_id"));
    let (revisions, talk, imports) = (number("revision"), number("talk_ms"), number("import_id"));
    let started = batch.column_by_name("started_at").unwrap().as_primitive::<TimestampMicrosecondType>();
    let cost = batch.column_by_name("cost_amount").unwrap().as_primitive::<Decimal128Type>();
    (0..batch.num_rows())
        .map(|i| Live {
            id: if ids.is_valid(i) { ids.value(i).to_owned() } else { String::new() },
            revision: revisions.value(i),
            campaign: campaigns.value(i).to_owned(),
            started_us: started.is_valid(i).then(|| started.value(i)),
            talk_ms: talk.value(i),
            cost: cost.value(i),
            import_id: imports.value(i),
        })
        .collect()
}

/// Problems that a deep verification finds.
pub async fn problems(lake: &Lake) -> Vec<String> {
    let options = dialmark_lake::VerifyOptions { deep: true, ..Default::default() };
    lake.verify(options).await.unwrap().problems
}

/// Files below a folder, at any depth.
pub fn files_below(folder: &Path) -> Vec<std::path::PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() { found.extend(files_below(&path)) } else { found.push(path) }
    }
    found.sort();
    found
}
