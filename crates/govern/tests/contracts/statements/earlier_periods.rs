//! What earlier periods bring: penalties returned, disputes resolved, late data.

use crate::common::{ANSWERED, FEE, amount, answer, inputs, monthly, months, period, told};
use dialmark_govern::statement::{self, DisputeState, Earlier};

#[test]
fn a_penalty_is_returned_when_the_service_level_is_met_in_each_of_the_next_periods() {
    let contract = monthly(&format!("{FEE}{ANSWERED}earn_back = {{ periods = 2 }}\n"));
    let made = months(
        &contract,
        &[
            ("2026-08", Some("1/2")),
            ("2026-09", Some("82/100")),
            ("2026-10", Some("81/100")),
            ("2026-11", Some("81/100")),
        ],
    );
    let dues: Vec<String> = made.iter().map(|statement| statement.due.to_string()).collect();
    // August loses 5 % of 10,000, October gets it back, once.
    assert_eq!(dues, ["9500.00 EUR", "10000.00 EUR", "10500.00 EUR", "10000.00 EUR"]);
    assert_eq!(made[0].outcomes[0].returned_with, Some(period("2026-10")));
    let line = made[2].line("earn_back.answered.2026-08").unwrap();
    assert_eq!(
        line.says,
        "The penalty of 500.00 EUR of 2026-08 is returned: `answered` was met in 2026-09 and 2026-10."
    );
    assert_eq!(line.about.as_ref().unwrap().line, "service_level.answered");
}

#[test]
fn a_penalty_stays_when_one_of_the_next_periods_is_missed() {
    let contract = monthly(&format!("{FEE}{ANSWERED}earn_back = {{ periods = 2 }}\n"));
    let made = months(
        &contract,
        &[
            ("2026-08", Some("1/2")),
            ("2026-09", Some("79/100")),
            ("2026-10", Some("9/10")),
            ("2026-11", Some("8/10")),
        ],
    );
    let dues: Vec<String> = made.iter().map(|statement| statement.due.to_string()).collect();
    // August is not earned back, for September was missed; September (2 %) is, by October (a bonus of 3 %) and November.
    assert_eq!(dues, ["9500.00 EUR", "9800.00 EUR", "10300.00 EUR", "10200.00 EUR"]);
}

#[test]
fn whether_a_penalty_is_returned_is_open_when_a_period_has_no_figure() {
    let contract = monthly(&format!("{FEE}{ANSWERED}earn_back = {{ periods = 2 }}\n"));
    let made = months(&contract, &[("2026-08", Some("1/2")), ("2026-09", None), ("2026-10", Some("9/10"))]);
    let line = made[2].line("earn_back.answered.2026-08").unwrap();
    assert_eq!(line.amount, None);
    assert_eq!(
        line.says,
        "The penalty of 500.00 EUR of 2026-08 is returned if `answered` was met in 2026-09, which is not known."
    );
    assert!(!made[2].is_complete());
}

const DISPUTE: &str = r#"
[[contract.acme.dispute]]
name       = "answered_november"
period     = "2026-11"
line       = "service_level.answered"
raised_by  = "P. Bell"
raised_on  = 2026-12-02
says       = "Test calls are in it."
resolution = { on = 2026-12-20, by = "A. Marsh", says = "They are not ours.", adjust = "120.00" }
"#;

#[test]
fn a_disputed_amount_stays_until_its_resolution_is_due_in_its_own_period() {
    let contract = monthly(&format!("{FEE}{ANSWERED}{DISPUTE}"));
    let november = statement::of(&contract, &inputs(&contract, "2026-11", &[told("service_level", "1/2")]));
    assert_eq!(november.due.to_string(), "9500.00 EUR");
    assert_eq!(november.disputes[0].state, DisputeState::Open);
    assert_eq!(
        november.disputes[0].says,
        "`service_level.answered` of 2026-11 was disputed by P. Bell on 2026-12-02: \"Test calls are in it.\" It is open; the amount stays as stated until it is resolved."
    );
    let december = statement::of(&contract, &inputs(&contract, "2026-12", &[told("service_level", "8/10")]));
    // 10,000 + 120
    assert_eq!(december.due.to_string(), "10120.00 EUR");
    assert_eq!(december.subtotals.adjustments.to_string(), "120.00 EUR");
    let line = december.line("dispute.answered_november").unwrap();
    assert_eq!(line.about.as_ref().unwrap().period, period("2026-11"));
    assert_eq!(
        line.says,
        "`service_level.answered` of 2026-11 was disputed by P. Bell on 2026-12-02: \"Test calls are in it.\" Resolved on 2026-12-20 by A. Marsh: \"They are not ours.\" 120.00 EUR."
    );
    // In January it is over.
    let january = statement::of(&contract, &inputs(&contract, "2027-01", &[told("service_level", "8/10")]));
    assert_eq!((january.disputes.len(), january.due.to_string()), (0, "10000.00 EUR".to_owned()));
}

