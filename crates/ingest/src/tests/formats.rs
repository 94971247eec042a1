//! The same records as separated text, JSON lines and Parquet.

use std::sync::Arc;

use arrow::array::{
    ArrayRef, Date32Array, Decimal128Array, DictionaryArray, DurationSecondArray, Float64Array, Int32Array,
    StringArray, StructArray, TimestampMicrosecondArray, TimestampMillisecondArray,
};
use arrow::datatypes::{DataType, Field as ArrowField, Int8Type};
use arrow::record_batch::RecordBatch;
use dialmark_model::source::{DurationUnit, Format, Read, Source};
use parquet::arrow::ArrowWriter;

use super::collect::{Mapped, Row, mapping, read};

pub fn calls(prefix: &str) -> Source {
    let under = |name: &str| format!("{prefix}{name}");
    mapping("calls")
        .known_by(&["id"])
        .with("started_at", "start")
        .with_field("talk_ms", "talk", |f| f.read = Read::Unit(DurationUnit::Seconds))
        .with("cost_amount", "price")
        .with("agent_id", &under("name"))
        .with("sentiment", &under("mood"))
}

fn csv(delimiter: &str, end: &str) -> String {
    let lines = [
        ["id", "start", "talk", "price", "name", "mood"],
        ["a1", "2026-07-01T09:00:00Z", "12.5", "0.30", "\"Ana, ė\"", "-0.25"],
        ["a2", "2026-07-01T09:00:01Z", "", "", "", ""],
    ];
    lines.iter().map(|line| line.join(delimiter) + end).collect()
}

fn without_lines(mut rows: Vec<Row>) -> Vec<Row> {
    for row in &mut rows {
        row.remove("line");
        row.remove("revision");
    }
    rows
}

fn expected() -> Vec<Row> {
    without_lines(read(&calls(""), csv(",", "\n").as_bytes()).unwrap().rows)
}

#[test]
fn separators_line_ends_marks_encodings_and_compression_do_not_change_a_record() {
    use std::io::Write;
    let wanted = expected();
    assert_eq!(wanted.first().and_then(|row| row.get("agent_id")).map(String::as_str), Some("Ana, ė"));
    for delimiter in [",", ";", "\t", "|", "^"] {
        for end in ["\n", "\r\n", "\r"] {
            let text = csv(delimiter, end);
            let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
            packed.write_all(text.as_bytes()).unwrap();
            let utf16: Vec<u8> =
                format!("\u{feff}{text}").encode_utf16().flat_map(u16::to_le_bytes).collect();
            let marked = format!("\u{feff}{text}").into_bytes();
            for bytes in [text.clone().into_bytes(), marked, utf16, packed.finish().unwrap()] {
                let rows = read(&calls(""), &bytes).unwrap().rows;
                assert_eq!(without_lines(rows), wanted, "{delimiter:?} {end:?}");
            }
        }
    }
}

#[test]
fn a_named_encoding_is_decoded() {
    let format =
        Format::Csv { delimiter: None, quote: None, encoding: Some("windows-1257".into()), header: true };
    let text = csv(";", "\n");
    let (bytes, ..) = encoding_rs::WINDOWS_1257.encode(&text);
    assert_eq!(without_lines(read(&calls("").in_format(format), &bytes).unwrap().rows), expected());
}

#[test]
fn json_lines_give_the_same_rows() {
    let text = "{\"id\":\"a1\",\"start\":\"2026-07-01T09:00:00Z\",\"talk\":12.5,\"price\":0.30,\"agent\":{\"name\":\"Ana, \\u0117\",\"mood\":-0.25}}\n\
                {\"id\":\"a2\",\"start\":\"2026-07-01T09:00:01Z\",\"talk\":null,\"agent\":null}\n";
    let taken = read(&calls("agent.").in_format(Format::JsonLines), text.as_bytes()).unwrap();
    assert_eq!(without_lines(taken.rows), expected());
    assert!(taken.outcome.absent.is_empty());
}

#[test]
fn paths_that_no_json_record_has_are_reported() {
    let text = "{\"id\":\"a1\",\"start\":\"2026-07-01T09:00:00Z\"}\n";
    let taken = read(&calls("agent.").in_format(Format::JsonLines), text.as_bytes()).unwrap();
    assert_eq!(taken.outcome.absent, ["talk", "price", "agent.name", "agent.mood"]);
}

fn parquet(columns: Vec<(&str, ArrayRef)>) -> Vec<u8> {
    let batch =
        RecordBatch::try_from_iter_with_nullable(columns.into_iter().map(|(n, a)| (n, a, true))).unwrap();
    let mut bytes = Vec::new();
    let mut writer = ArrowWriter::try_new(&mut bytes, batch.schema(), None).unwrap();
    writer.write(&batch).unwrap();
    writer.close().unwrap();
    bytes
}

