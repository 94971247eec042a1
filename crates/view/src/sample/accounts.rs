//! Made-up pages of accounts and what was done with them.

use super::head;
use crate::form::{Choice, Sent};
use crate::link::Link;
use crate::pages::accounts::{Account, AccountsPage};
use crate::pages::login::{LoginPage, PasswordPage};
use crate::pages::trail::{TrailAsked, TrailLine, TrailPage};
use crate::shell::{Head, Place, Theme};

fn bare(title: &str) -> Head {
    Head::plain("Northgate", title, Place::Elsewhere, Theme::Auto, Link::to("/login"))
}

pub fn login() -> LoginPage {
    LoginPage {
        head: bare("Sign in"),
        action: Link::to("/login"),
        next: Some(Link::to("/kpis").with("where", "a = 'b'")),
        first: None,
        sent: Sent::NOTHING,
    }
}

pub fn password() -> PasswordPage {
    PasswordPage {
        head: bare("Password"),
        name: "ann@example.org".to_owned(),
        must_change: true,
        least_characters: 12,
        action: Link::to("/password"),
        sent: Sent::NOTHING,
    }
}

pub fn accounts() -> AccountsPage {
    let roles = [
        ("admin", "Admin", "keeps accounts and sees everything"),
        ("operations", "Operations", "runs the floor"),
        ("team_lead", "Team lead", "leads a team"),
        ("agent", "Agent", "sees their own"),
        ("quality", "Quality", "evaluates and coaches"),
        ("planner", "Planner", "plans the floor"),
        ("compliance", "Compliance", "looks after law and limits"),
        ("collections", "Collections", "runs debts"),
        ("finance", "Finance", "settles contracts"),
        ("analyst", "Analyst", "reads all figures"),
        ("executive", "Executive", "reads scorecards"),
        ("client", "Client", "sees their own work"),
    ];
    let account =
        |name: &str, label: &str, role: &str, scope: &[(&str, &[&str])], is_enabled, is_own| Account {
            name: name.to_owned(),
            label: label.to_owned(),
            role: role.to_owned(),
            scope: scope
                .iter()
                .map(|(dimension, values)| {
                    ((*dimension).to_owned(), values.iter().map(|v| (*v).to_owned()).collect())
                })
                .collect(),
            is_enabled,
            seen: is_enabled.then(|| "Thu 19 Nov 2026, 08:58".to_owned()),
            is_own,
        };
    AccountsPage {
        head: head("Accounts", Place::Elsewhere),
        accounts: vec![
            account("kim@example.org", "Kim Keeper", "admin", &[], true, true),
            account(
                "lea@example.org",
                "Lea <Lead>",
                "team_lead",
                &[("team_id", &["north", "south"])],
                true,
                false,
            ),
            account("old@example.org", "Old Hand", "agent", &[("agent_id", &["a-9"])], false, false),
        ],
        roles: roles.map(|(value, label, says)| Choice::new(value, label).saying(says)).to_vec(),
        dimensions: [
            ("client_id", "Clients"),
            ("campaign_id", "Campaigns"),
            ("team_id", "Teams"),
            ("agent_id", "Agents"),
        ]
        .map(|(id, word)| (id.to_owned(), word.to_owned()))
        .to_vec(),
        issued: Some(("lea@example.org".to_owned(), "bread-lamp-eleven-quiet".to_owned())),
        action: Link::to("/accounts"),
        sent: Sent::NOTHING,
    }
}

pub fn trail() -> TrailPage {
    let line = |at: &str, did: &str, what: &str, href: Option<Link>, why: Option<&str>| TrailLine {
        at: at.to_owned(),
        who: "Lee Lead".to_owned(),
        did: did.to_owned(),
        what: (what.to_owned(), href),
        why: why.map(str::to_owned),
        change: None,
    };
    let kpi = Some(Link::below("/kpi", "conversion_north"));
    let changed = ("target = { at_least = \"5.2 %\" }", "target = { at_least = \"5.0 %\" }");
    TrailPage {
        head: Head { here: Link::to("/trail").with("did", "kpi"), ..head("Trail", Place::Elsewhere) },
        people: vec![Choice::new("lee", "Lee Lead"), Choice::new("kim", "Kim Keeper")],
        kinds: vec![Choice::new("kpi", "changed a KPI"), Choice::new("login", "signed in")],
        asked: TrailAsked { did: "kpi".to_owned(), what: "conversion".to_owned(), ..TrailAsked::default() },
        lines: vec![
            TrailLine {
                change: Some((changed.0.to_owned(), changed.1.to_owned())),
                ..line(
                    "Thu 19 Nov 2026, 10:38",
                    "changed a KPI",
                    "conversion_north",
                    kpi,
                    Some("New list from <Monday>."),
                )
            },
            line("Thu 19 Nov 2026, 08:58", "signed in", "lee@example.org", None, None),
        ],
        total: 2_564,
        first: 51,
        later: Some(Link::to("/trail").with("did", "kpi")),
        earlier: Some(Link::to("/trail").with("did", "kpi").with("page", 3)),
        checked: Some(Ok("2 564 lines follow one another without a gap.".to_owned())),
    }
}
