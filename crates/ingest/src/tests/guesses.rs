//! What proposals guess about the values of columns, and that they say so.

use super::proposals::{export, plainly};
use crate::{Proposal, ProposeOptions, propose};

fn remarks<'p>(proposal: &'p Proposal, key: &str) -> Vec<&'p str> {
    proposal.remarks.iter().filter(|remark| remark.key == key).map(|remark| remark.text.as_str()).collect()
}

/// A day's figures of two agents, with one column more.
fn agent_day(name: &str, values: [&str; 2]) -> (Proposal, Vec<String>) {
    let text = format!(
        "Date,Agent,Calls Handled,Contacts,Sales,{name}\n2026-11-01,Ana,80,40,5,{}\n2026-11-01,Bo,75,33,2,{}\n",
        values[0], values[1]
    );
    let (proposal, taken) = plainly("agent_day.csv", &text);
    let column = proposal.guesses.iter().find(|guess| guess.from == [name]).unwrap().column.clone();
    let read = taken.column(&column).into_iter().map(str::to_owned).collect();
    (proposal, read)
}

#[test]
fn a_clock_of_two_parts_is_read_as_its_name_says_and_doubted_where_it_says_nothing() {
    let (hour, minute) = ("25200000", "420000");
    for (name, wanted, doubted) in [
        ("Logged In (hh:mm)", hour, false),
        ("Talk h:mm", hour, false),
        ("Talk (mm:ss)", minute, false),
        ("Talk", minute, true),
        ("Talk (hh:mm:ss)", minute, true),
        ("login_time", hour, true),
        ("Paid Time", hour, true),
        ("Shift Length", hour, true),
        ("Hours Staffed", hour, true),
    ] {
        let (proposal, read) = agent_day(name, ["7:00", "8:42"]);
        assert_eq!(read.first().map(String::as_str), Some(wanted), "{name}\n{}", proposal.toml);
        let column = &proposal.guesses.last().unwrap().column;
        let said = remarks(&proposal, column);
        assert_eq!(
            said.iter().any(|text| text.contains("the two parts of `7:00`")),
            doubted,
            "{name} {said:?}"
        );
        let other = if wanted == hour { "as = \"clock\"" } else { "as = \"hh:mm\"" };
        assert_eq!(said.iter().any(|text| text.contains(other)), doubted, "{name} {said:?}");
    }
}

#[test]
fn two_parts_beside_three_are_minutes_and_seconds_and_are_said_to_be() {
    for name in ["Talk", "Logged In"] {
        let (proposal, read) = agent_day(name, ["45:10", "1:02:03"]);
        assert_eq!(read, ["2710000", "3723000"], "{}", proposal.toml);
        let column = &proposal.guesses.last().unwrap().column;
        let said = remarks(&proposal, column);
        assert!(said.iter().any(|text| text.contains("beside `1:02:03`")), "{said:?}");
    }
    let (proposal, read) = agent_day("Talk", ["0:45:10", "1:02:03"]);
    assert_eq!(read, ["2710000", "3723000"]);
    assert!(remarks(&proposal, &proposal.guesses.last().unwrap().column).is_empty());
}

#[test]
fn start_and_end_decide_what_the_parts_of_a_clock_are() {
    let (proposal, taken) = plainly(
        "shifts.csv",
        "Agent,Login,Logout,Login Duration\n\
         ana,2026-11-01 09:00,2026-11-01 16:30,7:30\nbo,2026-11-01 09:00,2026-11-01 17:00,8:00\n\
         cy,2026-11-01 10:00,2026-11-01 12:15,2:15\n",
    );
    assert_eq!(taken.column("logged_ms"), ["27000000", "28800000", "8100000"], "{}", proposal.toml);
    assert_eq!(remarks(&proposal, "logged_ms"), Vec::<&str>::new(), "{}", proposal.toml);
}

#[test]
fn years_of_two_digits_are_read_as_such() {
    let (proposal, taken) = plainly(
        "calls.csv",
        "CallID,StartDate,StartTime,AgentID,Talk Time (s),Closed\n\
         1,10/01/26,9:00 AM,4,60,28.02.26 10:00\n2,13/04/26,9:03 PM,2,60,01.03.26 10:00\n",
    );
    assert!(proposal.toml.contains("as = \"%d/%m/%y %I:%M %p\""), "{}", proposal.toml);
    assert_eq!(taken.column("started_at"), ["2026-01-10T09:00:00Z", "2026-04-13T20:03:00Z"]);
    assert!(taken.quarantined.is_empty(), "{:?}", taken.quarantined);
}

#[test]
fn values_that_a_proposed_reading_leaves_out_are_said() {
    let mut text = "call_id,start_time,agent,talk_sec\n".to_owned();
    for n in 0..99 {
        text += &format!("{n},2026-11-01 10:{:02}:00,ana,60\n", n % 60);
    }
    text += "99,soon,ana,60\n";
    let (proposal, taken) = plainly("calls.csv", &text);
    let said = remarks(&proposal, "started_at");
    assert_eq!(said, ["1 of 100 values cannot be read so, such as `soon`, and would be left empty"]);
    assert_eq!(taken.quarantined.len(), 1);
}

#[test]
fn yes_and_no_are_no_reference_and_no_name() {
    let (proposal, taken) = plainly(
        "calls.jsonl",
        "{\"id\":\"a\",\"startTime\":\"2026-11-01T10:00:00Z\",\"talkSec\":5,\"recording\":true,\"optIn\":true}\n\
         {\"id\":\"b\",\"startTime\":\"2026-11-01T10:01:00Z\",\"talkSec\":6,\"recording\":false,\"optIn\":false}\n",
    );
    assert!(proposal.unused.contains(&"recording".to_owned()), "{}", proposal.toml);
    assert_eq!(taken.column("recording_ref"), ["", ""]);
    // Whether somebody agreed to be called is a yes or a no.
    assert_eq!(taken.column("consent"), ["true", "false"]);
}

