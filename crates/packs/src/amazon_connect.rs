//! Amazon Connect's contact records and agent events.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::json::{at, list, text};
use crate::shape::{Each, Flat, Input, Item, Shape};
use crate::{Known, Pack, Stream};

pub(crate) const CONTACTS: Pack = Pack {
    id: "amazon_connect_contacts",
    label: "Amazon Connect contact records",
    about: "Contact records (formerly contact trace records), as JSON, from a stream's files or exported.",
    input: Input::Json { lists: &[] },
    streams: &[Stream {
        id: "calls",
        mapping: include_str!("amazon_connect_contacts.toml"),
        columns: &CONTACT_COLUMNS,
        open: || Box::new(Each(contact)),
        pull: None,
        known: &[
            (
                Known::Sample,
                &[
                    "direction",
                    "channel",
                    "queue",
                    "called_number",
                    "caller_number",
                    "agent_id",
                    "started_at",
                    "queued_at",
                    "answered_at",
                    "connected_at",
                    "ended_at",
                    "wrap_ended_at",
                    "queue_ms",
                    "talk_ms",
                    "hold_ms",
                    "wrap_ms",
                    "end_reason",
                    "carrier_cause",
                    "transfers",
                ],
            ),
            (
                Known::Documented,
                &["campaign_id", "answered_by", "parent_call_id", "linked_id", "disposition"],
            ),
        ],
        cannot: &[
            ("lead_id", "unless a contact attribute carries it"),
            ("cost_amount", "the record has no price"),
        ],
    }],
    traps: &[
        "Records are delivered at least once and change for up to 24 months; the newest `LastUpdateTimestamp` of a contact counts.",
        "On outbound contacts `AgentInteractionDuration` runs even when the customer is not there.",
        "A transfer makes a contact of its own, which names the one before.",
        "The result of a call is whatever the flow writes; the disposition here is the detection of machines, else the reason of the end.",
    ],
};

pub(crate) const AGENTS: Pack = Pack {
    id: "amazon_connect_agents",
    label: "Amazon Connect agent events",
    about: "Agent events from a stream's files, as JSON: what each agent did, second by second.",
    input: Input::Json { lists: &[] },
    streams: &[Stream {
        id: "agent_spans",
        mapping: include_str!("amazon_connect_agents.toml"),
        columns: &SPAN_COLUMNS,
        open: || Box::<AgentEvents>::default(),
        pull: None,
        known: &[(
            Known::Documented,
            &["agent_id", "state", "reason", "call_id", "started_at", "ended_at", "duration_ms", "channel"],
        )],
        cannot: &[
            ("campaign_id", "the event names queues, not campaigns"),
            ("paid", "the event knows nothing of pay"),
        ],
    }],
    traps: &[
        "No event of a real system was seen yet: compare a day with the vendor's own report before you rely on it.",
        "Events come at least once and in any order; one file is put in order by their instants. The last state of a file lasts until its last event.",
    ],
};

const CONTACT_COLUMNS: [&str; 26] = [
    "id",
    "revision",
    "direction",
    "channel",
    "campaign",
    "queue",
    "called",
    "caller",
    "agent",
    "initiated",
    "queued",
    "answered",
    "connected",
    "ended",
    "wrapped",
    "wait",
    "talk",
    "hold",
    "wrap",
    "detected",
    "reason",
    "ended_by",
    "transfers",
    "previous",
    "initial",
    "result",
];
const SPAN_COLUMNS: [&str; 9] =
    ["id", "revision", "agent", "state", "reason", "call", "from", "to", "length"];

