//! Collections: placements of debts, the accounts in them, promises to pay and payments.

use super::fact;
use crate::table::Kind::{Amount, Bool, Code, Day, Instant, Integer, Number, Text};
use crate::table::{Column, Table};

pub(super) fn tables() -> Vec<Table> {
    let f = Column::fixed;
    let p = Column::personal;
    vec![
        fact(
            "placements",
            "One batch of accounts that a creditor placed.",
            &["placed_at"],
            vec![
                f("placement_id", Code, "The batch."),
                f("client_id", Code, "Creditor."),
                f("campaign_id", Code, "Campaign that works it."),
                f("placed_at", Instant, "When it was placed."),
                f("accounts", Integer, "Accounts in it."),
                f("placed_amount", Amount, "Sum of the balances placed."),
                f("currency", Code, "ISO 4217 code of the sum."),
                f("fee_rate", Number, "Share of the money collected that is earned, 0 to 1."),
            ],
        ),
        fact(
            "accounts",
            "One account or debt, as it stood on a day.",
            &["stated_on", "placed_at"],
            vec![
                p("account_id", Text, "The account."),
                f("placement_id", Code, "Batch that it came with."),
                f("client_id", Code, "Creditor."),
                f("campaign_id", Code, "Campaign that works it."),
                f("list_id", Code, "List that it is dialled from."),
                p("person_id", Text, "The debtor, across debts."),
                f("placed_at", Instant, "When it was placed."),
                f("stated_on", Day, "Day of the balance and bucket."),
                f("bucket", Code, "Delinquency bucket."),
                f("balance_amount", Amount, "Open balance."),
                f("placed_amount", Amount, "Balance when placed."),
                f("currency", Code, "ISO 4217 code of the balances."),
            ],
        ),
        fact(
            "promises",
            "One promise to pay.",
            &["made_at"],
            vec![
                p("account_id", Text, "The account."),
                f("placement_id", Code, "Batch of the account."),
                f("client_id", Code, "Creditor."),
                f("campaign_id", Code, "Campaign."),
                f("agent_id", Code, "Agent who obtained it."),
                f("team_id", Code, "Team of the agent."),
                f("call_id", Text, "Call on which it was made."),
                f("made_at", Instant, "When it was made."),
                f("due_on", Day, "Day by which it is to be paid."),
                f("promised_amount", Amount, "Sum promised."),
                f("paid_amount", Amount, "Sum paid against it so far."),
                f("kept", Bool, "Paid in full by its date and grace; null while undecided."),
                f("kept_on", Day, "Day on which it was paid in full."),
                f("currency", Code, "ISO 4217 code of the sums."),
            ],
        ),
        fact(
            "payments",
            "One payment received.",
            &["paid_at"],
            vec![
                p("account_id", Text, "The account."),
                f("placement_id", Code, "Batch of the account."),
                f("client_id", Code, "Creditor."),
                f("campaign_id", Code, "Campaign credited."),
                f("agent_id", Code, "Agent credited."),
                f("promise_id", Text, "Promise that it answers."),
                f("paid_at", Instant, "When it was received."),
                f("paid_amount", Amount, "Sum received; negative for a reversal."),
                f("currency", Code, "ISO 4217 code of the sum."),
                f("method", Code, "How it was paid."),
            ],
        ),
    ]
}