#[test]
fn a_penalty_that_was_lowered_in_a_dispute_is_returned_as_lowered() {
    let contract = monthly(&format!("{FEE}{ANSWERED}earn_back = {{ periods = 2 }}\n{DISPUTE}"));
    let made =
        months(&contract, &[("2026-11", Some("1/2")), ("2026-12", Some("8/10")), ("2027-01", Some("8/10"))]);
    // 500 - 120
    assert_eq!(amount(&made[2], "earn_back.answered.2026-11"), Some("380.00 EUR".to_owned()));
}

#[test]
fn late_data_goes_onto_the_next_statement_and_only_once() {
    let contract = monthly(&format!(
        "{FEE}[[contract.acme.price]]\nname = \"dials\"\nkind = \"per_transaction\"\nmetric = \"dials\"\nrate = 0.10\n{ANSWERED}"
    ));
    let first = [told("dials", "50000"), told("service_level", "7990/10000")];
    let november = statement::of(&contract, &inputs(&contract, "2026-11", &first));
    // 10,000 + 5,000 - 2 % of 15,000
    assert_eq!(november.due.to_string(), "14700.00 EUR");

    let late = [told("dials", "51000"), told("service_level", "8010/10010")];
    let mut now = inputs(&contract, "2026-11", &late);
    now.as_of = "2027-01-03T06:00:00Z".parse().unwrap();
    let lines = statement::adjustments(&contract, &november, &[], &now).unwrap();
    let amounts: Vec<(&str, String)> =
        lines.iter().map(|line| (line.id.as_str(), line.amount.as_ref().unwrap().to_string())).collect();
    assert_eq!(
        amounts,
        [
            // 1,000 x 0.10
            ("late.2026-11.price.dials", "100.00 EUR".to_owned()),
            // 80.02 % is not below 80 %: the whole penalty
            ("late.2026-11.service_level.answered", "300.00 EUR".to_owned()),
        ]
    );
    assert_eq!(
        lines[0].says,
        "`price.dials` of 2026-11 was 5000.00 EUR and is 5100.00 EUR with the records of 2027-01-03T06:00:00Z: 100.00 EUR. Stated: Dials, 2026-11-01 to 2026-11-30: 50000 x 0.10 = 5000.00 EUR. Now: Dials, 2026-11-01 to 2026-11-30: 51000 x 0.10 = 5100.00 EUR."
    );
    let mut next = inputs(&contract, "2026-12", &[told("dials", "0"), told("service_level", "8/10")]);
    next.adjustments = lines;
    let december = statement::of(&contract, &next);
    // 10,000 + 0 + 400
    assert_eq!(december.due.to_string(), "10400.00 EUR");
    assert_eq!(december.subtotals.adjustments.to_string(), "400.00 EUR");

    // Looked at again, nothing is left to adjust; a last correction adds only what is new.
    let sent = [december];
    assert_eq!(statement::adjustments(&contract, &november, &sent, &now).unwrap(), []);
    answer(&contract, &mut now, &[told("dials", "50990"), told("service_level", "8010/10010")]);
    let again = statement::adjustments(&contract, &november, &sent, &now).unwrap();
    assert_eq!(again.len(), 1);
    assert_eq!(again[0].amount.as_ref().unwrap().to_string(), "-1.00 EUR");
    assert!(again[0].says.starts_with(
        "`price.dials` of 2026-11 was 5000.00 EUR, adjusted by 100.00 EUR since and is 5099.00 EUR with the records of"
    ));
}

