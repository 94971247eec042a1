//! Entries for mutation loops: any bytes through every decoder and typing. None of them may panic, hang or take more
//! memory than the limits say, and they store nothing.

use std::io::{Cursor, Write};

use bytes::Bytes;
use dialmark_model::source::{DurationUnit, Read};
use dialmark_model::{Kind, civil};
use jiff::tz::TimeZone;
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

use crate::records::{
    Csv, JsonLines, Next, Packed, ParquetRows, Record, Records, SheetRows, detect_delimiter, leaf_paths,
};
use crate::text;
use crate::values::{Pattern, Reader};

/// One parser that reads foreign bytes.
#[derive(Debug, Clone, Copy)]
pub struct FuzzEntry {
    /// What it reads.
    pub name: &'static str,
    /// Runs it over some bytes.
    pub run: fn(&[u8]),
}

/// Every parser, in an explicit list.
pub const FUZZ_ENTRIES: [FuzzEntry; 7] = [
    FuzzEntry { name: "text", run: separated_text },
    FuzzEntry { name: "jsonl", run: json_lines },
    FuzzEntry { name: "packs", run: packs },
    FuzzEntry { name: "parquet", run: parquet },
    FuzzEntry { name: "xlsx", run: workbook },
    FuzzEntry { name: "xlsx_parts", run: parts_of_a_workbook },
    FuzzEntry { name: "patterns", run: patterns },
];

/// Runs everything that reads foreign bytes over `bytes`.
pub fn fuzz(bytes: &[u8]) {
    FUZZ_ENTRIES.iter().for_each(|entry| (entry.run)(bytes));
}

/// Compressed or not, in several encodings, with whatever separates it.
fn separated_text(bytes: &[u8]) {
    let delimiter = detect_delimiter(bytes, b'"');
    for label in [None, Some("utf-16le"), Some("windows-1252"), Some("shift_jis")] {
        if let Ok((text, _)) = text::open(bytes, label)
            && let Ok(csv) = Csv::open(text, delimiter, None, true)
        {
            drain(csv);
        }
    }
}

fn json_lines(bytes: &[u8]) {
    let paths = || vec!["a".into(), "a.b".into(), "list.0".into()];
    drain(JsonLines::open(bytes, paths()));
    if let Ok((text, _)) = text::open(bytes, None) {
        drain(JsonLines::open(text, paths()));
    }
    if let Ok(line) = std::str::from_utf8(bytes) {
        let _ = leaf_paths(line);
    }
}

/// Every stream of every pack.
fn packs(bytes: &[u8]) {
    for pack in dialmark_packs::ALL {
        for stream in pack.streams {
            if let Ok((text, _)) = text::open(bytes, None)
                && let Ok(packed) = Packed::open(text, pack.input, stream)
            {
                drain(packed);
            }
        }
    }
}

fn parquet(bytes: &[u8]) {
    let file = Bytes::copy_from_slice(bytes);
    if let Ok(rows) = ParquetRows::over(file.clone(), file, |_| true) {
        drain(rows);
    }
}

fn workbook(bytes: &[u8]) {
    let file = || Cursor::new(bytes.to_vec());
    for sheet in SheetRows::listed(file()).unwrap_or_default().iter().take(4) {
        if let Ok(rows) = SheetRows::open(file(), Some(&sheet.name), &[]) {
            drain(rows);
        }
    }
}

/// The bytes as each part of a workbook whose other parts are sound: a changed byte in an archive is found by its sum
/// and never reaches the readers of the parts.
fn parts_of_a_workbook(bytes: &[u8]) {
    for changed in 0..PARTS.len() {
        if let Ok(packed) = with_part(changed, bytes) {
            workbook(&packed);
        }
    }
}

