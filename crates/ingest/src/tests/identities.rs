//! How proposals know records again: lines that are delivered twice must not be counted twice.

use super::proposals::{export, plainly, used};
use crate::{Proposal, ProposeOptions, propose};

const HEADER: &str = "call_id,start_time,agent,outcome,talk_sec,modified\n";

fn call(number: usize, outcome: &str, modified: &str) -> String {
    let minute = number % 60;
    format!("c{number},2026-10-01 10:{minute:02}:00,ana,{outcome},60,{modified}\n")
}

/// A list of so many calls.
fn calls(number: usize, modified: &str) -> String {
    HEADER.to_owned() + &(0..number).map(|n| call(n, "NI", modified)).collect::<String>()
}

fn proposed(name: &str, text: &str) -> Proposal {
    propose(&export(name, text).path, &ProposeOptions::default()).unwrap()
}

fn remark<'p>(proposal: &'p Proposal, key: &str) -> &'p str {
    let found = proposal.remarks.iter().find(|remark| remark.key == key);
    found.map_or_else(|| panic!("{}", proposal.toml), |remark| remark.text.as_str())
}

#[test]
fn a_line_that_stands_there_twice_word_for_word_costs_no_identifier() {
    let once = calls(3, "2026-10-21T00:00:00Z");
    let twice = once.clone() + &call(1, "NI", "2026-10-21T00:00:00Z");
    for (text, said) in [
        (&once, "id        = \"call_id\"  # by its name; tells the first 3 records apart\n"),
        (
            &twice,
            "id        = \"call_id\"  # check: tells the first 4 records apart; 1 of them repeats another",
        ),
    ] {
        let proposal = proposed("calls.csv", text);
        assert!(proposal.toml.contains(said), "{}", proposal.toml);
        assert!(proposal.toml.contains("revision  = { from = \"modified\""), "{}", proposal.toml);
    }
    // An export and the same export once more in one file.
    let doubled = once.clone() + once.strip_prefix(HEADER).unwrap();
    assert!(proposed("calls.csv", &doubled).toml.contains("id        = \"call_id\""));
}

#[test]
fn deliveries_of_a_record_are_told_apart_by_their_revision_though_one_stands_there_twice() {
    let newer = call(1, "SALE", "2026-10-22T00:00:00Z");
    let text = calls(3, "2026-10-21T00:00:00Z") + &newer + &newer;
    let (proposal, taken) = plainly("calls.csv", &text);
    assert!(proposal.toml.contains("id        = \"call_id\""), "{}", proposal.toml);
    assert_eq!(taken.column("source_id"), ["c0", "c1", "c2", "c1", "c1"]);
    assert!(taken.column("revision").windows(2).any(|two| two[0] != two[1]));
}

#[test]
fn a_revision_that_some_records_lack_is_none() {
    let text = calls(3, "2026-10-21T00:00:00Z") + &call(3, "NI", "");
    let (proposal, taken) = plainly("calls.csv", &text);
    assert!(proposal.toml.contains("id        = \"call_id\""), "{}", proposal.toml);
    assert!(!proposal.toml.contains("revision  ="), "{}", proposal.toml);
    assert!(remark(&proposal, "id").contains("`modified` is empty in 1 of them"));
    assert_eq!(taken.rows.len(), 4, "{:?}", taken.quarantined);
}

#[test]
fn a_few_records_that_agree_in_who_and_when_are_corrections_and_others_are_not() {
    let without_revision = |more: &str| {
        let text = calls(60, "x") + more;
        text.lines().map(|line| line.rsplit_once(',').unwrap().0.to_owned() + "\n").collect::<String>()
    };
    let corrected = proposed("calls.csv", &without_revision(&call(7, "SALE", "x")));
    assert!(corrected.toml.contains("id        = \"call_id\""), "{}", corrected.toml);
    assert!(remark(&corrected, "id").ends_with("agree in who and when: 1"), "{}", remark(&corrected, "id"));
    // The second leg of a call that was passed on is another record.
    let passed_on = without_revision(&call(7, "SALE", "x").replace("ana", "bo"));
    let proposal = proposed("calls.csv", &passed_on);
    assert!(!proposal.toml.contains("id        = \"call_id\""), "{}", proposal.toml);
    let many: String = (0..30).map(|n| call(n, "SALE", "x")).collect();
    let proposal = proposed("calls.csv", &without_revision(&many));
    assert!(remark(&proposal, "mode").contains("30 of 90 records share theirs"), "{}", proposal.toml);
}

