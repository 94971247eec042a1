//! Second thoughts on a proposed mapping, once it is known what each column is.

use dialmark_model::Kind;
use jiff::tz::TimeZone;

use super::assign::Assigned;
use super::clock::TWO_PARTS;
use super::reading::UNIT;
use super::sample::Sample;
use super::trial::read_of;
use crate::values::{Cell, Decimal, Number, Reader, clock_ms, hours_minutes_ms};

/// Durations and the instants that they lie between, most telling first.
const BETWEEN: [(&str, &str, &str); 9] = [
    ("talk_ms", "connected_at", "ended_at"),
    ("talk_ms", "answered_at", "ended_at"),
    ("duration_ms", "started_at", "ended_at"),
    ("duration_ms", "answered_at", "ended_at"),
    ("billed_ms", "answered_at", "ended_at"),
    ("wrap_ms", "ended_at", "wrap_ended_at"),
    ("queue_ms", "queued_at", "connected_at"),
    ("ring_ms", "started_at", "answered_at"),
    ("logged_ms", "started_at", "ended_at"),
];

/// Instants in the order in which a call passes them.
const ORDER: [&str; 6] =
    ["started_at", "queued_at", "answered_at", "connected_at", "ended_at", "wrap_ended_at"];

/// Names that systems write when no agent had the call.
const NOBODY: [&str; 14] = [
    "no_server",
    "no_agent",
    "noagent",
    "none",
    "no agent",
    "vdad",
    "vdcl",
    "unassigned",
    "nobody",
    "system",
    "n/a",
    "unknown",
    "ivr",
    "-",
];

/// Columns that identify a person: many systems write 0 for "not identified".
const PERSONS: [&str; 4] = ["customer_id", "lead_id", "account_id", "person_id"];

/// Improves readings by what the other columns say.
pub fn refine(assigned: &mut [Assigned], sample: &Sample) {
    units_by_instants(assigned, sample);
    nobody(assigned, sample);
    clocks_that_did_not_run(assigned, sample);
}

/// The unit under which a duration equals the time between its instants.
fn units_by_instants(assigned: &mut [Assigned], sample: &Sample) {
    for (duration, from, to) in BETWEEN {
        let position = |name: &str| assigned.iter().position(|a| a.column == name);
        let (Some(at), Some(from), Some(to)) = (position(duration), position(from), position(to)) else {
            continue;
        };
        let (Some(target), Some(from), Some(to)) = (assigned.get(at), assigned.get(from), assigned.get(to))
        else {
            continue;
        };
        if !target.reading.unit_guessed {
            continue;
        }
        let (starts, ends) = (instants(from, sample), instants(to, sample));
        let stated = texts(target, sample);
        let known: Vec<(i64, &str)> = starts
            .iter()
            .zip(&ends)
            .zip(&stated)
            .filter_map(|((from, to), stated)| Some(((*to)? - (*from)?, *stated)))
            .filter(|(between_us, stated)| *between_us > 3_000_000 && !stated.is_empty())
            .map(|(between_us, stated)| (between_us / 1000, stated))
            .collect();
        if known.len() < 3 {
            continue;
        }
        let agreeing = |word: &str| {
            // Hours and minutes are no closer than a minute.
            let tolerance_ms = if word == "hh:mm" { 60_000 } else { 2_000 };
            let agrees = |(between_ms, stated): &&(i64, &str)| {
                let ms = in_ms(word, stated);
                ms.is_some_and(|ms| (ms - i128::from(*between_ms)).abs() <= tolerance_ms)
            };
            known.iter().filter(agrees).count()
        };
        let is_clock = matches!(target.reading.read_as.as_deref(), Some("clock" | "hh:mm"));
        let units = if is_clock { &["clock", "hh:mm"][..] } else { &["s", "ms", "min"] };
        let agreed = units.iter().find(|word| agreeing(word) * 10 >= known.len() * 8).copied();
        if let (Some(word), Some(target)) = (agreed, assigned.get_mut(at)) {
            target.reading.say(word, " and values, which agree with start and end");
            target.reading.unit_guessed = false;
            let is_void = |check: &String| check.starts_with(UNIT) || check.starts_with(TWO_PARTS);
            target.reading.check.retain(|check| !is_void(check));
        }
    }
}

/// Milliseconds of a duration in a unit.
fn in_ms(unit: &str, stated: &str) -> Option<i128> {
    let of_clock = |ms: Number<i64>| match ms {
        Number::Is(ms, _) => Some(i128::from(ms)),
        _ => None,
    };
    let scaled = |unit_ms: u32| Some(Decimal::plain(stated)?.scaled(unit_ms, 0)?.units);
    match unit {
        "clock" => of_clock(clock_ms(stated)),
        "hh:mm" => of_clock(hours_minutes_ms(stated)),
        "ms" => scaled(1),
        "s" => scaled(1_000),
        "min" => scaled(60_000),
        _ => None,
    }
}

