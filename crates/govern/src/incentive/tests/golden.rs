//! A statement that can be added up by hand.

use super::{NORTH, euros, july};
use crate::Money;
use crate::incentive::{Cancelled, LineKind, Standing, Statement, commission_so_far, late, statement};

fn cancelled(sale: &str, sold_on: &str, cancelled_on: &str) -> Cancelled {
    Cancelled {
        sale: sale.to_owned(),
        sold_on: sold_on.parse().unwrap(),
        cancelled_on: cancelled_on.parse().unwrap(),
        paid: None,
    }
}

fn lines(statement: &Statement) -> Vec<(&str, Option<String>, &str)> {
    let amount = |amount: &Option<Money>| amount.as_ref().map(Money::decimal);
    statement.lines.iter().map(|line| (line.id.as_str(), amount(&line.amount), line.says.as_str())).collect()
}

#[test]
fn anns_july_adds_up_by_hand() {
    let mut inputs = july();
    inputs.cancelled = vec![
        cancelled("s1", "2026-06-20", "2026-07-09"),
        cancelled("s2", "2026-04-01", "2026-07-09"),
        cancelled("s3", "2026-06-01", "2026-07-02"),
    ];
    inputs.clawed_back_before.insert("s3".to_owned());
    inputs.carried = euros("-10");
    let shown = statement(&NORTH, &inputs).unwrap();
    let some = |text: &str| Some(text.to_owned());
    // Sales: 20 x 4 + 3 x 6 = 98. Revenue: 4321.50 x 0.015 = 64.8225, half of which is 32.41125. Conversion: 120.
    // Team: 300 x 120 / 300 hours = 120. Together 370.41, of which the cap leaves 350. 350 - 4 - 10 = 336.
    assert_eq!(
        lines(&shown),
        [
            (
                "part.sales",
                some("98.00"),
                "`verified_sales`: 20 at 4.00 EUR and 3 at 6.00 EUR = 98.00 EUR. `qa_score` 82 % reaches 80 %."
            ),
            (
                "part.revenue",
                some("32.41"),
                "`sales_revenue`: 1.5 % of 4321.50 EUR = 64.8225 EUR, rounded to 64.82 EUR. `qa_score` 82 % reaches 80 %, \
                 so it is paid 0.5 times. Paid: 32.41125 EUR, rounded to 32.41 EUR."
            ),
            ("part.conversion", some("120.00"), "`conversion_rate`: 6.25 % reaches 6 % = 120.00 EUR."),
            (
                "part.team",
                some("120.00"),
                "`csat` of all: 81 % reaches 80 %; 300.00 EUR shared by 3 by logged hours, 120 of 300, to the smallest \
                 unit = 120.00 EUR."
            ),
            ("cap", some("-20.41"), "The parts earn 370.41 EUR, and the plan pays at most 350.00 EUR."),
            (
                "clawback.s1",
                some("-4.00"),
                "The sale s1 of 2026-06-20 was cancelled on 2026-07-09: 4.00 EUR is taken back."
            ),
            ("carried", some("-10.00"), "The statement before carried over -10.00 EUR."),
        ]
    );
    assert_eq!(
        (shown.due.decimal().as_str(), shown.standing, shown.is_complete()),
        ("336.00", Standing::Final, true)
    );
    assert_eq!(shown.line("part.sales").unwrap().before_gates, Some(euros("98")));
    assert_eq!(shown.clawed_back, ["s1"]);
    assert_eq!(
        shown.notes,
        [
            "The sale s2 of 2026-04-01 was cancelled after 2026-05-31, so nothing is taken back.",
            "The sale s3 was taken back by an earlier statement.",
        ]
    );
}

#[test]
fn a_sum_below_zero_is_carried_forward_to_the_next_statement() {
    let mut inputs = july();
    inputs.figures.iter_mut().for_each(|figure| {
        figure.answer = crate::statement::Answer::Value(super::ratio("0"));
    });
    inputs.carried = euros("-3");
    inputs.cancelled = vec![cancelled("s1", "2026-06-20", "2026-07-09")];
    let shown = statement(&NORTH, &inputs).unwrap();
    // Nothing earned, 3 carried over, 4 taken back.
    assert_eq!(
        (shown.due.decimal(), shown.carried_forward.decimal()),
        ("0.00".to_owned(), "-7.00".to_owned())
    );
    let last = shown.lines.last().unwrap();
    assert_eq!((last.kind, last.amount.clone()), (LineKind::CarriedForward, Some(euros("7"))));

    let negative = |word: &str| super::plan(&super::PLAN.replace("carried_over", word));
    let waived = statement(&negative("waived"), &inputs).unwrap();
    assert_eq!(
        (waived.due.decimal(), waived.carried_forward.decimal()),
        ("0.00".to_owned(), "0.00".to_owned())
    );
    assert_eq!(waived.lines.last().unwrap().says, "The sum is -7.00 EUR, which the plan waives.");
    let owed = statement(&negative("owed"), &inputs).unwrap();
    assert_eq!((owed.due.decimal(), owed.carried_forward.decimal()), ("-7.00".to_owned(), "0.00".to_owned()));
}

