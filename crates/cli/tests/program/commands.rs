//! Every command but the demo and the audit.

use crate::project::{CALLS, Project, dialmark_in};
use serde_json::{Value, json};

fn imported() -> Project {
    let project = Project::with_dialler();
    project.write("dialler/january.csv", CALLS);
    project.run(&["import"]).ends_with(0);
    project
}

fn query(project: &Project, args: &[&str]) -> Value {
    let mut all = vec!["query"];
    all.extend(args);
    all.extend(["--format", "json"]);
    project.run(&all).ends_with(0).json()
}

#[test]
fn from_init_over_map_and_import_to_a_figure() {
    let folder = tempfile::tempdir().unwrap();
    let centre = folder.path().join("centre");
    dialmark_in(folder.path(), &["init", "centre", "--name", "North", "--zone", "Europe/London"])
        .ends_with(0);
    dialmark_in(&centre, &["check"]).ends_with(0);
    std::fs::write(
        centre.join("export.csv"),
        "call_id,campaign_id,agent_id,started_at,talk_seconds,direction,disposition\n\
         a1,north,ann,2026-01-05T09:00:00Z,60,outbound,SALE\n\
         a2,north,ann,2026-01-05T09:05:00Z,30,outbound,NI\n\
         a3,north,bob,2026-01-05T09:07:00Z,0,outbound,NA\n",
    )
    .unwrap();
    dialmark_in(&centre, &["map", "export.csv", "--out", "sources/export.toml"]).ends_with(0);
    dialmark_in(&centre, &["check"]).ends_with(0);
    let again = dialmark_in(&centre, &["map", "export.csv", "--out", "sources/export.toml"]).ends_with(1);
    assert!(again.err.contains("--overwrite"), "{}", again.err);
    let source = std::fs::read_to_string(centre.join("sources/export.toml")).unwrap();
    let name = source.lines().find_map(|l| l.strip_prefix("[source.")).unwrap().trim_end_matches(']');
    let report =
        dialmark_in(&centre, &["import", "export.csv", "--source", name, "--format", "json"]).ends_with(0);
    assert_eq!(report.json()[0]["accepted"], 3);
    let answer = dialmark_in(&centre, &["query", "dials", "--format", "json"]).ends_with(0).json();
    assert_eq!(answer[0]["dials"]["value"], 3);
}

#[test]
fn init_writes_over_nothing() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("dialmark.toml"), "mine").unwrap();
    let said = dialmark_in(folder.path(), &["init", "--zone", "UTC"]).ends_with(1);
    assert!(said.err.contains("there already"), "{}", said.err);
    assert_eq!(std::fs::read_to_string(folder.path().join("dialmark.toml")).unwrap(), "mine");
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1, "nothing else was written");
}

#[test]
fn every_record_of_a_file_is_accounted_for() {
    let project = Project::with_dialler();
    let damaged = format!(
        "{CALLS}11,south,cyd,not a time,,,NA,2026-01-06T10:00:00Z\n\
         ,south,cyd,2026-01-06 10:00:00,,,NA,2026-01-06T10:00:00Z\n\
         13,south,cyd\n\
         14,south,cyd,2026-01-06 10:10:00,,-5,NA,2026-01-06T10:00:00Z\n"
    );
    project.write("dialler/january.csv", &damaged);
    let report = project.run(&["import", "--format", "json"]).ends_with(0).json();
    let report = &report[0];
    assert_eq!(report["source"], "dialler");
    assert!(report["file"].as_str().unwrap().ends_with("january.csv"));
    assert_eq!(report["read"], 14);
    assert_eq!(report["accepted"], 11);
    assert_eq!(report["unchanged"], 0);
    assert_eq!(report["corrected"], 0);
    assert_eq!(report["quarantined"], json!({ "columns": 1, "no_id": 1, "no_time": 1 }));
    assert_eq!(report["flags"]["talk_ms:negative"], 1);
}