fn texts<'s>(field: &Assigned, sample: &'s Sample) -> Vec<&'s str> {
    let column = field.reading.from.first().and_then(|name| sample.column(name));
    let Some(column) = column else { return Vec::new() };
    sample.rows.iter().map(|row| row.get(column.at).map_or("", String::as_str)).collect()
}

fn instants(field: &Assigned, sample: &Sample) -> Vec<Option<i64>> {
    let read = read_of(field.reading.read_as.as_deref());
    let Ok(mut reader) = Reader::new(Kind::Instant, &read, &TimeZone::UTC, i64::MAX) else {
        return Vec::new();
    };
    let parts: Vec<usize> =
        field.reading.from.iter().filter_map(|name| sample.column(name)).map(|c| c.at).collect();
    let mut text = |row: &Vec<String>| {
        let texts: Vec<&str> = parts.iter().filter_map(|at| row.get(*at)).map(String::as_str).collect();
        let nothing = texts
            .iter()
            .any(|t| t.is_empty() || is_zero_clock(t) || field.reading.null.iter().any(|n| n == t));
        match reader.read(&texts.join(" ")).cell {
            Cell::Whole(at_us) if !nothing => Some(at_us),
            _ => None,
        }
    };
    sample.rows.iter().map(&mut text).collect()
}

fn is_zero_clock(text: &str) -> bool {
    text.len() >= 4 && text.contains(':') && text.chars().all(|c| c == '0' || c == ':')
}

fn nobody(assigned: &mut [Assigned], sample: &Sample) {
    for field in assigned.iter_mut() {
        let texts = texts(field, sample);
        if field.column == "agent_id" {
            let mut found: Vec<&str> = Vec::new();
            for text in texts {
                if NOBODY.contains(&text.to_lowercase().as_str()) && !found.contains(&text) {
                    found.push(text);
                }
            }
            for text in found {
                if !field.reading.null.iter().any(|n| n == text) {
                    field.reading.null.push(text.to_owned());
                    field.reading.check.push(format!("`{text}` is taken for no agent"));
                }
            }
        } else if PERSONS.contains(&field.column.as_str()) {
            let zeros = texts.iter().filter(|text| **text == "0").count();
            // More than one record in fifty: no person calls that often.
            if zeros * 50 > texts.len() {
                field.reading.null.push("0".into());
                field.reading.check.push("`0` is taken for not identified".into());
            }
        }
    }
}

/// Clocks of stages that a call did not pass are often written as zero.
fn clocks_that_did_not_run(assigned: &mut [Assigned], sample: &Sample) {
    for field in assigned.iter_mut().filter(|field| field.reading.dateless && field.column != "started_at") {
        let clock = field.reading.from.last().and_then(|name| sample.column(name));
        let Some(clock) = clock else { continue };
        let values = sample.values(clock);
        let zeros: Vec<&str> = values.iter().copied().filter(|v| is_zero_clock(v)).collect();
        if let Some(zero) = zeros.first().filter(|_| zeros.len() > 1) {
            field.reading.null.push((*zero).to_owned());
            field.reading.check.push(format!("`{zero}` is taken for not passed"));
        }
    }
}

/// For a clock without a date: the instant that it follows and the duration between the two, if filled.
pub fn follows(field: &Assigned, assigned: &[Assigned]) -> Option<(String, Option<String>)> {
    if !field.reading.dateless {
        return None;
    }
    let filled = |name: &str| assigned.iter().any(|a| a.column == name);
    if field.column == "ends_at" && filled("starts_at") {
        // A night shift ends on the next day.
        return Some(("starts_at".to_owned(), None));
    }
    let at = ORDER.iter().position(|name| *name == field.column)?;
    // An end follows its service when there is one; every other stage follows the start.
    let before = match field.column.as_str() {
        "ended_at" => ["connected_at", "answered_at", "started_at"].into_iter().find(|name| filled(name)),
        "wrap_ended_at" => Some("ended_at").filter(|name| filled(name)),
        _ => ORDER.get(..at)?.iter().copied().find(|name| filled(name)),
    }?;
    let lasting = BETWEEN.iter().find(|(d, from, to)| *from == before && *to == field.column && filled(d));
    Some((before.to_owned(), lasting.map(|(duration, ..)| (*duration).to_owned())))
}
