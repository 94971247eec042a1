//! Alerts: what stands, what was raised and cleared, what was sent of it.

use maud::{Markup, html};

use crate::link::Link;
use crate::shell::{self, Head};

/// What the page shows; all of it in words.
#[derive(Debug, Clone)]
pub struct AlertsPage {
    /// Top of the page.
    pub head: Head,
    /// Why an alert could not be looked at: its name, and a sentence.
    pub failing: Vec<(String, String)>,
    /// What stands, or is on its way.
    pub stands: Vec<StandLine>,
    /// What is declared; `None` for who does not see everything.
    pub alerts: Option<Vec<AlertLine>>,
    /// What happened, the latest first.
    pub history: Vec<HistoryLine>,
    /// What was sent, the latest first; `None` for who may not see it.
    pub sent: Option<Vec<SentLine>>,
}

/// One thing that stands.
#[derive(Debug, Clone)]
pub struct StandLine {
    /// Name of the alert to show.
    pub alert: String,
    /// The thing, and the page that shows more.
    pub thing: (String, Link),
    /// Whether it is raised, and not only on its way.
    pub is_raised: bool,
    /// Since when.
    pub since: String,
    /// The value and what it is held against.
    pub value: (String, String),
    /// Records behind it.
    pub n: Option<u64>,
    /// Up to when the records reach in which it was seen.
    pub at: String,
    /// When it was told last; `None` when it was not.
    pub told_at: Option<String>,
}

/// One alert.
#[derive(Debug, Clone)]
pub struct AlertLine {
    /// Name to show.
    pub label: String,
    /// What it looks at.
    pub plan: String,
    /// Who is told.
    pub to: String,
    /// Whether it looks now.
    pub is_open: bool,
    /// Where it is declared.
    pub declared: String,
}

/// Something that happened.
#[derive(Debug, Clone)]
pub struct HistoryLine {
    /// When.
    pub at: String,
    /// Name of the alert.
    pub alert: String,
    /// `raised`, `cleared` or `dropped`.
    pub event: &'static str,
    /// To what.
    pub thing: String,
    /// What was seen.
    pub shown: String,
    /// Since when it was so.
    pub since: String,
}

/// Something that was sent, or is to be.
#[derive(Debug, Clone)]
pub struct SentLine {
    /// When it was written.
    pub at: String,
    /// To whom.
    pub to: String,
    /// What it is.
    pub subject: String,
    /// Where it stands, in words.
    pub stands: String,
    /// Whether the other side does not want it.
    pub is_refused: bool,
}

/// The page.
pub fn render(model: &AlertsPage) -> Markup {
    shell::page(
        &model.head,
        &html! {
            @for (alert, says) in &model.failing {
                p.lead { span.status.missed { "Alert " (alert) } " cannot be looked at: " (says) }
            }
            (stands(model))
            @if let Some(declared) = &model.alerts { (alerts(declared)) }
            (history(model))
            @if let Some(sent) = &model.sent { (sent_lines(sent)) }
        },
    )
}

fn stands(model: &AlertsPage) -> Markup {
    html! {
        section.panel aria-labelledby="stands" {
            h2 id="stands" { "What stands" }
            @if model.stands.is_empty() {
                p.quiet { "Nothing stands." }
            } @else {
                div.scroll {
                    table.figures {
                        thead { tr { th { "Thing" } th { "Alert" } th { "State" } th { "Since" } th { "Value" } th { "Limit" } th.num { "n" } th { "Records to" } th { "Told" } } }
                        tbody { @for line in &model.stands { (stand(line)) } }
                    }
                }
            }
        }
    }
}

