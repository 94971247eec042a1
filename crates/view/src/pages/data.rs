//! What came in, what was set aside and why, what was amended, which codes nobody mapped.

use maud::{Markup, html};

use crate::link::Link;
use crate::shell::{self, Head};
use crate::{format, parts};

/// What the page of the data shows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DataPage {
    /// Top of the page.
    pub head: Head,
    /// Imports, newest first.
    pub imports: Vec<ImportLine>,
    /// Imports in the ledger; more than in the list when only the newest are shown.
    pub imports_total: u64,
    /// Sum over the whole ledger.
    pub sum: ImportLine,
    /// The page with all imports, when not all are shown.
    pub all_imports: Option<Link>,
    /// The last days, in words.
    pub days: Vec<String>,
    /// What came of each.
    pub delivered: Vec<Delivered>,
    /// What waits.
    pub waiting: Vec<WaitingLine>,
    /// Records set aside, by reason, the most frequent first.
    pub quarantine: Vec<QuarantineGroup>,
    /// What was amended or found odd, and how often.
    pub flags: Vec<(String, u64)>,
    /// Agents on calls whom no roster knows, and their calls.
    pub unknown_agents: Vec<(String, u64)>,
    /// Codes that no disposition map knows, the calls that carry each, and those calls.
    pub unmapped: Vec<(String, u64, Option<Link>)>,
}

/// What one source delivered into one table, by day.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Delivered {
    /// Name of the source.
    pub source: String,
    /// Table that the records went to.
    pub table: String,
    /// One a day of [`DataPage::days`].
    pub days: Vec<DayDelivered>,
}

/// What came of one day.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DayDelivered {
    /// Records, by the time they are placed by; `None` when it is not over or before the first.
    pub records: Option<u64>,
    /// Hours that lack records, in words.
    pub gaps: Vec<String>,
}

/// What was sent and is not records yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WaitingLine {
    /// Name of the source.
    pub source: String,
    /// Records.
    pub records: u64,
    /// Since when, in words.
    pub since: String,
}

/// One line of the ledger.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ImportLine {
    /// Number.
    pub id: i64,
    /// When it was committed, in words.
    pub at: String,
    /// Name of the source.
    pub source: String,
    /// Table that the records went to.
    pub table: String,
    /// Name of the file.
    pub file: String,
    /// How records are known again, in words.
    pub identity: String,
    /// Records read.
    pub read: u64,
    /// Records that were not known before.
    pub new: u64,
    /// Records that were delivered again unchanged.
    pub unchanged: u64,
    /// Records that replaced an older revision.
    pub corrected: u64,
    /// Records older than what was live.
    pub superseded: u64,
    /// Records with the revision of the live one and other content.
    pub conflicts: u64,
    /// Records set aside.
    pub quarantined: u64,
}

/// Records that were set aside for one reason.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QuarantineGroup {
    /// Short word.
    pub reason: String,
    /// How many.
    pub count: u64,
    /// Some of them.
    pub samples: Vec<Sample>,
}

/// A record that was set aside.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sample {
    /// Name of the file.
    pub file: String,
    /// Line or record number.
    pub line: u64,
    /// What is wrong, as a sentence.
    pub detail: String,
    /// The record as it came.
    pub text: String,
}

/// The page.
pub fn render(model: &DataPage) -> Markup {
    shell::page(
        &model.head,
        &html! {
            (delivered(model))
            (imports(model))
            section.two.even {
                (quarantine(&model.quarantine))
                div.stack { (flags(&model.flags)) (unmapped(&model.unmapped)) (unknown_agents(&model.unknown_agents)) }
            }
        },
    )
}

fn numbers(line: &ImportLine) -> [u64; 7] {
    [line.read, line.new, line.unchanged, line.corrected, line.superseded, line.conflicts, line.quarantined]
}

fn more_than(total: u64, shown: usize) -> bool {
    u64::try_from(shown).is_ok_and(|shown| total > shown)
}

