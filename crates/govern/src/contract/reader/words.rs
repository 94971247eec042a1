//! What the readers of all parts of a contract share: names, choices, required values, lists.

use std::collections::BTreeMap;

use dialmark_metrics::Ratio;
use dialmark_metrics::metric::Unit;
use dialmark_model::declared::{Section, nearest};
use jiff::civil::Date;

use crate::value;

/// Names seen so far within a contract, and the lines they stand in.
#[derive(Debug, Default)]
pub(super) struct Names(BTreeMap<String, usize>);

impl Names {
    /// Notes a name; the second of two is an error that names both lines. Whether it is the first.
    /// A name that is no good for other reasons is noted as well, so that what refers to it is not called unknown.
    pub(super) fn note(&mut self, section: &Section<'_>, key: &str, noun: &str, name: &str) -> bool {
        if let Some(line) = self.0.get(name) {
            section.error(
                key,
                format!("the {noun} `{name}` is declared twice: here and in line {line}."),
                Some("Give one of them another `name`.".to_owned()),
            );
            return false;
        }
        self.0.insert(name.to_owned(), section.line_of(key));
        true
    }

    /// Whether the name was noted.
    pub(super) fn has(&self, name: &str) -> bool {
        self.0.contains_key(name)
    }

    /// All names.
    pub(super) fn iter(&self) -> impl Iterator<Item = &str> {
        self.0.keys().map(String::as_str)
    }
}

/// Whether a name can stand in the line of a statement without quotes; reports it if not.
pub(super) fn is_name(section: &Section<'_>, key: &str, name: &str) -> bool {
    let is_sound = name.bytes().next().is_some_and(|first| first.is_ascii_lowercase())
        && name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_');
    if !is_sound {
        section.error(
            key,
            format!("`{name}` cannot be a name here."),
            Some("Names are lower-case letters, digits and `_`, and begin with a letter.".to_owned()),
        );
    }
    is_sound
}

/// The required `name` of a part.
pub(super) fn name(section: &Section<'_>, names: &mut Names, noun: &str) -> Option<String> {
    let name = section.required_text("name", "what it is called in statements")?;
    let is_sound = is_name(section, "name", &name);
    let is_first = names.note(section, "name", noun, &name);
    (is_sound && is_first).then_some(name)
}

/// Reads every part under a key; `None` when one of them has an error, after all have been read.
pub(super) fn each<T>(
    section: &Section<'_>,
    key: &str,
    mut read: impl FnMut(&Section<'_>) -> Option<T>,
) -> Option<Vec<T>> {
    let read: Vec<Option<T>> = section.sections(key).iter().map(&mut read).collect();
    read.into_iter().collect()
}

/// One of a closed list of words, if the key is present; `None` after a report when it is another.
pub(super) fn choice<T: Copy>(section: &Section<'_>, key: &str, all: &[(&str, T)]) -> Option<T> {
    section.one_of(key, all.iter().map(|(word, _)| *word));
    let word = section.text(key)?;
    let found = all.iter().find(|(known, _)| *known == word).map(|(_, value)| *value);
    if found.is_none() {
        let help = match nearest(&word, all.iter().map(|(known, _)| *known)) {
            Some(near) => format!("Did you mean `{near}`?"),
            None => format!("Use one of {}.", quoted(all.iter().map(|(known, _)| *known))),
        };
        section.error(key, format!("`{word}` is not known here."), Some(help));
    }
    found
}

/// One of a closed list of words that must be there.
pub(super) fn required_choice<T: Copy>(section: &Section<'_>, key: &str, all: &[(&str, T)]) -> Option<T> {
    if !section.has(key) {
        section.one_of(key, all.iter().map(|(word, _)| *word));
        let words = quoted(all.iter().map(|(word, _)| *word));
        let first = all.first().map_or("...", |(word, _)| *word);
        section.error(
            "",
            format!("`{key}` is missing."),
            Some(format!("Add `{key} = \"{first}\"`; it can be {words}.")),
        );
        return None;
    }
    choice(section, key, all)
}

/// A number that must be there, in a unit; read from its text.
pub(super) fn required_number(section: &Section<'_>, key: &str, unit: Unit, example: &str) -> Option<Ratio> {
    if !section.has(key) {
        section.node(key);
        section.error("", format!("`{key}` is missing."), Some(format!("Add `{key} = {example}`.")));
        return None;
    }
    value::of_unit(section, key, unit)
}

/// A day that must be there.
pub(super) fn required_day(section: &Section<'_>, key: &str, what: &str) -> Option<Date> {
    if !section.has(key) {
        section.day(key);
        section.error("", format!("`{key}` is missing."), Some(format!("Add `{key} = 2026-07-01`: {what}.")));
        return None;
    }
    section.day(key)
}

/// Whether a key that may be absent was read: absent, or present with a value.
pub(super) fn is_well<T>(section: &Section<'_>, key: &str, value: Option<&T>) -> bool {
    value.is_some() || !section.has(key)
}

/// Reports a number that is not in its range; whether it is.
pub(super) fn in_range(section: &Section<'_>, key: &str, fits: bool, message: &str, help: &str) -> bool {
    if !fits {
        section.error(key, message, Some(help.to_owned()));
    }
    fits
}

/// Whether a name refers to something that is declared; reports it with the nearest if not.
pub(super) fn refers(section: &Section<'_>, key: &str, noun: &str, name: &str, known: &Names) -> bool {
    if known.has(name) {
        return true;
    }
    let help = match nearest(name, known.iter()) {
        Some(near) => Some(format!("Did you mean `{near}`?")),
        None if known.iter().next().is_none() => None,
        None => Some(format!("This contract has {}.", quoted(known.iter()))),
    };
    section.error(key, format!("this contract has no {noun} `{name}`."), help);
    false
}

/// Names in back quotes, separated by commas.
pub(super) fn quoted<'n>(names: impl IntoIterator<Item = &'n str>) -> String {
    names.into_iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
}