#[test]
fn a_time_in_the_queue_is_no_queue() {
    let (proposal, taken) = plainly(
        "calls.csv",
        "call_id,start_time,agent,talk_sec,queue_sec\n1,2026-11-01 10:00,ana,5,17\n2,2026-11-01 10:01,ana,5,\n",
    );
    assert_eq!(taken.column("queue_ms"), ["17000", ""], "{}", proposal.toml);
    assert_eq!(taken.column("queue"), ["", ""]);
}

#[test]
fn in_and_out_become_the_direction() {
    for (name, inbound, outbound) in [
        ("in_out", "In", "Out"),
        ("I/O", "I", "O"),
        ("Direction", "Incoming", "OUTGOING"),
        ("Call Type", "Inbound", "Outbound"),
    ] {
        let (proposal, taken) = plainly(
            "calls.csv",
            &format!(
                "call_id,start_time,agent,talk_sec,{name}\n\
                 1,2026-11-01 10:00,ana,5,{inbound}\n2,2026-11-01 10:01,ana,5,{outbound}\n"
            ),
        );
        assert_eq!(taken.column("direction"), ["inbound", "outbound"], "{}", proposal.toml);
        assert!(!proposal.toml.contains("the file does not say"), "{}", proposal.toml);
        assert!(!proposal.missing.iter().any(|missing| missing.columns == ["direction"]));
    }
}

#[test]
fn every_line_of_a_column_says_why() {
    let calls =
        "Call ID,Start,Agent,Talk Time,Hold (s),in_out,cost\nc1,13/11/2026 10:01,amy,0:01:04,3,In,0.5\n";
    let days = "Date,Agent,Calls Handled,Contacts,Talk Mins\n2026-11-01,Ana,80,40,5\n";
    for text in [calls, days] {
        let (proposal, _) = plainly("export.csv", text);
        let lines = proposal.toml.lines().skip_while(|line| !line.ends_with(".columns]")).skip(1);
        let columns: Vec<&str> = lines.take_while(|line| !line.is_empty()).collect();
        assert!(columns.len() >= 5, "{}", proposal.toml);
        for line in columns {
            assert!(line.contains("  # "), "{line}");
        }
    }
    let (proposal, _) = plainly("export.csv", calls);
    for line in [
        "agent_id    = \"Agent\"  # by its name",
        "as = \"%d/%m/%Y %H:%M\" }  # by its name and values: day before month",
        "talk_ms     = { from = \"Talk Time\", as = \"clock\" }  # by its name and values: h:mm:ss",
        "hold_ms     = { from = \"Hold (s)\", as = \"s\" }  # by its name: seconds",
    ] {
        assert!(proposal.toml.lines().any(|l| l.ends_with(line) || l == line), "{line}\n{}", proposal.toml);
    }
}

#[test]
fn every_remark_stands_on_the_line_that_it_names() {
    let (proposal, _) = plainly(
        "calls.csv",
        "Call ID,Start,Agent,Talk\nc1,01/11/2026 10:01,amy,1:04\nc2,02/11/2026 10:02,amy,2:08\n",
    );
    let lines: Vec<&str> = proposal.toml.lines().collect();
    for key in ["zone", "started_at", "talk_ms", "direction"] {
        let remark = proposal.remarks.iter().find(|remark| remark.key == key);
        let remark = remark.unwrap_or_else(|| panic!("{key}: {:?}", proposal.remarks));
        let line = lines[remark.line - 1];
        assert!(line.contains("# check: ") && line.contains(key), "{line}");
    }
    let marked = lines.iter().filter(|line| line.contains("# check: ")).count();
    assert_eq!(marked, proposal.remarks.len(), "{}", proposal.toml);
    assert!(proposal.remarks.iter().any(|remark| remark.to_string().contains("the other way round")));
}

#[test]
fn files_are_found_under_the_pattern_that_was_asked_for() {
    let file = export("calls.csv", "Call ID,Start,Agent,Talk\nc1,2026-11-01 10:01,amy,1:04\n");
    let options = ProposeOptions { files: Some("../calls.csv".into()), ..ProposeOptions::default() };
    let proposal = propose(&file.path, &options).unwrap();
    assert!(
        proposal.toml.contains("files     = [\"../calls.csv\"]  # relative to the project"),
        "{}",
        proposal.toml
    );
}

#[test]
fn an_order_of_day_and_month_that_later_records_refute_is_not_proposed() {
    let line = |nth: usize, day: &str| format!("{nth},{day}/2026 10:00,ana,5\n");
    for (early, late, wanted) in
        [("01/05", "01/25", "2026-01-05T10:00:00Z"), ("01/05", "25/01", "2026-05-01T09:00:00Z")]
    {
        let text: String = std::iter::once("call_id,start_time,agent,talk_sec\n".to_owned())
            .chain((0..1_500).map(|nth| line(nth, early)))
            .chain((1_500..3_000).map(|nth| line(nth, late)))
            .collect();
        let (proposal, taken) = plainly("calls.csv", &text);
        assert_eq!(taken.column("started_at").first(), Some(&wanted), "{}", proposal.toml);
        assert_eq!(taken.reasons(), []);
        let said = remarks(&proposal, "started_at");
        assert!(!said.iter().any(|text| text.contains("the other way round")), "{said:?}");
    }
}
