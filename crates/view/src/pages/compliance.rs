//! Calling rules: which hold, how calls stand against them, how much is left, what cannot be judged.

use dialmark_govern::calling::{Asks, Entry, Found, Ledger, Opens, Share, Violations, Windowed, sentences};
use dialmark_metrics::metric::Unit;
use jiff::tz::TimeZone;
use maud::{Markup, html};

use crate::link::Link;
use crate::shell::{self, Head};
use crate::{format, parts, when};

/// Most calls of a rule that are listed; the JSON has more.
const MOST_ROWS: usize = 100;
/// Longest part of a number's key that is shown: enough to tell two apart.
const WHOM_CHARS: usize = 14;

/// What the page shows.
#[derive(Debug, Clone)]
pub struct CompliancePage {
    /// Top of the page.
    pub head: Head,
    /// Zone of the centre.
    pub zone: TimeZone,
    /// How calls stand.
    pub ledger: Ledger,
    /// Campaigns to choose from.
    pub campaigns: Vec<String>,
    /// What is chosen: names and values of the form's fields.
    pub chosen: Chosen,
    /// The same as JSON.
    pub download: Link,
}

/// What is chosen in the form.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Chosen {
    /// As of which day or instant.
    pub at: Option<String>,
    /// Since which day.
    pub since: Option<String>,
    /// Only this rule.
    pub rule: Option<String>,
    /// Only this campaign.
    pub campaign: Option<String>,
}

/// Where calls are opened.
pub fn calls_of(opens: &Opens) -> Link {
    let link = match &opens.metric {
        Some(metric) => Link::to("/calls").with("metric", metric).with("part", "numerator"),
        None => Link::to("/calls").with("table", "calls"),
    };
    link.with_some("where", opens.condition.as_deref()).with("from", opens.from).with("to", opens.to)
}

/// The page.
pub fn render(model: &CompliancePage) -> Markup {
    let ledger = &model.ledger;
    shell::page(
        &model.head,
        &html! {
            p.lead { (lead(ledger)) }
            (summary(ledger))
            @for entry in &ledger.entries { (one(model, entry)) }
            (form(model))
            @for note in &ledger.notes { p.note { (note) } }
            p.note { a.link href=(model.download) { "The same as JSON" } }
        },
    )
}

fn lead(ledger: &Ledger) -> Markup {
    let broken = ledger.entries.iter().filter(|entry| entry.violations() > 0).count();
    let blind = ledger.entries.iter().filter(|entry| entry.is_unjudged()).count();
    html! {
        (parts::counted(ledger.entries.len(), "rule holds", "rules hold")) ": "
        (parts::counted(broken, "was broken", "were broken")) " since " (when::day(ledger.since)) ", "
        (parts::counted(blind, "cannot be judged", "cannot be judged")) "."
    }
}

fn status(entry: &Entry) -> Markup {
    let (class, says) = match (entry.violations(), entry.is_unjudged()) {
        (_, true) => ("unsure", "◌ cannot be judged".to_owned()),
        (0, _) => ("met", "● not broken".to_owned()),
        (count, _) => ("missed", format!("○ {}", parts::counted(count, "violation", "violations"))),
    };
    html! { span.status.(class) { (says) } }
}

fn summary(ledger: &Ledger) -> Markup {
    html! {
        section.panel aria-labelledby="rules" {
            h2 id="rules" { "Rules in force" }
            @if ledger.entries.is_empty() { p.quiet { "None." } } @else {
                div.scroll tabindex="0" role="region" aria-label="Table: rules in force" {
                    table.figures {
                        thead {
                            tr {
                                th scope="col" { "Rule" }
                                th scope="col" { "Holds in" }
                                th scope="col" { "How it stands" }
                                th scope="col" { "What it is" }
                                th scope="col" { "Confidence" }
                                th scope="col" { "Read in" }
                            }
                        }
                        tbody {
                            @for entry in &ledger.entries {
                                tr {
                                    th scope="row" { a href={ "#" (entry.rule.name) } { (entry.rule.label) } }
                                    td { (entry.rule.holds_in) }
                                    td { (status(entry)) }
                                    td { (entry.rule.force.label()) }
                                    td { (entry.rule.confidence.word()) }
                                    td { (entry.rule.source) }
                                }
                            }
                        }
                    }
                }
            }
        }
    }
}

