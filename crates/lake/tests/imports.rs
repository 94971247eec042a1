//! What becomes of records when files are imported, once, twice, corrected, replaced, appended.

#![allow(clippy::unwrap_used, clippy::panic, clippy::print_stdout, reason = "helpers of tests are tests")]

mod support;

use std::collections::BTreeMap;

use dialmark_lake::{ImportIdentity, ImportSpec, Lake, LakeError, QuarantinedRow};
use dialmark_model::{Column, Kind};
use support::*;

async fn store() -> (tempfile::TempDir, Lake) {
    let folder = tempfile::tempdir().unwrap();
    let lake = Lake::open(folder.path()).await.unwrap();
    (folder, lake)
}

fn talk(rows: &[Live]) -> Vec<i64> {
    rows.iter().map(|r| r.talk_ms).collect()
}

#[tokio::test]
async fn an_import_is_visible_after_its_commit_and_not_before() {
    let (_folder, lake) = store().await;
    let spec = spec("monday.csv", ARRIVAL);
    let mut import = lake.begin_import(spec.clone()).await.unwrap();
    let records = [record("a", 0, 0, 5), record("b", 0, 1, 7)];
    import.push(batch(&spec, import.import_id(), 1, &records)).unwrap();
    import
        .quarantine(QuarantinedRow {
            line: 3,
            reason: "no_id".to_owned(),
            detail: "The identifier is empty.".to_owned(),
            text: ";;x".repeat(40_000),
        })
        .unwrap();
    assert!(lake.snapshot().await.unwrap().tables.is_empty());
    let flags = BTreeMap::from([("talk_ms:negative".to_owned(), 2)]);
    let report = import.commit(flags.clone()).await.unwrap();
    assert_eq!((report.read, report.accepted, report.new, report.files), (3, 2, 2, 2));
    assert_eq!(report.quarantined, BTreeMap::from([("no_id".to_owned(), 1)]));
    assert_eq!(report.flags, flags);

    let snapshot = lake.snapshot().await.unwrap();
    let calls = &snapshot.tables["calls"];
    assert_eq!(calls.files.iter().map(|f| f.day).collect::<Vec<_>>(), [Some(0), Some(1)]);
    assert_eq!(calls.files[1].ranges["started_at"], (DAY_US + 7000, DAY_US + 7000));
    assert!(calls.filled.contains("talk_ms") && !calls.filled.contains("note"));
    assert_eq!(talk(&live(&lake).await), [5, 7]);

    let ledger = lake.imports().await.unwrap();
    assert_eq!(ledger.len(), 1);
    assert_eq!(ledger[0].report, report);
    assert_eq!(ledger[0].snapshot_id, snapshot.id);
    let aside = lake.quarantined(report.import_id, 10).await.unwrap();
    assert_eq!((aside[0].line, aside[0].text.len()), (3, (64 << 10) + '…'.len_utf8()));
    assert_eq!(problems(&lake).await, Vec::<String>::new());
}

#[tokio::test]
async fn the_same_file_twice_changes_nothing() {
    let (folder, lake) = store().await;
    let records: Vec<Record> = (0..500).map(|i| record(i, 1, i % 4, i)).collect();
    for identity in [ARRIVAL, DECLARED] {
        let mut again = spec("file.csv", identity);
        again.source = identity.word().to_owned();
        deliver(&lake, again.clone(), &records).await.unwrap();
        let before = files_below(&folder.path().join("data"));
        let report = deliver(&lake, again, &records).await.unwrap();
        assert_eq!((report.unchanged, report.new, report.files), (500, 0, 0));
        assert_eq!(files_below(&folder.path().join("data")), before);
        assert!(lake.snapshot().await.unwrap().tables["calls"].tail.is_empty());
    }
    assert_eq!(problems(&lake).await, Vec::<String>::new());
}

