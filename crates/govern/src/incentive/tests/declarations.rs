//! What a plan says, and what is wrong with one.

use super::{NORTH, plan, ratio, read};
use crate::contract::Billing;
use crate::incentive::{Negative, Pay, Shared, TakenBack, Way, Whose};

fn problems(text: &str) -> Vec<String> {
    let (plan, problems) = read(text);
    assert!(plan.is_none());
    problems
}

#[test]
fn a_plan_has_what_is_written() {
    assert_eq!(
        (NORTH.period, NORTH.negative, NORTH.cap),
        (Billing::Month, Negative::CarriedOver, Some(ratio("350")))
    );
    assert_eq!(NORTH.who.to_string(), "campaign_id = north");
    let clawback = NORTH.clawback.unwrap();
    assert_eq!((clawback.each, clawback.within_days), (TakenBack::Amount(ratio("4")), Some(60)));
    assert_eq!(NORTH.needs_members(), Some(Shared::ByLoggedHours));
    let needs: Vec<(String, Whose)> =
        NORTH.needs().into_iter().map(|need| (need.metric, need.whose)).collect();
    let wanted = [
        ("conversion_rate", Whose::Agent),
        ("csat", Whose::Team),
        ("qa_score", Whose::Agent),
        ("sales_revenue", Whose::Agent),
        ("verified_sales", Whose::Agent),
    ];
    assert_eq!(needs, wanted.map(|(metric, whose)| (metric.to_owned(), whose)));
}

#[test]
fn a_level_where_less_is_better_is_at_most() {
    let plan = plan(
        r#"
[incentive.a]
currency = "EUR"
[[incentive.a.part]]
name = "quick"
kind = "bonus"
metric = "drop_rate"
steps = [{ at_most = "3 %", pays = 10 }, { at_most = "2 %", pays = 30.00 }]
"#,
    );
    let Pay::Bonus { steps, .. } = &plan.parts[0].pay else { panic!() };
    assert_eq!(steps.way, Way::AtMost);
    let brings = |figure: &str| steps.reached(ratio(figure)).map(|step| step.brings);
    assert_eq!(
        (brings("0.031"), brings("0.03"), brings("0.02")),
        (None, Some(ratio("10")), Some(ratio("30")))
    );
}

#[test]
fn every_problem_of_a_plan_is_said_at_once() {
    let text = r#"
[incentive.north]
who = { campain = "north" }
currency = "euro"
cap = 0
clawback = { each = "paid", within = "60" }
[[incentive.north.part]]
name = "sales"
kind = "per_unit"
metric = "conversion_rate"
rate = 4
only_if = { metric = "qa_score", at_least = 80 }
[[incentive.north.part]]
name = "sales"
kind = "bonus"
metric = "conversion_rat"
steps = [{ at_least = 0.05, pays = 1 }]
[[incentive.north.part]]
name = "speed"
kind = "bonus"
metric = "conversion_rate"
steps = [{ at_least = 0.06, pays = 10 }, { at_least = 0.05, pays = 20 }]
[[incentive.north.part]]
name = "quality"
kind = "team"
metric = "csat"
steps = [{ at_least = 0.5, pays = 10 }, { at_least = 0.6, pay = 5 }]
"#;
    assert_eq!(
        problems(text),
        [
            "error: a.toml:2: incentive.north: `negative` is missing. Add `negative`: what becomes of a sum below zero, one of `carried_over`, `waived`, `owed`.",
            "error: a.toml:3: incentive.north.who.campain: there is no dimension `campain`. Did you mean `campaign_id`?",
            "error: a.toml:4: incentive.north.currency: `euro` is no code of a currency. Write the three capital letters of ISO 4217, such as `EUR`.",
            "error: a.toml:5: incentive.north.cap: nothing would ever be paid. Remove it, or write an amount.",
            "error: a.toml:6: incentive.north.clawback.each: `paid` is not known here. Write an amount such as `4.00`, or `\"as_paid\"`.",
            "error: a.toml:6: incentive.north.clawback.within: `60` has no unit. Write a whole number and a unit, such as `35 days`, `7d`, `12h`, `90 min` or `30s`.",
            "error: a.toml:10: incentive.north.part.metric: `conversion_rate` is not counted. Name a count, such as `verified_sales`, or use another `kind`.",
            "error: a.toml:12: incentive.north.part.only_if.at_least: 80 of a share is 8000 %. Write `\"80 %\"`, or `\"8000 %\"` if that is meant.",
            "error: a.toml:14: incentive.north.part.name: the part `sales` is there twice. Rename one.",
            "error: a.toml:16: incentive.north.part.metric: There is no metric `conversion_rat`. Did you mean `conversion_rate`?",
            "error: a.toml:22: incentive.north.part.steps: the level 0.05 comes after 0.06. Write levels in ascending order, each once.",
            "error: a.toml:23: incentive.north.part: `shared_by` is missing. Add `shared_by`: one of `logged_hours`, `equally`.",
            "error: a.toml:27: incentive.north.part.steps: `pays` is missing. Add `pays`: the amount that it pays.",
            "error: a.toml:27: incentive.north.part.steps.pay: nothing is known by this key. Did you mean `pays`?",
        ]
    );
}

#[test]
fn pay_that_falls_when_work_gets_better_is_noticed() {
    let (found, problems) = read(
        r#"
[incentive.a]
currency = "EUR"
[[incentive.a.part]]
name = "sales"
kind = "per_unit"
metric = "verified_sales"
tiers = [{ from = 0, rate = 4 }, { from = 21, rate = 3 }]
tiers_apply = "all"
[[incentive.a.part]]
name = "drops"
kind = "bonus"
metric = "drop_rate"
steps = [{ at_least = "2 %", pays = 10 }]
"#,
    );
    assert!(found.is_some());
    assert_eq!(
        problems,
        [
            "warning: a.toml:8: incentive.a.part.tiers: a later tier pays less for all units, so that more can pay less. Let rates rise, or write `tiers_apply = \"graduated\"`.",
            "warning: a.toml:14: incentive.a.part.steps.at_least: less is better here, so `at_least` pays for getting worse. Write `at_most` unless that is meant.",
        ]
    );
}
