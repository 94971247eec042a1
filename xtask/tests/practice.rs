//! `docs/practice.md` names the test that shows each sentence; a test that is gone shows nothing.

#![allow(clippy::unwrap_used, clippy::panic, reason = "in tests a panic is a finding")]

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// Rows of the tables, with what stands in their cells.
fn rows(page: &str) -> Vec<Vec<String>> {
    let is_row = |line: &&str| line.starts_with("| ") && !line.starts_with("| |");
    let cells = |line: &str| line.trim_matches('|').split(" | ").map(|cell| cell.trim().to_owned()).collect();
    page.lines().filter(is_row).map(cells).collect()
}

/// What is written `file::name` in a cell.
fn named(cell: &str) -> Vec<(&str, &str)> {
    cell.split('`').filter_map(|code| code.split_once("::")).collect()
}

/// Whether the file has a test of this name; a script, whether it says so when it checks.
fn is_there(file: &str, name: &str) -> bool {
    let Ok(text) = std::fs::read_to_string(root().join(file)) else { return false };
    if file.ends_with(".py") {
        return text.lines().any(|line| line.trim_start().starts_with("check.") && line.contains(name));
    }
    let mut before = "";
    for line in text.lines().map(str::trim) {
        if line.contains(&format!("fn {name}(")) {
            // In a block of properties the attribute stands there as well.
            return before.starts_with("#[");
        }
        before = line;
    }
    false
}

#[test]
fn every_sentence_of_practice_names_tests_that_are_there() {
    let page = std::fs::read_to_string(root().join("docs/practice.md")).unwrap();
    let rows = rows(&page);
    assert!(rows.len() >= 50, "{} rows", rows.len());
    let mut numbers = BTreeSet::new();
    let mut gone = Vec::new();
    for row in &rows {
        let [number, asks, does, shown] = row.as_slice() else { panic!("{row:?} has not four cells") };
        assert!(numbers.insert(number.clone()), "{number} is there twice");
        assert!(!asks.is_empty() && !does.is_empty(), "{number} says nothing");
        let tests = named(shown);
        assert!(!tests.is_empty(), "{number} names no test");
        gone.extend(tests.iter().filter(|(file, name)| !is_there(file, name)).map(|test| (number, *test)));
    }
    assert!(gone.is_empty(), "these tests are gone; name those that took their place: {gone:#?}");
}

#[test]
fn a_test_that_is_gone_is_found_out() {
    assert!(is_there("xtask/tests/practice.rs", "a_test_that_is_gone_is_found_out"));
    assert!(!is_there("xtask/tests/practice.rs", "is_there"), "no test");
    assert!(!is_there("xtask/tests/practice.rs", "nobody_wrote_this"));
    assert!(!is_there("xtask/tests/nowhere.rs", "a_test_that_is_gone_is_found_out"));
}