#[test]
fn a_figure_that_is_gone_takes_no_money_back() {
    let contract = monthly(&format!("{FEE}{ANSWERED}"));
    let stated = statement::of(&contract, &inputs(&contract, "2026-11", &[told("service_level", "1/2")]));
    let lines = statement::adjustments(&contract, &stated, &[], &inputs(&contract, "2026-11", &[])).unwrap();
    assert_eq!((lines.len(), &lines[0].amount), (1, &None));
    assert!(lines[0].says.starts_with(
        "`service_level.answered` of 2026-11 was -500.00 EUR and cannot be computed now: `service_level` has no value"
    ));
    // What was open and can be computed by now is due.
    let open = statement::of(&contract, &inputs(&contract, "2026-11", &[]));
    let now = inputs(&contract, "2026-11", &[told("service_level", "1/2")]);
    let lines = statement::adjustments(&contract, &open, &[], &now).unwrap();
    assert_eq!(lines[0].amount.as_ref().unwrap().to_string(), "-500.00 EUR");
}

#[test]
fn statements_of_other_periods_are_not_compared() {
    let contract = monthly(FEE);
    let stated = statement::of(&contract, &inputs(&contract, "2026-11", &[]));
    let refused = statement::adjustments(&contract, &stated, &[], &inputs(&contract, "2026-12", &[]));
    assert_eq!(
        refused.unwrap_err().to_string(),
        "The period of the statement is 2026-11, and that of the inputs is 2026-12."
    );
}

#[test]
fn a_penalty_that_late_data_lowered_is_returned_as_lowered() {
    let contract = monthly(&format!("{FEE}{ANSWERED}earn_back = {{ periods = 2 }}\n"));
    let mut made = months(&contract, &[("2026-08", Some("1/2")), ("2026-09", Some("8/10"))]);
    // Late records lift August to 76 %: 2 % instead of 5 %, so 300 come back with September.
    let now = inputs(&contract, "2026-08", &[told("service_level", "76/100")]);
    let mut september = inputs(&contract, "2026-09", &[told("service_level", "8/10")]);
    september.earlier = statement::earlier(&made[..1]);
    september.adjustments = statement::adjustments(&contract, &made[0], &[], &now).unwrap();
    made[1] = statement::of(&contract, &september);
    assert_eq!(made[1].due.to_string(), "10300.00 EUR");
    let mut october = inputs(&contract, "2026-10", &[told("service_level", "8/10")]);
    october.earlier = statement::earlier(&made);
    assert_eq!(
        october.earlier[0],
        Earlier {
            period: period("2026-08"),
            service_level: "answered".to_owned(),
            met: Some(false),
            penalty: dialmark_govern::Money::parse("200.00 EUR").unwrap(),
        }
    );
    // 10,000 + 200
    assert_eq!(statement::of(&contract, &october).due.to_string(), "10200.00 EUR");
    // With August computed anew instead of as it was sent, the same.
    let mut anew = now;
    anew.as_of = "2026-10-03T06:00:00Z".parse().unwrap();
    let computed_anew = [statement::of(&contract, &anew), made[1].clone()];
    assert_eq!(statement::earlier(&computed_anew), october.earlier);
}

#[test]
fn what_late_data_brought_is_taken_back_when_later_data_takes_it_away() {
    let contract = monthly(&format!("{FEE}{ANSWERED}earn_back = {{ periods = 1 }}\n"));
    let october = statement::of(&contract, &inputs(&contract, "2026-10", &[told("service_level", "8/10")]));
    // With late records September had a penalty, which October returns; the line is on no statement that was sent.
    let mut now = inputs(&contract, "2026-10", &[told("service_level", "8/10")]);
    let missed = inputs(&contract, "2026-09", &[told("service_level", "1/2")]);
    now.earlier = statement::earlier(&[statement::of(&contract, &missed)]);
    let lines = statement::adjustments(&contract, &october, &[], &now).unwrap();
    assert_eq!(lines[0].id, "late.2026-10.earn_back.answered.2026-09");
    assert_eq!(lines[0].amount.as_ref().unwrap().to_string(), "500.00 EUR");
    let mut next = inputs(&contract, "2026-11", &[told("service_level", "8/10")]);
    next.adjustments = lines;
    let november = statement::of(&contract, &next);
    // Later records lift September again.
    now.earlier = Vec::new();
    let back = statement::adjustments(&contract, &october, &[november], &now).unwrap();
    assert_eq!(back.len(), 1);
    assert_eq!(back[0].amount.as_ref().unwrap().to_string(), "-500.00 EUR");
    assert!(back[0].says.starts_with(
        "`earn_back.answered.2026-09` of 2026-10 was not there, adjusted by 500.00 EUR since and is 0.00 EUR with"
    ));
}
