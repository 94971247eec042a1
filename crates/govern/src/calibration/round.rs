//! A calibration round as it goes on: who scored which of its calls. Everyone scores by themselves, in any order.

use std::collections::BTreeSet;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::Session;
use crate::dispute::CallId;
use crate::quality::{Conversation, Form, Given, Scored, call_key};

/// A round over some calls, by one form in one version.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Round {
    id: String,
    form: String,
    /// Form and version.
    code: String,
    master: String,
    /// Who else is asked to score; empty for whoever evaluates.
    #[serde(default)]
    evaluators: BTreeSet<String>,
    calls: Vec<Conversation>,
    opened_at: Timestamp,
    scores: Vec<RoundScore>,
}

/// One score of a round.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RoundScore {
    /// Who scored.
    pub by: String,
    /// The call.
    pub call: CallId,
    /// When.
    pub at: Timestamp,
    /// Points and score.
    pub scored: Scored,
    /// What was given and remarked.
    pub given: Given,
}

impl Round {
    /// A round whose scores are compared with those of the master. Every problem is a sentence of its own.
    pub fn open(
        id: &str,
        form: &Form,
        master: &str,
        calls: Vec<Conversation>,
        at: Timestamp,
    ) -> Result<Round, Vec<String>> {
        let mut problems = Vec::new();
        for (what, text) in [("a name", id), ("a master", master)] {
            if text.trim().is_empty() {
                problems.push(format!("A calibration round needs {what}."));
            }
        }
        if calls.is_empty() {
            problems.push("A calibration round needs a call. Name one or more.".to_owned());
        }
        let mut seen = BTreeSet::new();
        for one in &calls {
            if !seen.insert(&one.call) {
                problems.push(format!("The call {} is named twice.", one.call));
            }
            if one.agent_id == master {
                problems.push(format!("{master} spoke on the call {} and cannot be its master.", one.call));
            }
        }
        let (id, master) = (id.to_owned(), master.to_owned());
        let (form, code) = (form.name.clone(), form.code());
        match problems.is_empty() {
            true => Ok(Round {
                id,
                form,
                code,
                master,
                evaluators: BTreeSet::new(),
                calls,
                opened_at: at,
                scores: Vec::new(),
            }),
            false => Err(problems),
        }
    }

    /// The same, scored by nobody but the master and these. None for whoever evaluates.
    pub fn scored_by(self, evaluators: impl IntoIterator<Item = String>) -> Round {
        let mut evaluators: BTreeSet<String> = evaluators.into_iter().collect();
        evaluators.remove(&self.master);
        Round { evaluators, ..self }
    }

    /// Its name.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// Name of the form.
    pub fn form(&self) -> &str {
        &self.form
    }

    /// The form and its version.
    pub fn code(&self) -> &str {
        &self.code
    }

    /// With whose scores the others are compared.
    pub fn master(&self) -> &str {
        &self.master
    }

    /// Who else is asked to score; empty for whoever evaluates.
    pub const fn evaluators(&self) -> &BTreeSet<String> {
        &self.evaluators
    }

    /// Whether somebody is asked to score.
    pub fn asks(&self, who: &str) -> bool {
        self.evaluators.is_empty() || who == self.master || self.evaluators.contains(who)
    }

    /// Calls that somebody is asked to score and has not yet. What they spoke on themselves is not among them.
    pub fn to_score(&self, who: &str) -> Vec<&CallId> {
        let open = |one: &&Conversation| {
            one.agent_id != who && !self.scores.iter().any(|score| score.by == who && score.call == one.call)
        };
        match self.asks(who) {
            true => self.calls.iter().filter(open).map(|one| &one.call).collect(),
            false => Vec::new(),
        }
    }

    /// Who has not scored what yet: of those who were named, and of those who began.
    pub fn lacking(&self) -> Vec<(String, String)> {
        let begun = self.scores.iter().map(|score| score.by.as_str());
        let named = self.evaluators.iter().map(String::as_str);
        let all: BTreeSet<&str> = begun.chain(named).chain([self.master.as_str()]).collect();
        all.into_iter()
            .flat_map(|who| self.to_score(who).into_iter().map(move |call| (who.to_owned(), call_key(call))))
            .collect()
    }

    /// When it was opened.
    pub const fn opened_at(&self) -> Timestamp {
        self.opened_at
    }

    /// Its calls.
    pub fn calls(&self) -> &[Conversation] {
        &self.calls
    }

    /// Scores, in the order in which they were given.
    pub fn scores(&self) -> &[RoundScore] {
        &self.scores
    }

    /// The call of this identifier, when it is one of the round's.
    pub fn conversation(&self, call: &CallId) -> Option<&Conversation> {
        self.calls.iter().find(|one| one.call == *call)
    }

    /// Somebody scores one of the calls, once.
    pub fn score(
        mut self,
        call: &CallId,
        form: &Form,
        given: Given,
        by: &str,
        at: Timestamp,
    ) -> Result<Round, String> {
        let Some(one) = self.conversation(call) else {
            let known: Vec<String> = self.calls.iter().map(|one| call_key(&one.call)).collect();
            return Err(format!(
                "The call {call} is none of the round `{}`, which has {}.",
                self.id,
                known.join(", ")
            ));
        };
        if !self.asks(by) {
            return Err(format!("{by} is none of those who score the round `{}`.", self.id));
        }
        if one.agent_id == by {
            return Err(format!("{by} spoke on the call {call} and cannot score it."));
        }
        if form.code() != self.code {
            return Err(format!(
                "The round `{}` is about the form `{}`, and what is declared now is `{}`. Open another round.",
                self.id,
                self.code,
                form.code()
            ));
        }
        if self.scores.iter().any(|score| score.by == by && score.call == *call) {
            return Err(format!("{by} scored the call {call} already."));
        }
        let scored = given.score(form).map_err(|problems| problems.join(" "))?;
        self.scores.push(RoundScore { by: by.to_owned(), call: call.clone(), at, scored, given });
        Ok(self)
    }

