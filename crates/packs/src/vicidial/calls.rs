//! Calls: those that were dialled, and those of in-groups.

use serde_json::Value;

use super::{agent, instant, second};
use crate::json::text;
use crate::shape::{Each, Flat, Item};
use crate::{Known, LookBack, Lookup, Pull, Stream};

pub(super) const DIALLED: Stream = Stream {
    id: "calls",
    mapping: include_str!("calls.toml"),
    columns: &DIALLED_COLUMNS,
    open: || Box::new(Each(dialled)),
    pull: Some(&Pull {
        tables: &["vicidial_log", "vicidial_log_archive"],
        columns: &[
            "uniqueid",
            "lead_id",
            "list_id",
            "campaign_id",
            "call_date",
            "start_epoch",
            "end_epoch",
            "length_in_sec",
            "status",
            "phone_code",
            "phone_number",
            "user",
            "comments",
            "user_group",
            "term_reason",
        ],
        may_lack: &["alt_dial", "called_count"],
        lookups: &[Lookup {
            tables: &["vicidial_carrier_log", "vicidial_carrier_log_archive"],
            key: "uniqueid",
            columns: &[
                ("hangup_cause", "hangup_cause"),
                ("dialstatus", "dialstatus"),
                ("sip_hangup_cause", "sip_hangup_cause"),
                ("dial_time", "dial_time"),
                ("answered_time", "answered_time"),
            ],
        }],
        cursor: &["call_date"],
        look_back: LookBack::Hours(4),
        context_hours: 0,
        epochs: &[],
    }),
    known: &[
        (
            Known::Documented,
            &[
                "campaign_id",
                "list_id",
                "lead_id",
                "called_number",
                "agent_id",
                "team_id",
                "started_at",
                "ended_at",
                "duration_ms",
                "disposition",
                "attempt_no",
            ],
        ),
        (Known::Assumed, &["direction", "dial_mode", "linked_id", "end_reason", "carrier_cause"]),
    ],
    cannot: &[
        ("answered_at", "the log says that and how a call ended, not when it was picked up"),
        ("talk_ms", "it is the agent's time: `agent_spans` has it, with the call's identifier"),
        ("wrap_ms", "likewise"),
        ("answered_by", "statuses say it (`A`, `AA`, `AM`); map them to `machine`"),
        ("caller_id", "the number shown is in `vicidial_dial_log`, which is not read"),
        ("cost_amount", "the log has no prices"),
    ],
};

const DIALLED_COLUMNS: [&str; 24] = [
    "uniqueid",
    "lead",
    "list",
    "campaign",
    "started",
    "ended",
    "length",
    "status",
    "phone_code",
    "phone_number",
    "agent",
    "group",
    "comments",
    "dial_mode",
    "ended_by",
    "term_reason",
    "alt_dial",
    "attempt",
    "hangup_cause",
    "dialstatus",
    "sip_hangup_cause",
    "dial_time",
    "answered_time",
    "call_date",
];

pub(super) const CLOSERS: Stream = Stream {
    id: "closer_calls",
    mapping: include_str!("closer_calls.toml"),
    columns: &CLOSER_COLUMNS,
    open: || Box::new(Each(closer)),
    pull: Some(&Pull {
        tables: &["vicidial_closer_log", "vicidial_closer_log_archive"],
        columns: &[
            "closecallid",
            "lead_id",
            "list_id",
            "campaign_id",
            "call_date",
            "start_epoch",
            "end_epoch",
            "length_in_sec",
            "status",
            "phone_code",
            "phone_number",
            "user",
            "queue_seconds",
            "user_group",
            "term_reason",
            "uniqueid",
        ],
        may_lack: &["xfercallid", "queue_position", "called_count"],
        // A call that was dialled has its first row there.
        lookups: &[Lookup {
            tables: &["vicidial_log", "vicidial_log_archive"],
            key: "uniqueid",
            columns: &[("campaign_id", "dialled_campaign"), ("uniqueid", "dialled")],
        }],
        cursor: &["call_date"],
        look_back: LookBack::Hours(4),
        context_hours: 0,
        epochs: &[],
    }),
    known: &[
        (
            Known::Documented,
            &[
                "queue",
                "list_id",
                "lead_id",
                "caller_number",
                "agent_id",
                "team_id",
                "queued_at",
                "ended_at",
                "duration_ms",
                "queue_ms",
                "disposition",
            ],
        ),
        (
            Known::Assumed,
            &[
                "direction",
                "campaign_id",
                "linked_id",
                "parent_call_id",
                "connected_at",
                "talk_ms",
                "end_reason",
            ],
        ),
    ],
    cannot: &[
        ("started_at", "the row begins when the call enters the in-group"),
        ("wrap_ms", "it is the agent's time: `agent_spans` has it"),
        ("called_number", "the number called is in `vicidial_did_log`, which is not read"),
        ("hold_ms", "time on hold is in `park_log`, which is not read"),
    ],
};

