//! One customer to be called back, from the answer to the end.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

/// The answer that an item came from. One answer is one item, whatever rules it meets and how often it is delivered.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct ItemId {
    /// Source of the answer.
    pub source: String,
    /// Its identifier there.
    pub source_id: String,
}

impl std::fmt::Display for ItemId {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(out, "{} of {}", self.source_id, self.source)
    }
}

/// A customer to be called back. It only changes through the steps below, each of which says why it is refused.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Item {
    id: ItemId,
    rule: String,
    owner: String,
    answered_at: Timestamp,
    due_at: Timestamp,
    tries_allowed: u32,
    tries: u32,
    last_at: Timestamp,
    state: State,
}

/// How an item stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "is")]
pub enum State {
    /// Nobody has it, or whoever had it did not reach the customer.
    Open,
    /// Somebody is about to call.
    Taken {
        /// Who.
        by: String,
        /// When it was taken.
        at: Timestamp,
    },
    /// Somebody spoke to the customer; what came of it is not noted yet.
    Reached {
        /// Who.
        by: String,
        /// When they spoke.
        at: Timestamp,
    },
    /// The end.
    Closed {
        /// What came of it.
        outcome: Outcome,
        /// Who closed it.
        by: String,
        /// When.
        at: Timestamp,
        /// In words.
        says: String,
        /// When the customer was reached; `None` when that was in vain.
        reached_at: Option<Timestamp>,
    },
}

/// What came of a call back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// The matter is settled.
    Resolved,
    /// It was handed on.
    HandedOn,
    /// The customer was reached and stays discontent.
    NotResolved,
    /// All tries were in vain.
    NotReached,
}

/// How an item stands against its clock.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Clock {
    /// Still to be called; so much time is left.
    Due(SignedDuration),
    /// Still to be called, and so late already.
    Overdue(SignedDuration),
    /// Reached in time.
    Kept,
    /// Reached so much too late.
    Late(SignedDuration),
    /// Given up after all tries. The promise was not kept.
    GivenUp,
}

impl Item {
    /// An item just opened; due within `within_ms` of the answer.
    pub(super) fn open(
        id: ItemId,
        rule: &str,
        owner: &str,
        answered_at: Timestamp,
        due_at: Timestamp,
        tries: u32,
    ) -> Item {
        Item {
            id,
            rule: rule.to_owned(),
            owner: owner.to_owned(),
            answered_at,
            due_at,
            tries_allowed: tries,
            tries: 0,
            last_at: answered_at,
            state: State::Open,
        }
    }

    /// The answer that it came from.
    pub const fn id(&self) -> &ItemId {
        &self.id
    }

    /// The rule that opened it.
    pub fn rule(&self) -> &str {
        &self.rule
    }

    /// Who sees to it.
    pub fn owner(&self) -> &str {
        &self.owner
    }

    /// When the customer answered.
    pub const fn answered_at(&self) -> Timestamp {
        self.answered_at
    }

    /// Until when the customer is to be reached.
    pub const fn due_at(&self) -> Timestamp {
        self.due_at
    }

    /// Tries in vain so far.
    pub const fn tries(&self) -> u32 {
        self.tries
    }

    /// How it stands.
    pub const fn state(&self) -> &State {
        &self.state
    }

    /// Whether anything is left to do.
    pub const fn is_closed(&self) -> bool {
        matches!(self.state, State::Closed { .. })
    }

    /// How it stands against its clock at an instant.
    pub fn clock(&self, now: Timestamp) -> Clock {
        let reached = match &self.state {
            State::Reached { at, .. } => Some(*at),
            State::Closed { reached_at: None, .. } => return Clock::GivenUp,
            State::Closed { reached_at, .. } => *reached_at,
            State::Open | State::Taken { .. } => None,
        };
        let late = reached.unwrap_or(now).duration_since(self.due_at);
        match (reached.is_some(), late.is_positive()) {
            (true, true) => Clock::Late(late),
            (true, false) => Clock::Kept,
            (false, true) => Clock::Overdue(late),
            (false, false) => Clock::Due(-late),
        }
    }

