//! What the readers of benchmarks and of a strategy share: names, each only once.

use std::collections::BTreeMap;

use dialmark_model::declared::{Section, nearest};

use crate::reading::{is_sound, quoted};

/// Names seen so far, by what they are names of, and where.
#[derive(Debug, Default)]
pub(crate) struct Names(BTreeMap<(&'static str, String), String>);

impl Names {
    /// Notes the name of the thing that `section` declares; one that cannot be a name, or the second of two, is an error.
    /// Returns whether it can be kept.
    pub(crate) fn note(&mut self, section: &Section<'_>, noun: &'static str, name: &str) -> bool {
        if !is_sound(section, "", name) {
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

/// What to do about a name that is not among the known ones.
pub(crate) fn known<'n>(written: &str, names: impl IntoIterator<Item = &'n str> + Clone) -> Option<String> {
    if let Some(near) = nearest(written, names.clone()) {
        return Some(format!("Did you mean `{near}`?"));
    }
    let all = quoted(names);
    (!all.is_empty()).then(|| format!("Known here: {all}."))
}

/// A name as words: `b2b_cold_calls` is `b2b cold calls`.
pub(crate) fn spaced(name: &str) -> String {
    name.replace(['_', '.'], " ")
}
