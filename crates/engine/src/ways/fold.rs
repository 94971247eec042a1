//! Adding records up in several ways at once, in plain loops over the batches of a reading.

use std::collections::{BTreeMap, HashMap};
use std::hash::{BuildHasherDefault, Hasher};

use arrow::array::{Array, AsArray, BooleanArray, Decimal128Array, RecordBatch};
use arrow::datatypes::{DataType, Date32Type, Decimal128Type, Int64Type, TimestampMicrosecondType};
use dialmark_metrics::{Binding, Key};
use dialmark_model::civil::Calendar;
use jiff::Timestamp;

use crate::additive::{Parts, SumColumns};
use crate::answer::{self, key_at, text_at};
use crate::error::{EngineError, refuse};
use crate::functions::date_of;
use crate::passes::Seen;
use crate::plan::{Sums, Use};

/// Bytes that a view holds itself.
const SHORT: u32 = 12;

/// A column of keys.
#[derive(Debug)]
pub(super) struct Column {
    /// Its name in the batches; `None` when no way reads it.
    pub name: Option<String>,
    pub is_weekday: bool,
}

/// How a measure is read of a record.
#[derive(Debug)]
pub(super) struct Measured {
    /// The column that says whether it counts; all do when absent.
    pub filter: Option<String>,
    /// The column of what is added up; a count has none.
    pub value: Option<String>,
    pub columns: SumColumns,
}

/// What is read, and in which ways it is added up.
#[derive(Debug)]
pub(super) struct Read {
    pub keys: Vec<Column>,
    /// Places of columns of keys.
    pub ways: Vec<Vec<usize>>,
    pub measured: Vec<Measured>,
}

/// Multiplies and folds: keys are small numbers of our own, or what records hold and nobody chooses to collide.
#[derive(Debug, Default, Clone, Copy)]
struct Quick(u64);

impl Hasher for Quick {
    fn finish(&self) -> u64 {
        self.0
    }
    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.write_u64(u64::from(*byte));
        }
    }
    fn write_u64(&mut self, value: u64) {
        let mixed = (self.0.rotate_left(5) ^ value).wrapping_mul(0x9E37_79B9_7F4A_7C15);
        self.0 = mixed ^ (mixed >> 32);
    }
    fn write_i64(&mut self, value: i64) {
        self.write_u64(value.cast_unsigned());
    }
    fn write_u128(&mut self, value: u128) {
        let half = |half: u128| u64::try_from(half & u128::from(u64::MAX)).unwrap_or(0);
        self.write_u64(half(value >> 64));
        self.write_u64(half(value));
    }
}

type Quickly<K> = HashMap<K, u32, BuildHasherDefault<Quick>>;

/// Numbers for the values of a column, in the order in which they are met.
#[derive(Debug, Default)]
struct Codes {
    keys: Vec<Key>,
    short: Quickly<u128>,
    numbers: Quickly<i64>,
    others: HashMap<Key, u32>,
}

impl Codes {
    fn next(keys: &mut Vec<Key>, key: Key) -> Result<u32, EngineError> {
        let number = u32::try_from(keys.len()).or_else(|_| refuse("there are too many values."))?;
        keys.push(key);
        Ok(number)
    }

    fn other(&mut self, key: Key) -> Result<u32, EngineError> {
        if let Some(code) = self.others.get(&key) {
            return Ok(*code);
        }
        let code = Codes::next(&mut self.keys, key.clone())?;
        self.others.insert(key, code);
        Ok(code)
    }

