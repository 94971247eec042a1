//! What must hold of every answer, whatever the records.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test that cannot go on says where"
)]

mod support;

use dialmark_engine::{EngineError, RecordsQuery};
use dialmark_metrics::expr::parse;
use dialmark_metrics::{Exact, Key, MetricQuery, MetricRef, MetricTable, Reason, Scope};
use dialmark_model::civil::{Grain, Period};
use proptest::prelude::*;
use support::{Call, engine, lake_of};

fn ask(metrics: &str, by: &[&str]) -> MetricQuery {
    MetricQuery {
        metrics: MetricRef::parse_list(metrics).unwrap(),
        by: by.iter().map(|d| (*d).to_owned()).collect(),
        ..MetricQuery::default()
    }
}

async fn answer(files: &[Vec<Call>], question: &MetricQuery) -> MetricTable {
    let folder = tempfile::tempdir().unwrap();
    let lake = lake_of(folder.path(), files).await;
    engine(lake).query(question).await.unwrap()
}

fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap()
}

#[test]
fn no_data_is_not_zero_and_a_zero_denominator_is_null() {
    runtime().block_on(async {
        let none = answer(&[vec![]], &ask("dials,conversion_rate", &[])).await;
        assert_eq!(none.rows[0].cells[0].value, Err(Reason::NoData));
        let calls = vec![Call { direction: "inbound", ..Call::at("a", "2026-03-02T09:00:00Z") }];
        let inbound = answer(&[calls], &ask("dials,conversion_rate", &[])).await;
        assert_eq!(inbound.rows[0].cells[0].value.as_ref().unwrap().decimal(0), "0");
        assert_eq!(inbound.rows[0].cells[1].value, Err(Reason::ZeroDenominator));
    });
}

#[test]
fn a_figure_comes_from_the_bytes_that_were_written_or_not_at_all() {
    runtime().block_on(async {
        let folder = tempfile::tempdir().unwrap();
        let agents = ["ann", "bea", "cid"];
        let calls: Vec<Call> = (0..3000_i64)
            .map(|n| Call {
                agent: Some(agents[usize::try_from(n * n).unwrap() % 3]),
                talk_ms: Some(n * 7919 % 100_003),
                ..Call::at(format!("c{n}"), "2026-03-02T09:00:00Z")
            })
            .collect();
        let lake = lake_of(folder.path(), &[calls]).await;
        let path = lake.snapshot().await.unwrap().tables["calls"].files[0].path.clone();
        let question = ask("dials,aht/talk", &["agent_id"]);
        let right = engine(lake.clone()).query(&question).await.unwrap().rows;
        let whole = std::fs::read(&path).unwrap();
        let mut named = 0;
        for at in (0..whole.len()).step_by(whole.len() / 60) {
            let mut bytes = whole.clone();
            bytes[at] ^= 1 << (at % 8);
            std::fs::write(&path, &bytes).unwrap();
            match engine(lake.clone()).query(&question).await {
                Ok(table) => assert_eq!(table.rows, right, "byte {at}"),
                Err(error) => {
                    let said = error.to_string();
                    let begins = format!(
                        "The figures could not be computed: `{}` is damaged: its bytes ",
                        path.display()
                    );
                    assert!(said.starts_with(&begins), "{said}");
                    named += 1;
                }
            }
        }
        assert!(named > 0, "no question read a byte that was turned");
        std::fs::write(&path, &whole[..whole.len() - 1]).unwrap();
        let error = engine(lake.clone()).query(&question).await.unwrap_err().to_string();
        assert!(error.contains("the catalogue says"), "{error}");
        std::fs::write(&path, &whole).unwrap();
        assert_eq!(engine(lake).query(&question).await.unwrap().rows, right);
    });
}

#[test]
fn a_column_that_nobody_fills_gives_a_reason_and_no_zero() {
    runtime().block_on(async {
        let calls =
            vec![Call { agent: Some("ann"), talk_ms: Some(1000), ..Call::at("a", "2026-03-02T09:00:00Z") }];
        let table = answer(&[calls], &ask("asr,aht,aht/talk", &[])).await;
        let cells = &table.rows[0].cells;
        assert_eq!(cells[0].value, Err(Reason::NothingFilled("calls.answered_at".to_owned())));
        assert_eq!(cells[1].value, Err(Reason::NothingFilled("calls.hold_ms".to_owned())));
        assert_eq!(cells[2].value.as_ref().unwrap().decimal(0), "1000");
    });
}

