//! Metrics and their variants.

use std::collections::BTreeMap;

use dialmark_model::declared::{Section, Value};
use dialmark_model::validity::Days;
use jiff::civil::Date;

use super::examples::{read_example, share_example};
use super::formulas::{KINDS, Kind, read_formula};
use super::{choice, name_is_fine, sentence_case};
use crate::catalogue::Catalogue;
use crate::metric::{
    Choice, CountAt, Direction, Metric, MetricRef, Params, Perspective, Process, Signal, Unit, Variant,
    parse_param,
};

pub(super) fn read_metric(id: &str, section: &Section<'_>, catalogue: &mut Catalogue) {
    let known = catalogue.metrics.contains_key(id);
    let label = section.text("label").unwrap_or_else(|| sentence_case(id));
    let about = match known {
        true => section.text("about"),
        false => section.required_text("about", "one sentence that says what the figure means"),
    };
    let before = catalogue.metrics.get(id).and_then(|m| m.variants.first()).map(|v| v.formula.kind());
    let kind = read_kind(section, before);
    let units: Vec<(&str, Unit)> = Unit::ALL.into_iter().map(|u| (u.word(), u)).collect();
    let unit = choice(section, "unit", &units).unwrap_or(match kind {
        Some(Kind::Simple) => Unit::Count,
        Some(Kind::Distribution) => Unit::Duration,
        _ => Unit::Share,
    });
    let directions: Vec<(&str, Direction)> = Direction::ALL.into_iter().map(|d| (d.word(), d)).collect();
    let direction = choice(section, "direction", &directions).unwrap_or(Direction::Neither);
    let signal = choice(section, "signal", &[("leading", Signal::Leading), ("lagging", Signal::Lagging)]);
    let process = choice(section, "process", &Process::ALL);
    let perspective = choice(section, "perspective", &Perspective::ALL);
    let groups = section.texts("groups");
    let drivers = section.texts("drivers");
    let guards = section.texts("guards");
    let params = read_params(section);
    let count_at = read_count_at(section);
    let mut variants = Vec::new();
    if section.has("variant") {
        for (name, inner) in section.named_sections("variant") {
            variants
                .extend(kind.and_then(|kind| read_variant((id, &name), kind, &inner, count_at, catalogue)));
            inner.finish();
        }
        if let Some(shared) = section.section("example") {
            share_example(&shared, &mut variants);
        }
    } else if let Some(kind) = kind {
        variants.extend(read_variant((id, "standard"), kind, section, count_at, catalogue));
    }
    let first = variants.first().map(|v| v.id.clone()).unwrap_or_default();
    let (default, choices) = read_default(section, first);
    section.finish();
    if !name_is_fine(id, section) {
        return;
    }
    let (declared_in, line) = (section.file().to_owned(), section.line());
    if let Some(known) = catalogue.metrics.get_mut(id) {
        let differs = [
            ("unit", section.has("unit") && unit != known.unit),
            ("direction", section.has("direction") && direction != known.direction),
        ];
        for (key, _) in differs.into_iter().filter(|(_, differs)| *differs) {
            section.error(
                key,
                format!(
                    "`{id}` is declared in {} with another `{key}`, which its rivals share.",
                    known.declared_in
                ),
                Some("Leave it out, or choose another name.".to_owned()),
            );
        }
        // A project may add rival definitions to a metric of the catalogue and choose its default.
        for variant in variants {
            if known.variants.iter().any(|v| v.id == variant.id) {
                section.error(
                    "",
                    format!("`{id}` has a variant `{}` already, in {}.", variant.id, known.declared_in),
                    None,
                );
            } else {
                known.variants.push(variant);
            }
        }
        if section.has("default") {
            (known.default, known.choices) = (default, choices);
        }
        known.params = known.params.overridden_by(&params);
        return;
    }
    if variants.is_empty() {
        return;
    }
    if let Some(about) = about {
        let metric = Metric {
            id: id.to_owned(),
            label,
            about,
            unit,
            direction,
            signal,
            process,
            perspective,
            groups,
            drivers,
            guards,
            params,
            variants,
            default,
            choices,
            guide: None,
            declared_in,
            line,
        };
        catalogue.metrics.insert(id.to_owned(), metric);
    }
}

/// The kind; a metric that is opened again keeps the one it has.
fn read_kind(section: &Section<'_>, before: Option<&str>) -> Option<Kind> {
    let kind = choice(section, "kind", &KINDS);
    if let Some(before) = before {
        let known = KINDS.iter().find(|(word, _)| *word == before).map(|(_, kind)| *kind);
        if kind.is_some() && kind != known {
            section.error(
                "kind",
                format!("the metric is of kind `{before}`, and a rival definition is of the same."),
                Some("Choose another name for a metric of another kind.".to_owned()),
            );
            return None;
        }
        return known;
    }
    if !section.has("kind") {
        let words: Vec<String> = KINDS.iter().map(|(word, _)| format!("`{word}`")).collect();
        section.error(
            "",
            "`kind` is missing.",
            Some(format!("Add `kind = \"ratio\"`; it can be {}.", words.join(", "))),
        );
    }
    kind
}

