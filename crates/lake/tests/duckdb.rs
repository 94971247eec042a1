//! DuckDB attaches a settled store read-only and counts what the snapshot holds.
//!
//! Needs a Python with DuckDB, named by `DIALMARK_TEST_PYTHON` (see `duckdb_attach.py`); without it the test says
//! so and passes.

#![allow(clippy::unwrap_used, clippy::panic, clippy::print_stdout, reason = "helpers of tests are tests")]

mod support;

use std::path::Path;
use std::process::Command;

use dialmark_lake::{ImportIdentity, Lake};
use support::*;

#[tokio::test]
async fn duckdb_counts_and_adds_what_the_snapshot_holds() {
    let Ok(python) = std::env::var("DIALMARK_TEST_PYTHON") else {
        println!("skipped: DIALMARK_TEST_PYTHON names no Python with DuckDB");
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    let lake = Lake::open(folder.path()).await.unwrap();
    let records: Vec<Record> = (0..5000)
        .map(|i| Record {
            started_us: (i % 7 != 0).then_some(i % 5 * DAY_US + i * 1001),
            // On one day too long for statistics, which must not make a reader skip the file.
            campaign: if i % 5 == 3 { format!("{i:0100}") } else { format!("o'hara {}", i % 4) },
            ..record(i, 0, 0, i - 100)
        })
        .collect();
    deliver(&lake, spec("1.csv", ARRIVAL), &records).await.unwrap();
    let mut wider = spec("2.csv", ARRIVAL);
    let team = dialmark_model::Column::own("team_id", dialmark_model::Kind::Code, "Team.");
    wider.table.columns.to_mut().push(team);
    let later: Vec<Record> = (0..300).map(|i| record(i * 3, 0, 8, 90_000 + i)).collect();
    deliver(&lake, wider, &later).await.unwrap();
    // Another table, whose file was replaced whole.
    let mut plan = spec("plan.csv", ImportIdentity::Replace);
    plan.table.name = "plans".into();
    deliver(&lake, plan.clone(), &[record("", 0, 0, 1)]).await.unwrap();
    deliver(&lake, plan, &[record("", 0, 0, 2), record("", 0, 1, 3)]).await.unwrap();
    lake.settle().await.unwrap();

    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/duckdb_attach.py");
    let output = Command::new(python).arg(script).arg(folder.path()).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let answer: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();

    let plans = &answer["plans"];
    assert_eq!((plans["rows"].as_u64(), plans["columns"]["talk_ms"]["sum"].as_str()), (Some(2), Some("5")));
    let calls = &answer["calls"];
    assert_eq!(calls["pruned"], "agrees");
    let rows: Vec<Live> = live(&lake).await.into_iter().filter(|r| !r.id.is_empty()).collect();
    assert_eq!(calls["rows"].as_u64(), Some(5000));
    let column = |name: &str| &calls["columns"][name];
    let sum: i64 = rows.iter().map(|r| r.talk_ms).sum();
    assert_eq!(column("talk_ms")["sum"], sum.to_string());
    let cost: i128 = rows.iter().map(|r| r.cost).sum();
    assert_eq!(column("cost_amount")["sum"], format!("{}.{:04}", cost / 10_000, cost % 10_000));
    let started: Vec<i64> = rows.iter().filter_map(|r| r.started_us).collect();
    assert_eq!(column("started_at")["count"].as_u64(), Some(started.len() as u64));
    assert_eq!(column("started_at")["min"], started.iter().min().unwrap().to_string());
    assert_eq!(column("started_at")["max"], started.iter().max().unwrap().to_string());
    assert_eq!(column("note")["count"].as_u64(), Some(0));
    assert_eq!(column("team_id")["count"].as_u64(), Some(0));
    assert_eq!(column("revision")["sum"], rows.iter().map(|r| r.revision).sum::<i64>().to_string());
}