#[tokio::test]
async fn the_same_file_again_does_not_undo_a_correction_that_came_between() {
    let (_folder, lake) = store().await;
    let first: Vec<Record> = (0..4).map(|i| record(i, 0, 0, 10)).collect();
    let imported = deliver(&lake, spec("calls.csv", ARRIVAL), &first).await.unwrap();
    deliver(&lake, spec("corrected.csv", ARRIVAL), &[record(2, 0, 0, 99)]).await.unwrap();
    let again = deliver(&lake, spec("calls.csv", ARRIVAL), &first).await.unwrap();
    assert_eq!((again.read, again.unchanged, again.corrected), (4, 4, 0));
    assert_eq!(again.import_id, imported.import_id, "it is the import that was committed");
    assert_eq!(live(&lake).await[2].talk_ms, 99);
    assert_eq!(lake.imports().await.unwrap().len(), 2, "the ledger speaks of it once");
    // A file of the name with other content is news, and one that returns to what it was is news again.
    let other = ImportSpec { file_hash: "other".to_owned(), ..spec("calls.csv", ARRIVAL) };
    deliver(&lake, other, &[record(2, 0, 0, 50)]).await.unwrap();
    let back = deliver(&lake, spec("calls.csv", ARRIVAL), &first).await.unwrap();
    assert_eq!((back.unchanged, back.corrected), (3, 1));
    assert_eq!(live(&lake).await[2].talk_ms, 10);
    assert_eq!(problems(&lake).await, Vec::<String>::new());
}

#[tokio::test]
async fn a_correction_waits_in_the_journal_and_settle_folds_it_into_its_file() {
    let (folder, lake) = store().await;
    let records: Vec<Record> = (0..40).map(|i| record(format!("{i:02}"), 0, i % 2, i)).collect();
    deliver(&lake, spec("1.csv", ARRIVAL), &records).await.unwrap();
    // The correction moves the call to another day; its record stays in the file where it was.
    let mut moved = record("07", 0, 9, 700);
    moved.campaign = "zz".to_owned();
    let report = deliver(&lake, spec("2.csv", ARRIVAL), &[moved]).await.unwrap();
    assert_eq!((report.corrected, report.new, report.files), (1, 0, 0));
    let report =
        deliver(&lake, spec("3.csv", ARRIVAL), &[record("08", 0, 0, 800), record("07", 0, 9, 701)]).await;
    assert_eq!(report.unwrap().corrected, 2);

    let snapshot = lake.snapshot().await.unwrap();
    let calls = &snapshot.tables["calls"];
    assert_eq!(calls.tail.iter().map(|b| b.num_rows()).sum::<usize>(), 2, "one row a corrected key");
    let mut hidden = calls.hidden.clone();
    hidden.sort();
    assert_eq!(hidden, [("dialler".to_owned(), "07".to_owned()), ("dialler".to_owned(), "08".to_owned())]);
    assert_eq!(problems(&lake).await, Vec::<String>::new());

    let before = live(&lake).await;
    assert_eq!((before.len(), before[7].talk_ms, before[8].talk_ms), (40, 701, 800));
    let old_files = files_below(&folder.path().join("data"));
    let settled = lake.settle().await.unwrap();
    assert_eq!((settled.rows_folded, settled.files_replaced), (2, 2));
    assert_eq!(live(&lake).await, before);
    let after = lake.snapshot().await.unwrap();
    let calls = &after.tables["calls"];
    assert!(calls.tail.is_empty() && calls.hidden.is_empty());
    let odd = calls.files.iter().find(|f| f.day == Some(1)).unwrap();
    assert_eq!(odd.ranges["started_at"].1, 9 * DAY_US + 701_000, "ranges follow the corrected record");
    assert!(old_files.iter().all(|f| f.exists()), "old snapshots keep their files");
    assert_eq!(lake.settle().await.unwrap(), Default::default());
    assert_eq!(problems(&lake).await, Vec::<String>::new());

    // The folded revision is what later deliveries are compared with.
    let again = deliver(&lake, spec("4.csv", ARRIVAL), &[record("08", 0, 0, 800)]).await.unwrap();
    assert_eq!(again.unchanged, 1);
}

