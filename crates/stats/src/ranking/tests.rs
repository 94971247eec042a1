use super::*;
use crate::random::Random;
use proptest::prelude::*;

fn entrant<K>(key: K, hits: f64, n: f64) -> Entrant<K> {
    Entrant { key, parts: vec![Part { top: hits, bottom: n }] }
}

fn shares<K: Clone>(entrants: &[(K, f64, f64)]) -> Ranking<K> {
    let entrants = entrants.iter().map(|(key, hits, n)| entrant(key.clone(), *hits, *n));
    rank(entrants, Figure::Share, Better::High, Sureness::default()).unwrap()
}

#[test]
fn three_of_three_do_not_lead() {
    let found = shares(&[
        ("lucky", 3.0, 3.0),
        ("steady", 400.0, 1000.0),
        ("weak", 200.0, 1000.0),
        ("middle", 300.0, 1000.0),
    ]);
    let names: Vec<&str> = found.placed.iter().map(|one| one.key).collect();
    assert_eq!(names[3], "weak");
    let lucky = found.placed.iter().find(|one| one.key == "lucky").unwrap();
    assert!(lucky.value > 0.999 && lucky.shrunk < 0.45 && lucky.standing == Standing::NotTold, "{lucky:?}");
    let steady = found.placed.iter().find(|one| one.key == "steady").unwrap();
    assert_eq!((steady.standing, steady.best), (Standing::Better, 1));
    assert!((found.all - 903.0 / 3003.0).abs() < 1e-15);
}

#[test]
fn those_who_cannot_be_told_apart_stand_together() {
    let found = shares(&[
        ("a", 310.0, 1000.0),
        ("b", 170.0, 1000.0),
        ("c", 172.0, 1000.0),
        ("d", 165.0, 1000.0),
        ("e", 168.0, 1000.0),
    ]);
    assert_eq!(found.placed.iter().map(|one| one.group).collect::<Vec<_>>(), [1, 2, 2, 2, 2]);
    let (first, rest) = found.placed.split_first().unwrap();
    assert_eq!((first.key, first.best, first.worst, first.standing), ("a", 1, 1, Standing::Better));
    assert!(rest.iter().all(|one| (one.best, one.worst) == (2, 5)), "{rest:?}");
}

#[test]
fn where_less_is_better_the_order_turns_round() {
    let entrants = [("many", 300.0), ("few", 100.0)].map(|(key, hits)| entrant(key, hits, 1000.0));
    let found = rank(entrants, Figure::Share, Better::Low, Sureness::default()).unwrap();
    assert_eq!(
        found.placed.iter().map(|one| (one.key, one.standing)).collect::<Vec<_>>(),
        [("few", Standing::Better), ("many", Standing::Worse)]
    );
}

#[test]
fn what_cannot_be_ranked_is_not() {
    let rank = |entrants: Vec<Entrant<u8>>, figure| rank(entrants, figure, Better::High, Sureness::default());
    assert_eq!(rank(vec![], Figure::Share), None);
    assert_eq!(rank(vec![entrant(1, 1.0, 2.0)], Figure::Share), None);
    assert_eq!(rank(vec![entrant(1, 1.0, 2.0), entrant(2, 0.0, 0.0)], Figure::Share), None);
    assert_eq!(rank(vec![entrant(1, 1.0, 2.0), entrant(2, f64::NAN, 1.0)], Figure::Share), None);
    assert_eq!(rank(vec![entrant(1, 1.0, 2.0), entrant(2, 1.0, -1.0)], Figure::Share), None);
    assert_eq!(rank(vec![entrant(1, 10.0, 2.0), entrant(2, 11.0, 2.0)], Figure::Amount), None, "a day each");
    let none = rank(vec![entrant(1, 0.0, 20.0), entrant(2, 0.0, 30.0)], Figure::Share).unwrap();
    assert!(none.placed.iter().all(|one| one.group == 1 && one.shrunk.abs() < 1e-300));
}

#[test]
fn averages_that_never_vary_differ_for_sure() {
    let of = |key, each: f64| Entrant {
        key,
        parts: vec![Part { top: each * 5.0, bottom: 5.0 }, Part { top: each * 7.0, bottom: 7.0 }],
    };
    let found = rank([of("a", 2.0), of("b", 3.0)], Figure::Amount, Better::Low, Sureness::default()).unwrap();
    assert_eq!(found.placed.iter().map(|one| (one.key, one.group)).collect::<Vec<_>>(), [("a", 1), ("b", 2)]);
}

/// Agents' days; each day has a chance of its own about the agent's.
fn days(random: &mut Random, chance: f64, days: usize) -> Vec<Part> {
    let day = |random: &mut Random| {
        let chance = (chance + 0.04 * random.normal()).clamp(0.0, 1.0);
        let calls = 10 + random.below(40);
        Part { top: (0..calls).filter(|_| random.unit() < chance).count() as f64, bottom: calls as f64 }
    };
    (0..days).map(|_| day(random)).collect()
}

