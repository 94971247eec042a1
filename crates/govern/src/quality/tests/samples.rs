//! Samples and what of them is done.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use dialmark_metrics::Catalogue;
use jiff::civil::{Date, date};
use proptest::prelude::*;

use crate::quality::{Candidate, Coverage, Every, Sampling, Size};
use crate::reading::testing;

const PLAN: &str = r#"
[sampling.sales]
label      = "Sales calls"
form       = "sales"
who        = { campaign = "north" }
share      = "3 %"
every      = "week"
least_talk = "30s"
by         = ["quality"]
selection  = "random"
seed       = "autumn 2026"
"#;

/// Reading the catalogue takes a while, and every case of a property needs it.
static CATALOGUE: LazyLock<Catalogue> = LazyLock::new(|| Catalogue::builtin().0);

static READ: LazyLock<Sampling> = LazyLock::new(|| read(PLAN).0.unwrap());

fn read(text: &str) -> (Option<Sampling>, Vec<String>) {
    testing::read(text, "sampling", |section, name| {
        Sampling::read(section, name, &CATALOGUE, &["sales", "service"])
    })
}

fn plan(size: Size, seed: &str) -> Sampling {
    Sampling { size, seed: seed.to_owned(), ..READ.clone() }
}

fn calls(agent: &str, numbers: impl IntoIterator<Item = u32>) -> Vec<Candidate> {
    let one =
        |n| Candidate { call_id: format!("{agent}-{n}"), agent_id: agent.to_owned(), talk_ms: Some(60_000) };
    numbers.into_iter().map(one).collect()
}

const MONDAY: Date = date(2026, 7, 6);

#[test]
fn a_plan_has_what_is_written() {
    let (plan, problems) = read(PLAN);
    assert_eq!(problems, Vec::<String>::new());
    let plan = plan.unwrap();
    assert_eq!((plan.least_talk_ms, plan.every, plan.form.as_str()), (30_000, Every::Week, "sales"));
    assert_eq!(plan.who.to_string(), "campaign_id = north");
    assert_eq!(
        plan.says(),
        "3 % of each agent's conversations a week, rounded up, of at least 30 s: those that come first by the SHA-256 \
         of the seed `autumn 2026`, the first day of the week and the call, as in `dialler/4711`."
    );
}

#[test]
fn every_problem_of_a_plan_is_said_at_once() {
    let text = r#"
[sampling.sales]
form = "sale"
who = { campain = "north" }
share = 3
per_agent = 2
least_talk = "30"
selection = "worst"
"#;
    let (plan, problems) = read(text);
    assert!(plan.is_none());
    assert_eq!(
        problems,
        [
            "error: a.toml:2: sampling.sales: `by` is missing. Add `by`: who evaluates, such as `[\"quality\"]`.",
            "error: a.toml:2: sampling.sales: `seed` is missing. Add `seed = \"...\"`: any text; it is hashed with every call, so nobody can choose.",
            "error: a.toml:3: sampling.sales.form: there is no form `sale`. Did you mean `sales`?",
            "error: a.toml:4: sampling.sales.who.campain: there is no dimension `campain`. Did you mean `campaign_id`?",
            "error: a.toml:5: sampling.sales.share: 3 of a share is 300 %. Write `\"3 %\"`, or `\"300 %\"` if that is meant.",
            "error: a.toml:5: sampling.sales.share: a plan has a share or a number an agent, not both. Remove one.",
            "error: a.toml:7: sampling.sales.least_talk: `30` has no unit. Write a whole number and a unit, such as `35 days`, `7d`, `12h`, `90 min` or `30s`.",
            "error: a.toml:8: sampling.sales.selection: `worst` is not known here. Known here: `random`.",
        ]
    );
}

#[test]
fn a_share_is_rounded_up_for_each_agent() {
    // 3 % of 40 is 1.2: two. 3 % of 1 is 0.03: one.
    let share = plan(Size::Share(dialmark_metrics::Ratio::parse("0.03").unwrap()), "s");
    let mut all = calls("ann", 0..40);
    all.extend(calls("ben", 0..1));
    let sample = share.draw(MONDAY, &all);
    assert_eq!((sample.agents["ann"].calls.len(), sample.agents["ann"].of), (2, 40));
    assert_eq!((sample.agents["ben"].calls.len(), sample.agents["ben"].of), (1, 1));
}