#[test]
fn a_scope_on_a_column_that_is_missing_answers_nothing() {
    runtime().block_on(async {
        let calls = vec![Call { campaign: Some("north"), ..Call::at("a", "2026-03-02T09:00:00Z") }];
        let mut question = ask("dials", &[]);
        question.scope = Scope::Rows(vec![("campaign_id".to_owned(), vec!["south".to_owned()])]);
        assert_eq!(
            answer(std::slice::from_ref(&calls), &question).await.rows[0].cells[0].value,
            Err(Reason::NoData)
        );
        question.scope = Scope::Rows(vec![("no_such_column".to_owned(), vec!["x".to_owned()])]);
        assert_eq!(answer(&[calls], &question).await.rows[0].cells[0].value, Err(Reason::NoData));
    });
}

#[test]
fn what_rests_on_a_hidden_table_is_refused_whatever_way_it_is_asked() {
    runtime().block_on(async {
        let calls = vec![Call { campaign: Some("north"), ..Call::at("a", "2026-03-02T09:00:00Z") }];
        let folder = tempfile::tempdir().unwrap();
        let engine = engine(lake_of(folder.path(), &[calls]).await);
        let records = RecordsQuery { table: Some("calls".to_owned()), ..RecordsQuery::default() };
        assert_eq!(engine.records(&records).await.unwrap().total, 1);
        let hiding = engine.hiding(&["calls", "costs"]);
        let asked = [
            hiding.query(&ask("dials", &[])).await.err(),
            // The store has no costs at all, and whether it has is hidden as well.
            hiding.query(&ask("cpa/campaign_per_sale", &[])).await.err(),
            hiding.records(&records).await.err(),
            hiding.top_values("calls", "campaign_id", 5).await.err(),
        ];
        for refused in asked {
            assert!(
                matches!(&refused, Some(EngineError::Question(says)) if says.contains("may not see")),
                "{refused:?}"
            );
        }
        assert!(!hiding.without_hidden(&hiding.filled().await.unwrap()).has("calls", "started_at"));
    });
}

/// Every definition of the catalogue, confined and over a store that holds nothing else: what somebody may not see must leave
/// no trace in any figure of theirs, whatever way it is computed.
#[test]
fn whoever_is_confined_gets_what_they_would_get_were_nothing_else_there() {
    runtime().block_on(async {
        let outcomes = ["sale", "not_interested", "no_answer", "machine", "callback", "dropped"];
        let (campaigns, agents) = ([Some("north"), Some("south"), None], [Some("ann"), Some("bea"), None]);
        let calls: Vec<Call> = (0..240_usize)
            .map(|n| Call {
                campaign: campaigns[n * 7 % 11 % 3],
                agent: agents[n * 5 % 7 % 3],
                disposition: Some(outcomes[n * n % 13 % 6]),
                customer: Some(format!("p{}", n % 17)),
                talk_ms: (n % 4 > 0).then(|| i64::try_from(n * 977 % 90_000).unwrap()),
                direction: if n % 5 == 0 { "inbound" } else { "outbound" },
                ..Call::at(
                    format!("c{n}"),
                    &format!("2026-03-{:02}T{:02}:{:02}:00Z", 2 + n / 24, 8 + n % 12, n % 60),
                )
            })
            .collect();
        let own: Vec<Call> = calls.iter().filter(|call| call.campaign == Some("north")).cloned().collect();
        assert!(own.len() > 40 && own.len() < 140, "{}", own.len());
        let (all_folder, own_folder) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let scope = Scope::Rows(vec![("campaign_id".to_owned(), vec!["north".to_owned()])]);
        let confined = engine(lake_of(all_folder.path(), &[calls]).await).confined_to(scope);
        let alone = engine(lake_of(own_folder.path(), &[own]).await);
        let mut answered = 0;
        for metric in confined.catalogue().metrics.values() {
            for variant in &metric.variants {
                let reference = MetricRef { variant: Some(variant.id.clone()), ..MetricRef::new(&metric.id) };
                let question = MetricQuery {
                    metrics: vec![reference.clone()],
                    // Windows that must have passed end where the records of both end.
                    complete_until: Some("2026-03-12T00:00:00Z".parse().unwrap()),
                    ..MetricQuery::default()
                };
                let (here, there) = (confined.query(&question).await, alone.query(&question).await);
                match (here, there) {
                    (Ok(here), Ok(there)) => {
                        answered += usize::from(here.rows.iter().any(|row| row.cells[0].value.is_ok()));
                        assert_eq!(here.rows, there.rows, "{reference}");
                    }
                    (here, there) => assert_eq!(
                        here.map(|_| ()).unwrap_err().to_string(),
                        there.map(|_| ()).unwrap_err().to_string(),
                        "{reference}"
                    ),
                }
            }
        }
        assert!(answered > 60, "only {answered} definitions had a value");
    });
}

