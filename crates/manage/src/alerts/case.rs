//! What is due of open cases.

use dialmark_govern::alert::{CaseClock, Found, Opens, Reading, Subject, Verdict};
use dialmark_govern::case::{Clock, ClockKind, Opening, clocks};
use jiff::{SignedDuration, Timestamp};

use crate::desk::Desk;
use crate::error::NotDone;

/// One reading a clock that runs. What is done, and the clocks of cases that are closed, are not there any more.
pub(super) async fn readings(
    desk: &Desk<'_>,
    wanted: Option<CaseClock>,
    ahead_ms: u64,
) -> Result<Vec<Reading>, NotDone> {
    let calendar = desk.engine.calendar();
    let ahead = SignedDuration::from_millis(i64::try_from(ahead_ms).unwrap_or(i64::MAX));
    let mut found = Vec::new();
    for filed in desk.state.cases().await? {
        let case = filed.case();
        if case.closed.is_some() {
            continue;
        }
        let running = clocks(&case, calendar).into_iter().filter(Clock::is_open);
        for clock in running.filter(|clock| wanted.is_none_or(|wanted| is_of(clock.kind, wanted))) {
            let tell_at = clock.due_at.checked_sub(ahead).unwrap_or(Timestamp::MIN);
            let due = clock.due_at.to_zoned(calendar.zone.clone()).strftime("%Y-%m-%d %H:%M %Z").to_string();
            found.push(reading(filed.id, &case.opening, &clock, tell_at, &due, desk.now));
        }
    }
    Ok(found)
}

fn reading(
    id: i64,
    opening: &Opening,
    clock: &Clock,
    tell_at: Timestamp,
    due: &str,
    now: Timestamp,
) -> Reading {
    let late = if clock.is_late(now) { "it is late" } else { "it is not done" };
    Reading {
        subject: Subject {
            key: format!("case {id} {}", word(clock.kind)),
            label: format!("Case {id} ({}, {}): {}", opening.kpi, opening.place, clock.says),
            place: opening.place.clone(),
        },
        verdict: match tell_at <= now {
            true => Verdict::Beyond { since: Some(tell_at) },
            false => Verdict::Clear,
        },
        found: Found {
            at: now,
            value: None,
            shown: late.to_owned(),
            limit: format!("due {due}"),
            n: None,
            notes: vec![
                format!("{} answers for it.", clock.owner),
                format!("{} where {} was to be reached.", opening.shown, opening.target),
            ],
            opens: Opens::Case { number: id },
        },
    }
}

const fn is_of(kind: ClockKind, wanted: CaseClock) -> bool {
    matches!(
        (kind, wanted),
        (ClockKind::RootCause, CaseClock::RootCause)
            | (ClockKind::Plan, CaseClock::Plan)
            | (ClockKind::Action(_), CaseClock::Action)
            | (ClockKind::Milestone(_), CaseClock::Milestone)
            | (ClockKind::Review(_), CaseClock::Review)
    )
}

fn word(kind: ClockKind) -> String {
    match kind {
        ClockKind::RootCause => "root_cause".to_owned(),
        ClockKind::Plan => "plan".to_owned(),
        ClockKind::Action(number) => format!("action {number}"),
        ClockKind::Milestone(number) => format!("milestone {number}"),
        ClockKind::Review(days) => format!("review {days}"),
    }
}
