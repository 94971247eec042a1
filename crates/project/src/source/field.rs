//! One field: where its text comes from and how it is read.

use dialmark_model::declared::{Node, Section, Value};
use dialmark_model::source::{Field, From};
use dialmark_model::{Column, Kind};

use super::reading;
use crate::constant;

/// The field of `column`, declared under its name in `columns`.
pub(super) fn read(columns: &Section<'_>, column: &Column) -> Option<Field> {
    let name = column.name.as_ref();
    match columns.node(name).map(|node| &node.value) {
        Some(Value::Text(source_column)) => {
            if source_column.trim().is_empty() {
                columns.error(
                    name,
                    "an empty text names no source column.",
                    Some("Remove the line.".to_owned()),
                );
                return None;
            }
            let from = From::Column(source_column.clone());
            let read = reading::without_word(columns, name, column.kind, &from)?;
            Some(Field {
                column: name.to_owned(),
                kind: column.kind,
                from,
                read,
                null: Vec::new(),
                values: Vec::new(),
                after: None,
                lasting: None,
            })
        }
        Some(Value::Table(_)) => read_section(&columns.section(name)?, name, column.kind),
        _ => {
            columns.error(
                name,
                "a column is filled from a text or a table.",
                Some(
                    "Write `COLUMN = \"source column\"`, `{ from = \"...\", as = \"...\" }` or `{ const = \"...\" }`."
                        .to_owned(),
                ),
            );
            None
        }
    }
}

/// The field behind `revision = { from = ..., as = ... }`: a whole number or an instant, as its `as` says.
pub(super) fn read_revision(section: &Section<'_>) -> Option<Field> {
    let is_integer = section.has("as") && section.text("as").as_deref() == Some("integer");
    let kind = if is_integer { Kind::Integer } else { Kind::Instant };
    for key in ["const", "values", "after", "lasting"] {
        if section.node(key).is_some() {
            section.error(
                key,
                format!("`{key}` means nothing for a revision."),
                Some("A revision has `from`, `as`, `join` and `null`.".to_owned()),
            );
        }
    }
    read_section(section, "revision", kind)
}

fn read_section(section: &Section<'_>, column: &str, kind: Kind) -> Option<Field> {
    let from = origin(section);
    let read = match (&from, section.has("as")) {
        (_, true) => reading::by_word(section, kind),
        (Some(from), false) => {
            section.node("as");
            reading::without_word(section, "", kind, from)
        }
        (None, false) => None,
    };
    let null = section.texts("null");
    let values = values(section);
    let after = section.text("after");
    let lasting = section.text("lasting");
    section.finish();

    let (from, read, values) = (from?, read?, values?);
    let constant = match &from {
        From::Constant(text) => Some(("const", text)),
        _ => None,
    };
    let recoded = values.iter().map(|(_, to)| ("values", to));
    let mut sound = true;
    for (key, text) in constant.into_iter().chain(recoded) {
        if let Some(wanted) = constant::unreadable(kind, &read, text) {
            section.error(
                key,
                format!("`{text}` cannot be read: `{column}` is of kind `{}`.", kind.word()),
                Some(format!("Write {wanted}.")),
            );
            sound = false;
        }
    }
    sound.then(|| Field { column: column.to_owned(), kind, from, read, null, values, after, lasting })
}

fn origin(section: &Section<'_>) -> Option<From> {
    let joined_by = section.text("join");
    match (section.has("from"), section.has("const")) {
        (true, false) => {
            section.node("const");
            from_columns(section, joined_by)
        }
        (false, true) => {
            section.node("from");
            let constant = section.node("const").and_then(|node| plain_text(section, "const", node))?;
            Some(From::Constant(constant))
        }
        (both, _) => {
            section.node("from");
            section.node("const");
            let message = if both {
                "`from` and `const` exclude each other."
            } else {
                "nothing says where the text comes from."
            };
            section.error(
                "",
                message,
                Some("Write `from = \"source column\"` or `const = \"text\"`.".to_owned()),
            );
            None
        }
    }
}

fn from_columns(section: &Section<'_>, joined_by: Option<String>) -> Option<From> {
    let columns = section.texts("from");
    match section.node("from").map(|node| &node.value) {
        // A part that is no text was reported; a shorter join would be read as something else.
        Some(Value::List(items)) if items.len() != columns.len() => return None,
        Some(Value::List(_) | Value::Text(_)) => {}
        _ => return None,
    }
    if columns.is_empty() || columns.iter().any(|column| column.trim().is_empty()) {
        section.error("from", "an empty text names no source column.", None);
        return None;
    }
    match <[String; 1]>::try_from(columns) {
        Ok([column]) => {
            if joined_by.is_some() {
                section.error(
                    "join",
                    "there is nothing to join: `from` names one column.",
                    Some("Remove it.".to_owned()),
                );
                return None;
            }
            Some(From::Column(column))
        }
        Err(several) => Some(From::Joined(several, joined_by.unwrap_or_else(|| " ".to_owned()))),
    }
}

fn values(section: &Section<'_>) -> Option<Vec<(String, String)>> {
    if !section.has("values") {
        section.node("values");
        return Some(Vec::new());
    }
    let recodes = section.section("values")?;
    recodes.has_free_keys();
    let pairs: Vec<Option<(String, String)>> = recodes
        .keys()
        .map(|text| Some((text.to_owned(), plain_text(&recodes, text, recodes.node(text)?)?)))
        .collect();
    pairs.into_iter().collect()
}

/// A text, or a number or truth value as it is written.
fn plain_text(section: &Section<'_>, key: &str, node: &Node) -> Option<String> {
    match &node.value {
        Value::Text(text) => Some(text.clone()),
        Value::Integer(number) => Some(number.to_string()),
        Value::Decimal(text) | Value::Moment(text) => Some(text.clone()),
        Value::Bool(yes) => Some(yes.to_string()),
        Value::List(_) | Value::Table(_) => {
            section.error(key, "this should be a single text, number, day or truth value.", None);
            None
        }
    }
}
