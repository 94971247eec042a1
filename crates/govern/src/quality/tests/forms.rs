//! Forms and scores.

use std::collections::BTreeMap;

use dialmark_metrics::Ratio;
use proptest::prelude::*;

use crate::quality::{Answer, Form, Points};
use crate::reading::testing;

pub(super) const SALES: &str = r#"
[form.sales]
label         = "Sales call"
version       = "3"
from          = 2026-07-01
pass_mark     = 80
appeal_within = "5 days"
[[form.sales.criterion]]
name    = "greeting"
section = "greeting"
weight  = 10
[[form.sales.criterion]]
name    = "needs"
label   = "Asks for the need"
section = "active_listening"
weight  = 20
points  = 2
coach   = "asking before offering"
[[form.sales.criterion]]
name    = "price"
section = "accuracy"
weight  = 30
levels  = [0, 2, 3]
[[form.sales.criterion]]
name      = "consent"
section   = "compliance"
weight    = 25
auto_fail = true
[[form.sales.criterion]]
name            = "objection"
section         = "resolution"
weight          = 15
may_be_left_out = true
"#;

pub(super) fn form(text: &str) -> Form {
    let (form, problems) = testing::read(text, "form", Form::read);
    assert_eq!(problems, Vec::<String>::new());
    form.unwrap()
}

fn problems(text: &str) -> Vec<String> {
    let (form, problems) = testing::read(text, "form", Form::read);
    assert!(form.is_none());
    problems
}

fn ratio(text: &str) -> Ratio {
    Ratio::parse(text).unwrap()
}

pub(super) fn answers(given: &[(&str, Option<u32>)]) -> BTreeMap<String, Answer> {
    let one = |points: Option<u32>| points.map_or(Answer::LeftOut, Answer::Points);
    given.iter().map(|(name, points)| ((*name).to_owned(), one(*points))).collect()
}

#[test]
fn a_score_is_weighted_and_what_is_left_out_is_spread_over_the_rest() {
    // 10 of 10, half of 20, two thirds of 30, 25 of 25: 10 + 10 + 20 + 25 = 65 of 85, and 65 / 85 = 13 / 17.
    let form = form(SALES);
    let given = [
        ("greeting", Some(1)),
        ("needs", Some(1)),
        ("price", Some(2)),
        ("consent", Some(1)),
        ("objection", None),
    ];
    let scored = form.score(&answers(&given)).unwrap();
    assert_eq!(scored.points, Points { reached: ratio("65"), possible: ratio("85") });
    assert_eq!(scored.score, ratio("1300/17"));
    assert_eq!((scored.passed, scored.has_critical_error()), (Some(false), false));
    assert_eq!(scored.form, "sales/3");

    // With the objection met: 80 of 100, which is the pass mark.
    let mut met = answers(&given);
    met.insert("objection".to_owned(), Answer::Points(1));
    let scored = form.score(&met).unwrap();
    assert_eq!((scored.score, scored.passed), (ratio("80"), Some(true)));
}

#[test]
fn a_critical_error_leaves_nothing_but_its_points_are_known() {
    let given = [
        ("greeting", Some(1)),
        ("needs", Some(2)),
        ("price", Some(3)),
        ("consent", Some(0)),
        ("objection", Some(1)),
    ];
    let scored = form(SALES).score(&answers(&given)).unwrap();
    assert_eq!((scored.score, scored.passed), (Ratio::ZERO, Some(false)));
    assert_eq!(scored.critical_errors().collect::<Vec<_>>(), ["consent"]);
    assert_eq!(scored.points, Points { reached: ratio("75"), possible: ratio("100") });
    assert_eq!(scored.counted(), Points { reached: Ratio::ZERO, possible: ratio("100") });
}

#[test]
fn evaluations_are_added_up_before_they_are_divided() {
    // 65 of 85 and 80 of 100: 145 of 185, not the mean of 76.47 and 80.
    let all = [("65", "85"), ("80", "100")].map(|(a, b)| Points { reached: ratio(a), possible: ratio(b) });
    assert_eq!(Points::sum(all).unwrap().of_hundred(), Ok(ratio("14500/185")));
    assert!(Points::NONE.share().is_err());
}

#[test]
fn every_wrong_answer_is_said_at_once() {
    let given = [("greeting", Some(2)), ("need", Some(1)), ("price", Some(1)), ("consent", None)];
    assert_eq!(
        form(SALES).score(&answers(&given)).unwrap_err(),
        [
            "The form `sales/3` has no criterion `need`. Did you mean `needs`?",
            "`greeting` cannot have 2 points; it has 0, 1.",
            "`needs` has no answer. It may not be left out: give points.",
            "`price` cannot have 1 points; it has 0, 2, 3.",
            "`consent` may not be left out. Give points.",
            "`objection` has no answer. Give points, or leave it out expressly.",
        ]
    );
}

#[test]
fn an_evaluation_of_which_nothing_is_left_has_no_score() {
    let text = r#"
[form.a]
version = "1"
[[form.a.criterion]]
name = "x"
weight = 100
may_be_left_out = true
[[form.a.criterion]]
name = "y"
weight = 0
auto_fail = true
"#;
    let form = form(text);
    assert_eq!(
        form.score(&answers(&[("x", None), ("y", Some(1))])).unwrap_err(),
        ["Every criterion that has a weight was left out, so there is nothing to score."]
    );
    // A critical error is one all the same.
    assert_eq!(form.score(&answers(&[("x", None), ("y", Some(0))])).unwrap().score, Ratio::ZERO);
}

