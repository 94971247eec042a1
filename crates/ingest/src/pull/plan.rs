//! What is asked of this very database: which of the tables and columns are there, and what the cursor's column holds.

use async_recursion::async_recursion as compiled_here;
use dialmark_model::declared::nearest;
use dialmark_model::pull::{Lookup, Pull, Rows, WantedColumn};
use dialmark_model::source::Source;

use super::connection::{Connection, Index, Known, as_table, table};
use super::statement::{Arm, Cursor, Statement};
use crate::rows::wanted_columns;

/// A statement, and what is to be said about it.
pub struct Planned {
    pub statement: Statement,
    pub remarks: Vec<String>,
}

/// One table, or the query, and the columns that it has.
struct Found {
    name: String,
    from: String,
    columns: Vec<Known>,
    /// Index of the cursor, where the system is to be told of it.
    index: Option<String>,
}

/// Looks at the database and makes the statement.
#[compiled_here]
pub async fn plan(connection: &mut Connection, source: &Source, pull: &Pull) -> Result<Planned, String> {
    let mut remarks = Vec::new();
    let mut found = found(connection, pull, &mut remarks).await?;
    let [first, ..] = found.as_slice() else {
        return Err("nothing says what is read.".to_owned());
    };
    let cursor = cursor(pull, &found)?;
    let mut columns: Vec<String> = Vec::new();
    for wanted in wanted(source, pull) {
        match column_of(first, &wanted.name, pull.columns.is_empty()) {
            Some(known) if columns.contains(&known.name) => {}
            Some(known) => columns.push(known.name.clone()),
            None if wanted.may_lack => {}
            None => return Err(lacks(first, &wanted.name)),
        }
    }
    if let Some(cursor) = cursor.as_ref().filter(|cursor| !columns.contains(&cursor.column)) {
        columns.push(cursor.column.clone());
    }
    let lookups = lookups(connection, pull, &mut remarks).await?;
    if let Some(cursor) = &cursor {
        go_by_index(connection, pull, &cursor.column, &mut found, &mut remarks).await?;
    }
    let arms = found
        .iter()
        .map(|found| Arm {
            from: found.from.clone(),
            index: found.index.clone(),
            columns: columns
                .iter()
                .map(|name| (name.clone(), column_of(found, name, false).is_some()))
                .collect(),
            lookups: lookups.clone(),
        })
        .collect();
    Ok(Planned { statement: Statement { kind: pull.database.kind, arms, cursor }, remarks })
}

async fn found(
    connection: &mut Connection,
    pull: &Pull,
    remarks: &mut Vec<String>,
) -> Result<Vec<Found>, String> {
    let (names, may_lack) = match &pull.rows {
        Rows::Query(query) => {
            let columns = connection.columns_of_query(pull, query).await?;
            // PostgreSQL lets a query have two columns of one name; which of them is meant?
            if let Some(twice) = columns.iter().enumerate().find_map(|(at, column)| {
                columns.iter().take(at).any(|earlier| earlier.name == column.name).then_some(&column.name)
            }) {
                return Err(format!(
                    "the query has two columns `{twice}`. Give each a name of its own: `as`."
                ));
            }
            return Ok(vec![Found {
                name: "the query".to_owned(),
                from: as_table(query),
                columns,
                index: None,
            }]);
        }
        Rows::Tables { names, may_lack, .. } => (names, *may_lack),
    };
    let mut found = Vec::new();
    for (at, name) in names.iter().enumerate() {
        let columns = connection.columns_of_table(pull, name).await?;
        match (columns.is_empty(), at > 0 && may_lack) {
            (false, _) => found.push(Found {
                name: format!("`{name}`"),
                from: table(pull.database.kind, name),
                columns,
                index: None,
            }),
            (true, true) => remarks.push(format!(
                "`{name}` is not there, or `{}` may not read it: what was moved to it is not seen.",
                pull.database.user
            )),
            (true, false) => {
                return Err(format!(
                    "there is no table `{name}` in {}, or `{}` may not read it. See whether its name is right, and grant SELECT on it.",
                    pull.database, pull.database.user
                ));
            }
        }
    }
    Ok(found)
}

