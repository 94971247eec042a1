//! Whose records are meant: the centre, a client, a campaign, a team, an agent.

use std::collections::BTreeMap;
use std::fmt;

use dialmark_metrics::{Catalogue, Expr, expr};
use dialmark_model::declared::{Section, Value, nearest};
use serde::{Deserialize, Serialize};

/// Dimensions along which targets and scorecards are handed down, the coarsest first.
pub const LEVELS: [&str; 6] = ["client_id", "campaign_id", "site_id", "team_id", "list_id", "agent_id"];

/// Values of dimensions that records must have; the whole centre when there are none. An empty value stands for records
/// that have none.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Place(BTreeMap<String, String>);

impl Place {
    /// All records.
    pub fn centre() -> Place {
        Place::default()
    }

    /// The records of one value of a dimension.
    pub fn of(dimension: &str, value: &str) -> Place {
        Place(BTreeMap::from([(dimension.to_owned(), value.to_owned())]))
    }

    /// Whether it is the whole centre.
    pub fn is_centre(&self) -> bool {
        self.0.is_empty()
    }

    /// Dimensions and values, in the order of dimensions' names.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(dimension, value)| (dimension.as_str(), value.as_str()))
    }

    /// The value of a dimension, if the place has one.
    pub fn value(&self, dimension: &str) -> Option<&str> {
        self.0.get(dimension).map(String::as_str)
    }

    /// This place, narrowed by one more value; a value that it has already is replaced.
    pub fn within(&self, dimension: &str, value: &str) -> Place {
        let mut narrower = self.clone();
        narrower.0.insert(dimension.to_owned(), value.to_owned());
        narrower
    }

    /// The place without its finest level; `None` for the whole centre.
    pub fn wider(&self) -> Option<Place> {
        let level = |dimension: &str| LEVELS.iter().position(|level| bare(level) == bare(dimension));
        // What is no level is finer than any.
        let finest = self.0.keys().max_by_key(|name| level(name).unwrap_or(LEVELS.len()))?.clone();
        let mut wider = self.clone();
        wider.0.remove(&finest);
        Some(wider)
    }

    /// Whether every record of `other` is a record of this place, as far as their names say.
    /// `team` and `team_id` are one level: a target that names the one holds for a breakdown by the other.
    pub fn holds(&self, other: &Place) -> bool {
        self.0.iter().all(|(dimension, value)| {
            other.0.get(dimension) == Some(value)
                || other.0.iter().any(|(theirs, v)| bare(theirs) == bare(dimension) && v == value)
        })
    }

    /// Whether both hold the same records, as far as their names say.
    pub fn is_same(&self, other: &Place) -> bool {
        self.holds(other) && other.holds(self)
    }

    /// How narrow it is, for choosing among places that hold another: the finest level first, then how many values.
    pub fn narrowness(&self) -> (usize, usize) {
        let has = |level: &str| self.0.keys().any(|dimension| bare(dimension) == bare(level));
        let finest = LEVELS.iter().rposition(|level| has(level));
        (finest.map_or(0, |level| level + 1), self.0.len())
    }

    /// The condition that records of this place fulfil; `None` for the whole centre.
    pub fn condition(&self) -> Option<Expr> {
        let parts: Vec<String> = self
            .0
            .iter()
            .map(|(dimension, value)| match value.is_empty() {
                true => format!("{dimension} is null"),
                false => format!("{dimension} = '{}'", value.replace('\'', "''")),
            })
            .collect();
        match parts.is_empty() {
            true => None,
            // Dimensions were looked at when they were read, and values are quoted.
            false => expr::parse(&parts.join(" and ")).ok(),
        }
    }

    /// Reads a table such as `{ campaign_id = "north" }`; what is no dimension is reported.
    pub(crate) fn read(section: &Section<'_>, is_dimension: &dyn Fn(&str) -> bool) -> Option<Place> {
        section.has_free_keys();
        let mut values = BTreeMap::new();
        let mut sound = true;
        for key in section.keys() {
            let text = match section.node(key).map(|node| &node.value) {
                Some(Value::Text(text)) => text.clone(),
                Some(Value::Integer(number)) => number.to_string(),
                _ => {
                    section.error(key, "the value of a dimension is a text.", None);
                    sound = false;
                    continue;
                }
            };
            let dimension = match dimension(key, is_dimension) {
                Ok(dimension) => dimension,
                Err(near) => {
                    let help = near.map(|near| format!("Did you mean `{near}`?"));
                    section.error(key, format!("there is no dimension `{key}`."), help);
                    sound = false;
                    continue;
                }
            };
            if values.insert(dimension.clone(), text).is_some() {
                section.error(key, format!("`{dimension}` is given twice."), None);
                sound = false;
            }
        }
        sound.then_some(Place(values))
    }
}

