//! Made-up pages of people: an agent, disputes, commission.

use dialmark_govern::contract::BillingPeriod;
use dialmark_govern::dispute::{CallId, Dispute, Disputed as About};
use dialmark_govern::incentive::{Line, LineKind, Standing as PlanStanding, Statement};
use dialmark_govern::kpi::{Evidence, Level, Rhythm};
use dialmark_govern::target::{Aim, Goal};
use dialmark_govern::{Kpi, Money, Place as Where, Standing, Status, Stretch, Trend, Window};
use dialmark_metrics::metric::{Direction, Unit};
use dialmark_metrics::{Cell, MetricRef, Ratio};
use dialmark_model::civil;
use dialmark_model::validity::Days;
use jiff::civil::date;
use jiff::{Timestamp, tz::TimeZone};

use super::{head, quality};
use crate::called::Called;
use crate::form::{Choice, Sent};
use crate::link::Link;
use crate::pages::agent::{AgentPage, Callback};
use crate::pages::dispute_form::DisputeForm;
use crate::pages::disputes::{Disputed, DisputesPage};
use crate::pages::incentive::{IncentiveLine, IncentivePage, IncentivesPage};
use crate::pages::kpis::KpiCard;
use crate::pages::overview;
use crate::shell::Place;
use crate::test_tables::ratio_cell;

pub fn zone() -> TimeZone {
    civil::zone("Europe/London").unwrap()
}

pub fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

pub fn ratio(text: &str) -> Ratio {
    Ratio::parse(text).unwrap()
}

pub fn choice(says: &str, is_current: bool) -> overview::Choice {
    overview::Choice { says: says.to_owned(), href: Link::to("/").with("at", says), is_current }
}

pub fn call(id: &str, code: Option<(&str, &str)>) -> Called {
    Called {
        id: CallId { source: "dialler".to_owned(), source_id: id.to_owned() },
        agent: "Ann Archer".to_owned(),
        code: code.map(|(code, means)| (code.to_owned(), means.to_owned())),
        facts: [
            ("When", "Thu 19 Nov 2026, 10:04"),
            ("Talk", "4:12"),
            ("Campaign", "home <switch>"),
            ("List", "NL-07"),
            ("Attempt", "3"),
        ]
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .to_vec(),
        recording: Some(format!("REC-{id}")),
        record: Some(Link::to("/calls").with("where", format!("call_id = '{id}'"))),
    }
}

pub fn kpi(name: &str, label: &str, unit: Unit, direction: Direction) -> Kpi {
    Kpi {
        name: name.to_owned(),
        label: label.to_owned(),
        metric: MetricRef::new(name),
        unit,
        direction,
        place: Where::of("agent_id", "a-17"),
        owner: "lead@example.org".to_owned(),
        window: Window::parse("month").unwrap(),
        review: Rhythm::Weekly,
        level: Level::Operational,
        perspective: None,
        signal: None,
        process: None,
        guards: vec![],
        targets: vec![],
        days: Days::ALL,
        evidence: Evidence::Estimated,
        reviewed_on: None,
        defined_as: None,
        declared_in: "kpis/sales.toml".to_owned(),
        line: 1,
    }
}

fn card(kpi: Kpi, cell: Cell, aim: Aim, status: Status, trend: Trend) -> (KpiCard, Option<Link>) {
    let metric = kpi.metric.metric.clone();
    let standing = Standing {
        place: kpi.place.clone(),
        stretch: Stretch { from: date(2026, 11, 1), until: date(2026, 12, 1) },
        so_far: None,
        interval: cell
            .value
            .as_ref()
            .ok()
            .and_then(|v| dialmark_stats::Interval::around(v.to_f64(), v.to_f64() * 0.08)),
        cell,
        goal: Ok(Goal { aim, tolerance: ratio("0.004"), zero_after: ratio("0.02") }),
        status,
        score: Some(ratio("80")),
        before: Ok(ratio("0.05")),
        trend,
        guards: None,
        maturing: None,
        notes: vec![],
        kpi,
    };
    let records = Link::to("/calls").with("metric", &metric).with("where", "agent_id = 'a-17'");
    (KpiCard { standing, href: Link::below("/metric", &metric), edit: None }, Some(records))
}

pub fn dispute(id: &str, call: &str, is: &str, should_be: &str, why: &str) -> Dispute {
    let about = About {
        call: CallId { source: "dialler".to_owned(), source_id: call.to_owned() },
        agent: "a-17",
        is,
        should_be,
        why,
    };
    Dispute::raise(id, about, "a-17", at("2026-11-19T11:00:00Z"), &["SALE", "NI", "CB"]).unwrap()
}

fn disputed(dispute: Dispute) -> Disputed {
    Disputed {
        call: call(&dispute.call().source_id.clone(), Some(("NI", "not interested"))),
        raised_by: "Ann Archer".to_owned(),
        should_mean: "sale".to_owned(),
        not_for_you: None,
        dispute,
    }
}

fn open() -> Disputed {
    disputed(dispute("d-3", "c-7", "NI", "SALE", "She said yes at 3:40 & gave her <account>."))
}

fn decided() -> Disputed {
    let dispute = dispute("d-1", "c-1", "NI", "CB", "He asked to be called on Monday.");
    let by = "lead@example.org";
    disputed(dispute.accept(by, at("2026-11-19T12:30:00Z"), "So it is on the recording.").unwrap())
}

