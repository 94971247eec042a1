//! Single records, as texts by column.

use std::collections::{BTreeMap, BTreeSet};

use dialmark_engine::{Engine, EngineError, RecordsQuery};
use dialmark_metrics::{Expr, MetricRef, Scope, expr};
use dialmark_model::civil::Period;

/// Most records that are looked at one by one. Half of them would be a wrong answer, so more are an error.
const MOST: usize = 1_000_000;
/// Identifiers that are looked up at once.
const AT_ONCE: usize = 500;

/// A record: the columns that hold something, instants in RFC 3339, durations in milliseconds.
pub(crate) type Record = BTreeMap<String, String>;

/// Which records.
#[derive(Debug, Clone, Default)]
pub(crate) struct Wanted<'a> {
    /// The table; with a metric, the one that answers it.
    pub(crate) table: Option<&'a str>,
    /// Only those that this metric counts.
    pub(crate) metric: Option<&'a MetricRef>,
    pub(crate) filter: Option<Expr>,
    pub(crate) period: Period,
    pub(crate) scope: Scope,
}

/// Records with the name of their table, in the order of time.
pub(crate) async fn records(
    engine: &Engine,
    wanted: &Wanted<'_>,
) -> Result<(String, Vec<Record>), EngineError> {
    let question = RecordsQuery {
        metric: wanted.metric.cloned(),
        table: wanted.table.map(str::to_owned),
        filter: wanted.filter.clone(),
        period: wanted.period,
        scope: wanted.scope.clone(),
        limit: MOST,
        ..RecordsQuery::default()
    };
    let found = engine.records(&question).await?;
    if u64::try_from(found.rows.len()).ok() != Some(found.total) {
        return Err(EngineError::Question(format!(
            "There are {} records of `{}` in this time, and at most {MOST} are looked at one by one. Ask for less time.",
            found.total, found.table
        )));
    }
    let record = |row: Vec<Option<String>>| {
        let cells = found.columns.iter().cloned().zip(row);
        cells.filter_map(|(column, value)| Some((column, value?))).collect()
    };
    Ok((found.table.clone(), found.rows.into_iter().map(record).collect()))
}

/// The records of these sources and identifiers, as far as they are there and the asker may see them.
pub(crate) async fn by_id(
    engine: &Engine,
    table: &str,
    ids: &BTreeSet<(String, String)>,
    scope: &Scope,
) -> Result<BTreeMap<(String, String), Record>, EngineError> {
    let mut of_source: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    for (source, id) in ids {
        of_source.entry(source).or_default().push(quoted(id));
    }
    let mut found = BTreeMap::new();
    for (source, ids) in of_source {
        for some in ids.chunks(AT_ONCE) {
            let filter =
                condition(&format!("source = {} and source_id in ({})", quoted(source), some.join(", ")))?;
            let wanted = Wanted {
                table: Some(table),
                filter: Some(filter),
                scope: scope.clone(),
                ..Wanted::default()
            };
            for record in records(engine, &wanted).await?.1 {
                if let Some(id) = id_of(&record) {
                    found.insert(id, record);
                }
            }
        }
    }
    Ok(found)
}

/// How a record is known; `None` when its source gives no identifiers.
pub(crate) fn id_of(record: &Record) -> Option<(String, String)> {
    Some((record.get("source")?.clone(), record.get("source_id")?.clone()))
}

/// A text as conditions write it.
pub(crate) fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}

/// A condition that was put together here.
pub(crate) fn condition(text: &str) -> Result<Expr, EngineError> {
    expr::parse(text).map_err(|error| EngineError::Question(format!("`{text}`: {}", error.0)))
}

/// Both conditions.
pub(crate) fn both(one: Option<Expr>, text: &str) -> Result<Expr, EngineError> {
    let other = condition(text)?;
    Ok(match one {
        Some(one) => one.and(other),
        None => other,
    })
}
