//! What compaction and time do to the files of a store, and what neither does to its records.

#![allow(clippy::unwrap_used, clippy::panic, reason = "helpers of tests are tests")]

mod support;

use dialmark_lake::{ExpireReport, Lake};
use jiff::Timestamp;
use support::*;

async fn store() -> (tempfile::TempDir, Lake) {
    let folder = tempfile::tempdir().unwrap();
    let lake = Lake::open(folder.path()).await.unwrap();
    (folder, lake)
}

fn data_files(folder: &std::path::Path) -> usize {
    std::fs::read_dir(folder.join("data/calls")).unwrap().count()
}

async fn live_files(lake: &Lake) -> usize {
    lake.snapshot().await.unwrap().tables["calls"].files.len()
}

/// Twelve small files of one day, and corrections of two of their records that wait in the journal.
async fn many_small_files(lake: &Lake) {
    for n in 0..12 {
        let records = [record(format!("a{n}"), 1, 0, n), record(format!("b{n}"), 1, 0, 100 + n)];
        deliver(lake, spec(&format!("{n}.csv"), DECLARED), &records).await.unwrap();
    }
    let corrections = [record("a3", 2, 0, 1003), record("b7", 2, 0, 1107)];
    deliver(lake, spec("corrections.csv", DECLARED), &corrections).await.unwrap();
}

#[tokio::test]
async fn small_files_become_one_and_no_record_changes() {
    let (_folder, lake) = store().await;
    many_small_files(&lake).await;
    let before = live(&lake).await;
    assert_eq!(live_files(&lake).await, 12);

    let report = lake.compact().await.unwrap();
    assert_eq!((report.files_joined, report.files_written), (12, 1));
    assert_eq!(live(&lake).await, before);
    assert_eq!(live_files(&lake).await, 1);
    assert!(lake.snapshot().await.unwrap().tables["calls"].tail.is_empty(), "corrections were folded in");
    assert_eq!(problems(&lake).await, Vec::<String>::new());
    assert_eq!(lake.compact().await.unwrap().files_joined, 0, "there is nothing left to join");

    // What is in the joined file is known again, and can be corrected there.
    let again = [record("a5", 1, 0, 5), record("b5", 2, 0, 7)];
    let report = deliver(&lake, spec("again.csv", DECLARED), &again).await.unwrap();
    assert_eq!((report.unchanged, report.corrected), (1, 1));
    lake.settle().await.unwrap();
    assert_eq!(live(&lake).await.len(), 24);
    assert_eq!(problems(&lake).await, Vec::<String>::new());
}

#[tokio::test]
async fn an_earlier_state_stays_readable_with_its_corrections_until_it_expires() {
    let (folder, lake) = store().await;
    deliver(&lake, spec("1.csv", DECLARED), &[record("a", 1, 0, 5), record("b", 1, 0, 6)]).await.unwrap();
    let first = Timestamp::now();
    deliver(&lake, spec("2.csv", DECLARED), &[record("a", 2, 0, 50)]).await.unwrap();
    let corrected = Timestamp::now();
    deliver(&lake, spec("3.csv", DECLARED), &[record("a", 3, 0, 500), record("c", 1, 1, 7)]).await.unwrap();
    lake.settle().await.unwrap();
    deliver(&lake, spec("4.csv", DECLARED), &[record("b", 2, 0, 60)]).await.unwrap();
    lake.compact_wholly().await.unwrap();

    let talk = async |at: Timestamp| {
        let then = lake.as_of(at).await.unwrap();
        live(&then).await.iter().map(|r| r.talk_ms).collect::<Vec<_>>()
    };
    assert_eq!(talk(first).await, [5, 6]);
    assert_eq!(talk(corrected).await, [50, 6], "a correction that waited then is seen as it was");
    assert_eq!(talk(Timestamp::now()).await, [500, 60, 7]);
    assert!(live(&lake.as_of(Timestamp::UNIX_EPOCH).await.unwrap_or(lake.clone())).await.len() == 3);
    let unknown = lake.as_of(Timestamp::UNIX_EPOCH).await.unwrap_err().to_string();
    assert!(unknown.contains("is not kept"), "{unknown}");

    let before = live(&lake).await;
    let files = data_files(folder.path());
    let untouched = lake.expire(90).await.unwrap();
    assert_eq!(untouched, ExpireReport::default(), "young states stay");
    let now = Timestamp::now();
    let report = lake.expire_before(now, now).await.unwrap();
    assert!(report.states > 3 && report.files > 0, "{report:?}");
    assert_eq!(data_files(folder.path()), files - usize::try_from(report.files).unwrap());
    assert_eq!(live(&lake).await, before);
    assert_eq!(problems(&lake).await, Vec::<String>::new());
    assert!(lake.as_of(first).await.is_err(), "what is gone is not guessed");
    // The next commit goes on from the present.
    deliver(&lake, spec("5.csv", DECLARED), &[record("d", 1, 0, 8)]).await.unwrap();
    assert_eq!(live(&lake).await.len(), 4);
}

fn unwatched() -> dialmark_lake::Watch {
    std::sync::Arc::new(|_, _| {})
}