#[tokio::test]
async fn by_declared_revision_the_newest_is_live_and_a_conflict_keeps_all_contenders() {
    let (_folder, lake) = store().await;
    deliver(&lake, spec("1.csv", DECLARED), &[record("a", 5, 0, 50)]).await.unwrap();
    let late = deliver(&lake, spec("2.csv", DECLARED), &[record("a", 4, 0, 40)]).await.unwrap();
    assert_eq!(late.superseded, 1);
    assert_eq!(talk(&live(&lake).await), [50]);
    let rival =
        deliver(&lake, spec("3.csv", DECLARED), &[record("a", 5, 0, 51), record("a", 5, 0, 52)]).await;
    assert_eq!(rival.unwrap().conflicts, 2);
    let chosen = talk(&live(&lake).await);
    // In another order of arrival the same contender is live.
    let (_other, reversed) = store().await;
    let all = [record("a", 5, 0, 52), record("a", 4, 0, 40), record("a", 5, 0, 51), record("a", 5, 0, 50)];
    deliver(&reversed, spec("1.csv", DECLARED), &all).await.unwrap();
    assert_eq!(talk(&live(&reversed).await), chosen);
    let newer = deliver(&lake, spec("4.csv", DECLARED), &[record("a", 6, 0, 60)]).await.unwrap();
    assert_eq!(newer.corrected, 1);
    assert_eq!(talk(&live(&lake).await), [60]);
    assert_eq!(conflicts(&lake).await, 3);
    assert_eq!(problems(&lake).await, Vec::<String>::new());
}

async fn conflicts(lake: &Lake) -> i64 {
    let path = lake.folder().join("catalog.db");
    let pool = sqlx::sqlite::SqlitePool::connect(&format!("sqlite:{}", path.display())).await.unwrap();
    sqlx::query_scalar("SELECT count(*) FROM dialmark_conflict").fetch_one(&pool).await.unwrap()
}

#[tokio::test]
async fn a_replacing_file_supersedes_the_last_of_its_name() {
    let (_folder, lake) = store().await;
    let file = |name: &str, hash: &str| {
        let mut s = spec(name, ImportIdentity::Replace);
        s.file_hash = hash.to_owned();
        s
    };
    let twice = [record("", 0, 0, 1), record("", 0, 0, 1), record("", 0, 3, 2)];
    let first = deliver(&lake, file("plan.csv", "h1"), &twice).await.unwrap();
    assert_eq!((first.new, first.replaced), (3, 0), "identical lines inside a file are kept");
    deliver(&lake, file("other.csv", "h2"), &[record("", 0, 0, 9)]).await.unwrap();
    let same = deliver(&lake, file("plan.csv", "h1"), &twice).await.unwrap();
    assert_eq!((same.unchanged, same.new, same.files), (3, 0, 0));
    // Under another name its records would count twice.
    let copy = deliver(&lake, file("copy.csv", "h2"), &[record("", 0, 0, 9)]).await.unwrap_err();
    assert!(matches!(&copy, LakeError::OtherName { earlier, .. } if earlier == "other.csv"), "{copy}");
    // The same bytes read in another way are not the same file.
    let remapped = deliver(&lake, file("plan.csv", "h1"), &[record("", 0, 0, 4)]).await.unwrap();
    assert_eq!((remapped.new, remapped.replaced), (1, 3));
    assert_eq!(talk(&live(&lake).await), [9, 4]);
    let emptied = deliver(&lake, file("plan.csv", "h3"), &[]).await.unwrap();
    assert_eq!((emptied.accepted, emptied.replaced), (0, 1));
    assert_eq!(talk(&live(&lake).await), [9]);
    assert_eq!(problems(&lake).await, Vec::<String>::new());
}

#[tokio::test]
async fn appending_is_refused_when_most_lines_were_seen_unless_forced() {
    let (folder, lake) = store().await;
    let append = |name: &str, force: bool| spec(name, ImportIdentity::Append { force });
    let some: Vec<Record> = (0..10).map(|i| record("", 0, 0, i)).collect();
    deliver(&lake, append("1.csv", false), &some).await.unwrap();
    let half: Vec<Record> = (5..15).map(|i| record("", 0, 0, i)).collect();
    assert_eq!(deliver(&lake, append("2.csv", false), &half).await.unwrap().new, 10, "half is not most");
    let before = files_below(folder.path());
    let error = deliver(&lake, append("3.csv", false), &some).await.unwrap_err();
    assert!(matches!(error, LakeError::SeenBefore { seen: 10, lines: 10, .. }), "{error}");
    assert_eq!(files_below(folder.path()), before, "a refused import leaves nothing");
    assert_eq!(deliver(&lake, append("3.csv", true), &some).await.unwrap().new, 10);
    assert_eq!(live(&lake).await.len(), 30);
    assert_eq!(problems(&lake).await, Vec::<String>::new());
}

