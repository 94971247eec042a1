//! Prices, to the cent.

use crate::common::{FEE, Told, amount, contract, due, euro, inputs, monthly, ratio, told};
use dialmark_govern::statement::{self, ExchangeRate};
use jiff::civil::date;

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
        source: None,
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
