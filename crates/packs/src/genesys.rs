//! Genesys Cloud's conversation details: participants hold sessions, sessions hold segments.

use serde_json::Value;

use crate::json::{list, text};
use crate::shape::{Each, Flat, Input};
use crate::{Known, Pack, Stream};

pub(crate) const PACK: Pack = Pack {
    id: "genesys_conversations",
    label: "Genesys Cloud conversation details",
    about: "Conversations of the analytics details query or its asynchronous job, as JSON: a call each, and what agents did in it.",
    input: Input::Json { lists: &["conversations"] },
    streams: &[
        Stream {
            id: "calls",
            mapping: include_str!("genesys_calls.toml"),
            columns: &CALL_COLUMNS,
            open: || Box::new(Each(|item| Ok(vec![call(item.document()?)?]))),
            pull: None,
            known: &[(
                Known::Sample,
                &[
                    "direction",
                    "channel",
                    "campaign_id",
                    "list_id",
                    "queue",
                    "lead_id",
                    "called_number",
                    "caller_number",
                    "agent_id",
                    "started_at",
                    "queued_at",
                    "connected_at",
                    "ended_at",
                    "wrap_ended_at",
                    "ring_ms",
                    "queue_ms",
                    "talk_ms",
                    "hold_ms",
                    "wrap_ms",
                    "disposition",
                    "transfers",
                ],
            )],
            cannot: &[
                (
                    "answered_by",
                    "what call analysis found is in `dispositionName` of dialler records, which no sample shows",
                ),
                ("cost_amount", "the record has no price"),
            ],
        },
        Stream {
            id: "agent_spans",
            mapping: include_str!("genesys_spans.toml"),
            columns: &SPAN_COLUMNS,
            open: || Box::new(Each(|item| spans(item.document()?))),
            pull: None,
            known: &[(
                Known::Sample,
                &["agent_id", "campaign_id", "state", "call_id", "started_at", "ended_at", "channel"],
            )],
            cannot: &[
                ("reason", "pauses and log-ins are in user status details, not in conversations"),
                ("paid", "the record knows nothing of pay"),
            ],
        },
    ],
    traps: &[
        "A conversation is one record: its talking, holding and wrap-up are those of all its agents together, and the agent is the last who talked.",
        "Conversations change until they end and are wrapped up; whatever is delivered later replaces what came before.",
        "Waiting for work and pauses are not in conversations, so logged-in time is not either.",
    ],
};

const CALL_COLUMNS: [&str; 22] = [
    "id",
    "direction",
    "media",
    "campaign",
    "list",
    "contact",
    "queue",
    "caller",
    "called",
    "agent",
    "started",
    "queued",
    "connected",
    "ended",
    "wrapped",
    "ring",
    "wait",
    "talk",
    "hold",
    "wrap",
    "code",
    "transfers",
];
const SPAN_COLUMNS: [&str; 9] = ["id", "agent", "campaign", "state", "call", "from", "to", "media", "queue"];

/// A segment with the participant and the session that it belongs to.
struct Segment<'v> {
    purpose: String,
    user: Option<String>,
    session: &'v Value,
    value: &'v Value,
    kind: String,
    /// `None` when it is written so that it cannot be read.
    from: Option<jiff::Timestamp>,
    /// `None` while it goes on, or when it cannot be read.
    to: Option<jiff::Timestamp>,
}

impl Segment<'_> {
    /// `None` when it is not known: a sum of which a part is not known is not known either.
    fn ms(&self) -> Option<i64> {
        Some((self.to?.as_millisecond() - self.from?.as_millisecond()).max(0))
    }

    fn is_agents(&self) -> bool {
        matches!(self.purpose.as_str(), "agent" | "user")
    }
}

/// `None` when a part is not known, or when no number holds the sum.
fn total<'s, 'v: 's>(mut segments: impl Iterator<Item = &'s Segment<'v>>) -> Option<i64> {
    segments.try_fold(0_i64, |sum, segment| sum.checked_add(segment.ms()?))
}

fn segments(conversation: &Value) -> Vec<Segment<'_>> {
    let mut all = Vec::new();
    for participant in list(conversation, "participants") {
        for session in list(participant, "sessions") {
            for value in list(session, "segments") {
                let instant =
                    |name: &str| text(value, name).and_then(|text| text.parse::<jiff::Timestamp>().ok());
                all.push(Segment {
                    purpose: text(participant, "purpose").unwrap_or_default(),
                    user: text(participant, "userId"),
                    session,
                    value,
                    kind: text(value, "segmentType").unwrap_or_default(),
                    from: instant("segmentStart"),
                    to: instant("segmentEnd"),
                });
            }
        }
    }
    // Segments of one participant come in order; those of several do not.
    all.sort_by_key(|segment| segment.from);
    all
}

