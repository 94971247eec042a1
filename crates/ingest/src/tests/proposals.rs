//! Proposals for exports of many kinds: read by the project's reader, then used to import the very file.

use std::path::PathBuf;

use dialmark_lake::schema::stored_schema;
use dialmark_project::{Centre, Project};

use super::collect::Taken;
use crate::people::{Forgotten, PeopleKey};
use crate::pinned::Pinned;
use crate::pipeline::{Pipeline, Unwatched};
use crate::{Confidence, Proposal, ProposeOptions, propose};

pub struct Export {
    // Removed with the value.
    _folder: tempfile::TempDir,
    pub path: PathBuf,
}

pub fn export(name: &str, bytes: impl AsRef<[u8]>) -> Export {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(name);
    std::fs::write(&path, bytes).unwrap();
    Export { _folder: folder, path }
}

fn project(proposal: &Proposal) -> Project {
    let centre = Centre::new("North Shore Calling", "Europe/London", Some("GBP")).unwrap();
    let mapping = &proposal.toml;
    Project::single_source(std::path::Path::new("."), &centre, mapping)
        .unwrap_or_else(|e| panic!("{e:?}\n{mapping}"))
}

/// Proposes, has the project read it, imports.
pub fn used(export: &Export, options: &ProposeOptions) -> (Proposal, Taken) {
    let proposal = propose(&export.path, options).unwrap();
    let project = project(&proposal);
    let source = project.source(&proposal.source).unwrap();
    assert_eq!(source.table.name, proposal.table);
    let pinned = Pinned::look(&export.path).unwrap();
    let mut taken = Taken::default();
    let pipeline = Pipeline::open(&pinned, source, &PeopleKey::passing().unwrap(), &Forgotten::default())
        .unwrap_or_else(|e| panic!("{e}\n{}", proposal.toml));
    taken.outcome = pipeline.run(1, &stored_schema(&source.table), &mut taken, &Unwatched).unwrap();
    (proposal, taken)
}

pub fn plainly(name: &str, text: &str) -> (Proposal, Taken) {
    used(&export(name, text), &ProposeOptions::default())
}

const CALLS: &str = "\
Call ID,Start Time,Answer Time,End Time,Campaign,List Name,Agent Name,Phone Number,Duration,Talk Time (sec),Wrap,Result,Cost
1,2026-11-01 09:00:00,2026-11-01 09:00:10,2026-11-01 09:03:10,spring,web,ana,+4420,190,180,30,Sale,0.12
2,2026-11-01 09:05:00,,2026-11-01 09:05:20,spring,web,ana,+4421,20,0,5,No Answer,0
3,2026-11-01 09:06:00,2026-11-01 09:06:05,2026-11-01 09:08:05,spring,cold,bo,+4422,125,120,20,Not Interested,0.08
4,2026-11-01 09:10:00,2026-11-01 09:10:08,2026-11-01 09:11:08,spring,cold,None,+4423,68,60,0,Voicemail,0.05
";

