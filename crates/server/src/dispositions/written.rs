//! What codes mean, between the form and the files of `dispositions/`.
//!
//! A meaning that changes on a day ends in one file and begins in another: files hold for the days that they name.

use std::collections::BTreeMap;

use dialmark_model::{Disposition, Outcome};
use dialmark_view::form::Sent;
use dialmark_view::pages::dispositions::{FLAGS, LABEL, MEANS, YES, field};
use jiff::civil::Date;
use toml_edit::{DocumentMut, InlineTable, Item, Table, Value};

use crate::declaring::FileChange;

/// The file of meanings that hold on all days and were given by form.
const OWN_FILE: &str = "dispositions/by_form.toml";

/// The meaning of a code, as a declaration writes it: what follows from the outcome is left out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Meaning {
    outcome: Outcome,
    label: Option<String>,
    flags: Vec<(&'static str, bool)>,
}

impl Meaning {
    /// Of a code as it is understood.
    pub fn of(known: &Disposition) -> Meaning {
        let flags =
            |means: &Disposition| [means.contact, means.right_party, means.live_answer, means.success];
        let all = FLAGS.iter().zip(flags(known)).zip(flags(&Disposition::of(known.outcome)));
        Meaning {
            outcome: known.outcome,
            label: known.label.clone(),
            flags: all
                .filter(|((_, is), default)| is != default)
                .map(|(((name, _), is), _)| (*name, is))
                .collect(),
        }
    }

    /// As the form says it; `None` for a code without one.
    pub fn sent(code: &str, sent: &Sent) -> Result<Option<Meaning>, String> {
        let word = sent.text(&field(MEANS, code));
        if word.is_empty() {
            return Ok(None);
        }
        let outcome =
            Outcome::from_word(word).ok_or_else(|| format!("`{word}` is no meaning that metrics know."))?;
        let label = sent.text(&field(LABEL, code));
        let defaults = Meaning::of(&Disposition::of(outcome));
        let flags = FLAGS.iter().filter_map(|(flag, _)| match sent.text(&field(flag, code)) {
            "" => None,
            way => Some((*flag, way == YES)),
        });
        let label = Some(label.to_owned()).filter(|label| !label.is_empty());
        Ok(Some(Meaning { label, flags: flags.collect(), ..defaults }))
    }

    /// In a word, with its name.
    pub fn shown(&self) -> String {
        let word = self.outcome.word().replace('_', " ");
        let mut text = match &self.label {
            Some(label) => format!("{word} ({label})"),
            None => word,
        };
        for (flag, is) in &self.flags {
            text.push_str(&format!(", {}{}", if *is { "" } else { "no " }, flag.replace('_', " ")));
        }
        text
    }

    fn value(&self) -> Value {
        if self.label.is_none() && self.flags.is_empty() {
            return Value::from(self.outcome.word());
        }
        let mut table = InlineTable::new();
        table.insert("means", Value::from(self.outcome.word()));
        if let Some(label) = &self.label {
            table.insert("label", Value::from(label.as_str()));
        }
        for (flag, is) in &self.flags {
            table.insert(*flag, Value::from(*is));
        }
        Value::InlineTable(table)
    }
}

/// The days of a file.
type Days = (Option<Date>, Option<Date>);

/// The files of `dispositions/` while they are changed.
struct Files {
    before: BTreeMap<String, String>,
    now: BTreeMap<String, DocumentMut>,
}

/// The files after some codes mean something else, from a day on or on all days. What the files cannot say so is refused.
pub fn changed(
    files: &BTreeMap<String, String>,
    changes: &[(String, Option<Meaning>)],
    since: Option<Date>,
) -> Result<Vec<FileChange>, String> {
    let mut now = BTreeMap::new();
    for (path, text) in files {
        let document: DocumentMut = text.parse().map_err(|error| format!("`{path}` is no TOML: {error}"))?;
        now.insert(path.clone(), document);
    }
    let mut all = Files { before: files.clone(), now };
    for (code, meaning) in changes {
        match since {
            None => all.set_always(code, meaning.as_ref())?,
            Some(day) => all.begin_on(code, meaning.as_ref(), day)?,
        }
    }
    Ok(all.changes())
}

