//! Calls: one row an attempt to reach somebody, or to be reached.

use super::fact;
use crate::table::Kind::{Amount, Code, Duration, Instant, Integer, Number, Phone, Text};
use crate::table::{Column, Table};

pub(super) fn tables() -> Vec<Table> {
    let f = Column::fixed;
    let p = Column::personal;
    vec![fact(
        "calls",
        "One attempt to reach somebody by telephone, or one arriving call.",
        &["started_at", "queued_at", "answered_at", "connected_at", "ended_at"],
        vec![
            // What kind of call
            f("direction", Code, "`outbound`, `inbound` or `internal`."),
            f(
                "dial_mode",
                Code,
                "How it was dialled: `manual`, `preview`, `progressive`, `power`, `predictive`.",
            ),
            f("channel", Code, "`voice` unless the source says otherwise."),
            // Whose work
            f("client_id", Code, "The client on whose behalf the call was made."),
            f("campaign_id", Code, "The campaign that the call belongs to."),
            f("list_id", Code, "The list that the lead came from."),
            f(
                "lead_source",
                Code,
                "Where the list or lead was bought or born: web form, partner, referral, cold data.",
            ),
            f("lead_temperature", Code, "`hot`, `warm` or `cold` as known when the call was made."),
            f("persona", Code, "Kind of person or role called, as the campaign names it."),
            f("queue", Code, "Queue, skill or in-group that the call waited in."),
            f("call_type", Code, "The source's own type of call or service."),
            f("priority", Integer, "Priority in the queue; the larger the more urgent."),
            f("trunk", Code, "Line, trunk or port that carried it."),
            // Who
            p("lead_id", Text, "The lead that was called."),
            p("customer_id", Text, "The customer, as the source identifies them; null when not identified."),
            p("account_id", Text, "The account or debt that the call is about."),
            p("called_number", Phone, "Number that was dialled, or that the caller dialled."),
            p("caller_number", Phone, "Number shown to the called person, or of the caller."),
            f("caller_id", Code, "Name of the outgoing number used, for answer rates by caller ID."),
            f("attestation", Code, "Caller-ID attestation level: A, B or C."),
            f("called_zone", Code, "IANA time zone of the called place, for calling hours."),
            f("called_region", Code, "State or region of the called place, for its rules."),
            f("agent_id", Code, "Agent who handled the call; null when none did."),
            f("team_id", Code, "Team of the agent as the source states it on the call."),
            f("site_id", Code, "Site of the agent as the source states it on the call."),
            f("attempt_no", Integer, "Number of this attempt to the lead in the campaign, from 1."),
            f("parent_call_id", Text, "The call that this one is a leg, transfer or return of."),
            f("linked_id", Text, "Groups the legs of one conversation."),
            // When
            f("started_at", Instant, "Dialling began (outbound) or the call arrived (inbound)."),
            f("queued_at", Instant, "The call began to wait for an agent."),
            f(
                "answered_at",
                Instant,
                "The called side picked up, person or machine (outbound); the system answered (inbound).",
            ),
            f("connected_at", Instant, "An agent and the other party were put through to each other."),
            f("ended_at", Instant, "The call ended."),
            f("wrap_ended_at", Instant, "The agent finished the work after the call."),
            // How long
            f("duration_ms", Duration, "From start to end as the source reports it."),
            f("ring_ms", Duration, "Ringing before an answer."),
            f("ivr_ms", Duration, "In a voice menu or announcement."),
            f("queue_ms", Duration, "Waiting for an agent."),
            f("talk_ms", Duration, "Agent and other party connected, holds not included."),
            f("hold_ms", Duration, "Other party on hold."),
            f("wrap_ms", Duration, "Work after the call that belongs to it."),
            f("agent_speech_ms", Duration, "Agent speaking, when speech analysis gives it."),
            f("customer_speech_ms", Duration, "Other party speaking, when speech analysis gives it."),
            f("billed_ms", Duration, "Duration that the carrier bills."),
            // How it went
            f(
                "answered_by",
                Code,
                "What picked up: `person`, `machine`, `fax`, `unknown`; null when nothing did.",
            ),
            f(
                "disposition",
                Code,
                "The source's own code of the result. Maps give it its meaning at query time.",
            ),
            f(
                "end_reason",
                Code,
                "Who or what ended it: `agent`, `customer`, `abandoned`, `dropped`, `technical`, `timeout`.",
            ),
            f("carrier_cause", Code, "The carrier's release cause."),
            f("transfers", Integer, "How often the call was transferred."),
            f("consent", Code, "Basis on which the person was called."),
            f("recording_ref", Text, "Reference of the recording."),
            f("language", Code, "Language of the conversation, as a BCP 47 tag."),
            f("sentiment", Number, "Vendor's sentiment score, -1 to 1."),
            f("topics", Text, "Vendor's topics, joined by commas."),
            // What it cost
            f("cost_amount", Amount, "Carrier's price of the call."),
            f("currency", Code, "ISO 4217 code of the price."),
        ],
    )]
}
