//! Twilio's status callbacks: what it sends while a call goes on, each time the whole call as it is known then.
//!
//! A call's record comes of the last callback alone. Those before it say less of the call, not more: a record made of
//! one would be taken for the call whenever the last is late or lost, and would be replaced by it otherwise, with all that
//! only the earlier one said. What they say of their own is when dialling, ringing and talking began; of these the answer
//! can be worked out from the last one, and the other two are said to be missing.

use jiff::fmt::rfc2822;
use jiff::{SignedDuration, Timestamp};

use crate::json::text;
use crate::shape::{Each, Flat, Input, Item};
use crate::{Known, Pack, Stream};

pub(crate) const PACK: Pack = Pack {
    id: "twilio_status",
    label: "Twilio status callbacks",
    about: "What Twilio sends to the `StatusCallback` of a call or number: one object a callback, as `/api/v1/webhooks/NAME` makes of the form.",
    input: Input::Json { lists: &[] },
    streams: &[Stream {
        id: "calls",
        mapping: include_str!("twilio_status.toml"),
        columns: &COLUMNS,
        open: || Box::new(Each(shape)),
        pull: None,
        known: &[
            (
                Known::Documented,
                &[
                    "direction",
                    "called_number",
                    "caller_number",
                    "parent_call_id",
                    "ended_at",
                    "duration_ms",
                    "billed_ms",
                    "answered_by",
                    "disposition",
                    "carrier_cause",
                    "recording_ref",
                ],
            ),
            (Known::Assumed, &["answered_at"]),
        ],
        cannot: &[
            (
                "started_at",
                "the last callback says when the call ended; dialling began with the `initiated` one, which the last would replace. `twilio_calls` has the start",
            ),
            ("ring_ms", "for the same reason"),
            ("queue_ms", "callbacks do not say it; `twilio_calls` does"),
            ("cost_amount", "the price comes later than the call; `twilio_calls` has it"),
            (
                "agent_id",
                "the callback names numbers, not people; the child leg to an agent has the agent's number or client",
            ),
            ("talk_ms", "`CallDuration` runs from the answer, by whatever answered"),
            ("campaign_id", "the callback knows none"),
        ],
    }],
    traps: &[
        "A call becomes a record when it is over: at `completed`, `busy`, `failed`, `no-answer` or `canceled`, which Twilio sends as the event `completed`. Other events may be asked for and change nothing.",
        "The answer is worked out: the end less `CallDuration`, for calls with the status `completed`. Both are whole seconds, so it may be a second off. A call that nobody answered counts at its end, which is up to a minute after it was dialled.",
        "`Duration` is minutes as they are billed, `CallDuration` seconds.",
        "Status callbacks and `twilio_calls` tell of the same calls: use one of the two, or each call counts twice. Callbacks come at once and are lost when nobody takes them; the list is complete.",
        "A call that is put through to an agent has a child leg with `ParentCallSid`, which is a record of its own, and callbacks of its own only when `<Number>` or `<Client>` asks for them.",
        "`AnsweredBy` comes with the callback when machines are detected before the call goes on, and not when they are detected beside it (`AsyncAmd`).",
    ],
};

/// Texts of a callback, as Twilio names them, and the answer that is worked out.
const COLUMNS: [&str; 34] = [
    "CallSid",
    "ParentCallSid",
    "AccountSid",
    "Direction",
    "From",
    "To",
    "ForwardedFrom",
    "CallerName",
    "CallStatus",
    "Timestamp",
    "answered",
    "SequenceNumber",
    "CallbackSource",
    "CallDuration",
    "Duration",
    "SipResponseCode",
    "AnsweredBy",
    "MachineDetectionDuration",
    "RecordingUrl",
    "RecordingSid",
    "RecordingDuration",
    "StirVerstat",
    "StirStatus",
    "QueueTime",
    "ApiVersion",
    "FromCity",
    "FromState",
    "FromZip",
    "FromCountry",
    "ToCity",
    "ToState",
    "ToZip",
    "ToCountry",
    "ErrorCode",
];

