mod comparing;
mod reading;

use std::collections::BTreeSet;
use std::sync::LazyLock;

use dialmark_metrics::metric::Formula;
use dialmark_metrics::{Catalogue, MetricRef, Ratio};
use dialmark_model::declared::Problems;

use super::*;
use crate::place::Place;

fn ratio(text: &str) -> Ratio {
    Ratio::parse(text).unwrap()
}

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

/// What `docs/practice.md` says is shipped.
#[test]
fn the_figures_that_practice_names_are_shipped() {
    let (_, library, _) = with("");
    for (name, value) in [
        ("turnover_white_collar_2024", Stated::Exactly(ratio("0.173"))),
        ("fcr_uk_top_2024", Stated::Exactly(ratio("0.78"))),
        ("fcr_uk_bottom_2024", Stated::Below(ratio("0.60"))),
        ("asa_2025", Stated::Exactly(ratio("28000"))),
        ("conversion_strong", Stated::Above(ratio("0.20"))),
    ] {
        assert_eq!(library.benchmarks[name].value, Some(value), "{name}");
    }
    let sector = |metric: &str, industry: &str| {
        let of = |one: &&Benchmark| {
            one.metric.metric == metric && one.industry.as_ref().is_some_and(|word| word.name == industry)
        };
        library.benchmarks.values().find(of).and_then(|one| one.value).unwrap()
    };
    let between = |from: &str, to: &str| Stated::Between(ratio(from), ratio(to));
    for (metric, industry, value) in [
        ("fcr", "healthcare", between("0.72", "0.80")),
        ("csat", "healthcare", between("0.88", "0.92")),
        ("fcr", "financial_services", between("0.75", "0.82")),
        ("aht", "financial_services", between("300000", "480000")),
        ("service_level", "retail", Stated::AtLeast(ratio("0.80"))),
        ("aht", "retail", between("180000", "300000")),
        ("aht", "technology", between("480000", "900000")),
    ] {
        assert_eq!(sector(metric, industry), value, "{metric} of {industry}");
    }
}
