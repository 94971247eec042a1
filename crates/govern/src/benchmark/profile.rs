//! What a centre says of itself: industry, motion, geography; for all its work, or for one campaign.

use std::collections::BTreeMap;

use dialmark_model::declared::Section;

use super::reading::Names;
use super::vocabulary::{Tree, Vocabulary, Word};
use crate::place::Place;

/// What is known of the industry, or of the motion, of some records.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Side {
    /// Nobody has said.
    #[default]
    Unstated,
    /// This one.
    One(Word),
    /// Several at once: a centre that does two kinds of work for two industries.
    Several(Vec<Word>),
}

/// Of what kind the work is that a figure was measured on.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Profile {
    /// Industry of those for whom the calls are made or taken.
    pub industry: Side,
    /// Who is called, or calls, and for what.
    pub motion: Side,
    /// Where: a country or a region.
    pub geography: Option<String>,
}

/// What `[profile.NAME]` says of one place.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Declared {
    place: Place,
    industry: Option<Word>,
    motion: Option<Word>,
    geography: Option<String>,
}

/// All profiles of a project.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Profiles(Vec<Declared>);

impl Profiles {
    /// Reads the sections `[profile.NAME]` of a file. A profile without `place` speaks of the whole centre; two of one
    /// place are an error.
    pub(crate) fn read(
        &mut self,
        root: &Section<'_>,
        vocabulary: &Vocabulary,
        is_dimension: &dyn Fn(&str) -> bool,
        names: &mut Names,
    ) {
        for (name, section) in root.named_sections("profile") {
            let place = match section.section("place") {
                Some(place) => Place::read(&place, is_dimension),
                None => (!section.has("place")).then(Place::centre),
            };
            let industry = vocabulary.of_tree(&section, Tree::Industry);
            let motion = vocabulary.of_tree(&section, Tree::Motion);
            let geography = section.text("geography");
            section.finish();
            let first = names.note(&section, "profile", &name);
            let (Some(place), true) = (place, first) else { continue };
            if self.0.iter().any(|other| other.place == place) {
                section.error(
                    "",
                    format!("another profile speaks of the same place ({place})."),
                    Some(
                        "Join the two, or give this one a `place` such as `{ campaign = \"north\" }`."
                            .to_owned(),
                    ),
                );
                continue;
            }
            self.0.push(Declared { place, industry, motion, geography });
        }
    }

    /// The profile of the records of a place: what the narrowest profiles that hold it say. Where narrower ones inside it
    /// say something else, the place is of several kinds. Only what their names say is known: that a team works for a
    /// campaign is not.
    pub fn of(&self, place: &Place) -> Profile {
        Profile {
            industry: self.side(place, |declared| declared.industry.as_ref()),
            motion: self.side(place, |declared| declared.motion.as_ref()),
            geography: self.geography(place),
        }
    }

    /// The places of which something is said, by name.
    pub fn places(&self) -> Vec<Place> {
        let mut places: Vec<Place> = self.0.iter().map(|declared| declared.place.clone()).collect();
        places.sort();
        places
    }

    /// What is said of the whole centre by somebody who has no file for it.
    pub fn stated(industry: Option<Word>, motion: Option<Word>, geography: Option<String>) -> Profiles {
        Profiles(vec![Declared { place: Place::centre(), industry, motion, geography }])
    }

    fn side(&self, place: &Place, field: impl Fn(&Declared) -> Option<&Word>) -> Side {
        let stated = || self.0.iter().filter_map(|declared| Some((&declared.place, field(declared)?)));
        let holding: Vec<(&Place, &Word)> = stated().filter(|(other, _)| other.holds(place)).collect();
        let narrowest = holding.iter().map(|(other, _)| other.narrowness()).max();
        let own = holding.iter().filter(|(other, _)| Some(other.narrowness()) == narrowest);
        // By name, so that the order of files changes nothing.
        let mut words: BTreeMap<&str, &Word> = own.map(|(_, word)| (word.name.as_str(), *word)).collect();
        if words.is_empty() {
            return Side::Unstated;
        }
        let inside = stated().filter(|(other, _)| place.holds(other) && *other != place);
        for (_, word) in inside {
            if !words.values().any(|wider| wider.covers(word)) {
                words.insert(&word.name, word);
            }
        }
        let mut words: Vec<Word> = words.into_values().cloned().collect();
        match words.len() {
            1 => words.pop().map_or(Side::Unstated, Side::One),
            _ => Side::Several(words),
        }
    }

    fn geography(&self, place: &Place) -> Option<String> {
        let holding = self.0.iter().filter(|declared| declared.place.holds(place));
        let stated =
            holding.filter_map(|declared| Some((declared.place.narrowness(), declared.geography.as_ref()?)));
        stated.max().map(|(_, geography)| geography.clone())
    }
}