/// A workbook of one sheet.
const PARTS: [(&str, &str); 5] = [
    (
        "xl/worksheets/sheet1.xml",
        r#"<worksheet><sheetData><row r="1"><c r="A1" t="s"><v>0</v></c><c r="B1" t="s"><v>1</v></c></row><row r="2"><c r="A2" s="1"><v>46023.4</v></c></row></sheetData></worksheet>"#,
    ),
    ("xl/sharedStrings.xml", r#"<sst uniqueCount="2"><si><t>id</t></si><si><t>start</t></si></sst>"#),
    (
        "xl/styles.xml",
        r#"<styleSheet><numFmts><numFmt numFmtId="164" formatCode="yyyy-mm-dd hh:mm"/></numFmts><cellXfs><xf numFmtId="0"/><xf numFmtId="164"/></cellXfs></styleSheet>"#,
    ),
    (
        "xl/workbook.xml",
        r#"<workbook><workbookPr/><sheets><sheet name="Calls" sheetId="1" r:id="rId1"/></sheets></workbook>"#,
    ),
    (
        "xl/_rels/workbook.xml.rels",
        r#"<Relationships><Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet" Target="worksheets/sheet1.xml"/></Relationships>"#,
    ),
];
const ROOT: (&str, &str) = (
    "_rels/.rels",
    r#"<Relationships><Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="xl/workbook.xml"/></Relationships>"#,
);

fn with_part(changed: usize, bytes: &[u8]) -> Result<Vec<u8>, zip::result::ZipError> {
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    let stored = SimpleFileOptions::default().compression_method(CompressionMethod::Stored);
    for (nth, (name, sound)) in PARTS.iter().chain([&ROOT]).enumerate() {
        writer.start_file(*name, stored)?;
        writer.write_all(if nth == changed { bytes } else { sound.as_bytes() })?;
    }
    Ok(writer.finish()?.into_inner())
}

fn patterns(bytes: &[u8]) {
    if let Ok(line) = std::str::from_utf8(bytes) {
        let _ = Pattern::new(line);
        let _ = civil::zone(line);
    }
}

fn drain(mut records: impl Records) {
    let mut readers = readers();
    let mut record = Record::default();
    while let Ok(next) = records.next(&mut record) {
        match next {
            Next::End => return,
            Next::Refused(_) => drop(record.raw_text()),
            Next::Record => {
                let Some(row) = record.row() else { continue };
                for field in (0..row.count()).map(|at| row.field(at)).filter(|text| !text.is_empty()) {
                    for reader in &mut readers {
                        let _ = reader.read(field);
                    }
                }
            }
        }
    }
}

fn readers() -> Vec<Reader> {
    let forms = [
        (Kind::Instant, Read::Plain),
        (Kind::Instant, Read::Pattern("%y%m%d %H:%M:%S".into())),
        (Kind::Instant, Read::Pattern("%d-%b-%Y %I:%M %p".into())),
        (Kind::Instant, Read::EpochSeconds),
        (Kind::Instant, Read::EpochMillis),
        (Kind::Instant, Read::EpochMicros),
        (Kind::Instant, Read::Rfc2822),
        (Kind::Day, Read::Plain),
        (Kind::Duration, Read::Unit(DurationUnit::Hours)),
        (Kind::Duration, Read::Unit(DurationUnit::Clock)),
        (Kind::Duration, Read::Unit(DurationUnit::HoursMinutes)),
        (Kind::Amount, Read::Plain),
        (Kind::Number, Read::DecimalComma),
        (Kind::Number, Read::DecimalPoint),
        (Kind::Integer, Read::Plain),
        (Kind::Bool, Read::Plain),
    ];
    forms.iter().filter_map(|(kind, read)| Reader::new(*kind, read, &TimeZone::UTC, i64::MAX).ok()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_workbook_around_a_changed_part_is_sound() {
        for (changed, (_, part)) in PARTS.iter().enumerate() {
            let packed = with_part(changed, part.as_bytes()).unwrap();
            let mut rows = SheetRows::open(Cursor::new(packed), None, &[]).unwrap();
            let mut record = Record::default();
            assert_eq!(rows.next(&mut record), Ok(Next::Record));
            assert_eq!(record.row().map(|row| row.field(0)), Some("2026-01-01T09:36:00"));
        }
    }
}
