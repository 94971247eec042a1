//! Damage that `verify` must find, and orphans that it must and must not remove.

#![allow(clippy::unwrap_used, clippy::panic, clippy::print_stdout, reason = "helpers of tests are tests")]

mod support;

use std::path::{Path, PathBuf};
use std::time::Duration;

use dialmark_lake::{Lake, VerifyOptions};
use support::*;

async fn filled() -> (tempfile::TempDir, Lake) {
    let folder = tempfile::tempdir().unwrap();
    let lake = Lake::open(folder.path()).await.unwrap();
    let records: Vec<Record> = (0..3000).map(|i| record(i, 0, i % 2, i)).collect();
    deliver(&lake, spec("1.csv", ARRIVAL), &records).await.unwrap();
    assert_eq!(problems(&lake).await, Vec::<String>::new());
    (folder, lake)
}

fn first(folder: &Path, part: &str) -> PathBuf {
    files_below(&folder.join(part)).remove(0)
}

async fn only_problem(lake: &Lake) -> String {
    let report = lake.verify(VerifyOptions::default()).await.unwrap();
    assert!(!report.problems.is_empty());
    report.problems.join("\n")
}

#[tokio::test]
async fn a_truncated_file_is_found() {
    let (folder, lake) = filled().await;
    let path = first(folder.path(), "data");
    let bytes = std::fs::read(&path).unwrap();
    std::fs::write(&path, &bytes[..bytes.len() - 9]).unwrap();
    let problem = only_problem(&lake).await;
    assert!(problem.contains(path.to_str().unwrap()) && problem.contains("the catalogue says"), "{problem}");
}

#[tokio::test]
async fn a_missing_file_is_found() {
    let (folder, lake) = filled().await;
    let path = first(folder.path(), "data");
    std::fs::remove_file(&path).unwrap();
    let problem = only_problem(&lake).await;
    assert!(problem.contains("could not find the data file"), "{problem}");
    let (folder, lake) = filled().await;
    let path = first(folder.path(), "keys");
    std::fs::remove_file(&path).unwrap();
    assert!(only_problem(&lake).await.contains("could not read the key file"));
}

#[tokio::test]
async fn a_flipped_byte_in_a_key_file_is_found_and_no_import_trusts_it() {
    let (folder, lake) = filled().await;
    let path = first(folder.path(), "keys");
    let mut bytes = std::fs::read(&path).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    std::fs::write(&path, &bytes).unwrap();
    assert!(only_problem(&lake).await.contains("checksum"));
    let records: Vec<Record> = (0..3000).map(|i| record(i, 0, i % 2, i)).collect();
    let error = deliver(&lake, spec("2.csv", ARRIVAL), &records).await.unwrap_err();
    assert!(error.to_string().contains("is damaged"), "{error}");
    assert_eq!(lake.imports().await.unwrap().len(), 1);
}

#[tokio::test]
async fn a_flipped_byte_in_a_data_file_is_found_when_every_record_is_read() {
    let (folder, lake) = filled().await;
    let path = first(folder.path(), "data");
    let whole = std::fs::read(&path).unwrap();
    let mut found = 0;
    // Anywhere among the pages, that is before the indexes and the footer.
    let places: Vec<usize> = (100..whole.len() / 2).step_by(whole.len() / 20).collect();
    for at in &places {
        let mut bytes = whole.clone();
        bytes[*at] ^= 255;
        std::fs::write(&path, &bytes).unwrap();
        found += usize::from(!problems(&lake).await.is_empty());
    }
    assert_eq!(found, places.len());
}

