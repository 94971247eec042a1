//! Reading `[alert.NAME]`.

use std::collections::BTreeMap;

use dialmark_metrics::{Catalogue, Ratio};
use dialmark_model::civil::{self, weekday_word};
use dialmark_model::declared::Section;
use dialmark_model::duration_text;
use jiff::civil::{Date, Time, Weekday};
use jiff::tz::TimeZone;

use super::watch::{CaseClock, LiveWindow, Watch};
use super::{Alert, Edge, Group, Hours, Side};
use crate::kpi::Kpi;
use crate::place;
use crate::reading::{
    self, choice, length_ms, level, metric, missing, near_or_all, part_of_one, quoted, required_choice,
    required_whole, whole,
};

/// Live figures whose records end so long ago say nothing of now, where an alert does not say otherwise.
const STALE_AFTER_MS: u64 = 30 * 60_000;
/// Records of an hour may come so late, where an alert does not say otherwise.
const LATE_MS: u64 = 60 * 60_000;
const WEEK: [Weekday; 7] = [
    Weekday::Monday,
    Weekday::Tuesday,
    Weekday::Wednesday,
    Weekday::Thursday,
    Weekday::Friday,
    Weekday::Saturday,
    Weekday::Sunday,
];

/// What is needed to judge a declaration.
pub(crate) struct Reading<'a> {
    pub(crate) catalogue: &'a Catalogue,
    pub(crate) kpis: &'a BTreeMap<String, Kpi>,
    /// KPIs with mistakes of their own, which are reported where they stand.
    pub(crate) broken: &'a [String],
    /// Names of channels, of those with mistakes as well.
    pub(crate) channels: &'a [String],
}

/// The alert of one section; its mistakes are reported.
pub(crate) fn read(name: &str, section: &Section<'_>, reading: &Reading<'_>) -> Option<Alert> {
    let sound = reading::is_sound(section, "", name);
    let label = reading::label(section, name);
    let words = Watch::WORDS.map(|word| (word, word));
    let on = required_choice(section, "on", &words);
    let hours = hours(section);
    let group = group(section, reading.catalogue);
    let quiet_for = length(section, "quiet_for");
    let remind_after = length(section, "remind_after");
    let to = to(section, reading);
    let (watch, for_ms) = match on {
        Some("kpi") => (kpi(section, reading), Some(None)),
        Some("live") => (live(section, reading), length(section, "for")),
        Some("gap") => (gap(section), length(section, "for")),
        Some("budget") => (budget(section), length(section, "for")),
        Some("case") => (case(section), Some(None)),
        // Which keys belong to it is not known.
        _ => return None,
    };
    section.finish();
    Some(Alert {
        name: sound.then(|| name.to_owned())?,
        label,
        watch: watch?,
        for_ms: for_ms?.unwrap_or(0),
        hours: hours?,
        group: group?,
        quiet_for_ms: quiet_for?.unwrap_or(0),
        remind_after_ms: remind_after?,
        to: to?,
        declared_in: section.file().to_owned(),
        line: section.line(),
    })
}

/// A length of time; the outer `None` is a problem.
fn length(section: &Section<'_>, key: &str) -> Option<Option<u64>> {
    match section.has(key) {
        true => length_ms(section, key).map(Some),
        false => {
            section.text(key);
            Some(None)
        }
    }
}

fn to(section: &Section<'_>, reading: &Reading<'_>) -> Option<Vec<String>> {
    let to = section.texts("to");
    if to.is_empty() {
        missing(section, "to", "the names of channels, such as `[\"floor\"]` for `[channel.floor]`");
        return None;
    }
    let mut is_sound = true;
    for name in &to {
        if reading.channels.contains(name) {
            continue;
        }
        let help = match reading.channels.is_empty() {
            true => "Declare it as `[channel.NAME]` in a file of `channels/`.".to_owned(),
            false => near_or_all(name, reading.channels.iter().map(String::as_str)),
        };
        section.error("to", format!("there is no channel `{name}`."), Some(help));
        is_sound = false;
    }
    is_sound.then_some(to)
}

fn group(section: &Section<'_>, catalogue: &Catalogue) -> Option<Group> {
    let Some(word) = section.text("group") else {
        return if section.has("group") { None } else { Some(Group::Alert) };
    };
    match word.as_str() {
        "alert" => Some(Group::Alert),
        "each" => Some(Group::Each),
        name => dimension(section, "group", name, catalogue).map(Group::By),
    }
}

fn dimension(section: &Section<'_>, key: &str, name: &str, catalogue: &Catalogue) -> Option<String> {
    let found = place::dimension(name, &|name| place::is_dimension(catalogue, name));
    let refuse = |near: Option<&str>| {
        let help = near.map(|near| format!("Did you mean `{near}`?"));
        section.error(key, format!("there is no dimension `{name}`."), help);
    };
    found.map_err(refuse).ok()
}

