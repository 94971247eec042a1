//! FreeSWITCH's call detail records: the `example` template of `mod_cdr_csv`, and the documents of `mod_json_cdr`.

use serde_json::Value;

use crate::json::{list, text};
use crate::shape::{Each, Flat, Input, Item};
use crate::{Known, Pack, Stream};

pub(crate) const CSV: Pack = Pack {
    id: "freeswitch_csv",
    label: "FreeSWITCH call detail records, CSV",
    about: "`Master.csv` of `mod_cdr_csv` with the template `example`, a record a leg.",
    input: Input::Rows,
    streams: &[Stream {
        id: "calls",
        mapping: include_str!("freeswitch_csv.toml"),
        columns: &COLUMNS,
        open: || Box::new(Each(of_row)),
        pull: None,
        known: &[(
            Known::Sample,
            &[
                "called_number",
                "caller_number",
                "parent_call_id",
                "started_at",
                "answered_at",
                "ended_at",
                "duration_ms",
                "billed_ms",
                "disposition",
                "carrier_cause",
            ],
        )],
        cannot: &[
            (
                "direction",
                "say which contexts are which, or write `${direction}` into the template and map it",
            ),
            ("agent_id", "the record names numbers, not people"),
            ("talk_ms", "`billsec` runs from the answer, by whatever answered"),
            ("campaign_id", "unless the dial plan writes one, such as into `accountcode`"),
        ],
    }],
    traps: &[
        "Each site writes its own template; this pack reads the one that is delivered as `example`, of 15 columns.",
        "Times are local and carry no zone: give the source its `zone`.",
        "One record a leg; by default only the A leg is written.",
    ],
};

pub(crate) const JSON: Pack = Pack {
    id: "freeswitch_json",
    label: "FreeSWITCH call detail records, JSON",
    about: "Documents of `mod_json_cdr`, as files or pushed.",
    input: Input::Json { lists: &[] },
    streams: &[Stream {
        id: "calls",
        mapping: include_str!("freeswitch_json.toml"),
        columns: &COLUMNS,
        open: || Box::new(Each(of_document)),
        pull: None,
        known: &[(
            Known::Documented,
            &[
                "direction",
                "called_number",
                "caller_number",
                "parent_call_id",
                "started_at",
                "answered_at",
                "ended_at",
                "duration_ms",
                "billed_ms",
                "disposition",
                "carrier_cause",
            ],
        )],
        cannot: &[
            (
                "agent_id",
                "unless the dial plan sets a variable; map `variables` of your own in a source without a pack",
            ),
            ("talk_ms", "`billsec` runs from the answer, by whatever answered"),
        ],
    }],
    traps: &[
        "All numbers are texts. Times are taken in microseconds since 1970, so no zone is needed.",
        "To post them to `/api/v1/ingest/SOURCE`, set `cred` to `ANY:TOKEN`, `retries` to more than none, and `encode` to `false`. `true` and `base64` are read as well; with `true` set `encode-values` to `false`, or a quotation mark in a variable breaks its document.",
        "What could not be posted is written to files (`err-log-dir`) that nobody sends later: name them under the source's `files` and import them. With `encode` they are encoded too, and cannot be imported.",
        "Variables are URL-encoded one by one unless `encode-values` is `false`; both are read.",
    ],
};

const COLUMNS: [&str; 16] = [
    "uuid",
    "other_uuid",
    "caller_name",
    "caller",
    "destination",
    "context",
    "start",
    "answer",
    "end",
    "duration",
    "billsec",
    "cause",
    "accountcode",
    "read_codec",
    "write_codec",
    "direction",
];

/// The columns of the template, in its order.
const TEMPLATE: [&str; 15] = [
    "caller_name",
    "caller",
    "destination",
    "context",
    "start",
    "answer",
    "end",
    "duration",
    "billsec",
    "cause",
    "uuid",
    "other_uuid",
    "accountcode",
    "read_codec",
    "write_codec",
];

fn of_row(item: Item<'_>) -> Result<Vec<Flat>, String> {
    let row = item.row()?;
    if row.len() != TEMPLATE.len() {
        return Err(format!(
            "It has {} fields, and a record of the template `example` has {}. For another template declare the file as CSV without a header and map its columns.",
            row.len(),
            TEMPLATE.len()
        ));
    }
    let mut flat = Flat::of_row(&TEMPLATE, row);
    for name in ["start", "answer", "end"] {
        if let Some(text) = flat.get(name).map(with_dashes) {
            flat.set(name, text);
        }
    }
    Ok(vec![flat])
}

