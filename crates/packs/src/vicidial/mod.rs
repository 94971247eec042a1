//! VICIdial, from its own tables in MySQL or MariaDB.
//!
//! Its columns are those of the published schema; no sample of a real centre was seen.

mod agents;
mod calls;
mod leads;
pub mod statuses;

use jiff::Timestamp;
use serde_json::Value;

use crate::json::text;
use crate::shape::Input;
use crate::{Pack, Stream};

pub(crate) const PACK: Pack = Pack {
    id: "vicidial",
    label: "VICIdial",
    about: "The log tables of VICIdial's database, archives included: dialled calls, in-group calls, what agents did, their log-ins, and leads.",
    input: Input::Json { lists: &[] },
    streams: &STREAMS,
    traps: &[
        "Its tables are MyISAM as a rule: a long query makes all who write wait. Read from a replica; keep `batch` small otherwise.",
        "Times are walls of the server without a zone. Most have a second since 1970 beside them, which is used; the source's zone reads the rest and must be the server's.",
        "Rows are filled in after they are written: agents' rows when the next state begins, calls when they end. That is why so much is read again each time.",
        "What the nightly archive moves stays known: a row in the table and its archive twin is one record, and the live one counts. How long rows stay in the live tables is the centre's setting; what it deletes without an archive must have been pulled before.",
        "What a status means is set for the system and may be set otherwise for a campaign, and an administrator may change it any day. `dialmark pull SOURCE --dispositions FILE` takes the flags of a day over as a map; when one changes, end that file with `until` and write another with `--from DAY`. Where campaigns differ, fill `disposition` from `[\"campaign\", \"status\"]` and map the joined codes.",
        "`length_in_sec` is the length of the call, not of the talk. Talk is the agents' time (`agent_spans`), less its dead seconds, and there the call's `uniqueid` leads back to it.",
        "An agent's row with a part of 65,000 seconds or more is a counter that ran over. VICIdial's own reports leave such rows out; here they are set aside and counted.",
        "All parts of an agent's row belong to its `event_time` in VICIdial's reports, but here each to its own time: agent days at midnight differ by that.",
        "A call that was dropped into an in-group, or handed to one, is in both call tables under one `uniqueid`. Its second row is `internal` and names the first, so that neither dials nor arrivals count twice.",
        "Whether `comments` says how a call was dialled depends on the version: only `MANUAL` is read.",
    ],
};

const STREAMS: [Stream; 5] = [calls::DIALLED, calls::CLOSERS, agents::SPANS, agents::SHIFTS, leads::LEADS];

/// A second since 1970 of a column, where it is one: older rows have zero.
fn second(row: &Value, name: &str) -> Option<i64> {
    text(row, name)?.parse().ok().filter(|second| *second > 0)
}

/// A whole number of seconds.
fn seconds(row: &Value, name: &str) -> i64 {
    text(row, name).and_then(|text| text.parse().ok()).unwrap_or(0)
}

/// An instant as a text with its offset.
fn instant(second: i64) -> Option<String> {
    Timestamp::from_second(second).ok().map(|at| at.to_string())
}

/// The user of a row, unless it stands for nobody.
fn agent(row: &Value) -> Option<String> {
    text(row, "user").filter(|user| !matches!(user.as_str(), "VDAD" | "VDCL"))
}
