//! A message to try things on, with names from people who wish nobody well.

use dialmark_govern::Place;
use dialmark_govern::alert::{Found, Kind, Notice, Opens, Subject, Told};
use jiff::Timestamp;

/// A name that would like to be a link, a call to everybody, a mark and a second line.
pub(super) const HOSTILE: &str =
    "<!channel> <https://evil.example|sale> [x](https://evil.example) *b* <b>\r\nBcc: a";

pub(super) fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

pub(super) fn told(campaign: &str) -> Told {
    Told {
        subject: Subject {
            key: format!("campaign_id = {campaign}"),
            label: format!("Drop rate, {campaign}"),
            place: Place::of("campaign_id", campaign),
        },
        found: Found {
            at: at("2026-10-25T00:40:00Z"),
            value: Some("31/1000".to_owned()),
            shown: "3.10 %".to_owned(),
            limit: "above 3.00 %, over at 2.00 %".to_owned(),
            n: Some(1000),
            notes: vec!["Records are missing in 1 hour.".to_owned()],
            opens: Opens::Records {
                metric: "drop_rate".to_owned(),
                condition: Some("campaign_id = 'x'".to_owned()),
                from: at("2026-10-25T00:10:00Z"),
                to: at("2026-10-25T00:40:00Z"),
            },
        },
        since: at("2026-10-25T00:30:00Z"),
    }
}

pub(super) fn notice(kind: Kind, about: Vec<Told>) -> Notice {
    Notice {
        alert: "drops".to_owned(),
        label: "Drops".to_owned(),
        kind,
        group: String::new(),
        at: at("2026-10-25T01:30:00Z"),
        about,
        to: vec!["floor".to_owned()],
    }
}
