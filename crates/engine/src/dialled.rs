//! Calls that went out, one after the other: all of them, or those of one number or account together with what lists say
//! of it.
//!
//! Calls are sorted by whom they were for and by time, and read once; memory holds one number or account at a time.

use std::collections::BTreeMap;
use std::sync::Arc;

use arrow::array::{Array, AsArray, RecordBatch};
use arrow::datatypes::{DataType, Int32Type, TimestampMicrosecondType};
use async_recursion::async_recursion as compiled_here;
use datafusion::common::{JoinType, ScalarValue};
use datafusion::functions_aggregate::expr_fn::{count, max};
use datafusion::logical_expr::{Expr as Plan, ExprFunctionExt, cast, ident, lit};
use datafusion::prelude::{DataFrame, coalesce};
use dialmark_lake::Snapshot;
use dialmark_metrics::{Expr, Key, MetricQuery, Scope, expr};
use dialmark_model::civil::Period;
use futures::StreamExt;
use jiff::Timestamp;

use crate::anchor::Anchor;
use crate::answer::{self, text_at};
use crate::asked::{Asked, Clocked};
use crate::engine::Engine;
use crate::error::{EngineError, refuse};
use crate::functions::instant_type;
use crate::passes::count_at;
use crate::table;

/// What counts as a call that went out.
const OUTBOUND: &str = "direction = 'outbound' and is_call";
/// Ways of dialling in which an agent stands behind every call.
const AGENT_STANDS_READY: &str = "dial_mode in ('manual', 'preview', 'progressive')";
const CALLS: &str = "calls";

/// Which calls.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DialledQuery {
    /// Column that says for whom a call was, such as `called_number`: calls come one value of it after the other, and those
    /// without a value not at all. `None` for all calls, in no order.
    pub same: Option<String>,
    /// Condition on them.
    pub filter: Option<Expr>,
    /// Which time.
    pub period: Period,
    /// What the asker may see.
    pub scope: Scope,
    /// Entries about numbers that are laid between the calls; only numbers that have any come then.
    pub entries: Option<Entries>,
}

/// Entries about numbers.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Entries {
    /// The do-not-call list; `None` for consent alone.
    pub registry: Option<String>,
    /// Whether calls to numbers of which nothing is said come as well.
    pub all_numbers: bool,
}

/// One thing that happened to a number or account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Happened {
    /// It was called.
    Dialled(Dialled),
    /// Something was said of it.
    Said(SaidOf),
}

/// A call that went out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Dialled {
    /// When.
    pub at: Timestamp,
    /// Zone of the called place, as the source states it.
    pub zone: Option<String>,
    /// Its campaign.
    pub campaign: Option<String>,
    /// Its client.
    pub client: Option<String>,
    /// Its source.
    pub source: String,
    /// Its identifier there.
    pub source_id: Option<String>,
    /// An agent spoke to a person; `None` for unmapped codes.
    pub spoke: Option<bool>,
    /// An agent spoke to the person wanted; `None` for unmapped codes.
    pub reached: Option<bool>,
    /// A person answered and no agent took the call; `None` for unmapped codes.
    pub lost: Option<bool>,
    /// An agent stood behind it; `None` when the source does not say how it was dialled.
    pub agent_ready: Option<bool>,
}

/// An entry about a number.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SaidOf {
    /// When it took effect.
    pub at: Timestamp,
    /// `added` or `removed` on a list, `given` or `revoked` for consent.
    pub action: String,
    /// Campaign or client that it is limited to.
    pub limited_to: Option<String>,
    /// When it lapses.
    pub until: Option<Timestamp>,
}

/// What is known of a do-not-call list.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Register {
    /// Entries up to an instant.
    pub entries: u64,
    /// The latest of them.
    pub newest: Option<Timestamp>,
}

