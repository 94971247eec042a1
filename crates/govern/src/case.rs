//! Cases: what follows from a miss, with clocks.
//!
//! A KPI that is missed in a window that is over opens a case. Its root cause is due within 48 hours, its improvement plan
//! within a week; each action has one owner and a day; after 60 and 90 days below target it goes to a review. A case is its
//! opening and what happened since, in order; nothing is ever changed or taken away.

mod clock;

use std::fmt;

use dialmark_metrics::Ratio;
use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::person::People;
use crate::place::Place;

pub use clock::{Clock, ClockKind, clocks};

/// Why a case is there.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Opening {
    /// The KPI.
    pub kpi: String,
    /// Whose records.
    pub place: Place,
    /// First day of the window that was missed.
    pub from: Date,
    /// First day after it.
    pub until: Date,
    /// First day of the first of the windows that were missed one after another up to this one.
    pub below_since: Date,
    /// When it was opened.
    pub opened_at: Timestamp,
    /// Who answers for it.
    pub owner: String,
    /// The value, as a fraction or decimal.
    pub value: String,
    /// The value in words.
    pub shown: String,
    /// The target in words.
    pub target: String,
    /// Where the change against the window before comes from: the largest contributions, in sentences.
    pub causes: Vec<String>,
}

/// Something that happened to a case.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "kind")]
pub enum Event {
    /// The root cause was found.
    Cause {
        /// What it is.
        says: String,
    },
    /// The improvement plan stands.
    Plan {
        /// What is going to be done.
        says: String,
    },
    /// Something is to be done.
    Action {
        /// What.
        says: String,
        /// By whom.
        owner: String,
        /// Until when.
        due_on: Date,
    },
    /// An action was done.
    Done {
        /// Number of the action, from 1.
        action: usize,
        /// What came of it.
        says: String,
    },
    /// A step of an action is to be reached by a day.
    Milestone {
        /// Number of the action, from 1.
        action: usize,
        /// What.
        says: String,
        /// Until when.
        due_on: Date,
    },
    /// A milestone was reached.
    Reached {
        /// Number of the milestone, from 1.
        milestone: usize,
    },
    /// Something worth writing down.
    Note {
        /// What.
        says: String,
    },
    /// A later window was missed as well.
    MissedAgain {
        /// First day of the window.
        from: Date,
        /// First day after it.
        until: Date,
        /// The value in words.
        value: String,
    },
    /// A later window met its target.
    Met {
        /// First day of the window.
        from: Date,
        /// First day after it.
        until: Date,
        /// The value in words.
        value: String,
    },
    /// It was brought before a review.
    Escalated {
        /// To whom, and what was decided.
        says: String,
    },
    /// It is closed.
    Closed {
        /// Why.
        says: String,
    },
}

impl Event {
    /// What kind of event it is, in the word that its JSON has.
    pub const fn word(&self) -> &'static str {
        match self {
            Event::Cause { .. } => "cause",
            Event::Plan { .. } => "plan",
            Event::Action { .. } => "action",
            Event::Done { .. } => "done",
            Event::Milestone { .. } => "milestone",
            Event::Reached { .. } => "reached",
            Event::Note { .. } => "note",
            Event::MissedAgain { .. } => "missed_again",
            Event::Met { .. } => "met",
            Event::Escalated { .. } => "escalated",
            Event::Closed { .. } => "closed",
        }
    }

    /// Why it cannot be written down on a day, as a sentence: an owner who is not known or gone, a day that has passed.
    pub fn refusal(&self, today: Date, people: &People) -> Option<String> {
        let passed = |due_on: &Date| {
            (*due_on < today).then(|| format!("{due_on} has passed. Name a day from {today} on."))
        };
        match self {
            // Of two owners the case itself says that they are one too many.
            Event::Action { owner, .. } if owner.contains([',', ';']) => None,
            Event::Action { owner, due_on, .. } => passed(due_on).or_else(|| people.refusal(owner.trim())),
            Event::Milestone { due_on, .. } => passed(due_on),
            _ => None,
        }
    }
}

impl fmt::Display for Event {
    /// What happened, in words.
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Event::Cause { says } => write!(out, "Root cause: {says}"),
            Event::Plan { says } => write!(out, "Plan: {says}"),
            Event::Action { says, owner, due_on } => write!(out, "Action: {says} ({owner}, until {due_on})"),
            Event::Done { action, says } if says.is_empty() => write!(out, "Action {action} is done"),
            Event::Done { action, says } => write!(out, "Action {action} is done: {says}"),
            Event::Milestone { action, says, due_on } => {
                write!(out, "Step of action {action}: {says} (until {due_on})")
            }
            Event::Reached { milestone } => write!(out, "Step {milestone} is reached"),
            Event::Note { says } => out.write_str(says),
            Event::MissedAgain { from, value, .. } => {
                write!(out, "Missed again in the window from {from}: {value}")
            }
            Event::Met { from, value, .. } => {
                write!(out, "Met, or nearly, in the window from {from}: {value}")
            }
            Event::Escalated { says } => write!(out, "Reviewed: {says}"),
            Event::Closed { says } => write!(out, "Closed: {says}"),
        }
    }
}

/// An event, with who caused it and when.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// When it was written down.
    pub at: Timestamp,
    /// By whom; `dialmark` for what follows from figures.
    pub by: String,
    /// What happened.
    #[serde(flatten)]
    pub event: Event,
}

/// A text with who wrote it last and when it was there first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Written {
    /// The text.
    pub says: String,
    /// Who wrote it last.
    pub by: String,
    /// When it was there first.
    pub at: Timestamp,
}

/// Something to be done.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Action {
    /// What.
    pub says: String,
    /// By whom.
    pub owner: String,
    /// Until when.
    pub due_on: Date,
    /// When it was done, and what came of it.
    pub done: Option<Written>,
}

