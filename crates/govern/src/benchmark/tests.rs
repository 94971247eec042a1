use std::collections::BTreeSet;
use std::sync::LazyLock;

use dialmark_metrics::metric::Formula;
use dialmark_metrics::{Catalogue, MetricRef, Ratio};
use dialmark_model::declared::Problems;
use proptest::prelude::*;

use super::*;
use crate::place::Place;

fn is_dimension(name: &str) -> bool {
    ["client_id", "campaign_id", "team_id"].contains(&name)
}

/// Read once: it takes a second in a build for development.
static CATALOGUE: LazyLock<Catalogue> = LazyLock::new(|| Catalogue::builtin().0);

fn with(own: &str) -> (&'static Catalogue, Library, Vec<String>) {
    let (catalogue, problems) = (&*CATALOGUE, Problems::new());
    let files = [("benchmarks/own.toml".to_owned(), own.to_owned())];
    let library = Library::read(&files, catalogue, &is_dimension, &problems);
    let found = problems.into_vec().iter().map(ToString::to_string).collect();
    (catalogue, library, found)
}

const CENTRE: &str = "
[profile.centre]
industry  = \"financial_services\"
motion    = \"inbound_service\"
geography = \"Germany\"
";

/// A project that says of itself what `own` says, and asks for a metric.
fn compared(own: &str, benchmark: &str, metric: &str, value: &str) -> Comparison {
    let (catalogue, library, found) = with(own);
    assert!(found.is_empty(), "{}", found.join("\n"));
    let profile = library.profiles.of(&Place::centre());
    let wanted = MetricRef::parse(metric).unwrap();
    let asked = Asked::of(&wanted, catalogue, &library.vocabulary, Some("EUR"), profile).unwrap();
    compare(&library.benchmarks[benchmark], &asked, Ratio::parse(value).unwrap())
}

fn made(comparison: Comparison) -> Made {
    match comparison {
        Comparison::Made(made) => made,
        Comparison::NotMade(why) => panic!("{why:?}"),
    }
}

fn why_not(comparison: Comparison) -> Vec<String> {
    match comparison {
        Comparison::Made(made) => panic!("{made:?}"),
        Comparison::NotMade(why) => why.into_iter().map(|mismatch| mismatch.sentence).collect(),
    }
}

#[test]
fn the_shipped_benchmarks_have_no_problems() {
    let (_, library, problems) = with("");
    assert!(problems.is_empty(), "{}", problems.join("\n"));
    assert_eq!(library.benchmarks.len(), 52);
}

#[test]
fn every_shipped_benchmark_names_its_source_and_whether_it_is_dated() {
    let (_, library, _) = with("");
    for benchmark in library.benchmarks.values() {
        let is_dated = benchmark.period.is_some() || benchmark.confidence == Confidence::FromMemory;
        assert!(is_dated || benchmark.source.ends_with("(no date noted)"), "{}", benchmark.name);
        if benchmark.value.is_none() {
            assert!(
                benchmark.comments.as_deref().unwrap_or_default().contains("not public"),
                "{}",
                benchmark.name
            );
        }
    }
}

#[test]
fn what_a_metric_counts_is_declared_for_every_metric_that_a_benchmark_is_of() {
    let (catalogue, library, _) = with("");
    let metrics: BTreeSet<&str> = library.benchmarks.values().map(|b| b.metric.metric.as_str()).collect();
    let mut wanting = Vec::new();
    for benchmark in library.benchmarks.values() {
        // The variant that the source means must be reachable: one of its variants has the benchmark's words.
        let metric = &catalogue.metrics[&benchmark.metric.metric];
        let counts: Vec<(Word, Word)> =
            metric.variants.iter().filter_map(|v| library.vocabulary.of_variant(metric, v)).collect();
        let meant = |(outcome, denominator): &(Word, Word)| {
            benchmark.outcome.as_ref().is_none_or(|word| word == outcome)
                && benchmark.denominator.as_ref().is_none_or(|word| word == denominator)
        };
        if benchmark.unit == metric.unit && !counts.iter().any(meant) {
            wanting.push(format!("{}: no variant of {} counts so", benchmark.name, metric.id));
        }
    }
    for id in metrics {
        let metric = &catalogue.metrics[id];
        for variant in &metric.variants {
            if library.vocabulary.of_variant(metric, variant).is_none() {
                wanting.push(format!("{id}/{}: what it counts is not declared", variant.id));
            }
        }
    }
    let conversion = &catalogue.metrics["conversion_rate"];
    for variant in &conversion.variants {
        let Formula::Ratio { numerator, denominator, .. } = &variant.formula else { continue };
        for measure in [numerator, denominator] {
            if !library.vocabulary.has_word(measure) {
                wanting.push(format!("conversion_rate/{}: `{measure}` has no word", variant.id));
            }
        }
    }
    assert!(wanting.is_empty(), "{}", wanting.join("\n"));
}

