//! The difference of two figures, taken apart.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test that cannot go on says where"
)]

mod support;

use dialmark_engine::{Common, Engine, Side, reconcile};
use dialmark_metrics::expr::parse;
use dialmark_metrics::{MetricQuery, MetricRef, Ratio};
use dialmark_model::civil::Period;
use proptest::prelude::*;
use support::{Call, engine, lake_of};

fn side(metric: &str, filter: Option<&str>) -> Side {
    Side {
        metric: MetricRef::parse(metric).unwrap(),
        filter: filter.map(|f| parse(f).unwrap()),
        period: Period::ALL,
    }
}

fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap()
}

async fn count(engine: &Engine, condition: &str) -> u64 {
    let question = dialmark_engine::RecordsQuery {
        table: Some("calls".to_owned()),
        filter: Some(parse(condition).unwrap()),
        ..dialmark_engine::RecordsQuery::default()
    };
    engine.records(&question).await.unwrap().total
}

fn some_call() -> impl Strategy<Value = Call> {
    let codes = prop::sample::select(vec![
        Some("sale"),
        Some("appointment"),
        Some("not_interested"),
        Some("dropped"),
        Some("abandoned"),
        Some("no_answer"),
        Some("machine"),
        Some("not_a_call"),
        Some("unknown code"),
        None,
    ]);
    let names = prop::sample::select(vec![Some("ann"), Some("bob"), None]);
    let directions = prop::sample::select(vec!["outbound", "outbound", "inbound"]);
    (0..20_i64 * 86_400, codes, names, directions, prop::option::of(0..100_000_i64), 0..1_000_000_u32)
        .prop_map(|(second, disposition, agent, direction, talk_ms, id)| Call {
            id: id.to_string(),
            at_us: 1_774_000_000_000_000 + second * 1_000_000,
            direction,
            disposition,
            campaign: Some("north"),
            agent,
            customer: Some(format!("c{}", id % 7)),
            talk_ms,
            queue_ms: talk_ms.map(|t| t / 3),
        })
}

/// Pairs whose differences are of every kind: conditions, denominators, entities, groups, what follows, sums, filters.
const PAIRS: [(&str, &str, Option<&str>); 10] = [
    ("conversion_rate/success_per_dial", "conversion_rate/success_per_contact", None),
    ("conversion_rate/sales_per_dial", "conversion_rate/success_per_dial", None),
    ("outbound_abandonment_rate/all_calls", "outbound_abandonment_rate/live_answers", None),
    ("drop_rate/no_agent_free", "drop_rate/no_agent_free_of_live", None),
    ("dials", "dials", Some("agent_id = 'ann'")),
    ("dials", "contacts", None),
    ("calls_per_agent/per_agent_day", "calls_per_agent/per_agent_day", Some("agent_id = 'ann'")),
    ("service_level/offered", "service_level/answered_only", None),
    ("fcr/all_taken{window=1d}", "fcr/all_taken{window=7d}", None),
    ("aht/talk", "aht/talk", Some("talk_ms > 20000")),
];

proptest! {
    #![proptest_config(ProptestConfig { cases: 6, ..ProptestConfig::default() })]

    #[test]
    fn effects_add_up_and_sets_are_disjoint(calls in prop::collection::vec(some_call(), 30..120)) {
        let mut seen = std::collections::BTreeSet::new();
        let calls: Vec<Call> = calls.into_iter().filter(|c| seen.insert(c.id.clone())).collect();
        runtime().block_on(async {
            let folder = tempfile::tempdir().unwrap();
            let engine = engine(lake_of(folder.path(), std::slice::from_ref(&calls)).await);
            for (a, b, filter) in PAIRS {
                let (a, b) = (side(a, None), side(b, filter));
                let found = reconcile((&engine, &a), (&engine, &b), &Common::default()).await;
                // Chance may leave a figure without a value; then there is no difference to explain.
                let Ok(found) = found else {
                    let said = found.unwrap_err().to_string();
                    assert!(said.contains("has no value"), "{said}");
                    continue;
                };
                let value = |s: &Side| {
                    let mut question = MetricQuery { metrics: vec![s.metric.clone()], ..MetricQuery::default() };
                    question.filter.clone_from(&s.filter);
                    let engine = engine.clone();
                    async move { engine.query(&question).await.unwrap().rows[0].cells[0].value.clone().unwrap() }
                };
                let difference = value(&b).await.minus(value(&a).await).unwrap();
                assert_eq!(found.difference, difference);
                let sum = found.sets.iter().try_fold(Ratio::ZERO, |t, s| t.plus(s.effect)).unwrap();
                assert_eq!(sum, difference, "{a:?} {b:?}");
                let apart: u64 = found.sets.iter().map(|s| s.calls).sum();
                assert!(apart + found.alike <= calls.len() as u64);
                for set in &found.sets {
                    if let Some(condition) = &set.condition {
                        assert_eq!(count(&engine, &condition.to_string()).await, set.calls, "{condition}");
                    }
                }
                // Turned round, every effect changes its sign.
                let back = reconcile((&engine, &b), (&engine, &a), &Common::default()).await.unwrap();
                let mut there: Vec<Ratio> = found.sets.iter().map(|s| s.effect).collect();
                let mut here: Vec<Ratio> =
                    back.sets.iter().map(|s| Ratio::ZERO.minus(s.effect).unwrap()).collect();
                there.sort();
                here.sort();
                assert_eq!(there, here);
            }
        });
    }
}

#[test]
fn a_set_says_why_and_shows_its_calls() {
    runtime().block_on(async {
        let coded = |n: usize, code: &'static str| Call {
            disposition: Some(code),
            ..Call::at(format!("{code}{n}"), "2026-03-02T09:00:00Z")
        };
        let mut calls = vec![coded(0, "sale")];
        calls.extend((0..3).map(|n| coded(n, "not_interested")));
        calls.extend((0..6).map(|n| coded(n, "no_answer")));
        let folder = tempfile::tempdir().unwrap();
        let engine = engine(lake_of(folder.path(), &[calls]).await);
        let (a, b) =
            (side("conversion_rate/sales_per_dial", None), side("conversion_rate/sales_per_contact", None));
        let common = Common { show: Some((1, 100)), ..Common::default() };
        let found = reconcile((&engine, &a), (&engine, &b), &common).await.unwrap();
        assert_eq!(found.difference.to_string(), "0.15");
        let [set] = found.sets.as_slice() else { panic!("{:?}", found.sets) };
        assert_eq!((set.calls, set.effect.to_string().as_str()), (6, "0.15"));
        assert_eq!(set.reason, "In the denominator of A only: for B, `is_contact` does not hold");
        let shown = found.shown.unwrap();
        assert_eq!((shown.total, shown.rows.len()), (6, 6));
    });
}
