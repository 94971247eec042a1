//! Twilio's calls, as its REST interface lists them.

use crate::json::text;
use crate::shape::{Each, Flat, Input, Item};
use crate::{Known, Pack, Stream};

pub(crate) const PACK: Pack = Pack {
    id: "twilio_calls",
    label: "Twilio calls",
    about: "Pages of `/Calls.json`, or single calls, as JSON.",
    input: Input::Json { lists: &["calls"] },
    streams: &[Stream {
        id: "calls",
        mapping: include_str!("twilio.toml"),
        columns: &COLUMNS,
        open: || Box::new(Each(shape)),
        pull: None,
        known: &[(
            Known::Sample,
            &[
                "direction",
                "called_number",
                "caller_number",
                "parent_call_id",
                "trunk",
                "started_at",
                "ended_at",
                "duration_ms",
                "queue_ms",
                "answered_by",
                "disposition",
                "cost_amount",
                "currency",
            ],
        )],
        cannot: &[
            ("answered_at", "the record has no instant of the answer; status callbacks have"),
            (
                "agent_id",
                "the record names numbers, not people; the child leg to an agent has the agent's number or client",
            ),
            ("talk_ms", "`duration` runs from the answer, by whatever answered"),
            ("campaign_id", "the record knows none"),
        ],
    }],
    traps: &[
        "A call that is put through to an agent has a child leg with `parent_call_sid`, which is a record of its own.",
        "`StartTime>` selects whole UTC days: fetch the day anew until it is over.",
        "The price comes later than the call, with a newer `date_updated`.",
    ],
};

const COLUMNS: [&str; 16] = [
    "sid",
    "parent_call_sid",
    "direction",
    "from",
    "to",
    "status",
    "answered_by",
    "start_time",
    "end_time",
    "date_updated",
    "duration",
    "queue_time",
    "price",
    "price_unit",
    "trunk_sid",
    "phone_number_sid",
];

fn shape(item: Item<'_>) -> Result<Vec<Flat>, String> {
    let value = item.document()?;
    if text(value, "sid").is_none() {
        return Err("It has no `sid`, which every call of Twilio's has.".to_owned());
    }
    let mut flat = Flat::default();
    for name in COLUMNS {
        if let Some(text) = text(value, name) {
            flat.set(name, text);
        }
    }
    // What an account is charged is written as less than nothing.
    if let Some(charged) = flat.get("price").and_then(|price| price.strip_prefix('-')).map(str::to_owned) {
        flat.set("price", charged);
    }
    Ok(vec![flat])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_charge_is_a_cost() {
        let call =
            serde_json::json!({ "sid": "CA1", "price": "-0.200", "duration": "4", "answered_by": null });
        let flat = &shape(Item::Json(&call)).unwrap()[0];
        assert_eq!((flat.get("price"), flat.get("answered_by")), (Some("0.200"), None));
        assert!(shape(Item::Json(&serde_json::json!({ "status": "completed" }))).is_err());
    }
}
