//! One person in the store: which records are theirs, and how they are forgotten.
//!
//! A person is known by hidden telephone numbers and by keys: a lead, a customer, an account. Each value becomes a random
//! one, the same wherever it stood, so that every count of people, every repeat call and every conversion stays what it was,
//! and nobody can tell who it was. What only belongs to a person, such as a comment, goes.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::sync::Arc;

use arrow::array::{Array, ArrayRef, RecordBatch, StringArray};
use dialmark_model::table::system_columns;
use dialmark_model::{Column, Kind, Table};
use serde::Serialize;

use crate::durable::unique_hex;
use crate::error::{Computing, LakeError};
use crate::hash::text;
use crate::rewrite::Amend;

/// The class of all columns that hold telephone numbers.
pub const PHONE: &str = "number";
/// How a value begins that stands for somebody who was erased.
pub(crate) const ERASED: &str = "erased:";
/// Fewer digits than this are found in texts by chance.
const TELLING_DIGITS: usize = 6;

/// Tables whose records are people, and what other tables call their identifiers.
const PEOPLE: [(&str, &str); 1] = [("leads", "lead_id")];

/// What other tables call the identifier of a record that is about a person; `None` for other tables.
pub fn person_behind(table: &str) -> Option<&'static str> {
    PEOPLE.iter().find(|(name, _)| *name == table).map(|(_, class)| *class)
}

/// By what a person is known.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Person {
    /// Their telephone numbers as they are hidden.
    pub numbers: BTreeSet<String>,
    /// Their keys by the name of their column.
    pub keys: BTreeMap<String, BTreeSet<String>>,
    /// Their numbers in plain digits, without country and leading zeros, as texts may mention them.
    pub digits: BTreeSet<String>,
}

/// What is known of a person.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Found {
    /// Live records by table.
    pub records: BTreeMap<String, u64>,
    /// Keys that stand beside their number, and beside no other one.
    pub keys: Vec<FoundKey>,
    /// Keys that stand beside other numbers as well: perhaps another number of theirs, perhaps another person.
    pub shared: Vec<FoundKey>,
    /// Records that were set aside and whose text names them.
    pub set_aside: u64,
}

/// A key beside a number.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct FoundKey {
    /// Column.
    pub column: String,
    /// Value.
    pub value: String,
    /// Live records that have it.
    pub records: u64,
    /// Other numbers that stand beside it, as they are hidden.
    pub other_numbers: Vec<String>,
}

/// What the erasure of a person did.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct EraseReport {
    /// Data files that were written anew, those of earlier states included.
    pub files: u64,
    /// Entries of the journal that were.
    pub journal_entries: u64,
    /// Texts of set-aside records that were cleared, which cannot be read again now.
    pub quarantined: u64,
    /// Sides of conflicts that were cleared.
    pub conflicts: u64,
}

/// A value that was erased, by its print.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Erased {
    /// Under the key of the store.
    pub print: [u8; 16],
    /// Records from before this instant, in microseconds, are nobody's.
    pub before_us: i64,
}

impl Person {
    /// Class and value of all that the person is known by.
    pub fn values(&self) -> impl Iterator<Item = (&str, &str)> {
        let numbers = self.numbers.iter().map(|number| (PHONE, number.as_str()));
        let keys = self
            .keys
            .iter()
            .flat_map(|(class, values)| values.iter().map(move |value| (class.as_str(), value.as_str())));
        numbers.chain(keys)
    }

    /// The person, known by one more value of a class.
    pub fn known_by(mut self, class: &str, value: &str) -> Person {
        let known =
            if class == PHONE { &mut self.numbers } else { self.keys.entry(class.to_owned()).or_default() };
        known.insert(value.to_owned());
        self
    }

    /// The person, known by the keys that were found to be theirs as well.
    pub fn whole(self, found: &Found) -> Person {
        found.keys.iter().fold(self, |person, key| person.known_by(&key.column, &key.value))
    }

