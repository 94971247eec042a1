//! What became of a client's calls: each is returned once, and again when it has changed.

use std::collections::BTreeSet;

use dialmark_engine::{Engine, EngineError};
use dialmark_govern::report::{Due, ReturnRow, Returning};
use dialmark_model::civil::Period;
use dialmark_model::{DispositionMap, Outcome};
use dialmark_state::Returned;
use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp};

use super::Making;
use crate::error::NotDone;
use crate::mark::mark;
use crate::rows::{Record, Wanted, records};

const DAY: SignedDuration = SignedDuration::from_hours(24);
const CALLS: &str = "calls";
const LISTED: &str = "dnc_events";
const ADDED: &str = "added";

/// Calls that began before the report is due and were not returned yet, or not as they are now. `eyes` sees the client's records.
pub(super) async fn returning(
    making: &Making<'_>,
    eyes: &Engine,
    (client, look_back_days): (&str, u32),
    due: &Due,
    series: &str,
) -> Result<(Returning, Vec<Returned>), NotDone> {
    let back = SignedDuration::from_hours(24 * i64::from(look_back_days));
    let from = due.at.checked_sub(back).unwrap_or(Timestamp::MIN);
    // Whoever is new gets what was called since the day before they were there.
    let since = making.state.report_since(series, due.at).await?;
    let calendar = eyes.calendar();
    let first = calendar.day_of(since).yesterday().ok().and_then(|day| calendar.day_start(day));
    let from = first.map_or(from, |first| first.max(from));
    let listed = listed(making.whole, from).await?;
    let known = making.state.returned(series, from).await?;

    let mut days = Days { map: making.whole.dispositions(), of_day: None };
    let (mut rows, mut returned) = (Vec::new(), Vec::new());
    // Day by day, so that weeks of a large client fit into memory.
    for period in stretches(from, due.at) {
        let wanted = Wanted { table: Some(CALLS), period, ..Wanted::default() };
        for call in records(eyes, &wanted).await?.1 {
            let Some(mut row) = row(&call, &mut days, &listed, |at| calendar.day_of(at)) else {
                // It was asked for by its time, so it has one.
                continue;
            };
            let (key, mark) = (key(&call), mark_of(&row));
            match known.get(&key) {
                Some(before) if *before == mark => continue,
                Some(_) => row.is_changed = true,
                None => {}
            }
            returned.push(Returned { key, mark, at: row.started_at });
            rows.push(row);
        }
    }
    Ok((Returning { client: client.to_owned(), from, to: due.at, rows }, returned))
}

/// A time in pieces of a day or less, one after the other.
fn stretches(from: Timestamp, to: Timestamp) -> impl Iterator<Item = Period> {
    let next = move |at: Timestamp| at.checked_add(DAY).unwrap_or(to).min(to);
    let starts = std::iter::successors(Some(from), move |at| Some(next(*at)).filter(|next| *next < to));
    starts.take_while(move |at| *at < to).map(move |at| Period { from: Some(at), to: Some(next(at)) })
}

/// Calls on which somebody asked not to be called again, by their identifier.
async fn listed(whole: &Engine, from: Timestamp) -> Result<BTreeSet<String>, EngineError> {
    let period = Period { from: Some(from), to: None };
    let wanted = Wanted { table: Some(LISTED), period, ..Wanted::default() };
    let events = match records(whole, &wanted).await {
        Ok((_, events)) => events,
        // No source of this centre tells of them.
        Err(EngineError::Question(_)) => Vec::new(),
        Err(other) => return Err(other),
    };
    let mut listed = BTreeSet::new();
    for event in events {
        let Some(call) = event.get("call_id") else { continue };
        // In the order of time: the last one counts.
        match event.get("action").map(String::as_str) {
            None | Some(ADDED) => listed.insert(call.clone()),
            Some(_) => listed.remove(call),
        };
    }
    Ok(listed)
}

/// Meanings of codes, of one day at a time: calls come in the order of days.
struct Days<'a> {
    map: &'a DispositionMap,
    of_day: Option<(Date, DispositionMap)>,
}

impl Days<'_> {
    fn outcome(&mut self, code: &str, day: Date) -> Option<Outcome> {
        if self.of_day.as_ref().is_none_or(|(known, _)| *known != day) {
            self.of_day = Some((day, self.map.as_of(day)));
        }
        let (_, map) = self.of_day.as_ref()?;
        map.codes.get(code).map(|disposition| disposition.outcome)
    }
}

