//! Rankings of agents, lists or whatever else, with places that chance cannot have dealt.

use dialmark_metrics::Key;
use dialmark_metrics::answer::MetricHeader;
use dialmark_stats::ranking::Ranking;

pub use dialmark_stats::ranking::{Placed, Standing};

use crate::guard::{Unwatched, Verdict, Watched};
use crate::maturing::Maturing;
use crate::why::Words;

/// The values of a dimension, ranked by a figure.
#[derive(Debug, Clone)]
pub struct Ranked {
    /// What they are ranked by.
    pub header: MetricHeader,
    /// The dimension.
    pub by: String,
    /// The ranking, best first.
    pub ranking: Ranking<Key>,
    /// Values that have nothing to divide by, and so no place.
    pub without: Vec<Key>,
    /// Guards of those who are better than the rest.
    pub leaders: Vec<Leader>,
    /// Guards that say nothing.
    pub unwatched: Vec<Unwatched>,
    /// How far the figure has ripened; `None` where all of it has, and where it does not ripen.
    pub maturing: Option<Maturing>,
    /// What the reader should know.
    pub notes: Vec<String>,
}

/// Somebody who leads, with one guard of what they lead by.
#[derive(Debug, Clone)]
pub struct Leader {
    /// Who.
    pub key: Key,
    /// The figure and the guard, theirs against those of the rest.
    pub watched: Watched,
    /// Whether the guard lets them down.
    pub verdict: Verdict,
}

impl Ranked {
    /// Groups, best first: nobody of a group can be told apart from anybody else of it.
    pub fn groups(&self) -> Vec<Vec<&Placed<Key>>> {
        let mut groups: Vec<Vec<&Placed<Key>>> = Vec::new();
        for one in &self.ranking.placed {
            match groups.last_mut() {
                Some(group) if group.first().is_some_and(|first| first.group == one.group) => group.push(one),
                _ => groups.push(vec![one]),
            }
        }
        groups
    }

    /// Guards that let one of them down.
    pub fn failing(&self, key: &Key) -> impl Iterator<Item = &Watched> {
        let own = self.leaders.iter().filter(move |leader| leader.key == *key);
        own.filter(|leader| leader.verdict == Verdict::Fails).map(|leader| &leader.watched)
    }

    /// What the ranking says, in sentences: who stands out, and who cannot be told apart.
    pub fn sentences(&self) -> Vec<String> {
        let words = Words(self.header.unit);
        let name = |one: &Placed<Key>| shown(&one.key);
        let of = |standing| {
            let chosen = self.ranking.placed.iter().filter(move |one| one.standing == standing);
            chosen.map(|one| format!("{} ({})", name(one), words.figure(one.value))).collect::<Vec<_>>()
        };
        let mut all = vec![format!(
            "{} of all together: {}, over {} values of {}.",
            self.header.label,
            words.figure(self.ranking.all),
            self.ranking.placed.len(),
            self.by
        )];
        for (standing, word) in [(Standing::Better, "Better"), (Standing::Worse, "Worse")] {
            let named = of(standing);
            all.push(match named.is_empty() {
                true => format!("{word} than the rest by more than chance: nobody."),
                false => format!("{word} than the rest by more than chance: {}.", named.join(", ")),
            });
        }
        let failing = self.leaders.iter().filter(|leader| leader.verdict == Verdict::Fails);
        all.extend(
            failing.map(|leader| format!("Guard rail: {}", leader.watched.says_of(&shown(&leader.key)))),
        );
        for (at, group) in self.groups().iter().enumerate().filter(|(_, group)| group.len() > 1) {
            let (Some(first), Some(last)) = (group.first(), group.last()) else { continue };
            all.push(format!(
                "Group {}: the {} from {} to {} cannot be told apart.",
                at + 1,
                group.len(),
                name(first),
                name(last)
            ));
        }
        all.extend(self.maturing.iter().map(|maturing| maturing.says(self.header.unit)));
        all
    }
}

/// A value of a dimension, as it is read.
pub fn shown(key: &Key) -> String {
    match key {
        Key::None => "none".to_owned(),
        key => key.to_string(),
    }
}

/// A place or a range of places: `1` or `5 to 14`.
pub fn places(one: &Placed<Key>) -> String {
    if one.best == one.worst { one.best.to_string() } else { format!("{} to {}", one.best, one.worst) }
}
