//! A mapping bound to the columns of one file.

use std::collections::BTreeSet;

use dialmark_model::facts::{Between, Vocabulary, vocabulary};
use dialmark_model::source::{Field, From, Identity, Read, Revision, Source};
use dialmark_model::{Column, Kind, Table, civil, facts};
use jiff::tz::TimeZone;

use super::check::{BoundCheck, checks_of};
use super::order::BoundOrder;
use crate::people::Country;
use crate::records::Columns;
use crate::values::Reader;

/// Longest duration of one fact: a year. What one call or one state lasts is far below.
const LONGEST_FACT_MS: i64 = 366 * 86_400_000;
/// Longest duration in a row of a table of the user's own, which may add up many facts: ten thousand years.
const LONGEST_SUM_MS: i64 = 10_000 * LONGEST_FACT_MS;

/// Why a mapping cannot be applied to a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PlanError {
    /// The mapping is at fault, whatever the file.
    Mapping(String),
    /// The file lacks what the mapping reads.
    File(String),
}

/// How a record becomes a row.
#[derive(Debug)]
pub struct Plan {
    /// Fields in the order in which they are read: those that others follow come first.
    pub(super) fields: Vec<BoundField>,
    /// Number of columns of the table.
    pub(super) width: usize,
    /// Positions of the identifier's parts; empty for sources without one.
    pub(super) id: Vec<IdPart>,
    /// Columns of text, and whether they stand for a person.
    pub(super) texts: Vec<TextColumn>,
    /// What the identifier stands for, where the record is about a person.
    pub(super) id_class: Option<&'static str>,
    /// Nobody is erased from it.
    pub(super) keeps_everybody: bool,
    /// Country of numbers without an international prefix.
    pub(super) country: Option<Country>,
    /// The declared revision.
    pub(super) revision: Option<BoundField>,
    /// Columns that place a row in time, in order of preference.
    pub(super) placed_by: Vec<usize>,
    /// Lengths between two instants: their columns, and those of the instants.
    pub(super) worked_out: Vec<(usize, usize, usize)>,
    pub(super) checks: Vec<BoundCheck>,
    /// Times that must not precede the start.
    pub(super) order: Option<BoundOrder>,
}

/// A part of an identifier.
#[derive(Debug)]
pub(super) struct IdPart {
    pub at: usize,
    /// A telephone number, which stands hidden in the identifier as well.
    pub is_phone: bool,
}

/// A column of text, as far as it may say who a record is about.
#[derive(Debug)]
pub(super) struct TextColumn {
    /// Position of the column in the table.
    pub target: usize,
    /// What its values are known by in every table, when each stands for a person.
    pub class: Option<String>,
    /// Goes with the person, such as a comment.
    pub personal: bool,
}

/// A field bound to positions.
#[derive(Debug)]
pub(super) struct BoundField {
    /// Position of the column in the table.
    pub target: usize,
    /// Which column is read from what, in words.
    pub said: String,
    pub text: BoundText,
    pub reader: Reader,
    pub after: Option<usize>,
    pub lasting: Option<usize>,
    /// The words of a column that has a closed set of them.
    pub words: Option<&'static Vocabulary>,
}

/// Where the text of a field comes from, and what is done to it before it is read.
#[derive(Debug)]
pub(super) struct BoundText {
    pub from: BoundFrom,
    /// Texts that mean nothing.
    pub null: Vec<String>,
    pub values: Vec<(String, String)>,
    /// A joined text of which a part is missing is a text all the same, but no time or number.
    pub needs_all_parts: bool,
}

#[derive(Debug)]
pub(super) enum BoundFrom {
    One(usize),
    Joined(Vec<usize>, String),
    Constant(String),
}

/// Names of the source's columns that a mapping reads, each once.
pub fn wanted_columns(source: &Source) -> Vec<String> {
    let mut wanted = Vec::new();
    if let Identity::Id { columns, revision, .. } = &source.identity {
        wanted.extend(columns.iter());
        if let Revision::Column { field } = revision {
            wanted.extend(names_of(&field.from));
        }
    }
    wanted.extend(source.fields.iter().flat_map(|field| names_of(&field.from)));
    let mut seen = BTreeSet::new();
    wanted.into_iter().filter(|name| seen.insert(name.as_str())).cloned().collect()
}

fn names_of(from: &From) -> &[String] {
    match from {
        From::Column(name) => std::slice::from_ref(name),
        From::Joined(names, _) => names,
        From::Constant(_) => &[],
    }
}

