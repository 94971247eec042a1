//! Time: lengths that cross intervals, business days, windows, definitions and memberships that change on a day.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test that cannot go on says where"
)]

mod support;

use std::sync::Arc;

use dialmark_engine::Engine;
use dialmark_lake::Lake;
use dialmark_metrics::catalogue::Filled;
use dialmark_metrics::{Catalogue, Exact, Key, MetricQuery, MetricRef, Reason};
use dialmark_model::civil::{Calendar, DayStart, Grain, Period};
use dialmark_model::declared::Problems;
use jiff::Timestamp;
use proptest::prelude::*;
use support::facts::{Record, Value, at, day, deliver, text};
use support::plain_map;

fn london() -> Calendar {
    Calendar::plain(dialmark_model::civil::zone("Europe/London").unwrap())
}

fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap()
}

/// An engine over records of several tables, with more definitions than the built-in ones.
async fn engine(folder: &std::path::Path, tables: &[(&str, Vec<Record>)], more: &str) -> Engine {
    let problems = Problems::new();
    let files = [("metrics/own.toml".to_owned(), more.to_owned())];
    let catalogue = Catalogue::read(&files, &[], &problems);
    let found: Vec<String> = problems.into_vec().iter().map(ToString::to_string).collect();
    assert!(found.is_empty(), "{}", found.join("\n"));
    let lake = Lake::open(folder).await.unwrap();
    for (table, records) in tables {
        deliver(&lake, table, records).await;
    }
    Engine::new(lake, Arc::new(catalogue), Arc::new(plain_map()), Filled::default()).in_calendar(london())
}

fn ask(metric: &str, grain: Option<Grain>) -> MetricQuery {
    MetricQuery { metrics: vec![MetricRef::parse(metric).unwrap()], grain, ..MetricQuery::default() }
}

async fn values(engine: &Engine, question: &MetricQuery) -> Vec<(String, String)> {
    let answer = engine.query(question).await.unwrap();
    answer
        .rows
        .iter()
        .map(|row| {
            let key = row.keys.iter().map(Key::to_string).collect::<Vec<_>>().join(" ");
            let value = match &row.cells[0].value {
                Ok(value) => value.to_string(),
                Err(reason) => reason.word().to_owned(),
            };
            (key, value)
        })
        .collect()
}

const LOGGED: &str =
    "[metric.logged_test]\nabout = \"T.\"\nkind = \"simple\"\nunit = \"duration\"\nmeasure = \"logged_ms\"\n";

fn span(start_us: i64, duration_ms: i64, agent: &str) -> Record {
    vec![
        ("agent_id", text(agent)),
        ("state", text("wait")),
        ("started_at", Value::At(start_us)),
        ("duration_ms", Value::Whole(duration_ms)),
    ]
}

async fn total(engine: &Engine, question: &MetricQuery) -> i128 {
    let answer = engine.query(question).await.unwrap();
    let sums = answer.rows.iter().filter_map(|r| r.cells[0].numerator);
    sums.fold(Exact::ZERO, |a, b| a.checked_add(b).unwrap()).as_integer().unwrap()
}

/// Milliseconds under any of some lengths, which begin in microseconds; both ends of an island floored.
fn covered_ms(spans: impl Iterator<Item = (i64, i64)>) -> i128 {
    let mut spans: Vec<(i64, i64)> = spans.map(|(us, ms)| (us, us + ms * 1_000)).collect();
    spans.sort_unstable();
    let (mut sum, mut last) = (0, i64::MIN);
    for (start, end) in spans {
        let start = start.max(last);
        if start < end {
            sum += i128::from(end.div_euclid(1_000) - start.div_euclid(1_000));
            last = end;
        }
    }
    sum
}