fn stand(line: &StandLine) -> Markup {
    let (thing, href) = &line.thing;
    html! {
        tr {
            th scope="row" { a href=(href) { (thing) } }
            td { (line.alert) }
            td {
                @if line.is_raised { span.status.missed { span aria-hidden="true" { "○ " } "raised" } }
                @else { span.status.unsure { "– on its way" } }
            }
            td { (line.since) }
            td { (line.value.0) }
            td { (line.value.1) }
            td.num { @match line.n { Some(n) => { (n) }, None => "–" } }
            td { (line.at) }
            td { @match &line.told_at { Some(at) => { (at) }, None => span.quiet { "not yet" } } }
        }
    }
}

fn alerts(declared: &[AlertLine]) -> Markup {
    html! {
        section.panel.gap aria-labelledby="declared" {
            h2 id="declared" { "What is watched" }
            @if declared.is_empty() {
                p.quiet { "No alert is declared. Write " code { "[alert.NAME]" } " into a file of " code { "alerts/" } " to be told of something." }
            } @else {
                div.scroll {
                    table.figures {
                        thead { tr { th { "Alert" } th { "What" } th { "Told" } th { "Now" } th { "Declared" } } }
                        tbody {
                            @for line in declared {
                                tr {
                                    th scope="row" { (line.label) }
                                    td { (line.plan) }
                                    td { (line.to) }
                                    td { @if line.is_open { "looks" } @else { span.quiet { "outside of its hours" } } }
                                    td.quiet { (line.declared) }
                                }
                            }
                        }
                    }
                }
            }
        }
    }
}

fn history(model: &AlertsPage) -> Markup {
    html! {
        section.panel.gap aria-labelledby="history" {
            h2 id="history" { "What happened" }
            @if model.history.is_empty() {
                p.quiet { "Nothing was raised yet." }
            } @else {
                div.scroll {
                    table.figures {
                        thead { tr { th { "When" } th { "What" } th { "Thing" } th { "Alert" } th { "Value" } th { "Since" } } }
                        tbody {
                            @for line in &model.history {
                                tr { td { (line.at) } td { (line.event) } th scope="row" { (line.thing) } td { (line.alert) } td { (line.shown) } td { (line.since) } }
                            }
                        }
                    }
                }
            }
        }
    }
}

fn sent_lines(sent: &[SentLine]) -> Markup {
    html! {
        section.panel.gap aria-labelledby="sent" {
            h2 id="sent" { "What was sent" }
            @if sent.is_empty() {
                p.quiet { "Nothing was sent yet." }
            } @else {
                div.scroll {
                    table.figures {
                        thead { tr { th { "Written" } th { "To" } th { "What" } th { "State" } } }
                        tbody {
                            @for line in sent {
                                tr {
                                    td { (line.at) }
                                    td { (line.to) }
                                    td { (line.subject) }
                                    td { @if line.is_refused { span.status.missed { (line.stands) } } @else { (line.stands) } }
                                }
                            }
                        }
                    }
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::shell::{Place, Theme};

    #[test]
    fn hostile_names_are_shown_and_nothing_standing_is_said() {
        let head = Head::plain("Aire", "Alerts", Place::Cases, Theme::Auto, Link::to("/alerts"));
        let mut page = AlertsPage {
            head,
            failing: vec![("drops".to_owned(), "<b>no source</b>".to_owned())],
            stands: Vec::new(),
            alerts: Some(Vec::new()),
            history: Vec::new(),
            sent: None,
        };
        let empty = render(&page).into_string();
        assert!(empty.contains("No alert is declared.") && empty.contains("&lt;b&gt;no source"), "{empty}");
        assert!(!empty.contains("What was sent"));
        page.stands.push(StandLine {
            alert: "Drops".to_owned(),
            thing: ("Drop rate, <i>".to_owned(), Link::to("/calls").with("where", "<i>")),
            is_raised: true,
            since: "Mon".to_owned(),
            value: ("3.1 %".to_owned(), "above 3 %".to_owned()),
            n: None,
            at: "Mon".to_owned(),
            told_at: None,
        });
        let html = render(&page).into_string();
        assert!(html.contains("Drop rate, &lt;i&gt;") && html.contains("not yet"), "{html}");
    }
}
