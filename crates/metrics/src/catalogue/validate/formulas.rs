//! Metrics: names, parameters, units, cycles.

use std::collections::BTreeSet;

use super::bindings::type_of;
use super::{Place, Report};
use crate::arithmetic::Dimension;
use crate::catalogue::{Catalogue, MOST_PARTS_DEEP};
use crate::expr::{Expr, Type};
use crate::measure::Binding;
use crate::metric::{Formula, Metric, MetricRef, Unit, Variant};

pub(super) fn check_metric(catalogue: &Catalogue, metric: &Metric, report: &Report<'_>) {
    let key = format!("metric.{}", metric.id);
    let place = |key: String| Place { file: &metric.declared_in, line: metric.line, key };
    for choice in metric.meant() {
        if metric.variant(Some(&choice.variant)).is_none() {
            let known = metric.variants.iter().map(|v| v.id.as_str());
            let message = format!("there is no variant `{}`.", choice.variant);
            report.unknown(&place(format!("{key}.default")), message, &choice.variant, known);
        }
    }
    for (word, others) in [("driver", &metric.drivers), ("guard", &metric.guards)] {
        for other in others {
            if !catalogue.metrics.contains_key(other) {
                let message = format!("the {word} `{other}` is not a metric.");
                let known = catalogue.metrics.keys().map(String::as_str);
                report.unknown(&place(format!("{key}.{word}s")), message, other, known);
            } else if *other == metric.id {
                report.error(&place(format!("{key}.{word}s")), "a metric does not move itself.", None);
            }
        }
    }
    if let Some(round) = driver_cycle(catalogue, metric) {
        let message = format!("the metric drives itself: {}.", round.join(" <- "));
        report.error(&place(format!("{key}.drivers")), message, Some("Take one of them out.".to_owned()));
    }
    for variant in &metric.variants {
        check_variant(catalogue, metric, variant, report);
        let used = catalogue.params_of(&variant.formula);
        if let Some(idle) = variant.params.0.keys().find(|name| !used.contains(name.as_str())) {
            let key = format!("{key}.variant.{}.params", variant.id);
            let place = Place { file: &metric.declared_in, line: variant.line, key };
            report.error(&place, format!("the variant does not use `${idle}`."), None);
        }
    }
    let used: BTreeSet<&str> =
        metric.variants.iter().flat_map(|variant| catalogue.params_of(&variant.formula)).collect();
    if let Some(idle) = metric.params.0.keys().find(|name| !used.contains(name.as_str())) {
        let message = format!("no definition of the metric uses `${idle}`.");
        report.error(&place(format!("{key}.params")), message, Some("Use it or leave it out.".to_owned()));
    }
}

/// Metrics that drive each other in a ring, named once: at the first of them by name.
fn driver_cycle(catalogue: &Catalogue, metric: &Metric) -> Option<Vec<String>> {
    let mut path = vec![metric.id.clone()];
    fn walk(catalogue: &Catalogue, at: &str, path: &mut Vec<String>, seen: &mut Vec<String>) -> bool {
        let Some(metric) = catalogue.metrics.get(at) else { return false };
        for driver in &metric.drivers {
            if path.first() == Some(driver) {
                path.push(driver.clone());
                return true;
            }
            if !seen.contains(driver) {
                seen.push(driver.clone());
                path.push(driver.clone());
                if walk(catalogue, driver, path, seen) {
                    return true;
                }
                path.pop();
            }
        }
        false
    }
    let found = walk(catalogue, &metric.id, &mut path, &mut Vec::new());
    let is_first = path.iter().min() == path.first();
    (found && path.len() > 2 && is_first).then_some(path)
}