#[tokio::test]
async fn what_was_added_under_another_mapping_is_not_added_again() {
    let (_folder, lake) = store().await;
    let append = |name: &str, hash: &str, reading: &str, force: bool| ImportSpec {
        file_hash: hash.to_owned(),
        reading: reading.to_owned(),
        ..spec(name, ImportIdentity::Append { force })
    };
    let some: Vec<Record> = (0..10).map(|i| record("", 0, 0, i)).collect();
    let read_otherwise: Vec<Record> = (0..10).map(|i| record("", 0, 0, i * 1000)).collect();
    deliver(&lake, append("1.csv", "h", "first", false), &some).await.unwrap();
    for name in ["1.csv", "copy.csv"] {
        let error = deliver(&lake, append(name, "h", "second", false), &read_otherwise).await.unwrap_err();
        assert!(matches!(error, LakeError::AddedOtherwise { earlier: 1, .. }), "{error}");
    }
    assert_eq!(live(&lake).await.len(), 10);
    assert_eq!(deliver(&lake, append("2.csv", "i", "second", false), &read_otherwise).await.unwrap().new, 10);
    assert_eq!(deliver(&lake, append("1.csv", "h", "second", true), &read_otherwise).await.unwrap().new, 10);
}

#[tokio::test]
async fn a_dropped_import_leaves_nothing() {
    let (folder, lake) = store().await;
    let spec = spec("1.csv", ARRIVAL);
    let mut import = lake.begin_import(spec.clone()).await.unwrap();
    import.push(batch(&spec, import.import_id(), 1, &[record("a", 0, 0, 1)])).unwrap();
    drop(import);
    assert!(files_below(&folder.path().join("staging")).is_empty());
    assert!(files_below(&folder.path().join("data")).is_empty());
    assert!(lake.imports().await.unwrap().is_empty());
}

#[tokio::test]
async fn a_batch_that_does_not_fit_is_refused_and_the_import_cannot_be_committed() {
    let (_folder, lake) = store().await;
    let spec = spec("1.csv", ARRIVAL);
    let by_name = ImportSpec { identity: ImportIdentity::Replace, ..spec.clone() };
    let mut import = lake.begin_import(spec.clone()).await.unwrap();
    let without_id = batch(&by_name, 1, 1, &[record("a", 0, 0, 1)]);
    assert!(matches!(import.push(without_id).unwrap_err(), LakeError::NoIdentifier { line: 1, .. }));
    assert!(import.commit(BTreeMap::new()).await.is_err());
    let mut import = lake.begin_import(spec.clone()).await.unwrap();
    let fits = batch(&spec, 1, 1, &[record("a", 0, 0, 1)]);
    assert!(matches!(import.push(fits.project(&[0, 1]).unwrap()).unwrap_err(), LakeError::Shape { .. }));
    let elsewhere = ImportSpec { source: "other".to_owned(), ..spec.clone() };
    let mut import = lake.begin_import(spec).await.unwrap();
    let error = import.push(batch(&elsewhere, 1, 1, &[record("a", 0, 0, 1)])).unwrap_err();
    assert!(error.to_string().contains("of source `other` in an import of source `dialler`"), "{error}");
}

#[tokio::test]
async fn a_source_keeps_its_identity_and_a_column_its_kind() {
    let (_folder, lake) = store().await;
    deliver(&lake, spec("1.csv", ARRIVAL), &[record("a", 0, 0, 1)]).await.unwrap();
    let error = lake.begin_import(spec("2.csv", DECLARED)).await.unwrap_err();
    assert!(matches!(error, LakeError::IdentityChanged { .. }), "{error}");
    let mut changed = spec("2.csv", ARRIVAL);
    changed.table.columns.to_mut()[2] = Column::own("talk_ms", Kind::Text, "Talk.");
    let error = lake.begin_import(changed).await.unwrap_err();
    assert!(matches!(error, LakeError::ColumnChanged { .. }), "{error}");
}

#[tokio::test]
async fn a_table_gains_a_column_without_its_old_records_seeming_changed() {
    let (_folder, lake) = store().await;
    let records: Vec<Record> = (0..30).map(|i| record(i, 0, 0, i)).collect();
    deliver(&lake, spec("1.csv", ARRIVAL), &records).await.unwrap();
    let mut wider = spec("2.csv", ARRIVAL);
    wider.table.columns.to_mut().insert(0, Column::own("team_id", Kind::Code, "Team."));
    let mut more = records.clone();
    more.push(record("new", 0, 0, 99));
    more[3].talk_ms = 333;
    let report = deliver(&lake, wider, &more).await.unwrap();
    assert_eq!((report.unchanged, report.new, report.corrected), (29, 1, 1));
    lake.settle().await.unwrap();
    assert_eq!(live(&lake).await.len(), 31);
    // And an import with the old declaration still works.
    deliver(&lake, spec("3.csv", ARRIVAL), &[record("newer", 0, 0, 100)]).await.unwrap();
    let table = &lake.snapshot().await.unwrap().tables["calls"].table;
    assert!(table.columns.iter().any(|c| c.name == "team_id"));
    assert_eq!(problems(&lake).await, Vec::<String>::new());
}