fn delivered(model: &DataPage) -> Markup {
    html! {
        section.panel aria-labelledby="delivered" {
            h2 id="delivered" { "What came, and what is missing" }
            @if model.delivered.is_empty() {
                p.quiet { "No source has delivered records with a time of day yet." }
            } @else {
                div.scroll tabindex="0" role="region" aria-label="Records by source and day" {
                    table.ledger {
                        thead { tr {
                            th scope="col" { "Source" } th scope="col" { "Table" }
                            @for day in &model.days { th.num scope="col" { (day) } }
                        } }
                        tbody {
                            @for line in &model.delivered {
                                tr {
                                    th scope="row" { (line.source) } td { (line.table) }
                                    @for day in &line.days { (day_delivered(day)) }
                                }
                            }
                        }
                    }
                }
                p.note {
                    "Records by day of the centre. " b.bad { "−2 h" } " says that in two hours of the day less than a fifth came of what is usual at that hour of the week. "
                    "Figures over such hours say so. " code { "dialmark coverage" } " lists every hour."
                }
            }
            @for waits in &model.waiting {
                p {
                    (parts::counted(waits.records, "record", "records")) " of " code { (waits.source) }
                    " came since " (waits.since) " and are not in the figures yet."
                }
            }
        }
    }
}

fn day_delivered(day: &DayDelivered) -> Markup {
    let gaps = (!day.gaps.is_empty()).then(|| format!("Records are missing at {}", day.gaps.join(", ")));
    html! {
        td.num title=[gaps] {
            @match day.records { Some(records) => (format::count(records)), None => span.quiet { "–" } }
            @if !day.gaps.is_empty() { " " b.bad { "−" (day.gaps.len()) " h" } }
        }
    }
}

fn imports(model: &DataPage) -> Markup {
    html! {
        section.panel aria-labelledby="imports" {
            h2 id="imports" { "Imports" }
            @if model.imports.is_empty() {
                p { "Nothing has been imported. Run " code { "dialmark import" } " in the project's folder." }
            } @else {
                div.scroll tabindex="0" role="region" aria-label="Table of imports" {
                    table.ledger {
                        thead { tr {
                            th.num scope="col" { "No." } th scope="col" { "Committed" } th scope="col" { "Source" }
                            th scope="col" { "File" } th scope="col" { "Table" }
                            th.num scope="col" { "Read" } th.num scope="col" { "New" } th.num scope="col" { "Unchanged" }
                            th.num scope="col" { "Corrected" } th.num scope="col" { "Superseded" }
                            th.num scope="col" { "Conflicts" } th.num scope="col" { "Quarantined" }
                            th scope="col" { "Known again by" }
                        } }
                        tbody {
                            @for line in &model.imports {
                                tr {
                                    td.num { (line.id) } td { (line.at) } td { (line.source) } td { (line.file) }
                                    td { (line.table) }
                                    @for number in numbers(line) {
                                        td.num { (format::count(number)) }
                                    }
                                    td { (line.identity) }
                                }
                            }
                            tr {
                                th scope="row" colspan="5" { "Sum of all " (parts::counted(model.imports_total, "import", "imports")) }
                                @for number in numbers(&model.sum) { td.num { (format::count(number)) } }
                                td {}
                            }
                        }
                    }
                }
                p.note {
                    "Every record read is new, unchanged, corrected, superseded, in conflict or in quarantine; nothing else happens to it."
                    @if more_than(model.imports_total, model.imports.len()) {
                        " The newest " (format::count(model.imports.len())) " of " (format::count(model.imports_total)) " imports are shown. " @if let Some(all) = &model.all_imports { a.link href=(all) { "Show all" } }
                    }
                }
            }
        }
    }
}