    fn of_class(&self, class: &str) -> Option<&BTreeSet<String>> {
        if class == PHONE { Some(&self.numbers) } else { self.keys.get(class) }
    }
}

/// What the values of a column are known by in every table; `None` for what is no value of a person.
fn class_of(column: &Column) -> Option<&str> {
    if column.kind == Kind::Phone {
        Some(PHONE)
    } else {
        column.is_key_of_a_person().then_some(column.name.as_ref())
    }
}

/// Whether a text mentions a number, however it is written. Other digits in between hide it; none are left out.
pub(crate) fn mentions(text: &str, digits: &str) -> bool {
    if digits.len() < TELLING_DIGITS {
        return false;
    }
    let all: String = text.chars().filter(char::is_ascii_digit).collect();
    all.contains(digits)
}

/// Whether a text names a key as a word of its own.
fn names(text: &str, key: &str) -> bool {
    let inside = |c: Option<char>| c.is_some_and(char::is_alphanumeric);
    key.chars().count() >= 4
        && text.match_indices(key).any(|(at, _)| {
            let before = text.get(..at).and_then(|t| t.chars().next_back());
            let after = text.get(at + key.len()..).and_then(|t| t.chars().next());
            !inside(before) && !inside(after)
        })
}

impl Person {
    /// Which records of a batch are theirs.
    pub(crate) fn rows(&self, table: &Table, batch: &RecordBatch) -> Vec<bool> {
        let mut theirs = vec![false; batch.num_rows()];
        let columns =
            table.columns.iter().filter_map(|column| Some((class_of(column)?, column.name.as_ref())));
        for (class, name) in columns.chain(person_behind(&table.name).map(|class| (class, "source_id"))) {
            let Some((known, values)) = self.of_class(class).zip(text(batch, name)) else { continue };
            for (is_theirs, value) in theirs.iter_mut().zip(values) {
                *is_theirs |= value.is_some_and(|value| known.contains(value));
            }
        }
        theirs
    }

    /// Whether a text says who it is about.
    pub fn is_in(&self, text: &str) -> bool {
        self.digits.iter().any(|digits| mentions(text, digits))
            || self.keys.values().flatten().any(|value| names(text, value))
            || self.numbers.iter().any(|number| text.contains(number.as_str()))
    }
}

/// Of a record of one table: which columns hold the number of the person it is about. The centre's own number stands
/// beside it in a call.
struct Sides<'a> {
    phones: Vec<(&'a str, &'a StringArray)>,
    direction: Option<&'a StringArray>,
}

impl<'a> Sides<'a> {
    fn of(table: &'a Table, batch: &'a RecordBatch) -> Sides<'a> {
        let phones = table.columns.iter().filter(|column| column.kind == Kind::Phone);
        Sides {
            phones: phones.filter_map(|c| Some((c.name.as_ref(), text(batch, &c.name)?))).collect(),
            direction: text(batch, "direction"),
        }
    }

    fn of_row(&self, row: usize) -> impl Iterator<Item = &'a str> {
        let direction = self.direction.filter(|c| c.is_valid(row)).map(|c| c.value(row));
        let own = match direction {
            Some("outbound") => Some("caller_number"),
            Some("inbound") => Some("called_number"),
            _ => None,
        };
        let theirs = self.phones.iter().filter(move |(name, _)| own != Some(*name));
        theirs.filter(move |(_, c)| c.is_valid(row)).map(move |(_, c)| c.value(row))
    }
}

/// Source and identifier of filed records that a waiting correction stands in for.
pub(crate) type Hidden<'a> = HashSet<(&'a str, &'a str)>;

/// Gathers what stands beside a person's numbers, then who else it stands beside.
#[derive(Debug, Default)]
pub(crate) struct Search {
    /// By column and value.
    keys: BTreeMap<String, BTreeMap<String, Seen>>,
}

#[derive(Debug, Default)]
struct Seen {
    records: u64,
    others: BTreeSet<String>,
}

