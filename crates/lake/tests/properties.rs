//! Whatever is delivered in whatever order: each key lives once, and declared revisions decide alone.

#![allow(clippy::unwrap_used, clippy::panic, clippy::print_stdout, reason = "helpers of tests are tests")]

mod support;

use dialmark_lake::{ImportIdentity, Lake};
use proptest::prelude::*;
use support::*;

/// A delivery: key, revision, day and talk, from ranges small enough to collide often.
fn delivery() -> impl Strategy<Value = Record> {
    (0..12_u8, 0..4_i64, 0..3_i64, 0..3_i64)
        .prop_map(|(id, revision, day, talk)| record(id, revision, day, talk))
}

/// A delivery whose content follows from key and revision, as a well-behaved source's does.
fn consistent() -> impl Strategy<Value = Record> {
    (0..12_i64, 0..4_i64)
        .prop_map(|(id, revision)| record(id, revision, (id + revision) % 3, id * 10 + revision))
}

fn on_runtime<T>(work: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(work)
}

/// Live content after these files, without what tells of the way it came.
async fn after(files: &[Vec<Record>], identity: ImportIdentity, settle_after: usize) -> Vec<Live> {
    let folder = tempfile::tempdir().unwrap();
    let lake = Lake::open(folder.path()).await.unwrap();
    for (i, records) in files.iter().enumerate() {
        let report = deliver(&lake, spec(&format!("{i}.csv"), identity), records).await.unwrap();
        assert_eq!(report.accepted + report.quarantined_total(), report.read);
        let fates = report.new + report.unchanged + report.corrected + report.superseded + report.conflicts;
        assert_eq!(fates, report.accepted);
        if i == settle_after {
            lake.settle().await.unwrap();
        }
    }
    assert_eq!(problems(&lake).await, Vec::<String>::new());
    let mut rows = live(&lake).await;
    lake.settle().await.unwrap();
    assert_eq!(live(&lake).await, rows, "folding changes no record");
    assert_eq!(problems(&lake).await, Vec::<String>::new());
    for row in &mut rows {
        row.import_id = 0;
    }
    rows
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn under_declared_revisions_order_splitting_and_repetition_change_nothing(
        deliveries in prop_oneof![
            prop::collection::vec(delivery(), 1..40),
            prop::collection::vec(consistent(), 1..40),
        ],
        shuffled in any::<prop::sample::Selector>(),
        cuts in (1..4_usize, 1..4_usize),
        settle_after in 0..4_usize,
    ) {
        let mut other = deliveries.clone();
        // A permutation: the order in which a selector would pick.
        let mut permuted = Vec::new();
        while !other.is_empty() {
            let at = (0..other.len()).collect::<Vec<_>>();
            let at = *shuffled.select(&at);
            permuted.push(other.swap_remove(at));
        }
        // And some delivered again.
        permuted.extend(deliveries.iter().take(5).cloned());
        let split = |records: &[Record], parts: usize| -> Vec<Vec<Record>> {
            records.chunks(records.len().div_ceil(parts)).map(<[Record]>::to_vec).collect()
        };
        let a = on_runtime(after(&split(&deliveries, cuts.0), DECLARED, usize::MAX));
        let b = on_runtime(after(&split(&permuted, cuts.1), DECLARED, settle_after));
        prop_assert_eq!(a, b);
    }

    #[test]
    fn by_arrival_the_last_delivery_of_each_key_is_live_once(
        files in prop::collection::vec(prop::collection::vec(delivery(), 0..15), 1..5),
        settle_after in 0..4_usize,
    ) {
        let rows = on_runtime(after(&files, ARRIVAL, settle_after));
        let mut wanted = std::collections::BTreeMap::new();
        for record in files.iter().flatten() {
            wanted.insert(record.id.clone(), (record.talk_ms, record.started_us, record.campaign.clone()));
        }
        let found: std::collections::BTreeMap<_, _> =
            rows.into_iter().map(|r| (r.id, (r.talk_ms, r.started_us, r.campaign))).collect();
        prop_assert_eq!(found, wanted);
    }
}