/// A spreadsheet that saves such a file writes `2020/2/10 22:41` for `2020-02-10 22:41:33`.
fn with_dashes(text: &str) -> String {
    let Some((day, time)) = text.split_once(' ').filter(|(day, _)| day.contains('/')) else {
        return text.to_owned();
    };
    let parts: Vec<&str> = day.split('/').collect();
    match parts.as_slice() {
        [year, month, day] if year.len() == 4 => format!("{year}-{month:0>2}-{day:0>2} {time:0>5}"),
        _ => text.to_owned(),
    }
}

fn of_document(item: Item<'_>) -> Result<Vec<Flat>, String> {
    let value = item.document()?;
    let variable = |name: &str| text(value, &format!("variables.{name}")).map(unescaped);
    let Some(uuid) = variable("uuid") else {
        return Err("It has no `variables.uuid`, which every record of FreeSWITCH's has.".to_owned());
    };
    let profile = list(value, "callflow").first().and_then(|flow| flow.get("caller_profile"));
    let of_profile = |name: &str| profile.and_then(|profile: &Value| text(profile, name));
    // 0 says that it did not happen.
    let instant = |name: &str| variable(name).filter(|text| text != "0");
    Ok(vec![
        Flat::default()
            .with("uuid", uuid)
            .with_some("other_uuid", variable("originator").or_else(|| variable("signal_bond")))
            .with_some("caller", of_profile("caller_id_number").or_else(|| variable("caller_id_number")))
            .with_some("caller_name", of_profile("caller_id_name"))
            .with_some(
                "destination",
                of_profile("destination_number").or_else(|| variable("destination_number")),
            )
            .with_some("context", of_profile("context"))
            .with_some("start", instant("start_uepoch"))
            .with_some("answer", instant("answer_uepoch"))
            .with_some("end", instant("end_uepoch"))
            .with_some("duration", variable("mduration"))
            .with_some("billsec", variable("billmsec"))
            .with_some("cause", variable("hangup_cause"))
            .with_some("accountcode", variable("accountcode"))
            .with_some("direction", variable("direction")),
    ])
}

/// `%2B44` is `+44`. A percent sign that begins nothing, and what is no text behind them, stays as it is.
fn unescaped(text: String) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((first, after)) = rest.split_first() {
        let digit = |at: usize| after.get(at).and_then(|byte| char::from(*byte).to_digit(16));
        let escaped = match (first, digit(0), digit(1)) {
            (b'%', Some(high), Some(low)) => u8::try_from(high * 16 + low).ok(),
            _ => None,
        };
        bytes.push(escaped.unwrap_or(*first));
        rest = if escaped.is_some() { after.get(2..).unwrap_or_default() } else { after };
    }
    String::from_utf8(bytes).unwrap_or(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn variables_are_read_url_encoded_and_plain() {
        let document = serde_json::json!({
            "variables": { "uuid": "u1", "caller_id_number": "%2B44%2020", "accountcode": "100% a%zz %ff" }
        });
        let flat = &of_document(Item::Json(&document)).unwrap()[0];
        assert_eq!((flat.get("caller"), flat.get("accountcode")), (Some("+44 20"), Some("100% a%zz %ff")));
    }

    #[test]
    fn a_row_of_the_template_is_read_though_a_spreadsheet_saved_it() {
        let row = [
            "Sales",
            "1002",
            "0201",
            "default",
            "2020/2/1 9:41",
            "",
            "2020-02-01 09:42:03",
            "11",
            "9",
            "NORMAL_CLEARING",
            "u1",
            "",
            "1002",
            "PCMU",
            "PCMU",
        ];
        let flat = &of_row(Item::Row(&row)).unwrap()[0];
        assert_eq!(flat.get("start"), Some("2020-02-01 09:41"));
        assert_eq!(flat.get("answer"), None);
        assert_eq!(flat.get("end"), Some("2020-02-01 09:42:03"));
        assert!(of_row(Item::Row(&row[..14])).unwrap_err().contains("It has 14 fields"));
    }

    #[test]
    fn a_document_has_its_times_in_microseconds() {
        let document = serde_json::json!({
            "variables": {
                "uuid": "u1", "direction": "outbound", "start_uepoch": "1767603600000000", "answer_uepoch": "0",
                "end_uepoch": "1767603630500000", "mduration": "30500", "billmsec": "0", "hangup_cause": "NO_ANSWER"
            },
            "callflow": [{ "caller_profile": { "caller_id_number": "100", "destination_number": "0201" } }]
        });
        let flat = &of_document(Item::Json(&document)).unwrap()[0];
        assert_eq!(flat.get("answer"), None);
        assert_eq!(flat.get("destination"), Some("0201"));
        assert!(of_document(Item::Json(&serde_json::json!({}))).is_err());
    }
}