#[test]
fn the_same_file_twice_changes_nothing() {
    let project = imported();
    let before = query(&project, &["dials,sales", "--by", "campaign_id"]);
    let report = project.run(&["import", "--format", "json"]).ends_with(0).json();
    assert_eq!(report[0]["unchanged"], 10);
    assert_eq!(report[0]["new"], 0);
    // The same records in a file of another name are the same records.
    project.write("dialler/copy.csv", CALLS);
    project.run(&["import", "dialler/copy.csv"]).ends_with(0);
    assert_eq!(query(&project, &["dials,sales", "--by", "campaign_id"]), before);
    project.run(&["verify"]).ends_with(0);
}

#[test]
fn a_newer_revision_corrects_and_an_older_one_does_not() {
    let project = imported();
    let header = CALLS.lines().next().unwrap();
    let delivery = format!(
        "{header}\n3,north,ann,2026-01-05 09:20:00,2026-01-05 09:20:05,60,SALE,2026-01-07T10:00:00Z\n\
         1,north,ann,2026-01-05 09:00:00,,,NA,2026-01-05T09:30:00Z\n"
    );
    project.write("dialler/late.csv", &delivery);
    let report = project.run(&["import", "dialler/late.csv", "--format", "json"]).ends_with(0).json();
    assert_eq!((&report[0]["corrected"], &report[0]["superseded"]), (&json!(1), &json!(1)));
    assert_eq!(query(&project, &["sales"])[0]["sales"]["value"], 3);
    project.run(&["lake", "settle"]).ends_with(0);
    assert_eq!(query(&project, &["sales"])[0]["sales"]["value"], 3);
    assert_eq!(query(&project, &["dials"])[0]["dials"]["value"], 10);
    project.run(&["verify", "--deep"]).ends_with(0);
}

#[test]
fn figures_come_with_their_parts_and_their_number_of_records() {
    let project = imported();
    let answer = query(&project, &["conversion_rate/success_per_dial,dials", "--by", "campaign_id"]);
    let rows = answer.as_array().unwrap();
    assert_eq!(rows.len(), 2);
    assert_eq!(rows[0]["campaign_id"], "north");
    let cell = &rows[0]["conversion_rate/success_per_dial"];
    assert_eq!(cell["value"], "0.2");
    assert_eq!((&cell["numerator"], &cell["denominator"], &cell["n"]), (&json!(1), &json!(5), &json!(5)));
    assert_eq!(rows[1]["dials"]["value"], 5);
}

#[test]
fn the_last_day_does_not_belong_to_the_period() {
    let project = imported();
    let of =
        |from: &str, to: &str| query(&project, &["dials", "--from", from, "--to", to])[0]["dials"].clone();
    assert_eq!(of("2026-01-05", "2026-01-06")["value"], 4);
    assert_eq!(of("2026-01-05", "2026-01-07")["value"], 10);
    assert_eq!(of("2026-01-06T09:20:00Z", "2026-01-06T09:40:00Z")["value"], 2);
}

#[test]
fn no_data_is_null_with_a_reason_and_not_zero() {
    let project = imported();
    let answer = query(&project, &["conversion_rate", "--from", "2027-01-01"]);
    let cell = &answer[0]["conversion_rate"];
    assert_eq!(cell["value"], Value::Null);
    assert!(cell["reason"].is_string(), "{cell}");
}

#[test]
fn figures_go_to_files_that_are_not_there_yet() {
    let project = imported();
    let ask = |more: &[&str]| {
        let mut all = vec!["query", "dials", "--by", "campaign_id,day"];
        all.extend(more);
        project.run(&all)
    };
    let csv = ask(&["--format", "csv"]).ends_with(0).out;
    assert_eq!(csv.lines().count(), 4, "a header and three rows: {csv}");
    ask(&["--format", "csv", "--out", "dials.csv"]).ends_with(0);
    assert_eq!(std::fs::read_to_string(project.path("dials.csv")).unwrap(), csv);
    assert!(ask(&["--format", "csv", "--out", "dials.csv"]).ends_with(1).err.contains("there already"));
    ask(&["--format", "csv", "--out", "dials.csv", "--overwrite"]).ends_with(0);
    assert!(ask(&["--format", "parquet"]).ends_with(2).err.contains("--out"));
    ask(&["--format", "parquet", "--out", "dials.parquet"]).ends_with(0);
    assert_eq!(&std::fs::read(project.path("dials.parquet")).unwrap()[..4], b"PAR1");
}

