//! A conversation that was evaluated: what was given in each of its versions, and how the last one stands.

use std::collections::BTreeMap;

use dialmark_model::civil::Calendar;
use jiff::civil::Date;
use jiff::{Timestamp, ToSpan};
use serde::{Deserialize, Serialize};

use super::appeal::{Evaluation, Standing};
use super::form::Form;
use super::score::{Answer, Scored};
use crate::dispute::CallId;

/// A conversation that somebody evaluates.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Conversation {
    /// The call.
    pub call: CallId,
    /// Who spoke for the centre.
    pub agent_id: String,
    /// Team of the agent, as the call says.
    pub team_id: Option<String>,
    /// Campaign of the call.
    pub campaign_id: Option<String>,
    /// Client of the call.
    pub client_id: Option<String>,
    /// When it began.
    pub at: Timestamp,
}

/// A call in one word, by which samples choose and sessions compare: `dialler/4711`.
pub fn call_key(call: &CallId) -> String {
    format!("{}/{}", call.source, call.source_id)
}

impl Conversation {
    /// What it says of a dimension that somebody may be confined to.
    pub fn value(&self, dimension: &str) -> Option<&str> {
        match dimension {
            "agent_id" => Some(&self.agent_id),
            "team_id" => self.team_id.as_deref(),
            "campaign_id" => self.campaign_id.as_deref(),
            "client_id" => self.client_id.as_deref(),
            _ => None,
        }
    }
}

/// How a conversation was chosen.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Selection {
    /// It stood in the sample of this plan.
    Random(String),
    /// Somebody picked it.
    Targeted,
}

impl Selection {
    /// The word that records have for it.
    pub const fn word(&self) -> &'static str {
        match self {
            Selection::Random(_) => "random",
            Selection::Targeted => "targeted",
        }
    }
}

/// What an evaluator hands in.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Given {
    /// What was given, by criterion.
    pub answers: BTreeMap<String, Answer>,
    /// What was remarked, by criterion.
    #[serde(default)]
    pub comments: BTreeMap<String, String>,
    /// What was remarked on the whole.
    #[serde(default)]
    pub remark: String,
}

impl Given {
    /// Its score by a form; every problem is a sentence of its own.
    pub fn score(&self, form: &Form) -> Result<Scored, Vec<String>> {
        let strange = self.comments.keys().filter(|name| form.criterion(name).is_none());
        let strange: Vec<String> = strange
            .map(|name| format!("A comment is about `{name}`, which is no criterion of `{}`.", form.code()))
            .collect();
        match (form.score(&self.answers), strange.is_empty()) {
            (Ok(scored), true) => Ok(scored),
            (Ok(_), false) => Err(strange),
            (Err(mut problems), _) => {
                problems.extend(strange);
                Err(problems)
            }
        }
    }
}

/// An evaluation as one evaluator made it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Version {
    /// By whom, when, and what the agent said of it.
    pub evaluation: Evaluation,
    /// Points and score.
    pub scored: Scored,
    /// What was remarked, by criterion.
    pub comments: BTreeMap<String, String>,
    /// What was remarked on the whole.
    pub remark: String,
}

/// An evaluation from its first version to the one that counts. A change after an appeal is a version, never a second
/// evaluation, so that one conversation is counted once.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Evaluated {
    id: String,
    of: Conversation,
    form: String,
    /// Days within which the form let the agent appeal when the evaluation was made.
    appeal_days: u32,
    selection: Selection,
    earlier: Vec<Version>,
    counts: Version,
}

impl Evaluated {
    /// An evaluation just made by a form. Every problem is a sentence of its own.
    pub fn made(
        id: &str,
        of: Conversation,
        form: &Form,
        selection: Selection,
        given: Given,
        by: &str,
        at: Timestamp,
    ) -> Result<Evaluated, Vec<String>> {
        let evaluation = Evaluation::made(id, &of.agent_id, by, at);
        let (evaluation, scored) = match (evaluation, given.score(form)) {
            (Ok(evaluation), Ok(scored)) => (evaluation, scored),
            (evaluation, scored) => {
                let own = evaluation.err().into_iter();
                return Err(own.chain(scored.err().into_iter().flatten()).collect());
            }
        };
        let Given { comments, remark, .. } = given;
        let counts = Version { evaluation, scored, comments, remark };
        let (form, appeal_days) = (form.name.clone(), form.appeal_days);
        Ok(Evaluated { id: id.to_owned(), of, form, appeal_days, selection, earlier: Vec::new(), counts })
    }