#[test]
fn a_form_has_what_is_written() {
    let form = form(SALES);
    assert_eq!(form.criteria.len(), 5);
    assert_eq!((form.appeal_days, form.pass_mark), (5, Some(ratio("80"))));
    let price = form.criterion("price").unwrap();
    assert_eq!(
        (price.levels.as_slice(), price.most(), price.label.as_str()),
        ([0, 2, 3].as_slice(), 3, "Price")
    );
    assert!(form.holds_on("2026-07-01".parse().unwrap()) && !form.holds_on("2026-06-30".parse().unwrap()));
}

#[test]
fn a_form_says_by_how_much_its_weights_are_off() {
    let text = SALES.replace("weight          = 15", "weight          = 12.5");
    assert_eq!(
        problems(&text),
        [
            "error: a.toml:8: form.sales.criterion: the weights add up to 97.5, 2.5 too little. Let them add up to exactly 100."
        ]
    );
    let text = SALES.replace("weight          = 15", "weight          = 15.01");
    assert_eq!(
        problems(&text),
        [
            "error: a.toml:8: form.sales.criterion: the weights add up to 100.01, 0.01 too much. Let them add up to exactly 100."
        ]
    );
}

#[test]
fn every_problem_of_a_form_is_said_at_once() {
    let text = r#"
[form.sales]
pass_mark = 101
from  = 2026-07-01
until = 2026-07-01
colour = "red"
[[form.sales.criterion]]
name = "greeting"
section = "greetings"
weight = 10
[[form.sales.criterion]]
name = "greeting"
weight = -1
levels = [1, 1]
[[form.sales.criterion]]
name = "consent"
weight = 0
points = 0
[[form.sales.criterion]]
name = "Law"
weight = 50
levels = [1, 2]
auto_fail = true
"#;
    assert_eq!(
        problems(text),
        [
            "error: a.toml:2: form.sales: `version` is missing. Add `version = \"...\"`: it is noted with every evaluation, such as `3`.",
            "error: a.toml:3: form.sales.pass_mark: 101 is not between 0 and 100. A form has 100 points; write the least score that passes, such as `80`.",
            "error: a.toml:5: form.sales.until: it holds on no day. Let `until` be later than `from`.",
            "error: a.toml:6: form.sales.colour: nothing is known by this key. Known here: `appeal_within`, `criterion`, `from`, `label`, `pass_mark`, `until`, `version`.",
            "error: a.toml:9: form.sales.criterion.section: `greetings` is not known here. Did you mean `greeting`?",
            "error: a.toml:12: form.sales.criterion.name: the criterion `greeting` is there twice. Rename one.",
            "error: a.toml:13: form.sales.criterion.weight: this must not be less than nothing.",
            "error: a.toml:14: form.sales.criterion.levels: these are not points that can be given. Write two or more whole numbers, the lowest first, such as `[0, 1, 3]`.",
            "error: a.toml:17: form.sales.criterion.weight: a criterion without weight that does not fail the evaluation counts for nothing. Give it a weight, or add `auto_fail = true`.",
            "error: a.toml:18: form.sales.criterion.points: 0 is not a whole number of at least 1.",
            "error: a.toml:20: form.sales.criterion.name: `Law` cannot be a name here. Names are lower-case letters, digits and `_`, begin with a letter and have at most 63 characters.",
            "error: a.toml:23: form.sales.criterion.auto_fail: it could never fail the evaluation: its lowest level gives points. Let `levels` begin with 0, or remove `auto_fail`.",
        ]
    );
}

proptest! {
    #[test]
    fn more_points_never_make_a_score_lower(greeting in 0_u32..=1, needs in 0_u32..=1, price in 0_usize..=1, left_out: bool) {
        let form = form(SALES);
        let levels = [0, 2, 3];
        let objection = if left_out { None } else { Some(1) };
        let score = |needs: u32, price: usize| {
            let given = [("greeting", Some(greeting)), ("needs", Some(needs)), ("price", Some(levels[price])), ("consent", Some(1)), ("objection", objection)];
            form.score(&answers(&given)).unwrap().score
        };
        prop_assert!(score(needs + 1, price) > score(needs, price));
        prop_assert!(score(needs, price + 1) > score(needs, price));
        prop_assert!(score(2, 2) <= ratio("100") && score(0, 0) >= Ratio::ZERO);
    }

    #[test]
    fn a_score_is_the_sum_of_its_items(points in proptest::collection::vec(0_u32..=1, 5)) {
        let form = form(SALES);
        let names = ["greeting", "needs", "consent", "objection"];
        let mut given: Vec<(&str, Option<u32>)> = names.iter().zip(&points).map(|(n, p)| (*n, Some(*p))).collect();
        given.push(("price", Some(points[4] * 3)));
        let scored = form.score(&answers(&given)).unwrap();
        let sum = Points::sum(scored.items.iter().map(|item| item.points)).unwrap();
        prop_assert_eq!(sum, scored.points);
        prop_assert_eq!(sum.possible, ratio("100"));
        let wanted = if points[2] == 0 { Ratio::ZERO } else { sum.reached };
        prop_assert_eq!(scored.score, wanted);
    }
}
