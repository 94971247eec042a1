//! Exclusions, disputes and signatures that are wrong.

use super::with;

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
            "[[contract.acme.clawback]]\nname = \"a\"\nmetric = \"sales\"\nrate = 1\n[[contract.acme.definition]]\nmetric = \"sales\"\nhash = \"1\"\nsigned = [{ party = \"client\", by = \"a\", on = 2026-07-01 }, { party = \"client\", by = \"b\", on = 2026-07-01 }]\n"
        ),
        [
            "error: contracts/acme.toml:17: contract.acme.definition.signed: the client signed twice. Leave one of the two out."
        ]
    );
}

#[test]
fn a_definition_that_the_contract_does_not_use_is_pointed_out() {
    assert_eq!(
        with(
            "[[contract.acme.clawback]]\nname = \"a\"\nmetric = \"verified_sales\"\nrate = 1\n[[contract.acme.definition]]\nmetric = \"verified_sales/by_sale_day\"\nhash = \"1\"\nsigned = [{ party = \"client\", by = \"a\", on = 2026-07-01 }]\n"
        ),
        [
            "warning: contracts/acme.toml:15: contract.acme.definition.metric: no part of this contract is about `verified_sales/by_sale_day`. A definition is signed under the name that the contract uses: `verified_sales`."
        ]
    );
}