/// The dimension that somebody names: a campaign may be called `campaign` as well as `campaign_id`. Of what is none, the level
/// that comes nearest.
pub fn dimension(name: &str, is_dimension: &dyn Fn(&str) -> bool) -> Result<String, Option<&'static str>> {
    let full = format!("{name}_id");
    match (is_dimension(name), is_dimension(&full)) {
        (true, _) => Ok(name.to_owned()),
        (false, true) => Ok(full),
        (false, false) => Err(nearest(name, LEVELS)),
    }
}

/// Whether records can be told apart by it: a level, a dimension, a column of a table or one that is looked up.
pub fn is_dimension(catalogue: &Catalogue, name: &str) -> bool {
    LEVELS.contains(&name)
        || catalogue.dimensions.contains_key(name)
        || catalogue.lookups.contains_key(name)
        || catalogue.tables.values().any(|table| table.column(name).is_some())
}

/// A dimension without the ending by which the column that a source fills differs from the one that is looked up.
fn bare(dimension: &str) -> &str {
    dimension.strip_suffix("_id").unwrap_or(dimension)
}

impl<'p> FromIterator<(&'p str, &'p str)> for Place {
    fn from_iter<T: IntoIterator<Item = (&'p str, &'p str)>>(values: T) -> Place {
        let owned = |(dimension, value): (&str, &str)| (dimension.to_owned(), value.to_owned());
        Place(values.into_iter().map(owned).collect())
    }
}

impl fmt::Display for Place {
    /// `centre`, or `campaign_id = north, team_id = a`, the coarsest first.
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.is_empty() {
            return out.write_str("centre");
        }
        let mut parts: Vec<(usize, &String, &String)> = self
            .0
            .iter()
            .map(|(dimension, value)| {
                let level = LEVELS.iter().position(|level| level == dimension).unwrap_or(LEVELS.len());
                (level, dimension, value)
            })
            .collect();
        parts.sort();
        for (at, (_, dimension, value)) in parts.into_iter().enumerate() {
            let comma = if at == 0 { "" } else { ", " };
            match value.is_empty() {
                true => write!(out, "{comma}no {dimension}")?,
                false => write!(out, "{comma}{dimension} = {value}")?,
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_holds_what_is_narrower() {
        let north = Place::of("campaign_id", "north");
        let team = north.within("team_id", "a");
        assert!(Place::centre().holds(&north) && north.holds(&team) && !team.holds(&north));
        assert!(!north.holds(&Place::of("campaign_id", "south")));
        assert!(team.narrowness() > north.narrowness());
        assert!(Place::of("agent_id", "7").narrowness() > team.narrowness());
    }

    #[test]
    fn a_place_widens_from_the_finest_level_on() {
        let list = Place::of("client_id", "acme").within("campaign_id", "north").within("list_id", "7");
        let campaign = list.wider().unwrap();
        assert_eq!(campaign.to_string(), "client_id = acme, campaign_id = north");
        assert_eq!(campaign.wider().and_then(|client| client.wider()), Some(Place::centre()));
        assert_eq!(Place::centre().wider(), None);
    }

    #[test]
    fn a_team_is_a_team_whether_its_records_or_the_roster_name_it() {
        let (looked_up, filled) = (Place::of("team", "a"), Place::of("team_id", "a"));
        assert!(looked_up.is_same(&filled) && !looked_up.is_same(&Place::of("team_id", "b")));
        assert!(looked_up.holds(&filled.within("campaign_id", "north")));
        assert_eq!(looked_up.narrowness(), filled.narrowness());
        assert!(looked_up.narrowness() > Place::of("campaign_id", "north").narrowness());
    }

    #[test]
    fn a_value_cannot_break_out_of_its_condition() {
        let place = Place::of("campaign_id", "o'north' or 'a' = 'a");
        let condition = place.condition().expect("a condition");
        assert_eq!(condition.columns().len(), 1);
        assert_eq!(Place::centre().condition(), None);
    }

    #[test]
    fn a_place_is_named_from_the_coarsest_to_the_finest() {
        let place = Place::of("agent_id", "7").within("client_id", "acme");
        assert_eq!(place.to_string(), "client_id = acme, agent_id = 7");
        assert_eq!(Place::centre().to_string(), "centre");
    }
}