    /// Somebody is about to call.
    pub fn take(self, by: &str, at: Timestamp) -> Result<Item, String> {
        self.is_not_before(at)?;
        match &self.state {
            State::Open if self.tries >= self.tries_allowed => {
                Err(format!("{} tries for {} were in vain. Close it as not reached.", self.tries, self.id))
            }
            State::Open => Ok(self.at(at, State::Taken { by: by.to_owned(), at })),
            _ => Err(self.refuse("taken")),
        }
    }

    /// Whoever took it gives it back without having called.
    pub fn give_back(self, by: &str, at: Timestamp) -> Result<Item, String> {
        self.is_with(by, at, "given back")?;
        Ok(self.at(at, State::Open))
    }

    /// Whoever took it spoke to the customer.
    pub fn reached(self, by: &str, at: Timestamp) -> Result<Item, String> {
        self.is_with(by, at, "reached")?;
        Ok(self.at(at, State::Reached { by: by.to_owned(), at }))
    }

    /// Whoever took it called in vain.
    pub fn not_reached(self, by: &str, at: Timestamp) -> Result<Item, String> {
        self.is_with(by, at, "tried")?;
        let tries = self.tries + 1;
        Ok(Item { tries, ..self.at(at, State::Open) })
    }

    /// The end: after the customer was reached, or as not reached after all tries.
    pub fn close(self, outcome: Outcome, by: &str, at: Timestamp, says: &str) -> Result<Item, String> {
        self.is_not_before(at)?;
        if says.trim().is_empty() {
            return Err("Closing needs a word on what came of it. Write it down in a sentence.".to_owned());
        }
        let reached_at = match (&self.state, outcome) {
            (State::Reached { .. }, Outcome::NotReached) => {
                return Err(format!("The customer of {} was reached. Say what came of it.", self.id));
            }
            (State::Reached { at, .. }, _) => Some(*at),
            (State::Open, Outcome::NotReached) if self.tries >= self.tries_allowed => None,
            (State::Open, Outcome::NotReached) => {
                return Err(format!(
                    "The customer of {} was tried {} times of {}. Try again before giving up.",
                    self.id, self.tries, self.tries_allowed
                ));
            }
            (State::Open | State::Taken { .. }, _) => {
                return Err(format!("Nobody has spoken to the customer of {} yet.", self.id));
            }
            (State::Closed { .. }, _) => return Err(self.refuse("closed again")),
        };
        let says = says.trim().to_owned();
        Ok(self.at(at, State::Closed { outcome, by: by.to_owned(), at, says, reached_at }))
    }

    fn at(self, at: Timestamp, state: State) -> Item {
        Item { last_at: at, state, ..self }
    }

    fn is_with(&self, by: &str, at: Timestamp, step: &str) -> Result<(), String> {
        self.is_not_before(at)?;
        match &self.state {
            State::Taken { by: taker, .. } if taker == by => Ok(()),
            State::Taken { by: taker, .. } => Err(format!("{taker} took {}, not {by}.", self.id)),
            _ => Err(self.refuse(step)),
        }
    }

    fn is_not_before(&self, at: Timestamp) -> Result<(), String> {
        match at < self.last_at {
            true => Err(format!("{at} is before {}, when {} last changed.", self.last_at, self.id)),
            false => Ok(()),
        }
    }

    fn refuse(&self, step: &str) -> String {
        let why = match &self.state {
            State::Open => "nobody has taken it. Take it first".to_owned(),
            State::Taken { by, at } => format!("{by} took it at {at}"),
            State::Reached { by, at } => format!("{by} reached the customer at {at}. Close it"),
            State::Closed { by, at, .. } => format!("{by} closed it at {at}"),
        };
        format!("{} cannot be {step}: {why}.", self.id)
    }
}