/// Lets MySQL go through each table by its cursor's index. Left to itself it takes the first batch of a large table for
/// most of it, and reads and sorts the whole of it for every batch.
async fn go_by_index(
    connection: &mut Connection,
    pull: &Pull,
    column: &str,
    found: &mut [Found],
    remarks: &mut Vec<String>,
) -> Result<(), String> {
    let Rows::Tables { names, .. } = &pull.rows else { return Ok(()) };
    for name in names {
        let Some(found) = found.iter_mut().find(|found| found.name == format!("`{name}`")) else { continue };
        match connection.index_of(pull, name, column).await? {
            Index::Named(index) => found.index = Some(index),
            Index::Missing => remarks.push(format!(
                "`{name}` has no index that begins with `{column}`: every query reads all of it. Add one, or read a replica."
            )),
            Index::Unknown => {}
        }
    }
    Ok(())
}

fn wanted(source: &Source, pull: &Pull) -> Vec<WantedColumn> {
    match pull.columns.is_empty() {
        true => {
            let of_mapping = wanted_columns(source).into_iter();
            of_mapping.map(|name| WantedColumn { name, may_lack: false }).collect()
        }
        false => pull.columns.clone(),
    }
}

fn cursor(pull: &Pull, found: &[Found]) -> Result<Option<Cursor>, String> {
    let Some((first, others)) = found.split_first() else { return Ok(None) };
    let Some(named) = pull.cursor.first() else { return Ok(None) };
    let Some(known) = pull.cursor.iter().find_map(|name| column_of(first, name, false)) else {
        return Err(lacks(first, named));
    };
    if let Some(other) = others.iter().find(|found| column_of(found, &known.name, false).is_none()) {
        return Err(lacks(other, &known.name));
    }
    let Some(grows) = known.grows else {
        return Err(format!(
            "`{}` of {} cannot be a cursor: it is neither a whole number, a decimal, a time nor a day.",
            known.name, first.name
        ));
    };
    Ok(Some(Cursor { column: known.name.clone(), grows }))
}

/// The column of this name; MySQL does not tell large letters from small ones. Of a name with dots the part before the
/// first may be a column that holds JSON.
fn column_of<'f>(found: &'f Found, name: &str, with_paths: bool) -> Option<&'f Known> {
    let by = |name: &str| {
        found
            .columns
            .iter()
            .find(|known| known.name == name)
            .or_else(|| found.columns.iter().find(|known| known.name.eq_ignore_ascii_case(name)))
    };
    by(name).or_else(|| by(name.split_once('.').filter(|_| with_paths)?.0))
}

fn lacks(found: &Found, name: &str) -> String {
    let names = || found.columns.iter().map(|known| known.name.as_str());
    let help = match nearest(name, names()) {
        Some(near) => format!("Did you mean `{near}`?"),
        None => format!("It has {}.", names().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")),
    };
    format!("{} has no column `{name}`. {help}", found.name)
}

/// Looked-up tables that are there, with the columns that all of them have.
async fn lookups(
    connection: &mut Connection,
    pull: &Pull,
    remarks: &mut Vec<String>,
) -> Result<Vec<Lookup>, String> {
    let Rows::Tables { lookups, .. } = &pull.rows else { return Ok(Vec::new()) };
    let mut kept = Vec::new();
    for lookup in lookups {
        let mut there = Lookup { tables: Vec::new(), ..lookup.clone() };
        for name in &lookup.tables {
            let columns = connection.columns_of_table(pull, name).await?;
            let has = |column: &str| columns.iter().any(|known| known.name.eq_ignore_ascii_case(column));
            if has(&lookup.key) {
                there.columns.retain(|(from, _)| has(from));
                there.tables.push(name.clone());
            }
        }
        if there.tables.is_empty() || there.columns.is_empty() {
            let names = lookup.tables.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ");
            remarks.push(format!("{names} cannot be read: what only they say stays empty."));
        } else {
            kept.push(there);
        }
    }
    Ok(kept)
}
