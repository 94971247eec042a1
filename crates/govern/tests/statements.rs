//! What is due, in numbers that can be added up by hand.

mod common;

use common::{Told, answer, euro, inputs, period, ratio, sound, told};
use dialmark_govern::contract::Contract;
use dialmark_govern::statement::{
    self, DisputeState, Earlier, ExchangeRate, ExclusionState, SignedState, Statement,
};
use jiff::civil::date;

/// A contract with these parts.
fn contract(top: &str, parts: &str) -> Contract {
    sound(&format!(
        "[contract.acme]\nclient = \"acme\"\nscope = {{ client_id = \"acme\" }}\ncurrency = \"EUR\"\n{top}\n{parts}"
    ))
}

fn monthly(parts: &str) -> Contract {
    contract("period = \"month\"\ngo_live_on = 2026-08-01", parts)
}

const FEE: &str = "[[contract.acme.price]]\nname = \"fee\"\nkind = \"fixed\"\namount = 10000.00\n";

const ANSWERED: &str = "[[contract.acme.service_level]]\nname = \"answered\"\nmetric = \"service_level\"\n\
     steps = [{ below = 0.75, pays = -0.05 }, { below = 0.80, pays = -0.02 }, { from = 0.85, pays = 0.03 }]\n";

fn amount(statement: &Statement, id: &str) -> Option<String> {
    let line = statement.line(id).unwrap_or_else(|| panic!("no line {id} in {:#?}", statement.lines));
    line.amount.as_ref().map(ToString::to_string)
}

