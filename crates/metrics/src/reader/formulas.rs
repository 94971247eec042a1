//! The formula of a variant, by the kind of its metric.

use std::collections::BTreeMap;

use dialmark_model::civil::Grain;
use dialmark_model::declared::Section;

use super::{choice, formula, window};
use crate::arithmetic;
use crate::catalogue::Catalogue;
use crate::exact::Exact;
use crate::expr::Expr;
use crate::measure::{Binding, Followed, FollowedValue, Hit, Matured, Measure, NoMatch, Shape};
use crate::metric::{Formula, Method, MetricRef, Statistic, Window};

/// Kinds of metrics, as the catalogue names them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Simple,
    Ratio,
    Derived,
    Cumulative,
    Conversion,
    Distribution,
}

pub(super) const KINDS: [(&str, Kind); 6] = [
    ("simple", Kind::Simple),
    ("ratio", Kind::Ratio),
    ("derived", Kind::Derived),
    ("cumulative", Kind::Cumulative),
    ("conversion", Kind::Conversion),
    ("distribution", Kind::Distribution),
];

pub(super) fn read_formula(
    name: (&str, &str),
    kind: Kind,
    section: &Section<'_>,
    catalogue: &mut Catalogue,
) -> Option<Formula> {
    match kind {
        Kind::Simple => {
            section.required_text("measure", "the measure").map(|measure| Formula::Simple { measure })
        }
        Kind::Ratio => read_ratio(section),
        Kind::Derived => read_derived(section),
        Kind::Cumulative => read_cumulative(section),
        Kind::Conversion => read_conversion(name, section, catalogue),
        Kind::Distribution => read_distribution(section),
    }
}

fn read_ratio(section: &Section<'_>) -> Option<Formula> {
    let numerator = section.required_text("numerator", "the measure that is divided");
    let denominator = section.required_text("denominator", "the measure that it is divided by");
    let units = [("day", 86_400_000), ("hour", 3_600_000), ("minute", 60_000), ("second", 1_000)];
    let times = match choice(section, "per", &units) {
        Some(times) => times,
        None => section.integer("times").unwrap_or(1),
    };
    if times < 1 {
        section.error("times", "this should be a whole number above zero.", None);
    }
    Some(Formula::Ratio { numerator: numerator?, denominator: denominator?, times })
}

fn metric_ref(section: &Section<'_>, key: &str, text: &str) -> Option<MetricRef> {
    match MetricRef::parse(text) {
        Ok(metric) => Some(metric),
        Err(message) => {
            section.error(key, message, None);
            None
        }
    }
}

fn read_derived(section: &Section<'_>) -> Option<Formula> {
    let text = section.required_text("formula", "a formula over metrics, such as `a - b`");
    let mut uses = BTreeMap::new();
    if let Some(inner) = section.section("uses") {
        inner.has_free_keys();
        for name in inner.keys() {
            if let Some(metric) = inner.text(name).and_then(|text| metric_ref(&inner, name, &text)) {
                uses.insert(name.to_owned(), metric);
            }
        }
    }
    match arithmetic::parse(&text?, &uses) {
        Ok(arithmetic) => Some(Formula::Derived(arithmetic)),
        Err(error) => {
            section.error("formula", error.0, None);
            None
        }
    }
}

fn read_cumulative(section: &Section<'_>) -> Option<Formula> {
    let of = section.required_text("of", "the metric that is added up over the window");
    let of = of.and_then(|text| metric_ref(section, "of", &text));
    let rolling = section.text("rolling").and_then(|text| match whole_days(&text) {
        Some(days) => Some(Window::Rolling(days)),
        None => {
            section.error(
                "rolling",
                format!("`{text}` is no number of days."),
                Some("Write `rolling = \"30 days\"`.".to_owned()),
            );
            None
        }
    });
    let grains =
        [Grain::Week, Grain::Month, Grain::Quarter, Grain::Year, Grain::FiscalQuarter, Grain::FiscalYear];
    let grains: Vec<(&str, Window)> = grains.iter().map(|g| (g.word(), Window::ToDate(*g))).collect();
    let to_date = choice(section, "to_date", &grains);
    if section.has("rolling") == section.has("to_date") {
        section.error(
            "",
            "a cumulative metric has one window.",
            Some("Add `rolling = \"30 days\"` or `to_date = \"month\"`.".to_owned()),
        );
        return None;
    }
    Some(Formula::Cumulative { of: of?, window: rolling.or(to_date)? })
}

fn whole_days(text: &str) -> Option<u32> {
    let ms = dialmark_model::duration_text::parse_ms(text).ok()?;
    let ms = i64::try_from(ms).ok()?;
    (ms > 0 && ms % 86_400_000 == 0).then(|| u32::try_from(ms / 86_400_000).ok()).flatten()
}