#[test]
fn rival_variants_never_share_outcome_and_denominator_unless_they_are_the_same_to_every_source() {
    let (catalogue, library, _) = with("");
    let mut shared = BTreeSet::new();
    for metric in catalogue.metrics.values() {
        let mut seen: Vec<((Word, Word), &str)> = Vec::new();
        for variant in &metric.variants {
            let Some(counts) = library.vocabulary.of_variant(metric, variant) else { continue };
            if let Some((_, first)) = seen.iter().find(|(other, _)| *other == counts) {
                shared.insert(format!("{}: {first}, {}", metric.id, variant.id));
            }
            seen.push((counts, &variant.id));
        }
    }
    let wanted = [
        // The factor tells them apart.
        "attrition_rate: yearly, per_30_days",
        // A benchmark names the variant.
        "cost_per_contact: voice, other_channels",
        // Paid time, by shifts or by states: the source knows no difference.
        "utilization: shift_paid, span_paid",
    ];
    for pair in &shared {
        assert!(wanted.contains(&pair.as_str()), "{pair}");
    }
    assert_eq!(shared.len(), wanted.len());
}

#[test]
fn a_figure_within_the_range_says_so_and_what_to_bear_in_mind() {
    // 72 % lies between 70 and 75 %.
    let made = made(compared(CENTRE, "fcr_average", "fcr/gross", "0.72"));
    assert_eq!(made.standing, Standing::Within);
    assert_eq!((made.distance, made.points), (Ratio::ZERO, Some(Ratio::ZERO)));
    assert_eq!(made.sentence, "72 % lies within 70 % to 75 % (average).");
    assert_eq!(
        made.said,
        [
            "The benchmark is across industries.",
            "The source does not say its `window`, which this metric has."
        ]
    );
}

#[test]
fn the_distance_is_from_the_nearest_end_in_the_unit_and_in_points() {
    // 0.785 - 0.75 = 0.035, that is 3.5 points.
    let better = made(compared(CENTRE, "fcr_average", "fcr/gross", "0.785"));
    assert_eq!(better.standing, Standing::Better);
    assert_eq!(better.distance, Ratio::parse("0.035").unwrap());
    assert_eq!(better.points, Ratio::parse("3.5"));
    assert_eq!(better.sentence, "78.5 % is better than 70 % to 75 % (average), by 3.5 points.");
    // 2/3 - 0.70 = -1/30, exactly.
    let worse = made(compared(CENTRE, "fcr_average", "fcr/gross", "2/3"));
    assert_eq!(worse.standing, Standing::Worse);
    assert_eq!(worse.distance, Ratio::parse("-1/30").unwrap());
    // 34 s - 28 s = 6 s; waiting longer is worse, and a length of time has no points.
    let asa = made(compared(CENTRE, "asa_2025", "asa", "34000"));
    assert_eq!((asa.standing, asa.distance, asa.points), (Standing::Worse, ratio("6000"), None));
    assert_eq!(asa.sentence, "34 s is worse than 28 s (average), by 6 s.");
}

fn ratio(text: &str) -> Ratio {
    Ratio::parse(text).unwrap()
}

