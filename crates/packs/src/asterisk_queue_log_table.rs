//! The same events where Asterisk writes them to a table: `time`, `callid`, `queuename`, `agent`, `event`, `data1` to
//! `data5`, or all parameters in `data`.

use serde_json::Value;

use crate::asterisk_queue_log::{self as log, CALL_COLUMNS, SHIFT_COLUMNS, SPAN_COLUMNS};
use crate::json::text;
use crate::shape::Input;
use crate::{Known, LookBack, Pack, Pull, Stream};

/// Events make a record together, so all streams read alike: two days back, of which the first only says what was open.
const PULL: Pull = Pull {
    tables: &["queue_log"],
    columns: &["time", "callid", "queuename", "agent", "event"],
    may_lack: &["data", "data1", "data2", "data3", "data4", "data5"],
    lookups: &[],
    cursor: &["time"],
    look_back: LookBack::Hours(48),
    context_hours: 24,
    epochs: &["time"],
};

pub(crate) const PACK: Pack = Pack {
    id: "asterisk_queue_log_table",
    label: "Asterisk queue log in a database",
    about: "The table `queue_log` of Asterisk's realtime engine: calls of its queues, what its agents did, and their log-ins.",
    input: Input::Json { lists: &[] },
    streams: &[
        Stream {
            id: "calls",
            mapping: include_str!("asterisk_queue_log_calls.toml"),
            columns: &CALL_COLUMNS,
            open: log::calls,
            pull: Some(&PULL),
            known: &[(
                Known::Documented,
                &[
                    "direction",
                    "queue",
                    "caller_number",
                    "agent_id",
                    "linked_id",
                    "queued_at",
                    "connected_at",
                    "ended_at",
                    "queue_ms",
                    "talk_ms",
                    "disposition",
                    "end_reason",
                    "transfers",
                ],
            )],
            cannot: &[
                ("started_at", "the log begins when the call enters the queue, not when it rings in"),
                ("hold_ms", "holds are not logged"),
                ("wrap_ms", "the wrap-up time of a queue is a setting and not logged"),
                ("campaign_id", "map it from the queue"),
            ],
        },
        Stream {
            id: "agent_spans",
            mapping: include_str!("asterisk_queue_log_spans.toml"),
            columns: &SPAN_COLUMNS,
            open: log::agent_spans,
            pull: Some(&PULL),
            known: &[(
                Known::Documented,
                &["agent_id", "state", "reason", "call_id", "started_at", "ended_at", "duration_ms"],
            )],
            cannot: &[("campaign_id", "map it from the queue"), ("paid", "the log knows nothing of pay")],
        },
        Stream {
            id: "shifts",
            mapping: include_str!("asterisk_queue_log_shifts.toml"),
            columns: &SHIFT_COLUMNS,
            open: log::shifts,
            pull: Some(&PULL),
            known: &[(Known::Documented, &["agent_id", "started_at", "ended_at", "logged_ms"])],
            cannot: &[("paid_ms", "the log knows nothing of pay")],
        },
    ],
    traps: &[
        "Two days are read again each time, so that what was open is whole: pull every quarter of an hour rather than every half minute.",
        "A log-in of more than a day, or a call, is told as far as its first day.",
        "`time` may be a time of the server's wall, in the source's zone, a text of one, or the second since 1970. In the hour that the clock shows twice the earlier one is taken.",
        "Events of one second come in the order in which the database gives them.",
        "Without an index on `time` each query reads the whole table.",
        "`RINGNOANSWER` counts milliseconds where all others count seconds.",
    ],
};

/// A row as a line of the file, which says the same: `epoch|call|queue|agent|EVENT|p1|p2|...`.
pub(crate) fn line(row: &Value) -> Result<String, String> {
    let of = |name: &str| text(row, name).unwrap_or_default();
    let mut line = [of("time"), of("callid"), of("queuename"), of("agent"), of("event")].join("|");
    let parameters: Vec<String> = ["data1", "data2", "data3", "data4", "data5"].map(of).to_vec();
    let all = match parameters.iter().rposition(|text| !text.is_empty()) {
        Some(last) => parameters.get(..=last).unwrap_or_default().join("|"),
        None => of("data"),
    };
    if !all.is_empty() {
        line.push('|');
        line += &all;
    }
    match line.contains(['\n', '\r']) {
        true => Err("A column of the event has a line end in it.".to_owned()),
        false => Ok(line),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::shape::{Flat, Item};
    use crate::{CONTEXT, Shape};

    fn event(second: i64, call: &str, agent: &str, name: &str, data: [&str; 3]) -> Value {
        serde_json::json!({
            "time": second.to_string(), "callid": call, "queuename": "sales", "agent": agent, "event": name,
            "data1": data[0], "data2": data[1], "data3": data[2]
        })
    }

    fn read(mut shape: Box<dyn Shape>, rows: &[Value], context: usize) -> Vec<Flat> {
        let mut out = Vec::new();
        for (at, row) in rows.iter().enumerate() {
            let mut row = row.clone();
            if at < context {
                row[CONTEXT] = "1".into();
            }
            shape.read(Item::Json(&row), &mut out).unwrap();
        }
        shape.end(&mut out);
        out
    }

    fn ids(flats: &[Flat]) -> Vec<&str> {
        flats.iter().map(|flat| flat.get("id").unwrap()).collect()
    }

    #[test]
    fn a_row_is_a_line() {
        let row = event(1_767_603_600, "c1", "SIP/ann", "CONNECT", ["10", "c2", ""]);
        assert_eq!(line(&row).unwrap(), "1767603600|c1|sales|SIP/ann|CONNECT|10|c2");
        let old = serde_json::json!({ "time": "1", "callid": "c", "queuename": "q", "agent": "a", "event": "ABANDON", "data": "1|1|15" });
        assert_eq!(line(&old).unwrap(), "1|c|q|a|ABANDON|1|1|15");
    }

    #[test]
    fn what_began_in_the_context_is_known_already() {
        let rows = [
            event(100, "NONE", "SIP/ann", "ADDMEMBER", ["", "", ""]),
            event(110, "c1", "NONE", "ENTERQUEUE", ["", "0201", "1"]),
            event(115, "c0", "NONE", "ENTERQUEUE", ["", "0202", "1"]),
            event(117, "c0", "NONE", "ABANDON", ["1", "1", "2"]),
            event(120, "c1", "SIP/ann", "CONNECT", ["10", "c2", "4"]),
            event(150, "c1", "SIP/ann", "COMPLETEAGENT", ["10", "30", "1"]),
            event(160, "c0", "NONE", "ENTERQUEUE", ["", "0202", "1"]),
            event(170, "c0", "NONE", "ABANDON", ["1", "1", "10"]),
        ];
        assert_eq!(ids(&read(log::calls(), &rows, 0)), ["c0|sales", "c1|sales", "c0|sales|2"]);
        // The second visit stays the second, though the first is not told again.
        assert_eq!(ids(&read(log::calls(), &rows, 4)), ["c0|sales|2"]);
        let all = read(log::agent_spans(), &rows, 0);
        assert_eq!(ids(&all), ["SIP/ann|100000|wait", "SIP/ann|120000|talk", "SIP/ann|150000|wait"]);
        let later = read(log::agent_spans(), &rows, 4);
        assert_eq!(ids(&later), ["SIP/ann|120000|talk", "SIP/ann|150000|wait"]);
        assert!(read(log::shifts(), &rows, 4).is_empty());
        assert!(read(log::shifts(), &rows, 8).is_empty());
    }
}
