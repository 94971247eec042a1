//! Leads, as they were loaded.

use crate::json::text;
use crate::shape::{Each, Flat, Item};
use crate::{Known, LookBack, Lookup, Pull, Stream};

pub(super) const LEADS: Stream = Stream {
    id: "leads",
    mapping: include_str!("leads.toml"),
    columns: &COLUMNS,
    open: || Box::new(Each(lead)),
    pull: Some(&Pull {
        tables: &["vicidial_list", "vicidial_list_archive"],
        columns: &["lead_id", "entry_date", "status", "list_id", "phone_code", "phone_number"],
        may_lack: &[
            "vendor_lead_code",
            "source_id",
            "state",
            "owner",
            "rank",
            "called_count",
            "gmt_offset_now",
        ],
        lookups: &[Lookup {
            tables: &["vicidial_lists"],
            key: "list_id",
            columns: &[("campaign_id", "list_campaign")],
        }],
        // `modify_date` would find changed leads, but no index leads there: every reading would scan the table.
        cursor: &["lead_id"],
        look_back: LookBack::Count(5_000),
        context_hours: 0,
        epochs: &[],
    }),
    known: &[
        (Known::Documented, &["list_id", "number", "region", "status", "loaded_at"]),
        (Known::Assumed, &["campaign_id", "lead_source"]),
    ],
    cannot: &[
        ("invalid", "statuses say it; map them in `dispositions/`"),
        ("zone", "the table has an offset (`gmt_offset_now`), which is none"),
        ("consent", "unless a custom field holds it"),
    ],
};

const COLUMNS: [&str; 13] = [
    "lead",
    "list",
    "campaign",
    "lead_source",
    "phone_code",
    "phone_number",
    "state",
    "status",
    "entered",
    "vendor_lead_code",
    "owner",
    "rank",
    "attempts",
];

fn lead(item: Item<'_>) -> Result<Vec<Flat>, String> {
    let row = item.document()?;
    let Some(id) = text(row, "lead_id") else {
        return Err("It has no `lead_id`, which every row of `vicidial_list` has.".to_owned());
    };
    Ok(vec![
        Flat::default()
            .with("lead", id)
            .with_some("list", text(row, "list_id").filter(|list| list != "0"))
            .with_some("campaign", text(row, "list_campaign"))
            .with_some("lead_source", text(row, "source_id"))
            .with_some("phone_code", text(row, "phone_code"))
            .with_some("phone_number", text(row, "phone_number"))
            .with_some("state", text(row, "state"))
            .with_some("status", text(row, "status"))
            .with_some("entered", text(row, "entry_date"))
            .with_some("vendor_lead_code", text(row, "vendor_lead_code"))
            .with_some("owner", text(row, "owner"))
            .with_some("rank", text(row, "rank"))
            .with_some("attempts", text(row, "called_count")),
    ])
}
