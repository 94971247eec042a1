//! `steps`, `linear` and `cap`: what a figure pays.

use dialmark_metrics::metric::Unit;
use dialmark_metrics::{Exact, Ratio};
use dialmark_model::declared::Section;

use super::measured::one_of_two;
use super::words;
use crate::contract::Measured;
use crate::contract::scale::{Band, Better, Cap, Counts, Ends, Linear, Scale};
use crate::value;

/// Reads `steps` or `linear` of a service level, whose figure is `of`.
pub(super) fn scale(section: &Section<'_>, of: Option<&Measured>, better: Option<Better>) -> Option<Scale> {
    let help = "Write `steps = [{ below = 0.80, pays = -0.05 }]`, or `linear = { target = 0.80, per = 0.01, pays = 0.005, counts = \"full\" }`.";
    let is_one = one_of_two(section, "steps", "linear", help);
    // Without a metric the unit is not known; what is wrong with the values is told once it is.
    let unit = of.map_or(Unit::Share, |of| of.unit);
    let steps = match of {
        Some(_) => words::each(section, "steps", |part| step(part, unit)),
        None => section.node("steps").map(|_| Vec::new()),
    };
    let linear = match of {
        Some(_) => section.section("linear").and_then(|part| linear(&part, unit, better)),
        None => section.node("linear").and(None),
    };
    if !is_one || of.is_none() {
        return None;
    }
    if section.has("linear") {
        return linear.map(Scale::Linear);
    }
    let steps = steps?;
    let bands = bands(section, &steps)?;
    let scale = Scale::Steps(bands);
    let family = match steps.first().map(|step| step.ends) {
        Some(Ends::AboveUpTo) => Better::Less,
        _ => Better::More,
    };
    if !scale.is_monotone(better.unwrap_or(family)) {
        section.warn(
            "steps",
            "a better figure pays less somewhere in these steps.",
            Some("What lies between two steps, and beyond the last, pays nothing. Check `pays` and the limits.".to_owned()),
        );
    }
    Some(scale)
}

/// A step as it is written.
struct Step {
    ends: Ends,
    /// `from` or `above`.
    low: Option<Ratio>,
    /// `below` or `up_to`.
    high: Option<Ratio>,
    pays: Ratio,
}

const STEP_HELP: &str =
    "Write `below` and `from` where more is better, `above` and `up_to` where less is better.";

fn step(section: &Section<'_>, unit: Unit) -> Option<Step> {
    let keys = ["from", "below", "above", "up_to"];
    let [from, below, above, up_to] = keys.map(|key| value::of_unit(section, key, unit));
    let all_read = keys
        .iter()
        .zip([&from, &below, &above, &up_to])
        .all(|(key, read)| words::is_well(section, key, read.as_ref()));
    let pays = pays(section, "-0.05");
    section.finish();
    let more = section.has("from") || section.has("below");
    let less = section.has("above") || section.has("up_to");
    let (ends, low, high) = match (more, less) {
        (true, false) => (Ends::FromBelow, from, below),
        (false, true) => (Ends::AboveUpTo, above, up_to),
        (true, true) => {
            section.error(
                "",
                "this step mixes two ways of saying where it ends.",
                Some(STEP_HELP.to_owned()),
            );
            return None;
        }
        (false, false) => {
            section.error("", "this step does not say for which figures it is.", Some(STEP_HELP.to_owned()));
            return None;
        }
    };
    all_read.then_some(())?;
    Some(Step { ends, low, high, pays: pays? })
}

/// The share of the fee under `pays`, from -1 to 1.
fn pays(section: &Section<'_>, example: &str) -> Option<Ratio> {
    let pays = words::required_number(section, "pays", Unit::Share, example)?;
    let one = Ratio::exact(Exact::integer(1))?;
    words::in_range(
        section,
        "pays",
        pays <= one && pays >= Ratio::ZERO.minus(one)?,
        "this is more than the whole fee.",
        "A share is between -1 and 1: write `-0.05` or `\"-5 %\"`.",
    )
    .then_some(pays)
}

