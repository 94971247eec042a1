//! Applies a plan to one record after the other.

use dialmark_lake::{Person, arrival_revision};
use dialmark_model::facts::{Strange, Vocabulary};

use super::check::between_ms;
use super::dateless::{Anchor, follow};
use super::plan::{BoundField, BoundFrom, BoundText, IdPart, Plan, TextColumn};
use crate::people::{Forgotten, PeopleKey, hide::Hider};
use crate::records::{Reason, Refusal, Row};
use crate::values::{Cell, Flag, FlagSet, Reader, Value};

/// A typed row, used again for each record.
#[derive(Debug)]
pub struct Typer {
    plan: Plan,
    hider: Hider,
    forgotten: Forgotten,
    values: Vec<Value>,
    /// Bytes of all text cells.
    text: String,
    id: String,
    joined: String,
    revision: Option<i64>,
}

impl Typer {
    /// A typer for this plan, which hides numbers under `key`.
    pub fn new(plan: Plan, key: PeopleKey, forgotten: Forgotten) -> Typer {
        Typer {
            hider: Hider::new(key, plan.country),
            forgotten,
            values: vec![Value::default(); plan.width],
            plan,
            text: String::new(),
            id: String::new(),
            joined: String::new(),
            revision: None,
        }
    }

    /// Reads a record. A refusal says why it cannot become a row.
    pub fn read(&mut self, row: &Row<'_>) -> Result<(), Refusal> {
        self.values.fill(Value::default());
        self.text.clear();
        self.read_id(row)?;
        self.read_revision(row)?;
        for field in &mut self.plan.fields {
            let Given { text, by_mapping } = text_of(&field.text, row, &mut self.joined);
            let mut value = match (text, field.words) {
                ("", _) => Value::default(),
                (text, Some(words)) => in_words(text, by_mapping, words, &mut self.text),
                (text, None) if matches!(field.reader, Reader::Text) => keep(text, &mut self.text),
                (text, None) if matches!(field.reader, Reader::Phone) => {
                    self.hider.keep(text, &mut self.text)
                }
                (text, None) => field.reader.read(text),
            };
            if let Some(anchor) = anchor_of(field, &self.values, &self.plan.placed_by)
                && let Some(placer) = field.reader.placer()
            {
                value = follow(value, anchor, placer);
            }
            if let Some(slot) = self.values.get_mut(field.target) {
                *slot = value;
            }
        }
        self.is_placed(row)?;
        if let Some(order) = &self.plan.order {
            order.keep(&mut self.values);
        }
        self.work_out_lengths();
        self.check_durations();
        self.forget()
    }

    /// Nulls what stands for people who were erased, and what names them.
    fn forget(&mut self) -> Result<(), Refusal> {
        if self.forgotten.is_empty() || self.plan.keeps_everybody {
            return Ok(());
        }
        let whole = |at: &usize| match self.values.get(*at).map(|value| value.cell) {
            Some(Cell::Whole(at_us)) => Some(at_us),
            _ => None,
        };
        let at_us = self.plan.placed_by.iter().find_map(whole);
        let mut person = Person::default();
        let mut gone = Vec::new();
        for column in &self.plan.texts {
            let (Some(class), Some(value)) = (&column.class, self.kept(column.target)) else { continue };
            if self.forgotten.has(self.hider.key(), class, value, at_us) {
                gone.push(column.target);
                person = person.known_by(class, value);
            }
        }
        if let Some(class) = self.plan.id_class
            && self.forgotten.has(self.hider.key(), class, &self.id, at_us)
        {
            return Err(Refusal::new(Reason::Erased, "The record is about a person who was erased."));
        }
        if gone.is_empty() {
            return Ok(());
        }
        let others = self.plan.texts.iter().filter(|column| column.class.is_none());
        let names = |column: &&TextColumn| {
            self.kept(column.target).is_some_and(|value| {
                column.personal || person.is_in(value) || self.forgotten.mentions(self.hider.key(), value)
            })
        };
        gone.extend(others.filter(names).map(|column| column.target));
        for at in gone {
            if let Some(value) = self.values.get_mut(at) {
                *value = Value { flags: FlagSet::of(Flag::Erased), ..Value::default() };
            }
        }
        Ok(())
    }

