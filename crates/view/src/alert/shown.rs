//! How alerts stand, for terminals and as JSON.

use dialmark_govern::Alert;
use dialmark_govern::alert::{Group, Phase, Standing, Watch};
use dialmark_govern::benchmark::shown;
use dialmark_metrics::metric::Unit;
use dialmark_model::duration_text::DAY_MS;
use serde_json::{Value, json};

use super::page;

/// An alert with how its things stand.
#[derive(Debug, Clone)]
pub struct Looked<'a> {
    /// The alert.
    pub alert: &'a Alert,
    /// Whether it looks now.
    pub is_open: bool,
    /// How its things stand that do not stand quietly, in the order of their keys.
    pub stands: Vec<&'a Standing>,
}

/// Alerts as JSON.
pub fn looked(all: &[Looked<'_>]) -> Value {
    let one = |looked: &Looked<'_>| {
        json!({
            "alert": looked.alert.name,
            "label": looked.alert.label,
            "on": looked.alert.watch.word(),
            "plan": plan(looked.alert),
            "to": looked.alert.to,
            "is_open": looked.is_open,
            "stands": looked.stands.iter().map(|stood| standing(stood)).collect::<Vec<_>>(),
        })
    };
    all.iter().map(one).collect()
}

fn standing(stood: &Standing) -> Value {
    let raised_at = match stood.phase {
        Phase::Raised { raised_at, .. } => Some(raised_at.to_string()),
        Phase::Quiet | Phase::Pending { .. } => None,
    };
    json!({
        "key": stood.subject.key,
        "label": stood.subject.label,
        "place": stood.subject.place,
        "is": phase(stood.phase),
        "since": stood.phase.since().map(|at| at.to_string()),
        "raised_at": raised_at,
        "told_at": stood.known.told_at.map(|at| at.to_string()),
        "value": stood.found.value,
        "shown": stood.found.shown,
        "limit": stood.found.limit,
        "n": stood.found.n,
        "records_to": stood.found.at.to_string(),
        "notes": stood.found.notes,
        "page": page(&stood.found.opens).to_string(),
    })
}

/// Where something stands, in a word.
pub const fn phase(phase: Phase) -> &'static str {
    match phase {
        Phase::Quiet => "quiet",
        Phase::Pending { .. } => "pending",
        Phase::Raised { .. } => "raised",
    }
}

/// What an alert looks at and when it tells, in a sentence.
pub fn plan(alert: &Alert) -> String {
    let what = match &alert.watch {
        Watch::Kpi { kpis, close_too, .. } => {
            let status = if *close_too { "missed or close" } else { "missed" };
            format!("{} {status}", kpis.join(", "))
        }
        Watch::Live { metric, unit, place, by, edge, .. } => {
            let of = if place.is_centre() { String::new() } else { format!(" of {place}") };
            let by = by.as_ref().map(|by| format!(" by {by}")).unwrap_or_default();
            format!(
                "{metric}{of}{by} {} {}, n at least {}",
                edge.side().word(),
                shown(edge.raises_at(), *unit, None),
                edge.minimum_n()
            )
        }
        Watch::Gap { source, .. } => {
            format!("records missing from {}", source.as_deref().unwrap_or("any source"))
        }
        Watch::Budget { campaign, edge } => format!(
            "limit of abandoned calls of {} used to {}",
            campaign.as_deref().unwrap_or("any campaign"),
            shown(edge.raises_at(), Unit::Share, None)
        ),
        Watch::Case { ahead_ms: 0, .. } => "clocks of cases late".to_owned(),
        Watch::Case { ahead_ms, .. } => format!("clocks of cases due within {}", length(*ahead_ms)),
    };
    let hold = if alert.for_ms > 0 { format!(", for {}", length(alert.for_ms)) } else { String::new() };
    let group = match &alert.group {
        Group::Alert => String::new(),
        Group::Each => ", each by itself".to_owned(),
        Group::By(dimension) => format!(", by {dimension}"),
    };
    format!("{what}{hold}{group}")
}

fn length(ms: u64) -> String {
    match ms {
        ms if ms % DAY_MS == 0 => format!("{} d", ms / DAY_MS),
        ms if ms % 3_600_000 == 0 => format!("{} h", ms / 3_600_000),
        ms if ms % 60_000 == 0 => format!("{} min", ms / 60_000),
        ms => format!("{} s", ms / 1_000),
    }
}