#[test]
fn days_of_23_and_25_hours_hold_all_their_calls() {
    runtime().block_on(async {
        // A call every half hour over both changes of the clocks in London.
        let mut calls = Vec::new();
        for (day, from) in ["2026-03-28T00:00:00Z", "2026-10-24T00:00:00+01:00"].into_iter().enumerate() {
            let from: jiff::Timestamp = from.parse().unwrap();
            for i in 0..144_i64 {
                let at = from.checked_add(jiff::SignedDuration::from_mins(30 * i)).unwrap();
                calls.push(Call::at(format!("{day}-{i}"), &at.to_string()));
            }
        }
        let mut question = ask("dials", &[]);
        question.grain = Some(Grain::Day);
        let by_day = answer(&[calls.clone()], &question).await;
        let found: Vec<(String, String)> = by_day
            .rows
            .iter()
            .map(|r| (r.keys[0].to_string(), r.cells[0].value.as_ref().unwrap().decimal(0)))
            .collect();
        for (day, dials) in
            [("2026-03-28", "48"), ("2026-03-29", "46"), ("2026-10-24", "48"), ("2026-10-25", "50")]
        {
            assert!(found.contains(&(day.to_owned(), dials.to_owned())), "{day}: {found:?}");
        }
        // The hour that comes twice is two buckets.
        question.grain = Some(Grain::Hour);
        let zone = dialmark_model::civil::zone("Europe/London").unwrap();
        question.period =
            Period::days(Some(jiff::civil::date(2026, 10, 25)), Some(jiff::civil::date(2026, 10, 26)), &zone);
        let by_hour = answer(&[calls], &question).await;
        assert_eq!(by_hour.rows.len(), 25);
        assert!(by_hour.rows.iter().all(|r| r.cells[0].numerator == Some(Exact::integer(2))));
    });
}

#[test]
fn a_repeat_call_may_lie_after_the_end_of_the_period() {
    runtime().block_on(async {
        let handled = |id: &str, at: &str| Call {
            direction: "inbound",
            disposition: Some("handled"),
            customer: Some("c1".to_owned()),
            ..Call::at(id, at)
        };
        let calls = vec![handled("a", "2026-03-02T09:00:00Z"), handled("b", "2026-03-04T09:00:00Z")];
        let mut question = ask("fcr/all_taken{window=7d}", &[]);
        let zone = dialmark_model::civil::zone("Europe/London").unwrap();
        question.period =
            Period::days(Some(jiff::civil::date(2026, 3, 2)), Some(jiff::civil::date(2026, 3, 3)), &zone);
        let cell = answer(&[calls], &question).await.rows[0].cells[0].clone();
        assert_eq!((cell.numerator, cell.denominator), (Some(Exact::ZERO), Some(Exact::integer(1))));
    });
}

#[test]
fn a_wrong_question_is_a_sentence_with_the_nearest_name() {
    runtime().block_on(async {
        let folder = tempfile::tempdir().unwrap();
        let engine = engine(lake_of(folder.path(), &[vec![Call::at("a", "2026-03-02T09:00:00Z")]]).await);
        let said = |question: MetricQuery| {
            let engine = engine.clone();
            async move { engine.query(&question).await.unwrap_err().to_string() }
        };
        assert_eq!(
            said(ask("convertion_rate", &[])).await,
            "There is no metric `convertion_rate`. Did you mean `conversion_rate`?"
        );
        assert_eq!(
            said(ask("dials", &["campain_id"])).await,
            "The records of `calls` cannot be broken out by `campain_id`. Did you mean `campaign_id`?"
        );
        let mut question = ask("dials", &[]);
        question.filter = Some(parse("talk_ms = 'x'").unwrap());
        assert!(said(question).await.contains("`talk_ms` is a duration, but `'x'` is a text"));
    });
}

