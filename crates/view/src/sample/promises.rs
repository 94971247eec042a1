//! Made-up pages of what is promised: a KPI by form, presets, meanings of codes.

use dialmark_govern::contract::BillingPeriod;
use dialmark_govern::statement::{Line, LineKind, Statement, Subtotals};
use dialmark_govern::{Money, preset};
use dialmark_model::{Disposition, Outcome};

use super::head;
use super::people::{at, choice};
use crate::form::{Choice, Sent};
use crate::link::Link;
use crate::pages::dispositions::{CodeLine, DispositionsPage, MapPreview};
use crate::pages::kpi_form::presets::{PresetLine, PresetsPage};
use crate::pages::kpi_form::{AT_LEAST, Change, KpiFields, KpiForm, Preview};
use crate::pages::statement::StatementPage;
use crate::pages::statements::{ContractLine, Freeze, PeriodLine, ServedStatement, StatementsPage};
use crate::shell::Place;

fn change() -> Change {
    Change {
        at: "Thu 19 Nov 2026, 10:38".to_owned(),
        by: "Lee Lead".to_owned(),
        why: "List of <March> is used up.".to_owned(),
        before: Some("at_least = \"5.4 %\"".to_owned()),
        after: Some("at_least = \"5.2 %\"".to_owned()),
    }
}

fn people() -> Vec<Choice> {
    vec![Choice::new("lead@example.org", "Lee Lead"), Choice::new("ben@example.org", "Ben <Birch>")]
}

pub fn kpi() -> KpiForm {
    let text = |text: &str| text.to_owned();
    KpiForm {
        head: head("Conversion, North", Place::Kpis),
        now: KpiFields {
            name: text("conversion_north"),
            label: text("Conversion, North"),
            metric: text("conversion_rate/success_per_contact"),
            place: vec![(text("campaign_id"), text("home <switch>"))],
            target: text(AT_LEAST),
            value: text("5.2"),
            tolerance: text("0.4"),
            window: text("month"),
            review: text("weekly"),
            owner: text("lead@example.org"),
            guards: vec![text("cancellation_rate/standard")],
            ..KpiFields::default()
        },
        is_declared: true,
        metrics: vec![
            (
                text("Conversion rate"),
                vec![
                    Choice::new("conversion_rate/success_per_contact", "Conversion rate, per contact"),
                    Choice::new("conversion_rate/success_per_dial", "Conversion rate, per dial"),
                ],
            ),
            (text("Cancellations"), vec![Choice::new("cancellation_rate/standard", "Cancellation rate")]),
        ],
        unit: text("%"),
        direction: Some(text("More is better.")),
        people: people(),
        dimensions: [("client_id", "Client"), ("campaign_id", "Campaign"), ("team_id", "Team")]
            .map(|(id, word)| (id.to_owned(), word.to_owned()))
            .to_vec(),
        kept: Some(text("season  = [{ from = \"12-15\", to = \"01-05\", times = 1.1 }]")),
        preview: Some(Preview {
            file: text("kpis/sales.toml"),
            toml: text(
                "[kpi.conversion_north]\nmetric = \"conversion_rate/success_per_contact\"\nplace  = { campaign_id = \"home <switch>\" }\nowner  = \"lead@example.org\"\nwindow = \"month\"\ntarget = { at_least = \"5.0 %\", tolerance = \"0.4 %\" }",
            ),
            warnings: vec![text("The target was not looked at for a quarter.")],
        }),
        history: vec![change()],
        presets: Link::to("/kpi/presets"),
        version: "5f1c".to_owned(),
        action: Link::below("/kpi", "conversion_north"),
        sent: Sent::NOTHING,
    }
}

pub fn presets() -> PresetsPage {
    let line = |name: &str, kpis: &[&str], without_target, is_added| PresetLine {
        preset: preset::named(name).unwrap(),
        kpis: kpis.iter().map(|kpi| (*kpi).to_owned()).collect(),
        without_target,
        is_added,
    };
    PresetsPage {
        head: head("Sets of KPIs", Place::Kpis),
        presets: vec![
            line("outbound_agents", &["Answer seizure", "Conversion", "First-call close"], 2, false),
            line("centre", &["CSAT", "Conversion", "Abandonment"], 0, true),
        ],
        people: people(),
        action: Link::to("/kpi/presets"),
        sent: Sent::NOTHING,
    }
}

