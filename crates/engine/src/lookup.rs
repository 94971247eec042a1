//! Columns that one table reads from another through a key: many records to one value, never one record to two.

use std::collections::BTreeMap;
use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, Date32Array, RecordBatch, StringViewArray, UInt32Array};
use arrow::compute::{concat, take};
use arrow::datatypes::{DataType, Date32Type, Field, Schema};
use datafusion::common::JoinType;
use datafusion::datasource::MemTable;
use datafusion::logical_expr::ident;
use datafusion::prelude::DataFrame;
use dialmark_metrics::catalogue::Lookup;
use dialmark_model::civil::Period;
use futures::lock::Mutex;

use crate::answer::{shown_at, text_at};
use crate::asked::{Asked, Clocked};
use crate::error::{EngineError, refuse};
use crate::functions::date_of;
use crate::table;

/// The records with the columns of these look-ups. Records whose key leads nowhere have null there.
pub(crate) async fn join(
    asked: &Asked<'_>,
    clocked: &Clocked<'_>,
    mut rows: DataFrame,
    lookups: &[&Lookup],
) -> Result<DataFrame, EngineError> {
    for (number, lookup) in lookups.iter().enumerate() {
        let found = asked.engine.lookups().read(asked, lookup).await?;
        let key = format!("lookup_key_{number}");
        let (since, until) = (format!("lookup_since_{number}"), format!("lookup_until_{number}"));
        let is_dated = lookup.since.is_some();
        let table = found.batch(&key, is_dated.then_some((&since, &until)), &lookup.id)?;
        let schema = table.schema();
        let side =
            asked.engine.context().read_table(Arc::new(MemTable::try_new(schema, vec![vec![table]])?))?;
        if is_dated {
            let day = format!("lookup_day_{number}");
            rows = rows.with_column(&day, asked.place(clocked).day()?)?;
            let on = vec![
                ident(lookup.by.as_str()).eq(ident(key.as_str())),
                ident(day.as_str()).gt_eq(ident(since.as_str())),
                ident(day.as_str()).lt_eq(ident(until.as_str())),
            ];
            rows = rows.join_on(side, JoinType::Left, on)?;
        } else {
            rows = rows.join(side, JoinType::Left, &[lookup.by.as_str()], &[key.as_str()], None)?;
        }
    }
    Ok(rows)
}

/// Keys of all look-ups that are held, at most: some 100 MB.
const MOST_KEYS: usize = 2_000_000;

/// Look-ups that have been read, each as long as its table stays as it is. What is read here is read for everybody: whoever may not
/// see a record does not come by its key.
#[derive(Debug, Default)]
pub(crate) struct Lookups(Mutex<Vec<Held>>);

#[derive(Debug)]
struct Held {
    lookup: Lookup,
    /// Commit that touched its table last; `None` where there is no such table.
    touched_in: Option<i64>,
    found: Arc<Stretches>,
}

impl Lookups {
    /// A look-up of this moment; a sentence where it cannot be read.
    pub(crate) async fn read(
        &self,
        asked: &Asked<'_>,
        lookup: &Lookup,
    ) -> Result<Arc<Stretches>, EngineError> {
        let touched_in = asked.snapshot.tables.get(&lookup.from).map(|live| live.touched_in);
        // Whoever comes while it is read waits for that rather than read it as well.
        let mut held = self.0.lock().await;
        if let Some(known) = held.iter().find(|one| one.lookup == *lookup && one.touched_in == touched_in) {
            return Ok(Arc::clone(&known.found));
        }
        let found = Arc::new(Stretches::read(asked, lookup).await?);
        held.retain(|one| one.lookup.id != lookup.id);
        let keys = |held: &[Held]| held.iter().map(|one| one.found.keys.len()).sum::<usize>();
        while !held.is_empty() && keys(&held) + found.keys.len() > MOST_KEYS {
            held.remove(0);
        }
        if found.keys.len() <= MOST_KEYS {
            held.push(Held { lookup: lookup.clone(), touched_in, found: Arc::clone(&found) });
        }
        Ok(found)
    }
}

/// Keys, the days on which each leads to a value, and the values.
#[derive(Debug)]
pub(crate) struct Stretches {
    keys: ArrayRef,
    since: ArrayRef,
    until: ArrayRef,
    values: ArrayRef,
}

/// One stretch as it was written: days, and the row of its value.
struct Written {
    since: i32,
    until: i32,
    row: usize,
}