#[test]
fn at_each_moment_an_agent_is_in_the_state_that_began_last() {
    runtime().block_on(async {
        let state = |agent: &str, word: &str, from: &str, ms: i64| -> Record {
            vec![
                ("agent_id", text(agent)),
                ("state", text(word)),
                ("started_at", at(from)),
                ("duration_ms", Value::Whole(ms)),
            ]
        };
        let minute = 60_000;
        let records = vec![
            state("dd", "wait", "2026-11-02T09:00:00Z", 60 * minute),
            state("dd", "talk", "2026-11-02T09:30:00Z", 15 * minute),
            state("dd", "pause", "2026-11-02T10:00:00Z", 60 * minute),
            state("dd", "wait", "2026-11-02T10:30:00Z", 60 * minute),
            state("dd", "wait", "2026-11-02T23:30:00Z", 60 * minute),
            // Somebody else at the same time is somebody else.
            state("ee", "talk", "2026-11-02T09:30:00Z", 15 * minute),
        ];
        let folder = tempfile::tempdir().unwrap();
        let engine = engine(folder.path(), &[("agent_spans", records)], LOGGED).await;
        let by = |dimension: &str| MetricQuery {
            by: vec![dimension.to_owned()],
            filter: Some(dialmark_metrics::expr::parse("agent_id = 'dd'").unwrap()),
            ..ask("logged_test", None)
        };
        let found = values(&engine, &by("state")).await;
        let wanted = [("pause", 30 * minute), ("talk", 15 * minute), ("wait", 165 * minute)];
        assert_eq!(found, wanted.map(|(word, ms)| (word.to_owned(), ms.to_string())));
        let day = |text: &str| Some(text.parse::<Timestamp>().unwrap());
        let period = Period { from: day("2026-11-02T00:00:00Z"), to: day("2026-11-03T00:00:00Z") };
        assert_eq!(total(&engine, &MetricQuery { period, ..by("state") }).await, i128::from(180 * minute));
        let period = Period { from: day("2026-11-02T10:15:00Z"), to: day("2026-11-02T10:45:00Z") };
        assert_eq!(total(&engine, &MetricQuery { period, ..by("state") }).await, i128::from(30 * minute));
        // A record is one, however often others interrupt it, and one in each interval that it reaches into.
        let counted = |grain| {
            let question = MetricQuery { by: Vec::new(), ..MetricQuery { grain, ..by("state") } };
            let engine = &engine;
            async move {
                let rows = engine.query(&question).await.unwrap().rows;
                rows.iter().map(|row| row.cells[0].n).collect::<Vec<_>>()
            }
        };
        assert_eq!(counted(None).await, [5]);
        assert_eq!(counted(Some(Grain::Hour)).await, [2, 2, 1, 1, 1]);
        let answer = engine.query(&MetricQuery { period, ..by("state") }).await.unwrap();
        let said = "In this time 1 state of 1 agent lay under later ones of the same agent for 0:15:00 h";
        assert!(answer.notes.iter().any(|note| note.starts_with(said)), "{:?}", answer.notes);
    });
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 10, ..ProptestConfig::default() })]

    #[test]
    fn split_lengths_add_up_to_the_whole_at_every_grain(
        // Around the night on which London's clocks go back, with microseconds that are no whole milliseconds.
        spans in prop::collection::vec((0..3_i64 * 86_400_000_000, 0..40_000_000_i64), 1..40),
        cut in 0..3_i64 * 24,
    ) {
        runtime().block_on(async {
            let from: Timestamp = "2026-10-23T22:00:00Z".parse().unwrap();
            let records: Vec<Record> =
                spans.iter().map(|(us, ms)| span(from.as_microsecond() + us, *ms, "ann")).collect();
            let folder = tempfile::tempdir().unwrap();
            let engine = engine(folder.path(), &[("agent_spans", records)], LOGGED).await;
            let wanted = covered_ms(spans.iter().map(|(us, ms)| (from.as_microsecond() + us, *ms)));
            assert_eq!(total(&engine, &ask("logged_test", None)).await, wanted);
            let grains = [Grain::Quarter15, Grain::Half30, Grain::Hour, Grain::Day, Grain::Week, Grain::Month];
            let mut by_hour_of = Vec::new();
            for grain in grains {
                let question = ask("logged_test", Some(grain));
                assert_eq!(total(&engine, &question).await, wanted, "{grain:?}");
                if grain == Grain::Quarter15 {
                    for row in engine.query(&question).await.unwrap().rows {
                        let Key::At(at) = &row.keys[0] else { panic!("{row:?}") };
                        by_hour_of.push((*at, row.cells[0].numerator.unwrap().as_integer().unwrap()));
                    }
                }
            }
            // Quarters of an hour bin into the hours that the engine itself gives.
            for row in engine.query(&ask("logged_test", Some(Grain::Hour))).await.unwrap().rows {
                let Key::At(start) = &row.keys[0] else { panic!("{row:?}") };
                let end = start.checked_add(jiff::SignedDuration::from_hours(1)).unwrap();
                let parts: i128 = by_hour_of.iter().filter(|(at, _)| at >= start && *at < end).map(|(_, ms)| ms).sum();
                assert_eq!(row.cells[0].numerator, Some(Exact::integer(parts)), "{start}");
            }
            // Two periods that meet hold what one holds.
            let middle = from.checked_add(jiff::SignedDuration::from_hours(cut)).unwrap();
            let mut parts = 0;
            for period in [Period { from: None, to: Some(middle) }, Period { from: Some(middle), to: None }] {
                for grain in [None, Some(Grain::Hour)] {
                    let question = MetricQuery { period, ..ask("logged_test", grain) };
                    parts += total(&engine, &question).await;
                }
            }
            assert_eq!(parts, 2 * wanted);
            // And by an hour of the wall, which no grain asks for.
            let question = MetricQuery { by: vec!["hour".to_owned()], ..ask("logged_test", None) };
            assert_eq!(total(&engine, &question).await, wanted);
        });
    }

    #[test]
    fn a_rolling_window_is_the_sum_of_its_days(
        days in prop::collection::vec((0..60_i64, prop::bool::ANY), 30..120),
        window in 1..9_i64,
    ) {
        runtime().block_on(async {
            let from: Timestamp = "2026-03-10T12:00:00Z".parse().unwrap();
            let calls: Vec<Record> = days
                .iter()
                .map(|(n, sold)| {
                    let at = from.checked_add(jiff::SignedDuration::from_hours(24 * n)).unwrap();
                    let code = if *sold { "sale" } else { "no_answer" };
                    vec![
                        ("direction", text("outbound")),
                        ("disposition", text(code)),
                        ("started_at", Value::At(at.as_microsecond())),
                    ]
                })
                .collect();
            let more = format!("[metric.rolled]\nabout = \"R.\"\nkind = \"cumulative\"\nof = \"conversion_rate/sales_per_dial\"\nrolling = \"{window} days\"\n");
            let folder = tempfile::tempdir().unwrap();
            let engine = engine(folder.path(), &[("calls", calls)], &more).await;
            let first = days.iter().map(|(n, _)| *n).min().unwrap();
            let answer = engine.query(&ask("rolled", Some(Grain::Day))).await.unwrap();
            for row in &answer.rows {
                let Key::Day(day) = &row.keys[0] else { panic!("{row:?}") };
                let n = i64::from(jiff::civil::date(2026, 3, 10).until(*day).unwrap().get_days());
                let within = days.iter().filter(|(d, _)| *d <= n && *d > n - window);
                let (sold, all) = within.fold((0, 0), |(s, a), (_, sold)| (s + i128::from(*sold), a + 1));
                let cell = &row.cells[0];
                if n - window + 1 < first {
                    assert_eq!(cell.value, Err(Reason::WindowExceedsData), "{day}");
                } else {
                    assert_eq!(
                        (cell.numerator, cell.denominator),
                        (Some(Exact::integer(sold)), Some(Exact::integer(all))),
                        "{day}"
                    );
                }
            }
        });
    }
}

