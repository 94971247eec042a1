//! The values of a dimension that weigh most; the rest is one row, computed as one and never added up from rows.

use datafusion::arrow::datatypes::DataType;
use datafusion::logical_expr::{Expr as Plan, cast, in_list, lit, when};
use dialmark_metrics::{Key, MetricQuery, Ratio};

use crate::engine::Engine;
use crate::error::{EngineError, refuse};

/// Values that keep a row of their own.
#[derive(Debug, Clone)]
pub(crate) struct Kept {
    values: Vec<String>,
    rest: String,
}

impl Kept {
    /// The dimension with all other values folded into one; records without a value stay apart.
    pub(crate) fn fold(&self, dimension: Plan) -> Result<Plan, EngineError> {
        let text = cast(dimension.clone(), DataType::Utf8);
        let kept = in_list(text.clone(), self.values.iter().map(|v| lit(v.as_str())).collect(), false);
        let rest = lit(self.rest.as_str());
        Ok(when(dimension.is_null(), lit(datafusion::common::ScalarValue::Utf8(None)))
            .when(kept, text)
            .otherwise(rest)?)
    }
}

/// The values of the first dimension of `by` that weigh most: by the figure itself where it is a number of things or an
/// amount, by the records behind it where it is a share or an average.
pub(crate) async fn kept(
    engine: &Engine,
    question: &MetricQuery,
    top: usize,
) -> Result<Option<Kept>, EngineError> {
    let Some(first) = question.by.first() else {
        return refuse("`top` needs a dimension whose values are to be ranked.");
    };
    if matches!(first.as_str(), "hour" | "weekday") {
        return refuse(format!(
            "`{first}` has few values, all of which are shown; there is nothing to rank."
        ));
    }
    let ranking = MetricQuery {
        metrics: question.metrics.first().cloned().into_iter().collect(),
        by: vec![first.clone()],
        grain: None,
        top: None,
        ..question.clone()
    };
    let answer = Box::pin(engine.query(&ranking)).await?;
    let is_simple = answer.metrics.first().is_some_and(|m| m.kind == "simple");
    let mut ranked: Vec<(Option<Ratio>, u64, String)> = answer
        .rows
        .iter()
        .filter_map(|row| {
            let (key, cell) = (row.keys.first().filter(|k| **k != Key::None)?, row.cells.first()?);
            Some((cell.value.clone().ok().filter(|_| is_simple), cell.n, key.to_string()))
        })
        .collect();
    ranked.sort_by(|a, b| b.0.cmp(&a.0).then(b.1.cmp(&a.1)).then_with(|| a.2.cmp(&b.2)));
    if ranked.len() <= top {
        return Ok(None);
    }
    let values: Vec<String> = ranked.into_iter().take(top).map(|(.., value)| value).collect();
    let rest = if values.iter().any(|v| v == "other") { "(other)" } else { "other" };
    Ok(Some(Kept { values, rest: rest.to_owned() }))
}
