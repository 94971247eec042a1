//! Names that people give: their shape, and each only once in a project.

use std::collections::BTreeMap;

use dialmark_model::declared::Section;

/// Longest name; PostgreSQL cuts identifiers at this length without a word.
const MAX_BYTES: usize = 63;

/// Whether a name can stand in formulas, file names and SQL without quotes; reports it if not.
pub(crate) fn is_sound(section: &Section<'_>, key: &str, name: &str) -> bool {
    let mut letters = name.chars();
    let sound = letters.next().is_some_and(|first| first.is_ascii_lowercase())
        && letters.all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_')
        && name.len() <= MAX_BYTES;
    if !sound {
        section.error(
            key,
            format!("`{name}` cannot be a name here."),
            Some(format!(
                "Names are lower-case letters, digits and `_`, begin with a letter and have at most {MAX_BYTES} characters."
            )),
        );
    }
    sound
}

/// Names seen so far, and where.
#[derive(Debug, Default)]
pub(crate) struct Names(BTreeMap<String, (String, usize)>);

impl Names {
    /// Notes a name that is declared at `key` of `section`; the second of two is an error that names both
    /// places. Returns whether it is the first.
    pub(crate) fn note(&mut self, section: &Section<'_>, key: &str, noun: &str, name: &str) -> bool {
        if let Some((file, line)) = self.0.get(name) {
            section.error(
                key,
                format!("the {noun} `{name}` is declared twice: here and in {file}:{line}."),
                Some("Remove or rename one of them.".to_owned()),
            );
            return false;
        }
        self.0.insert(name.to_owned(), (section.file().to_owned(), section.line_of(key)));
        true
    }

    /// Whether the name was noted, sound or not.
    pub(crate) fn has(&self, name: &str) -> bool {
        self.0.contains_key(name)
    }

    /// All names.
    pub(crate) fn iter(&self) -> impl Iterator<Item = &str> {
        self.0.keys().map(String::as_str)
    }
}

/// Names in back quotes, separated by commas, for messages.
pub(crate) fn quoted<'n>(names: impl IntoIterator<Item = &'n str>) -> String {
    names.into_iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
}