#[tokio::test]
async fn look_back_limits_where_an_earlier_delivery_is_searched() {
    let (_folder, lake) = store().await;
    let near = ImportIdentity::Id { declared_revision: false, look_back_days: Some(2) };
    deliver(&lake, spec("1.csv", near), &[record("a", 0, 10, 1)]).await.unwrap();
    let within = deliver(&lake, spec("2.csv", near), &[record("a", 0, 12, 2)]).await.unwrap();
    assert_eq!(within.corrected, 1);
    let undated = Record { started_us: None, ..record("a", 0, 0, 3) };
    assert_eq!(deliver(&lake, spec("3.csv", near), &[undated]).await.unwrap().corrected, 1);
    lake.settle().await.unwrap();
    // A delivery from outside breaks the source's promise; verification says so.
    assert_eq!(deliver(&lake, spec("4.csv", near), &[record("a", 0, 20, 4)]).await.unwrap().new, 1);
    let found = problems(&lake).await;
    assert!(found.iter().any(|p| p.contains("live more than once")), "{found:?}");
}

#[tokio::test]
async fn more_corrections_than_the_journal_should_hold_are_folded_in_the_same_commit() {
    let (_folder, lake) = store().await;
    let records: Vec<Record> = (0..210_000).map(|i| record(i, 0, i % 3, i % 1000)).collect();
    deliver(&lake, spec("1.csv", ARRIVAL), &records).await.unwrap();
    deliver(&lake, spec("2.csv", ARRIVAL), &[record(5, 0, 2, 4_000), record(6, 0, 0, 4_001)]).await.unwrap();
    let later: Vec<Record> = records
        .iter()
        .filter(|r| r.id != "5")
        .map(|r| Record { talk_ms: r.talk_ms + 1, ..r.clone() })
        .collect();
    let report = deliver(&lake, spec("3.csv", ARRIVAL), &later).await.unwrap();
    assert_eq!((report.corrected, report.files), (209_999, 3));
    let snapshot = lake.snapshot().await.unwrap();
    assert!(snapshot.tables["calls"].hidden.is_empty());
    let rows = live(&lake).await;
    let wanted: i64 = later.iter().map(|r| r.talk_ms).sum::<i64>() + 4_000;
    assert_eq!((rows.len(), rows.iter().map(|r| r.talk_ms).sum::<i64>()), (210_000, wanted));
    assert_eq!(problems(&lake).await, Vec::<String>::new());
}

#[tokio::test]
async fn order_of_arrival_is_order_of_commit() {
    let (_folder, lake) = store().await;
    let (early, late) = (spec("early.csv", ARRIVAL), spec("late.csv", ARRIVAL));
    let mut begun_first = lake.begin_import(early.clone()).await.unwrap();
    begun_first.push(batch(&early, begun_first.import_id(), 1, &[record("a", 0, 0, 2)])).unwrap();
    let first_id = deliver(&lake, late, &[record("a", 0, 0, 1)]).await.unwrap().import_id;
    let report = begun_first.commit(BTreeMap::new()).await.unwrap();
    assert!(report.import_id > first_id);
    assert_eq!(report.corrected, 1);
    let rows = live(&lake).await;
    assert_eq!((rows[0].talk_ms, rows[0].import_id), (2, report.import_id));
}

