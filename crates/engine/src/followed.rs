//! Records that another record of the same entity follows within a window: repeat calls and the like.
//!
//! The counted records lie in the period; followers may lie past its end. Records are sorted by entity and
//! time and read once; memory holds one entity at a time.

use std::collections::BTreeMap;

use arrow::array::{Array, AsArray, RecordBatch};
use arrow::datatypes::{Int64Type, TimestampMicrosecondType};
use datafusion::logical_expr::{ident, lit};
use datafusion::prelude::{DataFrame, coalesce};
use dialmark_lake::LiveTable;
use dialmark_metrics::answer::Sum;
use dialmark_metrics::{Binding, Exact, Key, Shape};
use dialmark_model::civil::Period;
use futures::StreamExt;

use crate::anchor::Anchor;
use crate::answer::text_at;
use crate::engine::{Asked, row_keys};
use crate::error::{EngineError, refuse};
use crate::plan::Use;
use crate::table;

/// One record of an entity.
struct Event {
    at_us: i64,
    follows: bool,
    /// Set for records that are counted.
    counted: Option<Counted>,
}

/// A record that counts when it is (or is not) followed.
pub(crate) struct Counted {
    /// Its dimensions.
    pub keys: Vec<Key>,
    /// Import and line, which name a stored record.
    pub record: (i64, i64),
}

/// Counts by combination of dimensions.
pub(crate) async fn run(
    asked: &Asked<'_>,
    live: &LiveTable,
    binding: &Binding,
    one: &Use,
) -> Result<BTreeMap<Vec<Key>, Sum>, EngineError> {
    let mut groups: BTreeMap<Vec<Key>, u64> = BTreeMap::new();
    visit(asked, live, binding, one, |counted, hit| {
        let entry = groups.entry(counted.keys).or_default();
        *entry += u64::from(hit);
    })
    .await?;
    Ok(groups
        .into_iter()
        .map(|(keys, n)| (keys, Sum { total: Some(Exact::integer(i128::from(n))), n, ..Sum::default() }))
        .collect())
}

/// Calls `each` for every record that lies in the question, with whether it is counted by the measure.
pub(crate) async fn visit(
    asked: &Asked<'_>,
    live: &LiveTable,
    binding: &Binding,
    one: &Use,
    mut each: impl FnMut(Counted, bool),
) -> Result<(), EngineError> {
    let Shape::Followed { same, within, negated, .. } = &binding.shape else {
        return refuse(format!("`{}` does not ask what follows.", one.measure));
    };
    let window_us = asked.window_ms(within, one)?.saturating_mul(1_000);
    let mut stream = sorted(asked, live, binding, one, window_us).await?.execute_stream().await?;
    let mut entity: Option<String> = None;
    let mut events: Vec<Event> = Vec::new();
    let mut settle = |events: &mut Vec<Event>| {
        let followers: Vec<i64> = events.iter().filter(|e| e.follows).map(|e| e.at_us).collect();
        for event in events.drain(..) {
            if let Some(counted) = event.counted {
                // The first that begins strictly later; a record is not its own follower.
                let next = followers.get(followers.partition_point(|at| *at <= event.at_us));
                let is_followed = next.is_some_and(|at| at - event.at_us <= window_us);
                each(counted, is_followed != *negated);
            }
        }
    };
    while let Some(batch) = stream.next().await {
        let batch = batch?;
        let names = batch.column_by_name("entity");
        for row in 0..batch.num_rows() {
            let name = names.map(|c| text_at(c.as_ref(), row)).transpose()?.flatten();
            if name != entity {
                settle(&mut events);
                entity = name;
            }
            events.push(event(&batch, row, asked)?);
        }
    }
    settle(&mut events);
    tracing::debug!(measure = one.measure, entity = same, "followed records counted");
    Ok(())
}

fn event(batch: &RecordBatch, row: usize, asked: &Asked<'_>) -> Result<Event, EngineError> {
    let flag =
        |name: &str| batch.column_by_name(name).is_some_and(|c| !c.is_null(row) && c.as_boolean().value(row));
    let number = |name: &str| {
        batch.column_by_name(name).and_then(|c| c.as_primitive_opt::<Int64Type>()).map_or(0, |c| c.value(row))
    };
    let at_us = batch
        .column_by_name("at")
        .and_then(|c| c.as_primitive_opt::<TimestampMicrosecondType>())
        .map_or(0, |c| c.value(row));
    let counted = flag("counted")
        .then(|| {
            Ok::<_, EngineError>(Counted {
                keys: row_keys(batch, row, &asked.weekdays)?,
                record: (number("import_id"), number("line")),
            })
        })
        .transpose()?;
    Ok(Event { at_us, follows: flag("follows"), counted })
}

/// Candidates and followers, sorted by entity and time.
async fn sorted(
    asked: &Asked<'_>,
    live: &LiveTable,
    binding: &Binding,
    one: &Use,
    window_us: i64,
) -> Result<DataFrame, EngineError> {
    let Shape::Followed { among, same, follower, .. } = &binding.shape else {
        return refuse(format!("`{}` does not ask what follows.", one.measure));
    };
    let anchor = Anchor::of(&live.table, binding.at.as_deref())?;
    let Anchor::Instant(at) = &anchor else {
        return refuse(format!(
            "The records of `{}` have no instant, so nothing can follow.",
            live.table.name
        ));
    };
    let place = asked.place(&live.table.name, &anchor);
    // Followers may begin after the period; nothing before it can matter.
    let reach = Period {
        from: asked.question.period.from,
        to: asked.question.period.to.and_then(|to| {
            to.checked_add(jiff::SignedDuration::from_micros(window_us.saturating_add(1))).ok()
        }),
    };
    let mut rows = table::rows(asked.engine.context(), live, &anchor.prunes(&live.table, reach))?;
    rows = rows.filter(ident(same.as_str()).is_not_null())?;
    if let Some(scope) = asked.scope(live) {
        rows = rows.filter(scope)?;
    }
    if let Some(condition) = anchor.within(&reach, asked.day_zone(), &live.table.name)? {
        rows = rows.filter(condition)?;
    }
    let mut counted = asked.condition(among, one, &place)?;
    for condition in asked.conditions(live, &anchor)? {
        counted = counted.and(condition);
    }
    if let Some(window_ms) = asked.matured(binding, one)? {
        counted = counted.and(asked.has_matured(live, &anchor, window_ms)?);
    }
    let follows = asked.condition(follower, one, &place)?;
    let certain = |e| coalesce(vec![e, lit(false)]);
    let mut columns = vec![
        ident(same.as_str()).alias("entity"),
        at.clone().alias("at"),
        certain(counted).alias("counted"),
        certain(follows).alias("follows"),
        ident("import_id"),
        ident("line"),
    ];
    columns.extend(asked.group_expressions(&place)?);
    let rows = rows.select(columns)?.filter(ident("counted").or(ident("follows")))?;
    Ok(rows.sort(vec![ident("entity").sort(true, true), ident("at").sort(true, true)])?)
}
