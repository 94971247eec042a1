//! The records behind a figure: what was counted, one row each, never cut without saying how many there are.

use async_recursion::async_recursion as compiled_here;
use datafusion::functions_aggregate::expr_fn::count;
use datafusion::logical_expr::{Expr as Plan, ident, lit};
use datafusion::prelude::DataFrame;
use dialmark_metrics::metric::MetricRef;
use dialmark_metrics::{Binding, Expr, MetricQuery, Scope, Shape};
use dialmark_model::civil::Period;

use crate::anchor::Anchor;
use crate::answer::shown_at;
use crate::asked::{Asked, Clocked};
use crate::engine::Engine;
use crate::error::{EngineError, refuse};
use crate::followed;
use crate::passes::count_at;
use crate::plan::{self, Planner, Use};
use crate::reconcile::Marked;

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
    /// Columns to give, in this order; none for all that hold anything.
    pub columns: Vec<String>,
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
    #[compiled_here]
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
                let planner = Planner {
                    catalogue: self.catalogue(),
                    question: &question,
                    snapshot: &snapshot,
                    filled: &filled,
                };
                let plans = plan::wanted(&planner, &mut Vec::new())?;
                let sides: Vec<Use> =
                    plans.first().map_or(Vec::new(), |w| w.figure.sides().into_iter().cloned().collect());
                let index = usize::from(wanted.part == Part::Denominator && sides.len() > 1);
                let Some(one) = sides.into_iter().nth(index) else {
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
            return Ok(Records { table: name, columns: wanted.columns.clone(), rows: Vec::new(), total: 0 });
        };
        let clocked = match (&one, binding) {
            (Some(one), Some(binding)) => asked.clocked(live, binding, one)?,
            _ => asked.clocked_at(live, None)?,
        };
        let expressions = binding.map_or(Vec::new(), Binding::record_expressions);
        let mut rows = asked.base(&clocked, &expressions).await?;
        if let (Some(one), Some(binding)) = (&one, binding) {
            rows = self.behind(&asked, &clocked, rows, one, binding).await?;
        }
        self.page(&clocked, rows, wanted).await
    }

    /// Keeps only the records that the measure counts.
    async fn behind(
        &self,
        asked: &Asked<'_>,
        clocked: &Clocked<'_>,
        mut rows: DataFrame,
        one: &Use,
        binding: &Binding,
    ) -> Result<DataFrame, EngineError> {
        let place = asked.place(clocked);
        if let Some(matured) = asked.matured(binding, one)? {
            rows = rows.filter(asked.has_matured(clocked, matured).await?)?;
        }
        if let Some(days) = asked.on_days(one.days, &place)? {
            rows = rows.filter(days)?;
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
            Shape::Followed(followed) => {
                let mut hits: Vec<(i64, i64)> = Vec::new();
                let uses = std::slice::from_ref(one);
                followed::visit(asked, clocked, binding, followed, uses, |_, counted, fate| {
                    if fate.hit {
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
        clocked: &Clocked<'_>,
        rows: DataFrame,
        wanted: &RecordsQuery,
    ) -> Result<Records, EngineError> {
        let live = clocked.live;
        let counted =
            rows.clone().aggregate(vec![], vec![count(lit(1_i64)).alias("total")])?.collect().await?;
        let total =
            counted.first().map_or(0, |batch| u64::try_from(count_at(batch, "total", 0)).unwrap_or(0));
        let mut order = Vec::new();
        if let Anchor::Instant(at) | Anchor::Day(at) = &clocked.anchor {
            order.push(at.clone().sort(true, false));
        }
        order.extend(["source", "source_id", "import_id", "line"].map(|c| ident(c).sort(true, true)));
        let names = match wanted.columns.as_slice() {
            // Only columns that hold anything: a wide table is mostly empty.
            [] => live
                .table
                .stored_columns()
                .map(|c| c.name.to_string())
                .filter(|c| {
                    live.filled.contains(c)
                        || dialmark_model::table::system_columns().iter().any(|s| s.name == *c)
                })
                .collect(),
            named => {
                if let Some(strange) = named.iter().find(|name| live.table.column(name).is_none()) {
                    return refuse(format!("The table `{}` has no column `{strange}`.", live.table.name));
                }
                named.to_vec()
            }
        };
        let rows = match wanted.limit {
            0 => Vec::new(),
            limit => shown(rows.sort(order)?.limit(wanted.offset, Some(limit))?, &names).await?,
        };
        Ok(Records { table: live.table.name.to_string(), columns: names, rows, total })
    }

    /// Records of one set of a reconciliation.
    pub(crate) async fn page_of(
        &self,
        marked: &Marked,
        keys: &[Vec<i32>],
        limit: usize,
    ) -> Result<Records, EngineError> {
        let is_one = |key: &Vec<i32>| {
            let codes = key.iter().enumerate().map(|(i, code)| ident(format!("code_{i}")).eq(lit(*code)));
            codes.reduce(Plan::and).unwrap_or(lit(true))
        };
        let is_any = keys.iter().map(is_one).reduce(Plan::or).unwrap_or(lit(false));
        let rows = marked.rows.clone().filter(is_any)?;
        let counted =
            rows.clone().aggregate(vec![], vec![count(lit(1_i64)).alias("total")])?.collect().await?;
        let total = counted.first().map_or(0, |b| u64::try_from(count_at(b, "total", 0)).unwrap_or(0));
        let order = ["source", "source_id", "import_id", "line"].map(|c| ident(c).sort(true, true));
        let found = shown(rows.sort(order.to_vec())?.limit(0, Some(limit))?, &marked.stored).await?;
        // Only columns that hold anything in these records.
        let is_filled = |at: usize| found.iter().any(|row| row.get(at).is_some_and(Option::is_some));
        let kept: Vec<usize> = (0..marked.stored.len()).filter(|at| is_filled(*at)).collect();
        Ok(Records {
            table: marked.table.clone(),
            columns: kept.iter().filter_map(|at| marked.stored.get(*at).cloned()).collect(),
            rows: found
                .into_iter()
                .map(|row| kept.iter().map(|at| row.get(*at).cloned().flatten()).collect())
                .collect(),
            total,
        })
    }
}

/// The values of rows as text.
async fn shown(rows: DataFrame, names: &[String]) -> Result<Vec<Vec<Option<String>>>, EngineError> {
    let columns: Vec<Plan> = names.iter().map(|c| ident(c.as_str())).collect();
    let mut all = Vec::new();
    for batch in &rows.select(columns)?.collect().await? {
        for row in 0..batch.num_rows() {
            all.push(
                batch.columns().iter().map(|c| shown_at(c.as_ref(), row)).collect::<Result<Vec<_>, _>>()?,
            );
        }
    }
    Ok(all)
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