fn read_distribution(section: &Section<'_>) -> Option<Formula> {
    let measure = section.required_text("measure", "a measure of values");
    let words = [("median", Read::Median), ("percentile", Read::Percentile), ("deviation", Read::Deviation)];
    let read = choice(section, "statistic", &words).unwrap_or_else(|| {
        if !section.has("statistic") {
            section.error(
                "",
                "`statistic` is missing.",
                Some("Add `statistic = \"median\"`, `\"percentile\"` or `\"deviation\"`.".to_owned()),
            );
        }
        Read::Median
    });
    let width = section.node("width").and_then(|node| read_width(section, &node.value));
    if read == Read::Deviation {
        return Some(Formula::Distribution { measure: measure?, statistic: Statistic::Deviation, width });
    }
    let is_median = read == Read::Median;
    let method = choice(section, "method", &Method::ALL);
    // The median of an even number of values is the mean of the middle two, as everybody learns it.
    let method = method.unwrap_or(if is_median { Method::Linear } else { Method::NearestRank });
    let share = match is_median {
        true => Exact::new(5, 1),
        false => {
            let text = section.decimal("percentile");
            if text.is_none() && !section.has("percentile") {
                section.error("", "`percentile` is missing.", Some("Add `percentile = 0.9`.".to_owned()));
            }
            let share = Exact::parse(&text?);
            let is_share = share.is_some_and(|s| s >= Exact::ZERO && s <= Exact::integer(1));
            if !is_share {
                section.error("percentile", "this should be a share from 0 to 1.", None);
            }
            share.filter(|_| is_share)
        }
    };
    let statistic = Statistic::Percentile { share: share?, method };
    Some(Formula::Distribution { measure: measure?, statistic, width })
}

/// What is read off a distribution.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Read {
    Median,
    Percentile,
    Deviation,
}

fn read_width(section: &Section<'_>, value: &dialmark_model::declared::Value) -> Option<Exact> {
    use dialmark_model::declared::Value;
    let width = match value {
        Value::Integer(number) => Some(Exact::integer(i128::from(*number))),
        Value::Decimal(text) => Exact::parse(text),
        Value::Text(text) => {
            dialmark_model::duration_text::parse_ms(text).ok().map(|ms| Exact::integer(i128::from(ms)))
        }
        _ => None,
    };
    let width = width.filter(|w| *w > Exact::ZERO);
    if width.is_none() {
        section.error("width", "this should be a number above zero or a duration such as \"30 s\".", None);
    }
    width
}

/// One side of a conversion.
struct Event {
    table: String,
    condition: Expr,
    at: Option<String>,
    entity: Option<String>,
}

fn read_event(section: &Section<'_>, key: &str) -> Option<Event> {
    if !section.has(key) {
        section.error(
            "",
            format!("`{key}` is missing."),
            Some(format!("Add `{key} = {{ table = \"...\", where = \"...\" }}`.")),
        );
    }
    let inner = section.section(key)?;
    let table = inner.required_text("table", "the table of the events");
    let condition = formula(&inner, "where");
    let is_broken = inner.has("where") && condition.is_none();
    let (at, entity) = (inner.text("at"), inner.text("entity"));
    inner.finish();
    let condition = condition.unwrap_or(Expr::Bool(true));
    table.filter(|_| !is_broken).map(|table| Event { table, condition, at, entity })
}

/// A conversion is three measures over its base events: converted ones and all whose window has passed, and those
/// whose window has not.
fn read_conversion(
    (metric, variant): (&str, &str),
    section: &Section<'_>,
    catalogue: &mut Catalogue,
) -> Option<Formula> {
    let entity = section.required_text("entity", "the column that names whom both events are about");
    let within = window(section, "within");
    if !section.has("within") {
        section.error(
            "",
            "`within` is missing: without a window nothing could ever be called a failure.",
            Some("Add `within = \"$window\"` or `within = \"duration('30 days')\"`.".to_owned()),
        );
    }
    let each = choice(section, "each", &[("entity", true), ("event", false)]).unwrap_or(true);
    let (base, converted) = (read_event(section, "base"), read_event(section, "converted"));
    let (entity, within, base, converted) = (entity?, within?, base?, converted?);
    let followed = |hit: Hit| Followed {
        among: base.condition.clone(),
        same: base.entity.clone().unwrap_or_else(|| entity.clone()),
        first: each.then(|| base.condition.clone()),
        value: FollowedValue::Count,
        hit,
        follower_table: (converted.table != base.table).then(|| converted.table.clone()),
        follower_same: converted.entity.clone().unwrap_or_else(|| entity.clone()),
        follower_at: converted.at.clone(),
        follower: converted.condition.clone(),
        within: Some(within.clone()),
        // What happens at the instant of the base event, on another record, is a conversion.
        or_at_once: true,
        next: false,
        then: None,
        level: None,
    };
    let mut note = |part: &str, about: &str, hit: Hit, has_passed: bool| {
        let id = format!("{metric}.{variant}.{part}");
        let binding = Binding {
            table: base.table.clone(),
            at: base.at.clone(),
            matured: Some(Matured { window: within.clone(), has_passed }),
            split: None,
            share: None,
            covered: None,
            shape: Shape::Followed(Box::new(followed(hit))),
            declared_in: section.file().to_owned(),
            line: section.line(),
        };
        let measure = Measure {
            id: id.clone(),
            unit: if each { entity.trim_end_matches("_id").to_owned() + "s" } else { base.table.clone() },
            about: about.to_owned(),
            no_match: NoMatch::Zero,
            bindings: vec![binding],
            declared_in: section.file().to_owned(),
            line: section.line(),
        };
        catalogue.measures.insert(id.clone(), measure);
        id
    };
    Some(Formula::Conversion {
        base: note("base", "Base events whose window has passed.", Hit::Any, true),
        converted: note("converted", "Those among them that were converted in time.", Hit::Followed, true),
        pending: note("pending", "Base events whose window has not passed.", Hit::Any, false),
    })
}
