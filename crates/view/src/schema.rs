//! JSON Schemas of the TOML files, from what their readers ask for.
//!
//! A reader that reads a file notes every key that it looks for and what it wants of it. Reading samples that use every
//! form yields the whole language; a key that no reader asks for cannot stand in a schema, and one that a reader asks
//! for cannot be missing.

use std::collections::{BTreeMap, BTreeSet};

use dialmark_model::declared::{AskedFor, Wanted};
use serde_json::{Map, Value, json};

/// The schema of one kind of file.
pub fn schema(title: &str, asked: &AskedFor) -> Value {
    let mut places: BTreeMap<&str, Vec<(&str, &BTreeSet<Wanted>)>> = BTreeMap::new();
    for ((place, key), wanted) in asked {
        places.entry(place).or_default().push((key, wanted));
    }
    let mut root = object("", &places);
    root.insert("$schema".to_owned(), json!("https://json-schema.org/draft/2020-12/schema"));
    root.insert("title".to_owned(), json!(title));
    Value::Object(root)
}

type Places<'a> = BTreeMap<&'a str, Vec<(&'a str, &'a BTreeSet<Wanted>)>>;

fn object(place: &str, places: &Places<'_>) -> Map<String, Value> {
    let mut properties = Map::new();
    let mut others = json!(false);
    for (key, wanted) in places.get(place).into_iter().flatten() {
        let below = if place.is_empty() { (*key).to_owned() } else { format!("{place}.{key}") };
        match *key {
            "*" => others = one(&below, &BTreeSet::from([Wanted::Table]), places),
            key => {
                properties.insert(key.to_owned(), one(&below, wanted, places));
            }
        }
    }
    let mut schema = Map::new();
    schema.insert("type".to_owned(), json!("object"));
    if !properties.is_empty() {
        schema.insert("properties".to_owned(), Value::Object(properties));
    }
    schema.insert("additionalProperties".to_owned(), others);
    schema
}

/// What may stand under one key: any of the forms that a reader accepts.
fn one(place: &str, wanted: &BTreeSet<Wanted>, places: &Places<'_>) -> Value {
    let has_keys = places.contains_key(place);
    // A reader that looks at the raw value as well accepts more than it says.
    let is_open = wanted.contains(&Wanted::Any);
    let words = wanted.iter().any(|w| matches!(w, Wanted::Word(_)));
    let mut forms: Vec<Value> = Vec::new();
    for form in wanted {
        let form = match form {
            Wanted::Any | Wanted::Table | Wanted::Tables => continue,
            Wanted::Text if words => continue,
            Wanted::Text | Wanted::Day => json!({ "type": "string" }),
            Wanted::Word(words) => json!({ "enum": words }),
            Wanted::Bool => json!({ "type": "boolean" }),
            Wanted::Integer => json!({ "type": "integer" }),
            Wanted::Number => json!({ "type": "number" }),
            Wanted::Texts => {
                json!({ "anyOf": [{ "type": "string" }, { "type": "array", "items": { "type": "string" } }] })
            }
        };
        if !forms.contains(&form) {
            forms.push(form);
        }
    }
    let table = match has_keys {
        true => Some(Value::Object(object(place, places))),
        false if wanted.contains(&Wanted::Table) => Some(json!({ "type": "object" })),
        false => None,
    };
    if wanted.contains(&Wanted::Tables) {
        let of = table.clone().unwrap_or_else(|| json!({ "type": "object" }));
        forms.push(json!({ "type": "array", "items": of }));
    }
    forms.extend(table);
    if is_open && (forms.is_empty() || !has_keys) {
        return json!({});
    }
    if is_open {
        forms.extend([json!({ "type": ["string", "number", "boolean", "array"] })]);
    }
    match forms.as_slice() {
        [] => json!({}),
        [one] => one.clone(),
        _ => json!({ "anyOf": forms }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use dialmark_model::declared::{Document, Problems};

    #[test]
    fn a_schema_is_what_the_reader_asks_for() {
        let problems = Problems::new();
        let text = "[metric.a]\nlabel = \"A\"\nkind = \"ratio\"\n";
        let document = Document::parse("a.toml", text, &problems).unwrap();
        for (_, section) in document.root(&problems).named_sections("metric") {
            section.required_text("label", "its name");
            section.one_of("kind", ["simple", "ratio"]);
            section.text("kind");
            section.texts("drivers");
        }
        let schema = schema("Metrics", &problems.asked_for());
        let metric = &schema["properties"]["metric"]["additionalProperties"];
        assert_eq!(metric["properties"]["label"]["type"], "string");
        assert_eq!(metric["properties"]["kind"]["enum"], serde_json::json!(["simple", "ratio"]));
        assert_eq!(metric["additionalProperties"], false);
    }
}
