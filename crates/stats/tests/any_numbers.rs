//! Whatever numbers come in, no NaN and no infinity comes out, and nothing panics.

use dialmark_stats::agreement::{Scale, Table, Verdict, Weights, alpha, within};
use dialmark_stats::bootstrap::{self, Kind, Plan};
use dialmark_stats::decompose::{self, Cell, Factor, Segment, Sides};
use dialmark_stats::maturity::{Cohort, Ripening};
use dialmark_stats::queue::{self, Demand, Goal};
use dialmark_stats::ranking::{self, Better, Entrant, Figure, Sureness};
use dialmark_stats::{Confidence, Estimate, Interval, Nps, Part, Share};
use dialmark_stats::{false_discovery, mean, quantile, ratio, share};
use proptest::prelude::*;

/// Any float: small and huge, zero of either sign, NaN, infinite; plain ones mostly.
fn any_number() -> impl Strategy<Value = f64> {
    prop_oneof![
        8 => -100.0..100.0_f64,
        2 => (0_i8..4).prop_map(f64::from),
        1 => proptest::num::f64::ANY,
    ]
}

fn any_parts() -> impl Strategy<Value = Vec<Part>> {
    let part = || (any_number(), any_number()).prop_map(|(top, bottom)| Part { top, bottom });
    prop_oneof![proptest::collection::vec(part(), 0..5), proptest::collection::vec(part(), 30..60)]
}

fn any_confidence() -> impl Strategy<Value = Confidence> {
    prop_oneof![
        0.001..0.999_f64,
        (1_i32..16).prop_map(|digits| 1.0 - 10.0_f64.powi(-digits)),
        Just(f64::MIN_POSITIVE),
    ]
    .prop_filter_map("a level", Confidence::new)
}

fn sound(interval: Option<Interval>) -> bool {
    interval.is_none_or(|i| i.low().is_finite() && i.high().is_finite() && i.low() <= i.high())
}

fn sound_estimate(estimate: Option<Estimate>, confidence: Confidence) -> bool {
    estimate.is_none_or(|e| {
        e.value().is_finite()
            && e.standard_error() > 0.0
            && e.standard_error().is_finite()
            && e.p_value(0.0).is_some_and(|p| (0.0..=1.0).contains(&p))
            && sound(e.interval(confidence))
    })
}

