//! Asterisk's call detail records, as `cdr_csv` and `cdr_custom` write them: two orders of columns, no header.

use jiff::SignedDuration;
use jiff::civil::DateTime;

use crate::json::text;
use crate::shape::{Each, Flat, Input, Item};
use crate::{Known, LookBack, Pack, Pull, Stream};

pub(crate) const PACK: Pack = Pack {
    id: "asterisk_cdr",
    label: "Asterisk call detail records",
    about: "`Master.csv` of `cdr_csv` or `cdr_custom`. The order of its columns is told from where the times stand.",
    input: Input::Rows,
    streams: &[Stream {
        id: "calls",
        mapping: include_str!("asterisk_cdr.toml"),
        columns: &COLUMNS,
        open: || Box::new(Each(shape)),
        pull: None,
        known: &[
            (
                Known::Sample,
                &[
                    "called_number",
                    "caller_number",
                    "started_at",
                    "answered_at",
                    "ended_at",
                    "duration_ms",
                    "billed_ms",
                    "disposition",
                    "trunk",
                ],
            ),
            (Known::Documented, &["linked_id"]),
        ],
        cannot: &[
            ("direction", "the dial plan decides it; say which contexts are which, as the example does"),
            ("agent_id", "the record names channels, not people; `queue_log` has agents"),
            ("talk_ms", "`billsec` runs from the answer, by whatever answered, a machine included"),
            ("wrap_ms", "work after the call is not recorded"),
            ("answered_by", "a machine is `ANSWERED` as well"),
            ("campaign_id", "unless the dial plan writes one, such as into `accountcode` or `userfield`"),
        ],
    }],
    traps: &[
        "Times carry no zone. The unique identifier begins with the second of the call since 1970, which says the offset; where it does not fit, the source's zone decides.",
        "A call over several channels has several records; those of one call share `linkedid` where it is written.",
        "`ANSWERED` says that something picked up. Map it to what you know of your lines.",
    ],
};

/// The same records where Asterisk writes them to a table.
pub(crate) const TABLE: Pack = Pack {
    id: "asterisk_cdr_table",
    label: "Asterisk call detail records in a database",
    about: "The table `cdr`, as Asterisk's database drivers write it, with the columns of any version.",
    input: Input::Json { lists: &[] },
    streams: &[Stream {
        id: "calls",
        mapping: include_str!("asterisk_cdr.toml"),
        columns: &COLUMNS,
        open: || Box::new(Each(of_table)),
        pull: Some(&Pull {
            tables: &["cdr"],
            columns: &["src", "dst", "duration", "billsec", "disposition"],
            may_lack: &[
                "calldate",
                "start",
                "answer",
                "end",
                "clid",
                "dcontext",
                "channel",
                "dstchannel",
                "lastapp",
                "lastdata",
                "amaflags",
                "accountcode",
                "uniqueid",
                "userfield",
                "sequence",
                "linkedid",
                "peeraccount",
            ],
            lookups: &[],
            cursor: &["calldate", "start"],
            // A record is written when its call ends, under the time at which it began.
            look_back: LookBack::Hours(12),
            context_hours: 0,
            epochs: &[],
        }),
        known: &[
            (
                Known::Documented,
                &[
                    "called_number",
                    "caller_number",
                    "linked_id",
                    "started_at",
                    "duration_ms",
                    "billed_ms",
                    "disposition",
                    "trunk",
                ],
            ),
            (Known::Assumed, &["answered_at", "ended_at"]),
        ],
        cannot: &[
            ("direction", "the dial plan decides it; say which contexts are which"),
            ("agent_id", "the record names channels, not people; the queue log has agents"),
            ("talk_ms", "`billsec` runs from the answer, by whatever answered, a machine included"),
            ("wrap_ms", "work after the call is not recorded"),
            ("answered_by", "a machine is `ANSWERED` as well"),
            ("campaign_id", "unless the dial plan writes one, such as into `accountcode` or `userfield`"),
        ],
    }],
    traps: &[
        "An index on `calldate` (or `start`) is not everywhere; without it each query reads the whole table.",
        "Where the table has no `answer` and `end`, they follow from `duration` and `billsec`.",
        "Without `sequence`, records of one `uniqueid` are told apart by what they say: do not change rows afterwards.",
        "Times carry no zone. The unique identifier begins with the second of the call since 1970, which says the offset; where it does not fit, the source's zone decides.",
        "`ANSWERED` says that something picked up. Map it to what you know of your lines.",
    ],
};

