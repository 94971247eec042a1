//! What is pushed: acknowledged once, taken once, numbered on within its import.

#![allow(clippy::unwrap_used, clippy::panic, reason = "helpers of tests are tests")]

mod support;

use std::collections::BTreeMap;

use dialmark_lake::{
    Accepted, Consumes, Delivery, ImportReport, ImportSpec, Lake, LakeError, Limits, QuarantinedRow, Refused,
    arrival_revision,
};
use support::*;

async fn store() -> (tempfile::TempDir, Lake) {
    let folder = tempfile::tempdir().unwrap();
    let lake = Lake::open(folder.path()).await.unwrap();
    (folder, lake)
}

fn delivery(key: Option<&str>, body: &str) -> Delivery {
    Delivery {
        stream: "dialler".to_owned(),
        sources: vec!["dialler".to_owned()],
        key: key.map(str::to_owned),
        records: u64::try_from(body.lines().count()).unwrap(),
        body: body.as_bytes().to_vec(),
    }
}

/// Makes records of what waits: each line is `id talk_ms`, and what is not goes to quarantine.
async fn drain(lake: &Lake, name: &str, bytes: u64) -> Result<ImportReport, LakeError> {
    let bodies = lake.bodies("dialler", bytes).await?;
    let consumes = Consumes::Inbox {
        upto: bodies.last().map_or(0, |b| b.seq),
        bodies: u64::try_from(bodies.len()).unwrap(),
    };
    let spec = ImportSpec { consumes, file_hash: format!("{bodies:?}"), ..spec(name, ARRIVAL) };
    let mut import = lake.begin_import(spec.clone()).await?;
    let mut line = 0;
    for body in bodies {
        for text in String::from_utf8(body.bytes).unwrap().lines() {
            line += 1;
            match text.split_once(' ') {
                Some((id, talk)) => {
                    let records = [record(id, 0, 0, talk.parse().unwrap())];
                    import.push(batch(&spec, import.import_id(), line, &records))?;
                }
                None => import.quarantine(QuarantinedRow {
                    line,
                    reason: "fields".to_owned(),
                    detail: "A blank is missing.".to_owned(),
                    text: text.to_owned(),
                })?,
            }
        }
    }
    import.commit(BTreeMap::new()).await
}

#[tokio::test]
async fn what_is_acknowledged_waits_and_becomes_records_once() {
    let (folder, lake) = store().await;
    let inbox = lake.inbox(Limits::default()).await.unwrap();
    let taken = Accepted::Taken { bodies: 1 };
    assert_eq!(inbox.accept(delivery(None, "a 5\nb 7\n")).await.unwrap(), taken);
    assert_eq!(inbox.accept(delivery(None, "c 9\n")).await.unwrap(), taken);
    assert!(live(&lake).await.is_empty());

    // Whoever opens the store next finds what was acknowledged.
    drop((inbox, lake));
    let lake = Lake::open(folder.path()).await.unwrap();
    let waiting = lake.waiting().await.unwrap();
    assert_eq!((waiting[0].bodies, waiting[0].records, waiting[0].bytes), (2, 3, 12));
    let report = drain(&lake, "push", 1 << 20).await.unwrap();
    assert_eq!((report.read, report.new), (3, 3));
    assert!(lake.waiting().await.unwrap().is_empty());
    assert_eq!(live(&lake).await.iter().map(|r| r.talk_ms).collect::<Vec<_>>(), [5, 7, 9]);
    assert_eq!(problems(&lake).await, Vec::<String>::new());
}

#[tokio::test]
async fn of_two_that_take_the_same_bodies_one_fails_and_nothing_is_doubled() {
    let (_folder, lake) = store().await;
    let inbox = lake.inbox(Limits::default()).await.unwrap();
    inbox.accept(delivery(None, "a 5\n")).await.unwrap();
    let (one, other) = tokio::join!(drain(&lake, "push", 99), drain(&lake, "push", 99));
    assert!(one.is_ok() != other.is_ok());
    let lost = one.err().or(other.err()).unwrap();
    assert!(matches!(lost, LakeError::Raced { .. }), "{lost}");
    assert_eq!(live(&lake).await.len(), 1);
    assert_eq!(problems(&lake).await, Vec::<String>::new());
}

#[tokio::test]
async fn what_follows_goes_on_with_the_import_until_another_comes_between() {
    let (_folder, lake) = store().await;
    let inbox = lake.inbox(Limits::default()).await.unwrap();
    for body in ["a 5\noops\n", "a 6\nb 1\n"] {
        inbox.accept(delivery(None, body)).await.unwrap();
        drain(&lake, "push 2026-11-22T10Z", 1 << 20).await.unwrap();
    }
    let ledger = lake.imports().await.unwrap();
    assert_eq!(ledger.len(), 1, "one line of the ledger an hour, not one a second");
    let first = &ledger[0].report;
    assert_eq!((first.read, first.accepted, first.new, first.corrected), (4, 3, 2, 1));
    let aside = lake.quarantined(first.import_id, 9).await.unwrap();
    assert_eq!(aside.iter().map(|row| row.line).collect::<Vec<_>>(), [2]);
    let rows = live(&lake).await;
    // The third record of the import is the newer one of `a`.
    assert_eq!((rows[0].talk_ms, rows[0].revision), (6, arrival_revision(first.import_id, 3)));

    deliver(&lake, spec("file.csv", ARRIVAL), &[record("a", 0, 0, 7)]).await.unwrap();
    inbox.accept(delivery(None, "a 8\n")).await.unwrap();
    drain(&lake, "push 2026-11-22T10Z", 1 << 20).await.unwrap();
    assert_eq!(lake.imports().await.unwrap().len(), 3);
    assert_eq!(live(&lake).await[0].talk_ms, 8, "what arrived last is live");
    assert_eq!(problems(&lake).await, Vec::<String>::new());
}