impl Plan {
    /// Binds a mapping to a file's columns.
    pub fn new(source: &Source, columns: &Columns) -> Result<Plan, PlanError> {
        let binder = Binder {
            table: &source.table,
            columns,
            zone: civil::zone(&source.zone).map_err(|e| PlanError::Mapping(format!("{e}.")))?,
            longest_ms: if facts::table(&source.table.name).is_some() {
                LONGEST_FACT_MS
            } else {
                LONGEST_SUM_MS
            },
        };
        columns.find_all(&wanted_columns(source)).map_err(PlanError::File)?;
        binder.each_column_once(&source.fields)?;
        let ordered = in_reading_order(&source.fields)?;
        let fields = ordered.into_iter().map(|field| binder.field(field)).collect::<Result<Vec<_>, _>>()?;
        let (id, revision) = match &source.identity {
            Identity::Id { columns, revision, .. } => {
                let id = columns.iter().map(|name| binder.id_part(name, &source.fields));
                let id = id.collect::<Result<Vec<_>, _>>()?;
                if id.is_empty() {
                    return Err(PlanError::Mapping("`id` names no column.".into()));
                }
                let revision = match revision {
                    Revision::Arrival => None,
                    Revision::Column { field } => Some(binder.revision(field)?),
                };
                (id, revision)
            }
            Identity::Replace | Identity::Append => (Vec::new(), None),
        };
        let plan = Plan {
            placed_by: source.table.placed_by.iter().filter_map(|name| binder.position(name)).collect(),
            worked_out: binder.worked_out(source),
            checks: binder.checks(),
            order: BoundOrder::of(&source.table.name, |name| binder.position(name)),
            width: source.table.columns.len(),
            texts: binder.texts(),
            id_class: dialmark_lake::person_behind(&source.table.name),
            keeps_everybody: dialmark_lake::keeps_everybody(&source.table.name),
            country: country_of(source)?,
            fields,
            id,
            revision,
        };
        plan.can_be_placed(&source.table)?;
        Ok(plan)
    }

    fn can_be_placed(&self, table: &Table) -> Result<(), PlanError> {
        let filled = |at: &usize| self.fields.iter().any(|field| field.target == *at);
        if self.placed_by.is_empty() || self.placed_by.iter().any(filled) {
            return Ok(());
        }
        let names = table.placed_by.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ");
        Err(PlanError::Mapping(format!(
            "no row can be placed in time, because none of {names} is filled. Map one of them, or bind the file as a table of its own without a clock."
        )))
    }
}

fn country_of(source: &Source) -> Result<Option<Country>, PlanError> {
    let Some(code) = source.country.as_deref() else { return Ok(None) };
    let unknown = || {
        PlanError::Mapping(format!(
            "`country = \"{code}\"` is no country of which telephone numbers are known; write a code of ISO 3166-1 such as `GB`."
        ))
    };
    Country::from_code(code).ok_or_else(unknown).map(Some)
}

struct Binder<'a> {
    table: &'a Table,
    columns: &'a Columns,
    zone: TimeZone,
    longest_ms: i64,
}

