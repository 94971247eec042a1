//! A message for an incoming webhook of Slack.

use serde_json::{Value, json};

use super::{Message, PATH};
use crate::link::Link;

/// Blocks with the same words as a fallback for notifications.
pub fn slack(message: &Message<'_>) -> Value {
    let (named, more) = message.named();
    let subject = escaped(&message.subject());
    let mut blocks = vec![section(&format!("*{subject}*"))];
    for told in named {
        let mut lines = vec![format!("*{}*", escaped(&super::line(&told.subject.label)))];
        // Slack takes 3,000 characters a block; the first lines say what matters.
        let says = message.says(told);
        lines.extend(says.iter().take(LINES).map(|says| escaped(says)));
        lines.push(link(message, "Look at it", &message.page(told)));
        blocks.push(section(&lines.join("\n")));
    }
    if more > 0 {
        blocks.push(section(&format!("And {more} more.")));
    }
    let all = link(message, "All alerts", &message.address(&Link::to(PATH)));
    let foot = format!("{}. {all}", escaped(&message.foot()));
    blocks.push(
        json!({ "type": "context", "elements": [{ "type": "mrkdwn", "text": foot, "verbatim": true }] }),
    );
    json!({ "text": subject, "blocks": blocks })
}

/// Lines about one thing, each of at most 600 characters and as many again where they are escaped.
const LINES: usize = 3;

fn section(text: &str) -> Value {
    // Cut rather than refused; the marks of an escape at the end are of no consequence in plain words.
    let text: String = text.chars().take(2_900).collect();
    json!({ "type": "section", "text": { "type": "mrkdwn", "text": text, "verbatim": true } })
}

fn link(message: &Message<'_>, says: &str, address: &str) -> String {
    match message.pages_at {
        Some(_) => format!("<{}|{says}>", escaped(address).replace('|', "%7C")),
        None => format!("{says}: {}", escaped(address)),
    }
}

/// What Slack would take for a link, a channel or a person, as mere characters.
fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}
