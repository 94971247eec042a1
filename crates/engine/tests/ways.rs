//! What is broken out in several ways from one reading is what each way says alone.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test that cannot go on says where"
)]

mod support;

use dialmark_engine::{Engine, EngineError, Way};
use dialmark_metrics::expr::parse;
use dialmark_metrics::{MetricQuery, MetricRef, Scope};
use dialmark_model::civil::{Grain, Period};
use support::{Call, engine, lake_of};

/// Calls of four weeks over the end of summer time: some without an agent or campaign, with codes that no map knows, without a talk
/// time, with names longer than a view holds.
fn calls(from: usize, until: usize) -> Vec<Call> {
    let results = ["sale", "not_interested", "no_answer", "machine", "unheard_of", "busy"];
    let agents = [Some("a-1"), Some("a-2"), None, Some("an agent of a long name"), Some("a-3")];
    let campaigns = [Some("north"), Some("south-by-south-west"), Some("west"), None];
    let first: jiff::Timestamp = "2026-10-12T06:10:00Z".parse().unwrap();
    (from..until)
        .map(|n| {
            let minutes = i64::try_from(n * 7919 % 40_320).unwrap();
            let call = Call::at(format!("c{n}"), &first.to_string());
            Call {
                at_us: first.as_microsecond() + minutes * 60_000_000,
                disposition: (n % 17 != 0).then(|| results[n * n % 6]),
                agent: agents[n * 31 % 5],
                campaign: campaigns[n % 4],
                customer: Some(format!("customer {}", n % 50)),
                talk_ms: (n % 13 != 0).then(|| i64::try_from(n * 104_729 % 600_000).unwrap()),
                direction: if n % 11 == 0 { "inbound" } else { "outbound" },
                ..call
            }
        })
        .collect()
}

fn ways() -> Vec<Way> {
    let way = |grain, by: &[&str]| Way { grain, by: by.iter().map(|one| (*one).to_owned()).collect() };
    vec![
        way(None, &[]),
        way(Some(Grain::Day), &[]),
        way(Some(Grain::Hour), &[]),
        way(None, &["campaign_id"]),
        way(Some(Grain::Day), &["agent_id"]),
        way(Some(Grain::Hour), &["campaign_id", "agent_id"]),
        way(Some(Grain::Week), &["campaign_id"]),
        way(None, &["hour"]),
        way(Some(Grain::Day), &["weekday", "hour"]),
        way(Some(Grain::Day), &["lead_source"]),
        way(None, &["no_such_thing"]),
    ]
}

async fn same(engine: &Engine, question: &MetricQuery) {
    let ways = ways();
    let found = engine.query_ways(&[(question.clone(), ways.clone())]).await.remove(0);
    assert_eq!(found.len(), ways.len());
    for (way, found) in ways.into_iter().zip(found) {
        let alone =
            engine.query(&MetricQuery { grain: way.grain, by: way.by.clone(), ..question.clone() }).await;
        match (found, alone) {
            (Ok(found), Ok(alone)) => assert_eq!(found, alone, "{way:?} of {:?}", question.metrics),
            (Err(EngineError::Question(found)), Err(EngineError::Question(alone))) => {
                assert_eq!(found, alone, "{way:?}");
            }
            (found, alone) => panic!("{way:?}: {found:?} but alone {alone:?}"),
        }
    }
}

#[test]
fn every_way_says_what_it_says_alone() {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    runtime.block_on(async {
        let folder = tempfile::tempdir().unwrap();
        let engine = engine(lake_of(folder.path(), &[calls(0, 900), calls(900, 1_500)]).await);
        let at = |text: &str| text.parse().ok();
        let october = Period { from: at("2026-10-20T00:00:00Z"), to: at("2026-11-03T12:30:00Z") };
        let questions: [&[&str]; 7] = [
            &["conversion_rate"],
            &["aht"],
            &["connection_rate/person"],
            &["dials"],
            // Different leads, and what another call follows, cannot be read so; they are asked one by one.
            &["conversion_rate/success_per_lead"],
            &["fcr"],
            // Some of each: two windows of what follows, two clocks.
            &[
                "fcr",
                "fcr{window=1d}",
                "aht",
                "conversion_rate/success_per_lead",
                "connection_rate/person",
                "dials@end",
            ],
        ];
        for metrics in questions {
            let question = MetricQuery {
                metrics: metrics.iter().map(|metric| MetricRef::parse(metric).unwrap()).collect(),
                period: october,
                ..MetricQuery::default()
            };
            same(&engine, &question).await;
            let narrowed = MetricQuery {
                filter: parse("campaign_id = 'north' or hour >= 12").ok(),
                zone: Some("America/New_York".to_owned()),
                ..question
            };
            same(&engine, &narrowed).await;
        }
        let confined = engine.confined_to(Scope::Rows(vec![("agent_id".to_owned(), vec!["a-2".to_owned()])]));
        let question = MetricQuery {
            metrics: vec![MetricRef::parse("conversion_rate").unwrap()],
            ..MetricQuery::default()
        };
        same(&confined, &question).await;
    });
}

#[test]
fn windows_that_are_read_together_say_what_each_says_alone() {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    runtime.block_on(async {
        let folder = tempfile::tempdir().unwrap();
        let engine = engine(lake_of(folder.path(), &[calls(0, 900), calls(900, 1_500)]).await);
        let asked = [
            "fcr{window=1d}",
            "fcr{window=3d}",
            "fcr",
            "fcr{window=20d}",
            "fcr{window=60d}",
            "fcr/all_taken{window=1d}",
        ];
        let of = |metrics: &[&str], grain| MetricQuery {
            metrics: metrics.iter().map(|metric| MetricRef::parse(metric).unwrap()).collect(),
            grain,
            by: vec!["campaign_id".to_owned()],
            ..MetricQuery::default()
        };
        for grain in [None, Some(Grain::Day)] {
            let together = engine.query(&of(&asked, grain)).await.unwrap();
            let mut judged = 0;
            for (at, metric) in asked.iter().enumerate() {
                let alone = engine.query(&of(&[*metric], grain)).await.unwrap();
                for row in &together.rows {
                    let own = alone.rows.iter().find(|own| own.keys == row.keys);
                    let own = own.map_or_else(dialmark_metrics::Cell::empty, |own| own.cells[0].clone());
                    assert_eq!(row.cells[at], own, "{metric} at {:?}", row.keys);
                    judged += usize::from(row.cells[at].value.is_ok());
                }
            }
            assert!(judged > 10, "{judged}");
        }
    });
}
