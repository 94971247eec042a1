//! Figures that are missing, rest on little, or do not belong.

use super::{NORTH, PLAN, euros, july, missing, plan, ratio, with};
use crate::incentive::{Cancelled, Statement, statement};
use crate::statement::Answer;

fn drawn(inputs: &crate::incentive::Inputs) -> Statement {
    statement(&NORTH, inputs).unwrap()
}

#[test]
fn a_missing_figure_is_no_zero() {
    let shown = drawn(&with(july(), "verified_sales", missing("no record in this place and time")));
    let line = shown.line("part.sales").unwrap();
    assert_eq!(line.amount, None);
    assert_eq!(
        shown.incomplete,
        ["Verified sales: There is no figure of `verified_sales`: no record in this place and time."]
    );
    // 32.41 + 120 + 120: what is due so far.
    assert_eq!(shown.due, euros("272.41"));
}

#[test]
fn a_gate_without_its_figure_waits_passes_or_fails_as_the_plan_says() {
    let mut inputs = july();
    inputs.figures[2].n = 3;
    let line = |text: &str| statement(&plan(text), &inputs).unwrap().line("part.sales").unwrap().clone();
    let waits = line(PLAN);
    assert_eq!((waits.before_gates, waits.amount), (Some(euros("98")), None));
    assert_eq!(
        waits.says,
        "`verified_sales`: 20 at 4.00 EUR and 3 at 6.00 EUR = 98.00 EUR. `qa_score` rests on 3 records, and at least 4 \
         are needed. It waits."
    );
    let passes = line(&PLAN.replace("least_n = 4", "least_n = 4, without = \"passes\""));
    assert_eq!(passes.amount, Some(euros("98")));
    assert!(passes.says.ends_with("at least 4 are needed. The plan pays without it."), "{}", passes.says);
    let fails = line(&PLAN.replace("least_n = 4", "least_n = 4, without = \"fails\""));
    assert_eq!(fails.amount, Some(euros("0")));
    assert!(fails.says.ends_with("The plan does not pay without it. Paid: 0.00 EUR."), "{}", fails.says);
}

#[test]
fn a_gate_that_is_missed_takes_the_part_away_and_says_so() {
    // 79.9999 % is not shown as 80 %.
    let shown = drawn(&with(july(), "qa_score", Answer::Value(ratio("0.7999999"))));
    let line = shown.line("part.sales").unwrap();
    assert_eq!((line.before_gates.clone(), line.amount.clone()), (Some(euros("98")), Some(euros("0"))));
    assert_eq!(
        line.says,
        "`verified_sales`: 20 at 4.00 EUR and 3 at 6.00 EUR = 98.00 EUR. `qa_score` 79.99999 % is below 80 %, so nothing \
         is paid. Paid: 0.00 EUR."
    );
    assert_eq!(shown.line("part.revenue").unwrap().amount, Some(euros("0")));
    assert!(shown.is_complete());
}

#[test]
fn a_part_that_earns_nothing_waits_for_no_gate() {
    let none = with(july(), "verified_sales", Answer::Value(ratio("0")));
    let shown = drawn(&with(none, "qa_score", missing("no record")));
    assert_eq!(shown.line("part.sales").unwrap().amount, Some(euros("0")));
    assert_eq!(shown.line("part.revenue").unwrap().amount, None);
}

#[test]
fn money_of_another_currency_is_not_paid_by() {
    let mut inputs = july();
    inputs.figures[1].currency = Some("GBP".to_owned());
    assert_eq!(drawn(&inputs).incomplete, ["Revenue: `sales_revenue` is in GBP, and the plan pays EUR."]);
    inputs.figures[1].currency = None;
    assert_eq!(
        drawn(&inputs).incomplete,
        ["Revenue: It is not known in which currency `sales_revenue` is, and the plan pays EUR."]
    );
    assert!(drawn(&with(inputs, "sales_revenue", Answer::Value(ratio("0")))).is_complete());
}

#[test]
fn a_team_waits_for_the_time_of_each_of_its_agents() {
    let mut inputs = july();
    inputs.members.insert("ben".to_owned(), missing("no record"));
    assert_eq!(
        drawn(&inputs).incomplete,
        ["Team: 300.00 EUR cannot be shared out: the logged time of ben is not known (no record)."]
    );
    // Shared equally, nobody's time is needed: 100.00 each.
    let equally = plan(&PLAN.replace("logged_hours", "equally"));
    assert_eq!(statement(&equally, &inputs).unwrap().line("part.team").unwrap().amount, Some(euros("100")));
}

#[test]
fn every_problem_of_the_inputs_is_said_at_once() {
    let mut inputs = july();
    let again = inputs.figures[0].clone();
    inputs.figures.push(again);
    inputs.figures.remove(2);
    inputs.agent = "dan".to_owned();
    inputs.period = crate::contract::BillingPeriod::parse("2026-06").unwrap();
    inputs.carried = euros("1");
    let sale = |sold_on: &str, cancelled_on: &str| Cancelled {
        sale: "s".to_owned(),
        sold_on: sold_on.parse().unwrap(),
        cancelled_on: cancelled_on.parse().unwrap(),
        paid: Some(euros("-1")),
    };
    inputs.cancelled = vec![sale("2026-06-01", "2026-05-01"), sale("2026-05-01", "2026-07-01")];
    assert_eq!(
        statement(&NORTH, &inputs).unwrap_err(),
        [
            "The plan holds from 2026-07-01, and not on all days from 2026-06-01 to 2026-06-30.",
            "The figure of `qa_score` was not handed in.",
            "The figure of `verified_sales` was handed in more than once.",
            "dan is not among the agents of the plan.",
            "The sale s of 2026-06-01 is of this period or later: its cancellation is in the figures already.",
            "The sale s of 2026-06-01 was cancelled before, on 2026-05-01.",
            "For the sale s -1.00 EUR was paid, and the plan pays EUR above zero.",
            "The sale s was handed in twice as cancelled.",
            "The sale s was cancelled on 2026-07-01, after what this statement is about.",
            "For the sale s -1.00 EUR was paid, and the plan pays EUR above zero.",
            "1.00 EUR was carried over, and only EUR below zero can be.",
        ]
    );
}

#[test]
fn a_figure_that_can_still_change_by_itself_waits() {
    let waiting = |metric: &str| {
        let mut inputs = july();
        let figure = inputs.figures.iter_mut().find(|figure| figure.need.metric == metric).unwrap();
        figure.complete_on = Some("2026-08-31".parse().unwrap());
        inputs
    };
    let bonus = drawn(&waiting("conversion_rate"));
    assert_eq!(bonus.line("part.conversion").unwrap().amount, None);
    assert_eq!(
        bonus.line("part.conversion").unwrap().says,
        "`conversion_rate` is complete on 2026-08-31: until then something may still happen to what it counts."
    );
    assert!(!bonus.is_complete());
    // So does a gate, whatever the plan does without a figure.
    assert_eq!(drawn(&waiting("qa_score")).line("part.sales").unwrap().amount, None);
    // Once that day is seen, it is what it is.
    let mut later = waiting("conversion_rate");
    later.seen_until = "2026-08-31".parse().unwrap();
    assert!(drawn(&later).is_complete());
    // While the month runs, it is what it is so far.
    let mut running = waiting("conversion_rate");
    running.seen_until = "2026-07-20".parse().unwrap();
    let so_far = crate::incentive::commission_so_far(&NORTH, &running).unwrap();
    assert!(so_far.line("part.conversion").unwrap().amount.is_some());
}
