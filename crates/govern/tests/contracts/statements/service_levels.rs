//! Penalties and bonuses, to the cent.

use crate::common::{ANSWERED, FEE, Told, amount, answer, contract, due, inputs, monthly, period, told};
use dialmark_govern::statement::{self, ExclusionState};
use jiff::civil::date;

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

#[test]
fn all_bonuses_together_are_capped_as_well() {
    let contract = contract(
        "period = \"month\"\ncap = { bonus = 0.04 }",
        &format!(
            "{FEE}{ANSWERED}[[contract.acme.service_level]]\nname = \"csat\"\nmetric = \"csat\"\n\
             steps = [{{ below = 0.5, pays = -0.10 }}, {{ from = 0.9, pays = 0.05 }}]\n"
        ),
    );
    let figures = [told("service_level", "9/10"), told("csat", "9/10")];
    let statement = statement::of(&contract, &inputs(&contract, "2026-11", &figures));
    // 300 and 500 are 800, and 4 % of 10,000 is 400: half of each is left.
    assert_eq!(amount(&statement, "cap.answered"), Some("-150.00 EUR".to_owned()));
    assert_eq!(amount(&statement, "cap.csat"), Some("-250.00 EUR".to_owned()));
    assert_eq!(statement.due.to_string(), "10400.00 EUR");
    // A penalty is not set off against a bonus before the cap.
    let mixed = [told("service_level", "9/10"), told("csat", "4/10")];
    let statement = statement::of(&contract, &inputs(&contract, "2026-11", &mixed));
    assert_eq!(statement.due.to_string(), "9300.00 EUR");
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