fn contact(item: Item<'_>) -> Result<Vec<Flat>, String> {
    let value = item.document()?;
    let Some(id) = text(value, "ContactId") else {
        return Err("It has no `ContactId`, which every contact record has.".to_owned());
    };
    let direction = match text(value, "InitiationMethod").as_deref() {
        Some("OUTBOUND" | "EXTERNAL_OUTBOUND" | "CALLBACK" | "API") => Some("outbound"),
        Some("INBOUND" | "TRANSFER" | "QUEUE_TRANSFER" | "DISCONNECT") => Some("inbound"),
        Some("MONITOR" | "AGENT_REPLY" | "FLOW") => Some("internal"),
        _ => None,
    };
    let (customer, system) = (text(value, "CustomerEndpoint.Address"), text(value, "SystemEndpoint.Address"));
    let (called, caller) =
        if direction == Some("outbound") { (customer, system) } else { (system, customer) };
    let detected = text(value, "AnsweringMachineDetectionStatus");
    let answered_by = match detected.as_deref() {
        Some("HUMAN_ANSWERED") => Some("person"),
        Some("VOICEMAIL_BEEP" | "VOICEMAIL_NO_BEEP") => Some("machine"),
        Some("FAX_MACHINE_DETECTED") => Some("fax"),
        Some("AMD_UNANSWERED" | "AMD_UNRESOLVED" | "AMD_UNRESOLVED_SILENCE" | "AMD_ERROR") => Some("unknown"),
        _ => None,
    };
    let reason = text(value, "DisconnectReason");
    let ended_by = match reason.as_deref() {
        Some("CUSTOMER_DISCONNECT") => Some("customer"),
        Some("AGENT_DISCONNECT" | "THIRD_PARTY_DISCONNECT") => Some("agent"),
        Some("TELECOM_PROBLEM") => Some("technical"),
        Some("EXPIRED") => Some("timeout"),
        _ => None,
    };
    let transferred = at(value, "TransferCompletedTimestamp").map(|_| "1");
    Ok(vec![
        Flat::default()
            .with("id", id)
            .with_some("revision", text(value, "LastUpdateTimestamp"))
            .with_some("direction", direction)
            .with_some("channel", text(value, "Channel").map(|channel| channel.to_lowercase()))
            .with_some("campaign", text(value, "Campaign.CampaignId"))
            .with_some("queue", text(value, "Queue.Name").or_else(|| text(value, "Queue.ARN")))
            .with_some("called", called)
            .with_some("caller", caller)
            .with_some("agent", text(value, "Agent.Username"))
            .with_some("initiated", text(value, "InitiationTimestamp"))
            .with_some("queued", text(value, "Queue.EnqueueTimestamp"))
            .with_some("answered", text(value, "ConnectedToSystemTimestamp"))
            .with_some("connected", text(value, "Agent.ConnectedToAgentTimestamp"))
            .with_some("ended", text(value, "DisconnectTimestamp"))
            .with_some("wrapped", text(value, "Agent.AfterContactWorkEndTimestamp"))
            .with_some("wait", text(value, "Queue.Duration"))
            .with_some("talk", text(value, "Agent.AgentInteractionDuration"))
            .with_some("hold", text(value, "Agent.CustomerHoldDuration"))
            .with_some("wrap", text(value, "Agent.AfterContactWorkDuration"))
            .with_some("detected", answered_by)
            .with_some("result", detected.or_else(|| reason.clone()))
            .with_some("reason", reason)
            .with_some("ended_by", ended_by)
            .with_some("transfers", transferred)
            .with_some("previous", text(value, "PreviousContactId"))
            .with_some("initial", text(value, "InitialContactId")),
    ])
}

/// What an agent does from an instant on.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Doing {
    state: &'static str,
    reason: Option<String>,
    call: Option<String>,
}

/// Changes of all agents, by agent and instant; an event that comes twice is the same change.
#[derive(Debug, Default)]
struct AgentEvents {
    changes: BTreeMap<String, BTreeMap<i64, Option<Doing>>>,
    last_ms: i64,
}

impl Shape for AgentEvents {
    fn read(&mut self, item: Item<'_>, _out: &mut Vec<Flat>) -> Result<(), String> {
        let value = item.document()?;
        let Some(kind) = text(value, "EventType") else {
            return Err("It has no `EventType`, which every agent event has.".to_owned());
        };
        let snapshot = at(value, "CurrentAgentSnapshot");
        let agent = snapshot
            .and_then(|snapshot| text(snapshot, "Configuration.Username"))
            .or_else(|| text(value, "AgentARN"));
        let instant = text(value, "EventTimestamp").and_then(|text| text.parse::<jiff::Timestamp>().ok());
        let (Some(agent), Some(instant)) = (agent, instant) else {
            return Err("It lacks the agent or an `EventTimestamp` that can be read.".to_owned());
        };
        let now = instant.as_millisecond();
        self.last_ms = self.last_ms.max(now);
        let doing = match kind.as_str() {
            "LOGOUT" => None,
            "HEART_BEAT" => return Ok(()),
            _ => snapshot.and_then(doing),
        };
        self.changes.entry(agent).or_default().insert(now, doing);
        Ok(())
    }

