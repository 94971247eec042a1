//! Worked examples.

use dialmark_model::declared::{Node, Section, Value};

use crate::exact::Ratio;
use crate::metric::{Example, ExampleRecords, Expected, Variant};

/// The example of one variant: its value, or one a group.
pub(super) fn read_example(section: &Section<'_>) -> Option<Example> {
    let says = section.required_text("says", "the example in words");
    let by = section.text("by");
    let mut values = Vec::new();
    if let Some(node) = section.node("value") {
        values.extend(expected(section, "value", node).map(|v| (None, v)));
    }
    if let Some(inner) = section.section("values") {
        inner.has_free_keys();
        for key in inner.keys() {
            if let Some(node) = inner.node(key) {
                values.extend(expected(&inner, key, node).map(|v| (Some(key.to_owned()), v)));
            }
        }
    }
    if values.is_empty() {
        section.error("", "`value` is missing.", Some("Say what must come out.".to_owned()));
    }
    let until = read_until(section);
    let records = read_records(section);
    section.finish();
    let declared_in = (section.file().to_owned(), section.line());
    Some(Example { says: says?, records, values, by, until, declared_in })
}

/// One set of records for several rivals: every variant that `gives` names gets the example with its own value.
pub(super) fn share_example(section: &Section<'_>, variants: &mut [Variant]) {
    let says = section.required_text("says", "the example in words");
    let until = read_until(section);
    let records = read_records(section);
    if let (Some(gives), Some(says)) = (section.section("gives"), says) {
        gives.has_free_keys();
        for key in gives.keys() {
            let Some(value) = gives.node(key).and_then(|node| expected(&gives, key, node)) else { continue };
            match variants.iter_mut().find(|v| v.id == key) {
                None => gives.error(key, format!("there is no variant `{key}`."), None),
                Some(variant) if variant.example.is_some() => {
                    gives.error(key, format!("`{key}` has an example of its own."), None);
                }
                Some(variant) => {
                    let (says, records) = (says.clone(), records.clone());
                    let declared_in = (section.file().to_owned(), section.line());
                    let values = vec![(None, value)];
                    variant.example = Some(Example { says, records, values, by: None, until, declared_in });
                }
            }
        }
    }
    section.finish();
}

fn read_until(section: &Section<'_>) -> Option<jiff::civil::Date> {
    match section.node("until").map(|node| &node.value)? {
        Value::Moment(text) | Value::Text(text) if text.parse::<jiff::civil::Date>().is_ok() => {
            text.parse().ok()
        }
        _ => {
            section.error("until", "this should be a day, such as 2026-02-01.", None);
            None
        }
    }
}

fn expected(section: &Section<'_>, key: &str, node: &Node) -> Option<Expected> {
    let text = match &node.value {
        Value::Integer(number) => number.to_string(),
        Value::Decimal(text) | Value::Text(text) => text.clone(),
        _ => String::new(),
    };
    if let Some(reason) = text.strip_prefix("null:") {
        return Some(Expected::Null(reason.trim().to_owned()));
    }
    let value = Ratio::parse(&text).map(Expected::Value);
    if value.is_none() {
        section.error(
            key,
            "this is no value.",
            Some("Write a number, a fraction in quotes such as \"2/3\", or \"null: reason\".".to_owned()),
        );
    }
    value
}

fn read_records(section: &Section<'_>) -> Vec<ExampleRecords> {
    let mut records = Vec::new();
    let Some(Value::List(items)) = section.node("records").map(|n| &n.value) else {
        section.error("", "`records` is missing.", Some("Add `records = [ { ... } ]`.".to_owned()));
        return records;
    };
    for item in items {
        let Value::Table(entries) = &item.value else {
            section.error("records", "this should be a list of tables.", None);
            continue;
        };
        let mut group = ExampleRecords { times: 1, table: "calls".to_owned(), fields: Vec::new() };
        for (key, node) in entries {
            match (key.as_str(), &node.value) {
                ("times", Value::Integer(number @ 1..=1_000_000)) => {
                    group.times = u32::try_from(*number).unwrap_or(1);
                }
                ("times", _) => {
                    section.error("records", "`times` should be a whole number from 1 to 1000000.", None);
                }
                ("table", Value::Text(table)) => group.table.clone_from(table),
                (column, Value::Text(text) | Value::Decimal(text) | Value::Moment(text)) => {
                    group.fields.push((column.to_owned(), text.clone()));
                }
                (column, Value::Integer(number)) => {
                    group.fields.push((column.to_owned(), number.to_string()))
                }
                (column, Value::Bool(yes)) => group.fields.push((column.to_owned(), yes.to_string())),
                (column, _) => {
                    section.error("records", format!("`{column}` should be a text or a number."), None);
                }
            }
        }
        records.push(group);
    }
    records
}
