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
    // What only a project can fill has no records to show; everything else shows its own.
    assert!(!said.contains("has no worked example"), "{said}");
}
