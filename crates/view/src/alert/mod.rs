//! Messages of alerts: the same words as text, as a letter, for Slack, for Teams, and as JSON for programs.
//!
//! Names come from records and declarations, and some of them from people who wish nobody well. Each form writes them so that they
//! stay names there: they make no link, call nobody and end no line.

mod json;
mod letter;
mod shown;
mod slack;
mod teams;

use dialmark_govern::alert::{Kind, Notice, Opens, Told};
use jiff::Timestamp;
use jiff::tz::TimeZone;

use crate::link::Link;

pub use json::json;
pub use letter::{html, text};
pub use shown::{Looked, looked, phase, plan};
pub use slack::slack;
pub use teams::teams;

/// Things that a message names; how many more there are is said.
const MOST_NAMED: usize = 20;
/// Longest name or sentence of a message, in characters.
const LONGEST: usize = 600;

/// What a message is made of.
#[derive(Debug, Clone, Copy)]
pub struct Message<'a> {
    /// What it says.
    pub notice: &'a Notice,
    /// Name of the centre.
    pub centre: &'a str,
    /// The zone in which times are written.
    pub zone: &'a TimeZone,
    /// The address under which the pages are reached, without a `/` at its end; paths are written where there is none.
    pub pages_at: Option<&'a str>,
    /// Whether it only tries whether messages arrive.
    pub is_test: bool,
}

impl Message<'_> {
    /// What it is about, in a line.
    pub fn subject(&self) -> String {
        let test = if self.is_test { "[test] " } else { "" };
        let kind = match self.notice.kind {
            Kind::Raised => "",
            Kind::Reminder => "Still: ",
            Kind::Cleared => "Over: ",
        };
        let about = match self.notice.about.as_slice() {
            [one] => format!("{}: {}", one.subject.label, one.found.shown),
            several => format!("{} things", several.len()),
        };
        line(&format!("{test}{kind}{} \u{2013} {about}", self.notice.label))
    }

    /// The things that are named, and how many more there are.
    fn named(&self) -> (&[Told], usize) {
        let about = &self.notice.about;
        let named = about.get(..MOST_NAMED).unwrap_or(about);
        (named, about.len() - named.len())
    }

    /// What is said under the things: which centre, which alert, where all alerts are.
    fn foot(&self) -> String {
        let test = if self.is_test { "This only tries whether messages arrive. " } else { "" };
        line(&format!("{test}{}, alert {}", self.centre, self.notice.alert))
    }

    fn at(&self, at: Timestamp) -> String {
        at.to_zoned(self.zone.clone()).strftime("%a %-d %b %Y, %H:%M %Z").to_string()
    }

    /// What there is to say of one thing, in lines.
    fn says(&self, told: &Told) -> Vec<String> {
        let found = &told.found;
        let n = found.n.map(|n| format!("; n = {n}")).unwrap_or_default();
        let since = match self.notice.kind {
            Kind::Cleared => "It was so since",
            Kind::Raised | Kind::Reminder => "Since",
        };
        let mut lines = vec![
            line(&format!("{}; {}{n}", found.shown, found.limit)),
            format!("{since} {}; records to {}", self.at(told.since), self.at(found.at)),
        ];
        lines.extend(found.notes.iter().map(|note| line(note)));
        lines
    }

    /// Where to look: an address where that is known, else a path.
    fn page(&self, told: &Told) -> String {
        self.address(&page(&told.found.opens))
    }

    fn address(&self, link: &Link) -> String {
        format!("{}{link}", self.pages_at.unwrap_or_default())
    }
}

/// The page of alerts.
pub const PATH: &str = "/alerts";

/// The page that shows more of what was seen.
pub fn page(opens: &Opens) -> Link {
    match opens {
        Opens::Kpis => Link::to("/kpis"),
        Opens::Records { metric, condition, from, to } => Link::to("/calls")
            .with("metric", metric)
            .with("part", "denominator")
            .with("from", from)
            .with("to", to)
            .with_some("where", condition.as_deref()),
        Opens::Data => Link::to("/data"),
        Opens::Calling { campaign } => Link::to("/compliance").with_some("campaign", campaign.as_deref()),
        Opens::Case { number } => Link::below("/case", &number.to_string()),
    }
}

/// A text as one line of bounded length: what ends lines, or turns them round, is left out.
fn line(text: &str) -> String {
    let is_odd = |c: char| {
        c.is_control()
            || matches!(c, '\u{2028}' | '\u{2029}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
    };
    let plain: String = text.chars().map(|c| if is_odd(c) { ' ' } else { c }).collect();
    match plain.chars().count() > LONGEST {
        true => plain.chars().take(LONGEST - 1).chain(['…']).collect(),
        false => plain,
    }
}

#[cfg(test)]
mod sample;
#[cfg(test)]
mod tests;