#[test]
fn short_conversations_and_those_of_unknown_length_are_left_out_and_counted() {
    let mut all = calls("ann", 0..3);
    all[0].talk_ms = Some(29_999);
    all[1].talk_ms = None;
    all[2].talk_ms = Some(30_000);
    let sample = plan(Size::PerAgent(5), "s").draw(MONDAY, &all);
    assert_eq!((sample.too_short, sample.talk_unknown), (1, 1));
    assert_eq!(sample.agents["ann"].calls, ["ann-2"]);
    assert_eq!(sample.agents["ann"].wanted, 5);
}

#[test]
fn a_choice_can_be_repeated_with_everyday_tools() {
    // for c in 0 1 2 3; do printf 'seed\n2026-07-06\nann-%s' $c | sha256sum; done | sort
    let sample = plan(Size::PerAgent(4), "seed").draw(MONDAY, &calls("ann", 0..4));
    assert_eq!(sample.agents["ann"].calls, ["ann-0", "ann-2", "ann-1", "ann-3"]);
}

#[test]
fn every_call_is_as_likely_as_any_other() {
    // 5 of 20 calls, 2,000 times: each 500 times on the average, with a deviation of sqrt(2000 x 0.25 x 0.75) = 19.4.
    let mut times = std::collections::BTreeMap::<String, u32>::new();
    let all = calls("ann", 0..20);
    for week in 0..2_000 {
        let sample = plan(Size::PerAgent(5), &format!("seed {week}")).draw(MONDAY, &all);
        sample.agents["ann"].calls.iter().for_each(|call| *times.entry(call.clone()).or_default() += 1);
    }
    assert_eq!(times.len(), 20);
    assert!(times.values().all(|n| (420..=580).contains(n)), "{times:?}");
}

#[test]
fn another_week_or_seed_is_another_choice() {
    let all = calls("ann", 0..200);
    let drawn =
        |seed: &str, day: Date| plan(Size::PerAgent(20), seed).draw(day, &all).agents["ann"].calls.clone();
    let first: BTreeSet<String> = drawn("a", MONDAY).into_iter().collect();
    for other in [drawn("a", date(2026, 7, 13)), drawn("b", MONDAY)] {
        assert!(other.iter().filter(|call| first.contains(*call)).count() < 10);
    }
}

#[test]
fn what_is_lacking_is_said() {
    let mut all = calls("ann", 0..9);
    all.extend(calls("ben", 0..2));
    let sample = plan(Size::PerAgent(3), "s").draw(MONDAY, &all);
    let chosen = sample.agents["ann"].calls.clone();
    let picked = (0..9).map(|n| format!("ann-{n}")).find(|call| !chosen.contains(call)).unwrap();
    let done = [
        ("ann", chosen[0].as_str()),
        ("ann", picked.as_str()),
        ("ben", "ben-0"),
        ("ben", "ben-1"),
        ("cai", "cai-7"),
    ];
    let coverage = Coverage::of(&sample, done);
    assert_eq!(
        coverage.says(),
        [
            format!("ann: 1 of 3 evaluations are done; lacking: {}, {}.", chosen[1], chosen[2]),
            "ben: there were 2 conversations to choose from, 1 fewer than the plan asks for.".to_owned(),
        ]
    );
    let total = &coverage.total;
    assert_eq!((total.wanted, total.planned, total.done, total.besides), (6, 5, 3, 2));
}

#[test]
fn weeks_begin_on_monday_and_months_on_the_first() {
    assert_eq!(Every::Week.first_day(date(2026, 7, 12)), MONDAY);
    assert_eq!(Every::Month.first_day(date(2026, 7, 12)), date(2026, 7, 1));
}

proptest! {
    #[test]
    fn a_sample_does_not_depend_on_order_or_repetition(mut numbers in proptest::collection::vec(0_u32..50, 1..60), by in 1_usize..7) {
        let sampling = plan(Size::PerAgent(4), "s");
        let first = sampling.draw(MONDAY, &calls("ann", numbers.clone()));
        let middle = by % numbers.len();
        numbers.rotate_left(middle);
        numbers.extend(numbers.clone());
        prop_assert_eq!(first, sampling.draw(MONDAY, &calls("ann", numbers)));
    }

    #[test]
    fn a_late_call_pushes_out_no_more_than_one(numbers in proptest::collection::btree_set(0_u32..500, 10..40)) {
        let sampling = plan(Size::PerAgent(5), "s");
        let before: BTreeSet<String> = sampling.draw(MONDAY, &calls("ann", numbers.clone())).agents["ann"].calls.iter().cloned().collect();
        let after = sampling.draw(MONDAY, &calls("ann", numbers.into_iter().chain([1_000])));
        prop_assert!(after.agents["ann"].calls.iter().filter(|call| !before.contains(*call)).count() <= 1);
    }
}