#[test]
fn a_plain_call_list_works_as_proposed() {
    let (proposal, taken) = plainly("calls.csv", CALLS);
    assert_eq!((proposal.table.as_str(), proposal.canonical), ("calls", true));
    assert_eq!(taken.rows.len(), 4);
    for (column, wanted) in [
        ("source_id", ["1", "2", "3", "4"]),
        ("campaign_id", ["spring"; 4]),
        ("agent_id", ["ana", "ana", "bo", ""]),
        ("duration_ms", ["190000", "20000", "125000", "68000"]),
        ("talk_ms", ["180000", "0", "120000", "60000"]),
        ("wrap_ms", ["30000", "5000", "20000", "0"]),
        ("cost_amount", ["0.1200", "0.0000", "0.0800", "0.0500"]),
        ("answered_at", ["2026-11-01T09:00:10Z", "", "2026-11-01T09:06:05Z", "2026-11-01T09:10:08Z"]),
        ("flags", [""; 4]),
    ] {
        assert_eq!(taken.column(column), wanted, "{column}\n{}", proposal.toml);
    }
    assert!(proposal.unused.is_empty(), "{:?}", proposal.unused);
    let guess = |column: &str| proposal.guesses.iter().find(|g| g.column == column).unwrap().confidence;
    assert_eq!(guess("campaign_id"), Confidence::High);
    // Its unit agrees with start and end; that of the wrap-up could only be guessed.
    assert_eq!(guess("duration_ms"), Confidence::High);
    assert_eq!(guess("wrap_ms"), Confidence::Medium);
    assert!(proposal.warnings.iter().any(|w| w.contains("carry no zone")), "{:?}", proposal.warnings);
    assert!(proposal.missing.iter().any(|m| m.columns == ["direction"]));
    assert!(!proposal.missing.iter().any(|m| m.columns.contains(&"disposition".to_owned())));
    let codes = proposal.dispositions.unwrap();
    for line in ["Sale", "\"No Answer\"", "\"Not Interested\"", "Voicemail"] {
        assert!(codes.lines().any(|l| l.starts_with(line)), "{codes}");
    }
}

#[test]
fn a_zone_and_a_currency_that_are_known_are_written() {
    let options = ProposeOptions {
        zone: Some("Asia/Jerusalem".into()),
        currency: Some("ILS".into()),
        source: Some("Our Dialler".into()),
        ..ProposeOptions::default()
    };
    let (proposal, taken) = used(&export("calls.csv", CALLS), &options);
    assert_eq!(proposal.source, "our_dialler");
    assert_eq!(taken.column("started_at").first(), Some(&"2026-11-01T07:00:00Z"));
    assert_eq!(taken.column("currency"), ["ILS"; 4]);
}

#[test]
fn dates_and_clocks_in_columns_of_their_own_are_joined() {
    let (proposal, taken) = plainly(
        "calls.csv",
        "CALL ID,DATE,TIME,CALL TIME,TALK TIME,DISPOSITION,DNIS\n\
         1,02/28/2026,09:15:01,00:00:31,00:00:00,No Answer,30\n\
         2,02/28/2026,14:16:01,00:05:31,00:05:00,Sale,31\n\
         3,03/01/2026,09:17:01,00:00:05,00:00:00,Busy,32\n",
    );
    assert_eq!(
        taken.column("started_at"),
        ["2026-02-28T09:15:01Z", "2026-02-28T14:16:01Z", "2026-03-01T09:17:01Z"],
        "{}",
        proposal.toml
    );
    assert_eq!(taken.column("talk_ms"), ["0", "300000", "0"]);
}

#[test]
fn clocks_without_a_date_follow_each_other_over_midnight() {
    let mut text = "line\tcall_id\tcustomer_id\tdate\tvru_entry\tq_start\tq_time\toutcome\tser_start\tser_exit\tser_time\tserver\n".to_owned();
    for n in 0..30 {
        let (line, call, day) = (n % 2, n / 4, 990_201 + n % 4 / 2);
        text += &format!(
            "AA0{line}\t{call}\t0\t{day}\t7:0{}:00\t0:00:00\t0\tAGENT\t7:3{}:00\t7:3{}:30\t30\tDORIT\n",
            n % 7,
            n % 7,
            n % 7
        );
    }
    text += "AA09\t99\t5\t990203\t23:50:00\t23:52:00\t480\tHANG\t0:00:00\t0:00:00\t0\tNO_SERVER\n";
    text += "AA09\t97\t5\t990203\t23:50:00\t23:52:00\t480\tHANG\t0:00:00\t0:00:00\t0\tNO_SERVER\n";
    text += "AA09\t98\t5\t990203\t23:50:00\t23:52:00\t60\tAGENT\t23:58:00\t0:02:00\t240\tDORIT\n";
    let (proposal, taken) = plainly("bank.txt", &text);
    assert!(proposal.toml.contains("id        = [\"line\", \"call_id\", \"date\"]"), "{}", proposal.toml);
    let last = taken.rows.last().unwrap();
    assert_eq!(last.get("ended_at").map(String::as_str), Some("1999-02-04T00:02:00Z"), "{}", proposal.toml);
    assert_eq!(last.get("flags").map(String::as_str), Some("ended_at:next_day"));
    assert_eq!(taken.column("connected_at").get(30), Some(&""));
    assert_eq!(taken.column("agent_id").get(30), Some(&""));
    assert_eq!(taken.column("customer_id").first(), Some(&""));
    assert_eq!(taken.rows.len(), 33);
}

