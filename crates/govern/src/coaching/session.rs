//! A coaching session: behaviour, agreement, re-check, and the agent's word that it was so.

use jiff::civil::Date;
use jiff::{Span, Timestamp};
use serde::{Deserialize, Serialize};

use dialmark_model::civil::Calendar;

use super::effect::{Effect, Verdict};

/// A coaching session on one behaviour.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Session {
    id: String,
    agreed: Agreed,
    /// The how-manieth on this behaviour of the agent, from 1.
    number: u64,
    acknowledged_at: Option<Timestamp>,
    rechecked: Option<Rechecked>,
}

/// What was found when the behaviour was looked at again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rechecked {
    /// When.
    pub at: Timestamp,
    /// By whom.
    pub by: String,
    /// Whether it helped.
    pub verdict: Verdict,
    /// The same in a sentence, with the figures.
    pub says: String,
}

/// What agent and coach agreed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Agreed {
    /// Who was coached.
    pub agent: String,
    /// Who coached.
    pub coach: String,
    /// The behaviour that it was about.
    pub behaviour: String,
    /// What was agreed, in words.
    pub agreement: String,
    /// When the session was held.
    pub held_at: Timestamp,
    /// Day on which the behaviour is looked at again.
    pub recheck_on: Date,
}

/// What should have happened by now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Overdue {
    /// The session.
    pub session: String,
    /// What is overdue, for how many days, in a sentence.
    pub says: String,
    /// Last day on which it would have been in time.
    pub since: Date,
}

impl Session {
    /// A session that was held, the how-manieth on this behaviour, from 1. Every problem is a sentence of its own.
    pub fn held(id: &str, agreed: Agreed, number: u64, calendar: &Calendar) -> Result<Session, Vec<String>> {
        let mut problems = Vec::new();
        if agreed.agent == agreed.coach {
            problems.push(format!("{} cannot coach themselves.", agreed.agent));
        }
        for (what, text) in [("a behaviour", &agreed.behaviour), ("an agreement", &agreed.agreement)] {
            if text.trim().is_empty() {
                problems.push(format!("A coaching session needs {what}. Write it down in a sentence."));
            }
        }
        let held_on = calendar.day_of(agreed.held_at);
        if agreed.recheck_on <= held_on {
            problems.push(format!(
                "The session was held on {held_on}, and {} is no later day to look again.",
                agreed.recheck_on
            ));
        }
        match problems.is_empty() {
            true => Ok(Session { id: id.to_owned(), agreed, number, acknowledged_at: None, rechecked: None }),
            false => Err(problems),
        }
    }

    /// Its identifier.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// What was agreed.
    pub const fn agreed(&self) -> &Agreed {
        &self.agreed
    }

    /// The how-manieth on this behaviour of the agent, from 1.
    pub const fn number(&self) -> u64 {
        self.number
    }

    /// When the agent acknowledged it.
    pub const fn acknowledged_at(&self) -> Option<Timestamp> {
        self.acknowledged_at
    }

    /// What was found when the behaviour was looked at again; `None` before that.
    pub const fn rechecked(&self) -> Option<&Rechecked> {
        self.rechecked.as_ref()
    }

    /// The agent says that this was agreed.
    pub fn acknowledge(self, by: &str, at: Timestamp) -> Result<Session, String> {
        if by != self.agreed.agent {
            return Err(format!(
                "Only {} can acknowledge the session `{}`, not {by}.",
                self.agreed.agent, self.id
            ));
        }
        if let Some(before) = self.acknowledged_at {
            return Err(format!("The session `{}` was acknowledged at {before}.", self.id));
        }
        self.is_not_before(at)?;
        Ok(Session { acknowledged_at: Some(at), ..self })
    }

    /// The behaviour was looked at again, by somebody else than the agent, and this came of it.
    pub fn recheck(self, by: &str, at: Timestamp, effect: &Effect) -> Result<Session, String> {
        if by == self.agreed.agent {
            return Err(format!("{by} was coached and cannot look at it again. Let somebody else do it."));
        }
        if let Some(before) = &self.rechecked {
            return Err(format!(
                "The session `{}` was looked at again at {}. Hold another one.",
                self.id, before.at
            ));
        }
        self.is_not_before(at)?;
        let Effect { verdict, says, .. } = effect;
        let rechecked = Rechecked { at, by: by.to_owned(), verdict: *verdict, says: says.clone() };
        Ok(Session { rechecked: Some(rechecked), ..self })
    }

    fn is_not_before(&self, at: Timestamp) -> Result<(), String> {
        match at < self.agreed.held_at {
            true => Err(format!(
                "{at} is before {}, when the session `{}` was held.",
                self.agreed.held_at, self.id
            )),
            false => Ok(()),
        }
    }
}