fn call(started_at: &str, code: &str, agent: &str) -> Record {
    vec![
        ("direction", text("outbound")),
        ("disposition", text(code)),
        ("agent_id", text(agent)),
        ("started_at", at(started_at)),
    ]
}

#[test]
fn one_call_has_four_places_in_time() {
    runtime().block_on(async {
        let mut one = call("2026-03-02T05:23:00Z", "sale", "ann");
        one.extend([("connected_at", at("2026-03-02T05:24:00Z")), ("ended_at", at("2026-03-02T06:15:00Z"))]);
        let folder = tempfile::tempdir().unwrap();
        let engine = engine(folder.path(), &[("calls", vec![one])], "").await;
        for (metric, wanted) in [
            ("sales", "2026-03-02T05:00:00Z"),
            ("sales@connect", "2026-03-02T05:00:00Z"),
            ("sales@end", "2026-03-02T06:00:00Z"),
        ] {
            let found = values(&engine, &ask(metric, Some(Grain::Hour))).await;
            assert_eq!(found, [(wanted.to_owned(), "1".to_owned())], "{metric}");
        }
        // A call that was never wrapped up does not count where wrapping up ends.
        let said = values(&engine, &ask("sales@wrap_end", None)).await;
        assert_eq!(said, [(String::new(), "no_data".to_owned())]);
    });
}

