//! One row as one line of JSON, on its way to the import.

use jiff::tz::TimeZone;
use serde_json::{Map, Value};

use super::cursor::epoch;

/// What is done to a row before it is written down.
#[derive(Debug, Clone)]
pub struct Amend<'a> {
    /// Columns that become seconds since 1970.
    pub epochs: &'a [String],
    /// Zone of wall clocks.
    pub zone: &'a TimeZone,
}

/// Begins a line, or goes on with it, by a column and its value; `None` is null. Bytes that are no UTF-8 stay what they
/// are, so that the import sets the record aside and says why.
pub fn put(line: &mut Vec<u8>, name: &str, value: Option<&[u8]>) {
    line.push(if line.is_empty() { b'{' } else { b',' });
    quote(line, name.as_bytes());
    line.push(b':');
    match value {
        Some(bytes) => quote(line, bytes),
        None => line.extend_from_slice(b"null"),
    }
}

/// Ends a line.
pub fn end(line: &mut Vec<u8>) {
    if line.is_empty() {
        line.push(b'{');
    }
    line.extend_from_slice(b"}\n");
}

fn quote(line: &mut Vec<u8>, bytes: &[u8]) {
    line.push(b'"');
    for byte in bytes {
        match byte {
            b'"' | b'\\' => line.extend([b'\\', *byte]),
            0..0x20 => line.extend_from_slice(format!("\\u{byte:04x}").as_bytes()),
            _ => line.push(*byte),
        }
    }
    line.push(b'"');
}

/// A row that PostgreSQL wrote as JSON, as one line: what a column of type `json` holds may go over several.
pub fn of_json(written: &[u8], amend: &Amend<'_>, line: &mut Vec<u8>) {
    let from = line.len();
    line.extend(written.iter().map(|byte| if matches!(byte, b'\n' | b'\r') { b' ' } else { *byte }));
    if !amend.epochs.is_empty()
        && let Ok(mut row) =
            serde_json::from_slice::<Map<String, Value>>(line.get(from..).unwrap_or_default())
    {
        for name in amend.epochs {
            if let Some(value) = row.get_mut(name) {
                let text = value.as_str().map(str::to_owned).unwrap_or_else(|| value.to_string());
                *value = epoch(&text, amend.zone).map_or(Value::Null, Value::String);
            }
        }
        line.truncate(from);
        line.extend_from_slice(Value::Object(row).to_string().as_bytes());
    }
    line.push(b'\n');
}

/// Adds a mark to a finished line.
pub fn mark(line: &mut Vec<u8>, name: &str) {
    while line.last().is_some_and(|byte| matches!(byte, b'\n' | b'}')) && line.len() > 1 {
        if line.pop() == Some(b'}') {
            break;
        }
    }
    if line.as_slice() != b"{" {
        line.push(b',');
    }
    quote(line, name.as_bytes());
    line.extend_from_slice(b":\"1\"}\n");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_is_one_line_whatever_it_holds() {
        let mut line = Vec::new();
        put(&mut line, "a", Some(b"x\ny\"z\\"));
        put(&mut line, "b\"", None);
        put(&mut line, "c", Some("\u{1f4de}".as_bytes()));
        end(&mut line);
        let read: Value = serde_json::from_slice(&line).unwrap();
        assert_eq!(read, serde_json::json!({ "a": "x\ny\"z\\", "b\"": null, "c": "\u{1f4de}" }));
        assert_eq!(line.iter().filter(|byte| **byte == b'\n').count(), 1);
    }

    #[test]
    fn what_is_no_text_stays_broken() {
        let mut line = Vec::new();
        put(&mut line, "a", Some(b"\xff\xfe"));
        end(&mut line);
        assert!(std::str::from_utf8(&line).is_err());
    }

    #[test]
    fn json_of_postgres_keeps_its_digits_and_times_become_seconds() {
        let zone = TimeZone::get("Europe/Berlin").unwrap();
        let mut line = Vec::new();
        let amend = Amend { epochs: &[], zone: &zone };
        of_json(b"{\"n\":0.10000000000000000001,\"j\":{\n\"k\": 1}}", &amend, &mut line);
        assert_eq!(line, b"{\"n\":0.10000000000000000001,\"j\":{ \"k\": 1}}\n");
        line.clear();
        let amend = Amend { epochs: &["time".to_owned()], zone: &zone };
        of_json(b"{\"time\":\"2026-01-05T10:00:00\",\"e\":\"X\"}", &amend, &mut line);
        assert_eq!(line, b"{\"time\":\"1767603600\",\"e\":\"X\"}\n");
        mark(&mut line, "m");
        assert_eq!(line, b"{\"time\":\"1767603600\",\"e\":\"X\",\"m\":\"1\"}\n");
        let mut empty = b"{}\n".to_vec();
        mark(&mut empty, "m");
        assert_eq!(empty, b"{\"m\":\"1\"}\n");
    }
}
