//! How a source's records are known again.

use dialmark_model::declared::{Section, Value, nearest};
use dialmark_model::duration_text;
use dialmark_model::source::{Identity, Revision};

use super::field;

pub(super) fn read(section: &Section<'_>) -> Option<Identity> {
    if section.has("id") { with_id(section) } else { without_id(section) }
}

fn with_id(section: &Section<'_>) -> Option<Identity> {
    let columns = id_columns(section);
    let revision = revision(section);
    let look_back_days = look_back_days(section);
    let mode_is_absent = section.node("mode").is_none();
    if !mode_is_absent {
        section.error(
            "mode",
            "`mode` is for sources without `id`; records with one are known again by it.",
            Some("Remove `mode` or `id`.".to_owned()),
        );
        return None;
    }
    let was = if section.has("id_was") { section.texts("id_was") } else { Vec::new() };
    section.node("id_was");
    if let Some(columns) = columns.as_ref().filter(|columns| !was.is_empty() && was.len() != columns.len()) {
        section.error(
            "id_was",
            format!("{} columns cannot have been called otherwise by {} names.", columns.len(), was.len()),
            Some(
                "Name what each column of `id` was called before, in its order; the values must be the same."
                    .to_owned(),
            ),
        );
        return None;
    }
    Some(Identity::Id { columns: columns?, was, revision: revision?, look_back_days: look_back_days? })
}

fn without_id(section: &Section<'_>) -> Option<Identity> {
    section.node("id");
    let mut sound = true;
    for key in ["revision", "look_back", "id_was"] {
        if section.node(key).is_some() {
            section.error(
                key,
                format!("`{key}` needs `id`: without an identifier no record is known again."),
                Some("Add `id = \"COLUMN\"` or remove the key.".to_owned()),
            );
            sound = false;
        }
    }
    let mode = if section.has("mode") { section.text("mode")? } else { "replace".to_owned() };
    section.node("mode");
    match mode.as_str() {
        "replace" => sound.then_some(Identity::Replace),
        "append" => sound.then_some(Identity::Append),
        _ => {
            let help = match nearest(&mode, ["replace", "append"]) {
                Some(near) => format!("Did you mean `{near}`?"),
                None => {
                    "Write `replace` (a file supersedes the last of its name) or `append` (files add up)."
                        .to_owned()
                }
            };
            section.error("mode", format!("`{mode}` is not a mode."), Some(help));
            None
        }
    }
}

fn id_columns(section: &Section<'_>) -> Option<Vec<String>> {
    let columns = section.texts("id");
    let well_formed = match section.node("id").map(|node| &node.value) {
        Some(Value::List(items)) => items.len() == columns.len(),
        Some(Value::Text(_)) => true,
        _ => false,
    };
    if !well_formed {
        return None;
    }
    if columns.is_empty() || columns.iter().any(|column| column.trim().is_empty()) {
        section.error(
            "id",
            "an identifier needs the name of at least one source column.",
            Some("Remove `id` when records have none, and choose a `mode`.".to_owned()),
        );
        return None;
    }
    for (at, column) in columns.iter().enumerate() {
        if columns.iter().take(at).any(|earlier| earlier == column) {
            section.error(
                "id",
                format!("`{column}` is named twice."),
                Some("Name each column once.".to_owned()),
            );
            return None;
        }
    }
    Some(columns)
}

fn revision(section: &Section<'_>) -> Option<Revision> {
    match section.node("revision").map(|node| &node.value) {
        None => Some(Revision::Arrival),
        Some(Value::Text(word)) if word == "arrival" => Some(Revision::Arrival),
        Some(Value::Table(_)) => {
            Some(Revision::Column { field: field::read_revision(&section.section("revision")?)? })
        }
        Some(_) => {
            section.error(
                "revision",
                "a revision is `\"arrival\"` or a column.",
                Some(
                    "Write `{ from = \"COLUMN\", as = \"integer\" }` or another `as`, such as `epoch_s` or a pattern."
                        .to_owned(),
                ),
            );
            None
        }
    }
}

/// The outer `None` is a problem, the inner one "all".
fn look_back_days(section: &Section<'_>) -> Option<Option<u32>> {
    if !section.has("look_back") {
        section.node("look_back");
        return Some(None);
    }
    match duration_text::parse_days(&section.text("look_back")?) {
        Ok(0) => {
            section.error(
                "look_back",
                "a look-back of nothing would double every record that is delivered again.",
                Some("Write at least `1 day`, or leave the key out to search all.".to_owned()),
            );
            None
        }
        Ok(days) => Some(Some(days)),
        Err(bad) => {
            section.error("look_back", bad.to_string(), None);
            None
        }
    }
}
