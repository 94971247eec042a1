//! One record: `[benchmark.NAME]`.

use dialmark_metrics::metric::Unit;
use dialmark_metrics::{Catalogue, MetricRef, Ratio};
use dialmark_model::declared::{Section, Value};

use super::asked::times;
use super::vocabulary::{Tree, Vocabulary};
use super::{Benchmark, Confidence, Kind, Stated};
use crate::reading::{choice, required_choice};
use crate::value;

/// Reads one record; what is wrong with it is reported, all at once, and then there is none.
pub fn read(
    section: &Section<'_>,
    name: &str,
    catalogue: &Catalogue,
    vocabulary: &Vocabulary,
) -> Option<Benchmark> {
    let label = section.required_text("label", "what the figure is called");
    let metric = read_metric(section, catalogue);
    let own_unit = metric.as_ref().map(|found| found.unit);
    let unit = read_unit(section, own_unit);
    let value = match unit {
        Some((unit, _)) => read_value(section, unit),
        // Without a unit nothing can be said of the value.
        None => {
            section.node("value");
            None
        }
    };
    let kind = required_choice(section, "type", &Kind::ALL);
    let confidence = choice(section, "confidence", &Confidence::ALL).unwrap_or_default();
    let source = section.required_text("source", "where the figure was read, so that it can be looked up");
    let benchmark = Benchmark {
        name: name.to_owned(),
        label: label.clone().unwrap_or_default(),
        metric: metric.as_ref().map_or_else(|| MetricRef::new(name), |found| found.wanted.clone()),
        metric_label: metric.as_ref().map(|found| found.label.clone()).unwrap_or_default(),
        times: metric.as_ref().map_or(1, |found| found.times),
        value,
        unit: unit.as_ref().map_or(Unit::Count, |(unit, _)| *unit),
        currency: unit.as_ref().and_then(|(_, currency)| currency.clone()),
        kind: kind.unwrap_or(Kind::Typical),
        company_size: section.text("company_size"),
        period: section.text("period"),
        population: section.text("population"),
        industry: vocabulary.of_tree(section, Tree::Industry),
        geography: section.text("geography"),
        sample: section.text("sample"),
        source: source.clone().unwrap_or_default(),
        excerpt: section.text("excerpt"),
        comments: section.text("comments"),
        outcome: vocabulary.counted(section, "outcome", catalogue),
        denominator: vocabulary.counted(section, "denominator", catalogue),
        motion: vocabulary.of_tree(section, Tree::Motion),
        confidence,
        declared_in: section.file().to_owned(),
        line: section.line(),
    };
    section.finish();
    // A field that could not be read was reported above; a record with a hole in its place would be compared as if the
    // source had said nothing.
    let read = |key: &str, is_there: bool| is_there || !section.has(key);
    let whole = read("value", benchmark.value.is_some())
        && read("industry", benchmark.industry.is_some())
        && read("motion", benchmark.motion.is_some())
        && read("outcome", benchmark.outcome.is_some())
        && read("denominator", benchmark.denominator.is_some());
    let required =
        label.is_some() && metric.is_some() && unit.is_some() && kind.is_some() && source.is_some();
    (whole && required).then_some(benchmark)
}

/// What a record is a figure of.
struct Found {
    wanted: MetricRef,
    label: String,
    unit: Unit,
    times: i64,
}

fn read_metric(section: &Section<'_>, catalogue: &Catalogue) -> Option<Found> {
    let text = section.required_text("metric", "what the figure is of, such as `aht/handle`")?;
    let found = MetricRef::parse(&text).and_then(|wanted| {
        let resolved = catalogue.resolve(&wanted)?;
        let (label, unit) = (resolved.metric.label.clone(), resolved.metric.unit);
        Ok(Found { times: times(&resolved.variant.formula), wanted, label, unit })
    });
    match found {
        Ok(found) => Some(found),
        Err(sentence) => {
            section.error("metric", sentence, None);
            None
        }
    }
}

/// The unit that the source states it in, and the currency of money; the metric's own unless it says otherwise.
fn read_unit(section: &Section<'_>, own: Option<Unit>) -> Option<(Unit, Option<String>)> {
    let written = section.text("unit");
    let is_currency = |code: &str| code.len() == 3 && code.bytes().all(|letter| letter.is_ascii_uppercase());
    match (written, own?) {
        (Some(code), Unit::Money) if is_currency(&code) => Some((Unit::Money, Some(code))),
        (_, Unit::Money) => {
            section.error(
                if section.has("unit") { "unit" } else { "" },
                "money needs its currency.",
                Some("Add `unit = \"EUR\"`, or another code of ISO 4217.".to_owned()),
            );
            None
        }
        (None, own) => Some((own, None)),
        (Some(_), _) => {
            let units: Vec<(&'static str, Unit)> = Unit::ALL
                .into_iter()
                .filter(|unit| *unit != Unit::Money)
                .map(|unit| (unit.word(), unit))
                .collect();
            choice(section, "unit", &units).map(|unit| (unit, None))
        }
    }
}

/// One end of a figure.
type Form = fn(Ratio) -> Stated;

/// One value, or a table: `{ from, to }`, `{ at_least }`, `{ at_most }`, `{ above }`, `{ below }`.
fn read_value(section: &Section<'_>, unit: Unit) -> Option<Stated> {
    let node = section.node("value")?;
    let Value::Table(_) = &node.value else {
        return value::of_unit(section, "value", unit).map(Stated::Exactly);
    };
    let table = section.section("value")?;
    let edge = |key: &str| if table.has(key) { value::of_unit(&table, key, unit) } else { None };
    let edges: [(&str, Form); 4] = [
        ("at_least", Stated::AtLeast),
        ("at_most", Stated::AtMost),
        ("above", Stated::Above),
        ("below", Stated::Below),
    ];
    let found = edges.map(|(key, stated)| (table.has(key), edge(key).map(stated)));
    let (from, to) = (edge("from"), edge("to"));
    table.finish();
    let is_range = table.has("from") || table.has("to");
    let forms = found.iter().filter(|(has, _)| *has).count() + usize::from(is_range);
    if forms != 1 || (is_range && !(table.has("from") && table.has("to"))) {
        section.error(
            "value",
            "this is not one figure.",
            Some("Write a value, `{ from = ..., to = ... }`, or one of `{ at_least = ... }`, `{ at_most = ... }`, `{ above = ... }`, `{ below = ... }`.".to_owned()),
        );
        return None;
    }
    if !is_range {
        return found.into_iter().find_map(|(_, stated)| stated);
    }
    let (from, to) = (from?, to?);
    if from >= to {
        section.error(
            "value",
            "the range ends before it begins.",
            Some("Let `from` be less than `to`.".to_owned()),
        );
        return None;
    }
    Some(Stated::Between(from, to))
}
