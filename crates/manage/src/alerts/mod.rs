//! Alerts: looks at what is watched, and lays what it finds beside how things stood.

mod budget;
mod case;
mod declared;
mod gap;
mod kpi;
mod live;
mod replay;

use std::collections::BTreeMap;

use async_recursion::async_recursion as compiled_here;
use dialmark_govern::Alert;
use dialmark_govern::alert::{Reading, Round, Standing, Watch, round, unseen};

use crate::desk::Desk;
use crate::error::NotDone;

pub(crate) use declared::check_declared;
pub use replay::{Replayed, replay};

/// One round of an alert, now: `before` is how things stood, by key. Outside of its hours nobody looks.
#[compiled_here]
pub async fn look(
    desk: &Desk<'_>,
    alert: &Alert,
    before: &BTreeMap<String, Standing>,
) -> Result<Round, NotDone> {
    if !is_open(desk, alert) {
        return Ok(unseen(before));
    }
    let readings = readings(desk, alert).await?;
    Ok(round(alert, before, &readings, desk.now))
}

/// Whether an alert looks now.
pub fn is_open(desk: &Desk<'_>, alert: &Alert) -> bool {
    let centre = &desk.engine.calendar().zone;
    alert.hours.as_ref().is_none_or(|hours| hours.hold(desk.now, centre))
}

/// What an alert finds now, whether or not it is its time.
#[compiled_here]
pub async fn readings(desk: &Desk<'_>, alert: &Alert) -> Result<Vec<Reading>, NotDone> {
    match &alert.watch {
        Watch::Kpi { kpis, close_too, minimum_n } => kpi::readings(desk, kpis, *close_too, *minimum_n).await,
        Watch::Live { .. } => live::readings(desk, &alert.watch).await,
        Watch::Gap { source, late_ms } => {
            gap::readings(desk, alert.hours.as_ref(), source.as_deref(), *late_ms).await
        }
        Watch::Budget { campaign, edge } => budget::readings(desk, campaign.as_deref(), edge).await,
        Watch::Case { clock, ahead_ms } => case::readings(desk, *clock, *ahead_ms).await,
    }
}