impl Stretches {
    async fn read(asked: &Asked<'_>, lookup: &Lookup) -> Result<Stretches, EngineError> {
        let Some(live) = asked.snapshot.tables.get(&lookup.from) else {
            let kind =
                asked.engine.catalogue().tables.get(&lookup.from).and_then(|t| t.column(&lookup.column));
            let kind = kind.map_or(DataType::Utf8View, |c| dialmark_lake::schema::stored_type(c.kind));
            return Ok(Stretches {
                keys: arrow::array::new_empty_array(&DataType::Utf8View),
                since: arrow::array::new_empty_array(&DataType::Date32),
                until: arrow::array::new_empty_array(&DataType::Date32),
                values: arrow::array::new_empty_array(&viewed(&kind)),
            });
        };
        let mut columns =
            vec![ident(lookup.key.as_str()).alias("k"), ident(lookup.column.as_str()).alias("v")];
        columns.extend(lookup.since.as_ref().map(|c| ident(c.as_str()).alias("since")));
        columns.extend(lookup.until.as_ref().map(|c| ident(c.as_str()).alias("until")));
        let rows = table::rows(asked.engine, live, &Period::ALL)?
            .filter(ident(lookup.key.as_str()).is_not_null())?
            .filter(ident(lookup.column.as_str()).is_not_null())?;
        let plan = rows.select(columns)?;
        let value_type = match plan.schema().field_with_unqualified_name("v") {
            Ok(field) => field.data_type().clone(),
            Err(error) => return Err(error.into()),
        };
        let batches = plan.collect().await?;
        let parts: Vec<&dyn Array> =
            batches.iter().filter_map(|b| b.column_by_name("v")).map(AsRef::as_ref).collect();
        let values = match parts.is_empty() {
            true => arrow::array::new_empty_array(&value_type),
            false => concat(&parts)?,
        };
        let mut by_key: BTreeMap<String, Vec<Written>> = BTreeMap::new();
        let mut row = 0;
        for batch in &batches {
            let day = |name: &str, at: usize| {
                let column = batch.column_by_name(name)?.as_primitive_opt::<Date32Type>()?;
                (!column.is_null(at)).then(|| column.value(at))
            };
            for at in 0..batch.num_rows() {
                let key = match batch.column_by_name("k") {
                    Some(column) => match text_at(column.as_ref(), at) {
                        Ok(text) => text,
                        Err(_) => shown_at(column.as_ref(), at)?,
                    },
                    None => None,
                };
                if let Some(key) = key {
                    let written = Written {
                        since: day("since", at).unwrap_or(i32::MIN),
                        until: day("until", at).unwrap_or(i32::MAX),
                        row,
                    };
                    by_key.entry(key).or_default().push(written);
                }
                row += 1;
            }
        }
        settle(lookup, by_key, &values)
    }

    /// As a table, under names that are free beside the records.
    fn batch(&self, key: &str, days: Option<(&str, &str)>, value: &str) -> Result<RecordBatch, EngineError> {
        let mut fields = vec![Field::new(key, DataType::Utf8View, false)];
        let mut columns = vec![Arc::clone(&self.keys)];
        if let Some((since, until)) = days {
            fields.push(Field::new(since, DataType::Date32, false));
            fields.push(Field::new(until, DataType::Date32, false));
            columns.extend([Arc::clone(&self.since), Arc::clone(&self.until)]);
        }
        fields.push(Field::new(value, self.values.data_type().clone(), true));
        columns.push(Arc::clone(&self.values));
        Ok(RecordBatch::try_new(Arc::new(Schema::new(fields)), columns)?)
    }
}

fn viewed(kind: &DataType) -> DataType {
    match kind {
        DataType::Utf8 => DataType::Utf8View,
        other => other.clone(),
    }
}

/// One stretch after the other for every key; two values on one day are an error that names them.
fn settle(
    lookup: &Lookup,
    by_key: BTreeMap<String, Vec<Written>>,
    values: &ArrayRef,
) -> Result<Stretches, EngineError> {
    let (mut keys, mut since, mut until, mut rows) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    for (key, mut written) in by_key {
        written.sort_by_key(|w| (w.since, w.until, w.row));
        let mut last: Option<Written> = None;
        let mut keep = |one: Written| -> Result<(), EngineError> {
            keys.push(key.clone());
            since.push(one.since);
            until.push(one.until);
            rows.push(u32::try_from(one.row).or_else(|_| refuse("a look-up has too many rows."))?);
            Ok(())
        };
        for one in written {
            if one.since > one.until {
                return refuse(format!(
                    "The look-up `{}` cannot be read: a stretch of `{key}` in `{}` ends before it begins. Correct the record.",
                    lookup.id, lookup.from
                ));
            }
            match &mut last {
                None => last = Some(one),
                Some(before) if one.since > before.until => {
                    let done = std::mem::replace(before, one);
                    keep(done)?;
                }
                Some(before) => {
                    let show = |row: usize| {
                        shown_at(values.as_ref(), row)
                            .map(|text| text.unwrap_or_else(|| "nothing".to_owned()))
                    };
                    let (a, b) = (show(before.row)?, show(one.row)?);
                    if a != b {
                        let day = date_of(i64::from(one.since));
                        let when = match (lookup.since.is_some(), day) {
                            (true, Some(day)) => format!(" on {day}"),
                            _ => String::new(),
                        };
                        return refuse(format!(
                            "The look-up `{}` is ambiguous: for `{key}`, `{}` says both `{a}` and `{b}`{when}. Correct the records, or one of them would be counted twice.",
                            lookup.id, lookup.from
                        ));
                    }
                    before.until = before.until.max(one.until);
                }
            }
        }
        if let Some(one) = last {
            keep(one)?;
        }
    }
    let values = take(values.as_ref(), &UInt32Array::from(rows), None)?;
    Ok(Stretches {
        keys: Arc::new(StringViewArray::from_iter_values(keys)),
        since: Arc::new(Date32Array::from(since)),
        until: Arc::new(Date32Array::from(until)),
        values,
    })
}
