//! What a contract may look like, and what is said of one that is wrong.

mod events;
mod service_levels;

use crate::common::{period, ratio, read, sound};
use dialmark_govern::contract::{Better, Billing, Effect, PriceKind, Rate, Scale, Seats, TiersApply};
use jiff::civil::date;

/// The smallest contract, and where more goes.
const SMALLEST: &str = r#"[contract.acme]
client   = "acme"
scope    = { client_id = "acme" }
currency = "EUR"
period   = "month"
[[contract.acme.price]]
name   = "base"
kind   = "fixed"
amount = 5000
"#;

/// Problems of the smallest contract with more lines after it; line 10 is the first of them.
fn with(more: &str) -> Vec<String> {
    read(&format!("{SMALLEST}{more}")).1
}

/// Problems of the smallest contract with something replaced.
fn changed(old: &str, new: &str) -> Vec<String> {
    assert!(SMALLEST.contains(old), "{old}");
    read(&SMALLEST.replace(old, new)).1
}

#[test]
fn every_form_of_a_contract_is_read() {
    let contract = sound(include_str!("golden/every_form.toml"));
    assert_eq!(contract.billing, Billing::Month);
    assert_eq!(contract.phases.days().until, Some(date(2027, 8, 1)));
    let kinds: Vec<&str> = contract.prices.iter().map(|price| price.kind.word()).collect();
    assert_eq!(
        kinds,
        ["per_seat", "per_seat", "per_transaction", "per_hour", "fixed", "per_outcome", "share_of"]
    );
    assert!(
        matches!(&contract.prices[1].kind, PriceKind::PerSeat { seats: Seats::Measured(of), .. } if of.place.value("campaign_id") == Some("north"))
    );
    assert!(matches!(
        &contract.prices[2].kind,
        PriceKind::PerTransaction { rate: Rate::Tiers { apply: TiersApply::Graduated, counted: true, tiers }, .. } if tiers.len() == 2
    ));
    assert!(matches!(
        &contract.prices[6].kind,
        PriceKind::ShareOf { rate: Rate::Tiers { apply: TiersApply::All, counted: false, .. }, .. }
    ));
    // A price that names the steady phase alone begins with go-live, a service level always does.
    assert_eq!(contract.prices[4].days.from, Some(date(2026, 8, 1)));
    assert_eq!(contract.service_levels[0].days.from, Some(date(2026, 8, 1)));
    assert_eq!(contract.service_levels[0].grace_until, Some(date(2026, 8, 31)));
    assert_eq!(contract.service_levels[0].cap.penalty, Some(ratio("0.1")));
    assert_eq!(contract.service_levels[1].better, Some(Better::Less));
    assert!(
        matches!(&contract.service_levels[2].scale, Scale::Linear(linear) if linear.target == ratio("240000"))
    );
    assert_eq!(contract.service_levels[3].of.place.to_string(), "client_id = acme, campaign_id = north");
    assert_eq!(contract.exclusions[0].effect, Effect::Relief(ratio("0.5")));
    assert_eq!(contract.exclusions[1].effect, Effect::LeaveOut);
    assert_eq!(contract.exclusions[1].stretch.from.to_string(), "2026-11-16T10:05:00Z");
    assert_eq!(contract.disputes[0].period, period("2026-11"));
    assert_eq!(contract.disputes[1].resolution.as_ref().unwrap().adjust, ratio("-120"));
    assert_eq!(contract.definitions[0].signed.len(), 2);
}

#[test]
fn all_problems_of_a_contract_come_at_once() {
    let text = r#"[contract.Acme]
scope    = { client = "acme", colour = "red" }
currency = "Euro"
perod    = "month"
[[contract.Acme.price]]
name = "seats"
kind = "per_seet"
[[contract.Acme.clawback]]
name   = "cancelled"
metric = "sales_reclaimed"
"#;
    let (contracts, problems) = read(text);
    assert!(contracts.is_empty());
    assert_eq!(
        problems,
        [
            "error: contracts/acme.toml:1: contract.Acme: `Acme` cannot be a name here. Names are lower-case letters, digits and `_`, and begin with a letter.",
            "error: contracts/acme.toml:1: contract.Acme: `client` is missing. Add `client = \"...\"`: who is served, as in `client_id`.",
            "error: contracts/acme.toml:1: contract.Acme: `period` is missing. Add `period = \"month\"`; it can be `month`, `quarter`.",
            "error: contracts/acme.toml:2: contract.Acme.scope.colour: there is no dimension `colour`.",
            "error: contracts/acme.toml:3: contract.Acme.currency: `Euro` is no currency. Write the three capital letters of its ISO code, such as `EUR`.",
            "error: contracts/acme.toml:4: contract.Acme.perod: nothing is known by this key. Did you mean `period`?",
            "error: contracts/acme.toml:7: contract.Acme.price.kind: `per_seet` is not known here. Did you mean `per_seat`?",
            "error: contracts/acme.toml:8: contract.Acme.clawback: `rate` is missing. Add `rate = 12.00`.",
        ]
    );
}

