//! What readers of declarations share: names, each only once, and words of a closed list.

use std::collections::BTreeMap;

use dialmark_model::declared::{Section, nearest};

/// Longest name; PostgreSQL cuts identifiers at this length without a word.
const MOST_BYTES: usize = 63;

/// Names seen so far, by what they are names of, and where.
#[derive(Debug, Default)]
pub(crate) struct Names(BTreeMap<(&'static str, String), String>);

impl Names {
    /// Notes the name of the thing that `section` declares; one that cannot be a name, or the second of two, is an error.
    /// Returns whether it can be kept.
    pub(crate) fn note(&mut self, section: &Section<'_>, noun: &'static str, name: &str) -> bool {
        if !is_sound(section, name) {
            return false;
        }
        let place = format!("{}:{}", section.file(), section.line());
        match self.0.get(&(noun, name.to_owned())) {
            Some(first) => {
                section.error(
                    "",
                    format!("the {noun} `{name}` is declared twice: here and in {first}."),
                    Some("Remove or rename one of them.".to_owned()),
                );
                false
            }
            None => {
                self.0.insert((noun, name.to_owned()), place);
                true
            }
        }
    }
}

/// Whether a name can stand in file names and addresses without quotes; reports it if not.
fn is_sound(section: &Section<'_>, name: &str) -> bool {
    let mut letters = name.chars();
    let sound = letters.next().is_some_and(|first| first.is_ascii_lowercase())
        && letters.all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_')
        && name.len() <= MOST_BYTES;
    if !sound {
        section.error(
            "",
            format!("`{name}` cannot be a name here."),
            Some(format!(
                "Names are lower-case letters, digits and `_`, begin with a letter and have at most {MOST_BYTES} characters."
            )),
        );
    }
    sound
}

/// One of a closed list of words under `key`, if present; another one is reported with the nearest.
pub(crate) fn choice<T: Copy>(section: &Section<'_>, key: &str, all: &[(&'static str, T)]) -> Option<T> {
    section.one_of(key, all.iter().map(|(word, _)| *word));
    let written = section.text(key)?;
    let found = all.iter().find(|(word, _)| *word == written).map(|(_, meant)| *meant);
    if found.is_none() {
        section.error(key, format!("`{written}` is not known here."), Some(meant(&written, all)));
    }
    found
}

/// One of a closed list of words that must be there.
pub(crate) fn required_choice<T: Copy>(
    section: &Section<'_>,
    key: &str,
    all: &[(&'static str, T)],
) -> Option<T> {
    if !section.has(key) {
        section.one_of(key, all.iter().map(|(word, _)| *word));
        section.error(
            "",
            format!("`{key}` is missing."),
            Some(format!("It is one of {}.", quoted(all.iter().map(|(word, _)| *word)))),
        );
        return None;
    }
    choice(section, key, all)
}

fn meant<T>(written: &str, all: &[(&'static str, T)]) -> String {
    match nearest(written, all.iter().map(|(word, _)| *word)) {
        Some(near) => format!("Did you mean `{near}`?"),
        None => format!("Use one of {}.", quoted(all.iter().map(|(word, _)| *word))),
    }
}

/// What to do about a name that is not among the known ones.
pub(crate) fn known<'n>(written: &str, names: impl IntoIterator<Item = &'n str> + Clone) -> Option<String> {
    if let Some(near) = nearest(written, names.clone()) {
        return Some(format!("Did you mean `{near}`?"));
    }
    let all = quoted(names);
    (!all.is_empty()).then(|| format!("Known here: {all}."))
}

/// Names in back quotes, separated by commas.
pub(crate) fn quoted<'n>(names: impl IntoIterator<Item = &'n str>) -> String {
    names.into_iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
}

/// A name as words: `b2b_cold_calls` is `b2b cold calls`.
pub(crate) fn spaced(name: &str) -> String {
    name.replace(['_', '.'], " ")
}