#[tokio::test]
async fn a_backup_that_is_taken_while_others_write_is_a_store_of_its_own() {
    let (folder, lake) = store().await;
    many_small_files(&lake).await;
    let elsewhere = tempfile::tempdir().unwrap();
    let copy = elsewhere.path().join("copy");
    let stop = std::sync::Arc::new(std::sync::atomic::AtomicBool::new(false));
    let writer = {
        let (lake, stop) = (lake.clone(), stop.clone());
        tokio::spawn(async move {
            let mut n = 0;
            while !stop.load(std::sync::atomic::Ordering::Relaxed) {
                n += 1;
                let records = [record(format!("w{n}"), 1, 0, n)];
                deliver(&lake, spec(&format!("w{n}.csv"), DECLARED), &records).await.unwrap();
                lake.compact_wholly().await.unwrap();
                let now = Timestamp::now();
                lake.expire_before(now, now).await.unwrap();
            }
            n
        })
    };
    for _ in 0..5 {
        tokio::time::sleep(std::time::Duration::from_millis(30)).await;
        let report = lake.backup(&copy, unwatched()).await.unwrap();
        assert!(report.files > 1 && report.copied <= report.files);
        let back = elsewhere.path().join("back");
        Lake::restore(&copy, &back, unwatched()).await.unwrap();
        let restored = Lake::open(&back).await.unwrap();
        assert!(live(&restored).await.len() >= 24);
        assert_eq!(problems(&restored).await, Vec::<String>::new());
        std::fs::remove_dir_all(&back).unwrap();
    }
    stop.store(true, std::sync::atomic::Ordering::Relaxed);
    let written = writer.await.unwrap();
    assert_eq!(live(&lake).await.len(), 24 + usize::try_from(written).unwrap());
    assert!(Lake::restore(&copy, folder.path(), unwatched()).await.is_err(), "nothing is overwritten");
}

#[tokio::test]
async fn a_damaged_or_unfinished_backup_is_not_restored() {
    let (_folder, lake) = store().await;
    many_small_files(&lake).await;
    let elsewhere = tempfile::tempdir().unwrap();
    let copy = elsewhere.path().join("copy");
    lake.backup(&copy, unwatched()).await.unwrap();
    let again = lake.backup(&copy, unwatched()).await.unwrap();
    assert_eq!(again.copied, 0, "files that never change are copied once");
    let victim = std::fs::read_dir(copy.join("data/calls")).unwrap().next().unwrap().unwrap().path();
    let mut bytes = std::fs::read(&victim).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    std::fs::write(&victim, &bytes).unwrap();
    let said = Lake::restore(&copy, &elsewhere.path().join("a"), unwatched()).await.unwrap_err().to_string();
    assert!(said.contains("is damaged"), "{said}");
    std::fs::remove_file(copy.join("backup.json")).unwrap();
    let said = Lake::restore(&copy, &elsewhere.path().join("b"), unwatched()).await.unwrap_err().to_string();
    assert!(said.contains("no finished backup"), "{said}");
    std::fs::create_dir_all(elsewhere.path().join("c")).unwrap();
    std::fs::write(elsewhere.path().join("c/mine"), "x").unwrap();
    let said = lake.backup(&elsewhere.path().join("c"), unwatched()).await.unwrap_err().to_string();
    assert!(said.contains("not empty"), "{said}");
}

#[tokio::test]
async fn records_that_are_older_than_they_may_be_kept_go_with_their_corrections_and_it_is_written_down() {
    let (_folder, lake) = store().await;
    // Days are counted from the present: one well within a hundred days, one well before them.
    let today = i32::try_from(Timestamp::now().as_second() / 86_400).unwrap();
    let day = record("x", 1, 0, 1).started_us.unwrap() / 86_400_000_000;
    let (old, new) = (0, i64::from(today) - day - 10);
    deliver(&lake, spec("old.csv", DECLARED), &[record("a", 1, old, 1), record("b", 1, old, 2)])
        .await
        .unwrap();
    deliver(&lake, spec("new.csv", DECLARED), &[record("c", 1, new, 3)]).await.unwrap();
    deliver(&lake, spec("fix.csv", DECLARED), &[record("a", 2, old, 9)]).await.unwrap();
    let then = Timestamp::now();

    let keep = std::collections::BTreeMap::from([("calls".to_owned(), 100), ("leads".to_owned(), 100)]);
    let retired = lake.retire(&keep).await.unwrap();
    assert_eq!(retired, std::collections::BTreeMap::from([("calls".to_owned(), 2)]));
    assert_eq!(lake.retired().await.unwrap()["calls"], today - 100);
    assert_eq!(live(&lake).await.len(), 1);
    assert_eq!(problems(&lake).await, Vec::<String>::new());
    assert!(lake.retire(&keep).await.unwrap().is_empty(), "there is nothing left to let go of");

    // The state of before has them until it is let go of itself; then their files go.
    assert_eq!(live(&lake.as_of(then).await.unwrap()).await.len(), 3);
    let report = lake.expire_before(Timestamp::MAX, Timestamp::MAX).await.unwrap();
    assert_eq!(report.files, 1);
    assert_eq!(live(&lake).await.len(), 1);
    assert_eq!(problems(&lake).await, Vec::<String>::new());
}
