//! Made-up pages of quality: a sample, evaluations, coaching.

use std::collections::BTreeMap;

use dialmark_govern::coaching::{
    Agreed, Bounds, Compared, Due, DueBehaviour, Session, Side, effect, overdue,
};
use dialmark_govern::quality::{AgentCoverage, Answer, Coverage, Evaluation, Form, Scored};
use dialmark_metrics::{Direction, MetricRef};
use dialmark_model::civil::Calendar;
use dialmark_model::declared::{Document, Problems};
use jiff::civil::{Date, date};

use super::head;
use super::people::{at, call, choice, ratio, zone};
use crate::form::{Choice, Sent};
use crate::link::Link;
use crate::pages::coaching::{CoachingLine, CoachingPage, NewSession};
use crate::pages::evaluations::{EvaluationLine, EvaluationsPage};
use crate::shell::Place;

pub fn names() -> BTreeMap<String, String> {
    [("a-17", "Ann Archer"), ("a-18", "Ben <Birch>"), ("lead@example.org", "Lee Lead")]
        .map(|(id, name)| (id.to_owned(), name.to_owned()))
        .into()
}

pub fn form() -> Form {
    let text = r#"
[form.sales]
label = "Sales calls"
version = "3"
pass_mark = 80
[[form.sales.criterion]]
name = "greeting"
label = "Says name, house and reason of the call"
section = "greeting"
weight = 10
[[form.sales.criterion]]
name = "need"
label = "Asks what is needed before offering"
section = "active_listening"
weight = 40
points = 4
coach = "asking"
[[form.sales.criterion]]
name = "price"
label = "Tells the whole <price>"
section = "accuracy"
weight = 30
points = 2
may_be_left_out = true
coach = "price"
[[form.sales.criterion]]
name = "consent"
label = "Asks for consent to record"
section = "compliance"
weight = 20
auto_fail = true
coach = "consent"
"#;
    let problems = Problems::new();
    let document = Document::parse("quality/sales.toml", text, &problems).unwrap();
    let root = document.root(&problems);
    let (name, section) = root.named_sections("form").remove(0);
    Form::read(&section, &name).unwrap()
}

pub fn scored(need: u32, price: Answer, consent: u32) -> Scored {
    let answers = [
        ("greeting", Answer::Points(1)),
        ("need", Answer::Points(need)),
        ("price", price),
        ("consent", Answer::Points(consent)),
    ];
    form().score(&answers.map(|(name, answer)| (name.to_owned(), answer)).into()).unwrap()
}

pub fn evaluation(id: &str) -> Evaluation {
    Evaluation::made(id, "a-17", "qa@example.org", at("2026-11-18T14:00:00Z")).unwrap()
}

fn line(evaluation: Evaluation, id: &str, scored: &Scored) -> EvaluationLine {
    EvaluationLine {
        href: Link::below("/evaluation", evaluation.id()),
        evaluation,
        form: "Sales calls, version 3".to_owned(),
        agent: "Ann Archer".to_owned(),
        call: call(id, Some(("NI", "not interested"))),
        score: scored.score,
        passed: scored.passed,
        has_critical_error: scored.has_critical_error(),
        appeal_until: Some(date(2026, 11, 25)),
    }
}

pub fn lines() -> Vec<EvaluationLine> {
    let second = evaluation("e-2").acknowledge("a-17", at("2026-11-18T16:00:00Z")).unwrap();
    vec![
        line(evaluation("e-1"), "c-3", &scored(3, Answer::LeftOut, 0)),
        line(second, "c-4", &scored(4, Answer::Points(2), 1)),
    ]
}

