//! Guard rails and what is still to ripen, as JSON for programs.

use dialmark_govern::guard::{Compared, Guarded, Unwatched, Verdict, Watched};
use dialmark_govern::maturing::Maturing;
use jiff::civil::Date;
use serde_json::{Value, json};

/// The guards of a figure. All are estimates, and so are numbers.
pub fn guarded(guarded: &Guarded) -> Value {
    json!({
        "watched": guarded.watched.iter().map(|(one, verdict)| watched(one, *verdict)).collect::<Vec<_>>(),
        "unwatched": unwatched(&guarded.unwatched),
    })
}

/// One guard beside its figure.
pub fn watched(one: &Watched, verdict: Verdict) -> Value {
    let days = |(first, last): (Date, Date)| json!({ "first": first.to_string(), "last": last.to_string() });
    json!({
        "guard": one.guard.asked,
        "label": one.guard.label,
        "verdict": verdict.word(),
        "days": days(one.days.now),
        "against_days": days(one.days.against),
        "ripens_days": one.ripens_days,
        "target": compared(&one.target_moved),
        "figure": compared(&one.guard_moved),
        "also_before": one.also_before,
    })
}

fn compared(moved: &Compared) -> Value {
    json!({
        "now": moved.now,
        "against": moved.against,
        "difference": moved.difference.map(|i| json!({ "low": i.low(), "high": i.high(), "confidence": 0.95 })),
    })
}

/// Guards that say nothing, and why.
pub fn unwatched(all: &[Unwatched]) -> Value {
    all.iter().map(|one| json!({ "guard": one.guard, "why_not": one.why_not })).collect()
}

/// How far a figure has ripened.
pub fn maturing(maturing: &Maturing) -> Value {
    json!({
        "window_days": maturing.window_days,
        "mature": maturing.mature,
        "all": maturing.all,
        "provisional": maturing.is_provisional(),
        "ripeness": maturing.ripe.map(dialmark_stats::maturity::Ripe::ripeness),
        "so_far": maturing.ripe.map(dialmark_stats::maturity::Ripe::so_far),
        "estimate": maturing.ripe.map(dialmark_stats::maturity::Ripe::estimate),
        "interval": maturing.ripe.map(|ripe| json!({
            "low": ripe.interval.low(), "high": ripe.interval.high(), "confidence": 0.95,
        })),
    })
}