const COLUMNS: [&str; 23] = [
    "id",
    "accountcode",
    "src",
    "dst",
    "dcontext",
    "clid",
    "channel",
    "dstchannel",
    "lastapp",
    "lastdata",
    "start",
    "answer",
    "end",
    "duration",
    "billsec",
    "disposition",
    "amaflags",
    "uniqueid",
    "userfield",
    "sequence",
    "linkedid",
    "peeraccount",
    "trunk",
];

/// `cdr_csv`: the account code comes first.
const ACCOUNT_FIRST: [&str; 18] = [
    "accountcode",
    "src",
    "dst",
    "dcontext",
    "clid",
    "channel",
    "dstchannel",
    "lastapp",
    "lastdata",
    "start",
    "answer",
    "end",
    "duration",
    "billsec",
    "disposition",
    "amaflags",
    "uniqueid",
    "userfield",
];

/// `cdr_custom` as it is delivered: the caller's name comes first.
const CALLER_FIRST: [&str; 21] = [
    "clid",
    "src",
    "dst",
    "dcontext",
    "channel",
    "dstchannel",
    "lastapp",
    "lastdata",
    "start",
    "answer",
    "end",
    "duration",
    "billsec",
    "disposition",
    "amaflags",
    "accountcode",
    "uniqueid",
    "userfield",
    "sequence",
    "linkedid",
    "peeraccount",
];

/// The year 3000: what is beyond it is a number and no second of a call.
const LATEST_SECOND: i64 = 32_503_680_000;

/// The record of a row of a table, whose columns have names. The columns that came later are derived where they lack.
pub(crate) fn of_table(item: Item<'_>) -> Result<Vec<Flat>, String> {
    let row = item.document()?;
    let mut flat = Flat::default();
    for name in COLUMNS {
        if let Some(text) = text(row, name) {
            flat.set(name, text);
        }
    }
    let started = text(row, "start").or_else(|| text(row, "calldate"));
    let Some(started) = started.and_then(|text| text.parse::<DateTime>().ok()) else {
        return Err("Neither `calldate` nor `start` is a time such as `2026-11-22 09:30:00`.".to_owned());
    };
    let seconds = |name| flat.get(name).and_then(|text| text.parse::<i64>().ok());
    let after =
        |from: Option<DateTime>, seconds: i64| from?.checked_add(SignedDuration::from_secs(seconds)).ok();
    let read = |name| text(row, name).and_then(|text| text.parse::<DateTime>().ok());
    let ended = read("end").or_else(|| after(Some(started), seconds("duration")?));
    // The time that is billed begins with the answer and ends with the call.
    let billed = seconds("billsec").filter(|billed| *billed > 0);
    let answered = read("answer").or_else(|| after(ended, -billed?));
    for (name, at) in [("start", Some(started)), ("answer", answered), ("end", ended)] {
        flat.0.retain(|(known, _)| *known != name);
        if let Some(at) = at {
            flat.set(name, at.strftime("%Y-%m-%d %H:%M:%S%.f").to_string());
        }
    }
    let fields: Vec<&str> = flat.0.iter().map(|(_, text)| text.as_str()).collect();
    let print = fnv(&fields);
    finish(&mut flat, print);
    Ok(vec![flat])
}