pub fn evaluations() -> EvaluationsPage {
    let row = |planned, wanted, done, lacking: &[&str], besides| AgentCoverage {
        wanted,
        planned,
        done,
        besides,
        lacking: lacking.iter().map(|call| (*call).to_owned()).collect(),
    };
    let coverage = Coverage {
        agents: [
            ("a-17".to_owned(), row(2, 2, 1, &["c-5"], 0)),
            ("a-18".to_owned(), row(1, 2, 1, &[], 1)),
            ("a-19".to_owned(), row(1, 1, 0, &["c-10"], 0)),
        ]
        .into(),
        total: row(4, 5, 2, &["c-5", "c-10"], 1),
    };
    let waiting = |id: &str| (call(id, None), Link::to("/evaluate").with("call", id));
    EvaluationsPage {
        head: head("Evaluations", Place::Elsewhere),
        zone: zone(),
        plans: vec![choice("Weekly", true), choice("New starters", false)],
        periods: vec![choice("16 to 22 Nov 2026", true), choice("9 to 15 Nov 2026", false)],
        drawn: vec![
            "4 of 120 conversations were drawn with the seed `north`.".to_owned(),
            "12 were too short.".to_owned(),
        ],
        coverage: Some(coverage),
        names: names(),
        waiting: vec![waiting("c-5"), waiting("c-10")],
        done: lines(),
        appeals: vec![],
    }
}

fn session(id: &str, behaviour: &str, held: &str, recheck_on: Date) -> Session {
    let agreed = Agreed {
        agent: "a-17".to_owned(),
        coach: "lead@example.org".to_owned(),
        behaviour: behaviour.to_owned(),
        agreement: "Ask what is needed before <offering> anything, on each call.".to_owned(),
        held_at: at(held),
        recheck_on,
    };
    Session::held(id, agreed, &Calendar::plain(zone())).unwrap()
}

pub fn sessions() -> Vec<CoachingLine> {
    let side = |from: Date, until: Date, value: &str| Side { from, until, value: Ok(ratio(value)), n: 40 };
    let compared = Compared {
        metric: MetricRef::new("criterion_score"),
        direction: Direction::Up,
        before: side(date(2026, 9, 17), date(2026, 10, 1), "0.4"),
        after: side(date(2026, 10, 2), date(2026, 10, 16), "0.6"),
        interval: Some(Bounds { low: ratio("0.05"), high: ratio("0.35") }),
        least_n: 20,
    };
    let older = session("s-1", "asking", "2026-10-01T09:00:00Z", date(2026, 10, 16));
    let older = older.acknowledge("a-17", at("2026-10-01T10:00:00Z")).unwrap();
    let older = older.recheck(at("2026-10-16T10:00:00Z")).unwrap();
    vec![
        CoachingLine {
            session: session("s-2", "closing", "2026-11-18T09:00:00Z", date(2026, 12, 2)),
            effect: None,
            may_recheck: true,
        },
        CoachingLine {
            session: older,
            effect: Some(effect(date(2026, 10, 1), &compared)),
            may_recheck: false,
        },
    ]
}

pub fn coaching() -> CoachingPage {
    let behaviour = |name: &str, share: Option<&str>, n, critical_errors| DueBehaviour {
        behaviour: name.to_owned(),
        share: share.map(ratio),
        n,
        critical_errors,
    };
    let late = session("s-0", "price", "2026-10-20T09:00:00Z", date(2026, 11, 3));
    CoachingPage {
        head: head("Coaching", Place::Elsewhere),
        zone: zone(),
        due: vec![Due {
            agent: "a-17".to_owned(),
            behaviours: vec![behaviour("consent", None, 1, 1), behaviour("closing", Some("0.4"), 10, 0)],
            too_few: vec![("price".to_owned(), 4)],
        }],
        names: names(),
        overdue: overdue(&[late], date(2026, 11, 19), 7, &Calendar::plain(zone())),
        sessions: sessions(),
        new: Some(NewSession {
            agents: vec![Choice::new("a-17", "Ann Archer"), Choice::new("a-18", "Ben <Birch>")],
            behaviours: vec![Choice::new("asking", "asking"), Choice::new("closing", "closing")],
            chosen: Some(("a-17".to_owned(), "closing".to_owned())),
            today: date(2026, 11, 19),
            recheck_on: date(2026, 12, 3),
        }),
        action: Link::to("/coaching"),
        sent: Sent::NOTHING,
    }
}