    /// The code of every row of a column.
    fn of(&mut self, column: &dyn Array, is_weekday: bool, codes: &mut Vec<u32>) -> Result<(), EngineError> {
        codes.clear();
        let numbers = |column: &dyn Array| -> Option<Vec<i64>> {
            Some(match column.data_type() {
                DataType::Int64 => column.as_primitive::<Int64Type>().values().to_vec(),
                DataType::Date32 => {
                    column.as_primitive::<Date32Type>().values().iter().map(|day| i64::from(*day)).collect()
                }
                DataType::Timestamp(..) => {
                    column.as_primitive_opt::<TimestampMicrosecondType>()?.values().to_vec()
                }
                _ => return None,
            })
        };
        if let Some(values) = column.as_string_view_opt() {
            let mut last: Option<(u128, u32)> = None;
            for (row, (view, length)) in values.views().iter().zip(values.lengths()).enumerate() {
                if values.is_null(row) {
                    codes.push(self.other(Key::None)?);
                    continue;
                }
                // A short text lies in the view itself, and is told apart without being looked at.
                if length > SHORT {
                    codes.push(self.other(Key::Text(values.value(row).to_owned()))?);
                    continue;
                }
                let code = match last {
                    Some((seen, code)) if seen == *view => code,
                    _ => match self.short.get(view) {
                        Some(code) => *code,
                        None => {
                            let code = Codes::next(&mut self.keys, Key::Text(values.value(row).to_owned()))?;
                            self.short.insert(*view, code);
                            code
                        }
                    },
                };
                last = Some((*view, code));
                codes.push(code);
            }
        } else if let Some(numbers) = numbers(column) {
            let mut last: Option<(i64, u32)> = None;
            for (row, value) in numbers.into_iter().enumerate() {
                if column.is_null(row) {
                    codes.push(self.other(Key::None)?);
                    continue;
                }
                let code = match last {
                    Some((seen, code)) if seen == value => code,
                    _ => match self.numbers.get(&value) {
                        Some(code) => *code,
                        None => {
                            let code = Codes::next(&mut self.keys, key_at(column, row, is_weekday)?)?;
                            self.numbers.insert(value, code);
                            code
                        }
                    },
                };
                last = Some((value, code));
                codes.push(code);
            }
        } else {
            for row in 0..column.len() {
                codes.push(self.other(key_at(column, row, is_weekday)?)?);
            }
        }
        Ok(())
    }
}

/// What one way has added up.
#[derive(Debug, Default)]
struct Groups {
    /// One map a key: from the group of the keys before it and this one's code to the group of both.
    steps: Vec<Quickly<u64>>,
    /// By group, the codes of its keys.
    codes: Vec<Vec<u32>>,
    /// By group, then by measure.
    parts: Vec<Parts>,
}

impl Groups {
    /// Groups of the rows of a batch.
    fn of(&mut self, columns: &[&[u32]], rows: usize, groups: &mut Vec<u32>) -> Result<(), EngineError> {
        groups.clear();
        groups.resize(rows, 0);
        self.steps.resize_with(columns.len(), Quickly::default);
        let last = columns.len().checked_sub(1);
        if last.is_none() && self.codes.is_empty() && rows > 0 {
            self.codes.push(Vec::new());
        }
        for (at, (step, codes)) in self.steps.iter_mut().zip(columns).enumerate() {
            let is_last = Some(at) == last;
            let mut seen: Option<(u64, u32)> = None;
            for (row, (group, code)) in groups.iter_mut().zip(*codes).enumerate() {
                let pair = u64::from(*group) << 32 | u64::from(*code);
                *group = match seen {
                    Some((known, group)) if known == pair => group,
                    _ => match step.get(&pair) {
                        Some(group) => *group,
                        None => {
                            let next = u32::try_from(step.len())
                                .or_else(|_| refuse("there are too many groups."))?;
                            step.insert(pair, next);
                            if is_last {
                                self.codes.push(
                                    columns.iter().filter_map(|column| column.get(row).copied()).collect(),
                                );
                            }
                            next
                        }
                    },
                };
                seen = Some((pair, *group));
            }
        }
        Ok(())
    }
}

/// What one reader of a part of the records has added up.
#[derive(Debug)]
pub(super) struct Fold {
    codes: Vec<Codes>,
    groups: Vec<Groups>,
    placed: Placed,
}

