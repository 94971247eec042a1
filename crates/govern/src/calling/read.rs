//! Reading calling rules from declarations, and those that ship.

use dialmark_metrics::{Catalogue, Ratio};
use dialmark_model::declared::{Document, Problem, Problems, Section};
use jiff::civil::Time;

use super::{Abandoned, Adjusted, Asks, Confidence, Consent, Force, Rule, To, Window, Within};
use crate::reading;

/// The rules that ship, as a file that a project may take over and change.
const TEXT: &str = include_str!("../../catalogue/calling.toml");

const CONFIDENCES: [(&str, Confidence); 3] =
    [("low", Confidence::Low), ("medium", Confidence::Medium), ("high", Confidence::High)];
const FORCES: [(&str, Force); 3] =
    [("law", Force::Law), ("safe_harbour", Force::SafeHarbour), ("guidance", Force::Guidance)];
const KINDS: [(&str, Kind); 7] = [
    ("abandoned", Kind::Abandoned),
    ("attempts", Kind::Attempts),
    ("rest", Kind::Rest),
    ("hours", Kind::Hours),
    ("no_redial", Kind::NoRedial),
    ("not_listed", Kind::NotListed),
    ("consent", Kind::Consent),
];
const WINDOWS: [(&str, Window); 4] = [
    ("successive_30_days", Window::Successive30Days),
    ("rolling_30_days", Window::Rolling30Days),
    ("month", Window::Month),
    ("day", Window::Day),
];
const CONSENTS: [(&str, Consent); 2] = [("not_revoked", Consent::NotRevoked), ("given", Consent::Given)];
const TO: [(&str, To); 2] = [("number", To::Number), ("debt", To::Debt)];

#[derive(Debug, Clone, Copy)]
enum Kind {
    Abandoned,
    Attempts,
    Rest,
    Hours,
    NoRedial,
    NotListed,
    Consent,
}

/// The rules that ship, and what is wrong with them, which is nothing.
pub fn builtin(catalogue: &Catalogue) -> (Vec<Rule>, Vec<Problem>) {
    let problems = Problems::new();
    let rules = Document::parse("calling.toml", TEXT, &problems)
        .map(|document| {
            let root = document.root(&problems);
            let named = root.named_sections("rule");
            let found = named.iter().filter_map(|(name, section)| rule(section, name, catalogue)).collect();
            root.finish();
            found
        })
        .unwrap_or_default();
    (rules, problems.into_vec())
}

/// A section `[rule.NAME]`.
pub(crate) fn rule(section: &Section<'_>, name: &str, catalogue: &Catalogue) -> Option<Rule> {
    let sound = reading::is_sound(section, "", name);
    let label = reading::label(section, name);
    let holds_in = section.required_text("in", "where it holds, such as `us` or `gb`");
    let says = section.required_text("says", "what it asks, in a sentence");
    let source = section.required_text("source", "where it stands");
    let confidence = reading::required_choice(section, "confidence", &CONFIDENCES);
    let force = reading::required_choice(section, "force", &FORCES);
    let days = reading::days(section);
    let campaigns = section.texts("campaigns");
    let asks = asks(section, catalogue);
    section.finish();
    if !sound {
        return None;
    }
    Some(Rule {
        name: name.to_owned(),
        label,
        holds_in: holds_in?,
        says: says?,
        source: source?,
        confidence: confidence?,
        force: force?,
        days: days?,
        campaigns,
        asks: asks?,
        declared_in: section.file().to_owned(),
    })
}

fn asks(section: &Section<'_>, catalogue: &Catalogue) -> Option<Asks> {
    Some(match reading::required_choice(section, "kind", &KINDS)? {
        Kind::Abandoned => {
            let metric = reading::metric(section, "metric", catalogue);
            let is_limited = section.has("at_most");
            let at_most = reading::part_of_one(section, "at_most");
            let window = reading::required_choice(section, "window", &WINDOWS);
            let clock = section.text("clock");
            let adjusted = adjusted(section, catalogue)?;
            // A limit that cannot be read is another thing than none.
            let at_most: Option<Ratio> = if is_limited { Some(at_most?) } else { None };
            Asks::Abandoned(Box::new(Abandoned {
                metric: metric?.0,
                at_most,
                window: window?,
                clock,
                adjusted,
            }))
        }
        Kind::Attempts => {
            let to = reading::required_choice(section, "to", &TO);
            let at_most = reading::required_whole(section, "at_most", 1);
            let within = within(section);
            Asks::Attempts { to: to?, at_most: at_most?, within: within? }
        }
        Kind::Rest => {
            let to = reading::required_choice(section, "to", &TO);
            let days = reading::required_whole(section, "days", 1);
            Asks::Rest { to: to?, days: days? }
        }
        Kind::Hours => {
            let (from, until) = (time(section, "opens"), time(section, "closes"));
            let (from, until) = (from?, until?);
            if from >= until {
                section.error(
                    "closes",
                    "no call may begin at all.",
                    Some("Let `closes` be later than `opens`.".to_owned()),
                );
                return None;
            }
            Asks::Hours { from, until }
        }
        Kind::NoRedial => Asks::NoRedial { hours: reading::required_whole(section, "hours", 1)? },
        Kind::NotListed => {
            let registry =
                section.required_text("registry", "the register, as entries of `dnc_events` name it");
            let fresh_days = reading::whole(section, "fresh_days", 1);
            Asks::NotListed { registry: registry?, fresh_days }
        }
        Kind::Consent => Asks::Consent { asks: reading::required_choice(section, "asks", &CONSENTS)? },
    })
}