pub(crate) fn quarantine(groups: &[QuarantineGroup]) -> Markup {
    html! {
        section.panel aria-labelledby="quarantine" {
            h2 id="quarantine" { "Quarantine" }
            @if groups.is_empty() { p.quiet { "Every record could be identified, read and placed in time." } }
            @for group in groups {
                h3 { (group.reason.replace('_', " ")) ", " (parts::counted(group.count, "record", "records")) }
                ul.rows {
                    @for sample in &group.samples {
                        li {
                            div {
                                (sample.detail) " " span.quiet { (sample.file) ", line " (sample.line) }
                                pre { (sample.text) }
                            }
                        }
                    }
                }
                @if more_than(group.count, group.samples.len()) {
                    p.note { (format::count(group.samples.len())) " of " (format::count(group.count)) " are shown." }
                }
            }
        }
    }
}

pub(crate) fn flags(flags: &[(String, u64)]) -> Markup {
    html! {
        section.panel aria-labelledby="flags" {
            h2 id="flags" { "Amended or odd" }
            @if flags.is_empty() { p.quiet { "Nothing had to be amended on the way in." } }
            @else {
                ul.rows { @for (flag, count) in flags { li { code { (flag) } span { (format::count(*count)) } } } }
                p.note { "The records stay; the flag says what was done to one of their fields." }
            }
        }
    }
}

pub(crate) fn unmapped(codes: &[(String, u64, Option<Link>)]) -> Markup {
    html! {
        section.panel aria-labelledby="unmapped" {
            h2 id="unmapped" { "Result codes that no map knows" }
            @if codes.is_empty() { p.quiet { "Every code has a meaning." } }
            @else {
                ul.rows {
                    @for (code, calls, link) in codes {
                        li {
                            code { (code) }
                            span { @match link {
                                Some(link) => a href=(link) { (parts::counted(*calls, "call", "calls")) },
                                None => (parts::counted(*calls, "call", "calls")),
                            } }
                        }
                    }
                }
                p.note { "Such calls count as dials, never as contacts or sales. Give the codes a meaning in " code { "dispositions/" } "; figures change at once, nothing is imported again." }
            }
        }
    }
}

/// Most agents of the list; the others are counted.
const MOST_AGENTS: usize = 20;

fn unknown_agents(agents: &[(String, u64)]) -> Markup {
    html! {
        @if !agents.is_empty() {
            section.panel aria-labelledby="unknown-agents" {
                h2 id="unknown-agents" { "Agents whom no roster knows" }
                ul.rows {
                    @for (agent, calls) in agents.iter().take(MOST_AGENTS) {
                        li { code { (agent) } span { (parts::counted(*calls, "call", "calls")) } }
                    }
                }
                p.note {
                    @if agents.len() > MOST_AGENTS { "And " (format::count(agents.len() - MOST_AGENTS)) " more. " }
                    "Their calls count; figures by team, site or tenure lack them until " code { "agents" } " has them."
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample;

    #[test]
    fn imports_add_up_in_sight_and_quarantine_shows_line_and_reason() {
        let text = render(&sample::data()).into_string();
        for wanted in [
            "Sum of all 2\u{a0}imports",
            "no id",
            "line 17",
            "2 of 12 are shown",
            "duration_ms:negative",
            "NEW_CODE",
            "Agents whom no roster knows",
        ] {
            assert!(text.contains(wanted), "{wanted} not in {text}");
        }
        assert!(text.contains("a;&lt;b&gt;;c"), "{text}");
    }

    #[test]
    fn missing_hours_are_named_and_no_data_is_not_zero() {
        let text = render(&sample::data()).into_string();
        assert!(text.contains("Records are missing at 14:00, 15:00"), "{text}");
        assert!(text.contains("−2 h") && text.contains("–"), "{text}");
        assert!(text.contains("1\u{202f}204") && text.contains("not in the figures yet"), "{text}");
    }

    #[test]
    fn a_cut_list_says_so() {
        let page = DataPage { imports_total: 900, ..sample::data() };
        assert!(render(&page).into_string().contains("of 900 imports are shown"));
    }
}