#[test]
fn a_contract_without_scope_or_price_is_refused() {
    assert_eq!(
        changed("scope    = { client_id = \"acme\" }\n", ""),
        [
            "error: contracts/acme.toml:1: contract.acme: `scope` is missing. Add `scope = { client_id = \"...\" }`: whose records count. `scope = {}` is the whole centre."
        ]
    );
    let (_, problems) = read(SMALLEST.split("[[").next().unwrap());
    assert_eq!(
        problems,
        [
            "error: contracts/acme.toml:1: contract.acme: this contract has no price. Add `[[contract.acme.price]]` with a `name` and a `kind` such as `per_seat`."
        ]
    );
}

#[test]
fn go_live_before_the_signature_is_refused() {
    assert_eq!(
        changed("period   =", "signed_on = 2026-08-15\ngo_live_on = 2026-08-01\nperiod   ="),
        [
            "error: contracts/acme.toml:6: contract.acme.go_live_on: go-live (2026-08-01) is before the signature (2026-08-15). The order is `signed_on`, `transition`, `go_live_on`, `ends_on`; each may be left out."
        ]
    );
    assert_eq!(
        changed("period   =", "transition = { from = 2026-08-01, until = 2026-08-01 }\nperiod   ="),
        [
            "error: contracts/acme.toml:5: contract.acme.transition.until: the transition has no day. Let `until` be later than `from`."
        ]
    );
}

#[test]
fn a_price_that_runs_before_the_work_is_pointed_out() {
    assert_eq!(
        changed("period   =", "signed_on = 2026-06-15\ngo_live_on = 2026-08-01\nperiod   ="),
        [
            "warning: contracts/acme.toml:8: contract.acme.price: this is paid from the signature on 2026-06-15, though the work begins on 2026-08-01. Write `from = 2026-08-01`, or `from = 2026-06-15` if that is meant."
        ]
    );
}

#[test]
fn phases_that_a_contract_does_not_have_are_refused() {
    assert_eq!(
        with("phases = [\"transition\"]\n"),
        [
            "error: contracts/acme.toml:10: contract.acme.price.phases: this contract has no transition phase. State its days in the contract: `signed_on`, `transition`, `go_live_on`."
        ]
    );
    assert_eq!(
        with("phases = [\"stable\"]\n"),
        [
            "error: contracts/acme.toml:10: contract.acme.price.phases: `stable` is no phase of a contract. Use `signature`, `transition`, `steady`."
        ]
    );
}

#[test]
fn a_unit_that_does_not_fit_the_kind_of_price_is_refused() {
    let price = |kind: &str, metric: &str| {
        with(&format!(
            "[[contract.acme.price]]\nname = \"more\"\nkind = \"{kind}\"\nmetric = \"{metric}\"\nrate = 0.5\n"
        ))
    };
    assert_eq!(
        price("per_hour", "sales"),
        [
            "error: contracts/acme.toml:13: contract.acme.price.metric: `sales` is a count, and a price per hour is of a length of time. Name another metric, or choose another `kind`."
        ]
    );
    assert_eq!(
        price("per_hour", "aht"),
        [
            "error: contracts/acme.toml:13: contract.acme.price.metric: `aht` is a ratio metric, and a price per hour is of a sum. Name a metric that counts or adds up, such as `sales` or `logged_hours`."
        ]
    );
    assert_eq!(
        price("share_of", "logged_hours"),
        [
            "error: contracts/acme.toml:13: contract.acme.price.metric: `logged_hours` is a length of time, and a share of money is of money. Name another metric, or choose another `kind`."
        ]
    );
    assert_eq!(
        price("per_outcome", "sale"),
        [
            "error: contracts/acme.toml:13: contract.acme.price.metric: There is no metric `sale`. Did you mean `sales`?"
        ]
    );
    assert_eq!(price("per_hour", "logged_hours"), Vec::<String>::new());
}

