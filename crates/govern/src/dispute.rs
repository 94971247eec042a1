//! An agent disputes what a call was classified as. Records keep what the source said; a dispute stands beside them.

use dialmark_model::declared::nearest;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// A dispute about one call. It only changes through the steps below, each of which says why it is refused.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Dispute {
    id: String,
    call: CallId,
    is: String,
    should_be: String,
    why: String,
    raised_by: String,
    raised_at: Timestamp,
    decision: Option<Decision>,
}

/// How a call is known.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct CallId {
    /// Source that delivered it.
    pub source: String,
    /// Its identifier there.
    pub source_id: String,
}

impl std::fmt::Display for CallId {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(out, "{} of {}", self.source_id, self.source)
    }
}

/// What was decided.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Decision {
    /// Which way.
    pub verdict: Verdict,
    /// Who decided: never who raised the dispute.
    pub by: String,
    /// When.
    pub at: Timestamp,
    /// The reason.
    pub says: String,
}

/// Which way a dispute was decided.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// The call is what the agent says.
    Accepted,
    /// The call stays as it is.
    Rejected,
    /// The agent took the dispute back.
    Withdrawn,
}

impl Verdict {
    const fn word(self) -> &'static str {
        match self {
            Verdict::Accepted => "accepted",
            Verdict::Rejected => "rejected",
            Verdict::Withdrawn => "withdrawn",
        }
    }
}

/// What a call should be, once a dispute was accepted. Whoever keeps the source corrects it there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Correction<'d> {
    /// The call.
    pub call: &'d CallId,
    /// Its code now.
    pub from: &'d str,
    /// The code that is right.
    pub to: &'d str,
}

/// A call as an agent sees it when disputing it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Disputed<'d> {
    /// The call.
    pub call: CallId,
    /// Agent who handled it.
    pub agent: &'d str,
    /// The code that it has.
    pub is: &'d str,
    /// The code that it should have.
    pub should_be: &'d str,
    /// Why, in the agent's words.
    pub why: &'d str,
}

impl Dispute {
    /// The agent of a call says that its code is wrong. `codes` are the codes that have a meaning. Every problem is a
    /// sentence of its own.
    pub fn raise(
        id: &str,
        about: Disputed<'_>,
        by: &str,
        at: Timestamp,
        codes: &[&str],
    ) -> Result<Dispute, Vec<String>> {
        let Disputed { call, agent, is, should_be, why } = about;
        let mut problems = Vec::new();
        if by != agent {
            problems.push(format!(
                "The call {call} was handled by {agent}, and only they can dispute it, not {by}."
            ));
        }
        if should_be == is {
            problems.push(format!("The call {call} is `{is}` already. Say what it should be instead."));
        } else if !codes.contains(&should_be) {
            let near =
                nearest(should_be, codes.iter().copied()).map(|near| format!(" Did you mean `{near}`?"));
            problems
                .push(format!("No meaning is known of the code `{should_be}`.{}", near.unwrap_or_default()));
        }
        if why.trim().is_empty() {
            problems.push("A dispute needs a reason. Say what happened on the call.".to_owned());
        }
        if !problems.is_empty() {
            return Err(problems);
        }
        Ok(Dispute {
            id: id.to_owned(),
            call,
            is: is.to_owned(),
            should_be: should_be.to_owned(),
            why: why.trim().to_owned(),
            raised_by: by.to_owned(),
            raised_at: at,
            decision: None,
        })
    }

    /// Its identifier.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// The call.
    pub const fn call(&self) -> &CallId {
        &self.call
    }

    /// The code that the call had when it was disputed, and the one that it should have.
    pub fn codes(&self) -> (&str, &str) {
        (&self.is, &self.should_be)
    }

    /// Why, in the agent's words.
    pub fn why(&self) -> &str {
        &self.why
    }

    /// Who raised it, and when.
    pub fn raised(&self) -> (&str, Timestamp) {
        (&self.raised_by, self.raised_at)
    }

    /// What was decided; `None` while it is open.
    pub const fn decision(&self) -> Option<&Decision> {
        self.decision.as_ref()
    }

