//! A message as a letter: in plain text, and as HTML.

use maud::html;

use super::{Message, PATH};
use crate::link::Link;

/// In plain text.
pub fn text(message: &Message<'_>) -> String {
    let (named, more) = message.named();
    let mut lines = vec![message.subject(), String::new()];
    for told in named {
        lines.push(super::line(&told.subject.label));
        lines.extend(message.says(told).into_iter().map(|says| format!("  {says}")));
        lines.push(format!("  {}", message.page(told)));
        lines.push(String::new());
    }
    if more > 0 {
        lines.push(format!("And {more} more."));
        lines.push(String::new());
    }
    lines.push(message.foot());
    lines.push(message.address(&Link::to(PATH)));
    lines.join("\n") + "\n"
}

/// As HTML that mail programs show: no style sheet, no picture, nothing from elsewhere.
pub fn html(message: &Message<'_>) -> String {
    let (named, more) = message.named();
    // A path leads nowhere from a letter.
    let link = |says: &str, address: String| {
        html! { @if message.pages_at.is_some() { a href=(address) { (says) } } @else { code { (address) } } }
    };
    let body = html! {
        div style="font-family:sans-serif;font-size:15px;line-height:1.4;color:#1a1a1a;max-width:40em" {
            h1 style="font-size:18px" { (message.subject()) }
            @for told in named {
                h2 style="font-size:15px;margin:1em 0 0" { (super::line(&told.subject.label)) }
                @for says in message.says(told) { p style="margin:0" { (says) } }
                p style="margin:0" { (link("Look at it", message.page(told))) }
            }
            @if more > 0 { p { "And " (more) " more." } }
            p style="color:#555;margin-top:1.5em" { (message.foot()) ". " (link("All alerts", message.address(&Link::to(PATH)))) }
        }
    };
    body.into_string()
}