    /// Calls that the master did not score yet: what others gave for them is compared with nothing.
    pub fn not_by_master(&self) -> Vec<&CallId> {
        let by_master: BTreeSet<&CallId> = self.of_master().map(|score| &score.call).collect();
        self.calls.iter().map(|one| &one.call).filter(|call| !by_master.contains(call)).collect()
    }

    /// What can be compared by now; a sentence when that is nothing.
    pub fn session(&self) -> Result<Session, String> {
        if self.of_master().next().is_none() {
            return Err(format!("{}, the master, has scored no call of the round yet.", self.master));
        }
        let mut session =
            Session::new(self.of_master().map(|score| (call_key(&score.call), score.scored.clone())))?;
        let not_yet = self.not_by_master();
        for score in &self.scores {
            if score.by != self.master && !not_yet.contains(&&score.call) {
                session.add(&score.by, &call_key(&score.call), score.scored.clone())?;
            }
        }
        Ok(session)
    }

    fn of_master(&self) -> impl Iterator<Item = &RoundScore> {
        self.scores.iter().filter(|score| score.by == self.master)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::quality::Answer;
    use crate::reading::testing;

    fn form(version: u32) -> Form {
        let text = format!(
            "[form.a]\nversion = \"{version}\"\n[[form.a.criterion]]\nname = \"x\"\nweight = 100\npoints = 20\n"
        );
        testing::read(&text, "form", Form::read).0.unwrap()
    }

    fn call(id: &str) -> CallId {
        CallId { source: "d".to_owned(), source_id: id.to_owned() }
    }

    fn conversation(id: &str) -> Conversation {
        let (agent_id, at) = ("ann".to_owned(), Timestamp::UNIX_EPOCH);
        Conversation { call: call(id), agent_id, team_id: None, campaign_id: None, client_id: None, at }
    }

    fn given(x: u32) -> Given {
        Given { answers: [("x".to_owned(), Answer::Points(x))].into(), ..Given::default() }
    }

    fn round() -> Round {
        let calls = vec![conversation("1"), conversation("2")];
        Round::open("july", &form(1), "mia", calls, Timestamp::UNIX_EPOCH).unwrap()
    }

    #[test]
    fn scores_come_in_any_order_and_are_compared_once_the_master_has_scored() {
        let at = Timestamp::UNIX_EPOCH;
        let round = round().score(&call("1"), &form(1), given(19), "eve", at).unwrap();
        assert_eq!(round.session().unwrap_err(), "mia, the master, has scored no call of the round yet.");
        let round = round.score(&call("2"), &form(1), given(5), "eve", at).unwrap();
        let round = round.score(&call("1"), &form(1), given(20), "mia", at).unwrap();
        let shown = round.session().unwrap().against_master().unwrap();
        // 95 against 100 is within five points; the other call waits for the master.
        assert_eq!((shown.overall.agree, shown.overall.of), (1, 1));
        assert_eq!(round.not_by_master(), [&call("2")]);
    }

    #[test]
    fn those_who_are_named_score_and_nobody_else() {
        let at = Timestamp::UNIX_EPOCH;
        let named = round().scored_by(["eve".to_owned(), "mia".to_owned()]);
        let refused = named.clone().score(&call("1"), &form(1), given(1), "fay", at).unwrap_err();
        assert_eq!(refused, "fay is none of those who score the round `july`.");
        assert!(named.to_score("fay").is_empty());
        let begun = named.score(&call("1"), &form(1), given(1), "mia", at).unwrap();
        assert_eq!(begun.to_score("eve"), [&call("1"), &call("2")]);
        let pair = |who: &str, call: &str| (who.to_owned(), call.to_owned());
        assert_eq!(begun.lacking(), [pair("eve", "d/1"), pair("eve", "d/2"), pair("mia", "d/2")]);
        // Nobody is named: whoever evaluates is asked, but not the agent of the call.
        assert_eq!(round().to_score("fay").len(), 2);
        assert!(round().to_score("ann").is_empty());
    }

    #[test]
    fn what_does_not_fit_a_round_is_refused() {
        let at = Timestamp::UNIX_EPOCH;
        let refused = |id: &str, version: u32, by: &str| {
            let once = round().score(&call("1"), &form(1), given(1), "eve", at).unwrap();
            once.score(&call(id), &form(version), given(1), by, at).unwrap_err()
        };
        assert_eq!(refused("1", 1, "eve"), "eve scored the call 1 of d already.");
        assert_eq!(refused("1", 1, "ann"), "ann spoke on the call 1 of d and cannot score it.");
        assert_eq!(
            refused("3", 1, "eve"),
            "The call 3 of d is none of the round `july`, which has d/1, d/2."
        );
        assert!(refused("2", 2, "eve").contains("Open another round."));
        let twice = vec![conversation("1"), conversation("1")];
        assert_eq!(
            Round::open(" ", &form(1), "ann", twice, at).unwrap_err(),
            [
                "A calibration round needs a name.",
                "ann spoke on the call 1 of d and cannot be its master.",
                "The call 1 of d is named twice.",
                "ann spoke on the call 1 of d and cannot be its master.",
            ]
        );
    }
}
