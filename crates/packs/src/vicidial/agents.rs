//! Agents' time: each row of their log is a pause, a wait, a conversation and the work after it, one after the other.

use std::collections::BTreeMap;

use jiff::civil::DateTime;
use jiff::{SignedDuration, Timestamp};
use serde_json::Value;

use super::{second, seconds};
use crate::json::text;
use crate::shape::{Each, Flat, Item, Shape};
use crate::{CONTEXT, Known, LookBack, Pull, Stream};

/// From here on a count of seconds is one that ran over.
const RAN_OVER_S: i64 = 65_000;
/// Rows of one agent that lie further apart belong to two log-ins.
const APART_S: i64 = 15 * 60;

const ROW: [&str; 16] = [
    "agent_log_id",
    "user",
    "event_time",
    "campaign_id",
    "pause_epoch",
    "pause_sec",
    "wait_epoch",
    "wait_sec",
    "talk_epoch",
    "talk_sec",
    "dispo_epoch",
    "dispo_sec",
    "lead_id",
    "status",
    "user_group",
    "sub_status",
];
const NEWER: [&str; 4] = ["dead_epoch", "dead_sec", "uniqueid", "pause_type"];
const TABLES: [&str; 2] = ["vicidial_agent_log", "vicidial_agent_log_archive"];

pub(super) const SPANS: Stream = Stream {
    id: "agent_spans",
    mapping: include_str!("agent_spans.toml"),
    columns: &SPAN_COLUMNS,
    open: || Box::new(Each(spans)),
    pull: Some(&Pull {
        tables: &TABLES,
        columns: &ROW,
        may_lack: &NEWER,
        lookups: &[],
        cursor: &["event_time"],
        // A row is filled in when its last part ends, and a pause may be long.
        look_back: LookBack::Hours(12),
        context_hours: 0,
        epochs: &[],
    }),
    known: &[
        (Known::Documented, &["agent_id", "team_id", "campaign_id", "state", "reason", "duration_ms"]),
        (Known::Assumed, &["call_id", "started_at", "ended_at"]),
    ],
    cannot: &[(
        "paid",
        "the log knows nothing of pay; time clocks are in `vicidial_timeclock_log`, which is not read",
    )],
};

const SPAN_COLUMNS: [&str; 13] = [
    "id",
    "agent",
    "group",
    "campaign",
    "state",
    "reason",
    "call",
    "lead",
    "status",
    "from",
    "to",
    "length",
    "pause_type",
];

pub(super) const SHIFTS: Stream = Stream {
    id: "shifts",
    mapping: include_str!("shifts.toml"),
    columns: &SHIFT_COLUMNS,
    open: || Box::<Shifts>::default(),
    pull: Some(&Pull {
        tables: &TABLES,
        columns: &ROW,
        may_lack: &NEWER,
        lookups: &[],
        cursor: &["event_time"],
        look_back: LookBack::Hours(48),
        // A log-in of up to a day is seen from its beginning.
        context_hours: 24,
        epochs: &["event_time"],
    }),
    known: &[(Known::Assumed, &["agent_id", "team_id", "started_at", "ended_at", "logged_ms"])],
    cannot: &[
        ("campaign_id", "an agent may change it within a log-in"),
        ("paid_ms", "the log knows nothing of pay"),
    ],
};

const SHIFT_COLUMNS: [&str; 6] = ["id", "agent", "group", "from", "to", "length"];

/// One part of a row.
struct Part {
    name: &'static str,
    state: &'static str,
    begins: Option<i64>,
    length_s: i64,
}

/// The parts of a row, in their order. Dead seconds, in which the customer has hung up and the agent has not, are the end
/// of the talk; they are work after the call.
fn parts(row: &Value) -> Result<Vec<Part>, String> {
    for name in ["pause_sec", "wait_sec", "talk_sec", "dispo_sec", "dead_sec"] {
        let length_s = seconds(row, name);
        if length_s >= RAN_OVER_S {
            return Err(format!(
                "`{name}` is {length_s}, and from {RAN_OVER_S} on it is a count that ran over: VICIdial's own reports leave such rows out."
            ));
        }
    }
    let talk_s = seconds(row, "talk_sec");
    let dead_s = seconds(row, "dead_sec").min(talk_s);
    let talk_begins = second(row, "talk_epoch");
    let dead_begins = talk_begins.map(|second| second + talk_s - dead_s);
    let part = |name, state, begins, length_s| Part { name, state, begins, length_s };
    Ok(vec![
        part("pause", "pause", second(row, "pause_epoch"), seconds(row, "pause_sec")),
        part("wait", "wait", second(row, "wait_epoch"), seconds(row, "wait_sec")),
        part("talk", "talk", talk_begins, talk_s - dead_s),
        part("dead", "wrap", dead_begins, dead_s),
        part("dispo", "wrap", second(row, "dispo_epoch"), seconds(row, "dispo_sec")),
    ])
}