/// What is overdue today: sessions not acknowledged within so many days, and re-checks whose day has passed. The longest
/// overdue first.
pub fn overdue(
    sessions: &[Session],
    today: Date,
    acknowledge_within_days: u32,
    calendar: &Calendar,
) -> Vec<Overdue> {
    let mut overdue = Vec::new();
    for session in sessions {
        let Agreed { agent, behaviour, recheck_on, held_at, .. } = &session.agreed;
        let held_on = calendar.day_of(*held_at);
        let last = held_on.checked_add(Span::new().days(i64::from(acknowledge_within_days))).ok();
        if let Some(last) = last.filter(|last| session.acknowledged_at.is_none() && today > *last) {
            let says = format!("{agent} has not acknowledged the session of {held_on} on {behaviour}.");
            overdue.push(Overdue { session: session.id.clone(), says, since: last });
        }
        if session.rechecked.is_none() && today > *recheck_on {
            let days = recheck_on.until(today).map_or(0, |span| span.get_days());
            let says = format!(
                "{agent} was to be looked at again on {recheck_on} for {behaviour}, {days} days ago."
            );
            overdue.push(Overdue { session: session.id.clone(), says, since: *recheck_on });
        }
    }
    overdue.sort_by(|a, b| (a.since, &a.session).cmp(&(b.since, &b.session)));
    overdue
}

#[cfg(test)]
mod tests {
    use super::*;
    use dialmark_model::civil::zone;
    use jiff::civil::date;

    fn calendar() -> Calendar {
        Calendar::plain(zone("Europe/Berlin").unwrap())
    }

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    fn agreed() -> Agreed {
        Agreed {
            agent: "ann".to_owned(),
            coach: "cleo".to_owned(),
            behaviour: "asking before offering".to_owned(),
            agreement: "Two questions before the price.".to_owned(),
            held_at: at("2026-07-01T09:00:00Z"),
            recheck_on: date(2026, 7, 15),
        }
    }

    fn session() -> Session {
        Session::held("s1", agreed(), 1, &calendar()).unwrap()
    }

    #[test]
    fn only_the_agent_acknowledges_and_only_once() {
        let when = at("2026-07-01T10:00:00Z");
        assert_eq!(
            session().acknowledge("cleo", when).unwrap_err(),
            "Only ann can acknowledge the session `s1`, not cleo."
        );
        let done = session().acknowledge("ann", when).unwrap();
        assert_eq!(
            done.acknowledge("ann", when).unwrap_err(),
            "The session `s1` was acknowledged at 2026-07-01T10:00:00Z."
        );
        assert_eq!(
            session().acknowledge("ann", at("2026-07-01T08:00:00Z")).unwrap_err(),
            "2026-07-01T08:00:00Z is before 2026-07-01T09:00:00Z, when the session `s1` was held."
        );
    }

    #[test]
    fn a_session_without_an_agreement_or_a_later_day_is_none() {
        let bad = Agreed {
            coach: "ann".to_owned(),
            agreement: " ".to_owned(),
            recheck_on: date(2026, 7, 1),
            ..agreed()
        };
        assert_eq!(
            Session::held("s1", bad, 1, &calendar()).unwrap_err(),
            [
                "ann cannot coach themselves.",
                "A coaching session needs an agreement. Write it down in a sentence.",
                "The session was held on 2026-07-01, and 2026-07-01 is no later day to look again.",
            ]
        );
    }

    #[test]
    fn what_is_overdue_is_said_and_nothing_on_its_last_day() {
        let all = [session()];
        assert_eq!(overdue(&all, date(2026, 7, 4), 3, &calendar()), []);
        let late = overdue(&all, date(2026, 7, 5), 3, &calendar());
        assert_eq!(late.len(), 1);
        assert_eq!(
            late[0].says,
            "ann has not acknowledged the session of 2026-07-01 on asking before offering."
        );

        let acknowledged = [session().acknowledge("ann", at("2026-07-01T10:00:00Z")).unwrap()];
        assert_eq!(overdue(&acknowledged, date(2026, 7, 15), 3, &calendar()), []);
        let late = overdue(&acknowledged, date(2026, 8, 17), 3, &calendar());
        assert_eq!(
            late.iter().map(|o| o.says.as_str()).collect::<Vec<_>>(),
            ["ann was to be looked at again on 2026-07-15 for asking before offering, 33 days ago."]
        );
        let [one] = acknowledged;
        let effect = Effect { difference: None, verdict: Verdict::Better, says: "Better.".to_owned() };
        assert!(one.clone().recheck("ann", at("2026-07-14T10:00:00Z"), &effect).is_err());
        assert_eq!(
            overdue(
                &[one.recheck("cleo", at("2026-07-14T10:00:00Z"), &effect).unwrap()],
                date(2026, 8, 1),
                3,
                &calendar()
            ),
            []
        );
    }
}