fn shape(item: Item<'_>) -> Result<Vec<Flat>, String> {
    let row = item.row()?;
    let time = |at: usize| row.get(at).and_then(|text| text.trim().parse::<DateTime>().ok());
    let names: &[&'static str] = match (time(8), time(9)) {
        (Some(_), _) => &CALLER_FIRST,
        (None, Some(_)) => &ACCOUNT_FIRST,
        (None, None) => {
            return Err(format!(
                "Neither the 9th nor the 10th of its {} fields is a time such as `2026-11-22 09:30:00`, where a record of Asterisk's has the start of the call.",
                row.len()
            ));
        }
    };
    // What follows depends on settings; a row without this much was cut off, and would be known by another identifier.
    if row.len() <= names.iter().position(|name| *name == "amaflags").unwrap_or(0) {
        return Err(format!("It ends after {} fields, before `amaflags`, so it was cut off.", row.len()));
    }
    let mut flat = Flat::of_row(names, row);
    finish(&mut flat, fnv(row));
    Ok(vec![flat])
}

/// Adds what follows from the record's own texts: the offset of its times, its identifier, its line.
fn finish(flat: &mut Flat, print: u64) {
    let offset = offset_of(flat.get("start"), flat.get("uniqueid"));
    for name in ["start", "answer", "end"] {
        if let (Some(text), Some(offset)) = (flat.get(name).map(str::to_owned), &offset) {
            flat.set(name, text + offset);
        }
    }
    let id = match (flat.get("uniqueid"), flat.get("sequence")) {
        (Some(unique), Some(sequence)) => format!("{unique}#{sequence}"),
        // Legs of one call share the identifier. A record is never rewritten, so its text tells it from the others.
        (Some(unique), None) => format!("{unique}#{print:016x}"),
        (None, _) => format!("{print:016x}"),
    };
    flat.set("id", id);
    if let Some(trunk) =
        flat.get("dstchannel").or(flat.get("channel")).map(|channel| line_of(channel).to_owned())
    {
        flat.set("trunk", trunk);
    }
}

/// `SIP/carrier-02897fd8` is a channel of the line `SIP/carrier`.
fn line_of(channel: &str) -> &str {
    match channel.rsplit_once('-') {
        Some((line, call)) if !call.is_empty() && call.bytes().all(|b| b.is_ascii_hexdigit()) => line,
        _ => channel,
    }
}

/// The offset of the machine's wall clock, from a start on the wall and an identifier that begins with the same second
/// since 1970: `+03:00`. Nothing when the two are no round quarter of an hour apart.
fn offset_of(start: Option<&str>, unique: Option<&str>) -> Option<String> {
    let wall: DateTime = start?.trim().parse().ok()?;
    let second: i64 = unique?.trim().rsplit('-').next()?.split('.').next()?.parse().ok()?;
    if second > LATEST_SECOND {
        return None;
    }
    let apart = wall.to_zoned(jiff::tz::TimeZone::UTC).ok()?.timestamp().as_second() - second;
    // The channel is made a moment before the record begins.
    let rounded = (apart + 450).div_euclid(900) * 900;
    if (apart - rounded).abs() > 5 || rounded.abs() > 15 * 3600 {
        return None;
    }
    let sign = if rounded < 0 { '-' } else { '+' };
    Some(format!("{sign}{:02}:{:02}", rounded.abs() / 3600, rounded.abs() % 3600 / 60))
}