#[test]
fn of_a_metric_that_is_better_neither_way_only_above_and_below_are_said() {
    let own = CENTRE.replace("inbound_service", "general_enquiries");
    // 8 min 30 s - 6 min = 2 min 30 s.
    let made = made(compared(&own, "aht_general", "aht/handle", "510000"));
    assert_eq!(made.standing, Standing::Above);
    assert_eq!(made.sentence, "8 min 30 s is above 4 min to 6 min (typical), by 2 min 30 s.");
}

#[test]
fn an_open_end_is_not_part_of_the_figure() {
    let at = |value| made(compared(CENTRE, "csat_best", "csat", value)).standing;
    assert_eq!((at("0.90"), at("0.901")), (Standing::Worse, Standing::Within));
    let at = |value| made(compared(CENTRE, "abandonment_best", "queue_abandonment_rate", value)).standing;
    assert_eq!((at("0.03"), at("0.029")), (Standing::Worse, Standing::Within));
}

#[test]
fn every_side_that_differs_is_named_with_both_sides() {
    let own = "[profile.centre]\nmotion = \"appointment_setting\"\nindustry = \"insurance\"\n
[benchmark.agents_2011]
label = \"Appointments\"
metric = \"conversion_rate\"
value = 0.02
type = \"average\"
industry = \"residential_real_estate\"
outcome = \"appointments\"
denominator = \"conversations\"
motion = \"real_estate_prospecting\"
source = \"a report\"
";
    assert_eq!(
        why_not(compared(own, "agents_2011", "conversion_rate/sales_per_dial", "0.03")),
        [
            "The benchmark counts appointments, this metric counts sales.",
            "The benchmark divides by conversations, this metric divides by outbound calls.",
            "The benchmark is of residential real estate, these records are of insurance.",
            "The benchmark is of prospecting of residential estate agents, these records are of calls that set appointments with businesses.",
        ]
    );
}

#[test]
fn above_twenty_per_cent_says_nothing_of_anything() {
    assert_eq!(
        why_not(compared(CENTRE, "conversion_strong", "conversion_rate", "0.30")),
        [
            "The source does not say what it counts, so nothing may be compared with it.",
            "The source names no denominator, so nothing may be compared with it.",
            "The source names no industry, so nothing may be compared with it.",
            "The source names no motion, so nothing may be compared with it.",
        ]
    );
}

#[test]
fn a_service_level_without_a_denominator_is_not_compared_and_other_seconds_are_named() {
    assert_eq!(
        why_not(compared(CENTRE, "service_level_90_15", "service_level", "0.95")),
        [
            "The benchmark has `threshold` at 15000, this metric has it at 20000.",
            "The source names no denominator, so nothing may be compared with it.",
        ]
    );
}

#[test]
fn a_yearly_rate_is_none_of_thirty_days() {
    let own = "
[profile.centre]
motion = \"outbound\"
[benchmark.attrition]
label = \"Attrition\"
metric = \"attrition_rate/yearly\"
value = 0.35
type = \"average\"
industry = \"any\"
outcome = \"agent_leavers\"
denominator = \"agents_employed_days\"
motion = \"outbound\"
source = \"a report\"
";
    assert_eq!(
        why_not(compared(own, "attrition", "attrition_rate/per_30_days", "0.03")),
        [
            "The benchmark is of `attrition_rate/yearly`, this metric is `attrition_rate/per_30_days`.",
            "The benchmark is multiplied by 365, this metric by 30."
        ]
    );
}

#[test]
fn money_is_compared_in_one_currency_only() {
    assert_eq!(
        why_not(compared(CENTRE, "cost_per_phone_contact", "cost_per_contact/voice", "4.20")),
        ["The benchmark is in USD, this metric is in EUR."]
    );
}

#[test]
fn the_three_studies_of_cold_calls_cannot_be_compared_with_anything_or_each_other() {
    let (_, library, _) = with("");
    let studies = ["b2b_cold_calls_2025", "real_estate_appointments_2011", "cold_call_conversations_2024"];
    let fields: BTreeSet<_> = studies
        .iter()
        .map(|name| &library.benchmarks[*name])
        .map(|b| (b.motion.clone(), b.denominator.clone(), b.value.is_none()))
        .collect();
    assert_eq!(fields.len(), 3);
    assert!(fields.iter().all(|(.., is_open)| *is_open));
}