impl Files {
    fn set_always(&mut self, code: &str, meaning: Option<&Meaning>) -> Result<(), String> {
        let holders = self.holders(code);
        match (holders.as_slice(), meaning) {
            ([], None) => {}
            ([], Some(meaning)) => self.put(OWN_FILE, (None, None), code, meaning.value()),
            ([(path, (None, None))], Some(meaning)) => self.put(path, (None, None), code, meaning.value()),
            ([(path, (None, None))], None) => {
                self.take(path, code);
            }
            _ => {
                return Err(format!(
                    "`{code}` means different things on different days. Say since which day it means this."
                ));
            }
        }
        Ok(())
    }

    fn begin_on(&mut self, code: &str, meaning: Option<&Meaning>, day: Date) -> Result<(), String> {
        let later: Vec<(String, Days)> = self
            .holders(code)
            .into_iter()
            .filter(|(_, (_, until))| until.is_none_or(|until| until > day))
            .collect();
        match later.as_slice() {
            [] => {}
            [(path, (from, None))] if from.is_none_or(|from| from <= day) => {
                let old = self.take(path, code);
                if *from != Some(day)
                    && let Some(old) = old
                {
                    let days = (*from, Some(day));
                    let path = self.file_of(days);
                    self.put(&path, days, code, old);
                }
            }
            _ => {
                return Err(format!(
                    "`{code}` changes its meaning after {day} already. Choose a later day, or change the files in \
                     `dispositions/`."
                ));
            }
        }
        if let Some(meaning) = meaning {
            let days = (Some(day), None);
            let path = self.file_of(days);
            self.put(&path, days, code, meaning.value());
        }
        Ok(())
    }

    /// The files in which a code has a meaning, with their days.
    fn holders(&self, code: &str) -> Vec<(String, Days)> {
        let has = |document: &DocumentMut| {
            document
                .get("disposition")
                .and_then(Item::as_table_like)
                .is_some_and(|codes| codes.contains_key(code))
        };
        self.now
            .iter()
            .filter(|(_, document)| has(document))
            .map(|(path, d)| (path.clone(), days(d)))
            .collect()
    }

    /// The file that holds for some days, or the name of one.
    fn file_of(&self, wanted: Days) -> String {
        let is_of = |document: &DocumentMut| days(document) == wanted;
        let found = self.now.iter().find(|(_, document)| is_of(document)).map(|(path, _)| path.clone());
        found.unwrap_or_else(|| match wanted {
            (None, None) => OWN_FILE.to_owned(),
            (Some(from), None) => format!("dispositions/from_{from}.toml"),
            (None, Some(until)) => format!("dispositions/until_{until}.toml"),
            (Some(from), Some(until)) => format!("dispositions/from_{from}_until_{until}.toml"),
        })
    }

    fn put(&mut self, path: &str, (from, until): Days, code: &str, value: Value) {
        let document = self.now.entry(path.to_owned()).or_insert_with(|| {
            let mut new = DocumentMut::new();
            for (key, day) in [("from", from), ("until", until)] {
                if let Some(Ok(day)) = day.map(|day| day.to_string().parse::<Value>()) {
                    new.insert(key, Item::Value(day));
                }
            }
            new
        });
        if document.get("disposition").is_none() {
            document.insert("disposition", Item::Table(Table::new()));
        }
        let Some(codes) = document.get_mut("disposition").and_then(Item::as_table_like_mut) else { return };
        match codes.get_mut(code).and_then(Item::as_value_mut) {
            Some(old) => {
                let around = old.decor().clone();
                *old = value;
                *old.decor_mut() = around;
            }
            None => {
                codes.insert(code, Item::Value(value.decorated(" ", "")));
            }
        }
    }

    /// Takes a code's meaning out of a file.
    fn take(&mut self, path: &str, code: &str) -> Option<Value> {
        let codes = self.now.get_mut(path)?.get_mut("disposition")?.as_table_like_mut()?;
        codes.remove(code)?.into_value().ok()
    }