#[test]
fn a_shift_over_midnight_belongs_to_its_evening() {
    runtime().block_on(async {
        let calls = vec![
            call("2026-03-02T22:00:00Z", "sale", "ann"),
            call("2026-03-03T03:59:59Z", "sale", "ann"),
            call("2026-03-03T04:00:00Z", "sale", "ann"),
        ];
        let folder = tempfile::tempdir().unwrap();
        let engine = engine(folder.path(), &[("calls", calls)], "").await;
        let late = Calendar { day_starts: DayStart::at(4, 0).unwrap(), ..london() };
        let engine = engine.in_calendar(late.clone());
        let wanted = |pairs: &[(&str, &str)]| -> Vec<(String, String)> {
            pairs.iter().map(|(a, b)| ((*a).to_owned(), (*b).to_owned())).collect()
        };
        let found = values(&engine, &ask("sales", Some(Grain::Day))).await;
        assert_eq!(found, wanted(&[("2026-03-02", "2"), ("2026-03-03", "1")]));
        let first = jiff::civil::date(2026, 3, 2);
        let period = late.period(Some(first), Some(first.tomorrow().unwrap()));
        let question = MetricQuery { period, by: vec!["weekday".to_owned()], ..ask("sales", None) };
        assert_eq!(values(&engine, &question).await, wanted(&[("monday", "2")]));
    });
}

#[test]
fn an_old_month_keeps_its_own_rule() {
    runtime().block_on(async {
        let more = "[metric.chosen]\nabout = \"C.\"\nkind = \"ratio\"\ndefault = [ { variant = \"all\", until = 2026-03-03 }, { variant = \"met\", from = 2026-03-03 } ]\n\
                    [metric.chosen.variant.all]\nsays = \"A.\"\nnumerator = \"sales\"\ndenominator = \"dials\"\n\
                    [metric.chosen.variant.met]\nsays = \"M.\"\nnumerator = \"sales\"\ndenominator = \"contacts\"\n\
                    [metric.doubled]\nabout = \"D.\"\nkind = \"derived\"\nformula = \"chosen * 2\"\n";
        let mut calls = Vec::new();
        for day in ["02", "03"] {
            for code in ["sale", "not_interested", "no_answer", "machine"] {
                calls.push(call(&format!("2026-03-{day}T10:00:00Z"), code, "ann"));
            }
        }
        let folder = tempfile::tempdir().unwrap();
        let engine = engine(folder.path(), &[("calls", calls)], more).await;
        let found = values(&engine, &ask("chosen", Some(Grain::Day))).await;
        let wanted = [("2026-03-02", "0.25"), ("2026-03-03", "0.5")].map(|(a, b)| (a.to_owned(), b.to_owned()));
        assert_eq!(found, wanted);
        // Over both days each record counts by the rule of its day: 2 sales over 4 dials and 2 conversations.
        assert_eq!(values(&engine, &ask("chosen", None)).await[0].1, "1/3");
        assert_eq!(values(&engine, &ask("chosen/met", None)).await[0].1, "0.5");
        // What is made of it keeps the rule of each day as well.
        let doubled = values(&engine, &ask("doubled", Some(Grain::Day))).await;
        assert_eq!(doubled, [("2026-03-02", "0.5"), ("2026-03-03", "1")].map(|(a, b)| (a.to_owned(), b.to_owned())));
    });
}

