//! When people are reached: the contact rate by weekday and hour of the last four weeks.

use std::collections::{BTreeMap, BTreeSet};

use dialmark_engine::EngineError;
use dialmark_govern::today::{Hours, Of, Panel, Records};
use dialmark_metrics::{Cell, Key, MetricRef};
use jiff::ToSpan;

use super::Seen;

const METRIC: &str = "connection_rate";
const DAYS: i64 = 28;

/// Shares of four weeks up to yesterday.
pub(super) async fn hours(seen: &Seen<'_>) -> Result<Panel<Hours>, EngineError> {
    let Some(last) = seen.days.yesterday() else {
        return Ok(Err("Nobody was called on the days before.".to_owned()));
    };
    let calendar = seen.asked.engine.calendar();
    let first = last.checked_sub((DAYS - 1).days()).unwrap_or(last);
    let period = calendar.period(Some(first), last.tomorrow().ok());
    let table = match seen.ask(&seen.question(&[METRIC], &["weekday", "hour"], period)?).await? {
        Ok(table) => table,
        Err(sentence) => return Ok(Err(sentence)),
    };
    let mut cells: BTreeMap<u8, BTreeMap<u8, Cell>> = BTreeMap::new();
    let mut hours = BTreeSet::new();
    for row in &table.rows {
        let (Some(Key::Weekday(day)), Some(Key::Integer(hour))) = (row.keys.first(), row.keys.get(1)) else {
            continue;
        };
        let (Ok(hour), Some(cell)) = (u8::try_from(*hour), row.cells.first()) else { continue };
        hours.insert(hour);
        cells.entry(*day).or_default().insert(hour, cell.clone());
    }
    if hours.is_empty() {
        return Ok(Err("Nobody was called in the last four weeks.".to_owned()));
    }
    let hours: Vec<u8> = hours.into_iter().collect();
    let row = |(day, mut cells): (u8, BTreeMap<u8, Cell>)| {
        (day, hours.iter().map(|hour| cells.remove(hour)).collect())
    };
    Ok(Ok(Hours {
        metric: MetricRef::new(METRIC),
        days: (first, last),
        rows: cells.into_iter().map(row).collect(),
        hours,
        records: Records {
            of: Of::Denominator(MetricRef::new(METRIC)),
            condition: seen.condition.clone(),
            period,
        },
    }))
}