#[test]
fn an_export_in_german_and_windows_1252_is_understood() {
    let text = "Anruf-ID;Kampagne;Mitarbeiter;Rufnummer;Anrufbeginn;Anrufende;Gesprächsdauer;Ergebnis;Kosten\n\
                1;Herbst;Müller;+4930;01.11.2026 09:00:00;01.11.2026 09:03:10;180;Termin;0,12\n\
                2;Herbst;Jürgen;+4931;13.11.2026 09:05:00;13.11.2026 09:05:20;0;Besetzt;0,01\n";
    let (bytes, ..) = encoding_rs::WINDOWS_1252.encode(text);
    let (proposal, taken) = used(&export("anrufe.csv", bytes), &ProposeOptions::default());
    assert_eq!(taken.column("agent_id"), ["Müller", "Jürgen"], "{}", proposal.toml);
    assert_eq!(taken.column("cost_amount"), ["0.1200", "0.0100"]);
    assert_eq!(taken.column("started_at"), ["2026-11-01T09:00:00Z", "2026-11-13T09:05:00Z"]);
    assert!(proposal.warnings.iter().any(|w| w.contains("windows-1252")));
}

#[test]
fn utf_16_without_a_mark_is_found_out() {
    let bytes: Vec<u8> = CALLS.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let (_, taken) = used(&export("calls.csv", bytes), &ProposeOptions::default());
    assert_eq!(taken.rows.len(), 4);
}

#[test]
fn json_lines_are_mapped_by_path_and_revised_by_their_time_of_change() {
    let (proposal, taken) = plainly(
        "calls.jsonl",
        "{\"ContactId\":\"a\",\"InitiationTimestamp\":\"2026-01-05T17:20:00Z\",\"DisconnectTimestamp\":\"2026-01-05T17:25:00Z\",\"LastUpdateTimestamp\":\"2026-01-05T17:26:00Z\",\"Agent\":{\"Username\":\"ana\",\"AgentInteractionDuration\":239},\"Queue\":{\"Name\":\"q1\"}}\n\
         {\"ContactId\":\"a\",\"InitiationTimestamp\":\"2026-01-05T17:20:00Z\",\"DisconnectTimestamp\":\"2026-01-05T17:25:00Z\",\"LastUpdateTimestamp\":\"2026-01-05T17:30:00Z\",\"Agent\":{\"Username\":\"ana\",\"AgentInteractionDuration\":240},\"Queue\":{\"Name\":\"q1\"}}\n",
    );
    // The same contact twice: only the time of change tells them apart, so they are one record.
    assert_eq!(taken.column("source_id"), ["a", "a"], "{}", proposal.toml);
    let revisions: Vec<i64> = taken.column("revision").iter().map(|r| r.parse().unwrap()).collect();
    assert_eq!(revisions.last().unwrap() - revisions.first().unwrap(), 240_000_000);
    assert_eq!(taken.column("queue"), ["q1", "q1"]);
    assert_eq!(taken.column("talk_ms"), ["239000", "240000"]);
}