/// The rate with estimated machines and what the estimate rests on: both or neither.
#[expect(clippy::option_option, reason = "a mistake is another thing than nothing")]
fn adjusted(section: &Section<'_>, catalogue: &Catalogue) -> Option<Option<Adjusted>> {
    let (rate, evidence) = ("adjusted", "evidence");
    if !section.has(rate) && !section.has(evidence) {
        section.node(rate);
        section.node(evidence);
        return Some(None);
    }
    let rate = reading::metric(section, rate, catalogue);
    let evidence = reading::metric(section, evidence, catalogue);
    Some(Some(Adjusted { rate: rate?.0, evidence: evidence?.0 }))
}

/// `within_hours = 24` or `within_days = 7`.
fn within(section: &Section<'_>) -> Option<Within> {
    let hours = reading::whole(section, "within_hours", 1);
    let days = reading::whole(section, "within_days", 1);
    match (hours, days) {
        (Some(hours), None) => Some(Within::Hours(hours)),
        (None, Some(days)) => Some(Within::Days(days)),
        (Some(_), Some(_)) => {
            section.error("within_days", "calls are counted within hours or within days, not both.", None);
            None
        }
        (None, None) => {
            if !section.has("within_hours") && !section.has("within_days") {
                reading::missing(section, "within_hours", "within how many hours; or `within_days`");
            }
            None
        }
    }
}

fn time(section: &Section<'_>, key: &str) -> Option<Time> {
    let text = section.required_text(key, "a time of day such as `08:00`")?;
    let read = Time::strptime("%H:%M", &text);
    read.map_err(|_| {
        section.error(
            key,
            format!("`{text}` is no time of day."),
            Some("Write one such as `08:00`.".to_owned()),
        );
    })
    .ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::reading::testing::read as read_one;
    use std::collections::BTreeSet;

    #[test]
    fn the_rules_that_ship_are_sound_and_each_says_where_it_was_read() {
        let catalogue = Catalogue::builtin().0;
        let (rules, problems) = builtin(&catalogue);
        assert_eq!(problems.iter().map(ToString::to_string).collect::<Vec<_>>(), Vec::<String>::new());
        assert_eq!(rules.len(), TEXT.matches("[rule.").count());
        for rule in &rules {
            assert!(rule.source.len() > 5 && rule.says.ends_with('.'), "{rule:?}");
        }
        let kinds: BTreeSet<&str> = rules
            .iter()
            .map(|rule| match rule.asks {
                Asks::Abandoned(_) => "abandoned",
                Asks::Attempts { .. } => "attempts",
                Asks::Rest { .. } => "rest",
                Asks::Hours { .. } => "hours",
                Asks::NoRedial { .. } => "no_redial",
                Asks::NotListed { .. } => "not_listed",
                Asks::Consent { .. } => "consent",
            })
            .collect();
        assert_eq!(kinds.len(), KINDS.len(), "one of every kind ships");
    }

    #[test]
    fn what_is_wrong_with_a_rule_is_said_at_its_line() {
        let catalogue = Catalogue::builtin().0;
        let wrong = |more: &str| {
            let text = format!(
                "[rule.x]\nin = \"us\"\nsays = \"S.\"\nsource = \"the book\"\nconfidence = \"high\"\nforce = \"law\"\n{more}"
            );
            let (found, said) = read_one(&text, "rule", |section, name| rule(section, name, &catalogue));
            assert!(found.is_some() || !said.is_empty(), "what cannot be read is said");
            said.join("\n")
        };
        for (more, says) in [
            ("", "`kind` is missing"),
            ("kind = \"abandonned\"\n", "Did you mean `abandoned`?"),
            ("kind = \"hours\"\nopens = \"21:00\"\ncloses = \"08:00\"\n", "no call may begin at all"),
            ("kind = \"hours\"\nopens = \"8 am\"\ncloses = \"21:00\"\n", "`8 am` is no time of day"),
            ("kind = \"attempts\"\nto = \"number\"\nat_most = 3\n", "`within_hours` is missing"),
            ("kind = \"attempts\"\nto = \"number\"\nat_most = 0\nwithin_days = 7\n", "at least 1"),
            (
                "kind = \"attempts\"\nto = \"number\"\nat_most = 3\nwithin_days = 7\nwithin_hours = 9\n",
                "not both",
            ),
            (
                "kind = \"abandoned\"\nmetric = \"outbound_abandonment_rate\"\nat_most = 3\nwindow = \"day\"\n",
                "Write `\"3 %\"`",
            ),
            ("kind = \"no_redial\"\nhours = 72\nhour = 1\n", "hour"),
            ("kind = \"consent\"\nasks = \"givn\"\n", "Did you mean `given`?"),
            (
                "kind = \"abandoned\"\nmetric = \"outbound_abandonment_rate\"\nwindow = \"day\"\nadjusted = \"aht\"\n",
                "`evidence` is missing",
            ),
        ] {
            let said = wrong(more);
            assert!(said.contains(says), "{says}: {said}");
        }
        assert_eq!(wrong("kind = \"no_redial\"\nhours = 72\n"), "");
    }
}