#[test]
fn one_row_a_day_and_agent_is_known_by_both() {
    let header = "Report Date,Agent Name,Team,Dials,Connects,Sales,Talk Mins\n";
    let row = |day: usize, agent: &str| format!("{day:02}-Nov-2026,{agent},North,100,20,1,90\n");
    let rows = |agents: &[&str]| {
        (2..6).flat_map(|day| agents.iter().map(move |agent| row(day, agent))).collect::<String>()
    };
    let (proposal, taken) = plainly("agent_day.csv", &(header.to_owned() + &rows(&["Ann", "Bob"])));
    assert!(proposal.toml.contains("id        = [\"Report Date\", \"Agent Name\"]"), "{}", proposal.toml);
    assert!(remark(&proposal, "id").contains("no column is an identifier"), "{}", proposal.toml);
    assert_eq!(taken.column("source_id").first(), Some(&"02-Nov-2026|Ann"));
    // A row that is delivered twice is the same row: its figures say so.
    let twice = header.to_owned() + &rows(&["Ann", "Bob"]) + &row(3, "Bob");
    assert!(proposed("agent_day.csv", &twice).toml.contains("id        = [\"Report Date\", \"Agent Name\"]"));
    // Other figures for the same day and agent: neither is known to be the right one.
    let differing = header.to_owned() + &rows(&["Ann", "Bob"]) + &row(3, "Bob").replace(",1,", ",2,");
    assert!(proposed("agent_day.csv", &differing).toml.contains("mode      = \"replace\""));
}

#[test]
fn what_an_agent_may_work_on_in_the_same_day_belongs_to_the_row() {
    let proposal = proposed(
        "agent_day.csv",
        "date,campaign,agent,calls,contacts\n\
         2026-11-01,spring,ana,80,40\n2026-11-01,autumn,bo,75,33\n2026-11-02,spring,ana,70,31\n",
    );
    assert!(proposal.toml.contains("id        = [\"date\", \"agent\", \"campaign\"]"), "{}", proposal.toml);
}

#[test]
fn equal_rows_that_say_little_may_be_two_events() {
    let proposal =
        proposed("breaks.csv", "day,agent,kind\n2026-11-01,ana,tea\n2026-11-01,ana,tea\n2026-11-01,bo,tea\n");
    assert!(proposal.toml.contains("mode      = \"replace\""), "{}", proposal.toml);
}

#[test]
fn what_replace_means_is_said_where_it_is_proposed() {
    let proposal = proposed("clients.csv", "age,job,month\n56,services,may\n57,admin,may\n");
    let said = remark(&proposal, "mode");
    for part in ["No column looks like an identifier", "of the same name", "of another name adds", "`append`"]
    {
        assert!(said.contains(part), "{said}");
    }
    assert!(proposal.warnings.iter().any(|warning| warning == said));
}

#[test]
fn an_identifier_cannot_be_tried_on_a_file_without_records() {
    let (proposal, taken) =
        used(&export("calls.csv", "Call Ref,Call Date,Agent,Outcome\n"), &ProposeOptions::default());
    assert!(taken.rows.is_empty());
    let said = remark(&proposal, "mode");
    assert!(said.starts_with("The file has no records, so `Call Ref` could not be tried"), "{said}");
    assert!(!proposal.toml.contains("records share"), "{}", proposal.toml);
    // The file's name is that of a table that is there already.
    assert_eq!((proposal.table.as_str(), proposal.canonical), ("calls_rows", false));
    assert!(
        proposal.toml.contains("agent     = \"Agent\"  # by its values: none was seen"),
        "{}",
        proposal.toml
    );
}
