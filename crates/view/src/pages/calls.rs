//! The records behind a figure: how many there are, and each of them.

use dialmark_model::Kind;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use maud::{Markup, html};

use crate::link::Link;
use crate::shell::{self, Head};
use crate::{format, parts};

/// Longest text of a field on the page; the download has the whole.
const FIELD_CHARS: usize = 80;

/// Columns that come first: when, whose, who, how it went, how long. The others follow as the table has them.
const FIRST: [&str; 20] = [
    "started_at",
    "booked_on",
    "campaign_id",
    "list_id",
    "queue",
    "agent_id",
    "attempt_no",
    "disposition",
    "state",
    "duration_ms",
    "ring_ms",
    "queue_ms",
    "talk_ms",
    "hold_ms",
    "wrap_ms",
    "cost_amount",
    "currency",
    "lead_id",
    "customer_id",
    "source_id",
];

/// What the page of records shows.
#[derive(Debug, Clone)]
pub struct CallsPage {
    /// Top of the page.
    pub head: Head,
    /// Name of the metric.
    pub label: String,
    /// Its own page.
    pub metric: Link,
    /// Which part of it: what these records are, in a sentence.
    pub part: String,
    /// The other part, when there is one: what it is called and its records.
    pub other_part: Option<(String, Link)>,
    /// Table that the records are in.
    pub table: String,
    /// How many there are.
    pub total: u64,
    /// Number of the first on this page, from 1.
    pub first: u64,
    /// Names of the columns, and what each holds where that is known.
    pub columns: Vec<(String, Option<Kind>)>,
    /// The records of this page.
    pub rows: Vec<Vec<Option<String>>>,
    /// The page before.
    pub before: Option<Link>,
    /// The page after.
    pub after: Option<Link>,
    /// All of them as CSV.
    pub download: Link,
    /// Zone in which instants are shown.
    pub zone: TimeZone,
}

/// The page.
pub fn render(model: &CallsPage) -> Markup {
    let last = model.first.saturating_sub(1) + u64::try_from(model.rows.len()).unwrap_or(u64::MAX);
    let (filled, empty) = columns(model);
    shell::page(
        &model.head,
        &html! {
            p.lead {
                (parts::counted(model.total, "record", "records")) " of " (model.table) " behind "
                a href=(model.metric) { (model.label) } "."
            }
            p.quiet {
                (model.part)
                @if let Some((name, link)) = &model.other_part { " " a.link href=(link) { "See " (name) } }
            }
            @if model.rows.is_empty() {
                section.panel { p { "No record in this place and time." } }
            } @else {
                section.panel {
                    p.sub {
                        span { "records " (format::count(model.first)) " to " (format::count(last)) " of " (format::count(model.total)) }
                        a.link href=(model.download) { "All " (format::count(model.total)) " as CSV" }
                    }
                    div.scroll tabindex="0" role="region" aria-label="Records" {
                        table.records {
                            thead { tr { @for at in &filled { (title(model, *at)) } } }
                            tbody {
                                @for row in &model.rows {
                                    tr { @for at in &filled { (field(model, row, *at)) } }
                                }
                            }
                        }
                    }
                    (ways(model))
                    @if !empty.is_empty() {
                        details.gap {
                            summary { (parts::counted(empty.len(), "column", "columns")) " without a value on this page" }
                            p.quiet.small { (empty.join(", ")) }
                        }
                    }
                    p.note { "Times are shown in " (model.zone.iana_name().unwrap_or("UTC")) ", durations in minutes and seconds; the download has instants in UTC and whole milliseconds." }
                }
            }
        },
    )
}

fn ways(model: &CallsPage) -> Markup {
    html! {
        @if model.before.is_some() || model.after.is_some() {
            nav.pages aria-label="Pages" {
                @if let Some(before) = &model.before { a.link href=(before) rel="prev" { "← before" } }
                @if let Some(after) = &model.after { a.link href=(after) rel="next" { "next →" } }
            }
        }
    }
}

/// Places of the columns with a value on this page, and names of the others.
fn columns(model: &CallsPage) -> (Vec<usize>, Vec<&str>) {
    let is_filled = |at: usize| model.rows.iter().any(|row| row.get(at).is_some_and(Option::is_some));
    let mut filled: Vec<usize> = (0..model.columns.len()).filter(|at| is_filled(*at)).collect();
    let rank = |at: &usize| {
        let name = model.columns.get(*at).map(|(name, _)| name.as_str());
        FIRST.iter().position(|first| Some(*first) == name).unwrap_or(FIRST.len())
    };
    filled.sort_by_key(rank);
    let empty =
        model.columns.iter().enumerate().filter(|(at, _)| !is_filled(*at)).map(|(_, (n, _))| n.as_str());
    let empty = empty.collect();
    (filled, empty)
}

