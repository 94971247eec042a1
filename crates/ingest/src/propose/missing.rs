//! What a file does not say, and what it would allow.

use serde::Serialize;

/// Facts that are missing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Missing {
    /// Columns of the table, any of which would do.
    pub columns: Vec<String>,
    /// What is out of reach without them, as a sentence.
    pub without: String,
}

const CALLS: &[(&[&str], &str)] = &[
    (
        &["disposition"],
        "Without a result per call there are no conversion, contact, callback or do-not-call figures.",
    ),
    (
        &["answered_at", "answered_by", "disposition", "talk_ms"],
        "Without a sign that somebody answered there are no connection and contact rates.",
    ),
    (
        &["talk_ms", "connected_at"],
        "Without talk time there is no handle time, no occupancy and no cost of talk.",
    ),
    (
        &["wrap_ms", "wrap_ended_at"],
        "Without the work after calls, handle time is too short by it and occupancy too low.",
    ),
    (&["agent_id"], "Without the agent nothing can be compared by agent or team."),
    (
        &["campaign_id"],
        "Without the campaign nothing can be compared by campaign, and all calls count as one.",
    ),
    (
        &["list_id", "lead_source"],
        "Without list or lead source, list quality and penetration cannot be told.",
    ),
    (
        &["lead_id", "customer_id", "called_number", "account_id"],
        "Without lead, customer or number there are no attempts per lead, repeat calls or first-call resolution.",
    ),
    (&["attempt_no"], "Without the number of the attempt, attempts are counted from the calls at hand only."),
    (
        &["direction"],
        "Without the direction, inbound and outbound calls are not told apart; the mapping takes all to be of one kind, so check its line.",
    ),
    (&["queue_ms", "queued_at"], "Without waiting times there are no speed of answer and no service level."),
    (
        &["end_reason", "disposition"],
        "Without who ended the call, abandoned and dropped calls cannot be counted.",
    ),
    (&["cost_amount"], "Without a price per call, telephony cost comes from booked costs only."),
];

const AGENT_SPANS: &[(&[&str], &str)] = &[
    (&["campaign_id"], "Without the campaign, agent time cannot be split by campaign."),
    (&["paid"], "Without knowing which time is paid, utilisation takes all of it as paid."),
    (&["reason"], "Without pause reasons, breaks and training are one."),
];

const OUTCOMES: &[(&[&str], &str)] = &[
    (&["value_amount"], "Without values there are no revenue figures."),
    (&["agent_id"], "Without the agent, sales cannot be credited."),
    (&["campaign_id"], "Without the campaign, sales cannot be compared by campaign."),
    (&["cancelled_at"], "Without cancellations, net sales equal gross sales."),
    (
        &["call_id", "lead_id", "customer_id"],
        "Without the call or lead, sales cannot be traced to the calls that led to them.",
    ),
];

/// What is missing in a table that is filled in these columns.
pub fn missing(table: &str, filled: &[String]) -> Vec<Missing> {
    let facts = match table {
        "calls" => CALLS,
        "agent_spans" => AGENT_SPANS,
        "outcomes" => OUTCOMES,
        _ => &[],
    };
    let is_missing = |columns: &[&str]| !columns.iter().any(|column| filled.iter().any(|f| f == column));
    facts
        .iter()
        .filter(|(columns, _)| is_missing(columns))
        .map(|(columns, without)| Missing {
            columns: columns.iter().map(|c| (*c).to_owned()).collect(),
            without: (*without).to_owned(),
        })
        .collect()
}