#[test]
fn a_look_up_multiplies_nothing_and_follows_the_day() {
    runtime().block_on(async {
        let calls: Vec<Record> = (1..=4)
            .map(|n| call(&format!("2026-03-0{n}T10:00:00Z"), "sale", if n == 4 { "bob" } else { "ann" }))
            .collect();
        let stretch = |agent: &str, team: &str, from: &str, until: Option<&str>| -> Record {
            let mut record = vec![("agent_id", text(agent)), ("team_id", text(team)), ("from_on", day(from))];
            record.extend(until.map(|until| ("until_on", day(until))));
            record
        };
        let roster = vec![
            stretch("ann", "red", "2026-01-01", Some("2026-03-01")),
            stretch("ann", "blue", "2026-03-02", None),
        ];
        let folder = tempfile::tempdir().unwrap();
        let engine =
            engine(folder.path(), &[("calls", calls.clone()), ("team_memberships", roster.clone())], "")
                .await;
        let question = MetricQuery { by: vec!["team".to_owned()], ..ask("sales", None) };
        let found = values(&engine, &question).await;
        let wanted = [("", "1"), ("blue", "2"), ("red", "1")].map(|(a, b)| (a.to_owned(), b.to_owned()));
        assert_eq!(found, wanted);
        let mut two = roster;
        two.push(stretch("ann", "green", "2026-02-20", Some("2026-03-01")));
        let other = tempfile::tempdir().unwrap();
        let twice = self::engine(other.path(), &[("calls", calls), ("team_memberships", two)], "").await;
        let said = twice.query(&question).await.unwrap_err().to_string();
        assert!(
            said.contains("ambiguous") && said.contains("`ann`") && said.contains("2026-02-20"),
            "{said}"
        );
    });
}

#[test]
fn waiting_time_is_shared_out_over_the_work_of_the_day() {
    runtime().block_on(async {
        let more = "[measure.shared_ms]\nunit = \"ms\"\nabout = \"S.\"\n[measure.shared_ms.on.agent_spans]\nread = \"sum(duration_ms)\"\nsplit = \"started_at\"\n\
                    share = { column = \"campaign_id\", per = [\"agent_id\", \"day\"], by = \"sum(duration_ms) where state = 'talk'\" }\n\
                    [metric.shared]\nabout = \"S.\"\nkind = \"simple\"\nunit = \"duration\"\nmeasure = \"shared_ms\"\n";
        let span = |agent: &str, state: &str, campaign: Option<&str>, from: &str, ms: i64| -> Record {
            let mut record = vec![
                ("agent_id", text(agent)),
                ("state", text(state)),
                ("started_at", at(from)),
                ("duration_ms", Value::Whole(ms)),
            ];
            record.extend(campaign.map(|c| ("campaign_id", text(c))));
            record
        };
        let spans = vec![
            span("ann", "talk", Some("north"), "2026-03-02T10:00:00Z", 60_000),
            span("ann", "talk", Some("south"), "2026-03-02T10:01:00Z", 30_000),
            span("ann", "wait", None, "2026-03-02T10:01:30Z", 100_000),
            // Waiting into a day on which nothing was done stays unshared for that part.
            span("ann", "wait", None, "2026-03-02T23:59:00Z", 90_000),
            span("bob", "wait", None, "2026-03-02T10:00:00Z", 5_000),
        ];
        let folder = tempfile::tempdir().unwrap();
        let engine = engine(folder.path(), &[("agent_spans", spans)], more).await;
        let question = MetricQuery { by: vec!["campaign_id".to_owned()], ..ask("shared", None) };
        let found = values(&engine, &question).await;
        // Of 100 s and of the minute before midnight two thirds are north's; what rounding leaves is north's as well.
        let wanted = [("", "35000"), ("north", "166667"), ("south", "83333")];
        assert_eq!(found, wanted.map(|(a, b)| (a.to_owned(), b.to_owned())));
        assert_eq!(total(&engine, &ask("shared", None)).await, 285_000);
        // A campaign asked for alone gets the same, and so do the hours that make the day.
        let filter = Some(dialmark_metrics::expr::parse("campaign_id = 'north'").unwrap());
        let alone = MetricQuery { filter, ..ask("shared", None) };
        assert_eq!(total(&engine, &alone).await, 166_667);
        let mut hours = 0;
        for hour in 0..26 {
            let start: Timestamp = "2026-03-02T00:00:00Z".parse().unwrap();
            let from = start.checked_add(jiff::SignedDuration::from_hours(hour)).unwrap();
            let to = from.checked_add(jiff::SignedDuration::from_hours(1)).unwrap();
            let period = Period { from: Some(from), to: Some(to) };
            hours += total(&engine, &MetricQuery { period, ..alone.clone() }).await;
        }
        assert_eq!(hours, 166_667);
    });
}

const EMPLOYED: &str =
    "[metric.employed_test]\nabout = \"T.\"\nkind = \"simple\"\nmeasure = \"employed_days\"\n";

