//! The audit: an export in, a report out, nothing else.

use crate::project::{DISPOSITIONS, Project};

/// Two lists of very different yield, one damaged line, one code without a meaning.
fn export() -> String {
    let mut text = String::from("call_id,campaign_id,list_id,agent_id,started_at,disposition,talk_seconds\n");
    for n in 0..2_000 {
        let (list, every) = if n % 2 == 0 { ("WARM", 10) } else { ("COLD", 201) };
        let code = if n % every == n % 2 { "SALE" } else { "NI" };
        let (hour, minute, second) = (9 + n / 360, n / 6 % 60, n % 6 * 10);
        text.push_str(&format!(
            "c{n},north,{list},ann,2026-01-05T{hour:02}:{minute:02}:{second:02}Z,{code},{}\n",
            n % 90
        ));
    }
    text.push_str("c9999,north,WARM,ann,not a time,NI,5\n");
    text.push_str("c9998,north,WARM,ann,2026-01-05T20:00:00Z,HUH,5\n");
    text
}

#[test]
fn an_export_becomes_a_report_of_one_file() {
    let project = Project::new();
    project.write("export.csv", &export());
    project.write("codes.toml", DISPOSITIONS);
    let said = project
        .run(&[
            "audit",
            "export.csv",
            "--zone",
            "Europe/London",
            "--dispositions",
            "codes.toml",
            "--out",
            "r.html",
        ])
        .ends_with(0);
    for part in [
        "2,001 records of 2,002",
        "taken as outbound",
        "Conversion rate",
        "What stands out",
        "COLD",
        "Out of reach",
        "export.csv:2002",
        "HUH",
    ] {
        assert!(said.out.contains(part), "`{part}` is not in:\n{}", said.out);
    }
    let report = std::fs::read_to_string(project.path("r.html")).unwrap();
    assert!(report.starts_with("<!DOCTYPE html>") && report.contains("<svg") && report.contains("COLD"));
    for outside in ["<script", "<link", "src=\"http", "url(http"] {
        assert!(!report.contains(outside), "the report loads something: {outside}");
    }
    assert!(!project.path("lake").exists(), "nothing is kept");
    let again = project.run(&["audit", "export.csv", "--zone", "UTC", "--out", "r.html"]).ends_with(1);
    assert!(again.err.contains("there already"), "{}", again.err);
}

#[test]
fn without_meanings_of_the_codes_no_result_is_claimed() {
    let project = Project::new();
    project.write("export.csv", &export().replace(",SALE,", ",Q1,").replace(",NI,", ",Q2,"));
    let said = project.run(&["audit", "export.csv", "--zone", "UTC", "--out", "r.html"]).ends_with(0).out;
    let figures = said.split("Largest opportunities").next().unwrap();
    assert!(!figures.contains("Conversion rate"), "{said}");
    assert!(said.contains("meanings of the result codes"), "{said}");
    assert!(said.contains("\"Q1\" = \"\""), "{said}");
}

#[test]
fn the_same_record_in_two_files_is_one_record() {
    let project = Project::new();
    project.write("january.csv", &export());
    project.write("february.csv", &export());
    let said = project
        .run(&["audit", "january.csv", "february.csv", "--zone", "UTC", "--out", "r.html"])
        .ends_with(0);
    let dials = said.out.lines().find(|line| line.trim_start().starts_with("Dials")).unwrap().to_owned();
    assert!(dials.contains("2,001") || dials.contains("2\u{202f}001"), "{dials}");
}

#[test]
fn a_file_that_cannot_be_read_is_said_and_leaves_no_report() {
    let project = Project::new();
    let said = project.run(&["audit", "absent.csv", "--zone", "UTC", "--out", "r.html"]).ends_with(1);
    assert!(said.err.contains("absent.csv"), "{}", said.err);
    assert!(!project.path("r.html").exists());
}