impl Binder<'_> {
    fn position(&self, name: &str) -> Option<usize> {
        self.table.columns.iter().position(|column| column.name == name)
    }

    fn source(&self, name: &str) -> Result<usize, PlanError> {
        self.columns.find(name).map_err(PlanError::File)
    }

    fn id_part(&self, name: &str, fields: &[Field]) -> Result<IdPart, PlanError> {
        let is_phone =
            |field: &Field| field.kind == Kind::Phone && names_of(&field.from).iter().any(|n| n == name);
        Ok(IdPart { at: self.source(name)?, is_phone: fields.iter().any(is_phone) })
    }

    fn texts(&self) -> Vec<TextColumn> {
        let of = |(target, column): (usize, &Column)| {
            let class = if column.kind == Kind::Phone {
                Some(dialmark_lake::PHONE.to_owned())
            } else {
                column.is_key_of_a_person().then(|| column.name.to_string())
            };
            column.kind.is_text().then_some(TextColumn { target, class, personal: column.personal })
        };
        self.table.columns.iter().enumerate().filter_map(of).collect()
    }

    fn each_column_once(&self, fields: &[Field]) -> Result<(), PlanError> {
        let mut seen = BTreeSet::new();
        match fields.iter().find(|field| !seen.insert(&field.column)) {
            Some(twice) => Err(PlanError::Mapping(format!("`{}` is filled twice.", twice.column))),
            None => Ok(()),
        }
    }

    fn field(&self, field: &Field) -> Result<BoundField, PlanError> {
        let target = self.own_column(&field.column)?;
        let declared = self.table.columns.get(target).map(|column| column.kind);
        if declared != Some(field.kind) {
            return Err(PlanError::Mapping(format!(
                "`{}` is read as `{}`, which is not the kind that its table declares.",
                field.column,
                field.kind.word()
            )));
        }
        let mut bound = self.bind(field, target)?;
        bound.after = field.after.as_deref().map(|name| self.own_column(name)).transpose()?;
        bound.words = vocabulary(&self.table.name, &field.column);
        bound.lasting = field.lasting.as_deref().map(|name| self.own_column(name)).transpose()?;
        Ok(bound)
    }

    fn own_column(&self, name: &str) -> Result<usize, PlanError> {
        self.position(name)
            .ok_or_else(|| PlanError::Mapping(format!("table `{}` has no column `{name}`.", self.table.name)))
    }

    fn revision(&self, field: &Field) -> Result<BoundField, PlanError> {
        match field.kind {
            Kind::Instant | Kind::Integer => self.bind(field, 0),
            other => Err(PlanError::Mapping(format!(
                "a revision must be an instant or a whole number, not `{}`.",
                other.word()
            ))),
        }
    }

    fn bind(&self, field: &Field, target: usize) -> Result<BoundField, PlanError> {
        let from = match &field.from {
            From::Column(name) => BoundFrom::One(self.source(name)?),
            From::Joined(names, by) => {
                let parts = names.iter().map(|name| self.source(name)).collect::<Result<Vec<_>, _>>()?;
                BoundFrom::Joined(parts, by.clone())
            }
            From::Constant(text) => BoundFrom::Constant(text.clone()),
        };
        let mut reader = Reader::new(field.kind, &field.read, &self.zone, self.longest_ms)
            .map_err(|e| PlanError::Mapping(format!("`{}`: {e}.", field.column)))?;
        if let From::Constant(text) = &field.from {
            self.constant_is_sound(field, text, &mut reader)?;
        }
        let text = BoundText {
            from,
            null: field.null.clone(),
            values: field.values.clone(),
            needs_all_parts: !field.kind.is_text(),
        };
        let said = match &field.from {
            From::Column(name) => format!("`{}`, read from `{name}`,", field.column),
            From::Joined(names, _) => format!("`{}`, read from `{}`,", field.column, names.join("`, `")),
            From::Constant(_) => format!("`{}`", field.column),
        };
        Ok(BoundField { target, said, text, reader, after: None, lasting: None, words: None })
    }

    fn constant_is_sound(&self, field: &Field, text: &str, reader: &mut Reader) -> Result<(), PlanError> {
        let is_text = field.kind.is_text() && field.read == Read::Plain;
        if is_text || reader.read(text).flags.is_empty() {
            return Ok(());
        }
        Err(PlanError::Mapping(format!(
            "the constant `{text}` of `{}` is no sound value of kind `{}`.",
            field.column,
            field.kind.word()
        )))
    }

    fn worked_out(&self, source: &Source) -> Vec<(usize, usize, usize)> {
        let bound = |one: &Between| {
            Some((self.position(one.length)?, self.position(one.from)?, self.position(one.to)?))
        };
        source.worked_out().filter_map(bound).collect()
    }

    fn checks(&self) -> Vec<BoundCheck> {
        let bound = |check: &super::check::Check| {
            Some(BoundCheck {
                duration: self.position(check.duration)?,
                from: self.position(check.from)?,
                to: self.position(check.to)?,
                unless: check.unless.and_then(|name| self.position(name)),
            })
        };
        checks_of(&self.table.name).filter_map(bound).collect()
    }
}

/// Fields that follow no other first, then each behind the one that it follows.
fn in_reading_order(fields: &[Field]) -> Result<Vec<&Field>, PlanError> {
    let (mut waiting, mut ordered): (Vec<_>, Vec<_>) = fields.iter().partition(|field| field.after.is_some());
    while !waiting.is_empty() {
        let unread: BTreeSet<_> = waiting.iter().map(|field| field.column.as_str()).collect();
        let (ready, still): (Vec<_>, Vec<_>) = waiting
            .iter()
            .partition(|field| !field.after.as_deref().is_some_and(|after| unread.contains(after)));
        if ready.is_empty() {
            let names = unread.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ");
            return Err(PlanError::Mapping(format!("{names} follow each other in a circle by `after`.")));
        }
        ordered.extend(ready);
        waiting = still;
    }
    Ok(ordered)
}
