//! From TOML to a catalogue: measures, bindings, metrics, dimensions.

use std::collections::BTreeMap;

use dialmark_model::declared::{Document, Problems, Section, Value};

use crate::catalogue::{Catalogue, Dimension};
use crate::exact::Exact;
use crate::expr;
use crate::measure::{Aggregate, Binding, Measure, NoMatch, Shape};
use crate::metric::{
    Direction, Example, ExampleRecords, Formula, Metric, Params, Signal, Unit, Variant, parse_param,
};

/// Reads one file into the catalogue. Sections other than measures, metrics, dimensions and bindings are left
/// to their own readers when the file is one of sources; here they are reported as unknown.
pub(crate) fn read(file: &str, text: &str, catalogue: &mut Catalogue, problems: &Problems) {
    let Some(document) = Document::parse(file, text, problems) else { return };
    let root = document.root(problems);
    for (id, section) in root.named_sections("measure") {
        read_measure(&id, &section, catalogue);
    }
    for (table, section) in root.named_sections("bind") {
        read_bindings(&table, &section, catalogue);
    }
    for (id, section) in root.named_sections("dimension") {
        read_dimension(&id, &section, catalogue);
    }
    for (id, section) in root.named_sections("metric") {
        read_metric(&id, &section, catalogue);
    }
    if file.starts_with("sources/") {
        // Bindings may stand beside the source that they read; the rest of such a file has its own reader.
        root.node("source");
        root.node("table");
    }
    root.finish();
}

fn name_is_fine(id: &str, section: &Section<'_>) -> bool {
    let fine =
        !id.is_empty() && id.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_');
    if !fine {
        section.error(
            "",
            format!("`{id}` is not a name."),
            Some("Use lower-case letters, digits and underscores.".to_owned()),
        );
    }
    fine
}

fn read_measure(id: &str, section: &Section<'_>, catalogue: &mut Catalogue) {
    let unit = section.required_text("unit", "what one of it is, such as calls, ms or money");
    let about = section.required_text("about", "one sentence that says what is counted");
    let no_match = choice(section, "no_match", &[("zero", NoMatch::Zero), ("unknown", NoMatch::Unknown)])
        .unwrap_or_default();
    let mut bindings = Vec::new();
    if let Some(on) = section.section("on") {
        for table in on.keys() {
            bindings.extend(read_binding(table, table, &on));
        }
    }
    section.finish();
    if !name_is_fine(id, section) {
        return;
    }
    if let Some(before) = catalogue.measures.get(id) {
        let place = before.bindings.first().map_or("the built-in catalogue", |b| b.declared_in.as_str());
        section.error(
            "",
            format!("the measure `{id}` is declared already, in {place}."),
            Some("Choose another name, or bind the measure to your table with `[bind.TABLE]`.".to_owned()),
        );
        return;
    }
    if let (Some(unit), Some(about)) = (unit, about) {
        catalogue
            .measures
            .insert(id.to_owned(), Measure { id: id.to_owned(), unit, about, no_match, bindings });
    }
}

fn read_bindings(table: &str, section: &Section<'_>, catalogue: &mut Catalogue) {
    for measure in section.keys() {
        let Some(binding) = read_binding(measure, table, section) else { continue };
        let Some(known) = catalogue.measures.get_mut(measure) else {
            let near =
                dialmark_model::declared::nearest(measure, catalogue.measures.keys().map(String::as_str));
            section.error(
                measure,
                format!("there is no measure `{measure}`."),
                Some(near.map_or_else(
                    || format!("Declare it with `[measure.{measure}]`, a unit and a sentence."),
                    |n| format!("Did you mean `{n}`?"),
                )),
            );
            continue;
        };
        if let Some(before) = known.on(table) {
            let place = before.declared_in.clone();
            section.error(measure, format!("`{measure}` is read from `{table}` already, in {place}."), None);
            continue;
        }
        known.bindings.push(binding);
    }
}

/// A binding under `key`: a sentence, or a table with `read` and more.
fn read_binding(key: &str, table: &str, section: &Section<'_>) -> Option<Binding> {
    let node = section.node(key)?;
    let declared_in = section.file().to_owned();
    let table = table.to_owned();
    if let Value::Text(sentence) = &node.value {
        return match Aggregate::parse(sentence) {
            Ok(aggregate) => Some(Binding {
                table,
                at: None,
                matured: None,
                shape: Shape::Records(aggregate),
                declared_in,
            }),
            Err(error) => {
                section.error(key, error.0, None);
                None
            }
        };
    }
    let inner = section.section(key)?;
    let sentence = inner.required_text("read", "what is added up, such as `count where ...`");
    let at = inner.text("at");
    let matured = formula(&inner, "matured");
    let shape = sentence.and_then(|sentence| {
        let aggregate = match Aggregate::parse(&sentence) {
            Ok(aggregate) => aggregate,
            Err(error) => {
                inner.error("read", error.0, None);
                return None;
            }
        };
        if let Some((key, negated)) =
            [("followed", false), ("not_followed", true)].into_iter().find(|(k, _)| inner.has(k))
        {
            return read_followed(&inner, key, negated, aggregate);
        }
        if inner.has("per") {
            return read_grouped(&inner, aggregate);
        }
        Some(Shape::Records(aggregate))
    });
    inner.finish();
    Some(Binding { table, at, matured, shape: shape?, declared_in })
}