/// More numbers beside one key say nothing more.
const MOST_OTHERS: usize = 100;

impl Search {
    /// Begins with the keys that the person is known by already.
    pub(crate) fn new(person: &Person) -> Search {
        let mut search = Search::default();
        for (column, values) in &person.keys {
            values.iter().for_each(|value| search.look_for(column, value));
        }
        search
    }

    fn look_for(&mut self, column: &str, value: &str) {
        self.keys.entry(column.to_owned()).or_default().entry(value.to_owned()).or_default();
    }

    /// First pass: the keys beside the numbers.
    pub(crate) fn gather(&mut self, table: &Table, batch: &RecordBatch, person: &Person) {
        let sides = Sides::of(table, batch);
        let keys = keys_of(table, batch);
        for row in 0..batch.num_rows() {
            if sides.of_row(row).any(|number| person.numbers.contains(number)) {
                for (name, column) in keys.iter().filter(|(_, column)| column.is_valid(row)) {
                    self.look_for(name, column.value(row));
                }
            }
        }
    }

    /// Second pass: what else stands beside those keys. A record and its correction are one.
    pub(crate) fn compare(
        &mut self,
        table: &Table,
        batch: &RecordBatch,
        person: &Person,
        hidden: &Hidden<'_>,
    ) {
        let (source, id) = (text(batch, "source"), text(batch, "source_id"));
        let is_hidden = |row: usize| {
            let of = |column: Option<&StringArray>| {
                column.filter(|c| c.is_valid(row)).map(|c| c.value(row).to_owned())
            };
            !hidden.is_empty()
                && of(source)
                    .zip(of(id))
                    .is_some_and(|(source, id)| hidden.contains(&(source.as_str(), id.as_str())))
        };
        let sides = Sides::of(table, batch);
        let keys = keys_of(table, batch);
        for row in 0..batch.num_rows() {
            let numbers: Vec<&str> = sides.of_row(row).collect();
            for (name, column) in keys.iter().filter(|(_, column)| column.is_valid(row)) {
                let known = self.keys.get_mut(*name).and_then(|values| values.get_mut(column.value(row)));
                let Some(seen) = known else { continue };
                seen.records += u64::from(!is_hidden(row));
                let others = numbers.iter().filter(|number| !person.numbers.contains(**number));
                for other in others {
                    if seen.others.len() < MOST_OTHERS {
                        seen.others.insert((*other).to_owned());
                    }
                }
            }
        }
    }

    /// What was found. Keys that were named from the beginning are the person's, whatever stands beside them.
    pub(crate) fn found(self, person: &Person) -> Found {
        let mut found = Found::default();
        let seen = self.keys.into_iter().flat_map(|(column, values)| {
            values.into_iter().map(move |(value, seen)| (column.clone(), value, seen))
        });
        for (column, value, seen) in seen {
            let is_named = person.keys.get(&column).is_some_and(|values| values.contains(&value));
            let one = FoundKey {
                column,
                value,
                records: seen.records,
                other_numbers: seen.others.into_iter().collect(),
            };
            if is_named || one.other_numbers.is_empty() {
                found.keys.push(one)
            } else {
                found.shared.push(one)
            }
        }
        found
    }
}

fn keys_of<'a>(table: &'a Table, batch: &'a RecordBatch) -> Vec<(&'a str, &'a StringArray)> {
    let keys = table.columns.iter().filter(|column| column.is_key_of_a_person());
    let id = person_behind(&table.name).and_then(|class| Some((class, text(batch, "source_id")?)));
    keys.filter_map(|column| Some((column.name.as_ref(), text(batch, &column.name)?))).chain(id).collect()
}

/// Replaces a person by somebody random.
#[derive(Debug)]
pub(crate) struct Forgetting {
    person: Person,
    surrogates: HashMap<String, HashMap<String, String>>,
}

