//! Every number in a JSON document, with its place.

use serde_json::{Number, Value};

/// A number of `expected.json`.
pub struct Leaf {
    /// Keys and indices on the way to it.
    pub path: Vec<String>,
    /// As it is written there.
    pub written: Number,
    /// As it is compared.
    pub value: f64,
}

impl Leaf {
    /// Its place as a JSON Pointer (RFC 6901).
    pub fn pointer(&self) -> String {
        pointer(&self.path)
    }

    /// The place of what it is a member of.
    pub fn parent(&self) -> Option<String> {
        self.path.split_last().map(|(_, parent)| pointer(parent))
    }
}

fn pointer(path: &[String]) -> String {
    path.iter().map(|segment| format!("/{}", segment.replace('~', "~0").replace('/', "~1"))).collect()
}

/// All numbers of a document, in its order.
pub fn leaves(document: &Value) -> Vec<Leaf> {
    let mut found = Vec::new();
    walk(document, &mut Vec::new(), &mut found);
    found
}

fn walk(value: &Value, path: &mut Vec<String>, found: &mut Vec<Leaf>) {
    let mut deeper = |key: String, inner: &Value| {
        path.push(key);
        walk(inner, path, found);
        path.pop();
    };
    match value {
        Value::Object(members) => members.iter().for_each(|(key, inner)| deeper(key.clone(), inner)),
        Value::Array(items) => items.iter().enumerate().for_each(|(at, inner)| deeper(at.to_string(), inner)),
        Value::Number(number) => found.push(Leaf {
            path: path.clone(),
            written: number.clone(),
            // Every JSON number has a nearest double; one beyond all doubles equals no answer.
            value: number.as_f64().unwrap_or(f64::NAN),
        }),
        Value::Null | Value::Bool(_) | Value::String(_) => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_found_with_escaped_pointers_and_in_order() {
        let document: Value =
            serde_json::from_str(r#"{"b": {"x (a/b)": 1, "t~": 2.5, "text": "3"}, "a": [{"n": 4}, null]}"#)
                .unwrap();
        let found: Vec<String> = leaves(&document).iter().map(Leaf::pointer).collect();
        assert_eq!(found, ["/b/x (a~1b)", "/b/t~0", "/a/0/n"]);
        assert!(leaves(&document).iter().all(|leaf| document.pointer(&leaf.pointer()).is_some()));
    }
}
