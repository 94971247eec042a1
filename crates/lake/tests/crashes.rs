//! Killed at any moment, and cut off from power: what was acknowledged is there, nothing is there in part.
//!
//! The writer and the reader are this test program itself, started again with `DIALMARK_PROBE` set.

#![allow(clippy::unwrap_used, clippy::panic, clippy::print_stdout, reason = "helpers of tests are tests")]

mod support;

use std::collections::{BTreeMap, BTreeSet};
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use dialmark_lake::{Lake, VerifyOptions};
use support::*;

const RECORDS: i64 = 40;

fn corrected_talk(import: i64) -> i64 {
    1_000_000 + import
}

/// Import `n` brings 40 new records of campaign `n`; every second one corrects ten of the import before it.
fn delivery(n: i64) -> Vec<Record> {
    let of = |import: i64, i: i64, talk_ms: i64| Record {
        campaign: import.to_string(),
        ..record(format!("{import}-{i}"), 0, i % 4, talk_ms)
    };
    let mut records: Vec<Record> = (0..RECORDS).map(|i| of(n, i, i)).collect();
    if n % 2 == 0 {
        records.extend((0..10).map(|i| of(n - 1, i, corrected_talk(n))));
    }
    records
}

/// Acts as the other process; an ordinary test run passes by.
#[tokio::test]
async fn probe() {
    let Ok(role) = std::env::var("DIALMARK_PROBE") else { return };
    let folder = PathBuf::from(std::env::var("FOLDER").unwrap());
    let lake = Lake::open(&folder).await.unwrap();
    match role.as_str() {
        "write" => {
            let first = found(&lake).await.last().map_or(1, |n| n + 1);
            for n in first.. {
                deliver(&lake, spec(&format!("{n}.csv"), ARRIVAL), &delivery(n)).await.unwrap();
                println!("acked {n}");
                if n % 5 == 0 {
                    lake.settle().await.unwrap();
                }
            }
        }
        "read" => {
            for n in found(&lake).await {
                println!("found {n}");
            }
        }
        other => panic!("no such role: {other}"),
    }
}

/// Numbers of the imports that are wholly there, after everything was checked.
async fn found(lake: &Lake) -> BTreeSet<i64> {
    let report = lake.verify(VerifyOptions { deep: true, ..Default::default() }).await.unwrap();
    assert_eq!(report.problems, Vec::<String>::new());
    let mut by_import: BTreeMap<i64, BTreeMap<String, i64>> = BTreeMap::new();
    for row in live(lake).await {
        by_import.entry(row.campaign.parse().unwrap()).or_default().insert(row.id, row.talk_ms);
    }
    for (n, rows) in &by_import {
        assert_eq!(rows.len(), usize::try_from(RECORDS).unwrap(), "import {n} is there in part");
        let corrected = rows.values().filter(|talk| **talk == corrected_talk(n + 1)).count();
        let due = if n % 2 == 1 && by_import.contains_key(&(n + 1)) { 10 } else { 0 };
        assert_eq!(corrected, due, "corrections of import {n}");
    }
    assert_eq!(lake.imports().await.unwrap().len(), by_import.len());
    by_import.into_keys().collect()
}

fn start(role: &str, folder: &Path) -> Child {
    Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "probe", "--nocapture"])
        .env("DIALMARK_PROBE", role)
        .env("FOLDER", folder)
        .stdout(Stdio::piped())
        .stderr(Stdio::inherit())
        .spawn()
        .unwrap()
}

/// The last number that the writer said was acknowledged.
fn acknowledged(child: &mut Child) -> i64 {
    let lines = BufReader::new(child.stdout.take().unwrap()).lines().map_while(Result::ok);
    // Before the first line of its own, the test harness may print without ending the line.
    lines.filter_map(|l| l.rsplit_once("acked ")?.1.parse().ok()).last().unwrap_or(0)
}

#[tokio::test]
async fn a_writer_that_is_killed_at_any_moment_loses_nothing_and_leaves_nothing_in_part() {
    let folder = tempfile::tempdir().unwrap();
    let mut acked = 0;
    for round in 0..12_u64 {
        let mut writer = start("write", folder.path());
        // Spread over opening, staging, writing and committing.
        std::thread::sleep(Duration::from_millis(60 + round * 37 % 200));
        writer.kill().unwrap();
        acked = acknowledged(&mut writer).max(acked);
        writer.wait().unwrap();
        let lake = Lake::open(folder.path()).await.unwrap();
        let there = found(&lake).await;
        assert!((1..=acked).all(|n| there.contains(&n)), "acknowledged {acked}, found {there:?}");
    }
    assert!(acked > 0, "the writer never got to a commit");
    // What the crashes left behind is found and goes away; nothing else does.
    let lake = Lake::open(folder.path()).await.unwrap();
    let options = VerifyOptions { remove_orphans: true, grace: Duration::ZERO, deep: true };
    lake.verify(options.clone()).await.unwrap();
    assert_eq!(lake.verify(options).await.unwrap().orphans, Vec::<PathBuf>::new());
    assert!(found(&lake).await.len() >= usize::try_from(acked).unwrap());
}

/// Runs `scripts/powercut.sh`; `None` when this machine cannot.
fn power_cut(file_system: &str, writer: &str, reader: &str) -> Option<BTreeMap<String, i64>> {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../scripts/powercut.sh");
    let output = Command::new("bash")
        .arg(script)
        .args([file_system, writer, reader])
        .stderr(Stdio::inherit())
        .output()
        .unwrap();
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    if output.status.code() == Some(77) {
        println!("skipped: {text}");
        return None;
    }
    assert!(output.status.success(), "{text}");
    println!("{text}");
    let words: Vec<&str> = text.split_whitespace().collect();
    Some(words.windows(2).filter_map(|w| Some((w[0].to_owned(), w[1].parse().ok()?))).collect())
}

#[test]
fn a_power_cut_loses_no_acknowledged_import() {
    let control = "n=0; while :; do n=$((n+1)); echo \"found $n\" >>\"$FOLDER/lines\"; echo \"acked $n\"; sleep 0.002; done";
    let Some(lost) = power_cut("ext4", control, "cat \"$FOLDER/lines\" 2>/dev/null; true") else { return };
    assert!(
        lost["lost"] > 0,
        "a writer that flushes nothing must lose, or the trial proves nothing: {lost:?}"
    );
    let probe = std::env::current_exe().unwrap();
    let role = |role: &str| format!("DIALMARK_PROBE={role} '{}' --exact probe --nocapture", probe.display());
    for _ in 0..2 {
        if let Some(counts) = power_cut("ext4", &role("write"), &role("read")) {
            assert!(counts["acked"] > 0, "{counts:?}");
            assert_eq!((counts["lost"], counts["doubled"]), (0, 0), "{counts:?}");
        }
    }
}
