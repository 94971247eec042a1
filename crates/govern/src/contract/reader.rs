//! From TOML to a contract. Every problem is reported; a contract that could not be read in full is not returned.

mod definitions;
mod disputes;
mod exclusions;
mod measured;
mod phases;
mod prices;
mod scales;
mod service_levels;
pub(crate) mod tiers;
mod words;

use std::collections::BTreeSet;

use dialmark_metrics::{MetricRef, Ratio};
use dialmark_model::declared::Section;

use super::period::Billing;
use super::phases::Phases;
use super::price::{Clawback, Price};
use super::service_level::ServiceLevel;
use super::{Contract, Known};
use crate::Place;
use words::Names;

/// What the parts of a contract are read with.
struct Terms<'a> {
    known: &'a Known<'a>,
    scope: Place,
    phases: Phases,
    currency: String,
    billing: Option<Billing>,
}

/// Names of the parts of a contract, for what refers to them.
#[derive(Debug, Default)]
struct Parts {
    prices: Names,
    clawbacks: Names,
    service_levels: Names,
    exclusions: Names,
}

/// Reads `[contract.NAME]`. Problems are noted where the section notes them; `None` when a part could not be read. A key
/// that is not known is an error as well, beside the contract without it: nothing may be settled by a project with errors.
pub fn read(section: &Section<'_>, name: &str, known: &Known<'_>) -> Option<Contract> {
    let is_name = words::is_name(section, "", name);
    let label = section.text("label").unwrap_or_else(|| name.to_owned());
    let client = section.required_text("client", "who is served, as in `client_id`");
    let provider = section.text("provider");
    let scope = measured::scope(section, known);
    let currency = currency(section);
    let billing = words::required_choice(section, "period", &Billing::ALL);
    let phases = phases::read(section);
    let cap = scales::cap(section);

    // What could not be read is stood in for, so that the problems of all parts are told at once.
    let terms = Terms {
        known,
        scope: scope.clone().unwrap_or_else(Place::centre),
        phases: phases.unwrap_or_default(),
        currency: currency.clone().unwrap_or_default(),
        billing,
    };
    let mut parts = Parts::default();
    let prices = words::each(section, "price", |part| prices::price(part, &terms, &mut parts.prices));
    let clawbacks =
        words::each(section, "clawback", |part| prices::clawback(part, &terms, &mut parts.clawbacks));
    let levels = words::each(section, "service_level", |part| service_levels::read(part, &terms, &mut parts));
    let exclusions = words::each(section, "exclusion", |part| exclusions::read(part, &mut parts));
    let mut names = Names::default();
    let disputes = words::each(section, "dispute", |part| disputes::read(part, &terms, &parts, &mut names));
    let used = used(prices.as_deref(), clawbacks.as_deref(), levels.as_deref());
    let mut versions = Names::default();
    let definitions = words::each(section, "definition", |part| {
        definitions::read(part, &terms, used.as_ref(), &mut versions)
    });
    section.finish();

    let has_price = has_price(section);
    let weights_fit = levels.as_ref().is_none_or(|levels| weights_fit(section, levels));
    let contract = Contract {
        name: name.to_owned(),
        label,
        client: client?,
        provider,
        scope: scope?,
        currency: currency?,
        billing: billing?,
        phases: phases?,
        cap: cap?,
        prices: prices?,
        clawbacks: clawbacks?,
        service_levels: levels?,
        exclusions: exclusions?,
        disputes: disputes?,
        definitions: definitions?,
        declared_in: section.file().to_owned(),
        line: section.line(),
    };
    (is_name && has_price && weights_fit).then_some(contract)
}

/// The metrics that the parts of a contract are about; `None` when some part could not be read.
fn used(
    prices: Option<&[Price]>,
    clawbacks: Option<&[Clawback]>,
    levels: Option<&[ServiceLevel]>,
) -> Option<BTreeSet<MetricRef>> {
    let of_prices = prices?.iter().filter_map(|price| price.kind.measured());
    let of_clawbacks = clawbacks?.iter().map(|clawback| &clawback.of);
    let of_levels = levels?.iter().map(|level| &level.of);
    Some(of_prices.chain(of_clawbacks).chain(of_levels).map(|of| of.metric.clone()).collect())
}

fn currency(section: &Section<'_>) -> Option<String> {
    let code = section.required_text("currency", "the ISO code of what is paid, such as `EUR`")?;
    let is_code = code.len() == 3 && code.bytes().all(|b| b.is_ascii_uppercase());
    if !is_code {
        section.error(
            "currency",
            format!("`{code}` is no currency."),
            Some("Write the three capital letters of its ISO code, such as `EUR`.".to_owned()),
        );
    }
    is_code.then_some(code)
}

fn has_price(section: &Section<'_>) -> bool {
    let has = section.has("price");
    if !has {
        section.error(
            "",
            "this contract has no price.",
            Some(format!(
                "Add `[[{}.price]]` with a `name` and a `kind` such as `per_seat`.",
                section.path()
            )),
        );
    }
    has
}

/// Either no service level has a weight, or all have one and they add up to 1.
fn weights_fit(section: &Section<'_>, levels: &[ServiceLevel]) -> bool {
    if levels.iter().all(|level| level.weight.is_none()) {
        return true;
    }
    let without: Vec<String> = levels
        .iter()
        .filter(|level| level.weight.is_none())
        .map(|level| format!("`{}`", level.name))
        .collect();
    if !without.is_empty() {
        section.error(
            "service_level",
            format!("some service levels have a weight, and {} has none.", without.join(", ")),
            Some("Give every one a `weight`, so that they add up to 1, or none.".to_owned()),
        );
        return false;
    }
    let sum = levels.iter().filter_map(|level| level.weight).try_fold(Ratio::ZERO, Ratio::plus);
    let fits = sum.is_some_and(|sum| sum.parts() == (1, 1));
    if !fits {
        let sum = sum.map_or_else(|| "more than can be counted".to_owned(), |sum| sum.to_string());
        section.error(
            "service_level",
            format!("the weights of the service levels add up to {sum}, not to 1."),
            Some("Change them so that they add up to exactly 1.".to_owned()),
        );
    }
    fits
}
