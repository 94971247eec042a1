//! Reading `[kpi.NAME]`.

use dialmark_metrics::metric::{Perspective, Process, Signal, Unit};
use dialmark_metrics::{Catalogue, MetricRef};
use dialmark_model::declared::{Section, nearest};
use dialmark_model::validity::Days;

use super::{Evidence, Kpi, Level, Rhythm};
use crate::lint;
use crate::person::People;
use crate::place::Place;
use crate::target;
use crate::target::About;
use crate::window::Window;

/// What is needed to judge a declaration.
pub(crate) struct Reading<'a> {
    pub(crate) catalogue: &'a Catalogue,
    pub(crate) people: &'a People,
    pub(crate) is_dimension: &'a dyn Fn(&str) -> bool,
}

/// The KPI of one section; its mistakes are reported.
pub(crate) fn read(name: &str, section: &Section<'_>, reading: &Reading<'_>) -> Option<Kpi> {
    let wanted = metric(section, "metric", reading.catalogue);
    let resolved = wanted.as_ref().and_then(|wanted| reading.catalogue.resolve(wanted).ok());
    let (unit, direction) =
        resolved.as_ref().map_or((Unit::Count, dialmark_metrics::Direction::Neither), |found| {
            (found.metric.unit, found.metric.direction)
        });
    let label = section.text("label");
    let place = match section.section("place") {
        Some(inner) => Place::read(&inner, reading.is_dimension),
        None => Some(Place::centre()),
    };
    let owner = reading.people.owner(section, "KPI", true);
    let window = window(section);
    let level = choice(section, "level", &Level::ALL).unwrap_or(Level::Operational);
    let review = choice(section, "review", &Rhythm::ALL).unwrap_or(level.review());
    let perspective = choice(section, "perspective", &Perspective::ALL);
    let signal = choice(section, "signal", &[("leading", Signal::Leading), ("lagging", Signal::Lagging)]);
    let process = choice(section, "process", &Process::ALL);
    let evidence = choice(section, "evidence", &Evidence::ALL);
    let own_guards = section.has("guards").then(|| guards(section, reading.catalogue));
    if own_guards.is_none() {
        section.texts("guards");
    }
    let about = About { unit, direction, is_dimension: reading.is_dimension };
    let has_target = section.has("target");
    let targets = target::targets(section, "target", about);
    if !has_target {
        section.breaks(
            lint::NO_TARGET.id(),
            "",
            "the KPI has no target, so it judges nothing.",
            Some("Add `target = { at_least = ..., tolerance = ... }`.".to_owned()),
        );
    }
    let days = Days { from: section.day("from"), until: section.day("until") };
    if days.is_empty() {
        let help = "Let `until` be later than `from`.".to_owned();
        section.error("until", "the KPI holds on no day.", Some(help));
    }
    let reviewed_on = section.day("reviewed_on");
    let defined_as = section.text("defined_as");
    section.finish();
    let found = resolved?;
    let metric = found.metric;
    Some(Kpi {
        name: name.to_owned(),
        label: label.unwrap_or_else(|| metric.label.clone()),
        unit,
        direction,
        place: place?,
        owner: owner?,
        window: window?,
        review,
        level,
        perspective: perspective.or(metric.perspective),
        signal: signal.or(metric.signal),
        process: process.or(metric.process),
        guards: own_guards.unwrap_or_else(|| metric.guards.iter().map(|id| MetricRef::new(id)).collect()),
        targets: (!targets.is_empty()).then_some(targets)?,
        days,
        // A share or a mean stands for how the work is done; a number of things is that number.
        evidence: evidence.unwrap_or(match unit {
            Unit::Count => Evidence::Counted,
            _ => Evidence::Estimated,
        }),
        reviewed_on,
        defined_as,
        declared_in: section.file().to_owned(),
        line: section.line(),
        metric: wanted?,
    })
}

/// The metric under `key`; what the catalogue does not know is reported.
pub(crate) fn metric(section: &Section<'_>, key: &str, catalogue: &Catalogue) -> Option<MetricRef> {
    let text = section.required_text(key, "a metric such as `conversion_rate/success_per_contact`")?;
    known(section, key, &text, catalogue)
}

fn known(section: &Section<'_>, key: &str, text: &str, catalogue: &Catalogue) -> Option<MetricRef> {
    let read = MetricRef::parse(text).and_then(|wanted| catalogue.resolve(&wanted).map(|_| wanted));
    match read {
        Ok(wanted) => Some(wanted),
        Err(sentence) => {
            section.error(key, lower_first(&sentence), None);
            None
        }
    }
}

/// Problems go on after a colon.
fn lower_first(sentence: &str) -> String {
    let mut letters = sentence.chars();
    match letters.next() {
        Some(first) => first.to_lowercase().chain(letters).collect(),
        None => String::new(),
    }
}

fn guards(section: &Section<'_>, catalogue: &Catalogue) -> Vec<MetricRef> {
    let texts = section.texts("guards");
    texts.iter().filter_map(|text| known(section, "guards", text, catalogue)).collect()
}

fn window(section: &Section<'_>) -> Option<Window> {
    let help = "Write `window = \"month\"`; also day, week, quarter, year, fiscal_quarter, fiscal_year or a number of days such as `28 days`.";
    section.one_of("window", Window::WORDS);
    if !section.has("window") {
        section.breaks(lint::NO_WINDOW.id(), "", "the KPI has no time window.", Some(help.to_owned()));
        return None;
    }
    let text = section.text("window")?;
    let window = Window::parse(&text);
    if window.is_none() {
        section.error("window", format!("`{text}` is no time window."), Some(help.to_owned()));
    }
    window
}

/// One of several words, if the key is present; another word is reported.
pub(crate) fn choice<T: Copy>(section: &Section<'_>, key: &str, words: &[(&'static str, T)]) -> Option<T> {
    section.one_of(key, words.iter().map(|(word, _)| *word));
    let text = section.text(key)?;
    let found = words.iter().find(|(word, _)| *word == text).map(|(_, value)| *value);
    if found.is_none() {
        let help = match nearest(&text, words.iter().map(|(word, _)| *word)) {
            Some(near) => format!("Did you mean `{near}`?"),
            None => {
                let known: Vec<String> = words.iter().map(|(word, _)| format!("`{word}`")).collect();
                format!("It can be {}.", known.join(", "))
            }
        };
        section.error(key, format!("`{text}` is not known here."), Some(help));
    }
    found
}