fn spans(item: Item<'_>) -> Result<Vec<Flat>, String> {
    let row = item.document()?;
    let (Some(id), Some(agent)) = (text(row, "agent_log_id"), text(row, "user")) else {
        return Err(
            "It lacks `agent_log_id` or `user`, which every row of `vicidial_agent_log` has.".to_owned()
        );
    };
    let wall: Option<DateTime> = text(row, "event_time").and_then(|text| text.parse().ok());
    let mut flats = Vec::new();
    // Where a part has no second of its own it follows the one before it, and the first the wall.
    let (mut at, mut since_s) = (None, 0_i64);
    for part in parts(row)? {
        at = part.begins.or(at);
        if part.length_s > 0 {
            let (from, to) = match at {
                Some(second) => (instant(second), instant(second + part.length_s)),
                None => (on_wall(wall, since_s), on_wall(wall, since_s + part.length_s)),
            };
            let of_call =
                |name: &str| text(row, name).filter(|_| part.name != "pause" && part.name != "wait");
            let reason = match part.name {
                "pause" => text(row, "sub_status"),
                "dead" => Some("DEAD".to_owned()),
                _ => None,
            };
            flats.push(
                Flat::default()
                    .with("id", format!("{id}|{}", part.name))
                    .with("agent", agent.as_str())
                    .with("state", part.state)
                    .with("length", part.length_s.to_string())
                    .with_some("group", text(row, "user_group"))
                    .with_some("campaign", text(row, "campaign_id"))
                    .with_some("reason", reason)
                    .with_some("call", of_call("uniqueid"))
                    .with_some("lead", of_call("lead_id"))
                    .with_some("status", of_call("status"))
                    .with_some("pause_type", text(row, "pause_type").filter(|_| part.name == "pause"))
                    .with_some("from", from)
                    .with_some("to", to),
            );
        }
        since_s += part.length_s;
        at = at.map(|second| second + part.length_s);
    }
    Ok(flats)
}

fn instant(second: i64) -> Option<String> {
    super::instant(second)
}

fn on_wall(wall: Option<DateTime>, seconds: i64) -> Option<String> {
    wall?.checked_add(SignedDuration::from_secs(seconds)).ok().map(|at| at.to_string())
}

/// A log-in under way.
struct Open {
    id: String,
    group: Option<String>,
    from_s: i64,
    to_s: i64,
    /// It began before what is to be told.
    is_context: bool,
}

/// Log-ins: rows of one agent, one behind the other.
#[derive(Default)]
struct Shifts {
    open: BTreeMap<String, Open>,
}

impl Shape for Shifts {
    fn read(&mut self, item: Item<'_>, out: &mut Vec<Flat>) -> Result<(), String> {
        let row = item.document()?;
        let (Some(id), Some(agent)) = (text(row, "agent_log_id"), text(row, "user")) else {
            return Err(
                "It lacks `agent_log_id` or `user`, which every row of `vicidial_agent_log` has.".to_owned()
            );
        };
        let parts = parts(row)?;
        let event = text(row, "event_time").and_then(|text| text.split('.').next()?.parse::<i64>().ok());
        let Some(from_s) = parts.iter().find_map(|part| part.begins).or(event) else {
            return Err("It has neither a readable `event_time` nor a second since 1970.".to_owned());
        };
        let total_s: i64 = parts.iter().map(|part| part.length_s).sum();
        let last = parts.iter().rev().find_map(|part| Some(part.begins? + part.length_s));
        let to_s = last.unwrap_or(from_s).max(from_s + total_s);
        let begins_anew = text(row, "sub_status").as_deref() == Some("LOGIN");
        if let Some(open) = self.open.get_mut(&agent)
            && !begins_anew
            && from_s <= open.to_s + APART_S
        {
            open.to_s = open.to_s.max(to_s);
            return Ok(());
        }
        let is_context = text(row, CONTEXT).is_some();
        let open = Open { id, group: text(row, "user_group"), from_s, to_s, is_context };
        if let Some(before) = self.open.insert(agent.clone(), open) {
            out.extend(shift(&agent, &before));
        }
        Ok(())
    }