#[tokio::test]
async fn bodies_are_taken_in_bounded_portions_and_at_least_one() {
    let (_folder, lake) = store().await;
    let inbox = lake.inbox(Limits::default()).await.unwrap();
    for id in ["a", "b", "c"] {
        inbox.accept(delivery(None, &format!("{id} 5\n"))).await.unwrap();
    }
    assert_eq!(lake.bodies("dialler", 1).await.unwrap().len(), 1);
    assert_eq!(lake.bodies("dialler", 8).await.unwrap().len(), 2);
    assert_eq!(lake.bodies("dialler", 9).await.unwrap().len(), 3);
    assert!(lake.bodies("another", 9).await.unwrap().is_empty());
    for _ in 0..3 {
        drain(&lake, "push", 1).await.unwrap();
    }
    assert_eq!(live(&lake).await.len(), 3);
}

#[tokio::test]
async fn a_key_makes_a_repetition_harmless_and_another_body_under_it_is_refused() {
    let (_folder, lake) = store().await;
    let inbox = lake.inbox(Limits::default()).await.unwrap();
    assert_eq!(inbox.accept(delivery(Some("k1"), "a 5\n")).await.unwrap(), Accepted::Taken { bodies: 1 });
    let again = inbox.accept(delivery(Some("k1"), "a 5\n")).await.unwrap();
    assert!(matches!(again, Accepted::Again { records: 1, .. }), "{again:?}");
    assert_eq!(inbox.accept(delivery(Some("k1"), "a 6\n")).await.unwrap(), Accepted::OtherBody);
    assert_eq!(lake.waiting().await.unwrap()[0].bodies, 1);
    lake.forget_keys().await.unwrap();
    let again = inbox.accept(delivery(Some("k1"), "a 5\n")).await.unwrap();
    assert!(matches!(again, Accepted::Again { .. }), "a key is kept for a day: {again:?}");
}

#[tokio::test]
async fn a_key_is_forgotten_after_a_day_of_looking_after_the_store_and_not_when_the_clock_leaps() {
    let (folder, lake) = store().await;
    let inbox = lake.inbox(Limits::default()).await.unwrap();
    inbox.accept(delivery(Some("k1"), "a 5\n")).await.unwrap();
    let options = sqlx::sqlite::SqliteConnectOptions::new().filename(folder.path().join("catalog.db"));
    let pool = sqlx::sqlite::SqlitePool::connect_with(options).await.unwrap();
    // As if the clock had last been seen so long ago.
    let looked_after = async |hours: i64| {
        let seen = jiff::Timestamp::now().as_microsecond() - hours * 3_600_000_000;
        sqlx::query("UPDATE dialmark_clock SET seen_us = ?").bind(seen).execute(&pool).await.unwrap();
        lake.forget_keys().await.unwrap();
    };
    for leap in [400 * 24, -400 * 24, 48] {
        looked_after(leap).await;
    }
    let again = inbox.accept(delivery(Some("k1"), "a 5\n")).await.unwrap();
    assert!(matches!(again, Accepted::Again { .. }), "{again:?}");
    for _ in 0..25 {
        looked_after(1).await;
    }
    assert_eq!(inbox.accept(delivery(Some("k1"), "a 5\n")).await.unwrap(), Accepted::Taken { bodies: 1 });
}

#[tokio::test]
async fn more_than_may_wait_is_refused_and_taken_again_when_there_is_room() {
    let (_folder, lake) = store().await;
    let inbox = lake.inbox(Limits { waiting_bytes: 8, free_bytes: 0 }).await.unwrap();
    inbox.accept(delivery(None, "a 5\n")).await.unwrap();
    let refused = inbox.accept(delivery(None, "b 5\nc 5\n")).await.unwrap_err();
    assert!(matches!(refused, Refused::Full { waiting_bytes: 4, limit: 8 }), "{refused}");
    drain(&lake, "push", 99).await.unwrap();
    inbox.set_waiting(0);
    inbox.accept(delivery(None, "b 5\nc 5\n")).await.unwrap();

    let greedy = lake.inbox(Limits { waiting_bytes: 99, free_bytes: u64::MAX }).await.unwrap();
    let refused = greedy.accept(delivery(None, "d 5\n")).await.unwrap_err();
    assert!(matches!(refused, Refused::NoRoom { .. }), "{refused}");
}

#[tokio::test]
async fn many_at_once_are_all_kept() {
    let (_folder, lake) = store().await;
    let inbox = lake.inbox(Limits::default()).await.unwrap();
    let sent = (0..400).map(|n| {
        let inbox = inbox.clone();
        tokio::spawn(async move { inbox.accept(delivery(None, &format!("id{n} 5\n"))).await.is_ok() })
    });
    for sent in sent.collect::<Vec<_>>() {
        assert!(sent.await.unwrap());
    }
    drain(&lake, "push", 1 << 20).await.unwrap();
    assert_eq!(live(&lake).await.len(), 400);
}