#[test]
fn rates_and_tiers_must_make_sense() {
    let price = |lines: &str| {
        with(&format!(
            "[[contract.acme.price]]\nname = \"more\"\nkind = \"per_transaction\"\nmetric = \"sales\"\n{lines}\n"
        ))
    };
    let refused = |lines: &str, problem: &str| assert_eq!(price(lines), [problem]);
    refused(
        "rate = -3",
        "error: contracts/acme.toml:14: contract.acme.price.rate: a price is not below zero. What is taken off is a penalty (`service_level`) or a `clawback`.",
    );
    refused(
        "tiers = [{ from = 1, rate = 2 }]",
        "error: contracts/acme.toml:14: contract.acme.price.tiers: the first tier does not begin at 0. Write `{ from = 0, rate = ... }` first.",
    );
    refused(
        "tiers = [{ from = 0, rate = 3 }, { from = 500, rate = 2 }, { from = 400, rate = 1 }]",
        "error: contracts/acme.toml:14: contract.acme.price.tiers: the tier from 400 comes after the tier from 500. Write tiers in ascending order, each once.",
    );
    refused(
        "tiers = [{ from = 0, rate = 3 }, { from = 500.5, rate = 2 }]",
        "error: contracts/acme.toml:14: contract.acme.price.tiers: units are counted one by one, and there is none with the number 500.5 after the first. Write the number of the first unit of the tier, such as `from = 1001`.",
    );
    refused(
        "rate = 3\ntiers = [{ from = 0, rate = 3 }]",
        "error: contracts/acme.toml:15: contract.acme.price.tiers: `rate` and `tiers` exclude each other. Write `rate = 12.00`, or `tiers = [{ from = 0, rate = 12.00 }, { from = 1001, rate = 10.50 }]`.",
    );
    refused(
        "rate = 3e2",
        "error: contracts/acme.toml:14: contract.acme.price.rate: this is not a value. Write it as a sum such as `12.50`.",
    );
    let fee = with(
        "[[contract.acme.price]]\nname = \"fee\"\nkind = \"share_of\"\nmetric = \"amount_collected\"\nrate = 18\n",
    );
    assert_eq!(
        fee,
        [
            "error: contracts/acme.toml:14: contract.acme.price.rate: this is more than the whole. A share is between 0 and 1: write `0.18` or `\"18 %\"`."
        ]
    );
}

#[test]
fn the_same_name_twice_is_refused() {
    assert_eq!(
        with("[[contract.acme.price]]\nname = \"base\"\nkind = \"fixed\"\namount = 1\n"),
        [
            "error: contracts/acme.toml:11: contract.acme.price.name: the price `base` is declared twice: here and in line 7. Give one of them another `name`."
        ]
    );
}

#[test]
fn contracts_that_are_paid_twice_for_the_same_records_are_pointed_out() {
    let another = |name: &str, days: &str, scope: &str| {
        SMALLEST
            .replace("acme]", &format!("{name}]"))
            .replace("contract.acme.", &format!("contract.{name}."))
            .replace("{ client_id = \"acme\" }", scope)
            .replace("period ", &format!("{days}\nperiod "))
    };
    let both = |a: &str, b: &str| read(&format!("{a}{b}")).1;
    let first = another("first", "ends_on = 2026-06-30", "{ client_id = \"acme\" }");
    let next =
        another("next", "go_live_on = 2026-07-01", "{ client_id = \"acme\", campaign_id = \"north\" }");
    let early =
        another("early", "go_live_on = 2026-06-30", "{ client_id = \"acme\", campaign_id = \"north\" }");
    let south =
        another("south", "go_live_on = 2026-06-30", "{ client_id = \"acme\", campaign_id = \"south\" }");
    assert_eq!(both(&first, &next), Vec::<String>::new());
    assert_eq!(both(&early, &south), Vec::<String>::new());
    assert_eq!(
        both(&first, &early),
        [
            "warning: contracts/acme.toml:11: contract.early: this contract and `first` (contracts/acme.toml:1) are over the same client, and their days and scopes overlap. Let one end (`ends_on`) before the other begins, or narrow their `scope`, so that no record is paid twice."
        ]
    );
}