impl Forgetting {
    pub(crate) fn of(person: Person) -> Forgetting {
        let mut surrogates: HashMap<String, HashMap<String, String>> = HashMap::new();
        for (class, value) in person.values() {
            let surrogate = format!("{ERASED}{}", unique_hex());
            surrogates.entry(class.to_owned()).or_default().insert(value.to_owned(), surrogate);
        }
        Forgetting { person, surrogates }
    }

    fn surrogate(&self, class: &str, value: &str) -> Option<&str> {
        self.surrogates.get(class)?.get(value).map(String::as_str)
    }

    /// A record as the catalogue keeps sides of conflicts, with somebody random in it; `None` when it is not theirs.
    pub(crate) fn amended_record(&self, table: &Table, record: &str) -> Option<String> {
        let mut record: serde_json::Map<String, serde_json::Value> = serde_json::from_str(record).ok()?;
        let mut is_theirs = false;
        for column in table.columns.iter() {
            let surrogate = class_of(column)
                .zip(record.get(column.name.as_ref()).and_then(|value| value.as_str()))
                .and_then(|(class, value)| self.surrogate(class, value));
            if let Some(surrogate) = surrogate {
                is_theirs = true;
                record.insert(column.name.clone().into_owned(), surrogate.into());
            }
        }
        if !is_theirs {
            return None;
        }
        for column in table.columns.iter().filter(|column| class_of(column).is_none()) {
            let value = record.get(column.name.as_ref()).and_then(|value| value.as_str());
            if column.kind.is_text() && value.is_some_and(|value| column.personal || self.person.is_in(value))
            {
                record.remove(column.name.as_ref());
            }
        }
        Some(serde_json::Value::Object(record).to_string())
    }

    pub(crate) fn person(&self) -> &Person {
        &self.person
    }
}

impl Amend for Forgetting {
    fn touches(&self, table: &Table, batch: &RecordBatch) -> bool {
        self.person.rows(table, batch).contains(&true)
    }

    fn amended(&self, table: &Table, batch: &RecordBatch) -> Result<Option<RecordBatch>, LakeError> {
        let theirs = self.person.rows(table, batch);
        if !theirs.contains(&true) {
            return Ok(None);
        }
        let columns = batch.schema_ref().fields().iter().zip(batch.columns()).map(|(field, array)| {
            let own = table.columns.iter().find(|column| column.name == *field.name());
            // What the system writes of a record says where it came from, not whom it is about.
            let column = own.filter(|_| !system_columns().iter().any(|c| c.name == *field.name()));
            match (column, text(batch, field.name())) {
                (None, Some(ids)) if field.name() == "source_id" => self.ids(table, ids, array),
                (Some(column), Some(values)) if column.kind.is_text() => self.column(column, values, &theirs),
                _ => array.clone(),
            }
        });
        let columns: Vec<ArrayRef> = columns.collect();
        RecordBatch::try_new(batch.schema(), columns).computing("forget a person").map(Some)
    }
}

impl Forgetting {
    /// The identifiers of records that are people, like any other key of theirs.
    fn ids(&self, table: &Table, ids: &StringArray, as_it_is: &ArrayRef) -> ArrayRef {
        let Some(class) = person_behind(&table.name) else { return as_it_is.clone() };
        let amended = ids.iter().map(|id| id.map(|id| self.surrogate(class, id).unwrap_or(id)));
        Arc::new(amended.collect::<StringArray>())
    }

    fn column(&self, column: &Column, values: &StringArray, theirs: &[bool]) -> ArrayRef {
        let class = class_of(column);
        let amended = values.iter().zip(theirs).map(|(value, is_theirs)| {
            let value = value?;
            if !is_theirs {
                return Some(value);
            }
            match class {
                Some(class) => Some(self.surrogate(class, value).unwrap_or(value)),
                None if column.personal || self.person.is_in(value) => None,
                None => Some(value),
            }
        });
        Arc::new(amended.collect::<StringArray>())
    }
}