impl Engine {
    /// Hands over calls that went out, those of one number or account together and in the order of time, an entry after a call
    /// of the same instant. Without `same` it is any number of calls at a time.
    pub async fn dialled(
        &self,
        wanted: &DialledQuery,
        mut each: impl FnMut(Option<&str>, &[Happened]),
    ) -> Result<(), EngineError> {
        let snapshot = self.lake().snapshot().await?;
        let Some(rows) = sequence(self, &snapshot, wanted).await? else { return Ok(()) };
        let mut stream = rows.execute_stream().await?;
        let (mut whose, mut happened): (Option<String>, Vec<Happened>) = (None, Vec::new());
        while let Some(batch) = stream.next().await {
            let batch = Columns::of(batch?)?;
            for row in 0..batch.rows {
                let name = batch.text(WHOSE, row)?;
                if name != whose && !happened.is_empty() {
                    each(whose.as_deref(), &happened);
                    happened.clear();
                }
                whose = name;
                happened.extend(batch.happened(row)?);
            }
            if wanted.same.is_none() && !happened.is_empty() {
                each(None, &happened);
                happened.clear();
            }
        }
        if !happened.is_empty() {
            each(whose.as_deref(), &happened);
        }
        Ok(())
    }

    /// How many calls that went out there are by these columns, and of how many of them each of these conditions holds.
    #[compiled_here]
    pub async fn dialled_counts(
        &self,
        by: &[&str],
        wanted: &DialledQuery,
        conditions: &[Expr],
    ) -> Result<BTreeMap<Vec<Key>, Vec<u64>>, EngineError> {
        let snapshot = self.lake().snapshot().await?;
        let question = question(wanted);
        let asked = Asked::new(self, &question, &snapshot)?;
        let Some((clocked, rows)) = outbound(&asked, &snapshot, conditions).await? else {
            return Ok(BTreeMap::new());
        };
        let place = asked.place(&clocked);
        let groups: Vec<Plan> =
            by.iter().enumerate().map(|(at, name)| ident(*name).alias(format!("d{at}"))).collect();
        let mut plans = vec![count(lit(1_i64)).alias("all_calls")];
        for (at, condition) in conditions.iter().enumerate() {
            let holds = certain(place.condition(condition)?);
            plans.push(count(lit(1_i64)).filter(holds).build()?.alias(format!("holds_{at}")));
        }
        let mut found = BTreeMap::new();
        for batch in &rows.aggregate(groups, plans)?.collect().await? {
            for (row, keys) in answer::keys(batch, &vec![false; by.len()])?.into_iter().enumerate() {
                let number = |name: &str| u64::try_from(count_at(batch, name, row)).unwrap_or(0);
                let held = (0..conditions.len()).map(|at| number(&format!("holds_{at}")));
                found.insert(keys, std::iter::once(number("all_calls")).chain(held).collect());
            }
        }
        Ok(found)
    }

    /// Entries of a do-not-call list up to an instant, as far as the asker may see them; of consent without a list.
    #[compiled_here]
    pub async fn register(
        &self,
        registry: Option<&str>,
        until: Timestamp,
        scope: &Scope,
    ) -> Result<Register, EngineError> {
        let snapshot = self.lake().snapshot().await?;
        let question = MetricQuery { scope: scope.clone(), ..MetricQuery::default() };
        let asked = Asked::new(self, &question, &snapshot)?;
        let Some(rows) = said(&asked, &snapshot, registry)? else { return Ok(Register::default()) };
        let rows = rows.filter(ident(AT).lt(crate::anchor::instant(until)))?;
        let plans = vec![count(lit(1_i64)).alias("n"), max(ident(AT)).alias("newest")];
        let batches = rows.aggregate(vec![], plans)?.collect().await?;
        let Some(batch) = batches.first() else { return Ok(Register::default()) };
        let newest = batch.column_by_name("newest").and_then(|c| instant_at(c.as_ref(), 0));
        Ok(Register { entries: u64::try_from(count_at(batch, "n", 0)).unwrap_or(0), newest })
    }
}

const WHOSE: &str = "whose";
const AT: &str = "happened_at";
const IS_ENTRY: &str = "is_entry";
const ACTION: &str = "said_action";
const LIMITED_TO: &str = "limited_to";
const UNTIL: &str = "said_until";

fn question(wanted: &DialledQuery) -> MetricQuery {
    MetricQuery {
        filter: wanted.filter.clone(),
        period: wanted.period,
        scope: wanted.scope.clone(),
        ..MetricQuery::default()
    }
}