#[test]
fn what_was_paid_for_a_sale_can_be_taken_back() {
    let plan = super::plan(&super::PLAN.replace("each = 4.00", "each = \"as_paid\""));
    let mut inputs = july();
    let paid = Cancelled { paid: Some(euros("6")), ..cancelled("s1", "2026-06-20", "2026-07-09") };
    inputs.cancelled = vec![paid, cancelled("s2", "2026-06-20", "2026-07-09")];
    let shown = statement(&plan, &inputs).unwrap();
    assert_eq!(shown.line("clawback.s1").unwrap().amount, Some(euros("-6")));
    assert_eq!(
        shown.incomplete,
        [
            "Cancelled sale s2: The sale s2 of 2026-06-20 was cancelled on 2026-07-09, and it is not known what was paid for it."
        ]
    );
    assert_eq!(shown.due.decimal(), "344.00");
}

#[test]
fn a_running_month_is_provisional_and_computed_in_the_same_way() {
    let mut inputs = july();
    inputs.seen_until = "2026-07-20".parse().unwrap();
    let so_far = commission_so_far(&NORTH, &inputs).unwrap();
    assert_eq!(so_far.standing, Standing::Provisional(inputs.seen_until));
    assert_eq!(
        statement(&NORTH, &inputs).unwrap_err(),
        ["The figures end before 2026-07-20, and the period ends before 2026-08-01: nothing is settled yet."]
    );
    let whole = statement(&NORTH, &july()).unwrap();
    assert_eq!(so_far, Statement { standing: so_far.standing, ..whole });
}

#[test]
fn a_statement_is_written_and_read_back() {
    let (inputs, shown) = (july(), statement(&NORTH, &july()).unwrap());
    let text = serde_json::to_string(&inputs).unwrap();
    assert!(text.contains("\"value\":\"41/50\""), "{text}");
    assert_eq!(serde_json::from_str::<crate::incentive::Inputs>(&text).unwrap(), inputs);
    let text = serde_json::to_string(&shown).unwrap();
    assert!(text.contains("\"due\":\"350.00 EUR\""), "{text}");
    assert_eq!(serde_json::from_str::<Statement>(&text).unwrap(), shown);
}

#[test]
fn what_came_later_is_paid_once_and_under_the_cap() {
    let july = july();
    let stated = statement(&NORTH, &july).unwrap();
    // Two more sales: 12.00 before the cap, which had taken 20.41 off and takes 32.41 then.
    let more = super::with(july.clone(), "verified_sales", super::Answer::Value(super::ratio("25")));
    assert_eq!(late(&stated, &statement(&NORTH, &more).unwrap(), &[]), Ok(None));
    // 23 - 8 sales: 60 instead of 98, and no cap any more: 332.41 instead of 350.
    let less = super::with(july.clone(), "verified_sales", super::Answer::Value(super::ratio("15")));
    let less = statement(&NORTH, &less).unwrap();
    let line = late(&stated, &less, &[]).unwrap().unwrap();
    assert_eq!((line.id.as_str(), line.kind), ("late.2026-07", LineKind::Late));
    assert_eq!(line.amount, Some(euros("-17.59")));
    assert_eq!(
        line.says,
        "2026-07 was stated with 350.00 EUR; with the sales that are known of it now it is 332.41 EUR. Verified sales: \
         `verified_sales`: 15 at 4.00 EUR = 60.00 EUR. `qa_score` 82 % reaches 80 %."
    );
    let mut august = july;
    august.late = vec![line.clone()];
    let august = statement(&NORTH, &august).unwrap();
    assert_eq!(august.line("late.2026-07"), Some(&line));
    assert_eq!(august.due, euros("332.41"));
    assert_eq!(late(&stated, &less, &[&august]), Ok(None));
    let mut twice = super::july();
    twice.late = vec![line.clone(), line];
    assert!(statement(&NORTH, &twice).unwrap_err()[0].contains("no single line"));
}