/// The outer `None` is a problem.
fn hours(section: &Section<'_>) -> Option<Option<Hours>> {
    // Every key is read, whatever is wrong with one before it.
    let (times, zone) = (times(section), zone(section));
    let (days, holidays) = (days(section), holidays(section));
    let (times, zone, days, holidays) = (times?, zone?, days?, holidays?);
    if times.is_none() && days.is_empty() && holidays.is_empty() {
        return Some(None);
    }
    let (from, until) = times.unwrap_or((Time::midnight(), Time::midnight()));
    let days = if days.is_empty() { WEEK.to_vec() } else { days };
    Some(Some(Hours { from, until, days, holidays, zone }))
}

/// The outer `None` is a problem.
fn zone(section: &Section<'_>) -> Option<Option<TimeZone>> {
    match (section.text("zone"), section.has("zone")) {
        (Some(name), _) => {
            let zone = civil::zone(&name).map_err(|error| section.error("zone", format!("{error}."), None));
            zone.ok().map(Some)
        }
        (None, true) => None,
        (None, false) => Some(None),
    }
}

/// The outer `None` is a problem.
fn times(section: &Section<'_>) -> Option<Option<(Time, Time)>> {
    match (section.text("hours"), section.has("hours")) {
        (Some(text), _) => times_of(section, &text).map(Some),
        (None, true) => None,
        (None, false) => Some(None),
    }
}

fn times_of(section: &Section<'_>, text: &str) -> Option<(Time, Time)> {
    let time = |text: &str| {
        let (hour, minute) = text.trim().split_once(':')?;
        Time::new(hour.parse().ok()?, minute.parse().ok()?, 0, 0).ok()
    };
    let found = text.split_once('-').and_then(|(from, until)| time(from).zip(time(until)));
    let found = found.filter(|(from, until)| from != until);
    if found.is_none() {
        section.error(
            "hours",
            format!("`{text}` names no hours."),
            Some("Write when they begin and end, such as `\"09:00-20:00\"`; `\"22:00-06:00\"` crosses midnight.".to_owned()),
        );
    }
    found
}

/// Days such as `["monday", "saturday"]` or `"monday-friday"`; none for each day.
fn days(section: &Section<'_>) -> Option<Vec<Weekday>> {
    let known = |word: &str| WEEK.iter().position(|day| weekday_word(*day) == word.trim());
    let (mut days, mut is_sound) = (Vec::new(), true);
    for text in section.texts("days") {
        let (first, last) = text.split_once('-').unwrap_or((&text, &text));
        match known(first).zip(known(last)) {
            // From Friday to Monday goes on at the beginning of the week.
            Some((first, last)) => {
                let count = (last + WEEK.len() - first) % WEEK.len() + 1;
                days.extend(WEEK.iter().cycle().skip(first).take(count).copied());
            }
            None => {
                let help = format!("Known are {}, and `monday-friday`.", quoted(WEEK.map(weekday_word)));
                section.error("days", format!("`{text}` is no day of the week."), Some(help));
                is_sound = false;
            }
        }
    }
    is_sound.then_some(days)
}

fn holidays(section: &Section<'_>) -> Option<Vec<Date>> {
    let (mut days, mut is_sound) = (Vec::new(), true);
    for text in section.texts("holidays") {
        match text.parse() {
            Ok(day) => days.push(day),
            Err(_) => {
                let help = Some("Write days in quotes, such as `\"2026-12-25\"`.".to_owned());
                section.error("holidays", format!("`{text}` is no day."), help);
                is_sound = false;
            }
        }
    }
    is_sound.then_some(days)
}

fn kpi(section: &Section<'_>, reading: &Reading<'_>) -> Option<Watch> {
    let named = section.texts("kpi");
    let owner = section.text("owner");
    let statuses = [("missed", false), ("close", true)];
    let close_too = match section.has("status") {
        true => choice(section, "status", &statuses),
        false => {
            choice(section, "status", &statuses);
            Some(false)
        }
    };
    let minimum_n = minimum(section);
    let kpis = match (named.is_empty(), &owner) {
        (false, Some(_)) => {
            let help = Some("Keep one of them.".to_owned());
            section.error("owner", "`kpi` and `owner` exclude each other.", help);
            return None;
        }
        (false, None) => named,
        (true, Some(owner)) => {
            let of_owner = reading.kpis.values().filter(|kpi| kpi.owner == *owner);
            of_owner.map(|kpi| kpi.name.clone()).collect()
        }
        (true, None) => {
            missing(
                section,
                "kpi",
                "the names of KPIs, such as `[\"conversion\"]`, or `owner` for all of somebody's",
            );
            return None;
        }
    };
    if kpis.is_empty() {
        section.error("owner", "nobody of this name owns a KPI.", None);
        return None;
    }
    let mut is_sound = true;
    for name in kpis.iter().filter(|name| !reading.kpis.contains_key(*name)) {
        is_sound = false;
        if !reading.broken.contains(name) {
            let help = near_or_all(name, reading.kpis.keys().map(String::as_str));
            section.error("kpi", format!("there is no KPI `{name}`."), Some(help));
        }
    }
    is_sound.then_some(Watch::Kpi { kpis, close_too: close_too?, minimum_n: minimum_n? })
}