const CLOSER_COLUMNS: [&str; 23] = [
    "id",
    "uniqueid",
    "dialled",
    "direction",
    "lead",
    "list",
    "ingroup",
    "campaign",
    "queued",
    "connected",
    "ended",
    "length",
    "wait",
    "talk",
    "status",
    "phone_code",
    "phone_number",
    "agent",
    "group",
    "ended_by",
    "term_reason",
    "position",
    "call_date",
];

/// Who or what ended a call. What only says where it went next is not one of them.
fn ended_by(reason: Option<&str>) -> Option<&'static str> {
    match reason? {
        "CALLER" => Some("customer"),
        "AGENT" => Some("agent"),
        "ABANDON" => Some("abandoned"),
        "QUEUETIMEOUT" | "HOLDTIME" => Some("timeout"),
        "SYSTEM" => Some("technical"),
        _ => None,
    }
}

/// When it began and ended: by the second since 1970, which knows no zones, else by the wall.
fn times(row: &Value) -> (Option<String>, Option<String>) {
    let began = second(row, "start_epoch").and_then(instant).or_else(|| text(row, "call_date"));
    (began, second(row, "end_epoch").and_then(instant))
}

fn dialled(item: Item<'_>) -> Result<Vec<Flat>, String> {
    let row = item.document()?;
    let Some(id) = text(row, "uniqueid") else {
        return Err("It has no `uniqueid`, which every row of `vicidial_log` has.".to_owned());
    };
    let (started, ended) = times(row);
    let reason = text(row, "term_reason");
    let comments = text(row, "comments");
    let manual = comments.as_deref().is_some_and(|comments| comments.eq_ignore_ascii_case("MANUAL"));
    let positive = |name: &str| text(row, name).filter(|text| text != "0");
    Ok(vec![
        Flat::default()
            .with("uniqueid", id)
            .with_some("lead", positive("lead_id"))
            .with_some("list", positive("list_id"))
            .with_some("campaign", text(row, "campaign_id"))
            .with_some("started", started)
            .with_some("ended", ended)
            .with_some("length", text(row, "length_in_sec"))
            .with_some("status", text(row, "status"))
            .with_some("phone_code", text(row, "phone_code"))
            .with_some("phone_number", text(row, "phone_number"))
            .with_some("agent", agent(row))
            .with_some("group", text(row, "user_group"))
            .with_some("comments", comments)
            .with_some("dial_mode", manual.then_some("manual"))
            .with_some("ended_by", ended_by(reason.as_deref()))
            .with_some("term_reason", reason)
            .with_some("alt_dial", text(row, "alt_dial"))
            .with_some("attempt", positive("called_count"))
            .with_some("hangup_cause", positive("hangup_cause"))
            .with_some("dialstatus", text(row, "dialstatus"))
            .with_some("sip_hangup_cause", positive("sip_hangup_cause"))
            .with_some("dial_time", text(row, "dial_time"))
            .with_some("answered_time", text(row, "answered_time"))
            .with_some("call_date", text(row, "call_date")),
    ])
}

