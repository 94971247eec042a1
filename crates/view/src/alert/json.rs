//! A message for programs. `docs/alerts.md` says what each key means, `docs/alert.schema.json` which there are.

use dialmark_govern::alert::Told;
use serde_json::{Value, json};

use super::Message;

/// All of it: nothing is left out that was found, however much it is.
pub fn json(message: &Message<'_>) -> Value {
    let notice = message.notice;
    json!({
        "type": if message.is_test { "alert.test".to_owned() } else { format!("alert.{}", notice.kind.word()) },
        "timestamp": notice.at.to_string(),
        "data": {
            "alert": notice.alert,
            "label": notice.label,
            "centre": message.centre,
            "group": notice.group,
            "subject": message.subject(),
            "things": notice.about.iter().map(|told| thing(message, told)).collect::<Vec<_>>(),
        },
    })
}

fn thing(message: &Message<'_>, told: &Told) -> Value {
    let found = &told.found;
    json!({
        "key": told.subject.key,
        "label": told.subject.label,
        "place": told.subject.place,
        "value": found.value,
        "shown": found.shown,
        "limit": found.limit,
        "n": found.n,
        "since": told.since.to_string(),
        "records_to": found.at.to_string(),
        "notes": found.notes,
        "page": message.page(told),
    })
}
