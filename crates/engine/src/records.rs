//! The records behind a figure: what was counted, one row each, never cut without saying how many there are.

use datafusion::functions_aggregate::expr_fn::count;
use datafusion::logical_expr::{Expr as Plan, ident, lit};
use datafusion::prelude::DataFrame;
use dialmark_lake::LiveTable;
use dialmark_metrics::metric::MetricRef;
use dialmark_metrics::{Binding, Expr, MetricQuery, Scope, Shape};
use dialmark_model::civil::Period;

use crate::anchor::Anchor;
use crate::answer::shown_at;
use crate::engine::{Asked, Engine, count_at};
use crate::error::{EngineError, refuse};
use crate::followed;
use crate::plan::{self, Use};

/// Which part of a ratio.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Part {
    /// What is divided, or the measure of a simple metric.
    #[default]
    Numerator,
    /// What it is divided by.
    Denominator,
}

/// A question for records.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RecordsQuery {
    /// The metric.
    pub metric: Option<MetricRef>,
    /// Which part of it.
    pub part: Part,
    /// Table to read when several could answer, or when no metric is named.
    pub table: Option<String>,
    /// Condition on records.
    pub filter: Option<Expr>,
    /// Which time.
    pub period: Period,
    /// Zone of civil days.
    pub zone: Option<String>,
    /// What the asker may see.
    pub scope: Scope,
    /// How many at most; 0 for none, only the total.
    pub limit: usize,
    /// How many to pass over.
    pub offset: usize,
}

/// Records as text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Records {
    /// Their table.
    pub table: String,
    /// Names of the columns that hold anything.
    pub columns: Vec<String>,
    /// Values: instants in RFC 3339 UTC, durations in milliseconds.
    pub rows: Vec<Vec<Option<String>>>,
    /// How many there are in all.
    pub total: u64,
}

impl Engine {
    /// The records behind a figure, in the order of time.
    pub async fn records(&self, wanted: &RecordsQuery) -> Result<Records, EngineError> {
        let snapshot = self.lake().snapshot().await?;
        let question = MetricQuery {
            metrics: wanted.metric.clone().into_iter().collect(),
            filter: wanted.filter.clone(),
            period: wanted.period,
            zone: wanted.zone.clone(),
            scope: wanted.scope.clone(),
            table: wanted.table.clone(),
            ..MetricQuery::default()
        };
        let asked = Asked::new(self, &question, &snapshot)?;
        let (one, binding) = match &wanted.metric {
            None => (None, None),
            Some(_) => {
                let filled = self.filled_in(&snapshot);
                let plans = plan::wanted(self.catalogue(), &question, &snapshot, &filled, &mut Vec::new())?;
                let uses = plans.into_iter().next().map(|w| w.uses).unwrap_or_default();
                let index = usize::from(wanted.part == Part::Denominator && uses.len() > 1);
                let Some(one) = uses.into_iter().nth(index) else {
                    return refuse("The metric has no measure.");
                };
                let binding = self.catalogue().binding(&one.measure, &one.table);
                (Some(one), binding)
            }
        };
        let name = one
            .as_ref()
            .map(|o| o.table.clone())
            .or_else(|| wanted.table.clone())
            .unwrap_or_else(|| "calls".to_owned());
        let Some(live) = snapshot.tables.get(&name) else {
            return Ok(Records { table: name, columns: Vec::new(), rows: Vec::new(), total: 0 });
        };
        let anchor = Anchor::of(&live.table, binding.and_then(|b| b.at.as_deref()))?;
        let mut rows = asked.base(live, &anchor)?;
        if let (Some(one), Some(binding)) = (&one, binding) {
            rows = self.behind(&asked, live, &anchor, rows, one, binding).await?;
        }
        self.page(live, &anchor, rows, wanted).await
    }