fn due(contract: &Contract, at: &str, figures: &[Told<'_>]) -> String {
    statement::of(contract, &inputs(contract, at, figures)).due.to_string()
}

#[test]
fn base_variable_and_bonus_add_up_and_the_bonus_is_capped() {
    let contract = monthly(
        r#"
[[contract.acme.price]]
name   = "base"
kind   = "fixed"
amount = 20000.00
[[contract.acme.price]]
name   = "dials"
kind   = "per_transaction"
metric = "dials"
tiers  = [{ from = 0, rate = 0.12 }, { from = 100001, rate = 0.105 }]
[[contract.acme.price]]
name   = "hours"
kind   = "per_hour"
metric = "logged_hours"
rate   = 28.50
[[contract.acme.price]]
name   = "fee"
kind   = "share_of"
metric = "amount_collected"
rate   = "18 %"
[[contract.acme.service_level]]
name   = "answered"
metric = "service_level"
of     = ["base", "dials"]
linear = { target = 0.80, per = 0.01, pays = 0.005, counts = "exact" }
cap    = { penalty = 0.10, bonus = 0.03 }
"#,
    );
    let figures = [
        told("dials", "123457"),
        // 1,000 hours, 1 minute and 1 second
        told("logged_hours", "3600061000"),
        euro("amount_collected", "50000.55"),
        told("service_level", "900/1000"),
    ];
    let statement = statement::of(&contract, &inputs(&contract, "2026-11", &figures));
    assert_eq!(amount(&statement, "price.base"), Some("20000.00 EUR".to_owned()));
    // 100,000 x 0.12 = 12,000 and 23,457 x 0.105 = 2,462.985, together 14,462.985: half to even is 14,462.98
    assert_eq!(amount(&statement, "price.dials"), Some("14462.98 EUR".to_owned()));
    // 1,000 x 28.50 = 28,500 and 61 / 3,600 x 28.50 = 0.482916..., together 28,500.48
    assert_eq!(amount(&statement, "price.hours"), Some("28500.48 EUR".to_owned()));
    // 50,000.55 x 0.18 = 9,000.099
    assert_eq!(amount(&statement, "price.fee"), Some("9000.10 EUR".to_owned()));
    // 10 points x 0.5 % = 5 %, capped at 3 % of 20,000 + 14,462.98: 1,033.8894
    assert_eq!(amount(&statement, "service_level.answered"), Some("1033.89 EUR".to_owned()));
    // 20,000 + 14,462.98 + 28,500.48 + 9,000.10 + 1,033.89
    assert_eq!(statement.due.to_string(), "72997.45 EUR");
    let says: Vec<&str> = statement.lines.iter().map(|line| line.says.as_str()).collect();
    assert_eq!(
        says,
        [
            "20000.00 EUR a month, 2026-11-01 to 2026-11-30: 1 x 20000.00 = 20000.00 EUR.",
            "Dials, 2026-11-01 to 2026-11-30, 123457 by tier: 100000 x 0.12 + 23457 x 0.105 = 14462.985 EUR, rounded to 14462.98 EUR.",
            "Time logged in, 2026-11-01 to 2026-11-30, 3600061000 ms in hours: 1000.016944... x 28.50 = 28500.482916... EUR, rounded to 28500.48 EUR.",
            "Money collected, 2026-11-01 to 2026-11-30: 50000.55 x 18 % = 9000.099 EUR, rounded to 9000.10 EUR.",
            "Service level was 90 % (900 of 1000), 10 points of 1 % better than the target of 80 %, 0.5 % each: 5 %, capped at 3 %: 3 % of 34462.98 EUR (base and dials) = 1033.8894 EUR, rounded to 1033.89 EUR.",
        ]
    );
}

#[test]
fn seats_are_paid_by_civil_days_when_a_price_begins_or_ends_within_the_period() {
    let seats = |days: &str| {
        monthly(&format!(
            "[[contract.acme.price]]\nname = \"seats\"\nkind = \"per_seat\"\nseats = 34\nrate = 2600.00\n{days}\n"
        ))
    };
    // 34 x 2,600 x 15 / 30 days of November
    assert_eq!(due(&seats("from = 2026-11-16"), "2026-11", &[]), "44200.00 EUR");
    // 34 x 2,600 x 10 / 31 days of October = 28,516.129...
    let begun = seats("until = 2026-10-11");
    let october = statement::of(&begun, &inputs(&begun, "2026-10", &[]));
    assert_eq!(october.due.to_string(), "28516.13 EUR");
    assert_eq!(
        october.lines[0].says,
        "34 seats by the month: 34 x 2600.00 x 10/31 days of 2026-10 = 28516.129032... EUR, rounded to 28516.13 EUR."
    );
    // It is not paid at all in November, which is no zero either: there is no line.
    assert_eq!(statement::of(&begun, &inputs(&begun, "2026-11", &[])).lines, []);
}

#[test]
fn a_quarter_pays_each_month_by_its_own_days() {
    let contract = contract(
        "period = \"quarter\"",
        "[[contract.acme.price]]\nname = \"seats\"\nkind = \"per_seat\"\nfrom = 2026-10-17\nseats = 10\nrate = 3100.00\n\
         [[contract.acme.price]]\nname = \"fee\"\nkind = \"fixed\"\nfrom = 2026-12-09\namount = 9200.00\n",
    );
    let statement = statement::of(&contract, &inputs(&contract, "2026-Q4", &[]));
    // 10 x 3,100 x (15/31 + 1 + 1) = 15,000 + 31,000 + 31,000
    assert_eq!(amount(&statement, "price.seats"), Some("77000.00 EUR".to_owned()));
    assert_eq!(
        statement.line("price.seats").unwrap().says,
        "10 seats by the month: 10 x 3100.00 x (15/31 days of 2026-10 + 1 + 1) months = 77000.00 EUR."
    );
    // 9,200 x 23 / 92 days of the quarter
    assert_eq!(amount(&statement, "price.fee"), Some("2300.00 EUR".to_owned()));
}

#[test]
fn tiers_can_be_for_all_units_and_seats_can_be_a_figure() {
    let contract = monthly(
        r#"
[[contract.acme.price]]
name        = "seats"
kind        = "per_seat"
seats       = { metric = "agents_per_day" }
tiers       = [{ from = 0, rate = 2400.00 }, { from = 11, rate = 2200.00 }]
tiers_apply = "all"
"#,
    );
    // 12.5 agents a day, all of them at 2,200
    assert_eq!(due(&contract, "2026-11", &[told("agents_per_day", "375/30")]), "27500.00 EUR");
    // 10.5 are not 11
    assert_eq!(due(&contract, "2026-11", &[told("agents_per_day", "21/2")]), "25200.00 EUR");
}

#[test]
fn service_levels_do_not_count_before_go_live() {
    let contract = contract(
        "period = \"month\"\nsigned_on = 2026-06-15\ntransition = { from = 2026-07-01, until = 2026-08-16 }\ngo_live_on = 2026-08-16",
        &format!(
            "[[contract.acme.price]]\nname = \"seats\"\nkind = \"per_seat\"\nfrom = 2026-07-01\nseats = 10\nrate = 2000.00\n\
             [[contract.acme.price]]\nname = \"dials\"\nkind = \"per_transaction\"\nphases = [\"steady\"]\nmetric = \"dials\"\nrate = 0.10\n{ANSWERED}"
        ),
    );
    let bad = [told("service_level", "1/2"), told("dials", "5000")];
    let july = statement::of(&contract, &inputs(&contract, "2026-07", &bad));
    // 10 x 2,000; no dials, no penalty
    assert_eq!(july.due.to_string(), "20000.00 EUR");
    assert_eq!(july.lines.len(), 1);
    assert_eq!(
        july.phases,
        [
            "2026-07-01 to 2026-07-31 is in the transition phase. Prices that are paid: `seats`. Service levels that count: none."
        ]
    );
    // 20,000 + 5,000 x 0.10 = 20,500, less 5 % = 1,025
    let august = statement::of(&contract, &inputs(&contract, "2026-08", &bad));
    assert_eq!(august.due.to_string(), "19475.00 EUR");
    // What is counted begins with go-live.
    let needs = contract.needs(period("2026-08"), date(2026, 9, 3));
    assert_eq!(needs.len(), 2);
    assert!(needs.iter().all(|need| need.from == date(2026, 8, 16) && need.until == date(2026, 9, 1)));
    assert_eq!(
        august.phases,
        [
            "2026-08-01 to 2026-08-15 is in the transition phase. Prices that are paid: `seats`. Service levels that count: none.",
            "2026-08-16 to 2026-08-31 is in the steady phase. Prices that are paid: `seats` and `dials`. Service levels that count: `answered`.",
        ]
    );
    // Before the signature nothing is due, and nothing is asked for.
    assert_eq!(contract.needs(period("2026-05"), date(2026, 6, 3)), []);
}

#[test]
fn a_penalty_is_not_due_in_a_period_that_begins_within_the_grace() {
    let contract = monthly(&format!("{FEE}{ANSWERED}grace = {{ days = 45 }}\n"));
    let bad = [told("service_level", "1/2")];
    // Go-live on 1 August and 45 days: until 15 September.
    assert_eq!(due(&contract, "2026-08", &bad), "10000.00 EUR");
    assert_eq!(due(&contract, "2026-09", &bad), "10000.00 EUR");
    assert_eq!(due(&contract, "2026-10", &bad), "9500.00 EUR");
    // A bonus is paid in the grace as well.
    assert_eq!(due(&contract, "2026-08", &[told("service_level", "9/10")]), "10300.00 EUR");
    let waived = statement::of(&contract, &inputs(&contract, "2026-08", &bad));
    assert_eq!(waived.outcomes[0].met, Some(false));
    assert_eq!(
        waived.line("service_level.answered").unwrap().says,
        "Service level was 50 % (1 of 2), below 75 %: -5 %, not due in a period that begins before 2026-09-15, within the grace after go-live: 0 % of 10000.00 EUR (all prices) = 0.00 EUR."
    );
}

#[test]
fn weights_divide_what_is_at_stake() {
    let contract = monthly(&format!(
        "{FEE}{ANSWERED}weight = 0.4\n\
         [[contract.acme.service_level]]\nname = \"abandoned\"\nmetric = \"outbound_abandonment_rate\"\nweight = 0.6\n\
         steps = [{{ above = \"5 %\", pays = \"-5 %\" }}, {{ above = \"3 %\", pays = \"-2 %\" }}, {{ up_to = \"2 %\", pays = \"1 %\" }}]\n"
    ));
    let figures = [told("service_level", "799999/1000000"), told("outbound_abandonment_rate", "2/100")];
    let statement = statement::of(&contract, &inputs(&contract, "2026-11", &figures));
    // 79.9999 % is below 80 %: -2 % x 0.4 x 10,000
    assert_eq!(amount(&statement, "service_level.answered"), Some("-80.00 EUR".to_owned()));
    // 2 % is up to 2 %: 1 % x 0.6 x 10,000
    assert_eq!(amount(&statement, "service_level.abandoned"), Some("60.00 EUR".to_owned()));
    assert_eq!(
        statement.line("service_level.answered").unwrap().says,
        "Service level was 79.9999 % (799999 of 1000000), from 75 % and below 80 %: -2 %, times the weight 0.4: -0.8 % of 10000.00 EUR (all prices) = -80.00 EUR."
    );
}

#[test]
fn all_penalties_together_are_capped_at_the_share_that_the_contract_names() {
    let contract = contract(
        "period = \"month\"\ncap = { penalty = 0.07 }",
        &format!(
            "[[contract.acme.price]]\nname = \"fee\"\nkind = \"fixed\"\namount = 10001.00\n{ANSWERED}\
             [[contract.acme.service_level]]\nname = \"csat\"\nmetric = \"csat\"\nsteps = [{{ below = 0.8, pays = -0.05 }}]\n"
        ),
    );
    let figures = [told("service_level", "1/2"), told("csat", "1/2")];
    let statement = statement::of(&contract, &inputs(&contract, "2026-11", &figures));
    // 5 % of 10,001 = 500.05 each, 1,000.10 together; 7 % is 700.07, of which the first half is 350.035: 350.04 and 350.03.
    assert_eq!(amount(&statement, "service_level.answered"), Some("-500.05 EUR".to_owned()));
    assert_eq!(amount(&statement, "cap.answered"), Some("150.01 EUR".to_owned()));
    assert_eq!(amount(&statement, "cap.csat"), Some("150.02 EUR".to_owned()));
    assert_eq!(statement.subtotals.service_levels.to_string(), "-700.07 EUR");
    assert_eq!(
        statement.line("cap.csat").unwrap().says,
        "All penalties together are 1000.10 EUR, more than 7 % of 10001.00 EUR = 700.07 EUR; this one is lowered in proportion from 500.05 EUR to 350.03 EUR."
    );
    // Within the cap there is no such line.
    let one = [told("service_level", "1/2"), told("csat", "9/10")];
    let within = statement::of(&contract, &inputs(&contract, "2026-11", &one));
    assert!(within.line("cap.answered").is_none());
}

/// The statements of some months in a row, each with what matters of the ones before it.
fn months(contract: &Contract, figures: &[(&str, Option<&str>)]) -> Vec<Statement> {
    let mut made: Vec<Statement> = Vec::new();
    for (at, service_level) in figures {
        let told: Vec<Told<'_>> = service_level.iter().map(|value| told("service_level", value)).collect();
        let mut inputs = inputs(contract, at, &told);
        inputs.earlier = statement::earlier(&made);
        made.push(statement::of(contract, &inputs));
    }
    made
}

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

#[test]
fn no_data_is_not_zero() {
    let contract = monthly(&format!("{FEE}{ANSWERED}"));
    let statement = statement::of(&contract, &inputs(&contract, "2026-11", &[]));
    assert_eq!(amount(&statement, "service_level.answered"), None);
    assert_eq!(statement.outcomes[0].met, None);
    assert_eq!(statement.due.to_string(), "10000.00 EUR");
    assert_eq!(
        statement.incomplete,
        [
            "service_level.answered: `service_level` has no value: no record in this place and time. Nothing is paid or deducted for it, and the statement is not complete."
        ]
    );
}

#[test]
fn a_penalty_on_a_price_without_an_amount_is_not_guessed() {
    let contract = contract(
        "period = \"month\"\ncap = { penalty = 0.01 }",
        &format!(
            "{FEE}[[contract.acme.price]]\nname = \"dials\"\nkind = \"per_transaction\"\nmetric = \"dials\"\nrate = 0.1\n{ANSWERED}of = [\"fee\"]\n\
             [[contract.acme.service_level]]\nname = \"csat\"\nmetric = \"csat\"\nsteps = [{{ below = 0.8, pays = -0.05 }}]\n"
        ),
    );
    let figures = [told("service_level", "1/2"), told("csat", "1/2")];
    let statement = statement::of(&contract, &inputs(&contract, "2026-11", &figures));
    // The penalty on the fee alone is known, that on all prices is not, and neither is the cap.
    assert_eq!(amount(&statement, "service_level.answered"), Some("-500.00 EUR".to_owned()));
    assert_eq!(amount(&statement, "service_level.csat"), None);
    assert_eq!(amount(&statement, "cap.answered"), None);
    assert_eq!(statement.incomplete.len(), 3);
    assert_eq!(
        statement.line("cap.answered").unwrap().says,
        "The cap of the contract is a share of all prices, and `price.dials` has no amount."
    );
}

const OUTAGES: &str = r#"
[[contract.acme.exclusion]]
name      = "site_down"
kind      = "outage"
from      = 2026-11-16T10:05:00
to        = 2026-11-16T11:20:00
zone      = "Europe/London"
evidence  = "Incident 4711"
agreed    = { by_client = "A. Marsh", by_provider = "P. Bell", on = 2026-11-20 }
leave_out = true
[[contract.acme.exclusion]]
name     = "storm"
kind     = "force_majeure"
from     = 2026-11-18T00:00:00
to       = 2026-11-19T00:00:00
zone     = "Europe/London"
evidence = "Warning of the weather service"
agreed   = { by_client = "A. Marsh", by_provider = "P. Bell", on = 2026-12-20 }
relief   = 0.8
[[contract.acme.exclusion]]
name     = "wrong_list"
kind     = "client_caused"
from     = 2026-10-01T00:00:00
to       = 2026-11-02T00:00:00
zone     = "Europe/London"
evidence = "Mail of 2 November"
agreed   = { by_client = "A. Marsh", by_provider = "P. Bell", on = 2026-11-05 }
relief   = 0.7
"#;

#[test]
fn time_that_is_left_out_changes_the_figure_and_both_are_told() {
    let contract = monthly(&format!("{FEE}{ANSWERED}{OUTAGES}"));
    let without = Told { without: true, ..told("service_level", "780/1000") };
    let figures = [told("service_level", "740/1010"), without];
    let statement = statement::of(&contract, &inputs(&contract, "2026-11", &figures));
    // 78 % without the outage: 2 % of 10,000. The storm is agreed after the statement, the wrong list takes off 70 %.
    assert_eq!(amount(&statement, "service_level.answered"), Some("-200.00 EUR".to_owned()));
    assert_eq!(amount(&statement, "relief.wrong_list.answered"), Some("140.00 EUR".to_owned()));
    assert_eq!(statement.lines.len(), 3);
    assert_eq!(
        statement.line("service_level.answered").unwrap().says,
        "Service level was 78 % (780 of 1000) without the time of `site_down` (with all records it was 73.2673 % (740 of 1010)), from 75 % and below 80 %: -2 % of 10000.00 EUR (all prices) = -200.00 EUR."
    );
    let states: Vec<ExclusionState> = statement.exclusions.iter().map(|note| note.state).collect();
    assert_eq!(states, [ExclusionState::Agreed, ExclusionState::Claimed, ExclusionState::Agreed]);
}

#[test]
fn reliefs_together_take_off_the_whole_penalty_at_most() {
    let contract = monthly(&format!("{FEE}{ANSWERED}{OUTAGES}"));
    let without = Told { without: true, ..told("service_level", "780/1000") };
    let mut later = inputs(&contract, "2026-11", &[]);
    later.today = date(2026, 12, 21);
    answer(&contract, &mut later, &[told("service_level", "740/1010"), without]);
    let statement = statement::of(&contract, &later);
    // 80 % of 200, then 70 %, of which 40 is left
    assert_eq!(amount(&statement, "relief.storm.answered"), Some("160.00 EUR".to_owned()));
    assert_eq!(amount(&statement, "relief.wrong_list.answered"), Some("40.00 EUR".to_owned()));
    assert_eq!(statement.due.to_string(), "10000.00 EUR");
}

#[test]
fn money_in_another_currency_needs_the_rate_of_the_last_day() {
    let contract = monthly(
        "[[contract.acme.price]]\nname = \"fee\"\nkind = \"share_of\"\nmetric = \"amount_collected\"\nrate = 0.18\n",
    );
    let dollars = Told { currency: Some("USD"), ..told("amount_collected", "1000.00") };
    let mut inputs = inputs(&contract, "2026-11", &[dollars]);
    let refused = statement::of(&contract, &inputs);
    assert_eq!(
        refused.incomplete,
        [
            "price.fee: `amount_collected` is in USD, and there is no rate from USD to EUR of 2026-11-30, the last day of the period."
        ]
    );
    let rate = |day, rate: &str| ExchangeRate {
        from: "USD".to_owned(),
        to: "EUR".to_owned(),
        day,
        rate: ratio(rate),
    };
    inputs.rates = vec![rate(date(2026, 11, 27), "0.91"), rate(date(2026, 11, 30), "0.9215")];
    let statement = statement::of(&contract, &inputs);
    // 1,000 x 0.9215 x 0.18
    assert_eq!(statement.due.to_string(), "165.87 EUR");
    assert_eq!(
        statement.lines[0].says,
        "Money collected, 2026-11-01 to 2026-11-30: 921.5 x 18 % = 165.87 EUR. 1000.00 USD is 921.50 EUR at the rate of 2026-11-30, the last day of the period: 0.9215 EUR for one USD."
    );
    inputs.rates.push(rate(date(2026, 11, 30), "0.93"));
    assert_eq!(
        statement::of(&contract, &inputs).incomplete,
        ["price.fee: `amount_collected` is in USD, and there are two rates from USD to EUR of 2026-11-30."]
    );
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
fn a_statement_says_who_signed_the_definitions() {
    let definition = |hash: &str, signed: &str| {
        format!(
            "[[contract.acme.definition]]\nmetric = \"service_level\"\nhash = \"{hash}\"\nsigned = [{signed}]\n"
        )
    };
    let client = "{ party = \"client\", by = \"A. Marsh\", on = 2026-06-15 }";
    let provider = "{ party = \"provider\", by = \"P. Bell\", on = 2026-12-04 }";
    let state = |definitions: &str| {
        let contract = monthly(&format!("{FEE}{ANSWERED}{definitions}"));
        let statement =
            statement::of(&contract, &inputs(&contract, "2026-11", &[told("service_level", "1/1")]));
        assert_eq!(statement.definitions.len(), 1);
        statement.definitions[0].state
    };
    let used = "hash-of-service_level";
    assert_eq!(state(""), SignedState::NotSigned);
    // The provider signs the day after the statement.
    assert_eq!(state(&definition(used, &format!("{client}, {provider}"))), SignedState::ByClient);
    assert_eq!(state(&definition("older", client)), SignedState::InAnotherVersion);
    assert_eq!(state(&definition("older", provider)), SignedState::NotSigned);
    let both = format!("{client}, {}", provider.replace("2026-12-04", "2026-12-03"));
    assert_eq!(
        state(&format!("{}{}", definition("older", client), definition(used, &both))),
        SignedState::ByBoth
    );
}

#[test]
fn clawbacks_go_on_after_the_contract_has_ended() {
    let contract = contract(
        "period = \"month\"\nends_on = 2026-10-31",
        &format!(
            "{FEE}[[contract.acme.clawback]]\nname = \"cancelled\"\nmetric = \"sales_reclaimed\"\nrate = 35\n"
        ),
    );
    let statement = statement::of(&contract, &inputs(&contract, "2026-11", &[told("sales_reclaimed", "3")]));
    assert_eq!(statement.due.to_string(), "-105.00 EUR");
    assert_eq!(statement.lines.len(), 1);
}

#[test]
fn a_month_is_no_quarter() {
    let contract = monthly(FEE);
    let mut inputs = inputs(&contract, "2026-11", &[]);
    inputs.period = period("2026-Q4");
    let statement = statement::of(&contract, &inputs);
    assert_eq!(statement.incomplete, ["The contract is settled by month, and 2026-Q4 is none."]);
    assert!(statement.lines.is_empty());
}

#[test]
fn figures_that_are_handed_in_twice_are_not_chosen_from() {
    let contract = monthly(&format!("{FEE}{ANSWERED}"));
    let mut inputs = inputs(&contract, "2026-11", &[told("service_level", "1/2")]);
    inputs.figures.push(inputs.figures[0].clone());
    assert_eq!(statement::of(&contract, &inputs).due.to_string(), "9500.00 EUR");
    inputs.figures[1].n = 999;
    let statement = statement::of(&contract, &inputs);
    assert!(statement.incomplete[0].contains("`service_level` was handed in twice with different values."));
}