/// A step of an action.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Milestone {
    /// Number of the action, from 1.
    pub action: usize,
    /// What.
    pub says: String,
    /// Until when.
    pub due_on: Date,
    /// When it was reached.
    pub reached_at: Option<Timestamp>,
}

/// A case as it stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Case {
    /// Why it is there.
    pub opening: Opening,
    /// The root cause, once it is found; the last word counts.
    pub cause: Option<Written>,
    /// The improvement plan, once it stands; the last word counts.
    pub plan: Option<Written>,
    /// Actions, in the order in which they were agreed.
    pub actions: Vec<Action>,
    /// Steps of actions.
    pub milestones: Vec<Milestone>,
    /// When it was brought before a review last.
    pub escalated: Option<Written>,
    /// Last day below target so far: that of the last window that was missed.
    pub below_until: Date,
    /// Whether a later window has met the target.
    pub is_met_again: bool,
    /// Why and when it was closed.
    pub closed: Option<Written>,
}

impl Case {
    /// A case that was just opened.
    pub fn opened(opening: Opening) -> Case {
        Case {
            below_until: opening.until,
            opening,
            cause: None,
            plan: None,
            actions: Vec::new(),
            milestones: Vec::new(),
            escalated: None,
            is_met_again: false,
            closed: None,
        }
    }

    /// The case after all that has happened to it. What does not fit was refused when it was to be written; should it be
    /// there all the same, it is passed over.
    pub fn after<'e>(opening: Opening, entries: impl IntoIterator<Item = &'e Entry>) -> Case {
        let mut case = Case::opened(opening);
        for entry in entries {
            // Refusals are for whoever writes; the history stands.
            let _ = case.take(entry);
        }
        case
    }

    /// Lets something happen to the case; what does not fit is refused with a sentence, and nothing has changed.
    pub fn take(&mut self, entry: &Entry) -> Result<(), String> {
        if self.closed.is_some() {
            return Err("The case is closed. A new miss opens a new one.".to_owned());
        }
        let written = |says: &str| Written { says: says.to_owned(), by: entry.by.clone(), at: entry.at };
        // Words may be mended; what stops a clock is that they were there.
        let again = |before: &Option<Written>, says: &str| Written {
            at: before.as_ref().map_or(entry.at, |first| first.at),
            ..written(says)
        };
        match &entry.event {
            Event::Cause { says } => {
                self.cause = Some(again(&self.cause, said("The root cause", says)?));
            }
            Event::Plan { says } => {
                if self.cause.is_none() {
                    return Err("A plan follows from a root cause; write that down first.".to_owned());
                }
                self.plan = Some(again(&self.plan, said("The plan", says)?));
            }
            Event::Action { says, owner, due_on } => {
                let owners = owner.split([',', ';']).map(str::trim).filter(|name| !name.is_empty()).count();
                if owners != 1 {
                    return Err(format!("An action has one owner, not {owners}."));
                }
                self.actions.push(Action {
                    says: said("The action", says)?.to_owned(),
                    owner: owner.trim().to_owned(),
                    due_on: *due_on,
                    done: None,
                });
            }
            Event::Done { action, says } => {
                let action = numbered(&mut self.actions, *action, "action")?;
                if action.done.is_some() {
                    return Err("That action is done already.".to_owned());
                }
                action.done = Some(written(says));
            }
            Event::Milestone { action, says, due_on } => {
                let of = numbered(&mut self.actions, *action, "action")?;
                if *due_on > of.due_on {
                    return Err(format!(
                        "The milestone lies after its action, which is due on {}.",
                        of.due_on
                    ));
                }
                let says = said("The milestone", says)?.to_owned();
                self.milestones.push(Milestone { action: *action, says, due_on: *due_on, reached_at: None });
            }
            Event::Reached { milestone } => {
                numbered(&mut self.milestones, *milestone, "milestone")?.reached_at = Some(entry.at);
            }
            Event::Note { says } => {
                said("The note", says)?;
            }
            Event::MissedAgain { until, .. } => {
                self.below_until = self.below_until.max(*until);
                self.is_met_again = false;
            }
            Event::Met { .. } => self.is_met_again = true,
            Event::Escalated { says } => self.escalated = Some(written(said("What was decided", says)?)),
            Event::Closed { says } => {
                if self.cause.is_none() {
                    return Err("A case is not closed before its root cause is written down.".to_owned());
                }
                let open = self.actions.iter().filter(|action| action.done.is_none()).count();
                if open > 0 {
                    let actions = if open == 1 { "action is" } else { "actions are" };
                    return Err(format!("{open} {actions} not done yet."));
                }
                self.closed = Some(written(said("The reason", says)?));
            }
        }
        Ok(())
    }

    /// Days below target, from the first window that was missed.
    pub fn days_below(&self) -> i32 {
        self.opening.below_since.until(self.below_until).map_or(0, |span| span.get_days())
    }

    /// The value when it was opened.
    pub fn value(&self) -> Option<Ratio> {
        Ratio::parse(&self.opening.value)
    }
}

fn said<'s>(what: &str, says: &'s str) -> Result<&'s str, String> {
    match says.trim() {
        "" => Err(format!("{what} says nothing.")),
        text => Ok(text),
    }
}

fn numbered<'l, T>(list: &'l mut [T], number: usize, noun: &str) -> Result<&'l mut T, String> {
    let count = list.len();
    number.checked_sub(1).and_then(|at| list.get_mut(at)).ok_or_else(|| match count {
        0 => format!("The case has no {noun} yet."),
        _ => format!("There is no {noun} {number}; they are numbered from 1 to {count}."),
    })
}

#[cfg(test)]
mod tests;