pub fn disputes() -> DisputesPage {
    DisputesPage {
        head: head("Disputes", Place::Elsewhere),
        zone: zone(),
        open: vec![open()],
        decided: vec![decided()],
        action: Link::to("/disputes"),
        sent: Sent::NOTHING,
    }
}

pub fn dispute_form() -> DisputeForm {
    DisputeForm {
        head: head("Dispute a call", Place::Elsewhere),
        call: call("c-7", Some(("NI", "not interested"))),
        codes: vec![Choice::new("SALE", "SALE").saying("sale"), Choice::new("CB", "CB").saying("callback")],
        action: Link::to("/dispute"),
        back: Link::to("/me"),
        sent: Sent::NOTHING,
    }
}

pub fn statement() -> Statement {
    let money = |text: &str| Money::parse(text).unwrap();
    let line = |id: &str, kind, label: &str, amount: Option<&str>, says: &str| Line {
        id: id.to_owned(),
        kind,
        label: label.to_owned(),
        before_gates: None,
        amount: amount.map(money),
        says: says.to_owned(),
    };
    let sales = "`verified_sales`: 21 at 4.00 EUR and 8 at 6.00 EUR = 132.00 EUR.";
    Statement {
        plan: "north".to_owned(),
        label: "Commission, North <b>".to_owned(),
        plan_hash: "9f2c41d07a".to_owned(),
        agent: "a-17".to_owned(),
        period: BillingPeriod::parse("2026-11").unwrap(),
        standing: PlanStanding::Provisional(date(2026, 11, 19)),
        currency: "EUR".to_owned(),
        lines: vec![
            Line {
                before_gates: Some(money("132.00 EUR")),
                ..line("part.sales", LineKind::Part, "Verified sales", Some("132.00 EUR"), sales)
            },
            line(
                "part.quality",
                LineKind::Part,
                "Quality",
                None,
                "There is no figure of `qa_score`: no record in this place and time.",
            ),
            line(
                "clawback.s-9",
                LineKind::Clawback,
                "Cancelled sale s-9",
                Some("-4.00 EUR"),
                "The sale s-9 of 2026-10-20 was cancelled on 2026-11-02: 4.00 EUR is taken back.",
            ),
        ],
        due: money("128.00 EUR"),
        carried_forward: money("0.00 EUR"),
        clawed_back: vec!["s-9".to_owned()],
        incomplete: vec![
            "Quality: There is no figure of `qa_score`: no record in this place and time.".to_owned(),
        ],
        notes: vec!["The sale s-4 was taken back by an earlier statement.".to_owned()],
    }
}

pub fn incentive() -> IncentivePage {
    IncentivePage {
        head: head("Commission", Place::Elsewhere),
        statement: statement(),
        agent: "Ann Archer".to_owned(),
        periods: vec![choice("2026-11", true), choice("2026-10", false)],
        frozen: None,
        json: Link::to("/api/v1/incentives"),
    }
}

pub fn incentives() -> IncentivesPage {
    let line = |agent: &str| IncentiveLine {
        agent: agent.to_owned(),
        statement: statement(),
        href: Link::to("/incentive").with("agent", agent),
    };
    IncentivesPage {
        head: head("Commission", Place::Elsewhere),
        plans: vec![],
        periods: vec![choice("2026-11", true), choice("2026-10", false)],
        agents: vec![line("Ann Archer"), line("Ben Birch")],
        problems: vec!["Cai: the logged time of a-19 is not known (nothing filled).".to_owned()],
    }
}

pub fn agent() -> AgentPage {
    let conversion = kpi("conversion_rate", "Conversion per contact", Unit::Share, Direction::Up);
    let handle = kpi("aht", "Average handle time", Unit::Duration, Direction::Neither);
    let callback = |due: &str, lead: &str| Callback {
        due_at: at(due),
        lead: lead.to_owned(),
        of: "home switch, NL-07".to_owned(),
        record: Some(Link::to("/calls").with("where", format!("lead_id = '{lead}'"))),
    };
    AgentPage {
        head: head("Ann Archer", Place::Elsewhere),
        name: "Ann Archer".to_owned(),
        is_own: true,
        zone: zone(),
        now: at("2026-11-19T10:40:00Z"),
        periods: vec![choice("month", true), choice("week", false)],
        kpis: vec![
            card(
                conversion,
                ratio_cell(40, 1_000),
                Aim::AtLeast(ratio("0.052")),
                Status::Missed,
                Trend::Worse,
            ),
            card(
                handle,
                ratio_cell(252_000, 1),
                Aim::Within(ratio("230000"), ratio("270000")),
                Status::Met,
                Trend::Steady,
            ),
        ],
        callbacks: vec![
            callback("2026-11-19T10:30:00Z", "lead-4"),
            callback("2026-11-19T15:00:00Z", "lead <5>"),
        ],
        evaluations: quality::lines(),
        coaching: quality::sessions(),
        commission: vec![(statement(), Link::to("/incentive"))],
        disputes: vec![open(), decided()],
        calls: vec![
            (call("c-7", Some(("NI", "not interested"))), Some(Link::to("/dispute").with("call", "c-7"))),
            (call("c-8", None), None),
        ],
        all_calls: Link::to("/calls").with("where", "agent_id = 'a-17'"),
        action: Link::to("/me"),
        sent: Sent::NOTHING,
    }
}