/// The records in columns of many types.
pub fn typed_parquet() -> Vec<u8> {
    let names: DictionaryArray<Int8Type> = vec![Some("Ana, ė"), None].into_iter().collect();
    let agent = StructArray::from(vec![
        (Arc::new(ArrowField::new("name", names_type(), true)), Arc::new(names) as ArrayRef),
        (
            Arc::new(ArrowField::new("mood", DataType::Float64, true)),
            Arc::new(Float64Array::from(vec![Some(-0.25), None])),
        ),
    ]);
    let starts = TimestampMillisecondArray::from(vec![1_782_896_400_000, 1_782_896_401_000]);
    let prices = Decimal128Array::from(vec![Some(30), None]).with_precision_and_scale(10, 2).unwrap();
    parquet(vec![
        ("unused", Arc::new(Int32Array::from(vec![1, 2]))),
        ("id", Arc::new(StringArray::from(vec!["a1", "a2"]))),
        ("start", Arc::new(starts.with_timezone("America/New_York"))),
        ("talk", Arc::new(Float64Array::from(vec![Some(12.5), None]))),
        ("price", Arc::new(prices)),
        ("agent", Arc::new(agent)),
    ])
}

#[test]
fn parquet_gives_the_same_rows_whatever_its_types() {
    let taken = read(&calls("agent.").in_format(Format::Parquet), &typed_parquet()).unwrap();
    assert_eq!(taken.column("line"), ["1", "2"]);
    assert_eq!(taken.outcome.unused, ["unused"]);
    assert_eq!(without_lines(taken.rows), expected());
}

fn names_type() -> DataType {
    DataType::Dictionary(Box::new(DataType::Int8), Box::new(DataType::Utf8))
}

#[test]
fn parquet_local_times_are_those_of_the_source_zone() {
    let starts = TimestampMillisecondArray::from(vec![1_782_896_400_000]);
    let bytes = parquet(vec![("start", Arc::new(starts))]);
    let source = mapping("calls").with("started_at", "start").in_format(Format::Parquet);
    assert_eq!(read(&source, &bytes).unwrap().column("started_at"), ["2026-07-01T08:00:00Z"]);
}

#[test]
fn parquet_columns_that_are_absent_or_without_plain_text_stop_the_file() {
    let source = mapping("calls").with("started_at", "start").in_format(Format::Parquet);
    let bytes = parquet(vec![("started", Arc::new(Int32Array::from(vec![1])))]);
    let error = read(&source, &bytes).unwrap_err().to_string();
    assert!(error.contains("`start`") && error.contains("did you mean `started`?"), "{error}");
    let bytes = parquet(vec![("start", Arc::new(DurationSecondArray::from(vec![1])))]);
    assert!(read(&source, &bytes).unwrap_err().to_string().contains("no plain text"));
}

#[test]
fn a_file_in_another_format_than_declared_says_so() {
    let bytes = parquet(vec![("start", Arc::new(Int32Array::from(vec![1])))]);
    let source = mapping("calls").with("started_at", "start");
    let error = read(&source, &bytes).unwrap_err().to_string();
    assert!(error.contains("format = \"parquet\""), "{error}");
    let error = read(&source.in_format(Format::Parquet), b"start\n1\n").unwrap_err().to_string();
    assert!(error.contains("cannot be read as Parquet"), "{error}");
}

#[test]
fn parquet_times_beyond_all_sense_become_null_as_in_separated_text() {
    let starts = TimestampMillisecondArray::from(vec![1_782_896_400_000; 2]);
    let ends = TimestampMicrosecondArray::from(vec![i64::MAX, i64::MIN]).with_timezone("Europe/Paris");
    let bytes = parquet(vec![
        ("start", Arc::new(starts)),
        ("answer", Arc::new(Date32Array::from(vec![i32::MAX, i32::MIN]))),
        ("connect", Arc::new(TimestampMillisecondArray::from(vec![i64::MAX, 300_000_000_000_000]))),
        ("end", Arc::new(ends)),
        ("wrap", Arc::new(TimestampMicrosecondArray::from(vec![i64::MAX, i64::MIN]))),
    ]);
    let source = mapping("calls")
        .with("started_at", "start")
        .with("answered_at", "answer")
        .with("connected_at", "connect")
        .with("ended_at", "end")
        .with("wrap_ended_at", "wrap");
    let taken = read(&source.in_format(Format::Parquet), &bytes).unwrap();
    let all =
        "answered_at:out_of_range connected_at:out_of_range ended_at:out_of_range wrap_ended_at:out_of_range";
    assert_eq!(taken.column("flags"), [all, all]);
    let source = mapping("calls").with("started_at", "start").with("answered_at", "answer");
    let taken = read(&source, b"start,answer\n2026-01-01 10:00,9999-12-31\n").unwrap();
    assert_eq!(taken.column("flags"), ["answered_at:out_of_range"]);
}

#[test]
fn a_field_that_is_too_long_is_refused_alike_in_parquet_and_separated_text() {
    let long = "x".repeat(1024 * 1024 + 1);
    let names = StringArray::from(vec!["ana", long.as_str(), "bo"]);
    let starts = StringArray::from(vec!["2026-01-01 10:00"; 3]);
    let bytes = parquet(vec![("start", Arc::new(starts)), ("agent", Arc::new(names))]);
    let source = mapping("calls").with("started_at", "start").with("agent_id", "agent");
    let text = format!("start,agent\n2026-01-01 10:00,ana\n2026-01-01 10:00,{long}\n2026-01-01 10:00,bo\n");
    let plain = read(&source, text.as_bytes()).unwrap();
    let taken = read(&source.in_format(Format::Parquet), &bytes).unwrap();
    assert_eq!(taken.column("agent_id"), ["ana", "bo"]);
    assert_eq!(taken.reasons(), [(2, "too_long")]);
    assert_eq!(plain.reasons(), [(3, "too_long")]);
    assert_eq!(taken.quarantined[0].detail, plain.quarantined[0].detail);
}