#[test]
fn a_file_that_cannot_be_loaded_does_not_stop_the_others() {
    let project = Project::with_dialler();
    project.write("dialler/a-empty.csv", "");
    project.write("dialler/b-other.csv", "x;y\n1;2\n");
    project.write("dialler/c-good.csv", CALLS);
    let said = project.run(&["import"]).ends_with(1);
    assert!(said.err.contains("a-empty.csv") && said.err.contains("b-other.csv"), "{}", said.err);
    assert_eq!(query(&project, &["dials"])[0]["dials"]["value"], 10);
    let report = project.run(&["import", "--format", "json"]).ends_with(1).json();
    assert!(report[0]["error"].is_string());
    assert_eq!(report[0]["source"], "dialler");
    assert_eq!(report[2]["unchanged"], 10);
}

#[test]
fn a_folder_or_a_missing_file_is_a_sentence() {
    let project = Project::with_dialler();
    project.write("dialler/inner.csv/x", "");
    for path in ["dialler/inner.csv", "dialler/absent.csv"] {
        let said = project.run(&["import", path, "--source", "dialler"]).ends_with(1);
        assert!(said.err.contains(path), "{}", said.err);
    }
    assert!(project.run(&["import"]).ends_with(1).err.contains("nothing to load"));
}

#[test]
fn a_file_without_a_mapping_says_how_to_get_one() {
    let project = Project::new();
    project.write("export.csv", CALLS);
    let said = project.run(&["import", "export.csv"]).ends_with(2);
    assert!(said.err.contains("dialmark map"), "{}", said.err);
    let said = project.run(&["import", "export.csv", "--source", "dialer"]).ends_with(2);
    assert!(said.err.contains("dialer"), "{}", said.err);
}

#[test]
fn check_says_every_mistake_at_once_with_file_line_and_key() {
    let project = Project::with_dialler();
    project.write("dispositions/more.toml", "[disposition]\nX = \"saale\"\n");
    project
        .write("metrics/own.toml", "[metric.a]\nabout = \"A.\"\nkind = \"simple\"\nmeasure = \"dialss\"\n");
    let said = project.run(&["check", "--format", "json"]).ends_with(1).json();
    let problems = said["problems"].as_array().unwrap();
    let has = |file: &str| problems.iter().any(|p| p["file"] == file && p["severity"] == "error");
    assert!(has("dispositions/more.toml") && has("metrics/own.toml"), "{said}");
    let first = &problems[0];
    assert_eq!((&first["file"], &first["line"]), (&json!("dispositions/more.toml"), &json!(2)));
    let text = project.run(&["check"]).ends_with(1).out;
    assert!(text.contains("dispositions/more.toml:2"), "{text}");
}

#[test]
fn check_says_what_can_be_computed_and_what_is_missing() {
    let project = Project::with_dialler();
    let said = project.run(&["check", "--format", "json"]).ends_with(0).json();
    assert_eq!(said["problems"], json!([]));
    assert_eq!(said["unmapped"], json!([]));
    let line = |metric: &str| {
        let lines = said["metrics"].as_array().unwrap();
        lines.iter().find(|l| l["metric"] == metric).unwrap().clone()
    };
    assert_eq!((&line("dials")["computable"], &line("dials")["tables"]), (&json!(true), &json!(["calls"])));
    let asa = line("asa");
    assert_eq!(asa["computable"], false);
    assert_eq!(asa["missing"], json!(["calls.queue_ms"]));
}

