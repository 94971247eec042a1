//! Every worked example of the catalogue comes out exactly, through the program.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "in tests a panic is a finding")]

use std::process::Command;

#[test]
fn every_worked_example_comes_out_exactly() {
    let here = tempfile::tempdir().unwrap();
    let run = Command::new(env!("CARGO_BIN_EXE_dialmark"))
        .args(["metrics", "test"])
        .current_dir(here.path())
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&run.stdout);
    assert!(run.status.success(), "{said}");
    let last = said.lines().last().unwrap_or_default();
    let tried: u32 = last.split(' ').next().and_then(|n| n.parse().ok()).expect(last);
    assert!(tried > 40, "only {tried} examples were found");
    let without: Vec<&str> =
        said.lines().filter_map(|line| line.strip_suffix(": has no worked example.")).collect();
    assert_eq!(without, ONLY_A_PROJECT_CAN_FILL, "{said}");
}

/// Metrics over tables that the catalogue does not know: they have no records to show before a project binds them.
const ONLY_A_PROJECT_CAN_FILL: [&str; 8] = [
    "device_usage_rate/standard",
    "fraud_flag_rate/standard",
    "knowledge_base_use_rate/standard",
    "portal_visits/standard",
    "portal_visits_30d/standard",
    "portal_visits_60d/standard",
    "technology_adoption_rate/standard",
    "traffic_variation/portal",
];