proptest! {
    #[test]
    fn ratios_and_differences(one in any_parts(), other in any_parts(), confidence in any_confidence()) {
        prop_assert!(sound_estimate(ratio::of_sums(&one), confidence));
        prop_assert!(sound_estimate(ratio::difference(&one, &other), confidence));
        let plan = Plan::new(Confidence::P90, Kind::Bca, 100, 1).unwrap();
        let drawn = [bootstrap::of_ratio(&one, &plan), bootstrap::of_difference(&one, &other, &plan)];
        for drawn in drawn.into_iter().flatten() {
            prop_assert!(drawn.value.is_finite() && sound(Some(drawn.interval)));
        }
    }

    #[test]
    fn means_and_quantiles(
        values in proptest::collection::vec(any_number(), 0..40),
        share in any_number(),
        n in any::<u64>(),
        confidence in any_confidence(),
    ) {
        prop_assert!(sound_estimate(mean::of(&values), confidence));
        prop_assert!(sound(quantile::interval(&values, share, confidence)));
        let share = share.abs().fract();
        if let Some(ranks) = quantile::ranks(n >> 34, share, confidence) {
            prop_assert!(ranks.low >= 1 && ranks.low <= ranks.high && ranks.high <= n >> 34);
            prop_assert!(ranks.sure >= confidence.level() - 1e-9 && ranks.sure <= 1.0);
        }
    }

    #[test]
    fn shares_and_scores(
        n in 1_u64..1 << 30, cut in any::<u64>(), part in 0.0..=1.0_f64, odd in any_number(),
        confidence in any_confidence(),
        counts in any::<(u32, u32, u32)>(),
    ) {
        let hits = n.saturating_sub(cut % (n + 1));
        let share = Share::new(hits, n).unwrap();
        for interval in [share.wilson(confidence), share.clopper_pearson(confidence)] {
            prop_assert!(interval.low() >= 0.0 && interval.contains(share.value()) && interval.high() <= 1.0);
        }
        prop_assert!(sound(Some(share.minus(Share::new(n - hits, n).unwrap(), confidence))));
        prop_assert!(share::half_width(odd, n, confidence).is_none_or(f64::is_finite));
        let _ = share::sample_size(part, odd, confidence);
        let nps = Nps { promoters: counts.0, passives: counts.1, detractors: counts.2 };
        prop_assert!(sound(nps.wald(confidence)) && sound(nps.adjusted_wald(confidence)));
    }

    #[test]
    fn agreement(
        units in proptest::collection::vec(proptest::collection::vec(any_number(), 0..4), 0..10),
        calls in proptest::collection::vec((0_usize..4, 0_usize..4), 0..20),
        points in any_number(),
    ) {
        for scale in [Scale::Nominal, Scale::Ordinal, Scale::Interval, Scale::Ratio] {
            prop_assert!(alpha(&units, scale).is_none_or(|a| a <= 1.0 && Verdict::of(a).is_some()));
        }
        let scores: Vec<(f64, f64)> = units.iter().filter_map(|u| Some((*u.first()?, *u.last()?))).collect();
        let _ = within(&scores, points);
        if let Some(table) = Table::of(4, &calls) {
            for weights in [Weights::None, Weights::Linear, Weights::Quadratic] {
                prop_assert!(table.kappa(weights).is_none_or(f64::is_finite));
                prop_assert!(table.kappa_error(weights).is_none_or(f64::is_finite));
            }
        }
    }

    #[test]
    fn decomposition(before in any_parts(), after in any_parts()) {
        let pairs = before.iter().zip(&after).enumerate();
        let segments = pairs.map(|(key, (before, after))| Segment { key, before: *before, after: *after });
        if let Ok(whole) = decompose::ratio(segments) {
            prop_assert!(whole.change.is_finite() && whole.rate.is_finite() && whole.mix.is_finite());
            prop_assert!(whole.effects.iter().all(|e| e.total.is_finite() && e.own.is_finite()));
            let rates = || whole.effects.iter().flat_map(|e| [e.rates.0, e.rates.1]).flatten();
            prop_assert!(rates().all(f64::is_finite));
        }
        let days = |parts: &[Part]| -> Vec<Vec<Part>> { parts.chunks_exact(3).map(<[Part]>::to_vec).collect() };
        let (before, after) = (days(&before), days(&after));
        let plan = Plan::new(Confidence::P90, Kind::Percentile, 100, 1).unwrap();
        let doubts = decompose::by_day(Sides { before: &before, after: &after }, &plan);
        for doubt in doubts.unwrap_or_default() {
            prop_assert!(sound(Some(doubt.rate)) && sound(Some(doubt.mix)) && sound(Some(doubt.total)));
        }
    }

    #[test]
    fn decomposition_of_products_and_within(before in any_parts(), after in any_parts()) {
        let pairs = || before.iter().zip(&after).enumerate();
        let factors = pairs().map(|(key, (before, after))| Factor { key, before: before.top, after: after.top });
        if let Ok(whole) = decompose::product(factors.take(8)) {
            prop_assert!(whole.change.is_finite() && whole.effects.iter().all(|(_, effect)| effect.is_finite()));
        }
        let cells = pairs().map(|(key, (before, after))| Cell {
            outer: key % 3, inner: key % 5, before: *before, after: *after,
        });
        if let Ok(found) = decompose::within(cells) {
            prop_assert!(found.inner.iter().all(|one| one.total.is_finite()));
        }
    }

    #[test]
    fn queues(
        numbers in proptest::array::uniform5(any_number()), agents in any::<u32>(), small in 0_u32..500,
    ) {
        let [load, handle, time, share, patience] = numbers;
        for agents in [agents, small] {
            prop_assert!(queue::blocking(load, agents.min(100_000)).is_none_or(|b| (0.0..=1.0).contains(&b)));
            prop_assert!(agents <= queue::MOST_SERVERS || queue::blocking(load, agents).is_none());
        }
        if let Some(found) = queue::waiting(load, small, handle) {
            prop_assert!((0.0..=1.0).contains(&found.waits()) && found.average_wait() >= 0.0);
        }
        if let Some(found) = queue::leaving(load.min(1e6), small, handle, patience) {
            let shares = [found.waits(), found.leaves(), found.occupancy(), found.answered_within(time)];
            prop_assert!(shares.iter().all(|share| (0.0..=1.0).contains(share)), "{:?}", found);
        }
        let demand = Demand { calls_per_s: load, handle_s: handle, patience_s: None };
        let goal = Goal { answered: share, within_s: time, occupancy: share };
        prop_assert!(queue::needed(demand, goal).is_none_or(|found| found.agents >= found.for_service));
        prop_assert!(queue::rostered(small, share).is_none_or(|rostered| rostered >= small));
    }

    #[test]
    fn rankings(parts in proptest::collection::vec(any_parts(), 0..6)) {
        for figure in [Figure::Share, Figure::Amount] {
            let entrants = parts.iter().cloned().enumerate().map(|(key, parts)| Entrant { key, parts });
            if let Some(found) = ranking::rank(entrants, figure, Better::Low, Sureness::default()) {
                prop_assert!(found.all.is_finite() && found.apart.is_finite());
                prop_assert!(found.placed.iter().all(|one| one.shrunk.is_finite() && sound(Some(one.interval))));
            }
        }
    }

    #[test]
    fn ripening(
        rows in proptest::collection::vec((any_number(), proptest::collection::vec(any_number(), 0..6)), 0..6),
        window in 0_usize..8, confidence in any_confidence(),
    ) {
        let cohorts: Vec<Cohort> = rows.into_iter().map(|(n, by_age)| Cohort { n, by_age }).collect();
        if let Some(ripening) = Ripening::of(&cohorts, window) {
            prop_assert!((0..9).all(|ages| (0.0..=1.0).contains(&ripening.share(ages))));
            if let Some(found) = ripening.estimate(&cohorts, confidence) {
                prop_assert!((0.0..=1.0).contains(&found.estimate()) && sound(Some(found.interval)));
            }
        }
    }

    #[test]
    fn comparisons(p_values in proptest::collection::vec(any_number(), 0..10), rate in any_number()) {
        let adjusted = false_discovery::adjusted(&p_values);
        prop_assert!(adjusted.is_none_or(|all| all.iter().all(|p| (0.0..=1.0).contains(p))));
        let _ = false_discovery::discoveries(&p_values, rate);
    }
}
