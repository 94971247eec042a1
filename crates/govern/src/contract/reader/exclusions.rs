//! `[[contract.NAME.exclusion]]`.

use dialmark_metrics::metric::Unit;
use dialmark_metrics::{Exact, Ratio};
use dialmark_model::civil::{self, Placed};
use dialmark_model::declared::{Section, Value};
use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;

use super::Parts;
use super::measured::one_of_two;
use super::words;
use crate::contract::exclusion::{Agreed, Cause, Effect, Exclusion, Stretch};
use crate::value;

/// What stands for every service level.
const ALL: &str = "all";

/// Reads one exclusion.
pub(super) fn read(section: &Section<'_>, parts: &mut Parts) -> Option<Exclusion> {
    let name = words::name(section, &mut parts.exclusions, "exclusion");
    let named = section.text("service_level");
    let named_read = words::is_well(section, "service_level", named.as_ref());
    let covers = named.filter(|level| level != ALL);
    let covers_known = covers.as_ref().is_none_or(|level| {
        words::refers(section, "service_level", "service level", level, &parts.service_levels)
    });
    let cause = words::required_choice(section, "kind", &Cause::ALL);
    let stretch = stretch(section);
    let evidence = evidence(section);
    let agreed = agreed(section);
    let effect = effect(section);
    section.finish();
    let exclusion = Exclusion {
        name: name?,
        service_level: covers,
        cause: cause?,
        stretch: stretch?,
        evidence: evidence?,
        agreed: agreed?,
        effect: effect?,
    };
    (named_read && covers_known).then_some(exclusion)
}

fn evidence(section: &Section<'_>) -> Option<String> {
    let what = "what shows it, such as the number of the provider's incident report";
    let evidence = section.required_text("evidence", what)?;
    words::in_range(
        section,
        "evidence",
        !evidence.trim().is_empty(),
        "an exclusion without evidence does not count.",
        "Name what shows it, such as the number of an incident report.",
    )
    .then_some(evidence)
}

fn stretch(section: &Section<'_>) -> Option<Stretch> {
    let name =
        section.required_text("zone", "the zone in which the times are meant, such as `Europe/London`");
    let zone = name.as_deref().and_then(|name| match civil::zone(name) {
        Ok(zone) => Some(zone),
        Err(unknown) => {
            section.error("zone", format!("{unknown}."), None);
            None
        }
    });
    let from = instant(section, "from", zone.as_ref());
    let to = instant(section, "to", zone.as_ref());
    let (zone, from, to) = (name.filter(|_| zone.is_some())?, from?, to?);
    if to <= from {
        section.error(
            "to",
            "the time ends before it begins.",
            Some("Let `to` be later than `from`.".to_owned()),
        );
        return None;
    }
    Some(Stretch { from, to, zone })
}

/// An instant: a local time of the zone, or a time with its offset.
fn instant(section: &Section<'_>, key: &str, zone: Option<&TimeZone>) -> Option<Timestamp> {
    let help = "Write a time such as `2026-11-02T10:05:00`, which is meant in `zone`, or one with its offset, such as `2026-11-02T10:05:00Z`.";
    let text = match section.node(key).map(|node| &node.value) {
        Some(Value::Moment(text) | Value::Text(text)) => text.clone(),
        None => {
            section.error("", format!("`{key}` is missing."), Some(help.to_owned()));
            return None;
        }
        Some(_) => {
            section.error(key, "this is no time.", Some(help.to_owned()));
            return None;
        }
    };
    if let Ok(at) = text.parse::<Timestamp>() {
        return Some(at);
    }
    // A day alone would be read as midnight, and an outage seldom lasts a whole day.
    let local = text.parse::<DateTime>().ok().filter(|_| text.contains(':'));
    let Some(local) = local else {
        section.error(key, format!("`{text}` is no time."), Some(help.to_owned()));
        return None;
    };
    let (at, placed) = civil::place(local, zone?)?;
    let odd = match placed {
        Placed::Plainly => return Some(at),
        Placed::MovedForward => "does not exist, for the clocks went forward; it is read as the hour after",
        Placed::TakenEarlier => "exists twice, for the clocks went back; the earlier is meant",
    };
    section.warn(
        key,
        format!("the time {text} {odd}."),
        Some(format!("Write it with its offset to be plain: `{at}`.")),
    );
    Some(at)
}

fn agreed(section: &Section<'_>) -> Option<Agreed> {
    let Some(inner) = section.section("agreed") else {
        return (!section.has("agreed")).then(Agreed::default);
    };
    let by_client = inner.text("by_client");
    let by_provider = inner.text("by_provider");
    let on = inner.day("on");
    inner.finish();
    let all_read = words::is_well(&inner, "by_client", by_client.as_ref())
        && words::is_well(&inner, "by_provider", by_provider.as_ref())
        && words::is_well(&inner, "on", on.as_ref());
    if !inner.has("on") {
        inner.error(
            "",
            "`on` is missing.",
            Some("Add `on = 2026-12-02`: the day from which it is agreed.".to_owned()),
        );
        return None;
    }
    let is_blank = |name: &Option<String>| name.as_ref().is_some_and(|name| name.trim().is_empty());
    if is_blank(&by_client) || is_blank(&by_provider) {
        inner.error(
            "",
            "somebody agreed who has no name.",
            Some("Write who, or leave the key out.".to_owned()),
        );
        return None;
    }
    all_read.then_some(Agreed { by_client, by_provider, on })
}

fn effect(section: &Section<'_>) -> Option<Effect> {
    let relief = match section.has("relief") {
        true => words::required_number(section, "relief", Unit::Share, "0.5"),
        false => value::share(section, "relief"),
    };
    let leave_out = section.flag("leave_out");
    let help = "Write `relief = 0.5` for a share of the penalty, or `leave_out = true` for a figure without that time.";
    if !one_of_two(section, "relief", "leave_out", help) {
        return None;
    }
    if section.has("leave_out") {
        let says_so = leave_out?;
        return words::in_range(section, "leave_out", says_so, "this exclusion does nothing.", help)
            .then_some(Effect::LeaveOut);
    }
    let relief = relief?;
    let one = Ratio::exact(Exact::integer(1))?;
    words::in_range(
        section,
        "relief",
        relief > Ratio::ZERO && relief <= one,
        "a relief is above 0 and at most 1.",
        "Write `relief = 0.5` for half of the penalty, `relief = 1` for all of it.",
    )
    .then_some(Effect::Relief(relief))
}