    fn end(&mut self, out: &mut Vec<Flat>) {
        for (agent, open) in std::mem::take(&mut self.open) {
            out.extend(shift(&agent, &open));
        }
    }
}

fn shift(agent: &str, open: &Open) -> Option<Flat> {
    let text = |second: i64| Timestamp::from_second(second).ok().map(|at| at.to_string());
    (!open.is_context).then(|| {
        Flat::default()
            .with("id", open.id.as_str())
            .with("agent", agent)
            .with_some("group", open.group.clone())
            .with_some("from", text(open.from_s))
            .with_some("to", text(open.to_s))
            .with("length", (open.to_s - open.from_s).to_string())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(id: u32, at: i64, parts: [i64; 5]) -> Value {
        let [pause, wait, talk, dispo, dead] = parts;
        serde_json::json!({
            "agent_log_id": id.to_string(), "user": "ann", "event_time": at.to_string(), "uniqueid": "u1", "sub_status": "LUNCH",
            "pause_epoch": at.to_string(), "pause_sec": pause.to_string(),
            "wait_epoch": (at + pause).to_string(), "wait_sec": wait.to_string(),
            "talk_epoch": (at + pause + wait).to_string(), "talk_sec": talk.to_string(),
            "dispo_epoch": (at + pause + wait + talk).to_string(), "dispo_sec": dispo.to_string(), "dead_sec": dead.to_string()
        })
    }

    fn told(flats: &[Flat]) -> Vec<(&str, &str, &str)> {
        let all =
            flats.iter().map(|flat| ["state", "length", "from"].map(|name| flat.get(name).unwrap_or("-")));
        all.map(|[state, length, from]| (state, length, from)).collect()
    }

    #[test]
    fn a_row_is_its_parts_one_after_the_other_and_dead_seconds_are_no_talk() {
        let flats = spans(Item::Json(&row(1, 1_767_603_600, [10, 20, 60, 5, 15]))).unwrap();
        assert_eq!(
            told(&flats),
            [
                ("pause", "10", "2026-01-05T09:00:00Z"),
                ("wait", "20", "2026-01-05T09:00:10Z"),
                ("talk", "45", "2026-01-05T09:00:30Z"),
                ("wrap", "15", "2026-01-05T09:01:15Z"),
                ("wrap", "5", "2026-01-05T09:01:30Z"),
            ]
        );
        assert_eq!(flats[0].get("reason"), Some("LUNCH"));
        assert_eq!((flats[0].get("call"), flats[2].get("call")), (None, Some("u1")));
        assert_eq!(flats[3].get("reason"), Some("DEAD"));
    }

    #[test]
    fn without_seconds_since_1970_the_wall_goes_on() {
        let bare = serde_json::json!({
            "agent_log_id": "1", "user": "ann", "event_time": "2026-01-05 04:00:00", "pause_sec": "10", "talk_sec": "30"
        });
        let flats = spans(Item::Json(&bare)).unwrap();
        assert_eq!(
            told(&flats),
            [("pause", "10", "2026-01-05T04:00:00"), ("talk", "30", "2026-01-05T04:00:10")]
        );
    }

    #[test]
    fn a_count_that_ran_over_is_no_time() {
        let error = spans(Item::Json(&row(1, 1_767_603_600, [65_535, 0, 0, 0, 0]))).unwrap_err();
        assert!(error.contains("65535"), "{error}");
    }

    #[test]
    fn rows_that_follow_each_other_are_one_log_in() {
        let mut shape = Shifts::default();
        let mut out = Vec::new();
        let begin = 1_767_603_600;
        let mut before = row(1, begin - 90_000, [0, 100, 0, 0, 0]);
        before[CONTEXT] = "1".into();
        for row in [
            before,
            row(2, begin, [0, 100, 200, 0, 0]),
            row(3, begin + 300, [0, 0, 100, 0, 0]),
            row(4, begin + 400 + 901, [0, 50, 0, 0, 0]),
        ] {
            shape.read(Item::Json(&row), &mut out).unwrap();
        }
        let mut login = row(5, begin + 400 + 951, [10, 0, 0, 0, 0]);
        login["sub_status"] = "LOGIN".into();
        shape.read(Item::Json(&login), &mut out).unwrap();
        shape.end(&mut out);
        let told: Vec<(&str, &str)> =
            out.iter().map(|flat| (flat.get("id").unwrap(), flat.get("length").unwrap())).collect();
        assert_eq!(told, [("2", "400"), ("4", "50"), ("5", "10")]);
    }
}
