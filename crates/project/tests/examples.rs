//! The projects in `examples/`: users start from them, so they must be sound, definitions of metrics included.

// Helpers of a test may fail as loudly as the test itself.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::path::Path;

use dialmark_metrics::Catalogue;
use dialmark_model::declared::{Problem, Problems};
use dialmark_project::Project;

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
    for name in ["bank_campaign", "bank_queue", "departments"] {
        let (project, _, problems) = example(name);
        assert_eq!(project.warnings, [], "{name}");
        assert!(problems.is_empty(), "{name}: {problems:#?}");
    }
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
