//! `[goal.NAME]`, `[objective.NAME]`, and what holds between them.

use std::collections::{BTreeMap, BTreeSet};

use dialmark_metrics::metric::Perspective;
use dialmark_metrics::{Catalogue, Direction};
use dialmark_model::declared::{Document, Problems, Section, Value};
use jiff::ToSpan;
use jiff::civil::Date;

use super::{Goal, KeyResult, KpiFacts, Objective, Strategy};
use crate::benchmark::reading::{Names, known};
use crate::lint;
use crate::person::People;
use crate::reading::{level, quoted, required_choice};
use crate::window::Stretch;

/// What declarations of a strategy are judged against.
pub struct Reading<'a> {
    /// What can be measured.
    pub catalogue: &'a Catalogue,
    /// The project's KPIs by name.
    pub kpis: &'a BTreeMap<String, KpiFacts>,
    /// Who may own an objective.
    pub people: &'a People,
}

impl Strategy {
    /// Reads `files` (name and text) of `strategy/`. What is wrong with them is reported, all of it.
    pub fn read(files: &[(String, String)], reading: &Reading<'_>, problems: &Problems) -> Strategy {
        let documents: Vec<Document> =
            files.iter().filter_map(|(file, text)| Document::parse(file, text, problems)).collect();
        let roots: Vec<Section<'_>> = documents.iter().map(|document| document.root(problems)).collect();
        let mut strategy = Strategy::default();
        let mut names = Names::default();
        let goals: Vec<(String, Section<'_>)> =
            roots.iter().flat_map(|root| root.named_sections("goal")).collect();
        for (name, section) in &goals {
            let goal = read_goal(section, name, reading);
            if names.note(section, "goal", name)
                && let Some(goal) = goal
            {
                strategy.goals.insert(name.clone(), goal);
            }
        }
        // Named by themselves, so that a mistake in a goal is not reported once more by everything that serves it.
        let declared: BTreeSet<&str> = goals.iter().map(|(name, _)| name.as_str()).collect();
        strategy.check_parents(&goals, &declared);
        for (name, section) in roots.iter().flat_map(|root| root.named_sections("objective")) {
            let mut objective = read_objective(&section, &name, reading);
            if let Some(objective) = &mut objective {
                objective.goal =
                    objective.goal.take().filter(|goal| exists(&section, "goal", goal, &declared));
            }
            if names.note(&section, "objective", &name)
                && let Some(objective) = objective
            {
                strategy.objectives.insert(name, objective);
            }
        }
        roots.iter().for_each(|root| root.finish());
        strategy
    }

    /// Parents exist, and nobody serves themselves. Where that fails, the goal stays without a parent.
    fn check_parents(&mut self, goals: &[(String, Section<'_>)], declared: &BTreeSet<&str>) {
        let parents: BTreeMap<String, String> =
            self.goals.values().filter_map(|goal| Some((goal.name.clone(), goal.parent.clone()?))).collect();
        for (name, section) in goals {
            let Some(parent) = parents.get(name) else { continue };
            let keeps = match circle(name, &parents) {
                // Once is enough: at the first of them by name.
                Some(circle) if circle.iter().min() != Some(&name.as_str()) => false,
                Some(circle) => {
                    let way =
                        circle.iter().map(|goal| format!("`{goal}`")).collect::<Vec<_>>().join(" serves ");
                    section.error(
                        "parent",
                        format!("the goals serve each other in a circle: {way}."),
                        Some("Take out the `parent` of the one that is wanted for itself.".to_owned()),
                    );
                    false
                }
                None => exists(section, "parent", parent, declared) && self.goals.contains_key(parent),
            };
            if let Some(goal) = self.goals.get_mut(name).filter(|_| !keeps) {
                goal.parent = None;
            }
        }
    }
}

fn exists(section: &Section<'_>, key: &str, goal: &str, declared: &BTreeSet<&str>) -> bool {
    let found = declared.contains(goal);
    if !found {
        section.error(
            key,
            format!("there is no goal `{goal}`."),
            Some(
                known(goal, declared.iter().copied())
                    .unwrap_or_else(|| format!("Declare it: `[goal.{goal}]`.")),
            ),
        );
    }
    found
}

/// The way from a goal through its parents back to itself, both ends named; `None` when there is none.
fn circle<'p>(name: &'p str, parents: &'p BTreeMap<String, String>) -> Option<Vec<&'p str>> {
    let mut way = vec![name];
    let mut at = name;
    // A circle that does not lead back to the goal itself is reported at those on it.
    for _ in 0..parents.len() {
        at = parents.get(at)?;
        way.push(at);
        if at == name {
            return Some(way);
        }
    }
    None
}

/// Reads one goal; `parent` is looked at when all goals are known.
pub fn read_goal(section: &Section<'_>, name: &str, reading: &Reading<'_>) -> Option<Goal> {
    let label = section.required_text("label", "what is wanted, in a few words");
    let perspective = required_choice(section, "perspective", &Perspective::ALL);
    let says = section.text("says");
    let parent = section.text("parent");
    let mut kpis: Vec<String> = Vec::new();
    for kpi in section.texts("kpis") {
        if kpis.contains(&kpi) {
            section.error("kpis", format!("`{kpi}` is named twice."), Some("Remove one of them.".to_owned()));
        } else if is_kpi(section, "kpis", &kpi, reading) {
            kpis.push(kpi);
        }
    }
    section.finish();
    Some(Goal {
        name: name.to_owned(),
        label: label?,
        says,
        perspective: perspective?,
        parent,
        kpis,
        declared_in: section.file().to_owned(),
        line: section.line(),
    })
}

fn is_kpi(section: &Section<'_>, key: &str, kpi: &str, reading: &Reading<'_>) -> bool {
    let found = reading.kpis.contains_key(kpi);
    if !found {
        let help = known(kpi, reading.kpis.keys().map(String::as_str));
        let help = help.unwrap_or_else(|| format!("Declare it in `kpis/`: `[kpi.{kpi}]`."));
        section.error(key, format!("there is no KPI `{kpi}`."), Some(help));
    }
    found
}

/// Reads one objective; `goal` is looked at when all goals are known.
pub fn read_objective(section: &Section<'_>, name: &str, reading: &Reading<'_>) -> Option<Objective> {
    let label = section.required_text("label", "what is to be reached, in a few words");
    let owner = owner(section, reading.people);
    let period = period(section);
    let goal = section.text("goal");
    let parts = section.sections("key_results");
    if parts.is_empty() {
        section.error(
            if section.has("key_results") { "key_results" } else { "" },
            "nothing tells whether the objective is reached.",
            Some("Add `key_results = [ { kpi = \"...\", from = ..., to = ... } ]`.".to_owned()),
        );
    }
    // Quality may be watched by another key result of the same objective.
    let beside: Vec<String> = parts.iter().filter_map(|part| part.text("kpi")).collect();
    let mut key_results: Vec<KeyResult> = Vec::new();
    let mut sound = !parts.is_empty();
    for part in &parts {
        match key_result(part, &beside, reading) {
            Some(result) if key_results.iter().any(|other| other.kpi == result.kpi) => {
                let help = "Join the two, or take another KPI.";
                part.error(
                    "kpi",
                    format!("`{}` is a key result of it already.", result.kpi),
                    Some(help.to_owned()),
                );
                sound = false;
            }
            Some(result) => key_results.push(result),
            None => sound = false,
        }
    }
    section.finish();
    let (label, owner, period) = (label?, owner?, period?);
    sound.then(|| Objective {
        name: name.to_owned(),
        label,
        owner,
        period,
        goal,
        key_results,
        declared_in: section.file().to_owned(),
        line: section.line(),
    })
}

fn key_result(section: &Section<'_>, beside: &[String], reading: &Reading<'_>) -> Option<KeyResult> {
    let kpi = section.required_text("kpi", "the KPI that tells");
    let facts = kpi.as_ref().filter(|kpi| is_kpi(section, "kpi", kpi, reading));
    let facts = facts.and_then(|kpi| reading.kpis.get(kpi));
    for (key, what) in [("from", "its value at the start"), ("to", "the value to reach")] {
        if !section.has(key) {
            section.error("", format!("`{key}` is missing."), Some(format!("Add `{key}`: {what}.")));
        }
    }
    let edge = |key: &str| match facts {
        Some(facts) => level(section, key, facts.unit),
        // Without its KPI the value has no unit.
        None => {
            section.node(key);
            None
        }
    };
    let (from, to) = (edge("from"), edge("to"));
    let quality = section.text("quality");
    section.finish();
    let facts = facts?;
    let quality_stands = quality_stands(section, facts, quality.as_deref(), beside, reading);
    let (from, to) = (from?, to?);
    if from == to {
        section.error(
            "to",
            "the key result ends where it starts.",
            Some("A value that is only to be held is a target of a KPI.".to_owned()),
        );
        return None;
    }
    if (facts.direction == Direction::Up && to < from) || (facts.direction == Direction::Down && to > from) {
        section.warn(
            "to",
            format!("`{}` would get worse.", facts.name),
            Some("Exchange `from` and `to` unless that is meant.".to_owned()),
        );
    }
    quality_stands.then(|| KeyResult { kpi: facts.name.clone(), from, to, quality })
}

/// A volume has a KPI of quality beside it, so that more of weak work is not rewarded; what is named is one.
fn quality_stands(
    section: &Section<'_>,
    facts: &KpiFacts,
    quality: Option<&str>,
    beside: &[String],
    reading: &Reading<'_>,
) -> bool {
    let is_quality = |kpi: &str| reading.kpis.get(kpi).is_some_and(|facts| facts.is_quality);
    let Some(named) = quality else {
        if !facts.is_volume || beside.iter().any(|kpi| is_quality(kpi)) {
            return true;
        }
        section.error(
            "kpi",
            format!("`{}` is a volume, and no KPI of quality stands beside it.", facts.name),
            Some(way_out(facts, reading)),
        );
        return false;
    };
    if !is_kpi(section, "quality", named, reading) {
        return false;
    }
    if !is_quality(named) {
        section.error("quality", format!("`{named}` is no KPI of quality."), Some(way_out(facts, reading)));
    }
    is_quality(named)
}

fn way_out(facts: &KpiFacts, reading: &Reading<'_>) -> String {
    let guards = reading.catalogue.metrics.get(&facts.metric.metric).map(|metric| metric.guards.as_slice());
    let guards = guards.unwrap_or_default();
    let good = || reading.kpis.values().filter(|kpi| kpi.is_quality);
    // Those that guard this very metric, before any others.
    let near: Vec<&str> =
        good().filter(|kpi| guards.contains(&kpi.metric.metric)).map(|kpi| kpi.name.as_str()).collect();
    let names = if near.is_empty() { good().map(|kpi| kpi.name.as_str()).collect() } else { near };
    match names.is_empty() {
        false => format!("Add `quality = \"...\"` with one of {}.", quoted(names)),
        true if guards.is_empty() => {
            "Declare a KPI of quality, such as one over `csat`, and name it in `quality`.".to_owned()
        }
        true => format!(
            "Declare a KPI of quality, such as one over {}, and name it in `quality`.",
            quoted(guards.iter().map(String::as_str))
        ),
    }
}

/// Exactly one person, as for a KPI.
fn owner(section: &Section<'_>, people: &People) -> Option<String> {
    let one = || Some("Name one person, such as `owner = \"lead@example.org\"`.".to_owned());
    let owners = match section.node("owner").map(|node| &node.value) {
        Some(Value::List(_)) => section.texts("owner"),
        _ => section.text("owner").into_iter().collect(),
    };
    let split = owners.iter().flat_map(|text| text.split([',', ';']));
    let names: Vec<&str> = split.map(str::trim).filter(|name| !name.is_empty()).collect();
    match names.as_slice() {
        [name] => {
            people.check(section, "owner", name, lint::OWNER_LEFT.id());
            Some((*name).to_owned())
        }
        [] => {
            let key = if section.has("owner") { "owner" } else { "" };
            section.error(key, "the objective has no owner, so nobody answers for it.", one());
            None
        }
        several => {
            section.error("owner", format!("the objective has {} owners.", several.len()), one());
            None
        }
    }
}

/// A year, a quarter or a month of the calendar under `period`, or `{ from, until }`.
fn period(section: &Section<'_>) -> Option<Stretch> {
    let example = "Write `2026`, `2026-Q4`, `2026-10` or `{ from = 2026-10-01, until = 2027-01-01 }`.";
    let help = || Some(example.to_owned());
    let found = match section.node("period").map(|node| &node.value) {
        None => {
            section.error("", "`period` is missing.", help());
            return None;
        }
        Some(Value::Table(_)) => {
            let table = section.section("period")?;
            let (from, until) = (table.day("from"), table.day("until"));
            table.finish();
            from.zip(until).filter(|(from, until)| from < until)
        }
        Some(Value::Integer(year)) => calendar(&year.to_string()),
        Some(_) => calendar(section.text("period")?.trim()),
    };
    if found.is_none() {
        section.error("period", "this is no period.", help());
    }
    found.map(|(from, until)| Stretch { from, until })
}

/// First day and first day after it of `2026`, `2026-Q4` or `2026-10`.
fn calendar(text: &str) -> Option<(Date, Date)> {
    let (year, part) = text.split_once('-').map_or((text, None), |(year, part)| (year, Some(part)));
    if year.len() != 4 {
        return None;
    }
    let (month, span) = match part {
        None => (1, 1.year()),
        Some(part) => match part.strip_prefix(['Q', 'q']) {
            Some(quarter) => {
                let quarter = quarter.parse::<i8>().ok().filter(|quarter| (1..=4).contains(quarter))?;
                (3 * quarter - 2, 3.months())
            }
            None if part.len() == 2 => (part.parse().ok()?, 1.month()),
            None => return None,
        },
    };
    let from = Date::new(year.parse().ok()?, month, 1).ok()?;
    Some((from, from.checked_add(span).ok()?))
}
