//! People who own KPIs, actions and contracts: who they are and until when.

use std::collections::BTreeMap;

use dialmark_model::civil;
use dialmark_model::declared::{Section, Severity, Value, nearest};
use jiff::civil::Date;

use crate::lint;

/// Somebody who answers for something.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Person {
    /// How declarations name them, usually their address.
    pub id: String,
    /// Name to show.
    pub name: String,
    /// Which agent of the records they are, when they call as well.
    pub agent_id: Option<String>,
    /// IANA name of the zone by whose clock they live, where it is not the centre's.
    pub zone: Option<String>,
    /// First day on which they are gone.
    pub left: Option<Date>,
}

/// Everybody who was declared. Where nobody was, any owner will do.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct People {
    by_id: BTreeMap<String, Person>,
    today: Option<Date>,
}

fn zone(section: &Section<'_>) -> Option<String> {
    let written = section.text("zone")?;
    match civil::zone(&written) {
        Ok(zone) => Some(zone.iana_name().unwrap_or(&written).to_owned()),
        Err(unknown) => {
            section.error("zone", format!("{unknown}."), None);
            None
        }
    }
}

impl People {
    /// Nobody yet; whoever left before or on `today` is gone.
    pub fn new(today: Date) -> People {
        People { by_id: BTreeMap::new(), today: Some(today) }
    }

    /// Reads `[person."lead@example.org"]`.
    pub(crate) fn read(&mut self, id: &str, section: &Section<'_>) {
        let person = Person {
            id: id.to_owned(),
            name: section.text("name").unwrap_or_else(|| id.to_owned()),
            agent_id: section.text("agent_id"),
            zone: zone(section),
            left: section.day("left"),
        };
        section.finish();
        if self.by_id.insert(id.to_owned(), person).is_some() {
            section.error("", format!("`{id}` is declared twice."), Some("Remove one of them.".to_owned()));
        }
    }

    /// The person of this id.
    pub fn get(&self, id: &str) -> Option<&Person> {
        self.by_id.get(id)
    }

    /// Everybody, by id.
    pub fn iter(&self) -> impl Iterator<Item = &Person> {
        self.by_id.values()
    }

    /// The one owner of what `noun` names; none, two, and whoever is not here any more are reported. Without `needed` there
    /// may be none.
    pub(crate) fn owner(&self, section: &Section<'_>, noun: &str, needed: bool) -> Option<String> {
        let one = || Some("Name one person, such as `owner = \"lead@example.org\"`.".to_owned());
        let owners = match section.node("owner").map(|node| &node.value) {
            None => {
                section.text("owner");
                if needed {
                    let says = format!("the {noun} has no owner, so nobody answers for it.");
                    section.breaks(lint::NO_OWNER.id(), "", says, one());
                }
                return None;
            }
            Some(Value::List(_)) => section.texts("owner"),
            Some(_) => section.text("owner").into_iter().collect(),
        };
        // One text with two addresses in it is two owners all the same.
        let names: Vec<&str> = owners
            .iter()
            .flat_map(|text| text.split([',', ';']))
            .map(str::trim)
            .filter(|name| !name.is_empty())
            .collect();
        match names.as_slice() {
            [name] => {
                self.check(section, "owner", name, lint::OWNER_LEFT.id());
                Some((*name).to_owned())
            }
            [] => {
                section.breaks(lint::NO_OWNER.id(), "owner", "the owner has no name.", one());
                None
            }
            [first, ..] => {
                section.breaks(
                    lint::TWO_OWNERS.id(),
                    "owner",
                    format!("the {noun} has {} owners, so each miss would be argued over.", names.len()),
                    Some(format!("Keep the one who answers for it, such as `owner = \"{first}\"`.")),
                );
                None
            }
        }
    }

    /// Why nobody of this id can own anything: they are not declared, or they left. Where nobody is declared, everybody can.
    pub fn refusal(&self, id: &str) -> Option<String> {
        if self.by_id.is_empty() {
            return None;
        }
        let Some(person) = self.by_id.get(id) else {
            let near = nearest(id, self.by_id.keys().map(String::as_str));
            let help = near.map(|near| format!(" Did you mean `{near}`?")).unwrap_or_default();
            return Some(format!("Nobody of the name `{id}` is declared under `people/`.{help}"));
        };
        let left = person.left.filter(|left| self.today.is_some_and(|today| *left <= today))?;
        Some(format!("{} left on {left}. Name somebody who is here.", person.name))
    }

    /// Reports an owner who is not known, or gone.
    pub(crate) fn check(&self, section: &Section<'_>, key: &str, id: &str, gone: (&'static str, Severity)) {
        if self.by_id.is_empty() {
            return;
        }
        let Some(person) = self.by_id.get(id) else {
            let help = match nearest(id, self.by_id.keys().map(String::as_str)) {
                Some(near) => format!("Did you mean `{near}`?"),
                None => format!("Declare them under `[person.\"{id}\"]` in `people/`."),
            };
            section.error(key, format!("nobody of the name `{id}` is declared."), Some(help));
            return;
        };
        if let Some(left) = person.left.filter(|left| self.today.is_some_and(|today| *left <= today)) {
            section.breaks(
                gone,
                key,
                format!("{} left on {left}.", person.name),
                Some("Name who took over.".to_owned()),
            );
        }
    }
}
