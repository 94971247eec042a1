//! What a delivery is made of: one object a line, whatever it came as.
//!
//! Events in the CloudEvents envelope are known by their `source` and `id`, so each is a delivery of its own under that
//! key; of the envelope the record keeps what a mapping may want, below `ce`.

use std::collections::BTreeMap;

use axum::http::{HeaderMap, StatusCode, header};
use dialmark_ingest::Pushable;

use super::reply::Refusal;
use super::{form, raw};

/// A body, the key under which it may be repeated, and the records in it.
pub type Part = (Vec<u8>, Option<String>, u64);

/// An event by its attributes, each as it was written.
type Envelope = BTreeMap<String, String>;

/// Attributes of the envelope that a record keeps.
const KEPT: [&str; 5] = ["id", "source", "type", "time", "subject"];

/// The parts that are to be stored.
pub fn deliveries(
    headers: &HeaderMap,
    bytes: Vec<u8>,
    made_of: Pushable,
    key: Option<String>,
) -> Result<Vec<Part>, Refusal> {
    match kind(headers).as_str() {
        "application/cloudevents+json" => Ok(vec![event(&envelope(raw::checked(&bytes)?)?, key)?]),
        "application/cloudevents-batch+json" => {
            let Some(events) = raw::items(raw::checked(&bytes)?) else {
                return Err(Refusal::bad("A batch of events is a JSON array."));
            };
            if key.is_some() && events.len() > 1 {
                return Err(Refusal::bad(
                    "A batch of events has no `Idempotency-Key`: each event has its own in `source` and `id`.",
                ));
            }
            events.iter().map(|one| event(&envelope(one)?, key.clone())).collect()
        }
        _ if headers.contains_key("ce-specversion") => {
            let mut envelope = Envelope::new();
            for name in KEPT {
                let text = headers.get(format!("ce-{name}")).and_then(|value| value.to_str().ok());
                if let Some(text) = text {
                    envelope.insert(name.to_owned(), serde_json::Value::from(text).to_string());
                }
            }
            envelope.insert("data".to_owned(), raw::checked(&bytes)?.to_owned());
            Ok(vec![event(&envelope, key)?])
        }
        ""
        | "application/json"
        | "application/x-ndjson"
        | "application/ndjson"
        | "application/jsonl"
        | "application/x-jsonlines"
        | "text/plain" => plain(bytes, made_of, key),
        form::KIND | form::KIND_WITH_BASE64 => {
            let bytes = form::document(&bytes).transpose()?.unwrap_or(bytes);
            plain(bytes, made_of, key)
        }
        other => Err(Refusal::new(
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
            format!(
                "`Content-Type: {other}` is not read here; send `application/x-ndjson` (one object a line), \
                 `application/json` or CloudEvents."
            ),
        )),
    }
}

/// What some programs write before UTF-8.
const BYTE_ORDER_MARK: &[u8] = b"\xEF\xBB\xBF";

/// What a body is, in small letters and without parameters; nothing when it is not said.
pub fn kind(headers: &HeaderMap) -> String {
    let kind = headers.get(header::CONTENT_TYPE).map_or("", |value| value.to_str().unwrap_or("?"));
    kind.split(';').next().unwrap_or_default().trim().to_ascii_lowercase()
}

