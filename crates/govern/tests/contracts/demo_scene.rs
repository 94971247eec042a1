//! The money of the demo's sixth scene, to the cent.

use crate::common::{inputs, sound, told};
use dialmark_govern::statement::{self, ExclusionState, LineKind, SignedState};

const CONTRACT: &str = r#"
[contract.acme]
label      = "Acme, consumer sales"
client     = "acme"
provider   = "Northwind Contact"
scope      = { client_id = "acme" }
currency   = "EUR"
period     = "month"
signed_on  = 2026-06-15
transition = { from = 2026-07-01, until = 2026-08-01 }
go_live_on = 2026-08-01

[[contract.acme.price]]
name  = "seats"
kind  = "per_seat"
from  = 2026-07-01
seats = 34
rate  = 2600.00

[[contract.acme.service_level]]
name   = "answered"
metric = "service_level"
steps  = [{ below = 0.75, pays = -0.05 }, { below = 0.80, pays = -0.02 }, { from = 0.85, pays = 0.03 }]

[[contract.acme.clawback]]
name   = "cancelled_sales"
metric = "sales_reclaimed"
rate   = 35.00

[[contract.acme.exclusion]]
name          = "onshore_site_down"
service_level = "answered"
kind          = "outage"
from          = 2026-11-16T10:05:00
to            = 2026-11-16T11:20:00
zone          = "Europe/London"
evidence      = "Incident 4711 of the carrier"
agreed        = { by_client = "A. Marsh", by_provider = "P. Bell", on = 2026-11-20 }
relief        = 0.5

[[contract.acme.definition]]
metric = "service_level"
hash   = "hash-of-service_level"
signed = [
  { party = "client", by = "A. Marsh", on = 2026-06-15 },
  { party = "provider", by = "P. Bell", on = 2026-06-15 },
]
"#;

#[test]
fn the_sixth_scene_comes_out_to_the_cent() {
    let contract = sound(CONTRACT);
    let inputs =
        inputs(&contract, "2026-11", &[told("service_level", "1460/2000"), told("sales_reclaimed", "41")]);
    let statement = statement::of(&contract, &inputs);
    let amounts: Vec<(&str, String)> = statement
        .lines
        .iter()
        .map(|line| (line.id.as_str(), line.amount.as_ref().unwrap().to_string()))
        .collect();
    assert_eq!(
        amounts,
        [
            // 34 x 2,600
            ("price.seats", "88400.00 EUR".to_owned()),
            // 1,460 of 2,000 is 73 %, below 75 %: 5 % of 88,400
            ("service_level.answered", "-4420.00 EUR".to_owned()),
            // half of 4,420
            ("relief.onshore_site_down.answered", "2210.00 EUR".to_owned()),
            // 41 x 35
            ("clawback.cancelled_sales", "-1435.00 EUR".to_owned()),
        ]
    );
    // 88,400 - 4,420 + 2,210 - 1,435
    assert_eq!(statement.due.to_string(), "84755.00 EUR");
    assert_eq!(statement.subtotals.prices.to_string(), "88400.00 EUR");
    assert_eq!(statement.subtotals.service_levels.to_string(), "-2210.00 EUR");
    assert_eq!(statement.subtotals.clawbacks.to_string(), "-1435.00 EUR");
    assert!(statement.is_complete());
    assert_eq!(statement.exclusions[0].state, ExclusionState::Agreed);
    let states: Vec<SignedState> = statement.definitions.iter().map(|note| note.state).collect();
    assert_eq!(states, [SignedState::NotSigned, SignedState::ByBoth]);
}

#[test]
fn the_statement_is_the_golden_file_byte_for_byte() {
    let contract = sound(CONTRACT);
    let inputs =
        inputs(&contract, "2026-11", &[told("service_level", "1460/2000"), told("sales_reclaimed", "41")]);
    let statement = serde_json::to_string_pretty(&statement::of(&contract, &inputs)).unwrap() + "\n";
    let golden = include_str!("golden/demo_scene.json");
    assert!(statement == golden, "The statement is not `tests/golden/demo_scene.json`:\n{statement}");
}

#[test]
fn an_exclusion_that_one_party_has_not_agreed_to_changes_nothing() {
    let text = CONTRACT.replace("by_client = \"A. Marsh\", by_provider", "by_provider");
    let contract = sound(&text);
    let inputs =
        inputs(&contract, "2026-11", &[told("service_level", "1460/2000"), told("sales_reclaimed", "41")]);
    let statement = statement::of(&contract, &inputs);
    // 88,400 - 4,420 - 1,435
    assert_eq!(statement.due.to_string(), "82545.00 EUR");
    assert!(statement.lines.iter().all(|line| line.kind != LineKind::Relief));
    let note = &statement.exclusions[0];
    assert_eq!(note.state, ExclusionState::Claimed);
    assert_eq!(
        note.says,
        "Outage `onshore_site_down`, 2026-11-16 10:05 to 2026-11-16 11:20 (Europe/London); evidence: Incident 4711 of the carrier. It is claimed only, for the client has not agreed, and changes nothing."
    );
}

#[test]
fn every_line_says_how_it_comes_about() {
    let contract = sound(CONTRACT);
    let inputs =
        inputs(&contract, "2026-11", &[told("service_level", "1460/2000"), told("sales_reclaimed", "41")]);
    let statement = statement::of(&contract, &inputs);
    let says: Vec<&str> = statement.lines.iter().map(|line| line.says.as_str()).collect();
    assert_eq!(
        says,
        [
            "34 seats by the month: 34 x 2600.00 = 88400.00 EUR.",
            "Service level was 73 % (1460 of 2000), below 75 %: -5 % of 88400.00 EUR (all prices) = -4420.00 EUR.",
            "Outage `onshore_site_down`, 2026-11-16 10:05 to 2026-11-16 11:20 (Europe/London); evidence: Incident 4711 of the carrier; agreed by A. Marsh for the client and P. Bell for the provider on 2026-11-20. 50 % of the penalty of 4420.00 EUR is taken off: 2210.00 EUR.",
            "Sales reclaimed: 41 x 35.00 taken back = -1435.00 EUR.",
        ]
    );
}