/// The catalogue as the third layout had it: one checksum a file, right or wrong.
async fn third_layout(folder: &Path, checksum: u128) {
    let options = sqlx::sqlite::SqliteConnectOptions::new().filename(folder.join("catalog.db"));
    let pool = sqlx::sqlite::SqlitePool::connect_with(options).await.unwrap();
    let sql = "DROP TABLE dialmark_clock;
               DROP INDEX dialmark_receipt_age;
               ALTER TABLE dialmark_receipt DROP COLUMN passed_us;
               CREATE INDEX dialmark_receipt_age ON dialmark_receipt(received_at);
               ALTER TABLE dialmark_table DROP COLUMN seal;
               ALTER TABLE dialmark_import DROP COLUMN reading;
               ALTER TABLE dialmark_import DROP COLUMN known_by;
               ALTER TABLE dialmark_data_file DROP COLUMN sums;
               ALTER TABLE dialmark_data_file ADD COLUMN checksum BLOB;
               UPDATE ducklake_metadata SET value = '3' WHERE key = 'dialmark_layout';";
    sqlx::raw_sql(sql).execute(&pool).await.unwrap();
    let set = "UPDATE dialmark_data_file SET checksum = ? WHERE data_file_id = 0";
    sqlx::query(set).bind(checksum.to_be_bytes().to_vec()).execute(&pool).await.unwrap();
    pool.close().await;
}

#[tokio::test]
async fn an_upgrade_takes_checksums_of_sound_files_and_never_of_damaged_ones() {
    let (folder, lake) = filled().await;
    let path = lake.snapshot().await.unwrap().tables["calls"].files[0].path.clone();
    drop(lake);
    let checksum = xxhash_rust::xxh3::xxh3_128(&std::fs::read(&path).unwrap());
    third_layout(folder.path(), checksum).await;
    let lake = Lake::open(folder.path()).await.unwrap();
    assert_eq!(problems(&lake).await, Vec::<String>::new());
    drop(lake);
    third_layout(folder.path(), checksum ^ 1).await;
    let lake = Lake::open(folder.path()).await.unwrap();
    let problems = problems(&lake).await;
    assert!(problems.len() == 1 && problems[0].contains("are not those that were written"), "{problems:?}");
}

#[tokio::test]
async fn what_the_catalogue_says_of_a_file_is_named_when_it_is_not_what_was_written() {
    for (change, undo) in [
        (
            "ducklake_data_file SET record_count = record_count + 1",
            "ducklake_data_file SET record_count = record_count - 1",
        ),
        (
            "ducklake_data_file SET end_snapshot = 1 WHERE data_file_id = 0",
            "ducklake_data_file SET end_snapshot = NULL",
        ),
        (
            "dialmark_data_file SET instant_ranges = replace(instant_ranges, 'started_at', 'startee_at')",
            "dialmark_data_file SET instant_ranges = replace(instant_ranges, 'startee_at', 'started_at')",
        ),
        (
            "dialmark_table SET definition = replace(definition, 'talk_ms', 'tale_ms')",
            "dialmark_table SET definition = replace(definition, 'tale_ms', 'talk_ms')",
        ),
    ] {
        let (folder, lake) = filled().await;
        drop(lake);
        let run = async |sql: &str| {
            let options =
                sqlx::sqlite::SqliteConnectOptions::new().filename(folder.path().join("catalog.db"));
            let pool = sqlx::sqlite::SqlitePool::connect_with(options).await.unwrap();
            let sql = sqlx::AssertSqlSafe(format!("UPDATE {sql}"));
            assert!(sqlx::raw_sql(sql).execute(&pool).await.unwrap().rows_affected() > 0);
            pool.close().await;
        };
        run(change).await;
        let lake = Lake::open(folder.path()).await.unwrap();
        let error = lake.snapshot().await.unwrap_err().to_string();
        assert!(error.contains("catalog.db` is damaged"), "{change}: {error}");
        assert!(!problems(&lake).await.is_empty(), "{change}");
        drop(lake);
        run(undo).await;
        let lake = Lake::open(folder.path()).await.unwrap();
        assert_eq!(problems(&lake).await, Vec::<String>::new());
    }
}

