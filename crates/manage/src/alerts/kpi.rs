//! How KPIs stand, as alerts see it: at their own place, in the window that runs.

use dialmark_govern::alert::{Found, Opens, Reading, Subject, Verdict};
use dialmark_govern::{Kpi, Place, Standing, Status};
use jiff::Timestamp;

use crate::cases::{shown_of, target_in_words};
use crate::desk::Desk;
use crate::error::NotDone;
use crate::instant::reach;
use crate::standing::{Asked, standings};

/// One reading a KPI that holds on the day.
pub(super) async fn readings(
    desk: &Desk<'_>,
    names: &[String],
    close_too: bool,
    minimum_n: u64,
) -> Result<Vec<Reading>, NotDone> {
    let Some(reach) = reach(desk.engine, desk.now).await? else { return Ok(Vec::new()) };
    let kpis = names.iter().filter_map(|name| desk.governed.kpis.get(name));
    let kpis: Vec<&Kpi> = kpis.filter(|kpi| kpi.days.hold(reach.day)).collect();
    let asked = Asked { within: &Place::centre(), by: &[], reach, scope: desk.scope, whole: desk.engine };
    let standings = standings(desk.engine, &kpis, &asked).await?;
    Ok(standings.iter().map(|standing| reading(standing, close_too, minimum_n, reach.until)).collect())
}

fn reading(standing: &Standing, close_too: bool, minimum_n: u64, at: Timestamp) -> Reading {
    let kpi = &standing.kpi;
    let n = standing.cell.n;
    let verdict = match &standing.status {
        _ if n < minimum_n => Verdict::Unknown,
        Status::Missed => Verdict::Beyond { since: None },
        Status::Close if close_too => Verdict::Beyond { since: None },
        Status::Close => Verdict::Between,
        Status::Met => Verdict::Clear,
        Status::NotEnough(_) => Verdict::Unknown,
    };
    let status = match &standing.status {
        Status::NotEnough(why) => format!("{}: {why}", standing.status.label().to_lowercase()),
        status => status.label().to_lowercase(),
    };
    let value = standing.cell.value.as_ref().ok();
    let shown = match value {
        Some(value) => format!("{} ({status})", shown_of(standing, *value)),
        None => status,
    };
    Reading {
        subject: Subject {
            key: kpi.name.clone(),
            label: match standing.place.is_centre() {
                true => kpi.label.clone(),
                false => format!("{}, {}", kpi.label, standing.place),
            },
            place: standing.place.clone(),
        },
        verdict,
        found: Found {
            at,
            value: value.map(ToString::to_string),
            shown,
            limit: format!("{}, in the window {}", target_in_words(standing), standing.stretch),
            n: Some(n),
            notes: standing.said(),
            opens: Opens::Kpis,
        },
    }
}