    /// The text that is kept in a column.
    fn kept(&self, target: usize) -> Option<&str> {
        match self.values.get(target).map(|value| value.cell) {
            Some(Cell::Text(from, to)) => self.text.get(from..to),
            _ => None,
        }
    }

    fn read_id(&mut self, row: &Row<'_>) -> Result<(), Refusal> {
        self.id.clear();
        for (nth, IdPart { at, is_phone }) in self.plan.id.iter().enumerate() {
            let part = row.field(*at);
            let part = if *is_phone { self.hider.hidden(part) } else { part };
            if part.is_empty() {
                return Err(Refusal::new(
                    Reason::NoId,
                    "A part of the identifier is empty, so the record cannot be known again.",
                ));
            }
            if nth > 0 {
                self.id.push('|');
            }
            // Parts that contain the separator must not make two identifiers one.
            if self.plan.id.len() > 1 && part.contains(['|', '\\']) {
                self.id.push_str(&part.replace('\\', "\\\\").replace('|', "\\|"));
            } else {
                self.id.push_str(part);
            }
        }
        Ok(())
    }

    fn read_revision(&mut self, row: &Row<'_>) -> Result<(), Refusal> {
        self.revision = None;
        let Some(field) = &mut self.plan.revision else { return Ok(()) };
        let text = text_of(&field.text, row, &mut self.joined).text;
        let value = if text.is_empty() { Value::default() } else { field.reader.read(text) };
        match value.cell {
            Cell::Whole(revision) => {
                self.revision = Some(revision);
                Ok(())
            }
            _ => Err(Refusal::new(
                Reason::NoRevision,
                format!(
                    "The revision `{text}` cannot be read, so it is unknown whether the record is newer than others."
                ),
            )),
        }
    }

    fn is_placed(&mut self, row: &Row<'_>) -> Result<(), Refusal> {
        let known = |at: &usize| self.values.get(*at).is_some_and(|value| value.cell != Cell::Null);
        if self.plan.placed_by.is_empty() || self.plan.placed_by.iter().any(known) {
            return Ok(());
        }
        let mut said = Vec::new();
        for at in &self.plan.placed_by {
            for field in self.plan.fields.iter().filter(|field| field.target == *at) {
                let text = text_of(&field.text, row, &mut self.joined).text;
                said.push(match text {
                    "" => format!("{} is empty", field.said),
                    text => {
                        format!(
                            "{} is `{}`, which cannot be read as it is declared (`as`)",
                            field.said,
                            beginning(text)
                        )
                    }
                });
            }
        }
        Err(Refusal::new(Reason::NoTime, format!("No time places the record: {}.", said.join("; "))))
    }

    fn work_out_lengths(&mut self) {
        for &(length, from, to) in &self.plan.worked_out {
            let whole = |at: usize| match self.values.get(at).map(|value| value.cell) {
                Some(Cell::Whole(at_us)) => Some(at_us),
                _ => None,
            };
            let (Some(from), Some(to)) = (whole(from), whole(to)) else { continue };
            // What is there and cannot be read is another matter than what is not there.
            let is_absent = |value: &&mut Value| value.cell == Cell::Null && value.flags.is_empty();
            if let Some(value) = self.values.get_mut(length).filter(is_absent) {
                // An end in whole seconds may lie a moment before its start.
                *value = Value { cell: Cell::Whole(between_ms(from, to).max(0)), ..Value::default() };
            }
        }
    }

    fn check_durations(&mut self) {
        if self.plan.checks.is_empty() {
            return;
        }
        for check in &self.plan.checks {
            let flags = check.flags(&self.values);
            if let Some(value) = self.values.get_mut(check.duration).filter(|_| !flags.is_empty()) {
                value.flags = value.flags.and(flags);
            }
        }
    }

    /// Whether a text names somebody who was erased.
    pub fn names_nobody(&self, text: &str) -> bool {
        !self.forgotten.is_empty() && self.forgotten.mentions(self.hider.key(), text)
    }

    /// The row's values in the order of the table's columns.
    pub fn values(&self) -> &[Value] {
        &self.values
    }

    /// The text of a text cell.
    pub fn text(&self, from: usize, to: usize) -> &str {
        self.text.get(from..to).unwrap_or_default()
    }

