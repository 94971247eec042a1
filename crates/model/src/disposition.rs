//! What a source's result codes mean.
//!
//! Facts keep the raw code; a map gives it a meaning at query time. A code that no map knows is never guessed:
//! it is counted and listed.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::validity::Days;

/// The meaning of a result code, as far as metrics need to tell results apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// A closed deal.
    Sale,
    /// A meeting agreed.
    Appointment,
    /// A promise to pay.
    Promise,
    /// Interested, to be followed up.
    Interested,
    /// A call back was agreed.
    Callback,
    /// A person listened and declined.
    NotInterested,
    /// A person was reached who is not the one wanted.
    WrongPerson,
    /// The person asked not to be called again.
    DoNotCall,
    /// A person was reached and the matter was handled, with no outcome of its own (service calls).
    Handled,
    /// A person hung up before an agent was connected, or waited in vain.
    Abandoned,
    /// A live person was answered and no agent was free.
    Dropped,
    /// A machine, voicemail or fax.
    Machine,
    /// Nobody answered.
    NoAnswer,
    /// The line was busy.
    Busy,
    /// The number does not work.
    Invalid,
    /// The call failed in the network or the system.
    Failed,
    /// Not a call: tests, phantoms, records that no metric may count.
    NotACall,
}

impl Outcome {
    /// All outcomes, in the order in which the reference lists them.
    pub const ALL: [Outcome; 17] = [
        Outcome::Sale,
        Outcome::Appointment,
        Outcome::Promise,
        Outcome::Interested,
        Outcome::Callback,
        Outcome::NotInterested,
        Outcome::WrongPerson,
        Outcome::DoNotCall,
        Outcome::Handled,
        Outcome::Abandoned,
        Outcome::Dropped,
        Outcome::Machine,
        Outcome::NoAnswer,
        Outcome::Busy,
        Outcome::Invalid,
        Outcome::Failed,
        Outcome::NotACall,
    ];

    /// The word for it in maps and filters.
    pub const fn word(self) -> &'static str {
        match self {
            Outcome::Sale => "sale",
            Outcome::Appointment => "appointment",
            Outcome::Promise => "promise",
            Outcome::Interested => "interested",
            Outcome::Callback => "callback",
            Outcome::NotInterested => "not_interested",
            Outcome::WrongPerson => "wrong_person",
            Outcome::DoNotCall => "do_not_call",
            Outcome::Handled => "handled",
            Outcome::Abandoned => "abandoned",
            Outcome::Dropped => "dropped",
            Outcome::Machine => "machine",
            Outcome::NoAnswer => "no_answer",
            Outcome::Busy => "busy",
            Outcome::Invalid => "invalid",
            Outcome::Failed => "failed",
            Outcome::NotACall => "not_a_call",
        }
    }

    /// Reads [`Outcome::word`] back.
    pub fn from_word(word: &str) -> Option<Outcome> {
        Outcome::ALL.into_iter().find(|o| o.word() == word)
    }

    /// Whether an agent spoke to a person, unless the map says otherwise.
    pub const fn is_contact(self) -> bool {
        matches!(
            self,
            Outcome::Sale
                | Outcome::Appointment
                | Outcome::Promise
                | Outcome::Interested
                | Outcome::Callback
                | Outcome::NotInterested
                | Outcome::WrongPerson
                | Outcome::DoNotCall
                | Outcome::Handled
        )
    }

    /// Whether that person was the one wanted, unless the map says otherwise.
    pub const fn is_right_party(self) -> bool {
        self.is_contact() && !matches!(self, Outcome::WrongPerson)
    }

    /// Whether a live person picked up, connected to an agent or not.
    pub const fn is_live_answer(self) -> bool {
        self.is_contact() || matches!(self, Outcome::Abandoned | Outcome::Dropped)
    }

    /// Whether the call reached what it was made for, unless the map says otherwise.
    pub const fn is_success(self) -> bool {
        matches!(self, Outcome::Sale | Outcome::Appointment | Outcome::Promise)
    }
}

/// The meaning of one code, with what the map overrides.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Disposition {
    /// Meaning.
    pub outcome: Outcome,
    /// Name to show.
    pub label: Option<String>,
    /// An agent spoke to a person.
    pub contact: bool,
    /// It was the person wanted.
    pub right_party: bool,
    /// A live person picked up.
    pub live_answer: bool,
    /// The call reached what it was made for.
    pub success: bool,
}

impl Disposition {
    /// The meaning with its own defaults.
    pub fn of(outcome: Outcome) -> Disposition {
        Disposition {
            outcome,
            label: None,
            contact: outcome.is_contact(),
            right_party: outcome.is_right_party(),
            live_answer: outcome.is_live_answer(),
            success: outcome.is_success(),
        }
    }
}

/// Codes and their meanings. Codes are compared exactly, case included.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct DispositionMap {
    /// Meaning by raw code, on every day for which no other is given.
    pub codes: BTreeMap<String, Disposition>,
    /// Meanings that hold on some days only. No code has two on one day.
    pub dated: Vec<(Days, BTreeMap<String, Disposition>)>,
}

impl DispositionMap {
    /// All codes with the days on which they mean this.
    pub fn parts(&self) -> impl Iterator<Item = (Days, &BTreeMap<String, Disposition>)> {
        std::iter::once((Days::ALL, &self.codes)).chain(self.dated.iter().map(|(days, codes)| (*days, codes)))
    }

    /// The meanings of one day, for every day.
    pub fn as_of(&self, day: jiff::civil::Date) -> DispositionMap {
        let mut codes = self.codes.clone();
        for (days, dated) in &self.dated {
            if days.hold(day) {
                codes.extend(dated.clone());
            }
        }
        DispositionMap { codes, dated: Vec::new() }
    }

    /// Whether the code means anything on some day.
    pub fn knows(&self, code: &str) -> bool {
        self.parts().any(|(_, codes)| codes.contains_key(code))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_right_party_is_a_contact_and_a_contact_is_a_live_answer() {
        for outcome in Outcome::ALL {
            assert!(!outcome.is_right_party() || outcome.is_contact());
            assert!(!outcome.is_contact() || outcome.is_live_answer());
            assert!(!outcome.is_success() || outcome.is_right_party());
            assert_eq!(Outcome::from_word(outcome.word()), Some(outcome));
        }
    }
}
