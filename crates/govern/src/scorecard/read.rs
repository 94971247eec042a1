//! Reading `[scorecard.NAME]`, and the rules that a scorecard is held to.

use std::collections::BTreeMap;

use dialmark_metrics::metric::{Signal, Unit};
use dialmark_metrics::{Catalogue, Exact, Ratio};
use dialmark_model::declared::{Section, nearest};

use super::Scorecard;
use crate::kpi::Kpi;
use crate::lint;
use crate::person::People;
use crate::place::{LEVELS, Place};
use crate::value;

/// KPIs a team can look after (the field says five to nine).
const MOST_KPIS: usize = 9;
/// Under a contract: primary and supporting.
const MOST_PRIMARY: usize = 7;
const MOST_SUPPORTING: usize = 15;

/// What is needed to judge a declaration.
pub(crate) struct Reading<'a> {
    pub(crate) catalogue: &'a Catalogue,
    pub(crate) kpis: &'a BTreeMap<String, Kpi>,
    pub(crate) people: &'a People,
    /// Names of KPIs that have mistakes of their own, which were reported.
    pub(crate) broken: &'a [String],
    pub(crate) is_dimension: &'a dyn Fn(&str) -> bool,
}

/// The scorecard of one section; its mistakes are reported.
pub(crate) fn read(name: &str, section: &Section<'_>, reading: &Reading<'_>) -> Option<Scorecard> {
    let label = section.text("label").unwrap_or_else(|| name.replace('_', " "));
    let owner = reading.people.owner(section, "scorecard", false);
    let place = match section.section("place") {
        Some(inner) => Place::read(&inner, reading.is_dimension),
        None => Some(Place::centre()),
    };
    let is_contractual = section.flag("contract").unwrap_or(false);
    let kpis = section.section("kpis").map(|inner| weights(&inner, reading)).unwrap_or_default();
    if !section.has("kpis") {
        let help = "Add `kpis = { conversion = 60, aht = 40 }`: names and weights.";
        section.error("", "the scorecard has no KPIs.", Some(help.to_owned()));
    }
    let supporting = section.texts("supporting");
    let supporting =
        supporting.into_iter().filter(|kpi| is_known(section, "supporting", kpi, reading)).collect();
    let cascade = cascade(section, reading);
    section.finish();
    let scorecard = Scorecard {
        name: name.to_owned(),
        label,
        owner,
        place: place?,
        kpis,
        supporting,
        cascade,
        is_contractual,
        declared_in: section.file().to_owned(),
        line: section.line(),
    };
    hold_to_rules(&scorecard, section, reading);
    (!scorecard.kpis.is_empty()).then_some(scorecard)
}

fn weights(section: &Section<'_>, reading: &Reading<'_>) -> Vec<(String, Ratio)> {
    section.has_free_keys();
    let mut kpis = Vec::new();
    let (mut sum, mut is_whole) = (Ratio::ZERO, true);
    for kpi in section.keys() {
        let weight = value::number(section, kpi);
        let known = is_known(section, kpi, kpi, reading);
        let Some(weight) = weight else {
            is_whole = false;
            continue;
        };
        if weight <= Ratio::ZERO {
            section.error(
                kpi,
                "a weight is more than nothing.",
                Some("Move the KPI to `supporting`.".to_owned()),
            );
            is_whole = false;
        }
        sum = sum.plus(weight).unwrap_or(sum);
        if known {
            kpis.push((kpi.to_owned(), weight));
        }
    }
    if is_whole && Ratio::exact(Exact::integer(100)) != Some(sum) {
        section.breaks(
            lint::WEIGHTS.id(),
            "",
            format!("the weights add up to {sum}, not to 100."),
            Some("Change them so that they do.".to_owned()),
        );
    }
    kpis
}

fn is_known(section: &Section<'_>, key: &str, kpi: &str, reading: &Reading<'_>) -> bool {
    if reading.kpis.contains_key(kpi) {
        return true;
    }
    if !reading.broken.iter().any(|broken| broken == kpi) {
        let help = match nearest(kpi, reading.kpis.keys().map(String::as_str)) {
            Some(near) => format!("Did you mean `{near}`?"),
            None => format!("Declare it under `[kpi.{kpi}]` in `kpis/`."),
        };
        section.error(key, format!("there is no KPI `{kpi}`."), Some(help));
    }
    false
}

fn cascade(section: &Section<'_>, reading: &Reading<'_>) -> Vec<String> {
    let mut levels: Vec<String> = Vec::new();
    for text in section.texts("cascade") {
        let full = format!("{text}_id");
        let level = if (reading.is_dimension)(&text) { text.clone() } else { full };
        if !(reading.is_dimension)(&level) {
            let help = nearest(&text, LEVELS).map(|near| format!("Did you mean `{near}`?"));
            section.error("cascade", format!("there is no dimension `{text}`."), help);
        } else if levels.contains(&level) {
            section.error("cascade", format!("`{level}` stands there twice."), None);
        } else {
            levels.push(level);
        }
    }
    levels
}

fn hold_to_rules(card: &Scorecard, section: &Section<'_>, reading: &Reading<'_>) {
    let kpis: Vec<&Kpi> = card.kpis.iter().filter_map(|(name, _)| reading.kpis.get(name)).collect();
    let most = if card.is_contractual { MOST_PRIMARY } else { MOST_KPIS };
    if card.kpis.len() > most {
        section.breaks(
            lint::TOO_MANY_KPIS.id(),
            "kpis",
            format!("the scorecard has {} KPIs that count; more than {most} dilute it.", card.kpis.len()),
            Some("Move the less important ones to `supporting`.".to_owned()),
        );
    }
    if card.is_contractual && card.supporting.len() > MOST_SUPPORTING {
        section.breaks(
            lint::TOO_MANY_KPIS.id(),
            "supporting",
            format!(
                "the scorecard has {} supporting KPIs; more than {MOST_SUPPORTING} dilute it.",
                card.supporting.len()
            ),
            None,
        );
    }
    let signals: Vec<Signal> = kpis.iter().filter_map(|kpi| kpi.signal).collect();
    if kpis.len() > 1 && signals.len() == kpis.len() && signals.iter().all(|s| *s == Signal::Lagging) {
        section.breaks(
            lint::ONLY_LAGGING.id(),
            "kpis",
            "all KPIs of the scorecard are lagging: they confirm what can no longer be changed.",
            Some("Add one that predicts, such as one of the drivers of these.".to_owned()),
        );
    }
    for (at, kpi) in kpis.iter().enumerate() {
        let rival = kpis.iter().take(at).find(|other| are_rivals(other, kpi, reading.catalogue));
        if let Some(other) = rival {
            section.breaks(
                lint::TWO_DENOMINATORS.id(),
                "kpis",
                format!("`{}` and `{}` are two definitions of {}.", other.name, kpi.name, kpi.metric.metric),
                Some("Keep the one that the target is about; their values cannot be compared.".to_owned()),
            );
        }
    }
}

/// The same metric under two definitions, which divide by different things.
fn are_rivals(a: &Kpi, b: &Kpi, catalogue: &Catalogue) -> bool {
    let of = |kpi: &Kpi| catalogue.resolve(&kpi.metric).ok().map(|found| found.variant.id.clone());
    a.unit == Unit::Share && a.metric.metric == b.metric.metric && of(a) != of(b)
}