#[test]
fn other_facts_than_calls_are_recognised() {
    for (name, table, text) in [
        (
            "agent_states.csv",
            "agent_spans",
            "Agent,Team,State,Reason Code,Start Time,End Time,Duration\n\
             ana,t1,Pause,Lunch,2026-11-01 12:00:00,2026-11-01 12:30:00,1800\n\
             bo,t1,Wrap,,2026-11-01 12:33:00,2026-11-01 12:34:00,60\n",
        ),
        (
            "sales.csv",
            "outcomes",
            "order_id,sold_at,agent,campaign,customer,product,amount,currency,cancelled_at\n\
             1,2026-11-01 10:00,ana,spring,c1,Gold,120.00,EUR,\n\
             2,2026-11-01 11:00,bo,spring,c2,Gold,120.00,EUR,2026-11-10 10:00\n",
        ),
        ("costs.csv", "costs", "date,category,amount,currency,note\n2026-11-01,labour,100.00,GBP,x\n"),
        (
            "surveys.csv",
            "surveys",
            "survey_id,survey,agent,completed_at,score,comment\n1,csat,ana,2026-11-01 10:00,5,good\n2,csat,bo,2026-11-01 10:01,3,slow\n",
        ),
        (
            "leads.csv",
            "leads",
            "lead_id,phone_number,list_id,entry_date,status,source\n1,555,9,2026-11-01 10:00,NEW,web\n2,556,9,2026-11-01 10:00,NEW,web\n",
        ),
    ] {
        let (proposal, taken) = plainly(name, text);
        assert_eq!(proposal.table, table, "{}", proposal.toml);
        assert_eq!(taken.rows.len(), text.lines().count() - 1, "{:?}\n{}", taken.quarantined, proposal.toml);
    }
}

#[test]
fn rows_that_add_up_calls_become_a_table_of_their_own() {
    let (proposal, taken) = plainly(
        "agent_daily.csv",
        "Date,Agent,Calls Handled,Contacts,Sales,Talk Time,Login Time\n\
         2026-11-01,Ana,80,40,5,3:20:00,7:30:00\n2026-11-01,Bo,75,33,2,3:00:10,7:28:00\n",
    );
    assert!(!proposal.canonical);
    assert_eq!(taken.column("talk_time_ms"), ["12000000", "10810000"], "{}", proposal.toml);
    assert_eq!(taken.column("date_on"), ["2026-11-01"; 2]);
    assert!(
        proposal.toml.contains("#[bind.agent_daily]") && proposal.toml.contains("#sales = \"sum(sales)\"")
    );
    assert!(proposal.warnings.iter().any(|w| w.contains("add up calls")), "{:?}", proposal.warnings);
}

#[test]
fn rows_without_a_clock_become_a_table_of_their_own() {
    let (proposal, taken) = plainly(
        "clients.csv",
        "\"age\";\"job\";\"month\";\"duration\";\"campaign\";\"line\";\"y\"\n56;\"services\";\"may\";261;1;3;\"no\"\n57;\"admin.\";\"may\";149;2;4;\"yes\"\n",
    );
    assert_eq!(taken.column("duration_ms"), ["261000", "149000"], "{}", proposal.toml);
    // Every stored row has a line of its own already.
    assert_eq!(taken.column("line_2"), ["3", "4"]);
    for line in [
        "#dials = \"sum(campaign)\"",
        "#sales = \"count where y = 'yes'\"",
        "#talk_ms = \"sum(duration_ms)\"",
        "placed_by = []",
    ] {
        assert!(proposal.toml.contains(line), "{line}\n{}", proposal.toml);
    }
}

#[test]
fn money_in_a_table_of_ones_own_stands_beside_its_currency() {
    let options = ProposeOptions { currency: Some("GBP".into()), ..ProposeOptions::default() };
    let (proposal, taken) =
        used(&export("teams.csv", "team,calls,sales,revenue\nred,10,2,12.50\nblue,9,1,3\n"), &options);
    assert_eq!(taken.column("revenue_amount"), ["12.5000", "3.0000"], "{}", proposal.toml);
    assert_eq!(taken.column("currency"), ["GBP"; 2]);
}

