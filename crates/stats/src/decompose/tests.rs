use super::*;
use proptest::prelude::*;

fn part(top: f64, bottom: f64) -> Part {
    Part { top, bottom }
}

fn segment<K>(key: K, before: Part, after: Part) -> Segment<K> {
    Segment { key, before, after }
}

const NONE: Part = Part { top: 0.0, bottom: 0.0 };

fn near(a: f64, b: f64) -> bool {
    (a - b).abs() < 1e-12
}

#[test]
fn both_segments_improve_and_the_whole_declines() {
    // 60 % at 0.10 and 40 % at 0.04 become 40 % at 0.11 and 60 % at 0.05.
    let whole = ratio([
        segment("north", part(60.0, 600.0), part(44.0, 400.0)),
        segment("south", part(16.0, 400.0), part(30.0, 600.0)),
    ])
    .unwrap();
    assert!(near(whole.change, -0.002) && near(whole.rate, 0.010) && near(whole.mix, -0.012));
    assert!(whole.effects.iter().all(|e| e.rate > 0.0 && e.presence == Presence::Both));
    assert_eq!(whole.effects[0].shares, (0.6, 0.4));
}

#[test]
fn a_segment_that_comes_or_goes_is_all_mix() {
    let whole = ratio([
        segment("stays", part(10.0, 100.0), part(10.0, 100.0)),
        segment("comes", NONE, part(30.0, 100.0)),
        segment("goes", part(2.0, 100.0), NONE),
    ])
    .unwrap();
    let find = |key| whole.effects.iter().find(|e| e.key == key).unwrap();
    let (stays, comes, goes) = (find("stays"), find("comes"), find("goes"));
    assert_eq!((comes.presence, goes.presence), (Presence::New, Presence::Gone));
    assert_eq!((comes.rates.0, goes.rates.1), (None, None));
    // Ratios 0.06 and 0.2, their mean 0.13; half of the bottom comes, half goes.
    assert!(near(comes.mix, (0.3 - 0.13) / 2.0) && near(comes.rate, 0.0));
    assert!(near(goes.mix, (0.13 - 0.02) / 2.0) && near(goes.rate, 0.0));
    assert!(near(stays.total, 0.0));
    assert!(near(whole.change, 0.14) && near(whole.mix, 0.14));
    assert_eq!(whole.effects[0].key, "comes");
}

#[test]
fn costs_without_a_sale_are_counted_whole() {
    let whole = ratio([
        segment("old", part(1_000.0, 10.0), part(1_000.0, 10.0)),
        segment("young", part(300.0, 0.0), part(600.0, 5.0)),
        segment("idle", NONE, NONE),
    ])
    .unwrap();
    let young = whole.effects.iter().find(|e| e.key == "young").unwrap();
    assert_eq!(young.presence, Presence::WithoutBottom);
    assert!(near(young.mix, 0.0) && young.rates.0.is_none());
    assert!(near(whole.effects.iter().map(|e| e.total).sum(), whole.change));
    assert_eq!(whole.effects.iter().find(|e| e.key == "idle").unwrap().presence, Presence::Nowhere);
}

#[test]
fn an_average_segment_is_not_blamed_for_its_size() {
    let whole = ratio([
        segment("average", part(50.0, 500.0), part(90.0, 900.0)),
        segment("high", part(20.0, 100.0), part(20.0, 100.0)),
        segment("low", NONE, part(10.0, 300.0)),
    ])
    .unwrap();
    let average = whole.effects.iter().find(|e| e.key == "average").unwrap();
    assert!(average.total.abs() < 0.15 * whole.change.abs(), "{whole:?}");
}

#[test]
fn what_happened_to_everybody_is_nobodys_own() {
    // All of four teams fall by two points; the fourth, a tenth of all, by twelve.
    let team = |key, calls: f64, fell: f64| {
        segment(key, part(0.20 * calls, calls), part((0.20 - fell) * calls, calls))
    };
    let whole = ratio([
        team("a", 500.0, 0.02),
        team("b", 200.0, 0.02),
        team("c", 200.0, 0.02),
        team("d", 100.0, 0.12),
    ])
    .unwrap();
    assert!(near(whole.common, -0.02));
    let own = |key| whole.effects.iter().find(|e| e.key == key).unwrap().own;
    assert!(near(own("a"), 0.0) && near(own("b"), 0.0) && near(own("d"), -0.01));
    // Of the totals, that of the largest team is as large as that of the one which fell.
    assert!(near(whole.effects.iter().find(|e| e.key == "a").unwrap().total, -0.01));
    // Seven of eight numbers stay as they were: nothing is common.
    let number = |key, fell: f64| segment(key, part(24.0, 100.0), part(24.0 - fell, 100.0));
    let whole = ratio((0..8).map(|n| number(n, if n == 4 { 13.0 } else { 0.0 }))).unwrap();
    assert!(near(whole.common, 0.0) && near(whole.effects[0].own, whole.change) && whole.effects[0].key == 4);
    // One that holds while most fall is not the cause of the fall.
    let whole = ratio([team("a", 900.0, 0.02), team("b", 100.0, 0.0)]).unwrap();
    assert!(
        near(whole.common, -0.02) && near(whole.effects.iter().find(|e| e.key == "b").unwrap().own, 0.002)
    );
}