/// JSON without an envelope. Lines are stored as they came: what is wrong with one goes to quarantine, where it can be
/// looked at, instead of being sent again for ever.
fn plain(mut bytes: Vec<u8>, made_of: Pushable, key: Option<String>) -> Result<Vec<Part>, Refusal> {
    if bytes.starts_with(BYTE_ORDER_MARK) {
        bytes.drain(..BYTE_ORDER_MARK.len());
    }
    // Other bytes could be set aside only as something that they were not.
    if let Err(error) = std::str::from_utf8(&bytes) {
        let before = bytes.get(..error.valid_up_to()).unwrap_or_default();
        let line = before.iter().filter(|byte| **byte == b'\n').count() + 1;
        return Err(Refusal::bad(format!(
            "The delivery is not UTF-8: see its line {line}. Nothing of it was taken; send JSON in UTF-8."
        )));
    }
    let begins = bytes.iter().find(|byte| !byte.is_ascii_whitespace());
    match (begins, made_of) {
        (None, _) => Err(Refusal::bad("The delivery is empty.")),
        (Some(b'['), Pushable::JsonLines) => {
            let records = raw::items(raw::checked(&bytes)?).unwrap_or_default();
            let mut text = Vec::with_capacity(bytes.len());
            for record in &records {
                push_line(&mut text, record);
            }
            Ok(vec![(text, key, count(records.len()))])
        }
        (Some(b'{'), Pushable::JsonLines) => {
            if let Ok(record) = raw::checked(&bytes) {
                // One object, possibly written over several lines.
                let mut text = Vec::with_capacity(bytes.len());
                push_line(&mut text, record);
                return Ok(vec![(text, key, 1)]);
            }
            let lines = bytes.split(|byte| *byte == b'\n').filter(|line| !line.trim_ascii().is_empty());
            let count = count(lines.count());
            Ok(vec![(bytes, key, count)])
        }
        (Some(b'{' | b'['), Pushable::JsonDocuments) => {
            let mut documents = 0;
            for document in serde_json::Deserializer::from_slice(&bytes).into_iter::<serde::de::IgnoredAny>()
            {
                document.map_err(|error| not_json(&error))?;
                documents += 1;
            }
            Ok(vec![(bytes, key, documents)])
        }
        (Some(_), _) => Err(Refusal::bad("The delivery is not JSON: it begins with neither `{` nor `[`.")),
    }
}

/// One event of the envelope.
fn event(envelope: &Envelope, key: Option<String>) -> Result<Part, Refusal> {
    let attribute = |name: &str| {
        let text = envelope.get(name).and_then(|raw| serde_json::from_str::<String>(raw).ok());
        text.filter(|text| !text.is_empty())
            .ok_or_else(|| Refusal::bad(format!("An event has a text `{name}`; this one has none.")))
    };
    let own_key = format!("event {} {}", attribute("source")?, attribute("id")?);
    let data = envelope.get("data").map(|raw| raw.trim());
    let Some(fields) = data.and_then(|text| text.strip_prefix('{')) else {
        return Err(Refusal::bad("The `data` of an event is a JSON object: the record."));
    };
    let kept: Vec<String> =
        KEPT.iter().filter_map(|name| Some(format!("\"{name}\":{}", envelope.get(*name)?))).collect();
    let comma = if fields.trim_start().starts_with('}') { "" } else { "," };
    let mut text = Vec::new();
    push_line(&mut text, &format!("{{\"ce\":{{{}}}{comma}{fields}", kept.join(",")));
    Ok((text, Some(key.unwrap_or(own_key)), 1))
}

/// A JSON value as one line. Line ends in it are between its parts: in a text they would be escaped.
fn push_line(text: &mut Vec<u8>, value: &str) {
    text.extend(value.bytes().map(|byte| if matches!(byte, b'\n' | b'\r') { b' ' } else { byte }));
    text.push(b'\n');
}

/// The attributes of an event.
fn envelope(text: &str) -> Result<Envelope, Refusal> {
    let Some(members) = raw::members(text) else {
        return Err(Refusal::bad("An event is a JSON object."));
    };
    let named = members
        .into_iter()
        .filter_map(|(name, value)| Some((serde_json::from_str(name).ok()?, value.to_owned())));
    Ok(named.collect())
}

fn not_json(error: &serde_json::Error) -> Refusal {
    Refusal::bad(format!("The delivery is not JSON: {error}."))
}