fn some_call() -> impl Strategy<Value = Call> {
    let codes = prop::sample::select(vec![
        Some("sale"),
        Some("no_answer"),
        Some("machine"),
        Some("not_a_call"),
        Some("unknown code"),
        None,
    ]);
    let names = prop::sample::select(vec![Some("ann"), Some("bob"), None]);
    let campaigns = prop::sample::select(vec![Some("north"), Some("south"), None]);
    let start = 1_774_000_000_000_000_i64; // March 2026
    (0..40_i64 * 86_400, codes, names, campaigns, prop::option::of(0..100_000_i64), 0..1_000_000_u32)
        .prop_map(move |(second, disposition, agent, campaign, talk_ms, id)| Call {
            id: id.to_string(),
            at_us: start + second * 1_000_000,
            direction: "outbound",
            disposition,
            campaign,
            agent,
            customer: None,
            talk_ms,
            queue_ms: None,
        })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 12, ..ProptestConfig::default() })]

    #[test]
    fn parts_add_up_to_the_whole_over_any_dimension(
        calls in prop::collection::vec(some_call(), 1..60),
        dimension in prop::sample::select(vec!["campaign_id", "agent_id", "disposition", "outcome", "day", "hour", "weekday", "month", "is_contact"]),
    ) {
        let mut seen = std::collections::BTreeSet::new();
        let calls: Vec<Call> = calls.into_iter().filter(|c| seen.insert(c.id.clone())).collect();
        let metrics = "dials,sales,aht/talk,conversion_rate";
        let (whole, parts) = runtime().block_on(async {
            let folder = tempfile::tempdir().unwrap();
            let engine = engine(lake_of(folder.path(), std::slice::from_ref(&calls)).await);
            (engine.query(&ask(metrics, &[])).await.unwrap(), engine.query(&ask(metrics, &[dimension])).await.unwrap())
        });
        for i in 0..4 {
            let sum = |part: fn(&dialmark_metrics::Cell) -> Option<Exact>| {
                parts.rows.iter().filter_map(|r| part(&r.cells[i])).fold(Exact::ZERO, |a, b| a.checked_add(b).unwrap())
            };
            prop_assert_eq!(Some(sum(|c| c.numerator)), whole.rows[0].cells[i].numerator.or(Some(Exact::ZERO)));
            if whole.metrics[i].kind == "ratio" {
                prop_assert_eq!(Some(sum(|c| c.denominator)), whole.rows[0].cells[i].denominator.or(Some(Exact::ZERO)));
            }
            let n: u64 = parts.rows.iter().map(|r| r.cells[i].n).sum();
            prop_assert_eq!(n, whole.rows[0].cells[i].n);
        }
        // And an oracle that is no engine: counting in plain Rust.
        let dials = calls.iter().filter(|c| c.disposition != Some("not_a_call")).count();
        prop_assert_eq!(whole.rows[0].cells[0].numerator, Some(Exact::integer(dials as i128)));
    }

    #[test]
    fn order_and_splitting_of_the_files_change_no_digit(
        calls in prop::collection::vec(some_call(), 1..40),
        order in any::<u64>(),
        cut in 0..40_usize,
    ) {
        let mut seen = std::collections::BTreeSet::new();
        let calls: Vec<Call> = calls.into_iter().filter(|c| seen.insert(c.id.clone())).collect();
        let mut shuffled = calls.clone();
        shuffled.sort_by_key(|c| (c.id.parse::<u64>().unwrap().wrapping_mul(order | 1), c.at_us));
        let tail = shuffled.split_off(cut.min(shuffled.len()));
        let question = ask("dials,aht/talk,conversion_rate,sales", &["campaign_id", "day"]);
        let (one, other) = runtime().block_on(async {
            (answer(&[calls], &question).await, answer(&[shuffled.clone(), tail, shuffled], &question).await)
        });
        prop_assert_eq!(one.rows, other.rows);
    }
}

#[test]
fn a_condition_on_hour_or_weekday_takes_the_records_of_that_row() {
    runtime().block_on(async {
        // A week of calls every three hours over a change of the clocks: hours are those on London's walls.
        let from: jiff::Timestamp = "2026-03-26T00:30:00Z".parse().unwrap();
        let calls: Vec<Call> = (0..56_i64)
            .map(|i| {
                let at = from.checked_add(jiff::SignedDuration::from_hours(3 * i)).unwrap();
                Call::at(i.to_string(), &at.to_string())
            })
            .collect();
        for by in ["hour", "weekday"] {
            let whole = answer(std::slice::from_ref(&calls), &ask("dials", &[by])).await;
            assert!(whole.rows.len() > 6, "{whole:?}");
            for row in whole.rows {
                let mut question = ask("dials", &[]);
                question.filter = Some(match &row.keys[0] {
                    Key::Integer(hour) => parse(&format!("hour = {hour}")).unwrap(),
                    day => parse(&format!("weekday = '{day}'")).unwrap(),
                });
                let narrowed = answer(std::slice::from_ref(&calls), &question).await;
                assert_eq!(narrowed.rows[0].cells, row.cells, "{:?}", row.keys);
            }
        }
    });
}

#[test]
fn keys_of_weekdays_are_words_from_monday() {
    assert_eq!(Key::Weekday(0).to_string(), "monday");
    assert_eq!(Key::Weekday(6).to_string(), "sunday");
}