#[test]
fn of_equals_hardly_anybody_stands_out() {
    let mut random = Random::seeded(61);
    let (mut told, mut grouped) = (0, 0);
    for _ in 0..400 {
        let agents: Vec<Entrant<usize>> = (0..40)
            .map(|key| {
                let n = 2 + random.below(20);
                Entrant { key, parts: days(&mut random, 0.2, n) }
            })
            .collect();
        let found = rank(agents, Figure::Share, Better::High, Sureness::default()).unwrap();
        told += u32::from(found.placed.iter().any(|one| one.standing != Standing::NotTold));
        grouped += u32::from(found.placed.last().unwrap().group > 1);
    }
    // One ranking in twenty may say anything at all that is false.
    assert!(told <= 34 && grouped <= 34, "{told} {grouped}");
}

#[test]
fn true_figures_lie_in_their_intervals_nineteen_times_in_twenty() {
    let mut random = Random::seeded(62);
    let (mut held, mut nearer, mut all) = (0, 0.0, 0);
    for _ in 0..100 {
        let truths: Vec<f64> = (0..60).map(|_| (0.2 + 0.05 * random.normal()).clamp(0.02, 0.6)).collect();
        let agents: Vec<Entrant<usize>> = truths
            .iter()
            .enumerate()
            .map(|(key, truth)| {
                let n = 3 + random.below(12);
                Entrant { key, parts: days(&mut random, *truth, n) }
            })
            .collect();
        for one in rank(agents, Figure::Share, Better::High, Sureness::default()).unwrap().placed {
            let truth = truths[one.key];
            held += u32::from(one.interval.contains(truth));
            nearer += (one.value - truth).powi(2) - (one.shrunk - truth).powi(2);
            all += 1;
        }
    }
    let covered = f64::from(held) / f64::from(all);
    assert!((0.93..=0.97).contains(&covered), "{covered}");
    assert!(nearer > 0.0, "shrunk figures lie nearer to the truth");
}

#[test]
fn what_is_said_to_differ_seldom_does_not() {
    // Half of the agents are at 15 %, half at 25 %: of those said to stand out on a side, few belong to the other.
    let mut random = Random::seeded(63);
    let (mut right, mut wrong) = (0, 0);
    for _ in 0..100 {
        let agents: Vec<Entrant<usize>> = (0..40)
            .map(|key| Entrant { key, parts: days(&mut random, if key < 20 { 0.15 } else { 0.25 }, 8) })
            .collect();
        for one in rank(agents, Figure::Share, Better::High, Sureness::default()).unwrap().placed {
            match (one.standing, one.key < 20) {
                (Standing::NotTold, _) => {}
                (Standing::Worse, true) | (Standing::Better, false) => right += 1,
                (Standing::Worse, false) | (Standing::Better, true) => wrong += 1,
            }
        }
    }
    assert!(right > 500 && wrong * 20 < right, "{right} {wrong}");
}

#[test]
fn an_interval_holds_its_figure_where_next_to_nothing_is_known() {
    let found = shares(&[(0, 25.0, 26.0), (1, 0.0, 12.0)]);
    for one in &found.placed {
        assert!(one.interval.contains(one.shrunk), "{one:?}");
    }
}

proptest! {
    #[test]
    fn places_hold_what_they_say(
        figures in proptest::collection::vec((0_u32..50, 1_u32..50), 2..30),
    ) {
        let entrants: Vec<(usize, f64, f64)> = figures.iter().enumerate()
            .map(|(key, (hits, more))| (key, f64::from(*hits), f64::from(hits + more))).collect();
        let found = shares(&entrants);
        let all = entrants.len();
        prop_assert_eq!(found.placed.len(), all);
        for (at, one) in found.placed.iter().enumerate() {
            prop_assert!(one.best <= one.worst && one.worst <= all && one.best >= 1);
            prop_assert!(one.interval.low() <= one.shrunk + 1e-12 && one.shrunk <= one.interval.high() + 1e-12);
            let (low, high) = (one.value.min(found.placed.iter().map(|o| o.value).fold(1.0, f64::min)), found.placed.iter().map(|o| o.value).fold(0.0, f64::max));
            prop_assert!(one.shrunk >= low - 1e-12 && one.shrunk <= high + 1e-12);
            if let Some(next) = found.placed.get(at + 1) {
                prop_assert!(one.shrunk >= next.shrunk && (one.group == next.group || one.group + 1 == next.group));
            }
        }
        let mut turned = entrants;
        turned.reverse();
        let again = shares(&turned);
        for one in &found.placed {
            let other = again.placed.iter().find(|other| other.key == one.key).unwrap();
            prop_assert_eq!((one.best, one.worst, one.standing), (other.best, other.worst, other.standing));
            prop_assert!((one.shrunk - other.shrunk).abs() < 1e-12);
        }
    }
}