/// FNV-1a over the fields, which stays the same from version to version.
fn fnv(row: &[&str]) -> u64 {
    let bytes = row.iter().flat_map(|field| field.bytes().chain([0x1f]));
    bytes.fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(row: &[&str]) -> Result<Flat, String> {
        shape(Item::Row(row)).map(|mut all| all.remove(0))
    }

    // Written after the two layouts; real files are read by the conformance tests.
    const BY_ACCOUNT: [&str; 18] = [
        "",
        "100",
        "0201",
        "internal",
        "\"Ann\" <100>",
        "SIP/100-0a",
        "SIP/carrier-0b",
        "Dial",
        "SIP/carrier/0201",
        "2026-01-05 10:00:00",
        "2026-01-05 10:00:07",
        "2026-01-05 10:01:00",
        "60",
        "53",
        "ANSWERED",
        "DOCUMENTATION",
        "1767603600.7",
        "",
    ];

    #[test]
    fn both_orders_say_the_same() {
        let by_account = read(&BY_ACCOUNT).unwrap();
        let mut row = vec![BY_ACCOUNT[4]];
        row.extend(&BY_ACCOUNT[1..4]);
        row.extend(&BY_ACCOUNT[5..16]);
        row.extend(["", "1767603600.7", "", "42"]);
        let by_caller = read(&row).unwrap();
        for name in [
            "start",
            "answer",
            "end",
            "src",
            "dst",
            "duration",
            "billsec",
            "disposition",
            "uniqueid",
            "trunk",
        ] {
            assert_eq!(by_account.get(name), by_caller.get(name), "{name}");
        }
        assert_eq!(by_caller.get("id"), Some("1767603600.7#42"));
        assert_eq!(by_account.get("trunk"), Some("SIP/carrier"));
    }

    #[test]
    fn the_identifier_tells_the_offset_of_the_wall() {
        // 1767603600 is 2026-01-05 09:00:00 UTC.
        assert_eq!(read(&BY_ACCOUNT).unwrap().get("answer"), Some("2026-01-05 10:00:07+01:00"));
        assert_eq!(
            offset_of(Some("2026-01-05 05:00:01"), Some("pbx-1767603600.1")),
            Some("-04:00".to_owned())
        );
        assert_eq!(offset_of(Some("2026-01-05 14:45:00"), Some("1767603600.1")), Some("+05:45".to_owned()));
        assert_eq!(offset_of(Some("2026-01-05 10:03:00"), Some("1767603600.1")), None);
        assert_eq!(offset_of(Some("2026-01-05 10:03:00"), Some("abc")), None);
        assert_eq!(offset_of(Some("-009999-01-01 00:00:00"), Some("9223372036854775807")), None);
    }

    #[test]
    fn a_row_of_a_table_says_what_the_file_says() {
        let row = serde_json::json!({
            "calldate": "2026-01-05T10:00:00", "src": "100", "dst": "0201", "duration": 60, "billsec": "53", "channel": "SIP/100-0a",
            "dstchannel": "SIP/carrier-0b", "disposition": "ANSWERED", "uniqueid": "1767603600.7"
        });
        let flat = of_table(Item::Json(&row)).unwrap().remove(0);
        let of_file = read(&BY_ACCOUNT).unwrap();
        for name in [
            "start",
            "answer",
            "end",
            "src",
            "dst",
            "duration",
            "billsec",
            "disposition",
            "uniqueid",
            "trunk",
        ] {
            assert_eq!(flat.get(name), of_file.get(name), "{name}");
        }
        assert!(of_table(Item::Json(&serde_json::json!({ "src": "100" }))).is_err());
    }

    #[test]
    fn legs_of_a_call_are_records_of_their_own() {
        let mut other = BY_ACCOUNT;
        other[6] = "SIP/carrier-0c";
        assert_ne!(read(&BY_ACCOUNT).unwrap().get("id"), read(&other).unwrap().get("id"));
        assert_eq!(read(&BY_ACCOUNT).unwrap().get("id"), read(&BY_ACCOUNT).unwrap().get("id"));
    }

    #[test]
    fn what_has_no_time_in_its_place_is_refused() {
        assert!(read(&["a", "b"]).unwrap_err().contains("of its 2 fields"));
        assert!(read(&[]).is_err());
        assert!(read(&BY_ACCOUNT[..15]).unwrap_err().contains("cut off"));
        assert!(read(&BY_ACCOUNT[..16]).is_ok(), "the identifier is a setting");
    }
}
