//! Recovery: customers who answered badly, to be called back in time.

use std::collections::BTreeMap;

use dialmark_govern::recovery::{Clock, Item, ItemId, Outcome, State};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use maud::{Markup, html};

use crate::form::{Choice, Field, Form, Sent, outcome};
use crate::link::Link;
use crate::shell::{self, Head};
use crate::{parts, when};

/// The form that moves an item on; [`crate::form::ITEM`] is [`item_id`]. It has [`STEP`] alone.
pub const MOVE: &str = "move";
/// [`TAKE`], [`GIVE_BACK`], [`REACHED`] or [`NOT_REACHED`].
pub const STEP: &str = "step";
/// The reader is about to call.
pub const TAKE: &str = "take";
/// The reader did not call after all.
pub const GIVE_BACK: &str = "give_back";
/// The reader spoke to the customer.
pub const REACHED: &str = "reached";
/// The reader called in vain.
pub const NOT_REACHED: &str = "not_reached";
/// The form that closes an item; [`crate::form::ITEM`] is [`item_id`]. It has [`OUTCOME`] and [`SAYS`].
pub const CLOSE: &str = "close";
/// What came of it: a word of [`OUTCOMES`].
pub const OUTCOME: &str = "outcome";
/// The same in words.
pub const SAYS: &str = "says";

/// What can come of a call back, with the word that is sent and what is read.
pub const OUTCOMES: [(&str, Outcome, &str); 4] = [
    ("resolved", Outcome::Resolved, "The matter is settled"),
    ("handed_on", Outcome::HandedOn, "It was handed on"),
    ("not_resolved", Outcome::NotResolved, "Reached, and stays discontent"),
    ("not_reached", Outcome::NotReached, "All tries were in vain"),
];

/// Separates source and identifier; the name of a source has none.
const BETWEEN: char = ':';

/// How a form names an item.
pub fn item_id(id: &ItemId) -> String {
    format!("{}{BETWEEN}{}", id.source, id.source_id)
}

/// Reads [`item_id`] back.
pub fn read_item_id(text: &str) -> Option<ItemId> {
    let (source, source_id) = text.split_once(BETWEEN)?;
    Some(ItemId { source: source.to_owned(), source_id: source_id.to_owned() })
}

/// What the queue shows.
#[derive(Debug, Clone)]
pub struct RecoveryPage {
    /// Top of the page.
    pub head: Head,
    /// Zone of its times.
    pub zone: TimeZone,
    /// Now, for the clocks.
    pub now: Timestamp,
    /// Account of the reader, who may move on what they took.
    pub reader: String,
    /// Items that are not closed, what is due first in front.
    pub open: Vec<RecoveryLine>,
    /// Items that were closed, the latest first.
    pub closed: Vec<RecoveryLine>,
    /// Names of people by their accounts, as far as they are known.
    pub names: BTreeMap<String, String>,
    /// How many answers became items and why others did not, in sentences.
    pub admitted: Vec<String>,
    /// Where forms are sent.
    pub action: Link,
    /// What was sent last.
    pub sent: Sent,
}

/// One customer to be called back.
#[derive(Debug, Clone)]
pub struct RecoveryLine {
    /// The item.
    pub item: Item,
    /// Name to show of its rule.
    pub rule: String,
    /// Tries after which the customer may be given up.
    pub tries_allowed: u32,
    /// The answer: score, comment, call, agent, in words.
    pub answer: Vec<(String, String)>,
    /// The answer's record or its call's.
    pub record: Option<Link>,
    /// Whether the reader may move it on.
    pub may_move: bool,
}

/// The page.
pub fn render(model: &RecoveryPage) -> Markup {
    let late =
        model.open.iter().filter(|line| matches!(line.item.clock(model.now), Clock::Overdue(_))).count();
    shell::page(
        &model.head,
        &html! {
            (outcome(&model.sent))
            p.lead {
                @match model.open.len() {
                    0 => "Nobody waits for a call back.",
                    open => { (parts::counted(open, "customer waits", "customers wait")) " for a call back or its end" @if late > 0 { ", " b { (late) " too long" } } "." }
                }
            }
            @if !model.open.is_empty() {
                section.panel aria-labelledby="queue" {
                    h2 id="queue" { "Queue" }
                    @for line in &model.open { (item(model, line)) }
                }
            }
            section.panel aria-labelledby="closed" {
                h2 id="closed" { "Closed" }
                @if model.closed.is_empty() { p.quiet { "None yet." } } @else { (closed(model)) }
                @for sentence in &model.admitted { p.note { (sentence) } }
            }
        },
    )
}

fn item(model: &RecoveryPage, line: &RecoveryLine) -> Markup {
    let item = &line.item;
    html! {
        article.item {
            header {
                h3 { @match &line.record { Some(href) => a href=(href) { (line.rule) ", " (item.id().source_id) }, None => { (line.rule) ", " (item.id().source_id) } } }
                span { (clock(item.clock(model.now))) " " span.quiet.small { "due " (when::instant(item.due_at(), &model.zone)) } }
            }
            div.two.even {
                dl.facts {
                    dt { "Answered" } dd { (when::instant(item.answered_at(), &model.zone)) }
                    @for (name, value) in &line.answer { dt { (name) } dd { (value) } }
                    dt { "Sees to it" } dd { (parts::name(&model.names, item.owner())) }
                    dt { "Tries" } dd { (item.tries()) " of " (line.tries_allowed) " in vain" }
                    dt { "State" } dd { (state(model, item)) }
                }
                @if line.may_move { (steps(model, line)) }
            }
        }
    }
}

