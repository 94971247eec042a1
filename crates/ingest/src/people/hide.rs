//! Hides the numbers of one source, each once for as long as it is remembered.

use std::collections::HashMap;

use super::key::PeopleKey;
use super::number::{Country, Heard, hear};
use crate::values::{Cell, Flag, FlagSet, Value};

/// Numbers that are remembered: the same few call out, and lists are called more than once.
const REMEMBERED: usize = 65_536;

/// Hides numbers under a key.
#[derive(Debug)]
pub struct Hider {
    key: PeopleKey,
    country: Option<Country>,
    seen: HashMap<String, (String, FlagSet)>,
}

impl Hider {
    /// For numbers that may lack their international prefix when `country` is given.
    pub fn new(key: PeopleKey, country: Option<Country>) -> Hider {
        Hider { key, country, seen: HashMap::new() }
    }

    /// The key.
    pub fn key(&self) -> &PeopleKey {
        &self.key
    }

    /// What is kept of a number, appended to `all`.
    pub fn keep(&mut self, text: &str, all: &mut String) -> Value {
        let (hidden, flags) = self.look(text);
        if hidden.is_empty() {
            return Value { flags: *flags, ..Value::default() };
        }
        let from = all.len();
        all.push_str(hidden);
        Value { cell: Cell::Text(from, all.len()), flags: *flags, wall: None }
    }

    /// What is kept of a number that is part of an identifier; a withheld one stays a word.
    pub fn hidden<'a>(&'a mut self, text: &'a str) -> &'a str {
        if text.is_empty() {
            return text;
        }
        let (hidden, _) = self.look(text);
        if hidden.is_empty() { text } else { hidden }
    }

    fn look(&mut self, text: &str) -> &(String, FlagSet) {
        if !self.seen.contains_key(text) {
            if self.seen.len() >= REMEMBERED {
                self.seen.clear();
            }
            let found = self.work_out(text);
            self.seen.insert(text.to_owned(), found);
        }
        static NOTHING: (String, FlagSet) = (String::new(), FlagSet::NONE);
        self.seen.get(text).unwrap_or(&NOTHING)
    }

    fn work_out(&self, text: &str) -> (String, FlagSet) {
        let heard = hear(text, self.country);
        let hidden = self.key.hidden(&heard);
        match heard {
            Heard::Withheld => (String::new(), FlagSet::of(Flag::Withheld)),
            Heard::Short => (text.to_owned(), FlagSet::NONE),
            Heard::Other(_) => (hidden.unwrap_or_default(), FlagSet::of(Flag::Unread)),
            Heard::Number(_) => (hidden.unwrap_or_default(), FlagSet::NONE),
        }
    }
}