#[test]
fn a_project_fills_in_the_value_of_a_record_that_comes_without_one() {
    let own = "[profile.centre]\nmotion = \"b2b_cold_calls\"\n
[benchmark.b2b_cold_calls_2025]
label = \"B2B cold calls, as our licensed copy has it\"
metric = \"conversion_rate\"
value = \"2.3 %\"
type = \"average\"
industry = \"any\"
outcome = \"appointments\"
denominator = \"dials\"
motion = \"b2b_cold_calls\"
source = \"page 14 of the report\"
";
    // 2.7 % - 2.3 % = 0.4 points.
    let made = made(compared(own, "b2b_cold_calls_2025", "conversion_rate/appointments_per_dial", "0.027"));
    assert_eq!(made.points, Some(ratio("0.4")));
}

#[test]
fn a_centre_of_several_kinds_of_work_is_none_of_them_but_its_campaigns_are() {
    let own = "
[profile.centre]
industry = \"any\"
motion   = \"inbound_service\"
[profile.arrears]
place    = { campaign = \"arrears\" }
industry = \"financial_services\"
motion   = \"early_arrears\"
[profile.help]
place    = { campaign = \"help\" }
motion   = \"technical_support\"
";
    let (_, library, found) = with(own);
    assert!(found.is_empty(), "{}", found.join("\n"));
    let motion = |place: &Place| match library.profiles.of(place).motion {
        Side::Unstated => "unstated".to_owned(),
        Side::One(word) => word.name,
        Side::Several(words) => words.into_iter().map(|word| word.name).collect::<Vec<_>>().join(" and "),
    };
    // Technical support is inbound service; arrears are not.
    assert_eq!(motion(&Place::centre()), "early_arrears and inbound_service");
    assert_eq!(motion(&Place::of("campaign_id", "help")), "technical_support");
    assert_eq!(motion(&Place::of("campaign_id", "arrears").within("team_id", "a")), "early_arrears");
    assert_eq!(motion(&Place::of("campaign_id", "other")), "inbound_service");
    assert_eq!(
        why_not(compared(own, "fcr_average", "fcr/gross", "0.7")),
        [
            "The benchmark is of inbound customer service by telephone, these records are of several kinds: collection of early arrears, inbound customer service by telephone."
        ]
    );
}

#[test]
fn what_is_wrong_with_records_is_said_all_at_once() {
    let own = "
[benchmark.fcr_average]
label = \"Ours\"
metric = \"fcr\"
value = 0.7
type = \"average\"
source = \"us\"

[benchmark.bad]
metric = \"conversion_rat\"
value = { from = 0.3, to = 0.2 }
type = \"averag\"
outcome = \"sale\"
denominator = \"successes_by_hnd\"
industry = \"health_care\"
motion = \"knocking on doors\"
valu = 1

[benchmark.worse]
label = \"Worse\"
metric = \"cost_per_call\"
value = 4.20
type = \"average\"
source = \"us\"

[benchmark.two]
label = \"Two\"
metric = \"csat\"
value = { above = 0.3, below = 0.4 }
type = \"average\"
outcome = \"csat_satisfied\"
source = \"us\"

[benchmark.range]
label = \"Range\"
metric = \"csat\"
value = { from = 0.4, to = 0.3 }
type = \"average\"
source = \"us\"

[profile.a]
motion = \"outbond\"
[profile.b]
place = { campain = \"x\" }
";
    let (_, library, found) = with(own);
    assert_eq!(
        found,
        [
            "error: benchmarks/own.toml:2: benchmark.fcr_average: the benchmark `fcr_average` is declared twice: here and in catalogue/benchmarks/service.toml:4. Remove or rename one of them.",
            "error: benchmarks/own.toml:9: benchmark.bad: `label` is missing. Add `label = \"...\"`: what the figure is called.",
            "error: benchmarks/own.toml:9: benchmark.bad: `source` is missing. Add `source = \"...\"`: where the figure was read, so that it can be looked up.",
            "error: benchmarks/own.toml:10: benchmark.bad.metric: There is no metric `conversion_rat`. Did you mean `conversion_rate`?",
            "error: benchmarks/own.toml:12: benchmark.bad.type: `averag` is not known here. Did you mean `average`?",
            "error: benchmarks/own.toml:13: benchmark.bad.outcome: nothing is counted by the name `sale`. Did you mean `sales`?",
            "error: benchmarks/own.toml:14: benchmark.bad.denominator: nothing is counted by the name `successes_by_hnd`. Did you mean `successes_by_hand`?",
            "error: benchmarks/own.toml:15: benchmark.bad.industry: there is no industry `health_care`. Did you mean `healthcare`?",
            "error: benchmarks/own.toml:16: benchmark.bad.motion: there is no motion `knocking on doors`. Declare it: `[motion.knocking_on_doors]` with a `label`.",
            "error: benchmarks/own.toml:17: benchmark.bad.valu: nothing is known by this key. Did you mean `value`?",
            "error: benchmarks/own.toml:19: benchmark.worse: money needs its currency. Add `unit = \"EUR\"`, or another code of ISO 4217.",
            "error: benchmarks/own.toml:29: benchmark.two.value: this is not one figure. Write a value, `{ from = ..., to = ... }`, or one of `{ at_least = ... }`, `{ at_most = ... }`, `{ above = ... }`, `{ below = ... }`.",
            "error: benchmarks/own.toml:31: benchmark.two.outcome: `csat_satisfied` is a measure; what it counts is called `satisfied_answers`. Write `outcome = \"satisfied_answers\"`.",
            "error: benchmarks/own.toml:37: benchmark.range.value: the range ends before it begins. Let `from` be less than `to`.",
            "error: benchmarks/own.toml:42: profile.a.motion: there is no motion `outbond`. Did you mean `outbound`?",
            "error: benchmarks/own.toml:44: profile.b.place.campain: there is no dimension `campain`. Did you mean `campaign_id`?",
        ]
    );
    assert!(!library.benchmarks.contains_key("worse") && !library.benchmarks.contains_key("bad"));
}

#[test]
fn own_words_are_used_like_the_shipped_ones() {
    let own = "
[counted.trials]
label = \"trials started\"
[industry.gyms]
label = \"gyms\"
[motion.reactivation]
label = \"calls to former members\"
within = \"outbond\"
[formula.nps.standar]
outcome = \"net_promoter\"
denominator = \"trials\"
[counted.dials]
measures = [\"dails\"]
";
    let (_, library, found) = with(own);
    assert_eq!(
        found,
        [
            "error: benchmarks/own.toml:8: motion.reactivation.within: no motion `outbond` is declared above. Did you mean `outbound`?",
            "error: benchmarks/own.toml:9: formula.nps.standar: `nps` has no variant `standar`; it has `standard`.",
            "error: benchmarks/own.toml:10: formula.nps.standar.outcome: no word `net_promoter` is declared above. Did you mean `net_promoters`?",
            "error: benchmarks/own.toml:12: counted.dials: the word `dials` is declared twice: here and in catalogue/benchmarks/words.toml:6. Remove or rename one of them.",
        ]
    );
    assert_eq!(library.vocabulary.industry("gyms").unwrap().within, ["any"]);
}

proptest! {
    #[test]
    fn distance_and_standing_follow_the_value(a in 0_i128..2_000, b in 0_i128..2_000) {
        // Thousandths of a share, beside 5 to 8 %, of which less is better.
        let figure = Stated::Between(ratio("0.05"), ratio("0.08"));
        let at = |thousandths: i128| figure.beside(ratio(&format!("{thousandths}/1000")));
        let rank = |beside| match beside { Beside::Under(_) => 0, Beside::In => 1, Beside::Over(_) => 2 };
        prop_assert!(a > b || rank(at(a)) <= rank(at(b)));
        prop_assert_eq!(rank(at(a)) == 1, (50..=80).contains(&a));
    }
}
