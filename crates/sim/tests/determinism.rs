//! The same plan makes the same bytes, another seed does not, and size does not change the story.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test that cannot go on says where"
)]

mod common;

use std::convert::Infallible;

use common::Kept;
use dialmark_sim::{Plan, Sink, Story, Stream, live, live_after, run, truth};
use jiff::civil::{Date, date};

/// Hashes the bytes of all files (FNV, 64 bits).
struct Digest {
    state: u64,
    line: Vec<u8>,
}

impl Sink for Digest {
    type Error = Infallible;

    fn row(&mut self, stream: Stream, day: Date, fields: &[&str]) -> Result<(), Infallible> {
        self.line.clear();
        self.line.extend_from_slice(stream.file(day, true).as_bytes());
        stream.write_row(fields, &mut self.line);
        for byte in &self.line {
            self.state = (self.state ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3);
        }
        Ok(())
    }
}

/// Takes rows and forgets them.
struct Nowhere;

impl Sink for Nowhere {
    type Error = Infallible;

    fn row(&mut self, _: Stream, _: Date, _: &[&str]) -> Result<(), Infallible> {
        Ok(())
    }
}

fn digest(plan: &Plan) -> u64 {
    let mut digest = Digest { state: 0xcbf2_9ce4_8422_2325, line: Vec::new() };
    let Ok(_) = run(plan, &mut digest);
    digest.state
}

fn small() -> Plan {
    Plan { days: 12, calls_per_day: 700, ..Plan::default() }
}

#[test]
fn the_same_plan_makes_the_same_bytes_and_another_seed_others() {
    assert_eq!(digest(&small()), digest(&small()));
    assert_ne!(digest(&small()), digest(&Plan { seed: 8, ..small() }));
}

#[test]
fn the_bytes_are_those_of_every_other_machine() {
    assert_eq!(digest(&small()), 5_409_551_373_329_370_119);
}

#[test]
fn size_does_not_change_the_story() {
    // At a thousandth of the natural size a single sale moves every rate, so the bounds widen with the counts.
    for (calls_per_day, days) in [(10, 400), (300, 90), (4_000, 30), (50_000, 7)] {
        let plan = Plan { calls_per_day, days, ..Plan::default() };
        let Ok(tallies) = run(&plan, &mut Nowhere);
        let total = tallies.calls_where(|_, _, _| true);
        let asked = u64::from(calls_per_day) * u64::from(days);
        let off = total.dials.abs_diff(asked) * 100 / asked;
        assert!(off <= 12, "{calls_per_day} a day: {} of {asked}", total.dials);
        let truth = truth(&plan, &tallies);
        let after = &truth["causes"]["list_not_team"]["after"];
        let near = |node: &serde_json::Value, wanted: f64| {
            let (part, whole) = (node["numerator"].as_f64().unwrap(), node["denominator"].as_f64().unwrap());
            // Five standard deviations and a little for rounding at tiny sizes.
            let within = 5.0 * (wanted * (1.0 - wanted) / whole).sqrt() + 0.002;
            assert!(
                (part / whole - wanted).abs() < within,
                "{calls_per_day} a day: {part}/{whole}, not {wanted}"
            );
        };
        near(&after["sales_per_dial"], 0.0173);
        near(&after["by_source"][2]["share_of_dials"], 0.62);
        near(&after["by_source"][2]["invalid_per_dial"], 0.19);
        if days >= 30 {
            near(&truth["causes"]["outage_and_abandonment"]["thirty_days"]["drops_per_live_answer"], 0.027);
        }
    }
}

#[test]
fn any_last_day_and_any_length_work() {
    for (end, days) in [
        (date(2026, 11, 15), 3),
        (date(2026, 11, 16), 1),
        (date(2026, 11, 22), 1),
        (date(2027, 3, 30), 40),
        (date(2026, 11, 19), 0),
    ] {
        for calls_per_day in [0, 1, 200] {
            let plan = Plan { end, days, calls_per_day, ..small() };
            let (kept, tallies) = Kept::of(&plan);
            let _ = truth(&plan, &tallies);
            for (_, day, _) in &kept.rows {
                assert!(plan.first_day() <= *day && *day <= plan.end, "{day} for {plan:?}");
            }
        }
    }
    assert!(Story::of(date(2026, 11, 16)).outage < date(2026, 11, 16));
}

#[test]
fn live_rows_are_those_of_the_run_in_the_order_of_their_delivery() {
    let plan = Plan { days: 9, calls_per_day: 300, ..Plan::default() };
    let (kept, _) = Kept::of(&plan);
    let mut wanted: Vec<(Stream, Vec<String>)> = kept.rows.into_iter().map(|(s, _, f)| (s, f)).collect();
    let events: Vec<_> = live(&plan).collect();
    assert!(events.is_sorted_by_key(|event| event.at));
    assert!(events.iter().all(|event| event.at <= plan.now()));
    let mut found: Vec<(Stream, Vec<String>)> = events.into_iter().map(|e| (e.stream, e.fields)).collect();
    wanted.sort();
    found.sort();
    assert_eq!(wanted, found);
}

#[test]
fn what_follows_live_continues_the_day_without_a_call_twice() {
    let plan = Plan { days: 5, calls_per_day: 2_000, ..Plan::default() };
    let (kept, _) = Kept::of(&plan);
    let before: std::collections::BTreeSet<String> =
        kept.import(Stream::DiallerCalls).records.into_keys().collect();
    let now_ms = plan.now().as_millisecond();
    let mut new = std::collections::BTreeSet::new();
    let mut last = plan.now();
    for event in live_after(&plan) {
        assert!(event.at >= last, "out of order");
        last = event.at;
        if event.stream != Stream::DiallerCalls || event.fields.len() != 31 {
            continue;
        }
        let ended = if event.fields[20].is_empty() { &event.fields[19] } else { &event.fields[20] };
        if ended.contains('#') || common::digits(ended) <= now_ms {
            // Late or corrected: the call itself was there before.
            continue;
        }
        assert!(!before.contains(&event.fields[0]), "{:?} was there before", event.fields);
        assert!(event.fields[15].starts_with("2026-11-19"), "{:?}", event.fields);
        new.insert(event.fields[0].clone());
    }
    assert!(new.len() > 500, "{}", new.len());
}