fn one(model: &CompliancePage, entry: &Entry) -> Markup {
    let rule = &entry.rule;
    let clock = match &rule.asks {
        Asks::Abandoned(abandoned) => abandoned.clock.as_deref(),
        _ => None,
    };
    html! {
        section.panel.gap aria-labelledby=(rule.name) {
            h2 id=(rule.name) { (rule.label) }
            p { (status(entry)) " " (rule.says) }
            @if let Some(clock) = clock { p.note { "Clock: " (clock) } }
            @match &entry.found {
                Found::Shares(shares) if !shares.is_empty() => (shares_table(entry, shares)),
                _ => {}
            }
            ul { @for sentence in sentences(entry) { li { (sentence) } } }
            @if let Found::Calls(violations) = &entry.found {
                @if !violations.named.is_empty() { (calls_table(model, entry, violations)) }
            }
            p.note {
                "Read in: " (rule.source) ". Confidence: " (rule.confidence.word()) ". Holds " (rule.days.to_string())
                @if let Some(only) = &entry.only { ", for calls with " code { (only) } }
                ". Declared in " code { (rule.declared_in) } "."
            }
        }
    }
}

fn shares_table(entry: &Entry, shares: &[Share]) -> Markup {
    let limit = entry.rule.limit().map(|limit| format::figure(limit, Unit::Share, None));
    html! {
        div.scroll tabindex="0" role="region" aria-label={ "Table: " (entry.rule.label) } {
            table.figures {
                thead {
                    tr {
                        th scope="col" { "Campaign" }
                        th scope="col" { "Window" }
                        th.num scope="col" { "Abandoned" }
                        th.num scope="col" { "Of" }
                        th.num scope="col" { "Share" }
                        th.num scope="col" { "At most" }
                        th.num scope="col" { "Left now" }
                        th.num scope="col" { "Left at today's volume" }
                        th.num scope="col" { "Highest" }
                        th.num scope="col" { "Windows over" }
                    }
                }
                tbody {
                    @for share in shares {
                        tr {
                            th scope="row" { (share.campaign.as_deref().unwrap_or("(none)")) }
                            td { (when::days(share.now.from, last_day(&share.now))) @if let Some(number) = share.now.number { ", period " (number) } }
                            td.num { a href=(calls_of(&share.now.opens)) { (format::count(share.now.parts.lost)) } }
                            td.num { (format::count(share.now.parts.base)) }
                            td.num { (share_of(&share.now)) }
                            td.num { @match &limit { Some(limit) => (limit), None => span.quiet { "no limit" } } }
                            td.num { @match share.budget { Some(budget) => (whole(budget.left)), None => (format::DASH) } }
                            td.num {
                                @match share.budget.and_then(|budget| budget.left_today) {
                                    Some(left) => (whole(left)),
                                    None => (format::DASH),
                                }
                            }
                            td.num {
                                @match &share.worst {
                                    Some(worst) => { a href=(calls_of(&worst.opens)) { (share_of(worst)) } " " span.quiet.small { (when::days(worst.from, last_day(worst))) } }
                                    None => (format::DASH),
                                }
                            }
                            td.num { (format::count(share.over.len())) }
                        }
                    }
                }
            }
        }
    }
}

/// `192`, or `−8` where a limit has been passed.
pub(crate) fn whole(number: i64) -> String {
    let digits = format::count(number.unsigned_abs());
    if number < 0 { format!("{}{digits}", format::MINUS) } else { digits }
}

pub(crate) fn share_of(window: &Windowed) -> String {
    match window.parts.share() {
        Some(share) => format::figure(share, Unit::Share, None).to_string(),
        None => format!("{} nothing to divide by", format::DASH),
    }
}

fn last_day(window: &Windowed) -> jiff::civil::Date {
    window.until.yesterday().unwrap_or(window.from)
}