/// Records below which a figure says nothing; none where nobody says.
fn minimum(section: &Section<'_>) -> Option<u64> {
    let found = whole(section, "minimum_n", 1);
    match section.has("minimum_n") {
        true => found.map(u64::from),
        false => Some(0),
    }
}

fn live(section: &Section<'_>, reading: &Reading<'_>) -> Option<Watch> {
    let found = metric(section, "metric", reading.catalogue);
    let place = reading::place(section, "place", reading.catalogue);
    let by = match name(section, "by") {
        Some(Some(name)) => dimension(section, "by", &name, reading.catalogue).map(Some),
        none => none,
    };
    let window = window(section);
    // Without a metric nobody knows how its values are written.
    let value = |key: &str| match &found {
        Some((_, unit)) => level(section, key, *unit),
        None => {
            section.node(key);
            None
        }
    };
    let edge = edge(section, &value);
    let stale_after = length(section, "stale_after");
    let (metric, unit) = found?;
    Some(Watch::Live {
        metric,
        unit,
        place: place?,
        by: by?,
        window: window?,
        edge: edge?,
        stale_after_ms: stale_after?.unwrap_or(STALE_AFTER_MS),
    })
}

fn window(section: &Section<'_>) -> Option<LiveWindow> {
    let text = section.required_text("window", "`last 30 min`, or `today`")?;
    if text.trim() == "today" {
        return Some(LiveWindow::Today);
    }
    let length = text.trim().strip_prefix("last ").map(duration_text::parse_ms);
    let sentence = match length {
        Some(Ok(ms)) if ms > 0 => return Some(LiveWindow::Last(ms)),
        Some(Err(error)) => error.to_string(),
        _ => format!("`{text}` is no time. Write `last 30 min`, or `today`."),
    };
    section.error("window", sentence, None);
    None
}

/// `above` or `below`, `clears_at`, `minimum_n`.
fn edge(section: &Section<'_>, value: &dyn Fn(&str) -> Option<Ratio>) -> Option<Edge> {
    let minimum = required_whole(section, "minimum_n", 1);
    let (above, below) = (value("above"), value("below"));
    let (has_above, has_below) = (section.has("above"), section.has("below"));
    let clears_at = value("clears_at");
    let side = match (has_above, has_below) {
        (true, false) => above.map(|value| (Side::Above, value)),
        (false, true) => below.map(|value| (Side::Below, value)),
        (true, true) => {
            section.error("below", "`above` and `below` exclude each other.", Some("Keep one.".to_owned()));
            None
        }
        (false, false) => {
            missing(section, "above", "the value beyond which it is told, or `below`");
            None
        }
    };
    let (side, raises_at) = side?;
    let clears_at = if section.has("clears_at") { clears_at? } else { raises_at };
    let edge = Edge::new(side, raises_at, clears_at, u64::from(minimum?));
    if edge.is_none() {
        let better = if side == Side::Above { "not above" } else { "not below" };
        section.error(
            "clears_at",
            "it would be over while it still begins.",
            Some(format!("Let `clears_at` be {better} `{}`.", side.word())),
        );
    }
    edge
}

fn gap(section: &Section<'_>) -> Option<Watch> {
    let (source, late) = (name(section, "source"), length(section, "late"));
    Some(Watch::Gap { source: source?, late_ms: late?.unwrap_or(LATE_MS) })
}

/// A name that may be there; the outer `None` is a problem.
fn name(section: &Section<'_>, key: &str) -> Option<Option<String>> {
    match (section.text(key), section.has(key)) {
        (None, true) => None,
        (found, _) => Some(found),
    }
}

fn budget(section: &Section<'_>) -> Option<Watch> {
    let campaign = name(section, "campaign");
    let minimum = required_whole(section, "minimum_n", 1);
    if !section.has("used") {
        missing(section, "used", "the part of the limit that is used up when it is told, such as `\"80 %\"`");
    }
    let used = part_of_one(section, "used");
    let clears_at = part_of_one(section, "clears_at");
    let raises_at = used?;
    let clears_at = if section.has("clears_at") { clears_at? } else { raises_at };
    let edge = Edge::new(Side::Above, raises_at, clears_at, u64::from(minimum?));
    if edge.is_none() {
        let help = Some("Let `clears_at` be not above `used`.".to_owned());
        section.error("clears_at", "it would be over while it still begins.", help);
    }
    Some(Watch::Budget { campaign: campaign?, edge: edge? })
}

fn case(section: &Section<'_>) -> Option<Watch> {
    let clock = choice(section, "clock", &CaseClock::ALL);
    let ahead = length(section, "ahead");
    let clock = if section.has("clock") { Some(clock?) } else { None };
    Some(Watch::Case { clock, ahead_ms: ahead?.unwrap_or(0) })
}

#[cfg(test)]
mod tests;
