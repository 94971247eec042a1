//! Money: what the work cost and what it earned.

use super::fact;
use crate::table::Kind::{Amount, Code, Day, Integer, Text};
use crate::table::{Column, Table};

pub(super) fn tables() -> Vec<Table> {
    let f = Column::fixed;
    vec![
        fact(
            "costs",
            "One cost, booked to a day.",
            &["booked_on"],
            vec![
                f(
                    "category",
                    Code,
                    "`labour`, `telephony`, `lists`, `technology`, `premises`, `management` or another word.",
                ),
                f(
                    "kind",
                    Code,
                    "`campaign` for costs of one campaign, `operating` for costs of running the centre.",
                ),
                f("client_id", Code, "Client that it is for; null when shared."),
                f("campaign_id", Code, "Campaign that it is for; null when shared."),
                f("list_id", Code, "List that it is for."),
                f("site_id", Code, "Site that it is for."),
                f("channel", Code, "Channel that it is for."),
                f("booked_on", Day, "Day that it is booked to."),
                f("cost_amount", Amount, "Sum; negative for a credit."),
                f("currency", Code, "ISO 4217 code of the sum."),
                f("note", Text, "What it was."),
            ],
        ),
        fact(
            "revenues",
            "One amount earned, booked to a day.",
            &["booked_on"],
            vec![
                f("category", Code, "What was earned: seats, sales, fees, bonus, penalty."),
                f("client_id", Code, "Client who pays."),
                f("campaign_id", Code, "Campaign that earned it."),
                f("booked_on", Day, "Day that it is booked to."),
                f("units", Integer, "Units billed."),
                f("revenue_amount", Amount, "Sum; negative for a penalty."),
                f("currency", Code, "ISO 4217 code of the sum."),
            ],
        ),
    ]
}
