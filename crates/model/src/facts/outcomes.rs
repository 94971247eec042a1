//! What came of the calls: outcomes and the stages that leads go through afterwards.

use super::fact;
use crate::table::Kind::{Amount, Code, Day, Instant, Number, Text};
use crate::table::{Column, Table};

pub(super) fn tables() -> Vec<Table> {
    let f = Column::fixed;
    vec![
        fact(
            "outcomes",
            "One result that a call led to, with its value and its later fate.",
            &["occurred_at"],
            vec![
                f(
                    "outcome",
                    Code,
                    "`sale`, `appointment`, `promise`, `lead`, `donation` or the source's own word.",
                ),
                f("client_id", Code, "Client that it is for."),
                f("campaign_id", Code, "Campaign that it belongs to."),
                f("list_id", Code, "List that the lead came from."),
                f("lead_source", Code, "Source of the lead."),
                f("agent_id", Code, "Agent credited with it."),
                f("team_id", Code, "Team credited with it."),
                f("call_id", Text, "Call that led to it."),
                Column::personal("lead_id", Text, "The lead."),
                Column::personal("customer_id", Text, "The customer."),
                f("product", Code, "What was sold or agreed."),
                f("occurred_at", Instant, "When it was agreed."),
                f("verified_at", Instant, "When quality or the client verified it; null while not."),
                f("rejected_at", Instant, "When verification refused it; null while not."),
                f("cancelled_at", Instant, "When the customer cancelled it; null while not."),
                f("clawed_back_at", Instant, "When its pay was reclaimed; null while not."),
                f("value_amount", Amount, "What it is worth."),
                f("currency", Code, "ISO 4217 code of the value."),
            ],
        ),
        fact(
            "lead_stages",
            "One step of a lead through the pipeline.",
            &["entered_at"],
            vec![
                Column::personal("lead_id", Text, "The lead."),
                f(
                    "stage",
                    Code,
                    "`appointment`, `held`, `qualified`, `opportunity`, `won`, `lost` or `cancelled`.",
                ),
                f("client_id", Code, "Client that it is for."),
                f("campaign_id", Code, "Campaign that it belongs to."),
                f("agent_id", Code, "Agent whose work brought the lead there."),
                f("call_id", Text, "Call that led to it."),
                f("entered_at", Instant, "When the stage was reached."),
                f("expected_close_on", Day, "Day on which a decision is expected."),
                f("reason", Code, "Why, above all for `lost` and `cancelled`."),
                f("probability", Number, "The seller's own estimate, 0 to 1."),
                f("value_amount", Amount, "Value at this stage."),
                f("recurring_amount", Amount, "Yearly recurring part of the value."),
                f("currency", Code, "ISO 4217 code of the values."),
            ],
        ),
    ]
}
