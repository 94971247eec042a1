//! Records of any table, made without a file.

use std::collections::BTreeMap;
use std::sync::Arc;

use arrow::array::{
    ArrayRef, BooleanArray, Date32Array, Decimal128Array, Int64Array, RecordBatch, StringArray,
    TimestampMicrosecondArray,
};
use arrow::datatypes::DataType;
use dialmark_lake::{Consumes, ImportIdentity, ImportSpec, Lake};

/// One value of a record.
#[derive(Debug, Clone)]
pub enum Value {
    Text(String),
    Whole(i64),
    /// Microseconds since 1970.
    At(i64),
    Day(jiff::civil::Date),
}

pub fn text(value: &str) -> Value {
    Value::Text(value.to_owned())
}

pub fn at(value: &str) -> Value {
    Value::At(value.parse::<jiff::Timestamp>().unwrap().as_microsecond())
}

pub fn day(value: &str) -> Value {
    Value::Day(value.parse().unwrap())
}

/// One record: columns and values.
pub type Record = Vec<(&'static str, Value)>;

/// Imports records into a table.
pub async fn deliver(lake: &Lake, table: &str, records: &[Record]) {
    let table = dialmark_model::facts::table(table).unwrap();
    let mut import = lake
        .begin_import(ImportSpec {
            table: table.clone(),
            source: format!("test_{}", table.name),
            file_name: format!("{}.csv", table.name),
            file_hash: table.name.to_string(),
            zone: "Europe/London".to_owned(),
            reading: String::new(),
            known_by: None,
            identity: ImportIdentity::Id { declared_revision: false, look_back_days: None },
            consumes: Consumes::Nothing,
        })
        .await
        .unwrap();
    let schema = dialmark_lake::schema::stored_schema(table);
    let import_id = import.import_id();
    let columns = schema.fields().iter().map(|field| {
        let of = |number: usize, record: &Record| -> Option<Value> {
            match field.name().as_str() {
                "source" => Some(Value::Text(format!("test_{}", table.name))),
                "source_id" => Some(
                    record
                        .iter()
                        .find(|(c, _)| *c == "source_id")
                        .map_or(Value::Text(format!("r{number}")), |(_, v)| v.clone()),
                ),
                "source_zone" => Some(text("Europe/London")),
                "revision" => {
                    Some(Value::Whole(dialmark_lake::arrival_revision(import_id, number as u64 + 1)))
                }
                "import_id" => Some(Value::Whole(import_id)),
                "line" => Some(Value::Whole(i64::try_from(number).unwrap() + 1)),
                name => record.iter().find(|(c, _)| *c == name).map(|(_, v)| v.clone()),
            }
        };
        let values: Vec<Option<Value>> = records.iter().enumerate().map(|(i, r)| of(i, r)).collect();
        array(field.data_type(), &values)
    });
    let batch = RecordBatch::try_new(Arc::clone(&schema), columns.collect()).unwrap();
    import.push(batch).unwrap();
    import.commit(BTreeMap::new()).await.unwrap();
}

fn array(kind: &DataType, values: &[Option<Value>]) -> ArrayRef {
    let whole = |v: &Option<Value>| match v {
        Some(Value::Whole(n) | Value::At(n)) => Some(*n),
        None => None,
        other => panic!("{other:?} is no number"),
    };
    match kind {
        DataType::Int64 => Arc::new(values.iter().map(whole).collect::<Int64Array>()),
        DataType::Timestamp(..) => {
            Arc::new(values.iter().map(whole).collect::<TimestampMicrosecondArray>().with_timezone("UTC"))
        }
        DataType::Utf8 => Arc::new(
            values
                .iter()
                .map(|v| match v {
                    Some(Value::Text(t)) => Some(t.clone()),
                    None => None,
                    other => panic!("{other:?} is no text"),
                })
                .collect::<StringArray>(),
        ),
        DataType::Date32 => Arc::new(
            values
                .iter()
                .map(|v| match v {
                    Some(Value::Day(d)) => Some(jiff::civil::date(1970, 1, 1).until(*d).unwrap().get_days()),
                    None => None,
                    other => panic!("{other:?} is no day"),
                })
                .collect::<Date32Array>(),
        ),
        DataType::Boolean => Arc::new(values.iter().map(|_| None).collect::<BooleanArray>()),
        DataType::Decimal128(precision, scale) => Arc::new(
            values
                .iter()
                .map(|v| whole(v).map(|n| i128::from(n) * 10_i128.pow(scale.cast_unsigned().into())))
                .collect::<Decimal128Array>()
                .with_precision_and_scale(*precision, *scale)
                .unwrap(),
        ),
        other => panic!("no test makes columns of {other}"),
    }
}
