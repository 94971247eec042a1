//! How something stands that an alert looks at: quiet, on the way to be raised, raised; and what those who are told believe.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use super::found::{Found, Reading, Subject, Verdict};
use super::notice::Kind;
use super::{Alert, Watch};

/// Where it stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "is")]
pub enum Phase {
    /// Nothing is wrong, as far as is known.
    Quiet,
    /// Something is wrong, and has not been for long enough.
    Pending {
        /// Since when, in the records' time.
        since: Timestamp,
    },
    /// Something is wrong.
    Raised {
        /// Since when, in the records' time.
        since: Timestamp,
        /// When that was found out, by the clock.
        raised_at: Timestamp,
    },
}

impl Phase {
    /// Whether something is wrong and has been for long enough.
    pub const fn is_raised(self) -> bool {
        matches!(self, Phase::Raised { .. })
    }

    /// Since when something is wrong.
    pub const fn since(self) -> Option<Timestamp> {
        match self {
            Phase::Quiet => None,
            Phase::Pending { since } | Phase::Raised { since, .. } => Some(since),
        }
    }
}

/// What those who are told believe.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Known {
    /// Whether the last message said that something is wrong.
    pub is_raised: bool,
    /// When the last message was written.
    pub told_at: Option<Timestamp>,
    /// Since when it was wrong, as the last message said.
    pub since: Option<Timestamp>,
}

/// How one thing stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Standing {
    /// The thing.
    pub subject: Subject,
    /// Where it stands.
    pub phase: Phase,
    /// What those who are told believe.
    pub known: Known,
    /// The last look that said anything.
    pub found: Found,
}

/// What happened to it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Event {
    /// It was raised.
    Raised,
    /// It is over.
    Cleared,
    /// Its alert is not declared any more, so nobody looks.
    Dropped,
}

impl Event {
    /// Its word.
    pub const fn word(self) -> &'static str {
        match self {
            Event::Raised => "raised",
            Event::Cleared => "cleared",
            Event::Dropped => "dropped",
        }
    }
}

/// A line of the history.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Happened {
    /// When, by the clock.
    pub at: Timestamp,
    /// What.
    pub event: Event,
    /// To what.
    pub subject: Subject,
    /// What was seen.
    pub found: Found,
    /// Since when something was wrong, in the records' time.
    pub since: Timestamp,
}

/// One step: how it stands afterwards, what happened, and what is told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Step {
    pub(super) standing: Standing,
    pub(super) happened: Option<Happened>,
    pub(super) tells: Option<(Kind, Timestamp)>,
}

/// What one look makes of how something stands.
///
/// Time that something must have been wrong is told by the records, so that figures which do not move because no records come
/// are not taken for figures that stay bad; when messages are due, the clock says.
pub(super) fn step(alert: &Alert, before: Option<&Standing>, reading: &Reading, now: Timestamp) -> Step {
    let phase = before.map_or(Phase::Quiet, |before| before.phase);
    let after = next(phase, reading.verdict, reading.found.at, alert.for_ms, now);
    // A look that says nothing leaves what was seen before.
    let found = match (before, reading.verdict) {
        (Some(before), Verdict::Unknown) => before.found.clone(),
        _ => reading.found.clone(),
    };
    let event = match (phase, after) {
        (Phase::Quiet | Phase::Pending { .. }, Phase::Raised { since, .. }) => Some((Event::Raised, since)),
        (Phase::Raised { since, .. }, Phase::Quiet | Phase::Pending { .. }) => Some((Event::Cleared, since)),
        _ => None,
    };
    let subject = reading.subject.clone();
    let happened = event.map(|(event, since)| Happened {
        at: now,
        event,
        subject: subject.clone(),
        found: found.clone(),
        since,
    });
    let known = before.map_or_else(Known::default, |before| before.known);
    let tells = due(alert, after, known, now);
    let known = match tells {
        Some((kind, since)) => {
            Known { is_raised: kind != Kind::Cleared, told_at: Some(now), since: Some(since) }
        }
        None => known,
    };
    Step { standing: Standing { subject, phase: after, known, found }, happened, tells }
}

/// Where something stands after a look. What is raised stays so until a look finds it well; what is on its way begins anew
/// after any look that does not find it bad.
fn next(phase: Phase, verdict: Verdict, at: Timestamp, for_ms: u64, now: Timestamp) -> Phase {
    match (phase, verdict) {
        (Phase::Raised { .. }, Verdict::Clear) => Phase::Quiet,
        (Phase::Raised { .. }, _) => phase,
        (Phase::Quiet | Phase::Pending { .. }, Verdict::Beyond { since }) => {
            let since = since.or(phase.since()).unwrap_or(at);
            match has_passed(since, at, for_ms) {
                true => Phase::Raised { since, raised_at: now },
                false => Phase::Pending { since },
            }
        }
        (Phase::Quiet | Phase::Pending { .. }, _) => Phase::Quiet,
    }
}

/// What is told now, and since when it is or was wrong: whatever those who are told do not know, once they have been left in
/// peace for long enough; else that it still stands, when that is due.
fn due(alert: &Alert, phase: Phase, known: Known, now: Timestamp) -> Option<(Kind, Timestamp)> {
    let is_free = known.told_at.is_none_or(|told_at| has_passed(told_at, now, alert.quiet_for_ms));
    match (known.is_raised, phase) {
        (false, Phase::Raised { since, .. }) => is_free.then_some((Kind::Raised, since)),
        (true, Phase::Quiet | Phase::Pending { .. }) => {
            is_free.then_some((Kind::Cleared, known.since.unwrap_or(now)))
        }
        (true, Phase::Raised { since, .. }) => {
            let remind_after = alert.remind_after_ms?;
            let told_at = known.told_at?;
            (is_free && has_passed(told_at, now, remind_after)).then_some((Kind::Reminder, since))
        }
        (false, Phase::Quiet | Phase::Pending { .. }) => None,
    }
}

fn has_passed(from: Timestamp, to: Timestamp, ms: u64) -> bool {
    let wanted = SignedDuration::from_millis(i64::try_from(ms).unwrap_or(i64::MAX));
    to.duration_since(from) >= wanted
}

impl Standing {
    /// How it stands when nobody looks: what was on its way to be raised begins anew when somebody does.
    pub(super) fn unseen(&self) -> Standing {
        let phase = match self.phase {
            Phase::Pending { .. } => Phase::Quiet,
            other => other,
        };
        Standing { phase, ..self.clone() }
    }

    /// A look at something that is not there any more.
    pub(super) fn gone(&self, watch: &Watch, now: Timestamp) -> Reading {
        let (verdict, found) = match watch.ends_by_going() {
            true => {
                let shown = "it is not there any more".to_owned();
                (
                    Verdict::Clear,
                    Found { at: now, value: None, shown, notes: Vec::new(), ..self.found.clone() },
                )
            }
            false => (Verdict::Unknown, self.found.clone()),
        };
        Reading { subject: self.subject.clone(), verdict, found }
    }
}