fn kind(model: &CallsPage, at: usize) -> Option<Kind> {
    model.columns.get(at).and_then(|(_, kind)| *kind)
}

fn is_number(kind: Option<Kind>) -> bool {
    matches!(kind, Some(Kind::Integer | Kind::Duration | Kind::Amount | Kind::Number))
}

fn title(model: &CallsPage, at: usize) -> Markup {
    let name = model.columns.get(at).map_or("", |(name, _)| name.as_str());
    // The unit that the name carries is the one of the download, not of this page.
    let shown = match kind(model, at) {
        Some(Kind::Duration) => name.trim_end_matches("_ms"),
        Some(Kind::Instant) => name.trim_end_matches("_at"),
        Some(Kind::Day) => name.trim_end_matches("_on"),
        _ => name,
    };
    let class = if is_number(kind(model, at)) { "num" } else { "" };
    html! { th scope="col" class=[(!class.is_empty()).then_some(class)] title=(name) { (shown.replace('_', " ")) } }
}

fn field(model: &CallsPage, row: &[Option<String>], at: usize) -> Markup {
    let kind = kind(model, at);
    let Some(text) = row.get(at).and_then(Option::as_deref) else { return html! { td {} } };
    let shown = shown(text, kind, &model.zone);
    let is_cut = shown.chars().count() > FIELD_CHARS;
    let short: String =
        if is_cut { shown.chars().take(FIELD_CHARS).chain(['…']).collect() } else { shown.clone() };
    html! {
        td class=[is_number(kind).then_some("num")] title=[(is_cut || shown != text).then_some(text)] { (short) }
    }
}

/// A hidden number: its last digits, where they are shown at all. The whole of it stands in the title and the download.
fn phone(text: &str) -> String {
    match (text.strip_prefix('*').and_then(|rest| rest.split_once(':')), text.starts_with("erased:")) {
        (Some(("", _)), _) => "hidden".to_owned(),
        (Some((end, _)), _) => format!("…{end}"),
        (None, true) => "erased".to_owned(),
        (None, false) => text.to_owned(),
    }
}

fn shown(text: &str, kind: Option<Kind>, zone: &TimeZone) -> String {
    let shown = match kind {
        Some(Kind::Instant) => text.parse::<Timestamp>().ok().map(|at| crate::when::stamp(at, zone)),
        Some(Kind::Duration) => {
            dialmark_metrics::Exact::parse(text).map(|ms| format::quantity(ms, "ms", None).to_string())
        }
        Some(Kind::Phone) => Some(phone(text)),
        _ => None,
    };
    shown.unwrap_or_else(|| text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample;

    #[test]
    fn of_a_hidden_number_the_last_digits_are_shown() {
        let shown =
            ["*0123:nVX0LKg_EpWlZTCyBWWdQA", "*:nVX0LKg_EpWlZTCyBWWdQA", "erased:3f9a1c77e0b2", "1001"]
                .map(phone);
        assert_eq!(shown, ["…0123", "hidden", "erased", "1001"]);
    }

    #[test]
    fn the_page_says_how_many_there_are_and_which_it_shows() {
        let text = render(&sample::calls()).into_string();
        assert!(text.contains("records 51 to 53 of 2\u{202f}564"), "{text}");
        assert!(text.contains("All 2\u{202f}564 as CSV"), "{text}");
    }

    #[test]
    fn times_are_in_the_zone_and_durations_readable() {
        let text = render(&sample::calls()).into_string();
        assert!(text.contains("2026-10-19 10:00:05") && text.contains("4:12"), "{text}");
    }

    #[test]
    fn columns_without_a_value_are_named_not_dropped_unsaid() {
        let text = render(&sample::calls()).into_string();
        assert!(
            text.contains("1\u{a0}column without a value on this page") && text.contains("transfer_to"),
            "{text}"
        );
    }

    #[test]
    fn text_of_records_is_escaped() {
        let text = render(&sample::calls()).into_string();
        assert!(!text.contains("<script>") && text.contains("&lt;script&gt;"), "{text}");
    }
}
