//! JSON taken apart without being read: the parts keep the letters in which they were written, because a number that is
//! read and written again may lose digits.

use super::reply::Refusal;

/// Checks that bytes are one JSON value, and gives its text.
pub fn checked(bytes: &[u8]) -> Result<&str, Refusal> {
    let check = serde_json::from_slice::<serde::de::IgnoredAny>(bytes);
    check.map_err(|error| Refusal::bad(format!("The delivery is not JSON: {error}.")))?;
    let text = std::str::from_utf8(bytes).map_err(|_| Refusal::bad("The delivery is not UTF-8."))?;
    Ok(text.trim())
}

/// The values of an array; `None` when the checked value is none.
pub fn items(array: &str) -> Option<Vec<&str>> {
    let mut rest = array.trim().strip_prefix('[')?.trim_start();
    let mut items = Vec::new();
    while !rest.starts_with(']') {
        let (value, after) = value(rest)?;
        items.push(value);
        rest = after.trim_start();
        rest = rest.strip_prefix(',').unwrap_or(rest).trim_start();
    }
    Some(items)
}

/// The members of an object, names and values as they were written; `None` when the checked value is none.
pub fn members(object: &str) -> Option<Vec<(&str, &str)>> {
    let mut rest = object.trim().strip_prefix('{')?.trim_start();
    let mut members = Vec::new();
    while !rest.starts_with('}') {
        let (name, after) = value(rest)?;
        let (value, after) = value(after.trim_start().strip_prefix(':')?.trim_start())?;
        members.push((name, value));
        rest = after.trim_start();
        rest = rest.strip_prefix(',').unwrap_or(rest).trim_start();
    }
    Some(members)
}

/// The value with which a text begins, and what follows it.
fn value(text: &str) -> Option<(&str, &str)> {
    let mut depth = 0_usize;
    let mut in_text = false;
    let mut escaped = false;
    for (at, byte) in text.bytes().enumerate() {
        let ends = match byte {
            _ if escaped => {
                escaped = false;
                false
            }
            b'\\' if in_text => {
                escaped = true;
                false
            }
            b'"' => {
                in_text = !in_text;
                !in_text && depth == 0
            }
            _ if in_text => false,
            b'{' | b'[' => {
                depth += 1;
                false
            }
            b'}' | b']' if depth > 0 => {
                depth -= 1;
                depth == 0
            }
            // The end of a number or a word, which is before this letter.
            b',' | b'}' | b']' | b':' | b' ' | b'\t' | b'\n' | b'\r' if depth == 0 => {
                return (at > 0).then(|| text.split_at(at));
            }
            _ => false,
        };
        if ends {
            return Some(text.split_at(at + 1));
        }
    }
    (!text.is_empty() && depth == 0 && !in_text).then_some((text, ""))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    #[test]
    fn parts_keep_their_letters() {
        let array = r#"[ 1.10 ,{"a":[1,2,"]"]},"x\"],[",null,[],1e400]"#;
        let parts = [r"1.10", r#"{"a":[1,2,"]"]}"#, r#""x\"],[""#, "null", "[]", "1e400"];
        assert_eq!(items(array).unwrap(), parts);
        let object = r#"{ "a" : 1.10, "b\":": {"c":"}"} ,"d":true}"#;
        assert_eq!(
            members(object).unwrap(),
            [(r#""a""#, "1.10"), (r#""b\":""#, r#"{"c":"}"}"#), (r#""d""#, "true")]
        );
        assert_eq!(items("[]").unwrap(), Vec::<&str>::new());
        assert_eq!((items("{}"), members("[1]"), items("5")), (None, None, None));
    }

    #[test]
    fn the_parts_are_those_that_a_parser_finds() {
        let whole = json!([{"a": [1, {"b": "\\\"}"}], "ü": null}, "], [", -1.5e-7, [[], {}], true]);
        let text = serde_json::to_string_pretty(&whole).unwrap();
        let text = checked(text.as_bytes()).unwrap();
        let found: Vec<Value> =
            items(text).unwrap().iter().map(|part| serde_json::from_str(part).unwrap()).collect();
        assert_eq!(Value::Array(found), whole);
        assert!(checked(b"{\"a\":").is_err() && checked(b"[1] x").is_err() && checked(b"\"\xff\"").is_err());
    }
}