#[test]
fn what_is_agreed_for_later_does_not_move_the_end_of_the_data() {
    let agent = |name: &str, from: &str| vec![("agent_id", text(name)), ("hired_on", day(from))];
    let call = || vec![("direction", text("outbound")), ("started_at", at("2026-01-10T10:00:00Z"))];
    let absence = || vec![("agent_id", text("ann")), ("starts_at", at("2026-02-20T09:00:00Z"))];
    runtime().block_on(async {
        let folder = tempfile::tempdir().unwrap();
        let people = vec![agent("ann", "2026-01-01"), agent("bob", "2026-01-01"), agent("cid", "2026-03-01")];
        let tables = [("calls", vec![call()]), ("absences", vec![absence()]), ("agents", people)];
        let engine = engine(folder.path(), &tables, EMPLOYED).await;
        // Two people from the first to the tenth.
        assert_eq!(total(&engine, &ask("employed_test", None)).await, 20);
    });
}

const ADHERENCE: &str = "[metric.planned_test]\nabout = \"T.\"\nkind = \"simple\"\nunit = \"duration\"\nmeasure = \"judged_planned_ms\"\n[metric.adherent_test]\nabout = \"T.\"\nkind = \"simple\"\nunit = \"duration\"\nmeasure = \"adherent_ms\"\n";

#[test]
fn a_plan_is_judged_up_to_the_end_of_the_last_state_and_no_further() {
    let plan = |agent: &str, from: &str, to: &str| {
        vec![
            ("agent_id", text(agent)),
            ("activity", text("work")),
            ("starts_at", at(from)),
            ("ends_at", at(to)),
        ]
    };
    let nine = "2026-01-05T09:00:00Z".parse::<Timestamp>().unwrap().as_microsecond();
    let hour_ms = 3_600_000;
    runtime().block_on(async {
        let folder = tempfile::tempdir().unwrap();
        let plans = vec![
            plan("ann", "2026-01-05T09:00:00Z", "2026-01-05T17:00:00Z"),
            plan("bob", "2026-01-05T09:00:00Z", "2026-01-05T17:00:00Z"),
            // Nobody ever recorded what cid does: that is no absence.
            plan("cid", "2026-01-05T09:00:00Z", "2026-01-05T17:00:00Z"),
        ];
        let mut pause = span(nine + 2 * 3_600_000_000, hour_ms, "bob");
        pause[1].1 = text("pause");
        let states = vec![span(nine, hour_ms, "ann"), span(nine + 30 * 60_000_000, hour_ms, "ann"), pause];
        let engine = engine(folder.path(), &[("schedules", plans), ("agent_spans", states)], ADHERENCE).await;
        // The last state ends at noon, though it is no work: three hours of two agents are judged.
        assert_eq!(total(&engine, &ask("planned_test", None)).await, i128::from(6 * hour_ms));
        // Ann worked from nine to half past ten, half an hour of it told twice.
        assert_eq!(total(&engine, &ask("adherent_test", None)).await, i128::from(hour_ms * 3 / 2));
        let by_hour = ask("planned_test", Some(Grain::Hour));
        assert_eq!(total(&engine, &by_hour).await, i128::from(6 * hour_ms));
    });
}

const CURED: &str = "[metric.followed_test]\nabout = \"T.\"\nkind = \"simple\"\nmeasure = \"followed_statements\"\n[measure.followed_statements]\nunit = \"accounts\"\nabout = \"T.\"\n[measure.followed_statements.on.accounts]\nread = \"count\"\nmatured = \"30 days\"\n";

#[test]
fn statements_go_on_though_placements_do_not() {
    let statement = |account: &str, on: &str| {
        vec![("account_id", text(account)), ("stated_on", day(on)), ("placed_at", at("2025-11-03T09:00:00Z"))]
    };
    runtime().block_on(async {
        let folder = tempfile::tempdir().unwrap();
        let statements =
            vec![statement("a1", "2026-01-31"), statement("a1", "2026-02-28"), statement("a1", "2026-03-31")];
        let engine = engine(folder.path(), &[("accounts", statements)], CURED).await;
        // Thirty days have passed after the end of January and of February, and not after the end of March.
        assert_eq!(total(&engine, &ask("followed_test", None)).await, 2);
    });
}