#[test]
fn a_file_without_header_or_with_odd_names_is_still_read() {
    let (proposal, taken) =
        plainly("log.txt", "1266833911|q1|ana|CONNECT|12\n1266833912|q1|ana|COMPLETE|30\n");
    assert_eq!(taken.rows.len(), 2, "{}", proposal.toml);
    assert!(proposal.toml.contains("header    = false"));
    let (proposal, taken) = plainly("odd.csv", "\"a \"\"b\"\"\",x\\y,größe = [1],größe = [2],\na,b,c,d,\n");
    assert_eq!(taken.rows.len(), 1, "{}", proposal.toml);
    let (_, taken) = plainly("only-header.csv", "call_id,start_time,status,phone\n");
    assert!(taken.rows.is_empty());
}

#[test]
fn identifiers_that_repeat_are_not_used() {
    let (proposal, _) = plainly(
        "calls.csv",
        "call_id,start_time,status\n1,2026-11-01 10:00,A\n1,2026-11-01 10:00,B\n2,2026-11-01 10:01,A\n",
    );
    assert!(proposal.toml.contains("mode      = \"replace\""), "{}", proposal.toml);
    let said = "`call_id` looks like an identifier, but 1 of 3 records share theirs with an earlier one";
    assert!(proposal.warnings.iter().any(|w| w.starts_with(said)), "{:?}", proposal.warnings);
}

#[test]
fn a_code_that_reads_na_stays_a_code() {
    let (proposal, taken) = plainly(
        "calls.csv",
        "call_id,start_time,status,talk\n1,2026-11-01 10:00,NA,NA\n2,2026-11-01 10:01,SALE,30\n3,2026-11-01 10:02,NULL,40\n",
    );
    assert_eq!(taken.column("disposition"), ["NA", "SALE", ""], "{}", proposal.toml);
    assert_eq!(taken.column("flags"), [""; 3]);
}

#[test]
fn one_json_document_is_answered_with_what_to_do() {
    let export = export("calls.json", "{\n \"calls\": [\n  {\"sid\": 1}\n ]\n}\n");
    let error = propose(&export.path, &ProposeOptions::default()).unwrap_err().to_string();
    assert!(error.contains("one JSON document") && error.contains("jq"), "{error}");
}

#[test]
fn a_parquet_file_is_proposed_for() {
    use arrow::array::{ArrayRef, StringArray, TimestampMillisecondArray};
    let starts =
        TimestampMillisecondArray::from(vec![1_782_896_400_000, 1_782_896_401_000]).with_timezone("UTC");
    let columns: Vec<(&str, ArrayRef)> = vec![
        ("call_id", std::sync::Arc::new(StringArray::from(vec!["a", "b"]))),
        ("started_at", std::sync::Arc::new(starts)),
        ("status", std::sync::Arc::new(StringArray::from(vec!["SALE", "BUSY"]))),
    ];
    let batch = arrow::record_batch::RecordBatch::try_from_iter(columns).unwrap();
    let mut bytes = Vec::new();
    let mut writer = parquet::arrow::ArrowWriter::try_new(&mut bytes, batch.schema(), None).unwrap();
    writer.write(&batch).unwrap();
    writer.close().unwrap();
    let (proposal, taken) = used(&export("calls.parquet", bytes), &ProposeOptions::default());
    assert_eq!(taken.column("started_at").first(), Some(&"2026-07-01T09:00:00Z"), "{}", proposal.toml);
    assert!(!proposal.warnings.iter().any(|w| w.contains("zone")));
}

#[test]
fn proposed_meanings_of_codes_are_read_by_the_project() {
    let (proposal, _) = plainly("calls.csv", CALLS);
    let centre = Centre::new("North Shore Calling", "Europe/London", None).unwrap();
    let mut files = Project::init_files(&centre);
    files.retain(|file| file.path == dialmark_project::PROJECT_FILE);
    files.push(dialmark_project::ProjectFile::new("sources/calls.toml", proposal.toml));
    files.push(dialmark_project::ProjectFile::new("dispositions/calls.toml", proposal.dispositions.unwrap()));
    let project = Project::from_files(std::path::Path::new("."), &files).unwrap();
    let sale = project.dispositions.codes.get("Sale").map(|d| d.outcome);
    assert_eq!(sale, Some(dialmark_model::Outcome::Sale));
}