#[test]
fn what_cannot_be_taken_apart_says_why() {
    let one = |before, after| ratio([segment(0, before, after)]).unwrap_err();
    assert_eq!(one(NONE, part(1.0, 2.0)), Unfit::NothingBefore);
    assert_eq!(one(part(1.0, 2.0), NONE), Unfit::NothingAfter);
    assert_eq!(one(part(f64::NAN, 2.0), part(1.0, 2.0)), Unfit::NotFinite);
    assert_eq!(one(part(f64::MAX, f64::MIN_POSITIVE), part(1.0, 2.0)), Unfit::NotFinite);
    assert_eq!(ratio::<u8>([]).unwrap_err(), Unfit::NothingBefore);
    assert_eq!(sum([("a", 1.0, f64::INFINITY)]).unwrap_err(), Unfit::NotFinite);
}

#[test]
fn sums_are_ranked_by_their_change_of_either_sign() {
    let changes = sum([("a", 10.0, 12.0), ("b", 10.0, 3.0), ("c", 0.0, 5.0), ("d", 2.0, 0.0)]).unwrap();
    let keys: Vec<&str> = changes.iter().map(|c| c.key).collect();
    assert_eq!(keys, ["b", "c", "a", "d"]);
    assert!(near(changes.iter().map(|c| c.change).sum(), -2.0));
}

/// Parts of which some are empty and some have a top without a bottom.
fn any_part() -> impl Strategy<Value = Part> {
    prop_oneof![
        6 => (0.0..100.0_f64, 0.1..1e3_f64).prop_map(|(t, b)| part(t, b)),
        1 => Just(NONE),
        1 => (0.1..100.0_f64).prop_map(|t| part(t, 0.0)),
    ]
}

fn segments() -> impl Strategy<Value = Vec<Segment<usize>>> {
    let some = (0.0..100.0_f64, 0.1..1e3_f64).prop_map(|(t, b)| part(t, b));
    let first = (some.clone(), some);
    (first, proptest::collection::vec((any_part(), any_part()), 0..12)).prop_map(|(first, rest)| {
        let all = std::iter::once(first).chain(rest).enumerate();
        all.map(|(key, (before, after))| segment(key, before, after)).collect()
    })
}

proptest! {
    #[test]
    fn totals_add_up_to_the_change(segments in segments()) {
        let whole = ratio(segments).unwrap();
        let scale = whole.before.abs().max(whole.after.abs()).max(1.0);
        let sum: f64 = whole.effects.iter().map(|e| e.total).sum();
        prop_assert!((sum - whole.change).abs() < 1e-12 * scale, "{} {}", sum, whole.change);
        prop_assert!((whole.rate + whole.mix - whole.change).abs() < 1e-12 * scale);
        for pair in whole.effects.windows(2) {
            prop_assert!(pair[0].total.abs() >= pair[1].total.abs());
        }
    }

    #[test]
    fn the_way_back_is_the_negative(segments in segments()) {
        let back: Vec<Segment<usize>> =
            segments.iter().map(|s| segment(s.key, s.after, s.before)).collect();
        let (there, back) = (ratio(segments).unwrap(), ratio(back).unwrap());
        prop_assert!(near(there.change, -back.change));
        for e in &there.effects {
            let b = back.effects.iter().find(|b| b.key == e.key).unwrap();
            prop_assert!(near(e.rate, -b.rate) && near(e.mix, -b.mix));
        }
    }

    #[test]
    fn segments_of_equal_rates_can_be_one(
        others in segments(), r0 in 0.0..1.0_f64, r1 in 0.0..1.0_f64,
        a in 1.0..500.0_f64, b in 1.0..500.0_f64, c in 1.0..500.0_f64, d in 1.0..500.0_f64,
    ) {
        let with = |added: Vec<Segment<usize>>| ratio(others.iter().cloned().chain(added)).unwrap();
        let apart = with(vec![
            segment(100, part(r0 * a, a), part(r1 * b, b)),
            segment(101, part(r0 * c, c), part(r1 * d, d)),
        ]);
        let joined = with(vec![segment(100, part(r0 * (a + c), a + c), part(r1 * (b + d), b + d))]);
        let of = |whole: &Decomposition<usize>, pick: fn(&Effect<usize>) -> f64| -> f64 {
            whole.effects.iter().filter(|e| e.key >= 100).map(pick).sum()
        };
        prop_assert!((of(&apart, |e| e.rate) - of(&joined, |e| e.rate)).abs() < 1e-10);
        prop_assert!((of(&apart, |e| e.mix) - of(&joined, |e| e.mix)).abs() < 1e-10);
    }

    #[test]
    fn nothing_changes_when_everything_grows_alike(segments in segments(), factor in 0.1..10.0_f64) {
        let grown = segments.iter().map(|s| {
            segment(s.key, s.before, part(s.before.top * factor, s.before.bottom * factor))
        });
        for e in ratio(grown).unwrap().effects {
            prop_assert!(e.total.abs() < 1e-10);
        }
    }
}
