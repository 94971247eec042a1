//! The clocks of a case: what is due when, and what is late.

use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp, ToSpan};
use serde::Serialize;

use super::Case;
use dialmark_model::civil::Calendar;

/// Root cause within 48 hours.
const ROOT_CAUSE: SignedDuration = SignedDuration::from_hours(48);
/// Improvement plan within a week.
const PLAN: SignedDuration = SignedDuration::from_hours(7 * 24);
/// Days below target after which a case goes to a review, and after which at the latest.
const REVIEWS: [i32; 2] = [60, 90];

/// What is due.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ClockKind {
    /// The root cause.
    RootCause,
    /// The improvement plan.
    Plan,
    /// An action, by its number from 1.
    Action(usize),
    /// A milestone, by its number from 1.
    Milestone(usize),
    /// A review of the provider, after so many days below target.
    Review(i32),
}

/// One clock.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Clock {
    /// What is due.
    pub kind: ClockKind,
    /// In words.
    pub says: String,
    /// Who answers for it.
    pub owner: String,
    /// When it is due.
    pub due_at: Timestamp,
    /// When it was done.
    pub done_at: Option<Timestamp>,
}

impl Clock {
    /// Whether it was not done in time, or is not done and its time has passed.
    pub fn is_late(&self, now: Timestamp) -> bool {
        self.done_at.unwrap_or(now) > self.due_at
    }

    /// Whether it runs still.
    pub const fn is_open(&self) -> bool {
        self.done_at.is_none()
    }
}

/// The clocks of a case, those that are due first in front. A day that something is due on ends when the next business day
/// begins. The clock of a review stands when the KPI has been below target for so long, and in spite of what was done.
pub fn clocks(case: &Case, calendar: &Calendar) -> Vec<Clock> {
    let opening = &case.opening;
    let clock = |kind, says: &str, owner: &str, due_at, done_at| Clock {
        kind,
        says: says.to_owned(),
        owner: owner.to_owned(),
        due_at,
        done_at,
    };
    let after = |wait| opening.opened_at.checked_add(wait).unwrap_or(opening.opened_at);
    let at = |written: &Option<super::Written>| written.as_ref().map(|w| w.at);
    let mut clocks = vec![
        clock(ClockKind::RootCause, "Root cause", &opening.owner, after(ROOT_CAUSE), at(&case.cause)),
        clock(ClockKind::Plan, "Improvement plan", &opening.owner, after(PLAN), at(&case.plan)),
    ];
    for (at, action) in case.actions.iter().enumerate() {
        let done = action.done.as_ref().map(|done| done.at);
        let due = end_of(action.due_on, calendar);
        clocks.push(clock(ClockKind::Action(at + 1), &action.says, &action.owner, due, done));
    }
    for (at, milestone) in case.milestones.iter().enumerate() {
        let owner = milestone.action.checked_sub(1).and_then(|at| case.actions.get(at));
        let owner = owner.map_or(opening.owner.as_str(), |action| action.owner.as_str());
        let due = end_of(milestone.due_on, calendar);
        clocks.push(clock(ClockKind::Milestone(at + 1), &milestone.says, owner, due, milestone.reached_at));
    }
    for days in REVIEWS {
        let due = opening.below_since.checked_add(i64::from(days).days()).unwrap_or(opening.below_since);
        if case.days_below() >= days && !case.is_met_again {
            let says = format!("Review of the provider: below target for {days} days");
            let due = calendar.day_start(due).unwrap_or(opening.opened_at);
            let done = case.escalated.as_ref().map(|w| w.at).filter(|at| *at >= due);
            clocks.push(clock(ClockKind::Review(days), &says, &opening.owner, due, done));
        }
    }
    clocks.sort_by_key(|clock| clock.due_at);
    clocks
}

fn end_of(day: Date, calendar: &Calendar) -> Timestamp {
    day.tomorrow().ok().and_then(|next| calendar.day_start(next)).unwrap_or(Timestamp::MAX)
}