fn closer(item: Item<'_>) -> Result<Vec<Flat>, String> {
    let row = item.document()?;
    let Some(id) = text(row, "closecallid") else {
        return Err("It has no `closecallid`, which every row of `vicidial_closer_log` has.".to_owned());
    };
    let (queued, ended) = times(row);
    let reason = text(row, "term_reason");
    let positive = |name: &str| text(row, name).filter(|text| text != "0");
    let agent = agent(row);
    let wait_ms = text(row, "queue_seconds").and_then(|text| milliseconds(&text));
    let length_s = text(row, "length_in_sec").and_then(|text| text.parse::<i64>().ok());
    // With an agent, the rest of the call is talk.
    let with_agent = agent.as_ref().and(wait_ms);
    let connected_ms =
        with_agent.zip(second(row, "start_epoch")).map(|(wait_ms, second)| second * 1000 + wait_ms);
    let connected = connected_ms.and_then(|ms| jiff::Timestamp::from_millisecond(ms).ok());
    let talk_ms = with_agent.zip(length_s).map(|(wait_ms, length_s)| length_s * 1000 - wait_ms);
    let dialled = text(row, "dialled");
    Ok(vec![
        Flat::default()
            .with("id", id)
            .with("direction", if dialled.is_some() { "internal" } else { "inbound" })
            .with_some("uniqueid", text(row, "uniqueid"))
            .with_some("dialled", dialled)
            .with_some("lead", positive("lead_id"))
            .with_some("list", positive("list_id"))
            .with_some("ingroup", text(row, "campaign_id"))
            .with_some("campaign", text(row, "dialled_campaign"))
            .with_some("queued", queued)
            .with_some("connected", connected.map(|at| at.to_string()))
            .with_some("ended", ended)
            .with_some("length", text(row, "length_in_sec"))
            .with_some("wait", wait_ms.map(|ms| ms.to_string()))
            .with_some("talk", talk_ms.filter(|ms| *ms >= 0).map(|ms| ms.to_string()))
            .with_some("status", text(row, "status"))
            .with_some("phone_code", text(row, "phone_code"))
            .with_some("phone_number", text(row, "phone_number"))
            .with_some("agent", agent)
            .with_some("group", text(row, "user_group"))
            .with_some("ended_by", ended_by(reason.as_deref()))
            .with_some("term_reason", reason)
            .with_some("position", text(row, "queue_position"))
            .with_some("call_date", text(row, "call_date")),
    ])
}

/// Seconds with two digits after the point, as milliseconds.
fn milliseconds(seconds: &str) -> Option<i64> {
    let (whole, fraction) = seconds.split_once('.').unwrap_or((seconds, ""));
    let padded: String = fraction.chars().chain("000".chars()).take(3).collect();
    Some(whole.parse::<i64>().ok().filter(|whole| *whole >= 0)? * 1000 + padded.parse::<i64>().ok()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(shape: fn(Item<'_>) -> Result<Vec<Flat>, String>, row: &Value) -> Flat {
        shape(Item::Json(row)).unwrap().remove(0)
    }

    #[test]
    fn a_call_that_nobody_took_has_no_agent_and_what_has_no_epoch_has_its_wall() {
        let row = serde_json::json!({
            "uniqueid": "1767603600.7", "user": "VDAD", "start_epoch": "0", "call_date": "2026-01-05 04:00:00",
            "status": "NA", "term_reason": "NONE", "comments": "AUTO", "list_id": "0"
        });
        let flat = read(dialled, &row);
        let told = |name| flat.get(name);
        assert_eq!((told("agent"), told("started")), (None, Some("2026-01-05 04:00:00")));
        assert_eq!((told("ended_by"), told("dial_mode"), told("list")), (None, None, None));
        assert!(dialled(Item::Json(&serde_json::json!({ "user": "ann" }))).is_err());
    }

    #[test]
    fn the_time_in_an_in_group_is_a_wait_and_a_talk() {
        let row = serde_json::json!({
            "closecallid": "5", "uniqueid": "1.2", "user": "ann", "start_epoch": "1767603600", "end_epoch": "1767603700",
            "length_in_sec": "100", "queue_seconds": "12.50", "term_reason": "CALLER", "dialled": "1.2"
        });
        let flat = read(closer, &row);
        let told = |name| flat.get(name).unwrap_or("-");
        assert_eq!(
            (told("wait"), told("talk"), told("connected")),
            ("12500", "87500", "2026-01-05T09:00:12.5Z")
        );
        assert_eq!((told("direction"), told("ended_by")), ("internal", "customer"));
        let dropped = serde_json::json!({ "closecallid": "6", "user": "VDCL", "queue_seconds": "30", "length_in_sec": "30" });
        let flat = read(closer, &dropped);
        assert_eq!(
            (flat.get("talk"), flat.get("direction"), flat.get("wait")),
            (None, Some("inbound"), Some("30000"))
        );
    }
}