#[tokio::test]
async fn orphans_are_listed_after_the_grace_period_and_removed_on_request() {
    let (folder, lake) = filled().await;
    let orphan = folder.path().join("data/calls/1970-01-01-i9-dead.parquet");
    let keys = folder.path().join("keys/calls/1970-01-01-i9-dead.keys");
    let staging = folder.path().join("staging/9-dead");
    std::fs::write(&orphan, b"x").unwrap();
    std::fs::write(&keys, b"x").unwrap();
    std::fs::create_dir(&staging).unwrap();
    std::fs::write(staging.join("rows"), b"x").unwrap();
    // An import under way is no orphan, however old.
    let spec = spec("2.csv", ARRIVAL);
    let mut import = lake.begin_import(spec.clone()).await.unwrap();
    import.push(batch(&spec, import.import_id(), 1, &[record("new", 0, 0, 1)])).unwrap();

    let young = lake.verify(VerifyOptions { remove_orphans: true, ..Default::default() }).await.unwrap();
    assert_eq!((young.orphans.len(), young.removed), (0, 0));
    let listing = VerifyOptions { grace: Duration::ZERO, ..Default::default() };
    let listed = lake.verify(listing.clone()).await.unwrap();
    assert_eq!((listed.orphans.len(), listed.removed), (3, 0));
    let removed = lake.verify(VerifyOptions { remove_orphans: true, ..listing }).await.unwrap();
    assert_eq!(removed.removed, 3);
    assert!(!orphan.exists() && !keys.exists() && !staging.exists());
    import.commit(Default::default()).await.unwrap();
    assert_eq!(live(&lake).await.len(), 3001);
    assert_eq!(problems(&lake).await, Vec::<String>::new());
}

#[tokio::test]
async fn files_that_only_an_old_snapshot_names_are_no_orphans() {
    let (_folder, lake) = filled().await;
    deliver(&lake, spec("2.csv", ARRIVAL), &[record(0, 0, 0, 77)]).await.unwrap();
    lake.settle().await.unwrap();
    let options = VerifyOptions { grace: Duration::ZERO, remove_orphans: true, deep: true };
    let report = lake.verify(options).await.unwrap();
    assert_eq!((report.problems.len(), report.removed), (0, 0));
}

#[tokio::test]
async fn a_ledger_that_does_not_add_up_is_found() {
    let (_folder, lake) = filled().await;
    let path = lake.folder().join("catalog.db");
    let pool = sqlx::sqlite::SqlitePool::connect(&format!("sqlite:{}", path.display())).await.unwrap();
    sqlx::query("UPDATE dialmark_import SET report = replace(report, '\"read\":3000', '\"read\":3001')")
        .execute(&pool)
        .await
        .unwrap();
    assert!(only_problem(&lake).await.contains("does not add up"));
}

#[tokio::test]
async fn a_store_of_a_newer_layout_is_refused_and_a_moved_one_is_followed() {
    let (folder, lake) = filled().await;
    let rows = live(&lake).await;
    drop(lake);
    let elsewhere = tempfile::tempdir().unwrap();
    let moved = elsewhere.path().join("moved");
    std::fs::rename(folder.path(), &moved).unwrap();
    let lake = Lake::open(&moved).await.unwrap();
    assert_eq!(live(&lake).await, rows);
    let path = moved.join("catalog.db");
    let pool = sqlx::sqlite::SqlitePool::connect(&format!("sqlite:{}", path.display())).await.unwrap();
    let data: String = sqlx::query_scalar("SELECT value FROM ducklake_metadata WHERE key = 'data_path'")
        .fetch_one(&pool)
        .await
        .unwrap();
    assert_eq!(data, format!("{}/data/", moved.canonicalize().unwrap().display()));
    sqlx::query("UPDATE ducklake_metadata SET value = '99' WHERE key = 'dialmark_layout'")
        .execute(&pool)
        .await
        .unwrap();
    let error = Lake::open(&moved).await.unwrap_err();
    assert!(error.to_string().contains("use a newer Dialmark"), "{error}");
}
