//! What there is left to call: leads by list, and callbacks that were promised.

use std::collections::BTreeMap;

use dialmark_engine::EngineError;
use dialmark_govern::Place;
use dialmark_govern::today::left::Left;
use dialmark_govern::today::{CallbackRow, Callbacks, ListLeft, Lists, Of, Panel, Records};
use dialmark_metrics::answer::Reason;
use dialmark_metrics::{Cell, Key, MetricRef, MetricTable, Ratio};
use dialmark_model::civil::Period;
use jiff::SignedDuration;

use super::Seen;

const UNCALLED: &str = "uncalled_leads";
const LIST: &str = "list_id";
/// What the pace is told by, in the order of cells.
const OF_CALLS: [&str; 4] = ["dials", "new_leads_per_day", "attempts_per_lead", "invalid_number_rate"];
const DUE: &str = "callbacks_due";
const OVERDUE: &str = "callbacks_overdue";
const CAMPAIGN: &str = "campaign_id";
/// How far back callbacks are looked for that nobody made.
const DAYS_BACK: i64 = 90;

/// How long each list lasts that was called in the last seven dialling days, or of which leads are left.
pub(super) async fn lists(seen: &Seen<'_>) -> Result<Panel<Lists>, EngineError> {
    let Some(pace_of) = seen.days.pace() else {
        return Ok(Err(
            "Nobody was called on the days before, so that there is no pace at which leads end.".to_owned()
        ));
    };
    let calendar = seen.asked.engine.calendar();
    let period = calendar.period(Some(pace_of.0), pace_of.1.tomorrow().ok());
    let called = match seen.ask(&seen.question(&OF_CALLS, &[LIST], period)?).await? {
        Ok(table) => table,
        Err(sentence) => return Ok(Err(format!("Lists cannot be told apart: {sentence}"))),
    };
    let mut notes = Vec::new();
    // Whoever has called since, has called: leads are those that are left now, whatever day is looked at.
    let uncalled = match seen.ask(&seen.question(&[UNCALLED], &[LIST], Period::ALL)?).await? {
        Ok(table) => by_key(&table),
        Err(sentence) => {
            notes.push(format!("How many leads are left is not known: {sentence}"));
            BTreeMap::new()
        }
    };
    let called = by_key(&called);
    let mut keys: Vec<&Key> = called.keys().chain(uncalled.keys()).collect();
    keys.sort();
    keys.dedup();
    let mut rows: Vec<ListLeft> = keys
        .into_iter()
        .map(|key| {
            let of_calls =
                |at: usize| called.get(key).and_then(|cells| cells.get(at).cloned()).unwrap_or_else(none);
            let uncalled = uncalled.get(key).and_then(|cells| cells.first().cloned()).unwrap_or_else(none);
            let fresh_a_day = of_calls(1);
            let list = text(key);
            let place = Place::of(LIST, list.as_deref().unwrap_or_default());
            ListLeft {
                left: Left::of(&uncalled, &fresh_a_day),
                attempts: of_calls(2),
                invalid: of_calls(3),
                records: Records {
                    of: Of::Numerator(MetricRef::new("dials")),
                    condition: seen.narrowed(&place),
                    period,
                },
                list,
                uncalled,
                fresh_a_day,
            }
        })
        .filter(|row| {
            row.fresh_a_day.value.is_ok() || row.uncalled.value.as_ref().is_ok_and(|left| !left.is_zero())
        })
        .collect();
    rows.sort_by(|a, b| {
        let order = |row: &ListLeft| row.left.order();
        let ((one, days), (other, more)) = (order(a), order(b));
        let by_days = match (days, more) {
            (Some(days), Some(more)) => days.cmp(&more),
            _ => std::cmp::Ordering::Equal,
        };
        one.cmp(&other).then(by_days).then_with(|| a.list.cmp(&b.list))
    });
    if rows.is_empty() {
        return Ok(Err("No list was called on the last dialling days, and no lead is on file.".to_owned()));
    }
    Ok(Ok(Lists { pace_of, rows, notes }))
}

/// Callbacks that fall due in the rest of the day, and those that did and were not made.
pub(super) async fn callbacks(seen: &Seen<'_>) -> Result<Panel<Callbacks>, EngineError> {
    let back = seen.days.at.checked_sub(SignedDuration::from_hours(24 * DAYS_BACK)).ok();
    let overdue_of = Period { from: back, to: Some(seen.days.at) };
    let due_of = seen.days.left();
    let due = match seen.ask(&seen.question(&[DUE], &[CAMPAIGN], due_of)?).await? {
        Ok(table) => by_key(&table),
        Err(sentence) => return Ok(Err(sentence)),
    };
    let overdue = match seen.ask(&seen.question(&[OVERDUE], &[CAMPAIGN], overdue_of)?).await? {
        Ok(table) => by_key(&table),
        Err(sentence) => return Ok(Err(sentence)),
    };
    let grace = seen.asked.engine.catalogue().resolve(&MetricRef::new(OVERDUE));
    let grace_ms = grace.ok().and_then(|found| found.params.0.get("grace").copied());
    let mut keys: Vec<&Key> = due.keys().chain(overdue.keys()).collect();
    keys.sort();
    keys.dedup();
    if keys.is_empty() {
        return Ok(Err(format!(
            "No callback is on record for the rest of the day or the last {DAYS_BACK} days."
        )));
    }
    let rows: Vec<CallbackRow> = keys
        .into_iter()
        .map(|key| {
            let campaign = text(key);
            let condition = seen.narrowed(&Place::of(CAMPAIGN, campaign.as_deref().unwrap_or_default()));
            let records = |metric: &str, period| Records {
                of: Of::Numerator(MetricRef::new(metric)),
                condition: condition.clone(),
                period,
            };
            CallbackRow {
                due: count(due.get(key)),
                overdue: count(overdue.get(key)),
                due_records: records(DUE, due_of),
                overdue_records: records(OVERDUE, overdue_of),
                campaign,
            }
        })
        .filter(|row| row.due + row.overdue > 0)
        .collect();
    Ok(Ok(Callbacks { grace_ms, days_back: DAYS_BACK, rows }))
}

pub(super) fn by_key(table: &MetricTable) -> BTreeMap<Key, Vec<Cell>> {
    table.rows.iter().filter_map(|row| Some((row.keys.first()?.clone(), row.cells.clone()))).collect()
}

/// A count of whole things; none where there is no value.
pub(super) fn count(cells: Option<&Vec<Cell>>) -> u64 {
    let value = cells.and_then(|cells| cells.first()?.value.as_ref().ok().copied());
    value.map_or(0, |value: Ratio| u64::try_from(value.parts().0 / value.parts().1).unwrap_or(0))
}

fn none() -> Cell {
    Cell { value: Err(Reason::NoData), ..Cell::empty() }
}

pub(super) fn text(key: &Key) -> Option<String> {
    (*key != Key::None).then(|| key.to_string())
}
