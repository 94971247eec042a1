//! The projects in `examples/`: users start from them, so they must be sound, definitions of metrics included.

// Helpers of a test may fail as loudly as the test itself.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::collections::BTreeSet;
use std::path::Path;

use dialmark_govern::governed::FOLDERS;
use dialmark_govern::{Against, Aim, Governed};
use dialmark_metrics::{Catalogue, MetricRef};
use dialmark_model::declared::{Problem, Problems};
use dialmark_project::Project;
use jiff::civil::date;

/// The project, and what its catalogue says about it.
fn example(name: &str) -> (Project, Catalogue, Vec<Problem>) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples").join(name);
    let project = Project::load(&folder).unwrap_or_else(|invalid| panic!("{invalid}"));
    let problems = Problems::new();
    let files: Vec<(String, String)> =
        project.metric_files.iter().map(|m| (m.file.clone(), m.text.clone())).collect();
    let catalogue = Catalogue::read(&files, &project.tables, &problems);
    let problems = problems.into_vec();
    (project, catalogue, problems)
}

#[test]
fn every_example_is_sound() {
    for name in ["bank_campaign", "bank_queue", "departments", "provider"] {
        let (project, _, problems) = example(name);
        assert_eq!(project.warnings, [], "{name}");
        assert!(problems.is_empty(), "{name}: {problems:#?}");
    }
}

#[test]
fn the_provider_promises_something_of_every_kind_and_nothing_is_wrong_with_it() {
    let (project, catalogue, _) = example("provider");
    let files: Vec<(String, String)> =
        project.govern_files.iter().map(|file| (file.path.clone(), file.text.clone())).collect();
    let problems = Problems::new();
    let mark = |_: &MetricRef| None;
    let against = Against { catalogue: &catalogue, today: date(2026, 11, 19), mark: &mark };
    let governed = Governed::read(&files, &against, &problems);
    assert_eq!(problems.into_vec(), []);
    // A folder that nobody reads would be missing here.
    let folders: BTreeSet<&str> = files.iter().filter_map(|(path, _)| path.split('/').next()).collect();
    assert_eq!(folders, BTreeSet::from(FOLDERS));
    for (what, count) in [
        ("contracts", governed.contracts.len()),
        ("forms", governed.forms.len()),
        ("samplings", governed.samplings.len()),
        ("recoveries", governed.recoveries.len()),
    ] {
        assert_eq!(count, 2, "{what}");
    }
    assert_eq!(
        (
            governed.scorecards.len(),
            governed.incentives.len(),
            governed.allocations.len(),
            governed.rates.len()
        ),
        (3, 1, 3, 3)
    );
    assert!(governed.library.benchmarks.contains_key("home_energy_switching"));
    assert_eq!((governed.strategy.goals.len(), governed.strategy.objectives.len()), (4, 2));
    // A band, a ramp, a season, places that override.
    let targets = || governed.kpis.values().flat_map(|kpi| &kpi.targets);
    assert!(targets().any(|target| matches!(target.aim, Aim::Within(..)) && !target.beyond.is_empty()));
    assert!(
        targets().any(|target| target.ramp.is_some()) && targets().any(|target| !target.seasons.is_empty())
    );
    assert!(governed.kpis["sales_per_conversation"].targets.len() > 2);
}

#[test]
fn the_queue_is_read_as_calls_and_as_raw_stages() {
    let (project, catalogue, _) = example("bank_queue");
    let calls = project.source("calls").unwrap();
    assert_eq!(calls.zone, "Asia/Jerusalem");
    assert_eq!(calls.table.name, "calls");
    assert!(calls.fields.iter().any(|f| f.column == "connected_at" && f.after.is_some()));
    // The raw clocks stay raw: nothing is moved to the next day and no midnight is taken for nothing.
    let stages = project.source("stages").unwrap();
    assert!(stages.fields.iter().all(|f| f.after.is_none() && f.null.is_empty()));
    assert!(catalogue.metrics.contains_key("served_share_of_span"));
}

#[test]
fn clients_are_bound_and_claim_no_conversations() {
    let (_, catalogue, _) = example("bank_campaign");
    let bound = |measure: &str| catalogue.measures[measure].on("clients").is_some();
    assert!(bound("dials") && bound("sales") && bound("leads_dialed"));
    assert!(!bound("contacts"), "a client is not a conversation");
}
