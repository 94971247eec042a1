//! `[[contract.NAME.service_level]]`.

use dialmark_metrics::{Exact, Ratio};
use dialmark_model::declared::Section;
use dialmark_model::validity::Days;
use jiff::civil::Date;

use super::measured::{self, Fits};
use super::words;
use super::{Parts, Terms, phases, scales};
use crate::contract::Measured;
use crate::contract::phases::Phase;
use crate::contract::scale::Better;
use crate::contract::service_level::ServiceLevel;
use crate::value;

/// The longest grace, about ten years: more is a slip of the pen.
const MOST_GRACE_DAYS: i64 = 3_660;

/// The longest earn-back, in periods.
const MOST_PERIODS: i64 = 24;

/// Reads one service level.
pub(super) fn read(section: &Section<'_>, terms: &Terms<'_>, parts: &mut Parts) -> Option<ServiceLevel> {
    let name = words::name(section, &mut parts.service_levels, "service level");
    let steady = terms.phases.of(Phase::Steady).unwrap_or(Days::ALL);
    let days = phases::days(section, terms, steady);
    let fits = Fits { noun: "a service level", units: &[], is_sum: false };
    let of = measured::metric_or_kpi(section, terms, &fits);
    let (better_fits, better) = better(section, of.as_ref());
    let scale = scales::scale(section, of.as_ref(), better);
    let cap = scales::cap(section);
    let weight = value::share(section, "weight");
    let one = Ratio::exact(Exact::integer(1))?;
    let weight_fits = words::is_well(section, "weight", weight.as_ref())
        && weight.is_none_or(|weight| {
            words::in_range(
                section,
                "weight",
                weight > Ratio::ZERO && weight <= one,
                "a weight is above 0 and at most 1.",
                "Write `weight = 0.4`, and let all weights add up to 1.",
            )
        });
    let of_prices = section.texts("of");
    let of_fits: Vec<bool> =
        of_prices.iter().map(|price| words::refers(section, "of", "price", price, &parts.prices)).collect();
    let of_named = words::in_range(
        section,
        "of",
        !section.has("of") || !of_prices.is_empty(),
        "no price is named.",
        "Leave `of` out for all prices, or name at least one.",
    );
    let (earn_back_fits, earn_back) = periods(section);
    let (grace_fits, grace_until) = grace(section, terms);
    section.finish();
    let all_fit = of_named
        && better_fits
        && weight_fits
        && of_fits.into_iter().all(|fits| fits)
        && earn_back_fits
        && grace_fits;
    let level = ServiceLevel {
        name: name?,
        of: of?,
        better,
        days: days?,
        weight,
        of_prices,
        scale: scale?,
        cap: cap?,
        earn_back,
        grace_until,
    };
    all_fit.then_some(level)
}

/// Which way is better: as the catalogue says, or as the contract says where the catalogue leaves it open.
fn better(section: &Section<'_>, of: Option<&Measured>) -> (bool, Option<Better>) {
    let own = words::choice(section, "better", &Better::ALL);
    let is_read = words::is_well(section, "better", own.as_ref());
    let known = of.and_then(|of| Better::of(of.direction));
    if let (Some(own), Some(known)) = (own, known)
        && own != known
    {
        section.error(
            "better",
            "the catalogue says the opposite of this metric.",
            Some("Leave `better` out.".to_owned()),
        );
        return (false, Some(known));
    }
    (is_read, known.or(own))
}

/// `earn_back = { periods = 2 }`.
fn periods(section: &Section<'_>) -> (bool, Option<u8>) {
    let Some(inner) = section.section("earn_back") else { return (!section.has("earn_back"), None) };
    let periods = whole(&inner, "periods", "2", MOST_PERIODS);
    inner.finish();
    let periods = periods.and_then(|periods| u8::try_from(periods).ok());
    (periods.is_some(), periods)
}

/// `grace = { days = 30 }`, counted from go-live.
fn grace(section: &Section<'_>, terms: &Terms<'_>) -> (bool, Option<Date>) {
    let Some(inner) = section.section("grace") else { return (!section.has("grace"), None) };
    let days = whole(&inner, "days", "30", MOST_GRACE_DAYS);
    inner.finish();
    let Some(from) = terms.phases.steady_from() else {
        inner.error(
            "",
            "grace is counted from go-live, and this contract does not say when that is.",
            Some("Add `go_live_on` to the contract.".to_owned()),
        );
        return (false, None);
    };
    let until = days.and_then(|days| from.checked_add(jiff::Span::new().try_days(days).ok()?).ok());
    (until.is_some(), until)
}

/// A whole number from 1 to `most` that must be there.
fn whole(section: &Section<'_>, key: &str, example: &str, most: i64) -> Option<i64> {
    if !section.has(key) {
        section.integer(key);
        section.error("", format!("`{key}` is missing."), Some(format!("Add `{key} = {example}`.")));
        return None;
    }
    let number = section.integer(key)?;
    words::in_range(
        section,
        key,
        (1..=most).contains(&number),
        &format!("this should be from 1 to {most}."),
        "Leave the whole entry out when there is none.",
    )
    .then_some(number)
}