fn row(
    call: &Record,
    days: &mut Days<'_>,
    listed: &BTreeSet<String>,
    day_of: impl Fn(Timestamp) -> Date,
) -> Option<ReturnRow> {
    let text = |column: &str| call.get(column).cloned();
    let instants = ["started_at", "queued_at", "answered_at", "connected_at", "ended_at"];
    let started_at: Timestamp = instants.iter().find_map(|column| call.get(*column)?.parse().ok())?;
    let code = text("disposition");
    let outcome = code.as_ref().and_then(|code| days.outcome(code, day_of(started_at)));
    let is_listed = call.get("source_id").is_some_and(|id| listed.contains(id));
    Some(ReturnRow {
        lead_id: text("lead_id"),
        call_id: text("source_id").unwrap_or_else(|| key(call)),
        campaign: text("campaign_id"),
        attempt: text("attempt_no"),
        started_at,
        outcome: outcome.map(Outcome::word),
        code,
        is_do_not_call: outcome == Some(Outcome::DoNotCall) || is_listed,
        is_changed: false,
    })
}

/// By which a call is known for ever: its identifier in its source, or its line where it has none.
fn key(call: &Record) -> String {
    let part = |column: &str| call.get(column).map(String::as_str).unwrap_or_default();
    match call.get("source_id") {
        Some(id) => format!("{}/{id}", part("source")),
        None => format!("{}//{}/{}", part("source"), part("import_id"), part("line")),
    }
}

fn mark_of(row: &ReturnRow) -> String {
    let text = |value: &Option<String>| value.clone().unwrap_or_default();
    mark(&[
        &text(&row.lead_id),
        &text(&row.campaign),
        &text(&row.attempt),
        &row.started_at.to_string(),
        row.outcome.unwrap_or_default(),
        &text(&row.code),
        if row.is_do_not_call { "do not call" } else { "" },
    ])
}

#[cfg(test)]
mod tests {
    use super::*;
    use dialmark_model::{Disposition, civil};

    fn call(pairs: &[(&str, &str)]) -> Record {
        pairs.iter().map(|(column, value)| ((*column).to_owned(), (*value).to_owned())).collect()
    }

    #[test]
    fn a_time_is_asked_for_in_days_that_meet() {
        let at = |text: &str| text.parse::<Timestamp>().unwrap();
        let (from, to) = (at("2026-07-01T06:00:00Z"), at("2026-07-03T07:30:00Z"));
        let all: Vec<Period> = stretches(from, to).collect();
        assert_eq!((all.len(), all[0].from, all[2].to), (3, Some(from), Some(to)));
        assert!(all.windows(2).all(|two| two[0].to == two[1].from));
        assert_eq!(stretches(to, to).count(), 0);
    }

    #[test]
    fn a_call_is_returned_by_the_clients_lead_with_the_meaning_of_its_day() {
        let mut map = DispositionMap::default();
        map.codes.insert("NC".to_owned(), Disposition::of(Outcome::DoNotCall));
        let mut days = Days { map: &map, of_day: None };
        let zone = civil::zone("Europe/London").unwrap();
        let record = call(&[
            ("source", "dialler"),
            ("source_id", "7"),
            ("lead_id", "L-1"),
            ("started_at", "2026-07-01T08:00:00Z"),
            ("disposition", "NC"),
        ]);
        let none = BTreeSet::new();
        let found = row(&record, &mut days, &none, |at| civil::day_of(at, &zone)).unwrap();
        assert_eq!((found.outcome, found.is_do_not_call), (Some("do_not_call"), true));
        assert_eq!((key(&record).as_str(), found.lead_id.as_deref()), ("dialler/7", Some("L-1")));

        // A code that nobody knows has no meaning, and a list may say what the code does not.
        let other = call(&[
            ("source", "dialler"),
            ("source_id", "8"),
            ("started_at", "2026-07-01T08:00:00Z"),
            ("disposition", "?"),
        ]);
        let before = row(&other, &mut days, &none, |at| civil::day_of(at, &zone)).unwrap();
        assert_eq!((before.outcome, before.is_do_not_call), (None, false));
        let after = row(&other, &mut days, &BTreeSet::from(["8".to_owned()]), |at| civil::day_of(at, &zone));
        let after = after.unwrap();
        assert!(after.is_do_not_call);
        assert_ne!(mark_of(&before), mark_of(&after));
    }
}
