//! What everything that people decide on has at hand.

use std::collections::BTreeSet;

use dialmark_engine::Engine;
use dialmark_govern::Governed;
use dialmark_govern::quality::Conversation;
use dialmark_metrics::Scope;
use dialmark_model::declared::nearest;
use dialmark_state::State;
use jiff::Timestamp;

use crate::error::NotDone;

/// The records, the rules and the decisions, seen by somebody at an instant.
#[derive(Clone, Copy)]
pub struct Desk<'a> {
    /// Records and figures.
    pub engine: &'a Engine,
    /// What is promised.
    pub governed: &'a Governed,
    /// What was decided.
    pub state: &'a State,
    /// What the asker may see.
    pub scope: &'a Scope,
    /// Now.
    pub now: Timestamp,
}

/// Who does something.
#[derive(Debug, Clone, Copy)]
pub struct By<'a> {
    /// The name that is written down.
    pub name: &'a str,
    /// Who they are in the records, if they call: nobody decides what they raised themselves, under whatever name.
    pub agent_id: Option<&'a str>,
}

impl By<'_> {
    /// As the rules know them.
    pub(crate) fn known_as(&self) -> &str {
        self.agent_id.unwrap_or(self.name)
    }
}

/// Whether somebody may see all of what is of one value of a dimension: nothing else confines them.
pub(crate) fn sees_whole(scope: &Scope, places: &[(&str, &str)]) -> bool {
    match scope {
        Scope::Everything => true,
        Scope::Rows(columns) => columns.iter().all(|(column, values)| {
            places
                .iter()
                .any(|(dimension, value)| dimension == column && values.iter().any(|one| one == value))
        }),
    }
}

/// Whether the records of a conversation may be seen.
pub(crate) fn sees(scope: &Scope, of: &Conversation) -> bool {
    match scope {
        Scope::Everything => true,
        Scope::Rows(rows) => rows.iter().all(|(dimension, values)| {
            of.value(dimension).is_some_and(|value| values.iter().any(|one| one == value))
        }),
    }
}

/// What is known by a name, or a sentence that says what there is instead.
pub(crate) fn named<'g, T>(
    all: &'g std::collections::BTreeMap<String, T>,
    noun: &str,
    name: &str,
) -> Result<&'g T, NotDone> {
    all.get(name).ok_or_else(|| {
        let near = nearest(name, all.keys().map(String::as_str));
        let known: BTreeSet<String> = all.keys().map(|name| format!("`{name}`")).collect();
        let help = match (near, known.is_empty()) {
            (Some(near), _) => format!("Did you mean `{near}`?"),
            (None, true) => "None is declared; see `quality/` in the project's folder.".to_owned(),
            (None, false) => format!("There are {}.", known.into_iter().collect::<Vec<_>>().join(", ")),
        };
        NotDone::refused(format!("There is no {noun} `{name}`. {help}"))
    })
}