    fn changes(self) -> Vec<FileChange> {
        let changed = self.now.into_iter().filter_map(|(path, document)| {
            let before = self.before.get(&path).cloned();
            let after = document.to_string();
            (before.as_ref() != Some(&after)).then_some(FileChange { path, before, after })
        });
        // What begins is written before what ends: between the two a code means two things, which is said, rather than
        // nothing, which is not.
        let (mut new, old): (Vec<FileChange>, Vec<FileChange>) =
            changed.partition(|file| file.before.is_none());
        new.extend(old);
        new
    }
}

fn days(document: &DocumentMut) -> Days {
    let day = |key: &str| document.get(key).and_then(|item| item.to_string().trim().parse().ok());
    (day("from"), day("until"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    const OURS: &str = "# Ours.\n\n[disposition]\nSALE = \"sale\" # sold\nCB   = { means = \"callback\", label = \"Call back\" }\n";

    fn files() -> BTreeMap<String, String> {
        [("dispositions/dialler.toml".to_owned(), OURS.to_owned())].into()
    }

    fn means(outcome: Outcome) -> Option<Meaning> {
        Some(Meaning::of(&Disposition::of(outcome)))
    }

    fn texts(changes: Vec<FileChange>) -> Vec<(String, String)> {
        changes.into_iter().map(|file| (file.path, file.after)).collect()
    }

    #[test]
    fn a_code_gets_another_meaning_in_its_place_and_a_new_one_comes_into_a_file_of_its_own() {
        let changes =
            [("SALE".to_owned(), means(Outcome::Interested)), ("NEW".to_owned(), means(Outcome::Machine))];
        let found = texts(changed(&files(), &changes, None).unwrap());
        assert_eq!(
            found,
            [
                ("dispositions/by_form.toml".to_owned(), "[disposition]\nNEW = \"machine\"\n".to_owned()),
                ("dispositions/dialler.toml".to_owned(), OURS.replace("\"sale\"", "\"interested\"")),
            ]
        );
        let gone = texts(changed(&files(), &[("CB".to_owned(), None)], None).unwrap());
        assert!(!gone[0].1.contains("CB") && gone[0].1.contains("# sold"), "{gone:?}");
        assert!(changed(&files(), &[("SALE".to_owned(), means(Outcome::Sale))], None).unwrap().is_empty());
    }

    #[test]
    fn from_a_day_on_the_old_meaning_ends_in_one_file_and_the_new_one_begins_in_another() {
        let day = date(2026, 11, 1);
        let changes =
            [("SALE".to_owned(), means(Outcome::Interested)), ("NEW".to_owned(), means(Outcome::Machine))];
        let found = texts(changed(&files(), &changes, Some(day)).unwrap());
        let names: Vec<&str> = found.iter().map(|(path, _)| path.as_str()).collect();
        assert_eq!(
            names,
            [
                "dispositions/from_2026-11-01.toml",
                "dispositions/until_2026-11-01.toml",
                "dispositions/dialler.toml"
            ]
        );
        assert_eq!(
            found[0].1,
            "from = 2026-11-01\n\n[disposition]\nSALE = \"interested\"\nNEW = \"machine\"\n"
        );
        assert!(
            found[1].1.starts_with("until = 2026-11-01\n") && found[1].1.contains("SALE = \"sale\""),
            "{}",
            found[1].1
        );
        assert!(!found[2].1.contains("SALE") && found[2].1.contains("CB"));
        // Once more, from a later day on: three meanings one after another.
        let mut all: BTreeMap<String, String> = files();
        all.extend(found);
        let later = [("SALE".to_owned(), means(Outcome::Callback))];
        let again = texts(changed(&all, &later, Some(date(2026, 12, 1))).unwrap());
        let names: Vec<&str> = again.iter().map(|(path, _)| path.as_str()).collect();
        assert!(names.contains(&"dispositions/from_2026-11-01_until_2026-12-01.toml"), "{names:?}");
        all.extend(again);
        let refused = changed(&all, &later, Some(date(2026, 10, 1))).unwrap_err();
        assert!(refused.contains("after 2026-10-01 already"), "{refused}");
        assert!(changed(&all, &later, None).unwrap_err().contains("different days"));
    }
}