    /// Its identifier.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// The conversation.
    pub const fn of(&self) -> &Conversation {
        &self.of
    }

    /// Name of the form; its version stands in [`Scored::form`].
    pub fn form(&self) -> &str {
        &self.form
    }

    /// How the conversation was chosen.
    pub const fn selection(&self) -> &Selection {
        &self.selection
    }

    /// The version that counts.
    pub const fn counts(&self) -> &Version {
        &self.counts
    }

    /// Versions that do not count any more, the first one first.
    pub fn earlier(&self) -> &[Version] {
        &self.earlier
    }

    /// How it stands.
    pub const fn standing(&self) -> &Standing {
        self.counts.evaluation.standing()
    }

    /// Number of the version that counts, from 1: the newer, the larger.
    pub fn revision(&self) -> u64 {
        u64::try_from(self.earlier.len()).unwrap_or(u64::MAX).saturating_add(1)
    }

    /// When it was made first: a change after an appeal moves it to no other day.
    pub fn made_at(&self) -> Timestamp {
        self.earlier.first().unwrap_or(&self.counts).evaluation.made_at()
    }

    /// Last day on which the agent may appeal against the version that counts.
    pub fn appeal_until(&self, calendar: &Calendar) -> Option<Date> {
        let made_on = calendar.day_of(self.counts.evaluation.made_at());
        made_on.checked_add(i64::from(self.appeal_days).days()).ok()
    }

    /// The agent accepts it.
    pub fn acknowledge(self, by: &str, at: Timestamp) -> Result<Evaluated, String> {
        self.step(|evaluation| evaluation.acknowledge(by, at))
    }

    /// The agent does not accept it, for a reason, within the days that the form allowed.
    pub fn appeal(
        self,
        by: &str,
        at: Timestamp,
        why: &str,
        calendar: &Calendar,
    ) -> Result<Evaluated, String> {
        let days = self.appeal_days;
        self.step(|evaluation| evaluation.appeal(by, at, why, days, calendar))
    }

    /// The appeal is looked at by somebody else, and the evaluation stays.
    pub fn uphold(self, by: &str, at: Timestamp, says: &str) -> Result<Evaluated, String> {
        self.is_new_to(by)?;
        self.step(|evaluation| evaluation.uphold(by, at, says))
    }

    /// The appeal is looked at by somebody else, whose answers count instead. They are by the form in the version of the
    /// evaluation: points of two versions cannot stand for each other.
    pub fn change(
        self,
        by: &str,
        at: Timestamp,
        says: &str,
        form: &Form,
        given: Given,
    ) -> Result<Evaluated, String> {
        self.is_new_to(by)?;
        if form.code() != self.counts.scored.form {
            return Err(format!(
                "The evaluation `{}` was made by the form `{}`, and what is declared now is `{}`. Uphold it, or declare \
                 that version again.",
                self.id,
                self.counts.scored.form,
                form.code()
            ));
        }
        let id = format!("{}.{}", self.id, self.revision() + 1);
        let scored = given.score(form).map_err(|problems| problems.join(" "))?;
        let evaluation = Evaluation::made(&id, &self.of.agent_id, by, at)?;
        let changed = self.step(|evaluation| evaluation.change(by, at, says, &id))?;
        let Given { comments, remark, .. } = given;
        let mut earlier = changed.earlier;
        earlier.push(changed.counts);
        let counts = Version { evaluation, scored, comments, remark };
        Ok(Evaluated { earlier, counts, ..changed })
    }

    /// Nobody decides on an evaluation of which they made a version.
    fn is_new_to(&self, by: &str) -> Result<(), String> {
        match self.earlier.iter().any(|version| version.evaluation.evaluator() == by) {
            true => Err(format!(
                "{by} made an earlier version of the evaluation `{}` and cannot decide on it. Let somebody else decide.",
                self.id
            )),
            false => Ok(()),
        }
    }

    fn step(self, step: impl FnOnce(Evaluation) -> Result<Evaluation, String>) -> Result<Evaluated, String> {
        let evaluation = step(self.counts.evaluation)?;
        Ok(Evaluated { counts: Version { evaluation, ..self.counts }, ..self })
    }
}