fn check_variant(catalogue: &Catalogue, metric: &Metric, variant: &Variant, report: &Report<'_>) {
    let place = Place {
        file: &metric.declared_in,
        line: variant.line,
        key: format!("metric.{}.variant.{}", metric.id, variant.id),
    };
    let params = metric.params.overridden_by(&variant.params);
    for name in variant.formula.measures() {
        let Some(measure) = catalogue.measures.get(name) else {
            let message = format!("there is no measure `{name}`.");
            report.unknown(&place, message, name, catalogue.measures.keys().map(String::as_str));
            continue;
        };
        for param in measure.bindings.iter().flat_map(Binding::all_expressions).flat_map(Expr::params) {
            if !params.0.contains_key(param) {
                report.error(
                    &place,
                    format!(
                        "the measure `{name}` needs the parameter `${param}`, which the metric does not give."
                    ),
                    Some(format!("Add `params = {{ {param} = ... }}` to the metric.")),
                );
            }
        }
        let wants_values = matches!(variant.formula, Formula::Distribution { .. });
        let gives_values = measure.bindings.iter().any(Binding::is_of_values);
        if !measure.bindings.is_empty() && wants_values != gives_values {
            let message = match wants_values {
                true => format!("`{name}` is a sum, and a distribution needs values."),
                false => format!("`{name}` holds values, which only a distribution can show."),
            };
            report.error(&place, message, Some("Read it with `values(...)` for a distribution.".to_owned()));
        }
    }
    for factor in &variant.factors {
        match catalogue.resolve(factor) {
            Err(message) => report.error(&place, lower_first(&message), None),
            Ok(found) if found.metric.id == metric.id && found.variant.id == variant.id => {
                report.error(&place, "a metric is no factor of itself.", None);
            }
            Ok(_) => {}
        }
    }
    let others = variant.formula.others();
    let mut is_sound = true;
    for part in &others {
        if let Err(message) = catalogue.resolve(part) {
            report.error(&place, lower_first(&message), None);
            is_sound = false;
        }
    }
    if !is_sound {
        return;
    }
    let me = MetricRef::of(&metric.id, &variant.id);
    if reaches(catalogue, &variant.formula, &me, 0) {
        report.error(&place, "the metric is made of itself.", Some("Break the circle.".to_owned()));
        return;
    }
    match &variant.formula {
        Formula::Ratio { numerator, denominator, times } => {
            check_ratio(catalogue, metric, (numerator, denominator, *times), &place, report);
        }
        Formula::Derived(arithmetic) => {
            for param in arithmetic.params() {
                if !params.0.contains_key(param) {
                    report.error(&place, format!("the metric has no parameter `${param}`."), None);
                }
            }
            match arithmetic.dimension(&|part| catalogue.metrics.get(&part.metric).map(|m| m.unit)) {
                Err(message) => report.error(&place, message, None),
                Ok(Some(found)) if found != Dimension::of(metric.unit) => report.error(
                    &place,
                    format!("the formula does not yield what the unit `{}` promises.", metric.unit.word()),
                    None,
                ),
                Ok(_) => {}
            }
        }
        Formula::Cumulative { of, .. } => {
            check_cumulative(catalogue, of, &place, report);
            if let Some(other) = catalogue.metrics.get(&of.metric).filter(|m| m.unit != metric.unit) {
                report.error(
                    &place,
                    format!("`{of}` is shown as {}, so this is as well.", other.unit.word()),
                    Some(format!("Add `unit = \"{}\"`.", other.unit.word())),
                );
            }
        }
        Formula::Simple { measure } | Formula::Distribution { measure, .. } => {
            let found = catalogue.measures.get(measure).and_then(|m| type_of(catalogue, m));
            let wanted = match found {
                Some(Type::Duration) => Some(Unit::Duration),
                Some(Type::Amount) => Some(Unit::Money),
                _ => None,
            };
            let fits = match wanted {
                Some(unit) => metric.unit == unit,
                None => found.is_none() || !matches!(metric.unit, Unit::Duration | Unit::Money),
            };
            if !fits {
                report.error(
                    &place,
                    format!("`{measure}` is not what the unit `{}` promises.", metric.unit.word()),
                    wanted.map(|unit| format!("Add `unit = \"{}\"`.", unit.word())),
                );
            }
        }
        Formula::Conversion { .. } => {}
    }
}

/// Units of a division: milliseconds over calls are a duration, money over milliseconds per hour is money.
fn check_ratio(
    catalogue: &Catalogue,
    metric: &Metric,
    (numerator, denominator, times): (&str, &str, i64),
    place: &Place<'_>,
    report: &Report<'_>,
) {
    let of = |name: &str| catalogue.measures.get(name).and_then(|m| type_of(catalogue, m));
    let (Some(top), Some(bottom)) = (of(numerator), of(denominator)) else { return };
    let fits = match (top, bottom) {
        (Type::Amount, Type::Amount) => matches!(metric.unit, Unit::Share | Unit::Ratio),
        (Type::Amount, _) => metric.unit == Unit::Money,
        (_, Type::Amount) => false,
        // A share of an hour, shown as minutes in each hour, is a duration again.
        (Type::Duration, Type::Duration) => {
            matches!(metric.unit, Unit::Share | Unit::Ratio) || (metric.unit == Unit::Duration && times > 1)
        }
        (Type::Duration, _) => metric.unit == Unit::Duration || times < 0,
        (_, Type::Duration) => metric.unit == Unit::PerHour || times > 1,
        _ => !matches!(metric.unit, Unit::Duration | Unit::Money | Unit::PerHour),
    };
    if !fits {
        report.error(
            place,
            format!(
                "`{numerator}` over `{denominator}` does not yield what the unit `{}` promises.",
                metric.unit.word()
            ),
            Some("Change `unit`, or divide what belongs together.".to_owned()),
        );
    }
}

/// Only what adds up over days can be added up over a window.
fn check_cumulative(catalogue: &Catalogue, of: &MetricRef, place: &Place<'_>, report: &Report<'_>) {
    let Ok(resolved) = catalogue.resolve(of) else { return };
    if matches!(resolved.variant.formula, Formula::Cumulative { .. }) {
        report.error(place, format!("`{of}` is cumulative already."), None);
    }
    for name in catalogue.leaves(&resolved.variant.formula) {
        let adds_up = |m: &crate::measure::Measure| m.bindings.iter().all(Binding::adds_up_over_days);
        if !catalogue.measures.get(name).is_none_or(adds_up) {
            report.error(
                place,
                format!("`{name}`, which `{of}` is made of, does not add up over days: different things of two days may be the same."),
                None,
            );
        }
    }
}

fn reaches(catalogue: &Catalogue, formula: &Formula, goal: &MetricRef, depth: usize) -> bool {
    if depth > MOST_PARTS_DEEP {
        return true;
    }
    formula.others().into_iter().any(|part| {
        let Ok(resolved) = catalogue.resolve(part) else { return false };
        (resolved.metric.id == goal.metric && Some(&resolved.variant.id) == goal.variant.as_ref())
            || reaches(catalogue, &resolved.variant.formula, goal, depth + 1)
    })
}

fn lower_first(sentence: &str) -> String {
    let mut letters = sentence.chars();
    letters.next().map_or(String::new(), |first| first.to_lowercase().chain(letters).collect())
}
