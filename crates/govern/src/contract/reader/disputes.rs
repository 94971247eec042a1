//! `[[contract.NAME.dispute]]`.

use dialmark_metrics::Ratio;
use dialmark_metrics::metric::Unit;
use dialmark_model::declared::{Section, Value};

use super::words::{self, Names};
use super::{Parts, Terms};
use crate::Money;
use crate::contract::dispute::{Dispute, Resolution};
use crate::contract::period::BillingPeriod;

/// Reads one dispute.
pub(super) fn read(
    section: &Section<'_>,
    terms: &Terms<'_>,
    parts: &Parts,
    names: &mut Names,
) -> Option<Dispute> {
    let name = words::name(section, names, "dispute");
    let period = period(section, terms);
    let line = line(section, parts);
    let raised_by = section.required_text("raised_by", "who does not accept the line");
    let raised_on = words::required_day(section, "raised_on", "the day on which it was raised");
    let says = section.required_text("says", "what is wrong with the line");
    let resolution = match section.section("resolution") {
        Some(inner) => Some(resolution(&inner, terms)?),
        None if section.has("resolution") => return None,
        None => None,
    };
    section.finish();
    let dispute = Dispute {
        name: name?,
        period: period?,
        line: line?,
        raised_by: raised_by?,
        raised_on: raised_on?,
        says: says?,
        resolution,
    };
    if let Some(resolution) = &dispute.resolution
        && resolution.on < dispute.raised_on
    {
        section.error(
            "resolution",
            format!("it was resolved on {}, before it was raised on {}.", resolution.on, dispute.raised_on),
            Some("Correct one of the days.".to_owned()),
        );
        return None;
    }
    Some(dispute)
}

fn period(section: &Section<'_>, terms: &Terms<'_>) -> Option<BillingPeriod> {
    let text = section.required_text("period", "the period of the statement, such as `2026-11`")?;
    let period =
        BillingPeriod::parse(&text).filter(|period| terms.billing.is_none_or(|b| b == period.billing()));
    if period.is_none() {
        let help = match terms.billing.map(super::Billing::word) {
            Some("quarter") => "Write a quarter, such as `2026-Q4`.",
            _ => "Write a month, such as `2026-11`.",
        };
        section.error("period", format!("`{text}` is no period of this contract."), Some(help.to_owned()));
    }
    period
}

/// The line of a statement, by kind and name.
fn line(section: &Section<'_>, parts: &Parts) -> Option<String> {
    let line =
        section.required_text("line", "the line of the statement, such as `service_level.answered`")?;
    let (kind, rest) = line.split_once('.').unwrap_or((&line, ""));
    let first = rest.split('.').next().unwrap_or_default();
    let is_known = match kind {
        "price" => words::refers(section, "line", "price", rest, &parts.prices),
        "clawback" => words::refers(section, "line", "clawback", rest, &parts.clawbacks),
        "service_level" | "cap" => {
            words::refers(section, "line", "service level", rest, &parts.service_levels)
        }
        "earn_back" => words::refers(section, "line", "service level", first, &parts.service_levels),
        "relief" => words::refers(section, "line", "exclusion", first, &parts.exclusions),
        // Lines about earlier periods, whose names are made when the statement is.
        "dispute" | "late" if !rest.is_empty() => true,
        _ => {
            section.error(
                "line",
                format!("`{line}` is no line of a statement."),
                Some(
                    "Write its kind and name, such as `price.seats` or `service_level.answered`.".to_owned(),
                ),
            );
            false
        }
    };
    is_known.then_some(line)
}

fn resolution(section: &Section<'_>, terms: &Terms<'_>) -> Option<Resolution> {
    let on = words::required_day(section, "on", "the day on which it was resolved");
    let by = section.required_text("by", "who decided");
    let says = section.required_text("says", "what was decided");
    let adjust = adjust(section, terms);
    section.finish();
    Some(Resolution { on: on?, by: by?, says: says?, adjust: adjust? })
}

/// An amount that can be paid: it is written to the cent, never rounded.
fn adjust(section: &Section<'_>, terms: &Terms<'_>) -> Option<Ratio> {
    if !matches!(
        section.node("adjust").map(|node| &node.value),
        Some(Value::Text(_) | Value::Integer(_) | Value::Decimal(_))
    ) {
        section.error(
            if section.has("adjust") { "adjust" } else { "" },
            "`adjust` is missing, or is no amount.",
            Some(
                "Add `adjust = \"-120.00\"`: what is added to what is due, `\"0.00\"` for nothing."
                    .to_owned(),
            ),
        );
        return None;
    }
    let amount = words::required_number(section, "adjust", Unit::Money, "\"-120.00\"")?;
    let is_payable = Money::rounded(amount, &terms.currency).is_some_and(|money| money.ratio() == amount);
    words::in_range(
        section,
        "adjust",
        is_payable,
        "this amount has more digits than its currency is paid in.",
        "Write the amount that is paid.",
    )
    .then_some(amount)
}
