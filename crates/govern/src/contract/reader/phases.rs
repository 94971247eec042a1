//! The days that divide a contract's life, and the days on which a part of it holds.

use dialmark_model::declared::Section;
use dialmark_model::validity::Days;
use jiff::civil::Date;

use super::Terms;
use super::words;
use crate::contract::period::{CivilDays, both};
use crate::contract::phases::{Phase, Phases};

/// Reads the phases of a contract; they must be in order.
pub(super) fn read(section: &Section<'_>) -> Option<Phases> {
    let signed_on = section.day("signed_on");
    let (transition_fits, transition) = transition(section);
    let go_live_on = section.day("go_live_on");
    let ends_on = section.day("ends_on");
    let days = [("signed_on", signed_on), ("go_live_on", go_live_on), ("ends_on", ends_on)];
    let all_read = days.iter().all(|(key, day)| words::is_well(section, key, day.as_ref()));

    let begins = transition.map(|t| t.from());
    let run_until = transition.map(|t| t.until());
    let stages = [
        ("signed_on", "the signature", signed_on),
        ("transition", "the beginning of the transition", begins),
        ("transition", "the end of the transition", run_until),
        ("go_live_on", "go-live", go_live_on),
        ("ends_on", "the end of the contract", ends_on),
    ];
    let stages: Vec<(&str, &str, Date)> =
        stages.into_iter().filter_map(|(key, noun, day)| Some((key, noun, day?))).collect();
    let mut in_order = true;
    for pair in stages.windows(2) {
        let [(_, before, first), (key, after, then)] = pair else { continue };
        if then < first {
            section.error(
                key,
                format!("{after} ({then}) is before {before} ({first})."),
                Some(
                    "The order is `signed_on`, `transition`, `go_live_on`, `ends_on`; each may be left out."
                        .to_owned(),
                ),
            );
            in_order = false;
        }
    }
    if let (Some(until), Some(go_live)) = (run_until, go_live_on)
        && until < go_live
    {
        section.warn(
            "transition",
            format!("the transition ends before {until} and go-live is on {go_live}; the days between belong to the transition."),
            Some(format!("Write `until = {go_live}` to say so.")),
        );
    }
    let phases = Phases { signed_on, transition, go_live_on, ends_on };
    (transition_fits && all_read && in_order).then_some(phases)
}

fn transition(section: &Section<'_>) -> (bool, Option<CivilDays>) {
    let Some(inner) = section.section("transition") else { return (!section.has("transition"), None) };
    let from = words::required_day(&inner, "from", "the first day of the parallel run");
    let until = words::required_day(&inner, "until", "the first day after the parallel run");
    inner.finish();
    let Some((from, until)) = from.zip(until) else { return (false, None) };
    let days = CivilDays::new(from, until);
    if days.is_none() {
        inner.error(
            "until",
            "the transition has no day.",
            Some("Let `until` be later than `from`.".to_owned()),
        );
    }
    (days.is_some(), days)
}

/// The days of a part of a contract: those of its phases (`default` when it names none) within its own `from` and
/// `until`.
pub(super) fn days(section: &Section<'_>, terms: &Terms<'_>, default: Days) -> Option<Days> {
    let from = section.day("from");
    let until = section.day("until");
    let all_read =
        words::is_well(section, "from", from.as_ref()) && words::is_well(section, "until", until.as_ref());
    let of_phases = of_phases(section, terms)?.unwrap_or(default);
    if !all_read {
        return None;
    }
    let own = Days { from, until };
    let days = both(own, of_phases);
    if days.is_empty() {
        let key = if section.has("until") { "until" } else { "from" };
        section.error(
            key,
            "this holds on no day.",
            Some(format!(
                "Let `until` be later than `from`, and both within the days of its phases ({of_phases})."
            )),
        );
        return None;
    }
    Some(days)
}

/// The days of the named phases, which must be next to each other; `Some(None)` when none is named.
fn of_phases(section: &Section<'_>, terms: &Terms<'_>) -> Option<Option<Days>> {
    section.one_of("phases", Phase::ALL.iter().map(|(word, _)| *word));
    let named = section.texts("phases");
    if !section.has("phases") {
        return Some(None);
    }
    let mut phases = Vec::new();
    for word in &named {
        match Phase::ALL.iter().find(|(known, _)| known == word) {
            Some((_, phase)) => phases.push(*phase),
            None => {
                let help = format!("Use {}.", words::quoted(Phase::ALL.iter().map(|(word, _)| *word)));
                section.error("phases", format!("`{word}` is no phase of a contract."), Some(help));
                return None;
            }
        }
    }
    phases.sort();
    phases.dedup();
    let mut joined: Option<Days> = None;
    for phase in phases {
        let Some(days) = terms.phases.of(phase) else {
            section.error(
                "phases",
                format!("this contract has no {} phase.", phase.word()),
                Some("State its days in the contract: `signed_on`, `transition`, `go_live_on`.".to_owned()),
            );
            return None;
        };
        joined = match joined {
            None => Some(days),
            Some(before) if before.until.is_some() && before.until == days.from => {
                Some(Days { from: before.from, until: days.until })
            }
            Some(_) => {
                section.error(
                    "phases",
                    "these phases do not follow one another.",
                    Some("Name the one between them as well, or write two entries.".to_owned()),
                );
                return None;
            }
        };
    }
    if joined.is_none() {
        section.error(
            "phases",
            "no phase is named.",
            Some("Leave `phases` out, or name one such as `steady`.".to_owned()),
        );
        return None;
    }
    Some(joined)
}