#[test]
fn codes_that_no_map_knows_are_counted_and_never_guessed() {
    let project = Project::with_dialler();
    project.write("dialler/a.csv", &CALLS.replace(",NI,", ",XYZ,"));
    project.run(&["import"]).ends_with(0);
    let said = project.run(&["check", "--format", "json"]).ends_with(0).json();
    assert_eq!(said["unmapped"], json!([{ "code": "XYZ", "calls": 3 }]));
    assert_eq!(query(&project, &["dials"])[0]["dials"]["value"], 10);
}

#[test]
fn wrong_usage_ends_with_two_and_a_way_out() {
    let project = imported();
    for (args, part) in [
        (["query", "convertion_rate", "--dir", "."], "conversion_rate"),
        (["query", "dials", "--by", "campain_id"], "campaign_id"),
        (["query", "dials", "--where", "x = = 1"], "--where"),
        (["query", "dials", "--zone", "Mars"], "Mars"),
        (["query", "dials", "--from", "now"], "2026-11-20"),
    ] {
        let said = project.run(&args);
        assert!(said.code != 0 && said.err.contains(part), "{args:?}: {} {}", said.code, said.err);
    }
    assert_eq!(project.run(&["quary"]).code, 2);
    let nowhere = tempfile::tempdir().unwrap();
    let said = dialmark_in(nowhere.path(), &["query", "dials"]).ends_with(2);
    assert!(said.err.contains("dialmark init"), "{}", said.err);
}

#[test]
fn a_query_before_any_import_says_so_and_leaves_no_store_behind() {
    let project = Project::with_dialler();
    let said = project.run(&["query", "dials"]).ends_with(1);
    assert!(said.err.contains("Nothing has been imported yet"), "{}", said.err);
    project.run(&["check"]).ends_with(0);
    assert!(!project.path("lake").exists());
}

#[test]
fn the_catalogue_is_shown_with_definitions() {
    let nowhere = tempfile::tempdir().unwrap();
    let list = dialmark_in(nowhere.path(), &["metrics", "list", "--format", "json"]).ends_with(0).json();
    let metrics = list.as_array().unwrap();
    let aht = metrics.iter().find(|m| m["id"] == "aht").unwrap();
    assert_eq!(
        (&aht["kind"], &aht["unit"], &aht["default"]),
        (&json!("ratio"), &json!("duration"), &json!("handle"))
    );
    assert_eq!(aht["variants"][0]["id"], "handle");
    assert_eq!(aht["variants"][0]["numerator"], "handle_ms");
    assert_eq!(aht["variants"][0]["denominator"], "handled_calls");
    let shown = dialmark_in(nowhere.path(), &["metrics", "show", "aht"]).ends_with(0).out;
    assert!(shown.contains("handle_ms / handled_calls") && shown.contains("Example:"), "{shown}");
    dialmark_in(nowhere.path(), &["metrics", "show", "ath"]).ends_with(2);
}

#[test]
fn a_project_is_found_from_a_folder_inside_it() {
    let project = imported();
    let said = dialmark_in(&project.path("dialler"), &["query", "dials", "--format", "json"]).ends_with(0);
    assert_eq!(said.json()[0]["dials"]["value"], 10);
}

#[test]
fn every_command_shows_examples() {
    let nowhere = tempfile::tempdir().unwrap();
    for command in [
        &["demo"][..],
        &["audit"],
        &["init"],
        &["map"],
        &["import"],
        &["query"],
        &["metrics", "list"],
        &["metrics", "show"],
        &["check"],
        &["serve"],
        &["lake", "settle"],
        &["verify"],
    ] {
        let mut args = command.to_vec();
        args.push("--help");
        let help = dialmark_in(nowhere.path(), &args).ends_with(0).out;
        assert!(help.contains("Examples:") && help.contains("dialmark "), "{command:?}: {help}");
    }
}