    /// Keeps only the records that the measure counts.
    async fn behind(
        &self,
        asked: &Asked<'_>,
        live: &LiveTable,
        anchor: &Anchor,
        mut rows: DataFrame,
        one: &Use,
        binding: &Binding,
    ) -> Result<DataFrame, EngineError> {
        let place = asked.place(&live.table.name, anchor);
        if let Some(window_ms) = asked.matured(binding, one)? {
            rows = rows.filter(asked.has_matured(live, anchor, window_ms)?)?;
        }
        match &binding.shape {
            Shape::Records(aggregate) => {
                if let Some(filter) = &aggregate.filter {
                    rows = rows.filter(asked.condition(filter, one, &place)?)?;
                }
                if let Some(argument) = aggregate.function.argument() {
                    rows = rows.filter(asked.condition(argument, one, &place)?.is_not_null())?;
                }
                Ok(rows)
            }
            // The groups are made of these records.
            Shape::Grouped { among, .. } => match among {
                Some(among) => Ok(rows.filter(asked.condition(among, one, &place)?)?),
                None => Ok(rows),
            },
            Shape::Followed { .. } => {
                let mut hits: Vec<(i64, i64)> = Vec::new();
                followed::visit(asked, live, binding, one, |counted, hit| {
                    if hit {
                        hits.push(counted.record);
                    }
                })
                .await?;
                Ok(rows.join(
                    hit_table(self, &hits)?,
                    datafusion::common::JoinType::LeftSemi,
                    &["import_id", "line"],
                    &["hit_import", "hit_line"],
                    None,
                )?)
            }
        }
    }

    async fn page(
        &self,
        live: &LiveTable,
        anchor: &Anchor,
        rows: DataFrame,
        wanted: &RecordsQuery,
    ) -> Result<Records, EngineError> {
        let counted =
            rows.clone().aggregate(vec![], vec![count(lit(1_i64)).alias("total")])?.collect().await?;
        let total =
            counted.first().map_or(0, |batch| u64::try_from(count_at(batch, "total", 0)).unwrap_or(0));
        let mut order = Vec::new();
        if let Anchor::Instant(at) | Anchor::Day(at) = anchor {
            order.push(at.clone().sort(true, false));
        }
        order.extend(["source", "source_id", "import_id", "line"].map(|c| ident(c).sort(true, true)));
        // Only columns that hold anything: a wide table is mostly empty.
        let names: Vec<String> = live
            .table
            .stored_columns()
            .map(|c| c.name.to_string())
            .filter(|c| {
                live.filled.contains(c)
                    || dialmark_model::table::system_columns().iter().any(|s| s.name == *c)
            })
            .collect();
        let batches = if wanted.limit == 0 {
            Vec::new()
        } else {
            let columns: Vec<Plan> = names.iter().map(|c| ident(c.as_str())).collect();
            rows.sort(order)?.limit(wanted.offset, Some(wanted.limit))?.select(columns)?.collect().await?
        };
        let mut shown = Vec::new();
        for batch in &batches {
            for row in 0..batch.num_rows() {
                shown.push(
                    batch
                        .columns()
                        .iter()
                        .map(|c| shown_at(c.as_ref(), row))
                        .collect::<Result<Vec<_>, _>>()?,
                );
            }
        }
        Ok(Records { table: live.table.name.to_string(), columns: names, rows: shown, total })
    }
}

fn hit_table(engine: &Engine, hits: &[(i64, i64)]) -> Result<DataFrame, EngineError> {
    use arrow::array::{Int64Array, RecordBatch};
    use arrow::datatypes::{DataType, Field, Schema};
    let schema = std::sync::Arc::new(Schema::new(vec![
        Field::new("hit_import", DataType::Int64, false),
        Field::new("hit_line", DataType::Int64, false),
    ]));
    let imports: Int64Array = hits.iter().map(|(import, _)| Some(*import)).collect();
    let lines: Int64Array = hits.iter().map(|(_, line)| Some(*line)).collect();
    let batch = RecordBatch::try_new(schema, vec![std::sync::Arc::new(imports), std::sync::Arc::new(lines)])?;
    Ok(engine.context().read_batch(batch)?)
}