#[tokio::test]
async fn a_table_without_a_clock_has_one_partition() {
    let (_folder, lake) = store().await;
    let mut spec = spec("1.csv", ARRIVAL);
    spec.table.placed_by = Default::default();
    let report = deliver(&lake, spec, &[record("a", 0, 0, 1), record("b", 0, 5, 2)]).await.unwrap();
    assert_eq!(report.files, 1);
    assert_eq!(lake.snapshot().await.unwrap().tables["calls"].files[0].day, None);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn imports_at_once_double_no_key_and_lose_none() {
    let (folder, lake) = store().await;
    let mut running = Vec::new();
    for writer in 0..6_i64 {
        let lake = if writer % 2 == 0 { lake.clone() } else { Lake::open(folder.path()).await.unwrap() };
        running.push(tokio::spawn(async move {
            for round in 0..4 {
                // Keys of neighbouring writers overlap.
                let records: Vec<Record> =
                    (writer * 50..writer * 50 + 100).map(|i| record(i, round, i % 3, i + round)).collect();
                let name = format!("{writer}-{round}.csv");
                deliver(&lake, spec(&name, DECLARED), &records).await.unwrap();
                if round == 2 {
                    lake.settle().await.unwrap();
                }
            }
        }));
    }
    for task in running {
        task.await.unwrap();
    }
    let rows = live(&lake).await;
    assert_eq!(rows.len(), 350);
    assert!(rows.iter().all(|r| r.revision == 3));
    assert_eq!(lake.imports().await.unwrap().len(), 24);
    assert_eq!(problems(&lake).await, Vec::<String>::new());
}

#[test]
fn everything_asynchronous_may_move_between_threads() {
    fn may_move<T: Send>(_: &T) {}
    fn all(lake: &Lake) {
        may_move(&lake.begin_import(spec("x", ARRIVAL)));
        may_move(&deliver(lake, spec("x", ARRIVAL), &[]));
        may_move(&lake.settle());
        may_move(&lake.snapshot());
        may_move(&lake.verify(Default::default()));
        may_move(&Lake::open(std::path::Path::new(".")));
    }
    let _ = all;
}

/// The same file or delivery, read under another mapping.
fn read_as(reading: &str, spec: ImportSpec) -> ImportSpec {
    ImportSpec { reading: reading.to_owned(), ..spec }
}

#[tokio::test]
async fn of_two_readings_of_a_revision_the_newer_is_live_for_every_record() {
    for settled in [false, true] {
        let (_folder, lake) = store().await;
        let old: Vec<Record> = (0..200).map(|i| record(i, 5, i % 3, i)).collect();
        let new: Vec<Record> =
            old.iter().map(|r| Record { talk_ms: r.talk_ms + 1000, ..r.clone() }).collect();
        deliver(&lake, spec("1.csv", DECLARED), &old).await.unwrap();
        // Some were corrected since, and wait in the journal or are folded.
        let corrected: Vec<Record> = old
            .iter()
            .take(50)
            .map(|r| Record { revision: 6, talk_ms: r.talk_ms + 7, ..r.clone() })
            .collect();
        deliver(&lake, spec("2.csv", DECLARED), &corrected).await.unwrap();
        if settled {
            lake.settle().await.unwrap();
        }
        let again = deliver(&lake, read_as("second", spec("3.csv", DECLARED)), &new).await.unwrap();
        assert_eq!((again.conflicts, again.superseded, again.corrected), (0, 50, 150));
        let newer: Vec<Record> =
            corrected.iter().map(|r| Record { talk_ms: r.talk_ms + 1000, ..r.clone() }).collect();
        let again = deliver(&lake, read_as("second", spec("4.csv", DECLARED)), &newer).await.unwrap();
        assert_eq!((again.conflicts, again.corrected), (0, 50));
        assert!(live(&lake).await.iter().all(|r| r.talk_ms >= 1000));
        // What was read under the mapping of now contends as ever.
        let rival = Record { talk_ms: 9999, ..new[100].clone() };
        let rival = deliver(&lake, read_as("second", spec("5.csv", DECLARED)), &[rival]).await.unwrap();
        assert_eq!(rival.conflicts, 1);
        // A mapping that comes back is the newest.
        let back = deliver(&lake, spec("6.csv", DECLARED), &old[50..]).await.unwrap();
        assert_eq!((back.conflicts, back.corrected), (0, 150));
        assert_eq!(problems(&lake).await, Vec::<String>::new());
    }
}

#[tokio::test]
async fn a_file_that_is_read_anew_keeps_its_place_in_the_order_of_arrival() {
    let (_folder, lake) = store().await;
    let old: Vec<Record> = (0..10).map(|i| record(i, 0, 0, i)).collect();
    deliver(&lake, spec("1.csv", ARRIVAL), &old).await.unwrap();
    deliver(&lake, spec("2.csv", ARRIVAL), &[record(3, 0, 0, 33)]).await.unwrap();
    let new: Vec<Record> = old.iter().map(|r| Record { talk_ms: r.talk_ms + 1000, ..r.clone() }).collect();
    let again = deliver(&lake, read_as("second", spec("1.csv", ARRIVAL)), &new).await.unwrap();
    assert_eq!((again.corrected, again.superseded), (9, 1));
    let three = |rows: &[Live]| rows.iter().find(|r| r.id == "3").unwrap().talk_ms;
    assert_eq!(three(&live(&lake).await), 33, "the later file stays the later one");
    // Twice changes nothing, and a third mapping finds the same place.
    let twice = deliver(&lake, read_as("second", spec("1.csv", ARRIVAL)), &new).await.unwrap();
    assert_eq!(twice.unchanged, 10);
    let third: Vec<Record> = old.iter().map(|r| Record { talk_ms: r.talk_ms + 2000, ..r.clone() }).collect();
    let again = deliver(&lake, read_as("third", spec("1.csv", ARRIVAL)), &third).await.unwrap();
    assert_eq!((again.corrected, again.superseded), (9, 1));
    assert_eq!(three(&live(&lake).await), 33);
    assert_eq!(problems(&lake).await, Vec::<String>::new());
}

#[tokio::test]
async fn what_was_pushed_under_another_mapping_is_another_import() {
    let (_folder, lake) = store().await;
    let push = |reading: &str| ImportSpec {
        consumes: dialmark_lake::Consumes::Inbox { upto: 0, bodies: 0 },
        ..read_as(reading, spec("pushed 09", DECLARED))
    };
    let first = deliver(&lake, push("first"), &[record("a", 1, 0, 1)]).await.unwrap();
    let on = deliver(&lake, push("first"), &[record("b", 1, 0, 2)]).await.unwrap();
    assert_eq!(on.import_id, first.import_id);
    let other = deliver(&lake, push("second"), &[record("a", 1, 0, 3)]).await.unwrap();
    assert!(other.import_id > first.import_id);
    assert_eq!((other.corrected, other.conflicts), (1, 0));
}

#[tokio::test]
async fn corrections_take_time_in_proportion_to_their_number() {
    let (_folder, lake) = store().await;
    let records: Vec<Record> = (0..40_000).map(|i| record(i, 0, i % 30, i % 500)).collect();
    deliver(&lake, spec("1.csv", ARRIVAL), &records).await.unwrap();
    let corrected = |name: &'static str, range: std::ops::Range<usize>, by: i64| {
        let lake = &lake;
        let some: Vec<Record> =
            records[range].iter().map(|r| Record { talk_ms: r.talk_ms + by, ..r.clone() }).collect();
        async move {
            let began = std::time::Instant::now();
            deliver(lake, spec(name, ARRIVAL), &some).await.unwrap();
            began.elapsed().as_secs_f64()
        }
    };
    let few = corrected("2.csv", 0..4_000, 1).await;
    let many = corrected("3.csv", 0..32_000, 2).await;
    // Eight times as many; with the square it was 64 and more.
    assert!(many < 24.0 * few.max(0.05), "{few} s for 4,000 and {many} s for 32,000");
}

