//! Made-up pages of quality: a sample, evaluations, coaching.

use std::collections::BTreeMap;

use dialmark_govern::calibration;
use dialmark_govern::coaching::{
    Agreed, Bounds, Compared, Due, DueBehaviour, Session, Side, effect, overdue,
};
use dialmark_govern::person::People;
use dialmark_govern::quality::{AgentCoverage, Answer, Coverage, Evaluation, Form, Scored};
use dialmark_govern::recovery::{Item, ItemId, Outcome, Queue, Recovery, SurveyAnswer};
use dialmark_metrics::{Catalogue, Direction, Exact, MetricRef};
use dialmark_model::civil::Calendar;
use dialmark_model::declared::{Document, Problems};
use jiff::civil::{Date, date};

use super::head;
pub use super::people::ratio;
use super::people::{at, call, choice, zone};
use crate::form::{Choice, Sent};
use crate::link::Link;
use crate::pages::calibration::{CalibrationLine, CalibrationPage, NewCalibration};
use crate::pages::coaching::{CoachingLine, CoachingPage, NewSession};
use crate::pages::evaluate::EvaluatePage;
use crate::pages::evaluation::{Earlier, EvaluationPage};
use crate::pages::evaluations::{EvaluationLine, EvaluationsPage};
use crate::pages::recovery::{RecoveryLine, RecoveryPage};
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
        id: evaluation.id().to_owned(),
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
    Session::held(id, agreed, 1, &Calendar::plain(zone())).unwrap()
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
    let seen = effect(date(2026, 10, 1), &compared).unwrap();
    let older = older.recheck("lead@example.org", at("2026-10-16T10:00:00Z"), &seen).unwrap();
    vec![
        CoachingLine {
            session: session("s-2", "closing", "2026-11-18T09:00:00Z", date(2026, 12, 2)),
            may_recheck: true,
        },
        CoachingLine { session: older, may_recheck: false },
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

pub fn evaluate() -> EvaluatePage {
    EvaluatePage {
        head: head("Evaluate a call", Place::Elsewhere),
        call: call("c-5", Some(("NI", "not interested"))),
        sheets: vec![choice("Sales calls, version 3", true)],
        sheet: form(),
        session: None,
        replaces: None,
        scored: None,
        action: Link::to("/evaluate"),
        back: Link::to("/evaluations"),
        sent: Sent::NOTHING,
    }
}

pub fn evaluation_page() -> EvaluationPage {
    EvaluationPage {
        head: head("Evaluation e-1", Place::Elsewhere),
        zone: zone(),
        evaluation: evaluation("e-1"),
        earlier: vec![],
        form: "Sales calls, version 3".to_owned(),
        sheet: Some(form()),
        scored: scored(3, Answer::LeftOut, 0),
        comments: [("need".to_owned(), "Offered <before> asking.".to_owned())].into(),
        overall: Some("A friendly call; ask first.".to_owned()),
        call: call("c-3", Some(("NI", "not interested"))),
        evaluator: "Quinn".to_owned(),
        may_acknowledge: true,
        may_appeal_until: Some(date(2026, 11, 25)),
        may_decide: None,
        action: Link::below("/evaluation", "e-1"),
        sent: Sent::NOTHING,
    }
}

pub fn appealed() -> EvaluationPage {
    let calendar = Calendar::plain(zone());
    let when = at("2026-11-19T09:00:00Z");
    EvaluationPage {
        evaluation: evaluation("e-1").appeal("a-17", when, "She did <ask> at 1:20.", 5, &calendar).unwrap(),
        may_acknowledge: false,
        may_appeal_until: None,
        may_decide: Some(Link::to("/evaluate").with("call", "c-3").with("replaces", "e-1")),
        ..evaluation_page()
    }
}

pub fn changed() -> EvaluationPage {
    let first = appealed();
    let ended =
        first.evaluation.change("lee", at("2026-11-20T09:00:00Z"), "Heard at 1:20.", "e-1.2").unwrap();
    let evaluation = Evaluation::made("e-1.2", "a-17", "lee", at("2026-11-20T09:00:00Z")).unwrap();
    let scored = scored(4, Answer::LeftOut, 1);
    let before = Earlier { evaluation: ended, evaluator: "Quinn".to_owned(), score: first.scored.score };
    EvaluationPage {
        evaluation,
        scored,
        earlier: vec![before],
        evaluator: "Lee".to_owned(),
        ..evaluation_page()
    }
}

pub fn calibration() -> CalibrationPage {
    let full = || scored(4, Answer::Points(2), 1);
    let mut session = calibration::Session::new([
        ("c-1".to_owned(), full()),
        ("c-2".to_owned(), scored(2, Answer::Points(2), 1)),
    ])
    .unwrap();
    session.add("eve", "c-1", full()).unwrap();
    session.add("eve", "c-2", scored(3, Answer::Points(1), 1)).unwrap();
    session.add("fay", "c-1", scored(4, Answer::LeftOut, 0)).unwrap();
    CalibrationPage {
        head: head("Calibration", Place::Elsewhere),
        sessions: vec![CalibrationLine {
            label: "November".to_owned(),
            href: Link::below("/calibration", "November"),
            sheet: "Sales calls, version 3".to_owned(),
            opened: "Mon 16 Nov 2026, 09:00".to_owned(),
            against: session.against_master(),
            among: session.among_evaluators(),
            to_score: vec![],
        }],
        names: [("eve".to_owned(), "Eve <Birch>".to_owned())].into(),
        new: Some(NewCalibration {
            sheets: vec![Choice::new("sales/3", "Sales calls, version 3")],
            evaluators: vec![Choice::new("eve", "Eve <Birch>"), Choice::new("fay", "Fay")],
        }),
        action: Link::to("/calibration"),
        sent: Sent::NOTHING,
    }
}

fn rule() -> Recovery {
    let text = r#"
[recovery.detractors]
label = "Detractors"
survey = "nps"
call_back_within = "48h"
owner = "lead@example.org"
tries = 2
"#;
    let problems = Problems::new();
    let document = Document::parse("quality/recovery.toml", text, &problems).unwrap();
    let root = document.root(&problems);
    let (name, section) = root.named_sections("recovery").remove(0);
    Recovery::read(&section, &name, &Catalogue::default(), &People::default()).unwrap()
}

pub fn recovery() -> RecoveryPage {
    let answer = |id: &str, answered: &str| SurveyAnswer {
        id: ItemId { source: "surveys".to_owned(), source_id: id.to_owned() },
        survey: "nps".to_owned(),
        place: dialmark_govern::Place::centre(),
        answered_at: at(answered),
        score: Some(Exact::integer(3)),
        scale: Some((Exact::ZERO, Exact::integer(10))),
    };
    let answers = [
        answer("a-1", "2026-11-17T08:00:00Z"),
        answer("a-2", "2026-11-18T09:00:00Z"),
        answer("a-3", "2026-11-18T15:30:00Z"),
        answer("a-4", "2026-11-16T15:30:00Z"),
    ];
    let mut queue = Queue::default();
    queue.admit(&[rule()], &answers);
    let id = |n: usize| answers[n].id.clone();
    let mut step = |n: usize, how: &dyn Fn(Item) -> Result<Item, String>| queue.step(&id(n), how).unwrap();
    let me = "lee";
    step(1, &|item| item.take(me, at("2026-11-19T10:00:00Z")));
    step(2, &|item| item.take(me, at("2026-11-19T09:00:00Z")));
    step(2, &|item| item.reached(me, at("2026-11-19T09:10:00Z")));
    step(3, &|item| item.take(me, at("2026-11-17T09:00:00Z")));
    step(3, &|item| item.reached(me, at("2026-11-17T09:10:00Z")));
    step(3, &|item| item.close(Outcome::Resolved, me, at("2026-11-17T09:20:00Z"), "A new <router> is sent."));
    let line = |n: usize| RecoveryLine {
        item: queue.item(&id(n)).unwrap().clone(),
        rule: "Detractors".to_owned(),
        tries_allowed: 2,
        answer: vec![
            ("Score".to_owned(), "3 of 0 to 10".to_owned()),
            ("Comment".to_owned(), "Nobody called <back>.".to_owned()),
        ],
        record: Some(Link::to("/calls").with("where", "call_id = 'c-3'")),
        may_move: true,
    };
    RecoveryPage {
        head: head("Recovery", Place::Elsewhere),
        zone: zone(),
        now: at("2026-11-19T10:40:00Z"),
        reader: me.to_owned(),
        open: vec![line(0), line(1), line(2)],
        closed: vec![line(3)],
        names: [("lee".to_owned(), "Lee Lead".to_owned())].into(),
        admitted: vec!["4 of 120 answers were negative; 2 had no score.".to_owned()],
        action: Link::to("/recovery"),
        sent: Sent::NOTHING,
    }
}