    fn end(&mut self, out: &mut Vec<Flat>) {
        for (agent, changes) in std::mem::take(&mut self.changes) {
            let mut running: Option<(i64, Doing)> = None;
            let changes = changes.into_iter().chain([(self.last_ms, None)]);
            for (now, doing) in changes {
                if let (Some((_, before)), Some(doing)) = (&running, &doing)
                    && before == doing
                {
                    continue;
                }
                if let Some((since, before)) = running.take().filter(|(since, _)| *since < now) {
                    out.push(
                        Flat::default()
                            .with("id", format!("{agent}|{since}|{}", before.state))
                            .with("revision", self.last_ms.to_string())
                            .with("agent", agent.as_str())
                            .with("state", before.state)
                            .with_some("reason", before.reason)
                            .with_some("call", before.call)
                            .with("from", since.to_string())
                            .with("to", now.to_string())
                            .with("length", (now - since).to_string()),
                    );
                }
                running = doing.map(|doing| (now, doing));
            }
        }
    }
}

/// What a snapshot shows: a contact is stronger than the agent's own status.
fn doing(snapshot: &Value) -> Option<Doing> {
    let of_contact = |contact: &Value| {
        let state = match text(contact, "State")?.as_str() {
            "CONNECTED" | "JOINED" => "talk",
            "CONNECTED_ONHOLD" => "hold",
            "CONNECTING" | "INCOMING" | "PENDING" => "ring",
            "ENDED" | "ERROR" | "MISSED" | "REJECTED" => "wrap",
            _ => return None,
        };
        Some(Doing { state, reason: None, call: text(contact, "ContactId") })
    };
    let strength =
        |doing: &Doing| ["talk", "hold", "ring", "wrap"].iter().position(|state| *state == doing.state);
    let contact = list(snapshot, "Contacts").iter().filter_map(of_contact).min_by_key(strength);
    if contact.is_some() {
        return contact;
    }
    let name = text(snapshot, "AgentStatus.Name");
    match text(snapshot, "AgentStatus.Type").as_deref() {
        Some("ROUTABLE") => Some(Doing { state: "wait", reason: None, call: None }),
        Some("OFFLINE") => None,
        Some(_) => Some(Doing { state: "pause", reason: name, call: None }),
        // Older events have the name alone.
        None => match name.as_deref() {
            Some("Available") => Some(Doing { state: "wait", reason: None, call: None }),
            Some("Offline") | None => None,
            Some(_) => Some(Doing { state: "pause", reason: name, call: None }),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn on_an_outbound_contact_the_customer_is_called() {
        let record = serde_json::json!({
            "ContactId": "c1", "InitiationMethod": "OUTBOUND", "Channel": "VOICE", "AnsweringMachineDetectionStatus": "VOICEMAIL_BEEP",
            "CustomerEndpoint": { "Address": "+1900" }, "SystemEndpoint": { "Address": "+1800" }, "Agent": null
        });
        let flat = &contact(Item::Json(&record)).unwrap()[0];
        let told = |name| flat.get(name);
        assert_eq!(
            (told("called"), told("caller"), told("channel")),
            (Some("+1900"), Some("+1800"), Some("voice"))
        );
        assert_eq!(
            (told("detected"), told("result"), told("agent")),
            (Some("machine"), Some("VOICEMAIL_BEEP"), None)
        );
        assert!(contact(Item::Json(&serde_json::json!({ "Agent": {} }))).is_err());
    }

    #[test]
    fn states_follow_each_other_whatever_the_order_of_the_events() {
        let event = |second: i64, kind: &str, status: &str, contacts: Value| {
            serde_json::json!({
                "EventType": kind, "EventTimestamp": format!("2026-01-05T09:00:{second:02}Z"),
                "CurrentAgentSnapshot": {
                    "Configuration": { "Username": "ann" }, "AgentStatus": { "Name": status }, "Contacts": contacts
                }
            })
        };
        let talking = serde_json::json!([{ "ContactId": "c1", "State": "CONNECTED" }]);
        let events = [
            event(40, "LOGOUT", "Offline", serde_json::json!([])),
            event(10, "STATE_CHANGE", "Available", talking.clone()),
            event(0, "LOGIN", "Available", serde_json::json!([])),
            event(10, "STATE_CHANGE", "Available", talking.clone()),
            event(15, "HEART_BEAT", "Available", talking),
            event(30, "STATE_CHANGE", "Lunch", serde_json::json!([])),
        ];
        let mut shape = AgentEvents::default();
        let mut out = Vec::new();
        for event in &events {
            shape.read(Item::Json(event), &mut out).unwrap();
        }
        shape.end(&mut out);
        let told: Vec<(&str, &str)> =
            out.iter().map(|flat| (flat.get("state").unwrap(), flat.get("length").unwrap())).collect();
        assert_eq!(told, [("wait", "10000"), ("talk", "20000"), ("pause", "10000")]);
    }
}
