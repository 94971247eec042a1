//! A ledger with one rule of each sort.

use dialmark_govern::calling::{
    Abandoned, Asks, Budget, Confidence, Entry, Force, Found, Ledger, NOT_ADVICE, Opens, Parts, Rule, Share,
    To, Unjudged, Violation, Violations, Window, Windowed, Within,
};
use dialmark_metrics::{MetricRef, Ratio};
use dialmark_model::civil;
use dialmark_model::validity::Days;
use jiff::Timestamp;
use jiff::civil::{date, time};

use super::head;
use crate::link::Link;
use crate::pages::compliance::{Chosen, CompliancePage};
use crate::shell::Place;

fn rule(name: &str, label: &str, asks: Asks) -> Rule {
    Rule {
        name: name.to_owned(),
        label: label.to_owned(),
        holds_in: "gb".to_owned(),
        says: "What it asks, in a sentence.".to_owned(),
        source: "the client's contract".to_owned(),
        confidence: Confidence::High,
        force: Force::Law,
        days: Days::ALL,
        campaigns: Vec::new(),
        asks,
        declared_in: "rules/calling.toml".to_owned(),
    }
}

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

pub fn ledger() -> Ledger {
    let metric = MetricRef::parse("drop_rate/no_agent_free_of_live").unwrap();
    let now = Windowed {
        from: date(2026, 10, 21),
        until: date(2026, 11, 20),
        number: None,
        parts: Parts { lost: 1_722, base: 63_776 },
        opens: Opens {
            metric: Some(metric.clone()),
            condition: Some("campaign_id = 'home_switch'".to_owned()),
            from: at("2026-10-20T23:00:00Z"),
            to: at("2026-11-19T10:40:00Z"),
        },
    };
    let share = Share {
        campaign: Some("home_switch".to_owned()),
        budget: Some(Budget {
            left: 191,
            today: Parts { lost: 12, base: 900 },
            expected: Some(1_000),
            left_today: Some(221),
        }),
        over: Vec::new(),
        worst: Some(now.clone()),
        now,
        estimate: None,
    };
    let limit = Asks::Abandoned(Box::new(Abandoned {
        metric,
        at_most: Ratio::parse("0.03"),
        window: Window::Rolling30Days,
        clock: Some("none; a call counts when no agent was free.".to_owned()),
        adjusted: None,
    }));
    let mut calls = Violations { judged: 3_000, ..Violations::default() };
    for account in 1..=2 {
        let whom = format!("HBX{account:09}");
        calls.note(Violation {
            source: "dialler_calls".to_owned(),
            source_id: Some(format!("261113001-00041{account}")),
            at: at("2026-11-13T15:04:00Z"),
            zone: "Europe/London".to_owned(),
            campaign: Some("early_arrears".to_owned()),
            count: Some(8),
            says: "Call 8 to the same debt within 7 days; 7 are allowed.".to_owned(),
            opens: Opens {
                metric: None,
                condition: Some(format!("direction = 'outbound' and is_call and account_id = '{whom}'")),
                from: at("2026-11-09T10:00:00Z"),
                to: at("2026-11-13T15:04:01Z"),
            },
            whom: Some(whom),
        });
    }
    let entry =
        |rule: Rule, found: Found, unjudged: Vec<Unjudged>| Entry { rule, only: None, found, unjudged };
    let hours = Asks::Hours { from: time(8, 0, 0, 0), until: time(21, 0, 0, 0) };
    let attempts = Asks::Attempts { to: To::Debt, at_most: 7, within: Within::Days(7) };
    Ledger {
        at: at("2026-11-19T10:40:00Z"),
        day: date(2026, 11, 19),
        since: date(2026, 10, 21),
        jurisdictions: vec!["gb".to_owned()],
        entries: vec![
            entry(rule("dropped", "Dropped calls", limit), Found::Shares(vec![share]), Vec::new()),
            entry(rule("attempts", "Calls about one debt", attempts), Found::Calls(calls), Vec::new()),
            entry(
                rule("hours", "Hours of calls", hours),
                Found::Calls(Violations::default()),
                vec![Unjudged {
                    source: Some("vicidial_log".to_owned()),
                    calls: 12_400,
                    of: 12_400,
                    says: "`vicidial_log`: cannot be judged: none of its 12,400 calls says in which zone the called place lies (`called_zone`).".to_owned(),
                }],
            ),
        ],
        notes: vec![NOT_ADVICE.to_owned()],
    }
}

pub fn compliance() -> CompliancePage {
    CompliancePage {
        head: head("Calling rules", Place::Cases),
        zone: civil::zone("Europe/London").unwrap(),
        ledger: ledger(),
        campaigns: vec!["home_switch".to_owned(), "early_arrears".to_owned()],
        chosen: Chosen { campaign: Some("home_switch".to_owned()), ..Chosen::default() },
        download: Link::to("/api/v1/compliance"),
    }
}