#[tokio::test]
async fn a_source_whose_records_would_be_known_by_another_column_is_refused() {
    let (_folder, lake) = store().await;
    let by = |columns: &str, was: Option<&str>| ImportSpec {
        known_by: Some(dialmark_lake::KnownBy { columns: columns.to_owned(), was: was.map(str::to_owned) }),
        ..spec("1.csv", ARRIVAL)
    };
    deliver(&lake, by("call_id", None), &[record("a", 0, 0, 1)]).await.unwrap();
    let error = lake.begin_import(by("survey_id", None)).await.unwrap_err();
    assert!(matches!(error, LakeError::IdentityChanged { .. }), "{error}");
    assert!(error.to_string().contains("`id = call_id`") && error.to_string().contains("id_was"), "{error}");
    let renamed = by("CallId", Some("call_id"));
    assert_eq!(deliver(&lake, renamed, &[record("a", 0, 0, 2)]).await.unwrap().corrected, 1);
    // From here on it is known by its new name.
    assert_eq!(deliver(&lake, by("CallId", None), &[record("a", 0, 0, 3)]).await.unwrap().corrected, 1);
}

#[tokio::test]
async fn contenders_stay_what_they_are_when_the_mapping_changes_and_changes_back() {
    for turned in [false, true] {
        let (_folder, lake) = store().await;
        let (one, other) = (record("a", 5, 0, 51), record("a", 5, 0, 52));
        let files =
            if turned { [("1.csv", &other), ("2.csv", &one)] } else { [("1.csv", &one), ("2.csv", &other)] };
        let chosen = |rows: &[Live]| rows[0].talk_ms % 1000;
        let mut seen = Vec::new();
        for (reading, more) in [("first", 0), ("second", 7000), ("first", 0)] {
            for (name, r) in files {
                let r = Record { talk_ms: r.talk_ms + more, ..r.clone() };
                deliver(&lake, read_as(reading, spec(name, DECLARED)), &[r]).await.unwrap();
            }
            seen.push(chosen(&live(&lake).await));
        }
        assert_eq!(seen[0], seen[2], "turned {turned}");
        // And in the other order of arrival the same.
        let (_other, fresh) = store().await;
        for (name, r) in files.iter().rev() {
            let r = Record { talk_ms: r.talk_ms + 7000, ..(*r).clone() };
            deliver(&fresh, read_as("second", spec(name, DECLARED)), &[r]).await.unwrap();
        }
        assert_eq!(seen[1], chosen(&live(&fresh).await), "turned {turned}");
    }
}