/// The calls that went out; `None` where there are no calls at all.
async fn outbound<'q>(
    asked: &Asked<'q>,
    snapshot: &'q Snapshot,
    read: &[Expr],
) -> Result<Option<(Clocked<'q>, DataFrame)>, EngineError> {
    let Some(live) = snapshot.tables.get(CALLS) else { return Ok(None) };
    let clocked = asked.clocked_at(live, None)?;
    let went_out = condition(OUTBOUND)?;
    let expressions: Vec<&Expr> = read.iter().chain([&went_out]).collect();
    let rows = asked.base(&clocked, &expressions).await?;
    let rows = rows.filter(asked.place(&clocked).condition(&went_out)?)?;
    Ok(Some((clocked, rows)))
}

/// What is handed over, in its order.
async fn sequence(
    engine: &Engine,
    snapshot: &Snapshot,
    wanted: &DialledQuery,
) -> Result<Option<DataFrame>, EngineError> {
    let question = question(wanted);
    let asked = Asked::new(engine, &question, snapshot)?;
    let marks = [
        condition("is_contact")?,
        condition("is_right_party")?,
        condition("outcome in ('abandoned', 'dropped')")?,
        condition(AGENT_STANDS_READY)?,
    ];
    let Some((clocked, mut rows)) = outbound(&asked, snapshot, &marks).await? else { return Ok(None) };
    let Anchor::Instant(at) = &clocked.anchor else { return refuse("Calls have no time here.") };
    let place = asked.place(&clocked);
    rows = rows.filter(at.clone().is_not_null())?;
    if let Some(same) = &wanted.same {
        rows = rows.filter(ident(same.as_str()).is_not_null())?;
    }
    let whose = wanted.same.as_ref().map_or(nothing(), |same| text(same));
    let mut columns = vec![
        whose.alias(WHOSE),
        cast(at.clone(), instant_type()).alias(AT),
        lit(0_i32).alias(IS_ENTRY),
        nothing().alias(ACTION),
        nothing().alias(LIMITED_TO),
        cast(lit(ScalarValue::Null), instant_type()).alias(UNTIL),
        text("source").alias("source"),
        text("source_id").alias("source_id"),
    ];
    columns.extend(["called_zone", "campaign_id", "client_id"].map(|name| text(name).alias(name)));
    for (mark, name) in marks.iter().zip(MARKS) {
        columns.push(place.condition(mark)?.alias(name));
    }
    let mut all = rows.select(columns)?;
    if wanted.same.is_none() {
        return Ok(Some(all));
    }
    if let Some(entries) = &wanted.entries {
        all = with_entries(&asked, snapshot, all, entries)?;
    }
    let order = [WHOSE, AT, IS_ENTRY, "source", "source_id"].map(|name| ident(name).sort(true, true));
    Ok(Some(all.sort(order.to_vec())?))
}

const MARKS: [&str; 4] = ["spoke", "reached", "lost", "agent_ready"];

/// The calls with what lists say of their numbers.
fn with_entries(
    asked: &Asked<'_>,
    snapshot: &Snapshot,
    calls: DataFrame,
    entries: &Entries,
) -> Result<DataFrame, EngineError> {
    let mut said_of: Option<DataFrame> = None;
    let lists = entries.registry.as_deref().map(Some).into_iter().chain([None]);
    for list in lists {
        if let Some(rows) = said(asked, snapshot, list)? {
            said_of = Some(match said_of {
                Some(before) => before.union(rows)?,
                None => rows,
            });
        }
    }
    let Some(said_of) = said_of else { return Ok(calls) };
    let calls = match entries.all_numbers {
        true => calls,
        false => {
            let numbers = said_of.clone().select(vec![ident(WHOSE).alias("said_of")])?;
            calls.join(numbers, JoinType::LeftSemi, &[WHOSE], &["said_of"], None)?
        }
    };
    let mut columns: Vec<Plan> = [WHOSE, AT].map(ident).to_vec();
    columns.push(lit(1_i32).alias(IS_ENTRY));
    columns.extend([ACTION, LIMITED_TO, UNTIL, "source", "source_id"].map(ident));
    columns.extend(["called_zone", "campaign_id", "client_id"].map(|name| nothing().alias(name)));
    columns.extend(MARKS.map(|name| lit(ScalarValue::Boolean(None)).alias(name)));
    Ok(calls.union(said_of.select(columns)?)?)
}