fn read_count_at(section: &Section<'_>) -> Option<CountAt> {
    let all: Vec<(&str, CountAt)> = CountAt::ALL.into_iter().map(|c| (c.word(), c)).collect();
    choice(section, "count_at", &all)
}

/// The default variant, or the variants that are meant on different days.
fn read_default(section: &Section<'_>, first: String) -> (String, Vec<Choice>) {
    let Some(Value::List(items)) = section.node("default").map(|node| &node.value) else {
        return (section.text("default").unwrap_or(first), Vec::new());
    };
    let mut choices = Vec::new();
    for item in items {
        let Value::Table(entries) = &item.value else {
            section.error(
                "default",
                "this should be a list of tables with `variant`, `from` and `until`.",
                None,
            );
            continue;
        };
        for (key, _) in entries.iter().filter(|(k, _)| !matches!(k.as_str(), "variant" | "from" | "until")) {
            section.error(
                "default",
                format!("nothing is known by the key `{key}` here."),
                Some("A choice has `variant`, `from` and `until`.".to_owned()),
            );
        }
        let text = |key: &str| {
            entries.iter().find(|(k, _)| k == key).and_then(|(_, node)| match &node.value {
                Value::Text(text) | Value::Moment(text) => Some(text.clone()),
                _ => None,
            })
        };
        let day = |key: &str| {
            let text = text(key)?;
            let day = text.parse::<Date>().ok();
            if day.is_none() {
                section.error("default", format!("`{key} = {text}` is no day, such as 2026-07-01."), None);
            }
            day
        };
        let days = Days { from: day("from"), until: day("until") };
        match text("variant") {
            Some(variant) => choices.push(Choice { variant, days }),
            None => section.error("default", "`variant` is missing.", None),
        }
    }
    choices.sort_by_key(|c: &Choice| c.days.from);
    report_gaps(section, &choices);
    let last = choices.last().map_or(first, |c| c.variant.clone());
    (last, choices)
}

/// Every day must have one meaning: no overlap, no gap.
fn report_gaps(section: &Section<'_>, choices: &[Choice]) {
    for pair in choices.windows(2) {
        let [before, after] = pair else { continue };
        if before.days.overlap(&after.days) {
            section.error(
                "default",
                format!(
                    "`{}` ({}) and `{}` ({}) hold on the same days.",
                    before.variant, before.days, after.variant, after.days
                ),
                Some("Let one end (`until`) on the day on which the next begins (`from`).".to_owned()),
            );
        } else if before.days.until != after.days.from {
            section.error(
                "default",
                format!("no variant is meant between `{}` and `{}`.", before.variant, after.variant),
                Some("Let one end (`until`) on the day on which the next begins (`from`).".to_owned()),
            );
        }
    }
    let is_open = choices.first().is_some_and(|c| c.days.from.is_none())
        && choices.last().is_some_and(|c| c.days.until.is_none());
    if !is_open {
        section.error(
            "default",
            "some days have no variant.",
            Some("Leave out `from` of the first and `until` of the last.".to_owned()),
        );
    }
}

pub(super) fn read_params(section: &Section<'_>) -> Params {
    let mut params = BTreeMap::new();
    if let Some(inner) = section.section("params") {
        inner.has_free_keys();
        for name in inner.keys() {
            let value = match inner.node(name).map(|n| &n.value) {
                Some(Value::Integer(number)) => Ok(*number),
                Some(Value::Text(text)) => parse_param(text),
                _ => Err("this should be a whole number or a duration in quotes.".to_owned()),
            };
            match value {
                Ok(value) => {
                    params.insert(name.to_owned(), value);
                }
                Err(message) => inner.error(name, message, None),
            }
        }
    }
    Params(params)
}

fn read_variant(
    name: (&str, &str),
    kind: Kind,
    section: &Section<'_>,
    count_at: Option<CountAt>,
    catalogue: &mut Catalogue,
) -> Option<Variant> {
    let about = section.text("says").unwrap_or_default();
    let source = section.text("source");
    let formula = read_formula(name, kind, section, catalogue)?;
    let is_alone = name.1 == "standard" && !section.path().contains(".variant.");
    let (count_at, params) = match is_alone {
        true => (count_at, Params::default()),
        false => (read_count_at(section).or(count_at), read_params(section)),
    };
    let factors = read_factors(section);
    let example = section.section("example").and_then(|inner| read_example(&inner));
    Some(Variant {
        id: name.1.to_owned(),
        about,
        source,
        formula,
        count_at,
        params,
        factors,
        example,
        line: section.line(),
    })
}

/// Metrics that multiply to the one that is declared.
fn read_factors(section: &Section<'_>) -> Vec<MetricRef> {
    let texts = section.texts("factors");
    if texts.len() == 1 {
        section.error(
            "factors",
            "a product has two factors at least.",
            Some("Name all metrics that multiply to this one.".to_owned()),
        );
    }
    let read = |text: &String| match MetricRef::parse(text) {
        Ok(factor) => Some(factor),
        Err(message) => {
            section.error("factors", message, None);
            None
        }
    };
    texts.iter().filter_map(read).collect()
}
