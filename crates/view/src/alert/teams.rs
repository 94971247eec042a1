//! A message for a workflow of Teams: an adaptive card.

use serde_json::{Value, json};

use super::{Message, PATH};
use crate::link::Link;

/// The card. Whatever comes from records stands in runs of text, in which Teams knows no marks and makes no links.
pub fn teams(message: &Message<'_>) -> Value {
    let (named, more) = message.named();
    let mut body = vec![json!({
        "type": "RichTextBlock",
        "inlines": [{ "type": "TextRun", "text": message.subject(), "weight": "Bolder", "size": "Medium" }],
    })];
    let (mut bytes, mut more) = (0, more);
    for told in named {
        let mut runs = vec![run(&super::line(&told.subject.label), true)];
        runs.extend(message.says(told).iter().map(|says| run(says, false)));
        runs.push(run(&message.page(told), false));
        bytes += runs.iter().map(|run| run.to_string().len()).sum::<usize>();
        match bytes <= MOST_BYTES {
            true => body.extend(runs),
            false => more += 1,
        }
    }
    if more > 0 {
        body.push(run(&format!("And {more} more."), false));
    }
    body.push(run(&message.foot(), false));
    let mut card = json!({
        "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
        "type": "AdaptiveCard",
        "version": "1.4",
        "body": body,
    });
    if message.pages_at.is_some()
        && let Some(card) = card.as_object_mut()
    {
        let all = message.address(&Link::to(PATH));
        card.insert(
            "actions".to_owned(),
            json!([{ "type": "Action.OpenUrl", "title": "All alerts", "url": all }]),
        );
    }
    json!({
        "type": "message",
        "attachments": [{
            "contentType": "application/vnd.microsoft.card.adaptive",
            "contentUrl": null,
            "content": card,
        }],
    })
}

/// Teams takes 28 KB a card, frame and all.
const MOST_BYTES: usize = 20_000;

fn run(text: &str, is_bold: bool) -> Value {
    let weight = if is_bold { "Bolder" } else { "Default" };
    json!({ "type": "RichTextBlock", "inlines": [{ "type": "TextRun", "text": text, "weight": weight }] })
}
