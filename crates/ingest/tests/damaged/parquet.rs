//! Parquet.

use std::sync::Arc;

use arrow::array::{
    ArrayRef, BinaryArray, DurationSecondArray, Int64Array, StringArray, TimestampMicrosecondArray,
};
use arrow::record_batch::RecordBatch;
use parquet::arrow::ArrowWriter;

use super::text::noise;
use super::{Case, Read, Refused, case};

fn written(columns: Vec<(&str, ArrayRef)>) -> Vec<u8> {
    let columns = columns.into_iter().map(|(name, array)| (name, array, true));
    let batch = RecordBatch::try_from_iter_with_nullable(columns).unwrap();
    let mut bytes = Vec::new();
    let mut writer = ArrowWriter::try_new(&mut bytes, batch.schema(), None).unwrap();
    writer.write(&batch).unwrap();
    writer.close().unwrap();
    bytes
}

fn starts(count: i64) -> ArrayRef {
    let first = 1_767_603_600_000_000;
    Arc::new(TimestampMicrosecondArray::from_iter_values((0..count).map(|n| first + n * 1_000_000)))
}

fn calls(count: i64) -> Vec<u8> {
    let texts = |of: &str| Arc::new(StringArray::from_iter_values((0..count).map(|n| format!("{of} {n}"))));
    written(vec![("id", texts("call")), ("start", starts(count)), ("agent", texts("agent"))])
}

/// The footer's length is written in front of the last four bytes.
fn with_footer_length(mut bytes: Vec<u8>, length: u32) -> Vec<u8> {
    let at = bytes.len() - 8;
    bytes[at..at + 4].copy_from_slice(&length.to_le_bytes());
    bytes
}

pub fn cases() -> Vec<Case> {
    let sound = calls(500);
    let refused = || Refused("cannot be read as Parquet");
    let overwritten = |from: usize, with: &[u8]| {
        let mut bytes = sound.clone();
        bytes[from..from + with.len()].copy_from_slice(with);
        bytes
    };
    let texts = |texts: Vec<Option<&str>>| Arc::new(StringArray::from(texts)) as ArrayRef;
    let names = || texts(vec![Some("ana"), Some("bo"), Some("cy")]);
    vec![
        case("parquet", "cut off in the middle", sound[..sound.len() / 2].to_vec(), refused()),
        case("parquet", "without its first bytes", sound[100..].to_vec(), refused()),
        case("parquet", "the marks of its beginning and end alone", "PAR1PAR1", refused()),
        case("parquet", "four bytes", "PAR1", refused()),
        case(
            "parquet",
            "a footer that begins before the file",
            with_footer_length(sound.clone(), 0x7fff_ffff),
            refused(),
        ),
        case("parquet", "a footer of no length", with_footer_length(sound.clone(), 0), refused()),
        case("parquet", "a footer that is half as long", with_footer_length(sound.clone(), 200), refused()),
        case(
            "parquet",
            "noise in place of the footer",
            overwritten(sound.len() - 308, &noise(300)),
            refused(),
        ),
        case("parquet", "noise in place of the first page", overwritten(4, &noise(64)), refused()),
        case("parquet", "zero bytes in place of the first page", overwritten(4, &[0; 64]), refused()),
        case("parquet", "another mark at the end", overwritten(sound.len() - 4, b"PARE"), refused()),
        // Parquet is read from its end: the last file counts, and nothing tells that there is another in front of it.
        case("parquet", "one file behind another", [calls(3), calls(3)].concat(), Read(3, &[])),
        case("parquet", "text", "id,start,agent\n1,2026-01-05,ana\n", refused()),
        case("parquet", "no record", calls(0), Read(0, &[])),
        case(
            "parquet",
            "identifiers and times that are null",
            written(vec![
                ("id", texts(vec![None, Some(""), Some("3")])),
                (
                    "start",
                    Arc::new(TimestampMicrosecondArray::from(vec![
                        Some(1_767_603_600_000_000),
                        Some(1_767_603_600_000_000),
                        None,
                    ])),
                ),
                ("agent", names()),
            ]),
            Read(3, &[("no_id", 2), ("no_time", 1)]),
        ),
        case(
            "parquet",
            "times at the ends of what a number holds",
            written(vec![
                ("id", names()),
                (
                    "start",
                    Arc::new(TimestampMicrosecondArray::from(vec![
                        i64::MAX,
                        i64::MIN,
                        1_767_603_600_000_000,
                    ])),
                ),
                ("agent", names()),
            ]),
            Read(3, &[("no_time", 2)]),
        ),
        case(
            "parquet",
            "times as lengths",
            written(vec![
                ("id", names()),
                ("start", Arc::new(DurationSecondArray::from(vec![1, 2, 3]))),
                ("agent", names()),
            ]),
            Refused("no plain text"),
        ),
        case(
            "parquet",
            "times as bare numbers",
            written(vec![
                ("id", names()),
                ("start", Arc::new(Int64Array::from(vec![1, 2, 3]))),
                ("agent", names()),
            ]),
            Read(3, &[("no_time", 3)]),
        ),
        // Bytes without a type are written out in hexadecimal digits, whatever they are.
        case(
            "parquet",
            "texts that are bytes without a type",
            written(vec![
                ("id", Arc::new(BinaryArray::from(vec![&b"\xff"[..], b"a", b""]))),
                ("start", starts(3)),
                ("agent", names()),
            ]),
            Read(3, &[("no_id", 1)]),
        ),
        case(
            "parquet",
            "a text of two megabytes",
            written(vec![
                ("id", names()),
                ("start", starts(3)),
                ("agent", texts(vec![Some("ana"), Some(&"x".repeat(2 << 20)), None])),
            ]),
            Read(3, &[("too_long", 1)]),
        ),
        case(
            "parquet",
            "a column too few",
            written(vec![("id", names()), ("start", starts(3))]),
            Refused("column `agent`, which the file does not have"),
        ),
    ]
}
