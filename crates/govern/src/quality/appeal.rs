//! An evaluation in the hands of the agent: acknowledged, or appealed and decided by somebody else.

use dialmark_model::civil::Calendar;
use jiff::{Timestamp, ToSpan};
use serde::{Deserialize, Serialize};

/// An evaluation and how it stands. It only changes through the steps below, each of which says why it is refused.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Evaluation {
    id: String,
    agent: String,
    evaluator: String,
    made_at: Timestamp,
    standing: Standing,
}

/// How an evaluation stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "is")]
pub enum Standing {
    /// Made; the agent has not said anything.
    Made,
    /// The agent accepts it. This is final.
    Acknowledged {
        /// When.
        at: Timestamp,
    },
    /// The agent does not accept it.
    Appealed {
        /// When.
        at: Timestamp,
        /// Why, in the agent's words.
        why: String,
    },
    /// Somebody else looked at it, and it stays. This is final.
    Upheld {
        /// Why the agent appealed.
        why: String,
        /// Who decided.
        by: String,
        /// When.
        at: Timestamp,
        /// The reason.
        says: String,
    },
    /// Somebody else looked at it, and another evaluation stands in its place. This is final.
    Changed {
        /// Why the agent appealed.
        why: String,
        /// Who decided.
        by: String,
        /// When.
        at: Timestamp,
        /// The reason.
        says: String,
        /// The evaluation that counts instead.
        replaced_by: String,
    },
}

impl Standing {
    /// Whether it waits for somebody: for the agent's word, or for a decision.
    pub const fn is_open(&self) -> bool {
        matches!(self, Standing::Made | Standing::Appealed { .. })
    }

    /// One word for it.
    pub const fn word(&self) -> &'static str {
        match self {
            Standing::Made => "made",
            Standing::Acknowledged { .. } => "acknowledged",
            Standing::Appealed { .. } => "appealed",
            Standing::Upheld { .. } => "upheld",
            Standing::Changed { .. } => "changed",
        }
    }

    /// Such as `was appealed on ...`, for sentences.
    fn says(&self) -> String {
        match self {
            Standing::Made => "was made and is neither acknowledged nor appealed".to_owned(),
            Standing::Acknowledged { at } => format!("was acknowledged at {at}"),
            Standing::Appealed { at, .. } => format!("was appealed at {at} and is not decided"),
            Standing::Upheld { at, by, .. } => format!("was upheld by {by} at {at}"),
            Standing::Changed { at, by, replaced_by, .. } => {
                format!("was replaced by `{replaced_by}`, by {by} at {at}")
            }
        }
    }

    fn since(&self) -> Option<Timestamp> {
        match self {
            Standing::Made => None,
            Standing::Acknowledged { at }
            | Standing::Appealed { at, .. }
            | Standing::Upheld { at, .. }
            | Standing::Changed { at, .. } => Some(*at),
        }
    }
}

impl Evaluation {
    /// An evaluation just made. Nobody evaluates themselves.
    pub fn made(id: &str, agent: &str, evaluator: &str, at: Timestamp) -> Result<Evaluation, String> {
        if agent == evaluator {
            return Err(format!("{agent} cannot evaluate their own conversation. Let somebody else do it."));
        }
        Ok(Evaluation {
            id: id.to_owned(),
            agent: agent.to_owned(),
            evaluator: evaluator.to_owned(),
            made_at: at,
            standing: Standing::Made,
        })
    }

    /// Its identifier.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// Whose conversation it is.
    pub fn agent(&self) -> &str {
        &self.agent
    }

    /// Who made it.
    pub fn evaluator(&self) -> &str {
        &self.evaluator
    }

    /// When it was made.
    pub const fn made_at(&self) -> Timestamp {
        self.made_at
    }

    /// How it stands.
    pub const fn standing(&self) -> &Standing {
        &self.standing
    }

    /// Whether it counts: one that was changed does not, the one in its place does.
    pub const fn counts(&self) -> bool {
        !matches!(self.standing, Standing::Changed { .. })
    }

