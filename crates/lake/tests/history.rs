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
