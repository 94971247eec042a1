//! When no record means zero, and when it means that nobody knows.

use dialmark_engine::{Engine, EngineError, RecordsQuery};
use dialmark_govern::Place;
use dialmark_metrics::answer::MetricHeader;
use dialmark_metrics::{Cell, Ratio, Reason};
use dialmark_model::civil::Period;

/// A count or sum of a place. Without a record of it, it is zero where its table has other records of that place and time:
/// their source delivers, and there was nothing of this kind. Where it has none, the figure stays unknown.
pub(crate) async fn or_zero(
    engine: &Engine,
    cell: Cell,
    header: &MetricHeader,
    place: &Place,
    period: Period,
) -> Result<Cell, EngineError> {
    if cell.value != Err(Reason::NoData) || header.kind != "simple" {
        return Ok(cell);
    }
    let others = RecordsQuery {
        table: Some(header.table.clone()),
        filter: place.condition(),
        period,
        limit: 0,
        ..RecordsQuery::default()
    };
    match engine.records(&others).await {
        Ok(found) if found.total > 0 => Ok(Cell { value: Ok(Ratio::ZERO), ..cell }),
        Ok(_) | Err(EngineError::Question(_)) => Ok(cell),
        Err(other) => Err(other),
    }
}