    /// The agent accepts it.
    pub fn acknowledge(self, by: &str, at: Timestamp) -> Result<Evaluation, String> {
        self.is_agent(by, "acknowledge")?;
        self.is_not_before(at)?;
        match self.standing {
            Standing::Made => Ok(Evaluation { standing: Standing::Acknowledged { at }, ..self }),
            ref other => Err(self.refuse("acknowledged", other)),
        }
    }

    /// The agent does not accept it, for a reason, within the days after its own that the form allowed.
    pub fn appeal(
        self,
        by: &str,
        at: Timestamp,
        why: &str,
        within_days: u32,
        calendar: &Calendar,
    ) -> Result<Evaluation, String> {
        self.is_agent(by, "appeal")?;
        self.is_not_before(at)?;
        if why.trim().is_empty() {
            return Err("An appeal needs a reason. Say what the evaluation gets wrong.".to_owned());
        }
        let made_on = calendar.day_of(self.made_at);
        let last = i64::from(within_days);
        if let Ok(last_day) = made_on.checked_add(last.days())
            && calendar.day_of(at) > last_day
        {
            return Err(format!(
                "The evaluation `{}` was made on {made_on} and could be appealed until {last_day}, within {last} days.",
                self.id
            ));
        }
        match self.standing {
            Standing::Made => {
                Ok(Evaluation { standing: Standing::Appealed { at, why: why.trim().to_owned() }, ..self })
            }
            ref other => Err(self.refuse("appealed", other)),
        }
    }

    /// The appeal is looked at by somebody else, and the evaluation stays.
    pub fn uphold(self, by: &str, at: Timestamp, says: &str) -> Result<Evaluation, String> {
        let (why, says) = self.decides(by, at, says, "upheld")?;
        Ok(Evaluation { standing: Standing::Upheld { why, by: by.to_owned(), at, says }, ..self })
    }

    /// The appeal is looked at by somebody else, and another evaluation counts in its place.
    pub fn change(
        self,
        by: &str,
        at: Timestamp,
        says: &str,
        replaced_by: &str,
    ) -> Result<Evaluation, String> {
        let (why, says) = self.decides(by, at, says, "changed")?;
        if replaced_by == self.id || replaced_by.trim().is_empty() {
            return Err(format!("The evaluation `{}` is changed by another one. Name that one.", self.id));
        }
        let replaced_by = replaced_by.to_owned();
        Ok(Evaluation {
            standing: Standing::Changed { why, by: by.to_owned(), at, says, replaced_by },
            ..self
        })
    }

    /// Whether somebody may decide now; why the agent appealed, and the reason of the decision.
    fn decides(&self, by: &str, at: Timestamp, says: &str, done: &str) -> Result<(String, String), String> {
        self.is_not_before(at)?;
        if by == self.evaluator {
            return Err(format!(
                "{by} made the evaluation and cannot decide on it. Let somebody else decide."
            ));
        }
        if by == self.agent {
            return Err(format!("{by} was evaluated and cannot decide on it. Let somebody else decide."));
        }
        if says.trim().is_empty() {
            return Err("A decision needs a reason. Say why.".to_owned());
        }
        match &self.standing {
            Standing::Appealed { why, .. } => Ok((why.clone(), says.trim().to_owned())),
            other => Err(self.refuse(done, other)),
        }
    }

    fn is_agent(&self, by: &str, step: &str) -> Result<(), String> {
        match by == self.agent {
            true => Ok(()),
            false => Err(format!("Only {} can {step} the evaluation `{}`, not {by}.", self.agent, self.id)),
        }
    }

    fn is_not_before(&self, at: Timestamp) -> Result<(), String> {
        let last = self.standing.since().unwrap_or(self.made_at);
        match at < last {
            true => Err(format!("{at} is before {last}, when the evaluation `{}` last changed.", self.id)),
            false => Ok(()),
        }
    }

    fn refuse(&self, step: &str, standing: &Standing) -> String {
        let id = &self.id;
        match standing {
            Standing::Made => format!("The evaluation `{id}` was not appealed, so it cannot be {step}."),
            other => format!("The evaluation `{id}` cannot be {step}: it {}.", other.says()),
        }
    }
}