fn call(conversation: &Value) -> Result<Flat, String> {
    let Some(id) = text(conversation, "conversationId") else {
        return Err("It has no `conversationId`, which every conversation has.".to_owned());
    };
    let all = segments(conversation);
    let agents = || all.iter().filter(|segment| segment.is_agents());
    let talks = || agents().filter(|segment| segment.kind == "interact");
    let queued = || all.iter().filter(|segment| segment.purpose == "acd");
    let sum = |kind: &str| {
        let mut of_kind = agents().filter(|segment| segment.kind == kind).peekable();
        of_kind.peek()?;
        total(of_kind).map(|ms| ms.to_string())
    };
    let in_sessions = |name: &str| all.iter().find_map(|segment| text(segment.session, name));
    let campaign = in_sessions("outboundCampaignId");
    let direction = text(conversation, "originatingDirection")
        .or_else(|| campaign.is_some().then(|| "outbound".to_owned()))
        .or_else(|| in_sessions("direction"));
    let is_outbound = direction.as_deref() == Some("outbound");
    let other = in_sessions("ani").map(|ani| ani.trim_start_matches("tel:").to_owned());
    let ours = in_sessions("dnis").map(|dnis| dnis.trim_start_matches("tel:").to_owned());
    let called_back = all.iter().find_map(|segment| {
        list(segment.session, "callbackNumbers").first().and_then(Value::as_str).map(str::to_owned)
    });
    let (caller, called) = if is_outbound { (other, called_back.or(ours)) } else { (other, ours) };
    let mut people: Vec<&str> = talks().filter_map(|segment| segment.user.as_deref()).collect();
    let last = people.last().map(|agent| (*agent).to_owned());
    people.dedup();
    let waited = queued().next().and_then(|_| total(queued()));
    let wrapped = agents().filter(|segment| segment.kind == "wrapup").filter_map(|segment| segment.to).max();
    Ok(Flat::default()
        .with("id", id)
        .with_some("direction", direction)
        .with_some("media", in_sessions("mediaType"))
        .with_some("campaign", campaign)
        .with_some("list", in_sessions("outboundContactListId"))
        .with_some("contact", in_sessions("outboundContactId"))
        .with_some("queue", queued().find_map(|segment| text(segment.value, "queueId")))
        .with_some("caller", caller)
        .with_some("called", called)
        .with_some("agent", last)
        .with_some("started", text(conversation, "conversationStart"))
        .with_some("queued", queued().find_map(|segment| segment.from).map(|at| at.to_string()))
        .with_some("connected", talks().find_map(|segment| segment.from).map(|at| at.to_string()))
        .with_some("ended", text(conversation, "conversationEnd"))
        .with_some("wrapped", wrapped.map(|at| at.to_string()))
        .with_some("ring", sum("alert"))
        .with_some("wait", waited.map(|ms| ms.to_string()))
        .with_some("talk", sum("interact"))
        .with_some("hold", sum("hold"))
        .with_some("wrap", sum("wrapup"))
        .with_some("code", agents().filter_map(|segment| text(segment.value, "wrapUpCode")).next_back())
        .with("transfers", people.len().saturating_sub(1).to_string()))
}

fn spans(conversation: &Value) -> Result<Vec<Flat>, String> {
    let Some(id) = text(conversation, "conversationId") else {
        return Err("It has no `conversationId`, which every conversation has.".to_owned());
    };
    let span = |segment: &Segment<'_>| {
        let state = match segment.kind.as_str() {
            "alert" => "ring",
            "interact" => "talk",
            "hold" => "hold",
            "wrapup" => "wrap",
            "dialing" | "contacting" => "dial",
            _ => "other",
        };
        let session = text(segment.session, "sessionId").unwrap_or_default();
        let from = text(segment.value, "segmentStart").unwrap_or_default();
        Flat::default()
            .with("id", format!("{id}|{session}|{from}|{state}"))
            .with_some("agent", segment.user.clone())
            .with("state", state)
            .with("call", id.as_str())
            .with("from", from)
            .with_some("to", text(segment.value, "segmentEnd"))
            .with_some("campaign", text(segment.session, "outboundCampaignId"))
            .with_some("media", text(segment.session, "mediaType"))
            .with_some("queue", text(segment.value, "queueId"))
    };
    Ok(segments(conversation).iter().filter(|segment| segment.is_agents()).map(span).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sum_that_no_number_holds_is_not_known() {
        let endless = serde_json::json!({ "segmentType": "hold", "segmentStart": "-009999-01-03T00:00:00Z", "segmentEnd": "9999-12-30T00:00:00Z" });
        let conversation = serde_json::json!({
            "conversationId": "c1",
            "participants": [{ "purpose": "agent", "sessions": [{ "segments": vec![endless; 20_000] }] }]
        });
        assert_eq!(call(&conversation).unwrap().get("hold"), None);
    }

    #[test]
    fn a_conversation_is_one_call_of_all_its_agents() {
        let segment = |kind: &str, from: &str, to: &str| serde_json::json!({ "segmentType": kind, "segmentStart": format!("2026-01-05T09:{from}Z"), "segmentEnd": format!("2026-01-05T09:{to}Z") });
        let agent = |user: &str, segments: Vec<Value>| serde_json::json!({ "purpose": "agent", "userId": user, "sessions": [{ "sessionId": user, "mediaType": "voice", "segments": segments }] });
        let conversation = serde_json::json!({
            "conversationId": "c1", "originatingDirection": "inbound",
            "conversationStart": "2026-01-05T09:00:00Z", "conversationEnd": "2026-01-05T09:10:00Z",
            "participants": [
                agent("bob", vec![segment("interact", "05:00", "10:00"), segment("wrapup", "10:00", "10:30.500")]),
                { "purpose": "acd", "sessions": [{ "segments": [segment("interact", "00:10", "00:40")] }] },
                agent("ann", vec![segment("alert", "00:40", "00:45"), segment("interact", "00:45", "04:00"), segment("hold", "04:00", "05:00")]),
            ]
        });
        let flat = call(&conversation).unwrap();
        for (name, value) in [
            ("agent", "bob"),
            ("transfers", "1"),
            ("wait", "30000"),
            ("talk", "495000"),
            ("hold", "60000"),
            ("wrap", "30500"),
            ("ring", "5000"),
            ("connected", "2026-01-05T09:00:45Z"),
        ] {
            assert_eq!(flat.get(name), Some(value), "{name}");
        }
        assert_eq!(spans(&conversation).unwrap().len(), 5);
        assert!(call(&serde_json::json!({ "id": 1 })).is_err());
    }
}
