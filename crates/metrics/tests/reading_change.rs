//! What the sources say of reading a change stands where people look for it: with the metric, and among its suspects.

#![allow(clippy::unwrap_used, reason = "in tests a panic is a finding")]

use dialmark_metrics::Catalogue;
use dialmark_metrics::metric::Level;

#[test]
fn a_change_leads_to_what_the_sources_suspect() {
    let (catalogue, _) = Catalogue::builtin();
    for (metric, when, suspect) in [
        ("fcr", Level::Low, "a training gap, above all when it dips suddenly"),
        ("aht", Level::High, "complexity of the product"),
        ("csat", Level::Low, "half a minute more costs two to three points"),
        ("conversion_rate", Level::Low, "lead quality"),
        ("conversion_rate", Level::High, "another denominator"),
    ] {
        let found = catalogue.symptoms.values().find(|one| one.metric == metric && one.when == when).unwrap();
        assert!(found.suspects.iter().any(|says| says.contains(suspect)), "{metric}: {:?}", found.suspects);
    }
}

#[test]
fn guides_say_what_moves_with_what() {
    let (catalogue, _) = Catalogue::builtin();
    let guide = |metric: &str| format!("{:?}", catalogue.metrics[metric].guide.as_ref().unwrap());
    assert!(guide("asa").contains("past a minute satisfaction falls off"));
    assert!(guide("csat").contains("first call resolution about point for point"));
}
