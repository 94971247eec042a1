//! Metrics and places that a contract names.

use dialmark_metrics::metric::Unit;
use dialmark_metrics::{Formula, MetricRef};
use dialmark_model::declared::{Section, nearest};

use super::Terms;
use super::words;
use crate::Place;
use crate::contract::{Known, Measured};
use crate::place::is_dimension;

/// What a metric must be for the place where it is named.
pub(super) struct Fits {
    /// What names it, such as `a price per hour`.
    pub noun: &'static str,
    /// The units that make sense there; any when there are none.
    pub units: &'static [Unit],
    /// Whether it must be a sum: an average times a rate is no price.
    pub is_sum: bool,
}

/// The `scope` of a contract.
pub(super) fn scope(section: &Section<'_>, known: &Known<'_>) -> Option<Place> {
    if !section.has("scope") {
        section.section("scope");
        section.error(
            "",
            "`scope` is missing.",
            Some(
                "Add `scope = { client_id = \"...\" }`: whose records count. `scope = {}` is the whole centre."
                    .to_owned(),
            ),
        );
        return None;
    }
    Place::read(&section.section("scope")?, &|name| is_dimension(known.catalogue, name))
}

/// The `metric` of a part and its `place`, within the contract's scope.
pub(super) fn metric(section: &Section<'_>, terms: &Terms<'_>, fits: &Fits) -> Option<Measured> {
    let place = place(section, terms, &terms.scope);
    let text = section.required_text("metric", "a metric, such as `sales` or `aht/talk`")?;
    let metric = match MetricRef::parse(&text) {
        Ok(metric) => metric,
        Err(message) => {
            section.error("metric", message, None);
            return None;
        }
    };
    resolved(section, "metric", &metric, place?, terms, fits)
}

/// The `metric` of a service level or its `kpi`.
pub(super) fn metric_or_kpi(section: &Section<'_>, terms: &Terms<'_>, fits: &Fits) -> Option<Measured> {
    if !section.has("kpi") {
        section.text("kpi");
        return metric(section, terms, fits);
    }
    let name = section.text("kpi");
    if section.has("metric") {
        section.text("metric");
        section.error(
            "metric",
            "a service level is about a metric or a KPI, not both.",
            Some("Leave out `metric` or `kpi`.".to_owned()),
        );
        return None;
    }
    let name = name?;
    let Some(kpi) = terms.known.kpis.get(&name) else {
        let help = nearest(&name, terms.known.kpis.keys().map(String::as_str));
        section.error(
            "kpi",
            format!("there is no KPI `{name}`."),
            help.map(|near| format!("Did you mean `{near}`?")),
        );
        return None;
    };
    let within = narrowed(section, "kpi", &terms.scope, &kpi.place)?;
    let place = place(section, terms, &within)?;
    resolved(section, "kpi", &kpi.metric, place, terms, fits)
}

fn resolved(
    section: &Section<'_>,
    key: &str,
    metric: &MetricRef,
    place: Place,
    terms: &Terms<'_>,
    fits: &Fits,
) -> Option<Measured> {
    let known = match terms.known.catalogue.resolve(metric) {
        Ok(known) => known,
        Err(message) => {
            section.error(key, message, None);
            return None;
        }
    };
    let unit = known.metric.unit;
    if !fits.units.is_empty() && !fits.units.contains(&unit) {
        let wanted: Vec<&str> = fits.units.iter().map(|unit| noun(*unit)).collect();
        section.error(
            key,
            format!("`{metric}` is {}, and {} is of {}.", noun(unit), fits.noun, wanted.join(" or ")),
            Some("Name another metric, or choose another `kind`.".to_owned()),
        );
        return None;
    }
    if fits.is_sum && !is_sum(section, key, metric, &known.variant.formula, fits.noun) {
        return None;
    }
    Some(Measured {
        metric: metric.clone(),
        label: known.metric.label.clone(),
        unit,
        direction: known.metric.direction,
        place,
    })
}

/// Whether a metric adds up over the days of a period, as what is multiplied with a rate must.
fn is_sum(section: &Section<'_>, key: &str, metric: &MetricRef, formula: &Formula, noun: &str) -> bool {
    match formula {
        Formula::Simple { .. } => true,
        Formula::Derived(_) => {
            section.warn(
                key,
                format!("`{metric}` is derived from other metrics, and {noun} is of a sum."),
                Some("Make sure that it adds up over the days of a period.".to_owned()),
            );
            true
        }
        Formula::Ratio { .. }
        | Formula::Conversion { .. }
        | Formula::Distribution { .. }
        | Formula::Cumulative { .. } => {
            section.error(
                key,
                format!("`{metric}` is a {} metric, and {noun} is of a sum.", formula.kind()),
                Some("Name a metric that counts or adds up, such as `sales` or `logged_hours`.".to_owned()),
            );
            false
        }
    }
}

/// The `place` of a part, if it has one: `within`, narrowed by it.
fn place(section: &Section<'_>, terms: &Terms<'_>, within: &Place) -> Option<Place> {
    if !section.has("place") {
        section.section("place");
        return Some(within.clone());
    }
    let own = Place::read(&section.section("place")?, &|name| is_dimension(terms.known.catalogue, name))?;
    narrowed(section, "place", within, &own)
}

/// A place narrowed by the values of another; a value that contradicts is reported.
fn narrowed(section: &Section<'_>, key: &str, within: &Place, by: &Place) -> Option<Place> {
    let mut place = within.clone();
    for (dimension, value) in by.iter() {
        match within.value(dimension) {
            Some(other) if other != value => {
                section.error(
                    key,
                    format!("`{dimension} = {value}` is outside of the contract's scope ({within})."),
                    Some("A part of a contract is about its records or some of them.".to_owned()),
                );
                return None;
            }
            _ => place = place.within(dimension, value),
        }
    }
    Some(place)
}

const fn noun(unit: Unit) -> &'static str {
    match unit {
        Unit::Count => "a count",
        Unit::Share => "a share",
        Unit::Duration => "a length of time",
        Unit::Money => "money",
        Unit::Ratio => "a ratio",
        Unit::PerHour => "a number an hour",
        Unit::Score => "a score",
    }
}

/// Reports that neither or both of two keys are there; whether exactly one is.
pub(super) fn one_of_two(section: &Section<'_>, a: &str, b: &str, help: &str) -> bool {
    let message = match (section.has(a), section.has(b)) {
        (true, true) => format!("`{a}` and `{b}` exclude each other."),
        (false, false) => format!("`{a}` or `{b}` is missing."),
        _ => return true,
    };
    let key = if section.has(b) { b } else { "" };
    words::in_range(section, key, false, &message, help)
}
