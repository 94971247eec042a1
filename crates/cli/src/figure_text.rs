//! A figure as a person names it: a metric, perhaps with a condition of its own.

use dialmark_metrics::{Catalogue, Expr, MetricRef, expr};

use crate::failure::Failure;

/// Reads `METRIC` or `METRIC where CONDITION`, such as `dials where source = 'dialler'`.
pub fn read(text: &str, catalogue: &Catalogue) -> Result<(MetricRef, Option<Expr>), Failure> {
    let (metric, condition) = match text.split_once(" where ") {
        None => (text, None),
        Some((metric, condition)) => (metric, Some(condition)),
    };
    let metric = MetricRef::parse(metric).map_err(Failure::Usage)?;
    catalogue.resolve(&metric).map_err(Failure::Usage)?;
    let condition = condition
        .map(|c| expr::parse(c).map_err(|e| Failure::usage(format!("`{text}`: {}", e.0))))
        .transpose()?;
    Ok((metric, condition))
}