/// Ranges that do not overlap, in ascending order. Where more is better steps are written upwards, so `below` begins
/// where the step before it ends; where less is better they are written downwards, and everything is mirrored.
fn bands(section: &Section<'_>, steps: &[Step]) -> Option<Vec<Band>> {
    let ends = steps.first().map(|step| step.ends);
    let Some(ends) = ends else {
        section.error(
            "steps",
            "there is no step.",
            Some("Write at least one, such as `{ below = 0.80, pays = -0.05 }`.".to_owned()),
        );
        return None;
    };
    if steps.iter().any(|step| step.ends != ends) {
        section.error(
            "steps",
            "these steps mix two ways of saying where they end.",
            Some(STEP_HELP.to_owned()),
        );
        return None;
    }
    let upwards = ends == Ends::FromBelow;
    // The end that is met first when one reads on, and the other one.
    let near = |step: &Step| if upwards { step.low } else { step.high };
    let far = |step: &Step| if upwards { step.high } else { step.low };
    let is_before = |a: Ratio, b: Ratio| if upwards { a < b } else { a > b };
    let mut bands: Vec<Band> = Vec::new();
    // How far the steps read so far reach; `None` for no end.
    let mut reached: Option<Ratio> = None;
    for (at, step) in steps.iter().enumerate() {
        let begins = match near(step) {
            Some(stated) => Some(stated),
            None => reached,
        };
        let is_first = at == 0;
        // A step without an end of its own goes up to the next.
        let stops = far(step).or_else(|| steps.get(at + 1).and_then(near));
        let comes_after = is_first
            || match (reached, begins) {
                (Some(reached), Some(begins)) => !is_before(begins, reached),
                _ => false,
            };
        let has_room = match (begins, stops) {
            (Some(begins), Some(stops)) => is_before(begins, stops),
            _ => true,
        };
        // Only the last may be without an end.
        let ends_somewhere = stops.is_some() || at + 1 == steps.len();
        if !comes_after || !has_room || !ends_somewhere {
            let (number, order) = (at + 1, if upwards { "ascending" } else { "descending" });
            section.error(
                "steps",
                format!("step {number} overlaps another or is out of order."),
                Some(format!(
                    "Write steps in {order} order, so that every figure falls into one of them or none."
                )),
            );
            return None;
        }
        let (low, high) = if upwards { (begins, stops) } else { (stops, begins) };
        bands.push(Band { low, high, ends, pays: step.pays });
        reached = stops;
    }
    if !upwards {
        bands.reverse();
    }
    Some(bands)
}

fn linear(section: &Section<'_>, unit: Unit, better: Option<Better>) -> Option<Linear> {
    let target = words::required_number(section, "target", unit, "0.80");
    let per = words::required_number(section, "per", unit, "0.01");
    let share = pays(section, "0.005");
    let counts = words::required_choice(section, "counts", &Counts::ALL);
    section.finish();
    let is_above_zero = |key: &str, value: Option<Ratio>| {
        value.is_none_or(|value| {
            let help = "The sign follows from the figure: a better one is paid, a worse one deducted.";
            words::in_range(section, key, value > Ratio::ZERO, "this must be above zero.", help)
        })
    };
    let fits = [is_above_zero("per", per), is_above_zero("pays", share)];
    if better.is_none() {
        section.error(
            "",
            "the catalogue does not say which way this metric is better.",
            Some("Add `better = \"more\"` or `better = \"less\"` to the service level.".to_owned()),
        );
    }
    let linear = Linear { target: target?, per: per?, pays: share?, counts: counts?, better: better? };
    fits.into_iter().all(|fits| fits).then_some(linear)
}

/// Reads `cap = { penalty = 0.10, bonus = 0.05 }`; without it nothing is capped.
pub(super) fn cap(section: &Section<'_>) -> Option<Cap> {
    if !section.has("cap") {
        section.section("cap");
        return Some(Cap::default());
    }
    let inner = section.section("cap")?;
    let penalty = value::share(&inner, "penalty");
    let bonus = value::share(&inner, "bonus");
    inner.finish();
    let one = Ratio::exact(Exact::integer(1))?;
    let fits = |key: &str, share: Option<Ratio>| {
        words::is_well(&inner, key, share.as_ref())
            && share.is_none_or(|share| {
                words::in_range(
                    &inner,
                    key,
                    share >= Ratio::ZERO && share <= one,
                    "a cap is a share of the fee, from 0 to 1.",
                    "Write `0.10` or `\"10 %\"`, without a sign.",
                )
            })
    };
    let fit = [fits("penalty", penalty), fits("bonus", bonus)];
    if !inner.has("penalty") && !inner.has("bonus") {
        inner.error(
            "",
            "this cap limits nothing.",
            Some("Write `cap = { penalty = 0.10, bonus = 0.05 }`.".to_owned()),
        );
        return None;
    }
    fit.into_iter().all(|fits| fits).then_some(Cap { penalty, bonus })
}