fn read_followed(inner: &Section<'_>, key: &str, negated: bool, aggregate: Aggregate) -> Option<Shape> {
    let section = inner.section(key)?;
    let same = section.required_text("same", "the column that names whom both records are about");
    let within = formula(&section, "within");
    if within.is_none() && !section.has("within") {
        section.error(
            "",
            "`within` is missing.",
            Some("Add `within = \"$window\"` or `within = \"duration('7 days')\"`.".to_owned()),
        );
    }
    let follower = formula(&section, "where").unwrap_or(expr::Expr::Bool(true));
    section.finish();
    if !matches!(aggregate.function, crate::measure::Function::Count) {
        inner.error("read", "only records can be followed, so this should read `count where ...`.", None);
        return None;
    }
    let among = aggregate.filter.unwrap_or(expr::Expr::Bool(true));
    Some(Shape::Followed { among, same: same?, within: within?, follower, negated })
}

fn read_grouped(inner: &Section<'_>, outer: Aggregate) -> Option<Shape> {
    let per = inner.texts("per");
    let among = formula(inner, "among");
    let section = inner.section("each");
    let mut each = Vec::new();
    if let Some(section) = &section {
        for name in section.keys() {
            if let Some(sentence) = section.text(name) {
                match Aggregate::parse(&sentence) {
                    Ok(aggregate) => each.push((name.to_owned(), aggregate)),
                    Err(error) => section.error(name, error.0, None),
                }
            }
        }
    }
    Some(Shape::Grouped { per, among, each, outer })
}

/// An expression under a key, if present and readable.
fn formula(section: &Section<'_>, key: &str) -> Option<expr::Expr> {
    let text = section.text(key)?;
    match expr::parse(&text) {
        Ok(expr) => Some(expr),
        Err(error) => {
            section.error(key, error.0, None);
            None
        }
    }
}

fn read_dimension(id: &str, section: &Section<'_>, catalogue: &mut Catalogue) {
    let label = section.text("label").unwrap_or_else(|| sentence_case(id));
    let about = section.required_text("about", "one sentence");
    let expr = formula(section, "expr");
    if !section.has("expr") {
        section.error(
            "",
            "`expr` is missing.",
            Some("Add `expr = \"...\"`, an expression over columns.".to_owned()),
        );
    }
    section.finish();
    if !name_is_fine(id, section) {
        return;
    }
    if let (Some(about), Some(expr)) = (about, expr) {
        let dimension =
            Dimension { id: id.to_owned(), label, about, expr, declared_in: section.file().to_owned() };
        if catalogue.dimensions.insert(id.to_owned(), dimension).is_some() {
            section.error("", format!("the dimension `{id}` is declared already."), None);
        }
    }
}

fn sentence_case(id: &str) -> String {
    let spaced = id.replace('_', " ");
    let mut letters = spaced.chars();
    letters.next().map_or(String::new(), |first| first.to_uppercase().chain(letters).collect())
}

fn choice<T: Copy>(section: &Section<'_>, key: &str, all: &[(&str, T)]) -> Option<T> {
    let word = section.text(key)?;
    let found = all.iter().find(|(w, _)| *w == word).map(|(_, t)| *t);
    if found.is_none() {
        let words: Vec<String> = all.iter().map(|(w, _)| format!("`{w}`")).collect();
        section.error(
            key,
            format!("`{word}` is not known here."),
            Some(format!("Use one of {}.", words.join(", "))),
        );
    }
    found
}

