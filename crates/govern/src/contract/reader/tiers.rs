//! Rates: one for every unit, or tiers.

use dialmark_metrics::metric::Unit;
use dialmark_metrics::{Exact, Ratio};
use dialmark_model::declared::Section;

use super::measured::one_of_two;
use super::words;
use crate::contract::price::{Rate, Tier, TiersApply};

/// Reads `rate`, or `tiers` and `tiers_apply`. `unit` is what a rate is: money, or a share of money.
pub(crate) fn rate(section: &Section<'_>, unit: Unit, counted: bool) -> Option<Rate> {
    let apply = words::choice(section, "tiers_apply", &TiersApply::ALL);
    let apply_read = words::is_well(section, "tiers_apply", apply.as_ref());
    let help = match unit {
        Unit::Share => {
            "Write `rate = 0.18`, or `tiers = [{ from = 0, rate = 0.18 }, { from = 100000, rate = 0.15 }]`."
        }
        _ => {
            "Write `rate = 12.00`, or `tiers = [{ from = 0, rate = 12.00 }, { from = 1001, rate = 10.50 }]`."
        }
    };
    let is_one = one_of_two(section, "rate", "tiers", help);
    let flat = match section.has("rate") {
        true => one_rate(section, unit),
        false => None,
    };
    let tiers = words::each(section, "tiers", |part| tier(part, unit))?;
    if !is_one || !apply_read {
        return None;
    }
    if !section.has("tiers") {
        if section.has("tiers_apply") {
            section.error(
                "tiers_apply",
                "there are no tiers.",
                Some("Leave it out, or write `tiers`.".to_owned()),
            );
            return None;
        }
        return flat.map(Rate::Flat);
    }
    in_order(section, &tiers, counted).then(|| Rate::Tiers {
        tiers,
        apply: apply.unwrap_or(TiersApply::Graduated),
        counted,
    })
}

/// A rate under `rate`, not below zero; a share of money at most the whole.
pub(super) fn one_rate(section: &Section<'_>, unit: Unit) -> Option<Ratio> {
    let example = if unit == Unit::Share { "0.18" } else { "12.00" };
    let rate = words::required_number(section, "rate", unit, example)?;
    if unit == Unit::Share && rate > Ratio::exact(Exact::integer(1))? {
        section.error(
            "rate",
            "this is more than the whole.",
            Some("A share is between 0 and 1: write `0.18` or `\"18 %\"`.".to_owned()),
        );
        return None;
    }
    words::in_range(
        section,
        "rate",
        rate >= Ratio::ZERO,
        "a price is not below zero.",
        "What is taken off is a penalty (`service_level`) or a `clawback`.",
    )
    .then_some(rate)
}

fn tier(section: &Section<'_>, unit: Unit) -> Option<Tier> {
    let from = words::required_number(section, "from", Unit::Count, "0");
    let rate = one_rate(section, unit);
    section.finish();
    Some(Tier { from: from?, rate: rate? })
}

/// Whether tiers begin at 0 and ascend, by whole numbers where units are counted.
fn in_order(section: &Section<'_>, tiers: &[Tier], counted: bool) -> bool {
    if tiers.first().is_none_or(|tier| !tier.from.is_zero()) {
        section.error(
            "tiers",
            "the first tier does not begin at 0.",
            Some("Write `{ from = 0, rate = ... }` first.".to_owned()),
        );
        return false;
    }
    for pair in tiers.windows(2) {
        let [before, after] = pair else { continue };
        if after.from <= before.from {
            section.error(
                "tiers",
                format!("the tier from {} comes after the tier from {}.", after.from, before.from),
                Some("Write tiers in ascending order, each once.".to_owned()),
            );
            return false;
        }
    }
    // The unit that a tier begins with has a number: 1 or more, and whole.
    let odd =
        tiers.iter().skip(1).find(|tier| counted && (tier.from.parts().1 != 1 || tier.from.parts().0 < 2));
    if let Some(tier) = odd {
        section.error(
            "tiers",
            format!(
                "units are counted one by one, and there is none with the number {} after the first.",
                tier.from
            ),
            Some("Write the number of the first unit of the tier, such as `from = 1001`.".to_owned()),
        );
    }
    odd.is_none()
}
