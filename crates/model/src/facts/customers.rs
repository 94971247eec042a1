//! Whom the centre calls: leads, lists, contacts on other channels, consent and do-not-call.

use super::fact;
use crate::table::Kind::{Amount, Bool, Code, Day, Duration, Instant, Integer, Number, Phone, Text};
use crate::table::{Column, Table};

pub(super) fn tables() -> Vec<Table> {
    let f = Column::fixed;
    let p = Column::personal;
    vec![
        fact(
            "leads",
            "One person or business to be called, as loaded.",
            &["loaded_at"],
            vec![
                f("client_id", Code, "Client that the lead is for."),
                f("campaign_id", Code, "Campaign that it was loaded into."),
                f("list_id", Code, "List that it came with."),
                f("lead_source", Code, "Where it was bought or born."),
                f("temperature", Code, "`hot`, `warm` or `cold` when loaded."),
                f("persona", Code, "Kind of person or role."),
                f("score", Number, "The vendor's or model's score."),
                p("number", Phone, "Telephone number."),
                p("person_id", Text, "The person, across lists and debts."),
                f("zone", Code, "IANA time zone of the place."),
                f("region", Code, "State or region of the place."),
                f("consent", Code, "Basis on which the person may be called."),
                f("status", Code, "Status in the source."),
                f("invalid", Bool, "The number was found not to work."),
                f("requested_at", Instant, "When the person asked to be called; null when not."),
                f("loaded_at", Instant, "When it was loaded."),
                f("born_on", Day, "Day on which the data was collected, for its age."),
                f("cost_amount", Amount, "What the lead cost."),
                f("currency", Code, "ISO 4217 code of the cost."),
            ],
        ),
        fact(
            "lists",
            "One list of leads.",
            &["loaded_at"],
            vec![
                f("list_id", Code, "The list."),
                f("label", Text, "Its name."),
                f("client_id", Code, "Client that it is for."),
                f("campaign_id", Code, "Campaign that it was loaded into."),
                f("vendor", Code, "Who sold or gave it."),
                f("lead_source", Code, "Where its leads were bought or born."),
                f("loaded_at", Instant, "When it was loaded."),
                f("born_on", Day, "Day on which its data was collected, for its age."),
                f("records", Integer, "Leads on it."),
                f("cost_per_lead_amount", Amount, "Price of a lead."),
                f("currency", Code, "ISO 4217 code of the price."),
            ],
        ),
        fact(
            "contacts",
            "One contact on a channel other than voice.",
            &["started_at"],
            vec![
                f("channel", Code, "`chat`, `email`, `sms`, `social`, `letter`."),
                f("direction", Code, "`outbound` or `inbound`."),
                f("client_id", Code, "Client that it is for."),
                f("campaign_id", Code, "Campaign or queue."),
                f("agent_id", Code, "Agent who handled it."),
                p("customer_id", Text, "The customer."),
                p("lead_id", Text, "The lead."),
                f("started_at", Instant, "Sent or received."),
                f("answered_at", Instant, "First answer."),
                f("ended_at", Instant, "Closed."),
                f("handle_ms", Duration, "Work on it."),
                f("opened", Bool, "The message was opened."),
                f("disposition", Code, "The source's own code of the result."),
            ],
        ),
        fact(
            "dnc_events",
            "One entry into, or removal from, a do-not-call list.",
            &["occurred_at"],
            vec![
                p("number", Phone, "Telephone number."),
                p("person_id", Text, "The person, when known."),
                f("registry", Code, "`internal`, `client` or the name of a national register."),
                f("action", Code, "`added` or `removed`."),
                f("scope", Code, "Campaign or client that it is limited to; null for all."),
                f("call_id", Text, "Call on which it was asked for."),
                f("occurred_at", Instant, "When it took effect."),
            ],
        ),
        fact(
            "consent_events",
            "One consent given, changed or revoked.",
            &["occurred_at"],
            vec![
                p("number", Phone, "Telephone number."),
                p("person_id", Text, "The person, when known."),
                f("action", Code, "`given` or `revoked`."),
                f("scope", Code, "What it covers: client, product, automated calls."),
                f("channel", Code, "Where it was given: web, paper, call."),
                f("evidence_ref", Text, "Reference of the proof."),
                f("occurred_at", Instant, "When it took effect."),
                f("expires_at", Instant, "When it lapses; null for never."),
            ],
        ),
    ]
}
