//! `dispositions/*.toml`: what the result codes of the sources mean.

use std::collections::BTreeMap;

use dialmark_model::declared::{Section, Value, nearest};
use dialmark_model::validity::Days;
use dialmark_model::{Disposition, DispositionMap, Outcome};

use crate::names::quoted;

/// Codes read so far, from all files.
#[derive(Debug, Default)]
pub(crate) struct Codes {
    map: DispositionMap,
    /// Where each code was given a meaning, and for which days.
    given: BTreeMap<String, Vec<Given>>,
}

/// A meaning that a code was given.
#[derive(Debug)]
struct Given {
    days: Days,
    file: String,
    line: usize,
}

impl Codes {
    /// Reads the section `[disposition]` of one file. `from` and `until` at the top of the file limit it to these days.
    pub(crate) fn read(&mut self, root: &Section<'_>) {
        let days = Days { from: root.day("from"), until: root.day("until") };
        if days.is_empty() {
            root.error(
                "until",
                "the file holds on no day.",
                Some("Let `until` be later than `from`.".to_owned()),
            );
        }
        let mut codes = BTreeMap::new();
        if let Some(section) = root.section("disposition") {
            section.has_free_keys();
            for code in section.keys() {
                // Noted before it is read, so that a second map of a broken code is still found.
                let first = self.note(&section, code, days);
                let meaning = meaning(&section, code);
                if let (true, Some(meaning)) = (first, meaning) {
                    codes.insert(code.to_owned(), meaning);
                }
            }
        }
        root.finish();
        match days == Days::ALL {
            true => self.map.codes.extend(codes),
            false => self.map.dated.push((days, codes)),
        }
    }

    /// Notes a meaning; one for days on which the code has a meaning already is an error that names both places.
    fn note(&mut self, section: &Section<'_>, code: &str, days: Days) -> bool {
        let given = self.given.entry(code.to_owned()).or_default();
        let clash = given.iter().find(|g| g.days.overlap(&days));
        if let Some(other) = clash {
            let place = format!("{}:{}", other.file, other.line);
            let (message, help) = match (days, other.days) {
                (Days::ALL, Days::ALL) => (
                    format!("the code `{code}` is declared twice: here and in {place}."),
                    "Remove or rename one of them.",
                ),
                (here, there) => (
                    format!(
                        "the code `{code}` means two things on the same days: here ({here}) and in {place} ({there})."
                    ),
                    "Limit the files to different days with `from` and `until`.",
                ),
            };
            section.error(code, message, Some(help.to_owned()));
        }
        let is_free = clash.is_none();
        given.push(Given { days, file: section.file().to_owned(), line: section.line_of(code) });
        is_free
    }

    pub(crate) fn into_map(self) -> DispositionMap {
        self.map
    }
}

fn meaning(section: &Section<'_>, code: &str) -> Option<Disposition> {
    match section.node(code).map(|node| &node.value) {
        Some(Value::Text(word)) => Some(Disposition::of(outcome(section, code, word)?)),
        Some(Value::Table(_)) => full_meaning(&section.section(code)?),
        _ => {
            section.error(
                code,
                "the meaning of a code is a text or a table.",
                Some(
                    "Write `CODE = \"sale\"` or `CODE = { means = \"sale\", label = \"Sold\" }`.".to_owned(),
                ),
            );
            None
        }
    }
}

fn full_meaning(section: &Section<'_>) -> Option<Disposition> {
    let word = section.required_text("means", "what the code stands for, such as `sale`");
    let label = section.text("label");
    let contact = section.flag("contact");
    let right_party = section.flag("right_party");
    let live_answer = section.flag("live_answer");
    let success = section.flag("success");
    section.finish();

    let defaults = Disposition::of(outcome(section, "means", &word?)?);
    // What is stated decides what follows from it: whoever says that a code is no contact need not add that
    // it is no right party either.
    let contact_known = contact.unwrap_or(defaults.contact || right_party == Some(true));
    let meaning = Disposition {
        outcome: defaults.outcome,
        label,
        contact: contact_known,
        right_party: right_party.unwrap_or(defaults.right_party && contact_known),
        live_answer: live_answer.unwrap_or(defaults.live_answer || contact_known),
        success: success.unwrap_or(defaults.success),
    };
    if meaning.right_party && !meaning.contact {
        section.error(
            "right_party",
            "a right party cannot be reached without a contact.",
            Some("Remove `contact = false`.".to_owned()),
        );
        return None;
    }
    if meaning.contact && !meaning.live_answer {
        section.error(
            "live_answer",
            "an agent cannot speak to a person when no live person picked up.",
            Some("Remove `live_answer = false`, or add `contact = false`.".to_owned()),
        );
        return None;
    }
    if meaning.success && !meaning.contact {
        section.warn(
            if section.has("success") { "success" } else { "contact" },
            "this code counts as a success although nobody was reached.",
            Some("Add `success = false` unless that is meant.".to_owned()),
        );
    }
    Some(meaning)
}

fn outcome(section: &Section<'_>, key: &str, word: &str) -> Option<Outcome> {
    let outcome = Outcome::from_word(word);
    if outcome.is_none() {
        let words = || Outcome::ALL.into_iter().map(Outcome::word);
        let help = match nearest(word, words()) {
            Some(near) => format!("Did you mean `{near}`?"),
            None => format!("Known meanings: {}.", quoted(words())),
        };
        section.error(key, format!("`{word}` is not a meaning that metrics know."), Some(help));
    }
    outcome
}
