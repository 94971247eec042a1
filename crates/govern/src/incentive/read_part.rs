//! Reading `[[incentive.NAME.part]]`.

use dialmark_metrics::metric::Unit;
use dialmark_metrics::{Catalogue, Direction, Exact, MetricRef, Ratio};
use dialmark_model::declared::Section;

use super::plan::{Gate, Part, Pay, Shared, Without};
use super::read::or_default;
use super::steps::{self, Step, Steps};
use crate::contract::reader::tiers;
use crate::contract::{Rate, TiersApply};
use crate::reading::{self, required_amount, required_choice};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    PerUnit,
    ShareOf,
    Bonus,
    Team,
}

const KINDS: [(&str, Kind); 4] =
    [("per_unit", Kind::PerUnit), ("share_of", Kind::ShareOf), ("bonus", Kind::Bonus), ("team", Kind::Team)];

/// A metric with what is needed to read levels of it.
struct Measured {
    metric: MetricRef,
    unit: Unit,
    direction: Direction,
}

/// Reads one part; `names` are those of the parts before it.
pub(super) fn read(section: &Section<'_>, names: &mut Vec<String>, catalogue: &Catalogue) -> Option<Part> {
    let name = reading::part_name(section, "part", names);
    let label = reading::label(section, name.as_deref().unwrap_or_default());
    let kind = required_choice(section, "kind", &KINDS);
    let measured = measured(section, catalogue);
    // Keys of a kind that is not known are not called unknown on top.
    let pay = match (kind, measured) {
        (Some(kind), Some(measured)) => pay(section, kind, measured),
        _ => {
            for key in ["rate", "tiers", "tiers_apply", "steps", "shared_by"] {
                section.node(key);
            }
            None
        }
    };
    let gates = gates(section, catalogue);
    section.finish();
    Some(Part { name: name?, label, pay: pay?, gates: gates? })
}

fn measured(section: &Section<'_>, catalogue: &Catalogue) -> Option<Measured> {
    let (metric, unit) = reading::metric(section, "metric", catalogue)?;
    let direction =
        catalogue.resolve(&metric).map_or(Direction::Neither, |resolved| resolved.metric.direction);
    Some(Measured { metric, unit, direction })
}

fn pay(section: &Section<'_>, kind: Kind, measured: Measured) -> Option<Pay> {
    let Measured { metric, unit, direction } = measured;
    let pays = |step: &Section<'_>| required_amount(step, "pays", "the amount that it pays");
    match kind {
        Kind::PerUnit => {
            let fits = fits(section, &metric, unit, Unit::Count, "a count, such as `verified_sales`");
            let rate = rate(section, Unit::Money, true);
            fits.then_some(Pay::PerUnit { metric, rate: rate? })
        }
        Kind::ShareOf => {
            let fits = fits(section, &metric, unit, Unit::Money, "a sum of money, such as `sales_revenue`");
            let rate = rate(section, Unit::Share, false);
            fits.then_some(Pay::ShareOf { metric, rate: rate? })
        }
        Kind::Bonus => {
            Some(Pay::Bonus { metric, unit, steps: Steps::read(section, unit, direction, &pays)? })
        }
        Kind::Team => {
            let steps = Steps::read(section, unit, direction, &pays);
            let shared = required_choice(section, "shared_by", &Shared::ALL);
            Some(Pay::Team { metric, unit, steps: steps?, shared: shared? })
        }
    }
}

fn fits(section: &Section<'_>, metric: &MetricRef, unit: Unit, wanted: Unit, what: &str) -> bool {
    if unit != wanted {
        section.error(
            "metric",
            format!("`{metric}` is not {}.", if wanted == Unit::Count { "counted" } else { "money" }),
            Some(format!("Name {what}, or use another `kind`.")),
        );
    }
    unit == wanted
}

/// A rate or tiers; tiers for all units that fall are noticed, for then one sale more can pay less.
fn rate(section: &Section<'_>, unit: Unit, counted: bool) -> Option<Rate> {
    let rate = tiers::rate(section, unit, counted)?;
    if let Rate::Tiers { tiers, apply: TiersApply::All, .. } = &rate
        && tiers.iter().zip(tiers.iter().skip(1)).any(|(before, after)| after.rate < before.rate)
    {
        section.warn(
            "tiers",
            "a later tier pays less for all units, so that more can pay less.",
            Some("Let rates rise, or write `tiers_apply = \"graduated\"`.".to_owned()),
        );
    }
    Some(rate)
}

/// Gates under `only_if` (all or nothing) and `times` (a factor by steps); `None` when one is wrong.
fn gates(section: &Section<'_>, catalogue: &Catalogue) -> Option<Vec<Gate>> {
    let mut gates = Vec::new();
    let had_only_if = section.has("only_if");
    if let Some(inner) = section.section("only_if") {
        let one = || Ratio::exact(Exact::integer(1));
        gates.push(gate(&inner, catalogue, &|inner, unit, direction| {
            let (way, level) = steps::level(inner, unit, direction)?;
            Some(Steps { way, steps: vec![Step { level, brings: one()? }] })
        }));
    }
    let had_times = section.has("times");
    if let Some(inner) = section.section("times") {
        let factor = |step: &Section<'_>| required_amount(step, "times", "the factor, such as `0.5`");
        gates.push(gate(&inner, catalogue, &|inner, unit, direction| {
            Steps::read(inner, unit, direction, &factor)
        }));
    }
    let expected = usize::from(had_only_if) + usize::from(had_times);
    if gates.len() != expected {
        return None;
    }
    gates.into_iter().collect()
}

fn gate(
    section: &Section<'_>,
    catalogue: &Catalogue,
    factors: &dyn Fn(&Section<'_>, Unit, Direction) -> Option<Steps>,
) -> Option<Gate> {
    let measured = measured(section, catalogue);
    let factors = match &measured {
        Some(measured) => factors(section, measured.unit, measured.direction),
        None => {
            for key in ["at_least", "at_most", "steps"] {
                section.node(key);
            }
            None
        }
    };
    let had_least = section.has("least_n");
    let least_n = reading::whole(section, "least_n", 1);
    let without = or_default(section, "without", &Without::ALL, Without::Waits);
    section.finish();
    let Measured { metric, unit, .. } = measured?;
    let least_n = if had_least { u64::from(least_n?) } else { 1 };
    Some(Gate { metric, unit, factors: factors?, least_n, without: without? })
}
