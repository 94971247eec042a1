//! An entry for mutation loops: any bytes through detection, every decoder and typing. It must neither panic
//! nor hang, and it stores nothing.

use dialmark_model::source::{DurationUnit, Read};
use dialmark_model::{Kind, civil};
use jiff::tz::TimeZone;

use crate::records::{Csv, JsonLines, Next, Record, Records, detect_delimiter, leaf_paths};
use crate::text;
use crate::values::{Pattern, Reader};

/// Runs everything that reads foreign bytes over `bytes`.
pub fn fuzz(bytes: &[u8]) {
    let delimiter = detect_delimiter(bytes, b'"');
    for label in [None, Some("utf-16le"), Some("windows-1252"), Some("shift_jis")] {
        if let Ok((text, _)) = text::open(bytes, label)
            && let Ok(csv) = Csv::open(text, delimiter, None, true)
        {
            drain(csv);
        }
    }
    drain(JsonLines::open(bytes, vec!["a".into(), "a.b".into(), "list.0".into()]));
    if let Ok(line) = std::str::from_utf8(bytes) {
        let _ = leaf_paths(line);
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
        (Kind::Integer, Read::Plain),
        (Kind::Bool, Read::Plain),
    ];
    forms.iter().filter_map(|(kind, read)| Reader::new(*kind, read, &TimeZone::UTC, i64::MAX).ok()).collect()
}