    /// What to correct in the source; `None` unless the dispute was accepted.
    pub fn correction(&self) -> Option<Correction<'_>> {
        let accepted = self.decision.as_ref().is_some_and(|d| d.verdict == Verdict::Accepted);
        accepted.then_some(Correction { call: &self.call, from: &self.is, to: &self.should_be })
    }

    /// Somebody else finds that the agent is right.
    pub fn accept(self, by: &str, at: Timestamp, says: &str) -> Result<Dispute, String> {
        self.by_somebody_else(by)?;
        self.decided(Verdict::Accepted, by, at, says)
    }

    /// Somebody else finds that the call stays as it is.
    pub fn reject(self, by: &str, at: Timestamp, says: &str) -> Result<Dispute, String> {
        self.by_somebody_else(by)?;
        self.decided(Verdict::Rejected, by, at, says)
    }

    /// The agent takes it back.
    pub fn withdraw(self, by: &str, at: Timestamp, says: &str) -> Result<Dispute, String> {
        if by != self.raised_by {
            return Err(format!("Only {} can withdraw the dispute `{}`, not {by}.", self.raised_by, self.id));
        }
        self.decided(Verdict::Withdrawn, by, at, says)
    }

    fn by_somebody_else(&self, by: &str) -> Result<(), String> {
        match by == self.raised_by {
            true => Err(format!("{by} raised the dispute and cannot decide it. Let somebody else decide.")),
            false => Ok(()),
        }
    }

    fn decided(self, verdict: Verdict, by: &str, at: Timestamp, says: &str) -> Result<Dispute, String> {
        if let Some(Decision { verdict, by, at, .. }) = &self.decision {
            return Err(format!(
                "The dispute `{}` was {} by {by} at {at}. It is closed.",
                self.id,
                verdict.word()
            ));
        }
        if at < self.raised_at {
            return Err(format!(
                "{at} is before {}, when the dispute `{}` was raised.",
                self.raised_at, self.id
            ));
        }
        if says.trim().is_empty() {
            return Err("A decision needs a reason. Say why.".to_owned());
        }
        let decision = Decision { verdict, by: by.to_owned(), at, says: says.trim().to_owned() };
        Ok(Dispute { decision: Some(decision), ..self })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    fn call() -> CallId {
        CallId { source: "dialler".to_owned(), source_id: "4711".to_owned() }
    }

    fn about<'d>(should_be: &'d str, why: &'d str) -> Disputed<'d> {
        Disputed { call: call(), agent: "ann", is: "NI", should_be, why }
    }

    fn raised() -> Dispute {
        let codes = ["NI", "SALE"];
        Dispute::raise("d1", about("SALE", "She bought."), "ann", at("2026-07-01T10:00:00Z"), &codes).unwrap()
    }

    #[test]
    fn an_accepted_dispute_says_what_to_correct() {
        assert_eq!(raised().correction(), None);
        let accepted = raised().accept("mia", at("2026-07-01T11:00:00Z"), "Heard it.").unwrap();
        assert_eq!(accepted.correction(), Some(Correction { call: &call(), from: "NI", to: "SALE" }));
        let rejected = raised().reject("mia", at("2026-07-01T11:00:00Z"), "She asked for time.").unwrap();
        assert_eq!(rejected.correction(), None);
        assert_eq!(rejected.decision().map(|d| d.verdict), Some(Verdict::Rejected));
    }

    #[test]
    fn nobody_decides_their_own_dispute_and_nobody_twice() {
        let when = at("2026-07-01T11:00:00Z");
        assert_eq!(
            raised().accept("ann", when, "Yes.").unwrap_err(),
            "ann raised the dispute and cannot decide it. Let somebody else decide."
        );
        assert_eq!(
            raised().withdraw("mia", when, "Never mind.").unwrap_err(),
            "Only ann can withdraw the dispute `d1`, not mia."
        );
        let closed = raised().reject("mia", when, "No.").unwrap();
        assert_eq!(
            closed.clone().accept("kim", when, "Yes.").unwrap_err(),
            "The dispute `d1` was rejected by mia at 2026-07-01T11:00:00Z. It is closed."
        );
        assert!(closed.withdraw("ann", when, "Never mind.").is_err());
        assert!(raised().withdraw("ann", when, "I mixed up two calls.").is_ok());
    }

    #[test]
    fn a_decision_has_a_reason_and_comes_after_the_dispute() {
        assert_eq!(
            raised().accept("mia", at("2026-07-01T11:00:00Z"), "").unwrap_err(),
            "A decision needs a reason. Say why."
        );
        assert_eq!(
            raised().accept("mia", at("2026-07-01T09:00:00Z"), "Yes.").unwrap_err(),
            "2026-07-01T09:00:00Z is before 2026-07-01T10:00:00Z, when the dispute `d1` was raised."
        );
    }

    #[test]
    fn every_problem_of_a_dispute_is_said_at_once() {
        let raise = |about: Disputed<'_>, by: &str| {
            Dispute::raise("d1", about, by, at("2026-07-01T10:00:00Z"), &["NI", "SALE"]).unwrap_err()
        };
        assert_eq!(
            raise(about("SALES", " "), "ben"),
            [
                "The call 4711 of dialler was handled by ann, and only they can dispute it, not ben.",
                "No meaning is known of the code `SALES`. Did you mean `SALE`?",
                "A dispute needs a reason. Say what happened on the call.",
            ]
        );
        assert_eq!(
            raise(about("NI", "Why."), "ann"),
            ["The call 4711 of dialler is `NI` already. Say what it should be instead."]
        );
    }
}