fn state(model: &RecoveryPage, item: &Item) -> Markup {
    let who = |by: &str, at: Timestamp| {
        format!("{}, {}", parts::name(&model.names, by), when::instant(at, &model.zone))
    };
    html! {
        @match item.state() {
            State::Open => "nobody has it",
            State::Taken { by, at } => { "taken by " (who(by, *at)) }
            State::Reached { by, at } => { "reached by " (who(by, *at)) "; what came of it is not noted yet" }
            State::Closed { by, at, .. } => { "closed by " (who(by, *at)) }
        }
    }
}

fn clock(clock: Clock) -> Markup {
    let (class, says) = match clock {
        Clock::Due(left) => ("unsure", format!("◔ {} left", length(left))),
        Clock::Overdue(late) => ("missed", format!("○ overdue by {}", length(late))),
        Clock::Kept => ("met", "● reached in time".to_owned()),
        Clock::Late(late) => ("close", format!("◐ reached {} too late", length(late))),
        Clock::GivenUp => ("missed", "○ given up".to_owned()),
    };
    html! { span.status.(class) { (says) } }
}

/// Hours and minutes, from two days on days and hours; cut, not rounded.
fn length(length: SignedDuration) -> String {
    let minutes = length.as_secs() / 60;
    match minutes / 60 {
        hours if hours >= 48 => format!("{}\u{a0}d {}\u{a0}h", hours / 24, hours % 24),
        0 => format!("{minutes}\u{a0}min"),
        hours => format!("{hours}\u{a0}h {}\u{a0}min", minutes % 60),
    }
}

/// What the reader may do with it as it stands.
fn steps(model: &RecoveryPage, line: &RecoveryLine) -> Markup {
    let item = &line.item;
    let id = item_id(item.id());
    let step = Form::about(MOVE, &id, &model.action, &model.sent);
    let is_used_up = item.tries() >= line.tries_allowed;
    html! {
        @match item.state() {
            State::Open if is_used_up => (close(model, &id, &["not_reached"])),
            State::Open => (step.in_line(&step.submit_as(STEP, TAKE, "I call", true))),
            State::Taken { by, .. } if *by == model.reader => (step.in_line(&html! {
                (step.submit_as(STEP, REACHED, "Reached", true))
                (step.submit_as(STEP, NOT_REACHED, "Not reached", false))
                (step.submit_as(STEP, GIVE_BACK, "Give it back", false))
            })),
            State::Reached { .. } => (close(model, &id, &["resolved", "handed_on", "not_resolved"])),
            State::Taken { .. } | State::Closed { .. } => {}
        }
    }
}

fn close(model: &RecoveryPage, id: &str, words: &[&str]) -> Markup {
    let form = Form::about(CLOSE, id, &model.action, &model.sent);
    let outcomes: Vec<Choice> = OUTCOMES
        .iter()
        .filter(|(word, ..)| words.contains(word))
        .map(|(word, _, says)| Choice::new(*word, *says))
        .collect();
    form.of(&html! {
        (form.radios(&Field::new(OUTCOME, "What came of it"), &outcomes))
        (form.area_of(&Field::new(SAYS, "In words"), 2))
        div { (form.submit("Close it")) }
    })
}

fn closed(model: &RecoveryPage) -> Markup {
    html! {
        div.scroll {
            table.figures {
                thead { tr { th { "Answered" } th { "Rule" } th { "Clock" } th { "What came of it" } th { "By" } } }
                tbody {
                    @for line in &model.closed {
                        @if let State::Closed { outcome, by, at, says, .. } = line.item.state() {
                            tr {
                                th scope="row" { (when::instant(line.item.answered_at(), &model.zone)) }
                                td { (line.rule) }
                                td { (clock(line.item.clock(model.now))) }
                                td { (outcome_word(*outcome)) ": " (says) }
                                td { (parts::name(&model.names, by)) ", " (when::instant(*at, &model.zone)) }
                            }
                        }
                    }
                }
            }
        }
    }
}

fn outcome_word(wanted: Outcome) -> &'static str {
    OUTCOMES.iter().find(|(_, outcome, _)| *outcome == wanted).map_or("", |(_, _, says)| says)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample::quality;

    #[test]
    fn the_name_of_an_item_is_read_back() {
        let id = ItemId { source: "surveys".to_owned(), source_id: "a:1".to_owned() };
        assert_eq!(read_item_id(&item_id(&id)), Some(id));
        assert_eq!(read_item_id("surveys"), None);
    }

    #[test]
    fn the_clock_says_how_long_is_left_or_how_late_it_is() {
        let text = render(&quality::recovery()).into_string();
        assert!(text.contains("3\u{a0}customers wait") && text.contains("1 too long"), "{text}");
        assert!(text.contains("○ overdue by 2\u{a0}h 40\u{a0}min"), "{text}");
        assert!(text.contains("left</span>"), "{text}");
        assert_eq!(length(SignedDuration::from_hours(75)), "3\u{a0}d 3\u{a0}h");
        assert_eq!(length(SignedDuration::from_secs(119)), "1\u{a0}min");
    }

    #[test]
    fn only_the_steps_that_an_item_allows_are_offered() {
        let text = render(&quality::recovery()).into_string();
        for (step, times) in [(TAKE, 1), (REACHED, 1), (NOT_REACHED, 1), (GIVE_BACK, 1)] {
            assert_eq!(
                text.matches(&format!("name=\"step\" value=\"{step}\"")).count(),
                times,
                "{step} {text}"
            );
        }
        // The one that was reached can be closed, and not as not reached.
        assert_eq!(text.matches("value=\"resolved\"").count(), 1, "{text}");
        assert!(!text.contains("name=\"outcome\" value=\"not_reached\""), "{text}");
        let other = RecoveryPage { reader: "somebody".to_owned(), ..quality::recovery() };
        assert!(!render(&other).into_string().contains("value=\"give_back\""));
    }
}