#[tokio::test]
async fn what_is_read_again_from_quarantine_is_older_than_what_was_delivered_since() {
    let (_folder, lake) = store().await;
    let first = spec("1.csv", DECLARED);
    let mut import = lake.begin_import(first.clone()).await.unwrap();
    import
        .quarantine(QuarantinedRow {
            line: 1,
            reason: "no_time".into(),
            detail: "No.".into(),
            text: "a".into(),
        })
        .unwrap();
    let aside = import.commit(BTreeMap::new()).await.unwrap().import_id;
    deliver(&lake, spec("2.csv", DECLARED), &[record("a", 1, 0, 20)]).await.unwrap();
    for talk_ms in [10, 30] {
        let again = ImportSpec {
            consumes: dialmark_lake::Consumes::Quarantine { import_id: aside, rows: 0 },
            ..read_as("second", spec("set aside", DECLARED))
        };
        let read = deliver(&lake, again, &[record("a", 1, 0, talk_ms)]).await;
        if let Ok(read) = read {
            assert_eq!((read.superseded, read.corrected, read.conflicts), (1, 0, 0));
        }
        assert_eq!(live(&lake).await[0].talk_ms, 20);
    }
}

#[tokio::test]
async fn a_backup_does_not_take_the_place_of_another_stores() {
    let (folder, lake) = store().await;
    deliver(&lake, spec("1.csv", ARRIVAL), &[record("a", 0, 0, 1)]).await.unwrap();
    let (_other_folder, other) = store().await;
    deliver(&other, spec("1.csv", ARRIVAL), &[record("b", 0, 0, 2)]).await.unwrap();
    let aside = tempfile::tempdir().unwrap();
    let to = aside.path().join("backup");
    let watch = || -> dialmark_lake::Watch { std::sync::Arc::new(|_, _| {}) };
    lake.backup(&to, watch()).await.unwrap();
    lake.backup(&to, watch()).await.unwrap();
    let error = other.backup(&to, watch()).await.unwrap_err();
    assert!(matches!(error, LakeError::OtherBackup { .. }), "{error}");
    let inside = lake.backup(&folder.path().join("b"), watch()).await.unwrap_err();
    assert!(matches!(inside, LakeError::BackupInside { .. }), "{inside}");
    // What is damaged is not put back, and leaves no half of a store behind.
    let data =
        files_below(&to).into_iter().find(|path| path.extension().is_some_and(|e| e == "parquet")).unwrap();
    let mut bytes = std::fs::read(&data).unwrap();
    bytes[10] ^= 1;
    std::fs::write(&data, &bytes).unwrap();
    let back = aside.path().join("back");
    assert!(Lake::restore(&to, &back, watch()).await.is_err());
    assert!(!back.exists());
    bytes[10] ^= 1;
    std::fs::write(&data, &bytes).unwrap();
    Lake::restore(&to, &back, watch()).await.unwrap();
    assert_eq!(live(&Lake::open(&back).await.unwrap()).await[0].talk_ms, 1);
}