fn calls_table(model: &CompliancePage, entry: &Entry, violations: &Violations) -> Markup {
    let shown = violations.named.len().min(MOST_ROWS);
    html! {
        div.scroll tabindex="0" role="region" aria-label={ "Calls: " (entry.rule.label) } {
            table.figures {
                thead {
                    tr {
                        th scope="col" { "Dialled" }
                        th scope="col" { "Campaign" }
                        th scope="col" { "Whom" }
                        th scope="col" { "What is wrong" }
                        th scope="col" { "Calls" }
                    }
                }
                tbody {
                    @for one in violations.named.iter().take(MOST_ROWS) {
                        tr {
                            th scope="row" { (when::instant(one.at, &model.zone)) }
                            td { (one.campaign.as_deref().unwrap_or("(none)")) }
                            td { @if let Some(whom) = &one.whom { code { (short(whom)) } } }
                            td { (one.says) }
                            td { a href=(calls_of(&one.opens)) { "open" span.hidden { " the calls of " (when::instant(one.at, &model.zone)) } } }
                        }
                    }
                }
            }
        }
        @if u64::try_from(shown).is_ok_and(|shown| shown < violations.total) {
            p.note { "The latest " (format::count(shown)) " of " (format::count(violations.total)) "." }
        }
    }
}

fn short(whom: &str) -> String {
    if whom.chars().count() <= WHOM_CHARS {
        return whom.to_owned();
    }
    whom.chars().take(WHOM_CHARS - 1).chain(['…']).collect()
}

fn form(model: &CompliancePage) -> Markup {
    let chosen = &model.chosen;
    let field = |name: &str, label: &str, value: Option<&str>, example: &str| {
        html! { label { (label) " " input type="text" name=(name) value=[value] placeholder=(example) size="12"; } }
    };
    html! {
        section.panel.gap aria-labelledby="choose" {
            h2 id="choose" { "Other days, one rule, one campaign" }
            form.ask method="get" action="/compliance" {
                (field("at", "As it stood at the end of", chosen.at.as_deref(), "2026-11-18"))
                " " (field("since", "violations since", chosen.since.as_deref(), "2026-11-01"))
                " " (field("rule", "rule", chosen.rule.as_deref(), "own_list"))
                " "
                label {
                    "campaign "
                    select name="campaign" {
                        option value="" { "all" }
                        @for name in &model.campaigns {
                            option value=(name) selected[chosen.campaign.as_deref() == Some(name)] { (name) }
                        }
                    }
                }
                " " button type="submit" { "Show" }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample;

    #[test]
    fn a_rule_shows_its_words_its_source_and_what_is_left_of_it() {
        let text = render(&sample::compliance()).into_string();
        for part in [
            "3\u{a0}rules hold",
            "1\u{a0}was broken",
            "<td class=\"num\">191</td>",
            "<td class=\"num\">221</td>",
            "○ 2\u{a0}violations",
            "◌ cannot be judged",
            "no legal advice",
            "the client&#39;s contract",
        ] {
            assert!(text.contains(part) || text.contains(&part.replace("&#39;", "'")), "{part}: {text}");
        }
        assert_eq!(text.matches("no legal advice").count(), 1, "said once, quietly");
    }

    #[test]
    fn every_violation_leads_to_its_calls() {
        let text = render(&sample::compliance()).into_string();
        assert!(text.contains("/calls?table=calls&amp;where=direction%20%3D%20%27outbound%27"), "{text}");
        assert!(
            text.contains("/calls?metric=drop_rate%2Fno_agent_free_of_live&amp;part=numerator"),
            "{text}"
        );
    }

    #[test]
    fn no_limit_is_a_word_and_no_budget_a_dash() {
        let mut page = sample::compliance();
        page.ledger.entries.truncate(1);
        if let Asks::Abandoned(abandoned) = &mut page.ledger.entries[0].rule.asks {
            abandoned.at_most = None;
        }
        if let Found::Shares(shares) = &mut page.ledger.entries[0].found {
            shares[0].budget = None;
        }
        let text = render(&page).into_string();
        assert!(text.contains("no limit") && text.contains("<td class=\"num\">–</td>"), "{text}");
    }
}