    /// Bytes of all text of the row.
    pub fn text_bytes(&self) -> usize {
        self.text.len() + self.id.len()
    }

    /// The identifier; `None` for sources without one.
    pub fn id(&self) -> Option<&str> {
        (!self.plan.id.is_empty()).then_some(self.id.as_str())
    }

    /// The declared revision, else the one of arrival.
    pub fn revision(&self, import_id: i64, line: u64) -> i64 {
        self.revision.unwrap_or_else(|| arrival_revision(import_id, line))
    }

    /// Columns that this plan fills.
    pub fn filled(&self) -> impl Iterator<Item = usize> {
        let fields = || self.plan.fields.iter().map(|field| field.target);
        let is_mapped = move |length: &usize| fields().any(|target| target == *length);
        let worked_out = self.plan.worked_out.iter().map(|(length, ..)| *length);
        fields().chain(worked_out.filter(move |length| !is_mapped(length)))
    }
}

/// The beginning of a text, for a sentence.
fn beginning(text: &str) -> String {
    const SHOWN: usize = 60;
    match text.char_indices().nth(SHOWN) {
        Some((at, _)) => format!("{}…", text.get(..at).unwrap_or_default()),
        None => text.to_owned(),
    }
}

/// The text of a field, and whether the mapping gave it in place of what the source wrote.
struct Given<'a> {
    text: &'a str,
    by_mapping: bool,
}

impl<'a> Given<'a> {
    fn raw(text: &'a str) -> Given<'a> {
        Given { text, by_mapping: false }
    }

    fn by_mapping(text: &'a str) -> Given<'a> {
        Given { text, by_mapping: true }
    }
}

/// The text of a field: joined, without what means nothing, recoded.
fn text_of<'a>(bound: &'a BoundText, row: &Row<'a>, joined: &'a mut String) -> Given<'a> {
    let is_null = |text: &str| bound.null.iter().any(|null| null == text);
    let text = match &bound.from {
        BoundFrom::One(at) => row.field(*at),
        BoundFrom::Constant(text) => return Given::by_mapping(text),
        BoundFrom::Joined(parts, by) => {
            joined.clear();
            for (nth, at) in parts.iter().enumerate() {
                let part = row.field(*at);
                if is_null(part) || (bound.needs_all_parts && part.is_empty()) {
                    return Given::raw("");
                }
                if nth > 0 {
                    joined.push_str(by);
                }
                joined.push_str(part);
            }
            joined.trim_ascii()
        }
    };
    if text.is_empty() || is_null(text) {
        return Given::raw("");
    }
    match bound.values.iter().find(|(from, _)| from == text) {
        Some((_, to)) => Given::by_mapping(to),
        None => Given::raw(text),
    }
}

fn keep(text: &str, all: &mut String) -> Value {
    let from = all.len();
    all.push_str(text);
    Value { cell: Cell::Text(from, all.len()), ..Value::default() }
}

/// Keeps the word that a text stands for. A word that nobody knows is flagged, unless the mapping chose it.
fn in_words(text: &str, by_mapping: bool, words: &Vocabulary, all: &mut String) -> Value {
    let flags = FlagSet::of(Flag::Unknown);
    match (words.word(text), words.strange) {
        (Some(word), _) => keep(word, all),
        (None, _) if by_mapping => keep(text, all),
        (None, Strange::Null) => Value { flags, ..Value::default() },
        (None, Strange::Kept) => Value { flags, ..keep(text, all) },
    }
}

/// What the field's instant must not precede: the column that it follows, else the row's first known time.
fn anchor_of(field: &BoundField, values: &[Value], placed_by: &[usize]) -> Option<Anchor> {
    let after = field.after?;
    let whole = |at: usize| match values.get(at).map(|value| value.cell) {
        Some(Cell::Whole(value)) => Some(value),
        _ => None,
    };
    if let Some(at_us) = whole(after) {
        return Some(Anchor { at_us, lasting_ms: field.lasting.and_then(whole) });
    }
    let first = placed_by.iter().filter(|at| **at != field.target).find_map(|at| whole(*at))?;
    Some(Anchor { at_us: first, lasting_ms: None })
}