fn read_metric(id: &str, section: &Section<'_>, catalogue: &mut Catalogue) {
    let label = section.text("label").unwrap_or_else(|| sentence_case(id));
    let about = section.required_text("about", "one sentence that says what the figure means");
    let kind = choice(section, "kind", &[("simple", "simple"), ("ratio", "ratio")]);
    if !section.has("kind") {
        section.error(
            "",
            "`kind` is missing.",
            Some("Add `kind = \"simple\"` or `kind = \"ratio\"`.".to_owned()),
        );
    }
    let units: Vec<(&str, Unit)> = Unit::ALL.into_iter().map(|u| (u.word(), u)).collect();
    let unit = choice(section, "unit", &units).unwrap_or(if kind == Some("simple") {
        Unit::Count
    } else {
        Unit::Share
    });
    let directions: Vec<(&str, Direction)> = Direction::ALL.into_iter().map(|d| (d.word(), d)).collect();
    let direction = choice(section, "direction", &directions).unwrap_or(Direction::Neither);
    let signal = choice(section, "signal", &[("leading", Signal::Leading), ("lagging", Signal::Lagging)]);
    let drivers = section.texts("drivers");
    let guards = section.texts("guards");
    let params = read_params(section);
    let mut variants = Vec::new();
    if section.has("variant") {
        for (name, inner) in section.named_sections("variant") {
            variants.extend(kind.and_then(|kind| read_variant(&name, kind, &inner)));
            inner.finish();
        }
    } else if let Some(kind) = kind {
        variants.extend(read_variant("standard", kind, section));
    }
    let default =
        section.text("default").or_else(|| variants.first().map(|v| v.id.clone())).unwrap_or_default();
    section.finish();
    if !name_is_fine(id, section) {
        return;
    }
    let declared_in = section.file().to_owned();
    if let Some(known) = catalogue.metrics.get_mut(id) {
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
            known.default = default;
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
            drivers,
            guards,
            params,
            variants,
            default,
            declared_in,
        };
        catalogue.metrics.insert(id.to_owned(), metric);
    }
}

fn read_params(section: &Section<'_>) -> Params {
    let mut params = BTreeMap::new();
    if let Some(inner) = section.section("params") {
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

fn read_variant(id: &str, kind: &str, section: &Section<'_>) -> Option<Variant> {
    let about = section.text("says").unwrap_or_default();
    let source = section.text("source");
    let formula = match kind {
        "simple" => {
            section.required_text("measure", "the measure").map(|measure| Formula::Simple { measure })
        }
        _ => {
            let numerator = section.required_text("numerator", "the measure that is divided");
            let denominator = section.required_text("denominator", "the measure that it is divided by");
            let times = match section.text("per").as_deref() {
                None => section.integer("times").unwrap_or(1),
                Some("hour") => 3_600_000,
                Some("minute") => 60_000,
                Some("second") => 1_000,
                Some(other) => {
                    section.error(
                        "per",
                        format!("`{other}` is not known here."),
                        Some("Use `hour`, `minute` or `second`.".to_owned()),
                    );
                    1
                }
            };
            numerator.zip(denominator).map(|(numerator, denominator)| Formula::Ratio {
                numerator,
                denominator,
                times,
            })
        }
    }?;
    let example = section.section("example").and_then(|inner| read_example(&inner));
    Some(Variant { id: id.to_owned(), about, source, formula, example })
}

fn read_example(section: &Section<'_>) -> Option<Example> {
    let says = section.required_text("says", "the example in words");
    let by = section.text("by");
    let mut values = Vec::new();
    if let Some(text) = section.decimal("value") {
        values.extend(Exact::parse(&text).map(|v| (None, v)));
    }
    if let Some(inner) = section.section("values") {
        for key in inner.keys() {
            values
                .extend(inner.decimal(key).and_then(|t| Exact::parse(&t)).map(|v| (Some(key.to_owned()), v)));
        }
    }
    if values.is_empty() {
        section.error("", "`value` is missing.", Some("Say what must come out.".to_owned()));
    }
    let mut records = Vec::new();
    if let Some(Value::List(items)) = section.node("records").map(|n| &n.value) {
        for item in items {
            let Value::Table(entries) = &item.value else {
                section.error("records", "this should be a list of tables.", None);
                continue;
            };
            let mut group = ExampleRecords { times: 1, table: "calls".to_owned(), fields: Vec::new() };
            for (key, node) in entries {
                match (key.as_str(), &node.value) {
                    ("times", Value::Integer(number)) => group.times = u32::try_from(*number).unwrap_or(0),
                    ("table", Value::Text(table)) => group.table.clone_from(table),
                    (column, Value::Text(text) | Value::Decimal(text) | Value::Moment(text)) => {
                        group.fields.push((column.to_owned(), text.clone()));
                    }
                    (column, Value::Integer(number)) => {
                        group.fields.push((column.to_owned(), number.to_string()))
                    }
                    (column, Value::Bool(yes)) => group.fields.push((column.to_owned(), yes.to_string())),
                    (column, _) => {
                        section.error("records", format!("`{column}` should be a text or a number."), None)
                    }
                }
            }
            records.push(group);
        }
    }
    section.finish();
    Some(Example { says: says?, records, values, by })
}
