//! From TOML to a catalogue: measures, bindings, metrics, dimensions, look-ups, guides.

mod dimensions;
mod examples;
mod formulas;
mod guides;
mod measures;
mod metrics;

use dialmark_model::declared::{Document, Problems, Section};

use crate::catalogue::Catalogue;
use crate::expr;

/// Reads one file into the catalogue. Sections that are not the catalogue's are left to their own readers when the file
/// is one of sources; here they are reported as unknown.
pub(crate) fn read(file: &str, text: &str, catalogue: &mut Catalogue, problems: &Problems) {
    let Some(document) = Document::parse(file, text, problems) else { return };
    let root = document.root(problems);
    for (id, section) in root.named_sections("measure") {
        measures::read_measure(&id, &section, catalogue);
    }
    for (table, section) in root.named_sections("bind") {
        catalogue.note_bindings(&table, &section);
    }
    for (id, section) in root.named_sections("lookup") {
        dimensions::read_lookup(&id, &section, catalogue);
    }
    for (id, section) in root.named_sections("dimension") {
        dimensions::read_dimension(&id, &section, catalogue);
    }
    for (id, section) in root.named_sections("hierarchy") {
        dimensions::read_hierarchy(&id, &section, catalogue);
    }
    for (id, section) in root.named_sections("metric") {
        metrics::read_metric(&id, &section, catalogue);
    }
    for (id, section) in root.named_sections("guide") {
        guides::read_guide(&id, &section, catalogue);
    }
    for (id, section) in root.named_sections("symptom") {
        guides::read_symptom(&id, &section, catalogue);
    }
    if file.starts_with("sources/") {
        // Bindings may stand beside the source that they read; the rest of such a file has its own reader.
        root.node("source");
        root.node("table");
    }
    root.finish();
}

impl Catalogue {
    fn note_bindings(&mut self, table: &str, section: &Section<'_>) {
        measures::read_bindings(table, section, self);
    }
}

fn name_is_fine(id: &str, section: &Section<'_>) -> bool {
    let fine =
        !id.is_empty() && id.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_');
    if !fine {
        section.error(
            "",
            format!("`{id}` is not a name."),
            Some("Use lower-case letters, digits and underscores.".to_owned()),
        );
    }
    fine
}

/// An expression under a key, if present and readable.
fn formula(section: &Section<'_>, key: &str) -> Option<expr::Expr> {
    let text = section.text(key)?;
    match expr::parse(&text) {
        Ok(expr) => Some(expr),
        Err(error) => {
            section.error(key, error.0, None);
            None
        }
    }
}

/// A length of time: a duration such as `7 days`, a parameter, or an expression that is one.
fn window(section: &Section<'_>, key: &str) -> Option<expr::Expr> {
    let plain = section.text(key).and_then(|text| dialmark_model::duration_text::parse_ms(&text).ok());
    match plain.and_then(|ms| i64::try_from(ms).ok()) {
        Some(ms) => Some(expr::Expr::Integer(ms)),
        None => formula(section, key),
    }
}

fn sentence_case(id: &str) -> String {
    let spaced = id.replace('_', " ");
    let mut letters = spaced.chars();
    letters.next().map_or(String::new(), |first| first.to_uppercase().chain(letters).collect())
}

/// One of a closed list of words.
fn choice<T: Copy>(section: &Section<'_>, key: &str, all: &[(&str, T)]) -> Option<T> {
    section.one_of(key, all.iter().map(|(word, _)| *word));
    let word = section.text(key)?;
    let found = all.iter().find(|(w, _)| *w == word).map(|(_, t)| *t);
    if found.is_none() {
        let words: Vec<String> = all.iter().map(|(w, _)| format!("`{w}`")).collect();
        section.error(
            key,
            format!("`{word}` is not known here."),
            Some(format!("Use one of {}.", words.join(", "))),
        );
    }
    found
}