/// Entries of a list, or of consent; `None` where there is no such table.
fn said(
    asked: &Asked<'_>,
    snapshot: &Snapshot,
    registry: Option<&str>,
) -> Result<Option<DataFrame>, EngineError> {
    let name = if registry.is_some() { "dnc_events" } else { "consent_events" };
    let Some(live) = snapshot.tables.get(name) else { return Ok(None) };
    let mut rows = table::rows(asked.engine, live, &Period::ALL)?;
    rows = rows.filter(ident("number").is_not_null().and(ident("occurred_at").is_not_null()))?;
    if let Some(registry) = registry {
        rows = rows.filter(ident("registry").eq(lit(registry)))?;
    }
    if let Some(scope) = asked.scope(live) {
        rows = rows.filter(scope)?;
    }
    let until = match registry {
        Some(_) => cast(lit(ScalarValue::Null), instant_type()),
        None => cast(ident("expires_at"), instant_type()),
    };
    Ok(Some(rows.select(vec![
        text("number").alias(WHOSE),
        cast(ident("occurred_at"), instant_type()).alias(AT),
        text("action").alias(ACTION),
        text("scope").alias(LIMITED_TO),
        until.alias(UNTIL),
        text("source").alias("source"),
        text("source_id").alias("source_id"),
    ])?))
}

fn condition(text: &str) -> Result<Expr, EngineError> {
    expr::parse(text).map_err(|error| EngineError::Question(format!("`{text}`: {}", error.0)))
}

fn certain(e: Plan) -> Plan {
    coalesce(vec![e, lit(false)])
}

fn text(name: &str) -> Plan {
    cast(ident(name), DataType::Utf8View)
}

fn nothing() -> Plan {
    cast(lit(ScalarValue::Null), DataType::Utf8View)
}

/// A batch of what is handed over.
struct Columns {
    batch: RecordBatch,
    rows: usize,
}

impl Columns {
    fn of(batch: RecordBatch) -> Result<Columns, EngineError> {
        Ok(Columns { rows: batch.num_rows(), batch })
    }

    fn column(&self, name: &str) -> Result<&Arc<dyn Array>, EngineError> {
        match self.batch.column_by_name(name) {
            Some(column) => Ok(column),
            None => refuse(format!("`{name}` is missing in a result.")),
        }
    }

    fn text(&self, name: &str, row: usize) -> Result<Option<String>, EngineError> {
        text_at(self.column(name)?.as_ref(), row)
    }

    fn flag(&self, name: &str, row: usize) -> Result<Option<bool>, EngineError> {
        let column = self.column(name)?;
        // An expression that is null for every record has no type.
        let column = column.as_boolean_opt();
        Ok(column.filter(|c| !c.is_null(row)).map(|c| c.value(row)))
    }

    /// What a row says; none for a time that no calendar knows.
    fn happened(&self, row: usize) -> Result<Option<Happened>, EngineError> {
        let Some(at) = instant_at(self.column(AT)?.as_ref(), row) else { return Ok(None) };
        let is_entry = self.column(IS_ENTRY)?.as_primitive_opt::<Int32Type>();
        if is_entry.is_some_and(|c| c.value(row) == 1) {
            return Ok(Some(Happened::Said(SaidOf {
                at,
                action: self.text(ACTION, row)?.unwrap_or_default(),
                limited_to: self.text(LIMITED_TO, row)?,
                until: instant_at(self.column(UNTIL)?.as_ref(), row),
            })));
        }
        let [spoke, reached, lost, agent_ready] = MARKS.map(|name| self.flag(name, row));
        Ok(Some(Happened::Dialled(Dialled {
            at,
            zone: self.text("called_zone", row)?,
            campaign: self.text("campaign_id", row)?,
            client: self.text("client_id", row)?,
            source: self.text("source", row)?.unwrap_or_default(),
            source_id: self.text("source_id", row)?,
            spoke: spoke?,
            reached: reached?,
            lost: lost?,
            agent_ready: agent_ready?,
        })))
    }
}

fn instant_at(column: &dyn Array, row: usize) -> Option<Timestamp> {
    let column = column.as_primitive_opt::<TimestampMicrosecondType>()?;
    if column.is_empty() || column.is_null(row) {
        return None;
    }
    Timestamp::from_microsecond(column.value(row)).ok()
}
