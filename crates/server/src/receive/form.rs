//! Forms: `name=value&name=value`, as browsers and older systems send what they have.

use base64::alphabet::STANDARD;
use base64::engine::general_purpose::{GeneralPurpose, GeneralPurposeConfig};
use base64::engine::{DecodePaddingMode, Engine as _};
use serde_json::{Map, Value};

use super::reply::Refusal;

/// How a form is called in `Content-Type`.
pub const KIND: &str = "application/x-www-form-urlencoded";
/// What FreeSWITCH calls one whose value is base64.
pub const KIND_WITH_BASE64: &str = "application/x-www-form-base64-encoded";

/// Field in which FreeSWITCH's `mod_json_cdr` has its document.
const DOCUMENT: &[u8] = b"cdr";

/// Base64 with the padding or without it.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// Names and values, in their order.
pub fn pairs(form: &[u8]) -> Result<Vec<(String, String)>, Refusal> {
    let text = |raw: &[u8]| {
        String::from_utf8(decoded(raw, b' '))
            .map_err(|_| Refusal::bad("The form is not UTF-8 behind its percent signs."))
    };
    fields(form).map(|(name, value)| Ok((text(name)?, text(value)?))).collect()
}

/// One object of texts. A name that comes more than once has its values joined by commas, so that a mapping can read them
/// and none is lost.
pub fn object(pairs: &[(String, String)]) -> Vec<u8> {
    let mut object = Map::new();
    for (name, value) in pairs {
        match object.get_mut(name) {
            Some(Value::String(known)) => {
                known.push(',');
                known.push_str(value);
            }
            _ => {
                object.insert(name.clone(), Value::String(value.clone()));
            }
        }
    }
    let mut line = Value::Object(object).to_string().into_bytes();
    line.push(b'\n');
    line
}

/// The JSON document in the field `cdr`, which FreeSWITCH posts URL-encoded or in base64; `None` when the body is no form
/// with such a field. It may be plain JSON under the name of a form: curl calls any body so, and FreeSWITCH does when it is
/// told not to wait for a `100 Continue`.
pub fn document(body: &[u8]) -> Option<Result<Vec<u8>, Refusal>> {
    if matches!(body.trim_ascii_start().first(), None | Some(b'{' | b'[')) {
        return None;
    }
    let (_, value) = fields(body).find(|(name, _)| *name == DOCUMENT)?;
    let text = decoded(value, b' ');
    let document = match text.trim_ascii_start().first() {
        Some(b'{') => text,
        // The letters of base64 were not encoded once more, so a plus sign is one.
        _ => match BASE64.decode(decoded(value, b'+').trim_ascii()) {
            Ok(document) => document,
            Err(_) => return Some(Err(Refusal::bad("The field `cdr` is neither a JSON object nor base64."))),
        },
    };
    let check = serde_json::from_slice::<serde::de::IgnoredAny>(&document);
    Some(check.map(|_| document).map_err(|error| {
        Refusal::bad(format!(
            "The field `cdr` is not JSON: {error}. FreeSWITCH does not encode twice what `encode-values` has encoded, so a \
             quotation mark in a variable breaks the document: set `encode-values` to `false`, or `encode` to `base64`."
        ))
    }))
}

/// Names and values as they were written.
fn fields(form: &[u8]) -> impl Iterator<Item = (&[u8], &[u8])> {
    form.trim_ascii_end().split(|byte| *byte == b'&').filter(|field| !field.is_empty()).map(|field| {
        match field.iter().position(|byte| *byte == b'=') {
            Some(at) => {
                let (name, rest) = field.split_at(at);
                (name, rest.get(1..).unwrap_or_default())
            }
            None => (field, &field[field.len()..]),
        }
    })
}

/// Bytes behind percent signs; a plus sign stands for `plus`. A percent sign that begins nothing is one.
fn decoded(raw: &[u8], plus: u8) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(raw.len());
    let mut rest = raw;
    while let Some((first, after)) = rest.split_first() {
        rest = after;
        let byte = match (first, after) {
            (b'%', [high, low, beyond @ ..]) => match (digit(*high), digit(*low)) {
                (Some(high), Some(low)) => {
                    rest = beyond;
                    high << 4 | low
                }
                _ => b'%',
            },
            (b'+', _) => plus,
            (other, _) => *other,
        };
        bytes.push(byte);
    }
    bytes
}

/// The value of a hexadecimal digit.
pub fn digit(letter: u8) -> Option<u8> {
    char::from(letter).to_digit(16).and_then(|digit| u8::try_from(digit).ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(form: &[u8]) -> Vec<(String, String)> {
        pairs(form).unwrap()
    }

    #[test]
    fn names_and_values_are_decoded_in_their_order() {
        let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        assert_eq!(
            texts(b"To=%2B44+20&From=S%C3%A3o%20Paulo&&Empty=&Bare&a%3Db=c=d&Odd=100%&Hex=%zz\r\n"),
            [
                pair("To", "+44 20"),
                pair("From", "S\u{e3}o Paulo"),
                pair("Empty", ""),
                pair("Bare", ""),
                pair("a=b", "c=d"),
                pair("Odd", "100%"),
                pair("Hex", "%zz"),
            ]
        );
        assert_eq!(texts(b""), []);
        assert!(pairs(b"name=%ff").is_err());
    }

    #[test]
    fn a_form_is_one_object_of_texts_and_loses_no_value() {
        let made = |form: &[u8]| String::from_utf8(object(&texts(form))).unwrap();
        assert_eq!(made(b"Z=1&A=%22x%22%0A&Z=2&Z=2"), "{\"Z\":\"1,2,2\",\"A\":\"\\\"x\\\"\\n\"}\n");
        assert_eq!(made(b""), "{}\n");
    }

    #[test]
    fn the_document_of_freeswitch_comes_url_encoded_or_in_base64() {
        let found = |body: &[u8]| String::from_utf8(document(body).unwrap().unwrap()).unwrap();
        let json = "{\"variables\":{\"uuid\":\"u1\",\"name\":\"?>?>\"}}";
        assert_eq!(
            found(b"cdr=%7B%22variables%22:%7B%22uuid%22:%22u1%22,%22name%22:%22?%3E?%3E%22%7D%7D"),
            json
        );
        // With a plus sign and without padding, as it may be written.
        let packed = BASE64.encode(format!("{json}  "));
        assert!(packed.contains('+'), "{packed}");
        assert_eq!(found(format!("cdr={packed}").as_bytes()).trim(), json);
        assert_eq!(found(format!("uuid=u1&cdr={}\n", packed.trim_end_matches('=')).as_bytes()).trim(), json);
        let encoded = packed.replace('+', "%2B").replace('=', "%3D").replace('/', "%2F");
        assert_eq!(found(format!("cdr={encoded}").as_bytes()).trim(), json);
        for body in [&b"{\"cdr\":1}"[..], b"[1]", b"", b"a=1&b=2", b"xcdr=%7B%7D"] {
            assert!(document(body).is_none(), "{}", String::from_utf8_lossy(body));
        }
        for body in [&b"cdr="[..], b"cdr=%7B%22a%22%3A", b"cdr=***", b"cdr=%7B%22a%22:%22%22Bob%22%22%7D"] {
            assert!(document(body).unwrap().is_err(), "{}", String::from_utf8_lossy(body));
        }
    }
}