/// First and last placing value, as it is stored.
#[derive(Debug, Default, Clone, Copy)]
struct Placed {
    instants: Option<(i64, i64)>,
    days: Option<(i32, i32)>,
}

/// A measure's columns in a batch.
struct Of<'b> {
    filter: Option<&'b BooleanArray>,
    value: Option<&'b Decimal128Array>,
    currency: Option<&'b dyn Array>,
}

impl Fold {
    pub(super) fn new(read: &Read) -> Fold {
        Fold {
            codes: read.keys.iter().map(|_| Codes::default()).collect(),
            groups: read.ways.iter().map(|_| Groups::default()).collect(),
            placed: Placed::default(),
        }
    }

    /// Adds a batch of records.
    pub(super) fn add(&mut self, read: &Read, batch: &RecordBatch) -> Result<(), EngineError> {
        let rows = batch.num_rows();
        let mut columns: Vec<Vec<u32>> = Vec::new();
        for (column, codes) in read.keys.iter().zip(&mut self.codes) {
            let mut numbers = Vec::with_capacity(rows);
            if let Some(name) = &column.name {
                codes.of(named(batch, name)?, column.is_weekday, &mut numbers)?;
            }
            columns.push(numbers);
        }
        let measures = read.measured.iter().map(|one| Of::read(one, batch)).collect::<Result<Vec<_>, _>>()?;
        let mut groups = Vec::with_capacity(rows);
        for (way, found) in read.ways.iter().zip(&mut self.groups) {
            let keys: Vec<&[u32]> = way.iter().filter_map(|at| columns.get(*at).map(Vec::as_slice)).collect();
            found.of(&keys, rows, &mut groups)?;
            let many = measures.len();
            found.parts.resize_with(found.codes.len() * many, Parts::default);
            for (number, measure) in measures.iter().enumerate() {
                for (row, group) in groups.iter().enumerate() {
                    let at = *group as usize * many + number;
                    if let Some(parts) = found.parts.get_mut(at) {
                        measure.add(row, parts)?;
                    }
                }
            }
        }
        if let Some(placed) = batch.column_by_name("placed_at") {
            self.placed.note(placed.as_ref());
        }
        Ok(())
    }
}

impl Placed {
    fn note(&mut self, column: &dyn Array) {
        if let Some(instants) = column.as_primitive_opt::<TimestampMicrosecondType>() {
            let bounds = arrow::compute::min(instants).zip(arrow::compute::max(instants));
            self.instants = wider(self.instants, bounds);
        } else if let Some(days) = column.as_primitive_opt::<Date32Type>() {
            self.days = wider(self.days, arrow::compute::min(days).zip(arrow::compute::max(days)));
        }
    }
}

fn wider<T: Ord + Copy>(one: Option<(T, T)>, other: Option<(T, T)>) -> Option<(T, T)> {
    match (one, other) {
        (Some((a, b)), Some((c, d))) => Some((a.min(c), b.max(d))),
        (one, other) => one.or(other),
    }
}

fn named<'b>(batch: &'b RecordBatch, name: &str) -> Result<&'b dyn Array, EngineError> {
    match batch.column_by_name(name) {
        Some(column) => Ok(column.as_ref()),
        None => refuse(format!("the column {name} is missing in a reading.")),
    }
}