/// Statuses of a call that goes on.
const UNDER_WAY: [&str; 4] = ["queued", "initiated", "ringing", "in-progress"];
/// Statuses of a call that is over.
const OVER: [&str; 5] = [ANSWERED, "busy", "failed", "no-answer", "canceled"];
/// The one of them that an answered call has.
const ANSWERED: &str = "completed";

fn shape(item: Item<'_>) -> Result<Vec<Flat>, String> {
    let value = item.document()?;
    if text(value, "CallSid").is_none() {
        return Err("It has no `CallSid`, which every status callback of Twilio's has.".to_owned());
    }
    let Some(status) = text(value, "CallStatus") else {
        return Err("It has no `CallStatus`, so it is another kind of webhook of Twilio's.".to_owned());
    };
    if UNDER_WAY.contains(&status.as_str()) {
        return Ok(Vec::new());
    }
    if !OVER.contains(&status.as_str()) {
        return Err(format!("Its `CallStatus` is `{status}`, and whether such a call is over is not known."));
    }
    let mut flat = Flat::default();
    for name in COLUMNS {
        if let Some(text) = text(value, name) {
            flat.set(name, text);
        }
    }
    // Callbacks are numbered from 0. One without a number is the only one of its call.
    if flat.get("SequenceNumber").is_none() {
        flat.set("SequenceNumber", "0");
    }
    if status == ANSWERED
        && let Some(answered) = answered(&flat)
    {
        flat.set("answered", answered);
    }
    Ok(vec![flat])
}

/// When the call was answered: so long before its end as it lasted.
fn answered(flat: &Flat) -> Option<String> {
    let ended: Timestamp = rfc2822::parse(flat.get("Timestamp")?).ok()?.timestamp();
    let lasted = SignedDuration::from_secs(flat.get("CallDuration")?.parse().ok()?);
    ended.checked_sub(lasted).ok().filter(|_| !lasted.is_negative()).map(|at| at.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn callback(status: &str, sequence: &str) -> serde_json::Value {
        json!({
            "CallSid": "CA1", "AccountSid": "AC1", "From": "+442015550100", "To": "+442015550101", "CallStatus": status,
            "Direction": "outbound-api", "Timestamp": "Mon, 05 Jan 2026 09:01:05 +0000", "SequenceNumber": sequence,
            "CallbackSource": "call-progress-events", "CallDuration": "49", "Duration": "1", "SipResponseCode": "200"
        })
    }

    #[test]
    fn a_call_is_a_record_when_it_is_over() {
        for status in UNDER_WAY {
            assert_eq!(shape(Item::Json(&callback(status, "0"))).unwrap(), [], "{status}");
        }
        for status in OVER {
            let flats = shape(Item::Json(&callback(status, "3"))).unwrap();
            assert_eq!((flats.len(), flats[0].get("SequenceNumber")), (1, Some("3")), "{status}");
        }
        for odd in
            [json!({ "CallStatus": "completed" }), json!({ "CallSid": "CA1" }), callback("on-fire", "1")]
        {
            assert!(shape(Item::Json(&odd)).is_err(), "{odd}");
        }
    }

    #[test]
    fn the_answer_is_the_end_less_the_seconds_and_only_of_calls_that_were_answered() {
        let of = |value: serde_json::Value| {
            shape(Item::Json(&value)).unwrap()[0].get("answered").map(str::to_owned)
        };
        assert_eq!(of(callback("completed", "3")).as_deref(), Some("2026-01-05T09:00:16Z"));
        assert_eq!(of(callback("no-answer", "3")), None);
        for (name, odd) in [("CallDuration", "-5"), ("CallDuration", "x"), ("Timestamp", "soon")] {
            let mut value = callback("completed", "3");
            value[name] = odd.into();
            assert_eq!(of(value), None, "{name} {odd}");
        }
    }

    #[test]
    fn a_callback_without_a_number_is_the_only_one_of_its_call() {
        let mut value = callback("completed", "");
        value["RecordingSid"] = "RE1".into();
        let flat = &shape(Item::Json(&value)).unwrap()[0];
        assert_eq!((flat.get("SequenceNumber"), flat.get("RecordingSid")), (Some("0"), Some("RE1")));
    }
}
