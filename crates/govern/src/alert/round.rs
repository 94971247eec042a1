//! One round of an alert: what it found, laid beside how things stood, becomes what changed and what is told.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;

use super::Alert;
use super::found::Reading;
use super::notice::{Kind, Notice, Told};
use super::standing::{Event, Happened, Known, Phase, Standing, step};

/// What one round comes to.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Round {
    /// How things stand that stand otherwise than before.
    pub changed: Vec<Changed>,
    /// What is told.
    pub notices: Vec<Notice>,
}

/// One thing that stands otherwise than before.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Changed {
    /// How it stands now.
    pub standing: Standing,
    /// What happened to it, if it was raised or cleared.
    pub happened: Option<Happened>,
}

/// What a round of an alert comes to: `before` is how things stood, by key; `readings` what it found. A thing of which there is
/// no reading is not there any more.
pub fn round(
    alert: &Alert,
    before: &BTreeMap<String, Standing>,
    readings: &[Reading],
    now: Timestamp,
) -> Round {
    let keys: BTreeSet<&str> = readings.iter().map(|reading| reading.subject.key.as_str()).collect();
    let gone = before.values().filter(|standing| !keys.contains(standing.subject.key.as_str()));
    let gone: Vec<Reading> = gone.map(|standing| standing.gone(&alert.watch, now)).collect();
    let all: BTreeMap<&str, &Reading> =
        readings.iter().chain(&gone).map(|reading| (reading.subject.key.as_str(), reading)).collect();
    let mut found = Round::default();
    let mut told: BTreeMap<(String, Kind), Vec<Told>> = BTreeMap::new();
    for (key, reading) in all {
        let stood = before.get(key);
        let step = step(alert, stood, reading, now);
        if let Some((kind, since)) = step.tells {
            let (subject, seen) = (step.standing.subject.clone(), step.standing.found.clone());
            let group = alert.group.of(&subject);
            told.entry((group, kind)).or_default().push(Told { subject, found: seen, since });
        }
        if is_worth_keeping(stood, &step.standing) {
            found.changed.push(Changed { standing: step.standing, happened: step.happened });
        }
    }
    found.notices = told
        .into_iter()
        .map(|((group, kind), about)| Notice {
            alert: alert.name.clone(),
            label: alert.label.clone(),
            kind,
            group,
            at: now,
            about,
            to: alert.to.clone(),
        })
        .collect();
    found
}

/// What happens outside of an alert's hours: nobody looks.
pub fn unseen(before: &BTreeMap<String, Standing>) -> Round {
    let changed = before.values().filter_map(|stood| {
        let standing = stood.unseen();
        (standing != *stood).then_some(Changed { standing, happened: None })
    });
    Round { changed: changed.collect(), notices: Vec::new() }
}

/// What happens when an alert is not declared any more: nothing of it stands.
pub fn dropped(before: &BTreeMap<String, Standing>, now: Timestamp) -> Round {
    let stands = |stood: &&Standing| stood.phase != Phase::Quiet || stood.known.is_raised;
    let changed = before.values().filter(stands).map(|stood| {
        let happened = |since| Happened {
            at: now,
            event: Event::Dropped,
            subject: stood.subject.clone(),
            found: stood.found.clone(),
            since,
        };
        let raised_since = stood.phase.since().filter(|_| stood.phase.is_raised());
        // Those who were told are not told again: that nobody looks is not that it is over.
        let standing = Standing { phase: Phase::Quiet, known: Known::default(), ..stood.clone() };
        Changed { standing, happened: raised_since.map(happened) }
    });
    Round { changed: changed.collect(), notices: Vec::new() }
}

/// What is quiet and was never anything else is not kept; of what stands, the last look is.
fn is_worth_keeping(before: Option<&Standing>, after: &Standing) -> bool {
    match before {
        None => after.phase != Phase::Quiet,
        Some(before) => {
            before.phase != after.phase
                || before.known != after.known
                || (after.phase != Phase::Quiet && before.found != after.found)
        }
    }
}

#[cfg(test)]
mod tests;
