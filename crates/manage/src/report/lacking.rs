//! Which records are missing of some days.

use async_recursion::async_recursion as compiled_here;
use dialmark_engine::{Engine, EngineError};
use dialmark_govern::Stretch;
use dialmark_govern::report::Lacking;
use jiff::{SignedDuration, Timestamp};

/// For so long coverage waits for what comes once a day. What a report is due for should be there by then.
const GRACE: SignedDuration = SignedDuration::from_hours(24);

/// Sources that delivered far less in hours of these days than they usually do, as far as the days are over.
#[compiled_here]
pub async fn lacking(engine: &Engine, days: &Stretch, now: Timestamp) -> Result<Vec<Lacking>, EngineError> {
    let period = engine.calendar().period(Some(days.from), Some(days.until));
    let mut found = Vec::new();
    let without_grace = now.checked_add(GRACE).unwrap_or(now);
    for one in engine.coverage(&period, Some(without_grace)).await?.sources {
        let Some(first) = one.gaps().next().map(|hour| hour.starts_at) else { continue };
        let hours = u32::try_from(one.gaps().count()).unwrap_or(u32::MAX);
        found.push(Lacking { hours, first, source: one.source, table: one.table });
    }
    Ok(found)
}