pub fn dispositions() -> DispositionsPage {
    let code = |code: &str, count, means: Option<Disposition>| CodeLine {
        code: code.to_owned(),
        count,
        records: Some(Link::to("/calls").with("where", format!("disposition_code = '{code}'"))),
        means,
        since: None,
    };
    let sale =
        Disposition { success: false, label: Some("Sold".to_owned()), ..Disposition::of(Outcome::Sale) };
    DispositionsPage {
        head: head("Meanings of codes", Place::Data),
        codes: vec![
            code("NEW <b>", 1_204, None),
            code("NI", 31_870, Some(Disposition::of(Outcome::NotInterested))),
            CodeLine { since: Some("since 2026-10-01".to_owned()), ..code("SALE", 2_564, Some(sale)) },
        ],
        preview: Some(MapPreview {
            file: "dispositions/codes.toml".to_owned(),
            toml: "[disposition]\n\"NEW <b>\" = \"callback\"".to_owned(),
            codes: vec![("NEW <b>".to_owned(), None, Some("callback".to_owned()), 1_204)],
            figures: vec![("Contact rate".to_owned(), "4.00 %".to_owned(), "4.12 %".to_owned())],
        }),
        version: "77aa".to_owned(),
        history: vec![change()],
        action: Link::to("/dispositions"),
        sent: Sent::NOTHING,
    }
}

pub fn statement() -> ServedStatement {
    let money = |text: &str| Money::parse(text).unwrap();
    let line = |id: &str, kind, name: &str, amount: Option<&str>, says: &str| Line {
        id: id.to_owned(),
        kind,
        name: name.to_owned(),
        quantity: None,
        rate: None,
        base: None,
        amount: amount.map(money),
        says: says.to_owned(),
        about: None,
    };
    let statement = Statement {
        contract: "acme".to_owned(),
        label: "Home <Acme>".to_owned(),
        client: "acme".to_owned(),
        provider: Some("Northwind Contact".to_owned()),
        contract_hash: "9f2c41d07a".to_owned(),
        period: BillingPeriod::parse("2026-10").unwrap(),
        from: jiff::civil::date(2026, 10, 1),
        until: jiff::civil::date(2026, 11, 1),
        as_of: at("2026-11-02T06:00:00Z"),
        currency: "EUR".to_owned(),
        phases: vec![],
        lines: vec![
            line(
                "price.seats",
                LineKind::Price,
                "seats",
                Some("88400.00 EUR"),
                "34 at 2600.00 EUR = 88400.00 EUR.",
            ),
            line(
                "service_level.answer",
                LineKind::ServiceLevel,
                "answer",
                Some("-4420.00 EUR"),
                "78.2 % is below 80 %: 5 % of 88400.00 EUR are taken off.",
            ),
        ],
        subtotals: Subtotals {
            prices: money("88400.00 EUR"),
            service_levels: money("-4420.00 EUR"),
            clawbacks: money("0.00 EUR"),
            adjustments: money("0.00 EUR"),
        },
        due: money("83980.00 EUR"),
        incomplete: vec![],
        outcomes: vec![],
        exclusions: vec![],
        disputes: vec![],
        definitions: vec![],
    };
    ServedStatement {
        page: StatementPage { head: head("Statement", Place::Elsewhere), statement, frozen: None },
        contracts: vec![],
        periods: vec![choice("2026-10", true), choice("2026-09", false)],
        json: Link::to("/api/v1/statement").with("contract", "acme").with("period", "2026-10"),
        all: Link::to("/statements"),
        freeze: Some(Freeze {
            action: Link::to("/statement").with("contract", "acme").with("period", "2026-10"),
            wait: None,
        }),
        sent: Sent::NOTHING,
    }
}

pub fn statements() -> StatementsPage {
    let period = |period: &str, due: Option<&str>, frozen: Option<&str>, is_complete| PeriodLine {
        period: BillingPeriod::parse(period).unwrap(),
        href: Link::to("/statement").with("contract", "acme").with("period", period),
        due: due.map(|due| Money::parse(due).unwrap()),
        frozen: frozen.map(str::to_owned),
        is_complete,
    };
    StatementsPage {
        head: head("Statements", Place::Elsewhere),
        contracts: vec![ContractLine {
            label: "Home <Acme>".to_owned(),
            client: "acme".to_owned(),
            says: "Settled by month in EUR, signed 2026-07-01.".to_owned(),
            periods: vec![
                period("2026-11", None, None, false),
                period("2026-10", Some("83980.00 EUR"), None, false),
                period("2026-09", Some("88400.00 EUR"), Some("Fri 2 Oct 2026, 08:00 by Fin"), true),
            ],
        }],
        problems: vec![],
    }
}
