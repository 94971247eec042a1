//! Dimensions, look-ups and hierarchies.

use dialmark_model::declared::{Section, Value};

use super::{name_is_fine, sentence_case};
use crate::catalogue::{Catalogue, Dimension, Hierarchy, Lookup, TIME_WORDS};
use crate::expr;

pub(super) fn read_dimension(id: &str, section: &Section<'_>, catalogue: &mut Catalogue) {
    let label = section.text("label").unwrap_or_else(|| sentence_case(id));
    let about = section.required_text("about", "one sentence");
    let texts = match section.node("expr").map(|node| &node.value) {
        Some(Value::Text(_) | Value::List(_)) => section.texts("expr"),
        _ => {
            section.error(
                "",
                "`expr` is missing.",
                Some("Add `expr = \"...\"`, an expression over columns.".to_owned()),
            );
            Vec::new()
        }
    };
    let mut exprs = Vec::new();
    for text in texts {
        match expr::parse(&text) {
            Ok(expr) => exprs.push(expr),
            Err(error) => section.error("expr", error.0, None),
        }
    }
    section.finish();
    if !name_is_fine(id, section) {
        return;
    }
    if TIME_WORDS.contains(&id) {
        let help = Some("Choose another name.".to_owned());
        section.error("", format!("`{id}` is a word for the time of a record."), help);
        return;
    }
    if let (Some(about), false) = (about, exprs.is_empty()) {
        let (declared_in, line) = (section.file().to_owned(), section.line());
        let dimension = Dimension { id: id.to_owned(), label, about, exprs, declared_in, line };
        if catalogue.dimensions.insert(id.to_owned(), dimension).is_some() {
            section.error("", format!("the dimension `{id}` is declared already."), None);
        }
    }
}

pub(super) fn read_lookup(id: &str, section: &Section<'_>, catalogue: &mut Catalogue) {
    let about = section.required_text("about", "one sentence");
    let from = section.required_text("from", "the table that has the column");
    let key = section.required_text("key", "the column there that names whose it is");
    let by = section.text("by");
    let column = section.required_text("column", "the column that is looked up");
    let since = section.text("since");
    let until = section.text("until");
    section.finish();
    if !name_is_fine(id, section) {
        return;
    }
    let (Some(about), Some(from), Some(key), Some(column)) = (about, from, key, column) else { return };
    let lookup = Lookup {
        id: id.to_owned(),
        about,
        from,
        by: by.unwrap_or_else(|| key.clone()),
        key,
        column,
        since,
        until,
        declared_in: section.file().to_owned(),
        line: section.line(),
    };
    if catalogue.lookups.insert(id.to_owned(), lookup).is_some() {
        section.error("", format!("the look-up `{id}` is declared already."), None);
    }
}

pub(super) fn read_hierarchy(id: &str, section: &Section<'_>, catalogue: &mut Catalogue) {
    let label = section.text("label").unwrap_or_else(|| sentence_case(id));
    let levels = section.texts("levels");
    section.finish();
    if !name_is_fine(id, section) {
        return;
    }
    if levels.len() < 2 {
        section.error("levels", "a hierarchy has at least two levels, the coarsest first.", None);
        return;
    }
    let (declared_in, line) = (section.file().to_owned(), section.line());
    let hierarchy = Hierarchy { id: id.to_owned(), label, levels, declared_in, line };
    if catalogue.hierarchies.insert(id.to_owned(), hierarchy).is_some() {
        section.error("", format!("the hierarchy `{id}` is declared already."), None);
    }
}
