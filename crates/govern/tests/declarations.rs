//! What a contract may look like, and what is said of one that is wrong.

mod common;

use common::{period, ratio, read, sound};
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

/// Problems of a service level with these lines, which begin in line 12 of the file.
fn level(lines: &str) -> Vec<String> {
    with(&format!("[[contract.acme.service_level]]\nname = \"answered\"\n{lines}"))
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
fn overlapping_steps_are_refused() {
    let steps = |steps: &str| level(&format!("metric = \"service_level\"\nsteps = [{steps}]\n"));
    let overlaps = |text: &str, number: usize, order: &str| {
        assert_eq!(
            steps(text),
            [format!(
                "error: contracts/acme.toml:13: contract.acme.service_level.steps: step {number} overlaps another or is out of order. Write steps in {order} order, so that every figure falls into one of them or none."
            )],
            "{text}"
        );
    };
    overlaps("{ below = 0.80, pays = -0.02 }, { below = 0.75, pays = -0.05 }", 2, "ascending");
    overlaps("{ below = 0.80, pays = -0.02 }, { from = 0.79, pays = 0.01 }", 2, "ascending");
    overlaps("{ from = 0.85, pays = 0.01 }, { below = 0.80, pays = -0.02 }", 1, "ascending");
    overlaps("{ from = 0.85, pays = 0.01 }, { from = 0.85, pays = 0.02 }", 1, "ascending");
    overlaps("{ from = 0.9, below = 0.8, pays = 0.01 }", 1, "ascending");
    overlaps("{ above = 0.03, pays = -0.02 }, { above = 0.05, pays = -0.05 }", 2, "descending");
    overlaps("{ above = 0.03, pays = -0.02 }, { up_to = 0.04, pays = 0.01 }", 2, "descending");
    assert_eq!(
        steps("{ below = 0.80, pays = -0.02 }, { up_to = 0.90, pays = 0.01 }"),
        [
            "error: contracts/acme.toml:13: contract.acme.service_level.steps: these steps mix two ways of saying where they end. Write `below` and `from` where more is better, `above` and `up_to` where less is better."
        ]
    );
    assert_eq!(
        steps("{ below = 80, pays = -5 }"),
        [
            "error: contracts/acme.toml:13: contract.acme.service_level.steps.pays: this is more than the whole fee. A share is between -1 and 1: write `-0.05` or `\"-5 %\"`."
        ]
    );
    assert_eq!(
        steps("{ pays = -0.05 }"),
        [
            "error: contracts/acme.toml:13: contract.acme.service_level.steps: this step does not say for which figures it is. Write `below` and `from` where more is better, `above` and `up_to` where less is better."
        ]
    );
}

#[test]
fn steps_that_pay_less_for_a_better_figure_are_pointed_out() {
    let warning = |line: usize| {
        format!(
            "warning: contracts/acme.toml:{line}: contract.acme.service_level.steps: a better figure pays less somewhere in these steps. What lies between two steps, and beyond the last, pays nothing. Check `pays` and the limits."
        )
    };
    assert_eq!(
        level(
            "metric = \"service_level\"\nsteps = [{ below = 0.75, pays = -0.02 }, { below = 0.80, pays = -0.05 }]\n"
        ),
        [warning(13)]
    );
    // A longer wait is worse, and is paid here.
    assert_eq!(level("metric = \"asa\"\nsteps = [{ below = \"20s\", pays = -0.02 }]\n"), [warning(13)]);
    assert_eq!(
        level("metric = \"asa\"\nsteps = [{ above = \"1min 30s\", pays = -0.02 }]\n"),
        Vec::<String>::new()
    );
}

#[test]
fn weights_that_do_not_add_up_are_refused() {
    let two = |first: &str, second: &str| {
        with(&format!(
            "[[contract.acme.service_level]]\nname = \"a\"\nmetric = \"service_level\"\n{first}\nsteps = [{{ below = 0.8, pays = -0.1 }}]\n\
             [[contract.acme.service_level]]\nname = \"b\"\nmetric = \"csat\"\n{second}\nsteps = [{{ below = 0.8, pays = -0.1 }}]\n"
        ))
    };
    assert_eq!(two("weight = 0.4", "weight = 0.6"), Vec::<String>::new());
    assert_eq!(
        two("weight = 0.4", "weight = 0.599999999999999999"),
        [
            "error: contracts/acme.toml:10: contract.acme.service_level: the weights of the service levels add up to 0.999999999999999999, not to 1. Change them so that they add up to exactly 1."
        ]
    );
    assert_eq!(
        two("weight = 1", ""),
        [
            "error: contracts/acme.toml:10: contract.acme.service_level: some service levels have a weight, and `b` has none. Give every one a `weight`, so that they add up to 1, or none."
        ]
    );
}

#[test]
fn a_service_level_must_say_what_it_is_about() {
    assert_eq!(
        level("metric = \"service_levle\"\nsteps = [{ below = 0.75, pays = -0.02 }]\n"),
        [
            "error: contracts/acme.toml:12: contract.acme.service_level.metric: There is no metric `service_levle`. Did you mean `service_level`?"
        ]
    );
    assert_eq!(
        level("kpi = \"answered_nroth\"\nsteps = [{ below = 0.75, pays = -0.02 }]\n"),
        [
            "error: contracts/acme.toml:12: contract.acme.service_level.kpi: there is no KPI `answered_nroth`. Did you mean `answered_north`?"
        ]
    );
    assert_eq!(
        level(
            "metric = \"service_level\"\nplace = { client_id = \"zenith\" }\nsteps = [{ below = 0.75, pays = -0.02 }]\n"
        ),
        [
            "error: contracts/acme.toml:13: contract.acme.service_level.place: `client_id = zenith` is outside of the contract's scope (client_id = acme). A part of a contract is about its records or some of them."
        ]
    );
    assert_eq!(
        level("metric = \"service_level\"\n"),
        [
            "error: contracts/acme.toml:10: contract.acme.service_level: `steps` or `linear` is missing. Write `steps = [{ below = 0.80, pays = -0.05 }]`, or `linear = { target = 0.80, per = 0.01, pays = 0.005, counts = \"full\" }`."
        ]
    );
    assert_eq!(
        level("metric = \"service_level\"\nof = [\"bass\"]\nsteps = [{ below = 0.75, pays = -0.02 }]\n"),
        [
            "error: contracts/acme.toml:13: contract.acme.service_level.of: this contract has no price `bass`. Did you mean `base`?"
        ]
    );
}

#[test]
fn a_linear_scale_must_know_which_way_is_better() {
    let linear = "linear = { target = 100, per = 10, pays = 0.01, counts = \"full\" }\n";
    assert_eq!(
        level(&format!("metric = \"calls_offered\"\n{linear}")),
        [
            "error: contracts/acme.toml:13: contract.acme.service_level.linear: the catalogue does not say which way this metric is better. Add `better = \"more\"` or `better = \"less\"` to the service level."
        ]
    );
    assert_eq!(
        level(&format!("metric = \"calls_offered\"\nbetter = \"less\"\n{linear}")),
        Vec::<String>::new()
    );
    assert_eq!(
        level(&format!("metric = \"sales\"\nbetter = \"less\"\n{linear}")),
        [
            "error: contracts/acme.toml:13: contract.acme.service_level.better: the catalogue says the opposite of this metric. Leave `better` out."
        ]
    );
    assert_eq!(
        level("metric = \"sales\"\nlinear = { target = 100, per = 0, pays = -0.01, counts = \"all\" }\n"),
        [
            "error: contracts/acme.toml:13: contract.acme.service_level.linear.counts: `all` is not known here. Use one of `full`, `started`, `exact`.",
            "error: contracts/acme.toml:13: contract.acme.service_level.linear.pays: this must be above zero. The sign follows from the figure: a better one is paid, a worse one deducted.",
            "error: contracts/acme.toml:13: contract.acme.service_level.linear.per: this must be above zero. The sign follows from the figure: a better one is paid, a worse one deducted.",
        ]
    );
}

#[test]
fn grace_needs_a_go_live_and_earn_back_a_number() {
    assert_eq!(
        level(
            "metric = \"service_level\"\nsteps = [{ below = 0.75, pays = -0.02 }]\ngrace = { days = 30 }\nearn_back = { periods = 0 }\n"
        ),
        [
            "error: contracts/acme.toml:14: contract.acme.service_level.grace: grace is counted from go-live, and this contract does not say when that is. Add `go_live_on` to the contract.",
            "error: contracts/acme.toml:15: contract.acme.service_level.earn_back.periods: this should be from 1 to 24. Leave the whole entry out when there is none.",
        ]
    );
}

#[test]
fn an_exclusion_without_evidence_is_refused() {
    let exclusion = |lines: &str| {
        with(&format!("[[contract.acme.exclusion]]\nname = \"site_down\"\nkind = \"outage\"\n{lines}"))
    };
    let times = "from = 2026-11-16T10:05:00\nto = 2026-11-16T11:20:00\nzone = \"Europe/London\"\n";
    assert_eq!(
        exclusion(&format!("{times}relief = 0.5\n")),
        [
            "error: contracts/acme.toml:10: contract.acme.exclusion: `evidence` is missing. Add `evidence = \"...\"`: what shows it, such as the number of the provider's incident report."
        ]
    );
    assert_eq!(
        exclusion(&format!("{times}evidence = \" \"\n")),
        [
            "error: contracts/acme.toml:10: contract.acme.exclusion: `relief` or `leave_out` is missing. Write `relief = 0.5` for a share of the penalty, or `leave_out = true` for a figure without that time.",
            "error: contracts/acme.toml:16: contract.acme.exclusion.evidence: an exclusion without evidence does not count. Name what shows it, such as the number of an incident report.",
        ]
    );
    assert_eq!(
        exclusion(
            "from = 2026-11-16T11:20:00\nto = 2026-11-16T11:20:00\nzone = \"London\"\nevidence = \"x\"\nrelief = 1.5\nservice_level = \"answred\"\n"
        ),
        [
            "error: contracts/acme.toml:15: contract.acme.exclusion.zone: `London` is not an IANA time zone, such as `Europe/London` or `UTC`.",
            "error: contracts/acme.toml:17: contract.acme.exclusion.relief: a relief is above 0 and at most 1. Write `relief = 0.5` for half of the penalty, `relief = 1` for all of it.",
            "error: contracts/acme.toml:18: contract.acme.exclusion.service_level: this contract has no service level `answred`.",
        ]
    );
    assert_eq!(
        exclusion(
            "from = 2026-11-16\nto = 2026-11-16T11:20:00Z\nzone = \"Europe/London\"\nevidence = \"x\"\nrelief = 1\nagreed = { by_client = \"A. Marsh\" }\n"
        ),
        [
            "error: contracts/acme.toml:13: contract.acme.exclusion.from: `2026-11-16` is no time. Write a time such as `2026-11-02T10:05:00`, which is meant in `zone`, or one with its offset, such as `2026-11-02T10:05:00Z`.",
            "error: contracts/acme.toml:18: contract.acme.exclusion.agreed: `on` is missing. Add `on = 2026-12-02`: the day from which it is agreed.",
        ]
    );
}

#[test]
fn a_time_that_exists_twice_is_pointed_out() {
    let problems = with(
        "[[contract.acme.exclusion]]\nname = \"a\"\nkind = \"outage\"\nfrom = 2026-10-25T01:30:00\nto = 2026-10-25T04:00:00\nzone = \"Europe/London\"\nevidence = \"x\"\nrelief = 1\n",
    );
    assert_eq!(
        problems,
        [
            "warning: contracts/acme.toml:13: contract.acme.exclusion.from: the time 2026-10-25T01:30:00 exists twice, for the clocks went back; the earlier is meant. Write it with its offset to be plain: `2026-10-25T00:30:00Z`."
        ]
    );
}

#[test]
fn disputes_name_a_line_and_a_payable_amount() {
    let dispute = |line: &str, adjust: &str| {
        with(&format!(
            "[[contract.acme.dispute]]\nname = \"d\"\nperiod = \"2026-11\"\nline = \"{line}\"\nraised_by = \"acme\"\nraised_on = 2026-12-05\nsays = \"Too much.\"\nresolution = {{ on = 2026-12-20, by = \"both\", says = \"Agreed.\", adjust = {adjust} }}\n"
        ))
    };
    assert_eq!(dispute("price.base", "\"-120.00\""), Vec::<String>::new());
    assert_eq!(
        dispute("price.seats", "\"-120.00\""),
        [
            "error: contracts/acme.toml:13: contract.acme.dispute.line: this contract has no price `seats`. This contract has `base`."
        ]
    );
    assert_eq!(
        dispute("total", "\"-120.005\""),
        [
            "error: contracts/acme.toml:13: contract.acme.dispute.line: `total` is no line of a statement. Write its kind and name, such as `price.seats` or `service_level.answered`.",
            "error: contracts/acme.toml:17: contract.acme.dispute.resolution.adjust: this amount has more digits than its currency is paid in. Write the amount that is paid.",
        ]
    );
    assert_eq!(
        with(
            "[[contract.acme.dispute]]\nname = \"d\"\nperiod = \"2026-Q4\"\nline = \"price.base\"\nraised_by = \"acme\"\nraised_on = 2026-12-05\nsays = \"Too much.\"\n"
        ),
        [
            "error: contracts/acme.toml:12: contract.acme.dispute.period: `2026-Q4` is no period of this contract. Write a month, such as `2026-11`."
        ]
    );
}

#[test]
fn one_party_signs_a_definition_once() {
    assert_eq!(
        with(
            "[[contract.acme.definition]]\nmetric = \"sales\"\nhash = \"1\"\nsigned = [{ party = \"client\", by = \"a\", on = 2026-07-01 }, { party = \"client\", by = \"b\", on = 2026-07-01 }]\n"
        ),
        [
            "error: contracts/acme.toml:13: contract.acme.definition.signed: the client signed twice. Leave one of the two out."
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
