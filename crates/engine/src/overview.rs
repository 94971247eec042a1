//! Small questions that every surface asks: what is there, from when to when, and which codes nobody maps.

use std::collections::BTreeSet;

use arrow::array::{Array, AsArray};
use arrow::datatypes::TimestampMicrosecondType;
use async_recursion::async_recursion as compiled_here;
use datafusion::functions_aggregate::expr_fn::{count, max, min};
use datafusion::logical_expr::{ident, lit};
use dialmark_model::civil::Period;
use jiff::Timestamp;

use crate::anchor::Anchor;
use crate::answer::{shown_at, text_at};
use crate::asked::within;
use crate::engine::Engine;
use crate::error::{EngineError, refuse};
use crate::functions::RowZone;
use crate::passes::count_at;
use crate::table;

impl Engine {
    /// Codes of calls that no map knows, the most frequent first.
    #[compiled_here]
    pub async fn unmapped(&self) -> Result<Vec<(String, u64)>, EngineError> {
        let known = self.dispositions();
        let all = self.top_values("calls", "disposition", usize::MAX).await?;
        Ok(all.into_iter().filter(|(code, _)| !known.knows(code)).collect())
    }

    /// Agents on calls whom no roster knows, with their calls, the most first; nothing where there is no roster.
    #[compiled_here]
    pub async fn unknown_agents(&self) -> Result<Vec<(String, u64)>, EngineError> {
        let roster = self.top_values("agents", "agent_id", usize::MAX).await?;
        if roster.is_empty() {
            return Ok(Vec::new());
        }
        let known: BTreeSet<&str> = roster.iter().map(|(agent, _)| agent.as_str()).collect();
        let all = self.top_values("calls", "agent_id", usize::MAX).await?;
        Ok(all.into_iter().filter(|(agent, _)| !known.contains(agent.as_str())).collect())
    }

    /// The most frequent values of a column of a table, with their counts; nulls are left out.
    #[compiled_here]
    pub async fn top_values(
        &self,
        table: &str,
        column: &str,
        limit: usize,
    ) -> Result<Vec<(String, u64)>, EngineError> {
        let snapshot = self.lake().snapshot().await?;
        let Some(live) = snapshot.tables.get(table) else { return Ok(Vec::new()) };
        if live.table.column(column).is_none() {
            return refuse(format!("The records of `{table}` have no column `{column}`."));
        }
        let rows = table::rows(self, live, &Period::ALL)?;
        let seen = within(self.confined(), live).unwrap_or_else(|| lit(true));
        let batches = rows
            .filter(ident(column).is_not_null().and(seen))?
            .aggregate(vec![ident(column).alias("value")], vec![count(lit(1_i64)).alias("n")])?
            .collect()
            .await?;
        let mut found = Vec::new();
        for batch in &batches {
            let Some(values) = batch.column_by_name("value") else { continue };
            for row in 0..batch.num_rows() {
                let value = match text_at(values.as_ref(), row) {
                    Ok(text) => text,
                    Err(_) => shown_at(values.as_ref(), row)?,
                };
                if let Some(value) = value {
                    found.push((value, u64::try_from(count_at(batch, "n", row)).unwrap_or(0)));
                }
            }
        }
        found.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
        found.truncate(limit);
        Ok(found)
    }

    /// First and last time of the calls, or of the table with the most records when there are no calls.
    #[compiled_here]
    pub async fn extent(&self) -> Result<Option<(Timestamp, Timestamp)>, EngineError> {
        let snapshot = self.lake().snapshot().await?;
        let calls = snapshot.tables.get("calls").filter(|t| t.rows() > 0);
        let Some(live) = calls.or_else(|| snapshot.tables.values().max_by_key(|t| t.rows())) else {
            return Ok(None);
        };
        let zone = RowZone { calendar: self.calendar().clone(), is_own: true };
        let Anchor::Instant(at) = Anchor::of(&live.table, None, &zone)? else { return Ok(None) };
        let rows = table::rows(self, live, &Period::ALL)?;
        let batches = rows
            .aggregate(vec![], vec![min(at.clone()).alias("least"), max(at).alias("most")])?
            .collect()
            .await?;
        let bound = |name: &str| {
            let column =
                batches.first()?.column_by_name(name)?.as_primitive_opt::<TimestampMicrosecondType>()?;
            (!column.is_empty() && !column.is_null(0))
                .then(|| Timestamp::from_microsecond(column.value(0)).ok())
                .flatten()
        };
        Ok(bound("least").zip(bound("most")))
    }
}