fn count(number: usize) -> u64 {
    u64::try_from(number).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parts(headers: &[(&str, &str)], body: &str, made_of: Pushable) -> Result<Vec<Part>, Refusal> {
        let mut map = HeaderMap::new();
        for (name, value) in headers {
            map.insert(axum::http::HeaderName::from_bytes(name.as_bytes()).unwrap(), value.parse().unwrap());
        }
        deliveries(&map, body.as_bytes().to_vec(), made_of, None)
    }

    fn texts(parts: Vec<Part>) -> Vec<(String, Option<String>, u64)> {
        parts.into_iter().map(|(body, key, n)| (String::from_utf8(body).unwrap(), key, n)).collect()
    }

    #[test]
    fn lines_an_array_and_one_object_over_several_lines_are_the_same_records() {
        let of = |body: &str| texts(parts(&[], body, Pushable::JsonLines).unwrap());
        let lines = "{\"a\":1}\n{\"a\":2}\n";
        assert_eq!(of(lines), [(lines.to_owned(), None, 2)]);
        assert_eq!(of("[{\"a\":1},\n {\"a\":2}]"), [(lines.to_owned(), None, 2)]);
        assert_eq!(of("{\n \"a\": 1\n}"), [("{  \"a\": 1 }\n".to_owned(), None, 1)]);
        // A line that is wrong is stored as it came: quarantine is the place to look at it.
        let odd = "{\"a\":1}\nnonsense\n";
        assert_eq!(of(odd), [(odd.to_owned(), None, 2)]);
    }

    #[test]
    fn numbers_keep_their_digits() {
        let exact = "[{\"amount\":1234567890123456789.10,\"b\":0.1}]";
        let stored = texts(parts(&[], exact, Pushable::JsonLines).unwrap()).remove(0).0;
        assert_eq!(stored, "{\"amount\":1234567890123456789.10,\"b\":0.1}\n");
    }

    #[test]
    fn documents_of_a_pack_are_checked_and_stored_as_they_came() {
        let body = "{\"calls\": [\n{}]}\n{\"calls\": []}";
        let found = texts(parts(&[], body, Pushable::JsonDocuments).unwrap());
        assert_eq!(found, [(body.to_owned(), None, 2)]);
        assert!(parts(&[], "{\"calls\": [", Pushable::JsonDocuments).is_err());
    }

    #[test]
    fn events_are_known_by_source_and_id_and_keep_their_envelope() {
        let one = "{\"specversion\":\"1.0\",\"id\":\"7\",\"source\":\"/crm\",\"type\":\"sale\",\"data\":{\"lead\":\"x\"}}";
        let record = "{\"ce\":{\"id\":\"7\",\"source\":\"/crm\",\"type\":\"sale\"},\"lead\":\"x\"}\n";
        let structured = [("content-type", "application/cloudevents+json; charset=utf-8")];
        let expected = (record.to_owned(), Some("event /crm 7".to_owned()), 1);
        assert_eq!(
            texts(parts(&structured, one, Pushable::JsonLines).unwrap()),
            std::slice::from_ref(&expected)
        );
        let batch = [("content-type", "application/cloudevents-batch+json")];
        let found = texts(parts(&batch, &format!("[{one},{one}]"), Pushable::JsonLines).unwrap());
        assert_eq!(found, [expected.clone(), expected.clone()]);
        let binary = [
            ("content-type", "application/json"),
            ("ce-specversion", "1.0"),
            ("ce-id", "7"),
            ("ce-source", "/crm"),
            ("ce-type", "sale"),
        ];
        assert_eq!(texts(parts(&binary, "{\"lead\":\"x\"}", Pushable::JsonLines).unwrap()), [expected]);
        for broken in
            ["{}", "{\"id\":\"7\",\"source\":\"s\"}", "{\"id\":\"7\",\"source\":\"s\",\"data\":5}", "[]"]
        {
            assert!(parts(&structured, broken, Pushable::JsonLines).is_err(), "{broken}");
        }
    }

    #[test]
    fn a_form_is_the_document_in_it() {
        let kinds = [form::KIND, "application/x-www-form-urlencoded; charset=utf-8", form::KIND_WITH_BASE64];
        for (kind, body) in kinds.into_iter().zip(["cdr=%7B%22a%22:1%7D", "{\"a\":1}", "cdr=eyJhIjoxfQ=="]) {
            for made_of in [Pushable::JsonLines, Pushable::JsonDocuments] {
                let found = texts(parts(&[("content-type", kind)], body, made_of).unwrap());
                let [(text, None, 1)] = found.as_slice() else { panic!("{kind}: {found:?}") };
                assert_eq!(text.trim(), "{\"a\":1}");
            }
        }
        assert!(parts(&[("content-type", form::KIND)], "a=1&b=2", Pushable::JsonLines).is_err());
    }

    #[test]
    fn what_is_no_json_is_refused_with_a_sentence() {
        for body in ["", "  \n", "<html>", "a,b\n1,2"] {
            assert!(parts(&[], body, Pushable::JsonLines).is_err(), "{body}");
        }
        let csv = parts(&[("content-type", "text/csv")], "a,b", Pushable::JsonLines).unwrap_err();
        assert_eq!(csv.response().status(), StatusCode::UNSUPPORTED_MEDIA_TYPE);
    }
}