impl<'b> Of<'b> {
    fn read(one: &Measured, batch: &'b RecordBatch) -> Result<Of<'b>, EngineError> {
        let typed = |what: &str| EngineError::Question(format!("{what} came back in another type."));
        let filter = match &one.filter {
            Some(name) => Some(named(batch, name)?.as_boolean_opt().ok_or_else(|| typed("a condition"))?),
            None => None,
        };
        let value = match &one.value {
            Some(name) => Some(
                named(batch, name)?.as_primitive_opt::<Decimal128Type>().ok_or_else(|| typed("a value"))?,
            ),
            None => None,
        };
        let currency = one.columns.has_currency().then(|| named(batch, "currency_of")).transpose()?;
        Ok(Of { filter, value, currency })
    }

    #[inline]
    fn add(&self, row: usize, parts: &mut Parts) -> Result<(), EngineError> {
        if let Some(filter) = self.filter {
            if filter.is_null(row) {
                parts.undecided += 1;
                return Ok(());
            }
            if !filter.value(row) {
                return Ok(());
            }
        }
        parts.n += 1;
        let Some(values) = self.value else { return Ok(()) };
        if values.is_null(row) {
            return Ok(());
        }
        parts.known += 1;
        let sum = parts.total.unwrap_or(0).checked_add(values.value(row));
        parts.total = Some(match sum {
            Some(sum) => sum,
            None => return refuse("a sum does not fit 128 bits."),
        });
        if let Some(currency) = self.currency {
            let currency = text_at(currency, row)?.unwrap_or_default();
            let (least, most) = parts.currencies.get_or_insert_with(|| (currency.clone(), currency.clone()));
            if currency < *least {
                *least = currency;
            } else if currency > *most {
                *most = currency;
            }
        }
        Ok(())
    }
}

/// The sums of all readers, by way.
pub(super) fn sums(
    read: &Read,
    folds: Vec<Fold>,
    measures: &[(&Use, &Binding)],
    calendar: &Calendar,
) -> Result<(Vec<BTreeMap<Use, Sums>>, Seen), EngineError> {
    let many = measures.len();
    let mut ways: Vec<BTreeMap<Vec<Key>, Vec<Parts>>> = read.ways.iter().map(|_| BTreeMap::new()).collect();
    let mut placed = Placed::default();
    for fold in folds {
        placed.instants = wider(placed.instants, fold.placed.instants);
        placed.days = wider(placed.days, fold.placed.days);
        let (codes, of_ways) = (fold.codes, fold.groups);
        for ((way, groups), found) in read.ways.iter().zip(of_ways).zip(&mut ways) {
            let mut parts = groups.parts.into_iter();
            for group in groups.codes {
                let key =
                    |(column, code): (&usize, u32)| codes.get(*column)?.keys.get(code as usize).cloned();
                let keys: Option<Vec<Key>> = way.iter().zip(group).map(key).collect();
                let Some(keys) = keys else { return refuse("a value got lost on the way.") };
                let own: Vec<Parts> = parts.by_ref().take(many).collect();
                match found.get_mut(&keys) {
                    Some(known) => {
                        for (known, more) in known.iter_mut().zip(own) {
                            known.add(more)?;
                        }
                    }
                    None => {
                        found.insert(keys, own);
                    }
                }
            }
        }
    }
    let mut all = Vec::new();
    for found in ways {
        let mut of_way: BTreeMap<Use, Sums> = BTreeMap::new();
        for (number, ((one, _), measured)) in measures.iter().zip(&read.measured).enumerate() {
            let groups = found.iter().map(|(keys, parts)| {
                let parts = parts.get(number).cloned().unwrap_or_default();
                (keys.clone(), measured.columns.sum(parts))
            });
            of_way.insert((*one).clone(), Sums::Groups(groups.collect()));
        }
        all.push(of_way);
    }
    let mut seen: Seen = None;
    let instants = placed.instants.and_then(|(least, most)| {
        Some((Timestamp::from_microsecond(least).ok()?, Timestamp::from_microsecond(most).ok()?))
    });
    let start = |day: i32| calendar.day_start(date_of(i64::from(day))?);
    let days = placed.days.and_then(|(least, most)| Some((start(least)?, start(most)?)));
    if let Some((least, most)) = instants.or(days) {
        answer::widen(&mut seen, Some(least), Some(most));
    }
    Ok((all, seen))
}
